"""An embedded PostgreSQL for one test, which may kill, restart and suspend it."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from adapters.postgres.embedded import embedded_postgres
from tests.e2e.service import postgres_processes


class Server:
    """The PostgreSQL server of one test; `dsn` is its address while it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dsn = ""

    async def end(self, number: signal.Signals) -> None:
        """SIGKILL: a crash. SIGINT: a restart by an operator."""
        [postmaster] = postgres_processes(self.folder)
        postmaster.send_signal(number)
        await asyncio.to_thread(postmaster.wait, 30)

    @contextmanager
    def standing_still(self) -> Generator[None]:
        """Suspend all processes of the server until the end of the block."""
        [postmaster] = postgres_processes(self.folder)
        stopped = [postmaster, *postmaster.children()]
        for process in stopped:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                process.resume()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run the server until the end of the block."""
        async with embedded_postgres(self.folder, report=print, settings={"fsync": "off"}) as self.dsn:
            yield
