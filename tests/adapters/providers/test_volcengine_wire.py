"""Volcengine's wire, as pure functions: what goes out, and what is made of what comes back."""

from typing import Any

import httpx
import pytest

from adapters.http import Reply
from adapters.keyring import Key
from adapters.providers import volcengine_ark as ark
from adapters.providers import volcengine_speech as speech
from adapters.providers import volcengine_video as video
from domain.provider import CannotTell, Finished, Gone, Input, NotFound, Order, Refused, Unclear
from tests.adapters.providers.conformance import spec_of

ADDRESS = Input(url="https://example.com/fox.png")
APP, TOKEN = "1000000001", "token-0000000000000001"


def order_of(model: str, params: dict[str, Any], *inputs: Input) -> Order:
    spec = spec_of(model)
    return Order(task_id="t", call_id="t.1", kind=spec.type, model=model, spec=spec, params=params, inputs=inputs)


def reply_of(status: int, body: bytes) -> Reply:
    return Reply(status, httpx.Headers(), body)


# --- What goes out ---


@pytest.mark.parametrize("model", ["volcengine/seedance-1.0-pro", "volcengine/seedance-2.0"])
@pytest.mark.parametrize("text", ["a cat --dur 12", "a cat --rs 1080p --wm true", "a cat ----seed 1", "a cat--dur 12"])
def test_no_flags_get_into_a_prompt(text: str, model: str) -> None:
    """Ark obeys `--flags`: a prompt must not buy another film than the one that was priced."""
    body = video.to_wire(order_of(model, {"prompt": text}), None)
    assert "--" not in body["content"][0]["text"]
    assert "cat" in body["content"][0]["text"]


def test_what_a_model_does_not_know_is_not_sent() -> None:
    """Sound is switched off where there could be some; a seed goes only to models that take one."""
    newer = video.to_wire(order_of("volcengine/seedance-2.0", {"prompt": "a cat"}), None)
    older = video.to_wire(order_of("volcengine/seedance-1.0-pro", {"prompt": "a cat"}), None)
    assert newer["generate_audio"] is False
    assert "seed" not in newer
    assert older["seed"] >= 0
    assert "generate_audio" not in older


def test_a_first_frame_keeps_its_shape() -> None:
    """Without an aspect ratio a film is as its first frame is, and never cropped; else as the catalogue says."""
    given = {"prompt": "a cat"}
    assert video.to_wire(order_of("volcengine/seedance-1.0-pro", given, ADDRESS), None)["ratio"] == "adaptive"
    assert video.to_wire(order_of("volcengine/seedance-1.0-pro", given), None)["ratio"] == "16:9"


def test_a_callback_address_goes_along() -> None:
    """When Pixel can be reached from outside."""
    body = video.to_wire(order_of("volcengine/seedance-1.0-pro", {"prompt": "a cat"}), "https://pixel.test/cb")
    assert body["callback_url"] == "https://pixel.test/cb"


@pytest.mark.parametrize(("speed", "rate"), [(None, 0), (0.5, -50), (1.0, 0), (1.2, 20), (2.0, 100)])
def test_speed_is_a_percentage_at_v3(speed: float | None, rate: int) -> None:
    """Contract: a ratio. V3: -50 to 100."""
    order = order_of("volcengine/doubao-tts", {"prompt": "Hello"} | ({"speed": speed} if speed else {}))
    asked = speech.to_wire(order, Key("a", (TOKEN, APP)))["req_params"]
    assert asked["audio_params"]["speech_rate"] == rate
    assert asked["speaker"] == "zh_female_qingxinnvsheng_mars_bigtts"


def test_a_voice_of_the_vendors_own_name_goes_out_as_it_is() -> None:
    """Where the catalogue renames none."""
    order = order_of("volcengine/doubao-tts-2.0", {"prompt": "Hello"})
    key = Key("a", (TOKEN, APP))
    assert speech.to_wire(order, key)["req_params"]["speaker"] == "zh_female_vv_uranus_bigtts"
    assert speech.headers(order, key)["X-Api-Resource-Id"] == "seed-tts-2.0"


# --- What comes back ---


def test_an_item_with_an_error_is_missing() -> None:
    """One picture held back, the other made: a result in part, and paid for in part."""
    body = (
        b'{"created_at":1,"data":[{"url":"https://h/a.jpeg"},{"error":{"code":"OutputImageSensitiveContentDetected"}}],'
        b'"usage":{"generated_images":1,"output_tokens":16384,"total_tokens":16384}}'
    )
    seen = ark.from_wire(reply_of(200, body))
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
def test_arks_codes_are_told_apart(status: int, code: str, message: str, meant: str) -> None:
    """By code, and by text where one code means three things; one that nobody knows is final, but for a 429."""
    body = f'{{"error":{{"code":"{code}","message":"{message}"}}}}'.encode()
    seen = ark.refused(reply_of(status, body))
    assert isinstance(seen, Refused)
    assert seen.code == meant
    assert seen.retryable == (meant == "rate_limited")


def test_a_gateways_page_is_no_news_of_a_task() -> None:
    """A 404 without Ark's words, or about the model, does not say that the task is gone."""
    assert isinstance(video.from_wire(reply_of(404, b"<html>")), Unclear)
    assert isinstance(video.from_wire(reply_of(404, b'{"error":{"code":"ModelNotOpen"}}')), Unclear)
    assert isinstance(video.from_wire(reply_of(404, b'{"error":{"code":"NotFound.Task"}}')), Gone)
    assert isinstance(video.from_wire(reply_of(400, b'{"error":{"code":"InvalidParameter"}}')), Unclear)


@pytest.mark.parametrize(
    ("task", "finding"),
    [
        (video.Task(id="a", model="doubao-seedance-1-0-pro-250528"), CannotTell),
        (video.Task(id="a", model="doubao-seedance-1-0-pro-250528", seed=-1), CannotTell),
        (video.Task(id="a", model="ep-2026"), CannotTell),
        (video.Task(id="a", model="doubao-seedance-1-5-pro-251215"), CannotTell),
        (video.Task(id="a", model="doubao-seedance-1-0-pro-250528", seed=1), NotFound),
        (video.Task(id="a", model="ep-2026", seed=1), NotFound),
    ],
)
def test_what_could_be_the_call_is_never_called_absent(task: video.Task, finding: type) -> None:
    """A task that tells no seed may be it, whatever it calls its model; another seed is another call."""
    order = order_of("volcengine/seedance-1.0-pro", {"prompt": "a cat"})
    assert isinstance(video.find(order, video.Seen((task,), whole=True, repeats_seeds=True)), finding)
    assert isinstance(video.find(order, video.Seen((task,), whole=False, repeats_seeds=True)), CannotTell)


def test_objects_are_cut_by_nothing_but_themselves() -> None:
    """V3's objects may share a line, or lie over several; braces in a text end none."""
    body = (
        b'{"code":0,"data":"QUJD"}{"code":0,\n"message":"a } b","data":"REVG"}\n\n'
        b'{"code":20000000,"usage":{"text_words":3}}'
    )
    seen = speech.from_wire(reply_of(200, body), ark.Speech(), 9)
    assert isinstance(seen, Finished)
    assert seen.outputs[0].data == b"ABCDEF"
    assert seen.usage == {"character": 3}
