"""Laws of the OpenAPI document: it has every route, field and error of the service, and nothing else."""

import re
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client import CollectorRegistry

from adapters.catalogue import file
from api.app import EXPOSED, routed
from api.http.errors import Failure
from api.http.responses import Envelope
from api.openai.errors import is_openai
from api.openapi.document import document, errors_of, public_types, structs_of
from api.openapi.errors_and_parameters import ERRORS, HEADERS, OPENAI_ERRORS, PARAMETERS
from api.openapi.examples import HISTORY, KEY_TEXT, NEW_KEY, STORED_ASSET
from api.openapi.operation import Operation, Schema
from api.openapi.operations import OPERATIONS
from api.routes import docs, studio
from api.routes.access import ADMIN, ROUTES
from application.clock import now
from application.generations import AvailableModel, select_model
from application.rate_limits import LaneState
from domain.api_key import Scope
from domain.model import Model
from domain.request import REQUESTS
from domain.request_parsing import parse
from domain.task.events import TaskEvent
from services.settings import DEFAULT_CATALOG
from services.state import Pixel
from tests.api.canvas_client import CANVASES, PROJECTS, new_canvas
from tests.api.conftest import running
from tests.api.run_client import RUNS
from tests.canvas_samples import add
from tests.postgres import fresh_database
from tests.samples import png

DOCUMENT = document()
SCHEMAS: Schema = DOCUMENT["components"]["schemas"]
STRUCTS = list(
    dict.fromkeys(struct for type_ in public_types() for struct in structs_of(type_) if struct is not Envelope)
)
EVERY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.id for operation in OPERATIONS])


def described(operation: Operation) -> Schema:
    """An operation as the document describes it."""
    said: Schema = DOCUMENT["paths"][operation.path][operation.method]
    return said


def everything(part: Any) -> Iterator[Any]:
    """A part of the document and every part in it."""
    yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from everything(inner)


# --- Routes and references ---


def test_the_table_is_the_routes(pixel: Pixel) -> None:
    """Every method of every route that the service has, apart from its pages, is in the document, and no other."""
    pages = {path for handler in (*docs.route_handlers, *studio.route_handlers) for path in handler.paths}
    served = {
        (method.lower(), re.sub(r":\w+}", "}", route.path))
        for route in routed(pixel, CollectorRegistry()).routes
        for method in getattr(route, "methods", ())
        if route.path not in pages and method != "OPTIONS"
    }
    assert served == {(operation.method, operation.path) for operation in OPERATIONS}
    assert served == {(method, path) for path, item in DOCUMENT["paths"].items() for method in item}


def test_every_reference_leads_somewhere() -> None:
    """Each $ref names an existing component, and each component is referred to."""
    refs = {part["$ref"] for part in everything(DOCUMENT) if isinstance(part, dict) and "$ref" in part}
    components = {group: parts for group, parts in DOCUMENT["components"].items() if group != "securitySchemes"}
    there = {f"#/components/{group}/{name}" for group, parts in components.items() for name in parts}
    assert refs == there


def test_every_route_has_a_row_in_the_table_of_access(pixel: Pixel) -> None:
    """The table of access has every method of every route, the pages' too, and no other."""
    served = {
        (method, re.sub(r":\w+}", "}", route.path))
        for route in routed(pixel, CollectorRegistry()).routes
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }
    assert served == ROUTES.keys()
    assert {path for (_, path), row in ROUTES.items() if row == ADMIN} == {
        path for _, path in ROUTES if path.startswith("/api/v1/admin/")
    }


@EVERY_OPERATION
def test_the_document_tells_who_may_use_it(operation: Operation) -> None:
    """An operation names the scopes of which a key must have one, as the table has them, 401 and 403; one that is for
    everybody has none of it."""
    scopes = ROUTES[operation.method.upper(), operation.path].scopes
    said, responses = described(operation).get("security", []), described(operation)["responses"]
    assert {scope for way in said for scope in way["apiKey"]} == (scopes | {Scope.ADMIN} if scopes else set())
    assert all(way.keys() <= DOCUMENT["components"]["securitySchemes"].keys() for way in said)
    assert ("401" in responses) == (scopes is not None)
    if scopes is not None:
        assert "WWW-Authenticate" in responses["401"]["headers"]
        assert "missing scope" in errors_of(operation)


