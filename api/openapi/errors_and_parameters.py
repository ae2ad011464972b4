"""Which errors, headers and parameters does the document have? By name, for the table of operations."""

from typing import Any, NamedTuple, get_args

from adapters.media.derivatives import NAMES, WIDTHS
from adapters.postgres.webhook_queue import DeliveryState
from api.http.auth import KEY_IN_URL, NO_KEY, NOT_FROM_HERE, TWO_CREDENTIALS, WRONG_KEY, missing_scope
from api.http.errors import AWAY, UNFORESEEN
from api.http.origin_policy import NO_SUCH_HOST, NOT_FROM_THERE
from api.http.request_reader import MAX_WAIT_SECONDS
from api.openai.routes import DEFAULT_PAGE as DEFAULT_VIDEOS
from api.openai.routes import MAX_PAGE as MAX_VIDEOS
from api.openai.routes import VARIANTS
from api.openapi import examples
from api.openapi.examples import STORED_ASSET
from api.openapi.operation import Schema
from api.routes.admin import STATES
from api.routes.asset_list import MAX_SEARCH_CHARACTERS
from api.routes.asset_upload import FULL
from api.routes.assets import OVER
from api.routes.runs import MAX_PAGE as MAX_RUNS
from api.routes.task_list import DEFAULT_PAGE, MAX_IDS, MAX_PAGE
from api.routes.tasks import MAX_AFTER, MAX_HISTORY
from application.generations import NO_WEBHOOK
from domain.api_key import Scope
from projections.assets import SEARCHED_CHARACTERS, MediaKind, Origin
from projections.spending_sums import Way
from services.event_frames import FRAME_NAMES
from services.webhook_secrets import NONE_SET

# --- Errors ---


class Error(NamedTuple):
    """An error answer: its status, its message, and the seconds to wait where waiting helps."""

    status: int
    message: str
    retry_after: int | None = None
    param: str | None = None
    code: str | None = None
    """What OpenAI's form has beside the message."""
    data: Schema | None = None
    """What an edit that met others' has beside it."""


