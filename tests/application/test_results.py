"""A result is never dropped: whatever is away and whoever dies, it is stored in the end, and paid for once."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest

from application import claimed_task, clock, outputs
from application.claimed_task import WorkerContext
from application.ports import AssetsUnavailable, LogUnavailable, OutputFile, Unreadable
from application.spool_recovery import recover
from domain.base import Rejected, replace
from domain.ids import task_id
from domain.model import Kind, ModelRegistered
from domain.provider import (
    Accepted,
    Asset,
    DownloadFailed,
    Finished,
    Missing,
    Output,
    RemoteOutput,
    UnreadableOutput,
)
from domain.task.events import ProviderCalled, ProviderSucceeded, TaskCompleted, TaskFailed, TaskRequested
from domain.task.state import CallState, Status
from tests.application.harness import TEST_CAUSE, Harness, ProcessKilled, advance, finished, png

PATIENCE_SECONDS = 30.0
URL = "https://files.example.com/0.png"


async def until(check: Callable[[], bool]) -> None:
    """Wait until a condition holds, for a bounded time."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not check():
            await asyncio.sleep(0.01)


async def empty_the_spool(worker: WorkerContext) -> None:
    """Empty the spool, as a worker does again and again."""
    for name in await worker.storage.scan():
        await recover(worker.log, worker.storage, name, TEST_CAUSE)


class Broken:
    """An asset store with a bug, until it is mended."""

    def __init__(self, harness: Harness) -> None:
        self.mended = False
        self._store = harness.store

    async def keep(self, data: bytes | OutputFile) -> Asset:
        """Store, if it is mended."""
        if not self.mended:
            raise AttributeError("'InputContainer' object has no attribute 'metadata_errors'")
        return await self._store.keep(data)

    async def keep_file(self, data: bytes | OutputFile) -> Asset:
        """Store, if it is mended."""
        return await self.keep(data)

    async def probe(self) -> None:
        """The probe does not see the bug."""


# --- The asset store is away ---


async def test_a_result_outlives_the_absence_of_the_store(harness: Harness) -> None:
    """The answer has the image while the store is away: the call counts as done, never as in doubt, and the task
    completes with one order when the store is back."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits = [finished(1, 2)]
    harness.assets.detach()
    await advance(worker, stream)
    task = await harness.load(stream)
    assert (task.status, task.call and task.call.state) == (Status.PROCESSING, CallState.DELIVERED)
    with pytest.raises(AssetsUnavailable):
        await empty_the_spool(worker)
    harness.assets.attach()
    await empty_the_spool(worker)
    assert harness.event_types(stream)[1:] == [
        *("ProviderCalled", "ProviderSucceeded", "OutputStored", "OutputStored", "TaskCompleted")
    ]
    assert len(harness.assets.files()) == 2
    assert harness.spool.files() == []
    assert harness.provider.calls == ["submit 1"]


async def test_a_video_that_a_poll_brought_outlives_it_too(harness: Harness) -> None:
    """The same for a job whose poll brings the outputs; the job is not polled again."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits, harness.provider.polls = [Accepted(job="j")], [finished(1)]
    harness.assets.detach()
    assert await advance(worker, stream) == 5.0
    harness.assets.attach()
    await empty_the_spool(worker)
    assert harness.event_types(stream)[-2:] == ["OutputStored", "TaskCompleted"]
    assert harness.provider.calls == ["submit 1", "poll j"]


async def test_usage_price_text_and_notes_come_through_the_spool(harness: Harness) -> None:
    """The completed task has all that the provider said."""
    worker, stream = harness.worker(), await harness.request_task()
    gap = Missing(index=1, code="not_made", message="no")
    said = Finished(
        outputs=(Output(index=0, data=png()), Output(index=2, text="a boat")),
        missing=(gap,),
        usage={"image": 1},
        notes=("smaller",),
    )
    harness.provider.submits = [said]
    harness.assets.detach()
    await advance(worker, stream)
    harness.assets.attach()
    await empty_the_spool(worker)
    end = harness.last_event(stream)
    assert isinstance(end, TaskCompleted)
    assert (end.text, end.missing, end.usage, end.notes) == ("a boat", (gap,), {"image": 1}, ("smaller",))


