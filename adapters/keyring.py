"""The administrator's keys for one provider: used in turn, set aside when the provider refuses one, never shown."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from domain.base import Value
from domain.model import Kind

SET_ASIDE_SECONDS = 300.0
FINGERPRINT_LETTERS = 12


class Key(NamedTuple):
    """One key. `parts` are its secrets, as many as the provider wants; `account` names it without telling it."""

    account: str
    parts: tuple[str, ...]

    @property
    def secret(self) -> str:
        return self.parts[0]

    def __repr__(self) -> str:
        return f"Key({self.account})"


class KeyState(Value):
    """How a key stands, for the health page. `usable_in_seconds` is 0 for one in use; `kind`: for this work only."""

    account: str
    usable_in_seconds: float
    reason: str | None = None
    kind: Kind | None = None


class _Aside(NamedTuple):
    until: float
    reason: str


class Keyring:
    """The keys of one provider at one address: a job is asked for with the key and the address that made it."""

    def __init__(self, secrets: Sequence[tuple[str, ...]], *, place: str) -> None:
        self._keys = [Key(_fingerprint(place, parts), parts) for parts in secrets]
        self._aside: dict[tuple[str, Kind | None], _Aside] = {}  # by the account, and the work it is set aside for
        self._turn = 0

    def next(self, kind: Kind, fits: Callable[[Key], bool] = lambda _: True) -> Key | None:
        """The next key in turn for this work, of those that fit; None when all of them are set aside."""
        for _ in self._keys:
            key = self._keys[self._turn % len(self._keys)]
            self._turn += 1
            if fits(key) and self._usable(key, kind):
                return key
        return None

    def find(self, account: str) -> Key | None:
        """The key that a call was made with, set aside or not; None when it is not configured any more."""
        return next((key for key in self._keys if key.account == account), None)

    def set_aside(self, account: str, reason: str, kind: Kind | None = None) -> None:
        """The provider refused this key, for one kind of work or for all: it is tried again after a while, in case it
        was mended there."""
        self._aside[account, kind] = _Aside(time.monotonic() + SET_ASIDE_SECONDS, reason)

    def any_usable(self, kind: Kind, fits: Callable[[Key], bool] = lambda _: True) -> bool:
        """Whether any key, of those that fit, can be used for this work now."""
        return any(fits(key) and self._usable(key, kind) for key in self._keys)

    def states(self) -> list[KeyState]:
        """Every key, without a secret: once where it is in use, else once for each thing it is set aside for."""
        return [state for key in self._keys for state in self._states(key)]

    def _states(self, key: Key) -> list[KeyState]:
        left = [(self._left(key, kind), kind) for kind in (None, *Kind)]
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


def from_variable(environment: Mapping[str, str], variable: str) -> list[tuple[str, ...]]:
    """The keys in a variable: one, or several with commas between."""
    return [(key.strip(),) for key in environment.get(variable, "").split(",") if key.strip()]


def _fingerprint(place: str, parts: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\0".join((place, *parts)).encode()).hexdigest()
    return digest[:FINGERPRINT_LETTERS]
