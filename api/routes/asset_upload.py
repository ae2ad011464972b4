"""How does an upload become an asset? As a file or by its URL; requests may then refer to it.

The content decides its type, not its name or header. Bytes, pixels and seconds are limited; the same content again is
the same asset."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Final, NamedTuple

import msgspec
from litestar import post
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException, InternalServerException, ServiceUnavailableException
from litestar.types import ASGIApp
from msgspec import Meta
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.probe import UnknownMedia, UnreadableMedia
from adapters.outbound.media_download import UPLOAD, fetch_media
from adapters.outbound.ssrf_guard import Guard
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID
from api.http.request_reader import AnyRequest, base_url, content_type, json_only
from api.http.responses import POSITION, location, ok
from application.clock import now
from application.ports import Cause, InputUnavailable
from domain.api_key import ANONYMOUS, Caller
from domain.base import Rejected, Value
from domain.media_reference import ASSETS_PATH, EXAMPLE_ID, MAX_CHARACTERS
from domain.provider import Asset
from domain.request import Body
from domain.upload import AssetUploaded
from services.asset_access import AssetAccess
from services.media_links import MediaLinks
from services.settings import Settings
from services.upload_records import UploadRecords

# What is around a file in a multipart body: boundaries, headers.
FRAME_BYTES: Final = 16 * 1024
_TURN_SECONDS: Final = 10.0
FULL: Final = "Too many files are on their way in at this moment. Try again shortly."
_KINDS: Final = "PNG, JPEG, WebP, GIF, AVIF, HEIC; MP4, WebM, MOV; WAV, MP3, Ogg, FLAC, AAC, M4A"
_HOW: Final = 'Send multipart/form-data with one file field named \'file\', or JSON such as {"url": "https://…"}'


class UploadTurns:
    """Limits how many uploads of one process do the same thing at the same time."""

    def __init__(self, max_uploads: int) -> None:
        self._receiving = asyncio.Semaphore(max_uploads)
        self.fetching = asyncio.Semaphore(8)  # apart from the others, so that slow servers hold up no upload
        self.in_memory = asyncio.Semaphore(4)  # a file is in memory while it is measured and stored

    @asynccontextmanager
    async def receive(self) -> AsyncGenerator[None]:
        """A turn to read a file. Raises ServiceUnavailableException after 10 seconds without one."""
        try:
            async with asyncio.timeout(_TURN_SECONDS):
                await self._receiving.acquire()
        except TimeoutError:
            raise ServiceUnavailableException(FULL, headers={"Retry-After": "10"}) from None
        try:
            yield
        finally:
            self._receiving.release()


class UploadDeps(NamedTuple):
    """What these handlers use. `guard` is for the URLs of callers."""

    settings: Settings
    assets: ObjectAssetStore
    access: AssetAccess
    guard: Guard
    turns: UploadTurns
    records: UploadRecords
    links: MediaLinks


class ImportRequest(Body):
    """Where the medium is."""

    url: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_CHARACTERS,
            description="Where it is: http or https, within the public internet",
            examples=["https://example.com/cat.png"],
        ),
    ]


class KeptAsset(Value, omit_defaults=True):
    """A medium that Pixel keeps. Sizes in pixels and bytes, duration in seconds, all measured."""

    id: Annotated[
        str,
        Meta(
            description="Its content's own name, for `imageInputs`",
            examples=[EXAMPLE_ID],
        ),
    ]
    url: Annotated[
        str,
        Meta(
            description="Where it is; where Pixel is closed, the address expires",
            examples=[f"http://localhost:8000{ASSETS_PATH}{EXAMPLE_ID}"],
        ),
    ]
    media_type: Annotated[str, Meta(description="As Pixel found it, whatever it was called", examples=["image/png"])]
    bytes: Annotated[int, Meta(description="Its size", examples=[48213])]
    sha256: Annotated[
        str,
        Meta(
            description="The hash of its bytes",
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ]
    width: Annotated[int | None, Meta(description="Pixels, as measured", examples=[2560])] = None
    height: Annotated[int | None, Meta(description="Pixels, as measured", examples=[1440])] = None
    duration: Annotated[float | None, Meta(description="Seconds of a video or audio, as measured", examples=[5.0])] = (
        None
    )


class KeptUpload(NamedTuple):
    """An upload, and the position at which the log has it; None when it was brought before, or is not recorded yet."""

    asset: Asset
    position: int | None


@post("/api/v1/assets", status_code=200)
async def keep_asset(request: AnyRequest, deps: Injected[UploadDeps]) -> ASGIApp:
    """Store a file, or the content of a URL."""
    if content_type(request) != "multipart/form-data":
        json_only(request)
        wanted = await _import_request(request, deps.settings)
        async with deps.turns.fetching:
            data = await _fetched(deps, wanted.url)
            async with deps.turns.in_memory:
                return await _keep(request, deps, data)
    async with deps.turns.receive(), _received(request, deps.settings.max_upload_bytes) as file, deps.turns.in_memory:
        return await _keep(request, deps, await file.read())


async def _keep(request: AnyRequest, deps: UploadDeps, data: bytes) -> ASGIApp:
    asset, position = await keep(deps, data, caller_of(request))
    answer = KeptAsset(
        id=asset.id,
        url=deps.links.url(asset.id, base_url(request, deps.settings)),
        media_type=asset.media_type,
        bytes=asset.bytes,
        sha256=asset.sha256,
        width=asset.width,
        height=asset.height,
        duration=asset.duration_seconds,
    )
    headers = {"Location": location(deps.settings, f"{ASSETS_PATH}{asset.id}")}
    if position is not None:
        headers[POSITION] = str(position)
    return ok(answer, headers)


async def keep(deps: UploadDeps, data: bytes, caller: Caller) -> KeptUpload:
    """Store a file of a caller's as an asset, which its owner may read from now on, and record it for the gallery.

    Raises Rejected for one that is no media, AssetsUnavailable, and what the database raises."""
    try:
        asset = await deps.assets.keep(data, UPLOAD, by="callers")
    except UnknownMedia as error:
        raise Rejected("unsupported_media_type", f"{error}. Pixel takes {_KINDS}.") from error
    except UnreadableMedia as error:
        raise Rejected("unreadable_media", f"{error}. Bring a complete file, {_limits(deps)}.") from error
    if caller.key != ANONYMOUS:
        await deps.access.record_upload(caller.owner, asset.id)
    uploaded = AssetUploaded(asset=asset, owner=caller.owner, caller=caller.key, at=now())
    cause = Cause(actor=caller.key, request_id=REQUEST_ID.get())
    return KeptUpload(asset, await deps.records.record(uploaded, cause))


def _limits(deps: UploadDeps) -> str:
    max_bytes = deps.settings.max_upload_bytes
    return f"of at most {max_bytes} bytes, {UPLOAD.pixels:,} pixels and {UPLOAD.seconds:g} seconds"


# --- By a URL ---


async def _import_request(request: AnyRequest, settings: Settings) -> ImportRequest:
    try:
        return msgspec.json.decode(await small_body(request, settings), type=ImportRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("invalid_request", f"{str(error).rstrip('.')}. {_HOW}.") from None


async def small_body(request: AnyRequest, settings: Settings) -> bytes:
    """The body on a route that takes files, too, when it is none. Raises Rejected when it is too large."""
    body = bytearray()
    async for chunk in chunks(request, settings.max_upload_bytes):
        body += chunk
        if len(body) > settings.max_body_bytes:
            raise Rejected("too_large", "The body is too large.")
    return bytes(body)


async def _fetched(deps: UploadDeps, url: str) -> bytes:
    try:
        return await fetch_media(deps.guard, url, deps.settings.max_upload_bytes)
    except InputUnavailable as error:
        blocked = error.code == "input_blocked_url"
        raise Rejected("input_blocked_url" if blocked else "input_unreachable", f"url: {error.message}") from error


# --- As a file ---


@asynccontextmanager
async def _received(request: AnyRequest, max_bytes: int) -> AsyncGenerator[UploadFile]:
    """The one file of a form, on disk when it is large, and deleted afterwards. Raises Rejected for a wrong form."""
    file = UploadFile(content_type="application/octet-stream", filename="file")
    try:
        try:
            found = await _receive(request, file, max_bytes)
        except MultipartError as error:
            raise Rejected("invalid_request", f"The form can't be read: {error}. {_HOW}.") from None
        if not found:
            raise Rejected("invalid_request", f"file: is missing. {_HOW}.")
        await file.seek(0)
        yield file
    finally:
        await file.close()


async def _receive(request: AnyRequest, file: UploadFile, max_bytes: int) -> bool:
    """Write the field `file` while it arrives. Returns whether there was one. Raises Rejected and MultipartError."""
    found, size = False, 0
    with PushMultipartParser(request.content_type[1].get("boundary", "")) as parser:
        async for chunk in chunks(request, max_bytes):
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    if event.name != "file" or found:
                        name = str(event.name)[:64]
                        problem = "is there twice" if event.name == "file" else "is not known"
                        raise Rejected("invalid_request", f"{name}: {problem}. {_HOW}.")
                    found = True
                elif event:
                    size += len(event)
                    if size > max_bytes:
                        raise too_large(max_bytes)
                    await file.write(event)
    return found


async def chunks(request: AnyRequest, max_bytes: int) -> AsyncGenerator[bytes]:
    """The body, chunk by chunk. Raises Rejected when it is too large or breaks off."""
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except ClientException:
        raise too_large(max_bytes) from None
    except InternalServerException:  # Litestar raises it when the caller has gone
        raise Rejected("invalid_request", "The body ended before it was complete.") from None


def too_large(max_bytes: int) -> Rejected:
    """The refusal of a file that has more bytes."""
    return Rejected("too_large", f"The file may have {max_bytes} bytes at most. PIXEL_MAX_UPLOAD_BYTES sets the limit.")


route_handlers: Final = [keep_asset]
