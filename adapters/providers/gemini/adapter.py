"""Google's Gemini API: images, speech and chat by generateContent, videos by interactions or operations.

Blocks come with HTTP 200, and an image order may be answered with text only: the body decides, not the status. Nothing
can be looked up, so a lost answer stays in doubt."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import httpx

from adapters.outbound.client import Reply, build_request
from adapters.providers.base import Adapter, HttpProvider, keys_in, missing_key, wire_config
from adapters.providers.gemini import chat_stream, interactions, models, videos
from adapters.providers.gemini.errors import refused
from adapters.providers.gemini.requests import Wire, to_wire
from adapters.providers.gemini.synchronous import submit_result
from adapters.providers.keyring import Key
from adapters.providers.model_list import ALL_KINDS, ListFormat
from application.ports import OnText
from domain.model import Kind
from domain.provider import CancelResult, NoVerdict, Order, Sighting

_ANSWER_SECONDS = 300.0
_ACCEPT_SECONDS = 60.0
_AS_EVENTS = {"alt": "sse"}  # else a stream comes as one list


class Gemini(HttpProvider):
    """Sends orders and queries to Google."""

    takes_urls = False  # Google's file URIs are its own, so images go out as bytes
    texts = staticmethod(chat_stream.texts)
    list_format = ListFormat(
        ALL_KINDS, models.from_wire, refused, models.FIRST
    )  # docs/providers/gemini.md#list-of-models

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """Google accepts videos as jobs; everything else comes in the answer."""
        request, from_wire, seconds = await self.encode(order, lambda: self._build_request(order, key))
        reply = await self.send_once(order, request, seconds, on_text)
        return await self.read_sighting(reply, from_wire)

    def _build_request(self, order: Order, key: Key) -> tuple[httpx.Request, Callable[[Reply], Sighting], float]:
        """The request, the function that reads its answer, and the read timeout in seconds."""
        wire = wire_config(order.spec, Wire)
        model = f"/models/{wire.model}"
        if order.kind is not Kind.VIDEO:
            is_stream = order.kind is Kind.LLM and bool(order.params.get("stream"))
            method, query = ("streamGenerateContent", _AS_EVENTS) if is_stream else ("generateContent", None)
            request = self._request("POST", f"{model}:{method}", key, to_wire(order), query)
            return request, partial(submit_result, order), _ANSWER_SECONDS
        if wire.video == "interaction":
            body = interactions.to_wire(order, wire.model, wire.images)
            request = self._request("POST", "/interactions", key, body)
            return request, interactions.submit_result, _ACCEPT_SECONDS
        request = self._request("POST", f"{model}:predictLongRunning", key, videos.to_wire(order))
        return request, videos.submit_result, _ACCEPT_SECONDS

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Poll a video job."""
        wire = wire_config(order.spec, Wire)
        name = interactions.NAME if wire.video == "interaction" else videos.NAME
        if not name.fullmatch(job):
            return NoVerdict(reason="the name of the job is none of Google's")
        if wire.video == "interaction":
            reply = await self.client.query(self._request("GET", f"/interactions/{job}", key))
            return await self.read_sighting(reply, partial(interactions.poll_result, order))
        if wire.video == "fetch_operation":
            path, body = f"/models/{wire.model}:fetchPredictOperation", {"operationName": job}
            question = self._request("POST", path, key, body)
        else:
            question = self._request("GET", f"/{job}", key)
        reply = await self.client.query(question)
        return await self.read_sighting(reply, partial(videos.poll_result, order))

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Cancel an interaction; operations can't be cancelled."""
        if wire_config(order.spec, Wire).video != "interaction" or not interactions.NAME.fullmatch(job):
            return await super()._cancel(order, key, job)
        reply = await self.client.query(self._request("POST", f"/interactions/{job}/cancel", key, {}))
        if isinstance(reply, Reply) and reply.ok and interactions.cancel_result(reply).outcome == "unknown":
            reply = await self.client.query(self._request("GET", f"/interactions/{job}", key))
        if isinstance(reply, NoVerdict):
            return CancelResult(outcome="unknown", message=reply.reason)
        return interactions.cancel_result(reply)

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """The models of the Gemini API, page by page."""
        return build_request("GET", f"{self.base_url}/models", headers={"x-goog-api-key": key.secret}, query=query)

    def download_headers(self, order: Order, key: Key, url: str) -> Mapping[str, str]:
        """Google's files require the key. It is sent only to the origin of the API."""
        return {"x-goog-api-key": key.secret} if _origin(url) == _origin(self.base_url) else {}

    def _request(
        self,
        method: str,
        path: str,
        key: Key,
        body: dict[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        revision = {"Api-Revision": interactions.REVISION} if path.startswith("/interactions") else {}
        headers = {"x-goog-api-key": key.secret} | revision
        return build_request(method, self.base_url + path, headers=headers, json_body=body, query=query)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    return parsed.scheme, parsed.host, parsed.port


ADAPTER = Adapter(
    open=Gemini,
    wire=Wire,
    base_url="https://generativelanguage.googleapis.com/v1beta",
    keys=keys_in,
    missing=missing_key,
)
