"""Laws of the tail of the log: what is read once answers all followers of a process, and none of them misses an
event."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application import log_tail
from application.clock import new_stream
from application.log_tail import FRESH_SECONDS, MAX_EVENTS, LogTail, Page
from application.ports import LogUnavailable, Recorded
from domain.model import ModelEnabled
from tests.application.harness import MemoryLog

AT = datetime(2026, 2, 11, 10, 0, tzinfo=UTC)


class FollowedLog(MemoryLog):
    """A log that announces its events. `asked` holds each read; while `open` is cleared, reads take longer."""

    def __init__(self, events: int = 0) -> None:
        super().__init__()
        self.asked: list[tuple[int, int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self._followers: list[asyncio.Event] = []
        self._last = 0
        self.grow(events)

    def grow(self, events: int, *, hole: int = 0, announced: bool = True) -> None:
        """Events are appended, behind a hole of numbers that were given to nothing."""
        self._last += hole
        for _ in range(events):
            self._last += 1
            self.events.append(Recorded(self._last, new_stream(), 1, ModelEnabled(at=AT)))
        for follower in self._followers:
            if announced:
                follower.set()

    def page(self, first: int, last: int) -> list[Recorded]:
        """The events with these positions."""
        return [one for one in self.events if first <= one.position <= last]

    async def read(self, after: int, limit: int) -> list[Recorded]:
        self._reach()
        self.asked.append((after, limit))
        found = [one for one in self.events if one.position > after][:limit]
        await self.open.wait()
        return found

    def appended(self) -> asyncio.Event:
        self._followers.append(asyncio.Event())
        return self._followers[-1]


class Clock:
    """A clock that a test advances, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(log_tail, "monotonic", made)
    return made


