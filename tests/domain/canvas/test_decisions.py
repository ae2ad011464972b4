"""How a canvas begins, also as a fork of another one, gets its names, and is put away."""

from typing import Any

import msgspec
import pytest

from domain.base import Event, replace
from domain.canvas import decisions
from domain.canvas.events import (
    CanvasArchived,
    CanvasCreated,
    CanvasEdited,
    CanvasRenamed,
    CanvasRestored,
    CanvasVersionNamed,
    Origin,
    is_of_canvas,
)
from domain.canvas.ops import EMPTY, Graph, NodeAdd
from domain.canvas.state import Canvas, NamedVersion
from domain.canvas.words import MAX_OPS, Edge, Node
from domain.run.events import RunCompleted
from tests.domain.canvas.board import CANVAS, node
from tests.domain.scenario import AT, SOON
from tests.spec import fold, given

ORIGIN = Origin(canvas="canvas_0", version=3)
WISH: dict[str, Any] = {"id": "canvas_1", "project": "project_1", "name": "Harbour", "owner": "studio", "by": "key_1"}
CREATED = CanvasCreated(canvas="canvas_1", project="project_1", name="Harbour", owner="studio", by="key_1", at=AT)
RENAMED = CanvasRenamed(name="Port", by="key_2", at=SOON)
NAMED = CanvasVersionNamed(version=2, name="before", by="key_2", at=SOON)
ARCHIVED = CanvasArchived(by="key_2", at=SOON)
RESTORED = CanvasRestored(by="key_2", at=SOON)


def graph(nodes: dict[str, Any], edges: dict[str, Any] | None = None) -> Graph:
    """Nodes and edges as JSON has them."""
    return Graph(msgspec.convert(nodes, dict[str, Node]), msgspec.convert(edges or {}, dict[str, Edge]))


def forked(whole: Graph) -> tuple[list[Event], Canvas]:
    """What a fork begins with, and what it is then."""
    facts = given().when(decisions.create, **WISH, origin=ORIGIN, graph=whole, at=AT).facts
    canvas = fold(Canvas, facts)
    assert isinstance(canvas, Canvas)
    return facts, canvas


def test_a_canvas_is_created_once() -> None:
    """The same again, by its owner in its project, adds nothing, whatever it is called by then; another one under the
    same id is refused."""
    again: dict[str, Any] = {"origin": None, "graph": EMPTY, "at": SOON}
    given().when(decisions.create, **WISH | {"name": " Harbour "}, **again | {"at": AT}).then(CREATED)
    given(CREATED, RENAMED).when(decisions.create, **WISH, **again).then_nothing()
    for other in ({"owner": "else"}, {"project": "project_2"}, {"origin": ORIGIN}):
        given(CREATED).when(decisions.create, **WISH | again | other).then_rejected("idempotency_key_reused")
    given().when(decisions.create, **WISH | {"name": " "}, **again).then_rejected("invalid_request")
    assert fold(Canvas, [CREATED]) == Canvas(
        id="canvas_1", owner="studio", project="project_1", name="Harbour", created_at=AT, updated_at=AT
    )


def test_a_fork_begins_with_all_that_its_origin_had() -> None:
    """Its nodes and its edges, in edits of its own; it tells where it comes from."""
    whole = graph(CANVAS["nodes"], CANVAS["edges"])
    facts, canvas = forked(whole)
    assert facts[0] == replace(CREATED, origin=ORIGIN)
    edit = facts[1]
    assert isinstance(edit, CanvasEdited)
    assert (edit.edit, edit.session, edit.label, edit.by, edit.at) == ("fork_0", "fork", "fork", "key_1", AT)
    assert (dict(canvas.nodes), dict(canvas.edges)) == (whole.nodes, whole.edges)
    assert canvas.origin == ORIGIN


def test_groups_come_before_their_members() -> None:
    """However they are nested, and in whatever order they stood."""
    nested = graph(
        {
            "a": node("note", group="b"),
            "b": node("group", group="c"),
            "c": node("group", group="d"),
            "d": node("group"),
            "lost": node("note", group="nowhere"),
        }
    )
    facts, canvas = forked(nested)
    (edit,) = (fact for fact in facts if isinstance(fact, CanvasEdited))
    assert [op.id for op in edit.ops][:3] == ["d", "c", "b"]
    assert dict(canvas.nodes) == nested.nodes


def test_groups_in_a_circle_end() -> None:
    """No edit makes such a thing, and no fork of one hangs."""
    circle = graph({"a": node("group", group="b"), "b": node("group", group="a")})
    assert dict(forked(circle)[1].nodes) == circle.nodes


def test_a_large_fork_has_several_edits() -> None:
    """None has more operations than an edit may have, and none is left out."""
    many = graph({f"n{number}": node("note") for number in range(2 * MAX_OPS + 1)})
    facts, canvas = forked(many)
    edits = [fact for fact in facts if isinstance(fact, CanvasEdited)]
    assert [len(edit.ops) for edit in edits] == [MAX_OPS, MAX_OPS, 1]
    assert [edit.edit for edit in edits] == ["fork_0", "fork_1", "fork_2"]
    assert dict(canvas.nodes) == many.nodes


