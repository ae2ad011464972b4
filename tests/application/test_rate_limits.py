"""Laws of a lane: it slows down after a 429, pauses after failures, and never exceeds a limit."""

import asyncio

import pytest

from application.rate_limits import (
    FAILURES_TO_OPEN,
    MAX_PAUSE_SECONDS,
    MAX_RETRY_AFTER_SECONDS,
    MIN_PACE,
    MIN_PAUSE_SECONDS,
    PACE_WITHOUT_LIMIT,
    UNLIMITED,
    Lane,
    LaneLimits,
    Lanes,
)
from domain.model import Kind
from domain.provider import Accepted, Finished, Gone, InDoubt, NotSent, NoVerdict, Refused, Sighting, Working

TAKEN = Accepted(job="job-1")
BROKEN = Refused(code="provider_unavailable", message="maintenance", retryable=True)
REJECTED = Refused(code="provider_rejected", message="no")
TOO_MANY = Refused(code="rate_limited", message="too many", retryable=True)


class Clock:
    """A clock that a test advances, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def new_lane(
    clock: Clock, *, submits: float | None = None, polls: float | None = None, in_flight: int | None = None
) -> Lane:
    return Lane(LaneLimits(submits_per_second=submits, polls_per_second=polls, in_flight=in_flight), clock=clock)


def submit(lane: Lane, answer: Sighting, *, position: int | None = None) -> None:
    """Take a permit, which must be there, and record an answer. `position` is where the log has the intent."""
    with lane.try_acquire_submit() as permit:
        assert permit.wait_seconds == 0
        permit.position = position
        permit.record_outcome(answer)


def try_submit(lane: Lane) -> float:
    """Take a permit and send nothing; returns the seconds until there is one, 0 when it was taken."""
    with lane.try_acquire_submit() as permit:
        return permit.wait_seconds


def breaker_of(lane: Lane) -> str:
    """The state of the breaker. It changes with the clock, which a type checker can't know."""
    return lane.breaker


def too_many(seconds: float | None) -> Refused:
    return Refused(code="rate_limited", message="too many", retryable=True, retry_after_seconds=seconds)


# --- Pace ---


def test_without_limits_nothing_waits(clock: Clock) -> None:
    """Submits and polls go out at once."""
    lane = new_lane(clock)
    assert [try_submit(lane) for _ in range(50)] == [0] * 50
    assert [lane.try_acquire_poll() for _ in range(50)] == [0] * 50
    assert lane.wait_seconds == 0


def test_submits_keep_the_limit(clock: Clock) -> None:
    """Two a second: the next one waits half a second, and trying does not prolong that."""
    lane = new_lane(clock, submits=2)
    assert [try_submit(lane) for _ in range(3)] == [0, 0.5, 0.5]
    clock.advance(0.5)
    assert try_submit(lane) == 0
    clock.advance(10)
    assert [try_submit(lane), try_submit(lane)] == [0, 0.5]


def test_the_clock_may_begin_at_zero(clock: Clock) -> None:
    """A worker on a machine that has just started sends and polls at once."""
    clock.now = 0.0
    lane = new_lane(clock, submits=2, polls=4)
    assert try_submit(lane) == 0
    assert lane.try_acquire_poll() == 0


def test_polls_have_a_limit_of_their_own(clock: Clock) -> None:
    """Four polls a second, whatever is submitted."""
    lane = new_lane(clock, polls=4)
    assert [try_submit(lane) for _ in range(3)] == [0, 0, 0]
    assert [lane.try_acquire_poll() for _ in range(3)] == [0, 0.25, 0.25]
    clock.advance(0.25)
    assert [lane.try_acquire_poll() for _ in range(2)] == [0, 0.25], "each poll takes its turn"


def test_a_429_makes_a_pause_and_halves_the_pace(clock: Clock) -> None:
    """A second of pause after the first 429, then half the pace; each success adds a tenth, up to the limit."""
    lane = new_lane(clock, submits=4)
    submit(lane, TOO_MANY)
    assert (lane.rate_limited, lane.wait_seconds) == (1, 1)
    clock.advance(1)
    submit(lane, TAKEN)
    assert lane.wait_seconds == 0.5
    paces: list[float] = []
    for _ in range(9):
        clock.advance(1)
        submit(lane, TAKEN)
        paces.append(lane.state("acme", Kind.IMAGE).pace)
    assert paces[:3] == pytest.approx([0.605, 0.6655, 0.732], abs=0.001)
    assert paces == sorted(paces)
    assert paces[-1] == 1


