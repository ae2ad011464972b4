"""OpenAI, on its simulator: work in the answer, videos by job, and the special rules of both."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.outbound.client import Reply
from adapters.providers.openai import images, videos
from adapters.providers.openai.errors import refused
from adapters.providers.openai.requests import Wire
from adapters.providers.openai.speech import submit_result
from domain.base import replace
from domain.provider import CannotTell, Finished, Gone, InDoubt, Input, NotFound, NoVerdict, Refused, Working
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject
from tests.adapters.providers.model_lists import ListsModels
from tests.simulators import media
from tests.simulators._openai_wire import error
from tests.simulators.base import Answer
from tests.simulators.openai import ORGANIZATION, PROJECT, OpenAI
from tests.simulators.serve import served
from tests.web import PlainClient

GOOD, BAD = "sk-proj-0000000000000001", "sk-proj-9999999999999999"
REFERENCE = Input(data=media.png("a chair", 640, 480), media_type="image/png")
FRAME = Input(data=media.png("a harbour", 1280, 720), media_type="image/png")
CHAT = Case(
    "chat", "openai/gpt-4.1-mini", {"prompt": "A haiku.", "system": "You are a poet.", "temperature": 0.2}, job=False
)
CHAT_STREAM = CHAT._replace(name="chat-stream", params=CHAT.params | {"stream": True})
VIDEO = Case("video", "openai/sora-2", {"prompt": "a cat", "duration": "4s", "aspectRatio": "9:16"})


def subject(**more: Any) -> Subject:
    return Subject(
        provider="openai",
        simulator="openai",
        environment={"OPENAI_API_KEY": GOOD},
        bad_environment={"OPENAI_API_KEY": BAD},
        two_keys={"OPENAI_API_KEY": f"{BAD},{GOOD}"},
        base_path="/v1",
        **more,
    )


ORDERS = {
    "rate_limited": "rate_limited",
    "no_balance": "provider_quota",
    "billing_limit": "provider_quota",
    "moderated_input": "content_rejected_input",
    "invalid": "provider_rejected",
    "model_gone": "provider_model_missing",
    "overloaded": "provider_unavailable",
}


class TestOpenAI(Conformance, ListsModels):
    """The suite, on work that comes with the answer."""

    subject = subject(
        cases=(
            Case(
                "image",
                "openai/gpt-image-2.5-flare",
                {"prompt": "a red fox", "resolution": "1K", "aspectRatio": "16:9", "n": 2},
                made=2,
                job=False,
            ),
            Case(
                "edit",
                "openai/gpt-image-1.5",
                {"prompt": "in blue", "aspectRatio": "3:2"},
                job=False,
                inputs=(REFERENCE,),
            ),
            Case(
                "speech",
                "openai/gpt-4o-mini-tts",
                {"prompt": "Hello there.", "voice": "marin", "speed": 1.5},
                job=False,
            ),
            CHAT,
            CHAT_STREAM,
            Case(
                "chat-reasoning",
                "openai/gpt-5.4-mini",
                {"messages": [{"role": "user", "content": "A haiku, please."}], "maxTokens": 500},
                job=False,
            ),
        ),
        refusals=ORDERS | {"moderated_output": "content_rejected_output", "missing_outputs": "missing"},
        only={
            "moderated_output": ("image", "edit", "chat", "chat-stream"),
            "missing_outputs": ("image",),
        },
    )


class TestOpenAIVideos(Conformance):
    """The suite, on videos."""

    subject = subject(
        cases=(
            VIDEO,
            Case(
                "video-from-an-image",
                "openai/sora-2",
                {"prompt": "it moves", "duration": "4s", "aspectRatio": "16:9"},
                inputs=(FRAME,),
            ),
        ),
        refusals=ORDERS
        | {"job_failed": "generation_failed", "moderated_output": "content_rejected_output", "expired_job": "Gone"},
        lookup_not_done="NotFound",
        cancels="confirmed",
    )


@pytest.fixture
async def bench() -> AsyncGenerator[Bench]:
    simulator = OpenAI()
    async with served(simulator) as address, Bench.opened(subject(cases=(), refusals={}), simulator, address) as bench:
        yield bench


# --- Images ---


async def test_an_image_of_another_size_is_delivered(bench: Bench) -> None:
    """If the vendor makes another size, the image is delivered, and measured later."""
    order = bench.order(Case("x", "openai/gpt-image-2", {"prompt": "a fox"}), "wrong_size")
    seen = await bench.provider.submit(order)
    assert isinstance(seen, Finished), seen
    assert len(seen.outputs) == 1


async def test_several_references_are_a_list(bench: Bench) -> None:
    """One image is sent as `image`, several as `image[]`, in their order."""
    two = Case("x", "openai/gpt-image-1-mini", {"prompt": "both in one room"}, inputs=(REFERENCE, FRAME))
    assert isinstance(await bench.provider.submit(bench.order(two)), Finished)
    request, _ = bench.simulator.orders[-1]
    files = [(part.name, part.file, part.data) for part in request.parts() if part.file]
    assert files == [("image[]", "image-1.png", REFERENCE.data), ("image[]", "image-2.png", FRAME.data)]


async def test_no_image_at_all_is_paid_and_missing(bench: Bench) -> None:
    """An answer without images is no refusal: each image is reported as missing."""
    order = bench.order(Case("x", "openai/gpt-image-2", {"prompt": "a fox", "n": 3}), "no_outputs")
    seen = await bench.provider.submit(order)
    assert isinstance(seen, Finished), seen
    assert (seen.outputs, [one.index for one in seen.missing]) == ((), [0, 1, 2])


async def test_an_unknown_parameter_fails_loudly(bench: Bench) -> None:
    """A seed that the catalogue let through is sent, and refused by name: never dropped silently."""
    order = bench.order(Case("x", "openai/gpt-image-2", {"prompt": "a fox", "extraParams": {"seed": 7}}))
    seen = await bench.provider.submit(order)
    assert isinstance(seen, Refused), seen
    assert (seen.code, seen.provider_code) == ("provider_rejected", "unknown_parameter")
    assert seen.provider_message == "Unknown parameter: 'seed'."


async def test_a_reference_that_is_no_image_is_refused(bench: Bench) -> None:
    """A file of a type that the vendor does not accept becomes its refusal, unpaid."""
    bad = Case("x", "openai/gpt-image-2", {"prompt": "a fox"}, inputs=(Input(data=b"GIF89a"),))
    seen = await bench.provider.submit(bench.order(bad))
    assert isinstance(seen, Refused), seen
    assert (seen.code, seen.charged, bench.billed) == ("provider_rejected", "no", 0)


@pytest.mark.parametrize(
    ("given", "base", "found"),
    [
        ("https://cdn.example/a.png?s=1", "https://gw.example/v1", "https://cdn.example/a.png?s=1"),
        ("/generated-images/a.png", "http://gpu:8080/v1", "http://gpu:8080/generated-images/a.png"),
        ("http://localhost:8080/i/a.png", "http://gpu:9000/v1", "http://gpu:9000/i/a.png"),
        ("http://[::1]/a.png", "https://gw.example/v1", "https://gw.example/a.png"),
        ("http://127.0.0.1:81/a.png", "http://127.0.0.1:80/v1", "http://127.0.0.1:81/a.png"),
        ("http://[::", "http://gpu:9000/v1", "http://[::"),
    ],
)
def test_addresses_of_a_server_itself(given: str, base: str, found: str) -> None:
    """An address with the server's own host name, or with none, is fetched from the base URL; others stay."""
    assert images.reachable_url(given, base) == found


