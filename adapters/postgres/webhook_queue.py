"""What is to be delivered to which webhook, and what came of it? One row of `webhook_deliveries` for each event.

Rows are made from the log behind the cursor of each webhook. They are not derived from events: they say when a delivery
is due and who has it, until when, and what was answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from adapters.postgres.database import Pool
from domain.base import Value

PAGE = 500
MAX_WAITING = 1000  # rows of a webhook; the log keeps what comes behind
MAX_ANSWERS = 20
KEPT = 1000  # settled deliveries of a webhook
KEPT_DAYS = 7

DeliveryState = Literal["waiting", "delivered", "failed"]


class Cursor(NamedTuple):
    """How far the log was searched for a webhook, whether its last attempt failed, and how many rows wait."""

    webhook: UUID
    position: int
    failing: bool
    waiting: int


class Change(NamedTuple):
    """An event of a task that somebody may be told of."""

    position: int
    task: UUID
    version: int
    topic: str


class NewDelivery(NamedTuple):
    """A row to be made. `url` goes before that of the webhook."""

    webhook: UUID
    position: int
    task: UUID
    version: int
    url: str | None


class Claim(NamedTuple):
    """A delivery that this worker may try until its lease ends. `epoch` rises with every claim."""

    webhook: UUID
    position: int
    task: UUID
    version: int
    url: str | None
    epoch: int
    attempts: int

    @property
    def delivery(self) -> tuple[UUID, int]:
        """Which delivery it is of, however often that is claimed."""
        return self.webhook, self.position


class DeliveryAttempt(Value, omit_defaults=True):
    """What came of one attempt: the HTTP status, or what went wrong before there was one."""

    at: Annotated[datetime, Meta(description="When it began", examples=["2026-02-11T10:00:09Z"])]
    milliseconds: Annotated[int, Meta(description="How long it took", examples=[48])]
    status: Annotated[int | None, Meta(description="The HTTP status of the answer", examples=[200])] = None
    error: Annotated[str | None, Meta(description="Why there was none", examples=["no answer within 20 seconds"])] = (
        None
    )


class DeliveryRow(NamedTuple):
    """A delivery as its row has it. `due_at` is None when it is not tried any more. With `of_batch`, `task` is the
    stream of a batch."""

    position: int
    task: UUID
    version: int
    state: DeliveryState
    due_at: datetime | None
    attempts: list[DeliveryAttempt]
    of_batch: bool = False


class WebhookState(NamedTuple):
    """Where a webhook stands: how far the log was searched for it, since when it fails, how many deliveries wait."""

    webhook: UUID
    position: int
    failing_since: datetime | None
    waiting: int


class WebhookQueue:
    """The deliveries that workers make. Every method raises the driver's errors."""

    def __init__(self, pool: Pool, worker: str, *, lease_seconds: float) -> None:
        self._pool = pool
        self._worker = worker
        self._lease_seconds = lease_seconds

    async def cursors(self, begins: Mapping[UUID, int]) -> list[Cursor]:
        """The cursors of these webhooks. One that has none gets it at the position that is given with it."""
        if not begins:
            return []
        await self._pool.execute(_BEGIN, list(begins), list(begins.values()))
        return [Cursor(*row) for row in await self._pool.fetch(_CURSORS, list(begins), MAX_WAITING)]

    async def search(self, after: int, topics: Sequence[str]) -> tuple[int, bool, list[Change]]:
        """The events of these topics in the next PAGE events behind a position; up to where that is, and whether the
        page was full."""
        head, *found = await self._pool.fetch(_SEARCH, after, PAGE, list(topics))
        return head[0] or after, head[2] >= PAGE, [Change(row[0], row[1], row[2], row[3]) for row in found]

    async def requests(self, tasks: Sequence[UUID]) -> dict[UUID, bytes]:
        """The first event of each of these streams, as it is stored."""
        return {row[0]: row[1] for row in await self._pool.fetch(_REQUESTS, list(tasks))}

    async def enqueue(self, webhooks: Sequence[UUID], seen: int, upto: int, deliveries: Sequence[NewDelivery]) -> None:
        """Move the cursors of these webhooks from one position to another, with the deliveries between. Nothing is
        done for a webhook whose cursor somebody else has moved."""
        columns = list(zip(*deliveries, strict=True)) if deliveries else [()] * len(NewDelivery._fields)
        await self._pool.execute(_ENQUEUE, list(webhooks), seen, upto, *columns)

    async def claim(self, places: Mapping[UUID, int]) -> list[Claim]:
        """Claim due deliveries, up to so many of each webhook. A delivery waits for those of earlier versions of the
        same task."""
        rows = await self._pool.fetch(_CLAIM, list(places), list(places.values()), self._worker, self._lease_seconds)
        return [Claim(*row) for row in rows]

    async def renew(self, claims: Sequence[Claim]) -> None:
        """Extend the leases of these claims."""
        await self._pool.execute(_RENEW, self._worker, self._lease_seconds, *_names(claims))

    async def succeed(self, claim: Claim, attempt: DeliveryAttempt) -> None:
        """Record that a delivery succeeded. If the webhook failed before, all that waits for it is due at once."""
        await self._pool.execute(_SUCCEED, claim.webhook, claim.position, claim.epoch, _encoded(attempt), MAX_ANSWERS)

    async def fail(
        self, claim: Claim, attempt: DeliveryAttempt, *, retry_seconds: float | None, pause_seconds: float
    ) -> float:
        """Record that an attempt failed; with `retry_seconds` None the delivery has failed. Nothing is sent to the
        webhook for `pause_seconds`. Returns for how many seconds all attempts have failed."""
        since = await self._pool.fetchval(
            _FAIL,
            *(claim.webhook, claim.position, claim.epoch, _encoded(attempt), MAX_ANSWERS),
            *(retry_seconds, pause_seconds),
        )
        return float(since or 0.0)

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give back claims that were not tried to the end."""
        await self._pool.execute(_RELEASE, *_names(claims))

    async def tidy(self) -> None:
        """Delete the rows of webhooks that are removed, and settled deliveries that are old or too many."""
        await self._pool.execute(_DELETE_REMOVED)
        await self._pool.execute(_DELETE_OLD, KEPT, KEPT_DAYS)


async def list_deliveries(
    pool: Pool, webhook: UUID, *, state: DeliveryState | None, before: int | None, limit: int
) -> list[DeliveryRow]:
    """Deliveries of a webhook before a position, newest first."""
    rows = await pool.fetch(_LIST, webhook, state, before, limit)
    return [DeliveryRow(row[0], row[1], row[2], row[3], row[4], _ATTEMPTS.decode(row[5]), row[6]) for row in rows]


async def states(pool: Pool, webhooks: Sequence[UUID]) -> dict[UUID, WebhookState]:
    """Where these webhooks stand; one that no worker has seen yet is missing."""
    return {row[0]: WebhookState(*row) for row in await pool.fetch(_STATES, list(webhooks))}


async def redeliver_one(pool: Pool, webhook: UUID, position: int) -> bool:
    """Make a delivery due again. False: there is no delivery of this position."""
    return bool(await pool.fetchval(_REDELIVER, webhook, position))


async def redeliver_since(pool: Pool, webhook: UUID, position: int) -> None:
    """Search the log for this webhook again behind a position."""
    await pool.execute(_SET_BACK, webhook, position)


async def hasten(pool: Pool, webhook: UUID) -> None:
    """Make all that waits for a webhook due at once."""
    await pool.execute(_HASTEN, webhook)


def _names(claims: Sequence[Claim]) -> tuple[list[UUID], list[int], list[int]]:
    return [each.webhook for each in claims], [each.position for each in claims], [each.epoch for each in claims]


def _encoded(attempt: DeliveryAttempt) -> str:
    return msgspec.json.encode([attempt]).decode()


_ATTEMPTS = msgspec.json.Decoder(list[DeliveryAttempt])

_BEGIN: LiteralString = """
INSERT INTO webhook_cursors (webhook, position)
SELECT w.webhook, w.position FROM unnest($1::uuid[], $2::bigint[]) AS w (webhook, position)
WHERE NOT EXISTS (SELECT FROM webhook_cursors c WHERE c.webhook = w.webhook)
ON CONFLICT (webhook) DO NOTHING
"""
_CURSORS: LiteralString = """
SELECT c.webhook, c.position, c.failing_since IS NOT NULL,
       (SELECT count(*) FROM (SELECT FROM webhook_deliveries d
                              WHERE d.webhook = c.webhook AND d.state = 'waiting' LIMIT $2) AS waits)
