"""What is behind a URL that a caller gave? It is fetched through the guard, and its content decides what it is.

The server's media type counts for little: many servers call everything a stream of bytes."""

import asyncio
import hashlib
from typing import Final

from adapters.media.decoder_pool import Decoders, DecodersUnavailable
from adapters.media.probe import FORMATS, Limits, UnreadableMedia
from adapters.outbound.ssrf_guard import Blocked, Guard, Unfetchable
from application.ports import Fetcher, InputUnavailable, Preparer
from domain.provider import Input

UPLOAD: Final = Limits(pixels=64_000_000, seconds=600)  # limits for media of callers
_SECONDS: Final = 60.0


def refusal(guard: Guard, url: str) -> str | None:
    """The reason why Pixel refuses a URL, judged by its text alone; None when the text is acceptable."""
    try:
        guard.check_form(url)
    except Blocked as error:
        return str(error).rstrip(".")
    return None


async def fetch_media(guard: Guard, url: str, max_bytes: int) -> bytes:
    """The bytes behind a URL, at most `max_bytes`. Raises InputUnavailable."""
    return await _fetch(guard, url, max_bytes)


def image_fetcher(guard: Guard, decoders: Decoders) -> Fetcher:
    """A fetcher of reference images, for providers that take no URLs. It raises InputUnavailable."""

    async def fetch(url: str, max_bytes: int) -> Input:
        data = await _fetch(guard, url, max_bytes)
        try:
            media = await decoders.measure(data, await _sha256(data), UPLOAD, by="tasks")
        except UnreadableMedia as error:
            raise InputUnavailable(code="input_not_an_image", message=f"{error}.", retryable=False) from error
        except DecodersUnavailable as error:
            raise InputUnavailable(code="input_unavailable", message=str(error), retryable=True) from error
        if not media.media_type.startswith("image/"):
            raise InputUnavailable(
                code="input_not_an_image", message=f"It is no image but {media.media_type}.", retryable=False
            )
        return await prepare(Input(data=data, media_type=media.media_type))

    prepare = image_preparer(decoders)
    return fetch


def image_preparer(decoders: Decoders) -> Preparer:
    """A preparer that makes images upright and converts them to a format that all providers read."""

    async def prepare(given: Input) -> Input:
        if given.media_type is None or given.media_type not in FORMATS:
            return given
        try:
            data, media_type = await decoders.prepare(given.data, await _sha256(given.data), given.media_type)
        except (UnreadableMedia, DecodersUnavailable):
            return given  # the provider may be able to read it
        return given if data is given.data else Input(data=data, media_type=media_type)

    return prepare


async def _sha256(data: bytes) -> str:
    return await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())


async def _fetch(guard: Guard, url: str, max_bytes: int) -> bytes:
    try:
        fetched = await guard.fetch(url, max_bytes=max_bytes, seconds=_SECONDS)
    except Blocked as error:
        raise InputUnavailable(code="input_blocked_url", message=str(error), retryable=False) from error
    except Unfetchable as error:
        raise InputUnavailable(code="input_unreachable", message=str(error), retryable=not error.final) from error
    return fetched.data
