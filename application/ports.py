"""What does the application need from the outside? The log, the providers, the asset store, the spool."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from domain.api_key import ApiKeyEvent
from domain.base import Value
from domain.batch import BatchEvent
from domain.canvas.events import CanvasEvent
from domain.model import Kind, ModelEvent
from domain.project import ProjectEvent
from domain.provider import (
    Asset,
    CancelResult,
    DownloadFailed,
    Finished,
    Input,
    InputFailureCode,
    LookupResult,
    NoVerdict,
    Order,
    Sighting,
)
from domain.run.events import RunEvent
from domain.task.events import TaskEvent
from domain.upload import AssetUploaded
from domain.webhook import WebhookEvent

AnyEvent: TypeAlias = (
    TaskEvent
    | ModelEvent
    | ApiKeyEvent
    | BatchEvent
    | AssetUploaded
    | WebhookEvent
    | ProjectEvent
    | CanvasEvent
    | RunEvent
)
"""Whatever can be in the log."""


class Unreadable(Value):
    """Stands for an event that this Pixel can't decode: a newer one wrote it, or it is damaged."""

    topic: str
    problem: str


class Recorded(NamedTuple):
    """A stored event. `position` counts in the whole log, `version` in its stream, both from 1."""

    position: int
    stream: UUID
    version: int
    event: AnyEvent | Unreadable


class Receipt(NamedTuple):
    """The version of the stream and the position of the log after an append."""

    version: int
    position: int


class Append(NamedTuple):
    """Events for a stream that ends at version `expected`; 0: a new stream."""

    stream: UUID
    expected: int
    events: Sequence[Any]


class Conflict(Exception):
    """The stream has moved on since the decision was made: load it and decide again."""


class LogUnavailable(Exception):
    """The log can't be read, or an append was not confirmed and may or may not be stored: PostgreSQL is away or the
    queue is full. `retry_after` in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AssetsUnavailable(Exception):
    """The asset store can't store anything at the moment: its disk is full, or its bucket out of reach."""


class SpoolUnavailable(Exception):
    """The spool can't take anything more at the moment: it or its disk is full. The message is safe to show."""


class Spooled(Value):
    """A result of a call that waits for the asset store.

    `part` means one output of a call whose success is recorded already. `wanted` is the requested size in pixels."""

    task: str
    call: str
    finished: Finished
    wanted: tuple[int, int] | None = None
    part: bool = False


