"""When is a job polled? Often around the time when such jobs usually end, seldom before it, less and less after it.

Many polls annoy the provider, and few polls keep the caller waiting."""

MIN_SECONDS = 0.2
MAX_SECONDS = 15.0
LAST_PART = 0.15  # of the expected duration: in it there is one poll, shortly after the expected end
MAX_FIRST_SECONDS = 30.0  # a job that fails at once or ends early is noticed by then


def first_poll_after(expected_seconds: float | None) -> float:
    """The seconds from the call to the first poll. `expected_seconds` is how long such jobs take; None: unknown."""
    return 0.0 if expected_seconds is None else min(expected_seconds / 2, MAX_FIRST_SECONDS)


def next_poll_in(age_seconds: float, expected_seconds: float | None) -> float:
    """The seconds from one poll to the next, for a job of this age."""
    if expected_seconds is None:  # a fifth of its age: its end is noticed at most so much later
        return min(max(age_seconds / 5, MIN_SECONDS), MAX_SECONDS / 3)
    least = min(max(expected_seconds / 60, MIN_SECONDS), 1.0)
    left = expected_seconds - age_seconds
    if left > expected_seconds * LAST_PART:  # half of what is left, so seldom at first
        return min(max(left / 2, least), MAX_SECONDS)
    if left > 0:  # the next poll is the one that finds it done
        return max(left + least / 4, MIN_SECONDS)
    return min(max((age_seconds - expected_seconds) / 10, least), MAX_SECONDS)
