"""Projects and canvases over the log in memory: what is there, who asks for it, and how it is read."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from application.canvases import Version
from application.clock import new_stream, now
from application.decided_streams import Loaded
from application.ports import Cause, Unreadable
from domain.api_key import ApiKey, Caller, KeyLimits, Scope, caller_of_key
from domain.base import Event, Rejected
from domain.canvas.events import CanvasCreated, CanvasEdited, CanvasEvent
from domain.canvas.state import Canvas, fold
from domain.ids import canvas_id, canvas_stream, project_id, project_stream
from domain.project import ProjectArchived, ProjectCreated
from tests.application.harness import MemoryLog
from tests.canvas_samples import read_ops

AT = datetime(2026, 2, 11, 10, 0, tzinfo=UTC)
CAUSE = Cause(actor="key_anna", request_id="request_1")
NOBODYS = "01h455vb4pex5vsknk084sn02q"


def caller(key: str, owner: str, *scopes: Scope, projects: tuple[str, ...] = ()) -> Caller:
    """Who asks with a key of this owner."""
    return caller_of_key(ApiKey(id=key, owner=owner, scopes=scopes, limits=KeyLimits(projects=projects)))


ANNA = caller("key_anna", "studio", Scope.CLIENT)
BERT = caller("key_bert", "other", Scope.CLIENT)
ADMIN = caller("key_admin", "operations", Scope.ADMIN)
AUDITOR = caller("key_auditor", "audit", Scope.CLIENT, Scope.AUDITOR)


class MemoryCanvases:
    """A `CanvasHistory` of the log in memory, which hands on so many events at a time."""

    def __init__(self, log: MemoryLog, *, page: int = 200) -> None:
        self._log = log
        self._page = page
        self._turns: defaultdict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def current(self, stream: UUID) -> Loaded[Canvas]:
        """The canvas as its stream has it; version 0 for an empty one."""
        return _folded(await self._versions(stream))

    async def at_version(self, stream: UUID, version: int) -> Loaded[Canvas]:
        """The canvas as it was at a version."""
        return _folded([each for each in await self._versions(stream) if each.version <= version])

    async def between(self, stream: UUID, after: int, until: int) -> AsyncIterator[list[Version]]:
        """The events behind one version up to another, a page at a time."""
        wanted = [each for each in await self._versions(stream) if after < each.version <= until]
        for begin in range(0, len(wanted), self._page):
            yield wanted[begin : begin + self._page]

    async def edit_version(self, stream: UUID, edit: str) -> int | None:
        """The version that an edit made; None: there is no such edit."""
        for recorded in await self._log.stream(stream):
            if isinstance(recorded.event, CanvasEdited) and recorded.event.edit == edit:
                return recorded.version
        return None

    @asynccontextmanager
    async def turn(self, stream: UUID) -> AsyncGenerator[None]:
        """While it lasts nobody else edits the canvas."""
        async with self._turns[stream]:
            yield

    async def _versions(self, stream: UUID) -> list[Version]:
        found: list[Version] = []
        for position, _, version, event in await self._log.stream(stream):
            if isinstance(event, Unreadable):
                raise Rejected("stream_unreadable", f"Version {version} of the stream can't be read.")
            if not isinstance(event, CanvasEvent):
                raise Rejected("canvas_unknown", "This is no id of a canvas.")
            found.append(Version(version, position, event, len(msgspec.json.encode(event))))
        return found


def _folded(versions: list[Version]) -> Loaded[Canvas]:
    if not versions:
        return Loaded(Canvas())
    return Loaded(fold(Canvas(), [each.event for each in versions]), versions[-1].version, versions[-1].position)


class Desk:
    """A log in memory with projects and canvases in it, which were made at `AT`."""

    def __init__(self, *, page: int = 200) -> None:
        self.log = MemoryLog()
        self.canvases = MemoryCanvases(self.log, page=page)

    def project(self, owner: str = "studio", *, archived: bool = False) -> str:
        """A project; its id."""
        stream = new_stream()
        self.log.add(
            stream, ProjectCreated(project=project_id(stream), name="Films", owner=owner, by="key_anna", at=AT)
        )
        if archived:
            self.log.add(stream, ProjectArchived(by="key_anna", at=AT))
        return project_id(stream)

    def canvas(self, *ops: dict[str, Any], project: str | None = None, owner: str = "studio") -> str:
        """A canvas at version 1, or at version 2 with these operations done; its id."""
        stream = new_stream()
        created = CanvasCreated(
            canvas=canvas_id(stream),
            project=project or self.project(owner),
            name="Episode",
            owner=owner,
            by="key_anna",
            at=AT,
        )
        self.log.add(stream, created)
        if ops:
            self.edited(created.canvas, *ops, edit="first")
        return created.canvas

    def edited(self, canvas: str, *ops: dict[str, Any], edit: str) -> None:
        """Somebody else edits a canvas."""
        done = CanvasEdited(
            edit=edit, session="theirs", label="test", ops=tuple(read_ops([*ops])), by="key_bert", at=AT
        )
        self.log.add(canvas_stream(canvas), done)

    def add(self, public_id: str, *events: Any) -> None:
        """More happens to a project or a canvas."""
        stream = project_stream(public_id) if public_id.startswith("project") else canvas_stream(public_id)
        for event in events:
            self.log.add(stream, event)

    async def now(self, canvas: str) -> Loaded[Canvas]:
        """A canvas as it is now."""
        return await self.canvases.current(canvas_stream(canvas))


class Added:
    """What is appended to a log while this lasts, and why."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._before = len(log.events), len(log.causes), now()

    @property
    def events(self) -> list[Any]:
        """The events, oldest first. Each is of the time when it was appended."""
        found = [recorded.event for recorded in self._log.events[self._before[0] :]]
        assert all(isinstance(each, Event) and self._before[2] <= each.at <= now() for each in found)
        return found

    @property
    def causes(self) -> list[Cause]:
        """The cause of each append."""
        return self._log.causes[self._before[1] :]

    def then_nothing(self) -> None:
        """Nothing was appended."""
        assert (self.events, self.causes) == ([], [])


async def refused(log: MemoryLog, work: Awaitable[object]) -> tuple[str, str]:
    """The code and the message of a refusal, which leaves the log as it was."""
    added = Added(log)
    with pytest.raises(Rejected) as refusal:
        await work
    added.then_nothing()
    assert refusal.value.message
    return refusal.value.code, refusal.value.message


async def turns_of_others(work: Coroutine[Any, Any, object]) -> int:
    """How many turns the event loop gives to others before the work is done."""
    doing = asyncio.ensure_future(work)
    turns = 0
    while not doing.done():
        turns += 1
        await asyncio.sleep(0)
    await doing
    return turns
