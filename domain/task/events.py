"""What can happen to a task? The events of its stream, in the order in which a task meets them.

The class name is the stored name: to rename a class, pin its old tag. Fields are only added, with defaults."""

from datetime import datetime
from typing import Any, Literal, TypeGuard, get_args

from domain.base import Event, Value
from domain.model import Kind
from domain.money import Cost
from domain.provider import Asset, Charged, Missing, RawAnswer, RemoteOutput
from domain.webhook import TaskWebhook


class Fallback(Value, omit_defaults=True):
    """Another model that may take over, at the revision that it had when the request was accepted.

    `estimate` is the maximum cost of the request with this model."""

    model: str
    model_revision: int
    estimate: Cost | None = None


class TaskRequested(Event):
    """Pixel accepted the request. `params` are the caller's parameters, unchanged.

    A repeated Idempotency-Key must come with the same `request_hash`. The task fails if no provider has accepted it
    by `start_by`. `estimate` is its maximum cost. `batch` is the batch that it was accepted with, `rerun_of` the task
    that it repeats. `caller` is the id of an API key, whose `owner` has the task."""

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
    batch: str | None = None
    rerun_of: str | None = None
    webhook: TaskWebhook | None = None
    owner: str = "anonymous"


class FallbackChosen(Event):
    """The previous model was unavailable and cost nothing; from now on this model serves the task.

    `estimate` is the maximum cost with this model."""

    model: str
    model_revision: int
    reason: str
    estimate: Cost | None = None


class ProviderCalled(Event):
    """The intent to call the provider, recorded before the first byte is sent.

    `digest` is the SHA-256 of the order, `epoch` the worker's lease epoch. `account` is a fingerprint of the
    provider's key: only the same key can poll the job."""

    attempt: int
    provider: str
    call: str
    digest: str
    worker: str
    epoch: int
    account: str | None = None


class ProviderAccepted(Event):
    """The provider accepted the order; `job` is its id for it."""

    call: str
    job: str


class ProviderProgressed(Event):
    """The job made progress. `percent` is 0 to 100."""

    percent: int | None = None
    phase: str | None = None


class ProviderJobMissing(Event):
    """The provider says that it has no such job. Pixel polls again before it treats the job as gone."""

    call: str
    message: str
    provider_code: str | None = None


class ProviderAnswerUnclear(Event):
    """The decisive part of the provider's answer was not readable. The answer is stored for later inspection."""

    call: str
    answer: RawAnswer


class ProviderRefused(Event):
    """The provider refused this call for certain. With `retry_at` the task calls again."""

    call: str
    code: str
    message: str
    retryable: bool
    charged: Charged
    retry_at: datetime | None = None
    provider_code: str | None = None
    provider_message: str | None = None


class ProviderCallInDoubt(Event):
    """The request may have been sent, and no answer came."""

    call: str
    reason: str


class ProviderCallReconciled(Event):
    """The outcome of a call in doubt, and the evidence for it."""

    call: str
    outcome: Literal["happened", "did_not_happen", "unknown"]
    evidence: str
    job: str | None = None


class CallResolved(Event):
    """A person settled a call of unknown outcome; `by` is that person's name.

    `retry` allows another call until `finish_by`, `attach` adds the result, `abandon` closes the case."""

    call: str
    verdict: Literal["retry", "attach", "abandon"]
    by: str
    note: str = ""
    finish_by: datetime | None = None


class ProviderSucceeded(Event):
    """The provider finished and must be paid; its outputs are still to be downloaded, before `expires_at`."""

    call: str
    outputs: tuple[RemoteOutput, ...]
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    expires_at: datetime | None = None


class OutputFetchFailed(Event):
    """The download of paid outputs failed. Without `retry_at` the next attempt needs a RefetchRequested."""

    failed: tuple[Missing, ...]
    retry_at: datetime | None = None


class RefetchRequested(Event):
    """Somebody requested another attempt to download the missing outputs."""

    by: str


class OutputStored(Event):
    """One output is stored as an asset."""

    index: int
    asset: Asset


class TaskCompleted(Event):
    """The task ended well; each of its outputs was stored before. `notes` name differences from the request."""

    text: str | None = None
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    notes: tuple[str, ...] = ()


class TaskFailed(Event):
    """The task ended without success. `charged` says whether the provider took money for it."""

    code: str
    message: str
    retryable: bool
    charged: Charged
    provider_code: str | None = None
    provider_message: str | None = None
    cost: Cost | None = None


class CancellationRequested(Event):
    """Somebody requested the end of the task. It still runs."""

    by: str


class TaskCancelled(Event):
    """The task ended on request. `outcome` is the provider's answer; `not_called`: no provider had the task."""

    by: str
    outcome: Literal["not_called", "confirmed", "too_late", "unsupported", "unknown"]
    message: str
    charged: Charged


class LateResultSeen(Event):
    """A result came after the end of the task. It is paid for, so it is stored."""

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


def is_of_task(event: object) -> TypeGuard[TaskEvent]:
    """Whether an event is one of a task's, and can be read. A fold asks for each event: `isinstance` with all other
    events takes ten times as long."""
    return type(event) in _TASK_EVENTS


_TASK_EVENTS = frozenset(get_args(TaskEvent))
