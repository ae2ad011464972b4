"""What is known of a call in doubt? Its description for an admin, and the results that an admin has found."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.probe import UnreadableMedia
from application.ports import Log
from domain.base import Rejected, Value
from domain.provider import Asset, RawAnswer, Stored
from domain.task.events import ProviderAnswerUnclear, ProviderCallInDoubt, ProviderCallReconciled, TaskRequested
from domain.task.state import CallState, Status
from projections.work_list import InDoubtRow


class InDoubtCall(Value, omit_defaults=True):
    """A call of unknown outcome. `state` is `looking` during reconciliation, `unknown` after it failed.

    `answers` are the unreadable answers of the provider, oldest first."""

    call_id: Annotated[
        str, Meta(description="Which call: its task and the number of the attempt", examples=["task_abc123.1"])
    ]
    task_id: Annotated[str, Meta(description="The task", examples=["task_abc123"])]
    state: Annotated[
        str,
        Meta(
            description="`looking` while evidence is looked for, `unknown` when a person is waited for",
            examples=["unknown"],
        ),
    ]
    task_status: Annotated[Status, Meta(description="How the task stands", examples=["failed"])]
    provider: Annotated[str, Meta(description="Who was called", examples=["dashscope"])]
    model: Annotated[str, Meta(description="Which model", examples=["dashscope/qwen-image"])]
    attempt: Annotated[int, Meta(description="The number of the call, from 1", examples=[1])]
    called_at: Annotated[datetime, Meta(description="When it was made", examples=["2026-02-11T10:00:01Z"])]
    reason: Annotated[
        str | None, Meta(description="Why it is in doubt", examples=["the connection broke before the answer came"])
    ] = None
    evidence: Annotated[
        str | None,
        Meta(
            description="What was found out since",
            examples=["The provider can't be asked about a call whose answer was lost."],
        ),
    ] = None
    job: Annotated[
        str | None, Meta(description="The provider's name for it, when it is known", examples=["job-4711"])
    ] = None
    account: Annotated[
        str | None,
        Meta(description="Which of the provider's keys was used, by its fingerprint", examples=["3f1a0c9be2d7"]),
    ] = None
    project_id: Annotated[str | None, Meta(description="`projectId` of the request", examples=["proj_123"])] = None
    answers: Annotated[
        tuple[RawAnswer, ...], Meta(description="What the provider answered where it could not be read, oldest first")
    ] = ()


async def describe_call(log: Log, item: InDoubtRow) -> InDoubtCall | None:
    """Describe a call from the events of its task; None when the task has no call. Raises LogUnavailable."""
    call, serving = item.task.call, item.task.model
    events = [recorded.event for recorded in await log.stream(item.stream)]
    request = next((event for event in events if isinstance(event, TaskRequested)), None)
    if call is None or serving is None or request is None:
        return None
    reasons = [event.reason for event in events if isinstance(event, ProviderCallInDoubt) and event.call == call.id]
    evidence = [
        event.evidence for event in events if isinstance(event, ProviderCallReconciled) and event.call == call.id
    ]
    answers = [event.answer for event in events if isinstance(event, ProviderAnswerUnclear) and event.call == call.id]
    return InDoubtCall(
        call_id=call.id,
        task_id=request.task,
        state="looking" if item.state is CallState.IN_DOUBT else "unknown",
        task_status=item.task.status,
        provider=call.provider,
        model=serving.model,
        attempt=call.attempt,
        called_at=call.at,
        reason=reasons[-1] if reasons else None,
        evidence=evidence[-1] if evidence else None,
        job=call.job,
        account=call.account,
        project_id=request.project_id,
        answers=tuple(answers),
    )


async def found_result(assets: ObjectAssetStore, ids: list[str], text: str | None) -> Stored:
    """A result from stored assets. Raises Rejected `invalid_request` for an id that is not stored or can't be read."""
    stored: list[tuple[int, Asset]] = []
    missing: list[str] = []
    for index, asset_id in enumerate(ids):
        info = await assets.head(asset_id)
        if info is None:
            missing.append(f"assets[{index}]: there is no asset '{asset_id[:100]}'; upload it with POST /api/v1/assets")
            continue
        data = b"".join([piece async for piece in assets.read(asset_id, 0, info.bytes)])
        try:
            stored.append((index, await assets.keep(data, by="callers")))
        except UnreadableMedia as error:
            missing.append(f"assets[{index}]: {error}")
    if missing:
        raise Rejected("invalid_request", "; ".join(missing))
    return Stored(assets=tuple(stored), text=text or None)
