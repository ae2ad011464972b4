"""One task in the hands of one worker: what does the worker know of it, and how are its events recorded?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from application import commands
from application.live_text import TextPiece, TextSender
from application.model_specs import ModelSpecs
from application.ports import (
    Cause,
    Conflict,
    InputReader,
    Log,
    LogUnavailable,
    OnText,
    Provider,
    Receipt,
    StepLogger,
)
from application.rate_limits import Lanes
from application.storage import Storage
from domain import model
from domain.base import replace
from domain.provider import Order
from domain.task.events import Fallback, TaskEvent, TaskRequested
from domain.task.next_step import MakeCall, next_step
from domain.task.state import Call, Task

RECORD_RETRY_SECONDS = 0.5


class OverBudget(Protocol):
    """Finds the fallback models that a budget does not allow now, each with the reason. Raises LogUnavailable."""

    async def __call__(self, stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> Mapping[str, str]: ...


class WorkerContext(NamedTuple):
    """All that the steps of one worker share. `worker` is a new name for each start of the process."""

    log: Log
    specs: ModelSpecs
    providers: Mapping[str, Provider]
    storage: Storage
    inputs: InputReader
    lanes: Lanes
    worker: str
    log_step: StepLogger
    over_budget: OverBudget
    send_text: Callable[[TextPiece], None]


@dataclass
class ClaimedTask:
    """A task, and the worker that has claimed it.

    `known` is the task as this worker last read or wrote it; an append at its version fails if another has written
    since. `lease_valid` says whether the lease is certainly still ours. `due` is true for the first step only, because
    the task was claimed for it: its time has come, or a callback has announced news. Later steps may be early.
    `is_order` says whether the task has one of the worker's places for orders, without which it sends none."""

    context: WorkerContext
    stream: UUID
    request: TaskRequested
    known: commands.LoadedTask
    epoch: int
    lease_valid: Callable[[], bool]
    is_order: bool
    due: bool = True

    @property
    def needs_order(self) -> bool:
        """Whether the next step sends an order to the provider."""
        return isinstance(next_step(self.task), MakeCall)

    @property
    def task(self) -> Task:
        """The task as this worker knows it."""
        return self.known.task

    async def append(self, intent: list[TaskEvent]) -> Receipt:
        """Append an intent at the version that it was decided on. One try only: if the stream has moved, whoever moved
        it may have made the call. Raises Conflict, LogUnavailable."""
        receipt = await self.context.log.append(self.stream, self.known.version, intent, self.cause)
        self.known = self.known.after(intent, receipt.version)
        return receipt

    async def record(
        self, decision: Callable[[Task], list[TaskEvent]], *, meanwhile: Callable[[], Awaitable[None]] | None = None
    ) -> commands.LoadedTask:
        """Record news. It may have been paid for, so this tries until the log has it, and awaits `meanwhile` after
        each failure. Raises Rejected `stream_unreadable`."""
        known: commands.LoadedTask | None = self.known
        while True:
            try:
                self.known = await commands.decide(self.context.log, self.stream, decision, self.cause, known=known)
            except (LogUnavailable, Conflict):
                known = None  # an append that was not confirmed may be stored: the stream knows
                if meanwhile:
                    await meanwhile()
                await asyncio.sleep(RECORD_RETRY_SECONDS)
            else:
                return self.known

    def text_sender(self, order: Order) -> OnText | None:
        """Hands on what a provider writes; None where the request does not ask for it."""
        if not order.params.get("stream"):
            return None
        return TextSender(order.task_id, order.call_id, self.context.send_text)

    async def over_budget(self) -> Mapping[str, str]:
        """The fallback models that the budgets do not allow now, each with the reason. Waits until that is known."""
        while self.task.fallbacks:
            try:
                return await self.context.over_budget(self.stream, self.request, self.task.fallbacks)
            except LogUnavailable:
                await asyncio.sleep(RECORD_RETRY_SECONDS)
        return {}

    def log_step(self, event: str, **facts: Any) -> None:
        """Log a step of this task. No prompt goes in."""
        self.context.log_step(event, task_id=self.request.task, **facts)

    @property
    def cause(self) -> Cause:
        """The worker as the author of events of this task."""
        return Cause(actor=f"worker:{self.context.worker}", correlation_id=self.request.task)

    @property
    def provider_name(self) -> str:
        """The provider of the open or final call; if there is none, the provider of the current model."""
        call = self.task.call
        if call and (call.state.open or self.task.status.final or self.task.delivery):
            return call.provider
        return model.split_model_id(self.task.model.model if self.task.model else self.request.model)[0]

    @property
    def provider(self) -> Provider | None:
        """The provider of `provider_name`; None when this process has none of that name."""
        return self.context.providers.get(self.provider_name)

    async def order(self, call_id: str, account: str) -> Order | None:
        """The order of a call, without inputs: always the same for the same call. None when the model is unknown here.

        Raises LogUnavailable."""
        serving = self.task.model
        spec = await self.context.specs.get(serving.model, serving.model_revision) if serving else None
        if serving is None or spec is None:
            return None
        return Order(
            task_id=self.request.task,
            call_id=call_id,
            kind=self.request.kind,
            model=serving.model,
            spec=spec,
            params=self.request.params,
            account=account,
        )

    async def order_of(self, call: Call) -> Order | None:
        """The order of a call that was made, with the time of the call; None when the model is unknown here.

        Raises LogUnavailable."""
        order = await self.order(call.id, call.account or "")
        return replace(order, called_at=call.at) if order else None

    @property
    def revision(self) -> int:
        """The revision of the current model, whose prices are used."""
        return self.task.model.model_revision if self.task.model else self.request.model_revision
