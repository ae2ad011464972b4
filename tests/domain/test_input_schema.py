"""Laws of `domain.input_schema`: the API accepts exactly the requests that the form allows."""

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain import capabilities, request_parsing
from domain.base import Rejected, replace
from domain.input_schema import input_schema
from domain.model import Kind, Limits, ModelSpec, Voice, split_model_id
from domain.request import REQUESTS

Schema = dict[str, Any]

IMAGE = ModelSpec(
    name="Painter",
    type=Kind.IMAGE,
    resolutions={"1K": {"16:9": "1280*720", "1:1": "1024*1024"}, "2K": {"1:1": "2048*2048"}, "free": {}},
    limits=Limits(n=4, image_inputs=2, prompt=60, negative_prompt=20),
)
VIDEO = ModelSpec(
    name="Film",
    type=Kind.VIDEO,
    capabilities={"supportsLora": True},
    durations={"5s": "5秒", "10s": "10秒"},
    limits=Limits(resolutions=("720p", "1080p"), image_inputs=20, loras=("a/b",)),
)
SPEAKER = ModelSpec(name="Speaker", type=Kind.AUDIO, voices=(Voice(id="en", name="English", language="en"),))
ASSET = f"asset_{'0a' * 32}.png"
WRITER = ModelSpec(name="Writer", type=Kind.LLM, limits=Limits(max_tokens=5, prompt=30))

COMMON = [
    "model",
    "extraParams",
    "projectId",
    "source",
    "sourceId",
    "metadata",
    "fallbackModels",
    "deadline",
    "webhook",
]

# --- The part of JSON Schema that the form uses ---

Check = Callable[[Any, Any, Schema], bool]

_ANNOTATIONS = {"$schema", "title", "description", "default", "format", "then"}
_TYPES: dict[str, Any] = {"string": str, "integer": int, "number": int | float, "array": list, "object": dict}
_TYPES["boolean"] = bool
_CHECKS: dict[str, tuple[Any, Check]] = {  # keyword: the values that it applies to, and its check
    "type": (
        object,
        lambda rule, value, _: isinstance(value, _TYPES[rule]) and isinstance(value, bool) == (rule == "boolean"),
    ),
    "const": (object, lambda rule, value, _: bool(value == rule)),
    "enum": (object, lambda rule, value, _: value in rule),
    "oneOf": (object, lambda rule, value, _: sum(valid(each, value) for each in rule) == 1),
    "allOf": (object, lambda rule, value, _: all(valid(each, value) for each in rule)),
    "if": (object, lambda rule, value, schema: not valid(rule, value) or valid(schema["then"], value)),
    "minLength": (str, lambda rule, value, _: len(value) >= rule),
    "maxLength": (str, lambda rule, value, _: len(value) <= rule),
    "pattern": (str, lambda rule, value, _: re.search(rule, value) is not None),
    "minimum": (int | float, lambda rule, value, _: bool(value >= rule)),
    "maximum": (int | float, lambda rule, value, _: bool(value <= rule)),
    "items": (list, lambda rule, value, _: all(valid(rule, item) for item in value)),
    "minItems": (list, lambda rule, value, _: len(value) >= rule),
    "maxItems": (list, lambda rule, value, _: len(value) <= rule),
    "properties": (dict, lambda rule, value, _: all(valid(rule[name], value[name]) for name in rule.keys() & value)),
    "required": (dict, lambda rule, value, _: set(rule) <= value.keys()),
    "additionalProperties": (dict, lambda rule, value, schema: rule or value.keys() <= schema["properties"].keys()),
}


def valid(schema: Schema | bool, value: Any) -> bool:
    """Whether the value is valid. A rule that isn't known here is an error, so that none goes unnoticed."""
    if isinstance(schema, bool):
        return schema
    checks = [(rule, *_CHECKS[word]) for word, rule in schema.items() if word not in _ANNOTATIONS]
    return all(check(rule, value, schema) for rule, about, check in checks if isinstance(value, about))


