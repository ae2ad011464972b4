"""`kill -9` at any moment, with orders to providers that are processes of their own."""

import asyncio
import os
import random
from contextlib import suppress
from pathlib import Path

from tests.e2e import providers
from tests.e2e.providers import SETTINGS, UP, Crowd, World
from tests.e2e.service import Died, pixel, until_ready
from tests.patience import patient
from tests.simulators.example_requests import PLACES


async def test_killed_at_any_moment_nothing_is_paid_twice(database: str, folder: Path) -> None:
    """`kill -9` at random moments with orders to every provider under way: no task is lost, none has two effects, and
    every doubt is settled or waits for a person. PIXEL_TEST_PROVIDER_KILLS says how often."""
    kills = int(os.environ.get("PIXEL_TEST_PROVIDER_KILLS", "3"))
    seed = int(os.environ.get("PIXEL_TEST_KILL_SEED", random.randrange(1_000_000)))
    crowd = Crowd(random.Random(seed), list(PLACES))
    async with providers.world(crowd.names) as world:
        for _ in range(kills):
            await _until_killed(database, folder, world, crowd)
        crowd.max_wishes = 0
        async with pixel(database, folder, wait="", settings=SETTINGS, environment=world.environment) as service:
            await until_ready(service, *UP)
            await crowd.press(service)
            await providers.settled(database)
        await providers.look(database, world, crowd, f"PIXEL_TEST_KILL_SEED={seed}: {kills} kills")


async def _until_killed(database: str, folder: Path, world: World, crowd: Crowd) -> None:
    moment = crowd.random.uniform(0.0, 1.5)
    environment = world.environment
    async with pixel(database, folder, wait="", settings=SETTINGS, environment=environment) as service:

        async def ask() -> None:
            await until_ready(service, *UP)
            await crowd.press(service)

        asking = asyncio.create_task(ask())
        with suppress(Died, TimeoutError):
            async with asyncio.timeout(patient(5)):
                await until_ready(service, *UP)
        await asyncio.sleep(moment)
        await service.kill()
        with suppress(Died):
            await asking
