"""Kling, on its simulator: the suite with an API key, for speech, and with a pair of keys; and Kling's own rules."""

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from adapters.outbound.client import Reply
from adapters.providers.base import Access, wire_config
from adapters.providers.keyring import Key
from adapters.providers.kling import adapter, auth, errors, requests, tasks
from adapters.providers.kling.auth import RENEWED_AFTER_SECONDS, Tokens, mint
from domain.base import replace
from domain.model import Kind, ModelSpec
from domain.money import Cost
from domain.provider import (
    Accepted,
    CannotTell,
    Finished,
    Found,
    Gone,
    InDoubt,
    Input,
    NotFound,
    NoVerdict,
    Order,
    Refused,
    Working,
)
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject, catalogue, spec_of
from tests.simulators import _kling_rules as rules
from tests.simulators import media
from tests.simulators.kling import Kling
from tests.web import PlainClient

GOOD, BAD = "kling-0000000000000001", "kling-9999999999999999"
(ACCESS, SECRET), *_ = rules.PAIRS.items()
PAIR = {"KLING_ACCESS_KEY": ACCESS, "KLING_SECRET_KEY": SECRET}
FOX = Input(url="https://example.com/fox.png", media_type="image/png")
DOG = Input(data=media.png("dog", 320, 320), media_type="image/png")
REFUSALS = {
    "rate_limited": "rate_limited",
    "too_many_jobs": "rate_limited",
    "no_balance": "provider_quota",
    "arrears": "provider_quota",
    "abnormal": "provider_quota",
    "not_listed": "provider_auth",
    "no_permission": "provider_model_missing",
    "invalid": "provider_rejected",
    "error_in_200": "provider_rejected",
    "moderated_input": "content_rejected_input",
    "policy": "content_rejected_input",
    "model_gone": "provider_model_missing",
    "maintenance": "provider_unavailable",
    "token_expired": "provider_auth",
    "job_failed": "generation_failed",
    "no_outputs": "missing",
}
OF_JOBS = {"job_failed_paid": "generation_failed", "moderated_output": "content_rejected_output"}
IMAGE = Case(
    "image",
    "kling/kling-v3-image",
    {"prompt": "a red fox", "negativePrompt": "blur", "resolution": "1K", "aspectRatio": "16:9", "n": 2},
    made=2,
)
VIDEO = Case("video", "kling/kling-v2-6", {"prompt": "a fox runs", "negativePrompt": "blur", "aspectRatio": "9:16"})
NEW_VIDEO = Case("new-video", "kling/kling-3.0", {"prompt": "a fox runs", "resolution": "720p", "duration": "3s"})
OMNI_VIDEO = Case(
    "omni-video",
    "kling/kling-3.0-omni-audio",
    {"prompt": "@image_2 chases a fox", "resolution": "720p", "aspectRatio": "1:1", "duration": "3s"},
    inputs=(FOX, DOG),
)
SPEECH = Case("speech", "kling/tts", {"prompt": "Good morning.", "voice": "uk_man2", "speed": 1.2}, job=False)
FROM_FRAMES: dict[str, Any] = {"prompt": "a fox runs", "resolution": "1080p"}


