"""Laws of `accept`: a request becomes one event, its money is set aside until then, and its key makes it once."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from application.clock import new_stream
from application.generations import (
    AcceptedRequest,
    AvailableModel,
    accept,
    check,
    keyed_stream,
    replacement_of,
    require_available,
    task_requested,
    validate_for,
)
from application.ports import AssetsUnavailable, Cause, LogUnavailable
from domain.api_key import Caller, Scope
from domain.base import Rejected, replace
from domain.budget import Budget, Candidate
from domain.ids import batch_id, task_id, task_stream
from domain.model import Kind, Limits, Model
from domain.request import digest
from domain.request_parsing import parse
from domain.task.events import CancellationRequested, Fallback, TaskRequested
from domain.webhook import TaskWebhook
from tests.application.harness import MemoryLog
from tests.application.priced_models import estimate, model
from tests.application.request_ports import Assets, Wallet, Webhooks, by_id

CALLER = Caller("key_1", "studio", frozenset({Scope.CLIENT}))
OTHER = Caller("key_2", "studio", frozenset({Scope.CLIENT}))
CAUSE = Cause(actor="key_1", request_id="req-1")
ASSET = f"asset_{'a' * 64}.png"
HOOK = "https://app.example/hooks/pixel?canvas=1"
SIMPLE = {"prompt": "a cat", "model": "acme/painter"}
OFFERED = by_id(
    model("painter", price="0.04", revision=3, limits=Limits(image_inputs=2, n=4, finish_seconds=600)),
    model("second", price="0.50", revision=7, limits=Limits(image_inputs=2, n=4)),
    model("third", price="0.20", revision=1, limits=Limits(image_inputs=2, n=4)),
    model("unpriced", limits=Limits(start_seconds=30, finish_seconds=60)),
    model("filmer", Kind.VIDEO, "1", limits=Limits(image_inputs=1)),
    model("speaker", Kind.AUDIO, "0.01"),
    model("away", unavailable="Model 'acme/away' has no API key."),
    model("gone", price="1", retired=True),
    model("ended", price="1", ends=date(2026, 1, 31)),
    model("ending", price="1", ends=date(2999, 1, 31)),
)


class Desk:
    """All that accepts requests: a log, models, money, inputs and webhooks."""

    def __init__(self, *budgets: Budget) -> None:
        self.log = MemoryLog()
        self.models: Mapping[str, AvailableModel] = OFFERED
        self.wallet = Wallet(*budgets)
        self.inputs = Assets({ASSET})
        self.webhooks = Webhooks({"webhook_1": "https://app.example/hooks"})
        self.looked_for: list[str] = []

    async def ask(
        self, body: object = SIMPLE, *, kind: Kind = Kind.IMAGE, key: str | None = None, caller: Caller = CALLER
    ) -> AcceptedRequest:
        """Send a request."""
        return await accept(
            self.log,
            self.models,
            kind,
            body if isinstance(body, bytes) else json.dumps(body).encode(),
            caller=caller,
            idempotency_key=key,
            cause=CAUSE,
            reserve=self.wallet.reserve,
            check_inputs=self.inputs.check,
            find_webhook=self.find_webhook,
        )

    async def refusal(
        self, body: object, *, kind: Kind = Kind.IMAGE, key: str | None = None
    ) -> tuple[str, str, list[tuple[str, str]]]:
        """The code, message and problems of a refusal, after which nothing is recorded and no money is held."""
        before, held = len(self.log.events), self.held
        with pytest.raises(Rejected) as refused:
            await self.ask(body, kind=kind, key=key)
        assert (len(self.log.events), self.held) == (before, held)
        problems = [(field, message) for field, message in refused.value.problems]
        return refused.value.code, refused.value.message, problems

    async def find_webhook(self, url: str) -> TaskWebhook | None:
        """The webhook that a URL extends."""
        self.looked_for.append(url)
        return await self.webhooks.find(url)

    @property
    def held(self) -> Decimal:
        """The money that is set aside or spent: of each request what its dearest model may cost."""
        kept = (each.amounts for each in self.wallet.reservations if not each.given_back)
        return sum((sum(amounts.values(), Decimal(0)) for amounts in kept), Decimal(0))

    @property
    def requested(self) -> list[TaskRequested]:
        """The requests in the log."""
        return [each.event for each in self.log.events if isinstance(each.event, TaskRequested)]


# --- The event ---


async def test_a_request_is_recorded_with_all_that_it_says() -> None:
    """One event, at version 1 of a new stream, with the caller, the terms, the models with their revisions and prices;
    the parameters are as they were sent, without what is not for a model and without what is null."""
    desk = Desk()
    params = {"prompt": "a cat", "n": 2, "imageInputs": [ASSET]}
    others = {
        "model": "acme/painter",
        "aspectRatio": None,
        "projectId": "film",
        "source": "canvas",
        "sourceId": "node-1",
        "metadata": {"scene": 3},
        "fallbackModels": ["acme/second", "acme/third"],
        "deadline": {"startSeconds": 20, "finishSeconds": 120},
        "webhook": HOOK,
    }
    before = datetime.now(UTC)
    accepted = await desk.ask(params | others)
    [recorded] = desk.log.events
    [event] = desk.requested
    assert before <= event.at <= datetime.now(UTC)
    assert event == TaskRequested(
        task=accepted.task_id,
        kind=Kind.IMAGE,
        model="acme/painter",
        model_revision=3,
        params=params,
        request_hash=digest(Kind.IMAGE, parse(Kind.IMAGE, json.dumps(params | others).encode()).request),
        finish_by=event.at + timedelta(seconds=120),
        caller="key_1",
        owner="studio",
        project_id="film",
        source="canvas",
        source_id="node-1",
        metadata={"scene": 3},
        start_by=event.at + timedelta(seconds=20),
        estimate=estimate("0.04", revision=3),
        fallbacks=(
            Fallback(model="acme/second", model_revision=7, estimate=estimate("0.5", revision=7)),
            Fallback(model="acme/third", model_revision=1, estimate=estimate("0.2")),
        ),
        webhook=TaskWebhook(webhook="webhook_1", url=HOOK),
        at=event.at,
    )
    assert (recorded.stream, recorded.version) == (task_stream(accepted.task_id), 1)
    assert accepted == AcceptedRequest(
        recorded.stream,
        event.task,
        "acme/painter",
        1,
        replayed=False,
        estimate=event.estimate,
        position=recorded.position,
    )
    assert desk.log.causes == [CAUSE]


@pytest.mark.parametrize(
    ("name", "deadline", "start", "finish"),
    [
        ("painter", None, None, 600),
        ("painter", {"finishSeconds": 5}, None, 5),
        ("painter", {"startSeconds": 7}, 7, 600),
        ("unpriced", None, 30, 60),
        ("unpriced", {"startSeconds": 7}, 7, 60),
        ("unpriced", {"finishSeconds": 5}, 30, 5),
    ],
)
async def test_a_request_without_a_deadline_has_the_times_of_its_model(
    name: str, deadline: dict[str, int] | None, start: int | None, finish: int
) -> None:
    """Each of the two times by itself; a model without a time to start has none."""
    desk = Desk()
    await desk.ask({"prompt": "a cat", "model": f"acme/{name}", "deadline": deadline})
    [event] = desk.requested
    assert event.finish_by - event.at == timedelta(seconds=finish)
    assert (event.start_by and event.start_by - event.at) == (timedelta(seconds=start) if start else None)


async def test_what_is_not_said_is_not_recorded() -> None:
    """A request of two fields has a caller, and no project, source, metadata, fallbacks or webhook."""
    desk = Desk()
    accepted = await desk.ask()
    [event] = desk.requested
    assert event == TaskRequested(
        task=accepted.task_id,
        kind=Kind.IMAGE,
        model="acme/painter",
        model_revision=3,
        params={"prompt": "a cat"},
        request_hash=digest(Kind.IMAGE, parse(Kind.IMAGE, json.dumps(SIMPLE).encode()).request),
        finish_by=event.at + timedelta(seconds=600),
        caller="key_1",
        owner="studio",
        estimate=estimate("0.04", revision=3),
        at=event.at,
    )
    assert (desk.inputs.looked_for, desk.looked_for) == ([], [])


async def test_a_task_names_its_batch() -> None:
    """A request that came in a batch is recorded with its id; all else is as if it had come alone."""
    desk, stream = Desk(), new_stream()
    await desk.ask()
    parsed = parse(Kind.IMAGE, json.dumps(SIMPLE).encode())
    checked = await check(OFFERED, Kind.IMAGE, parsed, desk.inputs.check, desk.find_webhook)
    in_batch = task_requested(stream, Kind.IMAGE, checked, CALLER, batch=batch_id(stream))
    [alone] = desk.requested
    times = {"at": in_batch.at, "finish_by": in_batch.finish_by}
    assert in_batch == replace(alone, task=task_id(stream), batch=batch_id(stream), **times)


async def test_each_request_without_a_key_is_a_task_of_its_own() -> None:
    """Also when it is the same."""
    desk = Desk()
    first, second = await desk.ask(), await desk.ask()
    assert first.stream != second.stream
    assert [each.task for each in desk.requested] == [first.task_id, second.task_id]
    assert not first.replayed
    assert not second.replayed


# --- The money ---


async def test_the_money_of_every_model_that_may_serve_is_set_aside() -> None:
    """For the kind and the project of the request, in the order of its models; it is kept once the task is recorded,
    and the reservation knows at which position."""
    desk = Desk()
    await desk.ask()
    second = await desk.ask(SIMPLE | {"projectId": "film", "fallbackModels": ["acme/third"]})
    first, then = estimate("0.04", revision=3), estimate("0.2")
    assert desk.wallet.asked == [
        (Kind.IMAGE, None, (Candidate("acme/painter", first),)),
        (Kind.IMAGE, "film", (Candidate("acme/painter", first), Candidate("acme/third", then))),
    ]
    assert [each.position for each in desk.wallet.reservations] == [1, second.position]
    assert desk.held == Decimal("0.24")


async def test_the_price_is_of_what_was_asked_for() -> None:
    """By its parameters: a price for each image counts the images."""
    desk = Desk()
    desk.models = by_id(model("painter", price="0.04", unit="image", revision=2, limits=Limits(n=4)))
    accepted = await desk.ask(SIMPLE | {"n": 3})
    assert accepted.estimate == estimate("0.12", revision=2, unit="image", quantity=3)


async def test_what_a_budget_does_not_bear_is_not_recorded() -> None:
    """The refusal is that of the budget, also under a key that is new."""
    desk = Desk(Budget(most=Decimal("0.05")))
    await desk.ask()
    for key in (None, "order-1"):
        code, message, problems = await desk.refusal(SIMPLE, key=key)
        assert (code, problems) == ("budget_exceeded", [])
        assert message.startswith("This would go beyond the day's budget: 0.05 USD")


@pytest.mark.parametrize("error", [LogUnavailable("away", retry_after=1), RuntimeError(), asyncio.CancelledError()])
async def test_the_money_of_what_was_not_recorded_is_given_back(error: BaseException) -> None:
    """Whatever ended the append. The caller gets the error."""
    desk = Desk()

    def fail(topics: list[str]) -> None:
        raise error

    desk.log.before = fail
    with pytest.raises(type(error)):
        await desk.ask(key="order-1")
    assert (desk.held, len(desk.wallet.reservations), len(desk.requested)) == (Decimal(0), 1, 0)


# --- The key ---


async def test_a_key_makes_a_task_once() -> None:
    """The same request under the same key is the task that it has made: nothing is recorded, and no money is held for
    it. The answer tells the version that the task has reached, and its price when it was accepted."""
    desk = Desk()
    first = await desk.ask(key="order-1")
    assert first.stream == keyed_stream("key_1", "order-1")
    held = desk.held
    desk.log.add(first.stream, CancellationRequested(by="anna", at=datetime.now(UTC)))
    second = await desk.ask(key="order-1")
    assert second == AcceptedRequest(
        first.stream, first.task_id, "acme/painter", 2, replayed=True, estimate=estimate("0.04", revision=3)
    )
    assert (len(desk.requested), desk.held) == (1, held)
    assert [each.given_back for each in desk.wallet.reservations] == [False, True]


async def test_the_order_of_the_fields_makes_no_other_request() -> None:
    """Who repeats a request may write it otherwise."""
    desk = Desk()
    first = await desk.ask(key="order-1")
    body = b'{"model": "acme/painter", "webhook": null, "prompt": "a \\u0063at"}'
    assert (await desk.ask(body, key="order-1")).task_id == first.task_id


async def test_a_key_is_for_one_request() -> None:
    """Another request under it is refused, for any field that differs, and for another kind."""
    desk = Desk()
    await desk.ask(key="order-1")
    others: list[dict[str, object]] = [{"prompt": "a dog"}, {"metadata": {}}, {"model": "acme/third"}]
    for other in others:
        code, message, problems = await desk.refusal(SIMPLE | other, key="order-1")
        assert (code, problems) == ("idempotency_key_reused", [])
        assert message
    assert (await desk.refusal(SIMPLE | {"model": "acme/filmer"}, kind=Kind.VIDEO, key="order-1"))[0] == (
        "idempotency_key_reused"
    )


async def test_a_key_belongs_to_its_caller() -> None:
    """Another caller's is another key, and makes a task of its own."""
    desk = Desk()
    first, second = await desk.ask(key="order-1"), await desk.ask(key="order-1", caller=OTHER)
    assert not second.replayed
    assert first.task_id != second.task_id
    assert [each.caller for each in desk.requested] == ["key_1", "key_2"]


