"""In which forms do OpenAI-compatible answers come? Results are read in all of them."""

import base64
import json
from functools import partial
from typing import Any

import httpx
import pytest

from adapters.outbound.client import Reply
from adapters.providers import openai_chat
from adapters.providers.openai import images, videos
from adapters.providers.openai.errors import refused
from adapters.providers.openai.speech import submit_result
from domain.model import Kind
from domain.provider import Accepted, Finished, InDoubt, NoVerdict, Order, Output, Refused, Sighting, Working
from tests.adapters.providers.conformance import spec_of
from tests.simulators import media

HERE = "https://gw.example/v1"
CONTENT = f"{HERE}/videos/job-1/content"
CLIP = "https://cdn.example/a.mp4"
PNG = media.png("a fox", 64, 64)
B64 = base64.b64encode(PNG).decode()


def reply(body: object, status: int = 200, media_type: str = "application/json") -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, httpx.Headers({"content-type": media_type}), data)


# --- Chat ---


def said(body: object) -> Sighting:
    return openai_chat.from_wire(reply(body), refused=refused)


def of(content: object, **more: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": content}, **more}]}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (of("A quiet sea."), "A quiet sea."),
        (of([{"type": "text", "text": "A quiet "}, {"type": "text", "text": "sea."}]), "A quiet sea."),
        (of([{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": "A sea."}]), "A sea."),
        (of([{"type": "reasoning", "text": "hm"}, "A sea."]), "A sea."),
        (of({"type": "text", "text": "A sea."}), "A sea."),
        (of(42), "42"),
        (of("A sea.", finish_reason=7, index="0", logprobs=[]), "A sea."),
        (of("A sea.") | {"usage": [5], "created": 1.0, "error": {"message": "late"}}, "A sea."),
        (of("A sea.") | {"error": None, "model": {"name": "x"}}, "A sea."),
        ({"choices": {"message": {"content": "A sea."}}}, "A sea."),
        ({"choices": [None, {"message": {"content": "A sea."}}]}, "A sea."),
        ({"choices": [{"text": "A sea."}]}, "A sea."),
        ({"choices": [{"message": "A sea."}]}, "A sea."),
        ({"choices": [{"message": {"content": "A sea.", "refusal": ""}}]}, "A sea."),
        ({"choices": [{"message": {"content": "A sea.", "refusal": "not that"}}]}, "A sea."),
        (of("A sea.", finish_reason="content_filter"), "A sea."),
        (of(""), ""),
    ],
)
def test_a_text_is_read_in_every_form(body: object, text: str) -> None:
    """As text, in parts, alone or in a list, and with any other members."""
    seen = said(body)
    assert isinstance(seen, Finished), seen
    assert [output.text for output in seen.outputs] == [text]


@pytest.mark.parametrize(
    "message", [{"content": {"a": 1}}, {"content": True}, {"content": [1]}, {"role": "x"}, True, 7.5]
)
def test_a_text_that_can_not_be_read_was_written_and_paid_for(message: object) -> None:
    """It is reported as missing and unreadable, with the answer; a number alone is no message."""
    seen = said({"choices": [{"message": message}], "usage": {"prompt_tokens": 3, "completion_tokens": 4}})
    assert isinstance(seen, Finished), seen
    if message == 7.5:
        assert seen.outputs[0].text == "7.5"
        return
    assert (seen.outputs, [one.code for one in seen.missing]) == ((), ["unreadable"])
    assert seen.usage["output_token"] == 4
    assert seen.answer


@pytest.mark.parametrize("body", [{"choices": []}, {"choices": True}, {"choices": None}, {"error": True}, {}, []])
def test_no_text_at_all_is_a_doubt_with_the_answer(body: object) -> None:
    """Neither a text nor a readable error: the outcome is unknown, and the answer is stored for a person."""
    seen = said(body)
    assert isinstance(seen, InDoubt), seen
    assert seen.answer


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        ({"prompt_tokens": 5.0, "completion_tokens": "4"}, (5, 4, 9)),
        ({"prompt_tokens": None, "completion_tokens": 4}, (None, 4, None)),
        ({"prompt_tokens": 10**400, "completion_tokens": -4, "total_tokens": 9}, (None, None, 9)),
        ({"input_tokens": 5, "output_tokens": 4}, (5, 4, 9)),
        ({"prompt_tokens": {"a": 1}, "completion_tokens": True}, (None, None, None)),
        ("many", (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_a_count_of_tokens_that_can_not_be_read_is_left_out(usage: object, found: tuple[int | None, ...]) -> None:
    """It is not counted as zero: the cost is then calculated from the request."""
    seen = said(of("A sea.") | {"usage": usage})
    assert isinstance(seen, Finished), seen
    assert tuple(map(seen.usage.get, ("input_token", "output_token", "total_tokens"))) == found


# --- Images ---


def image_result(body: object, n: int = 1) -> Sighting:
    model = "openai/gpt-image-2"
    order = Order(task_id="t", call_id="t.1", kind=Kind.IMAGE, model=model, spec=spec_of(model), params={"n": n})
    return images.submit_result(reply(body), order, base_url=HERE, refused=refused)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"data": [{"b64_json": B64}]}, PNG),
        ({"data": [{"b64_json": "\n".join(B64[i : i + 60] for i in range(0, len(B64), 60))}]}, PNG),
        ({"data": [{"b64_json": B64.replace("+", "-").replace("/", "_").rstrip("=")}]}, PNG),
        ({"data": [{"b64_json": f"data:image/png;base64,{B64}"}]}, PNG),
        ({"data": [{"url": f"data:image/png;base64,{B64}"}]}, PNG),
        ({"data": [{"url": B64, "b64_json": None}]}, PNG),
        ({"data": [{"b64_json": "***", "url": "https://cdn.example/a.png"}]}, "https://cdn.example/a.png"),
        ({"data": [{"url": " https://cdn.example/a b.png\n"}]}, "https://cdn.example/a%20b.png"),
        ({"data": [{"url": "/i/a b.png"}]}, "https://gw.example/i/a%20b.png"),
        ({"data": ["https://cdn.example/a.png"]}, "https://cdn.example/a.png"),
        ({"data": {"url": "https://cdn.example/a.png"}}, "https://cdn.example/a.png"),
        ({"data": [{"image_url": {"url": "https://cdn.example/a.png"}}]}, "https://cdn.example/a.png"),
        ({"images": [{"url": "https://cdn.example/a.png"}], "created": 1.0}, "https://cdn.example/a.png"),
        ({"data": [{"url": "https://cdn.example/a.png", "index": "0"}], "usage": 5.0}, "https://cdn.example/a.png"),
        ({"data": [{"url": "https://cdn.example/a.png"}], "error": {"a": 1}}, "https://cdn.example/a.png"),
    ],
)
def test_an_image_is_read_in_every_form(body: object, found: bytes | str) -> None:
    """As data in every form, as an address, in a list or alone, under the names that gateways use."""
    seen = image_result(body)
    assert isinstance(seen, Finished), seen
    (output,) = seen.outputs
    assert (output.data or output.url) == found
    assert (seen.missing, seen.usage["image"], seen.answer) == ((), 1, None)


def test_an_image_that_can_not_be_read_was_paid_for() -> None:
    """It counts as made; an absent image does not."""
    seen = image_result({"data": [{"b64_json": B64}, {"b64_json": "no base64!"}, {"b64_json": None}]}, n=4)
    assert isinstance(seen, Finished), seen
    assert [(one.index, one.code) for one in seen.missing] == [(1, "unreadable"), (2, "not_made"), (3, "not_made")]
    assert seen.usage["image"] == 2
    assert seen.answer


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"object": "generation.task", "id": "gen-1", "status": "queued"}, {"id": "gen-1"}),
        ({"code": 200, "data": [{"status": "submitted", "task_id": "task_01"}]}, {"task_id": "task_01"}),
        ({"id": "gen-1", "status": "pending", "data": []}, {"id": "gen-1"}),
        ({"task_id": 77, "data": None}, {"task_id": "77"}),
    ],
)
def test_a_job_in_place_of_images_is_a_doubt_that_names_it(body: object, ids: dict[str, str]) -> None:
    """A gateway that makes images by job accepted it; Pixel can't poll it, so the doubt contains the job's id."""
    seen = image_result(body)
    assert isinstance(seen, InDoubt), seen
    assert seen.answer
    assert seen.answer.ids == ids


