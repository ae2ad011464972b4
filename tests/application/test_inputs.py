"""Laws of reference images: missing ones are reported, and each goes out in a form that the provider takes.

The store is in memory, and images are prepared by their first word; `tests/adapters/media/test_stored_inputs.py` has
real ones."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest

from application import inputs
from application.inputs import MAX_BYTES, check, is_public, resolve
from application.ports import AssetInfo, AssetsUnavailable, Fetcher, InputUnavailable, Preparer
from domain.provider import Input
from domain.request import Problem

UNKNOWN = f"asset_{'0' * 64}.png"
PUBLIC, LOCAL = "https://pixel.example.com", "http://localhost:8000"
ELSEWHERE = "https://example.com/cat.png"
PIECE_BYTES = 4


class MemoryAssets:
    """An asset store in memory. `away` means that it can't be reached; `vanishing`, that assets are gone as soon as
    they are looked up. `looks` and `reads` hold the ids that were asked for."""

    def __init__(self) -> None:
        self.away = False
        self.vanishing = False
        self.looks: list[str] = []
        self.reads: list[str] = []
        self._kept: dict[str, tuple[AssetInfo, bytes]] = {}

    def keep(self, data: bytes, extension: str = "png") -> str:
        """Store an image; returns its id."""
        sha256 = f"{len(self._kept) + 1:064x}"
        media_type = {"png": "image/png", "jpg": "image/jpeg"}[extension]
        at = datetime(2026, 2, 11, 10, 0, tzinfo=UTC)
        info = AssetInfo(
            id=f"asset_{sha256}.{extension}", sha256=sha256, media_type=media_type, bytes=len(data), stored_at=at
        )
        self._kept[info.id] = info, data
        return info.id

    async def head(self, asset_id: str) -> AssetInfo | None:
        self.looks.append(asset_id)
        self._reach()
        return self._kept[asset_id][0] if asset_id in self._kept else None

    async def read(self, asset_id: str, start: int, end: int) -> AsyncIterator[bytes]:
        self.reads.append(asset_id)
        self._reach()
        if self.vanishing:
            raise LookupError(asset_id)
        data = self._kept[asset_id][1]
        for begin in range(start, end, PIECE_BYTES):
            yield data[begin : min(begin + PIECE_BYTES, end)]

    def _reach(self) -> None:
        if self.away:
            raise AssetsUnavailable("The asset store can't look for an asset now")


@pytest.fixture
def store() -> MemoryAssets:
    return MemoryAssets()


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


async def upright(given: Input) -> Input:
    """Turns what is sideways, which makes it larger by some bytes, and returns the rest as it is."""
    if not given.data.startswith(b"sideways"):
        return given
    return Input(data=b"turned to be upright", media_type="image/jpeg")


async def resolved(
    store: MemoryAssets,
    *references: str,
    fetch: Fetcher = nobody,
    prepare: Preparer = upright,
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
    store: MemoryAssets,
    *references: str,
    ours: Sequence[str | None] = (None, f"{PUBLIC}/"),
    hidden: str | None = None,
) -> list[Problem]:
    """The problems of these references, for a caller who may not read the asset `hidden`."""

    async def may_read(asset_id: str) -> bool:
        return asset_id != hidden

    return await check(references, store=store, may_read=may_read, ours=ours, refusal=shunned)


def missing(index: int, asset: str) -> Problem:
    message = f"there is no asset '{asset}'. Upload it with POST /api/v1/assets, and use the id that it answers"
    return Problem(f"imageInputs[{index}]", message)


@pytest.mark.parametrize(
    "given",
    [
        UNKNOWN,
        f"/api/v1/assets/{UNKNOWN}",
        f"/below/api/v1/assets/{UNKNOWN}",
        f"{PUBLIC}/api/v1/assets/{UNKNOWN}",
        f"https://PIXEL.example.com/api/v1/assets/{UNKNOWN}",
        f"{PUBLIC}/api/v1/assets/{UNKNOWN}?expires=1&signature=a",
    ],
)
async def test_a_missing_asset_is_reported_by_its_field(store: MemoryAssets, given: str) -> None:
    """A reference to a missing asset of ours is reported with its field, and with the way to upload it."""
    asset = store.keep(b"upright")
    found = await problems(store, asset, given, ELSEWHERE, given)
    assert found == [missing(1, UNKNOWN), missing(3, UNKNOWN)]


async def test_every_address_of_pixel_is_known(store: MemoryAssets) -> None:
    """An asset is missing at each of them, however it is written in the settings; at another host it is a URL."""
    inside, below = f"http://pixel:8000/api/v1/assets/{UNKNOWN}", f"{PUBLIC}/PIX/api/v1/assets/{UNKNOWN}"
    ours = ("HTTP://Pixel:8000/", None, f"{PUBLIC}/PIX/", "")
    assert await problems(store, inside, below, ours=ours) == [missing(0, UNKNOWN), missing(1, UNKNOWN)]
    assert await problems(store, inside, below) == []


async def test_an_asset_that_the_caller_may_not_read_is_missing(store: MemoryAssets) -> None:
    """It is told with the words for one that is not there, by whatever address it is named: it would be read from the
    store, whose host ever stands before it."""
    asset = store.keep(b"upright")
    for given in (asset, f"/api/v1/assets/{asset}", f"https://example.com/api/v1/assets/{asset}"):
        assert await problems(store, given) == []
        assert await problems(store, given, hidden=asset) == [missing(0, asset)]


async def test_only_a_stored_asset_is_asked_for_its_reader(store: MemoryAssets) -> None:
    """Whether the caller may read it is asked of each stored asset, by its id, and of nothing else."""
    asset, asked = store.keep(b"upright"), list[str]()

    async def may_read(asset_id: str) -> bool:
        asked.append(asset_id)
        return True

    references = [f"{LOCAL}/api/v1/assets/{asset}", UNKNOWN, ELSEWHERE]
    found = await check(references, store=store, may_read=may_read, ours=[], refusal=shunned)
    assert found == [missing(1, UNKNOWN)]
    assert asked == [asset]
    assert store.looks == [asset, UNKNOWN]


async def test_a_url_of_another_host_is_no_asset(store: MemoryAssets) -> None:
    """A URL of another host is no asset of ours, even when its path looks like one."""
    assert await problems(store, ELSEWHERE, f"https://other.example.com/api/v1/assets/{UNKNOWN}") == []


async def test_a_refused_url_is_reported_with_the_reason(store: MemoryAssets) -> None:
    """A URL into a private network is refused, unless it names an asset of ours, which needs no download."""
    asset = store.keep(b"upright")
    assert await problems(store, f"{LOCAL}/api/v1/assets/{asset}") == []
    for given in (f"{LOCAL}/cat.png", f"{LOCAL}/api/v1/assets/{UNKNOWN}"):
        found = await problems(store, ELSEWHERE, given)
        assert found == [Problem("imageInputs[1]", "This address belongs to a private network")]


async def test_nothing_is_accepted_while_nobody_knows_the_assets(store: MemoryAssets) -> None:
    """The request can be sent again when the store is back."""
    store.away = True
    with pytest.raises(AssetsUnavailable):
        await problems(store, UNKNOWN)


# --- Before a call ---


@pytest.mark.parametrize("form", ["{}", "/api/v1/assets/{}", "http://127.0.0.1:1/api/v1/assets/{}"])
async def test_an_asset_goes_as_a_url_when_one_is_public(store: MemoryAssets, form: str) -> None:
    """Whatever the form of the reference, a provider that takes URLs gets the public URL and no bytes."""
    asset = store.keep(b"upright")
    (one,) = await resolved(store, form.format(asset), public_url=f"{PUBLIC}/", takes_urls=True)
    assert one == Input(url=f"{PUBLIC}/api/v1/assets/{asset}", media_type="image/png")


@pytest.mark.parametrize(("public_url", "takes_urls"), [(None, True), (PUBLIC, False), (LOCAL, True)])
@pytest.mark.parametrize("form", ["{}", "/api/v1/assets/{}", LOCAL + "/api/v1/assets/{}"])
async def test_an_asset_goes_as_bytes_when_no_url_can_be_fetched(
    store: MemoryAssets, form: str, public_url: str | None, takes_urls: bool
) -> None:
    """Without a public URL, or to a provider that takes no URLs, the bytes of the asset go out with their type."""
    asset = store.keep(b"all of its bytes")
    (one,) = await resolved(store, form.format(asset), public_url=public_url, takes_urls=takes_urls)
    assert one == Input(data=b"all of its bytes", media_type="image/png")


@pytest.mark.parametrize("takes_urls", [True, False])
async def test_an_image_goes_upright(store: MemoryAssets, takes_urls: bool) -> None:
    """One that has to be prepared goes as bytes even where URLs are taken, because its URL serves it as it was."""
    turned, plain = store.keep(b"sideways"), store.keep(b"upright", "jpg")
    first, second = await resolved(store, turned, plain, public_url=PUBLIC, takes_urls=takes_urls)
    assert first == Input(data=b"turned to be upright", media_type="image/jpeg")
    if takes_urls:
        assert second == Input(url=f"{PUBLIC}/api/v1/assets/{plain}", media_type="image/jpeg")
    else:
        assert second == Input(data=b"upright", media_type="image/jpeg")


async def test_a_url_is_passed_on_or_fetched(store: MemoryAssets) -> None:
    """A caller's URL goes unchanged to a provider that takes URLs, and is downloaded for one that does not."""
    assert await resolved(store, ELSEWHERE, takes_urls=True) == (Input(url=ELSEWHERE),)
    web = Web()
    assert await resolved(store, ELSEWHERE, fetch=web.fetch) == (Input(data=bytes(10), media_type="image/webp"),)
    assert web.fetched == [(ELSEWHERE, MAX_BYTES)]
    assert store.looks == []