# --- Errors ---


def reply(status: int, body: bytes, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, httpx.Headers(named), body)


@pytest.mark.parametrize(
    ("status", "body", "code", "charged"),
    [
        (429, b'{"error":{"type":"insufficient_quota","code":null,"message":""}}', "provider_quota", "no"),
        (429, b'{"error":{"type":"x","code":"billing_hard_limit_reached","message":""}}', "provider_quota", "no"),
        (429, b'{"error":{"type":"tokens","code":"rate_limit_exceeded","message":""}}', "rate_limited", "no"),
        (429, b"<html>slow down</html>", "rate_limited", "no"),
        (402, b"", "provider_quota", "no"),
        (403, b'{"error":{"code":"insufficient_user_quota","message":""}}', "provider_quota", "no"),
        (400, b'{"error":{"code":"content_policy_violation","message":""}}', "content_rejected_input", "no"),
        (
            400,
            b'{"error":{"code":"moderation_blocked","moderation_details":{"moderation_stage":"output"}}}',
            "content_rejected_output",
            "unknown",
        ),
        (403, b'{"error":{"code":"unsupported_country_region_territory","message":"no"}}', "provider_auth", "no"),
        (403, b'{"error":{"message":"must be verified to use the model `x`"}}', "provider_model_missing", "no"),
        (400, b'{"error":{"code":"model_not_found","message":""}}', "provider_model_missing", "no"),
        (410, b"", "provider_model_missing", "no"),
        (413, b"<html>too large</html>", "provider_rejected", "no"),
        (404, b'{"error":"model \\"x\\" not found"}', "provider_model_missing", "no"),
        (400, b'{"object":"error","message":"too long","code":400}', "provider_rejected", "no"),
        (200, b'{"error":{"message":"boom"}}', "provider_rejected", "unknown"),
        (200, b'{"error":{"message":"boom","code":404}}', "provider_model_missing", "unknown"),
        (503, b'{"error":{"message":"That model is currently overloaded"}}', "provider_unavailable", "no"),
    ],
)
def test_errors(status: int, body: bytes, code: str, charged: str) -> None:
    """The meaning of an error comes from its code or type, else from its status."""
    seen = refused(reply(status, body))
    assert isinstance(seen, Refused), seen
    assert (seen.code, seen.charged) == (code, charged)
    assert seen.retryable == (code in {"rate_limited", "provider_unavailable"})


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"error":{"message":"boom","type":"server_error"}}'),
        (503, b"<html>Service Unavailable</html>"),
        (408, b""),
        (200, b""),
        (200, b"{}"),
        (200, b'{"error":{"message":"boom","code":502}}'),
        (302, b""),
    ],
)
def test_an_unclear_error_is_a_doubt(status: int, body: bytes) -> None:
    """Failures of the server, time-outs of gateways, empty answers: the work may have been done."""
    assert isinstance(refused(reply(status, body)), InDoubt)


