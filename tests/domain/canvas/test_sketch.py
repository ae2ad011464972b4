"""Which edges has a node, who is in a group, is there a circle?"""

from functools import partial
from typing import Any

import pytest

from domain.base import replace
from domain.canvas.ops import EMPTY, apply
from domain.canvas.sketch import MAX_NESTED, Links, Sketch
from domain.canvas.words import Edge
from tests.canvas_samples import add, connect, cut, put, put_edge, read_ops, remove
from tests.steps import lines_run

BOARD = [
    add("t", "text"),
    add("i"),
    add("v", "video"),
    add("g", "group"),
    add("h", "group", group="g"),
    add("n", "note", group="h"),
    connect("e", "t", "i"),
    connect("f", "t", "v"),
    connect("r", "i", "v", "reference"),
]


def sketch(*sent: dict[str, Any]) -> Sketch:
    """A sketch of the board, on which so much was done before anybody asked."""
    return Sketch(apply(EMPTY, read_ops([*BOARD, *sent])))


def known(links: Links) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The edges of each node, and the members of each group, where there are some."""
    edges = {each: set(found) for each, found in links.edges.items() if found}
    return edges, {each: set(found) for each, found in links.members.items() if found}


def test_what_is_connected_is_known() -> None:
    """An edge is one of both its ends; a member is one of its own group only."""
    links = sketch().links
    assert known(links) == ({"t": {"e", "f"}, "i": {"e", "r"}, "v": {"f", "r"}}, {"g": {"h"}, "h": {"n"}})
    carried = Edge(source="t", target="i", role="prompt", order=7)
    assert links.between(carried) == "e"
    assert links.between(replace(carried, target="g")) is None
    assert links.between(replace(carried, source="v")) is None
    assert links.between(replace(carried, role="system")) is None


@pytest.mark.parametrize(
    "sent",
    [
        [add("x", "note", group="g")],
        [add("i", "note", group="g")],
        [remove("n")],
        [remove("t"), remove("gone")],
        [put("n", "group", "h", "g")],
        [put("n", "group", "h", None)],
        [put("t", "group", None, "g"), put("t", "title", None, "Sea")],
        [put("n", "title", None, "Sea")],
        [connect("x", "i", "v", "first_frame")],
        [connect("e", "i", "v", "first_frame")],
        [cut("e"), cut("gone")],
        [cut("e"), connect("e", "t", "v", "system")],
        [put_edge("e", "role", "prompt", "system")],
        [put_edge("e", "order", 0, 1)],
        [cut("e"), connect("x", "t", "i"), put_edge("x", "role", "prompt", "system")],
    ],
)
def test_what_is_connected_stays_known_through_every_operation(sent: list[dict[str, Any]]) -> None:
    """As if it were looked at anew, whether somebody had asked before or not."""
    asked, unasked = sketch(), sketch()
    assert asked.links.edges
    for op in read_ops(sent):
        asked.apply(op)
        unasked.apply(op)
    assert asked.graph == unasked.graph == sketch(*sent).graph
    anew = sketch(*sent).links
    assert known(asked.links) == known(unasked.links) == known(anew)
    for edge in [*asked.edges.values(), *sketch().edges.values()]:
        assert asked.links.between(edge) == unasked.links.between(edge) == anew.between(edge)


def test_a_twin_does_not_hide_the_edge_that_was_there() -> None:
    """While an edit is looked at, there may be two: the first is found, and goes alone."""
    links = sketch().links
    edge = Edge(source="t", target="i", role="prompt", order=0)
    links.connect("twin", edge)
    assert links.between(edge) == "e"
    links.disconnect("twin", edge)
    assert links.between(edge) == "e"
    assert known(links) == known(sketch().links)


# --- Groups ---


def test_a_group_is_within_itself_and_those_around_it() -> None:
    """Not within what is in it, nor within what isn't there."""
    board = sketch()
    within = [("g", "g"), ("h", "h"), ("h", "g")]
    assert {(group, each) for group in ("g", "h") for each in "tghn" if board.is_within(group, each)} == set(within)
    assert not board.is_within("gone", "g")
    assert not Sketch(apply(EMPTY, read_ops([add("h", "group", group="gone")]))).is_within("h", "g")


def test_groups_are_so_deep_and_no_deeper() -> None:
    """What is deeper counts as within, whatever it is: it has no place."""
    nested = [add("g1", "group")]
    nested += [add(f"g{level}", "group", group=f"g{level - 1}") for level in range(2, MAX_NESTED + 2)]
    deep = Sketch(apply(EMPTY, read_ops(nested)))
    assert not deep.is_within(f"g{MAX_NESTED}", "n")
    assert deep.is_within(f"g{MAX_NESTED + 1}", "n")
    assert deep.is_within(f"g{MAX_NESTED}", "g1")


