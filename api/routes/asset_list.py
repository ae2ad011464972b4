"""Which media are there? The gallery of an owner: what was made and what was brought, newest first."""

from typing import Annotated, NamedTuple

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.request_reader import AnyRequest, read_query
from api.http.responses import ok_encoded
from api.routes.task_list import DEFAULT_PAGE, MAX_PAGE, encode_cursor, parse_cursor, read_model_headers
from domain.base import Rejected, Value
from projections.asset_lists import MAX_WORDS, AssetFilter, words_of
from projections.assets import AssetItem, MediaKind, Origin
from services.list_reader import ListReader
from services.read_your_writes import ReadYourWrites

MAX_SEARCH_CHARACTERS = 200


class AssetListDeps(NamedTuple):
    """What this handler uses. `read_your_writes` is that of the assets."""

    log: EventLog
    lists: ListReader
    read_your_writes: ReadYourWrites


class AssetItems(Value):
    """A page of media, newest first."""

    # For the OpenAPI document only: the handler joins rows that are JSON already.

    items: Annotated[list[AssetItem], Meta(description="The media, newest first")]
    next_cursor: Annotated[
        str | None,
        Meta(
            description="`cursor` for the next page; null on the last one. A search may have one on a page with few "
            "items or none: it goes on there",
            examples=["cDEyMzQ"],
        ),
    ]


class _ListQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    project_id: Annotated[str, Meta(max_length=200)] | None = None
    kind: MediaKind | None = None
    origin: Origin | None = None
    q: Annotated[str, Meta(max_length=MAX_SEARCH_CHARACTERS)] = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    cursor: str = ""
    at_least: Annotated[int, Meta(ge=0)] = 0


async def list_assets(deps: AssetListDeps, request: AnyRequest) -> ASGIApp:
    """Media, newest first, a page at a time."""
    wish = read_query(request, _ListQuery)
    wanted = AssetFilter(
        owner=caller_of(request).sees_only,
        project=wish.project_id or None,
        kind=wish.kind,
        origin=wish.origin,
        words=_words(wish.q),
        before=parse_cursor("cursor", wish.cursor) if wish.cursor else None,
    )
    headers = await read_model_headers(deps.log, deps.read_your_writes, wish.at_least)
    items, end = await deps.lists.assets(wanted, wish.limit)
    cursor = None if end is None else encode_cursor(end)
    page = b'{"items":[' + b",".join(items) + b'],"next_cursor":' + msgspec.json.encode(cursor) + b"}"
    return ok_encoded(page, headers)


def _words(text: str) -> tuple[str, ...]:
    words = words_of(text)
    if len(words) > MAX_WORDS:
        raise Rejected("invalid_request", f"q: may have {MAX_WORDS} words at most, got {len(words)}")
    if "\0" in text:
        raise Rejected("invalid_request", "q: must not hold a NUL character")
    return words


def route_handlers(deps: AssetListDeps) -> list[HTTPRouteHandler]:
    """The handler, with its objects: its path is that of uploads, and so it has their router, and not their objects."""

    @get("/api/v1/assets")
    async def bound_list_assets(request: AnyRequest) -> ASGIApp:
        return await list_assets(deps, request)

    return [bound_list_assets]
