"""What may a request of each kind contain, and how is its body parsed?

The decoded struct is the value that decisions use. A refusal lists all problems of a request at once."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Annotated, Any, Literal, NamedTuple, cast, dataclass_transform, get_args, get_origin

import msgspec
from msgspec import Meta

from domain.base import Rejected
from domain.model import Kind, split_model_id

Short = Annotated[str, Meta(max_length=200)]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """An object of a request body: camelCase in JSON, unknown fields refused, `null` the same as absent."""


class Lora(Body):
    """A LoRA to apply."""

    model: Annotated[
        str, Meta(min_length=1, max_length=200, description="Which LoRA", examples=["dashscope/anime-style"])
    ]
    weight: Annotated[float, Meta(ge=-4, le=4, description="How strongly", examples=[0.8])] | None = None


class SandboxOptions(Body):
    """How the sandbox should behave: what a test wants to see. Times in seconds."""

    latency: (
        Annotated[float, Meta(ge=0, le=600, description="Seconds until the result is there", examples=[2.5])] | None
    ) = None
    fault: Annotated[
        Literal[
            "refused",
            "content_rejected",
            "rate_limited",
            "unreachable",
            "timeout_before",
            "timeout_after",
            "lost_result",
            "failed",
            "partial",
        ]
        | None,
        Meta(description="What should go wrong", examples=["content_rejected"]),
    ] = None
    times: (
        Annotated[int, Meta(ge=1, le=10, description="How many calls the fault meets, from the first", examples=[1])]
        | None
    ) = None


class ExtraParams(Body):
    """Parameters that only some models know."""

    loras: Annotated[list[Lora], Meta(max_length=8, description="For models with `supportsLora`")] | None = None
    seed: (
        Annotated[
            int,
            Meta(
                ge=0, le=2**31 - 1, description="The same seed gives the same result, where the model can", examples=[7]
            ),
        ]
        | None
    ) = None
    sandbox: Annotated[
        SandboxOptions | None, Meta(description="How a sandbox model should behave; refused by all others")
    ] = None


class Deadline(Body):
    """Until when, in seconds from the request on."""

    start_seconds: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=86400,
                description="Until a provider has taken it, in seconds from now; else it fails with `not_started`",
                examples=[60],
            ),
        ]
        | None
    ) = None
    finish_seconds: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=86400,
                description="Until it is done, in seconds from now; else it fails with `deadline_exceeded`",
                examples=[600],
            ),
        ]
        | None
    ) = None


class GenerationRequest(Body):
    """The fields that requests of every kind have."""

    model: Annotated[
        str, Meta(max_length=200, description="Which model: `provider/model_key`", examples=["dashscope/qwen-image"])
    ]
    extra_params: Annotated[ExtraParams | None, Meta(description="Parameters that only some models know")] = None
    project_id: Annotated[Short, Meta(description="The caller's project", examples=["proj_123"])] | None = None
    source: Annotated[Short, Meta(description="Where in the frontend it came from", examples=["canvas"])] | None = None
    source_id: Annotated[Short, Meta(description="The object there", examples=["canvas_456"])] | None = None
    metadata: (
        Annotated[
            dict[str, Any],
            Meta(
                description="Anything of yours: kept with the task and given back, up to 16 KiB",
                examples=[{"scene": 3}],
            ),
        ]
        | None
    ) = None
    fallback_models: (
        Annotated[
            list[Annotated[str, Meta(max_length=200)]],
            Meta(
                max_length=4,
                description=(
                    "May take over, in this order, if the model before can't be had and nothing is paid; "
                    "each must accept it"
                ),
                examples=[["modelscope/qwen-image"]],
            ),
        ]
        | None
    ) = None
    deadline: Annotated[
        Deadline | None,
        Meta(description="How long it may take, instead of the model's own times", examples=[{"finishSeconds": 600}]),
    ] = None


class ImageRequest(GenerationRequest, kw_only=True):
    """An image to make."""

    prompt: Annotated[
        str,
        Meta(
            min_length=1,
            description="What to show; not blank, and no longer than the model takes",
            examples=["a beautiful sunset over mountains"],
        ),
    ]
    negative_prompt: (
        Annotated[str, Meta(max_length=4000, description="What not to show", examples=["blurry, low quality"])] | None
    ) = None
    resolution: (
        Annotated[
            str,
            Meta(
                description="One of the model's resolutions; 1K when left out, or the first that the model has",
                examples=["2K"],
            ),
        ]
        | None
    ) = None
    aspect_ratio: (
        Annotated[
            str, Meta(description="One of the aspect ratios that the model has at this resolution", examples=["16:9"])
        ]
        | None
    ) = None
    n: (
        Annotated[
            int, Meta(ge=1, description="How many images, up to what the model allows; 1 when left out", examples=[1])
        ]
        | None
    ) = None
    image_inputs: (
        Annotated[
            list[str],
            Meta(
                max_length=16,
                description=(
                    "Reference images, as many as the model takes: each an http or https URL of up to "
                    "2048 characters, or the id or the address of an image that Pixel keeps"
                ),
                examples=[["https://example.com/ref-image.jpg"]],
            ),
        ]
        | None
    ) = None


class VideoRequest(GenerationRequest, kw_only=True):
    """A video to make."""

    prompt: Annotated[
        str,
        Meta(
            min_length=1,
            description="What happens; not blank, and no longer than the model takes",
            examples=["a cat playing with a ball"],
        ),
    ]
    negative_prompt: (
        Annotated[str, Meta(max_length=4000, description="What not to show", examples=["static, blurry"])] | None
    ) = None
    duration: (
        Annotated[str, Meta(description="One of the model's durations; its first when left out", examples=["5s"])]
        | None
    ) = None
    resolution: (
        Annotated[
            str,
            Meta(
                description="One of the model's resolutions; 1K when left out, or the first that the model has",
                examples=["720p"],
            ),
        ]
        | None
    ) = None
    aspect_ratio: (
        Annotated[
            str, Meta(description="One of the aspect ratios that the model has at this resolution", examples=["16:9"])
        ]
        | None
    ) = None
    n: (
        Annotated[
            int, Meta(ge=1, description="How many videos, up to what the model allows; 1 when left out", examples=[1])
        ]
        | None
    ) = None
    image_inputs: (
        Annotated[
            list[str],
            Meta(
                max_length=16,
                description=(
                    "The first frame, for models that take one: an http or https URL of up to 2048 "
                    "characters, or the id or the address of an image that Pixel keeps"
                ),
                examples=[["https://example.com/first-frame.jpg"]],
            ),
        ]
        | None
    ) = None


class AudioRequest(GenerationRequest, kw_only=True):
    """Text to speak."""

    prompt: Annotated[
        str,
        Meta(
            min_length=1,
            description="The text to speak; not blank, and no longer than the model takes",
            examples=["Hello, welcome to Pixel AI!"],
        ),
    ]
    voice: (
        Annotated[
            str,
            Meta(
                description="The id of one of the model's voices; its first when left out",
                examples=["zh_female_qingxin"],
            ),
        ]
        | None
    ) = None
    speed: (
        Annotated[
            float,
            Meta(
                description="How fast, within the model's limits (mostly 0.5 to 2.0); 1.0 when left out", examples=[1.0]
            ),
        ]
        | None
    ) = None


class Message(Body):
    """One message of a conversation."""

    role: Annotated[Literal["system", "user", "assistant"], Meta(description="Who says it", examples=["user"])]
    content: Annotated[str, Meta(min_length=1, description="What is said", examples=["Write a haiku about the sea."])]


class TextRequest(GenerationRequest):
    """Text to write: `prompt` or `messages`, one of the two."""

    prompt: (
        Annotated[
            str,
            Meta(
                min_length=1, description="What to write; this or `messages`", examples=["Write a haiku about the sea."]
            ),
        ]
        | None
    ) = None
    messages: (
        Annotated[
            list[Message], Meta(min_length=1, max_length=200, description="The conversation so far; this or `prompt`")
        ]
        | None
    ) = None
    system: Annotated[str, Meta(max_length=20000, description="How to behave", examples=["You are a poet."])] | None = (
        None
    )
    temperature: Annotated[float, Meta(ge=0, le=2, description="0 is sober, 2 is wild", examples=[0.7])] | None = None
    max_tokens: (
        Annotated[
            int, Meta(ge=1, description="How long the answer may be, up to what the model allows", examples=[256])
        ]
        | None
    ) = None


Request = ImageRequest | VideoRequest | AudioRequest | TextRequest
REQUESTS: dict[Kind, type[Request]] = {
    Kind.IMAGE: ImageRequest,
    Kind.VIDEO: VideoRequest,
    Kind.AUDIO: AudioRequest,
    Kind.LLM: TextRequest,
}
MAX_PROBLEMS = 20  # the check stops there
METADATA_BYTES = 16 * 1024
MAX_DEPTH = 32  # levels of nesting in a field
_NOT_PARAMS = ("model", "projectId", "source", "sourceId", "metadata", "fallbackModels", "deadline")


class Problem(NamedTuple):
    """A problem with one field. An empty `field` means the whole request."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class ParsedRequest(NamedTuple):
    """A request, its problems, and the JSON object as sent.

    A field with a problem has its default, or is empty if it is required."""

    request: Request
    problems: list[Problem]
    sent: dict[str, Any]


