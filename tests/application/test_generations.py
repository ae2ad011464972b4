"""Laws of accepting a request: its model, its refusals, and its stream."""

import json
import re
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.clock import new_stream
from application.generations import ROUTES, AvailableModel, keyed_stream, reject_if_any, select_model
from domain.base import Rejected, replace
from domain.ids import task_id
from domain.model import Kind, Limits, Model, ModelSpec
from domain.request import ImageRequest, Problem
from domain.request_parsing import parse


def offered(
    name: str,
    kind: Kind = Kind.IMAGE,
    *,
    unavailable: str | None = None,
    limits: Limits | None = None,
    ends: date | None = None,
    heir: str | None = None,
    **model: Any,
) -> AvailableModel:
    spec = ModelSpec(name=name, type=kind, limits=limits or Limits(), ends=ends, replacement=heir)
    return AvailableModel(
        id=f"sandbox/{name}", model=Model(revision=1, spec=spec, enabled=True, **model), unavailable=unavailable
    )


OFFERED = {
    each.id: each
    for each in (
        offered("painter", limits=Limits(prompt=20, n=4)),
        offered("sketcher", limits=Limits(prompt=15, n=2)),
        offered("speaker", Kind.AUDIO),
        offered("writer", Kind.LLM),
        offered("poet", Kind.LLM),
        offered("old", retired=True, replacement="sandbox/painter"),
        offered("ancient", retired=True),
        offered("away", unavailable="Model 'sandbox/away' has no API key. Set SANDBOX_API_KEY."),
        offered("old-and-away", unavailable="Model 'sandbox/old-and-away' has no API key.", retired=True),
        offered("ending", ends=date(2027, 1, 5), heir="sandbox/painter"),
        offered("ending-first", ends=date(2026, 6, 1), heir="sandbox/ending"),
        offered("away-speaker", Kind.AUDIO, unavailable="Model 'sandbox/away-speaker' has no API key."),
    )
}


NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
MIDNIGHT = datetime(2027, 1, 6, tzinfo=UTC)


def refusal(body: object, kind: Kind = Kind.IMAGE, at: datetime = NOW) -> tuple[str, str]:
    """The code and the message of the refusal of a body."""
    with pytest.raises(Rejected) as refused:
        select_model(OFFERED, kind, parse(kind, json.dumps(body).encode()), at=at)
    return refused.value.code, refused.value.message


def asked(model: str, **more: object) -> dict[str, object]:
    return {"prompt": "a cat", "model": model, **more}


def test_a_good_request_finds_its_model() -> None:
    """The request is parsed, and its model is found."""
    parsed = parse(Kind.IMAGE, json.dumps(asked("sandbox/painter", n=4)).encode())
    wanted, chosen = select_model(OFFERED, Kind.IMAGE, parsed, at=NOW)
    assert wanted == ImageRequest(prompt="a cat", model="sandbox/painter", n=4)
    assert chosen is OFFERED["sandbox/painter"]


@pytest.mark.parametrize("bad", ["qwen-image", "", "/", "a/", "/b", "a/b/c"])
def test_a_malformed_model_is_refused_in_the_words_of_the_contract(bad: str) -> None:
    """The message is the documented sentence alone."""
    assert refusal(asked(bad)) == (
        "invalid_request",
        f"Model must be in format 'provider/model_key', got: '{bad}'. Example: 'dashscope/qwen-image'",
    )


def test_an_unknown_model_is_refused_in_the_words_of_the_contract() -> None:
    """The documented sentence says where to find the available models."""
    assert refusal(asked("invalid/model")) == (
        "model_not_found",
        "Model 'invalid/model' not found. Available models can be fetched from /api/v1/models",
    )


@pytest.mark.parametrize(
    ("model", "makes", "route"),
    [
        ("sandbox/speaker", "audio", "/api/v1/generations/audio"),
        ("sandbox/writer", "llm", "/api/v1/generations/text"),
    ],
)
def test_a_model_of_another_kind_points_to_its_route(model: str, makes: str, route: str) -> None:
    """The refusal names the right route."""
    assert refusal(asked(model)) == ("wrong_kind", f"Model '{model}' makes {makes}, not image. Send it to {route}")


