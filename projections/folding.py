"""How do events become rows? Stream by stream; a stream that fails costs no other stream its rows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from application.ports import Recorded, Unreadable
from projections.base import Connection, ReadModel, StreamId
from projections.errors import is_about_rows
from projections.heartbeat import Heartbeat

NOTHING: Mapping[StreamId, Any] = MappingProxyType({})


class Failure(NamedTuple):
    """The position of the event that failed, and why."""

    position: int
    error: str


class Folded(NamedTuple):
    """The streams that failed, and the rows of all streams as they are now, None for no row."""

    failures: dict[StreamId, Failure]
    rows: dict[StreamId, Any]
    changed: bool


async def fold_batch(
    connection: Connection,
    read_model: ReadModel[Any],
    by_stream: Mapping[StreamId, list[Recorded]],
    *,
    fresh: bool = False,
    recent: Mapping[StreamId, Any] = NOTHING,
    pulse: Heartbeat | None = None,
) -> Folded:
    """Fold the events of many streams into their rows, inside a transaction. The rows of streams that failed have the
    events before the failure.

    No row is loaded for a stream in `recent`, which has its row, nor for one that begins here: it has none, unless
    somebody has set the checkpoint back. In a `fresh` table not even then, so that its row is inserted.

    Raises the driver's errors, and what a row is to blame for (`is_about_rows`): then roll back, and call
    `fold_one_by_one`."""
    new = {stream for stream, history in by_stream.items() if history[0].version == 1 and stream not in recent}
    stored = [stream for stream in by_stream if stream not in recent and stream not in new]
    rows = await read_model.load(connection, stored) if stored else {}
    now: dict[StreamId, Any] = {}
    failures: dict[StreamId, Failure] = {}
    saved: dict[StreamId, Any] = {}
    removed: list[StreamId] = []
    for stream, history in by_stream.items():
        before = recent[stream] if stream in recent else rows.get(stream)
        row, failure = _fold(read_model, before, history)
        now[stream] = row
        if failure:
            failures[stream] = failure
        if row is not None and row != before:
            saved[stream] = row
        elif row is None and (before is not None or (stream in new and not fresh)):
            removed.append(stream)
        if pulse:
            await pulse.beat()
    if saved:
        await _save(connection, read_model, saved, new=new if fresh else set())
    if removed:
        await read_model.remove(connection, removed)
    return Folded(failures, now, changed=bool(saved or removed))


async def _save(
    connection: Connection, read_model: ReadModel[Any], rows: dict[StreamId, Any], *, new: set[StreamId]
) -> None:
    if read_model.insert and new:
        await read_model.insert(connection, {stream: row for stream, row in rows.items() if stream in new})
        rows = {stream: row for stream, row in rows.items() if stream not in new}
    if rows:
        await read_model.save(connection, rows)


async def fold_one_by_one(
    connection: Connection, read_model: ReadModel[Any], by_stream: Mapping[StreamId, list[Recorded]]
) -> Folded:
    """As `fold_batch`, but event by event, so that a row that the database refuses fails its own stream only. Raises
    the driver's errors that are not about a row."""
    failures: dict[StreamId, Failure] = {}
    for stream, history in by_stream.items():
        if failure := await fold_stream(connection, read_model, stream, history):
            failures[stream] = failure
    return Folded(failures, {}, changed=True)


async def fold_stream(
    connection: Connection, read_model: ReadModel[Any], stream: StreamId, history: list[Recorded]
) -> Failure | None:
    """Fold the events of one stream one by one, up to the first that fails. Raises as `fold_one_by_one` does."""
    for recorded in history:
        try:
            async with connection.transaction():
                failures, *_ = await fold_batch(connection, read_model, {stream: [recorded]})
        except Exception as error:
            if not is_about_rows(error):
                raise
            return Failure(recorded.position, repr(error))
        if failures:
            return failures[stream]
    return None


def _fold(read_model: ReadModel[Any], row: Any, history: list[Recorded]) -> tuple[Any, Failure | None]:
    fold = read_model.fold
    for recorded in history:
        if type(recorded.event) is Unreadable:
            return row, Failure(recorded.position, f"can't read {recorded.event.topic}: {recorded.event.problem}")
        try:
            row = fold(row, recorded)
        except Exception as error:  # noqa: BLE001 - whatever a fold raises parks its stream, and nothing else
            return row, Failure(recorded.position, repr(error))
    return row, None
