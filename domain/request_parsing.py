"""How is the body of a request parsed? At once when nothing is wrong, else field by field.

A refusal lists all problems of a request at once."""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple, cast, get_args, get_origin

import msgspec
from msgspec import Meta

from domain.base import Rejected
from domain.model import Kind, split_model_id
from domain.request import METADATA_BYTES, REQUESTS, Body, Problem, Request

MAX_PROBLEMS = 20  # the check stops there
MAX_DEPTH = 32  # levels of nesting in a field
_NOT_PARAMS = ("model", "projectId", "source", "sourceId", "metadata", "fallbackModels", "deadline", "webhook")


class ParsedRequest(NamedTuple):
    """A request, its problems, and the JSON object as sent.

    A field with a problem has its default, or is empty if it is required."""

    request: Request
    problems: list[Problem]
    sent: dict[str, Any]


def parse(kind: Kind, body: bytes, *, model: str | None = None) -> ParsedRequest:
    """Decode a body, once. `model` is added when the body has none, or null.

    Raises Rejected `not_json` when it is not a JSON object."""
    sent = decode_object(body)
    if model is not None and sent.get("model") is None:
        sent["model"] = model
    try:
        request = msgspec.convert(sent, REQUESTS[kind])
        if b"\\u0000" not in body and (request.metadata is None or _may_be_stored(request.metadata)):
            return ParsedRequest(request, [], sent)
    except (msgspec.ValidationError, RecursionError):
        pass  # the code below finds every problem
    return _parse_by_field(REQUESTS[kind], sent)


def decode_object(body: bytes) -> dict[str, Any]:
    """A body that is a JSON object. Raises Rejected `not_json` for any other."""
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("not_json", f"The body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise Rejected("not_json", 'The body must be a JSON object, such as {"prompt": "…", "model": "…"}.')
    return cast(dict[str, Any], value)


def params(kind: Kind, sent: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a request without problems, as sent, but without the `null` ones."""
    fields: dict[str, Any] = _integers_for_floats(REQUESTS[kind], sent)
    return {name: value for name, value in fields.items() if value is not None and name not in _NOT_PARAMS}


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


def _may_be_stored(metadata: dict[str, Any]) -> bool:
    return next(_unstorable(metadata, ""), None) is None and len(msgspec.json.encode(metadata)) <= METADATA_BYTES


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
