"""A run and what carries it out, without PostgreSQL: a log in memory, keys, money and assets in dictionaries.

The plan is the one of the domain's tests: a hero is written, drawn and filmed; beside it a line is spoken."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from application import clock, run_steps, runs
from application.generations import AvailableModel, CheckInputs, FindWebhook, Reserve
from application.ports import Cause, Recorded
from application.run_outcomes import Made
from application.run_steps import RunContext
from application.runs import LoadedRun
from domain.api_key import Caller, Scope, require_within
from domain.base import Event, Rejected, replace
from domain.budget import Budget, Candidate, Committed, Totals, admit_all
from domain.ids import run_stream, task_id
from domain.model import Kind, Limits, Model, ModelSpec
from domain.money import Cost, Line, Price, Unit
from domain.plan import Plan, Step
from domain.provider import Asset
from domain.request import Problem
from domain.run.events import RunCancellationRequested, RunEvent, RunPaused, RunRequested, StepStarted
from domain.run.state import Run
from domain.task.events import (
    OutputStored,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    TaskCompleted,
    TaskFailed,
    TaskRequested,
)
from domain.webhook import TaskWebhook
from tests.application.harness import TEST_CAUSE, MemoryLog
from tests.domain.run.film import APPROVED, PROPOSED, RATES, RUN
from tests.domain.scenario import AT, DEADLINE
from tests.patience import patient

STREAM = run_stream(RUN)
CALLER = Caller("key_1", "agency", frozenset((Scope.CLIENT,)))
HOOK = TaskWebhook(webhook="webhook_1", url="https://studio.example.com/hook")
BY_RUN = Cause(actor=RUN, correlation_id=RUN)
BY_KEY = Cause(actor="key_1", correlation_id=RUN)


def offered(name: str, kind: Kind, unit: Unit | None, amount: str = "0", **spec: Any) -> AvailableModel:
    """A model on sale."""
    prices = (Price(unit=unit, amount=Decimal(amount)),) if unit else ()
    described = ModelSpec(name=name, type=kind, currency="USD", prices=prices, **spec)
    return AvailableModel(id=f"sandbox/{name}", model=Model(revision=1, spec=described, enabled=True))


PICTURES = {"capabilities": {"supportsRefImage": True}, "limits": Limits(image_inputs=4)}
MODELS = (
    offered("text", Kind.LLM, "call", "0.01"),
    offered("image", Kind.IMAGE, "image", "0.04", **PICTURES),
    offered("video", Kind.VIDEO, "call", "0.5", **PICTURES),
    offered("speech", Kind.AUDIO, "call", "0.02"),
    offered("secret", Kind.IMAGE, None),
)


class RunLog(MemoryLog):
    """A log in memory that counts the questions about several streams at once."""

    def __init__(self) -> None:
        super().__init__()
        self.questions = 0

    async def streams(self, streams: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        self.questions += 1
        return await super().streams(streams)


@dataclass
class Reserved:
    """Money that was set aside. It is held until it is released; what is committed is not released any more."""

    kind: Kind
    project: str | None
    models: Sequence[Candidate]
    amounts: Committed
    totals: Totals
    position: int | None = None
    released: bool = False

    def commit(self, position: int) -> None:
        self.position = position

    def release(self) -> None:
        if self.position is None and not self.released:
            self.released = True
            self.totals.subtract(self.amounts)


@dataclass
class World:
    """Everything that a worker uses to carry out runs."""

    budgets: Sequence[Budget] = ()
    log: RunLog = field(default_factory=RunLog)
    keys: dict[str, Caller] = field(default_factory=lambda: {CALLER.key: CALLER})
    models: dict[str, AvailableModel] = field(default_factory=lambda: {model.id: model for model in MODELS})
    assets: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])  # whose, and which
    hooks: dict[tuple[str, str], TaskWebhook] = field(default_factory=dict[tuple[str, str], TaskWebhook])
    refusal: Rejected | None = None  # of whoever asks for money
    reservations: list[Reserved] = field(default_factory=list[Reserved])
    chosen: list[tuple[str, str, int, Made]] = field(default_factory=list[tuple[str, str, int, Made]])
    cannot_choose: Exception | None = None
    logged: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    began: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        self.totals = Totals(self.budgets)

    @property
    def context(self) -> RunContext:
        """What a worker has."""
        return RunContext(
            log=self.log,
            offered=lambda: self.models,
            find_caller=self.keys.get,
            reserver=self._reserver,
            check_inputs=self._check_inputs,
            find_webhook=self._find_webhook,
            rates=RATES,
            choose=self._choose,
            log_step=self._log_step,
        )

    async def _reserver(self, caller: Caller) -> Reserve:
        def reserve(kind: Kind, project: str | None, models: Sequence[Candidate]) -> Reserved:
            if self.refusal:
                raise self.refusal
            require_within(caller.limits, kind=kind, project=project, models=[each.model for each in models])
            amounts = admit_all(self.totals, RATES, project=project, chain=models)
            self.totals.add(amounts)
            self.reservations.append(Reserved(kind, project, models, amounts, self.totals))
            return self.reservations[-1]

        return reserve

    def _check_inputs(self, caller: Caller, owner: str) -> CheckInputs:
        async def check(references: Sequence[str]) -> list[Problem]:
            may_read = [caller.sees_only is None or (owner, each) in self.assets for each in references]
            return [Problem(f"imageInputs[{i}]", "there is no such asset") for i, may in enumerate(may_read) if not may]

        return check

    def _find_webhook(self, owner: str) -> FindWebhook:
        async def find(url: str) -> TaskWebhook | None:
            return self.hooks.get((owner, url))

        return find

    async def _choose(self, run: Run, step: str, attempt: int, made: Made) -> None:
        if self.cannot_choose:
            raise self.cannot_choose
        self.chosen.append((run.id, step, attempt, made))

    def _log_step(self, event: str, **facts: Any) -> None:
        self.logged.append((event, facts))

    # --- What happens ---

    async def begin(self, *history: RunEvent) -> None:
        """The run has this history."""
        await self.log.append(STREAM, 0, list(history), TEST_CAUSE)

    async def advance(self) -> LoadedRun:
        """A worker does what is due. It waits for nothing but its turn."""
        return await asyncio.wait_for(run_steps.advance(self.context, STREAM), patient(0.5))

    async def decide(self, decision: Callable[[Run], list[RunEvent]]) -> LoadedRun:
        """A person decides."""
        return await runs.decide(self.log, STREAM, decision, TEST_CAUSE)

    async def happens(self, task: UUID, *events: Event) -> None:
        """Something happens to a task."""
        expected = sum(recorded.stream == task for recorded in self.log.events)
        await self.log.append(task, expected, list(events), TEST_CAUSE)

    async def makes(self, step: str, *outputs: str, attempt: int = 1, text: str | None = None, cost: str = "") -> None:
        """The task of a step ends well."""
        stored = [OutputStored(index=index, asset=asset(name), at=AT) for index, name in enumerate(outputs)]
        done = TaskCompleted(text=text, cost=usd(cost) if cost else None, at=AT)
        await self.happens(stream_of(step, attempt), *stored, done)

    # --- What is to be seen ---

    def facts(self, after: int = 0) -> list[Event]:
        """The events of the run behind a version. Their times, which are those of this test, are put to AT."""
        return [self._at(event) for event in self._of(STREAM)[after:]]

    def task(self, step: str, attempt: int = 1) -> list[Event]:
        """The events of the task of a step, likewise."""
        return [self._at(event) for event in self._of(stream_of(step, attempt))]

    def _of(self, stream: UUID) -> list[Any]:
        return [recorded.event for recorded in self.log.events if recorded.stream == stream]

    def _at(self, event: Any) -> Any:
        if event.at == AT:
            return event
        assert self.began <= event.at <= clock.now()
        if isinstance(event, TaskRequested):
            event = replace(event, finish_by=AT + (event.finish_by - event.at))
        return replace(event, at=AT)


def stream_of(step: str, attempt: int = 1, run: str = RUN) -> UUID:
    """The stream of the task of a step's attempt."""
    return run_steps.attempt_stream(run, step, attempt)


