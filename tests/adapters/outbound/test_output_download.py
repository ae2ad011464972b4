"""Laws of outputs that come in: large ones take no memory, no more are in hand than the budget allows, and each is
whole."""

import asyncio
import gzip
import hashlib
import io
import os
import tracemalloc
import wave
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.output_file import TemporaryOutput
from adapters.media.result_spool import FolderSpool
from adapters.outbound.byte_budget import ByteBudget
from adapters.outbound.client import ProviderClient
from adapters.outbound.output_download import SMALL_BYTES, OutputDownloads
from adapters.outbound.ssrf_guard import Guard
from adapters.providers.base import Access, HttpProvider
from adapters.providers.keyring import Keyring
from application import outputs
from application.ports import AssetsUnavailable
from application.storage import Storage
from domain.base import Value
from domain.model import Kind, ModelSpec
from domain.provider import Asset, DownloadFailed, Order, RemoteOutput
from tests.adapters.outbound.raw_server import Server, listening, reply

MIB = 1024 * 1024
ORDER = Order(
    task_id="task_1",
    call_id="task_1.1",
    kind=Kind.AUDIO,
    model="acme/speaker",
    spec=ModelSpec(name="Speaker", type=Kind.AUDIO),
    params={"prompt": "a long story"},
)


class NoWire(Value):
    """Nothing."""


