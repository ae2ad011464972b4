"""Budgets limit what a day commits: their scopes, their currency, and the texts of refusals."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import budget
from domain.base import Rejected, replace
from domain.budget import (
    MAX_USES,
    NO_PROVIDER,
    Budget,
    BudgetKey,
    BudgetUse,
    Candidate,
    Committed,
    ExchangeRates,
    KeyBudget,
    Scope,
    Totals,
)
from domain.money import Cost
from tests.steps import lines_run

EVERYTHING = Budget(most=Decimal(10))
ACME = Budget(most=Decimal(10), provider="acme")
EACH_PROVIDER = Budget(most=Decimal(10), provider="*")
CLIPS = Budget(most=Decimal(10), project="films")
EACH_PROJECT = Budget(most=Decimal(10), project="*")
ACME_FOR_EACH = Budget(most=Decimal(10), provider="acme", project="*")
DOLLARS = ExchangeRates(currency="USD", rates={"CNY": Decimal("0.14")})
ME = BudgetKey("acme", "films")
SPENT: Committed = {
    BudgetKey("acme", "films"): Decimal(1),
    BudgetKey("acme", "games"): Decimal(2),
    BudgetKey("acme", None): Decimal(4),
    BudgetKey("other", "films"): Decimal(8),
    BudgetKey("other", None): Decimal(16),
}


def cost(amount: str, currency: str = "USD") -> Cost:
    return Cost(amount=Decimal(amount), currency=currency, price_revision=1)


def totals_of(budgets: Sequence[Budget], committed: Committed) -> Totals:
    totals = Totals(budgets)
    totals.add(committed)
    return totals


def admit(
    *budgets: Budget,
    spender: BudgetKey = ME,
    estimate: Cost | None = None,
    committed: Committed | None = None,
    money: ExchangeRates = DOLLARS,
) -> Decimal:
    totals = totals_of(budgets, committed or {})
    return budget.admit(totals, money, key=spender, estimate=estimate, model="acme/painter")


def refused(
    *budgets: Budget, spender: BudgetKey = ME, estimate: Cost | None, committed: Committed | None = None
) -> str:
    with pytest.raises(Rejected) as caught:
        admit(*budgets, spender=spender, estimate=estimate, committed=committed)
    assert caught.value.code == "budget_exceeded"
    return caught.value.message


# --- Scopes ---


@pytest.mark.parametrize(
    ("ceiling", "spender", "used"),
    [
        (EVERYTHING, ME, 31),
        (EVERYTHING, BudgetKey("new", None), 31),
        (ACME, ME, 7),
        (ACME, BudgetKey("acme", None), 7),
        (EACH_PROVIDER, ME, 7),
        (EACH_PROVIDER, BudgetKey("other", "games"), 24),
        (EACH_PROVIDER, BudgetKey("new", None), 0),
        (CLIPS, ME, 9),
        (EACH_PROJECT, ME, 9),
        (EACH_PROJECT, BudgetKey("new", "games"), 2),
        (ACME_FOR_EACH, ME, 1),
        (ACME_FOR_EACH, BudgetKey("acme", "games"), 2),
    ],
)
def test_a_budget_counts_those_it_is_for(ceiling: Budget, spender: BudgetKey, used: int) -> None:
    """All requests, one provider or project, or each of them separately: exactly up to the limit, and not beyond."""
    ceiling = Budget(most=Decimal(used + 1), provider=ceiling.provider, project=ceiling.project)
    assert admit(ceiling, spender=spender, estimate=cost("1"), committed=SPENT) == 1
    message = refused(ceiling, spender=spender, estimate=cost("1.000001"), committed=SPENT)
    assert f"{used + 1} USD, of which {used} are committed today" in message


@pytest.mark.parametrize(
    ("ceiling", "spender"),
    [
        (ACME, BudgetKey("other", "films")),
        (CLIPS, BudgetKey("acme", "games")),
        (CLIPS, BudgetKey("acme", None)),
        (EACH_PROJECT, BudgetKey("acme", None)),
        (ACME_FOR_EACH, BudgetKey("acme", None)),
        (ACME_FOR_EACH, BudgetKey("other", "films")),
    ],
)
def test_a_budget_does_not_concern_the_others(ceiling: Budget, spender: BudgetKey) -> None:
    """Another provider or project, or a request without a project, may spend, with prices or without."""
    assert admit(ceiling, spender=spender, estimate=cost("1000"), committed=SPENT) == 1000
    assert admit(ceiling, spender=spender, committed=SPENT) == 0


def test_every_budget_has_to_admit_it() -> None:
    """Of several budgets, the refusal names the first that is exceeded."""
    wide, narrow = Budget(most=Decimal(100)), Budget(most=Decimal(5), project="*")
    assert admit(wide, narrow, estimate=cost("5")) == 5
    assert "the day's budget of project films" in refused(wide, narrow, estimate=cost("6"))


# --- Models that may take over ---


def admit_all(*budgets: Budget, chain: list[Candidate], committed: Committed | None = None) -> Committed:
    return budget.admit_all(totals_of(budgets, committed or {}), DOLLARS, project="films", chain=chain)


CHAIN = [
    Candidate("acme/cheap", cost("1")),
    Candidate("other/dear", cost("50", "CNY")),
    Candidate("acme/middling", cost("3")),
]


@pytest.mark.parametrize(
    ("ceiling", "dearest"),
    [
        (Budget(most=Decimal(7)), "7"),
        (Budget(most=Decimal(7), project="*"), "7"),
        (Budget(most=Decimal(7), provider="other"), "7"),
        (Budget(most=Decimal(3), provider="acme"), "3"),
    ],
)
def test_every_model_of_a_chain_has_to_be_admitted(ceiling: Budget, dearest: str) -> None:
    """Each model of a chain is checked by the budgets of its provider and those of all; a refusal names the model."""
    assert admit_all(ceiling, chain=CHAIN)
    with pytest.raises(Rejected, match=rf"fallbackModels\[\d\], .* may cost {dearest}") as caught:
        admit_all(replace(ceiling, most=ceiling.most - Decimal("0.01")), chain=CHAIN)
    assert caught.value.code == "budget_exceeded"


def test_a_chain_holds_at_each_provider_what_it_may_cost_there_and_its_dearest_in_all() -> None:
    """Only one of its models is paid, and it is not known yet which."""
    held = admit_all(chain=CHAIN)
    assert held == {BudgetKey("acme", "films"): 3, BudgetKey("other", "films"): 7, BudgetKey(NO_PROVIDER, "films"): -3}
    small = [Candidate("acme/free", cost("0")), Candidate("other/cheap", cost("0.5"))]
    assert admit_all(chain=small) == {
        BudgetKey("acme", "films"): 0,
        BudgetKey("other", "films"): Decimal("0.5"),
        BudgetKey(NO_PROVIDER, "films"): 0,
    }
    two = {who: 2 * amount for who, amount in held.items()}
    for ceiling, used in ((EVERYTHING, 14), (CLIPS, 14), (ACME, 6), (replace(EACH_PROVIDER, provider="other"), 14)):
        tight = replace(ceiling, most=Decimal(used + 1))
        asker = BudgetKey(tight.provider or "new", "films")
        assert admit(tight, spender=asker, estimate=cost("1"), committed=two) == 1
        assert "are committed today" in refused(tight, spender=asker, estimate=cost("1.01"), committed=two)


def test_the_model_that_a_budget_refuses_is_named_with_its_place() -> None:
    """The place is its index in `fallbackModels`; the first model of a chain is the request's own."""
    with pytest.raises(
        Rejected, match=r"^fallbackModels\[1\], 'third/new', might take over\. .* 'third/new' has no prices"
    ):
        admit_all(EVERYTHING, chain=[*CHAIN[:2], Candidate("third/new", None)])
    with pytest.raises(
        Rejected, match=r"^A budget is in force, and 'third/new' has no prices.* spend\. Give it prices in .*\.$"
    ):
        admit_all(EVERYTHING, chain=[Candidate("third/new", None)])


