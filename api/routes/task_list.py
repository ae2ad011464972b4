"""Which tasks match a query? Newest first, a page at a time. A refusal names every problem of the query."""

import base64
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Annotated, NamedTuple, TypeVar

import msgspec
from litestar import get
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_reader import REPEATED, AnyRequest, base_url, beyond_the_log, parse_position, parse_time
from api.http.responses import POSITION, STALE, ok_encoded
from api.routes.tasks import parse_integer
from domain.base import Rejected, Value, replace
from domain.ids import batch_stream, task_stream
from domain.model import Kind
from domain.task.state import Status
from projections.base import StreamId
from projections.task_lists import Filter
from projections.task_view import TaskView
from services.batch_reader import BatchReader
from services.list_reader import ListReader
from services.media_links import MediaLinks
from services.read_your_writes import ReadYourWrites
from services.settings import Settings

MAX_PAGE, DEFAULT_PAGE, MAX_IDS, MAX_UNKNOWN = 200, 50, 200, 20

T = TypeVar("T")


class TaskListDeps(NamedTuple):
    """What this handler uses. `read_your_writes` is that of the tasks."""

    settings: Settings
    log: EventLog
    lists: ListReader
    read_your_writes: ReadYourWrites
    batches: BatchReader
    links: MediaLinks


class TaskPage(Value):
    """A page of tasks, newest first."""

    # For the OpenAPI document only: the handler joins rows that are JSON already.

    tasks: Annotated[list[TaskView], Meta(description="The tasks, newest first")]
    next_cursor: Annotated[
        str | None, Meta(description="`cursor` for the next page; null on the last one", examples=["cDEyMzQ"])
    ]


@get("/api/v1/tasks")
async def list_tasks(request: AnyRequest, deps: Injected[TaskListDeps]) -> ASGIApp:
    """Tasks, newest first, a page at a time."""
    asked_for = _parse_query(request.query_params.multi_items())
    wanted, limit, batch = (
        replace(asked_for.wanted, owner=caller_of(request).sees_only),
        asked_for.limit,
        asked_for.batch,
    )
    if batch is not None:
        own = await deps.batches.streams_of(batch)
        asked = own if wanted.streams is None else [stream for stream in own if stream in wanted.streams]
        wanted = replace(wanted, streams=asked)
    headers = await read_model_headers(deps.log, deps.read_your_writes, asked_for.at_least)
    found = await deps.lists.page(wanted, limit + 1)
    base = base_url(request, deps.settings)
    rows = [deps.links.with_absolute_urls(body, base) for _, body in found[:limit]]
    cursor = encode_cursor(found[limit - 1][0]) if len(found) > limit else None
    page = b'{"tasks":[' + b",".join(rows) + b'],"next_cursor":' + msgspec.json.encode(cursor) + b"}"
    return ok_encoded(page, headers)


async def read_model_headers(log: EventLog, read_your_writes: ReadYourWrites, at_least: int = 0) -> dict[str, str]:
    """The headers of a list, once its read model has what this process has answered and what the caller asks for, or
    the time for that is up.

    Raises Rejected for a position beyond the log, LogUnavailable and the driver's errors."""
    wanted = max(log.newest, at_least)
    position = await read_your_writes.reach(wanted)
    headers = {"Cache-Control": "no-store", POSITION: str(position)}
    if position < wanted:
        if position < at_least and await log.head() < at_least:
            raise beyond_the_log("atLeast")
        headers[STALE] = "true"
    return headers


# --- The query: every parameter is parsed, and all problems are reported together ---


class _Query(NamedTuple):
    """What is asked for: the filter, the page size, the batch whose tasks are meant, the position to wait for."""

    wanted: Filter
    limit: int
    batch: str | None
    at_least: int


