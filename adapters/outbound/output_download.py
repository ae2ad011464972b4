"""How are large outputs downloaded without filling the memory? They go into a file, a piece at a time, and the
pieces in memory are limited by one budget."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import httpx

from adapters.media.output_file import PIECE_BYTES, TemporaryOutput
from adapters.media.raw_audio import is_raw
from adapters.outbound.byte_budget import ByteBudget
from adapters.outbound.content_coding import is_packed
from adapters.outbound.ssrf_guard import Download, Guard, bounded, described, stated_bytes, whole

DEFAULT_BYTES: Final = 1024 * 1024 * 1024
SMALL_BYTES: Final = PIECE_BYTES  # so much stays in memory, and is not counted


class DownloadedOutput(NamedTuple):
    """A complete output. Of a large one `file` has all bytes, and `download` only the first; whoever has it closes the
    file."""

    download: Download
    file: TemporaryOutput | None = None


class _NoRoom(Exception):
    """So many bytes are not free now."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class _Place:
    """The part of the budget that one download has."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self.size = 0

    def need(self, size: int) -> None:
        """Take bytes for the first time. Raises _NoRoom when they are not free, or are more than it has."""
        if size > self.size:
            if self.size or not self._budget.try_take(size):
                raise _NoRoom(size)
            self.size = size

    async def wait_for(self, size: int) -> None:
        """Give back what it has, and take other bytes when they are free."""
        self.shrink(0)
        await self._budget.take(size)
        self.size = size

    def shrink(self, size: int) -> None:
        """Give back what is not needed."""
        unused, self.size = self.size - size, size
        if unused:
            self._budget.give(unused)


class OutputDownloads:
    """The downloads of one process. `folder` is where their files are, None for the system's place of such files."""

    def __init__(self, folder: Path | None = None, max_bytes: int = DEFAULT_BYTES) -> None:
        self.budget = ByteBudget(max_bytes)
        self._folder = folder

    async def fetch(
        self, guard: Guard, url: str, *, max_bytes: int, seconds: float, headers: Mapping[str, str]
    ) -> DownloadedOutput:
        """Download one output within `seconds`, not counting the time until it has its turn.

        Raises Blocked, Unfetchable, and OSError when neither disk nor memory can take it."""
        place = _Place(self.budget)
        try:
            while True:
                try:
                    read = partial(self._read, place, max_bytes)
                    return await guard.receive(url, read, seconds=seconds, headers=headers)
                except _NoRoom as full:
                    # Without a connection, because a server would not wait for so long. If it then has more than it
                    # said, as much as there may be is waited for.
                    await place.wait_for(max_bytes if place.size else full.size)
        except BaseException:
            place.shrink(0)
            raise

    async def _read(self, place: _Place, max_bytes: int, answer: httpx.Response) -> DownloadedOutput:
        file: TemporaryOutput | None = None
        piece = bytearray()
        try:
            async for chunk in bounded(answer, max_bytes):
                piece += chunk
                if file is None and len(piece) > SMALL_BYTES:
                    place.need(stated_bytes(answer) or max_bytes)
                    file = TemporaryOutput(self._folder, closed=partial(place.shrink, 0))
                if file is not None and len(piece) >= PIECE_BYTES:
                    await asyncio.to_thread(file.write, piece)
                    piece = bytearray()
            if file is None:
                place.shrink(0)
                return DownloadedOutput(await whole(answer, bytes(piece), max_bytes))
            await asyncio.to_thread(file.write, piece)
            if is_packed(file.head, _header(answer, "Content-Encoding")) or is_raw(_header(answer, "Content-Type")):
                data = await asyncio.to_thread(_joined, file)  # rare: it is made anew
                file.close()
                return DownloadedOutput(await whole(answer, data, max_bytes))
            place.shrink(file.size)
            return DownloadedOutput(described(answer, file.head), file)
        except BaseException:
            if file is not None:
                file.close()
            raise


def _header(answer: httpx.Response, name: str) -> str:
    return str(answer.headers.get(name, ""))


def _joined(file: TemporaryOutput) -> bytes:
    return b"".join(file.pieces())
