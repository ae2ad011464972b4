"""Bad input: always the envelope, all problems of a request in one message, and nothing stored."""

import asyncio
import json
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import AUDIO, IMAGE, SMALL, TEXT, VIDEO, is_failure
from tests.postgres import fresh_database


class Bad(NamedTuple):
    """A request and its expected answer: the status, and the texts in `contains` that the message has."""

    kind: str
    body: dict[str, Any]
    status: int
    contains: tuple[str, ...]


TABLE = {
    "no slash": Bad("image", {**IMAGE, "model": "qwen"}, 400, ("'provider/model_key', got: 'qwen'",)),
    "two slashes": Bad("image", {**IMAGE, "model": "a/b/c"}, 400, ("'provider/model_key', got: 'a/b/c'",)),
    "empty provider": Bad("image", {**IMAGE, "model": "/b"}, 400, ("'provider/model_key', got: '/b'",)),
    "empty key": Bad("image", {**IMAGE, "model": "a/"}, 400, ("'provider/model_key', got: 'a/'",)),
    "unknown model": Bad("image", {**IMAGE, "model": "no/where"}, 404, ("Model 'no/where' not found.",)),
    "another kind": Bad("image", {**IMAGE, "model": "sandbox/video"}, 400, ("makes video", "/generations/video")),
    "text model for images": Bad("image", {**IMAGE, "model": "sandbox/text"}, 400, ("/api/v1/generations/text",)),
    "the old provider field": Bad(
        "image",
        {"prompt": "a cat", "model": "qwen-image", "provider": "dashscope"},
        400,
        ("provider: is no longer supported", '"model": "dashscope/qwen-image"'),
    ),
    "unknown field": Bad("image", {**IMAGE, "colour": "red"}, 400, ("colour: is not known",)),
    "wrong type": Bad("image", {**IMAGE, "n": "two"}, 400, ("n: expected `int`, got `str`",)),
    "missing prompt": Bad("image", {"model": "sandbox/image"}, 400, ("prompt: is required",)),
    "blank prompt": Bad("image", {**IMAGE, "prompt": " \n"}, 400, ("prompt: must not be blank",)),
    "empty prompt": Bad("image", {**IMAGE, "prompt": ""}, 400, ("prompt:",)),
    "long prompt": Bad("image", {**IMAGE, "prompt": "x" * 50_000}, 400, ("prompt: may have", "has 50000")),
    "NUL in the prompt": Bad("image", {**IMAGE, "prompt": "a\0b"}, 400, ("NUL",)),
    "missing model": Bad("image", {"prompt": "a cat"}, 400, ("model: is required",)),
    "resolution": Bad("image", {**IMAGE, "resolution": "9K"}, 400, ("resolution: '9K'", "512, 1K, 2K")),
    "aspect ratio": Bad("image", {**IMAGE, "aspectRatio": "5:1"}, 400, ("aspectRatio: '5:1'", "16:9")),
    "n": Bad("image", {**IMAGE, "n": 99}, 400, ("n: must be from 1 to 4",)),
    "n of zero": Bad("image", {**IMAGE, "n": 0}, 400, ("n:",)),
    "duration": Bad("video", {**VIDEO, "duration": "7s"}, 400, ("duration: '7s'", "2s, 5s, 10s")),
    "video resolution": Bad("video", {**VIDEO, "resolution": "8K"}, 400, ("resolution: '8K'", "720p")),
    "voice": Bad("audio", {**AUDIO, "voice": "nobody"}, 400, ("voice: 'nobody'", "en-us")),
    "speed": Bad("audio", {**AUDIO, "speed": 9.0}, 400, ("speed: must be from 0.5 to 2",)),
    "LoRA": Bad(
        "image",
        {"prompt": "x", "model": "sandbox/image", "extraParams": {"loras": [{"weight": 99}]}},
        400,
        ("extraParams.loras[0].model: is required", "extraParams.loras[0].weight"),
    ),
    "LoRA on a model without": Bad(
        "video",
        {**VIDEO, "extraParams": {"loras": [{"model": "a/b", "weight": 1}]}},
        400,
        ("extraParams.loras: 'Sandbox Video' takes no LoRA",),
    ),
    "reference image on a model without": Bad(
        "image",
        {**IMAGE, "model": "modelscope/qwen-image", "imageInputs": ["https://example.com/a.jpg"]},
        400,
        ("imageInputs: 'ModelScope Qwen Image' takes no reference images",),
    ),
    "too many reference images": Bad(
        "video", {**VIDEO, "imageInputs": ["https://e.com/1", "https://e.com/2"]}, 400, ("imageInputs: may have 1",)
    ),
    "reference image that is no URL": Bad("image", {**IMAGE, "imageInputs": ["file:///x"]}, 400, ("imageInputs[0]",)),
    "steering a real model": Bad(
        "image", {**IMAGE, "extraParams": {"sandbox": {"fault": "explode"}}}, 400, ("extraParams.sandbox.fault",)
    ),
    "prompt and messages": Bad(
        "text", {**TEXT, "messages": [{"role": "user", "content": "x"}]}, 400, ("either prompt or messages",)
    ),
    "too many tokens": Bad("text", {**TEXT, "maxTokens": 10**6}, 400, ("maxTokens: may be",)),
    "fallback models": Bad(
        "image",
        {
            **IMAGE,
            "resolution": "512",
            "fallbackModels": ["no/where", "sandbox/video", "sandbox/image", "modelscope/qwen-image"],
        },
        400,
        (
            "fallbackModels[0]: there is no model 'no/where'",
            "fallbackModels[1]: 'sandbox/video' makes video, not image",
            "fallbackModels[2]: 'sandbox/image' is asked already",
            "fallbackModels[3]: does not take this request: resolution: '512' is not offered",
        ),
    ),
    "a fallback model twice": Bad(
        "image",
        {**IMAGE, "fallbackModels": ["modelscope/qwen-image", "modelscope/qwen-image"]},
        400,
        ("fallbackModels[1]: 'modelscope/qwen-image' is asked already",),
    ),
    "too many fallback models": Bad(
        "image", {**IMAGE, "fallbackModels": ["a/b"] * 5}, 400, ("fallbackModels:", "<= 4")
    ),
    "fallback models that are none": Bad(
        "image", {**IMAGE, "fallbackModels": ["x" * 201, 7]}, 400, ("fallbackModels[0]:", "fallbackModels[1]:")
    ),
    "fallback model that is no list": Bad("image", {**IMAGE, "fallbackModels": "a/b"}, 400, ("fallbackModels:",)),
    "deadlines": Bad(
        "image",
        {**IMAGE, "deadline": {"startSeconds": 0, "finishSeconds": 86401, "soon": True}},
        400,
        (
            "deadline.startSeconds: expected `int` >= 1",
            "deadline.finishSeconds: expected `int` <= 86400",
            "deadline.soon: is not known",
        ),
    ),
    "deadline that is a number": Bad("text", {**TEXT, "deadline": 60}, 400, ("deadline: expected `object`",)),
    "everything at once": Bad(
        "image",
        {"prompt": "", "model": "sandbox/image", "n": "x", "resolution": "9K", "aspectRatio": "1:9", "foo": 1},
        400,
        ("prompt", "n: expected", "resolution: '9K'", "aspectRatio: '1:9'", "foo: is not known"),
    ),
}


