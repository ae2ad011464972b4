"""What all adapters have in common: which key, which address, what a refusal means for the key, fetching outputs.

An adapter file holds the wire of one vendor: structs as they travel, `to_wire` and `from_wire` as pure functions, and a
small class that sends. It subclasses `HttpProvider` and overrides what the vendor can do."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import httpx
import msgspec

from adapters.media.raw_audio import playable
from adapters.outbound.client import ProviderClient, Reply
from adapters.outbound.ssrf_guard import Blocked, Unfetchable
from adapters.providers.keyring import Key, Keyring, from_variable
from adapters.providers.redaction import cleaned, is_valid_name, private_texts
from adapters.providers.sightings import with_raw_answer
from domain.base import Value, replace
from domain.model import Kind, ModelSpec
from domain.provider import (
    Accepted,
    CancelResult,
    CannotTell,
    DownloadFailed,
    Finished,
    Found,
    InDoubt,
    LookupResult,
    NotSent,
    NoVerdict,
    Order,
    Refused,
    Sighting,
    Working,
)

T = TypeVar("T")

MAX_OUTPUT_BYTES = 512 * 1024 * 1024
FETCH_SECONDS = 300.0
LARGE_BYTES = 64 * 1024  # an answer that is larger is read in a thread
QUOTA_ERROR = "provider_quota"
KEY_ERRORS = {"provider_auth", QUOTA_ERROR}
MAX_CLOCK_SKEW = timedelta(minutes=10)


class Access(NamedTuple):
    """What an adapter is opened with: the provider's name in the catalogue, its address without a slash at the end, its
    keys, and the struct that a model's `wire` section decodes into.

    `callback_url` gives the address for a call's callbacks when Pixel can be reached from outside, by call id."""

    name: str
    base_url: str
    keys: Keyring
    client: ProviderClient
    wire: type[Value]
    environment: Mapping[str, str] = {}
    callback_url: Callable[[str], str | None] = lambda _: None
    lookup_after_seconds: float | None = None

    def __repr__(self) -> str:  # the environment holds the keys
        return f"Access({self.name})"


class Adapter(NamedTuple):
    """One line of the table of adapters.

    `wire` is what a catalogue entry's `wire` section must look like. `base_url` is the vendor's address, None where an
    administrator must give one. `keys` reads the keys from the environment, given the catalogue's variable name;
    `missing` names the variables that a model still needs, in words, None when it has all. `check` says in words what a
    model offers that its `wire` can't do."""

    open: Callable[[Access], "HttpProvider"]
    wire: type[Value]
    base_url: str | None
    keys: Callable[[Mapping[str, str], str | None], list[tuple[str, ...]]]
    missing: Callable[[Mapping[str, str], str | None, ModelSpec], str | None]
    check: Callable[[ModelSpec], Sequence[str]] = lambda _: ()


def keys_in(environment: Mapping[str, str], variable: str | None) -> list[tuple[str, ...]]:
    """The usual way: one variable. A provider without one (self-hosted) has one empty key."""
    return from_variable(environment, variable) if variable else [("",)]


def missing_key(environment: Mapping[str, str], variable: str | None, spec: ModelSpec) -> str | None:  # noqa: ARG001
    """The usual way: the one variable is needed by every model."""
    return None if variable is None or environment.get(variable, "").strip() else variable


def _may_come(status: int | None) -> bool:
    """Whether a file that is not there may be there later: vendors' stores lag behind their jobs, and tell a 404 or a
    403 meanwhile. Only 410 says that it was there and never will be again."""
    return status is not None and status >= 300 and status != 410


