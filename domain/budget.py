"""May this request spend money? Budgets limit what a day commits: estimates of running tasks and actual costs."""

import heapq
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from domain.base import Rejected, Value, replace
from domain.model import split_model_id
from domain.money import Cost

EACH = "*"
MAX_USES = 100


class Budget(Value):
    """The maximum that a day (UTC) may commit, in the budgets' currency.

    `project="*"`: one separate limit per project; None: one limit over all. The same holds for `provider`."""

    most: Decimal
    provider: str | None = None
    project: str | None = None

    @property
    def period(self) -> Literal["day", "month"]:
        """How long it is for, by UTC."""
        return "day"

    def scope(self, key: "BudgetKey") -> "Scope | None":
        """The sum that limits a request of `key`, and that its commitments count for; None when it has nothing to do
        with this budget."""
        if not (self._fits(self.provider, key.provider) and self._fits(self.project, key.project)):
            return None
        if self.provider and key.provider == NO_PROVIDER:  # corrections count for all providers together only
            return None
        return Scope(self.provider and key.provider, self.project and key.project)

    def covers(self, scope: "Scope") -> bool:
        """Whether a sum is one that this budget limits."""
        pairs = ((self.provider, scope.provider), (self.project, scope.project))
        return all(own == limited or (limited == EACH and own is not None) for limited, own in pairs)

    @staticmethod
    def _fits(limited: str | None, own: str | None) -> bool:
        return limited is None or (own is not None and limited in {EACH, own})

    def __str__(self) -> str:
        of = [
            f"provider {self.provider}" if self.provider else "",
            f"project {self.project}" if self.project else "",
        ]
        return " of ".join([f"the {self.period}'s budget", *filter(None, of)])


class KeyBudget(Budget):
    """The maximum that an API key may commit in a day, or in a month; it is held against what this key commits."""

    monthly: bool = False

    @property
    def period(self) -> Literal["day", "month"]:
        return "month" if self.monthly else "day"

    def __str__(self) -> str:
        return f"the {self.period}'s budget of this API key"


class ExchangeRates(Value):
    """The budgets' currency, and the value of one unit of each other currency in it."""

    currency: str = "USD"
    rates: dict[str, Decimal] = {}

    def convert(self, amount: Decimal, currency: str) -> Decimal | None:
        """The amount in the budgets' currency; None when the rate is unknown."""
        if currency == self.currency or amount == 0:
            return amount  # zero needs no rate
        rate = self.rates.get(currency)
        return None if rate is None else amount * rate

    def total(self, sums: Mapping[str, Decimal], currency: str) -> Decimal | None:
        """The sum of amounts of several currencies in one of them; None when a rate is unknown."""
        if not sums.keys() - {currency}:
            return sums.get(currency, Decimal(0))
        one = self.convert(Decimal(1), currency)
        parts = [self.convert(amount, each) for each, amount in sums.items()]
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) / one if one and len(known) == len(parts) else None


class BudgetKey(NamedTuple):
    """The provider and the project that a commitment counts for."""

    provider: str
    project: str | None


NO_PROVIDER = ""
"""The key of corrections in `Committed`. A task with fallbacks commits its cost at several providers, but only one of
them is paid. The correction lowers the sum over all providers to the dearest model of each task; the sum of one
provider does not include it, and counts each task at its maximum cost there."""

Committed = Mapping[BudgetKey, Decimal]
"""What one or many tasks commit, in the budgets' currency."""


class Scope(NamedTuple):
    """What one sum is over: a provider, a project, both, or everything. None is all of them."""

    provider: str | None
    project: str | None


