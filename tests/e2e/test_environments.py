"""Environments: databases, folders and outputs that Pixel can't use are refused in one line; all others work."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from adapters.postgres.embedded import embedded_postgres
from tests.e2e.service import ROOT, clean_environment, image_request, patience, pixel, postgres_processes, run, sql
from tests.postgres import database_dsn, fresh_database


async def refused(command: str, **environment: str) -> str:
    """The one line of a command that can't start, with code 2."""
    code, output, errors = await run(command, environment=environment)
    assert (code, output, len(errors.splitlines())) == (2, "", 1), errors
    return errors


def as_user(dsn: str, user: str) -> str:
    """The same database, as another user."""
    parts = urlsplit(dsn)
    return f"{parts.scheme}://{user}@{parts.netloc.rpartition('@')[2]}{parts.path}?{parts.query}"


@asynccontextmanager
async def a_role(dsn: str) -> AsyncGenerator[str]:
    """A login that may do nothing yet."""
    role = f"role_{os.urandom(4).hex()}"
    async with sql(dsn) as connection:
        await connection.execute(f"CREATE ROLE {role} LOGIN")
        try:
            yield role
        finally:
            await connection.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")


async def test_a_user_without_rights_gets_the_missing_grant(database_server: str) -> None:
    """As since PostgreSQL 15, a login that does not own the database may make no table in public: one line names the
    grant, one after the other; then it works."""
    async with fresh_database(database_server, "template1") as dsn, a_role(dsn) as role:
        theirs = as_user(dsn, role)
        name = urlsplit(dsn).path[1:]
        assert "GRANT CREATE ON DATABASE" in await refused("migrate", PIXEL_DATABASE_URL=theirs)
        async with sql(dsn) as connection:
            await connection.execute(f"GRANT CREATE ON DATABASE {name} TO {role}")
            assert "GRANT CREATE ON SCHEMA public" in await refused("migrate", PIXEL_DATABASE_URL=theirs)
            await connection.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
        assert (await run("migrate", environment={"PIXEL_DATABASE_URL": theirs}))[0] == 0


async def test_tables_lie_in_public_whatever_the_path_of_the_login(database_server: str, folder: Path) -> None:
    """A login with a schema of its own before public makes a Pixel that works, and starts again."""
    async with fresh_database(database_server, "template1") as dsn, a_role(dsn) as role:
        async with sql(dsn) as connection:
            await connection.execute(f"CREATE SCHEMA own AUTHORIZATION {role}")
            await connection.execute(f"ALTER ROLE {role} SET search_path = own, public")
            await connection.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
            await connection.execute(f"GRANT CREATE ON DATABASE {urlsplit(dsn).path[1:]} TO {role}")
        theirs = as_user(dsn, role)
        assert (await run("migrate", environment={"PIXEL_DATABASE_URL": theirs}))[0] == 0
        for _ in range(2):
            async with pixel(theirs, folder) as service:
                task = await service.post("image", image_request())
                assert (await service.ended(task))["status"] == "completed"
        async with sql(dsn) as connection:
            assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'own'") == 0


async def test_tables_in_another_schema_are_reported(database_server: str) -> None:
    """Tables that an older Pixel left half in another schema stop the start, and are named."""
    async with fresh_database(database_server, "template1") as dsn:
        assert (await run("migrate", environment={"PIXEL_DATABASE_URL": dsn}))[0] == 0
        async with sql(dsn) as connection:
            await connection.execute("CREATE SCHEMA own; ALTER TABLE stored_events SET SCHEMA own")
        assert "lie in the schema own" in await refused("serve", PIXEL_DATABASE_URL=dsn)


async def test_a_database_that_is_not_utf8_is_refused(database_server: str) -> None:
    """Prompts are in every script: an encoding that can't hold them is refused before anything is stored."""
    name = f"latin_{os.urandom(4).hex()}"
    async with sql(database_server) as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        try:
            for command in ("migrate", "serve"):
                said = await refused(command, PIXEL_DATABASE_URL=database_dsn(database_server, name))
                assert "SQL_ASCII" in said
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_an_unknown_parameter_is_reported(database: str) -> None:
    """Parameters of neither the driver nor another tool go to PostgreSQL, whose error is one line."""
    said = await refused("serve", PIXEL_DATABASE_URL=f"{database}&no_such_thing=1")
    assert "unrecognized configuration parameter" in said


@asynccontextmanager
async def bouncer(server: psutil.Process, database: str, mode: str) -> AsyncGenerator[str]:
    """A PgBouncer before a server of ours, run by its account. Yields the address of the database behind it."""
    home = Path(server.cwd())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="pixel-bouncer-"))
    uid, gid = server.uids().real, server.gids().real
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{database} = host={home} port=5432 user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\nunix_socket_dir =\n"
        f"pool_mode = {mode}\n"
    )
    for path in (folder, settings):
        os.chown(path, uid, gid)
    process = await asyncio.create_subprocess_exec(
        *("pgbouncer", "-q", str(settings)), stderr=asyncio.subprocess.DEVNULL, user=uid, group=gid, extra_groups=[]
    )
    try:
        async with patience("PgBouncer to listen"):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.02)
        yield f"postgresql://postgres@127.0.0.1:{port}/{database}"
    finally:
        process.kill()
        await process.wait()
        await asyncio.to_thread(shutil.rmtree, folder)


@pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="PgBouncer is not installed")
async def test_behind_pgbouncer(folder: Path) -> None:
    """In session mode Pixel works; with shared sessions the start is refused, with the reason."""
    async with embedded_postgres(folder / "server", report=print, settings={"fsync": "off"}):
        [server] = postgres_processes(folder / "server")
        async with bouncer(server, "pixel", "session") as dsn:
            assert (await run("migrate", environment={"PIXEL_DATABASE_URL": dsn}))[0] == 0
            async with pixel(dsn, folder) as service:
                task = await service.post("image", image_request())
                assert (await service.ended(task))["status"] == "completed"
                assert [view["id"] for view in (await service.get("/api/v1/tasks"))["tasks"]] == [task]
        for mode in ("transaction", "statement"):
            async with bouncer(server, "pixel", mode) as dsn:
                for command in ("serve", "migrate"):
                    said = await refused(command, PIXEL_DATABASE_URL=dsn)
                    assert "pool_mode" in said


async def test_the_reader_of_the_output_may_stop(folder: Path) -> None:
    """A reader that ends early (`| head`) is no failure; a full disk is reported as such, not as a lost database."""
    here = {"PIXEL_DATA_DIR": str(folder)}
    async with pixel(None, folder) as service:
        task = await service.post("image", image_request())
        await service.ended(task)
        for options in (["--json"], []):
            said = await _printing_to("/dev/full", "history", task, *options, environment=here)
            assert said == (1, "pixel: [Errno 28] No space left on device\n")
            said = await _printing_to(None, "history", task, *options, environment=here)
            assert said[0] != 0
            assert said[1] == ""


async def _printing_to(place: str | None, *arguments: str, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command with its output to a file, or to a pipe without a reader. Returns its code and its errors."""
    if place is None:
        reader, output = os.pipe()
        os.close(reader)
    else:
        output = os.open(place, os.O_WRONLY)
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "runtime.cli.main", *arguments),
            cwd=ROOT,
            env=clean_environment() | environment,
            stdout=output,
            stderr=asyncio.subprocess.PIPE,
        )
    finally:
        os.close(output)
    async with patience("the command to end"):
        _, errors = await process.communicate()
    return process.returncode or 0, errors.decode()
