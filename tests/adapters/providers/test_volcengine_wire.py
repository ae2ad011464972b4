"""Volcengine's wire, as pure functions: the requests, and the sightings from the answers."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.outbound.client import Reply
from adapters.providers.keyring import Key
from adapters.providers.tolerant_reader import decode_strictly
from adapters.providers.volcengine import errors, images, requests, speech, videos
from domain.base import replace
from domain.provider import (
    CannotTell,
    Finished,
    Found,
    Gone,
    InDoubt,
    Input,
    NotFound,
    NoVerdict,
    Order,
    Output,
    Refused,
    Sighting,
)
from tests.adapters.providers.conformance import spec_of
from tests.simulators import media

ADDRESS = Input(url="https://example.com/fox.png")
APP, TOKEN = "1000000001", "token-0000000000000001"


def order_of(model: str, params: dict[str, Any], *inputs: Input) -> Order:
    spec = spec_of(model)
    return Order(task_id="t", call_id="t.1", kind=spec.type, model=model, spec=spec, params=params, inputs=inputs)


def wired(order: Order, **wire: Any) -> Order:
    """The order of a model whose entry has this `wire` section."""
    return replace(order, spec=replace(order.spec, wire=wire))


def reply_of(status: int, body: bytes) -> Reply:
    return Reply(status, httpx.Headers(), body)


# --- Requests ---


@pytest.mark.parametrize("model", ["volcengine/seedance-1.5-pro", "volcengine/seedance-2.0"])
@pytest.mark.parametrize("text", ["a cat --dur 12", "a cat --rs 1080p --wm true", "a cat ----seed 1", "a cat--dur 12"])
def test_a_prompt_contains_no_flags(text: str, model: str) -> None:
    """Ark obeys `--flags` in a prompt: they must not order another video than the one that was priced."""
    body = videos.to_wire(order_of(model, {"prompt": text}), None)
    assert "--" not in body["content"][0]["text"]
    assert "cat" in body["content"][0]["text"]


def test_parameters_that_a_model_lacks_are_not_sent() -> None:
    """Audio is switched off for models that can make it; a seed goes only to models that accept one, and the others
    carry the call id where their entry says so."""
    newer = videos.to_wire(order_of("volcengine/seedance-2.0", {"prompt": "a cat"}), None)
    older = videos.to_wire(order_of("volcengine/seedance-1.0-pro", {"prompt": "a cat"}), None)
    assert newer["generate_audio"] is False
    assert "seed" not in newer
    assert newer["safety_identifier"] == "t.1"
    assert "safety_identifier" not in older
    assert older["seed"] >= 0
    assert "generate_audio" not in older


def test_a_first_frame_keeps_its_shape() -> None:
    """Without an aspect ratio a video has the shape of its first frame, uncropped; else the catalogue decides."""
    given = {"prompt": "a cat"}
    assert videos.to_wire(order_of("volcengine/seedance-2.0", given, ADDRESS), None)["ratio"] == "adaptive"
    assert videos.to_wire(order_of("volcengine/seedance-2.0", given), None)["ratio"] == "16:9"


def test_only_what_the_entry_says_is_sent_beside_the_common_fields() -> None:
    """Seedream's newest models refuse the field for sets, so that successors are entries and no code."""
    order = order_of("volcengine/seedream-4.0-20260415", {"prompt": "a cat", "resolution": "1K"}, ADDRESS)
    plain = {"model": "m", "prompt": "a cat", "size": "1024x1024", "image": ADDRESS.url}
    fixed = {"response_format": "url", "watermark": False}
    assert images.to_wire(wired(order, model="m")) == plain | fixed
    more = {"sequential_image_generation": "disabled", "watermark": True}
    assert images.to_wire(wired(order, model="m", more=more)) == plain | fixed | more
    video = wired(order_of("volcengine/seedance-2.0", {"prompt": "a cat"}), model="m", more={"priority": 9})
    assert videos.to_wire(video, None)["priority"] == 9


