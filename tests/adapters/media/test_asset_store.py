"""Laws of the asset store: one suite for a folder, memory and a bucket, then what only one of them can show."""

import asyncio
import hashlib
import io
import os
import re
import resource
import stat
import sys
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from typing import ClassVar

import pytest
from PIL import Image

from adapters.media.asset_store import CHUNK_BYTES, AssetStoreUnavailable, ObjectAssetStore
from adapters.media.decoder_pool import Decoders, DecodersUnavailable
from adapters.media.output_file import TemporaryOutput
from adapters.media.probe import UnreadableMedia
from application.ports import AssetInfo

SECRET = "wJalrXUtnFEMI"


def png(shade: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (shade, 0, 0)).save(file, "PNG")
    return file.getvalue()


def long_wav() -> bytes:
    """Two and a half chunks of noise."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(24_000)
        wav.writeframes(Random(0).randbytes(5 * CHUNK_BYTES // 2))
    return file.getvalue()


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as the store uses: PUT, in parts too, HEAD and ranged GET in a bucket named `media`; there is no
    other bucket."""

    objects: ClassVar[dict[str, bytes]] = {}
    parts: ClassVar[dict[str, dict[int, bytes]]] = {}

    def do_POST(self) -> None:
        """Begin an upload in parts, and end it."""
        path, _, query = self.path.partition("?")
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if query.startswith("uploads"):
            self.parts[path] = {}
            begun = f"<Bucket>media</Bucket><Key>x</Key><UploadId>{len(self.parts)}</UploadId>"
            return self.answer(200, f"<InitiateMultipartUploadResult>{begun}</InitiateMultipartUploadResult>".encode())
        self.objects[path] = b"".join(part for _, part in sorted(self.parts.pop(path).items()))
        ended = '<ETag>"e"</ETag><Location>l</Location><Bucket>media</Bucket><Key>x</Key>'
        return self.answer(200, f"<CompleteMultipartUploadResult>{ended}</CompleteMultipartUploadResult>".encode())

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if part := re.search(r"^(.+)\?.*partNumber=(\d+)", self.path):
            self.parts[part[1]][int(part[2])] = data
            return self.answer(200)
        if not self.path.startswith("/media/"):
            return self.answer(404, f"<Error><Code>NoSuchBucket</Code><Key>{SECRET}</Key></Error>".encode())
        self.objects[self.path] = data
        return self.answer(200)

    def do_GET(self) -> None:
        data = self.objects.get(self.path)
        if data is None:
            return self.answer(404)
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if asked is None:
            return self.answer(200, data)
        begin, end = int(asked[1]), int(asked[2]) + 1
        return self.answer(206, data[begin:end], f"bytes {begin}-{end - 1}/{len(data)}")

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def answer(self, status: int, body: bytes = b"", content_range: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')
        self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Bucket.objects.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["folder", "memory", "bucket"])
def assets(request: pytest.FixtureRequest, tmp_path: Path, decoders: Decoders) -> ObjectAssetStore:
    if request.param == "folder":
        return ObjectAssetStore.open(str(tmp_path / "assets"), decoders)
    if request.param == "memory":
        return ObjectAssetStore.open("memory:///", decoders)
    request.getfixturevalue("s3")
    return ObjectAssetStore.open("s3://media", decoders)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "assets"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def whole(assets: ObjectAssetStore, asset_id: str, start: int, end: int) -> bytes:
    return b"".join([chunk async for chunk in assets.read(asset_id, start, end)])


# --- On every store ---


async def test_a_stored_asset_can_be_found_and_read(assets: ObjectAssetStore) -> None:
    """An asset is named by its content, and its id finds its facts and its bytes again."""
    data = png()
    asset = await assets.keep(data)
    assert asset.sha256 == hashlib.sha256(data).hexdigest()
    assert asset.id == f"asset_{asset.sha256}.png"
    assert (asset.bytes, asset.media_type, asset.width, asset.height) == (len(data), "image/png", 8, 6)
    info = await assets.head(asset.id)
    assert isinstance(info, AssetInfo)
    assert (info.id, info.sha256, info.bytes, info.media_type) == (asset.id, asset.sha256, len(data), "image/png")
    assert info.stored_at.utcoffset() is not None
    assert await whole(assets, asset.id, 0, len(data)) == data


