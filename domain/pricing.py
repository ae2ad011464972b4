"""What does a request cost? A maximum before the call, and the actual cost by the provider's measurements after it.

A price table counts units. Their number comes from the provider's measurements, else from the outputs, else from the
request."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from typing import Any

import msgspec

from domain import capabilities
from domain.model import Kind, ModelSpec
from domain.money import Cost, Line, Price, Unit

_SIX_PLACES = Decimal("0.000001")

# Upper bounds on the tokens that a chat has besides its texts. Chat templates take four to six tokens per message
# for its role and delimiters, and vendors prepend instructions of some tens of tokens. No vendor counts more for an
# image.
TOKENS_PER_MESSAGE = 16
TOKENS_PER_CALL = 256
TOKENS_PER_IMAGE = 16384


def estimate(spec: ModelSpec, params: Mapping[str, Any], *, revision: int) -> Cost | None:
    """The maximum cost of a request; None when it is unknown, as without a price table. None does not mean free."""
    if not spec.prices:
        return None
    return _bill(spec, params, _requested_units(spec, params), revision=revision, estimated=True)


def actual(
    spec: ModelSpec, params: Mapping[str, Any], *, usage: Mapping[str, int], outputs: int, revision: int
) -> Cost | None:
    """The cost of a finished call with this many `outputs`; None when it is unknown. `usage` are measured units."""
    requested = _requested_units(spec, params)
    count = Decimal(_count(params))
    units: dict[Unit, Decimal] = {
        unit: Decimal(usage[unit]) if unit in usage else quantity for unit, quantity in requested.items()
    }
    if "image" not in usage:
        units["image"] = Decimal(outputs)
    if "character" not in usage:  # most vendors count code points; bytes are only the upper bound
        units["character"] = Decimal(sum(map(len, _texts(params))))
    if "second" in usage:
        units["second"] = Decimal(usage["second"])
    elif "second" in requested:
        units["second"] = requested["second"] / count * outputs
    return _bill(spec, params, units, revision=revision, estimated=False)


def _requested_units(spec: ModelSpec, params: Mapping[str, Any]) -> dict[Unit, Decimal]:
    """The units of a request, each an upper bound. A unit without a bound is left out, such as the seconds of speech
    of a model without `limits.audio_seconds`.

    Vendors count characters as code points, as UTF-16 units, or a Chinese one as two: never more than its UTF-8 bytes.
    No tokenizer in use makes more tokens than there are bytes."""
    count = _count(params)
    seconds = capabilities.seconds(spec, dict(params)) if spec.type is Kind.VIDEO else spec.limits.audio_seconds
    texts = _texts(params)
    bytes_ = sum(len(text.encode(errors="surrogatepass")) for text in texts)
    overhead = TOKENS_PER_CALL + TOKENS_PER_MESSAGE * len(texts) + TOKENS_PER_IMAGE * _images(params)
    settings = sum(len(msgspec.json.encode(sent)) for sent in (params.get("extraParams"), spec.wire) if sent)
    units: dict[Unit, Decimal] = {
        "call": Decimal(1),
        "image": Decimal(count),
        "input_image": Decimal(_images(params)),
        "character": Decimal(bytes_),
        "input_token": Decimal(bytes_ + overhead + settings),  # settings may have tools, which are read as text
        "output_token": Decimal(params.get("maxTokens") or spec.limits.max_tokens) * count,
    }
    if seconds is not None:
        units["second"] = Decimal(str(seconds)) * count
    return units


def _count(params: Mapping[str, Any]) -> int:
    return int(params.get("n") or 1)


def _texts(params: Mapping[str, Any]) -> list[str]:
    """Every text of the request, each counted as a message of its own."""
    texts = [params.get(name) for name in ("prompt", "negativePrompt", "system")]
    texts += [message["content"] for message in params.get("messages") or ()]
    return [text for text in texts if text]


def _images(params: Mapping[str, Any]) -> int:
    return len(params.get("imageInputs") or ())


def _bill(
    spec: ModelSpec, params: Mapping[str, Any], units: Mapping[Unit, Decimal], *, revision: int, estimated: bool
) -> Cost | None:
    if spec.currency is None or not spec.prices:
        return None
    level = capabilities.resolution(spec, params.get("resolution"))
    prices = _in_force(spec.prices, level)
    if any(price.unit not in prices for price in spec.prices):
        return None  # only other levels have a price for the unit: this one is unknown, not free
    if any(unit not in units for unit in prices):
        return None  # the quantity has no bound: the cost is unknown, not zero
    rounding = ROUND_CEILING if estimated else ROUND_HALF_EVEN
    billed = {unit: max(units[unit] - price.free, Decimal(0)) for unit, price in prices.items()}
    lines = tuple(
        Line(unit=unit, quantity=_round(units[unit]), amount=_round(billed[unit] * price.amount / price.per, rounding))
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
    """The price of each unit: that of the resolution level if there is one, else the general one."""
    found: dict[Unit, Price] = {price.unit: price for price in prices if price.resolution is None}
    for price in prices:
        if price.resolution is not None and price.resolution == level:
            found[price.unit] = price
    return found


def _round(amount: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    return amount.quantize(_SIX_PLACES, rounding).normalize() + Decimal(0)
