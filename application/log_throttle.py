"""How often is a lasting failure worth a line in the log? At once, and then less and less often."""

from application.clock import monotonic

FIRST_SECONDS = 1.0
MAX_SECONDS = 60.0


class LogThrottle:
    """Thins out the log lines of one operation that is tried again and again."""

    def __init__(self) -> None:
        self._pause_seconds = 0.0
        self._next_at = 0.0

    def should_log(self) -> bool:
        """Whether this failure is worth a line. After each line the pause doubles, up to MAX_SECONDS."""
        now = monotonic()
        if self._pause_seconds and now < self._next_at:
            return False
        self._pause_seconds = min(max(2 * self._pause_seconds, FIRST_SECONDS), MAX_SECONDS)
        self._next_at = now + self._pause_seconds
        return True

    def reset(self) -> None:
        """The operation succeeded: log its next failure at once."""
        self._pause_seconds = 0.0
