"""Which requests does a model accept? The answer is a JSON Schema, from which a frontend can draw a form.

`request` defines the fields of all requests, `capabilities` the rules of a model; this module narrows the fields by the
rules."""

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from domain import capabilities, media_reference
from domain.model import Kind, ModelSpec
from domain.request import NOT_BLANK, REQUESTS, GenerationRequest

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TITLES = {"n": "Number of outputs", "loras": "LoRAs"}


def input_schema(spec: ModelSpec, *, is_sandbox: bool) -> Schema:
    """The JSON Schema of the request body for this model, without the fields that it does not support.

    A schema can't express some rules: all texts of a request share one limit, no text has a NUL, metadata is limited to
    16 KiB. The API also accepts, and the schema leaves out, values without effect: `null`, an empty list, and 1K for a
    model without resolutions."""
    fields = _FIELDS[spec.type]
    offered: dict[str, Schema | None] = {
        "model": fields["model"] | {"pattern": "^[^/]+/[^/]+$"},
        "extraParams": _extra_params(fields["extraParams"], spec, is_sandbox),
    }
    rules: Schema = {}
    match spec.type:
        case Kind.IMAGE | Kind.VIDEO:
            offered |= _image(fields, spec)
            rules = _ratios_by_resolution(spec)
        case Kind.AUDIO:
            offered |= _audio(fields, spec)
        case Kind.LLM:
            offered |= _text(fields, spec)
            rules = {"oneOf": [{"required": ["prompt"]}, {"required": ["messages"]}]}
    return {
        "$schema": DIALECT,
        "title": spec.name,
        **({"description": spec.description} if spec.description else {}),
        "type": "object",
        "properties": {
            name: field
            for name, field in (fields | offered).items()
            if field is not None and name not in spec.limits.refuses
        },
        "required": [
            *_REQUIRED[spec.type],
            *(["imageInputs"] if spec.limits.image_inputs_needed else []),
        ],
        "additionalProperties": False,
        **rules,
    }


def _image(fields: dict[str, Schema], spec: ModelSpec) -> dict[str, Schema | None]:
    levels = spec.resolutions or {}
    ratios = dict.fromkeys(ratio for sizes in levels.values() for ratio in sizes)
    default_ratio = capabilities.default_ratio(spec, capabilities.aspect_ratios(spec, None))
    narrowed: dict[str, Schema | None] = {
        "prompt": _text_field(fields["prompt"], spec),
        "negativePrompt": _text_field(
            fields["negativePrompt"], spec, max_length=spec.limits.negative_prompt, blank=True
        ),
        "resolution": _choice(
            fields["resolution"], levels or spec.limits.resolutions, capabilities.resolution(spec, None)
        ),
        "aspectRatio": _choice(fields["aspectRatio"], ratios if levels else spec.limits.aspect_ratios, default_ratio),
        "n": fields["n"] | {"maximum": spec.limits.n, "default": 1},
        "imageInputs": None,
    }
    if spec.limits.image_inputs:
        images = fields["imageInputs"]
        reference = {"type": "string", "format": "uri-reference", "pattern": media_reference.PATTERN}
        max_items = min(images["maxItems"], spec.limits.image_inputs)
        min_items = {"minItems": spec.limits.image_inputs_needed} if spec.limits.image_inputs_needed else {}
        narrowed["imageInputs"] = (
            images
            | min_items
            | {"maxItems": max_items, "items": reference | {"maxLength": media_reference.MAX_CHARACTERS}}
        )
    if "duration" in fields:
        narrowed["duration"] = _labelled(fields["duration"], spec.durations or {})
    return narrowed


def _audio(fields: dict[str, Schema], spec: ModelSpec) -> dict[str, Schema | None]:
    slowest, fastest = spec.limits.speed
    speed = fields["speed"] | {"minimum": slowest, "maximum": fastest}
    return {
        "prompt": _text_field(fields["prompt"], spec),
        "voice": _labelled(fields["voice"], {voice.id: voice.name for voice in spec.voices or ()}),
        "speed": speed | {"default": 1.0} if slowest <= 1.0 <= fastest else speed,
    }


def _text(fields: dict[str, Schema], spec: ModelSpec) -> dict[str, Schema | None]:
    messages = fields["messages"]
    message = messages["items"]
    content = _text_field(message["properties"]["content"], spec)
    return {
        "prompt": _text_field(fields["prompt"], spec),
        "messages": messages | {"items": message | {"properties": message["properties"] | {"content": content}}},
        "system": _text_field(fields["system"], spec, blank=True),
        "maxTokens": fields["maxTokens"] | {"maximum": spec.limits.max_tokens},
    }


