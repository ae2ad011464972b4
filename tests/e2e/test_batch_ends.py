"""The end of a batch outlives the workers that would record it."""

import asyncio
import random
from pathlib import Path
from typing import Any

from domain.ids import batch_stream
from tests.e2e.service import Service, eventually, image_request, pixel, sql

ROUNDS, BATCHES, TASKS = 4, 6, 3


async def accepted(service: Service) -> str:
    """A batch of quick tasks; its id."""
    requests = [{"kind": "image"} | image_request(latency=0.05 * number) for number in range(TASKS)]
    answer = await service.client.post("/api/v1/batches", json={"requests": requests})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["id"])


async def test_each_batch_ends_once_though_workers_are_killed(database: str, folder: Path) -> None:
    """Workers that are killed (SIGKILL) at any moment while batches end, and others that take over, two at a time: each
    batch has one end, which counts all of its tasks."""
    chance = random.Random(20261128)
    batches: list[str] = []
    async with pixel(database, folder, role="api", wait="degraded") as api:
        for _ in range(ROUNDS):
            async with pixel(database, folder, role="worker") as one, pixel(database, folder, role="worker") as other:
                batches += [await accepted(api) for _ in range(BATCHES)]
                await asyncio.sleep(chance.uniform(0, 1.5))  # the moment is what varies here
                await asyncio.gather(one.kill(), other.kill())
        async with pixel(database, folder, role="worker"), sql(database) as connection:

            async def ends() -> dict[Any, list[int]]:
                rows = await connection.fetch(
                    "SELECT originator_id, convert_from(state, 'utf8')::json ->> 'completed' AS completed "
                    "FROM stored_events WHERE topic = 'BatchEnded'"
                )
                found: dict[Any, list[int]] = {}
                for row in rows:
                    found.setdefault(row["originator_id"], []).append(int(row["completed"]))
                return found

            async def all_ended() -> bool:
                return len(await ends()) == len(batches)

            await eventually("the ends of all batches", all_ended, api.log)
            assert await ends() == {batch_stream(batch): [TASKS] for batch in batches}
