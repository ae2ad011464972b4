"""Many nodes on one database: each answers, every task is made once, and dead and late nodes do no harm."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e import laws, providers
from tests.e2e.service import LOOK_SECONDS, Service, eventually, image_request, pixel, sql
from tests.simulators.example_requests import PLACES

Start = Callable[..., AbstractAsyncContextManager[Service]]


async def test_every_node_knows_what_another_one_answered(database: str, folder: Path) -> None:
    """Two nodes answer and two work: a task is there on every node at once, goes on when a worker dies, and is made
    once."""
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(pixel(database, folder, role="worker")) for _ in range(2)]
        here, there = [await stack.enter_async_context(pixel(database, folder, role="api")) for _ in range(2)]

        async def ask(number: int) -> str:
            asked, other = (here, there) if number % 2 else (there, here)
            task = await asked.post("image", image_request(latency=0.02 * number))
            assert (await other.get(f"/api/v1/tasks/{task}"))["id"] == task
            return task

        tasks = await asyncio.gather(*(ask(number) for number in range(60)))
        await workers[0].kill()
        for task in tasks:
            assert (await here.ended(task))["status"] == "completed", task
        await laws.settled(database)
    assert not laws.broken(await laws.read(database), dict.fromkeys(tasks, "completed"))


async def test_a_node_answers_without_the_others(database: str, folder: Path) -> None:
    """Without any worker, requests are accepted and read back, and health says what is missing; the worker that comes
    finishes them."""
    async with pixel(database, folder, role="api", wait="degraded") as api:
        health = (await api.client.get("/health/ready")).json()
        assert health["problems"] == ["worker: none is running; requests are accepted and wait"]
        task = await api.post("image", image_request())
        assert (await api.get(f"/api/v1/tasks/{task}"))["status"] == "pending"
        listed = await api.client.get(f"/api/v1/tasks?ids={task}")
        assert (listed.json()["data"]["tasks"], listed.headers["X-Pixel-Stale"]) == ([], "true")  # nobody lists it
        async with pixel(database, folder, role="worker"):
            assert (await api.ended(task))["status"] == "completed"
            assert [view["id"] for view in (await api.get(f"/api/v1/tasks?ids={task}"))["tasks"]] == [task]


async def test_a_key_means_the_same_on_every_node(database: str, folder: Path) -> None:
    """The same request under the same key, sent to two nodes at once and more than once, is one task."""
    async with pixel(database, folder) as here, pixel(database, folder) as there:

        async def ask(node: Service, number: int) -> httpx.Response:
            headers = {"Idempotency-Key": f"key-{number}"}
            return await node.client.post("/api/v1/generations/image", json=image_request(), headers=headers)

        for number in range(20):
            answers = await asyncio.gather(*(ask(node, number) for node in (here, there, here, there)))
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.json()["data"]["task_id"] for answer in answers}) == 1
            assert ["idempotent-replayed" in answer.headers for answer in answers].count(False) == 1
        await laws.settled(database)
    books = await laws.read(database)
    assert len(books.histories) == 20
    assert not laws.broken(books, dict.fromkeys(books.histories, "completed"))


async def test_a_node_opens_no_more_connections_than_it_declares(database: str, folder: Path) -> None:
    """In PostgreSQL a node has a name, with the most connections that it may open, and keeps to it. One that may
    want more than there are says so when it starts."""
    opened = "SELECT application_name, count(*) FROM pg_stat_activity WHERE application_name LIKE 'pixel-%' GROUP BY 1"
    pooled = {"database_connections": 2}
    async with sql(database) as connection, pixel(database, folder, settings=pooled) as node:
        asked = [asyncio.create_task(node.post("image", image_request())) for _ in range(60)]
        seen: dict[str, int] = {}
        while not all(task.done() for task in asked):
            for name, count in await connection.fetch(opened):
                seen[name] = max(count, seen.get(name, 0))
            await asyncio.sleep(LOOK_SECONDS)
        for task in asked:
            assert (await node.ended(await task))["status"] == "completed"
        assert not [line for line in node.lines if "may run out" in line]
        async with pixel(database, folder, role="api", settings={"database_connections": 100}) as other:
            assert '"may_be_opened":11' in await other.said("PostgreSQL may run out of connections")
    [(name, max_connections)] = seen.items()
    assert name.startswith("pixel-all-14-")
    assert 1 < max_connections <= 14


async def _paused(node: Service) -> bool:
    return psutil.Process(node.pid).status() == psutil.STATUS_STOPPED


async def _take_over(start: Start, step: str, kind: str, body: dict[str, Any]) -> str:
    """A node stops breathing at a step, another one finishes its task; then the first one comes back."""
    async with start(module="tests.e2e.failpoints", options=("--at", step, "--how", "stop")) as first:
        task = await first.post(kind, body | {"metadata": {"at": step}})
        await eventually(f"the first node to pause at {step}", lambda: _paused(first))
        try:
            async with start() as second:
                assert (await second.ended(task))["status"] == "completed"
                first.send(signal.SIGCONT)
                await eventually("the first node to answer again", lambda: _answers(first))
                await first.stop()  # it finishes what it has in hand
        finally:
            first.send(signal.SIGCONT) if first.alive else None
    return task


async def _answers(node: Service) -> bool:
    return (await node.client.get("/health/live")).status_code == 200


@pytest.mark.parametrize("step", ["append.ProviderCalled:1:after", "submit:1:after"])
async def test_a_worker_that_slept_changes_nothing(database: str, folder: Path, step: str) -> None:
    """A worker that paused between intent and call, while another one took over, does not make the call any more; one
    that paused after its call, while another one found the job, changes nothing by what it tells."""
    task = await _take_over(partial(pixel, database, folder), step, "image", image_request())
    assert not laws.broken(await laws.read(database), {task: "completed"})


async def test_a_worker_that_slept_before_it_sent_does_not_send(database: str, folder: Path) -> None:
    """A worker that paused between its last look at the lease and the order, while another one found its call absent
    at the provider and made it anew, does not send any more."""
    [(kind, body), *_] = PLACES["kling"].wishes
    async with providers.world(["kling"]) as world:
        start = partial(pixel, database, folder, settings=providers.SETTINGS, environment=world.environment)
        task = await _take_over(start, "submit:1:before", kind, body | {"prompt": "wish1x a boat"})
        bills, waiting = await world.ledger(), await providers.calls_in_doubt(database)
    assert len(bills) == 1
    histories = (await laws.read(database)).histories
    assert not providers.broken(histories, bills, [task], waiting)
    # After any number of calls on a busy machine, the paused call had no effect, and another one was made.
    first, *others = [event.data["call"] for event in histories[task] if event.type == "ProviderCalled"]
    assert others
    assert any(
        event.data.get("outcome") == "did_not_happen" and event.data["call"] == first for event in histories[task]
    )


async def test_a_worker_does_not_take_over_from_itself(database: str, folder: Path) -> None:
    """A lease that ran out while its holder could not renew it (the database was away) does not make the holder take
    its own call, still under way, for that of a dead worker."""
    step = "submit:1:before"
    node = pixel(database, folder, module="tests.e2e.failpoints", options=("--at", step, "--how", "hang"))
    async with node as service, sql(database) as connection:
        task = await service.post("image", image_request(at=step))
        await service.said("hangs")
        epoch = "SELECT epoch FROM leases WHERE task_id = $1 AND expires_at > now()"
        before = await connection.fetchval(epoch, task)
        await connection.execute("UPDATE leases SET expires_at = now(), due_at = now() WHERE task_id = $1", task)
        await eventually("the lease to be taken anew", lambda: _rose(connection, epoch, task, before))
        await asyncio.sleep(1.5)
        service.send(signal.SIGUSR1)
        assert (await service.ended(task))["status"] == "completed"
    history = (await laws.read(database)).histories[task]
    assert "ProviderCallInDoubt" not in [event.type for event in history]


async def _rose(connection: Any, query: str, task: str, before: int) -> bool:
    return (await connection.fetchval(query, task) or 0) > before
