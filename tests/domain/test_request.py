"""A body is parsed as a request, or as all its problems, or is refused; there is never another error."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import request_parsing
from domain.base import Rejected
from domain.model import Kind
from domain.request import (
    METADATA_BYTES,
    REQUESTS,
    AudioRequest,
    ExtraParams,
    ImageRequest,
    Lora,
    Message,
    Problem,
    TextRequest,
    VideoRequest,
    digest,
    is_blank,
)
from domain.request_parsing import params, parse
from tests.domain.strategies import SCALARS

# The bodies of the contract, field for field.
IMAGE: dict[str, Any] = {
    "prompt": "a beautiful sunset over mountains",
    "model": "dashscope/qwen-image",
    "negativePrompt": "blurry, low quality",
    "resolution": "2K",
    "aspectRatio": "16:9",
    "n": 1,
    "imageInputs": ["https://example.com/ref-image.jpg"],
    "extraParams": {"loras": [{"model": "dashscope/anime-style", "weight": 0.8}]},
    "projectId": "proj_123",
    "source": "canvas",
    "sourceId": "canvas_456",
}
VIDEO: dict[str, Any] = {
    "prompt": "a cat playing with a ball",
    "model": "dashscope/wan2.6-video",
    "negativePrompt": "static, blurry",
    "duration": "5s",
    "resolution": "720p",
    "n": 1,
    "imageInputs": ["https://example.com/first-frame.jpg"],
    "projectId": "proj_123",
}
AUDIO: dict[str, Any] = {
    "prompt": "Hello, welcome to Pixel AI!",
    "model": "volcengine/doubao-tts",
    "voice": "zh_female_qingxin",
    "speed": 1.0,
    "projectId": "proj_123",
}
TEXT: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Write a haiku about the sea."}],
    "model": "dashscope/qwen-plus",
    "system": "You are a poet.",
    "temperature": 0.7,
    "maxTokens": 256,
}
BODIES = {Kind.IMAGE: IMAGE, Kind.VIDEO: VIDEO, Kind.AUDIO: AUDIO, Kind.LLM: TEXT}
SHORT = {"prompt": "a cat", "model": "a/b"}


def encoded(body: object) -> bytes:
    return json.dumps(body).encode()


def problems(body: object, kind: Kind = Kind.IMAGE) -> dict[str, str]:
    """The problems of a request, by field."""
    found = parse(kind, encoded(body)).problems
    assert len({problem.field for problem in found}) == len(found), "a field is reported twice"
    return {problem.field: problem.message for problem in found}


# --- Good requests ---


def test_the_contract_is_read() -> None:
    """Every field of the documented image request arrives."""
    assert parse(Kind.IMAGE, encoded(IMAGE))[:2] == (
        ImageRequest(
            prompt="a beautiful sunset over mountains",
            model="dashscope/qwen-image",
            negative_prompt="blurry, low quality",
            resolution="2K",
            aspect_ratio="16:9",
            n=1,
            image_inputs=["https://example.com/ref-image.jpg"],
            extra_params=ExtraParams(loras=[Lora(model="dashscope/anime-style", weight=0.8)]),
            project_id="proj_123",
            source="canvas",
            source_id="canvas_456",
        ),
        [],
    )


@pytest.mark.parametrize(("kind", "body"), BODIES.items())
def test_every_kind_is_read(kind: Kind, body: dict[str, Any]) -> None:
    """The documented request of every kind has no problem."""
    assert problems(body, kind) == {}


def test_every_kind_has_its_own_fields() -> None:
    """A request is what its endpoint takes."""
    assert parse(Kind.VIDEO, encoded(VIDEO)).request == VideoRequest(
        prompt="a cat playing with a ball",
        model="dashscope/wan2.6-video",
        negative_prompt="static, blurry",
        duration="5s",
        resolution="720p",
        n=1,
        image_inputs=["https://example.com/first-frame.jpg"],
        project_id="proj_123",
    )
    assert parse(Kind.AUDIO, encoded(AUDIO)).request == AudioRequest(
        prompt="Hello, welcome to Pixel AI!",
        model="volcengine/doubao-tts",
        voice="zh_female_qingxin",
        speed=1.0,
        project_id="proj_123",
    )
    assert parse(Kind.LLM, encoded(TEXT)).request == TextRequest(
        messages=[Message(role="user", content="Write a haiku about the sea.")],
        model="dashscope/qwen-plus",
        system="You are a poet.",
        temperature=0.7,
        max_tokens=256,
    )


@pytest.mark.parametrize(("kind", "body"), BODIES.items())
def test_null_is_as_good_as_absent(kind: Kind, body: dict[str, Any]) -> None:
    """A frontend that sends every field, filled in or not, asks for the same as one that leaves the empty ones out."""
    for field in msgspec.structs.fields(REQUESTS[kind]):
        if not field.required:
            name = field.encode_name
            without = {key: value for key, value in body.items() if key != name}
            assert parse(kind, encoded({**body, name: None}))[:2] == parse(kind, encoded(without))[:2]


def test_null_is_as_good_as_absent_inside_of_a_field() -> None:
    """The same goes for what is nested."""
    assert problems({**SHORT, "extraParams": {"loras": None, "seed": None, "sandbox": {"fault": None}}}) == {}
    assert problems({**SHORT, "extraParams": {"loras": [{"model": "a/b", "weight": None}]}}) == {}


# --- Problems ---


def test_every_problem_is_reported_at_once() -> None:
    """A request with five mistakes gets five problems in one answer, each with its field."""
    assert problems(
        {
            "prompt": "",
            "model": 5,
            "n": 0,
            "imageInputs": ["https://example.com/a.png", 7],
            "extraParams": {"seed": -1, "cfg": 2, "loras": [{"model": "a/b", "weight": 5}, {"wieght": 1}]},
            "projectId": "x" * 201,
            "nn": 1,
        }
    ) == {
        "prompt": "expected `str` of length >= 1",
        "model": "expected `str`, got `int`",
        "n": "expected `int` >= 1",
        "imageInputs[1]": "expected `str`, got `int`",
        "extraParams.cfg": "is not known",
        "extraParams.loras[0].weight": "expected `float` <= 4.0",
        "extraParams.loras[1].model": "is required",
        "extraParams.loras[1].wieght": "is not known",
        "extraParams.seed": "expected `int` >= 0",
        "projectId": "expected `str` of length <= 200",
        "nn": "is not known. Known fields: aspectRatio, deadline, extraParams, fallbackModels, imageInputs, metadata, "
        "model, n, negativePrompt, projectId, prompt, resolution, source, sourceId, webhook",
    }


def test_valid_fields_are_read_in_spite_of_other_problems() -> None:
    """A field with a problem has its default, so that the others can be checked against the model."""
    parsed = parse(Kind.IMAGE, encoded({"prompt": 5, "model": "a/b", "n": 0, "resolution": "2K"}))
    assert parsed.request == ImageRequest(prompt="", model="a/b", resolution="2K")
    assert [problem.field for problem in parsed.problems] == ["prompt", "n"]


def test_a_model_that_the_address_names_is_added() -> None:
    """Where the body has none of its own; the request and what was sent both have it."""
    parsed = parse(Kind.IMAGE, b'{"prompt": "a cat"}', model="a/b")
    assert (parsed.request, parsed.problems, parsed.sent) == (ImageRequest(prompt="a cat", model="a/b"), [], SHORT)
    assert parse(Kind.IMAGE, b'{"prompt": "a cat", "model": null}', model="a/b") == parsed
    assert parse(Kind.IMAGE, encoded(SHORT), model="a/c").request.model == "a/b"


@pytest.mark.parametrize("wrong", [{}, {"prompt": 5, "model": []}])
def test_a_required_field_with_a_problem_is_empty(wrong: dict[str, Any]) -> None:
    """Missing or wrong: whoever checks the rest finds a text."""
    request = parse(Kind.IMAGE, encoded(wrong)).request
    assert (request.prompt, request.model) == ("", "")


@pytest.mark.parametrize("absent", [{}, {"prompt": None, "model": None}])
def test_a_missing_required_field_is_a_problem(absent: dict[str, Any]) -> None:
    """A required field may be neither missing nor null."""
    assert problems(absent) == {"prompt": "is required", "model": "is required"}


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        (Kind.IMAGE, {"n": 1.5}, "n"),
        (Kind.IMAGE, {"n": "1"}, "n"),
        (Kind.IMAGE, {"n": True}, "n"),
        (Kind.IMAGE, {"n": -(10**30)}, "n"),
        (Kind.IMAGE, {"imageInputs": "https://example.com/a.png"}, "imageInputs"),
        (Kind.IMAGE, {"imageInputs": ["https://example.com/a.png"] * 17}, "imageInputs"),
        (Kind.IMAGE, {"imageInputs": [None]}, "imageInputs[0]"),
        (Kind.IMAGE, {"extraParams": []}, "extraParams"),
        (Kind.IMAGE, {"extraParams": {"loras": {}}}, "extraParams.loras"),
        (Kind.IMAGE, {"extraParams": {"loras": [{"model": "a/b"}] * 9}}, "extraParams.loras"),
        (Kind.IMAGE, {"extraParams": {"loras": [None]}}, "extraParams.loras[0]"),
        (Kind.IMAGE, {"extraParams": {"seed": 2**31}}, "extraParams.seed"),
        (Kind.IMAGE, {"extraParams": {"sandbox": {"fault": "earthquake"}}}, "extraParams.sandbox.fault"),
        (Kind.IMAGE, {"extraParams": {"sandbox": {"latency": 601}}}, "extraParams.sandbox.latency"),
        (Kind.IMAGE, {"metadata": ["a"]}, "metadata"),
        (Kind.IMAGE, {"negativePrompt": "x" * 4001}, "negativePrompt"),
        (Kind.IMAGE, {"negative_prompt": "x"}, "negative_prompt"),
        (Kind.IMAGE, {"model": "x" * 201}, "model"),
        (Kind.IMAGE, {"duration": "5s"}, "duration"),
        (Kind.VIDEO, {"duration": 5}, "duration"),
        (Kind.AUDIO, {"speed": "fast"}, "speed"),
        (Kind.LLM, {"messages": []}, "messages"),
        (Kind.LLM, {"messages": ["hello"]}, "messages[0]"),
        (Kind.LLM, {"messages": [{"role": "god", "content": "x"}]}, "messages[0].role"),
        (Kind.LLM, {"messages": [{"role": "user", "content": ""}]}, "messages[0].content"),
        (Kind.LLM, {"temperature": 2.1}, "temperature"),
        (Kind.LLM, {"maxTokens": 0}, "maxTokens"),
    ],
)
def test_each_problem_names_its_field(kind: Kind, body: dict[str, Any], field: str) -> None:
    """The path leads into the body, down to the item of a list; valid fields are not blamed."""
    assert list(problems({**SHORT, **body}, kind)) == [field]


def lora(**more: object) -> dict[str, Any]:
    return {"extraParams": {"loras": [{"model": "a/b", **more}]}}


def sandbox_options(**more: object) -> dict[str, Any]:
    return {"extraParams": {"sandbox": more}}


@pytest.mark.parametrize(
    ("kind", "within", "beyond"),
    [
        *((kind, {"prompt": "x"}, {"prompt": ""}) for kind in Kind),
        *((kind, {"model": "x" * 200}, {"model": "x" * 201}) for kind in Kind),
        *((kind, {"projectId": "x" * 200}, {"projectId": "x" * 201}) for kind in Kind),
        (Kind.IMAGE, {"negativePrompt": "x" * 4000}, {"negativePrompt": "x" * 4001}),
        (Kind.VIDEO, {"negativePrompt": "x" * 4000}, {"negativePrompt": "x" * 4001}),
        (Kind.IMAGE, {"n": 1}, {"n": 0}),
        (Kind.VIDEO, {"n": 1}, {"n": 0}),
        (Kind.IMAGE, {"imageInputs": ["a"] * 16}, {"imageInputs": ["a"] * 17}),
        (Kind.VIDEO, {"imageInputs": ["a"] * 16}, {"imageInputs": ["a"] * 17}),
        (Kind.IMAGE, {"extraParams": {"seed": 0}}, {"extraParams": {"seed": -1}}),
        (Kind.IMAGE, {"extraParams": {"seed": 2**31 - 1}}, {"extraParams": {"seed": 2**31}}),
        (Kind.IMAGE, lora(model="x"), lora(model="")),
        (Kind.IMAGE, lora(model="x" * 200), lora(model="x" * 201)),
        (Kind.IMAGE, lora(weight=4), lora(weight=4.1)),
        (Kind.IMAGE, lora(weight=-4), lora(weight=-4.1)),
        (Kind.IMAGE, sandbox_options(latency=0), sandbox_options(latency=-0.1)),
        (Kind.IMAGE, sandbox_options(latency=600), sandbox_options(latency=600.1)),
        (Kind.IMAGE, sandbox_options(times=1), sandbox_options(times=0)),
        (Kind.IMAGE, sandbox_options(times=10), sandbox_options(times=11)),
        (Kind.LLM, {"messages": TEXT["messages"] * 200}, {"messages": TEXT["messages"] * 201}),
        (Kind.LLM, {"system": "x" * 20_000}, {"system": "x" * 20_001}),
        (Kind.LLM, {"temperature": 0}, {"temperature": -0.1}),
        (Kind.LLM, {"temperature": 2}, {"temperature": 2.1}),
        (Kind.LLM, {"maxTokens": 1}, {"maxTokens": 0}),
    ],
)
def test_limits_are_exact(kind: Kind, within: dict[str, Any], beyond: dict[str, Any]) -> None:
    """The last value within a limit is good, and the first one beyond it is a problem of that field."""
    assert problems({**SHORT, **within}, kind) == {}
    assert [name.partition(".")[0] for name in problems({**SHORT, **beyond}, kind)] == list(beyond)


@pytest.mark.parametrize(
    ("body", "example_id"),
    [
        ({"model": "qwen-image", "provider": "dashscope"}, "dashscope/qwen-image"),
        ({"model": "sandbox/image", "provider": "sandbox"}, "sandbox/image"),
        ({"model": "image", "provider": "sandbox"}, "sandbox/image"),
        ({"model": "b", "provider": "a" * 198}, f"{'a' * 198}/b"),
        ({"model": "b", "provider": "a" * 199}, "dashscope/qwen-image"),
        ({"model": "image", "provider": {"name": "a/b"}}, "dashscope/qwen-image"),
    ],
)
def test_the_old_provider_field_is_explained(body: dict[str, Any], example_id: str) -> None:
    """A request of version 1 gets the new form of its model id."""
    assert problems({"prompt": "a cat", **body}) == {
        "provider": f'is no longer supported. Write the provider into the model id: "model": "{example_id}"'
    }


def test_a_problem_is_reported_in_one_line() -> None:
    """A problem of one field begins with its name; one of the request as a whole is only a sentence."""
    assert str(Problem("n", "must be from 1 to 4")) == "n: must be from 1 to 4"
    assert str(Problem("", "The body is empty.")) == "The body is empty."


# --- Whatever is sent ---

NUL = "a\0b"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Kind.IMAGE, {"prompt": NUL}),
        (Kind.IMAGE, {"model": NUL}),
        (Kind.IMAGE, {"negativePrompt": NUL}),
        (Kind.IMAGE, {"projectId": NUL}),
        (Kind.IMAGE, {"source": NUL}),
        (Kind.IMAGE, {"sourceId": NUL}),
        (Kind.IMAGE, {"imageInputs": [NUL]}),
        (Kind.IMAGE, {"extraParams": {"loras": [{"model": NUL}]}}),
        (Kind.IMAGE, {"metadata": {"note": NUL}}),
        (Kind.IMAGE, {"metadata": {NUL: 1}}),
        (Kind.IMAGE, {"metadata": {"deep": [{"down": [NUL]}]}}),
        (Kind.IMAGE, {NUL: 1}),
        (Kind.AUDIO, {"voice": NUL}),
        (Kind.LLM, {"system": NUL}),
        (Kind.LLM, {"prompt": None, "messages": [{"role": "user", "content": NUL}]}),
    ],
)
def test_no_text_may_hold_a_nul(kind: Kind, body: dict[str, Any]) -> None:
    """PostgreSQL accepts none in text or JSON: an accepted one could be stored, but never queried."""
    assert problems({**SHORT, **body}, kind)


def test_what_can_not_be_stored_is_named_by_its_place() -> None:
    """The path leads to the text, to the object whose name it is, or to the level that is one too deep."""
    nul = "must not hold a NUL character"
    found = problems({**SHORT, "metadata": {"a": ["x", NUL], "b": {NUL: 1}, "n" * 65: NUL}})
    assert found == {"metadata.a[1]": nul, "metadata.b": nul, f"metadata.{'n' * 64}": nul}
    assert problems({**SHORT, "source": NUL}) == {"source": nul}


@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_metadata_is_nested_so_deep_and_no_deeper(pair: tuple[str, str]) -> None:
    """32 levels, of which metadata itself is one."""
    begin, end = pair

    def nested(levels: int) -> dict[str, Any]:
        inner = begin * (levels - 1) + ("1" if begin != "[" else "") + end * (levels - 1)
        return {**SHORT, "metadata": {"well": json.loads(inner)}}

    assert problems(nested(request_parsing.MAX_DEPTH)) == {}
    ((path, reason),) = problems(nested(request_parsing.MAX_DEPTH + 1)).items()
    assert (path.startswith("metadata.well"), reason) == (True, "may be nested 32 levels deep at most")


@pytest.mark.parametrize(("more", "expected"), [(0, {}), (1, {"metadata": "may have 16 KiB at most"})])
def test_metadata_has_a_size(more: int, expected: dict[str, str]) -> None:
    """Counted as compact JSON; that another field is wrong changes nothing about it."""
    metadata = {"note": "x" * (METADATA_BYTES - len('{"note":""}') + more)}
    assert problems({**SHORT, "metadata": metadata}) == expected
    assert problems({**SHORT, "metadata": metadata, "n": 0}) == {"n": "expected `int` >= 1", **expected}


def test_an_escaped_backslash_is_no_nul() -> None:
    """The six characters of an escape are harmless as text."""
    assert problems({**SHORT, "prompt": "\\u0000", "metadata": {"note": "\\u0000"}}) == {}


def test_metadata_may_hold_anything_up_to_a_depth() -> None:
    """Any JSON is echoed back, up to a limit of nesting that clients can parse."""
    assert problems({**SHORT, "metadata": {"a": [1, 2.5, None, True, "x", {"b": []}], "c": 10**40}}) == {}
    for well in (json.loads("[" * 500 + "]" * 500), json.loads('{"a":' * 500 + "1" + "}" * 500)):
        assert problems({**SHORT, "metadata": {"well": well}})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"null",
        b"[]",
        b'"prompt"',
        b"5",
        b"true",
        b'[{"prompt": "a cat", "model": "a/b"}]',
        b'{"prompt": "a cat", "model": "a/b"} {}',
        b"{'prompt': 'a cat', 'model': 'a/b'}",
        b'{"prompt": "a cat", "model": "a/b",}',
        b'\xef\xbb\xbf{"prompt": "a cat", "model": "a/b"}',  # a byte order mark
        '{"prompt": "a cat", "model": "a/b"}'.encode("utf-16"),
        b'{"prompt": "\xff", "model": "a/b"}',
        b'{"prompt": "\xed\xa0\x80", "model": "a/b"}',  # half of a surrogate pair, as bytes
        b'{"prompt": "\\ud800", "model": "a/b"}',  # and as an escape
        b'{"prompt": "a\0b", "model": "a/b"}',  # a NUL that is not even escaped
        b'{"prompt": "a cat", "model": "a/b", "n": NaN}',
        b'{"prompt": "a cat", "model": "a/b", "n": Infinity}',
        b'{"prompt": "a cat", "model": "a/b", "n": 1e999}',
        b'{"prompt": "a cat", "model": "a/b", "metadata": {"n": -1e999}}',
        b'{"prompt": "a cat", "model": "a/b", "n": ' + b"9" * 5000 + b"}",
        b'{"n": "one", "prompt": }',  # the wrong value comes before the broken part
        b'{"n": "one", "prompt": "\xff"}',
        b'{"n": "one", "prompt": 1e999}',
        b'{"n": "one", "metadata": {"a":' + b"[" * 100_000,
        b'{"metadata": {"a":' + b"[" * 100_000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: f"{len(body)} bytes",  # mutmut hands names on, and some characters get lost
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    """Every unreadable body gets the same answer, wherever in it the parser stops."""
    with pytest.raises(Rejected) as refusal:
        parse(Kind.IMAGE, body)
    assert refusal.value.code == "not_json"
    assert len(refusal.value.message) < 300


def test_of_a_repeated_name_the_last_value_counts() -> None:
    """JSON does not forbid it, and every decoder that we know does the same."""
    body = b'{"prompt": "a dog", "model": "a/b", "n": "x", "prompt": "a cat", "n": 2}'
    assert parse(Kind.IMAGE, body)[:2] == (ImageRequest(prompt="a cat", model="a/b", n=2), [])


@given(st.sampled_from(Kind), st.binary(max_size=60))
@example(Kind.IMAGE, b'{"prompt":0,')
def test_any_bytes_have_an_answer(kind: Kind, body: bytes) -> None:
    """Bytes are read, or refused as no JSON; nothing else can happen."""
    assert answered(kind, body)


@given(st.sampled_from(Kind), st.data())
def test_any_json_has_an_answer(kind: Kind, data: st.DataObject) -> None:
    """So is any JSON, under the names that mean something."""
    names = st.sampled_from([field.encode_name for field in msgspec.structs.fields(REQUESTS[kind])])
    body = data.draw(st.dictionaries(names | st.text(max_size=5), NESTED, max_size=6))
    assert answered(kind, encoded(body))


@given(st.sampled_from(Kind), st.data())
def test_any_broken_request_has_an_answer(kind: Kind, data: st.DataObject) -> None:
    """A request that is cut, or that holds foreign bytes at any place, is read or refused too."""
    body = encoded(BODIES[kind])
    begin, end = sorted(data.draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
    junk = st.sampled_from([b"", b"\xff", b"\0", b"null", b'"', b"\\", b"\\ud800", b"1e999", b"}", b"[["])
    assert answered(kind, body[:begin] + data.draw(junk) + body[end:])


PARTS = st.sampled_from(["model", "weight", "loras", "seed", "sandbox", "fault", "times", "role", "content"])
INNER = st.dictionaries(PARTS, SCALARS | st.lists(st.dictionaries(PARTS, SCALARS, max_size=3), max_size=2), max_size=3)
NESTED = SCALARS | INNER | st.lists(SCALARS | INNER, max_size=3)


def answered(kind: Kind, body: bytes) -> bool:
    """Whether a body is read or refused as it should be; what is read can also be stored."""
    try:
        parsed = parse(kind, body)
    except Rejected as refusal:
        return refusal.code == "not_json"
    if not parsed.problems:
        assert len(digest(kind, parsed.request)) == 64
        assert params(kind, parsed.sent).keys() <= json.loads(body).keys()
    return isinstance(parsed.request, REQUESTS[kind])


# --- The stored request ---


@pytest.mark.parametrize(("kind", "body"), BODIES.items())
def test_the_parameters_are_the_sent_ones(kind: Kind, body: dict[str, Any]) -> None:
    """The task shows the caller's own parameters: nothing added, and without fields that are shown elsewhere."""
    own = {"model", "projectId", "source", "sourceId", "metadata"}
    assert params(kind, {**body, "metadata": {"a": 1}, "source": None}) == {
        name: value for name, value in body.items() if name not in own
    }
    assert params(Kind.IMAGE, {**SHORT, "extraParams": None}) == {"prompt": "a cat"}


