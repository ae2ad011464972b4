"""Laws of lists: matching tasks, newest first, a page at a time. How much a list reads is in test_list_plans."""

import random
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec

from application.clock import new_stream
from domain.ids import task_id
from domain.model import Kind
from projections.builds import prepare
from projections.task_lists import Filter, is_indexed, page
from projections.task_view import TaskView
from projections.tasks import TASKS
from services.list_reader import ListReader
from tests.projections.projection_rig import ProjectionRig, running, until
from tests.projections.scenario import AT, called


async def listed(rig: ProjectionRig, wanted: Filter, limit: int = 100) -> list[str]:
    return [msgspec.json.decode(body, type=TaskView).id for _, body in await page(rig.pool, wanted, limit)]


async def test_a_page_is_filtered_by_every_field(rig: ProjectionRig) -> None:
    """Each filter alone finds the tasks with that value; together they narrow; none finds all."""
    plain = await rig.begin()
    other = await rig.begin(
        called(),
        kind=Kind.VIDEO,
        model="sandbox/video-1",
        project_id="project",
        source="canvas",
        source_id="canvas-1",
        at=AT + timedelta(hours=1),
    )
    await rig.follow(TASKS)
    positions = dict(zip([task_id(other), task_id(plain)], await page(rig.pool, Filter(), 9), strict=True))
    for wanted in [
        Filter(project_id="project"),
        Filter(source="canvas"),
        Filter(source_id="canvas-1"),
        Filter(kind="video"),
        Filter(status="processing"),
        Filter(model="sandbox/video-1"),
        Filter(streams=[other, new_stream()]),
        Filter(created_after=AT),
        Filter(project_id="project", source="canvas", kind="video", created_after=AT, streams=[plain, other]),
    ]:
        assert await listed(rig, wanted) == [task_id(other)], wanted
    for wanted in [
        Filter(kind="image"),
        Filter(status="pending"),
        Filter(model="sandbox/image-1"),
        Filter(streams=[plain]),
        Filter(created_before=AT + timedelta(hours=1)),
        Filter(before=positions[task_id(other)][0]),
    ]:
        assert await listed(rig, wanted) == [task_id(plain)], wanted
    for wanted in [
        Filter(project_id="another"),
        Filter(source_id="canvas-1", kind="image"),
        Filter(streams=[]),
        Filter(created_after=AT + timedelta(hours=1)),
        Filter(created_before=AT),
    ]:
        assert await listed(rig, wanted) == [], wanted
    assert await listed(rig, Filter()) == [task_id(other), task_id(plain)]


async def test_a_filter_follows_the_status(rig: ProjectionRig) -> None:
    """A task leaves the list of pending tasks when it is called."""
    stream = await rig.begin()
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        assert await listed(rig, Filter(status="pending")) == [task_id(stream)]
        await rig.append(stream, called())
        await rig.caught_up("tasks")
        assert await listed(rig, Filter(status="pending")) == []
        assert await listed(rig, Filter(status="processing")) == [task_id(stream)]


async def test_paging_shows_every_task_once_while_new_ones_come_in(rig: ProjectionRig) -> None:
    """Newest first; the pages that follow the first neither repeat nor skip, whatever is inserted or changed."""
    streams = [await rig.begin() for _ in range(7)]
    found: list[str] = []
    before: int | None = None
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        while True:
            tasks = await page(rig.pool, Filter(before=before), 3)
            if not tasks:
                break
            found += [msgspec.json.decode(body, type=TaskView).id for _, body in tasks]
            before = tasks[-1][0]
            await rig.begin()
            await rig.append(streams[0], called())
            await rig.caught_up("tasks")
        assert found == [task_id(stream) for stream in reversed(streams)]
        assert len(await page(rig.pool, Filter(), 100)) == 10


async def test_a_time_is_exact_however_the_clocks_of_the_processes_differ(rig: ProjectionRig) -> None:
    """Position and creation are two orders: a page by time has what was created then, wherever it is in the log."""
    draw = random.Random(4)
    made = {position: AT + timedelta(minutes=position // 1000) for position in range(1000, 2_000_000, 20_000)}
    for position in draw.sample(sorted(made), 12):  # clocks that are late, early, and far from anything
        made[position] += timedelta(days=draw.choice([-400, -1, 1, 400]), minutes=draw.randrange(1000))
    await rig.pool.execute(_RECORD, [UUID(int=position) for position in made], [*made], [*made.values()])
    bounds: list[datetime | None] = [None, *(AT + timedelta(days=days) for days in (-500, -1, 0, 1, 2, 500))]
    bounds += draw.sample(sorted(made.values()), 12)
    for after in bounds:
        for before in bounds:
            for end in (None, 900_000):
                found = await page(rig.pool, Filter(created_after=after, created_before=before, before=end), 200)
                assert [position for position, _ in found] == [
                    position
                    for position, at in sorted(made.items(), reverse=True)
                    if (after is None or at > after) and (before is None or at < before)
                    if end is None or position < end
                ]


async def test_lists_are_answered_while_a_table_without_the_indexes_serves(rig: ProjectionRig) -> None:
    """Until the new build serves, as in an upgrade of a large log, the same tasks are found in the old one."""
    older = TASKS._replace(version=2, indexes="")
    await rig.pool.execute("DELETE FROM read_models WHERE name = 'tasks'; DROP VIEW tasks; DROP SCHEMA tasks_1 CASCADE")
    await prepare(rig.dsn, [older])
    first, second = await rig.begin(), await rig.begin(called(), kind=Kind.VIDEO, project_id="project", source="canvas")
    await rig.follow(older)
    wishes = [
        (Filter(), [second, first]),
        (Filter(kind="video", status="processing"), [second]),
        (Filter(project_id="project", created_after=AT - timedelta(days=1)), [second]),
        (Filter(streams=[first], created_before=AT), []),
        (Filter(streams=[first], created_before=AT + timedelta(days=1)), [first]),
    ]
    assert not await is_indexed(rig.pool)
    reader = ListReader(rig.pool, size=1)
    for wanted, streams in wishes:
        found = await page(rig.pool, wanted, 10, indexed=False)
        assert [msgspec.json.decode(body, type=TaskView).id for _, body in found] == [task_id(each) for each in streams]
        assert await reader.page(wanted, 10) == found
    async with running(rig.runner(TASKS)):
        await until(lambda: is_indexed(rig.pool))
        await rig.caught_up("tasks")
    for wanted, streams in wishes:
        assert await listed(rig, wanted) == [task_id(each) for each in streams]
        assert await reader.page(wanted, 10) == await page(rig.pool, wanted, 10)


_RECORD: LiteralString = """
INSERT INTO tasks_1.tasks (stream, position, version, kind, status, model, created_at, updated_at, body, owner, caller)
SELECT stream, position, 1, 'image', 'pending', 'sandbox/image', created_at, created_at, '{}', 'anonymous', 'anonymous'
FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS made (stream, position, created_at)
"""
