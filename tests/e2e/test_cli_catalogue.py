"""`pixel catalog compare`, as an operator uses it: before vendors that answer, refuse, are away or have no list."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.service import run
from tests.simulators.base import Answer, Simulator
from tests.simulators.openai import OpenAI
from tests.simulators.serve import served

KEY, OTHER = "sk-proj-0000000000000001", "sk-proj-9999999999999999"
CATALOG = """
providers:
  openai: {key: OPENAI_API_KEY}
  shed: {adapter: openai_compatible}
  kling: {key: KLING_API_KEY}
  sandbox: {}
models:
  - {id: openai/image, name: Image, type: image, wire: {model: gpt-image-2}}
  - {id: openai/never, name: Never, type: image, wire: {model: gpt-image-0}}
  - {id: openai/off, name: Switched off, type: image, enabled: false, wire: {model: gpt-image-0}}
  - {id: openai/early, name: Early, type: audio, retired: {}, wire: {model: gpt-4o-mini-tts}}
  - {id: kling/image, name: Kling, type: image, wire: {endpoint: images/generations, model: kling-v3}}
"""
GOOD = """
providers:
  openai: {key: OPENAI_API_KEY}
models:
  - {id: openai/image, name: Image, type: image, wire: {model: gpt-image-2}}
"""


@asynccontextmanager
async def asked(
    folder: Path, catalog: str = CATALOG, key: str = KEY
) -> AsyncGenerator[tuple[Simulator, dict[str, str]]]:
    """A vendor, and the environment of a command that asks it."""
    path = folder / "catalog.yaml"
    path.write_text(catalog)
    simulator = OpenAI()
    async with served(simulator) as address:
        yield (
            simulator,
            {
                "PIXEL_CATALOG": str(path),
                "PIXEL_PRIVATE_HOSTS": address.removeprefix("http://"),
                "OPENAI_API_KEY": key,
                "OPENAI_BASE_URL": f"{address}/v1",
            },
        )


async def test_what_a_vendor_says_of_the_catalogue(tmp_path: Path) -> None:
    """What is gone, still there and new is in a table of 100 columns; code 3; the vendor was asked once, for free."""
    async with asked(tmp_path) as (simulator, here):
        code, output, errors = await run("catalog", "compare", "openai", environment=here | {"COLUMNS": "100"})
        assert (code, errors) == (3, ""), output
        assert simulator.requests == [("GET", "/v1/models")]
        assert not simulator.effects
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines() if "│" in line]
    assert max(map(len, output.splitlines())) <= 100
    assert rows[0] == ["gone", "image", "gpt-image-0", "openai/never", "not listed"]
    assert ["still there", "audio", "gpt-4o-mini-tts", "openai/early"] in [row[:4] for row in rows]
    assert ["new", "?", "gpt-image-2.6-sunburst", "-"] in [row[:4] for row in rows]
    assert "openai/off" not in output
    assert "gpt-4.1-mini-2025-04-14" not in output  # a dated version of a listed model
    assert "1 gone, 0 ending" in output
    assert KEY not in output


async def test_the_same_as_json(tmp_path: Path) -> None:
    """One finding a line, for programs, with the dated versions; `--kind` leaves those out that are of other kinds."""
    async with asked(tmp_path) as (_, here):
        code, output, errors = await run("catalog", "compare", "openai", "--json", environment=here)
        assert (code, errors) == (3, "")
        found = [json.loads(line) for line in output.splitlines()]
        assert found[0] == {
            "what": "gone",
            "name": "gpt-image-0",
            "says": "not listed",
            "model": "openai/never",
            "kinds": ["image"],
        }
        [dated] = [each for each in found if each["name"] == "gpt-4.1-mini-2025-04-14"]
        assert dated["dated_version_of"] == "gpt-4.1-mini"
        arguments = ("catalog", "compare", "openai", "--json", "--kind", "audio")
        code, output, errors = await run(*arguments, environment=here)
        assert (code, errors) == (0, "")
        assert {kind for line in output.splitlines() for kind in json.loads(line).get("kinds") or ["audio"]} == {
            "audio"
        }


async def test_nothing_to_look_at(tmp_path: Path) -> None:
    """A catalogue whose models are all served ends with code 0, whatever else the vendor offers."""
    async with asked(tmp_path, GOOD) as (_, here):
        code, output, errors = await run("catalog", "compare", "openai", environment=here)
    assert (code, errors) == (0, "")
    assert "0 gone, 0 ending" in output


async def test_an_end_that_the_catalogue_does_not_have(tmp_path: Path) -> None:
    """A day that the vendor has announced and the catalogue does not tell is urgent: code 3, with the day."""
    async with asked(tmp_path, GOOD) as (simulator, here):
        simulator.distort = lambda _, __: Answer(
            200, json={"data": [{"id": "gpt-image-2", "shutdown_date": "2099-12-01"}]}
        )
        code, output, errors = await run("catalog", "compare", "openai", environment=here)
    assert (code, errors) == (3, "")
    assert "2099-12-01" in output


@pytest.mark.parametrize(
    ("fault", "says"),
    [("reset_before", "cut off"), ("502_html", "HTTP 502"), ("truncated_json", "an answer that is no list")],
)
async def test_a_vendor_that_gives_no_list(tmp_path: Path, fault: str, says: str) -> None:
    """A vendor that is away or answers with garbage is reported in one line: code 1, and nothing is called gone."""
    async with asked(tmp_path) as (simulator, here):
        simulator.meet(fault)
        code, output, errors = await run("catalog", "compare", "openai", environment=here)
    assert (code, output) == (1, "")
    assert errors.startswith("pixel: openai gave no list of models: ")
    assert says in errors
    assert len(errors.splitlines()) == 1


async def test_a_key_that_is_refused(tmp_path: Path) -> None:
    """The vendor's refusal is reported in one line, without the key: code 1. With a second key, that one is used."""
    async with asked(tmp_path, key=OTHER) as (_, here):
        code, output, errors = await run("catalog", "compare", "openai", environment=here)
        assert (code, output) == (1, "")
        assert "refused the key (invalid_api_key" in errors.replace(".", "")
        assert OTHER not in errors
        both = here | {"OPENAI_API_KEY": f"{OTHER},{KEY}"}
        code, output, errors = await run("catalog", "compare", "openai", environment=both)
        assert (code, errors) == (3, "")
        assert "The vendor refused the key" in output


async def test_nobody_to_ask(tmp_path: Path) -> None:
    """No key, no address, no list, no such provider: each is reported in one line, with the way out: code 2."""
    path = tmp_path / "catalog.yaml"
    path.write_text(CATALOG)
    wrong = {
        "openai": "openai has no key: set OPENAI_API_KEY",
        "shed": "shed has no address: set base_url in the catalogue, or SHED_BASE_URL",
        "kling": "kling has no list of models that Pixel asks for, so nothing was compared",
        "sandbox": "sandbox has no list of models that Pixel asks for, so nothing was compared",
        "nobody": "the catalogue has no provider 'nobody'. It has: kling, openai, sandbox, shed",
    }
    for provider, says in wrong.items():
        said = await run("catalog", "compare", provider, environment={"PIXEL_CATALOG": str(path)})
        assert said == (2, "", f"pixel: {says}\n")