def test_reference_images_are_no_frames() -> None:
    """They have a role of their own, in their order, and none of them decides the aspect ratio."""
    others = [Input(url=f"https://example.com/{number}.png") for number in range(3)]
    order = order_of("volcengine/seedance-2.0", {"prompt": "a cat"}, ADDRESS, *others)
    body = videos.to_wire(wired(order, model="m", images="references"), None)
    assert [item["role"] for item in body["content"][1:]] == ["reference_image"] * 4
    assert [item["image_url"]["url"] for item in body["content"][1:]] == [given.url for given in order.inputs]
    assert body["ratio"] == "16:9"


def test_the_callback_address_is_sent() -> None:
    """If Pixel has a public address."""
    body = videos.to_wire(order_of("volcengine/seedance-2.0", {"prompt": "a cat"}), "https://pixel.test/cb")
    assert body["callback_url"] == "https://pixel.test/cb"


@pytest.mark.parametrize(("speed", "rate"), [(None, 0), (0.5, -50), (1.0, 0), (1.2, 20), (2.0, 100)])
def test_speed_is_a_percentage_at_v3(speed: float | None, rate: int) -> None:
    """Pixel's API has a ratio, V3 -50 to 100."""
    order = order_of("volcengine/doubao-tts", {"prompt": "Hello"} | ({"speed": speed} if speed else {}))
    asked = speech.to_wire(order, Key("a", (TOKEN, APP)))["req_params"]
    assert asked["audio_params"]["speech_rate"] == rate
    assert asked["speaker"] == "zh_female_qingxinnvsheng_mars_bigtts"


def test_a_voice_of_the_vendors_own_name_is_sent_unchanged() -> None:
    """If the catalogue gives it no other name."""
    order = order_of("volcengine/doubao-tts-2.0", {"prompt": "Hello"})
    key = Key("a", (TOKEN, APP))
    assert speech.to_wire(order, key)["req_params"]["speaker"] == "zh_female_vv_uranus_bigtts"
    assert speech.headers(order, key)["X-Api-Resource-Id"] == "seed-tts-2.0"


# --- Answers ---


def test_an_item_with_an_error_is_missing() -> None:
    """One image filtered, the other made: a partial result, paid for in part."""
    body = (
        b'{"created_at":1,"data":[{"url":"https://h/a.jpeg"},{"error":{"code":"OutputImageSensitiveContentDetected"}}],'
        b'"usage":{"generated_images":1,"output_tokens":16384,"total_tokens":16384}}'
    )
    seen = images.submit_result(reply_of(200, body))
    assert isinstance(seen, Finished)
    assert [output.index for output in seen.outputs] == [0]
    assert [(missing.index, missing.code) for missing in seen.missing] == [(1, "content_rejected_output")]
    assert seen.usage["image"] == 1


@pytest.mark.parametrize(
    ("status", "code", "message", "meant"),
    [
        (429, "QuotaExceeded", "The request has exceeded the quota. Request ID: 1", "rate_limited"),
        (
            429,
            "QuotaExceeded",
            "Your account [1] has exhausted its free trial quota for the [m] model.",
            "provider_quota",
        ),
        (429, "QuotaExceeded", "You have exceeded the monthly usage quota. It will reset at 1.", "provider_quota"),
        (429, "QuotaExceeded", "", "provider_quota"),
        (429, "AccountQuotaExceeded", "", "provider_quota"),
        (429, "SomethingNew", "", "rate_limited"),
        (403, "OperationDenied.ServiceNotOpen", "", "provider_model_missing"),
        (403, "OperationDenied.InvalidState", "", "provider_rejected"),
        (401, "AuthenticationError", "", "provider_auth"),
        (404, "NotFound.File", "", "provider_rejected"),
        (400, "InputImageSensitiveContentDetected.PrivacyInformation", "", "content_rejected_input"),
        (400, "OutputTextRiskDetection", "", "content_rejected_output"),
        (400, "SensitiveContentDetected.SevereViolation", "", "content_rejected_input"),
        (400, "SomethingNew", "", "provider_rejected"),
    ],
)
def test_each_code_of_ark_has_its_meaning(status: int, code: str, message: str, meant: str) -> None:
    """By code, and by text where one code has three meanings; an unknown code is final, except with a 429."""
    body = f'{{"error":{{"code":"{code}","message":"{message}"}}}}'.encode()
    seen = errors.refused(reply_of(status, body))
    assert isinstance(seen, Refused)
    assert seen.code == meant
    assert seen.retryable == (meant == "rate_limited")


