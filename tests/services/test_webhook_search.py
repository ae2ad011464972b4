"""Laws of the search for deliveries: each webhook gets the changes of its owner's tasks, however far it is behind."""

import asyncio
from collections.abc import AsyncGenerator
from typing import NamedTuple
from uuid import UUID

import pytest

from adapters.postgres import webhook_queue
from adapters.postgres.database import Pool, open_pool
from adapters.postgres.event_log import EventLog
from adapters.postgres.webhook_queue import WebhookQueue
from application import webhooks
from application.clock import new_stream
from application.ports import Cause
from domain.ids import webhook_stream
from domain.webhook import Changes, Webhook
from services import webhook_search
from services.webhook_search import DeliverySearch
from services.webhook_table import WebhookTable
from tests.patience import COMMIT_SECONDS

CAUSE = Cause(actor="test")
AT = b'"at":"2026-02-11T10:00:00Z"'


class Rig(NamedTuple):
    """A log, the table of its webhooks, and a search."""

    pool: Pool
    log: EventLog
    table: WebhookTable
    search: DeliverySearch

    async def register(self, owner: str, changes: Changes = "ends") -> UUID:
        """A webhook of an owner."""
        url = f"https://{owner}.example/hooks"
        made: Webhook = await webhooks.register(self.log, owner=owner, url=url, changes=changes, cause=CAUSE)
        return webhook_stream(made.id)

    async def task(self, request: bytes, *, ends: bool = True) -> UUID:
        """A task whose request has these fields, and its end."""
        stream = new_stream()
        stored = [("TaskRequested", b'{"event":"TaskRequested",' + request + AT + b"}")]
        stored += [("ProviderAccepted", b'{"event":"ProviderAccepted","call":"c","job":"j",' + AT + b"}")]
        stored += [("TaskCompleted", b'{"event":"TaskCompleted",' + AT + b"}")] if ends else []
        await self.log.append_encoded(stream, 0, stored, CAUSE)
        return stream

    async def turn(self) -> bool:
        """One turn for all webhooks. Returns whether there is more."""
        await self.table.refresh()
        return (await self.search.turn(self.table.all)).more

    async def found(self, webhook: UUID) -> list[tuple[UUID, int]]:
        """The tasks and versions of the deliveries of a webhook, in the order of the log."""
        rows = await webhook_queue.list_deliveries(self.pool, webhook, state=None, before=None, limit=10_000)
        return [(row.task, row.version) for row in reversed(rows)]

    async def position(self, webhook: UUID) -> int:
        """How far the log was searched for a webhook."""
        return (await webhook_queue.states(self.pool, [webhook]))[webhook].position


@pytest.fixture
async def rig(database_url: str) -> AsyncGenerator[Rig]:
    """A log whose writer runs."""
    pool = await open_pool(database_url, size=4)
    log = EventLog(database_url, pool, patience_seconds=COMMIT_SECONDS)
    writer = asyncio.create_task(log.write())
    try:
        yield Rig(pool, log, WebhookTable(log), DeliverySearch(WebhookQueue(pool, "w", lease_seconds=60)))
    finally:
        writer.cancel()
        await asyncio.wait([writer])
        await pool.close()


async def test_a_webhook_gets_the_tasks_of_its_owner(rig: Rig) -> None:
    """And of nobody else; a task without an owner is everybody's who is anonymous."""
    mine, other, nobody = [await rig.register(owner) for owner in ("acme", "other", "anonymous")]
    tasks = [await rig.task(b'"owner":"%b",' % owner) for owner in (b"acme", b"other", b"acme")]
    free = await rig.task(b"")
    await rig.turn()
    assert await rig.found(mine) == [(tasks[0], 3), (tasks[2], 3)]
    assert await rig.found(other) == [(tasks[1], 3)]
    assert await rig.found(nobody) == [(free, 3)]


