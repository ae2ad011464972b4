"""Volcengine: Ark's images, videos and chats are here; openspeech is in `_volcengine_speech`. Facts: the vendor's pages
and its SDK, which drives this in `test_volcengine_sdk.py`.

Stricter than Ark: fields that it does not know, or knows for another model only, are refused."""

import io
import re
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from PIL import Image, ImageDraw

from tests.simulators import media
from tests.simulators._chat_stream import as_stream, stream_problem
from tests.simulators._volcengine_ark import REFUSALS, Ark, check_image, error, invalid
from tests.simulators._volcengine_speech import Openspeech
from tests.simulators._volcengine_video import MODELS as SEEDANCE
from tests.simulators._volcengine_video import Seedance
from tests.simulators.base import Answer, Request, Simulator, require, unknown, without_nulls


class Images(NamedTuple):
    """What an image model takes: the least and the most pixels, reference images, fields beside the common ones."""

    least: int
    most: int
    references: int
    more: tuple[str, ...] = ()


SETS = ("sequential_image_generation", "sequential_image_generation_options", "optimize_prompt_options")
# Flash "does not support configuring" sets; the range of Pro is not documented, but its table of sizes is the same.
FLASH = Images(921_600, 4_624_220, 10)
IMAGE_MODELS = {
    "doubao-seedream-4-0-20260415": Images(921_600, 16_777_216, 14, SETS),
    "doubao-seedream-4-0-250828": Images(921_600, 16_777_216, 14, SETS),
    "doubao-seedream-4-5-251128": Images(3_686_400, 16_777_216, 14, SETS),
    "doubao-seedream-5-0-260128": Images(3_686_400, 10_404_496, 14, SETS),
    "doubao-seedream-5-0-pro-260628": FLASH,
    "doubao-seedream-5-0-flash-260915": FLASH,
}
IMAGE_MODELS.update({name.replace("doubao", "dola"): model for name, model in IMAGE_MODELS.items()})  # at BytePlus
IMAGE_FIELDS = ["model", "prompt", "image", "size", "stream", "response_format", "watermark"]
CHAT_MODELS = {
    *("doubao-seed-1-6-250615", "doubao-seed-1-8-251228", "doubao-seed-2-0-pro-260215"),
    *("doubao-seed-2-1-pro-260915", "doubao-seed-2-1-turbo-260628", "doubao-seed-2-1-lite-260915"),
}
# A level instead of a size: the model takes the form from the prompt, and here it is a square.
TIERS = {"1K": "1024x1024", "2K": "2048x2048", "3K": "3072x3072", "4K": "4096x4096"}
CHAT_FIELDS = ["model", "messages", "stream", "thinking", "temperature", "top_p", "max_tokens", "max_completion_tokens"]
CHAT_FIELDS += ["stream_options"]

RETIRED = {
    "doubao-seedream-3-0-t2i-250415": ("ImageGeneration", "TextToImage", "Shutdown"),
    "doubao-seed-1-6-thinking-250715": ("VLM", "VisualQuestionAnswering", "Retiring"),
}


