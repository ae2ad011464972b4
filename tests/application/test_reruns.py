"""Laws of a rerun: as it was, with other fields, once under a key, within the budgets, and never silently different."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from application import clock
from application.generations import NO_WEBHOOK, AvailableModel, accept, keyed_stream
from application.ports import AssetsUnavailable, Cause, Conflict, LogUnavailable, Unreadable
from application.reruns import AcceptedRerun, rerun
from domain.base import Rejected, replace
from domain.budget import Budget, Candidate
from domain.ids import task_id
from domain.model import Kind, Limits
from domain.money import Cost, Line
from domain.task.events import Fallback, TaskCompleted, TaskRequested
from domain.webhook import TaskWebhook
from tests.application.harness import MemoryLog
from tests.application.request_ports import STUDIO, Assets, Wallet, Webhooks, by_id, offered

CAUSE = Cause(actor="key_studio", request_id="req_1")
THEN = datetime(2026, 2, 11, 10, tzinfo=UTC)
ASSET = "asset_" + "a" * 64 + ".png"
LIMITS = Limits(n=4, image_inputs=2)
MODELS = by_id(
    offered("painter", price="0.50", revision=7, limits=LIMITS),
    offered("second", price="0.05", revision=2, limits=LIMITS),
    offered("third", price="0.06", revision=3, limits=LIMITS),
    offered("writer", Kind.LLM),
)
OTHERWISE = 'A task can be made again with other fields, such as {"with": {"model": "…"}}.'
NOT_TOLD = "webhook: its URL extends that of no webhook any more, and is not told"


def estimate(amount: str, revision: int) -> Cost:
    """What a call of this price may cost."""
    lines = (Line(unit="call", quantity=Decimal(1), amount=Decimal(amount)),)
    return Cost(amount=Decimal(amount), currency="USD", price_revision=revision, lines=lines, source="estimate")


OLD = TaskRequested(
    task="task_01kh5rfm0se1jb4gcrc1rz1bq0",
    kind=Kind.IMAGE,
    model="sandbox/painter",
    model_revision=5,
    params={"prompt": "a cat", "n": 2, "imageInputs": [ASSET], "extraParams": {"seed": 7}},
    request_hash="0a1b",
    finish_by=THEN + timedelta(seconds=60),
    start_by=THEN + timedelta(seconds=30),
    caller="key_before",
    owner="before",
    project_id="films",
    source="canvas",
    source_id="c1",
    metadata={"scene": 3},
    estimate=estimate("0.04", 5),
    fallbacks=(
        Fallback(model="sandbox/second", model_revision=1, estimate=estimate("0.02", 1)),
        Fallback(model="sandbox/third", model_revision=1),
    ),
    batch="batch_01kh5rfm0se1jb4gcrc1rz1bq0",
    rerun_of="task_01kh5rfm0se1jb4gcrc1rz1bq1",
    webhook=TaskWebhook(webhook="webhook_1", url="https://app.example/hooks/films"),
    at=THEN,
)
PLAIN = TaskRequested(
    task="task_01kh5rfm0se1jb4gcrc1rz1bq2",
    kind=Kind.LLM,
    model="sandbox/writer",
    model_revision=1,
    params={"prompt": "a haiku"},
    request_hash="0a1b",
    finish_by=THEN + timedelta(seconds=900),
    at=THEN,
)


class World:
    """What a rerun meets."""

    def __init__(self, *budgets: Budget) -> None:
        self.log = MemoryLog()
        self.wallet = Wallet(*budgets)
        self.assets = Assets({ASSET})
        self.webhooks = Webhooks({"webhook_1": "https://app.example/hooks"})

    async def rerun(
        self,
        old: TaskRequested = OLD,
        changes: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        models: Mapping[str, AvailableModel] = MODELS,
        **named: Any,
    ) -> AcceptedRerun:
        return await rerun(
            self.log,
            models,
            old,
            changes or named,
            caller=STUDIO,
            idempotency_key=key,
            cause=CAUSE,
            reserve=self.wallet.reserve,
            check_inputs=self.assets.check,
            find_webhook=self.webhooks.find,
        )

    async def made(self, *args: Any, **wish: Any) -> TaskRequested:
        """The event of a rerun that is accepted: the only one of its stream."""
        accepted = await self.rerun(*args, **wish)
        [event] = [each.event for each in self.log.events if each.stream == accepted.stream]
        assert isinstance(event, TaskRequested)
        return event

    async def refused(self, *args: Any, **wish: Any) -> Rejected:
        """The refusal of a rerun, of which nothing is recorded and no money kept."""
        before = list(self.log.events)
        with pytest.raises(Rejected) as refusal:
            await self.rerun(*args, **wish)
        assert self.log.events == before
        assert self.wallet.committed == []
        return refusal.value


@pytest.fixture
def world() -> World:
    return World()


# --- As it was ---


async def test_a_rerun_is_the_same_request_at_the_revisions_of_then(world: World) -> None:
    """It has its own id, time and caller, and as much time as the old one had; it belongs to no batch. Its prices are
    those of then, whatever the catalogue says by now."""
    world.log.add(clock.new_stream(), Unreadable(topic="Other", problem="of another stream"))
    began = clock.now()
    accepted = await world.rerun()
    [_, recorded] = world.log.events
    event = recorded.event
    assert isinstance(event, TaskRequested)
    assert event == replace(
        OLD,
        task=task_id(accepted.stream),
        caller="key_studio",
        owner="studio",
        finish_by=event.at + timedelta(seconds=60),
        start_by=event.at + timedelta(seconds=30),
        request_hash=event.request_hash,
        batch=None,
        rerun_of=OLD.task,
        at=event.at,
    )
    assert began <= event.at <= clock.now()
    assert accepted == AcceptedRerun(recorded.stream, event.task, estimate("0.04", 5), (), replayed=False)
    assert world.log.causes == [replace(CAUSE, causation_id=OLD.task)]
    assert world.assets.looked_for == [[ASSET]]
    assert world.wallet.asked == [
        (
            Kind.IMAGE,
            "films",
            (
                Candidate("sandbox/painter", estimate("0.04", 5)),
                Candidate("sandbox/second", estimate("0.02", 1)),
                Candidate("sandbox/third", None),
            ),
        )
    ]
    assert world.wallet.committed == [2]


async def test_what_the_old_request_has_not_the_new_one_has_not(world: World) -> None:
    """No time to start, no inputs, no fallbacks, no webhook, no price."""
    event = await world.made(PLAIN)
    assert event == replace(
        PLAIN,
        task=event.task,
        caller="key_studio",
        owner="studio",
        finish_by=event.at + timedelta(seconds=900),
        request_hash=event.request_hash,
        rerun_of=PLAIN.task,
        at=event.at,
    )
    assert world.wallet.asked == [(Kind.LLM, None, (Candidate("sandbox/writer", None),))]
    assert world.assets.looked_for == [[]]


@pytest.mark.parametrize(
    "gone",
    [
        None,
        offered("second", unavailable="Model 'sandbox/second' has no API key."),
        offered("second", retired=True),
        offered("second", ends=date(2020, 1, 1)),
    ],
    ids=["unknown", "away", "retired", "ended"],
)
async def test_a_fallback_that_is_gone_is_told(world: World, gone: AvailableModel | None) -> None:
    """The task is made without it, with those that are left, and no money is set aside for it."""
    models = {name: model for name, model in MODELS.items() if name != "sandbox/second"} | by_id(
        *([gone] if gone else [])
    )
    accepted = await world.rerun(models=models)
    assert accepted.differences == ("fallbackModels: 'sandbox/second' can't be had any more, and won't take over",)
    assert accepted.estimate == OLD.estimate
    [recorded] = world.log.events
    assert isinstance(recorded.event, TaskRequested)
    assert recorded.event.fallbacks == OLD.fallbacks[1:]
    [(_, _, chain)] = world.wallet.asked
    assert [each.model for each in chain] == ["sandbox/painter", "sandbox/third"]


async def test_a_webhook_that_is_gone_is_told(world: World) -> None:
    """The URL is no part of a task that could not be told there."""
    world.webhooks.urls.clear()
    accepted = await world.rerun(models=by_id(MODELS["sandbox/painter"]))
    gone = "fallbackModels: '{}' can't be had any more, and won't take over"
    assert accepted.differences == (gone.format("sandbox/second"), gone.format("sandbox/third"), NOT_TOLD)
    [recorded] = world.log.events
    assert isinstance(recorded.event, TaskRequested)
    assert (recorded.event.webhook, recorded.event.fallbacks) == (None, ())


async def test_a_webhook_that_was_registered_anew_is_told(world: World) -> None:
    """It is the one that the URL extends by now: messages of the one before it would go nowhere."""
    world.webhooks.urls = {"webhook_2": "https://app.example/hooks/films"}
    accepted = await world.rerun()
    [recorded] = world.log.events
    assert isinstance(recorded.event, TaskRequested)
    assert recorded.event.webhook == TaskWebhook(webhook="webhook_2", url="https://app.example/hooks/films")
    assert accepted.differences == ()


@pytest.mark.parametrize(
    ("painter", "code", "message"),
    [
        (
            None,
            "model_not_found",
            "Model 'sandbox/painter' not found. Available models can be fetched from /api/v1/models.",
        ),
        (offered("painter", retired=True), "model_retired", "Model 'sandbox/painter' is retired."),
        (offered("painter", ends=date(2020, 1, 1)), "model_retired", "Model 'sandbox/painter' is retired."),
        (
            offered("painter", unavailable="It has no API key. Set ACME_KEY."),
            "model_unavailable",
            "It has no API key. Set ACME_KEY.",
        ),
    ],
    ids=["unknown", "retired", "ended", "away"],
)
async def test_a_model_that_is_gone_refuses_the_rerun(
    world: World, painter: AvailableModel | None, code: str, message: str
) -> None:
    """The refusal says why, and what can be done."""
    others = {name: model for name, model in MODELS.items() if name != "sandbox/painter"}
    refusal = await world.refused(models=others | by_id(*([painter] if painter else [])))
    assert (refusal.code, refusal.message) == (code, f"{message} {OTHERWISE}")
    assert world.wallet.asked == []


async def test_an_input_that_is_gone_refuses_the_rerun(world: World) -> None:
    """The refusal names it, and says what can be done."""
    world.assets.ids.clear()
    refusal = await world.refused()
    message = f"imageInputs[0]: there is no asset '{ASSET}'. {OTHERWISE}"
    assert (refusal.code, refusal.message) == ("invalid_request", message)
    assert (await world.made(imageInputs=None)).params == {"prompt": "a cat", "n": 2, "extraParams": {"seed": 7}}


@pytest.mark.parametrize("changes", [{}, {"prompt": "a dog"}], ids=["unchanged", "changed"])
async def test_while_the_inputs_cannot_be_checked_nothing_is_recorded(world: World, changes: dict[str, Any]) -> None:
    """It is no fault of the request."""
    world.assets.away = True
    with pytest.raises(AssetsUnavailable):
        await world.rerun(changes=changes)
    assert (world.log.events, world.wallet.asked) == ([], [])


# --- With other fields ---


async def test_a_changed_request_is_a_new_one_with_the_other_fields_of_the_old(world: World) -> None:
    """It is made at the revisions and the prices of now, and that its model has another one is told. A field that is
    named is different, an object as a whole; null takes one away."""
    began = clock.now()
    accepted = await world.rerun(prompt="a dog", extraParams={"seed": 8}, n=None)
    [recorded] = world.log.events
    event = recorded.event
    assert isinstance(event, TaskRequested)
    assert event == TaskRequested(
        task=task_id(accepted.stream),
        kind=Kind.IMAGE,
        model="sandbox/painter",
        model_revision=7,
        params={"prompt": "a dog", "imageInputs": [ASSET], "extraParams": {"seed": 8}},
        request_hash=event.request_hash,
        finish_by=event.at + timedelta(seconds=60),
        start_by=event.at + timedelta(seconds=30),
        caller="key_studio",
        owner="studio",
        project_id="films",
        source="canvas",
        source_id="c1",
        metadata={"scene": 3},
        estimate=estimate("0.5", 7),
        fallbacks=(
            Fallback(model="sandbox/second", model_revision=2, estimate=estimate("0.05", 2)),
            Fallback(model="sandbox/third", model_revision=3, estimate=estimate("0.06", 3)),
        ),
        rerun_of=OLD.task,
        webhook=OLD.webhook,
        at=event.at,
    )
    assert began <= event.at <= clock.now()
    different = ("model: 'sandbox/painter' is at revision 7 by now, and was at 5",)
    assert accepted == AcceptedRerun(recorded.stream, event.task, estimate("0.5", 7), different, replayed=False)
    assert world.log.causes == [replace(CAUSE, causation_id=OLD.task)]
    assert world.wallet.asked == [
        (
            Kind.IMAGE,
            "films",
            (
                Candidate("sandbox/painter", estimate("0.5", 7)),
                Candidate("sandbox/second", estimate("0.05", 2)),
                Candidate("sandbox/third", estimate("0.06", 3)),
            ),
        )
    ]
    assert world.wallet.committed == [1]


async def test_every_field_of_the_request_can_be_changed(world: World) -> None:
    """Those of the request itself as those of its model's."""
    world.webhooks.urls["webhook_2"] = "https://other.example/"
    event = await world.made(
        model="sandbox/second",
        projectId="songs",
        source="script",
        sourceId="s2",
        metadata={"scene": 4},
        fallbackModels=["sandbox/painter"],
        deadline={"finishSeconds": 120},
        webhook="https://other.example/songs",
    )
    assert event == TaskRequested(
        task=event.task,
        kind=Kind.IMAGE,
        model="sandbox/second",
        model_revision=2,
        params=OLD.params,
        request_hash=event.request_hash,
        finish_by=event.at + timedelta(seconds=120),
        caller="key_studio",
        owner="studio",
        project_id="songs",
        source="script",
        source_id="s2",
        metadata={"scene": 4},
        estimate=estimate("0.05", 2),
        fallbacks=(Fallback(model="sandbox/painter", model_revision=7, estimate=estimate("0.5", 7)),),
        rerun_of=OLD.task,
        webhook=TaskWebhook(webhook="webhook_2", url="https://other.example/songs"),
        at=event.at,
    )


