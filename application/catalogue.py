"""How do the model streams follow the catalogue file? The difference is appended, and nothing else."""

from datetime import date
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
    """A model as its stream has it. `default_position` is where it was last made the default, 0 for never."""

    id: str = ""
    model: Model = Model()
    version: int = 0
    default_position: int = 0


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
    """The events to append, by stream."""
    at = now()
    defaults = _defaults(known)
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
        chosen = recorded.position if isinstance(event, DefaultModelChosen) else before.default_position
        known[recorded.stream] = Known(
            id=event.model if isinstance(event, ModelRegistered) else before.id,
            model=model.evolve(before.model, event),
            version=recorded.version,
            default_position=chosen,
        )
    return known


def _defaults(known: dict[UUID, Known]) -> dict[Kind, UUID]:
    """The stream of the default model of each kind: the last one that was chosen."""
    chosen = sorted((item.default_position, stream) for stream, item in known.items() if item.default_position)
    return {spec.type: stream for _, stream in chosen if (spec := known[stream].model.spec)}
