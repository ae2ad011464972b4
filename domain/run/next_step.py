"""What has to be done next for a run? The executor does it, and the list of runs that are due is made from it."""

from domain.base import Value
from domain.run.state import MAX_RUNNING, Run, StepStatus


class Start(Value):
    """Start this step."""

    step: str


class Watch(Value):
    """See what became of the tasks of these steps."""

    steps: tuple[str, ...]


class Stop(Value):
    """Cancel the tasks of these steps, and see what became of them."""

    steps: tuple[str, ...]


class End(Value):
    """Nothing is left: record how it ended."""


class Rest(Value):
    """There is nothing to do before somebody decides."""


Next = Start | Watch | Stop | End | Rest


def next_step(run: Run) -> Next:
    """The next thing to do."""
    if run.ended or not run.approved:
        return Rest()
    running = run.having(StepStatus.RUNNING)
    if run.cancel_requested_by:  # what is in doubt can't be cancelled: it is told, and left to who decides on it
        return Stop(steps=tuple(running)) if running else End()
    ready = next(run.startable(), None)
    if ready is not None and not run.pauses and len(running) < MAX_RUNNING:
        return Start(step=ready)
    if open_steps := run.having(StepStatus.RUNNING, StepStatus.PAUSED):
        return Watch(steps=tuple(open_steps))
    return Rest() if run.pauses else End()