async def test_a_download_outlives_the_absence_of_the_store(harness: Harness) -> None:
    """A download goes into the spool and completes the task although its URL is dead by then: it is not repeated."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits = [Finished(outputs=(Output(index=0, url=URL),))]
    harness.provider.files[URL] = png()
    harness.assets.detach()
    await advance(worker, stream)
    harness.provider.files.clear()
    await advance(worker, stream)
    assert harness.provider.calls == ["submit 1", f"fetch {URL}"]
    harness.assets.attach()
    await empty_the_spool(worker)
    assert harness.event_types(stream)[1:] == ["ProviderCalled", "ProviderSucceeded", "OutputStored", "TaskCompleted"]


async def test_a_download_counts_though_the_task_was_given_up_elsewhere(harness: Harness) -> None:
    """Another worker found the URL dead: when the store is back, the task is resumed and completes."""
    here, there, stream = harness.worker(), harness.worker("other"), await harness.request_task()
    harness.provider.submits = [Finished(outputs=(Output(index=0, url=URL),))]
    harness.provider.files[URL] = png()
    harness.assets.detach()
    await advance(here, stream)
    harness.provider.files[URL] = DownloadFailed(reason="HTTP 410", permanent=True)
    await advance(there, stream)
    assert (await harness.load(stream)).status is Status.FAILED
    harness.assets.attach()
    await empty_the_spool(here)
    assert harness.event_types(stream)[-3:] == ["RefetchRequested", "OutputStored", "TaskCompleted"]


async def test_outputs_in_the_answer_and_at_urls_are_both_stored(harness: Harness) -> None:
    """An answer with one image and the URL of another loses neither."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits = [Finished(outputs=(Output(index=0, data=png(1)), Output(index=1, url=URL)))]
    harness.provider.files[URL] = png(2)
    await advance(worker, stream)
    await empty_the_spool(worker)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.event_types(stream).count("OutputStored") == 2


# --- A bug of ours ---


async def test_a_bug_in_measuring_loses_nothing(harness: Harness) -> None:
    """An output that our bug can't measure waits for a version of Pixel that can."""
    store = Broken(harness)
    worker, stream = harness.worker(store=store), await harness.request_task()
    harness.provider.submits = [finished(1)]
    await advance(worker, stream)
    assert (await harness.load(stream)).call is not None
    assert len(harness.spool.files()) == 1
    store.mended = True
    after = harness.worker(store=store)
    harness.log.reads.clear()
    await empty_the_spool(after)
    assert harness.event_types(stream)[-2:] == ["OutputStored", "TaskCompleted"]
    assert harness.log.reads == [stream]
    assert harness.provider.submitted == 1


async def test_a_bug_in_pricing_loses_nothing(harness: Harness) -> None:
    """A result whose price and size can't be told is in the spool as it came, and completes its task without them."""
    stream = await harness.request_task()
    [model, task] = harness.log.events
    assert isinstance(model.event, ModelRegistered)
    assert isinstance(task.event, TaskRequested)
    spec = replace(model.event.spec, resolutions={"1K": {"1:1": "large"}})
    harness.log.events[0] = model._replace(event=replace(model.event, spec=spec))
    params = {**task.event.params, "resolution": "1K", "aspectRatio": "1:1"}
    harness.log.events[1] = task._replace(event=replace(task.event, params=params))
    harness.provider.submits = [finished(1)]
    with pytest.raises(ValueError, match="large"):
        await advance(harness.worker(), stream)
    assert len(harness.spool.files()) == 1
    await empty_the_spool(harness.worker())
    assert harness.event_types(stream)[-2:] == ["OutputStored", "TaskCompleted"]
    assert harness.spool.files() == []
    assert harness.provider.submitted == 1


async def test_an_undecodable_output_outlives_the_absence_of_the_store_too(harness: Harness) -> None:
    """It was paid for, so it waits in the spool like any other result, and is stored as a file."""
    worker, stream = harness.worker(), await harness.request_task()
    with pytest.raises(UnreadableOutput):
        await harness.store.keep(b"no media")
    harness.provider.submits = [Finished(outputs=(Output(index=0, data=b"no media"),))]
    harness.assets.detach()
    await advance(worker, stream)
    assert len(harness.spool.files()) == 1
    harness.assets.attach()
    await empty_the_spool(worker)
    end = harness.last_event(stream)
    assert isinstance(end, TaskCompleted)
    assert "does not decode" in end.notes[0]
    assert harness.spool.files() == []


