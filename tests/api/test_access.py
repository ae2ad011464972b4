"""Who gets in: keys, scopes, and what a closed Pixel says to whom."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from api.http.auth import missing_scope
from api.openapi.errors_and_parameters import ERRORS
from api.routes.access import ROUTES
from application import api_keys
from domain.api_key import Scope
from services.key_table import KeyTable
from services.key_uses import KeyUses
from services.state import Pixel
from tests.api.conftest import running
from tests.api.keys import CAUSE, bearer, issued
from tests.api.simulated_provider import eventually, seen_by
from tests.api.task_client import is_failure
from tests.postgres import fresh_database

KEYS = "/api/v1/admin/keys"
FREE = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
TOKEN = "a-token-of-some-length"
EVERY_ROUTE = pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{m} {p}" for m, p in ROUTES])


class Closed(NamedTuple):
    """A Pixel with one key of each scope, by its text, and a client that sends none."""

    pixel: Pixel
    client: httpx.AsyncClient
    keys: dict[Scope, str]


@pytest.fixture(scope="module")
async def closed(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Closed]:
    """One closed Pixel for all tests of the module."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel")) as (pixel, client),
    ):
        keys = {scope: await issued(pixel, scope, owner=scope.value) for scope in Scope}
        yield Closed(pixel, client, keys)


def example(path: str) -> str:
    """A path with something in place of its parameters."""
    for name, value in {
        "{task_id}": "task_01h455vb4pex5vsknk084sn02q",
        "{call_id}": "task_01h455vb4pex5vsknk084sn02q.1",
        "{asset_id}": "asset_1.png",
        "{key_id}": "key_0",
        "{project_id}": "project_01h455vb4pex5vsknk084sn02q",
        "{canvas_id}": "canvas_01h455vb4pex5vsknk084sn02q",
        "{run_id}": "run_01h455vb4pex5vsknk084sn02q",
        "{node_id}": "node_1",
        "{webhook_id}": "webhook_01h455vb4pex5vsknk084sn02q",
        "{provider}": "sandbox",
        "{key}": "image",
        "{token}": "0",
        "{name}": "swagger.js",
        "{path}": "canvas/",
        "/api/v1/events": "/api/v1/events?after=x",  # else it has no end
        "{video_id}": "task_01h455vb4pex5vsknk084sn02q",
    }.items():
        path = path.replace(name, value)
    return path


# --- Routes and scopes ---


@EVERY_ROUTE
async def test_a_route_lets_in_whom_its_row_names(closed: Closed, method: str, path: str) -> None:
    """Each route, asked without a key, with a wrong one, and with one of each scope, answers as the table of access
    says; the refusal names the scopes that would do. Without a key and a signature there is no asset."""
    scopes, signed = ROUTES[method, path].scopes, ROUTES[method, path].signed
    url = example(path)
    wrong = bearer(closed.keys[Scope.ADMIN][:-1] + "g")
    for headers in ({}, wrong):
        # Each route from an address of its own: one that sends wrong keys again and again is slowed down.
        async with seen_by(closed.pixel, f"198.51.100.{list(ROUTES).index((method, path))}") as stranger:
            answer = await stranger.request(method, url, headers=headers)
        hidden = signed and not headers
        assert (answer.status_code == 401) == (scopes is not None and not hidden), answer.text
        assert answer.status_code == 404 or not hidden
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
            if method != "HEAD":
                assert is_failure(answer, 401) == ERRORS["wrong key" if headers else "no key"].message
    for scope, text in closed.keys.items():
        answer = await closed.client.request(method, url, headers=bearer(text))
        may = scopes is None or scope in scopes or scope is Scope.ADMIN
        assert (answer.status_code != 403) == may, answer.text
        assert answer.status_code != 401
        if not may and method != "HEAD":
            assert scopes is not None
            assert is_failure(answer, 403) == missing_scope(scopes, frozenset({scope}))
            assert ERRORS["missing scope"].status == 403


async def test_several_scopes_are_any_of_them(closed: Closed) -> None:
    """A key with two scopes may do what either may, and no more."""
    text = await issued(closed.pixel, Scope.CLIENT, Scope.ANALYST)
    statuses = [
        (await closed.client.get(path, headers=bearer(text))).status_code
        for path in ("/api/v1/tasks", "/metrics", KEYS)
    ]
    assert statuses == [200, 200, 403]


async def test_health_tells_a_stranger_its_status_only(closed: Closed) -> None:
    """What is not as it should be is for those who may see figures."""
    full = await closed.client.get("/health/ready", headers=bearer(closed.keys[Scope.ANALYST]))
    assert "read_models" in full.json()
    for headers in ({}, bearer(closed.keys[Scope.CLIENT]), bearer("wrong")):
        assert (await closed.client.get("/health/ready", headers=headers)).json().keys() == {"status"}


