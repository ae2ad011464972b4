"""The scenario that the domain's tests vary: an image is requested at 10:00 and due at 10:15."""

from datetime import UTC, datetime, timedelta

from domain.model import Kind
from domain.provider import Asset, CancelResult, DownloadResult, Gone, OutputsReady, Refused, RemoteOutput, Stored
from domain.task.events import (
    CancellationRequested,
    LateResultSeen,
    OutputStored,
    ProviderAccepted,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    ProviderProgressed,
    ProviderRefused,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskRequested,
)

AT = datetime(2026, 2, 11, 10, 0, tzinfo=UTC)
SOON = AT + timedelta(seconds=30)
DEADLINE = AT + timedelta(minutes=15)

TASK = "task_01kh5rfm0se1jb4gcrc1rz1bq0"
MODEL = "sandbox/picture"
CALL, NEXT_CALL = f"{TASK}.1", f"{TASK}.2"
JOB = "job-1"
IMAGE = Asset(id="9f86d081.png", sha256="9f86d081", bytes=1024, media_type="image/png", width=64, height=64)

REQUESTED = TaskRequested(
    task=TASK,
    kind=Kind.IMAGE,
    model=MODEL,
    model_revision=1,
    params={"prompt": "a beautiful sunset over mountains"},
    request_hash="0a1b",
    finish_by=DEADLINE,
    at=AT,
)
CALLED = ProviderCalled(attempt=1, provider="sandbox", call=CALL, digest="c0ffee", worker="w1", epoch=1, at=AT)
CALLED_AGAIN = ProviderCalled(
    attempt=2, provider="sandbox", call=NEXT_CALL, digest="c0ffee", worker="w1", epoch=1, at=SOON
)
ACCEPTED = ProviderAccepted(call=CALL, job=JOB, at=AT)
PROGRESSED = ProviderProgressed(percent=40, phase="rendering", at=AT)
IN_DOUBT = ProviderCallInDoubt(call=CALL, reason="read timeout", at=AT)
FOUND = ProviderCallReconciled(call=CALL, outcome="happened", evidence="the provider knows our call id", job=JOB, at=AT)
NEVER_ARRIVED = ProviderCallReconciled(call=CALL, outcome="did_not_happen", evidence="no such job", at=AT)
NOT_FOUND_OUT = ProviderCallReconciled(call=CALL, outcome="unknown", evidence="can't be asked", at=AT)
ANSWERED_LATE = ProviderCallReconciled(
    call=CALL, outcome="happened", evidence="the provider's own answer came late", at=AT
)
STORED = OutputStored(index=0, asset=IMAGE, at=AT)
COMPLETED = TaskCompleted(usage={"outputs": 1}, at=AT)
LATE = LateResultSeen(call=CALL, assets=(IMAGE,), at=AT)
WISH = CancellationRequested(by="frontend", at=AT)

RESULT = Stored(assets=((0, IMAGE),), usage={"outputs": 1})
DELIVERED = OutputsReady(outputs=(RemoteOutput(index=0, url="https://files.example.com/0.png"),), usage={"outputs": 1})
FETCHED = DownloadResult(assets=((0, IMAGE),))
GONE = Gone(message="expired after 24 hours", provider_code="JobExpired", certain=True)
NO_SUCH_JOB = Gone(message="no such task", provider_code="1203")
BUSY = Refused(code="rate_limited", message="Too many requests.", retryable=True, retry_after_seconds=30)
NO = Refused(code="content_rejected", message="Not this.", provider_code="DataInspectionFailed", provider_message="no")
STOPPED = CancelResult(outcome="confirmed", message="stopped", charged="no")
UNSTOPPABLE = CancelResult(outcome="unsupported", message="The provider can't stop jobs.")

BUSY_NOW = ProviderRefused(
    call=CALL,
    code="rate_limited",
    message="Too many requests.",
    retryable=True,
    charged="no",
    retry_at=SOON,
    at=AT,
)
REFUSED = ProviderRefused(
    call=CALL,
    code="content_rejected",
    message="Not this.",
    retryable=False,
    charged="no",
    provider_code="DataInspectionFailed",
    provider_message="no",
    at=AT,
)
FAILED = TaskFailed(
    code="content_rejected",
    message="Not this.",
    retryable=False,
    charged="no",
    provider_code="DataInspectionFailed",
    provider_message="no",
    at=AT,
)
OUTCOME_UNKNOWN = TaskFailed(
    code="outcome_unknown",
    message="The provider may or may not have done the work, and it can't be found out. "
    "It is not tried again, so that nothing is paid twice.",
    retryable=False,
    charged="unknown",
    provider_message="can't be asked",
    at=AT,
)
EXPIRED = TaskFailed(
    code="deadline_exceeded",
    message="It was not finished in the time that it is given.",
    retryable=True,
    charged="unknown",
    at=DEADLINE,
)
CANCELLED = TaskCancelled(by="frontend", outcome="confirmed", message="stopped", charged="no", at=AT)
CANCELLED_UNSENT = TaskCancelled(
    by="frontend", outcome="not_called", message="It had not been sent to the provider.", charged="no", at=AT
)
RUNNING_ON = TaskCancelled(
    by="frontend", outcome="unsupported", message="The provider can't stop jobs.", charged="unknown", at=AT
)
