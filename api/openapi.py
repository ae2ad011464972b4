"""What the API says of itself, as one table: every operation with its parameters, headers and errors. `docs`
makes the OpenAPI document of it and serves it.

Litestar generates no document: handlers take raw bodies, for speed and to tell all problems of a request at once."""

from typing import Any, NamedTuple

from api.answers import MOST_WAIT_SECONDS, Envelope, TaskCreated
from api.errors import AWAY, UNFORESEEN
from api.offers import ModelView
from api.samples import (
    AUDIO,
    COMPLETED,
    FAILED,
    FREE_AUDIO,
    FREE_IMAGE,
    FREE_TEXT,
    FREE_VIDEO,
    HEALTH,
    HISTORY,
    IMAGE,
    MODELS,
    PROCESSING,
    QWEN_IMAGE,
    STOPPED,
    TEXT,
    UNFINISHED,
    VIDEO,
    WRITTEN,
    History,
    Live,
    ModelsByType,
    Schema,
    TaskPage,
)
from api.system import Health
from api.tasks import DEFAULT_PAGE, MOST_IDS, MOST_PAGE, Cancellation
from domain.request import (
    AudioRequest,
    GenerationRequest,
    ImageRequest,
    TextRequest,
    VideoRequest,
)
from projections.tasks import TaskView

TITLE, VERSION = "Pixel API", "2.1.0"  # the contract is 2.0.0; this is the contract and what was added to it
ABOUT = f"""
One API over many paid image, video, speech and text providers.

1. `GET /api/v1/models` tells what can be asked for. A model id is `provider/model_key`, such as `dashscope/qwen-image`.
   The models `sandbox/…` are free and need no key.
2. `POST /api/v1/generations/…` answers at once with a `task_id`.
3. `GET /api/v1/tasks/{{task_id}}` tells how it is going. `pending` and `processing` mean: ask again, after
   `Retry-After` seconds or with `Prefer: wait={MOST_WAIT_SECONDS}`. `completed` and `failed` are final.

Answers are `{{"code": "200", "message": "success", "data": …}}`. Errors are `{{"code", "message", "request_id"}}`:
`code` is the HTTP status as a string, `message` names every problem of the request at once.
"""
TAGS = {
    "Generations": "Ask for an image, a video, speech or a text. The answer is a task.",
    "Tasks": "What became of it: the task now, the task as it stood, every event behind it.",
    "Models": "What can be asked for.",
    "Assets": "What was made: kept by Pixel, named by its content, never changed.",
    "Service": "For load balancers, monitoring and people on call. Not in the envelope.",
}


# --- Errors ---


class Error(NamedTuple):
    """An error as a caller meets it: its status, what it says, and the seconds to wait if waiting helps."""

    status: int
    message: str
    retry_after: int | None = None


_FORMAT = "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'"
_PROVIDER = 'provider: is no longer supported. Write the provider into the model id: "model": "dashscope/qwen-image"'
_NO_KEY = "Model 'dashscope/qwen-image' is not available: provider 'dashscope' has no key. Set DASHSCOPE_API_KEY"
_SEVERAL = "prompt: is required; aspectRatio: '7:3' is not offered; choose one of 16:9, 1:1; n: must be from 1 to 4"
ERRORS = {
    "malformed model id": Error(400, _FORMAT),
    "several problems": Error(400, _SEVERAL),
    "the old provider field": Error(400, f"{_PROVIDER}; {_FORMAT}"),
    "model of another type": Error(
        400, "Model 'dashscope/qwen-plus' makes llm, not image. Send it to /api/v1/generations/text"
    ),
    "retired model": Error(400, "Model 'acme/old-image' is retired. Use 'dashscope/qwen-image' instead."),
    "not an object": Error(400, 'The body must be a JSON object, such as {"prompt": "…", "model": "…"}.'),
    "malformed key": Error(400, "Idempotency-Key: must be 1 to 255 printable ASCII characters"),
    "wrong limit": Error(400, f"limit: must be a whole number from 1 to {MOST_PAGE}"),
    "wrong time": Error(400, "at: must be a time such as 2026-02-11T10:00:00Z"),
    "unknown model": Error(404, "Model 'invalid/model' not found. Available models can be fetched from /api/v1/models"),
    "unknown task": Error(404, "Task 'task_abc123' not found"),
    "unknown asset": Error(404, "Asset 'asset_1.png' not found"),
    "wrong method": Error(405, "DELETE is not possible at /api/v1/tasks. The API is described at /docs."),
    "too large": Error(413, "The body is too large."),
    "not JSON": Error(415, "The body must be application/json, not 'text/csv'."),
    "behind the end": Error(416, "The asset has 48213 bytes"),
    "reused key": Error(422, "This Idempotency-Key was used for another request. Use a new key for a new request."),
    "unforeseen": Error(500, UNFORESEEN),
    "no key for the provider": Error(503, f"{_NO_KEY} in the environment."),
    "store away": Error(
        503, "The asset store can't read an asset: Permission denied. Try again shortly.", retry_after=5
    ),
    "too busy": Error(503, "Too many requests are waiting to be stored. Try again shortly.", retry_after=1),
    "database away": Error(503, AWAY, retry_after=2),
}
MEANINGS = {
    400: "The request is wrong. The message names every problem",
    404: "There is no such thing",
    405: "Any other error. 404: no such path; 405: the path has no such method, and `Allow` tells which it has",
    413: "The body is too large",
    415: "The body is not JSON",
    416: "The range begins behind the end of the asset. `Content-Range` tells the size",
    422: "The `Idempotency-Key` was used for another request",
    500: "A mistake of Pixel's. Quote the `request_id`: the log has the trace under it",
    503: "Not now. With `Retry-After` try again; without it somebody has to act, and the message says how",
}


