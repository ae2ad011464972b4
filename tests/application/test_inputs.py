"""Laws of reference images: missing ones are reported, and each goes out in a form that the provider takes."""

import io
from pathlib import Path

import pytest
from PIL import Image

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.outbound.media_download import image_preparer
from application import inputs
from application.inputs import check, is_public, resolve
from application.ports import Fetcher, InputUnavailable, Preparer
from domain.provider import Asset, Input
from tests.samples import sample

UNKNOWN = f"asset_{'0' * 64}.png"
PUBLIC, LOCAL = "https://pixel.example.com", "http://localhost:8000"
ELSEWHERE = "https://example.com/cat.png"


@pytest.fixture
def store(tmp_path: Path, decoders: Decoders) -> ObjectAssetStore:
    return ObjectAssetStore.open(str(tmp_path / "assets"), decoders)


@pytest.fixture
async def asset(store: ObjectAssetStore) -> Asset:
    return await store.keep(sample("image/png"))


class Web:
    """The images of URLs, and the limit in bytes of each fetch."""

    def __init__(self, *, size: int = 10) -> None:
        self.fetched: list[tuple[str, int]] = []
        self._size = size

    async def fetch(self, url: str, max_bytes: int) -> Input:
        self.fetched.append((url, max_bytes))
        if "blocked" in url:
            raise InputUnavailable(code="input_blocked_url", message="Not there.", retryable=False)
        return Input(data=bytes(self._size), media_type="image/webp")


async def nobody(url: str, max_bytes: int) -> Input:
    raise AssertionError(f"{url} was fetched")


async def as_it_is(given: Input) -> Input:
    return given


async def resolved(
    store: ObjectAssetStore,
    *references: str,
    fetch: Fetcher = nobody,
    prepare: Preparer = as_it_is,
    public_url: str | None = None,
    takes_urls: bool = False,
) -> tuple[Input, ...]:
    return await resolve(
        references,
        store=store,
        fetch=fetch,
        prepare=prepare,
        public_url=public_url,
        asset_url=lambda asset: f"{(public_url or '').rstrip('/')}/api/v1/assets/{asset}",
        takes_urls=takes_urls,
    )


# --- At acceptance ---


def shunned(url: str) -> str | None:
    return "This address belongs to a private network" if "localhost" in url else None


async def problems(
    store: ObjectAssetStore, *references: str, ours: str = PUBLIC, hidden: str | None = None
) -> dict[str, str]:
    """The problems of these references, by field, for a caller who may not read the asset `hidden`."""

    async def may_read(asset_id: str) -> bool:
        return asset_id != hidden

    found = await check(references, store=store, may_read=may_read, ours=[None, f"{ours}/"], refusal=shunned)
    return {problem.field: problem.message for problem in found}


@pytest.mark.parametrize("given", [UNKNOWN, f"/api/v1/assets/{UNKNOWN}", f"{PUBLIC}/api/v1/assets/{UNKNOWN}"])
async def test_a_missing_asset_is_reported_by_its_field(store: ObjectAssetStore, asset: Asset, given: str) -> None:
    """A reference to a missing asset of ours is reported with its field, and with the way to upload it."""
    found = await problems(store, asset.id, given, ELSEWHERE, given)
    assert found.keys() == {"imageInputs[1]", "imageInputs[3]"}
    assert UNKNOWN in found["imageInputs[1]"]
    assert "POST /api/v1/assets" in found["imageInputs[1]"]


async def test_an_asset_that_the_caller_may_not_read_is_missing(store: ObjectAssetStore, asset: Asset) -> None:
    """It is told with the words for one that is not there, by whatever address it is named: it would be read from the
    store, whose host ever stands before it."""
    missing = await problems(store, UNKNOWN)
    for given in (
        asset.id,
        f"/api/v1/assets/{asset.id}",
        f"https://example.com/api/v1/assets/{asset.id}",
    ):
        assert await problems(store, given) == {}
        found = await problems(store, given, hidden=asset.id)
        assert found == {field: message.replace(UNKNOWN, asset.id) for field, message in missing.items()}


async def test_a_url_of_another_host_is_no_asset(store: ObjectAssetStore) -> None:
    """A URL of another host is no asset of ours, even when its path looks like one."""
    assert await problems(store, ELSEWHERE, f"https://other.example.com/api/v1/assets/{UNKNOWN}") == {}


async def test_a_refused_url_is_reported_with_the_reason(store: ObjectAssetStore, asset: Asset) -> None:
    """A URL into a private network is refused, unless it names an asset of ours, which needs no download."""
    assert await problems(store, f"{LOCAL}/api/v1/assets/{asset.id}") == {}
    for given in (f"{LOCAL}/cat.png", f"{LOCAL}/api/v1/assets/{UNKNOWN}"):
        assert await problems(store, ELSEWHERE, given) == {
            "imageInputs[1]": "This address belongs to a private network"
        }


# --- Before a call ---


@pytest.mark.parametrize("form", ["{}", "/api/v1/assets/{}", "http://127.0.0.1:1/api/v1/assets/{}"])
async def test_an_asset_goes_as_a_url_when_one_is_public(store: ObjectAssetStore, asset: Asset, form: str) -> None:
    """Whatever the form of the reference, a provider that takes URLs gets the public URL and no bytes."""
    (one,) = await resolved(store, form.format(asset.id), public_url=f"{PUBLIC}/", takes_urls=True)
    assert one == Input(url=f"{PUBLIC}/api/v1/assets/{asset.id}", media_type="image/png")


