"""Laws of webhooks, over real sockets: who is told what, signed how, and what comes of a receiver that misbehaves."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import WebhookVerificationError

import domain.webhook
from adapters.outbound import webhook_post
from adapters.postgres import webhook_queue
from adapters.postgres.webhook_queue import WebhookQueue
from application.clock import new_stream, now
from application.generations import NO_WEBHOOK
from application.ports import Cause
from domain.ids import webhook_id, webhook_stream
from domain.webhook import WebhookRegistered
from services.state import Pixel
from services.webhook_changes import MAX_OF_AN_OWNER
from tests.adapters.outbound.raw_server import Network
from tests.api.conftest import running
from tests.api.simulated_provider import eventually
from tests.api.task_client import IMAGE, TEXT, get, is_failure
from tests.patience import patient
from tests.postgres import fresh_database
from tests.webhook_receiver import PATIENCE_SECONDS, Receiver, receiving, status

SECRET = "a-secret-of-this-test-of-some-length"
PUBLIC = "https://pixel.example"


@dataclass
class World:
    """Pixel, a client of it, and two receivers."""

    pixel: Pixel
    client: httpx.AsyncClient
    receiver: Receiver
    other: Receiver

    async def post(self, path: str, **body: Any) -> Any:
        """The data of a good answer."""
        answer = await self.client.post(f"/api/v1/webhooks{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def get(self, path: str) -> Any:
        """The data of a good answer."""
        answer = await self.client.get(f"/api/v1/webhooks{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def register(self, url: str | None = None, **fields: Any) -> tuple[str, str]:
        """A new webhook: its id and its secret."""
        made = await self.post("", url=url or self.receiver.url, **fields)
        return made["webhook"]["id"], made["secret"]

    async def ask(self, **fields: Any) -> str:
        """A new task."""
        answer = await self.client.post("/api/v1/generations/text", json=TEXT | fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["task_id"])

    async def delivery(self, webhook: str, task_id: str, **wanted: Any) -> dict[str, Any]:
        """The delivery about a task, once it has these values."""
        async with asyncio.timeout(patient(PATIENCE_SECONDS)):
            while True:
                for each in (await self.get(f"/{webhook}/deliveries"))["deliveries"]:
                    if each["task_id"] == task_id and all(each.get(name) == value for name, value in wanted.items()):
                        found: dict[str, Any] = each
                        return found
                await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
async def shared_world(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    """One Pixel and its receivers for all tests here. It tries again soon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domain.webhook, "RETRY_SECONDS", (0.2,) * 9)
        async with (
            receiving() as receiver,
            receiving() as other,
            fresh_database(database_server, begun_template) as dsn,
            running(
                dsn,
                tmp_path_factory.mktemp("pixel"),
                webhook_secret=SECRET,
                webhook_private_hosts=f"{receiver.place},{other.place}",
                public_url=PUBLIC,
                lease_seconds=60.0,
            ) as (pixel, client),
        ):
            yield World(pixel, client, receiver, other)


@pytest.fixture
async def world(shared_world: World) -> World:
    """The same without webhooks and messages of other tests."""
    for webhook in (await shared_world.get(""))["webhooks"]:
        await shared_world.post(f"/{webhook['id']}/remove")
    for receiver in (shared_world.receiver, shared_world.other):
        receiver.messages.clear()
        receiver.answer = lambda _: status(200)
    return shared_world


async def test_an_end_is_told_and_signed(world: World) -> None:
    """The end of a task arrives, verifies with its secret, and has the very view that GET answers."""
    webhook, secret = await world.register()
    answer = await world.client.post("/api/v1/generations/image", json=IMAGE | {"metadata": {"scene": 3}})
    task_id = answer.json()["data"]["task_id"]
    message = await world.receiver.ended(task_id)
    told = message.verified(secret)
    assert (told["type"], told["data"]) == ("task", await get(world.client, task_id))
    assert told["data"]["result"]["images"][0]["url"].startswith(PUBLIC)
    assert message.headers["content-type"] == "application/json"
    delivery = await world.delivery(webhook, task_id, state="delivered")
    assert (delivery["message"], delivery["position"]) == (message.id, told["position"])
    assert [attempt["status"] for attempt in delivery["attempts"]] == [200]
    assert len(world.receiver.of(task_id)) == 1


