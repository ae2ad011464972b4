"""Which media does an owner have? One row for each output of a task, and for each upload: the items of the gallery.

Of a task and an asset there is one item, however often the task shows it. An item never changes."""

import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal, LiteralString, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from application.ports import Recorded
from domain.base import Value, replace
from domain.media_reference import EXAMPLE_ID
from domain.model import Kind
from domain.provider import Asset
from domain.task.events import FallbackChosen, LateResultSeen, OutputStored, TaskRequested
from domain.upload import AssetUploaded
from projections.base import Connection, ReadModel, StreamId, topics_of

MediaKind: TypeAlias = Literal["image", "video", "audio"]
Origin: TypeAlias = Literal["output", "upload"]

SHOWN_CHARACTERS = 300
SEARCHED_CHARACTERS = 1000
_PLACES_OF_AN_EVENT = 4096


class AssetItem(Value, omit_defaults=True):
    """A medium of the gallery. Sizes in pixels and bytes, seconds of a video or audio, all measured."""

    asset: Annotated[str, Meta(description="The content's own name", examples=[EXAMPLE_ID])]
    kind: Annotated[MediaKind, Meta(description="What it is", examples=["image"])]
    media_type: Annotated[str, Meta(description="As in `Content-Type`", examples=["image/png"])]
    bytes: Annotated[int, Meta(description="Its size", examples=[48213])]
    origin: Annotated[Origin, Meta(description="Whether a task made it, or somebody brought it", examples=["output"])]
    created_at: Annotated[datetime, Meta(description="When it was stored", examples=["2026-02-11T10:00:30Z"])]
    width: Annotated[int | None, Meta(description="Pixels", examples=[2560])] = None
    height: Annotated[int | None, Meta(description="Pixels", examples=[1440])] = None
    seconds: Annotated[float | None, Meta(description="How long it is", examples=[5.0])] = None
    task: Annotated[str | None, Meta(description="The task that made it", examples=["task_abc123"])] = None
    project: Annotated[str | None, Meta(description="`projectId` of the task", examples=["proj_123"])] = None
    model: Annotated[str | None, Meta(description="The model that made it", examples=["dashscope/qwen-image"])] = None
    prompt: Annotated[
        str | None,
        Meta(
            description=f"The first {SHOWN_CHARACTERS} characters of the task's prompt",
            examples=["a beautiful sunset over mountains"],
        ),
    ] = None


class Source(Value, omit_defaults=True):
    """Where the media of a stream come from, and which of them have an item already.

    `text` is the beginning of the prompt, `shown` are the ids of assets."""

    owner: str
    kind: Kind | None = None
    task: str | None = None
    project: str | None = None
    model: str | None = None
    text: str = ""
    shown: tuple[str, ...] = ()


class PlacedItem(NamedTuple):
    """An item, and its place in the order of the log: each position has room for several."""

    place: int
    view: AssetItem


class AssetsRow(NamedTuple):
    """A stream with media. `items` are those that were made since the row was loaded."""

    source: Source
    items: tuple[PlacedItem, ...] = ()


def fold(row: AssetsRow | None, recorded: Recorded) -> AssetsRow | None:
    """The row after one more event; None before a request or an upload."""
    event = recorded.event
    match event:
        case TaskRequested():
            return AssetsRow(_source(event))
        case AssetUploaded(asset=asset):
            return _with_items(AssetsRow(Source(owner=event.owner)), (asset,), recorded.position, event.at)
        case FallbackChosen(model=model) if row:
            return row._replace(source=replace(row.source, model=model))
        case OutputStored(asset=asset) if row:
            return _with_items(row, (asset,), recorded.position, event.at)
        case LateResultSeen(assets=assets) if row:
            return _with_items(row, assets, recorded.position, event.at)
        case _:
            return row


def searchable(text: str) -> str:
    """A text as it is compared: in one case, and full-width letters like others."""
    return unicodedata.normalize("NFKC", text).casefold()


def _source(event: TaskRequested) -> Source:
    prompt: Any = event.params.get("prompt")
    return Source(
        owner=event.owner,
        kind=event.kind,
        task=event.task,
        project=event.project_id,
        model=event.model,
        text=prompt[:SEARCHED_CHARACTERS] if isinstance(prompt, str) else "",
    )