@pytest.mark.parametrize(("public_url", "takes_urls"), [(None, True), (PUBLIC, False), (LOCAL, True)])
@pytest.mark.parametrize("form", ["{}", "/api/v1/assets/{}", LOCAL + "/api/v1/assets/{}"])
async def test_an_asset_goes_as_bytes_when_no_url_can_be_fetched(
    store: ObjectAssetStore, asset: Asset, form: str, public_url: str | None, takes_urls: bool
) -> None:
    """Without a public URL, or to a provider that takes no URLs, the bytes of the asset go out with their type."""
    (one,) = await resolved(store, form.format(asset.id), public_url=public_url, takes_urls=takes_urls)
    assert one == Input(data=sample("image/png"), media_type="image/png")


async def test_a_url_is_passed_on_or_fetched(store: ObjectAssetStore) -> None:
    """A caller's URL goes unchanged to a provider that takes URLs, and is downloaded for one that does not."""
    assert await resolved(store, ELSEWHERE, takes_urls=True) == (Input(url=ELSEWHERE),)
    web = Web()
    assert await resolved(store, ELSEWHERE, fetch=web.fetch) == (Input(data=bytes(10), media_type="image/webp"),)
    assert web.fetched == [(ELSEWHERE, inputs.MAX_BYTES)]


async def test_inputs_keep_their_order(store: ObjectAssetStore, asset: Asset) -> None:
    """Inputs have the order of their references, whatever their forms."""
    found = await resolved(store, "https://a", asset.id, "https://b", takes_urls=True)
    assert [one.url for one in found] == ["https://a", None, "https://b"]


async def test_an_asset_of_another_pixel_is_an_ordinary_url(store: ObjectAssetStore) -> None:
    """A URL that looks like ours, but names no asset of ours, is downloaded like any other."""
    web = Web()
    address = f"{PUBLIC}/api/v1/assets/{UNKNOWN}"
    await resolved(store, address, fetch=web.fetch)
    assert [url for url, _ in web.fetched] == [address]


async def refusal(store: ObjectAssetStore, *references: str, fetch: Fetcher = nobody) -> InputUnavailable:
    with pytest.raises(InputUnavailable) as refused:
        await resolved(store, *references, fetch=fetch)
    return refused.value


async def test_an_asset_that_is_gone_is_a_final_error(store: ObjectAssetStore) -> None:
    """An asset that is gone will not come back, so the error is not retryable."""
    gone = await refusal(store, UNKNOWN)
    assert (gone.code, gone.retryable) == ("input_missing", False)


async def test_the_refusal_of_the_guard_is_passed_on(store: ObjectAssetStore) -> None:
    """A URL that the guard refuses is refused with the guard's code and message."""
    blocked = await refusal(store, "https://blocked", fetch=Web().fetch)
    assert (blocked.code, blocked.message) == ("input_blocked_url", "Not there.")


async def test_a_store_that_is_away_may_be_tried_again(tmp_path: Path, decoders: Decoders) -> None:
    """While the store is away, nobody knows whether the asset is there: the error is retryable."""
    folder = tmp_path / "assets"
    store = ObjectAssetStore.open(str(folder), decoders)
    asset = await store.keep(sample("image/png"))
    shard = folder / asset.sha256[:2]
    (shard / asset.id).unlink()
    shard.rmdir()
    shard.write_bytes(b"")  # a file where the folder should be
    away = await refusal(store, asset.id)
    assert (away.code, away.retryable) == ("input_unavailable", True)


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


async def test_all_inputs_together_are_bounded(
    store: ObjectAssetStore, asset: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored and downloaded bytes count together: each download may take the rest, and the limit is never exceeded."""
    size = asset.bytes
    monkeypatch.setattr(inputs, "MAX_BYTES", 2 * size + 25)
    web = Web()
    await resolved(store, asset.id, "https://a", asset.id, "https://b", fetch=web.fetch)
    assert web.fetched == [("https://a", size + 25), ("https://b", 15)]
    fitting = await resolved(store, asset.id, asset.id, "https://a", fetch=Web(size=25).fetch)
    assert sum(len(each.data) for each in fitting) == inputs.MAX_BYTES
    monkeypatch.setattr(inputs, "MAX_BYTES", size)
    assert await resolved(store, asset.id)
    monkeypatch.setattr(inputs, "MAX_BYTES", 2 * size + 25)
    for references in ([asset.id] * 3, [asset.id, asset.id, "https://a", "https://b", "https://c"]):
        refused = await refusal(store, *references, fetch=Web().fetch)
        assert (refused.code, refused.retryable) == ("input_too_large", False)


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://pixel.example.com", True),
        ("http://93.184.215.14:8000", True),
        ("http://localhost:8000", False),
        ("http://me.localhost", False),
        ("http://pixel", False),
        ("http://pixel.internal:80", False),
        ("http://127.0.0.1:8000", False),
        ("http://192.168.1.2", False),
        ("http://[::1]:8000", False),
        ("http://[", False),
    ],
)
def test_only_a_public_address_is_given_to_others(url: str, public: bool) -> None:
    """A URL of this machine or of a private network is of no use to a provider."""
    assert is_public(url) is public
