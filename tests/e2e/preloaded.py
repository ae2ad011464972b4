"""What the process that services are forked from has done already: each would make it again, and alike."""

from importlib import import_module
from typing import Final

from litestar import Litestar

from adapters.outbound.ssrf_guard import Guard
from api.routes.docs import document_file
from runtime.garbage import collect_rarely
from tests.made_once import read_catalogue, remember_signatures

COMMANDS: Final = ("serve", "calls", "history", "projections", "errors")

for _module in ("tests.e2e.failpoints", "tests.simulators.serve", *(f"runtime.cli.{command}" for command in COMMANDS)):
    import_module(_module)
Litestar(logging_config=None)  # imports its plugins; with a logging configuration it begins a thread, which no fork has
document_file(None)
import_module("anyio._backends._asyncio")  # else imported when a client is closed
Guard().client()  # reads the certificates of the authorities
remember_signatures()
read_catalogue()
collect_rarely()