def _parse_query(query: Iterable[tuple[str, str]]) -> _Query:
    """Read the query. Raises Rejected with every problem."""
    given, problems = _parameters(query)

    def read(field: str, parse: Callable[[str, str], T]) -> T | None:
        if field not in given:
            return None
        try:
            return parse(field, given[field])
        except Rejected as refusal:
            problems.append(refusal.message)
            return None

    wanted = Filter(
        project_id=read("projectId", _text),
        source=read("source", _text),
        source_id=read("sourceId", _text),
        kind=read("type", _one_of(kind.value for kind in Kind)),
        status=read("status", _one_of(status.value for status in Status if status is not Status.NEW)),
        model=read("model", _text),
        rerun_of=read("rerunOf", _task),
        streams=read("ids", _streams),
        created_after=read("createdAfter", parse_time),
        created_before=read("createdBefore", parse_time),
        before=read("cursor", parse_cursor),
    )
    batch = read("batch", _batch)
    limit = read("limit", lambda field, text: parse_integer(field, text, 1, MAX_PAGE))
    at_least = read("atLeast", parse_position)
    unknown = [f"{name[:64]}: is not known" for name in sorted(given.keys() - _LIST_PARAMETERS)][:MAX_UNKNOWN]
    if unknown:
        problems.append(f"{'; '.join(unknown)}. Known: {', '.join(sorted(_LIST_PARAMETERS))}")
    if problems:
        raise Rejected("invalid_request", "; ".join(problems))
    return _Query(wanted, limit or DEFAULT_PAGE, batch, at_least or 0)


_LIST_PARAMETERS = {
    *("projectId", "source", "sourceId", "type", "status", "model", "ids", "createdAfter", "createdBefore"),
    *("batch", "rerunOf", "limit", "cursor", "atLeast"),
}


def _parameters(query: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """The parameters by name, and the problems. `ids` may be repeated; an empty parameter counts as absent."""
    given: dict[str, str] = {}
    problems: list[str] = []
    for name, value in query:
        if name in _LIST_PARAMETERS and "\0" in value:
            problems.append(f"{name}: must not hold a NUL character")
        elif name == "ids" and name in given:
            given[name] += f",{value}"
        elif value and name in given:
            problems.append(f"{name[:64]}: {REPEATED}")
        elif value or name not in _LIST_PARAMETERS:
            given[name] = value
    return given, problems


def _text(_: str, text: str) -> str:
    return text


def _one_of(words: Iterable[str]) -> Callable[[str, str], str]:
    allowed = list(words)

    def parse(field: str, text: str) -> str:
        if text not in allowed:
            raise Rejected("invalid_request", f"{field}: choose one of {', '.join(allowed)}")
        return text

    return parse


def _task(field: str, text: str) -> StreamId:
    try:
        return task_stream(text)
    except Rejected:
        raise Rejected("invalid_request", f"{field}: must be the id of a task") from None


def _batch(field: str, text: str) -> str:
    try:
        batch_stream(text)
    except Rejected:
        raise Rejected("invalid_request", f"{field}: must be the id of a batch") from None
    return text


def _streams(field: str, text: str) -> list[StreamId]:
    """The streams of the well-formed ids. Malformed ids match no task. Raises Rejected for too many ids."""
    ids = text.split(",")
    if len(ids) > MAX_IDS:
        raise Rejected("invalid_request", f"{field}: may have {MAX_IDS} at most")
    streams: list[StreamId] = []
    for task_id in ids:
        with suppress(Rejected):
            streams.append(task_stream(task_id.strip()))
    return streams


def encode_cursor(position: int) -> str:
    """The cursor of the page after this log position."""
    return base64.urlsafe_b64encode(b"p%d" % position).decode().rstrip("=")


def parse_cursor(field: str, cursor: str) -> int:
    """The log position in a cursor of `encode_cursor`. Raises Rejected for any other text."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        if text.startswith("p") and text[1:].isdigit() and len(text) < 20:
            return int(text[1:])
    except ValueError:
        pass
    raise Rejected("invalid_request", f"{field}: take it from next_cursor of the page before, unchanged")


route_handlers = [list_tasks]
