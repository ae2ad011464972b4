"""Laws of `POST /api/v1/models/{provider}/{key}/estimate`, and of the 402 that names a budget."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.catalogue.file import load
from services.settings import DEFAULT_CATALOG
from tests.api.simulated_provider import World, simulated
from tests.postgres import fresh_database

PRICED = "modelscope/qwen-image"
KEYLESS = "keyless/priced"
CATALOGUE = """
providers:
  modelscope: {key: MODELSCOPE_API_KEY}
  keyless: {key: KEYLESS_API_KEY, adapter: modelscope}
models:
  - id: modelscope/qwen-image
    name: With prices
    type: image
    default: true
    resolutions:
      1K: {"1:1": "1024*1024", "16:9": "1280*720"}
      2K: {"1:1": "1600*1600"}
    limits: {prompt: 100, n: 4}
    currency: USD
    prices: [{unit: image, amount: "0.04"}, {unit: image, amount: "0.10", resolution: 2K}]
    wire: {model: Qwen/Qwen-Image}
  - id: modelscope/qwen3-235b
    name: Without prices
    type: llm
    limits: {prompt: 1000, max_tokens: 500}
    wire: {model: Qwen/Qwen3-235B-A22B-Instruct-2507}
  - id: modelscope/yen
    name: In a currency without a rate
    type: image
    resolutions: {1K: {"1:1": "1024*1024"}}
    currency: JPY
    prices: [{unit: image, amount: "6"}]
    wire: {model: Qwen/Qwen-Image}
  - id: modelscope/gone
    name: Retired
    type: image
    retired: {replacement: modelscope/qwen-image}
    currency: USD
    prices: [{unit: image, amount: "0.01"}]
    wire: {model: Qwen/Qwen-Image}
  - id: keyless/priced
    name: Without a key
    type: image
    resolutions: {1K: {"1:1": "1024*1024"}}
    currency: CNY
    prices: [{unit: image, amount: "0.2"}]
    wire: {model: Qwen/Qwen-Image}
"""
BUDGETS = """
money: {currency: USD, rates: {CNY: "0.14"}}
budgets:
  - {most: "0.10", project: "*"}
  - {most: "0.50"}
"""


def catalogue(folder: Path, text: str) -> str:
    """The path of a catalogue."""
    (folder / "catalog.yaml").write_text(text)
    return str(folder / "catalog.yaml")


@pytest.fixture(scope="module")
async def world(
    database_server: str, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    """A Pixel with prices and budgets."""
    folder = tmp_path_factory.mktemp("pixel")
    file = catalogue(folder, CATALOGUE + BUDGETS)
    async with (
        fresh_database(database_server, database_template) as dsn,
        simulated(dsn, folder, catalog=file) as made,
    ):
        yield made


async def estimate(world: World, asked: str, **fields: Any) -> httpx.Response:
    """Request an estimate."""
    return await world.client.post(f"/api/v1/models/{asked}/estimate", json={"prompt": "a cat"} | fields)


# --- Estimates ---


@pytest.mark.parametrize(
    ("fields", "amount", "quantity"),
    [
        ({}, "0.04", "1"),
        ({"n": 3}, "0.12", "3"),
        ({"resolution": "2K", "n": 2}, "0.2", "2"),
        ({"model": PRICED}, "0.04", "1"),
        ({"projectId": "p", "metadata": {"a": 1}}, "0.04", "1"),
    ],
)
async def test_an_estimate_is_the_price_of_the_request(
    world: World, fields: dict[str, Any], amount: str, quantity: str
) -> None:
    """The most that it should cost, line by line, by the prices of the model's revision."""
    answer = await estimate(world, PRICED, **fields)
    assert answer.status_code == 200, answer.text
    estimated = answer.json()["data"]
    assert (estimated["model"], estimated["revision"]) == (PRICED, 1)
    cost = estimated["estimated_cost"]
    assert (cost["amount"], cost["currency"], cost["source"], cost["price_revision"]) == (amount, "USD", "estimate", 1)
    assert cost["lines"] == [{"unit": "image", "quantity": quantity, "amount": amount}]


async def test_an_estimate_equals_the_tasks(world: World) -> None:
    """`estimated_cost` of the accepted task is the estimate of the same request."""
    estimated = (await estimate(world, PRICED, projectId="same")).json()["data"]["estimated_cost"]
    wanted = {"model": PRICED, "prompt": "a boat", "projectId": "same"}
    accepted = (await world.client.post("/api/v1/generations/image", json=wanted)).json()["data"]
    assert accepted["estimated_cost"] == estimated
    task = accepted["task_id"]
    assert (await world.task(task))["estimated_cost"] == estimated
    ended = await world.ended(task)
    assert ended["cost"]["amount"] == estimated["amount"]


async def test_an_estimate_does_nothing(world: World) -> None:
    """No event, no request to the provider, nothing counted against a budget."""
    head, asked = await world.pixel.log.head(), len(world.simulator.requests)
    for _ in range(5):
        assert (await estimate(world, PRICED, n=4, resolution="2K", projectId="nothing")).status_code == 200
    assert (await world.pixel.log.head(), len(world.simulator.requests)) == (head, asked)
    assert (await world.ended(await world.ask(projectId="nothing")))["status"] == "completed"


