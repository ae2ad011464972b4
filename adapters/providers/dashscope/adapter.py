"""DashScope (Alibaba Model Studio): Qwen and Wan images, Wan videos, Qwen speech and chat.

An order carries no id of ours, so two orders with the same content can't be distinguished. But the account's list holds
tasks for a day: when no listed task can be the order, the order never arrived. Synchronous results are in no list."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from adapters.outbound.client import Reply, build_request
from adapters.providers import openai_chat
from adapters.providers.base import Access, Adapter, HttpProvider, earliest_call, keys_in, missing_key, wire_config
from adapters.providers.dashscope import models
from adapters.providers.dashscope.errors import Error, normalized, refused
from adapters.providers.dashscope.requests import Wire, is_asynchronous, to_wire, unsupported, vendor_model
from adapters.providers.dashscope.tasks import (
    ListedTask,
    TaskList,
    could_be,
    covers,
    list_refused,
    poll_result,
    submit_result,
)
from adapters.providers.keyring import Key
from adapters.providers.model_list import ALL_KINDS, ListFormat
from adapters.providers.redaction import redacted
from adapters.providers.tolerant_reader import decode, decode_strictly
from application.ports import OnText
from domain.model import Kind, ModelSpec
from domain.provider import (
    CancelResult,
    CannotTell,
    LookupResult,
    NotFound,
    NoVerdict,
    Order,
    Refused,
    Sighting,
)

_SUBMIT_SECONDS = 60.0
_AT_ONCE_SECONDS = 300.0
_PAGE, _MAX_PAGES, _MAX_NAMED = 50, 40, 5


# --- What answers say ---


# --- The lost order ---


class DashScope(HttpProvider):
    """Sends orders and queries to DashScope."""

    lookup_after_seconds = 120.0
    history_seconds = 24 * 3600.0  # docs/providers/dashscope.md#limits-and-lifetimes
    list_format = ListFormat(
        ALL_KINDS, models.from_wire, refused, models.FIRST
    )  # docs/providers/dashscope.md#list-of-models

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        # The vendor's own tools expect the address with one of these paths.
        self.base_url = re.sub(r"/(?:api|compatible-mode)/v1$", "", access.base_url)

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """An order with parameters that DashScope would ignore is refused before it is sent."""
        if reason := unsupported(order):
            return Refused(code="provider_rejected", message=reason)
        request = await self.encode(order, lambda: self._build_request(order, key))
        seconds = _SUBMIT_SECONDS if is_asynchronous(order) else _AT_ONCE_SECONDS
        reply = await self.send_once(order, request, seconds, on_text)
        if not isinstance(reply, Reply):
            return reply
        if order.kind is Kind.LLM:
            return await self.read(openai_chat.from_wire, reply, refused=refused)
        return await self.read(partial(submit_result, order), reply)

    def _build_request(self, order: Order, key: Key) -> httpx.Request:
        if order.kind is Kind.LLM:
            wire = wire_config(order.spec, Wire)
            body = openai_chat.to_wire(order, model=wire.model, more=wire.parameters, streams=openai_chat.STREAM)
            return self._request("POST", "/compatible-mode/v1/chat/completions", key, body)
        sending = to_wire(order)
        request = self._request("POST", sending.path, key, sending.body)
        if sending.task:
            request.headers["X-DashScope-Async"] = "enable"
        return request

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Poll a task."""
        reply = await self.client.query(self._request("GET", f"/api/v1/tasks/{quote(job, safe='')}", key))
        return await self.read(partial(poll_result, order), reply) if isinstance(reply, Reply) else reply

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Cancel a waiting task; DashScope can't cancel others."""
        reply = await self.client.query(self._request("POST", f"/api/v1/tasks/{quote(job, safe='')}/cancel", key))
        if isinstance(reply, NoVerdict):
            return CancelResult(outcome="unknown", message=reply.reason)
        error = Error.of(reply.body)
        if reply.ok and not error.is_present and decode(reply.body, dict[str, Any]) is not None:
            return CancelResult(outcome="confirmed", message="The task was cancelled.", charged="no")
        if normalized(error.code) == "unsupportedoperation":
            return CancelResult(outcome="too_late", message="DashScope stops only what still waits.")
        return CancelResult(outcome="unknown", message=f"HTTP {reply.status}: {redacted(error.message)}")

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look in the account's list. No candidate proves absence; with any candidate a person decides."""
        if not is_asynchronous(order):
            return CannotTell(reason="What DashScope makes at once is in no list.")
        since, model = earliest_call(order), vendor_model(order)
        listed = await self._listed(key, since)
        if isinstance(listed, NoVerdict | CannotTell):
            return listed
        candidates = [task for task in listed if could_be(task, model, since)]
        if candidates:
            named = ", ".join(redacted(task.task_id)[:60] for task in candidates[:_MAX_NAMED])
            more = f" and {len(candidates) - _MAX_NAMED} more" if len(candidates) > _MAX_NAMED else ""
            return CannotTell(reason=f"DashScope lists tasks of {model} that may be it: {named}{more}.")
        when = f"{since:%Y-%m-%d %H:%M:%S} UTC"
        return NotFound(evidence=f"DashScope's list of the account's tasks has none of {model} since {when}")

    async def _listed(self, key: Key, since: datetime) -> list[ListedTask] | NoVerdict | CannotTell:
        """Every task of the account that the list has since `since`.

        The query filters by neither time nor model: the list's times have no zone, and an unknown model name would
        hide the task."""
        found: dict[str, ListedTask] = {}
        for page in range(1, _MAX_PAGES + 1):
            query = {"page_no": str(page), "page_size": str(_PAGE)}
            reply = await self.client.query(self._request("GET", "/api/v1/tasks/", key, query=query))
            if isinstance(reply, NoVerdict):
                return reply
            listing = decode_strictly(reply.body, TaskList) if reply.ok else None
            tasks = listing.data if listing and listing.data is not None else listing.tasks if listing else None
            if listing is None or tasks is None:
                return list_refused(reply)
            found |= {task.task_id: task for task in tasks}
            if len(found) >= listing.total or (tasks and covers(found.values(), since)):
                return list(found.values())
            if not tasks:
                return NoVerdict(reason="the list of tasks has less than it says")
        return CannotTell(reason="DashScope lists more tasks than can be looked through.")

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """The models of the region, page by page."""
        return self._request("GET", "/api/v1/models", key, query=query)

    def listed_names(self, spec: ModelSpec) -> tuple[str, ...]:
        """A model that has another name for orders with images is two models of the vendor."""
        with_images = wire_config(spec, Wire).with_images
        return (*super().listed_names(spec), *([with_images] if with_images else []))

    def _request(
        self,
        method: str,
        path: str,
        key: Key,
        body: dict[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        headers = {"Authorization": f"Bearer {key.secret}"}
        return build_request(method, self.base_url + path, headers=headers, json_body=body, query=query)


ADAPTER = Adapter(
    open=DashScope,
    wire=Wire,
    base_url="https://dashscope.aliyuncs.com",
    keys=keys_in,
    missing=missing_key,
)
