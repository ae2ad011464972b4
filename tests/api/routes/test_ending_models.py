"""Laws of models whose vendor has named a last day: what the API says before it, and what it refuses after it."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.providers.registry import ProviderRegistry
from services.model_registry import ModelRegistry
from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import IMAGE, is_failure, until
from tests.postgres import fresh_database

TODAY = datetime.now(UTC).date()
LAST_DAY = TODAY + timedelta(days=10)
MIDNIGHT = datetime.combine(LAST_DAY + timedelta(days=1), time.min, UTC)
CATALOGUE = f"""
providers:
  sandbox: {{}}
models:
  - {{id: sandbox/ended, name: Ended, type: image, ends: {TODAY - timedelta(days=1)}, replacement: sandbox/ending}}
  - {{id: sandbox/ending, name: Ending, type: image, default: true, ends: {LAST_DAY}, replacement: sandbox/new}}
  - {{id: sandbox/new, name: New, type: image}}
  - {{id: sandbox/later, name: Later, type: image, ends: {TODAY + timedelta(days=300)}}}
"""


@pytest.fixture(scope="module")
async def ending(
    database_server: str, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel with a model that has ended, one that ends soon, one that ends later and one that stays."""
    folder = tmp_path_factory.mktemp("pixel")
    (folder / "catalog").mkdir()
    (folder / "catalog" / "sandbox.yaml").write_text(CATALOGUE)
    async with (
        fresh_database(database_server, database_template) as dsn,
        running(dsn, folder, catalog=str(folder / "catalog"), sandbox_stands_in_for="") as both,
    ):
        yield both


async def post(client: httpx.AsyncClient, model: str) -> httpx.Response:
    return await client.post("/api/v1/generations/image", json={**IMAGE, "model": model})


async def test_a_model_shows_its_end(ending: tuple[Pixel, httpx.AsyncClient]) -> None:
    """The list and the model say when it ends and what comes then; one without an end says neither."""
    _, client = ending
    listed: dict[str, Any] = (await client.get("/api/v1/models")).json()["data"]["image"]
    assert datetime.fromisoformat(listed["sandbox/ending"]["ends_at"]) == MIDNIGHT
    assert listed["sandbox/ending"]["replacement"] == "sandbox/new"
    assert listed["sandbox/ending"]["enabled"]
    assert not {"ends_at", "replacement"} & listed["sandbox/new"].keys()
    one = (await client.get("/api/v1/models/sandbox/ending")).json()["data"]
    assert one == listed["sandbox/ending"]


async def test_answers_about_it_have_the_headers(ending: tuple[Pixel, httpx.AsyncClient]) -> None:
    """Its page, its estimates and the answers to its tasks, replayed ones too, carry `Sunset` and the way to its
    successor; those of others do not, and without a successor there is no link."""
    pixel, client = ending
    key = {"Idempotency-Key": "a key"}
    body = {**IMAGE, "model": "sandbox/ending"}
    answers = [
        await client.get("/api/v1/models/sandbox/ending"),
        await client.post("/api/v1/models/sandbox/ending/estimate", json=body),
        *[await client.post("/api/v1/generations/image", json=body, headers=key) for _ in range(2)],
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Sunset"].endswith(" 00:00:00 GMT")
        assert parsedate_to_datetime(answer.headers["Sunset"]) == MIDNIGHT
        assert answer.headers["Link"] == '</api/v1/models/sandbox/new>; rel="successor-version"'
    later = await client.get("/api/v1/models/sandbox/later")
    assert "Sunset" in later.headers
    assert "Link" not in later.headers
    for other in (await client.get("/api/v1/models/sandbox/new"), await post(client, "sandbox/new")):
        assert not {"sunset", "link"} & other.headers.keys()
    assert pixel.models.available["sandbox/ending"].model.enabled


async def test_a_model_that_has_ended_is_retired(ending: tuple[Pixel, httpx.AsyncClient]) -> None:
    """It is shown as retired, and a request for it is refused like one for any retired model, though nothing about its
    end was recorded."""
    pixel, client = ending
    assert "Use 'sandbox/ending' instead" in is_failure(await post(client, "sandbox/ended"), 400)
    one = await client.get("/api/v1/models/sandbox/ended")
    shown = one.json()["data"]
    assert (shown["retired"], shown["enabled"], shown["replacement"]) == (True, False, "sandbox/ending")
    assert parsedate_to_datetime(one.headers["Sunset"]) < datetime.now(UTC)
    assert not pixel.models.available["sandbox/ended"].model.retired


async def test_health_warns_and_stays_ready(ending: tuple[Pixel, httpx.AsyncClient]) -> None:
    """What ends within 60 days, or has ended and is not marked so, is a warning: no problem, and no other status."""
    _, client = ending
    answer = await client.get("/health/ready")
    health = answer.json()
    assert (answer.status_code, health["status"], health["problems"]) == (200, "ready", [])
    ended, soon = health["warnings"]
    assert ended.startswith(f"model sandbox/ended: ended with {TODAY - timedelta(days=1)}")
    assert soon.startswith(f"model sandbox/ending: its last day is {LAST_DAY}")


async def test_a_service_that_runs_over_midnight_shows_the_end(ending: tuple[Pixel, httpx.AsyncClient]) -> None:
    """With the same rows, the list changes at the end of the day: the model is retired, and the default of its type is
    what replaces it."""
    pixel, _ = ending
    time_now = MIDNIGHT - timedelta(seconds=1)
    models = ModelRegistry(pixel.pool, {}, ProviderRegistry({}, {}), {"sandbox"}, clock=lambda: time_now)
    await models.refresh()
    before = models.grouped_json
    await models.refresh()
    assert models.grouped_json is before
    assert (models.views["sandbox/ending"].enabled, models.views["sandbox/ending"].is_default) == (True, True)
    time_now = MIDNIGHT
    await models.refresh()
    assert models.grouped_json is not before
    assert [(view.id, view.enabled) for view in models.views.values() if view.is_default] == [("sandbox/new", True)]
    assert models.views["sandbox/ending"].retired


async def test_what_was_accepted_before_goes_on(new_database_url: str, tmp_path: Path) -> None:
    """A task that waits when the day is over is made all the same, and a retry of its request is answered with it."""
    file, body = tmp_path / "catalog.yaml", {"prompt": "a cat", "model": "sandbox/one"}
    headers = {"Idempotency-Key": "before"}

    def catalogue(ends: str) -> str:
        entry = f"{{id: sandbox/one, name: One, type: image{ends}}}"
        file.write_text(f"providers: {{sandbox: {{}}}}\nmodels: [{entry}]\n")
        return str(file)

    lives = await asyncio.to_thread(catalogue, "")
    async with running(new_database_url, tmp_path, catalog=lives, sandbox_stands_in_for=""):
        pass  # builds the read models, which an API process waits for
    async with running(new_database_url, tmp_path, role="api", catalog=lives, sandbox_stands_in_for="") as (_, client):
        answer = await client.post("/api/v1/generations/image", json=body, headers=headers)
        task = answer.json()["data"]["task_id"]
    over = await asyncio.to_thread(catalogue, f", ends: {TODAY - timedelta(days=1)}")
    async with running(new_database_url, tmp_path, catalog=over, sandbox_stands_in_for="") as (_, client):
        await until(client, task, status="completed")
        again = await client.post("/api/v1/generations/image", json=body, headers=headers)
        assert again.json()["data"]["task_id"] == task
        assert "is retired" in is_failure(await post(client, "sandbox/one"), 400)
