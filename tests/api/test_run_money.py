"""Runs and money: what nobody knows, what is too much, whose key it is, and who else works."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from application import api_keys
from application.ports import Cause
from domain.api_key import KeyLimits, Scope, parse_key
from services.state import Pixel
from tests.api.canvas_client import new_canvas
from tests.api.run_client import RUNS, command, ended, look, start, started, steps, tasks_of, until, with_models
from tests.api.simulated_provider import IMAGE, simulated
from tests.api.task_client import is_failure
from tests.canvas_samples import add, connect

LETTERS = """
providers:
  sandbox: {}
models:
  - {id: sandbox/text, name: Text, type: llm, currency: USD, prices: [{unit: call, amount: 0.01}]}
  - {id: sandbox/image, name: Image, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: USD, prices: [{unit: image, amount: 0.04}]}
  - {id: sandbox/letters, name: Letters, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: USD, prices: [{unit: character, amount: 0.10}]}
"""
CAUSE = Cause(actor="test")


def boat(node_id: str, mark: str = "") -> dict[str, Any]:
    """An image of the simulated provider; a mark says what becomes of its order."""
    params = {"resolution": IMAGE["resolution"], "aspectRatio": IMAGE["aspectRatio"]}
    return add(node_id, model=IMAGE["model"], prompt=f"a boat named {node_id} {mark}".strip(), params=params)


async def test_a_step_in_doubt_is_never_sent_again_by_itself(database_url: str, tmp_path: Path) -> None:
    """The run is paused, says for which call, and its retry is refused. What an administrator decides on the call lets
    it go on by itself."""
    async with simulated(database_url, tmp_path) as world:
        client = world.client
        canvas = await new_canvas(client, boat("lost", "[[reset_after]]"))
        run = await started(client, canvas, "lost")
        paused = await ended(client, run, "paused")
        assert steps(paused) == {"lost": "paused"}
        assert (paused["reason"], paused["waits_for"]) == ("in_doubt", "lost")
        [task] = await tasks_of(client, run)
        call = f"{task['id']}.1"
        assert call in paused["message"]
        is_failure(await client.post(f"{RUNS}/{run}/steps/lost/retry"), 409)
        assert (await command(client, run, "resume"))["status"] == "paused"  # nothing else is left to do
        assert len(await tasks_of(client, run)) == 1
        assert world.billed(task["params"]["prompt"]) == 1
        body = {"by": "anna", "note": "it is lost"}
        assert (await client.post(f"/api/v1/admin/calls/{call}/abandon", json=body)).status_code == 200
        over = await until(client, run, lambda found: steps(found)["lost"] == "failed")
        assert over["steps"][0]["code"] == "outcome_unknown"
        assert over["reason"] == "step_failed"
        await command(client, run, "resume")
        await ended(client, run, "failed")
        assert world.billed(task["params"]["prompt"]) == 1


async def test_a_doubt_lets_the_others_go_on_when_a_person_wants_it(database_url: str, tmp_path: Path) -> None:
    """Resumed, the run makes what does not need the step; the outcome of the doubt counts whenever it comes."""
    async with simulated(database_url, tmp_path) as world:
        client = world.client
        names = [f"boat{number}" for number in range(5)]
        canvas = await new_canvas(client, boat("lost", "[[reset_after]]"), *(boat(name) for name in names))
        run = await started(client, canvas, "lost", *names)
        await until(client, run, lambda found: steps(found)["lost"] == "paused")
        await command(client, run, "resume")
        waiting = await until(client, run, lambda found: all(steps(found)[name] == "completed" for name in names))
        assert steps(waiting)["lost"] == "paused"
        [task] = [task for task in await tasks_of(client, run) if task["metadata"]["node"] == "lost"]
        body = {"by": "anna", "note": "send it again"}
        answer = await client.post(f"/api/v1/admin/calls/{task['id']}.1/retry", json=body)
        assert answer.status_code == 200
        await until(client, run, lambda found: found["status"] in {"completed", "paused", "failed"})
        assert len(await tasks_of(client, run)) == 6


async def test_a_price_that_turns_out_too_high_pauses_the_run(new_database_url: str, tmp_path: Path) -> None:
    """It depends on a text that is written on the way: it is known before the step starts, and nothing is sent. For
    more money it goes on."""
    async with with_models(new_database_url, tmp_path, LETTERS) as (_, client):
        write = add("write", "text", model="sandbox/text", prompt="A hero.")
        draw = add("draw", model="sandbox/letters", prompt="ink")
        alone = add("alone", model="sandbox/image", prompt="a cat")
        canvas = await new_canvas(client, write, draw, alone, connect("a", "write", "draw"))
        run = await started(client, canvas, "write", "draw", "alone", most={"amount": "0.10", "currency": "USD"})
        paused = await ended(client, run, "paused")
        assert paused["unpriced"] == ["draw"]
        assert (paused["reason"], paused["waits_for"]) == ("over_budget", "draw")
        assert steps(paused)["draw"] == "waiting"
        assert {task["metadata"]["node"] for task in await tasks_of(client, run)} <= {"write", "alone"}
        await command(client, run, "resume")
        assert (await ended(client, run, "paused"))["reason"] == "over_budget"
        await command(client, run, "resume", most={"amount": "1000", "currency": "USD"})
        done = await ended(client, run)
        assert done["most"] == {"amount": "1000", "currency": "USD"}


async def test_the_budget_of_the_day_holds_for_runs(new_database_url: str, tmp_path: Path) -> None:
    """What it does not bear pauses the run, and is not sent."""
    models = LETTERS + "budgets: [{most: 0.1}]\n"
    async with with_models(new_database_url, tmp_path, models) as (_, client):
        names = [f"cat{number}" for number in range(3)]
        canvas = await new_canvas(client, *(add(name, model="sandbox/image", prompt=name) for name in names))
        run = await started(client, canvas, *names)
        paused = await until(
            client, run, lambda found: found["status"] == "paused" and "running" not in steps(found).values()
        )
        assert sorted(steps(paused).values()) == ["completed", "completed", "waiting"]
        assert paused["reason"] == "over_budget"
        assert "the day's budget" in paused["message"]
        assert len(await tasks_of(client, run)) == 2


# --- Whose runs they are ---


async def issued(pixel: Pixel, *scopes: Scope, owner: str, **limits: Any) -> dict[str, str]:
    """The header of a new key."""
    made = await api_keys.create(pixel.log, owner=owner, scopes=scopes, limits=KeyLimits(**limits), cause=CAUSE)
    await pixel.keys.refresh()
    return {"Authorization": f"Bearer {made.text}"}


async def test_runs_are_their_owners(new_database_url: str, tmp_path: Path) -> None:
    """Another client's do not exist, nor do canvases to run; tasks belong to the owner, and count for the key."""
    async with with_models(new_database_url, tmp_path) as (pixel, client):
        anna = await issued(pixel, Scope.CLIENT, owner="anna")
        ben = await issued(pixel, Scope.CLIENT, owner="ben")
        client.headers.update(anna)
        canvas = await new_canvas(client, add("cat", model="sandbox/image", prompt="a cat"))
        run = await started(client, canvas, "cat")
        client.headers.update(ben)
        is_failure(await client.get(f"{RUNS}/{run}"), 404)
        for verb in ("pause", "resume", "cancel", "steps/cat/skip", "steps/cat/retry"):
            is_failure(await client.post(f"{RUNS}/{run}/{verb}"), 404)
        is_failure(await start(client, canvas, "cat"), 404)
        is_failure(await client.post(f"/api/v1/canvases/{canvas}/plan", json={"nodes": ["cat"], "mode": "all"}), 404)
        assert (await client.get(RUNS)).json()["data"]["items"] == []
        client.headers.update(anna)
        await ended(client, run)
        [task] = await tasks_of(client, run)
        event = (await client.get(f"/api/v1/tasks/{task['id']}/history")).json()["data"]["events"][0]
        key = parse_key(anna["Authorization"].removeprefix("Bearer "))
        assert key is not None
        assert (event["data"]["owner"], event["data"]["caller"]) == ("anna", key.id)


