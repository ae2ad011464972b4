"""Laws of the prices of a plan: each step costs what its request would, and what is not made yet is no problem."""

from decimal import Decimal
from typing import Any

import pytest

from application.plans import PricedStep, dearest, price_each
from application.ports import AssetsUnavailable
from domain.budget import Candidate
from domain.model import Kind, Limits
from domain.money import Unit
from domain.plan import Plan, Step, StepImage, StepKind, StepText
from domain.request import Problem
from tests.application.priced_models import estimate, model
from tests.application.request_ports import Assets, Webhooks, by_id

ASSET, MISSING, LOST = (f"asset_{letter * 64}.png" for letter in "abc")
OFFERED = by_id(
    model("painter", price="0.04", revision=3, limits=Limits(prompt=100, image_inputs=4, n=4)),
    model("dear", price="9", limits=Limits(image_inputs=4)),
    model("yen", price="900", currency="JPY", limits=Limits(image_inputs=4)),
    model("unpriced", limits=Limits(image_inputs=4)),
    model("writer", Kind.LLM, "0.5"),
    model("speaker", Kind.AUDIO, "0.001", unit="character"),
    model("reader", Kind.LLM, "0.001", unit="input_token"),
    model("filmer", Kind.VIDEO, "2", limits=Limits(image_inputs=1)),
    model("away", price="1", unavailable="Model 'acme/away' has no API key."),
)
WRITER = Step(id="story", kind="text", model="acme/writer", prompt=(("Write a story.",),))


def step(name: str, kind: StepKind, model: str, *prompt: str | StepText, **fields: Any) -> Step:
    """A step with a prompt of one paragraph."""
    return Step(id=name, kind=kind, model=f"acme/{model}", prompt=(prompt,), **fields)


async def priced(*steps: Step, inputs: Assets | None = None) -> list[PricedStep]:
    """The steps of a plan with their prices."""
    return await price_each(
        OFFERED,
        Plan(steps=steps),
        check_inputs=(inputs or Assets({ASSET})).check,
        find_webhook=Webhooks({"webhook_1": "https://app.example/hooks"}).find,
    )


async def test_each_step_has_the_price_of_its_request() -> None:
    """In the order of the steps, of every kind; a model without prices leaves it unknown, which is not free."""
    steps = (
        WRITER,
        step("picture", "image", "painter", "a cat", params={"n": 2, "webhook": "https://app.example/hooks"}),
        step("film", "video", "filmer", "a cat runs", images=(ASSET,)),
        step("voice", "audio", "speaker", "hello"),
        step("sketch", "image", "unpriced", "a cat"),
    )
    assert await priced(*steps) == [
        PricedStep(steps[0], estimate("0.5"), []),
        PricedStep(steps[1], estimate("0.04", revision=3), []),
        PricedStep(steps[2], estimate("2"), []),
        PricedStep(steps[3], estimate("0.005", unit="character", quantity=5), []),
        PricedStep(steps[4], None, []),
    ]


@pytest.mark.parametrize(
    ("others", "cost"),
    [
        (["acme/dear"], estimate("9")),
        (["acme/unpriced"], None),
        (["acme/yen"], None),
    ],
)
async def test_a_step_costs_what_the_dearest_of_its_models_does(others: list[str], cost: Any) -> None:
    """Each of them may serve it. What nobody can compare has no price."""
    wanted = step("picture", "image", "painter", "a cat", params={"fallbackModels": others})
    assert await priced(wanted) == [PricedStep(wanted, cost, [])]


async def test_a_step_that_would_be_refused_has_its_problems_and_no_price() -> None:
    """By field, in the words of the refusal, and those of the whole under none; other steps keep their prices."""
    steps = (
        step("many", "image", "painter", "a cat", params={"n": 9, "resolution": "8K"}),
        WRITER,
        step("away", "image", "away", "a cat"),
        step("unknown", "image", "nothing", "a cat"),
        step("told", "image", "painter", "a cat", params={"webhook": "https://other.example/hooks"}),
        step("blank", "image", "painter"),
        step("lost", "image", "painter", "a cat", images=(MISSING, ASSET, LOST)),
    )
    many, writer, away, unknown, told, blank, lost = await priced(*steps)
    assert (many.step, many.cost, [problem.field for problem in many.problems]) == (steps[0], None, ["resolution", "n"])
    assert many.problems[1] == Problem("n", "must be from 1 to 4")
    assert writer == PricedStep(WRITER, estimate("0.5"), [])
    assert away == PricedStep(steps[2], None, [Problem("", "Model 'acme/away' has no API key.")])
    not_found = "Model 'acme/nothing' not found. Available models can be fetched from /api/v1/models"
    assert unknown == PricedStep(steps[3], None, [Problem("", not_found)])
    assert (told.cost, [problem.field for problem in told.problems]) == (None, ["webhook"])
    assert (blank.cost, [problem.field for problem in blank.problems]) == (None, ["prompt"])
    missing = [
        Problem(f"imageInputs[{place}]", f"there is no asset '{name}'") for place, name in ((0, MISSING), (2, LOST))
    ]
    assert lost == PricedStep(steps[6], None, missing)


