"""What tests ask of canvases over HTTP."""

from itertools import count
from typing import Any

import httpx

PROJECTS, CANVASES = "/api/v1/projects", "/api/v1/canvases"
_NUMBERS = count(1)


async def new_project(client: httpx.AsyncClient, name: str = "Harbour") -> str:
    """A new project; its id."""
    answer = await client.post(PROJECTS, json={"name": name})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["id"])


async def new_canvas(client: httpx.AsyncClient, *ops: dict[str, Any], project: str | None = None) -> str:
    """A new canvas at version 1, or at version 2 with these operations done; its id."""
    body = {"project": project or await new_project(client), "name": "Episode 1"}
    answer = await client.post(CANVASES, json=body)
    assert answer.status_code == 200, answer.text
    canvas = str(answer.json()["data"]["id"])
    if ops:
        assert (await edit(client, canvas, 1, *ops)).status_code == 200
    return canvas


async def edit(
    client: httpx.AsyncClient, canvas: str, base: int, *ops: dict[str, Any], **fields: Any
) -> httpx.Response:
    """The answer to an edit. Without an id it gets a new one."""
    body = {"base": base, "edit": f"edit_{next(_NUMBERS)}", "session": "tab_1", "label": "test", "ops": ops} | fields
    return await client.post(f"{CANVASES}/{canvas}/edits", json=body)


async def document(client: httpx.AsyncClient, canvas: str, **query: Any) -> dict[str, Any]:
    """The canvas as GET shows it."""
    answer = await client.get(f"{CANVASES}/{canvas}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found
