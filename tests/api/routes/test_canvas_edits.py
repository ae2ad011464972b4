"""Edits of a canvas over HTTP: what is stored, merged, asked back and refused."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.state import Pixel
from tests.api.canvas_client import CANVASES, document, edit, new_canvas
from tests.api.conftest import running
from tests.api.task_client import is_failure
from tests.canvas_samples import add, connect, cut, node, put, put_edge, remove


async def test_an_edit_is_in_the_document(client: httpx.AsyncClient) -> None:
    """An edit at the newest version is stored, and the next GET shows it, at the version that was answered."""
    canvas = await new_canvas(client)
    ops = [add("t", "text", prompt="a grey sea"), add("i"), connect("e", "t", "i")]
    answer = await edit(client, canvas, 1, *ops)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == {"version": 2, "missed": []}
    assert answer.headers["etag"] == '"2"'
    shown = await document(client, canvas)
    assert (shown["version"], shown["name"], shown["archived"]) == (2, "Episode 1", False)
    assert shown["nodes"] == {"t": node("text", prompt="a grey sea"), "i": node()}
    assert shown["edges"] == {"e": {"from": "t", "to": "i", "role": "prompt", "order": 0}}
    assert str(shown["position"]) == answer.headers["x-pixel-position"]


async def test_edits_of_different_things_are_merged(client: httpx.AsyncClient) -> None:
    """Whoever edits on an older version is told what was missed, as it was stored, and nothing of either is lost."""
    canvas = await new_canvas(client, add("a", prompt="one"), add("b", prompt="two"))
    theirs = [put("a", "prompt", "one", "un")]
    assert (await edit(client, canvas, 2, *theirs, edit="theirs", session="tab_2")).status_code == 200
    answer = await edit(
        client, canvas, 2, put("b", "prompt", "two", "deux"), put("a", "position", {"x": 0, "y": 0}, {"x": 9, "y": 9})
    )
    data = answer.json()["data"]
    assert data["version"] == 4
    [missed] = data["missed"]
    assert (missed["version"], missed["edit"], missed["session"], missed["actor"]) == (
        3,
        "theirs",
        "tab_2",
        "anonymous",
    )
    assert missed["ops"] == theirs
    nodes = (await document(client, canvas))["nodes"]
    assert (nodes["a"]["prompt"], nodes["b"]["prompt"], nodes["a"]["position"]) == ("un", "deux", {"x": 9, "y": 9})


async def test_two_who_type_the_same_text_are_asked(client: httpx.AsyncClient) -> None:
    """The second of two edits of one text is a conflict: it has both sides, and nothing is written."""
    canvas = await new_canvas(client, add("a", prompt="one"), add("b"))
    await edit(client, canvas, 2, put("a", "prompt", "one", "un"))
    refused = await edit(client, canvas, 2, put("b", "title", None, "B"), put("a", "prompt", "one", "eins"))
    assert refused.status_code == 409
    body = refused.json()
    assert (body["code"], body["error"]) == ("409", "edit_conflict")
    assert body["data"] == {"conflicts": [{"id": "a", "field": "prompt", "mine": "eins", "theirs": "un"}], "version": 3}
    shown = await document(client, canvas)
    assert (shown["version"], "title" in shown["nodes"]["b"]) == (3, False)


async def test_a_removed_node_is_asked_about(client: httpx.AsyncClient) -> None:
    """Who changes a node that others removed, or removes one that they changed, is asked."""
    canvas = await new_canvas(client, add("a", prompt="one"), add("b", prompt="two"))
    await edit(client, canvas, 2, remove("a"), put("b", "prompt", "two", "deux"))
    changed = await edit(client, canvas, 2, put("a", "prompt", "one", "un"))
    assert changed.json()["data"]["conflicts"] == [
        {"id": "a", "field": "node", "mine": {"prompt": "un"}, "theirs": None}
    ]
    removed = await edit(client, canvas, 2, remove("b"))
    theirs = node(prompt="deux")
    assert removed.json()["data"]["conflicts"] == [{"id": "b", "field": "removed", "mine": None, "theirs": theirs}]


async def test_an_edit_that_is_sent_again_is_done_once(client: httpx.AsyncClient) -> None:
    """The same edit gets the same answer however often and late it comes, also when the canvas has moved on."""
    canvas = await new_canvas(client, add("a", prompt="one"))
    await edit(client, canvas, 2, put("a", "title", None, "A"))
    sent = {"edit": "mine", "label": "typed"}
    first = await edit(client, canvas, 2, put("a", "prompt", "one", "two"), **sent)
    await edit(client, canvas, 4, put("a", "prompt", "two", "three"))
    for _ in range(2):
        again = await edit(client, canvas, 2, put("a", "prompt", "one", "two"), **sent)
        assert again.json()["data"] == first.json()["data"]
        assert again.headers["idempotent-replayed"] == "true"
    shown = await document(client, canvas)
    assert (shown["version"], shown["nodes"]["a"]["prompt"]) == (5, "three")


async def test_edits_at_once_become_one_version_each(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """Many edits on one version at the same moment are all done, each once, none twice."""
    canvas = await new_canvas(client)
    answers = await asyncio.gather(*(edit(client, canvas, 1, add(f"n{number}")) for number in range(40)))
    done = [answer.json()["data"]["version"] for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} == {200}
    shown = await document(client, canvas)
    assert sorted(done) == [*range(2, 2 + len(shown["nodes"]))]


BAD: list[tuple[list[Any], str]] = [
    ([put("x", "prompt", None, "a")], "ops[0].id: there is no node 'x'"),
    ([add("n"), remove("x")], "ops[1].id: there is no node 'x'"),
    ([add("a")], "ops[0].id: there is a node 'a' already"),
    ([remove("t")], "ops[0].id: take its edges off first: e"),
    ([cut("x")], "ops[0].id: there is no edge 'x'"),
    ([put_edge("e", "role", "prompt", "video")], "ops[0].now: what a node of kind text makes can't be the video"),
    ([connect("f", "b", "a", "reference")], "ops[0].edge: the nodes would be made from one another, in a circle"),
    ([connect("f", "a", "a", "reference")], "ops[0].edge: a node can't be connected with itself"),
    ([connect("f", "t", "x")], "ops[0].edge.to: there is no node 'x'"),
    ([connect("f", "t", "a", "first_frame")], "ops[0].edge: what a node of kind text makes can't be the first_frame"),
    ([connect("f", "t", "a")], "ops[0].edge: the edge 'e' connects them so already"),
    ([put("a", "group", None, "b")], "ops[0].now: there is no group 'b'"),
    ([put("a", "position", {"x": 0, "y": 0}, None)], "ops[0].now: position can't be taken away"),
    ([put("a", "colour", None, "red")], "ops[0].now: 'colour' is no field of a node"),
    ([put("a", "size", None, {"width": "big", "height": 1})], "ops[0].now: width: expected `int | float`, got `str`"),
    ([put("a", "size", None, {"width": 1, "height": 1, "depth": 1})], "ops[0]: 'now.depth' is not known here"),
    ([put("a", "prompt", None, "é" * 32_769)], "ops[0].now: may have 65536 bytes at most, and has 65538"),
    ([{"op": "node.paint", "id": "a"}], "ops[0].op: invalid value 'node.paint'"),
    ([add("n") | {"colour": "red"}], "ops[0]: 'colour' is not known here"),
    ([add("n", colour="red")], "ops[0]: 'node.colour' is not known here"),
    ([add("a b")], "ops[0].id: expected `str` matching regex"),
    ([], "ops: must be 1 to 500, got 0"),
    ([add(f"n{number}") for number in range(501)], "ops: must be 1 to 500, got 501"),
]


@pytest.mark.parametrize(("ops", "message"), BAD, ids=[message[:50] for _, message in BAD])
async def test_a_wrong_operation_is_named_by_its_index(client: httpx.AsyncClient, ops: list[Any], message: str) -> None:
    """An edit with an operation that cannot be done is refused as a whole, and says which one and why."""
    canvas = await new_canvas(
        client, add("t", "text"), add("a"), add("b"), connect("e", "t", "a"), connect("g", "a", "b", "reference")
    )
    answer = await edit(client, canvas, 2, *ops)
    assert is_failure(answer, 400).startswith(message)
    assert (await document(client, canvas))["version"] == 2


@pytest.mark.parametrize("stray", [b"1e999", b'"\xff"'], ids=["a number out of range", "no text"])
async def test_a_field_that_nobody_knows_may_be_no_json(client: httpx.AsyncClient, stray: bytes) -> None:
    """It is told as any other body that can't be read."""
    canvas = await new_canvas(client, add("a"))
    op = b'{"op": "node.remove", "id": "a", "was": {}, "stray": ' + stray + b"}"
    body = b'{"base": 2, "edit": "e_1", "session": "s_1", "label": "l", "ops": [' + op + b"]}"
    answer = await client.post(
        f"/api/v1/canvases/{canvas}/edits", content=body, headers={"Content-Type": "application/json"}
    )
    assert "not valid JSON" in is_failure(answer, 400)


