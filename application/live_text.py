"""How does the text that a provider writes reach those who watch before it is done? In pieces, which may get lost.

The result of a task is never made of them: it has its text from the provider's whole answer."""

import asyncio
from collections.abc import Callable

from domain.base import Value

SEND_SECONDS = 0.2  # between two pieces of a call: a notification costs a commit
MAX_WAITING_LETTERS = 64 * 1024


class TextPiece(Value):
    """A piece of the text of a call. `offset` counts the characters before it."""

    task: str
    call: str
    offset: int
    text: str

    def __repr__(self) -> str:  # a person's words stay out of logs
        return f"TextPiece({self.call}, {self.offset})"


class TextSender:
    """Sends the text of one call: the first piece at once, and then what has come within SEND_SECONDS together.

    What is too much to wait is left out: who watches finds a gap, and has the rest at the end."""

    def __init__(self, task: str, call: str, send: Callable[[TextPiece], None]) -> None:
        self._task = task
        self._call = call
        self._send = send
        self._offset = 0
        self._waiting: list[str] = []
        self._letters = 0
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, text: str) -> None:
        """Take what was written."""
        if self._letters + len(text) > MAX_WAITING_LETTERS:
            self._offset += self._letters + len(text)
            self._waiting, self._letters = [], 0
            return
        self._waiting.append(text)
        self._letters += len(text)
        loop = asyncio.get_running_loop()
        if loop.time() >= self._next_at:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_at(self._next_at, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._letters:
            return
        piece = TextPiece(task=self._task, call=self._call, offset=self._offset, text="".join(self._waiting))
        self._offset += self._letters
        self._waiting, self._letters = [], 0
        self._next_at = asyncio.get_running_loop().time() + SEND_SECONDS
        self._send(piece)
