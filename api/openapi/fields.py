"""What each field that goes over the wire means, and an example of it."""

from typing import Any

import msgspec

from adapters.providers.keyring import KeyState
from api.http.errors import Failure
from api.http.responses import Envelope, TaskCreated
from api.openapi.examples import (
    AUDIO,
    BILL,
    COMPLETED,
    DECIDED,
    DOUBTFUL,
    ESTIMATE,
    FOUND,
    HEALTH,
    HISTORY,
    IMAGE,
    KEPT,
    MODELS,
    PROCESSING,
    QWEN_IMAGE,
    STOPPED,
    TEXT,
    UNREAD,
    VIDEO,
    WRITTEN,
    History,
    Live,
    ModelsByType,
    TaskPage,
)
from api.routes.admin import CallPage, Settled
from api.routes.asset_upload import ImportRequest, KeptAsset
from api.routes.callbacks import CallbackAck
from api.routes.health import Health
from api.routes.models import Estimate
from api.routes.tasks import Cancellation, HistoryEvent
from application.rate_limits import LaneState
from application.resolutions import Attachment, Decision
from application.storage import StorageState
from domain.model import Voice
from domain.money import Cost, Line
from domain.provider import Missing, RawAnswer
from domain.request import (
    AudioRequest,
    Deadline,
    ExtraParams,
    GenerationRequest,
    ImageRequest,
    Lora,
    Message,
    SandboxOptions,
    TextRequest,
    VideoRequest,
)
from projections.runner import ReadModelStatus
from projections.task_view import Media, Result, TaskError, TaskView
from services.doubtful_calls import InDoubtCall
from services.model_registry import ModelView