def bodies(schema: Schema) -> st.SearchStrategy[Any]:
    """Whether the schema accepts the value, apart from its `allOf`."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "oneOf" in schema and "properties" not in schema:
        return st.sampled_from([each["const"] for each in schema["oneOf"]])
    match schema["type"]:
        case "string" if "format" in schema:
            return st.sampled_from(["https://example.com/a.png", "http://b", ASSET, f"/api/v1/assets/{ASSET}"])
        case "string" if "/" in schema.get("pattern", ""):
            return st.just("some/model")
        case "string":
            sizes = {"min_size": schema.get("minLength", 0), "max_size": min(schema["maxLength"], 20)}
            return st.text("a字 \n\t\x1c\x85\ufeff😀", **sizes).filter(lambda text: valid(schema, text))
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "number":
            return st.floats(schema["minimum"], schema["maximum"])
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(bodies(schema["items"]), min_size=schema.get("minItems", 0), max_size=schema["maxItems"])
        case _ if "properties" not in schema:
            return st.just({"mine": [1, None]})
        case _:
            fields = {name: bodies(field) for name, field in schema["properties"].items()}
            required = schema.get("required", [])
            whole = st.fixed_dictionaries(
                {name: fields[name] for name in required},
                optional={name: field for name, field in fields.items() if name not in required},
            )
            return whole.filter(lambda body: valid(schema, body))


# --- Models and requests of every make ---

_LEVELS = st.dictionaries(
    st.sampled_from(["512", "1K", "2K", "720p"]),
    st.dictionaries(st.sampled_from(["1:1", "16:9", "9:16"]), st.sampled_from(["1024*1024", "1280*720", "64*32"])),
)


@st.composite
def specs(draw: st.DrawFn) -> ModelSpec:
    """A model of any kind, with or without a choice of anything."""
    slowest = draw(st.sampled_from([0.5, 0.8, 1.5]))
    return ModelSpec(
        name="Model",
        type=draw(st.sampled_from(Kind)),
        description=draw(st.sampled_from([None, "A model."])),
        capabilities=draw(st.sampled_from([None, {}, {"supportsLora": True}, {"supportsLora": False}])),
        resolutions=draw(st.none() | _LEVELS),
        durations=draw(st.sampled_from([None, {"5s": "5秒"}, {"5s": "5秒", "10s": "10秒"}])),
        voices=draw(st.sampled_from([None, (Voice(id="en", name="English", language="en"),)])),
        limits=Limits(
            prompt=draw(st.sampled_from([1, 30, 60])),
            n=draw(st.integers(1, 3)),
            image_inputs=draw(st.sampled_from([0, 1, 3, 20])),
            resolutions=draw(st.sampled_from([(), ("720p",), ("720p", "1080p")])),
            aspect_ratios=draw(st.sampled_from([(), ("16:9",), ("9:16", "1:1")])),
            speed=(slowest, draw(st.sampled_from([slowest, 2.0]))),
            max_tokens=draw(st.sampled_from([1, 5])),
            loras=draw(st.sampled_from([(), ("a/b",)])),
        ),
    )


_SCALARS = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    17,
    -1,
    0.4,
    0.5,
    1.6,
    2.5,
    2**31,
    10**30,
    True,
    "",
    " ",
    "\x1c",
    "\ufeff",
    "x",
    "a\0b",
]
_WORDS = ["1K", "2K", "720p", "1080p", "1:1", "16:9", "5s", "10s", "en", "a/b", *("x" * n for n in (30, 31, 61, 201))]
_URLS = [*(["https://a"] * n for n in (0, 1, 2, 4, 17)), ["ftp://a"], ["http://" + "a" * 2048], [ASSET], [ASSET + "x"]]
_OBJECTS = [
    {},
    {"a": 1},
    [1],
    [{"role": "user", "content": "x"}],
    [{"role": "user", "content": " "}],
    [{"role": "god", "content": "x"}],
    [{"role": "user"}],
    [{"model": "a/b"}],
    [{"model": "a/b"}] * 9,
    [{"model": "a/b", "scale": 1}],
    [{"model": "c/d", "weight": 4}],
    [{"model": "c/d", "weight": 4.5}],
    {"latency": 1, "fault": "refused", "times": 1},
    {"latency": 601},
    {"fault": "none"},
    {"times": 0},
]
_ALL_VALUES: list[Any] = [*_SCALARS, *_WORDS, *_URLS, *_OBJECTS]
_VALUES = st.sampled_from(_ALL_VALUES)
_NAMES = sorted({field.encode_name for body in REQUESTS.values() for field in msgspec.structs.fields(body)})


@st.composite
def altered(draw: st.DrawFn, schema: Schema) -> dict[str, Any]:
    """A valid request in which something was replaced, added or left out."""
    body: dict[str, Any] = draw(bodies(schema))
    for _ in range(draw(st.integers(1, 2))):
        extra = draw(st.booleans())
        place = body.setdefault("extraParams", {}) if extra else body
        assume(isinstance(place, dict))
        name = draw(st.sampled_from(["loras", "seed", "sandbox", "other"] if extra else [*_NAMES, "other"]))
        if draw(st.integers(0, 4)):
            place[name] = draw(_VALUES)
        else:
            place.pop(name, None)
    return body


def accepted(body: dict[str, Any], spec: ModelSpec, *, is_sandbox: bool) -> bool:
    """Whether the API accepts the request."""
    parsed = request_parsing.parse(spec.type, json.dumps(body).encode())
    try:
        split_model_id(parsed.request.model)
    except Rejected:
        return False
    return not parsed.problems and not capabilities.check(parsed.request, spec, is_sandbox=is_sandbox)


def beyond_a_schema(body: dict[str, Any], spec: ModelSpec) -> bool:
    """Whether the texts break a rule that a schema can't express: their common limit, or a NUL."""
    texts = [body.get("prompt"), body.get("negativePrompt"), body.get("system")]
    texts += [message["content"] for message in body.get("messages", [])]
    return sum(len(text) for text in texts if text) > spec.limits.prompt or r"\u0000" in json.dumps(body)


