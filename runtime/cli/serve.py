"""`pixel serve`: run the service."""

import argparse
import os

import msgspec

from runtime.cli.event_loop import in_event_loop
from runtime.server import serve
from services.settings import Settings, WrongSetting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the role, and the address to listen on."""
    parser.set_defaults(command=_serve)
    role = "which part of it (default: all)"
    parser.add_argument("--role", choices=["all", "api", "worker"], default="all", help=role)
    parser.add_argument("--host", help="address to listen on (PIXEL_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (PIXEL_PORT)")


@in_event_loop
async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    if options.port is not None and not 0 <= options.port <= 65535:
        raise WrongSetting("--port: must be from 0 to 65535")
    changes = {name: value for name in ("host", "port") if (value := getattr(options, name)) is not None}
    await serve(msgspec.structs.replace(settings, **changes), os.environ, options.role)
    return 0
