"""Where are media files opened? In child processes: a bad file costs bounded time and memory, and never the service's.

The first job starts a waiting process, which forks a process for each job (`decoder_process`). A job that crashes or
exceeds its limits is the file's fault, which is remembered for a while; any other failure is ours."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Final, Literal, Self

import msgspec
import structlog

from adapters.media.decoder_process import (
    CPU_SECONDS,
    WALL_SECONDS,
    Answer,
    Broken,
    Died,
    Draw,
    Drawn,
    Job,
    Measure,
    Measured,
    Prepare,
    Prepared,
    Unreadable,
)
from adapters.media.derivatives import Name
from adapters.media.geolocation import Change, without
from adapters.media.output_file import memory_file
from adapters.media.probe import Limits, Media, UnknownMedia, UnreadableMedia
from application.ports import AssetsUnavailable, OutputFile

For = Literal["callers", "tasks"]
"""For whom a file is opened. What callers bring and ask for never holds up what is paid for."""

_AT_ONCE: Final = 2  # of each
_START_SECONDS: Final = 30.0
_MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
_MAX_FAILURES: Final = 1000
_FAILURE_SECONDS: Final = 600.0
# What a child needs of the environment: not the keys of providers.
_ENVIRONMENT: Final = ("PATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")
_ROOT: Final = Path(__file__).parents[2]

logger = structlog.get_logger("pixel.decoders")


class DecodersUnavailable(AssetsUnavailable):
    """The file can't be judged: no process could open it, or a mistake of ours prevented it."""


class Decoders:
    """The child processes of this process. Safe to share between tasks; starts nothing before the first job."""

    def __init__(self) -> None:
        self.problem: str | None = None
        """What is wrong with the decoders themselves, None when the last job went well."""
        self._turns = {"callers": asyncio.Semaphore(_AT_ONCE), "tasks": asyncio.Semaphore(_AT_ONCE)}
        self._jobs: set[asyncio.Task[Answer]] = set()
        self._failed: OrderedDict[tuple[str, Job], tuple[float, UnreadableMedia]] = OrderedDict()
        self._starting = asyncio.Lock()
        self._waiting: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def measure(self, data: bytes | OutputFile, sha256: str, limits: Limits, *, by: For) -> Media:
        """The media type and the measures of these bytes. Raises UnreadableMedia, DecodersUnavailable."""
        answer = await self._run(Measure(limits=limits), data, sha256, by)
        if not isinstance(answer, Measured):
            raise DecodersUnavailable("a decoder has answered another question")
        return answer.media

    async def without_places(
        self, data: bytes | OutputFile, sha256: str, limits: Limits, *, by: For
    ) -> tuple[Media, bytes | OutputFile]:
        """The measures, and the bytes without a geographic position; a file is changed in place.

        Raises UnreadableMedia, DecodersUnavailable."""
        answer = await self._run(Measure(limits=limits, places=True), data, sha256, by)
        if not isinstance(answer, Measured):
            raise DecodersUnavailable("a decoder has answered another question")
        return answer.media, await asyncio.to_thread(_without, data, answer.places) if answer.places else data

    async def draw(self, data: bytes, sha256: str, media_type: str, name: Name, width: int) -> bytes:
        """A derivative of the media. Raises UnreadableMedia, DecodersUnavailable."""
        answer = await self._run(Draw(media_type=media_type, name=name, width=width), data, sha256, "callers")
        if not isinstance(answer, Drawn):
            raise DecodersUnavailable("a decoder has answered another question")
        return answer.data

    async def prepare(self, data: bytes, sha256: str, media_type: str) -> tuple[bytes, str]:
        """An image as it goes to a provider, and its media type. Raises UnreadableMedia, DecodersUnavailable."""
        answer = await self._run(Prepare(media_type=media_type), data, sha256, "tasks")
        if not isinstance(answer, Prepared):
            raise DecodersUnavailable("a decoder has answered another question")
        return answer.data or data, answer.media_type

    async def close(self, after_seconds: float = 0.0) -> None:
        """Accept no more jobs, give running jobs a moment, and end all processes."""
        self._closed = True
        if self._jobs and after_seconds > 0:
            await asyncio.wait(self._jobs, timeout=after_seconds)
        self._end()
        if self._jobs:
            await asyncio.wait(self._jobs)

    async def _run(self, job: Job, data: bytes | OutputFile, sha256: str, by: For) -> Measured | Drawn | Prepared:
        now = asyncio.get_running_loop().time()
        known = self._failed.get((sha256, job))
        if known is not None and now < known[0]:
            raise known[1]
        turn = self._turns[by]
        await turn.acquire()
        running = asyncio.create_task(self._ask(job, data))
        self._jobs.add(running)
        running.add_done_callback(self._jobs.discard)
        running.add_done_callback(lambda _: turn.release())
        # A caller may go, but the job keeps its slot until it ends; else impatient callers would exceed the limit.
        answer = await asyncio.shield(running)
        match answer:
            case Unreadable(message=message, known=known_kind):
                raise self._remembered(sha256, job, UnreadableMedia(message) if known_kind else UnknownMedia(message))
            case Died(signal=number):
                logger.warning("a decoder died", sha256=sha256, job=type(job).__name__, signal=number)
                raise self._remembered(sha256, job, UnreadableMedia(_why(number)))
            case Broken(error=error):
                self.problem = f"decoders: {error}"
                logger.error("a decoder failed", sha256=sha256, job=type(job).__name__, error=error)
                raise DecodersUnavailable("The medium could not be looked into")
            case Measured() | Drawn() | Prepared():
                self.problem = None
                return answer

    def _remembered(self, sha256: str, job: Job, error: UnreadableMedia) -> UnreadableMedia:
        self._failed[sha256, job] = (asyncio.get_running_loop().time() + _FAILURE_SECONDS, error)
        if len(self._failed) > _MAX_FAILURES:
            self._failed.popitem(last=False)
        return error

    async def _ask(self, job: Job, data: bytes | OutputFile) -> Answer:
        for _ in range(2):  # the waiting process may have been killed: not by a file, which it never opens
            control = await self._started()
            try:
                file = await asyncio.to_thread(_as_file, data)
            except OSError as error:
                return Broken(error=f"no room to hand a file over: {error.strerror}")
            try:
                ours, theirs = socket.socketpair()
                with ours, theirs:
                    try:
                        socket.send_fds(control, [b"j"], [theirs.fileno(), file])
                    except OSError:
                        self._end()
                        continue
                    theirs.close()
                    answer = await read_answer(ours, job)
            finally:
                os.close(file)
            if answer is not None:
                return answer
            self._end()
        return Broken(error="the process that starts decoders dies")

    async def _started(self) -> socket.socket:
        async with self._starting:
            if self._control is None:
                ours, theirs = socket.socketpair()
                ours.setblocking(False)
                with theirs:
                    process = await asyncio.to_thread(_start, theirs.fileno())
                self._waiting, self._control = process, ours
                try:
                    async with asyncio.timeout(_START_SECONDS):
                        ready = await asyncio.get_running_loop().sock_recv(ours, 64)
                except (OSError, TimeoutError):
                    ready = b""
                if not ready or self._closed:
                    self._end()
                    self.problem = "decoders: they can't be started; try `python -m adapters.media.decoder_process`"
                    raise DecodersUnavailable("Pixel can't look into media now")
            return self._control

    def _end(self) -> None:
        """End the waiting process and all of its children."""
        process, self._waiting = self._waiting, None
        control, self._control = self._control, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()  # it has been killed
        if control is not None:
            control.close()


