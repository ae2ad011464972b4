"""Which models and providers does the administrator offer? The catalogue file is used as a whole, or all problems are
reported.

The types below define an entry; the head of `catalog.yaml` explains it to people."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from adapters.catalogue import included_files
from adapters.catalogue.typed_yaml import Document
from application.catalogue import Entry
from application.rate_limits import LaneLimits
from domain.base import Rejected, Value
from domain.budget import Budget, ExchangeRates
from domain.model import Kind, Limits, ModelSpec, Voice, split_model_id

MAX_BYTES = 1024 * 1024
_SETTING = "The setting PIXEL_CATALOG says which file is the catalogue."

Id = Annotated[
    str, Meta(pattern=r"^[^\s\x00-\x1f\x7f-\x9f]{1,200}$", description="up to 200 characters without spaces")
]
VoiceId = Annotated[  # the vendor's own name, which may have spaces inside: "Chinese (Mandarin)_News_Anchor"
    str,
    Meta(
        pattern=r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]{0,198}[^\s\x00-\x1f\x7f-\x9f])?$",
        description="up to 200 characters without spaces around them",
    ),
]
Text = Annotated[str, Meta(pattern=r"\S", description="a text that is not blank")]
Size = Annotated[
    str, Meta(pattern=r"^[1-9][0-9]{0,4}\*[1-9][0-9]{0,4}$", description='a size in pixels such as "1280*720"')
]
Duration = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,4}s$", description='whole seconds such as "5s"')]
Variable = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z][A-Z0-9_]*$",
        description="the name of an environment variable such as DASHSCOPE_API_KEY, never the key itself",
        extra={"secret": True},  # if somebody puts the key there, no error may show it
    ),
]


class CatalogueError(Exception):
    """The catalogue can't be used. The text has one line per problem: file, line, field and what is wrong."""


class ProviderEntry(Value):
    """One provider. `key` is the environment variable that holds its API key, or several keys separated by commas.

    `adapter` names the adapter when it is not the provider's own name; `base_url` the address when it is not the
    vendor's default. `<NAME>_BASE_URL` in the environment overrides it. `lookup_after_seconds` overrides how long after
    a call its absence at the provider proves that it never arrived; an order is not sent later than half of that."""

    key: Variable | None = None
    adapter: Text | None = None
    base_url: Annotated[str, Meta(pattern=r"^https?://[^/?#]+[^?#]*$", description="an http or https URL")] | None = (
        None
    )
    lanes: dict[Kind, LaneLimits] = {}
    lookup_after_seconds: Annotated[float, Meta(gt=0)] | None = None


class Catalogue(Value):
    """The content of the catalogue file."""

    providers: dict[str, ProviderEntry]
    models: list[Entry]
    money: ExchangeRates = ExchangeRates()
    budgets: tuple[Budget, ...] = ()


class _Retired(Value):
    replacement: Id | None = None


class _Voice(Voice):
    id: VoiceId
    name: Text
    language: Text


class _Model(ModelSpec, kw_only=True):
    """A model as it is written: its spec, with stricter rules than events have, and its place in the file."""

    id: Id
    name: Text
    description: Text | None = None
    resolutions: dict[Text, dict[Text, Size]] | None = None
    durations: dict[Duration, Text] | None = None
    voices: tuple[_Voice, ...] | None = None
    default: bool = False
    enabled: bool = True
    retired: _Retired | None = None


class _File(Value, kw_only=True):
    providers: dict[Text, ProviderEntry]
    models: list[_Model]
    money: ExchangeRates = ExchangeRates()
    budgets: tuple[Budget, ...] = ()


class _Standing(Value):
    """A model for the rules below. A field that could not be read has its default."""

    id: str = ""
    type: Kind | None = None
    default: bool = False
    enabled: bool = True
    retired: _Retired | None = None
    limits: Limits = Limits()
    voices: list[dict[str, Any]] = []
    currency: str | None = None
    prices: list[dict[str, Any]] = []
    resolutions: dict[str, Any] = {}


