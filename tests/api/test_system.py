"""The rest of the surface: request ids, CORS, gzip, one model, health and metrics."""

from pathlib import Path

import httpx
import msgspec
import pytest
from prometheus_client import CollectorRegistry

from adapters.keyring import KeyState
from api.system import Health, Metrics
from domain.model import Kind
from tests.api.conftest import running

REFUSED = {"usable_in_seconds": 120.0, "reason": "401", "kind": None}


@pytest.mark.parametrize("given", ["abc-1", "a" * 100])
async def test_a_sane_request_id_is_kept(client: httpx.AsyncClient, given: str) -> None:
    """The caller's request id comes back."""
    assert (await client.get("/health/live", headers={"X-Request-ID": given})).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a" * 101, "a b", "<script>", "x\u00e9"])
async def test_another_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    """What is too long or odd for a log line is not taken over; every answer has an id all the same."""
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
    """gzip for those who take it, and not for small answers."""
    large = await client.get("/api/v1/models", headers={"Accept-Encoding": "gzip"})
    assert large.headers["content-encoding"] == "gzip"
    assert large.json()["code"] == "200"
    assert "content-encoding" not in (await client.get("/health/live", headers={"Accept-Encoding": "gzip"})).headers
    plain = await client.get("/api/v1/models", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == large.headers["vary"] == "Accept-Encoding"


async def test_one_model_has_its_form(client: httpx.AsyncClient) -> None:
    """GET /models/{provider}/{key} gives the entry of the list, with the JSON Schema of what it accepts."""
    one = (await client.get("/api/v1/models/sandbox/image")).json()["data"]
    assert one == (await client.get("/api/v1/models")).json()["data"]["image"]["sandbox/image"]
    assert one["input_schema"]["type"] == "object"
    assert "prompt" in one["input_schema"]["required"]


async def test_health_tells_the_parts(client: httpx.AsyncClient) -> None:
    """Live says that the process runs; ready looks at database, read models and workers."""
    assert (await client.get("/health/live")).status_code == 200
    health = (await client.get("/health/ready")).json()
    assert (health["status"], health["database"], health["workers"], health["problems"]) == ("ready", "ok", 1, [])
    assert {model["name"] for model in health["read_models"]} == {"tasks", "models", "calls", "spending"}


async def test_an_api_without_worker_says_so_and_still_takes_requests(database_url: str, tmp_path: Path) -> None:
    """No worker is a problem to look at, not a reason to refuse: the request is kept for the worker to come."""
    async with running(database_url, tmp_path):
        pass
    async with running(database_url, tmp_path, role="api") as (_, client):
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert any("worker" in problem for problem in answer.json()["problems"])
        body = {"prompt": "a cat", "model": "sandbox/image"}
        assert (await client.post("/api/v1/generations/image", json=body)).status_code == 200


async def test_several_workers_are_told_of_together(database_url: str, tmp_path: Path) -> None:
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
    Metrics(registry).take(health, {})
    assert registry.get_sample_value("pixel_keys_set_aside", {"provider": "kling"}) == 1
