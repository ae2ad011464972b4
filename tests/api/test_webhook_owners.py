"""Whose webhooks are whose: an owner is told of their own tasks, and another owner's webhook does not exist."""

from pathlib import Path
from typing import Any

import httpx

from application import api_keys
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import TEXT
from tests.webhook_receiver import receiving, status

SECRET = "a-secret-of-this-test-of-some-length"
WEBHOOKS = "/api/v1/webhooks"


async def issued(pixel: Pixel, scope: Scope, owner: str) -> dict[str, str]:
    """The header of a new key."""
    cause = Cause(actor="test")
    made = await api_keys.create(pixel.log, owner=owner, scopes=[scope], limits=KeyLimits(), cause=cause)
    await pixel.keys.refresh()
    return {"Authorization": f"Bearer {made.text}"}


async def send(client: httpx.AsyncClient, key: dict[str, str], path: str, body: Any = None) -> httpx.Response:
    """POST with a body, GET without."""
    return await client.request("POST" if body is not None else "GET", path, json=body, headers=key)


async def test_owners_are_told_of_their_own(database_url: str, tmp_path: Path) -> None:
    """Each webhook gets the tasks of its owner, whichever of their keys asked; to another owner it is unknown in every
    route; an auditor sees it, and changes nothing."""
    async with receiving() as mine, receiving() as theirs:
        mine.answer = theirs.answer = lambda _: status(200)
        places = f"{mine.place},{theirs.place}"
        options: dict[str, Any] = {"webhook_secret": SECRET, "webhook_private_hosts": places}
        async with running(database_url, tmp_path, **options) as (pixel, client):
            one, again = [await issued(pixel, Scope.CLIENT, "studio") for _ in range(2)]
            other, auditor = await issued(pixel, Scope.CLIENT, "other"), await issued(pixel, Scope.AUDITOR, "audit")
            made = {}
            for key, receiver in ((one, mine), (other, theirs)):
                answer = await send(client, key, WEBHOOKS, {"url": receiver.url})
                made[receiver.url] = answer.json()["data"]["webhook"]["id"]
            tasks = []
            for key in (one, again, other):
                answer = await send(client, key, "/api/v1/generations/text", TEXT)
                tasks.append(answer.json()["data"]["task_id"])
            for receiver, told in ((mine, tasks[:2]), (theirs, tasks[2:])):
                for task_id in told:
                    await receiver.ended(task_id)
                assert {message.data["id"] for message in receiver.messages} == set(told)
            webhook = made[mine.url]
            for path, body in (
                ("", None),
                ("/deliveries", None),
                ("/change", {"enabled": False}),
                ("/rotate", {}),
                ("/redeliver", {"since": 0}),
                ("/remove", {}),
            ):
                answer = await send(client, other, f"{WEBHOOKS}/{webhook}{path}", body)
                assert answer.status_code == 404, path
                assert answer.json()["message"] == f"Webhook '{webhook}' not found"
                answer = await send(client, auditor, f"{WEBHOOKS}/{webhook}{path}", body)
                assert answer.status_code == (200 if body is None else 403), path
            lists = [(await send(client, key, WEBHOOKS)).json()["data"]["webhooks"] for key in (again, other, auditor)]
            ids = [[each["id"] for each in found] for found in lists]
            assert ids == [[webhook], [made[theirs.url]], [webhook, made[theirs.url]]]
            theirs_url = {"webhook": theirs.url}
            answer = await send(client, one, "/api/v1/generations/text", TEXT | theirs_url)
            assert answer.status_code == 400
