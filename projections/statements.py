"""How is a statement put together that has only the conditions that are asked for? From constants, with numbered
arguments."""

from collections.abc import Iterable
from typing import LiteralString, NamedTuple, TypeAlias

Condition: TypeAlias = tuple[LiteralString, object]
"""The beginning of a condition, up to its argument, and the value; None: it is not asked for."""


class Statement(NamedTuple):
    """SQL and its arguments."""

    sql: LiteralString
    arguments: list[object]


def conditions(asked: Iterable[Condition], arguments: list[object]) -> LiteralString:
    """The conditions that have a value. Adds the values to the arguments."""
    found: LiteralString = ""
    for condition, value in asked:
        if value is not None:
            found += condition + _PLACES[len(arguments)]
            arguments.append(value)
    return found


_PLACES: tuple[LiteralString, ...] = (
    *("$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8"),
    *("$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16"),
)
