"""A model: one entry of the catalogue, `provider/model_key`. Each change makes a new revision; old ones stay readable.

Read top to bottom: the events, the state, what each event changes, the decisions."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, assert_never

import msgspec
from msgspec import Meta

from domain.base import Event, Rejected, Value, replace
from domain.money import Price


class Kind(StrEnum):
    """The kind of output that a model makes. The values are the words of the API."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    LLM = "llm"


class Voice(Value):
    """One voice of a speech model. `language` is a BCP 47 tag."""

    id: Annotated[str, Meta(description="For `voice`", examples=["zh_female_qingxin"])]
    name: Annotated[str, Meta(description="What people see", examples=["清新女声"])]
    language: Annotated[str, Meta(description="A BCP 47 tag", examples=["zh"])]


class Limits(Value, omit_defaults=True):
    """The limits of a request for this model, beyond those of its public fields.

    `prompt` limits the characters of all texts together, `negative_prompt` those of that text alone. `speed` is
    [minimum, maximum]. `image_inputs` and `n` are maxima, and so is `audio_seconds`, the length of one audio output;
    `image_inputs_needed` is a minimum. `usual_seconds`, `start_seconds` and `finish_seconds` are the usual duration of
    a job and the default deadlines. `refuses` names parameters that the model does not support (`negativePrompt`,
    `seed`, `speed`, `temperature`, `system`, `maxTokens`): a request with one of them is an error, because nothing is
    silently ignored. `resolutions` and `aspect_ratios` are the names of a model without `ModelSpec.resolutions`, which
    chooses its sizes itself."""

    prompt: int = 4000
    negative_prompt: int | None = None
    n: int = 1
    image_inputs: int = 0
    image_inputs_needed: int = 0
    refuses: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    aspect_ratios: tuple[str, ...] = ()
    speed: tuple[float, float] = (0.5, 2.0)
    max_tokens: int = 4096
    loras: tuple[str, ...] = ()
    lora_weights_add_up_to_one: bool = False
    usual_seconds: int | None = None
    audio_seconds: int | None = None
    start_seconds: int | None = None
    finish_seconds: int = 900


class ModelSpec(Value, omit_defaults=True):
    """The catalogue's description of a model, apart from whether it is enabled.

    `currency` and `prices` are its price table. `ends` is the last day, by UTC, on which its vendor offers it;
    `replacement` is what to use from then on. `wire` is for the provider's adapter, which defines its members."""

    name: str
    type: Kind
    description: str | None = None
    capabilities: dict[str, Any] | None = None
    resolutions: dict[str, dict[str, str]] | None = None
    durations: dict[str, str] | None = None
    voices: tuple[Voice, ...] | None = None
    limits: Limits = msgspec.field(default_factory=Limits)
    currency: str | None = None
    prices: tuple[Price, ...] = ()
    ends: date | None = None
    replacement: str | None = None
    wire: dict[str, Any] | None = None


def split_model_id(model: str) -> tuple[str, str]:
    """`provider/model_key` as a pair. Raises Rejected `malformed_model` for anything else."""
    provider, slash, key = model.partition("/")
    if not (provider and slash and key) or "/" in key:
        raise Rejected(
            "malformed_model",
            f"Model must be in format 'provider/model_key', got: '{model}'. Example: 'dashscope/qwen-image'",
        )
    return provider, key


# --- The events. The class name is the stored name: to rename a class, pin its old tag. ---


class ModelRegistered(Event):
    """Revision 1 of a new model."""

    model: str
    spec: ModelSpec


class ModelRevised(Event):
    """The catalogue has a new description. Tasks accepted before keep the revision of their acceptance."""

    revision: int
    spec: ModelSpec


class ModelEnabled(Event):
    """The model accepts requests again. `by` is the administrator who switched it on; None: the catalogue did."""

    by: str | None = None


class ModelDisabled(Event):
    """The model accepts no requests for now. `by` is the administrator who switched it off; None: the catalogue did."""

    reason: str | None = None
    by: str | None = None


class DefaultModelChosen(Event):
    """This model became the default of its kind, and replaces the one before. `by` is the administrator who chose it;
    None: the catalogue did."""

    kind: Kind
    by: str | None = None


class ModelRetired(Event):
    """The vendor withdrew the model for good. A refusal of a new request names the `replacement`."""

    replacement: str | None = None


ModelEvent = ModelRegistered | ModelRevised | ModelEnabled | ModelDisabled | DefaultModelChosen | ModelRetired


# --- The state ---


class Model(Value):
    """A model, folded from its events. Revision 0: it is not registered.

    `disabled_by` is the administrator who switched it off; None: the catalogue did, or it is on."""

    revision: int = 0
    spec: ModelSpec | None = None
    enabled: bool = False
    retired: bool = False
    replacement: str | None = None
    disabled_reason: str | None = None
    disabled_by: str | None = None


