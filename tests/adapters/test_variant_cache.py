"""Laws of `adapters.variant_cache`: a variant is made once, kept beside its asset, and never taken for one."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from adapters import variants
from adapters.assets import Assets
from adapters.media import UnreadableMedia
from adapters.variant_cache import Variants
from application.ports import AssetInfo
from tests.adapters.test_media import sample

Make = Callable[[bytes, str, variants.Name, int], bytes]


class Counted:
    """The real making, counted, and held up until it is let go."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self.made = self.under_way = self.most = 0
        self.gate = threading.Event()
        self.gate.set()
        self._lock = threading.Lock()

    def make(self, data: bytes, media_type: str, name: variants.Name, width: int) -> bytes:
        with self._lock:
            self.made += 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            assert self.gate.wait(30)
            return self._make(data, media_type, name, width)
        finally:
            with self._lock:
                self.under_way -= 1


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted(variants.make)
    monkeypatch.setattr(variants, "make", counted.make)
    return counted


@pytest.fixture(params=["folder", "memory"])
def assets(request: pytest.FixtureRequest, tmp_path: Path) -> Assets:
    return Assets.open("memory:///" if request.param == "memory" else str(tmp_path / "assets"))


@pytest.fixture
async def cache(assets: Assets) -> AsyncGenerator[Variants]:
    cache = Variants(assets)
    try:
        yield cache
    finally:
        await cache.close()


async def kept(assets: Assets, media_type: str = "image/png") -> AssetInfo:
    info = await assets.head((await assets.keep(sample(media_type))).id)
    assert info is not None
    return info


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0)


async def test_a_variant_is_made_once_for_all_processes(assets: Assets, cache: Variants, counted: Counted) -> None:
    """What one cache has made, it and every other one over the same store give again without making it."""
    asset = await kept(assets)
    first = await cache.get(asset, "thumbnail", 64)
    assert first == await cache.get(asset, "thumbnail", 64) == await Variants(assets).get(asset, "thumbnail", 64)
    assert counted.made == 1
    assert first == variants.make(sample("image/png"), "image/png", "thumbnail", 64)


async def test_whoever_asks_at_once_shares_one_making(assets: Assets, cache: Variants, counted: Counted) -> None:
    """Ten callers, one making; and one of them who goes away takes nothing from the others."""
    asset = await kept(assets)
    counted.gate.clear()
    asking = [asyncio.create_task(cache.get(asset, "thumbnail", 128)) for _ in range(10)]
    await until(lambda: counted.under_way == 1)
    asking[0].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking[0]
    counted.gate.set()
    assert len(set(await asyncio.gather(*asking[1:]))) == 1
    assert counted.made == 1


async def test_few_are_made_at_once(assets: Assets, cache: Variants, counted: Counted) -> None:
    """However many different variants are asked for, two are being made."""
    asset = await kept(assets)
    counted.gate.clear()
    asking = [asyncio.create_task(cache.get(asset, "thumbnail", width)) for width in variants.WIDTHS]
    await until(lambda: counted.under_way == 2)
    counted.gate.set()
    await asyncio.gather(*asking)
    assert (counted.made, counted.most) == (len(variants.WIDTHS), 2)


async def test_a_variant_is_no_asset(tmp_path: Path) -> None:
    """Variants lie under a name of their own, below the hash of their asset."""
    assets = Assets.open(str(tmp_path / "assets"))
    asset = await kept(assets, "audio/wav")
    await Variants(assets).get(asset, "waveform", 64)
    kept_there = [path for path in (tmp_path / "assets" / "variants").rglob("*") if path.is_file()]
    assert kept_there == [tmp_path / "assets" / "variants" / asset.sha256 / f"waveform-64-{variants.RECIPE}"]


async def test_a_failure_is_told_to_all_and_not_kept(assets: Assets, cache: Variants, counted: Counted) -> None:
    """When none can be made everybody hears it, and whoever asks again has it tried again."""
    asset = await kept(assets)
    for _ in range(2):
        before = counted.made
        asking = [cache.get(asset, "waveform", 64) for _ in range(3)]  # of a picture
        heard = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(each) for each in heard] == [UnreadableMedia] * 3
        assert before < counted.made <= before + 3  # it may have failed before the last of them had looked


async def test_a_store_that_can_not_keep_it_withholds_nothing(tmp_path: Path) -> None:
    """A variant that was made is answered, though it could not be written down."""
    folder = tmp_path / "assets"
    assets = Assets.open(str(folder))
    asset = await kept(assets)
    (folder / "variants" / asset.sha256 / f"thumbnail-64-{variants.RECIPE}").mkdir(parents=True)  # in its place
    made = await Variants(assets).get(asset, "thumbnail", 64)
    assert made == variants.make(sample("image/png"), "image/png", "thumbnail", 64)


async def test_closing_ends_what_is_being_made(assets: Assets, counted: Counted) -> None:
    """After closing nothing is under way, and whoever waited is let go."""
    cache = Variants(assets)
    counted.gate.clear()
    waiting = asyncio.create_task(cache.get(await kept(assets), "thumbnail", 64))
    await until(lambda: counted.under_way == 1)
    closing = asyncio.create_task(cache.close())
    counted.gate.set()
    await closing
    with pytest.raises(asyncio.CancelledError):
        await waiting
