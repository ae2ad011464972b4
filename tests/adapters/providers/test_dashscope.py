"""DashScope, on its simulator: work by task, work in the answer, and its calls in doubt."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from adapters.outbound.client import Reply
from adapters.providers.dashscope import errors, tasks
from adapters.providers.dashscope.requests import to_wire, vendor_model
from adapters.providers.dashscope.tasks import Result
from adapters.providers.keyring import Key
from domain.base import replace
from domain.model import Kind
from domain.provider import (
    Accepted,
    CannotTell,
    Finished,
    InDoubt,
    Input,
    NotFound,
    NoVerdict,
    Order,
    Refused,
    Sighting,
)
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject, catalogue, spec_of
from tests.adapters.providers.model_lists import ListsModels
from tests.simulators import media
from tests.simulators.base import Answer, Request, Simulator
from tests.simulators.dashscope import DashScope
from tests.simulators.serve import make, served

GOOD, SECOND, BAD = f"sk-{1:032x}", f"sk-{2:032x}", f"sk-{9:032x}"
INTERNATIONAL = f"sk-{3:032x}"
FRAME = Input(url="https://example.com/first-frame.jpg")
LAST = Input(data=media.png("a frame", 64, 64), media_type="image/png")
FIRST = {"imageInputs": ["https://example.com/first-frame.jpg"]}
BOTH = {"imageInputs": ["https://example.com/first-frame.jpg", "https://example.com/last-frame.png"]}

ORDER_REFUSALS = {
    "rate_limited": "rate_limited",
    "burst": "rate_limited",
    "no_balance": "provider_quota",
    "overdue": "provider_quota",
    "free_tier": "provider_quota",
    "moderated_input": "content_rejected_input",
    "moderated_output": "content_rejected_output",
    "invalid": "provider_rejected",
    "bad_url": "provider_rejected",
    "model_gone": "provider_model_missing",
    "model_denied": "provider_model_missing",
    "error_in_200": "provider_rejected",
    "unavailable": "provider_unavailable",
}
JOB_REFUSALS = {
    "job_failed": "generation_failed",
    "job_invalid": "provider_rejected",
    "job_throttled": "rate_limited",
    "cancelled_there": "cancelled",
    "expired_job": "Gone",
    "no_outputs": "missing",
    "missing_outputs": "missing",
}


IMAGE_CASE = Case(
    "text2image",
    "dashscope/qwen-image-plus",
    {"prompt": "a red fox", "negativePrompt": "blur", "aspectRatio": "16:9", "extraParams": {"seed": 7}},
)
VIDEO_CASE = Case(
    "text-to-video",
    "dashscope/wan2.6-video",
    {"prompt": "a fox runs", "negativePrompt": "blur", "resolution": "720p", "extraParams": {"seed": 7}},
)


class TestDashScopeTasks(Conformance, ListsModels):
    """The suite, on work by task, which can be listed and cancelled, and whose absence can be proved."""

    subject = Subject(
        provider="dashscope",
        simulator="dashscope",
        environment={"DASHSCOPE_API_KEY": GOOD},
        bad_environment={"DASHSCOPE_API_KEY": BAD},
        two_keys={"DASHSCOPE_API_KEY": f"{BAD}, {SECOND}"},
        cases=(
            IMAGE_CASE,
            VIDEO_CASE,
            Case(
                "image2image",
                "dashscope/wan2.5-image-edit",
                {"prompt": "make it snow", "negativePrompt": "blur", "n": 2, **BOTH},
                made=2,
                inputs=(FRAME, LAST),
            ),
            Case("image-to-video", "dashscope/wan2.6-video", {"prompt": "it runs", **FIRST}, inputs=(FRAME,)),
            Case(
                "media-video",
                "dashscope/wan2.7-i2v",
                {"prompt": "it runs", "duration": "2s", **BOTH},
                inputs=(FRAME, LAST),
            ),
            Case(
                "references-video",
                "dashscope/happyhorse-1.1-r2v",
                {"prompt": "they run", "resolution": "480p", "duration": "3s", "aspectRatio": "9:16", **BOTH},
                inputs=(FRAME, LAST),
            ),
        ),
        refusals=ORDER_REFUSALS | JOB_REFUSALS,
        only=dict.fromkeys(ORDER_REFUSALS, ("text2image", "text-to-video"))
        | dict.fromkeys(JOB_REFUSALS, ("text2image", "image-to-video"))
        | {"missing_outputs": ("image2image",)},
        lookup_not_done="NotFound",
        cancels="confirmed",
    )

    async def test_only_candidates_keep_a_call_in_doubt(self, bench: Bench) -> None:
        """A task of another model, or from before the order, is no candidate; candidates are named."""
        seen = await bench.provider.submit(bench.order(IMAGE_CASE))
        assert isinstance(seen, Accepted), seen
        lost = bench.order(VIDEO_CASE, call=2)
        assert isinstance(await bench.provider.lookup(lost), NotFound)
        other = await bench.provider.submit(bench.order(VIDEO_CASE))
        assert isinstance(other, Accepted), other
        found = await bench.provider.lookup(lost)
        assert isinstance(found, CannotTell), found
        assert other.job in found.reason
        tasks = tasks_of(bench)
        tasks[other.job]["at"] -= 3600_000
        assert isinstance(await bench.provider.lookup(lost), NotFound)

    async def test_an_older_call_has_more_candidates(self, bench: Bench) -> None:
        """The time of the call decides; if it is unknown, each task of the model is a candidate."""
        other = await bench.provider.submit(bench.order(VIDEO_CASE))
        assert isinstance(other, Accepted), other
        tasks_of(bench)[other.job]["at"] -= 3600_000
        order = bench.order(VIDEO_CASE, call=2)
        assert order.called_at
        assert isinstance(await bench.provider.lookup(order), NotFound)
        for called_at in (order.called_at - timedelta(hours=1), None):
            found = await bench.provider._lookup(replace(order, called_at=called_at), key_of(bench))
            assert isinstance(found, CannotTell), found
            assert other.job in found.reason

    async def test_as_many_pages_are_read_as_are_needed(self, bench: Bench) -> None:
        """The newest come first: a task older than the order ends the reading, a list out of order never does."""
        case = IMAGE_CASE
        for _ in range(101):
            await bench.provider.submit(bench.order(case))
        tasks = tasks_of(bench)
        for task in tasks.values():
            task["at"] -= 3600_000
        del bench.simulator.requests[:]
        assert isinstance(await bench.provider.lookup(bench.order(case, call=2)), NotFound)
        assert len(bench.simulator.requests) == 1
        tasks[list(tasks)[-2]]["at"] -= 3600_000
        oldest = next(iter(tasks))
        tasks[oldest]["at"] += 3600_000
        found = await bench.provider.lookup(bench.order(case, call=2))
        assert isinstance(found, CannotTell), found
        assert oldest in found.reason
        assert len(bench.simulator.requests) == 4

    @pytest.mark.parametrize("fault", ["500_before", "reset_before", "cut_body", "truncated_json", "empty_body"])
    async def test_a_failed_list_is_no_evidence(self, bench: Bench, fault: str) -> None:
        """A query that fails never proves that a call did not happen."""
        await bench.fault(fault, route=".*/tasks/")
        found = await bench.provider.lookup(bench.order(IMAGE_CASE))
        assert isinstance(found, NoVerdict), found

    async def test_a_running_task_is_not_cancelled(self, bench: Bench) -> None:
        """Only a waiting task can be cancelled; a later one is finished and paid for."""
        order = bench.order(IMAGE_CASE)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        await bench.provider.poll(order, seen.job)
        await bench.provider.poll(order, seen.job)
        assert (await bench.provider.cancel(order, seen.job)).outcome == "too_late"
        assert isinstance(await bench.finish(order, seen), Finished)
        assert bench.billed == 1

    async def test_asking_too_often_is_no_verdict(self, bench: Bench) -> None:
        """20 queries a second are allowed; one more must wait, and the task goes on."""
        order = bench.order(IMAGE_CASE)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        await bench.fault("poll_throttled")
        assert isinstance(await bench.provider.poll(order, seen.job), NoVerdict)
        assert isinstance(await bench.finish(order, seen), Finished)


class TestDashScopeAtOnce(Conformance):
    """The suite, on work that comes with the answer: no list has it if the answer is lost."""

    subject = Subject(
        provider="dashscope",
        simulator="dashscope",
        environment={"DASHSCOPE_API_KEY": GOOD},
        bad_environment={"DASHSCOPE_API_KEY": BAD},
        two_keys={"DASHSCOPE_API_KEY": f"{BAD},{SECOND}"},
        base_path="/api/v1",  # as the vendor's own tools want it
        cases=(
            Case(
                "image",
                "dashscope/qwen-image",
                {"prompt": "a red fox", "negativePrompt": "blur", "resolution": "2K", "aspectRatio": "16:9", "n": 2},
                made=2,
                job=False,
            ),
            Case(
                "edit",
                "dashscope/qwen-image-edit-plus",
                {"prompt": "make it snow", "n": 2, **BOTH},
                made=2,
                job=False,
                inputs=(LAST, FRAME),
            ),
            Case("speech", "dashscope/qwen3-tts", {"prompt": "Hello, welcome.", "voice": "Ethan"}, job=False),
            Case(
                "synthesizer",
                "dashscope/qwen-audio-3.0-tts-flash",
                {"prompt": "Hello, welcome.", "voice": "loongmary", "speed": 1.25},
                job=False,
            ),
            Case(
                "chat",
                "dashscope/qwen-plus",
                {"prompt": "A haiku, please.", "system": "You are a poet.", "temperature": 0.7, "maxTokens": 64},
                job=False,
            ),
            Case("chat-stream", "dashscope/qwen-plus", {"prompt": "A haiku, please.", "stream": True}, job=False),
        ),
        refusals=ORDER_REFUSALS | {"no_outputs": "missing", "missing_outputs": "missing"},
        only=dict.fromkeys(ORDER_REFUSALS, ("image", "speech", "chat", "chat-stream"))
        | {"no_outputs": ("image", "speech"), "missing_outputs": ("image", "edit")},
    )

    async def test_the_other_region_has_keys_of_its_own(self, bench: Bench) -> None:
        """A key is valid at its own address only; the environment names that address."""
        case = self.subject.cases[0]
        for path, key, good in (("/intl", INTERNATIONAL, True), ("/intl/api/v1", GOOD, False), ("", GOOD, True)):
            subject = self.subject._replace(base_path=path, environment={"DASHSCOPE_API_KEY": key})
            async with Bench.opened(subject, bench.simulator, bench.address) as there:
                seen = await there.provider.submit(there.order(case))
            assert isinstance(seen, Finished) is good, seen

    async def test_a_size_that_is_not_the_asked_one_is_delivered(self, bench: Bench) -> None:
        """A paid result is delivered as it is; its size is measured when it is stored."""
        order = bench.order(self.subject.cases[0], "wrong_size")
        assert isinstance(await bench.provider.submit(order), Finished)


class TestDashScopeDialects:
    """The other models, each with its own form of request: done as asked, and equal to the golden files."""

    subject = TestDashScopeTasks.subject._replace(
        refusals={},
        only={},
        cases=(
            Case("wan-image", "dashscope/wan2.6-t2i", {"prompt": "a red fox", "n": 2}, made=2),
            Case(
                "wan-image-edit",
                "dashscope/wan2.6-image",
                {"prompt": "make it snow", "aspectRatio": "4:3", **FIRST},
                inputs=(FRAME,),
            ),
            Case(
                "silent-video",
                "dashscope/wan2.6-i2v-flash",
                {"prompt": "it runs", "duration": "2s", **FIRST},
                inputs=(LAST,),
            ),
            Case(
                "ratio-video", "dashscope/wan2.7-t2v", {"prompt": "a fox runs", "duration": "2s", "aspectRatio": "3:4"}
            ),
            Case(
                "image-with-reference",
                "dashscope/qwen-image",
                {"prompt": "make it snow", **FIRST},
                job=False,
                inputs=(FRAME,),
            ),
            Case("fixed-sizes", "dashscope/qwen-image-max", {"prompt": "a red fox", "aspectRatio": "3:4"}, job=False),
            Case(
                "wan-2.7-image",
                "dashscope/wan2.7-image",
                {"prompt": "a red fox", "aspectRatio": "16:9", "n": 2, "extraParams": {"seed": 7}},
                made=2,
                job=False,
            ),
            Case(
                "wan-2.7-edit",
                "dashscope/wan2.7-image-pro",
                {"prompt": "make it snow", "resolution": "2K", **BOTH},
                job=False,
                inputs=(FRAME, LAST),
            ),
            Case(
                "wan-2.7-references",
                "dashscope/wan2.7-r2v",
                {
                    "prompt": "Image 1 meets Image 2",
                    "negativePrompt": "blur",
                    "duration": "2s",
                    "aspectRatio": "3:4",
                    **BOTH,
                },
                inputs=(FRAME, LAST),
            ),
            Case("z-image", "dashscope/z-image-turbo", {"prompt": "a fox", "extraParams": {"seed": 7}}, job=False),
            Case("old-edit", "dashscope/qwen-image-edit", {"prompt": "snow", **FIRST}, job=False, inputs=(FRAME,)),
        ),
    )
    test_the_job_is_done_once_as_asked = Conformance.test_the_job_is_done_once_as_asked
    test_requests_and_replies_are_golden = Conformance.test_requests_and_replies_are_golden


async def test_what_would_be_dropped_is_refused_before_it_is_sent() -> None:
    """A LoRA, which DashScope does not have: refused before a byte is sent."""
    simulator, lora = make("dashscope"), {"loras": [{"model": "dashscope/anime-style", "weight": 0.8}]}
    async with served(simulator) as address, Bench.opened(TestDashScopeAtOnce.subject, simulator, address) as bench:
        case = Case("x", "dashscope/qwen-image", {"prompt": "a", "extraParams": lora})
        seen = await bench.provider.submit(bench.order(case))
        assert isinstance(seen, Refused), seen
        assert (seen.code, seen.retryable, seen.charged) == ("provider_rejected", False, "no")
        assert "LoRA" in seen.message
        assert simulator.requests == []


def test_no_negative_prompt_is_cut() -> None:
    """DashScope reads 500 characters of it and drops the rest silently: no model of the catalogue accepts more."""
    for entry in catalogue().models:
        if entry.id.startswith("dashscope/") and entry.spec.type in {Kind.IMAGE, Kind.VIDEO}:
            limits = entry.spec.limits
            assert "negativePrompt" in limits.refuses or limits.negative_prompt == 500, entry.id


def reply(status: int, body: object) -> Reply:
    """An answer."""
    return Reply(status, httpx.Headers(), msgspec.json.encode(body))


ERRORS = [
    (400, "Arrearage", "", "provider_quota"),
    (429, "PostpaidBillOverdue", "", "provider_quota"),
    (429, "CommodityNotPurchased", "", "provider_quota"),
    (403, "AccessDenied.Unpurchased", "", "provider_quota"),
    (403, "AllocationQuota.FreeTierOnly", "", "provider_quota"),
    (429, "Throttling.AllocationQuota", "Free allocated quota exceeded.", "provider_quota"),
    (429, "Throttling.AllocationQuota", "Allocated quota exceeded, please increase your quota.", "rate_limited"),
    (429, "insufficient_quota", "You exceeded your current quota.", "rate_limited"),
    (429, "limit_burst_rate", "", "rate_limited"),
    (401, "invalid_api_key", "", "provider_auth"),
    (401, "NOT AUTHORIZED", "", "provider_auth"),
    (403, "Workspace.AccessDenied", "", "provider_auth"),
    (403, "access_denied", "no permission", "provider_auth"),
    (403, "AccessDenied", "current user api does not support asynchronous calls.", "provider_rejected"),
    (403, "AccessDenied", "current user api does not support synchronous calls.", "provider_rejected"),
    (400, "IPInfringementSuspect", "", "content_rejected_input"),
    (400, "data_inspection_failed", "Output data may contain …", "content_rejected_output"),
    (400, "InvalidParameter.DataInspection", "Unable to download the media", "provider_rejected"),
    (404, "Model.NotExist", "", "provider_model_missing"),
    (404, "model_not_found", "", "provider_model_missing"),
    (413, "", "", "provider_rejected"),
    (418, "SomethingNew", "", "provider_rejected"),
    (500, "InternalError.Timeout", "", None),
    (500, "internal_error", "", None),
    (503, "ServiceUnavailable", "", None),
    (503, "ModelUnavailable", "", "provider_unavailable"),
    (504, "GatewayTimeout", "", None),
    (408, "", "", None),
    (400, "ClientDisconnect", "", None),
    (400, "RequestTimeOut", "", None),
    (200, "InternalError.Algo", "", None),
    (200, "InvalidParameter", "", "provider_rejected"),
    (302, "", "", None),
]


@pytest.mark.parametrize(("status", "code", "message", "becomes"), ERRORS)
def test_every_error_of_the_vendors_table(status: int, code: str, message: str, becomes: str | None) -> None:
    """By its code, in both spellings and both envelopes; work that may have been done is in doubt."""
    flat = {"code": code, "message": message, "request_id": "r"}
    for body in (flat, {"error": {**flat, "type": code, "param": None}, "request_id": "r"}):
        seen: Sighting = errors.refused(reply(status, body))
        if becomes is None:
            assert isinstance(seen, InDoubt), seen
            continue
        assert isinstance(seen, Refused), seen
        assert (seen.code, seen.charged) == (becomes, "no")
        assert seen.retryable == (becomes in {"rate_limited", "provider_unavailable"})


@pytest.mark.parametrize(
    "body", [{}, {"output": {}}, {"output": {"task_id": ""}}, {"output": {"task_status": "PENDING"}}, [], {"output": 1}]
)
def test_a_good_status_without_a_task_is_a_doubt(body: object) -> None:
    """HTTP 200 without a task and without a refusal: the task may have been accepted."""
    for case in (IMAGE_CASE, TestDashScopeAtOnce.subject.cases[0]):
        assert isinstance(tasks.submit_result(order_of(case), reply(200, body)), InDoubt)


@pytest.mark.parametrize(
    "body",
    [
        {"output": {"task_id": "t", "task_status": "SUSPENDED"}},
        {"output": {"task_id": "t"}},
        {"code": "InternalError", "message": "…"},
        {"request_id": "r"},
    ],
)
def test_a_poll_without_a_known_status_is_no_verdict(body: object) -> None:
    """An unknown status, or none: polled again."""
    order = order_of(IMAGE_CASE)
    assert isinstance(tasks.poll_result(order, reply(200, body)), NoVerdict)


@pytest.mark.parametrize(
    ("url", "becomes"),
    [
        ("http://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/x.wav?E=1", "https://dashscope-result-bj.oss-cn"),
        ("https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/x.wav", "https://dashscope-result-bj.oss-cn"),
        ("http://example.com/x.wav", "http://example.com/x.wav"),
        ("http://aliyuncs.com.example.com/x.wav", "http://aliyuncs.com.example.com/x.wav"),
    ],
)
def test_speech_is_fetched_safely(url: str, becomes: str) -> None:
    """The vendor gives http addresses of its store: they are fetched by https, other addresses stay as they are."""
    result = msgspec.convert({"audio": {"url": url}}, Result)
    speech = order_of(next(case for case in TestDashScopeAtOnce.subject.cases if case.name == "speech"))
    (output,) = tasks.finished(speech, result, None).outputs
    assert (output.url or "").startswith(becomes)


@pytest.mark.parametrize(
    ("usage", "seconds"),
    [
        ({"duration": 5.0, "video_duration": 0, "video_ratio": ""}, 5),
        ({"duration": 4.2}, 5),
        ({"video_duration": 3}, 3),
        ({"output_video_duration": 2, "SR": 720, "size": "1280*720", "audio": True}, 2),
        ({}, None),
    ],
)
def test_the_seconds_of_a_video_have_many_names(usage: dict[str, Any], seconds: int | None) -> None:
    """As a float or an int, under the name of the model's generation; where they are missing, none are assumed."""
    order = order_of(VIDEO_CASE)
    result = msgspec.convert({"video_url": "https://example.com/x.mp4"}, Result)
    assert tasks.finished(order, result, usage).usage.get("second") == seconds


