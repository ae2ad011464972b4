"""Where are media stored? In a folder, a bucket or memory, each object under the hash of its content.

An asset id consists of hash and media type (`asset_<sha256>.png`). The same content always has the same name, and an
object never changes. So a put may be repeated, raced or interrupted, and an answer may be cached for ever."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, MemoryStore, S3Store

from adapters.media import durable_files
from adapters.media.decoder_pool import Decoders, DecodersUnavailable, For
from adapters.media.probe import EXTENSIONS, OUTPUT, Limits, Media, guess
from application.ports import AssetInfo, AssetsUnavailable, OutputFile
from domain.provider import FILE, Asset

Store = LocalStore | MemoryStore | S3Store | GCSStore | AzureStore

CHUNK_BYTES: Final = 1024 * 1024

_PART_BYTES: Final = 5 * 1024 * 1024  # buckets take no smaller one, unless it is the last
_PARTS_AT_ONCE: Final = 2  # of one object, in memory
_PATIENCE: Final = timedelta(seconds=30)  # how long a failing bucket is retried; obstore's default is 3 minutes

_BUCKETS: Final[Mapping[str, type[S3Store | GCSStore | AzureStore]]] = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
_MEDIA_TYPES: Final = {extension: media_type for media_type, extension in EXTENSIONS.items()}
_ASSET_ID: Final = re.compile(rf"asset_([0-9a-f]{{64}})\.({'|'.join(_MEDIA_TYPES)})")


class AssetStoreUnavailable(AssetsUnavailable):
    """The store can't work now: no space, no bucket, no permission, no answer.

    The message is for people; it holds no path, URL or key and is safe to show."""


class ObjectAssetStore:
    """The asset store. Safe to share between tasks; other processes may use the same place."""

    def __init__(self, store: Store, decoders: Decoders, *, keep_places: bool = False) -> None:
        self._store = store
        self._decoders = decoders
        self._keep_places = keep_places
        self._folder = store.prefix if isinstance(store, LocalStore) else None

    @classmethod
    def open(cls, url: str, decoders: Decoders, *, keep_places: bool = False) -> Self:
        """A store by its place: a path or `file:///path` (made if missing), `s3://…`, `gs://…`, `az://…`, `memory:///`.

        `keep_places`: media keep the geographic positions that their metadata contain.
        Credentials come from the environment, under the names that each cloud's own tools use. Nothing is sent yet.
        Raises `ValueError` for a place that can't be used; the message does not repeat the URL."""
        place = urlsplit(url if "://" in url else Path(url).absolute().as_uri() if url else "")
        try:
            if place.scheme == "memory":
                return cls(MemoryStore(), decoders, keep_places=keep_places)
            if place.scheme == "file" and not place.netloc and place.path:
                return cls(_open_folder(Path(unquote(place.path))), decoders, keep_places=keep_places)
            if place.scheme in _BUCKETS and place.hostname:
                bucket = _BUCKETS[place.scheme].from_url(url, retry_config={"retry_timeout": _PATIENCE})
                return cls(bucket, decoders, keep_places=keep_places)
        except (BaseError, OSError, ValueError) as error:
            raise ValueError(f"the {place.scheme} asset store can't be opened: {_reason(error)}") from None
        raise ValueError("not an asset store: a folder, file:///…, s3://…, gs://…, az://… or memory:///")

    async def keep(self, data: bytes | OutputFile, limits: Limits = OUTPUT, *, by: For = "tasks") -> Asset:
        """Measure and store; once this returns, the bytes survive a power cut. Equal bytes are the same asset.
        Geographic positions are blanked, in a file in place.

        Raises `UnreadableMedia` for bytes that are no media or exceed the limits, and `AssetStoreUnavailable` when they
        can't be stored. When a bug of ours prevents the measuring, an output of a task is stored unmeasured, because it
        was paid for; for uploads of callers `DecodersUnavailable` is raised."""
        sha256 = await _sha256(data)
        try:
            if self._keep_places:
                media = await self._decoders.measure(data, sha256, limits, by=by)
            else:
                media, plain = await self._decoders.without_places(data, sha256, limits, by=by)
                if plain is not data or not isinstance(data, bytes):
                    data, sha256 = plain, await _sha256(plain)
        except DecodersUnavailable:
            if by == "callers":
                raise
            media = guess(data if isinstance(data, bytes) else data.head)
        return await self._store_as(media, data, sha256)

    async def keep_file(self, data: bytes | OutputFile) -> Asset:
        """Store bytes that do not decode, as a file, because they were paid for. Raises `AssetStoreUnavailable`."""
        return await self._store_as(Media(media_type=FILE), data, await _sha256(data))

    async def _store_as(self, media: Media, data: bytes | OutputFile, sha256: str) -> Asset:
        size = len(data) if isinstance(data, bytes) else data.size
        asset = Asset(
            id=f"asset_{sha256}.{EXTENSIONS[media.media_type]}",
            sha256=sha256,
            bytes=size,
            media_type=media.media_type,
            width=media.width,
            height=media.height,
            duration_seconds=media.duration_seconds,
        )
        with _plainly("keep an asset"):
            if self._folder is not None or await self._size(asset.id) != size:
                await self._put(_key(asset.id), data, media.media_type)
        return asset

    async def head(self, asset_id: str) -> AssetInfo | None:
        """Size, type and age of an asset; None for an id that is malformed or not stored.

        Raises `AssetStoreUnavailable`."""
        match = _ASSET_ID.fullmatch(asset_id)
        if match is None:
            return None
        with _plainly("look for an asset"):
            try:
                meta = await obstore.head_async(self._store, _key(asset_id))
            except FileNotFoundError:
                return None
        return AssetInfo(
            id=asset_id,
            sha256=match[1],
            media_type=_MEDIA_TYPES[match[2]],
            bytes=meta["size"],
            stored_at=meta["last_modified"],
        )

    async def read(self, asset_id: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in pieces of at most `CHUNK_BYTES`.

        Each piece is a request of its own, sent when the reader wants it: a slow or vanished reader keeps no connection
        open. Raises `LookupError` for an id that is malformed or not stored, and `AssetStoreUnavailable`."""
        if not _ASSET_ID.fullmatch(asset_id):
            raise LookupError(f"There is no asset '{asset_id}'")
        for begin in range(start, end, CHUNK_BYTES):
            stop = min(begin + CHUNK_BYTES, end)
            with _plainly("read an asset"):
                try:
                    chunk = await obstore.get_range_async(self._store, _key(asset_id), start=begin, end=stop)
                except FileNotFoundError:
                    raise LookupError(f"There is no asset '{asset_id}'") from None
            yield chunk.to_bytes()

    async def probe(self) -> None:
        """Find out whether the store could take something now: a folder by writing and removing a small file. A bucket
        is not asked, because only a real put shows it. Raises `AssetStoreUnavailable`."""
        if self._folder is not None:
            with _plainly("keep anything"):
                await asyncio.to_thread(durable_files.probe, self._folder)

    async def read_derived(self, key: str) -> bytes | None:
        """The bytes that `put_derived` has stored under a key; None when there are none.

        Raises `AssetStoreUnavailable`."""
        with _plainly("read a variant"):
            try:
                return (await (await obstore.get_async(self._store, key)).bytes_async()).to_bytes()
            except FileNotFoundError:
                return None

    async def put_derived(self, key: str, data: bytes, media_type: str) -> None:
        """Store small derived bytes, which can be made again, under a key that is no asset's.

        Raises `AssetStoreUnavailable`."""
        with _plainly("keep a variant"):
            await self._put(key, data, media_type)

    async def _put(self, key: str, data: bytes | OutputFile, media_type: str) -> None:
        if self._folder is not None:
            pieces, size = ([data], len(data)) if isinstance(data, bytes) else (data.pieces(), data.size)
            await asyncio.to_thread(durable_files.write_durably, self._folder, key, pieces, size)
        else:
            # Not `mode="create"`, which would forbid sending a large video in parts. Two processes that put the same
            # content at once write the same bytes.
            await obstore.put_async(
                self._store,
                key,
                data if isinstance(data, bytes) else await asyncio.to_thread(_parts, data),
                attributes={"Content-Type": media_type},
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )

    async def _size(self, asset_id: str) -> int | None:
        info = await self.head(asset_id)
        return info.bytes if info else None


def _key(asset_id: str) -> str:
    """The object's key, for a valid id; two hex digits of the hash in front keep folders small."""
    return f"{asset_id[6:8]}/{asset_id}"


def _parts(file: OutputFile) -> bytes | Iterator[bytes]:
    """What fits into one part is sent as a whole, like bytes: a stream would become a multipart upload of one part."""
    return b"".join(file.pieces()) if file.size <= _PART_BYTES else file.pieces()


async def _sha256(data: bytes | OutputFile) -> str:
    return data.sha256 if not isinstance(data, bytes) else (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()


# --- A folder. obstore's own put renames into place but never calls fsync (0.12 has no option for it), so after a power
# --- cut the file may be empty. So `durable_files` writes to folders, and obstore only reads. ---


def _open_folder(folder: Path) -> LocalStore:
    durable_files.make_folder(folder)
    return LocalStore(folder)


# --- Errors ---


@contextmanager
def _plainly(doing: str) -> Generator[None]:
    """Translate the store's errors. They are not chained, because their texts hold URLs, which may be signed."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise AssetStoreUnavailable(f"The asset store can't {doing}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """The first sentence of a store's error, without the response body and without paths and URLs."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    first = re.split(r"[\n<{]", str(error), maxsplit=1)[0]
    return re.sub(r"\S*[/@]\S*", "…", first).strip(" :")