def test_a_lane_without_a_limit_slows_down_too(clock: Clock) -> None:
    """It starts from the pace of a usual lane."""
    lane = new_lane(clock)
    submit(lane, too_many(0))
    assert try_submit(lane) == 0
    assert lane.wait_seconds == 2 / PACE_WITHOUT_LIMIT


def test_429s_in_a_row_make_longer_pauses_within_bounds(clock: Clock) -> None:
    """Each pause doubles, up to half a minute; the pace never falls below a sixteenth."""
    lane = new_lane(clock, submits=100)
    waits: list[float] = []
    for _ in range(7):
        submit(lane, TOO_MANY)
        waits.append(lane.wait_seconds)
        clock.advance(60)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert lane.state("acme", Kind.IMAGE).pace == round(MIN_PACE, 3)
    submit(lane, TAKEN)
    clock.advance(60)
    submit(lane, TOO_MANY)
    assert lane.wait_seconds == 1


@pytest.mark.parametrize(
    ("wish", "wait"), [(7.5, 7.5), (0, 0.5), (-3, 0.5), (86_400, MAX_RETRY_AFTER_SECONDS), (float("inf"), 300)]
)
def test_retry_after_is_honoured(clock: Clock, wish: float, wait: float) -> None:
    """The lane pauses for `Retry-After`, up to a limit; for a pause of zero, only the pace counts."""
    lane = new_lane(clock, submits=2)
    submit(lane, too_many(wish))
    assert lane.wait_seconds == pytest.approx(wait)


# --- The circuit breaker ---


def opened_lane(clock: Clock) -> Lane:
    lane = new_lane(clock)
    for _ in range(FAILURES_TO_OPEN):
        submit(lane, BROKEN)
    return lane


def test_failures_in_a_row_open_the_breaker(clock: Clock) -> None:
    """After that many failures no order goes out for a while."""
    lane = new_lane(clock)
    for _ in range(FAILURES_TO_OPEN - 1):
        submit(lane, BROKEN)
        assert lane.breaker == "closed"
    submit(lane, BROKEN)
    assert lane.breaker == "open"
    assert try_submit(lane) == MIN_PAUSE_SECONDS
    clock.advance(MIN_PAUSE_SECONDS - 1)
    assert try_submit(lane) == 1


@pytest.mark.parametrize("answer", [NotSent(reason="refused"), InDoubt(reason="timeout"), BROKEN])
def test_an_order_without_an_answer_is_a_failure(clock: Clock, answer: Sighting) -> None:
    """No connection, no answer, or a provider that says that it is unavailable."""
    lane = new_lane(clock)
    for _ in range(FAILURES_TO_OPEN):
        submit(lane, answer)
    assert lane.breaker == "open"


@pytest.mark.parametrize("answer", [TAKEN, REJECTED, Finished(outputs=()), TOO_MANY])
def test_an_answer_is_no_failure(clock: Clock, answer: Sighting) -> None:
    """A provider that refuses an order works."""
    lane = new_lane(clock)
    for _ in range(2 * FAILURES_TO_OPEN):
        submit(lane, answer)
        clock.advance(60)
    assert lane.breaker == "closed"


@pytest.mark.parametrize("answer", [TAKEN, REJECTED, Finished(outputs=())])
def test_failures_have_to_come_in_a_row(clock: Clock, answer: Sighting) -> None:
    """One answer in between sets the count to zero."""
    lane = new_lane(clock)
    for _ in range(3):
        for _ in range(FAILURES_TO_OPEN - 1):
            submit(lane, BROKEN)
        submit(lane, answer)
    assert lane.breaker == "closed"


@pytest.mark.parametrize("seen", [NotSent(reason=""), InDoubt(reason=""), NoVerdict(reason=""), Gone(message="")])
def test_failed_polls_do_not_open_the_breaker(clock: Clock, seen: Sighting) -> None:
    """A failed poll neither opens nor closes the breaker."""
    lane = new_lane(clock)
    for _ in range(2 * FAILURES_TO_OPEN):
        lane.record_outcome(seen)
    assert lane.breaker == "closed"
    lane = opened_lane(clock)
    lane.record_outcome(seen)
    assert lane.breaker == "open"


def test_an_answer_to_a_poll_closes_the_breaker(clock: Clock) -> None:
    """A provider that answers a poll is back."""
    lane = opened_lane(clock)
    lane.record_outcome(Working(percent=5))
    assert lane.breaker == "closed"


