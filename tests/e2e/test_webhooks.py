"""Webhooks of real processes: one that is killed between a delivery and its record, and the command line."""

from collections.abc import Mapping
from pathlib import Path

from tests.e2e.service import eventually, image_request, pixel, run
from tests.webhook_receiver import Receiver, receiving

SECRET = "a-secret-of-this-test-of-some-length"


def settings_for(receiver: Receiver) -> dict[str, str]:
    return {"webhook_secret": SECRET, "webhook_private_hosts": receiver.place}


async def test_nothing_is_lost_when_a_worker_is_killed(database: str, folder: Path) -> None:
    """After kill -9 between a delivery and its record, the next process sends that message again under its id, and
    then the later versions of each task, in their order, to their end."""
    async with receiving() as receiver:
        settings = settings_for(receiver)
        async with pixel(database, folder, module="tests.e2e.webhook_kill", settings=settings) as service:
            answer = await service.client.post("/api/v1/webhooks", json={"url": receiver.url, "changes": "all"})
            secret = answer.json()["data"]["secret"]
            tasks = [await service.post("image", image_request()) for _ in range(3)]
            assert await service.gone() == -9
        before = [message.id for message in receiver.messages]
        assert any(message.endswith(".2") for message in before)
        async with pixel(database, folder, settings=settings) as service:
            for task_id in tasks:
                await service.ended(task_id)
                await receiver.ended(task_id)
    ids = [message.id for message in receiver.messages]
    assert any(ids.count(message) > 1 for message in before if message.endswith(".2"))
    for task_id in tasks:
        messages = receiver.of(task_id)
        versions = [int(message.id.rpartition(".")[2]) for message in messages]
        assert versions == sorted(versions)
        assert set(versions) == set(range(1, versions[-1] + 1))
        for message in messages:
            assert message.verified(secret)["data"]["id"] == task_id


async def webhooks(environment: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    return await run("webhooks", *arguments, environment=environment)


async def test_webhooks_are_looked_after_on_the_command_line(database: str, folder: Path) -> None:
    """Create, list, show, change, rotate, deliveries, redeliver and remove, during a running service."""
    async with receiving() as receiver:
        settings = settings_for(receiver)
        here = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder)}
        code, output, errors = await webhooks(here, "create", receiver.url)
        assert (code, output) == (1, "")
        assert "PIXEL_WEBHOOK_SECRET" in errors
        here |= {f"PIXEL_{name.upper()}": value for name, value in settings.items()}
        assert (await webhooks(here, "list"))[1] == "no webhook is registered\n"
        code, _, errors = await webhooks(here, "create", "http://10.0.0.1/hooks")
        assert code == 1
        assert errors.endswith("pixel: url: This address belongs to a private network.\n")
        code, output, errors = await webhooks(here, "create", receiver.url)
        assert code == 0
        webhook, secret = output.split()
        assert "not shown again" in errors
        async with pixel(database, folder, settings=settings) as service:
            task_id = await service.post("text", {"prompt": "hello", "model": "sandbox/text"})
            (await receiver.ended(task_id)).verified(secret)

            async def delivered() -> bool:
                return "delivered" in (await webhooks(here, "deliveries", webhook))[1]

            await eventually("the delivery to be recorded", delivered, service.log)
            _, listed, _ = await webhooks(here, "list")
            assert webhook in listed
            assert receiver.url in listed
            _, output, _ = await webhooks(here, "rotate", webhook, "--keep-seconds", "0")
            newest = output.split()[1]
            assert newest != secret
            assert (await webhooks(here, "redeliver", webhook, "--since", "0"))[0] == 0
            await receiver.until(lambda: len(receiver.of(task_id)) == 2)
            receiver.of(task_id)[1].verified(newest)
            _, changed, _ = await webhooks(here, "change", webhook, "--disable", "--changes", "all")
            assert '"disabled_reason": "by its owner"' in changed
            assert (await webhooks(here, "show", webhook))[1] == changed
            code, _, errors = await webhooks(here, "redeliver", webhook, "--position", "1")
            assert code == 1
            assert "position: of the deliveries" in errors
            assert (await webhooks(here, "remove", webhook))[0] == 0
        code, _, errors = await webhooks(here, "show", webhook)
        assert (code, errors) == (1, f"pixel: Webhook '{webhook}' not found\n")
        assert SECRET not in "\n".join(service.lines)
