"""How is the OpenAPI document made? From the table of operations and from what the structs say of their fields."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, get_args, get_origin
from urllib.parse import urlsplit

import msgspec

from api.http.auth import Access
from api.http.errors import Failure
from api.http.responses import Envelope
from api.openai.errors import SENT_AGAIN, OpenAIError, error_body, is_openai
from api.openapi import operations
from api.openapi.errors_and_parameters import (
    ERRORS,
    HEADERS,
    MEANINGS,
    OPENAI_ERRORS,
    PARAMETERS,
    WRONG_METHOD,
    Error,
)
from api.openapi.operation import Operation, ResponseSpec, Schema
from api.openapi.operations import OPERATIONS
from api.routes.access import ROUTES
from domain.api_key import Scope
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
        "tags": [{"name": name, "description": description} for name, description in operations.TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {
                name: {
                    "name": given.name or name,
                    "in": given.place,
                    "required": given.place == "path",
                    "description": _sentence(given.description),
                    "schema": given.schema | {"examples": [given.example]},
                    **({"style": "form", "explode": False} if given.schema.get("type") == "array" else {}),
                }
                for name, given in PARAMETERS.items()
            },
            "headers": {
                name: {"description": _sentence(description), "schema": {"type": "string"}, "example": example}
                for name, (description, example) in HEADERS.items()
            },
            "securitySchemes": {
                _KEY: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, `pxl_…`, that `pixel keys create` made; for administrators also the "
                    "token of `PIXEL_ADMIN_TOKEN`. While Pixel has neither, it is open on its own machine, and "
                    "nothing is needed. The names beside it are the scopes, one of which the key must have.",
                }
            },
        },
    }


def _servers(public_url: str | None) -> list[Schema]:
    """First the one that has the page, whatever it is called there: its policy lets a browser reach no other."""
    here: Schema = {"url": urlsplit(public_url or "").path.rstrip("/") or "/", "description": "Where this document is"}
    return [here, {"url": public_url.rstrip("/"), "description": "For callers"}] if public_url else [here]


_KEY: Final = "apiKey"
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
            "content": _json(refs[operation.answer], examples) | dict.fromkeys(operation.media, _NOTHING_MORE),
        }
    for status, answer in operation.others.items():
        own = headers | (_ref("headers", "Content-Range") if status == 206 else {})
        content = _content(answer, refs)
        responses[str(status)] = {"description": answer.description, "headers": own, "content": content}
    errors, failure = errors_of(operation), _failure_of(operation)
    for status in sorted({error.status for error in errors.values()}):
        responses[str(status)] = failure(status, {name: e for name, e in errors.items() if e.status == status})
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name in (*operation.parameters, "X-Request-ID")]
    made: Schema = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": parameters,
        "responses": dict(sorted(responses.items())) | {"default": failure(405, {"wrong method": WRONG_METHOD})},
    }
    scopes = access_to(operation).scopes
    if scopes is not None:
        made["security"] = [{_KEY: [scope]} for scope in Scope if scope in scopes | {Scope.ADMIN}]
    if content := _taken(operation, refs):
        made["requestBody"] = {"required": True, "content": content}
    return made


def access_to(operation: Operation) -> Access:
    """Who may use it."""
    return ROUTES[operation.method.upper(), operation.path]


def _taken(operation: Operation, refs: dict[Any, Schema]) -> Schema:
    """What may be sent, by its media type."""
    content: Schema = {}
    if operation.file:
        content["multipart/form-data"] = _form(operation.file)
    if operation.form:
        content["multipart/form-data"] = {"schema": refs[operation.form]}
    if taken := [refs[body] for body in _bodies(operation)]:
        content |= _json(taken[0] if len(taken) == 1 else {"anyOf": taken}, operation.bodies)
    return content


def _content(answer: ResponseSpec, refs: dict[Any, Schema]) -> Schema:
    if answer.struct:
        return _json(refs[answer.struct], {})
    said = {"schema": {"type": "string"}, "example": answer.text} if answer.text else _NOTHING_MORE
    return dict.fromkeys(answer.media, said)


def errors_of(operation: Operation) -> dict[str, Error]:
    """The errors of its row, those of its access, and those that every operation has."""
    access = access_to(operation)
    admin = access.scopes == frozenset({Scope.ADMIN})
    closed = ("no key", "wrong key", "missing scope") if access.scopes is not None else ()
    names = (
        *operation.errors,
        *("two keys at once", "a key in the URL"),
        *closed,
        *(("not from this machine",) if admin else ()),
        *(("foreign page",) if operation.method in {"post", "patch", "delete"} else ()),
        "foreign host",
    )
    table = OPENAI_ERRORS if is_openai(operation.path) else ERRORS
    return {name: table[name] for name in names}


def _bodies(operation: Operation) -> tuple[type[msgspec.Struct], ...]:
    body = operation.body
    return body if isinstance(body, tuple) else (body,) if body else ()


def _form(description: str) -> Schema:
    file = {"type": "string", "contentMediaType": "application/octet-stream", "description": _sentence(description)}
    return {"schema": {"type": "object", "required": ["file"], "properties": {"file": file}}}


def _failure_of(operation: Operation) -> Callable[[int, Mapping[str, Error]], Schema]:
    return _openai_failure if is_openai(operation.path) else _failure


def _failure(status: int, errors: Mapping[str, Error]) -> Schema:
    examples = {
        name: {"code": str(status), "message": error.message, "request_id": "req_123456"}
        | ({"error": "edit_conflict", "data": error.data} if error.data else {})
        for name, error in errors.items()
    }
    return {
        "description": MEANINGS[status],
        "headers": _ref("headers", "X-Request-ID", *_ALSO.get(status, ())),
        "content": _json({"$ref": "#/components/schemas/Failure"}, examples),
    }


def _openai_failure(status: int, errors: Mapping[str, Error]) -> Schema:
    examples = {
        name: msgspec.to_builtins(error_body(status, error.message, param=error.param, code=error.code))
        for name, error in errors.items()
    }
    again = ("X-Should-Retry",) if status in SENT_AGAIN or status >= 500 else ()
    return {
        "description": MEANINGS[status],
        "headers": _ref("headers", "X-Request-ID", *_ALSO.get(status, ()), *again),
        "content": _json({"$ref": "#/components/schemas/OpenAIError"}, examples),
    }


_ALSO: Final = {401: ("WWW-Authenticate",), 405: ("Allow",), 416: ("Content-Range",), 503: ("Retry-After",)}


def _json(schema: Schema, examples: Schema) -> Schema:
    named = {name: {"summary": _sentence(name), "value": value} for name, value in examples.items()}
    return {"application/json": {"schema": schema, **({"examples": named} if named else {})}}


def _ref(group: str, *names: str) -> Schema:
    return {name: {"$ref": f"#/components/{group}/{name}"} for name in names}


# --- The schemas ---


def _schemas() -> tuple[dict[str, Schema], dict[Any, Schema]]:
    """The schemas by name, and how to refer to that of a type."""
    types = public_types()
    found, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    refs = dict(zip(types, found, strict=True))
    structs = {struct.__name__: struct for type_ in types for struct in structs_of(type_)}
    for type_, ref in refs.items():
        origin: Any = get_origin(type_)
        if origin is Envelope:  # msgspec calls it Envelope_TaskView_: no name for a class of a client
            name = f"{get_args(type_)[0].__name__}Answer"
            schema = schemas.pop(ref["$ref"].rpartition("/")[2])
            schemas[name] = schema | {"title": name, "required": list(schema["properties"])}
            ref["$ref"], structs[name] = f"#/components/schemas/{name}", Envelope
    schemas["Status"]["enum"] = [status.value for status in Status if status is not Status.NEW]
    return {name: _component(schema, structs.get(name)) for name, schema in sorted(schemas.items())}, refs


def public_types() -> list[Any]:
    """The types of all bodies and answers, each once."""
    of_operations = (
        type_ for operation in OPERATIONS for type_ in (*_bodies(operation), operation.form, operation.answer)
    )
    types = [Failure, OpenAIError, *of_operations]
    return list(dict.fromkeys(type_ for type_ in types if type_))


def structs_of(type_: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs in a type, however deep: itself, its arguments, and those of its fields."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        yield type_
        for field in msgspec.structs.fields(type_):
            yield from structs_of(field.type)
    elif get_origin(type_) is Envelope:
        yield Envelope
    for part in get_args(type_):
        yield from structs_of(part)


def _component(schema: Schema, struct: type[msgspec.Struct] | None) -> Schema:
    """The schema as the document has it: required fields first, a struct's own before the inherited ones."""
    if struct is None:  # an enumeration
        return {"type": "string", **schema}
    fields = sorted(
        msgspec.structs.fields(struct),
        key=lambda field: (field.encode_name not in schema["required"], field.name not in struct.__annotations__),
    )
    properties = {field.encode_name: _property(schema["properties"][field.encode_name], field.type) for field in fields}
    if tag := struct.__struct_config__.tag_field:
        topic = {"type": "string", "const": struct.__struct_config__.tag, "description": _TAGS[tag]}
        properties = {tag: topic} | properties
    if struct is Envelope:
        for word in ("code", "message"):
            properties[word] = properties[word] | {"const": properties[word].pop("default")}
    return schema | {"properties": properties}


_TAGS: Final = {"kind": "What to make", "op": "What is done"}


def _property(schema: Schema, type_: Any) -> Schema:
    """A field without the null that stands for "left out": answers have no such null, and requests need none."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if schema.get("default", ...) is None and len(options) == 1:
        schema = options[0] | {word: value for word, value in schema.items() if word not in {"anyOf", "default"}}
    if "enum" in schema:
        return {"type": "string", **schema}
    return schema | {"format": "date-time"} if _is_time(type_) else schema


def _is_time(type_: Any) -> bool:
    return type_ is datetime or any(_is_time(part) for part in get_args(type_))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