@pytest.mark.parametrize("why", ["retired", "unavailable", "unknown", "over budget", "inputs gone", "webhook gone"])
async def test_a_repeated_request_is_its_task_even_if_it_would_be_refused_by_now(why: str) -> None:
    """It was accepted once, and nothing more is spent by it. Another request under the key, or the same under another
    key, is refused for the reason that it has."""
    desk = Desk(Budget(most=Decimal("0.05")))
    body = SIMPLE | {"imageInputs": [ASSET], "webhook": HOOK}
    first = await desk.ask(body, key="order-1")
    retired = Model(revision=4, spec=OFFERED["acme/painter"].spec, retired=True)
    models = {
        "retired": OFFERED | {"acme/painter": AvailableModel(id="acme/painter", model=retired)},
        "unavailable": OFFERED | {"acme/painter": replace(OFFERED["acme/painter"], unavailable="It is off.")},
        "unknown": {},
    }
    desk.models = models.get(why, OFFERED)
    if why == "inputs gone":
        desk.inputs = Assets()
    if why == "webhook gone":
        desk.webhooks = Webhooks()
    again = await desk.ask(body, key="order-1")
    assert again == AcceptedRequest(
        first.stream, first.task_id, "acme/painter", 1, replayed=True, estimate=estimate("0.04", revision=3)
    )
    assert (len(desk.requested), desk.held) == (1, Decimal("0.04"))
    codes = {"retired": "model_retired", "unavailable": "model_unavailable", "unknown": "model_not_found"}
    code = codes.get(why, "budget_exceeded" if why == "over budget" else "invalid_request")
    for other, key in ((body | {"prompt": "a dog"}, "order-1"), (body, "order-2"), (body, None)):
        assert (await desk.refusal(other, key=key))[0] == code


