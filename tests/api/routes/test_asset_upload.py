"""Laws of POST /api/v1/assets: a file is stored by its content, and others are refused with the way out."""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from adapters.outbound.media_download import UPLOAD
from adapters.outbound.ssrf_guard import Guard
from api.app import create_app
from api.routes import asset_upload
from api.routes.asset_upload import FRAME_BYTES
from services.state import Pixel
from tests.adapters.outbound.raw_server import Server, listening, reply
from tests.api.conftest import running
from tests.postgres import fresh_database
from tests.samples import AUDIO, IMAGES, OTHERS, VIDEOS, sample

ASSETS = "/api/v1/assets"
MAX_FILE_BYTES = 200_000


async def upload(client: httpx.AsyncClient, data: bytes, **more: Any) -> httpx.Response:
    return await client.post(ASSETS, files={"file": data}, **more)


async def uploaded(client: httpx.AsyncClient, data: bytes) -> dict[str, Any]:
    answer = await upload(client, data)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


# --- Files ---


@pytest.mark.parametrize("media_type", IMAGES | VIDEOS | AUDIO)
async def test_a_file_is_stored_as_what_it_is(client: httpx.AsyncClient, media_type: str) -> None:
    """Under any declared type, the answer has the measured type, size and length, and its URL has the bytes."""
    data = sample(media_type)
    answer = await client.post(ASSETS, files={"file": ("../../etc/passwd", data, "text/html")})
    found = answer.json()["data"]
    assert (found["media_type"], found["bytes"]) == (media_type, len(data))
    assert found["id"].startswith(f"asset_{found['sha256']}.")
    assert found["url"] == f"http://pixel.test{ASSETS}/{found['id']}"
    assert answer.headers["Location"] == f"{ASSETS}/{found['id']}"
    assert ("width" in found, "height" in found) == (media_type not in AUDIO, media_type not in AUDIO)
    assert ("duration" in found) == (media_type not in IMAGES)
    got = await client.get(found["url"])
    assert (got.content, got.headers["Content-Type"]) == (data, media_type)


async def test_the_same_content_is_the_same_asset(client: httpx.AsyncClient) -> None:
    """A second upload, or five at once, changes nothing."""
    first = await uploaded(client, sample("image/png"))
    again = await asyncio.gather(*(uploaded(client, sample("image/png")) for _ in range(5)))
    assert again == [first] * 5


def form(*parts: tuple[str, bytes], boundary: str = "x") -> bytes:
    """A multipart body by hand."""
    each = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in parts
    )
    return b"".join(each) + f"--{boundary}--\r\n".encode()


FORM = {"Content-Type": "multipart/form-data; boundary=x"}
GOOD = form(("file", b"GIF89a"))


async def test_a_field_without_a_file_name_is_a_file_too(client: httpx.AsyncClient) -> None:
    """Bytes in the field `file` count, with a file name or without."""
    body = form(("file", sample("image/gif"))).replace(b'; filename="f"', b"")
    assert (await client.post(ASSETS, content=body, headers=FORM)).status_code == 200


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (form(), FORM, "file: is missing."),
        (form(("image", b"x")), FORM, "image: is not known."),
        (form(("file", sample("image/gif")), ("file", b"x")), FORM, "file: is there twice."),
        (form(("file", sample("image/gif")), ("more", b"x")), FORM, "more: is not known."),
        (b"", FORM, "The form can't be read"),
        (GOOD[:-6], FORM, "The form can't be read"),
        (b"no form at all", FORM, "The form can't be read"),
        (GOOD, {"Content-Type": "multipart/form-data; boundary=y"}, "The form can't be read"),
        (GOOD, {"Content-Type": "multipart/form-data"}, "The form can't be read"),
        (b"--x\r\nNo header\r\n\r\n--x--\r\n", FORM, "The form can't be read"),
        (b"--x\r\n" + b"a" * 9000 + b": b\r\n\r\n", FORM, "The form can't be read"),
        (b"{}", {"Content-Type": "application/json"}, "Object missing required field `url`"),
        (b'{"url": 7}', {"Content-Type": "application/json"}, "Expected `str`, got `int`"),
        (b'{"url": "https://a", "name": "x"}', {"Content-Type": "application/json"}, "unknown field `name`"),
        (b"[" * 2000, {"Content-Type": "application/json"}, ""),
        (b"\xff", {"Content-Type": "application/json"}, ""),
        (b"", {}, "Input data was truncated"),
    ],
)
async def test_a_body_that_is_neither_form_nor_url_gets_the_way_out(
    client: httpx.AsyncClient, body: bytes, headers: dict[str, str], reason: str
) -> None:
    """A body that is neither of the two is 400, with the problem and the right form."""
    answer = await client.post(ASSETS, content=body, headers=headers)
    message = answer.json()["message"]
    assert (answer.status_code, answer.json()["code"]) == (400, "400")
    assert reason in message
    assert "one file field named 'file'" in message


