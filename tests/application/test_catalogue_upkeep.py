"""Laws of what the catalogue says needs a person."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from application.catalogue import Entry
from application.catalogue_upkeep import STALE_DAYS, Finding, findings
from application.model_endings import Ending
from domain.model import Kind, ModelSpec
from domain.money import Price

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
TODAY = AT.date()
PRICED: dict[str, Any] = {"currency": "USD", "prices": (Price(unit="call", amount=Decimal(1)),)}


def entry(name: str, *, spec: dict[str, Any] | None = None, checked: date | None = TODAY, **standing: Any) -> Entry:
    described = ModelSpec(name=name, type=Kind.IMAGE, **PRICED | (spec or {}))
    return Entry(id=name, spec=described, checked=checked, **standing)


@pytest.mark.parametrize(
    ("one", "reported"),
    [
        (entry("a/good"), False),
        (entry("a/ended", spec={"ends": TODAY - timedelta(days=1)}), True),
        (entry("a/ends", spec={"ends": TODAY + timedelta(days=60)}), True),
        (entry("a/ends-later", spec={"ends": TODAY + timedelta(days=61)}), False),
        (entry("a/unpriced", spec={"currency": None, "prices": ()}), True),
        (entry("own/unpriced", spec={"currency": None, "prices": ()}), False),
        (entry("a/never-checked", checked=None), True),
        (entry("own/never-checked", checked=None), False),
        (entry("a/stale", checked=TODAY - timedelta(days=STALE_DAYS + 1)), True),
        (entry("a/still-fresh", checked=TODAY - timedelta(days=STALE_DAYS)), False),
        (entry("a/off", spec={"prices": ()}, checked=None, enabled=False), False),
        (entry("a/retired", spec={"prices": (), "ends": TODAY}, checked=None, retired=True), False),
    ],
    ids=lambda value: value.id if isinstance(value, Entry) else str(value),
)
def test_what_needs_somebody(one: Entry, reported: bool) -> None:
    """On sale, and ending, ended, without a price that is paid, or not looked at for long: nothing else is listed."""
    assert [finding.model for finding in findings([one], {"a"}, AT)] == [one.id] * reported


def test_what_ends_first_comes_first() -> None:
    """The list begins with what has ended, and names a successor that lives; the rest keeps the catalogue's order."""
    found = findings(
        [
            entry("a/unchecked", checked=None),
            entry("a/soon", spec={"ends": TODAY, "replacement": "a/new"}),
            entry("a/ended", spec={"ends": TODAY - timedelta(days=9), "replacement": "a/middle"}),
            entry("a/middle", retired=True, replacement="a/new"),
            entry("a/unpriced", spec={"prices": ()}),
            entry("a/new"),
        ],
        {"a"},
        AT,
    )
    assert [finding.model for finding in found] == ["a/ended", "a/soon", "a/unchecked", "a/unpriced"]
    assert [finding.ending.replacement for finding in found if finding.ending] == ["a/new", "a/new"]


def test_a_finding_tells_all_that_is_to_be_done() -> None:
    """The end with its successor, the missing price, and when somebody last looked; the last day comes from the
    entry."""
    looked = TODAY - timedelta(days=STALE_DAYS + 1)
    ends = {"ends": TODAY + timedelta(days=9), "replacement": "own/new", "prices": ()}
    found = findings([entry("a/old", spec=ends, checked=looked), entry("own/new", checked=None)], {"a"}, AT)
    assert found == [
        Finding(
            model="a/old",
            ending=Ending(model="a/old", last_day=TODAY + timedelta(days=9), days_left=9, replacement="own/new"),
            no_price=True,
            stale=True,
            checked=looked,
        )
    ]
    never = findings([entry("a/new", checked=None)], {"a"}, AT)
    assert never == [Finding(model="a/new", ending=None, no_price=False, stale=True, checked=None)]
