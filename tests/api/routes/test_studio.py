"""Laws of `/studio/`: what the build left is served, under a policy that allows its own scripts only."""

import base64
import hashlib
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from api.http import errors
from api.http.dependencies import provide
from api.http.studio_files import StudioFiles
from api.routes.studio import BUILT_FOR_ELSEWHERE, NOT_BUILT, StudioDeps, route_handlers
from tests.api.conftest import running
from tests.api.task_client import is_failure

SCRIPT = "self.__next_f.push([1])"
PAGE = """<!DOCTYPE html><html><head><script src="{path}/studio/_next/static/chunks/a.js" async=""></script>
<script>{script}</script></head><body><script id="_R_">start()</script></body></html>"""
FILES = {
    "index.html": PAGE,
    "canvas/index.html": PAGE.replace("{script}", "canvas()"),
    "404.html": PAGE.replace("{script}", "missing()"),
    "canvas/index.txt": "1:data",
    "canvas/__next._tree.txt": "0:tree",
    "_next/static/chunks/a.js": "console.log(1)",
    "_next/static/media/face.woff2": "wOF2",
    "_next/static/chunks/a.css": "a{b:c}",
    "icon.svg": "<svg/>",
}
TYPES = {
    "/studio/": "text/html; charset=utf-8",
    "/studio/canvas/": "text/html; charset=utf-8",
    "/studio/canvas": "text/html; charset=utf-8",
    "/studio/canvas/?id=canvas_1": "text/html; charset=utf-8",
    "/studio/canvas/index.txt": "text/plain; charset=utf-8",
    "/studio/canvas/__next._tree.txt?_rsc=1": "text/plain; charset=utf-8",
    "/studio/_next/static/chunks/a.js": "text/javascript; charset=utf-8",
    "/studio/_next/static/chunks/a.css": "text/css; charset=utf-8",
    "/studio/_next/static/media/face.woff2": "font/woff2",
    "/studio/icon.svg": "image/svg+xml",
}
EVERY_FILE = pytest.mark.parametrize("address", TYPES)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def build(folder: Path, files: Mapping[str, str] = FILES, *, path: str = "") -> Path:
    """What `make studio` would leave, made small."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("{path}", path).replace("{script}", SCRIPT))
    return folder


@asynccontextmanager
async def serving(folder: Path, *, public_path: str = "") -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the pages alone."""
    app = Litestar(
        route_handlers,
        exception_handlers=errors.HANDLERS,
        openapi_config=None,
        dependencies={"deps": provide(StudioDeps(StudioFiles(folder), public_path))},
    )
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar spells the ASGI types its own way
    async with httpx.AsyncClient(transport=transport, base_url="http://pixel") as client:
        yield client


