"""Laws of event streams: every event once, in order, as GET shows its task, from any position on."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.openapi.errors_and_parameters import ERRORS
from api.routes import events
from application import api_keys
from application.clock import now
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from domain.ids import model_stream, task_stream
from domain.model import ModelDisabled, ModelEnabled
from services import event_stream, event_window
from services.event_frames import Frame, Wanted
from services.state import Pixel
from tests.api.canvas_client import new_canvas
from tests.api.conftest import running
from tests.api.live_server import served
from tests.api.run_client import started
from tests.api.task_client import get
from tests.canvas_samples import add
from tests.event_source import Sent, listening
from tests.patience import patient

EVENTS = "/api/v1/events"


@pytest.fixture
async def live(pixel: Pixel) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the shared Pixel, over a socket."""
    async with asyncio.timeout(patient(60)), served(pixel) as client:
        yield client


async def create(client: httpx.AsyncClient, **fields: Any) -> str:
    """A small text task; returns its id."""
    body = {"prompt": "a cat", "model": "sandbox/text", **fields}
    answer = await client.post("/api/v1/generations/text", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["task_id"])


async def versions(client: httpx.AsyncClient, task: str) -> list[tuple[int, str]]:
    """The positions of the events of a task, each with what GET answers for the task as it stood then."""
    history = (await client.get(f"/api/v1/tasks/{task}/history")).json()["data"]["events"]
    found: list[tuple[int, str]] = []
    for event in history:
        answer = await client.get(f"/api/v1/tasks/{task}?version={event['version']}")
        found.append((event["position"], answer.text.partition('"data":')[2][:-1]))
    return found


def seen(events: list[Sent]) -> list[tuple[int | None, str]]:
    assert {sent.name for sent in events} <= {"task"}
    return [(sent.id, sent.data) for sent in events]


async def test_every_event_is_the_view_after_it(live: httpx.AsyncClient) -> None:
    """Live, from a position, and of one task: each event once, with its position and, byte for byte, what GET shows."""
    async with listening(live, EVENTS, projectId="views") as stream:
        begin = int(stream.response.headers["x-pixel-position"])
        task = await create(live, projectId="views")
        await get(live, task, wait=30)
        expected = await versions(live, task)
        assert seen(await stream.events(len(expected))) == expected
    final = await live.get(f"/api/v1/tasks/{task}")
    assert expected[-1] == (int(final.headers["x-pixel-position"]), final.text.partition('"data":')[2][:-1])
    async with listening(live, EVENTS, projectId="views", after=begin) as stream:
        assert seen(await stream.events(len(expected))) == expected
    async with listening(live, EVENTS, projectId="views", after=begin, last=expected[1][0]) as stream:
        assert seen(await stream.events(len(expected) - 2)) == expected[2:]
    async with listening(live, f"/api/v1/tasks/{task}/events", after=begin) as stream:
        assert seen(await stream.events(len(expected))) == expected
    async with listening(live, f"/api/v1/tasks/{task}/events") as stream:
        assert seen(await stream.events(1)) == expected[-1:]


async def settled(client: httpx.AsyncClient, **fields: Any) -> str:
    """A task that has ended; returns its id."""
    task = await create(client, **fields)
    await get(client, task, wait=30)
    return task


async def test_a_condition_lets_through_what_it_names(live: httpx.AsyncClient) -> None:
    """Each condition lets through the tasks that have it, live and from before; all have to hold."""
    begin = (await live.get("/api/v1/tasks")).headers["x-pixel-position"]
    here = {"projectId": "p1", "source": "canvas", "sourceId": "c1"}
    conditions: list[dict[str, Any]] = [{name: value} for name, value in here.items()]
    conditions += [here, {"types": "task"}, {}]
    async with contextlib.AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(listening(live, EVENTS, **each)) for each in conditions]
        other = await settled(live, projectId="p2", source="chat", sourceId="c2")
        task = await settled(live, **here)
        expected, all_expected = await versions(live, task), await versions(live, other) + await versions(live, task)
        streams += [
            await stack.enter_async_context(listening(live, EVENTS, after=begin, **each)) for each in conditions
        ]
        streams.append(await stack.enter_async_context(listening(live, EVENTS, after=begin, task=task)))
        wanted = [expected] * 4 + [sorted(all_expected)] * 2
        for stream, events in zip(streams, [*wanted, *wanted, expected], strict=True):
            assert seen(await stream.events(len(events))) == events
    async with listening(live, EVENTS, after=begin, source="canvas", projectId="p2") as stream:
        last = await settled(live, projectId="p2", source="canvas")
        expected = await versions(live, last)
        assert seen(await stream.events(len(expected))) == expected


