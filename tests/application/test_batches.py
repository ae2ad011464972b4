"""Laws of a batch: all or each, by one append, once under a key, within the budgets; how it ends, and is cancelled."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from application import clock
from application.batches import AcceptedBatch, accept_batch, cancel_batch, end_batch, load_batch
from application.generations import AvailableModel, keyed_stream
from application.ports import AssetsUnavailable, Cause, Conflict, LogUnavailable, Unreadable
from domain import request_parsing
from domain.api_key import Caller
from domain.base import Rejected
from domain.batch import BatchEnded, BatchRequested, RefusedRequest
from domain.budget import Budget, Candidate
from domain.ids import batch_id, task_id, task_stream
from domain.model import Kind, Limits
from domain.money import Cost, Line
from domain.request import digest
from domain.task.events import CancellationRequested, Fallback, TaskCancelled, TaskCompleted, TaskRequested
from domain.webhook import TaskWebhook
from tests.application.harness import MemoryLog
from tests.application.request_ports import STUDIO, Assets, Wallet, Webhooks, by_id, offered

CAUSE = Cause(actor="key_studio", request_id="req_1")
MODELS = by_id(
    offered("painter", price="0.04", revision=3, limits=Limits(n=4, image_inputs=2)),
    offered("second", price="0.05", revision=2, limits=Limits(n=4, image_inputs=2)),
    offered("writer", Kind.LLM),
)
CAT = {"kind": "image", "prompt": "a cat", "model": "sandbox/painter"}
HAIKU = {"kind": "text", "prompt": "a haiku", "model": "sandbox/writer"}
UNKNOWN = {"kind": "image", "prompt": "a cat", "model": "sandbox/nobody"}
NOT_FOUND = "Model 'sandbox/nobody' not found. Available models can be fetched from /api/v1/models"


class World:
    """What a batch meets."""

    def __init__(self, *budgets: Budget) -> None:
        self.log = MemoryLog()
        self.wallet = Wallet(*budgets)
        self.assets = Assets()
        self.webhooks = Webhooks()

    async def accept(
        self,
        *requests: object,
        key: str | None = None,
        caller: Caller = STUDIO,
        models: Mapping[str, AvailableModel] = MODELS,
        **fields: object,
    ) -> AcceptedBatch:
        return await self.send(
            json.dumps({"requests": requests} | fields).encode(), key=key, caller=caller, models=models
        )

    async def send(
        self,
        body: bytes,
        *,
        key: str | None = None,
        caller: Caller = STUDIO,
        models: Mapping[str, AvailableModel] = MODELS,
    ) -> AcceptedBatch:
        return await accept_batch(
            self.log,
            models,
            body,
            caller=caller,
            idempotency_key=key,
            cause=CAUSE,
            reserve=self.wallet.reserve,
            check_inputs=self.assets.check,
            find_webhook=self.webhooks.find,
        )

    def events(self, stream: UUID) -> list[Any]:
        return [each.event for each in self.log.events if each.stream == stream]


@pytest.fixture
def world() -> World:
    return World()


def request_hash(kind: Kind, request: Mapping[str, object]) -> str:
    """That of the single request."""
    body = {name: value for name, value in request.items() if name != "kind"}
    return digest(kind, request_parsing.parse(kind, json.dumps(body).encode()).request)


def estimate(amount: str, revision: int) -> Cost:
    """What a call of this price may cost."""
    lines = (Line(unit="call", quantity=Decimal(1), amount=Decimal(amount)),)
    return Cost(amount=Decimal(amount), currency="USD", price_revision=revision, lines=lines, source="estimate")


async def refused(world: World, *requests: object, **wish: Any) -> Rejected:
    """The refusal of a batch, of which nothing is recorded and no money kept."""
    before = list(world.log.events)
    with pytest.raises(Rejected) as refusal:
        await world.accept(*requests, **wish)
    assert world.log.events == before
    assert world.wallet.committed == []
    return refusal.value


# --- Accepted ---


async def test_requests_become_tasks_by_one_append(world: World) -> None:
    """The batch and its tasks are recorded together, each request as it would be if it came alone."""
    world.webhooks.urls["webhook_1"] = "https://app.example/hooks"
    world.assets.ids.add("asset_" + "a" * 64 + ".png")
    full = CAT | {
        "imageInputs": ["asset_" + "a" * 64 + ".png"],
        "projectId": "films",
        "source": "canvas",
        "sourceId": "c1",
        "metadata": {"scene": 3},
        "fallbackModels": ["sandbox/second"],
        "deadline": {"finishSeconds": 60, "startSeconds": 30},
        "webhook": "https://app.example/hooks/films",
    }
    world.log.add(clock.new_stream(), Unreadable(topic="Other", problem="of another stream"))
    began = clock.now()
    accepted = await world.accept(full, HAIKU)
    assert [each.event for each in world.log.events][1:] == [accepted.batch, *accepted.tasks]
    assert world.log.causes == [CAUSE]
    streams = [each.stream for each in world.log.events][1:]
    assert len(set(streams)) == 3
    at = accepted.batch.at
    assert began <= at <= clock.now()
    batch = batch_id(streams[0])
    requested = BatchRequested(
        batch=batch,
        mode="all",
        tasks=(task_id(streams[1]), task_id(streams[2])),
        request_hash=accepted.batch.request_hash,
        caller="key_studio",
        owner="studio",
        at=at,
    )
    film, haiku = accepted.tasks
    assert film == TaskRequested(
        task=task_id(streams[1]),
        kind=Kind.IMAGE,
        model="sandbox/painter",
        model_revision=3,
        params={"prompt": "a cat", "imageInputs": full["imageInputs"]},
        request_hash=request_hash(Kind.IMAGE, full),
        finish_by=film.at + timedelta(seconds=60),
        start_by=film.at + timedelta(seconds=30),
        caller="key_studio",
        owner="studio",
        project_id="films",
        source="canvas",
        source_id="c1",
        metadata={"scene": 3},
        estimate=estimate("0.04", 3),
        fallbacks=(Fallback(model="sandbox/second", model_revision=2, estimate=estimate("0.05", 2)),),
        batch=batch,
        webhook=TaskWebhook(webhook="webhook_1", url="https://app.example/hooks/films"),
        at=film.at,
    )
    assert haiku == TaskRequested(
        task=task_id(streams[2]),
        kind=Kind.LLM,
        model="sandbox/writer",
        model_revision=1,
        params={"prompt": "a haiku"},
        request_hash=request_hash(Kind.LLM, HAIKU),
        finish_by=haiku.at + timedelta(seconds=900),
        caller="key_studio",
        owner="studio",
        batch=batch,
        at=haiku.at,
    )
    assert accepted == AcceptedBatch(streams[0], requested, [film, haiku], replayed=False, position=4)


async def test_tasks_have_the_order_of_their_requests(world: World) -> None:
    """Also where some are checked for longer than those behind them, and there are more than are checked at once."""
    many = [
        CAT | {"prompt": f"cat {number}", "imageInputs": [f"https://x.example/{number}.png"]} for number in range(20)
    ]

    async def slow_first(references: object) -> list[Any]:
        for _ in range(40 - 2 * len(world.assets.looked_for)):
            await asyncio.sleep(0)
        return await Assets.check(world.assets, [str(references)])

    accepted = await accept_batch(
        world.log,
        MODELS,
        json.dumps({"requests": many}).encode(),
        caller=STUDIO,
        idempotency_key=None,
        cause=CAUSE,
        reserve=world.wallet.reserve,
        check_inputs=slow_first,
        find_webhook=world.webhooks.find,
    )
    assert [task.params["prompt"] for task in accepted.tasks] == [f"cat {number}" for number in range(20)]
    assert accepted.batch.tasks == tuple(task.task for task in accepted.tasks)
    assert len(world.assets.looked_for) == 20


async def test_a_batch_waits_for_no_time_to_pass(world: World) -> None:
    """When all that it asks answers at once, it is accepted within some turns of the event loop."""
    accepting = asyncio.create_task(world.accept(CAT, HAIKU))
    for _ in range(50):
        await asyncio.sleep(0)
    assert accepting.done()
    assert len((await accepting).tasks) == 2


# --- Refused ---


async def test_one_that_is_refused_refuses_all(world: World) -> None:
    """Every problem is told under the index of its request, with the code of those that agree."""
    refusal = await refused(world, CAT, UNKNOWN, HAIKU, UNKNOWN)
    assert (refusal.code, refusal.message) == (
        "model_not_found",
        f"requests[1]: {NOT_FOUND}; requests[3]: {NOT_FOUND}",
    )
    refusal = await refused(world, CAT | {"n": 5}, {"kind": "hologram"}, 7, UNKNOWN, mode="all")
    assert refusal.code == "invalid_request"
    assert refusal.message.split("; ") == [
        "requests[0]: n: must be from 1 to 4",
        "requests[1]: kind: choose one of image, video, audio, text",
        'requests[2]: must be a JSON object, such as {"kind": "image", "prompt": "…", "model": "…"}',
        f"requests[3]: {NOT_FOUND}",
    ]


async def test_each_takes_the_good_and_keeps_the_reasons_of_the_others(world: World) -> None:
    """Refused requests are in the event of the batch: which, and why."""
    missing = CAT | {"imageInputs": ["asset_" + "b" * 64 + ".png"]}
    untold = HAIKU | {"webhook": "https://elsewhere.example/"}
    accepted = await world.accept(UNKNOWN, CAT, missing, HAIKU, untold, mode="each")
    assert [task.kind for task in accepted.tasks] == [Kind.IMAGE, Kind.LLM]
    assert accepted.batch.mode == "each"
    assert accepted.batch.refused == (
        RefusedRequest(index=0, code="model_not_found", message=NOT_FOUND),
        RefusedRequest(
            index=2,
            code="invalid_request",
            message=f"imageInputs[0]: there is no asset '{missing['imageInputs'][0]}'",
        ),
        RefusedRequest(
            index=4,
            code="invalid_request",
            message="webhook: extends the URL of none of your webhooks. Register one with POST /api/v1/webhooks",
        ),
    )
    assert world.events(accepted.stream) == [accepted.batch]
    assert accepted.position == 3


async def test_each_without_a_good_one_is_refused(world: World) -> None:
    """There is nothing to record."""
    refusal = await refused(world, UNKNOWN, UNKNOWN, mode="each")
    assert (refusal.code, refusal.message) == (
        "model_not_found",
        f"requests[0]: {NOT_FOUND}; requests[1]: {NOT_FOUND}",
    )


@pytest.mark.parametrize(("length", "told"), [(1000, "x" * 1000), (1001, "x" * 999 + "…")])
async def test_a_message_is_cut_off_after_a_thousand_characters(world: World, length: int, told: str) -> None:
    """One that is longer says so by its last character."""
    models = {**MODELS, **by_id(offered("away", unavailable="x" * length))}
    accepted = await world.accept(HAIKU, CAT | {"model": "sandbox/away"}, mode="each", models=models)
    assert accepted.batch.refused == (RefusedRequest(index=1, code="model_unavailable", message=told),)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"requests": [{"kind": "text", "prompt": "\xff", "model": "sandbox/writer"}]}',
        b'{"requests": [{"kind": "text", "prompt": "x", "model": "sandbox/writer", "temperature": 1e999}]}',
        b'{"requests": [{"kind": "text", "\xff": 1}], "mode": "each"}',
    ],
    ids=["cut off", "no text", "no number", "no name"],
)
async def test_a_body_that_is_not_json_is_refused(world: World, body: bytes) -> None:
    """Wherever in it the fault is, and as for a single request."""
    with pytest.raises(Rejected) as refusal:
        await world.send(body)
    assert refusal.value.code == "not_json"
    assert refusal.value.message.startswith("The body is not valid JSON: ")
    assert world.log.events == []


async def test_while_the_inputs_cannot_be_checked_nothing_is_recorded(world: World) -> None:
    """It is no fault of the request, so that no mode makes it a refusal."""
    world.assets.away = True
    with pytest.raises(AssetsUnavailable):
        await world.accept(CAT | {"imageInputs": ["asset_" + "a" * 64 + ".png"]}, HAIKU, mode="each")
    assert world.log.events == []
    assert world.wallet.committed == []


# --- Money ---


async def test_money_is_set_aside_request_by_request() -> None:
    """A budget holds for the sum of a batch. What it does not bear is refused under its own index; a cheaper request
    behind it is taken."""
    world = World(Budget(most=Decimal("0.10"), project="films"))
    cat, dear = CAT | {"projectId": "films"}, CAT | {"projectId": "films", "fallbackModels": ["sandbox/second"]}
    accepted = await world.accept(cat, dear, dear, HAIKU, CAT, mode="each")
    assert [(each.index, each.code) for each in accepted.batch.refused] == [(2, "budget_exceeded")]
    assert accepted.batch.refused[0].message.startswith("This would go beyond the day's budget of project films")
    one, other = Candidate("sandbox/painter", estimate("0.04", 3)), Candidate("sandbox/second", estimate("0.05", 2))
    assert world.wallet.asked == [
        (Kind.IMAGE, "films", (one,)),
        (Kind.IMAGE, "films", (one, other)),
        (Kind.IMAGE, "films", (one, other)),
        (Kind.LLM, None, (Candidate("sandbox/writer", None),)),
        (Kind.IMAGE, None, (one,)),
    ]
    assert [task.task for task in accepted.tasks] == list(accepted.batch.tasks)
    assert len(accepted.tasks) == 4
    assert world.wallet.committed == [2, 3, 4, 5], "each until the sums have its own task"


async def test_the_money_of_a_batch_that_is_not_recorded_is_given_back() -> None:
    """Whatever the reason: it is refused, or the log is away."""
    world = World(Budget(most=Decimal("0.10")))
    for _ in range(3):
        refusal = await refused(world, CAT, CAT, CAT)
        assert refusal.code == "budget_exceeded"
        assert refusal.message.startswith("requests[2]: This would go beyond the day's budget: 0.1")
    world.log.away = True
    with pytest.raises(LogUnavailable):
        await world.accept(CAT, CAT)
    assert world.wallet.committed == []
    world.log.away = False
    await world.accept(CAT, CAT)
    assert world.wallet.committed == [2, 3]


# --- Once ---


async def test_a_batch_under_a_key_is_accepted_once(world: World) -> None:
    """The same body again, in any order of its fields, is the same batch, also when none of its models is left; no
    money is asked for. Another body, and another caller, have no part of it."""
    first = await world.accept(HAIKU, UNKNOWN, key="order-17", mode="each")
    recorded, asked = list(world.log.events), list(world.wallet.asked)
    body = {"mode": "each", "requests": [dict(reversed(HAIKU.items())), UNKNOWN]}
    again = await world.send(json.dumps(body).encode(), key="order-17", models={})
    assert again == AcceptedBatch(first.stream, first.batch, [], replayed=True, position=1)
    for other in ([HAIKU], [UNKNOWN, HAIKU]):
        with pytest.raises(Rejected) as refusal:
            await world.accept(*other, key="order-17", mode="each")
        assert refusal.value.code == "idempotency_key_reused"
        assert "another batch" in refusal.value.message
    assert (world.log.events, world.wallet.asked) == (recorded, asked)
    of_another = await world.accept(HAIKU, key="order-17", caller=STUDIO._replace(key="key_other"))
    assert not of_another.replayed
    assert of_another.stream != first.stream


async def test_without_a_key_the_same_is_another_batch(world: World) -> None:
    """Only a key says that it is meant once."""
    one, other = await world.accept(HAIKU), await world.accept(HAIKU)
    assert one.stream != other.stream
    assert [one.replayed, other.replayed] == [False, False]
    assert one.batch.request_hash == other.batch.request_hash


async def test_a_key_means_the_same_in_every_version(world: World) -> None:
    """The stream and the hash of a batch under a key are those of earlier versions of Pixel, so that a key that was
    used before an update is known after it. They are no stream and no hash of a single request."""
    accepted = await world.accept(HAIKU, key="order-17")
    assert accepted.stream == UUID("87121f73-ce86-8039-af6b-1de3fba48949")
    assert accepted.batch.request_hash == "bb942cae351f20bf7c082098d461017f2de69c8e39413f692565c6259d873327"
    assert accepted.stream != keyed_stream("key_studio", "order-17")
    assert accepted.stream == keyed_stream("key_studio", "batch\norder-17")


def at_the_same_moment(world: World, stream: UUID, batch: BatchRequested) -> None:
    """Another process records a batch just before this one does."""

    def meanwhile(_: list[str]) -> None:
        world.log.before = lambda _: None
        world.log.add(stream, batch)

    world.log.before = meanwhile


async def test_of_two_at_the_same_moment_one_is_recorded() -> None:
    """The other one is answered with it, and gives its money back; if it is another batch, it is refused."""
    theirs = await World().accept(CAT, CAT | {"n": 2}, key="order-17")
    for same in (True, False):
        world = World(Budget(most=Decimal(1)))
        world.log.add(clock.new_stream(), Unreadable(topic="Other", problem="of another stream"))
        at_the_same_moment(world, theirs.stream, theirs.batch)
        if same:
            again = await world.accept(CAT, CAT | {"n": 2}, key="order-17")
            assert again == AcceptedBatch(theirs.stream, theirs.batch, [], replayed=True, position=2)
        else:
            with pytest.raises(Rejected) as refusal:
                await world.accept(CAT, CAT, key="order-17")
            assert refusal.value.code == "idempotency_key_reused"
        assert [each.event for each in world.log.events][1:] == [theirs.batch]
        assert len(world.wallet.reservations) == 2
        assert world.wallet.committed == []


async def test_a_conflict_without_a_batch_is_told(world: World) -> None:
    """The log has refused, and has no batch that explains it."""

    def conflict(_: list[str]) -> None:
        raise Conflict("moved")

    world.log.before = conflict
    for key in (None, "order-17"):
        with pytest.raises(Conflict, match="moved"):
            await world.accept(CAT, key=key)
    assert world.wallet.committed == []


async def test_a_key_whose_batch_cannot_be_read_is_no_free_key(world: World) -> None:
    """A newer Pixel has written it: the same wish must not be paid for twice."""
    stream = keyed_stream("key_studio", "batch\norder-17")
    world.log.add(stream, Unreadable(topic="BatchRequested", problem="unknown mode"))
    refusal = await refused(world, HAIKU, key="order-17")
    assert refusal.code == "stream_unreadable"
    assert "Version 1" in refusal.message
    assert "Unreadable" in refusal.message


# --- Afterwards ---


async def test_a_batch_is_found_by_those_who_may_see_it(world: World) -> None:
    """By its owner, and by those who see everything. For others it does not exist."""
    accepted = await world.accept(CAT)
    await end_batch(world.log, accepted.stream, accepted.batch, completed=1, failed=0, cost={})
    name = accepted.batch.batch
    for sees_only in (None, "studio"):
        assert await load_batch(world.log, name, accepted.stream, sees_only=sees_only) == accepted.batch
    for stream, sees_only in (
        (accepted.stream, "another"),
        (clock.new_stream(), None),
        (task_stream(accepted.batch.tasks[0]), None),
        (task_stream(accepted.batch.tasks[0]), "studio"),
    ):
        with pytest.raises(Rejected) as refusal:
            await load_batch(world.log, name, stream, sees_only=sees_only)
        assert (refusal.value.code, refusal.value.message) == ("batch_unknown", f"Batch '{name}' not found")


async def test_a_batch_that_cannot_be_read_is_told_from_one_that_is_not_there(world: World) -> None:
    """An operator has to know."""
    stream = clock.new_stream()
    world.log.add(stream, Unreadable(topic="BatchRequested", problem="unknown mode"))
    with pytest.raises(Rejected) as refusal:
        await load_batch(world.log, batch_id(stream), stream, sees_only=None)
    assert refusal.value.code == "stream_unreadable"
    assert refusal.value.message


async def test_the_end_of_a_batch_is_recorded_once(world: World) -> None:
    """With the counts and the costs of the first time, whoever finds out later, and in the name of Pixel itself."""
    accepted = await world.accept(CAT, HAIKU)
    began = clock.now()
    await end_batch(world.log, accepted.stream, accepted.batch, completed=1, failed=2, cost={"USD": Decimal("0.04")})
    ended = world.events(accepted.stream)[1]
    assert ended == BatchEnded(
        batch=accepted.batch.batch,
        completed=1,
        failed=2,
        cost={"USD": Decimal("0.04")},
        owner="studio",
        at=ended.at,
    )
    assert began <= ended.at <= clock.now()
    assert world.log.causes[-1] == Cause(actor="batches")
    await end_batch(world.log, accepted.stream, accepted.batch, completed=3, failed=0, cost={})
    assert world.events(accepted.stream) == [accepted.batch, ended]


async def test_a_cancelled_batch_stops_what_has_not_ended(world: World) -> None:
    """In the name of who asked. Tasks that have ended stay as they are, and a second time changes nothing."""
    accepted = await world.accept(*[CAT] * 20)
    ended, *running = [task_stream(task) for task in accepted.batch.tasks]
    completed = TaskCompleted(at=clock.now())
    world.log.add(ended, completed)
    stopped = Cause(actor="key_boss", request_id="req_2")
    world.log.reads.clear()
    began = clock.now()
    await cancel_batch(world.log, accepted.batch, by="key_boss", cause=stopped)
    assert world.log.reads == [ended, *running], "each once"
    assert world.events(ended)[1:] == [completed]
    for stream in running:
        _, requested, cancelled = world.events(stream)
        at = requested.at
        assert began <= at <= clock.now()
        assert requested == CancellationRequested(by="key_boss", at=at)
        message = "It had not been sent to the provider."
        assert cancelled == TaskCancelled(by="key_boss", outcome="not_called", message=message, charged="no", at=at)
    assert world.log.causes[1:] == [stopped] * 19
    before = list(world.log.events)
    await cancel_batch(world.log, accepted.batch, by="key_boss", cause=stopped)
    assert world.log.events == before


async def test_a_task_that_moves_while_its_batch_is_cancelled_is_read_again(world: World) -> None:
    """What a worker has recorded meanwhile counts: a task that has just ended is not cancelled."""
    accepted = await world.accept(CAT, CAT)
    first, second = [task_stream(task) for task in accepted.batch.tasks]
    completed = TaskCompleted(at=clock.now())

    def meanwhile(_: list[str]) -> None:
        world.log.before = lambda _: None
        world.log.add(first, completed)

    world.log.before = meanwhile
    await cancel_batch(world.log, accepted.batch, by="key_boss", cause=CAUSE)
    assert world.events(first)[1:] == [completed]
    assert [type(event) for event in world.events(second)[1:]] == [CancellationRequested, TaskCancelled]


async def test_a_task_that_cannot_be_read_keeps_no_other_running(world: World) -> None:
    """All that can be cancelled are, and then the fault is told."""
    accepted = await world.accept(CAT, CAT, CAT)
    first, second, third = [task_stream(task) for task in accepted.batch.tasks]
    world.log.add(first, Unreadable(topic="TaskTaken", problem="unknown"))
    with pytest.raises(Rejected) as refusal:
        await cancel_batch(world.log, accepted.batch, by="key_boss", cause=CAUSE)
    assert refusal.value.code == "stream_unreadable"
    assert refusal.value.message
    for stream in (second, third):
        assert [type(event) for event in world.events(stream)[1:]] == [CancellationRequested, TaskCancelled]
