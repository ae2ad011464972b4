"""Money, with providers as processes of their own: Pixel is killed, the provider goes away, PostgreSQL restarts."""

import asyncio
import os
import random
from contextlib import suppress
from pathlib import Path

from tests.e2e import laws, providers
from tests.e2e.providers import Crowd, World
from tests.e2e.service import Died, pixel, until_ready
from tests.simulators.wishes import PLACES

UP = ("ready", "degraded")  # degraded: calls wait for a person
SETTINGS = {"lease_seconds": 0.5, "sandbox": "false"}


async def test_killed_at_any_moment_nothing_is_paid_twice(database: str, folder: Path) -> None:
    """`kill -9` at random moments with orders to every provider under way: no task is lost, none has two effects, and
    every doubt is settled or waits for a person. PIXEL_TEST_PROVIDER_KILLS says how often."""
    kills = int(os.environ.get("PIXEL_TEST_PROVIDER_KILLS", "3"))
    seed = int(os.environ.get("PIXEL_TEST_KILL_SEED", random.randrange(1_000_000)))
    crowd = Crowd(random.Random(seed), list(PLACES))
    async with providers.world(crowd.names) as world:
        for _ in range(kills):
            await _until_killed(database, folder, world, crowd)
        crowd.most = 0
        async with pixel(database, folder, wait="", settings=SETTINGS, environment=world.environment) as service:
            await until_ready(service, *UP)
            await crowd.press(service)
            await providers.settled(database)
        await _look(database, world, crowd, f"PIXEL_TEST_KILL_SEED={seed}: {kills} kills")


async def test_a_provider_that_is_away_for_a_while_loses_nothing(database: str, folder: Path) -> None:
    """While it is down tasks wait, and do not fail; when it is back they are done, once each."""
    name, seconds = "modelscope", float(os.environ.get("PIXEL_TEST_DOWN_SECONDS", "4"))
    crowd = Crowd(random.Random(7), [name], marks={None: 1}, most=40)
    async with providers.world([name]) as world:
        async with pixel(database, folder, settings=SETTINGS, environment=world.environment) as service:
            asking = asyncio.create_task(crowd.press(service))
            await asyncio.sleep(0.5)
            await world.down(name, down=True)
            await asyncio.sleep(seconds)
            await world.down(name, down=False)
            await asking
            await providers.settled(database)
        await _look(database, world, crowd, f"down for {seconds} s")


async def _until_killed(database: str, folder: Path, world: World, crowd: Crowd) -> None:
    moment = crowd.random.uniform(0.0, 1.5)
    environment = world.environment
    async with pixel(database, folder, wait="", settings=SETTINGS, environment=environment) as service:

        async def ask() -> None:
            await until_ready(service, *UP)
            await crowd.press(service)

        asking = asyncio.create_task(ask())
        with suppress(Died, TimeoutError):
            async with asyncio.timeout(5):
                await until_ready(service, *UP)
        await asyncio.sleep(moment)
        await service.kill()
        with suppress(Died):
            await asking


async def _look(database: str, world: World, crowd: Crowd, what: str) -> None:
    histories = (await laws.read(database)).histories
    waiting = await providers.doubtful(database)
    bills = await world.ledger()
    print(f"{what}, {len(histories)} tasks, {len(bills)} effects, {len(waiting)} wait for a person")
    problems = providers.broken(histories, bills, crowd, waiting)
    assert not problems, "\n".join([what, *problems])
