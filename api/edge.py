"""The edge: gives every request its id, and says in one line and in numbers how each of them ended."""

import os
import re
import time
from contextvars import ContextVar

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram

from adapters.postgres import PATIENCE_SECONDS

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
TASK_ID: ContextVar[str] = ContextVar("task_id", default="")  # for the log line of the request

_SANE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,100}")

_CALLBACKS = "/callbacks/"

_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}

logger = structlog.get_logger("pixel.http")


class Edge:
    """Wraps the whole application, errors included."""

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
        started = time.perf_counter()
        request_id = _request_id(scope)
        REQUEST_ID.set(request_id)
        TASK_ID.set("")
        PATIENCE_SECONDS.set(self._patience_seconds)
        header = (b"x-request-id", request_id.encode())
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], header]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._note(scope, request_id, status, time.perf_counter() - started)

    def _note(self, scope: HTTPScope, request_id: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
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
            path=shown(scope["path"]),
            status=status,
            ms=round(seconds * 1000, 2),
            request_id=request_id,
            task_id=TASK_ID.get() or None,
        )


def shown(path: str) -> str:
    """A path as a log may hold it: the address of a callback ends in its secret."""
    before, found, secret = path.partition(_CALLBACKS)
    return f"{before}{found}{'/'.join(secret.split('/')[:2])}/***" if found else path


def _request_id(scope: HTTPScope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE.fullmatch(value):
            return value.decode()
    return f"req_{os.urandom(12).hex()}"
