"""What do all simulators share? Routes, faults, the ledger of work that would have been billed, files to download.

A simulator is an ASGI application. Faults are set in two ways. `[[name]]` or `[[name:3]]` in the text of a request
applies to the first (three) orders of that text. `POST /_simulator/faults {"fault": "...", "route": "...", "times": 1}`
applies to the next requests of a route, whatever they contain. `GET /_simulator/ledger` lists the work that would have
been billed, by digest."""

import asyncio
import contextlib
import hashlib
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from email.parser import HeaderParser
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import httpx
import msgspec

from tests.web import PlainClient

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

WIRE_FAULTS = {
    "gone",  # 404, whatever it is
    "gone_for_good",  # 410
    "500_before",  # 500, and nothing was done
    "500_after",  # 500, and it was done and billed
    "502_html",  # a gateway's page, nothing was done
    "reset_before",  # the connection breaks before anything is done
    "reset_after",  # it is done and billed, and the connection breaks before the answer
    "silent_after",  # it is done and billed, and no answer ever comes
    "slow_headers",  # the answer comes, late (SLOW_SECONDS)
    "cut_body",  # it is done and billed, and the answer breaks off in the middle
    "empty_body",  # it is done and billed, and the answer is a 200 without a body
    "truncated_json",  # it is done and billed, and the answer is half a JSON document, complete as HTTP
}
SLOW_SECONDS = 0.3
_MARK = re.compile(r"\[\[(\w+)(?::(\d+))?\]\]")


class Part(NamedTuple):
    """One part of a multipart form: a field, or a file if it has a file name."""

    name: str
    file: str | None
    media_type: str
    data: bytes

    @classmethod
    def read(cls, piece: bytes) -> "Part":
        """The part between two boundaries."""
        head, _, data = piece.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        message = HeaderParser().parsestr(head.decode())
        name = message.get_param("name", header="content-disposition")
        return cls(str(name or ""), message.get_filename(), message.get("content-type", ""), data)


