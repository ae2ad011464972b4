"""MiniMax, on its simulator."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.outbound.client import Reply
from adapters.providers.minimax import synchronous, videos
from adapters.providers.minimax.errors import refused
from domain.base import replace
from domain.model import Kind
from domain.provider import (
    Accepted,
    CannotTell,
    DownloadFailed,
    Finished,
    InDoubt,
    Input,
    NotFound,
    NoVerdict,
    Order,
    Refused,
)
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject, spec_of
from tests.adapters.providers.model_lists import ListsModels
from tests.simulators import media
from tests.simulators._minimax_video import Videos
from tests.simulators.base import Answer, Request, Simulator
from tests.simulators.minimax import GROUP, MiniMax
from tests.simulators.serve import served

GOOD, BAD = "sk-api-0000000000000001", "sk-api-9999999999999999"
FIRST = Input(url="https://example.com/first.png")
LAST = Input(url="https://example.com/last.png")

IMAGE = Case(
    "image",
    "minimax/image-01",
    {"prompt": "a red fox", "aspectRatio": "16:9", "n": 2, "extraParams": {"seed": 7}},
    made=2,
    job=False,
)
HAILUO = Case("hailuo", "minimax/hailuo-2.3", {"prompt": "a cat, [Push in]", "resolution": "768p", "duration": "6s"})
SPEECH = Case(
    "speech",
    "minimax/speech-2.8-hd",
    {"prompt": "Hello, welcome.", "voice": "English_Persuasive_Man", "speed": 1.25},
    job=False,
)
CHAT = Case(
    "chat",
    "minimax/m3",
    {"messages": [{"role": "user", "content": "A haiku, please."}], "temperature": 0.5, "maxTokens": 256},
    job=False,
)
CHAT_STREAM = CHAT._replace(name="chat-stream", params=CHAT.params | {"stream": True})
H3 = Case("h3", "minimax/h3", {"prompt": "a cat", "duration": "4s", "aspectRatio": "9:16"})
MODERATED = {"moderated_input": "content_rejected_input", "moderated_output": "content_rejected_output"}
ORDERS_REFUSED = MODERATED | {
    "rate_limited": "rate_limited",
    "busy": "rate_limited",
    "token_limit": "rate_limited",
    "ramp": "rate_limited",
    "no_balance": "provider_quota",
    "plan_used_up": "provider_quota",
    "error_in_200": "provider_auth",
    "invalid": "provider_rejected",
    "model_gone": "provider_model_missing",
}


class TestMiniMax(Conformance, ListsModels):
    """The suite, on the models of v1."""

    subject = Subject(
        provider="minimax",
        simulator="minimax",
        environment={"MINIMAX_API_KEY": GOOD},
        bad_environment={"MINIMAX_API_KEY": BAD},
        two_keys={"MINIMAX_API_KEY": f"{BAD},{GOOD}"},
        cases=(
            IMAGE,
            Case("image_reference", "minimax/image-01", {"prompt": "she reads"}, job=False, inputs=(FIRST,)),
            HAILUO,
            Case("hailuo_frames", "minimax/hailuo-02", {"prompt": "a cat"}, inputs=(FIRST, LAST)),
            SPEECH,
            CHAT,
            CHAT_STREAM,
        ),
        refusals=ORDERS_REFUSED
        | {
            "missing_outputs": "missing",
            "all_blocked": "content_rejected_output",
            "no_outputs": "missing",
            "only_thoughts": "missing",
            "job_failed": "generation_failed",
            "failed_word": "generation_failed",
        },
        only={
            "missing_outputs": ("image",),
            "all_blocked": ("image",),
            "no_outputs": ("image", "speech"),
            "only_thoughts": ("chat", "chat-stream"),
            "job_failed": ("hailuo",),
            "failed_word": ("hailuo",),
        },
        deciding_members=frozenset({"file_id", "file", "download_url"}),  # the file of a video of v1
    )

    async def test_an_expired_address_is_renewed_by_a_poll(self, bench: Bench) -> None:
        """Each poll of a finished video returns a new address, and the file's number stays exact."""
        order = bench.order(HAILUO)
        job = await bench.provider.submit(order)
        assert isinstance(job, Accepted)
        first = await bench.finish(order, job)
        assert isinstance(first, Finished)
        assert first.expires_seconds == 3600
        bench.simulator.files.clear()
        dead = await bench.provider.fetch(order, first.outputs[0].url or "")
        assert isinstance(dead, DownloadFailed)
        again = await bench.provider.poll(order, job.job)
        assert isinstance(again, Finished)
        assert again.outputs[0].url != first.outputs[0].url
        assert isinstance(await bench.provider.fetch(order, again.outputs[0].url or ""), bytes)
        assert bench.billed == 1

    async def test_a_video_without_a_file_is_polled_again(self, bench: Bench) -> None:
        """A success without a file is no verdict: the video is paid for, and the file may still be named."""
        order = bench.order(HAILUO, "no_outputs")
        job = await bench.provider.submit(order)
        assert isinstance(job, Accepted)
        for _ in range(3):
            await bench.provider.poll(order, job.job)
        assert isinstance(await bench.provider.poll(order, job.job), NoVerdict)

    @pytest.mark.parametrize("asked", [IMAGE, HAILUO, SPEECH, CHAT], ids=lambda asked: asked.name)
    async def test_a_broken_service_is_a_doubt(self, bench: Bench, asked: Case) -> None:
        """An internal error in an HTTP 200 may come after the work: it is never a refusal."""
        order = bench.order(asked, "internal_after")
        assert isinstance(await bench.provider.submit(order), InDoubt)
        assert bench.billed == 1

    async def test_audio_that_can_not_be_read_was_paid_for(self, bench: Bench) -> None:
        """It is counted, it is reported as missing and unreadable, and the answer is stored."""
        seen = await bench.provider.submit(bench.order(SPEECH, "not_hex"))
        assert isinstance(seen, Finished)
        assert (seen.outputs, [lost.code for lost in seen.missing]) == ((), ["unreadable"])
        assert seen.usage["character"] > 0
        assert seen.answer

    async def test_thoughts_are_not_part_of_the_answer(self, bench: Bench) -> None:
        """The thoughts of the model are left out, and its answer is delivered."""
        seen = await bench.provider.submit(bench.order(CHAT, "thinking_aloud"))
        assert isinstance(seen, Finished)
        assert seen.outputs[0].text == "A quiet sea, a small boat."

    async def test_a_temperature_out_of_range_is_not_sent(self, bench: Bench) -> None:
        """MiniMax accepts more than 0 and at most 1; a value that it would refuse or change is refused here."""
        for temperature in (0, 1.5):
            order = bench.order(CHAT._replace(params=CHAT.params | {"temperature": temperature}))
            seen = await bench.provider.submit(order)
            assert isinstance(seen, Refused)
            assert (seen.code, seen.charged) == ("provider_rejected", "no")
        assert bench.simulator.requests == []

    async def test_an_image_without_an_address_is_sent_as_a_data_url(self, bench: Bench) -> None:
        """With the prefix that MiniMax requires, for images and videos alike."""
        reference = Input(data=media.png("ref", 320, 320), media_type="image/png")
        for case in (IMAGE, HAILUO):
            seen = await bench.provider.submit(bench.order(case._replace(inputs=(reference,))))
            assert isinstance(seen, Finished | Accepted)
        for request, _ in bench.simulator.orders:
            assert b"data:image/png;base64,iVBOR" in request.body

    async def test_the_group_id_is_sent_only_if_it_is_set(self, bench: Bench) -> None:
        """The group id is obsolete, and a wrong one is refused like a wrong key."""
        await bench.provider.submit(bench.order(SPEECH))
        for group, good in ((GROUP, True), ("1", False)):
            environment = {"MINIMAX_API_KEY": GOOD, "MINIMAX_GROUP_ID": group}
            async with Bench.opened(bench.subject, bench.simulator, bench.address, environment) as grouped:
                seen = await grouped.provider.submit(grouped.order(SPEECH))
                assert isinstance(seen, Finished if good else Refused)
        queries = [request.query for request, _ in bench.simulator.orders]
        assert queries == [{}, {"GroupId": [GROUP]}, {"GroupId": ["1"]}]

    async def test_a_base_url_may_end_in_v1(self, bench: Bench) -> None:
        """Chat clients use that form; the adapter serves both generations of the API."""
        subject = bench.subject._replace(base_path="/v1/")
        async with Bench.opened(subject, bench.simulator, bench.address) as other:
            assert isinstance(await other.provider.submit(other.order(CHAT)), Finished)