# --- Headers of answers, and parameters ---

HEADERS = {
    "X-Request-ID": ("the id of this request: yours, when you sent a sane one", "req_123456"),
    "Location": ("the address of the task", "/api/v1/tasks/task_abc123"),
    "Idempotent-Replayed": ("`true`: the key was used before, and this is the task of then", "true"),
    "Preference-Applied": ("how long Pixel was ready to wait", "wait=30"),
    "ETag": ("for `If-None-Match`; of a task, the version of its stream", '"5"'),
    "Retry-After": ("seconds until it is worth asking again", "2"),
    "Accept-Ranges": ("a part can be asked for", "bytes"),
    "Content-Range": ("which part this is, and of how much", "bytes 0-99/48213"),
    "Content-Length": ("bytes in this answer", "48213"),
    "Cache-Control": ("the bytes never change under their id", "public, max-age=31536000, immutable"),
    "Allow": ("the methods that the path has", "GET"),
}


class Parameter(NamedTuple):
    """Something beside the body that a request may say, known by its name on the wire."""

    place: str
    says: str
    example: Any
    schema: Schema = {"type": "string"}


_TIME: Schema = {"type": "string", "format": "date-time"}
_IDS: Schema = {"type": "array", "items": {"type": "string"}, "maxItems": MOST_IDS}
_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_PAGE, "default": DEFAULT_PAGE}
_WAIT = f"`wait=N`: answer when the task has ended, or after N seconds, {MOST_WAIT_SECONDS} at most"
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
    "asset_id": Parameter("path", "as the task has it: `asset_<sha256>.<extension>`", "asset_9f86d0….png"),
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
    "createdAfter": Parameter("query", "only tasks made later", "2026-02-11T00:00:00Z", _TIME),
    "createdBefore": Parameter("query", "only tasks made earlier", "2026-02-12T00:00:00Z", _TIME),
    "limit": Parameter("query", "how many tasks a page has at most", 20, _LIMIT),
    "cursor": Parameter("query", "`next_cursor` of the page before, unchanged", "cDEyMzQ"),
}
OF_A_LIST = ("projectId", "source", "sourceId", "type", "status", "model", "ids", "createdAfter", "createdBefore")


# --- Operations ---


class Answer(NamedTuple):
    """An answer that is neither the usual one nor an error: a struct, bytes of some media types, or nothing."""

    says: str
    struct: type | None = None
    media: tuple[str, ...] = ()


class Operation(NamedTuple):
    """One method of one path. Parameters, headers and errors are named; examples are what goes over the wire."""

    method: str
    path: str
    id: str
    tag: str
    summary: str
    description: str
    answer: Any = None
    examples: Schema = {}
    body: type[GenerationRequest] | None = None
    bodies: Schema = {}
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    others: dict[int, Answer] = {}


def _generation(kind: str, body: type[GenerationRequest], says: str, bodies: Schema) -> Operation:
    return Operation(
        "post",
        f"/api/v1/generations/{kind}",
        f"generate{kind.capitalize()}",
        "Generations",
        says,
        "Answers at once, when the task is recorded; `GET /api/v1/tasks/{task_id}` has it from then on. "
        "A refused request leaves nothing behind. `null` is as good as a field left out.",
        answer=Envelope[TaskCreated],
        examples={"accepted": {"task_id": "task_abc123"}},
        body=body,
        bodies=bodies,
        parameters=("Idempotency-Key", "Prefer"),
        headers=("Location", "Idempotent-Replayed", "Preference-Applied"),
        errors=(
            *("malformed model id", "several problems", "the old provider field", "model of another type"),
            *("retired model", "not an object", "malformed key", "unknown model", "too large", "not JSON"),
            *("reused key", "unforeseen", "no key for the provider", "too busy", "database away"),
        ),
    )


