"""Hostile clients over real sockets: a page in a user's browser, a DNS name that was pointed at this machine."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.service import Service, patience, pixel, sql

BODY = json.dumps({"prompt": "a cat", "model": "sandbox/image"}).encode()
# As Chromium sends `fetch(url, {method: "POST", mode: "no-cors", body: new Blob([json])})`, byte for byte but the body.
BLOB = (
    b"POST %s HTTP/1.1\r\nHost: %s\r\nConnection: keep-alive\r\nContent-Length: %d\r\n"
    b'sec-ch-ua-platform: "Linux"\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n'
    b'sec-ch-ua: "Chromium";v="140"\r\nsec-ch-ua-mobile: ?0\r\nAccept: */*\r\nOrigin: https://evil.example\r\n'
    b"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\n"
    b"Referer: https://evil.example/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n%s"
)
NO_ORIGIN = BLOB.replace(b"Origin: https://evil.example\r\n", b"")
TASK = "task_01jz0000000000000000000000"
PLACES = [
    *(f"/api/v1/generations/{kind}" for kind in ("image", "video", "audio", "text")),
    *("/api/v1/assets", f"/api/v1/tasks/{TASK}/cancel", f"/api/v1/tasks/{TASK}/refetch"),
    *(f"/api/v1/admin/calls/{TASK}.1/{verb}" for verb in ("retry", "abandon", "attach")),
    "/api/v1/models/sandbox/image/estimate",
]


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A new connection."""
    host, port = url.partition("://")[2].rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with patience("an answer"):
            yield reader, writer
    finally:
        writer.transport.abort()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return int(head.split()[1]), await reader.readexactly(int(length.partition(b":")[2]))


async def exchange(url: str, sent: bytes) -> tuple[int, bytes]:
    """Send these bytes on a connection of their own; returns the status and the body of the answer."""
    async with connected(url) as (reader, writer):
        writer.write(sent)
        return await answer(reader)


async def test_foreign_pages_spend_nothing(database: str, folder: Path) -> None:
    """Bytes as Chromium sends them for a foreign page, with and without Origin, and a name of DNS rebinding: no route
    takes them, no task is made; the same request without a page is taken."""
    async with pixel(database, folder) as service:
        here = service.url.partition("://")[2].encode()
        for place in PLACES:
            for form in (BLOB, NO_ORIGIN):
                status, body = await exchange(service.url, form % (place.encode(), here, len(BODY), BODY))
                assert (status, json.loads(body)["code"]) == (403, "403"), (place, body)
        rebound = b"GET %s HTTP/1.1\r\nHost: rebind.evil.example\r\n\r\n"
        for place in ("/api/v1/tasks", "/api/v1/models", "/health/ready", "/metrics", "/docs"):
            status, body = await exchange(service.url, rebound % place.encode())
            assert (status, b"rebind.evil.example" in body) == (403, True), place
        own = b"POST %s HTTP/1.1\r\nHost: rebind.evil.example\r\nOrigin: http://rebind.evil.example\r\n"
        own += b"Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        assert (await exchange(service.url, own % (PLACES[0].encode(), len(BODY), BODY)))[0] == 403
        count = "SELECT count(*) FROM stored_events WHERE topic = 'TaskRequested'"
        async with sql(database) as connection:
            assert await connection.fetchval(count) == 0
            plain = b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s"
            assert (await exchange(service.url, plain % (PLACES[0].encode(), here, len(BODY), BODY)))[0] == 200
            assert await connection.fetchval(count) == 1


@pytest.mark.parametrize("head", [b"GET /health/live HTTP/1.1\r\n\r\n", b"GET /health/live HTTP/1.1\r\nHost:\r\n\r\n"])
async def test_a_request_without_a_host_is_none(database: str, folder: Path, head: bytes) -> None:
    """HTTP/1.1 wants a Host, and one; HTTP/1.0, as health checks speak it, knows none."""
    async with pixel(database, folder) as service:
        assert (await exchange(service.url, head))[0] == 400
        assert (await exchange(service.url, b"GET /health/live HTTP/1.0\r\n\r\n"))[0] == 200


async def test_a_real_server_keeps_to_its_limits(database: str, folder: Path) -> None:
    """The limits of test_connection are those of `pixel serve`, on the event loop that it runs on: the head, a refused
    body, an upgrade, a caller who hangs up, HEAD; and none of it is an error of Pixel's."""
    async with pixel(database, folder, settings={"connections_per_address": 20}) as service:
        here = service.url.partition("://")[2].encode()
        await _large_heads(service, here)
        await asyncio.to_thread(_a_large_body, service.url)
        await _upgrades(service, here)
        await _hangs_up(service, here)
        async with connected(service.url) as (reader, writer):
            for asked in (b"HEAD /api/v1/models", b"GET /health/live"):
                writer.write(asked + b" HTTP/1.1\r\nHost: %s\r\n\r\n" % here)
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 OK\r\n" in head
            assert (await answer(reader))[1] == b'{"status":"live"}'
        assert not service.trouble()
        numbers = (await service.client.get("/metrics")).text
        assert 'status="499"' in numbers
        assert 'status="500"' not in numbers


async def _large_heads(service: Service, here: bytes) -> None:
    for sent, status in (
        (b"GET / HTTP/1.1\r\nHost: %s\r\nx: " % here + b"y" * 20_000_000, 431),
        (b"GET / HTTP/1.1\r\nHost: %s\r\n" % here + b"x: y\r\n" * 1_000_000, 431),
        (b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\nHost: %s\r\n\r\n" % here, 414),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", 400),
    ):
        seen, body = await exchange(service.url, sent)
        assert (seen, json.loads(body)["code"]) == (status, str(status))


def _a_large_body(url: str) -> None:
    """`urllib` says `Connection: close`, sends all, and reads then."""
    forms = {"/api/v1/generations/image": "application/json", "/api/v1/assets": "multipart/form-data; boundary=x"}
    for path, form in forms.items():
        size = 90_000_000 if path.endswith("assets") else 30_000_000
        asked = urllib.request.Request(url + path, data=b" " * size, headers={"Content-Type": form})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked, timeout=60)
        with refused.value as seen:
            assert (seen.code, json.loads(seen.read())["code"]) == (413, "413")


async def _upgrades(service: Service, here: bytes) -> None:
    head = b"POST /api/v1/generations/image HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    head += b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
    head += b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    status, body = await exchange(service.url, head % (here, len(BODY)) + BODY)
    assert (status, json.loads(body)["data"]["task_id"][:5]) == (200, "task_")


async def _hangs_up(service: Service, here: bytes) -> None:
    head = b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 1000\r\n\r\n{"
    for path in (*PLACES, "/api/v1/callbacks/kling/x.1/y"):
        async with connected(service.url) as (_, writer):
            writer.write(head % (path.encode(), here))
            await writer.drain()
    form = b"POST /api/v1/assets HTTP/1.1\r\nHost: %s\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    async with connected(service.url) as (_, writer):
        writer.write(form % here + b"Content-Length: 1000\r\n\r\n--x\r\n")
        await writer.drain()
    await service.said('"status":499')