_FORMAT = "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'"
_NO_KEY = "Model 'dashscope/qwen-image' is not available: provider 'dashscope' has no key. Set DASHSCOPE_API_KEY"
_ASSET = KEPT["id"]
_REFERENCE = "an http or https URL of up to 2048 characters, or the id or the address of an image that Pixel keeps"
_RESOLUTION = "one of the model's resolutions; 1K when left out, or the first that the model has"
_OUTCOMES = "`not_called`, `confirmed`, `too_late`, `unsupported`, `unknown`; or `requested`, or `already_ended`"
FIELDS: dict[type[msgspec.Struct], dict[str, tuple[str, Any]]] = {
    GenerationRequest: {
        "model": ("which model: `provider/model_key`", "dashscope/qwen-image"),
        "extraParams": ("parameters that only some models know", None),
        "metadata": ("anything of yours: kept with the task and given back, up to 16 KiB", {"scene": 3}),
        "fallbackModels": (
            "may take over, in this order, if the model before can't be had and nothing is paid; each must accept it",
            ["modelscope/qwen-image"],
        ),
        "deadline": ("how long it may take, instead of the model's own times", {"finishSeconds": 600}),
    },
    ImageRequest: {
        "prompt": ("what to show; not blank, and no longer than the model takes", IMAGE["prompt"]),
        "negativePrompt": ("what not to show", IMAGE["negativePrompt"]),
        "resolution": (_RESOLUTION, "2K"),
        "aspectRatio": ("one of the aspect ratios that the model has at this resolution", "16:9"),
        "n": ("how many images, up to what the model allows; 1 when left out", 1),
        "imageInputs": (f"reference images, as many as the model takes: each {_REFERENCE}", IMAGE["imageInputs"]),
    },
    VideoRequest: {
        "prompt": ("what happens; not blank, and no longer than the model takes", VIDEO["prompt"]),
        "negativePrompt": ("what not to show", VIDEO["negativePrompt"]),
        "duration": ("one of the model's durations; its first when left out", "5s"),
        "resolution": (_RESOLUTION, "720p"),
        "aspectRatio": ("one of the aspect ratios that the model has at this resolution", "16:9"),
        "n": ("how many videos, up to what the model allows; 1 when left out", 1),
        "imageInputs": (f"the first frame, for models that take one: {_REFERENCE}", VIDEO["imageInputs"]),
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
    Deadline: {
        "startSeconds": ("until a provider has taken it, in seconds from now; else it fails with `not_started`", 60),
        "finishSeconds": ("until it is done, in seconds from now; else it fails with `deadline_exceeded`", 600),
    },
    ExtraParams: {
        "loras": ("for models with `supportsLora`", None),
        "seed": ("the same seed gives the same result, where the model can", 7),
        "sandbox": ("how a sandbox model should behave; refused by all others", None),
    },
    Lora: {"model": ("which LoRA", "dashscope/anime-style"), "weight": ("how strongly", 0.8)},
    SandboxOptions: {
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
    TaskCreated: {
        "task_id": ("ask `GET /api/v1/tasks/{task_id}` for it, from now on", "task_abc123"),
        "estimated_cost": (
            "what it should cost at most at the model that was asked for, where it has prices",
            ESTIMATE,
        ),
    },
    TaskView: {
        "id": ("the task's id", "task_abc123"),
        "type": ("what it makes", "image"),
        "status": ("`pending` and `processing`: ask again; `completed` and `failed` are final", "completed"),
        "model": ("which model", "dashscope/qwen-image"),
        "params": ("the parameters as they were sent", COMPLETED["params"]),
        "created_at": ("when it was accepted", COMPLETED["created_at"]),
        "updated_at": ("when something last happened", COMPLETED["updated_at"]),
        "result": ("what was made; once there is something", None),
        "error": ("why it failed; only then", None),
        "progress": ("percent, when the provider tells", 40),
        "phase": ("where it is, for people: `queued`, `submitted`, a provider's own word. New ones may come", "queued"),
        "usage": ("what the provider counted", WRITTEN["usage"]),
        "cost": ("what it cost, where the model has prices or the provider told it", BILL),
        "estimated_cost": (
            "what it should cost at most at the model asked for, or at a dearer one that took over",
            ESTIMATE,
        ),
        "served_by": ("the model of `fallbackModels` that took over", "modelscope/qwen-image"),
        "project_id": ("`projectId` of the request", "proj_123"),
        "source": ("`source` of the request", "canvas"),
        "source_id": ("`sourceId` of the request", "canvas_456"),
        "metadata": ("`metadata` of the request", {"scene": 3}),
        "started_at": ("when the provider was first called", PROCESSING["started_at"]),
        "finished_at": ("when it ended", COMPLETED["updated_at"]),
        "late_results": ("what came after the end: it was paid for, so it is kept", None),
    },
    Result: {
        "images": ("of an image task", None),
        "videos": ("of a video task", None),
        "audios": ("of an audio task", None),
        "text": ("of a text task", "Grey waves fold and rise"),
        "usage": ("of a text task: the tokens", WRITTEN["usage"]),
        "missing": ("what was asked for and could not be made", None),
        "notes": ("where it is not as it was asked for", ["output 0: asked for 1024*1024, got 1280*720"]),
    },
    Cost: {
        "amount": ("the sum, as a decimal number in a string", "0.04"),
        "currency": ("an ISO 4217 code", "USD"),
        "price_revision": ("the revision of the model whose prices were used", 1),
        "lines": ("what it is made up of", BILL["lines"]),
        "source": ("`estimate` before, `prices` (when left out) by the price list, `provider` as told", "estimate"),
    },
    Line: {
        "unit": ("what was counted", "image"),
        "quantity": ("how many, as a decimal number in a string", "1"),
        "amount": ("what they cost together", "0.04"),
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
        "time": ("when it was recorded", COMPLETED["created_at"]),
        "actor": ("who made it happen", "anonymous"),
        "request_id": ("the request that it goes back to", "req_123456"),
        "data": ("the event itself, as it is stored", HISTORY["events"][0]["data"]),
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
        "durations": ("duration → what people see", MODELS["video"]["dashscope/wan2.6-video"]["durations"]),
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
    ImportRequest: {"url": ("where it lies: http or https, within the public internet", "https://example.com/cat.png")},
    KeptAsset: {
        "id": ("its content's own name, for `imageInputs`", KEPT["id"]),
        "url": ("where it is; it does not expire", KEPT["url"]),
        "media_type": ("as Pixel found it, whatever it was called", KEPT["media_type"]),
        "bytes": ("its size", KEPT["bytes"]),
        "sha256": ("the hash of its bytes", KEPT["sha256"]),
        "width": ("pixels, as measured", KEPT["width"]),
        "height": ("pixels, as measured", KEPT["height"]),
        "duration": ("seconds of a video or a sound, as measured", 5.0),
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
        "lanes": ("the ways to the providers, as each worker finds them", None),
        "keys": ("the keys of each provider, by their fingerprints", HEALTH["keys"]),
        "doubtful_calls": ("calls whose outcome nobody knows", 0),
        "storage": ("of each worker: whether results can be kept, and what waits in its spool", None),
    },
    StorageState: {
        "store": ("why the asset store can't keep anything now", "The asset store can't keep an asset: disk full"),
        "spool": ("why the spool can't", "the spool is full"),
        "refuses": ("why no order goes out whose result would have to be kept", "the spool is full"),
        "results": ("results that wait in the spool", 0),
        "bytes": ("how many bytes they have", 0),
        "max_bytes": ("how many bytes the spool takes", 2147483648),
        "held": ("results that are in memory only", 0),
    },
    LaneState: {
        "provider": ("to whom", "dashscope"),
        "kind": ("for what kind of work", "image"),
        "breaker": ("`open` while nothing is sent, `half_open` while one order tries", "closed"),
        "pace": ("1 at full speed, less after the provider said that it is too much", 1.0),
        "wait_seconds": ("until the next order", 0.0),
        "rate_limited": ("how often the provider said that it is too much", 0),
        "failures": ("failures in a row", 0),
        "in_flight": ("jobs under way, where they are limited", 3),
    },
    KeyState: {
        "account": ("a fingerprint that tells nothing of the key", "3f1a0c9be2d7"),
        "usable_in_seconds": ("0 for a key in use, else how long it is set aside", 0.0),
        "reason": ("why it is set aside", "provider_auth"),
        "kind": ("the kind of work that it is set aside for, when it serves the others", None),
    },
    Estimate: {
        "model": ("which model", "dashscope/qwen-image"),
        "revision": ("the revision whose prices were used", 1),
        "estimated_cost": ("what it would cost at most; without prices there is none, which is not free", ESTIMATE),
    },
    CallPage: {
        "calls": ("the calls, oldest first", None),
        "next_cursor": ("`cursor` for the next page; null on the last one", "1042"),
    },
    InDoubtCall: {
        "call_id": ("which call: its task and the number of the attempt", DOUBTFUL["call_id"]),
        "task_id": ("the task", "task_abc123"),
        "state": ("`looking` while evidence is looked for, `unknown` when a person is waited for", "unknown"),
        "task_status": ("how the task stands", "failed"),
        "provider": ("who was called", "dashscope"),
        "model": ("which model", "dashscope/qwen-image"),
        "attempt": ("the number of the call, from 1", 1),
        "called_at": ("when it was made", DOUBTFUL["called_at"]),
        "reason": ("why it is in doubt", DOUBTFUL["reason"]),
        "evidence": ("what was found out since", DOUBTFUL["evidence"]),
        "job": ("the provider's name for it, when it is known", "job-4711"),
        "account": ("which of the provider's keys was used, by its fingerprint", DOUBTFUL["account"]),
        "project_id": ("`projectId` of the request", "proj_123"),
        "answers": ("what the provider answered where it could not be read, oldest first", None),
    },
    RawAnswer: {
        "status": ("the HTTP status", 200),
        "body": ("how it begins, without keys", UNREAD["body"]),
        "bytes": ("the size of the whole body", 41),
        "sha256": ("the SHA-256 of the whole body", UNREAD["sha256"]),
        "media_type": ("what the provider calls it", "application/json"),
        "ids": ("what may be the provider's name for the job, by the member that it stands in", UNREAD["ids"]),
    },
    Decision: {
        "by": ("who answers for it; kept in the history", DECIDED["by"]),
        "note": ("why; kept in the history", DECIDED["note"]),
    },
    Attachment: {
        "assets": ("ids of assets that were uploaded before: what the task makes, in their order", FOUND["assets"]),
        "text": ("the text, of a text task", "Grey waves fold and rise"),
    },
    Settled: {
        "task_id": ("the task", "task_abc123"),
        "call_id": ("the call", "task_abc123.1"),
        "status": ("how the task stands now", "pending"),
        "version": ("the version of its stream now", 6),
    },
    CallbackAck: {"taken": ("always true", True)},
    ReadModelStatus: {
        "name": ("which read model", "tasks"),
        "generation": ("which of its builds", 1),
        "version": ("the version of its tables", 1),
        "serving": ("whether it is the build that answers", True),
        "position": ("the last event that it has taken in", 1042),
        "head": ("the last event that there is", 1042),
        "lag": ("events behind", 0),
        "parked": ("streams set aside, because an event of theirs failed", 0),
        "lag_seconds": ("for how long the first of the events behind has waited", 0.0),
        "error": ("why it can't go on, when it can't", 'UndefinedTableError: relation "tasks" does not exist'),
    },
}
