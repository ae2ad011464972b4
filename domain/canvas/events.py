"""What can happen to a canvas? The class name is the stored name: to rename a class, pin its old tag.

`by` is the id of the API key, or `anonymous`."""

from typing import Annotated, TypeGuard, get_args

import msgspec
from msgspec import Meta

from domain.base import Event, Value
from domain.canvas.ops import Op


class Origin(Value):
    """The canvas, at one of its versions, that another one was made from."""

    canvas: Annotated[str, Meta(description="The canvas", examples=["canvas_abc123"])]
    version: Annotated[int, Meta(ge=1, description="Its version", examples=[812])]


class CanvasCreated(Event):
    """A new canvas. One with an `origin` gets what that one had then by the edits that come with this event."""

    canvas: str
    project: str
    name: str
    owner: str
    by: str
    origin: Origin | None = msgspec.field(name="from", default=None)


class CanvasEdited(Event):
    """Some operations were done together. `edit` and `session` were chosen by whoever edits; `label` says what the
    person did, as a word for programs."""

    edit: str
    session: str
    label: str
    ops: tuple[Op, ...]
    by: str


class CanvasRenamed(Event):
    """It has another name."""

    name: str
    by: str


class CanvasVersionNamed(Event):
    """One of its versions has a name, by which people find it."""

    version: int
    name: str
    by: str


class CanvasArchived(Event):
    """It is put away: it can be looked at, and is not edited."""

    by: str


class CanvasRestored(Event):
    """It is in use again."""

    by: str


CanvasEvent = CanvasCreated | CanvasEdited | CanvasRenamed | CanvasVersionNamed | CanvasArchived | CanvasRestored


def is_of_canvas(event: object) -> TypeGuard[CanvasEvent]:
    """Whether an event is one of a canvas's, and can be read."""
    return type(event) in _CANVAS_EVENTS


_CANVAS_EVENTS = frozenset(get_args(CanvasEvent))
