"""Laws of what pauses a run before a step starts: what the budgets do not bear, whose price nobody knows, or what the
key does not allow, is not sent."""

from decimal import Decimal
from functools import partial

import pytest

from application.run_steps import NO_KEY
from domain.api_key import KeyLimits
from domain.base import RefusalCode, Rejected, replace
from domain.budget import Budget, BudgetKey, Scope
from domain.model import Kind
from domain.money import Amount
from domain.plan import StepImage
from domain.run import decisions
from domain.run.events import (
    RunResumed,
    StepCompleted,
    StepStarted,
)
from domain.task.events import (
    CallResolved,
)
from tests.application.run_world import (
    ALONE,
    BY_KEY,
    BY_RUN,
    CALLER,
    FRAME,
    World,
    begins,
    begun,
    held,
    history,
    in_doubt,
    offered,
    paused,
    stream_of,
    task_of,
)
from tests.domain.run.film import DRAW, FILM, RUN, SPEAK, WRITE, may_cost
from tests.domain.scenario import AT


async def test_what_the_budgets_do_not_bear_pauses_the_run_before_it_is_sent() -> None:
    """A person who resumes it lets it try again."""
    world = World(budgets=[Budget(most=Decimal("0.05"))])
    await world.begin(*history(ALONE, SPEAK))
    await world.advance()
    told = (
        "This would go beyond the day's budget: 0.05 USD, of which 0.04 are committed today, and this request may cost "
        "0.02. The day ends at 00:00 UTC."
    )
    over = paused("speak", "over_budget", told)
    assert world.facts(3) == [begins("alone", "0.04", unit="image"), over]
    assert world.task("speak") == []
    assert world.log.causes[-1] == BY_RUN
    assert len(held(world)) == 1
    await world.decide(partial(decisions.resume, by="anna", most=None, at=AT))
    await world.advance()
    assert world.facts(6) == [over]
    world.totals.subtract({BudgetKey("sandbox", None): Decimal("0.04")})
    await world.decide(partial(decisions.resume, by="anna", most=None, at=AT))
    await world.advance()
    assert world.facts(8) == [begins("speak", "0.02")]
    assert world.totals.used(Scope(None, None)) == Decimal("0.02")


async def test_what_the_run_may_not_cost_is_not_sent() -> None:
    """It pauses for what a person allowed at most; the money that was set aside is given back."""
    world = World()
    await world.begin(*history(ALONE, SPEAK, approved=may_cost("0.05")))
    await world.advance()
    over = paused("speak", "over_budget", "With the step 'speak' it could cost 0.06 USD, and may cost 0.05 USD.")
    assert world.facts(3) == [begins("alone", "0.04", unit="image"), over]
    assert world.task("speak") == []
    assert held(world) == [5]
    assert [each.released for each in world.reservations] == [False, True]
    assert world.log.causes[-1] == BY_KEY
    assert world.logged[-1] == ("step of a run", {"run": RUN, "step": "speak", "done": ["RunPaused"]})
    most = Amount(amount=Decimal("0.06"), currency="USD")
    await world.decide(partial(decisions.resume, by="anna", most=most, at=AT))
    await world.advance()
    assert world.facts(6) == [begins("speak", "0.02")]


async def test_amounts_of_other_currencies_count_by_the_rates_of_the_catalogue() -> None:
    """A step that is paid in yuan counts for what a person allowed in dollars."""
    world = World()
    dear = offered("yuan", Kind.IMAGE, "call", "1")
    spec = replace(dear.spec, currency="CNY")
    world.models["sandbox/yuan"] = replace(dear, model=replace(dear.model, spec=spec))
    yuan = replace(ALONE, model="sandbox/yuan")
    await world.begin(*history(yuan, approved=may_cost("0.13")))
    await world.advance()
    told = "With the step 'alone' it could cost 0.14 USD, and may cost 0.13 USD."
    assert world.facts(3) == [paused("alone", "over_budget", told)]