async def test_a_canvas_has_5000_nodes_at_most(client: httpx.AsyncClient) -> None:
    """The 5,001st node is refused by its index, and the 5,000 are there, in a document that is read whole."""
    canvas = await new_canvas(client)
    for step in range(10):
        ops = [add(f"n{step}_{number}", prompt="a harbour at dawn") for number in range(500)]
        assert (await edit(client, canvas, 1 + step, *ops)).status_code == 200
    answer = await edit(client, canvas, 11, put("n0_0", "title", None, "first"), add("one_more"))
    assert is_failure(answer, 400) == "ops[1].id: a canvas may have 5000 nodes at most"
    shown = await document(client, canvas)
    assert (shown["version"], len(shown["nodes"])) == (11, 5000)


async def test_a_body_has_a_mebibyte_at_most(client: httpx.AsyncClient) -> None:
    """A larger body is refused before it is read as JSON."""
    canvas = await new_canvas(client)
    answer = await edit(client, canvas, 1, *[add(f"n{number}", prompt="x" * 60_000) for number in range(20)])
    is_failure(answer, 413)


@pytest.mark.parametrize("base", [3, 10_000_000])
async def test_a_base_that_never_was_is_refused(client: httpx.AsyncClient, base: int) -> None:
    """Nobody knows a version that is yet to come."""
    canvas = await new_canvas(client, add("a"))
    answer = await edit(client, canvas, base, put("a", "title", None, "A"))
    assert is_failure(answer, 400) == "base: must be a version from 0 to 2"


