"""Which tasks are due, and which worker has which? One row of `leases` for each task that a worker may have to do with.

The rows are not derived from events: they say when a task is due and who holds it, until when. New tasks are found in
the log, so they do not wait for any read model. A lost row is made again from the work list."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

import msgspec

from adapters.postgres.database import RAW_ERRORS, Connection, Pool, connect, translated
from domain.base import Value
from domain.ids import task_id, task_stream
from domain.model import Kind, split_model_id

ANY_PROVIDER = ""
"""The provider of a row whose provider is not known. Claiming for it also claims what is overdue, of any provider."""

BATCH = 2000
STATEMENT_SECONDS = 15.0
MAX_PROJECT_LENGTH = 200  # an index entry has a limit

# A plan that was right while the table was empty reads all of it later, so only plans by an index are left. Losing the
# latest claims in a crash of PostgreSQL costs time and nothing else, so no claim waits for the disk.
SESSION = {
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "plan_cache_mode": "force_generic_plan",
    "synchronous_commit": "off",
}


class Claim(NamedTuple):
    """A task that this worker may work on until its lease ends. `epoch` rises with every claim of the task; `is_order`
    says that it was claimed to send an order."""

    task_id: str
    epoch: int
    is_order: bool

    @property
    def stream(self) -> UUID:
        """The stream of the task."""
        return task_stream(self.task_id)


class Release(NamedTuple):
    """What a worker knows of a task that it gives back. `due_seconds` None: the task needs no worker any more.

    `provider` and `kind` are those of the next step; `is_order` says whether it sends an order, and `has_fallback`
    whether another model may take over. At `deadline` the task is due at the latest."""

    task_id: str
    epoch: int
    due_seconds: float | None
    provider: str = ANY_PROVIDER
    kind: str = ""
    is_order: bool = False
    has_fallback: bool = False
    deadline: datetime | None = None


class Room(NamedTuple):
    """How much a worker can take on for one provider.

    `orders` and `questions` are its free places. `kinds` limits the orders of each kind; kinds that are not in it are
    not claimed. Of the kinds in `fallback_only`, only tasks are claimed for which another model may take over."""

    orders: int
    questions: int
    kinds: Mapping[Kind, int]
    fallback_only: Mapping[Kind, int]


class WorkQueue:
    """The queue on a connection of its own, which is opened again when it was lost.

    Every method raises one of DRIVER_ERRORS."""

    def __init__(self, dsn: str, worker: str, *, lease_seconds: float) -> None:
        self._dsn = dsn
        self._worker = worker
        self._lease_seconds = lease_seconds
        self._connection: Connection | None = None
        self._one_at_a_time = asyncio.Lock()
        self._seen: int | None = None

    async def exchange(self, provider: str, room: Room, releases: Sequence[Release]) -> tuple[list[Claim], float]:
        """Give tasks back and claim others, in one transaction. Two workers never hold the same task at the same time.
        Returns the claims, and the time of the event loop from which their leases certainly last.

        New orders are claimed project by project in turn; all other tasks in the order in which they became due."""
        kinds = [*room.kinds, *room.fallback_only]
        async with self._session() as connection:
            since = asyncio.get_running_loop().time()
            rows = await connection.fetch(
                EXCHANGE,
                self._worker,
                self._lease_seconds,
                [each.task_id for each in releases],
                [each.epoch for each in releases],
                [each.due_seconds for each in releases],
                [each.provider for each in releases],
                [each.kind for each in releases],
                [each.is_order for each in releases],
                [each.has_fallback for each in releases],
                [each.deadline for each in releases],
                provider,
                room.orders,
                room.questions,
                kinds,
                [*room.kinds.values(), *room.fallback_only.values()],
                [kind in room.fallback_only for kind in kinds],
                provider == ANY_PROVIDER,
                timeout=STATEMENT_SECONDS,
            )
        return [Claim(*row) for row in rows], since

    async def next_due(self, providers: Sequence[str], *, within_seconds: float) -> dict[str, float]:
        """The providers of which a task is due within so many seconds, and the seconds until then: 0 for one that is
        due now, whoever may claim it."""
        async with self._session() as connection:
            rows = await connection.fetch(
                NEXT_DUE, list(providers), list(Kind), within_seconds, timeout=STATEMENT_SECONDS
            )
        return {row[0]: row[1] for row in rows}

    async def enqueue_new(self) -> set[str]:
        """Search the log behind the last search for new work, and put it into the queue. Returns the providers that
        have some.

        Besides new tasks these are tasks that a person or a caller has changed: whoever holds one gets it again."""
        found: set[str] = set()
        while True:
            async with self._session() as connection:  # for each batch: claims take turns with a long search
                if self._seen is None:
                    self._seen = await connection.fetchval(_POSITION, timeout=STATEMENT_SECONDS)
                rows = await connection.fetch(_NEW_WORK, self._seen, BATCH, timeout=STATEMENT_SECONDS)
                upto, seen_events = rows[0][0], rows[0][1]
                if upto is None:
                    return found
                changed = [task_id(row[2]) for row in rows if row[2] and row[3] != "TaskRequested"]
                if changed:
                    due = await connection.fetch(_EXPEDITE, changed, timeout=STATEMENT_SECONDS)
                    found.update(row[0] for row in due)
                new = [_new_order(row[2], row[4]) for row in rows if row[3] == "TaskRequested"]
                columns = list(zip(*new, strict=True)) if new else [()] * len(_NewOrder._fields)
                self._seen = await connection.fetchval(_ENQUEUE, self._seen, upto, *columns, timeout=STATEMENT_SECONDS)
                found.update(order.provider for order in new)
                if seen_events < BATCH:
                    return found

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[Connection]:
        async with self._one_at_a_time:
            try:
                if self._connection is None:
                    self._connection = await connect(self._dsn, **SESSION)
                yield self._connection
            except RAW_ERRORS as error:
                await self.close()
                raise translated(error) from error
            except BaseException:  # a statement was interrupted: the connection may be in the middle of it
                await self.close()
                raise


class _NewOrder(NamedTuple):
    task_id: str
    provider: str
    kind: str
    project: str
    has_fallback: bool
    deadline: datetime | None


class _Requested(Value):
    """The part of a TaskRequested event that the queue needs."""

    kind: str
    model: str
    finish_by: datetime
    start_by: datetime | None = None
    project_id: str | None = None
    fallbacks: tuple[msgspec.Raw, ...] = ()


def _new_order(stream: UUID, state: bytes) -> _NewOrder:
    """The row of a new task. One whose event this version can't read is looked at all the same: its worker says why
    it can't go on."""
    try:
        requested = _REQUESTED.decode(state)
        provider, _ = split_model_id(requested.model)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NewOrder(task_id(stream), ANY_PROVIDER, "", "", has_fallback=False, deadline=None)
    return _NewOrder(
        task_id=task_id(stream),
        provider=provider,
        kind=requested.kind,
        project=(requested.project_id or "")[:MAX_PROJECT_LENGTH],
        has_fallback=bool(requested.fallbacks),
        deadline=min(requested.finish_by, requested.start_by or requested.finish_by),
    )


