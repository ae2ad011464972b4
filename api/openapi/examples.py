"""An example of each request and answer. The contract's own examples stand here word for word."""

from typing import Any

from api.openapi.operation import Schema
from domain.media_reference import ASSETS_PATH, EXAMPLE_ID

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
BILL: Schema = {
    "amount": "0.04", "currency": "USD", "price_revision": 1,
    "lines": [{"unit": "image", "quantity": "1", "amount": "0.04"}],
}
ESTIMATE = BILL | {"source": "estimate"}
COMPLETED = _ASKED | {
    "result": {"images": [{"url": "https://example.com/generated-image.jpg", "width": 2560, "height": 1440}]},
    "created_at": _CREATED, "updated_at": _ENDED,
}
PROCESSING = _ASKED | {
    "status": "processing", "created_at": _CREATED, "updated_at": "2026-02-11T10:00:12Z",
    "progress": 40, "phase": "rendering", "started_at": _STARTED,
    "estimated_cost": ESTIMATE,
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
    "next_after": None,
}
BATCH: Schema = {
    "id": "batch_abc123", "mode": "all", "created_at": _CREATED, "ended": False,
    "counts": {"pending": 1, "processing": 1, "completed": 0, "failed": 0},
    "tasks": [{"index": 0, "task_id": "task_abc123", "status": "processing"},
              {"index": 1, "task_id": "task_xyz789", "status": "pending"}],
    "estimated_cost": {"USD": "0.08"},
}
PART_OF_A_BATCH: Schema = BATCH | {
    "mode": "each", "ended": True, "ended_at": _ENDED,
    "counts": {"pending": 0, "processing": 0, "completed": 1, "failed": 0},
    "tasks": [{"index": 0, "task_id": "task_abc123", "status": "completed"}],
    "refused": [{"index": 1, "code": "model_not_found", "message": (
        "Model 'invalid/model' not found. Available models can be fetched from /api/v1/models")}],
    "estimated_cost": {"USD": "0.04"}, "cost": {"USD": "0.04"},
}
RERUN: Schema = {"task_id": "task_xyz789", "rerun_of": "task_abc123", "estimated_cost": ESTIMATE}
CATALOGUE_DIFFERENCE: Schema = {
    "applied": False,
    "events": [{"model": "dashscope/qwen-image", "type": "ModelDisabled", "data": {
        "event": "ModelDisabled", "reason": "switched off in the catalogue", "at": _CREATED}}],
    "needs_restart": [],
}
STOPPED = {
    "task_id": "task_abc123", "status": "failed", "outcome": "not_called",
    "message": "Cancelled by anonymous. It had not been sent to the provider.",
}
UNFINISHED = {
    "task_id": "task_abc123", "status": "processing", "outcome": "requested",
    "message": "The provider has been asked to stop it, or will be. The task shows its answer.",
}
_HASH = EXAMPLE_ID[6:70]
STORED_ASSET: Schema = {
    "id": EXAMPLE_ID, "url": f"http://localhost:8000{ASSETS_PATH}{EXAMPLE_ID}",
    "media_type": "image/png", "bytes": 48213, "sha256": _HASH, "width": 2560, "height": 1440,
}
GALLERY_UPLOAD: Schema = {
    "asset": EXAMPLE_ID, "kind": "image", "media_type": "image/png", "bytes": 48213, "origin": "upload",
    "created_at": _CREATED, "width": 2560, "height": 1440,
}
GALLERY_OUTPUT: Schema = GALLERY_UPLOAD | {
    "origin": "output", "created_at": _ENDED, "task": "task_abc123", "project": "proj_123",
    "model": "dashscope/qwen-image", "prompt": "a beautiful sunset over mountains",
}
ESTIMATED = {"model": "dashscope/qwen-image", "revision": 1, "estimated_cost": ESTIMATE}
ESTIMATED_EACH: Schema = {"items": [
    {"cost": ESTIMATE},
    {"unpriced": True},
    {"problems": [{"field": "prompt", "message": "is required"},
                  {"field": "n", "message": "must be from 1 to 4"}]},
]}
SPENDING: Schema = {
    "by": "model", "first": "2026-02-01", "last": "2026-02-11",
    "sums": [{"key": "dashscope/qwen-image", "currency": "CNY", "spent": "1.25", "running": "0.25", "unknown": "0",
              "tasks": 6}],
    "complete": True, "unpriced": 0,
    "budgets": [{"period": "day", "most": "20", "committed": "3.5", "currency": "USD", "provider": None,
                 "project": None, "of_key": False}],
}
_CALL = {"task_id": "task_abc123", "call_id": "task_abc123.1"}
CALL_IN_DOUBT = _CALL | {
    "state": "unknown", "task_status": "failed", "provider": "dashscope", "model": "dashscope/qwen-image",
    "attempt": 1, "called_at": _STARTED, "reason": "the connection broke before the answer came",
    "evidence": "The provider can't be asked about a call whose answer was lost.", "account": "3f1a0c9be2d7",
    "project_id": "proj_123",
}
UNREAD: Schema = {"body": '{"object": "generation.task", "id": "gen-1"}', "sha256": _HASH, "ids": {"id": "gen-1"}}
DECIDED: Schema = {"by": "anna", "note": "not in the provider's console"}
FOUND: Schema = {"assets": [STORED_ASSET["id"]]}
RETRIED: Schema = _CALL | {"status": "pending", "version": 6}
HEALTH: Schema = {
    "status": "degraded", "database": "ok", "models": 9, "workers": 0, "appends_waiting": 0,
    "read_models": [{"name": "tasks", "generation": 1, "version": 1, "serving": True, "position": 1042, "head": 1042,
                     "lag": 0, "parked": 0, "lag_seconds": 0.0}],
    "problems": ["worker: none is running; requests are accepted and wait"],
    "warnings": [], "lanes": [], "keys": {}, "doubtful_calls": 0,
    "webhooks": {"registered": 2, "disabled": 0, "failing": 0, "waiting": 0}, "storage": [],
}
WEBHOOK_WISH: Schema = {"url": "https://app.example/hooks/pixel", "changes": "all"}
WEBHOOK: Schema = {
    "id": "webhook_abc123", "url": "https://app.example/hooks/pixel", "changes": "ends", "enabled": True,
    "created_at": "2026-02-11T09:00:00Z", "position": 1042,
}
DISABLED_WEBHOOK: Schema = WEBHOOK | {
    "enabled": False, "disabled_at": "2026-02-14T09:00:00Z", "disabled_reason": "it answered 410 (Gone)", "waiting": 3,
}
_NEW = {name: value for name, value in WEBHOOK.items() if name != "position"}
REMOVED_WEBHOOK: Schema = _NEW | {"enabled": False}
WEBHOOK_WITH_SECRET: Schema = {"webhook": _NEW, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}
DELIVERY: Schema = {
    "position": 1042, "message": "task_abc123.5", "task_id": "task_abc123", "version": 5, "state": "delivered",
    "attempts": [
        {"at": "2026-02-11T10:00:09Z", "milliseconds": 20000, "error": "no answer within 20 seconds"},
        {"at": "2026-02-11T10:00:34Z", "milliseconds": 48, "status": 200},
    ],
}
EVENT_STREAM = """retry: 2000

id: 1041
event: task
data: {"id":"task_abc123","type":"image","status":"pending","model":"dashscope/qwen-image", …}

id: 1042
event: task
data: {"id":"task_abc123","type":"image","status":"processing","model":"dashscope/qwen-image", …}

event: reset
data: {"position":52042}

"""
OPENAI_MODEL: Schema = {
    "id": "sandbox/image", "object": "model", "created": 0, "owned_by": "sandbox", "type": "image",
}
OPENAI_IMAGE: Schema = {
    "model": "sandbox/image", "prompt": "a lighthouse at dawn", "size": "512x512", "response_format": "url",
}
OPENAI_IMAGES: Schema = {
    "created": 1770804030, "data": [{"url": STORED_ASSET["url"]}], "output_format": "png", "size": "512x512",
}
OPENAI_SPEECH: Schema = {
    "model": "sandbox/speech", "input": "Hello, welcome to Pixel AI!", "voice": "en-gb", "response_format": "wav",
}
OPENAI_CHAT_REQUEST: Schema = {
    "model": "sandbox/text", "messages": [{"role": "user", "content": "Write a haiku about the sea."}],
}
OPENAI_CHAT: Schema = {
    "id": "task_txt123", "object": "chat.completion", "created": 1770804000, "model": "sandbox/text",
    "choices": [{
        "index": 0, "finish_reason": "stop", "logprobs": None,
        "message": {"role": "assistant", "content": "Grey waves fold and rise", "refusal": None},
    }],
    "usage": {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16},
}
OPENAI_VIDEO_REQUEST: Schema = {
    "model": "sandbox/video", "prompt": "a cat playing with a ball", "seconds": "2", "size": "480x480",
}
OPENAI_VIDEO: Schema = {
    "id": "task_abc123", "object": "video", "model": "sandbox/video", "status": "completed", "progress": 100,
    "created_at": 1770804000, "completed_at": 1770804030, "expires_at": None, "prompt": "a cat playing with a ball",
    "size": "480x480", "seconds": "2", "remixed_from_video_id": None, "error": None,
}
# fmt: on

