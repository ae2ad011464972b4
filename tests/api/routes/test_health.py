"""The rest of the surface: request ids, CORS, gzip, one model, health and metrics."""

import asyncio
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec
import pytest
from prometheus_client import CollectorRegistry

from adapters.providers.keyring import KeyState
from api.routes.health import Gauges, Health
from application import model_switches, storage
from application.ports import Cause
from domain.model import Kind
from projections.read_models import READ_MODELS
from services.state import Pixel
from tests.api.conftest import running
from tests.api.simulated_provider import eventually
from tests.patience import patient

REFUSED = {"usable_in_seconds": 120.0, "reason": "401", "kind": None}


@pytest.mark.parametrize("given", ["abc-1", "a" * 100])
async def test_a_valid_request_id_is_used(client: httpx.AsyncClient, given: str) -> None:
    """The caller's request id comes back."""
    assert (await client.get("/health/live", headers={"X-Request-ID": given})).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a" * 101, "a b", "<script>", "x\u00e9"])
async def test_another_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    """An id that is too long or odd for a log line is replaced; every answer has an id."""
    answer = await client.get("/nowhere", headers={b"X-Request-ID": given.encode()})
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_a_page_of_an_allowed_origin_may_ask(client: httpx.AsyncClient) -> None:
    """CORS: allowed origins may call and read our headers, others may not."""
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    headers["Access-Control-Request-Headers"] = "content-type,idempotency-key"
    preflight = await client.options("/api/v1/generations/image", headers=headers)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "http://localhost:3000"
    answer = await client.get("/api/v1/models", headers={"Origin": "http://localhost:3000"})
    assert "x-request-id" in answer.headers["access-control-expose-headers"].lower()
    other = await client.get("/api/v1/models", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_large_answers_are_compressed(client: httpx.AsyncClient) -> None:
    """gzip for clients that accept it, and not for small answers."""
    large = await client.get("/api/v1/models", headers={"Accept-Encoding": "gzip"})
    assert large.headers["content-encoding"] == "gzip"
    assert large.json()["code"] == "200"
    assert "content-encoding" not in (await client.get("/health/live", headers={"Accept-Encoding": "gzip"})).headers
    plain = await client.get("/api/v1/models", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == large.headers["vary"] == "Accept-Encoding, Origin"


async def test_one_model_has_its_form(client: httpx.AsyncClient) -> None:
    """GET /models/{provider}/{key} gives the entry of the list, with the JSON Schema of what it accepts."""
    one = (await client.get("/api/v1/models/sandbox/image")).json()["data"]
    assert one == (await client.get("/api/v1/models")).json()["data"]["image"]["sandbox/image"]
    assert one["input_schema"]["type"] == "object"
    assert "prompt" in one["input_schema"]["required"]


async def test_the_models_are_sent_once(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """Who has the models is answered with 304 until one of them changes, packed or not; caches ask each time."""
    first = await client.get("/api/v1/models")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await client.get("/api/v1/models", headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await client.get("/api/v1/models", headers={"If-None-Match": '"other"'})).content == first.content
    cause = Cause(actor="test")
    await model_switches.disable(pixel.log, "sandbox/video", by="anna", note="", cause=cause)
    try:

        async def changed() -> bool:
            return (await client.get("/api/v1/models", headers={"If-None-Match": tag})).status_code == 200

        await eventually(changed)
    finally:
        await model_switches.enable(pixel.log, "sandbox/video", by="anna", cause=cause)


async def test_health_has_the_parts(client: httpx.AsyncClient) -> None:
    """Live means that the process runs; ready checks database, read models and workers."""
    assert (await client.get("/health/live")).status_code == 200
    health = (await client.get("/health/ready")).json()
    assert (health["status"], health["database"], health["workers"], health["problems"]) == ("ready", "ok", 1, [])
    assert {model["name"] for model in health["read_models"]} == {read_model.name for read_model in READ_MODELS}


async def test_an_api_without_worker_reports_it_and_still_accepts_requests(database_url: str, tmp_path: Path) -> None:
    """Without a worker health reports a problem, and requests are accepted and stored for a later worker."""
    async with running(database_url, tmp_path):
        pass
    async with running(database_url, tmp_path, role="api") as (_, client):
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert any("worker" in problem for problem in answer.json()["problems"])
        body = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
        assert (await client.post("/api/v1/generations/image", json=body)).status_code == 200


async def test_the_states_of_several_workers_are_merged(database_url: str, tmp_path: Path) -> None:
    """Each worker has lanes of its own, and all have the same keys: a key that one of them has set aside is shown so,
    and a lane counts as open only when it is for all, and as slow as the slowest."""
    lane: dict[str, object] = {"provider": "acme", "kind": "image", "pace": 1.0, "wait_seconds": 0.0}
    lane |= {"rate_limited": 0, "failures": 0, "breaker": "closed"}
    good = {"account": "3f1a0c9be2d7", "usable_in_seconds": 0.0, "reason": None}
    states = [
        {"lanes": [lane], "keys": {"acme": [good]}},
        {"lanes": [lane | {"breaker": "open", "pace": 0.5}], "keys": {"acme": [good | REFUSED]}},
        {"lanes": [lane | {"pace": 0.25}], "keys": {"acme": [good]}},
        {},  # one of an older version
    ]
    async with running(database_url, tmp_path):
        pass
    async with running(database_url, tmp_path, role="api") as (pixel, client):
        for number, state in enumerate(states):
            await pixel.pool.execute(
                "INSERT INTO workers (worker, state) VALUES ($1, $2)", f"w{number}", msgspec.json.encode(state).decode()
            )
        health = (await client.get("/health/ready")).json()
        assert health["workers"] == 4
        assert health["keys"] == {"acme": [good | REFUSED]}
        assert [entry["breaker"] for entry in health["lanes"]] == ["closed", "open", "closed"]
        assert health["problems"] == [
            "provider acme: nothing is sent for image now, its breaker is open; tasks wait",
            "provider acme: it refused the key 3f1a0c9be2d7 (401)",
        ]
        text = (await client.get("/metrics")).text
        assert 'pixel_lane_open{kind="image",provider="acme"} 0.0' in text
        assert 'pixel_lane_pace{kind="image",provider="acme"} 0.25' in text
        assert 'pixel_keys_set_aside{provider="acme"} 1.0' in text
        await pixel.pool.execute("DELETE FROM workers")
        assert 'provider="acme"' not in (await client.get("/metrics")).text


async def test_metrics_count_requests_and_lag(client: httpx.AsyncClient) -> None:
    """Prometheus reads answers by route and status, lag, and whether the database is up."""
    await client.get("/api/v1/models")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    assert 'pixel_http_requests_total{method="GET",route="/api/v1/models",status="200"}' in text
    assert "pixel_database_up 1.0" in text
    assert 'pixel_read_model_lag_events{generation="1",read_model="tasks"}' in text


async def found(client: httpx.AsyncClient, said: str) -> dict[str, Any]:
    """The health page, once its problems contain this text; "" for no problem at all."""
    async with asyncio.timeout(patient(60)):
        while True:
            health: dict[str, Any] = (await client.get("/health/ready")).json()
            problems = "; ".join(health["problems"])
            if (said in problems) if said else not problems:
                return health
            await asyncio.sleep(0.02)


async def test_read_models_may_be_thrown_away_while_pixel_runs(database_url: str, tmp_path: Path) -> None:
    """Their schemas are dropped: tasks are still found and made, and the read models come back."""
    body = {
        "prompt": "a cat",
        "model": "sandbox/image",
        "resolution": "512",
        "extraParams": {"sandbox": {"latency": 0.0}},
    }
    async with running(database_url, tmp_path) as (pixel, client):
        before = (await client.post("/api/v1/generations/image", json=body)).json()["data"]["task_id"]
        for name in ("spending", "tasks", "calls", "models"):
            await pixel.pool.execute(f"DROP SCHEMA {name}_1 CASCADE")
            answer = await client.get(f"/api/v1/tasks/{before}")
            assert (answer.status_code, answer.json().get("data", {}).get("id")) == (200, before), answer.text
            assert (await client.post("/api/v1/generations/image", json=body)).status_code == 200
            assert (await client.get("/api/v1/tasks")).status_code in {200, 503}
            health = await found(client, "")
            assert (name, 2, True) in {(m["name"], m["generation"], m["serving"]) for m in health["read_models"]}
        after = (await client.post("/api/v1/generations/image", json=body)).json()["data"]["task_id"]
        view = (await client.get(f"/api/v1/tasks/{after}", headers={"Prefer": "wait=30"})).json()["data"]
        assert view["status"] == "completed"


async def test_health_reports_a_read_model_that_can_not_go_on(database_url: str, tmp_path: Path) -> None:
    """The error, the command that helps, and the lag in seconds; any API process reports it, and it ends when it is
    mended."""
    body = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
    async with running(database_url, tmp_path) as (pixel, client):
        await pixel.pool.execute("ALTER TABLE spending_1.spending RENAME COLUMN day TO days")
        assert (await client.post("/api/v1/generations/image", json=body)).status_code == 200
        health = await found(client, "read model spending: can't go on: UndefinedColumnError")
        assert health["status"] == "degraded"
        assert any("pixel projections rebuild spending" in problem for problem in health["problems"])
        assert 'pixel_read_model_stuck{read_model="spending"} 1.0' in (await client.get("/metrics")).text
        await pixel.pool.execute("ALTER TABLE spending_1.spending RENAME COLUMN days TO day")
        await found(client, "")
    async with running(database_url, tmp_path, role="api") as (pixel, client):
        await pixel.pool.execute("INSERT INTO read_model_troubles (name, error) VALUES ('tasks', 'no such thing')")
        await pixel.pool.execute(_OLD)
        health = await found(client, "read model tasks: can't go on: no such thing")
        assert any(problem.startswith("read model tasks: 3600 seconds (1 events)") for problem in health["problems"])
        [tasks] = [model for model in health["read_models"] if model["name"] == "tasks"]
        assert 3600 <= tasks["lag_seconds"] < 3700
        assert (await client.get("/api/v1/tasks")).status_code == 200


# An event that an hour has not been enough for.
_OLD = """
INSERT INTO stored_events (originator_id, originator_version, topic, state, recorded_at)
VALUES (gen_random_uuid(), 1, 'ModelRetired', '{}', now() - interval '1 hour')
"""


def test_a_key_is_counted_once_however_much_it_is_set_aside_for() -> None:
    """The gauge counts keys, not the kinds of work that they are used up for."""
    registry = CollectorRegistry()
    states = [
        KeyState(account="a", usable_in_seconds=200.0, reason="1102", kind=Kind.VIDEO),
        KeyState(account="a", usable_in_seconds=100.0, reason="1102", kind=Kind.IMAGE),
        KeyState(account="b", usable_in_seconds=0.0),
    ]
    health = Health(
        status="degraded",
        database="ok",
        models=1,
        read_models=[],
        workers=1,
        appends_waiting=0,
        problems=[],
        keys={"kling": states},
    )
    Gauges(registry).set_from(health, {}, streams=0)
    assert registry.get_sample_value("pixel_keys_set_aside", {"provider": "kling"}) == 1


async def problem_with(client: httpx.AsyncClient, word: str) -> None:
    """Wait until a problem in health has the word in it."""

    async def there() -> bool:
        health = (await client.get("/health/ready")).json()
        return any(word in problem for problem in health["problems"])

    await eventually(there)


async def test_no_order_is_sent_while_nothing_can_be_stored(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both folders are away before the first request: health reports it, a task waits uncalled, a text goes on, and
    everything goes on when they are back."""
    monkeypatch.setattr(storage, "PROBE_SECONDS", 0.1)
    places = [tmp_path / "assets", tmp_path / "spool"]
    async with running(database_url, tmp_path, lease_seconds=0.5) as (pixel, client):
        for place in places:
            place.rename(tmp_path / f"{place.name} away")
        await problem_with(client, "no order goes out")
        assert "pixel_workers_refusing 1.0" in (await client.get("/metrics")).text
        body = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
        task = (await client.post("/api/v1/generations/image", json=body)).json()["data"]["task_id"]
        chat = {"prompt": "a cat", "model": "sandbox/text"}
        said = (await client.post("/api/v1/generations/text", json=chat)).json()["data"]["task_id"]
        text = await client.get(f"/api/v1/tasks/{said}", headers={"Prefer": "wait=30"})
        assert text.json()["data"]["status"] == "completed", text.text
        assert (await client.get(f"/api/v1/tasks/{task}")).json()["data"]["status"] == "pending"
        assert await pixel.pool.fetchval("SELECT count(*) FROM sandbox.jobs WHERE task_id = $1", task) == 0
        for place in places:
            (tmp_path / f"{place.name} away").rename(place)
        answer = await client.get(f"/api/v1/tasks/{task}", headers={"Prefer": "wait=30"})
        assert answer.json()["data"]["status"] == "completed", answer.text
        health = (await client.get("/health/ready")).json()
        assert (health["status"], [state["refuses"] for state in health["storage"]]) == ("ready", [None])


async def test_a_database_that_stores_nothing_is_reported(database_url: str, tmp_path: Path) -> None:
    """The database answers and refuses to write, as on a full disk: health reports it until it stores again."""
    name = urlsplit(database_url).path.lstrip("/")
    off = f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'
    on = f'ALTER DATABASE "{name}" RESET default_transaction_read_only'
    body = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
    async with running(database_url, tmp_path, append_patience_seconds=0.2) as (pixel, client):
        other = await asyncpg.connect(pixel.dsn)
        try:
            for command, status in ((off, 503), (on, 200)):
                await other.execute(f"SET default_transaction_read_only = off; {command}")
                await other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid()"
                )

                async def so(status: int = status) -> bool:
                    answer = await client.post("/api/v1/generations/image", json=body)
                    problems = (await client.get("/health/ready")).json()["problems"]
                    shown = any("PostgreSQL stores nothing (ReadOnlySQLTransactionError)" in each for each in problems)
                    return (answer.status_code, shown) == (status, status == 503)

                await eventually(so)
        finally:
            await other.close()


async def test_the_default_folder_for_outputs_is_closed_to_others(database_url: str, tmp_path: Path) -> None:
    """Also a folder that an older version left open."""
    (tmp_path / "assets").mkdir(mode=0o755)
    async with running(database_url, tmp_path):
        modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("assets", "spool")}
    assert modes == {"assets": 0o700, "spool": 0o700}