class TestKling(Conformance):
    """The suite, on images and videos."""

    subject = Subject(
        provider="kling",
        simulator="kling",
        environment={"KLING_API_KEY": GOOD},
        bad_environment={"KLING_API_KEY": BAD},
        two_keys={"KLING_API_KEY": f"{BAD},{GOOD}"},
        cases=(
            IMAGE,
            Case("image-subject", "kling/kling-v2-1-image-subject", {"prompt": "in the snow"}, inputs=(FOX,)),
            Case("image-omni", "kling/kling-image-o1", {"prompt": "<<<image_2>>> beside a fox"}, inputs=(FOX, DOG)),
            VIDEO,
            Case(
                "video-from-image", "kling/kling-v2-6-i2v", {"prompt": "it runs", "resolution": "720p"}, inputs=(DOG,)
            ),
            NEW_VIDEO,
            Case(
                "new-video-from-images",
                "kling/kling-3.0-i2v",
                {"prompt": "it runs", "resolution": "720p"},
                inputs=(FOX, DOG),
            ),
            OMNI_VIDEO,
            Case(
                "omni-video-from-images",
                "kling/kling-o1-i2v",
                {"prompt": "it runs", "resolution": "720p"},
                inputs=(FOX, DOG),
            ),
        ),
        refusals=REFUSALS | OF_JOBS | {"missing_outputs": "missing", "expired_job": "Gone"},
        only=dict.fromkeys([*REFUSALS, *OF_JOBS], ("image", "video", "new-video"))
        | {"missing_outputs": ("image",), "expired_job": ("image", "video")},
        lookup="Found",
        lookup_not_done="NotFound",
    )

    @pytest.mark.parametrize("asked", [IMAGE, NEW_VIDEO], ids=["legacy", "new"])
    async def test_a_duplicate_id_is_a_doubt(self, bench: Bench, asked: Case) -> None:
        """Kling accepts a call id once: after the refusal of the second order, a lookup finds the first."""
        order = bench.order(asked)
        first = await bench.provider.submit(order)
        assert isinstance(first, Accepted), first
        assert isinstance(await bench.provider.submit(order), InDoubt)
        assert await bench.provider.lookup(order) == Found(job=first.job)
        assert bench.billed == 1

    async def test_a_refusal_that_can_not_be_looked_up_is_a_doubt(self, bench: Bench, case: Case) -> None:
        """An invalid request is a refusal only if Kling also answers that it has no such task."""
        await bench.fault("502_html", route=r"/tasks|.*/task_[^/]+")
        assert isinstance(await bench.provider.submit(bench.order(case, "invalid")), InDoubt)
        assert bench.billed == 0

    @pytest.mark.parametrize("fault", ["internal", "backlog"])
    async def test_an_internal_error_is_a_doubt(self, bench: Bench, fault: str) -> None:
        """5000 and 5002 do not show whether the order was accepted."""
        order = bench.order(IMAGE, fault)
        assert isinstance(await bench.provider.submit(order), InDoubt)
        assert isinstance(await bench.provider.lookup(order), NotFound)

    async def test_jobs_beyond_the_resource_pack_wait(self, bench: Bench) -> None:
        """1303 lasts until a job has ended, and the refused order costs nothing."""
        simulator(bench).capacity = 3
        first, second = bench.order(IMAGE), bench.order(IMAGE, call=2)
        seen = await bench.provider.submit(first)
        busy = await bench.provider.submit(second)
        assert isinstance(busy, Refused), busy
        assert (busy.code, busy.retryable, busy.provider_code) == ("rate_limited", True, "1303")
        assert isinstance(await bench.finish(first, seen), Finished)
        assert isinstance(await bench.provider.submit(second), Accepted)

    async def test_a_job_passes_through_its_states(self, bench: Bench, case: Case) -> None:
        """Queued, running, done."""
        order = bench.order(case)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        assert await bench.provider.poll(order, seen.job) == Working(phase="queued")
        assert await bench.provider.poll(order, seen.job) == Working(phase="running")
        assert isinstance(await bench.provider.poll(order, seen.job), Finished)

    async def test_one_query_serves_many_jobs(self, bench: Bench) -> None:
        """In the new dialect, jobs that are polled at the same moment are polled together."""
        orders = [bench.order(NEW_VIDEO, call=call) for call in range(1, 6)]
        ends = await bench.finish_together([*orders, bench.order(NEW_VIDEO, "job_failed", call=6)])
        assert [type(end).__name__ for end in ends] == ["Finished"] * 5 + ["Refused"]
        assert [path for method, path in bench.simulator.requests if method == "GET"] == ["/tasks"] * 3

    async def test_a_task_that_the_list_lacks_is_polled_by_itself(self, bench: Bench) -> None:
        """The list may lag behind: absence from it proves nothing."""
        orders = [bench.order(NEW_VIDEO, call=call) for call in range(1, 4)]
        jobs = [seen.job for order in orders if isinstance(seen := await bench.provider.submit(order), Accepted)]
        await asyncio.gather(*map(bench.provider.poll, orders, jobs))
        before = len(bench.simulator.requests)
        news = await asyncio.gather(*map(bench.provider.poll, orders, [*jobs[:2], "nobody"]))
        assert [type(each) for each in news] == [Working, Working, NoVerdict]
        assert len(bench.simulator.requests) == before + 2

    async def test_after_a_refused_list_jobs_are_polled_one_by_one(self, bench: Bench) -> None:
        """One of the jobs may be the cause; a provider that fails gets no additional queries."""
        orders = [bench.order(NEW_VIDEO, call=call) for call in range(1, 4)]
        jobs = [seen.job for order in orders if isinstance(seen := await bench.provider.submit(order), Accepted)]
        for fault, questions in (("gone", 1 + 3), ("500_before", 1)):
            await bench.fault(fault, times=1)
            before = len(bench.simulator.requests)
            await asyncio.gather(*map(bench.provider.poll, orders, jobs))
            assert len(bench.simulator.requests) == before + questions, fault

    @pytest.mark.parametrize("asked", [VIDEO, NEW_VIDEO], ids=["legacy", "new"])
    @pytest.mark.parametrize(
        ("fault", "charged"), [("job_failed", "unknown"), ("moderated_output", "no"), ("job_failed_paid", "yes")]
    )
    async def test_a_failed_job_reports_its_cost(self, bench: Bench, asked: Case, fault: str, charged: str) -> None:
        """The cost is reported only if Kling reports it; otherwise it is unknown."""
        order = bench.order(asked, fault)
        seen = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(seen, Refused), seen
        assert (seen.charged, seen.provider_code) == (charged, "failed")
        assert seen.provider_message

    async def test_money_that_kling_reports_is_the_cost(self, bench: Bench) -> None:
        """A payment from the balance is a cost in money; the use of a resource pack is counted in units."""
        order = bench.order(NEW_VIDEO, "paid_in_cash")
        seen = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(seen, Finished), seen
        assert isinstance(seen.cost, Cost)
        assert (str(seen.cost.amount), seen.cost.currency, seen.cost.source) == ("0.49", "USD", "provider")
        assert seen.expires_seconds == 30 * 24 * 3600

    async def test_what_comes_with_a_video_is_no_video(self, bench: Bench) -> None:
        """A cover and a sound stand beside it, as files of other types: they are no outputs of a video task."""
        order = bench.order(NEW_VIDEO, "with_others")
        seen = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(seen, Finished), seen
        assert [output.index for output in seen.outputs] == [0]
        assert str(seen.outputs[0].url).endswith(".mp4")
        assert (seen.missing, seen.usage["second"]) == ((), 3)

    @pytest.mark.parametrize("asked", [IMAGE, VIDEO, NEW_VIDEO], ids=lambda case: case.name)
    async def test_orders_ask_for_callbacks(self, bench: Bench, asked: Case) -> None:
        """If Pixel has a public address, every order contains the callback URL."""
        access = Access(
            "kling",
            bench.address,
            bench.provider.keys,
            bench.client,
            requests.Wire,
            callback_url=lambda call: f"https://p/{call}",
        )
        order = bench.order(asked)
        assert isinstance(await adapter.Kling(access).submit(order), Accepted)
        body = bench.simulator.orders[0][0].json()
        assert (body.get("options") or body)["callback_url"] == f"https://p/{order.call_id}"

    async def test_the_request_id_for_support_is_reported(self, bench: Bench) -> None:
        """The message contains Kling's request id."""
        seen = await bench.provider.submit(bench.order(IMAGE, "moderated_input"))
        assert isinstance(seen, Refused), seen
        assert seen.provider_message == "content safety (request req-no)"

    @pytest.mark.parametrize(
        ("path", "body", "message"),
        [
            ("/v1/videos/text2video", {"model": "kling-v2-6", "prompt": "x"}, "model"),
            ("/v1/videos/text2video", {"model_name": "kling-v2-6", "prompt": "x", "duration": 5}, "a string"),
            ("/v1/videos/text2video", {"model_name": "kling-v2-6", "prompt": "x", "cfg_scale": 0.5}, "cfg_scale"),
            ("/v1/videos/image2video", {"model_name": "kling-v2-6", "prompt": "x"}, "image"),
            (
                "/v1/images/generations",
                {"model_name": "kling-v3", "prompt": "x", "image": "data:image/png;base64,"},
                "data",
            ),
            ("/v1/images/generations", {"model_name": "kling-v3", "prompt": "x", "seed": 7}, "unknown"),
            ("/text-to-video/kling-3.0", {"prompt": "x", "settings": {"duration": 5}}, "multi_shot"),
            ("/text-to-video/kling-3.0-turbo", {"prompt": "x", "settings": {"duration": "5"}}, "an integer"),
            ("/text-to-video/kling-3.0-turbo", {"prompt": "x", "negative_prompt": "y"}, "unknown"),
            ("/omni-video/kling-3.0-omni", {"contents": [{"type": "prompt", "text": "x"}]}, "multi_shot"),
            (
                "/omni-video/kling-o1",
                {
                    "contents": [
                        {"type": "prompt", "text": "x"},
                        {"type": "refer_image", "url": FOX.url, "id": "image_1"},
                    ]
                },
                "does not name it",
            ),
            (
                "/omni-video/kling-o1",
                {
                    "contents": [{"type": "prompt", "text": "x"}, {"type": "first_frame", "url": FOX.url}],
                    "settings": {"duration": 3},
                },
                "5 or 10",
            ),
            (
                "/omni-video/kling-o1",
                {"contents": [{"type": "prompt", "text": "x"}], "settings": {"audio": "native"}},
                "audio",
            ),
            ("/v1/audio/tts", {"text": "x", "voice_id": "uk_man2", "voice_language": "zh"}, "Voice id not found"),
        ],
    )
    async def test_the_simulator_is_strict(self, bench: Bench, path: str, body: dict[str, Any], message: str) -> None:
        """The simulator refuses what Kling would ignore or misread."""
        async with PlainClient(base_url=bench.address) as client:
            answer = await client.post(path, json=body, headers={"Authorization": f"Bearer {GOOD}"})
        assert (answer.status_code, answer.json()["code"]) == (400, 1201)
        assert message in answer.json()["message"]
        assert bench.billed == 0

    async def test_a_job_is_known_on_its_own_path_only(self, bench: Bench) -> None:
        """A job is polled on the path family of its order."""
        order = bench.order(VIDEO)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        elsewhere = replace(order, spec=spec_of("kling/kling-v2-6-i2v"))
        assert isinstance(await bench.provider.poll(elsewhere, seen.job), Gone)
        assert isinstance(await bench.provider.poll(replace(order, spec=NEW_VIDEO_SPEC), seen.job), NoVerdict)


