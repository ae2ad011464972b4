"""Videos in OpenAI's form: what is asked for, and a task as a video."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from api.openai.fields import OpenAIBody, OpenAIRequest, Parameters, Translated, size_fields, translated, wrong
from domain import capabilities
from domain.base import Value
from domain.model import ModelSpec
from domain.task.state import Status
from projections.task_view import Media, TaskView

# --- What is asked for ---


class OpenAIImageReference(OpenAIBody):
    """An image at an address."""

    image_url: Annotated[
        str,
        Meta(
            description="An http or https URL, or the id or the address of an image that Pixel keeps",
            examples=["https://example.com/first-frame.jpg"],
        ),
    ]


class OpenAIVideoRequest(OpenAIRequest, kw_only=True):
    """A video to make."""

    prompt: Annotated[str, Meta(description="What happens", examples=["a cat playing with a ball"])]
    model: (
        Annotated[str, Meta(description="Which model; the default one when left out", examples=["sandbox/video"])]
        | None
    ) = None
    seconds: (
        Annotated[str | int, Meta(description="One of the model's durations, in seconds", examples=["5"])] | None
    ) = None
    size: Annotated[str, Meta(description="One of the model's sizes in pixels", examples=["1280x720"])] | None = None
    input_reference: (
        Annotated[str | OpenAIImageReference, Meta(description="The first frame: a file, or an address")] | None
    ) = None


PARAMETERS: Final = Parameters(meaningless={}, refused={})
NAMES: Final = {
    "duration": "seconds",
    "resolution": "size",
    "aspectRatio": "size",
    "imageInputs": "input_reference",
}


def to_body(asked: OpenAIVideoRequest, model: str, spec: ModelSpec | None) -> Translated:
    """Pixel's request for the same video. `spec` is that of the model, where it is known. Raises Rejected."""
    reference = asked.input_reference
    image = reference.image_url if isinstance(reference, OpenAIImageReference) else reference
    fields: dict[str, Any] = {
        "prompt": asked.prompt,
        "model": model,
        "duration": _duration(asked.seconds, spec),
        "imageInputs": None if image is None else [image],
        **size_fields(spec, asked.size),
    }
    return translated(asked, fields, NAMES)


def _duration(seconds: str | int | None, spec: ModelSpec | None) -> str | None:
    if seconds is None:
        return None
    duration, offered = f"{seconds}s", list((spec and spec.durations) or ())
    if offered and duration not in offered:
        choices = ", ".join(each.removesuffix("s") for each in offered)
        raise wrong("seconds", f"'{str(seconds)[:64]}' is not offered; choose one of {choices}")
    return duration


# --- A task as a video ---


class OpenAIVideoError(Value):
    """Why it was not made."""

    code: Annotated[str, Meta(description="Why, for programs", examples=["content_rejected_input"])]
    message: Annotated[str, Meta(description="Why, for people", examples=["The provider does not make this."])]


class OpenAIVideo(Value):
    """A video, or what is to become one. It does not expire."""

    id: Annotated[str, Meta(description="The task's id", examples=["task_abc123"])]
    object: Annotated[Literal["video"], Meta(description="Always this word", examples=["video"])]
    model: Annotated[str, Meta(description="Which model", examples=["sandbox/video"])]
    status: Annotated[
        Literal["queued", "in_progress", "completed", "failed"], Meta(description="Where it is", examples=["completed"])
    ]
    progress: Annotated[int, Meta(description="Percent; 0 while the provider does not say", examples=[100])]
    created_at: Annotated[int, Meta(description="When, in seconds of the Unix epoch", examples=[1770804000])]
    completed_at: Annotated[
        int | None, Meta(description="When it was done, in seconds of the Unix epoch", examples=[1770804030])
    ]
    expires_at: Annotated[None, Meta(description="Always null", examples=[None])]
    prompt: Annotated[str, Meta(description="What was asked for", examples=["a cat playing with a ball"])]
    size: Annotated[
        str | None, Meta(description="Pixels: as measured, or before that as asked for", examples=["1280x720"])
    ]
    seconds: Annotated[
        str | None, Meta(description="Seconds: as measured, or before that as asked for", examples=["5"])
    ]
    remixed_from_video_id: Annotated[None, Meta(description="Always null", examples=[None])]
    error: Annotated[OpenAIVideoError | None, Meta(description="Why it was not made")]


class OpenAIVideoPage(Value):
    """A page of videos, newest first."""

    object: Annotated[Literal["list"], Meta(description="Always this word", examples=["list"])]
    data: Annotated[list[OpenAIVideo], Meta(description="The videos")]
    first_id: Annotated[str | None, Meta(description="The first of them", examples=["task_abc123"])]
    last_id: Annotated[
        str | None, Meta(description="The last of them: `after` for the next page", examples=["task_abc"])
    ]
    has_more: Annotated[bool, Meta(description="Whether there is a next page", examples=[False])]


class OpenAIVideoDeleted(Value):
    """What came of a wish to stop. Pixel keeps the task, as it keeps all."""

    id: Annotated[str, Meta(description="The task's id", examples=["task_abc123"])]
    object: Annotated[Literal["video.deleted"], Meta(description="Always this word", examples=["video.deleted"])]
    deleted: Annotated[
        bool, Meta(description="Whether it is stopped; false while the provider has not said so", examples=[True])
    ]


_STATUSES: Final[dict[Status, Literal["queued", "in_progress", "completed", "failed"]]] = {
    Status.NEW: "queued",
    Status.PENDING: "queued",
    Status.PROCESSING: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
}


def video(view: TaskView, spec: ModelSpec | None) -> OpenAIVideo:
    """A task as a video. `spec` is that of its model, where it is still known."""
    done = view.status is Status.COMPLETED
    width, height = _pixels(view, spec)
    return OpenAIVideo(
        id=view.id,
        object="video",
        model=view.served_by or view.model,
        status=_STATUSES[view.status],
        progress=100 if done else view.progress or 0,
        created_at=int(view.created_at.timestamp()),
        completed_at=int(view.finished_at.timestamp()) if done and view.finished_at else None,
        expires_at=None,
        prompt=str(view.params.get("prompt", "")),
        size=f"{width}x{height}" if width else None,
        seconds=_seconds(view, spec),
        remixed_from_video_id=None,
        error=OpenAIVideoError(code=view.error.code, message=view.error.message) if view.error else None,
    )


def page(views: Sequence[OpenAIVideo], *, has_more: bool) -> OpenAIVideoPage:
    """A page of videos."""
    first, last = (views[0].id, views[-1].id) if views else (None, None)
    return OpenAIVideoPage(object="list", data=[*views], first_id=first, last_id=last, has_more=has_more)


def made(view: TaskView) -> Media | None:
    """The video of a task; None while there is none."""
    return next(iter((view.result.videos if view.result else None) or ()), None)


def _pixels(view: TaskView, spec: ModelSpec | None) -> tuple[int | None, int | None]:
    found = made(view)
    if found and found.width:
        return found.width, found.height
    return (spec and capabilities.pixels(spec, view.params)) or (None, None)


def _seconds(view: TaskView, spec: ModelSpec | None) -> str | None:
    found = made(view)
    seconds = (found and found.duration) or (spec and capabilities.seconds(spec, view.params))
    return f"{round(seconds, 3):g}" if seconds else None
