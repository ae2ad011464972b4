"""What a key may do at most: projects, models, kinds, requests a minute, tasks in flight, money."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from application import api_keys
from application.clock import new_stream
from application.ports import Cause
from domain.api_key import ApiKey, KeyLimits, Scope
from domain.ids import task_id
from domain.model import Kind
from domain.money import Cost
from domain.task.events import TaskRequested
from projections.spending import SPENDING
from projections.tasks import TASKS
from services.request_rates import WRONG_KEY_SECONDS, WRONG_KEYS_PER_MINUTE
from services.state import Pixel
from tests.api.conftest import running
from tests.api.simulated_provider import eventually, seen_by
from tests.postgres import fresh_database

CAUSE = Cause(actor="test")
IMAGE = "/api/v1/generations/image"
CAT = {"prompt": "a cat", "model": "sandbox/image"}
SLOW = {"extraParams": {"sandbox": {"latency": 60}}}
MODELS = """
providers:
  sandbox: {}
models:
  - {id: sandbox/image, name: Picture, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: USD, prices: [{unit: image, amount: 0.04}]}
  - {id: sandbox/dear, name: Dear, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: USD, prices: [{unit: image, amount: 0.4}]}
  - {id: sandbox/secret, name: Secret, type: image}
  - {id: sandbox/text, name: Text, type: llm, currency: USD, prices: [{unit: call, amount: 0}]}
"""


class House(NamedTuple):
    """A Pixel with priced models, and what makes a client with a new key of these limits."""

    pixel: Pixel
    issue: Callable[..., Any]


class Holder(NamedTuple):
    """A key, and a client that sends it."""

    key: ApiKey
    client: httpx.AsyncClient

    async def ask(self, **fields: Any) -> httpx.Response:
        return await self.client.post(IMAGE, json=CAT | fields)


@pytest.fixture(scope="module")
async def house(
    database_server: str, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[House]:
    """One Pixel for all tests of the module."""
    folder = tmp_path_factory.mktemp("pixel")
    catalogue = folder / "catalog.yaml"
    await asyncio.to_thread(catalogue.write_text, MODELS)
    async with (
        fresh_database(database_server, database_template) as dsn,
        running(dsn, folder, catalog=str(catalogue), sandbox_stands_in_for="") as (pixel, client),
    ):

        async def issue(**limits: Any) -> Holder:
            made = await api_keys.create(
                pixel.log, owner="studio", scopes=[Scope.CLIENT], limits=KeyLimits(**limits), cause=CAUSE
            )
            await pixel.keys.refresh()
            headers = {"Authorization": f"Bearer {made.text}"}
            sender = httpx.AsyncClient(transport=client._transport, base_url="http://pixel.test", headers=headers)
            return Holder(made.key, sender)

        yield House(pixel, issue)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["message"])


# --- What it may ask for ---


async def test_a_key_asks_for_its_own_only(house: House) -> None:
    """Another project, none, another model, one that might take over, or another kind: 403 names what is the key's."""
    holder = await house.issue(projects=("films",), models=("sandbox/image",), kinds=(Kind.IMAGE,))
    assert (await holder.ask(projectId="films")).status_code == 200
    for fields, problem in (
        ({"projectId": "games"}, "films only, not 'games'"),
        ({}, "films only, and this request has none"),
        ({"projectId": "films", "model": "sandbox/dear"}, "sandbox/image only, not for 'sandbox/dear'"),
        ({"projectId": "films", "fallbackModels": ["sandbox/dear"]}, "sandbox/image only, not for 'sandbox/dear'"),
    ):
        status, message = refusal(await holder.ask(**fields))
        assert (status, problem in message) == (403, True), message
    body = {"prompt": "a cat", "model": "sandbox/text", "projectId": "films"}
    status, message = refusal(await holder.client.post("/api/v1/generations/text", json=body))
    assert (status, "image only, not for llm" in message) == (403, True)


# --- How often ---


