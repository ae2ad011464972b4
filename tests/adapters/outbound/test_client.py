"""Laws of `adapters.outbound.client`: a large order is written and sent in steps, and arrives as what it was."""

import asyncio
import base64
import hashlib
from contextlib import aclosing
from typing import Any

import pytest

from adapters.outbound.client import CHUNK_BYTES, ProviderClient, Reply, base64_of, build_request
from adapters.outbound.ssrf_guard import Guard
from tests.adapters.outbound.raw_server import Server, listening, reply

FORM = {"data": {"prompt": "a fox"}, "files": [("image", ("a.png", bytes(range(256)) * 40_000, "image/png"))]}


@pytest.mark.parametrize("length", [0, 1, 2, 3, 65536, 196607, 196608, 196609, 2 * 196608, 1_000_000])
def test_base64_in_steps_is_base64(length: int) -> None:
    """Whatever the length: no padding within, and what Python's encoder says."""
    data = bytes(number * 7 % 251 for number in range(length))
    assert base64_of(data) == base64.b64encode(data).decode()


@pytest.mark.parametrize("body", [{"json_body": {"image": "x" * 10_000_000}}, {"json_body": {}}, FORM, {}], ids=str)
async def test_a_body_goes_out_in_pieces_and_arrives_whole(body: dict[str, Any]) -> None:
    """With its length in its head, in the bytes that httpx made; no piece keeps the loop for long."""
    arrived: list[bytes] = []

    async def taken(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = server.requests[-1].lower()
        length = int(head.partition("content-length: ")[2].partition("\r")[0] or 0)
        arrived.append(await reader.readexactly(length))
        writer.write(reply(b"{}"))

    async with listening() as server:
        server.answers["/order"] = lambda reader, writer: taken(server, reader, writer)
        client = ProviderClient(Guard(private_hosts=[f"127.0.0.1:{server.port}"]))
        try:
            sent = build_request("POST", f"{server.url}/order", headers={}, **body)
            answer = await client.send_paid(sent, send_by=None, read_seconds=30)
        finally:
            await client.close()
    assert isinstance(answer, Reply), answer
    assert "transfer-encoding" not in server.requests[-1].lower()
    async with aclosing(aiter(sent.stream)) as stream:  # type: ignore[arg-type,type-var]
        pieces = [piece async for piece in stream]
    assert max(map(len, pieces), default=0) <= CHUNK_BYTES
    assert hashlib.sha256(b"".join(pieces)).digest() == hashlib.sha256(arrived[0]).digest()
