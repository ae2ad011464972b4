"""fal, on its simulator."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.catalogue.file import load
from adapters.providers.fal.requests import derived_seed, to_wire
from adapters.providers.fal.webhooks import Signatures
from adapters.providers.registry import check_wire_configs
from application.catalogue_comparison import ModelList
from domain.base import replace
from domain.model import Kind
from domain.provider import Accepted, CannotTell, Finished, Found, Gone, InDoubt, Input, NoVerdict, Order, Refused
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject, spec_of
from tests.adapters.providers.model_lists import ListsModels
from tests.simulators import media
from tests.simulators.base import Answer, Request
from tests.simulators.fal import Fal

GOOD = "00000000-0000-4000-8000-000000000001:00000000000000000000000000000001"
BAD = "00000000-0000-4000-8000-00000000000f:0000000000000000000000000000000f"
OTHER = "00000000-0000-4000-8000-000000000002:00000000000000000000000000000002"
FRAME = Input(data=media.png("a harbour", 640, 360), media_type="image/png")
AT_A_URL = Input(url="https://example.com/chair.png")
HOSTS = {"FAL_PLATFORM_BASE_URL": "{address}/v1", "FAL_JWKS_URL": "{address}/.well-known/jwks.json"}
PROMPT = "a red fox"

SUBJECT = Subject(
    provider="fal",
    simulator="fal",
    environment={"FAL_KEY": GOOD} | HOSTS,
    bad_environment={"FAL_KEY": BAD} | HOSTS,
    two_keys={"FAL_KEY": f"{BAD},{GOOD}"} | HOSTS,
    cases=(
        Case("flux", "fal/flux-schnell", {"prompt": PROMPT, "aspectRatio": "16:9", "n": 2}, made=2),
        Case(
            "ideogram",
            "fal/ideogram-v3",
            {"prompt": PROMPT, "negativePrompt": "blur", "aspectRatio": "3:4"},
        ),
        Case(
            "banana-edit",
            "fal/nano-banana-2-edit",
            {"prompt": "in blue", "resolution": "1K", "aspectRatio": "4:5"},
            inputs=(FRAME, AT_A_URL),
        ),
        Case("seedance", "fal/seedance-2.0", {"prompt": PROMPT, "aspectRatio": "9:16", "duration": "4s"}),
    ),
    refusals={
        "rate_limited": "rate_limited",
        "no_balance": "provider_quota",
        "no_permission": "provider_auth",
        "model_gone": "provider_model_missing",
        "malformed": "provider_rejected",
        "invalid": "provider_rejected",
        "told_in_words": "provider_rejected",
        "moderated_input": "content_rejected_input",
        "moderated_output": "content_rejected_output",
        "job_failed": "generation_failed",
        "flaky": "provider_unavailable",
        "runner_lost": "provider_unavailable",
        "expired": "expired",
        "stopped": "cancelled",
        "no_outputs": "missing",
        "one_less": "missing",
    },
    lookup="Found",
    lookup_not_done="NoVerdict",
    cancels="confirmed",
    deciding_members=frozenset({"request_id", "detail"}),
    stranger="0000ffff-45d3-4afd-883e-ad3abe2a1c4d",
)


class TestFal(Conformance, ListsModels):
    """The suite, on endpoints whose forms have a seed: a lost answer is looked for by it."""

    subject = SUBJECT

    async def test_the_list_tells_kinds_and_ends(self, bench: Bench) -> None:
        """By the last word of a category; what is deprecated ends without a day, what has no metadata may be
        anything."""
        listed = await bench.provider.list_models()
        assert isinstance(listed, ModelList), listed
        found = {model.name: model for model in listed.models}
        assert len(bench.simulator.requests) == 2
        assert found["fal-ai/kling-video/v3/turbo/pro/text-to-video"].kinds == (Kind.VIDEO,)
        assert found["fal-ai/minimax/speech-2.8-hd"].kinds == (Kind.AUDIO,)
        assert found["somebody/turns-it"].kinds == found["somebody/trains-001"].kinds == ()
        assert found["somebody/unregistered"].kinds is None
        assert {model.name for model in listed.models if model.state == "ending"} == {"fal-ai/flux/dev"}


class TestFalWithoutSeeds(Conformance):
    """The suite, on endpoints whose forms have none: a lost answer can't be looked for."""

    subject = SUBJECT._replace(
        cases=(
            Case("recraft", "fal/recraft-v4.1", {"prompt": PROMPT, "aspectRatio": "4:3"}),
            Case(
                "kling-frames",
                "fal/kling-2.5-turbo-pro-i2v",
                {"prompt": "it moves", "negativePrompt": "blur", "duration": "5s"},
                inputs=(FRAME, FRAME),
            ),
            Case("kling-3", "fal/kling-3-turbo-pro", {"prompt": PROMPT, "aspectRatio": "1:1", "duration": "3s"}),
            Case("minimax-speech", "fal/minimax-speech-2.8-hd", {"prompt": "Hello.", "voice": "Abbess", "speed": 1.5}),
            Case("elevenlabs", "fal/elevenlabs-v3", {"prompt": "Hello there."}),
        ),
        lookup="CannotTell",
        lookup_not_done="CannotTell",
        refusals={"job_failed": "generation_failed", "no_outputs": "missing"},
    )


