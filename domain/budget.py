"""May this request spend money? Ceilings on what a day commits: what is running, and what is spent already."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from domain.base import Rejected, Value, replace
from domain.model import split_model_id
from domain.money import Cost

EACH = "*"


class Budget(Value):
    """The most that a day (UTC) may commit. Without provider and project it counts everything; a project of `*` means
    each one by itself, and with a provider of `*` each provider is counted by itself."""

    most: Decimal
    provider: str | None = None
    project: str | None = None

    def counts(self, key: "BudgetKey", other: "BudgetKey") -> bool:
        """Whether what `other` has spent counts against a request of `spender`."""
        return self._fits(self.provider, key.provider, other.provider) and self._fits(
            self.project, key.project, other.project
        )

    def concerns(self, key: "BudgetKey") -> bool:
        """Whether a request of `spender` falls under this budget at all."""
        return self.counts(key, key)

    @staticmethod
    def _fits(scope: str | None, own: str | None, other: str | None) -> bool:
        if scope is None:
            return True
        return own is not None and own == other and scope in {EACH, own}

    def __str__(self) -> str:
        of = [f"provider {self.provider}" if self.provider else "", f"project {self.project}" if self.project else ""]
        return " of ".join(["the day's budget", *filter(None, of)])


class ExchangeRates(Value):
    """The currency that budgets are in, and what one unit of another currency is worth in it."""

    currency: str = "USD"
    rates: dict[str, Decimal] = {}

    def convert(self, amount: Decimal, currency: str) -> Decimal | None:
        """An amount in the budgets' currency; None when the rate is not known."""
        if currency == self.currency or amount == 0:
            return amount  # nothing is nothing in any currency
        rate = self.rates.get(currency)
        return None if rate is None else amount * rate


class BudgetKey(NamedTuple):
    """Whose money it is."""

    provider: str
    project: str | None


NO_PROVIDER = ""
"""Where `Committed` takes back what tasks with several models that may serve them hold at several providers: only one
of these is paid. A budget of one provider does not count it, and so counts each task at the most that it may cost
there; one of all providers counts the dearest model of each task."""

Committed = Mapping[BudgetKey, Decimal]
"""What today has committed, in the budgets' currency."""


class Candidate(NamedTuple):
    """A model that may serve a request, and the most that it should cost there."""

    model: str
    estimate: Cost | None


def admit(
    budgets: Iterable[Budget],
    rates: ExchangeRates,
    committed: Committed,
    *,
    key: BudgetKey,
    estimate: Cost | None,
    model: str,
) -> Decimal:
    """What a request commits. Raises Rejected `budget_exceeded` with the figures when a budget does not bear it."""
    budgets = [budget for budget in budgets if budget.concerns(key)]
    amount = rates.convert(estimate.amount, estimate.currency) if estimate else None
    if not budgets:
        return amount or Decimal(0)
    if estimate is None:
        raise Rejected(
            "budget_exceeded",
            f"A budget is in force, and '{model}' has no prices, so that nobody can tell what it would spend. "
            "Give it prices in the catalogue; 0 for what is free.",
        )
    if amount is None:
        message = f"'{model}' costs {estimate.currency}, and the catalogue has no rate of it to {rates.currency}"
        raise Rejected("budget_exceeded", f"A budget is in force, {message}: add it under money.rates.")
    for budget in budgets:
        used = sum((spent for who, spent in committed.items() if budget.counts(key, who)), Decimal(0))
        if used + amount > budget.most:
            exceeded = replace(
                budget,
                provider=budget.provider and key.provider,
                project=budget.project and key.project,
            )
            raise Rejected(
                "budget_exceeded",
                f"This would go beyond {exceeded}: {_plain(budget.most)} {rates.currency}, of which {_plain(used)} are "
                f"committed today, and this request may cost {_plain(amount)}. The day ends at 00:00 UTC.",
            )
    return amount


def admit_all(
    budgets: Sequence[Budget],
    rates: ExchangeRates,
    committed: Committed,
    *,
    project: str | None,
    chain: Sequence[Candidate],
) -> Committed:
    """What a request commits that the first model of a chain is to serve, and each of the others may. Raises Rejected
    for the first of them that the budgets do not bear."""
    commitments: dict[BudgetKey, Decimal] = {}
    dearest = Decimal(0)
    for place, (model, estimate) in enumerate(chain):
        key = BudgetKey(split_model_id(model)[0], project)
        try:
            amount = admit(budgets, rates, committed, key=key, estimate=estimate, model=model)
        except Rejected as refusal:
            if place == 0:
                raise
            message = f"fallbackModels[{place - 1}], '{model}', might take over. {refusal.message}"
            raise Rejected(refusal.code, message) from None
        commitments[key] = max(commitments.get(key, Decimal(0)), amount)
        dearest = max(dearest, amount)
    commitments[BudgetKey(NO_PROVIDER, project)] = dearest - sum(commitments.values(), Decimal(0))
    return commitments


def day_of(at: datetime) -> str:
    """The day that a request counts for, by UTC."""
    return at.astimezone(UTC).date().isoformat()


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"
