"""Laws of where results go, and of what is known about the store and the spool: what health shows, and when they are
tried."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest

from application import storage
from application.ports import AssetsUnavailable, OutputFile, Spooled, SpoolUnavailable
from application.storage import MAX_RECOVERING, PROBE_SECONDS, NotMeasured, Storage, StorageState
from domain.provider import Asset, UnreadableOutput
from tests.application.harness import EMPTY

ASSET = Asset(id="asset_0.png", sha256="0", bytes=1, media_type="image/png")
FILE = Asset(id="asset_0.bin", sha256="0", bytes=1, media_type="application/octet-stream")
RESULT = Spooled(task="task_1", call="task_1.1", finished=EMPTY, wanted=(8, 6))


class Store:
    """An asset store that can be away, or fail otherwise. `probes` counts how often it was tried, `kept` holds what it
    has taken."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.failure: Exception | None = None
        self.probes = 0
        self.kept: list[tuple[Asset, bytes | OutputFile]] = []

    async def keep(self, data: bytes | OutputFile) -> Asset:
        return self._take(ASSET, data)

    async def keep_file(self, data: bytes | OutputFile) -> Asset:
        return self._take(FILE, data)

    def _take(self, asset: Asset, data: bytes | OutputFile) -> Asset:
        if self.failure:
            raise self.failure
        if self.problem:
            raise AssetsUnavailable(self.problem)
        self.kept.append((asset, data))
        return asset

    async def probe(self) -> None:
        self.probes += 1
        if self.problem:
            raise AssetsUnavailable(self.problem)


class MemorySpool:
    """A spool in memory that can be away."""

    id = "0123"
    max_bytes = 100

    def __init__(self) -> None:
        self.problem: str | None = None
        self.results: dict[str, Spooled] = {}
        self.files: dict[str, OutputFile] = {}

    async def put(self, name: str, result: Spooled, file: OutputFile | None = None) -> None:
        self._reach()
        self.results[name] = result
        if file is not None:
            self.files[name] = file

    async def read(self, name: str) -> Spooled | None:
        self._reach()
        return self.results.get(name)

    async def remove(self, name: str) -> None:
        self._reach()
        self.results.pop(name, None)

    async def names(self) -> dict[str, int]:
        self._reach()
        return dict.fromkeys(self.results, 30)

    async def probe(self) -> None:
        self._reach()

    def _reach(self) -> None:
        if self.problem:
            raise SpoolUnavailable(self.problem)


class Places:
    """A store, a spool, what is known about them, the steps that were logged, and a clock."""

    def __init__(self) -> None:
        self.store, self.spool = Store(), MemorySpool()
        self.logged: list[tuple[str, dict[str, Any]]] = []
        self.storage = Storage(self.store, self.spool, self.log_step)
        self.now = 1000.0

    def log_step(self, event: str, **facts: Any) -> None:
        self.logged.append((event, facts))


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Places:
    made = Places()
    monkeypatch.setattr(storage, "monotonic", lambda: made.now)
    return made


# --- Results ---


@pytest.fixture(params=["keep", "keep_file"])
def keep(request: pytest.FixtureRequest, places: Places) -> Callable[[bytes], Awaitable[Asset]]:
    """Both ways to store bytes."""
    storing: Callable[[bytes], Awaitable[Asset]] = getattr(places.storage, request.param)
    return storing


async def test_bytes_are_stored_as_media_or_as_they_are(places: Places) -> None:
    """The answer is what the store makes of them."""
    assert await places.storage.keep(b"media") == ASSET
    assert await places.storage.keep_file(b"no media") == FILE
    assert places.store.kept == [(ASSET, b"media"), (FILE, b"no media")]


async def test_a_store_that_takes_nothing_is_known_until_it_takes_something(
    places: Places, keep: Callable[[bytes], Awaitable[Asset]]
) -> None:
    """In its own words: whoever stores a result finds out for health."""
    places.store.problem = "no bucket"
    with pytest.raises(AssetsUnavailable, match=r"^no bucket$"):
        await keep(b"media")
    assert places.storage.state() == StorageState(store="no bucket", max_bytes=100)
    places.store.problem = None
    await keep(b"media")
    assert places.storage.state() == StorageState(max_bytes=100)


