"""How a chat is read that comes as a stream: while it comes, and whole."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.client import Reply
from adapters.providers.minimax.synchronous import SpokenText, chat_result
from adapters.providers.openai_chat import from_wire
from adapters.providers.openai_stream import folded
from adapters.providers.openai_stream import texts as texts_in
from adapters.providers.redaction import TextCleaner, cleaned
from adapters.providers.sightings import unreadable_answer
from adapters.providers.sse import EventReader, TextReader, is_event_stream
from domain.provider import CUT_OFF, Finished, InDoubt, Output, Refused, Sighting

SECRET = "sk-proj-0123456789/abcdef"
texts = st.lists(st.text(alphabet='ab ü多😀\n"\\', min_size=1, max_size=8), min_size=1, max_size=12)
cuts = st.lists(st.integers(0, 4000), max_size=20)


def reply(body: bytes, status: int = 200) -> Reply:
    return Reply(status, httpx.Headers({"content-type": "text/event-stream"}), body)


def chunk(content: object, **more: Any) -> dict[str, Any]:
    return {"id": "c1", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": None} | more]}


END = {"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE = {"id": "c1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
FAILS = {"error": {"message": "no", "code": "x"}}


def stream(*events: object, end: str = "\n\n", done: bool = True) -> bytes:
    """Events as bytes; text as it is."""
    lines = [event if isinstance(event, str) else "data: " + json.dumps(event, ensure_ascii=False) for event in events]
    return "".join(line + end for line in [*lines, *(["data: [DONE]"] if done else [])]).encode()


def in_pieces(body: bytes, places: Sequence[int]) -> list[bytes]:
    """The body, cut at these places."""
    at = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[begin:end] for begin, end in pairwise(at)]


def handed_on(pieces: Sequence[bytes]) -> str:
    """The text that is handed on while these pieces come."""
    found: list[str] = []
    reader = TextReader(found.append, texts_in)
    for piece in pieces:
        reader(piece)
    return "".join(found)


def seen(body: bytes) -> Sighting:
    """What the whole body means; a refusal names the error."""

    def refused(answer: Reply) -> Sighting:
        error = json.loads(answer.body).get("error")
        return Refused(code=error["code"], message="no") if error else unreadable_answer(answer)

    return from_wire(reply(body), refused=refused)


def said(body: bytes) -> str | None:
    """The text of the result."""
    found = seen(body)
    assert isinstance(found, Finished), found
    return found.outputs[0].text


@given(texts, cuts, st.sampled_from(["\n\n", "\r\n\r\n", "\r\r"]))
def test_however_the_bytes_are_cut_the_text_is_the_same(written: list[str], places: list[int], end: str) -> None:
    """Within characters, between the bytes of a line end: what is handed on is the text of the result."""
    body = stream(*map(chunk, written), END, USAGE, end=end)
    assert handed_on(in_pieces(body, places)) == said(body) == "".join(written)


@given(st.binary(max_size=200), cuts)
def test_whatever_comes_nothing_is_raised(body: bytes, places: list[int]) -> None:
    """Bytes of any kind: the reader stays silent, and the reply as it is where it is no stream."""
    handed_on(in_pieces(b"data: " + body, places))
    handed_on(in_pieces(body, places))
    came = reply(body)
    assert is_event_stream(body) or folded(came) is came
    if body.isascii() and b"{" not in body:
        seen(body)


FORMS: dict[str, bytes] = {
    "comments and keep-alives": stream(": keep-alive", chunk("a "), ":", "", chunk("b"), END),
    "a byte order mark": b"\xef\xbb\xbf" + stream(chunk("a "), chunk("b"), END),
    "blank lines first": b"\r\n\n  " + stream(chunk("a "), chunk("b"), END),
    "no blank after data": stream(chunk("a "), chunk("b"), END).replace(b"data: ", b"data:"),
    "data of several lines": stream(chunk("a "), "data: {\ndata: " + json.dumps(chunk("b"))[1:], END),
    "no blank lines": stream(chunk("a "), chunk("b"), END, end="\n"),
    "other fields": stream("event: message\nid: 7\nretry: 3\ndata: " + json.dumps(chunk("a ")), chunk("b"), END),
    "unknown events": stream(chunk("a "), "event: ping\ndata: {}", "data: 7", "data: no JSON", chunk("b"), END),
    "no [DONE]": stream(chunk("a "), chunk("b"), END, done=False),
    "no line end at the end": stream(chunk("a "), chunk("b"), END, done=False).rstrip(),
    "no finish_reason": stream(chunk("a "), chunk("b")),
    "reasoning": stream({"choices": [{"delta": {"reasoning_content": "hm"}}]}, chunk("a "), chunk("b"), END),
    "reasoning as parts": stream(
        chunk([{"type": "thinking", "text": "hm"}]), chunk([{"type": "text", "text": "a b"}]), END
    ),
    "the message again": stream(
        chunk("a "), chunk("b"), END, {"choices": [{"message": {"content": "a b"}, "finish_reason": "stop"}]}
    ),
    "halves of a surrogate": stream(chunk("a "), 'data: {"choices": [{"delta": {"content": "b"}}]}', END),
    "another choice": stream(chunk("a "), chunk("c", index=1), chunk("b"), END),
    "a content of null": stream(chunk(None), chunk("a "), chunk("b"), END),
}


@pytest.mark.parametrize("form", FORMS)
def test_unusual_streams_are_read(form: str) -> None:
    """Each form is the same text, complete."""
    body = FORMS[form]
    assert is_event_stream(body)
    found = seen(body)
    assert isinstance(found, Finished)
    assert (said(body), found.notes) == ("a b", ())
    if form != "no blank lines":  # nobody knows that an event is over
        assert handed_on([body]) == "a b"


def test_the_tokens_are_read() -> None:
    """The usage of the last chunk, whose choices are empty, is that of the result."""
    found = seen(stream(chunk("a"), END, USAGE))
    assert isinstance(found, Finished)
    assert (found.usage["input_token"], found.usage["output_token"]) == (3, 4)


def test_an_error_before_the_text_is_the_whole_answer() -> None:
    """It is the vendor's refusal, as if it had come alone."""
    for body in (stream(FAILS), stream(chunk(""), FAILS, done=False)):
        found = seen(body)
        assert isinstance(found, Refused), found
        assert found.code == "x"
        assert handed_on([body]) == ""


