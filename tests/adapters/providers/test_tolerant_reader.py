"""Vendors' answers are read by the members that decide, and are stored bounded, clean and without keys."""

import base64
import json
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.client import Reply
from adapters.providers import redaction, sightings
from adapters.providers.redaction import cleaned
from adapters.providers.sightings import accepted_job, address, raw_answer, with_raw_answer
from adapters.providers.tolerant_reader import count, counts, decode, decode_strictly
from domain.base import Value
from domain.model import Kind
from domain.provider import (
    Accepted,
    Finished,
    InDoubt,
    Missing,
    NoVerdict,
    Order,
    Output,
    Refused,
    Sighting,
    Working,
)
from tests.adapters.providers.conformance import spec_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
KEY = "sk-live-0123456789abcdef"


class Usage(Value):
    tokens: int | None = None
    note: str = ""


class Item(Value):
    url: str | None = None
    index: int | None = None


class Shape(Value):
    id: str
    done: bool = False
    share: float | None = None
    items: tuple[Item, ...] = ()
    usage: Usage = Usage()
    any: Any = None
    more: dict[str, int] = {}
    raw: msgspec.Raw = msgspec.Raw(b"null")
    either: str | float | None = None


def read(**members: Any) -> Shape | None:
    return decode(json.dumps(members).encode(), Shape)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"usage": {"tokens": 5.0}}, Shape(id="a", usage=Usage(tokens=5))),
        ({"usage": {"tokens": "5"}}, Shape(id="a", usage=Usage(tokens=5))),
        ({"usage": {"tokens": "5.0"}}, Shape(id="a", usage=Usage(tokens=5))),
        ({"usage": {"tokens": None}}, Shape(id="a")),
        ({"usage": {"tokens": 5.5, "note": "x"}}, Shape(id="a", usage=Usage(note="x"))),
        ({"usage": {"tokens": 10**400, "note": 7}}, Shape(id="a", usage=Usage(note="7"))),
        ({"usage": {"tokens": True}}, Shape(id="a")),
        ({"usage": None}, Shape(id="a")),
        ({"usage": "none"}, Shape(id="a")),
        ({"done": "true"}, Shape(id="a", done=True)),
        ({"done": 1}, Shape(id="a", done=True)),
        ({"done": "perhaps"}, Shape(id="a")),
        ({"share": "0.5"}, Shape(id="a", share=0.5)),
        ({"share": float("nan")}, Shape(id="a")),
        ({"share": "inf"}, Shape(id="a")),
        ({"items": {"url": "u"}}, Shape(id="a", items=(Item(url="u"),))),
        ({"items": [{"url": "u", "index": "0"}]}, Shape(id="a", items=(Item(url="u", index=0),))),
        ({"items": ["u", {"url": "v"}]}, Shape(id="a", items=(Item(), Item(url="v")))),
        ({"items": None}, Shape(id="a")),
        ({"more": {"a": "1", "b": None, "c": 2}}, Shape(id="a", more={"a": 1, "c": 2})),
        ({"either": 7}, Shape(id="a", either=7)),
        ({"either": {"x": 1}}, Shape(id="a")),
        ({"unknown": [1, 2]}, Shape(id="a")),
    ],
)
def test_optional_members_are_read_as_far_as_possible(members: dict[str, Any], expected: Shape) -> None:
    """An odd member costs at most itself, and its readable value is used."""
    assert read(id="a", **members) == expected


@pytest.mark.parametrize(("given", "expected"), [(7, "7"), (7.0, "7"), ("7", "7"), (12345678901234567890, None)])
def test_an_id_may_be_a_number(given: object, expected: str | None) -> None:
    """Some vendors change the type of their ids."""
    found = read(id=given)
    assert found is not None
    assert found.id == (expected or str(given))


