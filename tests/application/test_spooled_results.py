"""Laws of results in a spool: nothing of them is missing there, and each comes out as if it had never been in it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.media.result_spool import FolderSpool
from application import clock, execution, outputs
from application.ports import Spooled, SpoolUnavailable
from application.spool_recovery import recover
from application.storage import MAX_RECOVERING, Storage
from domain.ids import task_id
from domain.provider import Finished, Found, Missing, Output, RemoteOutput
from domain.task.events import (
    CallResolved,
    LateResultSeen,
    OutputFetchFailed,
    ProviderAccepted,
    ProviderCalled,
    ProviderSucceeded,
    TaskFailed,
)
from domain.task.state import Status
from tests.application.harness import TEST_CAUSE, Harness, ProcessKilled, advance, finished, png

TASK = f"task_{'0' * 26}"
URL = "https://files.example.com/1.png"
STORED = ["ProviderSucceeded", "OutputStored", "TaskCompleted"]
MIXED = Finished(outputs=(Output(index=0, data=png()), Output(index=1, url=URL)))


async def put_aside(harness: Harness, result: Finished) -> UUID:
    """A call whose process was killed with the result on the disk of this machine, and no event of it."""
    stream = await harness.request_task()
    call, at = f"{task_id(stream)}.1", clock.now()
    called = ProviderCalled(attempt=1, provider="acme", call=call, digest="0", worker="w", epoch=1, account="k1", at=at)
    await harness.append(stream, called)
    await outputs.spool(harness.worker().storage, Spooled(task=task_id(stream), call=call, finished=result))
    return stream


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A function that lets the clock jump by seconds."""
    real = clock.now
    return lambda seconds: monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=seconds))


async def empty(harness: Harness) -> None:
    """Empty the spool of this machine, as a worker does again and again."""
    storage = harness.worker().storage
    for name in await storage.scan():
        await recover(harness.log, storage, name, TEST_CAUSE)


async def test_results_of_the_spool_take_turns_in_memory(harness: Harness) -> None:
    """Each of them may be as large as an answer: a few at a time are read."""
    stream = await put_aside(harness, finished(1))
    worker = harness.worker()
    for _ in range(MAX_RECOVERING):
        await worker.storage.recovering.acquire()
    waiting = asyncio.create_task(recover(harness.log, worker.storage, f"{task_id(stream)}.1", TEST_CAUSE))
    await asyncio.sleep(0.1)
    assert "ProviderSucceeded" not in harness.event_types(stream)
    worker.storage.recovering.release()
    await waiting
    assert harness.event_types(stream)[-1] == "TaskCompleted"


# --- Into the spool ---


async def test_each_output_that_is_here_is_a_part_of_its_own(harness: Harness) -> None:
    """An answer with an image and the URL of another: the image need not wait for the download."""
    storage = harness.worker().storage
    result = Spooled(task=TASK, call=f"{TASK}.1", finished=MIXED)
    await outputs.spool(storage, result)
    part = Spooled(task=TASK, call=f"{TASK}.1", finished=Finished(outputs=(Output(index=0, data=png()),)), part=True)
    assert await storage.scan() == [f"{TASK}.1.0", f"{TASK}.1"]
    assert (await storage.read(f"{TASK}.1.0"), await storage.read(f"{TASK}.1")) == (part, result)


async def test_a_result_that_is_here_as_a_whole_has_no_parts(harness: Harness) -> None:
    """Its outputs are stored and recorded at once."""
    storage = harness.worker().storage
    await outputs.spool(storage, Spooled(task=TASK, call=f"{TASK}.1", finished=finished(1, 2)))
    assert await storage.scan() == [f"{TASK}.1"]


# --- Out of it, by a claim ---


@pytest.mark.parametrize("seconds", [0.0, 3600.0])
async def test_a_claim_that_finds_the_result_here_completes_the_task(
    harness: Harness, later: Callable[[float], None], seconds: float
) -> None:
    """Before and after the deadline: nobody is asked, nothing is sent again, and the stream is read once."""
    stream = await put_aside(harness, finished(1))
    later(seconds)
    harness.log.reads.clear()
    assert await advance(harness.worker(), stream) is None
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.log.reads.count(stream) == 2  # one of them is the line above
    assert harness.provider.calls == []
    assert harness.spool.files() == []