@pytest.mark.parametrize("problem", [None, "no bucket"])
async def test_bytes_that_do_not_decode_say_nothing_of_the_store(
    places: Places, keep: Callable[[bytes], Awaitable[Asset]], problem: str | None
) -> None:
    """The error is handed on, and what was known of the store stays."""
    places.store.problem = problem
    await places.storage.scan()
    places.store.failure = UnreadableOutput("cut off")
    with pytest.raises(UnreadableOutput, match=r"^cut off$"):
        await keep(b"media")
    assert places.storage.state() == StorageState(store=problem, max_bytes=100)
    assert places.logged == []


async def test_an_output_that_a_bug_of_ours_meets_waits(
    places: Places, keep: Callable[[bytes], Awaitable[Asset]]
) -> None:
    """It was paid for, so it waits as while the store is away; the bug is logged, and says nothing of the store."""
    places.store.failure = bug = RuntimeError("secret words")
    with pytest.raises(NotMeasured, match="RuntimeError") as raised:
        await keep(b"media")
    assert "secret" not in str(raised.value)
    assert isinstance(raised.value, AssetsUnavailable)
    assert places.logged == [("output could not be measured", {"exc_info": bug})]
    assert places.storage.state() == StorageState(max_bytes=100)


class LargeOutput:
    """A large output, of which only the name counts here."""

    size = 5
    head = b"large"
    sha256 = "0"

    def pieces(self) -> Iterator[bytes]:
        yield self.head

    def overwrite(self, changes: Sequence[tuple[int, bytes]]) -> None:
        raise NotImplementedError

    def descriptor(self) -> int:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


async def test_a_result_goes_into_the_spool_and_out_of_it(places: Places) -> None:
    """With the file of its output; its address names this machine's spool, and whoever recovers results is woken."""
    storage, large = places.storage, LargeOutput()
    assert await storage.read("a") is None
    assert not await storage.has("a")
    assert not storage.result_spooled.is_set()
    assert await storage.spool_result("a", RESULT, large) == storage.url("a") == "spool:0123/a"
    assert storage.result_spooled.is_set()
    assert places.spool.files == {"a": large}
    assert await storage.read("a") == RESULT
    assert await storage.has("a")
    assert not await storage.has("b")
    assert await storage.scan() == ["a"]
    await storage.remove("a")
    assert storage.state() == StorageState(max_bytes=100), "known without another look"
    assert places.spool.results == {}
    await storage.remove("a")


async def test_a_spool_that_takes_nothing_is_known_until_it_takes_something(places: Places) -> None:
    """In its own words; nobody is woken for a result that is not there."""
    places.spool.problem = "it is full"
    with pytest.raises(SpoolUnavailable, match=r"^it is full$"):
        await places.storage.spool_result("a", RESULT)
    assert not places.storage.result_spooled.is_set()
    assert places.storage.state() == StorageState(spool="it is full", max_bytes=100)
    places.spool.problem = None
    await places.storage.spool_result("a", RESULT)
    assert places.storage.state() == StorageState(max_bytes=100)


async def test_a_result_that_can_not_be_removed_still_waits(places: Places) -> None:
    """And while the spool can't be read, nobody knows of a result: its reading fails, and it is not there."""
    await places.storage.spool_result("a", RESULT)
    await places.storage.scan()
    places.spool.problem = "no folder"
    with pytest.raises(SpoolUnavailable):
        await places.storage.remove("a")
    with pytest.raises(SpoolUnavailable):
        await places.storage.read("a")
    assert not await places.storage.has("a")
    assert places.storage.state() == StorageState(results=1, bytes=30, max_bytes=100)


def test_a_task_is_held_while_a_result_of_it_is_in_memory(places: Places) -> None:
    """Until the last of its results is stored, whatever ends the block; other tasks are not."""
    storage = places.storage
    with storage.hold("task_1"):
        with storage.hold("task_1"), storage.hold("task_2"):
            assert storage.state().held == 3
        assert [storage.holds("task_1"), storage.holds("task_2")] == [True, False]
    with pytest.raises(KeyboardInterrupt), storage.hold("task_1"):
        raise KeyboardInterrupt
    assert not storage.holds("task_1")
    assert storage.state() == StorageState(max_bytes=100)