async def test_a_step_without_a_price_waits_for_a_yes() -> None:
    """Where an amount was allowed, and nobody knows what it costs."""
    world = World()
    await world.begin(*history(replace(ALONE, model="sandbox/secret"), approved=may_cost("1")))
    await world.advance()
    told = "Nobody knows what the step 'alone' costs. Resume the run to make it all the same."
    assert world.facts(3) == [paused("alone", "unpriced", told)]
    assert held(world) == []
    await world.decide(partial(decisions.resume, by="anna", most=None, at=AT))
    await world.advance()
    assert world.facts(5) == [StepStarted(step="alone", attempt=1, task=task_of("alone"), at=AT)]


async def test_a_step_may_cost_what_the_dearest_of_its_models_costs() -> None:
    """A fallback that may take over finds its money."""
    world = World()
    world.models["sandbox/dear"] = offered("dear", Kind.IMAGE, "image", "0.4")
    await world.begin(*history(replace(ALONE, params={"fallbackModels": ["sandbox/dear"]})))
    await world.advance()
    assert world.facts(3) == [begins("alone", "0.4", unit="image")]


async def test_a_key_that_works_no_more_starts_nothing() -> None:
    """What is under way goes on."""
    world = await begun(ALONE, replace(FILM, images=(StepImage(step="alone"),)))
    del world.keys["key_1"]
    await world.makes("alone", FRAME)
    await world.advance()
    assert NO_KEY
    assert world.facts(4) == [
        StepCompleted(step="alone", attempt=1, outputs=(FRAME,), at=AT),
        paused("film", "key_revoked", NO_KEY),
    ]
    assert world.log.causes[-1] == BY_RUN
    assert world.task("film") == []
    world.keys["key_1"] = CALLER
    await world.decide(partial(decisions.resume, by="anna", most=None, at=AT))
    await world.advance()
    assert len(world.task("film")) == 1


async def test_what_the_key_does_not_allow_pauses_the_run() -> None:
    """Its limits are those of now, and not those of the day when the run was requested."""
    world = World(keys={"key_1": CALLER._replace(limits=KeyLimits(models=("sandbox/text",)))})
    await world.begin(*history(ALONE))
    await world.advance()
    told = "model: this API key is for sandbox/text only, not for 'sandbox/image'."
    assert world.facts(3) == [paused("alone", "key_revoked", told)]
    assert held(world) == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [("budget_exceeded", "over_budget"), ("forbidden", "key_revoked"), ("unauthorised", "key_revoked")],
)
async def test_a_refusal_for_money_or_a_key_is_for_a_person(code: RefusalCode, reason: str) -> None:
    """It says why in the words of the refusal, and fails no step."""
    world = World(refusal=Rejected(code, "Not for you."))
    await world.begin(*history(ALONE))
    await world.advance()
    assert world.facts(3) == [paused("alone", reason, "Not for you.")]


async def test_a_step_for_which_the_key_has_no_place_waits_for_another() -> None:
    """Nothing is recorded about it. What is under way, or in doubt, is looked at, and makes the place."""
    world = await begun(SPEAK, ALONE, WRITE, DRAW)
    world.refusal = Rejected("key_busy", "Wait for one.")
    before = world.log.events[:]
    assert (await world.advance()).version == 6
    assert world.log.events == before
    await world.makes("write", text="Anna")
    await world.advance()
    assert world.facts(6) == [StepCompleted(step="write", attempt=1, at=AT)]
    await world.happens(stream_of("alone"), *in_doubt("alone"))
    await world.advance()
    doubt = f"Nobody knows whether the call {task_of('alone')}.1 happened. Whoever runs Pixel decides on it."
    assert world.facts(7) == [paused("alone", "in_doubt", doubt)]
    await world.decide(partial(decisions.resume, by="anna", most=None, at=AT))
    found = CallResolved(call=f"{task_of('alone')}.1", verdict="attach", by="anna", at=AT)
    await world.happens(stream_of("alone"), found)
    await world.makes("alone", FRAME)
    await world.advance()
    assert world.facts(9) == [
        RunResumed(by="pixel", step="alone", at=AT),
        StepCompleted(step="alone", attempt=1, outputs=(FRAME,), at=AT),
    ]
    world.refusal = None
    await world.advance()
    assert world.facts(11) == [begins("draw", "0.04", unit="image")]