NEW_KEY: dict[str, Any] = {
    "owner": "studio",
    "scopes": ["client"],
    "limits": {"projects": ["proj_123"], "requests_per_minute": 60, "money_per_day": "5.00"},
}
KEY: dict[str, Any] = {"id": "key_4t8kq2m0vz7c1xna", **NEW_KEY, "issued_at": "2026-02-11T10:00:00Z"}
KEY_TEXT = "pxl_4t8kq2m0vz7c1xna_" + "5b0c" * 16

PROJECT = {
    "id": "project_abc123",
    "name": "The harbour",
    "version": 1,
    "created_at": "2026-02-11T10:00:00Z",
    "updated_at": "2026-02-11T10:00:00Z",
    "archived": False,
    "canvases": 1,
    "cover": EXAMPLE_ID,
}
_CANVAS_HEAD = {
    "id": "canvas_abc123",
    "project": "project_abc123",
    "name": "Episode 1",
    "version": 812,
    "created_at": "2026-02-11T10:00:00Z",
    "updated_at": "2026-02-11T10:00:30Z",
    "archived": False,
}
CANVAS = {**_CANVAS_HEAD, "nodes": 2, "cover": EXAMPLE_ID}
_SEA = {
    "kind": "text",
    "position": {"x": 120, "y": 80},
    "size": {"width": 320, "height": 240},
    "prompt": "a grey sea",
}
_IMAGE_NODE = {
    "kind": "image",
    "position": {"x": 520, "y": 80},
    "size": {"width": 320, "height": 240},
    "model": "sandbox/image",
    "params": {"aspectRatio": "16:9"},
    "pick": {"task": "task_abc123", "output": 0, "asset": EXAMPLE_ID},
}
_CARRIES = {"from": "node_1", "to": "node_2", "role": "prompt", "order": 0}
DOCUMENT = {
    **_CANVAS_HEAD,
    "position": 1042,
    "names": [{"version": 700, "name": "before the new style", "at": "2026-02-11T10:00:20Z"}],
    "nodes": {"node_1": _SEA, "node_2": _IMAGE_NODE},
    "edges": {"edge_1": _CARRIES},
}
_OPS = [{"op": "node.set", "id": "node_1", "field": "prompt", "was": "a grey sea", "now": "a green sea"}]
EDIT = {"base": 811, "edit": "edit_2", "session": "session_1", "label": "type", "ops": _OPS}
EDIT_OF_A_NODE = {
    "base": 1,
    "edit": "edit_1",
    "session": "session_1",
    "label": "add",
    "ops": [
        {"op": "node.add", "id": "node_1", "node": _SEA},
        {"op": "node.add", "id": "node_2", "node": _IMAGE_NODE},
        {"op": "edge.add", "id": "edge_1", "edge": _CARRIES},
    ],
}
_MOVED = {
    "edit": "edit_9",
    "session": "session_2",
    "label": "move",
    "actor": "anonymous",
    "at": "2026-02-11T10:00:29Z",
    "ops": [
        {"op": "node.set", "id": "node_2", "field": "position", "was": {"x": 520, "y": 80}, "now": {"x": 520, "y": 90}}
    ],
}
EDITED: Schema = {"version": 812, "missed": []}
MERGED = {"version": 813, "missed": [{"version": 812, **_MOVED}]}
CANVAS_CHANGES = {
    "items": [
        {
            "version": 1,
            "event": "CanvasCreated",
            "actor": "anonymous",
            "at": "2026-02-11T10:00:00Z",
            "name": "Episode 1",
        },
        {"version": 812, "event": "CanvasEdited", **_MOVED},
    ],
    "next": None,
}
CONFLICTS = {
    "conflicts": [{"id": "node_2", "field": "prompt", "mine": "a green sea", "theirs": "a black sea"}],
    "version": 812,
}

