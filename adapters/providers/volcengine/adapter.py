"""Volcengine: pictures, films and chats at Ark, speech at openspeech. Two services, two addresses, two kinds of keys.

One ring holds the keys of both. A key of Ark's has one part; one of openspeech's has two: its secret, and the id of its
application, which is empty for a key of the new console. Which is for what is told by that, and so neither is set aside
for what the other service says."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from adapters.outbound.client import Query, Reply, build_request
from adapters.providers import openai_chat
from adapters.providers.base import Access, Adapter, HttpProvider, keys_in, missing_key, wire_config
from adapters.providers.batch_poll import BatchPoll
from adapters.providers.keyring import Key
from adapters.providers.sightings import JobStatus, job_status
from adapters.providers.tolerant_reader import decode, decode_strictly
from adapters.providers.volcengine import images as ark
from adapters.providers.volcengine import speech
from adapters.providers.volcengine import videos as video
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
_APP_ID, _TOKEN, _API_KEY = "VOLCENGINE_TTS_APP_ID", "VOLCENGINE_TTS_TOKEN", "VOLCENGINE_TTS_API_KEY"
_TASKS = "/contents/generations/tasks"
_IMAGE_SECONDS = 600.0
_CHAT_SECONDS = 600.0
_VIDEO_SECONDS = 60.0
_SPEECH_SECONDS = 120.0
_PAGE, _MAX_PAGES = 500, 5
_SYNCHRONOUS = "Ark and openspeech keep no record of pictures, chats and speech that could be asked for."


class Volcengine(HttpProvider):
    """Sends what the wire modules write, and shows them the answers."""

    lookup_after_seconds = 120.0
    history_seconds = 24 * 3600.0  # seven days by one page, a day by another

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.speech_url = (access.environment.get("VOLCENGINE_TTS_BASE_URL") or _SPEECH_BASE_URL).rstrip("/")
        self._batch_poll = BatchPoll(self._poll_batch)
        self._seeds = video.Seeds()

    def key_serves(self, key: Key, kind: Kind) -> bool:
        """Speech has keys of its own."""
        return (len(key.parts) == 2) == (kind is Kind.AUDIO)

    def is_key_error(self, seen: Refused) -> bool:
        """Not for one model's cap, trial or switch: the key serves the others."""
        return super().is_key_error(seen) and ark.is_key_error(seen)

    async def _submit(self, order: Order, key: Key) -> Sighting:
        """A film is accepted first; all else comes with the answer."""
        request, from_wire, seconds = await self.encode(order, lambda: self._build_request(order, key))
        reply = await self.send_once(order, request, seconds)
        seen = await self.read_sighting(reply, from_wire)
        if isinstance(seen, Accepted):
            self._seeds.remember(order, seen.job)
        return seen

    def _build_request(self, order: Order, key: Key) -> tuple[httpx.Request, Callable[[Reply], Sighting], float]:
        """The request, what reads its answer, and for how long that is waited for."""
        from_wire: Callable[[Reply], Sighting]
        match order.kind:
            case Kind.IMAGE:
                request = self._request("POST", "/images/generations", key, ark.to_wire(order))
                from_wire, seconds = ark.submit_result, _IMAGE_SECONDS
            case Kind.VIDEO:
                body = video.to_wire(order, self.callback_url(order.call_id))
                request = self._request("POST", _TASKS, key, body)
                from_wire, seconds = video.submit_result, _VIDEO_SECONDS
            case Kind.LLM:
                request = self._request("POST", "/chat/completions", key, chat_to_wire(order))
                from_wire, seconds = partial(openai_chat.from_wire, refused=ark.refused), _CHAT_SECONDS
            case Kind.AUDIO:
                said_how = speech.speech_config(order)
                request = build_request(
                    "POST",
                    self.speech_url + speech.path(said_how),
                    headers=speech.headers(order, key),
                    json_body=speech.to_wire(order, key),
                )
                letters = len(order.params["prompt"])
                from_wire, seconds = partial(speech.submit_result, speech=said_how, letters=letters), _SPEECH_SECONDS
        if order.kind is not Kind.AUDIO:
            request.headers["X-Client-Request-Id"] = order.call_id  # for questions to their support; it dedupes nothing
        return request, from_wire, seconds

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """How is the film doing? What is under way is asked after together, what is done or not listed by itself."""
        self._seeds.remember(order, job)
        seen = await self._batch_poll.poll(key, job)
        if seen is not None:
            return seen
        reply = await self.client.query(self._request("GET", f"{_TASKS}/{job}", key))
        return await self.read_sighting(reply, video.poll_result)

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Only what is queued is stopped: the same DELETE destroys the record of what is done, and with it the film."""
        before = await self._status(key, job)
        if before == "queued":
            await self.client.query(self._request("DELETE", f"{_TASKS}/{job}", key))
            before = await self._status(key, job)  # it may have begun in between: only what Ark says now counts
        match before:
            case "cancelled":
                return CancelResult(outcome="confirmed", message="Ark stopped the task in its queue.", charged="no")
            case "running" | "done" | "failed" | "expired":
                return CancelResult(outcome="too_late", message=f"Ark's task is {before}, and can't be stopped.")
            case _:
                return CancelResult(outcome="unknown", message="Ark did not say what became of the task.")

    async def _poll_batch(self, key: Key, jobs: list[str]) -> dict[str, Working] | NoVerdict:
        """Ark's list can be asked for tasks by their ids."""
        query: Query = {"filter.task_ids": jobs, "page_size": str(len(jobs))}
        reply = await self.client.query(self._request("GET", _TASKS, key, query=query))
        if not isinstance(reply, Reply):
            return reply
        return NoVerdict(reason=f"HTTP {reply.status}") if reply.busy else video.working_tasks(reply)

    def job_from_callback(self, body: bytes) -> str | None:
        """A callback's body is the task, as it stood."""
        task = decode(body, video.Task)
        return task.id if task else None

    async def _status(self, key: Key, job: str) -> JobStatus | None:
        reply = await self.client.query(self._request("GET", f"{_TASKS}/{job}", key))
        task = decode(reply.body, video.Task) if isinstance(reply, Reply) and reply.ok else None
        return job_status(task.status) if task else None

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for a film among the tasks of the last days."""
        if order.kind is not Kind.VIDEO:
            return CannotTell(reason=_SYNCHRONOUS)
        tasks: list[video.ListedTask] = []
        for page in range(1, _MAX_PAGES + 1):
            query: Query = {"page_num": str(page), "page_size": str(_PAGE)}
            reply = await self.client.query(self._request("GET", _TASKS, key, query=query))
            if not isinstance(reply, Reply):
                return reply
            found = decode_strictly(reply.body, video.Page) if reply.ok else None
            if found is None:
                return NoVerdict(reason=f"Ark's list of tasks can't be read (HTTP {reply.status})")
            tasks += found.items
            if len(found.items) < _PAGE and (found.total is None or len(tasks) >= found.total):
                return self._lookup_result(order, tasks, whole=True)
        return self._lookup_result(order, tasks, whole=False)

    def _lookup_result(self, order: Order, tasks: list[video.ListedTask], *, whole: bool) -> LookupResult | NoVerdict:
        seen = video.TaskListing(tuple(tasks), whole, self._seeds.echoed(tasks))
        finding = video.lookup_result(order, seen)
        if isinstance(finding, CannotTell) and seen.echoes_seeds is None and self._is_recent(order):
            return NoVerdict(reason="no other task has shown yet whether Ark repeats seeds")
        return finding

    def _is_recent(self, order: Order) -> bool:
        age = datetime.now(UTC) - order.called_at if order.called_at else None
        return age is not None and age < timedelta(seconds=self.lookup_after_seconds)

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


def chat_to_wire(order: Order) -> dict[str, Any]:
    """Where the model thinks, its thoughts are paid for: then the limit holds for both."""
    wire = wire_config(order.spec, ark.Wire)
    limit = "max_tokens" if wire.thinking == "disabled" else "max_completion_tokens"
    more = {"thinking": {"type": wire.thinking}} if wire.thinking else None
    return openai_chat.to_wire(order, model=wire.model, max_tokens_field=limit, more=more)


# --- Keys ---


def keys(environment: Mapping[str, str], variable: str | None) -> list[tuple[str, ...]]:
    """Ark's keys, then openspeech's: application and token, several with commas between, else the new console's key."""
    applications, tokens = _listed(environment, _APP_ID), _listed(environment, _TOKEN)
    if len(applications) == len(tokens) > 0:
        spoken = list(zip(tokens, applications, strict=True))
    else:
        spoken = [(key, "") for key in _listed(environment, _API_KEY)]
    return [*(keys_in(environment, variable) if variable else []), *spoken]


def missing(environment: Mapping[str, str], variable: str | None, spec: ModelSpec) -> str | None:
    if spec.type is not Kind.AUDIO:
        return missing_key(environment, variable, spec)
    applications, tokens = _listed(environment, _APP_ID), _listed(environment, _TOKEN)
    if applications or tokens:
        return None if len(applications) == len(tokens) else f"as many values in {_TOKEN} as in {_APP_ID}"
    how = wire_config(spec, ark.Wire).speech or ark.Speech()
    if how.dialect == "v1":
        return f"{_APP_ID} and {_TOKEN}"
    return None if _listed(environment, _API_KEY) else f"{_APP_ID} and {_TOKEN}, or {_API_KEY}"


def _listed(environment: Mapping[str, str], variable: str) -> list[str]:
    return [value.strip() for value in environment.get(variable, "").split(",") if value.strip()]


ADAPTER = Adapter(
    open=Volcengine,
    wire=ark.Wire,
    base_url="https://ark.cn-beijing.volces.com/api/v3",
    keys=keys,
    missing=missing,
)
