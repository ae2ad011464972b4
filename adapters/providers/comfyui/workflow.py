"""Which inputs of which nodes does a request fill in? A ComfyUI workflow, and the places in it that a request fills.

The workflow is the editor's export "in API format": node ids with class and inputs. A place is `node.input`, such as
`6.text`; one value may go to several places. A parameter without a place can't be offered, which is checked at
start."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from adapters.providers.placement import unplaced
from domain import capabilities
from domain.base import Value
from domain.model import Kind, ModelSpec
from domain.provider import Order

Places = str | tuple[str, ...]
Node = dict[str, Any]


class Wire(Value):
    """A model's `wire` section: its workflow, and the places of each parameter.

    `count` gets the number of outputs (a batch size). `frames` gets the seconds of a video times `frames_per_second`,
    plus `frames_more`. `images` has one place (of a LoadImage) for each reference image, in order. `outputs` names the
    nodes whose files are the result; empty means all nodes that save files."""

    workflow: dict[str, Any]
    prompt: Places
    negative: Places = ()
    seed: Places = ()
    width: Places = ()
    height: Places = ()
    count: Places = ()
    frames: Places = ()
    frames_per_second: float = 16.0
    frames_more: int = 0
    voice: Places = ()
    speed: Places = ()
    images: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError, with the node, for a workflow that can't be filled in."""
        if isinstance(self.workflow.get("nodes"), list):
            raise ValueError("the workflow is in the editor's format; export it in API format")  # noqa: TRY004 - msgspec reports ValueErrors
        for name, node in self.workflow.items():
            _check_node(name, node)
        fields = ("prompt", "negative", "seed", "width", "height", "count", "frames", "voice", "speed", "images")
        for field in fields:
            for place in places(getattr(self, field)):
                if problem := _missing_place(self.workflow, place):
                    raise ValueError(f"{field}: {problem}")
        if strange := [name for name in self.outputs if name not in self.workflow]:
            raise ValueError(f"outputs: the workflow has no node '{strange[0]}'")
        if not places(self.prompt):
            raise ValueError("prompt: needs a place")


def places(written: Places) -> tuple[str, ...]:
    """The places as a tuple."""
    return (written,) if isinstance(written, str) else written


def _check_node(name: str, node: object) -> None:
    fields = cast(Node, node) if isinstance(node, dict) else {}
    if not isinstance(fields.get("class_type"), str) or not isinstance(fields.get("inputs"), dict):
        message = f"node '{name}' of the workflow has no class_type and inputs; export it in API format"
        raise ValueError(message)  # noqa: TRY004 - msgspec reports ValueErrors


def _missing_place(workflow: dict[str, Node], place: str) -> str | None:
    name, dot, field = place.partition(".")
    if not dot:
        return f"'{place}' is no place; write node.input, such as 6.text"
    if name not in workflow:
        return f"the workflow has no node '{name}'"
    inputs: dict[str, Any] = workflow[name]["inputs"]
    if field not in inputs:
        known = ", ".join(sorted(inputs)) or "no inputs"
        return f"node '{name}' ({workflow[name]['class_type']}) has no input '{field}'; it has {known}"
    if isinstance(inputs[field], list):
        return f"the input '{field}' of node '{name}' comes from another node, and can't be filled in"
    return None


def check(spec: ModelSpec, wire: Wire) -> Sequence[str]:
    """What the model offers and has no place in its workflow, one line each."""
    if spec.type is Kind.LLM:
        return ["type: ComfyUI makes no texts here"]
    return [f"{field}: {message}" for field, message in _unplaced(spec, wire)]


def _unplaced(spec: ModelSpec, wire: Wire) -> Iterator[tuple[str, str]]:
    limits = spec.limits
    fields = {"negative_prompt": wire.negative, "duration": wire.frames, "n": wire.count}
    fields |= {"seed": wire.seed, "speed": wire.speed, "voice": wire.voice}
    placed = {name for name, at in fields.items() if at}
    words = {"duration": "frames", "n": "count", "voice": "a voice"}
    yield from unplaced(spec, placed, form="workflow", words=words)
    if spec.resolutions and not (wire.width and wire.height):
        yield "resolutions", "the workflow has no places for width and height"
    if limits.resolutions:
        yield "limits.resolutions", "the workflow wants sizes in pixels; write `resolutions`"
    if not limits.image_inputs == limits.image_inputs_needed == len(wire.images):
        message = (
            f"image_inputs and image_inputs_needed must both be {len(wire.images)}, for so many places has `images`"
        )
        yield "limits", message
    if (spec.capabilities or {}).get("supportsLora"):
        yield "capabilities.supportsLora", "LoRAs are a part of the workflow"


def fill(order: Order, wire: Wire, *, seed: int, images: Sequence[str]) -> dict[str, Node]:
    """The workflow with the order's values; `images` are the names of the uploaded reference images.

    Parameters that the caller left out keep the workflow's values. The exception is the seed: with the seed of the
    file, ComfyUI would answer every request with the same image."""
    params = order.params
    size = capabilities.pixels(order.spec, params) or (None, None)
    seconds = capabilities.seconds(order.spec, params)
    voice = params.get("voice") or next((voice.id for voice in order.spec.voices or ()), None)
    values: list[tuple[Places, Any]] = [
        (wire.prompt, params["prompt"]),
        (wire.negative, params.get("negativePrompt")),
        (wire.seed, seed),
        (wire.width, size[0]),
        (wire.height, size[1]),
        (wire.count, params.get("n") or 1),
        (wire.frames, round(seconds * wire.frames_per_second) + wire.frames_more if seconds else None),
        (wire.voice, voice),
        (wire.speed, params.get("speed")),
        *zip(wire.images, images, strict=False),
    ]
    graph = {name: {**node, "inputs": dict(node["inputs"])} for name, node in wire.workflow.items()}
    for where, value in values:
        for place in places(where) if value is not None else ():
            name, _, field = place.partition(".")
            graph[name]["inputs"][field] = value
    return graph
