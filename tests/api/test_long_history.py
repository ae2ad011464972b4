"""Laws of long histories: they come in pages, and reading one takes the event loop in short turns only."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import msgspec
import pytest

from adapters.postgres import event_reader
from api.routes import tasks
from application.clock import new_stream, now
from application.ports import Cause
from domain.ids import task_id
from domain.task.events import ProviderProgressed
from projections.task_view import fold_all
from runtime import composition
from services.state import Pixel
from services.task_reader import STEP_EVENTS
from tests.api.conftest import running
from tests.api.task_client import get, is_failure
from tests.postgres import fresh_database
from tests.projections.scenario import called, requested

EVENTS = 1200
READERS = 4


@pytest.fixture(scope="module")
async def shared(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel without workers: no task has a row, and so the current one is folded, too."""
    async with fresh_database(database_server, begun_template) as dsn:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(composition, "API_START_SECONDS", 0.0)
            async with running(dsn, tmp_path_factory.mktemp("pixel"), role="api") as both:
                yield both


@pytest.fixture(scope="module")
async def stream(shared: tuple[Pixel, httpx.AsyncClient]) -> UUID:
    """The stream of a task of many events."""
    stream = new_stream()
    progress = [ProviderProgressed(percent=number % 100, at=now()) for number in range(EVENTS - 2)]
    await shared[0].log.append(stream, 0, [requested(stream), called(), *progress], Cause(actor="test"))
    return stream


@pytest.fixture(scope="module")
def long_task(stream: UUID) -> str:
    return task_id(stream)


@asynccontextmanager
async def counted_turns(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[list[int]]:
    """How many events are decoded, folded or shown in each turn of the event loop."""
    turns = [0]

    def counting(name: str, module: object) -> None:
        real = getattr(module, name)

        def counted(*given: object, **named: object) -> object:
            turns[-1] += 1
            return real(*given, **named)

        monkeypatch.setattr(module, name, counted)

    async def turn() -> None:
        while True:
            turns.append(0)
            await asyncio.sleep(0)

    counting("decode", event_reader)
    counting("HistoryEvent", tasks)
    turning = asyncio.create_task(turn())
    try:
        yield turns
    finally:
        turning.cancel()


async def test_a_history_comes_in_pages(client: httpx.AsyncClient, long_task: str) -> None:
    """Following `next_after` returns every event once, in order; without parameters a caller gets the first page, which
    has `next_after`."""
    path = f"/api/v1/tasks/{long_task}/history"
    first = (await client.get(path)).json()["data"]
    assert [event["version"] for event in first["events"]] == list(range(1, tasks.MAX_HISTORY + 1))
    assert first["next_after"] == tasks.MAX_HISTORY
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        answer = await client.get(f"{path}?after={after}&limit=400")
        assert answer.headers["etag"] == f'"{EVENTS}"'
        page = answer.json()["data"]
        seen += [event["version"] for event in page["events"]]
        after = page["next_after"]
    assert seen == list(range(1, EVENTS + 1))
    behind = (await client.get(f"{path}?after={EVENTS}")).json()["data"]
    assert (behind["events"], behind["next_after"]) == ([], None)
    for wrong in ("limit=0", f"limit={tasks.MAX_HISTORY + 1}", "after=-1", "after=x", "after=1&after=2"):
        is_failure(await client.get(f"{path}?{wrong}"), 400)
    is_failure(await client.get(f"/api/v1/tasks/{task_id(new_stream())}/history?after=3"), 404)


@pytest.mark.parametrize("query", ["", f"?version={EVENTS - 1}", "?at=2100-01-01T00:00:00Z", "/history"])
async def test_who_reads_a_long_history_does_not_starve_others(
    client: httpx.AsyncClient, long_task: str, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """With any number of readers, no turn of the event loop has more than one step of them."""
    async with counted_turns(monkeypatch) as turns:
        path = f"/api/v1/tasks/{long_task}{query}"
        answers = await asyncio.gather(*(client.get(path) for _ in range(READERS)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(turns) >= READERS * tasks.MAX_HISTORY
    assert max(turns) <= STEP_EVENTS


async def test_a_long_task_as_it_stood_is_the_fold_of_its_events(
    pixel: Pixel, client: httpx.AsyncClient, stream: UUID, long_task: str
) -> None:
    """To fold in steps is to fold: at any version, and at the end."""
    events = await pixel.log.stream(stream)
    for version in (1, STEP_EVENTS - 1, STEP_EVENTS, STEP_EVENTS + 1, 2 * STEP_EVENTS, EVENTS):
        row = fold_all(events[:version])
        assert row is not None
        task = await get(client, long_task, query=f"?version={version}")
        assert task == msgspec.to_builtins(row.view)
    is_failure(await client.get(f"/api/v1/tasks/{long_task}?version={EVENTS + 1}"), 400)
    is_failure(await client.get(f"/api/v1/tasks/{long_task}?at=2020-01-01T00:00:00Z"), 404)
