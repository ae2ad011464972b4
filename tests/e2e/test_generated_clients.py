"""Clients that others generate from `/openapi.json` compile, and make an image at the real service."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.e2e.service import Service, patience, pixel

CLIENTS = Path(__file__).parent / "clients"
MODULES = CLIENTS / "node_modules"
BIN = Path(sys.executable).parent  # node and openapi-python-client of the same installation

needs_modules = pytest.mark.skipif(
    not MODULES.exists() and "CI" not in os.environ, reason="the npm packages are not installed: make setup-dev"
)


async def _run(*command: str | Path, folder: Path, **environment: str) -> str:
    """What a command prints. Raises AssertionError with all that it printed when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with patience(f"{Path(command[0]).name} to end", lambda: ""):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, (output + errors).decode()
    return output.decode()


async def _assert_image(service: Service, output: str) -> None:
    """What a client has printed agrees with what the service says."""
    printed: dict[str, Any] = json.loads(output)
    view = await service.get(f"/api/v1/tasks/{printed.pop('id')}")
    assert view["result"]["images"][0]["width"] == printed["width"]
    assert printed == {"status": "completed", "width": 512, "refused": "404"}


@needs_modules
async def test_a_typescript_client(database: str, folder: Path) -> None:
    """openapi-typescript's types let the strict compiler check a frontend, which then works."""
    async with pixel(database, folder) as service:
        with TemporaryDirectory() as made:
            project = Path(made)
            for name in ("tsconfig.json", "package.json", "use_client.ts"):
                shutil.copy(CLIENTS / name, project)
            (project / "node_modules").symlink_to(MODULES)
            tools = MODULES / ".bin"
            await _run(tools / "openapi-typescript", f"{service.url}/openapi.json", "-o", "schema.d.ts", folder=project)
            await _run(tools / "tsc", folder=project)
            output = await _run(BIN / "node", "use_client.ts", service.url, folder=project)
            await _assert_image(service, output)


async def test_a_python_client(database: str, folder: Path) -> None:
    """openapi-python-client understands all of the document; every module of what it makes compiles, and it works."""
    async with pixel(database, folder) as service:
        with TemporaryDirectory() as made:
            project = Path(made)
            (project / "openapi.json").write_bytes((await service.client.get("/openapi.json")).content)
            await _run(
                *(BIN / "openapi-python-client", "generate", "--path", "openapi.json", "--fail-on-warning"),
                *("--config", CLIENTS / "openapi-python-client.yaml", "--meta", "none"),
                *("--output-path", "pixel_client"),
                folder=project,
            )
            await _run(sys.executable, "-m", "compileall", "-q", "pixel_client", folder=project)
            script = CLIENTS / "use_client.py"
            output = await _run(sys.executable, script, service.url, folder=project, PYTHONPATH=str(project))
            await _assert_image(service, output)