class Totals:
    """The commitments of a day: one running sum for each scope of the budgets in force.

    A change and a look-up take as many steps as there are budgets, however many projects spend."""

    def __init__(self, budgets: Sequence[Budget]) -> None:
        self.budgets = budgets
        self._sums: dict[Scope, Decimal] = {}

    def add(self, committed: Committed) -> None:
        """Count these commitments as well."""
        for key, amount in committed.items():
            self._change(key, amount)

    def subtract(self, committed: Committed) -> None:
        """Count these commitments, which were added before, no longer."""
        for key, amount in committed.items():
            self._change(key, -amount)

    def __len__(self) -> int:
        """The number of sums that are kept: those that are not zero."""
        return len(self._sums)

    def uses(self, budget: Budget) -> dict[Scope, Decimal]:
        """What is committed of a budget: of one for each project, or each provider, by all that spend."""
        if EACH not in {budget.provider, budget.project}:
            scope = Scope(budget.provider, budget.project)
            return {scope: self.used(scope)}
        return {scope: used for scope, used in self._sums.items() if budget.covers(scope)}

    def used(self, scope: Scope) -> Decimal:
        """The sum of a scope, in the budgets' currency."""
        return self._sums.get(scope, Decimal(0))

    def _change(self, key: BudgetKey, amount: Decimal) -> None:
        for scope in {scope for budget in self.budgets if (scope := budget.scope(key)) is not None}:
            total = self.used(scope) + amount
            if total:
                self._sums[scope] = total
            else:
                self._sums.pop(scope, None)


class BudgetUse(NamedTuple):
    """How much of a budget is committed. The provider and the project are those that spend: `*` stands in none."""

    budget: Budget
    used: Decimal


def uses(totals: Totals) -> list[BudgetUse]:
    """How much is committed of each budget, of those for each project or provider the MAX_USES that are used most."""
    found: list[BudgetUse] = []
    for each in totals.budgets:
        used = heapq.nlargest(MAX_USES, totals.uses(each).items(), key=lambda item: item[1])
        found += [
            BudgetUse(replace(each, provider=scope.provider, project=scope.project), amount) for scope, amount in used
        ]
    return found


class Candidate(NamedTuple):
    """A model that may serve a request, and the maximum cost of the request with it."""

    model: str
    estimate: Cost | None


def admit(
    totals: Totals,
    rates: ExchangeRates,
    *,
    key: BudgetKey,
    estimate: Cost | None,
    model: str,
) -> Decimal:
    """The amount that a request commits, in the budgets' currency; `totals` are the day's commitments before it.

    Raises Rejected `budget_exceeded` when it would exceed a budget, or a budget applies and the cost is unknown."""
    limits = [(budget, scope) for budget in totals.budgets if (scope := budget.scope(key)) is not None]
    amount = rates.convert(estimate.amount, estimate.currency) if estimate else None
    if not limits:
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
    for budget, scope in limits:
        used = totals.used(scope)
        if used + amount > budget.most:
            exceeded = replace(budget, provider=scope.provider, project=scope.project)
            raise Rejected(
                "budget_exceeded",
                f"This would go beyond {exceeded}: {_plain(budget.most)} {rates.currency}, of which {_plain(used)} are "
                f"committed {_THIS[budget.period]}, and this request may cost {_plain(amount)}. "
                f"The {budget.period} ends at 00:00 UTC.",
            )
    return amount


def admit_all(
    totals: Totals,
    rates: ExchangeRates,
    *,
    project: str | None,
    chain: Sequence[Candidate],
) -> Committed:
    """The commitments of a request that the first model of `chain` serves, and from which each other may take over.

    Raises Rejected `budget_exceeded` for the first of the models that would exceed a budget."""
    commitments: dict[BudgetKey, Decimal] = {}
    dearest = Decimal(0)
    for place, (model, estimate) in enumerate(chain):
        key = BudgetKey(split_model_id(model)[0], project)
        try:
            amount = admit(totals, rates, key=key, estimate=estimate, model=model)
        except Rejected as refusal:
            if place == 0:
                raise
            message = f"fallbackModels[{place - 1}], '{model}', might take over. {refusal.message}"
            raise Rejected(refusal.code, message) from None
        commitments[key] = max(commitments.get(key, Decimal(0)), amount)
        dearest = max(dearest, amount)
    commitments[BudgetKey(NO_PROVIDER, project)] = dearest - sum(commitments.values(), Decimal(0))
    return commitments


_THIS = {"day": "today", "month": "this month"}


def day_of(at: datetime) -> str:
    """The day that a request counts for: its UTC date, `YYYY-MM-DD`."""
    return at.astimezone(UTC).date().isoformat()


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"
