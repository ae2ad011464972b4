"""Volcengine, on its simulator: three suites, because videos can be looked up and speech has keys of its own."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.providers.registry import ProviderRegistry, check_wire_configs
from application.catalogue import Entry
from domain.base import replace
from domain.model import Kind
from domain.provider import Accepted, CannotTell, Finished, Found, InDoubt, Input, NotFound, NoVerdict, Order, Refused
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject, catalogue, spec_of
from tests.adapters.providers.model_lists import ListsModels
from tests.simulators import media

GOOD, BAD = "00000000-0000-4000-8000-000000000001", "99999999-0000-4000-8000-000000000009"
APP, TOKEN = "1000000001", "token-0000000000000001"
REFERENCE = Input(data=media.png("a hat", 320, 320), media_type="image/png")
ADDRESS = Input(url="https://example.com/fox.png")
SHORT = {"prompt": "a cat yawns", "resolution": "480p", "duration": "4s"}
VIDEO = Case("video", "volcengine/seedance-1.5-pro", SHORT)  # takes a seed
NEWER = Case("identifier", "volcengine/seedance-2.0-mini", SHORT)
SPEECH_ADDRESS = {"VOLCENGINE_TTS_BASE_URL": "{address}"}
SPEECH = {"VOLCENGINE_TTS_APP_ID": APP, "VOLCENGINE_TTS_TOKEN": TOKEN} | SPEECH_ADDRESS
SPOKEN = Case(
    "speech",
    "volcengine/doubao-tts",
    {"prompt": "Hello, welcome to Pixel AI!", "voice": "zh_female_qingxin", "speed": 1.2},
    job=False,
)
CONSOLE_KEY = "11111111-0000-4000-8000-000000000001"
MADE = Case(
    "sound", "volcengine/seed-audio-1.0", {"prompt": "Rain, and a tired man says: Home.", "speed": 1.2}, job=False
)


class TestArk(Conformance, ListsModels):
    """Images and chats: they come with the answer, and can't be looked up later."""

    subject = Subject(
        provider="volcengine",
        simulator="volcengine",
        environment={"ARK_API_KEY": GOOD},
        bad_environment={"ARK_API_KEY": BAD},
        two_keys={"ARK_API_KEY": f"{BAD},{GOOD}"},
        base_path="/api/v3",
        cases=(
            Case("image", "volcengine/seedream-5.0-pro", {"prompt": "a red fox", "aspectRatio": "16:9"}, job=False),
            Case(
                "edit",
                "volcengine/seedream-4.0-20260415",
                {"prompt": "the fox wears the hat", "resolution": "1K"},
                job=False,
                inputs=(ADDRESS, REFERENCE),
            ),
            Case(
                "chat",
                "volcengine/doubao-seed-1.6",
                {"prompt": "A haiku, please.", "system": "You are a poet.", "temperature": 0.7},
                job=False,
            ),
            Case("chat-stream", "volcengine/doubao-seed-1.6", {"prompt": "A haiku.", "stream": True}, job=False),
        ),
        refusals={
            "rate_limited": "rate_limited",
            "overloaded": "rate_limited",
            "queue_full": "rate_limited",
            "detector_failed": "provider_unavailable",
            "trial_over": "provider_quota",
            "plan_over": "provider_quota",
            "cap_reached": "provider_quota",
            "no_balance": "provider_quota",
            "denied": "provider_auth",
            "invalid": "provider_rejected",
            "moderated_input": "content_rejected_input",
            "moderated_output": "content_rejected_output",
            "model_gone": "provider_model_missing",
            "not_open": "provider_model_missing",
            "missing_outputs": "content_rejected_output",
            "no_outputs": "missing",
        },
        only={"missing_outputs": ("image",), "no_outputs": ("image",)},
    )