@pytest.mark.parametrize("given", [None, True, {"a": 1}, ["a"]])
def test_an_unreadable_required_member_is_no_answer(given: object) -> None:
    """A member without a default decides: no value is assumed for it."""
    assert read(id=given) is None
    assert decode(b"{}", Shape) is None


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"<html>", b'{"id"', b'"id"', b"\xff\xfe", b"[" * 100_000])
def test_json_that_is_no_object_is_no_answer(body: bytes) -> None:
    """The reader ends on every input."""
    assert decode(body, Shape) is None
    assert decode_strictly(body, Shape) is None


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"id": "a"}',
        '{"id": "a"}'.encode("utf-16"),
        b'\n\r\n {"id": "a"}\n',
        b'{"id": "a", "share": NaN}',
        b'{"id": "a", "share": Infinity}',
        b'{"id": "b", "id": "a"}',
        b'{"id": "a"} trailing',
        b'{"id": "a", "any": "\\ud83d"}',
        b'{"id": "a", "any": "\xff"}',
        b'{"id": "a", "share": ' + b"9" * 5000 + b"}",
    ],
)
def test_json_of_every_kind_is_read(body: bytes) -> None:
    """BOM, UTF-16, NaN, duplicate members, lone surrogates, numbers of too many digits."""
    found = decode(body, Shape)
    assert found is not None
    assert found.id == "a"


def test_raw_parts_survive() -> None:
    """A raw part stays readable later, with all odd characters."""
    found = decode(b'{"id": 1, "raw": {"text": "\\ud83d", "n": 1}}', Shape)
    assert found is not None
    assert json.loads(bytes(found.raw)) == {"text": "\ud83d", "n": 1}


def test_where_absence_decides_no_element_is_dropped() -> None:
    """A list with an unreadable element is no list, so that nothing seems absent."""
    body = b'[{"id": "a"}, {"id": null}]'
    assert decode_strictly(body, tuple[Shape, ...]) is None
    assert decode_strictly(b'\xef\xbb\xbf[{"id": "a"}]', tuple[Shape, ...]) == (Shape(id="a"),)


NAMES = st.sampled_from(["id", "items", "usage", "tokens", "url", "index", "more", "raw", "any", "done"])
ANYTHING: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@given(ANYTHING)
def test_no_json_breaks_the_reader(value: object) -> None:
    """Every JSON becomes a struct that can be encoded again, or nothing."""
    found = decode(json.dumps(value).encode(), Shape)
    assert found is None or isinstance(found, Shape)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((5, 5), (5.0, 5), (4.2, 5), ("4", 4), ("4.2", 5), (0, 0), (2**53, 2**53)),
        *((None, None), (True, None), (-1, None), ("", None), ("x", None), ([], None), ({}, None)),
        *((10**400, None), (float("nan"), None), (float("inf"), None), (2**53 + 1, None)),
    ],
)
def test_a_count_is_a_count(value: object, expected: int | None) -> None:
    """A count comes from numbers and from text, rounded up, and from nothing else."""
    assert count(value) == expected
    assert counts({"a": value}) == ({} if expected is None else {"a": expected})
    assert counts(value) == {}


# --- Outputs ---

ENCODED = base64.b64encode(PNG).decode()
LINES = "\r\n".join(ENCODED[start : start + 76] for start in range(0, len(ENCODED), 76))


@pytest.mark.parametrize(
    "text",
    [
        ENCODED,
        ENCODED.rstrip("="),
        ENCODED.replace("+", "-").replace("/", "_"),
        LINES,
        f"  {ENCODED}\n",
        f"data:image/png;base64,{ENCODED}",
        f"DATA:;BASE64,{LINES}",
        f"data:image/png;base64,{ENCODED.replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}",
    ],
)
@pytest.mark.parametrize("inline", [False, True])
def test_media_in_the_answer_are_read_in_every_form(text: str, inline: bool) -> None:
    """In every member."""
    assert sightings.output(3, text, inline=inline) == Output(index=3, data=PNG)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example/x.png", "https://a.example/x.png"),
        (" HTTPS://a.example/x.png\n", "HTTPS://a.example/x.png"),
        ("https://a.example/a b.png?n=ä", "https://a.example/a%20b.png?n=%C3%A4"),
        ("https://a.example/a%20b.png?s=a%2Bb", "https://a.example/a%20b.png?s=a%2Bb"),
        ("https://a.example/x.p\r\nng", "https://a.example/x.png"),
        ("/files/abcd", "/files/abcd"),
        ("//a.example/x.png", "//a.example/x.png"),
    ],
)
def test_addresses_are_read_in_every_form(text: str, url: str) -> None:
    """With blanks, line breaks and invalid characters; encoded characters stay encoded."""
    assert sightings.output(0, text) == Output(index=0, url=url)
    assert address(text) == url


