"""SIGTERM: work under way is finished, or left for the next process, and every request gets an answer."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.adapters.media.costly_files import jpeg_of_many_scans
from tests.e2e import laws
from tests.e2e.service import FINAL, Service, eventually, image_request, sql
from tests.e2e.service import pixel as any_pixel
from tests.samples import sample

LONG_LEASE = {"lease_seconds": 600}  # a wait for its end is in vain
STEP = "submit:1:before"
pixel = partial(any_pixel, forked=False)  # the end of a program is part of it


async def _under_way(service: Service, project: str, count: int) -> None:
    """Wait until so many tasks of a project are with the provider."""

    async def enough() -> bool:
        page = await service.get(f"/api/v1/tasks?projectId={project}&status=processing&limit=200")
        return len(page["tasks"]) >= count

    await eventually(f"{count} tasks of {project} to be under way", enough)


async def test_a_stop_loses_nothing_and_frees_its_leases(database: str, folder: Path) -> None:
    """Stopped under load, it ends with code 0; every task that was answered is there, and the next process goes on at
    once with what is left, because no lease is in its way."""
    answered: list[str] = []

    async with pixel(database, folder, settings=LONG_LEASE) as service:

        async def press() -> None:
            body = {**image_request(latency=1.5), "projectId": "load"}
            while True:
                try:
                    answer = await service.client.post("/api/v1/generations/image", json=body)
                except httpx.TransportError:
                    return
                assert answer.status_code in {200, 503}, answer.text
                if answer.status_code == 200:
                    answered.append(answer.json()["data"]["task_id"])
                await asyncio.sleep(0.1)

        load = [asyncio.create_task(press()) for _ in range(8)]
        await _under_way(service, "load", 16)
        service.send(signal.SIGTERM)
        await asyncio.gather(*load)
        assert await service.gone() == 0, service.log()
        assert not service.trouble()
    async with sql(database) as connection:
        assert await connection.fetchval("SELECT count(*) FROM leases WHERE expires_at > now()") == 0
        assert await connection.fetchval("SELECT count(*) FROM workers") == 0
        assert await connection.fetchval("SELECT count(*) FROM calls") > 0
    async with pixel(database, folder, settings=LONG_LEASE):
        await laws.settled(database)
    assert not laws.broken(await laws.read(database), dict.fromkeys(answered, "completed"))


async def test_requests_in_flight_are_answered(database: str, folder: Path) -> None:
    """A request that waits for the end of a task during a stop gets an answer, and not a broken connection."""
    async with pixel(database, folder, settings={**LONG_LEASE, "drain_seconds": 5}) as service:
        project = {"projectId": "patient"}
        wait = {"Prefer": "wait=60"}
        short, long = {**image_request(latency=2), **project}, {**image_request(latency=300), **project}

        async def post(body: dict[str, Any]) -> httpx.Response:
            return await service.client.post("/api/v1/generations/image", json=body, headers=wait)

        async with asyncio.TaskGroup() as group:
            posts = [group.create_task(post(body)) for body in (short, short, long, long)]
            await _under_way(service, "patient", len(posts))
            tasks = [view["id"] for view in (await service.get("/api/v1/tasks?projectId=patient"))["tasks"]]
            gets = [group.create_task(service.client.get(f"/api/v1/tasks/{task}", headers=wait)) for task in tasks]
            await eventually("the GETs to have arrived", lambda: _connections(service, len(posts) + len(gets)))
            await service.client.get("/health/live")
            service.send(signal.SIGTERM)
        answers = [each.result() for each in [*posts, *gets]]
        assert [answer.status_code for answer in answers] == [200] * 8, [answer.text for answer in answers]
        assert await service.gone() == 0, service.log()
        assert not service.trouble()
    assert {post.result().json()["data"]["task_id"] for post in posts} == set(tasks)


async def _connections(service: Service, count: int) -> bool:
    open_ones = psutil.Process(service.pid).net_connections("tcp4")
    return len([each for each in open_ones if each.status == psutil.CONN_ESTABLISHED]) >= count


def hanging(database: str, folder: Path, settings: Mapping[str, object]) -> AbstractAsyncContextManager[Service]:
    """A service that hangs before it makes a call, until SIGUSR1 comes."""
    options = ("--at", STEP, "--how", "hang")
    return pixel(database, folder, module="tests.e2e.failpoints", options=options, settings=settings)


async def test_a_stop_waits_for_the_call_in_hand(database: str, folder: Path) -> None:
    """A call that is being made when the service is stopped is finished and recorded: it is not left in doubt."""
    async with hanging(database, folder, LONG_LEASE) as service:
        task = await service.post("image", image_request(at=STEP, latency=60))
        await service.said("hangs")
        service.send(signal.SIGTERM)
        await service.said("draining")
        service.send(signal.SIGUSR1)
        assert await service.gone() == 0, service.log()
    history = [event.type for event in (await laws.read(database)).histories[task]]
    assert history[:3] == ["TaskRequested", "ProviderCalled", "ProviderAccepted"]


async def test_a_stop_that_is_not_done_in_time_leaves_a_doubt_and_no_more(database: str, folder: Path) -> None:
    """A call that hangs for longer than the drain is given up; the next process settles the doubt."""
    async with hanging(database, folder, {**LONG_LEASE, "drain_seconds": 1}) as service:
        task = await service.post("image", image_request(at=STEP))
        await service.said("hangs")
        service.send(signal.SIGTERM)
        assert await service.gone() == 0, service.log()
    async with pixel(database, folder, settings=LONG_LEASE) as service:
        assert (await service.ended(task))["status"] == "completed"
    assert not laws.broken(await laws.read(database), {task: "completed"})


async def test_a_stop_waits_for_no_decoder(database: str, folder: Path) -> None:
    """A file whose decoding does not end delays neither other requests nor the stop: its upload is refused with a retry
    time, and no process is left."""
    files = {"file": ("photo.jpg", jpeg_of_many_scans(90, side=6000))}
    async with pixel(database, folder) as service:
        upload = asyncio.create_task(service.client.post("/api/v1/assets", files=files))
        await eventually("it to be decoded", lambda: _decodes(service), service.log)
        waiting, job = psutil.Process(service.pid).children(recursive=True)
        job.suspend()
        good = await service.client.post("/api/v1/assets", files={"file": ("cat.png", sample("image/png"))})
        assert good.status_code == 200, good.text
        service.send(signal.SIGTERM)
        answer = await upload
        assert answer.status_code == 503, answer.text
        assert answer.headers["Retry-After"]
        assert await service.gone() == 0, service.log()
        assert not service.trouble()
    assert not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in (waiting, job))


async def _decodes(service: Service) -> bool:
    return len(psutil.Process(service.pid).children(recursive=True)) == 2


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="which signals a process handles is read from /proc")
async def test_a_stop_during_the_start(folder: Path) -> None:
    """A stop during the wait for the database ends the start, with code 0."""
    nowhere = f"postgresql://postgres@/pixel?host={folder}"
    async with pixel(nowhere, folder, wait="") as service:
        await eventually("it to listen to signals", lambda: _handles_sigterm(service), service.log)
        await service.stop()


async def _handles_sigterm(service: Service) -> bool:
    status = await asyncio.to_thread(Path(f"/proc/{service.pid}/status").read_text)
    return bool(int(status.partition("SigCgt:")[2].split()[0], 16) & 1 << signal.SIGTERM - 1)


async def test_a_second_signal_changes_nothing(database: str, folder: Path) -> None:
    """An impatient second SIGTERM, or Ctrl-C, does not cut the stop short."""
    async with pixel(database, folder) as service:
        task = await service.post("image", image_request())
        service.send(signal.SIGTERM)
        service.send(signal.SIGINT)
        assert await service.gone() == 0, service.log()
    async with pixel(database, folder) as service:
        assert (await service.ended(task))["status"] in FINAL