async def test_only_ends_are_told_unless_all_changes_are_wanted(world: World) -> None:
    """One webhook gets the end alone, another one every version of the task in its order."""
    await world.register()
    await world.register(world.other.url, changes="all")
    task_id = await world.ask()
    await world.receiver.ended(task_id)
    end = await world.other.ended(task_id)
    assert len(world.receiver.of(task_id)) == 1
    versions = [message.id.rpartition(".")[2] for message in world.other.of(task_id)]
    assert versions == [str(number) for number in range(1, int(end.id.rpartition(".")[2]) + 1)]
    statuses = [message.data["status"] for message in world.other.of(task_id)]
    assert statuses[0] == "pending"
    assert statuses == sorted(statuses, key=["pending", "processing", "completed"].index)


async def test_what_was_not_taken_is_sent_again_in_order(world: World) -> None:
    """A message that was answered with an error, or whose receiver died, comes again under its id before the next
    version of its task does."""
    answers = [status(500), "", status(200)]
    world.receiver.answer = lambda _: answers.pop(0) if answers else status(200)
    webhook, secret = await world.register(changes="all")
    task_id = await world.ask()
    await world.receiver.ended(task_id)
    versions = [int(message.id.rpartition(".")[2]) for message in world.receiver.of(task_id)]
    assert versions == [1, 1, 1, *range(2, versions[-1] + 1)]
    first = world.receiver.of(task_id)[:3]
    assert len({message.body for message in first}) == 1
    for message in first:
        message.verified(secret)
    delivery = await world.delivery(webhook, task_id, version=1, state="delivered")
    assert [attempt.get("status") for attempt in delivery["attempts"]] == [500, None, 200]
    assert delivery["attempts"][1]["error"]