def test_usage_of_images_counts_only_real_counts() -> None:
    """A null, a float, a text or a number of too many digits costs that figure, and no other."""
    tokens = {"input_tokens": "50", "output_tokens": 10**400, "total_tokens": 5.0, "input_tokens_details": {"a": -1}}
    seen = image_result({"data": [{"b64_json": B64}], "usage": tokens})
    assert isinstance(seen, Finished), seen
    assert seen.usage == {"image": 1, "input_tokens": 50, "input_token": 50, "total_tokens": 5}


# --- Videos ---


def video_result(body: object, status: int = 200) -> Sighting:
    return videos.poll_result(reply(body, status), "job-1", base_url=HERE, content_url=CONTENT)


@pytest.mark.parametrize("status", ["completed", "COMPLETED", "done", "succeeded", "Success", "finished", " ready "])
def test_done_has_many_words(status: str) -> None:
    """Each of them ends the job; without an address the video is at its usual path."""
    seen = video_result({"id": "job-1", "status": status})
    assert isinstance(seen, Finished), seen
    assert seen.outputs == (Output(index=0, url=CONTENT),)


@pytest.mark.parametrize("status", ["done", "in_progress", "failed", "dreaming", None, {"a": 1}])
@pytest.mark.parametrize(
    "held",
    [
        {"video": {"url": CLIP, "duration": 4}},
        {"video": CLIP},
        {"url": CLIP},
        {"video_url": CLIP},
        {"metadata": {"url": CLIP}},
        {"output": [CLIP]},
        {"result": {"data": [{"url": CLIP}]}},
        {"results": [{"url": CLIP}]},
        {"data": {"task_id": "job-1", "content": {"video_url": f" {CLIP}\n"}}},
    ],
)
def test_a_video_ends_the_job_in_any_member_under_any_status(status: object, held: dict[str, Any]) -> None:
    """An answer with the result is done, under any status."""
    seen = video_result({"id": "job-1", "status": status} | held)
    assert isinstance(seen, Finished), seen
    assert seen.outputs == (Output(index=0, url=CLIP),)