def order_of(model: str, params: dict[str, Any] | None = None, *, inputs: tuple[Input, ...] = ()) -> Order:
    """An order that is not sent."""
    spec = spec_of(model)
    params = {"prompt": PROMPT} | (params or {})
    return Order(task_id="t", call_id="t.1", kind=spec.type, model=model, spec=spec, params=params, inputs=inputs)


class TestForms:
    """What an entry says is what goes out."""

    def test_sizes_are_objects_or_words(self) -> None:
        """An endpoint with its own sizes gets its own word for the aspect ratio."""
        flux = to_wire(order_of("fal/flux-schnell", {"aspectRatio": "9:16"}))
        assert flux["image_size"] == {"width": 720, "height": 1280}
        assert to_wire(order_of("fal/ideogram-v3", {"aspectRatio": "9:16"}))["image_size"] == "portrait_16_9"

    @pytest.mark.parametrize(("spelling", "expected"), [(None, "10s"), ("text", "10"), ("number", 10)])
    def test_durations_have_three_spellings(self, spelling: str | None, expected: object) -> None:
        """ "5s", "5" and 5 are the ways in which fal's endpoints write a duration."""
        order = order_of("fal/kling-2.5-turbo-pro", {"duration": "10s"})
        place = {"member": "length.seconds"} | ({"spelling": spelling} if spelling else {})
        wire = {"endpoint": "a/b", "form": {"duration": place}, "fixed": {"length": {"exact": True}}}
        body = to_wire(replace(order, spec=replace(order.spec, wire=wire)))
        assert body == {"prompt": PROMPT, "length": {"exact": True, "seconds": expected}}
        assert wire["fixed"] == {"length": {"exact": True}}

    def test_images_go_into_a_list_or_into_members_of_their_own(self) -> None:
        """A `data:` URL where there is no address; a place without an image is left out."""
        edit = to_wire(order_of("fal/nano-banana-2-edit", inputs=(FRAME, AT_A_URL)))
        assert edit["image_urls"][0].startswith("data:image/png;base64,iVBOR")
        assert edit["image_urls"][1] == AT_A_URL.url
        frames = to_wire(order_of("fal/kling-2.5-turbo-pro-i2v", inputs=(AT_A_URL,)))
        assert frames["image_url"] == AT_A_URL.url
        assert "tail_image_url" not in frames

    def test_a_seed_is_the_callers_or_marks_the_call(self) -> None:
        """The same for the same call, another for another, and none where the form has no place."""
        order = order_of("fal/flux-dev")
        marked = to_wire(order)["seed"]
        assert marked == derived_seed(order) == to_wire(order)["seed"]
        assert marked != to_wire(replace(order, call_id="t.2"))["seed"]
        assert to_wire(order_of("fal/flux-dev", {"extraParams": {"seed": 7}}))["seed"] == 7
        assert "seed" not in to_wire(order_of("fal/recraft-v4.1"))