class TestKlingSpeech(Conformance):
    """The suite, on speech, which comes with the answer and can't be looked up."""

    subject = Subject(
        provider="kling",
        simulator="kling",
        environment={"KLING_API_KEY": GOOD},
        bad_environment={"KLING_API_KEY": BAD},
        cases=(SPEECH,),
        refusals=REFUSALS,
    )

    async def test_unfinished_speech_is_a_doubt(self, bench: Bench) -> None:
        """The documents say that the answer has the speech; if it has none, there is no query for it."""
        assert isinstance(await bench.provider.submit(bench.order(SPEECH, "unfinished")), InDoubt)

    async def test_every_voice_has_a_language_that_kling_knows(self) -> None:
        """Kling requires `zh` or `en` together with the voice."""
        assert {voice.language for voice in spec_of("kling/tts").voices or ()} == {"zh", "en"}


class TestKlingPair(Conformance):
    """The suite, with tokens made of an access and a secret key."""

    subject = Subject(
        provider="kling",
        simulator="kling",
        environment=PAIR,
        bad_environment=PAIR | {"KLING_SECRET_KEY": "SK-99999999999999999999999999999f"},
        two_keys={
            "KLING_ACCESS_KEY": f"{ACCESS},{ACCESS}",
            "KLING_SECRET_KEY": f"SK-99999999999999999999999999999f,{SECRET}",
        },
        cases=(Case("pair", IMAGE.model, IMAGE.params | {"n": 1}),),
        refusals={fault: code for fault, code in REFUSALS.items() if fault != "token_expired"},
        lookup="Found",
        lookup_not_done="NotFound",
    )

    @pytest.mark.parametrize("fault", ["token_expired", "token_early"])
    async def test_an_invalid_token_is_replaced_once(self, bench: Bench, case: Case, fault: str) -> None:
        """1003 and 1004 mean that nothing was done: one retry with a new token, and the work is paid for once."""
        order = bench.order(case, fault)
        seen = await bench.provider.submit(order)
        assert isinstance(await bench.finish(order, seen), Finished)
        assert len(bench.simulator.orders) == 2
        assert bench.billed == 1

    @pytest.mark.parametrize(("ahead", "code"), [(2000.0, "1004"), (-60.0, "1003")], ids=["expired", "early"])
    async def test_a_wrong_clock_is_reported(self, bench: Bench, case: Case, ahead: float, code: str) -> None:
        """If Kling accepts no token, there are two attempts, and the message names the clock."""
        simulator(bench).clock_ahead_seconds = ahead
        seen = await bench.provider.submit(bench.order(case))
        assert isinstance(seen, Refused), seen
        assert (seen.code, seen.provider_code) == ("provider_auth", code)
        assert "clock" in seen.message
        assert len(bench.simulator.orders) == 2
        assert bench.billed == 0

    async def test_a_pair_that_the_new_dialect_refuses_stays_in_use(self, bench: Bench, case: Case) -> None:
        """No document says whether the new dialect accepts tokens: if not, that is reported, and the pair stays."""
        assert isinstance(await bench.provider.submit(bench.order(NEW_VIDEO)), Accepted)
        simulator(bench).tokens_in_new = False
        seen = await bench.provider.submit(bench.order(NEW_VIDEO, call=2))
        assert isinstance(seen, Refused), seen
        assert (seen.code, seen.retryable) == ("provider_model_missing", False)
        assert "KLING_API_KEY" in seen.message
        assert isinstance(await bench.provider.submit(bench.order(case, call=3)), Accepted)