async def head(pixel: Pixel) -> int:
    """The position of the last event."""
    return await pixel.log.head()


@pytest.mark.parametrize("name", TABLE)
async def test_a_bad_request_is_reported_in_full_and_not_stored(
    pixel: Pixel, client: httpx.AsyncClient, name: str
) -> None:
    """Every row of the table: the status, the fields and the way out are named, and no event is appended."""
    bad = TABLE[name]
    before = await head(pixel)
    answer = await client.post(f"/api/v1/generations/{bad.kind}", json=bad.body)
    message = is_failure(answer, bad.status)
    for part in bad.contains:
        assert part in message
    assert await head(pixel) == before


@pytest.mark.parametrize(
    "body", [b"{", b"", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 5000, b'{"a":\xed\xa0\x80}']
)
async def test_what_is_not_json_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    """A body that is no JSON is 400, with that reason."""
    answer = await client.post("/api/v1/generations/image", content=body, headers={"content-type": "application/json"})
    assert "JSON" in is_failure(answer, 400)


@pytest.mark.parametrize("content_type", ["application/xml", "multipart/form-data; boundary=x", "image/png"])
async def test_another_content_type_is_415(client: httpx.AsyncClient, content_type: str) -> None:
    """A body with another content type is refused, not parsed."""
    content = json.dumps(SMALL).encode()
    answer = await client.post("/api/v1/generations/image", content=content, headers={"content-type": content_type})
    assert "application/json" in is_failure(answer, 415)