def test_a_video_in_the_answer_itself_is_delivered() -> None:
    """As a `data:` URL."""
    seen = video_result({"status": "done", "video": {"url": f"data:video/mp4;base64,{B64}"}})
    assert isinstance(seen, Finished), seen
    assert seen.outputs[0].data == PNG


@pytest.mark.parametrize(
    "held", [{"url": CONTENT}, {"url": "/v1/videos/job-1/content"}, {"url": "soon"}, {"video": None}]
)
def test_a_future_address_is_no_video(held: dict[str, Any]) -> None:
    """Some gateways name from the start the address at which the video will be."""
    assert video_result({"id": "job-1", "status": "queued", "progress": "5"} | held) == Working(
        percent=5, phase="queued"
    )


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("failed", "generation_failed"),
        ("ERROR", "generation_failed"),
        ("expired", "expired"),
        ("timed-out", "expired"),
        ("timeout", "expired"),
        ("Cancelled", "cancelled"),
    ],
)
def test_failed_has_many_words(status: str, code: str) -> None:
    """Each of them ends the job; the cost is unknown."""
    for error in (None, "boom", {"message": "boom", "code": 7}, [1], {"code": {"a": 1}}):
        seen = video_result(
            {"id": "job-1", "status": status, "error": error, "metadata": {"url": "against policy 1/2"}}
        )
        assert isinstance(seen, Refused), seen
        assert (seen.code, seen.charged) == (code, "unknown")
        assert seen.provider_code


@pytest.mark.parametrize(
    "body", [{"status": "dreaming"}, {"id": "job-1"}, {"status": {"a": 1}}, {"error": True}, [], 7]
)
def test_an_unknown_status_is_polled_again_and_reported(body: object) -> None:
    """Without a video it is no verdict, and the answer is stored, so that a person can see why no result comes."""
    seen = video_result(body)
    assert isinstance(seen, NoVerdict), seen
    assert seen.answer


@pytest.mark.parametrize("created", [None, 0, 1.0, "soon", -5, 10**400])
@pytest.mark.parametrize("expires", [None, -1, 5, "2026-12-01T00:00:00Z", 10**300, 1_795_000_000_000])
def test_an_impossible_expiry_is_ignored(created: object, expires: object) -> None:
    """A wrong time never means that the video has expired, nor that it expires beyond the calendar."""
    seen = video_result({"status": "done", "created_at": created, "completed_at": created, "expires_at": expires})
    assert isinstance(seen, Finished), seen
    assert seen.expires_seconds is None or 0 < seen.expires_seconds < videos.LONGEST_LIFE_SECONDS


