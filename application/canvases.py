"""How are canvases made, edited, named and put away? Each is a stream of small edits.

An edit that was stored is known by its id, which the log finds by an index: sent again, however late, it gets the same
answer, and nothing is written."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

from application import projects
from application.clock import new_stream, now
from application.decided_streams import Decided, Loaded, decide, require_version
from application.generations import keyed_stream
from application.ports import Cause, Log
from domain.api_key import Caller
from domain.base import Rejected, replace
from domain.canvas import decisions
from domain.canvas.edit import Since, decide_edit
from domain.canvas.events import CanvasEvent, Origin
from domain.canvas.ops import EMPTY, Graph, Op
from domain.canvas.state import Canvas, fold
from domain.ids import canvas_id, canvas_stream

MAX_BEHIND = 10_000
"""How many versions the base of an edit may be behind: so many are held against it."""
_LARGE = 1000  # nodes, edges and operations that are decided on in a thread


class Version(NamedTuple):
    """An event of a canvas at its version and position. `bytes` is how long it is in the log."""

    version: int
    position: int
    event: CanvasEvent
    bytes: int


class CanvasHistory(Protocol):
    """Reads canvases, whatever their length."""

    async def current(self, stream: UUID) -> Loaded[Canvas]:
        """The canvas as its stream has it; version 0 for an empty one. Raises Rejected `canvas_unknown` for a stream of
        another kind and `stream_unreadable`, and LogUnavailable."""
        ...

    async def at_version(self, stream: UUID, version: int) -> Loaded[Canvas]:
        """The canvas as it was at a version. Raises what `current` raises."""
        ...

    def between(self, stream: UUID, after: int, until: int) -> AsyncIterator[list[Version]]:
        """The events behind one version up to another, some at a time. Raises what `current` raises."""
        ...

    async def edit_version(self, stream: UUID, edit: str) -> int | None:
        """The version that an edit made; None: there is no such edit. Raises LogUnavailable."""
        ...

    def turn(self, stream: UUID) -> AbstractAsyncContextManager[None]:
        """While it lasts nobody else in this process edits the canvas: two that did would only decide again."""
        ...


class Edit(NamedTuple):
    """What somebody wishes to change of the canvas that they know at version `base`."""

    base: int
    id: str
    session: str
    label: str
    ops: Sequence[Op]


class Edited(NamedTuple):
    """An edit is the event at this version. `replayed`: it was so before."""

    version: int
    position: int
    replayed: bool


async def create(
    log: Log,
    canvases: CanvasHistory,
    *,
    project: str,
    name: str,
    origin: Origin | None,
    caller: Caller,
    key: str | None,
    cause: Cause,
) -> Loaded[Canvas]:
    """Begin a canvas in a project of the caller, empty or as another one was at a version; under an Idempotency-Key
    once only.

    Raises Rejected `project_unknown`, `canvas_unknown`, `archived`, `forbidden`, `invalid_request` and
    `idempotency_key_reused`, and LogUnavailable."""
    projects.require_limits(caller, project)
    found = await projects.load(log, project, owner=caller.changes_only)
    graph = await _graph_of(canvases, origin, caller) if origin else EMPTY
    stream = new_stream() if key is None else keyed_stream(caller.key, f"canvas\n{key}")

    async def made(before: Loaded[Canvas]) -> list[CanvasEvent]:
        if not before.version and found.state.archived_at:
            raise Rejected("archived", "The project is archived. Restore it to add a canvas.")
        create_it = partial(
            decisions.create,
            before.state,
            id=canvas_id(stream),
            project=project,
            name=name,
            owner=found.state.owner,
            origin=origin,
            graph=graph,
            by=caller.key,
            at=now(),
        )
        return await asyncio.to_thread(create_it) if len(graph.nodes) > _LARGE else create_it()

    done = await decide(log, stream, canvases.current, made, cause)
    state = fold(done.before.state, done.added[:1])
    if done.added:  # what the other events make is known
        state = replace(state, nodes=graph.nodes, edges=graph.edges)
    return Loaded(state, done.version, done.position)


async def _graph_of(canvases: CanvasHistory, origin: Origin, caller: Caller) -> Graph:
    stream = canvas_stream(origin.canvas)
    newest = await canvases.current(stream)
    require_owner(newest.state, origin.canvas, caller.sees_only)
    if origin.version > newest.version:
        raise Rejected("invalid_request", f"from.version: must be from 1 to {newest.version}")
    return (await canvases.at_version(stream, origin.version)).state.graph


async def edit(
    log: Log, canvases: CanvasHistory, public_id: str, wish: Edit, *, caller: Caller, cause: Cause
) -> Edited:
    """Do an edit, whatever others have done since its base, unless they did the same otherwise.

    Raises EditConflict, Rejected `canvas_unknown`, `forbidden`, `archived`, `base_too_old` and `invalid_request`, and
    LogUnavailable."""
    stream = canvas_stream(public_id)
    seen: int | None = None

    async def decided(before: Loaded[Canvas]) -> list[CanvasEvent]:
        nonlocal seen
        _require(before.state, public_id, caller)
        seen = await canvases.edit_version(stream, wish.id)
        if seen is not None:
            return []
        decisions.require_in_use(before.state)
        since = await _since(canvases, stream, wish.base, before.version)
        decide_it = partial(
            decide_edit,
            before.state.graph,
            since,
            version=before.version,
            edit=wish.id,
            session=wish.session,
            label=wish.label,
            ops=wish.ops,
            by=caller.key,
            at=now(),
        )
        size = len(before.state.nodes) + len(before.state.edges) + len(wish.ops)
        return await asyncio.to_thread(decide_it) if size > _LARGE else decide_it()

    async with canvases.turn(stream):
        done = await decide(log, stream, canvases.current, decided, replace(cause, correlation_id=wish.id))
    return Edited(done.version if seen is None else seen, done.position, seen is not None)


async def _since(canvases: CanvasHistory, stream: UUID, base: int, newest: int) -> Since:
    """What was done behind the base. Raises Rejected for a base that is none, or too old."""
    if base > newest:
        raise Rejected("invalid_request", f"base: must be a version from 0 to {newest}")
    if newest - base > MAX_BEHIND:
        raise Rejected(
            "base_too_old",
            f"base: version {base} is more than {MAX_BEHIND} versions behind. Load the canvas, and edit it again.",
        )
    since = Since()
    if base < newest:
        async for versions in canvases.between(stream, base, newest):
            for each in versions:
                since.add(each.event)
    return since


async def rename(
    log: Log,
    canvases: CanvasHistory,
    public_id: str,
    *,
    name: str,
    caller: Caller,
    version: int | None,
    cause: Cause,
) -> Loaded[Canvas]:
    """Give a canvas another name, if it is at this version; None: whatever its version is.

    Raises Rejected `canvas_unknown`, `forbidden`, `archived`, `version_moved` and `invalid_request`, and
    LogUnavailable."""

    def renamed(found: Loaded[Canvas]) -> list[CanvasEvent]:
        require_version("canvas", found.version, version)
        return decisions.rename(found.state, name=name, by=caller.key, at=now())

    return await _change(log, canvases, public_id, renamed, caller=caller, cause=cause)


async def name_version(
    log: Log, canvases: CanvasHistory, public_id: str, *, version: int, name: str, caller: Caller, cause: Cause
) -> Loaded[Canvas]:
    """Give a version of a canvas a name. Raises Rejected `canvas_unknown`, `forbidden`, `archived` and
    `invalid_request`, and LogUnavailable."""

    def named(found: Loaded[Canvas]) -> list[CanvasEvent]:
        return decisions.name_version(
            found.state, version=version, newest=found.version, name=name, by=caller.key, at=now()
        )

    return await _change(log, canvases, public_id, named, caller=caller, cause=cause)


async def archive(log: Log, canvases: CanvasHistory, public_id: str, *, caller: Caller, cause: Cause) -> Loaded[Canvas]:
    """Put a canvas away. Raises Rejected `canvas_unknown` and `forbidden`, and LogUnavailable."""
    return await _change(log, canvases, public_id, _on_state(decisions.archive, caller), caller=caller, cause=cause)


async def restore(log: Log, canvases: CanvasHistory, public_id: str, *, caller: Caller, cause: Cause) -> Loaded[Canvas]:
    """Take a canvas into use again. Raises Rejected `canvas_unknown` and `forbidden`, and LogUnavailable."""
    return await _change(log, canvases, public_id, _on_state(decisions.restore, caller), caller=caller, cause=cause)


def _on_state(
    decision: Callable[..., list[CanvasEvent]], caller: Caller
) -> Callable[[Loaded[Canvas]], list[CanvasEvent]]:
    return lambda found: decision(found.state, by=caller.key, at=now())


def require_owner(canvas: Canvas, public_id: str, owner: str | None) -> None:
    """Raise Rejected `canvas_unknown` for a canvas that is not there for this owner; None: for any."""
    if not canvas.id or (owner is not None and canvas.owner != owner):
        raise Rejected("canvas_unknown", f"Canvas '{public_id}' not found")


def _require(canvas: Canvas, public_id: str, caller: Caller) -> None:
    require_owner(canvas, public_id, caller.changes_only)
    projects.require_limits(caller, canvas.project)


async def _change(
    log: Log,
    canvases: CanvasHistory,
    public_id: str,
    decision: Callable[[Loaded[Canvas]], list[CanvasEvent]],
    *,
    caller: Caller,
    cause: Cause,
) -> Loaded[Canvas]:
    async def decided(before: Loaded[Canvas]) -> list[CanvasEvent]:
        _require(before.state, public_id, caller)
        return decision(before)

    done: Decided[Canvas, CanvasEvent] = await decide(log, canvas_stream(public_id), canvases.current, decided, cause)
    return Loaded(fold(done.before.state, done.added), done.version, done.position)
