"""Laws of deciding on a stream that others move as well: a decision is made again until it counts."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

import pytest

from application import decided_streams
from application.clock import new_stream
from application.decided_streams import MAX_TRIES, PAUSE_SECONDS, Decided, Loaded, decide, require_version
from application.ports import Cause, Conflict, LogUnavailable
from domain.base import Rejected
from domain.project import ProjectRenamed
from tests.application.harness import MemoryLog
from tests.domain.scenario import AT
from tests.patience import patient

STREAM = new_stream()
CAUSE = Cause(actor="anna", request_id="req_1")


def named(name: str) -> ProjectRenamed:
    return ProjectRenamed(name=name, by="anna", at=AT)


class Desk(NamedTuple):
    """A log, and what was decided on in it, one after another."""

    log: MemoryLog
    seen: list[Loaded[list[str]]]

    async def load(self, stream: UUID) -> Loaded[list[str]]:
        history = await self.log.stream(stream)
        names = [each.event.name for each in history if isinstance(each.event, ProjectRenamed)]
        return Loaded(names, len(history), history[-1].position if history else 0)

    async def decide(self, *names: str) -> Decided[list[str], ProjectRenamed]:
        """Add these names, but for those that are there."""

        async def decision(before: Loaded[list[str]]) -> Sequence[ProjectRenamed]:
            self.seen.append(before)
            return [named(name) for name in names if name not in before.state]

        return await decide(self.log, STREAM, self.load, decision, CAUSE)

    @property
    def names(self) -> list[str]:
        return [each.event.name for each in self.log.events if isinstance(each.event, ProjectRenamed)]


@pytest.fixture
def desk() -> Desk:
    """A log in which something else stands first, so that no position is a version."""
    log = MemoryLog()
    log.add(new_stream(), named("another"))
    return Desk(log, [])


async def test_a_decision_on_an_empty_stream_begins_it(desk: Desk) -> None:
    """The answer has what it was made on and what it added, and the version and the position after it."""
    made = await desk.decide("one", "two")
    assert made == Decided(Loaded([]), [named("one"), named("two")], 2, 3)
    assert made.before == Loaded([], 0, 0)
    assert desk.names == ["another", "one", "two"]
    assert desk.log.causes == [CAUSE]
    assert await desk.load(STREAM) == Loaded(["one", "two"], 2, 3)


async def test_what_is_there_already_adds_nothing(desk: Desk) -> None:
    """The answer is where the stream ends."""
    await desk.decide("one")
    desk.log.add(new_stream(), named("another"))
    assert await desk.decide("one") == Decided(Loaded(["one"], 1, 2), [], 1, 2)
    assert len(desk.log.causes) == 1


async def test_a_decision_that_lost_is_made_again_on_what_is_there_now(desk: Desk) -> None:
    """Of two that add the same name, one adds it."""
    desk.log.before = lambda _: desk.log.add(STREAM, named("one")) if len(desk.log.events) == 1 else None
    assert await desk.decide("one", "two") == Decided(Loaded(["one"], 1, 2), [named("two")], 2, 3)
    assert desk.seen == [Loaded([]), Loaded(["one"], 1, 2)]
    assert desk.names == ["another", "one", "two"]


async def test_whoever_always_loses_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many tries, of which none is stored."""
    monkeypatch.setattr(decided_streams, "PAUSE_SECONDS", 0)
    desk.log.before = lambda _: desk.log.add(STREAM, named("theirs"))
    with pytest.raises(Conflict) as lost:
        await desk.decide("ours")
    assert str(lost.value) == f"the stream ends at version {MAX_TRIES}, not {MAX_TRIES - 1}"
    assert [before.version for before in desk.seen] == list(range(MAX_TRIES))
    assert "ours" not in desk.names


async def test_whoever_loses_gives_way_for_longer_each_time(desk: Desk) -> None:
    """And is not hurried into losing again; but not for so long that a caller would notice."""
    loop = asyncio.get_running_loop()
    at = [loop.time()]

    def moved(_: list[str]) -> None:
        at.append(loop.time())
        if len(at) < 5:
            desk.log.add(STREAM, named("theirs"))

    desk.log.before = moved
    await asyncio.wait_for(desk.decide("ours"), patient(1))
    waited = [after - before for before, after in pairwise(at)]
    assert len(waited) == 4
    assert all(seconds > (times - 0.5) * PAUSE_SECONDS for times, seconds in enumerate(waited))


async def test_an_outage_is_told_at_once(desk: Desk) -> None:
    """What was not confirmed may be stored: it is not tried again here."""
    desk.log.away = True
    with pytest.raises(LogUnavailable):
        await desk.decide("one")
    desk.log.away = False

    def lose(_: list[str]) -> None:
        raise LogUnavailable("the answer is lost", retry_after=1)

    desk.log.after = lose
    with pytest.raises(LogUnavailable):
        await desk.decide("one")
    assert desk.names == ["another", "one"]


async def test_a_refusal_is_the_callers(desk: Desk) -> None:
    """Nothing is stored, and nothing is tried again."""

    async def refuse(before: Loaded[list[str]]) -> Sequence[ProjectRenamed]:
        desk.seen.append(before)
        raise Rejected("archived", "It is put away.")

    with pytest.raises(Rejected, match="put away"):
        await decide(desk.log, STREAM, desk.load, refuse, CAUSE)
    assert desk.seen == [Loaded([])]
    assert desk.names == ["another"]


def test_a_change_is_made_at_the_version_that_its_caller_knows() -> None:
    """Or at any, when it names none. Version 0 is one."""
    require_version("project", 3, 3)
    require_version("project", 3, None)
    require_version("project", 0, 0)
    for version, wanted in ((3, 2), (3, 4), (3, 0), (0, 3)):
        with pytest.raises(Rejected) as refused:
            require_version("project", version, wanted)
        told = f"The project is at version {version}. Load it, and change it again."
        assert (refused.value.code, refused.value.message) == ("version_moved", told)
