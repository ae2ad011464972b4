"""MiniMax's videos by both generations of its API: v1 (Hailuo: submit, query, retrieve), v2 (H3: with list, delete).

v1 hides its errors in HTTP 200; v2 has real statuses, and the old code in brackets at the end of the message."""

import itertools
import time
from typing import Any

import httpx

from tests.simulators import media
from tests.simulators._minimax_rules import V1_SIZES, V2_SIZES, v1_problem, v2_problem
from tests.simulators.base import Answer, Request, Simulator, require, unknown
from tests.web import PlainClient

TRACE = {"Trace-Id": "0219000000000000trace"}
FIRST_FILE = 9007199254740993  # beyond what a float can hold exactly
FAULTS = {
    "rate_limited": (1002, "rate limit, please retry later"),
    "busy": (1041, "connection limit"),
    "token_limit": (1039, "token limit"),
    "ramp": (2045, "rate growth limit"),
    "no_balance": (1008, "insufficient balance"),
    "plan_used_up": (2056, "usage limit exceeded, 5-hour window"),
    "model_gone": (2061, "your current token plan does not support this model"),
    "moderated_input": (1026, "video description contains sensitive content"),
    "invalid": (2013, "invalid params, resolution"),
    "error_in_200": (2049, "invalid api key"),
}
V2_ERRORS = {
    2049: (401, "authorized_error"),
    1004: (401, "authorized_error"),
    1008: (402, "insufficient_balance_error"),
    1026: (422, "unprocessable_entity_error"),
    1000: (500, "server_error"),
} | dict.fromkeys((1002, 1039, 1041, 2045, 2056), (429, "rate_limit_error"))


def v1_error(code: int, message: str) -> Answer:
    """An error in v1's form: with HTTP 200."""
    return Answer(200, json={"base_resp": {"status_code": code, "status_msg": message}}, headers=TRACE)


def v2_error(code: int, message: str) -> Answer:
    """An error in v2's form."""
    status, kind = V2_ERRORS.get(code, (400, "bad_request_error"))
    error = {"type": kind, "message": f"{message} ({code})", "http_code": str(status)}
    return Answer(status, json={"type": "error", "error": error, "request_id": "0217req"}, headers=TRACE)


def fine(body: dict[str, Any]) -> Answer:
    """A success in v1's form."""
    return Answer(200, json=body | {"base_resp": {"status_code": 0, "status_msg": "success"}}, headers=TRACE)


def let_in(simulator: Simulator, request: Request, *, keys: set[str], group: str, v2: bool = False) -> None:
    """Check the key, then meet the faults that are set for an order."""
    no = v2_error if v2 else v1_error
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    missing = "login fail: Please carry the API secret key in the 'Authorization' field of the request header"
    require(scheme == "Bearer" and key, no(1004, missing))
    require(key in keys, no(2049, "invalid api key"))
    require(request.query.get("GroupId", [group]) == [group] or v2, no(1004, "login fail: group id"))
    require("GroupId" not in request.query or not v2, no(2013, "invalid params, GroupId"))
    if request.method == "POST":
        require(request.headers.get("content-type") == "application/json", no(2013, "invalid params, content type"))
        if fault := simulator.fault(request, *FAULTS):
            raise no(*FAULTS[fault])


async def shake_hands(body: dict[str, Any]) -> bool:
    """Ask the callback address to return a challenge, within 3 seconds. Without an address there is nothing to do."""
    if "callback_url" not in body:
        return True
    challenge = {"challenge": "c-42"}
    async with PlainClient(timeout=3.0) as client:
        try:
            answer = await client.post(body["callback_url"], json=challenge)
            echoed: object = answer.json()
        except (httpx.HTTPError, ValueError):
            return False
    return echoed == challenge


