"""fal: hundreds of endpoints of many vendors behind one queue. An order is a request in it; its result is asked for
when the queue says that it is done.

fal takes no id of ours. Where the form has a seed, the order carries one derived from our call id, by which it is found
in fal's list of past requests; and a webhook, if fal can reach us, names the request of a call whose answer was
lost."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import httpx

from adapters.outbound.client import Query, Reply, build_request
from adapters.providers.base import Access, Adapter, HttpProvider, earliest_call, keys_in, missing_key, wire_config
from adapters.providers.fal import errors, models
from adapters.providers.fal.requests import Wire, check, derived_seed, to_wire
from adapters.providers.fal.tasks import (
    Callback,
    Ended,
    Listing,
    cancel_result,
    find_listed,
    listing,
    result,
    status_result,
    submit_result,
)
from adapters.providers.fal.webhooks import Signatures
from adapters.providers.keyring import Key
from adapters.providers.model_list import ListFormat
from adapters.providers.sightings import with_raw_answer
from adapters.providers.tolerant_reader import decode
from application.ports import OnText
from domain.model import ModelSpec
from domain.provider import (
    CancelResult,
    CannotTell,
    Finished,
    Found,
    LookupResult,
    NoVerdict,
    Order,
    Refused,
    Sighting,
)

_PLATFORM_URL: Final = "https://api.fal.ai/v1"
_JWKS_URL: Final = "https://rest.fal.ai/.well-known/jwks.json"
_SUBMIT_SECONDS = 60.0
# docs/providers/fal.md#limits-and-lifetimes
_PAGE, _MAX_PAGES = 50, 10
_NO_SEED = "The order carries no seed of ours, by which it could be found in fal's list of requests."


class Fal(HttpProvider):
    """Sends orders and queries to fal."""

    lookup_after_seconds = 120.0
    history_seconds = 30 * 24 * 3600.0
    list_format = ListFormat(models.KINDS, models.from_wire, errors.refused, models.FIRST)

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.platform_url = (access.environment.get("FAL_PLATFORM_BASE_URL") or _PLATFORM_URL).rstrip("/")
        self._signatures = Signatures(access.client, access.environment.get("FAL_JWKS_URL") or _JWKS_URL)

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """fal puts the order into its queue, and looks at it only when it runs it."""
        request = await self.encode(order, lambda: self._order(order, key))
        return await self.read_sighting(await self.send_once(order, request, _SUBMIT_SECONDS), submit_result)

    def _order(self, order: Order, key: Key) -> httpx.Request:
        callback = self.callback_url(order.call_id)
        request = self._request(
            "POST",
            f"{self.base_url}/{wire_config(order.spec, Wire).endpoint}",
            key,
            body=to_wire(order),
            query={"fal_webhook": callback} if callback else None,
        )
        # What has not begun by Pixel's deadline must not be made and billed later. It limits the wait, not the work.
        request.headers["X-Fal-Request-Timeout"] = str(float(order.spec.limits.finish_seconds))
        return request

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Ask for the status, and for the result of a request that has ended."""
        status = await self._status(order, key, job)
        return await self._result(order, key, job, status) if isinstance(status, Ended) else status

    async def _status(self, order: Order, key: Key, job: str) -> Sighting | Ended:
        reply = await self.client.query(self._request("GET", f"{self._address(order, job)}/status", key))
        if not isinstance(reply, Reply):
            return reply
        status = await self.read(status_result, reply)
        return status if isinstance(status, Ended) else with_raw_answer(status, reply)

    async def _result(self, order: Order, key: Key, job: str, ended: Ended) -> Sighting:
        reply = await self.client.query(self._request("GET", self._address(order, job), key))
        return await self.read_sighting(reply, partial(result, order, ended))

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """fal takes a waiting request off its queue; a running one it only asks to stop."""
        reply = await self.client.query(self._request("PUT", f"{self._address(order, job)}/cancel", key))
        if not isinstance(reply, Reply):
            return CancelResult(outcome="unknown", message=reply.reason)
        if answer := cancel_result(reply):
            return answer
        match await self._poll(order, key, job):
            case Refused(code="cancelled"):
                return CancelResult(outcome="confirmed", message="fal stopped the request.")
            case Finished() | Refused():
                return CancelResult(outcome="too_late", message="fal was done with the request already.")
            case _:
                return CancelResult(
                    outcome="unknown", message="fal asked the model to stop, which may go on all the same."
                )

    def job_from_callback(self, body: bytes) -> str | None:
        """The body of a webhook names the request, and holds its result, which is asked for with our own key."""
        answer = decode(body, Callback)
        return answer.request_id if answer else None

    async def is_genuine_callback(self, headers: Mapping[str, str], body: bytes) -> bool:
        """fal signs its webhooks."""
        return await self._signatures.is_genuine(headers, body)

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for the seed of this call in the list of past requests. What runs may not be in it yet."""
        if derived_seed(order) is None:
            return CannotTell(reason=_NO_SEED)
        if not self._still_listed(order):
            return CannotTell(reason="fal forgets what was in a request after a month.")
        query: dict[str, str | list[str]] = {
            "endpoint_id": wire_config(order.spec, Wire).endpoint,
            "start": earliest_call(order).isoformat(),
            "expand": "payloads",
            "limit": str(_PAGE),
        }
        for _ in range(_MAX_PAGES):
            page = await self._page(key, query)
            if isinstance(page, NoVerdict):
                return page
            if job := find_listed(order, page):
                return Found(job=job)
            if page.next_cursor is None:
                break
            query["cursor"] = page.next_cursor
        if self._may_still_run(order):
            return NoVerdict(reason="fal's list of requests does not show the call yet")
        return CannotTell(reason="fal's list of requests does not show the call, and may not show all of them.")

    async def _page(self, key: Key, query: Query) -> Listing | NoVerdict:
        url = f"{self.platform_url}/models/requests/by-endpoint"
        reply = await self.client.query(self._request("GET", url, key, query=query))
        if not isinstance(reply, Reply):
            return reply
        page = await self.read(listing, reply) if reply.ok else None
        return page or NoVerdict(reason=f"HTTP {reply.status} without a list of requests")

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """The endpoints, page by page, those of which the end is announced included."""
        return self._request("GET", f"{self.platform_url}/models", key, query=query)

    def listed_names(self, spec: ModelSpec) -> tuple[str, ...]:
        """An endpoint is listed under the name that its orders go to."""
        return (wire_config(spec, Wire).endpoint,)

    def _may_still_run(self, order: Order) -> bool:
        age = datetime.now(UTC) - order.called_at if order.called_at else timedelta.max
        usual = order.spec.limits.usual_seconds or 0
        return age < timedelta(seconds=max(self.lookup_after_seconds, 3 * usual))

    def _address(self, order: Order, job: str) -> str:
        """The URL of a request, built as fal's own client builds it. The answer to an order names URLs, too; the key
        is never sent to a URL that comes from an answer."""
        return f"{self.base_url}/{wire_config(order.spec, Wire).app}/requests/{quote(job, safe='')}"

    def _request(
        self, method: str, url: str, key: Key, *, body: dict[str, Any] | None = None, query: Query | None = None
    ) -> httpx.Request:
        headers = {"Authorization": f"Key {key.secret}"}
        return build_request(method, url, headers=headers, json_body=body, query=query)


ADAPTER = Adapter(open=Fal, wire=Wire, base_url="https://queue.fal.run", keys=keys_in, missing=missing_key, check=check)
