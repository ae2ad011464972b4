"""Images in OpenAI's form: what is asked for, and the answer, which streams the files out of the store."""

import base64
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from api.openai.fields import OpenAIRequest, Parameters, Translated, size_fields, translated
from domain.base import Value
from domain.model import ModelSpec
from projections.task_view import Media, TaskView


class OpenAIImageRequest(OpenAIRequest, kw_only=True):
    """Images to make."""

    prompt: Annotated[str, Meta(description="What to show", examples=["a lighthouse at dawn"])]
    model: (
        Annotated[str, Meta(description="Which model; the default one when left out", examples=["sandbox/image"])]
        | None
    ) = None
    n: Annotated[int, Meta(ge=1, description="How many; 1 when left out", examples=[1])] | None = None
    size: (
        Annotated[
            str,
            Meta(description="One of the model's sizes in pixels; `auto` is its usual one", examples=["1024x1024"]),
        ]
        | None
    ) = None
    response_format: (
        Annotated[
            Literal["b64_json", "url"],
            Meta(description="The files themselves, or where they are; the files when left out", examples=["url"]),
        ]
        | None
    ) = None


class OpenAIImageEdit(OpenAIImageRequest, kw_only=True):
    """Images to make after others."""

    image: Annotated[
        list[str],
        Meta(
            min_length=1,
            max_length=16,
            description="The images, as files; several as `image[]`",
            examples=[["(a file)"]],
            extra_json_schema={
                "items": {"type": "string", "contentMediaType": "application/octet-stream"},
            },
        ),
    ]


class OpenAIImage(Value, omit_defaults=True):
    """One image."""

    b64_json: Annotated[str | None, Meta(description="The file, in base64", examples=["iVBORw0KGgo="])] = None
    url: Annotated[
        str | None, Meta(description="Where it is; it does not expire", examples=["http://localhost:8000/api/v1/…"])
    ] = None


class OpenAIImages(Value, omit_defaults=True):
    """The images that were made: fewer than `n` where the provider left some out."""

    created: Annotated[int, Meta(description="When, in seconds of the Unix epoch", examples=[1770804030])]
    data: Annotated[list[OpenAIImage], Meta(description="The images")]
    output_format: Annotated[
        str | None, Meta(description="The format of the files, where all have the same", examples=["png"])
    ] = None
    size: Annotated[
        str | None, Meta(description="Pixels, as measured, where all have the same", examples=["1024x1024"])
    ] = None


_ONE_FORMAT: Final = "the model decides on the format; leave it out"
PARAMETERS: Final = Parameters(
    meaningless={
        "background": ("auto",),
        "moderation": ("auto",),
        "quality": ("auto",),
        "stream": (False, "false"),
        "partial_images": (0, "0"),
    },
    refused={
        "background": "Pixel has no such choice; leave it out",
        "complexity": "Pixel has no such choice; leave it out",
        "frame_count": _ONE_FORMAT,
        "frame_duration_ms": _ONE_FORMAT,
        "input_fidelity": "Pixel has no such choice; leave it out",
        "markup": "Pixel takes no markup; leave it out",
        "mask": "Pixel takes no masks; leave it out",
        "moderation": "the provider decides; leave it out",
        "output_compression": _ONE_FORMAT,
        "output_format": _ONE_FORMAT,
        "partial_images": "images come whole; leave it out",
        "quality": "each model has one quality; leave it out, or choose another model",
        "stream": "images come whole; leave it out",
        "style": "say it in the prompt; leave it out",
        "svg": _ONE_FORMAT,
        "image": "send images to /v1/images/edits",
    },
)
NAMES: Final = {"imageInputs": "image", "resolution": "size", "aspectRatio": "size"}


def to_body(asked: OpenAIImageRequest, model: str, spec: ModelSpec | None) -> Translated:
    """Pixel's request for the same images. `spec` is that of the model, where it is known. Raises Rejected."""
    fields: dict[str, Any] = {"prompt": asked.prompt, "model": model, "n": asked.n, **size_fields(spec, asked.size)}
    if isinstance(asked, OpenAIImageEdit):
        fields["imageInputs"] = asked.image
    return translated(asked, fields, NAMES)


def with_urls(view: TaskView) -> bytes:
    """The answer with the addresses of a view that has whole ones."""
    return msgspec.json.encode(_head(view, [OpenAIImage(url=image.url) for image in made(view)]))


def made(view: TaskView) -> Sequence[Media]:
    """The images of a completed task."""
    return (view.result.images if view.result else None) or ()


def _head(view: TaskView, data: list[OpenAIImage]) -> OpenAIImages:
    images = made(view)
    formats = {(image.media_type or "").removeprefix("image/") for image in images}
    sizes = {f"{image.width}x{image.height}" for image in images if image.width}
    return OpenAIImages(
        created=int((view.finished_at or view.updated_at).timestamp()),
        data=data,
        output_format=formats.pop() if len(formats) == 1 else None,
        size=sizes.pop() if len(sizes) == 1 else None,
    )


async def with_files(view: TaskView, read: Callable[[Media], AsyncIterator[bytes]]) -> AsyncGenerator[bytes]:
    """The answer with the files in it, a piece at a time: it never is in memory as a whole."""
    images = made(view)
    first, *others = msgspec.json.encode(_head(view, [OpenAIImage(b64_json="") for _ in images])).split(_GAP)
    yield first
    for image, rest in zip(images, others, strict=True):
        yield _GAP
        async for piece in _in_base64(read(image)):
            yield piece
        yield rest


_GAP: Final = b'"b64_json":"'


async def _in_base64(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """The pieces in base64, which makes four characters of three bytes."""
    left = b""
    async for piece in pieces:
        data = left + piece
        whole = len(data) - len(data) % 3
        left = data[whole:]
        yield base64.b64encode(data[:whole])
    yield base64.b64encode(left)
