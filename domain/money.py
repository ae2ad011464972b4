"""Money: what a unit of work costs at a provider, and what a call cost. Amounts are decimals, never floats."""

from decimal import Decimal
from typing import Literal

from domain.base import Value

Unit = Literal["call", "image", "second", "character", "input_token", "output_token"]


class Price(Value, omit_defaults=True):
    """What `per` units cost, in the model's currency. With `resolution`, only for that resolution level."""

    unit: Unit
    amount: Decimal
    per: int = 1
    resolution: str | None = None


class Line(Value):
    """One line of a bill: so many units, and what they cost together."""

    unit: Unit
    quantity: Decimal
    amount: Decimal


class Cost(Value, omit_defaults=True):
    """What something cost, or may cost at most. `price_revision` is the model revision whose price table was used.

    `source` says how we know: reckoned before the call, by the price table from the usage, or told by the provider."""

    amount: Decimal
    currency: str
    price_revision: int
    lines: tuple[Line, ...] = ()
    source: Literal["estimate", "prices", "provider"] = "prices"
