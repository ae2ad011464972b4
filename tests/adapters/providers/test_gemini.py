"""Gemini, on its simulator."""

import base64
from typing import Any

import httpx
import msgspec
import pytest

from adapters.media.probe import measure
from adapters.outbound.client import Reply
from adapters.providers.gemini import chat_stream, interactions, synchronous, videos
from adapters.providers.gemini.errors import refused
from adapters.providers.sse import TextReader
from domain.base import replace
from domain.model import Kind
from domain.provider import CUT_OFF, Accepted, Finished, Gone, InDoubt, Input, NoVerdict, Order, Refused, Working
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject, spec_of
from tests.adapters.providers.model_lists import ListsModels
from tests.simulators import media
from tests.simulators.base import Answer, Request

GOOD, BAD = "gemini-key-0000000001", "gemini-key-9999999999"
REFERENCE = Input(data=media.png("a reference", 64, 64), media_type="image/png")
AT_ONCE = ("image", "edit", "speech", "chat", "chat-stream")

IMAGE = Case("image", "gemini/gemini-3.1-flash-image", {"prompt": "a red fox", "aspectRatio": "16:9"}, job=False)
EDIT = Case(
    "edit",
    "gemini/gemini-3-pro-image",
    {"prompt": "make it blue", "resolution": "2K", "imageInputs": ["https://example.com/fox.png"]},
    job=False,
    inputs=(REFERENCE,),
)
SPEECH = Case("speech", "gemini/gemini-3.8-flash-tts", {"prompt": "Hello.", "voice": "Puck"}, job=False)
CHAT = Case(
    "chat",
    "gemini/gemini-3.8-flash",
    {
        "messages": [
            {"role": "system", "content": "You are a poet."},
            {"role": "user", "content": "A haiku."},
            {"role": "assistant", "content": "About what?"},
            {"role": "user", "content": "The sea."},
        ],
        "temperature": 0.7,
        "maxTokens": 256,
        "extraParams": {"seed": 7},
    },
    job=False,
)
CHAT_STREAM = CHAT._replace(name="chat-stream", params=CHAT.params | {"stream": True})
VIDEO = Case(
    "video",
    "gemini/veo-3.1",
    {"prompt": "a fox runs", "negativePrompt": "blur", "duration": "4s", "aspectRatio": "9:16"},
    inputs=(REFERENCE,),
)
OMNI = Case("interaction", "gemini/omni-1.2-flash", {"prompt": "a fox runs", "duration": "3s", "resolution": "360p"})
OMNI_IMAGE = Case(
    "interaction-image", "gemini/omni-1.2-flash", OMNI.params | {"aspectRatio": "9:16"}, inputs=(REFERENCE,)
)
OMNI_REFERENCES = Case(
    "interaction-references", "gemini/omni-1.2-flash-references", OMNI.params, inputs=(REFERENCE, REFERENCE)
)
REFUSALS = {
    "rate_limited": "rate_limited",
    "overloaded": "provider_unavailable",
    "no_balance": "provider_quota",
    "no_billing": "provider_quota",
    "region": "provider_auth",
    "denied": "provider_auth",
    "invalid": "provider_rejected",
    "model_gone": "provider_model_missing",
    "moderated_input": "content_rejected_input",
    "moderated_output": "content_rejected_output",
    "no_outputs": "missing",
    "no_image": "missing",
    "job_failed": "generation_failed",
    "job_invalid": "provider_rejected",
    "expired_job": "Gone",
}