async def test_inputs_keep_their_order(store: MemoryAssets) -> None:
    """Inputs have the order of their references, whatever their forms."""
    found = await resolved(store, "https://a", store.keep(b"upright"), "https://b", takes_urls=True)
    assert [one.url for one in found] == ["https://a", None, "https://b"]


async def test_an_asset_of_another_pixel_is_an_ordinary_url(store: MemoryAssets) -> None:
    """A URL that looks like ours, but names no asset of ours, is handed on or downloaded like any other."""
    address = f"{PUBLIC}/api/v1/assets/{UNKNOWN}"
    assert await resolved(store, address, takes_urls=True) == (Input(url=address),)
    web = Web()
    assert await resolved(store, address, fetch=web.fetch) == (Input(data=bytes(10), media_type="image/webp"),)
    assert web.fetched == [(address, MAX_BYTES)]


async def refusal(
    store: MemoryAssets, *references: str, fetch: Fetcher = nobody, takes_urls: bool = False
) -> tuple[str, str, bool]:
    """Code and message of the error, and whether it may pass."""
    with pytest.raises(InputUnavailable) as refused:
        await resolved(store, *references, fetch=fetch, takes_urls=takes_urls)
    return refused.value.code, refused.value.message, refused.value.retryable


@pytest.mark.parametrize("takes_urls", [True, False])
@pytest.mark.parametrize("form", ["{}", "/api/v1/assets/{}"])
async def test_an_asset_that_is_gone_is_a_final_error(store: MemoryAssets, form: str, takes_urls: bool) -> None:
    """It will not come back, so the error is not retryable; it names the asset. Also when it goes while it is read."""
    gone = await refusal(store, form.format(UNKNOWN), takes_urls=takes_urls)
    assert gone == ("input_missing", f"There is no asset '{UNKNOWN}' any more.", False)
    asset = store.keep(b"upright")
    store.vanishing = True
    gone = await refusal(store, form.format(asset), takes_urls=takes_urls)
    assert gone == ("input_missing", f"There is no asset '{asset}' any more.", False)