class TestSeedance(Conformance):
    """Videos: accepted first, found again by the seed or the identifier that identifies the call."""

    subject = Subject(
        provider="volcengine",
        simulator="volcengine",
        environment={"ARK_API_KEY": GOOD},
        bad_environment={"ARK_API_KEY": BAD},
        two_keys={"ARK_API_KEY": f"{BAD},{GOOD}"},
        base_path="/api/v3",
        cases=(
            VIDEO,
            Case(
                "frames",
                "volcengine/seedance-1.5-pro",
                {"prompt": "the fox turns", "resolution": "480p", "duration": "4s", "aspectRatio": "1:1"},
                inputs=(ADDRESS, REFERENCE),
            ),
            NEWER,
            Case(
                "references",
                "volcengine/seedance-2.5",
                {"prompt": "Image 1 wears Image 2", "resolution": "480p", "duration": "4s", "aspectRatio": "9:16"},
                inputs=(ADDRESS, REFERENCE, ADDRESS),
            ),
        ),
        refusals={
            "rate_limited": "rate_limited",
            "queue_full": "rate_limited",
            "trial_over": "provider_quota",
            "no_balance": "provider_quota",
            "invalid": "provider_rejected",
            "moderated_input": "content_rejected_input",
            "model_gone": "provider_model_missing",
            "job_failed": "generation_failed",
            "moderated_output": "content_rejected_output",
            "moderated_later": "content_rejected_input",
            "expired_job": "expired",
            "job_cancelled": "cancelled",
            "forgotten_job": "Gone",
            "no_outputs": "missing",
        },
        lookup="Found",
        lookup_not_done="NotFound",
        cancels="confirmed",
    )

    @pytest.mark.parametrize("polls", [2, 3])
    async def test_only_a_queued_video_is_cancelled(self, bench: Bench, polls: int) -> None:
        """A running or finished video is left alone: a DELETE would destroy the record of paid work."""
        order = bench.order(VIDEO)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted)
        for _ in range(polls):
            last = await bench.provider.poll(order, seen.job)
        answer = await bench.provider.cancel(order, seen.job)
        assert answer.outcome == "too_late"
        assert isinstance(last, Finished) == (polls == 3)
        assert "DELETE" not in {method for method, _ in bench.simulator.requests}
        assert isinstance(await bench.finish(order, seen), Finished)

    async def test_a_video_is_found_among_others(self, bench: Bench) -> None:
        """Other calls of the same model are no candidates; the video is found, or proved absent."""
        for call in (1, 2, 3):
            await bench.provider.submit(bench.order(VIDEO, call=call))
        finding = await bench.provider.lookup(bench.order(VIDEO, call=2))
        assert finding == Found(job="cgt-20260210120000-00001")
        assert isinstance(await bench.provider.lookup(bench.order(VIDEO, call=4)), NotFound)

    async def test_a_callers_seed_proves_nothing(self, bench: Bench) -> None:
        """Two calls may have the same seed from their caller: then a person gets the ids of the tasks."""
        case = VIDEO._replace(params=VIDEO.params | {"extraParams": {"seed": 7}})
        await bench.provider.submit(bench.order(case, call=1))
        await bench.provider.submit(bench.order(VIDEO, call=2))
        finding = await bench.provider.lookup(bench.order(case, call=3))
        assert isinstance(finding, CannotTell)
        assert "cgt-20260210120000-00000" in finding.reason
        assert "cgt-20260210120000-00001" not in finding.reason

    async def test_a_model_without_seeds_is_found_by_its_identifier(self, bench: Bench) -> None:
        """Seedance 2 takes no seed; its tasks carry the call id. Absence is proved once a task of ours has shown that
        the list repeats it."""
        lost = bench.order(NEWER, "reset_after", call=2)
        assert isinstance(await bench.provider.submit(lost), InDoubt)
        assert isinstance(await bench.provider.lookup(lost), Found)
        absent = bench.order(NEWER, call=3)
        assert isinstance(await bench.provider.lookup(absent), NoVerdict)
        assert isinstance(
            await bench.provider.submit(bench.order(VIDEO, call=4)), Accepted
        )  # a seed proves nothing here
        assert isinstance(await bench.provider.lookup(absent), NoVerdict)
        assert isinstance(await bench.provider.submit(bench.order(NEWER, call=5)), Accepted)
        assert isinstance(await bench.provider.lookup(absent), NotFound)

    @pytest.mark.parametrize("fault", ["no_identifier", "other_identifier"])
    async def test_a_list_that_repeats_no_identifier_proves_nothing(self, bench: Bench, fault: str) -> None:
        """Were Ark not to tell it, or another one, then any task of the model since the call could be the call."""
        for call in (1, 2):
            assert isinstance(await bench.provider.submit(bench.order(NEWER, fault, call=call)), Accepted)
        assert isinstance(await bench.provider.lookup(bench.order(NEWER, fault, call=1)), CannotTell)
        assert isinstance(await bench.provider.lookup(bench.order(NEWER, call=3)), CannotTell)
        later = datetime.now(UTC) + timedelta(hours=1)
        assert isinstance(await bench.provider.lookup(replace(bench.order(NEWER), called_at=later)), NotFound)

    async def test_a_model_with_neither_is_found_by_nobody(self, bench: Bench) -> None:
        """An entry of a gateway that refuses the identifier: any task of the model could be the call, and without one
        there was none."""
        spec = spec_of(NEWER.model)
        plain = replace(spec, wire={**(spec.wire or {}), "safety_identifier": False})
        await bench.provider.submit(bench.order(VIDEO))
        order = replace(bench.order(NEWER), spec=plain)
        assert isinstance(await bench.provider.lookup(order), NotFound)
        assert isinstance(await bench.provider.submit(order), Accepted)
        assert isinstance(await bench.provider.lookup(order), CannotTell)

    async def test_absence_is_proved_only_where_seeds_are_repeated(self, bench: Bench) -> None:
        """If Ark lists other seeds than the ones sent, a call looks absent while its video is made: then any video
        since the call may be it. Whether it does is learned from tasks of ours, and waited for a while."""
        lost, old = bench.order(VIDEO, "reset_after", call=2), datetime.now(UTC) - timedelta(hours=1)
        assert isinstance(await bench.provider.submit(lost), InDoubt)
        absent = bench.order(VIDEO, call=3)
        assert isinstance(await bench.provider.lookup(absent), NoVerdict)
        finding = await bench.provider.lookup(replace(absent, called_at=old))
        assert isinstance(finding, CannotTell)
        assert "cgt-20260210120000-00000" in finding.reason
        assert isinstance(await bench.provider.lookup(lost), Found)
        assert isinstance(await bench.provider.submit(bench.order(VIDEO)), Accepted)
        assert isinstance(await bench.provider.lookup(absent), NotFound)
        assert isinstance(await bench.provider.submit(bench.order(VIDEO, "other_seed", call=4)), Accepted)
        assert isinstance(await bench.provider.lookup(absent), CannotTell)

    async def test_videos_from_before_a_call_are_not_it(self, bench: Bench) -> None:
        """Also as long as it is unknown whether the list repeats seeds."""
        assert isinstance(await bench.provider.submit(bench.order(VIDEO, "reset_after")), InDoubt)
        later = datetime.now(UTC) + timedelta(hours=1)
        assert isinstance(await bench.provider.lookup(replace(bench.order(VIDEO, call=2), called_at=later)), NotFound)

    async def test_one_query_serves_many_videos(self, bench: Bench) -> None:
        """Running videos are polled together; only a finished video is polled by itself, once."""
        orders = [bench.order(VIDEO, call=call) for call in range(1, 6)]
        ends = await bench.finish_together([*orders, bench.order(VIDEO, "job_failed", call=6)])
        assert [type(end).__name__ for end in ends] == ["Finished"] * 5 + ["Refused"]
        asked = [path.rpartition("/")[2] for method, path in bench.simulator.requests if method == "GET"]
        assert asked.count("tasks") == 3
        assert len(asked) == 3 + 6

    async def test_one_forgotten_video_does_not_hide_the_others(self, bench: Bench) -> None:
        """A video that the list lacks is polled by itself, and only Ark's own code means that it is gone."""
        ends = await bench.finish_together([bench.order(VIDEO), bench.order(VIDEO, "forgotten_job", call=2)])
        assert [type(end).__name__ for end in ends] == ["Finished", "Gone"]

    @pytest.mark.parametrize("fault", ["500_before", "502_html", "reset_before"])
    async def test_after_a_failed_list_videos_are_not_polled_one_by_one(self, bench: Bench, fault: str) -> None:
        """A provider in trouble gets no additional queries."""
        orders = [bench.order(VIDEO, call=call) for call in range(1, 6)]
        jobs = [seen.job for order in orders if isinstance(seen := await bench.provider.submit(order), Accepted)]
        await bench.fault(fault, times=9)
        news = await asyncio.gather(*map(bench.provider.poll, orders, jobs))
        assert [type(each) for each in news] == [NoVerdict] * 5
        assert len(bench.simulator.requests) == 5 + 1

    def test_a_callback_names_its_task(self, bench: Bench) -> None:
        """A call whose answer was lost gets its task by it; a body without a task names none."""
        assert bench.provider.job_from_callback(b'{"id":"cgt-1","status":"running","model":"m"}') == "cgt-1"
        assert bench.provider.job_from_callback(b"<html>") is None

    async def test_a_list_that_can_not_be_read_is_requested_again(self, bench: Bench) -> None:
        """A lookup that fails settles nothing."""
        await bench.fault("reset_before")
        assert isinstance(await bench.provider.lookup(bench.order(VIDEO)), NoVerdict)