async def expedite(pool: Pool, *, task_id: str) -> None:
    """Make a task due now, because there may be news of it. If a worker holds the task, it is due again as soon as that
    worker gives it back, because the worker may have asked before the news. Raises the driver's errors, like all
    functions here, and Rejected `task_unknown` for a malformed id."""
    task_stream(task_id)
    await pool.execute(_EXPEDITE, [task_id])


async def renew(pool: Pool, *, worker: str, tasks: list[str], lease_seconds: float, state: bytes = b"{}") -> list[str]:
    """Extend the leases of a worker, and return the tasks that it still holds. Also records that the worker is alive;
    `state` is JSON for the health page."""
    await pool.execute(_ALIVE, worker, state.decode())
    return [row[0] for row in await pool.fetch(_RENEW, worker, tasks, lease_seconds)]


async def restore(pool: Pool) -> None:
    """Put tasks of the work list that have no row into the queue: rows that were lost, and those of an older Pixel."""
    await pool.execute(_RESTORE)


async def forget_workers(pool: Pool) -> None:
    """Delete workers that have not been seen for an hour."""
    await pool.execute(_FORGET_WORKERS)


async def deregister(pool: Pool, *, worker: str) -> None:
    """A worker stops in good order: end its leases at once."""
    await pool.execute(_END_LEASES, worker)
    await pool.execute(_DEREGISTER, worker)


async def workers_alive(pool: Pool, *, within_seconds: float) -> list[bytes]:
    """The states, as JSON, of the workers that were seen within `within_seconds`."""
    return [row[0].encode() for row in await pool.fetch(_WORKERS, within_seconds)]


_REQUESTED: msgspec.json.Decoder[_Requested] = msgspec.json.Decoder(_Requested)

