"""The PostgreSQL that tests run on: one server per session, in it a migrated template, a fresh copy for each test."""

import asyncio
import gc
import os
import shutil
import subprocess
import uuid
import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import asyncpg

from adapters.postgres.database import Pool, migrate
from adapters.postgres.embedded import embedded_postgres
from projections.builds import prepare
from projections.read_models import READ_MODELS
from tests.temp_folder import temp_folder

IMAGE = "postgres:18-alpine"
# Only for servers whose data may be lost.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@asynccontextmanager
async def postgres_server(report: Callable[[str], None]) -> AsyncGenerator[str]:
    """Yields the DSN of a server where databases may be made: the given one, else one in Docker, else the embedded.

    `report` is called if Docker answers but has no server, so that the choice is visible."""
    if given := os.environ.get("PIXEL_TEST_DATABASE_URL"):
        yield given
        return
    container = await asyncio.to_thread(_begun_in_docker, report) if await asyncio.to_thread(_docker_answers) else None
    if container:
        try:
            yield container.get_connection_url()
        finally:
            await asyncio.to_thread(_end, container)
        return
    async with embedded_server() as dsn:
        yield dsn


@asynccontextmanager
async def embedded_server() -> AsyncGenerator[str]:
    """Yields the DSN of a server that ends with this process, however that ends."""
    folder = temp_folder("tests")
    # pytest-xdist ends its workers without their fixtures when it is told to stop.
    watcher = await asyncio.to_thread(
        subprocess.Popen, ("sh", "-c", _WATCH, "sh", folder), stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        async with embedded_postgres(folder / "data", report=print, settings=FAST) as dsn:
            yield dsn
    finally:
        await asyncio.to_thread(watcher.communicate)


# Its standard input ends with this process. Then it stops the server, where that still runs, and removes its folder.
_WATCH = """
cat > /dev/null
if pid=$(head -n 1 "$1/data/postgres/postmaster.pid" 2> /dev/null) && kill -INT "$pid" 2> /dev/null; then
    for _ in $(seq 100); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
    kill -QUIT "$pid" 2> /dev/null
fi
for _ in $(seq 100); do rm -rf "$1" 2> /dev/null && break; sleep 0.1; done
"""


@asynccontextmanager
async def migrated_template(server: str) -> AsyncGenerator[str]:
    """Yields the name of a database with all migrations, to be copied. It must have no connections meanwhile."""
    name = f"pixel_template_{uuid.uuid4().hex}"
    await _execute(server, f'CREATE DATABASE "{name}"')
    try:
        await migrate(database_dsn(server, name))
        yield name
    finally:
        await _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@asynccontextmanager
async def prepared_template(server: str, template: str) -> AsyncGenerator[str]:
    """Yields the name of a copy with the first build of each read model, to be copied in turn."""
    async with fresh_database(server, template) as dsn:
        await prepare(dsn, READ_MODELS)
        yield database_name(dsn)


@asynccontextmanager
async def fresh_database(server: str, template: str) -> AsyncGenerator[str]:
    """Yields the DSN of a new copy of the template, which is dropped afterwards, whoever is still connected."""
    name = f"pixel_test_{uuid.uuid4().hex}"
    await _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    try:
        yield database_dsn(server, name)
    finally:
        await _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def vacuum(pool: Pool, table: LiteralString) -> None:
    """Clean a table up and analyze it, once nobody needs what was there before: autovacuum itself may, while it
    analyzes another table."""
    async with asyncio.timeout(60):
        while await pool.fetchval(_SNAPSHOTS):
            await asyncio.sleep(0.02)
    await pool.execute("VACUUM ANALYZE " + table)


_SNAPSHOTS: LiteralString = """
SELECT count(*) FROM pg_stat_activity
WHERE backend_xmin IS NOT NULL AND datname = current_database() AND pid <> pg_backend_pid()
"""


def database_dsn(dsn: str, name: str) -> str:
    """The same server and login, another database."""
    parts = urlsplit(dsn)  # urlunsplit would drop the slashes of `postgresql:///name?host=/socket/folder`
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")


def database_name(dsn: str) -> str:
    """The name in it."""
    return urlsplit(dsn).path.removeprefix("/")


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


# testcontainers takes a while to import and is of no use without an engine that answers, hence the imports below.


def _docker_answers() -> bool:
    from docker.errors import DockerException  # type: ignore[import-untyped]  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415
    from testcontainers.core.docker_client import DockerClient  # noqa: PLC0415

    if not (shutil.which("docker") or os.environ.get("DOCKER_HOST") or Path("/var/run/docker.sock").exists()):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # docker drops its socket unclosed when nobody answers
        try:
            client: Any = DockerClient(timeout=3).client
            answered = bool(client.ping())
            client.close()
        except (DockerException, RequestException, OSError):
            answered = False
        gc.collect()
    return answered


def _begun_in_docker(report: Callable[[str], None]) -> Any:
    """A container that runs PostgreSQL; None where Docker can't make one, most often for want of the image."""
    from docker.errors import DockerException  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415

    container: Any = PostgresContainer(IMAGE, driver=None)
    container.with_command("postgres " + " ".join(f"-c {name}={value}" for name, value in FAST.items()))
    try:
        container.start()
    except (DockerException, RequestException, OSError) as error:
        _end(container)
        report(f"no PostgreSQL from Docker, the embedded one is used: {error}")
        return None
    return container


def _end(container: Any) -> None:
    from testcontainers.core.container import Reaper  # noqa: PLC0415

    container.stop()
    Reaper.delete_instance()  # its socket would be open until exit: a ResourceWarning