@pytest.mark.parametrize("text", [None, "", "  ", "data:", "data:image/png;base64,%%%", "soon"])
def test_a_value_that_is_no_output_is_none(text: str | None) -> None:
    """It is reported as unreadable, and not fetched."""
    assert sightings.output(0, text) is None


def test_an_unknown_kind_of_file_is_read_where_files_are_expected() -> None:
    """Raw audio has no signature at its beginning."""
    data = bytes(range(100))
    assert sightings.output(0, base64.b64encode(data).decode(), inline=True) == Output(index=0, data=data)


# --- Unreadable answers ---


def reply(body: bytes, status: int = 200) -> Reply:
    return Reply(status, httpx.Headers({"content-type": "application/json"}), body)


def test_an_answer_is_stored_with_what_may_name_the_job() -> None:
    """With a job id from an unreadable answer a person can ask the vendor."""
    body = b'{"object": "generation.task", "id": "gen-1", "data": [{"taskId": 7, "n": 1}], "video_id": ""}'
    raw = raw_answer(reply(body))
    assert (raw.status, raw.bytes, raw.media_type) == (200, len(body), "application/json")
    assert raw.body == body.decode()
    assert raw.ids == {"id": "gen-1", "taskId": "7"}


def test_a_job_without_a_usable_id_is_a_doubt_with_its_answer() -> None:
    """It was accepted and may be paid for, and can't be polled."""
    assert accepted_job("job-1", reply(b"{}")) == Accepted(job="job-1")
    for name in (None, "", "x" * 2_000_000, "a\x00b", "a\ud83d"):
        seen = accepted_job(name, reply(b'{"id": 1}'))
        assert isinstance(seen, InDoubt)
        assert seen.answer is not None


def test_only_an_unreadable_result_stores_the_answer() -> None:
    """A failed query has no answer to store, and a result needs none."""
    there, lost = Output(index=0, url="https://a"), Missing(index=0, code="unreadable", message="")
    unclear, doubt = NoVerdict(reason="?"), InDoubt(reason="?")
    for seen in (unclear, doubt, Finished(outputs=()), Finished(outputs=(there,), missing=(lost,))):
        clean = with_raw_answer(seen, reply(b"{}"))
        assert isinstance(clean, NoVerdict | InDoubt | Finished)
        assert clean.answer is not None
    clear: list[Sighting] = [Finished(outputs=(there,)), Working(), Refused(code="x", message="")]
    assert [with_raw_answer(seen, reply(b"{}")) for seen in clear] == clear
    assert with_raw_answer(unclear, reply(b"{}", 502)) == unclear


# --- Stored answers ---


def order() -> Order:
    return Order(
        task_id="t",
        call_id="t.1",
        kind=Kind.LLM,
        model="dashscope/qwen-plus",
        spec=spec_of(next(iter(SPECS))),
        params={"prompt": "a secret garden", "messages": [{"role": "user", "content": "an old diary"}]},
    )


SPECS = ("dashscope/qwen-image",)


