"""What a provider can be asked, and what the outside world can tell us about it.

Providers return *sightings*: they never raise for news and never build events. `task.observe` is the one
place where outside news becomes facts."""

from typing import Any, Literal

from domain.base import Value
from domain.model import Kind, ModelSpec

Charged = Literal["yes", "no", "unknown"]


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
    """One call to make: the parameters as the caller sent them, and the model as it stood when they were accepted."""

    task_id: str
    call_id: str
    kind: Kind
    model: str
    spec: ModelSpec
    params: dict[str, Any]


class Output(Value):
    """One thing that was made: bytes to keep, or text."""

    index: int
    data: bytes = b""
    text: str | None = None


class Missing(Value):
    """One thing that was asked for and not made, with the provider's reason."""

    index: int
    code: str
    message: str


class Accepted(Value):
    """The provider took the order and named the job; it may cost money from here on."""

    job: str


class Working(Value):
    """Not done yet. `percent` 0 to 100, when the provider tells."""

    percent: int | None = None
    phase: str | None = None


class Finished(Value):
    """Done: `outputs` still have to be kept before the task may be called completed."""

    outputs: tuple[Output, ...]
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}


class Kept(Value):
    """Done and kept: what `Finished` becomes when every output is stored."""

    assets: tuple[tuple[int, Asset], ...] = ()
    text: str | None = None
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}


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
    """The request may have arrived, and no answer came."""

    reason: str


class Gone(Value):
    """The provider says that it no longer has the job: its result can't be had any more."""

    message: str
    provider_code: str | None = None


class Unclear(Value):
    """A failed poll or a status word nobody knows: keep polling. It never fails a paid task."""

    reason: str


Observation = Accepted | Working | Kept | Refused | NotSent | InDoubt | Gone | Unclear
Sighting = Accepted | Working | Finished | Refused | NotSent | InDoubt | Gone | Unclear


class Found(Value):
    """Looking the call up by our id: the provider has it, under this job id."""

    job: str


class NotFound(Value):
    """Looking the call up by our id: the provider is sure that it never got it."""

    evidence: str


class CannotTell(Value):
    """The provider can't be asked, or does not answer for this call."""

    reason: str


Finding = Found | NotFound | CannotTell


class CancelAnswer(Value):
    """What the provider said when it was asked to stop a job."""

    outcome: Literal["confirmed", "too_late", "unsupported", "unknown"]
    message: str
    charged: Charged = "unknown"