class TestOpenspeech(Conformance):
    """Speech, with an application's id and token."""

    subject = Subject(
        provider="volcengine",
        simulator="volcengine",
        environment=SPEECH,
        bad_environment=SPEECH | {"VOLCENGINE_TTS_TOKEN": "token-9999999999999999"},
        two_keys=SPEECH_ADDRESS
        | {"VOLCENGINE_TTS_APP_ID": f"1000000009,{APP}", "VOLCENGINE_TTS_TOKEN": f"token-9999999999999999,{TOKEN}"},
        base_path="/api/v3",
        cases=(SPOKEN,),
        refusals={
            "rate_limited": "rate_limited",
            "rate_limited_in_the_field": "rate_limited",
            "no_balance": "provider_quota",
            "invalid": "provider_rejected",
            "denied": "provider_model_missing",
            "mismatch": "provider_model_missing",
            "job_failed": "generation_failed",
            "no_outputs": "missing",
        },
    )

    async def test_speech_works_with_the_new_consoles_key(self, bench: Bench) -> None:
        """One key in place of an application's id and its token."""
        key = {"VOLCENGINE_TTS_API_KEY": CONSOLE_KEY} | SPEECH_ADDRESS
        async with Bench.opened(self.subject, bench.simulator, bench.address, key) as other:
            assert isinstance(await other.provider.submit(other.order(SPOKEN)), Finished)

    async def test_audio_without_an_end_is_a_doubt(self, bench: Bench) -> None:
        """Only the last object means success, after any amount of audio."""
        assert isinstance(await bench.provider.submit(bench.order(SPOKEN, "no_end")), InDoubt)
        assert bench.billed == 1

    async def test_a_failure_in_the_middle_may_have_cost_money(self, bench: Bench) -> None:
        """Some audio was made: no document says that it is free, so there is no automatic retry."""
        seen = await bench.provider.submit(bench.order(SPOKEN, "job_failed"))
        assert isinstance(seen, Refused)
        assert (seen.charged, seen.retryable) == ("unknown", False)


