"""Any edits that people could make, of a few ids so that they meet."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests.canvas_samples import add, connect, cut, put, put_edge, remove

Ops = st.SearchStrategy[dict[str, Any]]

NODE_IDS = ["a", "b", "c", "g"]
START = [add("a", "text", prompt="one"), add("b", pick={"asset": "asset_1.png"}), add("c"), add("g", "group")]


def _any(operation: Callable[..., dict[str, Any]], *values: Sequence[Any]) -> Ops:
    """The operation with any of these values. There are few, so one is drawn, and not each of its values."""
    return st.sampled_from([operation(*chosen) for chosen in product(*values)])


_edges, _texts = ["e", "f"], [None, "one", "two"]
_places = [{"x": x, "y": 0} for x in range(3)]
_picks = [None, {"asset": "asset_1.png"}, {"asset": "asset_2.png"}]

_SETS = [
    _any(put, NODE_IDS, ["prompt", "params.seed"], _texts, _texts),
    _any(put, NODE_IDS, ["pick"], _picks, _picks),
    _any(put, NODE_IDS, ["position"], _places, _places),
    _any(put, NODE_IDS, ["group"], [None], [None, "g"]),
]
_NODES = [_any(add, NODE_IDS, ["text", "image", "group"]), _any(remove, NODE_IDS)]
_EDGES = [
    _any(connect, _edges, NODE_IDS, NODE_IDS, ["prompt", "reference"]),
    _any(connect, _edges, ["b", "c"], ["b", "c"], ["reference"]),
    _any(cut, _edges),
    _any(put_edge, _edges, ["order"], range(3), range(3)),
]

OPS = st.one_of(st.one_of(_SETS), st.one_of(_NODES), st.one_of(_EDGES))
"""Operations, many of which cannot be done."""

_two, _other = ["g", "h"], [None, "g", "h"]
_GROUPS = [
    _any(put, _two, ["group"], [None], _other),
    _any(lambda id_, group: add(id_, "group", group=group), ["g", "h", "n"], _other),
    _any(remove, _two),
    _any(put, ["h", "n"], ["title"], [None], _texts),
]
_ends = ["a", "b", "c"]
_ENDS = [
    _any(connect, _edges, _ends, _ends, ["prompt", "reference"]),
    _any(put_edge, _edges, ["role"], [None], ["prompt", "reference", "system"]),
    _any(cut, _edges),
    _any(remove, _ends),
    _any(add, _ends, ["text", "image", "upload", "note"]),
    _any(put, ["b"], ["pick"], [None], _picks),
]

EDITS = st.lists(OPS, min_size=1, max_size=3)
MEETINGS = st.one_of(
    [st.lists(st.lists(st.one_of(about), min_size=1, max_size=3), min_size=3, max_size=5) for about in (_GROUPS, _ENDS)]
)
"""A first edit, some of others behind it, and one that did not know them: all about the same few groups or edges."""
TABS = st.lists(st.tuples(st.booleans(), EDITS, st.integers(0, 3)), min_size=2, max_size=10)
"""Edits of two tabs, each made for a version that may be some behind."""
