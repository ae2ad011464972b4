"""Who asks, and may they? One place finds the caller of every request and holds it against the table of routes.

Pixel is open while no API key was ever issued and PIXEL_ADMIN_TOKEN is unset: then every caller is anonymous. From the
first key on it is closed, in every process within a second."""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from litestar.types import HTTPScope

from api.http.request_reader import AnyRequest
from api.http.session_cookie import cookie_of
from domain.api_key import ANONYMOUS, Caller, Scope
from domain.base import Rejected
from services.key_table import KeyTable
from services.request_rates import RequestRates, WrongKeys
from services.sessions import Sessions

NO_KEY = (
    "This Pixel asks for an API key: send it as `Authorization: Bearer pxl_…`. "
    "Whoever runs Pixel makes one with `pixel keys create`."
)
WRONG_KEY = "This is no API key that works: it is mistyped, or it was revoked."
NOT_FROM_HERE = (
    "The admin routes of an open Pixel answer callers on this machine only. Make an API key with `pixel keys create`, "
    "or set PIXEL_ADMIN_TOKEN, and send it as a Bearer token."
)
TWO_CREDENTIALS = "Authorization: may be there once only. Send one API key."
KEY_IN_URL = (
    "An API key may not stand in a URL, because URLs are logged. Send it as `Authorization: Bearer pxl_…`, "
    "and revoke this one: it is known to whoever reads those logs."
)
_KEY = re.compile(rb"pxl_[0-9a-z]{1,32}_[0-9A-Za-z]{32}")
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:@]+)(?::[0-9]+)?")

EVERYBODY = frozenset(Scope)
OPEN = Caller(ANONYMOUS, ANONYMOUS, EVERYBODY)  # all is everybody's; the admin routes ask for more
NOBODY = Caller(ANONYMOUS, ANONYMOUS, frozenset(), sees_only=ANONYMOUS, changes_only=ANONYMOUS)
WITH_TOKEN = Caller("admin", "admin", frozenset({Scope.ADMIN}))


class Access(NamedTuple):
    """Who may use a route: callers with one of these scopes, and those with `admin`. None: everybody, without a key.

    `own`: a caller with the scope `client` only gets what is its owner's. What is another's does not exist for it.
    `signed`: a signature in the address will do, instead of a key; the handler checks it for who is NOBODY, and for who
    has neither there is nothing."""

    scopes: frozenset[Scope] | None
    own: bool = False
    signed: bool = False

    def is_for_nobody(self, scope: HTTPScope, *, has_key: bool) -> bool:
        """Whether the route may be asked without a key that works. `has_key`: there is one that does not."""
        return (
            self.scopes is None
            or scope["method"] == "OPTIONS"
            or (self.signed and (not has_key or b"signature=" in scope["query_string"]))
        )


class WrongKey(Rejected):
    """There is a key, and it does not work."""


class Gate:
    """Finds the caller of each request, and lets it through to its handler, or not."""

    def __init__(
        self, keys: KeyTable, token: str | None, sessions: Sessions, routes: Mapping[tuple[str, str], Access]
    ) -> None:
        self._keys = keys
        self._token = token
        self._sessions = sessions
        self._routes = routes
        self._rates = RequestRates()
        self._wrong_keys = WrongKeys()

    async def check(self, request: AnyRequest) -> None:
        """Put the caller into the state of the request, where `caller_of` finds it.

        Raises Rejected `unauthorised`, `forbidden`, and `invalid_request` for a key in the URL and for two at once;
        RateExceeded for one request of a key too many."""
        scope = request.scope
        access = self._routes.get((scope["method"], scope["path_template"]), _ADMIN_ONLY)
        try:
            caller = self._caller(scope)
        except Rejected as refusal:
            has_key = isinstance(refusal, WrongKey)
            if has_key:
                await self._wrong_keys.slow_down(_address(scope))
            # Where no key is needed, a wrong one is no reason to refuse.
            if refusal.code != "unauthorised" or not access.is_for_nobody(scope, has_key=has_key):
                raise
            caller = NOBODY
        scope["state"]["caller"] = caller
        if access.scopes is None or scope["method"] == "OPTIONS" or caller is NOBODY:
            return
        if caller is OPEN:
            if access.scopes == _ADMIN_SCOPES and not is_direct_loopback(request):
                raise Rejected("forbidden", NOT_FROM_HERE)
        elif access.scopes.isdisjoint(caller.scopes) and Scope.ADMIN not in caller.scopes:
            raise Rejected("forbidden", missing_scope(access.scopes, caller.scopes))
        if (limit := caller.limits.requests_per_minute) is not None:
            self._rates.take(caller.key, limit)

    def _caller(self, scope: HTTPScope) -> Caller:
        if scope["query_string"] and self._has_key(scope["query_string"]):
            raise Rejected("invalid_request", KEY_IN_URL)
        if self._keys.is_open(self._token):
            # Any other may be meant for a proxy, or be what a client always sends; a cookie is of another time.
            if credential_in_header(scope).startswith("pxl_"):
                raise WrongKey("unauthorised", WRONG_KEY)
            return OPEN
        credential = credential_in_header(scope) or self._sessions.open(cookie_of(scope))
        if not credential:
            raise Rejected("unauthorised", NO_KEY)
        if self._token is not None and hmac.compare_digest(credential.encode(), self._token.encode()):
            return WITH_TOKEN
        caller = self._keys.find(credential)
        if caller is None:
            raise WrongKey("unauthorised", WRONG_KEY)
        return caller

    def _has_key(self, query: bytes) -> bool:
        text = unquote_to_bytes(query) if b"%" in query else query
        return _KEY.search(text) is not None or (self._token is not None and self._token.encode() in text)


