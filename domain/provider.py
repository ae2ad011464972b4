"""What a provider can be asked, and what the outside world can tell us about it.

Providers return *sightings*: they never raise for news and never build events. `task.observe` is the one
place where outside news becomes facts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from domain.base import Value
from domain.model import Kind, ModelSpec
from domain.money import Cost

Charged = Literal["yes", "no", "unknown"]


FILE = "application/octet-stream"
"""The media type of what does not decode, and is kept as a file because it was paid for."""


class Asset(Value):
    """Media that Pixel keeps, named by what is in it. `bytes` is the size; sizes in pixels, duration in seconds."""

    id: str
    sha256: str
    bytes: int
    media_type: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


class Input(Value):
    """One reference medium of a request, ready to go out: by `url` when the provider can fetch it, else as bytes."""

    url: str | None = None
    data: bytes = b""
    media_type: str | None = None


class Order(Value):
    """One call to make: the parameters as the caller sent them, and the model as it stood when they were accepted.

    `account` says which of the provider's keys makes the call, by a fingerprint that tells nothing of the key;
    `inputs` are the media of `imageInputs`, in their order. `called_at` is when the intent was recorded: None before,
    so that the digest of an order says nothing of it."""

    task_id: str
    call_id: str
    kind: Kind
    model: str
    spec: ModelSpec
    params: dict[str, Any]
    account: str = ""
    inputs: tuple[Input, ...] = ()
    called_at: datetime | None = None


class Output(Value):
    """One thing that was made: bytes to keep, text, or the address where the provider keeps it for a while."""

    index: int
    data: bytes = b""
    text: str | None = None
    url: str | None = None


class RemoteOutput(Value):
    """One output that still lies at the provider."""

    index: int
    url: str


class Missing(Value):
    """One thing that was asked for and not made, with the provider's reason."""

    index: Annotated[int, Meta(description="Which of the `n`, from 0", examples=[1])]
    code: Annotated[str, Meta(description="Why, for programs", examples=["render_error"])]
    message: Annotated[str, Meta(description="Why, for people", examples=["The provider left this one out."])]


class RawAnswer(Value):
    """What a provider answered where that decides and can't be read: kept for whoever settles the doubt.

    `body` is its beginning, without keys; `bytes` and `sha256` are of the whole body as it came. `ids` are
    what looks like the name of a job in it, by the member's name. `status` is of HTTP."""

    status: Annotated[int, Meta(description="The HTTP status", examples=[200])]
    body: Annotated[
        str, Meta(description="How it begins, without keys", examples=['{"object": "generation.task", "id": "gen-1"}'])
    ]
    bytes: Annotated[int, Meta(description="The size of the whole body", examples=[41])]
    sha256: Annotated[
        str,
        Meta(
            description="The SHA-256 of the whole body",
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ]
    media_type: Annotated[str, Meta(description="What the provider calls it", examples=["application/json"])] = ""
    ids: Annotated[
        dict[str, str],
        Meta(
            description="What may be the provider's name for the job, by the member that it stands in",
            examples=[{"id": "gen-1"}],
        ),
    ] = {}


class Accepted(Value):
    """The provider took the order and named the job; it may cost money from here on."""

    job: str


class Working(Value):
    """Not done yet. `percent` 0 to 100, when the provider tells."""

    percent: int | None = None
    phase: str | None = None


class Finished(Value):
    """Done: `outputs` still have to be kept before the task may be called completed.

    `usage` is what the provider measured, by the units of the price table (`image`, `second`, `character`,
    `input_token`, `output_token`) where it measured them, and by its own words beside. `cost` only when the provider
    itself tells an amount of money. `expires_seconds`: how long its addresses live. `notes` say where what came is not
    what was asked for, as far as the answer tells. `answer` is there when an output in it can't be read: such an
    output is among the `missing` as `unreadable`, and was made and paid for."""

    outputs: tuple[Output, ...]
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    expires_seconds: float | None = None
    notes: tuple[str, ...] = ()
    answer: RawAnswer | None = None


class Stored(Value):
    """Done and kept: what `Finished` becomes when every output is stored."""

    assets: tuple[tuple[int, Asset], ...] = ()
    text: str | None = None
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    notes: tuple[str, ...] = ()
    answer: RawAnswer | None = None


class OutputsReady(Value):
    """Done and paid for, and the outputs still lie at the provider: what `Finished` becomes when it gave addresses."""

    outputs: tuple[RemoteOutput, ...]
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    expires_seconds: float | None = None
    answer: RawAnswer | None = None


class DownloadFailed(Value):
    """One output could not be fetched. `hopeless`: this address is dead for good. `file`: what came, and does not
    decode."""

    reason: str
    permanent: bool = False
    file: Asset | None = None


class DownloadResult(Value):
    """What came of fetching: the outputs that are kept now, and those that could not be had.

    `hopeless`: it need not be tried again by itself. `files`: of those that failed, what came and does not decode."""

    assets: tuple[tuple[int, Asset], ...] = ()
    failed: tuple[Missing, ...] = ()
    permanent: bool = False
    notes: tuple[str, ...] = ()
    files: tuple[tuple[int, Asset], ...] = ()


class Refused(Value):
    """A definite no. `retry_after_seconds` is the provider's own wish, if it gave one."""

    code: str
    message: str
    retryable: bool = False
    retry_after_seconds: float | None = None
    charged: Charged = "no"
    provider_code: str | None = None
    provider_message: str | None = None


class NotSent(Value):
    """No byte of the request can have arrived: nothing happened, and it is safe to try again."""

    reason: str


class InDoubt(Value):
    """The request may have arrived, and no answer came that could be read."""

    reason: str
    answer: RawAnswer | None = None


class Gone(Value):
    """The provider says that it does not have the job. Some say so of a job that they took a moment ago.

    `certain`: it says that it had the job and has it no longer, so that its result can't be had any more."""

    message: str
    provider_code: str | None = None
    certain: bool = False


class NoVerdict(Value):
    """A failed poll or a status word nobody knows: keep polling. It never fails a paid task."""

    reason: str
    answer: RawAnswer | None = None


StoredSighting = Accepted | Working | Stored | OutputsReady | Refused | NotSent | InDoubt | Gone | NoVerdict
Sighting = Accepted | Working | Finished | Refused | NotSent | InDoubt | Gone | NoVerdict


class Found(Value):
    """Looking the call up by our id: the provider has it, under this job id."""

    job: str


class NotFound(Value):
    """Looking the call up by our id: the provider is sure that it never got it."""

    evidence: str


class CannotTell(Value):
    """The provider can't be asked, or does not answer for this call."""

    reason: str


LookupResult = Found | NotFound | CannotTell


class CancelResult(Value):
    """What the provider said when it was asked to stop a job."""

    outcome: Literal["confirmed", "too_late", "unsupported", "unknown"]
    message: str
    charged: Charged = "unknown"


def output_note(index: int, asset: Asset) -> str | None:
    """What has to be said of an output that is kept, and is not what it should be."""
    if asset.media_type == FILE:
        return f"output {index}: it does not decode, so it is kept as it came, as a file"
    if not asset.media_type.startswith("audio/") and asset.width is None:
        return f"output {index}: it could not be measured, so it is kept as it came"
    return None
