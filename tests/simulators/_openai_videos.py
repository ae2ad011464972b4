"""The videos of the OpenAI simulator: jobs, their list, their content, and their deletion."""

import time
from collections.abc import Callable
from typing import Any

from tests.simulators import media
from tests.simulators._openai_wire import VIDEO_MODELS, check, error, invalid, no_model
from tests.simulators.base import Answer, Part, Request, Simulator, require, without_nulls

EXPIRES_SECONDS = 3600
_MARKS = ("job_failed", "moderated_output", "unknown_status", "expired_job", "by_address", "other_words")


class Videos:
    """The jobs. The first query finds a job queued, the second in progress, the third completed."""

    def __init__(
        self, simulator: Simulator, let_in: Callable[[Request], None], authorise: Callable[[Request], None]
    ) -> None:
        self.simulator = simulator
        self.let_in = let_in
        self.authorise = authorise
        self.jobs: dict[str, dict[str, Any]] = {}
        self.polls: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        one = r"/v1/videos/(?P<id>[\w-]+)"
        simulator.route("POST", r"/v1/videos", order=True)(self.create)
        simulator.route("GET", r"/v1/videos")(self.list)
        simulator.route("GET", one)(self.look)
        simulator.route("GET", one + "/content")(self.content)
        simulator.route("DELETE", one)(self.delete)

    async def create(self, request: Request) -> Answer:
        """Accept an order, as a form or as JSON."""
        self.let_in(request)
        files: list[Part] = []
        if request.headers.get("content-type") == "application/json":
            body = without_nulls(request.json())
        else:
            parts = request.parts()
            files = [part for part in parts if part.file is not None]
            body = {part.name: part.data.decode() for part in parts if part.file is None}
        model = body.get("model", "sora-2")
        require(model in VIDEO_MODELS, no_model(model))
        known: dict[str, Any] = {"model": str, "prompt": str, "seconds": {"4", "8", "12"}, "size": VIDEO_MODELS[model]}
        check(body, known, needed=("prompt",))
        size = body.get("size", "720x1280")
        for part in files:
            _check_reference(part, size)
        require(len(files) <= 1, error(400, "One reference at most.", param="input_reference"))
        self.simulator.bill(request)
        name = f"video_{len(self.jobs) + 0x68F0_0000:032x}"
        self.texts[name] = request.text
        self.polls[name] = 0
        self.jobs[name] = {
            "id": name,
            "object": "video",
            "model": model,
            "status": "queued",
            "progress": 0,
            "created_at": int(time.time()),
            "completed_at": None,
            "expires_at": None,
            "seconds": body.get("seconds", "4"),
            "size": size,
            "prompt": body["prompt"],
            "remixed_from_video_id": None,
            "error": None,
        }
        return Answer(200, json=self.jobs[name])

    async def look(self, request: Request) -> Answer:
        """The state of a job."""
        self.authorise(request)
        job, mark = self._job(request)
        self.polls[job["id"]] += 1
        polls = self.polls[job["id"]]
        if mark == "expired_job" and polls > 2:
            self.jobs.pop(job["id"])
            raise _not_found(job["id"])
        if polls == 2:
            job |= {"status": "in_progress", "progress": 45}
        if polls > 2:
            self._end(job, mark)
        if mark == "unknown_status" and polls < 4:
            return Answer(200, json=job | {"status": "dreaming"})
        if mark == "other_words":  # of a gateway
            words = {"queued": "submitted", "in_progress": "processing", "completed": "success"}
            return Answer(200, json=job | {"status": words[job["status"]]})
        if mark == "by_address" and job["status"] == "completed":
            name = self.simulator.keep_file(self._video(job), "video/mp4", "mp4")
            return Answer(200, json=job | {"metadata": {"url": f"{request.base}/_files/{name}"}})
        return Answer(200, json=job)

    def _end(self, job: dict[str, Any], mark: str | None) -> None:
        now = int(time.time())
        if mark == "job_failed":
            job |= {"status": "failed", "error": {"code": "internal_error", "message": "Generation failed."}}
        elif mark == "moderated_output":
            text = "Your request was blocked by our moderation system."
            job |= {"status": "failed", "error": {"code": "moderation_blocked", "message": text}}
        elif job["status"] != "completed":
            job |= {
                "status": "completed",
                "progress": 100,
                "completed_at": now,
                "expires_at": now + EXPIRES_SECONDS,
            }
            self.simulator.files[job["id"]] = (self._video(job), "video/mp4")

    def _video(self, job: dict[str, Any]) -> bytes:
        width, height = map(int, job["size"].split("x"))
        if self.simulator.lasting(self.texts[job["id"]], "wrong_size"):
            width, height = width // 2, height // 2
        return media.mp4(job["prompt"][:100], width, height, float(job["seconds"]))

    async def content(self, request: Request) -> Answer:
        """The video, for callers with the key."""
        self.authorise(request)
        job, _ = self._job(request)
        require(request.query.get("variant", ["video"]) == ["video"], invalid("variant", request.query))
        ready = self.simulator.files.get(job["id"])
        if ready is None:
            raise error(404, "Video is not ready yet, or its content has expired.", code="not_ready")
        return Answer(200, data=ready[0], media_type=ready[1])

    async def list(self, request: Request) -> Answer:
        """The jobs of the project, by pages."""
        self.authorise(request)
        allowed = set(request.query) <= {"limit", "order", "after"}
        require(allowed, error(400, "Unknown parameter.", code="unknown_parameter"))
        limit = int(request.query.get("limit", ["20"])[0])
        require(1 <= limit <= 100, invalid("limit", limit))
        jobs = sorted(self.jobs.values(), key=lambda job: (job["created_at"], job["id"]))
        if request.query.get("order", ["desc"]) == ["desc"]:
            jobs.reverse()
        if after := request.query.get("after", [""])[0]:
            names = [job["id"] for job in jobs]
            require(after in names, invalid("after", after))
            jobs = jobs[names.index(after) + 1 :]
        page = jobs[:limit]
        ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
        return Answer(200, json={"object": "list", "data": page, "has_more": len(jobs) > limit} | ends)

    async def delete(self, request: Request) -> Answer:
        """Delete a job. The vendor's page says "a completed or failed video"; here a queued one can be deleted, too."""
        self.authorise(request)
        job, _ = self._job(request)
        busy = error(400, "A video in progress can't be deleted.", code="video_in_progress")
        require(job["status"] != "in_progress", busy)
        self.jobs.pop(job["id"])
        self.simulator.files.pop(job["id"], None)
        return Answer(200, json={"id": job["id"], "object": "video.deleted", "deleted": True})

    def _job(self, request: Request) -> tuple[dict[str, Any], str | None]:
        name = request.at["id"]
        if name not in self.jobs:
            raise _not_found(name)
        return self.jobs[name], self.simulator.lasting(self.texts[name], *_MARKS)


def _not_found(name: str) -> Answer:
    return error(404, f"Video with id '{name}' not found.", param="video_id", code="not_found")


def _check_reference(part: Part, size: str) -> None:
    right = part.name == "input_reference" and part.media_type in {"image/png", "image/jpeg", "image/webp"}
    require(right, error(400, "Invalid reference.", param="input_reference", code="unsupported_file_mimetype"))
    found = media.measure(part.data)
    text = "Inpaint image must match the requested width and height"
    require(f"{found.width}x{found.height}" == size, error(400, text, param="input_reference", code="invalid_value"))
