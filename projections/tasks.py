"""Where is my task? One row a task: the answer of `GET /tasks/{id}`, and the columns it is looked for by.

The fold is also the truth behind the row: the API folds the stream itself when the row has not caught up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString, NamedTuple, assert_never

import msgspec

from application.ports import Recorded, Unreadable
from domain.base import Value, replace
from domain.model import Kind, ModelEvent
from domain.money import Cost
from domain.provider import Asset, Charged, Missing
from domain.reference import ASSETS_PATH
from domain.task import Status
from domain.task_events import (
    CallResolved,
    CancellationRequested,
    FallbackChosen,
    LateResultSeen,
    OutputFetchFailed,
    OutputStored,
    ProviderAccepted,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    ProviderProgressed,
    ProviderRefused,
    ProviderSucceeded,
    RefetchRequested,
    TaskCancelled,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskRequested,
)
from projections.base import Connection, Key, Pool, ReadModel


class Media(Value, omit_defaults=True):
    """One kept output. Sizes in pixels and bytes, duration in seconds, all measured."""

    url: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    asset_id: str | None = None
    media_type: str | None = None
    bytes: int | None = None


class Result(Value, omit_defaults=True):
    """What was made. Only the list of the task's own kind is there; `missing` says what could not be made, `notes`
    where it is not as it was asked for."""

    images: tuple[Media, ...] | None = None
    videos: tuple[Media, ...] | None = None
    audios: tuple[Media, ...] | None = None
    text: str | None = None
    usage: dict[str, int] | None = None
    missing: tuple[Missing, ...] | None = None
    notes: tuple[str, ...] | None = None


class TaskError(Value, omit_defaults=True):
    """Why a task failed. `code` is for programs: new ones may come, treat an unknown one as an internal error."""

    code: str
    message: str
    retryable: bool
    charged: Charged
    provider_code: str | None = None
    provider_message: str | None = None


class TaskView(Value, omit_defaults=True):
    """A task as the frontend sees it."""

    id: str
    type: Kind
    status: Status
    model: str
    params: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    result: Result | None = None
    error: TaskError | None = None
    progress: int | None = None
    phase: str | None = None
    usage: dict[str, int] | None = None
    cost: Cost | None = None
    estimated_cost: Cost | None = None
    served_by: str | None = None
    project_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    metadata: dict[str, Any] | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    late_results: tuple[Media, ...] | None = None


class TaskRow(NamedTuple):
    """The row: `position` of the request in the log, `version` of the stream that the view stands at."""

    position: int
    version: int
    view: TaskView


def fold(row: TaskRow | None, recorded: Recorded) -> TaskRow | None:
    """The row after one more event."""
    event = recorded.event
    if isinstance(event, TaskRequested):
        return TaskRow(recorded.position, recorded.version, _requested(event))
    if row is None or isinstance(event, ModelEvent | Unreadable):
        return row
    view = replace(_evolve(row.view, event), updated_at=event.at)
    return TaskRow(row.position, recorded.version, view)


def fold_all(history: Iterable[Recorded]) -> TaskRow | None:
    """The row of a whole stream."""
    row: TaskRow | None = None
    for recorded in history:
        row = fold(row, recorded)
    return row


def _requested(event: TaskRequested) -> TaskView:
    return TaskView(
        id=event.task,
        type=event.kind,
        status=Status.PENDING,
        model=event.model,
        params=event.params,
        created_at=event.at,
        updated_at=event.at,
        phase="queued",
        estimated_cost=event.estimate,
        project_id=event.project_id,
        source=event.source,
        source_id=event.source_id,
        metadata=event.metadata,
    )


def _evolve(view: TaskView, event: TaskEvent) -> TaskView:
    match event:
        case ProviderCalled(at=at):
            started_at = view.started_at or at
            return replace(view, status=Status.PROCESSING, phase="submitting", progress=None, started_at=started_at)
        case ProviderAccepted() if not view.status.final:
            return replace(view, phase="submitted")
        case ProviderProgressed(percent=percent, phase=phase):
            return replace(view, progress=percent, phase=phase or view.phase)
        case ProviderRefused(retry_at=retry_at) if retry_at:
            return replace(view, phase="waiting_to_retry")
        case ProviderCallInDoubt() if not view.status.final:
            return replace(view, phase="in_doubt")
        case ProviderCallReconciled(outcome=outcome) if not view.status.final:
            return replace(view, phase="submitted" if outcome == "happened" else "queued")
        case FallbackChosen(model=model):
            return replace(view, served_by=model, phase="queued")
        case CallResolved() | ProviderSucceeded() | OutputFetchFailed() | RefetchRequested() | OutputStored():
            return _brought_home(view, event)
        case CancellationRequested() if not view.status.final:
            return replace(view, phase="cancelling")
        case TaskCompleted():
            return _completed(view, event)
        case TaskFailed(cost=cost):
            error = TaskError(
                code=event.code,
                message=event.message,
                retryable=event.retryable,
                charged=event.charged,
                provider_code=event.provider_code,
                provider_message=event.provider_message,
            )
            return replace(view, status=Status.FAILED, error=error, phase="failed", cost=cost, finished_at=event.at)
        case TaskCancelled():
            said = f"Cancelled by {event.by}. {event.message}"
            error = TaskError(
                code="cancelled",
                message=said,
                retryable=True,
                charged=event.charged,
                provider_code=event.outcome,
                provider_message=event.message,
            )
            return replace(view, status=Status.FAILED, error=error, phase="cancelled", finished_at=event.at)
        case LateResultSeen(assets=assets):
            return replace(view, late_results=(*(view.late_results or ()), *(_media(asset) for asset in assets)))
        case (
            ProviderAccepted()
            | ProviderRefused()
            | ProviderCallInDoubt()
            | ProviderCallReconciled()
            | CancellationRequested()
        ):
            return view  # news of a call that no longer matters to the frontend
        case TaskRequested():
            return view  # it makes the row
        case _:
            assert_never(event)


def _brought_home(
    view: TaskView, event: CallResolved | ProviderSucceeded | OutputFetchFailed | RefetchRequested | OutputStored
) -> TaskView:
    """The outputs on their way, and a task that a person takes up again."""
    match event:
        case OutputStored(asset=asset):
            return replace(view, result=_with_media(view, asset))
        case ProviderSucceeded() if not view.status.final:
            return replace(view, phase="fetching", progress=None)
        case OutputFetchFailed(retry_at=retry_at) if retry_at and not view.status.final:
            return replace(view, phase="waiting_to_fetch")
        case RefetchRequested():
            return replace(
                view, status=Status.PROCESSING, phase="fetching", progress=None, error=None, finished_at=None
            )
        case CallResolved(verdict="retry"):
            return replace(view, status=Status.PENDING, phase="queued", error=None, finished_at=None, progress=None)
        case CallResolved(verdict="attach"):
            return replace(view, error=None)
        case _:
            return view


def _completed(view: TaskView, event: TaskCompleted) -> TaskView:
    result = view.result or Result()
    if event.text is not None:
        result = replace(result, text=event.text, usage=event.usage or None)
    return replace(
        view,
        status=Status.COMPLETED,
        result=replace(result, missing=event.missing or None, notes=event.notes or None),
        usage=event.usage or None,
        cost=event.cost,
        progress=100,
        phase="completed",
        finished_at=event.at,
    )


def _with_media(view: TaskView, asset: Asset) -> Result:
    result = view.result or Result()
    match view.type:
        case Kind.IMAGE:
            return replace(result, images=(*(result.images or ()), _media(asset)))
        case Kind.VIDEO:
            return replace(result, videos=(*(result.videos or ()), _media(asset)))
        case Kind.AUDIO | Kind.LLM:
            return replace(result, audios=(*(result.audios or ()), _media(asset)))


def _media(asset: Asset) -> Media:
    return Media(
        url=ASSETS_PATH + asset.id,
        width=asset.width,
        height=asset.height,
        duration=asset.duration_seconds,
        asset_id=asset.id,
        media_type=asset.media_type,
        bytes=asset.bytes,
    )


# --- Queries ---


class Seen(NamedTuple):
    """One task as it was found: the encoded view and its version, and the version that its stream stands at.

    `body` is None, and `version` 0, when there is no row yet; `head` is 0 when there is no such task."""

    body: bytes | None
    version: int
    head: int
    ended: bool


async def find_many(pool: Pool, streams: list[Key]) -> list[Seen]:
    """The rows of many tasks in one query, in the order asked for."""
    rows = await pool.fetch(_FIND, streams)
    return [Seen(row[0].encode() if row[0] else None, row[1] or 0, row[2] or 0, bool(row[3])) for row in rows]


class Filter(Value):
    """Which tasks to list; None means any. `before` is the position that the page before ended at."""

    project_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    kind: str | None = None
    status: str | None = None
    model: str | None = None
    streams: list[Key] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    before: int | None = None


async def page(pool: Pool, wanted: Filter, limit: int) -> list[tuple[int, bytes]]:
    """Tasks, newest first, as (position, encoded view). Keyset: stable while new tasks come in."""
    rows = await pool.fetch(
        _PAGE,
        wanted.project_id,
        wanted.source,
        wanted.source_id,
        wanted.kind,
        wanted.status,
        wanted.model,
        wanted.streams,
        wanted.created_after,
        wanted.created_before,
        wanted.before,
        limit,
    )
    return [(row[0], row[1].encode()) for row in rows]


# --- Storage ---


async def _load(connection: Connection, streams: list[Key]) -> dict[Key, TaskRow]:
    rows = await connection.fetch(_LOAD, streams)
    return {row[0]: TaskRow(row[1], row[2], _VIEW.decode(row[3])) for row in rows}


async def _save(connection: Connection, rows: dict[Key, TaskRow]) -> None:
    views = [row.view for row in rows.values()]
    await connection.execute(
        _SAVE,
        list(rows),
        [row.position for row in rows.values()],
        [row.version for row in rows.values()],
        [view.type.value for view in views],
        [view.status.value for view in views],
        [view.model for view in views],
        [view.project_id for view in views],
        [view.source for view in views],
        [view.source_id for view in views],
        [view.created_at for view in views],
        [view.updated_at for view in views],
        [_ENCODER.encode(view).decode() for view in views],
    )


async def _remove(connection: Connection, streams: list[Key]) -> None:
    await connection.execute(_REMOVE, streams)


_VIEW = msgspec.json.Decoder(TaskView)
_ENCODER = msgspec.json.Encoder()

_DDL: LiteralString = """
CREATE TABLE tasks (
    stream uuid PRIMARY KEY,
    position bigint NOT NULL,
    version bigint NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    model text NOT NULL,
    project_id text,
    source text,
    source_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    body json NOT NULL
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX tasks_position ON tasks (position);
CREATE INDEX tasks_project ON tasks (project_id, position) WHERE project_id IS NOT NULL;
CREATE INDEX tasks_source ON tasks (source_id, position) WHERE source_id IS NOT NULL;
CREATE INDEX tasks_model ON tasks (model, position);
"""
_LOAD: LiteralString = "SELECT stream, position, version, body FROM tasks WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO tasks (stream, position, version, kind, status, model, project_id, source, source_id,
                   created_at, updated_at, body)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::json[])
ON CONFLICT (stream) DO UPDATE
SET version = excluded.version, status = excluded.status, updated_at = excluded.updated_at, body = excluded.body
"""
_REMOVE: LiteralString = "DELETE FROM tasks WHERE stream = ANY($1::uuid[])"
_FIND: LiteralString = """
SELECT t.body, t.version,
       (SELECT max(e.originator_version) FROM public.stored_events e WHERE e.originator_id = asked.stream) AS head,
       t.status IN ('completed', 'failed')
FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (stream, n)
LEFT JOIN tasks t ON t.stream = asked.stream
ORDER BY asked.n
"""
_PAGE: LiteralString = """
SELECT position, body FROM tasks
WHERE ($1::text IS NULL OR project_id = $1) AND ($2::text IS NULL OR source = $2)
  AND ($3::text IS NULL OR source_id = $3) AND ($4::text IS NULL OR kind = $4)
  AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR model = $6)
  AND ($7::uuid[] IS NULL OR stream = ANY($7))
  AND ($8::timestamptz IS NULL OR created_at > $8) AND ($9::timestamptz IS NULL OR created_at < $9)
  AND ($10::bigint IS NULL OR position < $10)
ORDER BY position DESC LIMIT $11
"""

TASKS: ReadModel[TaskRow] = ReadModel("tasks", 2, _DDL, fold, _load, _save, _remove)
