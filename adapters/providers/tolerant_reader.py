"""How is read what a vendor sends? What decides, as it must be; anything beside it, as far as it can be read.

A count that comes as text, a null or an unknown member costs that member, and never the result that stands beside it.
Only where *absence* decides, as in a list that proves that an order never arrived, a body is read by
`decode_strictly`."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal, TypeVar, cast
from urllib.parse import quote, unquote_to_bytes

import msgspec
import structlog
from msgspec import inspect

from adapters.outbound.client import Reply
from domain.base import replace
from domain.provider import (
    Accepted,
    Finished,
    InDoubt,
    Missing,
    NoVerdict,
    Order,
    Output,
    RawAnswer,
    Sighting,
)

T = TypeVar("T")
V = TypeVar("V", bound=msgspec.Struct)

MAX_ANSWER_LETTERS: Final = 8192
MAX_MESSAGE_LETTERS: Final = 500
MAX_CODE_LETTERS: Final = 100
MAX_JOB_LETTERS: Final = 512
MAX_ADDRESS_LETTERS: Final = 16_384
LONGEST_SECONDS: Final = 1e9
MAX_TEXT_LETTERS: Final = 4_000_000
MAX_OUTPUTS: Final = 64
MAX_COUNTS: Final = 64
LARGEST_COUNT: Final = 2**53  # what JSON and SQL can count exactly
_MAX_IDS: Final = 8
_MAX_TOLD: Final = 10
_QUOTE_LETTERS: Final = 16  # so many of a caller's own are a quotation

logger = structlog.get_logger("pixel.providers")


class _Misfit(Exception):
    """A value that can't be read as what it should be."""


# --- A body ---


def decode_strictly(body: bytes, shape: type[T]) -> T | None:
    """A body as a struct, all of it; None when any member does not fit. For lists whose silence proves something."""
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def decode(body: bytes, shape: type[T]) -> T | None:
    """A body as a struct, with tolerance; None when it is no JSON, or a member without a default can't be read.

    What has a default does not decide and stands at it when it can't be read; numbers are taken from text and text from
    numbers, and one object where a list should be is a list of one. An element of a list that can't be read stands
    there empty if it can, so that the places of the others stay what they are."""
    found = decode_strictly(body, shape)
    if found is not None:
        return found
    bent: list[str] = []
    try:
        found = _fitted(_parsed(body), _shape(cast(Any, shape)), "", bent)
    except (_Misfit, ValueError, RecursionError):
        return None
    logger.info("answer read with tolerance", shape=getattr(shape, "__name__", str(shape)), members=bent[:_MAX_TOLD])
    return cast(T, found)


def parsed(body: bytes) -> Any:
    """A body as JSON of whatever form; None when it is none."""
    try:
        return _parsed(body)
    except (ValueError, RecursionError):
        return None


def json_objects(body: bytes) -> list[dict[str, Any]]:
    """The objects of a body, one after the other, cut neither by lines nor by chunks, up to the last whole one."""
    text, at, found = body.decode("utf-8", "replace"), 0, list[dict[str, Any]]()
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = _LENIENT.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(members(value))
    return found