class TestMiniMaxV2(Conformance):
    """The suite, on videos of the second generation, which can be listed and cancelled."""

    subject = Subject(
        provider="minimax",
        simulator="minimax",
        environment={"MINIMAX_API_KEY": GOOD},
        bad_environment={"MINIMAX_API_KEY": BAD},
        two_keys={"MINIMAX_API_KEY": f"{BAD},{GOOD}"},
        cases=(
            H3,
            Case("h3_frames", "minimax/h3-frames", {"prompt": "a cat", "duration": "4s"}, inputs=(FIRST, LAST)),
            Case("h3_reference", "minimax/h3-reference", {"prompt": "a cat", "duration": "4s"}, inputs=(FIRST, LAST)),
            Case("h3_max", "minimax/h3-max", {"prompt": "a cat", "resolution": "480p", "aspectRatio": "1:1"}),
        ),
        refusals=ORDERS_REFUSED
        | {
            "job_failed": "generation_failed",
            "moderated_later": "content_rejected_input",
            "expired_job": "expired",
        },
        only=dict.fromkeys(("job_failed", "moderated_later", "expired_job", "ramp", "token_limit"), ("h3",)),
        lookup="CannotTell",
        lookup_not_done="NotFound",
        cancels="confirmed",
    )

    @pytest.mark.parametrize(
        ("body", "job"),
        [
            (
                b'{"task_id": "106916112212032", "status": "success", "file_id": "1", "base_resp": {}}',
                "106916112212032",
            ),
            (b'{"task": {"id": "424010985738629", "status": "running"}}', "424010985738629"),
            (b'{"challenge": "c-42"}', None),
            (b'{"task": null}', None),
            (b"[]", None),
        ],
    )
    async def test_a_callback_names_its_job(self, bench: Bench, body: bytes, job: str | None) -> None:
        """In the form of either generation; nothing else of an unsigned body is read."""
        assert bench.provider.job_from_callback(body) == job

    async def test_a_video_that_is_begun_or_done_is_not_deleted(self, bench: Bench) -> None:
        """The DELETE that cancels a queued video destroys a finished one: it is sent for queued videos only."""
        order = bench.order(H3)
        job = await bench.provider.submit(order)
        assert isinstance(job, Accepted)
        await bench.provider.poll(order, job.job)
        for _ in range(2):
            answer = await bench.provider.cancel(order, job.job)
            assert answer.outcome == "too_late"
        assert ("DELETE", f"/v2/video_generation/{job.job}") not in bench.simulator.requests
        assert isinstance(await bench.finish(order, job), Finished)

    async def test_a_cancellation_is_confirmed_in_either_form(self, bench: Bench) -> None:
        """By an action, by a status, by the task; if the answer is empty, the task is polled."""
        forms: list[Any] = [{"status": "cancelled"}, {"action": "Canceled"}, {"task": {"status": "cancelled"}}, {}]
        for call, form in enumerate(forms, start=1):
            order = bench.order(H3, call=call)
            job = await bench.provider.submit(order)
            assert isinstance(job, Accepted)

            def bent(request: Request, answer: Answer, form: Any = form, job: str = job.job) -> Answer:
                return Answer(200, json={"task_id": job} | form) if request.method == "DELETE" else answer

            bench.simulator.distort = bent
            assert (await bench.provider.cancel(order, job.job)).outcome == "confirmed", form

    async def test_a_list_with_odd_figures_is_evidence(self, bench: Bench) -> None:
        """The cost and the result of a task decide nothing about a lost order."""
        order = bench.order(H3)
        item: dict[str, Any] = {
            "id": "1",
            "created_at": 5.5,
            "usage": {"total_seconds": "4"},
            "status": None,
            "content": [],
        }
        _videos(bench).list_answer = Answer(200, json={"items": [item], "total": 1})
        assert isinstance(await bench.provider.lookup(order), NotFound)

    async def test_a_lost_order_names_the_tasks_that_it_may_be(self, bench: Bench) -> None:
        """Candidates of any model are named, so that a person can look; those of earlier days are not."""
        order = bench.order(H3, "reset_after")
        await bench.provider.submit(order)
        other = bench.subject.cases[-1]
        assert isinstance(await bench.provider.submit(bench.order(other)), Accepted)
        finding = await bench.provider.lookup(order)
        assert isinstance(finding, CannotTell)
        jobs = _videos(bench).jobs
        assert len(jobs) == 2
        for name, job in jobs.items():
            assert name in finding.reason
            job["created_at"] -= 3600
        assert isinstance(await bench.provider.lookup(order), NotFound)

    async def test_one_query_serves_many_videos(self, bench: Bench) -> None:
        """Running videos are polled together; only a finished video is polled by itself, once."""
        orders = [bench.order(H3, call=call) for call in range(1, 6)]
        ends = await bench.finish_together([*orders, bench.order(H3, "job_failed", call=6)])
        assert [type(end).__name__ for end in ends] == ["Finished"] * 5 + ["Refused"]
        asked = [path.rpartition("/")[2] for method, path in bench.simulator.requests if method == "GET"]
        assert asked.count("video_generation") == 3
        assert len(asked) == 3 + 6

    async def test_a_list_of_many_pages_is_read_to_its_end(self, bench: Bench) -> None:
        """One candidate on the last page keeps the call in doubt."""
        order = bench.order(H3, "reset_after")
        await bench.provider.submit(order)
        jobs = _videos(bench).jobs
        ours = next(iter(jobs))
        for number in range(120):
            jobs[f"old-{number}"] = jobs[ours] | {"id": f"old-{number}", "created_at": 1}
        finding = await bench.provider.lookup(order)
        assert isinstance(finding, CannotTell)
        assert ours in finding.reason
        assert bench.simulator.requests.count(("GET", "/v2/query/video_generation")) == 3

    async def test_a_list_that_can_not_be_read_is_requested_again(self, bench: Bench) -> None:
        """Only a complete list is evidence."""
        order = bench.order(H3)
        for body in (b'{"items": []}', b'{"items": [], "total": 1}', b"[]", b'{"items": [{"model": "x"}], "total": 1}'):
            _videos(bench).list_answer = Answer(200, data=body, media_type="application/json")
            assert isinstance(await bench.provider.lookup(order), NoVerdict), body

    async def test_an_older_call_has_more_candidates(self, bench: Bench) -> None:
        """The time of the call decides: a task from before it is no candidate, one from after it is."""
        order = bench.order(H3)
        await bench.provider.submit(order)
        jobs = _videos(bench).jobs
        next(iter(jobs.values()))["created_at"] -= 5 * 24 * 3600
        assert isinstance(await bench.provider.lookup(order), NotFound)
        assert order.called_at
        older = replace(order, called_at=order.called_at - timedelta(days=5))
        found = await bench.provider.lookup(older)
        assert isinstance(found, CannotTell)
        assert next(iter(jobs)) in found.reason

    async def test_a_callback_address_has_to_pass_the_challenge(self, bench: Bench) -> None:
        """It is sent only if there is one; MiniMax checks it before it accepts the order."""
        answers: list[bytes] = []

        async def echo(request: Request) -> Answer:
            if "challenge" in request.json():  # else it is news of a video
                answers.append(request.body)
            return Answer(200, json=request.json())

        endpoint = Simulator("callbacks")
        endpoint.route("POST", r"/hooks/.+")(echo)
        async with served(endpoint) as address:

            def hook(call: str) -> str:
                return f"{address}/hooks/{call}"

            bench.provider.callback_url = hook
            for case in (H3, HAILUO):
                assert isinstance(await bench.provider.submit(bench.order(case)), Accepted)
        assert answers == [b'{"challenge":"c-42"}'] * 2
        unanswered = await bench.provider.submit(bench.order(H3))
        assert isinstance(unanswered, Refused)
        assert unanswered.code == "provider_rejected"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, '{"base_resp": {"status_code": 1028, "status_msg": "quota"}}', "provider_quota"),
        (200, '{"base_resp": {"status_code": 9999, "status_msg": "new"}}', "InDoubt"),
        (200, '{"base_resp": {"status_code": 0}}', "InDoubt"),
        (200, "<html>", "InDoubt"),
        (200, "", "InDoubt"),
        (400, '{"type": "error", "error": {"message": "timeout (1001)"}}', "InDoubt"),
        (400, '{"error": "text"}', "provider_rejected"),
        (401, "", "provider_auth"),
        (402, "", "provider_quota"),
        (403, "", "provider_auth"),
        (404, "<html>", "provider_model_missing"),
        (422, "", "content_rejected_input"),
        (429, "", "rate_limited"),
        (429, '{"error": {"message": "usage limit (2056)"}}', "provider_quota"),
        (500, '{"base_resp": {"status_code": 1002}}', "rate_limited"),
        (502, "<html>", "InDoubt"),
        (529, '{"error": {"type": "overloaded_error", "message": "busy"}}', "InDoubt"),
    ],
)
def test_the_code_counts_before_the_status(status: int, body: str, code: str) -> None:
    """A known code decides; the status decides only without a code; an unknown code is a doubt."""
    seen = refused(Reply(status, httpx.Headers(), body.encode()))
    assert (seen.code if isinstance(seen, Refused) else type(seen).__name__) == code


