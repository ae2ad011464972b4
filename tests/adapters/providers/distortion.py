"""In which unusual forms may a good answer arrive? Functions from JSON to JSON, from bytes to bytes, from text to text.

The forms are those that vendors, gateways and stores have been seen to send; none removes the result from the
answer."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Json = Any
Change = Callable[[Json], Json]

DROPPED = object()
HUGE_TEXT = "x" * 100_000
HUGE_NUMBER = 10**400
NASTY = "\x00 \ud83d \x1b[31m"


class Twice(list[tuple[str, Json]]):
    """An object that has each member twice."""


def dumps(value: Json) -> str:
    """JSON as text, with what `json.dumps` can't write: duplicate members, and lone surrogates."""
    if isinstance(value, Twice):
        return "{" + ",".join(f"{json.dumps(name)}:{dumps(each)}" for name, each in value for _ in range(2)) + "}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{dumps(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value)


# --- Members besides the result ---

RETYPED: dict[str, Change] = {
    "dropped": lambda _: DROPPED,
    "null": lambda _: None,
    "text for numbers, numbers for text": lambda value: 7 if isinstance(value, str) else str(value),
    "float": lambda value: float(value) if isinstance(value, int) and not isinstance(value, bool) else [value],
    "a fraction": lambda value: 0.5 if isinstance(value, int | float) else f"{value} and more",
    "huge": lambda value: HUGE_TEXT if isinstance(value, str) else HUGE_NUMBER,
    "negative": lambda value: -1 if isinstance(value, int | float) else "",
    "an object": lambda _: {"a": 1},
    "a list": lambda value: [value, value],
    "true": lambda _: True,
    "nasty text": lambda value: f"{NASTY}{value}",
}


def change_optional(value: Json, decides: frozenset[str], change: Change) -> Json:
    """The same answer with every member changed, except those that decide and those that contain one that does."""
    if isinstance(value, list):
        return [change_optional(each, decides, change) for each in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Json] = {}
    for name, each in value.items():
        if name in decides or _holds(each, decides):
            found[name] = change_optional(each, decides, change)
        elif (changed := change(each)) is not DROPPED:
            found[name] = changed
    return found


def change_optional_leaves(value: Json, decides: frozenset[str], change: Change) -> Json:
    """The same, but containers stay as they are: only the values in them change."""

    def leaf(each: Json) -> Json:
        if isinstance(each, dict):
            changed = {name: leaf(inner) for name, inner in each.items()}
            return {name: inner for name, inner in changed.items() if inner is not DROPPED}
        if isinstance(each, list):
            return [inner for inner in map(leaf, each) if inner is not DROPPED]
        return change(each)

    return change_optional(value, decides, leaf)


def with_strangers(value: Json) -> Json:
    """Every object with unknown members added."""
    if isinstance(value, list):
        return [with_strangers(each) for each in value]
    if not isinstance(value, dict):
        return value
    known = {name: with_strangers(each) for name, each in value.items()}
    return {"x_unknown": {"deep": [1, None, "text"]}, **known, "x_flag": True}


def doubled(value: Json) -> Json:
    """Every member twice."""
    if isinstance(value, list):
        return [doubled(each) for each in value]
    if not isinstance(value, dict):
        return value
    return Twice((name, doubled(each)) for name, each in value.items())


def _holds(value: Json, decides: frozenset[str]) -> bool:
    if isinstance(value, list):
        return any(_holds(each, decides) for each in value)
    if isinstance(value, dict):
        return any(name in decides or _holds(each, decides) for name, each in value.items())
    return False


# --- The members that decide, each by itself ---

UNREADABLE: dict[str, Change] = {
    "dropped": lambda _: DROPPED,
    "null": lambda _: None,
    "an object": lambda _: {"a": 1},
    "huge": lambda _: HUGE_TEXT,
    "true": lambda _: True,
    "nasty text": lambda value: f"{NASTY}{value}",
}


def deciding(value: Json, decides: frozenset[str], place: str = "") -> Iterator[str]:
    """The places of the members that decide, lists taken as one."""
    if isinstance(value, list):
        for each in value:
            yield from deciding(each, decides, f"{place}[]")
    elif isinstance(value, dict):
        for name, each in value.items():
            here = f"{place}.{name}"
            if name in decides:
                yield here
            yield from deciding(each, decides, here)


