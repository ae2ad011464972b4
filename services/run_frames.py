"""What is told of a run that changed? The whole run as it is then, as GET shows it."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from adapters.postgres.event_log import EventLog
from application.ports import Recorded
from domain.run.events import RunEvent, is_of_run
from domain.run.state import Run, evolve
from projections.base import StreamId
from projections.run_view import view

MAX_KNOWN = 500  # runs that go on, without their requests


class RunNews(NamedTuple):
    """The encoded view of a run, and the run."""

    body: bytes
    run: Run


class _Known(NamedTuple):
    """A run after the event at `version`."""

    version: int
    run: Run


class RunFrames:
    """Encodes runs after events that come in the order of the log. Those that go on are kept for the next event."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._known: OrderedDict[StreamId, _Known] = OrderedDict()

    async def prepare(self, events: Sequence[Recorded]) -> None:
        """Read the runs before these events, where they are not known. Raises LogUnavailable."""
        while len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        missing: dict[StreamId, int] = {}
        seen: set[StreamId] = set()
        for recorded in events:
            if recorded.stream in seen or not is_of_run(recorded.event):
                continue
            seen.add(recorded.stream)
            known = self._known.get(recorded.stream)
            if recorded.version > 1 and (known is None or known.version != recorded.version - 1):
                missing[recorded.stream] = recorded.version
        for stream, history in (await self._log.before(missing)).items() if missing else ():
            self._known.pop(stream, None)
            for recorded in history:
                if is_of_run(recorded.event):
                    self._fold(recorded, recorded.event)

    def encode(self, recorded: Recorded) -> RunNews | None:
        """The run after an event; None for an event of something else."""
        if not is_of_run(recorded.event):
            return None
        run = self._fold(recorded, recorded.event)
        if run.ended:
            del self._known[recorded.stream]
        return RunNews(msgspec.json.encode(view(run)), run) if run.id else None

    def _fold(self, recorded: Recorded, event: RunEvent) -> Run:
        known = self._known.get(recorded.stream)
        run = evolve(known.run if known else Run(), event)
        self._known[recorded.stream] = _Known(recorded.version, run)
        self._known.move_to_end(recorded.stream)
        return run