class HttpProvider:
    """A provider over HTTP. `listed_seconds`: for how long the vendor surely tells of a job; None for ever."""

    lookup_after_seconds = 60.0
    history_seconds: float | None = None
    takes_urls = True

    def __init__(self, access: Access) -> None:
        self.name = access.name
        self.base_url = access.base_url
        self.keys = access.keys
        self.client = access.client
        self.callback_url = access.callback_url
        self._wire = access.wire
        if access.lookup_after_seconds is not None:
            self.lookup_after_seconds = access.lookup_after_seconds

    # --- What an adapter overrides ---

    async def _submit(self, order: Order, key: Key) -> Sighting:
        """Send one order. May cost money."""
        raise NotImplementedError  # the one thing that no adapter can do without; the others have honest defaults

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """How is the job doing? Only for adapters whose `send` says Accepted."""
        return NoVerdict(reason=f"{self.name} names no jobs")

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Ask for a stop."""
        return CancelResult(outcome="unsupported", message="The provider can't stop jobs.")

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for a call whose answer was lost."""
        return CannotTell(reason="The provider can't be asked about a call whose answer was lost.")

    def download_headers(self, order: Order, key: Key, url: str) -> Mapping[str, str]:
        """What a download needs beside the address: nothing, unless the vendor wants the key for it."""
        nothing: dict[str, str] = {}
        return nothing

    def key_serves(self, key: Key, kind: Kind) -> bool:
        """Whether a key is for this kind of work: each is, unless the vendor's services have keys of their own."""
        return True

    def is_key_error(self, seen: Refused) -> bool:
        """Whether a refusal is about the key, so that it is set aside: for all work, or for this kind of it where it is
        used up. Not if it is about one model only."""
        return seen.code in KEY_ERRORS

    def job_from_callback(self, body: bytes) -> str | None:
        """The job that the body of a callback is about, for vendors that call back."""
        return None

    # --- What the application calls ---

    def account(self, kind: Kind) -> str | None:
        """Which key the next call uses."""
        key = self.keys.next(kind, lambda key: self.key_serves(key, kind))
        return key.account if key else None

    def expected_seconds(self, order: Order) -> float | None:
        """As the catalogue says."""
        return order.spec.limits.usual_seconds

    async def submit(self, order: Order) -> Sighting:
        """Send one order, with the key that it names. A key that is refused is set aside, and another one may try."""
        key = self.keys.find(order.account)
        if key is None:
            return NotSent(reason="the key for this call is not configured any more")
        if not self._fits_wire_config(order.spec):  # of an older catalogue: said before anything is sent
            says = "The model's `wire` section does not fit this version of Pixel; look at it in the catalogue."
            return Refused(code="provider_rejected", message=says, provider_code="wire")
        return self._record_key_result(order, key, self._cleaned(order, key, await self._submit(order, key)))

    async def poll(self, order: Order, job: str) -> Sighting:
        """How is the job doing? A refused question is no verdict on the job: its key may be mended."""
        key = self.keys.find(order.account)
        if key is None:
            return NoVerdict(reason="the key that made this call is not configured any more")
        seen = self._cleaned(order, key, await self._poll(order, key, job))
        if isinstance(seen, Working | Finished):
            self.keys.worked(key.account, order.kind, ordered=False)
        if isinstance(seen, Refused) and seen.code in KEY_ERRORS:
            if self.is_key_error(seen):
                self.keys.doubted(key.account, _reason(seen), order.kind, used_up=seen.code == QUOTA_ERROR)
            return NoVerdict(reason=f"the provider refused the key that made this call: {seen.message}")
        if isinstance(seen, NotSent | InDoubt):
            return NoVerdict(reason=seen.reason)
        return seen

    async def cancel(self, order: Order, job: str) -> CancelResult:
        """Ask for a stop."""
        key = self.keys.find(order.account)
        if key is None:
            gone = "The key that made this call is not configured any more."
            return CancelResult(outcome="unknown", message=gone)
        return cleaned(await self._cancel(order, key, job), key.parts, private_texts(order))

    async def lookup(self, order: Order) -> LookupResult | NoVerdict:
        """Look for a call whose answer was lost. What the vendor forgets proves nothing by not being there."""
        key = self.keys.find(order.account)
        if key is None:
            return CannotTell(reason="the key that made this call is not configured any more")
        finding = cleaned(await self._lookup(order, key), key.parts, private_texts(order))
        if isinstance(finding, Found) and not is_valid_name(finding.job):
            return CannotTell(reason="The provider has the call under a name that can't be asked for.")
        if isinstance(finding, Found | NoVerdict) or self._still_listed(order):
            return finding
        return CannotTell(reason="The provider no longer tells of jobs from the time of this call.")

    async def fetch(self, order: Order, url: str) -> bytes | DownloadFailed:
        """Bring one output home."""
        key = self.keys.find(order.account)
        headers: Mapping[str, str] = self.download_headers(order, key, url) if key else {}
        try:
            found = await self.client.guard.fetch(
                url, max_bytes=MAX_OUTPUT_BYTES, seconds=FETCH_SECONDS, headers=headers
            )
        except Blocked as error:
            return DownloadFailed(reason=f"its address can't be used: {error}", permanent=True)
        except Unfetchable as error:
            return DownloadFailed(reason=str(error), permanent=error.final and not _may_come(error.status))
        if found.is_page:  # a gateway's apology, or a login, with a status of success
            return DownloadFailed(reason=f"a page ({found.media_type or 'of no type'}) came instead of the file")
        return playable(found.content_type, found.data)

    async def send_once(self, order: Order, request: httpx.Request, read_seconds: float) -> Reply | NotSent | InDoubt:
        """Send the request of an order at most once, and not later than half of `lookup_after_seconds` after the call.

        A worker that slept must not send an order that another worker has looked up, not found, and retried."""
        send_by = order.called_at and order.called_at + timedelta(seconds=self.lookup_after_seconds / 2)
        return await self.client.send_once(request, send_by=send_by, read_seconds=read_seconds)

    async def encode(self, order: Order, to_wire: Callable[[], T]) -> T:
        """An order as it goes out; made in a thread where it holds media, which are large once they are written out."""
        if sum(len(given.data) for given in order.inputs) <= LARGE_BYTES:
            return to_wire()
        return await asyncio.to_thread(to_wire)

    async def read_sighting(self, reply: Reply | Sighting, from_wire: Callable[[Reply], Sighting]) -> Sighting:
        """What an answer says, by a pure function, and with the answer itself where that can't be read."""
        return with_raw_answer(await self.read(from_wire, reply), reply) if isinstance(reply, Reply) else reply

    async def read(self, from_wire: Callable[..., T], reply: Reply, *args: Any, **options: Any) -> T:
        """What an answer says, by a pure function; in a thread when the answer is large."""
        if len(reply.body) <= LARGE_BYTES:
            return from_wire(reply, *args, **options)
        return await asyncio.to_thread(from_wire, reply, *args, **options)

    def _cleaned(self, order: Order, key: Key, seen: Sighting) -> Sighting:
        told = cleaned(seen, key.parts, private_texts(order))
        if isinstance(told, Accepted) and not is_valid_name(told.job):
            return InDoubt(reason="the provider accepted the order, under a name that can't be asked for")
        return told

    def _still_listed(self, order: Order) -> bool:
        if self.history_seconds is None:
            return True
        return datetime.now(UTC) - earliest_call(order) < timedelta(seconds=self.history_seconds)

    def _fits_wire_config(self, spec: ModelSpec) -> bool:
        try:
            wire_config(spec, self._wire)
        except msgspec.ValidationError:
            return False
        return True

    def _record_key_result(self, order: Order, key: Key, seen: Sighting) -> Sighting:
        if isinstance(seen, Accepted | Finished):
            self.keys.worked(key.account, order.kind, ordered=True)
        if not isinstance(seen, Refused) or not self.is_key_error(seen):
            return seen
        self.keys.refused(key.account, _reason(seen), order.kind, used_up=seen.code == QUOTA_ERROR)
        return replace(
            seen, retryable=self.keys.any_usable(order.kind, lambda other: self.key_serves(other, order.kind))
        )


def _reason(seen: Refused) -> str:
    return seen.provider_code or seen.code


# --- Reading an order ---


def wire_config(spec: ModelSpec, shape: type[T]) -> T:
    """The `wire` section of a model. Raises msgspec.ValidationError for one that the catalogue check would refuse."""
    return msgspec.convert(spec.wire or {}, shape)


def earliest_call(order: Order) -> datetime:
    """When a call can have arrived at the earliest, by the vendor's clock; 1970 when its time is not known."""
    return order.called_at - MAX_CLOCK_SKEW if order.called_at else datetime.fromtimestamp(0, UTC)


def extra_params(order: Order) -> dict[str, Any]:
    """`extraParams` of an order."""
    return order.params.get("extraParams") or {}
