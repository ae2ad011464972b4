"""How the description of the API is made and served: `/openapi.json`, `/docs` (Swagger UI) and `/redoc`.

Nothing comes from anywhere else, so that all of it works without internet access: the content security policy of the
pages allows this server only. The scripts are those of the package `drf-spectacular-sidecar`."""

import gzip
import hashlib
from datetime import datetime
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args, get_origin
from urllib.parse import urlsplit

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from api.http.errors import Failure
from api.http.responses import AnyRequest, Envelope
from api.openapi import operations
from api.openapi.errors_and_parameters import ERRORS, HEADERS, MEANINGS, PARAMETERS
from api.openapi.examples import Schema
from api.openapi.fields import FIELDS
from api.openapi.operation import Operation
from api.openapi.operations import OPERATIONS
from domain.request import Body
from domain.task.state import Status

# --- The document ---


def document(public_url: str | None = None) -> Schema:
    """The OpenAPI 3.1 document, made of the table and of what the structs say of themselves."""
    schemas, refs = _schemas()
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": operations.TITLE, "version": operations.VERSION, "description": operations.ABOUT.strip()},
        "servers": _servers(public_url),
        "tags": [{"name": name, "description": says} for name, says in operations.TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {
                name: {
                    "name": name,
                    "in": given.place,
                    "required": given.place == "path",
                    "description": _sentence(given.says),
                    "schema": given.schema | {"examples": [given.example]},
                    **({"style": "form", "explode": False} if given.schema.get("type") == "array" else {}),
                }
                for name, given in PARAMETERS.items()
            },
            "headers": {
                name: {"description": _sentence(says), "schema": {"type": "string"}, "example": example}
                for name, (says, example) in HEADERS.items()
            },
            "securitySchemes": {
                _ADMIN: {"type": "http", "scheme": "bearer", "description": "The token of `PIXEL_ADMIN_TOKEN`."}
            },
        },
    }


def _servers(public_url: str | None) -> list[Schema]:
    """First the one that has the page, whatever it is called there: its policy lets a browser reach no other."""
    here: Schema = {"url": urlsplit(public_url or "").path.rstrip("/") or "/", "description": "Where this document is"}
    return [here, {"url": public_url.rstrip("/"), "description": "For callers"}] if public_url else [here]


_ADMIN: Final = "adminToken"
_NOTHING_MORE: Final[Schema] = {}  # bytes: the media type says it all


def _operation(operation: Operation, refs: dict[Any, Schema]) -> Schema:
    responses: dict[str, Schema] = {}
    headers = _ref("headers", "X-Request-ID", *operation.headers)
    if operation.answer:
        enveloped = get_origin(operation.answer) is Envelope
        examples = {
            name: {"code": "200", "message": "success", "data": value} if enveloped else value
            for name, value in operation.examples.items()
        }
        responses["200"] = {
            "description": "Success",
            "headers": headers,
            "content": _json(refs[operation.answer], examples),
        }
    for status, answer in operation.others.items():
        content = _json(refs[answer.struct], {}) if answer.struct else dict.fromkeys(answer.media, _NOTHING_MORE)
        own = headers | (_ref("headers", "Content-Range") if status == 206 else {})
        responses[str(status)] = {"description": answer.says, "headers": own, "content": content}
    errors = errors_of(operation)
    for status in sorted({ERRORS[name].status for name in errors}):
        responses[str(status)] = _failure(status, [name for name in errors if ERRORS[name].status == status])
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name in (*operation.parameters, "X-Request-ID")]
    made: Schema = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": parameters,
        "responses": dict(sorted(responses.items())) | {"default": _failure(405, ["wrong method"])},
    }
    if operation.admin:
        made["security"] = [{_ADMIN: []}]
    if operation.body:
        form = {"multipart/form-data": _form(operation.file)} if operation.file else {}
        taken = [refs[body] for body in _bodies(operation)]
        schema = taken[0] if len(taken) == 1 else {"anyOf": taken}
        made["requestBody"] = {"required": True, "content": form | _json(schema, operation.bodies)}
    return made


def errors_of(operation: Operation) -> tuple[str, ...]:
    """The errors of its row, and those that every operation has."""
    return (*operation.errors, *(("foreign page",) if operation.method == "post" else ()), "foreign host")


def _bodies(operation: Operation) -> tuple[type[Body], ...]:
    body = operation.body
    return body if isinstance(body, tuple) else (body,) if body else ()


