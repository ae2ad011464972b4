"""The expected rows of the tasks read model: each stream folded at once, without any runner."""

from uuid import UUID

import msgspec

from projections.task_view import TaskRow, TaskView, fold_all
from tests.projections.projection_rig import ProjectionRig


async def assert_tasks_match_streams(rig: ProjectionRig, name: str = "tasks") -> None:
    """Wait until the read model has caught up; then each row must be the fold of its stream."""
    await rig.caught_up(name)
    streams = [row[0] for row in await rig.pool.fetch("SELECT DISTINCT originator_id FROM stored_events")]
    assert await stored_tasks(rig, name) == await expected_tasks(rig, streams)


async def stored_tasks(rig: ProjectionRig, name: str = "tasks") -> dict[UUID, TaskRow]:
    """The rows of the read model."""
    rows = await rig.pool.fetch(f"SELECT stream, position, version, body, owner, caller FROM public.{name}")
    return {row[0]: TaskRow(row[1], row[2], msgspec.json.decode(row[3], type=TaskView), row[4], row[5]) for row in rows}


async def expected_tasks(rig: ProjectionRig, streams: list[UUID]) -> dict[UUID, TaskRow]:
    """The rows that the folds of these streams give."""
    rows = {stream: fold_all(await rig.log.stream(stream)) for stream in streams}
    return {stream: row for stream, row in rows.items() if row}
