"""In what forms do DashScope and ModelScope answer? Results are read, and unreadable ones are counted as paid."""

import base64
import json
from typing import Any

import httpx
import pytest

from adapters.outbound.client import Reply
from adapters.providers.dashscope import errors
from adapters.providers.dashscope import tasks as dashscope
from adapters.providers.modelscope import tasks as modelscope
from adapters.providers.modelscope.errors import refused
from domain.model import Kind
from domain.provider import Accepted, Finished, Gone, InDoubt, NoVerdict, Order, Output, Refused, Working
from tests.adapters.providers.conformance import spec_of
from tests.simulators import media

URL = "https://store.example/a.png"
PNG = media.png("a fox", 64, 64)
DATA = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


def reply(body: object, status: int = 200) -> Reply:
    return Reply(status, httpx.Headers(), json.dumps(body).encode())


def order_of(model: str, **params: Any) -> Order:
    spec = spec_of(f"dashscope/{model}")
    return Order(
        task_id="t", call_id="t.1", kind=spec.type, model=model, spec=spec, params={"prompt": "a fox"} | params
    )


BY_TASK, AT_ONCE = order_of("qwen-image-plus"), order_of("qwen-image")
VIDEO, SPEECH = order_of("wan2.6-video"), order_of("qwen3-tts")


def polled(order: Order, output: object, **more: Any) -> Any:
    return dashscope.poll_result(order, reply({"output": output} | more))


def parts(*given: object) -> dict[str, Any]:
    return {"task_status": "SUCCEEDED", "choices": [{"message": {"content": list(given)}}]}


# --- DashScope ---


@pytest.mark.parametrize(
    ("order", "output", "found"),
    [
        (BY_TASK, {"task_status": "SUCCEEDED", "results": [{"url": URL}]}, URL),
        (BY_TASK, {"task_status": "succeeded", "results": {"url": f" {URL}\n"}}, URL),
        (BY_TASK, {"task_status": "DONE", "results": [URL]}, URL),
        (BY_TASK, {"task_status": "ARCHIVED", "results": [{"url": URL, "code": ""}]}, URL),
        (BY_TASK, {"task_status": None, "results": [{"url": URL}], "message": {"a": 1}}, URL),
        (BY_TASK, {"task_status": "FAILED", "results": [{"url": URL}]}, URL),
        (BY_TASK, {"task_status": "SUCCEEDED", "results": [{"url": DATA}]}, PNG),
        (BY_TASK, parts({"image": URL}), URL),
        (BY_TASK, parts({"text": "a fox"}, {"image": URL, "text": ""}), URL),
        (BY_TASK, parts({"image": {"url": URL}}, {"type": "text", "text": "a fox"}), URL),
        (BY_TASK, {"choices": {"message": {"content": {"image": DATA}}}}, PNG),
        (VIDEO, {"task_status": "SUCCEEDED", "video_url": URL}, URL),
        (VIDEO, {"task_status": "SUCCEEDED", "video_url": {"url": URL}}, URL),
        (VIDEO, {"task_status": "SUCCEEDED", "results": {"video_url": URL}}, URL),
        (VIDEO, {"task_status": 7, "results": [{"url": URL}]}, URL),
        (SPEECH, {"audio": {"url": URL, "data": ""}}, URL),
        (SPEECH, {"audio": {"url": None, "data": DATA}}, PNG),
        (SPEECH, {"audio": {"data": DATA.partition(",")[2], "expires_at": "x"}}, PNG),
        (SPEECH, {"audio": URL}, URL),
    ],
)
@pytest.mark.parametrize("usage", [None, 5.0, {"image_count": None, "duration": "x", "characters": 10**400}])
def test_a_result_is_read_in_every_form(
    order: Order, output: dict[str, Any], found: str | bytes, usage: object
) -> None:
    """In a list or alone, as an address or as data, under any status and with any figures."""
    for seen in (
        polled(order, output, usage=usage, code={"a": 1}),
        dashscope.submit_result(order, reply({"output": output})),
    ):
        assert isinstance(seen, Finished), seen
        (made,) = seen.outputs
        assert (made.data or made.url) == found
        assert (seen.missing, seen.answer) == ((), None)
        assert all(0 <= number <= 2**53 for number in seen.usage.values())


