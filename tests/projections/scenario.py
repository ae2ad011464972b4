"""The events of a task, made short for these tests. Times are in seconds after the request."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.base import replace
from domain.ids import task_id
from domain.model import Kind
from domain.money import Cost
from domain.provider import Asset
from domain.task.events import (
    CancellationRequested,
    ProviderAccepted,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    ProviderRefused,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskRequested,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
COST = Cost(amount=Decimal("0.04"), currency="USD", price_revision=1)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def requested(stream: UUID, **changes: Any) -> TaskRequested:
    plain = TaskRequested(
        task=task_id(stream),
        kind=Kind.IMAGE,
        model="sandbox/image-1",
        model_revision=1,
        params={"prompt": "a cat"},
        request_hash="hash",
        finish_by=after(3_000_000_000),
        at=AT,
    )
    return replace(plain, **changes)


def called(attempt: int = 1, *, at: float = 1) -> ProviderCalled:
    call = f"call-{attempt}"
    return ProviderCalled(
        attempt=attempt, provider="sandbox", call=call, digest="digest", worker="worker", epoch=1, at=after(at)
    )


def accepted(attempt: int = 1, *, at: float = 2) -> ProviderAccepted:
    return ProviderAccepted(call=f"call-{attempt}", job=f"job-{attempt}", at=after(at))


def refused(*, retry_at: datetime | None = None, at: float = 2) -> ProviderRefused:
    return ProviderRefused(
        call="call-1",
        code="rate_limited",
        message="Too many.",
        retryable=True,
        charged="no",
        retry_at=retry_at,
        at=after(at),
    )


def doubted(*, at: float = 3) -> ProviderCallInDoubt:
    return ProviderCallInDoubt(call="call-1", reason="cut", at=after(at))


def reconciled(outcome: Any, *, job: str | None = None, at: float = 4) -> ProviderCallReconciled:
    return ProviderCallReconciled(call="call-1", outcome=outcome, evidence="asked", job=job, at=after(at))


def cancelling(*, at: float = 5) -> CancellationRequested:
    return CancellationRequested(by="alice", at=after(at))


def completed(**facts: Any) -> TaskCompleted:
    return TaskCompleted(at=after(9), **facts)


def failed(**changes: Any) -> TaskFailed:
    plain = TaskFailed(
        code="content_rejected",
        message="Not allowed.",
        retryable=False,
        charged="no",
        provider_code="DataInspectionFailed",
        provider_message="input data may contain inappropriate content",
        at=after(9),
    )
    return replace(plain, **changes)


def cancelled(outcome: Any) -> TaskCancelled:
    return TaskCancelled(by="alice", outcome=outcome, message="Stopped.", charged="unknown", at=after(9))


def image_asset(name: str = "cat") -> Asset:
    return Asset(
        id=f"asset_{name}.png", sha256=name.encode().hex(), bytes=70, media_type="image/png", width=8, height=6
    )