class Volcengine(Ark):
    """The state of the vendor."""

    def callback(self, request: Request, answer: Answer) -> tuple[str, object] | None:
        """The task itself; nothing proves the sender."""
        if not request.path.endswith("/tasks"):
            return None
        body, task = request.json(), msgspec.json.decode(answer.body)
        url = body.get("callback_url")
        return (url, {"id": task["id"], "model": body["model"], "status": "queued"}) if url else None

    def __init__(self) -> None:
        super().__init__()
        self.route("POST", r"/api/v3/images/generations", order=True)(self.image)
        self.route("POST", r"/api/v3/chat/completions", order=True)(self.chat)
        self.route("GET", r"/api/v3/models")(self.list_models)
        Seedance(self)
        Openspeech(self)

    async def list_models(self, request: Request) -> Answer:
        """Every model at once, those that are retired included."""
        self.authorised(request)
        require(not request.query, invalid("query"))
        return Answer(200, json={"object": "list", "data": _listed()}, headers={"x-request-id": "0217"})

    async def image(self, request: Request) -> Answer:
        """Make one image, while the caller waits."""
        self.let_in(request, *REFUSALS)
        body = without_nulls(request.json())
        width, height = _image_size(body)
        item: dict[str, Any] = {"error": {"code": "OutputImageSensitiveContentDetected", "message": "sensitive"}}
        match self.lasting(request.text, "missing_outputs", "no_outputs", "wrong_size"):
            case "missing_outputs":
                self.bill(request)
                return _image_answer(body, [item], tokens=0)
            case "no_outputs":
                self.bill(request)
                return _image_answer(body, [], tokens=0)
            case "wrong_size":
                width, height = width // 2, height // 2
            case _:
                pass
        self.bill(request)
        image = _jpeg(body["prompt"][:100], width, height, marked=body.get("watermark", True))
        name = self.keep_file(image, "image/jpeg", "jpeg")
        item = {"url": f"{request.base}/_files/{name}?X-Tos-Expires=86400", "size": f"{width}x{height}"}
        return _image_answer(body, [item], tokens=width * height // 256)

    async def chat(self, request: Request) -> Answer:
        """Answer a chat; the model thinks first, unless the order disables it."""
        self.let_in(request, *(set(REFUSALS) - {"moderated_output"}))
        body = without_nulls(request.json())
        require(body.get("model") in CHAT_MODELS, error(404, "InvalidEndpointOrModel.NotFound", "No such model."))
        require(not unknown(body, CHAT_FIELDS), invalid(", ".join(unknown(body, CHAT_FIELDS))))
        require(not stream_problem(body) and body.get("messages"), invalid("messages"))
        require(not {"max_tokens", "max_completion_tokens"} <= set(body), invalid("max_tokens"))
        thinking = body.get("thinking", {"type": "enabled"})
        require(thinking.get("type") in {"enabled", "disabled", "auto"} and len(thinking) == 1, invalid("thinking"))
        self.bill(request)
        held_back = self.lasting(request.text, "moderated_output")
        message: dict[str, Any] = {"role": "assistant", "content": "" if held_back else "A quiet sea, a small boat."}
        thoughts = 0 if thinking["type"] == "disabled" else 50
        if thoughts:
            message["reasoning_content"] = "The user wants a haiku."
        choice = {"index": 0, "message": message, "finish_reason": "content_filter" if held_back else "stop"}
        if held_back:
            choice["moderation_hit_type"] = "violence"
        usage = {"prompt_tokens": 12, "completion_tokens": 7 + thoughts, "total_tokens": 19 + thoughts}
        details = {
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": thoughts},
        }
        answer = Answer(
            200,
            json={
                "id": "0217",
                "object": "chat.completion",
                "created": 1795000000,
                "model": body["model"],
                "service_tier": "default",
                "choices": [choice],
                "usage": usage | details,
            },
            headers={"x-request-id": "0217"},
        )
        failure = {"error": {"code": "InternalServiceError", "message": "failed", "type": "InternalServerError"}}
        return as_stream(self, request, answer, error=failure)


def _listed() -> list[dict[str, Any]]:
    """The models of the list. `status` is there only where a model is retired."""
    limits = {"context_window": 262144, "max_input_token_length": 229376, "max_output_token_length": 32768}
    embedding = "doubao-embedding-vision-250615"
    models = [_model(name, "ImageGeneration", "TextToImage") for name in IMAGE_MODELS]
    models += [_model(name, "VideoGeneration", "TextToVideo") for name in SEEDANCE]
    models += [_model(name, "VLM", "VisualQuestionAnswering", token_limits=limits) for name in sorted(CHAT_MODELS)]
    models += [_model(name, domain, task, status=status) for name, (domain, task, status) in RETIRED.items()]
    return [*models, _model(embedding, "Embedding", "MultimodalEmbedding")]


def _model(name: str, domain: str, task: str, **more: Any) -> dict[str, Any]:
    common = {"id": name, "name": name, "object": "model", "created": 1795000000, "version": name.rpartition("-")[2]}
    return common | {"domain": domain, "task_type": [task]} | more


def _image_size(body: dict[str, Any]) -> tuple[int, int]:
    model = str(body.get("model"))
    require(model in IMAGE_MODELS, error(404, "InvalidEndpointOrModel.NotFound", "No such model."))
    known = IMAGE_MODELS[model]
    odd = unknown(body, [*IMAGE_FIELDS, *known.more])
    require(not odd, error(400, "InvalidParameter.UnsupportedParameter", "not supported", ", ".join(odd)))
    require(isinstance(body.get("prompt"), str) and body["prompt"], error(400, "MissingParameter", "prompt", "prompt"))
    require(body.get("sequential_image_generation", "disabled") == "disabled", invalid("sequential_image_generation"))
    require("sequential_image_generation_options" not in body, invalid("sequential_image_generation_options"))
    require(body.get("response_format", "url") == "url" and not body.get("stream"), invalid("response_format"))
    several = isinstance(body.get("image", []), list)
    references: list[Any] = body.get("image", []) if several else [body["image"]]
    require(len(references) <= known.references, invalid("image"))
    for reference in references:
        check_image(reference)
    size = str(body.get("size", "2K"))
    match = re.fullmatch(r"([1-9]\d{2,4})x([1-9]\d{2,4})", TIERS.get(size, size))
    require(match, invalid("size"))
    assert match
    width, height = int(match[1]), int(match[2])
    require(known.least <= width * height <= known.most and 1 / 16 <= width / height <= 16, invalid("size"))
    return width, height


@lru_cache(maxsize=16)
def _jpeg(text: str, width: int, height: int, *, marked: bool) -> bytes:
    """An image, drawn small and enlarged, because only its size counts. It has the vendor's mark unless the order
    disables that."""
    small = Image.open(io.BytesIO(media.png(text, width // 8, height // 8))).convert("RGB")
    image = small.transform((width, height), Image.Transform.EXTENT, (0, 0, *small.size))
    if marked:
        ImageDraw.Draw(image).rectangle((width - 200, height - 80, width, height), fill="white")
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=60)
    return packed.getvalue()


def _image_answer(body: dict[str, Any], items: list[dict[str, Any]], *, tokens: int) -> Answer:
    made = sum("url" in item for item in items)
    usage = {"generated_images": made, "output_tokens": tokens, "total_tokens": tokens}
    answer = {"model": body["model"], "created": 1795000000, "data": items, "usage": usage}
    return Answer(200, json=answer, headers={"x-request-id": "0217"})


def simulator() -> Simulator:
    """A new simulator."""
    return Volcengine()
