"""Which operations has the API? One table, with the parameters, headers and errors of each.

Litestar does not generate the document: handlers take raw bodies, for speed and to report all problems together."""

from api.http.request_reader import MAX_WAIT_SECONDS
from api.http.responses import Envelope, TaskCreated
from api.openapi import examples
from api.openapi.errors_and_parameters import OF_A_LIST
from api.openapi.operation import Operation, ResponseSpec, Schema
from api.openapi.operations_admin import ADMINISTRATION, SERVICE
from api.openapi.operations_canvases import CANVASES
from api.openapi.operations_gallery import GALLERY
from api.openapi.operations_openai import OPENAI
from api.openapi.operations_runs import RUNS
from api.openapi.operations_session import SESSION
from api.openapi.operations_webhooks import WEBHOOKS
from api.routes.asset_upload import ImportRequest, KeptAsset
from api.routes.batches import BatchRequest
from api.routes.models import Estimate, ModelsByType
from api.routes.reruns import RerunCreated, RerunRequest
from api.routes.task_list import TaskPage
from api.routes.tasks import Cancellation, History
from domain.request import (
    AudioRequest,
    GenerationRequest,
    ImageRequest,
    TextRequest,
    VideoRequest,
)
from projections.task_view import TaskView
from services.batch_reader import BatchView
from services.model_registry import ModelView

TITLE, VERSION = "Pixel API", "2.1.0"  # the contract is 2.0.0; this is the contract and what was added to it
ABOUT = f"""
One API over many paid image, video, speech and text providers.

1. `GET /api/v1/models` lists what can be asked for. A model id is `provider/model_key`, such as `dashscope/qwen-image`.
   The models `sandbox/…` are free and need no key.
2. `POST /api/v1/generations/…` answers at once with a `task_id`.
3. `GET /api/v1/tasks/{{task_id}}` says how it is going. `pending` and `processing` mean: ask again, after
   `Retry-After` seconds or with `Prefer: wait={MAX_WAIT_SECONDS}`. `completed` and `failed` are final.
4. `GET /api/v1/events` tells of every change as it happens.
5. `POST /api/v1/assets` brings images, videos and audio; an image's id may stand in `imageInputs`.

Answers are `{{"code": "200", "message": "success", "data": …}}`. Errors are `{{"code", "message", "request_id"}}`:
`code` is the HTTP status as a string, `message` names every problem of the request at once.
HEAD is answered as GET is, without the body, everywhere.
"""
TAGS = {
    "Generations": "Ask for an image, a video, speech or a text. The answer is a task.",
    "Tasks": "What became of it: the task now, the task as it stood, every event behind it.",
    "Batches": "Up to 200 requests at once: all of them become tasks, or those that can.",
    "Events": "What happens, as it happens.",
    "Models": "What can be asked for.",
    "Costs": "What was spent, and what the budgets have left.",
    "Assets": "What was made, and what was brought: kept by Pixel, named by its content, never changed.",
    "Canvases": "What people make media on: nodes and edges, changed by small edits, with all of its history.",
    "Runs": "Many nodes of a canvas, made one after the other on the server: priced before, and resumed after a fall.",
    "Webhooks": "Be told of what becomes of tasks, instead of asking.",
    "Sessions": "Sign a person in at a browser, with an API key.",
    "OpenAI": "The same for programs that speak to OpenAI: what they send is translated, and each call is a task. "
    "Errors have OpenAI's form. docs/openai.md says what is honoured.",
    "Administration": "For the people who answer for Pixel: API keys, and calls whose outcome nobody knows. With a key "
    "of the scope `admin` or the token of PIXEL_ADMIN_TOKEN; without either, for callers on the machine itself.",
    "Service": "For providers, load balancers, monitoring and people on call.",
}


# --- Operations ---


def _generation(kind: str, body: type[GenerationRequest], description: str, bodies: Schema) -> Operation:
    return Operation(
        "post",
        f"/api/v1/generations/{kind}",
        f"generate{kind.capitalize()}",
        "Generations",
        description,
        "Answers at once, when the task is recorded; `GET /api/v1/tasks/{task_id}` has it from then on. "
        "A refused request leaves nothing behind. `null` is as good as a field left out.",
        answer=Envelope[TaskCreated],
        examples={"accepted": {"task_id": "task_abc123"}},
        body=body,
        bodies=bodies,
        parameters=("Idempotency-Key", "Prefer"),
        headers=("Location", "X-Pixel-Position", "Idempotent-Replayed", "Preference-Applied", "Sunset", "Link"),
        errors=(
            *("malformed model id", "several problems", "the old provider field", "model of another type"),
            *("retired model", "not an object", "malformed key", "unknown model", "too large", "not JSON"),
            "webhook of nobody",
            *(("no such input", "hostile input", "store away") if kind in {"image", "video"} else ()),
            *("over the budget", "reused key", "unforeseen", "no key for the provider", "too busy", "database away"),
        ),
    )