class TestInteractions(Conformance):
    """The suite, on the videos of the Gemini API."""

    subject = Subject(
        provider="gemini",
        simulator="gemini",
        environment={"GEMINI_API_KEY": GOOD},
        bad_environment={"GEMINI_API_KEY": BAD},
        two_keys={"GEMINI_API_KEY": f"{BAD},{GOOD}"},
        base_path="/v1beta",
        cases=(OMNI, OMNI_IMAGE, OMNI_REFERENCES),
        refusals=REFUSALS | {"job_incomplete": "generation_failed"},
        only={"no_image": (), "job_invalid": ()},
        cancels="confirmed",
    )

    async def test_a_video_may_come_in_the_answer(self, bench: Bench) -> None:
        """Bytes in the answer are as good as an address."""
        order = bench.order(OMNI, "inline")
        done = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(done, Finished), done
        assert measure(done.outputs[0].data).media_type == "video/mp4"

    async def test_a_finished_interaction_is_not_cancelled(self, bench: Bench) -> None:
        """A cancellation that comes too late is not confirmed."""
        order = bench.order(OMNI)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        assert isinstance(await bench.finish(order, seen), Finished)
        assert (await bench.provider.cancel(order, seen.job)).outcome == "unknown"

    async def test_a_cancellation_is_confirmed_in_either_form(self, bench: Bench) -> None:
        """By the answer, in either spelling, or by the interaction if the answer is empty."""
        for call, form in enumerate(({"status": "CANCELED"}, {"id": "x", "status": "cancelled"}, {}), start=1):
            order = bench.order(OMNI, call=call)
            seen = await bench.provider.submit(order)
            assert isinstance(seen, Accepted)

            def bent(request: Request, answer: Answer, form: Any = form) -> Answer:
                return Answer(200, json=form) if request.path.endswith("/cancel") else answer

            bench.simulator.distort = bent
            assert (await bench.provider.cancel(order, seen.job)).outcome == "confirmed", form

    async def test_the_schema_is_pinned(self, bench: Bench) -> None:
        """A later one would turn videos that are made and paid for into "the model made no video"."""
        order = bench.order(OMNI)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        await bench.provider.poll(order, seen.job)
        await bench.provider.cancel(order, seen.job)
        assert len(bench.client.sent) >= 3
        assert {request.headers.get("api-revision") for request in bench.client.sent} == {"2026-05-20"}

    async def test_a_job_is_never_a_path(self, bench: Bench) -> None:
        """A text that is no id of an interaction is not put into a URL."""
        order = bench.order(OMNI)
        for job in ("../files", "a/cancel", "a?key=b", "", "."):
            assert isinstance(await bench.provider.poll(order, job), NoVerdict)
        assert bench.simulator.requests == []


class TestGemini(Conformance, ListsModels):
    """The suite, on Gemini's models."""

    subject = Subject(
        provider="gemini",
        simulator="gemini",
        environment={"GEMINI_API_KEY": GOOD},
        bad_environment={"GEMINI_API_KEY": BAD},
        two_keys={"GEMINI_API_KEY": f"{BAD},{GOOD}"},
        base_path="/v1beta",
        cases=(IMAGE, EDIT, SPEECH, CHAT, CHAT_STREAM, VIDEO),
        refusals=REFUSALS,
        only={
            "moderated_input": AT_ONCE,
            "no_image": ("image", "edit"),
            "job_failed": ("video",),
            "job_invalid": ("video",),
            "expired_job": ("video",),
        },
        # Whether a part is a thought; the sample rate of raw samples.
        deciding_members=frozenset({"thought", "mimeType"}),
        stranger="models/veo-3.1-generate-preview/operations/nobody",
    )

    async def test_speech_is_playable_whatever_its_form(self, bench: Bench) -> None:
        """Raw samples get a header with the rate from their media type; a file is left as it is."""
        for mark in ((), ("wav_already",)):
            seen = await bench.provider.submit(bench.order(SPEECH, *mark))
            assert isinstance(seen, Finished), seen
            assert seen.outputs[0].data == media.wav("A voice.") or not mark
            whole = measure(media.wav("A voice."))
            assert measure(seen.outputs[0].data) == whole

    async def test_an_image_of_another_size_is_delivered(self, bench: Bench) -> None:
        """An image of another size than asked for is delivered, and measured later."""
        seen = await bench.provider.submit(bench.order(IMAGE, "wrong_size"))
        assert isinstance(seen, Finished), seen
        assert (measure(seen.outputs[0].data).width, measure(seen.outputs[0].data).height) == (1024, 1024)

    async def test_what_is_blocked_may_have_been_billed(self, bench: Bench) -> None:
        """A block comes with HTTP 200, and no document says whether it is billed: so its price is unknown."""
        for case in (IMAGE, SPEECH, CHAT, VIDEO):
            order = bench.order(case, "moderated_output")
            seen = await bench.finish(order, await bench.provider.submit(order))
            assert isinstance(seen, Refused), seen
            assert seen.charged == "unknown"

    async def test_vertex_is_asked_its_own_way(self, bench: Bench) -> None:
        """With `fetch_operation` the operation is polled by POST, and the answer contains the bytes."""
        order = bench.order(VIDEO)
        wire = {"model": "veo-3.1-generate-001", "video": "fetch_operation"}
        order = replace(order, spec=replace(order.spec, wire=wire))
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        assert seen.job.startswith("projects/")
        assert isinstance(await bench.provider.poll(order, seen.job), Working)
        done = await bench.finish(order, seen)
        assert isinstance(done, Finished), done
        assert measure(done.outputs[0].data).height == 1280

    async def test_the_key_goes_nowhere_else(self, bench: Bench) -> None:
        """A download sends the key to the vendor's configured address, and to no other."""
        key = bench.provider.keys.next(Kind.VIDEO)
        assert key is not None
        order = bench.order(VIDEO)
        own = f"{bench.address}/v1beta/files/a:download?alt=media"
        assert bench.provider.download_headers(order, key, own) == {"x-goog-api-key": GOOD}
        strange = (
            "https://storage.googleapis.com/bucket/a.mp4",
            bench.address.replace("http:", "https:") + "/v1beta/files/a",
            bench.address + "0/v1beta/files/a",
            bench.address.replace("127.0.0.1", "127.0.0.1.example.com"),
            "not an address",
        )
        for url in strange:
            assert bench.provider.download_headers(order, key, url) == {}

    async def test_a_job_is_never_a_path(self, bench: Bench) -> None:
        """A text that is no name of an operation is not put into a URL."""
        order = bench.order(VIDEO)
        for job in ("../v1/secrets", "models/a/../../b", "models/a?key=b", "models//b", "/models/a", "models", ""):
            assert isinstance(await bench.provider.poll(order, job), NoVerdict)
        assert bench.simulator.requests == []


