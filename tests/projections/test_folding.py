"""The law of folding: rows that were saved and loaded batch by batch are those of a pure fold."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.event_log import EventLog
from adapters.postgres import Connection
from application.ports import Recorded
from application.tasks import new_stream
from domain.base import replace
from domain.ids import task_id
from domain.model import Kind, ModelEnabled
from domain.provider import Missing
from domain.task import (
    LateResultSeen,
    OutputStored,
    ProviderAccepted,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    ProviderProgressed,
    ProviderRefused,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
)
from projections import calls, runner
from projections.base import Key, ReadModel
from projections.calls import CALLS, CallRow
from projections.runner import ReadModelStatus, parked, prepare, retry_parked, status
from projections.tasks import TASKS, TaskRow, TaskView, find_many, fold, fold_all
from tests.projections.ground import (
    AT,
    CAUSE,
    TALLY,
    Gate,
    Ground,
    Tally,
    accepted,
    after,
    called,
    cancelling,
    disconnect_everybody,
    picture,
    requested,
    running,
    tallies,
    under,
    until,
    whole,
)
from tests.projections.wire import strung


# --- Fold equality ---


def _is_refused(retry_at: Any = None) -> ProviderRefused:
    return ProviderRefused(
        call="call-1", code="busy", message="", retryable=True, charged="no", retry_at=retry_at, at=after(2)
    )


def _is_reconciled(outcome: Any) -> ProviderCallReconciled:
    return ProviderCallReconciled(call="call-1", outcome=outcome, evidence="asked", job="job-1", at=after(3))


ANYTHING: list[Callable[[UUID], Any]] = [
    lambda stream: requested(stream, project_id="project", source="canvas", source_id="1", metadata={"a": [0.1, None]}),
    lambda stream: requested(stream, kind=Kind.VIDEO, model="sandbox/video-1"),
    lambda stream: requested(stream, kind=Kind.LLM, params={}),
    lambda _: called(),
    lambda _: called(2, at=50),
    lambda _: accepted(),
    lambda _: ProviderProgressed(percent=40, at=after(3)),
    lambda _: ProviderProgressed(phase="rendering", at=after(4)),
    lambda _: _is_refused(),
    lambda _: _is_refused(after(60)),
    lambda _: ProviderCallInDoubt(call="call-1", reason="cut", at=after(5)),
    lambda _: _is_reconciled("happened"),
    lambda _: _is_reconciled("did_not_happen"),
    lambda _: _is_reconciled("unknown"),
    lambda _: OutputStored(index=0, asset=picture(), at=after(6)),
    lambda _: TaskCompleted(text="ä", missing=(Missing(index=1, code="c", message="m"),), usage={"n": 1}, at=after(7)),
    lambda _: TaskCompleted(cost={"amount": 0.1}, at=after(7)),
    lambda _: TaskFailed(code="c", message="m", retryable=False, charged="unknown", at=after(8)),
    lambda _: cancelling(),
    lambda _: TaskCancelled(by="alice", outcome="too_late", message="", charged="unknown", at=after(9)),
    lambda _: TaskCancelled(by="alice", outcome="confirmed", message="", charged="no", at=after(9)),
    lambda _: LateResultSeen(call="call-1", assets=(picture("late"),), at=after(10)),
    lambda _: ModelEnabled(at=AT),
]
HISTORIES = st.tuples(
    st.lists(st.booleans(), min_size=4, max_size=4),  # which streams begin with a request
    st.lists(st.tuples(st.integers(0, 3), st.lists(st.sampled_from(ANYTHING), min_size=1, max_size=4)), max_size=24),
)
BATCHES = (1, 7, 500)


@settings(
    max_examples=20,
    deadline=None,
    # Examples share the database and leave their streams behind, as histories do. Each looks at its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(HISTORIES)
async def test_batches_of_any_size_give_the_pure_fold(
    ground: Ground, history: tuple[list[bool], list[tuple[int, list[Callable[[UUID], Any]]]]]
) -> None:
    """Any histories, interleaved in any way and read in batches of 1, 7 or 500, give what a fold of each stream gives."""
    begun, commands = history
    streams = [new_stream() for _ in begun]
    for stream, begins in zip(streams, begun, strict=True):
        if begins:
            await ground.append(stream, requested(stream))
    for number, makers in commands:
        await ground.append(streams[number], *[make(streams[number]) for make in makers])

    models = [under(model, f"{model.name}_by_{batch}") for model in (TASKS, CALLS) for batch in BATCHES]
    await prepare(ground.dsn, models)
    for model, batch in zip(models, BATCHES * 2, strict=True):
        async with running(ground.runner(model, batch=batch)):
            await ground.caught_up(model.name)
    assert await parked(ground.pool) == []

    tasks = await folded_tasks(ground, streams)
    to_do = {stream: row for stream in streams if (row := _folded_call(await ground.log.stream(stream)))}
    for batch in BATCHES:
        rows = await rows_of_tasks(ground, f"tasks_by_{batch}")
        assert {stream: row for stream, row in rows.items() if stream in streams} == tasks
        found = await ground.pool.fetch(
            f"SELECT stream, body FROM calls_by_{batch} WHERE stream = ANY($1::uuid[])", streams
        )
        assert {row[0]: msgspec.json.decode(row[1], type=CallRow) for row in found} == to_do


def _folded_call(history: list[Recorded]) -> CallRow | None:
    row: CallRow | None = None
    for recorded in history:
        row = calls.fold(row, recorded)
    return row


