"""What is sent to fal? The form of an endpoint, filled in as the catalogue entry says.

Each endpoint of fal has a form of its own. The `wire` section of an entry says which member gets which parameter, in
which spelling; so another endpoint is another entry, and no code."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Annotated, Any, Literal, cast

from msgspec import Meta

from adapters.providers.base import extra_params, reference, wire_config
from adapters.providers.placement import unplaced
from domain import capabilities
from domain.base import Value
from domain.model import Kind, ModelSpec
from domain.provider import Order

# docs/providers/fal.md#the-wire-section
_NAMESPACES = ("workflows", "comfy")  # the first part of some endpoints' names, before their owner
_DEFAULT_OUTPUT = {Kind.IMAGE: "images", Kind.VIDEO: "video", Kind.AUDIO: "audio"}
Member = Annotated[str, Meta(pattern=r"^\w+(\.\w+)*$")]


class Place(Value, forbid_unknown_fields=True):
    """Where a parameter goes and how it is written.

    `member` is a member of the form; `voice_setting.voice_id` is a member of a member. `words` replaces values: Pixel's
    word, and fal's. `spelling` is for a duration ("5s" unless it is `text`, "5", or `number`, 5) and for a size
    ({"width": …, "height": …} unless it is `text`, "1024x768")."""

    member: Member
    spelling: Literal["text", "number"] | None = None
    words: dict[str, Any] = {}


class Form(Value, forbid_unknown_fields=True):
    """Which member of an endpoint's form gets which parameter. A parameter without a member is never sent.

    `images` is the name of a list, or one member for each reference image."""

    prompt: Place | Member = "prompt"
    negative_prompt: Place | Member | None = None
    size: Place | Member | None = None
    aspect_ratio: Place | Member | None = None
    resolution: Place | Member | None = None
    n: Place | Member | None = None
    duration: Place | Member | None = None
    seed: Place | Member | None = None
    voice: Place | Member | None = None
    speed: Place | Member | None = None
    images: Member | tuple[Member, ...] = ()

    @property
    def places(self) -> Mapping[str, Place]:
        """The parameters that the form takes, each with its place. Images are not among them."""
        named = {name: getattr(self, name) for name in self.__struct_fields__ if name != "images"}
        return {name: Place(member=at) if isinstance(at, str) else at for name, at in named.items() if at}


class Wire(Value, forbid_unknown_fields=True):
    """A model's `wire` section: the endpoint, its form, what is always sent, and where the files are in the answer.

    `output` is a member of the result: a file, or a list of files. By default `images`, `video` or `audio`."""

    endpoint: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)+$")]
    form: Form = Form()
    fixed: dict[str, Any] = {}
    output: Member | None = None

    @property
    def app(self) -> str:
        """The part of the endpoint's name under which fal keeps its requests: owner and app, without the sub-path."""
        parts = self.endpoint.split("/")
        return "/".join(parts[: 3 if parts[0] in _NAMESPACES else 2])


def to_wire(order: Order) -> dict[str, Any]:
    """The body of an order."""
    wire = wire_config(order.spec, Wire)
    body = deepcopy(wire.fixed)
    values = _values(order)
    for name, place in wire.form.places.items():
        if values[name] is not None:
            _put(body, place.member, _spelled(name, values[name], place))
    images = [reference(given) for given in order.inputs]
    if isinstance(wire.form.images, str):
        _put(body, wire.form.images, images)
    for member, image in zip(wire.form.images if isinstance(wire.form.images, tuple) else (), images, strict=False):
        _put(body, member, image)
    return body


def output_member(order: Order) -> str:
    """The member of the result that has the files."""
    return wire_config(order.spec, Wire).output or _DEFAULT_OUTPUT[order.kind]


def derived_seed(order: Order) -> int | None:
    """The seed of a call, from 0 to 2^31-1, derived from its id; None where the caller gives one, or the form takes
    none. It marks the order in fal's list of requests."""
    if extra_params(order).get("seed") is not None or wire_config(order.spec, Wire).form.seed is None:
        return None
    return int.from_bytes(hashlib.sha256(order.call_id.encode()).digest()[:4]) >> 1


def seed_in(order: Order, body: object) -> Any:
    """The seed in the body of an order, as fal's list of requests repeats it; None when there is none."""
    found: Any = body
    for name in wire_config(order.spec, Wire).form.places["seed"].member.split("."):
        found = cast(dict[str, Any], found).get(name) if isinstance(found, dict) else None
    return found


def _values(order: Order) -> dict[str, Any]:
    params, spec = order.params, order.spec
    given = extra_params(order).get("seed")
    return {
        "prompt": params["prompt"],
        "negative_prompt": params.get("negativePrompt"),
        "size": capabilities.pixels(spec, params),
        "aspect_ratio": capabilities.aspect_ratio(spec, params),
        "resolution": capabilities.resolution(spec, params.get("resolution")),
        "n": params.get("n") or 1,
        "duration": capabilities.seconds(spec, params),
        "seed": derived_seed(order) if given is None else given,
        "voice": params.get("voice") or next((voice.id for voice in spec.voices or ()), None),
        "speed": params.get("speed"),
    }


def _spelled(name: str, value: Any, place: Place) -> Any:
    if name == "size":
        width, height = value
        return f"{width}x{height}" if place.spelling == "text" else {"width": width, "height": height}
    if name == "duration":
        plain = int(value) if value == int(value) else value
        value = plain if place.spelling == "number" else f"{plain}" if place.spelling == "text" else f"{plain}s"
    return place.words.get(str(value), value)


def _put(body: dict[str, Any], member: str, value: Any) -> None:
    *outer, last = member.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value


def check(spec: ModelSpec) -> Sequence[str]:
    """The problems of a model's entry: what it offers and its form can't express. One line each."""
    if spec.type is Kind.LLM:
        return ["type: fal makes no texts here"]
    form = wire_config(spec, Wire).form
    return [
        f"{field}: {message}" for field, message in (*unplaced(spec, form.places, form="form"), *_unseen(spec, form))
    ]


def _unseen(spec: ModelSpec, form: Form) -> Iterator[tuple[str, str]]:
    """The choices of sizes and images for which the form has no member."""
    levels = spec.resolutions or {level: dict[str, str]() for level in spec.limits.resolutions}
    if len(levels) > 1 and not (form.resolution or (form.size and spec.resolutions)):
        yield "resolutions", "the form has no place for the resolution"
    sizes_differ = any(len(sizes) > 1 for sizes in levels.values())
    if (sizes_differ and not (form.aspect_ratio or form.size)) or (spec.limits.aspect_ratios and not form.aspect_ratio):
        yield "resolutions", "the form has no place for the aspect ratio"
    room = spec.limits.image_inputs if isinstance(form.images, str) else len(form.images)
    if spec.limits.image_inputs > room:
        yield "limits.image_inputs", f"the form has places for {room}"
    if isinstance(form.images, str) and not spec.limits.image_inputs_needed:
        yield "limits.image_inputs_needed", "an endpoint with a list of images needs at least one"
    if (spec.capabilities or {}).get("supportsLora"):
        yield "capabilities.supportsLora", "the form has no place for LoRAs"
