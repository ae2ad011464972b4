"""What the API says of itself, as one table: every operation with its parameters, headers, errors and examples, and
every field. `docs` makes the OpenAPI document of it and serves it.

Litestar generates no document: handlers take raw bodies, for speed and to tell all problems of a request at once."""

from typing import Any, NamedTuple, TypeAlias

import msgspec

from api.answers import MOST_WAIT_SECONDS, Envelope, TaskCreated
from api.errors import AWAY, UNFORESEEN, Failure
from api.offers import ModelView
from api.system import Health
from api.tasks import DEFAULT_PAGE, MOST_IDS, MOST_PAGE, Cancellation, HistoryEvent
from domain.base import Value
from domain.model import Voice
from domain.provider import Missing
from domain.request import (
    AudioRequest,
    ExtraParams,
    GenerationRequest,
    ImageRequest,
    Lora,
    Message,
    Steering,
    TextRequest,
    VideoRequest,
)
from projections.runner import ReadModelStatus
from projections.tasks import Media, Result, TaskError, TaskView

Schema: TypeAlias = dict[str, Any]

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


# --- Examples: the contract's own, word for word, and one of each thing that the contract has not ---
# fmt: off

IMAGE = {
    "prompt": "a beautiful sunset over mountains", "model": "dashscope/qwen-image",
    "negativePrompt": "blurry, low quality", "resolution": "2K", "aspectRatio": "16:9", "n": 1,
    "imageInputs": ["https://example.com/ref-image.jpg"],
    "extraParams": {"loras": [{"model": "dashscope/anime-style", "weight": 0.8}]},
    "projectId": "proj_123", "source": "canvas", "sourceId": "canvas_456",
}
VIDEO = {
    "prompt": "a cat playing with a ball", "model": "dashscope/wan2.6-video", "negativePrompt": "static, blurry",
    "duration": "5s", "resolution": "720p", "n": 1, "imageInputs": ["https://example.com/first-frame.jpg"],
    "projectId": "proj_123",
}
AUDIO = {
    "prompt": "Hello, welcome to Pixel AI!", "model": "volcengine/doubao-tts", "voice": "zh_female_qingxin",
    "speed": 1.0, "projectId": "proj_123",
}
TEXT = {
    "messages": [{"role": "user", "content": "Write a haiku about the sea."}], "model": "dashscope/qwen-plus",
    "system": "You are a poet.", "temperature": 0.7, "maxTokens": 256,
}
FREE_IMAGE = {"prompt": "a lighthouse at dawn", "model": "sandbox/image", "resolution": "512", "aspectRatio": "16:9"}
FREE_VIDEO = {"prompt": "a cat playing with a ball", "model": "sandbox/video", "duration": "2s", "resolution": "480p"}
FREE_AUDIO = {"prompt": "Hello, welcome to Pixel AI!", "model": "sandbox/speech", "voice": "en-gb"}
FREE_TEXT = {"prompt": "Write a haiku about the sea.", "model": "sandbox/text", "extraParams": {"seed": 7}}


def _model(model: str, name: str, kind: str, *, is_default: bool = True, **offers: Any) -> Schema:
    provider, _, key = model.partition("/")
    standing = {"is_default": is_default, "enabled": True}
    return {"id": model, "name": name, "type": kind, "provider": provider, "model_key": key, **standing, **offers}