async def test_the_refusal_of_the_guard_is_passed_on(store: MemoryAssets) -> None:
    """A URL that the guard refuses is refused with the guard's code and message."""
    blocked = await refusal(store, "https://blocked", fetch=Web().fetch)
    assert blocked == ("input_blocked_url", "Not there.", False)


async def test_a_store_that_is_away_may_be_tried_again(store: MemoryAssets) -> None:
    """Nobody knows whether the asset is there, or what it is: the error is retryable, and has the words of the
    store."""
    asset = store.keep(b"upright")
    away = ("input_unavailable", "The asset store can't look for an asset now", True)
    store.away = True
    assert await refusal(store, asset) == away

    class Failing(MemoryAssets):
        """It goes away after an asset was looked up."""

        async def head(self, asset_id: str) -> AssetInfo | None:
            found = await super().head(asset_id)
            self.away = True
            return found

    failing = Failing()
    assert await refusal(failing, failing.keep(b"upright")) == away


# --- All of them together ---

TOO_LARGE = ("input_too_large", "All images together may have 64 MiB at most.", False)


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> int:
    """As if so few bytes were allowed."""
    monkeypatch.setattr(inputs, "MAX_BYTES", 45)
    return 45


async def test_all_inputs_together_are_bounded(store: MemoryAssets, allowed: int) -> None:
    """Stored and downloaded bytes count together: each download may take the rest, and the limit is never exceeded."""
    ten, web = store.keep(b"ten bytes."), Web()
    await resolved(store, ten, "https://a", ten, "https://b", fetch=web.fetch)
    assert web.fetched == [("https://a", allowed - 10), ("https://b", allowed - 30)]
    last = Web(size=1)
    await resolved(store, store.keep(bytes(allowed - 1)), "https://a", fetch=last.fetch)
    assert last.fetched == [("https://a", 1)]
    fitting = await resolved(store, ten, ten, "https://a", fetch=Web(size=25).fetch)
    assert sum(len(each.data) for each in fitting) == allowed
    assert await resolved(store, store.keep(bytes(allowed))) == (Input(data=bytes(allowed), media_type="image/png"),)


