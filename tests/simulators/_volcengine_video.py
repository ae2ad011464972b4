"""Ark's Seedance: videos by task, with a list of the tasks, and a DELETE that cancels some and deletes others."""

import time
from typing import Any, NamedTuple, cast

from tests.simulators import media
from tests.simulators._volcengine_ark import REFUSALS, Ark, check_image, error, invalid
from tests.simulators.base import Answer, Request, require, unknown, without_nulls

RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
Sizes = dict[str, dict[str, tuple[int, int]]]


def _sizes(**levels: str) -> Sizes:
    """The sizes of each resolution, in the order of RATIOS."""
    pairs = {level[1:]: [tuple(map(int, size.split("x"))) for size in sizes.split()] for level, sizes in levels.items()}
    return {
        level: {ratio: (size[0], size[1]) for ratio, size in zip(RATIOS, sizes, strict=True)}
        for level, sizes in pairs.items()
    }


_1_0 = _sizes(
    _480p="864x480 736x544 640x640 544x736 480x864 960x416",
    _720p="1248x704 1120x832 960x960 832x1120 704x1248 1504x640",
    _1080p="1920x1088 1664x1248 1440x1440 1248x1664 1088x1920 2176x928",
)
_2_0 = _sizes(
    _480p="864x496 752x560 640x640 560x752 496x864 992x432",
    _720p="1280x720 1112x834 960x960 834x1112 720x1280 1470x630",
    _1080p="1920x1080 1664x1248 1440x1440 1248x1664 1080x1920 2206x946",
    _4k="3840x2160 3326x2494 2880x2880 2494x3326 2160x3840 4398x1886",
)
_1_5 = {level: _2_0[level] for level in ("480p", "720p", "1080p")}
_SMALL = {level: _2_0[level] for level in ("480p", "720p")}
_2_5 = _1_5 | _sizes(_480p="854x480 752x560 640x640 560x752 480x854 992x432")


class Model(NamedTuple):
    """What a model takes: sizes, lengths in seconds, frames and reference images, fields beside the common ones.

    `keeps_frames`: with frames, the ratio can only be theirs; another one fails later."""

    sizes: Sizes
    seconds: range
    frames: int
    references: int
    fields: tuple[str, ...]
    keeps_frames: bool = False


BODY = [
    *("model", "content", "resolution", "ratio", "duration", "watermark", "callback_url", "return_last_frame"),
    *("execution_expires_after", "safety_identifier"),
]
_OF_1_0 = ("seed", "camera_fixed", "service_tier")
_OF_2_0 = ("generate_audio", "priority", "tools")
MODELS = {
    "doubao-seedance-1-0-pro-250528": Model(_1_0, range(2, 13), 2, 0, _OF_1_0),
    "doubao-seedance-1-0-pro-fast-251015": Model(_1_0, range(2, 13), 1, 0, _OF_1_0),
    "doubao-seedance-1-0-lite-t2v-250428": Model(_1_0, range(2, 13), 0, 0, _OF_1_0),
    "doubao-seedance-1-0-lite-i2v-250428": Model(_1_0, range(2, 13), 2, 0, _OF_1_0),
    "doubao-seedance-1-5-pro-251215": Model(_1_5, range(4, 13), 2, 0, (*_OF_1_0, "generate_audio", "draft")),
    "doubao-seedance-2-0-260128": Model(_2_0, range(4, 16), 2, 9, _OF_2_0),
    "doubao-seedance-2-0-fast-260128": Model(_SMALL, range(4, 16), 2, 9, _OF_2_0),
    "doubao-seedance-2-0-mini-260615": Model(_SMALL, range(4, 16), 2, 9, _OF_2_0),
    "doubao-seedance-2-5-260628": Model(
        _2_5, range(4, 31), 2, 30, (*_OF_2_0, "draft", "output_format", "omni_reference_task_type"), keeps_frames=True
    ),
}
MODELS.update({name.replace("doubao", "dreamina"): model for name, model in MODELS.items()})  # at BytePlus
FINAL = {"succeeded", "failed", "cancelled", "expired"}


