"""Are there enough connections? Each process puts its maximum into its application name, so that the next process can
add all of them up."""

import os
from typing import LiteralString, NamedTuple

from adapters.postgres.database import Pool


class Connections(NamedTuple):
    """The connections of a PostgreSQL server: `allowed` for its users, and `wanted` by all processes together."""

    allowed: int
    wanted: int


def named(dsn: str, role: str, max_connections: int) -> str:
    """The DSN for a process that opens at most `max_connections`. Its name overrides one in the address."""
    return f"{dsn}{'&' if '?' in dsn else '?'}application_name=pixel-{role}-{max_connections}-{os.urandom(4).hex()}"


async def count(pool: Pool, *, leaders: int) -> Connections:
    """Add up the maxima of all Pixel processes and the open connections of other clients. Raises the driver's errors.

    Each process with workers says that it may open `leaders` connections to keep the read models up. Only one process
    does, or two during an upgrade; any other opens one of them for a moment, to see whether it could."""
    [row] = await pool.fetch(_COUNT, leaders)
    return Connections(row[0], row[1])


_COUNT: LiteralString = r"""
WITH client AS (
    SELECT substring(application_name FROM '^pixel-\w+-(\d+)-\w+$')::int AS most, application_name,
           application_name !~ '^pixel-api-' AS works
    FROM pg_stat_activity WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
), process AS (
    SELECT DISTINCT application_name, most, works FROM client WHERE most IS NOT NULL
)
SELECT
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
    (SELECT coalesce(sum(most), 0) - greatest(count(*) FILTER (WHERE works) - 2, 0) * ($1::int - 1) FROM process)::int
        + (SELECT count(*) FROM client WHERE most IS NULL)::int
"""
