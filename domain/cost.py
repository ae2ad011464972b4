"""What does a request cost? At most, before it is sent; and really, by what the provider measured.

A price table counts in units. How many units a request takes is known from what the provider measured, else from what
was made, else from what was asked for."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain import offer
from domain.model import Kind, ModelSpec
from domain.money import Cost, Line, Price, Unit

_CENT_OF_A_CENT = Decimal("0.000001")


def estimate(spec: ModelSpec, params: Mapping[str, Any], *, revision: int) -> Cost | None:
    """The most that a request should cost; None when the model has no price table, which is not the same as free."""
    return _bill(spec, params, _asked_for(spec, params), revision=revision, estimated=True)


def actual(
    spec: ModelSpec, params: Mapping[str, Any], *, usage: Mapping[str, int], made: int, revision: int
) -> Cost | None:
    """What a finished call cost. `usage` counts where the provider measured a unit, `made` is the number of outputs."""
    asked = _asked_for(spec, params)
    count = Decimal(_count(params))
    units: dict[Unit, Decimal] = {
        unit: Decimal(usage[unit]) if unit in usage else quantity for unit, quantity in asked.items()
    }
    if "image" not in usage:
        units["image"] = Decimal(made)
    if "second" not in usage:
        units["second"] = asked["second"] / count * made
    return _bill(spec, params, units, revision=revision, estimated=False)


def _asked_for(spec: ModelSpec, params: Mapping[str, Any]) -> dict[Unit, Decimal]:
    """Every unit that a price table can count in, as the request asks for it; an upper bound where it is open."""
    count = _count(params)
    seconds = Decimal(str(offer.seconds(spec, dict(params)) or 0)) if spec.type is Kind.VIDEO else Decimal(0)
    characters = _characters(params)
    return {
        "call": Decimal(1),
        "image": Decimal(count),
        "second": seconds * count,
        "character": Decimal(characters),
        "input_token": Decimal(characters),  # no tokenizer in use makes more tokens than there are characters
        "output_token": Decimal(params.get("maxTokens") or spec.limits.max_tokens),
    }


def _count(params: Mapping[str, Any]) -> int:
    return int(params.get("n") or 1)


def _characters(params: Mapping[str, Any]) -> int:
    texts: list[str] = [params.get("prompt") or "", params.get("system") or ""]
    texts += [message["content"] for message in params.get("messages") or ()]
    return sum(map(len, texts))


def _bill(
    spec: ModelSpec, params: Mapping[str, Any], units: Mapping[Unit, Decimal], *, revision: int, estimated: bool
) -> Cost | None:
    if spec.currency is None or not spec.prices:
        return None
    level = offer.resolution(spec, params.get("resolution"))
    prices = _in_force(spec.prices, level)
    if any(price.unit not in prices for price in spec.prices):
        return None  # other levels have a price for it, this one has none: that does not make it free
    lines = tuple(
        Line(unit=unit, quantity=_round(units[unit]), amount=_round(units[unit] * price.amount / price.per))
        for unit, price in prices.items()
    )
    return Cost(
        amount=sum((line.amount for line in lines), Decimal(0)),
        currency=spec.currency,
        price_revision=revision,
        lines=lines,
        source="estimate" if estimated else "prices",
    )


def _in_force(prices: tuple[Price, ...], level: str | None) -> dict[Unit, Price]:
    """One price a unit: that of the resolution level where there is one, else the general one."""
    found: dict[Unit, Price] = {price.unit: price for price in prices if price.resolution is None}
    for price in prices:
        if price.resolution is not None and price.resolution == level:
            found[price.unit] = price
    return found


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT_OF_A_CENT).normalize() + Decimal(0)
