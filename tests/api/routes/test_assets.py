"""Laws of GET and HEAD /api/v1/assets/{id}: the bytes, a range of them, or nothing new; and never more than that."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar import Litestar

from adapters.media.asset_store import CHUNK_BYTES, ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.derivative_cache import DerivativeCache
from api.http.auth import OPEN
from api.http.dependencies import provide
from api.http.request_reader import AnyRequest
from api.routes.assets import AssetDeps, RangeNotSatisfiable, parse_range, route_handlers
from domain.provider import Asset
from services.asset_access import AssetAccess
from services.media_links import MediaLinks
from services.signing import Signer
from tests.samples import png


def long_wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(24_000)
        wav.writeframes(Random(0).randbytes(8 * CHUNK_BYTES))
    return file.getvalue()


PNG = png()


@pytest.fixture
def assets(tmp_path: Path, decoders: Decoders) -> ObjectAssetStore:
    return ObjectAssetStore.open(str(tmp_path), decoders)


@pytest.fixture
def app(assets: ObjectAssetStore, decoders: Decoders) -> Litestar:
    access = AssetAccess(None, None, None)  # type: ignore[arg-type] # an open Pixel asks nobody
    links = MediaLinks(Signer(b""), 60, lambda: True)
    deps = AssetDeps(assets, access, DerivativeCache(assets, decoders), links)
    return Litestar(route_handlers, dependencies={"deps": provide(deps)}, before_request=let_in, openapi_config=None)


async def let_in(request: AnyRequest) -> None:
    """As an open Pixel does with everybody."""
    request.scope["state"]["caller"] = OPEN


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar spells the ASGI types its own way
    async with httpx.AsyncClient(transport=transport, base_url="http://pixel") as client:
        yield client


@pytest.fixture
async def asset(assets: ObjectAssetStore) -> Asset:
    return await assets.keep(PNG)


def path(asset_id: str) -> str:
    return f"/api/v1/assets/{asset_id}"


# --- Whole ---


async def test_an_asset_is_sent_whole_with_its_own_type(client: httpx.AsyncClient, asset: Asset) -> None:
    """GET returns exactly the stored bytes, their type, their length and their hash."""
    answer = await client.get(path(asset.id))
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(len(PNG))
    assert answer.headers["ETag"] == f'"{asset.sha256}"'
    assert answer.headers["Accept-Ranges"] == "bytes"


async def test_a_browser_may_keep_an_asset_and_do_nothing_else_with_it(client: httpx.AsyncClient, asset: Asset) -> None:
    """An asset may be cached for ever, is never taken for another type, and can run nothing."""
    headers = (await client.get(path(asset.id))).headers
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Content-Disposition"] == "inline"


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}, {"Range": "bytes=9999-"}])
async def test_head_is_get_without_bytes(client: httpx.AsyncClient, asset: Asset, headers: dict[str, str]) -> None:
    """HEAD answers with the headers of a whole GET and no body; a range is only for GET."""
    whole, head = await client.get(path(asset.id)), await client.head(path(asset.id), headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers


@pytest.mark.parametrize(
    "asset_id", [f"asset_{'0' * 64}.png", "asset_1.png", "x", "..%2F..%2Fetc%2Fpasswd", "%2e%2e", "asset_%00"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_not_stored_is_not_found(client: httpx.AsyncClient, method: str, asset_id: str) -> None:
    """An unknown id and a malformed one are both 404, and that answer may not be cached for a year."""
    answer = await client.request(method, path(asset_id))
    assert answer.status_code == 404
    assert "Cache-Control" not in answer.headers


async def test_the_refusal_names_the_asset(client: httpx.AsyncClient) -> None:
    """The 404 names the requested asset."""
    assert (await client.get(path("asset_1.png"))).json()["detail"] == "Asset 'asset_1.png' not found"


# --- Nothing new ---


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"', "*", '"x",W/"{}" , "y"'])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_client_that_has_it_gets_no_bytes(
    client: httpx.AsyncClient, asset: Asset, method: str, form: str
) -> None:
    """If-None-Match with the ETag, however listed, is 304 without a body, range or not."""
    headers = {"If-None-Match": form.format(asset.sha256), "Range": "bytes=9999-"}
    answer = await client.request(method, path(asset.id), headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == f'"{asset.sha256}"'
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Content-Length" not in answer.headers


async def test_a_client_that_has_another_gets_the_bytes(client: httpx.AsyncClient, asset: Asset) -> None:
    """If-None-Match without the ETag changes nothing."""
    answer = await client.get(path(asset.id), headers={"If-None-Match": f'"{"0" * 64}", {asset.sha256}'})
    assert (answer.status_code, answer.content) == (200, PNG)


# --- A range ---


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=10-19", slice(10, 20)),
        ("BYTES=10-", slice(10, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=0-999999", slice(None)),
        ("bytes=-999999", slice(None)),
    ],
)
async def test_a_range_is_that_slice(client: httpx.AsyncClient, asset: Asset, header: str, part: slice) -> None:
    """A range is 206 with exactly those bytes, and `Content-Range`."""
    answer = await client.get(path(asset.id), headers={"Range": header})
    assert (answer.status_code, answer.content) == (206, PNG[part])
    begin, end, _ = part.indices(len(PNG))
    assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(PNG)}"
    assert answer.headers["Content-Length"] == str(end - begin)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["ETag"] == f'"{asset.sha256}"'


@pytest.mark.parametrize(
    "header", ["bytes=0-1,3-4", "bytes=5-2", "bytes=-", "bytes=", "bytes", "lines=1-2", "bytes=a-b", "bytes=1-2-3", ""]
)
async def test_a_range_that_makes_no_sense_is_ignored(client: httpx.AsyncClient, asset: Asset, header: str) -> None:
    """Malformed ranges, other units and several ranges at once are answered with the whole asset."""
    answer = await client.get(path(asset.id), headers={"Range": header})
    assert (answer.status_code, answer.content) == (200, PNG)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("header", [f"bytes={len(PNG)}-", "bytes=99999999-99999999", "bytes=-0"])
async def test_a_range_behind_the_end_is_refused(client: httpx.AsyncClient, asset: Asset, header: str) -> None:
    """A range without any existing byte is 416, which has the size and is not cached."""
    answer = await client.get(path(asset.id), headers={"Range": header})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(PNG)}"
    assert "Cache-Control" not in answer.headers


@pytest.mark.parametrize(
    ("if_range", "status"),
    [('"{}"', 206), ('W/"{}"', 200), ('"other"', 200), ("Wed, 01 Jan 2025 00:00:00 GMT", 200)],
)
async def test_a_range_of_another_version_is_the_whole(
    client: httpx.AsyncClient, asset: Asset, if_range: str, status: int
) -> None:
    """If-Range heeds the range only for exactly this ETag; a weak one or a date is not that."""
    headers = {"Range": "bytes=1-3", "If-Range": if_range.format(asset.sha256)}
    answer = await client.get(path(asset.id), headers=headers)
    assert (answer.status_code, answer.content) == (status, PNG[1:4] if status == 206 else PNG)
    behind = await client.get(path(asset.id), headers=headers | {"Range": "bytes=9999-"})
    assert behind.status_code == (416 if status == 206 else 200)


NUMBERS = st.one_of(st.integers(0, 70), st.integers(0, 10**18 - 1))


@given(size=st.integers(1, 64), first=st.none() | NUMBERS, last=st.none() | NUMBERS)
@example(size=1, first=None, last=0)
@example(size=1, first=0, last=0)
def test_any_range_of_any_size_is_a_slice_or_refused(size: int, first: int | None, last: int | None) -> None:
    """For any size and any range, the part is what slicing gives; 416 means that it gives nothing."""
    data = bytes(range(size))
    if first is None:
        expected = None if last is None else data[-last:] if last else b""
    elif last is None:
        expected = data[first:]
    else:
        expected = data[first : last + 1] if last >= first else None
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    if expected == b"":
        with pytest.raises(RangeNotSatisfiable):
            parse_range(header, size)
    else:
        part = parse_range(header, size)
        assert (None if part is None else data[part[0] : part[1]]) == expected
        assert part is None or 0 <= part[0] < part[1] <= size


@given(header=st.text(), size=st.integers(1, 10**12))
def test_any_header_at_all_has_an_answer(header: str, size: int) -> None:
    """For any header, the answer is a part of the asset, the whole, or 416."""
    for text in (header, f"bytes={header}", "bytes=" + "9" * 5_000 + "-"):
        try:
            part = parse_range(text, size)
        except RangeNotSatisfiable:
            continue
        assert part is None or 0 <= part[0] < part[1] <= size


# --- Large assets and clients that go away ---


class Reader:
    """A client below HTTP: takes the body piece by piece and may hang up after some."""

    def __init__(self, asset_id: str, *, hang_up_after: int | None = None) -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": path(asset_id),
            "raw_path": path(asset_id).encode(),
            "query_string": b"",
            "headers": [],
            "client": None,
            "server": None,
            "scheme": "http",
            "root_path": "",
        }
        self.hang_up_after = hang_up_after
        self.pieces: list[bytes] = []
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            self.pieces.append(message["body"])
            if not message["more_body"] or len(self.pieces) == self.hang_up_after:
                self.gone.set()
        await asyncio.sleep(0)

    async def run(self, app: Any) -> None:
        await app(self.scope, self.receive, self.send)


async def test_a_large_asset_is_sent_in_pieces(app: Litestar, assets: ObjectAssetStore) -> None:
    """However large the asset, no piece in memory is larger than the limit."""
    data = long_wav()
    reader = Reader((await assets.keep(data)).id)
    await reader.run(app)
    assert b"".join(reader.pieces) == data
    assert max(map(len, reader.pieces)) <= CHUNK_BYTES


async def test_a_client_that_hangs_up_leaves_nothing_open(
    app: Litestar, assets: ObjectAssetStore, tmp_path: Path
) -> None:
    """After a disconnect no further piece is read and no file stays open."""
    reader = Reader((await assets.keep(long_wav())).id, hang_up_after=2)
    await reader.run(app)
    assert 2 <= len(reader.pieces) <= 3
    open_files = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert not [file for file in open_files if file.is_relative_to(tmp_path)]