# --- Credentials ---


@pytest.mark.parametrize(
    "query",
    ["key={key}", "access_token={key}", "x={encoded}", "limit=1&{key}", "{token}"],
)
async def test_a_key_in_the_url_is_refused(closed: Closed, query: str) -> None:
    """A key that works, or the token, in any part of a query is refused, whatever else the request has."""
    key = closed.keys[Scope.CLIENT]
    given = query.format(key=key, encoded="".join(f"%{byte:02X}" for byte in key.encode()), token=TOKEN)
    async with seen_by(closed.pixel, "203.0.113.9", admin_token=TOKEN) as client:
        for headers in ({}, bearer(key)):
            answer = await client.get(f"/api/v1/tasks?{given}", headers=headers)
            assert (answer.status_code, answer.json()["message"]) == (400, ERRORS["a key in the URL"].message)


async def test_two_credentials_at_once_are_refused(closed: Closed) -> None:
    """It would be unclear who asks, so nothing is done, though both work."""
    both = [("Authorization", f"Bearer {closed.keys[scope]}") for scope in (Scope.CLIENT, Scope.ADMIN)]
    answer = await closed.client.post("/api/v1/generations/image", json=FREE, headers=both)
    assert (answer.status_code, answer.json()["message"]) == (400, ERRORS["two keys at once"].message)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic {key}", "{key}", "Bearer {key}x", "Bearer {key} {key}"])
async def test_only_a_bearer_token_is_a_key(closed: Closed, header: str) -> None:
    """Another scheme, or a key with something beside it, is none."""
    given = {"Authorization": header.format(key=closed.keys[Scope.ADMIN])}
    assert (await closed.client.get("/api/v1/tasks", headers=given)).status_code == 401


async def test_the_token_of_the_administrator_is_a_credential(closed: Closed) -> None:
    """With PIXEL_ADMIN_TOKEN set Pixel is closed, and the token may do everything; keys work beside it."""
    async with seen_by(closed.pixel, "203.0.113.9", admin_token=TOKEN) as client:
        assert (await client.get("/api/v1/tasks")).status_code == 401
        made = await client.post("/api/v1/generations/image", json=FREE, headers=bearer(TOKEN))
        assert made.status_code == 200
        assert (await client.get(KEYS, headers=bearer(TOKEN))).status_code == 200
        assert (await client.get("/api/v1/tasks", headers=bearer(closed.keys[Scope.CLIENT]))).status_code == 200
        history = await client.get(
            f"/api/v1/tasks/{made.json()['data']['task_id']}/history", headers=bearer(closed.keys[Scope.AUDITOR])
        )
    assert history.json()["data"]["events"][0]["actor"] == "admin"


async def test_events_name_the_key(closed: Closed) -> None:
    """The caller of a task and the actor of its events are the id of the key, which holds nothing of its secret."""
    text = closed.keys[Scope.CLIENT]
    made = await closed.client.post("/api/v1/generations/image", json=FREE, headers=bearer(text))
    history = await closed.client.get(f"/api/v1/tasks/{made.json()['data']['task_id']}/history", headers=bearer(text))
    requested = history.json()["data"]["events"][0]
    key_id = f"key_{text.split('_')[1]}"
    assert requested["actor"] == requested["data"]["caller"] == key_id
    assert text.split("_")[2] not in history.text


# --- Administration ---


