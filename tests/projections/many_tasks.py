"""Many tasks at once, made by SQL: as skewed as real ones, and with the combinations that are hard to list.

Project 0, model 0 and owner 0 have many tasks and others few; the newest tasks are unfinished, and a few old ones too;
one process has a clock that is ten minutes late."""

from datetime import UTC, datetime, timedelta
from typing import LiteralString

from tests.projections.bulk import fill_table

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=20)
EVENTS = 7  # the events of a task, and so the distance between two tasks


def created(number: int) -> datetime:
    """When the task of this number was made, but for a few seconds."""
    return BEGIN + number * APART


async def fill(dsn: str, count: int) -> None:
    """Put this many tasks into the read model's first build, which is empty."""
    await fill_table(dsn, "tasks_1", "tasks", _FILL, count)


_FILL: LiteralString = """
INSERT INTO tasks (stream, position, version, kind, status, model, project_id, source, source_id,
                   created_at, updated_at, body, rerun_of, owner, caller)
SELECT lpad(to_hex(n), 32, '0')::uuid, 7 * n, 7, (ARRAY['image', 'video', 'llm', 'audio'])[1 + model % 4],
       CASE WHEN n > $1 - 20 THEN 'pending' WHEN n > $1 - 300 OR n % 40000 = 0 THEN 'processing'
            WHEN dice % 100 < 3 THEN 'failed' ELSE 'completed' END,
       'acme/model-' || model,
       CASE WHEN dice % 10 > 0 THEN 'project-' || project END,
       CASE WHEN dice % 200 < 120 THEN 'canvas' WHEN dice % 200 < 170 THEN 'api' WHEN dice % 200 < 198 THEN 'batch' END,
       CASE WHEN dice % 200 < 120 THEN 'canvas-' || project || '-' || dice % 7 END,
       made, made, '{}', CASE WHEN dice % 50 = 1 THEN lpad(to_hex(1 + dice % 997), 32, '0')::uuid END,
       'owner-' || owner, 'key_' || owner
FROM (
    SELECT n, dice, floor(20 * power((dice % 1009) / 1009.0::float8, 2))::int AS model,
           floor(100 * power((dice % 10009) / 10009.0::float8, 3))::int AS owner,
           floor(2000 * power((dice % 10007) / 10007.0::float8, 3))::int AS project,
           timestamptz '2026-01-01 00:00Z' + n * interval '20 s' + (dice % 11 - 5) * interval '1 s'
               - CASE WHEN dice % 1000 = 0 THEN interval '10 min' ELSE interval '0' END AS made
    FROM (SELECT n, abs(hashint8(n)::bigint) AS dice FROM generate_series(1, $1::bigint) AS n) AS drawn
) AS task
"""
