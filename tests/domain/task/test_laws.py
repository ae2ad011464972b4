"""Laws of every history that commands can make, in any order and at any time; and of facts in no order at all."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial, reduce
from typing import Any, NamedTuple, Protocol, assert_never, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.postgres.event_reader import decode
from domain import model
from domain.api_key import ApiKeyEvent
from domain.base import Event, Rejected, replace
from domain.batch import BatchRequested
from domain.model import Model, ModelEvent, ModelRegistered, ModelRevised, ModelSpec
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
    RawAnswer,
    Refused,
    RemoteOutput,
    Stored,
    StoredSighting,
    Working,
)
from domain.task import manual_settlement, output_fetch, provider_call, refusal
from domain.task.events import (
    CallResolved,
    Fallback,
    FallbackChosen,
    OutputStored,
    ProviderAnswerUnclear,
    ProviderCalled,
    ProviderCallReconciled,
    ProviderRefused,
    RefetchRequested,
    TaskCancelled,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
)
from domain.task.lifecycle import cancel, expire, request_task
from domain.task.next_step import CancelJob, Done, Fetch, MakeCall, PollJob, Reconcile, next_step
from domain.task.refusal import MAX_ATTEMPTS
from domain.task.state import CallState, Status, Task, evolve
from tests.domain.scenario import (
    AT,
    DELIVERED,
    FETCHED,
    GONE,
    IMAGE,
    NO,
    NO_SUCH_JOB,
    REQUESTED,
    RESULT,
    STOPPED,
    TASK,
    UNSTOPPABLE,
)
from tests.domain.strategies import MODEL_EVENTS, TASK_EVENTS, anything

EVENTS: tuple[type[Event], ...] = (*get_args(TaskEvent), *get_args(ModelEvent), *get_args(ApiKeyEvent), BatchRequested)


# --- Commands and their effect on a task ---


class Command(Protocol):
    """A command at some time."""

    def __call__(self, state: Task, /, *, at: datetime) -> Sequence[TaskEvent]: ...


class Step(NamedTuple):
    """One command: the task before and after, the facts between."""

    before: Task
    command: Command
    at: datetime
    facts: list[TaskEvent]
    after: Task


def request(state: Task, *, request_hash: str, at: datetime) -> list[TaskEvent]:
    fallbacks = (Fallback(model="sandbox/other", model_revision=3),)
    return request_task(state, requested=replace(REQUESTED, request_hash=request_hash, fallbacks=fallbacks, at=at))


def call(state: Task, *, at: datetime) -> list[TaskEvent]:
    name = f"{TASK}.{attempts(state) + 1}"
    return provider_call.start_call(
        state, provider="sandbox", call_id=name, digest="c0ffee", worker="w1", epoch=1, at=at
    )


def see(state: Task, *, age: int, seen: StoredSighting, at: datetime) -> list[TaskEvent]:
    """A sighting of the latest call, or of one `age` calls before it."""
    return provider_call.observe(state, call_id=f"{TASK}.{attempts(state) - age}", seen=seen, at=at)


def doubt(state: Task, *, at: datetime) -> list[TaskEvent]:
    return provider_call.mark_in_doubt(state, call_id=f"{TASK}.{attempts(state)}", reason="the worker is gone", at=at)


def find(state: Task, *, age: int, finding: LookupResult, at: datetime) -> list[TaskEvent]:
    return provider_call.reconcile(state, call_id=f"{TASK}.{attempts(state) - age}", finding=finding, at=at)


def fetch(state: Task, *, age: int, seen: DownloadResult, at: datetime) -> list[TaskEvent]:
    return output_fetch.fetched(state, call_id=f"{TASK}.{attempts(state) - age}", seen=seen, at=at)


def settle(state: Task, *, verdict: str, at: datetime) -> list[TaskEvent]:
    """A person's decision on the latest call."""
    name = f"{TASK}.{attempts(state)}"
    match verdict:
        case "retry":
            return manual_settlement.retry(state, call_id=name, by="anna", note="seen in the console", at=at)
        case "attach":
            return manual_settlement.attach(state, call_id=name, by="anna", note="", result=RESULT, at=at)
        case _:
            return manual_settlement.abandon(state, call_id=name, by="anna", note="", at=at)


