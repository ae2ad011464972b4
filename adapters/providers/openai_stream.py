"""How is a chat in OpenAI's format read that comes as a stream? While it comes, for its text; and whole, as an answer.

The result is decided by the whole body only. What is read before is for those who watch."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from adapters.outbound.client import Reply
from adapters.providers.sse import EventReader, documents, is_event_stream
from adapters.providers.tolerant_reader import as_text, count, elements, members, parsed

_DONE: Final = b"[DONE]"
_Chunk = dict[str, Any]


def text_of(content: Any) -> str | None:
    """The text of an answer, or of a piece of it, joined from its parts, without the model's reasoning; None when there
    is none."""
    given = elements(content)
    if given is None:
        return content if isinstance(content, str) else as_text(content)
    parts = [{"text": part} if isinstance(part, str) else members(part) for part in given]
    texts = [part.get("text") for part in parts if part.get("type") not in {"thinking", "reasoning"}]
    known = [text for text in texts if isinstance(text, str)]
    return "".join(known) if known else None


def texts(document: bytes) -> list[tuple[int, str]] | None:
    """The text in one document of a stream, with the index of its choice; None for an error."""
    chunk = members(parsed(document))
    if _is_error(chunk):
        return None
    choices = [(count(choice.get("index")) or 0, members(choice.get("delta"))) for choice in _listed(chunk)]
    return [(index, text) for index, delta in choices if (text := text_of(delta.get("content")))]


class _Choice:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.refusals: list[str] = []
        self.unreadable: Any = None  # content that is no text
        self.whole: _Chunk | None = None  # a message that the vendor sends whole at the end
        self.finish_reason: Any = None

    @property
    def text(self) -> str:
        return "".join(self.texts) or text_of((self.whole or {}).get("content")) or ""

    def add(self, choice: _Chunk) -> None:
        delta = members(choice.get("delta"))
        content = delta.get("content")
        text = text_of(content)
        if text is not None:
            self.texts.append(text)
        elif content is not None:
            self.unreadable = content
        self.refusals.append(as_text(delta.get("refusal")) or "")
        self.whole = members(choice.get("message")) or self.whole
        self.finish_reason = choice.get("finish_reason") or self.finish_reason

    def as_answer(self, *, is_cut: bool) -> _Chunk:
        message = dict(self.whole or {})
        if self.text or (self.texts and self.unreadable is None):
            message["content"] = self.text
        elif self.unreadable is not None:
            message["content"] = self.unreadable
        if refusal := "".join(self.refusals):
            message["refusal"] = refusal
        return {"message": message, "finish_reason": "length" if is_cut else self.finish_reason}


def folded(reply: Reply) -> Reply:
    """The answer as it would have come at once; any other reply as it is.

    An error before any text is the whole answer. Text that ends with an error, or without any end, is an answer that
    was cut off. A stream without an end and without text stays as it is: it can't be read."""
    if not reply.ok or not is_event_stream(reply.body):
        return reply
    events = EventReader(max_bytes=len(reply.body))
    data = [*events.feed(reply.body), *events.end()]
    answer: _Chunk = {}
    choices: dict[int, _Choice] = {}
    error: _Chunk | None = None
    for chunk in _chunks(data):
        if _is_error(chunk):
            error = chunk
            break
        answer |= {name: value for name, value in chunk.items() if name != "choices" and value is not None}
        for choice in _listed(chunk):
            index = count(choice.get("index")) or 0
            choices.setdefault(index, _Choice()).add(choice)
    has_text = any(choice.text for choice in choices.values())
    if error is not None and not has_text:
        return reply._replace(body=json.dumps(error).encode())
    has_end = any(each.strip() == _DONE for each in data) or any(each.finish_reason for each in choices.values())
    if not answer or not (has_end or has_text):
        return reply
    is_cut = error is not None or not has_end
    if choices:
        answer["choices"] = [choice.as_answer(is_cut=is_cut) for choice in choices.values()]
    return reply._replace(body=json.dumps(answer).encode())  # which can write halves of surrogates


def _chunks(events: Iterable[bytes]) -> Iterator[_Chunk]:
    return filter(None, (members(parsed(document)) for document in documents(events)))


def _listed(chunk: _Chunk) -> list[_Chunk]:
    return [members(choice) for choice in elements(chunk.get("choices")) or ()]


def _is_error(chunk: _Chunk) -> bool:
    """Whether an event says that the answer fails: in OpenAI's form, MiniMax's, or with a code of its own."""
    code = count(members(chunk.get("base_resp")).get("status_code"))
    has_own_code = "choices" not in chunk and "code" in chunk and "message" in chunk
    return bool(chunk.get("error")) or bool(code) or has_own_code