@pytest.mark.parametrize("what", sorted(OTHERS.keys() - {"nothing"}))
async def test_what_is_not_media_is_refused_by_name(client: httpx.AsyncClient, what: str) -> None:
    """Text, markup, playlists and archives are 415, with the accepted types."""
    answer = await client.post(ASSETS, files={"file": ("cat.png", OTHERS[what], "image/png")})
    assert answer.status_code == 415
    assert "PNG, JPEG, WebP, GIF" in answer.json()["message"]


def bomb() -> bytes:
    file = io.BytesIO()
    Image.new("1", (8000, 8001)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "There are no bytes"),
        (sample("image/png")[:200], "does not decode"),
        (sample("video/mp4")[:400], "does not decode"),
        (bomb(), "8000 by 8001 pixels is more than 64,000,000"),
    ],
)
async def test_a_broken_or_excessive_file_gets_the_reason(client: httpx.AsyncClient, data: bytes, reason: str) -> None:
    """A file that does not decode, or has too many pixels, is 400 with the limits."""
    answer = await upload(client, data)
    assert answer.status_code == 400
    assert reason in answer.json()["message"]
    assert f"{UPLOAD.pixels:,} pixels and 600 seconds" in answer.json()["message"]


async def test_another_body_is_refused(client: httpx.AsyncClient) -> None:
    """The bytes of a file are no body by themselves."""
    answer = await client.post(ASSETS, content=sample("image/png"), headers={"Content-Type": "image/png"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("null", 403), ("http://localhost:3000", 200), ("http://pixel.test", 200)],
)
async def test_a_foreign_page_may_not_upload(client: httpx.AsyncClient, origin: str, status: int) -> None:
    """Browsers send forms for any page without asking, so that the origin decides."""
    answer = await upload(client, sample("image/png"), headers={"Origin": origin})
    assert answer.status_code == status


# --- Limits of bytes ---


@pytest.fixture(scope="module")
async def narrow(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel that takes small files only, and smaller JSON."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel"), max_upload_bytes=MAX_FILE_BYTES, max_body_bytes=2048) as both,
    ):
        yield both


def padded(size: int) -> bytes:
    """A GIF of exactly this size: what stands behind its end does not matter."""
    return sample("image/gif").ljust(size, b"\0")


async def test_a_file_may_have_as_many_bytes_as_the_limit(narrow: tuple[Pixel, httpx.AsyncClient]) -> None:
    """The limit is the file's own, and not that of other bodies: exactly as large is taken, one byte more is 413."""
    assert (await uploaded(narrow[1], padded(MAX_FILE_BYTES)))["bytes"] == MAX_FILE_BYTES
    answer = await upload(narrow[1], padded(MAX_FILE_BYTES + 1))
    assert answer.status_code == 413
    assert "PIXEL_MAX_UPLOAD_BYTES" in answer.json()["message"]


