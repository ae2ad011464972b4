"""OpenAI: images, edits, speech and chat at once, videos by job; and what compatible servers do differently.

Facts: the vendor's own SDK, which has to be able to drive this. The models `local-…` stand for a compatible server with
its own habits: addresses instead of data, `max_tokens`, other fields, usage left out, errors in other forms."""

import base64
from typing import Any

from tests.simulators import media
from tests.simulators._chat_stream import as_stream, stream_problem
from tests.simulators._openai_videos import Videos
from tests.simulators._openai_wire import (
    CHAT_MODELS,
    IMAGE_MODELS,
    LOCAL_CHAT,
    SPEECH_MODELS,
    STANDARD,
    Choices,
    ImageModel,
    blocked,
    check,
    error,
    invalid,
    listed,
    no_model,
)
from tests.simulators.base import Answer, Part, Request, Simulator, require, without_nulls

KEYS = {"sk-proj-0000000000000001", "sk-proj-0000000000000002"}
ORGANIZATION, PROJECT = "org-1", "proj_1"
MAX_PART_BYTES = 50 * 1024 * 1024
FAULTS = ("rate_limited", "no_balance", "billing_limit", "moderated_input", "invalid", "model_gone", "overloaded")
HABITS = ("text_error", "old_error", "error_in_200", "number_code")


