"""How are webhooks registered, changed and removed? Each is a stream."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple
from uuid import UUID

from application.clock import new_stream, now
from application.ports import Cause, Conflict, Log, Recorded
from domain import webhook
from domain.base import Rejected
from domain.ids import webhook_id, webhook_stream
from domain.webhook import Changes, Webhook, WebhookEvent

MAX_TRIES = 8


class LoadedWebhook(NamedTuple):
    """A webhook at one version of its stream. `position` is that of its registration in the log."""

    webhook: Webhook
    version: int
    position: int


async def register(log: Log, *, owner: str, url: str, changes: Changes, cause: Cause) -> Webhook:
    """Register a webhook of an owner. Raises Rejected `invalid_request`, and LogUnavailable."""
    stream = new_stream()
    made = partial(webhook.register, id=webhook_id(stream), owner=owner, url=url, changes=changes, at=now())
    return await _decide(log, stream, made, cause)


async def change(
    log: Log,
    public_id: str,
    *,
    url: str | None,
    changes: Changes | None,
    enabled: bool | None,
    cause: Cause,
) -> Webhook:
    """Change, disable or enable a webhook; None leaves things as they are.

    Raises Rejected `webhook_unknown` and `invalid_request`, and LogUnavailable."""
    changed = partial(webhook.change, url=url, changes=changes, enabled=enabled, at=now())
    return await _decide(log, webhook_stream(public_id), changed, cause)


async def rotate(log: Log, public_id: str, *, keep_seconds: int, cause: Cause) -> Webhook:
    """Begin to sign with a new secret; the others sign as well for so many seconds.

    Raises Rejected `webhook_unknown`, and LogUnavailable."""
    return await _decide(
        log, webhook_stream(public_id), partial(webhook.rotate, keep_seconds=keep_seconds, at=now()), cause
    )


async def disable(log: Log, public_id: str, *, reason: str, cause: Cause) -> Webhook:
    """Stop sending to a webhook, because of how it answers. Raises LogUnavailable."""
    return await _decide(log, webhook_stream(public_id), partial(webhook.disable, reason=reason, at=now()), cause)


async def remove(log: Log, public_id: str, *, cause: Cause) -> Webhook:
    """End a webhook for good. Raises Rejected `webhook_unknown`, and LogUnavailable."""
    return await _decide(log, webhook_stream(public_id), partial(webhook.remove, at=now()), cause)


async def load(log: Log, public_id: str) -> Webhook:
    """A webhook as its stream has it. Raises Rejected `webhook_unknown` and `stream_unreadable`, and LogUnavailable."""
    found = fold(await log.stream(webhook_stream(public_id))).webhook
    if not found.id or found.removed:
        raise Rejected("webhook_unknown", f"Webhook '{public_id}' not found")
    return found


def fold(history: Iterable[Recorded], before: LoadedWebhook | None = None) -> LoadedWebhook:
    """A webhook from its events, or from those behind `before`. Raises Rejected `stream_unreadable`."""
    state, version, position = before or LoadedWebhook(Webhook(), 0, 0)
    for recorded in history:
        event = recorded.event
        if not isinstance(event, WebhookEvent):
            raise Rejected("stream_unreadable", f"The event at position {recorded.position} can't be read: {event}")
        state, version = webhook.evolve(state, event), recorded.version
        position = position or recorded.position
    return LoadedWebhook(state, version, position)


async def _decide(log: Log, stream: UUID, decision: Callable[[Webhook], list[WebhookEvent]], cause: Cause) -> Webhook:
    """Load, decide, append, and decide again when the stream has moved."""
    conflict = Conflict("never tried")
    for _ in range(MAX_TRIES):
        state, version, _ = fold(await log.stream(stream))
        added = decision(state)
        if not added:
            return state
        try:
            await log.append(stream, version, added, cause)
        except Conflict as error:
            conflict = error
            continue
        for event in added:
            state = webhook.evolve(state, event)
        return state
    raise conflict
