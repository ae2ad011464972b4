"""Models with prices of every unit and currency, and the estimates that follow from them."""

from datetime import date
from decimal import Decimal

from application.generations import AvailableModel
from domain.model import Kind, Limits, Model, ModelSpec
from domain.money import Cost, Line, Price, Unit


def model(
    name: str,
    kind: Kind = Kind.IMAGE,
    price: str | None = None,
    *,
    unit: Unit = "call",
    currency: str = "USD",
    revision: int = 1,
    limits: Limits | None = None,
    unavailable: str | None = None,
    retired: bool = False,
    ends: date | None = None,
) -> AvailableModel:
    """The model `acme/<name>`. Without a price it has none, which is not free."""
    spec = ModelSpec(
        name=name,
        type=kind,
        limits=limits or Limits(),
        currency=currency if price is not None else None,
        prices=() if price is None else (Price(unit=unit, amount=Decimal(price)),),
        ends=ends,
    )
    state = Model(revision=revision, spec=spec, enabled=True, retired=retired)
    return AvailableModel(id=f"acme/{name}", model=state, unavailable=unavailable)


def estimate(amount: str, *, revision: int = 1, currency: str = "USD", unit: Unit = "call", quantity: int = 1) -> Cost:
    """An estimate of one line."""
    line = Line(unit=unit, quantity=Decimal(quantity), amount=Decimal(amount))
    return Cost(amount=Decimal(amount), currency=currency, price_revision=revision, lines=(line,), source="estimate")
