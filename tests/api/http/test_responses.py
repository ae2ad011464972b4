"""Laws of large answers: they are compressed outside of the event loop, and constant ones only once."""

import gzip
import time
from typing import Any, cast

import httpx
import msgspec
import pytest
from litestar.types import Receive, Scope

from api.http.responses import JsonResponse, PackedOnce, ok, packed
from services.state import Pixel

ITEMS = [{"number": number, "text": f"word {number * 7919 % 104729}"} for number in range(200_000)]


async def sent_by(answer: JsonResponse, *, takes: bytes = b"gzip, br") -> tuple[dict[bytes, bytes], bytes]:
    """Headers and body of an answer, as the server gets them."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    scope: Any = {"type": "http", "headers": [(b"accept-encoding", takes)], "extensions": {}}
    await answer(cast(Scope, scope), cast(Receive, None), send)
    head, body = messages
    return dict(head["headers"]), body["body"]


async def test_a_large_answer_is_compressed_in_a_thread() -> None:
    """The thread of the event loop spends almost no processor time on it."""
    answer = ok(ITEMS)
    all_threads, own = time.process_time(), time.thread_time()
    headers, body = await sent_by(answer)
    all_threads, own = time.process_time() - all_threads, time.thread_time() - own
    assert headers[b"content-encoding"] == b"gzip"
    assert own < all_threads / 4
    assert msgspec.json.decode(gzip.decompress(body))["data"] == ITEMS


@pytest.mark.parametrize("length", [100, 5_000, 60_000, 70_000, 1_000_000])
async def test_an_answer_is_the_same_packed_or_not(length: int) -> None:
    """On either side of each limit; `Vary` tells caches that there are two forms."""
    headers, body = await sent_by(ok("x" * length))
    plain_headers, plain = await sent_by(ok("x" * length), takes=b"br")
    assert (gzip.decompress(body) if b"content-encoding" in headers else body) == plain
    assert headers[b"content-length"] == b"%d" % len(body)
    assert (b"content-encoding" in headers) == (length > 4096)
    assert headers.get(b"vary") == plain_headers.get(b"vary") == (b"Accept-Encoding" if length > 4096 else None)


async def test_a_compressed_answer_is_sent_unchanged() -> None:
    """It is not compressed again."""
    body = await packed(msgspec.json.encode(ITEMS))
    for _ in range(2):
        assert (await sent_by(JsonResponse(body)))[1] is body.gzip
        assert (await sent_by(JsonResponse(body), takes=b"identity"))[1] is body.body


async def test_the_models_are_packed_once(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """Until they change, each caller gets the gzip that was made when they were read."""
    pack = PackedOnce(lambda: pixel.models.grouped_json)
    models = await pack()
    assert len(models.body) > 64 * 1024
    for _ in range(2):
        async with client.stream("GET", "/api/v1/models", headers={"Accept-Encoding": "gzip"}) as answer:
            assert b"".join([piece async for piece in answer.aiter_raw()]) == models.gzip
    plain = await client.get("/api/v1/models", headers={"Accept-Encoding": "identity"})
    assert plain.content == models.body == gzip.decompress(models.gzip)
    await pixel.models.refresh()
    assert await pack() is models
