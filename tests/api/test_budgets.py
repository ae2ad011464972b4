"""Money over HTTP: estimates, bills, budgets, fallback models, and the caller's deadlines."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.openapi.errors_and_parameters import ERRORS
from application.generations import Reservation
from domain.base import Rejected
from domain.budget import Candidate
from domain.money import Cost
from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import get, is_failure, until
from tests.patience import patient

IMAGE = "/api/v1/generations/image"
CAT = {"prompt": "a cat", "model": "sandbox/image", "projectId": "proj_123"}
MODELS = """
providers:
  sandbox: {}
models:
  - id: sandbox/image
    name: Picture
    type: image
    resolutions: {512: {"1:1": "64*64"}, 1K: {"1:1": "128*128"}}
    limits: {n: 4}
    currency: USD
    prices: [{unit: image, amount: 0.04}, {unit: image, amount: 0.01, resolution: "512"}]
  - {id: sandbox/other, name: Other, type: image, currency: USD, prices: [{unit: image, amount: 0.02}]}
  - {id: sandbox/free, name: Free, type: image, currency: EUR, prices: [{unit: call, amount: 0}]}
  - {id: sandbox/secret, name: Secret, type: image}
""".replace("512:", '"512":')


@asynccontextmanager
async def with_budgets(
    database_url: str, folder: Path, budgets: str
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel with priced models and these budgets."""
    file = folder / "catalog.yaml"
    await asyncio.to_thread(file.write_text, MODELS + budgets)
    async with running(database_url, folder, catalog=str(file), sandbox_stands_in_for="") as both:
        yield both


async def ask(client: httpx.AsyncClient, **fields: Any) -> str:
    """A task that is accepted."""
    answer = await client.post(IMAGE, json=CAT | fields)
    assert answer.status_code == 200, answer.text
    task_id: str = answer.json()["data"]["task_id"]
    return task_id


FOR_A_PROJECT = "budgets: [{most: 0.1, project: proj_123}]"


# --- Estimates and bills ---


async def test_a_task_has_its_estimate_and_then_its_bill(new_database_url: str, tmp_path: Path) -> None:
    """The maximum cost, calculated at acceptance; and the cost, by what was made."""
    async with with_budgets(new_database_url, tmp_path, "") as (_, client):
        task = await get(client, await ask(client, n=4, extraParams={"sandbox": {"fault": "partial"}}), wait=30)
        made = len(task["result"]["images"])
        assert task["estimated_cost"] == {
            "amount": "0.16",
            "currency": "USD",
            "price_revision": 1,
            "lines": [{"unit": "image", "quantity": "4", "amount": "0.16"}],
            "source": "estimate",
        }
        assert 0 < made < 4
        assert task["cost"]["amount"] == f"0.{4 * made:02}"
        assert task["cost"]["lines"][0]["quantity"] == str(made)
        small = await get(client, await ask(client, resolution="512"))
        assert small["estimated_cost"]["amount"] == "0.01"
        unpriced = await get(client, await ask(client, model="sandbox/secret"), wait=30)
        assert unpriced["status"] == "completed"
        assert not {"cost", "estimated_cost"} & unpriced.keys()


# --- Budgets ---


async def test_over_a_budget_is_402_with_the_figures(new_database_url: str, tmp_path: Path) -> None:
    """A request beyond it is refused and not stored; requests that fit, are free or have another budget pass."""
    async with with_budgets(new_database_url, tmp_path, FOR_A_PROJECT) as (pixel, client):
        for _ in range(2):
            await ask(client)
        await ask(client, model="sandbox/free")
        requests = "SELECT count(*) FROM stored_events WHERE topic = 'TaskRequested'"
        answer = await client.post(IMAGE, json=CAT)
        assert is_failure(answer, 402) == ERRORS["over the budget"].message
        assert "retry-after" not in answer.headers
        assert "no prices" in is_failure(await client.post(IMAGE, json=CAT | {"model": "sandbox/secret"}), 402)
        assert "may cost 0.16" in is_failure(await client.post(IMAGE, json=CAT | {"n": 4}), 402)
        assert await pixel.pool.fetchval(requests) == 3
        await ask(client, resolution="512")
        await ask(client, projectId="other", n=4)
        await ask(client, projectId=None, model="sandbox/secret")


