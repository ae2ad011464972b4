"""xAI: images and chats at once, videos by job. Facts: the vendor's pages and SDK, and what its users report of errors.

Stricter than xAI: a field that it does not know, or knows for another model only, is refused."""

import base64
from collections.abc import Iterable
from typing import Any

from tests.simulators import media
from tests.simulators._chat_stream import as_stream, stream_problem
from tests.simulators._xai_wire import (
    CHAT_MODELS,
    EXHAUSTED,
    FORBIDDEN,
    IMAGE_MODELS,
    INVALID,
    MISSING,
    VIDEO_MODELS,
    VIDEO_RATIOS,
    check,
    error,
    image_size,
    invalid,
    no_model,
    size_of,
    usage,
)
from tests.simulators.base import Answer, Request, Simulator, require

KEYS = {"xai-0000000000000001", "xai-0000000000000002"}
FAULTS = ("rate_limited", "no_balance", "spending_limit", "key_blocked", "moderated_input", "invalid", "model_gone")
_BLOCKED = "imagine:content-moderated"


class XAI(Simulator):
    """The state of the vendor."""

    def __init__(self) -> None:
        super().__init__("xai")
        self.jobs: dict[str, dict[str, Any]] = {}
        self.route("POST", r"/v1/images/generations", order=True)(self.generate)
        self.route("POST", r"/v1/images/edits", order=True)(self.edit)
        self.route("POST", r"/v1/videos/generations", order=True)(self.create_video)
        self.route("GET", r"/v1/videos/(?P<job>[\w-]+)")(self.retrieve_video)
        self.route("POST", r"/v1/chat/completions", order=True)(self.chat)
        self.route("GET", r"/v1/(?P<list>language|image-generation|video-generation)-models")(self.list_models)

    # --- The lists of models ---

    async def list_models(self, request: Request) -> Answer:
        """The models of one kind, each with its other names."""
        self.authorise(request)
        names: dict[str, Iterable[str]] = {"language": CHAT_MODELS, "image-generation": IMAGE_MODELS}
        names["video-generation"] = VIDEO_MODELS
        made = {"language": "text", "image-generation": "image", "video-generation": "video"}[request.at["list"]]
        about = {"object": "model", "created": 1795000000, "owned_by": "xai", "output_modalities": [made]}
        listed = [{"id": name} | about | {"aliases": [f"{name}-latest"]} for name in names[request.at["list"]]]
        return Answer(200, json={"models": listed})

    # --- Images ---

    async def generate(self, request: Request) -> Answer:
        """Make images from a text."""
        return self._images(request, edit=False)

    async def edit(self, request: Request) -> Answer:
        """Make images from images, which stand in the JSON; forms are not taken."""
        return self._images(request, edit=True)

    def _images(self, request: Request, *, edit: bool) -> Answer:
        self.let_in(request)
        body = _object(request)
        model = IMAGE_MODELS.get(body.get("model", ""))
        if model is None:
            raise no_model(body.get("model"))
        known: dict[str, Any] = {
            "model": str,
            "prompt": str,
            "n": range(1, 11),
            "response_format": {"url", "b64_json"},
            "aspect_ratio": model.ratios,
            "resolution": {"1k", "2k"},
            "user": str,
        }
        known |= {"quality": model.qualities} if model.qualities else {}
        fields = check(body, known | ({"image": dict, "images": list} if edit else {}), needed=("model", "prompt"))
        sources = fields.get("images", [fields["image"]] if "image" in fields else [])
        require(bool(sources) == edit and len(sources) <= model.references, invalid("image: too few, or too many."))
        require(not ("image" in fields and "images" in fields), invalid("Only one of image and images can be set."))
        sizes = [image_size(source) for source in sources]
        require(len(sources) != 1 or "aspect_ratio" not in fields, invalid("Strict: it would be ignored."))
        level, quality = fields.get("resolution", "1k"), fields.get("quality", "auto")
        if quality == "auto":
            quality = "medium" if edit else "low"
        price = model.prices[quality if model.qualities else "", level]
        asked: int = fields.get("n", 1)
        self.bill(request)
        cost = price * asked + model.given * len(sources)
        if self.fault(request, "moderated_output"):
            raise error(400, _BLOCKED, "Generated image rejected by content moderation.", cost=cost)
        lasting = self.lasting(request.text, "missing_outputs", "all_blocked", "no_outputs")
        made = {"missing_outputs": asked - 1, "all_blocked": 0, "no_outputs": 0}.get(lasting or "", asked)
        width, height = size_of(
            1024 if level == "1k" else 2048, fields.get("aspect_ratio"), sizes[0] if sizes else None
        )
        items = [self._image(request, fields, number, width, height) for number in range(made)]
        if lasting in {"missing_outputs", "all_blocked"}:
            items += [{"respect_moderation": False}] * (asked - made)
        return Answer(200, json={"data": items, "usage": usage(cost)})

    def _image(self, request: Request, fields: dict[str, Any], number: int, width: int, height: int) -> dict[str, Any]:
        data = media.jpeg(f"{fields['prompt'][:90]} {number}", width, height)
        item: dict[str, Any] = {"mime_type": "image/jpeg", "revised_prompt": "", "respect_moderation": True}
        if fields.get("response_format") == "b64_json":
            return item | {"b64_json": base64.b64encode(data).decode()}
        return item | {"url": f"{request.base}/_files/{self.keep_file(data, 'image/jpeg', 'jpeg')}"}

    # --- Videos ---

    async def create_video(self, request: Request) -> Answer:
        """Accept a video; the answer has the name of the request, and nothing else."""
        self.let_in(request)
        body = _object(request)
        model = VIDEO_MODELS.get(body.get("model", ""))
        if model is None:
            raise no_model(body.get("model"))
        known: dict[str, Any] = {
            "model": str,
            "prompt": str,
            "duration": range(1, 16),
            "aspect_ratio": VIDEO_RATIOS,
            "resolution": set(model.seconds),
            "image": dict,
            "reference_images": list,
            "generate_audio": bool,
            "user": str,
        }
        fields = check(body, known, needed=("model",) if body.get("image") else ("model", "prompt"))
        references = fields.get("reference_images", [])
        require(len(references) <= 7, invalid("reference_images: 7 at most."))
        require(not (references and "image" in fields), invalid("image and reference_images exclude each other."))
        level, seconds = fields.get("resolution", "480p"), fields.get("duration", 8)
        if references:
            require(seconds <= 10, invalid(f"Duration {seconds}s exceeds the maximum allowed for reference-to-video."))
            require(level != "1080p", invalid("reference-to-video goes up to 720p."))
        given = [image_size(each) for each in [*references, *([fields["image"]] if "image" in fields else [])]]
        source = given[0] if given and not references else None
        short = int(level[:-1])
        ratio = fields.get("aspect_ratio") or (None if source else "16:9")
        self.bill(request)
        name = f"d97415a1-5796-b7ec-379f-{len(self.jobs):012x}"
        self.jobs[name] = {
            "polls": 0,
            "text": request.text,
            "model": fields["model"],
            "seconds": seconds,
            "size": size_of(short, ratio, source),
            "cost": model.seconds[level] * seconds + model.given * len(given),
        }
        return Answer(200, json={"request_id": name})

    async def retrieve_video(self, request: Request) -> Answer:
        """The state of a job: 202 while it runs, at first without a body; then 200."""
        self.authorise(request)
        job = self.jobs.get(request.at["job"])
        if job is None:
            raise error(404, MISSING, f"Request {request.at['job']} is not found.")
        job["polls"] += 1
        polls, cost, pending = job["polls"], job["cost"], {"status": "pending", "model": job["model"], "progress": 40}
        if polls == 1 and self.lasting(job["text"], "early_400"):
            raise invalid("The request is not ready.")
        if polls < 5 and self.lasting(job["text"], "unknown_status"):
            return Answer(200, json=pending | {"status": "dreaming"})
        if polls == 1:
            return Answer(202, data=b"")
        if polls == 2:
            return Answer(202, json=pending)
        match self.lasting(
            job["text"], "job_failed", "failed_prompt", "expired_job", "moderated_later", "held_back", "no_outputs"
        ):
            case "job_failed":
                failure = {"code": "internal_error", "message": "Something went wrong."}
                return Answer(200, json={"status": "failed", "error": failure})
            case "failed_prompt":
                failure = {"code": "invalid_argument", "message": "Prompt rejected by content moderation."}
                return Answer(200, json={"status": "failed", "error": failure})
            case "expired_job":
                return Answer(200, json={"status": "expired"})
            case "moderated_later":
                raise error(400, INVALID, "Generated video rejected by content moderation.", cost=cost)
            case "held_back":
                video: dict[str, Any] = {"url": "", "duration": job["seconds"], "respect_moderation": False}
                return Answer(200, json={"status": "done", "video": video, "usage": usage(cost)})
            case "no_outputs":
                return Answer(200, json={"status": "done", "usage": usage(cost)})
            case _:
                return self._done(request, job)

    def _done(self, request: Request, job: dict[str, Any]) -> Answer:
        width, height = job["size"]
        name = self.keep_file(media.mp4("a video", width, height, float(job["seconds"])), "video/mp4", "mp4")
        url = f"{request.base}/_files/{name}?sig=temporary"
        answer = {
            "status": "done",
            "video": {"url": url, "duration": job["seconds"], "respect_moderation": True},
            "model": job["model"],
            "progress": 100,
            "usage": usage(job["cost"]),
        }
        return Answer(200, json=answer)

    # --- Chat ---

    async def chat(self, request: Request) -> Answer:
        """Answer a conversation; what was thought is counted beside the answer, and billed."""
        self.let_in(request)
        body = _object(request)
        thought = CHAT_MODELS.get(body.get("model", ""))
        if thought is None:
            raise no_model(body.get("model"))
        known: dict[str, Any] = {
            "model": str,
            "messages": list,
            "temperature": int | float,
            "max_completion_tokens": int,
            "max_tokens": int,
            "seed": int,
            "stream": bool,
            "stream_options": dict,
            "user": str,
        }
        fields = check(body, known, needed=("model", "messages"))
        require(not stream_problem(fields), invalid("stream_options"))
        for message in fields["messages"]:
            require(set(message) == {"role", "content"}, invalid("A message has a role and a content."))
            require(message["role"] in {"system", "user", "assistant"}, invalid(f"Invalid role: {message['role']}"))
        self.bill(request)
        refused = self.fault(request, "moderated_output")
        said = {"role": "assistant", "content": "A quiet sea, a small boat.", "refusal": None}
        if refused:
            said |= {"content": None, "refusal": "I can't help with that."}
        counted = {
            "prompt_tokens": 12,
            "completion_tokens": 7,
            "total_tokens": 19 + thought,
            "completion_tokens_details": {"reasoning_tokens": thought},
        }
        answer = {
            "id": "a3d1008e-4544-40d4-d075-11527e794e4a",
            "object": "chat.completion",
            "created": 1795000000,
            "model": fields["model"],
            "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
            "usage": counted | usage((12 * 2 + (7 + thought) * 6) / 1_000_000),
        }
        failure = {"code": "The service is currently unavailable", "error": "The model is at capacity."}
        return as_stream(self, request, Answer(200, json=answer), error=failure, nulls=False)

    # --- Access ---

    def authorise(self, request: Request) -> None:
        """Check the key. A wrong one is a wrong argument here, only the text shows it."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        nobody = error(401, "unauthenticated:no-credentials", "No credentials provided.")
        require(scheme == "Bearer" and key, nobody)
        text = (
            f"Incorrect API key provided: {key[:2]}***{key[-2:]}. You can obtain an API key from https://console.x.ai."
        )
        require(key in KEYS, error(400, INVALID, text))

    def let_in(self, request: Request) -> None:
        """Check the key, then meet the faults that are set for an order."""
        self.authorise(request)
        credit = "Your team 21 has either used all available credits or reached its monthly spending limit."
        guidelines = "Content violates usage guidelines. Team: 21, API key ID: 7, Model: m, Failed check: SAFETY_CHECK"
        match self.fault(request, *FAULTS):
            case "rate_limited":
                raise error(429, EXHAUSTED, "Too many requests for team 21.", headers={"retry-after": "1"})
            case "no_balance":
                raise error(403, FORBIDDEN, "Your newly created team doesn't have any credits or licenses yet.")
            case "spending_limit":
                raise error(429, EXHAUSTED, credit)
            case "key_blocked":
                raise error(403, FORBIDDEN, "This key is blocked.")
            case "moderated_input":
                raise error(403, FORBIDDEN, guidelines)
            case "invalid":
                raise Answer(
                    400, json={"error": {"message": "Invalid value.", "type": "invalid_request_error", "code": None}}
                )
            case "model_gone":
                raise no_model("m")
            case _:
                pass


def _object(request: Request) -> dict[str, Any]:
    json = request.headers.get("content-type") == "application/json"
    require(json, error(415, INVALID, "Expected request with `Content-Type: application/json`"))
    body = request.json()
    require(isinstance(body, dict), invalid("The body is no object."))
    return dict(body)


def simulator() -> Simulator:
    """A new simulator."""
    return XAI()
