"""Every state of a task against every command: each cell states which facts follow.

States are made by commands, so that each of them can be reached. In the cells `.` is nothing, `!` a refusal, and a fact
goes without the `Provider` or `Task` that its name begins with."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import reduce
from itertools import product

import pytest

from domain.base import Rejected, replace
from domain.provider import (
    Accepted,
    CancelResult,
    CannotTell,
    DownloadResult,
    Found,
    InDoubt,
    LookupResult,
    Missing,
    NotFound,
    NotSent,
    NoVerdict,
    OutputsReady,
    RemoteOutput,
    Stored,
    StoredSighting,
    Working,
)
from domain.task import manual_settlement, output_fetch, provider_call, refusal
from domain.task.events import Fallback, TaskEvent
from domain.task.lifecycle import cancel, expire, request_task
from domain.task.state import Task, evolve
from tests.domain.scenario import (
    AT,
    BUSY,
    CALL,
    DEADLINE,
    FETCHED,
    GONE,
    IMAGE,
    JOB,
    NO,
    REQUESTED,
    RESULT,
    SOON,
    STOPPED,
    TASK,
    UNSTOPPABLE,
)

Command = Callable[[Task], list[TaskEvent]]


def call(at: datetime) -> Command:
    """The next call, under the next id."""

    def command(state: Task) -> list[TaskEvent]:
        name = f"{TASK}.{state.call.attempt + 1 if state.call else 1}"
        return provider_call.start_call(
            state, provider="sandbox", call_id=name, digest="c0ffee", worker="w1", epoch=1, at=at
        )

    return command


def see(seen: StoredSighting) -> Command:
    """A sighting of the latest call."""
    return lambda state: provider_call.observe(state, call_id=latest(state), seen=seen, at=AT)


def find(finding: LookupResult) -> Command:
    """Evidence about the latest call."""
    return lambda state: provider_call.reconcile(state, call_id=latest(state), finding=finding, at=AT)


def stop(answer: CancelResult) -> Command:
    """The provider's answer to our cancellation."""
    return lambda state: provider_call.cancelled(state, answer=answer, at=AT)


def fetch(seen: DownloadResult, at: datetime = AT) -> Command:
    """The result of a download of the outputs of the latest call."""
    return lambda state: output_fetch.fetched(state, call_id=latest(state), seen=seen, at=at)


def latest(state: Task) -> str:
    return state.call.id if state.call else CALL


TWO = OutputsReady(outputs=(RemoteOutput(index=0, url="https://files/0"), RemoteOutput(index=1, url="https://files/1")))
LOST = (Missing(index=1, code="fetch_failed", message="HTTP 502"),)
BOTH_LOST = (replace(LOST[0], index=0), *LOST)
FLAKY = replace(BUSY, code="generation_failed")
COMMANDS: dict[str, Command] = {
    "request": lambda state: request_task(state, requested=REQUESTED),
    "request other": lambda state: request_task(state, requested=replace(REQUESTED, request_hash="ffff")),
    "request with another": lambda state: request_task(
        state, requested=replace(REQUESTED, fallbacks=(Fallback(model="sandbox/other", model_revision=1),))
    ),
    "cancel": lambda state: cancel(state, by="frontend", at=AT),
    "expire early": lambda state: expire(state, at=SOON),
    "expire": lambda state: expire(state, at=DEADLINE),
    "expire at last": lambda state: expire(state, at=DEADLINE + (DEADLINE - AT)),
    "call": call(AT),
    "call when due": call(SOON),
    "call at deadline": call(DEADLINE),
    "doubt": lambda state: provider_call.mark_in_doubt(state, call_id=latest(state), reason="read timeout", at=AT),
    "found": find(Found(job=JOB)),
    "not found": find(NotFound(evidence="no such job")),
    "can't tell": find(CannotTell(reason="can't be asked")),
    "accepted": see(Accepted(job=JOB)),
    "working": see(Working(percent=40, phase="rendering")),
    "finished": see(RESULT),
    "finished empty": see(Stored()),
    "no": see(NO),
    "busy": see(BUSY),
    "flaky": see(FLAKY),
    "busy, charged?": see(replace(BUSY, charged="unknown")),
    "not sent": see(NotSent(reason="connection refused")),
    "no answer": see(InDoubt(reason="read timeout")),
    "gone": see(GONE),
    "unclear": see(NoVerdict(reason="HTTP 502")),
    "stopped": stop(STOPPED),
    "stopped too late": stop(replace(UNSTOPPABLE, outcome="too_late")),
    "can't be stopped": stop(UNSTOPPABLE),
    "stopped perhaps": stop(replace(UNSTOPPABLE, outcome="unknown")),
    "delivered": see(TWO),
    "fetched": fetch(replace(FETCHED, assets=((0, IMAGE), (1, IMAGE)))),
    "half fetched": fetch(replace(FETCHED, failed=LOST)),
    "not fetched": fetch(DownloadResult(failed=BOTH_LOST)),
    "dead": fetch(DownloadResult(failed=BOTH_LOST, permanent=True)),
    "refetch": lambda state: output_fetch.refetch(state, by="frontend", at=AT),
    "retry": lambda state: manual_settlement.retry(state, call_id=latest(state), by="anna", note="", at=AT),
    "attach": lambda state: manual_settlement.attach(
        state, call_id=latest(state), by="anna", note="", result=RESULT, at=AT
    ),
    "abandon": lambda state: manual_settlement.abandon(state, call_id=latest(state), by="anna", note="", at=AT),
    "fall back": lambda state: refusal.fall_back(state, reason="provider_unavailable", at=AT),
    "inputs fail": lambda state: provider_call.inputs_failed(state, code="input_missing", message="It is gone.", at=AT),
}

