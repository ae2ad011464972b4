"""A process full of writers: `python -m tests.adapters.postgres.event_log_writer DSN WRITERS`.

Each writer appends to a stream of its own until standard input ends. Prints "ready" when each has had an answer, and at
the end the answers as [position, events, began, ended], times by the machine's monotonic clock."""

import asyncio
import json
import sys
import time
import uuid

from tests.adapters.postgres.event_log_rig import CAUSE, opened, progress


async def main(dsn: str, writers: int) -> None:
    answered: list[tuple[int, int, float, float]] = []
    ended = asyncio.Event()

    async def write(started: "asyncio.Future[None]") -> None:
        stream, version = uuid.uuid4(), 0
        while not ended.is_set():
            count, began = 1 + version % 3, time.monotonic()
            receipt = await log.append(stream, version, [progress()] * count, CAUSE)
            assert receipt.version == version + count
            version = receipt.version
            answered.append((receipt.position, count, began, time.monotonic()))
            if not started.done():
                started.set_result(None)

    async with opened(dsn) as log, asyncio.TaskGroup() as group:
        loop = asyncio.get_running_loop()
        started = [loop.create_future() for _ in range(writers)]
        for each in started:
            group.create_task(write(each))
        await asyncio.gather(*started)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        ended.set()
    print(json.dumps(answered))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
