"""Volcengine: images, videos and chat at Ark, speech at openspeech. Two services with two addresses and separate keys.

One keyring holds the keys of both. A key of Ark has one part. A key of openspeech has two: its secret and its
application id, which is empty for keys of the new console. The number of parts shows the service, so an error of one
service never suspends the other's keys."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from adapters.outbound.client import Query, Reply, build_request
from adapters.providers import openai_chat
from adapters.providers.base import Access, Adapter, HttpProvider
from adapters.providers.batch_poll import BatchPoll
from adapters.providers.keyring import Key
from adapters.providers.model_list import ListFormat
from adapters.providers.sightings import JobStatus, job_status
from adapters.providers.tolerant_reader import decode, decode_strictly
from adapters.providers.volcengine import errors, images, models, requests, speech, videos
from adapters.providers.volcengine.auth import keys, missing
from adapters.providers.volcengine.requests import chat_to_wire
from application.ports import OnText
from domain.model import Kind, ModelSpec
from domain.provider import (
    Accepted,
    CancelResult,
    CannotTell,
    LookupResult,
    NoVerdict,
    Order,
    Refused,
    Sighting,
    Working,
)

_SPEECH_BASE_URL = "https://openspeech.bytedance.com"
_TASKS = "/contents/generations/tasks"
_IMAGE_SECONDS = 600.0
_CHAT_SECONDS = 600.0
_VIDEO_SECONDS = 60.0
_SPEECH_SECONDS = 120.0
_CREATE_SECONDS = 600.0
_PAGE, _MAX_PAGES = 500, 5
_SYNCHRONOUS = "Ark and openspeech keep no list of images, chats and speech that could be searched."


class Volcengine(HttpProvider):
    """Sends orders and queries to Ark and openspeech."""

    lookup_after_seconds = 120.0
    history_seconds = 24 * 3600.0  # two pages disagree: docs/providers/volcengine.md#limits-and-lifetimes
    list_format = ListFormat(models.KINDS, models.from_wire, errors.refused)

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.speech_url = (access.environment.get("VOLCENGINE_TTS_BASE_URL") or _SPEECH_BASE_URL).rstrip("/")
        self._batch_poll = BatchPoll(self._poll_batch)
        self._marks = videos.Marks()

    def key_serves(self, key: Key, kind: Kind) -> bool:
        """Speech has its own keys."""
        return (len(key.parts) == 2) == (kind is Kind.AUDIO)

    def is_key_error(self, seen: Refused) -> bool:
        """Whether a refusal concerns the key. The cap, the trial or the switch of one model does not: the key works
        for the other models."""
        return super().is_key_error(seen) and errors.is_key_error(seen)

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """Ark accepts videos as tasks; everything else comes in the answer."""
        request, from_wire, seconds = await self.encode(order, lambda: self._build_request(order, key))
        reply = await self.send_once(order, request, seconds, on_text)
        seen = await self.read_sighting(reply, from_wire)
        if isinstance(seen, Accepted):
            self._marks.remember(order, seen.job)
        return seen

    def _build_request(self, order: Order, key: Key) -> tuple[httpx.Request, Callable[[Reply], Sighting], float]:
        """The request, the function that reads its answer, and the read timeout in seconds."""
        from_wire: Callable[[Reply], Sighting]
        match order.kind:
            case Kind.IMAGE:
                request = self._request("POST", "/images/generations", key, images.to_wire(order))
                from_wire, seconds = images.submit_result, _IMAGE_SECONDS
            case Kind.VIDEO:
                body = videos.to_wire(order, self.callback_url(order.call_id))
                request = self._request("POST", _TASKS, key, body)
                from_wire, seconds = videos.submit_result, _VIDEO_SECONDS
            case Kind.LLM:
                request = self._request("POST", "/chat/completions", key, chat_to_wire(order))
                from_wire, seconds = partial(openai_chat.from_wire, refused=errors.refused), _CHAT_SECONDS
            case Kind.AUDIO:
                dialect = speech.speech_config(order)
                request = build_request(
                    "POST",
                    self.speech_url + speech.path(dialect),
                    headers=speech.headers(order, key),
                    json_body=speech.to_wire(order, key),
                )
                letters = len(order.params["prompt"])
                from_wire = partial(speech.submit_result, speech=dialect, letters=letters)
                seconds = _CREATE_SECONDS if dialect.dialect == "create" else _SPEECH_SECONDS
        if order.kind is not Kind.AUDIO:
            request.headers["X-Client-Request-Id"] = order.call_id  # for the vendor's support; it dedupes nothing
        return request, from_wire, seconds

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Poll a video task: running tasks in one request, finished and unlisted tasks individually."""
        self._marks.remember(order, job)
        seen = await self._batch_poll.poll(key, job)
        if seen is not None:
            return seen
        reply = await self.client.query(self._request("GET", f"{_TASKS}/{job}", key))
        return await self.read_sighting(reply, videos.poll_result)

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Cancel a queued task. DELETE on any other task removes its record, and with it the video."""
        before = await self._status(key, job)
        if before == "queued":
            await self.client.query(self._request("DELETE", f"{_TASKS}/{job}", key))
            before = await self._status(key, job)  # the task may have started meanwhile, so only the new status counts
        match before:
            case "cancelled":
                return CancelResult(outcome="confirmed", message="Ark stopped the task in its queue.", charged="no")
            case "running" | "done" | "failed" | "expired":
                return CancelResult(outcome="too_late", message=f"Ark's task is {before}, and can't be stopped.")
            case _:
                return CancelResult(outcome="unknown", message="Ark did not say what became of the task.")

    async def _poll_batch(self, key: Key, jobs: list[str]) -> dict[str, Working] | NoVerdict:
        """Poll several tasks through Ark's list, which filters by id."""
        query: Query = {"filter.task_ids": jobs, "page_size": str(len(jobs))}
        reply = await self.client.query(self._request("GET", _TASKS, key, query=query))
        if not isinstance(reply, Reply):
            return reply
        return NoVerdict(reason=f"HTTP {reply.status}") if reply.busy else videos.working_tasks(reply)

    def job_from_callback(self, body: bytes) -> str | None:
        """The body of a callback is the task."""
        task = decode(body, videos.Task)
        return task.id if task else None

    async def _status(self, key: Key, job: str) -> JobStatus | None:
        reply = await self.client.query(self._request("GET", f"{_TASKS}/{job}", key))
        task = decode(reply.body, videos.Task) if isinstance(reply, Reply) and reply.ok else None
        return job_status(task.status) if task else None

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for a video among the tasks of the last days."""
        if order.kind is not Kind.VIDEO:
            return CannotTell(reason=_SYNCHRONOUS)
        tasks: list[videos.ListedTask] = []
        for page in range(1, _MAX_PAGES + 1):
            query: Query = {"page_num": str(page), "page_size": str(_PAGE)}
            reply = await self.client.query(self._request("GET", _TASKS, key, query=query))
            if not isinstance(reply, Reply):
                return reply
            found = decode_strictly(reply.body, videos.Page) if reply.ok else None
            if found is None:
                return NoVerdict(reason=f"Ark's list of tasks can't be read (HTTP {reply.status})")
            tasks += found.items
            if len(found.items) < _PAGE and (found.total is None or len(tasks) >= found.total):
                return self._lookup_result(order, tasks, complete=True)
        return self._lookup_result(order, tasks, complete=False)

    def _lookup_result(
        self, order: Order, tasks: list[videos.ListedTask], *, complete: bool
    ) -> LookupResult | NoVerdict:
        seen = videos.TaskListing(tuple(tasks), complete, self._marks.repeated(order, tasks))
        finding = videos.lookup_result(order, seen)
        is_untested = seen.repeats_marks is None and videos.mark_of(order) is not None
        if isinstance(finding, CannotTell) and is_untested and self._is_recent(order):
            return NoVerdict(reason="no other task has shown yet whether Ark repeats what marks a call")
        return finding

    def _is_recent(self, order: Order) -> bool:
        age = datetime.now(UTC) - order.called_at if order.called_at else None
        return age is not None and age < timedelta(seconds=self.lookup_after_seconds)

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """Ark's models, those that are shut down included, on one page."""
        return self._request("GET", "/models", key, query=query)

    def listed_names(self, spec: ModelSpec) -> tuple[str, ...]:
        """An endpoint of one's own (`ep-…`) is in no list."""
        return tuple(name for name in super().listed_names(spec) if not name.startswith("ep-"))

    def _request(
        self,
        method: str,
        path: str,
        key: Key,
        body: dict[str, Any] | None = None,
        query: Query | None = None,
    ) -> httpx.Request:
        headers = {"Authorization": f"Bearer {key.secret}"}
        return build_request(method, self.base_url + path, headers=headers, json_body=body, query=query)


# --- Keys ---


ADAPTER = Adapter(
    open=Volcengine,
    wire=requests.Wire,
    base_url="https://ark.cn-beijing.volces.com/api/v3",
    keys=keys,
    missing=missing,
)