def test_operation_ids_are_function_names() -> None:
    """Operation ids are unique and could be the functions of a generated client."""
    ids = [operation.id for operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z]+([A-Z][a-z]+)*", name) for name in ids)


@EVERY_OPERATION
def test_the_parameters_of_a_path_are_described(operation: Operation) -> None:
    """A path has exactly the parameters in its template, and they are required."""
    of_the_path = {name for name in operation.parameters if PARAMETERS[name].place == "path"}
    assert of_the_path == set(re.findall(r"{(\w+)}", operation.path))


@EVERY_OPERATION
def test_answers_have_the_envelope_and_errors_their_form(operation: Operation) -> None:
    """JSON under /api/v1 is in the envelope; errors are failures with examples; every answer carries its request id."""
    for status, answer in described(operation)["responses"].items():
        assert answer["description"]
        assert "X-Request-ID" in answer["headers"]
        content = answer["content"].get("application/json")
        if content is not None and is_openai(operation.path) and status != "200":
            assert content["schema"]["$ref"] == "#/components/schemas/OpenAIError"
            assert content["examples"]
        if content is None or not operation.path.startswith("/api/v1"):
            continue
        schema = SCHEMAS[content["schema"]["$ref"].rpartition("/")[2]]
        if status == "200":
            assert schema["required"] == ["code", "message", "data"]
            assert schema["properties"]["code"]["const"] == "200"
        else:
            assert schema == SCHEMAS["Failure"]
            assert content["examples"]


def test_the_headers_that_a_foreign_page_may_read_are_described() -> None:
    """The document describes the headers that CORS exposes."""
    assert set(EXPOSED) <= set(HEADERS)


# --- Fields ---


def test_a_lane_without_a_limit_leaves_it_out() -> None:
    """In the document `in_flight` is an integer, so no answer has a null there."""
    assert LaneState.__struct_config__.omit_defaults
    assert SCHEMAS["LaneState"]["properties"]["in_flight"]["type"] == "integer"


def test_every_public_field_has_a_description_and_an_example() -> None:
    """Each field of each struct that goes over the wire has a description, which begins with a capital. It has an
    example, too, unless its parts have examples or its value is constant."""
    silent = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, said in schema.get("properties", {}).items()
        if not re.match("[A-Z0-9`]", said.get("description", ""))
        or not ({"examples", "const"} & set(said) or "$ref" in str(said))
    ]
    assert silent == []


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_the_example_of_a_field_is_a_value_of_the_field(struct: type[msgspec.Struct]) -> None:
    """Each example at a field can be decoded as a value of that field."""
    for field in msgspec.structs.fields(struct):
        for example in SCHEMAS[struct.__name__]["properties"][field.encode_name].get("examples", []):
            msgspec.json.decode(msgspec.json.encode(example), type=field.type)


def test_limits_are_in_the_document() -> None:
    """The document has the limits of the structs, and an optional field is not nullable there."""
    image = SCHEMAS["ImageRequest"]
    assert image["properties"]["imageInputs"]["maxItems"] == 16
    assert image["properties"]["n"] == image["properties"]["n"] | {"type": "integer", "minimum": 1}
    assert image["required"] == ["model", "prompt"]
    assert image["additionalProperties"] is False
    assert image["properties"]["negativePrompt"]["type"] == "string"
    assert SCHEMAS["TaskView"]["properties"]["finished_at"]["format"] == "date-time"


def test_the_four_words() -> None:
    """A status is one of the four words of the contract."""
    assert SCHEMAS["Status"]["enum"] == ["pending", "processing", "completed", "failed"]


# --- Examples ---


@EVERY_OPERATION
def test_an_example_is_what_would_be_sent(operation: Operation) -> None:
    """Every example of an answer equals what the service would send, to the last field."""
    answer = described(operation)["responses"]["200"]["content"].get("application/json")
    for example in (answer or {}).get("examples", {}).values():
        value = msgspec.json.decode(msgspec.json.encode(example["value"]), type=operation.answer)
        assert msgspec.json.decode(msgspec.json.encode(value)) == example["value"]