def changed_at(value: Json, wanted: str, change: Change, place: str = "") -> Json:
    """The same with the value at one place changed."""
    if isinstance(value, list):
        return [changed_at(each, wanted, change, f"{place}[]") for each in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Json] = {}
    for name, each in value.items():
        here = f"{place}.{name}"
        new = change(each) if here == wanted else changed_at(each, wanted, change, here)
        if new is not DROPPED:
            found[name] = new
    return found


# --- The body as a whole ---


class Wrapped(NamedTuple):
    """A body in another form, with the headers that come with it; a header that is None is left out."""

    body: bytes
    headers: dict[str, str | None] = {}
    pieces: int = 1
    status: int | None = None


def _deflated(body: bytes, window: int) -> bytes:
    engine = zlib.compressobj(wbits=window)
    return engine.compress(body) + engine.flush()


BODIES: dict[str, Callable[[bytes], Wrapped]] = {
    "gzip": lambda body: Wrapped(gzip.compress(body), {"content-encoding": "gzip"}),
    "gzip, unsaid": lambda body: Wrapped(gzip.compress(body)),
    "deflate": lambda body: Wrapped(_deflated(body, zlib.MAX_WBITS), {"content-encoding": "deflate"}),
    "raw deflate": lambda body: Wrapped(_deflated(body, -zlib.MAX_WBITS), {"content-encoding": "deflate"}),
    "only said to be gzip": lambda body: Wrapped(body, {"content-encoding": "gzip"}),
    "only said to be br": lambda body: Wrapped(body, {"content-encoding": "br"}),
    "aws-chunked": lambda body: Wrapped(body, {"content-encoding": "aws-chunked"}),
    "coding utf-8": lambda body: Wrapped(body, {"content-encoding": "UTF-8"}),
    "no coding": lambda body: Wrapped(body, {"content-encoding": ""}),
    "in chunks": lambda body: Wrapped(body, {}, 5),
    "of no type": lambda body: Wrapped(body, {"content-type": None}),
    "text/plain": lambda body: Wrapped(body, {"content-type": "text/plain"}),
    "any type": lambda body: Wrapped(body, {"content-type": "*/*"}),
    "a download": lambda body: Wrapped(body, {"content-type": "application/x-download"}),
    "octets": lambda body: Wrapped(body, {"content-type": "application/octet-stream"}),
    "type in quotes": lambda body: Wrapped(body, {"content-type": '"image/png"'}),
    "status 203": lambda body: Wrapped(body, {}, 1, 203),
}
TEXTS: dict[str, Callable[[bytes], Wrapped]] = {
    "with a BOM": lambda body: Wrapped(b"\xef\xbb\xbf" + body),
    "after blank lines": lambda body: Wrapped(b"\r\n\n  " + body),
    "with a line after it": lambda body: Wrapped(body + b"\r\n"),
    "created": lambda body: Wrapped(body, {}, 1, 201),
    "accepted": lambda body: Wrapped(body, {}, 1, 202),
}


# --- Media in the answer ---


def _lines(text: str) -> str:
    return "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76))


BASE64: dict[str, Callable[[str], str]] = {
    "in lines": _lines,
    "for URLs": lambda text: text.replace("+", "-").replace("/", "_"),
    "without padding": lambda text: text.rstrip("="),
    "for URLs, without padding": lambda text: text.replace("+", "-").replace("/", "_").rstrip("="),
    "a data URL": lambda text: f"data:application/octet-stream;base64,{text}",
    "a data URL in lines": lambda text: f"data:;base64,{_lines(text)}",
    "with blanks around": lambda text: f" {text}\n",
}


def is_base64(value: object) -> bool:
    """Whether a text looks like media in base64."""
    if not isinstance(value, str) or len(value) < 64 or value.startswith("http"):
        return False
    try:
        return len(base64.b64decode(value, validate=True)) > 32
    except ValueError:
        return False


ADDRESSES: dict[str, Callable[[str], str]] = {
    "with blanks around": lambda url: f"  {url}\n",
    "in capitals": lambda url: url.replace("http://", "HTTP://", 1),
    "with a blank in its path": lambda url: url.replace("/_files/", "/_files/a b/", 1),
    "with a blank in its query": lambda url: f"{url}{'&' if '?' in url else '?'}name=a b",
    "with a broken line": lambda url: url[:-3] + "\r\n" + url[-3:],
}


def everywhere(value: Json, fits: Callable[[object], bool], change: Callable[[Any], Json]) -> Json:
    """The same with every matching text changed."""
    if isinstance(value, list):
        return [everywhere(each, fits, change) for each in value]
    if isinstance(value, dict):
        return {name: everywhere(each, fits, change) for name, each in value.items()}
    return change(value) if fits(value) else value
