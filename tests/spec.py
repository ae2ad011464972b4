"""Given these events, when this command runs, then these are the new ones: the three words of every decision's test.

The first parameter of a decision says whose history it is: a task's, a model's or a key's."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any, Concatenate, NamedTuple, ParamSpec

from domain import api_key, model, project, webhook
from domain.base import Event, RefusalCode, Rejected
from domain.canvas import state as canvas_state
from domain.run import state as run_state
from domain.task import state

Wish = ParamSpec("Wish")
EVOLVE: dict[type, Callable[[Any, Any], Any]] = {
    state.Task: state.evolve,
    model.Model: model.evolve,
    api_key.ApiKey: api_key.evolve,
    webhook.Webhook: webhook.evolve,
    run_state.Run: run_state.evolve,
    project.Project: project.evolve,
    canvas_state.Canvas: canvas_state.evolve,
}


class Answer(NamedTuple):
    """The answer of a decision: new facts, or a refusal."""

    facts: list[Event]
    refusal: Rejected | None = None

    def then(self, *facts: Event) -> None:
        """Exactly these facts, in this order, equal as values."""
        assert self.refusal is None
        assert self.facts == list(facts)

    def then_nothing(self) -> None:
        """Nothing to do, and no refusal."""
        self.then()

    def then_rejected(self, code: RefusalCode) -> None:
        """A refusal with this code, and with a message for people."""
        assert self.facts == []
        assert self.refusal is not None
        assert self.refusal.code == code
        assert self.refusal.message


class Given(NamedTuple):
    """A history."""

    past: tuple[Event, ...]

    def when(
        self, decision: Callable[Concatenate[Any, Wish], Sequence[Event]], *args: Wish.args, **wish: Wish.kwargs
    ) -> Answer:
        """Decide on the folded history."""
        owner = next(iter(inspect.signature(decision).parameters.values())).annotation
        try:
            return Answer(list(decision(fold(owner, self.past), *args, **wish)))
        except Rejected as refusal:
            return Answer([], refusal)


def given(*past: Event) -> Given:
    """The history so far, which may be empty."""
    return Given(past)


def fold(owner: type, history: Iterable[Event]) -> Any:
    """The task, model or key that a history makes."""
    return reduce(EVOLVE[owner], history, owner())
