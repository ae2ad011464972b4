"""May this request come in? Its host, the page that it comes from and its path are checked before any route.

Any page can make a browser send a request: to a name that points at this machine (DNS rebinding), or a POST whose
answer the page can't read. Requests cost money, even if nobody reads the answer."""

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api.http.errors import STATUS, Failure
from api.http.request_log import REQUEST_ID
from api.http.responses import JsonResponse
from api.http.session_cookie import MARK
from api.openai.errors import error_body, is_openai
from domain.base import Rejected
from services.settings import Settings

NOT_FROM_THERE = "Pages of this origin may not send this. PIXEL_CORS_ORIGINS lists those that may."
NOT_OUR_PAGE = (
    "By the cookie of a session only Pixel's own pages may change anything: the `Origin` has to be Pixel's. "
    "Programs send their API key as `Authorization: Bearer pxl_…`."
)
NO_SUCH_HOST = (
    "Pixel listens on this machine only, and is not called '{host}'. Ask for it by localhost or by a loopback address; "
    "behind a proxy, set PIXEL_PUBLIC_URL to the address that callers use."
)
_ONE_HOST = "Host: there must be one, such as localhost:8000"
_PLACES = (b"/api/v1/", b"/v1/", b"/health/", b"/metrics", b"/openapi.json", b"/docs", b"/redoc", b"/studio")
_STUDIO = b"/studio/"
_MODELS = b"/v1/models/"  # OpenAI's clients encode the slash in the id of a model
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SAME_PAGE = frozenset({b"same-origin", b"none"})  # `none`: the person at the browser, and no page
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
# Percent-encoded letters, digits and dashes make another spelling of the same route, which a proxy's rule may miss.
_OTHER_NAME = re.compile(rb"//|%(?:2[DEFdef]|3[0-9]|4[1-9A-Fa-f]|5[0-9AFCafc]|6[1-9A-Fa-f]|7[0-9AEae])|.[/]$")


