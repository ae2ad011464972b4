"""Laws of `/api/v1/callbacks/…`: a callback is a hint, and a request without its token learns nothing."""

import asyncio
from collections.abc import AsyncGenerator

import httpx
import msgspec
import pytest

from adapters.postgres.work_queue import Release, Room, WorkQueue
from adapters.providers import registry
from adapters.providers.modelscope.adapter import ADAPTER, ModelScope
from adapters.providers.tolerant_reader import decode
from application import poll_schedule
from domain.ids import task_stream
from services.callback_urls import callback_token, callback_url
from tests.api.simulated_provider import NAME, PATIENCE_SECONDS, World, eventually, seen_by, simulated
from tests.patience import patient
from tests.postgres import fresh_database

SECRET = "a-secret-of-some-length"
NOBODY = "task_01h455vb4pex5vsknk084sn02q.1"
PUBLIC = "https://pixel.example"


class CallingBack(ModelScope):
    """A provider whose callbacks name the job, as some do; ModelScope's do not."""

    def job_from_callback(self, body: bytes) -> str | None:
        """The job."""
        named = decode(body, dict[str, str])
        return named.get("task_id") if named else None


CATALOGUE = """
providers:
  modelscope: {key: MODELSCOPE_API_KEY}
models:
  - id: modelscope/qwen-image
    name: Takes ten minutes, and so is first asked for after half of one
    type: image
    resolutions: {1K: {"16:9": "1664*928"}}
    limits: {usual_seconds: 600}
    wire: {model: Qwen/Qwen-Image}
  - id: modelscope/qwen3-235b
    name: Answers at once
    type: llm
    wire: {model: Qwen/Qwen3-235B-A22B-Instruct-2507}
"""


@pytest.fixture(scope="module")
async def world(
    database_server: str, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    """One Pixel that can be called back, and one provider that does."""
    folder = tmp_path_factory.mktemp("pixel")
    catalog = folder / "catalog.yaml"
    catalog.write_text(CATALOGUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(poll_schedule, "MAX_FIRST_SECONDS", 300.0)  # longer than any test waits
        patch.setattr(registry, "ADAPTERS", {**registry.ADAPTERS, NAME: ADAPTER._replace(open=CallingBack)})
        async with (
            fresh_database(database_server, database_template) as dsn,
            simulated(dsn, folder, catalog=str(catalog), public_url=PUBLIC, callback_secret=SECRET) as world,
        ):
            yield world


def address(world: World, call: str, provider: str = NAME) -> str:
    """The callback URL that a provider gets."""
    url = callback_url(world.pixel.settings, provider, call)
    assert url is not None
    assert url.startswith(PUBLIC)
    return url.removeprefix(PUBLIC)


async def call_back(world: World, call: str, body: object = None) -> httpx.Response:
    """The provider calls back."""
    return await world.client.post(address(world, call), json=body or {})


async def test_a_callback_makes_the_poll_due_at_once(world: World) -> None:
    """A job whose next poll is in five minutes is polled as soon as its provider calls back."""
    task = await world.ask()
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):  # by itself it would take five minutes
        while (await world.task(task))["status"] != "completed":
            answer = await call_back(world, f"{task}.1", {"status": "whatever"})
            assert (answer.status_code, answer.json()["data"]) == (200, {"taken": True})
            await asyncio.sleep(0.05)


async def test_one_callback_is_enough_while_a_worker_holds_the_task(world: World) -> None:
    """The provider calls back once, while a worker is polling the job: the job is polled again at once, and not at
    its next regular time."""
    task = await world.ask()

    async def accepted() -> bool:
        return bool((await world.task(task))["phase"] == "submitted")

    await eventually(accepted)
    await world.pixel.pool.execute(
        "UPDATE leases SET expires_at = now() + interval '1 hour', due_at = '-infinity' WHERE task_id = $1", task
    )  # as if a worker held it
    held = await world.pixel.pool.fetchrow("SELECT worker, epoch, provider FROM leases WHERE task_id = $1", task)
    assert held is not None
    [job] = [event["data"]["job"] for event in await world.history(task) if event["type"] == "ProviderAccepted"]

    def questions() -> int:
        return sum(path.endswith(job) for _, path in world.simulator.requests)

    before = questions()
    assert (await call_back(world, f"{task}.1")).status_code == 200
    queue = WorkQueue(world.pixel.dsn, held["worker"], lease_seconds=60)
    try:
        given_back = Release(task, held["epoch"], 3600, held["provider"])
        await queue.exchange(held["provider"], Room(0, 0, {}, {}), [given_back])
    finally:
        await queue.close()

    async def asked() -> bool:
        return questions() > before

    await eventually(asked)  # by itself it would take an hour


async def test_the_body_of_a_callback_is_not_trusted(world: World) -> None:
    """The failure or the result of a job is polled with our own key; the body alone changes nothing."""
    task = await world.ask()

    async def accepted() -> bool:
        return bool((await world.task(task))["phase"] == "submitted")

    await eventually(accepted)
    before = await world.history(task)
    for body in (
        {"task_id": "another-job", "task_status": "FAILED"},
        {"task_status": "SUCCEED", "output_images": ["https://evil.example/x.png"]},
    ):
        assert (await call_back(world, f"{task}.1", body)).status_code == 200
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        while (await world.task(task))["status"] != "completed":
            await call_back(world, f"{task}.1")
            await asyncio.sleep(0.05)
    types = [event["type"] for event in await world.history(task)]
    assert types[: len(before)] == [event["type"] for event in before]
    assert types.count("ProviderAccepted") == 1
    assert types[-1] == "TaskCompleted"


async def test_a_callback_settles_a_doubt(world: World) -> None:
    """A callback that names the job of a call whose answer was lost is evidence: the job is watched, its result kept,
    nothing is called again, and the case leaves the list."""
    call = await world.doubt(mend=False)
    task = call.removesuffix(".1")
    prompt = (await world.task(task))["params"]["prompt"]
    simulator = world.simulator
    (job,) = [name for name, made in getattr(simulator, "tasks").items() if made["prompt"] == prompt]  # noqa: B009
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        while not (await world.task(task)).get("late_results"):
            assert (await call_back(world, call, {"task_id": job})).status_code == 200
            await asyncio.sleep(0.05)
    events = await world.history(task)
    (accepted,) = [event for event in events if event["type"] == "ProviderAccepted"]
    assert (accepted["data"]["job"], accepted["actor"]) == (job, f"provider:{NAME}")
    assert world.billed(prompt) == 1

    async def gone() -> bool:
        return call not in {item["call_id"] for item in await world.listed()}

    await eventually(gone)


async def test_duplicates_and_late_callbacks_change_nothing(world: World) -> None:
    """Of a task that has ended, however often the provider calls."""
    task = await world.ask("text")
    await world.ended(task)
    before = await world.history(task)
    for body in ({}, {"task_id": "1"}, {"task_id": "1"}):
        assert (await call_back(world, f"{task}.1", body)).json()["data"] == {"taken": True}
    assert await world.history(task) == before


async def test_a_callback_of_an_unknown_call_leaves_nothing(world: World) -> None:
    """A callback of an unknown call (a restored backup) is accepted, so that the provider stops; nothing is stored."""
    for call in (NOBODY, NOBODY.replace(".1", ".9")):
        answer = await call_back(world, call, {"task_id": "1"})
        assert (answer.status_code, answer.json()["data"]) == (200, {"taken": True})
    assert await world.pixel.log.stream(task_stream(NOBODY.removesuffix(".1"))) == []


async def test_a_challenge_is_echoed(world: World) -> None:
    """The handshake of those who want one: the challenge comes back as it came, and nothing else happens."""
    answer = await call_back(world, NOBODY, {"challenge": "c-4711"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "c-4711"})
    forged = f"/api/v1/callbacks/{NAME}/{NOBODY}/{'0' * 32}"
    assert (await world.client.post(forged, json={"challenge": "c-4711"})).status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 20_000, b'{"challenge": 7}', b"\xff\xfe", b'{"challenge": "%s"}' % (b"a" * 1001), b"null"],
)
async def test_any_body_is_accepted(world: World, content: bytes) -> None:
    """Any body of a provider is a hint; an unreadable one is no more than that."""
    answer = await world.client.post(address(world, NOBODY), content=content)
    assert (answer.status_code, answer.json()["data"]) == (200, {"taken": True})


