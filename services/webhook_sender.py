"""Tells webhooks what becomes of tasks: at least once, the versions of each task in order, for as long as three days.

Each webhook has a cursor in the log. What lies behind it becomes deliveries, and those are claimed, posted and settled;
whatever dies in between, the delivery is made again. A webhook has few places, so one that hangs delays no other."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from adapters.outbound.webhook_post import WebhookAnswer, WebhookClient
from adapters.postgres.database import DRIVER_ERRORS
from adapters.postgres.event_log import EventLog
from adapters.postgres.webhook_queue import (
    Claim,
    DeliveryAttempt,
    WebhookQueue,
)
from application import webhooks
from application.clock import now
from application.log_throttle import LogThrottle
from application.ports import Cause, Conflict, LogUnavailable
from application.wakeup import wait_for_event
from domain.base import Rejected
from domain.batch import BatchEnded
from domain.ids import task_id
from domain.webhook import DISABLE_AFTER, Webhook, extends, retry_seconds
from services.event_frames import batch_end
from services.media_links import MediaLinks
from services.task_reader import TaskReader
from services.webhook_search import DeliverySearch
from services.webhook_secrets import WebhookSecrets
from services.webhook_table import WebhookTable

PLACES = 4  # of a webhook, in each worker
PLACES_WHILE_FAILING = 1
MAX_PLACES = 256  # of a worker
SEARCH_SECONDS = 0.05  # between two searches: under load one finds the changes of many tasks
CLAIM_SECONDS = 0.01  # between two claims: under load one is for many deliveries
IDLE_SECONDS = 0.5
DATABASE_RETRY_SECONDS = 1.0
TIDY_SECONDS = 60.0

logger = structlog.get_logger("pixel.webhooks")


class WebhookSender:
    """Sends until `stop`; `drain` waits for what is under way."""

    def __init__(
        self,
        log: EventLog,
        queue: WebhookQueue,
        table: WebhookTable,
        tasks: TaskReader,
        client: WebhookClient,
        *,
        secrets: WebhookSecrets,
        links: MediaLinks,
        public_url: str | None,
        lease_seconds: float,
    ) -> None:
        self._log = log
        self._queue = queue
        self._table = table
        self._tasks = tasks
        self._client = client
        self._secrets = secrets
        self._links = links
        self._base = (public_url or "").rstrip("/")
        self._lease_seconds = lease_seconds
        self._search = DeliverySearch(queue)
        self._failing: set[UUID] = set()
        self._busy: Counter[UUID] = Counter()
        self._claims: dict[tuple[UUID, int], Claim] = {}
        self._running: dict[tuple[UUID, int], asyncio.Task[None]] = {}
        self._due = asyncio.Event()
        self._stopping = asyncio.Event()
        self._drained = asyncio.Event()
        self._stopped_at = 0.0
        self._throttle = LogThrottle()

    async def run(self) -> None:
        """Search, claim and deliver until `stop`, then return when what is under way is done."""
        try:
            async with asyncio.TaskGroup() as group:
                loops = [group.create_task(each) for each in (self._search_loop(), self._renew_loop())]
                await self._claim_loop(group)
                if self._running:
                    await asyncio.wait(list(self._running.values()))
                for each in loops:
                    each.cancel()
        finally:
            self._drained.set()

    def stop(self) -> None:
        """Claim nothing more."""
        if not self._stopping.is_set():
            self._stopped_at = asyncio.get_running_loop().time()
            self._stopping.set()
            self._due.set()

    async def drain(self, seconds: float) -> None:
        """Stop, and wait for what is under way, for at most so many seconds from the stop. The rest is given back,
        and sent again by another worker."""
        self.stop()
        left_seconds = self._stopped_at + seconds - asyncio.get_running_loop().time()
        if await wait_for_event(self._drained, max(left_seconds, 0.0)):
            return
        left = list(self._claims.values())
        for running in self._running.values():
            running.cancel()
        try:
            await self._queue.release(left)
        except DRIVER_ERRORS as error:
            logger.warning("deliveries could not be given back", error=type(error).__name__)

    # --- Finding what is to be delivered ---

    async def _search_loop(self) -> None:
        appended = self._log.appended()
        tidy_at = 0.0
        while True:
            appended.clear()
            more = False
            try:
                await self._table.refresh()
                more = await self._search_once()
                if (at := asyncio.get_running_loop().time()) >= tidy_at:
                    await self._queue.tidy()
                    tidy_at = at + TIDY_SECONDS
                self._throttle.reset()
            except (LogUnavailable, *DRIVER_ERRORS) as error:
                self._complain("could not search for deliveries", error)
                await asyncio.sleep(DATABASE_RETRY_SECONDS)
            if not self._enabled():
                await asyncio.sleep(IDLE_SECONDS)  # nobody waits for anything in the log
            elif not more:
                await asyncio.sleep(SEARCH_SECONDS)
                await wait_for_event(appended, IDLE_SECONDS)

    async def _search_once(self) -> bool:
        """Make deliveries of what is new. Returns whether there is more to read."""
        found = await self._search.turn({stream: self._table.all[stream] for stream in self._enabled()})
        self._failing = found.failing
        if found.deliveries:
            self._due.set()
        return found.more

    def _enabled(self) -> dict[UUID, Webhook]:
        if not self._secrets:
            return {}
        return {stream: each.webhook for stream, each in self._table.all.items() if each.webhook.enabled}

    # --- Delivering ---

    async def _claim_loop(self, group: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            self._due.clear()
            claims: list[Claim] = []
            try:
                places = self._places()
                claims = await self._queue.claim(places) if places else []
            except DRIVER_ERRORS as error:
                self._complain("could not claim deliveries", error)
                await wait_for_event(self._stopping, DATABASE_RETRY_SECONDS)
            for claim in claims:
                known = claim.delivery in self._claims  # its lease had run out unnoticed: the attempt goes on
                self._claims[claim.delivery] = claim
                if not known:
                    self._busy[claim.webhook] += 1
                    self._running[claim.delivery] = group.create_task(self._work(claim))
            await asyncio.sleep(CLAIM_SECONDS)
            await wait_for_event(self._due, IDLE_SECONDS)

    def _places(self) -> dict[UUID, int]:
        left = MAX_PLACES - len(self._running)
        found: dict[UUID, int] = {}
        for stream in self._enabled():
            most = PLACES_WHILE_FAILING if stream in self._failing else PLACES
            free = min(most - self._busy[stream], left)
            if free > 0:
                found[stream] = free
                left -= free
        return found

    async def _work(self, claim: Claim) -> None:
        try:
            if webhook := self._enabled().get(claim.webhook):
                await self._deliver(claim, webhook)
            else:
                await self._queue.release([claim])
        except (LogUnavailable, Conflict, Rejected, *DRIVER_ERRORS) as error:
            self._complain("delivery put off", error)  # its lease ends, and somebody makes it again
        except Exception:  # the sender's loop: one delivery's error must not stop the others
            logger.exception("delivery failed", webhook=claim.webhook.hex, position=claim.position)
        finally:
            self._running.pop(claim.delivery, None)
            self._claims.pop(claim.delivery, None)
            self._busy[claim.webhook] -= 1
            if not self._busy[claim.webhook]:
                del self._busy[claim.webhook]
            self._due.set()

    async def _deliver(self, claim: Claim, webhook: Webhook) -> None:
        message, body = await self._message(claim)
        url = claim.url if claim.url and extends(webhook.url, claim.url) else webhook.url
        at, clock = now(), asyncio.get_running_loop().time
        began = clock()
        if body is None:
            answer = WebhookAnswer(error="the task can't be read")
        else:
            answer = await self._client.post(url, body, self._secrets.headers(webhook, message, body.decode(), at))
        attempt = DeliveryAttempt(
            at=at,
            milliseconds=round((clock() - began) * 1000),
            status=answer.status,
            error=answer.error,
        )
        claim = self._claims.get(claim.delivery, claim)
        if answer.good:
            self._failing.discard(claim.webhook)
            await self._queue.succeed(claim, attempt)
            return
        self._failing.add(claim.webhook)
        failing_seconds = await self._queue.fail(
            claim,
            attempt,
            retry_seconds=_later(retry_seconds(claim.attempts, jitter_key=message), answer.retry_after_seconds),
            pause_seconds=answer.retry_after_seconds,
        )
        await self._disable_if_gone(webhook, answer, failing_seconds)

    async def _message(self, claim: Claim) -> tuple[str, bytes | None]:
        """The id of the message, the same at every attempt, and its body; None when the task can't be read."""
        message = f"{task_id(claim.task)}.{claim.version}"
        row = await self._tasks.fold_until(claim.task, version=claim.version)
        if row is None:
            return await self._batch_message(claim) or (message, None)
        view = self._links.with_absolute_urls(msgspec.json.encode(row.view), self._base)
        return message, b'{"type":"task","position":%d,"data":%b}' % (claim.position, view)

    async def _batch_message(self, claim: Claim) -> tuple[str, bytes] | None:
        for recorded in await self._log.stream(claim.task):
            if recorded.version == claim.version and isinstance(recorded.event, BatchEnded):
                data = msgspec.json.encode(batch_end(recorded.event))
                body = b'{"type":"batch","position":%d,"data":%b}' % (claim.position, data)
                return f"{recorded.event.batch}.{claim.version}", body
        return None

    async def _disable_if_gone(self, webhook: Webhook, answer: WebhookAnswer, failing_seconds: float) -> None:
        enabled_at = webhook.enabled_at or datetime.min.replace(tzinfo=UTC)
        failing = min(timedelta(seconds=failing_seconds), now() - enabled_at)
        if answer.status == 410:
            reason = "it answered 410 (Gone)"
        elif failing >= DISABLE_AFTER:
            reason = f"no delivery succeeded for {failing.days} days; the last attempt: {_described(answer)}"
        else:
            return
        await webhooks.disable(self._log, webhook.id, reason=reason, cause=Cause(actor="webhooks"))
        logger.warning("webhook disabled", webhook=webhook.id, reason=reason)
        await self._table.refresh()

    async def _renew_loop(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            if self._running:
                try:
                    await self._queue.renew(list(self._claims.values()))
                except DRIVER_ERRORS as error:
                    self._complain("leases of deliveries could not be renewed", error)

    def _complain(self, what: str, error: Exception) -> None:
        if self._throttle.should_log():
            logger.warning(what, error=type(error).__name__)


def _later(retry: float | None, asked: float) -> float | None:
    return None if retry is None else max(retry, asked)


def _described(answer: WebhookAnswer) -> str:
    return f"status {answer.status}" if answer.status is not None else str(answer.error)
