"""May these operations be done together, although others may have edited since? All of them, or none.

An operation is held against the canvas as it is now. It may

- be possible: it is done;
- be done already, because others did the same: nothing is left to do;
- meet what others did since the version that it was made for (`Since`): that is a conflict, which a person settles;
- be impossible whatever others did: it is refused by its index.

The later one wins in what is only layout: position, size and group. A text, a model or a choice is never overwritten
unseen: an operation says what it replaces (`was`), and that must be what is there."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, assert_never

import msgspec
from msgspec import Meta

from domain.base import Rejected, Value, replace
from domain.canvas.checks import node_problem, value_problem
from domain.canvas.events import CanvasEdited, CanvasEvent
from domain.canvas.ops import (
    EdgeAdd,
    EdgeRemove,
    EdgeSet,
    Graph,
    NodeAdd,
    NodeRemove,
    NodeSet,
    Op,
    field_of,
    plain_field,
    read,
)
from domain.canvas.sketch import Sketch
from domain.canvas.words import MAX_DOCUMENT_BYTES, MAX_EDGES, MAX_NODES, MAX_OPS, Edge, Node, fits

LAYOUT = frozenset({"position", "size", "group"})
MAX_SHOWN = 5


class Conflict(Value):
    """What two wanted differently. `field` is that of the node or edge; `node`: others removed the node, or have
    another one of this id; `removed`: others changed or replaced the node that is to be removed; `edge`: the edge as
    a whole."""

    id: Annotated[str, Meta(description="The node or the edge", examples=["node_2"])]
    field: Annotated[str, Meta(description="Its field; `node`, `removed` or `edge` for the whole", examples=["prompt"])]
    mine: Annotated[Any, Meta(description="What this edit wants", examples=["a green sea"])]
    theirs: Annotated[Any, Meta(description="What is there; null: nothing", examples=["a black sea"])]


class EditConflict(Rejected):
    """Others changed the same. Nothing was written. `version` is the canvas that the conflicts are about."""

    def __init__(self, conflicts: Sequence[Conflict], version: int) -> None:
        shown = ", ".join(f"{each.id} ({each.field})" for each in conflicts[:MAX_SHOWN])
        more = f" and {len(conflicts) - MAX_SHOWN} others" if len(conflicts) > MAX_SHOWN else ""
        super().__init__("edit_conflict", f"Others changed the same meanwhile: {shown}{more}. Nothing was written.")
        self.conflicts = tuple(conflicts)
        self.version = version


class Since:
    """What others did since a version: the nodes and edges that were added or removed, the nodes whose content or
    connections they changed, the edges that they changed, and the nodes that they put into a group or out of it."""

    def __init__(self) -> None:
        self.added: set[str] = set()
        self.removed: set[str] = set()
        self.changed: set[str] = set()
        self.moved: set[str] = set()

    def add(self, event: CanvasEvent) -> None:
        """They did this, too."""
        for op in event.ops if isinstance(event, CanvasEdited) else ():
            match op:
                case NodeAdd(id=id, node=node):
                    self.added.add(id)
                    self.removed.discard(id)
                    if node.group is not None:
                        self.changed.add(node.group)
                        self.moved.add(id)
                case EdgeAdd(id=id, edge=edge):
                    self.added.add(id)
                    self.removed.discard(id)
                    self.changed |= {edge.source, edge.target}
                case NodeRemove(id=id) | EdgeRemove(id=id):
                    self.removed.add(id)
                case NodeSet(id=id, field=field, now=now):
                    if field not in LAYOUT:
                        self.changed.add(id)
                    elif field == "group":
                        self.moved.add(id)
                        if isinstance(now, str):
                            self.changed.add(now)
                case EdgeSet(id=id):
                    self.changed.add(id)
                case _:
                    assert_never(op)

    def knows(self, *ids: str) -> bool:
        """Whether they had to do with one of these."""
        return any(each in self.added or each in self.removed or each in self.changed for each in ids)

    def differs(self, node_or_edge: str) -> bool:
        """Whether what has this id now is not what was known: they changed it, or have another one of its id."""
        return node_or_edge in self.changed or node_or_edge in self.added


def decide_edit(
    graph: Graph,
    since: Since,
    *,
    version: int,
    edit: str,
    session: str,
    label: str,
    ops: Sequence[Op],
    by: str,
    at: datetime,
) -> list[CanvasEvent]:
    """Do some operations together, on the graph at `version`. `since` is what others did since the version that they
    were made for.

    Raises EditConflict, and Rejected `invalid_request`, which names the operation by its index."""
    if not 1 <= len(ops) <= MAX_OPS:
        raise Rejected("invalid_request", f"ops: must be 1 to {MAX_OPS}, got {len(ops)}")
    decision = _Decision(graph, since)
    for index, op in enumerate(ops):
        decision.take(index, op)
    decision.close()
    if decision.conflicts:
        raise EditConflict([*decision.conflicts.values()], version)
    return [CanvasEdited(edit=edit, session=session, label=label, ops=tuple(ops), by=by, at=at)]


class _Decision:
    """Operations are taken one after the other. What meets a conflict is done as it was wished, where that is possible,
    so that the operations behind it find what they are about."""

    def __init__(self, graph: Graph, since: Since) -> None:
        self.conflicts: dict[tuple[str, str], Conflict] = {}
        self._sketch = Sketch(graph)
        self._since = since
        self._lost: set[str] = set()  # ids that can't be there as wished: what is about them is in conflict already
        self._agreed: set[tuple[str, str]] = set()  # fields that others set to the same: what this edit goes on with
        self._wished: dict[str, dict[str, Any]] = {}  # of the nodes that are lost, what was to be set
        self._edges: dict[str, int] = {}  # the new edges, each with the index of its operation

    def take(self, index: int, op: Op) -> None:
        """Look at the next operation, and do it in the sketch. Raises Rejected."""
        if op.id in self._lost:
            return
        match op:
            case NodeAdd():
                done = self._add_node(index, op)
            case NodeRemove():
                done = self._remove_node(index, op)
            case NodeSet():
                done = self._set_node(index, op)
            case EdgeAdd():
                done = self._add_edge(index, op)
            case EdgeRemove():
                done = self._remove_edge(index, op)
            case EdgeSet():
                done = self._set_edge(index, op)
            case _:
                assert_never(op)
        if done:
            self._sketch.apply(op)

    def close(self) -> None:
        """Look at the whole. Raises Rejected."""
        if circle := self._sketch.circle(self._edges):
            edge_id = max(circle & self._edges.keys(), key=lambda each: self._edges[each])
            if any(each in self._since.added for each in circle):
                self._ask(edge_id, "edge", self._sketch.edges[edge_id], None)
            else:
                raise _wrong(self._edges[edge_id], "edge", "the nodes would be made from one another, in a circle")
        if self._sketch.bytes > MAX_DOCUMENT_BYTES:
            raise Rejected("invalid_request", f"ops: a canvas may have {MAX_DOCUMENT_BYTES} bytes at most")

    # --- One operation: whether to do it ---

    def _add_node(self, index: int, op: NodeAdd) -> bool:
        if problem := node_problem(op.node):
            raise _wrong(index, "node", problem)
        there = self._sketch.nodes.get(op.id)
        if there is not None:
            if op.id not in self._since.added:
                raise _wrong(index, "id", f"there is a node '{op.id}' already")
            if there != op.node:
                self._ask(op.id, "node", op.node, there)
            return False
        if len(self._sketch.nodes) >= MAX_NODES:
            raise _wrong(index, "id", f"a canvas may have {MAX_NODES} nodes at most")
        self._require_group(index, "node.group", op.id, op.node.group)
        return True

    def _remove_node(self, index: int, op: NodeRemove) -> bool:
        there = self._sketch.nodes.get(op.id)
        if there is None:
            self._require_lost(index, "node", op.id)
            return False
        links = self._sketch.links
        left = links.edges[op.id] | links.members[op.id]
        if self._since.differs(op.id):
            self._ask(op.id, "removed", None, there)
            self._lost |= {op.id, *links.edges[op.id]}
            return False
        if left:
            what = "its edges" if links.edges[op.id] else "its members"
            raise _wrong(index, "id", f"take {what} off first: {', '.join(sorted(left)[:MAX_SHOWN])}")
        return True

    def _set_node(self, index: int, op: NodeSet) -> bool:
        if problem := value_problem(op.field, op.now):
            raise _wrong(index, "now", problem)
        there = self._sketch.nodes.get(op.id)
        if there is None:
            self._require_lost(index, "node", op.id)
            self._lose_field(op)
            return False
        now = read(op.field, op.now)
        current = field_of(there, op.field)
        differs = not _is(op.field, op.was, current) or (op.id, op.field) in self._agreed
        if current == now:
            if differs:
                self._agreed.add((op.id, op.field))
            return False
        if op.field == "group":
            self._require_group(index, "now", op.id, now)
        if op.field not in LAYOUT and differs:
            self._ask(op.id, op.field, op.now, plain_field(there, op.field))
        return True

    def _add_edge(self, index: int, op: EdgeAdd) -> bool:
        there = self._sketch.edges.get(op.id)
        if there is not None:
            if op.id not in self._since.added:
                raise _wrong(index, "id", f"there is an edge '{op.id}' already")
            if there != op.edge:
                self._ask(op.id, "edge", op.edge, there)
            return False
        if len(self._sketch.edges) >= MAX_EDGES:
            raise _wrong(index, "id", f"a canvas may have {MAX_EDGES} edges at most")
        if not self._has_ends(index, op):
            return False
        self._require_fit(index, op.id, op.edge, "edge")
        self._edges[op.id] = index
        return True

    def _remove_edge(self, index: int, op: EdgeRemove) -> bool:
        there = self._sketch.edges.get(op.id)
        if there is None:
            self._require_lost(index, "edge", op.id)
            return False
        if self._since.differs(op.id):
            self._ask(op.id, "edge", None, there)
        return True

    def _set_edge(self, index: int, op: EdgeSet) -> bool:
        there = self._sketch.edges.get(op.id)
        if there is None:
            self._require_lost(index, "edge", op.id)
            self._ask(op.id, "edge", {op.field: op.now}, None)
            return False
        try:
            wished: Edge = msgspec.convert(msgspec.to_builtins(replace(there, **{op.field: op.now})), Edge)
        except msgspec.ValidationError as error:
            raise _wrong(index, "now", str(error).partition(" - at")[0]) from None
        current = getattr(there, op.field)
        if current == op.now:
            return False
        if op.was != current:
            self._ask(op.id, op.field, op.now, current)
        if op.field == "role":
            self._require_fit(index, op.id, wished, "now")
        return True

    # --- What an operation needs ---

    def _require_group(self, index: int, place: str, node_id: str, group: str | None) -> None:
        """Raise Rejected where a node can't be in a group, unless that is because of others."""
        if group is None:
            return
        there = self._sketch.nodes.get(group)
        is_group = there is not None and there.kind == "group"
        if is_group and not self._sketch.is_within(group, node_id):
            return
        others_moved = is_group and not self._since.moved.isdisjoint(self._sketch.around(group))
        if not others_moved and not self._since.knows(group):
            raise _wrong(index, place, "is in itself, or too deep" if is_group else f"there is no group '{group}'")
        self._ask(node_id, "group", group, None)

    def _has_ends(self, index: int, op: EdgeAdd) -> bool:
        if op.edge.source == op.edge.target:
            raise _wrong(index, "edge", "a node can't be connected with itself")
        for name, end in (("from", op.edge.source), ("to", op.edge.target)):
            if end in self._sketch.nodes:
                continue
            if end not in self._since.removed:
                raise _wrong(index, f"edge.{name}", f"there is no node '{end}'")
            if end not in self._wished:  # what is wished for the node itself says more
                self._ask(end, "node", op.edge, None)
            self._lost.add(op.id)
            return False
        return True

    def _require_fit(self, index: int, edge_id: str, edge: Edge, place: str) -> None:
        """Raise Rejected where an edge can't be, unless that is because of others."""
        source, target = self._sketch.nodes[edge.source], self._sketch.nodes[edge.target]
        if not fits(source, edge.role, target):
            if not self._since.knows(edge.source) and edge.target not in self._since.added:
                raise _wrong(index, place, _unfit(source, edge, target))
            self._ask(edge_id, "edge", edge, None)
        same = self._sketch.links.between(edge)
        if same is not None and same != edge_id:
            if not self._since.knows(same):
                raise _wrong(index, place, f"the edge '{same}' connects them so already")
            self._ask(edge_id, "edge", edge, self._sketch.edges[same])

    def _require_lost(self, index: int, what: str, missing: str) -> None:
        """Raise Rejected for what is not there, unless others removed it."""
        if missing not in self._since.removed:
            raise _wrong(index, "id", f"there is no {what} '{missing}'")

    def _lose_field(self, op: NodeSet) -> None:
        """The node of this operation was removed by others: what is wished for it, field by field, is in conflict."""
        if op.field not in LAYOUT:
            wished = self._wished[op.id] = {**self._wished.get(op.id, {}), op.field: op.now}
            self._ask(op.id, "node", wished, None)

    def _ask(self, id: str, field: str, mine: Any, theirs: Any) -> None:  # noqa: A002 - the node's own word
        self.conflicts[id, field] = Conflict(id=id, field=field, mine=mine, theirs=theirs)


def since(events: Iterable[CanvasEvent]) -> Since:
    """What others did, by their events in order."""
    found = Since()
    for event in events:
        found.add(event)
    return found


def _is(field: str, was: Any, current: Any) -> bool:
    """Whether a field is what an operation takes it for."""
    if was is None:
        return current is None
    try:
        return bool(read(field, was) == current)
    except msgspec.ValidationError:
        return False


def _unfit(source: Node, edge: Edge, target: Node) -> str:
    return f"what a node of kind {source.kind} makes can't be the {edge.role} of a node of kind {target.kind}"


def _wrong(index: int, place: str, problem: str) -> Rejected:
    return Rejected("invalid_request", f"ops[{index}].{place}: {problem}")
