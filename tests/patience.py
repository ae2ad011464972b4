"""How long does a test wait before it has waited in vain? By what this machine does now, and never for ever.

A test waits for an event or a condition. Its bound is written for a machine with nothing else to do, and is stretched
by how much slower this one is at the moment."""

import time
from functools import cache

COMMIT_SECONDS = 15.0  # how long a log waits for a commit in tests: a busy machine is no outage
MAX_TIMES = 4.0  # beside the margin that each bound has already
_WORK_SECONDS = 0.01
_FRESH_SECONDS = 10.0


def patient(seconds: float) -> float:
    """A bound, stretched by how much slower the machine is now than when it has nothing else to do."""
    return seconds * _slowness(int(time.monotonic() / _FRESH_SECONDS))


@cache
def _slowness(_: int) -> float:
    """How many times as long work takes as it would alone: the time that passes while a thread is given so much."""
    began, given = time.monotonic(), time.thread_time()
    while time.thread_time() - given < _WORK_SECONDS:
        pass
    return min(max((time.monotonic() - began) / _WORK_SECONDS, 1.0), MAX_TIMES)
