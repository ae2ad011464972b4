"""Laws of the work list: what is to be done for a task, and that no two workers do it at once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from adapters.postgres.leases import Claim, claim, deregister, expedite, release, renew, sweep, workers_alive
from application.clock import new_stream
from application.commands import fold
from domain.ids import model_stream, task_id
from domain.model import (
    DefaultModelChosen,
    Kind,
    ModelDisabled,
    ModelEnabled,
    ModelRegistered,
    ModelRetired,
    ModelRevised,
    ModelSpec,
)
from domain.provider import Asset, Missing, RemoteOutput
from domain.task.events import (
    CallResolved,
    Fallback,
    FallbackChosen,
    LateResultSeen,
    OutputFetchFailed,
    OutputStored,
    ProviderProgressed,
    ProviderSucceeded,
)
from domain.task.state import CallState
from projections.work_list import CALLS, CallRow, count_in_flight, list_in_doubt
from tests.projections.projection_rig import ProjectionRig, running
from tests.projections.scenario import (
    AT,
    accepted,
    after,
    called,
    cancelled,
    cancelling,
    completed,
    doubted,
    failed,
    picture,
    reconciled,
    refused,
)

SPEC = ModelSpec(name="One", type=Kind.IMAGE)


def late(*assets: Asset) -> LateResultSeen:
    return LateResultSeen(call="call-1", assets=assets, at=after(20))


def delivered() -> ProviderSucceeded:
    return ProviderSucceeded(call="call-1", outputs=(RemoteOutput(index=0, url="https://a"),), at=after(5))


async def step_of(rig: ProjectionRig, stream: UUID) -> tuple[str, datetime | None] | None:
    """The next step of a task as the list has it, None when it is not there."""
    row = await rig.pool.fetchrow("SELECT step, not_before FROM calls WHERE stream = $1", stream)
    return (row[0], row[1]) if row else None


# --- What is on the list ---


@pytest.mark.parametrize(
    ("later", "step"),
    [
        pytest.param([], "MakeCall", id="requested"),
        pytest.param([called()], "Reconcile", id="called"),
        pytest.param([called(), accepted()], "PollJob", id="accepted"),
        pytest.param([called(), accepted(), ProviderProgressed(percent=4, at=AT)], "PollJob", id="progressed"),
        pytest.param([called(), OutputStored(index=0, asset=picture(), at=AT)], "Reconcile", id="stored"),
        pytest.param([called(), doubted()], "Reconcile", id="in doubt"),
        pytest.param([called(), doubted(), reconciled("happened", job="job-1")], "PollJob", id="it happened"),
        pytest.param([called(), doubted(), reconciled("happened")], "Reconcile", id="it happened, no job known"),
        pytest.param([called(), doubted(), reconciled("did_not_happen")], "MakeCall", id="it did not happen"),
        pytest.param([called(), refused(retry_at=None)], "MakeCall", id="refused, to be tried at once"),
        pytest.param([called(), accepted(), cancelling()], "CancelJob", id="cancelling"),
        pytest.param([called(), cancelling()], "Reconcile", id="cancelling, no job known"),
        pytest.param([called(), accepted(), cancelling(), cancelled("too_late")], "PollJob", id="cancelled too late"),
        pytest.param([called(), accepted(), cancelling(), cancelled("unknown")], "PollJob", id="perhaps cancelled"),
    ],
)
async def test_a_task_with_something_to_do_is_on_the_list(rig: ProjectionRig, later: list[Any], step: str) -> None:
    """The row is the folded task and its next step."""
    stream = await rig.begin(*later)
    await rig.follow(CALLS)
    assert await step_of(rig, stream) == (step, None)
    history = await rig.log.stream(stream)
    expected_tasks = fold(history)
    row = await rig.pool.fetchrow("SELECT task_id, provider, position, body FROM calls")
    assert row is not None
    assert tuple(row)[:3] == (task_id(stream), "sandbox", history[0].position)
    assert msgspec.json.decode(row["body"], type=CallRow) == CallRow(
        position=history[0].position, version=expected_tasks.version, provider="sandbox", task=expected_tasks.task
    )


@pytest.mark.parametrize(
    "later",
    [
        pytest.param([called(), completed()], id="completed"),
        pytest.param([failed()], id="failed before a call"),
        pytest.param([called(), refused(retry_at=None), failed()], id="refused for good"),
        pytest.param([called(), accepted(), failed(charged="unknown")], id="failed with a job that is known"),
        pytest.param([cancelling(), cancelled("not_called")], id="cancelled before a call"),
        pytest.param([called(), accepted(), cancelling(), cancelled("confirmed")], id="cancelled"),
        pytest.param([called(), accepted(), cancelling(), cancelled("too_late"), late()], id="late result"),
        pytest.param([called(), completed(), late(picture())], id="news of what has ended"),
    ],
)
async def test_a_task_with_nothing_left_to_do_is_not_on_the_list(rig: ProjectionRig, later: list[Any]) -> None:
    """The list is as short as the work: when a task and its calls have ended, its row goes."""
    stream = await rig.begin()
    async with running(rig.runner(CALLS)):
        await rig.caught_up("calls")
        assert await step_of(rig, stream) == ("MakeCall", None)
        for event in later:
            await rig.append(stream, event)
        await rig.caught_up("calls")
        assert await step_of(rig, stream) is None


@pytest.mark.parametrize(
    "later",
    [
        pytest.param([called(), doubted(), reconciled("unknown"), failed(charged="unknown")], id="can't be found out"),
        pytest.param(
            [called(), accepted(), cancelling(), cancelled("too_late"), reconciled("unknown")], id="watched in vain"
        ),
    ],
)
async def test_a_call_nobody_can_find_out_about_stays_on_the_list(rig: ProjectionRig, later: list[Any]) -> None:
    """There is nothing to do for a worker, but news of it may come, or a person: the row waits, and is not claimed."""
    stream = await rig.begin(*later)
    await rig.follow(CALLS)
    assert await step_of(rig, stream) == ("Done", None)
    assert await claim(rig.pool, provider="sandbox", worker="a", limit=9, lease_seconds=60) == []


async def test_a_call_is_not_made_before_its_time(rig: ProjectionRig) -> None:
    """The next try of a refused call has a time."""
    stream = await rig.begin(called(), refused(retry_at=after(60)))
    await rig.follow(CALLS)
    assert await step_of(rig, stream) == ("MakeCall", after(60))


@pytest.mark.parametrize(
    "end",
    [[failed(charged="unknown")], [doubted(), reconciled("unknown"), failed(charged="unknown")]],
    ids=["deadline", "unknown"],
)
async def test_a_job_that_is_heard_of_after_the_end_is_watched(rig: ProjectionRig, end: list[Any]) -> None:
    """A call of unknown outcome comes back to the list when its answer comes late."""
    stream = await rig.begin(called(), *end)
    async with running(rig.runner(CALLS)):
        await rig.caught_up("calls")
        assert await step_of(rig, stream) == ("Done", None)
        assert await take(rig, "a") == []
        await rig.append(stream, accepted(at=20))
        await rig.caught_up("calls")
        assert await step_of(rig, stream) == ("PollJob", None)
        assert await take(rig, "a") == [Claim(stream, task_id(stream), 1)]
        await rig.append(stream, late(picture()))
        await rig.caught_up("calls")
        assert await step_of(rig, stream) is None


async def test_what_is_no_task_is_not_on_the_list(rig: ProjectionRig) -> None:
    """Neither models nor the rest of a stream without a request are work."""
    await rig.append(
        model_stream("sandbox/one"),
        ModelRegistered(model="sandbox/one", spec=SPEC, at=AT),
        ModelRevised(revision=2, spec=SPEC, at=AT),
        ModelDisabled(at=AT),
        ModelEnabled(at=AT),
        DefaultModelChosen(kind=Kind.IMAGE, at=AT),
        ModelRetired(at=AT),
    )
    await rig.append(new_stream(), called(), accepted())
    await rig.follow(CALLS)
    assert await rig.pool.fetchval("SELECT count(*) FROM calls") == 0


# --- Claiming ---


async def take(rig: ProjectionRig, worker: str, *, provider: str = "sandbox", limit: int = 10) -> list[Claim]:
    return await claim(rig.pool, provider=provider, worker=worker, limit=limit, lease_seconds=600)


async def lease_ended(rig: ProjectionRig, *tasks: str) -> None:
    """Ten minutes later, for these leases."""
    await rig.pool.execute(
        "UPDATE leases SET expires_at = expires_at - interval '10 minutes' WHERE task_id = ANY($1::text[])", tasks
    )


async def listed(rig: ProjectionRig, count: int, **request: Any) -> list[str]:
    """So many tasks that wait for a call, the first asked first."""
    streams = [await rig.begin(**request) for _ in range(count)]
    await rig.follow(CALLS)
    return [task_id(stream) for stream in streams]


async def test_a_task_is_claimed_once_while_its_lease_lasts(rig: ProjectionRig) -> None:
    """Whoever comes second, even the same worker, goes away empty-handed."""
    stream = await rig.begin()
    await rig.follow(CALLS)
    assert await take(rig, "a") == [Claim(stream, task_id(stream), 1)]
    assert await take(rig, "b") == []
    assert await take(rig, "a") == []


async def test_many_claimers_never_share_a_task(rig: ProjectionRig) -> None:
    """However many claim at the same moment, each task goes to one of them, and none is left."""
    tasks = await listed(rig, 60)

    async def work(worker: str) -> list[str]:
        mine: list[str] = []
        while claims := await take(rig, worker, limit=3):
            mine += [each.task_id for each in claims]
        return mine

    for epoch in (1, 2, 3):
        shares = await asyncio.gather(*[work(f"worker-{n}") for n in range(8)])
        while len(claimed := [task for share in shares for task in share]) < len(tasks):
            shares.append(await work("last"))  # a locked row is skipped, not waited for
        assert sorted(claimed) == sorted(tasks)
        rows = await rig.pool.fetch("SELECT epoch FROM leases")
        assert [row["epoch"] for row in rows] == [epoch] * len(tasks)
        await lease_ended(rig, *tasks)


async def test_a_claim_that_is_not_committed_yet_already_counts(rig: ProjectionRig) -> None:
    """A claimer passes by what another one is just taking, and does not wait for it."""
    first, second = await listed(rig, 2)
    async with rig.pool.acquire() as connection, connection.transaction():
        taken = await claim(
            connection,  # type: ignore[arg-type] # a claim in a transaction that is still open
            provider="sandbox",
            worker="a",
            limit=1,
            lease_seconds=600,
        )
        assert [each.task_id for each in taken] == [first]
        assert [each.task_id for each in await take(rig, "b")] == [second]


async def test_who_asked_first_is_served_first(rig: ProjectionRig) -> None:
    """With room for one, it is the oldest request that is due."""
    tasks = await listed(rig, 4)
    order = [each.task_id for _ in tasks for each in await take(rig, "a", limit=1)]
    assert order == tasks


async def test_a_claim_is_of_one_provider(rig: ProjectionRig) -> None:
    """A worker for one provider never gets the work of another."""
    (other,) = await listed(rig, 1, model="dashscope/qwen-image")
    (own,) = await listed(rig, 1)
    assert await take(rig, "a", provider="kling") == []
    assert [each.task_id for each in await take(rig, "a")] == [own]
    assert [each.task_id for each in await take(rig, "a", provider="dashscope")] == [other]


async def test_an_overdue_task_is_claimed_by_anybody(rig: ProjectionRig) -> None:
    """A task of a provider that no worker knows is ended all the same when its time is over."""
    (task,) = await listed(rig, 1, model="dashscope/qwen-image")
    await rig.pool.execute("UPDATE calls SET finish_by = now() - interval '1 second'")
    assert [each.task_id for each in await take(rig, "a")] == [task]


async def test_what_waits_for_a_shut_lane_is_left_alone(rig: ProjectionRig) -> None:
    """Orders of a kind that nothing goes out for now are not claimed; jobs of it, and other kinds, are."""
    waiting, film, job = [
        await rig.begin(),
        await rig.begin(kind=Kind.VIDEO),
        await rig.begin(called(), accepted()),
    ]
    await rig.follow(CALLS)

    async def shut(*kinds: Kind) -> set[UUID]:
        claims = await claim(rig.pool, provider="sandbox", worker="a", limit=9, lease_seconds=600, paused=kinds)
        await deregister(rig.pool, worker="a")
        return {each.stream for each in claims}

    assert await shut(Kind.IMAGE) == {film, job}
    assert await shut(Kind.IMAGE, Kind.VIDEO, Kind.LLM) == {job}
    assert await shut(Kind.AUDIO) == {waiting, film, job}


async def test_a_shut_lane_holds_up_nothing_that_is_overdue_or_has_another_way(rig: ProjectionRig) -> None:
    """A task whose time is up is ended, and one whose caller allows another model goes to that."""
    others = (Fallback(model="acme/other", model_revision=1),)
    overdue, hurried, movable, waiting = [
        await rig.begin(finish_by=AT),
        await rig.begin(start_by=AT),
        await rig.begin(fallbacks=others),
        await rig.begin(),
    ]
    await rig.follow(CALLS)
    claims = await claim(rig.pool, provider="sandbox", worker="a", limit=9, lease_seconds=60, paused=list(Kind))
    assert {each.stream for each in claims} == {overdue, hurried, movable}
    assert waiting not in {each.stream for each in claims}


async def test_a_task_that_was_started_is_not_overdue_for_its_start(rig: ProjectionRig) -> None:
    """The deadline to start no longer counts after the first call was sent."""
    started = await rig.begin(called(), accepted(), start_by=AT)
    await rig.follow(CALLS)
    assert await claim(rig.pool, provider="acme", worker="a", limit=9, lease_seconds=60) == []
    assert [each.stream for each in await take(rig, "a")] == [started]


async def test_another_model_moves_the_task_to_its_provider(rig: ProjectionRig) -> None:
    """The worker loop of the provider that serves the task now claims it."""
    chosen = FallbackChosen(model="acme/other", model_revision=1, reason="provider_unavailable", at=after(1))
    stream = await rig.begin(chosen)
    await rig.follow(CALLS)
    assert await take(rig, "a") == []
    assert [each.stream for each in await take(rig, "a", provider="acme")] == [stream]


async def test_what_is_delivered_is_fetched_when_it_is_due(rig: ProjectionRig) -> None:
    """Outputs that could not be fetched wait for their next try."""
    lost = Missing(index=0, code="fetch_failed", message="HTTP 502")
    failure = OutputFetchFailed(failed=(lost,), retry_at=after(3_000_000_000), at=after(6))
    now = await rig.begin(called(), delivered())
    later = await rig.begin(called(), delivered(), failure)
    await rig.follow(CALLS)
    assert await step_of(rig, now) == ("Fetch", None)
    assert await step_of(rig, later) == ("Fetch", after(3_000_000_000))
    assert [each.stream for each in await take(rig, "a")] == [now]


async def test_news_hurries_a_task(rig: ProjectionRig) -> None:
    """A task that waits for its next turn is due at once when there may be news; one that is held stays held."""
    waiting, held = await listed(rig, 2)
    await take(rig, "a")
    await release(rig.pool, worker="a", task_id=waiting, due_seconds=3600)
    for task in (waiting, held, "task_unknown"):
        await expedite(rig.pool, task_id=task)
    assert [each.task_id for each in await take(rig, "b")] == [waiting]


async def test_news_of_a_task_that_is_held_makes_it_due_when_it_is_given_back(rig: ProjectionRig) -> None:
    """Whoever holds it may have asked before the news: one hint is enough. Without any, the next turn is waited for;
    and a hint counts once."""
    told, untold = await listed(rig, 2)
    await take(rig, "a")
    await expedite(rig.pool, task_id=told)
    assert await take(rig, "b") == []
    for task in (told, untold):
        await release(rig.pool, worker="a", task_id=task, due_seconds=3600)
    assert [each.task_id for each in await take(rig, "b")] == [told]
    await release(rig.pool, worker="b", task_id=told, due_seconds=3600)
    assert await take(rig, "a") == []


# --- What is under way, and what nobody knows ---


async def test_jobs_under_way_are_counted_by_kind(rig: ProjectionRig) -> None:
    """Counted are the calls without an outcome of one provider, of all workers together."""
    for later in ([called()], [called(), accepted()], [called(), doubted()]):
        await rig.begin(*later)
    await rig.begin(called(), accepted(), kind=Kind.VIDEO)
    for later in ([], [called(), delivered()], [called(), refused(retry_at=after(60))], [called(), completed()]):
        await rig.begin(*later)
    await rig.begin(called(), doubted(), reconciled("unknown"), failed(charged="unknown"))
    await rig.begin(called(), accepted(), model="acme/one")
    await rig.follow(CALLS)
    head = await rig.log.head()
    assert await count_in_flight(rig.pool, "sandbox") == ({Kind.IMAGE: 3, Kind.VIDEO: 1}, head)
    assert await count_in_flight(rig.pool, "acme") == ({Kind.IMAGE: 1}, head)
    assert await count_in_flight(rig.pool, "nobody") == ({}, head)


async def test_doubtful_calls_are_listed_for_a_person(rig: ProjectionRig) -> None:
    """Listed are calls in doubt and calls of unknown outcome: oldest first, by pages, and no others."""
    for later in ([], [called()], [called(), accepted()], [called(), completed()], [called(), delivered()]):
        await rig.begin(*later)
    lost = [called(), doubted(), reconciled("unknown"), failed(charged="unknown")]
    doubt = await rig.begin(called(), doubted())
    unknown, late = await rig.begin(*lost), await rig.begin(*lost)
    for verdict in ("retry", "abandon"):
        await rig.begin(*lost, CallResolved(call="call-1", verdict=verdict, by="anna", at=after(20)))
    await rig.follow(CALLS)
    first, second, third = await list_in_doubt(rig.pool, state=None, after=0, limit=9)
    assert [(each.stream, each.state) for each in (first, second, third)] == [
        *((doubt, CallState.IN_DOUBT), (unknown, CallState.UNKNOWN), (late, CallState.UNKNOWN))
    ]
    assert fold(await rig.log.stream(doubt)).task == first.task
    assert await list_in_doubt(rig.pool, state=None, after=0, limit=1) == [first]
    assert await list_in_doubt(rig.pool, state=None, after=first.position, limit=1) == [second]
    assert await list_in_doubt(rig.pool, state=CallState.IN_DOUBT, after=0, limit=9) == [first]
    assert await list_in_doubt(rig.pool, state=CallState.UNKNOWN, after=0, limit=9) == [second, third]
    assert await list_in_doubt(rig.pool, state=CallState.ACCEPTED, after=0, limit=9) == []


async def test_an_expired_lease_is_claimed_with_a_higher_epoch(rig: ProjectionRig) -> None:
    """A dead worker's task goes to the next one, and the epoch tells the two apart."""
    (task,) = await listed(rig, 1)
    assert [each.epoch for each in await take(rig, "a")] == [1]
    await lease_ended(rig, task)
    assert [each.epoch for each in await take(rig, "b")] == [2]
    await lease_ended(rig, task)
    assert [each.epoch for each in await take(rig, "a")] == [3]


