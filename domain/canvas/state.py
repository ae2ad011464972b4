"""What do we remember of a canvas, and what does each event change?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, assert_never

import msgspec
from msgspec import Meta

from domain.base import Value, replace
from domain.canvas.events import (
    CanvasArchived,
    CanvasCreated,
    CanvasEdited,
    CanvasEvent,
    CanvasRenamed,
    CanvasRestored,
    CanvasVersionNamed,
    Origin,
)
from domain.canvas.ops import Draft, Graph
from domain.canvas.words import MAX_NAMED_VERSIONS, Edge, Node


class NamedVersion(Value):
    """A version with a name."""

    version: Annotated[int, Meta(description="The version", examples=[812])]
    name: Annotated[str, Meta(description="Its name", examples=["before the new style"])]
    at: Annotated[datetime, Meta(description="When it got that name", examples=["2026-02-11T10:00:00Z"])]


class Canvas(Value, omit_defaults=True):
    """A canvas, folded from its events. Without an `id` it was never created. `bytes` is the size of its nodes as
    JSON."""

    id: str = ""
    owner: str = ""
    project: str = ""
    name: str = ""
    origin: Origin | None = msgspec.field(name="from", default=None)
    nodes: Mapping[str, Node] = {}
    edges: Mapping[str, Edge] = {}
    names: tuple[NamedVersion, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    archived_at: datetime | None = None
    bytes: int = 0

    @property
    def graph(self) -> Graph:
        """Its nodes and edges."""
        return Graph(self.nodes, self.edges, self.bytes)


def evolve(canvas: Canvas, event: CanvasEvent) -> Canvas:
    """The canvas after one more event. It accepts any event in any state: the past can't be refused."""
    match event:
        case CanvasEdited(ops=ops, at=at):
            draft = Draft(canvas.graph)
            for op in ops:
                draft.apply(op)
            return _with(canvas, draft, at)
        case CanvasCreated():
            return Canvas(
                id=event.canvas,
                owner=event.owner,
                project=event.project,
                name=event.name,
                origin=event.origin,
                created_at=event.at,
                updated_at=event.at,
            )
        case CanvasRenamed(name=name, at=at):
            return replace(canvas, name=name, updated_at=at)
        case CanvasVersionNamed(version=version, name=name, at=at):
            others = [named for named in canvas.names if named.version != version]
            named = NamedVersion(version=version, name=name, at=at)
            return replace(canvas, names=(*others, named)[-MAX_NAMED_VERSIONS:], updated_at=at)
        case CanvasArchived(at=at):
            return replace(canvas, archived_at=at, updated_at=at)
        case CanvasRestored(at=at):
            return replace(canvas, archived_at=None, updated_at=at)
        case _:
            assert_never(event)


def fold(canvas: Canvas, events: Iterable[CanvasEvent]) -> Canvas:
    """The canvas after these events, as `evolve` makes it; edits in a row copy the graph once."""
    draft: Draft | None = None
    at = canvas.updated_at
    for event in events:
        if isinstance(event, CanvasEdited):
            draft, at = draft or Draft(canvas.graph), event.at
            for op in event.ops:
                draft.apply(op)
        else:
            canvas, draft = evolve(_with(canvas, draft, at), event), None
    return _with(canvas, draft, at)


def _with(canvas: Canvas, draft: Draft | None, at: datetime | None) -> Canvas:
    if draft is None:
        return canvas
    return replace(canvas, nodes=draft.nodes, edges=draft.edges, bytes=draft.bytes, updated_at=at)
