"""A task in the API, and what each event changes in it.

The API folds the stream itself with the same function when the row is behind."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, NamedTuple, assert_never

from msgspec import Meta

from application.ports import Recorded
from domain.api_key import ANONYMOUS
from domain.base import Value, replace
from domain.media_reference import ASSETS_PATH, EXAMPLE_ID
from domain.model import Kind
from domain.money import Cost
from domain.provider import Asset, Charged, Missing
from domain.task.events import (
    CallResolved,
    CancellationRequested,
    FallbackChosen,
    LateResultSeen,
    OutputFetchFailed,
    OutputStored,
    ProviderAccepted,
    ProviderAnswerUnclear,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    ProviderJobMissing,
    ProviderProgressed,
    ProviderRefused,
    ProviderSucceeded,
    RefetchRequested,
    TaskCancelled,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskRequested,
    is_of_task,
)
from domain.task.state import Status


class Media(Value, omit_defaults=True):
    """One stored output. Sizes in pixels and bytes, duration in seconds, all measured."""

    url: Annotated[
        str,
        Meta(
            description="Where it is; it does not expire",
            examples=[f"http://localhost:8000{ASSETS_PATH}{EXAMPLE_ID}"],
        ),
    ]
    width: Annotated[int | None, Meta(description="Pixels, as measured", examples=[2560])] = None
    height: Annotated[int | None, Meta(description="Pixels, as measured", examples=[1440])] = None
    duration: Annotated[float | None, Meta(description="Seconds, as measured", examples=[5.0])] = None
    asset_id: Annotated[
        str | None,
        Meta(
            description="The content's own name",
            examples=[EXAMPLE_ID],
        ),
    ] = None
    media_type: Annotated[str | None, Meta(description="As in `Content-Type`", examples=["image/png"])] = None
    bytes: Annotated[int | None, Meta(description="Its size", examples=[48213])] = None


class Result(Value, omit_defaults=True):
    """The results of a task, in the list of its own kind. `missing` counts or names outputs that were not made, `notes`
    the differences from the request."""

    images: Annotated[tuple[Media, ...] | None, Meta(description="Of an image task")] = None
    videos: Annotated[tuple[Media, ...] | None, Meta(description="Of a video task")] = None
    audios: Annotated[tuple[Media, ...] | None, Meta(description="Of an audio task")] = None
    text: Annotated[str | None, Meta(description="Of a text task", examples=["Grey waves fold and rise"])] = None
    usage: Annotated[
        dict[str, int] | None,
        Meta(description="Of a text task: the tokens", examples=[{"input_tokens": 9, "output_tokens": 7}]),
    ] = None
    missing: Annotated[tuple[Missing, ...] | None, Meta(description="What was asked for and could not be made")] = None
    notes: Annotated[
        tuple[str, ...] | None,
        Meta(
            description="Where it is not as it was asked for",
            examples=[["output 0: asked for 1024*1024, got 1280*720"]],
        ),
    ] = None


class TaskError(Value, omit_defaults=True):
    """Why a task failed. `code` is for programs; treat an unknown one as an internal error, as new codes come."""

    code: Annotated[
        str,
        Meta(
            description="Why, for programs. New ones may come: treat them as a mistake of Pixel's",
            examples=["content_rejected_input"],
        ),
    ]
    message: Annotated[str, Meta(description="Why, for people", examples=["The provider does not make this."])]
    retryable: Annotated[bool, Meta(description="Whether the same request may succeed another time", examples=[False])]
    charged: Annotated[Charged, Meta(description="Whether the provider took money all the same", examples=["no"])]
    provider_code: Annotated[
        str | None, Meta(description="The provider's own code", examples=["DataInspectionFailed"])
    ] = None
    provider_message: Annotated[
        str | None,
        Meta(description="The provider's own words", examples=["Input data may contain inappropriate content."]),
    ] = None


class TaskView(Value, omit_defaults=True):
    """A task in the API."""

    id: Annotated[str, Meta(description="The task's id", examples=["task_abc123"])]
    type: Annotated[Kind, Meta(description="What it makes", examples=["image"])]
    status: Annotated[
        Status,
        Meta(
            description="`pending` and `processing`: ask again; `completed` and `failed` are final",
            examples=["completed"],
        ),
    ]
    model: Annotated[str, Meta(description="Which model", examples=["dashscope/qwen-image"])]
    params: Annotated[
        dict[str, Any],
        Meta(
            description="The parameters as they were sent",
            examples=[{"prompt": "a beautiful sunset over mountains", "resolution": "2K", "aspectRatio": "16:9"}],
        ),
    ]
    created_at: Annotated[datetime, Meta(description="When it was accepted", examples=["2026-02-11T10:00:00Z"])]
    updated_at: Annotated[datetime, Meta(description="When something last happened", examples=["2026-02-11T10:00:30Z"])]
    result: Annotated[Result | None, Meta(description="What was made; once there is something")] = None
    error: Annotated[TaskError | None, Meta(description="Why it failed; only then")] = None
    progress: Annotated[int | None, Meta(description="Percent, when the provider says", examples=[40])] = None
    phase: Annotated[
        str | None,
        Meta(
            description="Where it is, for people: `queued`, `submitted`, a provider's own word. New ones may come",
            examples=["queued"],
        ),
    ] = None
    usage: Annotated[
        dict[str, int] | None,
        Meta(description="What the provider counted", examples=[{"input_tokens": 9, "output_tokens": 7}]),
    ] = None
    cost: Annotated[
        Cost | None, Meta(description="What it cost, where the model has prices or the provider says so")
    ] = None
    estimated_cost: Annotated[
        Cost | None,
        Meta(description="What it should cost at most at the model asked for, or at a dearer one that took over"),
    ] = None
    served_by: Annotated[
        str | None, Meta(description="The model of `fallbackModels` that took over", examples=["modelscope/qwen-image"])
    ] = None
    project_id: Annotated[str | None, Meta(description="`projectId` of the request", examples=["proj_123"])] = None
    source: Annotated[str | None, Meta(description="`source` of the request", examples=["canvas"])] = None
    source_id: Annotated[str | None, Meta(description="`sourceId` of the request", examples=["canvas_456"])] = None
    metadata: Annotated[
        dict[str, Any] | None, Meta(description="`metadata` of the request", examples=[{"scene": 3}])
    ] = None
    started_at: Annotated[
        datetime | None, Meta(description="When the provider was first called", examples=["2026-02-11T10:00:01Z"])
    ] = None
    finished_at: Annotated[datetime | None, Meta(description="When it ended", examples=["2026-02-11T10:00:30Z"])] = None
    late_results: Annotated[
        tuple[Media, ...] | None, Meta(description="What came after the end: it was paid for, so it is kept")
    ] = None
    batch_id: Annotated[
        str | None, Meta(description="The batch that it was accepted with", examples=["batch_abc123"])
    ] = None
    rerun_of: Annotated[str | None, Meta(description="The task that it repeats", examples=["task_xyz789"])] = None


class TaskRow(NamedTuple):
    """`position` is that of the request in the log; `version` is that of the last event in the view. The view tells
    neither the owner nor the caller."""

    position: int
    version: int
    view: TaskView
    owner: str = ANONYMOUS
    caller: str = ANONYMOUS


def fold(row: TaskRow | None, recorded: Recorded) -> TaskRow | None:
    """The row after one more event; None before the request."""
    event = recorded.event
    if type(event) is TaskRequested:
        return TaskRow(recorded.position, recorded.version, _requested(event), event.owner, event.caller)
    if row is None or not is_of_task(event):
        return row
    view = replace(_evolve(row.view, event), updated_at=event.at)
    return TaskRow(row.position, recorded.version, view, row.owner, row.caller)


def fold_all(history: Iterable[Recorded], row: TaskRow | None = None) -> TaskRow | None:
    """The row of a stream after all of these events; None for an empty one. `row` has the events before them."""
    for recorded in history:
        row = fold(row, recorded)
    return row


def _requested(event: TaskRequested) -> TaskView:
    return TaskView(
        id=event.task,
        type=event.kind,
        status=Status.PENDING,
        model=event.model,
        params=event.params,
        created_at=event.at,
        updated_at=event.at,
        phase="queued",
        estimated_cost=event.estimate,
        project_id=event.project_id,
        source=event.source,
        source_id=event.source_id,
        metadata=event.metadata,
        batch_id=event.batch,
        rerun_of=event.rerun_of,
    )


def _evolve(view: TaskView, event: TaskEvent) -> TaskView:
    match event:  # what happens most comes first: each case before it takes time
        case ProviderCalled(at=at):
            started_at = view.started_at or at
            return replace(view, status=Status.PROCESSING, phase="submitting", progress=None, started_at=started_at)
        case ProviderAccepted() if not view.status.final:
            return replace(view, phase="submitted")
        case ProviderProgressed(percent=percent, phase=phase) if not view.status.final:
            return replace(view, progress=percent, phase=phase or view.phase)
        case OutputStored() | ProviderSucceeded() | OutputFetchFailed() | RefetchRequested() | CallResolved():
            return _brought_home(view, event)
        case TaskCompleted():
            return _completed(view, event)
        case ProviderRefused(retry_at=retry_at) if retry_at:
            return replace(view, phase="waiting_to_retry")
        case ProviderCallInDoubt() if not view.status.final:
            return replace(view, phase="in_doubt")
        case ProviderCallReconciled(outcome=outcome) if not view.status.final:
            return replace(view, phase="submitted" if outcome == "happened" else "queued")
        case FallbackChosen(model=model, estimate=estimate):
            most = _at_most(view.estimated_cost, estimate)
            return replace(view, served_by=model, phase="queued", estimated_cost=most)
        case CancellationRequested() if not view.status.final:
            return replace(view, phase="cancelling")
        case TaskFailed(cost=cost):
            error = TaskError(
                code=event.code,
                message=event.message,
                retryable=event.retryable,
                charged=event.charged,
                provider_code=event.provider_code,
                provider_message=event.provider_message,
            )
            return replace(view, status=Status.FAILED, error=error, phase="failed", cost=cost, finished_at=event.at)
        case TaskCancelled():
            said = f"Cancelled by {event.by}. {event.message}"
            error = TaskError(
                code="cancelled",
                message=said,
                retryable=True,
                charged=event.charged,
                provider_code=event.outcome,
                provider_message=event.message,
            )
            return replace(view, status=Status.FAILED, error=error, phase="cancelled", finished_at=event.at)
        case LateResultSeen(assets=assets):
            return replace(view, late_results=(*(view.late_results or ()), *(_media(asset) for asset in assets)))
        case (
            ProviderAccepted()
            | ProviderProgressed()
            | ProviderJobMissing()
            | ProviderAnswerUnclear()
            | ProviderRefused()
            | ProviderCallInDoubt()
            | ProviderCallReconciled()
            | CancellationRequested()
        ):
            return view  # news of a call that no longer matters to the frontend
        case TaskRequested():
            return view  # it makes the row
        case _:
            assert_never(event)


def _at_most(before: Cost | None, now: Cost | None) -> Cost | None:
    """The highest cost of the task after a fallback."""
    if now is None or (before and before.currency == now.currency and before.amount >= now.amount):
        return before
    return now


def _brought_home(
    view: TaskView, event: CallResolved | ProviderSucceeded | OutputFetchFailed | RefetchRequested | OutputStored
) -> TaskView:
    """Events of downloads, and of a task that an admin starts again."""
    match event:
        case OutputStored(asset=asset):
            return replace(view, result=_with_media(view, asset))
        case ProviderSucceeded() if not view.status.final:
            return replace(view, phase="fetching", progress=None)
        case OutputFetchFailed(retry_at=retry_at) if retry_at and not view.status.final:
            return replace(view, phase="waiting_to_fetch")
        case RefetchRequested():
            return replace(
                view, status=Status.PROCESSING, phase="fetching", progress=None, error=None, finished_at=None
            )
        case CallResolved(verdict="retry"):
            return replace(view, status=Status.PENDING, phase="queued", error=None, finished_at=None, progress=None)
        case CallResolved(verdict="attach"):
            return replace(view, error=None)
        case _:
            return view


def _completed(view: TaskView, event: TaskCompleted) -> TaskView:
    result = view.result or Result()
    if event.text is not None:
        result = replace(result, text=event.text, usage=event.usage or None)
    return replace(
        view,
        status=Status.COMPLETED,
        result=replace(result, missing=event.missing or None, notes=event.notes or None),
        usage=event.usage or None,
        cost=event.cost,
        progress=100,
        phase="completed",
        finished_at=event.at,
    )


def _with_media(view: TaskView, asset: Asset) -> Result:
    result = view.result or Result()
    match view.type:
        case Kind.IMAGE:
            return replace(result, images=(*(result.images or ()), _media(asset)))
        case Kind.VIDEO:
            return replace(result, videos=(*(result.videos or ()), _media(asset)))
        case Kind.AUDIO | Kind.LLM:
            return replace(result, audios=(*(result.audios or ()), _media(asset)))


def _media(asset: Asset) -> Media:
    return Media(
        url=ASSETS_PATH + asset.id,
        width=asset.width,
        height=asset.height,
        duration=asset.duration_seconds,
        asset_id=asset.id,
        media_type=asset.media_type,
        bytes=asset.bytes,
    )