async def test_each_webhook_gets_the_changes_that_it_wants(rig: Rig) -> None:
    """Ends, or every version; from its registration on."""
    before = await rig.task(b'"owner":"acme",', ends=False)
    ends, every = await rig.register("acme"), await rig.register("acme", "all")
    task = await rig.task(b'"owner":"acme",')
    await rig.log.append_encoded(before, 2, [("TaskCompleted", b'{"event":"TaskCompleted",' + AT + b"}")], CAUSE)
    await rig.turn()
    assert await rig.found(ends) == [(task, 3), (before, 3)]
    assert await rig.found(every) == [(task, 1), (task, 2), (task, 3), (before, 3)]


async def test_a_url_of_a_request_goes_to_its_webhook(rig: Rig) -> None:
    """Only to the one that it named."""
    named, other = await rig.register("acme"), await rig.register("acme")
    public = next(each.webhook.id for stream, each in (await _refreshed(rig)).items() if stream == named)
    url = "https://acme.example/hooks?canvas=7"
    await rig.task(b'"owner":"acme","webhook":{"webhook":"%b","url":"%b"},' % (public.encode(), url.encode()))
    await rig.turn()
    rows = await rig.pool.fetch("SELECT webhook, url FROM webhook_deliveries")
    assert {row["webhook"]: row["url"] for row in rows} == {named: url, other: None}


async def _refreshed(rig: Rig) -> dict[UUID, webhooks.LoadedWebhook]:
    await rig.table.refresh()
    return rig.table.all


async def test_a_request_that_can_not_be_read_stops_nobody(rig: Rig) -> None:
    """Nobody is told of its task, and the search goes on behind it."""
    mine = await rig.register("acme")
    await rig.task(b'"owner":7,')
    task = await rig.task(b'"owner":"acme",')
    await rig.turn()
    assert await rig.found(mine) == [(task, 3)]
    assert await rig.position(mine) == await rig.log.head()


async def test_a_webhook_with_a_full_queue_waits_in_the_log(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """While so many deliveries wait its cursor stays, and the cursors of others go on."""
    monkeypatch.setattr(webhook_search, "MAX_WAITING", 2)
    full, other = await rig.register("acme"), await rig.register("other")
    for _ in range(2):
        await rig.task(b'"owner":"acme",')
    await rig.turn()
    later = [await rig.task(b'"owner":"%b",' % owner) for owner in (b"acme", b"other")]
    await rig.turn()
    assert len(await rig.found(full)) == 2
    assert await rig.found(other) == [(later[1], 3)]
    assert await rig.position(full) < await rig.position(other) == await rig.log.head()
    await rig.pool.execute("UPDATE webhook_deliveries SET state = 'delivered' WHERE webhook = $1", full)
    await rig.turn()
    assert (await rig.found(full))[-1] == (later[0], 3)


async def test_those_that_are_far_behind_delay_nobody(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each turn the newest cursors are searched, and of the others as many as the limit says, each in its turn."""
    monkeypatch.setattr(webhook_search, "LAGGARDS", 2)
    monkeypatch.setattr(webhook_queue, "PAGE", 3)
    streams = [await rig.register(f"owner{number}") for number in range(6)]
    await rig.turn()
    head = await rig.log.head()
    for number, stream in enumerate(streams[:-1]):
        await webhook_queue.redeliver_since(rig.pool, stream, number)
    tasks = [await rig.task(b'"owner":"owner%d",' % number) for number in range(6)]
    await rig.turn()
    assert await rig.position(streams[-1]) == head + 3
    moved = [await rig.position(stream) > number for number, stream in enumerate(streams[:-1])]
    assert sum(moved) == 2
    for _ in range(40):
        if not await rig.turn() and {await rig.position(stream) for stream in streams} == {await rig.log.head()}:
            break
    for stream, task in zip(streams, tasks, strict=True):
        assert await rig.found(stream) == [(task, 3)]