def test_one_trial_only_finds_out_whether_it_is_back(clock: Clock) -> None:
    """After the pause one order goes out; the others wait for its outcome."""
    lane = opened_lane(clock)
    clock.advance(MIN_PAUSE_SECONDS)
    assert breaker_of(lane) == "half_open"
    with lane.try_acquire_submit() as permit:
        assert permit.wait_seconds == 0
        assert [try_submit(lane) for _ in range(3)] == [1, 1, 1]
        permit.record_outcome(TAKEN)
    assert breaker_of(lane) == "closed"
    assert [try_submit(lane) for _ in range(3)] == [0, 0, 0]


def test_a_trial_that_fails_makes_a_longer_pause_within_bounds(clock: Clock) -> None:
    """Each pause doubles, up to two minutes; after a success the next pause is short again."""
    lane = opened_lane(clock)
    pauses: list[float] = []
    for _ in range(7):
        clock.advance(lane.wait_seconds)
        submit(lane, BROKEN)
        assert lane.breaker == "open"
        pauses.append(lane.wait_seconds)
    assert pauses == [10, 20, 40, 80, 120, 120, 120]
    assert max(pauses) == MAX_PAUSE_SECONDS
    clock.advance(lane.wait_seconds)
    submit(lane, TAKEN)
    for _ in range(FAILURES_TO_OPEN):
        submit(lane, BROKEN)
    assert lane.wait_seconds == MIN_PAUSE_SECONDS


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError, KeyboardInterrupt])
def test_a_permit_ends_with_its_block_whatever_the_error(clock: Clock, error: type[BaseException]) -> None:
    """A trial that ends with any error allows another one, and counts as no job in flight."""
    lane = opened_lane(clock)
    clock.advance(MIN_PAUSE_SECONDS)
    with pytest.raises(error), lane.try_acquire_submit():
        raise error
    assert breaker_of(lane) == "half_open"
    assert lane.in_flight == 0
    assert try_submit(lane) == 0
    assert try_submit(lane) == 0


def test_a_retry_time_of_an_unavailable_provider_is_honoured(clock: Clock) -> None:
    """The lane pauses for as long as the provider says, up to a limit."""
    lane = new_lane(clock)
    for wish in (None, None, None, None, 60.0):
        submit(lane, Refused(code="provider_unavailable", message="", retryable=True, retry_after_seconds=wish))
    assert lane.wait_seconds == 60
    clock.advance(60)
    submit(lane, Refused(code="provider_unavailable", message="", retryable=True, retry_after_seconds=1e9))
    assert lane.wait_seconds == MAX_RETRY_AFTER_SECONDS


# --- Jobs in flight ---


def test_jobs_in_flight_keep_the_limit(clock: Clock) -> None:
    """Two at once: the third order waits until a job has ended or an order was refused."""
    lane = new_lane(clock, in_flight=2)
    submit(lane, TAKEN, position=10)
    with lane.try_acquire_submit() as permit:
        assert permit.wait_seconds == 0
        assert try_submit(lane) == 1
        permit.record_outcome(REJECTED)
    submit(lane, TAKEN, position=12)
    assert try_submit(lane) == 1
    lane.set_in_flight(1, at=12)  # one has ended
    assert try_submit(lane) == 0
    assert lane.state("acme", Kind.IMAGE).in_flight == 1


def test_a_count_that_is_behind_admits_no_more(clock: Clock) -> None:
    """Orders that the count can't contain are added to it: permits without an intent, and later intents."""
    lane = new_lane(clock, in_flight=1)
    with lane.try_acquire_submit() as permit:
        lane.set_in_flight(0, at=9)
        assert try_submit(lane) == 1
        permit.position = 10
        lane.set_in_flight(0, at=9)
        assert try_submit(lane) == 1
        permit.record_outcome(TAKEN)
    lane.set_in_flight(0, at=9)
    assert try_submit(lane) == 1
    lane.set_in_flight(1, at=10)
    assert try_submit(lane) == 1
    lane.set_in_flight(0, at=14)
    assert try_submit(lane) == 0


def test_an_order_that_was_counted_and_refused_makes_room(clock: Clock) -> None:
    """A refused order is no longer in flight, although the count contains it."""
    lane = new_lane(clock, in_flight=1)
    with lane.try_acquire_submit() as permit:
        permit.position = 10
        lane.set_in_flight(1, at=10)
        assert try_submit(lane) == 1
        permit.record_outcome(REJECTED)
    assert try_submit(lane) == 0


def test_a_refused_order_makes_room_for_one_other(clock: Clock) -> None:
    """The other jobs that were counted are still in flight."""
    lane = new_lane(clock, in_flight=5)
    with lane.try_acquire_submit() as permit:
        permit.position = 10
        lane.set_in_flight(4, at=10)
        permit.record_outcome(REJECTED)
    assert (lane.in_flight, lane.room) == (3, 2)


