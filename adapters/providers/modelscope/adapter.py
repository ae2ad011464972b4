"""ModelScope API-Inference: images by task with LoRAs, and chat. Free and without guarantees; one image per task.

It dedupes nothing and lists nothing: an order whose answer was lost can't be looked up."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from adapters.outbound.client import Reply, build_request
from adapters.providers import openai_chat, openai_models
from adapters.providers.base import Adapter, HttpProvider, keys_in, missing_key, wire_config
from adapters.providers.keyring import Key
from adapters.providers.model_list import ListFormat
from adapters.providers.modelscope.errors import refused
from adapters.providers.modelscope.requests import Wire, to_wire
from adapters.providers.modelscope.tasks import poll_result, submit_result
from application.ports import OnText
from domain.model import Kind
from domain.provider import Order, Sighting

_SUBMIT_SECONDS = 60.0
_CHAT_SECONDS = 300.0


class ModelScope(HttpProvider):
    """Sends orders and queries to ModelScope."""

    # Chats only: docs/providers/modelscope.md#list-of-models
    list_format = ListFormat(frozenset({Kind.LLM}), openai_models.from_wire, refused)

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """ModelScope accepts images as tasks; chat comes in the answer."""
        if order.kind is Kind.LLM:
            model = wire_config(order.spec, Wire).model
            body = openai_chat.to_wire(order, model=model, streams=openai_chat.STREAM)
            request = self._request("POST", "/chat/completions", key, body)
            reply = await self.send_once(order, request, _CHAT_SECONDS, on_text)
            return await self.read(openai_chat.from_wire, reply, refused=refused) if isinstance(reply, Reply) else reply
        request = self._request("POST", "/images/generations", key, to_wire(order))
        request.headers["X-ModelScope-Async-Mode"] = "true"
        reply = await self.send_once(order, request, _SUBMIT_SECONDS)
        return await self.read(submit_result, reply) if isinstance(reply, Reply) else reply

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Poll an image task."""
        question = self._request("GET", f"/tasks/{quote(job, safe='')}", key)
        question.headers["X-ModelScope-Task-Type"] = "image_generation"
        reply = await self.client.query(question)
        return await self.read(poll_result, reply) if isinstance(reply, Reply) else reply

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """The chat models of API-Inference, on one page."""
        return self._request("GET", "/models", key)

    def _request(self, method: str, path: str, key: Key, body: dict[str, Any] | None = None) -> httpx.Request:
        return build_request(
            method, self.base_url + path, headers={"Authorization": f"Bearer {key.secret}"}, json_body=body
        )


ADAPTER = Adapter(
    open=ModelScope,
    wire=Wire,
    base_url="https://api-inference.modelscope.cn/v1",
    keys=keys_in,
    missing=missing_key,
)
