"""An API key: who asks, in whose name, for what, and within which limits.

Read top to bottom: the words, the events, the state, what each event changes, the decisions. Of the secret only its
SHA-256 is ever stored."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, NamedTuple, assert_never

from msgspec import Meta

from domain.base import Event, Rejected, Value, replace
from domain.model import Kind

ANONYMOUS = "anonymous"
"""The caller and the owner of whatever was asked for without a key."""

MAX_OWNER_CHARACTERS = 100
MAX_SHOWN = 5
_TEXT = re.compile(r"pxl_([0-9a-z]{1,32})_([0-9A-Za-z]{32,128})")
_ID = re.compile(r"key_[0-9a-z]{1,32}")


class Scope(StrEnum):
    """What a key may do. A key with `admin` may do everything."""

    CLIENT = "client"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    ADMIN = "admin"


Money = Annotated[
    Decimal | None, Meta(description="The most that it may spend, in the currency of the budgets", examples=["5.00"])
]


class KeyLimits(Value, omit_defaults=True):
    """The limits of a client's key; what is left out has none. Days and months are those of UTC."""

    projects: Annotated[tuple[str, ...], Meta(description="The only projects", examples=[["proj_123"]])] = ()
    models: Annotated[tuple[str, ...], Meta(description="The only models", examples=[["dashscope/qwen-image"]])] = ()
    kinds: Annotated[tuple[Kind, ...], Meta(description="The only kinds of output", examples=[["image"]])] = ()
    requests_per_minute: Annotated[
        int | None, Meta(description="How many requests a minute, at each API process", examples=[60])
    ] = None
    tasks_in_flight: Annotated[
        int | None, Meta(description="How many of its tasks may be unfinished at once", examples=[10])
    ] = None
    money_per_day: Money = None
    money_per_month: Money = None


NO_LIMITS = KeyLimits()


class Caller(NamedTuple):
    """Who asks. `key` is the id of the key, which events and metadata name; what is made belongs to the `owner`.

    `sees_only` is the owner whose things it may see, and `changes_only` the one whose things it may change; None:
    everybody's."""

    key: str
    owner: str
    scopes: frozenset[Scope]
    limits: KeyLimits = NO_LIMITS
    sees_only: str | None = None
    changes_only: str | None = None


class KeyText(NamedTuple):
    """What a caller sends, taken apart. `id` is the key's public id."""

    id: str
    secret: str


def parse_key(text: str) -> KeyText | None:
    """The parts of `pxl_<id>_<secret>`: an id of up to 32 lower-case letters and digits, a secret of 32 to 128 letters
    and digits. None: the text is no key."""
    match = _TEXT.fullmatch(text)
    return KeyText(f"key_{match[1]}", match[2]) if match else None


def key_text(key_id: str, secret: str) -> str:
    """The text that `parse_key` takes apart."""
    return f"pxl_{key_id.removeprefix('key_')}_{secret}"


def is_key_id(text: str) -> bool:
    """Whether a text could be the id of a key: `key_` and up to 32 lower-case letters and digits."""
    return _ID.fullmatch(text) is not None


# --- The events. The class name is the stored name: to rename a class, pin its old tag. ---


class ApiKeyIssued(Event):
    """A new key. `sha256` is that of its secret, in hexadecimal digits."""

    key: str
    owner: str
    scopes: tuple[Scope, ...]
    sha256: str
    limits: KeyLimits = NO_LIMITS


class ApiKeyChanged(Event):
    """From now on the key has these scopes and limits. Its owner and its secret stay."""

    scopes: tuple[Scope, ...]
    limits: KeyLimits = NO_LIMITS


class ApiKeyRevoked(Event):
    """The key is worth nothing any more."""

    reason: str = ""


ApiKeyEvent = ApiKeyIssued | ApiKeyChanged | ApiKeyRevoked


# --- The state ---


class ApiKey(Value, omit_defaults=True):
    """A key, folded from its events. Without an `id` it was never issued."""

    id: str = ""
    owner: str = ""
    scopes: tuple[Scope, ...] = ()
    sha256: str = ""
    limits: KeyLimits = NO_LIMITS
    issued_at: datetime | None = None
    revoked_at: datetime | None = None


def evolve(key: ApiKey, event: ApiKeyEvent) -> ApiKey:
    """The key after one more event. It accepts any event in any state: the past can't be refused."""
    match event:
        case ApiKeyIssued():
            return ApiKey(
                id=event.key,
                owner=event.owner,
                scopes=event.scopes,
                sha256=event.sha256,
                limits=event.limits,
                issued_at=event.at,
            )
        case ApiKeyChanged(scopes=scopes, limits=limits):
            return replace(key, scopes=scopes, limits=limits)
        case ApiKeyRevoked(at=at):
            return replace(key, revoked_at=at)
        case _:
            assert_never(event)


