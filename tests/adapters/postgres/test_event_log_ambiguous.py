"""Appends whose reply is lost: the log finds out their outcome before it answers.

A proxy between the log and PostgreSQL cuts the line at chosen moments."""

import asyncio
import uuid
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, TypeVar

import pytest

from adapters.postgres.event_log import EventLog
from application.ports import Conflict, LogUnavailable, Receipt
from tests.adapters.postgres.event_log_rig import (
    CAUSE,
    PATIENT,
    Wish,
    append_lock_held,
    connected,
    opened,
    progress,
    stored,
    together,
    until,
    waiting_for_append_lock,
)
from tests.adapters.postgres.proxy import Proxy, proxied, visible
from tests.patience import patient

T = TypeVar("T")


@pytest.mark.parametrize("warm", [True, False], ids=["used connection", "first append"])
async def test_committed_but_not_answered(database_url: str, *, warm: bool) -> None:
    """An append that was committed and whose reply was lost is a success, with its own version and position, once."""
    stream = uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:
        if warm:
            await log.append(uuid.uuid4(), 0, [progress("warm")], CAUSE)
        proxy.cut_at("second-of-two", delivered=True, meanwhile=visible(database_url, "second-of-two"))
        receipt = await log.append(stream, 0, [progress("first"), progress("second-of-two")], CAUSE)
        assert proxy.cuts == 1
        assert receipt == Receipt(2, 2 + warm)
        assert await log.append(stream, 2, [progress("next")], CAUSE) == Receipt(3, 3 + warm)
    assert [(row.position, row.version) for row in await stored(database_url) if row.stream == stream] == [
        (1 + warm, 1),
        (2 + warm, 2),
        (3 + warm, 3),
    ]


async def test_committed_and_overtaken(database_url: str) -> None:
    """An append's own success is no conflict, even if the stream has moved on before the log could ask."""
    stream = uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:

        async def overtake() -> None:
            await visible(database_url, "mine")()
            async with opened(database_url) as other:
                await other.append(stream, 1, [progress("theirs"), progress("theirs too")], CAUSE)

        proxy.cut_at("mine", delivered=True, meanwhile=overtake)
        assert await log.append(stream, 0, [progress("mine")], CAUSE) == Receipt(1, 1)
        assert proxy.cuts == 1
    assert [row.version for row in await stored(database_url)] == [1, 2, 3]


async def test_lost_before_it_arrived(database_url: str) -> None:
    """An append that never reached PostgreSQL is sent again and stored once."""
    stream = uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:
        proxy.cut_at("lost", delivered=False)
        assert await log.append(stream, 0, [progress("lost")], CAUSE) == Receipt(1, 1)
        assert proxy.cuts == 1
    assert [(row.stream, row.version) for row in await stored(database_url)] == [(stream, 1)]


async def test_lost_and_beaten(database_url: str) -> None:
    """A lost append is a conflict if another one was stored: the other's events are not taken for it."""
    stream = uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:

        async def beat() -> None:
            async with opened(database_url) as other:
                await other.append(stream, 0, [progress("theirs")], CAUSE)

        proxy.cut_at("mine", delivered=False, meanwhile=beat)
        with pytest.raises(Conflict):
            await log.append(stream, 0, [progress("mine")], CAUSE)
        assert proxy.cuts == 1
    assert len(await stored(database_url)) == 1


async def test_whole_batch_not_answered(database_url: str) -> None:
    """After a lost reply every command of the batch gets the answer that it had: position by position, once."""
    taken = uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:
        await together(log, [Wish(taken, 0, ("taken",))])
        # The short way is opposed, and stores nothing: it is the second question whose reply is lost.
        proxy.cut_at("last-one", delivered=True, meanwhile=visible(database_url, "last-one"), passes=1)
        wishes = [Wish(uuid.uuid4(), 0, ("a",) * (1 + n % 3)) for n in range(30)]
        *receipts, conflict, last = await together(
            log, [*wishes, Wish(taken, 0, ("no",)), Wish(uuid.uuid4(), 0, ("last-one",))]
        )
        assert proxy.cuts == 1
        assert isinstance(conflict, Conflict)
        rows = await stored(database_url)
        ends = {row.stream: Receipt(row.version, row.position) for row in rows}
        assert receipts == [ends[wish.stream] for wish in wishes]
        assert last == Receipt(1, len(rows))
        assert len(rows) == 1 + sum(len(wish.phases) for wish in wishes) + 1


async def test_cut_while_the_commit_is_still_to_come(database_url: str) -> None:
    """A request that still waits inside PostgreSQL when its line is cut is stored once, however it ends there."""
    stream = uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:
        async with append_lock_held(database_url), connected(database_url) as watcher:
            arrived = asyncio.Event()

            async def queued() -> None:
                await waiting_for_append_lock(watcher, 1)
                arrived.set()

            proxy.cut_at("twice", delivered=True, meanwhile=queued)
            append = asyncio.create_task(log.append(stream, 0, [progress("twice")], CAUSE))
            await asyncio.wait_for(arrived.wait(), patient(PATIENT))
            await waiting_for_append_lock(watcher, 2)  # it and its retry
        assert await append == Receipt(1, 1)
        await log.append(stream, 1, [progress("next")], CAUSE)
    assert [row.version for row in await stored(database_url)] == [1, 2]


