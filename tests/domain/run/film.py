"""The run that the tests of this folder vary: a hero is written, drawn and filmed; beside it a line is spoken."""

from datetime import datetime, timedelta
from decimal import Decimal

from domain.budget import ExchangeRates
from domain.money import Amount, Cost
from domain.plan import Plan, Step, StepImage, StepText
from domain.run.events import PlanApproved, PlanProposed, RunRequested, StepCompleted, StepStarted
from tests.domain.scenario import AT

RUN = "run_01kh5rfm0se1jb4gcrc1rz1bq0"
RATES = ExchangeRates(currency="USD", rates={"CNY": Decimal("0.14")})
WRITE = Step(id="write", kind="text", model="sandbox/text", prompt=(("A hero.",),))
DRAW = Step(id="draw", kind="image", model="sandbox/image", prompt=((StepText(step="write"),), ("ink",)))
FILM = Step(id="film", kind="video", model="sandbox/video", prompt=(("it runs",),), images=(StepImage(step="draw"),))
SPEAK = Step(id="speak", kind="audio", model="sandbox/speech", prompt=(("Hello.",),))
PLAN = Plan(steps=(FILM, DRAW, WRITE, SPEAK))

REQUESTED = RunRequested(run=RUN, request_hash="0a1b", caller="key_1", owner="studio", canvas="canvas_1", at=AT)
PROPOSED = PlanProposed(revision=1, plan=PLAN, digest="c0ffee", by="key_1", at=AT)
APPROVED = PlanApproved(revision=1, digest="c0ffee", by="key_1", at=AT)
BEGUN = (REQUESTED, PROPOSED, APPROVED)


def usd(amount: str) -> Cost:
    return Cost(amount=Decimal(amount), currency="USD", price_revision=1)


def may_cost(amount: str) -> PlanApproved:
    return PlanApproved(
        revision=1, digest="c0ffee", by="key_1", most=Amount(amount=Decimal(amount), currency="USD"), at=AT
    )


def started(step: str, attempt: int = 1, estimate: Cost | None = None) -> StepStarted:
    return StepStarted(step=step, attempt=attempt, task=f"task_{step}_{attempt}", estimate=estimate, at=later(1))


def made(step: str, attempt: int = 1, cost: Cost | None = None) -> StepCompleted:
    return StepCompleted(step=step, attempt=attempt, outputs=(f"{step}.png",), cost=cost, at=later(2))


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)
