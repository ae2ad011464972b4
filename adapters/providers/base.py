"""What do all adapters share? Choosing the key, reading a refusal of the key, sending an order once, downloading
outputs.

A vendor's package holds the vendor's wire: structs, `to_wire` and the functions that read answers (all pure), and a
class that sends. The class subclasses `HttpProvider` and overrides what the vendor supports."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

import httpx
import msgspec

from adapters.media.output_file import TemporaryOutput
from adapters.media.raw_audio import playable
from adapters.outbound.client import ProviderClient, Reply, base64_of
from adapters.outbound.ssrf_guard import Blocked, Unfetchable
from adapters.providers import openai_stream
from adapters.providers.keyring import Key, Keyring, from_variable
from adapters.providers.model_list import LIST_SECONDS, MAX_PAGE_BYTES, ListFormat, read_pages
from adapters.providers.redaction import TextCleaner, cleaned, is_valid_name, private_texts
from adapters.providers.sightings import raw_answer, with_raw_answer
from adapters.providers.sse import TextReader
from application.catalogue_comparison import ListedModel, ModelList
from application.ports import OnText
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
    Input,
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
LARGE_BYTES = 64 * 1024  # a larger answer is read in a thread
QUOTA_ERROR = "provider_quota"
KEY_ERRORS = {"provider_auth", QUOTA_ERROR}
MAX_CLOCK_SKEW = timedelta(minutes=10)


class Access(NamedTuple):
    """What an adapter is opened with.

    `name` is the provider's name in the catalogue. `base_url` has no slash at its end. A model's `wire` section decodes
    into `wire`. `callback_url` maps a call id to the URL for the vendor's callbacks, or to None when Pixel has no
    public address."""

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
    """One entry of the registry of adapters.

    A model's `wire` section in the catalogue decodes into `wire`. `base_url` is the vendor's address; None means that
    an administrator must configure one. `keys` reads the keys from the environment, by the variable that the catalogue
    names. `missing` names the variables that a model still needs, or returns None. `check` lists what a model offers
    and its `wire` section can't express."""

    open: Callable[[Access], "HttpProvider"]
    wire: type[Value]
    base_url: str | None
    keys: Callable[[Mapping[str, str], str | None], list[tuple[str, ...]]]
    missing: Callable[[Mapping[str, str], str | None, ModelSpec], str | None]
    check: Callable[[ModelSpec], Sequence[str]] = lambda _: ()


def keys_in(environment: Mapping[str, str], variable: str | None) -> list[tuple[str, ...]]:
    """The keys in one variable, separated by commas. A provider without a variable (self-hosted) has one empty key."""
    return from_variable(environment, variable) if variable else [("",)]


def missing_key(environment: Mapping[str, str], variable: str | None, spec: ModelSpec) -> str | None:  # noqa: ARG001
    """The name of the variable when it is not set; None when every model of the provider can be used."""
    return None if variable is None or environment.get(variable, "").strip() else variable


def _may_come(status: int | None) -> bool:
    """Whether a missing file may appear later. Vendors' stores lag behind their tasks and answer 404 or 403 meanwhile;
    only 410 means that the file is gone for good."""
    return status is not None and status >= 300 and status != 410