def test_a_gateways_page_is_no_answer_about_a_task() -> None:
    """A 404 without Ark's code, or about the model, does not prove that the task is gone."""
    assert isinstance(videos.poll_result(reply_of(404, b"<html>")), NoVerdict)
    assert isinstance(videos.poll_result(reply_of(404, b'{"error":{"code":"ModelNotOpen"}}')), NoVerdict)
    assert isinstance(videos.poll_result(reply_of(404, b'{"error":{"code":"NotFound.Task"}}')), Gone)
    assert isinstance(videos.poll_result(reply_of(400, b'{"error":{"code":"InvalidParameter"}}')), NoVerdict)


@pytest.mark.parametrize(
    ("task", "finding"),
    [
        (videos.ListedTask(id="a", model="doubao-seedance-1-0-pro-250528"), CannotTell),
        (videos.ListedTask(id="a", model="doubao-seedance-1-0-pro-250528", seed=-1), CannotTell),
        (videos.ListedTask(id="a", model="ep-2026"), CannotTell),
        (videos.ListedTask(id="a", model="doubao-seedance-1-5-pro-251215"), CannotTell),
        (videos.ListedTask(id="a", model="doubao-seedance-1-0-pro-250528", seed=1), NotFound),
        (videos.ListedTask(id="a", model="ep-2026", seed=1), NotFound),
    ],
)
def test_a_call_with_a_candidate_is_never_absent(task: videos.ListedTask, finding: type) -> None:
    """A task without a seed may be the call, under any model name; a task with another seed is another call."""
    order = order_of("volcengine/seedance-1.0-pro", {"prompt": "a cat"})
    assert isinstance(
        videos.lookup_result(order, videos.TaskListing((task,), complete=True, repeats_marks=True)), finding
    )
    assert isinstance(
        videos.lookup_result(order, videos.TaskListing((task,), complete=False, repeats_marks=True)), CannotTell
    )


NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("repeated", "identifier", "model", "minutes", "finding"),
    [
        (True, "t.1", "other", 0, Found),  # no other call has this identifier, whatever else the list tells
        (None, "t.1", "m", 0, Found),
        (False, "t.1", "m", 0, Found),
        (True, "t.2", "m", 0, NotFound),
        (None, "t.2", "m", 0, CannotTell),  # Ark may tell others than those that were sent
        (False, "t.2", "m", 0, CannotTell),
        (True, None, "m", 0, CannotTell),  # or none
        (True, "", "m", 0, CannotTell),
        (True, None, "ep-1", 0, CannotTell),
        (True, None, None, 0, CannotTell),
        (True, None, "other", 0, NotFound),  # most tasks of an account's other programs have none
        (False, "t.2", "other", 0, NotFound),
        (None, None, "m", -9, CannotTell),  # clocks differ
        (None, None, "m", -11, NotFound),
    ],
)
def test_an_identifier_proves_what_it_proves(
    repeated: bool | None, identifier: str | None, model: str | None, minutes: int, finding: type
) -> None:
    """Ours finds the call. Another one proves its absence only where the list is known to repeat what was sent; without
    one, only a task of another model, or from before the call, is another call."""
    order = wired(order_of("volcengine/seedance-2.0", {"prompt": "a cat"}), model="m", safety_identifier=True)
    made = (NOW + timedelta(minutes=minutes)).timestamp()
    task = videos.ListedTask(id="a", model=model, seed=7, safety_identifier=identifier, created_at=made)
    listing = videos.TaskListing((task,), complete=True, repeats_marks=repeated)
    assert isinstance(videos.lookup_result(replace(order, called_at=NOW), listing), finding)


