"""How is a vendor's JSON read? A member that decides must be right; any other member is read as far as it can be.

A count that comes as text, a null or an unknown member costs that member, and never the result beside it. Only where
*absence* proves something, as in a list that shows that an order never arrived, use `decode_strictly`."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, TypeVar, cast

import msgspec
import structlog
from msgspec import inspect

T = TypeVar("T")

LARGEST_COUNT: Final = 2**53  # what JSON and SQL can count exactly
_MAX_LOGGED: Final = 10

logger = structlog.get_logger("pixel.providers")


class _Misfit(Exception):
    """A value does not fit the type that it should have."""


# --- A body ---


def decode_strictly(body: bytes, shape: type[T]) -> T | None:
    """A body as a struct; None when any member does not fit. For lists in which absence proves something."""
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def decode(body: bytes, shape: type[T]) -> T | None:
    """A body as a struct, with tolerance; None when the body is no JSON, or a member without a default can't be read.

    A member with a default decides nothing, and keeps its default when it can't be read. Numbers are read from text and
    text from numbers; a single object stands for a list of one. An unreadable element of a list becomes an empty struct
    where its type allows that, so that the other elements keep their index."""
    found = decode_strictly(body, shape)
    if found is not None:
        return found
    bent: list[str] = []
    try:
        found = _fitted(_parsed(body), _shape(cast(Any, shape)), "", bent)
    except (_Misfit, ValueError, RecursionError):
        return None
    logger.info("answer read with tolerance", shape=getattr(shape, "__name__", str(shape)), members=bent[:_MAX_LOGGED])
    return cast(T, found)


def parsed(body: bytes) -> Any:
    """A body as JSON of any form; None when it is no JSON."""
    try:
        return _parsed(body)
    except (ValueError, RecursionError):
        return None


def json_objects(body: bytes) -> list[dict[str, Any]]:
    """The JSON objects in a body, one after the other, whatever separates them, up to the last complete one."""
    text, at, found = body.decode("utf-8", "replace"), 0, list[dict[str, Any]]()
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = _LENIENT.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(members(value))
    return found


def members(value: object) -> dict[str, Any]:
    """The members of a JSON object; empty when the value is no object."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def elements(value: object) -> list[Any] | None:
    """The elements of a JSON array; a single object counts as an array of one; None when the value is neither."""
    if isinstance(value, list):
        return value  # pyright: ignore[reportUnknownVariableType]
    return [value] if isinstance(value, dict) else None


@cache
def _shape(shape: Any) -> inspect.Type:
    return inspect.type_info(shape)


def _parsed(body: bytes) -> Any:
    """JSON as Python reads it: any Unicode encoding, half surrogates, numbers of any length. Raises ValueError."""
    text = body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff").lstrip()
    return _LENIENT.raw_decode(text)[0]


def _number_of(digits: str) -> int | float:
    return int(digits) if len(digits) < 100 else float(digits)


_LENIENT: Final = json.JSONDecoder(parse_int=_number_of, parse_constant=lambda _: None)


def _fitted(value: Any, shape: inspect.Type, place: str, bent: list[str]) -> Any:
    """The value as the type wants it. Raises _Misfit. Adds the paths of members that were read with tolerance to
    `bent`."""
    match shape:
        case inspect.AnyType():
            return value
        case inspect.UnionType(types=types):
            return _of_one(value, types, place, bent)
        case inspect.StructType():
            return _struct(value, shape, place, bent)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            items = _items(value, item, place, bent)
            return tuple(items) if isinstance(shape, inspect.VarTupleType) else items
        case inspect.DictType(value_type=kind) if isinstance(value, dict):
            return dict(_members(cast(dict[str, Any], value), kind, place, bent))
        case inspect.RawType():
            return msgspec.Raw(json.dumps(value).encode())  # which can write halves of surrogates
        case inspect.LiteralType(values=values) if value in values:
            return value
        case inspect.NoneType() if value is None:
            return None
        case inspect.BoolType():
            return _bool(value)
        case inspect.IntType():
            return _int(value)
        case inspect.FloatType():
            return _float(value)
        case inspect.StrType():
            return _str(value)
        case _:
            raise _Misfit


