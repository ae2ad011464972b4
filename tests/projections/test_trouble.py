"""Laws of read models in trouble: dropped tables are built again, errors are reported, and retries slow down."""

from typing import Any

import asyncpg
import pytest

from application import log_throttle
from application.log_throttle import LogThrottle
from projections import runner
from projections.base import StreamId
from projections.builds import BuildSuperseded, prepare
from projections.monitoring import ReadModelStatus, status
from projections.parking import parked
from projections.tasks import TASKS, find_many
from tests.projections.counting_model import COUNTING_MODEL, assert_each_event_seen_once
from tests.projections.expected import assert_tasks_match_streams
from tests.projections.own_process import own_process
from tests.projections.projection_rig import ProjectionRig, running, until
from tests.projections.scenario import accepted, called

# --- Dropped tables ---


@pytest.mark.parametrize(
    "drop",
    [
        "DROP SCHEMA tally_1 CASCADE",
        "DROP TABLE tally_1.tally CASCADE",
        "DELETE FROM read_models WHERE name = 'tally'",
    ],
)
async def test_tables_dropped_under_a_runner_are_built_again(rig: ProjectionRig, drop: str) -> None:
    """A read model can be thrown away at any time, while nothing happens and under traffic: it is there again."""
    stream = await rig.begin(called())
    async with running(rig.runner(COUNTING_MODEL)):
        await assert_each_event_seen_once(rig)
        await rig.pool.execute(drop)
        await until(lambda: rig.serves("tally", 2))
        await assert_each_event_seen_once(rig)
        await rig.append(stream, accepted())
        await assert_each_event_seen_once(rig)
        async with rig.traffic():
            await rig.pool.execute("DROP SCHEMA tally_2 CASCADE")
            await until(lambda: rig.serves("tally", 3))
        await assert_each_event_seen_once(rig)
        await until(lambda: in_order(rig))
        assert await rig.schemas("tally") == ["tally_3"]


async def in_order(rig: ProjectionRig) -> bool:
    """No trouble is on record."""
    return all(build.error is None for build in await status(rig.pool))


async def test_tables_dropped_without_a_runner_are_built_again(rig: ProjectionRig) -> None:
    """A start finds the missing tables, and does not fail."""
    await rig.begin()
    await rig.follow(COUNTING_MODEL)
    await rig.pool.execute("DROP SCHEMA tally_1 CASCADE")
    await prepare(rig.dsn, [COUNTING_MODEL])
    async with running(rig.runner(COUNTING_MODEL)):
        await until(lambda: rig.serves("tally", 2))
        await assert_each_event_seen_once(rig)


async def test_a_view_that_was_dropped_is_made_again(rig: ProjectionRig) -> None:
    """The rows still exist: only the view is made again."""
    await rig.begin()
    async with running(rig.runner(COUNTING_MODEL)):
        await assert_each_event_seen_once(rig)
        await rig.pool.execute("DROP VIEW tally")
        await until(lambda: view_is_there(rig))
        await assert_each_event_seen_once(rig)
    assert await rig.builds("tally") == [(1, 1, True)]


async def view_is_there(rig: ProjectionRig) -> bool:
    return bool(await rig.pool.fetchval("SELECT to_regclass('public.tally') IS NOT NULL"))


async def test_a_task_is_found_without_the_table(rig: ProjectionRig) -> None:
    """Without the table, a read of a task finds no row, and the version of its stream; so GET folds it."""
    stream = await rig.begin(called())
    await rig.follow(TASKS)
    await rig.pool.execute("DROP SCHEMA tasks_1 CASCADE")
    (seen,) = await find_many(rig.pool, [stream])
    assert (seen.body, seen.version, seen.head, seen.ended) == (None, 0, 2, False)


async def test_a_rebuild_keeps_views_and_grants_of_others(rig: ProjectionRig) -> None:
    """An analyst's view on ours, and grants to others, outlive a rebuild."""
    await rig.begin()
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        await rig.pool.execute("CREATE VIEW mine AS SELECT count(*) AS n FROM tasks; GRANT SELECT ON tasks TO public")
        await rig.runner(TASKS).rebuild()
        await assert_tasks_match_streams(rig)
    assert await rig.builds("tasks") == [(2, TASKS.version, True)]
    assert await rig.pool.fetchval("SELECT n FROM mine") == 1
    assert await rig.pool.fetchval("SELECT relacl::text FROM pg_class WHERE oid = 'public.tasks'::regclass") is not None


# --- Errors ---


async def trouble(rig: ProjectionRig, name: str = "tally") -> str:
    """The recorded trouble of a read model."""
    return next((build.error or "" for build in await status(rig.pool) if build.name == name), "")


async def test_an_error_of_sql_is_reported_until_it_is_repaired(rig: ProjectionRig) -> None:
    """A table that is not as the code expects stops its read model: the error is on record, until it goes on."""
    stream = await rig.begin()
    async with running(rig.runner(COUNTING_MODEL)) as task:
        await assert_each_event_seen_once(rig)
        await rig.pool.execute("ALTER TABLE tally_1.tally RENAME COLUMN versions TO others")
        await rig.append(stream, called())
        await until(lambda: trouble(rig))
        assert await trouble(rig) == """UndefinedColumnError('column "versions" of relation "tally" does not exist')"""
        await rig.pool.execute("ALTER TABLE tally_1.tally RENAME COLUMN others TO versions")
        await assert_each_event_seen_once(rig)
        await until(lambda: in_order(rig))
        assert not task.done()