NEW_VIDEO_SPEC = spec_of(NEW_VIDEO.model)
MODELS = [entry.id for entry in catalogue().models if entry.id.startswith("kling/") and not entry.retired]


def simulator(bench: Bench) -> Kling:
    """The simulator, with its own type."""
    assert isinstance(bench.simulator, Kling)
    return bench.simulator


# --- Tokens and keys ---


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_token_is_made_as_documented() -> None:
    """The test vector: claims, their order, the header, the signature with the bytes of the secret key."""
    expected = (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        "eyJpc3MiOiJBS19URVNUIiwiZXhwIjoxODAwMDAxODAwLCJuYmYiOjE3OTk5OTk5OTV9."
        "4nfy5st3b3vKBwZqNIWsLJzsj9jr6iQtxl1M0tdoBZg"
    )
    assert mint("AK_TEST", "SK_TEST", now=1800000000.7) == expected


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 1800000000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_used_for_25_minutes() -> None:
    """One token a pair until it is 25 minutes old, the clock was set back, or Kling refused it."""
    clock, first = Clock(), kling_pair(1)
    tokens = Tokens(clock)
    token = tokens.bearer(first)
    clock.now += RENEWED_AFTER_SECONDS - 1
    assert tokens.bearer(first) == token
    assert tokens.bearer(kling_pair(2)) != token
    clock.now += 1
    later = tokens.bearer(first)
    assert later != token
    clock.now -= 5
    back = tokens.bearer(first)
    assert back != later
    clock.now += 2
    assert tokens.bearer(first, fresh=True) != back
    assert json.loads(base64.b64decode(back.split(".")[1] + "==").decode())["exp"] == 1800000000 + 1495 + 1800