def test_the_finest_retry_header_counts() -> None:
    """`retry-after-ms` has precedence over `retry-after`."""
    seen = refused(reply(429, b"{}", retry_after_ms="250", retry_after="1"))
    assert isinstance(seen, Refused)
    assert seen.retry_after_seconds == 0.25


def test_messages_contain_no_keys() -> None:
    """If a server repeats the key that it received, the error does not contain it."""
    body = b'{"error":{"message":"bad key local-secret-1, see https://x.example/?k=local-secret-1"}}'
    seen = refused(reply(401, body), secrets=("local-secret-1",))
    assert isinstance(seen, Refused)
    assert "local-secret-1" not in repr(seen)


@pytest.mark.parametrize(
    ("media_type", "body"), [("audio/mpeg", b""), ("text/html", b"<p>"), ("application/json", b"{}")]
)
def test_what_is_no_audio_is_not_stored_as_audio(media_type: str, body: bytes) -> None:
    """A success without audio is a doubt."""
    assert isinstance(submit_result(reply(200, body, content_type=media_type)), InDoubt)


@pytest.mark.parametrize(
    "media_type", ["", "audio/mpeg", "application/octet-stream", "text/plain", "binary/octet-stream"]
)
def test_audio_is_accepted_under_any_media_type(media_type: str) -> None:
    """A body that is neither an error nor a page is the audio that was paid for."""
    seen = submit_result(reply(200, b"\xff\xfb\x90\x00", content_type=media_type))
    assert isinstance(seen, Finished)
    assert [output.data for output in seen.outputs] == [b"\xff\xfb\x90\x00"]


async def test_organization_and_project_are_sent(bench: Bench) -> None:
    """The headers of organization and project are sent when they are configured, and a wrong one is refused."""
    given = {"OPENAI_API_KEY": GOOD, "OPENAI_ORGANIZATION": ORGANIZATION, "OPENAI_PROJECT": PROJECT}
    async with Bench.opened(bench.subject, bench.simulator, bench.address, given) as right:
        assert isinstance(await right.provider.submit(right.order(CHAT)), Finished)
        request, _ = right.simulator.orders[-1]
        sent = {name: request.headers.get(name) for name in ("openai-organization", "openai-project")}
        assert sent == {"openai-organization": ORGANIZATION, "openai-project": PROJECT}
        assert request.headers["x-client-request-id"] == right.order(CHAT).call_id
    async with Bench.opened(bench.subject, bench.simulator, bench.address, given | {"OPENAI_PROJECT": "x"}) as wrong:
        seen = await wrong.provider.submit(wrong.order(CHAT))
        assert isinstance(seen, Refused)
        assert seen.code == "provider_auth"


