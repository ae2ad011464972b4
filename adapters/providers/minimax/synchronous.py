"""What does MiniMax return in the answer? Images, speech and chat: each is one request that may cost money.

A lost answer can't be looked up."""

from typing import Any, Final

from adapters.outbound.client import Reply
from adapters.providers import openai_chat
from adapters.providers.minimax.errors import decode_success, is_explicit_success, refused
from adapters.providers.openai_stream import folded
from adapters.providers.sightings import output, unreadable_output
from adapters.providers.tolerant_reader import count, counts
from application.ports import OnText
from domain.base import Value, replace
from domain.provider import Finished, Missing, Order, Output, Refused, Sighting

# docs/providers/minimax.md#limits-and-lifetimes
_IMAGE_SECONDS = 24 * 3600.0  # lifetime of image URLs
_THINKS: Final = "<think>"
_MAX_SPOKEN_LETTERS: Final = 256 * 1024
_BLOCKED = "MiniMax's filter held it back."
_EMPTY = "MiniMax gave nothing."
_MEASURED: Final[tuple[str, ...]] = ("usage_characters", "audio_length", "word_count")


# --- Images ---


class _Urls(Value):
    image_urls: Any = None
    image_base64: Any = None


class _Counts(Value):
    """Counts, as text or as numbers."""

    success_count: Any = None
    failed_count: Any = None


class _Images(Value):
    data: _Urls = _Urls()
    metadata: _Counts = _Counts()


def image_result(order: Order, reply: Reply) -> Sighting:
    """The sighting for an image answer. The filter blocks single images, so fewer than ordered are common.

    An image that is counted as made, or can't be read, was paid for."""
    answer = decode_success(reply, _Images)
    if answer is None:
        return refused(reply)
    listed = [(each, False) for each in _listed(answer.data.image_urls)]
    listed = listed or [(each, True) for each in _listed(answer.data.image_base64)]
    ordered = int(order.params.get("n") or 1)
    made = max(len(listed), min(count(answer.metadata.success_count) or 0, ordered))
    blocked = min(count(answer.metadata.failed_count) or 0, ordered)
    if not made and not is_explicit_success(reply):
        return refused(reply)
    if not made and blocked:
        return Refused(
            code="content_rejected_output",
            message=_BLOCKED,
            charged="unknown",
            provider_code="failed_count",
            provider_message=f"failed_count {blocked}",
        )
    read = [output(at, each, inline=inline) for at, (each, inline) in enumerate(listed)]
    read += [None] * (made - len(listed))
    return Finished(
        outputs=tuple(each for each in read if each),
        missing=(
            *(unreadable_output(at) for at, each in enumerate(read) if not each),
            *(_missing(at, blocked=at < made + blocked) for at in range(made, ordered)),
        ),
        usage={"image": made, "success_count": made, "failed_count": blocked},
        expires_seconds=_IMAGE_SECONDS,
    )


def _listed(value: object) -> list[str]:
    """The texts of a list, or a single text; "" for elements that are no text."""
    items: list[Any] = value if isinstance(value, list) else [value] if value else []  # pyright: ignore[reportUnknownVariableType]
    return [each if isinstance(each, str) else "" for each in items]


def _missing(index: int, *, blocked: bool) -> Missing:
    if blocked:
        return Missing(index=index, code="content_rejected_output", message=_BLOCKED)
    return Missing(index=index, code="empty", message=_EMPTY)


# --- Speech ---


class _Audio(Value):
    audio: Any = None


class _Speech(Value):
    data: _Audio = _Audio()
    extra_info: Any = None


def speech_result(reply: Reply) -> Sighting:
    """The sighting for a speech answer. The audio is hexadecimal, else base64 or a URL."""
    answer = decode_success(reply, _Speech)
    if answer is None or not (answer.data.audio or is_explicit_success(reply)):
        return refused(reply)
    measured = counts(answer.extra_info)
    usage = {name: measured[name] for name in _MEASURED if name in measured}
    if "usage_characters" in measured:
        usage["character"] = measured["usage_characters"]
    if not answer.data.audio:
        return Finished(outputs=(), missing=(Missing(index=0, code="empty", message=_EMPTY),), usage=usage)
    speech = _audio(answer.data.audio)
    return Finished(outputs=(speech,) if speech else (), missing=() if speech else (unreadable_output(0),), usage=usage)


def _audio(written: object) -> Output | None:
    text = written if isinstance(written, str) else ""
    try:
        return Output(index=0, data=bytes.fromhex(text)) if text else None
    except ValueError:
        return output(0, text)


# --- Chat ---


class _Flags(Value):
    input_sensitive: bool | None = None
    output_sensitive: bool | None = None


def chat_result(reply: Reply) -> Sighting:
    """The sighting for a chat answer, without the model's reasoning, which some routes leave in the text."""
    whole = folded(reply)
    flags = decode_success(whole, _Flags)
    if flags is None:
        return refused(whole)
    seen = openai_chat.from_wire(reply, refused=refused)
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
    """The text after the reasoning. Reasoning without an end means that no text was written."""
    if not text.lstrip().startswith(_THINKS):
        return text if text.strip() else ""
    _, ended, answer = text.partition("</think>")
    return answer.strip() if ended else ""


class SpokenText:
    """Hands on what is said, without the reasoning before it. What may be the beginning of a reasoning waits."""

    def __init__(self, on_text: OnText) -> None:
        self._on_text = on_text
        self._written = ""
        self._said = 0

    def __call__(self, text: str) -> None:
        if len(self._written) > _MAX_SPOKEN_LETTERS:  # it is read anew with each piece
            return
        self._written += text
        said = "" if _THINKS.startswith(self._written.lstrip()) else _spoken(self._written)
        if len(said) > self._said:
            self._on_text(said[self._said :])
            self._said = len(said)
