"""Which models end soon, or have ended and are still on sale? The end is the vendor's; a person should know before."""

from collections.abc import Mapping
from datetime import date, datetime

from domain.base import Value
from domain.model import Model, living_replacement

SOON_DAYS = 60


class Ending(Value):
    """A model that ends. `days_left` is 0 on its last day and negative afterwards."""

    model: str
    last_day: date
    days_left: int
    replacement: str | None

    def __str__(self) -> str:
        """A sentence for people."""
        instead = f"use '{self.replacement}' from then on" if self.replacement else "nothing replaces it"
        if self.days_left < 0:
            return f"model {self.model}: ended with {self.last_day}, mark it as `retired` in the catalogue; {instead}"
        left = {0: "today", 1: "tomorrow"}.get(self.days_left, f"in {self.days_left} days")
        return f"model {self.model}: its last day is {self.last_day}, {left}; {instead}"


def endings(models: Mapping[str, Model], at: datetime) -> list[Ending]:
    """Those of the models on sale that end within SOON_DAYS or have ended, the first to end first."""
    found: list[Ending] = []
    for name, model in models.items():
        if model.spec is None or model.spec.ends is None or not model.enabled:
            continue
        days_left = (model.spec.ends - at.date()).days
        if days_left <= SOON_DAYS:
            found.append(
                Ending(
                    model=name,
                    last_day=model.spec.ends,
                    days_left=days_left,
                    replacement=living_replacement(model, models.get, at),
                )
            )
    return sorted(found, key=lambda ending: (ending.last_day, ending.model))
