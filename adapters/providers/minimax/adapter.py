"""MiniMax: images, speech and chat in the answer, videos by task in both generations of its API.

Nothing is idempotent. Only videos of v2 can be listed and cancelled; any other lost answer stays in doubt."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from adapters.outbound.client import Query, Reply, build_request
from adapters.providers import openai_models
from adapters.providers.base import Access, Adapter, HttpProvider, earliest_call, keys_in, missing_key, wire_config
from adapters.providers.batch_poll import BatchPoll
from adapters.providers.keyring import Key
from adapters.providers.minimax import requests, synchronous, videos
from adapters.providers.minimax.errors import query_refused, refused
from adapters.providers.minimax.requests import Wire
from adapters.providers.model_list import ListFormat
from adapters.providers.sightings import job_status, with_raw_answer
from adapters.providers.tolerant_reader import decode_strictly
from application.ports import OnText
from domain.model import Kind
from domain.provider import CancelResult, CannotTell, LookupResult, NoVerdict, Order, Refused, Sighting, Working

_SUBMIT_SECONDS = 60.0
_IMAGE_SECONDS = 120.0
_SPEECH_SECONDS = 120.0
_CHAT_SECONDS = 300.0
_PAGE = 50
_MAX_PAGES = 40


class MiniMax(HttpProvider):
    """Sends orders and queries to MiniMax."""

    lookup_after_seconds = 180.0
    history_seconds = 7 * 24 * 3600.0  # docs/providers/minimax.md#limits-and-lifetimes
    # Chats only: docs/providers/minimax.md#list-of-models
    list_format = ListFormat(frozenset({Kind.LLM}), openai_models.from_wire, refused)

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.base_url = access.base_url.removesuffix("/v1")  # chat clients configure the address with /v1
        self._batch_poll = BatchPoll(self._poll_batch)
        self.group = access.environment.get("MINIMAX_GROUP_ID", "").strip()

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """MiniMax accepts videos as tasks; everything else comes in the answer."""
        if order.kind is Kind.LLM:
            body = requests.chat_to_wire(order)
            if isinstance(body, Refused):
                return body
            request = self._v1("POST", "/text/chatcompletion_v2", key, body)
            said = synchronous.SpokenText(on_text) if on_text else None
            reply = await self.send_once(order, request, _CHAT_SECONDS, said)
            return await self.read_sighting(reply, synchronous.chat_result)
        request = await self.encode(order, lambda: self._build_request(order, key))
        match order.kind:
            case Kind.IMAGE:
                reply = await self.send_once(order, request, _IMAGE_SECONDS)
                return await self.read_sighting(reply, partial(synchronous.image_result, order))
            case Kind.AUDIO:
                reply = await self.send_once(order, request, _SPEECH_SECONDS)
                return await self.read_sighting(reply, synchronous.speech_result)
            case _:
                reply = await self.send_once(order, request, _SUBMIT_SECONDS)
                return await self.read_sighting(
                    reply, videos.v2_submit_result if _is_v2(order) else videos.v1_submit_result
                )

    def _build_request(self, order: Order, key: Key) -> httpx.Request:
        callback = self.callback_url(order.call_id)
        match order.kind:
            case Kind.IMAGE:
                return self._v1("POST", "/image_generation", key, requests.image_to_wire(order))
            case Kind.AUDIO:
                return self._v1("POST", "/t2a_v2", key, requests.speech_to_wire(order))
            case _ if _is_v2(order):
                return self._v2("POST", "/video_generation", key, requests.v2_to_wire(order, callback=callback))
            case _:
                return self._v1("POST", "/video_generation", key, requests.v1_to_wire(order, callback=callback))

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Poll a video task. Every poll returns a new URL."""
        if _is_v2(order):
            batch = await self._batch_poll.poll(key, job)
            if batch is not None:
                return batch
            reply = await self.client.query(self._v2("GET", f"/query/video_generation/{quote(job, safe='')}", key))
            return await self.read_sighting(reply, videos.v2_poll_result)
        reply = await self.client.query(self._v1("GET", "/query/video_generation", key, query={"task_id": job}))
        seen = videos.v1_poll_result(reply) if isinstance(reply, Reply) else reply
        if not isinstance(seen, videos.FileReady):
            return with_raw_answer(seen, reply) if isinstance(reply, Reply) else seen
        reply = await self.client.query(self._v1("GET", "/files/retrieve", key, query={"file_id": seen.file_id}))
        return await self.read_sighting(reply, partial(videos.v1_file_result, otherwise=seen.otherwise))

    async def _poll_batch(self, key: Key, jobs: list[str]) -> dict[str, Working] | NoVerdict:
        """Poll several tasks through the list of v2, which filters by id. Finished tasks are polled individually."""
        query: Query = {"filter.task_ids": jobs, "page_size": str(len(jobs))}
        reply = await self.client.query(self._v2("GET", "/query/video_generation", key, query=query))
        if not isinstance(reply, Reply):
            return reply
        return NoVerdict(reason=f"HTTP {reply.status}") if reply.busy else videos.v2_working_tasks(reply)

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Cancel a queued video. Its status is queried first, because the same DELETE removes a finished video."""
        if not _is_v2(order):
            return await super()._cancel(order, key, job)
        url = f"/video_generation/{quote(job, safe='')}"
        for last in (False, True):
            reply = await self.client.query(self._v2("GET", f"/query{url}", key))
            task = videos.v2_task(reply) if isinstance(reply, Reply) else reply
            how = job_status(task.status) if isinstance(task, videos.V2Task) else None
            if how is None:
                break
            if how == "cancelled":
                return CancelResult(outcome="confirmed", message="It is cancelled at MiniMax.", charged="no")
            if how != "queued":
                return CancelResult(outcome="too_late", message=f"At MiniMax it is {how}, and can't be stopped.")
            if last:
                return CancelResult(outcome="unknown", message="MiniMax was asked to stop it, and has not yet.")
            reply = await self.client.query(self._v2("DELETE", url, key))
            if isinstance(reply, Reply) and (result := videos.v2_cancel_result(reply)):
                return result
        return CancelResult(outcome="unknown", message="MiniMax does not say how far it is.")

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for the order among the listed videos; only v2 has a list."""
        if order.kind is not Kind.VIDEO or not _is_v2(order):
            return await super()._lookup(order, key)
        tasks = await self._listed(key)
        return videos.v2_lookup_result(tasks, since=earliest_call(order)) if isinstance(tasks, dict) else tasks

    def job_from_callback(self, body: bytes) -> str | None:
        """The task that a callback names."""
        return videos.job_from_callback(body)

    async def _listed(self, key: Key) -> dict[str, videos.V2Listed] | CannotTell | NoVerdict:
        """The complete list of videos of all models, because the list's model names are not documented.

        Pages may shift while they are read, so reading goes on until the count is reached."""
        tasks: dict[str, videos.V2Listed] = {}
        for page in range(1, _MAX_PAGES + 1):
            query = {"page_num": str(page), "page_size": str(_PAGE)}
            reply = await self.client.query(self._v2("GET", "/query/video_generation", key, query=query))
            if isinstance(reply, NoVerdict):
                return reply
            found = decode_strictly(reply.body, videos.V2List) if reply.ok else None
            if found is None:
                seen = query_refused(reply)
                return seen if isinstance(seen, NoVerdict) else NoVerdict(reason="MiniMax refused to list its tasks")
            tasks |= {task.id: task for task in found.items}
            if len(tasks) >= found.total:
                return tasks
            if not found.items:
                return NoVerdict(reason=f"MiniMax lists {len(tasks)} tasks and counts {found.total}")
        return CannotTell(reason=f"MiniMax has more than {_PAGE * _MAX_PAGES} tasks: too many to look through")

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """The chat models, on one page."""
        return self._v1("GET", "/models", key, query=query)

    def _v1(
        self,
        method: str,
        path: str,
        key: Key,
        body: dict[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        group = {"GroupId": self.group} if self.group else {}
        return self._request(method, f"/v1{path}", key, body, {**(query or {}), **group})

    def _v2(
        self,
        method: str,
        path: str,
        key: Key,
        body: dict[str, Any] | None = None,
        query: Query | None = None,
    ) -> httpx.Request:
        return self._request(method, f"/v2{path}", key, body, query or {})

    def _request(self, method: str, path: str, key: Key, body: dict[str, Any] | None, query: Query) -> httpx.Request:
        headers = {"Authorization": f"Bearer {key.secret}"}
        return build_request(method, self.base_url + path, headers=headers, json_body=body, query=query or None)


def _is_v2(order: Order) -> bool:
    return wire_config(order.spec, Wire).api == "v2"


ADAPTER = Adapter(
    open=MiniMax,
    wire=Wire,
    base_url="https://api.minimax.io",
    keys=keys_in,
    missing=missing_key,
)
