"""How do events become rows? Stream by stream; a stream that fails costs no other stream its rows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from application.ports import Recorded, Unreadable
from projections.base import Connection, ReadModel, StreamId
from projections.errors import is_about_rows


class Failure(NamedTuple):
    """The position of the event that failed, and why."""

    position: int
    error: str


async def fold_batch(
    connection: Connection, model: ReadModel[Any], by_stream: Mapping[StreamId, list[Recorded]]
) -> dict[StreamId, Failure]:
    """Fold the events of many streams into their rows, inside a transaction. Returns the streams that failed; their
    rows have the events before the failure. Raises the driver's errors that no row is to blame for."""
    failures: dict[StreamId, Failure] = {}
    try:
        async with connection.transaction():
            return await _apply(connection, model, by_stream)
    except Exception as error:
        if not is_about_rows(error):
            raise
    for stream, history in by_stream.items():
        if failure := await fold_stream(connection, model, stream, history):
            failures[stream] = failure
    return failures


async def fold_stream(
    connection: Connection, model: ReadModel[Any], stream: StreamId, history: list[Recorded]
) -> Failure | None:
    """Fold the events of one stream one by one, up to the first that fails. Raises as `fold_batch` does."""
    for recorded in history:
        try:
            async with connection.transaction():
                failures = await _apply(connection, model, {stream: [recorded]})
        except Exception as error:
            if not is_about_rows(error):
                raise
            return Failure(recorded.position, repr(error))
        if failures:
            return failures[stream]
    return None


async def _apply(
    connection: Connection, model: ReadModel[Any], by_stream: Mapping[StreamId, list[Recorded]]
) -> dict[StreamId, Failure]:
    rows = await model.load(connection, list(by_stream))
    failures: dict[StreamId, Failure] = {}
    saved: dict[StreamId, Any] = {}
    removed: list[StreamId] = []
    for stream, history in by_stream.items():
        before = rows.get(stream)
        row, failure = _fold(model, before, history)
        if failure:
            failures[stream] = failure
        if row is not None and row != before:
            saved[stream] = row
        elif row is None and before is not None:
            removed.append(stream)
    if saved:
        await model.save(connection, saved)
    if removed:
        await model.remove(connection, removed)
    return failures


def _fold(model: ReadModel[Any], row: Any, history: list[Recorded]) -> tuple[Any, Failure | None]:
    for recorded in history:
        if isinstance(recorded.event, Unreadable):
            return row, Failure(recorded.position, f"can't read {recorded.event.topic}: {recorded.event.problem}")
        try:
            row = model.fold(row, recorded)
        except Exception as error:  # noqa: BLE001 - whatever a fold raises parks its stream, and nothing else
            return row, Failure(recorded.position, repr(error))
    return row, None