STATES = {
    "new": [],
    "pending": ["request"],
    "called": ["request", "call"],
    "accepted": ["request", "call", "accepted"],
    "progressed": ["request", "call", "accepted", "working"],
    "refused, waiting": ["request", "call", "busy"],
    "in doubt": ["request", "call", "no answer"],
    "found": ["request", "call", "no answer", "found"],
    "never arrived": ["request", "call", "no answer", "not found"],
    "last call": ["request", "call", *["flaky", "call when due"] * 4],
    "last call in doubt": ["request", "call", *["flaky", "call when due"] * 4, "no answer"],
    "completed": ["request", "call", "accepted", "finished"],
    "failed": ["request", "call", "no"],
    "job gone": ["request", "call", "accepted", "gone"],
    "outcome unknown": ["request", "call", "no answer", "can't tell"],
    "expired": ["request", "call", "accepted", "expire"],
    "expired, no job": ["request", "call", "expire"],
    "expired unsent": ["request", "expire"],
    "cancelling": ["request", "call", "accepted", "cancel"],
    "cancelling, no job": ["request", "call", "cancel"],
    "cancelling in doubt": ["request", "call", "no answer", "cancel"],
    "cancelled": ["request", "call", "accepted", "cancel", "stopped"],
    "cancelled unsent": ["request", "cancel"],
    "job still running": ["request", "call", "accepted", "cancel", "can't be stopped"],
    "job after the end": ["request", "call", "expire", "accepted"],
    "unknown, job gone": ["request", "call", "accepted", "cancel", "can't be stopped", "gone"],
    "delivered": ["request", "call", "accepted", "delivered"],
    "half fetched": ["request", "call", "accepted", "delivered", "half fetched"],
    "waiting to fetch": ["request", "call", "accepted", "delivered", "not fetched"],
    "not to be fetched": ["request", "call", "accepted", "delivered", "dead"],
    "refetching": ["request", "call", "accepted", "delivered", "dead", "refetch"],
    "cancelling, delivered": ["request", "call", "accepted", "cancel", "delivered"],
    "delivered late": ["request", "call", "accepted", "expire", "delivered"],
    "completed, delivered": ["request", "call", "accepted", "delivered", "fetched"],
    "retried by a person": ["request", "call", "no answer", "can't tell", "retry"],
    "attached by a person": ["request", "call", "no answer", "can't tell", "attach"],
    "abandoned": ["request", "call", "no answer", "abandon"],
    "has another": ["request with another"],
    "other called": ["request with another", "fall back", "call"],
    "another, called": ["request with another", "call"],
    "another, in doubt": ["request with another", "call", "no answer"],
    "late result seen": ["request", "call", "accepted", "cancel", "can't be stopped", "finished"],
}