# --- Videos ---


async def test_words_of_gateways(bench: Bench) -> None:
    """Other words for the same states, and a result at a separate address."""
    for mark in ("other_words", "by_address"):
        order = bench.order(VIDEO, mark)
        seen = await bench.provider.submit(order)
        news = await bench.provider.poll(order, getattr(seen, "job", ""))
        assert news == Working(percent=0, phase="queued")
        done = await bench.finish(order, seen)
        assert isinstance(done, Finished), done
        assert isinstance(await bench.provider.fetch(order, done.outputs[0].url or ""), bytes)


async def test_content_needs_the_key_and_nothing_else_gets_it(bench: Bench) -> None:
    """The video is given to its key only; an address on another host never receives the key."""
    order = bench.order(VIDEO)
    done = await bench.finish(order, await bench.provider.submit(order))
    assert isinstance(done, Finished)
    assert (done.usage, done.expires_seconds) == ({"second": 4}, 3600)
    url = done.outputs[0].url or ""
    async with PlainClient() as client:
        assert (await client.get(url)).status_code == 401
    key = bench.provider.keys.next(order.kind)
    assert key
    assert bench.provider.download_headers(order, key, url)["Authorization"] == f"Bearer {GOOD}"
    for other in (f"{bench.address}/_files/a.mp4", "https://cdn.example/v1/videos/x/content"):
        assert bench.provider.download_headers(order, key, other) == {}


async def test_a_job_under_way_may_not_be_deletable(bench: Bench) -> None:
    """The vendor deletes completed and failed jobs only: its refusal is reported, and the job goes on."""
    order = bench.order(VIDEO)
    seen = await bench.provider.submit(order)
    job = getattr(seen, "job", "")
    await bench.provider.poll(order, job)
    answer = await bench.provider.cancel(order, job)
    assert answer.outcome == "unsupported"
    assert isinstance(await bench.finish(order, seen), Finished)


async def test_a_finished_video_is_not_deleted(bench: Bench) -> None:
    """A cancellation would delete the paid video: none is sent, and the cancellation is reported as too late."""
    order = bench.order(VIDEO)
    seen = await bench.provider.submit(order)
    done = await bench.finish(order, seen)
    answer = await bench.provider.cancel(order, getattr(seen, "job", ""))
    assert (answer.outcome, answer.charged) == ("too_late", "yes")
    assert isinstance(done, Finished)
    assert isinstance(await bench.provider.fetch(order, done.outputs[0].url or ""), bytes)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, {"id": "v", "deleted": True}, "confirmed"),
        (200, {"id": 7, "object": None, "deleted": "true"}, "confirmed"),
        (200, {"id": "v", "status": "Cancelled"}, "confirmed"),
        (204, None, "confirmed"),
        (200, {"id": "v", "deleted": {"a": 1}}, "unknown"),
        (200, {"id": "v", "deleted": False}, "unknown"),
        (200, {}, "unknown"),
        (405, None, "unsupported"),
    ],
)
async def test_a_deletion_is_confirmed_in_several_forms(
    bench: Bench, status: int, body: dict[str, Any] | None, outcome: str
) -> None:
    """By the word for it, by a status, or by an empty answer."""
    order = bench.order(VIDEO)
    seen = await bench.provider.submit(order)
    answer = Answer(status, json=body) if body is not None else Answer(status)
    bench.simulator.distort = lambda request, good: answer if request.method == "DELETE" else good
    assert (await bench.provider.cancel(order, getattr(seen, "job", ""))).outcome == outcome


async def test_a_refused_key_does_not_prove_that_a_job_has_ended(bench: Bench) -> None:
    """Nor that it is too late to cancel it."""
    order = bench.order(VIDEO)
    seen = await bench.provider.submit(order)
    bench.simulator.distort = lambda _request, _good: error(401, "Incorrect API key provided.", code="invalid_api_key")
    assert (await bench.provider.cancel(order, getattr(seen, "job", ""))).outcome == "unknown"