def test_the_events_of_the_example_are_events() -> None:
    """The example of a history holds events that could be stored."""
    for event in HISTORY["events"]:
        assert type(msgspec.convert(event["data"], TaskEvent)).__name__ == event["type"]


def offered() -> dict[str, AvailableModel]:
    """The models of the catalogue, all of them available."""
    catalogue = file.load(DEFAULT_CATALOG)
    return {
        entry.id: AvailableModel(
            id=entry.id,
            model=Model(revision=1, spec=entry.spec, enabled=True),
            is_sandbox=entry.id.startswith("sandbox/"),
        )
        for entry in catalogue.models
    }


@pytest.mark.parametrize("kind", REQUESTS)
def test_an_example_of_a_request_is_accepted(kind: Any) -> None:
    """Every example of a request is one that the catalogue's models accept."""
    (operation,) = [operation for operation in OPERATIONS if operation.body is REQUESTS[kind]]
    assert len(operation.bodies) == 2
    for body in operation.bodies.values():
        _, chosen = select_model(offered(), kind, parse(kind, msgspec.json.encode(body)), at=now())
        assert chosen.id == body["model"]


# --- The service, and what it serves ---


@pytest.fixture(scope="module")
async def keyless(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a Pixel without any provider's key."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel"), sandbox_stands_in_for="") as (_, client),
    ):
        yield client


async def test_the_document_is_what_the_service_serves(keyless: httpx.AsyncClient) -> None:
    """The served document has what these tests test: such as that an asset is binary, with all its answers."""
    served = (await keyless.get("/openapi.json")).json()
    assert served == msgspec.json.decode(msgspec.json.encode(DOCUMENT))
    item = served["paths"]["/api/v1/assets/{asset_id}"]
    assert {"get", "head"} <= set(item)
    assert {"200", "206", "304", "404", "416"} <= set(item["get"]["responses"])
    assert {"200", "304", "404"} <= set(item["head"]["responses"])
    binary = item["get"]["responses"]["200"]["content"]
    assert binary
    assert not any("json" in media for media in binary)