def wav_head(size: int) -> bytes:
    """How a WAV file of so many bytes begins."""
    head = io.BytesIO()
    with wave.open(head, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(24_000)
    begin = bytearray(head.getvalue())
    begin[4:8] = (size - 8).to_bytes(4, "little")
    begin[40:44] = (size - 44).to_bytes(4, "little")
    return bytes(begin)


def wav(size: int) -> bytes:
    """A silent WAV file of so many bytes."""
    return wav_head(size) + bytes(size - 44)


class Slow:
    """Sends a silent WAV file piece by piece, so that it is in no memory. `stated`: with its length."""

    def __init__(self, size: int, *, stated: bool = True) -> None:
        self.size = size
        self.stated = stated

    async def __call__(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = f"Content-Length: {self.size}\r\n" if self.stated else ""
        writer.write(f"HTTP/1.1 200 OK\r\n{length}Content-Type: audio/wav\r\nConnection: close\r\n\r\n".encode())
        writer.write(wav_head(self.size))
        left, silence = self.size - 44, bytes(64 * 1024)
        while left:
            writer.write(silence[:left])
            left -= min(left, len(silence))
            await writer.drain()


class Rig:
    """A provider over HTTP whose files a server has, and where they are stored."""

    def __init__(self, server: Server, folder: Path, decoders: Decoders, max_bytes: int) -> None:
        self.server = server
        self.guard = Guard(private_hosts=[f"127.0.0.1:{server.port}"])
        self.downloads = OutputDownloads(folder / "spool", max_bytes)
        self.client = ProviderClient(self.guard, self.downloads)
        keys = Keyring([("",)], place="acme")
        self.provider = HttpProvider(Access("acme", server.url, keys, self.client, NoWire))
        self.spool = FolderSpool.open(folder / "spool", 512 * MIB)
        self.store = ObjectAssetStore.open(str(folder / "assets"), decoders)
        self.storage = Storage(self.store, self.spool, lambda event, **facts: None)

    async def download(self, path: str) -> Any:
        return await self.provider.fetch(ORDER, f"{self.server.url}{path}")


@pytest.fixture
async def rig(tmp_path: Path, decoders: Decoders) -> AsyncGenerator[Rig]:
    async with opened(tmp_path, decoders) as made:
        yield made


@asynccontextmanager
async def opened(folder: Path, decoders: Decoders, max_bytes: int = 64 * MIB) -> AsyncGenerator[Rig]:
    async with listening() as server:
        rig = Rig(server, folder, decoders, max_bytes)
        try:
            yield rig
        finally:
            await rig.client.close()


@pytest.fixture
def measured() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


# --- Memory ---


@pytest.mark.usefixtures("measured")
async def test_large_outputs_take_no_memory(rig: Rig) -> None:
    """Six of 16 MiB are fetched and stored at once within less memory than two of them, and each is whole."""
    sizes = [16 * MIB + 2 * index for index in range(6)]
    remote = [RemoteOutput(index=index, url=f"{rig.server.url}/{index}") for index in range(6)]
    rig.server.answers = {f"/{index}": Slow(size) for index, size in enumerate(sizes)}
    tracemalloc.reset_peak()
    calls = [outputs.fetch(rig.storage, rig.provider, ORDER, (each,), job=None, waited_seconds=0.0) for each in remote]
    seen = await asyncio.gather(*calls)
    peak = tracemalloc.get_traced_memory()[1]
    assets = [result.assets[0][1] for result in seen]
    assert [asset.bytes for asset in assets] == sizes
    assert [asset.sha256 for asset in assets] == [hashlib.sha256(wav(size)).hexdigest() for size in sizes]
    assert all(asset.media_type == "audio/wav" and (asset.duration_seconds or 0) > 300 for asset in assets)
    assert peak < 32 * MIB
    assert rig.downloads.budget.used == 0


class FullStore:
    """An asset store without room."""

    async def keep(self, data: object) -> Asset:
        raise AssetsUnavailable("disk full")

    keep_file = keep

    async def probe(self) -> None:
        raise AssetsUnavailable("disk full")


async def test_a_large_output_waits_in_the_spool_while_the_store_is_full(rig: Rig) -> None:
    """It is in the spool as a whole, and no longer in hand."""
    size = 3 * MIB
    rig.server.answers = {"/0": Slow(size)}
    storage = Storage(FullStore(), rig.spool, lambda event, **facts: None)
    remote = (RemoteOutput(index=0, url=f"{rig.server.url}/0"),)
    seen = await outputs.fetch(storage, rig.provider, ORDER, remote, job=None, waited_seconds=0.0)
    assert (seen.assets, seen.failed) == ((), ())
    kept = await storage.read("task_1.1.0")
    assert kept is not None
    assert kept.finished.outputs[0].data == wav(size)
    assert rig.downloads.budget.used == 0


# --- The budget ---


async def test_no_more_is_in_hand_than_the_budget_allows(tmp_path: Path, decoders: Decoders) -> None:
    """The next one is not downloaded before an earlier one is stored; then it comes whole."""
    async with opened(tmp_path, decoders, max_bytes=5 * MIB) as rig:
        rig.server.answers = {f"/{index}": Slow(2 * MIB) for index in range(3)}
        first, second = await asyncio.gather(rig.download("/0"), rig.download("/1"))
        waiting = asyncio.create_task(rig.download("/2"))
        while len(rig.server.requests) < 3 or not rig.downloads.budget.is_waited_for:
            await asyncio.sleep(0)
        assert rig.downloads.budget.used == 4 * MIB
        first.close()
        third = await waiting
        assert b"".join(third.pieces()) == wav(2 * MIB)
        assert len(rig.server.requests) == 4  # it waited without a connection
        second.close()
        third.close()
        assert rig.downloads.budget.used == 0


async def test_an_output_larger_than_the_budget_comes_alone(tmp_path: Path, decoders: Decoders) -> None:
    """It was paid for. So does one whose length the server does not state, as it may be large."""
    async with opened(tmp_path, decoders, max_bytes=MIB) as rig:
        rig.server.answers = {"/large": Slow(4 * MIB), "/unstated": Slow(3 * MIB, stated=False)}
        large = await rig.download("/large")
        waiting = asyncio.create_task(rig.download("/unstated"))
        while not rig.downloads.budget.is_waited_for:
            await asyncio.sleep(0)
        large.close()
        unstated = await waiting
        assert (unstated.size, rig.downloads.budget.used) == (3 * MIB, 3 * MIB)
        unstated.close()
        assert rig.downloads.budget.used == 0


async def test_a_download_that_fails_gives_its_bytes_back(rig: Rig) -> None:
    """Cut off, too large, a page instead of a file, or given up by whoever wanted it."""
    body = b"<html>" + bytes(2 * MIB)

    async def cut_off(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(body)[:-1])

    async def hangs(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(body)[:-1])
        await asyncio.Event().wait()

    too_large = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
    rig.server.answers = {"/page": reply(body), "/cut": cut_off, "/large": too_large, "/hangs": hangs}
    for path in ("/page", "/cut", "/large"):
        assert isinstance(await rig.download(path), DownloadFailed), path
        assert rig.downloads.budget.used == 0
    given_up = asyncio.create_task(rig.download("/hangs"))
    while rig.downloads.budget.used == 0:
        await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert rig.downloads.budget.used == 0


async def test_bytes_are_given_in_the_order_in_which_they_were_asked_for() -> None:
    """A small one does not overtake a large one, which would wait for ever; and one who gives up is no obstacle."""
    budget = ByteBudget(10)
    assert budget.try_take(6)
    gone, large, small = (asyncio.create_task(budget.take(size)) for size in (10, 8, 2))
    await asyncio.sleep(0)
    assert not budget.try_take(1)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert not large.done()
    budget.give(6)
    await asyncio.gather(large, small)
    assert budget.used == 10


async def test_who_gives_up_at_the_moment_of_its_turn_takes_nothing() -> None:
    """Else the bytes would be gone for ever."""
    budget = ByteBudget(1)
    assert budget.try_take(1)
    waiting = asyncio.create_task(budget.take(1))
    await asyncio.sleep(0)
    budget.give(1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert budget.used == 0


# --- What arrives ---


@pytest.mark.parametrize("size", [SMALL_BYTES - 1, SMALL_BYTES, SMALL_BYTES + 1, 3 * SMALL_BYTES + 17])
async def test_a_small_output_is_in_memory_and_a_large_one_in_a_file(rig: Rig, size: int) -> None:
    """Both are whole, and the file knows its hash."""
    body = os.urandom(size)
    rig.server.answers = {"/x": reply(body)}
    got = await rig.download("/x")
    if size <= SMALL_BYTES:
        assert got == body
        return
    assert isinstance(got, TemporaryOutput)
    assert b"".join(got.pieces()) == body
    assert (got.size, got.head, got.sha256) == (size, body[:4096], hashlib.sha256(body).hexdigest())
    got.close()


async def test_a_large_output_is_unpacked_and_gets_its_header_as_a_small_one(rig: Rig) -> None:
    """A compressed body is what it was before, and raw samples become a WAV file."""
    body = os.urandom(2 * MIB)
    rig.server.answers = {
        "/packed": reply(gzip.compress(body, 1)),
        "/raw": reply(body, media_type="audio/L16;rate=24000"),
    }
    assert await rig.download("/packed") == body
    with wave.open(io.BytesIO(await rig.download("/raw"))) as sound:
        assert (sound.getframerate(), sound.readframes(sound.getnframes())) == (24_000, body)
    assert rig.downloads.budget.used == 0


async def test_a_full_disk_loses_no_output(rig: Rig, tmp_path: Path) -> None:
    """When no file can be made, memory takes what the budget allows."""
    rig.client.downloads = OutputDownloads(tmp_path / "nowhere")
    body = os.urandom(3 * MIB)
    rig.server.answers = {"/x": reply(body)}
    got = await rig.download("/x")
    assert b"".join(got.pieces()) == body
    assert got.sha256 == hashlib.sha256(body).hexdigest()
    got.close()


async def test_a_disk_that_fills_up_loses_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written so far moves along."""
    real, left = os.pwrite, [1]

    def fills_up(file: int, data: Any, offset: int) -> int:
        if left and offset:
            left.pop()
            raise OSError(28, "No space left on device")
        return real(file, data, offset)

    monkeypatch.setattr(os, "pwrite", fills_up)
    output = TemporaryOutput(tmp_path)
    output.write(b"one ")
    output.write(b"two")
    assert (b"".join(output.pieces()), output.sha256) == (b"one two", hashlib.sha256(b"one two").hexdigest())
    output.close()


async def test_who_still_reads_a_closed_file_reads_no_other(tmp_path: Path) -> None:
    """The number of a closed file soon means another; and nobody begins to read it."""
    output = TemporaryOutput(tmp_path)
    output.write(b"x" * 3 * MIB)
    pieces = output.pieces()
    first = next(pieces)
    output.close()
    with (tmp_path / "other").open("wb") as other:
        other.write(b"y" * 3 * MIB)
        assert first + b"".join(pieces) == b"x" * 3 * MIB
    with pytest.raises(OSError, match="closed"):
        next(output.pieces())
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