async def test_a_key_lives_and_ends_over_http(closed: Closed) -> None:
    """Created, it is shown once and works; listed and shown, nothing of its secret is; changed, it may do other things;
    revoked, nothing."""
    admin = bearer(closed.keys[Scope.ADMIN])
    body = {"owner": "studio", "scopes": ["client"], "limits": {"tasks_in_flight": 3}}
    created = (await closed.client.post(KEYS, json=body, headers=admin)).json()["data"]
    key, text = created["key"], created["text"]
    assert {name: key[name] for name in body} == body
    assert (await closed.client.get("/api/v1/tasks", headers=bearer(text))).status_code == 200
    shown = await closed.client.get(f"{KEYS}/{key['id']}", headers=admin)
    assert shown.json()["data"] == key
    listed = await closed.client.get(KEYS, headers=admin, params={"limit": 1})
    assert [item["id"] for item in listed.json()["data"]["keys"]] == [key["id"]]
    second = await closed.client.get(KEYS, headers=admin, params={"cursor": listed.json()["data"]["next_cursor"]})
    assert len(second.json()["data"]["keys"]) >= len(Scope)
    for answer in (shown, listed, second):
        assert text.split("_")[2] not in answer.text
        assert "sha256" not in answer.text
    changed = await closed.client.post(
        f"{KEYS}/{key['id']}/change", json={"scopes": ["analyst"], "limits": {}}, headers=admin
    )
    assert (changed.json()["data"]["scopes"], "limits" in changed.json()["data"]) == (["analyst"], False)
    assert (await closed.client.get("/api/v1/tasks", headers=bearer(text))).status_code == 403
    for _ in range(2):
        revoked = await closed.client.post(f"{KEYS}/{key['id']}/revoke", headers=admin)
        assert revoked.json()["data"]["revoked_at"]
    assert (await closed.client.get("/metrics", headers=bearer(text))).status_code == 401
    again = await closed.client.post(f"{KEYS}/{key['id']}/change", json={"scopes": ["admin"]}, headers=admin)
    assert again.status_code == ERRORS["revoked key"].status == 409


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"owner": "a", "scopes": ["root"]}, "scopes"),
        ({"owner": "a", "scopes": []}, "scopes"),
        ({"owner": "", "scopes": ["client"]}, "owner"),
        ({"owner": " ", "scopes": ["client"]}, "owner"),
        ({"scopes": ["client"]}, "owner"),
        ({"owner": "a", "scopes": ["client"], "limits": {"money": 1}}, "money"),
        ({"owner": "a", "scopes": ["client"], "limits": {"tasks_in_flight": 0}}, "tasks_in_flight"),
        ({"owner": "a", "scopes": ["client"], "limits": {"money_per_day": "-1"}}, "money_per_day"),
        ({"owner": "a", "scopes": ["client"], "limits": {"kinds": ["smell"]}}, "kinds"),
        ({"owner": "a", "scopes": ["admin"], "limits": {"tasks_in_flight": 1}}, "limits"),
    ],
)
async def test_a_wrong_key_is_refused_by_its_field(closed: Closed, body: dict[str, Any], problem: str) -> None:
    """An unknown scope or limit is an error that names it, and nothing is stored."""
    known = await closed.pixel.log.key_events(0, 1000)
    answer = await closed.client.post(KEYS, json=body, headers=bearer(closed.keys[Scope.ADMIN]))
    assert answer.status_code == 400
    assert problem in answer.json()["message"]
    assert await closed.pixel.log.key_events(0, 1000) == known


async def test_the_last_use_of_a_key_is_shown(closed: Closed) -> None:
    """A key that was used says when; used again within a minute, that is not written down again."""
    admin, uses = bearer(closed.keys[Scope.ADMIN]), KeyUses(closed.pixel.pool, closed.pixel.keys)
    text = await issued(closed.pixel, Scope.CLIENT)
    url = f"{KEYS}/key_{text.split('_')[1]}"
    assert "last_used_at" not in (await closed.client.get(url, headers=admin)).json()["data"]
    shown: list[str] = []
    for _ in range(2):
        assert (await closed.client.get("/api/v1/tasks", headers=bearer(text))).status_code == 200
        await uses.record()
        shown.append((await closed.client.get(url, headers=admin)).json()["data"]["last_used_at"])
    assert shown[0] == shown[1]


# --- The table of keys ---


async def test_keys_of_other_processes_are_known_soon(closed: Closed) -> None:
    """A table follows the log by itself: what another process issues and revokes, it knows without being told."""
    other = KeyTable(closed.pixel.log, lambda: None)
    following = asyncio.create_task(other.run())
    try:
        text = await issued(closed.pixel, Scope.CLIENT)

        async def known() -> bool:
            return other.find(text) is not None

        async def gone() -> bool:
            return other.find(text) is None

        await eventually(known)
        await api_keys.revoke(closed.pixel.log, f"key_{text.split('_')[1]}", reason="", cause=CAUSE)
        await eventually(gone)
    finally:
        following.cancel()
        await asyncio.wait([following])


# --- Open ---


async def test_an_open_pixel_closes_with_the_first_key(
    database_server: str, begun_template: str, tmp_path: Path
) -> None:
    """Without any key everybody is anonymous, whatever else they send; from the first key on nobody is, and it does
    not open again when that key is revoked."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path) as (pixel, client),
    ):
        made = await client.post("/api/v1/generations/image", json=FREE, headers=bearer("sk-whatever"))
        assert made.status_code == 200
        task = f"/api/v1/tasks/{made.json()['data']['task_id']}"
        assert (await client.get(f"{task}/history")).json()["data"]["events"][0]["actor"] == "anonymous"
        assert (await client.get(KEYS)).status_code == 403
        assert "read_models" in (await client.get("/health/ready")).json()
        text = await issued(pixel, Scope.ADMIN)
        assert (await client.get(task)).status_code == 401
        assert (await client.get(task, headers=bearer(text))).status_code == 200
        await api_keys.revoke(pixel.log, f"key_{text.split('_')[1]}", reason="", cause=CAUSE)
        await pixel.keys.refresh()
        assert (await client.get(task, headers=bearer(text))).status_code == 401
        assert (await client.get(task)).status_code == 401
