"""Which worker may work on which task, and until when? Leases are rows that expire; each claim raises the epoch.

They are no read model: they are not built from events, and losing them loses nothing but time."""

from collections.abc import Sequence
from typing import LiteralString, NamedTuple
from uuid import UUID

from adapters.postgres.database import Pool
from domain.model import Kind


class Claim(NamedTuple):
    """A task that this worker may work on until its lease ends.

    `epoch` is the number of the claim, as in a fencing token: it rises each time that a worker claims the task."""

    stream: UUID
    task_id: str
    epoch: int


async def claim(
    pool: Pool, *, provider: str, worker: str, limit: int, lease_seconds: float, paused: Sequence[Kind] = ()
) -> list[Claim]:
    """Claim up to `limit` due tasks of a provider. Two workers never hold the same task at the same time.

    Tasks that wait for a call of a kind in `paused` are left out, unless another model may take over. Overdue tasks of
    any provider are included, because every worker can end them. Raises the driver's errors, like all functions
    here."""
    rows = await pool.fetch(_CLAIM, provider, worker, limit, lease_seconds, list(paused))
    return [Claim(*row) for row in rows]


async def expedite(pool: Pool, *, task_id: str) -> None:
    """Make a task due now, because there may be news of it. If a worker holds the task, it is due again as soon as that
    worker releases it, because the worker may have asked before the news."""
    await pool.execute(_EXPEDITE, task_id)


async def renew(pool: Pool, *, worker: str, tasks: list[str], lease_seconds: float, state: bytes = b"{}") -> list[str]:
    """Extend the leases of a worker, and return the tasks that it still holds. Also records that the worker is alive;
    `state` is JSON for the health page."""
    await pool.execute(_ALIVE, worker, state.decode())
    return [row[0] for row in await pool.fetch(_RENEW, worker, tasks, lease_seconds)]


async def release(pool: Pool, *, worker: str, task_id: str, due_seconds: float) -> None:
    """Give a lease back. The task may be claimed again in `due_seconds`."""
    await pool.execute(_RELEASE, worker, task_id, due_seconds)


async def sweep(pool: Pool) -> None:
    """Delete leases of tasks that have left the work list, and workers that have not been seen for an hour."""
    await pool.execute(_SWEEP_LEASES)
    await pool.execute(_SWEEP_WORKERS)


async def deregister(pool: Pool, *, worker: str) -> None:
    """A worker stops in good order: end its leases at once."""
    await pool.execute(_DEREGISTER_LEASES, worker)
    await pool.execute(_DEREGISTER, worker)


async def workers_alive(pool: Pool, *, within_seconds: float) -> list[bytes]:
    """The states, as JSON, of the workers that were seen within `within_seconds`."""
    return [row[0].encode() for row in await pool.fetch(_WORKERS, within_seconds)]


# The lock on the list keeps two claimers apart; the lease is what lasts, and its own condition decides in the end.
_CLAIM: LiteralString = """
WITH due AS MATERIALIZED (
    SELECT c.stream, c.task_id FROM calls c LEFT JOIN public.leases l ON l.task_id = c.task_id
    WHERE c.step <> 'Done' AND (c.provider = $1 OR c.finish_by <= now())
      AND (c.step <> 'MakeCall' OR c.kind <> ALL($5::text[]) OR c.finish_by <= now()
           OR c.body #> '{task,fallbacks}' IS NOT NULL)
      AND (c.not_before IS NULL OR c.not_before <= now())
      AND (l.task_id IS NULL OR (l.expires_at <= now() AND l.due_at <= now()))
    ORDER BY c.position LIMIT $3 FOR UPDATE OF c SKIP LOCKED
), taken AS (
    INSERT INTO public.leases AS l (task_id, worker, expires_at, due_at)
    SELECT task_id, $2, now() + make_interval(secs => $4), '-infinity' FROM due
    ON CONFLICT (task_id) DO UPDATE
    SET worker = excluded.worker, epoch = l.epoch + 1, expires_at = excluded.expires_at, due_at = excluded.due_at
    WHERE l.expires_at <= now()
    RETURNING l.task_id, l.epoch
)
SELECT due.stream, due.task_id, taken.epoch FROM due JOIN taken USING (task_id)
"""
_ALIVE: LiteralString = """
INSERT INTO public.workers (worker, state) VALUES ($1, $2::text::jsonb)
ON CONFLICT (worker) DO UPDATE SET seen_at = now(), state = excluded.state
"""
# While a task is held its `due_at` is -infinity, unless there was news since it was claimed.
_EXPEDITE: LiteralString = """
UPDATE public.leases SET due_at = now() WHERE task_id = $1 AND (due_at > now() OR due_at = '-infinity')
"""
_RENEW: LiteralString = """
UPDATE public.leases SET expires_at = now() + make_interval(secs => $3)
WHERE worker = $1 AND task_id = ANY($2::text[]) AND expires_at > now() RETURNING task_id
"""
_RELEASE: LiteralString = """
UPDATE public.leases SET expires_at = now(),
    due_at = CASE WHEN due_at = '-infinity' THEN now() + make_interval(secs => $3) ELSE now() END
WHERE worker = $1 AND task_id = $2
"""
_SWEEP_LEASES: LiteralString = """
DELETE FROM public.leases l
WHERE l.expires_at < now() - interval '1 minute' AND l.due_at < now() - interval '1 minute'
  AND NOT EXISTS (SELECT FROM calls c WHERE c.task_id = l.task_id)
"""
_SWEEP_WORKERS: LiteralString = "DELETE FROM public.workers WHERE seen_at < now() - interval '1 hour'"
_DEREGISTER_LEASES: LiteralString = (
    "UPDATE public.leases SET expires_at = now() WHERE worker = $1 AND expires_at > now()"
)
_DEREGISTER: LiteralString = "DELETE FROM public.workers WHERE worker = $1"
_WORKERS: LiteralString = """
SELECT state::text FROM public.workers WHERE seen_at > now() - make_interval(secs => $1) ORDER BY worker
"""