@given(
    st.lists(st.tuples(st.sampled_from(["acme", "other", "third"]), st.integers(0, 100)), min_size=1, max_size=5),
    st.integers(0, 150),
)
def test_whichever_model_of_an_admitted_chain_is_paid_no_budget_is_broken(
    models: list[tuple[str, int]], spent: int
) -> None:
    """For any budget, the reserved amount is never less than the cost of any of the models."""
    chain = [Candidate(f"{provider}/{i}", cost(str(amount))) for i, (provider, amount) in enumerate(models)]
    whom: list[dict[str, Any]] = [{}, {"provider": "*"}, {"project": "*"}]
    budgets = [Budget(most=Decimal(150), **who) for who in whom]
    before: Committed = {BudgetKey("acme", "films"): Decimal(spent)}
    try:
        held = budget.admit_all(totals_of(budgets, before), DOLLARS, project="films", chain=chain)
    except Rejected:
        return
    for provider, amount in models:
        who = BudgetKey(provider, "films")
        for ceiling in budgets:
            scope = ceiling.scope(who)
            assert scope is not None
            totals = totals_of([ceiling], before)
            used = totals.used(scope)
            totals.add(held)
            assert used + amount <= totals.used(scope) <= ceiling.most


# --- Running totals ---

KEYS = st.builds(BudgetKey, st.sampled_from(["acme", "other", NO_PROVIDER]), st.sampled_from([None, "films", "games"]))
BUDGETS = [
    Budget(most=Decimal(1), provider=provider, project=project)
    for provider in (None, "*", "acme")
    for project in (None, "*", "films")
]


