"""Every state of a task against every command: each cell states which facts follow.

States are made by commands, so that each of them can be reached. In the cells `.` is nothing, `!` a refusal, and a fact
goes without the `Provider` or `Task` that its name begins with."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import reduce
from itertools import product

import pytest

from domain import paid_call, task
from domain.base import Rejected, replace
from domain.provider import (
    Accepted,
    CancelAnswer,
    CannotTell,
    Finding,
    Found,
    InDoubt,
    Kept,
    NotFound,
    NotSent,
    Observation,
    Unclear,
    Working,
)
from domain.task import Task, evolve
from domain.task_events import TaskEvent
from tests.domain.story import (
    AT,
    BUSY,
    CALL,
    DEADLINE,
    GONE,
    JOB,
    KEPT,
    NO,
    REQUESTED,
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
        return paid_call.call(state, provider="sandbox", call=name, digest="c0ffee", worker="w1", epoch=1, at=at)

    return command


def see(seen: Observation) -> Command:
    """News of the latest call."""
    return lambda state: paid_call.observe(state, call=latest(state), seen=seen, at=AT)


def find(finding: Finding) -> Command:
    """Evidence about the latest call."""
    return lambda state: paid_call.reconcile(state, call=latest(state), finding=finding, at=AT)


def stop(answer: CancelAnswer) -> Command:
    """The provider's answer to our wish to stop."""
    return lambda state: paid_call.cancelled(state, answer=answer, at=AT)


def latest(state: Task) -> str:
    return state.call.id if state.call else CALL


COMMANDS: dict[str, Command] = {
    "request": lambda state: task.request(state, wanted=REQUESTED),
    "request other": lambda state: task.request(state, wanted=replace(REQUESTED, request_hash="ffff")),
    "cancel": lambda state: task.cancel(state, by="frontend", at=AT),
    "expire early": lambda state: task.expire(state, at=SOON),
    "expire": lambda state: task.expire(state, at=DEADLINE),
    "expire at last": lambda state: task.expire(state, at=DEADLINE + (DEADLINE - AT)),
    "call": call(AT),
    "call when due": call(SOON),
    "call at deadline": call(DEADLINE),
    "doubt": lambda state: paid_call.doubt(state, call=latest(state), reason="read timeout", at=AT),
    "found": find(Found(job=JOB)),
    "not found": find(NotFound(evidence="no such job")),
    "can't tell": find(CannotTell(reason="can't be asked")),
    "accepted": see(Accepted(job=JOB)),
    "working": see(Working(percent=40, phase="rendering")),
    "finished": see(KEPT),
    "finished empty": see(Kept()),
    "no": see(NO),
    "busy": see(BUSY),
    "busy, charged?": see(replace(BUSY, charged="unknown")),
    "not sent": see(NotSent(reason="connection refused")),
    "no answer": see(InDoubt(reason="read timeout")),
    "gone": see(GONE),
    "unclear": see(Unclear(reason="HTTP 502")),
    "stopped": stop(STOPPED),
    "stopped too late": stop(replace(UNSTOPPABLE, outcome="too_late")),
    "can't be stopped": stop(UNSTOPPABLE),
    "stopped perhaps": stop(replace(UNSTOPPABLE, outcome="unknown")),
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
    "last call": ["request", "call", *["busy", "call when due"] * 4],
    "last call in doubt": ["request", "call", *["busy", "call when due"] * 4, "no answer"],
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
    "late result seen": ["request", "call", "accepted", "cancel", "can't be stopped", "finished"],
}

