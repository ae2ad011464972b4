"""Laws of the worker's loops: what an idle worker asks of the database, and how soon it notices what is due."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from adapters.media.decoder_pool import Decoders
from adapters.postgres.database import open_pool
from adapters.postgres.event_log import EventLog
from adapters.postgres.work_queue import Room, WorkQueue
from application.clock import monotonic, new_stream
from application.model_specs import ModelSpecs
from application.ports import OnText
from application.rate_limits import LaneLimits
from domain.base import replace
from domain.ids import model_stream, task_id
from domain.model import Kind, ModelRegistered, ModelSpec
from domain.provider import Accepted, NotFound, Order, Sighting
from domain.task.events import TaskCompleted
from projections.builds import prepare
from projections.work_list import CALLS
from services.worker import IDLE_SECONDS, QUESTIONS_PER_ORDER, Worker
from tests.application.harness import MODEL, Harness, ScriptedProvider, finished
from tests.patience import COMMIT_SECONDS
from tests.projections.projection_rig import ProjectionRig, running, stopped, until
from tests.projections.scenario import AT, called, completed, requested
from tests.projections.tcp_proxy import TcpProxy, tcp_proxy

PROVIDERS = [f"provider {number}" for number in range(20)]


@pytest.fixture
async def rig(database_url: str) -> AsyncGenerator[ProjectionRig]:
    """A log whose writer and listener run, and the work list."""
    pool = await open_pool(database_url, size=4)
    log = EventLog(database_url, pool, patience_seconds=COMMIT_SECONDS)
    tasks = [asyncio.create_task(log.write()), asyncio.create_task(log.listen())]
    try:
        await prepare(database_url, [CALLS])
        yield ProjectionRig(database_url, pool, log)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await pool.close()


async def until_done(rig: ProjectionRig) -> None:
    """Wait until the queue is empty."""

    async def queue_is_empty() -> bool:
        return not await rig.pool.fetchval("SELECT count(*) FROM leases")

    await until(queue_is_empty)


@asynccontextmanager
async def idle_worker(rig: ProjectionRig, folder: Path, decoders: Decoders) -> AsyncGenerator[TcpProxy]:
    """A worker of many providers that has looked for work in vain. Yields what its queue talks through."""
    context = Harness(folder, decoders).worker()._replace(log=rig.log, specs=ModelSpecs(rig.log))
    async with tcp_proxy(rig.dsn) as proxy:
        queue = WorkQueue(proxy.dsn, context.worker, lease_seconds=60)
        worker = Worker(context, queue, rig.pool, concurrency=2, lease_seconds=60, keys=dict)
        working = asyncio.create_task(worker.run(PROVIDERS))

        async def has_asked_for_all() -> bool:
            return proxy.asked > 2 * len(PROVIDERS)

        try:
            await until(has_asked_for_all)
            yield proxy
        finally:
            await stopped(working)


async def test_an_idle_worker_asks_for_all_providers_at_once(
    rig: ProjectionRig, tmp_path: Path, decoders: Decoders
) -> None:
    """Whatever the number of providers, its queue gets two statements in each interval: is anything new, is anything
    due?"""
    statements = 12
    async with idle_worker(rig, tmp_path, decoders) as proxy:
        before, began = proxy.asked, monotonic()

        async def asked() -> bool:
            return proxy.asked >= before + statements

        await until(asked)
        assert monotonic() - began > (statements / 2 - 2) * IDLE_SECONDS


async def test_an_idle_worker_notices_what_becomes_due(rig: ProjectionRig, tmp_path: Path, decoders: Decoders) -> None:
    """New orders, a lease that has run out, the time of a poll and a deadline are noticed without any news."""
    tasks = [task_id(await rig.begin(model=f"{provider}/painter")) for provider in (*PROVIDERS[:3], "unknown")]
    await rig.pool.execute("UPDATE work_queue SET position = $1", await rig.log.head())
    async with idle_worker(rig, tmp_path, decoders):
        rows = zip(tasks, (*PROVIDERS[:3], "unknown"), (True, True, False, False), strict=True)
        await rig.pool.executemany(_QUEUED, list(rows))
        await rig.pool.execute("UPDATE leases SET worker = NULL WHERE provider = $1", PROVIDERS[0])
        await rig.pool.execute("UPDATE leases SET deadline = due_at, due_at = now() WHERE provider = 'unknown'")

        async def all_are_claimed() -> bool:
            return await rig.pool.fetchval("SELECT bool_and(epoch > 0) FROM leases") is True

        await until(all_are_claimed)


async def test_a_queue_that_starts_again_from_the_beginning_does_no_harm(
    rig: ProjectionRig, tmp_path: Path, decoders: Decoders
) -> None:
    """After a restore by hand the log is searched from its beginning, while claims get their turn. Each ended task is
    looked at once and nothing is done for it; the one that is open goes on."""
    harness = Harness(tmp_path, decoders)
    harness.provider.submits = [finished(1)]
    registered = ModelRegistered(model=MODEL, spec=ModelSpec(name="Painter", type=Kind.IMAGE), at=AT)
    await rig.append(model_stream(MODEL), registered)
    await rig.pool.copy_records_to_table("stored_events", records=list(_ended(2500)), columns=_COLUMNS)
    stream = await rig.begin(model=MODEL)
    before = await rig.log.head()
    context = harness.worker()._replace(log=rig.log, specs=ModelSpecs(rig.log))
    queue = WorkQueue(rig.dsn, context.worker, lease_seconds=60)
    searching = asyncio.create_task(queue.enqueue_new())
    await asyncio.sleep(0)
    await queue.next_due(["acme"], within_seconds=0)
    assert not searching.done()
    await searching

    worker = Worker(context, queue, rig.pool, concurrency=16, lease_seconds=60, keys=dict)
    working = asyncio.create_task(worker.run(["acme"]))

    try:
        await until_done(rig)
    finally:
        await stopped(working)
    assert harness.provider.submitted == 1
    new = await rig.log.read(before, 100)
    assert {recorded.stream for recorded in new} == {stream}
    assert type(new[-1].event) is TaskCompleted


class SlowToAnswer(ScriptedProvider):
    """A provider that takes jobs at once, and answers no question before it may."""

    def __init__(self) -> None:
        super().__init__(expected=0.2)
        self.may_answer = asyncio.Event()

    async def submit(self, order: Order, on_text: OnText | None = None) -> Sighting:
        return Accepted(job=order.call_id)

    async def poll(self, order: Order, job: str) -> Sighting:
        self.calls.append(job)
        await self.may_answer.wait()
        return finished(1)


async def test_questions_have_places_of_their_own(rig: ProjectionRig, tmp_path: Path, decoders: Decoders) -> None:
    """Many jobs that end at once are asked for together, and never more of them than there are places."""
    harness, provider = Harness(tmp_path, decoders), SlowToAnswer()
    harness.provider = provider
    registered = ModelRegistered(model=MODEL, spec=ModelSpec(name="Painter", type=Kind.IMAGE), at=AT)
    await rig.append(model_stream(MODEL), registered)
    streams = [await rig.begin(model=MODEL) for _ in range(2 * QUESTIONS_PER_ORDER + 3)]
    context = harness.worker()._replace(log=rig.log, specs=ModelSpecs(rig.log))
    queue = WorkQueue(rig.dsn, context.worker, lease_seconds=60)
    worker = Worker(context, queue, rig.pool, concurrency=2, lease_seconds=60, keys=dict)
    working = asyncio.create_task(worker.run(["acme"]))

    async def places_are_taken() -> bool:
        return len(provider.calls) == 2 * QUESTIONS_PER_ORDER

    try:
        await until(places_are_taken)
        await asyncio.sleep(2 * IDLE_SECONDS)
        assert await places_are_taken()
        provider.may_answer.set()
        await until_done(rig)
    finally:
        await stopped(working)
    assert len(set(provider.calls)) == len(streams)


async def test_a_full_lane_does_not_delay_what_became_of_a_lost_order(
    rig: ProjectionRig, tmp_path: Path, decoders: Decoders
) -> None:
    """A worker died with as many calls under way as the provider takes. They count as long as nobody looks at them, and
    another worker looks at once, though no order may go out; then the orders go on."""
    harness = Harness(tmp_path, decoders)
    harness.provider.lookups = [NotFound(evidence="no such call")]
    harness.provider.submits = [finished(1)] * 2
    registered = ModelRegistered(model=MODEL, spec=ModelSpec(name="Painter", type=Kind.IMAGE), at=AT)
    await rig.append(model_stream(MODEL), registered)
    lost = await rig.begin(model=MODEL)
    dead = WorkQueue(rig.dsn, "dead", lease_seconds=0)
    await dead.enqueue_new()
    [claim], _ = await dead.exchange("acme", Room(1, 0, {Kind.IMAGE: 1}, {}), [])
    await dead.close()
    await rig.append(lost, replace(called(), provider="acme", call=f"{claim.task_id}.1"))
    waiting = await rig.begin(model=MODEL)

    context = harness.worker(limits=LaneLimits(in_flight=1))._replace(log=rig.log, specs=ModelSpecs(rig.log))
    queue = WorkQueue(rig.dsn, context.worker, lease_seconds=60)
    worker = Worker(context, queue, rig.pool, concurrency=2, lease_seconds=60, keys=dict)
    async with running(rig.runner(CALLS)):
        await rig.caught_up(CALLS.name)
        working = asyncio.create_task(worker.run(["acme"]))
        try:
            await until_done(rig)
        finally:
            await stopped(working)
    assert harness.provider.calls.index("lookup") == 0
    assert sorted(harness.provider.calls) == ["lookup", "submit 1", "submit 2"]
    for stream in (lost, waiting):
        assert type((await rig.log.stream(stream))[-1].event) is TaskCompleted


def _ended(count: int) -> Iterator[tuple[UUID, int, str, bytes, str]]:
    """The rows of so many tasks that were completed."""
    for _ in range(count):
        stream = new_stream()
        for version, event in enumerate((requested(stream, model=MODEL), called(), completed()), 1):
            yield stream, version, type(event).__name__, msgspec.json.encode(event), '{"actor":"test"}'


_COLUMNS = ("originator_id", "originator_version", "topic", "state", "metadata")
_QUEUED = """
INSERT INTO leases (task_id, provider, kind, is_order, worker, epoch, expires_at, due_at)
VALUES ($1, $2, 'image', $3, 'another', 0, now() + interval '0.4 s', now() + interval '0.4 s')
"""