async def test_a_key_that_works_no_more_pays_no_more(new_database_url: str, tmp_path: Path) -> None:
    """A run whose key was revoked starts nothing; what it has under way goes on."""
    async with with_models(new_database_url, tmp_path) as (pixel, client):
        admin = await issued(pixel, Scope.ADMIN, owner="admin")
        anna = await issued(pixel, Scope.CLIENT, owner="anna")
        client.headers.update(anna)
        slow = {"extraParams": {"sandbox": {"latency": 1.0}}}
        first = add("first", model="sandbox/image", prompt="a cat", params=slow)
        then = add("then", model="sandbox/image", prompt="a dog")
        canvas = await new_canvas(client, first, then, connect("a", "first", "then", "reference"))
        run = await started(client, canvas, "first", "then")
        await until(client, run, lambda found: steps(found)["first"] == "running")
        key = parse_key(anna["Authorization"].removeprefix("Bearer "))
        assert key is not None
        client.headers.update(admin)
        assert (await client.post(f"/api/v1/admin/keys/{key.id}/revoke")).status_code == 200
        paused = await ended(client, run, "paused")
        assert (paused["reason"], steps(paused)) == ("key_revoked", {"first": "completed", "then": "waiting"})


def test_no_caller_is_named_as_the_sender_of_a_step() -> None:
    """Idempotency-Keys of callers never lead to the stream of a step: ids of keys begin otherwise."""
    assert parse_key(f"pxl_run:1_{'a' * 32}") is None


# --- Who else works ---


async def test_two_workers_start_each_step_once(new_database_url: str, tmp_path: Path) -> None:
    """Both see every run at once; each step has one start and one task."""
    slow = {"extraParams": {"sandbox": {"latency": 0.1}}}
    async with (
        with_models(new_database_url, tmp_path) as (_, here),
        with_models(new_database_url, tmp_path) as (_, there),
    ):

        async def make(client: httpx.AsyncClient) -> str:
            nodes = [add(f"n{number}", model="sandbox/image", prompt="a cat", params=slow) for number in range(5)]
            canvas = await new_canvas(client, *nodes, connect("a", "n0", "n4", "reference"))
            return await started(client, canvas, *(f"n{number}" for number in range(5)))

        runs = await asyncio.gather(*(make(client) for client in (here, there) * 4))
        for run in runs:
            assert (await ended(there, run)) == await look(here, run)
            tasks = await tasks_of(here, run)
            assert sorted(task["metadata"]["node"] for task in tasks) == [f"n{number}" for number in range(5)]
            assert {step["attempt"] for step in (await look(here, run))["steps"]} == {1}