async def test_what_the_old_request_has_not_the_changed_one_has_not(world: World) -> None:
    """Only the new field is new."""
    event = await world.made(PLAIN, prompt="a sonnet")
    assert event == replace(
        PLAIN,
        task=event.task,
        params={"prompt": "a sonnet"},
        caller="key_studio",
        owner="studio",
        finish_by=event.at + timedelta(seconds=900),
        request_hash=event.request_hash,
        rerun_of=PLAIN.task,
        at=event.at,
    )


async def test_another_model_is_no_difference(world: World) -> None:
    """It was asked for. Neither is a model that is as it was."""
    assert (await world.rerun(model="sandbox/second", fallbackModels=None)).differences == ()
    assert (await world.rerun(PLAIN, prompt="a sonnet")).differences == ()


async def test_a_webhook_that_is_gone_is_told_when_other_fields_are_changed(world: World) -> None:
    """The new task has none; its model's other revision is told as well."""
    world.webhooks.urls.clear()
    accepted = await world.rerun(prompt="a dog")
    assert accepted.differences == (NOT_TOLD, "model: 'sandbox/painter' is at revision 7 by now, and was at 5")
    [recorded] = world.log.events
    assert isinstance(recorded.event, TaskRequested)
    assert recorded.event.webhook is None


@pytest.mark.parametrize("found", [True, False])
async def test_a_webhook_that_is_changed_is_the_callers_to_get_right(world: World, found: bool) -> None:
    """That the one of the old request is gone does not matter; the new one is checked as for any request."""
    world.webhooks.urls = {"webhook_2": "https://other.example/"} if found else {}
    assert (await world.made(webhook=None)).webhook is None
    world.wallet.reservations.clear()
    if found:
        event = await world.made(webhook="https://other.example/a")
        assert event.webhook == TaskWebhook(webhook="webhook_2", url="https://other.example/a")
    else:
        refusal = await world.refused(webhook="https://other.example/a")
        assert (refusal.code, refusal.message) == ("invalid_request", f"webhook: {NO_WEBHOOK}")


