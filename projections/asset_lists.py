"""Which media match? A page of them, newest first, at a cost that hardly grows with their number.

A list reads an index backwards whose last column is the place, in one run for each kind and origin, as the lists of
tasks do. A search looks through the newest items that match otherwise, SEARCHED_ITEMS of them at most, for texts that
hold all of its words: as substrings, because Chinese has no spaces, and without an extension of PostgreSQL, because
the embedded one has none. What comes behind them is for the next page."""

import re
from typing import LiteralString, NamedTuple, get_args

from domain.base import Value
from projections.assets import MediaKind, Origin, searchable
from projections.base import Pool
from projections.statements import Condition, Statement, conditions

SEARCHED_ITEMS = 10_000
MAX_WORDS = 8


class AssetFilter(Value):
    """Which media to list; None means any. `owner` is whose media the caller may see, `words` have to be in the prompt,
    MAX_WORDS at most. `before` is the place at which the page before this one ended."""

    owner: str | None = None
    project: str | None = None
    kind: MediaKind | None = None
    origin: Origin | None = None
    words: tuple[str, ...] = ()
    before: int | None = None


class AssetPage(NamedTuple):
    """Encoded items, newest first, and the place at which the next page begins; None: there is nothing behind it. Of a
    search it may have fewer items than asked for, though there is a next page."""

    items: list[bytes]
    next: int | None


async def page(pool: Pool, wanted: AssetFilter, limit: int) -> AssetPage:
    """A page of media. The sessions of the pool should have the settings of `task_lists.SESSION`.

    Raises the driver's errors."""
    statement = select(wanted, limit + 1)
    rows = await pool.fetch(statement.sql, *statement.arguments)
    found = [row[1].encode() for row in rows[:limit]]
    if len(rows) > limit:
        return AssetPage(found, rows[limit - 1][0])
    if not wanted.words:
        return AssetPage(found, None)
    end = select_end(wanted)
    [(count, last)] = await pool.fetch(end.sql, *end.arguments)
    return AssetPage(found, last if count == SEARCHED_ITEMS else None)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a search, as they are compared."""
    return tuple(dict.fromkeys(searchable(text).split()))


def select(wanted: AssetFilter, limit: int) -> Statement:
    """The statement for one page."""
    if not wanted.words:
        newest, arguments = _newest(wanted, limit)
        return Statement(_PAGE + newest + _IN_ORDER, arguments)
    newest, arguments = _newest(wanted, SEARCHED_ITEMS)
    has_words = conditions([(" AND words LIKE ", _pattern(word)) for word in wanted.words], arguments)
    limited = conditions([(" LIMIT ", limit)], arguments)
    return Statement(_SEARCH + has_words + _OF_THEM + newest + _FOUND + limited, arguments)


def select_end(wanted: AssetFilter) -> Statement:
    """The statement for how many items a search looks through, and for the place of the last of them."""
    newest, arguments = _newest(wanted, SEARCHED_ITEMS)
    return Statement(_END + newest, arguments)


def _newest(wanted: AssetFilter, limit: int) -> tuple[LiteralString, list[object]]:
    """The places of the newest items that match but for their words."""
    kinds = [wanted.kind] if wanted.kind else [*get_args(MediaKind)]
    origins = [wanted.origin] if wanted.origin else [*get_args(Origin)]
    arguments: list[object] = [limit, kinds, origins]
    return _RUNS + conditions([*_whose(wanted), (" AND place < ", wanted.before)], arguments) + _MERGED, arguments


def _whose(wanted: AssetFilter) -> list[Condition]:
    """An owner and a project are one condition, which one index knows: of two, PostgreSQL may choose an index of the
    projects, and read all that others have in a project of this name."""
    if wanted.owner is not None and wanted.project is not None:
        return [(" AND owner || chr(31) || project = ", f"{wanted.owner}\x1f{wanted.project}")]
    return [(" AND owner = ", wanted.owner), (" AND project = ", wanted.project)]


def _pattern(word: str) -> str:
    return "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"


_RUNS: LiteralString = """
(
    SELECT run.place, run.stream
    FROM unnest($2::text[]) AS of_kind (kind) CROSS JOIN unnest($3::text[]) AS of_origin (origin)
    CROSS JOIN LATERAL (
        SELECT place, stream FROM assets_items WHERE kind = of_kind.kind AND origin = of_origin.origin"""
_MERGED: LiteralString = """
        ORDER BY place DESC LIMIT $1
    ) AS run
    ORDER BY run.place DESC LIMIT $1
) AS newest
"""
# The body comes from a subquery, because a join might be made by reading the whole table.
_PAGE: LiteralString = """
SELECT newest.place, (
    SELECT body FROM assets_items AS item WHERE item.stream = newest.stream AND item.place = newest.place
) FROM"""
_IN_ORDER: LiteralString = "ORDER BY newest.place DESC"
# OFFSET 0 keeps the subquery apart: each text is looked at once, and none behind the last one of the page.
_SEARCH: LiteralString = """
SELECT found.place, found.body FROM (
SELECT newest.place, (
    SELECT body FROM assets_items AS item WHERE item.stream = newest.stream AND item.place = newest.place"""
_OF_THEM: LiteralString = ") AS body FROM"
_FOUND: LiteralString = "ORDER BY newest.place DESC OFFSET 0) AS found WHERE found.body IS NOT NULL"
_END: LiteralString = "SELECT count(*), min(newest.place) FROM"