GRIDS = [
    """
                       request    request other            request with another  cancel
new                    Requested  Requested                Requested             !task_unknown
pending                .          !idempotency_key_reused  .                     CancellationRequested Cancelled
called                 .          !idempotency_key_reused  .                     CancellationRequested
accepted               .          !idempotency_key_reused  .                     CancellationRequested
progressed             .          !idempotency_key_reused  .                     CancellationRequested
refused, waiting       .          !idempotency_key_reused  .                     CancellationRequested Cancelled
in doubt               .          !idempotency_key_reused  .                     CancellationRequested
found                  .          !idempotency_key_reused  .                     CancellationRequested
never arrived          .          !idempotency_key_reused  .                     CancellationRequested Cancelled
last call              .          !idempotency_key_reused  .                     CancellationRequested
last call in doubt     .          !idempotency_key_reused  .                     CancellationRequested
completed              .          !idempotency_key_reused  .                     .
failed                 .          !idempotency_key_reused  .                     .
job gone               .          !idempotency_key_reused  .                     .
outcome unknown        .          !idempotency_key_reused  .                     .
expired                .          !idempotency_key_reused  .                     .
expired, no job        .          !idempotency_key_reused  .                     .
expired unsent         .          !idempotency_key_reused  .                     .
cancelling             .          !idempotency_key_reused  .                     .
cancelling, no job     .          !idempotency_key_reused  .                     .
cancelling in doubt    .          !idempotency_key_reused  .                     .
cancelled              .          !idempotency_key_reused  .                     .
cancelled unsent       .          !idempotency_key_reused  .                     .
job still running      .          !idempotency_key_reused  .                     .
job after the end      .          !idempotency_key_reused  .                     .
unknown, job gone      .          !idempotency_key_reused  .                     .
delivered              .          !idempotency_key_reused  .                     CancellationRequested Cancelled
half fetched           .          !idempotency_key_reused  .                     CancellationRequested Cancelled
waiting to fetch       .          !idempotency_key_reused  .                     CancellationRequested Cancelled
not to be fetched      .          !idempotency_key_reused  .                     .
refetching             .          !idempotency_key_reused  .                     CancellationRequested Cancelled
cancelling, delivered  .          !idempotency_key_reused  .                     .
delivered late         .          !idempotency_key_reused  .                     .
completed, delivered   .          !idempotency_key_reused  .                     .
retried by a person    .          !idempotency_key_reused  .                     CancellationRequested Cancelled
attached by a person   .          !idempotency_key_reused  .                     .
abandoned              .          !idempotency_key_reused  .                     .
has another            .          !idempotency_key_reused  .                     CancellationRequested Cancelled
other called           .          !idempotency_key_reused  .                     CancellationRequested
another, called        .          !idempotency_key_reused  .                     CancellationRequested
another, in doubt      .          !idempotency_key_reused  .                     CancellationRequested
late result seen       .          !idempotency_key_reused  .                     .
""",
    """
                       expire early  expire  expire at last  call    call when due  call at deadline  doubt
new                    .             .       .               .       .              .                 .
pending                .             Failed  Failed          Called  Called         .                 .
called                 .             Failed  Failed          .       .              .                 CallInDoubt
accepted               .             Failed  Failed          .       .              .                 .
progressed             .             Failed  Failed          .       .              .                 .
refused, waiting       .             Failed  Failed          .       Called         .                 .
in doubt               .             Failed  Failed          .       .              .                 .
found                  .             Failed  Failed          .       .              .                 .
never arrived          .             Failed  Failed          Called  Called         .                 .
last call              .             Failed  Failed          .       .              .                 CallInDoubt
last call in doubt     .             Failed  Failed          .       .              .                 .
completed              .             .       .               .       .              .                 .
failed                 .             .       .               .       .              .                 .
job gone               .             .       .               .       .              .                 .
outcome unknown        .             .       .               .       .              .                 .
expired                .             .       CallReconciled  .       .              .                 .
expired, no job        .             .       .               .       .              .                 .
expired unsent         .             .       .               .       .              .                 .
cancelling             .             Failed  Failed          .       .              .                 .
cancelling, no job     .             Failed  Failed          .       .              .                 CallInDoubt
cancelling in doubt    .             Failed  Failed          .       .              .                 .
cancelled              .             .       .               .       .              .                 .
cancelled unsent       .             .       .               .       .              .                 .
job still running      .             .       CallReconciled  .       .              .                 .
job after the end      .             .       CallReconciled  .       .              .                 .
unknown, job gone      .             .       .               .       .              .                 .
delivered              .             .       .               .       .              .                 .
half fetched           .             .       .               .       .              .                 .
waiting to fetch       .             .       .               .       .              .                 .
not to be fetched      .             .       .               .       .              .                 .
refetching             .             .       .               .       .              .                 .
cancelling, delivered  .             .       .               .       .              .                 .
delivered late         .             .       .               .       .              .                 .
completed, delivered   .             .       .               .       .              .                 .
retried by a person    .             Failed  Failed          Called  Called         .                 .
attached by a person   .             .       .               .       .              .                 .
abandoned              .             .       .               .       .              .                 .
has another            .             Failed  Failed          Called  Called         .                 .
other called           .             Failed  Failed          .       .              .                 CallInDoubt
another, called        .             Failed  Failed          .       .              .                 CallInDoubt
another, in doubt      .             Failed  Failed          .       .              .                 .
late result seen       .             .       .               .       .              .                 .
""",
    """
                       found           not found                 can't tell
new                    .               .                         .
pending                .               .                         .
called                 .               .                         .
accepted               .               .                         .
progressed             .               .                         .
refused, waiting       .               .                         .
in doubt               CallReconciled  CallReconciled            CallReconciled Failed
found                  .               .                         .
never arrived          .               .                         .
last call              .               .                         .
last call in doubt     CallReconciled  CallReconciled Failed     CallReconciled Failed
completed              .               .                         .
failed                 .               .                         .
job gone               .               .                         .
outcome unknown        .               .                         .
expired                .               .                         .
expired, no job        .               .                         .
expired unsent         .               .                         .
cancelling             .               .                         .
cancelling, no job     .               .                         .
cancelling in doubt    CallReconciled  CallReconciled Cancelled  CallReconciled Failed
cancelled              .               .                         .
cancelled unsent       .               .                         .
job still running      .               .                         .
job after the end      .               .                         .
unknown, job gone      .               .                         .
delivered              .               .                         .
half fetched           .               .                         .
waiting to fetch       .               .                         .
not to be fetched      .               .                         .
refetching             .               .                         .
cancelling, delivered  .               .                         .
delivered late         .               .                         .
completed, delivered   .               .                         .
retried by a person    .               .                         .
attached by a person   .               .                         .
abandoned              .               .                         .
has another            .               .                         .
other called           .               .                         .
another, called        .               .                         .
another, in doubt      CallReconciled  CallReconciled            CallReconciled Failed
late result seen       .               .                         .
""",
    """
                       accepted                 working     finished                               finished empty
new                    .                        .           .                                      .
pending                .                        .           .                                      .
called                 Accepted                 Progressed  OutputStored Completed                 Failed
accepted               .                        Progressed  OutputStored Completed                 Failed
progressed             .                        .           OutputStored Completed                 Failed
refused, waiting       Accepted                 .           OutputStored Completed                 .
in doubt               CallReconciled Accepted  Progressed  CallReconciled OutputStored Completed  CallReconciled Failed
found                  .                        Progressed  OutputStored Completed                 Failed
never arrived          Accepted                 .           OutputStored Completed                 .
last call              Accepted                 Progressed  OutputStored Completed                 Failed
last call in doubt     CallReconciled Accepted  Progressed  CallReconciled OutputStored Completed  CallReconciled Failed
completed              .                        .           .                                      .
failed                 .                        .           LateResultSeen                         .
job gone               .                        .           LateResultSeen                         .
outcome unknown        Accepted                 .           LateResultSeen                         .
expired                .                        .           LateResultSeen                         LateResultSeen
expired, no job        Accepted                 .           LateResultSeen                         .
expired unsent         .                        .           .                                      .
cancelling             .                        Progressed  OutputStored Completed                 Failed
cancelling, no job     Accepted                 Progressed  OutputStored Completed                 Failed
cancelling in doubt    CallReconciled Accepted  Progressed  CallReconciled OutputStored Completed  CallReconciled Failed
cancelled              .                        .           LateResultSeen                         .
cancelled unsent       .                        .           .                                      .
job still running      .                        .           LateResultSeen                         LateResultSeen
job after the end      .                        .           LateResultSeen                         LateResultSeen
unknown, job gone      .                        .           LateResultSeen                         .
delivered              .                        .           OutputStored Completed                 .
half fetched           .                        .           OutputStored Completed                 .
waiting to fetch       .                        .           OutputStored Completed                 .
not to be fetched      .                        .           LateResultSeen                         .
refetching             .                        .           OutputStored Completed                 .
cancelling, delivered  .                        .           OutputStored Completed                 .
delivered late         .                        .           LateResultSeen                         .
completed, delivered   .                        .           .                                      .
retried by a person    Accepted                 .           OutputStored Completed                 .
attached by a person   .                        .           .                                      .
abandoned              .                        .           LateResultSeen                         .
has another            .                        .           .                                      .
other called           Accepted                 Progressed  OutputStored Completed                 Failed
another, called        Accepted                 Progressed  OutputStored Completed                 Failed
another, in doubt      CallReconciled Accepted  Progressed  CallReconciled OutputStored Completed  CallReconciled Failed
late result seen       .                        .           .                                      .
""",
    """
                       no                                busy
new                    .                                 .
pending                .                                 .
called                 Refused Failed                    Refused
accepted               Refused Failed                    Refused
progressed             Refused Failed                    Refused
refused, waiting       .                                 .
in doubt               CallReconciled Refused Failed     CallReconciled Refused
found                  Refused Failed                    Refused
never arrived          .                                 .
last call              Refused Failed                    Refused
last call in doubt     CallReconciled Refused Failed     CallReconciled Refused
completed              .                                 .
failed                 .                                 .
job gone               .                                 .
outcome unknown        Refused                           Refused
expired                Refused                           Refused
expired, no job        Refused                           Refused
expired unsent         .                                 .
cancelling             Refused Cancelled                 Refused Cancelled
cancelling, no job     Refused Cancelled                 Refused Cancelled
cancelling in doubt    CallReconciled Refused Cancelled  CallReconciled Refused Cancelled
cancelled              .                                 .
cancelled unsent       .                                 .
job still running      Refused                           Refused
job after the end      Refused                           Refused
unknown, job gone      Refused                           Refused
delivered              .                                 .
half fetched           .                                 .
waiting to fetch       .                                 .
not to be fetched      .                                 .
refetching             .                                 .
cancelling, delivered  .                                 .
delivered late         .                                 .
completed, delivered   .                                 .
retried by a person    .                                 .
attached by a person   .                                 .
abandoned              .                                 .
has another            .                                 .
other called           Refused Failed                    Refused
another, called        Refused Failed                    Refused
another, in doubt      CallReconciled Refused Failed     CallReconciled Refused
late result seen       .                                 .
""",
    """
                       flaky                             busy, charged?
new                    .                                 .
pending                .                                 .
called                 Refused                           Refused Failed
accepted               Refused                           Refused Failed
progressed             Refused                           Refused Failed
refused, waiting       .                                 .
in doubt               CallReconciled Refused            CallReconciled Refused Failed
found                  Refused                           Refused Failed
never arrived          .                                 .
last call              Refused Failed                    Refused Failed
last call in doubt     CallReconciled Refused Failed     CallReconciled Refused Failed
completed              .                                 .
failed                 .                                 .
job gone               .                                 .
outcome unknown        Refused                           Refused
expired                Refused                           Refused
expired, no job        Refused                           Refused
expired unsent         .                                 .
cancelling             Refused Cancelled                 Refused Cancelled
cancelling, no job     Refused Cancelled                 Refused Cancelled
cancelling in doubt    CallReconciled Refused Cancelled  CallReconciled Refused Cancelled
cancelled              .                                 .
cancelled unsent       .                                 .
job still running      Refused                           Refused
job after the end      Refused                           Refused
unknown, job gone      Refused                           Refused
delivered              .                                 .
half fetched           .                                 .
waiting to fetch       .                                 .
not to be fetched      .                                 .
refetching             .                                 .
cancelling, delivered  .                                 .
delivered late         .                                 .
completed, delivered   .                                 .
retried by a person    .                                 .
attached by a person   .                                 .
abandoned              .                                 .
has another            .                                 .
other called           Refused                           Refused Failed
another, called        Refused                           Refused Failed
another, in doubt      CallReconciled Refused            CallReconciled Refused Failed
late result seen       .                                 .
""",
    """
                       not sent           no answer    gone            unclear
new                    .                  .            .               .
pending                .                  .            .               .
called                 Refused            CallInDoubt  Failed          .
accepted               .                  .            Failed          .
progressed             .                  .            Failed          .
refused, waiting       .                  .            .               .
in doubt               Refused            .            Failed          .
found                  .                  .            Failed          .
never arrived          .                  .            .               .
last call              Refused            CallInDoubt  Failed          .
last call in doubt     Refused            .            Failed          .
completed              .                  .            .               .
failed                 .                  .            .               .
job gone               .                  .            .               .
outcome unknown        Refused            .            .               .
expired                .                  .            CallReconciled  .
expired, no job        Refused            .            .               .
expired unsent         .                  .            .               .
cancelling             .                  .            Failed          .
cancelling, no job     Refused Cancelled  CallInDoubt  Failed          .
cancelling in doubt    Refused Cancelled  .            Failed          .
cancelled              .                  .            .               .
cancelled unsent       .                  .            .               .
job still running      .                  .            CallReconciled  .
job after the end      .                  .            CallReconciled  .
unknown, job gone      Refused            .            .               .
delivered              .                  .            .               .
half fetched           .                  .            .               .
waiting to fetch       .                  .            .               .
not to be fetched      .                  .            .               .
refetching             .                  .            .               .
cancelling, delivered  .                  .            .               .
delivered late         .                  .            .               .
completed, delivered   .                  .            .               .
retried by a person    .                  .            .               .
attached by a person   .                  .            .               .
abandoned              .                  .            .               .
has another            .                  .            .               .
other called           Refused            CallInDoubt  Failed          .
another, called        Refused            CallInDoubt  Failed          .
another, in doubt      Refused            .            Failed          .
late result seen       .                  .            .               .
""",
    """
                       stopped    stopped too late  can't be stopped  stopped perhaps
new                    .          .                 .                 .
pending                .          .                 .                 .
called                 .          .                 .                 .
accepted               .          .                 .                 .
progressed             .          .                 .                 .
refused, waiting       .          .                 .                 .
in doubt               .          .                 .                 .
found                  .          .                 .                 .
never arrived          .          .                 .                 .
last call              .          .                 .                 .
last call in doubt     .          .                 .                 .
completed              .          .                 .                 .
failed                 .          .                 .                 .
job gone               .          .                 .                 .
outcome unknown        .          .                 .                 .
expired                .          .                 .                 .
expired, no job        .          .                 .                 .
expired unsent         .          .                 .                 .
cancelling             Cancelled  Cancelled         Cancelled         Cancelled
cancelling, no job     .          .                 .                 .
cancelling in doubt    .          .                 .                 .
cancelled              .          .                 .                 .
cancelled unsent       .          .                 .                 .
job still running      .          .                 .                 .
job after the end      .          .                 .                 .
unknown, job gone      .          .                 .                 .
delivered              .          .                 .                 .
half fetched           .          .                 .                 .
waiting to fetch       .          .                 .                 .
not to be fetched      .          .                 .                 .
refetching             .          .                 .                 .
cancelling, delivered  .          .                 .                 .
delivered late         .          .                 .                 .
completed, delivered   .          .                 .                 .
retried by a person    .          .                 .                 .
attached by a person   .          .                 .                 .
abandoned              .          .                 .                 .
has another            .          .                 .                 .
other called           .          .                 .                 .
another, called        .          .                 .                 .
another, in doubt      .          .                 .                 .
late result seen       .          .                 .                 .
""",
    """
                       delivered                 fetched                              half fetched
new                    .                         .                                    .
pending                .                         .                                    .
called                 Succeeded                 .                                    .
accepted               Succeeded                 .                                    .
progressed             Succeeded                 .                                    .
refused, waiting       Succeeded                 .                                    .
in doubt               CallReconciled Succeeded  .                                    .
found                  Succeeded                 .                                    .
never arrived          Succeeded                 .                                    .
last call              Succeeded                 .                                    .
last call in doubt     CallReconciled Succeeded  .                                    .
completed              .                         .                                    .
failed                 Succeeded                 .                                    .
job gone               Succeeded                 .                                    .
outcome unknown        Succeeded                 .                                    .
expired                Succeeded                 .                                    .
expired, no job        Succeeded                 .                                    .
expired unsent         .                         .                                    .
cancelling             Succeeded                 .                                    .
cancelling, no job     Succeeded                 .                                    .
cancelling in doubt    CallReconciled Succeeded  .                                    .
cancelled              Succeeded                 .                                    .
cancelled unsent       .                         .                                    .
job still running      Succeeded                 .                                    .
job after the end      Succeeded                 .                                    .
unknown, job gone      Succeeded                 .                                    .
delivered              .                         OutputStored OutputStored Completed  OutputStored OutputFetchFailed
half fetched           .                         OutputStored Completed               .
waiting to fetch       .                         OutputStored OutputStored Completed  OutputStored
not to be fetched      Succeeded                 .                                    .
refetching             .                         OutputStored OutputStored Completed  OutputStored OutputFetchFailed
cancelling, delivered  .                         OutputStored OutputStored Completed  OutputStored OutputFetchFailed
delivered late         .                         LateResultSeen                       OutputFetchFailed
completed, delivered   .                         .                                    .
retried by a person    Succeeded                 .                                    .
attached by a person   .                         .                                    .
abandoned              Succeeded                 .                                    .
has another            .                         .                                    .
other called           Succeeded                 .                                    .
another, called        Succeeded                 .                                    .
another, in doubt      CallReconciled Succeeded  .                                    .
late result seen       .                         .                                    .
""",
    """
                       not fetched        dead                              refetch
new                    .                  .                                 !task_unknown
pending                .                  .                                 !nothing_to_fetch
called                 .                  .                                 !nothing_to_fetch
accepted               .                  .                                 !nothing_to_fetch
progressed             .                  .                                 !nothing_to_fetch
refused, waiting       .                  .                                 !nothing_to_fetch
in doubt               .                  .                                 !nothing_to_fetch
found                  .                  .                                 !nothing_to_fetch
never arrived          .                  .                                 !nothing_to_fetch
last call              .                  .                                 !nothing_to_fetch
last call in doubt     .                  .                                 !nothing_to_fetch
completed              .                  .                                 !nothing_to_fetch
failed                 .                  .                                 !nothing_to_fetch
job gone               .                  .                                 !nothing_to_fetch
outcome unknown        .                  .                                 !nothing_to_fetch
expired                .                  .                                 !nothing_to_fetch
expired, no job        .                  .                                 !nothing_to_fetch
expired unsent         .                  .                                 !nothing_to_fetch
cancelling             .                  .                                 !nothing_to_fetch
cancelling, no job     .                  .                                 !nothing_to_fetch
cancelling in doubt    .                  .                                 !nothing_to_fetch
cancelled              .                  .                                 !nothing_to_fetch
cancelled unsent       .                  .                                 !nothing_to_fetch
job still running      .                  .                                 !nothing_to_fetch
job after the end      .                  .                                 !nothing_to_fetch
unknown, job gone      .                  .                                 !nothing_to_fetch
delivered              OutputFetchFailed  OutputFetchFailed Failed          .
half fetched           .                  .                                 .
waiting to fetch       .                  .                                 .
not to be fetched      .                  .                                 RefetchRequested
refetching             OutputFetchFailed  OutputFetchFailed Failed          .
cancelling, delivered  OutputFetchFailed  OutputFetchFailed Failed          .
delivered late         OutputFetchFailed  OutputFetchFailed LateResultSeen  .
completed, delivered   .                  .                                 !nothing_to_fetch
retried by a person    .                  .                                 !nothing_to_fetch
attached by a person   .                  .                                 !nothing_to_fetch
abandoned              .                  .                                 !nothing_to_fetch
has another            .                  .                                 !nothing_to_fetch
other called           .                  .                                 !nothing_to_fetch
another, called        .                  .                                 !nothing_to_fetch
another, in doubt      .                  .                                 !nothing_to_fetch
late result seen       .                  .                                 !nothing_to_fetch
""",
    """
                       retry               attach
new                    !call_unknown       !call_unknown
pending                !call_unknown       !call_unknown
called                 !call_not_in_doubt  !call_not_in_doubt
accepted               !call_not_in_doubt  !call_not_in_doubt
progressed             !call_not_in_doubt  !call_not_in_doubt
refused, waiting       !call_not_in_doubt  !call_not_in_doubt
in doubt               CallResolved        CallResolved OutputStored Completed
found                  !call_not_in_doubt  !call_not_in_doubt
never arrived          !call_not_in_doubt  !call_not_in_doubt
last call              !call_not_in_doubt  !call_not_in_doubt
last call in doubt     CallResolved        CallResolved OutputStored Completed
completed              !call_not_in_doubt  !call_not_in_doubt
failed                 !call_not_in_doubt  !call_not_in_doubt
job gone               !call_not_in_doubt  !call_not_in_doubt
outcome unknown        CallResolved        CallResolved OutputStored Completed
expired                !call_not_in_doubt  !call_not_in_doubt
expired, no job        CallResolved        CallResolved OutputStored Completed
expired unsent         !call_unknown       !call_unknown
cancelling             !call_not_in_doubt  !call_not_in_doubt
cancelling, no job     !call_not_in_doubt  !call_not_in_doubt
cancelling in doubt    CallResolved        CallResolved OutputStored Completed
cancelled              !call_not_in_doubt  !call_not_in_doubt
cancelled unsent       !call_unknown       !call_unknown
job still running      !call_not_in_doubt  !call_not_in_doubt
job after the end      !call_not_in_doubt  !call_not_in_doubt
unknown, job gone      CallResolved        CallResolved OutputStored Completed
delivered              !call_not_in_doubt  !call_not_in_doubt
half fetched           !call_not_in_doubt  !call_not_in_doubt
waiting to fetch       !call_not_in_doubt  !call_not_in_doubt
not to be fetched      !call_not_in_doubt  !call_not_in_doubt
refetching             !call_not_in_doubt  !call_not_in_doubt
cancelling, delivered  !call_not_in_doubt  !call_not_in_doubt
delivered late         !call_not_in_doubt  !call_not_in_doubt
completed, delivered   !call_not_in_doubt  !call_not_in_doubt
retried by a person    !call_not_in_doubt  !call_not_in_doubt
attached by a person   !call_not_in_doubt  !call_not_in_doubt
abandoned              !call_not_in_doubt  !call_not_in_doubt
has another            !call_unknown       !call_unknown
other called           !call_not_in_doubt  !call_not_in_doubt
another, called        !call_not_in_doubt  !call_not_in_doubt
another, in doubt      CallResolved        CallResolved OutputStored Completed
late result seen       !call_not_in_doubt  !call_not_in_doubt
""",
    """
                       abandon              fall back       inputs fail
new                    !call_unknown        .               .
pending                !call_unknown        .               Failed
called                 !call_not_in_doubt   .               .
accepted               !call_not_in_doubt   .               .
progressed             !call_not_in_doubt   .               .
refused, waiting       !call_not_in_doubt   .               Failed
in doubt               CallResolved Failed  .               .
found                  !call_not_in_doubt   .               .
never arrived          !call_not_in_doubt   .               Failed
last call              !call_not_in_doubt   .               .
last call in doubt     CallResolved Failed  .               .
completed              !call_not_in_doubt   .               .
failed                 !call_not_in_doubt   .               .
job gone               !call_not_in_doubt   .               .
outcome unknown        CallResolved         .               .
expired                !call_not_in_doubt   .               .
expired, no job        CallResolved         .               .
expired unsent         !call_unknown        .               .
cancelling             !call_not_in_doubt   .               .
cancelling, no job     !call_not_in_doubt   .               .
cancelling in doubt    CallResolved Failed  .               .
cancelled              !call_not_in_doubt   .               .
cancelled unsent       !call_unknown        .               .
job still running      !call_not_in_doubt   .               .
job after the end      !call_not_in_doubt   .               .
unknown, job gone      CallResolved         .               .
delivered              !call_not_in_doubt   .               .
half fetched           !call_not_in_doubt   .               .
waiting to fetch       !call_not_in_doubt   .               .
not to be fetched      !call_not_in_doubt   .               .
refetching             !call_not_in_doubt   .               .
cancelling, delivered  !call_not_in_doubt   .               .
delivered late         !call_not_in_doubt   .               .
completed, delivered   !call_not_in_doubt   .               .
retried by a person    !call_not_in_doubt   .               Failed
attached by a person   !call_not_in_doubt   .               .
abandoned              !call_not_in_doubt   .               .
has another            !call_unknown        FallbackChosen  Failed
other called           !call_not_in_doubt   .               .
another, called        !call_not_in_doubt   .               .
another, in doubt      CallResolved Failed  .               .
late result seen       !call_not_in_doubt   .               .
""",
]