def test_every_kind_has_a_route() -> None:
    """The three routes of the contract, and the one for text."""
    assert {str(kind): route for kind, route in ROUTES.items()} == {
        "image": "/api/v1/generations/image",
        "video": "/api/v1/generations/video",
        "audio": "/api/v1/generations/audio",
        "llm": "/api/v1/generations/text",
    }


def test_a_retired_model_points_to_its_replacement() -> None:
    """The refusal of a retired model names its replacement, if there is one."""
    assert refusal(asked("sandbox/old")) == (
        "model_retired",
        "Model 'sandbox/old' is retired. Use 'sandbox/painter' instead.",
    )
    assert refusal(asked("sandbox/ancient")) == ("model_retired", "Model 'sandbox/ancient' is retired.")


def test_a_model_is_retired_by_its_date() -> None:
    """What is offered stays the same, and the clock decides at each request: on its last day a model is taken, a moment
    later it is refused in the words for a retired one. A replacement that has ended itself is followed."""
    body = parse(Kind.IMAGE, json.dumps(asked("sandbox/ending")).encode())
    _, chosen = select_model(OFFERED, Kind.IMAGE, body, at=MIDNIGHT - timedelta(microseconds=1))
    assert chosen is OFFERED["sandbox/ending"]
    retired = "Model 'sandbox/{}' is retired. Use 'sandbox/{}' instead."
    assert refusal(asked("sandbox/ending"), at=MIDNIGHT) == ("model_retired", retired.format("ending", "painter"))
    for at, heir in ((NOW, "ending"), (MIDNIGHT, "painter")):
        assert refusal(asked("sandbox/ending-first"), at=at) == ("model_retired", retired.format("ending-first", heir))


def test_a_model_that_has_ended_is_no_fallback() -> None:
    """It could not take over; the refusal names what can."""
    body = asked("sandbox/painter", fallbackModels=["sandbox/ending-first"])
    message = "fallbackModels[0]: 'sandbox/ending-first' is retired. Use 'sandbox/ending' instead."
    assert refusal(body) == ("invalid_request", message)


def test_an_unavailable_model_is_refused_with_the_reason() -> None:
    """The refusal is the reason that the registry has for the model."""
    assert refusal(asked("sandbox/away")) == (
        "model_unavailable",
        "Model 'sandbox/away' has no API key. Set SANDBOX_API_KEY.",
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"model": "qwen-image", "n": 0}, "invalid_request"),
        (asked("invalid/model", n=0), "invalid_request"),
        (asked("sandbox/speaker", n=0), "wrong_kind"),
        (asked("sandbox/old", n=5), "invalid_request"),
        (asked("sandbox/away", n=5), "invalid_request"),
        (asked("sandbox/away-speaker"), "wrong_kind"),
        (asked("sandbox/old-and-away"), "model_retired"),
    ],
)
def test_problems_of_the_request_come_first(body: object, code: str) -> None:
    """Problems of the request come first, then those of the model, then its availability: always in this order."""
    assert refusal(body)[0] == code


def test_all_problems_are_in_one_message() -> None:
    """Broken fields, unknown fields and features that the model lacks stand in one message."""
    code, message = refusal(asked("sandbox/painter", prompt="x" * 21, n=5, projectId=7, provider="sandbox"))
    assert code == "invalid_request"
    assert message.split("; ") == [
        "projectId: expected `str`, got `int`",
        'provider: is no longer supported. Write the provider into the model id: "model": "sandbox/painter"',
        "prompt: may have 20 characters at most, has 21",
        "n: must be from 1 to 4",
    ]


