"""`pixel serve` with a failpoint: `python -m tests.e2e.failpoints --at STEP serve …` kills itself at a step.

A step is an append, named by its last event, or a call of the provider, and the moment before or after it:
`append.ProviderCalled:1:before`, `submit:2:after`. Only tasks whose metadata have `{"at": STEP}` count; others run as
usual. Each step of such a task is printed, so a run with a step that never comes lists all steps.

`--how stop` pauses the whole process at the step (SIGSTOP), `--how hang` pauses only the step, until SIGUSR1 comes."""

import argparse
import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from adapters.postgres.event_log import EventLog
from adapters.providers.base import HttpProvider
from adapters.providers.sandbox.adapter import Sandbox
from application.ports import Cause, Receipt
from domain.ids import task_id
from domain.provider import Order
from domain.task.events import TaskRequested
from runtime.cli import main as cli

T = TypeVar("T")


class Steps:
    """Counts the steps of the marked tasks, and ends or pauses the process at one of them."""

    def __init__(self, at: str, how: str) -> None:
        self.at = at
        self.tasks: set[str] = set()
        self._how = how
        self._count: Counter[str] = Counter()

    async def reach(self, task: str | None, what: str, when: str) -> None:
        """Count and print a step of a task, and act if it is the chosen one."""
        if task not in self.tasks:
            return
        if when == "before":
            self._count[what] += 1
        step = f"{what}:{self._count[what]}:{when}"
        print(f"step {step}", flush=True)
        if step != self.at:
            return
        if self._how == "hang":
            go_on = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, go_on.set)
            print("hangs", flush=True)
            await go_on.wait()
        else:
            os.kill(os.getpid(), signal.SIGKILL if self._how == "kill" else signal.SIGSTOP)


def install(steps: Steps) -> None:
    """Put failpoints around the log's append, and around every call of a provider."""
    append = EventLog.append

    async def append_(self: EventLog, stream: UUID, expected: int, events: Sequence[Any], cause: Cause) -> Receipt:
        task, what = task_id(stream), f"append.{type(events[-1]).__name__}"
        if isinstance(events[0], TaskRequested) and (events[0].metadata or {}).get("at") == steps.at:
            steps.tasks.add(task)
        await steps.reach(task, what, "before")
        receipt = await append(self, stream, expected, events, cause)
        await steps.reach(task, what, "after")
        return receipt

    EventLog.append = append_  # type: ignore[method-assign]
    for provider in (Sandbox, HttpProvider):
        for name in ("submit", "poll", "cancel", "lookup", "fetch"):
            setattr(provider, name, _with_steps(steps, name, getattr(provider, name)))


def _with_steps(steps: Steps, name: str, call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    async def stepped(self: object, order: Order, *more: str) -> T:
        await steps.reach(order.task_id, name, "before")
        seen = await call(self, order, *more)
        await steps.reach(order.task_id, name, "after")
        return seen

    return stepped


def main(arguments: list[str] | None = None) -> int:
    """Take `--at` and `--how`, and run `pixel` with the other arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at", required=True)
    parser.add_argument("--how", choices=["kill", "stop", "hang"], default="kill")
    ours, rest = parser.parse_known_args(arguments)
    install(Steps(ours.at, ours.how))
    return cli.main(rest)


if __name__ == "__main__":
    sys.exit(main())
