"""Laws of the work queue: every task that is due is claimed by one worker at a time, in a fair order, by an index."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import msgspec
import pytest

from adapters.postgres import work_queue
from adapters.postgres.database import DRIVER_ERRORS, connect, open_pool
from adapters.postgres.event_log import EventLog
from adapters.postgres.work_queue import ANY_PROVIDER, Claim, Release, Room, WorkQueue
from application.clock import new_stream
from domain.ids import task_id
from domain.model import Kind
from domain.task.events import CallResolved, Fallback, RefetchRequested
from projections.builds import prepare
from projections.work_list import CALLS
from tests.patience import COMMIT_SECONDS
from tests.postgres import vacuum
from tests.projections.projection_rig import ProjectionRig
from tests.projections.scenario import AT, accepted, after, called, cancelling, completed, failed

HOUR = 3600.0
LATER = datetime.now(UTC) + timedelta(days=30)
FALLBACK = (Fallback(model="acme/other", model_revision=1),)


class Rig(ProjectionRig):
    """A log, and workers that share its queue."""

    def queue(self, worker: str, *, lease_seconds: float = 600) -> WorkQueue:
        return WorkQueue(self.dsn, worker, lease_seconds=lease_seconds)


@pytest.fixture
async def rig(database_url: str) -> AsyncGenerator[Rig]:
    """A log whose writer and listener run."""
    pool = await open_pool(database_url, size=8)
    log = EventLog(database_url, pool, patience_seconds=COMMIT_SECONDS)
    tasks = [asyncio.create_task(log.write()), asyncio.create_task(log.listen())]
    try:
        await prepare(database_url, [CALLS])
        yield Rig(database_url, pool, log)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await pool.close()


class Workers:
    """Workers a, b, c ..., each with a queue of its own."""

    def __init__(self, rig: Rig, stack: AsyncExitStack) -> None:
        self._rig = rig
        self._stack = stack
        self._queues: dict[str, WorkQueue] = {}

    def __getitem__(self, worker: str) -> WorkQueue:
        if worker not in self._queues:
            self._queues[worker] = queue = self._rig.queue(worker)
            self._stack.push_async_callback(queue.close)
        return self._queues[worker]

    async def take(self, worker: str, *, provider: str = "sandbox", limit: int = 10, **room: Any) -> list[Claim]:
        """Search for new work, and claim."""
        await self[worker].enqueue_new()
        claims, _ = await self[worker].exchange(provider, everything(limit, **room), [])
        return claims

    async def give(self, worker: str, *releases: Release) -> None:
        await self[worker].exchange("sandbox", everything(0), releases)


@pytest.fixture
async def workers(rig: Rig) -> AsyncGenerator[Workers]:
    async with AsyncExitStack() as stack:
        yield Workers(rig, stack)


def everything(
    limit: int, *, kinds: Mapping[Kind, int] | None = None, fallback_only: Mapping[Kind, int] | None = None
) -> Room:
    """Room for so many orders, and as many questions, of every kind."""
    return Room(limit, limit, dict.fromkeys(Kind, limit) if kinds is None else kinds, fallback_only or {})


def ids(claims: list[Claim]) -> list[str]:
    return sorted(each.task_id for each in claims)


def back(claim: Claim, seconds: float | None = 0.0, **known: Any) -> Release:
    """Give a task back as a worker of the sandbox does."""
    facts: dict[str, Any] = {"provider": "sandbox", "kind": "image", "deadline": LATER, **known}
    return Release(claim.task_id, claim.epoch, seconds, **facts)


async def begun(rig: Rig, count: int, *later: Any, **request: Any) -> list[str]:
    """So many new tasks, oldest first."""
    return [task_id(await rig.begin(*later, **request)) for _ in range(count)]


async def lease_over(rig: Rig, *tasks: str) -> None:
    """The leases of these tasks have run out."""
    await rig.pool.execute("UPDATE leases SET expires_at = now() WHERE task_id = ANY($1::text[])", tasks)


async def time_passed(rig: Rig) -> None:
    """Whatever waits for a time has waited long enough."""
    await rig.pool.execute("UPDATE leases SET due_at = now() WHERE due_at > now()")


# --- One worker at a time ---


async def test_a_task_is_claimed_once_while_its_lease_lasts(rig: Rig, workers: Workers) -> None:
    """The second claimer, even the same worker, gets nothing."""
    (task,) = await begun(rig, 1)
    assert await workers.take("a") == [Claim(task, 1, is_order=True)]
    assert await workers.take("b") == []
    assert await workers.take("a") == []


async def test_many_claimers_never_share_a_task(rig: Rig, workers: Workers) -> None:
    """However many claim at the same moment, each task goes to one of them, and none is left."""
    tasks = await begun(rig, 60)

    async def work(worker: str) -> list[str]:
        mine: list[str] = []
        while claims := await workers.take(worker, limit=3):
            mine += [each.task_id for each in claims]
        return mine

    for epoch in (1, 2, 3):
        shares = await asyncio.gather(*[work(f"worker-{n}") for n in range(8)])
        while len(claimed := [task for share in shares for task in share]) < len(tasks):
            shares.append(await work("last"))  # a locked row is skipped, not waited for
        assert sorted(claimed) == sorted(tasks)
        rows = await rig.pool.fetch("SELECT epoch FROM leases")
        assert [row["epoch"] for row in rows] == [epoch] * len(tasks)
        await lease_over(rig, *tasks)
        await rig.pool.execute("UPDATE leases SET due_at = now()")


async def test_a_claim_that_is_not_committed_yet_already_counts(rig: Rig, workers: Workers) -> None:
    """A claimer passes by what another one is just taking, and does not wait for it."""
    first, second = await begun(rig, 2)
    await workers["a"].enqueue_new()
    async with rig.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM leases WHERE task_id = $1 FOR UPDATE", first)
        assert ids(await workers.take("b", limit=1)) == [second]


async def test_an_expired_lease_is_claimed_with_a_higher_epoch(rig: Rig, workers: Workers) -> None:
    """A dead worker's task goes to the next one, and the epoch distinguishes the two."""
    (task,) = await begun(rig, 1)
    for epoch, worker in ((1, "a"), (2, "b"), (3, "a")):
        assert await workers.take(worker) == [Claim(task, epoch, is_order=epoch == 1)]
        await lease_over(rig, task)