async def test_a_key_is_used_so_often_in_a_minute(house: House) -> None:
    """One request too many is answered with 429 and the time to wait; another key of the owner goes on."""
    holder, other = await house.issue(requests_per_minute=3), await house.issue()
    answers = [await holder.client.get("/api/v1/tasks") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    headers = answers[-1].headers
    assert 1 <= int(headers["retry-after"]) <= 61
    assert (headers["ratelimit-limit"], headers["ratelimit-remaining"]) == ("3", "0")
    assert headers["ratelimit-reset"] == headers["retry-after"]
    assert (await other.client.get("/api/v1/tasks")).status_code == 200


async def test_an_address_with_many_wrong_keys_waits(house: House) -> None:
    """After ten wrong keys in a minute the answer to each more takes a second, from this address only; a key that works
    is as fast as ever."""
    text = (await house.issue()).client.headers["authorization"]
    wrong, right = {"Authorization": text[:-1] + "x"}, {"Authorization": text}

    async def seconds(client: httpx.AsyncClient, headers: dict[str, str], status: int) -> float:
        began = time.perf_counter()
        assert (await client.get("/api/v1/models", headers=headers)).status_code == status
        return time.perf_counter() - began

    async with seen_by(house.pixel, "203.0.113.9") as client:
        quick = [await seconds(client, wrong, 401) for _ in range(WRONG_KEYS_PER_MINUTE)]
        assert sorted(quick)[len(quick) // 2] < WRONG_KEY_SECONDS
        assert await seconds(client, wrong, 401) >= WRONG_KEY_SECONDS
        assert min([await seconds(client, right, 200) for _ in range(5)]) < WRONG_KEY_SECONDS


# --- How many at once ---


async def test_a_key_has_so_many_tasks_in_flight(house: House) -> None:
    """Of many posts at once as many are accepted as it may have unfinished; one that ends makes room for another."""
    holder, other = await house.issue(tasks_in_flight=3), await house.issue()
    answers = await asyncio.gather(*(holder.ask(**SLOW) for _ in range(32)))
    assert Counter(answer.status_code for answer in answers) == {200: 3, 429: 29}
    (refused, *_) = [answer for answer in answers if answer.status_code == 429]
    assert "3 unfinished tasks" in refused.json()["message"]
    assert refused.headers["retry-after"]
    assert (await other.ask(**SLOW)).status_code == 200
    (task, *_) = [answer.json()["data"]["task_id"] for answer in answers if answer.status_code == 200]
    await holder.client.post(f"/api/v1/tasks/{task}/cancel", headers={"Prefer": "wait=30"})

    async def room() -> bool:
        status: int = (await holder.ask(**SLOW)).status_code
        return status == 200

    await eventually(room)
    assert (await holder.ask(**SLOW)).status_code == 429


# --- How much ---


@pytest.mark.parametrize(("limit", "period"), [("money_per_day", "day"), ("money_per_month", "month")])
async def test_a_key_spends_so_much(house: House, limit: str, period: str) -> None:
    """Of many posts at once as many are accepted as its money is enough for, whatever project they are of; the refusal
    has the figures. Another key of the owner has its own money. A model without a price can't be asked."""
    holder, other = await house.issue(**{limit: Decimal("0.20")}), await house.issue()
    answers = await asyncio.gather(*(holder.ask(projectId=f"project-{number % 3}") for number in range(32)))
    assert Counter(answer.status_code for answer in answers) == {200: 5, 402: 27}
    (message, *_) = [answer.json()["message"] for answer in answers if answer.status_code == 402]
    assert f"the {period}'s budget of this API key: 0.20 USD, of which 0.20 are committed" in message
    assert f"The {period} ends at 00:00 UTC" in message
    await reached(house)
    assert (await holder.ask()).status_code == 402
    assert (await other.ask()).status_code == 200
    status, message = refusal(await holder.ask(model="sandbox/secret"))
    assert (status, "has no prices" in message) == (402, True)


async def test_a_fallback_has_to_be_within_the_money(house: House) -> None:
    """A request sets aside what the dearest of its models may cost."""
    holder = await house.issue(money_per_day=Decimal("0.20"))
    assert (await holder.ask(fallbackModels=["sandbox/dear"])).status_code == 402
    assert (await holder.ask()).status_code == 200


async def test_what_a_key_spent_before_counts_for_its_month(house: House) -> None:
    """What was committed on another day of the month counts for the month, and not for the day; that of the month
    before counts for neither."""
    today = datetime.now(UTC)
    first = today.replace(day=1, hour=0, minute=0, second=1)
    holder = await house.issue(money_per_day=Decimal(1), money_per_month=Decimal("0.10"))
    await spent(house, holder, first - timedelta(days=1), "0.10")
    assert (await holder.ask()).status_code == 200
    await spent(house, holder, first, "0.04")
    status, message = refusal(await holder.ask())
    assert (status, "month's budget" in message) == (402, True)


async def spent(house: House, holder: Holder, at: datetime, amount: str) -> None:
    """A task of the key that was accepted at that time, with this estimate, and has not ended."""
    stream = new_stream()
    requested = TaskRequested(
        task=task_id(stream),
        kind=Kind.IMAGE,
        model="sandbox/image",
        model_revision=1,
        params={"prompt": "a cat", **SLOW},
        request_hash="hash",
        finish_by=datetime.now(UTC) + timedelta(hours=1),
        caller=holder.key.id,
        owner=holder.key.owner,
        estimate=Cost(amount=Decimal(amount), currency="USD", price_revision=1),
        at=at,
    )
    await house.pixel.log.append(stream, 0, [requested], CAUSE)
    await reached(house)


async def reached(house: House) -> None:
    """Wait until the read models have all that was appended."""
    position = await house.pixel.log.head()

    async def there() -> bool:
        rows = await house.pixel.pool.fetch(
            "SELECT name FROM read_models WHERE serving AND name = ANY($1) AND position >= $2",
            [SPENDING.name, TASKS.name],
            position,
        )
        return len(rows) == 2

    await eventually(there)


async def test_a_key_without_limits_reads_nothing(house: House, tmp_path: Path) -> None:
    """Most keys have no limits: their requests ask no read model, and keep nothing."""
    holder = await house.issue()
    before = dict(house.pixel.key_limits._records)
    assert (await holder.ask()).status_code == 200
    assert house.pixel.key_limits._records == before
