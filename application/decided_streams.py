"""Load, decide, append, and decide again when the stream has moved: for projects and canvases. `commands` does it for
tasks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from application.ports import Cause, Conflict, Log
from domain.base import Rejected

MAX_TRIES = 20
PAUSE_SECONDS = 0.005

State = TypeVar("State")
Fact = TypeVar("Fact")


class Loaded(NamedTuple, Generic[State]):
    """The state of a stream at a version, and the position of that version's event in the log; 0 for an empty one."""

    state: State
    version: int = 0
    position: int = 0


class Decided(NamedTuple, Generic[State, Fact]):
    """What a decision was made on, and the events that it added. `version` and `position` are those after them."""

    before: Loaded[State]
    added: Sequence[Fact]
    version: int
    position: int


async def decide(
    log: Log,
    stream: UUID,
    load: Callable[[UUID], Awaitable[Loaded[State]]],
    decision: Callable[[Loaded[State]], Awaitable[Sequence[Fact]]],
    cause: Cause,
) -> Decided[State, Fact]:
    """Make a decision on a stream and append its events. Of two that are made at once on the same version one is
    appended, and the other is made again.

    Raises what `load` and `decision` raise, LogUnavailable, and Conflict when the stream had moved at each of MAX_TRIES
    tries."""
    conflict = Conflict("never tried")
    for tried in range(MAX_TRIES):
        await asyncio.sleep(tried * PAUSE_SECONDS)  # whoever has lost gives way, and is not hurried into losing again
        before = await load(stream)
        added = await decision(before)
        if not added:
            return Decided(before, added, before.version, before.position)
        try:
            receipt = await log.append(stream, before.version, list(added), cause)
        except Conflict as error:
            conflict = error
            continue
        return Decided(before, added, receipt.version, receipt.position)
    raise conflict


def require_version(what: str, version: int, wanted: int | None) -> None:
    """Raise Rejected `version_moved` when a thing is not at the version that the caller knows; None: at any."""
    if wanted not in {None, version}:
        raise Rejected("version_moved", f"The {what} is at version {version}. Load it, and change it again.")
