"""How the description of the API is made and served: `/openapi.json`, `/docs` (Swagger UI) and `/redoc`.

Nothing comes from anywhere else, so that all of it works without internet access: the content security policy of the
pages allows this server only. The scripts are those of the package `drf-spectacular-sidecar`."""

import gzip
import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args, get_origin

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.types import HTTPResponseBodyEvent

from api.answers import AnyRequest, Envelope
from api.errors import Failure
from api.openapi import (
    ABOUT,
    ERRORS,
    FIELDS,
    HEADERS,
    MEANINGS,
    OPERATIONS,
    PARAMETERS,
    TAGS,
    TITLE,
    VERSION,
    Answer,
    Operation,
    Parameter,
    Schema,
)
from domain.task import Status

_SCHEMAS = "#/components/schemas/{name}"
_JSON = "application/json"


# --- The document ---


def document() -> Schema:
    """The OpenAPI 3.1 document."""
    refs, schemas = _schemas()
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": ABOUT.strip()},
        "servers": [{"url": "/", "description": "this Pixel"}],
        "tags": [{"name": name, "description": says} for name, says in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {name: _parameter(name, parameter) for name, parameter in PARAMETERS.items()},
            "headers": {
                name: {"description": _sentence(says), "schema": {"type": "string"}, "example": example}
                for name, (says, example) in HEADERS.items()
            },
        },
    }
