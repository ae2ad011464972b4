"""Laws of admin decisions: each is recorded once, for the latest call of a task only."""

from collections.abc import Awaitable, Callable

import pytest

from application import admin_decisions, commands
from application.admin_decisions import Attachment, Decision, check_decision
from application.commands import MAX_TRIES
from application.ports import Conflict, LogUnavailable
from domain.base import Rejected
from domain.provider import Asset, Stored
from domain.task.events import CallResolved
from domain.task.state import CallState, Status
from tests.application.harness import TEST_CAUSE, Harness, MemoryLog, unknown_call

ASSET = Asset(id="asset_0.png", sha256="0", bytes=1, media_type="image/png")
Decide = Callable[[MemoryLog, str], Awaitable[commands.LoadedTask]]


def retry(log: MemoryLog, call_id: str) -> Awaitable[commands.LoadedTask]:
    return admin_decisions.retry(log, call_id, by="anna", note="not in the console", cause=TEST_CAUSE)


def attach(log: MemoryLog, call_id: str) -> Awaitable[commands.LoadedTask]:
    result = Stored(assets=((0, ASSET),))
    return admin_decisions.attach(log, call_id, by="anna", note="found", result=result, cause=TEST_CAUSE)


def abandon(log: MemoryLog, call_id: str) -> Awaitable[commands.LoadedTask]:
    return admin_decisions.abandon(log, call_id, by="anna", note="too old", cause=TEST_CAUSE)


DECISIONS: dict[str, tuple[Decide, Status]] = {
    "retry": (retry, Status.PENDING),
    "attach": (attach, Status.COMPLETED),
    "abandon": (abandon, Status.FAILED),
}
NOTES = {"retry": "not in the console", "attach": "found", "abandon": "too old"}


@pytest.mark.parametrize("verdict", DECISIONS)
async def test_a_decision_settles_the_call(harness: Harness, verdict: str) -> None:
    """The decision is recorded with its author and the reason, and the task goes on accordingly."""
    decide, status = DECISIONS[verdict]
    stream, call = await unknown_call(harness)
    decided = await decide(harness.log, call)
    [said] = [fact for fact in decided.added if isinstance(fact, CallResolved)]
    assert (said.call, said.verdict, said.by, said.note) == (call, verdict, "anna", NOTES[verdict])
    assert harness.log.causes[-1] is TEST_CAUSE
    task = await harness.load(stream)
    assert task == decided.task
    assert (task.status, task.call and task.call.state) == (status, CallState.SETTLED)


@pytest.mark.parametrize("verdict", DECISIONS)
@pytest.mark.parametrize("before", DECISIONS)
async def test_a_call_is_decided_once(harness: Harness, before: str, verdict: str) -> None:
    """A second decision is refused, and nothing is recorded."""
    stream, call = await unknown_call(harness)
    await DECISIONS[before][0](harness.log, call)
    history = harness.event_types(stream)
    with pytest.raises(Rejected, match=r"\w") as caught:
        await DECISIONS[verdict][0](harness.log, call)
    assert caught.value.code == "call_not_in_doubt"
    assert harness.event_types(stream) == history


@pytest.mark.parametrize("verdict", DECISIONS)
@pytest.mark.parametrize("call", ["", ".", "task", "task.1", "task_01h455vb4pex5vsknk084sn02q.1", "x" * 1000])
async def test_an_unknown_call_is_refused(harness: Harness, verdict: str, call: str) -> None:
    """Whatever its id looks like; the message does not repeat a long one."""
    with pytest.raises(Rejected) as caught:
        await DECISIONS[verdict][0](harness.log, call)
    assert caught.value.code == "call_unknown"
    assert len(caught.value.message) < 200
    assert harness.log.events == []


async def test_a_decision_is_repeated_after_a_conflict(harness: Harness) -> None:
    """The decision runs again on the state of that time."""
    stream, call = await unknown_call(harness)
    turns = iter([True])

    def faster(topics: list[str]) -> None:
        if next(turns, False):
            raise Conflict("beaten")

    harness.log.before = faster
    await abandon(harness.log, call)
    assert harness.event_types(stream).count("CallResolved") == 1


async def test_a_conflict_at_every_try_is_raised(harness: Harness) -> None:
    """After MAX_TRIES the Conflict is raised."""
    stream, call = await unknown_call(harness)
    tries: list[list[str]] = []

    def always(topics: list[str]) -> None:
        tries.append(topics)
        raise Conflict("beaten")

    harness.log.before = always
    with pytest.raises(Conflict):
        await retry(harness.log, call)
    assert len(tries) == MAX_TRIES
    assert "CallResolved" not in harness.event_types(stream)


async def test_no_decision_is_taken_while_the_log_is_away(harness: Harness) -> None:
    """The error says that nothing was recorded."""
    _, call = await unknown_call(harness)
    harness.log.away = True
    with pytest.raises(LogUnavailable):
        await retry(harness.log, call)


# --- What a decision says ---

AUTHOR = "by: must name who answers for it, on one line"


def nul(field: str) -> str:
    return f"{field}: must not hold a NUL character"


@pytest.mark.parametrize(
    ("wish", "problems"),
    [
        (Decision(by="anna"), []),
        (Decision(by="Ánna Müller", note="two\nlines"), []),
        (Attachment(by="anna", note="", text="two\nlines", assets=[]), []),
        (Decision(by=" "), [AUTHOR]),
        (Decision(by="anna\n"), [AUTHOR]),
        (Decision(by="an\0na"), [AUTHOR]),
        (Decision(by="anna", note="a\0b"), [nul("note")]),
        (Attachment(by="anna", text="a\0b"), [nul("text")]),
        (Attachment(by="", note="\0", text="\0"), [AUTHOR, nul("note"), nul("text")]),
    ],
)
def test_a_decision_has_an_author_and_can_be_stored(wish: Decision, problems: list[str]) -> None:
    """All that is wrong is told at once; a text without a NUL character may have lines."""
    if not problems:
        check_decision(wish)
        return
    with pytest.raises(Rejected) as caught:
        check_decision(wish)
    assert (caught.value.code, caught.value.message) == ("invalid_request", "; ".join(problems))
