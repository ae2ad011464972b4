"""Which tasks match? A page of them, newest first, at a cost that hardly grows with the number of tasks.

Every list reads an index backwards whose last key is the position. An index by another column has one run in the order
of positions for each status and type; a list that leaves them open merges the ends of the runs. Only the conditions
that are asked for are in the statement, so that one index fits them best, whatever PostgreSQL knows of the data."""

from datetime import datetime
from typing import LiteralString, NamedTuple

from domain.base import Value
from domain.model import Kind
from domain.task.state import Status
from projections.base import Pool, StreamId
from projections.statements import Condition, Statement, conditions

# A plan that PostgreSQL keeps from the time when the table was small would read all of it later. A bitmap has no order:
# while nothing is known of a table it looks cheaper than an index that is read backwards, and reads all that matches.
# Reading the whole table looks cheaper, too, than ten thousand entries of an index (a search in the gallery). And so
# does the index of the positions, with a condition on each row, while the pages are not marked as visible to all:
# autovacuum does that later than it analyzes. Without a cost of pages the plan is chosen that reads the fewest rows.
SESSION = {
    "plan_cache_mode": "force_custom_plan",
    "enable_bitmapscan": "off",
    "enable_seqscan": "off",
    "random_page_cost": "0",
    "seq_page_cost": "0",
}
_END = 2**63 - 1  # behind every position


class Filter(Value):
    """Which tasks to list; None means any. `owner` is whose tasks the caller may see. `before` is the position at which
    the page before this one ended."""

    owner: str | None = None
    project_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    kind: str | None = None
    status: str | None = None
    model: str | None = None
    rerun_of: StreamId | None = None
    streams: list[StreamId] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    before: int | None = None


class Span(NamedTuple):
    """The positions from `first` up to, but without, `end`; None: from the first, or to the last."""

    first: int | None
    end: int | None


async def page(pool: Pool, wanted: Filter, limit: int, *, indexed: bool = True) -> list[tuple[int, bytes]]:
    """Tasks, newest first, as (position, encoded view). New tasks do not shift the pages. The sessions of the pool
    should have the settings of SESSION. `indexed` as `is_indexed` tells.

    Raises the driver's errors."""
    span = await find_span(pool, wanted) if indexed else Span(None, wanted.before)
    if span is None:
        return []
    statement = (select if indexed else select_unindexed)(wanted, span, limit)
    return [(row[0], row[1].encode()) for row in await pool.fetch(statement.sql, *statement.arguments)]


async def is_indexed(pool: Pool) -> bool:
    """Whether the table that serves has the indexes. A build of an older Pixel has none, and serves until the new
    one is ready. Raises the driver's errors."""
    return bool(await pool.fetchval(_IS_INDEXED))


async def find_span(pool: Pool, wanted: Filter) -> Span | None:
    """The positions between which the tasks of the requested times can be; None when there are none. Raises the
    driver's errors."""
    if wanted.created_after is None and wanted.created_before is None:
        return Span(None, wanted.before)
    before = _END if wanted.before is None else wanted.before
    [(first, end)] = await pool.fetch(FIND_SPAN, wanted.created_after, wanted.created_before, before)
    if first is None or end is None:
        return None
    return Span(None if wanted.created_after is None else first, min(before, end))


def select(wanted: Filter, span: Span, limit: int) -> Statement:
    """The statement for one page of the tasks in a span of positions."""
    columns = _columns(wanted)
    if wanted.streams is not None or all(value is None for _, value in _state(wanted) + columns):
        return select_unindexed(wanted, span, limit)
    statuses = [wanted.status] if wanted.status else _STATUSES
    kinds = [wanted.kind] if wanted.kind else _KINDS
    arguments: list[object] = [limit, statuses, kinds]
    return Statement(_RUNS + conditions(columns + _bounds(wanted, span), arguments) + _MERGED, arguments)


