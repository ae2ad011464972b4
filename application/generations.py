"""How is a request accepted? Its body becomes a recorded task, or a refusal that names every problem at once."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from application.clock import new_stream, now
from application.commands import LoadedTask, load
from application.ports import Cause, Conflict, Log
from domain import capabilities, pricing, request_parsing
from domain.api_key import Caller
from domain.base import Rejected, Value, replace
from domain.budget import Candidate
from domain.ids import task_id
from domain.model import Kind, Model, ModelSpec, as_of, living_replacement, split_model_id
from domain.money import Cost
from domain.request import Deadline, ImageRequest, Problem, Request, VideoRequest, digest
from domain.task.events import Fallback, TaskRequested
from domain.task.lifecycle import request_task
from domain.webhook import TaskWebhook

ROUTES = {kind: f"/api/v1/generations/{'text' if kind is Kind.LLM else kind}" for kind in Kind}


class AvailableModel(Value):
    """A model as the API knows it now. `unavailable` says why it takes no requests, and how to change that."""

    id: str
    model: Model
    is_sandbox: bool = False
    unavailable: str | None = None

    @property
    def spec(self) -> ModelSpec:
        assert self.model.spec is not None  # noqa: S101 - only registered models are offered
        return self.model.spec


class AcceptedRequest(NamedTuple):
    """The task of a request. `replayed` means that the same request under the same key had made it before; else it was
    recorded at this position of the log."""

    stream: UUID
    task_id: str
    model: str
    version: int
    replayed: bool
    estimate: Cost | None
    position: int | None = None


class Reservation(Protocol):
    """Money that is set aside for one request until the read model's sums contain its task."""

    def commit(self, position: int) -> None:
        """The task is recorded at this position of the log: keep the money until the sums have got there."""
        ...

    def release(self) -> None:
        """The task is not recorded: give the money back. Does nothing after `commit`."""
        ...


CheckInputs = Callable[[Sequence[str]], Awaitable[list[Problem]]]
"""The problems of the references in a request. Raises AssetsUnavailable."""

Reserve = Callable[[Kind, str | None, Sequence[Candidate]], Reservation]
"""Sets aside what a request of a kind and a project may cost at each model that may serve it.

Raises Rejected `budget_exceeded`, and LogUnavailable while the sums of the day are unknown."""


FindWebhook = Callable[[str], Awaitable[TaskWebhook | None]]
"""Finds the webhook of the caller that a URL extends; None: there is none."""

NO_WEBHOOK = "extends the URL of none of your webhooks. Register one with POST /api/v1/webhooks"


async def accept(
    log: Log,
    offered: Mapping[str, AvailableModel],
    kind: Kind,
    body: bytes,
    *,
    caller: Caller,
    idempotency_key: str | None,
    cause: Cause,
    reserve: Reserve,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
) -> AcceptedRequest:
    """Check a request against its model, and its inputs with `check_inputs`, and record its task, which belongs to the
    caller's owner. `idempotency_key` is the caller's own.

    Raises Rejected for a request that is wrong, too expensive, or not the one that this key was used for;
    LogUnavailable; AssetsUnavailable while the inputs can't be checked."""
    parsed = request_parsing.parse(kind, body)
    try:
        checked = await check(offered, kind, parsed, check_inputs, find_webhook)
        reservation = reserve(kind, checked.wanted.project_id, checked.candidates)
    except Rejected:
        if idempotency_key is not None and (
            before := await _accepted_before(log, kind, parsed, caller=caller.key, key=idempotency_key)
        ):
            return before
        raise
    stream = new_stream() if idempotency_key is None else keyed_stream(caller.key, idempotency_key)
    requested = task_requested(stream, kind, checked, caller)
    try:
        receipt = await log.append(stream, 0, [requested], cause)
        reservation.commit(receipt.position)
    except Conflict:
        # Version 1 is there: this key was used before, and the stream says for what.
        known = await load(log, stream)
        request_task(known.task, requested=requested)
        return _replayed(stream, known, requested.model)
    finally:
        reservation.release()
    return AcceptedRequest(
        stream,
        requested.task,
        requested.model,
        receipt.version,
        replayed=False,
        estimate=requested.estimate,
        position=receipt.position,
    )


