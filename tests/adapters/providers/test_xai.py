"""xAI, on its simulator."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.outbound.client import Reply
from adapters.providers.xai import videos
from adapters.providers.xai.errors import refused
from domain.model import Kind
from domain.provider import Accepted, Finished, InDoubt, Input, NoVerdict, Refused, Sighting, Working
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject
from tests.adapters.providers.model_lists import ListsModels
from tests.simulators import media
from tests.simulators._xai_wire import TICKS
from tests.simulators.base import Answer, Request

GOOD, BAD = "xai-0000000000000001", "xai-9999999999999999"
PHOTO = Input(data=media.png("a hat", 320, 240), media_type="image/png")
ADDRESS = Input(url="https://example.com/fox.png")

IMAGE = Case(
    "image",
    "xai/grok-imagine-image-2.0",
    {"prompt": "a red fox", "aspectRatio": "16:9", "n": 2},
    made=2,
    job=False,
)
EDIT = Case("edit", "xai/grok-imagine-image-2.0-medium", {"prompt": "in winter"}, job=False, inputs=(PHOTO,))
VIDEO = Case(
    "video",
    "xai/grok-imagine-video-1.5",
    {"prompt": "a cat yawns", "resolution": "480p", "duration": "2s", "aspectRatio": "9:16"},
)
CHAT = Case(
    "chat",
    "xai/grok-4.7",
    {"prompt": "A haiku, please.", "system": "You are a poet.", "temperature": 0.7, "maxTokens": 200},
    job=False,
)
CHAT_STREAM = CHAT._replace(name="chat-stream", params=CHAT.params | {"stream": True})


class TestXAI(Conformance, ListsModels):
    """The suite."""

    subject = Subject(
        provider="xai",
        simulator="xai",
        environment={"XAI_API_KEY": GOOD},
        bad_environment={"XAI_API_KEY": BAD},
        two_keys={"XAI_API_KEY": f"{BAD},{GOOD}"},
        base_path="/v1",
        cases=(
            IMAGE,
            EDIT,
            Case(
                "edit_several",
                "xai/grok-imagine-image",
                {"prompt": "the fox wears the hat", "resolution": "2K", "aspectRatio": "1:1"},
                job=False,
                inputs=(ADDRESS, PHOTO),
            ),
            VIDEO,
            Case(
                "video_frame",
                "xai/grok-imagine-video-1.5-lite",
                {"prompt": "it moves", "resolution": "480p", "duration": "2s"},
                inputs=(PHOTO,),
            ),
            Case(
                "video_references",
                "xai/grok-imagine-video-1.5-reference",
                {"prompt": "they dance", "resolution": "480p", "duration": "2s"},
                inputs=(ADDRESS, PHOTO),
            ),
            CHAT,
            CHAT_STREAM,
        ),
        refusals={
            "rate_limited": "rate_limited",
            "no_balance": "provider_quota",
            "spending_limit": "provider_quota",
            "key_blocked": "provider_auth",
            "moderated_input": "content_rejected_input",
            "moderated_output": "content_rejected_output",
            "invalid": "provider_rejected",
            "model_gone": "provider_model_missing",
            "missing_outputs": "missing",
            "no_outputs": "missing",
            "all_blocked": "content_rejected_output",
            "job_failed": "generation_failed",
            "failed_prompt": "content_rejected_input",
            "expired_job": "expired",
            "moderated_later": "content_rejected_output",
            "held_back": "content_rejected_output",
        },
        only={"moderated_output": ("image", "edit", "chat", "chat-stream")}
        | dict.fromkeys(("missing_outputs", "no_outputs", "all_blocked"), ("image",))
        | dict.fromkeys(("job_failed", "failed_prompt", "expired_job", "moderated_later", "held_back"), ("video",)),
        deciding_members=frozenset({"request_id"}),
    )

    @pytest.mark.parametrize(
        ("asked", "dollars"),
        [(IMAGE, "0.08"), (EDIT, "0.07"), (VIDEO, "0.16"), (CHAT, "0.000186"), (CHAT_STREAM, "0.000186")],
        ids=lambda value: getattr(value, "name", None),
    )
    async def test_what_it_cost_is_the_vendors_own_figure(self, bench: Bench, asked: Case, dollars: str) -> None:
        """Images and seconds by their resolution, and the images that were sent along."""
        order = bench.order(asked)
        seen = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(seen, Finished)
        assert seen.cost is not None
        assert (seen.cost.amount, seen.cost.currency, seen.cost.source) == (Decimal(dollars), "USD", "provider")

    @pytest.mark.parametrize("fault", ["moderated_output", "all_blocked"])
    async def test_an_image_that_is_held_back_is_billed(self, bench: Bench, fault: str) -> None:
        """As an error with a price, or as an answer without the image: a refusal, and charged."""
        seen = await bench.provider.submit(bench.order(IMAGE, fault))
        assert isinstance(seen, Refused)
        assert (seen.charged, seen.retryable, bench.billed) == ("yes", False, 1)

    @pytest.mark.parametrize("fault", ["moderated_later", "held_back"])
    async def test_a_video_that_is_held_back_is_billed(self, bench: Bench, fault: str) -> None:
        """Moderation ends a job by an error 400 to a question, or by a video without an address."""
        order = bench.order(VIDEO, fault)
        seen = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(seen, Refused)
        assert (seen.code, seen.charged) == ("content_rejected_output", "yes")

    async def test_one_of_two_images_is_held_back(self, bench: Bench) -> None:
        """The other one is a result, and the missing one has its reason."""
        seen = await bench.provider.submit(bench.order(IMAGE, "missing_outputs"))
        assert isinstance(seen, Finished)
        assert [output.index for output in seen.outputs] == [0]
        assert [(lost.index, lost.code) for lost in seen.missing] == [(1, "content_rejected_output")]
        assert seen.cost
        assert seen.cost.amount == Decimal("0.08")

    async def test_an_early_400_is_no_verdict(self, bench: Bench) -> None:
        """A question may be answered so although the video is made later: only moderation ends a job by an error."""
        order = bench.order(VIDEO, "early_400")
        job = await bench.provider.submit(order)
        assert isinstance(job, Accepted)
        assert isinstance(await bench.provider.poll(order, job.job), NoVerdict)
        assert isinstance(await bench.finish(order, job), Finished)

    async def test_a_video_without_an_address_is_waited_for(self, bench: Bench) -> None:
        """Done, and no word of moderation: it is paid for, and may still be named."""
        order = bench.order(VIDEO, "no_outputs")
        job = await bench.provider.submit(order)
        assert isinstance(job, Accepted)
        for _ in range(2):
            await bench.provider.poll(order, job.job)
        seen = await bench.provider.poll(order, job.job)
        assert isinstance(seen, NoVerdict)
        assert seen.answer

    async def test_a_job_that_runs_answers_202(self, bench: Bench) -> None:
        """At first without a body, then with its progress."""
        order = bench.order(VIDEO)
        job = await bench.provider.submit(order)
        assert isinstance(job, Accepted)
        assert await bench.provider.poll(order, job.job) == Working(phase="running")
        assert await bench.provider.poll(order, job.job) == Working(percent=40, phase="queued")

    async def test_images_may_come_by_address(self, bench: Bench) -> None:
        """Whatever was asked for: an address in the answer is fetched."""

        def by_address(request: Request, answer: Answer) -> Answer:
            if request.method == "GET":
                return answer
            name = bench.simulator.keep_file(media.jpeg("a fox", 64, 64), "image/jpeg", "jpeg")
            return Answer(200, json={"data": [{"url": f"{bench.address}/_files/{name}"}] * 2})

        bench.simulator.distort = by_address
        order = bench.order(IMAGE)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Finished)
        assert isinstance(await bench.provider.fetch(order, seen.outputs[0].url or ""), bytes)
        assert seen.cost is None

    async def test_a_shape_that_would_be_ignored_is_not_paid_for(self, bench: Bench) -> None:
        """xAI keeps the shape of a single image: an order with another one is refused before it leaves."""
        seen = await bench.provider.submit(bench.order(EDIT._replace(params=EDIT.params | {"aspectRatio": "16:9"})))
        assert isinstance(seen, Refused)
        assert (seen.code, seen.charged) == ("provider_rejected", "no")
        assert "aspectRatio" in seen.message
        assert bench.simulator.requests == []

    async def test_thoughts_are_counted_as_output(self, bench: Bench) -> None:
        """xAI counts them beside the answer, and bills them with it."""
        seen = await bench.provider.submit(bench.order(CHAT))
        assert isinstance(seen, Finished)
        assert (seen.usage["output_token"], seen.usage["completion_tokens"], seen.usage["input_token"]) == (27, 7, 12)

    async def test_no_key_serves_audio_only(self, bench: Bench) -> None:
        """One key is for all kinds."""
        assert len({bench.provider.account(kind) for kind in Kind}) == 1


def reply(status: int, body: Any) -> Reply:
    return Reply(status, httpx.Headers({"content-type": "application/json"}), Answer(status, json=body).body)


@pytest.mark.parametrize(
    ("status", "body", "code", "charged"),
    [
        (400, {"code": "invalid-argument", "error": "Incorrect API key provided: xa***99."}, "provider_auth", "no"),
        (401, {"code": "unauthenticated:bad-credentials", "error": "Bad credentials"}, "provider_auth", "no"),
        (403, {"code": "permission-denied", "error": "used all available credits"}, "provider_quota", "no"),
        (402, {"error": "payment"}, "provider_quota", "no"),
        (403, {"code": "permission-denied", "error": "The caller may not do that."}, "provider_auth", "no"),
        (400, {"code": "invalid-argument", "error": "Model not found: grok-9"}, "provider_model_missing", "no"),
        (404, {"error": {"message": "no such thing", "code": 404}}, "provider_model_missing", "no"),
        (422, {"code": "x", "error": "Failed to deserialize the JSON body"}, "provider_rejected", "no"),
        (400, {"code": "invalid-argument", "error": "n must be below 11"}, "provider_rejected", "no"),
        (400, {"code": "invalid-argument", "error": "a prompt on credits and an API key"}, "provider_rejected", "no"),
        (
            400,
            {"code": "imagine:content-moderated", "error": "Generated image rejected by content moderation."},
            "content_rejected_output",
            "unknown",
        ),
        (
            400,
            {"code": "invalid-argument", "error": "Rejected by content moderation.", "usage": {"cost_in_usd_ticks": 0}},
            "content_rejected_input",
            "no",
        ),
        (200, {"code": "invalid-argument", "error": "no"}, "provider_rejected", "unknown"),
    ],
)
def test_the_text_gives_an_error_its_meaning(status: int, body: dict[str, Any], code: str, charged: str) -> None:
    """One code stands for a wrong key, a wrong request and moderation alike; money is in `usage` alone."""
    seen = refused(reply(status, body))
    assert isinstance(seen, Refused)
    assert (seen.code, seen.charged) == (code, charged)


@pytest.mark.parametrize("status", [408, 500, 503, 529])
def test_a_server_that_fails_may_have_done_it(status: int) -> None:
    """No such answer is a no, whatever it says."""
    assert isinstance(refused(reply(status, {"code": "internal", "error": "oh"})), InDoubt)


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (200, {"video": {"url": "https://vidgen.x.ai/a.mp4"}}, Finished),
        (200, {"status": "failed", "video": {"url": "https://vidgen.x.ai/a.mp4"}}, Finished),
        (202, {"status": "done", "video": {"url": "https://vidgen.x.ai/a.mp4"}}, Finished),
        (200, {"status": "done", "video": {"url": 7}}, Finished),
        (200, {"status": "processing"}, Working),
        (202, {}, NoVerdict),
        (200, {"status": None}, NoVerdict),
        (200, [], NoVerdict),
        (503, {"error": "Generated video rejected by content moderation."}, NoVerdict),
        (404, {}, NoVerdict),
        (429, {"code": "x", "error": "Too many requests"}, NoVerdict),
    ],
)
def test_a_video_that_is_there_is_a_result(status: int, body: Any, means: type[Sighting]) -> None:
    """Whatever its status says; and what says nothing of the job ends nothing."""
    assert isinstance(videos.poll_result(reply(status, body)), means)


def test_a_tick_is_a_ten_thousandth_of_a_millionth() -> None:
    """Ten thousand million of them are a dollar: xAI's own example is 200,000,000 for an image at 0.02."""
    seen = videos.poll_result(
        reply(200, {"video": {"url": "https://a.example/b.mp4"}, "usage": {"cost_in_usd_ticks": 200_000_000}})
    )
    assert isinstance(seen, Finished)
    assert seen.cost
    assert (seen.cost.amount, TICKS) == (Decimal("0.02"), 10**10)