def select_unindexed(wanted: Filter, span: Span, limit: int) -> Statement:
    """The same statement for ids, for all tasks, and for a table without the indexes."""
    arguments: list[object] = [limit]
    start = _ALL
    if wanted.streams is not None:
        arguments.append(wanted.streams)
        start = _NAMED
    asked = conditions(_state(wanted) + _columns(wanted) + _bounds(wanted, span), arguments)
    return Statement(start + asked + _NEWEST, arguments)


def _state(wanted: Filter) -> list[Condition]:
    return [(" AND status = ", wanted.status), (" AND kind = ", wanted.kind)]


def _columns(wanted: Filter) -> list[Condition]:
    return [
        (" AND owner = ", wanted.owner),
        (" AND project_id = ", wanted.project_id),
        (" AND source = ", wanted.source),
        (" AND source_id = ", wanted.source_id),
        (" AND model = ", wanted.model),
        (" AND rerun_of = ", wanted.rerun_of),
    ]


def _bounds(wanted: Filter, span: Span) -> list[Condition]:
    return [
        (" AND position >= ", span.first),
        (" AND position < ", span.end),
        (" AND created_at > ", wanted.created_after),
        (" AND created_at < ", wanted.created_before),
    ]


_STATUSES = [status.value for status in Status if status is not Status.NEW]
_KINDS = [kind.value for kind in Kind]
_IS_INDEXED: LiteralString = "SELECT version >= 3 FROM public.read_models WHERE name = 'tasks' AND serving"
_ALL: LiteralString = "SELECT position, body FROM tasks WHERE true"
_NAMED: LiteralString = """
WITH named AS MATERIALIZED (SELECT * FROM tasks WHERE stream = ANY($2::uuid[]))
SELECT position, body FROM named WHERE true"""
_NEWEST: LiteralString = " ORDER BY position DESC LIMIT $1"
# One run for each status and type, and at most a page of each: of a row that is not on the page, only its index entry
# is read. The body comes from a subquery, because a join might be made by reading the whole table.
_RUNS: LiteralString = """
SELECT newest.position, (SELECT body FROM tasks WHERE tasks.position = newest.position)
FROM (
    SELECT run.position
    FROM unnest($2::text[]) AS of_status (status) CROSS JOIN unnest($3::text[]) AS of_kind (kind)
    CROSS JOIN LATERAL (
        SELECT position FROM tasks WHERE status = of_status.status AND kind = of_kind.kind"""
_MERGED: LiteralString = """
        ORDER BY position DESC LIMIT $1
    ) AS run
    ORDER BY run.position DESC LIMIT $1
) AS newest
ORDER BY newest.position DESC
"""
# Tasks are recorded nearly in the order of their creation: each process has a clock of its own. So a time is no
# position, but an index knows the first and the last time in each block of 65,536 positions. The blocks are looked at
# from the newest on until one has a task created before $2, and from the oldest on until one has a task created after
# $1. Null: there is none.
FIND_SPAN: LiteralString = """
WITH RECURSIVE from_newest (block) AS (
    SELECT max(position) >> 16 FROM tasks WHERE position < $3
    UNION ALL
    SELECT (SELECT max(position) >> 16 FROM tasks WHERE position < from_newest.block << 16) FROM from_newest
    WHERE (SELECT min(created_at) FROM tasks WHERE position >> 16 = from_newest.block) >= $2
), from_oldest (block) AS (
    SELECT min(position) >> 16 FROM tasks
    UNION ALL
    SELECT (SELECT min(position) >> 16 FROM tasks WHERE position >= (from_oldest.block + 1) << 16) FROM from_oldest
    WHERE (SELECT max(created_at) FROM tasks WHERE position >> 16 = from_oldest.block) <= $1
)
SELECT (SELECT CASE WHEN bool_and(block IS NOT NULL) THEN max(block) << 16 END FROM from_oldest),
       (SELECT CASE WHEN bool_and(block IS NOT NULL) THEN (min(block) + 1) << 16 END FROM from_newest)
"""