@pytest.mark.parametrize(
    ("had", "has"), [(0.0, 1), (0.4, 1), (1.6, 2), (59.5001, 60), (86399.0, 86399), (86400.0, 86400), (90000.0, 86400)]
)
async def test_a_changed_request_has_the_time_of_the_old_one_in_seconds(world: World, had: float, has: int) -> None:
    """As far as a request may ask for it: whole seconds, one at least, and a day at most."""
    until = THEN + timedelta(seconds=had)
    event = await world.made(replace(OLD, start_by=until, finish_by=until), {"prompt": "a dog"})
    assert (event.finish_by, event.start_by) == (event.at + timedelta(seconds=has), event.at + timedelta(seconds=has))


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"n": 99, "fallbackModels": None}, "invalid_request", "n: must be from 1 to 4"),
        ({"prompt": None}, "invalid_request", "prompt: is required"),
        (
            {"model": "sandbox/nobody"},
            "model_not_found",
            "Model 'sandbox/nobody' not found. Available models can be fetched from /api/v1/models",
        ),
        (
            {"model": "sandbox/writer"},
            "wrong_kind",
            "Model 'sandbox/writer' makes llm, not image. Send it to /api/v1/generations/text",
        ),
        (
            {"imageInputs": ["asset_" + "b" * 64 + ".png"]},
            "invalid_request",
            f"imageInputs[0]: there is no asset 'asset_{'b' * 64}.png'",
        ),
    ],
    ids=["number", "nothing", "unknown", "kind", "input"],
)
async def test_wrong_changes_are_refused_as_in_any_request(
    world: World, changes: dict[str, Any], code: str, message: str
) -> None:
    """In the same words."""
    refusal = await world.refused(OLD, changes)
    assert (refusal.code, refusal.message) == (code, message)
    assert world.wallet.asked == []


