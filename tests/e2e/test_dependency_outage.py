"""A provider and PostgreSQL go away under load and come back: nothing is lost, and nothing is paid twice."""

import asyncio
import os
import random
import signal
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from adapters.postgres.database import migrate
from tests.e2e import providers
from tests.e2e.database import Server
from tests.e2e.providers import SETTINGS, UP, Crowd
from tests.e2e.service import Service, eventually, pixel, until_ready
from tests.e2e.tcp_relay import TcpRelay
from tests.simulators.example_requests import PLACES


async def test_a_provider_that_is_away_for_a_while_loses_nothing(database: str, folder: Path) -> None:
    """While it can't be reached tasks wait, its breaker opens, and none fails; when it is back all are done, once each.
    PIXEL_TEST_DOWN_SECONDS says for how long it is away."""
    name, seconds = "modelscope", float(os.environ.get("PIXEL_TEST_DOWN_SECONDS", "4"))
    crowd = Crowd(random.Random(7), [name], marks={None: 1}, max_wishes=60)
    async with providers.world([name]) as world, TcpRelay.opened(world.addresses[name]) as relay:
        world.addresses[name] = relay.url
        async with pixel(database, folder, settings=SETTINGS, environment=world.environment) as service:
            asking = asyncio.create_task(crowd.press(service))
            await asyncio.sleep(0.5)
            await relay.down()
            await eventually("the breaker to open", lambda: _breaker_is(service, "open"))
            await asyncio.sleep(seconds)
            await relay.up()
            await asking
            await providers.settled(database)
            ends = Counter([(await service.get(f"/api/v1/tasks/{task}"))["status"] for task in crowd.answered])
        await providers.look(database, world, crowd, f"away for {seconds:g} s")
    assert ends == {"completed": 60}


async def _breaker_is(service: Service, word: str) -> bool:
    lanes = (await service.client.get("/health/ready")).json()["lanes"]
    return any(lane["breaker"] == word for lane in lanes)


async def test_postgresql_that_restarts_loses_nothing_and_pays_nothing_twice(folder: Path) -> None:
    """PostgreSQL is killed and started again under load, every 5 to 40 seconds for PIXEL_TEST_RESTART_SECONDS."""
    seconds = float(os.environ.get("PIXEL_TEST_RESTART_SECONDS", "0"))
    crowd = Crowd(random.Random(seconds), list(PLACES), pause_seconds=1.0)
    server = Server(folder)
    async with providers.world(crowd.names) as world, AsyncExitStack() as stack:
        running = await stack.enter_async_context(AsyncExitStack())
        await running.enter_async_context(server.running())
        await migrate(server.dsn)
        end = asyncio.get_running_loop().time() + seconds
        async with pixel(server.dsn, folder / "data", settings=SETTINGS, environment=world.environment) as service:
            asking = asyncio.create_task(crowd.press(service))
            while True:
                await asyncio.sleep(crowd.random.uniform(5, 40) if seconds else 2)
                await server.end(signal.SIGKILL if crowd.random.random() < 0.5 else signal.SIGINT)
                await asyncio.sleep(crowd.random.uniform(0, 3))
                await running.aclose()
                await running.enter_async_context(server.running())
                await until_ready(service, *UP)
                if asyncio.get_running_loop().time() > end:
                    break
            crowd.max_wishes = 0
            await asking
            await providers.settled(server.dsn)
        await providers.look(server.dsn, world, crowd, f"PostgreSQL restarted for {seconds:g} s")
