"""A canvas in the API: the whole document, a line of a list, and what happened to it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Annotated, Any, assert_never

import msgspec
from msgspec import Meta

from application.canvases import Version
from application.decided_streams import Loaded
from application.turns import Turns
from domain.base import Value
from domain.canvas.events import (
    CanvasArchived,
    CanvasCreated,
    CanvasEdited,
    CanvasRenamed,
    CanvasRestored,
    CanvasVersionNamed,
    Origin,
)
from domain.canvas.ops import Op
from domain.canvas.state import Canvas, NamedVersion
from domain.canvas.words import Edge, Id, Node

STEP_NODES = 200  # to encode so many takes less than a millisecond, without long texts

CanvasId = Annotated[str, Meta(description="The canvas's id", examples=["canvas_abc123"])]
VersionOf = Annotated[int, Meta(description="Its version, which each change makes one more", examples=[812])]


class CanvasHead(Value, omit_defaults=True):
    """What every answer about a canvas has."""

    id: CanvasId
    project: Annotated[str, Meta(description="The project that it is in", examples=["project_abc123"])]
    name: Annotated[str, Meta(description="Its name", examples=["Episode 1"])]
    version: VersionOf
    created_at: Annotated[datetime, Meta(description="When it was made", examples=["2026-02-11T10:00:00Z"])]
    updated_at: Annotated[datetime, Meta(description="When it was last changed", examples=["2026-02-11T10:00:30Z"])]
    archived: Annotated[bool, Meta(description="Whether it is put away", examples=[False])]


class CanvasView(CanvasHead, kw_only=True, omit_defaults=True):
    """A canvas in a list."""

    nodes: Annotated[int, Meta(description="How many nodes it has", examples=[42])]
    cover: Annotated[
        str | None, Meta(description="The image or video that was picked last", examples=["asset_9f86d0….png"])
    ] = None


class _DocumentHead(CanvasHead, kw_only=True, omit_defaults=True):
    position: Annotated[int, Meta(description="The place of its last event in the log", examples=[1042])]
    names: Annotated[tuple[NamedVersion, ...], Meta(description="Its versions that have a name")]
    origin: Annotated[Origin | None, Meta(description="What it was made from; only then")] = msgspec.field(
        name="from", default=None
    )


class CanvasDocument(_DocumentHead, kw_only=True, omit_defaults=True):
    """A canvas with all that is on it."""

    nodes: Annotated[dict[Id, Node], Meta(description="The nodes by their ids")]
    edges: Annotated[dict[Id, Edge], Meta(description="The edges by their ids")]


class CanvasChange(Value, omit_defaults=True):
    """Something that happened to a canvas, with the fields of its event."""

    version: VersionOf
    event: Annotated[str, Meta(description="What happened", examples=["CanvasEdited"])]
    actor: Annotated[str, Meta(description="The API key, or `anonymous`", examples=["key_4t8kq2m0vz7c1xna"])]
    at: Annotated[datetime, Meta(description="When", examples=["2026-02-11T10:00:00Z"])]
    edit: Annotated[str | None, Meta(description="The id of the edit", examples=["edit_1"])] = None
    session: Annotated[str | None, Meta(description="In which session of an editor", examples=["session_1"])] = None
    label: Annotated[str | None, Meta(description="What the person did", examples=["node.move"])] = None
    ops: Annotated[tuple[Op, ...] | None, Meta(description="The operations of the edit")] = None
    name: Annotated[
        str | None, Meta(description="The name that it got, or that the version got", examples=["Episode 1"])
    ] = None
    named: Annotated[int | None, Meta(description="The version that got the name", examples=[812])] = None
    origin: Annotated[Origin | None, Meta(description="What it was made from")] = msgspec.field(
        name="from", default=None
    )
    archived: Annotated[bool | None, Meta(description="Whether it is put away now", examples=[True])] = None


def view(found: Loaded[Canvas], *, nodes: int, cover: str | None) -> CanvasView:
    """A canvas as a list shows it."""
    return CanvasView(**_head(found), nodes=nodes, cover=cover)


def change(version: Version) -> CanvasChange:
    """What happened at a version."""
    event = version.event
    made = partial(CanvasChange, version=version.version, event=type(event).__name__, actor=event.by, at=event.at)
    match event:
        case CanvasEdited():
            return made(edit=event.edit, session=event.session, label=event.label, ops=event.ops)
        case CanvasCreated(name=name, origin=origin):
            return made(name=name, origin=origin)
        case CanvasRenamed(name=name):
            return made(name=name)
        case CanvasVersionNamed(name=name, version=named):
            return made(name=name, named=named)
        case CanvasArchived():
            return made(archived=True)
        case CanvasRestored():
            return made(archived=False)
        case _:
            assert_never(event)


async def encode_document(found: Loaded[Canvas], turns: Turns) -> bytes:
    """The whole document, encoded. A large one is encoded in steps."""
    state = found.state
    first = _DocumentHead(**_head(found), position=found.position, names=state.names, origin=state.origin)
    head = msgspec.json.encode(first)
    nodes = [await turns.take(partial(_entries, part)) for part in _parts(state.nodes)]
    edges = [await turns.take(partial(_entries, part)) for part in _parts(state.edges)]
    return b'%b,"nodes":{%b},"edges":{%b}}' % (head[:-1], b",".join(nodes), b",".join(edges))


def _parts(items: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    left = iter(items.items())
    while part := dict(islice(left, STEP_NODES)):
        yield part


def _entries(part: dict[str, Any]) -> bytes:
    return msgspec.json.encode(part)[1:-1]


def _head(found: Loaded[Canvas]) -> dict[str, Any]:
    state = found.state
    return {
        "id": state.id,
        "project": state.project,
        "name": state.name,
        "version": found.version,
        "created_at": state.created_at,
        "updated_at": state.updated_at,
        "archived": state.archived_at is not None,
    }
