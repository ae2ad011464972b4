"""What is to be delivered? What happened in the log behind the cursor of each webhook, to the tasks and the batches of
its owner."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, get_args
from uuid import UUID

import msgspec
import structlog

from adapters.postgres.webhook_queue import MAX_WAITING, Change, Cursor, NewDelivery, WebhookQueue
from application.webhooks import LoadedWebhook
from domain.base import Value
from domain.batch import BatchEnded
from domain.ids import task_id
from domain.task.events import LateResultSeen, TaskCancelled, TaskCompleted, TaskEvent, TaskFailed
from domain.webhook import TaskWebhook, Webhook
from projections.base import topics_of

LAGGARDS = 4  # positions behind the newest that are searched in one turn
MAX_KNOWN_REQUESTS = 10_000

ALL = topics_of(*get_args(TaskEvent), BatchEnded)
ENDS = topics_of(TaskCompleted, TaskFailed, TaskCancelled, LateResultSeen, BatchEnded)

logger = structlog.get_logger("pixel.webhooks")


class Found(NamedTuple):
    """What a turn has found: the webhooks whose last attempt failed, how many deliveries, whether there is more."""

    failing: set[UUID]
    deliveries: int
    more: bool


class _Request(Value):
    """The part of a TaskRequested or BatchRequested event that decides who is told of what follows."""

    owner: str = "anonymous"
    webhook: TaskWebhook | None = None


class DeliverySearch:
    """Searches the log, and puts deliveries into the queue."""

    def __init__(self, queue: WebhookQueue) -> None:
        self._queue = queue
        self._requests: OrderedDict[UUID, _Request] = OrderedDict()
        self._turn = 0

    async def turn(self, enabled: Mapping[UUID, LoadedWebhook]) -> Found:
        """Search a page behind each cursor. The newest cursors come first, and only some of the others, so that one
        that is far behind delays nobody. Raises the driver's errors."""
        cursors = await self._queue.cursors({stream: each.position for stream, each in enabled.items()})
        groups: dict[int, list[Cursor]] = {}
        for cursor in cursors:
            if cursor.waiting < MAX_WAITING:
                groups.setdefault(cursor.position, []).append(cursor)
        deliveries, more = 0, False
        for position in self._chosen(sorted(groups, reverse=True)):
            wanted = {cursor.webhook: enabled[cursor.webhook].webhook for cursor in groups[position]}
            made, full = await self._search_behind(position, wanted)
            deliveries, more = deliveries + made, more or full
        return Found({cursor.webhook for cursor in cursors if cursor.failing}, deliveries, more)

    def _chosen(self, positions: list[int]) -> list[int]:
        newest, others = positions[:1], positions[1:]
        self._turn += 1
        first = self._turn * LAGGARDS % len(others) if others else 0
        return [*newest, *[*others[first:], *others[:first]][:LAGGARDS]]

    async def _search_behind(self, position: int, wanted: Mapping[UUID, Webhook]) -> tuple[int, bool]:
        """Returns how many deliveries were made, and whether there is more to read."""
        every = any(webhook.changes == "all" for webhook in wanted.values())
        upto, full, changes = await self._queue.search(position, sorted(ALL if every else ENDS))
        if upto == position:
            return 0, False
        requests = await self._requests_of({change.task for change in changes})
        deliveries = [
            made
            for change in changes
            if (request := requests.get(change.task))
            for made in _deliveries(change, request, wanted)
        ]
        await self._queue.enqueue(list(wanted), position, upto, deliveries)
        return len(deliveries), full

    async def _requests_of(self, tasks: set[UUID]) -> dict[UUID, _Request]:
        unknown = [task for task in tasks if task not in self._requests]
        for task, state in (await self._queue.requests(unknown)).items() if unknown else ():
            try:
                self._requests[task] = _REQUEST.decode(state)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                logger.warning("request can't be read, nobody is told of its task", task_id=task_id(task))
        found = {task: self._requests[task] for task in tasks if task in self._requests}
        while len(self._requests) > MAX_KNOWN_REQUESTS:
            self._requests.popitem(last=False)
        return found


def _deliveries(change: Change, request: _Request, wanted: Mapping[UUID, Webhook]) -> Iterable[NewDelivery]:
    for stream, webhook in wanted.items():
        if webhook.owner == request.owner and (webhook.changes == "all" or change.topic in ENDS):
            own = request.webhook
            url = own.url if own and own.webhook == webhook.id else None
            yield NewDelivery(stream, change.position, change.task, change.version, url)


_REQUEST = msgspec.json.Decoder(_Request)
