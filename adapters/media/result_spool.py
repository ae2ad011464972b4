"""Where do results wait that the asset store can't take? On this machine's disk, one file each, until it can.

A file is a line of JSON (the result and the sizes of its outputs), then the bytes of the outputs. It gets its name when
all of it is on the disk, so after a crash a result is there completely or not at all."""

import asyncio
import itertools
import os
import re
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import msgspec

from adapters.media import durable_files
from application.ports import OutputFile, Spooled, SpoolUnavailable
from domain.base import Value, replace

_NAME: Final = re.compile(r"task_[0-9a-z]{26}\.\d{1,9}(\.\d{1,9})?")
_FORGOTTEN_SECONDS: Final = 3600.0


class _Head(Value):
    """The first line: the result without the bytes of its outputs, and how many each has."""

    result: Spooled
    sizes: tuple[int, ...]


class FolderSpool:
    """A spool in a folder, which several processes of one machine may share. `id` identifies the machine's spool."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.id = _identity(folder)
        self.max_bytes = max_bytes
        self._folder = folder

    @classmethod
    def open(cls, folder: Path, max_bytes: int) -> Self:
        """Make the folder if it is missing, and remove files that a crash left incomplete. Raises OSError."""
        durable_files.make_folder(folder)
        for path in folder.glob("*#*"):
            _clear_away(path)
        return cls(folder, max_bytes)

    async def put(self, name: str, result: Spooled, file: OutputFile | None = None) -> None:
        """Store a result; `file` has the bytes of its only output. Once this returns, it survives a power cut. Raises
        SpoolUnavailable."""
        data = [output.data for output in result.finished.outputs]
        outputs = tuple(replace(output, data=b"") for output in result.finished.outputs)
        sizes = (file.size,) if file else tuple(map(len, data))
        head = _Head(result=replace(result, finished=replace(result.finished, outputs=outputs)), sizes=sizes)
        line = msgspec.json.encode(head) + b"\n"
        pieces = itertools.chain([line], file.pieces() if file else data)
        await asyncio.to_thread(self._put, name, pieces, len(line) + sum(sizes))

    async def read(self, name: str) -> Spooled | None:
        """A result; None when it is not there any more. Raises SpoolUnavailable."""
        return await asyncio.to_thread(self._read, name)

    async def remove(self, name: str) -> None:
        """Remove a result that is stored elsewhere. Raises SpoolUnavailable."""
        await asyncio.to_thread(self._remove, name)

    async def names(self) -> dict[str, int]:
        """The names and sizes in bytes of all results, oldest first. Raises SpoolUnavailable."""
        return await asyncio.to_thread(self._names)

    async def probe(self) -> None:
        """Check that the spool can store a result. Raises SpoolUnavailable."""
        await asyncio.to_thread(self._probe)

    def _put(self, name: str, pieces: Iterable[bytes], size: int) -> None:
        try:
            if sum(self._names().values()) + size > self.max_bytes:
                raise SpoolUnavailable("the spool is full")
            durable_files.write_durably(self._folder, name, pieces, size)
        except OSError as error:
            raise _unavailable(error) from None

    def _read(self, name: str) -> Spooled | None:
        try:
            with (self._folder / name).open("rb") as file:
                head = msgspec.json.decode(file.readline(), type=_Head)
                data = [file.read(size) for size in head.sizes]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unavailable(error) from None
        finished = head.result.finished
        outputs = tuple(replace(output, data=piece) for output, piece in zip(finished.outputs, data, strict=True))
        return replace(head.result, finished=replace(finished, outputs=outputs))

    def _remove(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise _unavailable(error) from None

    def _names(self) -> dict[str, int]:
        found: list[tuple[int, str, int]] = []
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if _NAME.fullmatch(entry.name):
                        try:
                            stat = entry.stat()
                        except FileNotFoundError:  # another process has stored it just now
                            continue
                        found.append((stat.st_mtime_ns, entry.name, stat.st_size))
        except OSError as error:
            raise _unavailable(error) from None
        return {name: size for _, name, size in sorted(found)}

    def _probe(self) -> None:
        try:
            durable_files.probe(self._folder)
        except OSError as error:
            raise _unavailable(error) from None


def _identity(folder: Path) -> str:
    """The id in the folder, made once. When several processes make one at the same time, the first one counts."""
    place = folder / "id"
    if not place.exists():
        made = uuid.uuid4().hex
        durable_files.write_durably(folder, f"{made}#", [made.encode()], len(made))
        with suppress(FileExistsError):
            place.hardlink_to(folder / f"{made}#")
        (folder / f"{made}#").unlink()
        durable_files.sync_folder(folder)
    return place.read_text()


def _clear_away(path: Path) -> None:
    """Remove unfinished files that have not been written to for long, because their writer died."""
    with suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > _FORGOTTEN_SECONDS:
            path.unlink()


def _unavailable(error: OSError) -> SpoolUnavailable:
    return SpoolUnavailable(f"the spool can't keep anything: {error.strerror or type(error).__name__}")