def _extra_params(field: Schema, spec: ModelSpec, is_sandbox: bool) -> Schema:
    parts: dict[str, Schema] = dict(field["properties"])
    loras = parts.pop("loras")
    if (spec.capabilities or {}).get("supportsLora"):
        lora = loras["items"]
        if spec.limits.loras:
            choice = _choice(lora["properties"]["model"], spec.limits.loras, None)
            lora = lora | {"properties": lora["properties"] | {"model": choice}}
        parts["loras"] = loras | {"items": lora}
    if not is_sandbox:
        del parts["sandbox"]
    if "seed" in spec.limits.refuses:
        del parts["seed"]
    return field | {"properties": parts}


def _text_field(field: Schema, spec: ModelSpec, *, max_length: int | None = None, blank: bool = False) -> Schema:
    limits = (spec.limits.prompt, field.get("maxLength"), max_length)
    limit = {"maxLength": min(limit for limit in limits if limit is not None)}
    return field | limit | ({} if blank else {"pattern": NOT_BLANK})


def _choice(field: Schema, names: Iterable[str], default: str | None) -> Schema | None:
    """A choice of these names; None without any. The general description is left out: it may be wrong for one model."""
    choice = {"title": field["title"], "type": "string", "enum": list(names)}
    return choice | ({"default": default} if default else {}) if choice["enum"] else None


def _labelled(field: Schema, labels: dict[str, str]) -> Schema | None:
    """A choice of these names, each with its label; the first is the default. None without any."""
    named = [{"const": name, "title": label} for name, label in labels.items()]
    choice = {"title": field["title"], "type": "string", "oneOf": named}
    return choice | {"default": named[0]["const"]} if named else None


def _ratios_by_resolution(spec: ModelSpec) -> Schema:
    """The aspect ratios per resolution, where they differ. A request without a resolution has the default one."""
    levels = spec.resolutions or {}
    if len({frozenset(sizes) for sizes in levels.values()}) < 2:
        return {}
    rules: list[Schema] = []
    for level, sizes in levels.items():
        chosen: Schema = {"properties": {"resolution": {"const": level}}}
        if level != capabilities.resolution(spec, None):
            chosen["required"] = ["resolution"]
        ratio = {"enum": list(sizes)} if sizes else False  # some validators refuse an empty enum
        rules.append({"if": chosen, "then": {"properties": {"aspectRatio": ratio}}})
    return {"allOf": rules}


# --- The fields of a request of each kind, as JSON Schema ---


def _plain(schema: Schema, parts: dict[str, Schema]) -> Schema:
    """The schema with references resolved, without null (the same as a missing field), and with a title per field."""
    if "$ref" in schema:
        return _plain(parts[schema["$ref"]], parts)
    if "anyOf" in schema:
        return _plain(schema["anyOf"][0], parts)
    plain = {word: value for word, value in schema.items() if word not in ("title", "examples", "required")}
    if schema.get("required"):
        plain["required"] = schema["required"]
    if "items" in schema:
        plain["items"] = _plain(schema["items"], parts)
    if "properties" in schema:
        fields: dict[str, Schema] = schema["properties"]
        plain["properties"] = {name: {"title": _title(name)} | _plain(field, parts) for name, field in fields.items()}
    return plain


def _title(name: str) -> str:
    return _TITLES.get(name) or re.sub("([A-Z])", r" \1", name).capitalize()  # in lower case but for the first letter


def _fields() -> dict[Kind, dict[str, Schema]]:
    common = [field.encode_name for field in msgspec.structs.fields(GenerationRequest)]
    bodies, parts = msgspec.json.schema_components(REQUESTS.values(), ref_template="{name}")
    fields: dict[Kind, dict[str, Schema]] = {}
    for kind, body in zip(REQUESTS, bodies, strict=True):
        own = _plain(body, parts)["properties"]
        fields[kind] = {
            name: own[name] for name in sorted(own, key=common.__contains__)
        }  # the fields of the kind come first
    return fields


_FIELDS = _fields()
_REQUIRED = {
    kind: [field.encode_name for field in msgspec.structs.fields(body) if field.required]
    for kind, body in REQUESTS.items()
}
