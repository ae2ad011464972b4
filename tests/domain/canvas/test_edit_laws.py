"""Laws of edits: two who edit at once come to the same canvas, and nothing that was acknowledged is missing."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hypothesis import given, settings

from domain.base import Rejected, replace
from domain.canvas.edit import EditConflict, decide_edit, since
from domain.canvas.events import CanvasCreated, CanvasEdited, CanvasEvent
from domain.canvas.ops import (
    EMPTY,
    EdgeSet,
    Graph,
    NodeAdd,
    NodeRemove,
    NodeSet,
    Op,
    apply,
    field_of,
    inverse,
    plain_field,
    read,
    size_of,
)
from domain.canvas.sketch import Sketch
from domain.canvas.state import Canvas, evolve, fold
from tests.canvas_samples import add, read_ops
from tests.domain.canvas.strategies import EDITS, MEETINGS, START, TABS

AT = datetime(2026, 2, 11, 10, tzinfo=UTC)
CONTENT = ("prompt", "pick", "params.seed")
# A mutant that only these laws notice runs each of them: fewer examples then, or it would take ten seconds.
MANY = settings(max_examples=20 if settings.get_current_profile_name() == "mutants" else 500)


def decided(graph: Graph, ops: Sequence[Op], others: Sequence[CanvasEvent] = ()) -> list[CanvasEvent]:
    """The events of an edit."""
    return decide_edit(graph, since(others), version=1, edit="e", session="s", label="", ops=ops, by="anonymous", at=AT)


def honest(graph: Graph, sent: Sequence[Op]) -> list[Op]:
    """Of these operations those that a tab with this graph could do one after the other, each with what it replaces."""
    possible: list[Op] = []
    for each in sent:
        op = each
        if isinstance(op, NodeSet) and op.id in graph.nodes:
            op = replace(op, was=plain_field(graph.nodes[op.id], op.field))
        if isinstance(op, EdgeSet) and op.id in graph.edges:
            op = replace(op, was=getattr(graph.edges[op.id], op.field))
        with suppress(Rejected):
            decided(graph, [op])
            possible.append(op)
            graph = apply(graph, [op])
    return possible


class Served(NamedTuple):
    """A stream of edits: those that were acknowledged."""

    edits: list[CanvasEdited]

    def graph(self, version: int) -> Graph:
        """What the first edits make."""
        return apply(EMPTY, [op for edit in self.edits[:version] for op in edit.ops])

    def take(self, ops: list[dict[str, Any]], base: int) -> bool:
        """Post an edit that a tab at a version made. Whether it was acknowledged."""
        try:
            [event] = decided(self.graph(len(self.edits)), honest(self.graph(base), read_ops(ops)), self.edits[base:])
        except Rejected:
            return False
        assert isinstance(event, CanvasEdited)
        self.edits.append(event)
        return True


def began() -> Served:
    """A canvas with a few nodes."""
    [event] = decided(EMPTY, read_ops(START))
    assert isinstance(event, CanvasEdited)
    return Served([event])


@MANY
@given(TABS)
def test_two_tabs_come_to_the_same_canvas(tabs: list[tuple[bool, list[dict[str, Any]], int]]) -> None:
    """Each tab folds what it was told was missed and its own edits, as they came; both end with what the server has,
    which `fold` and `evolve` make alike, with sizes that add up."""
    served = began()
    knows = {True: served.graph(1), False: served.graph(1)}
    versions = {True: 1, False: 1}
    for tab, ops, behind in tabs:
        base = max(versions[tab] - behind, 1)
        if served.take(ops, base):
            missed = served.edits[versions[tab] :]
            knows[tab] = apply(knows[tab], [op for edit in missed for op in edit.ops])
            versions[tab] = len(served.edits)
    newest = served.graph(len(served.edits))
    for tab in (True, False):
        rest = [op for edit in served.edits[versions[tab] :] for op in edit.ops]
        assert apply(knows[tab], rest) == newest
    created = CanvasCreated(canvas="c", project="p", name="n", owner="o", by="o", at=AT)
    canvas = evolve(Canvas(), created)
    for edit in served.edits:
        canvas = evolve(canvas, edit)
    assert canvas == fold(Canvas(), [created, *served.edits])
    assert (canvas.nodes, canvas.edges) == (newest.nodes, newest.edges)
    assert canvas.bytes == sum(size_of(each, node) for each, node in canvas.nodes.items())


@MANY
@given(TABS)
def test_what_was_acknowledged_is_there_until_it_is_replaced(
    tabs: list[tuple[bool, list[dict[str, Any]], int]],
) -> None:
    """After an acknowledged edit each node that it added is there and each that it removed is not. No text, choice or
    parameter has another value but by an operation that says what it replaces, and no node is gone whose content the
    tab did not know."""
    served = began()
    for _, ops, behind in tabs:
        base = max(len(served.edits) - behind, 1)
        before = served.graph(len(served.edits))
        if not served.take(ops, base):
            assert served.graph(len(served.edits)) == before
            continue
        known, after, done = served.graph(base), served.graph(len(served.edits)), served.edits[-1].ops
        there = {op.id: isinstance(op, NodeAdd) for op in done if isinstance(op, NodeAdd | NodeRemove)}
        assert {node_id: node_id in after.nodes for node_id in there} == there
        removed = {op.id for op in done if isinstance(op, NodeRemove)}
        for node_id, node in before.nodes.items():
            for field in CONTENT:
                held = field_of(node, field)
                if node_id in removed:
                    assert node_id not in known.nodes or held == field_of(known.nodes[node_id], field)
                elif field_of(after.nodes[node_id], field) != held:
                    sets = [op for op in done if isinstance(op, NodeSet) and (op.id, op.field) == (node_id, field)]
                    assert read(field, sets[0].was) == held


@MANY
@given(TABS)
def test_a_canvas_is_always_whole(tabs: list[tuple[bool, list[dict[str, Any]], int]]) -> None:
    """Whatever is acknowledged: edges have their ends, no circle and no twin, and groups are there."""
    served = began()
    for _, ops, behind in tabs:
        served.take(ops, max(len(served.edits) - behind, 1))
    graph = served.graph(len(served.edits))
    assert Sketch(graph).circle(graph.edges) == set()
    ends = [(edge.source, edge.target, edge.role) for edge in graph.edges.values()]
    assert len(set(ends)) == len(ends)
    assert all(source in graph.nodes and target in graph.nodes for source, target, _ in ends)
    groups = {node.group for node in graph.nodes.values()} - {None}
    assert all(graph.nodes[group].kind == "group" for group in groups if group)


@MANY
@given(TABS, EDITS)
def test_the_inverse_takes_an_edit_back(tabs: list[tuple[bool, list[dict[str, Any]], int]], ops: list[Any]) -> None:
    """An edit and its inverse lead back to the same graph, and the inverse of an edit that was acknowledged is itself
    an edit that the server takes."""
    served = began()
    for _, edit, _ in tabs:
        served.take(edit, len(served.edits))
    before = served.graph(len(served.edits))
    wished = read_ops(ops)
    back = inverse(before, wished)
    assert apply(apply(before, wished), back) == before
    done = honest(before, wished)
    if back := inverse(before, done):
        assert len(decided(apply(before, done), back)) == 1


@MANY
@given(TABS, EDITS)
def test_an_edit_on_the_newest_version_meets_nobody(
    tabs: list[tuple[bool, list[dict[str, Any]], int]], ops: list[Any]
) -> None:
    """Nobody else edited: what a tab could do to the newest version is done, and whatever else is sent is refused by
    its index, or says that it replaces something else."""
    served = began()
    for _, edit, behind in tabs:
        served.take(edit, max(len(served.edits) - behind, 1))
    graph = served.graph(len(served.edits))
    possible = honest(graph, read_ops(ops))
    if possible:
        assert len(decided(graph, possible)) == 1
    try:
        decided(graph, read_ops(ops))
    except Rejected as error:
        refusal = error
    else:
        return
    assert refusal.message.startswith("ops[") or isinstance(refusal, EditConflict)


@MANY
@given(MEETINGS)
def test_what_a_tab_could_do_is_done_or_asked_about_whatever_others_did(edits: list[list[Any]]) -> None:
    """It is never refused: nobody is told that it was impossible, whose edit was possible on the canvas that they
    saw."""
    served = began()
    served.take([add("h", "group")], 1)
    first, *others, mine = edits
    served.take(first, 2)
    base = len(served.edits)
    ops = honest(served.graph(base), read_ops(mine))
    for each in others:
        served.take(each, len(served.edits))
    if ops:
        with suppress(EditConflict):
            assert len(decided(served.graph(len(served.edits)), ops, served.edits[base:])) == 1


@MANY
@given(TABS, EDITS, EDITS)
def test_what_two_do_to_different_things_is_merged(
    tabs: list[tuple[bool, list[dict[str, Any]], int]], mine: list[Any], theirs: list[Any]
) -> None:
    """Two edits of one version that set fields of different nodes are both done, in either order, to the same end."""
    served = began()
    for _, edit, _ in tabs:
        served.take(edit, len(served.edits))
    graph = served.graph(len(served.edits))
    sides: list[list[Op]] = []
    for ops in (mine, theirs):
        sets = [op for op in read_ops(ops) if isinstance(op, NodeSet) and op.field != "group"]
        sides.append(honest(graph, sets))
    sides[1] = [op for op in sides[1] if op.id not in {each.id for each in sides[0]}]
    if not all(sides):
        return
    ends: list[Graph] = []
    for first, second in (sides, sides[::-1]):
        done = decided(graph, first)
        after = apply(graph, first)
        decided(after, second, done)
        ends.append(apply(after, second))
    assert ends[0] == ends[1]