FROM webhook_cursors c WHERE c.webhook = ANY($1::uuid[])
"""
# The first row says how far was read, and how many events that are.
_SEARCH: LiteralString = """
WITH page AS MATERIALIZED (
    SELECT notification_id, originator_id, originator_version, topic FROM stored_events
    WHERE notification_id > $1 ORDER BY notification_id LIMIT $2
)
SELECT max(notification_id), NULL::uuid, count(*), NULL::text FROM page
UNION ALL
(SELECT notification_id, originator_id, originator_version, topic FROM page
 WHERE topic = ANY($3::text[]) ORDER BY notification_id)
"""
_REQUESTS: LiteralString = """
SELECT e.* FROM unnest($1::uuid[]) AS asked CROSS JOIN LATERAL (
    SELECT originator_id, state FROM stored_events WHERE originator_id = asked AND originator_version = 1
) e
"""
# A delivery that is there already is made again: somebody has set the cursor back.
_ENQUEUE: LiteralString = """
WITH moved AS (
    UPDATE webhook_cursors SET position = $3 WHERE webhook = ANY($1::uuid[]) AND position = $2 RETURNING webhook
)
INSERT INTO webhook_deliveries (webhook, position, task, version, url)
SELECT n.webhook, n.position, n.task, n.version, n.url
FROM unnest($4::uuid[], $5::bigint[], $6::uuid[], $7::bigint[], $8::text[]) AS n (webhook, position, task, version, url)
JOIN moved USING (webhook)
ON CONFLICT (webhook, position) DO UPDATE
SET state = 'waiting', due_at = now(), worker = NULL, attempts = 0, epoch = webhook_deliveries.epoch + 1
"""
_CLAIM: LiteralString = """
WITH due AS MATERIALIZED (
    SELECT d.webhook, d.position
    FROM unnest($1::uuid[], $2::int[]) AS w (webhook, places)
    JOIN webhook_cursors c ON c.webhook = w.webhook AND c.paused_until <= now()
    CROSS JOIN LATERAL (
        SELECT d.webhook, d.position FROM webhook_deliveries d
        WHERE d.webhook = w.webhook AND d.state = 'waiting' AND d.due_at <= now()
          AND NOT EXISTS (
              SELECT FROM webhook_deliveries e
              WHERE e.webhook = d.webhook AND e.task = d.task AND e.version < d.version AND e.state = 'waiting'
          )
        ORDER BY d.due_at, d.position LIMIT w.places
        FOR UPDATE OF d SKIP LOCKED
    ) d
)
UPDATE webhook_deliveries d
SET worker = $3, due_at = now() + make_interval(secs => $4), epoch = d.epoch + 1, attempts = d.attempts + 1
FROM due WHERE d.webhook = due.webhook AND d.position = due.position
RETURNING d.webhook, d.position, d.task, d.version, d.url, d.epoch, d.attempts
"""
_RENEW: LiteralString = """
UPDATE webhook_deliveries d SET due_at = now() + make_interval(secs => $2)
FROM unnest($3::uuid[], $4::bigint[], $5::bigint[]) AS c (webhook, position, epoch)
WHERE d.webhook = c.webhook AND d.position = c.position AND d.epoch = c.epoch
  AND d.worker = $1 AND d.state = 'waiting'