@pytest.mark.parametrize(
    ("order", "output"),
    [
        (BY_TASK, {"task_status": "SUCCEEDED", "results": [{"url": {"a": 1}}]}),
        (BY_TASK, {"task_status": "SUCCEEDED", "results": [{"orig_prompt": "a fox"}]}),
        (BY_TASK, {"task_status": "SUCCEEDED", "results": [True]}),
        (BY_TASK, {"task_status": "SUCCEEDED"}),
        (BY_TASK, {"task_status": "SUCCEEDED", "results": True}),
        (BY_TASK, parts({"image": True})),
        (BY_TASK, parts({"picture": URL})),
        (BY_TASK, {"task_status": "SUCCEEDED", "choices": [{"message": True}]}),
        (VIDEO, {"task_status": "SUCCEEDED"}),
        (VIDEO, {"task_status": "SUCCEEDED", "video_url": True}),
        (SPEECH, {"task_status": "SUCCEEDED", "audio": {"a": 1}}),
    ],
)
def test_a_success_that_can_not_be_read_was_paid_for(order: Order, output: dict[str, Any]) -> None:
    """The result is reported as missing and unreadable, counts as made, and the answer is stored."""
    seen = polled(order, output)
    assert isinstance(seen, Finished), seen
    assert (seen.outputs, [one.code for one in seen.missing]) == ((), ["unreadable"])
    assert seen.usage.get("image") == (1 if order.kind is Kind.IMAGE else None)
    assert seen.answer


@pytest.mark.parametrize(
    ("output", "codes"),
    [
        ({"task_status": "SUCCEEDED", "results": [{"url": URL}, {"code": 7, "message": None}]}, ["7", "missing"]),
        ({"task_status": "SUCCEEDED", "results": [{"url": URL}, {"url": ""}]}, ["unreadable", "missing"]),
        ({"task_status": "SUCCEEDED", "results": []}, ["missing"] * 3),
        (parts(), ["missing"] * 3),
        (parts({"text": "and/or"}, {"text": "no"}), ["missing"] * 3),
        ({"task_status": "SUCCEEDED", "choices": [{"message": {"content": "and/or"}}]}, ["missing"] * 3),
    ],
)
def test_images_reported_as_not_made_are_not_paid_for(output: dict[str, Any], codes: list[str]) -> None:
    """An image with an error in its place, and images without any report: only what may have been made counts."""
    seen = polled(order_of("wan2.6-t2i", n=3), output)
    assert isinstance(seen, Finished), seen
    assert [one.code for one in seen.missing] == codes
    assert seen.usage["image"] == len(seen.outputs) + codes.count("unreadable")


@pytest.mark.parametrize(
    ("order", "body"),
    [
        (BY_TASK, {"output": {"task_id": 77, "task_status": {"a": 1}}, "code": {"a": 1}, "message": [1]}),
        (BY_TASK, {"output": {"task_id": "77", "message": 5}, "code": "Success", "usage": [1]}),
        (AT_ONCE, {"output": {"task_id": "77", "task_status": "PENDING"}}),
    ],
)
def test_a_task_is_accepted_whatever_else_is_in_the_answer(order: Order, body: dict[str, Any]) -> None:
    """Also where the result itself was expected: the task can be polled."""
    assert dashscope.submit_result(order, reply(body)) == Accepted(job="77")


@pytest.mark.parametrize(
    "body",
    [
        {"code": {"a": 1}},
        {"code": True, "message": "no"},
        {"code": "Success"},
        {"code": 200, "message": "ok"},
        {"code": "SomethingNew", "message": "of which nobody knows"},
        {"error": {"a": 1}},
        {"error": True},
        {"output": {"task_id": {"a": 1}}},
        {"output": {"task_id": "x" * 2_000_000}},
        {"output": {"task_id": "a\x00b"}},
    ],
)
def test_what_decides_and_can_not_be_read_is_a_doubt_with_the_answer(body: object) -> None:
    """An invalid or unknown code is no refusal in an answer with a status of success."""
    seen = dashscope.submit_result(BY_TASK, reply(body))
    assert isinstance(seen, InDoubt), seen
    assert seen.answer


@pytest.mark.parametrize("code", [None, True, 7, {"a": 1}, 10**400, "x" * 2_000_000])
def test_a_code_of_any_kind_is_no_obstacle(code: object) -> None:
    """Then the HTTP status decides."""
    for body in ({"code": code, "message": {"a": 1}}, {"error": {"code": code}}, {"error": "no", "code": code}):
        seen = errors.refused(reply(body, 401))
        assert isinstance(seen, Refused), seen
        assert seen.code == "provider_auth"
        assert seen.provider_code