# The row that is lost, by a restore by hand, say, is made again, and the log is searched from its beginning: what is in
# the queue or has ended is left alone.
_POSITION: LiteralString = """
WITH made AS (INSERT INTO public.work_queue (position) VALUES (0) ON CONFLICT DO NOTHING RETURNING position)
SELECT position FROM made UNION ALL SELECT position FROM public.work_queue
"""
# The first row says how far was read, and how many events that are.
_NEW_WORK: LiteralString = """
WITH seen AS MATERIALIZED (
    SELECT notification_id, originator_id, topic, state FROM public.stored_events
    WHERE notification_id > $1 ORDER BY notification_id LIMIT $2
)
SELECT max(notification_id), count(*), NULL::uuid, NULL::text, NULL::bytea FROM seen
UNION ALL
(SELECT notification_id, 0, originator_id, topic, CASE WHEN topic = 'TaskRequested' THEN state END FROM seen
 WHERE topic IN ('TaskRequested', 'CancellationRequested', 'CallResolved', 'RefetchRequested'))
"""
_ENQUEUE: LiteralString = """
SELECT public.pixel_enqueue($1, $2, $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::timestamptz[])
"""
# While a task is held its `due_at` is -infinity, unless there was news since it was claimed. A row that is held is due
# when both its lease and its own time are over: `greatest` of the two is what the indexes have.
# A row that is held is none of an order: when its worker dies, the order may be with the provider, and what became of
# it is a question, which no pause and no limit of orders may delay.
EXCHANGE: LiteralString = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($3::text[], $4::bigint[], $5::float8[], $6::text[], $7::text[], $8::boolean[], $9::boolean[],
                         $10::timestamptz[])
        AS g (task_id, epoch, due_seconds, provider, kind, is_order, has_fallback, deadline)
), released AS (
    UPDATE public.leases l
    SET expires_at = now(), provider = g.provider, kind = g.kind, is_order = g.is_order,
        has_fallback = g.has_fallback, deadline = coalesce(g.deadline, 'infinity'),
        due_at = CASE WHEN l.due_at <> '-infinity' THEN now()
                      WHEN g.deadline > now() THEN least(now() + make_interval(secs => g.due_seconds), g.deadline)
                      ELSE now() + make_interval(secs => g.due_seconds) END
    FROM given g
    WHERE l.task_id = g.task_id AND l.worker = $1 AND l.epoch = g.epoch
      AND (g.due_seconds IS NOT NULL OR l.due_at <> '-infinity')
), ended AS (
    DELETE FROM public.leases l USING given g
    WHERE l.task_id = g.task_id AND l.worker = $1 AND l.epoch = g.epoch
      AND g.due_seconds IS NULL AND l.due_at = '-infinity'
), wanted AS MATERIALIZED (
    SELECT * FROM unnest($14::text[], $15::int[], $16::boolean[]) AS w (kind, most, fallback_only)
), new_orders AS MATERIALIZED (
    SELECT o.task_id, w.kind, w.most, row_number() OVER (PARTITION BY w.kind ORDER BY o.place, o.task_id) AS rank
    FROM wanted w CROSS JOIN LATERAL (
        SELECT l.task_id, l.place FROM public.leases l
        WHERE l.provider = $11 AND l.kind = w.kind AND l.is_order AND l.worker IS NULL
        ORDER BY l.place LIMIT CASE WHEN w.fallback_only THEN 0 ELSE least(w.most, $12) END
        FOR UPDATE OF l SKIP LOCKED
    ) o
), movable_orders AS MATERIALIZED (
    SELECT o.task_id, w.kind, w.most, row_number() OVER (PARTITION BY w.kind ORDER BY o.place, o.task_id) AS rank
    FROM wanted w CROSS JOIN LATERAL (
        SELECT l.task_id, l.place FROM public.leases l
        WHERE l.provider = $11 AND l.kind = w.kind AND l.is_order AND l.worker IS NULL AND l.has_fallback
        ORDER BY l.place LIMIT CASE WHEN w.fallback_only THEN least(w.most, $12) ELSE 0 END
        FOR UPDATE OF l SKIP LOCKED
    ) o
), later_orders AS MATERIALIZED (
    SELECT o.task_id, w.kind, w.most, row_number() OVER (PARTITION BY w.kind ORDER BY o.due, o.task_id) AS rank
    FROM wanted w CROSS JOIN LATERAL (
        SELECT l.task_id, greatest(l.expires_at, l.due_at) AS due FROM public.leases l
        WHERE l.provider = $11 AND l.kind = w.kind AND l.is_order AND l.worker IS NOT NULL
          AND greatest(l.expires_at, l.due_at) <= now() AND (l.has_fallback OR NOT w.fallback_only)
        ORDER BY greatest(l.expires_at, l.due_at) LIMIT least(w.most, $12)
        FOR UPDATE OF l SKIP LOCKED
    ) o
), orders AS (
    SELECT task_id FROM (
        SELECT task_id, most, rank, row_number() OVER (PARTITION BY kind ORDER BY rank, task_id) AS turn
        FROM (TABLE new_orders UNION ALL TABLE movable_orders UNION ALL TABLE later_orders) AS every
    ) AS ranked
    WHERE turn <= most ORDER BY turn, task_id LIMIT $12
), questions AS MATERIALIZED (
    SELECT l.task_id FROM public.leases l
    WHERE l.provider = $11 AND NOT l.is_order AND greatest(l.expires_at, l.due_at) <= now()
    ORDER BY greatest(l.expires_at, l.due_at) LIMIT $13
    FOR UPDATE OF l SKIP LOCKED
), overdue AS MATERIALIZED (
    SELECT l.task_id FROM public.leases l
    WHERE l.deadline <= now() AND greatest(l.expires_at, l.due_at) <= now()
    ORDER BY l.deadline LIMIT CASE WHEN $17 THEN $13 ELSE 0 END
    FOR UPDATE OF l SKIP LOCKED
)
UPDATE public.leases l
SET worker = $1, epoch = l.epoch + 1, expires_at = now() + make_interval(secs => $2), due_at = '-infinity',
    is_order = false