async def test_a_body_without_a_length_is_counted(narrow: tuple[Pixel, httpx.AsyncClient]) -> None:
    """A stream without a length is cut off at the limit, in the file or around it."""
    sent = 0

    async def endless(start: bytes) -> AsyncIterator[bytes]:
        nonlocal sent
        sent = 0
        yield start
        while True:
            sent += 65_536
            yield bytes(65_536)

    for start in (form(("file", b""))[:-7], b""):
        answer = await narrow[1].post(ASSETS, content=endless(start), headers=FORM)
        assert answer.status_code in {400, 413}
        assert sent <= MAX_FILE_BYTES + FRAME_BYTES + 2 * 65_536


async def test_other_bodies_keep_their_own_limit(narrow: tuple[Pixel, httpx.AsyncClient]) -> None:
    """JSON may be as large as everywhere else, not as large as a file."""
    client = narrow[1]
    body = b'{"url": "https://example.com/"' + b" " * 4096 + b"}"
    for path in (ASSETS, "/api/v1/generations/image"):
        answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413


async def test_a_caller_that_hangs_up_leaves_nothing(narrow: tuple[Pixel, httpx.AsyncClient], tmp_path: Path) -> None:
    """An upload that ends in the middle stores nothing and leaves no file open."""
    pixel, _ = narrow
    before = {link.name for link in Path("/proc/self/fd").iterdir()}
    messages = [
        {"type": "http.request", "body": form(("file", padded(100_000)))[:50_000], "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        answered.append(message)

    scope: Any = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": ASSETS,
        "raw_path": ASSETS.encode(),
        "query_string": b"",
        "headers": [(b"content-type", FORM["Content-Type"].encode())],
        "client": None,
        "server": None,
        "scheme": "http",
        "root_path": "",
    }
    await create_app(pixel)(scope, receive, send)
    assert answered[0]["status"] == 400
    assert {link.name for link in Path("/proc/self/fd").iterdir()} <= before


# --- By a URL ---


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    async with listening() as server:
        yield server


@pytest.fixture
async def trusting(narrow: tuple[Pixel, httpx.AsyncClient], server: Server) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a Pixel that may fetch from the test's own server."""
    pixel = narrow[0]._replace(guard=Guard(private_hosts=[f"127.0.0.1:{server.port}"]))
    transport = httpx.ASGITransport(create_app(pixel), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://pixel.test") as client:
        yield client


async def test_a_url_is_as_good_as_the_file_behind_it(trusting: httpx.AsyncClient, server: Server) -> None:
    """Importing a file from a URL gives the same asset as uploading it, under any media type of the server."""
    server.answers = {"/cat": reply(sample("image/webp"), media_type="application/octet-stream")}
    answer = await trusting.post(ASSETS, json={"url": f"{server.url}/cat"})
    assert answer.json()["data"] == await uploaded(trusting, sample("image/webp"))


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (reply(b"", status="404 Not Found"), 400, "url: The server answered with status 404."),
        (reply(b"<html>", media_type="text/html"), 415, "PNG, JPEG, WebP, GIF"),
        (reply(padded(MAX_FILE_BYTES + 1)), 400, f"url: The file is larger than {MAX_FILE_BYTES} bytes."),
        (reply(b"<html>"), 415, "PNG, JPEG, WebP, GIF"),
        (reply(sample("image/png")[:200]), 400, "does not decode"),
    ],
)
async def test_a_url_without_a_medium_gets_the_reason(
    trusting: httpx.AsyncClient, server: Server, answer: bytes, status: int, reason: str
) -> None:
    """A failed import is refused with the reason, in the documented form."""
    server.answers = {"/": answer}
    refused = await trusting.post(ASSETS, json={"url": f"{server.url}/"})
    assert refused.status_code == status
    assert reason in refused.json()["message"]


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "2130706433", "[::ffff:127.0.0.1]"])
async def test_a_url_into_this_network_is_refused_untouched(
    client: httpx.AsyncClient, server: Server, host: str
) -> None:
    """A private address, however it is written, is 400, and nobody there is asked."""
    answer = await client.post(ASSETS, json={"url": f"http://{host.format(port=server.port)}/cat.png"})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("url: ")
    assert server.connections == 0


# --- In a request ---

IMAGE = "/api/v1/generations/image"
FREE = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
UNKNOWN = f"asset_{'0' * 64}.png"