def test_an_unknown_task_is_polled_again() -> None:
    """The vendor answers UNKNOWN also for a task that it accepted a moment ago: it is never certain."""
    for word in ("UNKNOWN", "unknown"):
        seen = polled(VIDEO, {"task_status": word})
        assert isinstance(seen, Gone), seen
        assert not seen.certain


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("pending", Working(phase="queued")),
        ("Running", Working(phase="running")),
        ("Fail", "generation_failed"),
        ("canceled", "cancelled"),
        ("CANCELLED", "cancelled"),
        ("timeout", "expired"),
    ],
)
def test_states_have_many_words(status: str, seen: object) -> None:
    """In any case, and by their synonyms."""
    found = polled(VIDEO, {"task_status": status, "code": {"a": 1}, "message": 7})
    assert (found.code if isinstance(found, Refused) else found) == seen


@pytest.mark.parametrize("output", [{"task_status": "SUSPENDED"}, {"task_status": True}, {"a": 1}, True, []])
def test_a_state_that_can_not_be_read_is_polled_again_and_reported(output: object) -> None:
    """No verdict, and the answer is stored, so that a person can see why no result comes."""
    seen = polled(VIDEO, output)
    assert isinstance(seen, NoVerdict), seen
    assert seen.answer


# --- ModelScope ---


@pytest.mark.parametrize(
    ("images", "found"),
    [
        ([URL], URL),
        (f" {URL}\n", URL),
        ([{"url": URL}], URL),
        ({"url": URL}, URL),
        ([DATA], PNG),
        ([URL.replace("/a.", "/a b.")], URL.replace("/a.", "/a%20b.")),
    ],
)
@pytest.mark.parametrize("status", ["SUCCEED", "done", "DREAMING", None, 7, "FAILED"])
def test_an_image_ends_the_task_under_any_status(images: object, found: str | bytes, status: object) -> None:
    """In every form."""
    body = {"task_id": {"a": 1}, "task_status": status, "output_images": images, "errors": "late", "time": -1}
    seen = modelscope.poll_result(reply(body))
    assert isinstance(seen, Finished), seen
    assert [made.data or made.url for made in seen.outputs] == [found]


@pytest.mark.parametrize(
    ("images", "code", "made"),
    [([], "empty", 0), (None, "unreadable", 1), (True, "unreadable", 1), ([7], "unreadable", 1)],
)
def test_a_success_without_an_image_is_counted(images: object, code: str, made: int) -> None:
    """None was made, or one was made that can't be read."""
    seen = modelscope.poll_result(reply({"task_status": "SUCCEED", "output_images": images}))
    assert isinstance(seen, Finished), seen
    assert (seen.outputs, [one.code for one in seen.missing], seen.usage) == ((), [code], {"image": made})
    assert seen.answer


def test_an_order_of_modelscope_is_accepted_done_or_in_doubt() -> None:
    """By the task's id, by its image, or else with the answer."""
    assert modelscope.submit_result(reply({"task_id": 7, "task_status": None, "errors": {}})) == Accepted(job="7")
    done = modelscope.submit_result(reply({"output_images": [URL]}))
    assert isinstance(done, Finished)
    assert done.outputs == (Output(index=0, url=URL),)
    unclear: tuple[object, ...] = ({}, {"task_id": {"a": 1}}, {"errors": {"code": True}}, {"errors": "boom"}, [])
    for body in unclear:
        seen = modelscope.submit_result(reply(body))
        assert isinstance(seen, InDoubt), seen
        assert seen.answer


@pytest.mark.parametrize("error", ["no", 7, None, True, {"code": {"a": 1}}, {"code": "401", "message": [1]}, [1]])
def test_errors_of_modelscope_in_any_form(error: object) -> None:
    """By the HTTP status, or by the status in the body of a 500, as a number or as text."""
    for name in ("errors", "error"):
        seen = refused(reply({name: error}, 404))
        assert isinstance(seen, Refused), seen
        assert seen.code == "provider_model_missing"
        hidden = refused(reply({name: error}, 500))
        if error == {"code": "401", "message": [1]}:
            assert isinstance(hidden, Refused)
            assert hidden.code == "provider_auth"
        else:
            assert isinstance(hidden, InDoubt), hidden


def test_a_task_that_modelscope_does_not_find_is_polled_again() -> None:
    """It may have been accepted a moment ago."""
    seen = modelscope.poll_result(
        reply({"task_status": "FAILED", "errors": {"code": 500, "message": "task not found"}})
    )
    assert isinstance(seen, Gone), seen
    assert not seen.certain