def summed(scope: Scope, committed: Sequence[tuple[BudgetKey, int]]) -> int:
    """The sum of a scope, the plain way: over every commitment."""
    return sum(
        amount
        for key, amount in committed
        if scope.provider in {None, key.provider} and scope.project in {None, key.project}
    )


@given(st.lists(st.tuples(KEYS, st.integers(-9, 9))), st.integers(0, 9))
def test_a_running_total_is_the_sum_of_what_was_added_and_not_taken_away(
    committed: list[tuple[BudgetKey, int]], taken: int
) -> None:
    """For every budget and every key; a sum of zero is not stored."""
    totals = Totals(BUDGETS)
    for key, amount in committed:
        totals.add({key: Decimal(amount)})
    for key, amount in committed[:taken]:
        totals.subtract({key: Decimal(amount)})
    left = committed[taken:]
    for ceiling in BUDGETS:
        for key in (BudgetKey("acme", "films"), BudgetKey("other", None), BudgetKey("new", "games")):
            if scope := ceiling.scope(key):
                assert totals.used(scope) == summed(scope, left)
    for key, amount in left:
        totals.subtract({key: Decimal(amount)})
    assert len(totals) == 0


def test_a_budget_for_one_project_keeps_one_sum_however_many_projects_spend() -> None:
    """Only a budget for each project keeps a sum for each."""
    everyone: Committed = {BudgetKey("acme", f"project-{number}"): Decimal(1) for number in range(1000)}
    assert len(totals_of([EVERYTHING, ACME, CLIPS, EACH_PROVIDER], everyone)) == 2
    assert len(totals_of([EACH_PROJECT], everyone)) == 1000


def test_a_request_costs_the_same_however_many_projects_spend() -> None:
    """As many lines run when thousands of projects spend as when three do."""
    ran: list[int] = []
    for spenders in (3, 3000):
        spent: Committed = {BudgetKey("acme", f"project-{number}"): Decimal(1) for number in range(spenders)}
        totals = totals_of([Budget(most=Decimal(10_000), project=project) for project in (None, "*", "films")], spent)
        ran.append(lines_run(partial(budget.admit_all, totals, DOLLARS, project="films", chain=CHAIN)))
    assert ran[0] == ran[1] > 0


def test_without_any_budget_everything_is_admitted() -> None:
    """Without budgets everything is admitted, with prices or without."""
    assert admit(estimate=cost("1000000")) == 1000000
    assert admit() == 0