# --- Answers in other forms ---


def answer(body: object, status: int = 200) -> Reply:
    """An answer of MiniMax's."""
    return Reply(status, httpx.Headers(), json.dumps(body).encode())


FINE = {"base_resp": {"status_code": 0, "status_msg": None}}
URL = "https://cdn.example.com/0.png"
TWO_IMAGES = Order(
    task_id="t",
    call_id="t.1",
    kind=Kind.IMAGE,
    model=IMAGE.model,
    spec=spec_of(IMAGE.model),
    params={"prompt": "a", "n": 2},
)


@pytest.mark.parametrize("code", [{}, {"base_resp": None}, {"base_resp": {"status_code": "0"}}, {"base_resp": []}])
def test_a_result_is_accepted_without_a_code(code: dict[str, Any]) -> None:
    """Without an error, an image, audio, a job or a video is a success; without one of these, it is a doubt."""
    assert isinstance(
        synchronous.image_result(TWO_IMAGES, answer({"data": {"image_urls": [URL, URL]}} | code)), Finished
    )
    assert isinstance(synchronous.speech_result(answer({"data": {"audio": "49443304"}} | code)), Finished)
    assert videos.v1_submit_result(answer({"task_id": 7} | code)) == Accepted(job="7")
    video = videos.v1_file_result(answer({"file": {"download_url": URL}} | code), NoVerdict(reason=""))
    assert isinstance(video, Finished)
    if code != {"base_resp": {"status_code": "0"}}:
        for seen in (synchronous.image_result(TWO_IMAGES, answer(code)), synchronous.speech_result(answer(code))):
            assert isinstance(seen, InDoubt)
            assert seen.answer


