"""Nodes of a canvas are made on the server: priced before, chosen when they are there, and never paid for twice."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from services.state import Pixel
from tests.api.canvas_client import document, edit, new_canvas
from tests.api.run_client import (
    RUNS,
    command,
    ended,
    look,
    start,
    started,
    steps,
    tasks_of,
    until,
    with_models,
)
from tests.api.task_client import is_failure
from tests.canvas_samples import add, connect, put
from tests.postgres import fresh_database

WRITE = add("write", "text", model="sandbox/text", prompt="A hero.", title="Hero")
DRAW = add("draw", "image", model="sandbox/image", prompt="{{Hero}}, in ink")
FILM = add("film", "video", model="sandbox/video", prompt="it runs")
ALONE = add("alone", "image", model="sandbox/image", prompt="a cat")
STORY = [WRITE, DRAW, FILM, connect("a", "write", "draw"), connect("b", "draw", "film", "first_frame")]
ALL = ("write", "draw", "film")


@pytest.fixture(scope="module")
async def shared(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """One Pixel with prices for the tests of this module."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        with_models(dsn, tmp_path_factory.mktemp("pixel")) as both,
    ):
        yield both


def faulty(node_id: str, fault: str, times: int = 1, **fields: Any) -> dict[str, Any]:
    params = {"extraParams": {"sandbox": {"fault": fault, "times": times}}}
    return add(node_id, "image", model="sandbox/image", prompt="a cat", params=params, **fields)