WHERE l.task_id = ANY(ARRAY(TABLE orders UNION TABLE questions UNION TABLE overdue))
RETURNING l.task_id, l.epoch, l.task_id = ANY(ARRAY(TABLE orders))
"""
# One look into each of the indexes by which tasks are claimed.
NEXT_DUE: LiteralString = """
SELECT asked.provider, greatest(extract(epoch FROM min(next.due) - now()), 0)::float8
FROM unnest($1::text[]) AS asked (provider) CROSS JOIN LATERAL (
    (SELECT greatest(l.expires_at, l.due_at, now()) AS due FROM public.leases l
     WHERE l.provider = asked.provider AND NOT l.is_order
       AND greatest(l.expires_at, l.due_at) <= now() + make_interval(secs => $3)
     ORDER BY greatest(l.expires_at, l.due_at) LIMIT 1)
    UNION ALL
    SELECT o.due FROM unnest($2::text[]) AS k (kind) CROSS JOIN LATERAL (
        (SELECT now() AS due FROM public.leases l
         WHERE l.provider = asked.provider AND l.kind = k.kind AND l.is_order AND l.worker IS NULL
         ORDER BY l.place LIMIT 1)
        UNION ALL
        (SELECT greatest(l.expires_at, l.due_at, now()) FROM public.leases l
         WHERE l.provider = asked.provider AND l.kind = k.kind AND l.is_order AND l.worker IS NOT NULL
           AND greatest(l.expires_at, l.due_at) <= now() + make_interval(secs => $3)
         ORDER BY greatest(l.expires_at, l.due_at) LIMIT 1)
    ) o
    UNION ALL
    (SELECT greatest(l.deadline, l.expires_at, l.due_at, now()) FROM public.leases l
     WHERE asked.provider = '' AND l.deadline <= now() + make_interval(secs => $3)
       AND greatest(l.expires_at, l.due_at) <= now() + make_interval(secs => $3)
     ORDER BY l.deadline LIMIT 1)
) next
GROUP BY asked.provider
"""
_EXPEDITE: LiteralString = """
INSERT INTO public.leases AS l (task_id, epoch, expires_at, due_at)
SELECT asked, 0, '-infinity', now() FROM unnest($1::text[]) AS asked
ON CONFLICT (task_id) DO UPDATE SET due_at = now() WHERE l.due_at > now() OR l.due_at = '-infinity'
RETURNING l.provider
"""
_ALIVE: LiteralString = """
INSERT INTO public.workers (worker, state) VALUES ($1, $2::text::jsonb)
ON CONFLICT (worker) DO UPDATE SET seen_at = now(), state = excluded.state
"""
_RENEW: LiteralString = """
UPDATE public.leases SET expires_at = now() + make_interval(secs => $3)
WHERE worker = $1 AND task_id = ANY($2::text[]) AND expires_at > now() RETURNING task_id
"""
_RESTORE: LiteralString = """
INSERT INTO public.leases (task_id, provider, kind, is_order, has_fallback, deadline, epoch, expires_at, due_at)
SELECT c.task_id, c.provider, c.kind, c.step = 'MakeCall', c.body #> '{task,fallbacks}' IS NOT NULL, c.finish_by,
       0, '-infinity', coalesce(c.not_before, now())
FROM calls c
WHERE c.step <> 'Done' AND NOT EXISTS (SELECT FROM public.leases l WHERE l.task_id = c.task_id)
ON CONFLICT (task_id) DO NOTHING
"""
_FORGET_WORKERS: LiteralString = "DELETE FROM public.workers WHERE seen_at < now() - interval '1 hour'"
_END_LEASES: LiteralString = "UPDATE public.leases SET expires_at = now() WHERE worker = $1 AND expires_at > now()"
_DEREGISTER: LiteralString = "DELETE FROM public.workers WHERE worker = $1"
_WORKERS: LiteralString = """
SELECT state::text FROM public.workers WHERE seen_at > now() - make_interval(secs => $1) ORDER BY worker
"""