def test_a_malformed_model_is_reported_with_the_other_problems() -> None:
    """A request with the old `provider` field gets both sentences, and the new id."""
    code, message = refusal({"prompt": "a cat", "model": "qwen-image", "provider": "dashscope"})
    assert code == "invalid_request"
    assert message.split("; ") == [
        'provider: is no longer supported. Write the provider into the model id: "model": "dashscope/qwen-image"',
        "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'",
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"model": "sandbox/painter"}, Kind.IMAGE),
        ({"prompt": "a cat"}, Kind.IMAGE),
        ({"prompt": "a cat", "model": 7}, Kind.IMAGE),
        (asked("sandbox/painter", imageInputs=[7]), Kind.IMAGE),
        (asked("sandbox/painter", extraParams={"seed": "x"}), Kind.IMAGE),
        ({"model": "sandbox/writer", "messages": ["hello"]}, Kind.LLM),
        ({"model": "sandbox/writer", "messages": []}, Kind.LLM),
        ({"model": "sandbox/writer", "prompt": 7}, Kind.LLM),
    ],
)
def test_a_broken_field_is_reported_once(body: dict[str, object], kind: Kind) -> None:
    """A field that could not be read is not reported as missing, blank or unsupported as well."""
    code, message = refusal(body, kind)
    assert code == "invalid_request"
    assert ";" not in message


def test_a_refusal_is_short_whatever_was_sent() -> None:
    """A thousand problems are not listed one by one: the answer does not grow with the request."""
    many = {f"unknown{number}" + "x" * 1000: number for number in range(1000)}
    code, message = refusal(asked("sandbox/painter", **many))
    assert code == "invalid_request"
    assert re.search("; and more$", message)
    assert len(message) < 10_000
    assert len(refusal(asked("sandbox/painter", extraParams={"x" * 100_000: 1}))[1]) < 1000
    assert len(refusal(asked("sandbox/painter", extraParams={"sandbox": {"fault": "x" * 100_000}}))[1]) < 1000


# --- Models that may take over ---


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("sandbox/nothing", "there is no model 'sandbox/nothing'"),
        ("sandbox/speaker", "'sandbox/speaker' makes audio, not image"),
        ("sandbox/away-speaker", "'sandbox/away-speaker' makes audio, not image"),
        ("sandbox/painter", "'sandbox/painter' is asked already"),
        ("sandbox/old", "'sandbox/old' is retired. Use 'sandbox/painter' instead."),
        ("sandbox/old-and-away", "'sandbox/old-and-away' is retired."),
        ("sandbox/away", "Model 'sandbox/away' has no API key. Set SANDBOX_API_KEY."),
        ("sandbox/ending", "does not take this request: n: must be from 1 to 1"),
    ],
)
def test_a_model_that_could_not_take_over_is_a_problem_of_its_place(name: str, problem: str) -> None:
    """Each by itself, also behind one that could; those that could are none."""
    good = "sandbox/sketcher"
    for chain in ([name], [good, name], [name, good]):
        place = chain.index(name)
        body = asked("sandbox/painter", n=2, fallbackModels=chain)
        assert refusal(body) == ("invalid_request", f"fallbackModels[{place}]: {problem}")


def test_every_model_that_could_not_take_over_is_told() -> None:
    """One that is named twice is a problem at its second place, and so are all problems of one with the request."""
    body = asked("sandbox/painter", prompt="a cat on a mat", fallbackModels=["sandbox/sketcher", "sandbox/sketcher"])
    assert refusal(body)[1] == "fallbackModels[1]: 'sandbox/sketcher' is asked already"
    body = asked("sandbox/painter", n=3, prompt="a" * 20, fallbackModels=["sandbox/sketcher", "sandbox/nothing"])
    assert refusal(body)[1].split("; ") == [
        "fallbackModels[0]: does not take this request: prompt: may have 15 characters at most, has 20",
        "fallbackModels[0]: does not take this request: n: must be from 1 to 2",
        "fallbackModels[1]: there is no model 'sandbox/nothing'",
    ]


