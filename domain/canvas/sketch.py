"""A graph while it is decided what may be done to it: which edges has a node, who is in a group, is there a circle?"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from domain.canvas.ops import Draft, Op
from domain.canvas.words import Edge, Node

MAX_NESTED = 20
"""How deep groups may be in one another."""


class Links:
    """The edges at each node and by their ends, and the members of each group, by their ids."""

    def __init__(self, nodes: dict[str, Node], edges: dict[str, Edge]) -> None:
        self.edges: defaultdict[str, set[str]] = defaultdict(set)
        self.members: defaultdict[str, set[str]] = defaultdict(set)
        self._by_ends: dict[tuple[str, str, str], str] = {}
        for each, edge in edges.items():
            self.connect(each, edge)
        for each, node in nodes.items():
            if node.group is not None:
                self.members[node.group].add(each)

    def between(self, edge: Edge) -> str | None:
        """The edge with the same ends and the same role, if there is one."""
        return self._by_ends.get((edge.source, edge.target, edge.role))

    def connect(self, edge_id: str, edge: Edge) -> None:
        """There is this edge now."""
        self.edges[edge.source].add(edge_id)
        self.edges[edge.target].add(edge_id)
        self._by_ends.setdefault((edge.source, edge.target, edge.role), edge_id)

    def disconnect(self, edge_id: str, edge: Edge) -> None:
        """There is this edge no more."""
        self.edges[edge.source].discard(edge_id)
        self.edges[edge.target].discard(edge_id)
        if self.between(edge) == edge_id:
            del self._by_ends[edge.source, edge.target, edge.role]

    def move(self, node_id: str, before: Node | None, after: Node | None) -> None:
        """A node was added, removed, or put into another group."""
        if before is not None and before.group is not None:
            self.members[before.group].discard(node_id)
        if after is not None and after.group is not None:
            self.members[after.group].add(node_id)


class Sketch(Draft):
    """A draft that answers such questions. They cost a look at the whole graph once, and little after that."""

    @cached_property
    def links(self) -> Links:
        """What is connected, as it is now."""
        return Links(self.nodes, self.edges)

    def apply(self, op: Op) -> None:
        """As a draft does."""
        links: Links | None = self.__dict__.get("links")
        edge, node = self.edges.get(op.id), self.nodes.get(op.id)
        super().apply(op)
        if links is None:
            return
        if (now := self.edges.get(op.id)) is not edge:
            if edge is not None:
                links.disconnect(op.id, edge)
            if now is not None:
                links.connect(op.id, now)
        if (changed := self.nodes.get(op.id)) is not node:
            links.move(op.id, node, changed)

    def is_within(self, group: str, node_id: str) -> bool:
        """Whether a group is a node, or in it, or too deep in others for another level."""
        around = self.around(group)
        return node_id in around or len(around) > MAX_NESTED

    def around(self, group: str) -> list[str]:
        """A group and those that it is in, the innermost first: as many as there may be, and one more if it is too
        deep."""
        found: list[str] = []
        above: str | None = group
        while above is not None and len(found) <= MAX_NESTED:
            found.append(above)
            node = self.nodes.get(above)
            above = node.group if node else None
        return found

    def circle(self, edges: Iterable[str]) -> set[str]:
        """The edges of a circle that one of these is in; empty when there is none.

        It goes once through all that can be reached from their ends, however many they are."""
        done: set[str] = set()
        for start in [self.edges[each].target for each in edges if each in self.edges]:
            path: list[tuple[str, list[str]]] = [(start, self._from(start))] if start not in done else []
            via: list[str] = []
            on_path = {start}
            while path:
                node, left = path[-1]
                if not left:
                    path.pop()
                    on_path.discard(node)
                    done.add(node)
                    if via:
                        via.pop()
                    continue
                edge_id = left.pop()
                target = self.edges[edge_id].target
                if target in on_path:
                    place = [each for each, _ in path].index(target)
                    return {edge_id, *via[place:]}
                if target not in done:
                    path.append((target, self._from(target)))
                    on_path.add(target)
                    via.append(edge_id)
        return set()

    def _from(self, node_id: str) -> list[str]:
        return [each for each in self.links.edges[node_id] if self.edges[each].source == node_id]
