"""`pixel serve` that kills itself at an append of a run: `python -m tests.e2e.run_failpoints --at STEP serve …`.

A step is an append that belongs to a run, named by the last event of each of its streams, and the moment before or
after it: `StepStarted+TaskRequested:2:after`. Each is printed, so a run with a step that never comes lists them all."""

import argparse
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence

from adapters.postgres.event_log import EventLog
from application.ports import Append, Cause, Receipt
from runtime.cli import main as cli


def install(at: str) -> None:
    """Put failpoints around the appends of runs."""
    append_all = EventLog.append_all
    count: Counter[str] = Counter()

    def reach(what: str, number: int, when: str) -> None:
        step = f"{what}:{number}:{when}"
        print(f"step {step}", flush=True)
        if step == at:
            os.kill(os.getpid(), signal.SIGKILL)

    async def append_all_(self: EventLog, appends: Sequence[Append], cause: Cause) -> list[Receipt]:
        if not any((name or "").startswith("run_") for name in (cause.actor, cause.correlation_id)):
            return await append_all(self, appends, cause)
        what = "+".join(type(each.events[-1]).__name__ for each in appends)
        count[what] += 1
        number = count[what]  # others are appended meanwhile
        reach(what, number, "before")
        receipts = await append_all(self, appends, cause)
        reach(what, number, "after")
        return receipts

    EventLog.append_all = append_all_  # type: ignore[method-assign]


def main(arguments: list[str] | None = None) -> int:
    """Take `--at`, and run `pixel` with the other arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at", required=True)
    ours, rest = parser.parse_known_args(arguments)
    install(ours.at)
    return cli.main(rest)


if __name__ == "__main__":
    sys.exit(main())
