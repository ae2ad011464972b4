"""Speech at OpenAI: the order, and the answer, which is the audio itself."""

import codecs
import re
from typing import Any

from adapters.media.raw_audio import playable
from adapters.outbound.client import Reply
from adapters.providers.openai.errors import error_in, refused
from adapters.providers.openai.requests import Wire
from adapters.providers.sightings import unreadable_answer
from domain.provider import Finished, Order, Output, Sighting

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# docs/providers/openai.md#limits-and-lifetimes
_PCM_RATE = 24_000  # of `response_format: pcm`


def to_wire(order: Order, wire: Wire) -> dict[str, Any]:
    """The body of a speech order."""
    params = order.params
    optional = {
        "voice": params.get("voice") or next((voice.id for voice in order.spec.voices or ()), None),
        "speed": params.get("speed"),
        "response_format": wire.response_format,
    }
    own = {"model": wire.model, "input": params["prompt"]}
    return wire.more | own | {name: value for name, value in optional.items() if value is not None}


def submit_result(reply: Reply, *, secrets: tuple[str, ...] = ()) -> Sighting:
    """The sighting for an answer: audio, or an error as text. The answer holds no usage.

    The content decides, not the media type, because gateways label audio as text and errors as audio."""
    if reply.ok and reply.body and not _is_text(reply.body):
        audio = playable(reply.headers.get("content-type", ""), reply.body, rate=_PCM_RATE)
        return Finished(outputs=(Output(index=0, data=audio),))
    return refused(reply, secrets=secrets) if not reply.ok or error_in(reply.body) else unreadable_answer(reply)


def _is_text(body: bytes) -> bool:
    """Whether the body is text or JSON; no audio begins so, not even silence."""
    if body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")):
        return True  # in any encoding
    head = codecs.getincrementaldecoder("utf-8")("replace").decode(body[:512])
    return "\ufffd" not in head and not _CONTROL.search(head)
