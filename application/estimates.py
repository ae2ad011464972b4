"""What would each of many requests cost? They are checked as a batch checks them, and nothing is recorded."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import msgspec

from application.batches import AT_ONCE
from application.generations import AvailableModel, CheckedRequest, CheckInputs, FindWebhook, check
from application.turns import Turns, each
from domain import request_parsing
from domain.base import RefusalCode, Rejected, replace
from domain.batch import parse_estimates, parse_kind
from domain.model import Kind
from domain.money import Cost
from domain.request import Problem

_OF_THE_MODEL: frozenset[RefusalCode] = frozenset(
    {"malformed_model", "model_not_found", "model_retired", "model_unavailable", "wrong_kind"}
)


class RequestEstimate(NamedTuple):
    """The maximum cost of a request, and why it would be refused now.

    Without a cost and without problems the price is unknown, which is not "free". A request of a model that is only
    unavailable has both."""

    cost: Cost | None
    problems: list[Problem]


async def estimate_each(
    offered: Mapping[str, AvailableModel],
    body: bytes,
    *,
    turns: Turns,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
) -> list[RequestEstimate]:
    """An estimate for each request of a body, in their order. Each is parsed in a turn of its own.

    Raises Rejected for a body that is no list of 1 to MAX_REQUESTS requests; LogUnavailable; AssetsUnavailable while
    the inputs can't be checked."""
    requests = parse_estimates(body)
    return await each(requests, partial(_estimate, offered, turns, check_inputs, find_webhook), at_once=AT_ONCE)


async def _estimate(
    offered: Mapping[str, AvailableModel],
    turns: Turns,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
    raw: msgspec.Raw,
) -> RequestEstimate:
    try:
        kind, parsed = await turns.take(partial(_parsed, raw))
        try:
            return RequestEstimate(_cost(await check(offered, kind, parsed, check_inputs, find_webhook)), [])
        except Rejected as refusal:
            if refusal.code != "model_unavailable":
                raise
            name = parsed.request.model
            reachable = {**offered, name: replace(offered[name], unavailable=None)}
            checked = await check(reachable, kind, parsed, check_inputs, find_webhook)
            return RequestEstimate(_cost(checked), _problems(refusal))
    except Rejected as refusal:
        return RequestEstimate(None, _problems(refusal))


def _parsed(raw: msgspec.Raw) -> tuple[Kind, request_parsing.ParsedRequest]:
    kind, body = parse_kind(raw)
    return kind, request_parsing.parse(kind, body)


def _cost(checked: CheckedRequest) -> Cost | None:
    return checked.candidates[0].estimate


def _problems(refusal: Rejected) -> list[Problem]:
    if refusal.problems:
        return [Problem(field, message) for field, message in refusal.problems]
    return [Problem("model" if refusal.code in _OF_THE_MODEL else "", refusal.message)]
