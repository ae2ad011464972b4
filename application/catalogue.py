"""How do the model streams follow the catalogue file? The difference is appended, and nothing else."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from application.clock import now
from application.ports import Cause, Conflict, Log, Recorded
from domain import model
from domain.base import Rejected, Value, replace
from domain.ids import model_stream
from domain.model import DefaultModelChosen, Kind, Model, ModelEvent, ModelRegistered, ModelSpec

MAX_TRIES = 10


class Entry(Value):
    """One model as the catalogue has it. `source` says where that stands, `checked` when somebody last looked there;
    neither is a part of the model's revision."""

    id: str
    spec: ModelSpec
    default: bool = False
    enabled: bool = True
    retired: bool = False
    replacement: str | None = None
    source: str | None = None
    checked: date | None = None


class Known(Value):
    """A model as its stream has it. `default_position` is where it was last made the default, 0 for never, and
    `catalogue_default_position` where the catalogue last did so."""

    id: str = ""
    model: Model = Model()
    version: int = 0
    default_position: int = 0
    catalogue_default_position: int = 0


class Change(NamedTuple):
    """One event that the catalogue makes. `before` is the description of the model until then; None: it is new."""

    model: str
    event: ModelEvent
    before: ModelSpec | None


def changes(entries: list[Entry], history: list[Recorded]) -> list[Change]:
    """What `synchronise` would append to model streams with this history. Raises Rejected `stream_unreadable`."""
    known = fold(history)
    names = {stream: one.id for stream, one in known.items()} | {model_stream(entry.id): entry.id for entry in entries}
    return [
        Change(names[stream], event, known[stream].model.spec if stream in known else None)
        for stream, events in differences(entries, known).items()
        for event in events
    ]


async def synchronise(log: Log, entries: list[Entry], cause: Cause) -> int:
    """Append what the catalogue has and the streams do not. Returns the number of events.

    Any number of nodes may do this at once. A node that finds a stream changed skips it, and compares all streams again
    at the end: nodes of one catalogue agree at the second comparison, however many they are.

    Raises Conflict when the streams changed during each of MAX_TRIES comparisons, LogUnavailable, and Rejected
    `stream_unreadable`."""
    count = 0
    for _ in range(MAX_TRIES):
        appended, conflicts = await _append_differences(log, entries, fold(await log.model_events()), cause)
        count += appended
        if not conflicts:
            return count
    raise Conflict("the model streams kept changing while the catalogue was compared with them")


async def _append_differences(
    log: Log, entries: list[Entry], known: dict[UUID, Known], cause: Cause
) -> tuple[int, int]:
    """Returns the number of events appended, and of streams that another node had changed meanwhile."""
    appended = conflicts = 0
    for stream, facts in differences(entries, known).items():
        try:
            await log.append(stream, known.get(stream, Known()).version, facts, cause)
        except Conflict:
            conflicts += 1
        else:
            appended += len(facts)
    return appended, conflicts


def differences(entries: list[Entry], known: dict[UUID, Known]) -> dict[UUID, list[ModelEvent]]:
    """The events to append, by stream. A default that an administrator chose stands until the catalogue names another
    one than before."""
    at = now()
    defaults = _last_chosen({stream: one.catalogue_default_position for stream, one in known.items()}, known)
    facts: dict[UUID, list[ModelEvent]] = {}
    for entry in entries:
        stream = model_stream(entry.id)
        state = known.get(stream, Known()).model
        mine = model.describe(
            state,
            id=entry.id,
            spec=entry.spec,
            enabled=entry.enabled,
            retired=entry.retired,
            replacement=entry.replacement,
            at=at,
        )
        if entry.default:
            described = replace(state, spec=entry.spec)
            mine += model.choose_default(described, is_default=defaults.get(entry.spec.type) == stream, at=at)
        facts[stream] = mine
    for stream, gone in known.items():
        if stream not in facts:
            facts[stream] = model.withdraw(gone.model, at=at)
    return {stream: events for stream, events in facts.items() if events}


def fold(history: list[Recorded]) -> dict[UUID, Known]:
    """All models, by stream, from the events of all model streams. Raises Rejected `stream_unreadable`."""
    known: dict[UUID, Known] = {}
    for recorded in history:
        event = recorded.event
        if not isinstance(event, ModelEvent):
            raise Rejected("stream_unreadable", f"The event at position {recorded.position} can't be read: {event}")
        before = known.get(recorded.stream, Known())
        chosen, by_catalogue = before.default_position, before.catalogue_default_position
        if isinstance(event, DefaultModelChosen):
            chosen, by_catalogue = recorded.position, recorded.position if event.by is None else by_catalogue
        known[recorded.stream] = Known(
            id=event.model if isinstance(event, ModelRegistered) else before.id,
            model=model.evolve(before.model, event),
            version=recorded.version,
            default_position=chosen,
            catalogue_default_position=by_catalogue,
        )
    return known


def defaults_of(known: dict[UUID, Known]) -> dict[Kind, UUID]:
    """The stream of the default model of each kind: the last one that was chosen."""
    return _last_chosen({stream: one.default_position for stream, one in known.items()}, known)


def _last_chosen(positions: dict[UUID, int], known: dict[UUID, Known]) -> dict[Kind, UUID]:
    chosen = sorted((position, stream) for stream, position in positions.items() if position)
    return {spec.type: stream for _, stream in chosen if (spec := known[stream].model.spec)}