class CheckedRequest(NamedTuple):
    """A request without problems. `chain` is its model and its fallbacks, in order."""

    wanted: Request
    params: dict[str, Any]
    chain: list[AvailableModel]
    candidates: list[Candidate]
    webhook: TaskWebhook | None


async def check(
    offered: Mapping[str, AvailableModel],
    kind: Kind,
    parsed: request_parsing.ParsedRequest,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
) -> CheckedRequest:
    """Check a request against its model, its inputs and its webhook. Raises Rejected, and AssetsUnavailable."""
    wanted, chosen = select_model(offered, kind, parsed, at=now())
    if isinstance(wanted, ImageRequest | VideoRequest) and wanted.image_inputs:
        reject_if_any(await check_inputs(wanted.image_inputs))
    webhook = await find_webhook(wanted.webhook) if wanted.webhook else None
    if wanted.webhook and webhook is None:
        reject_if_any([Problem("webhook", NO_WEBHOOK)])
    params = request_parsing.params(kind, parsed.sent)
    chain = [chosen, *(offered[name] for name in wanted.fallback_models or ())]
    candidates = [Candidate(one.id, pricing.estimate(one.spec, params, revision=one.model.revision)) for one in chain]
    return CheckedRequest(wanted, params, chain, candidates, webhook)


def task_requested(
    stream: UUID, kind: Kind, checked: CheckedRequest, caller: Caller, *, batch: str | None = None
) -> TaskRequested:
    """The event that makes a checked request a task."""
    wanted, params, (chosen, *others), (first, *rest), webhook = checked
    deadline, at = wanted.deadline or Deadline(), now()
    start_seconds = deadline.start_seconds or chosen.spec.limits.start_seconds
    return TaskRequested(
        task=task_id(stream),
        kind=kind,
        model=wanted.model,
        model_revision=chosen.model.revision,
        params=params,
        request_hash=digest(kind, wanted),
        finish_by=at + timedelta(seconds=deadline.finish_seconds or chosen.spec.limits.finish_seconds),
        caller=caller.key,
        owner=caller.owner,
        project_id=wanted.project_id,
        source=wanted.source,
        source_id=wanted.source_id,
        metadata=wanted.metadata,
        start_by=at + timedelta(seconds=start_seconds) if start_seconds else None,
        estimate=first.estimate,
        fallbacks=tuple(
            Fallback(model=other.id, model_revision=other.model.revision, estimate=estimate)
            for other, (_, estimate) in zip(others, rest, strict=True)
        ),
        batch=batch,
        webhook=webhook,
        at=at,
    )


async def _accepted_before(
    log: Log, kind: Kind, parsed: request_parsing.ParsedRequest, *, caller: str, key: str
) -> AcceptedRequest | None:
    """The task of this very request under this key, if there is one: it counts even if its model would refuse the
    request by now."""
    stream = keyed_stream(caller, key)
    known = await load(log, stream)
    same = known.request is not None and known.request.request_hash == digest(kind, parsed.request)
    return _replayed(stream, known, parsed.request.model) if same and not parsed.problems else None


def _replayed(stream: UUID, known: LoadedTask, model: str) -> AcceptedRequest:
    estimate = known.request.estimate if known.request else None
    return AcceptedRequest(stream, task_id(stream), model, known.version, replayed=True, estimate=estimate)


def select_model(
    offered: Mapping[str, AvailableModel], kind: Kind, parsed: request_parsing.ParsedRequest, *, at: datetime
) -> tuple[Request, AvailableModel]:
    """Read a body and find its model as it is at that time. Raises Rejected with all problems at once."""
    wanted, problems = parsed.request, [*parsed.problems]
    broken = {_top_field(problem) for problem in problems}
    if "messages" in broken:
        broken.add("prompt")  # a broken request does not show which of the two was given
    chosen = None
    if "model" not in broken:
        try:
            split_model_id(wanted.model)
        except Rejected as refusal:
            problems.append(Problem("", refusal.message))
        else:
            chosen = offered.get(wanted.model)
    if chosen and chosen.spec.type is not kind:
        own = chosen.spec.type  # alone: other problems would be those of the wrong kind
        raise Rejected("wrong_kind", f"Model '{chosen.id}' makes {own}, not {kind}. Send it to {ROUTES[own]}")
    if chosen:
        found = capabilities.check(wanted, chosen.spec, is_sandbox=chosen.is_sandbox)
        problems += [problem for problem in found if _top_field(problem) not in broken]
        problems += _check_fallbacks(offered, kind, wanted, at, broken)
    reject_if_any(problems)
    return wanted, require_available(offered, wanted.model, at)