ENTRY = """
providers:
  fal: {{key: FAL_KEY}}
models:
  - id: fal/one
    name: One
    type: {kind}
    {offers}
    wire: {{endpoint: owner/app, form: {{{form}}}}}
"""


class TestEntries:
    """A catalogue with an entry that promises what its form can't carry stops the start."""

    def problems(self, folder: Path, **entry: str) -> list[str]:
        """The problems of a catalogue with this entry."""
        (folder / "catalog.yaml").write_text(ENTRY.format(**entry))
        catalogue = load(folder / "catalog.yaml")
        return [problem for _, problem in check_wire_configs(catalogue.providers, catalogue.models)]

    @pytest.mark.parametrize(
        ("kind", "offers", "form", "problem"),
        [
            ("image", "limits: {refuses: [seed]}", "", "needs negativePrompt, for which the form has no place"),
            ("image", "limits: {refuses: [negativePrompt]}", "", "needs seed, for which the form has no place"),
            ("audio", "limits: {refuses: [seed]}", "", "needs speed, for which the form has no place"),
            ("video", "durations: {5s: 5 s}", "", "durations: the form has no place for duration"),
            ("audio", "voices: [{id: a, name: A, language: en}]", "", "voices: the form has no place for voice"),
            ("image", "limits: {n: 2}", "", "limits.n: the form has no place for n"),
            ("image", "limits: {image_inputs: 2}", "images: [one]", "limits.image_inputs: the form has places for 1"),
            ("image", "limits: {image_inputs: 2}", "images: all", "needs at least one"),
            ("image", 'resolutions: {1K: {"1:1": "8*8", "4:3": "8*6"}}', "", "no place for the aspect ratio"),
            ("video", "limits: {resolutions: [720p, 1080p]}", "size: size", "no place for the resolution"),
            ("image", "capabilities: {supportsLora: true}", "", "no place for LoRAs"),
            ("llm", "description: x", "", "type: fal makes no texts here"),
            ("image", "description: x", "pictures: all", "wire: Object contains unknown field `pictures`"),
            ("image", "description: x", "seed: a b", "wire: Expected `str` matching regex"),
        ],
    )
    def test_it_is_told(self, tmp_path: Path, kind: str, offers: str, form: str, problem: str) -> None:
        """With the field that promises it."""
        reported = "\n".join(self.problems(tmp_path, kind=kind, offers=offers, form=form))
        assert problem in reported

    def test_a_new_endpoint_is_an_entry(self, tmp_path: Path) -> None:
        """No problem is found in one whose form has a place for all that it offers."""
        offers = 'limits: {refuses: [negativePrompt]}\n    resolutions: {1K: {"1:1": "8*8", "4:3": "8*6"}}'
        assert self.problems(tmp_path, kind="image", offers=offers, form="size: measures.size, seed: seed") == []


