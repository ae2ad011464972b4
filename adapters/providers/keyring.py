"""Which key does the next call use? Keys take turns; a refused key is set aside for a while; no key is ever shown."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, NamedTuple

from msgspec import Meta

from domain.base import Value
from domain.model import Kind

SET_ASIDE_SECONDS = 300.0
PROBE_SECONDS = 5.0  # the first interval when no other key is left; it doubles with every refusal
REFUSED_QUESTIONS = 3  # refusals in a row, over the seconds below, that prove a bad key
REFUSED_QUESTIONS_SECONDS = 10.0
FINGERPRINT_LETTERS = 12


class Key(NamedTuple):
    """One key. `parts` are its secrets, as many as the vendor wants; `account` is a fingerprint that is safe to
    store."""

    account: str
    parts: tuple[str, ...]

    @property
    def secret(self) -> str:
        return self.parts[0]

    def __repr__(self) -> str:
        return f"Key({self.account})"


class KeyState(Value):
    """The state of a key, for the health page. `usable_in_seconds` is 0 for a key in use; `kind` limits the state to
    one kind of work."""

    account: Annotated[str, Meta(description="A fingerprint, which does not reveal the key", examples=["3f1a0c9be2d7"])]
    usable_in_seconds: Annotated[
        float, Meta(description="0 for a key in use, else how long it is set aside", examples=[0.0])
    ]
    reason: Annotated[str | None, Meta(description="Why it is set aside", examples=["provider_auth"])] = None
    kind: Annotated[
        Kind | None, Meta(description="The kind of work that it is set aside for, when it serves the others")
    ] = None


class _Aside(NamedTuple):
    until: float
    reason: str
    probe_at: float
    refusals: int = 1


class _Doubt(NamedTuple):
    since: float
    refusals: int


class Keyring:
    """The keys of one provider at one address. A job is polled with the key and at the address that submitted it."""

    def __init__(self, secrets: Sequence[tuple[str, ...]], *, place: str) -> None:
        self._keys = [Key(_fingerprint(place, parts), parts) for parts in secrets]
        self._aside: dict[tuple[str, Kind | None], _Aside] = {}  # by account and kind; None: all kinds
        self._doubts: dict[tuple[str, Kind | None], _Doubt] = {}  # refused queries since the last success
        self._worked: dict[tuple[str, Kind], float] = {}  # monotonic time of the last success
        self._turn = 0

    def next(self, kind: Kind, fits: Callable[[Key], bool] = lambda _: True) -> Key | None:
        """The next key for this kind of work, among the keys that fit. When all of them are set aside, one key at a
        time is probed with a single call, at growing intervals; None between probes."""
        for _ in self._keys:
            key = self._keys[self._turn % len(self._keys)]
            self._turn += 1
            if fits(key) and self._usable(key, kind):
                return key
        for key in self._keys:
            if fits(key) and self._probe_in(key, kind) <= 0:
                self._probed(key, kind)
                return key
        return None

    def all(self) -> tuple[Key, ...]:
        """Every key that is configured, set aside or not."""
        return tuple(self._keys)

    def find(self, account: str) -> Key | None:
        """The key of an account, set aside or not; None when it is no longer configured."""
        return next((key for key in self._keys if key.account == account), None)

    def set_aside(self, account: str, reason: str, kind: Kind | None = None) -> None:
        """Set a key aside for SET_ASIDE_SECONDS, for one kind of work or (None) for all."""
        now, before = time.monotonic(), self._aside.get((account, kind))
        refusals = before.refusals + 1 if before else 1
        self._aside[account, kind] = _Aside(now + SET_ASIDE_SECONDS, reason, now + _pause(refusals), refusals)
        self._doubts.pop((account, kind), None)

    def order_refused(self, account: str, reason: str, kind: Kind, *, used_up: bool) -> None:
        """The vendor refused an order because of its key: set the key aside.

        It is set aside for this kind of work only when its quota is used up (vendors sell quotas by kind), or when it
        has recently worked for another kind."""
        since = time.monotonic() - SET_ASIDE_SECONDS
        elsewhere = any(self._worked.get((account, other), since) > since for other in Kind if other != kind)
        self._worked.pop((account, kind), None)
        self.set_aside(account, reason, kind if used_up or elsewhere else None)

    def query_refused(self, account: str, reason: str, kind: Kind, *, used_up: bool) -> None:
        """The vendor refused a query because of its key. The key is set aside after REFUSED_QUESTIONS refusals in a row
        that span at least REFUSED_QUESTIONS_SECONDS."""
        about = (account, kind if used_up else None)
        doubt = self._doubts.get(about, _Doubt(time.monotonic(), 0))
        doubt = self._doubts[about] = doubt._replace(refusals=doubt.refusals + 1)
        lasts = time.monotonic() - doubt.since >= REFUSED_QUESTIONS_SECONDS
        if doubt.refusals >= REFUSED_QUESTIONS and lasts:
            self.set_aside(account, reason, about[1])

    def succeeded(self, account: str, kind: Kind, *, is_order: bool) -> None:
        """An order or a query succeeded. Only an order puts a key back into use: some keys may query and not order."""
        self._worked[account, kind] = time.monotonic()
        for about in ((account, None), (account, kind)):
            self._doubts.pop(about, None)
            if is_order:
                self._aside.pop(about, None)

    def any_usable(self, kind: Kind, fits: Callable[[Key], bool] = lambda _: True) -> bool:
        """Whether any key that fits can be used for this kind of work now."""
        return any(fits(key) and self._usable(key, kind) for key in self._keys)

    def states(self) -> list[KeyState]:
        """The state of every key, without secrets: one entry for a key in use, else one for each kind that it is set
        aside for."""
        return [state for key in self._keys for state in self._states(key)]

    def _states(self, key: Key) -> list[KeyState]:
        left = [(self._tried_in(key, kind), kind) for kind in (None, *Kind)]
        aside = [
            KeyState(
                account=key.account,
                usable_in_seconds=round(seconds, 1),
                reason=self._aside[key.account, kind].reason,
                kind=kind,
            )
            for seconds, kind in left
            if seconds > 0
        ]
        return aside or [KeyState(account=key.account, usable_in_seconds=0.0)]

    def _usable(self, key: Key, kind: Kind) -> bool:
        return self._left(key, None) <= 0 and self._left(key, kind) <= 0

    def _left(self, key: Key, kind: Kind | None) -> float:
        aside = self._aside.get((key.account, kind))
        return aside.until - time.monotonic() if aside else 0.0

    def _probe_in(self, key: Key, kind: Kind | None) -> float:
        """Seconds until the key may be probed, if no other key is left."""
        asides = [self._aside.get((key.account, about)) for about in (None, kind)]
        return max((aside.probe_at for aside in asides if aside), default=0.0) - time.monotonic()

    def _probed(self, key: Key, kind: Kind) -> None:
        for about in ((key.account, None), (key.account, kind)):
            if aside := self._aside.get(about):
                self._aside[about] = aside._replace(probe_at=time.monotonic() + _pause(aside.refusals))

    def _tried_in(self, key: Key, kind: Kind | None) -> float:
        """Seconds until the next call with the key; a probe comes sooner where no other key is left."""
        left = self._left(key, kind)
        alone = all(self._left(other, None) > 0 or self._left(other, kind) > 0 for other in self._keys)
        return min(left, self._probe_in(key, kind)) if alone else left


def _pause(refusals: int) -> float:
    return min(PROBE_SECONDS * 2.0 ** min(refusals - 1, 10), SET_ASIDE_SECONDS)


def from_variable(environment: Mapping[str, str], variable: str) -> list[tuple[str, ...]]:
    """The keys in an environment variable: one, or several separated by commas."""
    return [(key.strip(),) for key in environment.get(variable, "").split(",") if key.strip()]


def _fingerprint(place: str, parts: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\0".join((place, *parts)).encode()).hexdigest()
    return digest[:FINGERPRINT_LETTERS]
