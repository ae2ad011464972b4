"""Laws of the tasks read model: given these facts, GET shows this view."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from application.clock import new_stream
from domain.base import replace
from domain.ids import task_id
from domain.model import DefaultModelChosen, Kind, ModelEnabled
from domain.provider import Asset, Missing, RemoteOutput
from domain.task.events import (
    CallResolved,
    FallbackChosen,
    LateResultSeen,
    OutputFetchFailed,
    OutputStored,
    ProviderProgressed,
    ProviderSucceeded,
    RefetchRequested,
)
from domain.task.state import Status
from projections.task_lists import Filter, page
from projections.task_view import Media, Result, TaskError, TaskView, fold_all
from projections.tasks import TASKS, TaskSnapshot, find_many
from tests.projections.projection_rig import ProjectionRig
from tests.projections.scenario import (
    AT,
    COST,
    accepted,
    after,
    called,
    cancelled,
    cancelling,
    completed,
    doubted,
    failed,
    image_asset,
    reconciled,
    refused,
    requested,
)

CAT = Media(
    url="/api/v1/assets/asset_cat.png", width=8, height=6, asset_id="asset_cat.png", media_type="image/png", bytes=70
)
DOG = replace(CAT, url="/api/v1/assets/asset_dog.png", asset_id="asset_dog.png")
CLIP = Asset(
    id="asset_clip.mp4",
    sha256="aa",
    bytes=900,
    media_type="video/mp4",
    width=64,
    height=36,
    duration_seconds=2.5,
)


async def view_of(rig: ProjectionRig, stream: UUID) -> TaskView:
    """The view as GET has it, once the read model has caught up. It is at the stream's head, as a fold of it is."""
    await rig.follow(TASKS)
    (seen,) = await find_many(rig.pool, [stream])
    assert seen.body is not None
    assert seen.version == seen.head
    view = msgspec.json.decode(seen.body, type=TaskView)
    expected_tasks = fold_all(await rig.log.stream(stream))
    assert expected_tasks is not None
    assert (expected_tasks.version, expected_tasks.view) == (seen.version, view)
    return view


async def see(rig: ProjectionRig, *later: Any, **request: Any) -> TaskView:
    """The view of a new task after these events."""
    return await view_of(rig, await rig.begin(*later, **request))


# --- One event after another ---


async def test_a_requested_task_is_pending(rig: ProjectionRig) -> None:
    """A request is shown as it was sent, pending and queued."""
    stream = new_stream()
    await rig.append(
        stream,
        requested(
            stream,
            params={"prompt": "a cat", "n": 2, "extraParams": {"seed": 1, "loras": [{"model": "m", "weight": 0.5}]}},
            project_id="project",
            source="canvas",
            source_id="canvas-1",
            metadata={"a": [1, 2.5, None, "ä"]},
        ),
    )
    assert await view_of(rig, stream) == TaskView(
        id=task_id(stream),
        type=Kind.IMAGE,
        status=Status.PENDING,
        model="sandbox/image-1",
        params={"prompt": "a cat", "n": 2, "extraParams": {"seed": 1, "loras": [{"model": "m", "weight": 0.5}]}},
        created_at=AT,
        updated_at=AT,
        phase="queued",
        project_id="project",
        source="canvas",
        source_id="canvas-1",
        metadata={"a": [1, 2.5, None, "ä"]},
    )


async def test_a_called_task_is_processing(rig: ProjectionRig) -> None:
    """The first call starts the task."""
    view = await see(rig, called(at=1))
    assert (view.status, view.phase) == (Status.PROCESSING, "submitting")
    assert (view.started_at, view.updated_at, view.created_at) == (after(1), after(1), AT)


async def test_a_task_starts_once(rig: ProjectionRig) -> None:
    """A second call does not move the start."""
    view = await see(rig, called(at=1), refused(retry_at=after(3)), called(2, at=4))
    assert (view.status, view.phase, view.started_at, view.updated_at) == (
        Status.PROCESSING,
        "submitting",
        after(1),
        after(4),
    )


