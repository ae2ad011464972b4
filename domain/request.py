"""What may a request of each kind contain? The decoded struct is the value that decisions use.

How a body is decoded into it is in `domain.request_parsing`."""

import hashlib
import re
from typing import Annotated, Any, Literal, NamedTuple, dataclass_transform

import msgspec
from msgspec import Meta

from domain.model import Kind

# --- Types that several fields have; a field adds its description and an example ---

Short = Annotated[str, Meta(max_length=200)]
ModelName = Annotated[str, Meta(max_length=200)]
Prompt = Annotated[str, Meta(min_length=1)]
NegativePrompt = Annotated[str, Meta(max_length=4000, description="What not to show")]
Resolution = Annotated[
    str, Meta(description="One of the model's resolutions; 1K when left out, or the first that the model has")
]
AspectRatio = Annotated[
    str, Meta(description="One of the aspect ratios that the model has at this resolution", examples=["16:9"])
]
Count = Annotated[int, Meta(ge=1)]
ImageInputs = Annotated[list[str], Meta(max_length=16)]
DeadlineSeconds = Annotated[int, Meta(ge=1, le=86400)]
WebhookUrl = Annotated[str, Meta(max_length=2048, pattern=r'^https?://[!"$-~]+$')]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """An object of a request body: camelCase in JSON, unknown fields refused, `null` the same as absent."""


class Lora(Body):
    """A LoRA to apply."""

    model: Annotated[
        str, Meta(min_length=1, max_length=200, description="Which LoRA", examples=["dashscope/anime-style"])
    ]
    weight: Annotated[float, Meta(ge=-4, le=4, description="How strongly", examples=[0.8])] | None = None


class SandboxOptions(Body):
    """How the sandbox should behave: what a test wants to see. Times in seconds."""

    latency: (
        Annotated[float, Meta(ge=0, le=600, description="Seconds until the result is there", examples=[2.5])] | None
    ) = None
    fault: Annotated[
        Literal[
            "refused",
            "content_rejected",
            "rate_limited",
            "unreachable",
            "timeout_before",
            "timeout_after",
            "lost_result",
            "failed",
            "partial",
        ]
        | None,
        Meta(description="What should go wrong", examples=["content_rejected"]),
    ] = None
    times: (
        Annotated[int, Meta(ge=1, le=10, description="How many calls the fault meets, from the first", examples=[1])]
        | None
    ) = None


class ExtraParams(Body):
    """Parameters that only some models know."""

    loras: Annotated[list[Lora], Meta(max_length=8, description="For models with `supportsLora`")] | None = None
    seed: (
        Annotated[
            int,
            Meta(
                ge=0, le=2**31 - 1, description="The same seed gives the same result, where the model can", examples=[7]
            ),
        ]
        | None
    ) = None
    sandbox: Annotated[
        SandboxOptions | None, Meta(description="How a sandbox model should behave; refused by all others")
    ] = None


class Deadline(Body):
    """Until when, in seconds from the request on."""

    start_seconds: (
        Annotated[
            DeadlineSeconds,
            Meta(
                description="Until a provider has taken it, in seconds from now; else it fails with `not_started`",
                examples=[60],
            ),
        ]
        | None
    ) = None
    finish_seconds: (
        Annotated[
            DeadlineSeconds,
            Meta(
                description="Until it is done, in seconds from now; else it fails with `deadline_exceeded`",
                examples=[600],
            ),
        ]
        | None
    ) = None


class GenerationRequest(Body):
    """The fields that requests of every kind have."""

    model: Annotated[
        ModelName, Meta(description="Which model: `provider/model_key`", examples=["dashscope/qwen-image"])
    ]
    extra_params: Annotated[ExtraParams | None, Meta(description="Parameters that only some models know")] = None
    project_id: Annotated[Short, Meta(description="The caller's project", examples=["proj_123"])] | None = None
    source: Annotated[Short, Meta(description="Where in the frontend it came from", examples=["canvas"])] | None = None
    source_id: Annotated[Short, Meta(description="The object there", examples=["canvas_456"])] | None = None
    metadata: (
        Annotated[
            dict[str, Any],
            Meta(
                description="Anything of yours: kept with the task and given back, up to 16 KiB",
                examples=[{"scene": 3}],
            ),
        ]
        | None
    ) = None
    fallback_models: (
        Annotated[
            list[ModelName],
            Meta(
                max_length=4,
                description=(
                    "May take over, in this order, if the model before can't be had and nothing is paid; "
                    "each must accept it"
                ),
                examples=[["modelscope/qwen-image"]],
            ),
        ]
        | None
    ) = None
    deadline: Annotated[
        Deadline | None,
        Meta(description="How long it may take, instead of the model's own times", examples=[{"finishSeconds": 600}]),
    ] = None
    webhook: (
        Annotated[
            WebhookUrl,
            Meta(
                description=(
                    "Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: "
                    "the same host, the path or one below it, any query. Its secret and its choice of changes hold"
                ),
                examples=["https://app.example/hooks/pixel?canvas=canvas_456"],
            ),
        ]
        | None
    ) = None