async def test_what_exceeds_the_limit_is_refused_unread(store: MemoryAssets, monkeypatch: pytest.MonkeyPatch) -> None:
    """An asset that is too large is not read, and nothing is downloaded where no byte is left."""
    monkeypatch.setattr(inputs, "MAX_BYTES", 2**20)
    one_mib = store.keep(bytes(2**20))
    too_large = ("input_too_large", "All images together may have 1 MiB at most.", False)
    assert await refusal(store, one_mib, store.keep(b".")) == too_large
    assert store.reads == [one_mib]
    assert await refusal(store, one_mib, "https://a", fetch=nobody) == too_large
    assert await resolved(store, one_mib, "https://a", takes_urls=True)
    half = Web(size=2**19)
    assert await refusal(store, "https://a", "https://b", "https://c", fetch=half.fetch) == too_large
    assert len(half.fetched) == 2


async def test_a_download_that_exceeds_the_limit_is_refused(store: MemoryAssets, allowed: int) -> None:
    """Although the fetcher was told; a byte less is taken."""
    assert await resolved(store, "https://a", fetch=Web(size=allowed).fetch)
    code, message, retryable = await refusal(store, "https://a", fetch=Web(size=allowed + 1).fetch)
    assert (code, bool(message), retryable) == ("input_too_large", True, False)


async def test_an_asset_that_exceeds_the_limit_goes_by_its_address(store: MemoryAssets, allowed: int) -> None:
    """Where a provider can fetch it, unread; one that fits exactly is read, to see whether it has to be prepared."""
    fitting, large = store.keep(bytes(allowed)), store.keep(bytes(allowed + 1))
    found = await resolved(store, large, fitting, public_url=PUBLIC, takes_urls=True)
    assert [each.url for each in found] == [f"{PUBLIC}/api/v1/assets/{each}" for each in (large, fitting)]
    assert store.reads == [fitting]


async def test_an_image_that_grows_beyond_the_limit_goes_as_it_was(
    store: MemoryAssets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is prepared: by its address where the provider can fetch it, else with its own bytes."""
    small, large = b"sideways", b"turned to be upright"
    monkeypatch.setattr(inputs, "MAX_BYTES", len(large) + len(small))
    first, second = store.keep(small), store.keep(small, "jpg")
    turned = Input(data=large, media_type="image/jpeg")
    assert await resolved(store, first, second) == (turned, Input(data=small, media_type="image/jpeg"))
    address = Input(url=f"{PUBLIC}/api/v1/assets/{second}", media_type="image/jpeg")
    assert await resolved(store, first, second, public_url=PUBLIC, takes_urls=True) == (turned, address)
    monkeypatch.setattr(inputs, "MAX_BYTES", len(large))
    assert await resolved(store, first) == (turned,), "it fits exactly"


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://pixel.example.com", True),
        ("https://PIXEL.example.com.", True),
        ("http://93.184.215.14:8000", True),
        ("http://[2606:4700::1111]", True),
        ("https://localhost.example.com", True),
        ("http://localhost:8000", False),
        ("http://localhost.", False),
        ("http://me.localhost", False),
        ("http://ME.LOCALHOST.", False),
        ("http://pixel.local", False),
        ("http://pixel.lan", False),
        ("http://pixel.home.arpa", False),
        ("http://pixel", False),
        ("http://pixel.internal:80", False),
        ("http://127.0.0.1:8000", False),
        ("http://192.168.1.2", False),
        ("http://[::1]:8000", False),
        ("http://[", False),
        ("", False),
        ("https:///assets", False),
    ],
)
def test_only_a_public_address_is_given_to_others(url: str, public: bool) -> None:
    """A URL of this machine or of a private network is of no use to a provider."""
    assert is_public(url) is public
