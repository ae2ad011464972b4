"""What is said of one operation in the OpenAPI document: the columns of the tables in `openapi` and `openapi_admin`."""

from typing import Any, NamedTuple

from api.openapi.examples import Schema
from domain.request import Body


class ResponseSpec(NamedTuple):
    """An answer that is neither the usual one nor an error: a struct, bytes of some media types, or nothing."""

    says: str
    struct: type | None = None
    media: tuple[str, ...] = ()


class Operation(NamedTuple):
    """One method of one path. Parameters, headers and errors are named; examples are what goes over the wire.

    `body` may be one of several. `file` says what is taken as a form with one file, instead of the body. `admin`: only
    for administrators."""

    method: str
    path: str
    id: str
    tag: str
    summary: str
    description: str
    answer: Any = None
    examples: Schema = {}
    body: type[Body] | tuple[type[Body], ...] | None = None
    bodies: Schema = {}
    file: str | None = None
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    others: dict[int, ResponseSpec] = {}
    admin: bool = False