def test_an_image_that_can_not_be_read_was_paid_for() -> None:
    """Each image in the answer, or reported as made, is counted; no cost of zero is claimed."""
    bodies: list[Any] = [
        {"data": {"image_urls": [URL, None]}},
        {"data": {"image_urls": URL}, "metadata": {"success_count": "2"}},
        {"data": {"image_urls": [URL, {"a": 1}]}, "metadata": {"success_count": -1, "failed_count": "9" * 400}},
        {"data": {"image_base64": [media_in_base64("fox"), "***"]}},
    ]
    for body in bodies:
        seen = synchronous.image_result(TWO_IMAGES, answer(body | FINE))
        assert isinstance(seen, Finished), body
        assert [(lost.index, lost.code) for lost in seen.missing] == [(1, "unreadable")], body
        assert (len(seen.outputs), seen.usage["image"]) == (1, 2), body
    lost = synchronous.image_result(TWO_IMAGES, answer({"metadata": {"success_count": 2}} | FINE))
    assert isinstance(lost, Finished)
    assert [each.code for each in lost.missing] == ["unreadable", "unreadable"]


def test_audio_may_come_in_another_form() -> None:
    """As hexadecimal digits in capitals or in lines, as base64, or as an address."""
    audio = media.wav("hello")
    for written in (audio.hex().upper(), audio.hex(" "), media_in_base64("", audio), f"data:;base64,{b64(audio)}"):
        seen = synchronous.speech_result(answer({"data": {"audio": written}} | FINE))
        assert isinstance(seen, Finished)
        assert [output.data for output in seen.outputs] == [audio]
    seen = synchronous.speech_result(answer({"data": {"audio": URL}, "extra_info": {"usage_characters": "5.0"}} | FINE))
    assert isinstance(seen, Finished)
    assert (seen.outputs[0].url, seen.usage) == (URL, {"usage_characters": 5, "character": 5})