def kling_pair(number: int) -> Key:
    """A pair of keys."""
    return Key(f"account-{number}", (f"{ACCESS}{number}", SECRET))


@pytest.mark.parametrize(
    ("environment", "keys"),
    [
        ({}, []),
        ({"KLING_API_KEY": "a, b"}, [("a",), ("b",)]),
        ({"KLING_API_KEY": "a", **PAIR}, [("a",)]),
        ({"KLING_ACCESS_KEY": "a,b", "KLING_SECRET_KEY": "c, d"}, [("a", "c"), ("b", "d")]),
        ({"KLING_ACCESS_KEY": "a,b", "KLING_SECRET_KEY": "c"}, []),
        ({"KLING_ACCESS_KEY": "a"}, []),
    ],
)
def test_keys_are_an_api_key_or_pairs(environment: dict[str, str], keys: list[tuple[str, ...]]) -> None:
    """An API key has precedence over pairs; half a pair is none, and the missing half is named."""
    spec = spec_of(IMAGE.model)
    assert auth.keys(environment, "KLING_API_KEY") == keys
    message = None if keys else "KLING_API_KEY, or KLING_ACCESS_KEY with KLING_SECRET_KEY"
    assert auth.missing(environment, "KLING_API_KEY", spec) == message


# --- Answers that the simulator does not send ---


def answer(status: int, body: object) -> Reply:
    """An answer of Kling's."""
    return Reply(status, httpx.Headers(), body if isinstance(body, bytes) else json.dumps(body).encode())


def an_order(case: Case = IMAGE) -> Order:
    """An order that is not sent."""
    spec = spec_of(case.model)
    task = OURS.partition(".")[0]
    return Order(task_id=task, call_id=OURS, kind=spec.type, model=case.model, spec=spec, params=case.params)


def no(code: int, message: str = "") -> dict[str, Any]:
    """An error."""
    return {"code": code, "message": message, "request_id": "r"}


def yes(data: object) -> dict[str, Any]:
    """A success."""
    return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}


OURS = "task_01kh5rfm0se1jb4gcrc1rz1bq0.1"


