"""Laws of /openapi.json, /docs and /redoc: they exist, they are complete, and they need no other server."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urljoin

import httpx
import msgspec
import pytest
from litestar import Litestar

from api.http import errors
from api.http.dependencies import provide
from api.openapi.document import document
from api.routes.docs import DocsDeps, document_file, route_handlers

PAGES = {"/docs": "SwaggerUIBundle", "/redoc": "Redoc"}
EVERY_PAGE = pytest.mark.parametrize("page", PAGES)
TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        route_handlers,
        exception_handlers=errors.HANDLERS,
        openapi_config=None,
        dependencies={"deps": provide(DocsDeps(document_file(None)))},
    )
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar spells the ASGI types its own way
    async with httpx.AsyncClient(transport=transport, base_url="http://pixel") as client:
        yield client


def parts(html: str) -> list[str]:
    """Everything that a page loads or links to."""
    return re.findall(r'(?:src|href)="([^"]+)"', html)


async def test_the_document_is_served_as_it_was_made(client: httpx.AsyncClient) -> None:
    """/openapi.json is the document, in JSON."""
    answer = await client.get("/openapi.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == msgspec.json.decode(msgspec.json.encode(document()))
    assert answer.json()["openapi"].startswith("3.1")


@EVERY_PAGE
async def test_a_page_and_all_its_parts_are_served(client: httpx.AsyncClient, page: str) -> None:
    """A page is HTML, and every address in it is served here, with the right type."""
    answer = await client.get(page)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    loaded = parts(answer.text)
    assert len(loaded) >= 3
    for address in loaded:
        part = await client.get(urljoin(page, address))
        assert part.status_code == 200
        if address.startswith("docs/assets/"):
            kind = TYPES[address.partition("?")[0].rpartition(".")[2]]
            assert part.headers["Content-Type"].partition(";")[0] == kind


@EVERY_PAGE
async def test_a_page_needs_nobody_else(client: httpx.AsyncClient, page: str) -> None:
    """No page and no script of ours names another server, and a browser would not let them reach one."""
    answer = await client.get(page)
    assert "//" not in answer.text.replace("<!doctype html>", "")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "http" not in policy
    assert "*" not in policy
    (start,) = [address for address in parts(answer.text) if re.search("/(swagger|redoc).js", address)]
    script = (await client.get(urljoin(page, start))).text
    assert "//" not in script
    assert PAGES[page] in script
    assert '"openapi.json"' in script


async def test_swagger_asks_nobody_whether_the_document_is_valid(client: httpx.AsyncClient) -> None:
    """Swagger UI's badge, which would send the address of the document to its makers, is off."""
    assert "validatorUrl: null" in (await client.get("/docs/assets/swagger.js")).text


async def test_redoc_fetches_no_image_from_its_makers(client: httpx.AsyncClient) -> None:
    """The one image that ReDoc would fetch from elsewhere is ours."""
    script = (await client.get("/docs/assets/redoc.standalone.js")).text
    assert "cdn.redoc" not in script
    assert '"docs/assets/icon.svg?v=' in script


@pytest.mark.parametrize(
    "name",
    [
        "swagger-ui-bundle.js.map",
        "oauth2-redirect.html",
        "..%2Fapps.py",
        "%2e%2e",
        "",
        "x",
        "swagger-ui-dist%2FLICENSE",
    ],
)
async def test_only_the_files_of_the_pages_are_served(client: httpx.AsyncClient, name: str) -> None:
    """Other files of the package and other paths are not found, in the documented form."""
    answer = await client.get(f"/docs/assets/{name}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "404"


@pytest.mark.parametrize("address", ["/openapi.json", "/docs", "/redoc", "/docs/assets/swagger-ui.css"])
async def test_what_is_packed_is_packed_once(client: httpx.AsyncClient, address: str) -> None:
    """Clients that accept gzip get it; others get the plain bytes; `Vary` is set for caches."""
    plain = await client.get(address, headers={"Accept-Encoding": "identity"})
    packed = await client.get(address, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    assert packed.content == plain.content
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("address", ["/openapi.json", "/docs", "/redoc", "/docs/assets/swagger.js"])
async def test_what_a_browser_has_is_not_sent_again(client: httpx.AsyncClient, address: str) -> None:
    """If-None-Match with the ETag is 304; pages are revalidated each time, their parts never."""
    first = await client.get(address)
    again = await client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert ("immutable" in first.headers["Cache-Control"]) == address.startswith("/docs/assets/")
    assert first.headers["X-Content-Type-Options"] == "nosniff"