def validate_for(
    offered: Mapping[str, AvailableModel], model: str, body: bytes
) -> tuple[AvailableModel, dict[str, Any]]:
    """Check a request for a model as `accept` would, even while the model is unavailable. Raises Rejected."""
    if model not in offered:
        unknown = f"Model '{model}' not found. Available models can be fetched from /api/v1/models"
        raise Rejected("model_not_found", unknown)
    kind = offered[model].spec.type
    parsed = request_parsing.parse(kind, body, model=model)
    reachable = {name: replace(one, unavailable=None) for name, one in offered.items()}
    _, chosen = select_model(reachable, kind, parsed, at=now())
    if chosen.id != model:
        raise Rejected("invalid_request", f"model: '{chosen.id}' is not the model of this address, '{model}'")
    return chosen, request_parsing.params(kind, parsed.sent)


def _check_fallbacks(
    offered: Mapping[str, AvailableModel], kind: Kind, wanted: Request, at: datetime, broken: Set[str]
) -> Iterator[Problem]:
    """The problems of the fallback models: each of them must be able to serve this very request, apart from its
    `broken` fields."""
    for i, name in enumerate(wanted.fallback_models or ()):
        field, other = f"fallbackModels[{i}]", offered.get(name)
        if other is None:
            yield Problem(field, f"there is no model '{name}'")
        elif other.spec.type is not kind:
            yield Problem(field, f"'{name}' makes {other.spec.type}, not {kind}")
        elif name == wanted.model or name in (wanted.fallback_models or ())[:i]:
            yield Problem(field, f"'{name}' is asked already")
        elif as_of(other.model, at).retired:
            yield Problem(field, f"'{name}' is retired.{_instead(offered, other, at)}")
        elif other.unavailable:
            yield Problem(field, other.unavailable)
        else:
            for problem in capabilities.check(wanted, other.spec, is_sandbox=other.is_sandbox):
                if _top_field(problem) not in broken:
                    yield Problem(field, f"does not take this request: {problem}")


def reject_if_any(problems: list[Problem]) -> None:
    """Raise Rejected with the problems, if there are any."""
    if problems:
        shown = problems[: request_parsing.MAX_PROBLEMS]
        told = [*map(str, shown), *(["and more"] if len(problems) > len(shown) else [])]
        raise Rejected("invalid_request", "; ".join(told), shown)


def _top_field(problem: Problem) -> str:
    """The top-level field of the request that has the problem."""
    return re.split(r"[.\[]", problem.field)[0]


def require_available(offered: Mapping[str, AvailableModel], model: str, at: datetime) -> AvailableModel:
    """A model that takes requests. Raises Rejected for any other."""
    chosen = offered.get(model)
    if chosen is None:
        unknown = f"Model '{model}' not found. Available models can be fetched from /api/v1/models"
        raise Rejected("model_not_found", unknown)
    if as_of(chosen.model, at).retired:
        raise Rejected("model_retired", f"Model '{chosen.id}' is retired.{_instead(offered, chosen, at)}")
    if chosen.unavailable:
        raise Rejected("model_unavailable", chosen.unavailable)
    return chosen


def _instead(offered: Mapping[str, AvailableModel], retired: AvailableModel, at: datetime) -> str:
    living = replacement_of(offered, retired, at)
    return f" Use '{living}' instead." if living else ""


def replacement_of(offered: Mapping[str, AvailableModel], one: AvailableModel, at: datetime) -> str | None:
    """The model to use instead of one that is retired or will end: one that lives at that time, else None."""

    def find(name: str) -> Model | None:
        return offered[name].model if name in offered else None

    return living_replacement(one.model, find, at)


def keyed_stream(caller: str, key: str) -> UUID:
    """The stream of an Idempotency-Key: a UUIDv8 (RFC 9562) derived from the caller and the key."""
    digest = hashlib.sha256(f"{len(caller)}:{caller}:{key}".encode()).digest()
    number = int.from_bytes(digest[:16])
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x8 << 76 | 0x2 << 62)