GRIDS = [
    """
                     request    request other            cancel
new                  Requested  Requested                !task_unknown
pending              .          !idempotency_key_reused  CancellationRequested Cancelled
called               .          !idempotency_key_reused  CancellationRequested
accepted             .          !idempotency_key_reused  CancellationRequested
progressed           .          !idempotency_key_reused  CancellationRequested
refused, waiting     .          !idempotency_key_reused  CancellationRequested Cancelled
in doubt             .          !idempotency_key_reused  CancellationRequested
found                .          !idempotency_key_reused  CancellationRequested
never arrived        .          !idempotency_key_reused  CancellationRequested Cancelled
last call            .          !idempotency_key_reused  CancellationRequested
last call in doubt   .          !idempotency_key_reused  CancellationRequested
completed            .          !idempotency_key_reused  .
failed               .          !idempotency_key_reused  .
job gone             .          !idempotency_key_reused  .
outcome unknown      .          !idempotency_key_reused  .
expired              .          !idempotency_key_reused  .
expired, no job      .          !idempotency_key_reused  .
expired unsent       .          !idempotency_key_reused  .
cancelling           .          !idempotency_key_reused  .
cancelling, no job   .          !idempotency_key_reused  .
cancelling in doubt  .          !idempotency_key_reused  .
cancelled            .          !idempotency_key_reused  .
cancelled unsent     .          !idempotency_key_reused  .
job still running    .          !idempotency_key_reused  .
job after the end    .          !idempotency_key_reused  .
late result seen     .          !idempotency_key_reused  .
""",
    """
                     expire early  expire          expire at last  call    call when due  call at deadline  doubt
new                  .             .               .               .       .              .                 .
pending              .             Failed          Failed          Called  Called         .                 .
called               .             Failed          Failed          .       .              .                 CallInDoubt
accepted             .             Failed          Failed          .       .              .                 .
progressed           .             Failed          Failed          .       .              .                 .
refused, waiting     .             Failed          Failed          .       Called         .                 .
in doubt             .             Failed          Failed          .       .              .                 .
found                .             Failed          Failed          .       .              .                 .
never arrived        .             Failed          Failed          Called  Called         .                 .
last call            .             Failed          Failed          .       .              .                 CallInDoubt
last call in doubt   .             Failed          Failed          .       .              .                 .
completed            .             .               .               .       .              .                 .
failed               .             .               .               .       .              .                 .
job gone             .             .               .               .       .              .                 .
outcome unknown      .             .               .               .       .              .                 .
expired              .             .               CallReconciled  .       .              .                 .
expired, no job      .             .               .               .       .              .                 .
expired unsent       .             .               .               .       .              .                 .
cancelling           .             Failed          Failed          .       .              .                 .
cancelling, no job   .             Failed          Failed          .       .              .                 CallInDoubt
cancelling in doubt  .             Failed          Failed          .       .              .                 .
cancelled            .             .               .               .       .              .                 .
cancelled unsent     .             .               .               .       .              .                 .
job still running    .             .               CallReconciled  .       .              .                 .
job after the end    .             .               CallReconciled  .       .              .                 .
late result seen     .             .               .               .       .              .                 .
""",
    """
                     found           not found                 can't tell
new                  .               .                         .
pending              .               .                         .
called               .               .                         .
accepted             .               .                         .
progressed           .               .                         .
refused, waiting     .               .                         .
in doubt             CallReconciled  CallReconciled            CallReconciled Failed
found                .               .                         .
never arrived        .               .                         .
last call            .               .                         .
last call in doubt   CallReconciled  CallReconciled Failed     CallReconciled Failed
completed            .               .                         .
failed               .               .                         .
job gone             .               .                         .
outcome unknown      .               .                         .
expired              .               .                         .
expired, no job      .               .                         .
expired unsent       .               .                         .
cancelling           .               .                         .
cancelling, no job   .               .                         .
cancelling in doubt  CallReconciled  CallReconciled Cancelled  CallReconciled Failed
cancelled            .               .                         .
cancelled unsent     .               .                         .
job still running    .               .                         .
job after the end    .               .                         .
late result seen     .               .                         .
""",
    """
                     accepted                 working     finished                               finished empty
new                  .                        .           .                                      .
pending              .                        .           .                                      .
called               Accepted                 Progressed  OutputStored Completed                 Failed
accepted             .                        Progressed  OutputStored Completed                 Failed
progressed           .                        .           OutputStored Completed                 Failed
refused, waiting     Accepted                 .           OutputStored Completed                 .
in doubt             CallReconciled Accepted  Progressed  CallReconciled OutputStored Completed  CallReconciled Failed
found                .                        Progressed  OutputStored Completed                 Failed
never arrived        Accepted                 .           OutputStored Completed                 .
last call            Accepted                 Progressed  OutputStored Completed                 Failed
last call in doubt   CallReconciled Accepted  Progressed  CallReconciled OutputStored Completed  CallReconciled Failed
completed            .                        .           .                                      .
failed               .                        .           LateResultSeen                         .
job gone             .                        .           LateResultSeen                         .
outcome unknown      Accepted                 .           LateResultSeen                         .
expired              .                        .           LateResultSeen                         LateResultSeen
expired, no job      Accepted                 .           LateResultSeen                         .
expired unsent       .                        .           .                                      .
cancelling           .                        Progressed  OutputStored Completed                 Failed
cancelling, no job   Accepted                 Progressed  OutputStored Completed                 Failed
cancelling in doubt  CallReconciled Accepted  Progressed  CallReconciled OutputStored Completed  CallReconciled Failed
cancelled            .                        .           LateResultSeen                         .
cancelled unsent     .                        .           .                                      .
job still running    .                        .           LateResultSeen                         LateResultSeen
job after the end    .                        .           LateResultSeen                         LateResultSeen
late result seen     .                        .           .                                      .
""",
    """
                     no                                busy
new                  .                                 .
pending              .                                 .
called               Refused Failed                    Refused
accepted             Refused Failed                    Refused
progressed           Refused Failed                    Refused
refused, waiting     .                                 .
in doubt             CallReconciled Refused Failed     CallReconciled Refused
found                Refused Failed                    Refused
never arrived        .                                 .
last call            Refused Failed                    Refused Failed
last call in doubt   CallReconciled Refused Failed     CallReconciled Refused Failed
completed            .                                 .
failed               .                                 .
job gone             .                                 .
outcome unknown      Refused                           Refused
expired              Refused                           Refused
expired, no job      Refused                           Refused
expired unsent       .                                 .
cancelling           Refused Cancelled                 Refused Cancelled
cancelling, no job   Refused Cancelled                 Refused Cancelled
cancelling in doubt  CallReconciled Refused Cancelled  CallReconciled Refused Cancelled
cancelled            .                                 .
cancelled unsent     .                                 .
job still running    Refused                           Refused
job after the end    Refused                           Refused
late result seen     .                                 .
""",
    """
                     busy, charged?                    not sent           no answer    gone            unclear
new                  .                                 .                  .            .               .
pending              .                                 .                  .            .               .
called               Refused Failed                    Refused            CallInDoubt  Failed          .
accepted             Refused Failed                    .                  .            Failed          .
progressed           Refused Failed                    .                  .            Failed          .
refused, waiting     .                                 .                  .            .               .
in doubt             CallReconciled Refused Failed     Refused            .            Failed          .
found                Refused Failed                    .                  .            Failed          .
never arrived        .                                 .                  .            .               .
last call            Refused Failed                    Refused Failed     CallInDoubt  Failed          .
last call in doubt   CallReconciled Refused Failed     Refused Failed     .            Failed          .
completed            .                                 .                  .            .               .
failed               .                                 .                  .            .               .
job gone             .                                 .                  .            .               .
outcome unknown      Refused                           Refused            .            .               .
expired              Refused                           .                  .            CallReconciled  .
expired, no job      Refused                           Refused            .            .               .
expired unsent       .                                 .                  .            .               .
cancelling           Refused Cancelled                 .                  .            Failed          .
cancelling, no job   Refused Cancelled                 Refused Cancelled  CallInDoubt  Failed          .
cancelling in doubt  CallReconciled Refused Cancelled  Refused Cancelled  .            Failed          .
cancelled            .                                 .                  .            .               .
cancelled unsent     .                                 .                  .            .               .
job still running    Refused                           .                  .            CallReconciled  .
job after the end    Refused                           .                  .            CallReconciled  .
late result seen     .                                 .                  .            .               .
""",
    """
                     stopped    stopped too late  can't be stopped  stopped perhaps
new                  .          .                 .                 .
pending              .          .                 .                 .
called               .          .                 .                 .
accepted             .          .                 .                 .
progressed           .          .                 .                 .
refused, waiting     .          .                 .                 .
in doubt             .          .                 .                 .
found                .          .                 .                 .
never arrived        .          .                 .                 .
last call            .          .                 .                 .
last call in doubt   .          .                 .                 .
completed            .          .                 .                 .
failed               .          .                 .                 .
job gone             .          .                 .                 .
outcome unknown      .          .                 .                 .
expired              .          .                 .                 .
expired, no job      .          .                 .                 .
expired unsent       .          .                 .                 .
cancelling           Cancelled  Cancelled         Cancelled         Cancelled
cancelling, no job   .          .                 .                 .
cancelling in doubt  .          .                 .                 .
cancelled            .          .                 .                 .
cancelled unsent     .          .                 .                 .
job still running    .          .                 .                 .
job after the end    .          .                 .                 .
late result seen     .          .                 .                 .
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
    """What a command makes of a state, as a cell says it."""
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
