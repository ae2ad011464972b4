"""What may be done together, what do people have to settle, and what is refused? Each operation by example; the cases
that the studio is held to, too, are in `golden/canvas_edits.json`."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from domain.base import Rejected
from domain.canvas.edit import MAX_SHOWN, Conflict, EditConflict, Since, decide_edit, since
from domain.canvas.events import CanvasEdited, CanvasRenamed
from domain.canvas.ops import EMPTY, EdgeAdd, EdgeSet, Graph, NodeSet, Op, apply, size_of
from domain.canvas.sketch import MAX_NESTED
from domain.canvas.words import MAX_DOCUMENT_BYTES, MAX_EDGES, MAX_NODES, MAX_OPS, Edge, Node
from tests.canvas_samples import add, connect, cut, node, put, put_edge, read_ops, remove

AT = datetime(2026, 2, 11, 10, tzinfo=UTC)
BOARD = [
    add("t", "text", prompt="one"),
    add("u", "text"),
    add("i", model="sandbox/image"),
    add("v", "video"),
    add("g", "group"),
    *(add(each, "group") for each in "hkl"),
    add("n", "note", group="g"),
    connect("e", "t", "i"),
    connect("s", "t", "u", "system"),
    connect("p", "t", "u"),
]
Ops = list[dict[str, Any]]


def edited(ops: Ops) -> CanvasEdited:
    """What others did."""
    return CanvasEdited(edit="theirs", session="tab_2", label="", ops=tuple(read_ops(ops)), by="key_2", at=AT)


def answer(graph: Graph, ops: list[Op], others: Since) -> list[Conflict]:
    """The conflicts of an edit; none: it is done."""
    try:
        done = decide_edit(
            graph, others, version=7, edit="edit_1", session="tab_1", label="typed", ops=ops, by="key_1", at=AT
        )
    except EditConflict as caught:
        conflict = caught
    else:
        edit = CanvasEdited(edit="edit_1", session="tab_1", label="typed", ops=tuple(ops), by="key_1", at=AT)
        assert done == [edit]
        return []
    assert (conflict.code, conflict.version) == ("edit_conflict", 7)
    return list(conflict.conflicts)


def asked(*ops: dict[str, Any], others: Ops | None = None) -> list[tuple[str, str, Any, Any]]:
    """What comes of an edit that was made for the board, on which others have edited since: what is to be settled, or
    nothing, because it is done."""
    theirs = [edited([each]) for each in others or []]
    graph = apply(EMPTY, [*read_ops(BOARD), *(op for edit in theirs for op in edit.ops)])
    before = Graph(dict(graph.nodes), dict(graph.edges), graph.bytes)
    conflicts = answer(graph, read_ops(list(ops)), since(theirs))
    assert graph == before
    return [
        (each.id, each.field, msgspec.to_builtins(each.mine), msgspec.to_builtins(each.theirs)) for each in conflicts
    ]


def refused(*ops: dict[str, Any], others: Ops | None = None) -> str:
    """Why an edit is refused."""
    with pytest.raises(Rejected) as caught:
        asked(*ops, others=others)
    assert caught.value.code == "invalid_request"
    return caught.value.message


def edge(source: str, target: str, role: str = "prompt", order: int = 0) -> dict[str, Any]:
    """An edge as JSON has it."""
    return {"from": source, "to": target, "role": role, "order": order}


# --- On the newest version ---

DONE: list[Ops] = [
    [add("new")],
    [add("new", group="g")],
    [add("new", "group"), put("i", "group", None, "new"), put("i", "group", "new", "g")],
    [remove("v")],
    [put("n", "group", "g", None), remove("g")],
    [put("t", "prompt", "one", "two"), put("t", "prompt", "two", "three")],
    [put("t", "prompt", "one", "one")],
    [put("t", "prompt", "two", "one")],
    [put("t", "title", None, "Sea"), put("t", "params.seed", None, 7), put("t", "params.seed", 7, None)],
    [put("t", "position", {"x": 7, "y": 7}, {"x": 1, "y": 1})],
    [put("t", "group", "other", "g")],
    [connect("f", "t", "v"), put_edge("f", "order", 0, 3), put_edge("f", "order", 3, 3), cut("f"), remove("v")],
    [connect("f", "i", "v", "reference"), put_edge("f", "role", "reference", "first_frame")],
    [put_edge("e", "order", 0, 2), cut("e"), connect("e", "t", "v"), connect("f", "t", "i")],
    [cut("p"), put_edge("s", "role", "system", "prompt")],
    [add("up", "upload"), connect("f", "up", "i", "reference"), connect("h", "i", "v", "reference")],
    [put("t", "prompt", "one", "two"), put("v", "title", None, "Sea")],
]


@pytest.mark.parametrize("ops", DONE)
def test_what_is_possible_is_done(ops: Ops) -> None:
    """As it was sent, in one event with all that was said about it."""
    assert asked(*ops) == []


BAD: list[tuple[Ops, str]] = [
    ([add("t")], "ops[0].id: there is a node 't' already"),
    ([cut("e"), add("new"), add("new")], "ops[2].id: there is a node 'new' already"),
    (
        [add("new", params={"": 1})],
        "ops[0].node: params.: the name of a parameter has 1 to 64 printable characters",
    ),
    ([add("new", group="gone")], "ops[0].node.group: there is no group 'gone'"),
    ([add("new", group="new")], "ops[0].node.group: there is no group 'new'"),
    ([add("new", group="t")], "ops[0].node.group: there is no group 't'"),
    ([remove("gone")], "ops[0].id: there is no node 'gone'"),
    ([remove("v"), remove("v")], "ops[1].id: there is no node 'v'"),
    ([remove("t")], "ops[0].id: take its edges off first: e, p, s"),
    ([remove("g")], "ops[0].id: take its members off first: n"),
    (
        [*(add(f"m{each}", "note", group="g") for each in range(9)), remove("g")],
        "ops[9].id: take its members off first: m0, m1, m2, m3, m4",
    ),
    ([put("gone", "prompt", None, "x")], "ops[0].id: there is no node 'gone'"),
    ([remove("v"), put("v", "position", None, {"x": 1, "y": 1})], "ops[1].id: there is no node 'v'"),
    ([put("t", "position", None, None)], "ops[0].now: position can't be taken away"),
    ([put("gone", "position", None, None)], "ops[0].now: position can't be taken away"),
    ([put("t", "group", None, "gone")], "ops[0].now: there is no group 'gone'"),
    ([put("t", "group", None, "i")], "ops[0].now: there is no group 'i'"),
    ([put("g", "group", None, "g")], "ops[0].now: is in itself, or too deep"),
    ([connect("e", "t", "v")], "ops[0].id: there is an edge 'e' already"),
    ([connect("f", "i", "i", "reference")], "ops[0].edge: a node can't be connected with itself"),
    ([connect("f", "gone", "gone", "reference")], "ops[0].edge: a node can't be connected with itself"),
    ([connect("f", "gone", "i")], "ops[0].edge.from: there is no node 'gone'"),
    ([connect("f", "t", "gone")], "ops[0].edge.to: there is no node 'gone'"),
    (
        [connect("f", "i", "v")],
        "ops[0].edge: what a node of kind image makes can't be the prompt of a node of kind video",
    ),
    ([connect("f", "t", "i")], "ops[0].edge: the edge 'e' connects them so already"),
    ([cut("gone")], "ops[0].id: there is no edge 'gone'"),
    ([cut("e"), cut("e")], "ops[1].id: there is no edge 'e'"),
    ([put_edge("gone", "order", 0, 1)], "ops[0].id: there is no edge 'gone'"),
    ([put_edge("e", "order", 0, "first")], "ops[0].now: Expected `int`, got `str`"),
    ([put_edge("e", "role", "prompt", "hero")], "ops[0].now: Invalid enum value 'hero'"),
    (
        [put_edge("e", "role", "prompt", "video")],
        "ops[0].now: what a node of kind text makes can't be the video of a node of kind image",
    ),
    ([put_edge("s", "role", "system", "prompt")], "ops[0].now: the edge 'p' connects them so already"),
    (
        [add("w"), connect("x", "i", "w", "reference"), connect("y", "w", "i", "reference"), cut("e")],
        "ops[2].edge: the nodes would be made from one another, in a circle",
    ),
    ([], f"ops: must be 1 to {MAX_OPS}, got 0"),
    ([cut("e")] * (MAX_OPS + 1), f"ops: must be 1 to {MAX_OPS}, got {MAX_OPS + 1}"),
]


@pytest.mark.parametrize(("ops", "message"), BAD)
def test_what_is_impossible_is_refused_by_its_index(ops: Ops, message: str) -> None:
    """Whatever others did, with the first thing that is wrong."""
    assert refused(*ops) == message
    if ops and len(ops) <= MAX_OPS:
        assert refused(*ops, others=[add("other", "note")]) == message


# --- Limits ---


def test_so_many_operations_are_one_edit() -> None:
    """One more is refused, as the cases above say."""
    assert asked(put("v", "title", None, "Sea"), *[put("v", "title", "Sea", "Sea")] * (MAX_OPS - 1)) == []


def test_a_canvas_has_so_many_nodes_and_edges_and_no_more() -> None:
    """What others added counts; who takes one off may add another one."""
    image, carried = msgspec.convert(node(), Node), Edge(source="a", target="b", role="prompt", order=0)
    nodes = dict.fromkeys([str(number) for number in range(MAX_NODES)], image)
    edges = dict.fromkeys([str(number) for number in range(MAX_EDGES)], carried)
    more, link = read_ops([add("new")]), read_ops([connect("new", "1", "2", "reference")])
    almost = Graph({each: nodes[each] for each in list(nodes)[1:]}, {})
    assert answer(almost, more, Since()) == []
    assert answer(Graph(nodes, {}), read_ops([remove("0"), add("new")]), Since()) == []
    with pytest.raises(Rejected, match=rf"^ops\[0\]\.id: a canvas may have {MAX_NODES} nodes at most$") as caught:
        answer(Graph(nodes, {}), more, Since())
    assert caught.value.code == "invalid_request"
    assert answer(Graph(nodes, {each: edges[each] for each in list(edges)[1:]}), link, Since()) == []
    with pytest.raises(Rejected, match=rf"^ops\[0\]\.id: a canvas may have {MAX_EDGES} edges at most$") as caught:
        answer(Graph(nodes, edges), link, Since())
    assert caught.value.code == "invalid_request"


def test_a_canvas_has_so_many_bytes_and_no_more() -> None:
    """As it is after the whole edit."""
    ops = read_ops([add("new", prompt="x")])
    room = MAX_DOCUMENT_BYTES - size_of("new", msgspec.convert(node(prompt="x"), Node))
    assert answer(Graph({}, {}, room), ops, Since()) == []
    assert answer(Graph({}, {}, room + 1), [*ops, *read_ops([put("new", "prompt", "x", "")])], Since()) == []
    with pytest.raises(Rejected) as caught:
        answer(Graph({}, {}, room + 1), ops, Since())
    assert (caught.value.code, caught.value.message) == (
        "invalid_request",
        f"ops: a canvas may have {MAX_DOCUMENT_BYTES} bytes at most",
    )


def test_groups_are_so_deep_and_no_deeper() -> None:
    """Counted from the outermost."""
    groups = [add("g1", "group")] + [add(f"g{n}", "group", group=f"g{n - 1}") for n in range(2, MAX_NESTED + 1)]
    assert asked(*groups, add("new", "group", group=f"g{MAX_NESTED}")) == []
    message = f"ops[{MAX_NESTED + 1}].node.group: is in itself, or too deep"
    assert refused(*groups, add("new", "group", group=f"g{MAX_NESTED}"), add("no", group="new")) == message


# --- What others did ---


def test_what_others_did_is_known_by_what_it_was_about() -> None:
    """Who was added, removed or changed: by a change of its content, its connections or its members; what is only
    layout changes nobody, and what is no edit does nothing."""
    facts = since(
        [
            edited([add("new", group="g"), add("back"), connect("f", "i", "v", "reference")]),
            CanvasRenamed(name="Port", by="key_2", at=AT),
            edited([remove("gone"), remove("back"), cut("c"), remove("again"), cut("d")]),
            edited([add("again"), connect("d", "t", "u")]),
            edited([put("x", "prompt", None, "y"), put("p", "params.seed", None, 7), put_edge("o", "order", 0, 1)]),
            edited([put("l", "position", None, {"x": 1, "y": 1}), put("l", "size", None, {"width": 1, "height": 1})]),
            edited([put("l", "group", None, "h"), put("l", "group", "h", None)]),
        ]
    )
    assert facts.added == {"new", "back", "f", "again", "d"}
    assert facts.removed == {"gone", "back", "c"}
    assert facts.changed == {"g", "i", "v", "t", "u", "x", "p", "o", "h"}
    assert facts.moved == {"new", "l"}
    assert [each for each in ("new", "gone", "x", "l") if facts.knows(each)] == ["new", "gone", "x"]
    assert facts.knows("l", "gone")
    assert not facts.knows()
    assert [each for each in ("new", "gone", "x", "l") if facts.differs(each)] == ["new", "x"]
    nobody = since([])
    assert (nobody.added, nobody.removed, nobody.changed, nobody.moved) == (set(), set(), set(), set())


SAME: list[tuple[Ops, Ops]] = [
    ([add("new", prompt="x")], [add("new", prompt="x"), put("new", "title", None, "Sea")]),
    ([connect("f", "i", "v", "reference")], [connect("f", "i", "v", "reference"), put_edge("f", "order", 0, 1)]),
    ([cut("e")], [cut("e"), remove("i")]),
    ([remove("v")], [remove("v")]),
    ([remove("v")], [put("v", "position", None, {"x": 1, "y": 1}), put("v", "group", None, "g")]),
    ([remove("v")], [put("v", "size", None, {"width": 1, "height": 1}), remove("v")]),
    ([put("t", "prompt", "one", "two")], [put("t", "prompt", "one", "two"), put("t", "title", None, "Sea")]),
    ([put("t", "position", {"x": 0, "y": 0}, {"x": 1, "y": 1})], [put("t", "position", None, {"x": 2, "y": 2})]),
    (
        [put("t", "group", None, "g")],
        [put("t", "group", None, "g"), put("t", "group", "g", "h")],
    ),
    ([put("v", "position", {"x": 0, "y": 0}, {"x": 1, "y": 1})], [remove("v")]),
    ([put_edge("e", "order", 0, 1)], [put_edge("e", "order", 0, 1)]),
    (
        [add("up", "upload"), connect("f", "up", "i", "reference"), put("up", "pick", None, {"asset": "a.mp3"})],
        [put_edge("f", "order", 0, 1)],
    ),
    ([remove("v")], [put("v", "position", None, {"x": 1, "y": 1}), add("v", "video"), connect("f", "t", "v")]),
    ([put("t", "title", None, "Sea")], [put_edge("e", "order", 0, 1), cut("e")]),
]


@pytest.mark.parametrize(("others", "ops"), SAME)
def test_what_others_did_too_or_not_at_all_is_done(others: Ops, ops: Ops) -> None:
    """The same twice is no conflict, nor is layout, nor is what they did elsewhere."""
    assert asked(*ops, others=others) == []


NEW = node(prompt="x")
CARRIED = edge("t", "i")
ASKED: list[tuple[Ops, Ops, list[tuple[str, str, Any, Any]]]] = [
    # Nodes that others added, removed or changed.
    ([add("new", prompt="y")], [add("new", prompt="x")], [("new", "node", NEW, node(prompt="y"))]),
    (
        [remove("v")],
        [put("v", "prompt", None, "x"), put("v", "position", None, {"x": 1, "y": 1}), put("v", "title", None, "Sea")],
        [("v", "node", {"prompt": "x", "title": "Sea"}, None)],
    ),
    (
        [put("v", "prompt", None, "x")],
        [remove("v"), put("v", "title", None, "Sea"), put("t", "title", None, "Sky")],
        [("v", "removed", None, node("video", prompt="x"))],
    ),
    (
        [put("v", "prompt", None, "x")],
        [remove("v"), add("v", "video"), connect("f", "t", "v")],
        [("v", "removed", None, node("video", prompt="x"))],
    ),
    (
        [add("new", "note", group="g")],
        [put("n", "group", "g", None), remove("g")],
        [("g", "removed", None, node("group"))],
    ),
    # An edge does not hide what is wished for its end.
    (
        [remove("v")],
        [connect("f", "t", "v"), put("v", "prompt", None, "x"), connect("h", "i", "v", "reference")],
        [("v", "node", {"prompt": "x"}, None)],
    ),
    # An edge of such a node is as lost as the node is.
    (
        [connect("f", "i", "v", "reference")],
        [remove("v"), cut("f"), put_edge("f", "order", 0, 1), add("v")],
        [("v", "removed", None, node("video"))],
    ),
    # Fields.
    ([put("t", "prompt", "one", "two")], [put("t", "prompt", "one", None)], [("t", "prompt", None, "two")]),
    (
        [put("t", "prompt", "one", None)],
        [put("t", "prompt", "one", "two"), put("t", "prompt", "two", "three")],
        [("t", "prompt", "two", None)],
    ),
    ([put("i", "params.n", None, 2)], [put("i", "params.n", None, 3)], [("i", "params.n", 3, 2)]),
    (
        [put("i", "pick", None, {"asset": "a.png"})],
        [put("i", "pick", None, {"asset": "b.png"})],
        [("i", "pick", {"asset": "b.png"}, {"asset": "a.png"})],
    ),
    ([], [put("t", "prompt", 7, "two")], [("t", "prompt", "two", "one")]),
    ([], [put("t", "prompt", None, "two")], [("t", "prompt", "two", "one")]),
    ([], [put("u", "prompt", "", "two")], [("u", "prompt", "two", None)]),
    # Groups.
    ([remove("h")], [add("new", group="h")], [("new", "group", "h", None)]),
    (
        [add("m", "group", group="g")],
        [put("g", "group", None, "m"), put("g", "title", None, "Sea")],
        [("g", "group", "m", None)],
    ),
    (
        [remove("h")],
        [
            add("new", group="h"),
            put("new", "title", None, "Sea"),
            connect("f", "t", "new"),
            put("i", "group", None, "h"),
        ],
        [("new", "group", "h", None), ("i", "group", "h", None)],
    ),
    # Two put groups into one another at once.
    ([put("h", "group", None, "g")], [put("g", "group", None, "h")], [("g", "group", "h", None)]),
    (
        [put("h", "group", None, "k"), put("k", "group", None, "g")],
        [put("g", "group", None, "h"), put("g", "title", None, "Sea")],
        [("g", "group", "h", None)],
    ),
    (
        [remove("h"), add("h", "group", group="k"), remove("l"), add("l", "group", group="h")],
        [put("k", "group", None, "l")],
        [("k", "group", "l", None)],
    ),
    # Edges.
    (
        [connect("f", "i", "v", "reference")],
        [connect("f", "i", "v", "first_frame")],
        [("f", "edge", edge("i", "v", "first_frame"), edge("i", "v", "reference"))],
    ),
    ([put_edge("e", "order", 0, 1)], [cut("e"), remove("i")], [("e", "edge", None, edge("t", "i", order=1))]),
    (
        [cut("e")],
        [put_edge("e", "order", 0, 1)],
        [("e", "edge", {"order": 1}, None)],
    ),
    (
        [put_edge("e", "order", 0, 1)],
        [put_edge("e", "order", 0, 2), put_edge("e", "order", 2, 3)],
        [("e", "order", 2, 1)],
    ),
    ([], [put_edge("p", "order", 5, 2)], [("p", "order", 2, 0)]),
    (
        [put_edge("s", "order", 0, 1)],
        [cut("p"), put_edge("s", "role", "reference", "prompt")],
        [("s", "role", "prompt", "system")],
    ),
    (
        [remove("v")],
        [connect("f", "v", "i", "prompt"), put_edge("f", "order", 0, 1), cut("f")],
        [("v", "node", edge("v", "i"), None)],
    ),
    (
        [cut("e"), remove("i")],
        [connect("f", "t", "i")],
        [("i", "node", edge("t", "i"), None)],
    ),
    (
        [remove("v")],
        [put("v", "position", None, {"x": 1, "y": 1}), connect("f", "t", "v")],
        [("v", "node", edge("t", "v"), None)],
    ),
    (
        [remove("v"), put("g", "title", None, "Sea")],
        [connect("f", "t", "v"), remove("g"), put_edge("f", "order", 0, 1), cut("f"), *map(cut, "eps"), remove("t")],
        [("v", "node", edge("t", "v"), None), ("g", "removed", None, node("group", title="Sea"))],
    ),
    # What was to be used is something else now.
    (
        [add("up", "upload", pick={"asset": "a.mp3"})],
        [connect("f", "up", "i", "reference")],
        [("f", "edge", edge("up", "i", "reference"), None)],
    ),
    (
        [add("new", "note")],
        [add("new"), connect("f", "t", "new")],
        [("new", "node", node(), node("note")), ("f", "edge", edge("t", "new"), None)],
    ),
    (
        [cut("e"), remove("i"), add("i", "video"), connect("r", "t", "i")],
        [connect("f", "v", "i", "reference")],
        [("f", "edge", edge("v", "i", "reference"), None)],
    ),
    (
        [cut("p"), connect("q", "t", "u")],
        [put_edge("s", "role", "system", "prompt")],
        [("s", "edge", edge("t", "u"), edge("t", "u"))],
    ),
    (
        [put_edge("e", "order", 0, 1)],
        [connect("f", "t", "i", order=2)],
        [("f", "edge", edge("t", "i", order=2), edge("t", "i", order=1))],
    ),
]


@pytest.mark.parametrize(("others", "ops", "conflicts"), ASKED)
def test_what_others_changed_is_asked_about(others: Ops, ops: Ops, conflicts: list[tuple[str, str, Any, Any]]) -> None:
    """Once for each field, node or edge, with what this edit wants and what is there; what is said behind it about the
    same is no mistake."""
    assert asked(*ops, others=others) == conflicts


STILL_BAD: list[tuple[Ops, Ops, str]] = [
    ([remove("v")], [put("v", "position", None, None)], "ops[0].now: position can't be taken away"),
    # What is added under the id of a node that is lost is looked at as any other.
    (
        [remove("v")],
        [put("v", "position", None, {"x": 1, "y": 1}), add("v", group="nowhere")],
        "ops[1].node.group: there is no group 'nowhere'",
    ),
    ([cut("e")], [cut("e"), cut("s"), cut("s")], "ops[2].id: there is no edge 's'"),
    ([add("new")], [add("new"), add("t")], "ops[1].id: there is a node 't' already"),
    ([remove("v")], [connect("f", "v", "v", "reference")], "ops[0].edge: a node can't be connected with itself"),
    (
        [put("v", "title", None, "Sea")],
        [connect("f", "i", "v")],
        "ops[0].edge: what a node of kind image makes can't be the prompt of a node of kind video",
    ),
    ([put("i", "title", None, "Sea")], [connect("f", "t", "i")], "ops[0].edge: the edge 'e' connects them so already"),
    ([put("t", "title", None, "Sea")], [put("t", "group", None, "i")], "ops[0].now: there is no group 'i'"),
    ([put("i", "group", None, "h")], [put("t", "group", None, "i")], "ops[0].now: there is no group 'i'"),
    ([put("k", "group", None, "h")], [put("g", "group", None, "g")], "ops[0].now: is in itself, or too deep"),
    ([put("g", "group", None, "k")], [put("h", "group", None, "h")], "ops[0].now: is in itself, or too deep"),
]


@pytest.mark.parametrize(("others", "ops", "message"), STILL_BAD)
def test_what_others_have_nothing_to_do_with_is_refused(others: Ops, ops: Ops, message: str) -> None:
    """Although they edited beside it."""
    assert refused(*ops, others=others) == message


# --- Circles ---


def test_a_circle_with_an_edge_of_others_is_asked_about() -> None:
    """By the last of the new edges in it; one of edges that were known is refused, by the same."""
    images = [add("a"), add("b"), add("c")]
    mine = [connect("y", "b", "c", "reference"), connect("x", "c", "a", "reference"), connect("z", "t", "a")]
    theirs = connect("w", "a", "b", "reference")
    others = [*images, theirs]
    assert asked(*mine, others=others) == [("x", "edge", edge("c", "a", "reference"), None)]
    message = "ops[5].edge: the nodes would be made from one another, in a circle"
    assert refused(*images, theirs, *mine) == message
    assert asked(mine[0], mine[2], others=others) == []
    assert asked(*mine, cut("x"), others=others) == []


# --- What is told ---


@pytest.mark.parametrize(("count", "told"), [(1, ""), (MAX_SHOWN, ""), (MAX_SHOWN + 2, " and 2 others")])
def test_a_conflict_tells_of_a_few_and_has_all(count: int, told: str) -> None:
    """In words the first ones by their ids and fields, and how many more there are."""
    conflicts = [Conflict(id=f"n{number}", field="prompt", mine="a", theirs="b") for number in range(count)]
    shown = ", ".join([f"n{number} (prompt)" for number in range(min(count, MAX_SHOWN))])
    conflict = EditConflict(conflicts, 12)
    assert (conflict.code, conflict.message, conflict.problems) == (
        "edit_conflict",
        f"Others changed the same meanwhile: {shown}{told}. Nothing was written.",
        (),
    )
    assert (conflict.conflicts, conflict.version) == (tuple(conflicts), 12)


def test_conflicts_are_told_in_the_order_of_the_edit() -> None:
    """With what is wanted and what is there as this service has it."""
    graph = apply(EMPTY, read_ops(BOARD))
    ops: list[Op] = [
        NodeSet(id="t", field="prompt", was="two", now="three"),
        EdgeSet(id="e", field="order", was=1, now=2),
        EdgeAdd(id="f", edge=Edge(source="t", target="i", role="prompt", order=0)),
    ]
    others = since([edited([put_edge("e", "order", 1, 0)])])
    assert answer(graph, ops, others) == [
        Conflict(id="t", field="prompt", mine="three", theirs="one"),
        Conflict(id="e", field="order", mine=2, theirs=0),
        Conflict(
            id="f",
            field="edge",
            mine=Edge(source="t", target="i", role="prompt", order=0),
            theirs=Edge(source="t", target="i", role="prompt", order=2),
        ),
    ]
