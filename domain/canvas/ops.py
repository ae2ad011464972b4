"""How does a canvas change? By a closed set of operations, each of one node or one edge.

`apply` never refuses: what an operation is about may be gone by the time, and then it changes nothing. Whether an
operation is allowed is decided in `edit`, before it is recorded."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple, assert_never

import msgspec
from msgspec import Meta

from domain.base import Value, replace
from domain.canvas.words import Edge, Id, Node, Pick, Position, RunIntent, Size

_PARAM = "params."


class NodeAdd(Value, tag_field="op", tag="node.add"):
    """There is a new node."""

    id: Annotated[Id, Meta(description="The node's id")]
    node: Annotated[Node, Meta(description="The node")]


class NodeRemove(Value, tag_field="op", tag="node.remove"):
    """The node is gone. Its edges, and the members of a group, were taken off before."""

    id: Annotated[Id, Meta(description="The node's id")]


class NodeSet(Value, tag_field="op", tag="node.set"):
    """A field of a node has another value. `was` is the one that it replaces; null stands for none."""

    id: Annotated[Id, Meta(description="The node's id")]
    field: Annotated[
        str,
        Meta(
            max_length=80,
            description="`position`, `size`, `title`, `model`, `prompt`, `pick`, `run`, `group`, `note`, `params.NAME`",
            examples=["prompt"],
        ),
    ]
    was: Annotated[Any, Meta(description="What it replaces; null: there was none", examples=["a grey sea"])] = None
    now: Annotated[Any, Meta(description="What it is now; null: nothing", examples=["a green sea"])] = None


class EdgeAdd(Value, tag_field="op", tag="edge.add"):
    """There is a new edge."""

    id: Annotated[Id, Meta(description="The edge's id")]
    edge: Annotated[Edge, Meta(description="The edge")]


class EdgeRemove(Value, tag_field="op", tag="edge.remove"):
    """The edge is gone."""

    id: Annotated[Id, Meta(description="The edge's id")]


class EdgeSet(Value, tag_field="op", tag="edge.set"):
    """An edge has another role, or another place."""

    id: Annotated[Id, Meta(description="The edge's id")]
    field: Annotated[Literal["role", "order"], Meta(description="What changes", examples=["order"])]
    was: Annotated[Any, Meta(description="What it replaces", examples=[0])] = None
    now: Annotated[Any, Meta(description="What it is now", examples=[1])] = None


Op = NodeAdd | NodeRemove | NodeSet | EdgeAdd | EdgeRemove | EdgeSet


class Graph(NamedTuple):
    """The nodes and edges of a canvas by their ids, never changed in place, and the size of the nodes as JSON."""

    nodes: Mapping[str, Node]
    edges: Mapping[str, Edge]
    bytes: int = 0


EMPTY = Graph({}, {})


class Draft:
    """A graph that is being changed. What it began with stays as it is."""

    def __init__(self, graph: Graph) -> None:
        self.nodes: dict[str, Node] = dict(graph.nodes)
        self.edges: dict[str, Edge] = dict(graph.edges)
        self.bytes = graph.bytes

    @property
    def graph(self) -> Graph:
        """The graph as it is now. The draft must not be changed any more."""
        return Graph(self.nodes, self.edges, self.bytes)

    def apply(self, op: Op) -> None:
        """Do one operation, if what it is about is there, and what it adds is not."""
        match op:
            case NodeAdd(id=id, node=node):
                if id not in self.nodes:
                    self._put(id, node)
            case NodeRemove(id=id):
                if before := self.nodes.pop(id, None):
                    self.bytes -= size_of(id, before)
            case NodeSet(id=id, field=field, now=now):
                if before := self.nodes.get(id):
                    self._put(id, with_field(before, field, now))
            case EdgeAdd(id=id, edge=edge):
                self.edges.setdefault(id, edge)
            case EdgeRemove(id=id):
                self.edges.pop(id, None)
            case EdgeSet(id=id, field=field, now=now):
                if there := self.edges.get(id):
                    self.edges[id] = replace(there, **{field: now})
            case _:
                assert_never(op)

    def _put(self, id: str, node: Node) -> None:  # noqa: A002 - the node's own word
        before = self.nodes.get(id)
        self.bytes += size_of(id, node) - (size_of(id, before) if before else 0)
        self.nodes[id] = node


def apply(graph: Graph, ops: Iterable[Op]) -> Graph:
    """The graph after these operations."""
    draft = Draft(graph)
    for op in ops:
        draft.apply(op)
    return draft.graph


def inverse(graph: Graph, ops: Iterable[Op]) -> list[Op]:
    """The operations that take these back: applied after them, they lead to this graph again."""
    draft = Draft(graph)
    back: list[Op] = []
    for op in ops:
        if undo := _inverse(draft, op):
            back.append(undo)
        draft.apply(op)
    return back[::-1]


def _inverse(draft: Draft, op: Op) -> Op | None:
    match op:
        case NodeAdd(id=id):
            return None if id in draft.nodes else NodeRemove(id=id)
        case NodeRemove(id=id):
            return NodeAdd(id=id, node=node) if (node := draft.nodes.get(id)) else None
        case NodeSet(id=id, field=field, now=now):
            node = draft.nodes.get(id)
            return NodeSet(id=id, field=field, was=now, now=plain_field(node, field)) if node else None
        case EdgeAdd(id=id):
            return None if id in draft.edges else EdgeRemove(id=id)
        case EdgeRemove(id=id):
            return EdgeAdd(id=id, edge=edge) if (edge := draft.edges.get(id)) else None
        case EdgeSet(id=id, field=field, now=now):
            edge = draft.edges.get(id)
            return EdgeSet(id=id, field=field, was=now, now=getattr(edge, field)) if edge else None
        case _:
            assert_never(op)


def size_of(id: str, node: Node) -> int:  # noqa: A002 - the node's own word
    """How many bytes a node takes in a document."""
    return len(id) + len(_ENCODER.encode(node))


# --- The fields of a node ---

REQUIRED: Mapping[str, Any] = {"position": Position, "size": Size}
OPTIONAL: Mapping[str, Any] = {
    field.name: field.type
    for field in msgspec.structs.fields(Node)
    if field.name in {"title", "model", "prompt", "pick", "run", "group", "note"}
}
_TYPES: Mapping[str, Any] = {**REQUIRED, **OPTIONAL}
STRUCTURED: Mapping[str, type[msgspec.Struct]] = {"position": Position, "size": Size, "pick": Pick, "run": RunIntent}


def param_of(field: str) -> str | None:
    """The name of a parameter, of a field `params.NAME`; None for any other field."""
    return field.removeprefix(_PARAM) if field.startswith(_PARAM) else None


def read(field: str, value: Any) -> Any:
    """A field's value as a node has it, from JSON. Raises msgspec.ValidationError for one that it can't have."""
    return value if param_of(field) is not None else msgspec.convert(value, _TYPES[field])


def field_of(node: Node, field: str) -> Any:
    """The value of a field of a node; None: there is none."""
    name = param_of(field)
    return getattr(node, field, None) if name is None else node.params.get(name)


def plain_field(node: Node, field: str) -> Any:
    """The same as JSON has it."""
    value = field_of(node, field)
    return msgspec.to_builtins(value) if field in STRUCTURED else value


def with_field(node: Node, field: str, now: Any) -> Node:
    """The node with another value of a field; what such a node can't have changes nothing."""
    name = param_of(field)
    if name is not None:
        others = {key: value for key, value in node.params.items() if key != name}
        return replace(node, params=others if now is None else {**node.params, name: now})
    if field not in _TYPES:
        return node
    try:
        return replace(node, **{field: read(field, now)})
    except msgspec.ValidationError:
        return node


_ENCODER = msgspec.json.Encoder()