def test_a_lane_without_a_limit_of_jobs_remembers_nothing(clock: Clock) -> None:
    """Without a limit of jobs, no order is remembered."""
    lane = new_lane(clock)
    for position in range(50):
        submit(lane, TAKEN, position=position)
    assert lane.in_flight == 0


# --- All lanes ---


def test_a_lane_is_of_one_provider_and_kind(clock: Clock) -> None:
    """Each provider and kind has its own limits and failures."""
    lanes = Lanes({"acme": {Kind.IMAGE: LaneLimits(submits_per_second=1)}}, clock=clock)
    images = lanes.lane("acme", Kind.IMAGE)
    assert images is lanes.lane("acme", Kind.IMAGE)
    assert [try_submit(images), try_submit(images)] == [0, 1]
    assert try_submit(lanes.lane("acme", Kind.VIDEO)) == 0
    assert try_submit(lanes.lane("other", Kind.IMAGE)) == 0
    assert images.room == 0
    assert lanes.lane("other", Kind.IMAGE).room == UNLIMITED
    clock.advance(1)
    assert images.room == 1


def test_there_is_room_for_as_many_orders_as_may_go_out(clock: Clock) -> None:
    """One at a time where a pace is kept or a provider is tried again; else as many as may be in flight."""
    lane = new_lane(clock, in_flight=3)
    assert lane.room == 3
    submit(lane, TAKEN, position=1)
    assert lane.room == 2
    submit(lane, too_many(5))
    assert lane.room == 0
    clock.advance(5)
    assert lane.room == 1
    lane = opened_lane(clock)
    assert lane.room == 0
    clock.advance(MIN_PAUSE_SECONDS)
    assert lane.room == 1
    submit(lane, TAKEN)
    assert lane.room == UNLIMITED


def test_jobs_are_counted_where_there_is_a_limit(clock: Clock) -> None:
    """The count of the work list is used; a kind without a count has no jobs."""
    lanes = Lanes({"acme": {Kind.IMAGE: LaneLimits(in_flight=2)}, "fast": {}}, clock=clock)
    assert lanes.limits_in_flight("acme")
    assert not lanes.limits_in_flight("fast")
    assert not lanes.limits_in_flight("unknown")
    lanes.set_in_flight("acme", {Kind.IMAGE: 2}, at=1)
    assert lanes.lane("acme", Kind.IMAGE).room == 0
    lanes.set_in_flight("acme", {Kind.VIDEO: 9}, at=2)
    assert lanes.lane("acme", Kind.IMAGE).room == 2
    assert [lanes.lane("acme", kind).in_flight for kind in (Kind.IMAGE, Kind.VIDEO)] == [0, 9]
    submit(lanes.lane("acme", Kind.IMAGE), TAKEN, position=4)
    lanes.set_in_flight("acme", {}, at=3)
    assert lanes.lane("acme", Kind.IMAGE).in_flight == 1, "the count is too old to contain it"
    lanes.set_in_flight("acme", {}, at=4)
    assert lanes.lane("acme", Kind.IMAGE).in_flight == 0


def test_lanes_show_their_state(clock: Clock) -> None:
    """The state shows breaker, pace, wait, and the numbers of 429s and failures."""
    lanes = Lanes({"acme": {Kind.IMAGE: LaneLimits(submits_per_second=4, in_flight=3)}}, clock=clock)
    submit(lanes.lane("acme", Kind.IMAGE), too_many(7))
    lanes.lane("other", Kind.VIDEO)
    for _ in range(FAILURES_TO_OPEN):
        submit(lanes.lane("acme", Kind.AUDIO), BROKEN)
    speech, images, videos = lanes.states()
    assert (speech.kind, speech.breaker, speech.failures, speech.wait_seconds) == (Kind.AUDIO, "open", 5, 5)
    assert (images.breaker, images.pace, images.rate_limited) == ("closed", 0.5, 1)
    assert (images.wait_seconds, images.in_flight) == (7, 0)
    clock.advance(7)
    submit(lanes.lane("acme", Kind.IMAGE), TOO_MANY)
    clock.advance(0.44)
    shown = lanes.lane("acme", Kind.IMAGE).state("acme", Kind.IMAGE)
    assert (shown.rate_limited, shown.wait_seconds) == (2, 1.6)
    assert (videos.provider, videos.kind, videos.pace, videos.in_flight) == ("other", Kind.VIDEO, 1, None)