async def test_a_batch_is_a_condition(live: httpx.AsyncClient) -> None:
    """The tasks of a batch can be listened to by its id, from before and live."""
    request = {"kind": "text", "prompt": "a cat", "model": "sandbox/text"}
    begin = (await live.get("/api/v1/tasks")).headers["x-pixel-position"]
    batch = (await live.post("/api/v1/batches", json={"requests": [request] * 3})).json()["data"]
    async with listening(live, EVENTS, batch=batch["id"], after=begin) as stream:
        await settled(live)
        tasks = [each["task_id"] for each in batch["tasks"]]
        for task in tasks:
            await get(live, task, wait=30)
        expected = sorted([event for task in tasks for event in await versions(live, task)])
        assert seen(await stream.events(len(expected))) == expected


@pytest.mark.parametrize(
    ("path", "headers", "problem"),
    [
        ("/api/v1/events?nobody=knows&types=task", {}, "nobody: is not known. Known: after, batch, canvas, projectId"),
        ("/api/v1/events?types=asset", {}, "types: choose from"),
        ("/api/v1/events?after=1&after=2", {}, "after: may be there once only"),
        ("/api/v1/events?after=x", {}, "after: must be a position"),
        ("/api/v1/events", {"Last-Event-ID": "-1"}, "Last-Event-ID: must be a position"),
        ("/api/v1/events?after=1", {"Last-Event-ID": "99999999"}, "Last-Event-ID: lies beyond the end of the log"),
        ("/api/v1/tasks?atLeast=99999999", {}, "atLeast: lies beyond the end of the log"),
        ("/api/v1/tasks/{task}/events?projectId=p", {}, "projectId: is not known. Known: after"),
        ("/api/v1/tasks/{task}/events?after=99999999", {}, "after: lies beyond the end of the log"),
    ],
)
async def test_a_wrong_question_gets_an_error(
    live: httpx.AsyncClient, path: str, headers: dict[str, str], problem: str
) -> None:
    """It names what is wrong; a position beyond the log is refused and not waited for."""
    task = await create(live)
    answer = await live.get(path.format(task=task), headers=headers)
    assert answer.status_code == 400
    assert problem in answer.json()["message"]


@pytest.mark.parametrize("path", ["/api/v1/tasks/{}/events", "/api/v1/events?task={}"])
async def test_there_is_no_stream_of_an_unknown_task(live: httpx.AsyncClient, path: str) -> None:
    """It is answered as GET answers it."""
    for task in ("task_abc123", "task_01jb0000000000000000000000"):
        answer = await live.get(path.format(task))
        assert (answer.status_code, answer.json()["message"]) == (404, f"Task '{task}' not found")