@pytest.mark.parametrize(
    ("seconds", "usage"),
    [("4", {"second": 4}), (4.2, {"second": 5}), (-1, {}), ("soon", {}), (True, {}), (10**400, {})],
)
def test_the_seconds_of_a_video_are_a_count_or_left_out(seconds: object, usage: dict[str, int]) -> None:
    """If they can't be read, the requested length counts."""
    seen = video_result({"status": "done", "seconds": seconds})
    assert isinstance(seen, Finished), seen
    assert seen.usage == usage


@pytest.mark.parametrize(
    ("body", "job"),
    [
        ({"id": "job-1", "created_at": "now", "error": {"a": 1}}, "job-1"),
        ({"id": 77}, "77"),
        ({"id": {"a": 1}, "task_id": "job-1"}, "job-1"),
        ({"id": "x" * 2_000_000, "task_id": "job-1"}, "job-1"),
    ],
)
def test_a_job_is_accepted_under_an_id_that_can_be_polled(body: object, job: str) -> None:
    """With any other members."""
    assert videos.submit_result(reply(body), base_url=HERE, refused=refused) == Accepted(job=job)


def test_a_job_without_an_id_is_a_doubt_unless_it_is_done() -> None:
    """A video in the answer to the order is the result; without an id and a video it is a doubt, with the answer."""
    take = partial(videos.submit_result, base_url=HERE, refused=refused)
    assert isinstance(take(reply({"status": "done", "video": {"url": CLIP}})), Finished)
    for body in ({"status": "queued"}, {"id": "a\x00b"}, {"id": True}, {}, {"error": {"a": 1}}):
        seen = take(reply(body))
        assert isinstance(seen, InDoubt), seen
        assert seen.answer


# --- Speech ---


@pytest.mark.parametrize(
    "media_type", ["audio/mpeg", "text/plain", "application/json", "", "binary", "*/*", '"audio/mp3"']
)
@pytest.mark.parametrize(
    "audio", [media.mp3("Hello."), media.wav("Hello."), bytes(4096)], ids=["mp3", "wav", "silence"]
)
def test_audio_is_audio_under_any_media_type(media_type: str, audio: bytes) -> None:
    """The bytes decide."""
    seen = submit_result(reply(audio, media_type=media_type))
    assert isinstance(seen, Finished), seen
    assert seen.outputs == (Output(index=0, data=audio),)


@pytest.mark.parametrize(
    "body",
    [b"not found", b"<html>", b"  {}", '{"error": "Größe"'.encode(), "<p>错误".encode("gbk"), "später".encode(), b""],
)
def test_text_is_no_audio_under_any_media_type(body: bytes) -> None:
    """A page or half of an error is a doubt, with the answer."""
    seen = submit_result(reply(body, media_type="audio/mpeg"))
    assert isinstance(seen, InDoubt), seen
    assert seen.answer


# --- Errors ---


@pytest.mark.parametrize("code", [None, 0, True, {"a": 1}, [1], 10**400, "9" * 5000, "x" * 2_000_000])
def test_a_code_of_any_kind_is_no_obstacle(code: object) -> None:
    """Then the HTTP status decides, and in a success the message makes it a refusal of unknown price."""
    for status, becomes, charged in ((404, "provider_model_missing", "no"), (200, "provider_rejected", "unknown")):
        seen = refused(reply({"error": {"message": "boom", "code": code}}, status))
        assert isinstance(seen, Refused), seen
        assert (seen.code, seen.charged) == (becomes, charged)


@pytest.mark.parametrize("error", [True, 7, {"a": 1}, {"code": {"a": 1}}, {"message": ["x"]}, [], [7]])
def test_an_error_without_content_is_no_refusal(error: object) -> None:
    """In a success, only a readable error is a refusal; everything else is a doubt, with the answer."""
    seen = refused(reply({"error": error}))
    assert isinstance(seen, InDoubt), seen
    assert seen.answer


def test_an_error_in_a_list_is_an_error() -> None:
    """Gemini's compatible mode sends this form."""
    seen = refused(reply([{"error": {"code": 404, "message": "no such model", "status": "NOT_FOUND"}}], 200))
    assert isinstance(seen, Refused), seen
    assert (seen.code, seen.provider_code) == ("provider_model_missing", "404")
