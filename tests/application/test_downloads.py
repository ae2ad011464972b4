"""Laws of downloads: what counts as fetched, when a URL is tried again, and what becomes of bytes that do not
decode."""

import asyncio
from typing import Any

import pytest

from adapters.media.output_file import TemporaryOutput
from application import outputs
from application.ports import AssetsUnavailable, OutputFile
from application.storage import Storage
from domain.model import Kind, ModelSpec
from domain.provider import (
    FILE,
    Asset,
    DownloadFailed,
    DownloadResult,
    Finished,
    Missing,
    NoVerdict,
    Order,
    Output,
    RemoteOutput,
)
from tests.application.harness import Harness, png

ORDER = Order(
    task_id="task_1",
    call_id="task_1.1",
    kind=Kind.IMAGE,
    model="acme/painter",
    spec=ModelSpec(name="Painter", type=Kind.IMAGE, resolutions={"1K": {"1:1": "8*8"}}),
    params={"prompt": "a cat", "resolution": "1K", "aspectRatio": "1:1"},
)
SMALLER = "output {}: asked for 8*8, got 8*6"
GONE = DownloadFailed(reason="HTTP 410", permanent=True)
BUSY = DownloadFailed(reason="HTTP 503")


def old(index: int) -> RemoteOutput:
    """An output at the URL that the provider named first."""
    return RemoteOutput(index=index, url=f"https://old/{index}")


def fresh(*indexes: int) -> Finished:
    """The answer to a poll that names other URLs for outputs."""
    return Finished(outputs=tuple(Output(index=index, url=f"https://new/{index}") for index in indexes))


async def fetched(
    harness: Harness, *remote: RemoteOutput, job: str | None = "j", storage: Storage | None = None, waited: float = 0.0
) -> DownloadResult:
    return await outputs.fetch(
        storage or harness.worker().storage, harness.provider, ORDER, remote, job=job, waited_seconds=waited
    )


def failed(index: int, reason: str) -> Missing:
    return Missing(index=index, code="fetch_failed", message=reason)


# --- Fresh URLs ---


async def test_only_what_failed_is_fetched_from_fresh_urls(harness: Harness) -> None:
    """What is stored is not downloaded again, and a URL that failed is tried again only if the provider names
    another."""
    harness.provider.files = {"https://old/0": png(0), "https://old/1": GONE, "https://old/2": BUSY}
    harness.provider.files |= {"https://new/0": png(0), "https://new/1": png(1)}
    same = Output(index=2, url="https://old/2")
    harness.provider.polls = [Finished(outputs=(*fresh(0, 1).outputs, same))]
    seen = await fetched(harness, old(0), old(1), old(2))
    assert [index for index, _ in seen.assets] == [0, 1]
    assert (seen.failed, seen.permanent) == ((failed(2, "HTTP 503"),), False)
    assert sorted(harness.provider.calls[:3]) == [f"fetch https://old/{index}" for index in range(3)]  # all at once
    assert harness.provider.calls[3:] == ["poll j", "fetch https://new/1"]


@pytest.mark.parametrize(
    ("first", "second", "permanent"),
    [(GONE, None, True), (BUSY, None, False), (GONE, BUSY, False), (GONE, GONE, False), (BUSY, png(), False)],
)
async def test_a_failure_is_final_when_the_provider_names_no_other_url(
    harness: Harness, first: Any, second: Any, permanent: bool
) -> None:
    """A fresh URL may be followed by another one, so its failure is not final."""
    harness.provider.files = {"https://old/0": first, "https://new/0": second}
    harness.provider.polls = [fresh(0) if second else NoVerdict(reason="HTTP 502")]
    assert (await fetched(harness, old(0))).permanent is permanent


async def test_a_poll_that_names_no_other_url_keeps_the_failure_final(harness: Harness) -> None:
    """The job is done, and its only URL is dead."""
    harness.provider.files = {"https://old/0": GONE}
    harness.provider.polls = [Finished(outputs=(Output(index=0, url="https://old/0"),))]
    seen = await fetched(harness, old(0))
    assert (seen.failed, seen.permanent) == ((failed(0, "HTTP 410"),), True)


async def test_one_url_that_may_come_back_keeps_a_failure_from_being_final(harness: Harness) -> None:
    """And a download without a failure has none that is final."""
    harness.provider.files = {"https://old/0": GONE, "https://old/1": BUSY, "https://old/2": png()}
    assert (await fetched(harness, old(0), old(1), job=None)).permanent is False
    assert (await fetched(harness, old(2), job=None)).permanent is False


async def test_notes_on_downloads_of_both_rounds_are_recorded(harness: Harness) -> None:
    """An image of another size than the requested one is noted, whenever it was downloaded."""
    harness.provider.files = {"https://old/0": png(0), "https://old/1": GONE, "https://new/1": png(1)}
    harness.provider.polls = [fresh(1)]
    assert (await fetched(harness, old(0), old(1))).notes == (SMALLER.format(0), SMALLER.format(1))


# --- Bytes that do not decode ---


async def test_bytes_that_do_not_decode_are_stored_and_count_as_failed(harness: Harness) -> None:
    """They may have been cut off, so they are downloaded again; but they were paid for, so they are stored."""
    harness.provider.files = {"https://old/0": b"no media"}
    seen = await fetched(harness, old(0), job=None)
    assert [(index, asset.media_type, asset.bytes) for index, asset in seen.files] == [(0, FILE, len(b"no media"))]
    assert [(each.index, each.code) for each in seen.failed] == [(0, "fetch_failed")]
    assert "not an image" in seen.failed[0].message
    assert (seen.assets, seen.permanent) == ((), False)


