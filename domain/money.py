"""Money: prices of units of work, and the cost of a call. Amounts are decimals, never floats."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from domain.base import Value

Unit = Literal["call", "image", "input_image", "second", "character", "input_token", "output_token"]


class Price(Value, omit_defaults=True):
    """The price of `per` units, in the model's currency. With `resolution`, it holds for that resolution level only.
    The first `free` units of a call cost nothing."""

    unit: Unit
    amount: Decimal
    per: int = 1
    resolution: str | None = None
    free: int = 0


class Line(Value):
    """One line of a bill: a quantity of units, and the amount for all of them."""

    unit: Annotated[Unit, Meta(description="What was counted", examples=["image"])]
    quantity: Annotated[Decimal, Meta(description="How many, as a decimal number in a string", examples=["1"])]
    amount: Annotated[Decimal, Meta(description="What they cost together", examples=["0.04"])]


class Cost(Value, omit_defaults=True):
    """An actual cost or an upper estimate. `price_revision` is the model revision whose price table was used.

    `source`: `estimate` was computed before the call, `prices` from the measured usage and the price table, `provider`
    is the provider's own figure."""

    amount: Annotated[Decimal, Meta(description="The sum, as a decimal number in a string", examples=["0.04"])]
    currency: Annotated[str, Meta(description="An ISO 4217 code", examples=["USD"])]
    price_revision: Annotated[int, Meta(description="The revision of the model whose prices were used", examples=[1])]
    lines: Annotated[tuple[Line, ...], Meta(description="What it is made up of")] = ()
    source: Annotated[
        Literal["estimate", "prices", "provider"],
        Meta(
            description="`estimate` before, `prices` (when left out) by the price list, `provider` by the provider",
            examples=["estimate"],
        ),
    ] = "prices"


class Amount(Value):
    """A sum of money."""

    amount: Annotated[Decimal, Meta(description="As a decimal number in a string", examples=["2.50"])]
    currency: Annotated[str, Meta(description="An ISO 4217 code", examples=["USD"])]
