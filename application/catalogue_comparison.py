"""What does a vendor's own list of models say of the catalogue? What is gone, what ends, what is sold under another
limit, and what the catalogue lacks."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal

from application.catalogue import Entry
from domain.base import Value
from domain.model import Kind

_DATED = re.compile(r"(.+)-(?:\d{4}-\d{2}-\d{2}|\d{6}|\d{8}|\d{3,4})")

# --- What the vendor lists ---


class ListedModel(Value):
    """One model as its vendor lists it.

    `kinds` is what it may make: empty for nothing that Pixel makes, None when the list does not tell. `aliases` are
    other names of it. `ends` is the last day that the vendor has announced. `state` is `ending` when the vendor says
    so, with a day or without, and `says` repeats its word. `max_output_tokens` limits the answer of a chat model."""

    name: str
    aliases: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] | None = None
    ends: date | None = None
    state: Literal["offered", "ending", "ended"] = "offered"
    says: str | None = None
    max_output_tokens: int | None = None

    def has_ended(self, today: date) -> bool:
        """Whether the vendor says that it is no longer served."""
        return self.state == "ended" or (self.ends is not None and self.ends < today)


class ModelList(Value):
    """A vendor's list, as one key sees it. `covers` are the kinds of which it should have every model.

    `account` is the fingerprint of that key, `refused` are those of the keys that the vendor refused before it."""

    models: tuple[ListedModel, ...]
    covers: frozenset[Kind]
    account: str
    refused: tuple[str, ...] = ()


# --- What follows for the catalogue ---


class Offer(Value):
    """A model of the catalogue, and the vendor's names that it is ordered by: none when no list can have them."""

    entry: Entry
    names: tuple[str, ...]

    def is_retired(self, today: date) -> bool:
        """Whether its entry says so, or its last day is over."""
        ends = self.entry.spec.ends
        return self.entry.retired or (ends is not None and ends < today)

    def is_on_sale(self, today: date) -> bool:
        """Whether requests for it are accepted."""
        return self.entry.enabled and not self.is_retired(today)


class Finding(Value, omit_defaults=True):
    """One difference. `name` is the vendor's name, `model` the id in the catalogue, `says` a sentence about it.

    `gone`: on sale, and no longer served. `ends`: on sale, with an end that the catalogue does not have. `limit`: on
    sale with `sold` tokens in an answer, where the vendor gives `given`. `listed`: retired in the catalogue, and still
    served. `new`: not in the catalogue; `dated_version_of` is set for a dated version of another listed model."""

    what: Literal["gone", "ends", "limit", "listed", "new"]
    name: str
    says: str
    model: str | None = None
    kinds: tuple[Kind, ...] | None = None
    ends: date | None = None
    sold: int | None = None
    given: int | None = None
    dated_version_of: str | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether callers get errors, or will on a day that the catalogue lacks."""
        return self.what in {"gone", "ends"}


def compare(offers: Iterable[Offer], listed: ModelList, today: date) -> list[Finding]:
    """Every difference between the catalogue's models of a provider and the vendor's list, the urgent ones first.

    Of kinds that the list does not cover, only those models are compared that it has."""
    known = list(offers)
    by_name = {alias: model for model in listed.models for alias in model.aliases}
    by_name |= {model.name: model for model in listed.models}
    wanted = {name for offer in known if not offer.is_retired(today) for name in offer.names}
    named = wanted | {name for offer in known for name in offer.names}
    findings: list[Finding] = []
    for offer in known:
        for name in offer.names:
            model = by_name.get(name)
            if offer.is_on_sale(today):
                findings += _of_sold(offer.entry, name, model, listed.covers, today)
            elif offer.is_retired(today) and name not in wanted and model is not None and not model.has_ended(today):
                findings.append(_finding("listed", offer.entry, name, f"retired here, {_life(model)} there", model))
    findings += (_new(model, by_name, listed.covers) for model in listed.models if _is_new(model, named, today))
    return sorted(findings, key=lambda found: (_ORDER.index(found.what), found.kinds or (), found.name))


_ORDER = ("gone", "ends", "limit", "listed", "new")


def _of_sold(
    entry: Entry, name: str, model: ListedModel | None, covers: frozenset[Kind], today: date
) -> Iterable[Finding]:
    if model is None:
        if entry.spec.type in covers:
            yield _finding("gone", entry, name, "not listed")
        return
    if model.has_ended(today):
        yield _finding("gone", entry, name, _life(model), model)
        return
    known = entry.spec.ends
    if (model.ends is not None and model.ends != known) or (model.state == "ending" and known is None):
        here = f"{known} in the catalogue" if known else "not in the catalogue"
        yield _finding("ends", entry, name, f"{_life(model)}, {here}", model)
    sold, given = entry.spec.limits.max_tokens, model.max_output_tokens
    if entry.spec.type is Kind.LLM and given is not None and sold != given:
        says = f"answers of {sold} tokens are sold, {given} are given"
        yield _finding("limit", entry, name, says, model, sold=sold, given=given)


def _finding(
    what: Literal["gone", "ends", "limit", "listed"],
    entry: Entry,
    name: str,
    says: str,
    model: ListedModel | None = None,
    *,
    sold: int | None = None,
    given: int | None = None,
) -> Finding:
    return Finding(
        what=what,
        name=name,
        says=says,
        model=entry.id,
        kinds=(entry.spec.type,),
        ends=model.ends if model else None,
        sold=sold,
        given=given,
    )


def _life(model: ListedModel) -> str:
    """What the vendor says about how long it will serve the model."""
    if model.ends is not None:
        return f"last day {model.ends}"
    return f"“{model.says}”" if model.says else "still served"


def _is_new(model: ListedModel, named: set[str], today: date) -> bool:
    return model.kinds != () and not model.has_ended(today) and not named & {model.name, *model.aliases}


def _new(model: ListedModel, by_name: dict[str, ListedModel], covers: frozenset[Kind]) -> Finding:
    dated = _DATED.fullmatch(model.name)
    base = dated[1] if dated and dated[1] in by_name else None
    says = "not in the catalogue" if model.state == "offered" and model.ends is None else _life(model)
    return Finding(
        what="new",
        name=model.name,
        says=says,
        kinds=tuple(covers) if model.kinds is None and len(covers) == 1 else model.kinds,
        ends=model.ends,
        given=model.max_output_tokens,
        dated_version_of=base,
    )
