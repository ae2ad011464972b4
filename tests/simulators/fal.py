"""fal: a queue of requests, their results, the list of past ones, and signed webhooks. Facts: fal's documents and its
own Python client, 1.0.3.

fal looks at the form of an order when it runs it, so what is wrong with one comes as the result of the job."""

import base64
import hashlib
import time
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.simulators import _fal_forms as forms
from tests.simulators import media
from tests.simulators.base import Answer, Request, Simulator, require

KEYS = {"00000000-0000-4000-8000-000000000001:00000000000000000000000000000001"}
KEYS |= {"00000000-0000-4000-8000-000000000002:00000000000000000000000000000002"}
LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
REFUSALS = {
    "rate_limited": (429, "Too many requests"),
    "no_balance": (403, LOCKED),
    "no_permission": (403, "This key may not call models"),
    "model_gone": (404, "Application 'gone' not found"),
    "malformed": (400, "Invalid timeout"),
    "conflict": (409, "Conflict"),
}
POLICY = "content_policy_violation"
# fate -> (HTTP status, detail, error_type, headers)
FATES: dict[str, tuple[int, Any, str | None, dict[str, str]]] = {
    "job_failed": (500, [{"loc": ["body"], "msg": "boom", "type": "internal_server_error"}], None, {}),
    "flaky": (
        500,
        [{"loc": ["body"], "msg": "boom", "type": "downstream_service_unavailable"}],
        None,
        {"x-fal-retryable": "true"},
    ),
    "runner_lost": (503, "Runner disconnected", "runner_disconnected", {}),
    "expired": (504, "Request timed out", "request_timeout", {"x-fal-request-timeout-type": "user"}),
    "moderated_input": (422, [{"loc": ["body", "prompt"], "msg": "flagged", "type": POLICY}], None, {}),
    "moderated_output": (422, [{"loc": ["body"], "msg": "flagged", "type": POLICY}], None, {}),
    "invalid": (422, [{"loc": ["body", "image_size"], "msg": "Field required", "type": "missing"}], None, {}),
    "told_in_words": (422, "Prompt must be non-empty", None, {}),
    "stopped": (499, "The request was cancelled", "client_cancelled", {}),
}
MILD_FATES = {"unknown_status", "no_outputs", "one_less", "flagged", "stubborn"}


def _error(status: int, detail: Any, kind: str | None = None, headers: dict[str, str] | None = None) -> Answer:
    body = {"detail": detail} | ({"error_type": kind} if kind else {})
    named = {"x-fal-request-id": "r-1"} | ({"x-fal-error-type": kind} if kind else {})
    return Answer(status, json=body, headers=named | (headers or {}))


