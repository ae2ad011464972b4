"""How are many requests accepted at once? Each is checked as if it came alone, and all of them are recorded by one
append, or none.

With an Idempotency-Key the stream of the batch is derived from it, so that its first event tells a repeated batch."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import NamedTuple
from uuid import UUID

import msgspec

from application import commands
from application.clock import new_stream, now
from application.generations import (
    AvailableModel,
    CheckedRequest,
    CheckInputs,
    FindWebhook,
    Reservation,
    Reserve,
    check,
    keyed_stream,
    task_requested,
)
from application.ports import Append, Cause, Conflict, Log, Recorded
from application.turns import each
from domain import request_parsing
from domain.api_key import Caller
from domain.base import Rejected
from domain.batch import BatchEnded, BatchRequested, RefusedRequest, parse_batch, parse_kind, refuse_all
from domain.ids import batch_id, task_stream
from domain.model import Kind
from domain.task.events import TaskRequested
from domain.task.lifecycle import cancel

AT_ONCE = 8  # requests that are checked, or tasks that are cancelled: 8 take a millisecond or two
MAX_MESSAGE = 1000


class AcceptedBatch(NamedTuple):
    """A batch, and its tasks as they were requested. `position` is that of the last of them in the log.

    `replayed` means that the same batch under the same key had been accepted before; then there are no `tasks`."""

    stream: UUID
    batch: BatchRequested
    tasks: list[TaskRequested]
    replayed: bool
    position: int


async def accept_batch(
    log: Log,
    offered: Mapping[str, AvailableModel],
    body: bytes,
    *,
    caller: Caller,
    idempotency_key: str | None,
    cause: Cause,
    reserve: Reserve,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
) -> AcceptedBatch:
    """Check all requests of a batch, set their money aside, and record their tasks.

    Raises Rejected with the problems of every request, when one of them is refused (mode `all`) or all are (`each`), or
    when the key was used for another batch; LogUnavailable; AssetsUnavailable while the inputs can't be checked."""
    wish = parse_batch(body)
    request_hash = _digest(body)
    # No key has a line break, so the stream is never that of a single request under the same key.
    stream = new_stream() if idempotency_key is None else keyed_stream(caller.key, f"batch\n{idempotency_key}")
    if idempotency_key is not None and (before := await _accepted_before(log, stream, request_hash)):
        return before
    check_one = partial(_check_one, offered, check_inputs, find_webhook)
    found = await each(enumerate(wish.requests), check_one, at_once=AT_ONCE)
    reservations: list[Reservation] = []
    try:
        wanted, refused = _reserve_each(found, reserve, reservations)
        if refused and (wish.mode == "all" or not wanted):
            raise refuse_all(refused)
        batch = batch_id(stream)
        tasks = [
            (task, task_requested(task, one.kind, one.checked, caller, batch=batch))
            for one in wanted
            for task in (new_stream(),)
        ]
        requested = BatchRequested(
            batch=batch,
            mode=wish.mode,
            tasks=tuple(task.task for _, task in tasks),
            request_hash=request_hash,
            refused=tuple(refused),
            caller=caller.key,
            owner=caller.owner,
            at=now(),
        )
        await asyncio.sleep(0)  # 200 events take 2 ms, and so does what the log does with them
        appends = [Append(stream, 0, [requested]), *(Append(task, 0, [event]) for task, event in tasks)]
        _, *receipts = await log.append_all(appends, cause)
        for reservation, receipt in zip(reservations, receipts, strict=True):
            reservation.commit(receipt.position)
    except Conflict:  # the same key, at the same moment
        if before := await _accepted_before(log, stream, request_hash):
            return before
        raise
    finally:
        for reservation in reservations:
            reservation.release()
    return AcceptedBatch(stream, requested, [event for _, event in tasks], False, receipts[-1].position)


class _Wanted(NamedTuple):
    place: int
    kind: Kind
    checked: CheckedRequest