def _with_items(row: AssetsRow, assets: tuple[Asset, ...], position: int, at: datetime) -> AssetsRow:
    source, items = row
    for number, asset in enumerate(assets[:_PLACES_OF_AN_EVENT]):
        if asset.id not in source.shown:
            items = (*items, PlacedItem(position * _PLACES_OF_AN_EVENT + number, _item(source, asset, at)))
            source = replace(source, shown=(*source.shown, asset.id))
    return AssetsRow(source, items)


def _item(source: Source, asset: Asset, at: datetime) -> AssetItem:
    return AssetItem(
        asset=asset.id,
        kind=_kind(source, asset),
        media_type=asset.media_type,
        bytes=asset.bytes,
        origin="output" if source.task else "upload",
        created_at=at,
        width=asset.width,
        height=asset.height,
        seconds=asset.duration_seconds,
        task=source.task,
        project=source.project,
        model=source.model,
        prompt=source.text[:SHOWN_CHARACTERS] or None,
    )


def _kind(source: Source, asset: Asset) -> MediaKind:
    """What it is; of bytes that do not decode, what they should have been."""
    match asset.media_type.partition("/")[0], source.kind:
        case ("video", _) | (_, Kind.VIDEO):
            return "video"
        case ("audio", _) | (_, Kind.AUDIO):
            return "audio"
        case _:
            return "image"


# --- Storage ---


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, AssetsRow]:
    return {row[0]: AssetsRow(_SOURCE.decode(row[1])) for row in await connection.fetch(_LOAD, streams)}


async def _save(connection: Connection, rows: dict[StreamId, AssetsRow]) -> None:
    await connection.execute(_SAVE, list(rows), [msgspec.json.encode(row.source).decode() for row in rows.values()])
    placed = [(stream, row.source, item) for stream, row in rows.items() for item in row.items]
    if placed:
        records = [
            (
                item.place,
                stream,
                source.owner,
                source.project,
                item.view.kind,
                item.view.origin,
                searchable(source.text),
                msgspec.json.encode(item.view).decode(),
            )
            for stream, source, item in placed
        ]
        await connection.execute(_SAVE_ITEMS, *map(list, zip(*records, strict=True)))


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_SOURCE = msgspec.json.Decoder(Source)

_DDL: LiteralString = """
CREATE TABLE assets (
    stream uuid PRIMARY KEY,
    source json NOT NULL
) WITH (fillfactor = 80);
CREATE TABLE assets_items (
    place bigint NOT NULL,
    stream uuid NOT NULL,
    owner text NOT NULL,
    project text,
    kind text NOT NULL,
    origin text NOT NULL,
    words text NOT NULL,
    body json NOT NULL,
    PRIMARY KEY (stream, place),
    CHECK (octet_length(concat(owner, project)) <= 2600)
);
"""
# No index begins with the place: PostgreSQL might read all media by it, newest first, to fill a page of a rare kind.
_INDEXES: LiteralString = """
CREATE INDEX IF NOT EXISTS assets_items_kind ON assets_items (kind, origin, place) INCLUDE (stream);
CREATE INDEX IF NOT EXISTS assets_items_owner ON assets_items (owner, kind, origin, place) INCLUDE (stream);
CREATE INDEX IF NOT EXISTS assets_items_project ON assets_items (project, kind, origin, place) INCLUDE (stream)
    WHERE project IS NOT NULL;
CREATE INDEX IF NOT EXISTS assets_items_own_project ON assets_items ((owner || chr(31) || project), kind, origin, place)
    INCLUDE (stream) WHERE project IS NOT NULL;
"""
_LOAD: LiteralString = "SELECT stream, source FROM assets WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO assets (stream, source) SELECT * FROM unnest($1::uuid[], $2::text[]::json[])
ON CONFLICT (stream) DO UPDATE SET source = excluded.source
"""
_SAVE_ITEMS: LiteralString = """
INSERT INTO assets_items (place, stream, owner, project, kind, origin, words, body)
SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::text[]::json[])
ON CONFLICT (stream, place) DO NOTHING
"""
_REMOVE: LiteralString = """
WITH items AS (DELETE FROM assets_items WHERE stream = ANY($1::uuid[]))
DELETE FROM assets WHERE stream = ANY($1::uuid[])
"""

_TOPICS = topics_of(TaskRequested, FallbackChosen, OutputStored, LateResultSeen, AssetUploaded)

ASSETS: ReadModel[AssetsRow] = ReadModel("assets", 1, _DDL, fold, _load, _save, _remove, _TOPICS, indexes=_INDEXES)
