"""xAI: Grok's images and chats in the answer, its videos by job.

xAI dedupes nothing and lists no jobs: a lost answer stays in doubt, for a person to settle. Jobs can't be stopped."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

import httpx

from adapters.outbound.client import Reply, build_request
from adapters.providers.base import Adapter, HttpProvider, keys_in, missing_key
from adapters.providers.keyring import Key
from adapters.providers.model_list import ListFormat
from adapters.providers.xai import chat, images, models, requests, videos
from adapters.providers.xai.errors import refused
from adapters.providers.xai.requests import Wire
from application.ports import OnText
from domain.model import Kind
from domain.provider import Order, Refused, Sighting

_SECONDS = {Kind.IMAGE: 300.0, Kind.VIDEO: 120.0, Kind.LLM: 600.0, Kind.AUDIO: 120.0}


class XAI(HttpProvider):
    """Sends orders and queries to xAI."""

    lookup_after_seconds = 300.0
    list_format = ListFormat(models.KINDS, models.from_wire, refused, models.FIRST)

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """xAI accepts videos as jobs; everything else comes in the answer."""
        request = await self.encode(order, lambda: self._build_request(order, key))
        if isinstance(request, Refused):
            return request
        reply = await self.send_once(order, request, _SECONDS[order.kind], on_text)
        if not isinstance(reply, Reply):
            return reply
        no = partial(refused, secrets=(key.secret,))
        match order.kind:
            case Kind.IMAGE:
                return await self.read(images.submit_result, reply, order, base_url=self.base_url, refused=no)
            case Kind.LLM:
                return await self.read(chat.submit_result, reply, refused=no)
            case _:
                return await self.read(videos.submit_result, reply, secrets=(key.secret,))

    def _build_request(self, order: Order, key: Key) -> httpx.Request | Refused:
        match order.kind:
            case Kind.IMAGE:
                written = requests.image_to_wire(order)
                if isinstance(written, Refused):
                    return written
                path, body = written
            case Kind.LLM:
                path, body = "/chat/completions", requests.chat_to_wire(order)
            case _:
                path, body = "/videos/generations", requests.video_to_wire(order)
        return build_request("POST", self.base_url + path, headers=_headers(key), json_body=body)

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Poll a video job."""
        url = f"{self.base_url}/videos/{quote(job, safe='')}"
        reply = await self.client.query(build_request("GET", url, headers=_headers(key)))
        if not isinstance(reply, Reply):
            return reply
        return await self.read(videos.poll_result, reply, secrets=(key.secret,))

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """The models of one kind, on one page."""
        return build_request("GET", f"{self.base_url}/{query['list']}", headers=_headers(key))


def _headers(key: Key) -> dict[str, str]:
    return {"Authorization": f"Bearer {key.secret}"}


ADAPTER = Adapter(open=XAI, wire=Wire, base_url="https://api.x.ai/v1", keys=keys_in, missing=missing_key)