def test_every_model_turns_off_what_nobody_asked_for() -> None:
    """No watermark and no rewritten prompt for any image or video, unless the model does not have the switch."""
    for entry in catalogue().models:
        if not entry.id.startswith("dashscope/") or entry.spec.type not in {Kind.IMAGE, Kind.VIDEO}:
            continue
        order = order_of(Case("x", entry.id, {"prompt": "a fox"}))
        parameters = to_wire(order).body["parameters"]
        assert parameters["watermark"] is False, entry.id
        without = (entry.spec.wire or {}).get("without", ())
        assert parameters.get("prompt_extend", "") == ("" if "prompt_extend" in without else False), entry.id
        assert entry.spec.type is Kind.VIDEO or parameters.get("n", 1) == 1, entry.id


def test_an_order_is_looked_up_without_its_media() -> None:
    """A lookup has no bytes of the images, and must name the same model as the order."""
    for case in (*TestDashScopeTasks.subject.cases, *TestDashScopeAtOnce.subject.cases[:2]):
        order = order_of(case)
        assert vendor_model(replace(order, inputs=())) == to_wire(order).body["model"]


@pytest.mark.parametrize(
    ("listed", "finding"),
    [
        ({"total": 0, "data": []}, NotFound),
        ({"total": 0, "tasks": []}, NotFound),
        ({"total": 0}, NoVerdict),
        ({"data": []}, NoVerdict),
        ({"total": 3, "data": []}, NoVerdict),
        ({"total": 1, "data": [{"task_id": "t-1"}]}, CannotTell),
        ({"total": 1, "data": [{"task_id": "t-1", "model_name": "qwen-image-plus-2026-01-09"}]}, CannotTell),
        ({"total": 1, "tasks": [{"task_id": "t-1", "model_name": "wan2.6-t2v"}]}, NotFound),
        ({"total": 1, "data": [{"task_id": "t-1", "model_name": {"a": 1}, "gmt_create": "today"}]}, CannotTell),
        ({"total": 1, "data": [{"task_id": "t-1", "gmt_create": "1.5"}]}, NotFound),
        ({"total": 1, "data": [{"task_id": {"a": 1}}]}, NoVerdict),
        ({"total": 1, "data": ["t-1"]}, NoVerdict),
        ({"total": "one", "data": []}, NoVerdict),
        ({"code": "InvalidParameter", "message": "page_size"}, CannotTell),
        ({"code": "Throttling.RateQuota", "message": "…"}, NoVerdict),
    ],
)
async def test_a_list_is_read_both_ways(listed: dict[str, Any], finding: type) -> None:
    """The vendor's page and its SDK disagree about the list's name; an answer with neither is not an empty list."""
    simulator = Simulator("dashscope")

    async def answer(_request: Request) -> Answer:
        return Answer(400 if "code" in listed else 200, json=listed)

    simulator.route("GET", "/api/v1/tasks/")(answer)
    async with served(simulator) as address, Bench.opened(TestDashScopeTasks.subject, simulator, address) as bench:
        found = await bench.provider.lookup(bench.order(IMAGE_CASE))
        assert isinstance(found, finding), found


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, {"request_id": "r"}, "confirmed"),
        (200, {"output": {"task_status": "CANCELED"}, "code": "", "message": None}, "confirmed"),
        (200, {"code": "Success", "message": {"a": 1}}, "confirmed"),
        (200, {"code": {"a": 1}}, "unknown"),
        (200, {"code": True}, "unknown"),
        (200, {"error": "no"}, "unknown"),
        (200, [], "unknown"),
        (400, {"code": "UnsupportedOperation", "message": 7}, "too_late"),
        (400, {"error": {"code": "unsupported_operation"}}, "too_late"),
        (500, {}, "unknown"),
    ],
)
async def test_only_a_readable_answer_confirms_a_cancellation(status: int, body: object, outcome: str) -> None:
    """An unknown error is no confirmation."""
    simulator = make("dashscope")
    simulator.distort = lambda request, good: Answer(status, json=body) if request.path.endswith("/cancel") else good
    async with served(simulator) as address, Bench.opened(TestDashScopeTasks.subject, simulator, address) as bench:
        order = bench.order(IMAGE_CASE)
        seen = await bench.provider.submit(order)
        assert (await bench.provider.cancel(order, getattr(seen, "job", ""))).outcome == outcome


def tasks_of(bench: Bench) -> dict[str, dict[str, Any]]:
    """The simulator's tasks, by their names."""
    assert isinstance(bench.simulator, DashScope)
    return bench.simulator.tasks


def key_of(bench: Bench) -> Key:
    """The key in use."""
    key = bench.provider.keys.next(Kind.VIDEO)
    assert key
    return key


def order_of(case: Case) -> Order:
    """An order, without a simulator."""
    spec = spec_of(case.model)
    return Order(
        task_id="t",
        call_id="t.1",
        kind=spec.type,
        model=case.model,
        spec=spec,
        params=case.params,
        inputs=case.inputs,
    )