class Request:
    """One request with its complete body."""

    def __init__(self, scope: Scope, body: bytes, match: re.Match[str]) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query = parse_qs(scope["query_string"].decode())
        self.headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.body = body
        self.at = match.groupdict()
        """The named parts of the path."""
        self.base = f"http://{self.headers.get('host', 'localhost')}"

    def json(self) -> Any:
        """The body as JSON; raises Answer 400 for a body that is no JSON."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            raise Answer(400, text="not JSON") from None

    def parts(self) -> list[Part]:
        """The parts of a multipart form; raises Answer 400 for a body that is none."""
        kind, _, boundary = self.headers.get("content-type", "").partition("boundary=")
        require(kind.startswith("multipart/form-data") and boundary, Answer(400, text="not a multipart form"))
        pieces = self.body.split(b"--" + boundary.strip('"').encode())
        return [Part.read(piece) for piece in pieces[1:-1]]

    @cached_property
    def text(self) -> str:
        """The complete body as text, in which the marks for faults are searched."""
        return self.body.decode("utf-8", "replace")


class Answer(Exception):
    """An answer; it may be returned or raised."""

    def __init__(
        self,
        status: int = 200,
        json: object | None = None,
        *,
        text: str | None = None,
        data: bytes | None = None,
        media_type: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        if json is not None:
            self.body, media_type = msgspec.json.encode(json), media_type or "application/json"
        elif text is not None:
            self.body, media_type = text.encode(), media_type or "text/plain; charset=utf-8"
        else:
            self.body = data or b""
        self.headers = {"content-type": media_type or "application/octet-stream"} | (headers or {})
        self.pieces = 1
        """In how many pieces it is sent: more than one without a length, in chunks."""


Handler = Callable[[Request], Awaitable[Answer]]


class Simulator:
    """One vendor. A subclass or module registers routes; `order=True` marks those that cost money."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.effects: Counter[str] = Counter()
        """What would have been billed, by the digest of the order."""
        self.orders: list[tuple[Request, Answer]] = []
        """Every order with its answer, faults aside: what golden files are made of."""
        self.checks_only = False
        """Whether an order ends when it is accepted, before anything is made: media take longer than any check."""
        self.texts: dict[str, str] = {}
        """The text of each billed order, by which a test finds its task."""
        self.requests: list[tuple[str, str]] = []
        """Method and path of every request, in order."""
        self.halfway: asyncio.Event | None = None
        """An answer in pieces waits for it when a half is sent."""
        self.distort: Callable[[Request, Answer], Answer] = lambda _, answer: answer
        """Changes each good answer before it is sent; the ledger and the golden files hold the unchanged answer."""
        self.files: dict[str, tuple[bytes, str]] = {}
        """What can be downloaded, by file name: bytes and media type."""
        self._routes: list[tuple[str, re.Pattern[str], Handler, bool]] = []
        self._met: Counter[tuple[str, str]] = Counter()
        self._faults: list[dict[str, Any]] = []
        self._timers: list[asyncio.TimerHandle] = []
        self._posting: set[asyncio.Task[None]] = set()
        self.route("GET", r"/_simulator/ledger")(self._ledger)
        self.route("POST", r"/_simulator/faults")(self._set_fault)
        self.route("GET", r"/_files/(?:[^/]*/)?(?P<file>[\w.-]+)")(self.download)

    # --- For the vendors' modules ---

    def route(self, method: str, path: str, *, order: bool = False) -> Callable[[Handler], Handler]:
        """Register a handler for a path (a regular expression, matched in full)."""

        def register(handler: Handler) -> Handler:
            self._routes.append((method, re.compile(path), handler, order))
            return handler

        return register

    def bill(self, request: Request, *, times: int = 1) -> str:
        """Record an effect: from here on the work is paid for. Returns the digest of the order."""
        digest = digest_of(request)
        self.effects[digest] += times
        self.texts[digest] = request.text[:2000]
        require(not self.checks_only, Answer(503, text="accepted, and not made"))
        return digest

    def fault(self, request: Request, *names: str) -> str | None:
        """The fault that applies to this request, among those named. A mark applies as often as it says, then no
        more."""
        for name, times in _MARK.findall(request.text):
            if name in names and self._meets(request, name, int(times or 1)):
                return str(name)
        for fault in self._faults:
            if fault["fault"] in names and re.fullmatch(fault["route"], request.path) and fault["times"] > 0:
                fault["times"] -= 1
                return str(fault["fault"])
        return None

    def meet(self, fault: str, route: str = ".*", times: int = 1) -> None:
        """Set a fault for the next requests of a route."""
        others = [each for each in self._faults if (each["fault"], each["route"]) != (fault, route)]
        self._faults = [*others, {"fault": fault, "route": route, "times": times}]

    def lasting(self, request_text: str, *names: str) -> str | None:
        """A permanent fault of the job itself, set by the mark in the text of its order."""
        return next((name for name, _ in _MARK.findall(request_text) if name in names), None)

    def keep_file(self, data: bytes, media_type: str, extension: str) -> str:
        """Offer a file for download; returns its name."""
        name = f"{hashlib.sha256(data).hexdigest()[:24]}.{extension}"
        self.files[name] = (data, media_type)
        return name

    async def download(self, request: Request) -> Answer:
        """A file. Signed addresses need no key: a key that is sent along is a mistake of the caller."""
        if "authorization" in request.headers or "x-goog-api-key" in request.headers:
            return Answer(400, text="signed addresses take no credentials")
        data, media_type = self.files.get(request.at["file"], (b"", ""))
        return Answer(200, data=data, media_type=media_type) if data else Answer(404, text="no such file")

    def callback(self, request: Request, answer: Answer) -> tuple[str, object] | None:
        """The order's callback address, and the body that the vendor sends there, for vendors that call back."""
        return None

    def callback_headers(self, body: bytes) -> dict[str, str]:
        """The headers of a callback with this body, for vendors that sign."""
        return {}

    async def _call_back(self, request: Request, answer: Answer) -> None:
        """Call back soon after the answer; with `callback_early` before it and again after it; with `callback_twice`
        twice. The wait for the receiver is short, and its answer does not matter."""
        callback = self.callback(request, answer) if answer.status == 200 else None
        if callback is None:
            return
        marks = {name for name, _ in _MARK.findall(request.text)}
        if "callback_early" in marks:
            await self._post(*callback)
        for turn in range(2 if "callback_twice" in marks else 1):
            later = asyncio.get_running_loop().call_later(0.05 + turn / 10, self._post_later, *callback)
            self._timers.append(later)

    def _post_later(self, url: str, body: object) -> None:
        posting = asyncio.create_task(self._post(url, body))
        self._posting.add(posting)
        posting.add_done_callback(self._posting.discard)

    async def _post(self, url: str, body: object) -> None:
        content = msgspec.json.encode(body)
        headers = {"content-type": "application/json"} | self.callback_headers(content)
        with contextlib.suppress(httpx.HTTPError):
            async with PlainClient(timeout=5) as client:
                await client.post(url, content=content, headers=headers)

    # --- ASGI ---

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        body = await _read(receive)
        for method, path, handler, order in self._routes:
            match = path.fullmatch(scope["path"])
            if match and method == scope["method"]:
                request = Request(scope, body, match)
                ours = request.path.startswith("/_simulator/")
                if not ours:
                    self.requests.append((request.method, request.path))
                await self._answer(request, handler, order, send)
                return
        self.requests.append((scope["method"], scope["path"]))
        await _send(send, Answer(404, text=f"no route {scope['method']} {scope['path']}"))

    async def _answer(self, request: Request, handler: Handler, order: bool, send: Send) -> None:
        fault = self.fault(request, *WIRE_FAULTS) if order or self._faults else None
        match fault:
            case "gone":
                await _send(send, Answer(404, text="gone"))
                return
            case "gone_for_good":
                await _send(send, Answer(410, text="gone"))
                return
            case "500_before":
                await _send(send, Answer(500, json={"error": {"message": "internal error"}}))
                return
            case "502_html":
                await _send(send, Answer(502, text="<html><h1>Bad Gateway</h1></html>", media_type="text/html"))
                return
            case "reset_before":
                _abort(send)
                return
            case _:
                pass
        try:
            answer = await handler(request)
        except Answer as raised:
            answer = raised
        if order:
            self.orders.append((request, answer))
            await self._call_back(request, answer)
        match fault:
            case "500_after":
                await _send(send, Answer(500, json={"error": {"message": "internal error"}}))
            case "reset_after":
                _abort(send)
            case "silent_after":
                await asyncio.sleep(3600)
            case "cut_body":
                await _send(send, answer, cut=True)
            case "empty_body":
                await _send(send, Answer(200, data=b""))
            case "truncated_json":
                if answer.headers["content-type"] != "application/json":  # a half of an audio file is still audio
                    answer = Answer(200, json={"error": {"message": "internal error"}})
                answer.body = answer.body[: len(answer.body) // 2]
                await _send(send, answer)
            case "slow_headers":
                await asyncio.sleep(SLOW_SECONDS)
                await _send(send, answer)
            case _:
                distorted = answer if request.path.startswith("/_simulator/") else self.distort(request, answer)
                await _send(send, distorted, halfway=self.halfway)

    def _meets(self, request: Request, name: str, times: int) -> bool:
        key = (digest_of(request), name)
        self._met[key] += 1
        return self._met[key] <= times

    async def _ledger(self, request: Request) -> Answer:
        return Answer(200, json={"effects": self.effects, "texts": self.texts, "requests": len(self.requests)})

    async def _set_fault(self, request: Request) -> Answer:
        self.meet(**request.json())
        return Answer(200, json={})


def digest_of(request: Request) -> str:
    """The digest of an order: of the path and the body, without the parts that change each time (call ids,
    boundaries)."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        boundary = request.headers["content-type"].partition("boundary=")[2]
        content = request.body.replace(boundary.encode(), b"")
    else:
        try:
            content = msgspec.json.encode(_without_ids(msgspec.json.decode(request.body)), order="deterministic")
        except msgspec.DecodeError:
            content = request.body
    return hashlib.sha256(request.path.encode() + content).hexdigest()[:24]


_NEW_EACH_TIME = {
    *("external_task_id", "safety_identifier"),  # Ark's, of Seedance 1 and 2
    *("reqid", "callback_url", "client_id", "prompt_id", "seed"),
}


def _without_ids(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_ids(item) for name, item in value.items() if name not in _NEW_EACH_TIME}
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


def require(condition: object, answer: Answer) -> None:
    """Raise the answer unless the condition holds."""
    if not condition:
        raise answer


def without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """The members that are set: vendors' own clients write null for the others."""
    return {name: value for name, value in body.items() if value is not None}


def unknown(value: dict[str, Any], known: Iterable[str]) -> list[str]:
    """The fields that are not known."""
    return sorted(set(value) - set(known))


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        piece: bytes = message.get("body", b"")
        body += piece
        if not message.get("more_body"):
            return body


async def _send(send: Send, answer: Answer, *, cut: bool = False, halfway: asyncio.Event | None = None) -> None:
    headers = ({"content-length": str(len(answer.body))} if answer.pieces == 1 else {}) | answer.headers
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    if cut:
        await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
        await asyncio.sleep(0.05)
        _abort(send)
        return
    size = max(len(answer.body) // answer.pieces, 1)
    for begin in range(0, len(answer.body) if answer.pieces > 1 else 0, size):
        if halfway is not None and begin > len(answer.body) // 2:
            await halfway.wait()
        await send({"type": "http.response.body", "body": answer.body[begin : begin + size], "more_body": True})
    await send({"type": "http.response.body", "body": b"" if answer.pieces > 1 else answer.body})


def _abort(send: Send) -> None:
    """Break the connection, as a crash would: uvicorn's `send` is a method of the request's cycle."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
