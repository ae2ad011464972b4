"""What does an error mean for a runner? The database is away, a statement failed, or a row is to blame."""

import asyncpg
import msgspec

from application.ports import LogUnavailable


class NewerVersion(Exception):
    """A newer Pixel made the build that serves, and none runs, as after a rollback: nobody follows the log."""


AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that breaks off in the middle of an answer
    OSError,
    TimeoutError,
    LogUnavailable,
)
FAILED = (asyncpg.PostgresError, *AWAY)
_ROW_REFUSED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    msgspec.MsgspecError,
    ValueError,  # asyncpg's for a value that it can't send
)


def is_about_rows(error: Exception) -> bool:
    """Whether a row is refused, can't be read, or breaks the code; then the stream that it belongs to is parked."""
    return isinstance(error, _ROW_REFUSED) or not isinstance(error, FAILED)


def describe(error: Exception) -> str:
    """An error for logs and health. Messages about values are left out: they quote what callers wrote."""
    if isinstance(error, NewerVersion):
        return str(error)
    if isinstance(error, asyncpg.DataError | ValueError):
        return type(error).__name__
    return repr(error)[:300]
