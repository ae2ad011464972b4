"""The canvas that the tests of requests and runs vary: a hero is written, drawn and filmed."""

from typing import Any

import msgspec

from domain.canvas.requests import Place, request_of
from domain.canvas.words import Edge, Node


def node(kind: str, **fields: Any) -> dict[str, Any]:
    """A node, with a place that no test looks at."""
    return {"kind": kind, "position": {"x": 0, "y": 0}, "size": {"width": 1, "height": 1}, **fields}


WRITTEN = node("text", model="sandbox/text", prompt="A hero.", title="Hero")
DRAWN = node("image", model="sandbox/image", prompt="{{Hero}}, in ink")
FILMED = node("video", model="sandbox/video", prompt="it runs")
NOTED = node("note", note="hello")
CANVAS: dict[str, Any] = {
    "id": "canvas_1",
    "project": "project_1",
    "nodes": {"write": WRITTEN, "draw": DRAWN, "film": FILMED, "note": NOTED},
    "edges": {
        "a": {"from": "write", "to": "draw", "role": "prompt", "order": 0},
        "b": {"from": "draw", "to": "film", "role": "first_frame", "order": 0},
    },
}


def place_of(canvas: dict[str, Any]) -> Place:
    """A canvas as JSON has it."""
    nodes = msgspec.convert(canvas["nodes"], dict[str, Node])
    return Place(canvas["id"], canvas["project"], nodes, msgspec.convert(canvas["edges"], dict[str, Edge]))


def with_nodes(**changes: dict[str, Any]) -> Place:
    """The canvas with other nodes."""
    return place_of({**CANVAS, "nodes": {**CANVAS["nodes"], **changes}})


def with_results(**picks: dict[str, Any]) -> Place:
    """The canvas on which these results were chosen, in this order, each for what its node asks for then."""
    nodes: dict[str, Any] = dict(CANVAS["nodes"])
    for name, pick in picks.items():
        _, asked = request_of(place_of({**CANVAS, "nodes": nodes}), name, "run_1")
        nodes[name] = {**nodes[name], "pick": {**pick, "digest": asked["metadata"]["digest"]}}
    return place_of({**CANVAS, "nodes": nodes})
