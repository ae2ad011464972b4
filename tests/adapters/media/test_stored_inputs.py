"""Laws of reference images in the asset store: real images go to a provider upright, and in a coding that it reads.

Which form an image goes in, and what is refused, is in `tests/application/test_inputs.py`."""

import io
from pathlib import Path

import pytest
from PIL import Image

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.outbound.media_download import image_preparer
from application.inputs import resolve
from application.ports import InputUnavailable, Preparer
from domain.provider import Input
from tests.samples import sample

PUBLIC = "https://pixel.example.com"


@pytest.fixture
def store(tmp_path: Path, decoders: Decoders) -> ObjectAssetStore:
    return ObjectAssetStore.open(str(tmp_path / "assets"), decoders)


async def nobody(url: str, max_bytes: int) -> Input:
    raise AssertionError(f"{url} was fetched")


async def resolved(
    store: ObjectAssetStore,
    *references: str,
    prepare: Preparer,
    public_url: str | None = None,
    takes_urls: bool = False,
) -> tuple[Input, ...]:
    return await resolve(
        references,
        store=store,
        fetch=nobody,
        prepare=prepare,
        public_url=public_url,
        asset_url=lambda asset: f"{public_url}/api/v1/assets/{asset}",
        takes_urls=takes_urls,
    )


@pytest.mark.parametrize("takes_urls", [True, False])
async def test_an_image_goes_upright(store: ObjectAssetStore, decoders: Decoders, takes_urls: bool) -> None:
    """A photograph that is stored sideways is turned, and goes as bytes even where URLs are taken; one
    that is upright goes as it is."""
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    photo = Image.new("RGB", (80, 40), (20, 20, 220))
    photo.paste((220, 20, 20), (0, 0, 40, 40))  # left, to be shown above
    photo.save(file, "JPEG", exif=exif)
    turned, plain = await store.keep(file.getvalue()), await store.keep(sample("image/jpeg"))
    prepare = image_preparer(decoders)
    first, second = await resolved(
        store, turned.id, plain.id, prepare=prepare, public_url=PUBLIC, takes_urls=takes_urls
    )
    shown = Image.open(io.BytesIO(first.data))
    assert (first.media_type, shown.size, shown.getexif().get(0x0112, 1)) == ("image/jpeg", (40, 80), 1)
    above, below = shown.getpixel((20, 10)), shown.getpixel((20, 70))
    assert isinstance(above, tuple)
    assert isinstance(below, tuple)
    assert above[0] > 150 > below[0]
    assert (second.url is not None) == takes_urls
    assert second.data in (b"", sample("image/jpeg"))


@pytest.mark.parametrize("media_type", ["image/avif", "image/heic"])
async def test_an_image_goes_in_a_coding_that_providers_read(
    store: ObjectAssetStore, decoders: Decoders, media_type: str
) -> None:
    """A format that few providers read goes as JPEG, or as PNG if it is transparent."""
    stored = await store.keep(sample(media_type))
    (one,) = await resolved(store, stored.id, prepare=image_preparer(decoders), public_url=PUBLIC, takes_urls=True)
    assert one.media_type == "image/jpeg"
    assert Image.open(io.BytesIO(one.data)).size == (64, 48)
    clear = io.BytesIO()
    Image.new("RGBA", (64, 48), (0, 0, 0, 0)).save(clear, {"image/avif": "AVIF", "image/heic": "HEIF"}[media_type])
    stored = await store.keep(clear.getvalue())
    (one,) = await resolved(store, stored.id, prepare=image_preparer(decoders))
    assert one.media_type == "image/png"
    assert Image.open(io.BytesIO(one.data)).getpixel((5, 5))[3] < 10  # type: ignore[index]


async def test_a_store_that_is_away_may_be_tried_again(tmp_path: Path, decoders: Decoders) -> None:
    """While the store is away, nobody knows whether the asset is there: the error is retryable."""
    folder = tmp_path / "assets"
    store = ObjectAssetStore.open(str(folder), decoders)
    asset = await store.keep(sample("image/png"))
    shard = folder / asset.sha256[:2]
    (shard / asset.id).unlink()
    shard.rmdir()
    shard.write_bytes(b"")  # a file where the folder should be
    with pytest.raises(InputUnavailable, match=r"\w") as refused:
        await resolved(store, asset.id, prepare=image_preparer(decoders))
    assert (refused.value.code, refused.value.retryable) == ("input_unavailable", True)
