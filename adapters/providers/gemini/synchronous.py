"""What does a generateContent answer say? Images, speech and text come with the answer."""

from collections.abc import Mapping
from typing import Any

from adapters.media.raw_audio import playable
from adapters.outbound.client import Reply
from adapters.providers.gemini.errors import BLOCKED, refused
from adapters.providers.redaction import redacted
from adapters.providers.sightings import from_base64, unreadable_answer, unreadable_output
from adapters.providers.tolerant_reader import counts, decode
from domain.base import Value
from domain.model import Kind
from domain.provider import Finished, Missing, Order, Output, Refused, Sighting


class _Blob(Value, rename="camel"):
    mime_type: str = ""
    data: str = ""


class _Part(Value, rename="camel"):
    text: str | None = None
    inline_data: _Blob | None = None
    thought: bool = False


class _Content(Value):
    parts: tuple[_Part, ...] = ()


class _Candidate(Value, rename="camel"):
    content: _Content = _Content()
    finish_reason: str | None = None
    finish_message: str | None = None


class _Feedback(Value, rename="camel"):
    block_reason: str | None = None
    block_reason_message: str | None = None


class _Answer(Value, rename="camel"):
    candidates: tuple[_Candidate, ...] = ()
    prompt_feedback: _Feedback | None = None
    usage_metadata: Any = None


def submit_result(order: Order, reply: Reply) -> Sighting:
    """The sighting for a generateContent answer. Outputs in it are a result, whatever else it holds."""
    if not reply.ok:
        return refused(reply)
    answer = decode(reply.body, _Answer)
    if answer is None:
        return unreadable_answer(reply)
    feedback, candidate, outputs, missing = answer.prompt_feedback, _Candidate(), list[Output](), list[Missing]()
    for candidate in answer.candidates:
        parts = [part for part in candidate.content.parts if not part.thought]
        outputs, missing = _outputs(order.kind, parts)
        if outputs or missing:
            usage = _usage(order.kind, counts(answer.usage_metadata), len(outputs) + len(missing))
            return Finished(outputs=tuple(outputs), missing=tuple(missing), usage=usage)
    if feedback and feedback.block_reason:
        return _blocked("content_rejected_input", feedback.block_reason, feedback.block_reason_message)
    if not answer.candidates:
        return unreadable_answer(reply)
    reason = candidate.finish_reason or "no finishReason"
    if reason in BLOCKED:
        return _blocked("content_rejected_output", reason, candidate.finish_message)
    words = redacted(candidate.finish_message or "".join(part.text or "" for part in candidate.content.parts))
    nothing = Missing(index=0, code=reason, message=f"The model made nothing ({reason}). {words}".strip())
    return Finished(outputs=(), missing=(nothing,), usage=_usage(order.kind, counts(answer.usage_metadata), 0))


def _blocked(code: str, reason: str, words: str | None) -> Refused:
    """A block. Whether it is billed is not documented."""
    by = "the request" if code == "content_rejected_input" else "the result"
    return Refused(
        code=code,
        message=f"Google's filter held {by} back.",
        charged="unknown",
        provider_code=reason,
        provider_message=redacted(words),
    )


def _outputs(kind: Kind, parts: list[_Part]) -> tuple[list[Output], list[Missing]]:
    if kind is Kind.LLM:
        text = "".join(part.text or "" for part in parts)
        return ([Output(index=0, text=text)] if text else []), []
    outputs: list[Output] = []
    missing: list[Missing] = []
    for index, blob in enumerate(part.inline_data for part in parts if part.inline_data):
        data = from_base64(blob.data)
        if data:
            data = playable(blob.mime_type, data) if kind is Kind.AUDIO else data
            outputs.append(Output(index=index, data=data))
        else:
            missing.append(unreadable_output(index))
    return outputs, missing


_TOKENS = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount")


def _usage(kind: Kind, counted: Mapping[str, int], made: int) -> dict[str, int]:
    """Reasoning tokens are billed as output. A count that Google omits is not 0."""
    usage = {name: counted[name] for name in _TOKENS if name in counted}
    if "promptTokenCount" in counted:
        usage["input_token"] = counted["promptTokenCount"]
    if "candidatesTokenCount" in counted or "thoughtsTokenCount" in counted:
        usage["output_token"] = counted.get("candidatesTokenCount", 0) + counted.get("thoughtsTokenCount", 0)
    return usage | ({"image": made} if kind is Kind.IMAGE else {})
