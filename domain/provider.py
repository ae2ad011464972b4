"""What does Pixel send to a provider, and what can the answer be?

Providers return *sightings*: they never raise for an answer, and never build events. `provider_call.observe` is the
only place where sightings become events."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from domain.base import Value
from domain.model import Kind, ModelSpec
from domain.money import Cost

Charged = Literal["yes", "no", "unknown"]


FILE = "application/octet-stream"
"""The media type of an output that does not decode. It is stored as a file because it is paid for."""


class Asset(Value):
    """Media that Pixel stores, named by the hash of its content. `bytes` is its size; sides are in pixels."""

    id: str
    sha256: str
    bytes: int
    media_type: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


InputFailureCode = Literal[
    "input_missing",
    "input_blocked_url",
    "input_unreachable",
    "input_not_an_image",
    "input_too_large",
    "input_unavailable",
]
"""Why a reference medium is not available. docs/events.md explains each code."""


class Input(Value):
    """One reference medium of a request, as the provider gets it: a `url` if it can fetch that, else `data`."""

    url: str | None = None
    data: bytes = b""
    media_type: str | None = None


class Order(Value):
    """One call to make: the caller's parameters, and the model at the revision that the request was accepted with.

    `account` is a fingerprint of the provider's key for this call, which reveals nothing of the key. `inputs` are the
    media of `imageInputs`, in their order. `called_at` is the time of the recorded intent, and None before, so that it
    is no part of the order's digest."""

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
    """One output: its bytes, its text, or the URL where the provider keeps it for a while."""

    index: int
    data: bytes = b""
    text: str | None = None
    url: str | None = None


class RemoteOutput(Value):
    """One output that only the provider has."""

    index: int
    url: str


class Missing(Value):
    """One requested output that the provider did not make, with its reason."""

    index: Annotated[int, Meta(description="Which of the `n`, from 0", examples=[1])]
    code: Annotated[str, Meta(description="Why, for programs", examples=["render_error"])]
    message: Annotated[str, Meta(description="Why, for people", examples=["The provider left this one out."])]


class RawAnswer(Value):
    """A provider's unreadable answer to a decisive question, stored for the person who settles the doubt.

    `status` is the HTTP status. `body` is the beginning of the body, without keys; `bytes` and `sha256` are of the
    whole body. `ids` are its members that look like the id of a job, by name."""

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
    """The provider accepted the order under the id `job`. It may cost money from now on."""

    job: str


class Working(Value):
    """Not done yet. `percent` is 0 to 100, None when the provider does not tell."""

    percent: int | None = None
    phase: str | None = None


CUT_OFF: Final = "the answer was cut off at the most tokens that it may have"
"""The note of a text that ends before its end."""


class UnreadableOutput(ValueError):
    """The provider returned bytes that do not decode as media: empty, cut off, or of no known type."""


class Finished(Value):
    """The job is done. The task is completed only when its `outputs` are stored.

    `usage` are the provider's measurements, in the units of the price table (`image`, `second`, `character`,
    `input_token`, `output_token`) and in units of its own. `cost` is set only when the provider states an amount of
    money. `expires_seconds` is the lifetime of its URLs. `notes` name differences from the request. `answer` is set
    when an output in it is unreadable: such an output is made and paid for, and is in `missing` as `unreadable`."""

    outputs: tuple[Output, ...]
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    expires_seconds: float | None = None
    notes: tuple[str, ...] = ()
    answer: RawAnswer | None = None


class Stored(Value):
    """`Finished`, after every output was stored."""

    assets: tuple[tuple[int, Asset], ...] = ()
    text: str | None = None
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    notes: tuple[str, ...] = ()
    answer: RawAnswer | None = None


class OutputsReady(Value):
    """`Finished`, when the provider answered with URLs: paid for, and still to be downloaded."""

    outputs: tuple[RemoteOutput, ...]
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None
    expires_seconds: float | None = None
    answer: RawAnswer | None = None


class DownloadFailed(Value):
    """A download failed. `permanent`: no other attempt with this URL can succeed. `file`: the stored bytes that came
    and do not decode."""

    reason: str
    permanent: bool = False
    file: Asset | None = None


class DownloadResult(Value):
    """The result of a download: the outputs that are stored now, and those that failed, by index.

    `permanent`: no other attempt can succeed. `files`: stored bytes of failed outputs that do not decode."""

    assets: tuple[tuple[int, Asset], ...] = ()
    failed: tuple[Missing, ...] = ()
    permanent: bool = False
    notes: tuple[str, ...] = ()
    files: tuple[tuple[int, Asset], ...] = ()


class Refused(Value):
    """The provider refused for certain. `retry_after_seconds` is the delay that the provider requests, if any."""

    code: str
    message: str
    retryable: bool = False
    retry_after_seconds: float | None = None
    charged: Charged = "no"
    provider_code: str | None = None
    provider_message: str | None = None


class NotSent(Value):
    """No byte of the request arrived: nothing happened, and a repetition is safe."""

    reason: str


class InDoubt(Value):
    """The request may have arrived, and no readable answer came."""

    reason: str
    answer: RawAnswer | None = None


class Gone(Value):
    """The provider says that it does not have the job. Some say so of a job that they accepted a moment ago.

    `certain`: it says that it had the job and deleted it, so the result is lost."""

    message: str
    provider_code: str | None = None
    certain: bool = False


class NoVerdict(Value):
    """A failed poll, or an unknown status word: polling goes on. It never fails a paid task."""

    reason: str
    answer: RawAnswer | None = None


Sighting = Accepted | Working | Finished | Refused | NotSent | InDoubt | Gone | NoVerdict
"""The answers of a provider's `submit` and `poll`."""

StoredSighting = Accepted | Working | Stored | OutputsReady | Refused | NotSent | InDoubt | Gone | NoVerdict
"""A sighting whose result is safe: `Finished` became `Stored` or `OutputsReady`. Decisions take nothing else."""


class Found(Value):
    """A lookup by our call id found the job; `job` is its id."""

    job: str


class NotFound(Value):
    """A lookup by our call id proved that the provider never got the call."""

    evidence: str


class CannotTell(Value):
    """A lookup is not possible, or proves nothing about this call."""

    reason: str


LookupResult = Found | NotFound | CannotTell


class CancelResult(Value):
    """The provider's answer to a request to cancel a job."""

    outcome: Literal["confirmed", "too_late", "unsupported", "unknown"]
    message: str
    charged: Charged = "unknown"


def output_note(index: int, asset: Asset) -> str | None:
    """A note about a stored output that does not decode or has no known size; None for any other."""
    if asset.media_type == FILE:
        return f"output {index}: it does not decode, so it is kept as it came, as a file"
    if not asset.media_type.startswith("audio/") and asset.width is None:
        return f"output {index}: it could not be measured, so it is kept as it came"
    return None