class TestSeedAudio(Conformance):
    """Sounds that a text describes, with a key of the new console."""

    subject = Subject(
        provider="volcengine",
        simulator="volcengine",
        environment={"VOLCENGINE_TTS_API_KEY": CONSOLE_KEY} | SPEECH_ADDRESS,
        bad_environment={"VOLCENGINE_TTS_API_KEY": "99999999-0000-4000-8000-000000000009"} | SPEECH_ADDRESS,
        two_keys={"VOLCENGINE_TTS_API_KEY": f"99999999-0000-4000-8000-000000000009,{CONSOLE_KEY}"} | SPEECH_ADDRESS,
        base_path="/api/v3",
        cases=(MADE,),
        refusals={
            "rate_limited": "rate_limited",
            "no_balance": "provider_quota",
            "invalid": "provider_rejected",
            "denied": "provider_model_missing",
            "job_failed": "generation_failed",
            "no_outputs": "missing",
        },
    )

    @pytest.mark.parametrize("form", ["", "by_address", "in_data"])
    async def test_sounds_come_in_either_form(self, bench: Bench, form: str) -> None:
        """In the answer, in its `data`, or at an address only; what is billed is the length before the speed."""
        seen = await bench.provider.submit(bench.order(MADE, *([form] if form else [])))
        assert isinstance(seen, Finished), seen
        assert bool(seen.outputs[0].data) == (form != "by_address")
        assert bool(seen.outputs[0].url) == (form == "by_address")
        assert seen.usage == {"second": 2}


def older(order: Order) -> Order:
    """The order in the dialect V1."""
    wire = {"speech": {"dialect": "v1", "speakers": {"zh_female_qingxin": "zh_female_qingxinnvsheng_mars_bigtts"}}}
    return replace(order, spec=replace(order.spec, wire=wire))