class BasePath:
    """Middleware that removes the path of PIXEL_PUBLIC_URL when a proxy has left it in."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._path = unquote(settings.public_path)
        self._raw = quote(self._path, safe="/~!$&'()*+,;=:@").encode()
        self._places = tuple(self._raw + place for place in _PLACES)
        # A path that is called as a page of Pixel's, such as /docs, is that page: a proxy may have removed the first.
        self._roots = () if self._raw in _PLACES else (self._raw, self._raw + b"/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == ScopeType.HTTP:
            raw = _raw_path(scope)
            if raw.startswith(self._places) or raw in self._roots:
                scope["path"] = scope["path"].removeprefix(self._path) or "/"
                scope["raw_path"] = raw.removeprefix(self._raw) or b"/"
        await self._app(scope, receive, send)


class OriginPolicy:
    """Middleware around the routes that answers refused requests itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._any_origin = "*" in settings.as_list("cors_origins")
        self._allowed = re.compile(origins(settings).encode())
        public = urlsplit(settings.public_url or "")
        self._public = _without_default_port(public.netloc.lower().encode())
        self._local_names = (
            {(public.hostname or "localhost").encode(), b"localhost"} if is_local(settings.host) else None
        )
        self._host_refusals: dict[bytes, Rejected | None] = {}  # what was said of a Host; bounded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == ScopeType.HTTP:
            try:
                self._check(scope)
            except Rejected as refusal:
                status = STATUS[refusal.code]
                failure: object = Failure(str(status), refusal.message, REQUEST_ID.get())
                if is_openai(scope["path"]):
                    failure = error_body(status, refusal.message, param=None, code=refusal.code)
                await JsonResponse(msgspec.json.encode(failure), status=status)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: HTTPScope) -> None:
        host = origin = site = None
        hosts, has_session, has_key = 0, False, False
        for name, value in scope["headers"]:
            if name == b"host":
                host, hosts = value, hosts + 1
            elif name == b"origin":
                origin = value
            elif name == b"sec-fetch-site":
                site = value
            elif name == b"cookie":
                has_session = has_session or MARK in value
            elif name == b"authorization":
                has_key = True
        self._check_host(scope, host, hosts)
        if scope["method"] not in _SAFE:
            self._check_origin(host, origin, site)
            if has_session and not has_key:
                self._check_own_page(host, origin, site)
        self._check_path(scope)

    def _check_host(self, scope: HTTPScope, host: bytes | None, hosts: int) -> None:
        if host is None and hosts == 0 and scope["http_version"] == "1.0":
            return  # optional in HTTP/1.0; browsers always send it
        if host is None or hosts != 1:
            raise Rejected("invalid_request", _ONE_HOST)
        if host not in self._host_refusals:
            if len(self._host_refusals) >= 100:
                self._host_refusals.clear()
            self._host_refusals[host] = self._host_refusal(host)
        if refusal := self._host_refusals[host]:
            raise refusal

    def _host_refusal(self, host: bytes) -> Rejected | None:
        match = _HOST.fullmatch(host)
        if match is None:
            return Rejected("invalid_request", _ONE_HOST)
        name = match[1].lower()
        if self._local_names is None or name in self._local_names or is_local(name.decode()):
            return None
        return Rejected("foreign_host", NO_SUCH_HOST.format(host=name.decode()[:200]))

    def _check_origin(self, host: bytes | None, origin: bytes | None, site: bytes | None) -> None:
        """Raise Rejected for a foreign page, as Go's CrossOriginProtection does. Programs send neither header."""
        if self._any_origin or site in _SAME_PAGE or (origin is not None and self._allowed.fullmatch(origin)):
            return
        if site is None and (origin is None or self._is_ours(origin, host)):
            return
        raise Rejected("foreign_origin", NOT_FROM_THERE)

    def _check_own_page(self, host: bytes | None, origin: bytes | None, site: bytes | None) -> None:
        """Raise Rejected for a request that a session would change something by, unless a page of Pixel's own sent it:
        a browser adds the cookie by itself, and then no other page is trusted, whatever PIXEL_CORS_ORIGINS says."""
        own = site == b"same-origin" if site is not None else origin is not None and self._is_ours(origin, host)
        if not own:
            raise Rejected("foreign_origin", NOT_OUR_PAGE)

    def _is_ours(self, origin: bytes, host: bytes | None) -> bool:
        # The scheme is not compared: a proxy may end TLS unnoticed.
        place = _without_default_port(origin.lower().partition(b"://")[2])
        ours: Iterable[bytes] = (_without_default_port((host or b"").lower()), self._public)
        return bool(place) and place in ours

    def _check_path(self, scope: HTTPScope) -> None:
        raw = _raw_path(scope)
        if raw.startswith(_STUDIO):  # the pages of the studio end in a slash
            raw = raw.removesuffix(b"/")
        if raw.startswith(_MODELS):
            raw = re.sub(b"%2[Ff]", b"/", raw, count=1)
        if (b"%" in raw or b"//" in raw or raw[-1:] == b"/") and _OTHER_NAME.search(raw):
            raise Rejected("no_such_path", f"There is nothing at {scope['path'][:200]}. The API is described at /docs.")


def _raw_path(scope: HTTPScope) -> bytes:
    raw: bytes | None = cast(dict[str, Any], scope).get("raw_path")
    return raw or scope["path"].encode()


def origins(settings: Settings) -> str:
    """A regular expression of the allowed origins. A `*` in an origin stands for any part of its host name."""
    listed = [re.escape(origin).replace(r"\*", "[a-z0-9.-]*") for origin in settings.as_list("cors_origins")]
    return "|".join(listed) or "(?!)"


def is_local(host: str) -> bool:
    """Whether the host is a loopback address or `localhost`."""
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _without_default_port(place: bytes) -> bytes:
    return re.sub(rb":(?:80|443)$", b"", place)
