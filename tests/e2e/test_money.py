"""Money, with providers as processes of their own: Pixel is killed, the provider goes away, PostgreSQL restarts."""

import asyncio
import os
import random
import signal
from collections import Counter
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from adapters.postgres import migrate
from tests.e2e import laws, providers
from tests.e2e.providers import Crowd, World
from tests.e2e.relay import Relay
from tests.e2e.service import Died, Service, eventually, pixel, until_ready
from tests.e2e.test_outage import Server
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
    """While it can't be reached tasks wait, its breaker opens, and none fails; when it is back all are done, once each.
    PIXEL_TEST_DOWN_SECONDS says for how long it is away."""
    name, seconds = "modelscope", float(os.environ.get("PIXEL_TEST_DOWN_SECONDS", "4"))
    crowd = Crowd(random.Random(7), [name], marks={None: 1}, most=60)
    async with providers.world([name]) as world, Relay.opened(world.addresses[name]) as relay:
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
        await _look(database, world, crowd, f"away for {seconds:g} s")
    assert ends == {"completed": 60}


async def _breaker_is(service: Service, word: str) -> bool:
    lanes = (await service.client.get("/health/ready")).json()["lanes"]
    return any(lane["breaker"] == word for lane in lanes)


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


async def test_outputs_that_can_not_be_fetched_are_no_failed_payment(database: str, folder: Path) -> None:
    """The provider made it and its address fails for a while: it is fetched again, and nothing is called again. An
    address that is dead ends as "paid, and not fetched", and can be asked for once more when it lives again."""
    name, kind, body = "modelscope", *PLACES["modelscope"].wishes[0]
    crowd = Crowd(random.Random(7), [name])
    async with providers.world([name]) as world:
        async with pixel(database, folder, settings=SETTINGS, environment=world.environment) as service:
            await world.fault(name, "500_before", route="/_files/.*", times=2)
            late = await service.post(kind, body | {"prompt": "wish1x late"})
            assert (await service.ended(late))["status"] == "completed"

            await world.fault(name, "gone", route="/_files/.*", times=1000)
            lost = await service.post(kind, body | {"prompt": "wish2x lost"})
            ended = await service.ended(lost)
            assert (ended["status"], ended["error"]["code"], ended["error"]["charged"]) == (
                "failed",
                "outputs_not_fetched",
                "yes",
            )
            await world.fault(name, "gone", route="/_files/.*", times=0)
            again = await service.client.post(f"/api/v1/tasks/{lost}/refetch", headers={"Prefer": "wait=20"})
            assert again.json()["data"]["status"] == "completed", again.text
            assert again.json()["data"]["result"]["images"]
            await providers.settled(database)
        histories = (await laws.read(database)).histories
        assert [event.type for event in histories[late]].count("OutputFetchFailed") >= 1
        assert len(await world.ledger()) == 2
        assert not crowd.answered


async def test_another_model_takes_over_only_while_nothing_is_paid(database: str, folder: Path) -> None:
    """A provider that refuses the key, and a model to fall back to: it serves the task. After a doubt nobody does."""
    name, kind, body = "modelscope", *PLACES["modelscope"].wishes[0]
    fallback = {"fallbackModels": ["sandbox/image"], "resolution": "1K", "aspectRatio": "16:9"}
    async with providers.world([name]) as world:
        settings = SETTINGS | {"sandbox": "true"}
        async with pixel(database, folder, settings=settings, environment=world.environment) as service:
            served = await service.ended(
                await service.post(kind, body | fallback | {"prompt": "wish1x [[model_gone]]"})
            )
            assert (served["status"], served["served_by"]) == ("completed", "sandbox/image")
            doubt = await service.ended(
                await service.post(kind, body | fallback | {"prompt": "wish2x [[reset_after]]"})
            )
            assert (doubt["status"], doubt["error"]["code"]) == ("failed", "outcome_unknown")
            assert "served_by" not in doubt
        assert len(await world.ledger()) == 1


async def test_postgresql_that_restarts_loses_nothing_and_pays_nothing_twice(folder: Path) -> None:
    """PostgreSQL is killed and started again under load, every 5 to 40 seconds for PIXEL_TEST_RESTART_SECONDS."""
    seconds = float(os.environ.get("PIXEL_TEST_RESTART_SECONDS", "0"))
    crowd = Crowd(random.Random(seconds), list(PLACES))
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
            crowd.most = 0
            await asking
            await providers.settled(server.dsn)
        await _look(server.dsn, world, crowd, f"PostgreSQL restarted for {seconds:g} s")


@pytest.mark.parametrize("name", ["kling", "minimax", "volcengine"])
async def test_a_callback_settles_what_its_order_could_not(name: str, database: str, folder: Path) -> None:
    """The answer to an order is lost, and the provider calls back, before and after, twice: the job is watched, done
    and paid for once."""
    [(kind, body), *_] = [wish for wish in PLACES[name].wishes if wish[0] == "video" and "imageInputs" not in wish[1]]
    async with providers.world([name]) as world, Relay.opened() as relay:
        environment = world.environment | {
            "PIXEL_PUBLIC_URL": relay.url,
            "PIXEL_CALLBACK_SECRET": "not-a-secret-of-anybody",
        }
        async with pixel(database, folder, settings=SETTINGS, environment=environment) as service:
            relay.target = service.url
            prompt = "wish1x [[reset_after]] [[callback_early]] [[callback_twice]]"
            ended = await service.ended(await service.post(kind, body | {"prompt": prompt}))
            assert ended["status"] == "completed", ended
            await providers.settled(database)
        assert len(await world.ledger()) == 1
        histories = (await laws.read(database)).histories
        [history] = histories.values()
        assert [event.type for event in history].count("ProviderAccepted") == 1
        assert relay.passed >= 3
