"""When a job is asked for."""

from hypothesis import given
from hypothesis import strategies as st

from application.poll_schedule import MAX_SECONDS, MIN_SECONDS, first_poll_after, next_poll_in

AGES = st.floats(0, 1e6)
USUAL = st.none() | st.integers(1, 3600)


@given(AGES, USUAL)
def test_a_job_is_always_asked_for_again(age: float, usual: int | None) -> None:
    """Whatever its age, the next question comes, and not at once."""
    assert MIN_SECONDS <= next_poll_in(age, usual) <= MAX_SECONDS


@given(st.integers(1, 3600))
def test_questions_get_denser_towards_the_usual_time(usual: int) -> None:
    """From the first question to the usual time, none waits longer than the one before; past it they thin out."""
    ages = [first_poll_after(usual) + (usual - first_poll_after(usual)) * step / 10 for step in range(11)]
    waits = [next_poll_in(age, usual) for age in ages]
    assert waits == sorted(waits, reverse=True)
    late = [next_poll_in(usual + more, usual) for more in (0, 10, 100, 1000)]
    assert late == sorted(late)


def test_a_quick_job_is_asked_for_at_once() -> None:
    """Where nobody knows how long it takes, nothing is waited for."""
    assert first_poll_after(None) == 0
    assert first_poll_after(8) == 4
    assert first_poll_after(600) == 30


@given(st.floats(1, 25))
def test_where_nobody_knows_a_question_is_never_far_behind(age: float) -> None:
    """Each comes after a fifth of the job's age: at most so much later than it was done is it known to be done."""
    assert next_poll_in(age, None) == age / 5
    assert next_poll_in(5 * age, None) > next_poll_in(age, None) or next_poll_in(5 * age, None) == MAX_SECONDS / 3


def test_questions_follow_the_usual_time() -> None:
    """Seldom long before it, each second around it, and seldom again long after it."""
    assert [next_poll_in(age, 60) for age in (0, 30, 56, 60, 70, 110, 1000)] == [15, 7.5, 1, 1, 1, 5, 15]
