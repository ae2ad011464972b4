"""Are there connections for all? Each process says under which name it appears in PostgreSQL how many it may open, so
that the next one that starts can add them up."""

import os
from typing import LiteralString, NamedTuple

from adapters.postgres.database import Pool


class Connections(NamedTuple):
    """The connections of a PostgreSQL server: how many it has for its users, and how many may be wanted of it."""

    allowed: int
    wanted: int


def named(dsn: str, role: str, max_connections: int) -> str:
    """The address for the connections of one process that opens at most so many. Goes before a name in the address."""
    return f"{dsn}{'&' if '?' in dsn else '?'}application_name=pixel-{role}-{max_connections}-{os.urandom(4).hex()}"


async def count(pool: Pool) -> Connections:
    """Add up what the Pixel processes that are there may open, and what anybody else has open."""
    [row] = await pool.fetch(_COUNT)
    return Connections(row[0], row[1])


_COUNT: LiteralString = r"""
WITH client AS (
    SELECT substring(application_name FROM '^pixel-\w+-(\d+)-\w+$')::int AS most, application_name
    FROM pg_stat_activity WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
), process AS (
    SELECT DISTINCT application_name, most FROM client WHERE most IS NOT NULL
)
SELECT
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
    (SELECT coalesce(sum(most), 0) FROM process)::int + (SELECT count(*) FROM client WHERE most IS NULL)::int
"""