_FORMAT = "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'"
_PROVIDER = 'provider: is no longer supported. Write the provider into the model id: "model": "dashscope/qwen-image"'
_NO_KEY = "Model 'dashscope/qwen-image' is not available: provider 'dashscope' has no key. Set DASHSCOPE_API_KEY"
_SEVERAL = "prompt: is required; aspectRatio: '7:3' is not offered; choose one of 16:9, 1:1; n: must be from 1 to 4"
WRONG_METHOD = Error(405, "DELETE is not possible at /api/v1/tasks. The API is described at /docs.")
ERRORS = {
    "malformed model id": Error(400, _FORMAT),
    "several problems": Error(400, _SEVERAL),
    "the old provider field": Error(400, f"{_PROVIDER}; {_FORMAT}"),
    "model of another type": Error(
        400, "Model 'dashscope/qwen-plus' makes llm, not image. Send it to /api/v1/generations/text"
    ),
    "retired model": Error(400, "Model 'acme/old-image' is retired. Use 'dashscope/qwen-image' instead."),
    "not an object": Error(400, 'The body must be a JSON object, such as {"prompt": "…", "model": "…"}.'),
    "no file": Error(
        400,
        "file: is missing. Send multipart/form-data with one file field named 'file', "
        'or JSON such as {"url": "https://…"}.',
    ),
    "broken file": Error(
        400,
        "The PNG image does not decode: its header is broken. "
        "Bring a complete file, of at most 67108864 bytes, 64,000,000 pixels and 600 seconds.",
    ),
    "private address": Error(400, "url: This address belongs to a private network."),
    "nothing there": Error(400, "url: The server answered with status 404."),
    "no such input": Error(
        400,
        f"imageInputs[0]: there is no asset '{STORED_ASSET['id']}'. "
        "Upload it with POST /api/v1/assets, and use the id that it answers",
    ),
    "hostile input": Error(400, "imageInputs[0]: This address belongs to a private network"),
    "impossible variant": Error(
        400,
        "variant: 'waveform' is none of image/png; possible is thumbnail; "
        "width: '100' is not possible; choose one of 64, 128, 256, 512, 1024",
    ),
    "no requests": Error(400, "requests: must be 1 to 200, got 0"),
    "several bad items": Error(
        400,
        "requests[0]: prompt: is required; "
        "requests[1]: Model 'invalid/model' not found. Available models can be fetched from /api/v1/models",
    ),
    "gone model": Error(
        400,
        "Model 'acme/old-image' is retired. Use 'dashscope/qwen-image' instead. "
        'A task can be made again with other fields, such as {"with": {"model": "…"}}.',
    ),
    "webhook of nobody": Error(400, f"webhook: {NO_WEBHOOK}"),
    "webhook without TLS": Error(400, "url: must begin with https://"),
    "nothing to redeliver": Error(400, "position, since: give one of the two"),
    "wrong limit of a page": Error(400, f"limit: expected `int` <= {MAX_PAGE}"),
    "wrong name": Error(400, "name: must be 1 to 200 printable characters"),
    "wrong version": Error(400, "version: must be a whole number from 1 to 1"),
    "wrong operation": Error(400, "ops[0].id: there is no node 'node_2'"),
    "unknown project": Error(404, "Project 'project_abc123' not found"),
    "unknown canvas": Error(404, "Canvas 'canvas_abc123' not found"),
    "nothing to make": Error(400, "nodes: none of them has anything to make"),
    "more than it may cost": Error(402, "This may cost 0.55 USD, and may cost 0.5 USD at most."),
    "unknown run": Error(404, "Run 'run_abc123' not found"),
    "unknown step": Error(404, "The run has no step 'node_9'."),
    "run ended": Error(409, "The run is completed."),
    "step not open": Error(409, "The step 'node_1' is completed: it can't be skipped."),
    "archived project": Error(409, "The project is archived. Restore it to change it."),
    "archived canvas": Error(409, "The canvas is archived. Restore it to change it."),
    "edit conflict": Error(
        409, "Others changed the same meanwhile: node_2 (prompt). Nothing was written.", data=examples.CONFLICTS
    ),
    "base too old": Error(
        409, "base: version 12 is more than 10000 versions behind. Load the canvas, and edit it again."
    ),
    "other version": Error(412, "The canvas is at version 1. Load it, and change it again."),
    "key of other projects": Error(403, "This API key is for certain projects only, and not for 'project_abc123'."),
    "unknown webhook": Error(404, "Webhook 'webhook_abc123' not found"),
    "no secret for webhooks": Error(503, NONE_SET),
    "malformed key": Error(400, "Idempotency-Key: must be 1 to 255 printable ASCII characters"),
    "wrong limit": Error(400, f"limit: must be a whole number from 1 to {MAX_PAGE}"),
    "unknown condition": Error(400, "origin: invalid enum value 'brought'"),
    "wrong page": Error(400, f"limit: must be a whole number from 1 to {MAX_HISTORY}"),
    "wrong time": Error(400, "at: must be a time such as 2026-02-11T10:00:00Z"),
    "wrong types": Error(400, f"types: choose from {', '.join(FRAME_NAMES)}, separated by commas"),
    "beyond the log": Error(400, "after: lies beyond the end of the log. Positions are X-Pixel-Position of an answer"),
    "wrong state": Error(400, "state: invalid enum value 'unsure'"),
    "nobody answers for it": Error(400, "by: must name who answers for it, on one line"),
    "nothing is attached": Error(400, "assets: attach at least one image"),
    "two keys at once": Error(400, TWO_CREDENTIALS),
    "a key in the URL": Error(400, KEY_IN_URL),
    "limits of an administrator": Error(400, "limits: only a key with the scope client, and without admin, has limits"),
    "nothing to change": Error(400, "scopes, limits: say what is to be changed"),
    "no key": Error(401, NO_KEY),
    "wrong key": Error(401, WRONG_KEY),
    "missing scope": Error(403, missing_scope(frozenset({Scope.CLIENT}), frozenset({Scope.ANALYST}))),
    "over the budget": Error(
        402,
        "This would go beyond the day's budget of project proj_123: 0.1 USD, of which 0.08 are committed today, "
        "and this request may cost 0.04. The day ends at 00:00 UTC.",
    ),
    "foreign page": Error(403, NOT_FROM_THERE),
    "foreign host": Error(403, NO_SUCH_HOST.format(host="rebind.example")),
    "not from this machine": Error(403, NOT_FROM_HERE),
    "unknown call": Error(404, "There is no call 'task_abc123.1'."),
    "unknown key": Error(404, "There is no key 'key_4t8kq2m0vz7c1xna'."),
    "revoked key": Error(409, "The key 'key_4t8kq2m0vz7c1xna' is revoked. Issue another one."),
    "no such callback": Error(404, "There is no such callback."),
    "unknown model": Error(404, "Model 'invalid/model' not found. Available models can be fetched from /api/v1/models"),
    "unknown task": Error(404, "Task 'task_abc123' not found"),
    "unknown batch": Error(404, "Batch 'batch_abc123' not found"),
    "unknown asset": Error(404, "Asset 'asset_1.png' not found"),
    "expired address": Error(404, OVER),
    "too many files": Error(503, FULL, 10),
    "wrong method": WRONG_METHOD,
    "too large": Error(413, "The body is too large."),
    "file too large": Error(413, "The file may have 67108864 bytes at most. PIXEL_MAX_UPLOAD_BYTES sets the limit."),
    "not JSON": Error(415, "The body must be application/json, not 'text/csv'."),
    "not media": Error(
        415,
        "The bytes are not an image, a video or audio in a format that is kept. "
        "Pixel takes PNG, JPEG, WebP, GIF, AVIF, HEIC; MP4, WebM, MOV; WAV, MP3, Ogg, FLAC, AAC, M4A.",
    ),
    "known outcome": Error(409, "The call 'task_abc123.1' is settled: there is nothing to settle."),
    "off in the catalogue": Error(
        409,
        "The catalogue has it off (switched off in the catalogue). Change it there, and apply the catalogue.",
    ),
    "off as a default": Error(409, "A default has to take requests, and this model is switched off or retired."),
    "broken catalogue": Error(
        409,
        "The catalogue has mistakes, and nothing was changed:\n"
        "catalog/kling.yaml:12: models[0].prices[0].amount: expected `decimal`, got `str`",
    ),
    "nothing to fetch": Error(409, "This task has no output that is still to be fetched."),
    "behind the end": Error(416, "The asset has 48213 bytes"),
    "reused key": Error(422, "This Idempotency-Key was used for another request. Use a new key for a new request."),
    "unforeseen": Error(500, UNFORESEEN),
    "no key for the provider": Error(503, f"{_NO_KEY} in the environment."),
    "store away": Error(
        503, "The asset store can't read an asset: Permission denied. Try again shortly.", retry_after=5
    ),
    "too busy": Error(503, "Too many requests are waiting to be stored. Try again shortly.", retry_after=1),
    "too many lists": Error(503, "Too many lists are being read. Try again shortly.", retry_after=1),
    "too many streams": Error(503, "Too many event streams are open. Try again shortly.", retry_after=10),
    "database away": Error(503, AWAY, retry_after=2),
}
_TASK = "task_01kh5xwsj0fbvt4r0tkb8x2m8a"
OPENAI_ERRORS = {
    "a size that the model has not": Error(
        400,
        "size: '640x480' is not offered; choose one of 854x480, 480x854, 480x480, 1280x720, 720x1280, 720x720, "
        "1920x1080, 1080x1920, 1080x1080",
        param="size",
        code="invalid_request",
    ),
    "what Pixel can't honour": Error(
        400,
        "quality: each model has one quality; leave it out, or choose another model",
        param="quality",
        code="invalid_request",
    ),
    "a format that the model has not": Error(
        400, "response_format: 'mp3' is not offered; choose one of wav", param="response_format", code="invalid_request"
    ),
    "a tool": Error(400, "tools: Pixel calls no tools; leave it out", param="tools", code="invalid_request"),
    "wrong order": Error(
        400,
        "order: videos are listed newest first; leave it out, or say desc",
        param="order",
        code="invalid_request",
    ),
    "unknown model": Error(
        404,
        "Model 'invalid/model' not found. Available models can be fetched from /v1/models",
        param="model",
        code="model_not_found",
    ),
    "model that can't be asked": Error(
        404,
        "Model 'invalid/model' not found. /v1/models has those that can be asked",
        param="model",
        code="model_not_found",
    ),
    "unknown video": Error(404, "Task 'task_abc123' not found", code="task_unknown"),
    "it is not done": Error(409, "Video 'task_abc123' is not completed.", code="video_not_ready"),
    "it has ended": Error(
        409,
        "Video 'task_abc123' is completed already. Pixel keeps what it has made, and every task.",
        code="video_ended",
    ),
    "no form": Error(
        415, "The body must be multipart/form-data, with files named 'image'.", code="unsupported_media_type"
    ),
    "reused key": Error(
        422,
        "This Idempotency-Key was used for another request. Use a new key for a new request.",
        code="idempotency_key_reused",
    ),
    "over the budget": Error(
        429,
        "This would go beyond the day's budget of project proj_123: 0.1 USD, of which 0.08 are committed today, "
        "and this request may cost 0.04. The day ends at 00:00 UTC.",
        code="insufficient_quota",
    ),
    "the provider failed": Error(
        502, f"Task {_TASK} failed: The sandbox failed to render, as asked.", code="generation_failed"
    ),
    "not done in time": Error(
        504,
        f"Task {_TASK} goes on: it did not end in the 300 seconds that a call may wait. "
        f"GET /api/v1/tasks/{_TASK} shows what becomes of it. This call, sent again, is a new task.",
        code="task_unfinished",
    ),
    **{
        name: ERRORS[name]._replace(code=code)
        for name, code in {
            "two keys at once": "invalid_request",
            "a key in the URL": "invalid_request",
            "no key": "invalid_api_key",
            "wrong key": "invalid_api_key",
            "missing scope": "forbidden",
            "foreign page": "foreign_origin",
            "foreign host": "foreign_host",
            "unforeseen": None,
            "database away": None,
        }.items()
    },
}
MEANINGS = {
    400: "The request is wrong. The message names every problem",
    401: "The request has no API key, or none that works",
    402: "The money that may be spent today does not bear it. The message has the figures",
    403: "The caller may not do this",
    404: "There is no such thing",
    405: "Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has",
    409: "It is not as the request takes it to be",
    412: "It is not at the version that `If-Match` names",
    413: "The body, or the file in it, is too large",
    415: "The body, or the file in it, is of a kind that is not taken",
    416: "The range begins behind the end of the asset. `Content-Range` has the size",
    422: "The `Idempotency-Key` was used for another request",
    429: "The money that may be spent does not bear it, or the provider is busy",
    500: "A mistake of Pixel's. Quote the `request_id`: the log has the trace under it",
    502: "The task failed at the provider. The message says how",
    504: "The task goes on: it did not end in the time that a call may wait",
    503: "Not now. With `Retry-After` try again; without it somebody has to act, and the message says how",
}