def test_a_video_in_the_answer_ends_the_job() -> None:
    """Under any status; and words for the end are read by their meaning."""
    for status in ("succeeded", "SUCCESS", "done", "dreaming", None, "running"):
        body = {"task": {"id": "7", "status": status, "content": {"url": URL}, "usage": {"total_seconds": "4"}}}
        seen = videos.v2_poll_result(answer(body))
        assert isinstance(seen, Finished), status
        assert seen.usage == {"total_seconds": 4, "second": 4}
    for status in ("Success", "finished", "dreaming", None, "Fail", "Processing"):
        ready = videos.v1_poll_result(answer({"status": status, "file_id": 7} | FINE))
        assert isinstance(ready, videos.FileReady), status
        assert isinstance(
            videos.v1_file_result(answer({"file": {"download_url": URL}} | FINE), ready.otherwise), Finished
        )
    unreadable = videos.v2_poll_result(answer({"task": {"status": "succeeded", "content": {"url": "***"}}}))
    assert isinstance(unreadable, Finished)
    assert unreadable.missing[0].code == "unreadable"


def test_a_failed_video_is_not_polled_again() -> None:
    """Each word for failure is one, under any code; a file that can't be fetched changes nothing."""
    for status, code in (("failed", 1027), ("error", "1027"), ("Failure", {"a": 1}), ("failed", "9" * 5000)):
        seen = videos.v2_poll_result(answer({"task": {"id": "7", "status": status, "error": {"code": code}}}))
        assert isinstance(seen, Refused), status
    assert isinstance(videos.v2_poll_result(answer({"task": {"id": "7", "status": "timeout"}})), Refused)
    ready = videos.v1_poll_result(answer({"status": "Fail", "file_id": "7"} | FINE))
    assert isinstance(ready, videos.FileReady)
    assert isinstance(videos.v1_file_result(answer({"base_resp": {"status_code": 2013}}), ready.otherwise), Refused)