async def test_a_broken_request_is_not_the_one_of_its_key() -> None:
    """A field that can't be read is reported, even if the request would be the same without it."""
    desk = Desk()
    await desk.ask(key="order-1")
    broken = await desk.refusal(SIMPLE | {"source": 7}, key="order-1")
    message = "expected `str`, got `int`"
    assert broken == ("invalid_request", f"source: {message}", [("source", message)])


async def test_an_append_that_was_not_confirmed_is_found_under_its_key() -> None:
    """The task is stored, but its caller was told that nobody knows: repeated, it is the same task."""
    desk = Desk()

    def lose_the_answer(topics: list[str]) -> None:
        raise LogUnavailable("away", retry_after=1)

    desk.log.after = lose_the_answer
    with pytest.raises(LogUnavailable):
        await desk.ask(key="order-1")
    assert desk.held == 0  # the sums count the task as soon as they contain it
    again = await desk.ask(key="order-1")
    [event] = desk.requested
    assert (again.task_id, again.replayed) == (event.task, True)


# --- What is checked ---


async def test_a_body_that_is_no_object_is_refused() -> None:
    """With the code for it, before anything else is looked at."""
    code, message, problems = await Desk().refusal(b"[]", key="order-1")
    assert (code, problems) == ("not_json", [])
    assert message