async def test_without_the_token_nothing_is_learned(world: World) -> None:
    """A forged, borrowed or missing token gets the same answer for a call that there is and for one that there is not,
    and changes nothing."""
    task = await world.ask("text")
    await world.ended(task)
    there = f"{task}.1"
    before = await world.history(task)
    other = callback_token(SECRET, NAME, NOBODY.replace(".1", ".2"))
    answers: list[httpx.Response] = []
    for call in (there, NOBODY, "nonsense", "task_.1"):
        for provider, given in (
            (NAME, "0" * 32),
            (NAME, other),
            (NAME, callback_token(SECRET, NAME, call)[:-1]),
            (NAME, callback_token("another-secret-of-length", NAME, call)),
            (NAME, "\u00e9"),
            ("kling", callback_token(SECRET, NAME, call)),  # one provider does not speak for another
            ("nobody", callback_token(SECRET, NAME, call)),
        ):
            answers.append(await world.client.post(f"/api/v1/callbacks/{provider}/{call}/{given}", json={}))
    assert {(answer.status_code, answer.json()["message"]) for answer in answers} == {
        (404, "There is no such callback.")
    }
    assert await world.history(task) == before


async def test_without_a_secret_nobody_calls_back(world: World) -> None:
    """No address is given out, and even the right token of an empty secret opens nothing."""
    assert callback_url(msgspec.structs.replace(world.pixel.settings, callback_secret=None), NAME, NOBODY) is None
    assert callback_url(msgspec.structs.replace(world.pixel.settings, public_url=None), NAME, NOBODY) is None
    async with seen_by(world.pixel, "127.0.0.1", callback_secret=None) as client:
        for secret in ("", SECRET):
            given = callback_token(secret, NAME, NOBODY)
            assert (await client.post(f"/api/v1/callbacks/{NAME}/{NOBODY}/{given}", json={})).status_code == 404