async def test_an_accepted_call_is_submitted(rig: ProjectionRig) -> None:
    """A job at the provider is a phase of processing."""
    view = await see(rig, called(), accepted())
    assert (view.status, view.phase) == (Status.PROCESSING, "submitted")


async def test_progress_is_shown(rig: ProjectionRig) -> None:
    """Percent and phase are the provider's own."""
    view = await see(rig, called(), accepted(), ProviderProgressed(percent=40, phase="rendering", at=after(5)))
    assert (view.progress, view.phase, view.updated_at) == (40, "rendering", after(5))


async def test_progress_without_a_phase_keeps_the_phase(rig: ProjectionRig) -> None:
    """A progress with only a number keeps the phase."""
    view = await see(rig, called(), accepted(), ProviderProgressed(percent=40, at=after(5)))
    assert (view.progress, view.phase) == (40, "submitted")


async def test_progress_begins_anew_with_another_call(rig: ProjectionRig) -> None:
    """The progress of the first call is not shown for the second."""
    progressed = ProviderProgressed(percent=40, phase="rendering", at=after(2))
    view = await see(rig, called(), progressed, refused(retry_at=after(4), at=3), called(2, at=5))
    assert (view.progress, view.phase) == (None, "submitting")


async def test_a_refusal_that_is_tried_again_waits(rig: ProjectionRig) -> None:
    """A refused call with a next try is no failure."""
    view = await see(rig, called(), refused(retry_at=after(60)))
    assert (view.status, view.phase, view.error) == (Status.PROCESSING, "waiting_to_retry", None)


async def test_a_final_refusal_changes_nothing_before_the_failure(rig: ProjectionRig) -> None:
    """Without a next try the refusal itself changes nothing; TaskFailed does."""
    view = await see(rig, called(), refused(retry_at=None, at=2))
    assert (view.status, view.phase, view.error, view.updated_at) == (
        Status.PROCESSING,
        "submitting",
        None,
        after(2),
    )


async def test_a_doubt_is_a_phase(rig: ProjectionRig) -> None:
    """A task whose call is in doubt is still processing."""
    view = await see(rig, called(), doubted())
    assert (view.status, view.phase, view.error) == (Status.PROCESSING, "in_doubt", None)


@pytest.mark.parametrize(
    ("outcome", "phase"), [("happened", "submitted"), ("did_not_happen", "queued"), ("unknown", "queued")]
)
async def test_a_settled_doubt_goes_on(rig: ProjectionRig, outcome: Any, phase: str) -> None:
    """A call that happened is submitted; one that did not happen waits for its next call."""
    view = await see(rig, called(), doubted(), reconciled(outcome))
    assert (view.status, view.phase) == (Status.PROCESSING, phase)


@pytest.mark.parametrize(
    ("kind", "field"), [(Kind.IMAGE, "images"), (Kind.VIDEO, "videos"), (Kind.AUDIO, "audios"), (Kind.LLM, "audios")]
)
async def test_an_output_is_listed_under_its_kind(rig: ProjectionRig, kind: Kind, field: str) -> None:
    """Outputs come in their order, with what was measured, in the list of the task's kind and no other."""
    view = await see(
        rig,
        called(),
        OutputStored(index=0, asset=image_asset(), at=after(3)),
        OutputStored(index=1, asset=image_asset("dog"), at=after(4)),
        kind=kind,
    )
    assert view.status is Status.PROCESSING
    assert msgspec.to_builtins(view.result) == msgspec.to_builtins({field: (CAT, DOG)})


async def test_a_video_has_a_duration(rig: ProjectionRig) -> None:
    """Size and duration of a video are shown."""
    view = await see(rig, called(), OutputStored(index=0, asset=CLIP, at=after(3)), kind=Kind.VIDEO)
    clip = Media(
        url="/api/v1/assets/asset_clip.mp4",
        width=64,
        height=36,
        duration=2.5,
        asset_id="asset_clip.mp4",
        media_type="video/mp4",
        bytes=900,
    )
    assert view.result == Result(videos=(clip,))