async def test_without_prices_there_is_no_estimate(world: World) -> None:
    """A model without prices does not count as free."""
    answer = await estimate(world, "modelscope/qwen3-235b")
    assert (answer.status_code, answer.json()["data"]) == (200, {"model": "modelscope/qwen3-235b", "revision": 1})


async def test_a_price_can_be_asked_for_without_a_key(world: World) -> None:
    """Prices are known before there is a key; to make something one is needed."""
    answer = await estimate(world, KEYLESS)
    assert answer.json()["data"]["estimated_cost"]["amount"] == "0.2"
    body = {"prompt": "a cat", "model": KEYLESS}
    assert (await world.client.post("/api/v1/generations/image", json=body)).status_code == 503


@pytest.mark.parametrize(
    ("model", "fields", "status", "reason"),
    [
        ("modelscope/nothing", {}, 404, "Model 'modelscope/nothing' not found"),
        ("nobody/qwen-image", {}, 404, "Model 'nobody/qwen-image' not found"),
        (PRICED, {"model": KEYLESS}, 400, f"model: '{KEYLESS}' is not the model of this address, '{PRICED}'"),
        (PRICED, {"model": "nonsense"}, 400, "Model must be in format"),
        (PRICED, {"n": 9}, 400, "n: "),
        (PRICED, {"n": 9, "resolution": "8K", "colour": "red"}, 400, "resolution: "),
        (PRICED, {"prompt": ""}, 400, "prompt"),
        (PRICED, {"prompt": "a" * 101}, 400, "prompt"),
        ("modelscope/gone", {}, 400, "is retired"),
        ("modelscope/qwen3-235b", {"n": 2}, 400, "n"),
    ],
)
async def test_what_would_be_refused_has_no_price(
    world: World, model: str, fields: dict[str, Any], status: int, reason: str
) -> None:
    """An estimate refuses what the generation would refuse, in the same words."""
    answer = await estimate(world, model, **fields)
    assert answer.status_code == status
    assert reason in answer.json()["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"[" * 20_000, b'{"prompt": "a\\u0000"}', b"\xff"])
async def test_a_body_that_is_no_request(world: World, content: bytes) -> None:
    """A body that is no JSON object is refused, as everywhere."""
    assert (await world.client.post(f"/api/v1/models/{PRICED}/estimate", content=content)).status_code == 400
    form = await world.client.post(f"/api/v1/models/{PRICED}/estimate", data={"prompt": "a cat"})
    assert form.status_code == 415


# --- Budgets ---


def image(project: str | None = None, **fields: Any) -> dict[str, Any]:
    """A request."""
    return {"prompt": "a cat", "model": PRICED, "projectId": project} | fields


async def generate(world: World, body: dict[str, Any]) -> httpx.Response:
    """Ask for an image."""
    return await world.client.post("/api/v1/generations/image", json=body)


async def test_a_budget_is_enforced_and_reported(new_database_url: str, tmp_path: Path) -> None:
    """Up to the ceiling requests pass; the one beyond is 402 with the figures, stores nothing, and hurts no other
    project."""
    async with simulated(new_database_url, tmp_path, catalog=catalogue(tmp_path, CATALOGUE + BUDGETS)) as world:
        assert (await generate(world, image("a", resolution="2K"))).status_code == 200
        refused = await generate(world, image("a"))
        assert (refused.status_code, refused.json()["code"]) == (402, "402")
        assert refused.json()["message"] == (
            "This would go beyond the day's budget of project a: 0.10 USD, of which 0.1 are committed today, and this "
            "request may cost 0.04. The day ends at 00:00 UTC."
        )
        assert (await generate(world, image("b", resolution="2K"))).status_code == 200
        assert (await generate(world, image("a"))).status_code == 402
        stored = "SELECT count(*) FROM stored_events WHERE topic = 'TaskRequested'"
        assert await world.pixel.pool.fetchval(stored) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"model": "modelscope/qwen3-235b"}, "'modelscope/qwen3-235b' has no prices"),
        ({"model": "modelscope/yen"}, "the catalogue has no rate of it to USD"),
    ],
)
async def test_what_nobody_can_price_is_not_let_through(world: World, body: dict[str, Any], reason: str) -> None:
    """Under a budget a model has prices, in a currency with a rate; else 402 says what to add to the catalogue."""
    kind = "text" if "qwen3" in body["model"] else "image"
    answer = await world.client.post(f"/api/v1/generations/{kind}", json={"prompt": "a cat"} | body)
    assert answer.status_code == 402
    assert reason in answer.json()["message"]


def test_the_catalogue_that_comes_with_pixel_has_no_budgets() -> None:
    """Money is limited by whoever owns it: nothing is refused for a budget until somebody sets one."""
    assert load(DEFAULT_CATALOG).budgets == ()