def _start(control: int) -> subprocess.Popen[bytes]:
    """Start a process in its own session, so that it can be ended as a whole and a Ctrl-C does not reach it."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "adapters.media.decoder_process", str(control)],
        pass_fds=[control],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        # Each arena of glibc takes 64 MiB of the address space that is bounded.
        env={**environment, "PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "2"},
        start_new_session=True,
    )


def _without(data: bytes | OutputFile, places: list[Change]) -> bytes | OutputFile:
    if isinstance(data, bytes):
        return without(data, places)
    data.overwrite(places)
    return data


def _as_file(data: bytes | OutputFile) -> int:
    """The descriptor of a file that holds these bytes, in memory where they are in none."""
    if not isinstance(data, bytes):
        return data.descriptor()
    file = memory_file()
    try:
        with memoryview(data) as left:
            done = 0
            while done < len(left):
                done += os.write(file, left[done : done + 2**24])
    except BaseException:
        os.close(file)
        raise
    return file


async def read_answer(ours: socket.socket, job: Job) -> Answer | None:
    """Send the job and return the answer of the child; None when the waiting process is gone or hangs."""
    loop = asyncio.get_running_loop()
    ours.setblocking(False)
    body = bytearray()
    try:
        async with asyncio.timeout(WALL_SECONDS + _START_SECONDS):
            await loop.sock_sendall(ours, msgspec.msgpack.encode(job))
            ours.shutdown(socket.SHUT_WR)
            # A job that died before it had read what it is asked: its socket is reset after the answer.
            with contextlib.suppress(ConnectionResetError):
                while piece := await loop.sock_recv(ours, 2**18):
                    body += piece
                    if len(body) > _MAX_ANSWER_BYTES:
                        return Died(signal=0)
    except (OSError, TimeoutError):
        return None
    if not body:
        return None
    try:
        answer: Answer = msgspec.msgpack.decode(body, type=Answer)
    except msgspec.DecodeError:  # it died while it answered
        return Died(signal=0)
    return answer


def _why(number: int) -> str:
    if number in {signal.SIGXCPU, signal.SIGALRM}:
        return f"It takes more than {CPU_SECONDS} seconds to decode"
    return "It takes too much memory to decode, or breaks the decoder"
