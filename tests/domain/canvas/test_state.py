"""What does a canvas remember of each event?"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from domain.base import replace
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
from domain.canvas.ops import Graph, size_of
from domain.canvas.state import Canvas, NamedVersion, evolve, fold
from domain.canvas.words import MAX_NAMED_VERSIONS, Edge, Node
from tests.canvas_samples import add, connect, cut, node, put, read_ops, remove
from tests.domain.scenario import AT, SOON

LATER = SOON + timedelta(seconds=1)
ORIGIN = Origin(canvas="canvas_0", version=3)
CREATED = CanvasCreated(
    canvas="canvas_1", project="project_1", name="Harbour", owner="studio", by="key_1", origin=ORIGIN, at=AT
)
BEGUN = Canvas(
    id="canvas_1",
    owner="studio",
    project="project_1",
    name="Harbour",
    origin=ORIGIN,
    created_at=AT,
    updated_at=AT,
)
DRAWN = msgspec.convert(node(prompt="one"), Node)
TYPED = msgspec.convert(node("text", prompt="two"), Node)


def edited(*ops: dict[str, Any], at: datetime = SOON) -> CanvasEdited:
    """Somebody edited."""
    return CanvasEdited(edit="e", session="s", label="typed", ops=tuple(read_ops(list(ops))), by="key_1", at=at)


EDITED = edited(add("i", prompt="one"), add("t", "text", prompt="two"), connect("e", "t", "i"))
FILLED = replace(
    BEGUN,
    nodes={"i": DRAWN, "t": TYPED},
    edges={"e": Edge(source="t", target="i", role="prompt", order=0)},
    bytes=size_of("i", DRAWN) + size_of("t", TYPED),
    updated_at=SOON,
)
NAMED = NamedVersion(version=2, name="before", at=SOON)
STEPS: list[tuple[Canvas, CanvasEvent, Canvas]] = [
    (Canvas(), CREATED, BEGUN),
    (BEGUN, EDITED, FILLED),
    (
        FILLED,
        edited(put("i", "prompt", "one", "three"), cut("e"), remove("t"), at=LATER),
        replace(
            BEGUN,
            nodes={"i": replace(DRAWN, prompt="three")},
            bytes=size_of("i", replace(DRAWN, prompt="three")),
            updated_at=LATER,
        ),
    ),
    (FILLED, CanvasRenamed(name="Port", by="key_2", at=LATER), replace(FILLED, name="Port", updated_at=LATER)),
    (
        FILLED,
        CanvasVersionNamed(version=2, name="before", by="key_2", at=LATER),
        replace(FILLED, names=(replace(NAMED, at=LATER),), updated_at=LATER),
    ),
    (FILLED, CanvasArchived(by="key_2", at=LATER), replace(FILLED, archived_at=LATER, updated_at=LATER)),
    (replace(FILLED, archived_at=SOON), CanvasRestored(by="key_2", at=LATER), replace(FILLED, updated_at=LATER)),
]


@pytest.mark.parametrize(("before", "event", "after"), STEPS, ids=[type(event).__name__ for _, event, _ in STEPS])
def test_each_event_changes_what_it_says_and_when_it_was_changed(
    before: Canvas, event: CanvasEvent, after: Canvas
) -> None:
    """And nothing else, whether it is alone or one of many; what there was before stays as it was."""
    graph = Graph(dict(before.nodes), dict(before.edges), before.bytes)
    assert evolve(before, event) == after
    assert fold(before, [event]) == after
    assert before.graph == graph


def test_a_canvas_has_the_graph_of_its_nodes_and_edges() -> None:
    """With their size."""
    assert FILLED.graph == Graph(FILLED.nodes, FILLED.edges, FILLED.bytes)


def test_another_name_of_a_version_replaces_the_one_before() -> None:
    """It is the newest name then; those of other versions stay."""
    canvas = replace(BEGUN, names=(NAMED, NamedVersion(version=3, name="after", at=SOON)))
    again = evolve(canvas, CanvasVersionNamed(version=2, name="first", by="key_2", at=LATER))
    assert again.names == (
        NamedVersion(version=3, name="after", at=SOON),
        NamedVersion(version=2, name="first", at=LATER),
    )


def test_so_many_named_versions_are_remembered() -> None:
    """The oldest name goes when there is one more."""
    names = tuple(NamedVersion(version=number, name="n", at=AT) for number in range(1, MAX_NAMED_VERSIONS + 1))
    full = replace(BEGUN, names=names[:-1])
    last = CanvasVersionNamed(version=MAX_NAMED_VERSIONS, name="n", by="key_2", at=AT)
    assert evolve(full, last).names == names
    more = CanvasVersionNamed(version=MAX_NAMED_VERSIONS + 1, name="n", by="key_2", at=AT)
    assert evolve(replace(BEGUN, names=names), more).names == (
        *names[1:],
        NamedVersion(version=MAX_NAMED_VERSIONS + 1, name="n", at=AT),
    )


def test_many_events_at_once_are_as_one_after_the_other() -> None:
    """Edits in a row, what stands between them and behind them; without events nothing changes."""
    moved = edited(put("i", "prompt", "one", "three"), at=SOON + timedelta(seconds=2))
    history: list[CanvasEvent] = [
        CREATED,
        EDITED,
        moved,
        CanvasRenamed(name="Port", by="key_2", at=SOON + timedelta(seconds=3)),
        edited(cut("e"), at=SOON + timedelta(seconds=4)),
        edited(remove("t"), at=SOON + timedelta(seconds=5)),
        CanvasArchived(by="key_2", at=SOON + timedelta(seconds=6)),
    ]
    folded = [Canvas()]
    for event in history:
        folded.append(evolve(folded[-1], event))
    for since, begun in enumerate(folded):
        for until, ended in enumerate(folded[since:], since):
            assert fold(begun, history[since:until]) == ended
    assert folded[-1] == replace(
        BEGUN,
        name="Port",
        nodes={"i": replace(DRAWN, prompt="three")},
        bytes=size_of("i", replace(DRAWN, prompt="three")),
        updated_at=SOON + timedelta(seconds=6),
        archived_at=SOON + timedelta(seconds=6),
    )
    assert fold(FILLED, []) is FILLED
