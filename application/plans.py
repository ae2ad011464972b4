"""What would a plan cost, and would its models take it? Each step is checked as if it were requested alone."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from application.batches import AT_ONCE
from application.generations import AvailableModel, CheckedRequest, CheckInputs, FindWebhook, check
from application.turns import each
from domain import plan, request_parsing
from domain.base import Rejected
from domain.budget import Candidate
from domain.money import Cost
from domain.plan import KINDS, Outcome, Plan, Step, StepText, references
from domain.request import Problem

STAND_IN = "asset_" + "0" * 64 + ".png"
"""Stands for an image that is not made yet."""
_INDEX = re.compile(r"\d+")
_OUTCOME = Outcome(assets=[STAND_IN] * 1000, text="A text that is not written yet.")


class PricedStep(NamedTuple):
    """The maximum cost of a step, and why its request would be refused now.

    Without a cost and without problems the price is unknown: the model has none, or it depends on a text that is not
    written yet."""

    step: Step
    cost: Cost | None
    problems: list[Problem]


async def price_each(
    offered: Mapping[str, AvailableModel], wanted: Plan, *, check_inputs: CheckInputs, find_webhook: FindWebhook
) -> list[PricedStep]:
    """The steps of a plan that is sound as such, with their prices and problems, in their order.

    Raises AssetsUnavailable while the inputs can't be checked."""
    return await each(wanted.steps, partial(_price, offered, _of_others(check_inputs), find_webhook), at_once=AT_ONCE)


def _of_others(check_inputs: CheckInputs) -> CheckInputs:
    """The check of inputs, without what is not made yet. A problem keeps the place of its input in the request."""

    async def check_known(found: Sequence[str]) -> list[Problem]:
        places = [place for place, reference in enumerate(found) if reference != STAND_IN]
        problems = await check_inputs([found[place] for place in places]) if places else []
        return [
            Problem(_INDEX.sub(lambda index: str(places[int(index[0])]), field), message) for field, message in problems
        ]

    return check_known


async def _price(
    offered: Mapping[str, AvailableModel], check_inputs: CheckInputs, find_webhook: FindWebhook, step: Step
) -> PricedStep:
    asked = plan.body(step, dict.fromkeys(step.needs, _OUTCOME))
    kind = KINDS[step.kind]
    try:
        parsed = request_parsing.parse(kind, msgspec.json.encode(asked))
        checked = await check(offered, kind, parsed, check_inputs, find_webhook)
    except Rejected as refusal:
        found = [Problem(field, message) for field, message in refusal.problems]
        return PricedStep(step, None, found or [Problem("", refusal.message)])
    return PricedStep(step, None if _depends_on_a_text(step, checked) else dearest(checked.candidates), [])


def _depends_on_a_text(step: Step, checked: CheckedRequest) -> bool:
    """Whether a model counts the letters of a text that is not written yet."""
    if not any(isinstance(reference, StepText) for reference in references(step)):
        return False
    return any(price.unit in {"character", "input_token"} for one in checked.chain for price in one.spec.prices)


def dearest(candidates: Sequence[Candidate]) -> Cost | None:
    """The maximum cost of a request that each of these may serve; None: one of them has no price, or their currencies
    differ."""
    costs = [candidate.estimate for candidate in candidates]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs) or len({cost.currency for cost in known}) != 1:
        return None
    return max(known, key=lambda cost: cost.amount)
