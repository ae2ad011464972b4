"""What is asked of a model for a node? A step of a plan, and with what the canvas has, a generation request.

The studio makes the same requests in `studio/src/document/request.ts`; both are held to
`tests/domain/golden/canvas_requests.json`."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from domain.canvas.canonical import digest
from domain.canvas.words import Edge, Node, Role
from domain.plan import BLANK, Part, Step, StepImage, StepKind, StepText, body, is_blank

RequestProblem: TypeAlias = Literal["not_generating", "model_missing", "prompt_missing", "input_missing"]
NodeState: TypeAlias = Literal["missing", "stale", "current"]
_NAMED = re.compile(r"\{\{([^{}]*)\}\}")
_IMAGES: tuple[Role, ...] = ("first_frame", "reference", "last_frame")
_USED: tuple[Role, ...] = ("prompt", "system", *_IMAGES)


class Place:
    """Which canvas it is, and what is on it. Edges are found by where they lead to, in their order."""

    def __init__(self, id: str, project: str, nodes: Mapping[str, Node], edges: Mapping[str, Edge]) -> None:  # noqa: A002
        self.id = id
        self.project = project
        self.nodes = nodes
        self._into: defaultdict[tuple[str, Role], list[Edge]] = defaultdict(list)
        for _, edge in sorted(edges.items(), key=lambda named: (named[1].order, named[0])):
            self._into[edge.target, edge.role].append(edge)

    def into(self, node: str, role: Role) -> Sequence[Edge]:
        """The edges of a role that lead to a node."""
        return self._into.get((node, role), ())


class NoRequest(Exception):
    """A node has no request. `problem` says why: it generates nothing, has no model or nothing to say, or one of its
    sources has no result yet."""

    def __init__(self, problem: RequestProblem) -> None:
        super().__init__(problem)
        self.problem: RequestProblem = problem


def request_of(place: Place, node: str, run: str) -> tuple[StepKind, dict[str, Any]]:
    """The kind and the body of a node's request as the canvas stands, for a run that has this id. Raises NoRequest."""
    step = step_of(place, node)
    return step.kind, addressed(place.id, place.project, run, node, body(step, {}))


def addressed(canvas: str, project: str, run: str, node: str, asked: dict[str, Any]) -> dict[str, Any]:
    """A request that says where on which canvas it comes from. Its digest is that of what is asked for alone."""
    return {
        **asked,
        "source": "canvas",
        "sourceId": canvas,
        "projectId": project,
        "metadata": {"node": node, "run": run, "digest": digest(asked)},
    }


def step_of(place: Place, node: str, made: Collection[str] = ()) -> Step:
    """A node as a step. The results of the nodes in `made` are left open: they are made before it. Raises NoRequest."""
    asked = place.nodes.get(node)
    kind = generates(asked) if asked else None
    if asked is None or kind is None:
        raise NoRequest("not_generating")
    if not asked.model:
        raise NoRequest("model_missing")
    prompt = _prompt(place, node, asked, made)
    system = [(source.text,) for source in _texts(place, node, "system", made)]
    images = tuple(_image(place, edge, made) for role in _IMAGES for edge in place.into(node, role))
    if not any(isinstance(piece, StepText) or not is_blank(piece) for part in prompt for piece in part):
        raise NoRequest("prompt_missing")
    return Step(
        id=node,
        kind=kind,
        model=asked.model,
        prompt=tuple(prompt),
        system=tuple(system) if kind == "text" else (),
        images=() if kind == "text" else images,
        params=dict(asked.params),
    )


def state_of(place: Place, node: str) -> NodeState:
    """Whether the result that was chosen for a node is what the node asks for now. One that was chosen from elsewhere
    has no request to compare with, and is current."""
    asked = place.nodes[node]
    if asked.pick is None:
        return "missing"
    then = asked.pick.digest or _digest_of_run(asked)
    if then is None:
        return "current"
    try:
        now = digest(body(step_of(place, node), {}))
    except NoRequest:
        return "stale"
    return "current" if now == then else "stale"


def generates(node: Node) -> StepKind | None:
    """What a node generates; None for one that generates nothing, such as a text that was typed."""
    match node.kind:
        case "text":
            return "text" if node.model else None
        case "image" | "video" | "audio":
            return node.kind
        case _:
            return None


def sources(place: Place, node: str) -> set[str]:
    """The nodes whose results a node's request is made of."""
    return {edge.source for role in _USED for edge in place.into(node, role)}


def _digest_of_run(node: Node) -> str | None:
    metadata: Any = node.run.body.get("metadata") if node.run else None
    found: Any = metadata.get("digest") if isinstance(metadata, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return found if isinstance(found, str) else None


class _Source(NamedTuple):
    title: str | None
    text: str | StepText


def _prompt(place: Place, node: str, asked: Node, made: Collection[str]) -> list[Part]:
    """The typed prompt behind the texts that lead to it, but for those that it names: `{{title}}`."""
    texts = _texts(place, node, "prompt", made)
    used: set[int] = set()
    typed: list[str | StepText] = []
    end = 0
    prompt = asked.prompt or ""
    for found in _NAMED.finditer(prompt):
        name = found[1].strip(BLANK)
        place_of = next((i for i, source in enumerate(texts) if source.title == name), None)
        if place_of is None:
            continue
        used.add(place_of)
        text = texts[place_of].text
        named = StepText(step=text.step, otherwise=found[0]) if isinstance(text, StepText) else text
        typed += [prompt[end : found.start()], named]
        end = found.end()
    typed.append(prompt[end:])
    before: list[Part] = [(source.text,) for i, source in enumerate(texts) if i not in used]
    return [*before, tuple(piece for piece in typed if piece)]


def _texts(place: Place, node: str, role: Role, made: Collection[str]) -> list[_Source]:
    """The texts of the edges of a role, blank ones left out. Raises NoRequest when one is not there yet."""
    texts: list[_Source] = []
    for edge in place.into(node, role):
        source = place.nodes.get(edge.source)
        if edge.source in made:
            texts.append(_Source(source.title if source else None, StepText(step=edge.source)))
            continue
        picked = source.pick.text if source and source.pick else None
        if picked is None and source and source.model:
            raise NoRequest("input_missing")
        text = picked if picked is not None else (source.prompt or "" if source else "")
        if not is_blank(text):
            texts.append(_Source(source.title if source else None, text))
    return texts


def _image(place: Place, edge: Edge, made: Collection[str]) -> str | StepImage:
    if edge.source in made:
        return StepImage(step=edge.source)
    source = place.nodes.get(edge.source)
    asset = source.pick.asset if source and source.pick else None
    if asset is None:
        raise NoRequest("input_missing")
    return asset
