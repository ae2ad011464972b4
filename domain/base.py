"""The three bases of the domain: a value, an event, a refusal.

Nothing in this package does I/O, reads a clock or draws a random number: times and ids are arguments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An immutable record. `dataclass_transform` makes both type checkers enforce frozen, keyword-only fields."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag=True, tag_field="event"):
    """Something that happened at a time (UTC). The class name is the stored name and never changes.

    Reading ignores unknown fields, so that an older Pixel can read the events of a newer one."""

    at: datetime


RefusalCode = Literal[
    "not_json",
    "invalid_request",
    "malformed_model",
    "wrong_kind",
    "model_retired",
    "unreadable_media",
    "input_blocked_url",
    "input_unreachable",
    "budget_exceeded",
    "unauthorised",
    "foreign_origin",
    "foreign_host",
    "forbidden",
    "no_such_path",
    "model_not_found",
    "task_unknown",
    "batch_unknown",
    "call_unknown",
    "key_unknown",
    "webhook_unknown",
    "project_unknown",
    "canvas_unknown",
    "run_unknown",
    "step_unknown",
    "nothing_to_fetch",
    "call_not_in_doubt",
    "model_off",
    "catalogue_broken",
    "key_revoked",
    "archived",
    "edit_conflict",
    "base_too_old",
    "run_ended",
    "step_not_open",
    "version_moved",
    "too_large",
    "unsupported_media_type",
    "idempotency_key_reused",
    "key_busy",
    "model_unavailable",
    "webhooks_unavailable",
    "stream_unreadable",
]
"""Why a command or a request is refused. docs/events.md explains each code, in this order."""


class Rejected(Exception):
    """A command was refused: the only error that the domain raises. `code` is for programs, `message` for people.

    `problems` are the same by field, each with its message, where fields of a request are wrong."""

    def __init__(self, code: RefusalCode, message: str, problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.code: RefusalCode = code
        self.message = message
        self.problems = tuple(problems)


replace = msgspec.structs.replace
"""A copy of a value with some fields changed. It is msgspec's own function, as folds call it for every event."""
