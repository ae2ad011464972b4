"""OpenAI-compatible servers, on the simulator's models that behave like one."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from adapters.catalogue.file import ProviderEntry
from adapters.providers.registry import ProviderRegistry
from domain.model import Kind, Limits, ModelSpec, Voice
from domain.provider import Finished, InDoubt, Input, NotSent, Refused, Sighting
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject
from tests.adapters.providers.model_lists import ListsModels
from tests.simulators import media
from tests.simulators.openai import OpenAI
from tests.simulators.serve import served

GOOD, BAD = "sk-proj-0000000000000001", "sk-proj-9999999999999999"
SQUARE = {"1K": {"1:1": "1024*1024"}, "512": {"1:1": "512*512"}}


def spec(kind: Kind, **more: Any) -> ModelSpec:
    return ModelSpec(name="Local", type=kind, **more)


SPECS = {
    "workshop/text": spec(Kind.LLM, wire={"model": "local-chat"}),
    "workshop/text-stream": spec(Kind.LLM, wire={"model": "local-chat", "streams": True}),
    "workshop/image": spec(Kind.IMAGE, resolutions=SQUARE, limits=Limits(n=2), wire={"model": "local-image"}),
    "workshop/image-inline": spec(
        Kind.IMAGE,
        resolutions=SQUARE,
        wire={
            "model": "local-image",
            "response_format": "b64_json",
            "negative_prompt": "in_prompt",
            "more": {"step": 20, "model": "overruled"},
        },
    ),
    "workshop/speech": spec(
        Kind.AUDIO,
        voices=(Voice(id="anna", name="Anna", language="en"),),
        wire={"model": "local-speech", "response_format": "wav"},
    ),
}
TEXT = Case("text", "workshop/text", {"prompt": "A haiku.", "temperature": 0.2, "maxTokens": 50}, job=False)
IMAGE = Case(
    "image",
    "workshop/image",
    {"prompt": "a fox", "negativePrompt": "blur", "resolution": "512", "n": 2, "extraParams": {"seed": 7}},
    made=2,
    job=False,
)
SUBJECT = Subject(
    provider="workshop",
    simulator="openai",
    environment={"WORKSHOP_API_KEY": GOOD},
    bad_environment={"WORKSHOP_API_KEY": BAD},
    two_keys={"WORKSHOP_API_KEY": f"{BAD},{GOOD}"},
    base_path="/v1",
    entry=ProviderEntry(adapter="openai_compatible", key="WORKSHOP_API_KEY"),
    specs=SPECS,
    cases=(
        TEXT,
        TEXT._replace(name="text-stream", model="workshop/text-stream", params=TEXT.params | {"stream": True}),
        IMAGE,
        Case(
            "image-inline",
            "workshop/image-inline",
            {"prompt": "a fox", "negativePrompt": "blur", "resolution": "512"},
            job=False,
        ),
        Case("speech", "workshop/speech", {"prompt": "Hello there."}, job=False),
    ),
    refusals={
        "rate_limited": "rate_limited",
        "no_balance": "provider_quota",
        "invalid": "provider_rejected",
        "text_error": "provider_model_missing",
        "number_code": "provider_model_missing",
        "old_error": "provider_rejected",
        "error_in_200": "provider_rejected",
        "overloaded": "provider_unavailable",
    },
)


class TestCompatible(Conformance, ListsModels):
    """The suite, on an own server with a key."""

    subject = SUBJECT


@pytest.fixture
async def keyless() -> AsyncGenerator[Bench]:
    simulator = OpenAI(keyless=True)
    entry = ProviderEntry(adapter="openai_compatible")
    async with (
        served(simulator) as address,
        Bench.opened(SUBJECT._replace(entry=entry), simulator, address, {}) as bench,
    ):
        yield bench


async def submitted(bench: Bench, case: Case, *marks: str) -> Sighting:
    return await bench.provider.submit(bench.order(case, *marks))


async def test_without_a_key_none_is_sent(keyless: Bench) -> None:
    """A server that needs no key gets no header, not even an empty one."""
    assert isinstance(await submitted(keyless, TEXT), Finished)
    request, _ = keyless.simulator.orders[-1]
    assert "authorization" not in request.headers


async def test_a_refused_connection_sent_nothing(keyless: Bench) -> None:
    """Connection refused: nothing happened, and the order may be retried when the server is back."""
    async with Bench.opened(keyless.subject, keyless.simulator, "http://127.0.0.1:9", {}) as away:
        assert isinstance(await submitted(away, TEXT), NotSent)


async def test_usage_may_be_missing(keyless: Bench) -> None:
    """An answer without a count of its tokens is a good answer."""
    seen = await submitted(keyless, TEXT, "no_usage")
    assert isinstance(seen, Finished), seen
    assert (seen.outputs[0].text, seen.usage) == ("A quiet sea, a small boat.", {})


@pytest.mark.parametrize("habit", ["relative", "absolute"])
async def test_addresses_on_the_server_itself(keyless: Bench, habit: str) -> None:
    """An image's address without a host, or with the server's host, is fetched from the server."""
    order = keyless.order(IMAGE, habit)
    seen = await keyless.provider.submit(order)
    assert isinstance(seen, Finished), seen
    for output in seen.outputs:
        assert isinstance(await keyless.provider.fetch(order, output.url or ""), bytes)


async def test_reference_images(keyless: Bench) -> None:
    """References are sent as files to the same route as the vendor's."""
    case = IMAGE._replace(inputs=(Input(data=media.png("a chair", 320, 240), media_type="image/png"),))
    assert isinstance(await submitted(keyless, case), Finished)
    assert keyless.simulator.requests[-1] == ("POST", "/v1/images/edits")


async def test_an_error_with_a_status_of_success_is_no_answer(keyless: Bench) -> None:
    """An error in a 200 is a refusal of unknown price; an empty 200 is a doubt."""
    seen = await submitted(keyless, TEXT, "error_in_200")
    assert isinstance(seen, Refused), seen
    assert seen.charged == "unknown"
    assert isinstance(await submitted(keyless, TEXT, "empty_body"), InDoubt)


def test_an_address_is_needed() -> None:
    """Without a base URL the models are unavailable, and the missing setting is named; a variable can give it."""
    entries = {"workshop": ProviderEntry(adapter="openai_compatible", key="WORKSHOP_API_KEY")}
    model = SPECS["workshop/text"]
    assert "WORKSHOP_BASE_URL" in (ProviderRegistry(entries, {}).missing("workshop", model) or "")
    given = {"WORKSHOP_BASE_URL": "http://localhost:1/v1/"}
    assert ProviderRegistry(entries, given).missing("workshop", model) == "WORKSHOP_API_KEY"
    assert ProviderRegistry(entries, given | {"WORKSHOP_API_KEY": "x"}).missing("workshop", model) is None
    assert ProviderRegistry(entries, given).base_url("workshop") == "http://localhost:1/v1"
