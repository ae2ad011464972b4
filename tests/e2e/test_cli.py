"""The command line, as an operator uses it: during a running service, before there is one, and with mistakes."""

import asyncio
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from projections.read_models import READ_MODELS
from runtime.cli.main import COMMANDS
from tests.e2e.service import ROOT, image_request, pixel, postgres_processes, run, sql
from tests.postgres import fresh_database


async def test_commands_during_a_running_service(folder: Path) -> None:
    """History, status and rebuild join the embedded PostgreSQL of the service that runs, and leave it running."""
    here = {"PIXEL_DATA_DIR": str(folder)}
    async with pixel(None, folder) as service:
        [postgres] = postgres_processes(folder)
        task = await service.post("image", image_request())
        assert (await service.ended(task))["status"] == "completed"

        code, output, errors = await run("history", task, environment=here)
        assert (code, errors) == (0, "")
        for word in ("TaskRequested", "ProviderCalled", "ProviderAccepted", "OutputStored", "TaskCompleted"):
            assert word in output

        code, output, errors = await run("history", task, "--json", environment=here)
        assert (code, errors) == (0, "")
        events = [json.loads(line) for line in output.splitlines()]
        stored = (await service.get(f"/api/v1/tasks/{task}/history"))["events"]
        assert [(e["position"], e["version"], e["type"], e["data"]) for e in events] == [
            (e["position"], e["version"], e["type"], e["data"]) for e in stored
        ]

        code, output, errors = await run("projections", "rebuild", "tasks", "models", environment=here)
        assert code == 0, errors
        assert "tasks is rebuilt and serves" in output
        assert "models is rebuilt and serves" in output
        assert "Traceback" not in errors

        code, output, errors = await run("projections", "status", environment=here)
        assert (code, errors) == (0, "")
        rows = [[cell.strip() for cell in line.split("│")] for line in output.splitlines() if "serving" in line]
        assert sorted(row[1] for row in rows) == sorted(read_model.name for read_model in READ_MODELS)
        [tasks] = [row for row in rows if row[1] == "tasks"]
        assert tasks[2] == "2"  # the build that was made while the first one served

        after = await service.post("image", image_request())
        assert (await service.ended(after))["status"] == "completed"
        page = await service.get("/api/v1/tasks")
        assert [view["id"] for view in page["tasks"]] == [after, task]
        assert postgres_processes(folder) == [postgres]
        assert not service.trouble()
    assert not postgres_processes(folder)

    code, output, errors = await run("history", task, "--json", environment=here)
    assert (code, len(output.splitlines())) == (0, len(events)), errors
    assert not postgres_processes(folder)


async def test_a_task_that_is_not_there(database: str) -> None:
    """An unknown task, and a text that is no task id, are reported as not found: code 1, in one line."""
    tasks = ("task_01h455vb4pex5vsknk084sn02q", "nonsense", "task_")
    runs = [run("history", task, environment={"PIXEL_DATABASE_URL": database}) for task in tasks]
    for task, said in zip(tasks, await asyncio.gather(*runs), strict=True):
        assert said == (1, "", f"pixel: Task '{task}' not found\n")


async def test_migrate(database_server: str) -> None:
    """A new database is refused by `serve`, which names the way out; `migrate` takes it, and once is enough."""
    async with fresh_database(database_server, "template1") as dsn:
        code, _, errors = await run("serve", environment={"PIXEL_DATABASE_URL": dsn})
        assert code == 2
        assert "run `pixel migrate` first" in errors
        assert len(errors.splitlines()) == 1
        code, output, errors = await run("migrate", environment={"PIXEL_DATABASE_URL": dsn})
        assert (code, errors) == (0, "")
        assert "0001_event_log.sql" in output
        async with sql(dsn) as connection:
            assert await connection.fetchval("SELECT count(*) FROM stored_events") == 0
        assert await run("migrate", environment={"PIXEL_DATABASE_URL": dsn}) == (0, "the database is up to date\n", "")


async def test_catalog_check(tmp_path: Path) -> None:
    """The shipped catalogue is valid; in another one, every mistake is named with its line: code 2."""
    code, output, errors = await run("catalog", "check", str(ROOT / "catalog"))
    assert (code, errors) == (0, "")
    assert "no problems" in output
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("providers:\n  sandbox: {}\nmodels:\n  - id: sandbox/a\n    name: A\n    typo: image\n")
    code, output, errors = await run("catalog", "check", str(wrong))
    assert (code, output) == (2, "")
    assert "typo" in errors
    assert "6" in errors
    assert "Traceback" not in errors
    code, _, errors = await run("catalog", "check", str(tmp_path / "none.yaml"))
    assert code == 2
    assert "none.yaml" in errors
    assert "Traceback" not in errors


DATED = """
providers:
  acme: {key: ACME_API_KEY, adapter: openai_compatible, base_url: "https://acme.example/v1"}
models:
  - id: acme/a-rather-long-name-1
    name: A
    type: llm
    ends: 2027-01-05
    replacement: acme/a-rather-long-name-2
    checked: 2026-11-25
    currency: USD
    prices: [{unit: input_token, amount: 1, per: 1000000}]
    wire: {model: a}
  - {id: acme/a-rather-long-name-2, name: B, type: llm, wire: {model: b}}
"""