def test_models_that_could_take_over_are_no_problem() -> None:
    """The request keeps them in their order, and its model is its own."""
    names = ["sandbox/ending", "sandbox/sketcher"]
    body = json.dumps(asked("sandbox/painter", fallbackModels=names)).encode()
    wanted, chosen = select_model(OFFERED, Kind.IMAGE, parse(Kind.IMAGE, body), at=NOW)
    assert wanted == ImageRequest(prompt="a cat", model="sandbox/painter", fallback_models=names)
    assert chosen is OFFERED["sandbox/painter"]


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        ({"model": "sandbox/painter"}, Kind.IMAGE, "prompt: is required"),
        (asked("sandbox/painter", prompt=7), Kind.IMAGE, "prompt: expected `str`, got `int`"),
        (
            asked("sandbox/painter", fallbackModels=7),
            Kind.IMAGE,
            "fallbackModels: expected `array`, got `int`",
        ),
        (
            {"model": "sandbox/writer", "messages": ["hello"]},
            Kind.LLM,
            "messages[0]: expected `object`, got `str`",
        ),
    ],
)
def test_a_broken_field_is_no_problem_of_what_could_take_over(
    body: dict[str, object], kind: Kind, problem: str
) -> None:
    """What could not be read is reported once, and not for each model as missing or blank."""
    others = ["sandbox/sketcher", "sandbox/ending"] if kind is Kind.IMAGE else ["sandbox/poet"]
    assert refusal({"fallbackModels": others} | body, kind) == ("invalid_request", problem)


def test_only_the_sandbox_takes_options_for_it() -> None:
    """Of the model and of each that may take over: another provider would not do what a test wants to see."""
    body = json.dumps(asked("sandbox/painter", fallbackModels=["sandbox/sketcher"], extraParams={"sandbox": {}}))
    parsed, told = parse(Kind.IMAGE, body.encode()), "only the sandbox models can be steered; leave it out"
    steered = {name: replace(OFFERED[name], is_sandbox=True) for name in ("sandbox/painter", "sandbox/sketcher")}
    wanted, chosen = select_model(OFFERED | steered, Kind.IMAGE, parsed, at=NOW)
    assert (wanted, chosen) == (parsed.request, steered["sandbox/painter"])
    for name, problem in (
        ("sandbox/painter", Problem("extraParams.sandbox", told)),
        ("sandbox/sketcher", Problem("fallbackModels[0]", f"does not take this request: extraParams.sandbox: {told}")),
    ):
        with pytest.raises(Rejected) as refused:
            select_model(OFFERED | steered | {name: OFFERED[name]}, Kind.IMAGE, parsed, at=NOW)
        assert (refused.value.code, [*refused.value.problems]) == ("invalid_request", [problem])


def test_a_request_is_refused_with_its_problems_by_field() -> None:
    """Twenty of them, in the order of the message; the message says when there are more."""
    for number in (20, 21, 40):
        with pytest.raises(Rejected) as refused:
            reject_if_any([Problem(f"field{place}", "is wrong") for place in range(number)])
        problems = [(f"field{place}", "is wrong") for place in range(20)]
        assert (refused.value.code, [*refused.value.problems]) == ("invalid_request", problems)
        told = [*map(": ".join, problems), *(["and more"] if number > 20 else [])]
        assert refused.value.message == "; ".join(told)
    reject_if_any([])


# --- Streams ---


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_key_of_a_caller_is_always_the_same_stream(caller: str, key: str) -> None:
    """The id follows from caller and key, so the log itself detects a repeated key; it is a valid UUIDv8."""
    stream = keyed_stream(caller, key)
    assert stream == keyed_stream(caller, key)
    assert (stream.version, stream.variant) == (8, RFC_4122)


@given(*[st.text("ab:1", max_size=4)] * 4)
def test_no_two_keys_share_a_stream(caller: str, key: str, other_caller: str, other_key: str) -> None:
    """Another caller's key is another key, however the two are written."""
    same = (caller, key) == (other_caller, other_key)
    assert (keyed_stream(caller, key) == keyed_stream(other_caller, other_key)) == same


def test_the_stream_of_a_key_is_for_ever() -> None:
    """A replay after an upgrade of Pixel finds the same task."""
    assert task_id(keyed_stream("anonymous", "order-1")) == "task_4tckz2bb97hvxtw66r29q10s7e"


def test_a_new_stream_contains_its_time() -> None:
    """A UUIDv7 begins with milliseconds, so streams and their ids sort by their time."""
    before = time.time_ns() // 1_000_000
    streams = [new_stream() for _ in range(1000)]
    after = time.time_ns() // 1_000_000
    assert {(stream.version, stream.variant) for stream in streams} == {(7, RFC_4122)}
    times = [stream.int >> 80 for stream in streams]
    assert before <= times[0]
    assert times == sorted(times)
    assert times[-1] <= after
    assert len(set(streams)) == len(streams)