async def test_an_archived_canvas_is_not_edited(client: httpx.AsyncClient) -> None:
    """It can be looked at, and restored; then it is edited again."""
    canvas = await new_canvas(client, add("a"))
    assert (await client.post(f"{CANVASES}/{canvas}/archive")).json()["data"]["archived"] is True
    refused = await edit(client, canvas, 3, put("a", "title", None, "A"))
    assert is_failure(refused, 409) == "The canvas is archived. Restore it to change it."
    await client.post(f"{CANVASES}/{canvas}/restore")
    assert (await edit(client, canvas, 3, put("a", "title", None, "A"))).status_code == 200


async def test_two_processes_edit_one_canvas(
    client: httpx.AsyncClient, shared: tuple[Pixel, httpx.AsyncClient], tmp_path: Path
) -> None:
    """Edits through two processes go into one stream: each sees the other's, and what was answered is there."""
    canvas = await new_canvas(client)
    async with running(shared[0].dsn, tmp_path, role="api") as (_, other):
        done: list[str] = []

        async def work(side: httpx.AsyncClient, name: str) -> None:
            for number in range(15):
                answer = await edit(side, canvas, 1, add(f"{name}{number}"))
                assert answer.status_code == 200, answer.text
                done.append(f"{name}{number}")

        await asyncio.gather(work(client, "a"), work(other, "b"))
        assert (await document(client, canvas))["nodes"].keys() == {*done}
        assert await document(client, canvas) == await document(other, canvas)
