"""Laws of the records of uploads: each is one event, however often and wherever it is brought, and none is lost while
the log is away."""

import asyncio
from collections.abc import AsyncGenerator

import asyncpg
import pytest

from adapters.postgres.database import open_pool
from adapters.postgres.event_log import EventLog
from application.ports import Cause, LogUnavailable
from domain.ids import upload_stream
from domain.provider import Asset
from domain.upload import AssetUploaded
from services import upload_records
from services.upload_records import UploadRecords
from tests.patience import patient
from tests.projections.scenario import AT, image_asset

CAUSE = Cause(actor="test")


@pytest.fixture
async def log(database_url: str) -> AsyncGenerator[EventLog]:
    """A log that gives up soon when PostgreSQL stores nothing."""
    pool = await open_pool(database_url, size=4)
    log = EventLog(database_url, pool, patience_seconds=0.2)
    writing = asyncio.create_task(log.write())
    try:
        yield log
    finally:
        writing.cancel()
        await asyncio.wait([writing])
        await pool.close()


@pytest.fixture
async def records(log: EventLog) -> AsyncGenerator[UploadRecords]:
    """The records of one process."""
    records = UploadRecords(log)
    recording = asyncio.create_task(records.run())
    yield records
    recording.cancel()
    await asyncio.wait([recording])


def uploaded(asset: Asset, owner: str = "anna") -> AssetUploaded:
    return AssetUploaded(asset=asset, owner=owner, at=AT)


async def recorded(log: EventLog, upload: AssetUploaded) -> None:
    """Wait until an upload is in the log."""
    async with asyncio.timeout(patient(30)):
        while not await log.stream(upload_stream(upload.owner, upload.asset.id)):
            await asyncio.sleep(0.02)


async def test_an_upload_is_one_event(log: EventLog, records: UploadRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an owner and a content there is one event: brought often, at once, and again by another process. Another
    owner's upload of the same content is another one."""
    monkeypatch.setattr(upload_records, "WAIT_SECONDS", patient(30))
    mine, other = uploaded(image_asset()), uploaded(image_asset(), "bert")
    await asyncio.gather(*(records.record(each, CAUSE) for each in (mine, mine, other, mine)))
    assert await records.record(mine, CAUSE) is None
    elsewhere = UploadRecords(log)
    recording = asyncio.create_task(elsewhere.run())
    assert await elsewhere.record(mine, CAUSE) is None
    recording.cancel()
    await asyncio.wait([recording])
    assert [event.event for event in await log.stream(upload_stream("anna", mine.asset.id))] == [mine]
    assert await log.head() == 2


async def test_what_is_brought_while_the_log_is_away_is_recorded_later(
    log: EventLog, records: UploadRecords, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever brings something then waits a moment only, though appends have failed; the event comes afterwards."""
    monkeypatch.setattr(upload_records, "RETRY_SECONDS", 0.05)
    upload, blocker = uploaded(image_asset()), await asyncpg.connect(database_url)
    try:
        await blocker.execute("BEGIN; LOCK TABLE stored_events IN ACCESS EXCLUSIVE MODE")
        assert await records.record(upload, CAUSE) is None
        later = uploaded(image_asset("later"))
        with pytest.raises(LogUnavailable):  # by then the append before it has failed, too
            await log.append(upload_stream("anna", later.asset.id), 0, [later], CAUSE)
        await blocker.execute("ROLLBACK")
    finally:
        await blocker.close()
    await recorded(log, upload)


async def test_what_waits_is_bounded(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound an upload is answered all the same, and not recorded."""
    monkeypatch.setattr(upload_records, "MAX_WAITING", 1)
    monkeypatch.setattr(upload_records, "WAIT_SECONDS", 0.0)
    records = UploadRecords(log)  # nothing records what waits
    first, second = uploaded(image_asset("one")), uploaded(image_asset("two"))
    assert [await records.record(each, CAUSE) for each in (first, second)] == [None, None]
    recording = asyncio.create_task(records.run())
    await recorded(log, first)
    recording.cancel()
    await asyncio.wait([recording])
    assert await log.head() == 1
