"""Laws of `adapters.media.derivative_cache`: a variant is made once, stored apart, and never taken for an asset."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from adapters.media import derivatives
from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.derivative_cache import DerivativeCache
from adapters.media.probe import UnreadableMedia
from application.ports import AssetInfo
from tests.patience import patient
from tests.samples import sample


class Counted(Decoders):
    """The real rendering, counted, and blocked until a test releases it."""

    def __init__(self) -> None:
        super().__init__()
        self.made = self.under_way = self.max_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def draw(self, data: bytes, sha256: str, media_type: str, name: derivatives.Name, width: int) -> bytes:
        self.made += 1
        self.under_way += 1
        self.max_at_once = max(self.max_at_once, self.under_way)
        try:
            async with asyncio.timeout(patient(30)):
                await self.gate.wait()
            return await super().draw(data, sha256, media_type, name, width)
        finally:
            self.under_way -= 1


@pytest.fixture
async def counted() -> AsyncGenerator[Counted]:
    async with Counted() as counted:
        yield counted


@pytest.fixture(params=["folder", "memory"])
def assets(request: pytest.FixtureRequest, tmp_path: Path, decoders: Decoders) -> ObjectAssetStore:
    return ObjectAssetStore.open("memory:///" if request.param == "memory" else str(tmp_path / "assets"), decoders)


@pytest.fixture
async def cache(assets: ObjectAssetStore, counted: Counted) -> AsyncGenerator[DerivativeCache]:
    cache = DerivativeCache(assets, counted)
    try:
        yield cache
    finally:
        await cache.close()


async def stored(assets: ObjectAssetStore, media_type: str = "image/png") -> AssetInfo:
    info = await assets.head((await assets.keep(sample(media_type))).id)
    assert info is not None
    return info


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(patient(30)):
        while not holds():
            await asyncio.sleep(0)


async def test_a_variant_is_made_once_for_all_processes(
    assets: ObjectAssetStore, cache: DerivativeCache, counted: Counted
) -> None:
    """A variant that one cache has made is read by every cache over the same store, and not made again."""
    asset = await stored(assets)
    first = await cache.get(asset, "thumbnail", 64)
    assert first == await cache.get(asset, "thumbnail", 64)
    assert first == await DerivativeCache(assets, counted).get(asset, "thumbnail", 64)
    assert counted.made == 1
    assert first == derivatives.make(sample("image/png"), "image/png", "thumbnail", 64)


async def test_simultaneous_callers_share_one_rendering(
    assets: ObjectAssetStore, cache: DerivativeCache, counted: Counted
) -> None:
    """Ten callers share one rendering; if one of them goes away, the others still get it."""
    asset = await stored(assets)
    counted.gate.clear()
    asking = [asyncio.create_task(cache.get(asset, "thumbnail", 128)) for _ in range(10)]
    await until(lambda: counted.under_way == 1)
    asking[0].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking[0]
    counted.gate.set()
    assert len(set(await asyncio.gather(*asking[1:]))) == 1
    assert counted.made == 1


async def test_few_are_made_at_once(assets: ObjectAssetStore, cache: DerivativeCache, counted: Counted) -> None:
    """At most two variants are made at once, of any number of requested ones."""
    asset = await stored(assets)
    counted.gate.clear()
    asking = [asyncio.create_task(cache.get(asset, "thumbnail", width)) for width in derivatives.WIDTHS]
    await until(lambda: counted.under_way == 2)
    counted.gate.set()
    await asyncio.gather(*asking)
    assert (counted.made, counted.max_at_once) == (len(derivatives.WIDTHS), 2)


async def test_a_variant_is_no_asset(tmp_path: Path, decoders: Decoders) -> None:
    """Variants are stored under names of their own, below the hash of their asset."""
    assets = ObjectAssetStore.open(str(tmp_path / "assets"), decoders)
    asset = await stored(assets, "audio/wav")
    await DerivativeCache(assets, decoders).get(asset, "waveform", 64)
    files = [path for path in (tmp_path / "assets" / "variants").rglob("*") if path.is_file()]
    assert files == [tmp_path / "assets" / "variants" / asset.sha256 / f"waveform-64-{derivatives.RECIPE}"]


async def test_a_failure_is_raised_for_all_and_not_stored(
    assets: ObjectAssetStore, cache: DerivativeCache, counted: Counted
) -> None:
    """A variant that can't be made raises for every caller, and nothing is stored."""
    asset = await stored(assets)
    for _ in range(2):
        before = counted.made
        asking = [cache.get(asset, "waveform", 64) for _ in range(3)]  # of an image
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(each) for each in answers] == [UnreadableMedia] * 3
        assert before < counted.made <= before + 3  # it may have failed before the last of them had looked


async def test_a_store_that_can_not_keep_it_withholds_nothing(tmp_path: Path, decoders: Decoders) -> None:
    """A variant is returned although it could not be stored."""
    folder = tmp_path / "assets"
    assets = ObjectAssetStore.open(str(folder), decoders)
    asset = await stored(assets)
    (folder / "variants" / asset.sha256 / f"thumbnail-64-{derivatives.RECIPE}").mkdir(parents=True)  # in its place
    made = await DerivativeCache(assets, decoders).get(asset, "thumbnail", 64)
    assert made == derivatives.make(sample("image/png"), "image/png", "thumbnail", 64)


async def test_closing_ends_what_is_being_made(assets: ObjectAssetStore, counted: Counted) -> None:
    """After closing nothing is under way, and every waiting caller gets an error."""
    cache = DerivativeCache(assets, counted)
    counted.gate.clear()
    waiting = asyncio.create_task(cache.get(await stored(assets), "thumbnail", 64))
    await until(lambda: counted.under_way == 1)
    closing = asyncio.create_task(cache.close())
    counted.gate.set()
    await closing
    with pytest.raises(asyncio.CancelledError):
        await waiting