class Fal(Simulator):
    """The state of the vendor. `shows_running`: the list of requests has those that have not ended, too."""

    def __init__(self) -> None:
        super().__init__("fal")
        self.jobs: dict[str, dict[str, Any]] = {}
        self.shows_running = True
        self.signing = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"fal").digest())
        app, one = r"/(?P<app>[\w.-]+/[\w.-]+)", r"requests/(?P<id>[\w-]+)"
        self.route("GET", r"/\.well-known/jwks\.json")(self.jwks)
        self.route("GET", r"/v1/models/requests/by-endpoint")(self.past)
        self.route("GET", r"/v1/models")(self.list_models)
        self.route("GET", rf"{app}/{one}/status")(self.status)
        self.route("GET", rf"{app}/{one}")(self.result)
        self.route("PUT", rf"{app}/{one}/cancel")(self.cancel)
        self.route("POST", r"/(?P<endpoint>[\w.-]+(?:/[\w.-]+)+)", order=True)(self.submit)

    # --- The queue ---

    async def submit(self, request: Request) -> Answer:
        """Take any body for an endpoint that exists; the name of a job is a UUID."""
        self._authorised(request)
        match self.fault(request, *REFUSALS):
            case str() as name:
                status, message = REFUSALS[name]
                raise _error(status, message, headers={"retry-after": "1"} if status == 429 else None)
            case None:
                pass
        endpoint = request.at["endpoint"]
        require(endpoint in forms.FORMS, _error(404, f"Application '{endpoint}' not found"))
        timeout = request.headers.get("x-fal-request-timeout", "600")
        require(_is_number(timeout) and float(timeout) > 0.1, _error(400, "Invalid timeout", "bad_request"))
        body = request.json()
        fate, error = self._fate(request, endpoint, body)
        digest = self.bill(request, times=0 if error else 1)
        name = f"{len(self.jobs) + 1:08x}-45d3-4afd-883e-ad3abe2a1c4d"
        self.jobs[name] = {"endpoint": endpoint, "body": body, "polls": 0, "fate": fate, "error": error}
        self.jobs[name] |= {"digest": digest, "sent_at": datetime.now(UTC), "key": request.headers["authorization"]}
        at = f"{request.base}/{'/'.join(endpoint.split('/')[:2])}/requests/{name}"
        body = {"status": "IN_QUEUE", "request_id": name, "gateway_request_id": name, "response_url": at}
        body |= {"status_url": f"{at}/status", "cancel_url": f"{at}/cancel"}
        return Answer(200, json=body | {"logs": None, "metrics": {}, "queue_position": 0})

    def _fate(self, request: Request, endpoint: str, body: Any) -> tuple[str | None, Answer | None]:
        """What becomes of a job: the name of a fault, and the error that it ends with."""
        wrong = forms.check(forms.FORMS[endpoint], body)
        if wrong:
            detail = {"loc": ["body", wrong.member], "msg": wrong.message, "type": wrong.type, "input": body}
            return None, _error(422, [detail])
        fate = self.fault(request, *FATES, *MILD_FATES)
        if fate not in FATES:
            return fate, None
        status, detail, kind, headers = FATES[fate]
        return fate, _error(status, detail, kind, headers)

    async def status(self, request: Request) -> Answer:
        """Queued at the first look, running at the second, then done. 202 until it is done."""
        job = self._job(request)
        job["polls"] += 1
        answer = {
            "request_id": request.at["id"],
            "response_url": f"{request.base}{request.path.removesuffix('/status')}",
        }
        if job["polls"] == 1:
            return Answer(202, json=answer | {"status": "IN_QUEUE", "queue_position": 2})
        if job["fate"] == "unknown_status" and job["polls"] < 4:
            return Answer(200, json=answer | {"status": "DREAMING"})
        if job["polls"] == 2 or (job["fate"] == "stubborn" and job["polls"] < 5):
            return Answer(202, json=answer | {"status": "IN_PROGRESS", "logs": None})
        answer |= {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 1.25}}
        error: Answer | None = job["error"]
        if error is not None and job["fate"] != "told_in_words":  # which stands for endpoints that say nothing here
            kind = error.headers.get("x-fal-error-type")
            answer |= {"error": f"Invalid status code: {error.status}"} | ({"error_type": kind} if kind else {})
        return Answer(200, json=answer)

    async def result(self, request: Request) -> Answer:
        """The result, or the job's error with its status. Asked too early, it says so."""
        job = self._job(request)
        require(job["polls"] > 2, _error(400, "Request is still in progress"))
        if job["error"] is not None:
            raise job["error"]
        return Answer(200, json=self._made(request, job))

    async def cancel(self, request: Request) -> Answer:
        """Take a waiting request off the queue; tell a running one to stop, of which most take no notice."""
        if request.at["id"] not in self.jobs:
            return Answer(404, json={"status": "NOT_FOUND"})
        job = self._job(request)
        if job["polls"] > 2 or job["error"] is not None:
            return Answer(400, json={"status": "ALREADY_COMPLETED"})
        queued = job["polls"] < 2
        if queued or job["fate"] != "stubborn":
            job["error"] = _error(499, "The request was cancelled", "client_cancelled")
            job["polls"] = 3
            self.effects[job["digest"]] -= 1
        return Answer(200, json={"status": "OK"}) if queued else Answer(202, json={"status": "CANCELLATION_REQUESTED"})

    # --- The list of past requests ---

    async def past(self, request: Request) -> Answer:
        """Page by page, the newest first. The input of a request is shown when it is asked for."""
        self._authorised(request)
        wanted = {name: values[0] for name, values in request.query.items()}
        require(set(wanted) <= {"endpoint_id", "start", "expand", "limit", "cursor"}, _error(422, "unknown parameter"))
        begin, limit = datetime.fromisoformat(wanted["start"]), int(wanted.get("limit", 50))
        require(1 <= limit <= 100, _error(422, "limit"))
        found = [
            self._past(name, job, payloads=wanted.get("expand") == "payloads")
            for name, job in reversed(self.jobs.items())
            if job["endpoint"] == wanted["endpoint_id"] and job["sent_at"] >= begin
            if self.shows_running or job["polls"] > 2
            if job["key"] == request.headers["authorization"]
        ]
        at = int(wanted.get("cursor", 0))
        more = len(found) > at + limit
        return Answer(
            200,
            json={
                "items": found[at : at + limit],
                "has_more": more,
                "next_cursor": str(at + limit) if more else None,
            },
        )

    def _past(self, name: str, job: dict[str, Any], *, payloads: bool) -> dict[str, Any]:
        row = {"request_id": name, "endpoint_id": job["endpoint"], "sent_at": job["sent_at"].isoformat()}
        return row | {"started_at": row["sent_at"]} | ({"json_input": job["body"]} if payloads else {})

    # --- The list of models ---

    async def list_models(self, request: Request) -> Answer:
        """Page by page, 50 endpoints at most. Most are of others; one has no entry in fal's registry."""
        self._authorised(request)
        wanted = {name: values[0] for name, values in request.query.items()}
        require(set(wanted) <= {"limit", "cursor", "status", "category", "q"}, _error(422, "unknown parameter"))
        limit, page = min(int(wanted.get("limit", 50)), 50), _page_number(wanted.get("cursor"))
        require(limit >= 1, _error(422, "limit"))
        found = forms.listed()
        more = len(found) > page * limit
        return Answer(
            200,
            json={
                "models": found[(page - 1) * limit : page * limit],
                "next_cursor": base64.b64encode(str(page + 1).encode()).decode() if more else None,
                "has_more": more,
            },
        )

    # --- Webhooks ---

    def callback(self, request: Request, answer: Answer) -> tuple[str, object] | None:
        """The result of the job, which is done by then."""
        url = request.query.get("fal_webhook", [None])[0]
        name = next(reversed(self.jobs), "")
        if url is None:
            return None
        job = self.jobs[name]
        job["polls"] = max(job["polls"], 2)
        body = {"request_id": name, "gateway_request_id": name}
        if job["error"] is not None:
            return url, body | {
                "status": "ERROR",
                "error": f"Invalid status code: {job['error'].status}",
                "payload": {},
            }
        return url, body | {"status": "OK", "payload": self._made(request, job)}

    def callback_headers(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        """fal's signature of a webhook that is sent now, or at another time."""
        headers = {"request-id": "r-1", "user-id": "u-1", "timestamp": str(int(time.time() if at is None else at))}
        signed = "\n".join([*headers.values(), hashlib.sha256(body).hexdigest()])
        headers["signature"] = self.signing.sign(signed.encode()).hex()
        return {f"x-fal-webhook-{name}": value for name, value in headers.items()}

    async def jwks(self, _: Request) -> Answer:
        """The public keys, of which one signs."""
        return Answer(200, json={"keys": [_jwk(Ed25519PrivateKey.from_private_bytes(bytes(32))), _jwk(self.signing)]})

    # --- What is made ---

    def _made(self, request: Request, job: dict[str, Any]) -> dict[str, Any]:
        endpoint, body = job["endpoint"], job["body"]
        makes = forms.FORMS[endpoint].makes
        text = str(body.get("prompt") or body.get("text"))[:100]
        if makes == "audio":
            speed = body.get("voice_setting", {}).get("speed", 1.0)
            made = [self._file(request, media.mp3(text, speed), "audio/mpeg", "mp3")]
        elif makes == "video":
            seconds = float(str(body.get("duration", "5")).removesuffix("s"))
            made = [self._file(request, media.mp4(text, *forms.size_of(endpoint, body), seconds), "video/mp4", "mp4")]
        else:
            size = forms.size_of(endpoint, body)
            sides = {"width": size[0], "height": size[1]}
            made = [
                self._file(request, media.png(f"{text} {number}", *size), "image/png", "png") | sides
                for number in range(body.get("num_images", 1))
            ]
        made = [] if job["fate"] == "no_outputs" else made[:-1] if job["fate"] == "one_less" else made
        if makes != "images":
            return {makes: made[0]} if made else {}
        seed = {"seed": body["seed"]} if "seed" in body else {}
        flags = {"has_nsfw_concepts": [job["fate"] == "flagged"] * len(made)} if "flux" in endpoint else {}
        return {"images": made, "timings": {"inference": 1.25}, "prompt": text} | seed | flags

    def _file(self, request: Request, data: bytes, media_type: str, extension: str) -> dict[str, Any]:
        name = self.keep_file(data, media_type, extension)
        url = f"{request.base}/_files/{name}"
        return {"url": url, "content_type": media_type, "file_name": name, "file_size": len(data)}

    def _job(self, request: Request) -> dict[str, Any]:
        self._authorised(request)
        job = self.jobs.get(request.at["id"])
        if job is None or not job["endpoint"].startswith(request.at["app"]):
            raise _error(404, "Request not found")
        return job

    def _authorised(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        message = "Cannot access application. Authentication is required to access this application."
        require(scheme == "Key" and key in KEYS, _error(401, message))


def _jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).decode().rstrip("=")}


def _page_number(cursor: str | None) -> int:
    """A cursor is the number of a page, in base64."""
    return int(base64.b64decode(cursor)) if cursor else 1


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def simulator() -> Simulator:
    """A new simulator."""
    return Fal()