"""
_SUCCEED: LiteralString = """
WITH done AS (
    UPDATE webhook_deliveries SET state = 'delivered', worker = NULL,
        answers = CASE WHEN jsonb_array_length(answers) < $5 THEN answers ELSE answers - 0 END || $4::jsonb
    WHERE webhook = $1 AND position = $2 AND epoch = $3
), healed AS (
    UPDATE webhook_cursors SET failing_since = NULL, paused_until = '-infinity'
    WHERE webhook = $1 AND failing_since IS NOT NULL RETURNING webhook
)
UPDATE webhook_deliveries d SET due_at = now()
FROM healed WHERE d.webhook = healed.webhook AND d.state = 'waiting' AND d.worker IS NULL AND d.due_at > now()
"""
_FAIL: LiteralString = """
WITH failed AS (
    UPDATE webhook_deliveries SET worker = NULL, state = CASE WHEN $6::float8 IS NULL THEN 'failed' ELSE 'waiting' END,
        due_at = now() + make_interval(secs => coalesce($6, 0)),
        answers = CASE WHEN jsonb_array_length(answers) < $5 THEN answers ELSE answers - 0 END || $4::jsonb
    WHERE webhook = $1 AND position = $2 AND epoch = $3
    RETURNING webhook
)
UPDATE webhook_cursors c SET failing_since = coalesce(c.failing_since, now()),
    paused_until = greatest(c.paused_until, now() + make_interval(secs => $7))