# --- Headers of answers, and parameters ---

HEADERS = {
    "X-Request-ID": ("the id of this request: yours, when you sent a sane one", "req_123456"),
    "Location": ("the address of the task, the batch or the asset", "/api/v1/tasks/task_abc123"),
    "Idempotent-Replayed": ("`true`: the key was used before, and this is the task or the batch of then", "true"),
    "Preference-Applied": ("how long Pixel was ready to wait", "wait=30"),
    "Sunset": ("of a model whose end is known: when it will be retired", "Wed, 06 Jan 2027 00:00:00 GMT"),
    "Link": ("the model to use then", '</api/v1/models/dashscope/qwen-image>; rel="successor-version"'),
    "ETag": ("for `If-None-Match`; of a task, the version of its stream", '"5"'),
    "Retry-After": ("seconds until it is worth asking again", "2"),
    "X-Pixel-Position": (
        "a position of the log up to which the answer has everything, for `atLeast` and `after`",
        "1042",
    ),
    "X-Pixel-Stale": ("`true`: the list is older than it should be, as `X-Pixel-Position` tells", "true"),
    "Accept-Ranges": ("a part can be asked for", "bytes"),
    "Content-Range": ("which part this is, and of how much", "bytes 0-99/48213"),
    "Content-Length": ("bytes in this answer", "48213"),
    "Cache-Control": ("the bytes never change under their id", "public, max-age=31536000, immutable"),
    "WWW-Authenticate": ("what is wanted: an API key as a Bearer token", "Bearer"),
    "Set-Cookie": (
        "the cookie that a browser is to keep, or to forget",
        "pixel_session=gAAAA…; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict",
    ),
    "X-Pixel-Task": ("the task that the call became", "task_abc123"),
    "X-Should-Retry": ("`false`: sent again, the call fails again, or orders another task", "false"),
    "Allow": ("the methods that the path has", "GET"),
}


