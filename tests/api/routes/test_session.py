"""Laws of signing in at a browser: the key goes into a cookie, and the cookie is as good as the key, for as long."""

import re
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from api.http.origin_policy import NOT_OUR_PAGE
from api.routes import events
from application import api_keys, clock
from application.ports import Cause
from domain.api_key import NO_LIMITS, Scope
from services.sessions import LASTS_SECONDS, Sessions
from services.state import Pixel
from tests.api.conftest import running
from tests.api.live_server import served
from tests.api.task_client import TEXT, is_failure
from tests.event_source import listening
from tests.postgres import fresh_database
from tests.samples import png

SESSION, TASKS, EVENTS = "/api/v1/session", "/api/v1/tasks", "/api/v1/events"
TOKEN = "a token; with signs, of some length"
CAUSE = Cause(actor="test")
OWN_PAGE = {"Origin": "http://pixel.test"}


class Closed(NamedTuple):
    """A Pixel that has keys, and a client."""

    pixel: Pixel
    client: httpx.AsyncClient


@pytest.fixture(scope="module")
async def closed(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Closed]:
    """One closed Pixel for all tests of the module."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel"), admin_token=TOKEN) as (pixel, client),
    ):
        yield Closed(pixel, client)


async def issued(pixel: Pixel, *scopes: Scope) -> tuple[str, str]:
    """A new key that this process knows: its id and its text."""
    made = await api_keys.create(pixel.log, owner="anna", scopes=scopes, limits=NO_LIMITS, cause=CAUSE)
    await pixel.keys.refresh()
    return made.key.id, made.text


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


async def signed_in(client: httpx.AsyncClient, text: str) -> dict[str, str]:
    """What a browser that has signed in with a key sends."""
    answer = await client.post(SESSION, headers=bearer(text))
    assert answer.status_code == 200, answer.text
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


async def test_whoever_signed_in_needs_no_header(closed: Closed) -> None:
    """After signing in, the cookie is the key: the caller is the same, with the same scopes and limits."""
    key, text = await issued(closed.pixel, Scope.CLIENT)
    answer = await closed.client.post(SESSION, headers=bearer(text))
    view = answer.json()["data"]
    cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
    seen = await closed.client.get(SESSION, headers=cookie)
    assert seen.json()["data"] == view
    assert view == {"open": False, "owner": "anna", "scopes": ["client"], "key": key, "expires_at": view["expires_at"]}
    assert (await closed.client.get(TASKS, headers=cookie)).status_code == 200
    is_failure(await closed.client.get("/api/v1/admin/keys", headers=cookie), 403)


async def test_the_cookie_is_for_pixel_alone(closed: Closed) -> None:
    """No script can read the cookie, no other site can have it sent, it ends by itself, and no cache keeps it."""
    _, text = await issued(closed.pixel, Scope.CLIENT)
    answer = await closed.client.post(SESSION, headers=bearer(text))
    parts = [part.strip() for part in answer.headers["Set-Cookie"].split(";")]
    assert parts[1:] == ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert text not in answer.text
    assert text not in answer.headers["Set-Cookie"]


async def test_who_is_not_signed_in_is_told_so(closed: Closed) -> None:
    """Without a key, with a wrong one, and with a cookie that is none, a closed Pixel answers 401, and sets nothing."""
    _, text = await issued(closed.pixel, Scope.CLIENT)
    for headers in ({}, bearer(text[:-1] + "g"), {"Cookie": "pixel_session="}, {"Cookie": "pixel_session=x; a,b"}):
        for answer in (
            await closed.client.get(SESSION, headers=headers),
            await closed.client.post(SESSION, headers=headers | OWN_PAGE),
        ):
            is_failure(answer, 401)
            assert "Set-Cookie" not in answer.headers


async def test_a_revoked_key_is_signed_out(closed: Closed) -> None:
    """The session ends with its key, at once; who wants to can still sign out."""
    key, text = await issued(closed.pixel, Scope.CLIENT)
    cookie = await signed_in(closed.client, text)
    await api_keys.revoke(closed.pixel.log, key, reason="lost", cause=CAUSE)
    await closed.pixel.keys.refresh()
    is_failure(await closed.client.get(TASKS, headers=cookie), 401)
    is_failure(await closed.client.get(SESSION, headers=cookie), 401)
    assert (await closed.client.delete(SESSION, headers=cookie | OWN_PAGE)).status_code == 200


async def test_signing_out_forgets_the_key(closed: Closed) -> None:
    """The answer ends the cookie, and the key itself goes on working."""
    _, text = await issued(closed.pixel, Scope.CLIENT)
    answer = await closed.client.delete(SESSION, headers=await signed_in(closed.client, text) | OWN_PAGE)
    assert re.fullmatch(r"pixel_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", answer.headers["Set-Cookie"])
    assert answer.json()["data"] == {"signed_out": True}
    assert (await closed.client.get(TASKS, headers=bearer(text))).status_code == 200


async def test_the_token_of_the_operator_signs_in_too(closed: Closed) -> None:
    """PIXEL_ADMIN_TOKEN is as good as a key, whatever signs it has."""
    cookie = await signed_in(closed.client, TOKEN)
    assert TOKEN not in cookie["Cookie"]
    view = (await closed.client.get(SESSION, headers=cookie)).json()["data"]
    assert (view["owner"], view["scopes"]) == ("admin", ["admin"])


async def test_a_header_counts_before_the_cookie(closed: Closed) -> None:
    """Who sends a key by hand is that key's caller, though the browser adds its cookie."""
    _, mine = await issued(closed.pixel, Scope.CLIENT)
    key, other = await issued(closed.pixel, Scope.AUDITOR)
    headers = await signed_in(closed.client, mine) | bearer(other)
    assert (await closed.client.get(SESSION, headers=headers)).json()["data"]["key"] == key
    is_failure(await closed.client.get(SESSION, headers=headers | bearer("pxl_wrong")), 401)