def parse(kind: Kind, body: bytes, *, model: str | None = None) -> ParsedRequest:
    """Decode a body, once. `model` is added when the body has none.

    Raises Rejected `not_json` when it is not a JSON object."""
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("not_json", f"The body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise Rejected("not_json", 'The body must be a JSON object, such as {"prompt": "…", "model": "…"}.')
    sent = cast(dict[str, Any], value)
    if model is not None:
        sent = {"model": model} | sent
    try:
        request = msgspec.convert(sent, REQUESTS[kind])
        if request.metadata is None and b"\\u0000" not in body:
            return ParsedRequest(request, [], sent)
    except (msgspec.ValidationError, RecursionError):
        pass  # the code below finds every problem
    return _parse_by_field(REQUESTS[kind], sent)


def params(kind: Kind, sent: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a request without problems, as sent, but without the `null` ones."""
    whole: dict[str, Any] = _integers_for_floats(REQUESTS[kind], sent)
    return {name: value for name, value in whole.items() if value is not None and name not in _NOT_PARAMS}


def is_blank(text: str) -> bool:
    """Whether no character of the text is visible: only spaces, control and joining characters, and blank letters."""
    return re.search(NOT_BLANK, text) is None


# In the syntax that Python shares with JavaScript (with its `u` flag), because the input schema publishes it.
NOT_BLANK = (
    r"[^\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def digest(kind: Kind, request: Request) -> str:
    """The SHA-256 of a request, as hex: equal for equal requests, whatever the order of the fields in the body."""
    return hashlib.sha256(kind.encode() + msgspec.json.encode(request, order="deterministic")).hexdigest()


def _parse_by_field(struct: type[Request], value: dict[str, Any]) -> ParsedRequest:
    fields: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in msgspec.structs.fields(struct):
        sent = value.get(field.encode_name)
        if sent is None:
            if field.required:
                fields[field.name] = ""
                problems.append(Problem(field.encode_name, "is required"))
            continue
        sent = _integers_for_floats(field.type, sent)
        left = MAX_PROBLEMS + 1 - len(problems)
        found = list(islice(_problems(field.type, sent, field.encode_name), left))
        if not found and field.name == "metadata" and len(msgspec.json.encode(sent)) > METADATA_BYTES:
            found = [Problem("metadata", "may have 16 KiB at most")]
        found = found or list(islice(_unstorable(sent, field.encode_name), left))
        if len(problems) > MAX_PROBLEMS:  # the limit is reached: the remaining fields are not checked
            if field.required:
                fields[field.name] = ""
            continue
        if not found:
            fields[field.name] = msgspec.convert(sent, field.type)
        elif field.required:
            fields[field.name] = ""
        problems += found
    problems += islice(_unknown(struct, value), MAX_PROBLEMS + 1)
    return ParsedRequest(struct(**fields), problems, value)


def _problems(type_: Any, value: object, path: str) -> Iterator[Problem]:
    """Every problem of one field. It visits objects and lists itself, because msgspec stops at the first problem.

    Lazy, so that the caller can stop; the items of a list that is too long are not checked."""
    struct, item = _inner(type_)
    if struct and isinstance(value, dict):
        members = cast(dict[str, Any], value)
        fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
        yield from (Problem(f"{path}.{name[:64]}", "is not known") for name in members if name not in fields)
        for name, field in fields.items():
            if members.get(name) is not None:
                yield from _problems(field.type, members[name], f"{path}.{name}")
            elif field.required:
                yield Problem(f"{path}.{name}", "is required")
        return
    if item and isinstance(value, list):
        items = cast(list[object], value)
        if (max_items := _max_items(type_)) is not None and len(items) > max_items:
            yield Problem(path, f"expected `array` of length <= {max_items}, got {len(items)}")
            return
        found = False
        for i, each in enumerate(items):
            for problem in _problems(item, each, f"{path}[{i}]"):
                found = True
                yield problem
        if found:
            return
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        message = str(error).partition(" - at ")[0].replace(" | null", "")
        yield Problem(path, message[0].lower() + message[1:200])


def _max_items(type_: Any) -> int | None:
    """The maximum number of items of a list type, also inside of Optional; None without one."""
    for part in (type_, *get_args(type_)):
        for meta in getattr(part, "__metadata__", ()):
            if isinstance(meta, Meta) and meta.max_length is not None:
                return meta.max_length
    return None


def _integers_for_floats(type_: Any, value: Any) -> Any:
    """The value with 1 for 1.0 where the type is an integer: JSON Schema, which clients read, makes no difference."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and _takes_int(type_) else value
    if not isinstance(value, dict | list):
        return value
    struct, item = _inner(type_)
    if struct and isinstance(value, dict):
        types, members = _types(struct), cast(dict[str, Any], value)
        return {
            name: _integers_for_floats(types[name], each) if name in types else each for name, each in members.items()
        }
    if item and isinstance(value, list):
        items = cast(list[object], value)
        return [_integers_for_floats(item, each) for each in items] if len(items) <= (_max_items(type_) or 0) else items
    return cast(object, value)


@cache
def _types(struct: type[Body]) -> dict[str, Any]:
    """The type of each field, by its JSON name. Cached: to read the annotations takes longer than a request."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(struct)}


def _takes_int(type_: Any) -> bool:
    return type_ is int or (get_origin(type_) is not list and any(_takes_int(part) for part in get_args(type_)))


def _unstorable(value: object, path: str, depth: int = 0) -> Iterator[Problem]:
    """Problems of valid JSON that can't be stored: NUL characters (PostgreSQL), and nesting that exhausts a stack."""
    if isinstance(value, str) and "\0" in value:
        yield Problem(path, "must not hold a NUL character")
    if isinstance(value, dict | list) and depth == MAX_DEPTH:
        yield Problem(path, f"may be nested {MAX_DEPTH} levels deep at most")
    elif isinstance(value, dict):
        for name, each in cast(dict[str, Any], value).items():
            if "\0" in name:
                yield Problem(path, "must not hold a NUL character")
            yield from _unstorable(each, f"{path}.{name[:64]}", depth + 1)
    elif isinstance(value, list):
        for i, each in enumerate(cast(list[object], value)):
            yield from _unstorable(each, f"{path}[{i}]", depth + 1)


def _inner(type_: Any) -> tuple[type[Body] | None, Any]:
    """The struct of a type, or the item type of a list, inside of Annotated and Optional."""
    if isinstance(type_, type) and issubclass(type_, Body):
        return type_, None
    if get_origin(type_) is list:
        return None, get_args(type_)[0]
    for inner in get_args(type_):
        struct, item = _inner(inner)
        if struct or item:
            return struct, item
    return None, None


def _unknown(struct: type[Request], value: dict[str, Any]) -> Iterator[Problem]:
    known = {field.encode_name for field in msgspec.structs.fields(struct)}
    for name in value:
        if name == "provider" and name not in known:
            candidates = [str(value.get("model")), f"{value['provider']}/{value.get('model')}", "dashscope/qwen-image"]
            example = next(filter(_is_model_id, candidates))
            message = f'is no longer supported. Write the provider into the model id: "model": "{example}"'
            yield Problem("provider", message)
        elif name not in known:
            yield Problem(name[:64], f"is not known. Known fields: {', '.join(sorted(known))}")


def _is_model_id(text: str) -> bool:
    try:
        split_model_id(text)
    except Rejected:
        return False
    return len(text) <= 200