def test_two_tasks_of_one_call_are_for_a_person() -> None:
    """It can't be, so nobody decides by it."""
    order = wired(order_of("volcengine/seedance-2.0", {"prompt": "a cat"}), model="m", safety_identifier=True)
    tasks = tuple(videos.ListedTask(id=name, safety_identifier="t.1") for name in "ab")
    finding = videos.lookup_result(order, videos.TaskListing(tasks, complete=True, repeats_marks=True))
    assert isinstance(finding, CannotTell)
    assert "a, b" in finding.reason


def test_objects_are_split_by_their_own_syntax() -> None:
    """V3's objects may share a line, or span several; braces in a text end no object."""
    body = (
        b'{"code":0,"data":"QUJD"}{"code":0,\n"message":"a } b","data":"REVG"}\n\n'
        b'{"code":20000000,"usage":{"text_words":3}}'
    )
    seen = speech.submit_result(reply_of(200, body), requests.Speech(), 9)
    assert isinstance(seen, Finished)
    assert seen.outputs[0].data == b"ABCDEF"
    assert seen.usage == {"character": 3}


# --- Answers in other forms ---

URL = "https://ark.example.com/a.png"
V1 = requests.Speech(dialect="v1")


def answer(body: object, status: int = 200) -> Reply:
    return reply_of(status, json.dumps(body).encode())


@pytest.mark.parametrize("status", ["succeeded", "SUCCESS", "done", "running", "failed", "dreaming", None, {"a": 1}])
def test_a_video_in_the_answer_ends_the_job(status: object) -> None:
    """Under any status; and unreadable figures are lost, and nothing else."""
    usage = {"completion_tokens": "5.0", "total_tokens": None, "other": -1}
    body = {"id": 7, "status": status, "content": {"video_url": f" {URL}"}, "usage": usage, "duration": "4"}
    seen = videos.poll_result(answer(body | {"created_at": 1.0, "error": [], "seed": "x"}))
    assert isinstance(seen, Finished), seen
    assert [output.url for output in seen.outputs] == [URL]
    assert seen.usage == {"output_token": 5, "completion_tokens": 5, "second": 4}


def test_a_video_that_can_not_be_read_was_paid_for() -> None:
    """It is reported as missing and unreadable; a finished task without any video reports none as unreadable."""
    for url, code in (("***", "unreadable"), (None, "empty")):
        seen = videos.poll_result(answer({"id": "a", "status": "succeeded", "content": {"video_url": url}}))
        assert isinstance(seen, Finished), seen
        assert [lost.code for lost in seen.missing] == [code]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("FAILED", "generation_failed"),
        ("error", "generation_failed"),
        ("timeout", "expired"),
        ("canceled", "cancelled"),
    ],
)
def test_every_word_for_failure_ends_the_task(status: str, code: str) -> None:
    """In every form of the error."""
    unreadable: list[Any] = [None, "text", {"code": {"a": 1}}, {"code": 7}, []]
    for error in unreadable:
        seen = videos.poll_result(answer({"id": "a", "status": status, "error": error}))
        assert isinstance(seen, Refused), seen
        assert seen.code == code


def test_a_list_with_odd_figures_is_evidence() -> None:
    """The usage of a task decides nothing about a lost call; an unreadable seed makes it a candidate."""
    odd = {"id": "a", "model": "m", "seed": 1, "created_at": 5.5, "usage": {"total_tokens": "x"}, "status": None}
    assert decode_strictly(answer({"items": [odd], "total": 1}).body, videos.Page)
    assert decode_strictly(answer({"items": [odd | {"seed": "1x"}]}).body, videos.Page) is None


