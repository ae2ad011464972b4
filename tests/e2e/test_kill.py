"""`kill -9` of a real `pixel serve` at every step of a task, then a restart: nothing is lost, nothing is paid twice."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e import laws
from tests.e2e.conftest import Databases
from tests.e2e.service import eventually, picture, pixel, postgres_processes, sql
from tests.e2e.steps import UNSENT, Ground, Story, tell_all

# Up to here all stories are one.
COMMON = {*UNSENT, "append.ProviderCalled:1:after", "submit:1:before"}


def story(name: str, sandbox: dict[str, Any], *, n: int = 1, stop: bool = False, first: bool = False) -> Story:
    """A story of small pictures. `first`: dies at the common steps too."""
    return Story(name, "image", picture(**sandbox) | {"n": n}, stop, frozenset() if first else COMMON)


STORIES = (
    story("two images that take a while", {"latency": 0.5}, n=2, first=True),
    story("no answer, and it was taken", {"fault": "timeout_after", "latency": 0.1}),
    story("no answer, and nothing had arrived", {"fault": "timeout_before"}),
    story("too many requests", {"fault": "rate_limited"}),
    story("stopped on the way", {"latency": 60}, stop=True),
)


async def test_every_step(databases: Databases, folder: Path) -> None:
    """Killed before or after any append and any provider call: every task ends as it should, with one effect."""

    async def tell(story: Story) -> list[str]:
        async with databases() as dsn:
            views = await story.tell(Ground(dsn, folder), laws.settled)
            books = await laws.read(dsn)
        unknown = [f"{task} comes from a repeated key" for task in books.histories if task not in views]
        ends = dict.fromkeys(views, "cancelled" if story.stop else "completed")
        return story.told([*unknown, *laws.broken(books, ends)])

    await tell_all(STORIES, tell)


async def test_a_stop_that_the_provider_confirmed_stays_confirmed(database: str, folder: Path) -> None:
    """Killed between the provider's "I stopped it" and its record, Pixel asks again and is told the same: nothing was
    charged."""
    step = "cancel:1:after"
    async with Ground(database, folder).killable(step) as service:
        task = await service.post("image", picture(at=step, latency=2))
        await service.said("append.ProviderAccepted:1:after")
        with pytest.raises(httpx.TransportError):
            await service.client.post(f"/api/v1/tasks/{task}/cancel", headers={"Prefer": "wait=60"})
        await service.gone()
    async with sql(database) as connection:

        async def it_would_be_done() -> bool:
            return bool(await connection.fetchval("SELECT now() > accepted_at + interval '2 s' FROM sandbox.jobs"))

        await eventually("the time when the job would have been done", it_would_be_done)
    async with pixel(database, folder) as service:
        view = await service.ended(task)
    assert (view["error"]["code"], view["error"]["charged"]) == ("cancelled", "no"), view


async def test_its_own_postgres_outlives_it(folder: Path) -> None:
    """Killed on its embedded PostgreSQL, Pixel leaves the server running; the next start joins it, goes on, and stops
    it in the end."""
    async with pixel(None, folder) as service:
        [before] = postgres_processes(folder)
        task = await service.post("image", picture(latency=1))
        await service.kill()
    assert postgres_processes(folder) == [before]
    async with pixel(None, folder) as service:
        assert postgres_processes(folder) == [before]
        assert (await service.ended(task))["status"] == "completed"
    assert not postgres_processes(folder)
