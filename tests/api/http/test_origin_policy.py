"""Laws of the origin policy: which hosts, pages and paths are allowed, on every route."""

import itertools
import json
import re
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from api.openapi.operation import Operation
from api.openapi.operations import OPERATIONS
from services.state import Pixel
from tests.api.conftest import running
from tests.api.simulated_provider import seen_by
from tests.api.task_client import SMALL, is_failure
from tests.postgres import fresh_database

EVIL = "https://evil.example"
UNSAFE = [operation for operation in OPERATIONS if operation.method == "post"]
PAGES = ["/docs", "/redoc", "/openapi.json", "/docs/assets/icon.svg"]
NAMES = {"task_id": "task_01jz0000000000000000000000", "call_id": "task_01jz0000000000000000000000.1"}
# What browsers send without asking: a body of no type (a typeless Blob, a Uint8Array, sendBeacon), a form, plain text.
TYPES = [{}, {"Content-Type": "text/plain;charset=UTF-8"}, {"Content-Type": "application/x-www-form-urlencoded"}]


@pytest.fixture(scope="module")
async def local(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel as it is when nothing is set: it listens on this machine."""
    folder = tmp_path_factory.mktemp("pixel")
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, folder, host="127.0.0.1") as (pixel, client),
    ):
        client.base_url = httpx.URL("http://localhost:8000")
        yield pixel, client


def path_of(operation: Operation) -> str:
    """A path of the operation, with something for each parameter."""
    path = re.sub(r"{(\w+)}", lambda match: NAMES.get(match[1], "x"), operation.path)
    return f"{path}?after=x" if operation.id == "followEvents" else path  # else it has no end


def every(operations: list[Operation]) -> pytest.MarkDecorator:
    """A test for each of them."""
    return pytest.mark.parametrize("operation", operations, ids=[operation.id for operation in operations])


# --- The page ---


FOREIGN = [
    {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Origin": EVIL},  # over plain HTTP to another machine, a browser sends no more
    {"Origin": "null"},  # a sandboxed frame
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost:4000", "Sec-Fetch-Site": "same-site"},  # another port of this machine
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:3000.evil.example"},
    {"Origin": ""},
]


@every(UNSAFE)
async def test_a_foreign_page_does_nothing(local: tuple[Pixel, httpx.AsyncClient], operation: Operation) -> None:
    """Whatever a foreign page makes a browser send, to whichever route, of whatever type: 403, nothing stored."""
    pixel, client = local
    before = await pixel.log.head()
    for typed, said in itertools.product(TYPES, FOREIGN):
        answer = await client.post(path_of(operation), content=json.dumps(SMALL).encode(), headers=typed | said)
        assert "PIXEL_CORS_ORIGINS" in is_failure(answer, 403), (typed, said)
    assert await pixel.log.head() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PURGE"])
async def test_no_other_method_is_a_way_in(local: tuple[Pixel, httpx.AsyncClient], method: str) -> None:
    """A method that is not known to be safe is refused."""
    answer = await local[1].request(method, "/api/v1/generations/image", headers={"Origin": EVIL})
    is_failure(answer, 403)


@pytest.mark.parametrize("typed", [*TYPES[:2], {"Content-Type": "application/json"}], ids=str)
@pytest.mark.parametrize(
    "said",
    [
        {},  # a program, a server, a provider that calls back
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"},  # its own pages
        {"Origin": "http://localhost:8000"},
        {"Origin": "HTTP://LOCALHOST:8000"},
        {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},  # a frontend that is allowed
        {"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},  # the person, and no page
    ],
    ids=str,
)
async def test_allowed_callers_get_in(
    local: tuple[Pixel, httpx.AsyncClient], typed: dict[str, str], said: dict[str, str]
) -> None:
    """Pixel's own pages, the allowed frontends, and clients that are no page."""
    answer = await local[1].post("/api/v1/generations/image", content=json.dumps(SMALL).encode(), headers=typed | said)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "host", "origin", "status"),
    [
        ({"cors_origins": "*"}, "localhost", EVIL, 200),
        ({"cors_origins": ""}, "localhost", "http://localhost:3000", 403),
        ({"cors_origins": "https://studio.example.com"}, "localhost", "https://studio.example.com", 200),
        ({"cors_origins": "https://studio.example.com"}, "localhost", "https://studioXexample.com", 403),
        ({"cors_origins": "https://studio.example.com"}, "localhost", "https://studio.example.com.evil.example", 403),
        ({"cors_origins": "https://a.example,https://b.example"}, "localhost", "https://a.example|https://b", 403),
        ({"cors_origins": "https://a.example,https://b.example"}, "localhost", "https://b.example", 200),
        ({"cors_origins": "https://*.example.com"}, "localhost", "https://a.studio.example.com", 200),
        ({"cors_origins": "https://*.example.com"}, "localhost", "https://a.exampleXcom", 403),
        ({"cors_origins": "https://*.example.com"}, "localhost", "https://evil.example/a.example.com", 403),
        ({"cors_origins": "https://*.example.com"}, "localhost", "https://evil.example:1.example.com", 403),
        ({"cors_origins": "http://[::1]:3000"}, "localhost", "http://[::1]:3000", 200),
        # A proxy that ends TLS, under a name of its own for Pixel behind it:
        ({"public_url": "https://pixel.example/below"}, "localhost:8000", "https://pixel.example", 200),
        ({"public_url": "https://pixel.example"}, "localhost:8000", "https://pixel.example:443", 200),
        ({"public_url": "https://pixel.example:8443"}, "localhost:8000", "https://pixel.example:8443", 200),
        ({"public_url": "https://pixel.example:8443"}, "localhost:8000", "https://pixel.example", 403),
        ({"public_url": "https://pixel.example"}, "localhost:8000", EVIL, 403),
    ],
)
async def test_settings_say_which_pages(
    local: tuple[Pixel, httpx.AsyncClient], changes: dict[str, Any], host: str, origin: str, status: int
) -> None:
    """PIXEL_CORS_ORIGINS, and the address that PIXEL_PUBLIC_URL gives to Pixel's own pages."""
    async with seen_by(local[0], "127.0.0.1", **changes) as client:
        headers = {"Host": host, "Origin": origin}
        assert (await client.post("/api/v1/generations/image", json=SMALL, headers=headers)).status_code == status
        if "cors_origins" in changes:  # an origin that may not send may not read
            allowed = (await client.get("/api/v1/models", headers=headers)).headers.get("access-control-allow-origin")
            assert (allowed in {"*", origin}) == (status == 200)
            asked = headers | {"Access-Control-Request-Method": "POST"}
            before = await client.options("/api/v1/generations/image", headers=asked)
            assert (before.headers.get("access-control-allow-origin") in {"*", origin}) == (status == 200)


