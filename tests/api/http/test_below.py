"""Laws of PIXEL_PUBLIC_URL with a path: behind any proxy, callers find everything below that path."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from services.state import Pixel
from tests.api.simulated_provider import seen_by
from tests.api.task_client import SMALL, is_failure
from tests.samples import sample

HOST = "https://pixel.example"
PATHS = ["/studio", "/studio/pixel/", "/api/v1", "/docs", "/a%20b/%C3%BC"]
PNG = sample("image/png")
OPENS = r"url: new URL\(\"(.+?)\"|Redoc.init\(new URL\(\"(.+?)\""


class Proxy(httpx.AsyncBaseTransport):
    """Requests below the path go to Pixel, with the path or without it; all others do not."""

    def __init__(self, inner: httpx.AsyncClient, path: bytes, *, strips: bool) -> None:
        self._inner = inner
        self._path = path
        self._strips = strips

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raw = request.url.raw_path
        if not raw.startswith(self._path + b"/"):
            return httpx.Response(404, text="not Pixel's")
        if self._strips:
            raw = raw.removeprefix(self._path)
        url = httpx.URL("http://localhost:8000").copy_with(raw_path=raw)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        answer = await self._inner.request(request.method, url, headers=headers, content=await request.aread())
        headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"content-encoding"]
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)


@pytest.fixture(params=PATHS)
def base(request: pytest.FixtureRequest) -> str:
    """The value of PIXEL_PUBLIC_URL."""
    return f"{HOST}{request.param}"


@pytest.fixture(params=["strips", "leaves"])
async def outside(pixel: Pixel, base: str, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """A caller in front of a proxy that strips the path, and of one that leaves it."""
    async with seen_by(pixel, "127.0.0.1", public_url=base) as inner:
        proxy = Proxy(inner, httpx.URL(base.rstrip("/")).raw_path, strips=request.param == "strips")
        async with httpx.AsyncClient(transport=proxy) as client:
            yield client


def at(base: str, path: str) -> str:
    """An address below the base."""
    return base.rstrip("/") + path


async def test_what_pixel_answers_leads_back_to_it(outside: httpx.AsyncClient, base: str) -> None:
    """An uploaded asset is found by its `url` and by its Location, and its own address is no stranger's in a request;
    the task is found by its Location, and its output by its `url`."""
    answer = await outside.post(at(base, "/api/v1/assets"), files={"file": ("a.png", PNG, "image/png")})
    assert answer.status_code == 200, answer.text
    asset = answer.json()["data"]
    for address in (asset["url"], urljoin(str(answer.url), answer.headers["location"])):
        assert (await outside.get(address)).content == PNG
        assert (await outside.head(address)).headers["content-length"] == str(len(PNG))
        wish = SMALL | {"imageInputs": [address]}
        wished = await outside.post(at(base, "/api/v1/generations/image"), json=wish)
        assert wished.status_code == 200, wished.text
    place = urljoin(str(wished.url), wished.headers["location"])
    task = (await outside.get(place, headers={"Prefer": "wait=30"})).json()["data"]
    assert task["id"] == wished.json()["data"]["task_id"]
    assert (await outside.get(task["result"]["images"][0]["url"])).headers["content-type"] == "image/png"


async def test_a_missing_asset_of_ours_is_reported_as_missing(outside: httpx.AsyncClient, base: str) -> None:
    """It is reported as missing, not as an unreachable address."""
    gone = at(base, f"/api/v1/assets/asset_{'0' * 64}.png")
    for address in (gone, urlsplit(gone).path):
        wish = SMALL | {"imageInputs": [address]}
        refused = await outside.post(at(base, "/api/v1/generations/image"), json=wish)
        assert "there is no asset" in is_failure(refused, 400)


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_and_its_parts_are_below_it(outside: httpx.AsyncClient, base: str, page: str) -> None:
    """Every address in a page, and the document that its script opens, as a browser resolves them."""
    answer = await outside.get(at(base, page))
    assert answer.status_code == 200
    links = [urljoin(str(answer.url), link) for link in re.findall(r'(?:src|href)="([^"]+)"', answer.text)]
    assert len(links) >= 4
    opened: list[str] = []
    for link in links:
        part = await outside.get(link)
        assert part.status_code == 200
        opened += ["".join(found) for found in re.findall(OPENS, part.text) if urlsplit(link).path.endswith(".js")]
    assert [(await outside.get(urljoin(str(answer.url), link))).json()["openapi"] for link in opened] == ["3.1.0"]


async def test_the_servers_of_the_document_have_the_api(outside: httpx.AsyncClient, base: str) -> None:
    """Each server in it, resolved against the document's own address, has the API."""
    document = await outside.get(at(base, "/openapi.json"))
    servers = [urljoin(str(document.url), server["url"]) for server in document.json()["servers"]]
    assert at(base, "") in servers
    for server in servers:
        answer = await outside.get(server + "/api/v1/models")
        assert "sandbox/image" in answer.json()["data"]["image"]


@pytest.mark.parametrize(
    "path", ["/health/live", "/health/ready", "/metrics", "/api/v1/tasks", "/v1/models/sandbox%2Fimage"]
)
async def test_other_routes_work_too(outside: httpx.AsyncClient, base: str, path: str) -> None:
    """Health, numbers, lists."""
    assert (await outside.get(at(base, path))).status_code == 200


async def test_below_it_a_path_has_one_name_as_well(pixel: Pixel) -> None:
    """The path without its prefix is a path of Pixel, and no way around a proxy's rule for one."""
    async with seen_by(pixel, "127.0.0.1", public_url=f"{HOST}/pixel") as inner:
        for raw in ("/{}//api/v1/models", "/pix%65l/api/v1/models", "/{}/api/v1/models/", "/{}/{}/api/v1/models"):
            url = httpx.URL("http://localhost").copy_with(raw_path=raw.replace("{}", "pixel").encode())
            is_failure(await inner.get(url), 404)


async def test_without_a_path_locations_and_servers_are_as_they_were(client: httpx.AsyncClient) -> None:
    """Unset, a Location is a path, and the server that has the document has the API."""
    assert (await client.get("/openapi.json")).json()["servers"] == [
        {"url": "/", "description": "Where this document is"}
    ]
    answer = await client.post("/api/v1/generations/image", json=SMALL)
    assert answer.headers["location"] == f"/api/v1/tasks/{answer.json()['data']['task_id']}"