async def test_a_receiver_that_hangs_delays_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one webhook takes its messages and never answers, another one gets its own; the attempt ends in time."""
    monkeypatch.setattr(webhook_post, "ATTEMPT_SECONDS", 3.0)
    world.receiver.answer = lambda _: None
    hanging, _ = await world.register()
    await world.register(world.other.url)
    tasks = [await world.ask() for _ in range(6)]
    for task_id in tasks:
        await world.other.ended(task_id)
    await eventually(lambda: _fails(world, hanging))
    world.receiver.answer = lambda _: status(200)
    for task_id in tasks:
        await world.delivery(hanging, task_id, state="delivered")
    deliveries = (await world.get(f"/{hanging}/deliveries"))["deliveries"]
    errors = {attempt.get("error", "") for delivery in deliveries for attempt in delivery["attempts"]}
    assert "no answer within 3 seconds" in errors
    assert not await _fails(world, hanging)


async def _fails(world: World, webhook: str) -> bool:
    return "failing_since" in await world.get(f"/{webhook}")


async def test_a_redirect_is_not_followed(world: World) -> None:
    """A redirect is no success, and nothing is sent where it leads, be that a private address or not."""
    world.receiver.answer = lambda _: status(307, f"Location: {world.other.url}")
    webhook, _ = await world.register()
    task_id = await world.ask()
    await world.receiver.until(lambda: len(world.receiver.of(task_id)) >= 2)
    delivery = await world.delivery(webhook, task_id, state="waiting")
    assert {attempt["status"] for attempt in delivery["attempts"]} == {307}
    assert world.other.messages == []


async def test_gone_disables_and_enabling_sends_what_was_missed(world: World) -> None:
    """410 disables a webhook, with an event and a warning; when it is enabled it gets that message and the later."""
    world.receiver.answer = lambda _: status(410)
    webhook, _ = await world.register()
    task_id = await world.ask()
    await eventually(lambda: _is_disabled(world, webhook))
    assert (await world.get(f"/{webhook}"))["disabled_reason"] == "it answered 410 (Gone)"
    missed = await world.ask()
    health = (await world.client.get("/health/ready")).json()
    assert health["webhooks"]["disabled"] == 1
    assert any(webhook in line and "410" in line for line in health["warnings"])
    world.receiver.messages.clear()
    world.receiver.answer = lambda _: status(200)
    assert (await world.post(f"/{webhook}/change", enabled=True))["enabled"]
    await world.receiver.ended(missed)
    await world.receiver.ended(task_id)


async def _is_disabled(world: World, webhook: str) -> bool:
    return not (await world.get(f"/{webhook}"))["enabled"]


async def test_a_webhook_that_fails_for_days_is_disabled(world: World) -> None:
    """After three days without any success it is disabled, with the last answer as the reason."""
    world.receiver.answer = lambda _: status(503)
    stream, at = new_stream(), now() - timedelta(days=5)
    webhook = webhook_id(stream)
    registered = WebhookRegistered(webhook=webhook, owner="anonymous", url=world.receiver.url, at=at)
    await world.pixel.log.append(stream, 0, [registered], Cause(actor="test"))
    await world.ask()
    await eventually(lambda: _fails(world, webhook))
    assert (await world.get(f"/{webhook}"))["enabled"]
    health = (await world.client.get("/health/ready")).json()
    assert any(webhook in line and "failing since" in line for line in health["warnings"])
    ago = "UPDATE webhook_cursors SET failing_since = now() - interval '73 hours' WHERE webhook = $1"
    await world.pixel.pool.execute(ago, stream)
    await eventually(lambda: _is_disabled(world, webhook))
    reason = (await world.get(f"/{webhook}"))["disabled_reason"]
    assert reason == "no delivery succeeded for 3 days; the last attempt: status 503"


async def test_a_delivery_that_is_never_taken_fails(world: World) -> None:
    """After the last attempt a delivery has failed; the next version of its task is sent."""
    world.receiver.answer = lambda message: status(500 if message.id.endswith(".1") else 200)
    webhook, _ = await world.register(changes="all")
    task_id = await world.ask()
    await world.receiver.ended(task_id)
    delivery = await world.delivery(webhook, task_id, version=1, state="failed")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500] * 10
    versions = [int(message.id.rpartition(".")[2]) for message in world.receiver.of(task_id)]
    assert versions == [*[1] * 10, *range(2, versions[-1] + 1)]


async def test_retry_after_is_honoured(world: World) -> None:
    """A webhook that asks for an hour gets nothing for an hour, neither this message nor another one."""
    world.receiver.answer = lambda _: status(429, "Retry-After: 3600")
    webhook, _ = await world.register()
    task_id = await world.ask()
    await world.receiver.ended(task_id)
    await eventually(lambda: _fails(world, webhook))
    delivery = await world.delivery(webhook, task_id, state="waiting")
    assert datetime.fromisoformat(delivery["next_attempt_at"]) > now() + timedelta(minutes=55)
    later = await world.ask()
    await world.delivery(webhook, later, attempts=[])
    assert world.receiver.of(later) == []
    world.receiver.answer = lambda _: status(200)
    await world.post(f"/{webhook}/change", enabled=True)  # its owner knows better
    await world.receiver.ended(later)


async def test_both_secrets_sign_while_they_are_changed(world: World) -> None:
    """After a rotation each message verifies with the old and the new secret; with the old ones ended at once, with
    the newest alone."""
    webhook, first = await world.register()
    second = (await world.post(f"/{webhook}/rotate"))["secret"]
    message = await world.receiver.ended(await world.ask())
    assert message.verified(first) == message.verified(second)
    made = await world.post(f"/{webhook}/rotate", keepSeconds=0)
    assert "secrets_until" not in made["webhook"]
    message = await world.receiver.ended(await world.ask())
    message.verified(made["secret"])
    for old in (first, second):
        with pytest.raises(WebhookVerificationError):
            message.verified(old)
    assert len({first, second, made["secret"]}) == 3


async def test_messages_are_sent_again_on_demand(world: World) -> None:
    """One by its position, and all behind a position, also those from before the webhook was there; each under the id
    that it had."""
    before = await world.ask()
    await get(world.client, before, wait=30)
    webhook, _ = await world.register()
    task_id = await world.ask()
    await world.receiver.ended(task_id)
    delivery = await world.delivery(webhook, task_id, state="delivered")
    await world.post(f"/{webhook}/redeliver", position=delivery["position"])
    await world.receiver.until(lambda: len(world.receiver.of(task_id)) == 2)
    assert len({message.id for message in world.receiver.of(task_id)}) == 1
    assert world.receiver.of(before) == []
    await world.post(f"/{webhook}/redeliver", since=0)
    await world.receiver.ended(before)
    await world.receiver.until(lambda: len(world.receiver.of(task_id)) == 3)


async def test_a_request_names_its_own_url(world: World) -> None:
    """A request may add a path and a query to the URL of a webhook, and nothing else; the secret is the webhook's."""
    _, secret = await world.register()
    task_id = await world.ask(webhook=f"{world.receiver.url}/canvas/7?node=3")
    message = await world.receiver.ended(task_id)
    assert message.path == "/hooks/canvas/7?node=3"
    message.verified(secret)
    plain = await world.receiver.ended(await world.ask())
    assert plain.path == "/hooks"
    for url in (f"http://{world.receiver.place}/admin", world.other.url, "https://app.example/hooks"):
        answer = await world.client.post("/api/v1/generations/text", json=TEXT | {"webhook": url})
        assert is_failure(answer, 400) == f"webhook: {NO_WEBHOOK}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:9/hooks", "url: This address belongs to a private network."),
        ("http://app.example.org/hooks", "url: must begin with https://"),
        ("https://127.0.0.1/hooks", "url: This address belongs to a private network."),
        ("https://10.0.0.1/hooks", "url: This address belongs to a private network."),
        ("https://[::1]/hooks", "url: This address belongs to a private network."),
        ("https://metadata.internal/hooks", "url: This address belongs to a private network."),
        ("ftp://app.example.org/hooks", "url: Only http and https addresses can be used."),
        ("https://me:secret@app.example.org/", "url: An address with a user name or a password can't be used."),
        ("https://app.example.org:9/", "url: Only the ports 80, 443, 8080, 8443 can be used."),
        ("hooks", "url: This is not a complete http or https address."),
    ],
)
async def test_a_webhook_leads_to_no_private_place(world: World, url: str, says: str) -> None:
    """A URL that leads where Pixel does not go is refused at registration and at a change, and nothing is stored."""
    assert is_failure(await world.client.post("/api/v1/webhooks", json={"url": url}), 400) == says
    webhook, _ = await world.register()
    answer = await world.client.post(f"/api/v1/webhooks/{webhook}/change", json={"url": url})
    assert is_failure(answer, 400) == says
    assert [each["url"] for each in (await world.get(""))["webhooks"]] == [world.receiver.url]


