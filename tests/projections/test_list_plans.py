"""Laws of how much a list reads, among 300,000 tasks: what the page needs, and never the table.

They count what PostgreSQL looked at, not how long it took."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from itertools import combinations
from typing import Any, LiteralString
from uuid import UUID

import pytest

from adapters.postgres.database import Pool, open_pool
from projections.builds import prepare
from projections.task_lists import FIND_SPAN, SESSION, Filter, find_span, select
from projections.tasks import TASKS
from tests.postgres import fresh_database, vacuum
from tests.projections.many_tasks import EVENTS, created, fill
from tests.projections.reading import Reading, explained

COUNT = 300_000
LIMIT = 51
RUNS = 16  # of a column: one for each status and type
BLOCK = 2**16 // EVENTS  # tasks among so many positions as an index knows the times of
OBJECT = 2000  # tasks, as many as the largest object has
IDS = [UUID(int=number) for number in range(1000, COUNT, COUNT // 200)]
SAMPLES: list[dict[str, Any]] = [
    *({"status": status} for status in ("pending", "processing", "completed", "failed")),
    *({"kind": kind} for kind in ("image", "audio")),
    *({"owner": owner} for owner in ("owner-0", "owner-99", "unknown")),
    *({"project_id": project} for project in ("project-0", "project-999", "unknown")),
    *({"source": source} for source in ("canvas", "batch", "unknown")),
    *({"source_id": source_id} for source_id in ("canvas-0-1", "unknown")),
    *({"model": model} for model in ("acme/model-0", "acme/model-19", "unknown")),
    *({"rerun_of": UUID(int=number)} for number in (2, 997, COUNT)),
    {"streams": IDS},
    *({"created_after": created(number)} for number in (10, COUNT - 100, 2 * COUNT)),
    *({"created_before": created(number)} for number in (-100, 100, COUNT // 2, 2 * COUNT)),
    *({"before": EVENTS * number} for number in (100, COUNT // 2)),
]
TRIPLES: list[dict[str, Any]] = [
    {"status": "failed", "kind": "audio", "source": "batch"},
    {"status": "pending", "kind": "image", "source": "unknown"},
    {"status": "pending", "kind": "llm", "project_id": "project-0"},
    {"project_id": "project-0", "created_after": created(COUNT // 2), "created_before": created(COUNT // 2 + 50)},
]


@pytest.fixture(scope="module")
async def many(database_server: str, database_template: str) -> AsyncGenerator[Pool]:
    """A pool as lists have it, on a database of many tasks."""
    async with fresh_database(database_server, database_template) as dsn:
        await prepare(dsn, [TASKS])
        await fill(dsn, COUNT)
        async with await open_pool(dsn, size=1, settings=SESSION) as pool:
            yield pool


async def test_no_list_reads_more_than_its_page_needs(many: Pool) -> None:
    """Each filter alone reads a page of each run of one index, even when PostgreSQL knows nothing of the table yet;
    when it does, each pair of filters, too. A time adds one block of positions at most, and two of project, source,
    object and model a few entries for each task of the rarer one, or those of an object. Autovacuum may analyze a table
    long before it marks the pages that all can see, and such a mark goes with each new row."""
    faults = [fault async for fault in excesses(many, ({}, *SAMPLES))]
    pairs = [one | two for one, two in combinations(SAMPLES, 2) if one.keys() != two.keys()]
    wishes = ({}, *SAMPLES, *pairs, *TRIPLES)
    await many.execute("ANALYZE tasks_1.tasks")
    faults += [f"pages unmarked: {fault}" async for fault in excesses(many, wishes)]
    await vacuum(many, "tasks_1.tasks")
    faults += [f"pages marked: {fault}" async for fault in excesses(many, wishes)]
    assert not faults, "\n".join(faults)


async def excesses(pool: Pool, wishes: Iterable[dict[str, Any]]) -> AsyncIterator[str]:
    """The lists that read more than they may."""
    for wish in wishes:
        allowed = await max_rows(pool, wish)
        found = await reading(pool, Filter(**wish))
        if found.rows > allowed or found.blocks > 2 * allowed + 500:
            named = {name: value for name, value in wish.items() if name != "streams"}
            yield f"{named}, ids: {'streams' in wish}: {found}, and {allowed} rows are allowed"


async def max_rows(pool: Pool, wish: dict[str, Any]) -> float:
    """How many rows and entries a list may read."""
    page = 2 * len(IDS) if "streams" in wish else (RUNS + 1) * LIMIT
    times = BLOCK if wish.keys() & {"created_after", "created_before"} else 0
    columns = [await pool.fetchval(_COUNTS[name], wish[name]) for name in _COUNTS.keys() & wish.keys()]
    return page + times + (max(3 * min(columns), OBJECT) if len(columns) > 1 else 0)


async def reading(pool: Pool, wanted: Filter) -> Reading:
    """How much one page reads."""
    rows, blocks = 0.0, 0
    if wanted.created_after or wanted.created_before:
        before = 2**63 - 1 if wanted.before is None else wanted.before
        rows, blocks = await explained(pool, FIND_SPAN, [wanted.created_after, wanted.created_before, before])
    span = await find_span(pool, wanted)
    if span is None:
        return Reading(rows, blocks)
    page = await explained(pool, *select(wanted, span, LIMIT))
    return Reading(rows + page.rows, blocks + page.blocks)


_COUNTS: dict[str, LiteralString] = {
    "owner": "SELECT count(*) FROM tasks WHERE owner = $1",
    "project_id": "SELECT count(*) FROM tasks WHERE project_id = $1",
    "source": "SELECT count(*) FROM tasks WHERE source = $1",
    "source_id": "SELECT count(*) FROM tasks WHERE source_id = $1",
    "model": "SELECT count(*) FROM tasks WHERE model = $1",
    "rerun_of": "SELECT count(*) FROM tasks WHERE rerun_of = $1",
}
