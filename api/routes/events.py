"""What happens, as it happens: Server-Sent Events, which a browser's `EventSource` takes up again after a cut."""

import asyncio
import math
import random
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send

from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of, session_end, still_stands
from api.http.dependencies import Injected
from api.http.request_log import HEAD_EXTENSION, TASK_ID
from api.http.request_reader import AnyRequest, base_url, beyond_the_log, parse_position, reject_repeated
from api.http.responses import POSITION
from application import clock
from application.canvases import require_owner
from application.ports import LogUnavailable
from domain.base import Rejected
from domain.ids import canvas_stream, task_stream
from services.canvas_reader import CanvasReader
from services.event_frames import CANVAS, FRAME_NAMES, Frame, FrameName, Wanted
from services.event_stream import EventStream, Listener, Reset
from services.key_table import KeyTable
from services.live_texts import LiveTexts, TextListener
from services.media_links import MediaLinks
from services.sessions import Sessions
from services.settings import Settings
from services.task_reader import TaskReader

HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 2000
AWAY_SECONDS = 1.0
MAX_UNKNOWN = 20
_PARAMETERS = ("projectId", "source", "sourceId", "task", "batch", "canvas", "types", "after")
_CONDITIONS = {"projectId", "source", "sourceId", "task", "batch"}
_HEARTBEAT = b":\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would wait for more
]


class EventDeps(NamedTuple):
    """What these handlers use."""

    settings: Settings
    log: EventLog
    tasks: TaskReader
    canvases: CanvasReader
    events: EventStream
    keys: KeyTable
    links: MediaLinks
    sessions: Sessions
    texts: LiveTexts


@get("/api/v1/events")
async def follow_events(request: AnyRequest, deps: Injected[EventDeps]) -> ASGIApp:
    """All events, or some."""
    given = _given(request, _PARAMETERS)
    wanted, after = _wanted(request, given), await _after(deps, request, given)
    if "canvas" in given:
        found = await deps.canvases.current(canvas_stream(given["canvas"]))
        require_owner(found.state, given["canvas"], wanted.owner)
    if wanted.stream is not None:
        return await _of_task(deps, request, wanted, given["task"], after)
    begin = await deps.log.head() if after is None else after
    return _Stream(deps, request, wanted, begin, begin)


@get("/api/v1/tasks/{task_id:str}/events")
async def follow_task(request: AnyRequest, deps: Injected[EventDeps], task_id: FromPath[str]) -> ASGIApp:
    """The events of one task; without a position, how it stands comes first."""
    after = await _after(deps, request, _given(request, ("after",)))
    wanted = Wanted(names=("task",), stream=task_stream(task_id), owner=caller_of(request).sees_only)
    return await _of_task(deps, request, wanted, task_id, after)


async def _of_task(deps: EventDeps, request: AnyRequest, wanted: Wanted, task_id: str, after: int | None) -> ASGIApp:
    TASK_ID.set(task_id)
    assert wanted.stream is not None  # noqa: S101 - for the type checkers
    seen = await deps.tasks.read_task(wanted.stream, task_id, sees_only=wanted.owner)
    begin = seen.position if after is None else after
    return _Stream(deps, request, wanted, after, begin, task=None if seen.ended else task_id)


