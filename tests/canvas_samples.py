"""Nodes, edges and operations for tests, as JSON has them."""

from typing import Any

import msgspec

from domain.canvas.ops import Op

_OPS = msgspec.json.Decoder(list[Op])


def node(kind: str = "image", **fields: Any) -> dict[str, Any]:
    """A node."""
    return {"kind": kind, "position": {"x": 0, "y": 0}, "size": {"width": 320, "height": 240}} | fields


def add(node_id: str, kind: str = "image", **fields: Any) -> dict[str, Any]:
    """There is a new node."""
    return {"op": "node.add", "id": node_id, "node": node(kind, **fields)}


def remove(node_id: str) -> dict[str, Any]:
    """A node is gone."""
    return {"op": "node.remove", "id": node_id}


def put(node_id: str, field: str, was: Any, now: Any) -> dict[str, Any]:
    """A field of a node has another value."""
    return {"op": "node.set", "id": node_id, "field": field, "was": was, "now": now}


def connect(edge_id: str, source: str, target: str, role: str = "prompt", order: int = 0) -> dict[str, Any]:
    """There is a new edge."""
    return {"op": "edge.add", "id": edge_id, "edge": {"from": source, "to": target, "role": role, "order": order}}


def cut(edge_id: str) -> dict[str, Any]:
    """An edge is gone."""
    return {"op": "edge.remove", "id": edge_id}


def put_edge(edge_id: str, field: str, was: Any, now: Any) -> dict[str, Any]:
    """An edge has another role or place."""
    return {"op": "edge.set", "id": edge_id, "field": field, "was": was, "now": now}


def read_ops(sent: list[dict[str, Any]]) -> list[Op]:
    """The operations themselves."""
    return _OPS.decode(msgspec.json.encode(sent))
