"""What the tasks read model should hold: a fold of each stream, computed apart from what the runner delivered."""

from uuid import UUID

import msgspec

from projections.task_view import TaskRow, TaskView, fold_all
from tests.projections.ground import Ground


async def the_tasks_are_right(ground: Ground, name: str = "tasks") -> None:
    """The law of every rebuild and repair, when the read model has caught up."""
    await ground.caught_up(name)
    streams = [row[0] for row in await ground.pool.fetch("SELECT DISTINCT originator_id FROM stored_events")]
    assert await tasks(ground, name) == await folded(ground, streams)


async def tasks(ground: Ground, name: str = "tasks") -> dict[UUID, TaskRow]:
    """The rows that are there."""
    rows = await ground.pool.fetch(f"SELECT stream, position, version, body FROM public.{name}")
    return {row[0]: TaskRow(row[1], row[2], msgspec.json.decode(row[3], type=TaskView)) for row in rows}


async def folded(ground: Ground, streams: list[UUID]) -> dict[UUID, TaskRow]:
    """The rows that should be there for these streams."""
    rows = {stream: fold_all(await ground.log.stream(stream)) for stream in streams}
    return {stream: row for stream, row in rows.items() if row}