WAITS = {"id": "run_1", "at": "2026-02-11T10:00:00.000Z", "kind": "image"}


@pytest.mark.parametrize(
    ("run", "pick", "copied"),
    [
        ({"body": {"metadata": {"digest": "c0ffee"}}}, {"task": "task_1"}, {"task": "task_1", "digest": "c0ffee"}),
        (
            {"body": {"metadata": {"digest": "c0ffee"}}},
            {"task": "task_1", "digest": "0a1b"},
            {"task": "task_1", "digest": "0a1b"},
        ),
        ({"body": {"metadata": {"digest": 7}}}, {"task": "task_1"}, {"task": "task_1"}),
        ({"body": {"metadata": "c0ffee"}}, {"task": "task_1"}, {"task": "task_1"}),
        ({"body": {}}, {"task": "task_1"}, {"task": "task_1"}),
        ({"body": {"metadata": {"digest": "c0ffee"}}}, None, None),
    ],
)
def test_a_fork_sends_no_wish_of_its_origin_again(
    run: dict[str, Any], pick: dict[str, Any] | None, copied: dict[str, Any] | None
) -> None:
    """A wish to generate stays on the canvas where it was made: it would be paid for twice. What was chosen is known
    to be current by the digest of that wish."""
    made = node("image", model="a/b", prompt="a boat", run=WAITS | run) | ({"pick": pick} if pick else {})
    facts, _ = forked(graph({"draw": made}))
    (edit,) = (fact for fact in facts if isinstance(fact, CanvasEdited))
    (op,) = edit.ops
    assert isinstance(op, NodeAdd)
    plain = node("image", model="a/b", prompt="a boat") | ({"pick": copied} if copied else {})
    assert op.node == msgspec.convert(plain, Node)


def test_a_canvas_gets_another_name() -> None:
    """And no second time the one that it has."""
    given(CREATED).when(decisions.rename, name=" Port", by="key_2", at=SOON).then(RENAMED)
    given(CREATED, RENAMED).when(decisions.rename, name="Port", by="key_2", at=SOON).then_nothing()
    given(CREATED).when(decisions.rename, name="", by="key_2", at=SOON).then_rejected("invalid_request")


def test_a_version_gets_a_name() -> None:
    """Of those that there are; another name replaces it."""
    wish: dict[str, Any] = {"newest": 2, "name": "before", "by": "key_2", "at": SOON}
    given(CREATED).when(decisions.name_version, version=2, **wish).then(NAMED)
    given(CREATED).when(decisions.name_version, version=1, **wish).then(replace(NAMED, version=1))
    given(CREATED, NAMED).when(decisions.name_version, version=2, **wish).then_nothing()
    given(CREATED, NAMED).when(decisions.name_version, version=2, **wish | {"name": "after"}).then(
        replace(NAMED, name="after")
    )
    for version in (0, 3):
        given(CREATED).when(decisions.name_version, version=version, **wish).then_rejected("invalid_request")
    given(CREATED).when(decisions.name_version, version=2, **wish | {"name": ""}).then_rejected("invalid_request")
    after = fold(Canvas, [CREATED, NAMED, replace(NAMED, version=1), replace(NAMED, name="after")])
    assert after.names == tuple(
        NamedVersion(version=v, name=name, at=SOON) for v, name in ((1, "before"), (2, "after"))
    )


def test_what_is_put_away_stays_as_it_is() -> None:
    """Until it is taken into use again; each once."""
    given(CREATED).when(decisions.archive, by="key_2", at=SOON).then(ARCHIVED)
    given(CREATED, ARCHIVED).when(decisions.archive, by="key_2", at=SOON).then_nothing()
    given(CREATED, ARCHIVED).when(decisions.rename, name="Port", by="key_2", at=SOON).then_rejected("archived")
    wish: dict[str, Any] = {"version": 1, "newest": 1, "name": "x", "by": "key_2", "at": SOON}
    given(CREATED, ARCHIVED).when(decisions.name_version, **wish).then_rejected("archived")
    given(CREATED, ARCHIVED).when(decisions.restore, by="key_2", at=SOON).then(RESTORED)
    given(CREATED).when(decisions.restore, by="key_2", at=SOON).then_nothing()
    assert fold(Canvas, [CREATED, ARCHIVED]).archived_at == SOON
    assert fold(Canvas, [CREATED, ARCHIVED, RESTORED]).archived_at is None


def test_events_of_a_canvas_are_told_from_others() -> None:
    """By their type: a log has other streams, too."""
    assert is_of_canvas(ARCHIVED)
    assert not is_of_canvas(RunCompleted(at=SOON))


def test_nothing_is_done_with_no_canvas() -> None:
    """One that was never created is unknown."""
    given().when(decisions.rename, name="Port", by="key_2", at=SOON).then_rejected("canvas_unknown")
    given().when(decisions.archive, by="key_2", at=SOON).then_rejected("canvas_unknown")
    given().when(decisions.restore, by="key_2", at=SOON).then_rejected("canvas_unknown")
    wish: dict[str, Any] = {"version": 1, "newest": 1, "name": "x", "by": "key_2", "at": SOON}
    given().when(decisions.name_version, **wish).then_rejected("canvas_unknown")