def require_within(limits: KeyLimits, *, kind: Kind, project: str | None, models: Iterable[str]) -> None:
    """Raise Rejected `forbidden` for a request whose kind, project or models are not among those of the key."""
    if limits.kinds and kind not in limits.kinds:
        raise Rejected("forbidden", f"This API key is for {_either(limits.kinds)} only, not for {kind}.")
    if limits.projects and project not in limits.projects:
        given = f"not '{project}'" if project else "and this request has none"
        raise Rejected("forbidden", f"projectId: this API key is for {_either(limits.projects)} only, {given}.")
    for model in models:
        if limits.models and model not in limits.models:
            raise Rejected("forbidden", f"model: this API key is for {_either(limits.models)} only, not for '{model}'.")


def _either(names: tuple[str, ...]) -> str:
    shown = " or ".join(names[:MAX_SHOWN])
    return shown if len(names) <= MAX_SHOWN else f"{shown} or {len(names) - MAX_SHOWN} others"


def caller_of_key(key: ApiKey) -> Caller:
    """Who asks with this key."""
    scopes = frozenset(key.scopes)
    return Caller(
        key=key.id,
        owner=key.owner,
        scopes=scopes,
        limits=key.limits,
        sees_only=None if scopes & {Scope.ADMIN, Scope.AUDITOR} else key.owner,
        changes_only=None if Scope.ADMIN in scopes else key.owner,
    )


# --- Decisions: (key, arguments) -> new events; an empty list means that there is nothing to do ---


def issue(
    key: ApiKey,
    *,
    id: str,  # noqa: A002 - the key's own word
    owner: str,
    scopes: Iterable[Scope],
    limits: KeyLimits,
    sha256: str,
    at: datetime,
) -> list[ApiKeyEvent]:
    """Issue a key. Issuing it again with the same secret adds nothing.

    Raises Rejected `invalid_request` for a wrong owner, scopes or limits, and for an id that has another secret."""
    if key.id:
        if key.sha256 == sha256:
            return []
        raise Rejected("invalid_request", f"The key '{id}' was issued with another secret: choose another id.")
    if not owner.isprintable() or not owner.strip() or len(owner) > MAX_OWNER_CHARACTERS:
        raise Rejected("invalid_request", f"owner: must be a name of 1 to {MAX_OWNER_CHARACTERS} printable characters")
    chosen, limits = _checked(scopes, limits)
    return [ApiKeyIssued(key=id, owner=owner.strip(), scopes=chosen, sha256=sha256, limits=limits, at=at)]


def change(key: ApiKey, *, scopes: Iterable[Scope] | None, limits: KeyLimits | None, at: datetime) -> list[ApiKeyEvent]:
    """Give a key other scopes or limits; None leaves them as they are.

    Raises Rejected `key_unknown`, `key_revoked`, and `invalid_request` for wrong scopes or limits."""
    _require_issued(key)
    if key.revoked_at:
        raise Rejected("key_revoked", f"The key '{key.id}' is revoked. Issue another one.")
    chosen, after = _checked(key.scopes if scopes is None else scopes, key.limits if limits is None else limits)
    return [] if (chosen, after) == (key.scopes, key.limits) else [ApiKeyChanged(scopes=chosen, limits=after, at=at)]


def revoke(key: ApiKey, *, reason: str, at: datetime) -> list[ApiKeyEvent]:
    """End a key for good. Raises Rejected `key_unknown`."""
    _require_issued(key)
    return [] if key.revoked_at else [ApiKeyRevoked(reason=reason, at=at)]


def _require_issued(key: ApiKey) -> None:
    if not key.id:
        raise Rejected("key_unknown", "There is no such key.")


def _checked(scopes: Iterable[Scope], limits: KeyLimits) -> tuple[tuple[Scope, ...], KeyLimits]:
    """The scopes, each once, in the order of `Scope`, and the limits: none are always the same object, which is left
    out of the stored event."""
    given = set(scopes)
    chosen = tuple(scope for scope in Scope if scope in given)
    if not chosen:
        raise Rejected("invalid_request", f"scopes: choose at least one of {', '.join(Scope)}")
    if limits != NO_LIMITS and (Scope.CLIENT not in chosen or Scope.ADMIN in chosen):
        raise Rejected("invalid_request", "limits: only a key with the scope client, and without admin, has limits")
    for name, number in (
        ("requests_per_minute", limits.requests_per_minute),
        ("tasks_in_flight", limits.tasks_in_flight),
    ):
        if number is not None and number < 1:
            raise Rejected("invalid_request", f"limits.{name}: must be a whole number of 1 or more")
    for name, amount in (("money_per_day", limits.money_per_day), ("money_per_month", limits.money_per_month)):
        if amount is not None and not (amount.is_finite() and amount >= 0):
            raise Rejected("invalid_request", f"limits.{name}: must be an amount of 0 or more")
    return chosen, NO_LIMITS if limits == NO_LIMITS else limits
