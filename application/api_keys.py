"""How are API keys issued, changed and revoked? Each key is a stream; its secret is told once, and stored nowhere."""

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from application.clock import new_key_id, new_secret, now
from application.ports import Cause, Conflict, Log, Recorded
from domain import api_key
from domain.api_key import ApiKey, ApiKeyEvent, KeyLimits, KeyText, Scope, key_text
from domain.base import Rejected
from domain.ids import key_stream

MAX_TRIES = 8


class IssuedKey(NamedTuple):
    """A new key, and the text that its holder sends. The text can't be had again."""

    key: ApiKey
    text: str


async def create(log: Log, *, owner: str, scopes: Iterable[Scope], limits: KeyLimits, cause: Cause) -> IssuedKey:
    """Issue a key with a new id and a new secret of 256 random bits.

    Raises Rejected `invalid_request` for a wrong owner, scopes or limits, and LogUnavailable."""
    text = KeyText(new_key_id(), new_secret())
    key = await _issue(log, text, owner=owner, scopes=scopes, limits=limits, cause=cause)
    return IssuedKey(key, key_text(*text))


async def ensure(log: Log, text: KeyText, *, owner: str, scope: Scope, cause: Cause) -> ApiKey:
    """Issue a key whose text was chosen beforehand, unless it was issued before; if it was revoked, it stays so.

    Raises Rejected `invalid_request` when its id was issued with another secret, and LogUnavailable."""
    return await _issue(log, text, owner=owner, scopes=[scope], limits=KeyLimits(), cause=cause)


async def _issue(
    log: Log, text: KeyText, *, owner: str, scopes: Iterable[Scope], limits: KeyLimits, cause: Cause
) -> ApiKey:
    issue = partial(
        api_key.issue, id=text.id, owner=owner, scopes=[*scopes], limits=limits, sha256=digest(text.secret), at=now()
    )
    return await _decide(log, text.id, issue, cause)


async def change(
    log: Log, key_id: str, *, scopes: Iterable[Scope] | None, limits: KeyLimits | None, cause: Cause
) -> ApiKey:
    """Give a key other scopes or limits; None leaves them as they are.

    Raises Rejected `key_unknown`, `key_revoked` and `invalid_request`, and LogUnavailable."""
    chosen = None if scopes is None else [*scopes]
    return await _decide(log, key_id, partial(api_key.change, scopes=chosen, limits=limits, at=now()), cause)


async def revoke(log: Log, key_id: str, *, reason: str, cause: Cause) -> ApiKey:
    """End a key for good. A second time changes nothing. Raises Rejected `key_unknown`, and LogUnavailable."""
    return await _decide(log, key_id, partial(api_key.revoke, reason=reason, at=now()), cause)


async def load(log: Log, key_id: str) -> ApiKey:
    """A key as its stream has it. Raises Rejected `key_unknown` and `stream_unreadable`, and LogUnavailable."""
    found = fold(await log.stream(key_stream(key_id)))
    if not found.id:
        raise _unknown(key_id)
    return found


def fold(history: Iterable[Recorded]) -> ApiKey:
    """A key from its events. Raises Rejected `stream_unreadable`."""
    key = ApiKey()
    for recorded in history:
        event = recorded.event
        if not isinstance(event, ApiKeyEvent):
            raise Rejected("stream_unreadable", f"The event at position {recorded.position} can't be read: {event}")
        key = api_key.evolve(key, event)
    return key


def digest(secret: str) -> str:
    """What is stored of a secret: its SHA-256, in hexadecimal digits. It has 256 random bits, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def _decide(log: Log, key_id: str, decision: Callable[[ApiKey], list[ApiKeyEvent]], cause: Cause) -> ApiKey:
    """Load, decide, append, and decide again when the stream has moved."""
    stream, conflict = key_stream(key_id), Conflict("never tried")
    for _ in range(MAX_TRIES):
        history = await log.stream(stream)
        key = fold(history)
        try:
            added = decision(key)
        except Rejected as refusal:
            raise (_unknown(key_id) if refusal.code == "key_unknown" else refusal) from None
        if not added:
            return key
        try:
            await log.append(stream, len(history), added, cause)
        except Conflict as error:
            conflict = error
            continue
        for event in added:
            key = api_key.evolve(key, event)
        return key
    raise conflict


def _unknown(key_id: str) -> Rejected:
    return Rejected("key_unknown", f"There is no key '{key_id[:64]}'.")