async def test_a_rebuild_mends_a_table_that_was_changed(rig: ProjectionRig) -> None:
    """The command that the problem names helps."""
    stream = await rig.begin()
    async with running(rig.runner(COUNTING_MODEL)):
        await assert_each_event_seen_once(rig)
        await rig.pool.execute("ALTER TABLE tally_1.tally DROP COLUMN versions CASCADE")
        await rig.append(stream, called())
        await until(lambda: trouble(rig))
        await rig.runner(COUNTING_MODEL).rebuild()
        await assert_each_event_seen_once(rig)
        await until(lambda: in_order(rig))


async def test_a_read_model_that_can_not_be_built_is_reported(rig: ProjectionRig) -> None:
    """The status shows the trouble of a read model without any build."""
    broken = COUNTING_MODEL._replace(name="nowhere", ddl="CREATE TABLE nowhere (stream uuid REFERENCES nothing)")
    async with running(rig.runner(broken)):
        await until(lambda: trouble(rig, "nowhere"))
    (reported,) = [build for build in await status(rig.pool) if build.name == "nowhere"]
    assert (reported.generation, reported.serving) == (0, False)
    assert reported.error == """UndefinedTableError('relation "nothing" does not exist')"""


async def test_a_bug_in_saving_parks_its_stream_and_nothing_else(rig: ProjectionRig) -> None:
    """After any exception for one row, the read model goes on with the others, and the process lives."""
    sick, well = await rig.begin(), await rig.begin()

    async def save(connection: Any, rows: dict[StreamId, Any]) -> None:
        if sick in rows:
            raise AttributeError("no such thing")
        await COUNTING_MODEL.save(connection, rows)

    async with running(rig.runner(COUNTING_MODEL._replace(save=save))) as task:
        await rig.caught_up("tally")
        assert not task.done()
    assert [(item.stream, item.error) for item in await parked(rig.pool)] == [(sick, "AttributeError('no such thing')")]
    assert [row[0] for row in await rig.pool.fetch("SELECT stream FROM tally")] == [well]


async def test_a_newer_version_without_a_runner_is_reported(rig: ProjectionRig) -> None:
    """After an upgrade that was taken back, the old code leaves the newer build alone and says what is wrong, in
    health and in its log. A rebuild with the old code helps, and so does the newer Pixel when it comes back."""
    newer = COUNTING_MODEL._replace(version=2)
    async with running(rig.runner(newer)):
        await until(lambda: rig.serves("tally", 2))
    await until(lambda: rig.is_left("tally"))
    reported = "a newer Pixel made version 2 of it, and none runs; this one has version 1"
    async with own_process(rig, "run", ready=reported):  # the old one
        assert await trouble(rig) == reported
        async with running(rig.runner(newer)):
            await until(lambda: in_order(rig))
            await assert_each_event_seen_once(rig)
        await until(lambda: trouble(rig))
        await rig.runner(COUNTING_MODEL).rebuild()
        await until(lambda: in_order(rig))
        await rig.begin()
        await assert_each_event_seen_once(rig)


# --- Retries ---


def test_errors_of_its_own_are_retried_less_and_less_often(rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away is tried each second; an error of SQL, or a checkpoint that moves, less and less."""
    monkeypatch.setattr(runner, "STANDBY_SECONDS", 1.0)
    monkeypatch.setattr(runner, "MAX_PAUSE_SECONDS", 15.0)

    def pauses_after(error: Exception) -> list[float]:
        tried = rig.runner(COUNTING_MODEL)
        return [tried._pause_after(error) for _ in range(7)]

    assert pauses_after(asyncpg.UndefinedColumnError("x")) == [1, 2, 4, 8, 15, 15, 15]
    assert pauses_after(BuildSuperseded("x")) == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]
    assert pauses_after(ConnectionRefusedError()) == [1, 1, 1, 1, 1, 1, 1]


def test_a_lasting_failure_logs_fewer_and_fewer_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty times a second for ten minutes is a line at once, then after 1, 2, 4 … seconds, at last each minute."""
    line, reported = LogThrottle(), list[float]()
    for tick in range(20 * 600):
        monkeypatch.setattr(log_throttle, "monotonic", lambda tick=tick: tick / 20)
        if line.should_log():
            reported.append(tick / 20)
    assert reported == [0, 1, 3, 7, 15, 31, 63, *range(123, 600, 60)]
    line.reset()
    assert line.should_log()


async def test_lag_is_measured_in_seconds(rig: ProjectionRig) -> None:
    """The age of the first event that a read model has not seen; 0 for one that has seen all."""

    def of(found: list[ReadModelStatus]) -> float:
        return next(build.lag_seconds for build in found if build.name == "tally")

    assert of(await status(rig.pool)) == 0
    await rig.begin()
    await until(lambda: older_than(rig, 0.05))
    await rig.follow(COUNTING_MODEL)
    assert of(await status(rig.pool)) == 0


async def older_than(rig: ProjectionRig, seconds: float) -> bool:
    return any(build.lag_seconds > seconds for build in await status(rig.pool) if build.name == "tally")