class TestQueue:
    """What is special about fal's queue."""

    subject = SUBJECT
    flux = SUBJECT.cases[0]

    async def finished(self, bench: Bench, *marks: str) -> Any:
        """What became of an order."""
        order = bench.order(self.flux, *marks)
        return await bench.finish(order, await bench.provider.submit(order))

    async def test_no_key_goes_to_where_an_answer_points(self, bench: Bench) -> None:
        """Whatever addresses fal's answer to an order names, the request is asked about at fal's own."""

        def elsewhere(_: Request, answer: Answer) -> Answer:
            moved = answer.body.replace(b'_url":"http://127.0.0.1', b'_url":"http://evil.example')
            return Answer(answer.status, data=moved, media_type="application/json", headers=answer.headers)

        bench.simulator.distort = elsewhere
        order = bench.order(self.flux)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted)
        bench.simulator.distort = lambda _, answer: answer
        assert isinstance(await bench.finish(order, seen), Finished)
        assert {request.url.host for request in bench.client.sent} == {"127.0.0.1"}
        assert {request.url.path for request in bench.client.sent[1:]} == {
            f"/fal-ai/flux/requests/{seen.job}/status",
            f"/fal-ai/flux/requests/{seen.job}",
        }

    async def test_an_order_does_not_begin_after_its_deadline(self, bench: Bench) -> None:
        """fal learns until when somebody waits."""
        await self.finished(bench)
        [(sent, _)] = bench.simulator.orders
        assert sent.headers["x-fal-request-timeout"] == "600.0"

    @pytest.mark.parametrize("fault", ["502_html", "500_before", "gone"])
    async def test_a_result_that_can_not_be_had_is_asked_for_again(self, bench: Bench, fault: str) -> None:
        """A gateway's error to the question is no error of the job, which is paid for."""
        order = bench.order(self.flux)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted)
        for _ in range(2):
            await bench.provider.poll(order, seen.job)
        await bench.fault(fault, route=f".*/requests/{seen.job}")
        assert isinstance(await bench.provider.poll(order, seen.job), NoVerdict | Gone)
        assert isinstance(await bench.provider.poll(order, seen.job), Finished)

    async def test_what_fal_bills_for_a_failed_job(self, bench: Bench) -> None:
        """No server error; perhaps what a runner has worked on before it refused the input."""
        charged = {"job_failed": "no", "expired": "no", "moderated_input": "unknown", "invalid": "unknown"}
        for mark, expected in charged.items():
            seen = await self.finished(bench, mark)
            assert isinstance(seen, Refused), seen
            assert seen.charged == expected, mark
        assert isinstance(await self.finished(bench, "conflict"), InDoubt)

    async def test_what_the_safety_check_flags_is_kept_with_a_note(self, bench: Bench) -> None:
        """fal blackens such an image, and bills it."""
        seen = await self.finished(bench, "flagged")
        assert isinstance(seen, Finished)
        assert len(seen.outputs) == 2
        assert [note.partition(":")[0] for note in seen.notes] == ["output 0", "output 1"]

    @pytest.mark.parametrize(
        ("mark", "polls", "outcome"),
        [
            ("stubborn", 2, "unknown"),
            ("flagged", 2, "confirmed"),
            ("flagged", 3, "too_late"),
            ("stubborn", 1, "confirmed"),
        ],
    )
    async def test_a_running_request_may_go_on(self, bench: Bench, mark: str, polls: int, outcome: str) -> None:
        """Waiting, it is taken off the queue; running, it is asked to stop, and then for what came of it."""
        order = bench.order(self.flux, mark)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted)
        for _ in range(polls):
            await bench.provider.poll(order, seen.job)
        answer = await bench.provider.cancel(order, seen.job)
        assert answer.outcome == outcome, answer

    async def test_cancelling_what_nobody_knows_is_unknown(self, bench: Bench) -> None:
        """And costs nothing to say."""
        answer = await bench.provider.cancel(bench.order(self.flux), SUBJECT.stranger)
        assert answer.outcome == "unknown"