# --- Money ---


@pytest.mark.parametrize("changes", [{}, {"prompt": "a dog"}], ids=["unchanged", "changed"])
async def test_what_no_budget_bears_is_refused(changes: dict[str, Any]) -> None:
    """A rerun is paid for once more."""
    world = World(Budget(most=Decimal("0.03"), project="films"))
    refusal = await world.refused(replace(OLD, fallbacks=()), changes)
    assert refusal.code == "budget_exceeded"
    assert refusal.message.startswith("This would go beyond the day's budget of project films")


async def test_the_money_of_a_rerun_that_is_not_recorded_is_given_back(world: World) -> None:
    """The log was away."""
    world.log.away = True
    with pytest.raises(LogUnavailable):
        await world.rerun()
    assert len(world.wallet.reservations) == 1
    assert world.wallet.committed == []


# --- Once ---


async def test_a_rerun_under_a_key_is_made_once(world: World) -> None:
    """The same key, task and changes are the same new task, also when no model is left; no money is asked for."""
    first = await world.rerun(key="again", prompt="a dog", n=1)
    world.log.add(first.stream, TaskCompleted(at=clock.now()))
    recorded, asked = list(world.log.events), list(world.wallet.asked)
    again = await world.rerun(OLD, {"n": 1, "prompt": "a dog"}, key="again", models={})
    assert again == AcceptedRerun(first.stream, first.task_id, first.estimate, (), replayed=True)
    for old, changes in ((OLD, {}), (OLD, {"prompt": "a dog"}), (PLAIN, {"prompt": "a dog", "n": 1})):
        with pytest.raises(Rejected) as refusal:
            await world.rerun(old, changes, key="again")
        assert refusal.value.code == "idempotency_key_reused"
        assert "another request" in refusal.value.message
    assert (world.log.events, world.wallet.asked) == (recorded, asked)