@given(st.permutations(list(IMAGE)))
def test_the_order_of_the_fields_does_not_matter(names: list[str]) -> None:
    """Equal requests have equal digests, so that a repeated key is recognised however the client writes JSON."""
    shuffled = {name: IMAGE[name] for name in names}
    one = parse(Kind.IMAGE, encoded({**IMAGE, "metadata": {"a": 1, "b": {"c": 2, "d": 3}}}))
    other = parse(Kind.IMAGE, json.dumps({"metadata": {"b": {"d": 3, "c": 2}, "a": 1}, **shuffled}, indent=2).encode())
    assert digest(Kind.IMAGE, one.request) == digest(Kind.IMAGE, other.request)


def test_equal_requests_have_the_same_digest() -> None:
    """Null or absent, 1 or 1.0 where a number is wanted: no difference."""
    plain = parse(Kind.AUDIO, encoded({**SHORT, "speed": 1}))
    spelled = parse(Kind.AUDIO, encoded({**SHORT, "speed": 1.0, "voice": None, "metadata": None}))
    assert digest(Kind.AUDIO, plain.request) == digest(Kind.AUDIO, spelled.request)


def test_whether_a_text_is_handed_on_is_no_part_of_its_digest() -> None:
    """Who lost a stream asks for the same answer at once, under the same key; another text is another request."""
    bodies = [SHORT, SHORT | {"stream": True}, SHORT | {"stream": False}, SHORT | {"prompt": "a dog", "stream": True}]
    digests = [digest(Kind.LLM, parse(Kind.LLM, encoded(body)).request) for body in bodies]
    assert digests[0] == digests[1] == digests[2] != digests[3]


