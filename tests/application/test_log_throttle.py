"""Laws of thinning out the lines of a lasting failure: the first at once, then less and less often."""

from collections.abc import Callable

import pytest

from application import log_throttle
from application.log_throttle import LogThrottle

At = Callable[[float], None]


@pytest.fixture(params=[0.0, 1e6], ids=["since start", "later"])
def at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> At:
    """A function that sets the clock, which may begin anywhere."""
    begin: float = request.param
    return lambda seconds: monkeypatch.setattr(log_throttle, "monotonic", lambda: begin + seconds)


def lines(throttle: LogThrottle, at: At, seconds: float, *, step: float = 0.5) -> list[float]:
    """When a failure that is seen twice a second is logged."""
    logged: list[float] = []
    for number in range(int(seconds / step)):
        at(number * step)
        if throttle.should_log():
            logged.append(number * step)
    return logged


def test_the_pause_doubles_up_to_a_minute(at: At) -> None:
    """A failure that lasts for hours has a line a minute."""
    assert lines(LogThrottle(), at, 300) == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]


def test_after_a_success_the_next_failure_is_logged_at_once(at: At) -> None:
    """And the pauses begin anew."""
    throttle = LogThrottle()
    lines(throttle, at, 40)
    throttle.reset()
    assert lines(throttle, at, 10) == [0, 1, 3, 7]


def test_one_operation_says_nothing_about_another(at: At) -> None:
    """Each has a throttle of its own."""
    at(0)
    first, second = LogThrottle(), LogThrottle()
    assert [first.should_log(), first.should_log(), second.should_log()] == [True, False, True]
