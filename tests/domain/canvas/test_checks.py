"""Which names of an edit does nobody know?"""

from typing import Any

import pytest

from domain.canvas.checks import stray_field
from domain.canvas.ops import EdgeAdd, NodeAdd, NodeSet
from tests.domain.canvas.board import node

ADD: dict[str, Any] = {"op": "node.add", "id": "n1", "node": node("image", prompt="a boat", pick={"task": "task_1"})}
SET: dict[str, Any] = {"op": "node.set", "id": "n1", "field": "position", "now": {"x": 1, "y": 2}}
EDGE: dict[str, Any] = {"op": "edge.add", "id": "e1", "edge": {"from": "a", "to": "b", "role": "prompt", "order": 0}}


def added(**more: Any) -> dict[str, Any]:
    """An edit that adds a node with more fields."""
    return {**ADD, "node": {**node("image"), **more}}


@pytest.mark.parametrize(
    ("sent", "shape", "stray"),
    [
        (ADD, NodeAdd, None),
        (SET, NodeSet, None),
        (EDGE, EdgeAdd, None),
        ({**ADD, "why": 1}, NodeAdd, "why"),
        (added(colour="red"), NodeAdd, "node.colour"),
        (added(pick={"job": "j"}), NodeAdd, "node.pick.job"),
        (added(pick=None), NodeAdd, None),
        (added(params={"anything": 1}), NodeAdd, None),
        ({**EDGE, "edge": {**EDGE["edge"], "weight": 1}}, EdgeAdd, "edge.weight"),
        ({**SET, "now": {"x": 1, "y": 2, "z": 3}}, NodeSet, "now.z"),
        ({**SET, "field": "pick", "now": {"task": "task_1", "job": "j"}}, NodeSet, "now.job"),
        ({**SET, "field": "pick", "now": None}, NodeSet, None),
        ({**SET, "field": "prompt", "now": {"x": 1}}, NodeSet, None),
        ({**SET, "field": "params.style", "now": {"any": 1}}, NodeSet, None),
        ({**EDGE, "now": {"z": 1}}, EdgeAdd, "now"),
    ],
)
def test_a_stray_name_is_found_however_deep_it_is(sent: dict[str, Any], shape: type, stray: str | None) -> None:
    """By its path; what may have any names, the parameters of a model, has none that is unknown."""
    assert stray_field(sent, shape) == stray
