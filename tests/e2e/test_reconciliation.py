"""An order whose answer was lost: a later callback, or its absence from the list, settles it."""

from pathlib import Path

import pytest

from tests.e2e import laws, providers
from tests.e2e.providers import SETTINGS
from tests.e2e.service import pixel
from tests.e2e.tcp_relay import TcpRelay
from tests.simulators.example_requests import PLACES


@pytest.mark.parametrize("name", ["fal", "kling", "minimax", "volcengine"])
async def test_a_callback_settles_an_order_without_an_answer(name: str, database: str, folder: Path) -> None:
    """The answer to an order is lost, and the provider calls back, before and after, twice: the job is watched, done
    and paid for once."""
    [(kind, body), *_] = [wish for wish in PLACES[name].wishes if wish[0] == "video" and "imageInputs" not in wish[1]]
    async with providers.world([name]) as world, TcpRelay.opened() as relay:
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


@pytest.mark.parametrize(("name", "model"), [("dashscope", "dashscope/qwen-image-plus"), ("minimax", "minimax/h3")])
async def test_an_order_that_no_list_contains_is_repeated(name: str, model: str, database: str, folder: Path) -> None:
    """Nothing had arrived, and the vendor's list since the call shows that, also where a caller's key made the task's
    id: it is called again, done, and paid for once."""
    [(kind, body)] = [wish for wish in PLACES[name].wishes if wish[1]["model"] == model]
    async with providers.world([name]) as world:
        async with pixel(database, folder, settings=SETTINGS, environment=world.environment) as service:
            task = await service.post(kind, body | {"prompt": "wish1x [[500_before]]"}, key="a key")
            ended = await service.ended(task)
            assert ended["status"] == "completed", ended
            await providers.settled(database)
        bills, histories = await world.ledger(), (await laws.read(database)).histories
        assert len(bills) == 1
        assert not providers.broken(histories, bills, [task], await providers.calls_in_doubt(database))
        outcomes = {event.data["outcome"] for event in histories[task] if event.type == "ProviderCallReconciled"}
        assert outcomes == {"did_not_happen"}
