"""Many rows of a read model at once, made by SQL. PostgreSQL does not learn anything about them, as after a start on
many events."""

from typing import LiteralString

import asyncpg

from adapters.postgres.database import Connection


async def fill_table(
    dsn: str, schema: LiteralString, table: LiteralString, statement: LiteralString, count: int
) -> None:
    """Run a statement that makes this many rows of a table that is empty."""
    connection: Connection = await asyncpg.connect(dsn, server_settings={"search_path": schema})
    try:
        await connection.execute("ALTER TABLE " + table + " SET (autovacuum_enabled = off)")
        indexes = await connection.fetch(_INDEXES, schema, table)
        for name, _ in indexes:  # building the indexes over all rows takes half the time
            await connection.execute(f"DROP INDEX {name}")
        await connection.execute(statement, count, timeout=None)
        for _, index in indexes:
            await connection.execute(index, timeout=None)
    finally:
        await connection.close()


_INDEXES: LiteralString = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = $1 AND tablename = $2 AND indexname <> $2 || '_pkey' ORDER BY indexname
"""
