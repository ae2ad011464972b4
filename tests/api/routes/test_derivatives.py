"""Laws of GET /api/v1/assets/{id}?variant=…: a small image, cached for ever, or the reason why there is none."""

import io

import httpx
import pytest
from PIL import Image

from domain.provider import Asset
from services.state import Pixel
from tests.samples import sample


async def stored(pixel: Pixel, media_type: str) -> Asset:
    return await pixel.assets.keep(sample(media_type))


def path(asset: Asset, query: str) -> str:
    return f"/api/v1/assets/{asset.id}?{query}"


@pytest.mark.parametrize(
    ("media_type", "variant", "made"),
    [
        ("image/png", "thumbnail", "image/webp"),
        ("video/mp4", "thumbnail", "image/webp"),
        ("video/webm", "poster", "image/jpeg"),
        ("audio/mpeg", "waveform", "image/png"),
    ],
)
async def test_a_variant_is_an_image_of_its_asset(
    client: httpx.AsyncClient, pixel: Pixel, media_type: str, variant: str, made: str
) -> None:
    """Each variant is an image of its own type, may be cached for ever, and nothing can run in it."""
    asset = await stored(pixel, media_type)
    answer = await client.get(path(asset, f"variant={variant}&width=64"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, made)
    assert answer.headers["Content-Length"] == str(len(answer.content))
    image = Image.open(io.BytesIO(answer.content))
    assert (Image.MIME[image.format or ""], image.width) == (made, 64)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Accept-Ranges"] == "none"


async def test_a_caller_that_has_it_gets_no_bytes(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """If-None-Match with the variant's ETag is 304; the asset's own ETag, or another width's, is not it."""
    asset = await stored(pixel, "image/png")
    first = await client.get(path(asset, "variant=thumbnail&width=64"))
    etag = first.headers["ETag"]
    assert etag != f'"{asset.sha256}"'
    again = await client.get(path(asset, "variant=thumbnail&width=64"), headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    for other in (f'"{asset.sha256}"', (await client.get(path(asset, "variant=thumbnail&width=128"))).headers["ETag"]):
        answer = await client.get(path(asset, "variant=thumbnail&width=64"), headers={"If-None-Match": other})
        assert (answer.status_code, answer.content) == (200, first.content)


async def test_a_variant_is_always_whole(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """A range of a variant is answered with all of it."""
    asset = await stored(pixel, "image/png")
    answer = await client.get(path(asset, "variant=thumbnail"), headers={"Range": "bytes=0-1"})
    assert answer.status_code == 200
    assert len(answer.content) > 2


async def test_head_of_a_variant_has_the_headers_of_get(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """HEAD of a variant has the headers of GET and no body."""
    asset = await stored(pixel, "audio/wav")
    got, head = [await client.request(method, path(asset, "variant=waveform")) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    ignored = {"x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in got.headers.items() if k not in ignored
    }


@pytest.mark.parametrize(
    ("media_type", "query", "message"),
    [
        ("image/png", "variant=poster", "variant: 'poster' is none of image/png; possible is thumbnail"),
        ("audio/wav", "variant=thumbnail", "variant: 'thumbnail' is none of audio/wav; possible is waveform"),
        ("video/mp4", "variant=", "variant: '' is none of video/mp4; possible is thumbnail or poster"),
        (
            "video/mp4",
            "variant=poster&width=0064",
            "width: '0064' is not possible; choose one of 64, 128, 256, 512, 1024",
        ),
        (
            "image/png",
            "variant=x&width=9999",
            (
                "variant: 'x' is none of image/png; possible is thumbnail; "
                "width: '9999' is not possible; choose one of 64, 128, 256, 512, 1024"
            ),
        ),
    ],
)
async def test_an_impossible_variant_gets_the_possible_ones(
    client: httpx.AsyncClient, pixel: Pixel, media_type: str, query: str, message: str
) -> None:
    """A variant that the kind of medium does not have, and a width outside of the set, are 400 and not cached."""
    answer = await client.get(path(await stored(pixel, media_type), query))
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert "Cache-Control" not in answer.headers


async def test_there_is_no_variant_of_nothing(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """An unknown asset is 404 with a variant and without; stored variants are no assets."""
    asset = await stored(pixel, "image/png")
    assert (await client.get(path(asset, "variant=thumbnail&width=64"))).status_code == 200
    for name in (f"asset_{'0' * 64}.png", f"variants/{asset.sha256}/thumbnail-64-1", "variants", f"{asset.sha256}"):
        assert (await client.get(f"/api/v1/assets/{name}?variant=thumbnail")).status_code == 404


async def test_without_a_variant_nothing_has_changed(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """A width without a variant has no effect, as before."""
    asset = await stored(pixel, "image/png")
    assert (await client.get(path(asset, "width=64"))).content == sample("image/png")
