"""Is a webhook fal's? fal signs each with Ed25519, and publishes its keys at one address for all accounts."""

import asyncio
import base64
import binascii
import hashlib
import time
from collections.abc import Callable, Mapping

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.outbound.client import ProviderClient, Reply
from adapters.providers.tolerant_reader import decode
from domain.base import Value

# docs/providers/fal.md#limits-and-lifetimes
KEYS_SECONDS = 24 * 3600.0
FRESH_SECONDS = 60.0  # a signature that fits no key is no reason to ask for the keys more often
CLOCKS_DIFFER_SECONDS = 300.0
_MAX_KEYS = 16


class _Jwk(Value):
    kty: str = ""
    crv: str = ""
    x: str = ""


class _Jwks(Value):
    keys: tuple[_Jwk, ...]


class Signatures:
    """Checks signatures with fal's public keys, which it keeps. `clock` returns seconds since 1970."""

    def __init__(self, client: ProviderClient, url: str, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._url = url
        self._clock = clock
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether fal has signed this webhook in the last minutes. False, too, when its keys can't be had: fal sends a
        webhook again that was not taken."""
        signed = _signed(headers, body, self._clock())
        if signed is None:
            return False
        if self._clock() - self._asked_at < KEYS_SECONDS and self._fits(*signed):
            return True
        await self._renew()
        return self._fits(*signed)

    async def _renew(self) -> None:
        async with self._asking:
            if 0 <= self._clock() - self._asked_at < FRESH_SECONDS:
                return
            reply = await self._client.query(httpx.Request("GET", self._url))
            self._asked_at = self._clock()
            found = decode(reply.body, _Jwks) if isinstance(reply, Reply) and reply.ok else None
            if found is not None:
                keys = (_public_key(each) for each in found.keys[:_MAX_KEYS])
                self._keys = tuple(key for key in keys if key is not None)

    def _fits(self, message: bytes, signature: bytes) -> bool:
        return any(_verifies(key, message, signature) for key in self._keys)


def _signed(headers: Mapping[str, str], body: bytes, now: float) -> tuple[bytes, bytes] | None:
    """The signed message and its signature; None when a header is missing, unreadable or of another time."""
    names = ("request-id", "user-id", "timestamp", "signature")
    request, user, timestamp, signature = (headers.get(f"x-fal-webhook-{name}", "") for name in names)
    if not (request and user and timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return None
    if abs(now - int(timestamp)) > CLOCKS_DIFFER_SECONDS:
        return None
    message = "\n".join((request, user, timestamp, hashlib.sha256(body).hexdigest()))
    try:
        return message.encode(), bytes.fromhex(signature)
    except ValueError:
        return None


def _public_key(jwk: _Jwk) -> Ed25519PublicKey | None:
    if (jwk.kty, jwk.crv) != ("OKP", "Ed25519"):
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk.x + "=" * (-len(jwk.x) % 4)))
    except (ValueError, binascii.Error):
        return None


def _verifies(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