class Videos:
    """The videos of one account."""

    def __init__(self, simulator: Simulator, keys: set[str], group: str) -> None:
        self.simulator, self.keys, self.group = simulator, keys, group
        self.jobs: dict[str, dict[str, Any]] = {}
        self.files: dict[int, dict[str, Any]] = {}
        self.list_answer: Answer | None = None
        """The answer that the list gives instead, if a test sets one."""
        self._numbers = itertools.count(106916112212032)
        self._addresses = itertools.count(1)
        simulator.route("POST", r"/v1/video_generation", order=True)(self.v1_submit)
        simulator.route("GET", r"/v1/query/video_generation")(self.v1_query)
        simulator.route("GET", r"/v1/files/retrieve")(self.v1_retrieve)
        simulator.route("POST", r"/v2/video_generation", order=True)(self.v2_submit)
        simulator.route("GET", r"/v2/query/video_generation")(self.v2_list)
        simulator.route("GET", r"/v2/query/video_generation/(?P<task>\w[\w-]*)")(self.v2_query)
        simulator.route("DELETE", r"/v2/video_generation/(?P<task>\w[\w-]*)")(self.v2_delete)

    # --- v1 ---

    async def v1_submit(self, request: Request) -> Answer:
        """Accept the order of a video."""
        let_in(self.simulator, request, keys=self.keys, group=self.group)
        body: dict[str, Any] = request.json()
        problem = v1_problem(body)
        require(not problem, v1_error(2013, f"invalid params, {problem}"))
        require(await shake_hands(body), v1_error(2013, "invalid params, callback_url"))
        task = self._taken(request, body)
        return v1_error(1000, "unknown error") if self._breaks(request) else fine({"task_id": task})

    async def v1_query(self, request: Request) -> Answer:
        """The state of a task. The file is named only at its end."""
        let_in(self.simulator, request, keys=self.keys, group=self.group)
        job = self.jobs.get(request.query.get("task_id", [""])[0])
        require(job is not None and "v2" not in job, v1_error(2013, "invalid params, task_id"))
        assert job is not None
        job["polls"] += 1
        answer = {"task_id": job["id"], "status": "Processing", "file_id": "", "video_width": 0, "video_height": 0}
        match self.simulator.lasting(job["text"], "unknown_status", "job_failed", "moderated_output", "failed_word"):
            case "unknown_status" if 2 <= job["polls"] < 10:
                return fine(answer | {"status": "Dreaming"})
            case "job_failed" | "failed_word" as word if job["polls"] > 2:
                return fine(answer | {"status": "Fail" if word == "job_failed" else "Failed"})
            case "moderated_output" if job["polls"] > 2:
                flagged = {"status_code": 1027, "status_msg": "the video contains sensitive content"}
                return Answer(200, json=answer | {"status": "Fail", "base_resp": flagged}, headers=TRACE)
            case _ if job["polls"] < 4:
                return fine(answer | {"status": ("Preparing", "Queueing", "Processing")[job["polls"] - 1]})
            case _:
                return fine(answer | {"status": "Success"} | self._v1_file(job))

    async def v1_retrieve(self, request: Request) -> Answer:
        """The address of a file: a new one in each answer, valid for an hour."""
        let_in(self.simulator, request, keys=self.keys, group=self.group)
        number = request.query.get("file_id", [""])[0]
        require(number.isdecimal() and int(number) in self.files, v1_error(2013, "invalid params, file_id"))
        job = self.files[int(number)]
        data = self._video(job, *self._v1_size(job))
        file = {"file_id": int(number), "bytes": len(data), "created_at": job["created_at"]}
        file |= {"filename": "output_aigc.mp4", "purpose": "video_generation"}
        return fine({"file": file | {"download_url": self._address(request, data)}})

    def _v1_file(self, job: dict[str, Any]) -> dict[str, Any]:
        if self.simulator.lasting(job["text"], "no_outputs"):
            return {}
        number = FIRST_FILE + 2 * int(job["id"])
        self.files[number] = job
        width, height = self._v1_size(job)
        return {"file_id": str(number), "video_width": width, "video_height": height}

    def _v1_size(self, job: dict[str, Any]) -> tuple[int, int]:
        return V1_SIZES[job["body"].get("resolution", "768P")]

    # --- v2 ---

    async def v2_submit(self, request: Request) -> Answer:
        """Accept the order of a video."""
        let_in(self.simulator, request, keys=self.keys, group=self.group, v2=True)
        body: dict[str, Any] = request.json()
        problem = v2_problem(body)
        require(not problem, v2_error(2013, f"invalid params, {problem}"))
        require(await shake_hands(body), v2_error(2013, "invalid params, callback_url"))
        task = self._taken(request, body, v2=True)
        if self._breaks(request):
            return v2_error(1000, "internal error")
        return Answer(200, json={"task_id": task}, headers=TRACE)

    async def v2_query(self, request: Request) -> Answer:
        """The state of a task."""
        job = self._v2_job(request)
        job["polls"] += 1
        return Answer(200, json={"task": self._v2_task(request, job)}, headers=TRACE)

    async def v2_list(self, request: Request) -> Answer:
        """The tasks of the last seven days, newest first."""
        let_in(self.simulator, request, keys=self.keys, group=self.group, v2=True)
        if self.list_answer:
            return self.list_answer
        query = {name: values[0] for name, values in request.query.items()}
        known = ["page_num", "page_size", "filter.status", "filter.task_ids", "filter.model", "filter.task_type"]
        require(not unknown(query, known), v2_error(2013, "invalid params, query"))
        page, size = int(query.get("page_num", 1)), int(query.get("page_size", 20))
        require(page > 0 and 0 < size <= 100, v2_error(2013, "invalid params, page"))
        ids = request.query.get("filter.task_ids", [])
        require(len(set(ids)) == len(ids), v2_error(2013, "invalid params, task_ids"))
        listed = [job for job in reversed(self.jobs.values()) if "v2" in job and job["id"] in (ids or [job["id"]])]
        for job in listed if ids else []:
            job["polls"] += 1  # a query by ids moves the tasks on
        tasks = [self._v2_task(request, job, listed=True) for job in listed]
        for field in ("status", "model", "task_type"):
            wanted = query.get(f"filter.{field}")
            tasks = [task for task in tasks if wanted in {None, task[field]}]
        found = {"items": tasks[(page - 1) * size : page * size], "total": len(tasks)}
        return Answer(200, json=found, headers=TRACE)

    async def v2_delete(self, request: Request) -> Answer:
        """Cancel a queued task, delete a finished one, refuse the rest."""
        job = self._v2_job(request)
        match self._v2_status(job):
            case "queued":
                job["cancelled"], action = True, "cancelled"
            case "succeeded" | "failed":
                del self.jobs[job["id"]]
                action = "deleted"
            case status:
                raise v2_error(2013, f"invalid params, a {status} task can not be deleted")
        return Answer(200, json={"task_id": job["id"], "action": action, "status": action}, headers=TRACE)

    def _v2_job(self, request: Request) -> dict[str, Any]:
        let_in(self.simulator, request, keys=self.keys, group=self.group, v2=True)
        job = self.jobs.get(request.at["task"])
        require(job is not None and "v2" in job, v2_error(2013, "invalid params, task not found"))
        assert job is not None
        return job

    def _v2_status(self, job: dict[str, Any]) -> str:
        if job.get("cancelled"):
            return "cancelled"
        mark = self.simulator.lasting(
            job["text"], "unknown_status", "job_failed", "moderated_output", "moderated_later", "expired_job"
        )
        if job["polls"] < 3:
            return "queued" if job["polls"] < 2 else "running"
        if mark == "unknown_status" and job["polls"] < 10:
            return "dreaming"
        return {"expired_job": "expired", None: "succeeded", "unknown_status": "succeeded"}.get(mark, "failed")

    def _v2_task(self, request: Request, job: dict[str, Any], *, listed: bool = False) -> dict[str, Any]:
        """Strict: a list has no videos, so that a client that trusts the list takes a finished video for a missing
        one."""
        body, status = job["body"], self._v2_status(job)
        ratio = body.get("ratio", "adaptive")
        task = {"id": job["id"], "model": body["model"], "status": status, "created_at": job["created_at"]}
        task |= {"updated_at": job["created_at"] + job["polls"], "resolution": body["resolution"]}
        task |= {"duration": body["duration"], "usage": {}, "ratio": ratio, "task_type": "generation"}
        if status == "failed":
            flagged = {"code": "1027", "message": "the video contains sensitive content"}
            early = {"code": "1026", "message": "video description contains sensitive content"}
            broken = {"code": "1033", "message": "downstream service error"}
            marks = {"moderated_output": flagged, "moderated_later": early}
            task["error"] = marks.get(str(self.simulator.lasting(job["text"], *marks)), broken)
        if status == "succeeded" and not listed and not self.simulator.lasting(job["text"], "no_outputs"):
            width, height = V2_SIZES[body["resolution"]]["16:9" if ratio == "adaptive" else ratio]
            images = sum(item["type"] == "image_url" for item in body["content"])
            seconds = {"total_seconds": body["duration"], "input_seconds": 0, "output_seconds": body["duration"]}
            task["content"] = {"url": self._address(request, self._video(job, width, height))}
            task["usage"] = seconds | {"input_image_count": images, "total_tokens": 54000 * body["duration"]}
        return task

    # --- Both ---

    def _taken(self, request: Request, body: dict[str, Any], *, v2: bool = False) -> str:
        self.simulator.bill(request)
        task = str(next(self._numbers))
        about: dict[str, Any] = {"v2": True} if v2 else {}
        self.jobs[task] = about | {
            "id": task,
            "body": body,
            "text": request.text,
            "polls": 0,
            "created_at": int(time.time()),
        }
        return task

    def _breaks(self, request: Request) -> bool:
        return self.simulator.fault(request, "internal_after") is not None

    def _video(self, job: dict[str, Any], width: int, height: int) -> bytes:
        if self.simulator.lasting(job["text"], "wrong_size"):
            width, height = width // 4 * 2, height // 4 * 2
        body = job["body"]
        prompt = body.get("prompt") or next((item["text"] for item in body.get("content", []) if "text" in item), "")
        return media.mp4(prompt[:60], width, height, body.get("duration", 6))

    def _address(self, request: Request, data: bytes) -> str:
        name = f"output-{next(self._addresses)}.mp4"
        self.simulator.files[name] = (data, "video/mp4")
        return f"{request.base}/_files/{name}"
