"""Text as a provider writes it, with OpenAI's own client: over two processes of Pixel, from a simulator that holds the
second half of its answer back until somebody has the first."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import openai
import pytest

from tests.e2e.conftest import Databases
from tests.e2e.service import Service, data_folder, patience, pixel, sql
from tests.patience import patient
from tests.simulators.base import Simulator
from tests.simulators.example_requests import PLACES
from tests.simulators.serve import make, served
from tests.web import PlainClient

MODEL = "dashscope/qwen-plus"
WORDS = "A quiet sea, a small boat."
PATIENCE_SECONDS = 60


class Setting(NamedTuple):
    """Pixel, whose worker is another process, and its provider."""

    api: Service
    simulator: Simulator
    client: openai.AsyncOpenAI


@pytest.fixture(scope="module")
async def setting(databases: Databases) -> AsyncGenerator[Setting]:
    """All of it, for these tests."""
    simulator = make("dashscope")
    async with databases() as database, served(simulator) as address:
        environment = PLACES["dashscope"].settings(address)
        environment |= {"PIXEL_PRIVATE_HOSTS": urlsplit(address).netloc}
        with data_folder() as folder:
            async with (
                pixel(database, folder, role="worker", environment=environment),
                pixel(database, folder, role="api", environment=environment) as api,
                openai.AsyncOpenAI(
                    api_key="sk-proj-0000000000000001", base_url=f"{api.url}/v1", timeout=patient(PATIENCE_SECONDS)
                ) as client,
            ):
                yield Setting(api, simulator, client)
                assert api.trouble() == []


@pytest.fixture
async def halfway(setting: Setting) -> AsyncGenerator[asyncio.Event]:
    """The provider waits for it in the middle of its answer."""
    setting.simulator.halfway = asyncio.Event()
    yield setting.simulator.halfway
    setting.simulator.halfway.set()
    setting.simulator.halfway = None


def asked(text: str, **more: Any) -> dict[str, Any]:
    """A call for a stream."""
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], "stream": True} | more


async def test_the_first_words_come_while_the_rest_is_written(setting: Setting, halfway: asyncio.Event) -> None:
    """The caller has a part of the text before the provider writes the rest; the task records the whole, its tokens and
    its cost."""
    body = asked("the first words", stream_options={"include_usage": True})
    stream = await setting.client.chat.completions.create(**body)
    said, task, usage = "", "", None
    async with patience("the text", setting.api.log):
        async for piece in stream:
            task, usage = piece.id, piece.usage or usage
            said += (piece.choices[0].delta.content or "") if piece.choices else ""
            if said and not halfway.is_set():
                assert said != WORDS
                assert WORDS.startswith(said)
                assert (await setting.api.get(f"/api/v1/tasks/{task}"))["status"] == "processing"
                halfway.set()
    assert said == WORDS
    view = await setting.api.ended(task)
    assert (view["result"]["text"], view["params"]["stream"], view["status"]) == (WORDS, True, "completed")
    assert view["usage"]["total_tokens"] == 19
    assert usage
    assert usage.total_tokens == 19
    assert float(view["cost"]["amount"]) > 0
    assert billed(setting, "the first words") == 1


async def test_the_events_of_a_task_bring_its_text(setting: Setting, halfway: asyncio.Event) -> None:
    """Pixel's own stream has pieces with their offsets and without an id, also for who comes when some are sent."""
    task = await setting.api.post("text", {"model": MODEL, "prompt": "by events", "stream": True})
    said: list[dict[str, Any]] = []
    async with (
        PlainClient(timeout=patient(PATIENCE_SECONDS)) as client,
        client.stream("GET", f"{setting.api.url}/api/v1/tasks/{task}/events") as answer,
    ):
        frame: list[str] = []
        async for line in answer.aiter_lines():
            if line:
                frame.append(line)
                continue
            if "event: text" in frame:
                assert [each.partition(":")[0] for each in frame] == ["event", "data"]
                said.append(json.loads(frame[1].removeprefix("data: ")))
                assert halfway.is_set() or "".join(each["text"] for each in said) != WORDS
                halfway.set()
            if any('"status":"completed"' in each for each in frame):
                break
            frame = []
    assert said[0] == {"task": task, "call": f"{task}.1", "offset": 0, "text": said[0]["text"]}
    assert WORDS.startswith("".join(each["text"] for each in said))
    assert [each["offset"] for each in said[1:]] == [len(said[0]["text"])] * len(said[1:2])


async def test_a_caller_who_leaves_changes_nothing(setting: Setting, halfway: asyncio.Event) -> None:
    """The task goes on, is paid for once, and has the whole text."""
    stream = await setting.client.chat.completions.create(**asked("who leaves"))
    async for piece in stream:
        task = piece.id
        if piece.choices[0].delta.content:
            break
    await stream.close()
    halfway.set()
    assert (await setting.api.ended(task))["result"]["text"] == WORDS
    assert billed(setting, "who leaves") == 1


async def test_a_stream_that_breaks_off_is_a_doubt(setting: Setting) -> None:
    """The provider dies in the middle: nobody orders again, and the caller is told."""
    stream = await setting.client.chat.completions.create(**asked("it dies [[cut_body]]"))
    said, task = "", ""
    code: str | None = None
    try:
        async for piece in stream:
            task = piece.id
            said += piece.choices[0].delta.content or ""
    except openai.APIError as error:
        code = error.code
    assert WORDS.startswith(said)
    assert said != WORDS
    assert code == "outcome_unknown"
    assert (await setting.api.get(f"/api/v1/tasks/{task}"))["error"]["code"] == "outcome_unknown"
    assert billed(setting, "it dies") == 1


async def test_nothing_is_ordered_as_a_stream_unless_asked(setting: Setting) -> None:
    """A call without `stream` is sent as before."""
    made = await setting.client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "at once"}], stream=False
    )
    assert made.choices[0].message.content == WORDS
    request, _ = setting.simulator.orders[-1]
    assert request.json()["stream"] is False


async def test_a_worker_that_dies_while_it_hands_on(databases: Databases) -> None:
    """Another worker finds the call at the provider, and the stream goes on to its end: one order, one text."""
    async with databases() as database, sql(database) as connection:
        with data_folder() as folder:
            async with (
                pixel(database, folder, role="worker") as first,
                pixel(database, folder, role="api") as api,
                openai.AsyncOpenAI(api_key="anything", base_url=f"{api.url}/v1", timeout=patient(60)) as client,
            ):
                slow = {"pixel": {"extraParams": {"sandbox": {"latency": 2}}}}
                stream = await client.chat.completions.create(**asked("hi", model="sandbox/text", extra_body=slow))
                said, task, second = "", "", AsyncExitStack()
                async with second, patience("the text", api.log):
                    async for piece in stream:
                        task = piece.id
                        said += piece.choices[0].delta.content or ""
                        if said and first.alive:
                            await first.kill()
                            await second.enter_async_context(pixel(database, folder, role="worker"))
                    assert said == (await api.ended(task))["result"]["text"]
                assert await connection.fetchval("SELECT count(*) FROM sandbox.jobs") == 1


def billed(setting: Setting, text: str) -> int:
    """How many orders with this text would have been paid for."""
    return sum(times for digest, times in setting.simulator.effects.items() if text in setting.simulator.texts[digest])