async def test_what_became_of_a_dead_workers_order_is_a_question(rig: Rig, workers: Workers) -> None:
    """It is asked while no order may go out: a pause or a limit of orders does not delay it."""
    (task,) = await begun(rig, 1)
    await workers.take("a")
    await lease_over(rig, task)
    assert await workers["b"].next_due(["sandbox"], within_seconds=0) == {"sandbox": 0}
    assert await workers.take("b", kinds={}) == [Claim(task, 2, is_order=False)]
    await workers.give("b", back(Claim(task, 2, is_order=False), is_order=True))
    assert await workers.take("b", kinds={}) == []
    assert await workers.take("b") == [Claim(task, 3, is_order=True)]


async def test_only_the_holder_gives_a_task_back(rig: Rig, workers: Workers) -> None:
    """A worker that lost its lease can't give away another's, nor its own later one."""
    (task,) = await begun(rig, 1)
    (lost,) = await workers.take("a")
    await lease_over(rig, task)
    (held,) = await workers.take("b")
    await workers.give("a", back(lost), back(lost, None))
    assert await workers.take("c") == []
    await lease_over(rig, task)
    (again,) = await workers.take("a")
    await workers.give("a", back(lost), back(lost, None))
    assert await workers.take("c") == []
    assert (held.epoch, again.epoch) == (2, 3)


# --- When a task is due ---


async def test_a_task_is_due_at_the_time_that_its_worker_set(rig: Rig, workers: Workers) -> None:
    """A task that was returned for a later time can't be claimed until then; one returned for now can be."""
    await begun(rig, 2)
    now_task, later_task = await workers.take("a")
    await workers.give("a", back(now_task), back(later_task, HOUR))
    assert await workers.take("b") == [Claim(now_task.task_id, 2, is_order=False)]
    await time_passed(rig)
    assert await workers.take("b") == [Claim(later_task.task_id, 2, is_order=False)]