class Seedance:
    """The state of the video tasks."""

    def __init__(self, ark: Ark) -> None:
        self.ark = ark
        path = r"/api/v3/contents/generations/tasks"
        ark.route("POST", path, order=True)(self.create)
        ark.route("GET", path)(self.list)
        ark.route("GET", path + r"/(?P<task>[\w.-]+)")(self.look)
        ark.route("DELETE", path + r"/(?P<task>[\w.-]+)")(self.delete)

    async def create(self, request: Request) -> Answer:
        """Accept an order; the answer has its id, and nothing else."""
        self.ark.let_in(request, *(set(REFUSALS) - {"moderated_output"}))
        body = _with_defaults(without_nulls(request.json()))
        _check(body)
        self.ark.bill(request)
        name = f"cgt-20260210120000-{len(self.ark.tasks):05x}"
        self.ark.tasks[name] = {
            "id": name,
            "model": body["model"],
            "status": "queued",
            "created_at": int(time.time()),
            "updated_at": int(time.time()),
            "seed": 58944 if self.ark.lasting(request.text, "other_seed") else body.get("seed", 58944),
            **_identifier(body, self.ark.lasting(request.text, "other_identifier", "no_identifier")),
            "resolution": body["resolution"],
            "ratio": body["ratio"],
            "duration": body["duration"],
            "framespersecond": 24,
            "service_tier": "default",
            "execution_expires_after": body.get("execution_expires_after", 172800),
            "_": {"polls": 0, "text": request.text, "body": body},
        }
        return Answer(200, json={"id": name}, headers={"x-request-id": "0217"})

    async def look(self, request: Request) -> Answer:
        """The state of a task: queued at the first query, then running, then done."""
        self.ark.authorised(request)
        task = self._task(request)
        self._go_on(task, request.base)
        return Answer(200, json=_shown(task))

    async def list(self, request: Request) -> Answer:
        """The tasks of the last week. Tasks that are queried by their ids move on."""
        self.ark.authorised(request)
        query = request.query
        known = {"page_num", "page_size"} | {f"filter.{name}" for name in ("status", "task_ids", "model")}
        require(set(query) <= known | {"filter.service_tier"}, invalid("filter"))
        page, size = int(query.get("page_num", ["1"])[0]), int(query.get("page_size", ["20"])[0])
        require(1 <= page <= 500 and 1 <= size <= 500, invalid("page_size"))
        named = query.get("filter.task_ids", [])
        require(len(set(named)) == len(named), invalid("filter.task_ids"))
        for name in named:
            if name in self.ark.tasks:
                self._go_on(self.ark.tasks[name], request.base)
        found = [
            task
            for task in reversed(self.ark.tasks.values())
            if task["status"] in query.get("filter.status", [task["status"]])
            and task["id"] in (named or [task["id"]])
            and not self.ark.lasting(task["_"]["text"], "forgotten_job")
            and "filter.model" not in query  # by the endpoint's id, and no task here was ordered by one
            and query.get("filter.service_tier", ["default"]) == [task["service_tier"]]
        ]
        # Strict: a list has no videos, so that a client that trusts the list takes a finished video for a missing one.
        shown = [_shown(task, listed=True) for task in found[(page - 1) * size : page * size]]
        return Answer(200, json={"items": shown, "total": len(found)})

    async def delete(self, request: Request) -> Answer:
        """Queued: cancelled. Done: the record is deleted. Running, or cancelled already: refused."""
        self.ark.authorised(request)
        task = self._task(request)
        match task["status"]:
            case "queued":
                task["status"] = "cancelled"
            case "running" | "cancelled":
                raise error(400, "InvalidParameter", f"The task {task['id']} can't be deleted in this status.")
            case _:
                del self.ark.tasks[task["id"]]
        return Answer(200, json={})

    def _task(self, request: Request) -> dict[str, Any]:
        task = self.ark.tasks.get(request.at["task"])
        if task is None or self.ark.lasting(task["_"]["text"], "forgotten_job"):
            raise error(404, "NotFound.Task", f"The task {request.at['task']} is not found.")
        return task

    def _go_on(self, task: dict[str, Any], base: str) -> None:
        inside = task["_"]
        if task["status"] in FINAL:
            return
        inside["polls"] += 1
        polls = inside["polls"]
        fault = self.ark.lasting(
            inside["text"],
            *("unknown_status", "expired_job", "job_cancelled", "job_failed", "moderated_output", "no_outputs"),
            *("moderated_later", "wrong_size"),
        )
        task["updated_at"] += 5
        task["status"] = "queued" if polls == 1 else "running" if polls == 2 else "succeeded"
        if fault == "unknown_status" and 1 < polls < 4:
            task["status"] = "dreaming"
        elif task["status"] == "succeeded":
            self._end(task, fault, base)

    def _end(self, task: dict[str, Any], fault: str | None, base: str) -> None:
        failures = {
            "job_failed": ("InternalServiceError", "The service encountered an unexpected internal error."),
            "moderated_output": ("OutputVideoSensitiveContentDetected", "The output video may be sensitive."),
            "moderated_later": ("InputImageSensitiveContentDetected.PrivacyInformation", "A real person."),
        }
        if fault in failures:
            code, message = failures[fault]
            task |= {"status": "failed", "error": {"code": code, "message": message}}
        elif fault in {"expired_job", "job_cancelled"}:
            task["status"] = {"expired_job": "expired", "job_cancelled": "cancelled"}[fault]
        else:
            self._succeed(task, base, halved=fault == "wrong_size", empty=fault == "no_outputs")

    def _succeed(self, task: dict[str, Any], base: str, *, halved: bool, empty: bool) -> None:
        sizes = MODELS[task["model"]].sizes
        task["ratio"] = "1:1" if task["ratio"] == "adaptive" else task["ratio"]
        width, height = sizes[task["resolution"]][task["ratio"]]
        tokens = width * height * 24 * task["duration"] // 1024
        width, height = (width // 2, height // 2) if halved else (width, height)
        data = media.mp4("a video", width, height, float(task["duration"]))
        name = self.ark.keep_file(data, "video/mp4", "mp4")
        content = {} if empty else {"video_url": f"{base}/_files/{name}?X-Tos-Expires=86400"}
        task |= {
            "status": "succeeded",
            "error": None,
            "content": content,
            "usage": {"completion_tokens": tokens, "total_tokens": tokens},
        }


def _identifier(body: dict[str, Any], fault: str | None) -> dict[str, Any]:
    """`safety_identifier`, as a task repeats it."""
    if "safety_identifier" not in body or fault == "no_identifier":
        return {}
    return {"safety_identifier": "somebody" if fault else body["safety_identifier"]}


def _shown(task: dict[str, Any], *, listed: bool = False) -> dict[str, Any]:
    hidden = {"_", "content"} if listed else {"_"}
    return {name: value for name, value in task.items() if name not in hidden}


def _with_defaults(body: dict[str, Any]) -> dict[str, Any]:
    """The body with what the vendor takes where nothing is said; only the ratio of 1.0 depends on the frames."""
    model, content = str(body.get("model")), body.get("content")
    framed = isinstance(content, list) and len(content) > 1
    return {
        "resolution": "1080p" if "1-0-pro" in model else "720p",
        "ratio": "16:9" if "1-0" in model and not framed else "adaptive",
        "duration": 5,
    } | body


def _check(body: dict[str, Any]) -> None:
    model = str(body.get("model"))
    require(model in MODELS, error(404, "InvalidEndpointOrModel.NotFound", "No such model."))
    known = MODELS[model]
    odd = unknown(body, [*BODY, *known.fields])
    require(not odd, error(400, "InvalidParameter.UnsupportedParameter", "not supported", ", ".join(odd)))
    require(body.get("resolution") in known.sizes, invalid("resolution"))
    require(body.get("ratio") in {*RATIOS, "adaptive"}, invalid("ratio"))
    duration = body.get("duration")
    require(type(duration) is int and duration in known.seconds, invalid("duration"))
    require(type(body.get("seed", 0)) is int and -1 <= body.get("seed", 0) < 2**31, invalid("seed"))
    require(3600 <= body.get("execution_expires_after", 3600) <= 259200, invalid("execution_expires_after"))
    require(0 < len(str(body.get("safety_identifier", "-"))) <= 64, invalid("safety_identifier"))
    for switch in ("watermark", "generate_audio", "camera_fixed", "draft", "return_last_frame"):
        require(type(body.get(switch, False)) is bool, invalid(switch))
    frames, references = _check_content(body.get("content"))
    require(frames <= known.frames and references <= known.references, invalid("content"))
    require(frames or "i2v" not in model, invalid("content"))
    require(frames or body["ratio"] != "adaptive" or "1-0" not in model, invalid("ratio"))
    # The vendor accepts it, and lets the task fail.
    require(not frames or body["ratio"] == "adaptive" or not known.keeps_frames, invalid("ratio"))


def _check_content(content: Any) -> tuple[int, int]:
    """Check for one text, then frames or references, never both; returns the number of each."""
    require(isinstance(content, list), invalid("content"))
    items = cast(list[dict[str, Any]], content)
    texts = [item for item in items if item.get("type") == "text"]
    frames = [item for item in items if item.get("type") == "image_url"]
    require(len(texts) == 1 and len(texts) + len(frames) == len(items), invalid("content"))
    text = texts[0]["text"]
    # The vendor obeys flags: a caller who does not filter them pays for another video.
    require("--" not in text, invalid("content.text"))
    for frame in frames:
        require(set(frame) <= {"type", "image_url", "role"}, invalid("content"))
        check_image(frame["image_url"]["url"])
    roles = [frame.get("role") for frame in frames]
    if roles and set(roles) == {"reference_image"}:
        return 0, len(roles)
    require(roles in ([], [None], ["first_frame"], ["first_frame", "last_frame"]), invalid("content.role"))
    return len(roles), 0
