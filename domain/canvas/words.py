"""What is on a canvas? Nodes that hold or make something, and edges that carry the one into the other.

The studio has the same words in TypeScript; what both must agree on is pinned by the golden files of the tests."""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from domain.base import Value

MAX_OPS = 500
MAX_NODES = 5000
MAX_EDGES = 10_000
MAX_TEXT_BYTES = 64 * 1024
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
"""Of all nodes together, as JSON."""
MAX_PARAMS = 100
MAX_NAME = 200
MAX_NAMED_VERSIONS = 1000

NodeKind: TypeAlias = Literal["text", "image", "video", "audio", "upload", "reference", "frame", "group", "note"]
Media: TypeAlias = Literal["text", "image", "video", "audio"]
Role: TypeAlias = Literal["prompt", "system", "reference", "first_frame", "last_frame", "video"]

Id = Annotated[
    str,
    Meta(
        # Python's `$` also stands before a line break at the end.
        pattern=r"^[a-zA-Z0-9_-]{1,40}$(?!\n)",
        description="Chosen by whoever makes it: 1 to 40 letters, digits, `_` and `-`",
        examples=["node_01kh5rfm0se1jb4gcrc1rz1bq0"],
    ),
]
_Place: TypeAlias = (
    Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
    | Annotated[float, Meta(ge=-1_000_000_000, le=1_000_000_000)]
)
_Extent: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)] | Annotated[float, Meta(ge=0, le=1_000_000)]
_Short: TypeAlias = Annotated[str, Meta(max_length=MAX_NAME)]
_Time: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$(?!\n)")]
_Text: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT_BYTES)]


class Position(Value):
    """Where a node's upper left corner is, in units of the canvas."""

    x: Annotated[_Place, Meta(description="To the right", examples=[120])]
    y: Annotated[_Place, Meta(description="Downwards", examples=[80])]


class Size(Value):
    """How large a node is, in units of the canvas."""

    width: Annotated[_Extent, Meta(description="Its width", examples=[320])]
    height: Annotated[_Extent, Meta(description="Its height", examples=[240])]


class Pick(Value, omit_defaults=True):
    """The result of a node that was chosen: an asset or a text, and where it came from."""

    task: Annotated[_Short | None, Meta(description="The task that made it", examples=["task_abc123"])] = None
    output: Annotated[
        Annotated[int, Meta(ge=0, le=1000)] | None, Meta(description="Which of its outputs, from 0", examples=[0])
    ] = None
    asset: Annotated[_Short | None, Meta(description="The asset's id", examples=["asset_9f86d0….png"])] = None
    text: Annotated[
        _Text | None, Meta(description="The text, of up to 64 kB", examples=["Grey waves fold and rise"])
    ] = None
    digest: Annotated[
        _Short | None, Meta(description="The digest of the request that it answers", examples=["9f86d081884c7d65"])
    ] = None


class RunIntent(Value):
    """The wish to generate. `body` is the request as it was when the person asked, and is never made anew."""

    id: Annotated[Id, Meta(description="The run's id")]
    # As it was sent, so that both sides compare the same text.
    at: Annotated[_Time, Meta(description="When it was asked for", examples=["2026-02-11T10:00:00.000Z"])]
    kind: Annotated[Media, Meta(description="What it makes", examples=["image"])]
    body: Annotated[
        dict[str, Any], Meta(description="The body of the generation request", examples=[{"prompt": "a grey sea"}])
    ]


class Node(Value, omit_defaults=True):
    """Something on the canvas. What is absent was not said."""

    kind: Annotated[NodeKind, Meta(description="What it is", examples=["image"])]
    position: Annotated[Position, Meta(description="Where it is")]
    size: Annotated[Size, Meta(description="How large it is")]
    title: Annotated[_Short | None, Meta(description="Its title", examples=["The harbour at dawn"])] = None
    model: Annotated[_Short | None, Meta(description="Which model makes it", examples=["dashscope/qwen-image"])] = None
    prompt: Annotated[
        _Text | None,
        Meta(description="What was typed; of a text node without a model, the text", examples=["a grey sea"]),
    ] = None
    params: Annotated[
        dict[str, Any], Meta(description="Other fields of its generation request", examples=[{"aspectRatio": "16:9"}])
    ] = {}
    pick: Annotated[Pick | None, Meta(description="The result that was chosen")] = None
    run: Annotated[RunIntent | None, Meta(description="The newest wish to generate")] = None
    group: Annotated[Id | None, Meta(description="The node of kind `group` that it is in")] = None
    note: Annotated[_Text | None, Meta(description="The text of a note", examples=["more fog"])] = None


class Edge(Value):
    """What a node makes goes into another one, in a role. Edges of one role are used by their order, then by id."""

    source: Annotated[Id, Meta(description="The node that it comes from")] = msgspec.field(name="from")
    target: Annotated[Id, Meta(description="The node that it goes into")] = msgspec.field(name="to")
    role: Annotated[Role, Meta(description="As what it is used", examples=["prompt"])]
    order: Annotated[
        Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)],
        Meta(description="Its place among those of its role", examples=[0]),
    ]


_OFFERED: dict[Media, frozenset[Role]] = {
    "text": frozenset({"prompt", "system"}),
    "image": frozenset({"reference", "first_frame", "last_frame"}),
    "video": frozenset({"video"}),
    "audio": frozenset(),
}
_TAKEN: dict[NodeKind, frozenset[Role]] = {
    "text": frozenset({"prompt", "system"}),
    "image": frozenset({"prompt", "reference"}),
    "video": frozenset({"prompt", "reference", "first_frame", "last_frame"}),
    "audio": frozenset({"prompt"}),
    "frame": frozenset({"video"}),
}
_EXTENSIONS: dict[str, Media] = {
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif", "avif", "heic"), "image"),
    **dict.fromkeys(("mp4", "webm", "mov"), "video"),
    **dict.fromkeys(("mp3", "wav", "ogg", "m4a", "flac", "aac"), "audio"),
}


def media_of(node: Node) -> Media | None:
    """What a node gives to others. None: nothing, or not known before a file is there."""
    match node.kind:
        case "text" | "image" | "video" | "audio":
            return node.kind
        case "frame":
            return "image"
        case "upload" | "reference":
            asset = node.pick.asset if node.pick else None
            return _EXTENSIONS.get(asset.rpartition(".")[2].lower()) if asset else None
        case "group" | "note":
            return None


def fits(source: Node, role: Role, target: Node) -> bool:
    """Whether a node may be used by another one in this role. A file that is not there yet may become any media."""
    if role not in _TAKEN.get(target.kind, ()):
        return False
    if source.kind in {"upload", "reference"} and not (source.pick and source.pick.asset):
        return True
    media = media_of(source)
    return media is not None and role in _OFFERED[media]