_READ = ("unforeseen", "database away")
_KEPT = ("image/png", "video/mp4", "audio/wav")
_ASSET_ANSWERS = {
    200: Answer("The whole asset", media=_KEPT),
    206: Answer("The range", media=_KEPT),
    304: Answer("The asset is the one that `If-None-Match` names"),
}
OPERATIONS = (
    _generation(
        "image", ImageRequest, "Make an image", {"from the contract": IMAGE, "free, with the sandbox": FREE_IMAGE}
    ),
    _generation(
        "video", VideoRequest, "Make a video", {"from the contract": VIDEO, "free, with the sandbox": FREE_VIDEO}
    ),
    _generation(
        "audio", AudioRequest, "Speak a text", {"from the contract": AUDIO, "free, with the sandbox": FREE_AUDIO}
    ),
    _generation("text", TextRequest, "Write a text", {"a conversation": TEXT, "free, with the sandbox": FREE_TEXT}),
    Operation(
        "get",
        "/api/v1/tasks/{task_id}",
        "getTask",
        "Tasks",
        "Where is my task?",
        "The truth as of now. `ETag` is the version of its stream. With `version` or `at`: the task as it stood then.",
        answer=Envelope[TaskView],
        examples={"completed": COMPLETED, "processing": PROCESSING, "failed": FAILED, "a text": WRITTEN},
        parameters=("task_id", "version", "at", "Prefer", "If-None-Match"),
        headers=("ETag", "Retry-After", "Preference-Applied"),
        errors=("wrong time", "unknown task", *_READ),
        others={304: Answer("The task is still at the version that `If-None-Match` names")},
    ),
    Operation(
        "get",
        "/api/v1/tasks",
        "listTasks",
        "Tasks",
        "Which tasks are there?",
        "Newest first, a page at a time; pages do not shift while new tasks come in. All conditions have to hold.",
        answer=Envelope[TaskPage],
        examples={"the last page": {"tasks": [WRITTEN, COMPLETED], "next_cursor": None}},
        parameters=(*OF_A_LIST, "limit", "cursor"),
        errors=("wrong limit", *_READ),
    ),
    Operation(
        "post",
        "/api/v1/tasks/{task_id}/cancel",
        "cancelTask",
        "Tasks",
        "Stop a task",
        "Waits a moment for what the provider says. Asking twice is asking once.",
        answer=Envelope[Cancellation],
        examples={"not sent yet": STOPPED, "the provider is being asked": UNFINISHED},
        parameters=("task_id", "Idempotency-Key", "Prefer"),
        errors=("malformed key", "unknown task", "unforeseen", "too busy", "database away"),
    ),
    Operation(
        "get",
        "/api/v1/tasks/{task_id}/history",
        "getTaskHistory",
        "Tasks",
        "What happened to a task?",
        "Every event behind it: what happened when, and who made it happen.",
        answer=Envelope[History],
        examples={"under way": HISTORY},
        parameters=("task_id",),
        headers=("ETag",),
        errors=("unknown task", *_READ),
    ),
    Operation(
        "get",
        "/api/v1/models",
        "listModels",
        "Models",
        "What can be asked for?",
        "All models by type. The first of a type is its default.",
        answer=Envelope[ModelsByType],
        examples={"from the contract": MODELS},
        errors=("unforeseen",),
    ),
    Operation(
        "get",
        "/api/v1/models/{provider}/{key}",
        "getModel",
        "Models",
        "What does one model offer?",
        "One model, with the JSON Schema of what it accepts.",
        answer=Envelope[ModelView],
        examples={"an image model": QWEN_IMAGE},
        parameters=("provider", "key"),
        errors=("unknown model", "unforeseen"),
    ),
    *(
        Operation(
            method,
            "/api/v1/assets/{asset_id}",
            f"{method}Asset",
            "Assets",
            says,
            "The bytes of an image, a video or a sound, in their own media type. They never change under their id. "
            "Several ranges at once are answered with the whole asset.",
            parameters=("asset_id", "Range", "If-Range", "If-None-Match"),
            headers=("ETag", "Content-Length", "Accept-Ranges", "Cache-Control"),
            errors=("unknown asset", *(("behind the end",) if method == "get" else ()), "unforeseen", "store away"),
            others=_ASSET_ANSWERS if method == "get" else {200: Answer("It is there"), 304: _ASSET_ANSWERS[304]},
        )
        for method, says in (("get", "Get what was made"), ("head", "Look at what was made, without its bytes"))
    ),
    Operation(
        "get",
        "/health/live",
        "isLive",
        "Service",
        "Is it alive?",
        "Whether the process runs; it looks at nothing else.",
        answer=Live,
        examples={"live": {"status": "live"}},
    ),
    Operation(
        "get",
        "/health/ready",
        "isReady",
        "Service",
        "Is it ready?",
        "Whether requests can be served, and what is not as it should be. 503 when they can't.",
        answer=Health,
        examples={"degraded": HEALTH},
        others={503: Answer("Requests can't be served: `status` is `unavailable`", Health)},
    ),
    Operation(
        "get",
        "/metrics",
        "getMetrics",
        "Service",
        "How is it doing?",
        "Metrics for Prometheus, in its text format.",
        others={200: Answer("Counters and gauges", media=("text/plain",))},
    ),
)
