"""Laws of nodes that start at once, on PostgreSQL: all of them follow the catalogue, and none gives up.

What a start appends is in `test_catalogue_differences`."""

import asyncio
from contextlib import AsyncExitStack

from adapters.catalogue.file import load
from application.catalogue import Entry, differences, fold, synchronise
from application.ports import Recorded
from domain.base import replace
from services.settings import DEFAULT_CATALOG
from tests.adapters.postgres.event_log_rig import CAUSE, append_lock_held, connected, opened, waiting_for_append_lock

NODES = 6


async def started_at_once(dsn: str, *catalogues: list[Entry]) -> tuple[list[int], list[Recorded]]:
    """Six nodes, each with one of the catalogues in turn, that have all looked before any of them appends; how many
    events each of them appended, and the log after it."""
    async with AsyncExitStack() as stack:
        logs = [await stack.enter_async_context(opened(dsn)) for _ in range(NODES)]
        async with connected(dsn) as connection:
            async with append_lock_held(dsn):
                starts = [
                    asyncio.create_task(synchronise(log, catalogues[number % len(catalogues)], CAUSE))
                    for number, log in enumerate(logs)
                ]
                await waiting_for_append_lock(connection, NODES)
            counts = await asyncio.gather(*starts)
        return counts, await logs[0].model_events()


async def test_six_nodes_start_at_once(database_url: str) -> None:
    """On an empty database, with the catalogue that Pixel comes with: none gives up, every fact is there once, and the
    models are registered in their order in the file."""
    entries = load(DEFAULT_CATALOG).models
    counts, history = await started_at_once(database_url, entries)
    assert sum(counts) == len(history) == sum(map(len, differences(entries, {}).values()))
    assert differences(entries, fold(history)) == {}
    assert [known.id for known in fold(history).values()] == [entry.id for entry in entries]


async def test_nodes_of_two_catalogues_start_at_once(database_url: str) -> None:
    """The last node decides each model; none gives up, and each model is as one of the two catalogues has it."""
    entries = load(DEFAULT_CATALOG).models
    others = [replace(entry, enabled=not entry.enabled) for entry in entries]
    _, history = await started_at_once(database_url, entries, others)
    left = [set(differences(catalogue, fold(history))) for catalogue in (entries, others)]
    assert not left[0] & left[1]