async def test_a_call_with_a_time_is_not_claimed_before_it(rig: ProjectionRig) -> None:
    """`not_before` counts by the clock of the database."""
    now: datetime = await rig.pool.fetchval("SELECT now()")
    soon = await rig.begin(called(), refused(retry_at=now + timedelta(hours=1)))
    past = await rig.begin(called(), refused(retry_at=now - timedelta(seconds=1)))
    await rig.follow(CALLS)
    assert await take(rig, "a") == [Claim(past, task_id(past), 1)]
    await rig.pool.execute("UPDATE calls SET not_before = now() WHERE stream = $1", soon)
    assert await take(rig, "a") == [Claim(soon, task_id(soon), 1)]


async def test_a_released_task_is_due_when_the_worker_said(rig: ProjectionRig) -> None:
    """A task released for later can't be claimed until then; released for now, it can be claimed at once."""
    now_task, later_task = await listed(rig, 2)
    assert len(await take(rig, "a")) == 2
    await release(rig.pool, worker="a", task_id=now_task, due_seconds=0)
    await release(rig.pool, worker="a", task_id=later_task, due_seconds=3600)
    assert [(each.task_id, each.epoch) for each in await take(rig, "b")] == [(now_task, 2)]
    await rig.pool.execute("UPDATE leases SET due_at = now() WHERE task_id = $1", later_task)
    assert [(each.task_id, each.epoch) for each in await take(rig, "b")] == [(later_task, 2)]