# --- The meaning of answers ---


def order_of(case: Case) -> Order:
    spec = spec_of(case.model)
    return Order(task_id="t", call_id="t.1", kind=spec.type, model=case.model, spec=spec, params=case.params)


def reply(status: int, body: object) -> Reply:
    return Reply(status, httpx.Headers(), body if isinstance(body, bytes) else msgspec.json.encode(body))


def test_several_videos_and_one_that_was_filtered() -> None:
    """Each delivered video counts, and each filtered one is missing, with the vendor's reason."""
    order = replace(order_of(VIDEO), params=VIDEO.params | {"n": 2})
    response = {
        "generatedSamples": [{"video": {"uri": "https://example.com/a"}}],
        "raiMediaFilteredCount": 1,
        "raiMediaFilteredReasons": ["It shows a child."],
    }
    operation = {"name": "models/a/operations/b", "done": True, "response": {"generateVideoResponse": response}}
    seen = videos.poll_result(order, reply(200, operation))
    assert isinstance(seen, Finished)
    assert [output.url for output in seen.outputs] == ["https://example.com/a"]
    assert [(missing.index, missing.code, missing.message) for missing in seen.missing] == [
        (1, "content_rejected_output", "It shows a child.")
    ]


def test_a_video_in_a_bucket_is_missing() -> None:
    """gs:// addresses can't be fetched: the video is reported as missing."""
    operation = {"name": "a/b", "done": True, "response": {"videos": [{"gcsUri": "gs://bucket/a.mp4"}]}}
    seen = videos.poll_result(order_of(VIDEO), reply(200, operation))
    assert isinstance(seen, Finished)
    assert seen.outputs == ()
    assert [missing.code for missing in seen.missing] == ["fetch_failed"]


@pytest.mark.parametrize(
    ("status", "body", "seen"),
    [
        (404, {"error": {"status": "NOT_FOUND"}}, Gone),
        (404, b"<html>", NoVerdict),
        (429, {"error": {"status": "RESOURCE_EXHAUSTED"}}, NoVerdict),
        (200, b"", NoVerdict),
        (200, [], NoVerdict),
        (200, {}, Working),
        (200, {"done": True, "error": {"code": 8, "message": "quota"}}, Refused),
    ],
)
def test_only_a_verdict_ends_an_operation(status: int, body: object, seen: type) -> None:
    """Google's own NOT_FOUND is a verdict; a gateway's is none, and neither is a query refused for its rate."""
    assert type(videos.poll_result(order_of(VIDEO), reply(status, body))) is seen


@pytest.mark.parametrize(
    ("status", "body", "seen"),
    [
        (503, {"error": {"status": "UNAVAILABLE", "message": "overloaded"}}, Refused),
        (503, b"<html>no upstream</html>", InDoubt),
        (500, {"error": {"status": "INTERNAL"}}, InDoubt),
        (504, {"error": {"status": "DEADLINE_EXCEEDED"}}, InDoubt),
        (408, {"error": {"status": "UNKNOWN"}}, InDoubt),
        (400, b"", Refused),
        (302, b"", InDoubt),
    ],
)
def test_work_that_may_have_been_done_is_no_refusal(status: int, body: object, seen: type) -> None:
    """Only Google's own "unavailable" proves that nothing was done; a gateway's 503 may come after the work."""
    assert type(refused(reply(status, body))) is seen


