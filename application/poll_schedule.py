"""When is a job asked for? Around the time that it usually takes often, before that seldom, and at last less and less.

A question costs the provider's patience, and an answer that is not fetched costs the caller's."""

MIN_SECONDS = 0.2
MAX_SECONDS = 15.0
MAX_FIRST_SECONDS = 30.0  # a job that fails at once, or runs ahead of its time, is not left waiting for longer


def first_poll_after(expected_seconds: float | None) -> float:
    """How long after the call it is asked for the first time."""
    return 0.0 if expected_seconds is None else min(expected_seconds / 2, MAX_FIRST_SECONDS)


def next_poll_in(age_seconds: float, expected_seconds: float | None) -> float:
    """How long after a question the next one is asked, for a job of this age."""
    if expected_seconds is None:  # a fifth of the time that it has taken so far: never far behind in proportion
        return min(max(age_seconds / 5, MIN_SECONDS), MAX_SECONDS / 3)
    if age_seconds < expected_seconds:  # denser and denser towards the usual time
        return min(max((expected_seconds - age_seconds) / 4, 1.0), MAX_SECONDS)
    return min(max((age_seconds - expected_seconds) / 10, 1.0), MAX_SECONDS)