async def test_a_page_may_look(local: tuple[Pixel, httpx.AsyncClient]) -> None:
    """GET, HEAD and the question before a request do nothing; whether a page may read the answer is CORS's affair."""
    answer = await local[1].get("/api/v1/models", headers={"Origin": EVIL, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


# --- The host ---


@every([*OPERATIONS])
async def test_a_name_that_leads_here_is_not_ours(local: tuple[Pixel, httpx.AsyncClient], operation: Operation) -> None:
    """DNS rebinding: bound to this machine, no route answers to a foreign name; the error has the way out."""
    answer = await local[1].request(
        operation.method, path_of(operation), headers={"Host": "rebind.evil.example:8000"}, content=b"{}"
    )
    assert answer.status_code == 403
    if operation.method != "head":
        message = is_failure(answer, 403)
        assert "'rebind.evil.example'" in message
        assert "PIXEL_PUBLIC_URL" in message


@pytest.mark.parametrize("path", [*PAGES, "/nothing"])
async def test_no_page_answers_to_it(local: tuple[Pixel, httpx.AsyncClient], path: str) -> None:
    """Neither do the pages, nor unknown paths."""
    is_failure(await local[1].get(path, headers={"Host": "rebind.evil.example"}), 403)


@pytest.mark.parametrize(
    ("changes", "host", "status"),
    [
        ({}, "localhost", 200),
        ({}, "LOCALHOST:8000", 200),
        ({}, "127.0.0.1:8000", 200),
        ({}, "127.1.2.3", 200),
        ({}, "[::1]:8000", 200),
        ({}, "[::ffff:127.0.0.1]", 200),
        ({}, "localhost.evil.example", 403),
        ({}, "127.0.0.1.evil.example", 403),
        ({}, "0.0.0.0", 403),
        ({}, "10.0.0.1", 403),
        ({}, "[::2]", 403),
        ({}, "pixel.example", 403),
        ({"public_url": "https://Pixel.Example:8443/below"}, "pixel.example", 200),
        ({"public_url": "https://pixel.example"}, "other.example", 403),
        ({"host": "::1"}, "pixel.example", 403),
        ({"host": "localhost"}, "pixel.example", 403),
        ({"host": "0.0.0.0"}, "pixel.example", 200),
        ({"host": "::"}, "pixel.example", 200),
        ({"host": "192.168.1.5"}, "pixel.example", 200),
        ({}, "", 400),
        ({}, "local host", 400),
        ({}, "evil@localhost", 400),
        ({}, "localhost:port", 400),
        ({}, 'localhost"', 400),
    ],
)
async def test_which_names_are_ours(
    local: tuple[Pixel, httpx.AsyncClient], changes: dict[str, Any], host: str, status: int
) -> None:
    """Bound to this machine: its own names, and that of PIXEL_PUBLIC_URL. Bound to more: every name, if it is one."""
    async with seen_by(local[0], "127.0.0.1", **changes) as client:
        assert (await client.get("/health/live", headers={"Host": host})).status_code == status


async def test_two_hosts_are_none(local: tuple[Pixel, httpx.AsyncClient]) -> None:
    """A proxy may have looked at the other one."""
    headers = [("Host", "localhost"), ("Host", "localhost")]
    assert "Host" in is_failure(await local[1].get("/health/live", headers=headers), 400)


# --- The path ---


@pytest.mark.parametrize(
    "path",
    [
        "//api/v1/models",
        "/api//v1/models",
        "/api/v1/models/",
        "/api/v1/models//",
        "/api/v1%2fmodels",
        "/api/v1%2Fmodels",
        "/api/v1/%6dodels",
        "/api/v1/model%73",
        "/api/v1/admin/calls/",
        "/%61pi/v1/admin/calls",
        "//health/ready",
        "/metrics/",
        "/docs/",
        "/v1%2Fmodels",
        "/v1/models/%2Fimage",
        "/v1/models/sandbox%2Fimage%2Fx",
        "/v1/videos%2Ftask_1",
    ],
)
async def test_a_route_has_one_name(local: tuple[Pixel, httpx.AsyncClient], path: str) -> None:
    """A proxy's rule for a path holds: no other way to write it leads to the same route."""
    url = httpx.URL("http://localhost:8000").copy_with(raw_path=path.encode())
    assert "There is nothing at" in is_failure(await local[1].get(url), 404)


@pytest.mark.parametrize("model", ["sandbox/image", "sandbox%2Fimage", "sandbox%2fimage"])
async def test_the_slash_in_the_id_of_a_model(local: tuple[Pixel, httpx.AsyncClient], model: str) -> None:
    """OpenAI's clients encode it, and it is the one exception."""
    url = httpx.URL("http://localhost:8000").copy_with(raw_path=f"/v1/models/{model}".encode())
    assert (await local[1].get(url)).json()["id"] == "sandbox/image"


# --- The method ---


@every([operation for operation in OPERATIONS if operation.method == "get"])
async def test_head_is_get_without_the_body(local: tuple[Pixel, httpx.AsyncClient], operation: Operation) -> None:
    """Every route that has a GET: the same status and headers, and nothing more."""
    plain = {"Accept-Encoding": "identity"}
    with_body = await local[1].get(path_of(operation), headers=plain)
    without = await local[1].head(path_of(operation), headers=plain)
    assert without.status_code == with_body.status_code
    # How far the read model is behind belongs to the moment, and not to the request.
    assert {*without.headers} - {"x-pixel-stale"} == {*with_body.headers} - {"x-pixel-stale"}
    assert without.headers["content-type"] == with_body.headers["content-type"]
    if operation.path not in {"/metrics", "/health/ready", "/api/v1/tasks"}:  # these differ at each request
        assert without.headers["content-length"] == str(len(with_body.content))
    assert without.content == b""


@pytest.mark.parametrize("path", [*PAGES, "/nothing"])
async def test_head_of_a_page(local: tuple[Pixel, httpx.AsyncClient], path: str) -> None:
    """The pages, and unknown paths."""
    with_body, without = await local[1].get(path), await local[1].head(path)
    assert (without.status_code, without.content) == (with_body.status_code, b"")


async def test_an_unsupported_method_gets_the_supported_ones(local: tuple[Pixel, httpx.AsyncClient]) -> None:
    """`Allow` has HEAD where it has GET."""
    answer = await local[1].delete("/api/v1/models")
    assert is_failure(answer, 405)
    assert {"GET", "HEAD"} <= set(answer.headers["allow"].split(", "))
    assert "HEAD" not in (await local[1].get("/api/v1/generations/image")).headers["allow"]


@pytest.mark.parametrize("path", ["/api/v1/models", "/health/live", "/nothing", "/api/v1/assets/asset_x.png"])
async def test_an_answer_varies_by_origin(local: tuple[Pixel, httpx.AsyncClient], path: str) -> None:
    """An answer without Origin is not cached for a page with one; and pages may read `Content-Range`."""
    assert "Origin" in (await local[1].get(path)).headers["vary"]
    answer = await local[1].get(path, headers={"Origin": "http://localhost:3000"})
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert {"Content-Range", "Accept-Ranges"} <= set(answer.headers["access-control-expose-headers"].split(", "))
