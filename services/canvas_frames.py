"""What do listeners get of a canvas? Each event of it, with the operations of an edit: who has the version before has
the next one with it."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from adapters.postgres.event_log import EventLog
from application.canvases import Version
from application.ports import Recorded
from domain.canvas.events import CanvasCreated, is_of_canvas
from services.canvas_views import CanvasChange, change

MAX_KNOWN = 10_000


class CanvasNews(CanvasChange, kw_only=True, omit_defaults=True):
    """Something that happened to a canvas, for who listens."""

    canvas: Annotated[str, Meta(description="The canvas", examples=["canvas_abc123"])]


class CanvasLabels(NamedTuple):
    """What never changes of a canvas: its id, its project and its owner."""

    canvas: str
    project: str
    owner: str


class CanvasFrames:
    """Knows the labels of canvases that were edited lately, MAX_KNOWN of them."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._known: OrderedDict[UUID, CanvasLabels] = OrderedDict()

    async def prepare(self, events: Sequence[Recorded]) -> None:
        """Read the labels of the canvases of these events, where they are not known. Raises LogUnavailable."""
        while len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        for stream in {each.stream for each in events if is_of_canvas(each.event)} - self._known.keys():
            for first in await self._log.stream_until(stream, after=0, limit=1):
                self._note(first.decoded())

    def encode(self, recorded: Recorded) -> tuple[bytes, CanvasLabels] | None:
        """The news of an event, encoded, and whose it is; None for an event that is no canvas's."""
        event = recorded.event
        if not is_of_canvas(event):
            return None
        self._note(recorded)
        labels = self._known.get(recorded.stream)
        if labels is None:  # its first event can't be read
            return None
        self._known.move_to_end(recorded.stream)
        what = change(Version(recorded.version, recorded.position, event, 0))
        news = CanvasNews(canvas=labels.canvas, **{name: getattr(what, name) for name in what.__struct_fields__})
        return msgspec.json.encode(news), labels

    def _note(self, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, CanvasCreated):
            self._known[recorded.stream] = CanvasLabels(event.canvas, event.project, event.owner)
