"""What does a generateContent answer mean? Images, speech and text come with the answer."""

from collections.abc import Mapping

from adapters.media.raw_audio import playable
from adapters.outbound.client import Reply
from adapters.providers.gemini.answer import Answer, Candidate, Content
from adapters.providers.gemini.chat_stream import folded
from adapters.providers.gemini.errors import BLOCKED, refused
from adapters.providers.redaction import redacted
from adapters.providers.sightings import from_base64, unreadable_answer, unreadable_output
from adapters.providers.sse import is_event_stream
from adapters.providers.tolerant_reader import count, counts, decode, members, parsed
from domain.base import replace
from domain.model import Kind
from domain.provider import CUT_OFF, Finished, Missing, Order, Output, Refused, Sighting


def submit_result(order: Order, reply: Reply) -> Sighting:
    """The sighting for a generateContent answer, at once or as a stream. Outputs in it are a result, whatever else it
    holds."""
    if not reply.ok:
        return refused(reply)
    if is_event_stream(reply.body):
        return _stream_result(order, reply)
    answer = decode(reply.body, Answer)
    if answer is None:
        return unreadable_answer(reply)
    if answer.error and not answer.candidates:
        return _error_result(reply, reply.body)
    return _result(order, reply, answer)


def _stream_result(order: Order, reply: Reply) -> Sighting:
    answer, error, is_cut = folded(reply.body)
    if not is_cut:
        return _result(order, reply, answer)
    if any(each.content.text for each in answer.candidates):
        seen = _result(order, reply, answer)
        return replace(seen, notes=(CUT_OFF,)) if isinstance(seen, Finished) else seen
    return unreadable_answer(reply) if error is None or answer.candidates else _error_result(reply, error)


def _error_result(reply: Reply, error: bytes) -> Sighting:
    """An error under a status of success. A server's error leaves a doubt: the work had begun, as far as anybody
    knows."""
    status = count(members(members(parsed(error)).get("error")).get("code")) or 0
    return refused(reply._replace(status=status, body=error)) if 400 <= status < 500 else unreadable_answer(reply)


def _result(order: Order, reply: Reply, answer: Answer) -> Sighting:
    feedback, candidate, outputs, missing = answer.prompt_feedback, Candidate(), list[Output](), list[Missing]()
    for candidate in answer.candidates:
        outputs, missing = _outputs(order.kind, candidate.content)
        if outputs or missing:
            usage = _usage(order.kind, counts(answer.usage_metadata), len(outputs) + len(missing))
            notes = (CUT_OFF,) if order.kind is Kind.LLM and candidate.finish_reason == "MAX_TOKENS" else ()
            return Finished(outputs=tuple(outputs), missing=tuple(missing), usage=usage, notes=notes)
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


def _outputs(kind: Kind, content: Content) -> tuple[list[Output], list[Missing]]:
    if kind is Kind.LLM:
        return ([Output(index=0, text=content.text)] if content.text else []), []
    outputs: list[Output] = []
    missing: list[Missing] = []
    for index, blob in enumerate(part.inline_data for part in content.made if part.inline_data):
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
