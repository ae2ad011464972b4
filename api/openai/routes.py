"""Which routes speak OpenAI's form? Each is a thin translation of one of Pixel's own, so each call is a task."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath
from litestar.response import Stream
from litestar.types import ASGIApp

from adapters.media.derivatives import TYPES, USUAL_WIDTHS
from adapters.media.probe import UnreadableMedia
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import TASK_ID
from api.http.request_reader import AnyRequest, base_url, content_type, json_only, reject_repeated
from api.http.responses import JsonResponse
from api.openai import chat, images, models, speech, videos
from api.openai.errors import CallFailed
from api.openai.fields import Parameters, read, reject_if_any, wrong
from api.openai.forms import received
from api.openai.tasks import (
    TASK_HEADER,
    OpenAIDeps,
    begin,
    completed,
    model_or_default,
    spec_of,
    streamed,
)
from api.routes.asset_upload import keep, small_body
from api.routes.task_list import read_model_headers
from api.routes.tasks import cancelled, parse_integer
from application.ports import AssetInfo
from domain.base import Rejected
from domain.ids import task_stream
from domain.model import Kind
from domain.request import Problem
from domain.request_parsing import decode_object
from projections.task_lists import Filter
from projections.task_view import Media, TaskView

DEFAULT_PAGE, MAX_PAGE = 20, 100
VARIANTS: Final = ("video", "thumbnail")
_ORDERS: Final = ("desc",)

# --- Models ---


@get("/v1/models")
async def list_models(deps: Injected[OpenAIDeps]) -> ASGIApp:
    """The models that can be asked now."""
    return _json(models.model_list(deps.models.views.values(), deps.models.registered))


@get("/v1/models/{provider:str}/{key:str}")
async def get_model(deps: Injected[OpenAIDeps], provider: FromPath[str], key: FromPath[str]) -> ASGIApp:
    """One of them."""
    view = deps.models.views.get(f"{provider}/{key}")
    if view is None or not view.enabled:
        known = "can't be asked now" if view else "not found"
        raise Rejected("model_not_found", f"Model '{provider}/{key}' {known}. /v1/models has those that can be asked")
    return _json(models.model(view, deps.models.registered[view.id]))


# --- Images ---


@post("/v1/images/generations", status_code=200)
async def generate_images(request: AnyRequest, deps: Injected[OpenAIDeps]) -> Response[Any]:
    """Make images."""
    asked = read(images.OpenAIImageRequest, await _object(request, deps), images.PARAMETERS)
    return await _images(request, deps, asked)


@post("/v1/images/edits", status_code=200)
async def edit_images(request: AnyRequest, deps: Injected[OpenAIDeps]) -> Response[Any]:
    """Make images after others."""
    if content_type(request) != "multipart/form-data":
        raise Rejected("unsupported_media_type", "The body must be multipart/form-data, with files named 'image'.")
    fields = await _form(request, deps, images.PARAMETERS, takes="image", many=True)
    return await _images(request, deps, read(images.OpenAIImageEdit, fields, images.PARAMETERS, of_text=True))


async def _images(request: AnyRequest, deps: OpenAIDeps, asked: images.OpenAIImageRequest) -> Response[Any]:
    model = model_or_default(deps.models, asked.model, Kind.IMAGE)
    body = images.to_body(asked, model, spec_of(deps.models, model, Kind.IMAGE))
    call = await begin(request, deps, Kind.IMAGE, body)
    view = await completed(call)
    if asked.response_format == "url":
        whole = deps.tasks.links.with_absolute_urls(msgspec.json.encode(view), base_url(request, deps.settings))
        return _plain(images.with_urls(msgspec.json.decode(whole, type=TaskView)), call.headers)
    for image in images.made(view):
        await _info(deps, image)  # an error is possible before the first byte only

    def pieces(image: Media) -> Any:
        return deps.assets.assets.read(image.asset_id or "", 0, image.bytes or 0)

    return Stream(images.with_files(view, pieces), media_type="application/json", headers=call.headers)


# --- Speech ---


@post("/v1/audio/speech", status_code=200)
async def speak(request: AnyRequest, deps: Injected[OpenAIDeps]) -> Stream:
    """Speak a text."""
    asked = read(speech.OpenAISpeechRequest, await _object(request, deps), speech.PARAMETERS)
    body = speech.to_body(asked, spec_of(deps.models, asked.model, Kind.AUDIO))
    call = await begin(request, deps, Kind.AUDIO, body)
    view = await completed(call)
    audio = next(iter((view.result.audios if view.result else None) or ()), None)
    return await _file(deps, audio, call.headers)


# --- Chat ---


@post("/v1/chat/completions", status_code=200)
async def complete_chat(request: AnyRequest, deps: Injected[OpenAIDeps]) -> Response[Any]:
    """Go on with a conversation."""
    asked = chat.read_chat(await _object(request, deps))
    call = await begin(request, deps, Kind.LLM, chat.to_body(asked))
    if not asked.stream:
        return _plain(msgspec.json.encode(chat.completion(await completed(call))), call.headers)
    with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
    unbuffered = {"X-Accel-Buffering": "no"}  # by proxies
    return Stream(
        streamed(call, with_usage=with_usage), media_type="text/event-stream", headers=call.headers | unbuffered
    )


# --- Videos ---


@post("/v1/videos", status_code=200)
async def create_video(request: AnyRequest, deps: Injected[OpenAIDeps]) -> ASGIApp:
    """Begin a video."""
    is_form = content_type(request) == "multipart/form-data"
    if is_form:
        fields = await _form(request, deps, videos.PARAMETERS, takes="input_reference", many=False)
    else:
        fields = await _object(request, deps)
    asked = read(videos.OpenAIVideoRequest, fields, videos.PARAMETERS, of_text=is_form)
    model = model_or_default(deps.models, asked.model, Kind.VIDEO)
    body = videos.to_body(asked, model, spec_of(deps.models, model, Kind.VIDEO))
    call = await begin(request, deps, Kind.VIDEO, body)
    return _json(_shown(deps, await _video(request, deps, call.accepted.task_id)), call.headers)


@get("/v1/videos/{video_id:str}")
async def get_video(request: AnyRequest, deps: Injected[OpenAIDeps], video_id: FromPath[str]) -> ASGIApp:
    """How is it going?"""
    return _json(
        _shown(deps, await _video(request, deps, video_id)), {TASK_HEADER: video_id, "Cache-Control": "no-store"}
    )


@get("/v1/videos")
async def list_videos(request: AnyRequest, deps: Injected[OpenAIDeps]) -> ASGIApp:
    """The videos, newest first, a page at a time."""
    reject_repeated(request, "after", "limit", "order")
    given: Mapping[str, str] = request.query_params
    unknown = [Problem(name[:64], "is not known") for name in given if name not in {"after", "limit", "order"}]
    if given.get("order", "desc") not in _ORDERS:
        unknown.append(Problem("order", "videos are listed newest first; leave it out, or say desc"))
    reject_if_any(unknown)
    limit = parse_integer("limit", given.get("limit") or str(DEFAULT_PAGE), 1, MAX_PAGE)
    owner = caller_of(request).sees_only
    before = await _position(deps, given["after"], owner) if given.get("after") else None
    headers = await read_model_headers(deps.lists.log, deps.lists.read_your_writes)
    found = await deps.lists.lists.page(Filter(owner=owner, kind=Kind.VIDEO.value, before=before), limit + 1)
    views = [msgspec.json.decode(body, type=TaskView) for _, body in found[:limit]]
    answer = videos.page([_shown(deps, view) for view in views], has_more=len(found) > limit)
    return _json(answer, headers)


@get("/v1/videos/{video_id:str}/content")
async def get_video_content(request: AnyRequest, deps: Injected[OpenAIDeps], video_id: FromPath[str]) -> Stream:
    """The file itself, or a small image of it."""
    variant = request.query_params.get("variant") or "video"
    if variant not in VARIANTS:
        raise wrong("variant", f"'{variant[:64]}' is not possible; choose one of {', '.join(VARIANTS)}")
    video = videos.made(await _video(request, deps, video_id))
    if video is None:
        raise CallFailed(409, f"Video '{video_id}' is not completed.", code="video_not_ready")
    if variant == "video":
        return await _file(deps, video, {TASK_HEADER: video_id})
    try:
        small = await deps.assets.derivatives.get(await _info(deps, video), "thumbnail", USUAL_WIDTHS["thumbnail"])
    except (LookupError, UnreadableMedia):
        raise CallFailed(404, f"There is no thumbnail of video '{video_id}'.", code="no_thumbnail") from None
    return Stream([small], headers={"Content-Type": TYPES["thumbnail"], "Content-Length": str(len(small))})


@delete("/v1/videos/{video_id:str}", status_code=200)
async def delete_video(request: AnyRequest, deps: Injected[OpenAIDeps], video_id: FromPath[str]) -> ASGIApp:
    """Stop a video. A second request changes nothing."""
    await _video(request, deps, video_id)
    view = msgspec.json.decode((await cancelled(request, deps.tasks, video_id)).body, type=TaskView)
    if view.status.final and not (view.error and view.error.code == "cancelled"):
        ended = f"Video '{video_id}' is {view.status} already. Pixel keeps what it has made, and every task."
        raise CallFailed(409, ended, code="video_ended")
    deleted = videos.OpenAIVideoDeleted(id=video_id, object="video.deleted", deleted=view.status.final)
    return _json(deleted, {TASK_HEADER: video_id})


async def _video(request: AnyRequest, deps: OpenAIDeps, video_id: str) -> TaskView:
    """The task of a video. Raises Rejected for any other."""
    stream = task_stream(video_id)
    TASK_ID.set(video_id)
    seen = await deps.tasks.tasks.read_task(stream, video_id, sees_only=caller_of(request).sees_only)
    view = msgspec.json.decode(seen.body, type=TaskView)
    if view.type is not Kind.VIDEO:
        raise Rejected("task_unknown", f"Video '{video_id}' not found")
    return view


def _shown(deps: OpenAIDeps, view: TaskView) -> videos.OpenAIVideo:
    return videos.video(view, spec_of(deps.models, view.served_by or view.model, Kind.VIDEO))


async def _position(deps: OpenAIDeps, video_id: str, owner: str | None) -> int:
    """The position of a video in the log. Raises Rejected for one that is not there."""
    try:
        found = await deps.lists.lists.page(Filter(owner=owner, streams=[task_stream(video_id)]), 1)
    except Rejected:
        found = []
    if not found:
        raise wrong("after", "there is no such video")
    return found[0][0]


# --- What comes in, what goes out ---


async def _object(request: AnyRequest, deps: OpenAIDeps) -> dict[str, Any]:
    json_only(request)
    return decode_object(await small_body(request, deps.settings))


async def _form(request: AnyRequest, deps: OpenAIDeps, known: Parameters, *, takes: str, many: bool) -> dict[str, Any]:
    """The fields of a form. Its files become assets, and their ids the field `takes`: a list if there may be `many`.

    Raises Rejected and AssetsUnavailable."""
    limits = deps.settings.max_upload_bytes, deps.settings.max_body_bytes
    async with (
        deps.uploads.turns.receive(),
        received(request, max_bytes=limits[0], max_text_bytes=limits[1], takes=takes, known=known) as form,
    ):
        kept: list[str] = []
        for file in form.files:
            async with deps.uploads.turns.in_memory:
                await file.seek(0)
                kept.append((await keep(deps.uploads, await file.read(), caller_of(request))).asset.id)
    if not kept:
        return form.fields
    if takes in form.fields or (len(kept) > 1 and not many):
        raise wrong(takes, "is there twice")
    return form.fields | {takes: kept if many else kept[0]}


def _json(value: object, headers: dict[str, str] | None = None) -> JsonResponse:
    return JsonResponse(msgspec.json.encode(value), headers)


def _plain(body: bytes, headers: dict[str, str]) -> Response[bytes]:
    """JSON of a handler that streams, too: Litestar wants one type of each."""
    return Response(body, media_type="application/json", headers=headers)


async def _file(deps: OpenAIDeps, media: Media | None, headers: dict[str, str]) -> Stream:
    """The bytes of an output. Raises CallFailed when they are gone."""
    info = await _info(deps, media)
    told = {"Content-Type": info.media_type, "Content-Length": str(info.bytes)}
    return Stream(deps.assets.assets.read(info.id, 0, info.bytes), headers=headers | told)


async def _info(deps: OpenAIDeps, media: Media | None) -> AssetInfo:
    info = await deps.assets.assets.head(media.asset_id) if media and media.asset_id else None
    if info is None:
        raise CallFailed(404, "The file is not in the asset store any more.", code="file_missing")
    return info


route_handlers: Final = [
    *(list_models, get_model, generate_images, edit_images, speak, complete_chat),
    *(create_video, get_video, list_videos, get_video_content, delete_video),
]