def members(value: object) -> dict[str, Any]:
    """What an object holds; nothing when it is no object."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def elements(value: object) -> list[Any] | None:
    """What a list holds, and an object that stands alone as a list of one; None when it is neither."""
    if isinstance(value, list):
        return value  # pyright: ignore[reportUnknownVariableType]
    return [value] if isinstance(value, dict) else None


@cache
def _shape(shape: Any) -> inspect.Type:
    return inspect.type_info(shape)


def _parsed(body: bytes) -> Any:
    """JSON as Python reads it: any Unicode encoding, half surrogates, numbers without end. Raises ValueError."""
    text = body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff").lstrip()
    return _LENIENT.raw_decode(text)[0]


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 100 else float(digits)


_LENIENT: Final = json.JSONDecoder(parse_int=_whole, parse_constant=lambda _: None)


def _fitted(value: Any, shape: inspect.Type, place: str, bent: list[str]) -> Any:
    """The value as the shape wants it. Raises _Misfit. `bent` collects the places where it was not so."""
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
    """The first that it is; else the first that it can be read as."""
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
    """A code, a status or a message: text, or a number as text; None for what is neither, and where nothing is said."""
    try:
        return _str(value).strip() or None
    except _Misfit:
        return None


def count(value: object) -> int | None:
    """Something that was counted, rounded up, from a number or from text; None for what is no count."""
    try:
        number = value if isinstance(value, int) and not isinstance(value, bool) else _float(value)
    except _Misfit:
        return None
    whole = int(number) + (number > int(number))
    return whole if 0 <= whole <= LARGEST_COUNT else None


def counts(value: object) -> dict[str, int]:
    """All that is a count in an object, by name; nothing when it is no object."""
    if not isinstance(value, dict):
        return {}
    found = {str(name): count(each) for name, each in cast(dict[str, Any], value).items()}
    return {name: number for name, number in found.items() if number is not None}


# --- A word for how a job is doing ---

JobStatus = Literal["queued", "running", "done", "failed", "expired", "cancelled"]

_SYNONYMS: Final[dict[JobStatus, str]] = {
    "queued": "submitted created pending preparing queued queueing in_queue waiting",
    "running": "processing running in_progress inprogress started generating working",
    "done": "succeed succeeded success successful done complete completed finished ready ok",
    "failed": "fail failed failure error errored",
    "expired": "expired timeout timed_out",
    "cancelled": "cancelled canceled aborted",
}
_WORDS: Final[dict[str, JobStatus]] = {word: means for means, words in _SYNONYMS.items() for word in words.split()}


def job_status(word: object, more: Mapping[str, JobStatus] | None = None) -> JobStatus | None:
    """What a vendor's word for how a job is doing means; None for one that nobody knows. `more` are its own words."""
    plain = "_".join(re.findall(r"[a-z]+", word[:100].lower())) if isinstance(word, str) else ""
    return (more or {}).get(plain) or _WORDS.get(plain)


# --- An output ---

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NOT_IN_AN_ADDRESS: Final = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*")
_MEDIA: Final = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|BM|RIFF|....ftyp|\x1a\x45\xdf\xa3|OggS|fLaC|ID3|\xff[\xe0-\xff]", re.DOTALL
)


def output(index: int, text: str | None, *, inline: bool = False) -> Output | None:
    """One output, however it is written: an address, a `data:` URL, or base64; None for what is none of these.

    Which it is, is told by what stands there and not by the member that it stands in; but a path may look like base64,
    so base64 of an unknown kind of file is read only from a member that is for it, which is `inline`."""
    written = (text or "").strip()
    if _SCHEME.match(written):
        return Output(index=index, url=address(written)) if len(written) <= MAX_ADDRESS_LETTERS else None
    data, is_data_url = from_base64(written), written[:5].lower() == "data:"
    if data and (inline or is_data_url or is_media(data)):
        return Output(index=index, data=data)
    if is_data_url:
        return None
    is_path = "/" in written and not inline and len(written) <= MAX_ADDRESS_LETTERS
    return Output(index=index, url=address(written)) if is_path else None


def is_media(data: bytes) -> bool:
    """Whether something begins as a file of media does."""
    return _MEDIA.match(data) is not None


def address(text: str) -> str:
    """An address as it is sent: without line breaks, and with what may not stand in one written in percents."""
    joined = re.sub(r"[\t\r\n]", "", text.strip())
    return _NOT_IN_AN_ADDRESS.sub(lambda found: quote(found[0], safe="", errors="replace"), joined)


def from_base64(text: str) -> bytes | None:
    """Bytes out of base64 in any of its forms: with line breaks, URL-safe, without padding, or as a `data:` URL."""
    if text[:5].lower() == "data:":
        return _data_url(text)
    plain = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    if not plain or len(plain) % 4 == 1 or not _BASE64.fullmatch(plain):
        return None
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return None


def _data_url(text: str) -> bytes | None:
    head, comma, body = text.partition(",")
    if not comma:
        return None
    return from_base64(unquote_to_bytes(body).decode("latin-1")) if "base64" in head.lower() else unquote_to_bytes(body)