def attempts(state: Task) -> int:
    return state.call.attempt if state.call else 0


RIDDLE = RawAnswer(status=200, body="{}", bytes=2, sha256="44136fa3")
NEWS: list[StoredSighting] = [
    Accepted(job="job-1"),
    Accepted(job="job-2"),
    Accepted(job=""),
    Working(percent=10),
    Working(percent=60, phase="rendering"),
    RESULT,
    Stored(text="The sea is calm."),
    Stored(),
    DELIVERED,
    replace(
        DELIVERED,
        outputs=(RemoteOutput(index=0, url="https://a"), RemoteOutput(index=1, url="https://b")),
        expires_seconds=60,
    ),
    NO,
    GONE,
    NotSent(reason="connection refused"),
    InDoubt(reason="read timeout"),
    NoVerdict(reason="HTTP 502"),
    NO_SUCH_JOB,
    InDoubt(reason="unreadable", answer=RIDDLE),
    NoVerdict(reason="unreadable", answer=RIDDLE),
    Stored(missing=(Missing(index=0, code="unreadable", message="no base64"),), answer=RIDDLE),
]
WAITS: list[float | None] = [None, 0, 1, 30, 1000, 1e20, math.inf, math.nan, -1]
REFUSALS = st.builds(
    Refused,
    code=st.just("rate_limited"),
    message=st.just("Too many requests."),
    retryable=st.booleans(),
    charged=st.sampled_from(["no", "no", "yes", "unknown"]),
    retry_after_seconds=st.sampled_from(WAITS),
)
FINDINGS: list[LookupResult] = [
    Found(job="job-1"),
    NotFound(evidence="no such job"),
    CannotTell(reason="can't be asked"),
]
ANSWERS: list[CancelResult] = [STOPPED, UNSTOPPABLE, replace(UNSTOPPABLE, outcome="too_late")]
AGES = st.sampled_from([0, 0, 0, 1, 2])
FETCHES: list[DownloadResult] = [
    FETCHED,
    replace(FETCHED, failed=(Missing(index=1, code="fetch_failed", message="HTTP 502"),)),
    DownloadResult(failed=(Missing(index=0, code="fetch_failed", message="HTTP 404"),), permanent=True),
    DownloadResult(failed=(Missing(index=0, code="fetch_failed", message="HTTP 502"),)),
]
REQUEST: Command = partial(request, request_hash="0a1b")
CALL: Command = call

COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.just(CALL),
    st.just(CALL),
    st.builds(partial, st.just(see), age=AGES, seen=st.sampled_from(NEWS)),
    st.builds(partial, st.just(see), age=AGES, seen=st.sampled_from(NEWS)),
    st.builds(partial, st.just(see), age=AGES, seen=REFUSALS),
    st.just(doubt),
    st.builds(partial, st.just(find), age=AGES, finding=st.sampled_from(FINDINGS)),
    st.sampled_from(
        [
            REQUEST,
            partial(request, request_hash="ffff"),
            partial(cancel, by="frontend"),
            expire,
            partial(output_fetch.refetch, by="frontend"),
            partial(refusal.fall_back, reason="provider_unavailable"),
            partial(provider_call.inputs_failed, code="input_missing", message="There is no such asset."),
        ]
    ),
    st.builds(partial, st.just(fetch), age=AGES, seen=st.sampled_from(FETCHES)),
    st.builds(partial, st.just(settle), verdict=st.sampled_from(["retry", "attach", "abandon"])),
    st.builds(partial, st.just(provider_call.cancelled), answer=st.sampled_from(ANSWERS)),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """The history of arbitrary commands, each some time after the one before. Most begin with a request."""
    begin: list[Command] = draw(st.sampled_from([[], [REQUEST], [REQUEST, CALL], [REQUEST, CALL]]))
    rest = draw(st.lists(COMMANDS, max_size=25))
    waits = draw(st.lists(st.sampled_from([0, 0, 1, 30, 400]), min_size=len(rest), max_size=len(rest)))
    return list(play([*begin, *rest], [*(0 for _ in begin), *waits]))