async def test_a_name_is_resolved_at_each_delivery(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that was public when it was registered, and is private when a message is due, gets nothing."""
    network = Network(monkeypatch, asyncio.get_running_loop())
    network.names["rebinding.pixel-test.com"] = [["93.184.216.34"], ["127.0.0.1"]]
    webhook, _ = await world.register("https://rebinding.pixel-test.com/hooks")
    task_id = await world.ask()
    await eventually(lambda: _fails(world, webhook))
    delivery = await world.delivery(webhook, task_id, state="waiting")
    assert delivery["attempts"][0]["error"] == "This address belongs to a private network."
    assert world.receiver.messages == []
    assert len(network.asked) >= 2


async def test_a_secret_is_told_once_and_stored_nowhere(world: World) -> None:
    """Neither an answer nor any table has the secret afterwards, and no representation has that of the service."""
    webhook, secret = await world.register()
    task_id = await world.ask()
    await world.receiver.ended(task_id)
    await world.delivery(webhook, task_id, state="delivered")
    shown = [await world.get(""), await world.get(f"/{webhook}"), await world.get(f"/{webhook}/deliveries")]
    queries = (
        "SELECT metadata::text || convert_from(state, 'UTF8') FROM stored_events",
        "SELECT c::text FROM webhook_cursors c",
        "SELECT d::text FROM webhook_deliveries d",
    )
    stored = [[row[0] for row in await world.pixel.pool.fetch(query)] for query in queries]
    for text in (str(shown), str(stored), repr(world.pixel.settings), str(world.pixel.settings.redacted())):
        assert secret.removeprefix("whsec_") not in text
        assert SECRET not in text


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("", {}, "Object missing required field `url`"),
        ("", {"url": "https://app.example/", "changes": "some"}, "changes: invalid enum value 'some'"),
        ("", {"url": "https://app.example/", "colour": "red"}, "Object contains unknown field `colour`"),
        ("/{id}/change", {"enabled": "yes"}, "enabled: expected `bool"),
        ("/{id}/rotate", {"keepSeconds": 86401}, "keepSeconds: expected `int` <= 86400"),
        ("/{id}/redeliver", {}, "position, since: give one of the two"),
        ("/{id}/redeliver", {"position": 1, "since": 1}, "position, since: give one of the two"),
        ("/{id}/redeliver", {"position": 1}, "position: of the deliveries of this webhook that are kept none has 1."),
        ("/{id}/redeliver", {"since": 10**9}, "since: must be a position from 0 to"),
    ],
)
async def test_bad_input_is_named(world: World, path: str, body: dict[str, Any], says: str) -> None:
    """What is wrong is said, and nothing changes."""
    webhook, _ = await world.register()
    answer = await world.client.post(f"/api/v1/webhooks{path.format(id=webhook)}", json=body)
    assert is_failure(answer, 400).startswith(says)
    [left] = (await world.get(""))["webhooks"]
    assert (left["id"], left["enabled"]) == (webhook, True)


async def test_a_removed_webhook_is_gone(world: World) -> None:
    """It gets nothing, is not shown, and its rows go."""
    webhook, _ = await world.register()
    await world.receiver.ended(await world.ask())
    await world.post(f"/{webhook}/remove")
    for path in (f"/{webhook}", f"/{webhook}/deliveries"):
        is_failure(await world.client.get(f"/api/v1/webhooks{path}"), 404)
    other, _ = await world.register(world.other.url)
    task_id = await world.ask()
    await world.other.ended(task_id)
    assert world.receiver.of(task_id) == []
    await WebhookQueue(world.pixel.pool, "w", lease_seconds=10).tidy()
    assert await webhook_queue.states(world.pixel.pool, [webhook_stream(webhook)]) == {}
    assert await webhook_queue.states(world.pixel.pool, [webhook_stream(other)]) != {}


async def test_an_owner_has_few_webhooks(world: World) -> None:
    """One more than the limit is refused, with the way out."""
    for number in range(MAX_OF_AN_OWNER):
        await world.register(f"{world.receiver.url}/{number}")
    answer = await world.client.post("/api/v1/webhooks", json={"url": world.receiver.url})
    assert "Remove one" in is_failure(answer, 400)


async def test_a_stop_gives_back_what_it_has_in_hand(database_url: str, tmp_path: Path) -> None:
    """A stop does not wait for a receiver that hangs: the next process sends the message at once."""
    async with receiving() as receiver:
        receiver.answer = lambda _: None
        settings: dict[str, Any] = {"webhook_secret": SECRET, "webhook_private_hosts": receiver.place}
        settings["lease_seconds"] = 600.0
        async with running(database_url, tmp_path, drain_seconds=0.0, **settings) as (pixel, client):
            world = World(pixel, client, receiver, receiver)
            await world.register()
            task_id = await world.ask()
            await receiver.ended(task_id)
        receiver.answer = lambda _: status(200)
        async with running(database_url, tmp_path, **settings) as (_, client):
            await receiver.until(lambda: len(receiver.of(task_id)) == 2)


async def test_a_lease_that_ran_out_unnoticed_sends_nothing_twice(database_url: str, tmp_path: Path) -> None:
    """A process that stood still for longer than its leases claims its own delivery again: the attempt under way
    counts, and nothing is sent beside it."""
    async with receiving() as receiver:
        receiver.gate = asyncio.Event()
        settings: dict[str, Any] = {"webhook_secret": SECRET, "webhook_private_hosts": receiver.place}
        settings["lease_seconds"] = 0.5
        async with running(database_url, tmp_path, **settings) as (pixel, client):
            world = World(pixel, client, receiver, receiver)
            webhook, _ = await world.register()
            task_id = await world.ask()
            await receiver.ended(task_id)
            query = "SELECT epoch FROM webhook_deliveries"
            async with asyncio.timeout(patient(PATIENCE_SECONDS)):
                while await pixel.pool.fetchval(query) < 2:
                    time.sleep(1)  # the whole process, and nobody renews
                    await asyncio.sleep(0.05)
            receiver.gate.set()
            delivery = await world.delivery(webhook, task_id, state="delivered")
            assert [attempt["status"] for attempt in delivery["attempts"]] == [204]
            assert len(receiver.of(task_id)) == 1
