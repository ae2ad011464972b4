"""The administrator's keys for one provider: used in turn, set aside when the provider refuses one, never shown."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from domain.base import Value

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
    """How a key stands, for the health page. `usable_in_seconds` is 0 for one in use."""

    account: str
    usable_in_seconds: float
    reason: str | None = None


class Keyring:
    """The keys of one provider at one address: a job is asked for with the key and the address that made it."""

    def __init__(self, secrets: Sequence[tuple[str, ...]], *, place: str) -> None:
        self._keys = [Key(_fingerprint(place, parts), parts) for parts in secrets]
        self._aside: dict[str, tuple[float, str]] = {}
        self._turn = 0

    def next(self, fits: Callable[[Key], bool] = lambda _: True) -> Key | None:
        """The next key in turn, of those that fit; None when all of them are set aside."""
        for _ in self._keys:
            key = self._keys[self._turn % len(self._keys)]
            self._turn += 1
            if fits(key) and self._left(key) <= 0:
                return key
        return None

    def find(self, account: str) -> Key | None:
        """The key that a call was made with, set aside or not; None when it is not configured any more."""
        return next((key for key in self._keys if key.account == account), None)

    def set_aside(self, account: str, reason: str) -> None:
        """The provider refused this key: it is tried again after a while, in case it was mended there."""
        self._aside[account] = (time.monotonic() + SET_ASIDE_SECONDS, reason)

    def any_usable(self, fits: Callable[[Key], bool] = lambda _: True) -> bool:
        """Whether any key, of those that fit, can be used now."""
        return any(fits(key) and self._left(key) <= 0 for key in self._keys)

    def states(self) -> list[KeyState]:
        """Every key, without a secret."""
        return [
            KeyState(
                account=key.account,
                usable_in_seconds=round(max(self._left(key), 0.0), 1),
                reason=self._aside[key.account][1] if self._left(key) > 0 else None,
            )
            for key in self._keys
        ]

    def _left(self, key: Key) -> float:
        return self._aside.get(key.account, (0.0, ""))[0] - time.monotonic()


def from_variable(environment: Mapping[str, str], variable: str) -> list[tuple[str, ...]]:
    """The keys in a variable: one, or several with commas between."""
    return [(key.strip(),) for key in environment.get(variable, "").split(",") if key.strip()]


def _fingerprint(place: str, parts: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\0".join((place, *parts)).encode()).hexdigest()
    return digest[:FINGERPRINT_LETTERS]
