"""How fast may a provider be asked? One lane a provider and kind: what its limits are, and what it answered lately."""

from domain.model import Kind
from domain.provider import Sighting


class Lane:
    """The way to one kind of work at one provider."""

    def submit_in(self) -> float:
        """In how many seconds the next order may be sent; 0 takes the turn."""
        return 0.0

    def poll_in(self) -> float:
        """In how many seconds the next question may be asked; 0 takes the turn."""
        return 0.0

    @property
    def open(self) -> bool:
        """Whether the circuit breaker lets orders through."""
        return True

    def learn(self, seen: Sighting, *, submitted: bool) -> None:
        """What came of an order, or of a question."""


class Lanes:
    """All lanes of this process."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, Kind], Lane] = {}

    def lane(self, provider: str, kind: Kind) -> Lane:
        """The lane of one kind of work at one provider."""
        return self._lanes.setdefault((provider, kind), Lane())