def _form(says: str) -> Schema:
    file = {"type": "string", "contentMediaType": "application/octet-stream", "description": _sentence(says)}
    return {"schema": {"type": "object", "required": ["file"], "properties": {"file": file}}}


def _failure(status: int, names: list[str]) -> Schema:
    examples = {
        name: {"code": str(status), "message": ERRORS[name].message, "request_id": "req_123456"} for name in names
    }
    also = {401: ("WWW-Authenticate",), 405: ("Allow",), 416: ("Content-Range",), 503: ("Retry-After",)}.get(status, ())
    return {
        "description": MEANINGS[status],
        "headers": _ref("headers", "X-Request-ID", *also),
        "content": _json({"$ref": "#/components/schemas/Failure"}, examples),
    }


def _json(schema: Schema, examples: Schema) -> Schema:
    named = {name: {"summary": _sentence(name), "value": value} for name, value in examples.items()}
    return {"application/json": {"schema": schema, **({"examples": named} if named else {})}}


def _ref(group: str, *names: str) -> Schema:
    return {name: {"$ref": f"#/components/{group}/{name}"} for name in names}


# --- The schemas ---


def _schemas() -> tuple[dict[str, Schema], dict[Any, Schema]]:
    """The schemas by name, and how to refer to that of a type."""
    types: list[Any] = [Failure]
    for operation in OPERATIONS:
        types += [*_bodies(operation), operation.answer]
    types = [type_ for type_ in dict.fromkeys(types) if type_]
    found, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    refs = dict(zip(types, found, strict=True))
    structs: dict[str, type] = {struct.__name__: struct for struct in FIELDS}
    for type_, ref in refs.items():
        origin: Any = get_origin(type_)
        if origin is Envelope:  # msgspec calls it Envelope_TaskView_: no name for a class of a client
            name = f"{get_args(type_)[0].__name__}Answer"
            schema = schemas.pop(ref["$ref"].rpartition("/")[2])
            schemas[name] = schema | {"title": name, "required": list(schema["properties"])}
            ref["$ref"], structs[name] = f"#/components/schemas/{name}", Envelope
    schemas["Status"]["enum"] = [status.value for status in Status if status is not Status.NEW]
    return {name: _described(schema, structs.get(name)) for name, schema in sorted(schemas.items())}, refs


def _described(schema: Schema, struct: type[msgspec.Struct] | None) -> Schema:
    if struct is None:  # an enumeration
        return {"type": "string", **schema}
    texts = {name: text for base in reversed(struct.__mro__) for name, text in FIELDS.get(base, {}).items()}
    properties: Schema = {}
    own = struct.__annotations__
    for field in sorted(
        msgspec.structs.fields(struct),
        key=lambda field: (field.encode_name not in schema["required"], field.name not in own),
    ):
        name = field.encode_name
        made: Schema = schema["properties"][name]
        if struct is Envelope and not field.required:
            made = {"type": "string", "const": made["default"]}
        elif not field.required:
            made = _without_null(made)
        if "enum" in made or datetime in (field.type, *get_args(field.type)):
            made = {"type": "string", **made} if "enum" in made else made | {"format": "date-time"}
        if name in texts:
            says, example = texts[name]
            made = made | {"description": says} | ({} if example is None else {"examples": [example]})
        if "description" in made:
            made = made | {"description": _sentence(made["description"])}
        properties[name] = made
    return schema | {"properties": properties}


def _without_null(schema: Schema) -> Schema:
    """The schema of a field that may be left out, without the null that stands for that: in answers it never occurs."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    return options[0] if len(options) == 1 else schema


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


# --- Files: ours are made here, the others are those of the package, each read once ---

_SWAGGER: Final = """
SwaggerUIBundle({
  url: new URL("openapi.json", location.href).href, dom_id: "#page", deepLinking: true, validatorUrl: null,
  tryItOutEnabled: true, displayRequestDuration: true, defaultModelExpandDepth: 3, defaultModelsExpandDepth: 0,
});
"""
_REDOC: Final = """
Redoc.init(new URL("openapi.json", location.href).href, {
  expandResponses: "200", jsonSamplesExpandLevel: 4, schemasExpansionLevel: 2, showObjectSchemaExamples: true,
  theme: {
    colors: {primary: {main: "#4f46e5"}},
    typography: {fontFamily: "system-ui, sans-serif", headings: {fontFamily: "system-ui, sans-serif"}},
  },
}, document.getElementById("page"));
"""
_ICON: Final = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 3" shape-rendering="crispEdges">
<path fill="#4f46e5" d="M0 0h2v1h1v1H1v1H0z"/><path fill="#f59e0b" d="M2 0h1v1H2z"/></svg>"""
_PACKAGE: Final = "drf_spectacular_sidecar"
_FROM_PACKAGE: Final = {
    "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "redoc.standalone.js": "redoc/bundles/redoc.standalone.js",
}
_OURS: Final = {"swagger.js": _SWAGGER, "redoc.js": _REDOC, "icon.svg": _ICON}
_TYPES: Final = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