async def test_a_cancelling_task_is_processing(rig: ProjectionRig) -> None:
    """A requested cancellation is not the end yet."""
    view = await see(rig, called(), accepted(), cancelling())
    assert (view.status, view.phase) == (Status.PROCESSING, "cancelling")


async def test_a_completed_task_has_its_result(rig: ProjectionRig) -> None:
    """The result has every stored output, its usage and its cost."""
    view = await see(
        rig,
        called(at=1),
        accepted(),
        OutputStored(index=0, asset=image_asset(), at=after(8)),
        completed(usage={"images": 1}, cost=COST),
    )
    assert (view.status, view.phase, view.progress) == (Status.COMPLETED, "completed", 100)
    assert view.result == Result(images=(CAT,))
    assert (view.usage, view.cost) == ({"images": 1}, COST)
    assert (view.started_at, view.finished_at, view.updated_at) == (after(1), after(9), after(9))
    assert view.error is None


async def test_a_partial_result_is_completed_and_names_what_is_missing(rig: ProjectionRig) -> None:
    """Outputs that could not be made are named with those that were made."""
    missing = Missing(index=1, code="content_rejected", message="The second one was refused.")
    stored = OutputStored(index=0, asset=image_asset(), at=after(8))
    view = await see(rig, called(), stored, completed(missing=(missing,)))
    assert (view.status, view.result) == (Status.COMPLETED, Result(images=(CAT,), missing=(missing,)))


async def test_a_text_is_the_result(rig: ProjectionRig) -> None:
    """A text has its own usage, and is shown even when it is empty."""
    usage = {"prompt_tokens": 3, "completion_tokens": 5}
    view = await see(rig, called(), completed(text="The sea.", usage=usage), kind=Kind.LLM)
    assert (view.status, view.result, view.usage) == (
        Status.COMPLETED,
        Result(text="The sea.", usage=usage),
        usage,
    )
    empty = await see(rig, called(), completed(text=""), kind=Kind.LLM)
    assert (empty.result, empty.usage) == (Result(text=""), None)


async def test_a_result_may_be_empty(rig: ProjectionRig) -> None:
    """A completed task always has a result, also an empty one."""
    view = await see(rig, called(), completed())
    assert (view.status, view.result, view.usage, view.cost) == (Status.COMPLETED, Result(), None, None)


async def test_a_failure_has_the_providers_own_words(rig: ProjectionRig) -> None:
    """A failed task has our code for programs and the provider's for people."""
    view = await see(rig, called(), refused(retry_at=None), failed())
    assert (view.status, view.phase, view.finished_at, view.result) == (Status.FAILED, "failed", after(9), None)
    assert view.error == TaskError(
        code="content_rejected",
        message="Not allowed.",
        retryable=False,
        charged="no",
        provider_code="DataInspectionFailed",
        provider_message="input data may contain inappropriate content",
    )


async def test_a_cancelled_task_has_failed(rig: ProjectionRig) -> None:
    """Cancelled is no status of its own: it is a failure with the code `cancelled`, and may be retried."""
    view = await see(rig, called(), accepted(), cancelling(), cancelled("confirmed"))
    assert (view.status, view.phase, view.finished_at) == (Status.FAILED, "cancelled", after(9))
    assert view.error == TaskError(
        code="cancelled",
        message="Cancelled by alice. Stopped.",
        retryable=True,
        charged="unknown",
        provider_code="confirmed",
        provider_message="Stopped.",
    )


async def test_late_results_are_shown_separately(rig: ProjectionRig) -> None:
    """Events after the end are listed, and change neither status nor error nor result."""
    before = await see(rig, called(), failed())
    view = await see(
        rig,
        called(),
        failed(),
        LateResultSeen(call="call-1", assets=(image_asset(),), at=after(20)),
        LateResultSeen(call="call-2", assets=(image_asset("dog"),), at=after(30)),
    )
    assert view == replace(before, id=view.id, late_results=(CAT, DOG), updated_at=after(30))