class ImageRequest(GenerationRequest, kw_only=True):
    """An image to make."""

    prompt: Annotated[
        Prompt,
        Meta(
            description="What to show; not blank, and no longer than the model takes",
            examples=["a beautiful sunset over mountains"],
        ),
    ]
    negative_prompt: Annotated[NegativePrompt, Meta(examples=["blurry, low quality"])] | None = None
    resolution: Annotated[Resolution, Meta(examples=["2K"])] | None = None
    aspect_ratio: AspectRatio | None = None
    n: (
        Annotated[
            Count, Meta(description="How many images, up to what the model allows; 1 when left out", examples=[1])
        ]
        | None
    ) = None
    image_inputs: (
        Annotated[
            ImageInputs,
            Meta(
                description=(
                    "Reference images, as many as the model takes: each an http or https URL of up to "
                    "2048 characters, or the id or the address of an image that Pixel keeps"
                ),
                examples=[["https://example.com/ref-image.jpg"]],
            ),
        ]
        | None
    ) = None


class VideoRequest(GenerationRequest, kw_only=True):
    """A video to make."""

    prompt: Annotated[
        Prompt,
        Meta(
            description="What happens; not blank, and no longer than the model takes",
            examples=["a cat playing with a ball"],
        ),
    ]
    negative_prompt: Annotated[NegativePrompt, Meta(examples=["static, blurry"])] | None = None
    duration: (
        Annotated[str, Meta(description="One of the model's durations; its first when left out", examples=["5s"])]
        | None
    ) = None
    resolution: Annotated[Resolution, Meta(examples=["720p"])] | None = None
    aspect_ratio: AspectRatio | None = None
    n: (
        Annotated[
            Count, Meta(description="How many videos, up to what the model allows; 1 when left out", examples=[1])
        ]
        | None
    ) = None
    image_inputs: (
        Annotated[
            ImageInputs,
            Meta(
                description=(
                    "The first frame, for models that take one: an http or https URL of up to 2048 "
                    "characters, or the id or the address of an image that Pixel keeps"
                ),
                examples=[["https://example.com/first-frame.jpg"]],
            ),
        ]
        | None
    ) = None


class AudioRequest(GenerationRequest, kw_only=True):
    """Text to speak."""

    prompt: Annotated[
        Prompt,
        Meta(
            description="The text to speak; not blank, and no longer than the model takes",
            examples=["Hello, welcome to Pixel AI!"],
        ),
    ]
    voice: (
        Annotated[
            str,
            Meta(
                description="The id of one of the model's voices; its first when left out",
                examples=["zh_female_qingxin"],
            ),
        ]
        | None
    ) = None
    speed: (
        Annotated[
            float,
            Meta(
                description="How fast, within the model's limits (mostly 0.5 to 2.0); 1.0 when left out", examples=[1.0]
            ),
        ]
        | None
    ) = None


class Message(Body):
    """One message of a conversation."""

    role: Annotated[Literal["system", "user", "assistant"], Meta(description="Who says it", examples=["user"])]
    content: Annotated[str, Meta(min_length=1, description="What is said", examples=["Write a haiku about the sea."])]


class TextRequest(GenerationRequest):
    """Text to write: `prompt` or `messages`, one of the two."""

    prompt: (
        Annotated[
            Prompt,
            Meta(description="What to write; this or `messages`", examples=["Write a haiku about the sea."]),
        ]
        | None
    ) = None
    messages: (
        Annotated[
            list[Message], Meta(min_length=1, max_length=200, description="The conversation so far; this or `prompt`")
        ]
        | None
    ) = None
    system: Annotated[str, Meta(max_length=20000, description="How to behave", examples=["You are a poet."])] | None = (
        None
    )
    temperature: Annotated[float, Meta(ge=0, le=2, description="0 is sober, 2 is wild", examples=[0.7])] | None = None
    max_tokens: (
        Annotated[
            int, Meta(ge=1, description="How long the answer may be, up to what the model allows", examples=[256])
        ]
        | None
    ) = None
    stream: (
        Annotated[
            bool,
            Meta(
                description="Hand the text on while the provider writes it, where it can: the task's events bring it",
                examples=[True],
            ),
        ]
        | None
    ) = None


Request = ImageRequest | VideoRequest | AudioRequest | TextRequest
REQUESTS: dict[Kind, type[Request]] = {
    Kind.IMAGE: ImageRequest,
    Kind.VIDEO: VideoRequest,
    Kind.AUDIO: AudioRequest,
    Kind.LLM: TextRequest,
}
METADATA_BYTES = 16 * 1024


class Problem(NamedTuple):
    """A problem with one field. An empty `field` means the whole request."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


def is_blank(text: str) -> bool:
    """Whether no character of the text is visible: only spaces, control and joining characters, and blank letters."""
    return re.search(NOT_BLANK, text) is None


# In the syntax that Python shares with JavaScript (with its `u` flag), because the input schema publishes it.
NOT_BLANK = (
    r"[^\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def digest(kind: Kind, request: Request) -> str:
    """The SHA-256 of a request, as hex: equal for equal requests, whatever the order of the fields in the body, and
    whether its text is to be handed on: who lost a stream may ask for the same answer at once."""
    if isinstance(request, TextRequest):
        request = msgspec.structs.replace(request, stream=None)
    return hashlib.sha256(kind.encode() + msgspec.json.encode(request, order="deterministic")).hexdigest()
