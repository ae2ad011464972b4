"""Which values can stand on a canvas? What the types do not say, in words for whoever sent them."""

from typing import Any, get_args

import msgspec

from domain.canvas.ops import OPTIONAL, REQUIRED, STRUCTURED, NodeSet, param_of, read
from domain.canvas.words import MAX_PARAMS, MAX_TEXT_BYTES, Node

MAX_BODY_BYTES = 256 * 1024
"""Of the request in a run."""
_MAX_PARAM_NAME = 64
_FIELDS = ", ".join([*REQUIRED, *OPTIONAL]) + " or params.NAME"


def node_problem(node: Node) -> str | None:
    """What is wrong with a new node, after the name of its field; None: nothing."""
    for field in ("prompt", "note", "pick", "run"):
        if problem := _size_problem(field, getattr(node, field)):
            return f"{field}: {problem}"
    if len(node.params) > MAX_PARAMS:
        return f"params: may be {MAX_PARAMS} at most"
    for name, value in node.params.items():
        if problem := _param_problem(name, value):
            return f"params.{name[:_MAX_PARAM_NAME]}: {problem}"
    return None


def value_problem(field: str, now: Any) -> str | None:
    """What is wrong with a field's new value, or with its name; None: nothing."""
    name = param_of(field)
    if name is not None:
        return _param_problem(name, now)
    if field not in REQUIRED and field not in OPTIONAL:
        return f"'{field}' is no field of a node: choose {_FIELDS}"
    if now is None:
        return f"{field} can't be taken away" if field in REQUIRED else None
    try:
        value = read(field, now)
    except msgspec.ValidationError as error:
        message, _, inner = str(error).partition(" - at `$")
        inner = inner.strip(".`")
        return f"{inner}: {message[0].lower()}{message[1:]}" if inner else message[0].lower() + message[1:]
    return _size_problem(field, value)


def stray_field(sent: Any, shape: type[msgspec.Struct]) -> str | None:
    """A name in a JSON object that its struct does not know, however deep; None: there is none. Stored events may have
    such names, of a newer Pixel, so that the structs themselves let them pass."""
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(shape)}
    if tag := shape.__struct_config__.tag_field:
        fields[tag] = str
    for name, value in sent.items():
        if name not in fields:
            return str(name)
        inner = _struct_in(fields[name])
        if inner is not None and isinstance(value, dict) and (stray := stray_field(value, inner)):
            return f"{name}.{stray}"
    if shape is NodeSet and isinstance(now := sent.get("now"), dict) and sent.get("field") in STRUCTURED:
        return f"now.{stray}" if (stray := stray_field(now, STRUCTURED[sent["field"]])) else None
    return None


def _struct_in(type_: Any) -> type[msgspec.Struct] | None:
    for each in (type_, *get_args(type_)):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            return each
        if each is not type_ and (found := _struct_in(each)):
            return found
    return None


def _param_problem(name: str, value: Any) -> str | None:
    if not name or len(name) > _MAX_PARAM_NAME or not name.isprintable():
        return f"the name of a parameter has 1 to {_MAX_PARAM_NAME} printable characters"
    return _too_long(msgspec.json.encode(value), MAX_TEXT_BYTES)


def _size_problem(field: str, value: Any) -> str | None:
    match field, value:
        case _, None:
            return None
        case (("prompt" | "note"), str()):
            return _too_long(value.encode(), MAX_TEXT_BYTES)
        case "pick", _:
            return _too_long((value.text or "").encode(), MAX_TEXT_BYTES)
        case "run", _:
            return _too_long(msgspec.json.encode(value.body), MAX_BODY_BYTES)
        case _:
            return None


def _too_long(data: bytes, limit: int) -> str | None:
    return None if len(data) <= limit else f"may have {limit} bytes at most, and has {len(data)}"
