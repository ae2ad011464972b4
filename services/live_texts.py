"""What are providers writing now? The text so far of each call that is written as a stream, for those who watch.

It is kept here, and each listener reads on from where it is: one that comes late misses nothing. A piece that does not
continue the text is of no use, and what follows it neither: the rest is in the result."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from application.live_text import TextPiece

MAX_LETTERS: Final = 256 * 1024  # of one text
MAX_ALL_LETTERS: Final = 4 * 1024 * 1024
MAX_TEXTS: Final = 1000


class TextListener:
    """One who watches a task. It stays with the first call whose text it got."""

    def __init__(self, texts: "LiveTexts", task: str) -> None:
        self._texts = texts
        self._task = task
        self._call: str | None = None
        self._offset = 0
        self.woken = asyncio.Event()

    async def next(self) -> TextPiece:
        """What was written since the last piece. Waits for it, for ever where nothing comes."""
        while True:
            self.woken.clear()
            piece = self._texts.text_after(self._task, self._call, self._offset)
            if piece is not None:
                self._call = piece.call
                self._offset += len(piece.text)
                return piece
            await self.woken.wait()


class LiveTexts:
    """The texts, within bounds: those that got nothing for longest are forgotten first."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, str]] = {}  # the call and its text, by task; the newest last
        self._letters = 0
        self._listeners: defaultdict[str, set[TextListener]] = defaultdict(set)

    def put(self, piece: TextPiece) -> None:
        """Take a piece; one that does not continue the text of its call, or belongs to an older call, is dropped."""
        call, text = self._texts.get(piece.task, (piece.call, ""))
        if _place(piece.call) > _place(call):
            call, text = piece.call, ""
        known = len(text) - piece.offset
        new = piece.text[known:] if piece.call == call and known >= 0 else ""
        if not new or len(text) + len(new) > MAX_LETTERS:
            return
        self._forget(piece.task)
        self._texts[piece.task] = call, text + new
        self._letters += len(text) + len(new)
        while self._letters > MAX_ALL_LETTERS or len(self._texts) > MAX_TEXTS:
            self._forget(next(iter(self._texts)))
        for listener in self._listeners.get(piece.task, ()):
            listener.woken.set()

    def text_after(self, task: str, call: str | None, offset: int) -> TextPiece | None:
        """The text of a call behind an offset; of the newest call where none is named. None when there is none."""
        known, text = self._texts.get(task, ("", ""))
        if call not in {None, known} or len(text) <= offset:
            return None
        return TextPiece(task=task, call=known, offset=offset, text=text[offset:])

    @contextmanager
    def listen(self, task: str) -> Generator[TextListener]:
        """Watch a task, from the beginning of what is written now."""
        listener = TextListener(self, task)
        self._listeners[task].add(listener)
        try:
            yield listener
        finally:
            self._listeners[task].discard(listener)
            if not self._listeners[task]:
                del self._listeners[task]

    def _forget(self, task: str) -> None:
        _, text = self._texts.pop(task, ("", ""))
        self._letters -= len(text)


def _place(call: str) -> tuple[int, str]:
    """The order of the calls of a task, whose ids end with their number."""
    return len(call), call