async def test_catalog_check_lists_what_needs_somebody(tmp_path: Path) -> None:
    """A row for each model, within 100 columns: its last day, what to use instead, a price that is missing, and when it
    was looked at. That changes the exit code only for who asks for it, and only after the end."""
    (tmp_path / "acme.yaml").write_text(DATED)
    check = ("catalog", "check", str(tmp_path))
    code, output, errors = await run(*check, "--on", "2026-11-27")
    assert (code, errors) == (0, "")
    first, second = [line.split() for line in output.splitlines() if line.startswith(" acme/")]
    name = "acme/a-rather-long-name"
    assert first == [f"{name}-1", "2027-01-05", "in", "39", "days", f"{name}-2"]
    assert second == [f"{name}-2", "none", "never"]
    assert max(map(len, output.splitlines()[:-1])) <= 100
    assert output.splitlines()[-1].endswith(": 2 models of 1 providers, no problems; 2 of them need somebody")
    assert (await run(*check, "--strict", "--on", "2027-01-05"))[0] == 0
    code, output, _ = await run(*check, "--strict", "--on", "2027-01-06")
    assert (code, "2027-01-05 ended" in output) == (3, True)
    assert (await run(*check, "--on", "2027-01-06"))[0] == 0
    code, _, errors = await run(*check, "--on", "tomorrow")
    assert (code, "--on" in errors) == (2, True)


async def test_config_hides_passwords() -> None:
    """The settings in force are shown, and where each comes from; a password is not."""
    secret = {
        "PIXEL_DATABASE_URL": "postgresql://pixel:hunter2@db.example/pixel?password=hunter2",
        "PIXEL_ASSETS_URL": "s3://key:hunter2@bucket/pixel",
        "PIXEL_PORT": "8123",
    }
    code, output, errors = await run("config", environment=secret)
    assert (code, errors) == (0, "")
    assert "hunter2" not in output
    assert "db.example" in output
    [port] = [line for line in output.splitlines() if "PIXEL_PORT" in line]
    assert "8123" in port
    assert "environment" in port
    code, output, _ = await run("config")
    assert code == 0
    assert "embedded PostgreSQL" in output


async def test_version() -> None:
    """The version is the one of the package."""
    assert await run("version") == (0, f"pixel {version('pixel')}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_explains_itself(command: str) -> None:
    """The help of each command names its arguments: its module is found and fits the table."""
    code, output, errors = await run(command, "--help")
    assert (code, errors) == (0, "")
    assert COMMANDS[command].description in " ".join(output.split())


def test_help_and_version_import_no_other_command() -> None:
    """Commands that need no database, HTTP or media start without importing them."""
    lines = (
        "import atexit, sys",
        "from runtime.cli.main import main",
        "atexit.register(lambda: print(*sys.modules))",
        "main(['version'])",
        "main(['--help'])",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    modules = set(done.stdout.splitlines()[-1].split())
    assert "runtime.cli.about" in modules
    assert not modules & {"asyncpg", "litestar", "av", "structlog", "httpx", "runtime.database"}


async def test_wrong_settings_are_named_all_at_once() -> None:
    """Wrong settings stop the start with code 2, all of them named with the reason, and a slip with what was meant."""
    wrong = {
        "PIXEL_PORT": "eighty",
        "PIXEL_LEASE_SECONDS": "0.1",
        "PIXEL_LOG_FORMAT": "xml",
        "PIXEL_SANDBOX": "perhaps",
        "PIXEL_DATABSE_URL": "postgresql:///x",
    }
    code, output, errors = await run("serve", environment=wrong)
    assert (code, output) == (2, "")
    assert "Traceback" not in errors
    for setting in wrong:
        assert setting in errors
    assert "PIXEL_DATABSE_URL is not a setting; did you mean PIXEL_DATABASE_URL?" in errors


WRONG = {
    "PIXEL_DATABASE_URL": "mysql://db/x",
    "PIXEL_ASSETS_URL": "ftp://x/y",
    "PIXEL_CATALOG": "/nowhere/catalog.yaml",
    "PIXEL_SANDBOX_STANDS_IN_FOR": "nobody",
    "PIXEL_HOST": "300.1.1.1",
}


async def test_settings_that_look_right_and_are_not(database: str, folder: Path) -> None:
    """A setting that looks right and does not work stops the start with code 2, and is named, without a trace."""
    given = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder), "PIXEL_PORT": "0"}
    runs = [run("serve", environment={**given, setting: value}) for setting, value in WRONG.items()]
    for (setting, value), (code, output, errors) in zip(WRONG.items(), await asyncio.gather(*runs), strict=True):
        assert setting in errors or value in errors, errors
        assert "Traceback" not in errors
        assert (code, output) == (2, "")


async def test_a_port_that_is_taken(database: str, folder: Path) -> None:
    """A port that another process uses stops the start without a trace, and is named."""
    async with pixel(database, folder) as service:
        port = service.url.rpartition(":")[2]
        given = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder)}
        code, _, errors = await run("serve", "--port", port, environment=given)
        assert code not in {0, None}
        assert port in errors
        assert "Traceback" not in errors
        async with sql(database) as connection:
            assert await connection.fetchval("SELECT count(*) FROM workers") == 1


async def test_a_database_that_is_not_there(database: str) -> None:
    """A missing database is reported with the setting to look at; no trace, no password."""
    nowhere = database.replace("postgres@", "postgres:hunter2@").replace("pixel_test_", "pixel_nowhere_")
    given = {"PIXEL_DATABASE_URL": nowhere, "PIXEL_PORT": "0"}
    runs = [run(*command, environment=given) for command in (["serve"], ["migrate"], ["projections", "status"])]
    for code, output, errors in await asyncio.gather(*runs):
        assert "PIXEL_DATABASE_URL" in errors
        assert "Traceback" not in errors
        assert "hunter2" not in errors
        assert (code, output) == (2, "")
