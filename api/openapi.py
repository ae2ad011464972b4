"""What the API says of itself, as one table: every operation with its parameters, headers, errors and examples, and
every field. `docs` makes the OpenAPI document of it and serves it.

Litestar generates no document: the handlers take raw bodies, for speed and to tell all problems of a request at once."""

from typing import Any, NamedTuple, TypeAlias

from api.answers import MOST_WAIT_SECONDS
from api.errors import AWAY, UNFORESEEN
from api.offers import ModelView
from api.tasks import DEFAULT_PAGE, MOST_IDS, MOST_PAGE, HistoryEvent
from domain.base import Value
from projections.tasks import TaskView

Schema: TypeAlias = dict[str, Any]

TITLE, VERSION = "Pixel API", "2.1.0"  # the contract is 2.0.0; this is the contract and what was added to it
ABOUT = f"""
One API over many paid image, video, speech and text providers.

1. `GET /api/v1/models` tells what can be asked for. A model id is `provider/model_key`, such as `dashscope/qwen-image`.
   The models `sandbox/…` are free and need no key.
2. `POST /api/v1/generations/…` answers at once with a `task_id`.
3. `GET /api/v1/tasks/{{task_id}}` tells how it is going. `pending` and `processing` mean: ask again, after `Retry-After`
   seconds or with `Prefer: wait={MOST_WAIT_SECONDS}`. `completed` and `failed` are final.

**Answers** are `{{"code": "200", "message": "success", "data": …}}`.
**Errors** are `{{"code", "message", "request_id"}}`; `code` is the HTTP status as a string, `message` names every problem.

| code | meaning |
|---|---|
| `400` | the request is wrong: a malformed model id, a field that is missing, unknown or not offered |
| `404` | no such model, task, asset or route |
| `405` | the route is there, the method is not; `Allow` tells which are |
| `413`, `415` | the body is too large; it is not JSON |
| `422` | the `Idempotency-Key` was used for another request |
| `500` | a mistake of Pixel's. Quote the `request_id` when you report it |
| `503` | not now. With `Retry-After`: try again. Without: somebody has to act, and the message says how |
"""
TAGS = {
    "Generations": "Ask for an image, a video, speech or a text. The answer is a task.",
    "Tasks": "What became of it: the task now, as it stood before, and every event behind it.",
    "Models": "What can be asked for.",
    "Assets": "What was made: kept by Pixel, named by its content, never changed.",
    "Service": "For load balancers, monitoring and people on call. Not in the envelope.",
}


# --- Shapes that no handler needs: the handlers put encoded parts together ---


class ModelsByType(Value):
    """The models by type, each under its id: enabled before disabled, the default first."""

    image: dict[str, ModelView]
    video: dict[str, ModelView]
    audio: dict[str, ModelView]
    llm: dict[str, ModelView]


class TaskPage(Value):
    """A page of tasks, newest first."""

    tasks: list[TaskView]
    next_cursor: str | None


class History(Value):
    """Every event of a task, oldest first."""

    task_id: str
    events: list[HistoryEvent]


class Live(Value):
    """The process runs."""

    status: str


# --- Errors: name -> status, what it says, Retry-After ---


class Error(NamedTuple):
    """An error as a caller meets it."""

    status: int
    message: str
    retry_after: int | None = None


ERRORS = {
    "malformed model id": Error(
        400, "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'"
    ),
    "several problems": Error(
        400, "prompt: is required; n: must be from 1 to 4; aspectRatio: '7:3' is not offered; choose one of 16:9, 1:1"
    ),
    "the old provider field": Error(
        400,
        "provider: is no longer supported. "
        'Write the provider into the model id: "model": "dashscope/qwen-image"; '
        "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'",
    ),
    "model of another type": Error(
        400, "Model 'dashscope/qwen-plus' makes llm, not image. Send it to /api/v1/generations/text"
    ),
    "retired model": Error(400, "Model 'acme/old-image' is retired. Use 'dashscope/qwen-image' instead."),
    "not a JSON object": Error(400, 'The body must be a JSON object, such as {"prompt": "…", "model": "…"}.'),
    "malformed key": Error(400, "Idempotency-Key: must be 1 to 255 printable ASCII characters"),
    "wrong limit": Error(400, f"limit: must be a whole number from 1 to {MOST_PAGE}"),
    "wrong time": Error(400, "at: must be a time such as 2026-02-11T10:00:00Z"),
    "unknown model": Error(404, "Model 'invalid/model' not found. Available models can be fetched from /api/v1/models"),
    "unknown task": Error(404, "Task 'task_abc123' not found"),
    "unknown asset": Error(404, "Asset 'asset_1.png' not found"),
    "wrong method": Error(405, "DELETE is not possible at /api/v1/tasks. The API is described at /docs."),
    "too large": Error(413, "The body is too large."),
    "not JSON": Error(415, "The body must be application/json, not 'text/csv'."),
    "range behind the end": Error(416, "The asset has 48213 bytes"),
    "reused key": Error(422, "This Idempotency-Key was used for another request. Use a new key for a new request."),
    "a mistake of Pixel's": Error(500, UNFORESEEN),
    "no key for the provider": Error(
        503,
        "Model 'dashscope/qwen-image' is not available: provider 'dashscope' has no key. "
        "Set DASHSCOPE_API_KEY in the environment.",
    ),
    "too busy": Error(503, "Too many requests are waiting to be stored. Try again shortly.", retry_after=1),
    "database away": Error(503, AWAY, retry_after=2),
    "asset store away": Error(503, "The asset store can't be reached. Try again shortly.", retry_after=5),
}
STATUSES = {
    400: "The request is wrong; the message names every problem",
    404: "There is no such thing",
    405: "Any other error has this form too",
    413: "The body is too large",
    415: "The body is not JSON",
    416: "The range begins behind the end of the asset; `Content-Range` tells the size",
    422: "The Idempotency-Key belongs to another request",
    500: "A mistake of Pixel's: the trace is in its log under the `request_id`",
    503: "Not now. With `Retry-After`: try again. Without: somebody has to act, and the message says how",
}