@pytest.fixture
async def client(tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the pages of a studio that is built."""
    async with serving(build(tmp_path)) as client:
        yield client


@EVERY_FILE
async def test_a_file_has_its_type(client: httpx.AsyncClient, address: str) -> None:
    """Each file of the build is served with its type, which no browser guesses at."""
    answer = await client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TYPES[address])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@EVERY_FILE
async def test_a_browser_keeps_what_cannot_change_and_asks_for_the_rest(
    client: httpx.AsyncClient, address: str
) -> None:
    """A file whose name changes with its content is kept for ever; any other is asked for again, by its ETag."""
    answer = await client.get(address)
    unchanging = "/_next/static/" in address
    assert answer.headers["Cache-Control"] == ("public, max-age=31536000, immutable" if unchanging else "no-cache")
    again = await client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers.get("Content-Security-Policy") == answer.headers.get("Content-Security-Policy")


@pytest.mark.parametrize(
    ("address", "scripts"),
    [("/studio/", [SCRIPT, "start()"]), ("/studio/canvas/", ["canvas()", "start()"])],
)
async def test_a_page_may_run_its_own_scripts_only(client: httpx.AsyncClient, address: str, scripts: list[str]) -> None:
    """The policy of a page has the hash of each of its inline scripts and of no other, and allows neither inline
    styles nor any other server."""
    policy = (await client.get(address)).headers["Content-Security-Policy"]
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert re.findall(r"'sha256-([^']+)'", policy) == hashes
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|\*", policy)


async def test_only_pages_have_a_policy(client: httpx.AsyncClient) -> None:
    """A part of a page is under the policy of its page."""
    assert "Content-Security-Policy" not in (await client.get("/studio/_next/static/chunks/a.js")).headers


@pytest.mark.parametrize("address", ["/studio/nothing/", "/studio/canvas/deeper", "/studio/nothing/?id=1"])
async def test_an_unknown_page_says_so(client: httpx.AsyncClient, address: str) -> None:
    """For a page that is not there a person gets one that says so, under its policy, with the status 404."""
    answer = await client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "missing()" in answer.text
    assert "sha256-" in answer.headers["Content-Security-Policy"]
    again = await client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 404


@pytest.mark.parametrize(
    "address", ["/studio/_next/static/chunks/b.js", "/studio/tasks/index.txt", "/studio/..%2f..%2fpyproject.toml"]
)
async def test_an_unknown_file_is_not_there(client: httpx.AsyncClient, address: str) -> None:
    """A file that is not part of the build is 404 in the form of the API: no HTML where a script was asked for, and
    nothing from outside the build."""
    answer = await client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "404")


async def test_files_are_sent_packed_to_who_can_unpack(tmp_path: Path) -> None:
    """With gzip the answer is smaller, and unpacked it is the same. What would not get smaller is sent as it is."""
    long = build(tmp_path, FILES | {"_next/static/chunks/long.js": "a();" * 1000})
    async with serving(long) as client:
        address = "/studio/_next/static/chunks/long.js"
        packed = await client.get(address, headers={"Accept-Encoding": "gzip"})
        plain = await client.get(address, headers={"Accept-Encoding": "identity"})
        assert (packed.headers["Content-Encoding"], packed.text) == ("gzip", plain.text)
        assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
        small = await client.get("/studio/icon.svg", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in small.headers


async def test_the_first_page_has_one_address(client: httpx.AsyncClient) -> None:
    """`/studio` leads to `/studio/` for good, and `/studio/` leads nowhere."""
    answer = await client.get("/studio")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/studio/")
    assert (await client.get("/studio/")).status_code == 200


async def test_a_browser_is_sent_to_the_studio(client: httpx.AsyncClient) -> None:
    """Who opens `/` in a browser comes to the studio; a program is told that there is nothing, as before."""
    answer = await client.get("/", headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/studio/")
    assert "Accept" in answer.headers["Vary"]
    answer = await client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (404, "404")


async def test_a_studio_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    """Every page says in one line what to do, and the next build is served without a restart."""
    async with serving(tmp_path / "out") as client:
        for address in ("/studio/", "/studio/canvas/", "/studio/icon.svg"):
            answer = await client.get(address)
            assert (answer.status_code, answer.text) == (503, NOT_BUILT)
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert (NOT_BUILT.count("\n"), "make studio" in NOT_BUILT) == (1, True)


async def test_a_new_build_is_served_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is built while Pixel runs is what the next visitor gets, and what was built before is gone."""
    monkeypatch.setattr("api.http.studio_files.LOOK_SECONDS", 0.0)
    async with serving(tmp_path) as client:
        assert (await client.get("/studio/")).status_code == 503
        build(tmp_path)
        assert (await client.get("/studio/canvas/")).status_code == 200
        (tmp_path / "canvas" / "index.html").unlink()
        build(tmp_path, {"index.html": PAGE + "new"})
        assert (await client.get("/studio/")).text.endswith("new")
        assert (await client.get("/studio/canvas/")).status_code == 404


async def test_below_a_path_the_studio_is_built_for_it(tmp_path: Path) -> None:
    """Behind a proxy that serves Pixel below a path, the studio has to be built for that path, and says so."""
    async with serving(build(tmp_path), public_path="/pixel") as client:
        answer = await client.get("/studio/")
        assert (answer.status_code, answer.text) == (503, BUILT_FOR_ELSEWHERE.format(path="/pixel"))
        assert (await client.get("/", headers=BROWSER)).headers["Location"] == "/pixel/studio/"
    async with serving(build(tmp_path / "there", path="/pixel"), public_path="/pixel") as client:
        assert (await client.get("/studio/")).status_code == 200


async def test_the_whole_application_serves_it(database_url: str, tmp_path: Path) -> None:
    """Behind all middlewares: HEAD is GET without the body, a slash at the end is no other name of a page, and two
    are; a closed Pixel shows its pages without a key; a proxy may leave its path in."""
    built = build(tmp_path / "out", path="/pixel")
    closed, public = "a-token-of-some-length", "http://pixel.test/pixel"
    async with running(database_url, tmp_path, built_studio=built, public_url=public, admin_token=closed) as (
        _,
        client,
    ):
        for path in ("", "/pixel"):
            page = await client.get(f"{path}/studio/canvas/")
            assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
            head = await client.head(f"{path}/studio/canvas/")
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["Content-Length"] == page.headers["Content-Length"]
            assert (await client.get(f"{path}/studio")).status_code == 308
            assert (await client.get(f"{path}/", headers=BROWSER)).headers["Location"] == "/pixel/studio/"
            is_failure(await client.get(f"{path}/studio/canvas//"), 404)
            is_failure(await client.get(f"{path}/studio/%63anvas/"), 404)
        is_failure(await client.get("/api/v1/tasks/"), 404)
