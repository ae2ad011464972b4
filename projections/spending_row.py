"""What does a task spend? The fold of its events: its amount, its day, its provider and its project.

An accepted task commits its estimate until its end, which makes it `spent`, `released` (it cost nothing), or `unknown`
(nobody can tell, so it counts as spent). While fallbacks are left, their estimates are committed as well."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from application.ports import Recorded
from domain.api_key import ANONYMOUS
from domain.base import Value, replace
from domain.model import Kind, split_model_id
from domain.provider import Charged
from domain.task.events import (
    CallResolved,
    Fallback,
    FallbackChosen,
    LateResultSeen,
    ProviderSucceeded,
    RefetchRequested,
    TaskCancelled,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskRequested,
    is_of_task,
)

_STATES: dict[Charged, str] = {"yes": "spent", "no": "released", "unknown": "unknown"}


class FallbackEstimate(Value):
    """A fallback that may still be chosen, and the highest cost of the task there."""

    model: str
    provider: str
    currency: str | None = None
    amount: Decimal | None = None


class SpendingRow(Value):
    """`amount` counts against budgets; `estimate` is the cost of the current model. Both are None without prices.

    `before` is the cost of earlier calls, known or possible, when an admin let the task be called once more. `others`
    are the fallbacks that are left. `position` is that of the last event that changed the row."""

    task_id: str
    day: date
    kind: Kind
    provider: str
    model: str
    project: str | None
    state: str
    currency: str | None
    estimate: Decimal | None
    amount: Decimal | None
    position: int
    before: Decimal = Decimal(0)
    others: tuple[FallbackEstimate, ...] = ()
    caller: str = ANONYMOUS
    owner: str = ANONYMOUS


def fold(row: SpendingRow | None, recorded: Recorded) -> SpendingRow | None:
    """The row after one more event; None before the request."""
    event = recorded.event
    if isinstance(event, TaskRequested):
        estimate = event.estimate.amount if event.estimate else None
        return SpendingRow(
            task_id=event.task,
            day=event.at.date(),
            kind=event.kind,
            provider=split_model_id(event.model)[0],
            model=event.model,
            project=event.project_id,
            state="running",
            currency=event.estimate.currency if event.estimate else None,
            estimate=estimate,
            amount=estimate,
            position=recorded.position,
            others=tuple(_fallback_estimate(fallback) for fallback in event.fallbacks),
            caller=event.caller,
            owner=event.owner,
        )
    if row is None or not is_of_task(event):
        return row
    after = _evolve(row, event)
    return row if after == row else replace(after, position=recorded.position)


def _evolve(row: SpendingRow, event: TaskEvent) -> SpendingRow:
    match event:
        case FallbackChosen():
            return _fall_back(row, event)
        case ProviderSucceeded(cost=cost) | TaskCompleted(cost=cost):
            amount = cost.amount if cost else row.estimate
            currency = cost.currency if cost else row.currency
            return replace(row, state="spent", currency=currency, amount=_plus(row.before, amount))
        case TaskFailed(charged=charged, cost=cost):
            return _end(row, charged, cost.amount if cost else row.estimate)
        case TaskCancelled(charged=charged):
            return _end(row, charged, row.estimate)
        case LateResultSeen() if row.state != "spent":
            return replace(row, state="spent", amount=_plus(row.before, row.estimate))
        case CallResolved(verdict="retry"):
            before = row.amount or Decimal(0)
            return replace(row, state="running", before=before, amount=_plus(before, row.estimate))
        case RefetchRequested():
            return row
        case _:
            return row


def _fallback_estimate(fallback: Fallback) -> FallbackEstimate:
    return FallbackEstimate(
        model=fallback.model,
        provider=split_model_id(fallback.model)[0],
        currency=fallback.estimate.currency if fallback.estimate else None,
        amount=fallback.estimate.amount if fallback.estimate else None,
    )


def _fall_back(row: SpendingRow, event: FallbackChosen) -> SpendingRow:
    """From now on the fallback is paid. One without a price counts with the estimate of the model before."""
    names = [other.model for other in row.others]
    left = row.others[names.index(event.model) + 1 :] if event.model in names else ()
    row = replace(row, model=event.model, provider=split_model_id(event.model)[0], others=left)
    if event.estimate is None:
        return row
    amount = event.estimate.amount
    return replace(row, currency=event.estimate.currency, estimate=amount, amount=_plus(row.before, amount))


def _end(row: SpendingRow, charged: Charged, amount: Decimal | None) -> SpendingRow:
    if row.state == "spent":  # the provider has said so already
        return row
    counted = Decimal(0) if charged == "no" else amount
    state = "unknown" if row.before and charged == "no" else _STATES[charged]
    return replace(row, state=state, amount=_plus(row.before, counted))


def _plus(before: Decimal, amount: Decimal | None) -> Decimal | None:
    return amount if not before else before + (amount or Decimal(0))


class Choice(NamedTuple):
    """A model that may be paid for a task: its provider, and what the task may cost with it, by currency."""

    provider: str
    amounts: tuple[tuple[str, Decimal], ...]


def choices(row: SpendingRow) -> tuple[Choice, ...]:
    """The models that may be paid for a running task while fallbacks are left; empty when its model is settled."""
    if row.state != "running" or not row.others:
        return ()
    current = FallbackEstimate(model=row.model, provider=row.provider, currency=row.currency, amount=row.amount)
    return choices_of(current, row.before, row.others)


def choices_of(current: FallbackEstimate, before: Decimal, others: tuple[FallbackEstimate, ...]) -> tuple[Choice, ...]:
    """The current model and the fallbacks, those without a price left out. Only one of them is paid, and which one is
    the dearest depends on the exchange rates. Earlier calls cost `before`, in the currency of the current model, whose
    amount contains it."""
    paid = ((current.currency or "", before),) if before else ()
    found = {_choice(current, ()), *(_choice(other, paid) for other in others)}
    return tuple(sorted(choice for choice in found if choice))


def _choice(model: FallbackEstimate, paid: tuple[tuple[str, Decimal], ...]) -> Choice | None:
    if model.amount is None or model.currency is None:
        return None
    return Choice(model.provider, ((model.currency, model.amount), *paid))
