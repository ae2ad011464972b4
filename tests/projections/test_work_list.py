"""Laws of the work list: the next step of each task."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

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
from domain.provider import Asset, RemoteOutput
from domain.task.events import (
    CallResolved,
    LateResultSeen,
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
    image_asset,
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


# --- Rows ---


@pytest.mark.parametrize(
    ("later", "step"),
    [
        pytest.param([], "MakeCall", id="requested"),
        pytest.param([called()], "Reconcile", id="called"),
        pytest.param([called(), accepted()], "PollJob", id="accepted"),
        pytest.param([called(), accepted(), ProviderProgressed(percent=4, at=AT)], "PollJob", id="progressed"),
        pytest.param([called(), OutputStored(index=0, asset=image_asset(), at=AT)], "Reconcile", id="stored"),
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
        pytest.param([called(), completed(), late(image_asset())], id="news of what has ended"),
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
async def test_a_call_of_unknown_outcome_stays_on_the_list(rig: ProjectionRig, later: list[Any]) -> None:
    """A worker has nothing to do, but a late answer or a person may come: the row waits."""
    stream = await rig.begin(*later)
    await rig.follow(CALLS)
    assert await step_of(rig, stream) == ("Done", None)


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
async def test_a_job_that_is_accepted_after_the_end_is_polled(rig: ProjectionRig, end: list[Any]) -> None:
    """A call of unknown outcome comes back to the list when its answer comes late."""
    stream = await rig.begin(called(), *end)
    async with running(rig.runner(CALLS)):
        await rig.caught_up("calls")
        assert await step_of(rig, stream) == ("Done", None)
        await rig.append(stream, accepted(at=20))
        await rig.caught_up("calls")
        assert await step_of(rig, stream) == ("PollJob", None)
        await rig.append(stream, late(image_asset()))
        await rig.caught_up("calls")
        assert await step_of(rig, stream) is None


async def test_other_streams_are_not_on_the_list(rig: ProjectionRig) -> None:
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


# --- Calls under way and in doubt ---


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


async def test_calls_in_doubt_are_listed_for_a_person(rig: ProjectionRig) -> None:
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
