"""Any edits that people could make, of a few ids so that they meet."""

from typing import Any

from hypothesis import strategies as st

from tests.canvas_samples import add, connect, cut, put, put_edge, remove

NODE_IDS = ["a", "b", "c", "g"]
START = [add("a", "text", prompt="one"), add("b", pick={"asset": "asset_1.png"}), add("c"), add("g", "group")]
_nodes, _edges = st.sampled_from(NODE_IDS), st.sampled_from(["e", "f"])
_texts = st.sampled_from([None, "one", "two"])
_places = st.integers(0, 2).map(lambda x: {"x": x, "y": 0})
_picks = st.sampled_from([None, {"asset": "asset_1.png"}, {"asset": "asset_2.png"}])

_SETS: list[st.SearchStrategy[dict[str, Any]]] = [
    st.builds(put, _nodes, st.sampled_from(["prompt", "params.seed"]), _texts, _texts),
    st.builds(put, _nodes, st.just("pick"), _picks, _picks),
    st.builds(put, _nodes, st.just("position"), _places, _places),
    st.builds(put, _nodes, st.just("group"), st.none(), st.sampled_from([None, "g"])),
]
_NODES: list[st.SearchStrategy[dict[str, Any]]] = [
    st.builds(add, _nodes, st.sampled_from(["text", "image", "group"])),
    st.builds(remove, _nodes),
]
_EDGES: list[st.SearchStrategy[dict[str, Any]]] = [
    st.builds(connect, _edges, _nodes, _nodes, st.sampled_from(["prompt", "reference"])),
    st.builds(connect, _edges, st.sampled_from(["b", "c"]), st.sampled_from(["b", "c"]), st.just("reference")),
    st.builds(cut, _edges),
    st.builds(put_edge, _edges, st.just("order"), st.integers(0, 2), st.integers(0, 2)),
]

OPS = st.one_of(st.one_of(_SETS), st.one_of(_NODES), st.one_of(_EDGES))
"""Operations, many of which cannot be done."""

_two, _other = st.sampled_from(["g", "h"]), st.sampled_from([None, "g", "h"])
_GROUPS: list[st.SearchStrategy[dict[str, Any]]] = [
    st.builds(put, _two, st.just("group"), st.none(), _other),
    st.builds(add, st.sampled_from(["g", "h", "n"]), st.just("group"), group=_other),
    st.builds(remove, _two),
    st.builds(put, st.sampled_from(["h", "n"]), st.just("title"), st.none(), _texts),
]
_ends = st.sampled_from(["a", "b", "c"])
_ENDS: list[st.SearchStrategy[dict[str, Any]]] = [
    st.builds(connect, _edges, _ends, _ends, st.sampled_from(["prompt", "reference"])),
    st.builds(put_edge, _edges, st.just("role"), st.none(), st.sampled_from(["prompt", "reference", "system"])),
    st.builds(cut, _edges),
    st.builds(remove, _ends),
    st.builds(add, _ends, st.sampled_from(["text", "image", "upload", "note"])),
    st.builds(put, st.just("b"), st.just("pick"), st.none(), _picks),
]

EDITS = st.lists(OPS, min_size=1, max_size=3)
MEETINGS = st.one_of(
    [st.lists(st.lists(st.one_of(about), min_size=1, max_size=3), min_size=3, max_size=5) for about in (_GROUPS, _ENDS)]
)
"""A first edit, some of others behind it, and one that did not know them: all about the same few groups or edges."""
TABS = st.lists(st.tuples(st.booleans(), EDITS, st.integers(0, 3)), min_size=2, max_size=10)
"""Edits of two tabs, each made for a version that may be some behind."""