@pytest.mark.parametrize(
    ("asked", "reply", "finding"),
    [
        (IMAGE, answer(200, yes({"task_id": "7", "task_info": {"external_task_id": OURS}})), Found),
        (IMAGE, answer(200, yes({"task_id": "7", "task_info": {"external_task_id": "another"}})), CannotTell),
        (IMAGE, answer(200, yes([])), CannotTell),
        (IMAGE, answer(200, yes(None)), CannotTell),
        (IMAGE, answer(404, no(1203)), NotFound),
        (IMAGE, answer(404, no(1202)), CannotTell),
        (IMAGE, answer(404, b"<html>no such page</html>"), NoVerdict),
        (IMAGE, answer(400, no(1201, "task not found")), CannotTell),
        (IMAGE, answer(401, no(1004)), NoVerdict),
        (IMAGE, answer(429, no(1302)), NoVerdict),
        (IMAGE, answer(500, no(1203)), NoVerdict),
        (NEW_VIDEO, answer(200, yes([{"id": "7", "external_id": OURS}])), Found),
        (NEW_VIDEO, answer(200, yes([{"id": "7", "external_id": "a"}])), CannotTell),
        (NEW_VIDEO, answer(200, yes([{"id": "7", "external_id": "a"}, {"id": "8", "external_id": OURS}])), CannotTell),
        (NEW_VIDEO, answer(200, yes([])), NotFound),
    ],
)
def test_a_lookup_is_proof_or_none(asked: Case, reply: Reply, finding: type) -> None:
    """Only Kling's own code for "not found" proves absence, and only our own id proves presence."""
    assert isinstance(tasks.lookup_result(an_order(asked), reply), finding)


@pytest.mark.parametrize(
    ("reply", "seen"),
    [
        (answer(200, yes(None)), InDoubt),
        (answer(200, yes({})), InDoubt),
        (answer(200, yes([{"id": "7"}, {"id": "8"}])), InDoubt),
        (answer(200, b""), InDoubt),
        (answer(200, {"code": "0"}), InDoubt),
        (answer(200, no(5000)), InDoubt),
        (answer(302, b""), InDoubt),
        (answer(400, yes({})), InDoubt),
        (answer(503, b"busy"), InDoubt),
        (answer(503, no(1302)), InDoubt),
        (answer(503, no(5001)), Refused),
        (answer(404, b"<html>"), Refused),
        (answer(413, b"<html>"), Refused),
    ],
)
def test_only_an_explicit_refusal_is_a_refusal(reply: Reply, seen: type) -> None:
    """After an answer that is neither a task nor Kling's refusal, the work may have been done."""
    assert isinstance(tasks.submit_result(an_order(), reply), seen)


@pytest.mark.parametrize(
    ("reply", "known"),
    [
        (answer(409, b""), True),
        (answer(400, no(1201)), True),
        (answer(400, no(1299)), True),
        (answer(429, no(1303, "already running")), False),
        (answer(400, no(1301)), False),
        (answer(404, no(1203)), False),
        (answer(401, b""), False),
    ],
)
def test_refusals_that_may_mean_a_duplicate_id(reply: Reply, known: bool) -> None:
    """The documents do not name the refusal of a duplicate id: after each refusal that may mean it comes a lookup."""
    assert errors.may_be_duplicate(reply) is known


# --- Answers in other forms ---


def image_file(**more: object) -> dict[str, Any]:
    """An image file as Kling lists it."""
    return {"index": 0, "url": "https://cdn.example.com/0.png"} | more


def task(status: object, *files: object, **more: object) -> dict[str, Any]:
    """A task of the old dialect, with images."""
    return {"task_id": "7", "task_status": status, "task_result": {"images": files}} | more


ONE, TWO = replace(an_order(), params={"prompt": "a fox", "n": 1}), an_order()


@pytest.mark.parametrize(
    "status", ["succeed", "SUCCEEDED", "done", "Completed", "success", "dreaming", "failed", None, 7]
)
def test_a_task_with_files_is_done(status: object) -> None:
    """Under any status: files that were made were paid for."""
    seen = tasks.poll_result(ONE, "7", answer(200, yes(task(status, image_file()))))
    assert isinstance(seen, Finished), seen
    assert (len(seen.outputs), seen.missing) == (1, ())


def test_a_wrong_type_costs_no_result() -> None:
    """A file of another type alone does not end a task; where a task that is done has nothing else, it is the result,
    and so is a file of a type that nobody knows."""
    cover = {"type": "image", "url": "https://cdn.example.com/0.png"}
    order = replace(an_order(NEW_VIDEO), kind=Kind.VIDEO)
    for status, type_, seen in (
        ("processing", "image", Working),
        ("succeeded", "image", Finished),
        ("processing", "mp4", Finished),
        ("processing", None, Finished),
    ):
        shown = {"id": "7", "status": status, "outputs": [cover | {"type": type_}]}
        found = tasks.poll_result(order, "7", answer(200, yes([shown])))
        assert isinstance(found, seen), (status, type_, found)
        assert not isinstance(found, Finished) or len(found.outputs) == 1


