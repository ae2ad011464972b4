"""Videos as interactions, the Gemini API's form since October 2026. Its fields are snake_case."""

import base64
import re
from typing import Any

from tests.simulators import media
from tests.simulators._google import authorised, error, let_in, refuse_unknown
from tests.simulators.base import Answer, Request, Simulator, require

MODELS = {"gemini-omni-1.1-flash": range(3, 11), "gemini-omni-1.2-flash": range(3, 16)}
"""Their lengths in seconds."""
REVISIONS = {None, "2026-05-20"}
SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080)}
IMAGES = {"text_to_video": range(1), "image_to_video": range(1, 3), "reference_to_video": range(1, 7)}
"""How many images the tasks take that Pixel orders."""
TOKENS_PER_SECOND = {"360p": 1931, "720p": 5792, "1080p": 8571}


class Interactions:
    """The interactions and their results."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.interactions: dict[str, dict[str, Any]] = {}
        simulator.route("POST", r"/v1(?:beta)?/interactions", order=True)(self.create)
        simulator.route("GET", r"/v1(?:beta)?/interactions/(?P<interaction>[\w.-]+)")(self.look)
        simulator.route("POST", r"/v1(?:beta)?/interactions/(?P<interaction>[\w.-]+)/cancel")(self.cancel)
        simulator.route("DELETE", r"/v1(?:beta)?/interactions/(?P<interaction>[\w.-]+)")(self.delete)

    async def create(self, request: Request) -> Answer:
        """Accept an order."""
        body: dict[str, Any] = request.json()
        request.at["model"] = str(body.get("model"))
        let_in(self.simulator, request)
        require(request.headers.get("api-revision") in REVISIONS, error(400, "Unknown API revision."))
        wanted = _wanted(body)
        if self.simulator.fault(request, "moderated_input"):
            raise error(400, "Your request was blocked for safety reasons.", status="SAFETY")
        self.simulator.bill(request)
        name = f"v1_{len(self.interactions) + 1:08x}"
        self.interactions[name] = {"polls": 0, "text": request.text, "status": "in_progress"}
        self.interactions[name] |= {"model": body["model"], "wanted": wanted}
        if not body.get("background"):  # the caller waits for the video
            self.interactions[name]["polls"] = 1
            request.at["interaction"] = name
            return await self.look(request)
        return Answer(200, json=self._shown(name) | {"status": "queued"})

    async def look(self, request: Request) -> Answer:
        """The state of an interaction. An unknown id is a 400."""
        authorised(request)
        name = request.at["interaction"]
        known = self.interactions.get(name)
        expired = known and known["polls"] > 0 and self.simulator.lasting(known["text"], "expired_job")
        require(known and not expired, error(400, f"Invalid interaction name: {name}"))
        assert known
        known["polls"] += 1
        if known["status"] == "cancelled" or known["polls"] < 2:
            return Answer(200, json=self._shown(name))
        faults = ("unknown_status", "job_failed", "moderated_output", "no_outputs", "job_incomplete")
        match self.simulator.lasting(known["text"], *faults):
            case "unknown_status" if known["polls"] < 4:
                return Answer(200, json=self._shown(name) | {"status": "dreaming"})
            case "job_failed":
                failure = {"code": "internal_error", "message": "boom"}
                return Answer(200, json=self._shown(name) | {"status": "failed", "error": failure})
            case "job_incomplete":
                return Answer(200, json=self._shown(name) | {"status": "incomplete"})
            case "moderated_output":
                failure = {"code": "PROHIBITED_CONTENT", "message": "The video was blocked."}
                return Answer(200, json=self._shown(name) | {"status": "failed", "errors": [failure]})
            case "no_outputs":  # it answers with words instead
                words = {"type": "text", "text": "I can't make that video."}
                steps = [{"type": "model_output", "content": [words]}]
                return Answer(200, json=self._shown(name) | {"status": "completed", "steps": steps})
            case _:
                known["status"] = "completed"
                return Answer(200, json=self._shown(name) | self._made(request, known))

    async def cancel(self, request: Request) -> Answer:
        """Cancel an interaction that is under way."""
        authorised(request)
        name = request.at["interaction"]
        known = self.interactions.get(name)
        require(known, error(400, f"Invalid interaction name: {name}"))
        assert known
        require(known["status"] == "in_progress", error(400, "The interaction is not in progress."))
        known["status"] = "cancelled"
        return Answer(200, json=self._shown(name))

    async def delete(self, request: Request) -> Answer:
        """Forget an interaction."""
        authorised(request)
        name = request.at["interaction"]
        require(name in self.interactions, error(400, f"Invalid interaction name: {name}"))
        del self.interactions[name]
        return Answer(200, json={})

    def _shown(self, name: str) -> dict[str, Any]:
        known = self.interactions[name]
        return {"id": name, "object": "interaction", "model": known["model"], "status": known["status"]}

    def _made(self, request: Request, known: dict[str, Any]) -> dict[str, Any]:
        wanted = known["wanted"]
        seconds, (width, height) = int(wanted["duration"][:-1]), SIZES[wanted["resolution"]]
        if wanted["aspect_ratio"] == "9:16":
            width, height = height, width
        if self.simulator.lasting(known["text"], "wrong_size"):
            width, height = width // 2, height // 2
        data = media.mp4("A video.", width, height, float(seconds))
        file = self.simulator.keep_file(data, "video/mp4", "mp4")
        video: dict[str, Any] = {"type": "video", "mime_type": "video/mp4"}
        if wanted["delivery"] == "inline" or self.simulator.lasting(known["text"], "inline"):
            video["data"] = base64.b64encode(data).decode()
        else:
            video["uri"] = f"{request.base}/v1beta/files/{file}:download?alt=media"
        steps = [
            {"type": "user_input", "content": [{"type": "text", "text": "…"}]},
            {"type": "thought", "signature": "c2lnbmVk"},
            {"type": "model_output", "content": [video]},
        ]
        tokens = TOKENS_PER_SECOND[wanted["resolution"]] * seconds
        usage = {
            "total_input_tokens": 12,
            "total_output_tokens": tokens + 90,
            "output_tokens_by_modality": [{"modality": "video", "tokens": tokens}],
        }
        return {"steps": steps, "usage": usage}


def _wanted(body: dict[str, Any]) -> dict[str, Any]:
    """Check a body; returns the form of the video, with the vendor's defaults for what is left out."""
    refuse_unknown(body, ["model", "input", "background", "response_format", "generation_config"], "")
    require(body["model"] in MODELS, error(404, f"Model {body['model']} not found."))
    require(type(body.get("background", False)) is bool, error(400, "background"))
    given: dict[str, Any] = body.get("response_format", {"type": "video"})
    wanted = {"delivery": "inline", "aspect_ratio": "16:9", "resolution": "720p", "duration": "5s"} | given
    refuse_unknown(wanted, ["type", "delivery", "aspect_ratio", "resolution", "duration"], "response_format")
    require(wanted.get("type") == "video" and wanted["delivery"] in {"inline", "uri"}, error(400, "type, delivery"))
    require(wanted["aspect_ratio"] in {"16:9", "9:16"}, error(400, "aspect_ratio"))
    require(wanted["resolution"] in SIZES, error(400, "resolution"))
    duration = wanted["duration"]
    seconds = re.fullmatch(r"([1-9][0-9]?)s", duration) if isinstance(duration, str) else None
    require(
        seconds and int(seconds[1]) in MODELS[body["model"]],
        error(400, "Invalid value at 'response_format.duration' (type.googleapis.com/google.protobuf.Duration)"),
    )
    kinds = [_kind(content) for content in _contents(body.get("input"))]
    require("text" in kinds, error(400, "input"))
    config = body.get("generation_config", {})
    refuse_unknown(config, ["video_config"], "generation_config")
    video_config = config.get("video_config", {})
    refuse_unknown(video_config, ["task"], "generation_config.video_config")
    # Without a task the model finds it out by itself.
    task = video_config.get("task", "reference_to_video" if "image" in kinds else "text_to_video")
    require(kinds.count("image") in IMAGES.get(task, ()), error(400, "generation_config.video_config.task"))
    return wanted


def _contents(given: object) -> list[dict[str, Any]]:
    """What the caller says: a text, one content or several, or what the steps of a user hold."""
    found: list[dict[str, Any]] = []
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, str):
            found.append({"type": "text", "text": item})
        elif not isinstance(item, dict):
            raise error(400, "input")
        elif item.get("type") == "user_input":
            refuse_unknown(item, ["type", "content"], "input")
            found += _contents(item.get("content"))
        else:
            found.append(item)
    return found


def _kind(content: dict[str, Any]) -> str:
    kind = str(content.get("type"))
    require(kind in {"text", "image"}, error(400, "input"))
    refuse_unknown(content, ["type", "text"] if kind == "text" else ["type", "data", "mime_type"], "input")
    require(content.get("text" if kind == "text" else "data"), error(400, "input"))
    return kind
