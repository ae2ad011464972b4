"""What is made once, where many applications are made: each would make it again, and alike."""

import sys
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

from litestar import Litestar, Router
from litestar._signature import SignatureModel
from litestar.utils.signature import ParsedSignature

import api.app  # noqa: F401 - imports all modules of routes
from adapters.catalogue.file import Catalogue
from adapters.providers.registry import load_catalogue
from api.http.dependencies import provide
from runtime import composition
from services.settings import DEFAULT_CATALOG


def remember_signatures() -> None:
    """Let Litestar look at the signature of each function once: half of the time that an application takes. It looks
    at two hundred, and half of them are its own answer to OPTIONS."""
    parse: Callable[..., ParsedSignature] = ParsedSignature.from_fn
    make: Callable[..., type[SignatureModel]] = SignatureModel.create
    known: dict[Hashable, Any] = {}

    def parsed(function: object, namespace: dict[str, Any]) -> ParsedSignature:
        if not isinstance(function, FunctionType):
            return parse(function, namespace)
        if function.__code__ not in known:
            known[function.__code__] = parse(function, namespace)
        signature: ParsedSignature = known[function.__code__]
        return signature

    def made(dependency_name_set: set[str], fn: object, **options: Any) -> type[SignatureModel]:
        if not isinstance(fn, FunctionType):
            return make(dependency_name_set, fn, **options)
        key = (fn.__code__, frozenset(dependency_name_set))
        if key not in known:
            known[key] = make(dependency_name_set, fn, **options)
        model: type[SignatureModel] = known[key]
        return model

    ParsedSignature.from_fn = parsed  # type: ignore[assignment,method-assign]
    SignatureModel.create = made  # type: ignore[assignment,method-assign]
    for name, module in list(sys.modules.items()):
        handlers: object = getattr(module, "route_handlers", None) if name.startswith("api.") else None
        if isinstance(handlers, Sequence):
            Litestar([Router("/", route_handlers=handlers, dependencies={"deps": provide(None)})], logging_config=None)


def read_catalogue() -> None:
    """Read the shipped catalogue, which no test changes. Another one is read by each application."""
    shipped = load_catalogue(DEFAULT_CATALOG)

    def load(path: Path) -> Catalogue:
        return shipped if path == DEFAULT_CATALOG else load_catalogue(path)

    composition.load_catalogue = load  # type: ignore[attr-defined]
