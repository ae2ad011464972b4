"""What does each operation do to a graph, what takes it back, and what does it do when others were there before?"""

from typing import Any

import msgspec
import pytest

from domain.canvas.ops import (
    EMPTY,
    EdgeAdd,
    EdgeRemove,
    EdgeSet,
    Graph,
    NodeAdd,
    NodeRemove,
    NodeSet,
    Op,
    apply,
    field_of,
    inverse,
    param_of,
    plain_field,
    read,
    size_of,
    with_field,
)
from domain.canvas.words import Edge, Node, Pick, Position, Size
from tests.canvas_samples import add, connect, cut, node, put, put_edge, read_ops, remove

RUN = {"id": "run_1", "at": "2026-02-11T10:00:00.000Z", "kind": "image", "body": {"prompt": "one"}}
DRAWN = msgspec.convert(node(prompt="one", params={"seed": 7, "n": 2}, pick={"asset": "asset_1.png"}), Node)
TYPED = msgspec.convert(node("text", prompt="two"), Node)
CARRIED = Edge(source="t", target="i", role="prompt", order=0)


def whole(nodes: dict[str, Node], edges: dict[str, Edge] | None = None) -> Graph:
    """A graph of these, with the size of its nodes as the document has them: an id and its JSON each."""
    size = sum(len(each) + len(msgspec.json.encode(node)) for each, node in nodes.items())
    return Graph(nodes, edges or {}, size)


GRAPH = whole({"i": DRAWN, "t": TYPED}, {"e": CARRIED})


def drawn(**fields: Any) -> Graph:
    """The graph whose image has other fields."""
    return whole({"i": msgspec.structs.replace(DRAWN, **fields), "t": TYPED}, {"e": CARRIED})


DONE: list[tuple[dict[str, Any], Graph, Op]] = [
    (
        add("new", prompt="x"),
        whole({"i": DRAWN, "t": TYPED, "new": msgspec.convert(node(prompt="x"), Node)}, {"e": CARRIED}),
        NodeRemove(id="new"),
    ),
    (remove("i"), whole({"t": TYPED}, {"e": CARRIED}), NodeAdd(id="i", node=DRAWN)),
    (
        put("i", "prompt", "one", "a longer one"),
        drawn(prompt="a longer one"),
        NodeSet(id="i", field="prompt", was="a longer one", now="one"),
    ),
    (
        put("i", "title", None, "Sea"),
        drawn(title="Sea"),
        NodeSet(id="i", field="title", was="Sea", now=None),
    ),
    (
        put("i", "position", {"x": 0, "y": 0}, {"x": 5, "y": 6}),
        drawn(position=Position(x=5, y=6)),
        NodeSet(id="i", field="position", was={"x": 5, "y": 6}, now={"x": 0, "y": 0}),
    ),
    (
        put("i", "pick", {"asset": "asset_1.png"}, None),
        drawn(pick=None),
        NodeSet(id="i", field="pick", was=None, now={"asset": "asset_1.png"}),
    ),
    (
        put("i", "params.seed", 7, 8),
        drawn(params={"seed": 8, "n": 2}),
        NodeSet(id="i", field="params.seed", was=8, now=7),
    ),
    (
        put("i", "params.seed", 7, None),
        drawn(params={"n": 2}),
        NodeSet(id="i", field="params.seed", was=None, now=7),
    ),
    (
        put("i", "params.size", None, "1K"),
        drawn(params={"seed": 7, "n": 2, "size": "1K"}),
        NodeSet(id="i", field="params.size", was="1K", now=None),
    ),
    (
        connect("f", "i", "t", "reference", 3),
        whole({"i": DRAWN, "t": TYPED}, {"e": CARRIED, "f": Edge(source="i", target="t", role="reference", order=3)}),
        EdgeRemove(id="f"),
    ),
    (cut("e"), whole({"i": DRAWN, "t": TYPED}), EdgeAdd(id="e", edge=CARRIED)),
    (
        put_edge("e", "order", 0, 4),
        whole({"i": DRAWN, "t": TYPED}, {"e": Edge(source="t", target="i", role="prompt", order=4)}),
        EdgeSet(id="e", field="order", was=4, now=0),
    ),
    (
        put_edge("e", "role", "prompt", "system"),
        whole({"i": DRAWN, "t": TYPED}, {"e": Edge(source="t", target="i", role="system", order=0)}),
        EdgeSet(id="e", field="role", was="system", now="prompt"),
    ),
]


@pytest.mark.parametrize(("sent", "after", "back"), DONE)
def test_an_operation_does_one_thing_and_one_takes_it_back(sent: dict[str, Any], after: Graph, back: Op) -> None:
    """Everything else stays as it is, and what it began with, too; the size is that of the nodes."""
    ops = read_ops([sent])
    before = Graph(dict(GRAPH.nodes), dict(GRAPH.edges), GRAPH.bytes)
    assert apply(before, ops) == after
    assert inverse(before, ops) == [back]
    assert before == GRAPH
    assert apply(after, [back]) == GRAPH


