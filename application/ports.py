"""What the application needs from the outside: the log, the providers, the asset store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from domain.base import Value
from domain.model import Kind, ModelEvent
from domain.provider import (
    Asset,
    CancelResult,
    DownloadFailed,
    Finished,
    Input,
    LookupResult,
    NoVerdict,
    Order,
    Sighting,
)
from domain.task.events import TaskEvent


class Unreadable(Value):
    """What stands in for an event that this Pixel can't decode: a newer one wrote it, or it is damaged."""

    topic: str
    problem: str


class Recorded(NamedTuple):
    """An event with its place: `position` in the whole log, `version` in its stream, both from 1."""

    position: int
    stream: UUID
    version: int
    event: TaskEvent | ModelEvent | Unreadable


class Receipt(NamedTuple):
    """Where an append ended."""

    version: int
    position: int


class Conflict(Exception):
    """The stream has moved on since the decision was made: load it and decide again."""


class LogUnavailable(Exception):
    """The append was not confirmed: PostgreSQL is away or the queue is full. `retry_after` in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnreadableOutput(ValueError):
    """What the provider returned is not the media that it says it is: empty, cut, or of no known type."""


class AssetsUnavailable(Exception):
    """The asset store can't keep anything at the moment: disk full, bucket out of reach."""


class SpoolUnavailable(Exception):
    """The spool can't take anything more at the moment: it is full, or its disk is. Safe to show."""


class Spooled(Value):
    """A result in hand that waits for its store: of which call, and what the provider gave.

    `part`: one output of a call whose success is recorded already. `wanted`: the size that was asked for, in pixels."""

    task: str
    call: str
    finished: Finished
    wanted: tuple[int, int] | None = None
    part: bool = False


class Cause(Value, omit_defaults=True):
    """Who and what an append goes back to; kept beside the event. No field holds a secret or a prompt.

    The log adds `command_id`: by it an append whose answer was lost is recognised as stored."""

    actor: str = "unknown"
    request_id: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    command_id: str | None = None


class StepLogger(Protocol):
    """Called once for every step, to be logged: what was done, and what came of it. No prompt goes in."""

    def __call__(self, event: str, **facts: Any) -> None: ...


class Log(Protocol):
    """The event log."""

    async def append(self, stream: UUID, expected: int, events: list[Any], cause: Cause) -> Receipt:
        """Append all of the events to a stream that ends at version `expected`. Raises Conflict, LogUnavailable."""
        ...

    async def stream(self, stream: UUID) -> list[Recorded]:
        """Every event of one stream, oldest first. Raises LogUnavailable."""
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
        """A bell that is set after every append, here or on another node. Its waiter clears it, and polls as well."""
        ...


class InputUnavailable(Exception):
    """A reference medium of a request can't be had. `code` is public API, `retryable`: it may be there later."""

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


class Provider(Protocol):
    """An outside service. Methods return what they saw; none raises for anything that the outside does.

    Each gets the order that it is about, so that nothing about a job is kept in memory: another process, started
    later, asks for it just as well."""

    lookup_after_seconds: float
    """How long after a call its absence at the provider proves that it never arrived."""

    takes_urls: bool
    """Whether reference media may go out as addresses for the provider to fetch."""

    def account(self, kind: Kind) -> str | None:
        """Which key the next call of this kind uses, by its fingerprint; None when all for it are set aside for now."""
        ...

    def expected_seconds(self, order: Order) -> float | None:
        """How long a job like this usually takes, where that is known: when it is asked for goes by it."""
        ...

    async def submit(self, order: Order) -> Sighting:
        """Send one order. May cost money."""
        ...

    async def poll(self, order: Order, job: str) -> Sighting:
        """How is the job doing?"""
        ...

    async def cancel(self, order: Order, job: str) -> CancelResult:
        """Ask the provider to stop the job."""
        ...

    async def lookup(self, order: Order) -> LookupResult | NoVerdict:
        """Does the provider know this call? Unclear: ask again."""
        ...

    async def fetch(self, order: Order, url: str) -> bytes | DownloadFailed:
        """Bring one output home."""
        ...


class InputReader(Protocol):
    """Where reference media come from."""

    async def __call__(self, references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        """Make them ready to go out, in their order. Raises InputUnavailable."""
        ...


class AssetStore(Protocol):
    """Where outputs are kept, named by their content."""

    async def keep(self, data: bytes) -> Asset:
        """Measure and store; the same bytes are stored once. Raises UnreadableOutput, AssetsUnavailable."""
        ...

    async def keep_file(self, data: bytes) -> Asset:
        """Store what `keep` can't read. Raises AssetsUnavailable."""
        ...

    async def probe(self) -> None:
        """Find out, as far as it is cheap, whether something could be kept now. Raises AssetsUnavailable."""
        ...


class Spool(Protocol):
    """Where results wait on this machine while the asset store can't keep them. `id` tells it from other machines'."""

    id: str
    max_bytes: int

    async def put(self, name: str, result: Spooled) -> None:
        """Keep a result so that it survives a crash. Raises SpoolUnavailable."""
        ...

    async def read(self, name: str) -> Spooled | None:
        """A result; None when it is not there (any more). Raises SpoolUnavailable."""
        ...

    async def remove(self, name: str) -> None:
        """Forget a result that is kept elsewhere. Raises SpoolUnavailable."""
        ...

    async def names(self) -> dict[str, int]:
        """The results that are there, oldest first, with their sizes in bytes. Raises SpoolUnavailable."""
        ...

    async def probe(self) -> None:
        """Find out whether it could take anything. Raises SpoolUnavailable."""
        ...


class AssetInfo(Value):
    """What is known of a kept asset without reading it. `bytes` is the size; `stored_at` is the store's clock, UTC."""

    id: str
    sha256: str
    media_type: str
    bytes: int
    stored_at: datetime


class AssetReader(Protocol):
    """Where what is kept can be looked up and read."""

    async def head(self, asset_id: str) -> AssetInfo | None:
        """What is known of an asset, None when there is none of this id. Raises AssetsUnavailable."""
        ...

    def read(self, asset_id: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, in pieces. Raises LookupError, AssetsUnavailable."""
        ...


Fetcher: TypeAlias = Callable[[str, int], Awaitable[Input]]
"""The image behind a URL, of so many bytes at most, as bytes with their type. Raises InputUnavailable."""

Preparer: TypeAlias = Callable[[Input], Awaitable[Input]]
"""An image that comes as bytes, in a form that every provider reads as it is meant; the same one if it is in that."""