async def test_a_task_that_needs_no_worker_leaves_the_queue(rig: Rig, workers: Workers) -> None:
    """The queue is as short as the work."""
    await begun(rig, 1)
    (claim,) = await workers.take("a")
    await workers.give("a", back(claim, None))
    assert await rig.pool.fetchval("SELECT count(*) FROM leases") == 0


async def test_giving_back_and_claiming_are_one_step(rig: Rig, workers: Workers) -> None:
    """The same statement gives a task back and claims another one."""
    first, second = await begun(rig, 2)
    (claim,) = await workers.take("a", limit=1)
    claims, _ = await workers["a"].exchange("sandbox", everything(5), [back(claim, HOUR)])
    assert (claim.task_id, ids(claims)) == (first, [second])


async def test_a_task_is_due_at_its_deadline_at_the_latest(rig: Rig, workers: Workers) -> None:
    """A task that waits for a retry or a poll is ended in time."""
    await begun(rig, 1)
    (claim,) = await workers.take("a")
    deadline = await rig.pool.fetchval("SELECT now() + interval '1 minute'")
    await workers.give("a", back(claim, HOUR, deadline=deadline))
    assert await rig.pool.fetchval("SELECT due_at FROM leases") == deadline
    (again,) = (await rig.pool.execute("UPDATE leases SET due_at = now()"), await workers.take("a"))[1]
    await workers.give("a", back(again, HOUR, deadline=AT))
    assert await rig.pool.fetchval("SELECT due_at > now() + interval '59 minutes' FROM leases"), "its deadline is over"


async def test_news_makes_a_task_due(rig: Rig, workers: Workers) -> None:
    """A task that waits for its next turn is due at once when there may be news; one that is held stays held."""
    waiting, held = await begun(rig, 2)
    claims = {claim.task_id: claim for claim in await workers.take("a")}
    await workers.give("a", back(claims[waiting], HOUR))
    for task in (waiting, held):
        await work_queue.expedite(rig.pool, task_id=task)
    assert ids(await workers.take("b")) == [waiting]


async def test_news_of_a_task_that_is_held_makes_it_due_when_it_is_given_back(rig: Rig, workers: Workers) -> None:
    """Its worker may have polled before the news. Without news it waits for its turn; news counts once."""
    first, second, third = await begun(rig, 3)
    claims = {claim.task_id: claim for claim in await workers.take("a")}
    await work_queue.expedite(rig.pool, task_id=first)
    await work_queue.expedite(rig.pool, task_id=third)
    assert await workers.take("b") == []
    await workers.give("a", back(claims[first], HOUR), back(claims[second], HOUR), back(claims[third], None))
    again = await workers.take("b")
    assert ids(again) == sorted([first, third])
    await workers.give("b", *(back(claim, HOUR) for claim in again))
    assert await workers.take("a") == []