FROM failed WHERE c.webhook = failed.webhook
RETURNING extract(epoch FROM now() - c.failing_since)::float8
"""
_RELEASE: LiteralString = """
UPDATE webhook_deliveries d SET due_at = now(), worker = NULL, attempts = d.attempts - 1
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS c (webhook, position, epoch)
WHERE d.webhook = c.webhook AND d.position = c.position AND d.epoch = c.epoch AND d.state = 'waiting'
"""
_DELETE_REMOVED: LiteralString = """
WITH removed AS (
    DELETE FROM webhook_cursors c
    WHERE EXISTS (SELECT FROM stored_events e WHERE e.originator_id = c.webhook AND e.topic = 'WebhookRemoved')
    RETURNING c.webhook
)
DELETE FROM webhook_deliveries d USING removed WHERE d.webhook = removed.webhook
"""
_DELETE_OLD: LiteralString = """
DELETE FROM webhook_deliveries d
USING (
    SELECT c.webhook, (SELECT k.position FROM webhook_deliveries k
                       WHERE k.webhook = c.webhook AND k.state <> 'waiting'
                       ORDER BY k.position DESC OFFSET $1 LIMIT 1) AS last
    FROM webhook_cursors c
) AS bound
WHERE d.webhook = bound.webhook AND d.state <> 'waiting'
  AND (d.position <= bound.last OR d.created_at < now() - make_interval(days => $2))
"""
_LIST: LiteralString = """
SELECT position, task, version, state, CASE WHEN state = 'waiting' THEN due_at END, answers,
       EXISTS (SELECT FROM stored_events e
               WHERE e.originator_id = task AND e.originator_version = 1 AND e.topic = 'BatchRequested')
FROM webhook_deliveries
WHERE webhook = $1 AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR position < $3)
ORDER BY position DESC LIMIT $4
"""
_STATES: LiteralString = """
SELECT c.webhook, c.position, c.failing_since,
       (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook = c.webhook AND d.state = 'waiting')
FROM webhook_cursors c WHERE c.webhook = ANY($1::uuid[])
"""
_REDELIVER: LiteralString = """
UPDATE webhook_deliveries SET state = 'waiting', due_at = now(), worker = NULL, attempts = 0, epoch = epoch + 1
WHERE webhook = $1 AND position = $2 RETURNING true
"""
_SET_BACK: LiteralString = """
INSERT INTO webhook_cursors AS c (webhook, position) VALUES ($1, $2)
ON CONFLICT (webhook) DO UPDATE SET position = least(c.position, excluded.position)
"""
_HASTEN: LiteralString = """
WITH resumed AS (UPDATE webhook_cursors SET paused_until = '-infinity' WHERE webhook = $1)
UPDATE webhook_deliveries SET due_at = now(), attempts = 0 WHERE webhook = $1 AND state = 'waiting' AND worker IS NULL
"""
