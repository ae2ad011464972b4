"""A provider's answers become permanent events: after any answer the history is readable, bounded and without keys."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.service import Service, eventually, pixel, run, sql
from tests.simulators import dashscope
from tests.simulators.base import Answer, Request
from tests.simulators.example_requests import PLACES
from tests.simulators.serve import make, served

KEY = "0123456789abcdefOfNoKnownForm"  # hidden by its value, as no pattern recognises it
NASTY = "\x00 \ud83d \x1b[31m"
MAX_EVENT_BYTES = 100_000
MAX_LINE_LETTERS = 20_000
QWEN_IMAGE = {"model": "dashscope/qwen-image", "resolution": "1K", "aspectRatio": "16:9"}
BY_TASK = {"model": "dashscope/qwen-image-plus", "aspectRatio": "16:9"}
TEXT = {"model": "dashscope/qwen-plus"}
EVENTS = """
SELECT topic, metadata, octet_length(state) AS bytes, convert_from(state, 'UTF8')::jsonb AS state FROM stored_events
"""


def huge(text: str) -> str:
    """Two megabytes that begin with the text."""
    return text + "x" * 2_000_000


def prompt(name: str) -> str:
    """The prompt of a request."""
    return f"hostile-{name}, a secret of the caller's"


def no(prompt: str) -> Answer:
    """A refusal with the key and the prompt in its code."""
    return answer({"code": huge(f"{KEY} {prompt} {NASTY}"), "message": huge(f"{NASTY} Bearer {KEY}")}, 400)


def job(_: str) -> Answer:
    """A job id that can't be polled, in an answer that contains the key."""
    return answer({"output": {"task_id": huge("t-"), "task_status": "PENDING"}, "request_id": KEY, "note": NASTY + KEY})


def riddle(_: str) -> Answer:
    """An unreadable answer, with the key, and with ids that may name the job."""
    return answer({"output": {"made": NASTY}, "trace_id": f"trace-1 {KEY}", "job_id": "job-1", "debug": huge(KEY)})


def failed(prompt: str) -> Answer:
    """A failed task, whose reason contains all that must stay secret."""
    why = {"code": huge(f"{NASTY}{KEY}{prompt}"), "message": huge(f"{prompt} {KEY} {NASTY}")}
    return answer({"output": {"task_id": "t", "task_status": "FAILED"} | why})


def lost(_: str) -> Answer:
    """An image that was made, but is unreadable."""
    return answer({"output": {"choices": [{"message": {"content": [{"image": {"a": NASTY}}]}}]}, "usage": {"a": KEY}})


def written(_: str) -> Answer:
    """A text with characters that no database stores, and endless counts."""
    choice = {"message": {"content": f"A sea.{NASTY}"}, "finish_reason": huge("stop")}
    usage = {"prompt_tokens": 10**400, "completion_tokens": -7, "total_tokens": 2**70, huge("t"): 1}
    return answer({"choices": [choice], "usage": usage})


def answer(body: object, status: int = 200) -> Answer:
    """As JSON, with lone surrogates."""
    return Answer(status, data=json.dumps(body).encode(), media_type="application/json")


ANSWERS: dict[str, Callable[[str], Answer]] = {
    "no": no,
    "job": job,
    "riddle": riddle,
    "failed": failed,
    "written": written,
    "lost": lost,
}


def hostile(simulator: dashscope.DashScope) -> Callable[[Request, Answer], Answer]:
    """The provider's answers, by a word in the prompt that they are about."""

    def distort(request: Request, good: Answer) -> Answer:
        task = simulator.tasks.get(request.at.get("task") or "")
        text = task["text"] if task else request.text
        if prompt("many") in text and request.method == "POST":
            found = json.loads(good.body)
            found["output"]["choices"][0]["message"]["content"] *= 5000
            return answer(found)
        if prompt("failed") in text and request.method == "POST":
            return good
        return next((say(prompt(name)) for name, say in ANSWERS.items() if prompt(name) in text), good)

    return distort