def test_the_groups_around_one_are_told_from_the_inside() -> None:
    """As many as there may be, and one more; one that isn't there is in no other."""
    assert sketch().around("h") == ["h", "g"]
    assert sketch().around("gone") == ["gone"]
    circle = Sketch(apply(EMPTY, read_ops([add("g", "group", group="h"), add("h", "group", group="g")])))
    assert circle.around("g") == ["g", "h"] * (MAX_NESTED // 2) + ["g"]


def test_groups_in_a_circle_are_too_deep() -> None:
    """No edit makes such a thing, and none hangs on one."""
    circle = Sketch(apply(EMPTY, read_ops([add("g", "group", group="h"), add("h", "group", group="g")])))
    assert circle.is_within("g", "n")


# --- Circles ---


def drawing(*ends: str) -> Sketch:
    """Images that are made from one another: `ab` is an edge from a to b."""
    nodes = [add(each) for each in sorted(set("".join(ends)))]
    return Sketch(apply(EMPTY, read_ops([*nodes, *(connect(each, each[0], each[1], "reference") for each in ends)])))


@pytest.mark.parametrize(
    ("ends", "of", "circle"),
    [
        (["ab"], ["ab"], []),
        (["ab", "bc"], ["ab", "bc"], []),
        (["ab", "bc", "ac"], ["ab", "bc", "ac"], []),
        (["ab", "ac", "bd", "cd", "de"], ["ab"], []),
        (["ab", "ba"], ["ab"], ["ab", "ba"]),
        (["ab", "bc", "ca"], ["bc"], ["ab", "bc", "ca"]),
        (["ab", "bc", "cd", "db"], ["ab"], ["bc", "cd", "db"]),
        (["ab", "bc", "cd", "db", "be", "ef"], ["ab"], ["bc", "cd", "db"]),
        (["ab", "cd", "dc"], ["ab"], []),
        (["ab", "cd", "dc"], ["ab", "cd"], ["cd", "dc"]),
        (["ab", "cd", "db"], ["ab", "cd"], []),
        (["ab", "bc", "be", "ed", "de"], ["ab"], ["de", "ed"]),
        (["ab", "bc", "cd", "de", "ec"], ["ab"], ["cd", "de", "ec"]),
        (["ab", "bc"], ["gone"], []),
        (["ab", "ba"], [], []),
        (["ab", "bb"], ["ab"], ["bb"]),
    ],
)
def test_a_circle_is_found_from_what_leads_to_it(ends: list[str], of: list[str], circle: list[str]) -> None:
    """All of its edges, and no others; what leads to no circle has none."""
    board = drawing(*ends)
    assert board.circle(of) == set(circle)
    assert board.graph == drawing(*ends).graph


def test_a_circle_behind_many_ways_is_found_whichever_is_gone_first() -> None:
    """The ways that end nowhere are left again."""
    many = [f"a{each}" for each in "bcdefgh"] + ["bx", "cx", "dx"]
    for back in "bcdefgh":
        assert drawing(*many, f"{back}a").circle([f"a{back}"]) == {f"a{back}", f"{back}a"}


def test_no_node_is_looked_at_twice_however_many_ways_lead_to_it() -> None:
    """Twice as many forks take twice as long, and so do twice as many edges into one node."""
    ran: list[int] = []
    for many in (20, 40):
        ends = [connect(f"i{place}", f"i{place}", "hub", "reference") for place in range(many)]
        ends += [connect(f"o{place}", "hub", f"o{place}", "reference") for place in range(many)]
        nodes = [add("hub"), *(add(f"{side}{place}") for place in range(many) for side in "io")]
        board = Sketch(apply(EMPTY, read_ops([*nodes, *ends])))
        assert board.links.edges
        ran.append(lines_run(partial(board.circle, [f"i{place}" for place in range(many)])))
    assert ran[0] < ran[1] < 3 * ran[0]
    ran.clear()
    for forks in (8, 16):
        nodes = [add(f"{side}{place}") for place in range(forks + 1) for side in "lr"]
        edges = [
            connect(f"{source}{target}{place}", f"{source}{place}", f"{target}{place + 1}", "reference")
            for place in range(forks)
            for source in "lr"
            for target in "lr"
        ]
        board = Sketch(apply(EMPTY, read_ops([*nodes, *edges])))
        assert board.links.edges
        ran.append(lines_run(partial(board.circle, ["ll0", "rr0"])))
    assert ran[0] < ran[1] < 3 * ran[0]