async def test_a_foreign_page_can_not_send_plain_text(client: httpx.AsyncClient) -> None:
    """A browser sends text/plain across sites without asking: from an origin that is not ours or allowed it is 403."""
    headers = {"content-type": "text/plain", "origin": "https://evil.example"}
    answer = await client.post("/api/v1/generations/image", content=json.dumps(SMALL).encode(), headers=headers)
    is_failure(answer, 403)
    headers["origin"] = "http://pixel.test"
    answer = await client.post("/api/v1/generations/image", content=json.dumps(SMALL).encode(), headers=headers)
    assert answer.status_code == 200


async def test_a_body_over_the_limit_is_413(client: httpx.AsyncClient) -> None:
    """A body over PIXEL_MAX_BODY_BYTES is refused, with and without a Content-Length that says so."""
    large = json.dumps({**IMAGE, "prompt": "x" * 1_100_000}).encode()
    headers = {"content-type": "application/json"}
    is_failure(await client.post("/api/v1/generations/image", content=large, headers=headers), 413)

    async def pieces() -> Any:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    is_failure(await client.post("/api/v1/generations/image", content=pieces(), headers=headers), 413)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/tasks/task_01jz0000000000000000000000",
        "/api/v1/tasks/task_abc123",
        "/api/v1/tasks/nonsense",
        "/api/v1/tasks/task_01JZ0000000000000000000000",
        "/api/v1/tasks/task_01jz0000000000000000000000/history",
        "/api/v1/tasks/%00",
        "/api/v1/models/no/where",
        "/api/v1/assets/asset_x.png",
        "/api/v1/assets/..%2f..%2fetc%2fpasswd",
        "/api/v1/nothing",
        "/",
    ],
)
async def test_what_is_not_there_is_404(client: httpx.AsyncClient, path: str) -> None:
    """Unknown tasks, malformed ids and unknown routes."""
    assert is_failure(await client.get(path), 404)


async def test_a_wrong_method_is_405(client: httpx.AsyncClient) -> None:
    """The answer to an unsupported method names the supported ones."""
    answer = await client.delete("/api/v1/models")
    assert "DELETE" in is_failure(answer, 405)
    assert "GET" in answer.headers["allow"]


async def test_cancelling_what_is_not_there_is_404(client: httpx.AsyncClient) -> None:
    """Nothing to cancel."""
    is_failure(await client.post("/api/v1/tasks/task_01jz0000000000000000000000/cancel"), 404)


@pytest.mark.parametrize("key", ["", "x" * 256, "\x7f", "a\tb"])
async def test_a_malformed_idempotency_key_is_400(client: httpx.AsyncClient, key: str) -> None:
    """1 to 255 printable characters."""
    answer = await client.post("/api/v1/generations/image", json=SMALL, headers={"Idempotency-Key": key})
    assert "Idempotency-Key" in is_failure(answer, 400)


TIMES = [
    *("0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00Z%00", "2026-01-01T00:00:00%00Z"),
    *("%00", "2026-01-01T00:00:00%C2%A0Z", "2026-13-01T00:00:00Z", "10000-01-01T00:00:00Z", "1e99", "-1"),
]


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("parameter", ["createdAfter", "createdBefore", "at"])
async def test_a_time_is_a_time_that_can_be_compared(client: httpx.AsyncClient, parameter: str, time: str) -> None:
    """Every parameter that takes one: what is beyond the calendar by its offset, or holds a NUL, is 400."""
    made = await client.post("/api/v1/generations/image", json=SMALL)
    path = f"/api/v1/tasks/{made.json()['data']['task_id']}" if parameter == "at" else "/api/v1/tasks"
    assert parameter in is_failure(await client.get(f"{path}?{parameter}={time}"), 400)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-11T10:00:00%2B23:59"])