@pytest.mark.parametrize(
    "sent",
    [
        add("i", "note"),
        remove("gone"),
        put("gone", "prompt", None, "x"),
        connect("e", "i", "t"),
        cut("gone"),
        put_edge("gone", "order", 0, 4),
    ],
)
def test_what_is_gone_or_there_already_changes_nothing(sent: dict[str, Any]) -> None:
    """And there is nothing to take back."""
    ops = read_ops([sent])
    assert apply(GRAPH, ops) == GRAPH
    assert inverse(GRAPH, ops) == []


@pytest.mark.parametrize(
    ("field", "now"),
    [
        ("colour", "red"),
        ("kind", "text"),
        ("params", {}),
        ("position", None),
        ("position", {"x": "left", "y": 0}),
        ("prompt", 7),
        ("group", "no id!"),
    ],
)
def test_what_a_node_cannot_have_changes_nothing(field: str, now: Any) -> None:
    """A stored operation is never refused."""
    assert with_field(DRAWN, field, now) == DRAWN
    assert apply(GRAPH, [NodeSet(id="i", field=field, now=now)]) == GRAPH


def test_operations_are_taken_back_in_reverse() -> None:
    """Those that did something, each by what there was before it."""
    ops = read_ops(
        [
            put("t", "prompt", "two", "three"),
            remove("gone"),
            put("t", "prompt", "three", "four"),
            cut("e"),
            remove("t"),
            add("t", "note"),
        ]
    )
    assert inverse(GRAPH, ops) == [
        NodeRemove(id="t"),
        NodeAdd(id="t", node=msgspec.structs.replace(TYPED, prompt="four")),
        EdgeAdd(id="e", edge=CARRIED),
        NodeSet(id="t", field="prompt", was="four", now="three"),
        NodeSet(id="t", field="prompt", was="three", now="two"),
    ]
    assert apply(apply(GRAPH, ops), inverse(GRAPH, ops)) == GRAPH


def test_an_empty_graph_has_no_size() -> None:
    """What is added to it is what it has, and all of it can be taken back."""
    ops: list[Op] = [NodeAdd(id="i", node=DRAWN), NodeAdd(id="t", node=TYPED), EdgeAdd(id="e", edge=CARRIED)]
    assert apply(EMPTY, []) == EMPTY == Graph({}, {}, 0)
    assert apply(EMPTY, ops) == GRAPH
    assert inverse(EMPTY, ops) == [EdgeRemove(id="e"), NodeRemove(id="t"), NodeRemove(id="i")]
    assert size_of("id", TYPED) == 2 + len(msgspec.json.encode(TYPED))


# --- Fields ---


def test_a_parameter_is_a_field_by_its_name() -> None:
    """Whatever the name is, also when it begins as others do."""
    fields = ["params.seed", "params.params.seed", "params.", "params", "prompt"]
    assert [param_of(field) for field in fields] == ["seed", "params.seed", "", None, None]


def test_a_field_is_read_as_its_node_has_it() -> None:
    """A parameter is whatever JSON has; what the field can't have is not read."""
    assert read("position", {"x": 1, "y": 2.5}) == Position(x=1, y=2.5)
    assert read("size", {"width": 1, "height": 2}) == Size(width=1, height=2)
    assert read("pick", {"asset": "asset_1.png"}) == Pick(asset="asset_1.png")
    assert read("title", None) is None
    assert read("params.style", {"any": [1]}) == {"any": [1]}
    with pytest.raises(msgspec.ValidationError):
        read("title", 7)


def test_a_field_has_one_value_for_the_service_and_one_in_json() -> None:
    """They differ where a field has fields of its own; what a node doesn't have is None in both."""
    full = msgspec.convert(node(title="Sea", run=RUN, pick={"asset": "a.png"}, params={"style": {"any": 1}}), Node)
    json: dict[str, Any] = {
        "position": {"x": 0, "y": 0},
        "size": {"width": 320, "height": 240},
        "pick": {"asset": "a.png"},
        "run": RUN,
        "title": "Sea",
        "params.style": {"any": 1},
        "params.seed": None,
        "model": None,
        "group": None,
        "colour": None,
    }
    assert {field: plain_field(full, field) for field in json} == json
    assert field_of(full, "position") == Position(x=0, y=0)
    assert field_of(full, "pick") == Pick(asset="a.png")
    assert [field_of(full, field) for field in ("title", "params.style", "params.seed", "model", "colour")] == [
        "Sea",
        {"any": 1},
        None,
        None,
        None,
    ]
    assert plain_field(msgspec.convert(node(), Node), "pick") is None
