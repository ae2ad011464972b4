"""Which API keys are there? One row a key, without anything that its secret could be told from."""

from datetime import datetime
from typing import Annotated, LiteralString, NamedTuple, get_args

import msgspec
from msgspec import Meta

from application.ports import Recorded
from domain import api_key
from domain.api_key import NO_LIMITS, ApiKey, ApiKeyEvent, ApiKeyIssued, KeyLimits, Scope
from domain.base import Value
from projections.base import Connection, Pool, ReadModel, StreamId, topics_of


class KeyView(Value, omit_defaults=True):
    """An API key as administrators see it. Nobody sees its secret."""

    id: Annotated[str, Meta(description="The key's id", examples=["key_4t8kq2m0vz7c1xna"])]
    owner: Annotated[str, Meta(description="Whose things its tasks are", examples=["studio"])]
    scopes: Annotated[tuple[Scope, ...], Meta(description="What it may do", examples=[["client"]])]
    issued_at: Annotated[datetime, Meta(description="When it was issued", examples=["2026-02-11T10:00:00Z"])]
    limits: Annotated[KeyLimits, Meta(description="What it may do at most")] = NO_LIMITS
    revoked_at: Annotated[
        datetime | None, Meta(description="When it was revoked; only then", examples=["2026-03-01T09:00:00Z"])
    ] = None
    last_used_at: Annotated[
        datetime | None, Meta(description="When it was last used, to the minute", examples=["2026-02-28T17:31:00Z"])
    ] = None


class KeyRow(NamedTuple):
    """`position` is that of the first event in the log."""

    position: int
    key: ApiKey


class ListedKey(NamedTuple):
    """A key on a page, and its place."""

    position: int
    view: KeyView


def fold(row: KeyRow | None, recorded: Recorded) -> KeyRow | None:
    """The row after one more event; None before the key was issued."""
    event = recorded.event
    if isinstance(event, ApiKeyIssued):
        return KeyRow(recorded.position, api_key.evolve(ApiKey(), event))
    if row is None or not isinstance(event, ApiKeyEvent):
        return row
    return row._replace(key=api_key.evolve(row.key, event))


def view(key: ApiKey, last_used_at: datetime | None = None) -> KeyView:
    """The key, for an administrator."""
    assert key.issued_at is not None  # noqa: S101 - only issued keys have a row
    return KeyView(
        id=key.id,
        owner=key.owner,
        scopes=key.scopes,
        limits=key.limits,
        issued_at=key.issued_at,
        revoked_at=key.revoked_at,
        last_used_at=last_used_at,
    )


async def page(pool: Pool, *, before: int | None, limit: int) -> list[ListedKey]:
    """Keys, newest first: those before a position, None for the newest. Raises the driver's errors."""
    rows = await pool.fetch(_PAGE, before, limit)
    return [ListedKey(row[0], view(_KEY.decode(row[1]), row[2])) for row in rows]


async def last_used(pool: Pool, key_id: str) -> datetime | None:
    """When a key was last used, to the minute; None for never. Raises the driver's errors."""
    found: datetime | None = await pool.fetchval(_LAST_USED, key_id)
    return found


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, KeyRow]:
    return {row[0]: KeyRow(row[1], _KEY.decode(row[2])) for row in await connection.fetch(_LOAD, streams)}


async def _save(connection: Connection, rows: dict[StreamId, KeyRow]) -> None:
    keys = [row.key for row in rows.values()]
    await connection.execute(
        _SAVE,
        list(rows),
        [row.position for row in rows.values()],
        [key.id for key in keys],
        [key.owner for key in keys],
        [key.issued_at for key in keys],
        [key.revoked_at for key in keys],
        [msgspec.json.encode(key).decode() for key in keys],
    )


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_KEY = msgspec.json.Decoder(ApiKey)

_DDL: LiteralString = """
CREATE TABLE api_keys (
    stream uuid PRIMARY KEY,
    position bigint NOT NULL UNIQUE,
    id text NOT NULL,
    owner text NOT NULL,
    issued_at timestamptz NOT NULL,
    revoked_at timestamptz,
    body json NOT NULL
)
"""
_LOAD: LiteralString = "SELECT stream, position, body FROM api_keys WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO api_keys (stream, position, id, owner, issued_at, revoked_at, body)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::json[])
ON CONFLICT (stream) DO UPDATE SET revoked_at = excluded.revoked_at, body = excluded.body
"""
_REMOVE: LiteralString = "DELETE FROM api_keys WHERE stream = ANY($1::uuid[])"
_PAGE: LiteralString = """
SELECT k.position, k.body, u.used_at
FROM api_keys k LEFT JOIN public.api_key_uses u ON u.key = k.id
WHERE $1::bigint IS NULL OR k.position < $1
ORDER BY k.position DESC LIMIT $2
"""
_LAST_USED: LiteralString = "SELECT used_at FROM public.api_key_uses WHERE key = $1"

API_KEYS: ReadModel[KeyRow] = ReadModel(
    "api_keys", 1, _DDL, fold, _load, _save, _remove, topics_of(*get_args(ApiKeyEvent))
)