_STEP = {"node": "node_2", "kind": "image"}
RUN_PLAN = {
    "version": 812,
    "steps": [
        {**_STEP, "state": "missing", "made": True, "cost": {"amount": "0.04", "currency": "USD"}},
        {"node": "node_3", "kind": "video", "state": "missing", "made": True, "unpriced": True},
    ],
    "total": {"USD": "0.04"},
    "unpriced": 1,
    "problems": [],
}
RUN = {
    "id": "run_abc123",
    "status": "running",
    "steps": [
        {
            **_STEP,
            "status": "running",
            "attempt": 1,
            "task": "task_abc123",
            "estimate": {"amount": "0.04", "currency": "USD"},
        },
        {"node": "node_3", "kind": "video", "status": "waiting", "attempt": 0},
    ],
    "spent": {},
    "at_risk": {"USD": "0.04"},
    "estimate": {"USD": "0.04"},
    "created_at": "2026-02-11T10:00:00Z",
    "canvas": "canvas_abc123",
    "canvas_version": 812,
    "project": "project_abc123",
    "unpriced": ["node_3"],
}
RUN_PAUSED = RUN | {
    "status": "paused",
    "most": {"amount": "2.50", "currency": "USD"},
    "reason": "unpriced",
    "message": "Nobody knows what the step 'node_3' costs. Resume the run to make it all the same.",
    "waits_for": "node_3",
}
RUNS = {"items": [RUN], "next_cursor": None}
