"""A real process with a result that it can't store: a kill or a stop loses nothing."""

import signal
from pathlib import Path
from typing import Any

from tests.e2e import laws
from tests.e2e.service import Service, eventually, image_request, pixel

# The first poll of a finished job returns the image.
DONE_AT_ONCE = image_request(latency=0)


def go(folder: Path) -> None:
    """As a disk that is unmounted."""
    folder.rename(folder.with_name(f"{folder.name} away"))


def come_back(folder: Path) -> None:
    folder.with_name(f"{folder.name} away").rename(folder)


async def _spooled(service: Service, task: str) -> bool:
    events = (await service.get(f"/api/v1/tasks/{task}/history"))["events"]
    places = [
        output["url"] for event in events if event["type"] == "ProviderSucceeded" for output in event["data"]["outputs"]
    ]
    return bool(places) and all(place.startswith("spool:") for place in places)


async def _problem(service: Service, word: str) -> bool:
    health = (await service.client.get("/health/ready")).json()
    return health["status"] == "degraded" and any(word in problem for problem in health["problems"])


async def image_widths(service: Service, view: dict[str, Any]) -> list[int]:
    return [(await service.client.get(image["url"])).status_code for image in view["result"]["images"]]


async def test_killed_with_a_result_in_its_spool_it_loses_nothing(database: str, folder: Path) -> None:
    """The store is away, the image is in the spool, and the process is killed: the next one stores it, and the task
    completes. The provider made it once, and was not asked for it again."""
    async with pixel(database, folder) as service:
        go(folder / "assets")
        task = await service.post("image", DONE_AT_ONCE)
        await eventually("the picture to be in the spool", lambda: _spooled(service, task), service.log)
        await eventually("health to report it", lambda: _problem(service, "wait until they can be stored"), service.log)
        await service.kill()
    assert len(list((folder / "spool").glob("task_*"))) == 1
    async with pixel(database, folder, wait="ready degraded") as service:
        view = await service.ended(task)
        assert view["status"] == "completed", view
        assert await image_widths(service, view) == [200]
        await eventually("the spool to be empty", lambda: _empty(folder), service.log)
    books = await laws.read(database)
    assert not laws.broken(books, {task: "completed"})
    assert [event.type for event in books.histories[task]].count("ProviderSucceeded") == 1


async def _empty(folder: Path) -> bool:
    return not list((folder / "spool").glob("task_*"))


async def test_a_stop_waits_for_a_result_that_nothing_takes(database: str, folder: Path) -> None:
    """Neither store nor spool can keep it: told to stop, the process says that it waits, and ends in good order as soon
    as one of them is back."""
    async with pixel(database, folder, settings={"drain_seconds": 0.5}) as service:
        go(folder / "assets")
        go(folder / "spool")
        task = await service.post("image", DONE_AT_ONCE)
        await eventually("health to report it", lambda: _problem(service, "in memory only"), service.log)
        service.send(signal.SIGTERM)
        await service.said("so the stop waits for them")
        assert service.alive
        come_back(folder / "assets")
        assert await service.gone() == 0, service.log()
    async with pixel(database, folder) as service:
        view = await service.ended(task)
        assert view["status"] == "completed", view
        assert await image_widths(service, view) == [200]
    assert not laws.broken(await laws.read(database), {task: "completed"})