async def test_nothing_that_comes_after_the_end_moves_the_phase(rig: ProjectionRig) -> None:
    """A task that has ended keeps its last phase, whatever later events about its calls come."""
    news = [doubted(at=11), reconciled("happened", at=12), accepted(at=13), cancelling(at=14)]
    view = await see(rig, called(), failed(), *news)
    assert (view.status, view.phase, view.finished_at, view.updated_at) == (
        Status.FAILED,
        "failed",
        after(9),
        after(14),
    )


# --- Money, fallback models, downloads, decisions of a person ---

LOST = Missing(index=0, code="fetch_failed", message="HTTP 502")
DONE = ProviderSucceeded(
    call="call-1", outputs=(RemoteOutput(index=0, url="https://files.example.com/0"),), at=after(5)
)
UNFETCHED = OutputFetchFailed(failed=(LOST,), at=after(6))
NOT_FETCHED = failed(code="outputs_not_fetched", charged="yes", cost=COST)
REFETCH = RefetchRequested(by="alice", at=after(20))
UNKNOWN = [called(), doubted(), reconciled("unknown"), failed(code="outcome_unknown", charged="unknown")]


def resolved(verdict: Any) -> CallResolved:
    return CallResolved(call="call-1", verdict=verdict, by="anna", at=after(20))


async def test_an_estimate_is_shown_from_the_beginning(rig: ProjectionRig) -> None:
    """The estimate stays with the cost; a failure that was paid for has a cost, too."""
    estimate = replace(COST, source="estimate")
    assert (await see(rig, estimate=estimate)).estimated_cost == estimate
    done = await see(rig, called(), completed(cost=COST), estimate=estimate)
    assert (done.estimated_cost, done.cost) == (estimate, COST)
    assert (await see(rig, called(), DONE, UNFETCHED, NOT_FETCHED)).cost == COST


async def test_a_fallback_model_is_shown_with_the_requested_one(rig: ProjectionRig) -> None:
    """The model of a task stays the one that the caller named; the model that serves it is a field of its own."""
    chosen = FallbackChosen(model="acme/other", model_revision=3, reason="provider_unavailable", at=after(3))
    view = await see(rig, called(), refused(retry_at=None), chosen)
    assert (view.model, view.served_by, view.phase) == ("sandbox/image-1", "acme/other", "queued")
    assert (await see(rig)).served_by is None


async def test_notes_name_the_differences_from_the_request(rig: ProjectionRig) -> None:
    """Differences from the request are part of the result; without any there is no such field."""
    stored = OutputStored(index=0, asset=image_asset(), at=after(8))
    view = await see(rig, called(), stored, completed(notes=("output 0: asked for 64*64, got 8*6",)))
    assert view.result is not None
    assert view.result.notes == ("output 0: asked for 64*64, got 8*6",)
    plain = await see(rig, called(), stored, completed())
    assert plain.result is not None
    assert plain.result.notes is None


@pytest.mark.parametrize(
    ("later", "status", "phase"),
    [
        ([DONE], Status.PROCESSING, "fetching"),
        ([DONE, replace(UNFETCHED, retry_at=after(9))], Status.PROCESSING, "waiting_to_fetch"),
        ([DONE, UNFETCHED, NOT_FETCHED], Status.FAILED, "failed"),
        ([DONE, UNFETCHED, NOT_FETCHED, REFETCH], Status.PROCESSING, "fetching"),
        ([accepted(), failed(), DONE], Status.FAILED, "failed"),
        ([accepted(), failed(), DONE, replace(UNFETCHED, retry_at=after(9))], Status.FAILED, "failed"),
    ],
)
async def test_downloads_are_a_phase(rig: ProjectionRig, later: list[Any], status: Status, phase: str) -> None:
    """A download, and the wait for the next one, are phases of a running task; an ended task stays ended."""
    view = await see(rig, called(), *later)
    assert (view.status, view.phase) == (status, phase)