def evolve(model: Model, event: ModelEvent) -> Model:
    """The model after one more event. It accepts any event in any state: the past can't be refused."""
    match event:
        case ModelRegistered(spec=spec):
            return replace(model, revision=1, spec=spec, enabled=True)
        case ModelRevised(revision=revision, spec=spec):
            return replace(model, revision=revision, spec=spec)
        case ModelEnabled():
            on = replace(model, enabled=True, retired=False, replacement=None)
            return replace(on, disabled_reason=None, disabled_by=None)
        case ModelDisabled(reason=reason, by=by):
            off = replace(model, enabled=False, retired=False, replacement=None)
            return replace(off, disabled_reason=reason, disabled_by=by)
        case DefaultModelChosen():
            return model
        case ModelRetired(replacement=replacement):
            return replace(model, enabled=False, retired=True, replacement=replacement, disabled_by=None)
        case _:
            assert_never(event)


# --- What a date decides: nothing is recorded when a model's last day is over ---

MAX_REPLACEMENTS = 10


def ends_at(spec: ModelSpec) -> datetime | None:
    """The moment from which a model counts as retired: the end of its last day, by UTC. None: no end is known."""
    if spec.ends is None or spec.ends == date.max:
        return None
    return datetime.combine(spec.ends + timedelta(days=1), time.min, UTC)


def as_of(model: Model, at: datetime) -> Model:
    """The model at a moment: after its last day it is retired, whatever its events say."""
    end = ends_at(model.spec) if model.spec else None
    if model.spec is None or end is None or at < end or model.retired:
        return model
    return replace(model, enabled=False, retired=True, replacement=model.spec.replacement)


def living_replacement(model: Model, find: Callable[[str], Model | None], at: datetime) -> str | None:
    """The first of a model's replacements that is not retired itself: those of retired ones are followed,
    MAX_REPLACEMENTS at most. None: nothing replaces it."""
    for _ in range(MAX_REPLACEMENTS):
        name = model.replacement or (model.spec.replacement if model.spec else None)
        found = find(name) if name else None
        if found is None:
            return None
        model = as_of(found, at)
        if not model.retired:
            return name
    return None


# --- Decisions: (model, catalogue entry) -> new events; an empty list means that there is nothing to do ---


def describe(
    model: Model,
    *,
    id: str,  # noqa: A002 - the catalogue's own word
    spec: ModelSpec,
    enabled: bool,
    retired: bool,
    replacement: str | None,
    at: datetime,
) -> list[ModelEvent]:
    """Bring the model's stream in line with its catalogue entry.

    What an administrator has switched off stays off until an administrator switches it on; once the catalogue has it
    off, too, the catalogue decides again."""
    facts: list[ModelEvent] = []
    if model.revision == 0:
        facts.append(ModelRegistered(model=id, spec=spec, at=at))
        model = evolve(model, facts[0])
    elif model.spec != spec:
        facts.append(ModelRevised(revision=model.revision + 1, spec=spec, at=at))
    if retired:
        if not model.retired or model.replacement != replacement:
            facts.append(ModelRetired(replacement=replacement, at=at))
    elif enabled and not model.enabled and model.disabled_by is None:
        facts.append(ModelEnabled(at=at))
    elif not enabled and (model.enabled or model.retired or model.disabled_by is not None):
        facts.append(ModelDisabled(reason="switched off in the catalogue", at=at))
    return facts


def withdraw(model: Model, *, at: datetime) -> list[ModelEvent]:
    """Disable a model that is no longer in the catalogue."""
    if model.revision == 0 or not (model.enabled or model.disabled_by):
        return []
    return [ModelDisabled(reason="no longer in the catalogue", at=at)]


def choose_default(model: Model, *, is_default: bool, at: datetime, by: str | None = None) -> list[ModelEvent]:
    """Make this model the default of its kind, unless it already is.

    Raises Rejected `model_off` for an administrator's choice of a model that takes no requests."""
    if is_default or model.spec is None:
        return []
    if by is not None and not as_of(model, at).enabled:
        raise Rejected("model_off", "A default has to take requests, and this model is switched off or retired.")
    return [DefaultModelChosen(kind=model.spec.type, by=by, at=at)]


def switch_off(model: Model, *, by: str, note: str, at: datetime) -> list[ModelEvent]:
    """Switch a model off that the catalogue has on."""
    if not model.enabled:
        return []
    return [ModelDisabled(reason=note or "switched off by an administrator", by=by, at=at)]


def switch_on(model: Model, *, by: str, at: datetime) -> list[ModelEvent]:
    """Switch a model on that an administrator switched off.

    Raises Rejected `model_off` when the catalogue has it off."""
    if as_of(model, at).retired:
        raise Rejected("model_off", "This model is retired. Only the catalogue can bring it back.")
    if model.enabled:
        return []
    if model.disabled_by is None:
        why = f" ({model.disabled_reason})" if model.disabled_reason else ""
        raise Rejected("model_off", f"The catalogue has it off{why}. Change it there, and apply the catalogue.")
    return [ModelEnabled(by=by, at=at)]
