"""Parsing the signatures of Pixel's handlers once, where many applications are made: each would do so again."""

import sys
from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

import api.app  # noqa: F401 - imports all modules of routes


def parse_signatures() -> None:
    """Let the handlers know their signatures. An application registers copies, which know them, too."""
    for name, module in list(sys.modules.items()):
        handlers: object = getattr(module, "route_handlers", None) if name.startswith("api.") else None
        for handler in handlers if isinstance(handlers, Sequence) else ():
            assert isinstance(handler, HTTPRouteHandler)
            _ = handler.parsed_fn_signature
