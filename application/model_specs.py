"""What did a model offer when the request was accepted? The answer never changes, so it is remembered."""

from application.ports import Log, Unreadable
from domain import model
from domain.ids import model_stream
from domain.model import Model, ModelEvent, ModelSpec

MAX_SPECS = 2000


class ModelSpecs:
    """The specs of models at their revisions, read from the model streams of one log."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._known: dict[tuple[str, int], ModelSpec] = {}

    async def get(self, model_id: str, revision: int) -> ModelSpec | None:
        """The spec of a model at a revision; None when its stream does not have it, or is not readable up to there.

        Raises LogUnavailable."""
        key = model_id, revision
        if key not in self._known:
            state = Model()
            for recorded in await self._log.stream(model_stream(model_id)):
                if isinstance(recorded.event, Unreadable) or state.revision == revision:
                    break
                if isinstance(recorded.event, ModelEvent):
                    state = model.evolve(state, recorded.event)
            if state.spec is None or state.revision != revision:
                return None
            if len(self._known) >= MAX_SPECS:
                self._known.clear()
            self._known[key] = state.spec
        return self._known[key]
