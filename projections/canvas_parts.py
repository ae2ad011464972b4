"""How is a canvas stored in a row? Its head, and what is on it in parts, so that a large one is written and read
in steps, between which others have their turn."""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from domain.base import replace
from domain.canvas.state import Canvas, NamedVersion
from domain.canvas.words import Edge, Node

PART = 200  # nodes, edges or names: to encode or decode so many takes less than a millisecond, without long texts


class _Part(msgspec.Struct, frozen=True, omit_defaults=True):
    names: tuple[NamedVersion, ...] = ()
    nodes: dict[str, Node] = {}
    edges: dict[str, Edge] = {}


class StoredCanvas(NamedTuple):
    """The JSON of a canvas: what a list shows of it, and its nodes, edges and named versions in parts."""

    head: str
    parts: list[str]


async def encode(canvas: Canvas) -> StoredCanvas:
    """A canvas as it is stored."""
    head = msgspec.json.encode(replace(canvas, nodes={}, edges={}, names=())).decode()
    parts: list[str] = []
    for part in _parts(canvas):
        parts.append(msgspec.json.encode(part).decode())
        await asyncio.sleep(0)
    return StoredCanvas(head, parts)


async def decode(stored: StoredCanvas) -> Canvas:
    """The canvas that was stored."""
    nodes: dict[str, Node] = {}
    edges: dict[str, Edge] = {}
    names: list[NamedVersion] = []
    for each in stored.parts:
        part = _PART.decode(each)
        names += part.names
        nodes |= part.nodes
        edges |= part.edges
        await asyncio.sleep(0)
    return replace(_HEAD.decode(stored.head), nodes=nodes, edges=edges, names=tuple(names))


def _parts(canvas: Canvas) -> Iterator[_Part]:
    for begin in range(0, len(canvas.names), PART):
        yield _Part(names=canvas.names[begin : begin + PART])
    for nodes in _slices(canvas.nodes):
        yield _Part(nodes=nodes)
    for edges in _slices(canvas.edges):
        yield _Part(edges=edges)


def _slices(items: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    left = iter(items.items())
    while part := dict(islice(left, PART)):
        yield part


_HEAD = msgspec.json.Decoder(Canvas)
_PART = msgspec.json.Decoder(_Part)
