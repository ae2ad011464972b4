"""Projects and canvases belong to an owner: for others they are not there. A key for certain projects keeps to them."""

from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

import httpx
import pytest

from api.openapi.errors_and_parameters import ERRORS
from application import api_keys
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from services.state import Pixel
from tests.api.canvas_client import CANVASES, PROJECTS, edit, new_canvas, new_project
from tests.api.conftest import running
from tests.api.task_client import is_failure
from tests.canvas_samples import add
from tests.postgres import fresh_database

NOWHERE = "01h455vb4pex5vsknk084sn02q"
EDIT = {"base": 1, "edit": "e", "session": "s", "label": "", "ops": [add("n")]}


class House(NamedTuple):
    """A closed Pixel, and clients by the name of their key: `anna` and `anna2` have one owner."""

    pixel: Pixel
    clients: dict[str, httpx.AsyncClient]

    async def admit(self, name: str, owner: str, scope: Scope, **limits: Any) -> httpx.AsyncClient:
        """A client with a new key."""
        made = await api_keys.create(
            self.pixel.log, owner=owner, scopes=[scope], limits=KeyLimits(**limits), cause=Cause(actor="test")
        )
        await self.pixel.keys.refresh()
        first = self.clients["open"]
        self.clients[name] = httpx.AsyncClient(
            transport=first._transport, base_url=first.base_url, headers={"Authorization": f"Bearer {made.text}"}
        )
        return self.clients[name]


@pytest.fixture(scope="module")
async def house(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[House]:
    """One Pixel for all tests of the module."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel")) as (pixel, client),
    ):
        house = House(pixel, {"open": client})
        await house.admit("anna", "anna", Scope.CLIENT)
        await house.admit("anna2", "anna", Scope.CLIENT)
        await house.admit("bert", "bert", Scope.CLIENT)
        await house.admit("auditor", "audit", Scope.AUDITOR)
        await house.admit("admin", "operations", Scope.ADMIN)
        yield house


SEES, CHANGES = {"anna", "anna2", "auditor", "admin"}, {"anna", "anna2", "admin"}


@pytest.mark.parametrize(
    ("method", "path", "body", "who_may"),
    [
        ("GET", PROJECTS + "/{project}", None, SEES),
        ("PATCH", PROJECTS + "/{project}", {"name": "Sea"}, CHANGES),
        ("POST", PROJECTS + "/{project}/restore", None, CHANGES),
        ("POST", PROJECTS + "/{project}/archive", None, CHANGES),
        ("GET", CANVASES + "/{canvas}", None, SEES),
        ("GET", CANVASES + "/{canvas}?version=1", None, SEES),
        ("GET", CANVASES + "/{canvas}/history", None, SEES),
        ("PATCH", CANVASES + "/{canvas}", {"name": "Sea"}, CHANGES),
        ("POST", CANVASES + "/{canvas}/versions", {"version": 1, "name": "first"}, CHANGES),
        ("POST", CANVASES + "/{canvas}/edits", EDIT, CHANGES),
        ("POST", CANVASES + "/{canvas}/restore", None, CHANGES),
        ("POST", CANVASES + "/{canvas}/archive", None, CHANGES),
    ],
)
async def test_what_another_owner_has_is_not_there(
    house: House, method: str, path: str, body: dict[str, Any] | None, who_may: set[str]
) -> None:
    """Whoever may not see or change it gets, to the letter, the answer for an id that nobody has."""
    project = await new_project(house.clients["anna"])
    ids = {"project": project, "canvas": await new_canvas(house.clients["anna"], project=project)}
    missing = {"project": f"project_{NOWHERE}", "canvas": f"canvas_{NOWHERE}"}
    for name in ("anna", "anna2", "bert", "auditor", "admin"):
        client = house.clients[name]
        answer = await client.request(method, path.format(**ids), json=body)
        if name in who_may:
            assert answer.status_code == 200, (name, answer.text)
        elif name == "auditor":
            is_failure(answer, 403)
        else:
            refused = await client.request(method, path.format(**missing), json=body)
            said = [is_failure(each, 404) for each in (answer, refused)]
            for there, nobodys in zip(ids.values(), missing.values(), strict=True):
                said = [each.replace(there, "ID").replace(nobodys, "ID") for each in said]
            assert said[0] == said[1]


async def test_lists_have_what_is_the_owners(house: House) -> None:
    """Each list stays with its owner; auditors and administrators have all."""
    made = {name: await new_canvas(house.clients[name]) for name in ("anna", "bert")}
    for name, client in house.clients.items():
        if name == "open":
            continue
        found = (await client.get(CANVASES, params={"limit": 200})).json()["data"]["canvases"]
        own = {"anna": {"anna"}, "anna2": {"anna"}, "bert": {"bert"}}.get(name, {"anna", "bert"})
        assert {owner for owner, canvas in made.items() if canvas in {each["id"] for each in found}} == own
        listed: set[str] = set()
        for archived in ("true", "false"):
            answer = await client.get(PROJECTS, params={"limit": 200, "archived": archived})
            listed |= {each["id"] for each in answer.json()["data"]["projects"]}
        assert {each["project"] for each in found} <= listed


async def test_a_canvas_is_neither_made_in_nor_of_what_is_anothers(house: House) -> None:
    """Another owner's project takes no canvas of mine, and another owner's canvas can't be forked."""
    anna, bert = house.clients["anna"], house.clients["bert"]
    foreign, project = await new_project(anna), await new_project(bert)
    refused = await bert.post(CANVASES, json={"project": foreign, "name": "Mine"})
    assert is_failure(refused, 404) == f"Project '{foreign}' not found"
    canvas = await new_canvas(anna)
    fork = {"project": project, "name": "Mine", "from": {"canvas": canvas, "version": 1}}
    assert is_failure(await bert.post(CANVASES, json=fork), 404) == f"Canvas '{canvas}' not found"


async def test_a_key_for_certain_projects_keeps_to_them(house: House) -> None:
    """It edits and makes canvases in its project, in no other of its owner, and makes no project."""
    anna = house.clients["anna"]
    project, other = await new_project(anna), await new_project(anna)
    limited = await house.admit("limited", "anna", Scope.CLIENT, projects=(project,))
    own = await new_canvas(limited, project=project)
    assert (await edit(limited, own, 1, add("n"))).status_code == 200
    elsewhere = await new_canvas(anna, project=other)
    message = ERRORS["key of other projects"].message
    for answer in (
        await edit(limited, elsewhere, 1, add("n")),
        await limited.patch(f"{CANVASES}/{elsewhere}", json={"name": "Mine"}),
        await limited.post(CANVASES, json={"project": other, "name": "Mine"}),
        await limited.patch(f"{PROJECTS}/{other}", json={"name": "Mine"}),
    ):
        assert is_failure(answer, 403) == message.replace("project_abc123", other)
    assert "certain projects only" in is_failure(await limited.post(PROJECTS, json={"name": "Mine"}), 403)
    assert (await limited.get(f"{CANVASES}/{elsewhere}")).status_code == 200