class HttpProvider:
    """A provider over HTTP. `history_seconds` is how long the vendor lists a job; None means for ever. `list_format`
    says how the vendor lists its models; None means that it has no such list."""

    lookup_after_seconds = 60.0
    history_seconds: float | None = None
    takes_urls = True
    list_format: ListFormat | None = None
    texts = staticmethod(openai_stream.texts)
    """The text in a document of a streamed answer."""

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

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """Send one order. It may cost money. Every adapter must override this method."""
        raise NotImplementedError

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Ask for the state of a job. Adapters whose `_submit` returns Accepted must override this method."""
        return NoVerdict(reason=f"{self.name} names no jobs")

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Ask the vendor to stop a job. The default says that the vendor can't."""
        return CancelResult(outcome="unsupported", message="The provider can't stop jobs.")

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for a call whose answer was lost. The default says that the vendor can't be asked."""
        return CannotTell(reason="The provider can't be asked about a call whose answer was lost.")

    def _list_request(self, key: Key, query: Mapping[str, str]) -> httpx.Request:
        """The question for one page of the vendor's models. Adapters with a `list_format` must override this method."""
        raise NotImplementedError

    def covered(self, kinds: frozenset[Kind], models: Sequence[ListedModel]) -> frozenset[Kind]:
        """The kinds of which this list has every model: those of the format, unless the list itself says less."""
        return kinds

    def listed_names(self, spec: ModelSpec) -> tuple[str, ...]:
        """The names under which the vendor's list may have this model; empty when the list can't have it."""
        name: str = getattr(wire_config(spec, self._wire), "model", "")
        return (name,) if name else ()

    def download_headers(self, order: Order, key: Key, url: str) -> Mapping[str, str]:
        """The headers that a download of `url` needs. None by default; some vendors want the key."""
        nothing: dict[str, str] = {}
        return nothing

    def key_serves(self, key: Key, kind: Kind) -> bool:
        """Whether a key is valid for this kind of work. True unless the vendor has separate keys by service."""
        return True

    def is_key_error(self, seen: Refused) -> bool:
        """Whether a refusal concerns the key and not only one model. Such a key is set aside: for this kind of work
        when its quota is used up, else for all work."""
        return seen.code in KEY_ERRORS

    def job_from_callback(self, body: bytes) -> str | None:
        """The job that the body of a callback names; None for vendors that do not call back."""
        return None

    async def is_genuine_callback(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a callback is the vendor's, by its signature. True by default: of a vendor that does not sign, the
        token in the URL is all the proof. `headers` have their names in lower case."""
        return True

    # --- What the application calls ---

    def account(self, kind: Kind) -> str | None:
        """The account (fingerprint of the key) for the next call; None when no key is usable now."""
        key = self.keys.next(kind, lambda key: self.key_serves(key, kind))
        return key.account if key else None

    def expected_seconds(self, order: Order) -> float | None:
        """How long a job usually takes, by the catalogue; None when the catalogue does not say."""
        return order.spec.limits.usual_seconds

    async def submit(self, order: Order, on_text: OnText | None = None) -> Sighting:
        """Send one order with the key of `order.account`. Never raises. A refused key is set aside, and the refusal is
        retryable while another key is usable."""
        key = self.keys.find(order.account)
        if key is None:
            return NotSent(reason="the key for this call is not configured any more")
        if not self._fits_wire_config(order.spec):  # the catalogue is older than this version: refuse before sending
            message = "The model's `wire` section does not fit this version of Pixel; look at it in the catalogue."
            return Refused(code="provider_rejected", message=message, provider_code="wire")
        handed_on = TextCleaner(on_text, key.parts) if on_text else None
        return self._record_key_result(order, key, self._cleaned(order, key, await self._submit(order, key, handed_on)))

    async def poll(self, order: Order, job: str) -> Sighting:
        """Ask for the state of a job. Never raises. A refused key gives NoVerdict, because the key may be restored
        while the job goes on."""
        key = self.keys.find(order.account)
        if key is None:
            return NoVerdict(reason="the key that made this call is not configured any more")
        seen = self._cleaned(order, key, await self._poll(order, key, job))
        if isinstance(seen, Working | Finished):
            self.keys.succeeded(key.account, order.kind, is_order=False)
        if isinstance(seen, Refused) and seen.code in KEY_ERRORS:
            if self.is_key_error(seen):
                self.keys.query_refused(key.account, _reason(seen), order.kind, used_up=seen.code == QUOTA_ERROR)
            return NoVerdict(reason=f"the provider refused the key that made this call: {seen.message}")
        if isinstance(seen, NotSent | InDoubt):
            return NoVerdict(reason=seen.reason)
        return seen

    async def cancel(self, order: Order, job: str) -> CancelResult:
        """Ask the vendor to stop a job. Never raises."""
        key = self.keys.find(order.account)
        if key is None:
            gone = "The key that made this call is not configured any more."
            return CancelResult(outcome="unknown", message=gone)
        return cleaned(await self._cancel(order, key, job), key.parts, private_texts(order))

    async def lookup(self, order: Order) -> LookupResult | NoVerdict:
        """Look for a call whose answer was lost. Never raises. Absence proves nothing when the call is older than
        `history_seconds`: the result is CannotTell."""
        key = self.keys.find(order.account)
        if key is None:
            return CannotTell(reason="the key that made this call is not configured any more")
        finding = cleaned(await self._lookup(order, key), key.parts, private_texts(order))
        if isinstance(finding, Found) and not is_valid_name(finding.job):
            return CannotTell(reason="The provider has the call under a name that can't be asked for.")
        if isinstance(finding, Found | NoVerdict) or self._still_listed(order):
            return finding
        return CannotTell(reason="The provider no longer lists jobs from the time of this call.")

    async def fetch(self, order: Order, url: str) -> bytes | TemporaryOutput | DownloadFailed:
        """Download one output. Never raises. Returns the bytes, of a large output in a file that the caller closes, or
        DownloadFailed with `permanent` when another attempt can't succeed."""
        key = self.keys.find(order.account)
        headers: Mapping[str, str] = self.download_headers(order, key, url) if key else {}
        try:
            found, file = await self.client.downloads.fetch(
                self.client.guard, url, max_bytes=MAX_OUTPUT_BYTES, seconds=FETCH_SECONDS, headers=headers
            )
        except Blocked as error:
            return DownloadFailed(reason=f"its address can't be used: {error}", permanent=True)
        except Unfetchable as error:
            return DownloadFailed(reason=str(error), permanent=error.final and not _may_come(error.status))
        except OSError as error:
            return DownloadFailed(reason=f"this machine has no room for it: {error.strerror}")
        if found.is_page:  # a gateway's error page or login page, with a status of success
            if file is not None:
                file.close()
            return DownloadFailed(reason=f"a page ({found.media_type or 'of no type'}) came instead of the file")
        return file or playable(found.content_type, found.data)

    async def list_models(self) -> ModelList | Refused | NoVerdict:
        """The vendor's models, as the first key sees them that the vendor does not refuse. Never raises, costs
        nothing."""
        how = self.list_format
        if how is None:
            return NoVerdict(reason="it has no list of models")
        refused: list[str] = []
        failure: Refused | NoVerdict = NoVerdict(reason="no key is configured for its list")
        for key in (key for key in self.keys.all() if self.key_serves(key, min(how.kinds))):
            try:
                async with asyncio.timeout(LIST_SECONDS):
                    seen = await read_pages(how, partial(self._ask_for_models, key))
            except TimeoutError:
                seen = NoVerdict(reason=f"the list did not end within {LIST_SECONDS:g} seconds")
            if isinstance(seen, tuple):
                covers = self.covered(how.kinds, seen)
                return ModelList(models=seen, covers=covers, account=key.account, refused=tuple(refused))
            failure = cleaned(seen, key.parts)
            if not isinstance(failure, Refused) or failure.code not in KEY_ERRORS:
                return failure
            refused.append(key.account)
        return failure

    async def _ask_for_models(self, key: Key, query: Mapping[str, str]) -> Reply | NoVerdict:
        return await self.client.query(self._list_request(key, query), max_bytes=MAX_PAGE_BYTES)

    async def send_once(
        self, order: Order, request: httpx.Request, read_seconds: float, on_text: OnText | None = None
    ) -> Reply | NotSent | InDoubt:
        """Send the request of an order at most once, and not later than half of `lookup_after_seconds` after the call.
        `on_text` gets the text of a chat that comes as a stream.

        A worker that slept must not send an order that another worker has looked up, not found, and retried."""
        send_by = order.called_at and order.called_at + timedelta(seconds=self.lookup_after_seconds / 2)
        if on_text is None:
            return await self.client.send_paid(request, send_by=send_by, read_seconds=read_seconds)
        came, reader = bytearray(), TextReader(on_text, self.texts)

        def on_bytes(piece: bytes) -> None:
            came.extend(piece[: LARGE_BYTES - len(came)])
            reader(piece)

        reply = await self.client.send_paid(request, send_by=send_by, read_seconds=read_seconds, on_bytes=on_bytes)
        if isinstance(reply, InDoubt) and came:  # the beginning of the answer, for the person who settles the doubt
            return replace(reply, answer=raw_answer(Reply(200, httpx.Headers(), bytes(came), cut=True)))
        return reply

    async def encode(self, order: Order, to_wire: Callable[[], T]) -> T:
        """Build a request by `to_wire`; in a thread when the order holds large media."""
        if sum(len(given.data) for given in order.inputs) <= LARGE_BYTES:
            return to_wire()
        return await asyncio.to_thread(to_wire)

    async def read_sighting(self, reply: Reply | Sighting, from_wire: Callable[[Reply], Sighting]) -> Sighting:
        """Read an answer by `from_wire`, and attach the answer itself where it can't be read."""
        return with_raw_answer(await self.read(from_wire, reply), reply) if isinstance(reply, Reply) else reply

    async def read(self, from_wire: Callable[..., T], reply: Reply, *args: Any, **options: Any) -> T:
        """Read an answer by `from_wire`, a pure function; in a thread when the answer is large."""
        if len(reply.body) <= LARGE_BYTES:
            return from_wire(reply, *args, **options)
        return await asyncio.to_thread(from_wire, reply, *args, **options)

    def _cleaned(self, order: Order, key: Key, seen: Sighting) -> Sighting:
        result = cleaned(seen, key.parts, private_texts(order))
        if isinstance(result, Accepted) and not is_valid_name(result.job):
            return InDoubt(reason="the provider accepted the order, under a name that can't be asked for")
        return result

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
            self.keys.succeeded(key.account, order.kind, is_order=True)
        if not isinstance(seen, Refused) or not self.is_key_error(seen):
            return seen
        self.keys.order_refused(key.account, _reason(seen), order.kind, used_up=seen.code == QUOTA_ERROR)
        return replace(
            seen, retryable=self.keys.any_usable(order.kind, lambda other: self.key_serves(other, order.kind))
        )


def _reason(seen: Refused) -> str:
    return seen.provider_code or seen.code


# --- Reading an order ---


def wire_config(spec: ModelSpec, shape: type[T]) -> T:
    """The `wire` section of a model. Raises msgspec.ValidationError when the section does not fit the struct."""
    return msgspec.convert(spec.wire or {}, shape)


def earliest_call(order: Order) -> datetime:
    """The earliest time, by the vendor's clock, at which the call can have arrived; 1970 when `called_at` is
    unknown."""
    return order.called_at - MAX_CLOCK_SKEW if order.called_at else datetime.fromtimestamp(0, UTC)


def reference(given: Input) -> str:
    """A reference image as most vendors take it: its URL, else a data URL, with the media type in lower case."""
    if given.url:
        return given.url
    return f"data:{(given.media_type or 'image/png').lower()};base64,{base64_of(given.data)}"


def extra_params(order: Order) -> dict[str, Any]:
    """The `extraParams` of an order; empty when there are none."""
    return order.params.get("extraParams") or {}
