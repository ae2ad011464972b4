"""What must hold in a catalogue that a type can't tell? Of each entry by itself, and of all files together."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from adapters.catalogue import included_files
from adapters.catalogue.typed_yaml import Document
from domain.base import Rejected, Value
from domain.model import Kind, Limits, split_model_id


class _Retired(Value):
    replacement: str | None = None


class Standing(Value):
    """A model for the rules below. A field that could not be read has its default."""

    id: str = ""
    type: Kind | None = None
    default: bool = False
    enabled: bool = True
    retired: _Retired | None = None
    ends: date | None = None
    replacement: str | None = None
    limits: Limits = Limits()
    voices: list[dict[str, Any]] = []
    currency: str | None = None
    prices: list[dict[str, Any]] = []
    resolutions: dict[str, Any] = {}


class Part(NamedTuple):
    """One file of the catalogue, as far as it could be read."""

    path: Path
    document: Document

    @property
    def value(self) -> dict[str, Any]:
        """Plain data without what has a problem, empty when the file is none."""
        return self.document.value or {}


class _Placed(NamedTuple):
    part: Part
    where: str  # in the document, such as `models[0]`
    model: Standing
    written: dict[str, Any]

    def report(self, field: str, message: str) -> None:
        self.part.document.report(f"{self.where}.{field}", message)

    def replacements(self) -> list[tuple[str, str]]:
        """The models that are to replace this one, each with its field."""
        retired = self.model.retired
        named = (("replacement", self.model.replacement), ("retired.replacement", retired and retired.replacement))
        return [(where, name) for where, name in named if name]

    def seen_from(self, other: "_Placed") -> str:
        """How a message about `other` points here."""
        return self.where if other.part is self.part else f"{place(self.part, self.where)}: {self.where}"


def check(parts: list[Part]) -> None:
    """Tell each document what is wrong in it, and replace the files that `wire` sections name by what they hold."""
    models = [placed for part in parts for placed in _models(part)]
    for placed in models:
        _check_one(placed)
        _read_files(placed)
    for part in parts:
        _check_money(part)
    _check_once(parts)
    _check_together(models)
    if all(part.document.value is not None for part in parts):  # else what is missing may be in a file that is broken
        _check_there(parts, models)


def place(part: Part, where: str) -> str:
    """File and line of what is at `where` in a file."""
    return f"{part.path}:{part.document.line(where)}"


def _models(part: Part) -> Iterator[_Placed]:
    for i, model in enumerate(part.value.get("models") or ()):
        yield _Placed(part, f"models[{i}]", msgspec.convert(model, Standing), model)


# --- Of each entry by itself ---


def _check_one(placed: _Placed) -> None:
    model = placed.model
    try:
        split_model_id(model.id or "a/model")
    except Rejected as refusal:
        placed.report("id", refusal.message)
    if model.default and (model.retired or not model.enabled):
        placed.report("default", "a model that is retired or not enabled can't be the default")
    if model.replacement and model.retired:
        placed.report("replacement", "a retired model has it in `retired: {replacement: ...}`")
    elif model.replacement and model.ends is None:
        placed.report("replacement", "needs the day on which the model `ends`")
    for name, value in msgspec.structs.asdict(model.limits).items():
        least = 0 if name in {"image_inputs", "image_inputs_needed"} else 1
        if isinstance(value, int) and not isinstance(value, bool) and value < least:
            placed.report(f"limits.{name}", f"must be at least {least}")
    slowest, fastest = model.limits.speed
    if not 0 < slowest <= fastest:
        placed.report("limits.speed", "must be [slowest, fastest], both above 0")
    if model.resolutions and model.limits.aspect_ratios:
        placed.report("limits.aspect_ratios", "the model's `resolutions` name its aspect ratios already")
    _check_prices(placed)
    voices = [voice.get("id") for voice in model.voices]
    for i, voice in enumerate(voices):
        if voice is not None and voice in voices[:i]:
            placed.report(f"voices[{i}].id", f"the model has another voice '{voice}'")


def _check_prices(placed: _Placed) -> None:
    model = placed.model
    if model.prices and model.currency is None:
        placed.report("prices", "say in which `currency` they are")
    offered = {None, *model.resolutions, *model.limits.resolutions}
    for i, price in enumerate(model.prices):
        _check_amount(placed.part.document, f"{placed.where}.prices[{i}].amount", price.get("amount"))
        if price.get("per", 1) < 1:
            placed.report(f"prices[{i}].per", "must be at least 1")
        if price.get("free", 0) < 0:
            placed.report(f"prices[{i}].free", "must be at least 0")
        if price.get("resolution") not in offered:
            placed.report(f"prices[{i}].resolution", f"the model offers no resolution '{price['resolution']}'")


def _read_files(placed: _Placed) -> None:
    """Replace `x_file` in `wire` by `x`, the file's content. A changed file is a new revision; old tasks keep
    theirs."""
    wire: dict[str, Any] = placed.written.get("wire") or {}
    named = {field: name for field, name in wire.items() if field.endswith("_file")}
    for field, name in named.items():
        try:
            content = included_files.read_json(placed.part.path.parent, name)
        except included_files.Unusable as problem:
            placed.report(f"wire.{field}", str(problem))
        else:
            del wire[field]
            wire[field.removesuffix("_file")] = content


def _check_money(part: Part) -> None:
    """Check that amounts are finite and not negative, and rates above zero, which the types can't express."""
    budgets: list[dict[str, Any]] = part.value.get("budgets") or []
    money: dict[str, dict[str, Any]] = part.value.get("money") or {}
    for i, budget in enumerate(budgets):
        _check_amount(part.document, f"budgets[{i}].most", budget.get("most"))
    for currency, rate in (money.get("rates") or {}).items():
        _check_amount(part.document, f"money.rates.{currency}", rate, free=False)