async def test_after_any_answer_the_history_is_readable_bounded_and_without_keys(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Codes, messages, names, counts and texts of any size: PostgreSQL reads all events, and no key leaks."""
    monkeypatch.setitem(dashscope.KEYS, "", {KEY})
    simulator = dashscope.DashScope()
    simulator.distort = hostile(simulator)
    async with served(simulator) as address:
        settings = {"log_level": "debug", "private_hosts": urlsplit(address).netloc}
        keys = PLACES["dashscope"].settings(address) | {"DASHSCOPE_API_KEY": KEY}
        async with pixel(database, folder, settings=settings, environment=keys) as service:
            wishes = {
                "no": QWEN_IMAGE,
                "riddle": QWEN_IMAGE,
                "many": QWEN_IMAGE,
                "lost": QWEN_IMAGE,
                "job": BY_TASK,
                "failed": BY_TASK,
                "written": TEXT,
            }
            tasks = {
                name: await service.post("text" if body is TEXT else "image", body | {"prompt": prompt(name)})
                for name, body in wishes.items()
            }
            views = {name: await service.ended(task) for name, task in tasks.items()}
            histories = {name: await events_of(service, task) for name, task in tasks.items()}
            await eventually("the doubts to be listed", lambda: doubts(service, 3), service.log)
            shown = [views, histories, await service.get("/api/v1/admin/calls")]
            shown += [(await service.client.get(path)).text for path in ("/health/ready", "/metrics", "/api/v1/tasks")]
            shown += [
                await run("calls", "list", environment={"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder)})
            ]
        log = service.log(last=5000)

    codes = {name: (view["status"], view.get("error", {}).get("code")) for name, view in views.items()}
    assert codes == {
        "no": ("failed", "provider_rejected"),
        "riddle": ("failed", "outcome_unknown"),
        "many": ("completed", None),
        "lost": ("failed", "no_outputs"),
        "job": ("failed", "outcome_unknown"),
        "failed": ("failed", "generation_failed"),
        "written": ("completed", None),
    }
    assert views["lost"]["error"]["charged"] == "yes"
    assert float(views["lost"]["cost"]["amount"]) == float(views["lost"]["estimated_cost"]["amount"]) > 0
    assert views["written"]["result"]["text"].startswith("A sea.")
    assert len(views["many"]["result"]["images"]) == 64
    (made,) = [event for event in histories["many"] if event["type"] == "ProviderSucceeded"]
    assert len(made["data"]["outputs"]) == 64
    for name in ("no", "failed"):
        *_, refused = [event for event in histories[name] if event["type"] == "ProviderRefused"]
        assert "***" in refused["data"]["provider_code"]
        assert "secret" not in refused["data"]["provider_code"]
    for name, ids in (("riddle", {"trace_id": "trace-1 ***", "job_id": "job-1"}), ("job", {"request_id": "***"})):
        (unclear,) = [event["data"]["answer"] for event in histories[name] if event["type"] == "ProviderAnswerUnclear"]
        assert unclear["ids"] == ids
        assert unclear["bytes"] > 2_000_000
        assert len(unclear["body"]) <= 8192

    async with sql(database) as connection:
        rows = await connection.fetch(EVENTS)  # as docs/events.md documents it; it fails for anything but JSON in UTF-8
    assert [row for row in rows if row["bytes"] > MAX_EVENT_BYTES] == []
    lines = log.splitlines()
    assert '"provider seen"' in log  # it is not silent
    assert [line[:200] for line in lines if len(line) > MAX_LINE_LETTERS] == []
    everything = [json.dumps(shown), log, *(f"{row['metadata']} {row['state']}" for row in rows)]
    assert [text[max(text.find(KEY) - 200, 0) :][:300] for text in everything if KEY in text] == []
    assert [line for line in lines if "a secret of the caller" in line] == []


async def test_an_unreadable_answer_is_shown_to_the_person_who_settles_the_doubt(database: str, folder: Path) -> None:
    """A gateway answers an order for an image with a job: its name stands in the list, on the command line and in the
    history."""
    simulator = make("openai")
    taken = {"object": "generation.task", "id": "gen-0001", "status": "queued", "created_at": 1795000000}
    simulator.distort = lambda request, good: answer(taken) if request.path == "/v1/images/generations" else good
    async with served(simulator) as address:
        settings = {"private_hosts": urlsplit(address).netloc}
        keys = PLACES["openai"].settings(address)
        async with pixel(database, folder, settings=settings, environment=keys) as service:
            body = {"model": "openai/gpt-image-2.5-flare", "prompt": "a boat"}
            task = await service.post("image", body)
            view = await service.ended(task)
            assert (view["error"]["code"], view["error"]["charged"]) == ("outcome_unknown", "unknown")
            await eventually("the doubt to be listed", lambda: doubts(service, 1), service.log)
            (call,) = (await service.get("/api/v1/admin/calls"))["calls"]
            here = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder)}
            code, printed, errors = await run("calls", "list", environment=here)
            events = await events_of(service, task)
    (raw,) = call["answers"]
    assert (call["call_id"], raw["status"], raw["ids"]) == (f"{task}.1", 200, {"id": "gen-0001"})
    assert json.loads(raw["body"]) == taken
    assert (code, errors) == (0, "")
    assert "id=gen-0001" in "".join(printed.split())
    assert [event["data"]["answer"] for event in events if event["type"] == "ProviderAnswerUnclear"] == [raw]


async def events_of(service: Service, task: str) -> list[dict[str, Any]]:
    """The history of a task."""
    events: list[dict[str, Any]] = (await service.get(f"/api/v1/tasks/{task}/history"))["events"]
    return events


async def doubts(service: Service, number: int) -> bool:
    """Whether that many calls wait for a person."""
    return len((await service.get("/api/v1/admin/calls"))["calls"]) == number
