"""Films at the Gemini API as interactions, in the background: what replaced its operations in October 2026."""

import re
from base64 import b64encode
from typing import Any

from adapters.http import Reply
from adapters.providers.gemini_refusals import BLOCKED, refused, unanswered
from adapters.providers.reading import decoded, said, unreadable
from domain import offer
from domain.base import Value
from domain.provider import (
    Accepted,
    CancelAnswer,
    Finished,
    Gone,
    Input,
    Missing,
    Order,
    Output,
    Refused,
    Sighting,
    Unclear,
    Working,
)

FILES_LIVE_SECONDS = 2 * 24 * 3600.0
NAME = re.compile(r"[A-Za-z0-9][\w-]*")
"""What the id of an interaction looks like: it becomes a part of an address."""

_WORKING = {"queued": "queued", "in_progress": "running"}
_FAILED = {"failed", "incomplete", "budget_exceeded", "cancelled"}
_UNKNOWN_NAME = "Invalid interaction name"


class _Error(Value):
    code: str | int | None = None
    message: str = ""


class _Content(Value):
    type: str = ""
    text: str | None = None
    uri: str | None = None
    data: bytes | None = None


class _Step(Value):
    type: str = ""
    content: tuple[_Content, ...] = ()


class _Modality(Value):
    modality: str = ""
    tokens: int = 0


class _Usage(Value):
    total_input_tokens: int = 0
    total_output_tokens: int = 0
    output_tokens_by_modality: tuple[_Modality, ...] = ()


class _Interaction(Value):
    id: str = ""
    status: str | None = None
    steps: tuple[_Step, ...] = ()
    error: _Error | None = None
    errors: tuple[_Error, ...] = ()
    usage: _Usage | None = None


def to_wire(order: Order, model: str) -> dict[str, Any]:
    """The body of an order. A reference picture is the first frame."""
    params = order.params
    sizes = offer.aspect_ratios(order.spec, params.get("resolution"))
    wanted = {
        "type": "video",
        "delivery": "uri",
        "aspect_ratio": params.get("aspectRatio") or offer.default_ratio(order.spec, sizes),
        "resolution": offer.resolution(order.spec, params.get("resolution")),
        # A duration as Google writes them: with a bare number the request is refused.
        "duration": f"{offer.seconds(order.spec, params) or 0:g}s",
    }
    task = "image_to_video" if order.inputs else "text_to_video"
    text = {"type": "text", "text": params["prompt"]}
    return {
        "model": model,
        "input": [*map(_picture, order.inputs), text] if order.inputs else params["prompt"],
        "background": True,
        "response_format": wanted,
        "generation_config": {"video_config": {"task": task}},
    }


def _picture(given: Input) -> dict[str, str]:
    return {
        "type": "image",
        "data": b64encode(given.data).decode(),
        "mime_type": given.media_type or "image/png",
    }


def accepted(reply: Reply) -> Sighting:
    """What the answer to an order says."""
    if not reply.ok:
        return refused(reply)
    interaction = decoded(reply.body, _Interaction)
    if interaction is None or not NAME.fullmatch(interaction.id):
        return unreadable(reply)
    return Accepted(job=interaction.id)


def from_wire(order: Order, reply: Reply) -> Sighting:
    """What the answer to a question after an interaction says."""
    if not reply.ok:
        if reply.status == 400 and _UNKNOWN_NAME.encode() in reply.body:
            return Gone(message="Google does not have the interaction any more.", provider_code="invalid_name")
        return unanswered(reply)
    interaction = decoded(reply.body, _Interaction)
    if interaction is None or interaction.status is None:
        return Unclear(reason="an answer that is no interaction")
    if interaction.status in _WORKING:
        return Working(phase=_WORKING[interaction.status])
    if interaction.status in _FAILED:
        return _failed(interaction, interaction.status)
    if interaction.status != "completed":
        return Unclear(reason=f"an unknown status: {said(interaction.status)[:40]}")
    return _completed(order, interaction)


def _failed(interaction: _Interaction, status: str) -> Refused:
    """Whether what failed is billed is written nowhere."""
    error = next(iter(interaction.errors), interaction.error or _Error())
    code = "cancelled" if status == "cancelled" else "generation_failed"
    if str(error.code).upper() in BLOCKED:
        code = "content_rejected_output"
    return Refused(
        code=code,
        message="Google could not make it." if code != "cancelled" else "It was cancelled.",
        charged="unknown",
        provider_code=said(error.code or status)[:100],
        provider_message=said(error.message),
    )


def _completed(order: Order, interaction: _Interaction) -> Finished:
    contents = [content for step in interaction.steps if step.type == "model_output" for content in step.content]
    films = [content for content in contents if content.type == "video" and (content.uri or content.data)]
    used = interaction.usage or _Usage()
    usage = {
        "input_token": used.total_input_tokens,
        "output_token": used.total_output_tokens,
        "total_input_tokens": used.total_input_tokens,
        "total_output_tokens": used.total_output_tokens,
    }
    if films:
        outputs = tuple(
            Output(index=index, url=film.uri) if film.uri else Output(index=index, data=film.data or b"")
            for index, film in enumerate(films)
        )
        return Finished(outputs=outputs, usage=usage, expires_seconds=FILES_LIVE_SECONDS)
    if any(count.tokens for count in used.output_tokens_by_modality if count.modality.lower() == "video"):
        lost = Missing(index=0, code="unreadable", message="A video was made, and is not where it was expected.")
        billed = {"second": int(offer.seconds(order.spec, order.params) or 0)}
        return Finished(outputs=(), missing=(lost,), usage=usage | billed)
    words = said("".join(content.text or "" for content in contents))
    nothing = Missing(index=0, code="empty", message=f"The model made no video. {words}".strip())
    return Finished(outputs=(), missing=(nothing,), usage=usage)


def cancelled(reply: Reply) -> CancelAnswer:
    """What the answer to a wish to stop says."""
    interaction = decoded(reply.body, _Interaction) if reply.ok else None
    if interaction and interaction.status == "cancelled":
        return CancelAnswer(outcome="confirmed", message="Google cancelled the interaction.")
    if interaction and interaction.status == "completed":
        return CancelAnswer(outcome="too_late", message="It was done already.", charged="yes")
    return CancelAnswer(outcome="unknown", message=f"Google did not confirm it (HTTP {reply.status}).")
