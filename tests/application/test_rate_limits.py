"""Laws of a lane: it slows down when told to, leaves alone what is broken, and never asks more than is allowed."""

import asyncio

import pytest

from application.rate_limits import (
    FAILURES_TO_OPEN,
    MAX_PAUSE_SECONDS,
    MAX_RETRY_AFTER_SECONDS,
    MIN_PACE,
    MIN_PAUSE_SECONDS,
    PACE_WITHOUT_LIMIT,
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
    """Time that passes when a test says so, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def lane(
    clock: Clock, *, submits: float | None = None, polls: float | None = None, in_flight: int | None = None
) -> Lane:
    return Lane(LaneLimits(submits_per_second=submits, polls_per_second=polls, in_flight=in_flight), clock=clock)


def order(way: Lane, answer: Sighting, *, position: int | None = None) -> None:
    """Take the turn, which must be free, and hear the answer. `position` is where the log has the intent."""
    with way.try_acquire_submit() as permit:
        assert permit.wait_seconds == 0
        permit.position = position
        permit.record_outcome(answer)


def ask(way: Lane) -> float:
    """In how many seconds there is a turn; one that is there is taken, and nothing sent in it."""
    with way.try_acquire_submit() as permit:
        return permit.wait_seconds


def stands(way: Lane) -> str:
    """How the breaker is now: it changes with the clock, which a type checker can't know."""
    return way.breaker


def too_many(seconds: float | None) -> Refused:
    return Refused(code="rate_limited", message="too many", retryable=True, retry_after_seconds=seconds)


# --- Pace ---


def test_without_limits_nobody_waits(clock: Clock) -> None:
    """Orders and questions go out as they come."""
    way = lane(clock)
    assert [ask(way) for _ in range(50)] == [0] * 50
    assert [way.try_acquire_poll() for _ in range(50)] == [0] * 50
    assert way.wait_seconds == 0


def test_orders_keep_the_limit(clock: Clock) -> None:
    """Two a second: the next one in half a second, whoever asks, and asking does not prolong it."""
    way = lane(clock, submits=2)
    assert [ask(way) for _ in range(3)] == [0, 0.5, 0.5]
    clock.passes(0.5)
    assert ask(way) == 0
    clock.passes(10)
    assert [ask(way), ask(way)] == [0, 0.5]


def test_questions_keep_a_limit_of_their_own(clock: Clock) -> None:
    """Four a second, and orders do not count."""
    way = lane(clock, polls=4)
    assert [ask(way) for _ in range(3)] == [0, 0, 0]
    assert [way.try_acquire_poll() for _ in range(3)] == [0, 0.25, 0.25]
    clock.passes(0.25)
    assert way.try_acquire_poll() == 0


def test_a_429_makes_a_pause_and_halves_the_pace(clock: Clock) -> None:
    """A second after the first one, and then half as fast; each success makes it a tenth faster, up to the limit."""
    way = lane(clock, submits=4)
    order(way, TOO_MANY)
    assert (way.rate_limited, way.wait_seconds) == (1, 1)
    clock.passes(1)
    order(way, TAKEN)
    assert way.wait_seconds == 0.5
    paces: list[float] = []
    for _ in range(9):
        clock.passes(1)
        order(way, TAKEN)
        paces.append(way.state("acme", Kind.IMAGE).pace)
    assert paces[:3] == pytest.approx([0.605, 0.6655, 0.732], abs=0.001)
    assert paces == sorted(paces)
    assert paces[-1] == 1


def test_a_lane_without_a_limit_slows_down_too(clock: Clock) -> None:
    """It is taken to have been as fast as lanes usually are."""
    way = lane(clock)
    order(way, too_many(0))
    assert ask(way) == 0
    assert way.wait_seconds == 2 / PACE_WITHOUT_LIMIT


def test_429s_in_a_row_make_longer_pauses_within_bounds(clock: Clock) -> None:
    """Twice as long each time, half a minute at most, and never slower than a sixteenth."""
    way = lane(clock, submits=100)
    waits: list[float] = []
    for _ in range(7):
        order(way, TOO_MANY)
        waits.append(way.wait_seconds)
        clock.passes(60)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert way.state("acme", Kind.IMAGE).pace == round(MIN_PACE, 3)
    order(way, TAKEN)
    clock.passes(60)
    order(way, TOO_MANY)
    assert way.wait_seconds == 1


@pytest.mark.parametrize(
    ("wish", "wait"), [(7.5, 7.5), (0, 0.5), (-3, 0.5), (86_400, MAX_RETRY_AFTER_SECONDS), (float("inf"), 300)]
)
def test_the_providers_own_wish_is_honoured(clock: Clock, wish: float, wait: float) -> None:
    """`Retry-After` is waited for, within reason; a wish for no pause leaves the pace alone to wait for."""
    way = lane(clock, submits=2)
    order(way, too_many(wish))
    assert way.wait_seconds == pytest.approx(wait)


# --- The circuit breaker ---


def opened(clock: Clock) -> Lane:
    way = lane(clock)
    for _ in range(FAILURES_TO_OPEN):
        order(way, BROKEN)
    return way


def test_failures_in_a_row_open_the_breaker(clock: Clock) -> None:
    """After so many the provider is left alone for a while: nothing goes out."""
    way = lane(clock)
    for _ in range(FAILURES_TO_OPEN - 1):
        order(way, BROKEN)
        assert way.breaker == "closed"
    order(way, BROKEN)
    assert way.breaker == "open"
    assert ask(way) == MIN_PAUSE_SECONDS
    clock.passes(MIN_PAUSE_SECONDS - 1)
    assert ask(way) == 1


@pytest.mark.parametrize("answer", [NotSent(reason="refused"), InDoubt(reason="timeout"), BROKEN])
def test_what_the_wire_does_to_an_order_is_a_failure(clock: Clock, answer: Sighting) -> None:
    """No connection, no answer, a provider that says that it is out of order."""
    way = lane(clock)
    for _ in range(FAILURES_TO_OPEN):
        order(way, answer)
    assert way.breaker == "open"


@pytest.mark.parametrize("answer", [TAKEN, REJECTED, Finished(outputs=()), TOO_MANY])
def test_an_answer_is_no_failure(clock: Clock, answer: Sighting) -> None:
    """A provider that refuses works."""
    way = lane(clock)
    for _ in range(2 * FAILURES_TO_OPEN):
        order(way, answer)
        clock.passes(60)
    assert way.breaker == "closed"


@pytest.mark.parametrize("answer", [TAKEN, REJECTED, Finished(outputs=())])
def test_failures_have_to_come_in_a_row(clock: Clock, answer: Sighting) -> None:
    """One answer in between, and they are counted from nothing."""
    way = lane(clock)
    for _ in range(3):
        for _ in range(FAILURES_TO_OPEN - 1):
            order(way, BROKEN)
        order(way, answer)
    assert way.breaker == "closed"


@pytest.mark.parametrize("seen", [NotSent(reason=""), InDoubt(reason=""), NoVerdict(reason=""), Gone(message="")])
def test_questions_that_fail_shut_nothing(clock: Clock, seen: Sighting) -> None:
    """A poll is asked again anyway: it says nothing of orders, good or bad."""
    way = lane(clock)
    for _ in range(2 * FAILURES_TO_OPEN):
        way.record_outcome(seen)
    assert way.breaker == "closed"
    way = opened(clock)
    way.record_outcome(seen)
    assert way.breaker == "open"


def test_an_answer_to_a_question_closes_the_breaker(clock: Clock) -> None:
    """A provider that tells of its jobs is back."""
    way = opened(clock)
    way.record_outcome(Working(percent=5))
    assert way.breaker == "closed"


def test_one_trial_only_finds_out_whether_it_is_back(clock: Clock) -> None:
    """After the pause one order goes out; the others wait for what comes of it, and then go on."""
    way = opened(clock)
    clock.passes(MIN_PAUSE_SECONDS)
    assert stands(way) == "half_open"
    with way.try_acquire_submit() as permit:
        assert permit.wait_seconds == 0
        assert [ask(way) for _ in range(3)] == [1, 1, 1]
        permit.record_outcome(TAKEN)
    assert stands(way) == "closed"
    assert [ask(way) for _ in range(3)] == [0, 0, 0]


def test_a_trial_that_fails_makes_a_longer_pause_within_bounds(clock: Clock) -> None:
    """Twice as long each time, two minutes at most; when it is back, the next pause is short again."""
    way = opened(clock)
    pauses: list[float] = []
    for _ in range(7):
        clock.passes(way.wait_seconds)
        order(way, BROKEN)
        assert way.breaker == "open"
        pauses.append(way.wait_seconds)
    assert pauses == [10, 20, 40, 80, 120, 120, 120]
    assert max(pauses) == MAX_PAUSE_SECONDS
    clock.passes(way.wait_seconds)
    order(way, TAKEN)
    for _ in range(FAILURES_TO_OPEN):
        order(way, BROKEN)
    assert way.wait_seconds == MIN_PAUSE_SECONDS


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError, KeyboardInterrupt])
def test_a_turn_ends_whatever_ends_it(clock: Clock, error: type[BaseException]) -> None:
    """A trial that ends by any error at all leaves room for another, and holds no place."""
    way = opened(clock)
    clock.passes(MIN_PAUSE_SECONDS)
    with pytest.raises(error), way.try_acquire_submit():
        raise error
    assert stands(way) == "half_open"
    assert way.in_flight == 0
    assert ask(way) == 0
    assert ask(way) == 0