async def test_an_empty_output_is_reported_and_not_spooled(harness: Harness) -> None:
    """An output without a byte is the provider's mistake: there is nothing to spool."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits = [Finished(outputs=(Output(index=0),))]
    await advance(worker, stream)
    assert harness.last_event(stream).code == "no_outputs"
    assert harness.spool.files() == []


async def test_a_result_that_can_not_be_recorded_is_spooled(harness: Harness) -> None:
    """This version can't read the stream any further: a newer one that can finds the result in the spool."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits = [finished(1)]
    future = Unreadable(topic="OfTheFuture", problem="unknown")
    harness.provider.on_submit = lambda: harness.log.add(stream, future)
    with pytest.raises(Rejected):
        await advance(worker, stream)
    assert len(harness.spool.files()) == 1
    harness.log.events.pop()
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


# --- Dying at every step ---


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_every_append_it_completes_with_one_order(harness: Harness, when: str) -> None:
    """A process dies before or after any append, once its result is on a disk: the next ones on its machine complete
    the task when the store is back, and nothing is ordered twice."""
    kills = 0
    for step in range(1, 6):
        stream = await harness.request_task()
        harness.provider.submits, harness.provider.calls = [finished(step)], []
        left = step

        def count(topics: list[str]) -> None:
            nonlocal left, kills
            left -= "ProviderCalled" not in topics
            if left == 0:
                kills += 1
                raise ProcessKilled

        setattr(harness.log, when, count)
        harness.assets.detach()
        for turn in range(9):
            if turn == 1:
                harness.assets.attach()
            with suppress(ProcessKilled, AssetsUnavailable):
                worker = harness.worker()
                await advance(worker, stream)
                await empty_the_spool(worker)
        setattr(harness.log, when, lambda _: None)
        assert harness.event_types(stream).count("TaskCompleted") == 1
        assert harness.event_types(stream).count("OutputStored") == 1
        assert harness.provider.submitted == 1
        assert harness.spool.files() == []
    assert kills == 2  # there are so many appends


async def test_a_process_that_died_before_it_could_record_is_outlived(harness: Harness) -> None:
    """A process is killed with the result on the disk, no event of it, and the store away: the next one on the machine
    does not take the call for in doubt, even if it claims the task before it empties the spool."""
    stream = await harness.request_task()
    harness.provider.submits = [finished(1)]
    harness.assets.detach()

    def kill(topics: list[str]) -> None:
        if "ProviderSucceeded" in topics:
            raise ProcessKilled

    harness.log.before = kill
    with pytest.raises(ProcessKilled):
        await advance(harness.worker(), stream)
    harness.log.before = lambda _: None
    assert harness.event_types(stream) == ["TaskRequested", "ProviderCalled"]
    again = harness.worker()
    await advance(again, stream)
    assert harness.event_types(stream)[2:] == ["ProviderSucceeded"]
    harness.assets.attach()
    await empty_the_spool(again)
    assert harness.last_event(stream) == TaskCompleted(at=harness.last_event(stream).at)
    assert harness.provider.calls == ["submit 1"]


async def test_a_result_of_a_call_that_others_gave_up_is_stored(harness: Harness) -> None:
    """A machine was off while another one settled the call as unknown: its result becomes a late result."""
    here, stream = harness.worker(), await harness.request_task()
    harness.provider.submits = [finished(1)]
    harness.assets.detach()

    def kill(topics: list[str]) -> None:
        if "ProviderSucceeded" in topics:
            raise ProcessKilled

    harness.log.before = kill
    with pytest.raises(ProcessKilled):
        await advance(here, stream)
    harness.log.before = lambda _: None
    harness.assets.attach()
    await advance(harness.worker("other"), stream)
    assert harness.last_event(stream).code == "outcome_unknown"
    await empty_the_spool(harness.worker())
    assert harness.event_types(stream)[-1] == "LateResultSeen"
    assert len(harness.last_event(stream).assets) == 1


# --- The log is away ---


async def test_a_result_that_waits_for_the_log_is_on_the_disk_meanwhile(harness: Harness) -> None:
    """While nothing can be recorded the result is in the spool: neither a kill nor a shutdown loses it."""
    worker, stream = harness.worker(), await harness.request_task()
    task = task_id(stream)
    harness.provider.submits = [finished(1)]
    harness.provider.on_submit = lambda: setattr(harness.log, "away", True)
    step = asyncio.create_task(advance(worker, stream))
    try:
        await until(lambda: bool(harness.spool.files()) and not worker.storage.holds(task))
    finally:
        step.cancel()
        await asyncio.wait([step])
    harness.log.away = False
    again = harness.worker()
    await advance(again, stream)
    await empty_the_spool(again)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.spool.files() == []
    assert harness.provider.submitted == 1


