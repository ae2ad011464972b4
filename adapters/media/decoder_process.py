"""What runs in the child processes that open media: `python -m adapters.media.decoder_process FD`, started by
`Decoders`.

One process imports the libraries and waits. For every job it forks a process that opens one file within limits that the
kernel enforces, answers, and ends. So nothing of a file outlives its job, and a file can only break its own process."""

import gc
import mmap
import os
import resource
import select
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image

from adapters.media import derivatives, geolocation
from adapters.media.input_image import sendable
from adapters.media.probe import Limits, Media, UnknownMedia, UnreadableMedia, measure
from domain.base import Value

# The limits of one job. 64 megapixels of any kind, and an hour of audio, take less than half of each.
MEMORY_BYTES: Final = 1536 * 1024 * 1024
CPU_SECONDS: Final = 20
WALL_SECONDS: Final = 60


# --- What is asked and answered ---


class Measure(Value, tag=True):
    """What is in these bytes? `places`: also return where they hold a geographic position."""

    limits: Limits
    places: bool = False


class Draw(Value, tag=True):
    """Draw a derivative of a file of this type."""

    media_type: str
    name: derivatives.Name
    width: int


class Prepare(Value, tag=True):
    """Prepare an image of this type for a provider."""

    media_type: str


Job = Measure | Draw | Prepare


class Measured(Value, tag=True):
    """The answer to Measure."""

    media: Media
    places: list[tuple[int, bytes]] = []


class Drawn(Value, tag=True):
    """The answer to Draw."""

    data: bytes


class Prepared(Value, tag=True):
    """The answer to Prepare; without data the image may go as it is."""

    media_type: str
    data: bytes = b""


class Unreadable(Value, tag=True):
    """The file is at fault. `known` is False when it begins like no type that is stored."""

    message: str
    known: bool = True


class Broken(Value, tag=True):
    """A mistake of ours: where an unexpected error was raised."""

    error: str


class Died(Value, tag=True):
    """The process of the job was ended by this signal, or ended itself (0), before it had answered."""

    signal: int


Answer = Measured | Drawn | Prepared | Unreadable | Broken | Died


# --- The process that waits ---

# What Pillow imports when it first meets an image that needs it.
_LATE: Final = ("PIL.MpoImagePlugin", "PIL.TiffImagePlugin", "PIL.WebPImagePlugin")
_STREAMS: Final = "adapters.media.streams"
_WITH_STREAMS: Final = 3  # the exit code of a job that needed it


def load() -> None:
    """Import all that jobs with images need, so that none does. Pillow's `init` would load thirty plugins that none
    needs."""
    Image.preinit()
    for name in _LATE:
        import_module(name)


def load_streams() -> None:
    """Import what jobs with video or audio need, too. It takes as long as the rest, so the first such job does it
    itself, and this process after it, for all others."""
    if _STREAMS not in sys.modules:
        import_module(_STREAMS)
        gc.freeze()


def main(control: socket.socket) -> None:
    """Fork for each byte that arrives, with the socket and the file that come with it. Returns when all writers have
    closed."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # whoever stops the service lets it finish what it has in hand
    ended, ends = socket.socketpair()
    ended.setblocking(False)
    ends.setblocking(False)
    signal.signal(signal.SIGCHLD, _wake)
    signal.set_wakeup_fd(ends.fileno(), warn_on_full_buffer=False)
    jobs: dict[int, socket.socket] = {}
    gc.freeze()
    control.sendall(b"ready")
    while True:
        readable, _, _ = select.select([control, ended], [], [])
        if ended in readable:
            ended.recv(4096)
            _reap(jobs)
        if control in readable:
            request, files, _, _ = socket.recv_fds(control, 1, 2)
            if not request:
                os.killpg(0, signal.SIGKILL)  # the service is gone, however it went
            connection = socket.socket(fileno=files[0])
            job = os.fork()
            if job == 0:
                for other in (control, ended, ends, *jobs.values()):
                    other.close()
                _work(connection, files[1])
            os.close(files[1])
            jobs[job] = connection


def _wake(_number: int, _frame: object) -> None:
    """To be woken is enough."""


def _reap(jobs: dict[int, socket.socket]) -> None:
    while jobs:
        job, status = os.waitpid(-1, os.WNOHANG)
        if job == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        with jobs.pop(job) as connection:
            if code not in {0, _WITH_STREAMS}:
                connection.setblocking(False)
                _send(connection, Died(signal=max(-code, 0)))
        if code == _WITH_STREAMS:
            load_streams()  # whoever has asked has the answer by now


def _send(connection: socket.socket, answer: Answer) -> None:
    try:
        connection.sendall(msgspec.msgpack.encode(answer))
    except OSError:
        return  # nobody waits for it any more


# --- The process of one job ---


def _work(connection: socket.socket, file: int) -> None:
    """Never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        request = b""
        while piece := connection.recv(4096):
            request += piece
        size = os.fstat(file).st_size
        data = mmap.mmap(file, size, access=mmap.ACCESS_READ)[:] if size else b""
        _limit()
        _send(connection, answer(msgspec.msgpack.decode(request, type=Job), data))
        code = _WITH_STREAMS if _STREAMS in sys.modules else 0
    finally:
        os._exit(code)  # neither the service's nor the waiting process's ends are this one's to tidy up


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dump of a process that holds somebody's image
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(WALL_SECONDS)
    process = Path("/proc/self")
    if process.is_dir():  # elsewhere than on Linux an address space is not bounded
        used = int((process / "statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
        try:
            (process / "oom_score_adj").write_text("1000")  # where memory ends, this process goes, not the service
        except OSError:
            return


def answer(job: Job, data: bytes) -> Answer:
    """Do one job. Never raises."""
    try:
        match job:
            case Measure(limits=limits, places=places):
                media = measure(data, limits)
                return Measured(media=media, places=geolocation.changes(data, media.media_type) if places else [])
            case Draw(media_type=media_type, name=name, width=width):
                return Drawn(data=derivatives.make(data, media_type, name, width))
            case Prepare(media_type=media_type):
                made = sendable(data, media_type)
                return Prepared(data=made[0], media_type=made[1]) if made else Prepared(media_type=media_type)
    except UnreadableMedia as error:
        return Unreadable(message=str(error), known=not isinstance(error, UnknownMedia))
    except MemoryError:
        return Unreadable(message=f"It takes more than {MEMORY_BYTES // 1024**2} MiB to decode")
    except Exception as error:  # noqa: BLE001 - sent to whoever waits
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
        return Broken(error=f"{type(error).__name__} at {place}")  # its text could repeat what is in the file


if __name__ == "__main__":
    load()
    main(socket.socket(fileno=int(sys.argv[1])))
