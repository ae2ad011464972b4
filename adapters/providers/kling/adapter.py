"""Kling AI: images, videos and speech. Every order except speech carries our call id, by which it can be looked up.

Kling accepts an id once per account. So a refusal that may mean "this id exists" is looked up before it counts."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import httpx

from adapters.outbound.client import Reply, build_request
from adapters.providers.base import Access, Adapter, HttpProvider, wire_config
from adapters.providers.batch_poll import BatchPoll
from adapters.providers.keyring import Key
from adapters.providers.kling.auth import Tokens, is_pair, keys, missing
from adapters.providers.kling.errors import STALE_TOKEN, error_code, is_duplicate_id, may_be_duplicate
from adapters.providers.kling.requests import Wire, to_wire
from adapters.providers.kling.tasks import Task, lookup_result, poll_result, submit_result, tasks_in
from adapters.providers.tolerant_reader import decode
from application.ports import OnText
from domain.base import replace
from domain.provider import (
    CannotTell,
    Finished,
    InDoubt,
    LookupResult,
    NotFound,
    NotSent,
    NoVerdict,
    Order,
    Refused,
    Sighting,
    Working,
)

R = TypeVar("R")

_SUBMIT_SECONDS = 60.0
_SPEECH_SECONDS = 120.0


class Kling(HttpProvider):
    """Sends orders and queries to Kling."""

    lookup_after_seconds = 120.0
    history_seconds = 30 * 24 * 3600.0  # docs/providers/kling.md#limits-and-lifetimes

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._tokens = Tokens()
        self._batch_poll = BatchPoll(self._poll_batch)

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """Kling accepts images and videos as tasks; speech comes in the answer."""
        wire = wire_config(order.spec, Wire)
        callback = self.callback_url(order.call_id)
        patience = _SPEECH_SECONDS if wire.endpoint == "audio/tts" else _SUBMIT_SECONDS

        async def once(bearer: str) -> Reply | NotSent | InDoubt:
            request = await self.encode(order, lambda: _order(self.base_url, order, bearer, callback))
            return await self.send_once(order, request, patience)

        reply: Reply | NotSent | InDoubt = await self._with_token(key, once)
        if not isinstance(reply, Reply):
            return reply
        seen = submit_result(order, reply, secrets=key.parts)
        if not isinstance(seen, Refused):
            return seen
        if wire.endpoint != "audio/tts" and may_be_duplicate(reply):
            return await self._unless_duplicate(order, key, seen, is_duplicate=is_duplicate_id(reply))
        if seen.code == "provider_auth" and wire.is_new_dialect and is_pair(key):
            # Not verified: does the new dialect take tokens? The pair stays in use for the old one.
            message = "Kling refused the access and secret key for this model, which may need KLING_API_KEY."
            return replace(seen, code="provider_model_missing", message=message)
        return seen

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Poll a task in the dialect and on the path of its order."""
        batch = await self._batch_poll.poll(key, job) if wire_config(order.spec, Wire).is_new_dialect else None
        if isinstance(batch, NoVerdict):
            return batch
        if batch is not None:
            seen = await self.read(partial(poll_result, order, job, alone=False, secrets=key.parts), batch)
            if batch.busy or isinstance(seen, Working | Refused) or (isinstance(seen, Finished) and not seen.missing):
                return seen
        reply = await self._query(order, key, job, by="task_ids")
        return poll_result(order, job, reply, secrets=key.parts) if isinstance(reply, Reply) else reply

    def job_from_callback(self, body: bytes) -> str | None:
        """The body of a callback is the task, in the dialect of its order."""
        job = decode(body, Task)
        return job.name if job else None

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for a task with our call id."""
        if wire_config(order.spec, Wire).endpoint == "audio/tts":
            return CannotTell(reason="Kling's speech carries no id of ours and can't be looked up.")
        reply = await self._query(order, key, order.call_id, by="external_task_ids")
        return lookup_result(order, reply, secrets=key.parts) if isinstance(reply, Reply) else reply

    async def _poll_batch(self, key: Key, names: list[str]) -> dict[str, Reply] | NoVerdict:
        """Poll several tasks, in the new dialect. Empty when Kling refuses the query, because one task may be the
        cause."""
        reply = await self._query_new_dialect(key, ",".join(names), by="task_ids")
        if not isinstance(reply, Reply):
            return reply
        return dict.fromkeys(names, reply) if reply.busy or tasks_in(reply) is not None else {}

    async def _unless_duplicate(self, order: Order, key: Key, seen: Refused, *, is_duplicate: bool) -> Sighting:
        """The refusal, if Kling has no task of this call; else InDoubt, which the lookup of the call settles."""
        finding = await self._lookup(order, key)
        if isinstance(finding, NotFound) and not is_duplicate:
            return seen
        return InDoubt(reason=f"Kling refused the order, perhaps because it has it: {seen.provider_message}")

    async def _query(self, order: Order, key: Key, name: str, *, by: str) -> Reply | NoVerdict:
        wire = wire_config(order.spec, Wire)
        if wire.is_new_dialect:
            return await self._query_new_dialect(key, name, by=by)
        url = f"{self.base_url}{wire.path}/{quote(name, safe='')}"

        async def once(bearer: str) -> Reply | NoVerdict:
            return await self.client.query(build_request("GET", url, headers=_headers(bearer)))

        return await self._with_token(key, once)

    async def _query_new_dialect(self, key: Key, names: str, *, by: str) -> Reply | NoVerdict:
        async def once(bearer: str) -> Reply | NoVerdict:
            request = build_request("GET", f"{self.base_url}/tasks", headers=_headers(bearer), query={by: names})
            return await self.client.query(request)

        return await self._with_token(key, once)

    async def _with_token(self, key: Key, once: Callable[[str], Awaitable[Reply | R]]) -> Reply | R:
        """Send with the cached token; if Kling calls it expired or not yet valid, send once more with a new one.

        This is safe for orders too: Kling does nothing for an invalid token."""
        reply = await once(self._tokens.bearer(key))
        if is_pair(key) and isinstance(reply, Reply) and reply.status < 500 and error_code(reply) in STALE_TOKEN:
            return await once(self._tokens.bearer(key, fresh=True))
        return reply


def _order(base_url: str, order: Order, bearer: str, callback: str | None) -> httpx.Request:
    body = to_wire(order, callback=callback)
    return build_request(
        "POST", base_url + wire_config(order.spec, Wire).path, headers=_headers(bearer), json_body=body
    )


def _headers(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}"}


ADAPTER = Adapter(
    open=Kling,
    wire=Wire,
    base_url="https://api-singapore.klingai.com",
    keys=keys,
    missing=missing,
)
