"""Fixtures of the read models' tests."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from adapters.postgres.database import open_pool
from adapters.postgres.event_log import EventLog
from projections import following, runner
from projections.builds import prepare
from projections.models import MODELS
from projections.tasks import TASKS
from projections.work_list import CALLS
from tests.patience import COMMIT_SECONDS
from tests.projections.counting_model import COUNTING_MODEL
from tests.projections.projection_rig import ProjectionRig


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner's pauses are for production: a test that waits for a position would only wait them out."""
    monkeypatch.setattr(following, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(following, "GATHER_SECONDS", 0.005)
    monkeypatch.setattr(runner, "STANDBY_SECONDS", 0.05)
    monkeypatch.setattr(runner, "MAX_PAUSE_SECONDS", 0.2)


@pytest.fixture
async def rig(database_url: str) -> AsyncGenerator[ProjectionRig]:
    """A log whose writer and listener run, and an empty first build of every read model."""
    pool = await open_pool(database_url, size=8)
    log = EventLog(database_url, pool, patience_seconds=COMMIT_SECONDS)
    tasks = [asyncio.create_task(log.write()), asyncio.create_task(log.listen())]
    try:
        await prepare(database_url, [TASKS, CALLS, MODELS, COUNTING_MODEL])
        yield ProjectionRig(database_url, pool, log)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await pool.close()
