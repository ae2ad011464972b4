"""How did each request end? Every request gets an id, one log line, and its metrics."""

import os
import re
import time
from contextvars import ContextVar
from typing import cast

import structlog
from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
    WebSocketReceiveMessage,
)
from prometheus_client import CollectorRegistry, Counter, Histogram

from adapters.postgres.database import PATIENCE_SECONDS

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
TASK_ID: ContextVar[str] = ContextVar("task_id", default="")  # for the request's log line

GONE: ContextVar[bool] = ContextVar("gone", default=False)  # whether the caller hung up before it was answered
HEAD_EXTENSION = "pixel.head"  # in the scope of a HEAD that is answered as GET is
HUNG_UP = 499  # nginx's code for this, in logs and metrics only

_SANE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,100}")

_CALLBACKS = "/callbacks/"

_OWN_HEAD = "/api/v1/assets/"  # its handler reads no bytes for HEAD

_VARY = (
    b"vary",
    b"Origin",
)  # on every answer: a cache must not give one without CORS headers to a page that needs them

_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}

logger = structlog.get_logger("pixel.http")


class RequestLog:
    """Middleware around the whole application, errors included."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry, *, patience_seconds: float) -> None:
        self._app = app
        self._patience_seconds = patience_seconds
        self._requests = Counter(
            "pixel_http_requests",
            "Answers by route, method and status.",
            ["method", "route", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "pixel_http_request_seconds",
            "Time to the end of the answer, waiting on request included.",
            ["method", "route"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
            registry=registry,
        )
        self._log = logger.bind()  # once: the lazy one binds itself anew for every line
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        asked = scope["method"]
        if asked == "HEAD" and not scope["path"].startswith(_OWN_HEAD):
            scope, send = _as_get(scope), _without_body(send)
        started = time.perf_counter()
        request_id = _request_id(scope)
        REQUEST_ID.set(request_id)
        TASK_ID.set("")
        PATIENCE_SECONDS.set(self._patience_seconds)
        GONE.set(False)
        header = (b"x-request-id", request_id.encode())
        status = 500

        async def receive_or_hear() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            message = await receive()
            if message["type"] == "http.disconnect":
                GONE.set(True)
            return message

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], header, _VARY]
            await send(message)

        try:
            await self._app(scope, receive_or_hear, send_with_id)
        finally:
            if GONE.get():
                status = HUNG_UP
            self._record(scope, asked, request_id, status, time.perf_counter() - started)

    def _record(self, scope: HTTPScope, asked: str, request_id: str, status: int, seconds: float) -> None:
        method = asked if asked in _METHODS else "other"
        route = scope["path_template"] if "path_template" in scope else "other"  # noqa: SIM401 - .get has no type
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
        series[0].inc()
        series[1].observe(seconds)
        self._log.info(
            "request",
            method=method,
            path=loggable_path(scope["path"]),
            status=status,
            ms=round(seconds * 1000, 2),
            request_id=request_id,
            task_id=TASK_ID.get() or None,
        )


def _as_get(scope: HTTPScope) -> HTTPScope:
    """HEAD as GET without the body (RFC 9110, 9.3.2). Without other extensions, so that no head waits for a body."""
    return cast(HTTPScope, {**scope, "method": "GET", "extensions": {HEAD_EXTENSION: {}}})


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


def loggable_path(path: str) -> str:
    """The path without the token at the end of a callback URL."""
    before, found, secret = path.partition(_CALLBACKS)
    return f"{before}{found}{'/'.join(secret.split('/')[:2])}/***" if found else path


def _request_id(scope: HTTPScope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE.fullmatch(value):
            return value.decode()
    return new_request_id()


def new_request_id() -> str:
    """A random request id."""
    return f"req_{os.urandom(12).hex()}"
