"""Laws of an order: what goes out is what was recorded, with its inputs and by its key; and what its lane and the
budgets say counts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import pytest

from application import execution
from application.claimed_task import WorkerContext
from application.live_text import TextPiece
from application.ports import OnText
from application.rate_limits import LaneLimits
from domain.base import replace
from domain.ids import task_id
from domain.model import Kind, ModelRegistered
from domain.provider import Accepted, Finished, Input, Order, Output, Refused, Sighting
from domain.task.events import Fallback, FallbackChosen, ProviderCalled, TaskRequested
from tests.application.harness import MODEL, Harness, ScriptedProvider, advance, finished

SECOND, THIRD = Fallback(model="acme/second", model_revision=1), Fallback(model="acme/third", model_revision=1)
PARAMS = {"prompt": "a boat", "imageInputs": ["asset_1", "asset_2"], "extraParams": {"seed": 8}}
INPUTS = (Input(url="https://files.example.com/1.png", media_type="image/png"),)


@dataclass
class KeyRing(ScriptedProvider):
    """A provider with a key for some kinds. `asked` are the kinds that a key was asked for."""

    keys: Mapping[Kind, str] = field(default_factory=dict[Kind, str])
    asked: list[Kind] = field(default_factory=list[Kind])

    def account(self, kind: Kind) -> str | None:
        self.asked.append(kind)
        return self.keys.get(kind)


class Inputs:
    """Gives the inputs of every request. `asked` are the references that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], bool]] = []

    async def __call__(self, references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        self.asked.append((references, takes_urls))
        return INPUTS


async def request(harness: Harness, **changes: Any) -> UUID:
    """A task whose request has other fields."""
    stream = await harness.request_task()
    recorded = harness.log.events[-1]
    assert isinstance(recorded.event, TaskRequested)
    harness.log.events[-1] = recorded._replace(event=replace(recorded.event, **changes))
    return stream


# --- What goes out ---


async def test_what_goes_out_is_what_was_recorded(harness: Harness) -> None:
    """The intent names the order by a digest that does not depend on the order of the parameters; the order has the
    inputs, the key, and the time of the intent."""
    stream = await request(harness, params=PARAMS)
    harness.provider = provider = KeyRing(keys={Kind.IMAGE: "k7"}, takes_urls=False)
    provider.submits = [finished(1)]
    inputs = Inputs()
    worker = harness.worker(inputs=inputs)
    await advance(worker, stream)

    [called] = [each.event for each in harness.log.events if isinstance(each.event, ProviderCalled)]
    [model] = [each.event for each in harness.log.events if isinstance(each.event, ModelRegistered)]
    call = f"{task_id(stream)}.1"
    order = Order(
        task_id=task_id(stream),
        call_id=call,
        kind=Kind.IMAGE,
        model=MODEL,
        spec=model.spec,
        params=PARAMS,
        account="k7",
    )
    turned = replace(order, params=dict(reversed(PARAMS.items())))
    digest = hashlib.sha256(msgspec.json.encode(turned, order="deterministic")).hexdigest()
    assert called == ProviderCalled(
        attempt=1, provider="acme", call=call, digest=digest, worker=worker.worker, epoch=1, account="k7", at=called.at
    )
    assert provider.orders == [replace(order, inputs=INPUTS, called_at=called.at)]
    assert inputs.asked == [(["asset_1", "asset_2"], False)]
    assert provider.asked == [Kind.IMAGE]


async def test_a_request_without_inputs_has_none(harness: Harness) -> None:
    stream, inputs = await harness.request_task(), Inputs()
    harness.provider.submits = [finished(1)]
    await advance(harness.worker(inputs=inputs), stream)
    assert inputs.asked == [([], True)]


async def test_without_a_key_the_next_model_takes_over(harness: Harness) -> None:
    """All keys for this kind are suspended; where no other model may take over, the task waits."""
    harness.provider = KeyRing(keys={Kind.VIDEO: "k7"})
    stream = await request(harness, fallbacks=(SECOND,))
    assert await advance(harness.worker(), stream) == execution.RETRY_LATER_SECONDS
    chosen = harness.last_event(stream)
    assert (harness.event_types(stream)[1:], chosen.model) == (["FallbackChosen"], SECOND.model)
    assert chosen.reason == "provider_unavailable"
    assert harness.provider.submitted == 0


@dataclass
class Writer(ScriptedProvider):
    """A provider that writes a text word by word. `watched` tells whether anybody took the words."""

    watched: bool | None = None

    async def submit(self, order: Order, on_text: OnText | None = None) -> Sighting:
        self.watched = on_text is not None
        if on_text:
            on_text("Once ")
        return await super().submit(order, on_text)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_text_is_handed_on_while_it_is_written_where_the_request_asks_for_it(
    harness: Harness, stream: bool
) -> None:
    written = await request(harness, kind=Kind.LLM, params={"prompt": "a tale", "stream": stream})
    harness.provider = writer = Writer(submits=[Finished(outputs=(Output(index=0, text="Once upon a time"),))])
    await advance(harness.worker(), written)
    piece = TextPiece(task=task_id(written), call=f"{task_id(written)}.1", offset=0, text="Once ")
    assert (writer.watched, harness.texts) == (stream, [piece] if stream else [])


# --- When it goes out ---


async def test_an_order_waits_for_its_turn_without_reading_its_inputs(harness: Harness) -> None:
    """They may be large, and the wait short."""
    inputs = Inputs()
    worker = harness.worker(limits=LaneLimits(submits_per_second=2.0), inputs=inputs)
    with worker.lanes.lane("acme", Kind.IMAGE).try_acquire_submit() as permit:
        permit.record_outcome(Accepted(job="j"))
    stream = await harness.request_task()
    assert 0 < (await advance(worker, stream) or 0) <= 0.5
    assert (inputs.asked, harness.event_types(stream)) == ([], ["TaskRequested"])


async def test_an_order_that_lost_its_turn_while_its_inputs_were_read_waits(harness: Harness) -> None:
    """However short the wait is, nothing is recorded and nothing is sent."""
    worker = harness.worker(limits=LaneLimits(submits_per_second=2.0))

    async def overtaken(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        with worker.lanes.lane("acme", Kind.IMAGE).try_acquire_submit() as permit:
            permit.record_outcome(Accepted(job="j"))
        return ()

    stream = await harness.request_task()
    assert 0 < (await advance(worker._replace(inputs=overtaken), stream) or 0) <= 0.5
    assert harness.event_types(stream) == ["TaskRequested"]
    assert harness.provider.submitted == 0


async def test_a_count_from_behind_the_intent_of_an_order_knows_of_it(harness: Harness) -> None:
    """So it does not count twice, and its job that is over leaves its place."""
    worker, stream = harness.worker(limits=LaneLimits(in_flight=1)), await harness.request_task()
    harness.provider.submits = [Accepted(job="j")]
    await advance(worker, stream)
    lane = worker.lanes.lane("acme", Kind.IMAGE)
    assert lane.wait_seconds == 1.0
    worker.lanes.set_in_flight("acme", {}, at=len(harness.log.events))
    assert lane.wait_seconds == 0


# --- When it is refused ---


class Budgets:
    """Budgets that forbid some models. `asked` counts how often they were asked."""

    def __init__(self, *forbidden: str) -> None:
        self.asked = 0
        self._forbidden = forbidden

    async def __call__(self, stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> Mapping[str, str]:
        self.asked += 1
        return dict.fromkeys(self._forbidden, "spent")


def within(worker: WorkerContext, budgets: Budgets) -> WorkerContext:
    return worker._replace(over_budget=budgets)


async def test_after_a_refusal_a_model_takes_over_that_the_budgets_allow(harness: Harness) -> None:
    stream = await request(harness, fallbacks=(SECOND, THIRD))
    harness.provider.submits = [Refused(code="provider_rejected", message="no")]
    budgets = Budgets(SECOND.model)
    await advance(within(harness.worker(), budgets), stream)
    [chosen] = [each.event for each in harness.log.events if isinstance(each.event, FallbackChosen)]
    assert (chosen.model, chosen.reason, budgets.asked) == (THIRD.model, "provider_rejected", 1)


async def test_the_budgets_are_asked_about_refusals_only(harness: Harness) -> None:
    """Their sums are read from the database."""
    stream, budgets = await request(harness, fallbacks=(SECOND,)), Budgets()
    harness.provider.submits = [Accepted(job="j")]
    await advance(within(harness.worker(), budgets), stream)
    assert budgets.asked == 0
