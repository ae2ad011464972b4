"""OpenAI, and gateways with the same API: images, speech and chat in the answer, videos by job.

The vendor dedupes nothing and lists only videos: any other lost answer stays in doubt."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from adapters.outbound.client import Reply, build_request
from adapters.providers import openai_chat, openai_models
from adapters.providers.base import (
    KEY_ERRORS,
    Access,
    Adapter,
    HttpProvider,
    earliest_call,
    keys_in,
    missing_key,
    wire_config,
)
from adapters.providers.keyring import Key
from adapters.providers.model_list import ALL_KINDS, ListFormat
from adapters.providers.openai import images, videos
from adapters.providers.openai.errors import refused
from adapters.providers.openai.requests import Wire
from adapters.providers.openai.speech import submit_result, to_wire
from adapters.providers.tolerant_reader import as_text, decode, decode_strictly
from application.ports import OnText
from domain.base import Value
from domain.model import Kind
from domain.provider import (
    CancelResult,
    CannotTell,
    Finished,
    Gone,
    LookupResult,
    NoVerdict,
    Order,
    Refused,
    Sighting,
)

_SECONDS = {Kind.IMAGE: 600.0, Kind.VIDEO: 120.0, Kind.AUDIO: 180.0, Kind.LLM: 600.0}
_MAX_PAGES = 10
_DELETED = {"deleted", "cancelled", "canceled"}


class OpenAI(HttpProvider):
    """Sends orders and queries to OpenAI."""

    lookup_after_seconds = 300.0
    history_seconds = 24 * 3600.0  # not verified: docs/providers/openai.md#limits-and-lifetimes
    takes_urls = False  # images go out as files of a form
    list_format = ListFormat(ALL_KINDS, openai_models.from_wire, refused)  # docs/providers/openai.md#list-of-models
    wire: type[Wire] = Wire

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        prefix = access.name.upper().replace("-", "_")
        named = {"OpenAI-Organization": f"{prefix}_ORGANIZATION", "OpenAI-Project": f"{prefix}_PROJECT"}
        found = {header: access.environment.get(variable, "").strip() for header, variable in named.items()}
        self.owner = {header: value for header, value in found.items() if value}

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """OpenAI accepts videos as jobs; everything else comes in the answer."""
        wire, no = wire_config(order.spec, self.wire), partial(refused, secrets=(key.secret,))
        reply = await self.send_once(order, self._build_request(order, wire, key), _SECONDS[order.kind], on_text)
        if not isinstance(reply, Reply):
            return reply
        match order.kind:
            case Kind.IMAGE:
                return await self.read(images.submit_result, reply, order, base_url=self.base_url, refused=no)
            case Kind.VIDEO:
                return await self.read(videos.submit_result, reply, base_url=self.base_url, refused=no)
            case Kind.AUDIO:
                return await self.read(submit_result, reply, secrets=(key.secret,))
            case Kind.LLM:
                return await self.read(openai_chat.from_wire, reply, refused=no)

    def _build_request(self, order: Order, wire: Wire, key: Key) -> httpx.Request:
        headers = self._headers(key) | {"X-Client-Request-Id": order.call_id}
        match order.kind:
            case Kind.IMAGE if order.inputs:
                data, files = images.to_form(order, wire)
                return build_request("POST", f"{self.base_url}/images/edits", headers=headers, data=data, files=files)
            case Kind.IMAGE:
                path, body = "/images/generations", images.to_wire(order, wire)
            case Kind.VIDEO:
                data, files = videos.to_form(order, wire)
                return build_request("POST", f"{self.base_url}/videos", headers=headers, data=data, files=files)
            case Kind.AUDIO:
                path, body = "/audio/speech", to_wire(order, wire)
            case Kind.LLM:
                path = "/chat/completions"
                streams = openai_chat.STREAM if wire.streams else None
                body = wire.more | openai_chat.to_wire(
                    order, model=wire.model, max_tokens_field=wire.max_tokens_field, streams=streams
                )
        return build_request("POST", self.base_url + path, headers=headers, json_body=body)

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Poll a video job."""
        reply = await self.client.query(self._build_query("GET", self._job_url(job), key))
        if not isinstance(reply, Reply):
            return reply
        places = {"base_url": self.base_url, "content_url": f"{self._job_url(job)}/content"}
        return await self.read(videos.poll_result, reply, job, secrets=(key.secret,), **places)

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Delete a job that is not done. A finished job is kept, because it is paid for and deleting would lose it."""
        seen = await self._poll(order, key, job)
        match seen:
            case Finished():
                return CancelResult(outcome="too_late", message="It was done already.", charged="yes")
            case Refused() if seen.code not in KEY_ERRORS:
                return CancelResult(outcome="too_late", message="It had ended already.")
            case Refused() | Gone() | NoVerdict():
                return CancelResult(outcome="unknown", message="The provider did not say how the job stands.")
            case _:
                reply = await self.client.query(self._build_query("DELETE", self._job_url(job), key))
        if isinstance(reply, Reply) and reply.ok and _says_deleted(reply):
            return CancelResult(outcome="confirmed", message="The provider deleted the job.")
        if isinstance(reply, Reply) and reply.status in {400, 405, 409, 501}:
            return CancelResult(outcome="unsupported", message="The provider does not delete a job that is under way.")
        return CancelResult(outcome="unknown", message="The provider did not say whether the job was deleted.")

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for a video in the list of jobs, newest first; nothing else is listed."""
        if order.kind is not Kind.VIDEO:
            return await super()._lookup(order, key)
        wire, since = wire_config(order.spec, self.wire), earliest_call(order)
        query = {"limit": str(videos.PAGE), "order": "desc"}
        seen, candidates = 0, list[str]()
        for _ in range(_MAX_PAGES):
            reply = await self.client.query(self._build_query("GET", f"{self.base_url}/videos", key, query))
            if not isinstance(reply, Reply):
                return reply
            if reply.status in {400, 404, 405, 501}:
                return CannotTell(reason="the provider keeps no list of jobs")
            page = decode_strictly(reply.body, videos.Page) if reply.ok else None
            if page is None:
                return NoVerdict(reason=f"no list of jobs (HTTP {reply.status})")
            seen += len(page.data)
            candidates += [job.name or "?" for job in page.data if videos.could_be(job, order, wire, since)]
            if videos.is_last(page, since):
                return videos.lookup_result(seen, candidates, since)
            after = page.data[-1].name if page.data else None
            if page.has_more is not True or after is None:
                break
            query["after"] = after
        return CannotTell(reason=f"the provider's list of jobs can't be looked through to its end ({seen} seen)")

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """All that the key may use, on one page."""
        return self._build_query("GET", f"{self.base_url}/models", key, query)

    def download_headers(self, order: Order, key: Key, url: str) -> Mapping[str, str]:
        """The key is sent for the content of jobs only, never to other URLs."""
        return self._headers(key) if url.startswith(f"{self.base_url}/videos/") else {}

    def _job_url(self, job: str) -> str:
        return f"{self.base_url}/videos/{quote(job, safe='')}"

    def _build_query(self, method: str, url: str, key: Key, query: Mapping[str, str] | None = None) -> httpx.Request:
        return build_request(method, url, headers=self._headers(key), query=query)

    def _headers(self, key: Key) -> dict[str, str]:
        return self.owner | ({"Authorization": f"Bearer {key.secret}"} if key.secret else {})


class _Deleted(Value):
    deleted: bool = False
    status: Any = None


def _says_deleted(reply: Reply) -> bool:
    found = decode(reply.body, _Deleted) or _Deleted()
    return reply.status == 204 or found.deleted or (as_text(found.status) or "").lower() in _DELETED


ADAPTER = Adapter(
    open=OpenAI,
    wire=Wire,
    base_url="https://api.openai.com/v1",
    keys=keys_in,
    missing=missing_key,
)