class OutputFile(Protocol):
    """A large output in a file of this process, until it is closed. `head` are its first bytes."""

    size: int
    head: bytes

    @property
    def sha256(self) -> str:
        """The hash of all bytes."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """All bytes, in pieces. Blocking. Raises OSError."""
        ...

    def overwrite(self, changes: Sequence[tuple[int, bytes]]) -> None:
        """Put other bytes in some places. Blocking. Raises OSError."""
        ...

    def descriptor(self) -> int:
        """A new descriptor of the file, for reading. Whoever has it closes it. Blocking. Raises OSError."""
        ...

    def close(self) -> None:
        """Give disk and memory back. May be called again."""
        ...


class Cause(Value, omit_defaults=True):
    """Who and what caused an append; stored beside the events. No field holds a secret or a prompt.

    The log adds `command_id`, by which it recognises an append that was stored although its answer was lost."""

    actor: str = "unknown"
    request_id: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    command_id: str | None = None


class StepLogger(Protocol):
    """Logs one step: what was done, and its result. No prompt goes in."""

    def __call__(self, event: str, **facts: Any) -> None: ...


class Log(Protocol):
    """The event log."""

    async def append(self, stream: UUID, expected: int, events: list[Any], cause: Cause) -> Receipt:
        """Append all of the events to a stream that ends at version `expected`. Raises Conflict, LogUnavailable."""
        ...

    async def append_all(self, appends: Sequence[Append], cause: Cause) -> list[Receipt]:
        """Append to several streams, all or none of it; a receipt for each. Raises Conflict, LogUnavailable."""
        ...

    async def stream(self, stream: UUID) -> list[Recorded]:
        """Every event of one stream, oldest first. Raises LogUnavailable."""
        ...

    async def streams(self, streams: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        """Every event of each of the streams, oldest first, read at once. Raises LogUnavailable."""
        ...

    async def read(self, after: int, limit: int) -> list[Recorded]:
        """The events behind a position, in order. Raises LogUnavailable."""
        ...

    async def head(self) -> int:
        """The position of the last event, 0 in an empty log. Raises LogUnavailable."""
        ...

    async def model_events(self) -> list[Recorded]:
        """The events of all model streams, in order. Raises LogUnavailable."""
        ...

    def appended(self) -> asyncio.Event:
        """An event that is set after every append, here or on another node. Its one waiter clears it, and polls as
        well, because a notice may get lost."""
        ...


class InputUnavailable(Exception):
    """A reference image is not available. `code` is public API. `retryable` means that it may be available later."""

    def __init__(self, code: InputFailureCode, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code: InputFailureCode = code
        self.message = message
        self.retryable = retryable


class Provider(Protocol):
    """An outside service. Methods return what they saw; none raises for anything that the outside does.

    Each gets the order that it is about, so no state of a job is in memory: another process can go on with it."""

    lookup_after_seconds: float
    """How long after a call its absence at the provider proves that it never arrived."""

    takes_urls: bool
    """Whether the provider fetches reference images by URL."""

    def account(self, kind: Kind) -> str | None:
        """The fingerprint of the key for the next call of this kind; None while all keys for it are suspended."""
        ...

    def expected_seconds(self, order: Order) -> float | None:
        """The seconds that a job like this usually takes; None when that is unknown. Polls are scheduled by it."""
        ...

    async def submit(self, order: Order, on_text: "OnText | None" = None) -> Sighting:
        """Send one order. May cost money. `on_text` gets the text as it is written, where the provider streams: the
        result has all of it, whatever was handed on."""
        ...

    async def poll(self, order: Order, job: str) -> Sighting:
        """Ask for the state of the job."""
        ...

    async def cancel(self, order: Order, job: str) -> CancelResult:
        """Ask the provider to stop the job."""
        ...

    async def lookup(self, order: Order) -> LookupResult | NoVerdict:
        """Ask whether the provider knows this call. NoVerdict means: ask again."""
        ...

    async def fetch(self, order: Order, url: str) -> bytes | OutputFile | DownloadFailed:
        """Download one output. Whoever gets it in a file closes that."""
        ...


class InputReader(Protocol):
    """Reads reference images."""

    async def __call__(self, references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        """The inputs for a provider, in the order of the references. Raises InputUnavailable."""
        ...


class AssetStore(Protocol):
    """Stores outputs under names that follow from their content."""

    async def keep(self, data: bytes | OutputFile) -> Asset:
        """Measure and store; equal bytes are stored once. Raises UnreadableOutput, AssetsUnavailable."""
        ...

    async def keep_file(self, data: bytes | OutputFile) -> Asset:
        """Store bytes that `keep` can't read, as a file. Raises AssetsUnavailable."""
        ...

    async def probe(self) -> None:
        """Find out cheaply whether the store could take something now. Raises AssetsUnavailable if not."""
        ...


class Spool(Protocol):
    """Results that wait on this machine for the asset store. `id` differs from that of any other machine's spool."""

    id: str
    max_bytes: int

    async def put(self, name: str, result: Spooled, file: OutputFile | None = None) -> None:
        """Write a result so that it survives a crash. `file` has the bytes of its only output. Raises
        SpoolUnavailable."""
        ...

    async def read(self, name: str) -> Spooled | None:
        """Read a result; None when there is none of this name. Raises SpoolUnavailable."""
        ...

    async def remove(self, name: str) -> None:
        """Delete a result that is stored elsewhere. Raises SpoolUnavailable."""
        ...

    async def names(self) -> dict[str, int]:
        """The names of all results, oldest first, with their sizes in bytes. Raises SpoolUnavailable."""
        ...

    async def probe(self) -> None:
        """Find out whether the spool could take anything. Raises SpoolUnavailable if not."""
        ...


class AssetInfo(Value):
    """The metadata of a stored asset. `bytes` is its size; `stored_at` is the clock of the store, in UTC."""

    id: str
    sha256: str
    media_type: str
    bytes: int
    stored_at: datetime


class AssetReader(Protocol):
    """Looks up and reads stored assets."""

    async def head(self, asset_id: str) -> AssetInfo | None:
        """The metadata of an asset; None when there is none of this id. Raises AssetsUnavailable."""
        ...

    def read(self, asset_id: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, but without, `end`, in pieces.

        Raises LookupError when the asset is gone, AssetsUnavailable."""
        ...


OnText: TypeAlias = Callable[[str], None]
"""Takes text while a provider writes it, piece after piece. It returns at once, and never raises."""

Fetcher: TypeAlias = Callable[[str, int], Awaitable[Input]]
"""Downloads the image of a URL, of so many bytes at most. Raises InputUnavailable."""

Preparer: TypeAlias = Callable[[Input], Awaitable[Input]]
"""Turns an image upright and into a format that every provider reads; returns the same object if it is so already."""