async def test_a_refetched_task_is_shown_as_running(rig: ProjectionRig) -> None:
    """The error and the time of the end are removed; when the outputs are stored, the task is completed with them."""
    past = [called(), DONE, UNFETCHED, NOT_FETCHED, REFETCH]
    view = await see(rig, *past)
    assert (view.error, view.finished_at, view.updated_at) == (None, None, after(20))
    stored = OutputStored(index=0, asset=image_asset(), at=after(21))
    done = await see(rig, *past, stored, completed(cost=COST))
    assert (done.status, done.error, done.finished_at) == (Status.COMPLETED, None, after(9))
    assert done.result is not None
    assert (done.result.missing, len(done.result.images or ())) == (None, 1)


async def test_a_refetched_output_is_no_longer_missing(rig: ProjectionRig) -> None:
    """A task that completed in part has all outputs after a refetch."""
    stored = [OutputStored(index=index, asset=image_asset(str(index)), at=after(8)) for index in (0, 1)]
    past = [called(), DONE, stored[0], UNFETCHED, completed(missing=(LOST,)), REFETCH]
    again = await see(rig, *past)
    assert again.status is Status.PROCESSING
    done = await see(rig, *past, stored[1], completed())
    assert done.result is not None
    assert (done.result.missing, len(done.result.images or ())) == (None, 2)


async def test_the_decision_of_a_person_is_shown(rig: ProjectionRig) -> None:
    """After a retry it waits as at first; with an attached result it is completed; after an abandon it stays failed."""
    retried = await see(rig, *UNKNOWN, resolved("retry"))
    assert (retried.status, retried.phase, retried.error, retried.finished_at) == (Status.PENDING, "queued", None, None)
    stored = OutputStored(index=0, asset=image_asset(), at=after(20))
    attached = await see(rig, *UNKNOWN, resolved("attach"), stored, completed())
    assert (attached.status, attached.error, attached.phase) == (Status.COMPLETED, None, "completed")
    given_up = await see(rig, *UNKNOWN, resolved("abandon"))
    assert given_up.error is not None
    assert (given_up.status, given_up.error.code) == (Status.FAILED, "outcome_unknown")


async def test_a_stream_without_a_request_has_no_row(rig: ProjectionRig) -> None:
    """A stream without a request is no task, and the events of models are none of ours."""
    stream, model = new_stream(), new_stream()
    await rig.append(stream, called(), accepted())
    await rig.append(model, ModelEnabled(at=AT), DefaultModelChosen(kind=Kind.IMAGE, at=AT))
    await rig.follow(TASKS)
    assert await find_many(rig.pool, [stream, model]) == [
        TaskSnapshot(None, 0, 2, ended=False, position=position) for position in (2, 4)
    ]
    assert await page(rig.pool, Filter(), 10) == []
    assert fold_all(await rig.log.stream(stream)) is None


# --- Finding ---


async def test_find_many_distinguishes_current_stale_and_missing_rows(rig: ProjectionRig) -> None:
    """For each task, in the order of the request, the result has the versions of row and stream."""
    done, stale = await rig.begin(called()), await rig.begin()
    await rig.follow(TASKS)
    await rig.append(stale, called())
    missing, unknown = await rig.begin(called(), accepted()), new_stream()
    seen = await find_many(rig.pool, [unknown, missing, done, stale, done])
    assert [(row.body is not None, row.version, row.head) for row in seen] == [
        (False, 0, 0),
        (False, 0, 3),
        (True, 2, 2),
        (True, 1, 2),
        (True, 2, 2),
    ]
    assert [msgspec.json.decode(row.body, type=TaskView).id for row in seen if row.body] == [
        task_id(done),
        task_id(stale),
        task_id(done),
    ]
    assert await find_many(rig.pool, []) == []


async def test_find_many_marks_ended_tasks(rig: ProjectionRig) -> None:
    """Rows of completed and failed tasks are marked as ended; other rows and missing ones are not."""
    ends = [(), (called(),), (called(), completed()), (called(), failed())]
    streams = [await rig.begin(*later) for later in ends]
    await rig.follow(TASKS)
    streams.append(await rig.begin(called(), completed()))
    assert [row.ended for row in await find_many(rig.pool, streams)] == [False, False, True, True, False]
