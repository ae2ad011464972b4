"""A connection that knows arrays: which types they are is the same on every server, so nobody has to ask it.

asyncpg asks for every array type but `text[]` and `oid[]` when a statement on a connection first has one. That took
some 10 ms of the server's processor time, and three round trips, on each new connection."""

from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any, Final

import asyncpg

ELEMENTS: Final[Mapping[int, tuple[str, int]]] = {
    199: ("json", 114),
    1000: ("bool", 16),
    1001: ("bytea", 17),
    1007: ("int4", 23),
    1016: ("int8", 20),
    1022: ("float8", 701),
    1182: ("date", 1082),
    1185: ("timestamptz", 1184),
    1231: ("numeric", 1700),
    2951: ("uuid", 2950),
    3807: ("jsonb", 3802),
}
"""The name and the number of the elements, by the number of the array type: those that Pixel's statements have.
PostgreSQL gives a built-in type the same number in every version."""

_NOT_ASKED: Final = SimpleNamespace(name="not asked")


class ArrayConnection(asyncpg.Connection):  # pyright: ignore[reportMissingTypeArgument]
    """Asks the server only for types that are not built in.

    It overrides a private method of asyncpg 0.32. If another version calls it no more, connections ask again, which
    costs time and nothing else; a test would say so."""

    __slots__ = ()

    async def _introspect_types(
        self,
        typeoids: Collection[int],
        timeout: float | None,  # noqa: ASYNC109 - asyncpg's
    ) -> tuple[Any, Any]:
        """What the types are, and the statement that found it out; one without a name would have to be repeated."""
        if all(number in ELEMENTS for number in typeoids):
            return [_described(number) for number in typeoids], _NOT_ASKED
        return await super()._introspect_types(typeoids, timeout)  # type: ignore[misc,no-any-return]


def _described(number: int) -> dict[str, object]:
    """A row as the server would answer."""
    name, element = ELEMENTS[number]
    nothing = ("basetype", "range_subtype", "attrtypoids", "attrnames", "basetype_name", "range_subtype_name")
    known = {"oid": number, "ns": "pg_catalog", "name": f"_{name}", "kind": b"b", "elemtype": element, "elemdelim": ","}
    return {**dict.fromkeys(nothing), **known, "elemtype_name": name}
