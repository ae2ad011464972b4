"""Laws of `POST /api/v1/estimates`: many requests at once, each with its price or with every problem."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import is_failure
from tests.postgres import fresh_database

CATALOGUE = """
providers:
  sandbox: {}
  keyless: {key: KEYLESS_API_KEY, adapter: modelscope}
models:
  - id: sandbox/image
    name: With prices
    type: image
    capabilities: {supportsRefImage: true}
    currency: USD
    prices: [{unit: image, amount: "0.04"}]
    limits: {n: 4, image_inputs: 4}
  - {id: sandbox/text, name: T, type: llm, limits: {prompt: 100000, max_tokens: 500}}
  - id: sandbox/gone
    name: Retired
    type: image
    retired: {replacement: sandbox/image}
  - id: keyless/priced
    name: Without a key
    type: image
    resolutions: {1K: {"1:1": "1024*1024"}}
    currency: CNY
    prices: [{unit: image, amount: "0.2"}]
    wire: {model: Qwen/Qwen-Image}
budgets: [{most: "0.01"}]
"""
IMAGE = {"kind": "image", "model": "sandbox/image", "prompt": "a cat"}
TEXT = {"kind": "text", "model": "sandbox/text", "prompt": "a haiku"}
KEYLESS = IMAGE | {"model": "keyless/priced"}
UNKNOWN_INPUT = f"asset_{'0' * 64}.png"


@pytest.fixture(scope="module")
async def shared(
    database_server: str, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel with prices, and a budget that is used up at once."""
    folder = tmp_path_factory.mktemp("pixel")
    (folder / "catalog.yaml").write_text(CATALOGUE)
    async with (
        fresh_database(database_server, database_template) as dsn,
        running(dsn, folder, catalog=str(folder / "catalog.yaml"), sandbox_stands_in_for="") as both,
    ):
        yield both


async def estimate(client: httpx.AsyncClient, *requests: Any, **fields: Any) -> httpx.Response:
    return await client.post("/api/v1/estimates", json={"requests": list(requests)} | fields)


async def items(client: httpx.AsyncClient, *requests: Any) -> list[dict[str, Any]]:
    """The estimates of these requests."""
    answer = await estimate(client, *requests)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]["items"]
    return found


def fields_of(item: dict[str, Any]) -> list[str]:
    """The fields that have a problem."""
    return [problem["field"] for problem in item["problems"]]


async def test_each_has_its_price_or_says_that_nobody_knows_it(client: httpx.AsyncClient) -> None:
    """In the order of the requests: a price, and for a model without prices `unpriced`, which is not free."""
    first, second, third = await items(client, IMAGE, TEXT, IMAGE | {"n": 3})
    assert (first["cost"]["amount"], first["cost"]["currency"]) == ("0.04", "USD")
    assert second == {"unpriced": True}
    assert third["cost"]["amount"] == "0.12"
    assert first.keys() == third.keys() == {"cost"}


async def test_the_price_is_that_of_the_other_estimate(client: httpx.AsyncClient) -> None:
    """It equals what `POST /api/v1/models/{provider}/{key}/estimate` says."""
    [item] = await items(client, IMAGE | {"n": 2})
    alone = await client.post("/api/v1/models/sandbox/image/estimate", json={"prompt": "a cat", "n": 2})
    assert item["cost"] == alone.json()["data"]["estimated_cost"]


async def test_every_problem_of_every_request_is_told(client: httpx.AsyncClient) -> None:
    """A request that the generation would refuse has all of its reasons, by field, and hurts no other."""
    found = await items(
        client,
        {"kind": "image", "model": "sandbox/image", "n": 9, "colour": "red"},
        IMAGE,
        IMAGE | {"model": "sandbox/nothing"},
        IMAGE | {"model": "sandbox/gone"},
        IMAGE | {"model": "sandbox/text"},
        IMAGE | {"imageInputs": [UNKNOWN_INPUT]},
        IMAGE | {"webhook": "https://app.example/hooks"},
        {"prompt": "a cat", "model": "sandbox/image"},
        ["a cat"],
    )
    assert {*fields_of(found[0])} == {"prompt", "n", "colour"}
    assert found[1].keys() == {"cost"}
    told = [fields_of(item) for item in found[2:]]
    assert told == [["model"], ["model"], ["model"], ["imageInputs[0]"], ["webhook"], ["kind"], [""]]
    assert not any("cost" in item or "unpriced" in item for item in found[2:])


async def test_the_words_are_those_of_the_refusal(client: httpx.AsyncClient) -> None:
    """The problems of a request, put together, are the message of its refusal."""
    body = {"model": "sandbox/image", "n": 9, "resolution": "8K"}
    [item] = await items(client, {"kind": "image"} | body)
    refused = await client.post("/api/v1/generations/image", json=body)
    told = "; ".join(f"{problem['field']}: {problem['message']}" for problem in item["problems"])
    assert told == is_failure(refused, 400)


async def test_a_model_that_takes_no_requests_has_a_price(client: httpx.AsyncClient) -> None:
    """Of a provider without a key both are told: what it would cost, and that it would be refused."""
    good, bad = await items(client, KEYLESS, KEYLESS | {"n": 99})
    assert good["cost"]["amount"] == "0.2"
    assert fields_of(good) == ["model"]
    assert "KEYLESS_API_KEY" in good["problems"][0]["message"]
    assert (fields_of(bad), "cost" in bad) == (["n"], False)


async def test_one_to_two_hundred_are_taken(client: httpx.AsyncClient) -> None:
    """200 requests are answered; 0, 201, an unknown field, and what is no JSON are refused as a batch refuses them."""
    assert len(await items(client, *[TEXT] * 200)) == 200
    for number in (0, 201):
        message = is_failure(await estimate(client, *[TEXT] * number), 400)
        assert message == f"requests: must be 1 to 200, got {number}"
    assert "mode" in is_failure(await estimate(client, TEXT, mode="each"), 400)
    for content in (b"", b"{", b"[]", b"[" * 20_000, b"\xff"):
        is_failure(await client.post("/api/v1/estimates", content=content), 400)
    is_failure(await client.post("/api/v1/estimates", data={"requests": "1"}), 415)


async def test_nothing_is_recorded_or_set_aside(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """No event, and nothing counted: more than the day's budget may be asked for."""
    head = await pixel.log.head()
    assert all("cost" in item for item in await items(client, *[IMAGE] * 20))
    assert await pixel.log.head() == head


async def test_others_have_their_turn_in_between(client: httpx.AsyncClient) -> None:
    """While many long requests are checked, the event loop turns for each of them."""
    turns, over = 0, asyncio.Event()

    async def count() -> None:
        nonlocal turns
        while not over.is_set():
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    try:
        await items(client, *[TEXT | {"prompt": "word " * 800}] * 200)
    finally:
        over.set()
        await counting
    assert turns >= 200