_READ = ("unforeseen", "database away")
_STORED_TYPES = ("image/png", "video/mp4", "audio/wav")
_ASSET_ANSWERS = {
    200: ResponseSpec("The whole asset, or the whole variant", media=(*_STORED_TYPES, "image/webp", "image/jpeg")),
    206: ResponseSpec("The range", media=_STORED_TYPES),
    304: ResponseSpec("The asset is the one that `If-None-Match` names"),
}
BATCH_OPERATIONS = (
    Operation(
        "post",
        "/api/v1/batches",
        "makeBatch",
        "Batches",
        "Make many things at once",
        "Each request is the body of the route of its `kind`. With the mode `all` every request is valid, affordable "
        "and admitted, or nothing is recorded and the problems of every request are told under its index; the status "
        "is that of the requests where they agree, else 400. With `each` the good ones become tasks, and the answer "
        "has the others as `refused`. All tasks are recorded at the same moment. The `Idempotency-Key` is for the "
        "batch as a whole.",
        answer=Envelope[BatchView],
        examples={"accepted": examples.BATCH, "one was refused": examples.PART_OF_A_BATCH},
        body=BatchRequest,
        bodies={
            "an image and a text": {
                "requests": [{"kind": "image"} | examples.FREE_IMAGE, {"kind": "text"} | examples.FREE_TEXT]
            }
        },
        parameters=("Idempotency-Key",),
        headers=("Location", "Idempotent-Replayed"),
        errors=(
            *("no requests", "several bad items", "malformed key", "over the budget", "unknown model", "too large"),
            *("not JSON", "reused key", "unforeseen", "no key for the provider", "store away", "too busy"),
            "database away",
        ),
    ),
    Operation(
        "get",
        "/api/v1/batches/{batch_id}",
        "getBatch",
        "Batches",
        "Where is my batch?",
        "Its tasks as they stand now, counted, and what they cost. It has ended when all of them have.",
        answer=Envelope[BatchView],
        examples={"under way": examples.BATCH, "ended": examples.PART_OF_A_BATCH},
        parameters=("batch_id",),
        errors=("unknown batch", *_READ),
    ),
    Operation(
        "post",
        "/api/v1/batches/{batch_id}/cancel",
        "cancelBatch",
        "Batches",
        "Stop a batch",
        "Cancels every task of it that has not ended. Providers may still be asked to stop when this is answered. "
        "Asking twice is asking once.",
        answer=Envelope[BatchView],
        examples={"under way": examples.BATCH},
        parameters=("batch_id", "Idempotency-Key"),
        errors=("malformed key", "unknown batch", "unforeseen", "too busy", "database away"),
    ),
)
_EVENT_STREAM = {
    200: ResponseSpec(
        "The stream. It has a comment every 15 seconds when nothing happens, and ends when the service stops",
        media=("text/event-stream",),
        text=examples.EVENT_STREAM,
    )
}
OPERATIONS = (
    _generation(
        "image",
        ImageRequest,
        "Make an image",
        {"from the contract": examples.IMAGE, "free, with the sandbox": examples.FREE_IMAGE},
    ),
    _generation(
        "video",
        VideoRequest,
        "Make a video",
        {"from the contract": examples.VIDEO, "free, with the sandbox": examples.FREE_VIDEO},
    ),
    _generation(
        "audio",
        AudioRequest,
        "Speak a text",
        {"from the contract": examples.AUDIO, "free, with the sandbox": examples.FREE_AUDIO},
    ),
    _generation(
        "text",
        TextRequest,
        "Write a text",
        {"a conversation": examples.TEXT, "free, with the sandbox": examples.FREE_TEXT},
    ),
    Operation(
        "get",
        "/api/v1/tasks/{task_id}",
        "getTask",
        "Tasks",
        "Where is my task?",
        "The truth as of now. `ETag` is the version of its stream. With `version` or `at`: the task as it stood then.",
        answer=Envelope[TaskView],
        examples={
            "completed": examples.COMPLETED,
            "processing": examples.PROCESSING,
            "failed": examples.FAILED,
            "a text": examples.WRITTEN,
        },
        parameters=("task_id", "version", "at", "Prefer", "If-None-Match"),
        headers=("ETag", "X-Pixel-Position", "Retry-After", "Preference-Applied"),
        errors=("wrong time", "unknown task", *_READ),
        others={304: ResponseSpec("The task is still at the version that `If-None-Match` names")},
    ),
    Operation(
        "get",
        "/api/v1/tasks",
        "listTasks",
        "Tasks",
        "Which tasks are there?",
        "Newest first, a page at a time; pages do not shift while new tasks come in. All conditions have to hold. "
        "Each condition alone is answered at once, however many tasks there are, and so is one of `projectId`, "
        "`source`, `sourceId`, `model` and `rerunOf` with `status`, `type` and times. Of several of these five, as "
        "many tasks may be looked through as one of them has. A list has what the same process has answered before.",
        answer=Envelope[TaskPage],
        examples={"the last page": {"tasks": [examples.WRITTEN, examples.COMPLETED], "next_cursor": None}},
        parameters=(*OF_A_LIST, "limit", "cursor", "atLeast"),
        headers=("X-Pixel-Position", "X-Pixel-Stale"),
        errors=("wrong limit", "unforeseen", "too many lists", "database away"),
    ),
    Operation(
        "post",
        "/api/v1/tasks/{task_id}/cancel",
        "cancelTask",
        "Tasks",
        "Stop a task",
        "Waits a moment for what the provider says. Asking twice is asking once.",
        answer=Envelope[Cancellation],
        examples={"not sent yet": examples.STOPPED, "the provider is being asked": examples.UNFINISHED},
        parameters=("task_id", "Idempotency-Key", "Prefer"),
        headers=("X-Pixel-Position",),
        errors=("malformed key", "unknown task", "unforeseen", "too busy", "database away"),
    ),
    Operation(
        "post",
        "/api/v1/tasks/{task_id}/refetch",
        "refetchTask",
        "Tasks",
        "Fetch what is paid for once more",
        "For a task that failed with `outputs_not_fetched`, or has outputs `missing` with `fetch_failed`: they are "
        "fetched from the provider again, and nothing is paid again. Asking twice is asking once.",
        answer=Envelope[TaskView],
        examples={"it is being fetched": examples.PROCESSING},
        parameters=("task_id", "Idempotency-Key", "Prefer"),
        headers=("ETag", "Cache-Control", "X-Pixel-Position"),
        errors=("malformed key", "unknown task", "nothing to fetch", "unforeseen", "too busy", "database away"),
    ),
    Operation(
        "post",
        "/api/v1/tasks/{task_id}/rerun",
        "rerunTask",
        "Tasks",
        "Make it once more",
        "Without a body: the same request, at the revision of the model that it had then, and paid for again. "
        "`differences` names what can't be as it was. With `with`: some fields are different, and the request is "
        "checked as a new one. The new task has `rerun_of`; `GET /api/v1/tasks?rerunOf=` finds it.",
        answer=Envelope[RerunCreated],
        examples={"accepted": examples.RERUN},
        body=RerunRequest,
        bodies={"the same": {}, "another seed": {"with": {"extraParams": {"seed": 8}}}},
        parameters=("task_id", "Idempotency-Key"),
        headers=("Location", "Idempotent-Replayed"),
        errors=(
            *("several problems", "gone model", "malformed key", "over the budget", "unknown task", "too large"),
            *("not JSON", "reused key", "unforeseen", "store away", "too busy", "database away"),
        ),
    ),
    Operation(
        "get",
        "/api/v1/tasks/{task_id}/history",
        "getTaskHistory",
        "Tasks",
        "What happened to a task?",
        "The events behind it, oldest first: what happened when, and who made it happen. A task rarely has more than "
        "a page of them; `next_after` tells.",
        answer=Envelope[History],
        examples={"under way": examples.HISTORY},
        parameters=("task_id", "after", "historyLimit"),
        headers=("ETag", "X-Pixel-Position"),
        errors=("wrong page", "unknown task", *_READ),
    ),
    *BATCH_OPERATIONS,
    Operation(
        "get",
        "/api/v1/tasks/{task_id}/events",
        "followTask",
        "Events",
        "How does a task go on?",
        "Server-Sent Events of one task: how it stands comes first, or with a position what has happened since. "
        "A text that is ordered with `stream` comes beside it in events named `text`, without an id, while it is "
        "written. The stream goes on after the end of the task, because a late result may come.",
        parameters=("task_id", "afterPosition", "Last-Event-ID"),
        headers=("X-Pixel-Position", "Cache-Control"),
        errors=("beyond the log", "unknown task", "unforeseen", "too many streams", "database away"),
        others=_EVENT_STREAM,
    ),
    Operation(
        "get",
        "/api/v1/events",
        "followEvents",
        "Events",
        "What happens?",
        "Server-Sent Events, from now on or behind a position. `id` is the position in the log. The data of a `task` "
        "are those of `GET /api/v1/tasks/{task_id}` after the event, of a `model` those of "
        "`GET /api/v1/models/{provider}/{key}`. `reset` means that the position is too old: "
        "a list with `atLeast` of its `position` has what was missed, and the stream goes on behind it. "
        "All conditions have to hold; those on tasks are not for models. `docs/live.md` has examples.",
        parameters=(
            *("projectId", "source", "sourceId", "task", "batch", "canvas", "types"),
            *("afterPosition", "Last-Event-ID"),
        ),
        headers=("X-Pixel-Position", "Cache-Control"),
        errors=("wrong types", "beyond the log", "unknown task", "unforeseen", "too many streams", "database away"),
        others=_EVENT_STREAM,
    ),
    Operation(
        "get",
        "/api/v1/models",
        "listModels",
        "Models",
        "What can be asked for?",
        "All models by type. The first of a type is its default. They change seldom: with `If-None-Match` only what "
        "is new is sent.",
        answer=Envelope[ModelsByType],
        examples={"from the contract": examples.MODELS},
        parameters=("If-None-Match",),
        headers=("ETag", "Cache-Control"),
        errors=("unforeseen",),
        others={304: ResponseSpec("The models are still those that `If-None-Match` names")},
    ),
    Operation(
        "get",
        "/api/v1/models/{provider}/{key}",
        "getModel",
        "Models",
        "What does one model offer?",
        "One model, with the JSON Schema of what it accepts.",
        answer=Envelope[ModelView],
        examples={"an image model": examples.QWEN_IMAGE},
        parameters=("provider", "key"),
        headers=("Sunset", "Link"),
        errors=("unknown model", "unforeseen"),
    ),
    Operation(
        "post",
        "/api/v1/models/{provider}/{key}/estimate",
        "estimateCost",
        "Models",
        "What would it cost?",
        "Checks a request and says what it would cost at most, without doing anything. The body is that of the "
        "generation; `model` may be left out.",
        answer=Envelope[Estimate],
        examples={"an image": examples.ESTIMATED},
        body=(ImageRequest, VideoRequest, AudioRequest, TextRequest),
        bodies={"an image": examples.IMAGE},
        parameters=("provider", "key"),
        headers=("Sunset", "Link"),
        errors=(
            *("several problems", "retired model", "not an object", "unknown model", "too large", "not JSON"),
            "unforeseen",
        ),
    ),
    Operation(
        "post",
        "/api/v1/assets",
        "keepAsset",
        "Assets",
        "Bring an image, a video or audio",
        "As a file, or by its URL. Pixel looks at the content, not at what it is called, and keeps it. "
        "The answered id or address may stand in `imageInputs`. The same content again is the same asset.",
        answer=Envelope[KeptAsset],
        examples={"an image": examples.STORED_ASSET},
        body=ImportRequest,
        bodies={"by its URL": {"url": "https://example.com/cat.png"}},
        file="the image, the video or the audio",
        headers=("Location", "X-Pixel-Position"),
        errors=(
            *("no file", "broken file", "private address", "nothing there", "file too large"),
            *("not media", "unforeseen", "too many files", "store away"),
        ),
    ),
    *(
        Operation(
            method,
            "/api/v1/assets/{asset_id}",
            f"{method}Asset",
            "Assets",
            description,
            "The bytes of an image, a video or audio, in their own media type. They never change under their id. "
            "Several ranges at once are answered with the whole asset. With `variant` a small image of it, always "
            "whole: a `thumbnail` (WebP) of an image or a video, a `poster` (JPEG) of a video, the `waveform` (PNG) "
            "of audio.",
            parameters=("asset_id", "variant", "width", "expires", "signature", "Range", "If-Range", "If-None-Match"),
            headers=("ETag", "Content-Length", "Accept-Ranges", "Cache-Control"),
            errors=(
                "impossible variant",
                "unknown asset",
                "expired address",
                *(("behind the end",) if method == "get" else ()),
                "unforeseen",
                "store away",
            ),
            others=_ASSET_ANSWERS if method == "get" else {200: ResponseSpec("It is there"), 304: _ASSET_ANSWERS[304]},
        )
        for method, description in (("get", "Get what was made"), ("head", "Look at what was made, without its bytes"))
    ),
    *GALLERY,
    *CANVASES,
    *RUNS,
    *WEBHOOKS,
    *SESSION,
    *OPENAI,
    *SERVICE,
    *ADMINISTRATION,
)
