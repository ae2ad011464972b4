"""Which models and providers does the administrator offer? The catalogue, a folder of files or one, is used as a whole,
or all problems are reported.

The types below define an entry; `catalog/README.md` explains it to people."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from adapters.catalogue import rules
from adapters.catalogue.typed_yaml import Document
from application.catalogue import Entry
from application.rate_limits import LaneLimits
from domain.base import Value
from domain.budget import Budget, ExchangeRates
from domain.model import Kind, ModelSpec, Voice
from domain.money import Price

MAX_BYTES = 1024 * 1024  # all files together
MAX_FILES = 200
_SETTING = "The setting PIXEL_CATALOG says which folder or file is the catalogue."

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
    """The content of the catalogue. Models stand in the order of the files' names, and then as in their file; `places`
    has the file and the line of each, such as `catalog/kling.yaml:12`."""

    providers: dict[str, ProviderEntry]
    models: list[Entry]
    places: dict[str, str]
    money: ExchangeRates = ExchangeRates()
    budgets: tuple[Budget, ...] = ()


class _Retired(Value):
    replacement: Id | None = None


class _Voice(Voice):
    id: VoiceId
    name: Text
    language: Text


class _Price(Price):
    source: Text | None = None
    checked: date | None = None


class _Model(ModelSpec, kw_only=True):
    """A model as it is written: its spec, with stricter rules than events have, and its place in the file."""

    id: Id
    name: Text
    description: Text | None = None
    resolutions: dict[Text, dict[Text, Size]] | None = None
    durations: dict[Duration, Text] | None = None
    voices: tuple[_Voice, ...] | None = None
    prices: tuple[_Price, ...] = ()
    replacement: Id | None = None
    source: Text | None = None
    checked: date | None = None
    default: bool = False
    enabled: bool = True
    retired: _Retired | None = None


class _File(Value, kw_only=True):
    providers: dict[Text, ProviderEntry] = {}
    models: list[_Model] = []
    money: ExchangeRates = ExchangeRates()
    budgets: tuple[Budget, ...] = ()


def load(path: Path) -> Catalogue:
    """Read the catalogue: a file, or all `.yaml` and `.yml` files of a folder. Raises CatalogueError with every
    problem, in the order of the files."""
    parts = [rules.Part(file, Document(text, _File)) for file, text in _texts(path)]
    rules.check(parts)
    problems = [f"{part.path}:{problem}" for part in parts for problem in sorted(part.document.problems)]
    if problems:
        raise CatalogueError("\n".join(problems))
    providers = {name: entry for part in parts for name, entry in part.value.get("providers", {}).items()}
    written = [
        (model, rules.place(part, f"models[{i}]"))
        for part in parts
        for i, model in enumerate(part.value.get("models", ()))
    ]
    money: list[dict[str, Any]] = [part.value["money"] for part in parts if "money" in part.value]
    budgets = [budget for part in parts for budget in part.value.get("budgets", ())]
    return Catalogue(
        providers=msgspec.convert(providers, dict[str, ProviderEntry]),
        models=[_entry(model) for model, _ in written],
        places={model["id"]: place for model, place in written},
        money=msgspec.convert(money[0] if money else {}, ExchangeRates, strict=False),
        budgets=msgspec.convert(budgets, tuple[Budget, ...], strict=False),
    )


def _texts(path: Path) -> list[tuple[Path, str]]:
    """The files of the catalogue, by name, and what is in them."""
    texts: list[tuple[Path, str]] = []
    left = MAX_BYTES
    for file in _files(path) if path.is_dir() else [path]:
        data = _data(file, left)
        left -= len(data)
        try:
            texts.append((file, data.decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise CatalogueError(f"{file}:{line}: is not UTF-8") from None
    return texts


def _files(folder: Path) -> list[Path]:
    """The files of a folder that are read: not hidden files, which editors and mounts leave there, nor folders in
    it."""
    try:
        files = [file for file in folder.iterdir() if file.suffix in {".yaml", ".yml"} and file.name[0] != "."]
    except OSError as error:
        raise CatalogueError(f"{folder}: {error.strerror}. {_SETTING}") from None
    if not 1 <= len(files) <= MAX_FILES:
        problem = f"has {len(files)} files that end in .yaml or .yml, and not 1 to {MAX_FILES}"
        raise CatalogueError(f"{folder}: {problem}. {_SETTING}")
    return sorted(files)


def _data(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise CatalogueError(f"{path}: {error.strerror}. {_SETTING}") from None
    if len(data) > most_bytes:
        raise CatalogueError(f"{path}: with it the catalogue is larger than {MAX_BYTES} bytes. {_SETTING}")
    return data


def _entry(written: dict[str, Any]) -> Entry:
    model = msgspec.convert(written, _Model)
    # The spec's own types and no subclass of them: it is compared with what the events hold.
    spec = {name: written[name] for name in ModelSpec.__struct_fields__ if name in written}
    looked = [day for day in (model.checked, *(price.checked for price in model.prices)) if day]
    return Entry(
        id=model.id,
        spec=msgspec.convert(spec, ModelSpec),
        default=model.default,
        enabled=model.enabled,
        retired=model.retired is not None,
        replacement=model.retired.replacement if model.retired else None,
        source=model.source,
        checked=min(looked, default=None),
    )
