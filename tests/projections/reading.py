"""How much does a statement read? What PostgreSQL looked at, not how long it took."""

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString, NamedTuple

import msgspec

from adapters.postgres.database import Pool


class Reading(NamedTuple):
    """What a statement looked at: rows of tables and entries of indexes, and blocks of 8 kB."""

    rows: float
    blocks: int


async def explained(pool: Pool, statement: LiteralString, arguments: Sequence[object]) -> Reading:
    """Run a statement, and say how much it read."""
    [answer] = msgspec.json.decode(await pool.fetchval(_EXPLAIN + statement, *arguments))
    plan = answer["Plan"]
    rows = sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0))
        * node["Actual Loops"]
        for node in _nodes(plan)
        if "Relation Name" in node or "Index Name" in node
    )
    return Reading(rows, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


_EXPLAIN: LiteralString = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