@pytest.mark.parametrize(("kind", "name"), [(Kind.IMAGE, "painter"), (Kind.VIDEO, "filmer")])
async def test_inputs_are_checked_for_the_caller(kind: Kind, name: str) -> None:
    """All of them at once; each that the caller may not use is a problem of its own."""
    desk, missing = Desk(), f"asset_{'b' * 64}.png"
    body = {"prompt": "a cat", "model": f"acme/{name}", "imageInputs": [missing]}
    problem = ("imageInputs[0]", f"there is no asset '{missing}'")
    assert await desk.refusal(body, kind=kind) == ("invalid_request", ": ".join(problem), [problem])
    await desk.ask(body | {"imageInputs": [ASSET]}, kind=kind)
    assert desk.inputs.looked_for == [[missing], [ASSET]]


async def test_a_model_is_taken_until_its_last_day_is_over() -> None:
    """By the clock of this moment, whatever was offered when it was read; its price can't be asked for after it."""
    desk, retired = Desk(), ("model_retired", "Model 'acme/ended' is retired.")
    await desk.ask(SIMPLE | {"model": "acme/ending"})
    assert await desk.refusal(SIMPLE | {"model": "acme/ended"}) == (*retired, [])
    assert priced("acme/ending", SIMPLE | {"model": "acme/ending"})[0] == OFFERED["acme/ending"]
    with pytest.raises(Rejected) as refused:
        priced("acme/ended", {"prompt": "a cat"})
    assert (refused.value.code, refused.value.message) == retired