class _Stream:
    """The answer: what a listener gets, until the caller leaves, may do so no longer, or the service stops. `begin` is
    told in the head. Who listens to one `task` that goes on also gets its text while it is written."""

    def __init__(
        self,
        deps: EventDeps,
        request: AnyRequest,
        wanted: Wanted,
        position: int | None,
        begin: int,
        *,
        task: str | None = None,
    ) -> None:
        self._events = deps.events
        self._texts = deps.texts
        self._keys = deps.keys
        self._caller = caller_of(request)
        self._session_end = session_end(request, deps.sessions)
        self._base = base_url(request, deps.settings)
        self._links = deps.links
        self._wanted = wanted
        self._position = position
        self._begin = begin
        self._task = task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Raises StreamsBusy before anything is sent."""
        with self._events.listen(self._wanted, self._position) as listener:
            position = (POSITION.lower().encode(), b"%d" % self._begin)
            await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, position]})
            if HEAD_EXTENSION not in (cast(dict[str, Any], scope).get("extensions") or {}):
                with self._texts.listen(self._task or "") as texts:
                    also = [_until_gone(receive, listener), *([_send_texts(texts, send)] if self._task else [])]
                    beside = [asyncio.create_task(each) for each in also]
                    try:
                        await self._send_all(listener, send)
                    finally:
                        for each in beside:
                            each.cancel()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, listener: Listener, send: Send) -> None:
        data = b"retry: %d\n\n" % RETRY_MILLISECONDS
        while True:
            await send({"type": "http.response.body", "body": data, "more_body": True})
            try:
                found = await listener.next(min(HEARTBEAT_SECONDS, self._seconds_left()))
            except LogUnavailable:
                await asyncio.sleep(AWAY_SECONDS)
                found = []
            if found is None or not still_stands(self._caller, self._keys) or self._seconds_left() <= 0:
                break
            if isinstance(found, Reset):
                data = b'event: reset\ndata: {"position":%d}\n\n' % found.position
            else:
                data = b"".join([_encoded(frame, self._links, self._base) for frame in found]) or _heartbeat(listener)
        # All who listened come back at once otherwise.
        wait = random.randint(RETRY_MILLISECONDS // 2, RETRY_MILLISECONDS * 2)  # noqa: S311 - no secret
        await send({"type": "http.response.body", "body": b"retry: %d\n\n" % wait, "more_body": True})

    def _seconds_left(self) -> float:
        """How long the session goes on that this stream belongs to; for ever without one."""
        return math.inf if self._session_end is None else (self._session_end - clock.now()).total_seconds()


def _heartbeat(listener: Listener) -> bytes:
    """What is sent while nothing is wanted: an id without data, which no page sees, and by which it comes back where it
    is. By the id of its last event, long ago, it would seem to have missed more than is kept."""
    return _HEARTBEAT if listener.position is None else b"id: %d\n:\n\n" % listener.position


async def _until_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.close()


async def _send_texts(texts: TextListener, send: Send) -> None:
    """Send what is written, for ever. It has no id: it is no event of the log, and can't be taken up again."""
    while True:
        data = b"event: text\ndata: %b\n\n" % msgspec.json.encode(await texts.next())
        await send({"type": "http.response.body", "body": data, "more_body": True})


def _encoded(frame: Frame, links: MediaLinks, base: str) -> bytes:
    """A frame as it is sent to callers who know Pixel by this address; made once for all of them, until the addresses
    in it are made anew."""
    made_for = f"{base} {links.period()}"
    if frame.sent is None or frame.sent[0] != made_for:
        data = links.with_absolute_urls(frame.body, base) if frame.name == "task" else frame.body
        frame.sent = made_for, b"id: %d\nevent: %b\ndata: %b\n\n" % (frame.position, frame.name.encode(), data)
    return frame.sent[1]


# --- The query ---


def _given(request: AnyRequest, known: tuple[str, ...]) -> dict[str, str]:
    """The parameters that have a value. Raises Rejected for one that is not known, or repeated."""
    reject_repeated(request, *known)
    given: dict[str, str] = {name: value for name, value in request.query_params.items() if value}
    if unknown := sorted(given.keys() - set(known))[:MAX_UNKNOWN]:
        named = "; ".join(f"{name[:64]}: is not known" for name in unknown)
        raise Rejected("invalid_request", f"{named}. Known: {', '.join(sorted(known))}")
    return given


def _wanted(request: AnyRequest, given: Mapping[str, str]) -> Wanted:
    if "canvas" in given:
        return _of_canvas(request, given)
    of_tasks = given.keys() & _CONDITIONS
    return Wanted(
        names=_names(given["types"]) if "types" in given else ("task", "batch") if of_tasks else FRAME_NAMES,
        stream=task_stream(given["task"]) if "task" in given else None,
        project_id=given.get("projectId"),
        source=given.get("source"),
        source_id=given.get("sourceId"),
        batch=given.get("batch"),
        owner=caller_of(request).sees_only,
    )


def _of_canvas(request: AnyRequest, given: Mapping[str, str]) -> Wanted:
    """The events of a canvas, and of what is made on it."""
    if with_it := sorted(given.keys() & _CONDITIONS):
        raise Rejected("invalid_request", f"canvas: can't stand beside {', '.join(with_it)}")
    asked = _names(given["types"]) if "types" in given else FRAME_NAMES
    names: tuple[FrameName, ...] = tuple(name for name in asked if name != "model")
    return Wanted(names=names, source=CANVAS, source_id=given["canvas"], owner=caller_of(request).sees_only)


def _names(text: str) -> tuple[FrameName, ...]:
    asked = {name.strip() for name in text.split(",")}
    if not asked <= set(FRAME_NAMES):
        raise Rejected("invalid_request", f"types: choose from {', '.join(FRAME_NAMES)}, separated by commas")
    return tuple(name for name in FRAME_NAMES if name in asked)


async def _after(deps: EventDeps, request: AnyRequest, given: Mapping[str, str]) -> int | None:
    """The position that the caller has: a browser that comes back says it in Last-Event-ID. Raises Rejected."""
    last = request.headers.get("last-event-id", "").strip()
    field, text = ("Last-Event-ID", last) if last else ("after", given.get("after"))
    if not text:
        return None
    position = parse_position(field, text)
    if position > await deps.log.head():
        raise beyond_the_log(field)
    return position


route_handlers = [follow_events, follow_task]