def test_what_is_free_is_admitted_under_a_spent_budget() -> None:
    """A free request passes an exhausted budget."""
    assert admit(Budget(most=Decimal(0)), estimate=cost("0")) == 0
    assert admit(EVERYTHING, estimate=cost("0"), committed={ME: Decimal(10)}) == 0


# --- Currencies ---


def test_another_currency_is_converted() -> None:
    """A budget in dollars bears what is priced in yuan, by the rate of the catalogue."""
    assert admit(EVERYTHING, estimate=cost("10", "CNY")) == Decimal("1.40")
    assert "may cost 14.00" in refused(EVERYTHING, estimate=cost("100", "CNY"))
    assert DOLLARS.convert(Decimal(3), "USD") == 3
    assert DOLLARS.convert(Decimal(3), "EUR") is None
    assert DOLLARS.convert(Decimal(0), "EUR") == 0


def test_a_currency_without_a_rate_is_refused_under_a_budget() -> None:
    """A cost without an exchange rate is refused, and the refusal names the remedy."""
    message = refused(EVERYTHING, estimate=cost("1", "EUR"))
    assert "'acme/painter' costs EUR" in message
    assert "money.rates" in message
    assert admit(Budget(most=Decimal(1), provider="other"), estimate=cost("1", "EUR")) == 0


def test_a_model_without_prices_is_refused_under_a_budget() -> None:
    """A model without prices is refused, and the refusal names the remedy."""
    message = refused(EVERYTHING, estimate=None)
    assert "'acme/painter' has no prices" in message
    assert "0 for what is free" in message


def test_a_sum_of_several_currencies_is_told_in_one() -> None:
    """By the rates of the catalogue, which what is in that currency already, and nothing at all, do not need."""
    mixed = {"USD": Decimal("1.4"), "CNY": Decimal(10)}
    assert DOLLARS.total(mixed, "USD") == Decimal("2.8")
    assert DOLLARS.total(mixed, "CNY") == 20
    assert DOLLARS.total({"CNY": Decimal(10)}, "USD") == Decimal("1.4")
    assert DOLLARS.total({"EUR": Decimal(3)}, "EUR") == 3
    assert DOLLARS.total({"USD": Decimal(3), "EUR": Decimal(0)}, "USD") == 3
    assert [DOLLARS.total({}, currency) for currency in ("USD", "CNY", "EUR")] == [0, 0, 0]


def test_a_sum_with_an_unknown_rate_is_unknown() -> None:
    """Of the currency that is asked for, or of a part: no part is left out."""
    assert DOLLARS.total({"USD": Decimal(3)}, "EUR") is None
    assert DOLLARS.total({"USD": Decimal(3), "EUR": Decimal(1)}, "USD") is None
    assert DOLLARS.total({"EUR": Decimal(1)}, "USD") is None
    worthless = ExchangeRates(currency="USD", rates={"XXX": Decimal(0)})
    assert worthless.total({"USD": Decimal(3)}, "XXX") is None


# --- How much is used ---


def test_what_is_used_of_each_budget_is_told_by_who_spends() -> None:
    """In the order of the budgets; of one for each, those who spend most come first, under their own names, and who
    spends without a provider or a project is none of them."""
    budgets = [EVERYTHING, ACME, CLIPS, EACH_PROJECT, EACH_PROVIDER, ACME_FOR_EACH]
    held = totals_of(budgets, {**SPENT, BudgetKey(NO_PROVIDER, "films"): Decimal(-3)})
    assert budget.uses(held) == [
        BudgetUse(EVERYTHING, Decimal(28)),
        BudgetUse(ACME, Decimal(7)),
        BudgetUse(CLIPS, Decimal(6)),
        BudgetUse(replace(EACH_PROJECT, project="films"), Decimal(6)),
        BudgetUse(replace(EACH_PROJECT, project="games"), Decimal(2)),
        BudgetUse(replace(EACH_PROVIDER, provider="other"), Decimal(24)),
        BudgetUse(replace(EACH_PROVIDER, provider="acme"), Decimal(7)),
        BudgetUse(replace(ACME_FOR_EACH, project="games"), Decimal(2)),
        BudgetUse(replace(ACME_FOR_EACH, project="films"), Decimal(1)),
    ]