def task_of(step: str, attempt: int = 1) -> str:
    """The id of the task of a step's attempt."""
    return task_id(stream_of(step, attempt))


def asset(name: str) -> Asset:
    """An output."""
    return Asset(id=name, sha256=name, bytes=1, media_type="image/png")


def usd(amount: str, source: Any = "estimate") -> Cost:
    """A cost by the prices of revision 1."""
    return Cost(amount=Decimal(amount), currency="USD", price_revision=1, source=source)


def appended(log: MemoryLog) -> list[list[str]]:
    """The types of the events of each append from now on."""
    seen: list[list[str]] = []
    log.after = seen.append
    return seen


# --- A run in words ---

FRAME = f"asset_{'0a' * 32}.png"
CLIP = f"asset_{'0b' * 32}.mp4"
ALONE = Step(id="alone", kind="image", model="sandbox/image", prompt=(("a cat",),))
CANCELLATION = RunCancellationRequested(by="anna", at=AT)


def history(*steps: Step, canvas: str | None = None, approved: RunEvent = APPROVED, **asked: Any) -> list[RunEvent]:
    """A run with these steps."""
    requested = RunRequested(
        run=RUN, request_hash="0a1b", caller="key_1", owner="studio", canvas=canvas, at=AT, **asked
    )
    return [requested, replace(PROPOSED, plan=Plan(steps=steps)), approved]