def cells() -> Iterator[tuple[str, str, str]]:
    """Every (state, command, answer) of the grids."""
    for grid in GRIDS:
        head, *rows = grid.strip("\n").splitlines()
        commands = re.split(" {2,}", head.strip())
        for row in rows:
            state, *answers = re.split(" {2,}", row)
            yield from ((state, command, answer) for command, answer in zip(commands, answers, strict=True))


def answer(state: Task, command: Command) -> str:
    """The answer of a command to a state, in the notation of a cell."""
    try:
        facts = command(state)
    except Rejected as refusal:
        return f"!{refusal.code}"
    return " ".join(re.sub("^(Provider|Task)", "", type(fact).__name__) for fact in facts) or "."


@pytest.mark.parametrize(
    ("state", "command", "expected"), [pytest.param(*cell, id=" x ".join(cell[:2])) for cell in cells()]
)
def test_cell(state: str, command: str, expected: str) -> None:
    """In this state, this command has the stated answer."""
    folded = Task()
    for step in STATES[state]:
        facts = COMMANDS[step](folded)
        assert facts, f"the state can't be reached: '{step}' does nothing"
        folded = reduce(evolve, facts, folded)
    assert answer(folded, COMMANDS[command]) == expected


def test_no_cell_is_left_open() -> None:
    """Every state has its answer to every command, once."""
    stated = sorted((state, command) for state, command, _ in cells())
    assert stated == sorted(product(STATES, COMMANDS))
