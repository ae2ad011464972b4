"""What does the OpenAPI document say of one operation? The columns of its table."""

from typing import Any, NamedTuple, TypeAlias

import msgspec

Schema: TypeAlias = dict[str, Any]


class ResponseSpec(NamedTuple):
    """An answer that is neither the usual one nor an error: a struct, bytes or text of some media types, or nothing.
    `text` is an example of the text."""

    description: str
    struct: type | None = None
    media: tuple[str, ...] = ()
    text: str | None = None


class Operation(NamedTuple):
    """One method of one path. Parameters, headers and errors are named; examples are what goes over the wire.

    `body` may be one of several. `file` says what is taken as a form with one file, instead of the body; `form` is a
    form with fields. `media` are further media types of the answer. Who may use it stands in `api.routes.access`."""

    method: str
    path: str
    id: str
    tag: str
    summary: str
    description: str
    answer: Any = None
    examples: Schema = {}
    media: tuple[str, ...] = ()
    body: type[msgspec.Struct] | tuple[type[msgspec.Struct], ...] | None = None
    bodies: Schema = {}
    file: str | None = None
    form: type[msgspec.Struct] | None = None
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    others: dict[int, ResponseSpec] = {}
