"""A runner, or a rebuild, in a process of its own, which a test may kill or suspend.

`python -m tests.projections.own_process rebuild DSN` hangs with its first rows written and not committed;
`… run DSN` follows the log. Both print `up` when they have come so far."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from adapters.postgres.database import open_pool
from adapters.postgres.event_log import EventLog
from projections.runner import Runner
from tests.e2e.fork_server import Forked
from tests.patience import COMMIT_SECONDS, patient
from tests.projections.counting_model import COUNTING_MODEL
from tests.projections.projection_rig import PATIENCE_SECONDS, Gate, ProjectionRig


@asynccontextmanager
async def own_process(rig: ProjectionRig, what: str, *, ready: str = "up") -> AsyncGenerator[Forked]:
    """Start the process, and yield it when it has printed `ready`. It is killed at the end."""
    process = await Forked.spawn("tests.projections.own_process", [what, rig.dsn], os.environ)
    try:
        async with asyncio.timeout(patient(PATIENCE_SECONDS)):
            while ready not in (line := (await process.stdout.readline()).decode()):
                assert line, f"it ended before it printed {ready!r}"
        yield process
    finally:
        process.kill()
        await process.wait()


async def _rebuild(dsn: str, log: EventLog) -> None:
    gate = Gate(COUNTING_MODEL)
    rebuilding = asyncio.create_task(Runner(gate.read_model, log, dsn).rebuild())
    await gate.reached.wait()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    await rebuilding


async def _run(dsn: str, log: EventLog) -> None:
    def up() -> None:
        sys.stdout.write("up\n")
        sys.stdout.flush()

    await Runner(COUNTING_MODEL, log, dsn, changed=up).run()


async def _main(what: str, dsn: str) -> None:
    pool = await open_pool(dsn, size=2)
    log = EventLog(dsn, pool, patience_seconds=COMMIT_SECONDS)
    listening = asyncio.create_task(log.listen())
    try:
        await (_rebuild if what == "rebuild" else _run)(dsn, log)
    finally:
        listening.cancel()


def main(arguments: Sequence[str]) -> None:
    """Run until the process is killed."""
    asyncio.run(_main(*arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
