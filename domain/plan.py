"""A plan: what is to be made, step by step, where a step may use what others make.

A plan is data. It comes from a canvas, and may come from anywhere else; it is checked, priced and carried out by code.
Each step is a generation request with gaps, which are filled when the steps that it needs have ended."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal, NamedTuple, TypeAlias

from domain.base import Value
from domain.model import Kind
from domain.money import Cost
from domain.request import Problem

MAX_STEPS = 200
MAX_BYTES = 1024 * 1024  # of a plan, as JSON

StepKind: TypeAlias = Literal["text", "image", "video", "audio"]
KINDS: Mapping[StepKind, Kind] = {
    "text": Kind.LLM,
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "audio": Kind.AUDIO,
}

# What JavaScript's `trim` takes away, so that both sides call the same texts blank.
BLANK = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "\u3000\ufeff"
)


class StepText(Value, omit_defaults=True):
    """The text that another step writes. `otherwise` stands here when that is blank."""

    step: str
    otherwise: str = ""


class StepImage(Value, omit_defaults=True):
    """An image that another step makes: its output of this number, from 0."""

    step: str
    output: int = 0


Part: TypeAlias = tuple[str | StepText, ...]
"""A paragraph, in pieces: texts that are known, and those of other steps."""


class Step(Value, omit_defaults=True):
    """One generation request. `prompt` and `system` are paragraphs, of which blank ones are left out; `images` are ids
    of assets, or outputs of other steps; `params` are the other fields of the request, as they are sent."""

    id: str
    kind: StepKind
    model: str
    prompt: tuple[Part, ...]
    system: tuple[Part, ...] = ()
    images: tuple[str | StepImage, ...] = ()
    params: dict[str, Any] = {}

    @property
    def needs(self) -> frozenset[str]:
        """The steps whose outputs it uses."""
        return frozenset(reference.step for reference in references(self))


class Plan(Value):
    """Steps, in any order."""

    steps: tuple[Step, ...]


class Outcome(NamedTuple):
    """What a step made: the ids of its assets, and its text."""

    assets: Sequence[str] = ()
    text: str | None = None


def references(step: Step) -> Iterator[StepText | StepImage]:
    """What a step uses of others."""
    for part in (*step.prompt, *step.system):
        yield from (piece for piece in part if isinstance(piece, StepText))
    yield from (image for image in step.images if isinstance(image, StepImage))


# --- Checks ---


def check(plan: Plan) -> list[Problem]:
    """What is wrong with a plan as such, all at once. Whether its models take its requests is not looked at."""
    problems: list[Problem] = []
    if not 1 <= len(plan.steps) <= MAX_STEPS:
        problems.append(Problem("", f"a plan has 1 to {MAX_STEPS} steps, and this one {len(plan.steps)}"))
    steps: dict[str, Step] = {}
    for step in plan.steps:
        if step.id in steps:
            problems.append(Problem(step.id, "is there twice"))
        steps[step.id] = step
    for step in plan.steps:
        problems += [Problem(step.id, told) for reference in references(step) if (told := _wrong(steps, reference))]
    if not problems:
        try:
            order(plan)
        except CycleError as error:
            problems.append(Problem("", f"the steps need each other in a circle: {' ← '.join(error.args[1])}"))
    return problems


def _wrong(steps: Mapping[str, Step], reference: StepText | StepImage) -> str | None:
    needed = steps.get(reference.step)
    if needed is None:
        return f"uses the step '{reference.step}', which is not there"
    wanted = "text" if isinstance(reference, StepText) else "image"
    if needed.kind != wanted:
        return f"uses the step '{reference.step}' as {wanted}, and it makes {needed.kind}"
    return None


def order(plan: Plan) -> list[str]:
    """The ids of the steps, each behind those that it needs. Raises CycleError."""
    return list(TopologicalSorter({step.id: sorted(step.needs) for step in plan.steps}).static_order())


class Price(NamedTuple):
    """The maximum cost of several requests by currency, and how many of them have no price."""

    total: dict[str, Decimal]
    unpriced: int


def price(estimates: Iterable[Cost | None]) -> Price:
    """Add up the estimates of steps. None stands for an unknown price, which is never counted as nothing."""
    total: dict[str, Decimal] = {}
    unpriced = 0
    for estimate in estimates:
        if estimate is None:
            unpriced += 1
        else:
            total[estimate.currency] = total.get(estimate.currency, Decimal(0)) + estimate.amount
    return Price(total, unpriced)


# --- Requests ---


def body(step: Step, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The body of the step's generation request, once the steps that it needs have these outcomes.

    Raises LookupError when one of them did not make what the step uses."""
    asked: dict[str, Any] = {**step.params, "model": step.model}
    prompt = _joined(step.prompt, outcomes)
    if step.kind == "text":
        system = _joined(step.system, outcomes)
        told = [{"role": "system", "content": system}] if system else []
        return {**asked, "messages": [*told, {"role": "user", "content": prompt}]}
    asked["prompt"] = prompt
    if step.images:
        asked["imageInputs"] = [_asset(image, outcomes) for image in step.images]
    return asked


def _joined(parts: Sequence[Part], outcomes: Mapping[str, Outcome]) -> str:
    texts = ("".join(_text(piece, outcomes) for piece in part) for part in parts)
    return "\n\n".join(text for text in texts if not is_blank(text))


def is_blank(text: str) -> bool:
    """Whether a text has nothing but spaces and line breaks."""
    return not text.strip(BLANK)


def _text(piece: str | StepText, outcomes: Mapping[str, Outcome]) -> str:
    if isinstance(piece, str):
        return piece
    text = outcomes[piece.step].text or ""
    return piece.otherwise if is_blank(text) else text


def _asset(image: str | StepImage, outcomes: Mapping[str, Outcome]) -> str:
    return image if isinstance(image, str) else outcomes[image.step].assets[image.output]