async def test_only_the_holder_releases(rig: ProjectionRig) -> None:
    """A worker that lost its lease can't give away another's."""
    (task,) = await listed(rig, 1)
    await take(rig, "a")
    await lease_ended(rig, task)
    await take(rig, "b")
    await release(rig.pool, worker="a", task_id=task, due_seconds=0)
    assert await take(rig, "c") == []


async def test_a_renewed_lease_lasts_longer(rig: ProjectionRig) -> None:
    """Renewing prolongs from now on, and answers with what is still ours."""
    kept, lost = await listed(rig, 2)
    await take(rig, "a")
    await lease_ended(rig, lost)
    assert await renew(rig.pool, worker="a", tasks=[kept, lost, "task_unknown"], lease_seconds=3600) == [kept]
    await lease_ended(rig, kept)
    assert [each.task_id for each in await take(rig, "b")] == [lost]
    assert await renew(rig.pool, worker="a", tasks=[kept, lost], lease_seconds=3600) == [kept]


async def test_a_rebuild_of_the_list_frees_no_lease(rig: ProjectionRig) -> None:
    """Leases are not derived from events: a call that is being made stays one's own while the list is made anew."""
    held, due_later = await listed(rig, 2)
    await take(rig, "a")
    await release(rig.pool, worker="a", task_id=due_later, due_seconds=3600)
    await rig.runner(CALLS).rebuild()
    await sweep(rig.pool)
    assert await rig.pool.fetchval("SELECT count(*) FROM calls") == 2
    assert await take(rig, "b") == []
    assert await renew(rig.pool, worker="a", tasks=[held, due_later], lease_seconds=600) == [held]