def test_an_image_that_can_not_be_read_was_paid_for() -> None:
    """It is reported as missing and unreadable, and counted, and not reported as filtered."""
    data = media.png("fox", 64, 64)
    inline = base64.b64encode(data).decode().rstrip("=")
    for item in ({"url": None}, {"url": "***"}, {}, 7, {"b64_json": "*"}, {"url": {"a": 1}}):
        seen = images.submit_result(answer({"data": [item, {"b64_json": inline}], "usage": None}))
        assert isinstance(seen, Finished), item
        assert [(lost.index, lost.code) for lost in seen.missing] == [(0, "unreadable")], item
        assert [output.data for output in seen.outputs] == [data]
        assert seen.usage == {"image": 2}
    alone = images.submit_result(
        answer({"data": {"url": URL}, "usage": {"generated_images": "1", "output_tokens": -5}})
    )
    assert isinstance(alone, Finished)
    assert (alone.outputs[0].url, alone.usage) == (URL, {"image": 1})


def test_an_error_that_can_not_be_read_is_no_refusal() -> None:
    """In an HTTP 200 only a readable code is a refusal; a text alone leaves a doubt, or a missing image."""
    unreadable: list[Any] = [{"code": {"a": 1}}, {"code": None}, [], True, {}]
    for error in unreadable:
        assert isinstance(errors.refused(answer({"error": error})), InDoubt), error
        seen = images.submit_result(answer({"data": [{"error": error}]}))
        assert isinstance(seen, Finished), error
        assert seen.missing[0].code == "unreadable"


def spoken(*parts: dict[str, Any], speech_of: requests.Speech | None = None) -> Sighting:
    """The result of an answer of openspeech."""
    body = "".join(json.dumps(part) for part in parts).encode()
    return speech.submit_result(reply_of(200, body), speech_of or requests.Speech(), 9)


def test_audio_is_read_in_every_form() -> None:
    """base64 in lines, for URLs, without padding; numbers as text; odd members; or raw bytes of any media type."""
    audio = media.mp3("hello", 1.0)
    written = base64.urlsafe_b64encode(audio).decode().rstrip("=")
    end = {"code": "20000000", "message": None, "usage": {"text_words": 3.0}, "x": [1]}
    assert spoken({"code": 0.0, "data": f"{written[:76]}\r\n{written[76:]}", "usage": []}, end) == Finished(
        outputs=(Output(index=0, data=audio),), usage={"character": 3}
    )
    for code in ({"code": "3000"}, {}, {"code": None}):
        assert spoken(code | {"data": written, "sequence": "-1"}, speech_of=V1) == Finished(
            outputs=(Output(index=0, data=audio),), usage={"character": 9}
        )
    for how in (requests.Speech(), V1):
        seen = speech.submit_result(reply_of(200, audio), how, 9)
        assert isinstance(seen, Finished)
        assert seen.outputs[0].data == audio


def test_audio_that_can_not_be_read_was_paid_for() -> None:
    """It is counted, and reported as missing and unreadable: half of it is no result."""
    lost: list[Sighting] = [
        spoken({"code": 0, "data": "QUJD"}, {"code": 0, "data": "*"}, {"code": 20000000}),
        spoken({"code": 0, "data": {"a": 1}}, {"code": 20000000}),
        spoken({"code": 3000, "data": "*"}, speech_of=V1),
    ]
    for seen in lost:
        assert isinstance(seen, Finished)
        assert ([each.code for each in seen.missing], seen.usage) == (["unreadable"], {"character": 9})
        assert seen.outputs == ()


def test_an_unknown_code_of_speech_is_a_doubt() -> None:
    """An unknown or unreadable code is no refusal."""
    for code in (7, 20000001, {"a": 1}, True, "9" * 400):
        assert isinstance(spoken({"code": code, "message": "?"}), InDoubt), code
        assert isinstance(spoken({"code": code, "message": "?"}, speech_of=V1), InDoubt), code


def test_a_task_that_ark_does_not_find_is_polled_again() -> None:
    """Ark may find it a moment later."""
    seen = videos.poll_result(answer({"error": {"code": "NotFound.Task", "message": None}}, 404))
    assert isinstance(seen, Gone)
    assert not seen.certain