def asks_for_nothing(body: dict[str, Any], schema: Schema) -> bool:
    """Whether the request has a value without effect, which the API accepts and a form never shows."""
    offered = schema["properties"]
    extra = body.get("extraParams")
    return (
        (body.get("imageInputs") == [] and "imageInputs" not in offered)
        or (body.get("resolution") == "1K" and "resolution" not in offered)
        or (isinstance(extra, dict) and extra.get("loras") == [])
    )


# --- The laws ---


@given(st.data(), specs(), st.booleans())
def test_what_the_form_describes_is_accepted(data: st.DataObject, spec: ModelSpec, is_sandbox: bool) -> None:
    """A request made of the schema's own choices and limits has no problem."""
    body = data.draw(bodies(input_schema(spec, is_sandbox=is_sandbox)))
    assert accepted(body, spec, is_sandbox=is_sandbox) or beyond_a_schema(body, spec)


@given(st.data(), specs(), st.booleans())
def test_the_form_and_the_api_agree(data: st.DataObject, spec: ModelSpec, is_sandbox: bool) -> None:
    """A request with any change fits the schema if and only if the API accepts it."""
    schema = input_schema(spec, is_sandbox=is_sandbox)
    body = data.draw(altered(schema))
    fits = valid(schema, body)
    assume(not asks_for_nothing(body, schema) and not (fits and beyond_a_schema(body, spec)))
    assert accepted(body, spec, is_sandbox=is_sandbox) is fits


@pytest.mark.parametrize("spec", [IMAGE, VIDEO, SPEAKER, WRITER, *(ModelSpec(name="", type=kind) for kind in Kind)])
def test_the_form_and_the_api_agree_on_each_field(spec: ModelSpec) -> None:
    """For any value in any field of a plain request, the schema and the API agree."""
    schema = input_schema(spec, is_sandbox=False)
    for value in _ALL_VALUES:
        extras = [{"extraParams": {name: value}} for name in ("loras", "seed", "sandbox", "other")]
        for changed in [*({name: value} for name in [*_NAMES, "other"]), *extras]:
            body = {"prompt": "x", "model": "a/b"} | changed
            fits = valid(schema, body)
            if not asks_for_nothing(body, schema) and not (fits and beyond_a_schema(body, spec)):
                assert accepted(body, spec, is_sandbox=False) is fits, body


@given(specs(), st.booleans())
def test_every_default_is_offered(spec: ModelSpec, is_sandbox: bool) -> None:
    """A form that is sent as it was opened is valid: each default fits its own field."""
    schema = input_schema(spec, is_sandbox=is_sandbox)
    fields = {name: field for name, field in schema["properties"].items() if "default" in field}
    assert all(valid(field, field["default"]) for field in fields.values())
    untouched = {"prompt": "x", "model": "a/b"} | {name: field["default"] for name, field in fields.items()}
    assert valid(schema, untouched)


@given(specs(), st.booleans())
def test_defaults_are_what_the_api_does_without_them(spec: ModelSpec, is_sandbox: bool) -> None:
    """Sending the default equals leaving the field out: both give the same size and the same length."""
    fields = input_schema(spec, is_sandbox=is_sandbox)["properties"]
    defaults = {name: field["default"] for name, field in fields.items() if "default" in field}
    if spec.type in (Kind.IMAGE, Kind.VIDEO):
        assert capabilities.pixels(spec, defaults) == capabilities.pixels(spec, {})
    if spec.type is Kind.VIDEO:
        assert capabilities.seconds(spec, defaults) == capabilities.seconds(spec, {})