async def test_an_uploaded_asset_is_accepted_in_place_of_a_url(client: httpx.AsyncClient) -> None:
    """Id, path and URL of an uploaded image are accepted as reference images, and shown as they were sent."""
    found = await uploaded(client, sample("image/png"))
    given = [found["id"], f"{ASSETS}/{found['id']}", found["url"], "https://example.com/cat.png"]
    answer = await client.post(IMAGE, json=FREE | {"imageInputs": given}, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200
    task = await client.get(f"/api/v1/tasks/{answer.json()['data']['task_id']}")
    assert task.json()["data"]["params"]["imageInputs"] == given


@pytest.mark.parametrize("given", [UNKNOWN, f"{ASSETS}/{UNKNOWN}", f"http://pixel.test{ASSETS}/{UNKNOWN}"])
async def test_an_asset_that_was_never_uploaded_is_refused_at_once(client: httpx.AsyncClient, given: str) -> None:
    """A reference to an asset that Pixel does not have is 400, naming its field, and no task is made."""
    answer = await client.post(IMAGE, json=FREE | {"imageInputs": ["https://example.com/cat.png", given]})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"imageInputs[1]: there is no asset '{UNKNOWN}'")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data", "This address belongs to a private network"),
        ("http://localhost:3000/cat.png", "This address belongs to a private network"),
        ("https://user:secret@example.com/cat.png", "An address with a user name or a password can't be used"),
        ("https://example.com:22/cat.png", "Only the ports 80, 443, 8080, 8443 can be used"),
    ],
)
async def test_a_url_that_leads_nowhere_good_is_refused_at_once(
    client: httpx.AsyncClient, given: str, reason: str
) -> None:
    """A hostile URL among the reference images is 400 with a plain reason, and no task is made."""
    answer = await client.post(IMAGE, json=FREE | {"imageInputs": [given]})
    assert (answer.status_code, answer.json()["message"]) == (400, f"imageInputs[0]: {reason}")


async def test_a_video_is_no_reference_image(client: httpx.AsyncClient) -> None:
    """An asset of another kind is refused by its id."""
    found = await uploaded(client, sample("video/mp4"))
    answer = await client.post(IMAGE, json=FREE | {"imageInputs": [found["id"]]})
    assert (answer.status_code, answer.json()["message"].partition(":")[0]) == (400, "imageInputs[0]")


async def test_a_request_that_was_accepted_once_stays_accepted(client: httpx.AsyncClient) -> None:
    """Under the same Idempotency-Key the same request is the same task."""
    found = await uploaded(client, sample("image/jpeg"))
    sent = {"json": FREE | {"imageInputs": [found["id"]]}, "headers": {"Idempotency-Key": "with-a-reference"}}
    first, again = [await client.post(IMAGE, **sent) for _ in range(2)]  # type: ignore[arg-type]
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"


# --- Many at once ---


async def test_simultaneous_uploads_are_limited(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PIXEL_MAX_UPLOADS: one more upload is not read until there is room; without room in time it is 503."""
    go_on, read = asyncio.Event(), 0
    boundary = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'

    async def held() -> AsyncIterator[bytes]:
        yield boundary
        await go_on.wait()
        yield sample("image/gif") + b"\r\n--x--\r\n"

    async def counted() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield boundary + sample("image/gif") + b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with running(database_url, tmp_path, max_uploads=2) as (_, client):
        first = [asyncio.create_task(client.post(ASSETS, content=held(), headers=headers)) for _ in range(2)]
        await asyncio.sleep(0)
        monkeypatch.setattr(asset_upload, "_TURN_SECONDS", 0.05)
        answer = await client.post(ASSETS, content=counted(), headers=headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert "Too many files" in answer.json()["message"]
        assert read == 0
        assert (await client.post(ASSETS, json={"url": "http://10.0.0.1/"})).status_code == 400  # no file: no place
        monkeypatch.undo()
        waiting = asyncio.create_task(client.post(ASSETS, content=counted(), headers=headers))
        go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*first, waiting)} == {200}
