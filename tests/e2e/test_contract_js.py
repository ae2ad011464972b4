"""The contract's own JavaScript against the real service: if it breaks, so does every frontend that was built on it."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.service import Service, patience, pixel

EXAMPLES = Path(__file__).parent / "contract.mjs"
NODE = shutil.which("node")
STANDING_IN = {"sandbox_stands_in_for": "dashscope,volcengine,modelscope"}

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed: the contract's JavaScript can't run")


async def _run(service: Service) -> dict[str, Any]:
    """The results of the examples."""
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        *(NODE, str(EXAMPLES), service.url), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with patience("the examples to end", service.log):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    found: dict[str, Any] = json.loads(output)
    return found


def _check_image(result: dict[str, Any], width: int, height: int) -> None:
    [image] = result["images"]
    assert (image["width"], image["height"]) == (width, height)
    assert image["url"].startswith("http://")


async def test_with_nothing_set_up(database: str, folder: Path) -> None:
    """Without any provider key, the first image model is one that works, and a model without key is refused in a way
    that the error handling of the contract can show."""
    async with pixel(database, folder) as service:
        found = await _run(service)
    assert found["model"] == "sandbox/image"
    _check_image(found["result"], 1024, 1024)
    assert found["file"][:2] == [200, "image/png"]
    assert found["file"][2] > 1000
    assert found["handled"] is None
    [error] = found["errors"]
    assert error.startswith("API Error: ")
    assert "DASHSCOPE_API_KEY" in error
    _check_the_rest(found)


async def test_with_the_models_of_the_contract(database: str, folder: Path) -> None:
    """With the sandbox standing in for the providers, the examples find just what their comments say: the first image
    model is "dashscope/qwen-image", and everything works."""
    async with pixel(database, folder, settings=STANDING_IN) as service:
        found = await _run(service)
    assert found["model"] == "dashscope/qwen-image"
    _check_image(found["result"], 1024, 1024)
    _check_image(found["handled"], 1024, 1024)
    assert found["errors"] == []
    _check_the_rest(found)


def _check_the_rest(found: dict[str, Any]) -> None:
    assert found["failure"] == "Task failed"
    status, body = found["old"]
    assert (status, body["code"]) == (400, "400")
    assert "provider" in body["message"]
    assert "provider/model_key" in body["message"]
    assert body["request_id"]
    assert not [line for line in found["seen"] if line.endswith("500")], found["seen"]