@given(specs(), st.booleans())
def test_a_form_is_json_and_each_field_has_a_title(spec: ModelSpec, is_sandbox: bool) -> None:
    """A schema survives JSON, refers to nothing outside of itself, and names every field for people."""
    schema = input_schema(spec, is_sandbox=is_sandbox)
    assert json.loads(json.dumps(schema)) == schema
    assert "$ref" not in json.dumps(schema)
    assert all(field["title"] for field in schema["properties"].values())


def test_only_offered_choices_are_listed() -> None:
    """A model without choices asks for none: no resolution, ratio, duration, voice, image, LoRA, sandbox options."""
    for kind, own in {
        Kind.IMAGE: {"prompt", "negativePrompt", "n"},
        Kind.VIDEO: {"prompt", "negativePrompt", "n"},
        Kind.AUDIO: {"prompt", "speed"},
        Kind.LLM: {"prompt", "messages", "system", "temperature", "maxTokens", "stream"},
    }.items():
        fields = input_schema(ModelSpec(name="Plain", type=kind), is_sandbox=False)["properties"]
        assert fields.keys() - own == {*COMMON}
        assert fields["extraParams"]["properties"].keys() == {"seed"}


def test_the_fields_of_the_kind_come_first() -> None:
    """A form opens with the fields of its kind; what all kinds share comes after them."""
    fields = list(input_schema(IMAGE, is_sandbox=False)["properties"])
    assert fields[0] == "prompt"
    assert fields[-len(COMMON) :] == COMMON


def test_choices_open_at_what_the_model_does_by_itself() -> None:
    """All ratios of all resolutions are listed, those of a model without sizes of its own by name; the defaults are
    those of the API. A model that chooses its shape itself has no default of it."""
    sized = input_schema(IMAGE, is_sandbox=False)["properties"]
    assert (sized["resolution"]["enum"], sized["resolution"]["default"]) == (["1K", "2K", "free"], "1K")
    assert (sized["aspectRatio"]["enum"], sized["aspectRatio"]["default"]) == (["16:9", "1:1"], "1:1")
    named = replace(VIDEO, limits=replace(VIDEO.limits, aspect_ratios=("16:9", "9:16")))
    fields = input_schema(named, is_sandbox=False)["properties"]
    assert [fields[name]["enum"] for name in ("resolution", "aspectRatio")] == [["720p", "1080p"], ["16:9", "9:16"]]
    assert (fields["resolution"]["default"], fields["aspectRatio"].get("default")) == ("720p", None)


def test_choices_carry_their_labels() -> None:
    """Durations and voices are chosen by their labels; the first one is the default."""
    assert input_schema(VIDEO, is_sandbox=False)["properties"]["duration"] == {
        "title": "Duration",
        "type": "string",
        "oneOf": [{"const": "5s", "title": "5秒"}, {"const": "10s", "title": "10秒"}],
        "default": "5s",
    }
    assert input_schema(SPEAKER, is_sandbox=False)["properties"]["voice"] == {
        "title": "Voice",
        "type": "string",
        "oneOf": [{"const": "en", "title": "English"}],
        "default": "en",
    }


def test_fields_are_named_in_words() -> None:
    """A title is made of the words of the field's name, or is a better one; it is never the name of a class."""
    fields = input_schema(IMAGE, is_sandbox=False)["properties"]
    titles = {"prompt": "Prompt", "negativePrompt": "Negative prompt", "n": "Number of outputs"}
    titles |= {"aspectRatio": "Aspect ratio", "sourceId": "Source id", "extraParams": "Extra params"}
    assert {name: fields[name]["title"] for name in titles} == titles
    extra = input_schema(VIDEO, is_sandbox=False)["properties"]["extraParams"]
    assert {name: field["title"] for name, field in extra["properties"].items()} == {"loras": "LoRAs", "seed": "Seed"}


@pytest.mark.parametrize(
    ("spec", "body", "fits"),
    [
        (WRITER, {"messages": [{"role": "user", "content": "x"}]}, True),
        (WRITER, {"messages": [{"role": "user"}]}, False),
        (WRITER, {"messages": [{"content": "x"}]}, False),
        (VIDEO, {"prompt": "x", "extraParams": {"loras": [{"model": "a/b"}]}}, True),
        (VIDEO, {"prompt": "x", "extraParams": {"loras": [{}]}}, False),
    ],
)
def test_a_form_asks_for_what_each_item_needs(spec: ModelSpec, body: dict[str, Any], fits: bool) -> None:
    """A message has a role and a content, and a LoRA has a model: in the schema as in the API."""
    whole = {"model": "a/b"} | body
    assert valid(input_schema(spec, is_sandbox=False), whole) is fits
    assert accepted(whole, spec, is_sandbox=False) is fits


