"""What was money spent on? One row a task, and what the rows of a day add up to.

The sums of a day are kept in the transaction that changes the rows, so that nobody adds up the rows of a day again:
see `spending_days`."""

from datetime import date
from typing import LiteralString
from uuid import UUID

import msgspec

from domain.task.events import (
    CallResolved,
    FallbackChosen,
    LateResultSeen,
    ProviderSucceeded,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskRequested,
)
from projections.base import Connection, Pool, ReadModel, StreamId, topics_of
from projections.spending_row import SpendingRow, choices, fold


async def day_of_task(pool: Pool, stream: UUID) -> date | None:
    """The day of a task's budgets; None while the table has no row of it. Raises the driver's errors."""
    found: date | None = await pool.fetchval(_DAY, stream)
    return found


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, SpendingRow]:
    rows = await connection.fetch(_LOAD, streams)
    return {
        row["stream"]: msgspec.convert(dict(row) | {"others": msgspec.json.decode(row["others"])}, SpendingRow)
        for row in rows
    }


async def _save(connection: Connection, rows: dict[StreamId, SpendingRow]) -> None:
    columns = [[getattr(row, name) for row in rows.values()] for name in _COLUMNS]
    others = [msgspec.json.encode(row.others).decode() for row in rows.values()]
    chains = [msgspec.json.encode(found).decode() if (found := choices(row)) else "" for row in rows.values()]
    last = max(row.position for row in rows.values())
    await connection.execute(_SAVE, list(rows), *columns, others, chains, last)


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_COLUMNS = [name for name in SpendingRow.__struct_fields__ if name != "others"]

# `chain` are the `choices` of a task whose model may still change, as JSON, else ''. What such tasks commit depends on
# the exchange rates, which are not in the log: their amounts can't be added up, so that equal tasks are counted.
#
# A row of spending_days is what the tasks with the same keys commit: for those without a chain `amount`, for those with
# one only their number. Rows that are down to nothing stay, so that a reader finds out.
#
# Whoever has read the sums at a position has seen all changes but those with a later `changed_at`: the last position in
# the batch that made the change. That holds after a crash that took the last transactions of the read model, too: they
# are made again, or later ones. A stream that is folded afresh is in no batch, and changes sums after what anybody can
# have read: after the end of the log.
_DDL: LiteralString = """
CREATE TABLE spending (
    stream uuid PRIMARY KEY,
    task_id text NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    project text,
    state text NOT NULL,
    currency text,
    estimate numeric,
    amount numeric,
    position bigint NOT NULL,
    before numeric NOT NULL,
    others jsonb NOT NULL,
    chain text NOT NULL,
    caller text NOT NULL,
    owner text NOT NULL
) WITH (fillfactor = 80);
CREATE TABLE spending_days (
    day date NOT NULL,
    provider text NOT NULL,
    project text,
    currency text NOT NULL,
    chain text NOT NULL,
    amount numeric NOT NULL,
    tasks bigint NOT NULL,
    changed_at bigint NOT NULL,
    caller text NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX spending_days_key
    ON spending_days (day, provider, currency, coalesce(project, ''), (project IS NULL), md5(chain), caller);
CREATE INDEX spending_days_caller ON spending_days (caller, day) WHERE caller <> 'anonymous';
CREATE INDEX spending_days_changed ON spending_days (day, changed_at);
"""
_INDEXES: LiteralString = """
CREATE INDEX IF NOT EXISTS spending_day ON spending (day);
CREATE INDEX IF NOT EXISTS spending_owner ON spending (owner, day);
"""
_LOAD: LiteralString = "SELECT * FROM spending WHERE stream = ANY($1::uuid[])"
# All parts of a statement see the tables as they were before it: `change` finds the rows that `saved` replaces.
_COUNT: LiteralString = """
INSERT INTO spending_days AS days (day, provider, project, currency, chain, amount, tasks, changed_at, caller)
SELECT day, provider, project, coalesce(currency, ''), chain,
       sum(CASE chain WHEN '' THEN amount ELSE 0 END), sum(tasks),
       (SELECT changed_at FROM mark), caller
FROM change WHERE chain <> '' OR (amount IS NOT NULL AND currency IS NOT NULL)
GROUP BY day, provider, project, coalesce(currency, ''), chain, caller
HAVING sum(tasks) <> 0 OR sum(CASE chain WHEN '' THEN amount ELSE 0 END) <> 0
ON CONFLICT (day, provider, currency, coalesce(project, ''), (project IS NULL), md5(chain), caller) DO UPDATE
SET amount = days.amount + excluded.amount, tasks = days.tasks + excluded.tasks, changed_at = excluded.changed_at
"""
_SAVE: LiteralString = (
    """
WITH saved AS (
    INSERT INTO spending (stream, task_id, day, kind, provider, model, project, state, currency, estimate, amount,
                          position, before, caller, owner, others, chain)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                         $9::text[], $10::numeric[], $11::numeric[], $12::bigint[], $13::numeric[],
                         $14::text[], $15::text[], $16::text[]::jsonb[], $17::text[])
    ON CONFLICT (stream) DO UPDATE
    SET task_id = excluded.task_id, day = excluded.day, kind = excluded.kind, provider = excluded.provider,
        model = excluded.model, project = excluded.project, state = excluded.state, currency = excluded.currency,
        estimate = excluded.estimate, amount = excluded.amount, position = excluded.position,
        before = excluded.before, others = excluded.others, chain = excluded.chain, caller = excluded.caller,
        owner = excluded.owner
    RETURNING day, provider, project, currency, chain, amount, caller
), change AS (
    SELECT 1 AS tasks, day, provider, project, currency, chain, amount, caller FROM saved
    UNION ALL
    SELECT -1, day, provider, project, currency, chain, -amount, caller FROM spending WHERE stream = ANY($1::uuid[])
), mark AS (
    SELECT CASE WHEN $18 > position THEN $18
                ELSE (SELECT coalesce(max(notification_id), 0) + 1 FROM public.stored_events) END AS changed_at
    FROM public.read_models WHERE name || '_' || generation = current_schema()
)
"""  # noqa: S608 - two constants
    + _COUNT
)
_REMOVE: LiteralString = (
    """
WITH removed AS (
    DELETE FROM spending WHERE stream = ANY($1::uuid[])
    RETURNING day, provider, project, currency, chain, amount, caller
), change AS (
    SELECT -1 AS tasks, day, provider, project, currency, chain, -amount AS amount, caller FROM removed
), mark AS (
    SELECT coalesce(max(notification_id), 0) + 1 AS changed_at FROM public.stored_events
)
"""  # noqa: S608 - two constants
    + _COUNT
)
_DAY: LiteralString = "SELECT day FROM spending WHERE stream = $1"

_TOPICS = topics_of(
    TaskRequested,
    FallbackChosen,
    ProviderSucceeded,
    CallResolved,
    TaskCompleted,
    TaskFailed,
    TaskCancelled,
    LateResultSeen,
)

SPENDING: ReadModel[SpendingRow] = ReadModel(
    "spending", 5, _DDL, fold, _load, _save, _remove, _TOPICS, indexes=_INDEXES
)