async def test_keeping_the_same_bytes_again_changes_nothing(assets: ObjectAssetStore) -> None:
    """A put may be repeated, one after the other or at once, and gives the same asset."""
    first = await assets.keep(png())
    stored = await assets.head(first.id)
    again = await asyncio.gather(*(assets.keep(png()) for _ in range(4)))
    assert set(again) == {first}
    assert await assets.head(first.id) == stored


async def test_an_output_in_a_file_is_the_same_asset(assets: ObjectAssetStore, tmp_path: Path) -> None:
    """Whether it is measured, or stored as it is because it does not decode, in parts in a bucket."""
    for data, keep in ((long_wav(), assets.keep), (b"no media " * CHUNK_BYTES, assets.keep_file)):
        file = TemporaryOutput(tmp_path)
        file.write(data[:100])
        file.write(data[100:])
        asset = await keep(file)
        file.close()
        assert b"".join([piece async for piece in assets.read(asset.id, 0, asset.bytes)]) == data
        assert await keep(data) == asset


async def test_different_bytes_are_different_assets(assets: ObjectAssetStore) -> None:
    """Two contents never share a name, and neither disturbs the other."""
    one, two = await asyncio.gather(assets.keep(png(1)), assets.keep(png(2)))
    assert one.id != two.id
    assert await whole(assets, one.id, 0, one.bytes) == png(1)
    assert await whole(assets, two.id, 0, two.bytes) == png(2)


async def test_any_part_can_be_read_in_bounded_pieces(assets: ObjectAssetStore) -> None:
    """A part is exactly that slice of the bytes, in pieces no larger than the limit."""
    data = long_wav()
    asset = await assets.keep(data)
    edge, size = CHUNK_BYTES, len(data)
    parts = [(0, size), (0, 1), (size - 1, size), (edge - 1, edge + 1), (edge, 2 * edge), (17, 2 * edge + 3), (5, 5)]
    for start, end in parts:
        chunks = [chunk async for chunk in assets.read(asset.id, start, end)]
        assert b"".join(chunks) == data[start:end], (start, end)
        assert all(0 < len(chunk) <= CHUNK_BYTES for chunk in chunks)


@pytest.mark.parametrize("data", [b"", b"<svg/>", png()[:40]])
async def test_what_is_not_media_is_not_stored(assets: ObjectAssetStore, data: bytes) -> None:
    """Unreadable bytes are refused before anything is stored."""
    with pytest.raises(UnreadableMedia):
        await assets.keep(data)
    assert await assets.head(f"asset_{hashlib.sha256(data).hexdigest()}.png") is None


async def test_an_asset_that_is_not_stored_is_not_found(assets: ObjectAssetStore) -> None:
    """For a valid id without an asset, `head` returns None and `read` raises LookupError."""
    asset_id = f"asset_{'0' * 64}.png"
    assert await assets.head(asset_id) is None
    with pytest.raises(LookupError):
        await whole(assets, asset_id, 0, 1)


MALFORMED = [
    "",
    "asset_.png",
    "../../etc/passwd",
    f"asset_{'0' * 64}",
    f"asset_{'0' * 64}.svg",
    f"asset_{'0' * 63}.png",
    f"asset_{'A' * 64}.png",
    "asset_" + "\N{ARABIC-INDIC DIGIT ZERO}" * 64 + ".png",
    f"asset_{'0' * 64}.png\n",
    f"asset_{'0' * 64}.png/../../secret.png",
    f"../asset_{'0' * 64}.png",
    f"asset_{'0' * 64}.png#1",
    f"asset_{'0' * 64}.png\0",
]


