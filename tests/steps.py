"""How much work is a call? It is counted in executed lines, which do not depend on the load."""

import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any


def lines_run(call: Callable[[], object]) -> int:
    """The lines of Python that a call runs in this thread."""
    with _counted() as lines:
        call()
    return sum(lines)


async def lines_awaited(call: Callable[[], Awaitable[object]]) -> int:
    """The same, until what it returns is done, with what else the event loop does meanwhile."""
    with _counted() as lines:
        await call()
    return sum(lines)


@contextmanager
def _counted() -> Generator[list[int]]:
    lines = [0]

    def trace(_: FrameType, event: str, __: Any) -> Any:
        lines[0] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(before)