async def test_without_a_key_the_same_is_another_task(world: World) -> None:
    """Only a key says that it is meant once."""
    one, other = await world.rerun(), await world.rerun()
    assert one.stream != other.stream
    assert [one.replayed, other.replayed] == [False, False]


async def test_the_key_of_a_request_is_no_key_of_a_rerun(world: World) -> None:
    """Also if it was asked for in the same words."""
    body = json.dumps({"prompt": "a haiku", "model": "sandbox/writer"}).encode()
    single = await accept(
        world.log,
        MODELS,
        Kind.LLM,
        body,
        caller=STUDIO,
        idempotency_key="single",
        cause=CAUSE,
        reserve=world.wallet.reserve,
        check_inputs=world.assets.check,
        find_webhook=world.webhooks.find,
    )
    world.wallet.reservations.clear()
    old = world.log.events[0].event
    assert isinstance(old, TaskRequested)
    assert old.task == single.task_id
    assert (await world.refused(old, key="single")).code == "idempotency_key_reused"


async def test_a_key_means_the_same_in_every_version(world: World) -> None:
    """The stream and the hash of a rerun under a key are those of earlier versions of Pixel, so that a key that was
    used before an update is known after it."""
    accepted = await world.rerun(PLAIN, key="again", prompt="a sonnet", system="a poet")
    assert accepted.stream == keyed_stream("key_studio", "again") == UUID("5d88b4f9-4aa2-8c02-bd1b-74068295ff6b")
    [recorded] = world.log.events
    assert isinstance(recorded.event, TaskRequested)
    assert recorded.event.request_hash == "ab27519f93377f1959678cd28154f7474d5a700ddf590f919ea156e8a105e8b1"