def play(commands: Sequence[Command], waits: Sequence[int]) -> Iterator[Step]:
    state, at = Task(), AT
    for command, wait in zip(commands, waits, strict=True):
        at += timedelta(seconds=wait)
        before, facts = state, decided(state, command, at)
        state = reduce(evolve, facts, before)
        yield Step(before, command, at, facts, state)


def decided(state: Task, command: Command, at: datetime) -> list[TaskEvent]:
    """The new events of a command; a refusal has none."""
    try:
        return list(command(state, at=at))
    except Rejected:
        return []


def facts_of(history: list[Step]) -> list[TaskEvent]:
    return [fact for step in history for fact in step.facts]


# --- Laws of any history ---


@given(histories())
def test_any_history_folds(history: list[Step]) -> None:
    """The stored history, read back, is the same task: no decision needs anything else."""
    stored = [(type(fact).__name__, msgspec.json.encode(fact)) for fact in facts_of(history)]
    folded = Task()
    for topic, state in stored:
        event = decode(topic, state)
        assert isinstance(event, TaskEvent)
        folded = evolve(folded, event)
    assert folded == (history[-1].after if history else Task())


@given(histories())
def test_any_command_repeated_yields_nothing(history: list[Step]) -> None:
    """A repeated command adds no event."""
    for step in history:
        assert decided(step.after, step.command, step.at) == []


@given(histories())
def test_a_task_has_one_of_four_words(history: list[Step]) -> None:
    """From the request on, the status is one of the four words of the contract."""
    for step in history:
        assert (step.after.status == "new") == (step.after.request is None)
        assert step.after.status in {"new", "pending", "processing", "completed", "failed"}


@given(histories())
def test_an_end_is_an_end(history: list[Step]) -> None:
    """Only a person's decision changes a final status, and a task ends once for each time that it is resumed."""
    for step in history:
        taken_up = any(isinstance(fact, CallResolved | RefetchRequested) for fact in step.facts)
        assert not step.before.status.final or step.after.status == step.before.status or taken_up
    facts = facts_of(history)
    ends = sum(isinstance(fact, TaskCompleted | TaskFailed | TaskCancelled) for fact in facts)
    assert ends <= 1 + sum(isinstance(fact, CallResolved | RefetchRequested) for fact in facts)


@given(histories())
def test_nothing_is_paid_twice(history: list[Step]) -> None:
    """Before every call but the first, the last word on the call before it is a sure no that cost nothing, or that of a
    person who answers for it."""
    last_word: dict[str, TaskEvent] = {}
    latest = ""
    for fact in facts_of(history):
        if isinstance(fact, ProviderCalled):
            assert not latest or happened_for_nothing(last_word[latest])
            latest = fact.call
        name = getattr(fact, "call", latest)
        # An unreadable answer is evidence for a person: it does not revoke a clear answer.
        if name and not isinstance(fact, FallbackChosen | ProviderAnswerUnclear):
            last_word[name] = fact


def happened_for_nothing(fact: TaskEvent) -> bool:
    match fact:
        case ProviderRefused(charged=charged):
            return charged == "no"
        case ProviderCallReconciled(outcome=outcome):
            return outcome == "did_not_happen"
        case CallResolved(verdict=verdict):
            return verdict == "retry"
        case _:
            return False


