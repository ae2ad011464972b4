"""How fast may a provider be asked? One lane a provider and kind: its limits, its pace after 429s, its circuit breaker.

A paused lane makes tasks wait, never fail. Each worker has its own lanes and learns by itself. The limits of the
catalogue are for one worker, except `in_flight`, which is counted over all of them."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Annotated, Literal

from msgspec import Meta

from application.clock import monotonic
from domain.base import Value
from domain.model import Kind
from domain.provider import Accepted, Finished, InDoubt, NotSent, Refused, Sighting, Working

FAILURES_TO_OPEN = 5
MIN_PAUSE_SECONDS = 5.0
MAX_PAUSE_SECONDS = 120.0
MAX_RETRY_AFTER_SECONDS = 300.0
MIN_PACE = 1 / 16
UNLIMITED = 1_000_000
PACE_WITHOUT_LIMIT = 16.0  # submits a second that a lane without a limit starts from after a 429

Breaker = Literal["closed", "open", "half_open"]
_FAILURE_CODES = {"provider_unavailable", "provider_unreachable"}


class LaneLimits(Value):
    """The limits of one kind of work: submits and polls per second, and jobs in flight at once."""

    submits_per_second: Annotated[float, Meta(gt=0)] | None = None
    polls_per_second: Annotated[float, Meta(gt=0)] | None = None
    in_flight: Annotated[int, Meta(ge=1)] | None = None


class LaneState(Value, omit_defaults=True):
    """The state of a lane, for health and metrics."""

    provider: Annotated[str, Meta(description="To whom", examples=["dashscope"])]
    kind: Annotated[Kind, Meta(description="For what kind of work", examples=["image"])]
    breaker: Annotated[
        Breaker,
        Meta(description="`open` while nothing is sent, `half_open` while one order tries", examples=["closed"]),
    ]
    pace: Annotated[
        float, Meta(description="1 at full speed, less after the provider said that it is too much", examples=[1.0])
    ]
    wait_seconds: Annotated[float, Meta(description="Until the next order", examples=[0.0])]
    rate_limited: Annotated[int, Meta(description="How often the provider said that it is too much", examples=[0])]
    failures: Annotated[int, Meta(description="Failures in a row", examples=[0])]
    in_flight: Annotated[int | None, Meta(description="Jobs under way, where they are limited", examples=[3])] = None


class Permit:
    """A permit to send one order; none if `wait_seconds` is above 0. `position` is where the log has the intent."""

    def __init__(self, wait_seconds: float, record: Callable[[Sighting], None]) -> None:
        self.wait_seconds = wait_seconds
        self.position: int | None = None
        self.accepted = False
        self._record = record

    def record_outcome(self, seen: Sighting) -> None:
        """Record the provider's answer to the order."""
        self.accepted = isinstance(seen, Accepted)
        self._record(seen)


