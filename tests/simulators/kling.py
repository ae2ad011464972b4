"""Kling: images, videos in the old and the new dialect, speech. Facts: the vendor's documents, and an audit of them.

`clock_ahead_seconds` moves its clock, `capacity` is how many videos or images may be under way, `tokens_in_new` says
whether the new dialect accepts tokens made of an access and a secret key, which no document says."""

import time
from typing import Any

import msgspec

from tests.simulators import _kling_rules as rules
from tests.simulators import media
from tests.simulators.base import Answer, Request, Simulator, require

SIZES = {"720p": {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960)}}
SIZES["1080p"] = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1440, 1440)}
SIZES["4k"] = {"16:9": (3840, 2160), "9:16": (2160, 3840), "1:1": (2880, 2880)}
IMAGE_SIZES = {"1:1": (1024, 1024), "16:9": (1360, 768), "9:16": (768, 1360), "4:3": (1184, 880), "3:4": (880, 1184)}
IMAGE_SIZES |= {"3:2": (1248, 832), "2:3": (832, 1248), "21:9": (1568, 672)}
LEVELS = {"std": "720p", "pro": "1080p", "4k": "4k"}
BEGUN = 1795000000000  # times are in milliseconds
REFUSALS = {
    "rate_limited": (429, 1302, "request rate limit"),
    "too_many_jobs": (429, 1303, "parallel task over resource pack limit"),
    "no_balance": (429, 1102, "resource pack is used up or expired"),
    "arrears": (429, 1101, "account in arrears"),
    "abnormal": (429, 1100, "account abnormal"),
    "not_listed": (429, 1304, "IP is not on the whitelist"),
    "no_permission": (403, 1103, "no permission for this model"),
    "invalid": (400, 1201, "aspect_ratio value is invalid"),
    "moderated_input": (400, 1301, "content safety"),
    "policy": (400, 1300, "platform policy triggered"),
    "model_gone": (404, 1203, "the model does not exist"),
    "maintenance": (503, 5001, "under maintenance"),
    "internal": (500, 5000, "internal error"),
    "backlog": (504, 5002, "internal timeout"),
    "error_in_200": (200, 1201, "mode value is invalid"),
    "token_expired": (401, 1004, "Authorization has expired"),
    "token_early": (401, 1003, "Authorization is not yet valid"),
}


