"""Connections know the arrays of Pixel's statements, and ask the server for all others."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from adapters.postgres.array_types import ELEMENTS, ArrayConnection
from adapters.postgres.database import Connection, connect, open_pool
from projections import builds
from projections.read_models import READ_MODELS
from tests.documents import LAYERS, ROOT

VALUES: dict[str, list[object]] = {
    "json": ['{"a": 1}', None],
    "jsonb": ['{"a": 1}', None],
    "bool": [True, False, None],
    "bytea": [b"\0\xff", b""],
    "int4": [-1, 2**31 - 1],
    "int8": [-1, 2**63 - 1, None],
    "float8": [0.5, -1e300],
    "date": [date(2026, 11, 29)],
    "timestamptz": [datetime(2026, 11, 29, 12, 30, tzinfo=UTC), None],
    "numeric": [Decimal("0.0000000001"), Decimal(10) ** 20],
    "uuid": [UUID(int=7), None],
}
KNOWN_BEFORE = {"text", "oid"}  # by asyncpg itself
IN_SQL = {"int": "int4", "bigint": "int8", "boolean": "bool"}


@asynccontextmanager
async def watched(dsn: str) -> AsyncGenerator[tuple[Connection, list[str]]]:
    """A connection, and the statements that go over it."""
    connection = await connect(dsn)
    statements: list[str] = []
    connection.add_query_logger(lambda record: statements.append(record.query))
    try:
        yield connection, statements
    finally:
        await connection.close()


@pytest.mark.parametrize("name", [name for name, _ in ELEMENTS.values()])
async def test_an_array_is_sent_and_read_at_once(database_server: str, name: str) -> None:
    """Sent and received, it is what it was, and the server was asked for nothing else."""
    async with watched(database_server) as (connection, statements):
        statement = f"SELECT $1::{name}[]"
        assert await connection.fetchval(statement, VALUES[name]) == VALUES[name]
        assert await connection.fetchval(statement, []) == []
    assert statements == [statement, statement]


async def test_the_numbers_are_those_of_the_server(database_server: str) -> None:
    """Each is an array of the elements that it is said to have."""
    async with watched(database_server) as (connection, _):
        found = await connection.fetch(
            """SELECT a.oid, e.typname, e.oid, a.typname, a.typnamespace::regnamespace::text, e.typdelim
            FROM pg_type a JOIN pg_type e ON e.oid = a.typelem WHERE a.oid = ANY($1::oid[])""",
            list(ELEMENTS),
        )
    assert {(*row,) for row in found} == {
        (number, name, element, f"_{name}", "pg_catalog", b",") for number, (name, element) in ELEMENTS.items()
    }


async def test_other_types_are_asked_for(database_url: str) -> None:
    """The server says what the types of a database are, and arrays that Pixel has no use for."""
    async with watched(database_url) as (connection, statements):
        await connection.execute("CREATE TYPE size AS ENUM ('S', 'L')")
        statements.clear()
        assert await connection.fetchval("SELECT $1::size[]", ["L", "S"]) == ["L", "S"]
        assert await connection.fetchval("SELECT ROW($1::int2[], $2::uuid[])", [1], [UUID(int=7)]) == (
            [1],
            [UUID(int=7)],
        )
    assert sum("typeinfo_tree" in statement for statement in statements) == 2


async def test_pixel_has_no_other_arrays(database_url: str) -> None:
    """Those of the statements in the code, of the functions in the database, and of all tables."""
    files = [path for layer in LAYERS for path in (ROOT / layer).rglob("*.py")]
    written = {name for path in files for name in re.findall(r"\$\d+::([a-z0-9]+)\[\]", path.read_text())}
    await builds.prepare(database_url, READ_MODELS)
    async with watched(database_url) as (connection, _):
        rows = await connection.fetch(
            """WITH used AS (
                SELECT unnest(proargtypes::oid[] || coalesce(proallargtypes, '{}') || prorettype) AS type,
                       pronamespace AS n
                FROM pg_proc
                UNION SELECT a.atttypid, c.relnamespace FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            )
            SELECT DISTINCT e.typname FROM used JOIN pg_type t ON t.oid = used.type JOIN pg_type e ON e.oid = t.typelem
            WHERE t.typcategory = 'A' AND used.n::regnamespace::text !~ '^(pg_|information_schema)'"""
        )
    stored = {row[0] for row in rows}
    assert {"text", "bytea", "uuid"} <= stored
    assert {IN_SQL.get(name, name) for name in written} | stored <= {
        name for name, _ in ELEMENTS.values()
    } | KNOWN_BEFORE


async def test_all_connections_know_them(database_server: str) -> None:
    """Those of a pool, too."""
    pool = await open_pool(database_server, size=1)
    try:
        async with pool.acquire() as connection:
            assert await connection.fetchval("SELECT $1::uuid[]", [UUID(int=7)]) == [UUID(int=7)]
            assert isinstance(connection._con, ArrayConnection)  # type: ignore[attr-defined]
    finally:
        await pool.close()
