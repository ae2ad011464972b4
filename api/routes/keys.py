"""How does an administrator issue, see, change and revoke API keys?"""

from typing import Annotated, NamedTuple

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID
from api.http.request_reader import AnyRequest, decode_body, parse_position, reject_repeated
from api.http.responses import ok
from api.routes.task_list import DEFAULT_PAGE, MAX_PAGE, encode_cursor, parse_cursor, read_model_headers
from api.routes.tasks import parse_integer
from application import api_keys
from application.ports import Cause
from domain.api_key import MAX_OWNER_CHARACTERS, NO_LIMITS, KeyLimits, Scope
from domain.base import Rejected, Value
from domain.request import Body
from projections import api_keys as read_model
from projections.api_keys import KeyView, view
from services.key_table import KeyTable
from services.read_your_writes import ReadYourWrites

Scopes = Annotated[tuple[Scope, ...], Meta(description="What it may do", examples=[["client"]])]
_NO_STORE = {"Cache-Control": "no-store"}


class KeyDeps(NamedTuple):
    """What these handlers use. `read_your_writes` is that of the keys."""

    pool: Pool
    log: EventLog
    keys: KeyTable
    read_your_writes: ReadYourWrites


class GivenLimits(KeyLimits, forbid_unknown_fields=True):
    """The limits of a client's key; what is left out has none. Days and months are those of UTC."""

    def stored(self) -> KeyLimits:
        """As events have them."""
        return KeyLimits(**msgspec.structs.asdict(self))


class NewKey(Body):
    """The key that is wanted."""

    owner: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_OWNER_CHARACTERS,
            description="Whose things its tasks are; several keys may have one owner",
            examples=["studio"],
        ),
    ]
    scopes: Scopes
    limits: Annotated[GivenLimits | None, Meta(description="What it may do at most")] = None


class KeyChange(Body):
    """What of a key is to be changed. What is left out stays; `limits` replace all limits that it had."""

    scopes: Scopes | None = None
    limits: Annotated[GivenLimits | None, Meta(description="What it may do at most, from now on")] = None


class Revocation(Body):
    """Why a key is revoked."""

    reason: (
        Annotated[str, Meta(max_length=500, description="Why; kept in the history", examples=["the laptop was lost"])]
        | None
    ) = None


class CreatedKey(Value):
    """A new key. Its text is told this once only."""

    text: Annotated[
        str,
        Meta(
            description="What its holder sends as `Authorization: Bearer …`. Nobody can find it out later",
            examples=["pxl_4t8kq2m0vz7c1xna_5b0c…"],
        ),
    ]
    key: Annotated[KeyView, Meta(description="The key")]


class KeyPage(Value):
    """A page of keys, newest first."""

    keys: Annotated[list[KeyView], Meta(description="The keys, newest first")]
    next_cursor: Annotated[
        str | None, Meta(description="`cursor` for the next page; null on the last one", examples=["cDEyMzQ"])
    ]


@get("/api/v1/admin/keys")
async def list_keys(request: AnyRequest, deps: Injected[KeyDeps]) -> ASGIApp:
    """All keys, newest first, a page at a time; those that were revoked, too."""
    reject_repeated(request, "limit", "cursor", "atLeast")
    given = request.query_params
    limit = parse_integer("limit", given.get("limit") or str(DEFAULT_PAGE), 1, MAX_PAGE)
    before = parse_cursor("cursor", given["cursor"]) if given.get("cursor") else None
    at_least = parse_position("atLeast", given["atLeast"]) if given.get("atLeast") else 0
    headers = await read_model_headers(deps.log, deps.read_your_writes, at_least)
    found = await read_model.page(deps.pool, before=before, limit=limit + 1)
    cursor = encode_cursor(found[limit - 1].position) if len(found) > limit else None
    return ok(KeyPage(keys=[item.view for item in found[:limit]], next_cursor=cursor), headers)


@post("/api/v1/admin/keys", status_code=200)
async def create_key(request: AnyRequest, deps: Injected[KeyDeps]) -> ASGIApp:
    """Issue a key. Its text is in this answer, and nowhere else."""
    wish = await decode_body(request, NewKey)
    limits = wish.limits.stored() if wish.limits else NO_LIMITS
    issued = await api_keys.create(deps.log, owner=wish.owner, scopes=wish.scopes, limits=limits, cause=_cause(request))
    await deps.keys.refresh()
    return ok(CreatedKey(text=issued.text, key=view(issued.key)), _NO_STORE)


@get("/api/v1/admin/keys/{key_id:str}")
async def get_key(deps: Injected[KeyDeps], key_id: FromPath[str]) -> ASGIApp:
    """One key."""
    key = await api_keys.load(deps.log, key_id)
    return ok(view(key, await read_model.last_used(deps.pool, key_id)), _NO_STORE)


@post("/api/v1/admin/keys/{key_id:str}/change", status_code=200)
async def change_key(request: AnyRequest, deps: Injected[KeyDeps], key_id: FromPath[str]) -> ASGIApp:
    """Give a key other scopes or limits."""
    wish = await decode_body(request, KeyChange)
    if wish.scopes is None and wish.limits is None:
        raise Rejected("invalid_request", "scopes, limits: say what is to be changed")
    limits = wish.limits.stored() if wish.limits else None
    key = await api_keys.change(deps.log, key_id, scopes=wish.scopes, limits=limits, cause=_cause(request))
    await deps.keys.refresh()
    return ok(view(key), _NO_STORE)


@post("/api/v1/admin/keys/{key_id:str}/revoke", status_code=200)
async def revoke_key(request: AnyRequest, deps: Injected[KeyDeps], key_id: FromPath[str]) -> ASGIApp:
    """End a key for good. A second time changes nothing."""
    wish = await decode_body(request, Revocation, empty=Revocation())
    key = await api_keys.revoke(deps.log, key_id, reason=wish.reason or "", cause=_cause(request))
    await deps.keys.refresh()
    return ok(view(key), _NO_STORE)


def _cause(request: AnyRequest) -> Cause:
    return Cause(actor=caller_of(request).key, request_id=REQUEST_ID.get())


route_handlers = [list_keys, create_key, get_key, change_key, revoke_key]