async def _check_one(
    offered: Mapping[str, AvailableModel],
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
    numbered: tuple[int, msgspec.Raw],
) -> _Wanted | RefusedRequest:
    place, raw = numbered
    try:
        kind, body = parse_kind(raw)
        parsed = request_parsing.parse(kind, body)
        return _Wanted(place, kind, await check(offered, kind, parsed, check_inputs, find_webhook))
    except Rejected as refusal:
        return _refused(place, refusal)


def _reserve_each(
    found: Sequence[_Wanted | RefusedRequest], reserve: Reserve, reservations: list[Reservation]
) -> tuple[list[_Wanted], list[RefusedRequest]]:
    """Set the money of each request aside, beside that of the requests before it. What no budget bears is refused."""
    wanted: list[_Wanted] = []
    refused: list[RefusedRequest] = []
    for one in found:
        if isinstance(one, RefusedRequest):
            refused.append(one)
            continue
        try:
            reservations.append(reserve(one.kind, one.checked.wanted.project_id, one.checked.candidates))
        except Rejected as refusal:
            refused.append(_refused(one.place, refusal))
        else:
            wanted.append(one)
    return wanted, refused


def _refused(place: int, refusal: Rejected) -> RefusedRequest:
    message = refusal.message if len(refusal.message) <= MAX_MESSAGE else refusal.message[: MAX_MESSAGE - 1] + "…"
    return RefusedRequest(index=place, code=refusal.code, message=message)


def _digest(body: bytes) -> str:
    """The SHA-256 of what was sent, whatever the order of the fields. Raises Rejected `not_json`: what `parse_batch`
    has left undecoded may be no text, or a number that nothing can hold."""
    sent = request_parsing.decode_object(body)
    return hashlib.sha256(b"batch" + msgspec.json.encode(sent, order="deterministic")).hexdigest()


async def _accepted_before(log: Log, stream: UUID, request_hash: str) -> AcceptedBatch | None:
    """The batch under this key, if there is one. Raises Rejected for another batch."""
    history = await log.stream(stream)
    if not history:
        return None
    batch = _first(history)
    if batch.request_hash != request_hash:
        raise Rejected(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another batch. Use a new key for a new batch.",
        )
    return AcceptedBatch(stream, batch, [], True, history[0].position)


async def load_batch(log: Log, batch: str, stream: UUID, *, sees_only: str | None) -> BatchRequested:
    """The batch of this id and stream. For a caller who `sees_only` those of one owner, those of others do not exist.

    Raises Rejected `batch_unknown`, and LogUnavailable."""
    history = await log.stream(stream)
    if history and not isinstance(history[0].event, TaskRequested):
        found = _first(history)
        if sees_only in {None, found.owner}:
            return found
    raise Rejected("batch_unknown", f"Batch '{batch}' not found")


def _first(history: list[Recorded]) -> BatchRequested:
    event = history[0].event
    if not isinstance(event, BatchRequested):
        raise Rejected("stream_unreadable", f"Version 1 of the stream ({type(event).__name__}) can't be read.")
    return event


async def end_batch(
    log: Log, stream: UUID, batch: BatchRequested, *, completed: int, failed: int, cost: Mapping[str, Decimal]
) -> None:
    """Record that every task of a batch has ended. Nothing happens when somebody has recorded it before.

    Raises LogUnavailable."""
    ended = BatchEnded(
        batch=batch.batch, completed=completed, failed=failed, cost=dict(cost), owner=batch.owner, at=now()
    )
    with suppress(Conflict):
        await log.append(stream, 1, [ended], Cause(actor="batches"))


async def cancel_batch(log: Log, batch: BatchRequested, *, by: str, cause: Cause) -> None:
    """Cancel every task of a batch that has not ended. A second time changes nothing.

    Raises LogUnavailable, Conflict and Rejected `stream_unreadable` when all that could be cancelled are."""
    streams = [task_stream(task) for task in batch.tasks]
    histories = await log.streams(streams)

    async def stop(stream: UUID) -> None:
        known = commands.fold(histories[stream])
        await commands.decide(log, stream, lambda task: cancel(task, by=by, at=now()), cause, known=known)

    await each(streams, stop, at_once=AT_ONCE)
