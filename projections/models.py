"""Which models are there? One row a model: its latest revision, whether it is enabled, when it became a default."""

from datetime import datetime
from typing import LiteralString, get_args

import msgspec

from application.ports import Recorded
from domain.base import Value, replace
from domain.model import (
    DefaultModelChosen,
    Kind,
    Model,
    ModelDisabled,
    ModelEnabled,
    ModelEvent,
    ModelRegistered,
    ModelRetired,
    ModelRevised,
    ModelSpec,
    evolve,
)
from projections.base import Connection, Pool, ReadModel, StreamId, topics_of


class ModelRow(Value):
    """`default_position`: the position of the last event that made it the default of its kind, 0 for never."""

    id: str
    position: int
    model: Model
    default_position: int = 0

    @property
    def spec(self) -> ModelSpec:
        assert self.model.spec is not None  # noqa: S101 - a row begins with ModelRegistered, which carries one
        return self.model.spec

    @property
    def kind(self) -> Kind:
        return self.spec.type


def fold(row: ModelRow | None, recorded: Recorded) -> ModelRow | None:
    """The row after one more event; None before the registration."""
    event = recorded.event
    match event:
        case ModelRegistered():
            return ModelRow(id=event.model, position=recorded.position, model=evolve(Model(), event))
        case DefaultModelChosen() if row:
            return replace(row, default_position=recorded.position)
        case ModelRevised() | ModelEnabled() | ModelDisabled() | ModelRetired() if row:
            return replace(row, model=evolve(row.model, event))
        case _:
            return row


async def list_all(pool: Pool) -> list[ModelRow]:
    """All models, in the order of their registration. Raises the driver's errors."""
    return [_ROW.decode(row[0]) for row in await pool.fetch(_ALL)]


async def registration_times(pool: Pool) -> dict[str, datetime]:
    """When each model was recorded first, by its id. Raises the driver's errors."""
    return {row[0]: row[1] for row in await pool.fetch(_REGISTRATION_TIMES)}


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, ModelRow]:
    return {row[0]: _ROW.decode(row[1]) for row in await connection.fetch(_LOAD, streams)}


async def _save(connection: Connection, rows: dict[StreamId, ModelRow]) -> None:
    await connection.execute(
        _SAVE,
        list(rows),
        [row.id for row in rows.values()],
        [row.position for row in rows.values()],
        [row.kind.value for row in rows.values()],
        [row.model.enabled for row in rows.values()],
        [msgspec.json.encode(row).decode() for row in rows.values()],
    )


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_ROW = msgspec.json.Decoder(ModelRow)

_DDL: LiteralString = """
CREATE TABLE models (
    stream uuid PRIMARY KEY,
    id text NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    enabled boolean NOT NULL,
    body json NOT NULL
)
"""
_LOAD: LiteralString = "SELECT stream, body FROM models WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO models (stream, id, position, kind, enabled, body)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], $6::json[])
ON CONFLICT (stream) DO UPDATE SET enabled = excluded.enabled, kind = excluded.kind, body = excluded.body
"""
_REMOVE: LiteralString = "DELETE FROM models WHERE stream = ANY($1::uuid[])"
_ALL: LiteralString = "SELECT body FROM models ORDER BY position"
_REGISTRATION_TIMES: LiteralString = (
    "SELECT m.id, e.recorded_at FROM models m JOIN stored_events e ON e.notification_id = m.position"
)

_TOPICS = topics_of(*get_args(ModelEvent))

MODELS: ReadModel[ModelRow] = ReadModel("models", 1, _DDL, fold, _load, _save, _remove, _TOPICS)