async def test_another_site_cannot_use_the_cookie(closed: Closed) -> None:
    """A request that changes something and comes from a foreign page is refused before its cookie is looked at."""
    _, text = await issued(closed.pixel, Scope.CLIENT)
    cookie = await signed_in(closed.client, text)
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://pixel.test:3"},
    ):
        is_failure(await closed.client.post(f"{TASKS}/task_1/cancel", headers=cookie | headers), 403)


@pytest.mark.parametrize(
    ("page", "may"),
    [
        (OWN_PAGE, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://pixel.test"}, True),
        ({}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"}, False),
        ({"Origin": "http://localhost:3000"}, False),  # PIXEL_CORS_ORIGINS has it
    ],
)
async def test_a_session_changes_things_from_pixels_own_pages_only(
    closed: Closed, page: dict[str, str], may: bool
) -> None:
    """Without proof that the page is Pixel's own, a cookie changes nothing, also on routes of administrators; reading
    is free of that, and so is a key in the header, though a cookie is there, too."""
    key, text = await issued(closed.pixel, Scope.ADMIN)
    cookie = await signed_in(closed.client, text)
    change, body = f"/api/v1/admin/keys/{key}/change", {"note": "of this test"}
    answer = await closed.client.post(change, headers=cookie | page, json=body)
    assert (answer.status_code == 403) == (not may), answer.text
    if not may:
        assert is_failure(answer, 403) == NOT_OUR_PAGE
    assert (await closed.client.get("/api/v1/admin/keys", headers=cookie | page)).status_code == 200
    if page.get("Origin") != "http://localhost:3000":
        assert (await closed.client.post(change, headers=cookie | bearer(text), json=body)).status_code != 403


async def test_a_session_ends(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    """After twelve hours the cookie is nobody's, though the key still works; no request prolongs it."""
    _, text = await issued(closed.pixel, Scope.CLIENT)
    cookie = await signed_in(closed.client, text)
    renewed = await closed.client.post(SESSION, headers=cookie | OWN_PAGE)
    is_failure(renewed, 401)
    assert "Set-Cookie" not in renewed.headers
    begin = time.time()
    monkeypatch.setattr(time, "time", lambda: begin + LASTS_SECONDS - 60)
    assert (await closed.client.get(TASKS, headers=cookie)).status_code == 200
    monkeypatch.setattr(time, "time", lambda: begin + LASTS_SECONDS + 2)
    is_failure(await closed.client.get(TASKS, headers=cookie), 401)
    assert (await closed.client.get(TASKS, headers=bearer(text))).status_code == 200


async def test_an_event_stream_ends_with_its_session(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that a session began ends after its twelve hours, and one that a key began goes on."""
    _, text = await issued(closed.pixel, Scope.CLIENT)
    cookie = await signed_in(closed.client, text)
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    async with served(closed.pixel) as with_key, served(closed.pixel) as with_cookie:
        with_key.headers.update(bearer(text))
        with_cookie.headers.update(cookie)
        async with listening(with_key, EVENTS) as lasting, listening(with_cookie, EVENTS) as ending:
            later = clock.now() + timedelta(seconds=LASTS_SECONDS + 2)
            monkeypatch.setattr(clock, "now", lambda: later)
            assert [sent async for sent in ending.rest()][-1].retry
            monkeypatch.undo()
            task = await with_key.post("/api/v1/generations/text", json=TEXT)
            assert task.json()["data"]["task_id"] in (await lasting.event()).data


async def test_sessions_are_of_one_secret() -> None:
    """Another process with the secret opens what was sealed, and one with another secret does not; nor is a text that
    was changed, or one beyond all bounds, opened."""
    sealed = Sessions(b"a secret").seal("pxl_a_b")
    assert Sessions(b"a secret").open(sealed) == "pxl_a_b"
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    for wrong in (changed, sealed * 99, "", "\u00e9", "gAAAA"):
        assert Sessions(b"a secret").open(wrong) == ""
    assert Sessions(b"another").open(sealed) == ""


async def test_pictures_and_events_come_by_cookie(closed: Closed) -> None:
    """What a page can't put a header on is loaded with the cookie alone: an asset, and a stream of events."""
    _, text = await issued(closed.pixel, Scope.CLIENT)
    cookie = await signed_in(closed.client, text)
    kept = await closed.client.post("/api/v1/assets", files={"file": ("a.png", png())}, headers=cookie | OWN_PAGE)
    asset = f"/api/v1/assets/{kept.json()['data']['id']}"
    assert (await closed.client.get(asset, headers=cookie)).status_code == 200
    async with served(closed.pixel) as live:
        live.headers.update(cookie)
        made = await live.post(
            "/api/v1/generations/text", json=TEXT, headers=OWN_PAGE | {"Origin": str(live.base_url).rstrip("/")}
        )
        async with listening(live, f"/api/v1/tasks/{made.json()['data']['task_id']}/events") as stream:
            (first,) = await stream.events(1)
    assert first.json["id"] == made.json()["data"]["task_id"]


async def test_behind_tls_the_cookie_needs_tls(database_url: str, tmp_path: Path) -> None:
    """Where callers reach Pixel by https, below a path, the cookie is sent by https and below that path only."""
    public = "https://example.com/pixel"
    async with running(database_url, tmp_path, admin_token=TOKEN, public_url=public) as (_, client):
        answer = await client.post(SESSION, headers=bearer(TOKEN))
        assert answer.headers["Set-Cookie"].endswith("; Path=/pixel; Max-Age=43200; HttpOnly; SameSite=Strict; Secure")


async def test_an_open_pixel_asks_nobody_to_sign_in(client: httpx.AsyncClient) -> None:
    """Of an open Pixel everybody is told that it is open; no key is kept, and a cookie of before changes nothing."""
    for headers in ({}, {"Cookie": f"pixel_session=pxl_4t8kq2m0vz7c1xna_{'5b0c' * 16}"}):
        view = (await client.get(SESSION, headers=headers)).json()["data"]
        assert view == {"open": True, "owner": "anonymous", "scopes": ["client", "auditor", "analyst"]}
        answer = await client.post(SESSION, headers=headers | OWN_PAGE)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)


@pytest.mark.parametrize(
    ("origin", "may"),
    [(None, True), ("http://localhost:8000", True), ("http://localhost:3000", False), ("null", False)],
)
async def test_pixels_own_page_may_administer_an_open_pixel(
    client: httpx.AsyncClient, origin: str | None, may: bool
) -> None:
    """On the machine itself an open Pixel is administered by programs and by its own pages, and by no other page."""
    headers = {"Host": "localhost:8000"} | ({"Origin": origin} if origin else {})
    scopes = (await client.get(SESSION, headers=headers)).json()["data"]["scopes"]
    assert ("admin" in scopes) == may
    assert ((await client.get("/api/v1/admin/keys", headers=headers)).status_code == 200) == may
