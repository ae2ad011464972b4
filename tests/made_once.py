"""What is made once, where many applications are made: each would make it again, and alike."""

import sys
from collections.abc import Sequence
from pathlib import Path

from litestar.handlers import HTTPRouteHandler

import api.app  # noqa: F401 - imports all modules of routes
from adapters.catalogue.file import Catalogue
from adapters.providers.registry import load_catalogue
from runtime import composition
from services.settings import DEFAULT_CATALOG


def parse_signatures() -> None:
    """Let the handlers know their signatures. An application registers copies, which know them, too."""
    for name, module in list(sys.modules.items()):
        handlers: object = getattr(module, "route_handlers", None) if name.startswith("api.") else None
        for handler in handlers if isinstance(handlers, Sequence) else ():
            assert isinstance(handler, HTTPRouteHandler)
            _ = handler.parsed_fn_signature


def read_catalogue() -> None:
    """Read the shipped catalogue, which no test changes. Another one is read by each application."""
    shipped = load_catalogue(DEFAULT_CATALOG)

    def load(path: Path) -> Catalogue:
        return shipped if path == DEFAULT_CATALOG else load_catalogue(path)

    composition.load_catalogue = load  # type: ignore[attr-defined]
