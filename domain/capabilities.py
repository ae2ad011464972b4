"""Which parts of a well-formed request does a model support, and what are its defaults?"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from domain import media_reference
from domain.model import Kind, ModelSpec
from domain.request import (
    METADATA_BYTES,
    AudioRequest,
    ExtraParams,
    ImageRequest,
    Problem,
    Request,
    TextRequest,
    VideoRequest,
    is_blank,
)

DEFAULT_RESOLUTION = "1K"  # as the API documents


def check(request: Request, spec: ModelSpec, *, is_sandbox: bool) -> list[Problem]:
    """The problems of a well-formed request with this model. `is_sandbox`: the sandbox serves it, and takes options."""
    problems = list(_check_texts(request, spec))
    if request.metadata is not None and len(msgspec.json.encode(request.metadata)) > METADATA_BYTES:
        problems.append(Problem("metadata", "may have 16 KiB at most"))
    problems += _check_extra(request.extra_params, spec, is_sandbox)
    problems += _check_refused(request, spec)
    match request:
        case ImageRequest() | VideoRequest():
            problems += _check_image(request, spec)
            if isinstance(request, VideoRequest):
                problems += _one_of("duration", request.duration, spec.durations or (), spec.name)
        case AudioRequest():
            problems += _one_of("voice", request.voice, [voice.id for voice in spec.voices or ()], spec.name)
            slowest, fastest = spec.limits.speed
            if request.speed is not None and not slowest <= request.speed <= fastest:
                problems.append(Problem("speed", f"must be from {slowest} to {fastest}"))
        case TextRequest():
            if (request.prompt is None) == (request.messages is None):
                problems.append(Problem("prompt", "give either prompt or messages"))
            if (request.max_tokens or 1) > spec.limits.max_tokens:
                problems.append(Problem("maxTokens", f"may be {spec.limits.max_tokens} at most"))
    return problems


def _check_texts(request: Request, spec: ModelSpec) -> list[Problem]:
    problems: list[Problem] = []
    texts: list[tuple[str, str | None]] = [("prompt", request.prompt)]
    if isinstance(request, TextRequest):
        texts += [("system", request.system)]
        texts += [(f"messages[{i}].content", message.content) for i, message in enumerate(request.messages or ())]
    elif not isinstance(request, AudioRequest):
        texts += [("negativePrompt", request.negative_prompt)]
    for field, text in texts:
        if text is None:
            continue
        if is_blank(text) and field not in {"negativePrompt", "system"}:
            problems.append(Problem(field, "must not be blank"))
    length = sum(len(text) for _, text in texts if text)
    if length > spec.limits.prompt:
        problems.append(Problem("prompt", f"may have {spec.limits.prompt} characters at most, has {length}"))
    return problems


def _check_image(request: ImageRequest | VideoRequest, spec: ModelSpec) -> list[Problem]:
    offered = list(spec.resolutions or ()) or list(spec.limits.resolutions)
    problems: list[Problem] = []
    if offered or request.resolution != DEFAULT_RESOLUTION:
        problems += _one_of("resolution", request.resolution, offered, spec.name)
    sizes = aspect_ratios(spec, request.resolution if request.resolution in offered else None)
    ratios = sizes if spec.resolutions else spec.limits.aspect_ratios
    problems += _one_of("aspectRatio", request.aspect_ratio, ratios, spec.name)
    maximum, length = spec.limits.negative_prompt, len(request.negative_prompt or "")
    if maximum is not None and length > maximum and "negativePrompt" not in spec.limits.refuses:
        problems.append(Problem("negativePrompt", f"may have {maximum} characters at most, has {length}"))
    if (request.n or 1) > spec.limits.n:
        problems.append(Problem("n", f"must be from 1 to {spec.limits.n}"))
    inputs = request.image_inputs or ()
    if len(inputs) > spec.limits.image_inputs:
        maximum = spec.limits.image_inputs
        message = f"may have {maximum} at most" if maximum else f"'{spec.name}' takes no reference images; leave it out"
        problems.append(Problem("imageInputs", message))
    if len(inputs) < spec.limits.image_inputs_needed:
        minimum = spec.limits.image_inputs_needed
        problems.append(Problem("imageInputs", f"'{spec.name}' needs {minimum} at least"))
    wrong = [i for i, reference in enumerate(inputs) if not media_reference.well_formed(reference)]
    return problems + [Problem(f"imageInputs[{i}]", media_reference.INVALID_MESSAGE) for i in wrong]


def _check_extra(extra: ExtraParams | None, spec: ModelSpec, is_sandbox: bool) -> list[Problem]:
    problems: list[Problem] = []
    if extra is None:
        return problems
    if extra.loras and not (spec.capabilities or {}).get("supportsLora"):
        problems.append(Problem("extraParams.loras", f"'{spec.name}' takes no LoRA; leave it out"))
    elif spec.limits.loras:
        for i, lora in enumerate(extra.loras or ()):
            problems += _one_of(f"extraParams.loras[{i}].model", lora.model, spec.limits.loras, spec.name)
    if extra.loras and spec.limits.lora_weights_add_up_to_one:
        total = sum(1.0 if lora.weight is None else lora.weight for lora in extra.loras)
        if abs(total - 1) > 0.001:
            message = (
                f"the weights must add up to 1 for '{spec.name}', and add up to {total:g}; one left out counts as 1"
            )
            problems.append(Problem("extraParams.loras", message))
    if extra.sandbox and not is_sandbox:
        problems.append(Problem("extraParams.sandbox", "only the sandbox models can be steered; leave it out"))
    return problems


REFUSABLE = {
    "negativePrompt": "negative_prompt",
    "speed": "speed",
    "temperature": "temperature",
    "system": "system",
    "maxTokens": "max_tokens",
}
"""Parameters that a model may refuse, with the names of their fields; `seed`, in extraParams, is one more."""


def _check_refused(request: Request, spec: ModelSpec) -> list[Problem]:
    """A parameter that the model would silently ignore is an error, so that nobody pays for another result."""
    refused = spec.limits.refuses
    ignored = [
        name for name, field in REFUSABLE.items() if name in refused and getattr(request, field, None) is not None
    ]
    if "seed" in refused and request.extra_params and request.extra_params.seed is not None:
        ignored.append("extraParams.seed")
    return [Problem(name, f"'{spec.name}' has no use for it; leave it out") for name in ignored]


def _one_of(field: str, value: str | None, offered: Iterable[str], name: str) -> list[Problem]:
    offered = list(offered)
    if value is None or value in offered:
        return []
    if not offered:
        return [Problem(field, f"'{name}' offers no choice of {field}; leave it out")]
    return [Problem(field, f"'{value[:64]}' is not offered; choose one of {', '.join(offered)}")]


# --- The values with defaults filled in: for the adapters and for forms ---


def resolution(spec: ModelSpec, requested: str | None) -> str | None:
    """The resolution level: the requested one, else 1K, else the model's first. None when the model has no levels."""
    offered = list(spec.resolutions or spec.limits.resolutions)
    if requested is not None or not offered:
        return requested
    return DEFAULT_RESOLUTION if DEFAULT_RESOLUTION in offered else offered[0]


