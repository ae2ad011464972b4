"""The catalogue of a running service: by SIGHUP and on the command line, under load."""

import asyncio
import signal
from pathlib import Path
from typing import Any

from tests.e2e.service import Service, eventually, image_request, pixel, run

FIRST = """
providers: {sandbox: {}}
models:
  - {id: sandbox/image, name: First, type: image, default: true, resolutions: {"512": {"1:1": "64*64"}}}
"""
SECOND = FIRST.replace("First", "Second") + "  - {id: sandbox/new, name: New, type: image}\n"


async def name(service: Service) -> str:
    found: dict[str, Any] = await service.get("/api/v1/models/sandbox/image")
    return str(found["name"])


async def test_the_catalogue_changes_under_load(database: str, folder: Path, tmp_path: Path) -> None:
    """SIGHUP applies what was written, or says what is broken and changes nothing; the command line shows and applies
    beside the running service, and switches a model off and on; meanwhile every request is accepted and ends."""
    file = tmp_path / "catalog.yaml"
    await asyncio.to_thread(file.write_text, FIRST)
    here = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder), "PIXEL_CATALOG": str(file)}
    async with pixel(database, folder, settings={"catalog": file}) as service:
        made: list[str] = []
        loaded = asyncio.create_task(_load(service, made))

        async def is_second() -> bool:
            return await name(service) == "Second"

        await asyncio.to_thread(file.write_text, SECOND)
        code, output, errors = await run("catalog", "diff", environment=here)
        assert (code, errors) == (0, "")
        assert "ModelRevised" in output
        assert "2 events of 2 models would change" in output
        assert await name(service) == "First"
        service.send(signal.SIGHUP)
        await eventually("the new name", is_second, service.log)
        assert '"events":2' in await service.said('"catalogue applied"')

        await asyncio.to_thread(file.write_text, SECOND.replace("type: image}", "type: hologram}"))
        service.send(signal.SIGHUP)
        line = await service.said('"catalogue not applied"')
        assert "catalog.yaml:5" in line
        code, output, errors = await run("catalog", "apply", environment=here)
        assert (code, output) == (2, "")
        assert "catalog.yaml:5" in errors
        assert await name(service) == "Second"

        await asyncio.to_thread(file.write_text, FIRST)
        code, output, errors = await run("catalog", "apply", environment=here)
        assert (code, errors) == (0, "")
        assert "2 events of 2 models changed" in output

        async def is_off() -> bool:
            return not (await service.get("/api/v1/models/sandbox/new"))["enabled"]

        await eventually("the new model to be off", is_off, service.log)
        for verb, said in (("default", "the default of its type"), ("disable", "off"), ("enable", "on")):
            code, output, errors = await run("catalog", verb, "sandbox/image", "--by", "anna", environment=here)
            assert (code, errors) == (0, "")
            assert output == f"recorded; sandbox/image is {said}\n"
        code, _, errors = await run("catalog", "enable", "sandbox/new", "--by", "anna", environment=here)
        assert code == 1
        assert "The catalogue has it off (no longer in the catalogue)" in errors
        loaded.cancel()
        await asyncio.wait([loaded])
        assert made
        for task in made:
            assert (await service.ended(task))["status"] == "completed"
        assert [line for line in service.trouble() if "catalogue not applied" not in line] == []


async def _load(service: Service, made: list[str]) -> None:
    """One request after the other, as long as the model takes them."""
    while True:
        answer = await service.client.post("/api/v1/generations/image", json=image_request())
        assert answer.status_code in {200, 503}, answer.text
        if answer.status_code == 200:
            made.append(str(answer.json()["data"]["task_id"]))
        await asyncio.sleep(0.05)
