"""`python -m tests.simulators NAME --port PORT`: one simulator, until it is interrupted."""

import argparse
import asyncio
import contextlib

from tests.simulators.serve import NAMES, make, served


async def main() -> None:
    """Serve, and say where."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulators", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    async with served(make(options.name), port=options.port) as address:
        print(f"{options.name} simulator at {address}", flush=True)
        await asyncio.Event().wait()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