async def plan(client: httpx.AsyncClient, canvas: str, *nodes: str, **fields: Any) -> dict[str, Any]:
    body = {"nodes": list(nodes), "mode": "missing"} | fields
    answer = await client.post(f"/api/v1/canvases/{canvas}/plan", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def test_a_story_is_written_drawn_and_filmed(client: httpx.AsyncClient) -> None:
    """Each step waits for what it uses; its result is chosen on the canvas, and is current then."""
    canvas = await new_canvas(client, *STORY, add("note", "note", note="hello"))
    run = await started(client, canvas, *ALL, "note")
    done = await ended(client, run)
    assert steps(done) == dict.fromkeys(ALL, "completed")
    assert done["spent"] == done["estimate"] == {"USD": "0.55"}
    assert done["at_risk"] == {}
    nodes = (await document(client, canvas))["nodes"]
    made = {step["node"]: step for step in done["steps"]}
    for name in ALL:
        assert nodes[name]["pick"]["task"] == made[name]["task"]
    assert nodes["draw"]["pick"]["asset"] == made["draw"]["outputs"][0]
    current = await plan(client, canvas, *ALL, mode="stale")
    assert [(step["node"], step["state"], step["made"]) for step in current["steps"]] == [
        (name, "current", False) for name in ALL
    ]
    drawn = next(task for task in await tasks_of(client, run) if task["metadata"]["node"] == "draw")
    assert drawn["source"] == "canvas"
    assert drawn["source_id"] == canvas
    assert drawn["metadata"]["digest"] == nodes["draw"]["pick"]["digest"]
    assert nodes["write"]["pick"]["text"] in drawn["params"]["prompt"]
    assert len(await tasks_of(client, run)) == 3


async def test_a_plan_says_what_it_costs_and_records_nothing(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """With prices, states and problems of each node; unknown prices are counted apart."""
    canvas = await new_canvas(
        client, *STORY, add("secret", model="sandbox/secret", prompt="x"), add("lost", prompt="x")
    )
    head = await pixel.log.head()
    found = await plan(client, canvas, *ALL, "secret", "lost")
    assert found["total"] == {"USD": "0.55"}
    assert found["unpriced"] == 1
    assert found["problems"] == []
    by_node = {step["node"]: step for step in found["steps"]}
    assert by_node["draw"] == {
        "node": "draw",
        "kind": "image",
        "state": "missing",
        "made": True,
        "cost": {"amount": "0.04", "currency": "USD"},
    }
    assert by_node["secret"]["unpriced"] is True
    assert by_node["lost"]["problems"] == [{"field": "", "message": "has no model"}]
    assert await pixel.log.head() == head


async def test_a_run_with_problems_is_refused_as_a_whole(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """Every problem is told, and nothing is recorded."""
    wrong = add("wrong", model="sandbox/image", prompt="x", params={"n": 99})
    canvas = await new_canvas(
        client, WRITE, wrong, add("lost", prompt="x"), add("gone", model="sandbox/no", prompt="x")
    )
    head = await pixel.log.head()
    message = is_failure(await start(client, canvas, "write", "wrong", "lost", "gone"), 400)
    for part in ("lost: has no model", "wrong.n: ", "gone"):
        assert part in message
    assert "none of them has anything to make" in is_failure(
        await start(client, await new_canvas(client, add("n", "note")), "n"), 400
    )
    assert is_failure(await start(client, canvas, "nobody"), 400) == "nodes[0]: there is no node 'nobody'"
    is_failure(await start(client, canvas, "write", mode="some"), 400)
    is_failure(await start(client, canvas), 400)
    is_failure(await start(client, canvas, "write", version=99), 400)
    is_failure(await start(client, "canvas_00000000000000000000000000", "write"), 404)
    topics = await pixel.pool.fetch("SELECT topic FROM stored_events WHERE notification_id > $1", head)
    assert {row[0] for row in topics} <= {"ProjectCreated", "CanvasCreated", "CanvasEdited"}


async def test_a_key_makes_one_run(client: httpx.AsyncClient) -> None:
    """The same request under the same key is the same run, and another is refused."""
    canvas = await new_canvas(client, ALONE)
    first = await start(client, canvas, "alone", key="one")
    again = await start(client, canvas, "alone", key="one")
    assert first.json()["data"]["id"] == again.json()["data"]["id"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    is_failure(await start(client, canvas, "alone", key="one", mode="all"), 422)
    run = first.json()["data"]["id"]
    await ended(client, run)
    assert (await start(client, canvas, "alone", key="one")).json()["data"]["id"] == run
    assert len(await tasks_of(client, run)) == 1


async def test_what_a_person_chose_meanwhile_stays(client: httpx.AsyncClient) -> None:
    """The result of the run is offered beside it: its task names the node."""
    slow = add("slow", model="sandbox/image", prompt="a cat", params={"extraParams": {"sandbox": {"latency": 1.0}}})
    canvas = await new_canvas(client, slow, ALONE)
    asset = (await ended(client, await started(client, canvas, "alone")))["steps"][0]["outputs"][0]
    run = await started(client, canvas, "slow")
    version = (await document(client, canvas))["version"]
    answer = await edit(client, canvas, version, put("slow", "pick", None, {"asset": asset}))
    assert answer.status_code == 200, answer.text
    await ended(client, run)
    assert (await document(client, canvas))["nodes"]["slow"]["pick"] == {"asset": asset}
    [task] = await tasks_of(client, run)
    assert task["metadata"]["node"] == "slow"


async def test_a_node_that_was_removed_is_made_all_the_same(client: httpx.AsyncClient) -> None:
    """What was asked for is made, and nothing on the canvas changes."""
    slow = add("slow", model="sandbox/image", prompt="a cat", params={"extraParams": {"sandbox": {"latency": 0.5}}})
    canvas = await new_canvas(client, slow)
    run = await started(client, canvas, "slow")
    assert (await edit(client, canvas, 2, {"op": "node.remove", "id": "slow"})).status_code == 200
    await ended(client, run)
    assert (await document(client, canvas))["nodes"] == {}


async def test_a_failed_branch_does_not_stop_the_others(client: httpx.AsyncClient) -> None:
    """The rest is made, what needs the failed step is not, and a second try takes it up."""
    film = add("film", "video", model="sandbox/video", prompt="it runs")
    canvas = await new_canvas(
        client, faulty("draw", "content_rejected", 1), film, connect("b", "draw", "film", "first_frame"), ALONE
    )
    run = await started(client, canvas, "draw", "film", "alone")
    lost = await ended(client, run, "failed")
    assert steps(lost) == {"draw": "failed", "film": "waiting", "alone": "completed"}
    assert next(step for step in lost["steps"] if step["node"] == "draw")["code"] == "content_rejected_input"
    assert lost["spent"] == {"USD": "0.04"}
    skipped = await command(client, run, "steps/draw/skip")
    assert steps(skipped) == {"draw": "skipped", "film": "skipped", "alone": "completed"}
    assert (await ended(client, run))["status"] == "completed"
    is_failure(await client.post(f"{RUNS}/{run}/steps/draw/retry"), 409)
    is_failure(await client.post(f"{RUNS}/{run}/steps/nobody/retry"), 404)


async def test_a_step_is_tried_again_by_a_person(client: httpx.AsyncClient) -> None:
    """As a new attempt with a task of its own."""
    canvas = await new_canvas(client, faulty("draw", "content_rejected", 1))
    run = await started(client, canvas, "draw")
    first = (await ended(client, run, "failed"))["steps"][0]
    await command(client, run, "steps/draw/retry")
    second = (await until(client, run, lambda found: found["steps"][0]["attempt"] == 2))["steps"][0]
    assert second.get("task") != first["task"]
    await ended(client, run, "failed")
    assert len(await tasks_of(client, run)) == 2


async def test_a_run_is_cancelled_with_what_it_has_under_way(client: httpx.AsyncClient) -> None:
    """No further step starts, and every open task ends."""
    slow = add("slow", model="sandbox/image", prompt="a cat", params={"extraParams": {"sandbox": {"latency": 60}}})
    canvas = await new_canvas(client, slow, FILM, connect("b", "slow", "film", "first_frame"))
    run = await started(client, canvas, "slow", "film")
    await until(client, run, lambda found: steps(found)["slow"] == "running")
    await command(client, run, "cancel")
    await command(client, run, "cancel")
    over = await ended(client, run, "cancelled")
    assert steps(over) == {"slow": "failed", "film": "waiting"}
    [task] = await tasks_of(client, run)
    assert task["status"] == "failed"
    assert (await command(client, run, "cancel"))["status"] == "cancelled"
    is_failure(await client.post(f"{RUNS}/{run}/resume"), 409)


async def test_a_run_waits_while_somebody_wants_it_to(client: httpx.AsyncClient) -> None:
    """What was started goes on, and nothing else starts before it is resumed."""
    slow = add("slow", model="sandbox/image", prompt="a cat", params={"extraParams": {"sandbox": {"latency": 0.3}}})
    canvas = await new_canvas(client, slow, FILM, connect("b", "slow", "film", "first_frame"))
    run = await started(client, canvas, "slow", "film")
    await command(client, run, "pause")
    waiting = await until(client, run, lambda found: steps(found)["slow"] in {"waiting", "completed"})
    assert waiting["status"] == "paused"
    assert waiting["reason"] == "asked"
    assert len(await tasks_of(client, run)) <= 1
    await command(client, run, "resume")
    await ended(client, run)


async def test_more_than_it_may_cost_is_refused_before(client: httpx.AsyncClient) -> None:
    """A run whose prices are known to be too high does not begin."""
    canvas = await new_canvas(client, *STORY)
    message = is_failure(await start(client, canvas, *ALL, most={"amount": "0.5", "currency": "USD"}), 402)
    assert message == "This may cost 0.55 USD, and may cost 0.5 USD at most."
    is_failure(await start(client, canvas, *ALL, most={"amount": "-1", "currency": "USD"}), 400)
    await ended(client, await started(client, canvas, *ALL, most={"amount": "0.55", "currency": "USD"}))


async def test_an_unknown_price_waits_for_a_person(client: httpx.AsyncClient) -> None:
    """Within an amount nothing starts whose price nobody knows, before somebody says yes."""
    canvas = await new_canvas(client, add("secret", model="sandbox/secret", prompt="x"))
    run = await started(client, canvas, "secret", most={"amount": "1", "currency": "USD"})
    waiting = await ended(client, run, "paused")
    assert (waiting["reason"], waiting["waits_for"]) == ("unpriced", "secret")
    assert await tasks_of(client, run) == []
    await command(client, run, "resume")
    await ended(client, run)


async def test_runs_are_listed(client: httpx.AsyncClient) -> None:
    """Newest first, those of one canvas, a page at a time."""
    canvas = await new_canvas(client, ALONE)
    ids = [await started(client, canvas, "alone", mode="all") for _ in range(3)]
    first = (await client.get(RUNS, params={"canvas": canvas, "limit": 2})).json()["data"]
    assert [run["id"] for run in first["items"]] == [ids[2], ids[1]]
    rest = (await client.get(RUNS, params={"canvas": canvas, "cursor": first["next_cursor"]})).json()["data"]
    assert [run["id"] for run in rest["items"]] == [ids[0]]
    assert rest["next_cursor"] is None
    for run in ids:
        await ended(client, run)
    assert await look(client, ids[0]) in (await client.get(RUNS, params={"canvas": canvas})).json()["data"]["items"]
    is_failure(await client.get(f"{RUNS}/run_00000000000000000000000000"), 404)
    is_failure(await client.get(f"{RUNS}/nothing"), 404)


async def test_an_earlier_version_of_a_canvas_is_made(client: httpx.AsyncClient) -> None:
    """What was there at that version counts, and its result is chosen where nothing else was."""
    canvas = await new_canvas(client, ALONE)
    assert (await edit(client, canvas, 2, put("alone", "prompt", "a cat", "a dog"))).status_code == 200
    run = await started(client, canvas, "alone", version=2)
    await ended(client, run)
    [task] = await tasks_of(client, run)
    assert task["params"]["prompt"] == "a cat"
    assert (await plan(client, canvas, "alone", mode="stale"))["steps"][0]["state"] == "stale"
