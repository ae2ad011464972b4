"""`kill -9` of a real `pixel serve` at every step of a task, then a restart: nothing is lost, nothing is paid twice."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e import laws
from tests.e2e.conftest import Databases
from tests.e2e.kill_matrix import UNSENT, KillRig, Scenario, run_all
from tests.e2e.service import eventually, image_request, pixel, postgres_processes, sql

# Up to this step all scenarios are the same.
COMMON = {*UNSENT, "append.ProviderCalled:1:after", "submit:1:before"}


def scenario(name: str, sandbox: dict[str, Any], *, n: int = 1, stop: bool = False, first: bool = False) -> Scenario:
    """A scenario of small images. `first`: dies at the common steps too."""
    return Scenario(name, "image", image_request(**sandbox) | {"n": n}, stop, frozenset() if first else COMMON)


SCENARIOS = (
    scenario("two images that take a while", {"latency": 0.5}, n=2, first=True),
    scenario("no answer, and it was taken", {"fault": "timeout_after", "latency": 0.1}),
    scenario("no answer, and nothing had arrived", {"fault": "timeout_before"}),
    scenario("too many requests", {"fault": "rate_limited"}),
    scenario("stopped on the way", {"latency": 60}, stop=True),
)


async def test_every_step(databases: Databases, folder: Path) -> None:
    """Killed before or after any append and any provider call: every task ends as it should, with one effect."""

    async def run(scenario: Scenario) -> list[str]:
        async with databases() as dsn:
            views = await scenario.run(KillRig(dsn, folder), laws.settled)
            books = await laws.read(dsn)
        unknown = [f"{task} comes from a repeated key" for task in books.histories if task not in views]
        ends = dict.fromkeys(views, "cancelled" if scenario.stop else "completed")
        return scenario.described([*unknown, *laws.broken(books, ends)])

    await run_all(SCENARIOS, run)


async def test_a_stop_that_the_provider_confirmed_stays_confirmed(database: str, folder: Path) -> None:
    """Killed between the provider's confirmation and its record, Pixel asks again and gets the same answer: nothing
    was charged."""
    step = "cancel:1:after"
    async with KillRig(database, folder).service_killed_at(step) as service:
        task = await service.post("image", image_request(at=step, latency=2))
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
        task = await service.post("image", image_request(latency=1))
        await service.kill()
    assert postgres_processes(folder) == [before]
    async with pixel(None, folder) as service:
        assert postgres_processes(folder) == [before]
        assert (await service.ended(task))["status"] == "completed"
    assert not postgres_processes(folder)
