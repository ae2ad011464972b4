"""What strangers send over real sockets: a page in somebody's browser, a name that was pointed at this machine."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.e2e.service import pixel, sql

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


async def told(url: str, sent: bytes) -> tuple[int, bytes]:
    """Send these bytes on a connection of their own; returns the status and the body of the answer."""
    host, port = url.partition("://")[2].rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return int(head.split()[1]), await reader.readexactly(int(length.partition(b":")[2]))
    finally:
        writer.close()


async def test_strangers_spend_nothing(database: str, folder: Path) -> None:
    """Bytes as Chromium sends them for a foreign page, with and without Origin, and a name of DNS rebinding: no route
    takes them, no task is made; the same request without a page is taken."""
    async with pixel(database, folder) as service:
        here = service.url.partition("://")[2].encode()
        for place in PLACES:
            for form in (BLOB, NO_ORIGIN):
                status, body = await told(service.url, form % (place.encode(), here, len(BODY), BODY))
                assert (status, json.loads(body)["code"]) == (403, "403"), (place, body)
        rebound = b"GET %s HTTP/1.1\r\nHost: rebind.evil.example\r\n\r\n"
        for place in ("/api/v1/tasks", "/api/v1/models", "/health/ready", "/metrics", "/docs"):
            status, body = await told(service.url, rebound % place.encode())
            assert (status, b"rebind.evil.example" in body) == (403, True), place
        own = b"POST %s HTTP/1.1\r\nHost: rebind.evil.example\r\nOrigin: http://rebind.evil.example\r\n"
        own += b"Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        assert (await told(service.url, own % (PLACES[0].encode(), len(BODY), BODY)))[0] == 403
        count = "SELECT count(*) FROM stored_events WHERE topic = 'TaskRequested'"
        async with sql(database) as connection:
            assert await connection.fetchval(count) == 0
            plain = b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s"
            assert (await told(service.url, plain % (PLACES[0].encode(), here, len(BODY), BODY)))[0] == 200
            assert await connection.fetchval(count) == 1


@pytest.mark.parametrize("head", [b"GET /health/live HTTP/1.1\r\n\r\n", b"GET /health/live HTTP/1.1\r\nHost:\r\n\r\n"])
async def test_a_request_without_a_host_is_none(database: str, folder: Path, head: bytes) -> None:
    """HTTP/1.1 wants a Host, and one; HTTP/1.0, as health checks speak it, knows none."""
    async with pixel(database, folder) as service:
        assert (await told(service.url, head))[0] == 400
        assert (await told(service.url, b"GET /health/live HTTP/1.0\r\n\r\n"))[0] == 200
