"""How often is a failure that goes on worth a line in the log? At once, and then seldomer and seldomer."""

from application.clock import monotonic

FIRST_SECONDS = 1.0
MAX_SECONDS = 60.0


class LogThrottle:
    """One thing that is tried again and again. Only `due` failures are worth a line; `over` when it went well."""

    def __init__(self) -> None:
        self._pause_seconds = 0.0
        self._next_at = 0.0

    def should_log(self) -> bool:
        """It failed: is that worth a line? The next one is in twice as long, in a minute at most."""
        now = monotonic()
        if self._pause_seconds and now < self._next_at:
            return False
        self._pause_seconds = min(max(2 * self._pause_seconds, FIRST_SECONDS), MAX_SECONDS)
        self._next_at = now + self._pause_seconds
        return True

    def reset(self) -> None:
        """It went well: the next failure is a new one."""
        self._pause_seconds = 0.0