async def test_the_ends_of_the_calendar_are_times(client: httpx.AsyncClient, time: str) -> None:
    """The first and the last second can be asked for."""
    for parameter in ("createdAfter", "createdBefore"):
        assert (await client.get(f"/api/v1/tasks?{parameter}={time}")).status_code == 200


@pytest.mark.parametrize(
    ("path", "query"),
    [
        *(
            ("/api/v1/tasks", f"{name}={value}")
            for name, value in (("status", "failed"), ("limit", "5"), ("type", "image"))
        ),
        *(("/api/v1/tasks", f"{name}=x") for name in ("projectId", "source", "sourceId", "model")),
        *(("/api/v1/tasks", f"{name}=2026-01-01T00:00:00Z") for name in ("createdAfter", "createdBefore")),
        ("/api/v1/tasks", "cursor=cDEyMzQ"),
        ("/api/v1/tasks/task_01jz0000000000000000000000", "version=1"),
        ("/api/v1/tasks/task_01jz0000000000000000000000", "at=2026-01-01T00:00:00Z"),
        ("/api/v1/assets/asset_x.png", "variant=thumbnail"),
        ("/api/v1/assets/asset_x.png", "width=64&variant=thumbnail"),
    ],
)
async def test_a_parameter_may_occur_once(client: httpx.AsyncClient, path: str, query: str) -> None:
    """A parameter that occurs twice is ambiguous, so it is refused, on every route."""
    message = is_failure(await client.get(f"{path}?{query}&{query}"), 400)
    assert f"{query.partition('=')[0]}: may be there once only" in message


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=201", "limit=x", "limit=-1", "status=done", "type=movie", "cursor=!!", "cursor=cDk5OTk5"),
        *("createdAfter=yesterday", "foo=1", "ids=" + ",".join(["task_x"] * 201), "projectId=%00"),
    ],
)
async def test_a_malformed_list_query_is_400(client: httpx.AsyncClient, query: str) -> None:
    """Every parameter of the list is checked, and named when it is wrong."""
    if query == "cursor=cDk5OTk5":
        assert (await client.get(f"/api/v1/tasks?{query}")).status_code == 200
    else:
        assert query.partition("=")[0] in is_failure(await client.get(f"/api/v1/tasks?{query}"), 400)


async def test_every_problem_of_a_list_query_is_reported_at_once(client: httpx.AsyncClient) -> None:
    """Unknown parameters, sizes, cursors, times, ids, words: all in one message, without the valid ones."""
    query = "limit=0&cursor=!!&createdAfter=yesterday&createdBefore=x&type=movie&status=done&colour=red&size=9"
    ids = ",".join(["task_x"] * 201)
    message = is_failure(await client.get(f"/api/v1/tasks?{query}&ids={ids}&projectId=%00&source=canvas&model="), 400)
    problems = message.partition(". Known: ")[0].split("; ")
    wrong = ["projectId", "type", "status", "ids", "createdAfter", "createdBefore", "cursor", "limit", "colour", "size"]
    assert [problem.partition(":")[0] for problem in problems] == wrong
    assert "Known: atLeast, batch, createdAfter, createdBefore, cursor, ids, limit, model" in message


async def test_ids_may_come_one_by_one(client: httpx.AsyncClient) -> None:
    """A list that comes as several parameters is one list, also when it is counted."""
    many = "&".join(["ids=task_x"] * 201)
    assert is_failure(await client.get(f"/api/v1/tasks?{many}"), 400) == "ids: may have 200 at most"
    assert (await client.get("/api/v1/tasks?ids=task_x&ids=task_y")).json()["data"]["tasks"] == []