@pytest.mark.parametrize(
    ("details", "code", "wait"),
    [
        ([{"@type": "x/google.rpc.RetryInfo", "retryDelay": "34.07s"}], "rate_limited", 34.07),
        ([{"@type": "x/google.rpc.RetryInfo", "retryDelay": "soon"}], "rate_limited", None),
        ([{"violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]}], "provider_quota", None),
        ([{"violations": [{"quotaId": "PerMinute", "quotaValue": "0"}]}], "provider_quota", None),
        ([], "rate_limited", None),
    ],
)
def test_429_has_two_meanings(details: list[object], code: str, wait: float | None) -> None:
    """A limit per day, or of zero, does not end by waiting."""
    seen = refused(reply(429, {"error": {"status": "RESOURCE_EXHAUSTED", "details": details}}))
    assert isinstance(seen, Refused)
    assert (seen.code, seen.retry_after_seconds) == (code, wait)


@pytest.mark.parametrize(
    ("status", "body", "seen"),
    [
        (400, {"error": {"code": "invalid_request", "message": "Invalid interaction name: v1_a"}}, Gone),
        (400, {"error": {"code": "invalid_request", "message": "Multiple authentication credentials"}}, NoVerdict),
        (500, {"error": {"code": "internal_error"}}, NoVerdict),
        (200, {"id": "v1_a", "status": "requires_action"}, Refused),
        (200, {"id": "v1_a", "status": "requires_continuation"}, Refused),
        (200, {"id": "v1_a", "status": "IDLE"}, Refused),
        (200, {"id": "v1_a", "status": "dreaming"}, NoVerdict),
        (200, {"id": "v1_a"}, NoVerdict),
        (200, {"id": "v1_a", "status": "queued"}, Working),
        (200, {"id": "v1_a", "status": "budget_exceeded"}, Refused),
    ],
)
def test_only_a_verdict_ends_an_interaction(status: int, body: object, seen: type) -> None:
    """A 400 may be temporary, on a job that runs and is billed: only an unknown id ends it for good."""
    assert type(interactions.poll_result(order_of(OMNI), reply(status, body))) is seen


def test_a_video_that_was_made_and_is_not_there_was_paid_for() -> None:
    """The vendor counts the video's tokens, so its seconds are counted, too."""
    tokens = [{"modality": "video", "tokens": 5793}]
    made = {"id": "v1_a", "status": "completed", "usage": {"output_tokens_by_modality": tokens}}
    seen = interactions.poll_result(order_of(OMNI), reply(200, made))
    assert isinstance(seen, Finished)
    assert (len(seen.missing), seen.usage["second"]) == (1, 3)


def test_an_error_may_come_in_a_list() -> None:
    """The front end of Google's services wraps its errors in a list."""
    error = {"code": 400, "message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}
    seen = refused(reply(400, [{"error": error}]))
    assert isinstance(seen, Refused)
    assert seen.code == "provider_auth"


def test_an_answer_without_candidates_is_a_doubt() -> None:
    """It is neither a success nor a refusal: the work may have been done."""
    for body in (b"{}", b'{"candidates": []}', b'{"promptFeedback": {}}'):
        assert isinstance(synchronous.submit_result(order_of(IMAGE), reply(200, body)), InDoubt)


def test_raw_samples_become_a_file_and_nothing_is_lost() -> None:
    """Samples get a header by the rate in their media type; without a rate they are delivered as they are."""
    for mime, begins in (("audio/L16;codec=pcm;rate=24000", b"RIFF"), ("audio/L16", b"\1\2\3\4")):
        part = {"inlineData": {"mimeType": mime, "data": base64.b64encode(b"\1\2\3\4").decode()}}
        answer = {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]}
        seen = synchronous.submit_result(order_of(SPEECH), reply(200, answer))
        assert isinstance(seen, Finished)
        assert [output.data[:4] for output in seen.outputs] == [begins]
        assert seen.missing == ()


def test_thoughts_are_no_answer() -> None:
    """The thoughts of a model, text or images, are left out of its answer."""
    sketch = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(b"sketch").decode()}, "thought": True}
    answer = {
        "candidates": [{"content": {"parts": [sketch, {"text": "Hm.", "thought": True}]}, "finishReason": "STOP"}]
    }
    for case in (IMAGE, CHAT):
        seen = synchronous.submit_result(order_of(case), reply(200, answer))
        assert isinstance(seen, Finished)
        assert (len(seen.outputs), len(seen.missing)) == (0, 1)
    assert order_of(CHAT).kind is Kind.LLM


# --- Answers in other forms ---


def candidate(*parts: object, **more: object) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"} | more]}


PNG = media.png("fox", 64, 64)
URL = "https://files.example.com/a.mp4"


def test_an_image_is_read_in_every_encoding() -> None:
    """base64 in lines, for URLs, without padding; figures that can't be read are lost, and nothing else."""
    written = base64.urlsafe_b64encode(PNG).decode().rstrip("=")
    part = {"inlineData": {"mimeType": None, "data": f"{written[:76]}\r\n{written[76:]}"}, "thought": None}
    usage = {"promptTokenCount": "5.0", "candidatesTokenCount": None, "totalTokenCount": -1}
    body = candidate(part, {"text": 7}, finishReason="SAFETY", index="0")
    block = {"promptFeedback": {"blockReason": "OTHER"}}
    seen = synchronous.submit_result(order_of(IMAGE), reply(200, body | block | {"usageMetadata": usage}))
    assert isinstance(seen, Finished), seen
    assert [output.data for output in seen.outputs] == [PNG]
    assert seen.usage == {"image": 1, "input_token": 5, "promptTokenCount": 5}


def test_an_image_that_can_not_be_read_was_paid_for() -> None:
    """It is counted, and reported as missing and unreadable, not as filtered."""
    for data in ("***", None, 7, {"a": 1}):
        body = candidate({"inlineData": {"mimeType": "image/png", "data": data}}, finishReason="IMAGE_SAFETY")
        seen = synchronous.submit_result(order_of(IMAGE), reply(200, body))
        assert isinstance(seen, Finished), seen
        assert ([lost.code for lost in seen.missing], seen.usage) == (["unreadable"], {"image": 1})


@pytest.mark.parametrize("status", ["completed", "COMPLETED", "succeeded", "idle", "in_progress", "failed", "x", None])
def test_a_video_in_the_answer_ends_the_job(status: object) -> None:
    """Under any status, as an address or as bytes."""
    data = base64.b64encode(b"video").decode()
    for content in ({"type": "video", "uri": URL}, {"type": "video", "data": data}, {"uri": URL}):
        body = {"id": "v1_a", "status": status, "steps": {"type": "model_output", "content": content}}
        seen = interactions.poll_result(order_of(OMNI), reply(200, body | {"usage": {"total_input_tokens": "7"}}))
        assert isinstance(seen, Finished), (content, seen)
        assert len(seen.outputs) == 1
        assert seen.usage == {"input_token": 7, "total_input_tokens": 7}
    sample = {"video": {"uri": URL}}
    for done in (True, "true", None, {"a": 1}, False):
        operation = {"name": "a/b", "done": done, "error": None, "response": {"generatedSamples": sample}}
        seen = videos.poll_result(order_of(VIDEO), reply(200, operation))
        assert isinstance(seen, Finished), done
        assert seen.outputs[0].url == URL


def test_a_video_that_can_not_be_read_was_paid_for() -> None:
    """It is reported as missing and unreadable, with its index."""
    step = {"type": "model_output", "content": [{"type": "video", "uri": "***"}, {"type": "video", "uri": URL}]}
    seen = interactions.poll_result(order_of(OMNI), reply(200, {"status": "completed", "steps": [step]}))
    samples = [{"video": {"uri": None}}, {"video": {"uri": URL}}]
    operation = {"done": True, "response": {"generateVideoResponse": {"generatedSamples": samples}}}
    for made in (seen, videos.poll_result(order_of(VIDEO), reply(200, operation))):
        assert isinstance(made, Finished), made
        assert [(lost.index, lost.code) for lost in made.missing] == [(0, "unreadable")]
        assert [output.index for output in made.outputs] == [1]


def test_an_operation_that_ended_in_an_error_failed() -> None:
    """In every form of the error; an operation that is not done is polled again."""
    errors: list[Any] = ["boom", {"code": "13"}, {"code": {"a": 1}}, [1]]
    for error in errors:
        for done in (True, None):
            seen = videos.poll_result(order_of(VIDEO), reply(200, {"name": "a/b", "done": done, "error": error}))
            assert isinstance(seen, Refused), (error, seen)
            assert (seen.code, seen.charged) == ("generation_failed", "unknown")
    assert isinstance(videos.poll_result(order_of(VIDEO), reply(200, {"name": "a/b", "error": None})), Working)


def test_a_job_that_google_does_not_find_is_polled_again() -> None:
    """NOT_FOUND for a job that Google accepted a moment ago does not prove that it is gone."""
    missing = reply(404, {"error": {"status": "NOT_FOUND", "code": "404", "message": None}})
    unknown = reply(400, {"error": {"code": "invalid_request", "message": "Invalid interaction name: v1_a"}})
    for seen in (
        videos.poll_result(order_of(VIDEO), missing),
        interactions.poll_result(order_of(OMNI), missing),
        interactions.poll_result(order_of(OMNI), unknown),
    ):
        assert isinstance(seen, Gone)
        assert not seen.certain


# --- A chat as a stream ---

SAID = [
    candidate({"text": "Hm. ", "thought": True}, finishReason=None) | {"usageMetadata": {"promptTokenCount": 12}},
    candidate({"text": "A quiet "}, finishReason=None),
    candidate({"text": "sea."}, finishReason=None),
]
END = candidate({"text": ""}) | {"usageMetadata": {"candidatesTokenCount": 7, "thoughtsTokenCount": 21}}


def failed(code: int) -> dict[str, Any]:
    return {"error": {"code": code, "message": "It fails.", "status": "RESOURCE_EXHAUSTED"}}


def streamed(*events: object) -> bytes:
    return b"".join(b"data: " + msgspec.json.encode(event) + b"\r\n\r\n" for event in events)


def handed_on(body: bytes, step: int) -> str:
    """The text that is handed on while the body comes in pieces of so many bytes."""
    found: list[str] = []
    reader = TextReader(found.append, chat_stream.texts)
    for at in range(0, len(body), step):
        reader(body[at : at + step])
    return "".join(found)


@pytest.mark.parametrize("step", [1, 7, 100, 10_000])
def test_a_stream_is_the_answer_that_would_have_come_at_once(step: int) -> None:
    """Text without thoughts, the tokens of all events; in whatever pieces it comes."""
    body = streamed(*SAID, END)
    seen = synchronous.submit_result(order_of(CHAT_STREAM), reply(200, body))
    assert isinstance(seen, Finished)
    assert (seen.outputs[0].text, seen.notes) == ("A quiet sea.", ())
    assert (seen.usage["input_token"], seen.usage["output_token"]) == (12, 28)
    assert handed_on(body, step) == "A quiet sea."


RAW = b'{\n  "error": {\n    "code": 503,\n    "message": "overloaded"\n  }\n}\n'  # as Google's own client expects it
CUTS = {
    "an error": streamed(*SAID, failed(503)),
    "a refusal": streamed(*SAID, failed(429)),
    "an error between events": streamed(*SAID) + RAW,
    "no end": streamed(*SAID),
    "the most tokens": streamed(*SAID, candidate({"text": ""}, finishReason="MAX_TOKENS")),
}


@pytest.mark.parametrize("cut", CUTS)
def test_what_was_written_before_the_stream_broke_off_is_the_result(cut: str) -> None:
    """It may have been paid for: the result says that it was cut off."""
    seen = synchronous.submit_result(order_of(CHAT_STREAM), reply(200, CUTS[cut]))
    assert isinstance(seen, Finished)
    assert (seen.outputs[0].text, seen.notes) == ("A quiet sea.", (CUT_OFF,))
    assert handed_on(CUTS[cut], 10) == "A quiet sea."


def test_an_error_before_the_text() -> None:
    """A refusal counts as one while nothing was made. Else, and for a server's error, nobody knows what was paid."""
    order = order_of(CHAT_STREAM)
    for body in (streamed(failed(429)), msgspec.json.encode(failed(429))):
        seen = synchronous.submit_result(order, reply(200, body))
        assert isinstance(seen, Refused), body
        assert (seen.code, seen.retryable) == ("rate_limited", True)
        assert handed_on(body, 10) == ""
    for body in (streamed(failed(503)), RAW, streamed(SAID[0], failed(429)), streamed(SAID[0])):
        seen = synchronous.submit_result(order, reply(200, body))
        assert isinstance(seen, InDoubt), body
        assert seen.answer is not None


def test_a_blocked_request_ends_its_stream() -> None:
    """The block comes as the only event, without a candidate."""
    body = streamed({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
    seen = synchronous.submit_result(order_of(CHAT_STREAM), reply(200, body))
    assert isinstance(seen, Refused)
    assert seen.code == "content_rejected_input"