def priced(amount: str, unit: Any = "call") -> Cost:
    """The estimate of a step for which one unit is paid."""
    return replace(usd(amount), lines=(Line(unit=unit, quantity=Decimal(1), amount=Decimal(amount)),))


def begins(step: str, amount: str, attempt: int = 1, unit: Any = "call") -> StepStarted:
    return StepStarted(step=step, attempt=attempt, task=task_of(step, attempt), estimate=priced(amount, unit), at=AT)


def paused(step: str, reason: Any, message: str) -> RunPaused:
    return RunPaused(reason=reason, message=message, step=step, at=AT)


def called(step: str, attempt: int = 1) -> ProviderCalled:
    """The call of a step's task."""
    call = f"{task_of(step, attempt)}.1"
    return ProviderCalled(attempt=1, provider="sandbox", call=call, digest="c0ffee", worker="w1", epoch=1, at=AT)


def in_doubt(step: str) -> list[Event]:
    """The call of a step's task was made, and nobody can find out what became of it."""
    call = f"{task_of(step)}.1"
    return [
        called(step),
        ProviderCallInDoubt(call=call, reason="no answer", at=AT),
        ProviderCallReconciled(call=call, outcome="unknown", evidence="can't be asked", at=AT),
    ]


def fails(*, code: str = "content_rejected", charged: Any = "no", retryable: bool = False) -> TaskFailed:
    return TaskFailed(code=code, message="Not this.", retryable=retryable, charged=charged, at=AT)


async def begun(*steps: Step, **asked: Any) -> World:
    """A world with a run that has started what it can of these steps."""
    world = World()
    await world.begin(*history(*steps, **asked))
    await world.advance()
    return world


def held(world: World) -> list[int | None]:
    """Where in the log the tasks stand for which money is kept."""
    return [each.position for each in world.reservations if not each.released]


def stranger() -> TaskRequested:
    """A request that no run made."""
    return TaskRequested(
        task="task_1",
        kind=Kind.IMAGE,
        model="sandbox/image",
        model_revision=1,
        params={"prompt": "a dog"},
        request_hash="0a1b",
        finish_by=DEADLINE,
        at=AT,
    )