async def test_an_empty_download_stores_nothing(harness: Harness) -> None:
    """There is no byte to store."""
    harness.provider.files = {"https://old/0": b""}
    seen = await fetched(harness, old(0), job=None)
    assert (seen.assets, seen.files, len(seen.failed)) == ((), (), 1)


async def test_a_file_is_forgotten_once_a_fresh_url_brings_the_output(harness: Harness) -> None:
    """Of the outputs that did not decode, those that were downloaded whole since are no files any more."""
    harness.provider.files = {"https://old/0": b"cut", "https://old/1": b"off", "https://new/0": png(1)}
    harness.provider.polls = [fresh(0)]
    seen = await fetched(harness, old(0), old(1))
    assert [index for index, _ in seen.assets] == [0]
    assert [index for index, _ in seen.files] == [1]


class FullForFiles:
    """An asset store whose disk is full once it has found that bytes do not decode."""

    def __init__(self, harness: Harness) -> None:
        self._store = harness.store

    async def keep(self, data: bytes | OutputFile) -> Asset:
        return await self._store.keep(data)

    async def keep_file(self, data: bytes | OutputFile) -> Asset:
        raise AssetsUnavailable("disk full")

    async def probe(self) -> None:
        raise AssetsUnavailable("disk full")


async def test_bytes_that_do_not_decode_wait_in_the_spool_while_the_store_is_full(harness: Harness) -> None:
    """They count neither as fetched nor as failed meanwhile."""
    harness.provider.files = {"https://old/0": b"no media"}
    storage = harness.worker(store=FullForFiles(harness)).storage
    assert await fetched(harness, old(0), job=None, storage=storage) == DownloadResult()
    entry = await storage.read("task_1.1.0")
    assert entry
    assert (entry.task, entry.call, entry.part, entry.finished.outputs[0].data) == (
        "task_1",
        "task_1.1",
        True,
        b"no media",
    )


# --- Large outputs, in files ---


def large(data: bytes) -> TemporaryOutput:
    """A large output, as a download over a megabyte brings it."""
    file = TemporaryOutput(None)
    file.write(data)
    return file


async def test_a_large_output_is_stored_from_its_file(harness: Harness) -> None:
    """As the same bytes in memory would be; then its file is closed."""
    file = large(png(1))
    harness.provider.files = {"https://old/0": file}
    seen = await fetched(harness, old(0), job=None)
    assert seen == DownloadResult(assets=((0, await harness.store.keep(png(1))),), notes=(SMALLER.format(0),))
    with pytest.raises(OSError, match="closed"):
        file.descriptor()


async def test_a_large_output_waits_in_the_spool_with_its_bytes(harness: Harness) -> None:
    """The store is away: the spool has all of it, and its file is closed."""
    file = large(png(1))
    harness.provider.files = {"https://old/0": file}
    storage = harness.worker().storage
    harness.assets.detach()
    assert await fetched(harness, old(0), job=None, storage=storage) == DownloadResult()
    entry = await storage.read("task_1.1.0")
    assert entry
    assert entry.finished == Finished(outputs=(Output(index=0, data=png(1)),))
    with pytest.raises(OSError, match="closed"):
        file.descriptor()


async def test_a_large_output_that_does_not_decode_waits_there_as_a_file(harness: Harness) -> None:
    """Its bytes were paid for."""
    harness.provider.files = {"https://old/0": large(b"no media")}
    storage = harness.worker(store=FullForFiles(harness)).storage
    assert await fetched(harness, old(0), job=None, storage=storage) == DownloadResult()
    entry = await storage.read("task_1.1.0")
    assert entry
    assert entry.finished == Finished(outputs=(Output(index=0, data=b"no media"),))


# --- While nothing can take them ---


async def test_a_download_is_held_until_something_takes_it(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that takes; it is not downloaded again."""
    monkeypatch.setattr(outputs, "MIN_WAIT_SECONDS", 0.01)
    harness.provider.files = {"https://old/0": png(1)}
    storage = harness.worker().storage
    harness.assets.detach()
    harness.spool.detach()
    download = asyncio.create_task(fetched(harness, old(0), job=None, storage=storage))
    try:
        async with asyncio.timeout(30):
            while len(harness.logged) < 2 * 4:  # the store and the spool were tried four times
                await asyncio.sleep(0.01)
        assert storage.holds("task_1")
        harness.assets.attach()
        assert [index for index, _ in (await download).assets] == [0]
    finally:
        download.cancel()
    assert not storage.holds("task_1")
    assert harness.provider.calls == ["fetch https://old/0"]


# --- Outputs in a spool ---


async def test_an_output_that_was_removed_from_the_spool_is_lost_for_good(harness: Harness) -> None:
    """Without a job to poll nobody can bring it back, and the reason is kept."""
    storage = harness.worker().storage
    gone = RemoteOutput(index=0, url=storage.url("task_1.1"))
    seen = await fetched(harness, gone, job=None, storage=storage)
    assert seen.failed == (failed(0, "it is not in the spool any more"),)
    assert seen.permanent


async def test_the_spool_of_another_machine_is_waited_for_until_its_time_is_over(harness: Harness) -> None:
    """A moment before that it is left alone; then it is lost, with the reason."""
    away = RemoteOutput(index=0, url="spool:0123/task_1.1")
    limit = outputs.OTHER_SPOOL_SECONDS
    assert await fetched(harness, away, waited=limit - 0.001) == DownloadResult()
    seen = await fetched(harness, away, job=None, waited=limit)
    assert seen.failed == (failed(0, "it is in the spool of a machine that has not been there for long"),)
    assert seen.permanent
