"""Speech at OpenAI: the order, and the audio that is the answer."""

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
_PCM_RATE = 24_000  # of `response_format: pcm`, as OpenAI documents it


def to_wire(order: Order, wire: Wire) -> dict[str, Any]:
    """The body of an order for speech."""
    params = order.params
    optional = {
        "voice": params.get("voice") or next((voice.id for voice in order.spec.voices or ()), None),
        "speed": params.get("speed"),
        "response_format": wire.response_format,
    }
    own = {"model": wire.model, "input": params["prompt"]}
    return wire.more | own | {name: value for name, value in optional.items() if value is not None}


def submit_result(reply: Reply, *, secrets: tuple[str, ...] = ()) -> Sighting:
    """What the answer says: the sound itself, or an error as text. How much it was is not told.

    What it is called does not matter: gateways call a sound text, and an error a sound."""
    if reply.ok and reply.body and not _is_text(reply.body):
        sound = playable(reply.headers.get("content-type", ""), reply.body, rate=_PCM_RATE)
        return Finished(outputs=(Output(index=0, data=sound),))
    return refused(reply, secrets=secrets) if not reply.ok or error_in(reply.body) else unreadable_answer(reply)


def _is_text(body: bytes) -> bool:
    """Whether it is for people or programs to read: no sound begins so, not even one that is silent."""
    if body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")):
        return True  # in whatever encoding
    head = codecs.getincrementaldecoder("utf-8")("replace").decode(body[:512])
    return "\ufffd" not in head and not _CONTROL.search(head)