QWEN_IMAGE = _model(
    "dashscope/qwen-image", "Qwen Image", "image", capabilities={"supportsLora": True, "supportsRefImage": True},
    resolutions={
        "1K": {"16:9": "1280*720", "1:1": "1024*1024"},
        "2K": {"16:9": "2560*1440", "1:1": "2048*2048"},
    },
)
_SCOPE = _model(
    "modelscope/qwen-image", "ModelScope Qwen Image", "image", is_default=False, capabilities={"supportsLora": True}
)
_WAN = _model("dashscope/wan2.6-video", "Wan 2.6 Video", "video", durations={"5s": "5秒", "10s": "10秒"})
_DOUBAO = _model(
    "volcengine/doubao-tts", "豆包 TTS", "audio",
    voices=[{"id": "zh_female_qingxin", "name": "清新女声", "language": "zh"}],
)
_PLUS = _model("dashscope/qwen-plus", "Qwen Plus", "llm")
MODELS = {
    kind: {model["id"]: model for model in models}
    for kind, models in {"image": [QWEN_IMAGE, _SCOPE], "video": [_WAN], "audio": [_DOUBAO], "llm": [_PLUS]}.items()
}
_ASKED = {
    "id": "task_abc123", "type": "image", "status": "completed", "model": "dashscope/qwen-image",
    "params": {"prompt": "a beautiful sunset over mountains", "resolution": "2K", "aspectRatio": "16:9"},
}
_CREATED, _STARTED, _ENDED = "2026-02-11T10:00:00Z", "2026-02-11T10:00:01Z", "2026-02-11T10:00:30Z"
_USAGE = {"input_tokens": 9, "output_tokens": 7}
COMPLETED = _ASKED | {
    "result": {"images": [{"url": "https://example.com/generated-image.jpg", "width": 2560, "height": 1440}]},
    "created_at": _CREATED, "updated_at": _ENDED,
}
PROCESSING = _ASKED | {
    "status": "processing", "created_at": _CREATED, "updated_at": "2026-02-11T10:00:12Z",
    "progress": 40, "phase": "rendering", "started_at": _STARTED,
    "project_id": "proj_123", "source": "canvas", "source_id": "canvas_456", "metadata": {"scene": 3},
}
FAILED = _ASKED | {
    "status": "failed", "created_at": _CREATED, "updated_at": _ENDED, "phase": "failed",
    "error": {
        "code": "content_rejected_input", "message": "The provider does not make this.", "retryable": False,
        "charged": "no", "provider_code": "DataInspectionFailed",
        "provider_message": "Input data may contain inappropriate content.",
    },
    "started_at": _STARTED, "finished_at": _ENDED,
}
WRITTEN = _ASKED | {
    "id": "task_txt123", "type": "llm", "model": "dashscope/qwen-plus",
    "params": {"prompt": "Write a haiku about the sea."}, "created_at": _CREATED, "updated_at": _ENDED,
    "result": {"text": "Grey waves fold and rise", "usage": _USAGE}, "usage": _USAGE,
    "progress": 100, "phase": "completed", "started_at": _STARTED, "finished_at": _ENDED,
}
_REQUESTED = {
    "event": "TaskRequested", "task": "task_abc123", "kind": "image", "model": "dashscope/qwen-image",
    "model_revision": 1, "params": _ASKED["params"], "finish_by": "2026-02-11T10:15:00Z", "at": _CREATED,
    "request_hash": "47aac8625eb88aa636b71c99006030df6931730a1f0e30267ded0ae2c30f2db0",
}
_CALLED = {
    "event": "ProviderCalled", "attempt": 1, "provider": "dashscope", "call": "task_abc123.1",
    "digest": "438a9a6713fd6012f62db14c50969d5c5b373483d6160e92f3130ca9513fbdf7",
    "worker": "14039-975f5700", "epoch": 1, "at": _STARTED,
}
HISTORY: Schema = {
    "task_id": "task_abc123",
    "events": [
        {"position": 1041, "version": 1, "type": "TaskRequested", "time": _CREATED, "actor": "anonymous",
         "request_id": "req_123456", "data": _REQUESTED},
        {"position": 1042, "version": 2, "type": "ProviderCalled", "time": _STARTED, "actor": "worker:14039-975f5700",
         "request_id": None, "data": _CALLED},
    ],
}
STOPPED = {
    "task_id": "task_abc123", "status": "failed", "outcome": "not_called",
    "message": "Cancelled by anonymous. It had not been sent to the provider.",
}
UNFINISHED = {
    "task_id": "task_abc123", "status": "processing", "outcome": "requested",
    "message": "The provider has been asked to stop it, or will be. The task tells what it says.",
}
HEALTH = {
    "status": "degraded", "database": "ok", "models": 9, "workers": 0, "appends_waiting": 0,
    "read_models": [{"name": "tasks", "generation": 1, "version": 1, "serving": True, "position": 1042, "head": 1042,
                     "lag": 0, "parked": 0}],
    "problems": ["worker: none is running; requests are accepted and wait"],
}
# fmt: on


# --- Fields: what each means, and an example, unless its parts have theirs ---

