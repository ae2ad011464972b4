"""Laws of how much a page of the gallery reads, among 200,000 media: what the page needs, and of a search a bounded
number of texts."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from itertools import combinations
from typing import Any, LiteralString

import pytest

from adapters.postgres.database import Pool, open_pool
from projections.asset_lists import SEARCHED_ITEMS, AssetFilter, page, select, select_end
from projections.assets import ASSETS
from projections.builds import prepare
from projections.task_lists import SESSION
from tests.postgres import fresh_database, vacuum
from tests.projections.bulk import fill_table
from tests.projections.reading import Reading, explained

COUNT = 200_000
LIMIT = 51
ANALYSES = 5
RUNS = 6  # one for each kind and origin
SAMPLES: list[dict[str, Any]] = [
    *({"owner": owner} for owner in ("owner-0", "owner-99", "unknown")),
    *({"project": project} for project in ("project-0", "project-999", "unknown")),
    *({"kind": kind} for kind in ("image", "audio")),
    *({"origin": origin} for origin in ("output", "upload")),
    *({"before": before} for before in (4096 * 100, 4096 * COUNT // 2)),
]
WORDS: list[tuple[str, ...]] = [("海",), ("no", "such"), ("灯塔",), ("number", "100%"), ("_",)]


@pytest.fixture(scope="module")
async def many(database_server: str, database_template: str) -> AsyncGenerator[Pool]:
    """A pool as lists have it, on a database of many media."""
    async with fresh_database(database_server, database_template) as dsn:
        await prepare(dsn, [ASSETS])
        await fill_table(dsn, "assets_1", "assets_items", _FILL, COUNT)
        async with await open_pool(dsn, size=1, settings=SESSION) as pool:
            yield pool


async def test_no_page_reads_more_than_it_needs(many: Pool) -> None:
    """Each condition alone, each pair of them, and a search under each, read a page of each run of one index, or the
    texts that a search may look through: even when PostgreSQL knows nothing of the table yet, and when it does."""
    pairs = [one | two for one, two in combinations(SAMPLES, 2) if one.keys() != two.keys()]
    faults = [fault async for fault in excesses(many, ({}, *SAMPLES, *pairs))]
    faults += [fault async for fault in excesses(many, (wish | {"words": WORDS[1]} for wish in ({}, *SAMPLES)))]
    await many.execute("ANALYZE assets_1.assets_items")
    faults += [fault async for fault in excesses(many, ({}, *SAMPLES, *pairs))]
    await vacuum(many, "assets_1.assets_items")
    faults += [fault async for fault in excesses(many, ({}, *SAMPLES, *pairs))]
    searches = [wish | {"words": words} for wish in ({}, *SAMPLES) for words in WORDS]
    faults += [fault async for fault in excesses(many, searches)]
    for _ in range(ANALYSES):  # each looks at other rows, and finds other things frequent
        await many.execute("ANALYZE assets_1.assets_items")
        faults += [fault async for fault in excesses(many, ({}, *SAMPLES))]
    assert not faults, "\n".join(faults)


async def test_a_search_of_a_frequent_word_stops_with_its_page(many: Pool) -> None:
    """No more texts are looked at than the page needs: a word that every second text has costs some dozen."""
    with_it = await reading(many, AssetFilter(kind="image", origin="output", words=("海",)))
    without = await reading(many, AssetFilter(kind="image", origin="output", words=("no such",)))
    assert with_it.blocks < without.blocks / 4


async def test_pages_of_a_search_reach_the_oldest(many: Pool) -> None:
    """Page by page a search gets to the end, and finds each match once."""
    wanted, found, pages = AssetFilter(owner="owner-0", words=("number", "7000")), 0, 0
    while True:
        items, end = await page(many, wanted, LIMIT)
        found, pages = found + len(items), pages + 1
        if end is None:
            break
        assert wanted.before is None or end < wanted.before
        wanted = AssetFilter(owner="owner-0", words=wanted.words, before=end)
    [(expected, mine)] = await many.fetch(_MATCHES)
    assert (found, pages > mine / SEARCHED_ITEMS) == (expected, True)
    assert expected > 0


async def excesses(pool: Pool, wishes: Iterable[dict[str, Any]]) -> AsyncIterator[str]:
    """The pages that read more than they may."""
    for wish in wishes:
        allowed = (RUNS + 1) * (SEARCHED_ITEMS if "words" in wish else LIMIT)
        found = await reading(pool, AssetFilter(**wish))
        if found.rows > allowed or found.blocks > 2 * allowed + 500:
            yield f"{wish}: {found}, and {allowed} rows are allowed"


async def reading(pool: Pool, wanted: AssetFilter) -> Reading:
    """How much one page reads: the statement that reads the most."""
    statements = [select(wanted, LIMIT), *([select_end(wanted)] if wanted.words else [])]
    return max([await explained(pool, *statement) for statement in statements])


_MATCHES: LiteralString = """
SELECT count(*) FILTER (WHERE words LIKE '%number%' AND words LIKE '%7000%'), count(*)
FROM assets_items WHERE owner = 'owner-0'
"""
# Owner 0 and project 0 have many media and others few; few are sounds.
_FILL: LiteralString = """
INSERT INTO assets_items (place, stream, owner, project, kind, origin, words, body)
SELECT 4096 * n, lpad(to_hex(n), 32, '0')::uuid,
       'owner-' || floor(100 * power((dice % 10009) / 10009.0::float8, 3))::int,
       CASE WHEN dice % 10 > 0 THEN 'project-' || floor(2000 * power((dice % 10007) / 10007.0::float8, 3))::int END,
       CASE WHEN dice % 1000 = 7 THEN 'audio' WHEN dice % 5 = 0 THEN 'video' ELSE 'image' END,
       CASE WHEN dice % 20 = 3 THEN 'upload' ELSE 'output' END,
       CASE dice % 2 WHEN 0 THEN '一座灯塔在海边, number ' ELSE 'a lighthouse, number ' END || n || repeat(' etc', 50),
       '{"asset": "asset_0.png"}'
FROM (SELECT n, abs(hashint8(n)::bigint) AS dice FROM generate_series(1, $1::bigint) AS n) AS drawn
"""
