"""How does a person sign in at a browser, and who is signed in?

Signing in is handing over an API key once; from then on the browser sends it by itself, sealed, in a cookie."""

from datetime import datetime
from typing import Annotated, NamedTuple

from litestar import delete, get, post
from litestar.types import ASGIApp
from msgspec import Meta

from api.http.auth import NO_KEY, OPEN, caller_of, credential_in_header, is_direct_loopback
from api.http.dependencies import Injected
from api.http.request_reader import AnyRequest
from api.http.responses import ok
from api.http.session_cookie import cookie_of, forgotten, kept
from domain.api_key import Scope
from domain.base import Rejected, Value
from services.sessions import Sessions
from services.settings import Settings

_NO_STORE = {"Cache-Control": "no-store"}


class SessionDeps(NamedTuple):
    """What these handlers use."""

    settings: Settings
    sessions: Sessions


class SessionView(Value, omit_defaults=True):
    """Who asks, and what they may do."""

    open: Annotated[bool, Meta(description="Whether Pixel is open: then nobody has to sign in", examples=[False])]
    owner: Annotated[str, Meta(description="Whose things are made and seen", examples=["studio"])]
    scopes: Annotated[list[Scope], Meta(description="What they may do", examples=[["client"]])]
    key: Annotated[str | None, Meta(description="The id of the API key", examples=["key_4t8kq2m0vz7c1xna"])] = None
    expires_at: Annotated[
        datetime | None,
        Meta(description="When a session by a cookie is over", examples=["2026-02-11T22:00:00Z"]),
    ] = None


class SignedOut(Value):
    """The browser has forgotten its key."""

    signed_out: Annotated[bool, Meta(description="Always true", examples=[True])]


@get("/api/v1/session")
async def get_session(request: AnyRequest, deps: Injected[SessionDeps]) -> ASGIApp:
    """Who is signed in."""
    cookie = "" if credential_in_header(request.scope) else cookie_of(request.scope)
    expires_at = deps.sessions.expires_at(cookie) if cookie and caller_of(request) is not OPEN else None
    return ok(_view(request, expires_at), _NO_STORE)


@post("/api/v1/session", status_code=200)
async def sign_in(request: AnyRequest, deps: Injected[SessionDeps]) -> ASGIApp:
    """Have the browser keep the key that this request has. An open Pixel wants none, and has none kept."""
    view = _view(request)
    if view.open:
        return ok(view, _NO_STORE)
    key = credential_in_header(request.scope)
    if not key:  # a session can't prolong itself: whoever has stolen one would keep it
        raise Rejected("unauthorised", NO_KEY)
    sealed = deps.sessions.seal(key)
    headers = _NO_STORE | kept(sealed, request.scope["scheme"], deps.settings)
    return ok(_view(request, deps.sessions.expires_at(sealed)), headers)


@delete("/api/v1/session", status_code=200)
async def sign_out(request: AnyRequest, deps: Injected[SessionDeps]) -> ASGIApp:
    """Have the browser forget its key. Nobody has to be signed in for that."""
    return ok(SignedOut(signed_out=True), _NO_STORE | forgotten(request.scope["scheme"], deps.settings))


def _view(request: AnyRequest, expires_at: datetime | None = None) -> SessionView:
    caller = caller_of(request)
    is_open = caller is OPEN
    # Of an open Pixel everybody may do everything but administration, which is for callers on its machine.
    withheld = {Scope.ADMIN} if is_open and not is_direct_loopback(request) else set[Scope]()
    return SessionView(
        open=is_open,
        owner=caller.owner,
        scopes=[scope for scope in Scope if scope in caller.scopes - withheld],
        key=None if is_open else caller.key,
        expires_at=expires_at,
    )


route_handlers = [get_session, sign_in, sign_out]