def unreadable_output(index: int) -> Missing:
    """An output that the provider made, and nobody can read: it was paid for."""
    return Missing(index=index, code="unreadable", message="The provider sent an output that can't be read.")


# --- What can't be read ---


def raw_answer(reply: Reply) -> RawAnswer:
    """An answer, to be kept with a doubt. It goes through `cleaned` like everything, which takes the keys out."""
    return RawAnswer(
        status=reply.status,
        body=reply.body[: MAX_ANSWER_LETTERS * 8].decode("utf-8", "replace"),
        bytes=len(reply.body),
        sha256=hashlib.sha256(reply.body).hexdigest(),
        media_type=reply.headers.get("content-type", ""),
        ids=_ids(reply.body),
    )


def _ids(body: bytes) -> dict[str, str]:
    """What looks like the name of something in an answer: short texts and whole numbers under `id` or `…_id`."""
    try:
        value = _parsed(body)
    except (ValueError, RecursionError):
        return {}
    found: dict[str, str] = {}
    level: list[Any] = [value]
    for _ in range(4):
        deeper: list[Any] = []
        for each in level[:64]:
            if isinstance(each, list):
                items: list[Any] = each  # pyright: ignore[reportUnknownVariableType]
                deeper += items
            elif isinstance(each, dict):
                for name, inner in cast(dict[str, Any], each).items():
                    named = re.search(r"(?i)(^|_)id$|[a-z]Id$", name) and len(found) < _MAX_IDS and len(name) < 40
                    if named and isinstance(inner, str | int) and not isinstance(inner, bool):
                        if 0 < len(str(inner)) <= 200:
                            found.setdefault(name, str(inner))
                    elif isinstance(inner, dict | list):
                        deeper.append(inner)
        level = deeper
    return found


def with_raw_answer(seen: Sighting, reply: Reply) -> Sighting:
    """A sighting with the answer that it comes from, where what decides could not be read in it."""
    match seen:
        case InDoubt(answer=None):
            return replace(seen, answer=raw_answer(reply))
        case NoVerdict(answer=None) if reply.ok:
            return replace(seen, answer=raw_answer(reply))
        case Finished(answer=None) if not seen.outputs or any(each.code == "unreadable" for each in seen.missing):
            return replace(seen, answer=raw_answer(reply))
        case _:
            return seen


def unreadable_answer(reply: Reply) -> InDoubt:
    """An answer that is neither a yes nor a no: the work may have been done."""
    return InDoubt(reason=f"an answer that can't be read (HTTP {reply.status})", answer=raw_answer(reply))


def server_error(reply: Reply) -> InDoubt:
    """A 5xx to an order: it may have arrived and been done."""
    return InDoubt(reason=f"the provider failed while it had the order (HTTP {reply.status})", answer=raw_answer(reply))


# --- What is written down ---


def redacted(text: object, *, secrets: Sequence[str] = ()) -> str:
    """What a vendor said, fit to be shown: bounded, on one line, without keys and addresses."""
    line = " ".join(_without(_printable(str(text or "")[: MAX_ANSWER_LETTERS * 4]), secrets).split())
    return _ADDRESS.sub("(address)", line)[:MAX_MESSAGE_LETTERS]


def cleaned(seen: V, secrets: Sequence[str], private: Sequence[str] = ()) -> V:
    """A sighting as it may be written down for ever: bounded, without keys, and without what no database takes.

    The one place through which all passes that a vendor says. `secrets` are the parts of the key; `private`, such as
    the prompt, is taken out of codes only: those are counted, logged and compared."""
    changes: dict[str, Any] = {}
    for field in seen.__struct_fields__:
        value = getattr(seen, field)
        new = _cleaned(field, value, secrets, private)
        if new is not value:
            changes[field] = new
    if isinstance(seen, Finished) and len(seen.outputs) > MAX_OUTPUTS:
        too_many = f"the provider sent {len(seen.outputs)} outputs: the first {MAX_OUTPUTS} are kept"
        changes["notes"] = (*changes.get("notes", seen.notes), too_many)
    return replace(seen, **changes) if changes else seen