# --- Headers of answers, and parameters: what every operation has in common is said once ---

HEADERS = {
    "X-Request-ID": ("The id of this request, in Pixel's log too. Yours, when you sent a sane one", "req_123456"),
    "Location": ("The address of the task", "/api/v1/tasks/task_abc123"),
    "Idempotent-Replayed": ("`true`: this key was used before, and this is the task of then", "true"),
    "Preference-Applied": ("How long Pixel was ready to wait", "wait=30"),
    "ETag": ("For `If-None-Match`. Of a task it is the version of its stream", '"5"'),
    "Retry-After": ("Seconds until it is worth asking again. Of a task only while it is unfinished", "2"),
    "Accept-Ranges": ("A part can be asked for", "bytes"),
    "Content-Range": ("Which part this is, and of how much", "bytes 0-99/48213"),
    "Content-Length": ("Bytes in this answer", "48213"),
    "Cache-Control": ("The bytes never change under their id", "public, max-age=31536000, immutable"),
}


def _parameter(place: str, name: str, says: str, example: Any, schema: Schema | None = None) -> Schema:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": says,
        "schema": schema or {"type": "string"},
        "example": example,
    }


_TIME: Schema = {"type": "string", "format": "date-time"}
_ID_LIST: Schema = {"type": "array", "items": {"type": "string"}, "maxItems": MOST_IDS}
_KIND, _STATUS = {"$ref": "#/components/schemas/Kind"}, {"$ref": "#/components/schemas/Status"}
_SANE, _PRINTABLE = "^[A-Za-z0-9._:/+=@-]{1,100}$", {"type": "string", "minLength": 1, "maxLength": 255}
PARAMETERS = {
    "request_id": _parameter(
        "header",
        "X-Request-ID",
        "Your id for this request, to find it again in the answer and in Pixel's log. Anything else is replaced",
        "req_123456",
        {"type": "string", "pattern": _SANE},
    ),
    "key": _parameter(
        "header",
        "Idempotency-Key",
        "Makes it safe to send the request again: the same key and body give the same task, made and paid for once",
        "5f0c7a52-order-17",
        _PRINTABLE,
    ),
    "prefer": _parameter(
        "header",
        "Prefer",
        f"`wait=N`: answer when the task has ended, or after N seconds, {MOST_WAIT_SECONDS} at most",
        "wait=30",
    ),
    "if_none_match": _parameter(
        "header", "If-None-Match", "ETags that you have: 304 when it is still one of them", "*"
    ),
    "range": _parameter("header", "Range", "One range: `bytes=a-b`, `bytes=a-` or `bytes=-n`", "bytes=0-99"),
    "if_range": _parameter("header", "If-Range", "An ETag: heed `Range` only if it is still this one", '"9f86d081…"'),
    "task_id": _parameter("path", "task_id", "As `POST /api/v1/generations/…` answered it", "task_abc123"),
    "asset_id": _parameter(
        "path", "asset_id", "As the task has it: `asset_<sha256>.<extension>`", "asset_9f86d081.png"
    ),
    "provider": _parameter("path", "provider", "The part of the model id before the slash", "dashscope"),
    "model_key": _parameter("path", "key", "The part of the model id behind the slash", "qwen-image"),
    "version": _parameter(
        "query", "version", "The task as it stood after this many events", 3, {"type": "integer", "minimum": 1}
    ),
    "at": _parameter("query", "at", "The task as it stood at this time", "2026-02-11T10:00:10Z", _TIME),
    "project_id": _parameter("query", "projectId", "Only tasks of this project", "proj_123"),
    "source": _parameter("query", "source", "Only tasks from here", "canvas"),
    "source_id": _parameter("query", "sourceId", "Only tasks of this object", "canvas_456"),
    "type": _parameter("query", "type", "Only tasks that make this", "image", _KIND),
    "status": _parameter("query", "status", "Only tasks that stand there", "completed", _STATUS),
    "model": _parameter("query", "model", "Only tasks of this model", "dashscope/qwen-image"),
    "ids": _parameter("query", "ids", "Only these tasks, separated by commas", ["task_abc123"], _ID_LIST)
    | {"style": "form", "explode": False},
    "created_after": _parameter("query", "createdAfter", "Only tasks made later", "2026-02-11T00:00:00Z", _TIME),
    "created_before": _parameter("query", "createdBefore", "Only tasks made earlier", "2026-02-12T00:00:00Z", _TIME),
    "limit": _parameter(
        "query",
        "limit",
        "How many tasks a page has at most",
        20,
        {"type": "integer", "minimum": 1, "maximum": MOST_PAGE, "default": DEFAULT_PAGE},
    ),
    "cursor": _parameter("query", "cursor", "`next_cursor` of the page before, unchanged", "cDEyMzQ"),
}
