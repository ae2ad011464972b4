"""Laws of the list of models that end: who is on it, in which order, and its text."""

from datetime import UTC, date, datetime, timedelta

import pytest

from application.model_endings import SOON_DAYS, endings
from domain.model import Kind, Model, ModelSpec

AT = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
TODAY = AT.date()


def model(days: int | None, replacement: str | None = None, **states: bool) -> Model:
    """A model whose last day is so many days away."""
    ends = TODAY + timedelta(days=days) if days is not None else None
    spec = ModelSpec(name="A", type=Kind.IMAGE, ends=ends, replacement=replacement)
    return Model(revision=1, spec=spec, enabled=states.get("enabled", True), retired=states.get("retired", False))


def test_what_ends_within_sixty_days_or_has_ended_is_listed() -> None:
    """The first to end comes first; what ends later, has no end, or is switched off or retired already is not there."""
    models = {
        "a/new": Model(),
        "a/for-ever": model(None),
        "a/off": model(1, enabled=False),
        "a/soon": model(SOON_DAYS),
        "a/later": model(SOON_DAYS + 1),
        "a/ended": model(-1),
        "a/today": model(0),
        "a/gone": model(1, enabled=False, retired=True),
    }
    assert [(ending.model, ending.days_left) for ending in endings(models, AT)] == [
        ("a/ended", -1),
        ("a/today", 0),
        ("a/soon", 60),
    ]


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (39, "its last day is 2027-01-05, in 39 days; use 'a/new' from then on"),
        (1, "its last day is 2026-11-28, tomorrow; use 'a/new' from then on"),
        (0, "its last day is 2026-11-27, today; use 'a/new' from then on"),
        (-1, "ended with 2026-11-26, mark it as `retired` in the catalogue; use 'a/new' from then on"),
    ],
)
def test_the_line_has_the_time_and_the_successor(days: int, text: str) -> None:
    """A person reads how long it lasts, and which living model comes then."""
    models = {"a/old": model(days, "a/heir"), "a/heir": model(-9, "a/new"), "a/new": model(None)}
    lines = [str(ending) for ending in endings(models, AT)]
    assert f"model a/old: {text}" in lines


def test_a_model_without_a_successor_is_marked() -> None:
    """Nothing is promised that is not there."""
    [ending] = endings({"a/old": model(3, "a/nowhere")}, AT)
    assert (ending.last_day, ending.replacement) == (date(2026, 11, 30), None)
    assert str(ending).endswith("; nothing replaces it")
