"""The three words everything is written in: a value, an event, a refusal.

Nothing in this package does I/O, reads a clock or draws a random number: times and ids are arguments."""

from datetime import datetime
from typing import Any, TypeVar, dataclass_transform

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An immutable bundle of facts. `dataclass_transform` makes both type checkers enforce what msgspec does."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag=True, tag_field="event"):
    """Something that happened, at a time (UTC). The class name is the stored name, kept for ever.

    Unknown fields are tolerated on read, so that an older Pixel can read what a newer one wrote."""

    at: datetime


class Rejected(Exception):
    """A command was refused: the only error that the domain raises. `code` is public API, `message` is for people."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


def replace(value: T, **changes: Any) -> T:
    """The same value with some fields changed."""
    return msgspec.structs.replace(value, **changes)