def load(path: Path) -> Catalogue:
    """Read the catalogue file. Raises CatalogueError with every problem, in the order of the file."""
    document = Document(_text(path), _File)
    value: dict[str, Any] = document.value or {}
    models = [msgspec.convert(model, _Standing) for model in value.get("models") or ()]
    for i, model in enumerate(models):
        _check_one(document, f"models[{i}]", model, value.get("providers"))
        _read_files(document, f"models[{i}].wire", value["models"][i].get("wire"), path.parent)
    _check_together(document, models)
    _check_money(document, value)
    if document.problems:
        raise CatalogueError("\n".join(f"{path}:{problem}" for problem in sorted(document.problems)))
    return Catalogue(
        providers=msgspec.convert(value["providers"], dict[str, ProviderEntry]),
        models=[_entry(model) for model in value["models"]],
        money=msgspec.convert(value.get("money") or {}, ExchangeRates, strict=False),
        budgets=msgspec.convert(value.get("budgets") or (), tuple[Budget, ...], strict=False),
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CatalogueError(f"{path}: {error.strerror}. {_SETTING}") from None
    if len(data) > MAX_BYTES:
        raise CatalogueError(f"{path}: is larger than {MAX_BYTES} bytes. {_SETTING}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CatalogueError(f"{path}:{line}: is not UTF-8") from None


def _entry(written: dict[str, Any]) -> Entry:
    model = msgspec.convert(written, _Model)
    # The spec's own types and no subclass of them: it is compared with what the events hold.
    spec = {name: written[name] for name in ModelSpec.__struct_fields__ if name in written}
    return Entry(
        id=model.id,
        spec=msgspec.convert(spec, ModelSpec),
        default=model.default,
        enabled=model.enabled,
        retired=model.retired is not None,
        replacement=model.retired.replacement if model.retired else None,
    )


# --- The rules that a type can't tell ---


def _check_one(document: Document, where: str, model: _Standing, providers: dict[str, Any] | None) -> None:
    try:
        provider = split_model_id(model.id)[0] if model.id else None
    except Rejected as refusal:
        document.tell(f"{where}.id", refusal.message)
    else:
        if provider and providers is not None and provider not in providers:
            document.tell(f"{where}.id", f"the provider '{provider}' is not in `providers`")
    if model.default and (model.retired or not model.enabled):
        document.tell(f"{where}.default", "a model that is retired or not enabled can't be the default")
    for name, value in msgspec.structs.asdict(model.limits).items():
        least = 0 if name in {"image_inputs", "image_inputs_needed"} else 1
        if isinstance(value, int) and not isinstance(value, bool) and value < least:
            document.tell(f"{where}.limits.{name}", f"must be at least {least}")
    slowest, fastest = model.limits.speed
    if not 0 < slowest <= fastest:
        document.tell(f"{where}.limits.speed", "must be [slowest, fastest], both above 0")
    _check_prices(document, where, model)
    voices = [voice.get("id") for voice in model.voices]
    for i, voice in enumerate(voices):
        if voice is not None and voice in voices[:i]:
            document.tell(f"{where}.voices[{i}].id", f"the model has another voice '{voice}'")


def _check_prices(document: Document, where: str, model: _Standing) -> None:
    if model.prices and model.currency is None:
        document.tell(f"{where}.prices", "say in which `currency` they are")
    offered = {None, *model.resolutions, *model.limits.resolutions}
    for i, price in enumerate(model.prices):
        _check_amount(document, f"{where}.prices[{i}].amount", price.get("amount"))
        if price.get("per", 1) < 1:
            document.tell(f"{where}.prices[{i}].per", "must be at least 1")
        if price.get("resolution") not in offered:
            document.tell(f"{where}.prices[{i}].resolution", f"the model offers no resolution '{price['resolution']}'")


def _read_files(document: Document, where: str, wire: dict[str, Any] | None, folder: Path) -> None:
    """Replace `x_file` in `wire` by `x`, the file's content. A changed file is a new revision; old tasks keep
    theirs."""
    named = {field: name for field, name in (wire or {}).items() if field.endswith("_file")}
    for field, name in named.items():
        try:
            content = included_files.read_json(folder, name)
        except included_files.Unusable as problem:
            document.tell(f"{where}.{field}", str(problem))
        else:
            assert wire is not None  # noqa: S101 - it names a file
            del wire[field]
            wire[field.removesuffix("_file")] = content


def _check_money(document: Document, value: dict[str, Any]) -> None:
    """Check that amounts are finite and not negative, and rates above zero, which the types can't express."""
    budgets: list[dict[str, Any]] = value.get("budgets") or []
    money: dict[str, dict[str, Any]] = value.get("money") or {}
    for i, budget in enumerate(budgets):
        _check_amount(document, f"budgets[{i}].most", budget.get("most"))
    for currency, rate in (money.get("rates") or {}).items():
        _check_amount(document, f"money.rates.{currency}", rate, free=False)


def _check_amount(document: Document, where: str, given: object, *, free: bool = True) -> None:
    if given is None:
        return  # its own problem is reported already
    amount = msgspec.convert(given, Decimal)
    if not amount.is_finite() or amount < 0 or (amount == 0 and not free):
        document.tell(where, "must be a number from 0 on" if free else "must be a number above 0")


def _check_together(document: Document, models: list[_Standing]) -> None:
    first: dict[str, int] = {}
    defaults: dict[Kind, int] = {}
    for i, model in enumerate(models):
        same = first.setdefault(model.id, i)
        if model.id and same != i:
            document.tell(f"models[{i}].id", f"'{model.id}' is there already: models[{same}]")
        if model.default and model.type:
            other = defaults.setdefault(model.type, i)
            if other != i:
                document.tell(f"models[{i}].default", f"models[{other}] is the default of {model.type} already")
    for i, model in enumerate(models):
        replacement = model.retired.replacement if model.retired else None
        if not replacement:
            continue
        where = f"models[{i}].retired.replacement"
        found = models[first[replacement]] if replacement in first else None
        if found is None:
            document.tell(where, f"there is no model '{replacement}'")
        elif found.retired:
            document.tell(where, f"'{replacement}' is retired itself")
        elif found.type and model.type and found.type is not model.type:
            document.tell(where, f"'{replacement}' makes {found.type}, not {model.type}")
