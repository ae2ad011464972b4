"""How many connections may all processes together open?"""

import asyncpg

from adapters.postgres.connection_budget import count, named
from adapters.postgres.database import open_pool


async def test_the_connections_of_all_processes_are_added_up(database_url: str) -> None:
    """A process counts once, with the maximum that it may open; other clients count with their open connections."""
    pool = await open_pool(database_url, size=1)
    try:
        before = await count(pool, leaders=4)
        assert before.allowed == int(await pool.fetchval("SHOW max_connections")) - 3
        processes = [
            named(database_url, "worker", 14),
            named(database_url, "worker", 14),
            named(database_url, "api", 10),
        ]
        others = [await asyncpg.connect(dsn) for dsn in (*processes, processes[0], database_url)]
        try:
            after = await count(pool, leaders=4)
        finally:
            for connection in others:
                await connection.close()
        assert after.wanted - before.wanted == 14 + 14 + 10 + 1
    finally:
        await pool.close()


async def test_the_connections_of_leaders_are_counted_twice_at_most(database_url: str) -> None:
    """However many workers there are: one process keeps the read models up, a second one during an upgrade, and each of
    the others has one connection at a time to see whether it could."""
    pool = await open_pool(database_url, size=1)
    try:
        before = await count(pool, leaders=4)
        processes = [named(database_url, role, 14) for role in ("worker", "worker", "all", "worker", "worker")]
        others = [await asyncpg.connect(dsn) for dsn in (*processes, named(database_url, "api", 10))]
        try:
            after = await count(pool, leaders=4)
        finally:
            for connection in others:
                await connection.close()
        assert after.wanted - before.wanted == 2 * 14 + 3 * 11 + 10
    finally:
        await pool.close()


async def test_an_address_keeps_its_parameters(database_url: str) -> None:
    """The application name is added to the other parameters of the address."""
    parted = database_url + ("&" if "?" in database_url else "?") + "application_name=somebody"
    for dsn in (database_url, parted):
        connection = await asyncpg.connect(named(dsn, "all", 14))
        try:
            name = await connection.fetchval("SHOW application_name")
        finally:
            await connection.close()
        assert name.startswith("pixel-all-14-")