async def test_a_result_that_waits_for_the_store_outlives_its_deadline(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """It was paid for and is on the disk: the task does not end for the lateness of the store."""
    stream = await put_aside(harness, finished(1))
    later(3600)
    harness.assets.detach()
    assert await advance(harness.worker(), stream) == execution.RETRY_LATER_SECONDS
    assert not (await harness.load(stream)).status.final
    harness.assets.attach()
    await empty(harness)
    assert (await harness.load(stream)).status is Status.COMPLETED


class Unreadable(FolderSpool):
    """A spool whose disk tells what is on it, and can't read it."""

    async def read(self, name: str) -> Spooled | None:
        raise SpoolUnavailable("Input/output error")


async def test_a_result_that_can_not_be_read_for_now_outlives_its_deadline(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """It is on the disk: the task does not end as one whose outcome nobody knows."""
    stream = await put_aside(harness, Finished(outputs=(Output(index=0, text="yes"),)))
    later(3600)
    spool = Unreadable.open(harness.spool.folder, 2**20)
    worker = harness.worker()._replace(storage=Storage(harness.store, spool, harness.log_step))
    assert await advance(worker, stream) == execution.RETRY_LATER_SECONDS
    assert harness.event_types(stream) == ["TaskRequested", "ProviderCalled"]
    assert await advance(harness.worker(), stream) is None
    assert (await harness.load(stream)).status is Status.COMPLETED


async def test_who_recovers_a_result_is_named(harness: Harness) -> None:
    """By the claim of a worker, or by whoever empties the spool."""
    claimed, emptied = await put_aside(harness, finished(1)), await put_aside(harness, finished(2))
    worker, before = harness.worker(), len(harness.log.causes)
    await advance(worker, claimed)
    assert {each.actor for each in harness.log.causes[before:]} == {f"worker:{worker.worker}"}
    before = len(harness.log.causes)
    await empty(harness)
    assert (await harness.load(emptied)).status is Status.COMPLETED
    assert set(harness.log.causes[before:]) == {TEST_CAUSE}


async def test_a_claim_whose_result_another_process_has_stored_meanwhile_goes_on_from_there(harness: Harness) -> None:
    """It reads the stream again, and is not put off."""
    stream = await put_aside(harness, finished(1))
    worker = harness.worker()
    for _ in range(MAX_RECOVERING):
        await worker.storage.recovering.acquire()
    claim = asyncio.create_task(advance(worker, stream))
    await asyncio.sleep(0.1)  # it has found the result, and waits for its turn
    await empty(harness)
    worker.storage.recovering.release()
    assert await claim is None
    assert harness.event_types(stream) == ["TaskRequested", "ProviderCalled", *STORED]


# --- Out of it, by whoever empties it ---


async def test_a_text_completes_its_task_at_once(harness: Harness) -> None:
    """There is nothing to store, so there is no time in which it would be ready and not stored."""
    stream = await put_aside(harness, Finished(outputs=(Output(index=0, text="yes"),)))
    await empty(harness)
    assert harness.event_types(stream) == ["TaskRequested", "ProviderCalled", "TaskCompleted"]


async def test_an_answer_with_a_url_leaves_the_spool_once_it_is_recorded(harness: Harness) -> None:
    """What is here is stored, what is at the provider is downloaded, and nothing stays in the spool."""
    stream = await put_aside(harness, MIXED)
    harness.provider.files[URL] = png(2)
    for _ in range(2):
        await empty(harness)
    assert harness.spool.files() == []
    assert harness.event_types(stream)[1:] == ["ProviderCalled", "ProviderSucceeded", "OutputStored"]
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.event_types(stream).count("OutputStored") == 2
    assert harness.provider.submitted == 0


async def test_one_output_of_an_answer_does_not_settle_its_call(harness: Harness) -> None:
    """The process was killed before it could record an answer of which one output was at a URL. The output that is here
    says nothing of the other one: it waits in the spool until the call is settled by evidence, and nothing is ordered
    again."""
    stream = await harness.request_task()
    harness.provider.submits = [MIXED]

    def kill(topics: list[str]) -> None:
        if "ProviderSucceeded" in topics:
            raise ProcessKilled

    harness.log.before = kill
    with pytest.raises(ProcessKilled):
        await advance(harness.worker(), stream)
    harness.log.before = lambda _: None
    await empty(harness)
    assert harness.event_types(stream) == ["TaskRequested", "ProviderCalled"]
    assert len(harness.spool.files()) == 1
    await advance(harness.worker(), stream)
    assert harness.last_event(stream).code == "outcome_unknown"
    await empty(harness)
    assert harness.event_types(stream)[-1] == "LateResultSeen"
    assert harness.spool.files() == []
    assert harness.provider.submitted == 1


async def test_one_output_waits_for_a_call_that_is_found_again(harness: Harness) -> None:
    """The lookup finds the job, and its poll brings the answer again: both outputs are stored."""
    stream = await put_aside(harness, MIXED)
    await harness.worker().storage.remove(f"{task_id(stream)}.1")
    harness.provider.lookups, harness.provider.polls, harness.provider.files = [Found(job="j")], [MIXED], {URL: png(2)}
    await empty(harness)
    await advance(harness.worker(), stream)
    await empty(harness)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.event_types(stream).count("OutputStored") == 2
    assert harness.provider.submitted == 0


async def test_a_call_that_a_callback_opens_again_keeps_its_output_in_the_spool(harness: Harness) -> None:
    """The provider names the job while the output is being stored: it is no late result any more. It stays until the
    job is polled, and then both outputs complete the task; nothing is ordered again."""
    stream = await put_aside(harness, MIXED)
    call = f"{task_id(stream)}.1"
    await harness.worker().storage.remove(call)
    await advance(harness.worker(), stream)
    assert harness.last_event(stream).code == "outcome_unknown"

    def call_back(topics: list[str]) -> None:
        if "LateResultSeen" in topics:
            harness.log.add(stream, ProviderAccepted(call=call, job="j", at=clock.now()))

    harness.log.before = call_back
    await empty(harness)
    harness.log.before = lambda _: None
    assert harness.event_types(stream)[-2:] == ["TaskFailed", "ProviderAccepted"]
    assert len(harness.spool.files()) == 1
    harness.provider.polls, harness.provider.files = [MIXED], {URL: png(2)}
    await advance(harness.worker(), stream)
    await empty(harness)
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.event_types(stream).count("OutputStored") == 2
    assert harness.spool.files() == []
    assert harness.provider.submitted == 0


async def test_a_result_of_a_call_that_a_person_took_for_lost_is_a_late_result(harness: Harness) -> None:
    """The task waits for another call, which is not made any more."""
    stream = await put_aside(harness, finished(1))
    call = f"{task_id(stream)}.1"
    await harness.append(stream, CallResolved(call=call, verdict="retry", by="ada", at=clock.now()))
    await empty(harness)
    assert await advance(harness.worker(), stream) is None
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert (harness.provider.submitted, harness.spool.files()) == (0, [])


async def test_a_late_result_has_its_text_whatever_became_of_the_call_after_it(harness: Harness) -> None:
    """The outputs of the second call were given up; the first one made an image and a text."""
    stream = await put_aside(harness, Finished(outputs=(Output(index=0, data=png()), Output(index=1, text="yes"))))
    second, at = f"{task_id(stream)}.2", clock.now()
    called = ProviderCalled(
        attempt=2, provider="acme", call=second, digest="0", worker="w", epoch=1, account="k1", at=at
    )
    outputs_named = ProviderSucceeded(call=second, outputs=(RemoteOutput(index=0, url=URL),), at=at)
    missing = (Missing(index=0, code="fetch_failed", message="gone"),)
    ended = TaskFailed(code="outputs_not_fetched", message="gone", retryable=False, charged="yes", at=at)
    await harness.append(stream, called, outputs_named, OutputFetchFailed(failed=missing, at=at), ended)
    await empty(harness)
    late = harness.last_event(stream)
    assert (type(late), late.call, late.text, len(late.assets)) == (LateResultSeen, f"{task_id(stream)}.1", "yes", 1)
    assert harness.spool.files() == []


async def test_a_result_of_a_call_that_was_given_up_is_stored_completely(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other machine was away for too long: the notes on what was stored after all are in the task."""
    stream = await harness.request_task()
    harness.provider.submits = [Finished(outputs=(Output(index=0, data=b"no media"), Output(index=1, data=png())))]
    harness.assets.detach()
    await advance(harness.worker(), stream)
    harness.assets.attach()
    monkeypatch.setattr(outputs, "OTHER_SPOOL_SECONDS", 0.0)
    await advance(harness.worker("other"), stream)
    assert harness.last_event(stream).code == "outputs_not_fetched"
    await empty(harness)
    end = harness.last_event(stream)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert [note.partition(":")[0] for note in end.notes] == ["output 0"]


async def test_a_result_of_an_earlier_call_does_not_touch_the_present_one(harness: Harness) -> None:
    """A person allowed a second call: the result of the first is a late result, and the second goes on."""
    stream = await put_aside(harness, finished(1))
    second = f"{task_id(stream)}.2"
    await harness.append(
        stream,
        ProviderCalled(
            attempt=2, provider="acme", call=second, digest="0", worker="w", epoch=1, account="k1", at=clock.now()
        ),
        ProviderAccepted(call=second, job="j2", at=clock.now()),
    )
    await empty(harness)
    assert harness.event_types(stream)[-1] == "LateResultSeen"
    call = (await harness.load(stream)).call
    assert call
    assert (call.id, call.job, call.state.open) == (second, "j2", True)
