"""Which nodes of a canvas are made by a run, in which order, and how?"""

from collections.abc import Collection, Sequence
from graphlib import TopologicalSorter
from typing import Literal, NamedTuple, TypeAlias

from domain.base import Rejected
from domain.canvas.requests import (
    NodeState,
    NoRequest,
    Place,
    RequestProblem,
    generates,
    sources,
    state_of,
    step_of,
)
from domain.plan import Step, StepKind

Mode: TypeAlias = Literal["missing", "stale", "all"]
"""Which of the nodes are made: those without a result; those whose result is not what they ask for now, too; all."""

TOLD: dict[RequestProblem, str] = {
    "not_generating": "makes nothing",
    "model_missing": "has no model",
    "prompt_missing": "has nothing to say: its prompt is blank",
    "input_missing": "uses a node that has no result yet, and is not made by this run",
}


class PlannedNode(NamedTuple):
    """A node that generates something. `step` is how the run makes it; None: it does not, because its result is
    current, or because of a `problem`."""

    node: str
    kind: StepKind
    state: NodeState
    step: Step | None = None
    problem: RequestProblem | None = None


def plan_nodes(place: Place, nodes: Sequence[str], mode: Mode) -> list[PlannedNode]:
    """Those of the nodes that generate something, each behind those that it uses. A node that uses one that is made is
    not current.

    Raises Rejected `invalid_request` for a node that is not there."""
    for index, name in enumerate(nodes):
        if name not in place.nodes:
            raise Rejected("invalid_request", f"nodes[{index}]: there is no node '{name[:64]}'")
    chosen: dict[str, StepKind] = {}
    for name in nodes:
        if (kind := generates(place.nodes[name])) is not None:
            chosen[name] = kind
    uses = {name: sorted(sources(place, name) & chosen.keys()) for name in chosen}
    made: set[str] = set()
    planned: list[PlannedNode] = []
    for name in TopologicalSorter(uses).static_order():
        state = state_of(place, name)
        if state == "current" and not made.isdisjoint(uses[name]):
            state = "stale"
        found = PlannedNode(name, chosen[name], state)
        if mode == "all" or state == "missing" or (mode == "stale" and state == "stale"):
            found = _with_step(place, found, made)
            if found.step:
                made.add(name)
        planned.append(found)
    return planned


def _with_step(place: Place, found: PlannedNode, made: Collection[str]) -> PlannedNode:
    try:
        return found._replace(step=step_of(place, found.node, made))
    except NoRequest as none:
        return found._replace(problem=none.problem)


def picks(planned: Sequence[PlannedNode]) -> tuple[str, ...]:
    """The nodes whose results the run chooses by itself: those that had none or a stale one, and those that other steps
    of the run use. Of the others, what was chosen stays, and the new result is offered beside it."""
    used = {name for found in planned if found.step for name in found.step.needs}
    return tuple(found.node for found in planned if found.step and (found.state != "current" or found.node in used))