@pytest.mark.parametrize("asset_id", MALFORMED)
async def test_a_malformed_id_reaches_no_store(assets: ObjectAssetStore, asset_id: str) -> None:
    """An id is checked to the letter before it becomes a path."""
    assert await assets.head(asset_id) is None
    with pytest.raises(LookupError):
        await whole(assets, asset_id, 0, 1)


# --- In a folder ---


async def test_a_folder_is_made_and_can_be_named_in_two_ways(folder: Path, decoders: Decoders) -> None:
    """A path and its file URL are the same store, and a missing folder is made, with its parents."""
    place = folder / "a b"
    asset = await ObjectAssetStore.open(str(place), decoders).keep(png())
    info = await ObjectAssetStore.open(place.as_uri(), decoders).head(asset.id)
    assert info is not None
    assert files(place) == [f"{asset.sha256[:2]}/{asset.id}"]


async def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch, decoders: Decoders
) -> None:
    """File, then rename, then both folders are synced: a power cut loses nothing that an event may speak of."""
    assets = ObjectAssetStore.open(str(folder), decoders)
    real, synced = os.fsync, list[tuple[str, int]]()

    def spy(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append((re.sub(r"#\d+", "#", str(path.relative_to(folder))), len(files(folder))))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    asset = await assets.keep(png())
    shard = asset.sha256[:2]
    assert synced == [(f"{shard}/{asset.id}#", 1), (shard, 1), (".", 1)]
    synced.clear()
    await assets.keep(png())
    assert synced == [(shard, 1), (".", 1)]  # whoever wrote it first may not have synced the names yet


async def test_a_new_folder_is_itself_synced(folder: Path, monkeypatch: pytest.MonkeyPatch, decoders: Decoders) -> None:
    """Opening syncs the parents of every folder that it made, and of no other."""
    real, synced = os.fsync, list[Path]()

    def spy(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    ObjectAssetStore.open(str(folder / "deep"), decoders)
    assert synced == [folder, folder.parent]
    ObjectAssetStore.open(str(folder / "deep"), decoders)
    assert len(synced) == 2


async def test_only_the_owner_reads_stored_files(folder: Path, decoders: Decoders) -> None:
    """New folders and files are private under any umask; an existing folder keeps its mode."""
    theirs = folder.parent / "theirs"
    theirs.mkdir()
    theirs.chmod(0o751)
    before = os.umask(0)
    try:
        for place in (folder, theirs):
            await ObjectAssetStore.open(str(place), decoders).keep(png())
            await ObjectAssetStore.open(str(place), decoders).put_derived("variants/ab/small.png", png(), "image/png")
    finally:
        os.umask(before)
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o751
    made = [path for place in (folder, theirs) for path in place.rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in [folder, *made] if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_file()} == {0o600}


async def test_a_file_that_was_cut_short_is_written_anew(folder: Path, decoders: Decoders) -> None:
    """A file of another length under the right name is damage, and keeping the content repairs it."""
    assets = ObjectAssetStore.open(str(folder), decoders)
    asset = await assets.keep(png())
    (folder / asset.sha256[:2] / asset.id).write_bytes(b"")
    await assets.keep(png())
    assert await whole(assets, asset.id, 0, asset.bytes) == png()


async def test_a_paid_output_that_can_not_be_measured_is_stored_unmeasured(folder: Path) -> None:
    """A bug of ours in measuring loses no output; a caller who uploads gets an error."""
    async with Decoders() as closed:
        assets = ObjectAssetStore.open(str(folder), closed)
        await closed.close()
        with pytest.raises(DecodersUnavailable):
            await assets.keep(png(), by="callers")
        assert not files(folder)
        asset = await assets.keep(png())
        assert (asset.media_type, asset.width, asset.bytes) == ("image/png", None, len(png()))
        assert await whole(assets, asset.id, 0, asset.bytes) == png()


async def test_processes_may_keep_the_same_content_at_once(folder: Path, decoders: Decoders) -> None:
    """Processes that race for one content leave one file, whole, and nothing else."""
    script = (
        "import asyncio, sys\n"
        "from adapters.media.asset_store import ObjectAssetStore\n"
        "from adapters.media.decoder_pool import Decoders\n"
        "data = bytes.fromhex(sys.argv[2])\n"
        "async def main():\n"
        "    decoders = Decoders()\n"
        "    assets = ObjectAssetStore.open(sys.argv[1], decoders)\n"
        "    for _ in range(20): await asyncio.gather(*(assets.keep(data) for _ in range(4)))\n"
        "    await decoders.close()\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[3]
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(folder), png().hex(), cwd=root)
        for _ in range(3)
    ]
    assert await asyncio.gather(*(process.wait() for process in processes)) == [0, 0, 0]
    asset = await ObjectAssetStore.open(str(folder), decoders).keep(png())
    assert files(folder) == [f"{asset.sha256[:2]}/{asset.id}"]
    assert await whole(ObjectAssetStore.open(str(folder), decoders), asset.id, 0, asset.bytes) == png()


async def test_a_full_disk_is_said_plainly_and_leaves_nothing(folder: Path, decoders: Decoders) -> None:
    """A write that fails in the middle stores nothing under any name."""
    assets = ObjectAssetStore.open(str(folder), decoders)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (CHUNK_BYTES, hard)
    )  # stands for the full disk: the kernel stops the write
    try:
        with pytest.raises(AssetStoreUnavailable, match="can't keep an asset: File too large"):
            await assets.keep(long_wav())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(folder) == []