QWEN = {"prompt": "a cat", "model": "dashscope/qwen-image"}
FREE = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
IMAGE, ASSETS, BATCHES = "/api/v1/generations/image", "/api/v1/assets", "/api/v1/batches"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
TOO_LARGE = FORM | {"Content-Length": str(2**30)}
CALLS, KEYS, HERE = "/api/v1/admin/calls", "/api/v1/admin/keys", {"Host": "localhost"}
ABANDON = f"{CALLS}/task_abc123.1/abandon"
KEY_ID = "key_4t8kq2m0vz7c1xna"
EDIT_OF_NONE = {"base": 1, "edit": "e", "session": "s", "label": "", "ops": [{"op": "node.remove", "id": "node_2"}]}
NOTE = add("note", "note")
HAPPENS: dict[str, dict[str, Any]] = {
    "malformed model id": {"url": IMAGE, "json": QWEN | {"model": "qwen-image"}},
    "several problems": {"url": IMAGE, "json": {"model": "dashscope/qwen-image", "aspectRatio": "7:3", "n": 9}},
    "the old provider field": {"url": IMAGE, "json": QWEN | {"model": "qwen-image", "provider": "dashscope"}},
    "model of another type": {"url": IMAGE, "json": QWEN | {"model": "dashscope/qwen-plus"}},
    "not an object": {"url": IMAGE, "json": ["a cat"]},
    "no file": {"url": ASSETS, "content": b"--x--\r\n", "headers": FORM, "method": "POST"},
    "broken file": {"url": ASSETS, "files": {"file": b"\x89PNG\r\n\x1a\n"}, "method": "POST"},
    "private address": {"url": ASSETS, "json": {"url": "http://127.0.0.1/cat.png"}, "method": "POST"},
    "no such input": {"url": IMAGE, "json": FREE | {"imageInputs": [STORED_ASSET["id"]]}},
    "hostile input": {"url": IMAGE, "json": FREE | {"imageInputs": ["http://10.0.0.1/cat.png"]}},
    "impossible variant": {"url": "{asset}?variant=waveform&width=100"},
    "foreign page": {
        "url": ASSETS,
        "files": {"file": b"GIF89a"},
        "headers": {"Origin": "https://evil"},
        "method": "POST",
    },
    "file too large": {"url": ASSETS, "content": b"", "headers": TOO_LARGE, "method": "POST"},
    "not media": {"url": ASSETS, "files": {"file": b"a cat"}, "method": "POST"},
    "no requests": {"url": BATCHES, "json": {"requests": []}, "method": "POST"},
    "several bad items": {
        "url": BATCHES,
        "json": {
            "requests": [
                {"kind": "image", "model": "sandbox/image"},
                {"kind": "image", "prompt": "a cat", "model": "invalid/model"},
            ]
        },
        "method": "POST",
    },
    "malformed key": {"url": IMAGE, "json": FREE, "headers": {"Idempotency-Key": ""}},
    "wrong state": {"url": f"{CALLS}?state=unsure", "headers": HERE},
    "nobody answers for it": {"url": ABANDON, "json": {"by": " "}, "headers": HERE, "method": "POST"},
    "not from this machine": {"url": CALLS},
    "wrong key": {"url": "/api/v1/models", "headers": {"Authorization": f"Bearer {KEY_TEXT}"}},
    "two keys at once": {"url": "/api/v1/models", "headers": [("Authorization", "Bearer a")] * 2},
    "a key in the URL": {"url": f"/api/v1/models?key={KEY_TEXT}"},
    "limits of an administrator": {
        "url": KEYS,
        "json": NEW_KEY | {"scopes": ["admin"]},
        "headers": HERE,
        "method": "POST",
    },
    "nothing to change": {"url": f"{KEYS}/{KEY_ID}/change", "json": {}, "headers": HERE, "method": "POST"},
    "unknown key": {"url": f"{KEYS}/{KEY_ID}", "headers": HERE},
    "unknown call": {"url": ABANDON, "json": {"by": "anna"}, "headers": HERE, "method": "POST"},
    "no such callback": {"url": "/api/v1/callbacks/dashscope/task_abc123.1/9f86d0", "method": "POST"},
    "nothing to fetch": {"url": "/api/v1/tasks/{task}/refetch", "method": "POST"},
    "wrong limit": {"url": "/api/v1/tasks?limit=1000"},
    "unknown condition": {"url": f"{ASSETS}?origin=brought"},
    "wrong types": {"url": "/api/v1/events?types=asset"},
    "beyond the log": {"url": "/api/v1/events?after=999999999"},
    "wrong page": {"url": "/api/v1/tasks/{task}/history?limit=1000"},
    "wrong time": {"url": "/api/v1/tasks/{task}?at=yesterday"},
    "unknown model": {"url": IMAGE, "json": QWEN | {"model": "invalid/model"}},
    "unknown task": {"url": "/api/v1/tasks/task_abc123"},
    "unknown batch": {"url": f"{BATCHES}/batch_abc123"},
    "unknown asset": {"url": "/api/v1/assets/asset_1.png"},
    "wrong method": {"url": "/api/v1/tasks", "method": "DELETE"},
    "too large": {"url": IMAGE, "content": b" " * (2 * 1024 * 1024), "headers": {"Content-Type": "application/json"}},
    "not JSON": {"url": IMAGE, "content": b"a,cat", "headers": {"Content-Type": "text/csv"}},
    "reused key": {"url": IMAGE, "json": FREE | {"n": 2}, "headers": {"Idempotency-Key": "order-17"}},
    "no key for the provider": {"url": IMAGE, "json": QWEN},
    "webhook of nobody": {"url": IMAGE, "json": FREE | {"webhook": "https://app.example/hooks"}},
    "wrong limit of a page": {"url": f"{CANVASES}?limit=1000"},
    "wrong name": {"url": PROJECTS, "json": {"name": " "}, "method": "POST"},
    "wrong version": {"url": "{canvas}?version=0"},
    "wrong operation": {"url": "{canvas}/edits", "json": EDIT_OF_NONE, "method": "POST"},
    "other version": {"url": "{canvas}", "json": {"name": "x"}, "headers": {"If-Match": '"812"'}, "method": "PATCH"},
    "unknown project": {"url": f"{PROJECTS}/project_abc123"},
    "unknown run": {"url": f"{RUNS}/run_abc123"},
    "nothing to make": {"url": "{noted}/runs", "json": {"nodes": ["note"], "mode": "all"}, "method": "POST"},
    "unknown canvas": {"url": f"{CANVASES}/canvas_abc123"},
    "unknown webhook": {"url": "/api/v1/webhooks/webhook_abc123"},
    "no secret for webhooks": {
        "url": "/api/v1/webhooks",
        "json": {"url": "https://app.example/hooks"},
        "method": "POST",
    },
}
NEEDS_AN_ACCIDENT = {
    *("retired model", "gone model", "behind the end", "nothing there"),
    *("webhook without TLS", "nothing to redeliver"),  # need PIXEL_WEBHOOK_SECRET: see test_webhooks
    *("known outcome", "nothing is attached"),  # need a call in doubt: see test_admin
    *("off in the catalogue", "off as a default", "broken catalogue"),  # need another catalogue: see test_catalogue
    *("archived project", "archived canvas", "edit conflict", "base too old"),  # see test_canvases, test_canvas_edits
    *("more than it may cost", "unknown step", "run ended", "step not open"),  # need a run: see test_runs
    "key of other projects",  # see test_canvas_owners
    *("no key", "missing scope", "revoked key"),  # need a key, which closes Pixel: see test_access
    "expired address",  # needs a closed Pixel: see test_signed_addresses
    "foreign host",  # needs a Pixel that listens on this machine only: see test_origin_policy
    "over the budget",  # needs budgets: see test_budgets
    "too many files",  # needs many at once: see test_uploads
    "too many lists",  # needs slow ones: see test_slow_lists
    "too many streams",  # needs many: see test_events
    *("unforeseen", "store away", "too busy", "database away"),
}


