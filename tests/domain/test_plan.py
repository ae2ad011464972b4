"""When is a plan a plan, what does it cost, and which requests does it make?"""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from domain import plan
from domain.plan import MAX_STEPS, Outcome, Plan, Step, StepImage, StepText
from tests.domain.run.film import DRAW, FILM, PLAN, SPEAK, WRITE, usd
from tests.domain.strategies import anything


def test_a_sound_plan_has_no_problems() -> None:
    """Each step stands behind those that it needs."""
    assert plan.check(PLAN) == []
    ordered = plan.order(PLAN)
    assert sorted(ordered) == ["draw", "film", "speak", "write"]
    assert ordered.index("write") < ordered.index("draw") < ordered.index("film")


def broken(*steps: Step) -> list[str]:
    return [str(problem) for problem in plan.check(Plan(steps=steps))]


def test_every_problem_is_told_at_once() -> None:
    """Ids are there once; what is used is there and of the right kind; nothing needs itself; there are few steps."""
    twice = Step(id="write", kind="text", model="m/m", prompt=())
    wrong = Step(id="cut", kind="video", model="m/m", prompt=((StepText(step="draw"),),), images=(StepImage(step="x"),))
    assert broken(WRITE, twice, DRAW, wrong) == [
        "write: is there twice",
        "cut: uses the step 'draw' as text, and it makes image",
        "cut: uses the step 'x', which is not there",
    ]
    one = Step(id="a", kind="image", model="m/m", prompt=(("x",),), images=(StepImage(step="b"),))
    other = Step(id="b", kind="image", model="m/m", prompt=(("x",),), images=(StepImage(step="a"),))
    (circle,) = broken(one, other)
    assert circle in {f"the steps need each other in a circle: {way}" for way in ("a ← b ← a", "b ← a ← b")}
    assert broken() == [f"a plan has 1 to {MAX_STEPS} steps, and this one 0"]
    many = [Step(id=str(number), kind="text", model="m/m", prompt=(("x",),)) for number in range(MAX_STEPS + 1)]
    assert broken(*many) == [f"a plan has 1 to {MAX_STEPS} steps, and this one {MAX_STEPS + 1}"]
    assert broken(*many[1:]) == broken(many[0]) == []
    assert [problem.field for problem in (*plan.check(Plan(steps=())), *plan.check(Plan(steps=(one, other))))] == [
        ""
    ] * 2


@examples(anything(Plan))
def test_any_plan_is_checked_and_never_crashes(any_plan: Plan) -> None:
    """A plan without problems has an order, in which each step stands behind those that it needs."""
    if plan.check(any_plan):
        return
    ordered = plan.order(any_plan)
    for step in any_plan.steps:
        assert all(ordered.index(needed) < ordered.index(step.id) for needed in step.needs)


def test_an_unknown_price_is_not_nothing() -> None:
    """Prices are added up by currency; what has none is counted apart."""
    yuan = usd("2").__class__(amount=Decimal(2), currency="CNY", price_revision=1)
    assert plan.price([usd("0.1"), None, usd("0.2"), yuan, None]) == (
        {"USD": Decimal("0.3"), "CNY": Decimal(2)},
        2,
    )
    assert plan.price([]) == ({}, 0)


def test_a_request_has_what_other_steps_made() -> None:
    """Texts stand where they are used, images are named, and the fields of the step come along."""
    made = {"write": Outcome(text="A cat."), "draw": Outcome(assets=["asset_1.png", "asset_2.png"])}
    assert plan.body(WRITE, {}) == {"model": "sandbox/text", "messages": [{"role": "user", "content": "A hero."}]}
    assert plan.body(DRAW, made) == {"model": "sandbox/image", "prompt": "A cat.\n\nink"}
    assert plan.body(FILM, made) == {
        "model": "sandbox/video",
        "prompt": "it runs",
        "imageInputs": ["asset_1.png"],
    }
    second = Step(
        id="x", kind="image", model="m/m", prompt=(("x",),), images=(StepImage(step="draw", output=1),), params={"n": 2}
    )
    assert plan.body(second, made) == {"n": 2, "model": "m/m", "prompt": "x", "imageInputs": ["asset_2.png"]}
    assert plan.body(SPEAK, {}) == {"model": "sandbox/speech", "prompt": "Hello."}


def test_a_blank_text_is_as_good_as_none() -> None:
    """It is left out; where it was named, the name stays."""
    named = Step(
        id="x",
        kind="text",
        model="m/m",
        prompt=((StepText(step="write"),), ("He is ", StepText(step="write", otherwise="{{Hero}}"))),
        system=((StepText(step="write"),),),
    )
    for none in (" \ufeff\n", "", None):
        blank = plan.body(named, {"write": Outcome(text=none)})
        assert blank["messages"] == [{"role": "user", "content": "He is {{Hero}}"}]
    said = plan.body(named, {"write": Outcome(text="a cat")})
    assert said["messages"] == [
        {"role": "system", "content": "a cat"},
        {"role": "user", "content": "a cat\n\nHe is a cat"},
    ]


@pytest.mark.parametrize("outcomes", [{}, {"draw": Outcome()}], ids=["nothing", "no image"])
def test_there_is_no_request_without_what_it_uses(outcomes: dict[str, Outcome]) -> None:
    """A step that made no image gives none."""
    with pytest.raises(LookupError):
        plan.body(FILM, outcomes)


@examples(st.text())
def test_blank_is_what_the_studio_calls_blank(text: str) -> None:
    """JavaScript's `trim` leaves nothing of it: only white space and line ends of ECMAScript."""
    spaces = "\t\n\v\f\r\u2028\u2029\ufeff" + "".join(chr(i) for i in range(0x10000) if _is_space(chr(i)))
    assert plan.is_blank(text) is all(letter in spaces for letter in text)


def _is_space(letter: str) -> bool:
    return unicodedata.category(letter) == "Zs"