class OpenAI(Simulator):
    """The state of the vendor. `keyless`: a server of one's own, which needs no key."""

    def __init__(self, *, keyless: bool = False) -> None:
        super().__init__("openai")
        self.keyless = keyless
        self.made = 0
        self.route("POST", r"/v1/images/generations", order=True)(self.generate)
        self.route("POST", r"/v1/images/edits", order=True)(self.edit)
        self.route("POST", r"/v1/audio/speech", order=True)(self.speak)
        self.route("POST", r"/v1/chat/completions", order=True)(self.chat)
        self.route("GET", r"/v1/models")(self.list_models)
        Videos(self, self.let_in, self.authorise)

    # --- Images ---

    async def generate(self, request: Request) -> Answer:
        """Make images from a text."""
        self.let_in(request)
        body: dict[str, Any] = _object(request)
        return self._image_answer(request, body, _image_model(body.get("model")), source=None)

    async def edit(self, request: Request) -> Answer:
        """Make images from images: a form, with each image as a file with a media type."""
        self.let_in(request)
        require(
            request.headers.get("content-type", "").startswith("multipart/form-data; boundary="),
            error(
                400, "Unsupported content type: this endpoint takes multipart/form-data.", code="unsupported_content"
            ),
        )
        parts = request.parts()
        fields = {part.name: _typed(part) for part in parts if part.file is None}
        files = [part for part in parts if part.file is not None]
        for part in files:
            _check_image(part)
        require(
            len(files) <= 16 and {part.name for part in files} in ({"image"}, {"image[]"}),
            error(400, "Send image once, or image[] up to 16 times.", param="image", code="missing_required_parameter"),
        )
        require(
            len(files) == 1 or files[0].name == "image[]", error(400, "Duplicate parameter: 'image'.", param="image")
        )
        model = _image_model(fields.get("model"))
        require("moderation" not in fields, error(400, "Unknown parameter: 'moderation'.", code="unknown_parameter"))
        require("input_fidelity" not in fields or model.fidelity, invalid("input_fidelity", "high"))
        return self._image_answer(request, fields, model, source=files[0].data)

    def _image_answer(
        self, request: Request, body: dict[str, Any], model: ImageModel, *, source: bytes | None
    ) -> Answer:
        known: dict[str, Choices] = {
            "model": str,
            "prompt": str,
            "n": range(1, 11),
            "size": str,
            "quality": model.qualities,
            "background": {"auto", "transparent", "opaque"},
            "output_format": {"png", "jpeg", "webp"},
            "output_compression": range(101),
            "moderation": {"auto", "low"},
            "safety_identifier": str,
            "user": str,
        }
        if source is not None:
            known["input_fidelity"] = {"high", "low"}
        if model.local:
            known |= {"response_format": {"url", "b64_json"}, "seed": int, "negative_prompt": str, "step": int}
        check(body, known, needed=("prompt", "model"))
        require(
            len(body["prompt"]) <= 32000, error(400, "The prompt is too long.", param="prompt", code="string_above")
        )
        width, height = _size(body.get("size", "auto"), model, source)
        asked = body.get("n", 1)
        match self.fault(request, "moderated_output"):
            case None:
                self.bill(request)
            case _:
                raise blocked("output")
        lasting = self.lasting(request.text, "missing_outputs", "no_outputs", "wrong_size", "relative", "loopback")
        made = {"missing_outputs": asked - 1, "no_outputs": 0}.get(lasting or "", asked)
        if lasting == "wrong_size":
            width, height = width // 2, height // 2
        images = [media.png(f"{body['prompt'][:90]} {index}", width, height) for index in range(made)]
        if model.local:
            return self._by_address(request, body, images, lasting)
        tokens = 1056 * made
        return self._answer_json(
            {
                "created": 1795000000,
                "background": "opaque",
                "output_format": "png",
                "quality": "medium",
                "size": f"{width}x{height}",
                "data": [{"b64_json": base64.b64encode(image).decode()} for image in images],
                "usage": {
                    "input_tokens": 50 if source is None else 373,
                    "input_tokens_details": {"text_tokens": 50, "image_tokens": 0 if source is None else 323},
                    "output_tokens": tokens,
                    "output_tokens_details": {"image_tokens": tokens, "text_tokens": 0},
                    "total_tokens": tokens + (50 if source is None else 373),
                },
            }
        )

    def _by_address(self, request: Request, body: dict[str, Any], images: list[bytes], habit: str | None) -> Answer:
        """LocalAI's way: addresses on the server itself, under its own name."""
        if body.get("response_format") == "b64_json":
            return Answer(
                200, json={"created": 1, "data": [{"b64_json": base64.b64encode(p).decode()} for p in images]}
            )
        host = {"relative": "", "loopback": "http://localhost:8080"}.get(habit or "", request.base)
        names = [self.keep_file(image, "image/png", "png") for image in images]
        return Answer(200, json={"created": 1, "data": [{"url": f"{host}/_files/{name}"} for name in names]})

    # --- Speech ---

    async def speak(self, request: Request) -> Answer:
        """Read a text aloud: the answer is the audio itself, an error is JSON."""
        self.let_in(request)
        body = _object(request)
        voices = SPEECH_MODELS.get(body.get("model", ""))
        if voices is None:
            raise no_model(body.get("model"))
        known: dict[str, Choices] = {
            "model": str,
            "input": str,
            "voice": voices,
            "response_format": {"mp3", "opus", "aac", "flac", "wav", "pcm"},
            "speed": float,
            "stream_format": {"audio"},
        }
        if not body["model"].startswith("tts-1"):
            known["instructions"] = str
        check(body, known, needed=("model", "input", "voice"))
        require(len(body["input"]) <= 4096, error(400, "The input is too long.", param="input", code="string_above"))
        require(0.25 <= body.get("speed", 1.0) <= 4.0, invalid("speed", body.get("speed")))
        form = body.get("response_format", "mp3")
        require(form in {"mp3", "wav"}, error(400, "The simulator speaks mp3 and wav.", param="response_format"))
        self.bill(request)
        speak, media_type = (media.wav, "audio/wav") if form == "wav" else (media.mp3, "audio/mpeg")
        return Answer(200, data=speak(body["input"], body.get("speed", 1.0)), media_type=media_type)

    # --- Chat ---

    async def chat(self, request: Request) -> Answer:
        """Answer a conversation."""
        self.let_in(request)
        body = _object(request)
        local = body.get("model") == LOCAL_CHAT
        require(local or body.get("model") in CHAT_MODELS, no_model(body.get("model")))
        known: dict[str, Choices] = {
            "model": str,
            "messages": list,
            "stream": bool,
            "stream_options": dict,
            "temperature": float,
            "max_completion_tokens": int,
            "reasoning_effort": {"none", "minimal", "low", "medium", "high", "xhigh"},
            "seed": int,
            "store": bool,
        }
        reasons = CHAT_MODELS.get(body["model"], False)
        if "max_tokens" in body and reasons:
            text = "Unsupported parameter: 'max_tokens' is not supported with this model."
            raise error(400, text, param="max_tokens", code="unsupported_parameter")
        check(body, known | ({} if reasons else {"max_tokens": int}), needed=("model", "messages"))
        wrong = stream_problem(body)
        require(not wrong, error(400, f"Invalid value: '{wrong}'.", param=wrong, code="invalid_value"))
        for message in body["messages"]:
            require(message.get("role") in {"system", "developer", "user", "assistant"}, invalid("role", message))
            require(set(message) == {"role", "content"}, error(400, "A message has a role and a content."))
        if reasons and body.get("temperature", 1) != 1:
            text = "Unsupported value: 'temperature' does not support this value with this model."
            raise error(400, text, param="temperature", code="unsupported_value")
        self.bill(request)
        refused = self.fault(request, "moderated_output")
        said = {"role": "assistant", "content": "A quiet sea, a small boat.", "refusal": None}
        if refused:
            said |= {"content": None, "refusal": "I can't help with that."}
        answer: dict[str, Any] = {
            "id": f"chatcmpl-{self._next():04}",
            "object": "chat.completion",
            "created": 1795000000,
            "model": body["model"],
            "choices": [{"index": 0, "message": said, "logprobs": None, "finish_reason": "stop"}],
            "service_tier": "default",
        }
        if not self.lasting(request.text, "no_usage"):
            answer["usage"] = {
                "prompt_tokens": 12,
                "completion_tokens": 27,
                "total_tokens": 39,
                "prompt_tokens_details": {"cached_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 20},
            }
        failure = {"error": {"message": "The server had an error.", "type": "server_error", "code": None}}
        return as_stream(self, request, self._answer_json(answer), error=failure)

    # --- The list of models ---

    async def list_models(self, request: Request) -> Answer:
        """Every model at once, of whatever kind: the list does not tell kinds. Parameters are not known."""
        self.authorise(request)
        require(not request.query, error(400, "Unknown parameter.", code="unknown_parameter"))
        return self._answer_json({"object": "list", "data": listed()})

    # --- Access ---

    def authorise(self, request: Request) -> None:
        """Check the key, and find its account."""
        given = request.headers.get("authorization")
        if self.keyless:
            require(given is None, error(400, "This server takes no key."))
            return
        key = (given or "").removeprefix("Bearer ")
        require(given and given.startswith("Bearer ") and key, error(401, "You didn't provide an API key."))
        hidden = f"{key[:8]}********{key[-4:]}"
        require(key in KEYS, error(401, f"Incorrect API key provided: {hidden}.", code="invalid_api_key"))
        for name, right in (("openai-organization", ORGANIZATION), ("openai-project", PROJECT)):
            wrong = error(401, f"{name} header should match the API key.", code=f"mismatched_{name[7:]}")
            require(request.headers.get(name, right) == right, wrong)

    def let_in(self, request: Request) -> None:
        """Check the key, then meet the faults that are set for an order."""
        self.authorise(request)
        match self.fault(request, *FAULTS, *HABITS):
            case "rate_limited":
                raise error(
                    429,
                    "Rate limit reached for requests.",
                    type_="requests",
                    code="rate_limit_exceeded",
                    headers={"retry-after-ms": "250", "retry-after": "1"},
                )
            case "no_balance":
                text = "You exceeded your current quota, please check your plan and billing details."
                raise error(429, text, type_="insufficient_quota", code="insufficient_quota")
            case "billing_limit":
                raise error(400, "Billing hard limit has been reached.", code="billing_hard_limit_reached")
            case "moderated_input":
                raise blocked("input")
            case "invalid":
                raise invalid("size", "1x1")
            case "model_gone":
                raise no_model("this one")
            case "overloaded":
                raise error(503, "The engine is currently overloaded.", type_="server_error", code="server_overloaded")
            case "text_error":  # Ollama's own
                raise Answer(404, json={"error": 'model "local" not found, try pulling it first'})
            case "old_error":  # vLLM's, once
                raise Answer(
                    400, json={"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}
                )
            case "error_in_200":
                raise Answer(
                    200, json={"error": {"message": "no channel is left", "type": "new_api_error", "code": ""}}
                )
            case "number_code":
                raise Answer(404, json={"error": {"message": "could not load model", "type": "", "code": 404}})
            case _:
                pass

    def _answer_json(self, body: dict[str, Any]) -> Answer:
        return Answer(
            200, json=body, headers={"x-request-id": f"req_{self._next():032x}", "openai-processing-ms": "12"}
        )

    def _next(self) -> int:
        self.made += 1
        return self.made


def _object(request: Request) -> dict[str, Any]:
    require(request.headers.get("content-type") == "application/json", error(400, "This endpoint takes JSON."))
    body = request.json()
    require(isinstance(body, dict), error(400, "The body is no object."))
    return without_nulls(body)


def _image_model(name: object) -> ImageModel:
    model = IMAGE_MODELS.get(str(name))
    if model is None:
        raise no_model(name)
    return model


def _typed(part: Part) -> object:
    """A field of a form is text; numbers are parsed."""
    text = part.data.decode()
    return int(text) if part.name in {"n", "output_compression", "seed", "step"} and text.isdecimal() else text


def _check_image(part: Part) -> None:
    kinds = {"image/png", "image/jpeg", "image/webp"}
    text = f"Invalid file '{part.name}': unsupported mimetype ('{part.media_type}')."
    require(part.media_type in kinds, error(400, text, param="image", code="unsupported_file_mimetype"))
    require(len(part.data) < MAX_PART_BYTES, error(413, "The file is too large."))
    is_right = media.measure(part.data).media_type == part.media_type
    require(is_right, error(400, "Invalid image file.", code="invalid_image_file"))


def _size(size: str, model: ImageModel, source: bytes | None) -> tuple[int, int]:
    """The size of the result, if the model has it."""
    if size == "auto":
        found = media.measure(source) if source else None
        return (found.width or 1024, found.height or 1024) if found else (1024, 1024)
    require(size in STANDARD or model.any_size, invalid("size", size))
    try:
        width, height = map(int, size.split("x"))
    except ValueError:
        raise invalid("size", size) from None
    if not model.local:
        fits = max(width, height) <= 3840 and min(width, height) <= 2160 and 1 / 3 <= width / height <= 3
        require(fits and width % 16 == 0 and height % 16 == 0, invalid("size", size))
    return width, height


def simulator() -> Simulator:
    """A new simulator."""
    return OpenAI()