def caller_of(request: AnyRequest) -> Caller:
    """Who sends this request. Every route has a caller, if only an anonymous one."""
    caller: Caller = request.scope["state"]["caller"]
    return caller


def still_stands(caller: Caller, keys: KeyTable) -> bool:
    """Whether a request that goes on for long would still have this caller if it came now."""
    if caller is OPEN:
        return not keys.any_issued
    return caller is WITH_TOKEN or keys.by_id(caller.key) == caller


def session_end(request: AnyRequest, sessions: Sessions) -> datetime | None:
    """When the session is over that a request came by; None for a request that came by a key of its own, or without
    any."""
    sealed = cookie_of(request.scope)
    if caller_of(request) is OPEN or credential_in_header(request.scope) or not sessions.open(sealed):
        return None
    return sessions.expires_at(sealed)


def caller_named(name: str, keys: KeyTable, token: str | None) -> Caller | None:
    """The caller of an earlier request by its name, if it would still have it; None: it would not."""
    if name == OPEN.key:
        return OPEN if keys.is_open(token) else None
    if name == WITH_TOKEN.key:
        return None if token is None else WITH_TOKEN
    return keys.by_id(name)


def missing_scope(wanted: frozenset[Scope], given: frozenset[Scope]) -> str:
    """What to say to a caller whose scopes do not suffice."""
    names = " or ".join(scope for scope in Scope if scope in wanted | {Scope.ADMIN})
    own = ", ".join(scope for scope in Scope if scope in given)
    return f"This needs an API key with the scope {names}. This one has {own or 'none'}."


def credential_in_header(scope: HTTPScope) -> str:
    """The API key or the token in the Authorization header; empty when there is none, or one of another kind. It counts
    before the cookie, which a browser adds by itself, also when somebody signs in with another key.

    Raises Rejected for two headers."""
    given: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            if given is not None:
                raise Rejected("invalid_request", TWO_CREDENTIALS)
            given = value
    scheme, _, credential = (given or b"").decode("latin-1").partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else ""


def _address(scope: HTTPScope) -> str:
    return scope["client"][0] if scope["client"] else ""


_ADMIN_SCOPES = frozenset({Scope.ADMIN})
_ADMIN_ONLY = Access(_ADMIN_SCOPES)


def is_direct_loopback(request: AnyRequest) -> bool:
    """Whether this comes from the machine itself: from a program, or from a page that Pixel has served."""
    # A proxy on this machine forwards requests of others, and a page from elsewhere may use a name of this machine.
    client: Any = request.scope["client"]
    host = request.headers.get("host", "")
    place = _PLACE.fullmatch(host)
    return (
        client is not None
        and _is_loopback(client[0])
        and not any(name in request.headers for name in _FORWARDED)
        and request.headers.get("origin", f"http://{host}") == f"http://{host}"
        and place is not None
        and (place[1].lower() == "localhost" or _is_loopback(place[1].strip("[]")))
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
