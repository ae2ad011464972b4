"""Laws of `/api/v1/admin/calls`: access, the list, and the effect of a decision, which counts once."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from api.openapi.errors_and_parameters import ERRORS, PARAMETERS
from tests.api.simulated_provider import KLING, World, eventually, seen_by, simulated
from tests.patience import patient
from tests.postgres import fresh_database
from tests.samples import png

CALLS = "/api/v1/admin/calls"
TOKEN = "a-token-of-some-length"
HERE = "127.0.0.1"
TWICE = ["limit=1&limit=1", "cursor=cDEyMzQ&cursor=cDEyMzQ", "state=unknown&state=unknown"]
NOBODY = "task_01h455vb4pex5vsknk084sn02q.1"
ANNA = {"by": "anna", "note": "seen in the console"}


@pytest.fixture(scope="module")
async def world(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    """One Pixel and one provider for all tests of the module."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        simulated(dsn, tmp_path_factory.mktemp("pixel")) as world,
    ):
        yield world


async def post(world: World, call: str, verb: str, body: dict[str, Any] | None = None) -> httpx.Response:
    """A person's decision on a call."""
    return await world.client.post(f"{CALLS}/{call}/{verb}", json=ANNA if body is None else body)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and message of a refusal."""
    assert answer.json()["code"] == str(answer.status_code)
    return answer.status_code, answer.json()["message"]


# --- Access ---


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        (HERE, {}, 200),
        ("::1", {}, 200),
        (HERE, {"Host": "LOCALHOST:8000"}, 200),
        (HERE, {"Host": "127.0.0.1:8000"}, 200),
        (HERE, {"Host": "[::1]:8000"}, 200),
        ("10.0.0.7", {}, 403),
        ("203.0.113.9", {}, 403),
        ("", {}, 403),
        (HERE, {"Host": "pixel.example"}, 403),  # a name of somebody else's that leads here
        (HERE, {"Host": "localhost.evil.example"}, 403),
        (HERE, {"Host": "evil.example@localhost"}, 400),
        (HERE, {"Host": ""}, 400),
        (HERE, {"Origin": "http://localhost:3000"}, 403),  # a page, though one that may use the API
        (HERE, {"Origin": "null"}, 403),
        (HERE, {"X-Forwarded-For": "203.0.113.9"}, 403),
        (HERE, {"X-Forwarded-For": HERE}, 403),
        (HERE, {"X-Real-IP": "203.0.113.9"}, 403),
        (HERE, {"Forwarded": "for=203.0.113.9"}, 403),
        (HERE, {"Via": "1.1 proxy"}, 403),
        (HERE, {"X-Forwarded-Proto": "https"}, 403),
        (HERE, {"Authorization": f"Bearer {TOKEN}", "Origin": "http://localhost:3000"}, 403),  # no token is set
    ],
)
async def test_without_a_token_only_the_machine_itself_comes_in(
    world: World, client: str, headers: dict[str, str], status: int
) -> None:
    """While PIXEL_ADMIN_TOKEN is unset: no other machine, no request through a proxy, no page in a browser."""
    async with seen_by(world.pixel, client) as here:
        answer = await here.get(CALLS, headers=headers)
        acted = await here.post(f"{CALLS}/{NOBODY}/abandon", json=ANNA, headers=headers)
    assert answer.status_code == status
    assert acted.status_code == (404 if status == 200 else status)
    if status == 403:
        assert "PIXEL_ADMIN_TOKEN" in answer.json()["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"bearer {TOKEN}"}, 200),
        ({"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.9"}, 200),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "pixel.example"}, 200),
        ({}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 401),
        ({"Authorization": "Bearer d\u00e9j\u00e0-vu-d\u00e9j\u00e0-vu"}, 401),
    ],
)
@pytest.mark.parametrize("client", [HERE, "203.0.113.9"])
async def test_with_a_token_set_only_its_bearer_comes_in(
    world: World, client: str, headers: dict[str, str], status: int
) -> None:
    """Once PIXEL_ADMIN_TOKEN is set, a request needs it from anywhere, also from the machine itself."""
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    async with seen_by(world.pixel, client, admin_token=TOKEN) as there:
        answer = await there.get(CALLS, headers=raw)
        acted = await there.post(f"{CALLS}/{NOBODY}/retry", json=ANNA, headers=raw)
    assert answer.status_code == status
    assert acted.status_code == (404 if status == 200 else status)
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["message"] in {ERRORS["no key"].message, ERRORS["wrong key"].message}
        assert TOKEN not in answer.text


async def test_a_stranger_learns_nothing_of_calls(world: World) -> None:
    """Without access the answer is the same for an existing and for an unknown call, with any body."""
    call = await world.doubt("text")
    async with seen_by(world.pixel, "203.0.113.9") as there:
        answers = [
            await there.post(f"{CALLS}/{name}/{verb}", content=content)
            for name in (call, NOBODY, "x")
            for verb in ("retry", "attach", "abandon")
            for content in (msgspec.json.encode(ANNA), b"nonsense")
        ]
    assert {refusal(answer) for answer in answers} == {refusal(answers[0])}
    assert answers[0].status_code == 403


# --- The list ---


async def test_a_call_in_doubt_is_listed_with_what_is_known(world: World) -> None:
    """The list has the call, its task, its provider, its time, and the reason of the doubt."""
    call = await world.doubt()
    (shown,) = [item for item in await world.listed() if item["call_id"] == call]
    task = call.removesuffix(".1")
    assert shown["task_id"] == task
    assert (shown["state"], shown["task_status"], shown["attempt"]) == ("unknown", "failed", 1)
    assert (shown["provider"], shown["model"]) == ("modelscope", "modelscope/qwen-image")
    (called,) = [event for event in await world.history(task) if event["type"] == "ProviderCalled"]
    assert (shown["called_at"], shown["account"]) == (called["data"]["at"], called["data"]["account"])
    assert shown["reason"]
    assert shown["evidence"] == "The provider can't be asked about a call whose answer was lost."
    assert "job" not in shown
    view = await world.task(task)
    assert (view["error"]["charged"], view["error"]["retryable"]) == ("unknown", False)


async def test_the_list_has_states_and_pages(world: World) -> None:
    """`state` chooses between those that are looked into and those that wait for a person; pages go from the oldest."""
    calls = [await world.doubt("text"), await world.doubt("text")]
    everything = [item["call_id"] for item in await world.listed()]
    assert everything[-2:] == calls
    assert [item["call_id"] for item in await world.listed(state="in_doubt")] == everything
    assert [item["call_id"] for item in await world.listed(state="unknown")] == everything
    assert await world.listed(state="looking") == []
    paged: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await world.client.get(CALLS, params={"limit": "1"} | cursor)).json()["data"]
        paged += [item["call_id"] for item in page["calls"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert paged == everything


@pytest.mark.parametrize(
    "query",
    [
        "state=unsure",
        "state=",
        "limit=0",
        "limit=201",
        "limit=many",
        "cursor=-1",
        "cursor=x",
        "page=2",
        "limit=1&limit=1",
        "cursor=cDEyMzQ&cursor=cDEyMzQ",
    ],
)
async def test_a_wrong_parameter_is_named(world: World, query: str) -> None:
    """An unknown parameter is refused by its name."""
    status, message = refusal(await world.client.get(f"{CALLS}?{query}"))
    assert status == 400
    assert query.partition("=")[0] in message
    assert "$" not in message


async def test_health_and_metrics_count_calls_in_doubt(world: World) -> None:
    """Health counts the calls that wait, names the list, and shows lanes and keys without any secret."""
    await world.doubt("text")

    async def has_lanes() -> bool:
        health = (await world.client.get("/health/ready")).json()
        return bool(health["lanes"])  # a worker reports its state every third of a lease

    await eventually(has_lanes)
    health = (await world.client.get("/health/ready")).json()
    count = len(await world.listed())
    assert (health["status"], health["doubtful_calls"]) == ("degraded", count)
    assert [problem for problem in health["problems"] if "`pixel calls list`" in problem]
    lanes = {(lane["provider"], lane["kind"]): lane for lane in health["lanes"]}
    assert lanes["modelscope", "llm"]["breaker"] == "closed"
    (key,) = health["keys"]["modelscope"]
    assert len(key["account"]) == 12
    metrics = await world.client.get("/metrics")
    assert f"pixel_calls_doubtful {float(count)}" in metrics.text
    assert 'pixel_lane_open{kind="llm",provider="modelscope"} 1.0' in metrics.text
    assert 'pixel_keys_set_aside{provider="modelscope"} 0.0' in metrics.text
    for text in (metrics.text, msgspec.json.encode(health).decode()):
        assert "ms-00000000" not in text


# --- Retry ---


async def test_retry_calls_once_more_and_completes(world: World) -> None:
    """A person allows a second call: it is made once, and the history names the person."""
    call = await world.doubt()
    task = call.removesuffix(".1")
    prompt = (await world.task(task))["params"]["prompt"]
    assert world.billed(prompt) == 1
    answer = await post(world, call, "retry")
    assert answer.status_code == 200, answer.text
    shown = answer.json()["data"]
    assert (shown["task_id"], shown["call_id"], shown["status"]) == (task, call, "pending")
    view = await world.ended(task)
    assert (view["status"], len(view["result"]["images"])) == ("completed", 1)
    assert "error" not in view
    assert world.billed(prompt) == 2
    events = await world.history(task)
    assert [event["type"] for event in events if event["type"].startswith("ProviderCalled")] == ["ProviderCalled"] * 2
    (resolved,) = [event for event in events if event["type"] == "CallResolved"]
    assert (resolved["actor"], resolved["data"]["verdict"]) == ("admin:anna", "retry")
    assert (resolved["data"]["by"], resolved["data"]["note"]) == ("anna", "seen in the console")
    assert resolved["request_id"] == answer.headers["x-request-id"]
    assert shown["version"] == resolved["version"]

    async def gone() -> bool:
        return task not in {item["task_id"] for item in await world.listed()}

    await eventually(gone)
    assert refusal(await post(world, call, "retry"))[0] == 404  # the task has another call by now
    assert refusal(await post(world, f"{task}.2", "retry")) == (
        409,
        f"The call '{task}.2' is settled: there is nothing to settle.",
    )
    assert world.billed(prompt) == 2


async def test_two_who_retry_at_once_make_one_call(world: World) -> None:
    """The second request is refused, because nothing is in doubt any more; there is one more call, not two."""
    call = await world.doubt("text")
    prompt = (await world.task(call.removesuffix(".1")))["params"]["prompt"]
    answers = await asyncio.gather(*(post(world, call, "retry") for _ in range(5)))
    first, *others = sorted(answer.status_code for answer in answers)
    assert first == 200
    assert {*others} <= {404, 409}  # the new call may have been made already
    assert (await world.ended(call.removesuffix(".1")))["status"] == "completed"
    assert world.billed(prompt) == 2


# --- Attach ---


async def test_attach_completes_with_what_was_found(world: World) -> None:
    """An uploaded image becomes the task's result; nothing is called, and the case leaves the list."""
    call = await world.doubt()
    task = call.removesuffix(".1")
    prompt = (await world.task(task))["params"]["prompt"]
    asset = (await world.client.post("/api/v1/assets", files={"file": png()})).json()["data"]
    answer = await post(world, call, "attach", ANNA | {"assets": [asset["id"]]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["status"] == "completed"
    view = await world.ended(task)
    (image,) = view["result"]["images"]
    assert (view["status"], image["asset_id"], image["width"]) == ("completed", asset["id"], asset["width"])
    assert "error" not in view
    assert (await world.client.get(image["url"])).content
    assert world.billed(prompt) == 1
    types = [event["type"] for event in await world.history(task)]
    assert types[-3:] == ["CallResolved", "OutputStored", "TaskCompleted"]
    assert refusal(await post(world, call, "attach", ANNA | {"assets": [asset["id"]]}))[0] == 409

    async def gone() -> bool:
        return call not in {item["call_id"] for item in await world.listed()}

    await eventually(gone)


async def test_attach_takes_a_text_for_a_text(world: World) -> None:
    """A text task completes with the text that was found."""
    call = await world.doubt("text")
    answer = await post(world, call, "attach", ANNA | {"text": "Grey waves fold and rise"})
    assert answer.status_code == 200, answer.text
    view = await world.ended(call.removesuffix(".1"))
    assert (view["status"], view["result"]["text"]) == ("completed", "Grey waves fold and rise")


async def test_attach_wants_what_the_task_makes(world: World) -> None:
    """No result, an unknown one or one of another kind is refused with the reason, and the case stays open."""
    image, text = await world.doubt(), await world.doubt("text")
    stored = (await world.client.post("/api/v1/assets", files={"file": png()})).json()["data"]["id"]
    unknown = f"asset_{'0' * 64}.png"
    missing = f"there is no asset '{unknown}'; upload it with POST /api/v1/assets"
    wrong: list[tuple[str, dict[str, Any], str]] = [
        (image, {}, "assets: attach at least one image"),
        (image, {"assets": [], "text": ""}, "assets: attach at least one image"),
        (image, {"assets": None, "text": None}, "assets: attach at least one image"),
        (image, {"assets": [stored, unknown]}, f"assets[1]: {missing}"),
        (image, {"assets": ["../../etc/passwd"]}, missing.replace(unknown, "../../etc/passwd")),
        (image, {"text": "a boat"}, "text: this task makes image; attach assets"),
        (image, {"assets": [stored], "text": "a boat"}, "text: this task makes image; attach assets"),
        (text, {}, "text: is what this task makes; attach it"),
        (text, {"text": ""}, "text: is what this task makes; attach it"),
        (text, {"assets": [stored], "text": "a boat"}, "assets[0]: this task makes a text"),
    ]
    for call, body, message in wrong:
        status, shown = refusal(await post(world, call, "attach", ANNA | body))
        assert (status, shown.endswith(message)) == (400, True), shown
    assert {image, text} <= {item["call_id"] for item in await world.listed()}


# --- Abandon ---


async def test_abandon_closes_the_case(world: World) -> None:
    """The cost stays unknown, the task stays failed, and the call leaves the list."""
    call = await world.doubt()
    task = call.removesuffix(".1")
    before = await world.task(task)
    answer = await post(world, call, "abandon", {"by": "Anna Müller"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["status"] == "failed"
    view = await world.task(task)
    assert (view["status"], view["error"]) == ("failed", before["error"])
    (last,) = (await world.history(task))[-1:]
    assert (last["type"], last["actor"], last["data"]["by"]) == ("CallResolved", "admin:Anna Müller", "Anna Müller")

    async def gone() -> bool:
        return call not in {item["call_id"] for item in await world.listed()}

    await eventually(gone)
    for verb in ("abandon", "retry", "attach"):
        body = ANNA | ({"text": "a boat"} if verb == "attach" else {})
        assert refusal(await post(world, call, verb, body))[0] == 409
    assert world.billed(before["params"]["prompt"]) == 1


# --- While evidence is still looked for ---


@pytest.mark.parametrize("verb", ["retry", "attach", "abandon"])
async def test_a_person_need_not_wait_for_evidence(database_url: str, tmp_path: Path, verb: str) -> None:
    """A call that is being looked up, at a provider that can be asked and does not answer, is listed as `looking`, and
    a person may settle it before that; evidence that comes later changes nothing."""
    async with simulated(database_url, tmp_path, name="kling") as world:
        await world.fault("502_html", "/v1/images/.*/.*", 1000)  # every question after the call
        task = await world.ask(mark="[[reset_after]]", **KLING)
        prompt = (await world.task(task))["params"]["prompt"]
        call = f"{task}.1"

        async def looking() -> bool:
            return call in {item["call_id"] for item in await world.listed(state="looking")}

        await eventually(looking)
        assert await world.listed(state="unknown") == []
        view = await world.task(task)
        assert (view["status"], view["phase"]) == ("processing", "in_doubt")
        asset = (await world.client.post("/api/v1/assets", files={"file": png()})).json()["data"]
        body = ANNA | ({"assets": [asset["id"]]} if verb == "attach" else {})
        status = {"retry": "pending", "attach": "completed", "abandon": "failed"}[verb]
        assert (await post(world, call, verb, body)).json()["data"]["status"] == status
        if verb == "retry":
            async with asyncio.timeout(patient(30)):  # the second call is made; the first is not asked about any more
                while world.billed(prompt) < 2:
                    await asyncio.sleep(0.02)
            return
        view = await world.ended(task)
        assert view["status"] == status
        if verb == "abandon":
            assert (view["error"]["code"], view["error"]["charged"]) == ("outcome_unknown", "unknown")
            assert view["error"]["provider_message"] == ANNA["note"]
        assert world.billed(prompt) == 1


# --- Calls that are not in doubt ---


@pytest.mark.parametrize("call", [NOBODY, "nonsense", "task_.1", "task_01h455vb4pex5vsknk084sn02q", "%00.1", "."])
@pytest.mark.parametrize("verb", ["retry", "attach", "abandon"])
async def test_a_call_that_nobody_knows(world: World, call: str, verb: str) -> None:
    """There is no such call: 404, whatever its name looks like."""
    body = ANNA | ({"text": "a boat"} if verb == "attach" else {})
    assert refusal(await post(world, call, verb, body))[0] == 404


async def test_a_call_that_went_well_is_no_case(world: World) -> None:
    """A call of a completed task can't be settled, so a mistake pays nothing twice."""
    task = await world.ask("text")
    assert (await world.ended(task))["status"] == "completed"
    for verb in ("retry", "attach", "abandon"):
        body = ANNA | ({"text": "a boat"} if verb == "attach" else {})
        assert refusal(await post(world, f"{task}.1", verb, body))[0] == 409
        assert refusal(await post(world, f"{task}.2", verb, body))[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "not valid JSON"),
        (b"{", 400, "not valid JSON"),
        (b"[" * 20_000, 400, ""),
        (b'{"by": "\xff"}', 400, ""),
        (b'{"by": "\\ud800"}', 400, ""),
        (b"[]", 400, "object"),
        (b"null", 400, "object"),
        (b"{}", 400, "by"),
        (b'{"by": ""}', 400, "by: "),
        (b'{"by": null}', 400, "by: "),
        (b'{"by": 7}', 400, "by: "),
        (b'{"by": "  "}', 400, "by: must name who answers for it, on one line"),
        (b'{"by": "a\\nb"}', 400, "by: must name who answers for it, on one line"),
        (b'{"by": "a\\u0000"}', 400, "by: must name who answers for it, on one line"),
        (b'{"by": "%s"}' % (b"a" * 201), 400, "by: "),
        (b'{"by": "anna", "note": "a\\u0000"}', 400, "note: must not hold a NUL character"),
        (b'{"by": "anna", "note": "%s"}' % (b"a" * 2001), 400, "note: "),
        (b'{"by": "anna", "why": "because"}', 400, "why"),
    ],
)
@pytest.mark.parametrize("verb", ["retry", "attach", "abandon"])
async def test_a_body_that_is_not_right(world: World, verb: str, body: bytes, status: int, message: str) -> None:
    """The error names the problem of the body, and nothing happens."""
    answer = await world.client.post(f"{CALLS}/{NOBODY}/{verb}", content=body)
    assert answer.status_code == status, answer.text
    assert message in answer.json()["message"]
    assert "$" not in answer.json()["message"]


async def test_a_body_that_is_not_json(world: World) -> None:
    """A form is no decision, and neither is an endless body."""
    answer = await world.client.post(f"{CALLS}/{NOBODY}/retry", data={"by": "anna"})
    assert answer.status_code == 415
    answer = await world.client.post(f"{CALLS}/{NOBODY}/attach", json=ANNA | {"text": "a" * 2**20})
    assert answer.status_code == 413


async def test_the_documented_cursor_is_one(world: World) -> None:
    """The example of the document is taken: cursors look alike on all lists."""
    example = PARAMETERS["cursor"].example
    assert (await world.client.get(CALLS, params={"cursor": example})).status_code == 200
    assert (await world.client.get("/api/v1/tasks", params={"cursor": example})).status_code == 200
