"""Laws of the errors that ports raise: each says what happened, and what its catcher needs."""

from application.ports import InputUnavailable, LogUnavailable


def test_a_log_that_is_away_says_when_to_come_back() -> None:
    error = LogUnavailable("PostgreSQL is away", retry_after=3)
    assert (str(error), error.retry_after) == ("PostgreSQL is away", 3)


def test_an_input_that_is_not_available_says_why_and_whether_it_may_be_later() -> None:
    error = InputUnavailable("input_missing", "It is gone.", retryable=False)
    assert (str(error), error.code, error.message, error.retryable) == (
        "It is gone.",
        "input_missing",
        "It is gone.",
        False,
    )
