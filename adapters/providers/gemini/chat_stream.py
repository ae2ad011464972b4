"""How is a chat read that Google streams? Each event is an answer with the parts that are new, and the tokens so far.

An error comes as an event, or as plain JSON between events, which ends the stream without an end."""

from typing import NamedTuple

from adapters.providers.gemini.answer import Answer, Candidate, Content, Part
from adapters.providers.sse import EventReader, documents
from adapters.providers.tolerant_reader import counts, decode


class Streamed(NamedTuple):
    """A whole stream. `answer` is what would have come at once. `error` is the event that ended it, as JSON. `is_cut`:
    it ended by an error, or without saying that this is the end."""

    answer: Answer
    error: bytes | None
    is_cut: bool


def texts(document: bytes) -> list[tuple[int, str]] | None:
    """The text in one event, with the index of its candidate; None for an error."""
    answer = decode(document, Answer) or Answer()
    if answer.error:
        return None
    return [(each.index, text) for each in answer.candidates if (text := each.content.text)]


def folded(body: bytes) -> Streamed:
    """The whole stream as one answer."""
    events = EventReader(max_bytes=len(body))
    parts: dict[int, list[Part]] = {}
    last: dict[int, Candidate] = {}
    feedback, usage, error = None, dict[str, int](), None
    for event in documents([*events.feed(body), *events.end()]):
        answer = decode(event, Answer) or Answer()
        if answer.error:
            error = event
            break
        for each in answer.candidates:
            parts.setdefault(each.index, []).extend(each.content.parts)
            if each.finish_reason or each.index not in last:
                last[each.index] = each
        feedback = answer.prompt_feedback or feedback
        usage |= counts(answer.usage_metadata)
    candidates = tuple(
        Candidate(
            index=index,
            content=Content(parts=tuple(parts[index])),
            finish_reason=each.finish_reason,
            finish_message=each.finish_message,
        )
        for index, each in last.items()
    )
    has_end = any(each.finish_reason for each in candidates) or bool(feedback and feedback.block_reason)
    whole = Answer(candidates=candidates, prompt_feedback=feedback, usage_metadata=usage)
    return Streamed(whole, error, is_cut=error is not None or not has_end)