class TestLostAnswers:
    """An order is found again by the seed that it carries."""

    subject = SUBJECT
    flux = SUBJECT.cases[0]

    async def lost(self, bench: Bench, **changes: Any) -> Order:
        """An order that fal has, and of which Pixel knows nothing."""
        order = bench.order(self.flux, "reset_after")
        order = replace(order, params=order.params | changes)
        assert isinstance(await bench.provider.submit(order), InDoubt)
        return order

    async def test_what_is_not_shown_yet_is_asked_for_again(self, bench: Bench) -> None:
        """The list may show only what has ended; after the model's usual time nobody can tell."""
        simulator = bench.simulator
        assert isinstance(simulator, Fal)
        simulator.shows_running = False
        order = await self.lost(bench)
        assert isinstance(await bench.provider.lookup(order), NoVerdict)
        long_ago = replace(order, called_at=datetime.now(UTC) - timedelta(minutes=3))
        assert isinstance(await bench.provider.lookup(long_ago), CannotTell)
        simulator.jobs[next(iter(simulator.jobs))]["polls"] = 3
        assert isinstance(await bench.provider.lookup(order), Found)

    async def test_it_is_found_among_many(self, bench: Bench) -> None:
        """Page by page, and never another call's."""
        order = await self.lost(bench)
        others = [bench.order(self.flux, call=call) for call in range(2, 60)]
        jobs = [await bench.provider.submit(other) for other in others]
        found = await bench.provider.lookup(order)
        assert isinstance(found, Found)
        assert Accepted(job=found.job) not in jobs
        pages = [path for _, path in bench.simulator.requests if path.endswith("/by-endpoint")]
        assert len(pages) == 2

    async def test_the_callers_own_seed_marks_no_call(self, bench: Bench) -> None:
        """Two orders may have the same."""
        order = await self.lost(bench, extraParams={"seed": 7})
        assert isinstance(await bench.provider.lookup(order), CannotTell)

    @pytest.mark.parametrize("fault", ["500_before", "truncated_json", "reset_before"])
    async def test_a_list_that_can_not_be_read_says_nothing(self, bench: Bench, fault: str) -> None:
        """It is asked for again."""
        order = await self.lost(bench)
        await bench.fault(fault, route=".*/by-endpoint")
        assert isinstance(await bench.provider.lookup(order), NoVerdict)
        assert isinstance(await bench.provider.lookup(order), Found)


class TestWebhooks:
    """Only what fal has signed a moment ago is taken for fal's."""

    subject = SUBJECT
    body = b'{"request_id": "r-1", "status": "OK"}'

    def signed(self, bench: Bench, body: bytes = body, **options: float) -> dict[str, str]:
        """The headers of a webhook."""
        assert isinstance(bench.simulator, Fal)
        return bench.simulator.callback_headers(body, **options)

    async def test_a_signature_that_fits_is_fals(self, bench: Bench) -> None:
        """By any of the published keys, which are asked for once."""
        for _ in range(3):
            assert await bench.provider.is_genuine_callback(self.signed(bench), self.body)
        assert [path for _, path in bench.simulator.requests] == ["/.well-known/jwks.json"]
        assert bench.provider.job_from_callback(self.body) == "r-1"
        assert bench.provider.job_from_callback(b"{") is None

    async def test_anything_else_is_not(self, bench: Bench) -> None:
        """Another body, another header, another time, no signature; and the keys are not asked for each time."""
        good = self.signed(bench)
        assert not await bench.provider.is_genuine_callback(good, b'{"request_id": "r-2"}')
        for name in good:
            for value in ("", "00", "é", good[name] + "0"):
                assert not await bench.provider.is_genuine_callback(good | {name: value}, self.body), (name, value)
        for seconds in (-400, 400):
            late = self.signed(bench, at=time.time() + seconds)
            assert not await bench.provider.is_genuine_callback(late, self.body)
        assert len(bench.simulator.requests) == 1

    async def test_without_keys_nothing_is_fals(self, bench: Bench) -> None:
        """fal repeats a webhook that was not taken, and by then the keys may be there."""
        await bench.fault("500_before", route="/.well-known/.*")
        assert not await bench.provider.is_genuine_callback(self.signed(bench), self.body)

    async def test_new_keys_are_asked_for(self, bench: Bench) -> None:
        """A key that fal began to use since then, a minute after the keys were asked for and not before."""
        simulator, now = bench.simulator, [time.time()]
        assert isinstance(simulator, Fal)
        signatures = Signatures(bench.client, f"{bench.address}/.well-known/jwks.json", lambda: now[0])
        assert await signatures.is_genuine(self.signed(bench), self.body)
        simulator.signing = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
        assert not await signatures.is_genuine(self.signed(bench), self.body)
        now[0] += 61
        assert await signatures.is_genuine(self.signed(bench), self.body)