async def test_a_head_has_no_stream(live: httpx.AsyncClient) -> None:
    """HEAD has the headers of the stream, and an end."""
    answer = await live.head(EVENTS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
    assert answer.headers["cache-control"] == "no-store"


async def test_silence_is_broken_now_and_then(live: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without events there is a comment every 15 seconds, and with it the id up to which there was none. Whoever comes
    back by it missed nothing, however much of others has happened, and is sent no reset."""
    assert events.HEARTBEAT_SECONDS == 15
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(event_window, "MAX_EVENTS", 5)
    async with listening(live, EVENTS, projectId="silent") as stream:
        assert await stream.block() == Sent(retry=2000)
        await settled(live, projectId="loud")
        await settled(live, projectId="loud")
        head = int((await live.get("/api/v1/tasks")).headers["x-pixel-position"])
        while (beat := await stream.block()) is not None and (beat.id or 0) < head:
            assert (beat.name, beat.comment) == (None, "")
    assert beat is not None
    assert beat.id is not None
    async with listening(live, EVENTS, projectId="silent", after=beat.id) as stream:
        assert await stream.block() == Sent(retry=2000)
        again = await stream.block()
        assert again is not None
        assert (again.name, again.comment) == (None, "")
        task = await settled(live, projectId="silent")
        expected = await versions(live, task)
        assert seen(await stream.events(len(expected))) == expected


async def test_who_is_too_far_behind_has_to_look_at_a_list(
    live: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the window there is a reset without an id; a list at its position and the stream behind it have it all."""
    first = await settled(live, projectId="far")
    head = int((await live.get("/api/v1/tasks")).headers["x-pixel-position"])
    monkeypatch.setattr(event_window, "MAX_EVENTS", 5)
    async with listening(live, EVENTS, projectId="far", after=head - 3) as stream:
        expected = [event for event in await versions(live, first) if event[0] > head - 3]
        assert seen(await stream.events(len(expected))) == expected
    async with listening(live, EVENTS, projectId="far", after=1) as stream:
        reset = await stream.event()
        assert (reset.name, reset.id) == ("reset", None)
        position = reset.json["position"]
        listed = await live.get("/api/v1/tasks", params={"projectId": "far", "atLeast": position})
        assert {task["id"] for task in listed.json()["data"]["tasks"]} == {first}
        assert int(listed.headers["x-pixel-position"]) >= position
        last = await settled(live, projectId="far")
        expected = await versions(live, last)
        assert seen(await stream.events(len(expected))) == expected


async def test_a_slow_one_misses_nothing(live: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes events more slowly than they come goes on from the window, or from the log, in order."""
    monkeypatch.setattr(event_stream, "MAX_PENDING", 2)
    task = await create(live, projectId="slow")
    async with (
        listening(live, EVENTS, projectId="slow") as all_of_them,
        listening(live, f"/api/v1/tasks/{task}/events", after=0) as of_one,
    ):
        begin = int(all_of_them.response.headers["x-pixel-position"])
        tasks = await asyncio.gather(*(settled(live, projectId="slow") for _ in range(10)))
        await get(live, task, wait=30)
        expected = sorted(
            [event for each in (task, *tasks) for event in await versions(live, each) if event[0] > begin]
        )
        assert seen(await all_of_them.events(len(expected))) == expected
        own = await versions(live, task)
        assert seen(await of_one.events(len(own))) == own


async def test_the_entry_of_a_model_that_changes(live: httpx.AsyncClient, pixel: Pixel) -> None:
    """An event of a model has its entry, as GET answers it; a condition on tasks leaves models out."""
    model, begin = "sandbox/image", await pixel.log.head()
    stream = model_stream(model)
    async with listening(live, EVENTS) as both, listening(live, EVENTS, types="model") as models:
        for change in (ModelDisabled(reason="for a test", at=now()), ModelEnabled(at=now())):
            receipt = await pixel.log.append(stream, await pixel.log.head_of(stream), [change], Cause())
            for listener in (both, models):
                sent = await listener.event()
                assert (sent.name, sent.id, sent.json["id"]) == ("model", receipt.position, model)
                assert sent.json["enabled"] == isinstance(change, ModelEnabled)
    while True:
        answer = await live.get(f"/api/v1/models/{model}")
        if answer.text.partition('"data":')[2][:-1] == sent.data:
            break
        await asyncio.sleep(0.02)
    async with listening(live, EVENTS, after=begin, types="model") as models:
        assert [each.id for each in await models.events(2)] == [receipt.position - 1, receipt.position]


async def test_there_are_so_many_streams_and_no_more(database_url: str, tmp_path: Path) -> None:
    """One more is answered with 503; when one ends there is room again."""
    async with running(database_url, tmp_path, max_event_streams=2) as (pixel, _), served(pixel) as client:
        async with listening(client, EVENTS), listening(client, EVENTS):
            answer = await client.get(EVENTS)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
            assert answer.json()["message"] == ERRORS["too many streams"].message
            assert "pixel_event_streams 2.0" in (await client.get("/metrics")).text
        async with asyncio.timeout(patient(30)):
            while pixel.events.listeners:
                await asyncio.sleep(0.01)
        async with listening(client, EVENTS):
            pass


async def test_a_stream_may_be_long(shared: tuple[Pixel, httpx.AsyncClient]) -> None:
    """No limit of a connection ends a stream that nothing happens on; it is neither idle nor slow."""
    limits: dict[str, Any] = {"idle_seconds": 0.1, "head_seconds": 0.1, "body_seconds": 0.1, "write_seconds": 0.1}
    async with (
        asyncio.timeout(patient(60)),
        served(shared[0], **limits) as client,
        listening(client, EVENTS, projectId="long") as stream,
    ):
        assert await stream.block() == Sent(retry=2000)
        await asyncio.sleep(1)  # what must not happen has ten times its time to happen
        task = await create(shared[1], projectId="long")  # over no socket, where the limits would count
        assert (await stream.event()).json["id"] == task


async def test_who_does_not_read_is_let_go(shared: tuple[Pixel, httpx.AsyncClient]) -> None:
    """A connection that is not read is cut when its buffers are full, and Pixel keeps only a few frames for it."""
    pixel = shared[0]
    async with asyncio.timeout(patient(60)), served(pixel, send_buffer=4096, write_seconds=0.5) as client:
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.setblocking(False)
        await asyncio.get_running_loop().sock_connect(peer, (client.base_url.host, client.base_url.port or 0))
        try:
            request = b"GET /api/v1/events?projectId=unread HTTP/1.1\r\nHost: localhost\r\n\r\n"
            await asyncio.get_running_loop().sock_sendall(peer, request)
            while not pixel.events.listeners:
                await asyncio.sleep(0.01)
            posts = 0
            while pixel.events.listeners:
                await create(client, projectId="unread", prompt="x" * 4000)
                posts += 1
                assert posts < 200  # in four seconds at least, and it is cut half a second after its buffers are full
                await asyncio.sleep(0.02)
        finally:
            peer.close()


async def test_a_stop_says_when_to_come_back(database_url: str, tmp_path: Path) -> None:
    """At a stop a stream ends in order, with the time to wait; the next Pixel goes on where it ended."""
    async with (
        running(database_url, tmp_path) as (pixel, _),
        served(pixel) as client,
        listening(client, EVENTS, types="task") as stream,
    ):
        task = await settled(client)
        expected = await versions(client, task)
        assert seen(await stream.events(2)) == expected[:2]
        pixel.events.close()
        left = [sent async for sent in stream.rest()]
        assert left[-1].retry
        assert 1000 <= left[-1].retry <= 4000
        assert left[-1].id is None
    last = [expected[1][0], *(sent.id for sent in left if sent.id)][-1]
    async with running(database_url, tmp_path) as (pixel, _), served(pixel) as client:
        later = await settled(client)
        expected = [event for each in (task, later) for event in await versions(client, each) if event[0] > last]
        async with listening(client, EVENTS, last=last, types="task") as stream:
            assert seen(await stream.events(len(expected))) == expected


async def test_a_stream_ends_with_its_key(database_url: str, tmp_path: Path) -> None:
    """A stream ends when its key is revoked, and one without a key when the first key is issued."""
    async with running(database_url, tmp_path) as (pixel, _), served(pixel) as client:
        async with listening(client, EVENTS) as stream:
            made = await api_keys.create(
                pixel.log, owner="studio", scopes=(Scope.CLIENT,), limits=KeyLimits(), cause=Cause()
            )
            assert [sent async for sent in stream.rest()][-1].retry
        assert (await client.get(EVENTS)).status_code == 401
        client.headers["Authorization"] = f"Bearer {made.text}"
        async with listening(client, EVENTS) as stream:
            await api_keys.revoke(pixel.log, made.key.id, reason="", cause=Cause())
            assert [sent async for sent in stream.rest()][-1].retry
        assert (await client.get(EVENTS)).status_code == 401


async def test_others_events_are_not_sent(live: httpx.AsyncClient, pixel: Pixel) -> None:
    """A listener with an owner gets that owner's tasks only: live, from the window, and of one task."""
    begin = await pixel.log.head()
    with (
        pixel.events.listen(Wanted(owner="somebody"), begin) as other,
        pixel.events.listen(Wanted(owner="anonymous"), begin) as own,
    ):
        task = await settled(live)
        count = len(await versions(live, task))
        found: list[Frame] = []
        while len(found) < count:
            frames = await own.next(30)
            assert isinstance(frames, list)
            found += frames
        assert await other.next(0) == []
    for wanted in (Wanted(owner="somebody"), Wanted(owner="somebody", names=("task",), stream=task_stream(task))):
        with pixel.events.listen(wanted, begin) as other:
            assert await other.next(0.2) == []


async def test_the_events_of_a_run(live: httpx.AsyncClient) -> None:
    """Each change of a run is the run after it, as GET shows it in the end; a condition chooses the canvas, and others
    do not hear of it."""
    canvas = await new_canvas(live, add("cat", "text", model="sandbox/text", prompt="a cat"))
    async with (
        listening(live, EVENTS, types="run", sourceId=canvas) as stream,
        listening(live, EVENTS, types="run", sourceId="other") as other,
    ):
        begin = int(stream.response.headers["x-pixel-position"])
        run = await started(live, canvas, "cat")
        sent = await stream.events(6)
        assert [each.name for each in sent] == ["run"] * 6
        assert [each.json["status"] for each in sent] == ["waiting", "waiting", *["running"] * 3, "completed"]
        final = await live.get(f"/api/v1/runs/{run}")
        assert sent[-1].data == final.text.partition('"data":')[2][:-1]
        assert sent[-1].id == int(final.headers["x-pixel-position"])
        async with listening(live, EVENTS, types="run", after=begin, last=sent[2].id) as again:
            assert await again.events(3) == sent[3:]
        task = await settled(live, sourceId="other")
        async with listening(live, EVENTS, types="task,run", sourceId="other", after=begin) as both:
            assert {each.json["id"] for each in await both.events(2)} == {task}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await other.events(1)
