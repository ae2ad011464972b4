"""The eventsourcing library and our log: its tests pass on our log, its recorder reads what we wrote.

Importing the library changes the standard `dataclasses` module, hence only here."""

import asyncio
import sys
import uuid
import warnings
from collections.abc import Generator
from contextlib import closing
from types import ModuleType
from typing import LiteralString

import asyncpg
import pytest
from eventsourcing.application import LocalNotificationLog
from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from adapters.postgres.event_reader import decode
from application.ports import Receipt
from tests.adapters.postgres.event_log_rig import Wish, connected, opened, progress, stored, together
from tests.adapters.postgres.recorder_bridge import EventLogRecorder

with warnings.catch_warnings():  # its package resets all warning filters
    # Its test module imports its cipher, for cases that we don't run, and with it pycryptodome, which we don't need.
    sys.modules["eventsourcing.cipher"] = cipher = ModuleType("eventsourcing.cipher")
    cipher.AESCipher = None  # type: ignore[attr-defined]
    from eventsourcing.tests import persistence as library

    del sys.modules["eventsourcing.cipher"]


class OnOurLog:
    """What the library's cases ask of us: a recorder on an empty database."""

    recorder: EventLogRecorder

    @pytest.fixture(autouse=True)
    def _open(self, database_url: str) -> Generator[None]:
        with closing(EventLogRecorder(database_url)) as self.recorder:
            yield

    def create_recorder(self) -> EventLogRecorder:
        return self.recorder


class TestApplicationRecorder(OnOurLog, library.ApplicationRecorderTestCase[EventLogRecorder]):
    """The library's contract for recorders holds on our log."""

    def test_insert_subscribe(self) -> None:
        """A subscription yields what is stored, then what is appended, until it is stopped."""
        self.optional_test_insert_subscribe()

    def test_bridge_refuses_several_streams(self) -> None:
        """An append is for one stream: the bridge does not pretend that several could be atomic."""
        with pytest.raises(ProgrammingError):
            self.recorder.insert_events([StoredEvent(uuid.uuid4(), 1, "topic", b"") for _ in range(2)])


class TestNonInterleavingNotificationIDs(OnOurLog, library.NonInterleavingNotificationIDsBaseCase):
    """The positions of two appends never mix."""


async def test_library_reads_what_pixel_wrote(database_url: str) -> None:
    """The library's own PostgreSQL recorder, opened on our table, reads every event in its place."""
    one, other = uuid.uuid4(), uuid.uuid4()
    async with opened(database_url) as log:
        await together(log, [Wish(one, 0, ("a", "b")), Wish(other, 0, ("c",))])
        await together(log, [Wish(one, 2, ("d",))])

    def read() -> tuple[list[StoredEvent], list[Notification], int | None]:
        with closing(_datastore(database_url)) as datastore:
            recorder = PostgresApplicationRecorder(datastore)
            return (
                list(recorder.select_events(one)),
                list(recorder.select_notifications(None, 10)),
                recorder.max_notification_id(),
            )

    events, notifications, head = await asyncio.to_thread(read)
    assert [(event.originator_version, decode(event.topic, event.state)) for event in events] == [
        (1, progress("a")),
        (2, progress("b")),
        (3, progress("d")),
    ]
    ours = [(row.position, row.stream, row.version, row.topic, row.state) for row in await stored(database_url)]
    assert [(n.id, n.originator_id, n.originator_version, n.topic, n.state) for n in notifications] == ours
    assert head == ours[-1][0]


async def test_library_pages_through_our_log(database_url: str) -> None:
    """The library's notification log pages through ours section by section: everything once, in order."""
    async with opened(database_url) as log:
        receipts = await together(log, [Wish(uuid.uuid4(), 0, ("x",) * (1 + n % 3)) for n in range(20)])
    assert all(isinstance(receipt, Receipt) for receipt in receipts)

    def page() -> list[int]:
        with closing(_datastore(database_url)) as datastore:
            sections = LocalNotificationLog(PostgresApplicationRecorder(datastore), section_size=7)
            found: list[int] = []
            wanted: str | None = "1,7"
            while wanted:
                section = sections[wanted]
                found += [item.id for item in section.items]
                wanted = section.next_id
            return found

    assert await asyncio.to_thread(page) == [row.position for row in await stored(database_url)]


async def test_library_set_up_leaves_our_table_alone(database_url: str) -> None:
    """A recorder that should create its table finds ours, changes no column, index or trigger, and reads."""
    async with opened(database_url) as log:
        await together(log, [Wish(uuid.uuid4(), 0, ("a",))])

    def set_up() -> int:
        with closing(_datastore(database_url)) as datastore:
            recorder = PostgresApplicationRecorder(datastore)
            recorder.create_table()
            return len(recorder.select_notifications(None, 10))

    async with connected(database_url) as connection:
        before = await connection.fetch(_SHAPE)
        assert await asyncio.to_thread(set_up) == 1
        assert await connection.fetch(_SHAPE) == before
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await connection.execute("DELETE FROM stored_events")


def _datastore(dsn: str) -> PostgresDatastore:
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    return PostgresDatastore(
        parts["dbname"], parts["host"], parts.get("port", "5432"), parts["user"], parts.get("password", "")
    )


_SHAPE: LiteralString = """
SELECT attname::text, format_type(atttypid, atttypmod), attnotnull::text FROM pg_attribute
WHERE attrelid = 'stored_events'::regclass AND attnum > 0
UNION ALL SELECT indexdef, '', '' FROM pg_indexes WHERE tablename = 'stored_events'
UNION ALL SELECT pg_get_triggerdef(oid), '', '' FROM pg_trigger WHERE tgrelid = 'stored_events'::regclass
ORDER BY 1
"""
