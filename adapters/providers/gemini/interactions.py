"""Videos at the Gemini API as background interactions, which replaced its operations in October 2026."""

import re
from typing import Any, Literal

from adapters.outbound.client import Reply, base64_of
from adapters.providers import sightings
from adapters.providers.gemini.errors import BLOCKED, query_refused, refused
from adapters.providers.redaction import redacted
from adapters.providers.sightings import JobStatus, job_status, output, unreadable_output
from adapters.providers.tolerant_reader import count, counts, decode, elements, members
from domain import capabilities
from domain.base import Value
from domain.provider import (
    CancelResult,
    Finished,
    Gone,
    Input,
    Missing,
    NoVerdict,
    Order,
    Refused,
    Sighting,
    Working,
)

# docs/providers/gemini.md#limits-and-lifetimes
FILES_LIVE_SECONDS = 2 * 24 * 3600.0
# The schema that is read here. A later one would make a video that is paid for unreadable.
REVISION = "2026-05-20"
NAME = re.compile(r"[A-Za-z0-9][\w-]*")
"""The pattern of an interaction's id, which becomes a part of a URL."""

# docs/providers/gemini.md#status-words
# An interaction that waits for input waits for ever, because Pixel sends no tools and no further input.
_ENDS: dict[str, JobStatus] = dict.fromkeys(
    ("incomplete", "budget_exceeded", "requires_action", "requires_continuation", "idle"), "failed"
)
_UNITS: dict[str, str] = {"input_token": "total_input_tokens", "output_token": "total_output_tokens"}
_NOT_MADE = {"user_input", "thought"}
_NO_VIDEO = {"text", "image", "audio", "document", "thought"}
_UNKNOWN_NAME = "Invalid interaction name"


class _Error(Value):
    code: str | int | None = None
    message: str = ""


class _Content(Value):
    type: str = ""
    text: str | None = None
    uri: str | None = None
    data: str | None = None


class _Step(Value):
    type: str = ""
    content: tuple[_Content, ...] = ()


class _Interaction(Value):
    id: str = ""
    status: str | None = None
    steps: tuple[_Step, ...] = ()
    error: _Error | None = None
    errors: tuple[_Error, ...] = ()
    usage: Any = None


def to_wire(order: Order, model: str, images: Literal["frame", "references"]) -> dict[str, Any]:
    """The body of an order."""
    params = order.params
    response_format = {
        "type": "video",
        "delivery": "uri",
        "aspect_ratio": capabilities.aspect_ratio(order.spec, params),
        "resolution": capabilities.resolution(order.spec, params.get("resolution")),
        # Google refuses a bare number.
        "duration": f"{capabilities.seconds(order.spec, params) or 0:g}s",
    }
    from_images = {"frame": "image_to_video", "references": "reference_to_video"}[images]
    task = from_images if order.inputs else "text_to_video"
    text = {"type": "text", "text": params["prompt"]}
    return {
        "model": model,
        "input": [*map(_image, order.inputs), text] if order.inputs else params["prompt"],
        "background": True,
        "response_format": response_format,
        "generation_config": {"video_config": {"task": task}},
    }


def _image(given: Input) -> dict[str, str]:
    return {
        "type": "image",
        "data": base64_of(given.data),
        "mime_type": given.media_type or "image/png",
    }


def submit_result(reply: Reply) -> Sighting:
    """The sighting for the answer to an order."""
    if not reply.ok:
        return refused(reply)
    interaction = decode(reply.body, _Interaction)
    name = interaction.id if interaction and NAME.fullmatch(interaction.id) else None
    return sightings.accepted_job(name, reply)


def poll_result(order: Order, reply: Reply) -> Sighting:
    """The sighting for the answer to a query. A video in the answer ends the job, whatever its status."""
    if not reply.ok:
        if reply.status == 400 and _UNKNOWN_NAME.encode() in reply.body:
            return Gone(message="Google says that it has no such interaction.", provider_code="invalid_name")
        return query_refused(reply)
    interaction = decode(reply.body, _Interaction)
    if interaction is None:
        return NoVerdict(reason="an answer that is no interaction")
    status, done = job_status(interaction.status, _ENDS), _completed(order, interaction)
    if done.outputs or status == "done":
        return done
    match status:
        case "queued" | "running":
            return Working(phase=status)
        case None:
            return NoVerdict(reason=f"an unknown status: {redacted(interaction.status)[:40]}")
        case _:
            return _failed(interaction, status)


def _failed(interaction: _Interaction, status: JobStatus) -> Refused:
    """A failed interaction. Whether it is billed is not documented."""
    error = next(iter(interaction.errors), interaction.error or _Error())
    code: str = status if status in {"cancelled", "expired"} else "generation_failed"
    if str(error.code).upper() in BLOCKED:
        code = "content_rejected_output"
    return Refused(
        code=code,
        message="Google could not make it." if code != "cancelled" else "It was cancelled.",
        charged="unknown",
        provider_code=redacted(error.code or interaction.status),
        provider_message=redacted(error.message),
    )


def _completed(order: Order, interaction: _Interaction) -> Finished:
    contents = [content for step in interaction.steps if step.type not in _NOT_MADE for content in step.content]
    videos = [content for content in contents if content.type not in _NO_VIDEO and (content.uri or content.data)]
    counted = counts(interaction.usage)
    usage = {name: counted[name] for name in _UNITS.values() if name in counted}
    usage |= {unit: counted[name] for unit, name in _UNITS.items() if name in counted}
    if videos:
        read = [output(at, video.uri) or output(at, video.data, inline=True) for at, video in enumerate(videos)]
        return Finished(
            outputs=tuple(video for video in read if video),
            missing=tuple(unreadable_output(at) for at, video in enumerate(read) if not video),
            usage=usage,
            expires_seconds=FILES_LIVE_SECONDS,
        )
    modalities = map(members, elements(members(interaction.usage).get("output_tokens_by_modality")) or ())
    if any(count(each.get("tokens")) for each in modalities if str(each.get("modality")).lower() == "video"):
        lost = Missing(index=0, code="unreadable", message="A video was made, and is not where it was expected.")
        billed = {"second": int(capabilities.seconds(order.spec, order.params) or 0)}
        return Finished(outputs=(), missing=(lost,), usage=usage | billed)
    words = redacted("".join(content.text or "" for content in contents))
    nothing = Missing(index=0, code="empty", message=f"The model made no video. {words}".strip())
    return Finished(outputs=(), missing=(nothing,), usage=usage)


def cancel_result(reply: Reply) -> CancelResult:
    """The result of a cancel request."""
    interaction = decode(reply.body, _Interaction) if reply.ok else None
    status = job_status(interaction.status) if interaction else None
    if status == "cancelled":
        return CancelResult(outcome="confirmed", message="Google cancelled the interaction.")
    if status == "done":
        return CancelResult(outcome="too_late", message="It was done already.", charged="yes")
    return CancelResult(outcome="unknown", message=f"Google did not confirm it (HTTP {reply.status}).")
