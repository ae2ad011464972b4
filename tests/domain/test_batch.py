"""How the body of a batch is taken apart, and how a whole batch is refused."""

import json
from typing import Any

import msgspec
import pytest

from domain.base import Rejected
from domain.batch import MAX_REQUESTS, RefusedRequest, parse_batch, parse_estimates, parse_kind, refuse_all
from domain.model import Kind

ONE = {"kind": "image", "prompt": "a cat", "model": "a/b"}


def encoded(body: object) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(("sent", "mode"), [({}, "all"), ({"mode": None}, "all"), ({"mode": "each"}, "each")])
def test_a_batch_is_taken_apart(sent: dict[str, Any], mode: str) -> None:
    """All or nothing, unless it says otherwise; each request is still JSON."""
    body = parse_batch(encoded({"requests": [ONE, {"kind": "text"}], **sent}))
    assert body.mode == mode
    assert [json.loads(bytes(each)) for each in body.requests] == [ONE, {"kind": "text"}]
    assert [json.loads(bytes(each)) for each in parse_estimates(encoded({"requests": [ONE]}))] == [ONE]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"{", "not_json", "The body is not valid JSON: "),
        (b"\xff", "not_json", "The body is not valid JSON: "),
        (b'{"requests":' + b"[" * 100_000, "not_json", "The body is not valid JSON: "),
        (b"[]", "invalid_request", "the body: Expected `object`, got `array`"),
        (b"{}", "invalid_request", "the body: Object missing required field `requests`"),
        (encoded({"requests": [ONE], "node": 1}), "invalid_request", "the body: Object contains unknown field `node`"),
        (encoded({"requests": "ONE"}), "invalid_request", "requests: Expected `array`, got `str`"),
        (encoded({"requests": []}), "invalid_request", "requests: must be 1 to 200, got 0"),
        (encoded({"requests": [1] * 201}), "invalid_request", "requests: must be 1 to 200, got 201"),
    ],
)
def test_what_is_no_batch_is_refused(body: bytes, code: str, message: str) -> None:
    """By the problem and the field that has it; for prices as for tasks."""
    for parse in (parse_batch, parse_estimates):
        with pytest.raises(Rejected) as refusal:
            parse(body)
        assert (refusal.value.code, refusal.value.message[: len(message)]) == (code, message)


def test_a_batch_may_be_as_large_as_that() -> None:
    """200 requests, and one; a mode that nobody knows is refused, and prices have none."""
    assert len(parse_batch(encoded({"requests": [ONE] * MAX_REQUESTS})).requests) == MAX_REQUESTS
    with pytest.raises(Rejected, match=r"^mode: Invalid enum value 'some'$"):
        parse_batch(encoded({"requests": [ONE], "mode": "some"}))
    with pytest.raises(Rejected, match="unknown field `mode`"):
        parse_estimates(encoded({"requests": [ONE], "mode": "each"}))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("image", Kind.IMAGE),
        ("video", Kind.VIDEO),
        ("audio", Kind.AUDIO),
        ("text", Kind.LLM),
        ("llm", Kind.LLM),
    ],
)
def test_each_request_says_what_it_makes(word: str, kind: Kind) -> None:
    """The word of the route, or of the model; the rest is the body of that kind."""
    found, body = parse_kind(msgspec.Raw(encoded(ONE | {"kind": word})))
    assert (found, json.loads(body)) == (kind, {"prompt": "a cat", "model": "a/b"})


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (b"{", "not_json", "is not valid JSON: "),
        (b"[]", "not_json", 'must be a JSON object, such as {"kind": "image"'),
        (b"{}", "invalid_request", "kind: choose one of image, video, audio, text"),
        (b'{"kind": ["image"]}', "invalid_request", "kind: choose one of image, video, audio, text"),
        (b'{"kind": "music"}', "invalid_request", "kind: choose one of image, video, audio, text"),
    ],
)
def test_a_request_of_no_kind_is_refused(request_: bytes, code: str, message: str) -> None:
    """With the kinds that there are, also as a problem of the field."""
    with pytest.raises(Rejected) as refusal:
        parse_kind(msgspec.Raw(request_))
    assert (refusal.value.code, refusal.value.message[: len(message)]) == (code, message)
    if code == "invalid_request":
        assert refusal.value.problems == (("kind", "choose one of image, video, audio, text"),)


def test_a_batch_is_refused_with_every_problem() -> None:
    """Each under the index of its request; the code is theirs where they agree."""
    first = RefusedRequest(index=0, code="model_not_found", message="no such model")
    second = RefusedRequest(index=2, code="invalid_request", message="n: too many")
    both = refuse_all([first, second])
    assert (both.code, both.message) == ("invalid_request", "requests[0]: no such model; requests[2]: n: too many")
    assert refuse_all([first]).code == "model_not_found"
    assert refuse_all([first, msgspec.structs.replace(first, index=1)]).code == "model_not_found"