@given(histories())
def test_one_call_at_a_time(history: list[Step]) -> None:
    """A call begins when no other is open, in a task that is wanted and has time left."""
    for step in history:
        for fact in step.facts:
            if isinstance(fact, ProviderCalled):
                assert step.before.call is None or step.before.call.state is CallState.SETTLED
                assert not step.before.status.final
                assert step.before.cancel_requested_by is None
                assert step.before.request is not None
                assert step.at < step.before.request.finish_by
                assert step.before.retry_at is None or step.before.retry_at <= step.at


@given(histories())
def test_attempts_are_numbered_and_bounded(history: list[Step]) -> None:
    """Calls count from one, without a gap, and a refusing model is given up after the maximum of attempts."""
    numbers = [fact.attempt for fact in facts_of(history) if isinstance(fact, ProviderCalled)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(step.before.calls_failed < MAX_ATTEMPTS for step in history if any_of(step, ProviderCalled))


def any_of(step: Step, kind: type[Event]) -> bool:
    return any(isinstance(fact, kind) for fact in step.facts)


@given(histories())
def test_no_retry_is_promised_behind_the_deadline(history: list[Step]) -> None:
    """The time of a retry is before the deadline of the task."""
    for step in history:
        for fact in step.facts:
            if isinstance(fact, ProviderRefused) and fact.retry_at:
                assert step.after.request is not None
                assert fact.at <= fact.retry_at < step.after.request.finish_by


@given(histories(), st.integers(1, MAX_ATTEMPTS))
def test_a_seen_result_is_recorded(history: list[Step], attempt: int) -> None:
    """After any later events, the result of a call is recorded, because it was paid for."""
    state = history[-1].after if history else Task()
    name = f"{TASK}.{min(attempt, attempts(state))}"
    facts = provider_call.observe(state, call_id=name, seen=RESULT, at=AT)
    if state.call and name not in state.results_recorded:
        assert IMAGE in [asset for fact in facts for asset in assets_of(fact)]
        assert name in reduce(evolve, facts, state).results_recorded
    else:
        assert facts == []


def assets_of(fact: TaskEvent) -> Sequence[object]:
    return [fact.asset] if isinstance(fact, OutputStored) else getattr(fact, "assets", ())


@given(histories())
def test_outputs_are_stored_before_the_end(history: list[Step]) -> None:
    """No output is stored in a task that has ended, so that a completed task is complete."""
    for step in history:
        by_a_person = any_of(step, CallResolved)
        assert not step.before.status.final or not any_of(step, OutputStored) or by_a_person
        if any_of(step, OutputStored) and not isinstance(step.facts[-1], TaskCompleted):
            assert step.after.delivery is not None
            assert step.after.delivery.outputs


@given(histories())
def test_facts_carry_the_time_of_their_command(history: list[Step]) -> None:
    """Time is an argument: no fact has any other."""
    for step in history:
        assert {fact.at for fact in step.facts} <= {step.at}


@given(histories())
def test_an_ended_task_without_an_open_call_needs_nothing(history: list[Step]) -> None:
    """The work list forgets a task when the task and its calls have ended, and never before."""
    for step in history:
        state = step.after
        is_open = state.call is not None and (state.call.state.open or state.call.state is CallState.DELIVERED)
        done = state.request is None or (state.status.final and not is_open)
        assert isinstance(next_step(state), Done) == done


@given(histories())
def test_from_anywhere_a_worker_comes_to_an_end(history: list[Step]) -> None:
    """Every next step can be taken and leads to an end: no history leaves a task in the work list for ever."""
    state = history[-1].after if history else Task()
    at = max(history[-1].at, state.retry_at or AT) if history else AT
    for _ in range(6):
        command = diligent(state)
        if command is None:
            return
        facts = decided(state, command, at) or decided(state, expire, at)
        assert facts, f"{next_step(state)} leads nowhere"
        state = reduce(evolve, facts, state)
    pytest.fail("the worker is still busy")


def diligent(state: Task) -> Command | None:
    """What a worker does whose provider finishes every job and can't be asked about a call."""
    match step := next_step(state):
        case Done():
            return None
        case MakeCall():
            return CALL
        case PollJob():
            return partial(see, age=0, seen=RESULT)
        case Reconcile(in_doubt=True):
            return partial(find, age=0, finding=CannotTell(reason="can't be asked"))
        case Reconcile():
            return doubt
        case Fetch():
            outputs = state.delivery.outputs if state.delivery else ()
            return partial(fetch, age=0, seen=DownloadResult(assets=tuple((output.index, IMAGE) for output in outputs)))
        case CancelJob():
            return partial(provider_call.cancelled, answer=UNSTOPPABLE)
        case _:
            assert_never(step)


# --- Laws of facts in any order ---


@given(st.lists(st.one_of(TASK_EVENTS), max_size=12), COMMANDS)
def test_no_task_history_is_refused(events: list[TaskEvent], command: Command) -> None:
    """Any events in any order fold, and every decision works on the result."""
    folded = reduce(evolve, events, Task())
    assert folded.status in Status
    assert next_step(folded) is not None
    decided(folded, command, AT)


@given(st.lists(st.one_of(MODEL_EVENTS), max_size=12))
def test_no_model_history_is_refused(events: list[ModelEvent]) -> None:
    """Any events of a model in any order fold, and every decision works on the result."""
    assert reduce(model.evolve, events, Model()).revision is not None


# --- Laws of models ---

SPECS = anything(ModelSpec)
ENTRIES = st.fixed_dictionaries(
    {
        "spec": st.one_of(st.just(ModelSpec(name="Picture", type=model.Kind.IMAGE)), SPECS),
        "enabled": st.booleans(),
        "retired": st.booleans(),
        "replacement": st.sampled_from([None, "sandbox/new"]),
    }
)


@given(st.lists(st.none() | ENTRIES, max_size=8))
def test_a_model_follows_its_entry(entries: list[dict[str, Any] | None]) -> None:
    """After any changes of the catalogue the model is as its entry says, and the same entry again changes nothing."""
    state, revisions = Model(), 0
    for entry in entries:
        wish = partial(model.withdraw, at=AT) if entry is None else partial(model.describe, id="a/b", **entry, at=AT)
        facts = wish(state)
        state = reduce(model.evolve, facts, state)
        assert wish(state) == []
        revisions += sum(isinstance(fact, ModelRegistered | ModelRevised) for fact in facts)
        assert state.revision == revisions
        if entry is None:
            assert not state.enabled
        else:
            assert state.spec == entry["spec"]
            assert state.retired == entry["retired"]
            assert state.enabled == (entry["enabled"] and not entry["retired"])
            assert state.replacement == (entry["replacement"] if entry["retired"] else None)


# --- Laws of the stored form ---


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_survives_being_stored(event: type[Event]) -> None:
    """Any event decodes to an equal value."""

    @settings(max_examples=40)
    @given(anything(event))
    def law(fact: Event) -> None:
        assert decode(event.__name__, msgspec.json.encode(fact)) == fact

    law()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_unknown_fields_are_tolerated(event: type[Event]) -> None:
    """An older Pixel reads what a newer one wrote: fields that it does not know, at any depth, are skipped."""

    @settings(max_examples=40)
    @given(anything(event))
    def law(fact: Event) -> None:
        assert decode(event.__name__, msgspec.json.encode(grown(fact))) == fact

    law()


def grown(value: object) -> object:
    """The builtins of a value as a later Pixel might write it: every struct has one field more."""
    if isinstance(value, msgspec.Struct):
        fields = {field.name: grown(getattr(value, field.name)) for field in msgspec.structs.fields(value)}
        tag = {"event": type(value).__name__} if isinstance(value, Event) else {}
        return {**tag, **fields, "a_later_field": {"of": ["any", "shape"]}}
    if isinstance(value, tuple):
        return [grown(each) for each in value]
    return value
