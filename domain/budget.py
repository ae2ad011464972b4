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

    def counts(self, spender: "BudgetKey", other: "BudgetKey") -> bool:
        """Whether what `other` has spent counts against a request of `spender`."""
        return self._fits(self.provider, spender.provider, other.provider) and self._fits(
            self.project, spender.project, other.project
        )

    def concerns(self, spender: "BudgetKey") -> bool:
        """Whether a request of `spender` falls under this budget at all."""
        return self.counts(spender, spender)

    @staticmethod
    def _fits(wanted: str | None, mine: str | None, theirs: str | None) -> bool:
        if wanted is None:
            return True
        return mine is not None and mine == theirs and wanted in {EACH, mine}

    def __str__(self) -> str:
        of = [f"provider {self.provider}" if self.provider else "", f"project {self.project}" if self.project else ""]
        return " of ".join(["the day's budget", *filter(None, of)])


class ExchangeRates(Value):
    """The currency that budgets are in, and what one unit of another currency is worth in it."""

    currency: str = "USD"
    rates: dict[str, Decimal] = {}

    def worth(self, amount: Decimal, currency: str) -> Decimal | None:
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


class Asked(NamedTuple):
    """A model that may serve a request, and the most that it should cost there."""

    model: str
    estimate: Cost | None


def admit(
    budgets: Iterable[Budget],
    money: ExchangeRates,
    committed: Committed,
    *,
    spender: BudgetKey,
    estimate: Cost | None,
    model: str,
) -> Decimal:
    """What a request commits. Raises Rejected `budget_exceeded` with the figures when a budget does not bear it."""
    budgets = [budget for budget in budgets if budget.concerns(spender)]
    amount = money.worth(estimate.amount, estimate.currency) if estimate else None
    if not budgets:
        return amount or Decimal(0)
    if estimate is None:
        raise Rejected(
            "budget_exceeded",
            f"A budget is in force, and '{model}' has no prices, so that nobody can tell what it would spend. "
            "Give it prices in the catalogue; 0 for what is free.",
        )
    if amount is None:
        says = f"'{model}' costs {estimate.currency}, and the catalogue has no rate of it to {money.currency}"
        raise Rejected("budget_exceeded", f"A budget is in force, {says}: add it under money.rates.")
    for budget in budgets:
        used = sum((spent for who, spent in committed.items() if budget.counts(spender, who)), Decimal(0))
        if used + amount > budget.most:
            mine = replace(
                budget,
                provider=budget.provider and spender.provider,
                project=budget.project and spender.project,
            )
            raise Rejected(
                "budget_exceeded",
                f"This would go beyond {mine}: {_plain(budget.most)} {money.currency}, of which {_plain(used)} are "
                f"committed today, and this request may cost {_plain(amount)}. The day ends at 00:00 UTC.",
            )
    return amount


def admit_all(
    budgets: Sequence[Budget],
    money: ExchangeRates,
    committed: Committed,
    *,
    project: str | None,
    chain: Sequence[Asked],
) -> Committed:
    """What a request commits that the first model of a chain is to serve, and each of the others may. Raises Rejected
    for the first of them that the budgets do not bear."""
    held: dict[BudgetKey, Decimal] = {}
    most = Decimal(0)
    for place, (model, estimate) in enumerate(chain):
        spender = BudgetKey(split_model_id(model)[0], project)
        try:
            amount = admit(budgets, money, committed, spender=spender, estimate=estimate, model=model)
        except Rejected as refusal:
            if place == 0:
                raise
            says = f"fallbackModels[{place - 1}], '{model}', might take over. {refusal.message}"
            raise Rejected(refusal.code, says) from None
        held[spender] = max(held.get(spender, Decimal(0)), amount)
        most = max(most, amount)
    held[BudgetKey(NO_PROVIDER, project)] = most - sum(held.values(), Decimal(0))
    return held


def day_of(at: datetime) -> str:
    """The day that a request counts for, by UTC."""
    return at.astimezone(UTC).date().isoformat()


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"