async def test_a_provider_without_key_is_503_and_names_the_variable(
    database_server: str, begun_template: str, tmp_path: Path
) -> None:
    """The missing key is named; there is no Retry-After, because waiting does not help."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path, sandbox_stands_in_for="") as (pixel, client),
    ):
        before = await head(pixel)
        answer = await client.post("/api/v1/generations/image", json={**IMAGE, "model": "modelscope/qwen-image"})
        assert "MODELSCOPE_API_KEY" in is_failure(answer, 503)
        assert "retry-after" not in answer.headers
        assert await head(pixel) == before
        models = (await client.get("/api/v1/models")).json()["data"]["image"]
        assert next(iter(models)) == "sandbox/image"
        assert not models["modelscope/qwen-image"]["enabled"]


async def test_a_provider_without_an_adapter_is_503(new_database_url: str, tmp_path: Path) -> None:
    """A provider of the catalogue without an adapter in this version: no key would help, so none is named."""
    file = tmp_path / "catalog.yaml"
    await asyncio.to_thread(
        file.write_text,
        "providers:\n  acme: {key: ACME_API_KEY}\nmodels:\n  - {id: acme/one, name: One, type: image}\n",
    )
    async with running(new_database_url, tmp_path, catalog=str(file), sandbox_stands_in_for="") as (_, client):
        answer = await client.post("/api/v1/generations/image", json={**IMAGE, "model": "acme/one"})
        assert "no adapter for provider 'acme'" in is_failure(answer, 503)
        assert "ACME_API_KEY" not in answer.text


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A catalogue with a model that is switched off and one that its vendor has retired."""
    file = tmp_path / "catalog.yaml"
    file.write_text(
        """
providers:
  sandbox: {}
models:
  - {id: sandbox/new, name: New, type: image, default: true}
  - {id: sandbox/off, name: "Off", type: image, enabled: false}
  - {id: sandbox/old, name: Old, type: image, retired: {replacement: sandbox/new}}
"""
    )
    return file


async def test_disabled_is_503_and_retired_is_400_with_the_replacement(
    new_database_url: str, tmp_path: Path, catalogue: Path
) -> None:
    """A disabled model and a retired one have different refusals; both stay in the list."""
    async with running(new_database_url, tmp_path, catalog=str(catalogue), sandbox_stands_in_for="") as (_, client):
        off = await client.post("/api/v1/generations/image", json={**IMAGE, "model": "sandbox/off"})
        assert "disabled" in is_failure(off, 503)
        assert "retry-after" not in off.headers
        old = await client.post("/api/v1/generations/image", json={**IMAGE, "model": "sandbox/old"})
        assert "Use 'sandbox/new' instead" in is_failure(old, 400)
        models = (await client.get("/api/v1/models")).json()["data"]["image"]
        assert next(iter(models)) == "sandbox/new"
        assert not models["sandbox/off"]["enabled"]
        assert models["sandbox/old"]["replacement"] == "sandbox/new"


async def test_an_unforeseen_error_is_500_without_its_cause(
    pixel: Pixel, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body of a 500 has the request id, and nothing of the cause."""

    async def explode(*_: object) -> Any:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(pixel.tasks, "read_task", explode)
    answer = await client.get("/api/v1/tasks/task_01jz0000000000000000000000")
    message = is_failure(answer, 500)
    assert "secret" not in message
    assert "request_id" in message


async def test_a_key_that_was_accepted_gives_its_task_whatever_became_of_the_model(
    new_database_url: str, tmp_path: Path
) -> None:
    """A retry of an accepted request is never refused: not when the model was switched off in between."""
    file = tmp_path / "catalog.yaml"
    entry = "providers:\n  sandbox: {}\nmodels:\n  - {id: sandbox/one, name: One, type: image%s}\n"
    body, headers = {"prompt": "a cat", "model": "sandbox/one"}, {"Idempotency-Key": "once"}
    ids: list[str] = []
    for state in ("", ", enabled: false"):
        await asyncio.to_thread(file.write_text, entry % state)
        async with running(new_database_url, tmp_path, catalog=str(file), sandbox_stands_in_for="") as (_, client):
            answer = await client.post("/api/v1/generations/image", json=body, headers=headers)
            ids.append(answer.json()["data"]["task_id"])
            other = await client.post("/api/v1/generations/image", json={**body, "prompt": "a dog"}, headers=headers)
            assert other.status_code == (503 if state else 422)
    assert ids[0] == ids[1]
