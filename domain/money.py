"""Money: what a unit of work costs at a provider, and what a call cost. Amounts are decimals, never floats."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

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

    unit: Annotated[Unit, Meta(description="What was counted", examples=["image"])]
    quantity: Annotated[Decimal, Meta(description="How many, as a decimal number in a string", examples=["1"])]
    amount: Annotated[Decimal, Meta(description="What they cost together", examples=["0.04"])]


class Cost(Value, omit_defaults=True):
    """What something cost, or may cost at most. `price_revision` is the model revision whose price table was used.

    `source` says how we know: reckoned before the call, by the price table from the usage, or told by the provider."""

    amount: Annotated[Decimal, Meta(description="The sum, as a decimal number in a string", examples=["0.04"])]
    currency: Annotated[str, Meta(description="An ISO 4217 code", examples=["USD"])]
    price_revision: Annotated[int, Meta(description="The revision of the model whose prices were used", examples=[1])]
    lines: Annotated[tuple[Line, ...], Meta(description="What it is made up of")] = ()
    source: Annotated[
        Literal["estimate", "prices", "provider"],
        Meta(
            description="`estimate` before, `prices` (when left out) by the price list, `provider` as told",
            examples=["estimate"],
        ),
    ] = "prices"