def test_nothing_from_a_provider_is_unbounded_or_unclean() -> None:
    """U+0000, lone surrogates, megabytes and 400 digits; a key in a code; a prompt in a code."""
    private = redaction.private_texts(order())
    assert set(private) == {"a secret garden", "an old diary"}
    seen = Refused(
        code="x" * 2_000_000,
        message=f"\x00 bad key {KEY} \ud83d" + "m" * 2_000_000,
        provider_code=f"no {KEY}: a secret garden\n",
        provider_message=f"Bearer {KEY}",
    )
    clean = cleaned(seen, (KEY,), private)
    assert len(clean.code) == redaction.MAX_CODE_LETTERS
    assert len(clean.message) <= redaction.MAX_MESSAGE_LETTERS
    assert "\x00" not in clean.message
    assert clean.provider_code == "no ***: ***"
    assert KEY not in repr(clean)
    msgspec.json.encode(clean)


def test_a_part_of_a_prompt_is_no_code() -> None:
    """A part cut off by the vendor or by us is hidden; a single word in common is no quotation."""
    prompt = "an old  lighthouse\nat dawn, " + "and then the sea " * 1000
    for code in (prompt, f"Invalid: {prompt[:40]} …", "no: an old lighthouse at dawn"):
        clean = cleaned(Refused(code="x", message="", provider_code=code), (KEY,), (prompt,))
        assert clean.provider_code == "***"
    clean = cleaned(Refused(code="x", message="", provider_code="lighthouse.at_dawn"), (KEY,), (prompt,))
    assert clean.provider_code == "lighthouse.at_dawn"


def test_a_key_is_found_in_every_encoding() -> None:
    """With escaped slashes of JSON, and in a URL."""
    key = "a/key+of/slashes=="
    for written in (key, "a\\/key+of\\/slashes==", "a%2Fkey%2Bof%2Fslashes%3D%3D"):
        assert cleaned(NoVerdict(reason=f"bad {written}!"), (key,)).reason == "bad ***!"


@pytest.mark.parametrize("seconds", [-1.0, 1e300, float("inf"), float("nan")])
def test_a_time_beyond_the_calendar_is_dropped(seconds: float) -> None:
    """It would break every step that calculates with it."""
    assert cleaned(Finished(outputs=(), expires_seconds=seconds), ()).expires_seconds is None
    refused = Refused(code="x", message="", retry_after_seconds=seconds)
    assert cleaned(refused, ()).retry_after_seconds is None


def test_an_endless_address_is_dropped() -> None:
    """It could not be fetched, and would stay in the history for ever."""
    for text in ("https://files.example/" + "x" * 2_000_000, "/files/" + "." * 2_000_000):
        assert sightings.output(0, text) is None
    assert sightings.output(0, "https://files.example/" + "x" * 10_000)


def test_results_are_bounded_and_otherwise_untouched() -> None:
    """Outputs over the limit are dropped; the others stay unchanged, except characters that no database stores."""
    text = "sk-like-this-one is fine; \x00 and \ud83d are not"
    url = "https://files.example/eyJhbGciOi.eyJzdWIi.sig?key-0123456789"
    outputs = (Output(index=0, text=text), *(Output(index=n, url=url) for n in range(1, 5000)))
    usage: dict[str, int] = {"image": 1, "huge": 10**400, **{str(n): n for n in range(1000)}}
    clean = cleaned(Finished(outputs=outputs, usage=usage), (KEY,))
    assert len(clean.outputs) == redaction.MAX_OUTPUTS
    assert clean.outputs[0].text == "sk-like-this-one is fine; \ufffd and \ufffd are not"
    assert clean.outputs[1].url == url
    assert clean.usage["image"] == 1
    assert "huge" not in clean.usage
    assert len(clean.usage) <= redaction.MAX_COUNTS
    assert "5000 outputs" in clean.notes[0]


def test_a_stored_answer_holds_no_key() -> None:
    """Also if the cut would leave half of a key."""
    body = b'{"echo": "' + b"x" * (redaction.MAX_ANSWER_LETTERS - 15) + KEY.encode() + b'", "id": "gen-1"}'
    clean = cleaned(InDoubt(reason="?", answer=raw_answer(reply(body))), (KEY,))
    assert clean.answer is not None
    assert len(clean.answer.body) <= redaction.MAX_ANSWER_LETTERS
    assert KEY[:6] not in clean.answer.body
