"""How often did the sandbox make each task of a Pixel's folder? One line of JSON: {task: effects}."""

import asyncio
import json
import sys
from pathlib import Path

import asyncpg


async def effects(socket_folder: str, port: int) -> dict[str, int]:
    """Ask the sandbox's own books."""
    connection = await asyncpg.connect(host=socket_folder, port=port, user="postgres", database="pixel")
    try:
        return dict(await connection.fetch("SELECT task_id, count(*) FROM sandbox.jobs GROUP BY 1"))
    finally:
        await connection.close()


[postmaster] = Path(sys.argv[1]).rglob("postmaster.pid")
lines = postmaster.read_text().splitlines()
sys.stdout.write(json.dumps(asyncio.run(effects(lines[4], int(lines[3])))))
