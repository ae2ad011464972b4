"""Laws of the poll schedule."""

from hypothesis import given
from hypothesis import strategies as st

from application.poll_schedule import MAX_SECONDS, MIN_SECONDS, first_poll_after, next_poll_in

AGES = st.floats(0, 1e6)
USUAL = st.none() | st.integers(1, 3600)


@given(AGES, USUAL)
def test_a_job_is_always_polled_again(age: float, usual: int | None) -> None:
    """Whatever its age, the next poll comes, but not at once."""
    assert MIN_SECONDS <= next_poll_in(age, usual) <= MAX_SECONDS


@given(st.integers(1, 3600))
def test_polls_get_denser_towards_the_expected_end(usual: int) -> None:
    """Up to the last part each wait is at most as long as the one before; after the expected end they grow."""
    ages = [first_poll_after(usual) + (usual * 0.84 - first_poll_after(usual)) * step / 10 for step in range(11)]
    waits = [next_poll_in(age, usual) for age in ages if age < usual * 0.84]
    assert waits == sorted(waits, reverse=True)
    late = [next_poll_in(usual + more, usual) for more in (0, 10, 100, 1000)]
    assert late == sorted(late)


@given(st.integers(1, 100))
def test_one_poll_comes_shortly_after_the_expected_end(usual: int) -> None:
    """Polls just before it would find nothing, and with thousands of jobs they delay those that do."""
    age = usual * 0.9
    assert usual < age + next_poll_in(age, usual) <= usual + 0.25


def test_a_quick_job_is_polled_at_once() -> None:
    """Without an expected duration the first poll comes at once."""
    assert first_poll_after(None) == 0
    assert first_poll_after(8) == 4
    assert first_poll_after(600) == 30


@given(st.floats(1, 25))
def test_without_an_expectation_a_poll_is_never_far_behind(age: float) -> None:
    """Without an expected duration each poll waits a fifth of the job's age: its end is noticed at most so late."""
    assert next_poll_in(age, None) == age / 5
    assert next_poll_in(5 * age, None) > next_poll_in(age, None) or next_poll_in(5 * age, None) == MAX_SECONDS / 3


def test_polls_follow_the_expected_end() -> None:
    """Polls are rare long before the expected end, one a second around it, and rare again long after it. In the last
    part before it there is none, from its first moment on."""
    assert [next_poll_in(age, 60) for age in (0, 30, 45, 51, 56)] == [15, 15, 7.5, 9.25, 4.25]
    assert [next_poll_in(age, 60) for age in (60, 70, 110, 1000)] == [1, 1, 5, 15]


def test_a_job_of_a_minute_is_polled_four_times() -> None:
    """Each poll costs the provider and us something, and its end is noticed within a second."""
    polls = [first_poll_after(60)]
    while polls[-1] < 60:
        polls.append(polls[-1] + next_poll_in(polls[-1], 60))
    assert len(polls) == 4
    assert polls[-1] - 60 <= 1


@given(st.integers(1, 10))
def test_a_short_job_is_polled_often(usual: int) -> None:
    """The end of a job of some seconds is noticed within a fifth of a second."""
    assert next_poll_in(usual, usual) == MIN_SECONDS