async def test_so_many_results_of_the_spool_are_in_memory_at_a_time(places: Places) -> None:
    """The next one waits for one of them to be stored."""
    for _ in range(MAX_RECOVERING):
        assert not places.storage.recovering.locked()
        await places.storage.recovering.acquire()
    assert places.storage.recovering.locked()


# --- Can more be stored? ---


async def test_health_shows_what_waits_and_why(places: Places) -> None:
    """The problems of both places, the reason that no order goes out, the results that wait, and those in memory."""
    assert places.storage.state() == StorageState(max_bytes=100)
    places.store.problem, places.spool.problem = "no bucket", "no folder"
    await places.storage.scan()
    with places.storage.hold("task_1"):
        assert places.storage.state() == StorageState(
            store="no bucket", spool="no folder", refuses="no bucket; no folder", max_bytes=100, held=1
        )


async def test_health_shows_how_full_the_spool_is(places: Places) -> None:
    """The results that wait in it, and their bytes."""
    places.spool.results = dict.fromkeys(["a", "b"], Spooled(task="task_1", call="a", finished=EMPTY))
    assert await places.storage.scan() == ["a", "b"]
    full = "results of 60 bytes wait in the spool, which takes 100"
    assert places.storage.state() == StorageState(refuses=full, results=2, bytes=60, max_bytes=100)


async def test_one_half_of_the_spool_is_for_the_calls_under_way(places: Places) -> None:
    """Orders go out until more than a half of it waits."""
    places.spool.results = dict.fromkeys(["a", "b"], RESULT)
    places.spool.max_bytes = 120
    await places.storage.scan()
    assert places.storage.refuses is None
    places.spool.max_bytes = 119
    assert places.storage.refuses == "results of 60 bytes wait in the spool, which takes 119"
    assert places.storage.exhausted is None


@pytest.mark.parametrize(("store", "spool"), [(None, None), ("no bucket", None), (None, "no folder")])
async def test_one_place_is_enough(places: Places, store: str | None, spool: str | None) -> None:
    """While one of them can take a result, orders go out."""
    places.store.problem, places.spool.problem = store, spool
    await places.storage.scan()
    assert places.storage.state() == StorageState(store=store, spool=spool, max_bytes=100)
    assert places.storage.exhausted is None


async def test_a_spool_that_can_not_be_read_is_known_although_a_result_is_held(places: Places) -> None:
    """Nothing is probed then, and the failure to read says enough."""
    places.spool.problem = "no folder"
    with places.storage.hold("task_1"):
        assert await places.storage.scan() == []
    assert places.storage.state().spool == "no folder"
    assert places.store.probes == 0


async def test_places_are_probed_now_and_then(places: Places) -> None:
    """Once at the start, and then once in PROBE_SECONDS: a failure is known before the next order, and so is its
    end."""
    seen: list[int] = []
    for seconds in (0.0, 0.0, PROBE_SECONDS - 1, 1.0):
        places.now += seconds
        await places.storage.scan()
        seen.append(places.store.probes)
    assert seen == [1, 1, 1, 2]
    places.store.problem, places.now = "no bucket", places.now + PROBE_SECONDS
    await places.storage.scan()
    assert places.storage.state().store == "no bucket"
    places.store.problem, places.now = None, places.now + PROBE_SECONDS
    await places.storage.scan()
    assert places.storage.state() == StorageState(max_bytes=100)


async def test_the_clock_may_begin_at_zero(places: Places) -> None:
    """A worker on a machine that has just started probes at once."""
    places.now = 0.0
    await places.storage.scan()
    assert places.store.probes == 1


async def test_places_are_not_probed_while_a_result_waits(places: Places) -> None:
    """Whoever stores that result finds out by it."""
    places.spool.results["a"] = Spooled(task="task_1", call="a", finished=EMPTY)
    await places.storage.scan()
    del places.spool.results["a"]
    with places.storage.hold("task_1"):
        await places.storage.scan()
    assert places.store.probes == 0
