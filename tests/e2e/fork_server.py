"""Starting `pixel serve` a hundred times: forked from a process that has imported it, it is up in half the time.

Each is a process of its own all the same, with its own id, environment and output."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

LOOK_SECONDS = 0.01
MAX_LINE_BYTES = 2**22
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.e2e.preloaded"])


class Forked:
    """One process, used as one of asyncio's."""

    def __init__(
        self, process: ForkServerProcess, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader | None = None
    ) -> None:
        self._process = process
        self.stdout = stdout
        self.stderr = stderr
        self.pid = process.pid or 0

    @classmethod
    async def spawn(
        cls, module: str, arguments: Sequence[str], environment: Mapping[str, str], *, errors_apart: bool = False
    ) -> "Forked":
        """Run `python -m MODULE ARGUMENTS`, with all it says on one stream, or its errors on another."""
        await asyncio.to_thread(forkserver.ensure_running)
        stdout, output = await _pipe()
        stderr, errors = await _pipe() if errors_apart else (None, output)
        with output, errors:
            process = CONTEXT.Process(target=_run, args=(module, list(arguments), dict(environment), output, errors))
            process.start()
        return cls(process, stdout, stderr)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Its complete output and its errors, once it has ended."""
        assert self.stderr is not None
        output, errors = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return output, errors

    @property
    def returncode(self) -> int | None:
        """How it ended: its exit code, or less than zero for a signal."""
        return self._process.exitcode

    async def wait(self) -> int:
        """The same, when it has ended."""
        while (code := self.returncode) is None:
            await asyncio.sleep(LOOK_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if it has not ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        self.send_signal(signal.SIGKILL)


async def _pipe() -> tuple[asyncio.StreamReader, Connection]:
    """A pipe: a reader for this process, and the end that the other process writes to."""
    ours, theirs = os.pipe()
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(lambda: _PipeEnd(reader), os.fdopen(ours, "rb", 0))
    return reader, Connection(theirs, readable=False)


class _PipeEnd(asyncio.StreamReaderProtocol):
    """Closes the pipe when the other end is closed, which asyncio does by itself, and uvloop does not."""

    _pipe: asyncio.BaseTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._pipe = transport

    def eof_received(self) -> bool:
        super().eof_received()
        self._pipe.close()
        return False


def _run(
    module: str, arguments: list[str], environment: dict[str, str], output: Connection, errors: Connection
) -> None:
    os.dup2(output.fileno(), 1)
    os.dup2(errors.fileno(), 2)
    output.close()
    errors.close()
    os.environ.clear()
    os.environ.update(environment)
    raise SystemExit(import_module(module).main(arguments))