def _check_amount(document: Document, where: str, given: object, *, free: bool = True) -> None:
    if given is None:
        return  # its own problem is reported already
    amount = msgspec.convert(given, Decimal)
    if not amount.is_finite() or amount < 0 or (amount == 0 and not free):
        document.report(where, "must be a number from 0 on" if free else "must be a number above 0")


# --- Of all files together ---


def _check_once(parts: list[Part]) -> None:
    """Every provider, and the section `money`, is defined in one file only."""
    first: dict[str, Part] = {}
    for part in parts:
        providers: dict[str, Any] = part.value.get("providers") or {}
        for where in (*(f"providers.{name}" for name in providers), *(["money"] if "money" in part.value else ())):
            same = first.setdefault(where, part)
            if same is not part:
                part.document.report(where, f"is there already: {place(same, where)}")


def _check_together(models: list[_Placed]) -> None:
    first: dict[str, _Placed] = {}
    defaults: dict[Kind, _Placed] = {}
    for placed in models:
        model = placed.model
        same = first.setdefault(model.id, placed)
        if model.id and same is not placed:
            placed.report("id", f"'{model.id}' is there already: {same.seen_from(placed)}")
        if model.default and model.type:
            other = defaults.setdefault(model.type, placed)
            if other is not placed:
                placed.report("default", f"{other.seen_from(placed)} is the default of {model.type} already")
    for placed in models:
        for where, replacement in placed.replacements():
            found = first.get(replacement)
            if found is None:
                continue
            if found.model.retired:
                placed.report(where, f"'{replacement}' is retired itself")
            elif found is placed:
                placed.report(where, "is the model itself")
            elif found.model.type and placed.model.type and found.model.type is not placed.model.type:
                placed.report(where, f"'{replacement}' makes {found.model.type}, not {placed.model.type}")


def _check_there(parts: list[Part], models: list[_Placed]) -> None:
    """Every provider and model that an entry names is defined in one of the files, and there is at least one of
    each."""
    for field in ("providers", "models"):
        if all(part.document.line(field) is None for part in parts):
            elsewhere = ", here or in another file of the folder" if len(parts) > 1 else ""
            parts[0].document.report(field, f"is required{elsewhere}")
    providers = {name for part in parts for name in part.value.get("providers") or ()}
    unread = any(part.document.line("providers") and "providers" not in part.value for part in parts)
    ids = {placed.model.id for placed in models}
    for placed in models:
        for where, replacement in placed.replacements():
            if replacement not in ids:
                placed.report(where, f"there is no model '{replacement}'")
        provider, slash, _ = placed.model.id.partition("/")
        if slash and providers and provider not in providers and not unread:
            placed.report("id", f"the provider '{provider}' is not in `providers`")
