"""Laws of GET /api/v1/spending: exact sums of what the caller's tasks cost, and what the budgets have left."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.api_key import Scope
from services.state import Pixel
from tests.api.conftest import running
from tests.api.keys import bearer, issued
from tests.api.task_client import is_failure

SPENDING = "/api/v1/spending"
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
CATALOGUE = """
providers:
  sandbox: {}
models:
  - {id: sandbox/image, name: Picture, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: USD, prices: [{unit: image, amount: 0.1}], limits: {n: 4}}
  - {id: sandbox/other, name: Other, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: CNY, prices: [{unit: image, amount: 0.2}]}
  - {id: sandbox/free, name: Free, type: image, currency: USD, prices: [{unit: call, amount: 0}]}
  - {id: sandbox/secret, name: Secret, type: image}
"""
BUDGETS = """
money: {currency: USD, rates: {CNY: 0.15}}
budgets: [{most: 5}, {most: 1, project: "*"}, {most: 2, provider: sandbox}]
"""


@asynccontextmanager
async def priced(database_url: str, folder: Path, budgets: str = "") -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel whose models have prices."""
    file = folder / "catalog.yaml"
    await asyncio.to_thread(file.write_text, CATALOGUE + budgets)
    async with running(database_url, folder, catalog=str(file), sandbox_stands_in_for="") as both:
        yield both


async def made(client: httpx.AsyncClient, model: str = "sandbox/image", **fields: Any) -> None:
    """A task that has ended, or, with a latency, one that runs."""
    ends = "extraParams" not in fields
    wish = {"prompt": "a cat", "model": model} | fields
    headers = {"Prefer": "wait=60"} if ends else {}
    answer = await client.post("/api/v1/generations/image", json=wish, headers=headers)
    assert answer.status_code == 200, answer.text
    task = (await client.get(f"/api/v1/tasks/{answer.json()['data']['task_id']}")).json()["data"]
    assert not ends or task["status"] in {"completed", "failed"}


