"""The law of folding: rows that were saved and loaded batch by batch are those of a pure fold."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postgres.event_reader import decode
from application.clock import new_stream
from application.ports import Recorded
from domain.model import Kind, ModelEnabled
from domain.provider import Missing
from domain.task.events import LateResultSeen, OutputStored, ProviderProgressed
from projections import work_list
from projections.base import ReadModel, concerns
from projections.builds import prepare
from projections.parking import parked
from projections.read_models import READ_MODELS
from projections.tasks import TASKS
from projections.work_list import CALLS, CallRow
from tests.projections.expected import expected_tasks, stored_tasks
from tests.projections.projection_rig import ProjectionRig, running, under
from tests.projections.scenario import (
    AT,
    COST,
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
    requested,
)

NEWS = [
    called(),
    called(2, at=50),
    accepted(),
    ProviderProgressed(percent=40, at=after(3)),
    ProviderProgressed(phase="rendering", at=after(4)),
    refused(),
    refused(retry_at=after(60)),
    doubted(),
    reconciled("happened", job="job-1"),
    reconciled("did_not_happen"),
    reconciled("unknown"),
    OutputStored(index=0, asset=image_asset(), at=after(6)),
    completed(text="ä", missing=(Missing(index=1, code="c", message="m"),), usage={"n": 1}),
    completed(cost=COST),
    failed(),
    failed(charged="unknown"),
    cancelling(),
    cancelled("too_late"),
    cancelled("confirmed"),
    LateResultSeen(call="call-1", assets=(image_asset("late"),), at=after(10)),
    ModelEnabled(at=AT),
]
GOLDEN = Path(__file__).parents[1] / "domain" / "golden" / "events.jsonl"
REQUESTS: list[dict[str, Any]] = [
    {"project_id": "project", "source": "canvas", "source_id": "1", "metadata": {"a": [0.1, None]}},
    {"kind": Kind.VIDEO, "model": "sandbox/video-1"},
    {"kind": Kind.LLM, "params": {}},
]
STREAMS = 4
COMMANDS = st.tuples(st.integers(0, STREAMS - 1), st.lists(st.sampled_from(NEWS), min_size=1, max_size=4))
BATCHES = (1, 7, 500)


@settings(
    max_examples=20,
    deadline=None,
    # Examples share the database and leave their streams behind. Each example checks its own streams.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.none() | st.sampled_from(REQUESTS), min_size=STREAMS, max_size=STREAMS), st.lists(COMMANDS, max_size=24)
)
async def test_batches_of_any_size_give_the_pure_fold(
    rig: ProjectionRig, begun: list[dict[str, Any] | None], commands: list[tuple[int, list[Any]]]
) -> None:
    """Any histories, interleaved in any way, read in batches of 1, 7 or 500, give what a fold of each stream gives."""
    streams = [new_stream() for _ in begun]
    for stream, request in zip(streams, begun, strict=True):
        if request is not None:  # without one it is no task, whatever follows
            await rig.append(stream, requested(stream, **request))
    for number, news in commands:
        await rig.append(streams[number], *news)

    models = [under(model, f"{model.name}_by_{batch}") for model in (TASKS, CALLS) for batch in BATCHES]
    await prepare(rig.dsn, models)
    for model, batch in zip(models, BATCHES * 2, strict=True):
        async with running(rig.runner(model, batch=batch)):
            await rig.caught_up(model.name)
    assert await parked(rig.pool) == []

    expected = await expected_tasks(rig, streams)
    to_do = {stream: row for stream in streams if (row := _folded_call(await rig.log.stream(stream)))}
    for batch in BATCHES:
        rows = await stored_tasks(rig, f"tasks_by_{batch}")
        assert {stream: row for stream, row in rows.items() if stream in streams} == expected
        found = await rig.pool.fetch(
            f"SELECT stream, body FROM calls_by_{batch} WHERE stream = ANY($1::uuid[])", streams
        )
        assert {row[0]: msgspec.json.decode(row[1], type=CallRow) for row in found} == to_do


def _folded_call(history: list[Recorded]) -> CallRow | None:
    row: CallRow | None = None
    for recorded in history:
        row = work_list.fold(row, recorded)
    return row


@pytest.mark.parametrize("read_model", READ_MODELS, ids=lambda read_model: read_model.name)
def test_a_read_model_names_all_topics_that_it_folds(read_model: ReadModel[Any]) -> None:
    """In any state of a row, an event of a topic that the read model does not name leaves it unchanged."""
    stream = new_stream()
    examples = [json.loads(line) for line in GOLDEN.read_text().splitlines()]
    events = [decode(example["topic"], json.dumps(example["state"]).encode()) for example in examples]
    history = [Recorded(number, stream, number, event) for number, event in enumerate(events, 1)]
    row: Any = None
    for recorded in history:
        for other in history:
            assert concerns(read_model, other) or read_model.fold(row, other) == row, other
        row = read_model.fold(row, recorded)