def test_a_provider_that_says_when_it_will_be_back_is_believed(clock: Clock) -> None:
    """A longer pause is its own wish, within reason."""
    way = lane(clock)
    for wish in (None, None, None, None, 60.0):
        order(way, Refused(code="provider_unavailable", message="", retryable=True, retry_after_seconds=wish))
    assert way.wait_seconds == 60
    clock.passes(60)
    order(way, Refused(code="provider_unavailable", message="", retryable=True, retry_after_seconds=1e9))
    assert way.wait_seconds == MAX_RETRY_AFTER_SECONDS


# --- Jobs under way ---


def test_jobs_under_way_keep_the_limit(clock: Clock) -> None:
    """Two at once: the third waits, until one has an end or was not taken."""
    way = lane(clock, in_flight=2)
    order(way, TAKEN, position=10)
    with way.try_acquire_submit() as permit:
        assert permit.wait_seconds == 0
        assert ask(way) == 1
        permit.record_outcome(REJECTED)
    order(way, TAKEN, position=12)
    assert ask(way) == 1
    way.set_in_flight(1, at=12)  # one has ended
    assert ask(way) == 0
    assert way.state("acme", Kind.IMAGE).in_flight == 1


def test_a_count_that_is_behind_admits_no_more(clock: Clock) -> None:
    """What the count can't have seen is added to it: a turn without an intent yet, and intents behind its position."""
    way = lane(clock, in_flight=1)
    with way.try_acquire_submit() as permit:
        way.set_in_flight(0, at=9)
        assert ask(way) == 1
        permit.position = 10
        way.set_in_flight(0, at=9)
        assert ask(way) == 1
        permit.record_outcome(TAKEN)
    way.set_in_flight(0, at=9)
    assert ask(way) == 1
    way.set_in_flight(1, at=10)
    assert ask(way) == 1
    way.set_in_flight(0, at=14)
    assert ask(way) == 0


