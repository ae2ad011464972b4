"""Where does the demo keep what it makes? On a canvas of the project "Demo", as the studio would do it."""

import hashlib
import json
import secrets
from typing import Any, NamedTuple

import httpx

NAME = "A sunset, a lake and a voice"
SIZE = {"width": 320, "height": 260}
GAP = 60


class DemoCanvas(NamedTuple):
    """A canvas with a node for each wish: their ids, in the order of the wishes."""

    project: str
    id: str
    nodes: tuple[str, ...]

    def request(self, index: int, body: dict[str, Any]) -> dict[str, Any]:
        """The request of a node: the result belongs to it, whoever looks at the canvas, and whenever."""
        node = self.nodes[index]
        metadata = {"node": node, "run": _id("run"), "digest": _digest(body)}
        return body | {"source": "canvas", "sourceId": self.id, "projectId": self.project, "metadata": metadata}


async def prepare(client: httpx.AsyncClient, wishes: list[tuple[str, dict[str, Any]]]) -> DemoCanvas:
    """A new canvas with a node for each wish, a kind and a body. The project is the same each time."""
    project = await _post(client, "/api/v1/projects", {"name": "Demo"}, key="pixel demo")
    made = await _post(client, "/api/v1/canvases", {"project": project["id"], "name": NAME})
    canvas = DemoCanvas(project["id"], made["id"], tuple(_id("node") for _ in wishes))
    nodes = [_node(kind, body, place) for place, (kind, body) in enumerate(wishes)]
    ops = [{"op": "node.add", "id": id_, "node": node} for id_, node in zip(canvas.nodes, nodes, strict=True)]
    await _edit(client, canvas, made["version"], "node.add", ops)
    return canvas


async def pick(client: httpx.AsyncClient, canvas: DemoCanvas, tasks: list[dict[str, Any]]) -> None:
    """Choose what was made, for each node whose task has made something."""
    version = (await client.get(f"/api/v1/canvases/{canvas.id}")).json()["data"]["version"]
    ops = [
        {"op": "node.set", "id": node, "field": "pick", "was": None, "now": picked}
        for node, task in zip(canvas.nodes, tasks, strict=True)
        if (picked := _picked(task)) is not None
    ]
    if ops:
        await _edit(client, canvas, version, "node.pick", ops)


def _node(kind: str, body: dict[str, Any], place: int) -> dict[str, Any]:
    position = {"x": place * (SIZE["width"] + GAP), "y": 0}
    params = {name: value for name, value in body.items() if name not in ("model", "prompt")}
    return {
        "kind": kind,
        "position": position,
        "size": SIZE,
        "model": body["model"],
        "prompt": body["prompt"],
        "params": params,
    }


def _picked(task: dict[str, Any]) -> dict[str, Any] | None:
    result = task.get("result", {})
    assets = [media["asset_id"] for name in ("images", "videos", "audios") for media in result.get(name, [])]
    if not assets:
        return None
    return {"task": task["id"], "output": 0, "asset": assets[0], "digest": task["metadata"]["digest"]}


def _digest(body: dict[str, Any]) -> str:
    """By which a canvas knows whether a result is of what its node asks for now."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


async def _edit(
    client: httpx.AsyncClient, canvas: DemoCanvas, base: int, label: str, ops: list[dict[str, Any]]
) -> None:
    body = {"base": base, "edit": _id("edit"), "session": _id("session"), "label": label, "ops": ops}
    await _post(client, f"/api/v1/canvases/{canvas.id}/edits", body)


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any], *, key: str | None = None) -> Any:
    answer = await client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.json()['message']}")
    return answer.json()["data"]


def _id(word: str) -> str:
    return f"{word}_{secrets.token_hex(13)}"