async def test_claiming_goes_on_through_rebuilds(rig: ProjectionRig) -> None:
    """Workers claim while the list is built anew and switched: each task goes to one of them, and none is left."""
    tasks = await listed(rig, 40)
    claimed: list[str] = []

    async def work(worker: str) -> None:
        while len(claimed) < len(tasks):
            claimed.extend(each.task_id for each in await take(rig, worker, limit=1))

    async with running(rig.runner(CALLS)), asyncio.TaskGroup() as group:
        for worker in ("a", "b"):
            group.create_task(work(worker))
        for _ in range(3):
            await rig.runner(CALLS).rebuild()
    assert sorted(claimed) == sorted(tasks)


async def test_sweeping_forgets_only_what_is_over(rig: ProjectionRig) -> None:
    """A lease goes when its task has left the list and its time is long over; everything else stays."""
    ended, fresh, due, on_the_list = streams = [await rig.begin() for _ in range(4)]
    async with running(rig.runner(CALLS)):
        await rig.caught_up("calls")
        assert len(await take(rig, "a")) == 4
        for stream in (ended, fresh, due):
            await rig.append(stream, called(), completed())
        await rig.caught_up("calls")
    old = [task_id(stream) for stream in (ended, due, on_the_list)]
    await rig.pool.execute(
        "UPDATE leases SET expires_at = now() - interval '2 minutes', due_at = now() - interval '2 minutes'"
        " WHERE task_id = ANY($1::text[])",
        old,
    )
    await rig.pool.execute("UPDATE leases SET due_at = now() WHERE task_id = $1", task_id(due))
    await sweep(rig.pool)
    left = {row[0] for row in await rig.pool.fetch("SELECT task_id FROM leases")}
    assert left == {task_id(stream) for stream in streams} - {task_id(ended)}


