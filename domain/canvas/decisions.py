"""How does a canvas begin, get its names, and end? Its content is decided on in `edit`.

Each decision is (canvas, arguments) -> new events; an empty list means that there is nothing to do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from domain.base import Rejected, replace
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
from domain.canvas.ops import EdgeAdd, Graph, NodeAdd, Op
from domain.canvas.state import Canvas
from domain.canvas.words import MAX_OPS, Node
from domain.project import checked_name

FORK = "fork"
"""The session and the label of the edits that a fork begins with."""


def create(
    canvas: Canvas,
    *,
    id: str,  # noqa: A002 - the canvas's own word
    project: str,
    name: str,
    owner: str,
    origin: Origin | None,
    graph: Graph,
    by: str,
    at: datetime,
) -> list[CanvasEvent]:
    """Begin a canvas, with what `graph` has: that of its origin. Creating it again as it was adds nothing.

    Raises Rejected `invalid_request` for a name, and `idempotency_key_reused` when it was created otherwise."""
    name = checked_name(name)
    if canvas.id:
        if (canvas.owner, canvas.project, canvas.origin) == (owner, project, origin):
            return []
        raise Rejected(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another canvas. Use a new key for a new canvas.",
        )
    created = CanvasCreated(canvas=id, project=project, name=name, owner=owner, by=by, origin=origin, at=at)
    copies = [
        CanvasEdited(edit=f"{FORK}_{number}", session=FORK, label=FORK, ops=ops, by=by, at=at)
        for number, ops in enumerate(_copied(graph))
    ]
    return [created, *copies]


def _copied(graph: Graph) -> Iterator[tuple[Op, ...]]:
    """The operations that make a graph, as many at a time as an edit may have. Groups come before their members."""
    groups = {each: node for each, node in graph.nodes.items() if node.kind == "group"}
    depths = {each: _depth(groups, node) for each, node in graph.nodes.items()}
    ordered = sorted(graph.nodes, key=lambda each: (graph.nodes[each].kind != "group", depths[each]))
    ops: list[Op] = [NodeAdd(id=each, node=_settled(graph.nodes[each])) for each in ordered]
    ops += [EdgeAdd(id=each, edge=edge) for each, edge in graph.edges.items()]
    for begin in range(0, len(ops), MAX_OPS):
        yield tuple(ops[begin : begin + MAX_OPS])


def _depth(groups: dict[str, Node], node: Node) -> int:
    depth = 0
    while node.group is not None and depth < len(groups) and node.group in groups:
        node, depth = groups[node.group], depth + 1
    return depth


def _settled(node: Node) -> Node:
    """A node as a fork has it. A wish to generate belongs to the canvas where it was made: whoever found it in another
    one might send it again, and pay twice. What was picked keeps the digest by which it is known to be current."""
    if node.run is None:
        return node
    pick, metadata = node.pick, node.run.body.get("metadata")
    digest = cast(dict[str, Any], metadata).get("digest") if isinstance(metadata, dict) else None
    if pick is not None and pick.digest is None and isinstance(digest, str):
        pick = replace(pick, digest=digest)
    return replace(node, run=None, pick=pick)


def rename(canvas: Canvas, *, name: str, by: str, at: datetime) -> list[CanvasEvent]:
    """Give it another name. Raises Rejected `canvas_unknown`, `archived` and `invalid_request`."""
    require_in_use(canvas)
    name = checked_name(name)
    return [] if name == canvas.name else [CanvasRenamed(name=name, by=by, at=at)]


def name_version(canvas: Canvas, *, version: int, newest: int, name: str, by: str, at: datetime) -> list[CanvasEvent]:
    """Give a name to one of its versions, of which there are `newest`; another name replaces it.

    Raises Rejected `canvas_unknown`, `archived` and `invalid_request`."""
    require_in_use(canvas)
    name = checked_name(name)
    if not 1 <= version <= newest:
        raise Rejected("invalid_request", f"version: must be from 1 to {newest}")
    if any((each.version, each.name) == (version, name) for each in canvas.names):
        return []
    return [CanvasVersionNamed(version=version, name=name, by=by, at=at)]


def archive(canvas: Canvas, *, by: str, at: datetime) -> list[CanvasEvent]:
    """Put it away. Raises Rejected `canvas_unknown`."""
    require_there(canvas)
    return [] if canvas.archived_at else [CanvasArchived(by=by, at=at)]


def restore(canvas: Canvas, *, by: str, at: datetime) -> list[CanvasEvent]:
    """Take it into use again. Raises Rejected `canvas_unknown`."""
    require_there(canvas)
    return [CanvasRestored(by=by, at=at)] if canvas.archived_at else []


def require_there(canvas: Canvas) -> None:
    """Raise Rejected `canvas_unknown` for one that was never created."""
    if not canvas.id:
        raise Rejected("canvas_unknown", "There is no such canvas.")


def require_in_use(canvas: Canvas) -> None:
    """Raise Rejected `canvas_unknown`, and `archived` for one that is put away."""
    require_there(canvas)
    if canvas.archived_at:
        raise Rejected("archived", "The canvas is archived. Restore it to change it.")
