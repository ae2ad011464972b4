"""How is a task made once more? As it was asked for then, at the revisions of its models then; or with some fields
changed, and then as any other request.

The new task names the old one, and lists find the new ones by it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from application.clock import new_stream, now
from application.commands import load
from application.generations import (
    AvailableModel,
    CheckInputs,
    FindWebhook,
    Reserve,
    check,
    keyed_stream,
    reject_if_any,
    require_available,
    task_requested,
)
from application.ports import Cause, Conflict, Log
from domain import request_parsing
from domain.api_key import Caller
from domain.base import Rejected, replace
from domain.budget import Candidate
from domain.ids import task_id
from domain.model import as_of
from domain.money import Cost
from domain.task.events import Fallback, TaskRequested

MAX_SECONDS = 86400  # of a deadline that is asked for
_NOT_TOLD = "webhook: its URL extends that of no webhook any more, and is not told"
_OTHERWISE = 'A task can be made again with other fields, such as {"with": {"model": "…"}}.'


class AcceptedRerun(NamedTuple):
    """The new task. `differences` say what can't be as it was. `replayed`: the same key had made it before."""

    stream: UUID
    task_id: str
    estimate: Cost | None
    differences: tuple[str, ...]
    replayed: bool


async def rerun(
    log: Log,
    offered: Mapping[str, AvailableModel],
    old: TaskRequested,
    changes: Mapping[str, Any],
    *,
    caller: Caller,
    idempotency_key: str | None,
    cause: Cause,
    reserve: Reserve,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
) -> AcceptedRerun:
    """Make the task of a request once more. `changes` are fields of its body, null for none.

    Raises Rejected for what can't be made again, is wrong or too expensive, or is not what this key was used for;
    LogUnavailable; AssetsUnavailable while the inputs can't be checked."""
    request_hash = _digest(old, changes)
    stream = new_stream() if idempotency_key is None else keyed_stream(caller.key, idempotency_key)
    if idempotency_key is not None and (before := await _accepted_before(log, stream, request_hash)):
        return before
    if changes:
        requested, differences = await _changed(
            offered, old, changes, check_inputs, find_webhook, stream=stream, caller=caller
        )
    else:
        requested, differences = await _unchanged(
            offered, old, check_inputs, find_webhook, stream=stream, caller=caller
        )
    requested = replace(requested, request_hash=request_hash, rerun_of=old.task)
    chain = [Candidate(requested.model, requested.estimate)]
    chain += [Candidate(other.model, other.estimate) for other in requested.fallbacks]
    reservation = reserve(requested.kind, requested.project_id, chain)
    try:
        receipt = await log.append(stream, 0, [requested], replace(cause, causation_id=old.task))
        reservation.commit(receipt.position)
    except Conflict:  # the same key, at the same moment
        if before := await _accepted_before(log, stream, request_hash):
            return before
        raise
    finally:
        reservation.release()
    return AcceptedRerun(stream, requested.task, requested.estimate, tuple(differences), replayed=False)


async def _unchanged(
    offered: Mapping[str, AvailableModel],
    old: TaskRequested,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
    *,
    stream: UUID,
    caller: Caller,
) -> tuple[TaskRequested, list[str]]:
    """The same request at the same revisions, with the same time for it. Its estimate is the same, too, because prices
    belong to the revision."""
    at = now()
    try:
        require_available(offered, old.model, at)
        reject_if_any(await check_inputs(old.params.get("imageInputs") or []))
    except Rejected as refusal:
        raise Rejected(refusal.code, f"{refusal.message.rstrip('.')}. {_OTHERWISE}") from None
    kept, differences = _living(offered, old.fallbacks, at)
    webhook = await find_webhook(old.webhook.url) if old.webhook else None
    if old.webhook and webhook is None:
        differences.append(_NOT_TOLD)
    requested = replace(
        old,
        task=task_id(stream),
        caller=caller.key,
        owner=caller.owner,
        finish_by=at + (old.finish_by - old.at),
        start_by=at + (old.start_by - old.at) if old.start_by else None,
        fallbacks=kept,
        batch=None,
        webhook=webhook,
        at=at,
    )
    return requested, differences


def _living(
    offered: Mapping[str, AvailableModel], fallbacks: tuple[Fallback, ...], at: datetime
) -> tuple[tuple[Fallback, ...], list[str]]:
    """The fallbacks that can still take over, and what is to be said of the others."""
    kept: list[Fallback] = []
    differences: list[str] = []
    for fallback in fallbacks:
        other = offered.get(fallback.model)
        if other is None or other.unavailable or as_of(other.model, at).retired:
            differences.append(f"fallbackModels: '{fallback.model}' can't be had any more, and won't take over")
        else:
            kept.append(fallback)
    return tuple(kept), differences


async def _changed(
    offered: Mapping[str, AvailableModel],
    old: TaskRequested,
    changes: Mapping[str, Any],
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
    *,
    stream: UUID,
    caller: Caller,
) -> tuple[TaskRequested, list[str]]:
    """The request with other fields: checked as any other, at the present revision of its model."""
    differences: list[str] = []
    sent = _as_sent(old) | dict(changes)
    if old.webhook and "webhook" not in changes and await find_webhook(old.webhook.url) is None:
        sent["webhook"] = None
        differences.append(_NOT_TOLD)
    body = msgspec.json.encode(sent)
    parsed = request_parsing.parse(old.kind, body)
    checked = await check(offered, old.kind, parsed, check_inputs, find_webhook)
    requested = task_requested(stream, old.kind, checked, caller)
    if requested.model == old.model and requested.model_revision != old.model_revision:
        now_at = f"is at revision {requested.model_revision} by now, and was at {old.model_revision}"
        differences.append(f"model: '{old.model}' {now_at}")
    return requested, differences


def _as_sent(old: TaskRequested) -> dict[str, Any]:
    """The body of the request, as far as the event has it: with the deadlines in seconds that it had."""
    deadline = {"finishSeconds": _seconds(old.at, old.finish_by)}
    if old.start_by:
        deadline["startSeconds"] = _seconds(old.at, old.start_by)
    return {
        **old.params,
        "model": old.model,
        "projectId": old.project_id,
        "source": old.source,
        "sourceId": old.source_id,
        "metadata": old.metadata,
        "fallbackModels": [fallback.model for fallback in old.fallbacks] or None,
        "deadline": deadline,
        "webhook": old.webhook.url if old.webhook else None,
    }


def _seconds(since: datetime, until: datetime) -> int:
    return max(1, min(MAX_SECONDS, round((until - since).total_seconds())))


def _digest(old: TaskRequested, changes: Mapping[str, Any]) -> str:
    """The SHA-256 of what is asked for: this task again, with these changes."""
    changed = msgspec.json.encode(changes, order="deterministic")
    return hashlib.sha256(f"rerun:{old.task}:".encode() + changed).hexdigest()


async def _accepted_before(log: Log, stream: UUID, request_hash: str) -> AcceptedRerun | None:
    """The task under this key, if there is one. Raises Rejected when it was made by another request."""
    known = await load(log, stream)
    if known.request is None:
        return None
    if known.request.request_hash != request_hash:
        raise Rejected(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
        )
    return AcceptedRerun(stream, known.request.task, known.request.estimate, (), replayed=True)
