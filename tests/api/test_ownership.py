"""Whose things are whose: what another owner has does not exist, and an owner's keys see the same."""

from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

import httpx
import pytest

from application import api_keys
from application.clock import new_stream
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from domain.ids import task_id
from projections.tasks import TASKS
from services.state import Pixel
from tests.api.conftest import running
from tests.postgres import fresh_database
from tests.projections.scenario import requested
from tests.samples import png

CAUSE = Cause(actor="test")
FREE = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
IMAGE, ASSETS, TASK_LIST = "/api/v1/generations/image", "/api/v1/assets", "/api/v1/tasks"
NOTHING = "task_01h455vb4pex5vsknk084sn02q"


class House(NamedTuple):
    """A closed Pixel, and clients by the name of their key: `anna` and `anna2` have one owner, `bert` another one."""

    pixel: Pixel
    clients: dict[str, httpx.AsyncClient]


@pytest.fixture(scope="module")
async def house(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[House]:
    """One Pixel for all tests of the module."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel")) as (pixel, client),
    ):
        clients: dict[str, httpx.AsyncClient] = {}
        for name, owner, scope in (
            ("anna", "anna", Scope.CLIENT),
            ("anna2", "anna", Scope.CLIENT),
            ("bert", "bert", Scope.CLIENT),
            ("auditor", "audit", Scope.AUDITOR),
            ("admin", "operations", Scope.ADMIN),
            ("heir", "anonymous", Scope.CLIENT),
        ):
            made = await api_keys.create(pixel.log, owner=owner, scopes=[scope], limits=KeyLimits(), cause=CAUSE)
            headers = {"Authorization": f"Bearer {made.text}"}
            clients[name] = httpx.AsyncClient(
                transport=client._transport, base_url="http://pixel.test", headers=headers
            )
        await pixel.keys.refresh()
        yield House(pixel, clients)


async def made(client: httpx.AsyncClient, key: str | None = None, **fields: Any) -> str:
    """A new task; its id."""
    headers = {"Idempotency-Key": key} if key else {}
    answer = await client.post(IMAGE, json=FREE | fields, headers=headers | {"Prefer": "wait=30"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["task_id"])


async def listed(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get(TASK_LIST, params={"limit": 200} | query)
    return [task["id"] for task in answer.json()["data"]["tasks"]]


def without_ids(answer: httpx.Response, *ids: str) -> tuple[int, str]:
    """Status and message of a refusal, with no id in it."""
    message = str(answer.json()["message"])
    for each in ids:
        message = message.replace(each, "ID")
    return answer.status_code, message


@pytest.mark.parametrize(
    ("method", "path", "who_may"),
    [
        ("GET", "", {"anna", "anna2", "auditor", "admin"}),
        ("GET", "?version=1", {"anna", "anna2", "auditor", "admin"}),
        ("GET", "/history", {"anna", "anna2", "auditor", "admin"}),
        ("POST", "/cancel", {"anna", "anna2", "admin"}),
        ("POST", "/refetch", {"anna", "anna2", "admin"}),
        ("POST", "/rerun", {"anna", "anna2", "admin"}),
        ("HEAD", "/events", {"anna", "anna2", "auditor", "admin"}),
    ],
)
async def test_the_task_of_another_owner_is_not_there(house: House, method: str, path: str, who_may: set[str]) -> None:
    """Whoever may not see or change a task gets, to the letter, the answer for a task that is not there; all keys of
    the owner may, auditors see it, and administrators do both."""
    task = await made(house.clients["anna"])
    for name, client in house.clients.items():
        answer = await client.request(method, f"{TASK_LIST}/{task}{path}")
        missing = await client.request(method, f"{TASK_LIST}/{NOTHING}{path}")
        if name in who_may:
            assert answer.status_code in {200, 409}, (name, answer.text)  # there is nothing to fetch
        else:
            if method != "HEAD":
                assert without_ids(answer, task) == without_ids(missing, NOTHING), name
            assert answer.status_code == (403 if method == "POST" and name == "auditor" else 404)


async def test_lists_have_the_tasks_of_the_owner(house: House) -> None:
    """Each condition of a list stays within the owner's tasks; auditors and administrators have all."""
    field = {"projectId": "shared", "source": "canvas", "sourceId": "one"}
    anna = {await made(house.clients["anna"], **field), await made(house.clients["anna2"], **field)}
    bert = {await made(house.clients["bert"], **field)}
    for query in ({}, *({name: value} for name, value in field.items()), {"status": "completed"}, {"type": "image"}):
        for name, own, others in (("anna", anna, bert), ("anna2", anna, bert), ("bert", bert, anna)):
            found = {*await listed(house.clients[name], **query)}
            assert (own <= found, found & others) == (True, set()), (name, query)
        for name in ("auditor", "admin"):
            assert anna | bert <= {*await listed(house.clients[name], **query)}
    ids = ",".join(anna | bert)
    assert {*await listed(house.clients["bert"], ids=ids)} == bert


async def test_the_batch_of_another_owner_is_not_there(house: House) -> None:
    """A batch and its list are its owner's; for others neither is there, and they cannot cancel it."""
    body = {"requests": [{"kind": "image", **FREE}, {"kind": "image", **FREE}]}
    made_batch = await house.clients["anna"].post("/api/v1/batches", json=body)
    batch = made_batch.json()["data"]["id"]
    tasks = {task["task_id"] for task in made_batch.json()["data"]["tasks"]}
    for name, client in house.clients.items():
        seen = {"anna", "anna2", "auditor", "admin"}
        assert (await client.get(f"/api/v1/batches/{batch}")).status_code == (200 if name in seen else 404)
        assert {*await listed(client, batch=batch)} == (tasks if name in seen else set())
        cancelled = await client.post(f"/api/v1/batches/{batch}/cancel")
        assert cancelled.status_code == (200 if name in seen - {"auditor"} else 403 if name == "auditor" else 404)


async def test_an_idempotency_key_belongs_to_its_api_key(house: House) -> None:
    """The same Idempotency-Key of two API keys, of one owner or of two, makes two tasks; of one API key, one."""
    tasks = [await made(house.clients[name], "order-1") for name in ("anna", "anna", "anna2", "bert")]
    assert tasks[0] == tasks[1]
    assert len(set(tasks)) == 3


async def test_an_asset_is_for_whoever_has_a_task_with_it(house: House) -> None:
    """An output is read by its owner's keys from the moment that the task shows it; for others it is not there, nor may
    they make anything of it."""
    task = await made(house.clients["anna"], prompt="a cat that nobody else asks for")
    view = (await house.clients["anna"].get(f"{TASK_LIST}/{task}")).json()["data"]
    asset = view["result"]["images"][0]["asset_id"]
    for name, client in house.clients.items():
        answer = await client.get(f"{ASSETS}/{asset}")
        small = await client.get(f"{ASSETS}/{asset}", params={"variant": "thumbnail"})
        missing = await client.get(f"{ASSETS}/asset_{'0' * 64}.png")
        if name in {"anna", "anna2", "auditor", "admin"}:
            assert (answer.status_code, small.status_code) == (200, 200), name
            assert answer.headers["cache-control"].startswith("private")
        else:
            assert without_ids(answer, asset) == without_ids(missing, f"asset_{'0' * 64}.png"), name
            assert small.status_code == 404
            assert "cache-control" not in answer.headers
    body = FREE | {"imageInputs": [asset]}
    assert (await house.clients["anna2"].post(IMAGE, json=body)).status_code == 200
    refused = await house.clients["bert"].post(IMAGE, json=body)
    assert (refused.status_code, "there is no asset" in refused.text) == (400, True)


async def test_an_upload_is_for_whoever_brought_it(house: House) -> None:
    """The same content brought by two owners is one asset, and both may read it, but nobody else."""
    sent = png()
    for name in ("anna", "bert"):
        stored = (await house.clients[name].post(ASSETS, files={"file": sent})).json()["data"]
        readers = {who for who, client in house.clients.items() if await may_read(client, stored["id"])}
        assert readers == {"anna", "anna2", "auditor", "admin"} | ({"bert"} if name == "bert" else set())


async def may_read(client: httpx.AsyncClient, asset: str) -> bool:
    return (await client.get(f"{ASSETS}/{asset}")).status_code == 200


async def test_what_was_made_without_keys_belongs_to_anonymous(house: House) -> None:
    """A task from before there were keys is seen by administrators, and by a key that was issued for that owner."""
    stream = new_stream()
    old = task_id(stream)
    await house.pixel.log.append(stream, 0, [requested(stream)], CAUSE)
    await house.pixel.read_your_writes[TASKS.name].reach(house.pixel.log.newest)
    seen = {
        name for name, client in house.clients.items() if (await client.get(f"{TASK_LIST}/{old}")).status_code == 200
    }
    assert seen == {"heir", "auditor", "admin"}
    assert await listed(house.clients["heir"], ids=old) == [old]
    assert await listed(house.clients["anna"], ids=old) == []