async def test_a_result_that_waits_for_the_log_is_written_to_the_disk_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the log is tried: it may be large."""
    monkeypatch.setattr(claimed_task, "RECORD_RETRY_SECONDS", 0.01)
    stream = await harness.request_task()
    harness.provider.submits = [finished(1)]
    written: list[int] = []

    def fail(topics: list[str]) -> None:
        if "OutputStored" in topics:
            written.extend(path.stat().st_mtime_ns for path in harness.spool.files())
            if len(written) < 3:
                raise LogUnavailable("away", retry_after=1)

    harness.log.before = fail
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert len(written) == 3
    assert len(set(written)) == 1


async def test_a_result_that_waits_for_the_log_is_held_where_no_spool_takes_it(harness: Harness) -> None:
    """Its step must not be cancelled. It is recorded as soon as the log is back."""
    worker, stream = harness.worker(), await harness.request_task()
    task = task_id(stream)
    harness.provider.submits = [finished(1)]
    harness.provider.on_submit = lambda: setattr(harness.log, "away", True)
    harness.spool.detach()
    step = asyncio.create_task(advance(worker, stream))
    try:
        await until(lambda: bool(harness.assets.files()))
        for _ in range(5):
            await asyncio.sleep(0.01)
            assert worker.storage.holds(task)
        harness.log.away = False
        async with asyncio.timeout(PATIENCE_SECONDS):
            await step
    finally:
        step.cancel()
        await asyncio.wait([step])
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert not worker.storage.holds(task)


# --- Neither store nor spool ---


async def test_a_result_is_held_in_memory_while_nothing_takes_it(harness: Harness) -> None:
    """The step keeps it and says so; no other order goes out until it is stored."""
    worker, stream, other = harness.worker(), await harness.request_task(), await harness.request_task()
    harness.provider.submits = [finished(1), finished(2)]
    harness.assets.detach()
    harness.spool.detach()
    step = asyncio.create_task(advance(worker, stream))
    try:
        await until(lambda: worker.storage.refuses is not None)
        assert worker.storage.holds(task_id(stream))
        assert not worker.storage.holds(task_id(other))
        refuses = worker.storage.state().refuses or ""
        assert "asset store can't keep" in refuses
        assert "spool can't keep" in refuses
        [(event, facts), *_] = [each for each in harness.logged if each[0].startswith("outputs")]
        told = (event, facts["task_id"], facts["call_id"])
        assert told == ("outputs could not be kept yet", task_id(stream), f"{task_id(stream)}.1")
        assert "asset store can't keep" in facts["error"]
        assert await advance(worker, other) == 5.0
        assert harness.event_types(other) == ["TaskRequested"]
        harness.assets.attach()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await step
    finally:
        step.cancel()
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert not worker.storage.holds(task_id(stream))
    assert worker.storage.refuses is None
    await advance(worker, other)
    assert (await harness.load(other)).status is Status.COMPLETED


async def test_no_order_goes_out_once_the_spool_is_half_full(harness: Harness) -> None:
    """The other half is for the calls under way. A text, which needs no store, goes on; the others wait."""
    first, second, chat = (
        await harness.request_task(),
        await harness.request_task(),
        await harness.request_task(Kind.LLM, model="acme/writer"),
    )
    harness.provider.submits = [finished(1, 2)]
    harness.assets.detach()
    await advance(harness.worker(), first)
    used = sum(file.stat().st_size for file in harness.spool.files())
    worker = harness.worker(max_bytes=2 * used)
    await worker.storage.scan()
    assert worker.storage.refuses is None
    worker = harness.worker(max_bytes=2 * used - 1)
    await worker.storage.scan()
    assert worker.storage.refuses is not None
    assert await advance(worker, second) == 5.0
    assert harness.provider.submitted == 1
    harness.provider.submits = [Finished(outputs=(Output(index=0, text="yes"),)), finished(3)]
    await advance(worker, chat)
    assert (await harness.load(chat)).status is Status.COMPLETED
    harness.assets.attach()
    await empty_the_spool(worker)
    assert worker.storage.refuses is None
    await advance(worker, second)
    assert (await harness.load(second)).status is Status.COMPLETED


async def test_nothing_is_downloaded_that_could_not_be_stored(harness: Harness) -> None:
    """An output at the provider is left there, and counts as no failure."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits, harness.provider.files = [Finished(outputs=(Output(index=0, url=URL),))], {URL: png()}
    harness.assets.detach()
    harness.spool.detach()
    await harness.append(stream, *_delivered(stream, URL))
    await worker.storage.scan()
    assert worker.storage.exhausted is not None
    await advance(worker, stream)
    assert harness.provider.calls == []
    harness.assets.attach()
    harness.spool.attach()
    worker = harness.worker()
    await worker.storage.scan()
    await advance(worker, stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


# --- Other machines ---


def _delivered(stream: UUID, url: str, *, ago: timedelta = timedelta()) -> list[ProviderCalled | ProviderSucceeded]:
    task, at = task_id(stream), clock.now() - ago
    call = f"{task}.1"
    return [
        ProviderCalled(attempt=1, provider="acme", call=call, digest="0", worker="w", epoch=1, account="k1", at=at),
        ProviderSucceeded(call=call, outputs=(RemoteOutput(index=0, url=url),), at=at),
    ]


async def test_a_result_in_another_machines_spool_is_left_to_it(harness: Harness) -> None:
    """It is neither downloaded nor counted as lost while its machine may come back."""
    here, there, stream = harness.worker(), harness.worker("other"), await harness.request_task()
    harness.provider.submits = [finished(1)]
    harness.assets.detach()
    await advance(here, stream)
    harness.assets.attach()
    before = harness.event_types(stream)
    assert await advance(there, stream) == 5.0
    assert harness.event_types(stream) == before
    await empty_the_spool(here)
    assert (await harness.load(stream)).status is Status.COMPLETED


async def test_a_machine_that_stays_away_fails_the_task(harness: Harness) -> None:
    """The task waits for a day; then it fails as paid and not fetched, with the reason."""
    place = "spool:0123/whatever"
    stream = await harness.request_task()
    await harness.append(stream, *_delivered(stream, place, ago=timedelta(seconds=outputs.OTHER_SPOOL_SECONDS - 60)))
    assert await advance(harness.worker(), stream) == 5.0
    assert (await harness.load(stream)).status is Status.PROCESSING
    late = await harness.request_task()
    await harness.append(late, *_delivered(late, place, ago=timedelta(seconds=outputs.OTHER_SPOOL_SECONDS)))
    await advance(harness.worker(), late)
    end = harness.last_event(late)
    assert isinstance(end, TaskFailed)
    assert (end.code, end.charged) == ("outputs_not_fetched", "yes")
    assert harness.provider.calls == []


async def test_a_machine_that_comes_back_after_that_completes_the_task(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result in its spool counts however late, and the task is resumed for it."""
    here, there, stream = harness.worker(), harness.worker("other"), await harness.request_task()
    harness.provider.submits = [finished(1, 2)]
    harness.assets.detach()
    await advance(here, stream)
    harness.assets.attach()
    monkeypatch.setattr(outputs, "OTHER_SPOOL_SECONDS", 0.0)
    await advance(there, stream)
    assert harness.last_event(stream).code == "outputs_not_fetched"
    await empty_the_spool(here)
    assert harness.event_types(stream)[-4:] == ["RefetchRequested", "OutputStored", "OutputStored", "TaskCompleted"]
    assert harness.spool.files() == []


async def test_a_result_that_was_removed_from_the_spool_is_polled_again(harness: Harness) -> None:
    """Somebody removed the file: the job is polled once more, and its result is stored."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits, harness.provider.polls = [Accepted(job="j")], [finished(1), finished(1)]
    harness.assets.detach()
    await advance(worker, stream)
    harness.assets.attach()
    [file] = harness.spool.files()
    file.unlink()
    await advance(worker, stream)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.provider.calls == ["submit 1", "poll j", "poll j"]


async def test_a_result_of_another_database_is_left_alone(harness: Harness) -> None:
    """The spool has outlived its database: the call is unknown, so its result is left alone."""
    worker, stream = harness.worker(), await harness.request_task()
    harness.provider.submits = [finished(1)]
    harness.assets.detach()
    await advance(worker, stream)
    harness.assets.attach()
    harness.log.events.clear()
    with pytest.raises(Rejected, match="This database knows nothing of the call") as refused:
        await empty_the_spool(worker)
    assert refused.value.code == "task_unknown"
    assert len(harness.spool.files()) == 1