def test_a_task_under_way_has_some_of_its_files() -> None:
    """The others were paid for, too: the task is polled as long as Kling reports it as running, and no longer."""
    shows = yes(task("processing", image_file()))
    assert tasks.poll_result(TWO, "7", answer(200, shows)) == Working(phase="running")
    assert isinstance(tasks.poll_result(ONE, "7", answer(200, shows)), Finished)


@pytest.mark.parametrize(
    ("status", "code"),
    [("error", "generation_failed"), ("Timeout", "expired"), ("expired", "expired"), ("canceled", "cancelled")],
)
def test_every_word_for_failure_ends_the_job(status: str, code: str) -> None:
    """A job that ended without a result is not polled until its deadline."""
    seen = tasks.poll_result(ONE, "7", answer(200, yes(task(status))))
    assert isinstance(seen, Refused), seen
    assert (seen.code, seen.charged, seen.provider_code) == (code, "unknown", status)


def test_an_unknown_status_is_stored_with_its_answer() -> None:
    """A person can read Kling's answer."""
    for status in ("dreaming", None, {"a": 1}, True):
        seen = tasks.poll_result(ONE, "7", answer(200, yes(task(status))))
        assert isinstance(seen, NoVerdict), seen
        assert seen.answer
        assert "task_status" in seen.answer.body


def test_figures_are_read_in_other_forms() -> None:
    """Numbers as text, texts as numbers, a float in place of an integer."""
    files = [image_file(index="1", url="https://cdn.example.com/1.png"), image_file(index=0.0)]
    body = task("succeed", *files, created_at=1.0, final_unit_deduction=7, task_status_msg=None, task_id=7)
    seen = tasks.poll_result(TWO, "7", answer(200, yes(body) | {"code": "0", "message": None}))
    assert isinstance(seen, Finished), seen
    assert [output.url for output in seen.outputs] == ["https://cdn.example.com/0.png", "https://cdn.example.com/1.png"]
    assert seen.usage == {"image": 2, "milliunits": 7000}


def test_invalid_figures_are_lost_and_nothing_else() -> None:
    """Negative figures, texts, 400 digits: they add neither usage nor cost."""
    wrong_ones: list[Any] = ["-1", "NaN", "9" * 400, 10**400, [], "much"]
    for wrong in wrong_ones:
        bill = {"charge_type": "cash", "amount": wrong, "currency": "USD"}
        body = {"id": "7", "status": "succeeded", "outputs": [image_file(duration=wrong)], "billing": [bill]}
        order = replace(an_order(NEW_VIDEO), kind=Kind.VIDEO)
        seen = tasks.poll_result(order, "7", answer(200, yes([body | {"final_unit_deduction": wrong}])))
        assert isinstance(seen, Finished), (wrong, seen)
        assert (len(seen.outputs), seen.usage, seen.cost) == (1, {}, None), wrong


def test_a_file_that_can_not_be_read_was_paid_for() -> None:
    """It is reported as missing and unreadable, it is counted, and the answer is stored."""
    for wrong in (None, "", 7, {"a": 1}):
        seen = tasks.poll_result(
            TWO, "7", answer(200, yes(task("succeed", image_file(), image_file(index=1, url=wrong))))
        )
        assert isinstance(seen, Finished), seen
        assert [(lost.index, lost.code) for lost in seen.missing] == [(1, "unreadable")]
        assert (len(seen.outputs), seen.usage["image"]) == (1, 2)
        assert seen.answer


def test_a_file_may_come_in_place_of_its_address() -> None:
    """As a `data:` URL, or as base64."""
    data = media.png("fox", 64, 64)
    written = base64.b64encode(data).decode()
    for url in (f"data:image/png;base64,{written}", written):
        seen = tasks.poll_result(ONE, "7", answer(200, yes(task("succeed", image_file(url=url)))))
        assert isinstance(seen, Finished), seen
        assert [output.data for output in seen.outputs] == [data]