async def test_a_folder_that_went_away_does_not_come_back_empty(folder: Path, decoders: Decoders) -> None:
    """A store whose folder was unmounted or removed is unavailable; it does not quietly begin again."""
    assets = ObjectAssetStore.open(str(folder), decoders)
    folder.rmdir()
    with pytest.raises(AssetStoreUnavailable, match="No such file or directory"):
        await assets.keep(png())
    assert not folder.exists()


async def test_a_part_behind_the_end_is_an_error_of_the_store(folder: Path, decoders: Decoders) -> None:
    """Reading missing bytes raises an error that does not contain the path."""
    assets = ObjectAssetStore.open(str(folder), decoders)
    asset = await assets.keep(png())
    with pytest.raises(AssetStoreUnavailable) as caught:
        await whole(assets, asset.id, asset.bytes, asset.bytes + 10)
    assert str(folder) not in str(caught.value)


# --- In a bucket, and what is no store at all ---


@pytest.mark.usefixtures("s3")
async def test_a_missing_bucket_is_said_plainly_without_secrets(decoders: Decoders) -> None:
    """An error of the bucket names neither its URL nor anything from its answer's body."""
    with pytest.raises(AssetStoreUnavailable) as caught:
        await ObjectAssetStore.open("s3://elsewhere", decoders).keep(png())
    assert "404 Not Found" in str(caught.value)
    assert not re.search(rf"://|127\.0\.0\.1|AKIA|{SECRET}", str(caught.value))
    assert caught.value.__suppress_context__


@pytest.mark.usefixtures("s3")
async def test_a_bucket_has_a_prefix_and_the_same_keys(decoders: Decoders) -> None:
    """Behind the bucket's prefix the keys are those of a folder."""
    asset = await ObjectAssetStore.open("s3://media/kept/here", decoders).keep(png())
    assert list(Bucket.objects) == [f"/media/kept/here/{asset.sha256[:2]}/{asset.id}"]


@pytest.mark.parametrize(
    "url",
    ["", "file://", "file://host/x", "http://h/x", f"ftp://user:{SECRET}@h/x", "s3://", "az://box", "/dev/null/assets"],
)
def test_a_place_that_is_no_store_is_refused_at_the_start(
    url: str, monkeypatch: pytest.MonkeyPatch, decoders: Decoders
) -> None:
    """A wrong place is a ValueError that does not repeat the URL."""
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(ValueError, match="asset store") as caught:
        ObjectAssetStore.open(url, decoders)
    assert SECRET not in str(caught.value)