@pytest.mark.parametrize("speed", [(0.5, 2.0), (1.0, 2.0), (0.5, 1.0)])
def test_a_form_opens_at_the_natural_speed(speed: tuple[float, float]) -> None:
    """Speed 1 is the default wherever the model can speak at it, also as its slowest or fastest."""
    spec = ModelSpec(name="Speaker", type=Kind.AUDIO, limits=Limits(speed=speed))
    assert input_schema(spec, is_sandbox=False)["properties"]["speed"]["default"] == 1.0


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"aspectRatio": "16:9"}, True),
        ({"resolution": "1K", "aspectRatio": "16:9"}, True),
        ({"resolution": "2K", "aspectRatio": "1:1"}, True),
        ({"resolution": "2K", "aspectRatio": "16:9"}, False),
        ({"resolution": "free"}, True),
        ({"resolution": "free", "aspectRatio": "1:1"}, False),
    ],
)
def test_ratios_go_with_their_resolution(asked: dict[str, str], fits: bool) -> None:
    """Where resolutions differ in their aspect ratios, the schema says which go together, as the API does."""
    body = {"prompt": "x", "model": "a/b"} | asked
    assert valid(input_schema(IMAGE, is_sandbox=False), body) is fits
    assert accepted(body, IMAGE, is_sandbox=False) is fits


def test_the_same_ratios_everywhere_need_no_rule() -> None:
    """Where every resolution has the same aspect ratios, a plain choice of them says it all; where any two differ, it
    does not."""
    same = replace(IMAGE, resolutions={"1K": {"1:1": "1024*1024"}, "2K": {"1:1": "2048*2048"}})
    two = replace(IMAGE, resolutions={"1K": {"1:1": "1024*1024"}, "free": {}})
    (_, free) = input_schema(two, is_sandbox=False)["allOf"]
    assert free["then"] == {"properties": {"aspectRatio": False}}  # some validators refuse an empty choice
    assert "allOf" not in input_schema(same, is_sandbox=False)


def test_a_form_asks_for_reference_images_where_the_model_needs_them() -> None:
    """So many at least, each by its address; where it needs none, none are asked for."""
    needy = input_schema(replace(IMAGE, limits=replace(IMAGE.limits, image_inputs_needed=2)), is_sandbox=False)
    assert "imageInputs" in needy["required"]
    plain = input_schema(IMAGE, is_sandbox=False)
    assert "imageInputs" not in plain["required"]
    images, optional = needy["properties"]["imageInputs"], plain["properties"]["imageInputs"]
    assert (images["minItems"], images["maxItems"], optional.get("minItems")) == (2, 2, None)
    assert images["items"]["format"] == "uri-reference"


def test_a_form_says_what_the_catalogue_says_of_the_model() -> None:
    """Its description, where it has one; and what steers the sandbox, where the sandbox serves it."""
    described = input_schema(replace(IMAGE, description="Paints boats."), is_sandbox=True)
    plain = input_schema(IMAGE, is_sandbox=False)
    assert (described["description"], "description" in plain) == ("Paints boats.", False)
    extras = [schema["properties"]["extraParams"]["properties"].keys() for schema in (described, plain)]
    assert extras[0] - extras[1] == {"sandbox"}


def test_a_form_has_no_field_that_the_model_refuses() -> None:
    """Nor the seed, which is one of the extra parameters."""
    refusing = replace(IMAGE, limits=replace(IMAGE.limits, refuses=("negativePrompt", "seed")))
    fields = input_schema(refusing, is_sandbox=False)["properties"]
    assert "negativePrompt" not in fields
    assert fields["extraParams"]["properties"] == {}


@pytest.mark.parametrize(("prompt", "most"), [(10**6, 4000), (30, 20), (10, 10)])
def test_a_text_is_as_long_as_the_strictest_of_its_limits(prompt: int, most: int) -> None:
    """That of the field, that of the model for all texts, and that of the model for this one."""
    limits = Limits(prompt=prompt, negative_prompt=None if prompt > 30 else 20)
    fields = input_schema(replace(IMAGE, limits=limits), is_sandbox=False)["properties"]
    assert fields["negativePrompt"]["maxLength"] == most


def test_one_model_leaves_no_trace_in_the_next() -> None:
    """The schema of a model doesn't depend on which schemas were made before."""
    before = json.dumps(input_schema(ModelSpec(name="Plain", type=Kind.IMAGE), is_sandbox=True))
    input_schema(IMAGE, is_sandbox=False)
    assert json.dumps(input_schema(ModelSpec(name="Plain", type=Kind.IMAGE), is_sandbox=True)) == before
