"""Where is a large output while it has no place yet? In a file without a name, which goes with the process.

Its bytes pass through memory once, a piece at a time, and are hashed on the way."""

import errno
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PIECE_BYTES: Final = 1024 * 1024
HEAD_BYTES: Final = 4096


class TemporaryOutput:
    """An output in a file that nobody else sees. `head` are its first bytes, enough to tell what it is. `closed` is
    called once, when the file is closed.

    All but `close` blocks, and raises OSError: the file is closed, or neither the folder's disk nor memory can take
    it. A thread that still reads when the file is closed goes on reading, and no other file."""

    def __init__(self, folder: Path | None, *, closed: Callable[[], None] = lambda: None) -> None:
        self.size = 0
        self.head = b""
        self._folder = folder
        self._when_closed = closed
        self._hash = hashlib.sha256()
        self._lock = threading.Lock()
        self._file: int | None = None
        self._is_in_memory = False
        self._is_closed = False

    @property
    def sha256(self) -> str:
        """The hash of all bytes."""
        return self._hash.hexdigest()

    def write(self, piece: bytes | bytearray) -> None:
        """Add bytes at the end."""
        try:
            self._put(piece, self.size)
        except OSError:  # the disk is full: an output that was paid for may have nowhere else to go
            if self._is_in_memory or self._is_closed:
                raise
            self._move_to_memory()
            self._put(piece, self.size)
        self._hash.update(piece)
        if len(self.head) < HEAD_BYTES:
            self.head += bytes(piece[: HEAD_BYTES - len(self.head)])
        self.size += len(piece)

    def overwrite(self, changes: Sequence[tuple[int, bytes]]) -> None:
        """Put other bytes in some places. Changes that do not fit are ignored."""
        for begin, new in changes:
            if 0 <= begin <= self.size - len(new):
                self._put(new, begin)
        self._hash = hashlib.sha256()
        for piece in self.pieces():
            self._hash.update(piece)

    def pieces(self) -> Iterator[bytes]:
        """All bytes, in pieces."""
        with self._borrowed() as file:
            for begin in range(0, self.size, PIECE_BYTES):
                yield os.pread(file, min(PIECE_BYTES, self.size - begin), begin)

    def descriptor(self) -> int:
        """A new descriptor of the file, for reading. Whoever has it closes it."""
        with self._borrowed() as file:
            return os.open(f"/proc/self/fd/{file}", os.O_RDONLY) if sys.platform == "linux" else os.dup(file)

    def close(self) -> None:
        """Give disk and memory back. May be called again."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            if self._file is not None:
                os.close(self._file)
        self._when_closed()

    def _put(self, piece: bytes | bytearray, begin: int) -> None:
        with self._borrowed() as file, memoryview(piece) as left:
            done = 0
            while done < len(left):
                done += os.pwrite(file, left[done:], begin + done)

    @contextmanager
    def _borrowed(self) -> Generator[int]:
        """A duplicate of the file's descriptor, for one use. The number of the original may stand for another file
        as soon as somebody closes it."""
        with self._lock:
            if self._is_closed:
                raise OSError(errno.EBADF, "the file is closed")
            if self._file is None:
                with tempfile.TemporaryFile(dir=self._folder, prefix="output#") as made:
                    self._file = os.dup(made.fileno())
            file = os.dup(self._file)
        try:
            yield file
        finally:
            os.close(file)

    def _move_to_memory(self) -> None:
        memory = memory_file()
        try:
            if self.size:
                for piece in self.pieces():
                    os.write(memory, piece)
        except BaseException:
            os.close(memory)
            raise
        with self._lock:
            if self._is_closed:
                os.close(memory)
                return
            if self._file is not None:
                os.close(self._file)
            self._file, self._is_in_memory = memory, True


def memory_file() -> int:
    """The descriptor of a new file without a name, in memory where possible. Raises OSError."""
    if sys.platform == "linux":
        return os.memfd_create("medium")
    with tempfile.TemporaryFile() as temporary:
        return os.dup(temporary.fileno())