class Parameter(NamedTuple):
    """A path, query or header parameter."""

    place: str
    description: str
    example: Any
    schema: Schema = {"type": "string"}
    name: str | None = None
    """As it is sent, where another parameter has the same name."""


_TIME: Schema = {"type": "string", "format": "date-time"}
_IDS: Schema = {"type": "array", "items": {"type": "string"}, "maxItems": MAX_IDS}
_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE}
_EVENTS: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_HISTORY, "default": MAX_HISTORY}
_VIDEOS: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_VIDEOS, "default": DEFAULT_VIDEOS}
_RUNS: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_RUNS, "default": MAX_RUNS}
_AFTER: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_AFTER, "default": 0}
_POSITION: Schema = {"type": "integer", "minimum": 0}
_TYPES: Schema = {"type": "array", "items": {"type": "string", "enum": [*FRAME_NAMES]}}
_WAIT = f"`wait=N`: answer when the task has ended, or after N seconds, {MAX_WAIT_SECONDS} at most"
_AGAIN = "makes it safe to send the request again: the same key and body are the same task, made and paid for once"
_SANE: Schema = {"type": "string", "pattern": "^[A-Za-z0-9._:/+=@-]{1,100}$"}
_KIND, _STATUS = {"$ref": "#/components/schemas/Kind"}, {"$ref": "#/components/schemas/Status"}
PARAMETERS = {
    "X-Request-ID": Parameter(
        "header", "your id for this request; it is in the answer and in Pixel's log", "r1", _SANE
    ),
    "Idempotency-Key": Parameter("header", _AGAIN, "order-17", {"type": "string", "minLength": 1, "maxLength": 255}),
    "Prefer": Parameter("header", _WAIT, "wait=30"),
    "If-None-Match": Parameter("header", "ETags that you have: 304 when one of them is still right", '"5"'),
    "Range": Parameter("header", "one range: `bytes=a-b`, `bytes=a-` or `bytes=-n`", "bytes=0-99"),
    "If-Range": Parameter("header", "an ETag: heed `Range` only if it is still right", '"9f86d0…"'),
    "task_id": Parameter("path", "as `POST /api/v1/generations/…` answered it", "task_abc123"),
    "batch_id": Parameter("path", "as `POST /api/v1/batches` answered it", "batch_abc123"),
    "asset_id": Parameter("path", "as the task has it: `asset_<sha256>.<extension>`", "asset_9f86d0….png"),
    "call_id": Parameter("path", "one call of a task, as the list of doubtful calls has it", "task_abc123.1"),
    "key_id": Parameter("path", "an API key, as the list of keys has it", "key_4t8kq2m0vz7c1xna"),
    "token": Parameter("path", "what only Pixel can make, and gives to the provider with the order", "9f86d0…"),
    "state": Parameter(
        "query",
        "`looking` while evidence is looked for, `unknown` when a person is waited for, `in_doubt` for both",
        "in_doubt",
        {"type": "string", "enum": [*STATES], "default": "in_doubt"},
    ),
    "run_id": Parameter("path", "as `POST /api/v1/canvases/{canvas_id}/runs` answered it", "run_abc123"),
    "node_id": Parameter("path", "a step of the run: a node of its canvas", "node_1"),
    "canvasOfRuns": Parameter("query", "only runs of this canvas", "canvas_abc123", name="canvas"),
    "runLimit": Parameter("query", "how many a page has at most", 20, _RUNS, "limit"),
    "project_id": Parameter("path", "as `POST /api/v1/projects` answered it", "project_abc123"),
    "canvas_id": Parameter("path", "as `POST /api/v1/canvases` answered it", "canvas_abc123"),
    "If-Match": Parameter("header", "the ETag of what you know: nothing is changed when it has moved on", '"5"'),
    "archived": Parameter(
        "query",
        "`true`: those that are put away, instead of those in use",
        False,
        {"type": "boolean", "default": False},
    ),
    "canvasProject": Parameter("query", "only canvases of this project", "project_abc123", name="projectId"),
    "canvasVersion": Parameter("query", "the canvas at this version", 3, {"type": "integer", "minimum": 1}, "version"),
    "canvasAt": Parameter("query", "the canvas as it stood at this time", "2026-02-11T10:00:10Z", _TIME, "at"),
    "canvasAfter": Parameter(
        "query", "only what happened behind this version: `next` of the page before", 500, _AFTER, "after"
    ),
    "webhook_id": Parameter("path", "as `POST /api/v1/webhooks` answered it", "webhook_abc123"),
    "deliveryState": Parameter(
        "query",
        "only deliveries in this state",
        "failed",
        {"type": "string", "enum": [*get_args(DeliveryState)]},
        "state",
    ),
    "variant": Parameter("query", "a small image of it instead", "thumbnail", {"type": "string", "enum": [*NAMES]}),
    "width": Parameter(
        "query",
        "how wide the variant may be, in pixels; usually 256, a poster 1024, a waveform 512",
        256,
        {"type": "integer", "enum": [*WIDTHS]},
    ),
    "expires": Parameter("query", "as an answer of Pixel has it", 1770804000, {"type": "integer"}),
    "signature": Parameter("query", "as an answer of Pixel has it: instead of a key", "hY0…"),
    "provider": Parameter("path", "the part of the model id before the slash", "dashscope"),
    "key": Parameter("path", "the part of the model id behind the slash", "qwen-image"),
    "version": Parameter("query", "the task as its first N events made it", 3, {"type": "integer", "minimum": 1}),
    "at": Parameter("query", "the task as it stood at this time", "2026-02-11T10:00:10Z", _TIME),
    "projectId": Parameter("query", "only tasks of this project", "proj_123"),
    "source": Parameter("query", "only tasks from here", "canvas"),
    "sourceId": Parameter("query", "only tasks of this object there", "canvas_456"),
    "type": Parameter("query", "only tasks that make this", "image", _KIND),
    "status": Parameter("query", "only tasks that stand there", "completed", _STATUS),
    "model": Parameter("query", "only tasks of this model", "dashscope/qwen-image"),
    "ids": Parameter("query", "only these tasks, separated by commas", ["task_abc123", "task_xyz789"], _IDS),
    "batch": Parameter("query", "only tasks of this batch", "batch_abc123"),
    "rerunOf": Parameter("query", "only tasks that repeat this one", "task_abc123"),
    "assetProject": Parameter("query", "only media of this project", "proj_123", name="projectId"),
    "assetKind": Parameter(
        "query", "only media of this kind", "image", {"type": "string", "enum": [*get_args(MediaKind)]}, "kind"
    ),
    "origin": Parameter(
        "query",
        "only what a task made, or only what was brought",
        "output",
        {"type": "string", "enum": [*get_args(Origin)]},
    ),
    "q": Parameter(
        "query",
        f"only media whose prompts hold all of these words, in their first {SEARCHED_CHARACTERS} characters, whatever "
        "their case. Of Chinese any part of a sentence is a word",
        "sunset mountains",
        {"type": "string", "maxLength": MAX_SEARCH_CHARACTERS},
    ),
    "createdAfter": Parameter("query", "only tasks made later", "2026-02-11T00:00:00Z", _TIME),
    "createdBefore": Parameter("query", "only tasks made earlier", "2026-02-12T00:00:00Z", _TIME),
    "limit": Parameter("query", "how many a page has at most", 20, _LIMIT),
    "historyLimit": Parameter("query", "how many events a page has at most", 100, _EVENTS, "limit"),
    "after": Parameter("query", "only events behind this version: `next_after` of the page before", 500, _AFTER),
    "by": Parameter(
        "query", "what the sums are by", "model", {"type": "string", "enum": [*get_args(Way)], "default": "day"}
    ),
    "first": Parameter(
        "query", "the first day of the period, by UTC", "2026-02-01", {"type": "string", "format": "date"}
    ),
    "last": Parameter("query", "its last day, else today", "2026-02-11", {"type": "string", "format": "date"}),
    "atLeast": Parameter(
        "query",
        "wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer",
        1042,
        _POSITION,
    ),
    "task": Parameter("query", "only events of this task", "task_abc123"),
    "canvas": Parameter("query", "only events of this canvas, and of what is made on it", "canvas_abc123"),
    "types": Parameter(
        "query",
        "only events of these types, separated by commas; all, or only tasks where a condition on tasks is given",
        ["task"],
        _TYPES,
    ),
    "afterPosition": Parameter(
        "query",
        "only events behind this position: the `X-Pixel-Position` of another answer. `Last-Event-ID` goes before it",
        1042,
        _POSITION,
        "after",
    ),
    "Last-Event-ID": Parameter("header", "the last `id` that came: what a browser sends when it comes back", "1042"),
    "video_id": Parameter("path", "the id of the video, which is that of its task", "task_abc123"),
    "videoVariant": Parameter(
        "query", "a small image of it instead", "video", {"type": "string", "enum": [*VARIANTS]}, "variant"
    ),
    "videoLimit": Parameter("query", "how many a page has at most", 20, _VIDEOS, "limit"),
    "videoAfter": Parameter(
        "query", "only videos behind this one: `last_id` of the page before", "task_abc123", name="after"
    ),
    "order": Parameter("query", "always `desc`: newest first", "desc", {"type": "string", "enum": ["desc"]}),
    "cursor": Parameter("query", "`next_cursor` of the page before, unchanged", "cDEyMzQ"),
}
OF_A_LIST = (
    *("projectId", "source", "sourceId", "type", "status", "model", "ids", "batch", "rerunOf"),
    *("createdAfter", "createdBefore"),
)