@pytest.fixture
def three_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the tail remembered three events only."""
    monkeypatch.setattr(log_tail, "MAX_EVENTS", 3)


async def reading(tail: LogTail, after: int, limit: int) -> asyncio.Task[Page]:
    """A follower that has begun to read."""
    task = asyncio.create_task(tail.read(after, limit))
    await asyncio.sleep(0)
    return task


# --- Events ---


async def test_followers_that_read_at_once_are_answered_by_one_read() -> None:
    """Each gets as much as it wants, and only who knows the end is told that it is there."""
    log = FollowedLog(3)
    log.open.clear()
    tail = LogTail(log)
    readers = [await reading(tail, 0, limit) for limit in (100, 100, 2)]
    log.open.set()
    assert [await each for each in readers] == [
        Page(log.page(1, 3), is_last=True),
        Page(log.page(1, 3), is_last=True),
        Page(log.page(1, 2), is_last=False),
    ]
    assert log.asked == [(0, 100)]


async def test_followers_at_other_places_do_not_wait_for_each_other() -> None:
    """Each page is read for itself, and the one that is read last leaves the other one alone."""
    log = FollowedLog(4)
    log.open.clear()
    tail = LogTail(log)
    readers = [await reading(tail, after, 2) for after in (0, 2, 2)]
    assert log.asked == [(0, 2), (2, 2)]
    log.open.set()
    assert [await each for each in readers] == [
        Page(log.page(1, 2), is_last=False),
        Page(log.page(3, 4), is_last=False),
        Page(log.page(3, 4), is_last=False),
    ]
    assert log.asked == [(0, 2), (2, 2)]


async def test_a_page_that_comes_late_ends_no_other_reading() -> None:
    """Who asks for what another one is reading waits for that one, whatever was read to its end meanwhile."""
    log = FollowedLog(4)
    log.open.clear()
    tail = LogTail(log)
    first = await reading(tail, 0, 2)
    gate, log.open = log.open, asyncio.Event()
    second = await reading(tail, 2, 2)
    gate.set()
    await first
    third = await reading(tail, 2, 2)
    log.open.set()
    assert await second == await third == Page(log.page(3, 4), is_last=False)
    assert log.asked == [(0, 2), (2, 2)]


async def test_what_was_read_is_not_read_again() -> None:
    """Pages that follow each other are remembered together; any part of them is answered from memory."""
    log = FollowedLog(6)
    tail = LogTail(log)
    for after in (0, 2, 4):
        await tail.read(after, 2)
    assert await tail.read(0, 100) == Page(log.page(1, 6), is_last=False)
    assert await tail.read(1, 2) == Page(log.page(2, 3), is_last=False)
    assert await tail.read(5, 100) == Page(log.page(6, 6), is_last=False)
    assert log.asked == [(0, 2), (2, 2), (4, 2)]


async def test_what_lies_before_the_memory_is_read() -> None:
    """A follower that is further behind gets what the log has, from the first event that it lacks; the memory stays
    with those who are ahead."""
    log = FollowedLog(6)
    tail = LogTail(log)
    await tail.read(3, 3)
    assert await tail.read(2, 2) == Page(log.page(3, 4), is_last=False)
    assert await tail.read(0, 2) == Page(log.page(1, 2), is_last=False)
    assert await tail.read(3, 2) == Page(log.page(4, 5), is_last=False)
    assert log.asked == [(3, 3), (2, 2), (0, 2)]


async def test_a_page_that_reaches_further_takes_the_place_of_the_memory() -> None:
    """All of it is remembered, from its own begin, also where it overlaps what was there or leaves a gap to it."""
    for begin in (1, 5):
        log = FollowedLog(9)
        tail = LogTail(log)
        await tail.read(2, 2)
        await tail.read(begin, 4)
        assert await tail.read(begin, 100) == Page(log.page(begin + 1, begin + 4), is_last=False)
        assert len(log.asked) == 2
        await tail.read(begin - 1, 1)
        assert log.asked[2:] == [(begin - 1, 1)], "what lies before it is not known"


async def test_a_page_that_ends_where_the_memory_ends_changes_nothing() -> None:
    """The longer memory stays."""
    log = FollowedLog(4)
    tail = LogTail(log)
    log.open.clear()
    short, long = await reading(tail, 2, 2), await reading(tail, 0, 4)
    log.open.set()
    await asyncio.gather(short, long)
    await tail.read(0, 1)
    assert log.asked == [(2, 2), (0, 4), (0, 1)]
    assert await tail.read(2, 100) == Page(log.page(3, 4), is_last=False)
    assert len(log.asked) == 3


@pytest.mark.usefixtures("three_remembered")
@pytest.mark.parametrize("pages", [(1, 1, 1, 1, 1), (2, 3), (5,)])
async def test_so_many_events_are_remembered_and_no_more(pages: tuple[int, ...]) -> None:
    """The newest of them, in however many pages they came."""
    log = FollowedLog(5)
    tail = LogTail(log)
    after = 0
    for limit in pages:
        await tail.read(after, limit)
        after += limit
    assert await tail.read(2, 100) == Page(log.page(3, 5), is_last=False)
    assert len(log.asked) == len(pages)
    assert await tail.read(1, 2) == Page(log.page(2, 3), is_last=False)
    assert len(log.asked) == len(pages) + 1


async def test_the_memory_is_bounded() -> None:
    """It holds MAX_EVENTS of a log that is longer."""
    log = FollowedLog(MAX_EVENTS + 1)
    tail = LogTail(log)
    await tail.read(0, MAX_EVENTS + 1)
    assert (await tail.read(1, MAX_EVENTS)).events == log.page(2, MAX_EVENTS + 1)
    assert len(log.asked) == 1
    await tail.read(0, 1)
    assert len(log.asked) == 2


# --- The end ---


async def test_the_end_is_told_by_the_log_only() -> None:
    """A full page may have others behind it; a page with less than was asked for has none."""
    log = FollowedLog(2)
    tail = LogTail(log)
    assert await tail.read(0, 2) == Page(log.page(1, 2), is_last=False)
    assert await tail.read(0, 100) == Page(log.page(1, 2), is_last=False)
    assert await tail.read(2, 100) == Page([], is_last=True)
    assert log.asked == [(0, 2), (2, 100)]


@pytest.mark.parametrize("events", [0, 3])
async def test_the_end_is_asked_for_once(clock: Clock, events: int) -> None:
    """It answers who wants more than there is, and tells who gets the last event that it was the last."""
    log = FollowedLog(events)
    tail = LogTail(log)
    clock.now += 1
    assert await tail.read(0, 100) == Page(log.page(1, events), is_last=True)
    clock.now += FRESH_SECONDS * 0.9
    for after in range(events + 1):
        assert await tail.read(after, 100) == Page(log.page(after + 1, events), is_last=True)
    assert log.asked == [(0, 100)]
    clock.now += FRESH_SECONDS * 0.1
    assert await tail.read(events, 100) == Page([], is_last=True)
    assert log.asked == [(0, 100), (events, 100)]


async def test_a_place_that_is_not_the_end_is_asked_for(clock: Clock) -> None:
    """The end of the log says nothing of a place behind it."""
    log = FollowedLog(3)
    tail = LogTail(log)
    await tail.read(0, 100)
    assert await tail.read(4, 100) == Page([], is_last=True)
    assert log.asked == [(0, 100), (4, 100)]


async def test_the_end_is_as_old_as_its_question(clock: Clock) -> None:
    """What was appended while a slow log answered may not be in the answer."""
    log = FollowedLog(1)
    tail = LogTail(log)
    log.open.clear()
    slow = await reading(tail, 0, 100)
    clock.now += FRESH_SECONDS
    log.grow(1, announced=False)
    log.open.set()
    assert await slow == Page(log.page(1, 1), is_last=True)
    assert await tail.read(1, 100) == Page(log.page(2, 2), is_last=True)


async def test_an_announcement_ends_what_is_known_of_the_end(clock: Clock) -> None:
    """Also one that comes while the log answers."""
    log = FollowedLog(1)
    tail = LogTail(log)
    await tail.read(0, 100)
    log.grow(1)
    assert await tail.read(0, 100) == Page(log.page(1, 1), is_last=False)
    log.open.clear()
    slow = await reading(tail, 1, 100)
    log.grow(1)
    log.open.set()
    assert await slow == Page(log.page(2, 2), is_last=True), "it was the last when the page was read"
    assert await tail.read(2, 100) == Page(log.page(3, 3), is_last=True)


# --- Failures ---


async def test_a_reader_that_is_cancelled_leaves_the_others_their_answer() -> None:
    """Those that wait for the same page read it themselves."""
    log = FollowedLog(1)
    log.open.clear()
    tail = LogTail(log)
    first, second = await reading(tail, 0, 100), await reading(tail, 0, 100)
    first.cancel()
    log.open.set()
    assert await second == Page(log.page(1, 1), is_last=True)
    assert log.asked == [(0, 100), (0, 100)]


async def test_a_log_that_was_away_is_asked_again() -> None:
    """Each follower gets the error; nothing is remembered of it."""
    log = FollowedLog(1)
    tail = LogTail(log)
    log.away = True
    for _ in range(2):
        with pytest.raises(LogUnavailable):
            await tail.read(0, 100)
    log.away = False
    assert await tail.read(0, 100) == Page(log.page(1, 1), is_last=True)


# --- All of it ---

STEPS = st.lists(
    st.tuples(st.just("grow"), st.integers(0, 3), st.integers(0, 1))
    | st.tuples(st.just("read"), st.integers(0, 12), st.integers(1, 5)),
    max_size=30,
)


@given(steps=STEPS)
async def test_no_follower_misses_an_event(steps: list[tuple[str, int, int]]) -> None:
    """Whoever reads from wherever, and however the log grows: a page is what the log has there, and there is nothing
    behind the last one."""
    before = log_tail.MAX_EVENTS
    log_tail.MAX_EVENTS = 4
    try:
        log = FollowedLog()
        tail = LogTail(log)
        for what, first, second in steps:
            if what == "grow":
                log.grow(first, hole=second)
                continue
            page = await tail.read(first, second)
            behind = [one for one in log.events if one.position > first]
            assert page.events == behind[: len(page.events)]
            assert len(page.events) <= second
            assert page.events or page.is_last
            assert not page.is_last or len(page.events) == len(behind)
    finally:
        log_tail.MAX_EVENTS = before