async def test_requests_at_once_do_not_go_beyond_a_budget_together(new_database_url: str, tmp_path: Path) -> None:
    """An admitted request counts at once, before any read model has it."""
    async with with_budgets(new_database_url, tmp_path, FOR_A_PROJECT) as (_, client):
        answers = await asyncio.gather(*(client.post(IMAGE, json=CAT) for _ in range(12)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, *[402] * 10]


async def test_a_repeated_key_gives_its_task_over_a_budget(new_database_url: str, tmp_path: Path) -> None:
    """It was accepted once, and nothing more is spent by it."""
    async with with_budgets(new_database_url, tmp_path, FOR_A_PROJECT) as (_, client):
        headers = {"Idempotency-Key": "once"}
        first = await client.post(IMAGE, json=CAT | {"n": 2}, headers=headers)
        is_failure(await client.post(IMAGE, json=CAT), 402)
        again = await client.post(IMAGE, json=CAT | {"n": 2}, headers=headers)
        assert again.json() == first.json()
        assert again.headers["idempotent-replayed"] == "true"


async def test_what_cost_nothing_frees_its_budget(new_database_url: str, tmp_path: Path) -> None:
    """A refusal that was not charged gives back what the task had committed."""
    async with with_budgets(new_database_url, tmp_path, FOR_A_PROJECT) as (_, client):
        await ask(client)
        refused = await ask(client, extraParams={"sandbox": {"fault": "content_rejected"}})
        assert (await get(client, refused, wait=30))["error"]["charged"] == "no"
        async with asyncio.timeout(patient(20)):
            while (await client.post(IMAGE, json=CAT)).status_code == 402:
                await asyncio.sleep(0.02)
        is_failure(await client.post(IMAGE, json=CAT), 402)


async def test_a_restart_forgets_nothing_that_was_spent(new_database_url: str, tmp_path: Path) -> None:
    """The sums come from the events: another process, or the same one later, has them."""
    async with with_budgets(new_database_url, tmp_path, FOR_A_PROJECT) as (_, client):
        for _ in range(2):
            await get(client, await ask(client), wait=30)
    async with with_budgets(new_database_url, tmp_path, FOR_A_PROJECT) as (pixel, client):
        async with asyncio.timeout(patient(20)):
            while await pixel.pool.fetchval("SELECT count(*) FROM spending WHERE state = 'spent'") < 2:
                await asyncio.sleep(0.02)
        await pixel.budgets.refresh()
        assert "of which 0.08 are committed" in is_failure(await client.post(IMAGE, json=CAT), 402)


async def test_a_reservation_counts_until_it_is_released(new_database_url: str, tmp_path: Path) -> None:
    """A refresh of the sums keeps it; once its task is recorded it can't be released any more."""
    price = Cost(amount=Decimal("0.06"), currency="USD", price_revision=1)
    async with with_budgets(new_database_url, tmp_path, FOR_A_PROJECT) as (pixel, _):

        def reserve() -> Reservation:
            return pixel.budgets.reserve("proj_123", [Candidate("sandbox/image", price)])

        first = reserve()
        await pixel.budgets.refresh()
        with pytest.raises(Rejected, match=r"of which 0\.06 are committed"):
            reserve()
        first.release()
        second = reserve()
        second.commit(2**62)
        second.release()
        await pixel.budgets.refresh()
        with pytest.raises(Rejected, match=r"of which 0\.06 are committed"):
            reserve()


# --- Other models ---


async def test_another_model_takes_over_what_was_refused_for_nothing(new_database_url: str, tmp_path: Path) -> None:
    """If the caller allows it and nothing was paid, the next model completes the task, which shows its bill."""
    async with with_budgets(new_database_url, tmp_path, "") as (_, client):
        steer = {"sandbox": {"fault": "refused", "times": 1}}
        task = await get(client, await ask(client, fallbackModels=["sandbox/other"], extraParams=steer), wait=30)
        assert (task["status"], task["model"], task["served_by"]) == ("completed", "sandbox/image", "sandbox/other")
        assert (task["estimated_cost"]["amount"], task["cost"]["amount"]) == ("0.04", "0.02")
        assert "fallbackModels" not in task["params"]
        history = (await client.get(f"/api/v1/tasks/{task['id']}/history")).json()["data"]["events"]
        types = [event["type"] for event in history]
        assert types.count("ProviderCalled") == 2
        assert types[2:4] == ["ProviderRefused", "FallbackChosen"]


async def test_no_other_model_gets_rejected_content(new_database_url: str, tmp_path: Path) -> None:
    """Content that one provider rejects is not carried to the next."""
    async with with_budgets(new_database_url, tmp_path, "") as (_, client):
        steer = {"sandbox": {"fault": "content_rejected", "times": 1}}
        task = await get(client, await ask(client, fallbackModels=["sandbox/other"], extraParams=steer), wait=30)
        assert (task["status"], task["error"]["code"]) == ("failed", "content_rejected_input")
        assert "served_by" not in task


# --- Other models under a budget ---

DEAR = """
  - {id: other/dear, name: Dear, type: image, currency: USD, prices: [{unit: image, amount: 50}]}
  - {id: third/fair, name: Fair, type: image, currency: USD, prices: [{unit: image, amount: 0.05}]}
  - {id: third/unpriced, name: Unpriced, type: image}
"""
CHAINS = MODELS.replace("  sandbox: {}\n", "  sandbox: {}\n  other: {}\n  third: {}\n") + DEAR
REFUSED_ONCE = {"sandbox": {"fault": "refused", "times": 1}}


@asynccontextmanager
async def with_chains(
    database_url: str, folder: Path, budgets: str, **settings: Any
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel with models of three providers, and these budgets."""
    file = folder / "catalog.yaml"
    await asyncio.to_thread(file.write_text, CHAINS + budgets)
    stands_in = "other,third"
    async with running(database_url, folder, catalog=str(file), sandbox_stands_in_for=stands_in, **settings) as both:
        yield both


async def test_a_dear_model_does_not_come_in_by_the_back_door(new_database_url: str, tmp_path: Path) -> None:
    """Every model that may take over is held against the budgets before anything is stored: that of all, and its own
    provider's. One without prices can't be held against any."""
    both = "budgets: [{most: 0.1}, {most: 0.02, provider: third}]"
    async with with_chains(new_database_url, tmp_path, both) as (pixel, client):

        async def refusal(**fields: Any) -> str:
            return is_failure(await client.post(IMAGE, json=CAT | fields), 402)

        message = await refusal(fallbackModels=["other/dear"])
        assert "fallbackModels[0], 'other/dear', might take over" in message
        assert "the day's budget: 0.1 USD" in message
        assert "provider third: 0.02 USD" in await refusal(fallbackModels=["sandbox/other", "third/fair"])
        assert "'third/unpriced' has no prices" in await refusal(fallbackModels=["third/unpriced"])
        assert await pixel.pool.fetchval("SELECT count(*) FROM stored_events WHERE topic = 'TaskRequested'") == 0
        await ask(client, fallbackModels=["sandbox/other"])


async def test_what_may_be_paid_at_several_providers_is_held_at_each_and_once_in_all(
    new_database_url: str, tmp_path: Path
) -> None:
    """At once, and after the log has it; an ended task commits what it has cost."""
    budgets = "budgets: [{most: 0.2}, {most: 0.1, provider: third}]"
    async with with_chains(new_database_url, tmp_path, budgets) as (pixel, client):
        slow = {"sandbox": {"latency": 60}}
        for _ in range(2):
            await ask(client, fallbackModels=["third/fair"], extraParams=slow)
        for refresh in (False, True):
            if refresh:
                async with asyncio.timeout(patient(30)):
                    while await pixel.pool.fetchval("SELECT count(*) FROM spending") < 2:
                        await asyncio.sleep(0.02)
                await pixel.budgets.refresh()
            used = is_failure(await client.post(IMAGE, json=CAT | {"n": 3}), 402)
            assert "the day's budget: 0.2 USD, of which 0.10 are committed" in used
            message = is_failure(await client.post(IMAGE, json=CAT | {"fallbackModels": ["third/fair"]}), 402)
            assert "provider third: 0.1 USD, of which 0.10 are committed" in message
        await get(client, await ask(client), wait=30)


async def test_a_model_takes_over_only_if_the_budgets_bear_it_then(new_database_url: str, tmp_path: Path) -> None:
    """What was accepted under other budgets is asked anew: the next model that can be paid takes over, and where there
    is none the task ends, for nothing, with a code of its own."""
    async with with_chains(new_database_url, tmp_path, ""):
        pass  # registers the models
    async with with_chains(new_database_url, tmp_path, "", role="api") as (_, client):
        ends = await ask(client, fallbackModels=["other/dear"], extraParams=REFUSED_ONCE)
        goes_on = await ask(client, fallbackModels=["other/dear", "third/fair"], extraParams=REFUSED_ONCE)
        assert (await get(client, goes_on))["estimated_cost"]["amount"] == "0.04"
    lower = "budgets: [{most: 0.5, provider: other}]"
    async with with_chains(new_database_url, tmp_path, lower) as (pixel, client):
        task = await get(client, goes_on, wait=30)
        assert (task["status"], task["served_by"], task["cost"]["amount"]) == ("completed", "third/fair", "0.05")
        assert task["estimated_cost"]["amount"] == "0.05"
        task = await get(client, ends, wait=30)
        assert (task["status"], task["error"]["code"], task["error"]["charged"]) == ("failed", "budget_exceeded", "no")
        assert "other/dear: This would go beyond the day's budget of provider other" in task["error"]["message"]
        assert "served_by" not in task
        called = "SELECT count(*) FROM stored_events WHERE convert_from(state, 'UTF8')::jsonb ->> 'provider' = 'other'"
        assert await pixel.pool.fetchval(called) == 0


# --- Deadlines ---


async def test_the_callers_deadline_goes_before_the_models(new_database_url: str, tmp_path: Path) -> None:
    """The deadlines of the request count."""
    async with with_budgets(new_database_url, tmp_path, "") as (_, client):
        task_id = await ask(client, deadline={"startSeconds": 60, "finishSeconds": 1200})
        plain = await ask(client)

        async def asked(task_id: str) -> tuple[datetime, dict[str, Any]]:
            history = (await client.get(f"/api/v1/tasks/{task_id}/history")).json()["data"]["events"]
            return datetime.fromisoformat(history[0]["data"]["at"]), history[0]["data"]

        at, request = await asked(task_id)
        assert datetime.fromisoformat(request["start_by"]) - at == timedelta(seconds=60)
        assert datetime.fromisoformat(request["finish_by"]) - at == timedelta(seconds=1200)
        at, request = await asked(plain)
        assert datetime.fromisoformat(request["finish_by"]) - at == timedelta(seconds=900)
        assert "start_by" not in request


async def test_a_task_that_is_not_done_in_the_callers_time_fails(new_database_url: str, tmp_path: Path) -> None:
    """A deadline of a second ends a job of a minute."""
    async with with_budgets(new_database_url, tmp_path, "") as (_, client):
        slow = {"sandbox": {"latency": 60}}
        task = await until(client, await ask(client, deadline={"finishSeconds": 1}, extraParams=slow), status="failed")
        assert (task["error"]["code"], task["error"]["charged"]) == ("deadline_exceeded", "unknown")


@pytest.mark.parametrize("deadline", [{"startSeconds": 1}, {"startSeconds": 1, "finishSeconds": 600}])
async def test_a_task_that_nobody_takes_in_the_callers_time_fails_for_nothing(
    new_database_url: str, tmp_path: Path, deadline: dict[str, int]
) -> None:
    """A task waits for an unreachable provider until the caller's deadline, and no longer."""
    async with with_budgets(new_database_url, tmp_path, "") as (_, client):
        steer = {"sandbox": {"fault": "unreachable", "times": 10}}
        task = await until(client, await ask(client, deadline=deadline, extraParams=steer), status="failed")
        assert (task["error"]["code"], task["error"]["charged"]) == ("not_started", "no")