# --- What is not made yet ---


async def test_an_image_that_is_not_made_yet_is_no_problem() -> None:
    """Only those that are there are looked for; where there are none, nothing is. Any output of a step may be used."""
    inputs = Assets({ASSET})
    steps = (
        step("first", "image", "painter", "a cat"),
        step(
            "second",
            "image",
            "painter",
            "and a dog",
            images=(StepImage(step="first"), StepImage(step="first", output=3)),
        ),
        step("third", "image", "painter", "and a bird", images=(StepImage(step="second"), ASSET)),
    )
    found = await priced(*steps, inputs=inputs)
    assert found == [PricedStep(each, estimate("0.04", revision=3), []) for each in steps]
    assert inputs.looked_for == [[ASSET]]


async def test_a_problem_of_an_input_keeps_its_place() -> None:
    """It is told under the place that the input has in the request, also behind images that are not made yet."""
    first = step("first", "image", "painter", "a cat")
    made = StepImage(step="first")
    second = step("second", "image", "painter", "and a dog", images=(made, MISSING, made, LOST))
    expected = [
        Problem("imageInputs[1]", f"there is no asset '{MISSING}'"),
        Problem("imageInputs[3]", f"there is no asset '{LOST}'"),
    ]
    assert await priced(first, second) == [
        PricedStep(first, estimate("0.04", revision=3), []),
        PricedStep(second, None, expected),
    ]


async def test_too_many_images_are_a_problem_before_they_are_made() -> None:
    """Each takes its place in the request."""
    first = step("first", "image", "painter", "a cat")
    film = step("film", "video", "filmer", "it runs", images=(StepImage(step="first"), StepImage(step="first")))
    assert (await priced(first, film))[1] == PricedStep(film, None, [Problem("imageInputs", "may have 1 at most")])


@pytest.mark.parametrize(
    ("kind", "name", "own"),
    [("audio", "speaker", ("character", 5)), ("text", "reader", ("input_token", 277))],
)
async def test_the_price_of_a_text_that_is_not_written_yet_is_unknown(
    kind: StepKind, name: str, own: tuple[Unit, int]
) -> None:
    """Where a model counts letters, or what it reads; a text of one's own has its price there."""
    unit, quantity = own
    reads = step("reads", kind, name, StepText(step="story"))
    says = step("says", kind, name, "hello")
    amount = str(Decimal("0.001") * quantity)
    assert await priced(WRITER, reads, says) == [
        PricedStep(WRITER, estimate("0.5"), []),
        PricedStep(reads, None, []),
        PricedStep(says, estimate(amount, unit=unit, quantity=quantity), []),
    ]


async def test_a_text_that_is_not_written_yet_does_not_change_a_price_by_the_call() -> None:
    """Nor does an image that is not made yet change the price of a text that is known."""
    drawn = step("drawn", "image", "painter", "Draw: ", StepText(step="story"))
    told = Step(id="told", kind="text", model="acme/writer", prompt=(("Go on.",),), system=((StepText(step="story"),),))
    assert await priced(WRITER, drawn, told) == [
        PricedStep(WRITER, estimate("0.5"), []),
        PricedStep(drawn, estimate("0.04", revision=3), []),
        PricedStep(told, estimate("0.5"), []),
    ]


async def test_a_model_that_may_take_over_and_counts_letters_leaves_the_price_unknown() -> None:
    """One of the chain is enough."""
    told = step("told", "text", "writer", StepText(step="story"), params={"fallbackModels": ["acme/reader"]})
    assert await priced(WRITER, told) == [PricedStep(WRITER, estimate("0.5"), []), PricedStep(told, None, [])]


async def test_inputs_that_cannot_be_checked_leave_no_prices() -> None:
    """The trouble of the store is no problem of the plan."""
    with pytest.raises(AssetsUnavailable):
        await priced(step("first", "image", "painter", "a cat", images=(ASSET,)), inputs=Assets(away=True))


# --- The dearest ---


def test_the_dearest_of_several_costs() -> None:
    """Whole, as it was estimated; unknown when one has no price, or the currencies differ."""
    cheap, dear, yen = estimate("0.5"), estimate("0.6", revision=2), estimate("0.1", currency="JPY")
    for costs, expected in (
        ([cheap], cheap),
        ([cheap, dear], dear),
        ([dear, cheap], dear),
        ([cheap, None], None),
        ([None], None),
        ([dear, yen], None),
        ([yen, yen], yen),
    ):
        assert dearest([Candidate("acme/painter", cost) for cost in costs]) == expected
