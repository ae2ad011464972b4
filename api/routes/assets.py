"""How is an asset served? Whole, as a range, as a small variant, or as 304.

The id is a hash of the content, so answers may be cached for ever. The bytes come from outside: the headers keep a
browser from guessing another type and from running scripts in them."""

import re
from typing import Annotated, Final, NamedTuple

from litestar import route
from litestar.datastructures import ResponseHeader
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, FromQuery, HeaderParameter
from litestar.response import Stream

from adapters.media import derivatives as recipes
from adapters.media.asset_store import ObjectAssetStore
from adapters.media.derivative_cache import DerivativeCache
from adapters.media.probe import UnreadableMedia
from api.http.auth import NOBODY, OPEN, caller_of
from api.http.dependencies import Injected
from api.http.request_reader import AnyRequest, reject_repeated
from application.ports import AssetInfo
from domain.base import Rejected
from services.asset_access import AssetAccess
from services.media_links import MediaLinks

UNSIGNED: Final = "Asset not found. Without an API key, use the whole address of an answer, with its signature."
OVER: Final = "This address of an asset does not hold any more. Ask for the task again: its answer has a new one."
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


class AssetDeps(NamedTuple):
    """What this handler uses: the assets, who may read them, and the small variants of them."""

    assets: ObjectAssetStore
    access: AssetAccess
    derivatives: DerivativeCache
    links: MediaLinks


class RangeNotSatisfiable(HTTPException):
    """The range begins behind the end of the asset."""

    status_code = 416


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """The range of a Range header as [begin, end) with begin < end <= size, in bytes; None means the whole asset.

    RFC 9110 lets a server ignore other units, malformed ranges and several ranges at once.
    Raises `RangeNotSatisfiable` when no byte of the range exists."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[0].endswith("=-"):
        return None
    first, last = match.groups()
    if not first:
        begin, end = max(size - int(last), 0), size
    elif last and int(last) < int(first):
        return None
    else:
        begin, end = int(first), min(int(last) + 1, size) if last else size
    if begin >= size:
        raise RangeNotSatisfiable(
            detail=f"The asset has {size} bytes", headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"}
        )
    return begin, end


@route(
    "/api/v1/assets/{asset_id:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
    media_type="application/octet-stream",
    # Only on answers that have the asset, as is Cache-Control: an error must not be cached for a year.
    response_headers=[
        ResponseHeader(name="Accept-Ranges", value="bytes"),
        ResponseHeader(name="Content-Disposition", value="inline"),
        ResponseHeader(name="Content-Security-Policy", value="default-src 'none'; sandbox"),
        ResponseHeader(name="X-Content-Type-Options", value="nosniff"),
    ],
)
async def get_asset(
    *,
    request: AnyRequest,
    deps: Injected[AssetDeps],
    asset_id: FromPath[str],
    range_: Annotated[str | None, HeaderParameter(name="Range")] = None,
    if_range: Annotated[str | None, HeaderParameter(name="If-Range")] = None,
    if_none_match: Annotated[str | None, HeaderParameter(name="If-None-Match")] = None,
    variant: FromQuery[str | None] = None,
    width: FromQuery[str | None] = None,
    expires: FromQuery[str | None] = None,
    signature: FromQuery[str | None] = None,
) -> Stream:
    """Preconditions come before ranges, and a range is only for GET (RFC 9110, 13.2.2 and 14.2)."""
    if variant is not None or width is not None:
        reject_repeated(request, "variant", "width")
    caller = caller_of(request)
    seconds = deps.links.seconds_left(asset_id, expires, signature)
    if caller is NOBODY and not seconds:
        raise NotFoundException(detail=UNSIGNED if signature is None else OVER)
    info = await deps.assets.head(asset_id)
    if info is None or not (seconds or await deps.access.may_read(caller.sees_only, asset_id)):
        raise NotFoundException(detail=f"Asset '{asset_id}' not found")
    # What not everybody may read is for the cache of its caller, and for none that others share.
    fresh = f"max-age={seconds if caller is NOBODY else 31536000}, immutable"
    caching = {"Cache-Control": f"{'public' if caller is OPEN else 'private'}, {fresh}"}
    if variant is not None:
        headers, made = await _variant(deps.derivatives, info, variant, width, if_none_match)
        if made is None:
            return Stream((), status_code=304, headers=headers | caching)
        return Stream([made] if request.method == HttpMethod.GET else (), headers=headers | caching)
    etag = f'"{info.sha256}"'
    if if_none_match is not None and _etag_matches(if_none_match, etag):
        return Stream((), status_code=304, headers={"ETag": etag} | caching)
    begin, end, status = 0, info.bytes, 200
    headers = {"ETag": etag, "Content-Type": info.media_type} | caching
    if range_ is not None and request.method == HttpMethod.GET and if_range in (None, etag):
        part = parse_range(range_, info.bytes)
        if part is not None:
            (begin, end), status = part, 206
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{info.bytes}"
    headers["Content-Length"] = str(end - begin)
    body = deps.assets.read(asset_id, begin, end) if request.method == HttpMethod.GET else ()
    return Stream(body, status_code=status, headers=headers)


async def _variant(
    variants: DerivativeCache, info: AssetInfo, variant: str, width: str | None, if_none_match: str | None
) -> tuple[dict[str, str], bytes | None]:
    """Headers and bytes of a small variant of the asset; no bytes when the caller has it. Ranges are not supported."""
    name, pixels = _parse_variant(info, variant, width)
    etag = f'"{variants.tag(info, name, pixels)}"'
    if if_none_match is not None and _etag_matches(if_none_match, etag):
        return {"ETag": etag}, None
    try:
        made = await variants.get(info, name, pixels)
    except LookupError:
        raise NotFoundException(detail=f"Asset '{info.id}' not found") from None
    except UnreadableMedia as error:
        raise Rejected("invalid_request", f"variant: no {name} can be made of this asset. {error}.") from error
    headers = {"ETag": etag, "Content-Type": recipes.TYPES[name], "Content-Length": str(len(made))}
    return headers | {"Accept-Ranges": "none"}, made


def _parse_variant(info: AssetInfo, variant: str, width: str | None) -> tuple[recipes.Name, int]:
    possible = recipes.POSSIBLE[info.media_type.partition("/")[0]]
    if not possible:
        raise Rejected("invalid_request", "variant: this asset is a file that does not decode; there are none of it")
    problems: list[str] = []
    name: recipes.Name | None = None
    for each in possible:
        name = each if each == variant else name
    if name is None:
        problems.append(f"variant: '{variant[:64]}' is none of {info.media_type}; possible is {' or '.join(possible)}")
    pixels = recipes.USUAL_WIDTHS[name or possible[0]]
    if width is not None:
        pixels = next((number for number in recipes.WIDTHS if str(number) == width), 0)
        if not pixels:
            widths = ", ".join(map(str, recipes.WIDTHS))
            problems.append(f"width: '{width[:64]}' is not possible; choose one of {widths}")
    if name is None or problems:
        raise Rejected("invalid_request", "; ".join(problems))
    return name, pixels


def _etag_matches(if_none_match: str, etag: str) -> bool:
    """Whether If-None-Match lists the ETag; a weak one counts, too (RFC 9110, 13.1.2)."""
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in if_none_match.split(","))


route_handlers: Final = [get_asset]
