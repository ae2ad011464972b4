"""What can happen to a task: every fact that its stream can hold, in the order in which a task meets them.

The class name is the stored name: to rename a class, pin its old tag. Fields are only added, with defaults."""

from datetime import datetime
from typing import Any, Literal

from domain.base import Event, Value
from domain.model import Kind
from domain.money import Cost
from domain.provider import Asset, Charged, Missing, RawAnswer, RemoteOutput


class Fallback(Value, omit_defaults=True):
    """Another model that the caller lets take over, as it stood when the request was accepted.

    `estimate` is the most that the request should cost there."""

    model: str
    model_revision: int
    estimate: Cost | None = None


class TaskRequested(Event):
    """Accepted. `params` are the caller's, as sent; `request_hash` tells a repeated key from a reused one.

    `start_by`: no provider has taken it until then, and it fails. `estimate` is the most that it should cost."""

    task: str
    kind: Kind
    model: str
    model_revision: int
    params: dict[str, Any]
    request_hash: str
    finish_by: datetime
    caller: str = "anonymous"
    project_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    metadata: dict[str, Any] | None = None
    start_by: datetime | None = None
    estimate: Cost | None = None
    fallbacks: tuple[Fallback, ...] = ()


class FallbackChosen(Event):
    """The model before could not be had, and nothing was paid: from here on this one serves the task.

    `estimate` is the most that it should cost there."""

    model: str
    model_revision: int
    reason: str
    estimate: Cost | None = None


class ProviderCalled(Event):
    """Recorded before any byte leaves. `digest` is the SHA-256 of the order, `epoch` the worker's lease epoch.

    `account` tells which of the provider's keys is used; its jobs can only be asked for with the same one."""

    attempt: int
    provider: str
    call: str
    digest: str
    worker: str
    epoch: int
    account: str | None = None


class ProviderAccepted(Event):
    """The provider took the order; `job` is its name there."""

    call: str
    job: str


class ProviderProgressed(Event):
    """The job moved on. `percent` 0 to 100."""

    percent: int | None = None
    phase: str | None = None


class ProviderJobMissing(Event):
    """The provider says that it has no such job. It is asked again before the job counts as gone."""

    call: str
    message: str
    provider_code: str | None = None


class ProviderAnswerUnclear(Event):
    """The provider answered, and what decides could not be read. The answer is kept for whoever looks into it."""

    call: str
    answer: RawAnswer


class ProviderRefused(Event):
    """A definite no to this call. The task goes on when `retry_at` is given."""

    call: str
    code: str
    message: str
    retryable: bool
    charged: Charged
    retry_at: datetime | None = None
    provider_code: str | None = None
    provider_message: str | None = None


class ProviderCallInDoubt(Event):
    """Bytes may have left and no answer came."""

    call: str
    reason: str


class ProviderCallReconciled(Event):
    """What became of a call in doubt, and how we know."""

    call: str
    outcome: Literal["happened", "did_not_happen", "unknown"]
    evidence: str
    job: str | None = None


class CallResolved(Event):
    """A person settled a call whose outcome nobody could find out. `by` answers for it.

    `retry` allows another call until `finish_by`, `attach` brings the result along, `abandon` closes the case."""

    call: str
    verdict: Literal["retry", "attach", "abandon"]
    by: str
    note: str = ""
    finish_by: datetime | None = None


class ProviderSucceeded(Event):
    """The provider is done and paid; the outputs still lie there, and are to be fetched before `expires_at`."""

    call: str
    outputs: tuple[RemoteOutput, ...]
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    expires_at: datetime | None = None


class OutputFetchFailed(Event):
    """Outputs that are paid for could not be fetched. Without `retry_at` it is not tried again unasked."""

    failed: tuple[Missing, ...]
    retry_at: datetime | None = None


class RefetchRequested(Event):
    """Somebody wants the outputs that could not be fetched to be tried again."""

    by: str


class OutputStored(Event):
    """One output is kept."""

    index: int
    asset: Asset


class TaskCompleted(Event):
    """The end, good: every output that there is was kept before. `notes` say where the result is not as asked for."""

    text: str | None = None
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    notes: tuple[str, ...] = ()


class TaskFailed(Event):
    """The end, bad. `charged` says whether the provider took money all the same."""

    code: str
    message: str
    retryable: bool
    charged: Charged
    provider_code: str | None = None
    provider_message: str | None = None
    cost: Cost | None = None


class CancellationRequested(Event):
    """Somebody wants it stopped. It is not stopped yet."""

    by: str


class TaskCancelled(Event):
    """The end, on request. `outcome` is what the provider answered; `not_called` means that it was never asked."""

    by: str
    outcome: Literal["not_called", "confirmed", "too_late", "unsupported", "unknown"]
    message: str
    charged: Charged


class LateResultSeen(Event):
    """A result came after the end. It was paid for, so it is kept."""

    call: str
    assets: tuple[Asset, ...] = ()
    text: str | None = None


TaskEvent = (
    TaskRequested
    | FallbackChosen
    | ProviderCalled
    | ProviderAccepted
    | ProviderProgressed
    | ProviderJobMissing
    | ProviderAnswerUnclear
    | ProviderRefused
    | ProviderCallInDoubt
    | ProviderCallReconciled
    | CallResolved
    | ProviderSucceeded
    | OutputFetchFailed
    | RefetchRequested
    | OutputStored
    | TaskCompleted
    | TaskFailed
    | CancellationRequested
    | TaskCancelled
    | LateResultSeen
)
