"""Laws of slow lists: they block no other request, and the wait for them is bounded."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import LiteralString

import asyncpg
import httpx
import pytest

from services import list_reader
from tests.api.conftest import running
from tests.api.task_client import IMAGE, get, is_failure
from tests.patience import patient

CALLERS = 12  # more than a process has connections


@asynccontextmanager
async def gate(database_url: str) -> AsyncGenerator[asyncpg.Connection]:
    """Meanwhile PostgreSQL answers no list: what lists read, and nothing else does, waits for a lock."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_GATE)
        await connection.execute("SELECT pg_advisory_lock(4711)")
        yield connection
    finally:
        await connection.close()


async def held(connection: asyncpg.Connection, lists: int) -> None:
    """Until so many lists are at the gate."""
    async with asyncio.timeout(patient(30)):
        while await connection.fetchval(_HELD) < lists:
            await asyncio.sleep(0.01)


async def make(client: httpx.AsyncClient) -> str:
    """A task that does not end."""
    body = {**IMAGE, "extraParams": {"sandbox": {"latency": 600}}}
    answer = await client.post("/api/v1/generations/image", json=body)
    assert answer.status_code == 200, answer.text
    task_id: str = answer.json()["data"]["task_id"]
    return task_id


async def test_slow_lists_keep_nobody_else_waiting(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While lists stand still, tasks are made, read and healthy; of many lists two are read, and the others are sent
    away and the answer says when to come back."""
    monkeypatch.setattr(list_reader, "LIST_SECONDS", 600.0)
    async with running(database_url, tmp_path, append_patience_seconds=60.0) as (_, client):
        first = await make(client)
        assert (await client.get("/api/v1/tasks")).status_code == 200  # the read model has the task
        async with gate(database_url) as locked:
            asked = [asyncio.create_task(client.get("/api/v1/tasks")) for _ in range(CALLERS)]
            await held(locked, 2)
            second = await make(client)
            assert {(await get(client, task))["id"] for task in (first, second)} == {first, second}
            assert (await client.get("/health/ready")).json()["database"] == "ok"
            done, _ = await asyncio.wait(asked, timeout=patient(30), return_when=asyncio.FIRST_COMPLETED)
            assert done
            for answer in (task.result() for task in done):
                assert is_failure(answer, 503) == "Too many lists are being read. Try again shortly."
                assert answer.headers["retry-after"] == "1"
            assert await locked.fetchval(_HELD) == 2
        statuses = [(await task).status_code for task in asked]
        assert statuses.count(200) >= 2
        assert set(statuses) == {200, 503}


async def test_a_list_that_takes_too_long_is_ended(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL cancels it, and the connection serves the next one."""
    monkeypatch.setattr(list_reader, "LIST_SECONDS", 0.2)
    async with running(database_url, tmp_path, append_patience_seconds=60.0) as (_, client):
        await make(client)
        assert (await client.get("/api/v1/tasks")).status_code == 200
        async with gate(database_url) as locked:
            for _ in range(3):
                answer = await client.get("/api/v1/tasks")
                assert "takes longer than 0.2 seconds" in is_failure(answer, 503)
                assert answer.headers["retry-after"] == "5"
            assert await locked.fetchval(_HELD) == 0


async def test_few_callers_wait_for_their_turn(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue is bounded: beyond it the answer comes at once."""
    monkeypatch.setattr(list_reader, "LIST_SECONDS", 600.0)
    monkeypatch.setattr(list_reader, "WAIT_SECONDS", 600.0)
    monkeypatch.setattr(list_reader, "MAX_WAITING", 1)
    async with running(database_url, tmp_path, append_patience_seconds=60.0) as (_, client):
        await make(client)
        assert (await client.get("/api/v1/tasks")).status_code == 200
        async with gate(database_url) as locked:
            asked = [asyncio.create_task(client.get("/api/v1/tasks")) for _ in range(2)]
            await held(locked, 2)
            more = [asyncio.create_task(client.get("/api/v1/tasks")) for _ in range(4)]
            for ended, answer in enumerate(asyncio.as_completed(more), 1):
                assert is_failure(await answer, 503) == "Too many lists are being read. Try again shortly."
                if ended == 3:
                    break
        statuses = [(await task).status_code for task in (*asked, *more)]
        assert sorted(statuses) == [200] * 3 + [503] * 3


# Stable, so that who does not ask for the position does not wait.
_GATE: LiteralString = """
CREATE FUNCTION wait_at_gate() RETURNS bigint STABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(4711);
    RETURN 0;
END $$;
CREATE OR REPLACE VIEW tasks AS
SELECT stream, position + wait_at_gate() AS position, version, kind, status, model, project_id, source, source_id,
       created_at, updated_at, body, rerun_of, owner, caller
FROM tasks_1.tasks
"""
_HELD: LiteralString = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