def aspect_ratios(spec: ModelSpec, requested: str | None) -> dict[str, str]:
    """The aspect ratios of a resolution level, each with its size in pixels such as "1280*720"."""
    return (spec.resolutions or {}).get(resolution(spec, requested) or "", {})


def default_ratio(spec: ModelSpec, sizes: dict[str, str]) -> str | None:
    """The aspect ratio of a request without one: 1:1 for images where the model has it, else the first of `sizes`."""
    return "1:1" if spec.type is Kind.IMAGE and "1:1" in sizes else next(iter(sizes), None)


def aspect_ratio(spec: ModelSpec, params: Mapping[str, Any]) -> str | None:
    """The requested aspect ratio, else that of the default size; None when the provider decides on the shape."""
    requested: str | None = params.get("aspectRatio")
    return requested or default_ratio(spec, aspect_ratios(spec, params.get("resolution")))


def pixels(spec: ModelSpec, params: dict[str, Any]) -> tuple[int, int] | None:
    """The requested width and height in pixels; None when the provider decides on the size."""
    ratio = aspect_ratio(spec, params)
    size = aspect_ratios(spec, params.get("resolution")).get(ratio) if ratio else None
    if size is None:
        return None
    width, _, height = size.partition("*")
    return int(width), int(height)


def seconds(spec: ModelSpec, params: dict[str, Any]) -> float | None:
    """The length of a video in seconds: the requested duration ("5s"), else the model's first; None without any."""
    duration = params.get("duration") or next(iter(spec.durations or ()), None)
    return float(duration.removesuffix("s")) if duration else None
