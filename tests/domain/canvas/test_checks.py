"""Which names of an edit does nobody know, and which values can't stand on a canvas?"""

from typing import Annotated, Any

import msgspec
import pytest

from domain.base import Value
from domain.canvas.checks import MAX_BODY_BYTES, node_problem, stray_field, value_problem
from domain.canvas.ops import EdgeAdd, NodeAdd, NodeSet
from domain.canvas.words import MAX_PARAMS, MAX_TEXT_BYTES, Node
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


class Inner(Value):
    """What an outer one may hold."""

    known: int


class Outer(Value):
    """One that holds another in each way that a type has."""

    plain: Inner
    maybe: Annotated[Inner | None, msgspec.Meta(description="One")] = None
    union: int | Annotated[Inner, msgspec.Meta(description="Two")] = 0


@pytest.mark.parametrize("field", ["plain", "maybe", "union"])
def test_a_stray_name_is_found_wherever_an_object_may_stand(field: str) -> None:
    """However its type is written."""
    sent: dict[str, Any] = {"plain": {"known": 1}, field: {"known": 1}}
    assert stray_field(sent, Outer) is None
    assert stray_field({**sent, field: {"known": 1, "why": 1}}, Outer) == f"{field}.why"


# --- Values ---

LONG = "é" * (MAX_TEXT_BYTES // 2)
TOO_LONG = f"may have {MAX_TEXT_BYTES} bytes at most, and has {MAX_TEXT_BYTES + 1}"
BAD_NAME = "the name of a parameter has 1 to 64 printable characters"
NO_FIELD = (
    "'colour' is no field of a node: choose position, size, title, model, prompt, pick, run, group, note or params.NAME"
)


def run(size: int) -> dict[str, Any]:
    """The wish to generate, whose body has so many bytes as JSON."""
    body = {"prompt": "x" * (size - len('{"prompt":""}'))}
    return {"id": "run_1", "at": "2026-02-11T10:00:00.000Z", "kind": "image", "body": body}


def text(more: str = "") -> str:
    """A JSON string that has as many bytes as a parameter may have."""
    return "x" * (MAX_TEXT_BYTES - 2) + more


TOO_MUCH = f"may have {MAX_BODY_BYTES} bytes at most, and has {MAX_BODY_BYTES + 1}"
VALUES: list[tuple[str, Any, str | None]] = [
    ("title", "Sea", None),
    ("title", None, None),
    ("prompt", None, None),
    ("prompt", LONG, None),
    ("prompt", LONG + "x", TOO_LONG),
    ("note", LONG, None),
    ("note", LONG + "x", TOO_LONG),
    ("pick", None, None),
    ("pick", {"asset": "asset_1.png"}, None),
    ("pick", {"text": LONG}, None),
    ("pick", {"text": LONG + "x"}, TOO_LONG),
    ("run", None, None),
    ("run", run(MAX_BODY_BYTES), None),
    ("run", run(MAX_BODY_BYTES + 1), TOO_MUCH),
    ("params.seed", None, None),
    ("params.seed", {"any": [1]}, None),
    ("params.seed", text(), None),
    ("params.seed", text("x"), TOO_LONG),
    (f"params.{'x' * 64}", 1, None),
]


@pytest.mark.parametrize(("field", "value", "problem"), VALUES)
def test_a_value_has_so_many_bytes_and_no_more(field: str, value: Any, problem: str | None) -> None:
    """Bytes, not letters; a new node is refused for the same as a change of its field, after the field's name."""
    assert value_problem(field, value) == problem
    name = field.removeprefix("params.")
    fields = {"params": {name: value}} if name != field else {field: value}
    whole = msgspec.convert(node("image", **fields), Node)
    assert node_problem(whole) == (problem and f"{field}: {problem}")


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("colour", "red", NO_FIELD),
        ("kind", "text", NO_FIELD.replace("colour", "kind")),
        ("params", {}, NO_FIELD.replace("colour", "params")),
        ("position", None, "position can't be taken away"),
        ("size", None, "size can't be taken away"),
        ("title", 7, "expected `str | null`, got `int`"),
        ("position", {"x": "left", "y": 0}, "x: expected `int | float`, got `str`"),
        ("position", {"x": 1}, "object missing required field `y`"),
        ("pick", {"output": -1}, "output: expected `int` >= 0"),
        ("params.", 1, BAD_NAME),
        (f"params.{'x' * 65}", 1, BAD_NAME),
        ("params.a\n", 1, BAD_NAME),
    ],
)
def test_a_value_that_a_field_cannot_have_is_told_in_words(field: str, value: Any, problem: str) -> None:
    """By its place inside of the field, where it has one; a field that there is not by those that there are."""
    assert value_problem(field, value) == problem


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({f"p{number}": number for number in range(MAX_PARAMS)}, None),
        ({f"p{number}": number for number in range(MAX_PARAMS + 1)}, f"params: may be {MAX_PARAMS} at most"),
        ({"ok": 1, "": 1}, f"params.: {BAD_NAME}"),
        ({"ok": 1, "x" * 65: 1}, f"params.{'x' * 64}: {BAD_NAME}"),
        ({"a\n": 1}, f"params.a\n: {BAD_NAME}"),
        ({"ok": text(), "long": text("x")}, f"params.long: {TOO_LONG}"),
    ],
)
def test_a_new_node_has_so_many_parameters_and_no_more(params: dict[str, Any], problem: str | None) -> None:
    """Each with a name that can be shown; of a long name, what fits into a message is."""
    assert node_problem(msgspec.convert(node("image", params=params), Node)) == problem
