"""What in the catalogue needs a person? Models that end, paid ones without prices, entries that nobody looks at."""

from collections.abc import Set
from datetime import date, datetime, timedelta

from application.catalogue import Entry
from application.model_endings import Ending, endings
from domain.base import Value
from domain.model import Model, split_model_id

STALE_DAYS = 90


class Finding(Value):
    """A model on sale with which something is to be done. `checked` tells when somebody last looked, None for never."""

    model: str
    ending: Ending | None
    no_price: bool
    stale: bool
    checked: date | None


def findings(entries: list[Entry], paid: Set[str], at: datetime) -> list[Finding]:
    """The findings about models on sale, the first to end first. Only models of the providers in `paid` need prices
    and regular looks: no vendor changes what runs on one's own machines."""
    models = {entry.id: _model(entry) for entry in entries}
    ends = {ending.model: ending for ending in endings(models, at)}
    stale_before = at.date() - timedelta(days=STALE_DAYS)
    found: list[Finding] = []
    for entry in entries:
        provider, _ = split_model_id(entry.id)
        finding = Finding(
            model=entry.id,
            ending=ends.get(entry.id),
            no_price=provider in paid and not entry.spec.prices,
            stale=provider in paid and (entry.checked is None or entry.checked < stale_before),
            checked=entry.checked,
        )
        if models[entry.id].enabled and (finding.ending or finding.no_price or finding.stale):
            found.append(finding)
    return sorted(found, key=lambda finding: finding.ending.last_day if finding.ending else date.max)


def _model(entry: Entry) -> Model:
    return Model(
        revision=1,
        spec=entry.spec,
        enabled=entry.enabled and not entry.retired,
        retired=entry.retired,
        replacement=entry.replacement,
    )