def test_an_order_that_was_counted_and_refused_makes_room(clock: Clock) -> None:
    """It is under way no more, though the count had it."""
    way = lane(clock, in_flight=1)
    with way.try_acquire_submit() as permit:
        permit.position = 10
        way.set_in_flight(1, at=10)
        assert ask(way) == 1
        permit.record_outcome(REJECTED)
    assert ask(way) == 0


def test_a_lane_that_nobody_counts_remembers_nothing(clock: Clock) -> None:
    """Without a limit of jobs, orders leave no trace."""
    way = lane(clock)
    for position in range(50):
        order(way, TAKEN, position=position)
    assert way.in_flight == 0


# --- All lanes ---


def test_a_lane_is_of_one_provider_and_kind(clock: Clock) -> None:
    """Each has its limits and its own troubles; limits of one kind are not those of another."""
    lanes = Lanes({"acme": {Kind.IMAGE: LaneLimits(submits_per_second=1)}}, clock=clock)
    pictures = lanes.lane("acme", Kind.IMAGE)
    assert pictures is lanes.lane("acme", Kind.IMAGE)
    assert [ask(pictures), ask(pictures)] == [0, 1]
    assert ask(lanes.lane("acme", Kind.VIDEO)) == 0
    assert ask(lanes.lane("other", Kind.IMAGE)) == 0
    assert lanes.paused_kinds("acme") == [Kind.IMAGE]
    assert lanes.paused_kinds("other") == []
    clock.passes(1)
    assert lanes.paused_kinds("acme") == []


def test_jobs_are_counted_where_there_is_a_limit(clock: Clock) -> None:
    """What the work list has under way is what counts; a kind that it does not have has none."""
    lanes = Lanes({"acme": {Kind.IMAGE: LaneLimits(in_flight=2)}, "fast": {}}, clock=clock)
    assert lanes.limits_in_flight("acme")
    assert not lanes.limits_in_flight("fast")
    assert not lanes.limits_in_flight("unknown")
    lanes.set_in_flight("acme", {Kind.IMAGE: 2}, at=1)
    assert lanes.paused_kinds("acme") == [Kind.IMAGE]
    lanes.set_in_flight("acme", {Kind.VIDEO: 9}, at=2)
    assert lanes.paused_kinds("acme") == []


def test_how_the_lanes_stand_is_told(clock: Clock) -> None:
    """Breaker, pace, the wait until the next order, and how often it was told to slow down or failed."""
    lanes = Lanes({"acme": {Kind.IMAGE: LaneLimits(submits_per_second=4, in_flight=3)}}, clock=clock)
    order(lanes.lane("acme", Kind.IMAGE), too_many(7))
    lanes.lane("other", Kind.VIDEO)
    for _ in range(FAILURES_TO_OPEN):
        order(lanes.lane("acme", Kind.AUDIO), BROKEN)
    speech, pictures, films = lanes.states()
    assert (speech.kind, speech.breaker, speech.failures, speech.wait_seconds) == (Kind.AUDIO, "open", 5, 5)
    assert (pictures.breaker, pictures.pace, pictures.rate_limited) == ("closed", 0.5, 1)
    assert (pictures.wait_seconds, pictures.in_flight) == (7, 0)
    assert (films.provider, films.kind, films.pace, films.in_flight) == ("other", Kind.VIDEO, 1, None)
