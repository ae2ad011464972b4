"""Which requests do the nodes of a canvas make? The same as in the studio, which is held to the same file."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.canvas.requests import NoRequest, addressed, request_of, state_of, step_of
from domain.plan import Outcome, StepImage, StepText, body
from tests.domain.canvas.board import CANVAS, DRAWN, FILMED, WRITTEN, node, place_of, with_nodes

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "golden" / "canvas_requests.json").read_text())
PROBLEMS = {"not_generating", "model_missing", "prompt_missing", "input_missing"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_node_makes_the_same_request_as_in_the_studio(row: dict[str, Any]) -> None:
    """The request and its digest, or the same problem."""
    place = place_of(row["canvas"])
    if "problem" in row:
        with pytest.raises(NoRequest, match=row["problem"]):
            request_of(place, row["node"], row["run"])
    else:
        assert request_of(place, row["node"], row["run"]) == (row["kind"], row["body"])


def test_every_problem_has_an_example() -> None:
    """So that both languages are held to all of them."""
    assert {row["problem"] for row in ROWS if "problem" in row} == PROBLEMS


def test_what_is_made_before_is_left_open() -> None:
    """The step refers to the steps that make what it uses, in place of results that are not there."""
    place = with_nodes()
    drawn = step_of(place, "draw", {"write"})
    assert drawn.prompt == ((StepText(step="write", otherwise="{{Hero}}"), ", in ink"),)
    assert step_of(place, "film", {"draw"}).images == (StepImage(step="draw"),)
    with pytest.raises(NoRequest, match="input_missing"):
        step_of(place, "film")


def test_a_name_in_a_prompt_may_have_blanks_around_it() -> None:
    """Whatever the studio calls blank, also what nobody sees."""
    drawn = with_nodes(draw={**DRAWN, "prompt": "{{ \ufeffHero }}, in ink"})
    assert step_of(drawn, "draw", {"write"}).prompt[0][0] == StepText(step="write", otherwise="{{ \ufeffHero }}")


def test_an_open_step_makes_the_request_that_the_canvas_makes_later() -> None:
    """Once the results are chosen, both have the same digest: what a run has made is current."""
    open_step = step_of(with_nodes(), "draw", {"write"})
    asked = body(open_step, {"write": Outcome(text="A grey cat.")})
    chosen = with_nodes(write={**WRITTEN, "pick": {"text": "A grey cat."}})
    assert addressed("canvas_1", "project_1", "run_1", "draw", asked) == request_of(chosen, "draw", "run_1")[1]


def test_whether_a_node_is_stale() -> None:
    """The digest of the chosen result tells, or that of the newest run's request; without either it is current."""
    asked = request_of(with_nodes(), "write", "run_1")[1]
    digest = asked["metadata"]["digest"]
    run = {"id": "run_1", "at": "2026-01-01T00:00:00Z", "kind": "text", "body": asked}
    assert state_of(with_nodes(), "write") == "missing"
    assert state_of(with_nodes(write={**WRITTEN, "pick": {"text": "x", "digest": digest}}), "write") == "current"
    assert state_of(with_nodes(write={**WRITTEN, "pick": {"text": "x", "digest": "0"}}), "write") == "stale"
    assert state_of(with_nodes(write={**WRITTEN, "pick": {"text": "x"}, "run": run}), "write") == "current"
    changed = {**WRITTEN, "prompt": "A dog.", "pick": {"text": "x"}, "run": run}
    assert state_of(with_nodes(write=changed), "write") == "stale"
    assert state_of(with_nodes(write={**WRITTEN, "pick": {"text": "x"}}), "write") == "current"
    other = {**run, "body": {"metadata": {"digest": 7}}}
    assert state_of(with_nodes(write={**WRITTEN, "pick": {"text": "x"}, "run": other}), "write") == "current"
    lost = {**FILMED, "pick": {"asset": "asset_1.mp4", "digest": "0"}}
    assert state_of(with_nodes(film=lost), "film") == "stale"


def test_each_kind_takes_what_it_has_a_use_for() -> None:
    """All prompts in their order, whether they are made before or are there; a system text only for texts, and images
    for everything else. An edge from a node that is gone adds nothing."""
    edges: dict[str, Any] = {
        "a": {"from": "write", "to": "draw", "role": "prompt", "order": 0},
        "b": {"from": "typed", "to": "draw", "role": "prompt", "order": 1},
        "c": {"from": "gone", "to": "draw", "role": "prompt", "order": 2},
        "d": {"from": "typed", "to": "draw", "role": "system", "order": 0},
        "e": {"from": "typed", "to": "write", "role": "system", "order": 0},
        "f": {"from": "seen", "to": "write", "role": "reference", "order": 0},
        "g": {"from": "seen", "to": "draw", "role": "reference", "order": 0},
    }
    nodes = {
        "write": WRITTEN,
        "typed": node("text", prompt="typed"),
        "seen": node("image", pick={"asset": "asset_1.png"}),
        "draw": node("image", model="sandbox/image", prompt="in ink"),
    }
    place = place_of({**CANVAS, "nodes": nodes, "edges": edges})
    drawn, written = step_of(place, "draw", {"write"}), step_of(place, "write")
    assert drawn.prompt == ((StepText(step="write"),), ("typed",), ("in ink",))
    assert (drawn.system, drawn.images) == ((), ("asset_1.png",))
    assert (written.system, written.images) == ((("typed",),), ())
    assert step_of(place, "draw", {"write", "gone"}).prompt[2] == (StepText(step="gone"),)
    for name in ("typed", "gone"):
        with pytest.raises(NoRequest, match=r"^not_generating$"):
            step_of(place, name)
