"""Paid outputs are downloaded in the end, and a task that is not paid for may fall back to another model."""

import random
from pathlib import Path

from tests.e2e import laws, providers
from tests.e2e.providers import SETTINGS, Crowd
from tests.e2e.service import pixel
from tests.simulators.example_requests import PLACES


async def test_outputs_that_can_not_be_fetched_are_no_failed_payment(database: str, folder: Path) -> None:
    """The provider made it and its address fails for a while, with whatever status: it is fetched again, and nothing is
    called again. An address that says that it is dead for good ends as "paid, and not fetched", and can be asked for
    once more when it lives again."""
    name, kind, body = "modelscope", *PLACES["modelscope"].wishes[0]
    crowd = Crowd(random.Random(7), [name])
    async with providers.world([name]) as world:
        async with pixel(database, folder, settings=SETTINGS, environment=world.environment) as service:
            await world.fault(name, "500_before", route="/_files/.*", times=1)
            await world.fault(name, "gone", route="/_files/.*", times=1)
            late = await service.post(kind, body | {"prompt": "wish1x late"})
            assert (await service.ended(late))["status"] == "completed"

            await world.fault(name, "gone_for_good", route="/_files/.*", times=1000)
            lost = await service.post(kind, body | {"prompt": "wish2x lost"})
            ended = await service.ended(lost)
            assert (ended["status"], ended["error"]["code"], ended["error"]["charged"]) == (
                "failed",
                "outputs_not_fetched",
                "yes",
            )
            await world.fault(name, "gone_for_good", route="/_files/.*", times=0)
            again = await service.client.post(f"/api/v1/tasks/{lost}/refetch", headers={"Prefer": "wait=20"})
            assert again.json()["data"]["status"] == "completed", again.text
            assert again.json()["data"]["result"]["images"]
            await providers.settled(database)
        histories = (await laws.read(database)).histories
        assert [event.type for event in histories[late]].count("OutputFetchFailed") >= 2
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
