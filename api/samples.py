"""What goes over the wire, to look at: an example of everything, and what each field means."""

from typing import Any, TypeAlias

import msgspec

from api.answers import Envelope, TaskCreated
from api.errors import Failure
from api.offers import ModelView
from api.system import Health
from api.tasks import Cancellation, HistoryEvent
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


_FORMAT = "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'"
_NO_KEY = "Model 'dashscope/qwen-image' is not available: provider 'dashscope' has no key. Set DASHSCOPE_API_KEY"

# --- Fields: what each means, and an example, unless its parts have theirs ---

_ASSET = "asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png"
_IMAGE_INPUTS = "reference images: http or https URLs of up to 2048 characters, as many as the model takes"
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