@pytest.mark.parametrize("body", [stream(chunk("a b"), FAILS, chunk("c")), stream(chunk("a b"), done=False)])
def test_what_was_written_before_the_end_broke_off_is_kept(body: bytes) -> None:
    """After an error, or without any end, the text so far is a result, which says that it was cut off."""
    found = seen(body)
    assert isinstance(found, Finished)
    assert (said(body), handed_on([body]), found.notes) == ("a b", "a b", (CUT_OFF,))


@pytest.mark.parametrize("body", [b": ping\n\n", b"data: {}\n\n", stream(chunk(""), done=False), b'data: {"cho'])
def test_a_stream_of_nothing_is_a_doubt(body: bytes) -> None:
    """Neither text nor end: nobody knows what was done, and the answer is kept as it came."""
    found = seen(body)
    assert isinstance(found, InDoubt), found
    assert found.answer
    assert found.answer.bytes == len(body)


def test_an_answer_that_came_at_once_stays_as_it_is() -> None:
    """A vendor may answer an order for a stream without one."""
    body = json.dumps({"choices": [{"message": {"content": "a: b"}, "finish_reason": "stop"}]}).encode()
    assert folded(reply(body)).body is body
    assert (said(body), handed_on([body])) == ("a: b", "")
    assert folded(reply(stream(FAILS), 500)).body == stream(FAILS)


def test_an_endless_event_ends_the_reading() -> None:
    """The memory of the reader is bounded: whoever sends no line end is not read on."""
    reader = EventReader(max_bytes=100)
    assert reader.feed(b"data: 1\n\ndata: " + b"x" * 60) == [b"1"]
    assert reader.feed(b"x" * 60) == []
    assert reader.feed(b"\n\ndata: 2\n\n") == []


@given(st.lists(st.sampled_from(["sk-proj-", "0123456789/", "abcdef", "abc", "x", " ", "\x00", "\ud83d"]), max_size=30))
def test_what_is_handed_on_is_cleaned_as_the_result_is(written: list[str]) -> None:
    """A key that a provider repeats, in however many pieces, is never handed on, nor is what can't be stored."""
    found: list[str] = []
    cleaner = TextCleaner(found.append, (SECRET,))
    for text in written:
        cleaner(text)
    whole = cleaned(Output(index=0, text="".join(written)), (SECRET,)).text or ""
    assert whole.startswith("".join(found))
    assert len(whole) - len("".join(found)) < len(SECRET) + 2  # more can't be the beginning of a key


@given(
    st.lists(st.sampled_from(["<think>", "<th", "ink>", "</think>", "</", "think>", "word", " ", "\n"]), max_size=20)
)
def test_reasoning_is_not_handed_on(written: list[str]) -> None:
    """What MiniMax thinks aloud waits until it is known to be over; what is said is a beginning of the result."""
    found: list[str] = []
    spoken = SpokenText(found.append)
    for text in written:
        spoken(text)
    body = json.dumps({"choices": [{"message": {"content": "".join(written)}, "finish_reason": "stop"}]}).encode()
    result = chat_result(reply(body))
    text = (result.outputs[0].text or "") if isinstance(result, Finished) and result.outputs else ""
    assert text.startswith("".join(found))
