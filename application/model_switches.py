"""How does an administrator switch a model off and on, or choose a default? By events that name their author."""

from collections.abc import Callable
from uuid import UUID

from application import clock
from application.catalogue import Known, defaults_of, fold
from application.ports import Cause, Conflict, Log
from domain import model
from domain.base import Rejected
from domain.ids import model_stream
from domain.model import Model, ModelEvent

MAX_TRIES = 8


async def disable(log: Log, model_id: str, *, by: str, note: str, cause: Cause) -> Model:
    """Switch a model off, whatever the catalogue says.

    Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""

    def decision(known: dict[UUID, Known], stream: UUID) -> list[ModelEvent]:
        return model.switch_off(known[stream].model, by=by, note=note, at=clock.now())

    return await _decide(log, model_id, decision, cause)


async def enable(log: Log, model_id: str, *, by: str, cause: Cause) -> Model:
    """Switch a model on that an administrator switched off.

    Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""

    def decision(known: dict[UUID, Known], stream: UUID) -> list[ModelEvent]:
        return model.switch_on(known[stream].model, by=by, at=clock.now())

    return await _decide(log, model_id, decision, cause)


async def choose_default(log: Log, model_id: str, *, by: str, cause: Cause) -> Model:
    """Make a model the default of its kind.

    Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""

    def decision(known: dict[UUID, Known], stream: UUID) -> list[ModelEvent]:
        is_default = stream in defaults_of(known).values()
        return model.choose_default(known[stream].model, is_default=is_default, by=by, at=clock.now())

    return await _decide(log, model_id, decision, cause)


async def _decide(
    log: Log, model_id: str, decision: Callable[[dict[UUID, Known], UUID], list[ModelEvent]], cause: Cause
) -> Model:
    """Run a decision on a model, which may look at the others, and append its events. Returns the model after them."""
    stream, conflict = model_stream(model_id), Conflict("never tried")
    for _ in range(MAX_TRIES):
        known = fold(await log.model_events())
        if stream not in known:
            unknown = f"Model '{model_id}' not found. Available models can be fetched from /api/v1/models"
            raise Rejected("model_not_found", unknown)
        facts = decision(known, stream)
        state = known[stream].model
        if not facts:
            return state
        try:
            await log.append(stream, known[stream].version, facts, cause)
        except Conflict as error:
            conflict = error
            continue
        for fact in facts:
            state = model.evolve(state, fact)
        return state
    raise conflict
