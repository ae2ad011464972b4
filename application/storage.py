"""Where do results go? Into the asset store, or into this machine's spool until the store can take them.

A result was paid for, so it is never dropped. While neither can take it, it stays in memory, and no new order goes out:
Pixel pays for nothing that it could not store."""

import asyncio
from collections.abc import Awaitable, Generator
from contextlib import contextmanager
from typing import Annotated

from msgspec import Meta

from application.clock import monotonic
from application.ports import (
    AssetStore,
    AssetsUnavailable,
    OutputFile,
    Spool,
    Spooled,
    SpoolUnavailable,
    StepLogger,
)
from domain.base import Value
from domain.provider import Asset, UnreadableOutput

PROBE_SECONDS = 10.0
MAX_RECOVERING = 4  # results of the spool in memory at a time: each may have as many bytes as an answer


class NotMeasured(AssetsUnavailable):
    """A bug of ours: the output could not be measured. It stays in the spool until that is mended."""


class StorageState(Value):
    """The state of store and spool, for health."""

    store: Annotated[
        str | None,
        Meta(
            description="Why the asset store can't keep anything now",
            examples=["The asset store can't keep an asset: disk full"],
        ),
    ] = None
    spool: Annotated[str | None, Meta(description="Why the spool can't", examples=["the spool is full"])] = None
    refuses: Annotated[
        str | None,
        Meta(description="Why no order goes out whose result would have to be kept", examples=["the spool is full"]),
    ] = None
    results: Annotated[int, Meta(description="Results that wait in the spool", examples=[0])] = 0
    bytes: Annotated[int, Meta(description="How many bytes they have", examples=[0])] = 0
    max_bytes: Annotated[int, Meta(description="How many bytes the spool takes", examples=[2147483648])] = 0
    held: Annotated[int, Meta(description="Results that are in memory only", examples=[0])] = 0


class Storage:
    """The asset store and the spool of one process. `result_spooled` is set after each result
    that is spooled."""

    def __init__(self, assets: AssetStore, spool: Spool, log_step: StepLogger) -> None:
        self.result_spooled = asyncio.Event()
        self._assets = assets
        self._spool = spool
        self.log_step = log_step
        self._store_problem: str | None = None
        self._spool_problem: str | None = None
        self._waiting: dict[str, int] = {}
        self._in_memory: list[str] = []
        self._probe_at = 0.0
        self.recovering = asyncio.Semaphore(MAX_RECOVERING)
        """Held while a result of the spool is in memory."""

    # --- Results ---

    async def keep(self, data: bytes | OutputFile) -> Asset:
        """Measure and store. Raises UnreadableOutput; AssetsUnavailable when it has to wait."""
        return await self._stored(self._assets.keep(data))

    async def keep_file(self, data: bytes | OutputFile) -> Asset:
        """Store bytes that do not decode, as they are. Raises AssetsUnavailable when they have to wait."""
        return await self._stored(self._assets.keep_file(data))

    async def _stored(self, storing: Awaitable[Asset]) -> Asset:
        try:
            asset = await storing
        except UnreadableOutput:
            raise
        except AssetsUnavailable as error:
            self._store_problem = str(error)
            raise
        except Exception as error:  # handed on: whatever our mistake is, the bytes were paid for
            self.log_step("output could not be measured", exc_info=error)
            raise NotMeasured(f"An output can't be measured: {type(error).__name__}") from error
        self._store_problem = None
        return asset

    async def spool_result(self, name: str, result: Spooled, file: OutputFile | None = None) -> str:
        """Put a result into the spool, and the bytes of its only output if they are in a file. Returns its URL. Raises
        SpoolUnavailable."""
        try:
            await self._spool.put(name, result, file)
        except SpoolUnavailable as error:
            self._spool_problem = str(error)
            raise
        self._spool_problem = None
        self.result_spooled.set()
        return self.url(name)

    async def read(self, name: str) -> Spooled | None:
        """A result in this machine's spool; None when there is none. Raises SpoolUnavailable."""
        return await self._spool.read(name)

    async def has(self, name: str) -> bool:
        """Whether a result is in this machine's spool. False while the spool can't be read."""
        try:
            return name in await self._spool.names()
        except SpoolUnavailable:
            return False

    async def remove(self, name: str) -> None:
        """Remove a result that is stored by now from the spool. Raises SpoolUnavailable."""
        await self._spool.remove(name)
        self._waiting.pop(name, None)

    def url(self, name: str) -> str:
        """The URL of a result in this machine's spool."""
        return f"{SCHEME}{self._spool.id}/{name}"

    @contextmanager
    def hold(self, task: str) -> Generator[None]:
        """Within the block, a result of this task is in memory only."""
        self._in_memory.append(task)
        try:
            yield
        finally:
            self._in_memory.remove(task)

    def holds(self, task: str) -> bool:
        """Whether a result of this task is in memory only, so that its step must not be cancelled."""
        return task in self._in_memory

    # --- Can more be stored? ---

    @property
    def refuses(self) -> str | None:
        """Why no order for media goes out now; None when it may."""
        used = sum(self._waiting.values())
        if used > self._spool.max_bytes / 2:  # the other half is for the calls that are under way
            return f"results of {used} bytes wait in the spool, which takes {self._spool.max_bytes}"
        return self.exhausted

    @property
    def exhausted(self) -> str | None:
        """Why neither the store nor the spool can take anything; None when one of them can."""
        if self._store_problem is None or self._spool_problem is None:
            return None
        return f"{self._store_problem}; {self._spool_problem}"

    async def scan(self) -> list[str]:
        """The names of the results in the spool, oldest first. While no result waits, probe store and spool now and
        then, so that a failure is known before the next order."""
        try:
            self._waiting = await self._spool.names()
        except SpoolUnavailable as error:
            self._spool_problem = str(error)
            self._waiting = {}
        if not self._waiting and not self._in_memory and monotonic() >= self._probe_at:
            await self._probe()
            self._probe_at = monotonic() + PROBE_SECONDS
        return list(self._waiting)

    async def _probe(self) -> None:
        try:
            await self._assets.probe()
            self._store_problem = None
        except AssetsUnavailable as error:
            self._store_problem = str(error)
        try:
            await self._spool.probe()
            self._spool_problem = None
        except SpoolUnavailable as error:
            self._spool_problem = str(error)

    def state(self) -> StorageState:
        """The state of store and spool, for health."""
        return StorageState(
            store=self._store_problem,
            spool=self._spool_problem,
            refuses=self.refuses,
            results=len(self._waiting),
            bytes=sum(self._waiting.values()),
            max_bytes=self._spool.max_bytes,
            held=len(self._in_memory),
        )


SCHEME = "spool:"