def test_no_such_job_is_no_verdict() -> None:
    """MiniMax answers "invalid params" for it: at no time is that a verdict on the video."""
    v1 = answer({"base_resp": {"status_code": 2013, "status_msg": "invalid params, task_id"}})
    v2 = answer({"type": "error", "error": {"message": "invalid params, task not found (2013)"}}, 400)
    assert isinstance(videos.v1_poll_result(v1), NoVerdict)
    assert isinstance(videos.v2_poll_result(v2), NoVerdict)


def b64(data: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(data).decode()


def media_in_base64(name: str, data: bytes | None = None) -> str:
    """An image, or something else, in base64 without padding."""
    return b64(data or media.png(name, 64, 64)).rstrip("=")


def test_a_message_holds_no_key_and_names_the_trace() -> None:
    """The message of a refusal may be shown to anybody, and MiniMax's support finds the request by it."""
    body = b'{"base_resp": {"status_code": 1002, "status_msg": "slow down sk-api-0000000000000001"}}'
    seen = refused(Reply(200, httpx.Headers({"Trace-Id": "0219", "Retry-After": "7"}), body))
    assert isinstance(seen, Refused)
    assert seen.provider_message == "slow down *** [trace 0219]"
    assert (seen.retryable, seen.retry_after_seconds, seen.provider_code) == (True, 7.0, "1002")


def _videos(bench: Bench) -> Videos:
    assert isinstance(bench.simulator, MiniMax)
    return bench.simulator.videos
