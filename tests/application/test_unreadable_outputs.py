"""An output that does not decode was paid for: it is stored as it came, and the task says so."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.result_spool import FolderSpool
from application import outputs
from application.storage import Storage
from domain.model import Kind, ModelSpec
from domain.money import Cost
from domain.provider import FILE, Finished, Order, Output, Stored
from tests.samples import sample

NOTE = "output {}: it does not decode, so it is kept as it came, as a file"
COST = Cost(amount=Decimal("0.08"), currency="USD", price_revision=1)
ORDER = Order(
    task_id="task_1",
    call_id="task_1.1",
    kind=Kind.IMAGE,
    model="x/y",
    spec=ModelSpec(name="y", type=Kind.IMAGE),
    params={"prompt": "a cat"},
)


async def result_with(assets: ObjectAssetStore, *data: bytes) -> Stored:
    made = tuple(Output(index=index, data=each) for index, each in enumerate(data))
    result = outputs.priced(ORDER, Finished(outputs=made, cost=COST), revision=1)
    with TemporaryDirectory() as folder:
        spool = FolderSpool.open(Path(folder) / "spool", 2**20)
        seen = await outputs.secure(Storage(assets, spool, lambda event, **_: None), result)
        assert await spool.names() == {}
    assert isinstance(seen, Stored)
    return seen


async def whole(assets: ObjectAssetStore, asset_id: str, size: int) -> bytes:
    return b"".join([piece async for piece in assets.read(asset_id, 0, size)])


STRANGE: dict[str, bytes] = {
    "words": b"no media at all",
    "cut": sample("image/png")[:200],
    "a format that nobody knows": bytes(range(256)),
}


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
async def test_an_output_that_does_not_decode_is_stored_as_a_file(decoders: Decoders, data: bytes) -> None:
    """Beside a good output: both are stored byte for byte, and none is missing."""
    assets = ObjectAssetStore.open("memory:///", decoders)
    seen = await result_with(assets, sample("image/png"), data)
    assert seen.missing == ()
    assert seen.notes == (NOTE.format(1),)
    assert [asset.media_type for _, asset in seen.assets] == ["image/png", FILE]
    _, asset = seen.assets[1]
    assert await whole(assets, asset.id, asset.bytes) == data
    assert (await assets.head(asset.id)) is not None


async def test_an_empty_output_is_missing(decoders: Decoders) -> None:
    """An output without a byte is missing: there is nothing to store."""
    seen = await result_with(ObjectAssetStore.open("memory:///", decoders), b"")
    assert (seen.assets, [item.code for item in seen.missing]) == ((), ["unreadable"])


async def test_an_output_that_our_bug_could_not_measure_is_stored_with_a_note() -> None:
    """The first bytes give the type but not the size: the note says why."""
    async with Decoders() as closed:
        await closed.close()
        seen = await result_with(ObjectAssetStore.open("memory:///", closed), sample("image/jpeg"))
    ((_, asset),) = seen.assets
    assert (asset.media_type, asset.width, seen.missing) == ("image/jpeg", None, ())
    assert seen.notes == ("output 0: it could not be measured, so it is kept as it came",)


@pytest.mark.parametrize("media_type", ["image/avif", "image/heic"])
async def test_new_image_formats_are_measured(decoders: Decoders, media_type: str) -> None:
    """AVIF and HEIC are measured as other images are."""
    ((_, asset),) = (await result_with(ObjectAssetStore.open("memory:///", decoders), sample(media_type))).assets
    assert (asset.media_type, asset.width, asset.height) == (media_type, 64, 48)
