"""How are Server-Sent Events read, as they come? https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from adapters.providers.tolerant_reader import members, parsed
from application.ports import OnText

MAX_PENDING_BYTES: Final = 1024 * 1024
_LINE_END: Final = re.compile(rb"\r\n|\n|\r(?!\Z)")
_BEFORE_ALL: Final = b"\xef\xbb\xbf \t\r\n"  # a byte order mark, and blank lines
_FIRST_LINE: Final = re.compile(rb"(?:data|event|id|retry)? ?:")


def is_event_stream(body: bytes) -> bool:
    """Whether a body is a stream of events, by its first line: vendors' media types are not always right."""
    return _FIRST_LINE.match(body[:64].lstrip(_BEFORE_ALL)) is not None


class EventReader:
    """Reads events from bytes that come in any pieces.

    `feed` returns the data of the events that are complete by now, `end` that of a last one without its blank line. An
    event of more than `max_bytes` ends the reading: nothing more is returned."""

    def __init__(self, max_bytes: int = MAX_PENDING_BYTES) -> None:
        self._max_bytes = max_bytes
        self._pending = b""  # a line that is not complete
        self._data: list[bytes] = []
        self._bytes = 0
        self._begun = False
        self._closed = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Read on."""
        if self._closed:
            return []
        may_end = self._pending.endswith(b"\r") or b"\n" in piece or b"\r" in piece
        self._pending += piece
        if not self._begun:
            self._pending = self._pending.lstrip(_BEFORE_ALL)
            self._begun = len(self._pending) > 0
        lines: list[bytes] = []
        if may_end:  # else a long line would be searched again for each of its pieces
            *lines, self._pending = _LINE_END.split(self._pending)
        found = [data for line in lines if (data := self._line(line)) is not None]
        self._closed = len(self._pending) + self._bytes > self._max_bytes
        return found

    def end(self) -> list[bytes]:
        """The last event, whose end did not come."""
        found = [self._line(line) for line in (self._pending.rstrip(b"\r"), b"")]
        return [data for data in found if data is not None]

    def _line(self, line: bytes) -> bytes | None:
        """The data of the event that this line ends, if it ends one."""
        if not line:
            data, self._data, self._bytes = self._data, [], 0
            return b"\n".join(data) if data else None
        name, _, value = line.partition(b":")
        if name.strip() == b"data":
            self._data.append(value.removeprefix(b" "))
            self._bytes += len(line) + 1
        return None


def documents(events: Iterable[bytes]) -> Iterator[bytes]:
    """The documents in the data of events. Lines of several JSON objects without a blank line between them are read
    one by one."""
    for data in events:
        lines = data.split(b"\n") if b"\n" in data else []
        yield from lines if any(members(parsed(line)) for line in lines) else [data]


class TextReader:
    """Hands the text of an answer on while its bytes come, in any pieces. It reads nothing in a body that is no
    stream, and nothing after an error.

    `texts` finds the text in one document, each with the index of the answer that it belongs to; None is an error."""

    def __init__(self, on_text: OnText, texts: Callable[[bytes], Iterable[tuple[int, str]] | None]) -> None:
        self._on_text = on_text
        self._texts = texts
        self._events = EventReader()
        self._index: int | None = None  # of the answer that is handed on: there is one, unless a vendor errs
        self._ended = False

    def __call__(self, piece: bytes) -> None:
        for document in documents(self._events.feed(piece)):
            found = None if self._ended else self._texts(document)
            if found is None:
                self._ended = True
                return
            for index, text in found:
                if text and self._index in {None, index}:
                    self._index = index
                    self._on_text(text)