class File(NamedTuple):
    """Something to send, packed once."""

    body: bytes
    packed: bytes
    media_type: str
    etag: str


def _file(body: bytes, media_type: str) -> File:
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return File(body, gzip.compress(body, mtime=0), media_type, etag)


@cache
def _asset(name: str) -> File | None:
    """A script, a style or a picture of the pages. Only the names above are files."""
    if name in _OURS:
        body = _OURS[name].strip().encode()
    elif name in _FROM_PACKAGE:
        body = (_package() / "static" / _PACKAGE / _FROM_PACKAGE[name]).read_bytes()
        # ReDoc's picture of its maker would come from their server.
        body = body.replace(b"https://cdn.redoc.ly/redoc/logo-mini.svg", _address("icon.svg").encode())
    else:
        return None
    return _file(body, _TYPES[name.rpartition(".")[2]])


def _package() -> Path:
    """The folder of the package, found without importing it: it would want Django."""
    spec = find_spec(_PACKAGE)
    assert spec is not None and spec.origin is not None  # noqa: S101, PT018 - a dependency
    return Path(spec.origin).parent


_EDITION: Final = hashlib.sha256((version(_PACKAGE) + _SWAGGER + _REDOC + _ICON).encode()).hexdigest()[:12]


def _address(name: str) -> str:
    """Where a file is, seen from a page: a proxy may have both below a path. Another edition has another address, so a
    browser may keep this one for ever."""
    return f"docs/assets/{name}?v={_EDITION}"


# --- The pages ---


def _page(title: str, scripts: list[str], styles: list[str]) -> File:
    head = [f'<link rel="stylesheet" href="{_address(name)}">' for name in styles]
    body = [f'<script src="{_address(name)}"></script>' for name in scripts]
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{_address("icon.svg")}">
{"".join(head)}
<style>body {{ margin: 0 }}</style>
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript. The description itself is at <a href="openapi.json">openapi.json</a>.</noscript>
{"".join(body)}
</body>
</html>
"""
    return _file(html.encode(), "text/html")


@cache
def described(public_url: str | None) -> File:
    """The document of a Pixel at that address."""
    return _file(msgspec.json.encode(document(public_url)), "application/json")


_SWAGGER_PAGE: Final = _page("Pixel API", ["swagger-ui-bundle.js", "swagger.js"], ["swagger-ui.css"])
_REDOC_PAGE: Final = _page("Pixel API reference", ["redoc.standalone.js", "redoc.js"], [])
# Both write styles into the page; ReDoc searches in a worker made of a blob; what "Try it out" got is shown as a blob.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE_HEADERS: Final = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}


def _sent(
    request: AnyRequest, file: File, cache_control: str, headers: dict[str, str] | None = None
) -> Response[bytes]:
    said = {"ETag": file.etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    said |= {"X-Content-Type-Options": "nosniff", **(headers or {})}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=said)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.media_type, headers=said | {"Content-Encoding": "gzip"})
    return Response(file.body, media_type=file.media_type, headers=said)


@get("/openapi.json")
async def get_document(request: AnyRequest) -> Response[bytes]:
    """The OpenAPI document."""
    return _sent(request, request.app.state.document, "no-cache")


@get("/docs")
async def get_swagger(request: AnyRequest) -> Response[bytes]:
    """Swagger UI: read and try."""
    return _sent(request, _SWAGGER_PAGE, "no-cache", _PAGE_HEADERS)


@get("/redoc")
async def get_redoc(request: AnyRequest) -> Response[bytes]:
    """ReDoc: read."""
    return _sent(request, _REDOC_PAGE, "no-cache", _PAGE_HEADERS)


@get("/docs/assets/{name:str}", sync_to_thread=True)
def get_docs_asset(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """A script or a style of the pages. In a thread, because the first time it is read from disk and packed."""
    file = _asset(name)
    if file is None:
        raise NotFoundException(f"There is nothing at {request.url.path}")
    return _sent(request, file, "public, max-age=31536000, immutable")


route_handlers = [get_document, get_swagger, get_redoc, get_docs_asset]