async def test_a_task_that_was_swept_may_be_claimed_again(rig: ProjectionRig) -> None:
    """Sweeping takes nothing from the list."""
    (task,) = await listed(rig, 1)
    await take(rig, "a")
    await rig.pool.execute(
        "UPDATE leases SET expires_at = now() - interval '1 hour', due_at = now() - interval '1 hour'"
    )
    await sweep(rig.pool)
    assert [(each.task_id, each.epoch) for each in await take(rig, "b")] == [(task, 2)]


async def test_signing_off_frees_what_is_held(rig: ProjectionRig) -> None:
    """A worker that stops in good order leaves its tasks to the others at once, and theirs to them."""
    mine, theirs = await listed(rig, 2)
    await take(rig, "a", limit=1)
    await take(rig, "b", limit=1)
    await renew(rig.pool, worker="a", tasks=[mine], lease_seconds=600)
    await renew(rig.pool, worker="b", tasks=[theirs], lease_seconds=600)
    await deregister(rig.pool, worker="a")
    assert [(each.task_id, each.epoch) for each in await take(rig, "c")] == [(mine, 2)]
    assert len(await workers_alive(rig.pool, within_seconds=60)) == 1


async def test_signing_off_hurries_nothing(rig: ProjectionRig) -> None:
    """A task that a worker released for later keeps that time when the worker stops."""
    (task,) = await listed(rig, 1)
    await take(rig, "a")
    await release(rig.pool, worker="a", task_id=task, due_seconds=3600)
    await deregister(rig.pool, worker="a")
    assert await take(rig, "b") == []


async def test_workers_alive_are_those_seen_lately(rig: ProjectionRig) -> None:
    """Renewing is a sign of life, even with nothing in hand; who was not seen for an hour is forgotten."""
    for worker in ("a", "b", "c"):
        assert await renew(rig.pool, worker=worker, tasks=[], lease_seconds=600) == []
    assert len(await workers_alive(rig.pool, within_seconds=60)) == 3
    await rig.pool.execute("UPDATE workers SET seen_at = now() - interval '10 minutes' WHERE worker = 'b'")
    await rig.pool.execute("UPDATE workers SET seen_at = now() - interval '2 hours' WHERE worker = 'c'")
    assert len(await workers_alive(rig.pool, within_seconds=60)) == 1
    await sweep(rig.pool)
    assert len(await workers_alive(rig.pool, within_seconds=36_000)) == 2
    await renew(rig.pool, worker="b", tasks=[], lease_seconds=600)
    assert len(await workers_alive(rig.pool, within_seconds=60)) == 2