class Kling(Simulator):
    """The state of the vendor."""

    def callback(self, request: Request, answer: Answer) -> tuple[str, object] | None:
        """The task itself, without the envelope."""
        body = request.json()
        url = (body.get("options") or body).get("callback_url")
        return (url, msgspec.json.decode(answer.body)["data"]) if url else None

    def __init__(self) -> None:
        super().__init__("kling")
        self.jobs: dict[str, dict[str, Any]] = {}
        self.externals: dict[str, str] = {}
        """The job of each external id: one is taken once in an account, whatever the endpoint."""
        self.clock_ahead_seconds = 0.0
        self.capacity: int | None = None
        self.tokens_in_new = True
        for endpoint in ("videos/text2video", "videos/image2video", "images/generations", "images/omni-image"):
            self.route("POST", f"/v1/(?P<endpoint>{endpoint})", order=True)(self.order)
            self.route("GET", f"/v1/(?P<endpoint>{endpoint})/(?P<id>[^/]+)")(self.look)
        self.route("POST", r"/v1/(?P<endpoint>audio/tts)", order=True)(self.speak)
        new = r"/(?P<endpoint>text-to-video|image-to-video|omni-video)/(?P<model>[\w.-]+)"
        self.route("POST", new, order=True)(self.order)
        self.route("GET", r"/tasks")(self.look_new)

    # --- Orders ---

    async def order(self, request: Request) -> Answer:
        """Accept an order, in the dialect of its path."""
        body = self._admitted(request)
        endpoint, model = request.at["endpoint"], request.at.get("model")
        if model is None:
            rules.check_legacy(endpoint, body)
        else:
            rules.check_new(endpoint, model, body)
        external = (body if model is None else body.get("options", {})).get("external_task_id")
        require(external not in self.externals, rules.wrong("external_task_id: must be unique"))
        kind = endpoint.partition("/")[0]
        under_way = [job["body"] for job in self.jobs.values() if job["kind"] == kind and not job["ended"]]
        full = self.capacity is not None and sum(each.get("n", 1) for each in [*under_way, body]) > self.capacity
        require(not full, rules.no(429, 1303, "parallel task over resource pack limit"))
        self.bill(request)
        id_ = str(831922345719271433 + len(self.jobs))
        self.jobs[id_] = {"endpoint": endpoint, "kind": kind, "model": model, "body": body, "external": external}
        self.jobs[id_] |= {"polls": 0, "ended": False, "text": request.text}
        if external:
            self.externals[external] = id_
        return _yes(self._new(id_) if model else self._legacy(id_))

    async def speak(self, request: Request) -> Answer:
        """Speak, in the answer."""
        body = self._admitted(request)
        rules.check_legacy("audio/tts", body)
        self.bill(request)
        data = {"task_id": "831922345719000001", "created_at": BEGUN, "updated_at": BEGUN + 900}
        match self.lasting(request.text, "job_failed", "no_outputs", "unfinished"):
            case "job_failed":
                return _yes(data | {"task_status": "failed", "task_status_msg": "synthesis failed"})
            case "no_outputs":
                return _yes(data | {"task_status": "succeed", "task_result": {"audios": []}})
            case "unfinished":
                return _yes(data | {"task_status": "processing"})
            case _:
                name = self.keep_file(media.wav(body["text"]), "audio/wav", "wav")
                audio = {"id": "a-1", "url": f"{request.base}/_files/{name}", "duration": "2.1"}
                return _yes(data | {"task_status": "succeed", "task_result": {"audios": [audio]}})

    def _admitted(self, request: Request) -> dict[str, Any]:
        self._authorised(request, tokens="model" not in request.at or self.tokens_in_new)
        is_json = request.headers.get("content-type") == "application/json"
        require(is_json, rules.no(400, 1200, "Content-Type must be application/json"))
        if fault := self.fault(request, *REFUSALS):
            raise rules.no(*REFUSALS[fault])
        body: dict[str, Any] = request.json()
        return body

    def _authorised(self, request: Request, *, tokens: bool = True) -> None:
        rules.let_in(request, now=time.time() + self.clock_ahead_seconds, tokens=tokens)

    # --- Questions ---

    async def look(self, request: Request) -> Answer:
        """One job in the old dialect: by its id or by ours, on the path of its order."""
        self._authorised(request)
        id_ = self.externals.get(request.at["id"], request.at["id"])
        job = self.jobs.get(id_, {})
        known = job.get("endpoint") == request.at["endpoint"] and self._moved_on(id_, request)
        require(known, rules.no(404, 1203, "the resource does not exist"))
        return _yes(self._legacy(id_))

    async def look_new(self, request: Request) -> Answer:
        """Jobs in the new dialect, by their ids or by ours. Unknown ones are missing from the answer."""
        self._authorised(request, tokens=self.tokens_in_new)
        by = [name for name in ("task_ids", "external_task_ids") if name in request.query]
        require(len(by) == 1 and len(request.query) == 1, rules.wrong("task_ids or external_task_ids, one of the two"))
        wanted = request.query[by[0]][0].split(",")
        ids = wanted if by == ["task_ids"] else [self.externals.get(name, "") for name in wanted]
        known = [id_ for id_ in ids if self.jobs.get(id_, {}).get("model") and self._moved_on(id_, request)]
        return _yes([self._new(id_) for id_ in known])

    def _moved_on(self, id_: str, request: Request) -> bool:
        """Move a job on at each query: submitted, processing, then its end. False when it is no longer listed."""
        job = self.jobs[id_]
        job["polls"] += 1
        if job["polls"] >= 3 and self.lasting(job["text"], "expired_job"):
            return False
        if job["polls"] >= (5 if self.lasting(job["text"], "unknown_status") else 3) and not job["ended"]:
            job["ended"] = True
            failed = self.lasting(job["text"], "job_failed", "moderated_output", "job_failed_paid")
            job["files"] = [] if failed else self._made(job, request)
        return True

    def _standing(self, job: dict[str, Any]) -> tuple[str, str]:
        """The status of a job, and its message."""
        if not job["ended"]:
            if job["polls"] >= 3:
                return "dreaming", ""
            return ("processing" if job["polls"] == 2 else "submitted"), ""
        match self.lasting(job["text"], "job_failed", "moderated_output", "job_failed_paid"):
            case "moderated_output":
                return "failed", "Failure to pass the risk control system"
            case "job_failed" | "job_failed_paid":
                return "failed", "Image pixel is invalid"
            case _:
                return "succeed", ""

    def _legacy(self, id_: str) -> dict[str, Any]:
        job = self.jobs[id_]
        status, message = self._standing(job)
        data: dict[str, Any] = {"task_id": id_, "task_status": status, "created_at": BEGUN, "updated_at": BEGUN + 9}
        data["task_info"] = {"external_task_id": job["external"]} if job["external"] else {}
        if job["polls"]:
            data |= {"task_status_msg": message, "watermark_info": {"enabled": False}}
        if status == "succeed":
            what = "images" if job["kind"] == "images" else "videos"
            data |= {"task_result": {what: job["files"]}, "final_unit_deduction": "3.5"}
            data |= {"final_balance_deduction": {"quota": "0", "list_price": "0"}}
        elif status == "failed" and (deduction := self._deduction(job)):
            data["final_unit_deduction"] = deduction
        return data

    def _new(self, id_: str) -> dict[str, Any]:
        job = self.jobs[id_]
        status, message = self._standing(job)
        status = "succeeded" if status == "succeed" else status
        data: dict[str, Any] = {"id": id_, "status": status, "create_time": BEGUN, "update_time": BEGUN + 9}
        data |= {"message": message} if job["polls"] else {}
        data |= {"external_id": job["external"]} if job["external"] else {}
        unit = {"charge_type": "unit", "package_type": "video", "amount": "3.5", "list_price": "0.49"}
        cash = {"charge_type": "cash", "cash_type": "balance", "amount": "0.49", "currency": "USD"}
        if status == "succeeded":
            billing = [cash] if self.lasting(job["text"], "paid_in_cash") else [unit]
            data |= {"outputs": [{"type": "video", **file} for file in job["files"]], "billing": billing}
            if self.lasting(job["text"], "with_others"):  # a cover before the video, its sound behind it
                other = {"url": "https://cdn.example.com/other", "duration": "5"}
                data["outputs"] = [{"type": "image", **other}, *data["outputs"], {"type": "audio", **other}]
        elif status == "failed" and (deduction := self._deduction(job)):
            data["billing"] = [unit | {"amount": deduction}]
        return data

    def _deduction(self, job: dict[str, Any]) -> str:
        """The cost of a failed job, where the vendor says it."""
        marks = {"moderated_output": "0", "job_failed_paid": "3.5"}
        return marks.get(self.lasting(job["text"], *marks) or "", "")

    def _made(self, job: dict[str, Any], request: Request) -> list[dict[str, Any]]:
        body, lost = job["body"], self.lasting(job["text"], "missing_outputs", "no_outputs")
        if job["kind"] != "images":
            return [] if lost else [self._video(job, request)]
        numbers = list(range(body.get("n", 1)))
        numbers = [] if lost == "no_outputs" else numbers[1:] if lost else numbers
        factor = {"1k": 1, "2k": 2, "4k": 4}[body.get("resolution", "1k")]
        width, height = IMAGE_SIZES[body.get("aspect_ratio", "16:9")]
        factor_of_size = factor / 2 if self.lasting(job["text"], "wrong_size") else factor
        made: list[dict[str, Any]] = []
        for number in numbers:
            data = media.png(f"image {number}", int(width * factor_of_size), int(height * factor_of_size))
            url = f"{request.base}/_files/{self.keep_file(data, 'image/png', 'png')}"
            made.append({"index": number, "url": url, "watermark_url": ""})
        return made

    def _video(self, job: dict[str, Any], request: Request) -> dict[str, Any]:
        asked = job["body"].get("settings") or job["body"]
        level = asked.get("resolution", LEVELS[asked.get("mode", "std")])
        width, height = SIZES[level][asked.get("aspect_ratio", "16:9")]
        if self.lasting(job["text"], "wrong_size"):
            width, height = width // 2, height // 2
        seconds = int(asked.get("duration", 5))
        name = self.keep_file(media.mp4("kling", width, height, seconds), "video/mp4", "mp4")
        url = f"{request.base}/_files/{name}"
        return {"id": "v-1", "url": url, "watermark_url": "", "duration": f"{seconds}.041"}


def _yes(data: object) -> Answer:
    return Answer(200, json={"code": 0, "message": "SUCCEED", "request_id": "req-1", "data": data})


def simulator() -> Simulator:
    """A new simulator."""
    return Kling()