class Lane:
    """The pace, the limits and the circuit breaker for one kind of work at one provider."""

    def __init__(self, limits: LaneLimits, *, clock: Callable[[], float] = monotonic) -> None:
        self.limits = limits
        self.rate_limited = 0
        self._clock = clock
        self._counted = 0
        self._uncounted: list[Permit] = []
        self._next_submit = 0.0
        self._next_poll = 0.0
        self._pace = 1.0
        self._streak = 0
        self._failures = 0
        self._pauses = 0
        self._paused_until = 0.0
        self._trial: Permit | None = None

    @contextmanager
    def try_acquire_submit(self) -> Generator[Permit]:
        """Take a permit for one order if there is one; else `wait_seconds` of the permit says when to try again.

        The permit ends with the block. If no outcome is recorded by then, the order was not sent."""
        permit = Permit(self.wait_seconds, self._record_submit)
        if permit.wait_seconds > 0:
            yield permit
            return
        if self.breaker == "half_open":
            self._trial = permit
        rate = self._rate()
        self._next_submit = max(self._clock(), self._next_submit) + (1 / rate if rate else 0.0)
        self._uncounted.append(permit)
        try:
            yield permit
        finally:
            if self._trial is permit:
                self._trial = None
            self._release(permit)

    def _release(self, permit: Permit) -> None:
        """An accepted order stays in flight until the count contains it; any other one is no longer in flight."""
        counted = permit not in self._uncounted
        if counted and not permit.accepted:
            self._counted = max(self._counted - 1, 0)
        if not counted and (not permit.accepted or self.limits.in_flight is None):
            self._uncounted.remove(permit)

    def set_in_flight(self, counted: int, *, at: int) -> None:
        """Set the jobs in flight over all workers, as counted from the log up to position `at`."""
        self._counted = counted
        self._uncounted = [one for one in self._uncounted if one.position is None or one.position > at]

    @property
    def in_flight(self) -> int:
        """Jobs at the provider: those counted, and those of this worker that the count does not contain yet."""
        return self._counted + len(self._uncounted)

    def try_acquire_poll(self) -> float:
        """Take the turn for one poll and return 0, or return the seconds until there is one."""
        rate = self.limits.polls_per_second
        if rate is None:
            return 0.0
        now = self._clock()
        if self._next_poll > now:
            return self._next_poll - now
        self._next_poll = max(now, self._next_poll) + 1 / rate
        return 0.0

    @property
    def wait_seconds(self) -> float:
        """The seconds until the next order may go out: the breaker is open, a 429 asked for a pause, the pace is kept,
        or too many jobs are in flight. 0 when it may go out now; asking takes nothing."""
        now = self._clock()
        full = self.limits.in_flight is not None and self.in_flight >= self.limits.in_flight
        return max(self._paused_until - now, self._next_submit - now, 1.0 if full or self._trial else 0.0)

    @property
    def room(self) -> int:
        """How many orders may go out at this moment. Where a pace is kept, one at a time."""
        if self.wait_seconds > 0:
            return 0
        if self._rate() is not None or self.breaker == "half_open":
            return 1
        return UNLIMITED if self.limits.in_flight is None else self.limits.in_flight - self.in_flight

    @property
    def breaker(self) -> Breaker:
        """`open` while nothing is sent; `half_open` when one order may find out whether the provider is back."""
        if self._failures < FAILURES_TO_OPEN:
            return "closed"
        return "open" if self._clock() < self._paused_until else "half_open"

    def _record_submit(self, seen: Sighting) -> None:
        self._record(seen, submitted=True)

    def record_outcome(self, seen: Sighting) -> None:
        """Record the provider's answer to a poll."""
        self._record(seen, submitted=False)

    def _record(self, seen: Sighting, *, submitted: bool) -> None:
        """Count failures of the connection and of the provider as a whole. A refused order is no failure."""
        match seen:
            case Refused(code="rate_limited", retry_after_seconds=retry_after):
                self._slow_down(retry_after)
            case Refused(code=code) if code in _FAILURE_CODES:
                self._fail(seen.retry_after_seconds)
            case NotSent() | InDoubt() if submitted:
                self._fail(None)
            case Accepted() | Finished() | Working() | Refused():
                self._failures = self._pauses = 0
                if submitted:
                    self._streak = 0
                    self._pace = min(self._pace * 1.1, 1.0)
            case _:
                pass  # a failed poll is repeated anyway, and says nothing of orders

    def state(self, provider: str, kind: Kind) -> LaneState:
        """The state of this lane, which is the one of this provider and kind."""
        return LaneState(
            provider=provider,
            kind=kind,
            breaker=self.breaker,
            pace=round(self._pace, 3),
            wait_seconds=round(self.wait_seconds, 1),
            rate_limited=self.rate_limited,
            failures=self._failures,
            in_flight=self.limits.in_flight and self.in_flight,
        )

    def _rate(self) -> float | None:
        if self.limits.submits_per_second is not None:
            return self.limits.submits_per_second * self._pace
        return PACE_WITHOUT_LIMIT * self._pace if self._pace < 1 else None

    def _slow_down(self, retry_after: float | None) -> None:
        self.rate_limited += 1
        self._streak += 1
        self._pace = max(self._pace / 2, MIN_PACE)
        hold = min(2.0 ** (self._streak - 1), 30.0) if retry_after is None else retry_after
        self._next_submit = max(self._next_submit, self._clock() + min(max(hold, 0.0), MAX_RETRY_AFTER_SECONDS))

    def _fail(self, retry_after: float | None) -> None:
        self._failures += 1
        if self._failures >= FAILURES_TO_OPEN:
            pause = min(MIN_PAUSE_SECONDS * 2.0**self._pauses, MAX_PAUSE_SECONDS)
            self._pauses = min(self._pauses + 1, 10)
            self._paused_until = self._clock() + min(max(pause, retry_after or 0.0), MAX_RETRY_AFTER_SECONDS)


class Lanes:
    """All lanes of this process."""

    def __init__(
        self, limits: Mapping[str, Mapping[Kind, LaneLimits]], *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._lanes: dict[tuple[str, Kind], Lane] = {}

    def lane(self, provider: str, kind: Kind) -> Lane:
        """The lane of one kind of work at one provider: always the same object."""
        found = self._lanes.get((provider, kind))
        if found is None:
            found = Lane(self._limits.get(provider, {}).get(kind, LaneLimits()), clock=self._clock)
            self._lanes[provider, kind] = found
        return found

    def limits_in_flight(self, provider: str) -> bool:
        """Whether any lane of the provider limits its jobs in flight, so that they have to be counted."""
        return any(limits.in_flight is not None for limits in self._limits.get(provider, {}).values())

    def set_in_flight(self, provider: str, counted: Mapping[Kind, int], *, at: int) -> None:
        """Set the jobs in flight at the provider over all workers, by kind, as counted from the log up to `at`."""
        for kind in Kind:
            self.lane(provider, kind).set_in_flight(counted.get(kind, 0), at=at)

    def states(self) -> list[LaneState]:
        """The states of all lanes that were used, by provider and kind."""
        return [lane.state(provider, kind) for (provider, kind), lane in sorted(self._lanes.items())]
