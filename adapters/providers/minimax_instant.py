"""What MiniMax makes while one waits: pictures, speech, chat. Each is one request that may cost money, and no job.

A lost answer can't be looked up."""

from typing import Any

from adapters.http import Reply
from adapters.providers import chat
from adapters.providers.base import extra, wire_of
from adapters.providers.minimax_common import Wire, link, refused, yes
from adapters.providers.reading import unreadable
from domain import offer
from domain.base import Value, replace
from domain.provider import Finished, Missing, Order, Output, Refused, Sighting

_IMAGE_SECONDS = 24 * 3600.0  # so long live the addresses of pictures
_BLOCKED = "MiniMax's filter held it back."
_EMPTY = "MiniMax gave nothing."


# --- Pictures ---


class _Urls(Value):
    image_urls: tuple[str, ...] | None = None


class _Counts(Value):
    """Numbers that come as text, or as numbers."""

    success_count: int | str = 0
    failed_count: int | str = 0


class _Images(Value):
    data: _Urls | None = None
    metadata: _Counts | None = None


def image_to_wire(order: Order) -> dict[str, Any]:
    """The body of a picture request. A reference is the person or thing that shall appear."""
    params = order.params
    ratio = params.get("aspectRatio") or offer.default_ratio(
        order.spec, offer.aspect_ratios(order.spec, params.get("resolution"))
    )
    optional = {
        "aspect_ratio": ratio,
        "seed": extra(order).get("seed"),
        "subject_reference": [{"type": "character", "image_file": link(picture)} for picture in order.inputs] or None,
    }
    return {
        "model": wire_of(order.spec, Wire).model,
        "prompt": params["prompt"],
        "n": params.get("n") or 1,
        "response_format": "url",
        "prompt_optimizer": False,
        "aigc_watermark": False,
    } | {name: value for name, value in optional.items() if value is not None}


def image_from_wire(order: Order, reply: Reply) -> Sighting:
    """What the answer says. Fewer pictures than asked for is usual: the filter blocks single ones."""
    answer = yes(reply, _Images)
    if answer is None:
        return refused(reply)
    urls = (answer.data.image_urls if answer.data else None) or ()
    blocked = _number(answer.metadata.failed_count) if answer.metadata else 0
    asked = int(order.params.get("n") or 1)
    if not urls and blocked:
        return Refused(
            code="content_rejected_output",
            message=_BLOCKED,
            charged="unknown",
            provider_code="failed_count",
            provider_message=f"failed_count {blocked}",
        )
    missing = tuple(
        Missing(index=index, code="content_rejected_output", message=_BLOCKED)
        if index < len(urls) + blocked
        else Missing(index=index, code="empty", message=_EMPTY)
        for index in range(len(urls), asked)
    )
    return Finished(
        outputs=tuple(Output(index=index, url=url) for index, url in enumerate(urls)),
        missing=missing,
        usage={"image": len(urls), "success_count": len(urls), "failed_count": blocked},
        expires_seconds=_IMAGE_SECONDS,
    )


def _number(count: int | str) -> int:
    return int(count) if str(count).isdecimal() else 0


# --- Speech ---


class _Sound(Value):
    audio: str | None = None


class _About(Value):
    audio_length: int | None = None
    usage_characters: int | None = None
    word_count: int | None = None


class _Speech(Value):
    data: _Sound | None = None
    extra_info: _About | None = None


def speech_to_wire(order: Order) -> dict[str, Any]:
    """The body of a speech request: the sound whole, and in the answer."""
    wire, params = wire_of(order.spec, Wire), order.params
    voice = params.get("voice") or next((voice.id for voice in order.spec.voices or ()), None)
    speed = params.get("speed")
    return {
        "model": wire.model,
        "text": params["prompt"],
        "stream": False,
        "output_format": "hex",
        "voice_setting": {"voice_id": voice} | ({"speed": speed} if speed is not None else {}),
        "audio_setting": {"format": wire.audio_format},
    }


def speech_from_wire(reply: Reply) -> Sighting:
    """What the answer says. The sound is in hexadecimal digits, whatever it may look like."""
    answer = yes(reply, _Speech)
    if answer is None:
        return refused(reply)
    about = answer.extra_info or _About()
    measured = {
        "character": about.usage_characters,
        "usage_characters": about.usage_characters,
        "audio_length": about.audio_length,
        "word_count": about.word_count,
    }
    usage = {unit: count for unit, count in measured.items() if count is not None}
    digits = answer.data.audio if answer.data else None
    if not digits:
        return Finished(outputs=(), missing=(Missing(index=0, code="empty", message=_EMPTY),), usage=usage)
    try:
        sound = bytes.fromhex(digits)
    except ValueError:
        return unreadable(reply)
    return Finished(outputs=(Output(index=0, data=sound),), usage=usage)


# --- Chat ---


class _Flags(Value):
    input_sensitive: bool | None = None
    output_sensitive: bool | None = None


def chat_to_wire(order: Order) -> dict[str, Any] | Refused:
    """The body of a chat request, or why there is none."""
    wire, temperature = wire_of(order.spec, Wire), order.params.get("temperature")
    if temperature is not None and not 0 < temperature <= 1:
        return Refused(code="provider_rejected", message="MiniMax takes a temperature above 0 and up to 1.")
    more = {"thinking": {"type": wire.thinking}} if wire.thinking else {}
    return chat.to_wire(order, model=wire.model, max_tokens_field="max_completion_tokens", more=more)


def chat_from_wire(reply: Reply) -> Sighting:
    """What the answer says: its text without the thoughts before it, which some routes leave in."""
    flags = yes(reply, _Flags)
    if flags is None:
        return refused(reply)
    seen = chat.from_wire(reply, refused=refused)
    if not isinstance(seen, Finished):
        return seen
    text = _spoken(seen.outputs[0].text or "") if seen.outputs else ""
    if text:
        return replace(seen, outputs=(Output(index=0, text=text),))
    if flags.input_sensitive or flags.output_sensitive:
        return Refused(
            code="content_rejected_input" if flags.input_sensitive else "content_rejected_output",
            message="MiniMax's filter held the answer back.",
            charged="yes" if seen.usage else "unknown",
            provider_code="input_sensitive" if flags.input_sensitive else "output_sensitive",
        )
    nothing = Missing(index=0, code="empty", message="MiniMax wrote nothing, or its tokens went into thinking.")
    return replace(seen, outputs=(), missing=(nothing,))


def _spoken(text: str) -> str:
    """An answer without its thoughts. Thoughts without an end mean that the answer was never begun."""
    if not text.lstrip().startswith("<think>"):
        return text if text.strip() else ""
    _, ended, answer = text.partition("</think>")
    return answer.strip() if ended else ""
