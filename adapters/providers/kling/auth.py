"""How does a request to Kling authenticate? With an API key, or with a token made of an access key and a secret key."""

import time
from collections.abc import Callable, Mapping

import jwt

from adapters.providers.keyring import Key, from_variable
from domain.model import ModelSpec

# docs/providers/kling.md#limits-and-lifetimes
VALID_SECONDS = 1800
RENEWED_AFTER_SECONDS = 1500.0
CLOCKS_DIFFER_SECONDS = 5


def is_pair(key: Key) -> bool:
    """Whether the key is an access key with its secret key."""
    return len(key.parts) == 2


def mint(access_key: str, secret_key: str, *, now: float) -> str:
    """A token that is valid for VALID_SECONDS from `now`, in seconds since 1970."""
    claims = {"iss": access_key, "exp": int(now) + VALID_SECONDS, "nbf": int(now) - CLOCKS_DIFFER_SECONDS}
    # PyJWT's types name keys of a library that is only there for other algorithms.
    return jwt.encode(  # pyright: ignore[reportUnknownMemberType]
        claims, secret_key, algorithm="HS256", sort_headers=True
    )


class Tokens:
    """The cached token of each pair of keys. `clock` returns seconds since 1970 and must count time asleep."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._minted: dict[str, tuple[float, str]] = {}

    def bearer(self, key: Key, *, fresh: bool = False) -> str:
        """The value after `Bearer`. `fresh` makes a new token, because Kling refused the cached one."""
        if not is_pair(key):
            return key.secret
        now = self._clock()
        at, token = self._minted.get(key.account, (0.0, ""))
        if fresh or not 0 <= now - at < RENEWED_AFTER_SECONDS:
            at, token = now, mint(*key.parts, now=now)
            self._minted[key.account] = at, token
        return token


def keys(environment: Mapping[str, str], variable: str | None) -> list[tuple[str, ...]]:
    """The API keys; only where there are none, pairs of access and secret keys. API keys work for every model."""
    api_key, access, secret = _variables(variable)
    if found := from_variable(environment, api_key):
        return found
    pairs = from_variable(environment, access), from_variable(environment, secret)
    return [(*first, *second) for first, second in zip(*pairs, strict=True)] if len(pairs[0]) == len(pairs[1]) else []


def missing(environment: Mapping[str, str], variable: str | None, spec: ModelSpec) -> str | None:  # noqa: ARG001
    """The missing variables, in words; None when there is a key."""
    api_key, access, secret = _variables(variable)
    return None if keys(environment, variable) else f"{api_key}, or {access} with {secret}"


def _variables(variable: str | None) -> tuple[str, str, str]:
    api_key = variable or "KLING_API_KEY"
    stem = api_key.removesuffix("_API_KEY")
    return api_key, f"{stem}_ACCESS_KEY", f"{stem}_SECRET_KEY"
