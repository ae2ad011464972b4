"""What does a value look like as text that is equal wherever it is made? JSON without spaces, names sorted by code
point, numbers as JavaScript writes them: the studio makes the same text."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

_EXACT = 2**53  # JavaScript has no integers beyond this


def digest(value: Any) -> str:
    """The first 16 hex digits of the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]


def canonical(value: Any) -> str:
    """The canonical JSON of a value that came from JSON."""
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return _number(value)
        case Mapping():
            fields = cast(Mapping[str, Any], value)
            return "{" + ",".join(f"{canonical(name)}:{canonical(fields[name])}" for name in sorted(fields)) + "}"
        case _:
            return "[" + ",".join(map(canonical, cast(Sequence[Any], value))) + "]"


def _number(value: float) -> str:
    """A number as ECMAScript's Number::toString has it: both languages find the same shortest digits, and differ in
    when they write an exponent."""
    if isinstance(value, int) and abs(value) <= _EXACT:
        return str(value)
    value = float(value)
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + int(exponent)  # where the point stands, counted from the first digit
    if 0 < point <= 21:
        text = text.ljust(point, "0")
        text = f"{text[:point]}.{text[point:]}" if text[point:] else text
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        rest = f".{text[1:]}" if text[1:] else ""
        text = f"{text[0]}{rest}e{point - 1:+d}"
    return f"-{text}" if sign else text