async def test_inputs_that_cannot_be_checked_make_no_task() -> None:
    """The caller gets the trouble of the store, with and without a key."""
    desk = Desk()
    desk.inputs.away = True
    for key in (None, "order-1"):
        with pytest.raises(AssetsUnavailable):
            await desk.ask(SIMPLE | {"imageInputs": [ASSET]}, key=key)
    assert (len(desk.requested), desk.held) == (0, Decimal(0))


async def test_a_webhook_is_one_of_the_callers() -> None:
    """A URL that extends none of them is refused under its field, with how to register one."""
    desk = Desk()
    code, message, [(field, told)] = await desk.refusal(SIMPLE | {"webhook": "https://other.example/hooks"})
    assert (code, field, message) == ("invalid_request", "webhook", f"webhook: {told}")
    assert "POST /api/v1/webhooks" in told
    assert desk.looked_for == ["https://other.example/hooks"]


async def test_a_request_without_inputs_asks_no_store() -> None:
    """A voice has none, and an empty list is none."""
    desk = Desk()
    desk.inputs.away = True
    await desk.ask({"prompt": "hello", "model": "acme/speaker"}, kind=Kind.AUDIO)
    no_inputs: list[str] = []
    await desk.ask(SIMPLE | {"imageInputs": no_inputs})
    assert (len(desk.requested), desk.inputs.looked_for) == (2, [])