async def spent(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    """The report, after all that this process has accepted."""
    answer = await client.get(SPENDING, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-pixel-position"].isdigit()
    assert "x-pixel-stale" not in answer.headers
    report: dict[str, Any] = answer.json()["data"]
    return report


def line(key: str, currency: str, tasks: int, **amounts: str) -> dict[str, Any]:
    """A sum. An amount is zero where none is given."""
    return {"key": key, "currency": currency, "spent": "0", "running": "0", "unknown": "0", "tasks": tasks} | amounts


async def test_sums_are_exact_and_of_one_currency(new_database_url: str, tmp_path: Path) -> None:
    """By each way the same tasks: what they cost, what runs, and how many have no price; what failed for free is not
    there."""
    slow = {"sandbox": {"latency": 600}}
    async with priced(new_database_url, tmp_path) as (_, client):
        empty = await spent(client)
        assert (empty["sums"], empty["unpriced"], empty["complete"], empty["budgets"]) == ([], 0, True, [])
        assert (empty["by"], empty["last"]) == ("day", TODAY)
        assert empty["first"] == f"{datetime.now(UTC) - timedelta(days=29):%Y-%m-%d}"
        await made(client, n=3, projectId="one")
        await made(client, projectId="two")
        await made(client, "sandbox/other")
        await made(client, "sandbox/free")
        await made(client, "sandbox/secret")
        await made(client, n=2, extraParams=slow)
        await made(client, "sandbox/secret", extraParams=slow)
        fault = {"sandbox": {"fault": "content_rejected"}}
        answer = await client.post(
            "/api/v1/generations/image",
            json={"prompt": "a cat", "model": "sandbox/image", "extraParams": fault},
            headers={"Prefer": "wait=60"},
        )
        assert answer.status_code == 200
        by_day = await spent(client)
        assert by_day["sums"] == [line(TODAY, "CNY", 1, spent="0.2"), line(TODAY, "USD", 4, spent="0.4", running="0.2")]
        assert by_day["unpriced"] == 1
        assert (await spent(client, by="model"))["sums"] == [
            line("sandbox/free", "USD", 1),
            line("sandbox/image", "USD", 3, spent="0.4", running="0.2"),
            line("sandbox/other", "CNY", 1, spent="0.2"),
        ]
        assert (await spent(client, by="project"))["sums"] == [
            line("", "CNY", 1, spent="0.2"),
            line("", "USD", 2, running="0.2"),
            line("one", "USD", 1, spent="0.3"),
            line("two", "USD", 1, spent="0.1"),
        ]
        assert [each["key"] for each in (await spent(client, by="provider"))["sums"]] == ["sandbox", "sandbox"]
        assert (await spent(client, last="2026-01-31"))["sums"] == []
        assert (await spent(client, first=TODAY, last=TODAY))["sums"] == by_day["sums"]


async def test_everybody_sees_their_own(new_database_url: str, tmp_path: Path) -> None:
    """A client sees what its owner's keys have spent, and the budgets of its own key; an auditor and an analyst see all
    that was spent, and an analyst nothing else of the tasks."""
    async with priced(new_database_url, tmp_path, BUDGETS) as (pixel, client):
        anna = await issued(pixel, Scope.CLIENT, owner="anna", money_per_day=Decimal("0.5"), money_per_month=Decimal(9))
        also_anna = await issued(pixel, Scope.CLIENT, owner="anna")
        bert = await issued(pixel, Scope.CLIENT, owner="bert")
        analyst = await issued(pixel, Scope.ANALYST, owner="desk")
        auditor = await issued(pixel, Scope.AUDITOR, owner="desk")
        keys = {name: bearer(key) for name, key in (("anna", anna), ("also_anna", also_anna), ("bert", bert))}
        for name, count in (("anna", 2), ("also_anna", 1), ("bert", 4)):
            client.headers.update(keys[name])
            await made(client, n=count, projectId=name)
        reports: dict[str, Any] = {}
        for name, headers in (keys | {"analyst": bearer(analyst), "auditor": bearer(auditor)}).items():
            client.headers.update(headers)
            reports[name] = await spent(client)
        sums = {name: [each["spent"] for each in report["sums"]] for name, report in reports.items()}
        assert sums == {"anna": ["0.3"], "also_anna": ["0.3"], "bert": ["0.4"], "analyst": ["0.7"], "auditor": ["0.7"]}
        key_budget = {"most": "0.5", "committed": "0.2", "currency": "USD", "provider": None, "project": None}
        assert reports["anna"]["budgets"] == [
            key_budget | {"period": "day", "of_key": True},
            key_budget | {"period": "month", "of_key": True, "most": "9"},
        ]
        assert reports["also_anna"]["budgets"] == reports["bert"]["budgets"] == []
        shown = [
            (each["provider"], each["project"], each["committed"], each["most"])
            for each in reports["analyst"]["budgets"]
        ]
        assert shown[0] == (None, None, "0.7", "5")
        assert sorted(shown[1:4], key=str) == [
            (None, "also_anna", "0.1", "1"),
            (None, "anna", "0.2", "1"),
            (None, "bert", "0.4", "1"),
        ]
        assert shown[4:] == [("sandbox", None, "0.7", "2")]
        assert reports["auditor"]["budgets"] == reports["analyst"]["budgets"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("by=week", "by"),
        ("by=", "by"),
        ("first=yesterday", "first"),
        ("last=2026-02-30", "last"),
        ("first=2026-02-02&last=2026-02-01", "first: must not be after"),
        ("first=2024-01-01&last=2026-02-01", "366 days at most"),
        ("last=0001-01-01&first=0001-01-02", "first"),
        ("from=2026-02-01", "from"),
        ("by=day&by=model", "by"),
    ],
)
async def test_a_wrong_question_is_refused_by_its_name(client: httpx.AsyncClient, query: str, problem: str) -> None:
    """Unknown parameters, days that are none, and periods that are empty or too long."""
    assert problem in is_failure(await client.get(f"{SPENDING}?{query}"), 400)


async def test_the_first_days_of_all_have_no_days_before_them(client: httpx.AsyncClient) -> None:
    """A period that would begin before the calendar begins with it."""
    assert (await spent(client, last="0001-01-05"))["first"] == "0001-01-01"
