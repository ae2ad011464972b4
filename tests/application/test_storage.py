"""Laws of what is known about the store and the spool: what health shows, and when they are tried."""

import pytest

from application import storage
from application.ports import AssetsUnavailable, OutputFile, Spooled, SpoolUnavailable
from application.storage import PROBE_SECONDS, Storage, StorageState
from domain.provider import Asset
from tests.application.harness import EMPTY


class Store:
    """An asset store that can be away. `probes` counts how often it was tried."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.probes = 0

    async def keep(self, data: bytes | OutputFile) -> Asset:
        raise AssetsUnavailable(self.problem or "it takes nothing")

    async def keep_file(self, data: bytes | OutputFile) -> Asset:
        return await self.keep(data)

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

    async def put(self, name: str, result: Spooled, file: OutputFile | None = None) -> None:
        self._reach()
        self.results[name] = result

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
    """A store, a spool, what is known about them, and a clock."""

    def __init__(self) -> None:
        self.store, self.spool = Store(), MemorySpool()
        self.storage = Storage(self.store, self.spool, lambda event, **facts: None)
        self.now = 1000.0


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Places:
    made = Places()
    monkeypatch.setattr(storage, "monotonic", lambda: made.now)
    return made


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


async def test_places_are_not_probed_while_a_result_waits(places: Places) -> None:
    """Whoever stores that result finds out by it."""
    places.spool.results["a"] = Spooled(task="task_1", call="a", finished=EMPTY)
    await places.storage.scan()
    del places.spool.results["a"]
    with places.storage.hold("task_1"):
        await places.storage.scan()
    assert places.store.probes == 0