def _cleaned(field: str, value: Any, secrets: Sequence[str], private: Sequence[str]) -> Any:
    match value:
        case str():
            return _cleaned_text(field, value, secrets, private)
        case msgspec.Struct():
            return cleaned(value, secrets, private)
        case tuple():
            items: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
            return tuple(_cleaned(field, item, secrets, private) for item in items[:MAX_OUTPUTS])
        case dict():
            members = cast(dict[str, Any], value)
            return {
                _without(_printable(name), secrets)[:MAX_CODE_LETTERS]: _cleaned(field, each, secrets, private)
                for name, each in list(members.items())[:MAX_COUNTS]
                if not isinstance(each, int) or abs(each) <= LARGEST_COUNT
            }
        case float() if field.endswith("_seconds") and not 0 <= value <= LONGEST_SECONDS:
            return None  # no date is so far away
        case _:
            return value


def _cleaned_text(field: str, text: str, secrets: Sequence[str], private: Sequence[str]) -> str:
    if field in {"code", "provider_code"}:
        code = " ".join(_without(_printable(text[:MAX_ANSWER_LETTERS]), (*secrets, *private)).split())
        return "***" if _quotes(code[:MAX_CODE_LETTERS], private) else code[:MAX_CODE_LETTERS]
    if field == "url":  # where the result lies: its parts may look like keys
        return text
    if field == "body":
        return _without(_storable(text), secrets, patterns=False)[:MAX_ANSWER_LETTERS]
    if field == "text":
        kept = _without(_storable(text), secrets, patterns=False)
        return kept if len(kept) <= MAX_TEXT_LETTERS else kept[:MAX_TEXT_LETTERS]
    if field == "job":
        return text  # whole or not at all: see `is_valid_name`
    return _without(_printable(text[: MAX_ANSWER_LETTERS * 4]), secrets)[:MAX_MESSAGE_LETTERS]


def accepted_job(job: str | None, reply: Reply) -> Accepted | InDoubt:
    """The job that an answer names. One that can't be asked for or written down by its name is as good as none."""
    return Accepted(job=job) if job and is_valid_name(job) else unreadable_answer(reply)


def is_valid_name(job: str) -> bool:
    """Whether a job can be asked for and written down by this name."""
    return 0 < len(job) <= MAX_JOB_LETTERS and _printable(job) == job


def private_texts(order: Order) -> tuple[str, ...]:
    """The texts of an order that are the caller's own."""
    params = order.params
    messages: list[Any] = params.get("messages") or []
    contents = (cast(dict[str, Any], each).get("content") for each in messages if isinstance(each, dict))
    wanted: tuple[object, ...] = (params.get("prompt"), params.get("negativePrompt"), params.get("system"), *contents)
    return tuple(text for text in wanted if isinstance(text, str) and len(text) > 3)


def _quotes(code: str, private: Sequence[str]) -> bool:
    """Whether a part of a text stands in it: a prompt may be repeated by its beginning only."""
    pieces = [code[start : start + _QUOTE_LETTERS] for start in range(len(code) - _QUOTE_LETTERS + 1)]
    return any(piece in text for text in (" ".join(each.split()) for each in private) for piece in pieces)


def _without(text: str, secrets: Sequence[str], *, patterns: bool = True) -> str:
    for secret in secrets:
        if len(secret) > 3:  # as it is, as some write a slash in JSON, and as it stands in an address
            for written in {secret, secret.replace("/", "\\/"), quote(secret, safe="", errors="replace")}:
                text = text.replace(written, "***")
    return _SECRET.sub("***", text) if patterns else text


def _storable(text: str) -> str:
    """Without U+0000, which no text in PostgreSQL holds, and without halves of surrogates, which are no text."""
    return _UNSTORABLE.sub("\ufffd", text)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)


_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SECRET: Final = re.compile(
    r"(?i)\b(?:bearer\s+\S+|(?:sk|ms|r8|ak|key)-[A-Za-z0-9_*-]{6,}|AIza[\w-]{10,}|AQ\.[\w-]{10,}|eyJ[\w-]+\.[\w.-]+)"
)
_ADDRESS: Final = re.compile(r"https?://\S+")
