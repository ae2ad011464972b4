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
MOST_LINE_BYTES = 2**22
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.e2e.killable", "tests.simulators.serve"])


class Forked:
    """One process, used as one of asyncio's."""

    def __init__(self, process: ForkServerProcess, stdout: asyncio.StreamReader) -> None:
        self._process = process
        self.stdout = stdout
        self.pid = process.pid or 0

    @classmethod
    async def spawn(cls, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> "Forked":
        """Run `python -m MODULE ARGUMENTS`, with all it says on one stream."""
        await asyncio.to_thread(forkserver.ensure_running)
        ours, theirs = os.pipe()
        stdout = asyncio.StreamReader(limit=MOST_LINE_BYTES)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stdout), os.fdopen(ours, "rb", 0)
        )
        with Connection(theirs, readable=False) as output:
            process = CONTEXT.Process(target=_run, args=(module, list(arguments), dict(environment), output))
            process.start()
        return cls(process, stdout)

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
        """As a power cut would."""
        self.send_signal(signal.SIGKILL)


def _run(module: str, arguments: list[str], environment: dict[str, str], output: Connection) -> None:
    for stream in (1, 2):
        os.dup2(output.fileno(), stream)
    output.close()
    os.environ.clear()
    os.environ.update(environment)
    raise SystemExit(import_module(module).main(arguments))
