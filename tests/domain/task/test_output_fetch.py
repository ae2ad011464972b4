"""Downloads of paid outputs: a failed one never fails the call, and is repeated within limits."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from domain.backoff import delay_seconds
from domain.base import Event, replace
from domain.money import Cost
from domain.provider import FILE, Asset, DownloadResult, Missing, OutputsReady, RemoteOutput, Stored
from domain.task import lifecycle, output_fetch, provider_call
from domain.task.events import (
    CallResolved,
    LateResultSeen,
    OutputFetchFailed,
    OutputStored,
    ProviderSucceeded,
    RefetchRequested,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
)
from domain.task.next_step import Done, Fetch, next_step
from domain.task.output_fetch import FETCH_WINDOW_SECONDS, MAX_FILE_ATTEMPTS
from domain.task.state import CallState, Status, Task
from tests.domain.scenario import (
    ACCEPTED,
    ANSWERED_LATE,
    AT,
    BUSY_NOW,
    CALL,
    CALLED,
    CALLED_AGAIN,
    COMPLETED,
    DEADLINE,
    DELIVERED,
    EXPIRED,
    FAILED,
    FETCHED,
    IMAGE,
    IN_DOUBT,
    LATE,
    NEXT_CALL,
    NOT_FOUND_OUT,
    OUTCOME_UNKNOWN,
    PROGRESSED,
    REFUSED,
    REQUESTED,
    RESULT,
    RUNNING_ON,
    SOON,
    STORED,
    WISH,
)
from tests.spec import Answer, fold, given

COST = Cost(amount=Decimal("0.08"), currency="USD", price_revision=1)
TWO = OutputsReady(
    outputs=(
        RemoteOutput(index=0, url="https://files.example.com/0"),
        RemoteOutput(index=1, url="https://files.example.com/1"),
    ),
    usage={"image": 2},
    cost=COST,
)
DONE = ProviderSucceeded(call=CALL, outputs=DELIVERED.outputs, usage={"outputs": 1}, at=AT)
BOTH = ProviderSucceeded(call=CALL, outputs=TWO.outputs, usage={"image": 2}, cost=COST, at=AT)
PAST = (REQUESTED, CALLED, ACCEPTED, BOTH)
FIRST, SECOND = ((0, IMAGE),), ((1, IMAGE),)
STORED_SECOND = OutputStored(index=1, asset=IMAGE, at=AT)
GAPS = (
    Missing(index=0, code="fetch_failed", message="HTTP 502"),
    Missing(index=1, code="fetch_failed", message="HTTP 502"),
)
NONE = DownloadResult(failed=GAPS)
HALF = DownloadResult(assets=FIRST, failed=GAPS[1:])
PAUSE = delay_seconds(1, jitter_key=CALL)


def seen(*past: Event, what: OutputsReady | Stored, call: str = CALL) -> Answer:
    return given(*past).when(provider_call.observe, call_id=call, seen=what, at=AT)


def fetched(*past: Event, what: DownloadResult, at: datetime = AT, call: str = CALL) -> Answer:
    return given(*past).when(output_fetch.fetched, call_id=call, seen=what, at=at)


def not_fetched(*gaps: Missing, seconds: float | None, at: datetime = AT) -> OutputFetchFailed:
    return OutputFetchFailed(failed=gaps, retry_at=None if seconds is None else at + timedelta(seconds=seconds), at=at)


def completed(**changes: object) -> TaskCompleted:
    return replace(TaskCompleted(usage={"image": 2}, cost=COST, at=AT), **changes)


def lost(*, at: datetime = AT, message: str = "HTTP 502", cost: Cost | None = COST) -> TaskFailed:
    return TaskFailed(
        code="outputs_not_fetched",
        message="The provider made it, and it is paid for, but it could not be fetched from there. "
        "It can be tried again with POST /api/v1/tasks/{id}/refetch.",
        retryable=False,
        charged="yes",
        provider_code="fetch_failed",
        provider_message=message,
        cost=cost,
        at=at,
    )


# --- The provider is done ---


@pytest.mark.parametrize("past", [(CALLED,), (CALLED, ACCEPTED), (CALLED, ACCEPTED, WISH), (CALLED, BUSY_NOW)])
def test_a_finished_job_is_recorded_before_its_download(past: tuple[Event, ...]) -> None:
    """The URLs are recorded before the download, so that any worker can continue it."""
    seen(REQUESTED, *past, what=DELIVERED).then(DONE)


def test_a_delivery_in_person_settles_a_doubt() -> None:
    """The result settles a doubt about its call."""
    seen(REQUESTED, CALLED, IN_DOUBT, what=DELIVERED).then(ANSWERED_LATE, DONE)


def test_a_delivery_is_recorded_once() -> None:
    """A repeated result, during the download or after it, adds no event."""
    seen(REQUESTED, CALLED, DONE, what=DELIVERED).then_nothing()
    seen(REQUESTED, CALLED, DONE, STORED, COMPLETED, what=DELIVERED).then_nothing()


def test_cost_and_missing_outputs_are_recorded_with_the_urls() -> None:
    """Cost, usage and missing outputs are known before the download, and are stored for the end of the task."""
    gap = Missing(index=2, code="content_rejected", message="Not this one.")
    seen(REQUESTED, CALLED, what=replace(TWO, missing=(gap,))).then(replace(BOTH, missing=(gap,)))


def test_the_lifetime_of_the_urls_is_recorded() -> None:
    """The lifetime of the URLs becomes a time."""
    seen(REQUESTED, CALLED, what=replace(DELIVERED, expires_seconds=30)).then(replace(DONE, expires_at=SOON))


def test_ready_outputs_are_fetched_next() -> None:
    """The next step is the download, not before its time."""
    assert next_step(fold(Task, (REQUESTED, CALLED, DONE))) == Fetch()
    waiting = fold(Task, (REQUESTED, CALLED, DONE, not_fetched(GAPS[0], seconds=30)))
    assert next_step(waiting) == Fetch(not_before=SOON)


# --- Fetching ---


def test_fetched_outputs_complete_the_task() -> None:
    """Each output is stored before the end, which has the usage and the cost of the provider."""
    fetched(*PAST, what=DownloadResult(assets=(*FIRST, *SECOND), notes=("output 0: smaller",))).then(
        STORED, STORED_SECOND, completed(notes=("output 0: smaller",))
    )


def test_the_same_outputs_twice_are_stored_once() -> None:
    """A second worker that fetched them too adds nothing."""
    fetched(REQUESTED, CALLED, DONE, STORED, COMPLETED, what=FETCHED).then_nothing()
    half = (*PAST, STORED, not_fetched(GAPS[1], seconds=1))
    fetched(*half, what=HALF).then_nothing()
    fetched(*half, what=DownloadResult(assets=(*FIRST, *SECOND))).then(STORED_SECOND, completed())


def test_fetched_outputs_are_stored_while_the_rest_is_tried_again() -> None:
    """One of two outputs is stored, and the other one gets another attempt."""
    fetched(*PAST, what=HALF).then(STORED, not_fetched(GAPS[1], seconds=PAUSE))
    fetched(*PAST, STORED, not_fetched(GAPS[1], seconds=1), what=DownloadResult(assets=SECOND)).then(
        STORED_SECOND, completed()
    )


def test_outputs_that_were_not_tried_are_no_failure() -> None:
    """A worker that attempted some outputs only leaves the others for the next step."""
    fetched(*PAST, what=DownloadResult(assets=FIRST)).then(STORED)


@pytest.mark.parametrize(("tries", "seconds"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (30, 60)])
def test_pauses_between_fetches_grow_within_bounds(tries: int, seconds: float) -> None:
    """The delay doubles with every attempt, up to a minute."""
    assert seconds / 2 <= delay_seconds(tries + 1, jitter_key=CALL) < seconds
    past = (*PAST, *[not_fetched(*GAPS, seconds=0)] * tries)
    fetched(*past, what=NONE).then(not_fetched(*GAPS, seconds=delay_seconds(tries + 1, jitter_key=CALL)))


def test_a_failure_that_is_known_is_not_counted_again() -> None:
    """Failures of two workers at the same time count as one."""
    waiting = (*PAST, not_fetched(*GAPS, seconds=1))
    fetched(*waiting, what=NONE).then_nothing()
    fetched(*waiting, what=NONE, at=AT + timedelta(seconds=1)).then(
        not_fetched(*GAPS, seconds=delay_seconds(2, jitter_key=CALL), at=AT + timedelta(seconds=1))
    )


def test_outputs_that_another_worker_fetched_meanwhile_are_stored() -> None:
    """An output that comes before the next attempt is stored; the failure of another is not counted again."""
    fetched(*PAST, not_fetched(*GAPS, seconds=60), what=HALF).then(STORED)


def test_a_fetch_is_given_up_after_its_time() -> None:
    """After an hour the attempts end; the failure says that the outputs are paid for and can be refetched."""
    at_last = AT + timedelta(seconds=FETCH_WINDOW_SECONDS - PAUSE)
    fetched(*PAST, what=NONE, at=at_last - timedelta(seconds=1)).then(
        not_fetched(*GAPS, seconds=PAUSE, at=at_last - timedelta(seconds=1))
    )
    fetched(*PAST, what=NONE, at=at_last).then(not_fetched(*GAPS, seconds=None, at=at_last), lost(at=at_last))


def test_no_fetch_is_planned_after_the_urls_expire() -> None:
    """There is no attempt after the URLs expire."""
    dying = replace(BOTH, expires_at=AT + timedelta(seconds=PAUSE))
    fetched(REQUESTED, CALLED, dying, what=NONE).then(not_fetched(*GAPS, seconds=None), lost())
    living = replace(BOTH, expires_at=AT + timedelta(seconds=2))
    fetched(REQUESTED, CALLED, living, what=NONE).then(not_fetched(*GAPS, seconds=PAUSE))


def test_expired_urls_are_not_tried_again() -> None:
    """After a permanent failure the task ends at once: completed with the stored outputs, failed without any."""
    fetched(*PAST, what=replace(NONE, permanent=True)).then(not_fetched(*GAPS, seconds=None), lost())
    fetched(*PAST, what=replace(HALF, permanent=True)).then(
        STORED, not_fetched(GAPS[1], seconds=None), completed(missing=GAPS[1:])
    )


def test_an_output_that_is_stored_outlives_the_failure_of_the_rest() -> None:
    """However many outputs are stored and however the rest fails, the task ends with what there is."""
    for stored, gap in ((STORED, GAPS[1]), (STORED_SECOND, GAPS[0])):
        fetched(*PAST, stored, what=DownloadResult(failed=(gap,), permanent=True)).then(
            not_fetched(gap, seconds=None), completed(missing=(gap,))
        )


def test_a_delivery_ends_the_progress_of_the_job() -> None:
    """A task whose outputs are being fetched shows no progress that the provider told before."""
    folded = fold(Task, (REQUESTED, CALLED, ACCEPTED, PROGRESSED))
    assert (folded.percent, folded.phase) == (40, "rendering")
    folded = fold(Task, (REQUESTED, CALLED, ACCEPTED, PROGRESSED, DONE))
    assert (folded.percent, folded.phase) == (None, None)


def test_missing_outputs_are_reported_together() -> None:
    """The missing outputs are those that were not made and those whose download failed."""
    unmade = Missing(index=2, code="content_rejected", message="Not this one.")
    past = (REQUESTED, CALLED, replace(BOTH, missing=(unmade,)))
    fetched(*past, what=replace(HALF, permanent=True)).then(
        STORED, not_fetched(GAPS[1], seconds=None), completed(missing=(unmade, GAPS[1]))
    )


def test_a_fetch_never_fails_the_call() -> None:
    """After any outcome of a fetch the call stays paid for: it is not repeated, and does not expire."""
    past = (*PAST, not_fetched(*GAPS, seconds=60))
    given(*past).when(lifecycle.expire, at=DEADLINE + timedelta(days=1)).then_nothing()
    given(*past).when(
        provider_call.start_call, provider="sandbox", call_id=NEXT_CALL, digest="c0ffee", worker="w1", epoch=1, at=SOON
    ).then_nothing()
    folded = fold(Task, (*past, not_fetched(*GAPS, seconds=None), lost()))
    assert (folded.status, next_step(folded)) == (Status.FAILED, Done())


def test_results_of_other_fetches_change_nothing() -> None:
    """The result of a download counts for its own call only, while that has outputs to download."""
    fetched(REQUESTED, CALLED, ACCEPTED, what=FETCHED).then_nothing()
    fetched(REQUESTED, CALLED, REFUSED, FAILED, what=FETCHED).then_nothing()
    fetched(REQUESTED, CALLED, BUSY_NOW, CALLED_AGAIN, what=FETCHED).then_nothing()
    fetched(*PAST, what=FETCHED, call=NEXT_CALL).then_nothing()


def test_a_delivery_of_nothing_fails() -> None:
    """A result that names no output fails the task."""
    empty = replace(DONE, outputs=())
    fetched(REQUESTED, CALLED, empty, what=DownloadResult()).then(lost(message="no output was named", cost=None))


# --- After the end ---


@pytest.mark.parametrize(
    "end",
    [(ACCEPTED, EXPIRED), (ACCEPTED, WISH, RUNNING_ON), (IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN)],
)
def test_a_delivery_after_the_end_is_fetched_and_stored(end: tuple[Event, ...]) -> None:
    """Outputs after the end are one late result, and the task stays as it ended."""
    past = (REQUESTED, CALLED, *end)
    seen(*past, what=DELIVERED).then(DONE)
    assert next_step(fold(Task, (*past, DONE))) == Fetch()
    fetched(*past, DONE, what=FETCHED).then(LATE)
    folded = fold(Task, (*past, DONE, LATE))
    assert (folded.status, next_step(folded)) == (Status.FAILED, Done())


def test_late_outputs_that_can_not_be_fetched_are_tried_again() -> None:
    """After the end, too, failed outputs get other attempts; then the late result has the stored ones."""
    past = (REQUESTED, CALLED, ACCEPTED, EXPIRED, BOTH)
    fetched(*past, what=HALF).then(not_fetched(GAPS[1], seconds=PAUSE))
    fetched(*past, what=replace(HALF, permanent=True)).then(
        not_fetched(GAPS[1], seconds=None), LateResultSeen(call=CALL, assets=(IMAGE,), at=AT)
    )


def test_a_part_of_late_outputs_waits_for_the_others() -> None:
    """What comes before the next attempt is no event of its own after the end: all outputs are one late result."""
    past = (REQUESTED, CALLED, ACCEPTED, EXPIRED, BOTH, not_fetched(*GAPS, seconds=60))
    fetched(*past, what=HALF).then_nothing()
    both = DownloadResult(assets=(*FIRST, *SECOND))
    fetched(*past, what=both).then(LateResultSeen(call=CALL, assets=(IMAGE, IMAGE), at=AT))


def test_a_task_cancelled_during_its_download_counts_as_charged() -> None:
    """There is nothing left to cancel: the caller need not wait, and the outputs become a late result."""
    end = TaskCancelled(
        by="frontend",
        outcome="too_late",
        message="The provider had finished already: what it made is kept as a late result.",
        charged="yes",
        at=AT,
    )
    past = (REQUESTED, CALLED, DONE)
    given(*past).when(lifecycle.cancel, by="frontend", at=AT).then(WISH, end)
    fetched(*past, WISH, end, what=FETCHED).then(LATE)


def test_ready_outputs_win_over_an_earlier_cancellation() -> None:
    """Outputs that were ready before the stop complete the task."""
    fetched(REQUESTED, CALLED, ACCEPTED, WISH, DONE, what=FETCHED).then(STORED, COMPLETED)


# --- Refetch ---

GIVEN_UP = (*PAST, not_fetched(*GAPS, seconds=None), lost())
AGAIN = RefetchRequested(by="frontend", at=SOON)


def refetch(*past: Event) -> Answer:
    return given(*past).when(output_fetch.refetch, by="frontend", at=SOON)


def test_failed_downloads_are_repeated_on_request() -> None:
    """A refetch resumes the task with a new time window, and it completes without another call."""
    refetch(*GIVEN_UP).then(AGAIN)
    folded = fold(Task, (*GIVEN_UP, AGAIN))
    assert (folded.status, next_step(folded)) == (Status.PROCESSING, Fetch())
    fetched(*GIVEN_UP, AGAIN, what=NONE, at=SOON).then(not_fetched(*GAPS, seconds=PAUSE, at=SOON))
    fetched(*GIVEN_UP, AGAIN, what=DownloadResult(assets=(*FIRST, *SECOND))).then(STORED, STORED_SECOND, completed())


def test_a_refetch_does_not_wait_for_the_attempt_that_was_planned() -> None:
    """A task was cancelled between two attempts: a refetch begins at once."""
    end = TaskCancelled(by="frontend", outcome="too_late", message="Too late.", charged="yes", at=AT)
    past = (*PAST, not_fetched(*GAPS, seconds=60), WISH, end, AGAIN)
    assert next_step(fold(Task, past)) == Fetch()


def test_a_call_that_is_retried_leaves_nothing_to_fetch() -> None:
    """What the earlier call has not delivered is not asked for again."""
    again = CallResolved(call=CALL, verdict="retry", by="anna", finish_by=DEADLINE, at=AT)
    refetch(*GIVEN_UP, again).then_rejected("nothing_to_fetch")


def test_the_missing_half_of_a_result_is_fetched_on_request() -> None:
    """A task that was completed with some outputs gets the others, and no longer names them as missing."""
    past = (*PAST, STORED, not_fetched(GAPS[1], seconds=None), completed(missing=GAPS[1:]))
    refetch(*past).then(AGAIN)
    fetched(*past, AGAIN, what=DownloadResult(assets=SECOND)).then(STORED_SECOND, completed())


def test_a_second_refetch_adds_nothing() -> None:
    """A refetch during a download adds no event."""
    refetch(*PAST).then_nothing()
    refetch(*GIVEN_UP, AGAIN).then_nothing()


def test_a_refetch_has_as_much_time_as_the_first_download() -> None:
    """A late refetch has as many attempts and as much time as the first download."""
    later = AT + timedelta(seconds=3 * FETCH_WINDOW_SECONDS)
    past = (*PAST, *[not_fetched(*GAPS, seconds=0)] * 9, not_fetched(*GAPS, seconds=None), lost())
    past = (*past, replace(AGAIN, at=later))
    fetched(*past, what=NONE, at=later).then(not_fetched(*GAPS, seconds=PAUSE, at=later))
    over = later + timedelta(seconds=FETCH_WINDOW_SECONDS)
    fetched(*past, what=NONE, at=over).then(not_fetched(*GAPS, seconds=None, at=over), lost(at=over))


@pytest.mark.parametrize(
    "past", [(REQUESTED,), (REQUESTED, CALLED, ACCEPTED), (REQUESTED, CALLED, DONE, STORED, COMPLETED)]
)
def test_a_refetch_of_nothing_is_refused(past: tuple[Event, ...]) -> None:
    """A refetch without a missing output is refused."""
    refetch(*past).then_rejected("nothing_to_fetch")


def test_there_is_nothing_to_fetch_before_a_request() -> None:
    """An empty stream is no task, so it is refused as unknown."""
    refetch().then_rejected("task_unknown")


def test_a_stored_result_ends_the_delivery() -> None:
    """A stored result ends the download."""
    seen(REQUESTED, CALLED, DONE, what=RESULT).then(STORED, COMPLETED)
    folded = fold(Task, (REQUESTED, CALLED, DONE, STORED, COMPLETED))
    assert folded.call is not None
    assert folded.call.state is CallState.SETTLED


# --- Undecodable outputs ---

STRANGE = Asset(id="asset_1.bin", sha256="1", bytes=9, media_type=FILE)
BROKEN = Missing(index=0, code="fetch_failed", message="The JPEG image does not decode")
ONE = replace(BOTH, outputs=BOTH.outputs[:1])
A_FILE = "output 0: it does not decode, so it is kept as it came, as a file"
CAME = DownloadResult(failed=(BROKEN,), files=((0, STRANGE),))
STORED_STRANGE = OutputStored(index=0, asset=STRANGE, at=AT)


def tries(count: int) -> tuple[OutputFetchFailed, ...]:
    return (not_fetched(BROKEN, seconds=0),) * count


def test_an_undecodable_output_is_fetched_again_at_first() -> None:
    """An output that does not decode gets several attempts: the download may have been cut off."""
    for before in range(MAX_FILE_ATTEMPTS):
        fetched(REQUESTED, CALLED, ONE, *tries(before), what=CAME).then(
            not_fetched(BROKEN, seconds=delay_seconds(before + 1, jitter_key=CALL))
        )


def test_an_undecodable_output_is_stored_as_a_file_in_the_end() -> None:
    """After the last attempt the file is stored as it is, and a note says so."""
    fetched(REQUESTED, CALLED, ONE, *tries(MAX_FILE_ATTEMPTS), what=CAME).then(
        STORED_STRANGE, completed(notes=(A_FILE,))
    )


def test_an_undecodable_output_is_stored_if_there_is_no_other_attempt() -> None:
    """Without another attempt the file is stored as it is."""
    permanent = replace(CAME, permanent=True)
    fetched(REQUESTED, CALLED, ONE, what=permanent).then(STORED_STRANGE, completed(notes=(A_FILE,)))
    late = replace(BOTH, outputs=BOTH.outputs[:1], expires_at=AT)
    fetched(REQUESTED, CALLED, late, what=CAME).then(STORED_STRANGE, completed(notes=(A_FILE,)))


def test_a_file_does_not_end_the_wait_for_the_others() -> None:
    """While another output may still succeed, all get other attempts; the file is stored with the last one."""
    failed = (BROKEN, GAPS[1])
    past = (REQUESTED, CALLED, BOTH, *(not_fetched(*failed, seconds=0) for _ in range(MAX_FILE_ATTEMPTS)))
    seen = DownloadResult(failed=failed, files=((0, STRANGE),))
    fetched(*past, what=seen).then(not_fetched(*failed, seconds=delay_seconds(MAX_FILE_ATTEMPTS + 1, jitter_key=CALL)))
    fetched(*past, what=replace(seen, permanent=True)).then(
        STORED_STRANGE, not_fetched(GAPS[1], seconds=None), completed(missing=(GAPS[1],), notes=(A_FILE,))
    )


def test_an_undecodable_output_is_stored_with_the_decodable_ones() -> None:
    """The image and the file are both stored, and so are the notes on both."""
    result = DownloadResult(
        assets=SECOND, failed=(BROKEN,), files=((0, STRANGE),), notes=("output 1: smaller",), permanent=True
    )
    fetched(*PAST, what=result).then(STORED_SECOND, STORED_STRANGE, completed(notes=("output 1: smaller", A_FILE)))


# --- Recovered outputs ---

BROUGHT = RefetchRequested(by="worker:w1", at=SOON)


def brought(*past: Event, what: DownloadResult, call: str = CALL) -> Answer:
    return given(*past).when(output_fetch.recovered, call_id=call, seen=what, by="worker:w1", at=SOON)


def soon(event: Event) -> Event:
    return replace(event, at=SOON)


def test_recovered_outputs_count_as_fetched() -> None:
    """During the download, recovered outputs count as downloaded, once."""
    both = DownloadResult(assets=(*FIRST, *SECOND))
    end = (soon(STORED), soon(STORED_SECOND), completed(at=SOON))
    brought(*PAST, what=both).then(*end)
    brought(*PAST, *end, what=both).then_nothing()
    brought(*PAST, what=DownloadResult(assets=FIRST)).then(soon(STORED))


def test_recovered_outputs_of_an_open_call_wait_for_its_outcome() -> None:
    """One output is not the whole result: recorded as a late one it would settle the call, and pay for another."""
    for past in ((CALLED,), (CALLED, IN_DOUBT), (CALLED, ACCEPTED)):
        brought(REQUESTED, *past, what=DownloadResult(assets=FIRST)).then_nothing()


def test_recovered_outputs_resume_a_task_that_was_given_up() -> None:
    """Recovered outputs complete a task that had given them up, once."""
    end = (BROUGHT, soon(STORED), soon(STORED_SECOND), completed(at=SOON))
    brought(*GIVEN_UP, what=DownloadResult(assets=(*FIRST, *SECOND))).then(*end)
    brought(*GIVEN_UP, *end, what=DownloadResult(assets=(*FIRST, *SECOND))).then_nothing()


def test_recovered_outputs_are_added_to_the_others() -> None:
    """A task that was completed with some outputs gets the recovered ones."""
    past = (*PAST, STORED, not_fetched(GAPS[1], seconds=None), completed(missing=GAPS[1:]))
    brought(*past, what=DownloadResult(assets=SECOND)).then(BROUGHT, soon(STORED_SECOND), completed(at=SOON))
    brought(*past, what=DownloadResult(assets=FIRST)).then_nothing()


def test_recovered_outputs_of_an_earlier_call_are_a_late_result() -> None:
    """Recovered outputs of a call that a person retried are one late result."""
    again = CallResolved(call=CALL, verdict="retry", by="anna", finish_by=DEADLINE, at=AT)
    past = (*GIVEN_UP, again, CALLED_AGAIN)
    late = LateResultSeen(call=CALL, assets=(IMAGE,), at=SOON)
    brought(*past, what=DownloadResult(assets=FIRST)).then(late)
    brought(*past, late, what=DownloadResult(assets=FIRST)).then_nothing()
    brought(*past, what=DownloadResult(failed=GAPS)).then_nothing()
    brought(*past, replace(BOTH, call=NEXT_CALL), what=DownloadResult(assets=FIRST)).then(late)
