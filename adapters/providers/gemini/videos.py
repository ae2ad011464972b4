"""Videos at Google as long-running operations: `predictLongRunning`, and the two ways to poll one.

The Gemini API no longer takes them; Vertex, and gateways that speak the same protocol, do."""

import re
from typing import Any

from adapters.outbound.client import Reply, base64_of
from adapters.providers import sightings
from adapters.providers.gemini.errors import query_refused, refused
from adapters.providers.redaction import redacted
from adapters.providers.sightings import output, unreadable_output
from adapters.providers.tolerant_reader import count, decode, members
from domain import capabilities
from domain.base import Value
from domain.provider import (
    Finished,
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
NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)+")
"""The pattern of an operation's name, which becomes a part of a URL."""

_INVALID_ARGUMENT = 3
_CANCELLED = 1


class _File(Value, rename="camel"):
    uri: str | None = None
    gcs_uri: str | None = None
    bytes_base64_encoded: str | None = None


class _Sample(Value):
    video: _File = _File()


class _Videos(Value, rename="camel"):
    generated_samples: tuple[_Sample, ...] = ()
    videos: tuple[_File, ...] = ()
    rai_media_filtered_count: Any = None
    rai_media_filtered_reasons: tuple[str, ...] = ()


class _Response(_Videos, kw_only=True, rename="camel"):
    generate_video_response: _Videos | None = None


class _Operation(Value):
    name: str | None = None
    done: bool | None = None
    error: Any = None
    response: _Response = _Response()


def to_wire(order: Order) -> dict[str, Any]:
    """The body of an order. Reference images are the first and the last frame."""
    params = order.params
    level = capabilities.resolution(order.spec, params.get("resolution"))
    frames = dict(zip(("image", "lastFrame"), map(_image, order.inputs), strict=False))
    optional = {
        "aspectRatio": capabilities.aspect_ratio(order.spec, params),
        "durationSeconds": int(capabilities.seconds(order.spec, params) or 0) or None,
        "resolution": level,
        "negativePrompt": params.get("negativePrompt"),
        "sampleCount": params.get("n") or 1,
    }
    return {
        "instances": [{"prompt": params["prompt"]} | frames],
        "parameters": {name: value for name, value in optional.items() if value is not None},
    }


def submit_result(reply: Reply) -> Sighting:
    """The sighting for the answer to an order."""
    if not reply.ok:
        return refused(reply)
    operation = decode(reply.body, _Operation)
    name = operation.name or "" if operation else ""
    return sightings.accepted_job(name if NAME.fullmatch(name) else None, reply)


def poll_result(order: Order, reply: Reply) -> Sighting:
    """The sighting for the answer to a query. A video in the answer ends the job, done or not."""
    if not reply.ok:
        return query_refused(reply)
    operation = decode(reply.body, _Operation)
    if operation is None:
        return NoVerdict(reason="an answer that is no operation")
    seen = _finished(order, operation.response.generate_video_response or operation.response)
    if isinstance(seen, Finished) and seen.outputs:
        return seen
    if operation.error and operation.done is not False:
        return _failed(operation.error)
    return seen if operation.done else Working(phase="running")


def _failed(error: object) -> Refused:
    """An operation that ended in an error. Whether it is billed is not documented."""
    fields = members(error)
    number = count(fields.get("code"))
    code = {_INVALID_ARGUMENT: "provider_rejected", _CANCELLED: "cancelled"}.get(number or 0, "generation_failed")
    return Refused(
        code=code,
        message="Google could not make it.",
        charged="unknown",
        provider_code=f"grpc {number}",
        provider_message=redacted(fields.get("message") if fields else error),
    )


def _finished(order: Order, videos: _Videos) -> Sighting:
    files = (*(sample.video for sample in videos.generated_samples), *videos.videos)
    filtered = bool(count(videos.rai_media_filtered_count))
    why = redacted("; ".join(videos.rai_media_filtered_reasons))
    if not files and filtered:
        return Refused(
            code="content_rejected_output",
            message="Google's filter held the video back.",
            charged="unknown",
            provider_code="raiMediaFiltered",
            provider_message=why,
        )
    read = [
        output(index, file.uri) or output(index, file.bytes_base64_encoded, inline=True)
        for index, file in enumerate(files)
    ]
    missing = [
        _missing(index, files[index] if index < len(files) else None, why if filtered else None)
        for index in range(max(int(order.params.get("n") or 1), len(files)))
        if index >= len(files) or read[index] is None
    ]
    outputs = tuple(video for video in read if video)
    return Finished(outputs=outputs, missing=tuple(missing), expires_seconds=FILES_LIVE_SECONDS)


def _missing(index: int, file: _File | None, filtered: str | None) -> Missing:
    if file and file.gcs_uri:
        return Missing(index=index, code="fetch_failed", message="The video was put into a bucket that can't be read.")
    if file:
        return unreadable_output(index)
    if filtered is not None:
        return Missing(
            index=index, code="content_rejected_output", message=filtered or "Google's filter held the video back."
        )
    return Missing(index=index, code="empty", message="The operation ended without this video.")


def _image(given: Input) -> dict[str, str]:
    return {"bytesBase64Encoded": base64_of(given.data), "mimeType": given.media_type or "image/png"}