# --- A request of which only the price is asked ---


def priced(name: str, body: Any) -> tuple[AvailableModel, dict[str, Any]]:
    return validate_for(OFFERED, name, json.dumps(body).encode())


def test_a_request_is_checked_for_the_model_of_its_address() -> None:
    """The body need not name it; what is not for a model, and what is null, is no parameter."""
    expected = (OFFERED["acme/painter"], {"prompt": "a cat", "n": 2})
    rest = {"prompt": "a cat", "n": 2, "projectId": "film", "aspectRatio": None}
    assert priced("acme/painter", rest) == priced("acme/painter", rest | {"model": "acme/painter"}) == expected


def test_a_model_that_takes_no_requests_has_its_prices() -> None:
    """It is found, whatever makes it unavailable, as a fallback too; one that is retired is not."""
    chosen, params = priced("acme/away", {"prompt": "a cat"})
    assert (chosen, params) == (replace(OFFERED["acme/away"], unavailable=None), {"prompt": "a cat"})
    assert priced("acme/painter", SIMPLE | {"fallbackModels": ["acme/away"]})[0] == OFFERED["acme/painter"]
    with pytest.raises(Rejected) as refused:
        priced("acme/gone", {"prompt": "a cat"})
    assert (refused.value.code, refused.value.message) == ("model_retired", "Model 'acme/gone' is retired.")


@pytest.mark.parametrize(
    ("name", "body", "code", "message"),
    [
        (
            "acme/nothing",
            {},
            "model_not_found",
            "Model 'acme/nothing' not found. Available models can be fetched from /api/v1/models",
        ),
        (
            "acme/painter",
            SIMPLE | {"model": "acme/second"},
            "invalid_request",
            "model: 'acme/second' is not the model of this address, 'acme/painter'",
        ),
        ("acme/painter", {"prompt": "a cat", "n": 5}, "invalid_request", "n: must be from 1 to 4"),
        ("acme/filmer", {"prompt": "a cat", "voice": "x"}, "invalid_request", None),
        ("acme/painter", [], "not_json", None),
    ],
)
def test_what_would_be_refused_has_no_price(name: str, body: object, code: str, message: str | None) -> None:
    """In the words of the refusal; a body for another model is not of this address."""
    with pytest.raises(Rejected) as refused:
        priced(name, body)
    assert refused.value.code == code
    assert refused.value.message == message if message else refused.value.message


# --- Models that are asked for by their names ---


def test_only_a_model_that_takes_requests_is_given_out() -> None:
    """The refusals are those of a request for it."""
    now = datetime.now(UTC)
    assert require_available(OFFERED, "acme/painter", now) is OFFERED["acme/painter"]
    for name, code, message in (
        ("nothing", "model_not_found", "not found. Available models can be fetched from /api/v1/models"),
        ("gone", "model_retired", "is retired."),
        ("away", "model_unavailable", "has no API key."),
    ):
        with pytest.raises(Rejected) as refused:
            require_available(OFFERED, f"acme/{name}", now)
        assert (refused.value.code, refused.value.message) == (code, f"Model 'acme/{name}' {message}")


def test_nothing_replaces_a_model_by_one_that_is_not_there() -> None:
    """A replacement that the catalogue no longer has is none."""
    now = datetime.now(UTC)
    lost = replace(OFFERED["acme/gone"], model=replace(OFFERED["acme/gone"].model, replacement="acme/nothing"))
    kept = replace(lost, model=replace(lost.model, replacement="acme/second"))
    assert replacement_of(OFFERED, lost, now) is None
    assert replacement_of(OFFERED, kept, now) == "acme/second"