def test_every_error_is_made_to_happen_or_needs_an_accident() -> None:
    """Each example of an error is checked or has a reason, and belongs to some operation."""
    assert set(HAPPENS) | NEEDS_AN_ACCIDENT == set(ERRORS)
    own = {name for each in OPERATIONS if not is_openai(each.path) for name in errors_of(each)} | {"wrong method"}
    assert own == set(ERRORS)
    assert {name for each in OPERATIONS if is_openai(each.path) for name in errors_of(each)} == set(OPENAI_ERRORS)


@pytest.mark.parametrize("name", HAPPENS)
async def test_an_error_has_the_text_of_the_document(keyless: httpx.AsyncClient, name: str) -> None:
    """The text of an error in the document is, word for word, what the service answers."""
    first = await keyless.post(IMAGE, json=FREE, headers={"Idempotency-Key": "order-17"})
    stored = await keyless.post(ASSETS, files={"file": png()})
    ids = {
        "task": first.json()["data"]["task_id"],
        "asset": f"{ASSETS}/{stored.json()['data']['id']}",
        "canvas": f"{CANVASES}/{await new_canvas(keyless)}",
        "noted": f"{CANVASES}/{await new_canvas(keyless, NOTE)}",
    }
    given = HAPPENS[name] | {"url": HAPPENS[name]["url"].format(**ids)}
    method = given.pop("method", "POST" if given["url"] == IMAGE else "GET")
    answer = await keyless.request(method, **given)
    failure = msgspec.json.decode(answer.content, type=Failure)
    assert (failure.code, failure.message) == (str(ERRORS[name].status), ERRORS[name].message)
    assert answer.status_code == ERRORS[name].status
    assert "Retry-After" not in answer.headers


async def test_the_conditions_of_a_list_are_all_described(keyless: httpx.AsyncClient) -> None:
    """GET /tasks knows exactly the parameters that the document has."""
    answer = await keyless.get("/api/v1/tasks?nobody=knows")
    (operation,) = [operation for operation in OPERATIONS if operation.id == "listTasks"]
    known = answer.json()["message"].partition("Known: ")[2].split(", ")
    assert set(known) == set(operation.parameters)


def test_the_two_documented_sentences() -> None:
    """The document contains the two error texts of the contract word for word."""
    said = [part for part in everything(DOCUMENT) if isinstance(part, str)]
    assert "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'" in said
    assert "Model 'invalid/model' not found. Available models can be fetched from /api/v1/models" in said