_ASSET = "asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png"
_IMAGE_INPUTS = "reference images: http or https URLs, as many as the model takes"
_RESOLUTION = "one of the model's resolutions; 1K when left out, or the first that the model has"
_OUTCOMES = "`not_called`, `confirmed`, `too_late`, `unsupported`, `unknown`; or `requested`, or `already_ended`"
FIELDS: dict[type[msgspec.Struct], dict[str, tuple[str, Any]]] = {
    GenerationRequest: {
        "model": ("which model: `provider/model_key`", "dashscope/qwen-image"),
        "extraParams": ("parameters that only some models know", None),
        "metadata": ("anything of yours: kept with the task and given back, up to 16 KiB", {"scene": 3}),
    },
    ImageRequest: {
        "prompt": ("what to show; not blank, and no longer than the model takes", IMAGE["prompt"]),
        "negativePrompt": ("what not to show", IMAGE["negativePrompt"]),
        "resolution": (_RESOLUTION, "2K"),
        "aspectRatio": ("one of the aspect ratios that the model has at this resolution", "16:9"),
        "n": ("how many images, up to what the model allows; 1 when left out", 1),
        "imageInputs": (_IMAGE_INPUTS, IMAGE["imageInputs"]),
    },
    VideoRequest: {
        "prompt": ("what happens; not blank, and no longer than the model takes", VIDEO["prompt"]),
        "negativePrompt": ("what not to show", VIDEO["negativePrompt"]),
        "duration": ("one of the model's durations; its first when left out", "5s"),
        "resolution": (_RESOLUTION, "720p"),
        "aspectRatio": ("one of the aspect ratios that the model has at this resolution", "16:9"),
        "n": ("how many videos, up to what the model allows; 1 when left out", 1),
        "imageInputs": ("the first frame: an http or https URL, for models that take one", VIDEO["imageInputs"]),
    },
    AudioRequest: {
        "prompt": ("the text to speak; not blank, and no longer than the model takes", AUDIO["prompt"]),
        "voice": ("the id of one of the model's voices; its first when left out", AUDIO["voice"]),
        "speed": ("how fast, within the model's limits (mostly 0.5 to 2.0); 1.0 when left out", 1.0),
    },
    TextRequest: {
        "prompt": ("what to write; this or `messages`", "Write a haiku about the sea."),
        "messages": ("the conversation so far; this or `prompt`", None),
        "system": ("how to behave", TEXT["system"]),
        "temperature": ("0 is sober, 2 is wild", 0.7),
        "maxTokens": ("how long the answer may be, up to what the model allows", 256),
    },
    Message: {"role": ("who says it", "user"), "content": ("what is said", "Write a haiku about the sea.")},
    ExtraParams: {
        "loras": ("for models with `supportsLora`", None),
        "seed": ("the same seed gives the same result, where the model can", 7),
        "sandbox": ("how a sandbox model should behave; refused by all others", None),
    },
    Lora: {"model": ("which LoRA", "dashscope/anime-style"), "weight": ("how strongly", 0.8)},
    Steering: {
        "latency": ("seconds until the result is there", 2.5),
        "fault": ("what should go wrong", "content_rejected"),
        "times": ("how many calls the fault meets, from the first", 1),
    },
    Envelope: {
        "code": ("the HTTP status as a string", "200"),
        "message": ("always this word", "success"),
        "data": ("the answer itself", None),
    },
    Failure: {
        "code": ("the HTTP status as a string", "400"),
        "message": ("what is wrong, for people: every problem of the request, separated by semicolons", _FORMAT),
        "request_id": ("the id of this request, as in `X-Request-ID`", "req_123456"),
    },
    TaskCreated: {"task_id": ("ask `GET /api/v1/tasks/{task_id}` for it, from now on", "task_abc123")},
    TaskView: {
        "id": ("the task's id", "task_abc123"),
        "type": ("what it makes", "image"),
        "status": ("`pending` and `processing`: ask again; `completed` and `failed` are final", "completed"),
        "model": ("which model", "dashscope/qwen-image"),
        "params": ("the parameters as they were sent", _ASKED["params"]),
        "created_at": ("when it was accepted", _CREATED),
        "updated_at": ("when something last happened", _ENDED),
        "result": ("what was made; once there is something", None),
        "error": ("why it failed; only then", None),
        "progress": ("percent, when the provider tells", 40),
        "phase": ("where it is, for people: `queued`, `submitted`, a provider's own word. New ones may come", "queued"),
        "usage": ("what the provider counted", _USAGE),
        "cost": ("what it cost, in the currency of its price list", {"amount": "0.04", "currency": "USD"}),
        "project_id": ("`projectId` of the request", "proj_123"),
        "source": ("`source` of the request", "canvas"),
        "source_id": ("`sourceId` of the request", "canvas_456"),
        "metadata": ("`metadata` of the request", {"scene": 3}),
        "started_at": ("when the provider was first called", _STARTED),
        "finished_at": ("when it ended", _ENDED),
        "late_results": ("what came after the end: it was paid for, so it is kept", None),
    },
    Result: {
        "images": ("of an image task", None),
        "videos": ("of a video task", None),
        "audios": ("of an audio task", None),
        "text": ("of a text task", "Grey waves fold and rise"),
        "usage": ("of a text task: the tokens", _USAGE),
        "missing": ("what was asked for and could not be made", None),
    },
    Media: {
        "url": ("where it is; it does not expire", f"http://localhost:8000/api/v1/assets/{_ASSET}"),
        "width": ("pixels, as measured", 2560),
        "height": ("pixels, as measured", 1440),
        "duration": ("seconds, as measured", 5.0),
        "asset_id": ("the content's own name", _ASSET),
        "media_type": ("as in `Content-Type`", "image/png"),
        "bytes": ("its size", 48213),
    },
    Missing: {
        "index": ("which of the `n`, from 0", 1),
        "code": ("why, for programs", "render_error"),
        "message": ("why, for people", "The provider left this one out."),
    },
    TaskError: {
        "code": ("why, for programs. New ones may come: treat them as a mistake of Pixel's", "content_rejected_input"),
        "message": ("why, for people", "The provider does not make this."),
        "retryable": ("whether the same request may succeed another time", False),
        "charged": ("whether the provider took money all the same", "no"),
        "provider_code": ("the provider's own code", "DataInspectionFailed"),
        "provider_message": ("the provider's own words", "Input data may contain inappropriate content."),
    },
    TaskPage: {
        "tasks": ("the tasks, newest first", None),
        "next_cursor": ("`cursor` for the next page; null on the last one", "cDEyMzQ"),
    },
    Cancellation: {
        "task_id": ("the task", "task_abc123"),
        "status": ("how it stands now: a cancelled task is `failed` with `error.code` `cancelled`", "failed"),
        "outcome": (f"what the provider said: {_OUTCOMES}", "confirmed"),
        "message": ("the same for people", STOPPED["message"]),
    },
    History: {"task_id": ("the task", "task_abc123"), "events": ("its events, oldest first", None)},
    HistoryEvent: {
        "position": ("its place in the whole log", 1041),
        "version": ("its place in the task, from 1; `?version=` shows the task as it stood then", 1),
        "type": ("what happened", "TaskRequested"),
        "time": ("when it was recorded", _CREATED),
        "actor": ("who made it happen", "anonymous"),
        "request_id": ("the request that it goes back to", "req_123456"),
        "data": ("the event itself, as it is stored", _REQUESTED),
    },
    ModelsByType: {kind: (f"models of type `{kind}`", None) for kind in MODELS},
    ModelView: {
        "id": ("the model id: `provider/model_key`", "dashscope/qwen-image"),
        "name": ("what people see", "Qwen Image"),
        "type": ("what it makes", "image"),
        "provider": ("the part of the id before the slash", "dashscope"),
        "model_key": ("the part of the id behind the slash", "qwen-image"),
        "is_default": ("whether it is the default of its type", True),
        "enabled": ("whether it can be asked right now", True),
        "capabilities": ("what it can do besides", QWEN_IMAGE["capabilities"]),
        "resolutions": ("resolution → aspect ratio → pixels", QWEN_IMAGE["resolutions"]),
        "durations": ("duration → what people see", _WAN["durations"]),
        "voices": ("the voices of a speech model", None),
        "description": ("a sentence for people", "Draws a landscape from the prompt."),
        "revision": ("rises with every change of the model", 1),
        "unavailable": ("why it can't be asked, and what would help", f"{_NO_KEY} in the environment."),
        "retired": ("the vendor took it away for good", False),
        "replacement": ("what to use instead of a retired model", "dashscope/qwen-image"),
        "input_schema": ("JSON Schema of the requests that it accepts, to draw a form from", {"type": "object"}),
    },
    Voice: {
        "id": ("for `voice`", "zh_female_qingxin"),
        "name": ("what people see", "清新女声"),
        "language": ("a BCP 47 tag", "zh"),
    },
    Live: {"status": ("always this word", "live")},
    Health: {
        "status": ("`ready`, `degraded` (works, but somebody should look) or `unavailable`", "ready"),
        "database": ("`ok`, or what went wrong", "ok"),
        "models": ("how many models are known", 9),
        "read_models": ("how far the read models are", None),
        "workers": ("how many workers were seen lately", 1),
        "appends_waiting": ("appends that wait for their commit", 0),
        "problems": ("what to look at, for people", HEALTH["problems"]),
    },
    ReadModelStatus: {
        "name": ("which read model", "tasks"),
        "generation": ("which of its builds", 1),
        "version": ("the version of its tables", 1),
        "serving": ("whether it is the build that answers", True),
        "position": ("the last event that it has taken in", 1042),
        "head": ("the last event that there is", 1042),
        "lag": ("events behind", 0),
        "parked": ("streams set aside, because an event of theirs failed", 0),
    },
}


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