class TestBothServices:
    """Laws of Ark and openspeech together, and of the older dialect."""

    subject = Subject(
        provider="volcengine",
        simulator="volcengine",
        environment={"ARK_API_KEY": GOOD} | SPEECH,
        base_path="/api/v3",
        cases=(),
        refusals={},
    )

    async def test_a_refused_token_does_not_stop_ark(self, bench: Bench) -> None:
        """Each service judges its own keys, and a key never goes to the other service."""
        wrong = {"ARK_API_KEY": GOOD} | SPEECH | {"VOLCENGINE_TTS_TOKEN": "token-9999999999999999"}
        async with Bench.opened(self.subject, bench.simulator, bench.address, wrong) as both:
            refused = await both.provider.submit(both.order(SPOKEN))
            assert isinstance(refused, Refused)
            assert (refused.code, refused.retryable) == ("provider_auth", False)
            assert both.provider.account(Kind.AUDIO) is None
            for kind in (Kind.IMAGE, Kind.VIDEO, Kind.LLM):
                assert both.provider.account(kind)
            assert isinstance(await both.provider.submit(both.order(VIDEO)), Accepted)

    async def test_the_quota_of_one_model_does_not_stop_the_others(self, bench: Bench) -> None:
        """A used-up trial or a cap concerns one model, and the key stays in use; debt sets the key aside."""
        for mark in ("trial_over", "cap_reached", "denied"):
            assert isinstance(await bench.provider.submit(bench.order(VIDEO, mark)), Refused)
            assert bench.provider.account(Kind.VIDEO)
        await bench.provider.submit(bench.order(VIDEO, "no_balance"))
        assert bench.provider.account(Kind.VIDEO) is None
        assert bench.provider.account(Kind.IMAGE)
        assert bench.provider.account(Kind.AUDIO)

    async def test_v1_makes_speech(self, bench: Bench) -> None:
        """The older dialect: one object, a semicolon after Bearer; a repeated order is not made twice."""
        order = older(bench.order(SPOKEN))
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Finished)
        assert seen.outputs[0].data
        assert seen.usage == {"character": 27}
        assert isinstance(await bench.provider.submit(order), InDoubt)
        assert bench.billed == 1

    @pytest.mark.parametrize(
        ("mark", "code"),
        [
            ("rate_limited", "rate_limited"),
            ("no_balance", "provider_quota"),
            ("invalid", "provider_rejected"),
            ("denied", "provider_model_missing"),
            ("no_grant", "provider_auth"),
            ("job_failed", "generation_failed"),
        ],
    )
    async def test_each_refusal_of_v1_has_its_code(self, bench: Bench, mark: str, code: str) -> None:
        """By their text first, then by their code."""
        seen = await bench.provider.submit(older(bench.order(SPOKEN, mark)))
        assert isinstance(seen, Refused)
        assert (seen.code, seen.retryable) == (code, code == "rate_limited")

    async def test_v1s_lost_answers_are_doubts(self, bench: Bench) -> None:
        """As for every other order."""
        marks = ("500_after", "reset_after", "cut_body", "empty_body", "truncated_json", "502_html")
        for number, mark in enumerate(marks, start=1):
            seen = await bench.provider.submit(older(bench.order(SPOKEN, mark, call=number)))
            assert isinstance(seen, InDoubt), (mark, seen)

    async def test_what_is_missing_is_named(self) -> None:
        """Speech names its own variables, everything else Ark's; V1 does not accept the new console's key, and Seed
        Audio accepts no other."""
        video, spoken = spec_of("volcengine/seedance-2.0"), spec_of("volcengine/doubao-tts")
        v1, sound = replace(spoken, wire={"speech": {"dialect": "v1"}}), spec_of("volcengine/seed-audio-1.0")
        app, token, new = "VOLCENGINE_TTS_APP_ID", "VOLCENGINE_TTS_TOKEN", "VOLCENGINE_TTS_API_KEY"
        for environment, spec, missing in (
            ({}, video, "ARK_API_KEY"),
            ({"ARK_API_KEY": GOOD}, video, None),
            ({"ARK_API_KEY": GOOD}, spoken, f"{app} and {token}, or {new}"),
            ({app: APP, token: TOKEN}, spoken, None),
            ({app: APP, token: TOKEN}, video, "ARK_API_KEY"),
            ({app: f"{APP},2"}, spoken, f"as many values in {token} as in {app}"),
            ({new: "k"}, spoken, None),
            ({new: "k"}, v1, f"{app} and {token}"),
            ({new: "k"}, sound, None),
            ({}, sound, new),
            ({new: "k", app: APP, token: TOKEN}, sound, f"{new} in the place of {app} and {token}"),
        ):
            assert ProviderRegistry(catalogue().providers, environment).missing("volcengine", spec) == missing

    def test_a_wire_is_for_a_model_or_for_voices(self) -> None:
        """A catalogue entry with neither or both is refused."""
        spec = spec_of("volcengine/doubao-tts")
        for wire in ({}, {"model": "m", "speech": {}}):
            entry = Entry(id="volcengine/x", spec=replace(spec, wire=wire), default=False, enabled=True, retired=False)
            assert "give either model or speech" in check_wire_configs(catalogue().providers, [entry])[0][1]
