"""What was found, as people want to read it: a table on the screen, and RESULTS.md."""

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple


class Target(NamedTuple):
    """What is to be reached."""

    says: str
    met: Callable[[float], bool]


class Row(NamedTuple):
    """One line of the table. `value` is what the target is about: a ratio, or a figure of its own."""

    what: str
    beside: str
    ours: str
    theirs: str
    ratio: float | None
    target: Target | None
    how: str
    notes: Sequence[str] = ()


def at_least(least: float, unit: str = "×") -> Target:
    return Target(f"≥ {least:g} {unit}", lambda value: value >= least)


def rate(figures: Sequence[float], unit: str) -> str:
    return f"{median(figures):,.0f} {unit}"


def at_most(most: float, unit: str = "×") -> Target:
    return Target(f"≤ {most:g} {unit}", lambda value: value <= most)


def percentile(figures: Sequence[float], percent: float) -> float:
    """The smallest figure that so many percent of them do not exceed."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * percent / 100) - 1)]
