"""Which nodes does a run make, in which order, and which results does it choose?"""

import pytest

from domain import plan
from domain.base import Rejected
from domain.canvas.planning import Mode, picks, plan_nodes
from domain.canvas.requests import Place
from domain.plan import Plan
from tests.domain.canvas.board import DRAWN, FILMED, WRITTEN, node, with_nodes, with_results

TEXT, IMAGE, VIDEO = {"text": "A cat."}, {"asset": "asset_1.png"}, {"asset": "asset_2.mp4"}
ALL = ["film", "note", "write", "draw"]


def made(place: Place, mode: Mode, nodes: list[str] = ALL) -> dict[str, str]:
    """What becomes of each node: its state, with a star when it is made, or its problem."""
    planned = plan_nodes(place, nodes, mode)
    steps = tuple(found.step for found in planned if found.step)
    assert not steps or plan.check(Plan(steps=steps)) == []
    return {found.node: found.problem or found.state + ("*" if found.step else "") for found in planned}


def test_what_has_no_result_is_made_in_order() -> None:
    """Notes and typed texts make nothing, and are no mistake."""
    assert list(made(with_nodes(), "missing").items()) == [
        ("write", "missing*"),
        ("draw", "missing*"),
        ("film", "missing*"),
    ]
    assert made(with_nodes(write=node("text", prompt="typed", title="Hero")), "missing") == {
        "draw": "missing*",
        "film": "missing*",
    }


def test_nothing_is_paid_again_for_what_is_current() -> None:
    """Unless everything is asked for."""
    done = with_results(write=TEXT, draw=IMAGE, film=VIDEO)
    current = {"write": "current", "draw": "current", "film": "current"}
    assert made(done, "missing") == made(done, "stale") == current
    assert made(done, "all") == {"write": "current*", "draw": "stale*", "film": "stale*"}


def test_what_uses_a_new_result_is_stale() -> None:
    """A change goes through the canvas; `missing` leaves alone what has any result."""
    done = with_results(write=TEXT, draw=IMAGE, film=VIDEO)
    lost = with_nodes(
        write={**WRITTEN, "pick": {**TEXT, "digest": "other"}},
        draw={**DRAWN, "pick": {**IMAGE, "digest": _digest(done, "draw")}},
        film={**FILMED, "pick": {**VIDEO, "digest": _digest(done, "film")}},
    )
    assert made(lost, "stale") == {"write": "stale*", "draw": "stale*", "film": "stale*"}
    assert made(lost, "missing") == {"write": "stale", "draw": "current", "film": "current"}
    assert made(lost, "stale", ["draw", "film"]) == {"draw": "current", "film": "current"}


def _digest(place: Place, name: str) -> str:
    pick = place.nodes[name].pick
    assert pick is not None
    assert pick.digest is not None
    return pick.digest


def test_a_missing_input_is_a_problem_of_every_node_behind_it() -> None:
    """What is not in the run, and has no result, can't be used."""
    assert made(with_nodes(), "missing", ["draw", "film"]) == {"draw": "input_missing", "film": "input_missing"}
    assert made(with_nodes(write={**WRITTEN, "prompt": " "}), "missing") == {
        "write": "prompt_missing",
        "draw": "input_missing",
        "film": "input_missing",
    }
    assert made(with_nodes(draw=node("image")), "missing", ["draw"]) == {"draw": "model_missing"}


def test_a_node_that_is_not_there_is_refused() -> None:
    """By its index, so that nobody believes that it is made."""
    with pytest.raises(Rejected, match=r"^nodes\[1\]: there is no node 'gone'$") as refusal:
        plan_nodes(with_nodes(), ["write", "gone"], "all")
    assert refusal.value.code == "invalid_request"


def test_a_planned_node_says_what_it_makes() -> None:
    """The kind of its node."""
    kinds = {found.node: found.kind for found in plan_nodes(with_nodes(), ALL, "all")}
    assert kinds == {"write": "text", "draw": "image", "film": "video"}


def test_which_results_the_run_chooses() -> None:
    """Those of nodes that had none or a stale one, and those that other steps use; not that of a node whose result is
    current, and which somebody wants made once more."""
    done = with_results(write=TEXT, draw=IMAGE, film=VIDEO)
    assert picks(plan_nodes(with_nodes(), ALL, "missing")) == ("write", "draw", "film")
    assert picks(plan_nodes(done, ["film"], "all")) == ()
    assert picks(plan_nodes(done, ["write"], "all")) == ()
    assert picks(plan_nodes(done, ALL, "all")) == ("write", "draw", "film")
    assert picks(plan_nodes(done, ALL, "stale")) == ()