async def test_goodbye_of_postgres(database_url: str) -> None:
    """After PostgreSQL has announced the end of an open connection, another one stores the append."""
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn, listening=True) as log:
        appended = log.appended()
        await _answered(appended.wait())  # the line for wake-ups is there
        for n in range(3):
            await log.append(uuid.uuid4(), 0, [progress("before")], CAUSE)
            proxy.say_goodbye()
            for _ in range(5):
                await asyncio.sleep(0)  # it is read
            assert await _answered(log.append(uuid.uuid4(), 0, [progress("after")], CAUSE)) == Receipt(1, 2 + 2 * n)


async def test_cut_again_and_again(database_url: str) -> None:
    """However often the line is cut, an append within its patience is a success, and stored once."""
    stream = uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:

        async def once_more() -> None:
            await visible(database_url, "stubborn")()
            if proxy.cuts < 4:
                proxy.cut_at("stubborn", delivered=True, meanwhile=once_more)

        proxy.cut_at("stubborn", delivered=True, meanwhile=once_more)
        assert await log.append(stream, 0, [progress("stubborn")], CAUSE) == Receipt(1, 1)
        assert proxy.cuts == 4
    assert len(await stored(database_url)) == 1


async def test_away_for_longer_than_patience(database_url: str) -> None:
    """While PostgreSQL stays away callers get 503 and nothing piles up; when it is back all goes on by itself."""
    async with (
        proxied(database_url) as proxy,
        opened(database_url, through=proxy.dsn, queue_limit=10, patience_seconds=0.2) as log,
    ):
        await together(log, [Wish(uuid.uuid4(), 0, ("before",))])
        proxy.close()
        for _ in range(3):
            callers: list[asyncio.Task[list[Receipt | BaseException]]] = []
            for _ in range(3):
                wishes = [Wish(uuid.uuid4(), 0, ("refused",)) for _ in range(50)]
                callers.append(asyncio.create_task(together(log, wishes)))
                await _turned_away(proxy, or_done=callers[-1])
                assert log.waiting <= 10
            for outcomes in await _answered(asyncio.gather(*callers)):
                for outcome in outcomes:
                    assert isinstance(outcome, LogUnavailable)
                    assert outcome.retry_after >= 1
            assert log.waiting == 0
        proxy.open = True
        with suppress(Conflict):  # of what was refused and stored all the same
            await _answered(_at_last(log, uuid.uuid4(), "after"))
    assert [row.state.count(b"after") for row in await stored(database_url)] == [0, 1]


async def test_away_and_back_within_patience(database_url: str) -> None:
    """Appends within their patience are not refused: those under way and those that came meanwhile are stored once."""
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:
        await together(log, [Wish(uuid.uuid4(), 0, ("before",))])

        async def leave() -> None:
            await visible(database_url, "first")()
            proxy.close()

        proxy.cut_at("first", delivered=True, meanwhile=leave)
        callers = [asyncio.create_task(log.append(uuid.uuid4(), 0, [progress("first")], CAUSE))]

        await _turned_away(proxy)
        callers += [asyncio.create_task(log.append(uuid.uuid4(), 0, [progress("later")], CAUSE)) for _ in range(20)]
        await _turned_away(proxy)
        proxy.open = True
        receipts = await _answered(asyncio.gather(*callers))
    assert sorted(receipt.position for receipt in receipts) == list(range(2, 23))
    assert len(await stored(database_url)) == 22


async def test_refused_append_may_have_been_stored(database_url: str) -> None:
    """After 503 for an append that was committed, the stream shows it: deciding again on what is there is safe."""
    stream = uuid.uuid4()
    async with (
        proxied(database_url) as proxy,
        opened(database_url, through=proxy.dsn, patience_seconds=0.2) as log,
    ):

        async def leave() -> None:
            await visible(database_url, "unanswered")()
            proxy.close()

        proxy.cut_at("unanswered", delivered=True, meanwhile=leave)
        with pytest.raises(LogUnavailable):
            await log.append(stream, 0, [progress("unanswered")], CAUSE)
        proxy.open = True
        with pytest.raises(Conflict):
            await _answered(_at_last(log, stream, "again"))
        assert [each.version for each in await log.stream(stream)] == [1]


async def _turned_away(proxy: Proxy, or_done: "asyncio.Task[Any] | None" = None) -> None:
    before = proxy.refused

    async def again() -> bool:
        return proxy.refused > before or (or_done is not None and or_done.done())

    await until(again)


async def _at_last(log: EventLog, stream: uuid.UUID, word: str) -> Receipt:
    """A first event for a stream, asked for again as long as the log can't be reached."""
    while True:
        with suppress(LogUnavailable):
            return await log.append(stream, 0, [progress(word)], CAUSE)


async def _answered(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, patient(PATIENT))