async def test_a_404_that_is_not_about_the_job_is_no_verdict(bench: Bench) -> None:
    """A wrong address answers 404 as well: only an answer that names the job as not found proves that it is gone."""
    content = f"{bench.address}/v1/videos/video_1/content"
    gone = b'{"error":{"message":"Video with id \'video_1\' not found.","code":null}}'
    for body, kind in (
        (gone, Gone),
        (b"<html>Not Found</html>", NoVerdict),
        (b'{"error":{"message":"Invalid URL (GET /v1/videos/video_1)"}}', NoVerdict),
    ):
        seen = videos.poll_result(reply(404, body), "video_1", base_url=bench.address, content_url=content)
        assert isinstance(seen, kind), body


# --- Lookup of videos ---


async def test_jobs_before_the_call_are_no_candidates(bench: Bench) -> None:
    """A job that is older than the call is not its job; a younger one may be, and is named."""
    other = bench.order(VIDEO)
    seen = await bench.provider.submit(other)
    now = bench.order(VIDEO, "a", call=2)
    later = replace(now, called_at=datetime.now(UTC) + timedelta(hours=1))
    finding = await bench.provider.lookup(later)
    assert isinstance(finding, NotFound), finding
    finding = await bench.provider.lookup(now)
    assert isinstance(finding, CannotTell), finding
    assert getattr(seen, "job", "?") in finding.reason


async def test_jobs_of_another_model_are_no_candidates(bench: Bench) -> None:
    """A job of another model and prompt is not ours; with our prompt it may be, as gateways rename models."""
    order, since = bench.order(VIDEO, "mine"), datetime.now(UTC)
    wire = Wire(model="sora-2")
    theirs = videos.Job(id="video_2", model="veo-3", prompt="a dog")
    assert not videos.could_be(theirs, order, wire, since)
    assert videos.could_be(replace(theirs, prompt=order.params["prompt"]), order, wire, since)
    assert videos.could_be(replace(theirs, model="sora-2-2025-12-08"), order, wire, since)
    assert videos.could_be(replace(theirs, model=None), order, wire, since)


async def test_the_list_is_read_page_by_page(bench: Bench) -> None:
    """With more jobs than a page has, all pages are read before the verdict."""
    count = videos.PAGE + 5
    for number in range(count):
        await bench.provider.submit(bench.order(VIDEO, f"n{number}"))
    before = len(bench.simulator.requests)
    finding = await bench.provider.lookup(bench.order(VIDEO, "another"))
    assert isinstance(finding, CannotTell), finding
    assert f"lists {count} jobs" in finding.reason
    assert len(bench.simulator.requests) == before + 2


@pytest.mark.parametrize(
    ("listed", "finding"),
    [
        ({"data": [], "has_more": False}, NotFound),
        ({"data": [{"id": 7, "created_at": "now", "model": {"a": 1}}], "has_more": False}, CannotTell),
        ({"data": [{"id": {"a": 1}}], "has_more": False, "first_id": 7}, CannotTell),
        ({"data": [{"id": "v", "created_at": "5.0", "seconds": []}], "has_more": False}, NotFound),
        ({"data": [], "has_more": "no"}, CannotTell),
        ({"data": ["v"], "has_more": False}, NoVerdict),
        ({"data": {}, "has_more": False}, NoVerdict),
        ({"has_more": False}, NoVerdict),
    ],
)
async def test_only_a_readable_list_is_evidence(bench: Bench, listed: object, finding: type) -> None:
    """A job with unreadable members stays a candidate; an unreadable list is no evidence."""
    bench.simulator.distort = lambda _request, _good: Answer(200, json=listed)
    assert isinstance(await bench.provider.lookup(bench.order(VIDEO)), finding)


def test_the_order_of_the_list_is_verified() -> None:
    """Old jobs on the first page end the search only if the page is sorted from the newest to the oldest."""
    since = datetime.fromtimestamp(2_000_000_000, UTC)
    old, new = 1_000_000_000.0, 2_100_000_000.0
    jobs = {time_: videos.Job(id="x", created_at=time_) for time_ in (old, old + 1, new)}
    for times, last in (((new, old), True), ((old, old + 1), False), ((old, old), False), ((old, new), False)):
        page = videos.Page(data=tuple(jobs[time_] for time_ in times), has_more=True)
        assert videos.is_last(page, since) == last, times