def test_a_budget_that_nobody_uses_is_told_as_well() -> None:
    """With zero; of one for each, there is nobody to tell of."""
    assert budget.uses(Totals([EVERYTHING, ACME, EACH_PROJECT])) == [
        BudgetUse(EVERYTHING, Decimal(0)),
        BudgetUse(ACME, Decimal(0)),
    ]


def test_of_a_budget_for_each_only_the_largest_uses_are_told() -> None:
    """So many and no more, however many projects spend."""
    spent = {BudgetKey("acme", f"project-{number}"): Decimal(number) for number in range(1, MAX_USES + 3)}
    told = budget.uses(totals_of([EACH_PROJECT], spent))
    assert [use.used for use in told] == list(range(MAX_USES + 2, 2, -1))


def test_a_sum_belongs_to_the_budgets_that_limit_it() -> None:
    """A budget for each project covers the sum of any project, and not that of all; one for a project only its own."""
    everything, films = Scope(None, None), Scope(None, "films")
    acme, acme_films = Scope("acme", None), Scope("acme", "films")
    covered = {
        EVERYTHING: [everything],
        ACME: [acme],
        EACH_PROVIDER: [acme],
        CLIPS: [films],
        EACH_PROJECT: [films],
        ACME_FOR_EACH: [acme_films],
    }
    for ceiling, scopes in covered.items():
        assert [scope for scope in (everything, films, acme, acme_films) if ceiling.covers(scope)] == scopes
    assert not CLIPS.covers(Scope(None, "games"))


# --- Messages ---


@pytest.mark.parametrize(
    ("ceiling", "name"),
    [
        (EVERYTHING, "the day's budget:"),
        (ACME, "the day's budget of provider acme:"),
        (CLIPS, "the day's budget of project films:"),
        (ACME_FOR_EACH, "the day's budget of provider acme of project films:"),
        (EACH_PROVIDER, "the day's budget of provider acme:"),
    ],
)
def test_a_refusal_has_the_figures(ceiling: Budget, name: str) -> None:
    """The budget, its limit, the used part, the amount of this request, and the end of the day; no exponents."""
    message = refused(ceiling, estimate=cost("1E+1"), committed={ME: Decimal("0.50")})
    assert message == (
        f"This would go beyond {name} 10 USD, of which 0.50 are committed today, and this request may cost 10. "
        "The day ends at 00:00 UTC."
    )


@pytest.mark.parametrize(
    ("ceiling", "name", "period", "today"),
    [
        (KeyBudget(most=Decimal(10)), "the day's budget of this API key", "day", "today"),
        (KeyBudget(most=Decimal(10), monthly=True), "the month's budget of this API key", "month", "this month"),
    ],
)
def test_the_budget_of_a_key_says_for_how_long_it_is(ceiling: KeyBudget, name: str, period: str, today: str) -> None:
    """By the key, and not by the provider or project of the request."""
    assert ceiling.period == period
    assert refused(ceiling, estimate=cost("10"), committed={ME: Decimal("0.50")}) == (
        f"This would go beyond {name}: 10 USD, of which 0.50 are committed {today}, and this request may cost 10. "
        f"The {period} ends at 00:00 UTC."
    )
    assert refused(replace(ceiling, most=Decimal("0.1")), estimate=cost("1")).startswith(f"This would go beyond {name}")


# --- Days ---


def test_a_day_is_one_of_utc() -> None:
    """The day is the UTC date, whatever the time zone of the clock."""
    late = datetime(2026, 2, 11, 23, 59, tzinfo=UTC)
    assert budget.day_of(late) == "2026-02-11"
    assert budget.day_of(late + timedelta(minutes=1)) == "2026-02-12"
    assert budget.day_of(datetime(2026, 2, 12, 7, 0, tzinfo=timezone(timedelta(hours=8)))) == "2026-02-11"


def test_a_day_does_not_depend_on_where_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets of all nodes are for the same days."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        try:
            assert budget.day_of(datetime(2026, 2, 11, 20, 0, tzinfo=UTC)) == "2026-02-11"
        finally:
            elsewhere.undo()
            time.tzset()
