"""Projects and canvases over HTTP: made, listed, renamed, put away, looked at as they were, and forked."""

from typing import Any

import httpx
import pytest

from services.state import Pixel
from tests.api.canvas_client import CANVASES, PROJECTS, document, edit, new_canvas, new_project
from tests.api.task_client import is_failure
from tests.canvas_samples import add, connect, put

ASSET = f"asset_{'0' * 64}.png"


async def listed(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Everything of a list, page by page, once it has what was answered before."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await client.get(path, params={"limit": 2} | query)
        assert answer.status_code == 200, answer.text
        if "x-pixel-stale" in answer.headers:  # on a busy machine a list waits no longer than a second
            continue
        data = answer.json()["data"]
        found += data[path.rpartition("/")[2]]
        if data["next_cursor"] is None:
            return found
        query["cursor"] = data["next_cursor"]


# --- Projects ---


async def test_a_project_is_made_renamed_put_away_and_taken_out(client: httpx.AsyncClient) -> None:
    """Each change is a version; who has an older one is told by If-Match; an archived one is not changed."""
    made = (await client.post(PROJECTS, json={"name": " Harbour "})).json()["data"]
    url = f"{PROJECTS}/{made['id']}"
    assert (made["name"], made["version"], made["archived"], made["canvases"]) == ("Harbour", 1, False, 0)
    renamed = await client.patch(url, json={"name": "Sea"}, headers={"If-Match": '"1"'})
    assert (renamed.json()["data"]["name"], renamed.headers["etag"]) == ("Sea", '"2"')
    late = await client.patch(url, json={"name": "Shore"}, headers={"If-Match": '"1"'})
    assert is_failure(late, 412) == "The project is at version 2. Load it, and change it again."
    for _ in range(2):
        assert (await client.post(f"{url}/archive")).json()["data"]["version"] == 3
    assert is_failure(await client.patch(url, json={"name": "Shore"}), 409).startswith("The project is archived")
    refused = await client.post(CANVASES, json={"project": made["id"], "name": "Episode"})
    assert is_failure(refused, 409).startswith("The project is archived")
    assert made["id"] in {each["id"] for each in await listed(client, PROJECTS, archived="true")}
    assert made["id"] not in {each["id"] for each in await listed(client, PROJECTS)}
    assert (await client.post(f"{url}/restore")).json()["data"]["archived"] is False
    assert (await client.get(url)).json()["data"]["name"] == "Sea"


async def test_lists_have_what_was_just_made(client: httpx.AsyncClient) -> None:
    """Lists are newest first, have what the same process has answered before, and tell how a project is doing."""
    project = await new_project(client, "Listed")
    made = [await new_canvas(client, add(f"n{number}"), project=project) for number in range(5)]
    pick = put("n2", "pick", None, {"task": "task_1", "asset": ASSET})
    assert (await edit(client, made[2], 2, pick)).status_code == 200
    await client.post(f"{CANVASES}/{made[4]}/archive")
    found = await listed(client, CANVASES, projectId=project)
    assert [each["id"] for each in found] == [made[3], made[2], made[1], made[0]]
    assert [(each["version"], each["nodes"], each.get("cover")) for each in found[:2]] == [(2, 1, None), (3, 1, ASSET)]
    assert [each["id"] for each in await listed(client, CANVASES, projectId=project, archived="true")] == [made[4]]
    shown = (await client.get(f"{PROJECTS}/{project}")).json()["data"]
    assert (shown["canvases"], shown["cover"]) == (4, ASSET)
    assert next(each for each in await listed(client, PROJECTS) if each["id"] == project) == shown


@pytest.mark.parametrize("query", ["limit=0", "cursor=x", "archived=maybe", "colour=red", "limit=1&limit=2"])
async def test_a_wrong_list_is_refused_by_its_parameter(client: httpx.AsyncClient, query: str) -> None:
    """The message names the parameter."""
    for path in (PROJECTS, CANVASES):
        assert query.partition("=")[0] in is_failure(await client.get(f"{path}?{query}"), 400)


async def test_an_idempotency_key_makes_one(client: httpx.AsyncClient) -> None:
    """The same request under one key is one project and one canvas; another one under that key is refused."""
    key = {"Idempotency-Key": "order-1"}
    projects = [(await client.post(PROJECTS, json={"name": "Once"}, headers=key)).json()["data"] for _ in range(2)]
    assert projects[0]["id"] == projects[1]["id"]
    body = {"project": projects[0]["id"], "name": "Episode"}
    canvases = [(await client.post(CANVASES, json=body, headers=key)).json()["data"] for _ in range(2)]
    assert canvases[0]["id"] == canvases[1]["id"]
    other = await client.post(CANVASES, json=body | {"project": await new_project(client)}, headers=key)
    assert "Idempotency-Key" in is_failure(other, 422)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
async def test_a_name_is_printable(client: httpx.AsyncClient, name: str) -> None:
    """Projects and canvases have names of 1 to 200 printable characters."""
    project = await new_project(client)
    for answer in (
        await client.post(PROJECTS, json={"name": name}),
        await client.post(CANVASES, json={"project": project, "name": name}),
        await client.patch(f"{PROJECTS}/{project}", json={"name": name}),
    ):
        assert is_failure(answer, 400).startswith("name: ")


# --- Canvases ---


async def test_a_canvas_needs_a_project_that_is_there(client: httpx.AsyncClient) -> None:
    """Neither a malformed id nor one of something else names a project, and no other id a canvas."""
    project, task = await new_project(client), "task_01h455vb4pex5vsknk084sn02q"
    for wrong in ("x", task, task.replace("task", "project")):
        refused = await client.post(CANVASES, json={"project": wrong, "name": "Episode"})
        assert is_failure(refused, 404) == f"Project '{wrong}' not found"
    for wrong in ("x", task, project, project.replace("project", "canvas")):
        is_failure(await client.get(f"{CANVASES}/{wrong}"), 404)
        is_failure(await edit(client, wrong, 0, add("a")), 404)


async def test_the_past_of_a_canvas_is_there(client: httpx.AsyncClient) -> None:
    """The document at each version and at each time is what it was then; a time before it was made is refused."""
    canvas = await new_canvas(client, add("a", prompt="one"))
    await edit(client, canvas, 2, put("a", "prompt", "one", "two"))
    await client.patch(f"{CANVASES}/{canvas}", json={"name": "Episode 2"})
    await client.post(f"{CANVASES}/{canvas}/versions", json={"version": 3, "name": "good"})
    past = [await document(client, canvas, version=version) for version in range(1, 6)]
    assert [each["version"] for each in past] == [1, 2, 3, 4, 5]
    assert [each["nodes"].get("a", {}).get("prompt") for each in past] == [None, "one", "two", "two", "two"]
    assert [each["name"] for each in past] == ["Episode 1"] * 3 + ["Episode 2"] * 2
    assert [[each["name"] for each in shown["names"]] for shown in past] == [[], [], [], [], ["good"]]
    assert past[-1] == await document(client, canvas)
    history = (await client.get(f"{CANVASES}/{canvas}/history")).json()["data"]["items"]
    assert await document(client, canvas, at=past[-1]["updated_at"].replace("Z", "999Z")[:26] + "Z") in past
    before = await client.get(f"{CANVASES}/{canvas}", params={"at": "2001-01-01T00:00:00Z"})
    assert "did not exist" in is_failure(before, 404)
    assert len(history) == 5
    for query in ("version=0", "version=6", "version=1&at=2026-01-01T00:00:00Z", "at=yesterday"):
        is_failure(await client.get(f"{CANVASES}/{canvas}?{query}"), 400)


async def test_the_history_has_every_event(client: httpx.AsyncClient) -> None:
    """Each event is one version, oldest first, a page at a time, with the operations as they were stored."""
    ops = [add("a", prompt="one")]
    canvas = await new_canvas(client, *ops)
    await client.patch(f"{CANVASES}/{canvas}", json={"name": "Episode 2"})
    await client.post(f"{CANVASES}/{canvas}/versions", json={"version": 2, "name": "good"})
    await client.post(f"{CANVASES}/{canvas}/archive")
    await client.post(f"{CANVASES}/{canvas}/restore")
    items: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = await client.get(f"{CANVASES}/{canvas}/history", params={"after": after, "limit": 4})
        items += page.json()["data"]["items"]
        after = page.json()["data"]["next"]
    assert [(each["version"], each["event"]) for each in items] == [
        (1, "CanvasCreated"),
        (2, "CanvasEdited"),
        (3, "CanvasRenamed"),
        (4, "CanvasVersionNamed"),
        (5, "CanvasArchived"),
        (6, "CanvasRestored"),
    ]
    assert items[1]["ops"] == ops
    assert [items[1][name] for name in ("session", "label", "actor")] == ["tab_1", "test", "anonymous"]
    assert (items[3]["named"], items[3]["name"], items[4]["archived"]) == (2, "good", True)


async def test_whoever_has_the_newest_version_gets_no_document(client: httpx.AsyncClient) -> None:
    """If-None-Match with the version that was answered is answered with 304, until the next edit."""
    canvas = await new_canvas(client, add("a"))
    tag = (await client.get(f"{CANVASES}/{canvas}")).headers["etag"]
    assert (await client.get(f"{CANVASES}/{canvas}", headers={"If-None-Match": tag})).status_code == 304
    await edit(client, canvas, 2, put("a", "title", None, "A"))
    assert (await client.get(f"{CANVASES}/{canvas}", headers={"If-None-Match": tag})).status_code == 200


async def test_a_fork_begins_as_the_other_was(client: httpx.AsyncClient) -> None:
    """It has all nodes and edges of that version and goes its own way; no wish to generate comes with it, but what was
    picked keeps the digest of its request."""
    run = {"id": "run_1", "at": "2026-02-11T10:00:00.000Z", "kind": "image", "body": {"metadata": {"digest": "d1"}}}
    group, member = add("z", "group"), add("i", group="z", run=run, pick={"task": "task_1", "asset": ASSET})
    source = await new_canvas(client, group, add("t", "text", prompt="a sea"), member, connect("e", "t", "i"))
    await edit(client, source, 2, put("t", "prompt", "a sea", "a lake"))
    project = (await document(client, source))["project"]
    body = {"project": project, "name": "Fork", "from": {"canvas": source, "version": 2}}
    made = (await client.post(CANVASES, json=body)).json()["data"]
    assert (made["version"], made["nodes"]) == (2, 3)
    fork, origin = await document(client, made["id"]), await document(client, source, version=2)
    assert fork["from"] == body["from"]
    assert fork["edges"] == origin["edges"]
    nodes = origin["nodes"]
    del nodes["i"]["run"]
    nodes["i"]["pick"]["digest"] = "d1"
    assert fork["nodes"] == nodes
    await edit(client, made["id"], 2, put("t", "prompt", "a sea", "a pond"))
    assert (await document(client, source))["nodes"]["t"]["prompt"] == "a lake"
    unborn = await client.post(CANVASES, json=body | {"from": {"canvas": source, "version": 4}})
    assert is_failure(unborn, 400) == "from.version: must be from 1 to 3"


async def test_a_large_canvas_is_forked_whole(client: httpx.AsyncClient) -> None:
    """More nodes and edges than one edit may have come over in one step, as edits of that size."""
    source = await new_canvas(client, add("t", "text"))
    for step in range(2):
        ops = [add(f"n{step}_{number}") for number in range(400)]
        assert (await edit(client, source, 2 + step, *ops)).status_code == 200
    edges = [connect(f"e{number}", "t", f"n0_{number}") for number in range(400)]
    assert (await edit(client, source, 4, *edges)).status_code == 200
    origin = await document(client, source)
    body = {"project": origin["project"], "name": "Fork", "from": {"canvas": source, "version": 5}}
    made = (await client.post(CANVASES, json=body)).json()["data"]
    fork = await document(client, made["id"])
    assert (fork["nodes"], fork["edges"]) == (origin["nodes"], origin["edges"])
    assert (fork["version"], len(fork["nodes"])) == (4, 801)


async def test_a_row_and_the_log_say_the_same(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """A process that never saw a canvas reads its row and the events behind it, and shows what the others show."""
    canvas = await new_canvas(client, add("a", prompt="one"), add("b"))
    await listed(client, CANVASES)  # the row is there
    await edit(client, canvas, 2, put("a", "prompt", "one", "two"))
    pixel.canvases.forget()
    shown = await document(client, canvas)
    assert (shown["version"], shown["nodes"]["a"]["prompt"]) == (3, "two")
