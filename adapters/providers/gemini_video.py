"""Films at Google as long-running operations: `predictLongRunning`, and the two ways of asking after one.

The Gemini API itself does not take them any more; Vertex and gateways that speak like either do."""

import re
from base64 import b64encode
from typing import Any

from adapters.http import Reply
from adapters.providers.gemini_refusals import refused, unanswered
from adapters.providers.reading import decoded, said, unreadable
from domain import offer
from domain.base import Value
from domain.provider import (
    Accepted,
    Finished,
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
NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)+")
"""What the name of an operation looks like: it becomes a part of an address."""

_INVALID_ARGUMENT = 3
_CANCELLED = 1


class _File(Value, rename="camel"):
    uri: str | None = None
    gcs_uri: str | None = None
    bytes_base64_encoded: bytes | None = None


class _Sample(Value):
    video: _File


class _Films(Value, rename="camel"):
    generated_samples: tuple[_Sample, ...] = ()
    videos: tuple[_File, ...] = ()
    rai_media_filtered_count: int = 0
    rai_media_filtered_reasons: tuple[str, ...] = ()


class _Response(_Films, kw_only=True, rename="camel"):
    generate_video_response: _Films | None = None


class _Error(Value):
    code: int = 0
    message: str = ""


class _Operation(Value):
    name: str | None = None
    done: bool = False
    error: _Error | None = None
    response: _Response | None = None


def to_wire(order: Order) -> dict[str, Any]:
    """The body of an order. Reference pictures are the first frame, and the last."""
    params = order.params
    level = offer.resolution(order.spec, params.get("resolution"))
    sizes = offer.aspect_ratios(order.spec, params.get("resolution"))
    frames = dict(zip(("image", "lastFrame"), map(_picture, order.inputs), strict=False))
    optional = {
        "aspectRatio": params.get("aspectRatio") or offer.default_ratio(order.spec, sizes),
        "durationSeconds": int(offer.seconds(order.spec, params) or 0) or None,
        "resolution": level,
        "negativePrompt": params.get("negativePrompt"),
        "sampleCount": params.get("n") or 1,
    }
    return {
        "instances": [{"prompt": params["prompt"]} | frames],
        "parameters": {name: value for name, value in optional.items() if value is not None},
    }


def accepted(reply: Reply) -> Sighting:
    """What the answer to an order says."""
    if not reply.ok:
        return refused(reply)
    operation = decoded(reply.body, _Operation)
    if operation is None or not NAME.fullmatch(operation.name or ""):
        return unreadable(reply)
    return Accepted(job=operation.name or "")


def from_wire(order: Order, reply: Reply) -> Sighting:
    """What the answer to a question after an operation says."""
    if not reply.ok:
        return unanswered(reply)
    operation = decoded(reply.body, _Operation)
    if operation is None:
        return Unclear(reason="an answer that is no operation")
    if not operation.done:
        return Working(phase="running")
    if operation.error:
        return _failed(operation.error)
    response = operation.response or _Response()
    return _finished(order, response.generate_video_response or response)


def _failed(error: _Error) -> Refused:
    """An operation that ended in an error; whether it was billed is written nowhere."""
    code = {_INVALID_ARGUMENT: "provider_rejected", _CANCELLED: "cancelled"}.get(error.code, "generation_failed")
    return Refused(
        code=code,
        message="Google could not make it.",
        charged="unknown",
        provider_code=f"grpc {error.code}",
        provider_message=said(error.message),
    )


def _finished(order: Order, films: _Films) -> Sighting:
    files = (*(sample.video for sample in films.generated_samples), *films.videos)
    found = [file for file in files if file.uri or file.bytes_base64_encoded]
    why = said("; ".join(films.rai_media_filtered_reasons))
    if not files and films.rai_media_filtered_count:
        return Refused(
            code="content_rejected_output",
            message="Google's filter held the video back.",
            charged="unknown",
            provider_code="raiMediaFiltered",
            provider_message=why,
        )
    outputs = tuple(
        Output(index=index, url=file.uri) if file.uri else Output(index=index, data=file.bytes_base64_encoded or b"")
        for index, file in enumerate(found)
    )
    missing = [
        _missing(index, films, any(file.gcs_uri for file in files), why)
        for index in range(len(found), max(int(order.params.get("n") or 1), len(files)))
    ]
    return Finished(outputs=outputs, missing=tuple(missing), expires_seconds=FILES_LIVE_SECONDS)


def _missing(index: int, films: _Films, in_a_bucket: bool, why: str) -> Missing:
    if in_a_bucket:
        return Missing(index=index, code="fetch_failed", message="The video was put into a bucket that can't be read.")
    if films.rai_media_filtered_count:
        return Missing(
            index=index, code="content_rejected_output", message=why or "Google's filter held the video back."
        )
    return Missing(index=index, code="empty", message="The operation ended without this video.")


def _picture(given: Input) -> dict[str, str]:
    return {"bytesBase64Encoded": b64encode(given.data).decode(), "mimeType": given.media_type or "image/png"}