def test_the_digest_outlives_new_fields() -> None:
    """The digest covers the sent fields: a field that a later version adds does not make a replay another request."""
    wanted = parse(Kind.IMAGE, encoded(SHORT)).request
    assert digest(Kind.IMAGE, wanted) == hashlib.sha256(b'image{"model":"a/b","prompt":"a cat"}').hexdigest()


CHANGES: dict[str, Any] = {
    "prompt": "a dog",
    "model": "a/c",
    "negativePrompt": "blurry",
    "resolution": "1K",
    "aspectRatio": "1:1",
    "n": 2,
    "imageInputs": ["https://example.com/a.png"],
    "extraParams": {"seed": 1},
    "projectId": "p",
    "source": "s",
    "sourceId": "s",
    "metadata": {"a": 1},
    "fallbackModels": ["a/c"],
    "deadline": {"startSeconds": 60},
    "webhook": "https://app.example/hooks",
}


def test_another_request_has_another_digest() -> None:
    """Every field counts, and so does the endpoint."""
    assert CHANGES.keys() == {field.encode_name for field in msgspec.structs.fields(ImageRequest)}
    bodies = [SHORT, *({**SHORT, name: value} for name, value in CHANGES.items())]
    digests = {digest(Kind.IMAGE, parse(Kind.IMAGE, encoded(body)).request) for body in bodies}
    digests |= {digest(kind, parse(kind, encoded(SHORT)).request) for kind in Kind}
    assert len(digests) == len(bodies) + len(Kind) - 1


