"""A batch: requests that are accepted together, by one append. Its tasks then live on their own.

What became of a batch is derived from its tasks. When all of them have ended, an event tells those who wait."""

from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, TypeVar, cast

import msgspec
from msgspec import Meta

from domain.base import Event, RefusalCode, Rejected, Value
from domain.model import Kind

MAX_REQUESTS = 200
KINDS = {"image": Kind.IMAGE, "video": Kind.VIDEO, "audio": Kind.AUDIO, "text": Kind.LLM, "llm": Kind.LLM}
"""The kinds of requests, as they are sent: the words of the routes, and the type `llm` of a model."""

Mode: TypeAlias = Literal["all", "each"]


class RefusedRequest(Value):
    """A request of a batch that became no task. `index` counts the requests from 0."""

    index: Annotated[int, Meta(description="Which request, from 0", examples=[1])]
    code: Annotated[RefusalCode, Meta(description="Why, for programs", examples=["model_not_found"])]
    message: Annotated[
        str,
        Meta(
            description="Why, for people: every problem of it",
            examples=["Model 'invalid/model' not found. Available models can be fetched from /api/v1/models"],
        ),
    ]


class BatchRequested(Event):
    """Pixel accepted requests together. `tasks` are in their order, without those that were `refused`.

    A repeated Idempotency-Key must come with the same `request_hash`."""

    batch: str
    mode: Mode
    tasks: tuple[str, ...]
    request_hash: str
    refused: tuple[RefusedRequest, ...] = ()
    caller: str = "anonymous"
    owner: str = "anonymous"


class BatchEnded(Event):
    """Every task of the batch had ended, for the first time: one that is taken up again later changes nothing here.

    `completed` and `failed` count the tasks, `cost` has what they cost, by currency, as far as that was known then."""

    batch: str
    completed: int
    failed: int
    cost: dict[str, Decimal] = {}
    owner: str = "anonymous"


BatchEvent: TypeAlias = BatchRequested | BatchEnded


class BatchBody(NamedTuple):
    """The body of a batch, taken apart: each request is still JSON."""

    mode: Mode
    requests: list[msgspec.Raw]


class _Requests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    requests: list[msgspec.Raw]


class _Batch(_Requests, frozen=True, forbid_unknown_fields=True):
    mode: Mode | None = None


T = TypeVar("T", bound=_Requests)


def parse_batch(body: bytes) -> BatchBody:
    """Take the body of a batch apart. Raises Rejected `not_json`, and `invalid_request` for a wrong number of requests
    or an unknown field."""
    wish = _decoded(body, _BATCH)
    return BatchBody(wish.mode or "all", wish.requests)


def parse_estimates(body: bytes) -> list[msgspec.Raw]:
    """The requests whose price is asked for. Raises as `parse_batch` does."""
    return _decoded(body, _ESTIMATES).requests


def _decoded(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        wish = decoder.decode(body)
    except msgspec.ValidationError as error:
        message, _, field = str(error).partition(" - at `$")
        raise Rejected("invalid_request", f"{field.strip('.`') or 'the body'}: {message}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("not_json", f"The body is not valid JSON: {error}") from None
    count = len(wish.requests)
    if not 1 <= count <= MAX_REQUESTS:
        raise Rejected("invalid_request", f"requests: must be 1 to {MAX_REQUESTS}, got {count}")
    return wish


def parse_kind(request: msgspec.Raw) -> tuple[Kind, bytes]:
    """The kind of one request of a batch, and the rest of it, which is the body of that kind. Raises Rejected."""
    try:
        value: Any = msgspec.json.decode(request)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("not_json", f"is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise Rejected("not_json", 'must be a JSON object, such as {"kind": "image", "prompt": "…", "model": "…"}')
    sent = cast(dict[str, Any], value)
    kind = sent.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        choose = "choose one of image, video, audio, text"
        raise Rejected("invalid_request", f"kind: {choose}", [("kind", choose)])
    return KINDS[kind], msgspec.json.encode(sent)


def refuse_all(refused: list[RefusedRequest]) -> Rejected:
    """The refusal of a whole batch: every problem of every request, under its index. The code is that of the requests
    when they agree, else `invalid_request`."""
    codes = {each.code for each in refused}
    code: RefusalCode = refused[0].code if len(codes) == 1 else "invalid_request"
    return Rejected(code, "; ".join(f"requests[{each.index}]: {each.message}" for each in refused))


_BATCH = msgspec.json.Decoder(_Batch)
_ESTIMATES = msgspec.json.Decoder(_Requests)
