"""What comes of a case of `golden/canvas_edits.json`: the document after it, what is in conflict, or the refusal."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from domain.base import Rejected
from domain.canvas.edit import EditConflict, decide_edit, since
from domain.canvas.events import CanvasEdited
from domain.canvas.ops import EMPTY, apply
from tests.canvas_samples import read_ops

AT = datetime(2026, 2, 11, 10, tzinfo=UTC)


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """`document`: the nodes and edges, or `conflicts`, or `refused` with the message."""
    others = [
        CanvasEdited(edit="theirs", session="tab_2", label="", ops=tuple(read_ops(ops)), by="anonymous", at=AT)
        for ops in case["since"]
    ]
    graph = apply(EMPTY, read_ops(case["base"]))
    for edit in others:
        graph = apply(graph, edit.ops)
    ops = read_ops(case["edit"])
    try:
        decide_edit(
            graph, since(others), version=1, edit="mine", session="tab_1", label="", ops=ops, by="anonymous", at=AT
        )
    except EditConflict as conflict:
        return {"conflicts": msgspec.to_builtins(conflict.conflicts)}
    except Rejected as refusal:
        return {"refused": refusal.message}
    after = apply(graph, ops)
    return {"document": msgspec.to_builtins({"nodes": after.nodes, "edges": after.edges})}
