"""What does a command say when it fails? One line for each foreseen error, and its exit code."""

import os
import signal
import sys

from adapters.catalogue.file import CatalogueError
from adapters.postgres import database
from adapters.postgres.embedded_account import EmbeddedPostgresError
from application.ports import AssetsUnavailable, Conflict, LogUnavailable
from domain.base import Rejected
from services.settings import WrongSetting

FAILED = 1
WRONG_USE = 2
NEEDS_SOMEBODY = 3
"""The command did its work, and what it found needs somebody."""


def explain(error: Exception) -> int | None:
    """Print an error, and return the exit code. None: it is not foreseen, so its traceback should be seen."""
    match error:
        case WrongSetting() | CatalogueError() | EmbeddedPostgresError() | database.ChangedMigration():
            return _fail(str(error), WRONG_USE)
        case Rejected():
            return _fail(error.message, FAILED)
        case AssetsUnavailable() | Conflict() | LogUnavailable():
            return _fail(f"{error}; try again", FAILED)
        case database.WrongDatabase():
            return _fail(f"PIXEL_DATABASE_URL: {error}", WRONG_USE)
        case _ if isinstance(error, database.DRIVER_ERRORS):
            return _database_failed(error)
        case OSError():
            return _output_failed(error)
        case _:
            return None


def _database_failed(error: Exception) -> int | None:
    if database.is_refused(error):
        return _fail(f"PIXEL_DATABASE_URL: {database.describe(error)}", WRONG_USE)
    if not database.is_away(error):
        return None
    return _fail(f"the database can't be reached: {database.describe(error)} (PIXEL_DATABASE_URL)", FAILED)


def _output_failed(error: OSError) -> int:
    # The rest of the buffer would fail once more at the exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # its reader has enough
        return 128 + signal.SIGPIPE
    return _fail(str(error), FAILED)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"pixel: {message}\n")
    return code
