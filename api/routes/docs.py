"""Where can people read the API? `/openapi.json`, `/docs` (Swagger UI) and `/redoc`.

All three work without internet access: the pages load scripts and styles from this server only, and their content
security policy allows no other. The scripts come from the package `drf-spectacular-sidecar`."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from api.http.dependencies import Injected
from api.http.request_reader import AnyRequest
from api.http.static_files import ASK_AGAIN, FOR_EVER, StaticFile, send_file, static_file
from api.openapi.document import document as openapi

# --- Files: some are made here, the others come from the package. Each is read once ---

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


@cache
def _asset(name: str) -> StaticFile | None:
    """A script, a style or an image of the pages; None for any other name."""
    if name in _OURS:
        body = _OURS[name].strip().encode()
    elif name in _FROM_PACKAGE:
        body = (_package() / "static" / _PACKAGE / _FROM_PACKAGE[name]).read_bytes()
        # ReDoc would load its maker's logo from their server.
        body = body.replace(b"https://cdn.redoc.ly/redoc/logo-mini.svg", _address("icon.svg").encode())
    else:
        return None
    return static_file(body, _TYPES[name.rpartition(".")[2]])


def _package() -> Path:
    """The folder of the package, found without an import: importing it needs Django."""
    spec = find_spec(_PACKAGE)
    assert spec is not None and spec.origin is not None  # noqa: S101, PT018 - a dependency
    return Path(spec.origin).parent


_CONTENT_VERSION: Final = hashlib.sha256((version(_PACKAGE) + _SWAGGER + _REDOC + _ICON).encode()).hexdigest()[:12]


def _address(name: str) -> str:
    """The URL of a file, relative to a page because a proxy may serve both below a path. It changes with the content,
    so a browser may cache it for ever."""
    return f"docs/assets/{name}?v={_CONTENT_VERSION}"


# --- The pages ---


def _page(title: str, scripts: list[str], styles: list[str]) -> StaticFile:
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
    return static_file(html.encode(), "text/html")


@cache
def document_file(public_url: str | None) -> StaticFile:
    """The OpenAPI document of a service at that address, encoded and packed once."""
    return static_file(msgspec.json.encode(openapi(public_url)), "application/json")


_SWAGGER_PAGE: Final = _page("Pixel API", ["swagger-ui-bundle.js", "swagger.js"], ["swagger-ui.css"])
_REDOC_PAGE: Final = _page("Pixel API reference", ["redoc.standalone.js", "redoc.js"], [])
# Both pages write inline styles. ReDoc searches in a worker made from a blob; "Try it out" shows answers as blobs.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE_HEADERS: Final = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}


class DocsDeps(NamedTuple):
    """What these handlers use: the document that `document_file` makes."""

    document: StaticFile


@get("/openapi.json")
async def get_document(request: AnyRequest, deps: Injected[DocsDeps]) -> Response[bytes]:
    """The OpenAPI document."""
    return send_file(request, deps.document, ASK_AGAIN)


@get("/docs")
async def get_swagger(request: AnyRequest) -> Response[bytes]:
    """Swagger UI: reading and trying out."""
    return send_file(request, _SWAGGER_PAGE, ASK_AGAIN, _PAGE_HEADERS)


@get("/redoc")
async def get_redoc(request: AnyRequest) -> Response[bytes]:
    """ReDoc: reading."""
    return send_file(request, _REDOC_PAGE, ASK_AGAIN, _PAGE_HEADERS)


@get("/docs/assets/{name:str}", sync_to_thread=True)
def get_docs_asset(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """A script or a style of the pages. Runs in a thread because the first call reads it from disk and packs it."""
    file = _asset(name)
    if file is None:
        raise NotFoundException(f"There is nothing at {request.url.path}")
    return send_file(request, file, FOR_EVER)


route_handlers = [get_document, get_swagger, get_redoc, get_docs_asset]