def _of_one(value: Any, types: Sequence[inspect.Type], place: str, bent: list[str]) -> Any:
    """The value as the first type that matches it, else as the first type that it can be converted to."""
    for kind in types:
        if isinstance(value, _PLAIN.get(type(kind), ())) and not (isinstance(value, bool) and type(kind) is not _BOOL):
            return _fitted(value, kind, place, bent)
    for kind in types:
        try:
            return _fitted(value, kind, place, bent)
        except _Misfit:
            continue
    raise _Misfit


_BOOL: Final = inspect.BoolType
_PLAIN: Final[dict[type[inspect.Type], Any]] = {
    inspect.NoneType: type(None),
    inspect.BoolType: bool,
    inspect.IntType: int,
    inspect.FloatType: (int, float),
    inspect.StrType: str,
    inspect.StructType: dict,
    inspect.DictType: dict,
    inspect.ListType: list,
    inspect.VarTupleType: list,
    inspect.AnyType: object,
}


def _struct(value: Any, shape: inspect.StructType, place: str, bent: list[str]) -> Any:
    if not isinstance(value, dict):
        raise _Misfit
    given = cast(dict[str, Any], value)
    found: dict[str, Any] = {}
    for field in shape.fields:
        here = f"{place}.{field.encode_name}"
        if field.encode_name not in given:
            if field.required:
                raise _Misfit
            continue
        try:
            found[field.name] = _fitted(given[field.encode_name], field.type, here, bent)
        except _Misfit:
            if field.required:
                raise
            bent.append(here)
    return shape.cls(**found)


def _items(value: Any, item: inspect.Type, place: str, bent: list[str]) -> list[Any]:
    if isinstance(value, dict):
        value = [value]
        bent.append(place)
    if not isinstance(value, list):
        raise _Misfit
    found: list[Any] = []
    items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
    for number, each in enumerate(items):
        here = f"{place}[{number}]"
        try:
            found.append(_fitted(each, item, here, bent))
        except _Misfit:
            bent.append(here)
            if isinstance(item, inspect.StructType) and not any(field.required for field in item.fields):
                found.append(item.cls())
    return found


def _members(value: dict[str, Any], kind: inspect.Type, place: str, bent: list[str]) -> Iterable[tuple[str, Any]]:
    here = f"{place}.*"  # the names are the vendor's, and could be anything
    for name, each in value.items():
        try:
            yield name, _fitted(each, kind, here, bent)
        except _Misfit:
            bent.append(here)


def _bool(value: Any) -> bool:
    words: dict[Any, bool] = {1: True, 0: False, "true": True, "false": False}  # True is 1
    if isinstance(value, str | int | float) and value in words:
        return words[value]
    raise _Misfit


def _int(value: Any) -> int:
    exact = isinstance(value, int) or (isinstance(value, str) and value.isascii() and value.isdecimal())
    number = int(value) if exact and not isinstance(value, bool) and len(str(value)) < 100 else _float(value)
    if abs(number) >= 2**63 or number != int(number):
        raise _Misfit
    return int(number)


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _Misfit
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _Misfit from None
    if number - number != 0:  # no number, or beyond all of them
        raise _Misfit
    return number


def _str(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Misfit
    return str(int(value)) if value == value // 1 else str(value)


def as_text(value: object) -> str | None:
    """A code, a status or a message: text, or a number as text; None for anything else and for empty text."""
    try:
        return _str(value).strip() or None
    except _Misfit:
        return None


def count(value: object) -> int | None:
    """A non-negative integer, rounded up, from a number or from text; None for anything else."""
    try:
        number = value if isinstance(value, int) and not isinstance(value, bool) else _float(value)
    except _Misfit:
        return None
    rounded_up = int(number) + (number > int(number))
    return rounded_up if 0 <= rounded_up <= LARGEST_COUNT else None


def counts(value: object) -> dict[str, int]:
    """All members of an object that are counts, by name; empty when the value is no object."""
    if not isinstance(value, dict):
        return {}
    found = {str(name): count(each) for name, each in cast(dict[str, Any], value).items()}
    return {name: number for name, number in found.items() if number is not None}