def test_an_answer_without_a_code_is_accepted_if_it_has_a_task() -> None:
    """An answer with a task is no refusal; a known error code is one, and an unknown code is a doubt."""
    given = yes({"task_id": "7"})
    codes: list[Any] = [None, "0", 0.0, {"a": 1}]
    for body in [{"data": given["data"]}, *(given | {"code": code} for code in codes)]:
        assert tasks.submit_result(an_order(), answer(200, body)) == Accepted(job="7"), body
    assert isinstance(tasks.submit_result(an_order(), answer(200, given | {"code": 1201})), Refused)
    doubt = tasks.submit_result(an_order(), answer(200, given | {"code": 7777}))
    assert isinstance(doubt, InDoubt)
    assert doubt.answer
    assert doubt.answer.ids == {"request_id": "r", "task_id": "7"}


def test_an_empty_list_proves_nothing_if_it_had_to_be_guessed() -> None:
    """Only an answer that is complete and valid in each part proves that an order never arrived."""
    order = an_order(NEW_VIDEO)
    answers: list[dict[str, Any]] = [yes([]) | {"code": "0"}, {"data": []}, yes({}), yes([7]), {"code": 0}]
    for body in answers:
        assert isinstance(tasks.lookup_result(order, answer(200, body)), CannotTell | NoVerdict), body


def test_a_task_that_kling_does_not_find_is_polled_again() -> None:
    """1203 for a task that Kling accepted a moment ago does not prove that it is gone."""
    for code in (1203, "1203", 1203.0):
        seen = tasks.poll_result(an_order(), "7", answer(404, no(0) | {"code": code}))
        assert isinstance(seen, Gone), seen
        assert not seen.certain


def offered(spec: ModelSpec) -> Iterator[dict[str, Any]]:
    """Parameters with each choice that a model offers, given and left out."""
    yield {}
    for level in [*(spec.resolutions or ()), *spec.limits.resolutions]:
        yield {"resolution": level}
        yield from ({"resolution": level, "aspectRatio": ratio} for ratio in (spec.resolutions or {}).get(level, ()))
    yield from ({"duration": duration} for duration in spec.durations or ())
    yield from ({"voice": voice.id} for voice in spec.voices or ())
    if "negativePrompt" not in spec.limits.refuses and spec.type is not Kind.AUDIO:
        yield {"negativePrompt": "blur"}
    yield {"n": spec.limits.n} if spec.type is Kind.IMAGE else {"prompt": "x" * spec.limits.prompt}


@pytest.mark.parametrize("model", MODELS)
def test_kling_accepts_whatever_a_model_offers(model: str) -> None:
    """Each resolution, aspect ratio, length, voice and number of images of the catalogue makes a valid body."""
    spec = spec_of(model)
    wire = wire_config(spec, requests.Wire)
    for count in {spec.limits.image_inputs_needed, spec.limits.image_inputs}:
        for params in offered(spec):
            order = replace(an_order(), spec=spec, kind=spec.type, inputs=(FOX,) * count)
            body = requests.to_wire(replace(order, params={"prompt": "a fox"} | params))
            if wire.is_new_dialect:
                rules.check_new(wire.endpoint, wire.model or "", body)
            else:
                rules.check_legacy(wire.endpoint, body)
            assert ("mode" in body) == bool(wire.modes)


def test_two_frames_are_the_first_and_the_last() -> None:
    """In the old dialect the last frame has a field of its own; the images decide the aspect ratio."""
    spec = spec_of("kling/kling-v2-6-frames")
    body = requests.to_wire(replace(an_order(), spec=spec, kind=spec.type, params=FROM_FRAMES, inputs=(FOX, DOG)))
    assert (body["image"], body["mode"], body["duration"]) == (FOX.url, "pro", "5")
    assert base64.b64decode(body["image_tail"]) == DOG.data
    assert "aspect_ratio" not in body


class TestQuestions:
    """In the new dialect one query is for many jobs."""

    subject = TestKling.subject

    async def test_jobs_that_are_polled_at_the_same_time_share_a_query(self, bench: Bench) -> None:
        """Ten videos are polled with fewer than ten queries a round, and each gets its own answer."""
        orders = [bench.order(NEW_VIDEO, call=number) for number in range(1, 11)]
        seen = [await bench.provider.submit(order) for order in orders]
        jobs = [one.job for one in seen if isinstance(one, Accepted)]
        assert len(jobs) == 10
        bench.simulator.requests.clear()
        news = await asyncio.gather(
            *(bench.provider.poll(order, job) for order, job in zip(orders, jobs, strict=True)),
            bench.provider.poll(orders[0], "nobody"),
        )
        assert [type(one) for one in news] == [Working] * 10 + [NoVerdict]
        assert len(bench.simulator.requests) < 5