# --- Large, odd and blank ---


class Counted(list[Any]):
    """A list that counts how many of its items were read."""

    seen = 0

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self.seen += 1
            yield item


def arrays(struct: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every array in the schema of a request, with its path."""
    for field in msgspec.structs.fields(struct):
        inner, item = request_parsing._inner(field.type)
        if item:
            yield (*path, field.encode_name), field.type
        elif inner:
            yield from arrays(inner, (*path, field.encode_name))


ARRAYS = [(kind, path, type_) for kind, struct in REQUESTS.items() for path, type_ in arrays(struct)]


@pytest.mark.parametrize(("kind", "path", "type_"), ARRAYS, ids=lambda part: str(part)[:40])
def test_a_list_that_is_too_long_is_not_looked_into(kind: Kind, path: tuple[str, ...], type_: Any) -> None:
    """Every array has a maximum; a longer one is one problem, with any items."""
    max_items = request_parsing._max_items(type_)
    assert max_items is not None
    items = Counted([{}] * 300_000)
    assert [str(problem) for problem in request_parsing._problems(type_, items, "x")] == [
        f"x: expected `array` of length <= {max_items}, got 300000"
    ]
    assert items.seen == 0
    body: Any = [{}] * (max_items + 1)
    for name in reversed(path):
        body = {name: body}
    problems = parse(kind, encoded({**BODIES[kind], **body})).problems
    assert [problem.field for problem in problems] == [".".join(path)]


@pytest.mark.parametrize(
    "large",
    [
        {f"unknown{n}": 1 for n in range(100_000)},
        {"extraParams": {f"unknown{n}": 1 for n in range(100_000)}},
        {"extraParams": {"loras": [{f"unknown{n}": 1 for n in range(100_000)}]}},
        {"deadline": {f"unknown{n}": 1 for n in range(100_000)}},
        {"metadata": {f"x{n}": "\0" for n in range(100_000)}},
        {"metadata": {"x": [[]] * 300_000}},
    ],
    ids=lambda large: next(iter(large)),
)
def test_enough_problems_are_enough(large: dict[str, Any]) -> None:
    """The check stops at the maximum number of problems."""
    problems = parse(Kind.IMAGE, encoded(IMAGE | large)).problems
    assert 1 <= len(problems) <= 2 * (request_parsing.MAX_PROBLEMS + 1)


def test_so_many_problems_are_told_and_no_more() -> None:
    """One more than the maximum of the fields together, so that a caller sees that there are more, and as many of names
    that are not known."""
    most = request_parsing.MAX_PROBLEMS + 1
    wrong = [{"role": "user", "content": ""}] * 100
    nul = {str(n): NUL for n in range(100)}
    for body in (
        {"messages": wrong, "temperature": 9},
        {"messages": wrong[: most - 1], "temperature": 9, "maxTokens": 0},
        {"metadata": nul},
        {"metadata": dict(list(nul.items())[: most - 2]), "messages": wrong},
        {f"x{n}": 1 for n in range(100)},
    ):
        assert len(parse(Kind.LLM, encoded(SHORT | body)).problems) == most
    both = SHORT | {"messages": wrong} | {f"x{n}": 1 for n in range(100)}
    assert len(parse(Kind.LLM, encoded(both)).problems) == 2 * most


def test_a_problem_quotes_no_more_than_it_has_to() -> None:
    """Names by 64 characters, messages by 200, and what is inside of a field without its place, which the path says."""
    name = "y" * 65
    assert problems({**SHORT, name: 1, "extraParams": {name: 1}}).keys() == {"y" * 64, f"extraParams.{'y' * 64}"}
    wrong = {**SHORT, "messages": [{"role": "x" * 300, "content": "x"}]}
    assert len(problems(wrong, Kind.LLM)["messages[0].role"]) == 200
    assert problems({**SHORT, "imageInputs": ["https://a"] * 16, "n": "1"}) == {"n": "expected `int`, got `str`"}


@pytest.mark.parametrize("number", ["1.0", "1e0", "10e-1"])
def test_one_is_one(number: str) -> None:
    """For JSON Schema 1 and 1.0 are the same integer; 1.5 is none. The integer is stored."""
    body = (
        b'{"prompt": "a cat", "model": "a/b", "n": %s, "extraParams": {"seed": %s, '
        b'"loras": [{"model": "x", "weight": 1.0}]}, "deadline": {"finishSeconds": %s}, "metadata": {"n": 1.0}}'
    ).replace(b"%s", number.encode())
    parsed = parse(Kind.IMAGE, body)
    assert parsed.problems == []
    assert isinstance(parsed.request, ImageRequest)
    assert (parsed.request.n, repr(parsed.request.n)) == (1, "1")
    assert repr(params(Kind.IMAGE, parsed.sent)["n"]) == "1"
    assert repr(params(Kind.IMAGE, parsed.sent)["extraParams"]["seed"]) == "1"
    assert repr(params(Kind.IMAGE, parsed.sent)["extraParams"]["loras"][0]["weight"]) == "1.0"
    (problem,) = parse(Kind.IMAGE, encoded(IMAGE | {"n": 1.5})).problems
    assert str(problem) == "n: expected `int`, got `float`"


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\u200b\u2060 \ufeff", "\u3164", "\u2800\u00ad", "\u180e\ufe0f"])
def test_invisible_characters_are_blank(text: str) -> None:
    """Zero-width spaces and joiners, fillers, variation selectors, alone or together."""
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "\u200ba", "猫", "👩\u200d🚀", "🏴", ".", "\u0301"])
def test_visible_characters_are_not_blank(text: str) -> None:
    """A text with any visible character is not blank."""
    assert not is_blank(text)
