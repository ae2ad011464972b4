"""Lists of models that are special: of many pages, without an end, too large, hostile, and of gateways."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from adapters.catalogue.file import ProviderEntry
from adapters.outbound.client import ProviderClient
from adapters.outbound.ssrf_guard import Guard
from adapters.providers.base import HttpProvider
from adapters.providers.model_list import MAX_PAGE_BYTES, MAX_PAGES
from adapters.providers.registry import ADAPTERS, ProviderRegistry, open_provider
from application.catalogue_comparison import ListedModel, ModelList
from domain.model import Kind, ModelSpec
from domain.provider import NoVerdict, Refused
from tests.simulators.base import Answer, Request, Simulator
from tests.simulators.openai import OpenAI
from tests.simulators.serve import make, served

KEYS = {
    "openai": {"OPENAI_API_KEY": "sk-proj-0000000000000001"},
    "gemini": {"GEMINI_API_KEY": "gemini-key-0000000001"},
    "dashscope": {"DASHSCOPE_API_KEY": f"sk-{1:032x}"},
    "volcengine": {"ARK_API_KEY": "00000000-0000-4000-8000-000000000001"},
    "workshop": {},
}
PATHS = {"openai": "/v1", "gemini": "/v1beta", "volcengine": "/api/v3", "workshop": "/v1"}
ENTRIES = {name: ProviderEntry(key=next(iter(keys))) for name, keys in KEYS.items() if keys} | {
    "workshop": ProviderEntry(adapter="openai_compatible")
}


@asynccontextmanager
async def opened(name: str, simulator: Simulator | None = None) -> AsyncGenerator[tuple[HttpProvider, Simulator]]:
    """An adapter with a good key, in front of its simulator."""
    simulator = simulator or make(name)
    async with served(simulator) as address:
        client = ProviderClient(Guard(private_hosts=[httpx.URL(address).netloc.decode()]))
        environment = KEYS[name] | {f"{name.upper()}_BASE_URL": address + PATHS.get(name, "")}
        provider = open_provider(ProviderRegistry(ENTRIES, environment), name, client, lambda _name, _call: None)
        assert provider is not None
        try:
            yield provider, simulator
        finally:
            await client.close()


async def models_of(provider: HttpProvider) -> dict[str, ListedModel]:
    listed = await provider.list_models()
    assert isinstance(listed, ModelList), listed
    return {model.name: model for model in listed.models}


def answering(*bodies: object) -> Any:
    """A distortion: the bodies one after the other, the last one for ever."""
    left = list(bodies)

    def answer(_: Request, __: Answer) -> Answer:
        return Answer(200, json=left.pop(0) if len(left) > 1 else left[0])

    return answer


@pytest.mark.parametrize("name", ["gemini", "dashscope"])
async def test_a_list_of_pages_is_read_to_its_end(name: str) -> None:
    """Each page is asked for once, and what they hold together is the list."""
    async with opened(name) as (provider, simulator):
        models = await models_of(provider)
        asked = len(simulator.requests)
        assert asked > 1
        assert len(models) > asked
        simulator.requests.clear()
        simulator.meet("500_before")  # the first page fails: nothing more is asked
        assert isinstance(await provider.list_models(), NoVerdict)
        assert len(simulator.requests) == 1


GOOGLE = {"name": "models/a", "supportedGenerationMethods": ["generateContent"]}
ALIBABA = {"model": "a", "capabilities": ["TG"]}


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("gemini", {"models": [GOOGLE], "nextPageToken": "again"}),
        ("dashscope", {"output": {"total": 10**9, "models": [ALIBABA]}}),
        ("workshop", {"data": [{"id": "a"}], "has_more": True}),
    ],
)
async def test_a_list_that_repeats_itself_is_left(name: str, page: dict[str, Any]) -> None:
    """A page that says that there is more, and gives what was there already, ends the question without a list."""
    async with opened(name, OpenAI(keyless=True) if name == "workshop" else None) as (provider, simulator):
        simulator.distort = answering(page)
        seen = await provider.list_models()
        assert isinstance(seen, NoVerdict)
        assert "repeats itself" in seen.reason
        assert len(simulator.requests) == 2


async def test_a_list_without_an_end_is_left() -> None:
    """After MAX_PAGES pages of new names the question ends without a list."""
    async with opened("gemini") as (provider, simulator):
        pages = ({"models": [{"name": f"models/m{n}"}], "nextPageToken": f"t{n}"} for n in range(10**6))
        simulator.distort = lambda _, __: Answer(200, json=next(pages))
        seen = await provider.list_models()
        assert isinstance(seen, NoVerdict)
        assert str(MAX_PAGES) in seen.reason
        assert len(simulator.requests) == MAX_PAGES


async def test_a_list_of_any_size_is_not_read() -> None:
    """A page beyond MAX_PAGE_BYTES is given up while it arrives."""
    async with opened("openai") as (provider, simulator):
        simulator.distort = answering({"data": [{"id": "x" * (MAX_PAGE_BYTES + 1)}]})
        seen = await provider.list_models()
        assert isinstance(seen, NoVerdict)
        assert "too large" in seen.reason


async def test_names_that_a_terminal_would_obey_are_left_out() -> None:
    """A name with control characters, an empty one or an endless one is none that could be ordered."""
    names = ["good", "\x1b[2Jgone", "line\x00", "", "x" * 1000]
    async with opened("openai") as (provider, simulator):
        simulator.distort = answering({"data": [{"id": name} for name in names]})
        assert list(await models_of(provider)) == ["good"]


async def test_a_key_that_the_vendor_repeats_is_not_shown() -> None:
    """A refusal that quotes the key is reported without it."""
    async with opened("openai") as (provider, simulator):
        secret = KEYS["openai"]["OPENAI_API_KEY"]
        error = {"error": {"message": f"no such key: {secret}", "code": "invalid_api_key"}}
        simulator.distort = lambda _, __: Answer(401, json=error)
        seen = await provider.list_models()
        assert isinstance(seen, Refused)
        assert (seen.code, seen.provider_code) == ("provider_auth", "invalid_api_key")
        assert secret not in repr(seen)


async def test_openai_tells_the_last_day() -> None:
    """`shutdown_date` is a day, alone or with a time; what is no day is quoted, and null means that none is set."""
    days = ["2026-12-01", "2026-12-01T00:00:00Z", "soon", None]
    async with opened("openai") as (provider, simulator):
        data = [{"id": f"m{n}", "shutdown_date": day} for n, day in enumerate(days)]
        simulator.distort = answering({"object": "list", "data": data})
        models = await models_of(provider)
    assert [str(model.ends) for model in models.values()] == ["2026-12-01", "2026-12-01", "None", "None"]
    assert [model.state for model in models.values()] == ["ending", "ending", "ending", "offered"]
    assert models["m2"].says == "soon"


async def test_ark_tells_what_is_retired_and_how_much_a_chat_answers() -> None:
    """`Retiring` is an end without a day, `Shutdown` has ended, any other word is only quoted."""
    data = [
        {"id": "a", "domain": "VLM", "token_limits": {"max_output_token_length": 32768}},
        {"id": "b", "domain": "ImageGeneration", "status": "Retiring"},
        {"id": "c", "domain": "VideoGeneration", "status": "Shutdown"},
        {"id": "d", "domain": "LLM", "task_type": ["TextEmbedding"], "status": "Running"},
        {"id": "e", "domain": "3DGeneration"},
        {"id": "f"},
    ]
    async with opened("volcengine") as (provider, simulator):
        simulator.distort = answering({"object": "list", "data": data})
        models = await models_of(provider)
        own = ModelSpec(name="Own", type=Kind.LLM, wire={"model": "ep-20261127"})
        assert provider.listed_names(own) == ()
    assert {name: model.state for name, model in models.items() if model.state != "offered"} == {
        "b": "ending",
        "c": "ended",
    }
    assert [model.kinds for model in models.values()] == [(Kind.LLM,), (Kind.IMAGE,), (Kind.VIDEO,), (), (), None]
    assert models["a"].max_output_tokens == 32768


async def test_google_tells_methods_not_kinds() -> None:
    """A method that makes nothing here is no kind, one that is not known leaves the kind open."""
    methods = {
        "a": ["generateContent", "countTokens"],
        "b": ["predictLongRunning"],
        "c": ["embedContent", "countTokens"],
        "d": ["createInteraction"],
        "e": None,
    }
    async with opened("gemini") as (provider, simulator):
        listed = [{"name": f"models/{name}", "supportedGenerationMethods": how} for name, how in methods.items()]
        simulator.distort = answering({"models": listed})
        models = await models_of(provider)
    made_at_once = (Kind.AUDIO, Kind.IMAGE, Kind.LLM)
    assert [model.kinds for model in models.values()] == [made_at_once, (Kind.VIDEO,), (), None, None]


async def test_dashscope_tells_capabilities() -> None:
    """A chat that also recognises speech is a chat; what only recognises speech makes nothing here."""
    capabilities = {"a": ["TG", "ASR"], "b": ["IG"], "c": ["ASR"], "d": ["Dreaming"], "e": None}
    async with opened("dashscope") as (provider, simulator):
        listed = [{"model": name, "capabilities": can} for name, can in capabilities.items()]
        simulator.distort = answering({"output": {"total": len(listed), "models": listed}})
        models = await models_of(provider)
        both = ModelSpec(name="Both", type=Kind.VIDEO, wire={"model": "t2v", "with_images": "i2v"})
        assert provider.listed_names(both) == ("t2v", "i2v")
    assert [model.kinds for model in models.values()] == [(Kind.LLM,), (Kind.IMAGE,), (), None, None]


async def test_servers_that_copy_openai() -> None:
    """A list without its envelope, of pages, with kinds or with Ollama's tags is read as well; a list that tells kinds
    covers those that it tells."""
    async with opened("workshop", OpenAI(keyless=True)) as (provider, simulator):
        simulator.distort = answering([{"id": "llama3:latest"}, {"id": "llama3:70b"}])
        models = await models_of(provider)
        assert [model.aliases for model in models.values()] == [("llama3",), ()]
        simulator.distort = answering({"data": [{"id": "a"}], "has_more": True}, {"data": [{"id": "b"}]})
        assert list(await models_of(provider)) == ["a", "b"]
        architecture = {"output_modalities": ["text"]}
        simulator.distort = answering({"data": [{"id": "a", "architecture": architecture}, {"id": "b"}]})
        listed = await provider.list_models()
        assert isinstance(listed, ModelList)
        assert listed.covers == {Kind.LLM}
        simulator.distort = answering({"data": [{"id": "a"}]})
        listed = await provider.list_models()
        assert isinstance(listed, ModelList)
        assert listed.covers == set(Kind)


def test_vendors_without_a_list_say_so() -> None:
    """Kling has no list of models, and a ComfyUI has workflows: their adapters have no way to ask."""
    without = {name for name, adapter in ADAPTERS.items() if getattr(adapter.open, "list_format", None) is None}
    assert {"kling", "comfyui"} <= without
    assert not without & {"openai", "openai_compatible", "gemini", "dashscope", "volcengine", "minimax", "modelscope"}