@pytest.mark.parametrize(
    "event",
    [
        cancelling(),
        CallResolved(call="call-1", verdict="retry", by="anna", at=after(20)),
        RefetchRequested(by="anna", at=after(20)),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_what_a_person_changes_is_due_at_once(rig: Rig, workers: Workers, event: Any) -> None:
    """The log is enough: its writer need not know the queue. Tasks that had left the queue come back."""
    waiting, gone = await rig.begin(), await rig.begin()
    claims = {claim.task_id: claim for claim in await workers.take("a")}
    await workers.give("a", back(claims[task_id(waiting)], HOUR), back(claims[task_id(gone)], None))
    for stream in (waiting, gone):
        await rig.append(stream, event)
    assert await workers["b"].enqueue_new() == {"sandbox", ANY_PROVIDER}, "whose lines are to be woken"
    assert ids(await workers.take("b")) == [task_id(waiting)]
    assert ids(await workers.take("b", provider=ANY_PROVIDER)) == [task_id(gone)]


# --- Order of the queue ---


async def test_the_oldest_order_comes_first(rig: Rig, workers: Workers) -> None:
    """With room for one, it is the oldest request."""
    tasks = await begun(rig, 4)
    order = [each.task_id for _ in tasks for each in await workers.take("a", limit=1)]
    assert order == tasks


async def test_projects_take_turns(rig: Rig, workers: Workers) -> None:
    """A project that asks for one thing does not wait until another one's hundred are done, whenever it comes."""
    many = await begun(rig, 6, project_id="many")
    two = await begun(rig, 2, project_id="two")
    first = [each.task_id for _ in range(5) for each in await workers.take("a", limit=1)]
    assert set(first[:4]) == {many[0], two[0], many[1], two[1]}
    assert first[4] == many[2]
    (late,) = await begun(rig, 1, project_id="late")
    anonymous = await begun(rig, 1)
    second = [each.task_id for _ in range(5) for each in await workers.take("a", limit=1)]
    assert set(second[:3]) == {many[3], late, *anonymous}
    assert second[3:] == many[4:]


async def test_orders_and_questions_have_places_of_their_own(rig: Rig, workers: Workers) -> None:
    """Hundreds of jobs to poll keep no order waiting, and a backlog of orders keeps no job from being polled."""
    await begun(rig, 5)
    polled = await workers.take("a")
    await workers.give("a", *(back(claim) for claim in polled))
    await begun(rig, 5)
    await workers["a"].enqueue_new()
    claims, _ = await workers["a"].exchange("sandbox", Room(2, 3, dict.fromkeys(Kind, 9), {}), [])
    assert [claim.is_order for claim in claims].count(True) == 2
    assert [claim.is_order for claim in claims].count(False) == 3


async def test_a_retry_and_a_new_order_take_turns(rig: Rig, workers: Workers) -> None:
    """Orders that are tried again neither push new ones aside, nor are they pushed aside."""
    await begun(rig, 3)
    retries = await workers.take("a")
    await workers.give("a", *(back(claim, is_order=True) for claim in retries))
    new = await begun(rig, 3)
    claimed = await workers.take("a", limit=4)
    assert len({claim.task_id for claim in claimed} & set(new)) == 2


async def test_a_claim_is_of_one_provider(rig: Rig, workers: Workers) -> None:
    """A line for one provider never gets the tasks of another."""
    (other,) = await begun(rig, 1, model="dashscope/qwen-image")
    (own,) = await begun(rig, 1)
    assert await workers.take("a", provider="kling") == []
    assert ids(await workers.take("a")) == [own]
    assert ids(await workers.take("a", provider="dashscope")) == [other]


async def test_a_task_moves_to_the_provider_that_its_worker_names(rig: Rig, workers: Workers) -> None:
    """After a fallback the line of the other provider claims it."""
    (task,) = await begun(rig, 1)
    (claim,) = await workers.take("a")
    await workers.give("a", back(claim, provider="acme", is_order=True))
    assert await workers.take("a") == []
    assert ids(await workers.take("a", provider="acme")) == [task]


async def test_kinds_have_limits(rig: Rig, workers: Workers) -> None:
    """Of a kind without room none is claimed, of another one as many as it has room for."""
    await begun(rig, 3)
    videos = await begun(rig, 3, kind=Kind.VIDEO)
    claims = await workers.take("a", kinds={Kind.VIDEO: 2, Kind.AUDIO: 9})
    assert ids(claims) == sorted(videos[:2])
    assert await workers.take("a", kinds={}) == []


async def test_while_a_provider_is_away_only_tasks_with_another_model_are_claimed(rig: Rig, workers: Workers) -> None:
    """They go to that model; the others wait where they are, new or not."""
    movable, retried_movable = await begun(rig, 2, fallbacks=FALLBACK)
    waiting, retried = await begun(rig, 2)
    claims = {claim.task_id: claim for claim in await workers.take("a")}
    for task in (retried, retried_movable):
        fallback = task == retried_movable
        await workers.give("a", back(claims[task], is_order=True, has_fallback=fallback))
    as_new = "UPDATE leases SET worker = NULL, is_order = true WHERE task_id = ANY($1::text[])"
    await rig.pool.execute(as_new, [movable, waiting])
    away = await workers.take("a", kinds={}, fallback_only={Kind.IMAGE: 9})
    assert ids(away) == sorted([movable, retried_movable])


async def test_an_overdue_task_is_claimed_by_anybody(rig: Rig, workers: Workers) -> None:
    """A task of an unknown or paused provider is ended at its deadline."""
    overdue, hurried = await begun(rig, 1, finish_by=AT, model="gone/one") + await begun(rig, 1, start_by=AT)
    (waiting,) = await begun(rig, 1)
    claims = await workers.take("a", provider=ANY_PROVIDER)
    assert ids(claims) == sorted([overdue, hurried])
    assert ids(await workers.take("a")) == [waiting]


# --- Finding new work ---


async def test_new_work_is_found_once(rig: Rig, workers: Workers) -> None:
    """Two workers that search at the same time put a task into the queue once, and no task is left out."""
    tasks: list[str] = []

    async def search(worker: str) -> None:
        while len(tasks) < 40:
            await workers[worker].enqueue_new()

    async def ask() -> None:
        for _ in range(40):
            tasks.extend(await begun(rig, 1))

    await asyncio.gather(search("a"), search("b"), search("c"), ask())
    await workers["a"].enqueue_new()
    found = await rig.pool.fetch("SELECT task_id, epoch FROM leases ORDER BY place")
    assert sorted(row[0] for row in found) == sorted(tasks)
    assert {row[1] for row in found} == {0}
    assert await rig.pool.fetchval("SELECT position FROM work_queue") == await rig.log.head()


async def test_a_lost_position_loses_no_work(rig: Rig, workers: Workers) -> None:
    """Without the row that says how far the log was searched, the search begins anew and makes the row: at the start
    of a worker, and while it runs."""
    tasks = await begun(rig, 1)
    await rig.pool.execute("DELETE FROM work_queue")
    await workers["a"].enqueue_new()
    tasks += await begun(rig, 1)
    await rig.pool.execute("DELETE FROM work_queue")
    await workers["a"].enqueue_new()
    await workers["a"].enqueue_new()
    assert await rig.pool.fetchval("SELECT position FROM work_queue") == await rig.log.head()
    assert ids(await workers.take("b")) == sorted(tasks)
    assert await rig.pool.fetchval("SELECT count(*) FROM leases") == 2


async def test_more_work_than_one_search_reads_is_found(
    rig: Rig, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search goes on until it has all, past events that are no work."""
    monkeypatch.setattr(work_queue, "BATCH", 3)
    tasks = await begun(rig, 5, called(), accepted())
    assert await workers["a"].enqueue_new() == {"sandbox"}
    assert ids(await workers.take("a")) == sorted(tasks)


async def test_a_request_that_can_not_be_read_holds_up_nothing(rig: Rig, workers: Workers) -> None:
    """Its worker reports the problem."""
    stream = new_stream()
    for state in (b"\xff", b'{"event":"TaskRequested","at":"2026-01-01T00:00:00Z"}'):
        await rig.append_raw(new_stream(), "TaskRequested", state)
    nul = msgspec.json.encode({"model": "sandbox/x", "kind": "image", "finish_by": LATER, "params": {"prompt": "\0"}})
    await rig.append_raw(stream, "TaskRequested", nul)
    (task,) = await begun(rig, 1)
    assert ids(await workers.take("a")) == sorted([task, task_id(stream)])
    assert len(await workers.take("a", provider=ANY_PROVIDER)) == 2


async def test_a_new_task_waits_for_no_read_model(rig: Rig, workers: Workers) -> None:
    """While the work list is built anew, as after an upgrade, new tasks are claimed all the same."""
    await rig.pool.execute("DROP SCHEMA calls_1 CASCADE")
    (task,) = await begun(rig, 1)
    assert ids(await workers.take("a")) == [task]


async def test_rows_that_were_lost_are_made_again(rig: Rig, workers: Workers) -> None:
    """From the work list, with what it knows; what is there already, and what has ended, is left alone."""
    order, job, held = await begun(rig, 1) + await begun(rig, 1, called(), accepted()) + await begun(rig, 1)
    await rig.begin(called(), completed())
    await rig.begin(called(), failed(charged="unknown"))
    await rig.follow(CALLS)
    claims = await workers.take("a")
    assert {order, job, held} <= set(ids(claims))
    await rig.pool.execute("DELETE FROM leases WHERE task_id <> $1", held)
    await work_queue.restore(rig.pool)
    found = {claim.task_id: claim for claim in await workers.take("b")}
    assert found == {order: Claim(order, 1, is_order=True), job: Claim(job, 1, is_order=False)}


async def test_a_rebuild_of_the_list_frees_no_lease(rig: Rig, workers: Workers) -> None:
    """A call that is being made stays one's own while the list is made anew."""
    held, later = await begun(rig, 2)
    claims = {claim.task_id: claim for claim in await workers.take("a")}
    await workers.give("a", back(claims[later], HOUR))
    await rig.runner(CALLS).rebuild()
    await work_queue.restore(rig.pool)
    assert await rig.pool.fetchval("SELECT count(*) FROM calls") == 2
    assert await workers.take("b") == []
    assert await work_queue.renew(rig.pool, worker="a", tasks=[held, later], lease_seconds=600) == [held]


# --- Signs of life ---


async def test_a_renewed_lease_lasts_longer(rig: Rig, workers: Workers) -> None:
    """Renewing extends a lease from now on, and returns the leases that are still held."""
    held, lost = await begun(rig, 2)
    await workers.take("a")
    await lease_over(rig, lost)
    renewed = await work_queue.renew(rig.pool, worker="a", tasks=[held, lost, "task_unknown"], lease_seconds=3600)
    assert renewed == [held]
    assert ids(await workers.take("b")) == [lost]
    assert await work_queue.renew(rig.pool, worker="a", tasks=[held, lost], lease_seconds=3600) == [held]


async def test_deregistering_frees_held_tasks(rig: Rig, workers: Workers) -> None:
    """A worker that stops in good order leaves its tasks to the others at once, and theirs to them; a task that waits
    for its time goes on waiting."""
    mine, theirs, later = await begun(rig, 3)
    for worker, task in (("a", mine), ("b", theirs), ("a", later)):
        (claim,) = await workers.take(worker, limit=1)
        assert claim.task_id == task
        if task == later:
            await workers.give("a", back(claim, HOUR))
        await work_queue.renew(rig.pool, worker=worker, tasks=[task], lease_seconds=600)
    await work_queue.deregister(rig.pool, worker="a")
    assert await workers.take("c") == [Claim(mine, 2, is_order=False)]
    assert len(await work_queue.workers_alive(rig.pool, within_seconds=60)) == 1


async def test_workers_alive_are_those_seen_lately(rig: Rig) -> None:
    """Renewing is a sign of life, even without tasks; a worker without one for an hour is forgotten."""
    for worker in ("a", "b", "c"):
        assert await work_queue.renew(rig.pool, worker=worker, tasks=[], lease_seconds=600) == []
    assert len(await work_queue.workers_alive(rig.pool, within_seconds=60)) == 3
    await rig.pool.execute("UPDATE workers SET seen_at = now() - interval '10 minutes' WHERE worker = 'b'")
    await rig.pool.execute("UPDATE workers SET seen_at = now() - interval '2 hours' WHERE worker = 'c'")
    assert len(await work_queue.workers_alive(rig.pool, within_seconds=60)) == 1
    await work_queue.forget_workers(rig.pool)
    assert len(await work_queue.workers_alive(rig.pool, within_seconds=36_000)) == 2


async def test_a_lost_connection_is_made_again(rig: Rig, workers: Workers) -> None:
    """After a restart of PostgreSQL the next claim goes through."""
    (task,) = await begun(rig, 1)
    await workers["a"].enqueue_new()
    await rig.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pixel_enqueue%'"
        " AND pid <> pg_backend_pid()"
    )
    with pytest.raises(DRIVER_ERRORS):
        await workers["a"].exchange("sandbox", everything(1), [])
    assert ids(await workers.take("a")) == [task]


# --- What is due next ---


async def test_a_worker_is_told_what_is_due_soon(rig: Rig, workers: Workers) -> None:
    """New orders, retries, polls and passed deadlines are told with the seconds until then, those of a lease that runs
    and of a later time are not."""
    queue, providers = workers["a"], ["sandbox", "acme", ANY_PROVIDER]

    async def due() -> dict[str, float]:
        return await queue.next_due(providers, within_seconds=60)

    assert await due() == {}
    await begun(rig, 1)
    await queue.enqueue_new()
    assert await due() == {"sandbox": 0.0}
    (claim,) = await workers.take("a")
    assert await due() == {}
    await workers.give("a", back(claim, 30.0, is_order=True))
    assert 20 < (await due())["sandbox"] <= 30
    assert await queue.next_due(providers, within_seconds=0.1) == {}
    await time_passed(rig)
    (claim,) = await workers.take("a")
    await workers.give("a", back(claim, 0.0, provider="acme"))
    assert await due() == {"acme": 0.0}
    (claim,) = await workers.take("a", provider="acme")
    await workers.give("a", back(claim, HOUR, deadline=datetime.now(UTC) + timedelta(hours=2)))
    assert await due() == {}
    await rig.pool.execute("UPDATE leases SET deadline = now(), due_at = now(), provider = 'unknown'")
    assert await due() == {ANY_PROVIDER: 0.0}


# --- However long the queue is ---


def _blocks(plan: dict[str, Any]) -> int:
    """The blocks of tables and indexes that a statement looked at."""
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


async def test_a_claim_looks_at_few_rows_of_a_long_queue(rig: Rig) -> None:
    """With 100,000 open tasks a claim reads some blocks for each task that it takes, in every state that the queue gets
    into; and so does the question what is due, for each provider."""
    await rig.pool.execute(_FILL)
    connection = await connect(rig.dsn, **work_queue.SESSION)
    kinds = [kind.value for kind in Kind]
    room = ("sandbox", 16, 16, kinds, [16] * len(kinds), [False] * len(kinds))
    providers = ["sandbox", "acme", ANY_PROVIDER, *(f"provider {number}" for number in range(9))]
    try:
        for state in _STATES:
            await rig.pool.execute(f"UPDATE leases SET {state}")
            await vacuum(rig.pool, "leases")
            for overdue in (False, True):
                explained = await connection.fetchval(
                    f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {work_queue.EXCHANGE}",
                    *("w", 60.0, *_NO_RELEASES, *room, overdue),
                )
                assert _blocks(msgspec.json.decode(explained)[0]["Plan"]) < 600, state
            explained = await connection.fetchval(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {work_queue.NEXT_DUE}", providers, kinds, 0.25
            )
            assert "Seq Scan" not in explained
            assert _blocks(msgspec.json.decode(explained)[0]["Plan"]) < 50 * len(providers), state
    finally:
        await connection.close()


_NO_RELEASES: list[list[Any]] = [[]] * 8
_STATES = {
    "is_order = true, worker = NULL": "all orders wait",
    "worker = 'x', due_at = now() + interval '1 hour'": "all orders wait for a retry",
    "is_order = false": "all jobs are polled later",
    "due_at = now()": "all jobs are due",
}
_FILL: LiteralString = """
INSERT INTO leases (task_id, provider, kind, project, is_order, place, deadline, epoch, expires_at, due_at)
SELECT 'task_' || n, CASE WHEN n % 10 = 0 THEN 'acme' ELSE 'sandbox' END, (ARRAY['image', 'video'])[1 + n % 2],
       'project ' || n % 50, true, n, now() + interval '1 day', 0, '-infinity', '-infinity'
FROM generate_series(1, 100000) n
"""