async def test_of_two_at_the_same_moment_one_is_recorded() -> None:
    """The other one is answered with it, and gives its money back; if it is another wish, it is refused."""
    twin = World()
    theirs = await twin.rerun(key="again")
    for same in (True, False):
        world = World(Budget(most=Decimal(1), project="songs"))

        def meanwhile(_: list[str], world: World = world) -> None:
            world.log.before = lambda _: None
            world.log.add(theirs.stream, twin.log.events[0].event)

        world.log.before = meanwhile
        if same:
            again = await world.rerun(key="again")
            assert again == AcceptedRerun(theirs.stream, theirs.task_id, theirs.estimate, (), replayed=True)
        else:
            with pytest.raises(Rejected) as refusal:
                await world.rerun(key="again", prompt="a dog")
            assert refusal.value.code == "idempotency_key_reused"
        assert [each.event for each in world.log.events] == [twin.log.events[0].event]
        assert len(world.wallet.reservations) == 1
        assert world.wallet.committed == []


async def test_a_conflict_without_a_task_is_told(world: World) -> None:
    """The log has refused, and has no task that explains it."""

    def conflict(_: list[str]) -> None:
        raise Conflict("moved")

    world.log.before = conflict
    for key in (None, "again"):
        with pytest.raises(Conflict, match="moved"):
            await world.rerun(key=key)
    assert world.wallet.committed == []
