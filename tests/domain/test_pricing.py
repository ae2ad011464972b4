"""The maximum cost of a request before the call, and the actual cost after it."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import pricing
from domain.base import replace
from domain.model import Kind, Limits, ModelSpec
from domain.money import Cost, Line, Price, Unit

IMAGE = ModelSpec(
    name="Painter",
    type=Kind.IMAGE,
    resolutions={"1K": {"1:1": "1024*1024"}, "2K": {"1:1": "2048*2048"}},
    limits=Limits(n=4),
    currency="USD",
)
VIDEO = ModelSpec(
    name="Film",
    type=Kind.VIDEO,
    durations={"5s": "5 seconds", "10s": "10 seconds"},
    limits=Limits(n=4, resolutions=("720p", "1080p")),
    currency="CNY",
)
SPEAKER = ModelSpec(name="Speaker", type=Kind.AUDIO, currency="USD")
WRITER = ModelSpec(name="Writer", type=Kind.LLM, limits=Limits(max_tokens=500), currency="USD")
SPECS = {Kind.IMAGE: IMAGE, Kind.VIDEO: VIDEO, Kind.AUDIO: SPEAKER, Kind.LLM: WRITER}
UNITS: tuple[Unit, ...] = ("call", "image", "input_image", "second", "character", "input_token", "output_token")


def priced(spec: ModelSpec, **amounts: str) -> ModelSpec:
    """The same with a price for each of these units."""
    units: dict[str, Unit] = {unit: unit for unit in UNITS}
    prices = tuple(Price(unit=units[name], amount=Decimal(amount)) for name, amount in amounts.items())
    return replace(spec, prices=prices)


def billed(bill: Cost | None) -> dict[str, tuple[str, str]]:
    """The lines of a bill: unit → quantity and amount."""
    assert bill is not None
    return {line.unit: (f"{line.quantity:f}", f"{line.amount:f}") for line in bill.lines}


def estimate(spec: ModelSpec, **params: Any) -> dict[str, tuple[str, str]]:
    return billed(pricing.estimate(spec, params, revision=3))


def actual(spec: ModelSpec, *, usage: dict[str, int], made: int = 1, **params: Any) -> dict[str, tuple[str, str]]:
    return billed(pricing.actual(spec, params, usage=usage, outputs=made, revision=3))


# --- Every unit ---


@pytest.mark.parametrize(("images", "amount"), [(0, "0"), (1, "0"), (2, "0.02"), (10, "0.18")])
def test_the_first_units_of_a_call_may_be_free(images: int, amount: str) -> None:
    """A vendor that takes one reference image for nothing bills the others; what was used tells all of them."""
    spec = replace(IMAGE, prices=(Price(unit="input_image", amount=Decimal("0.02"), free=1),))
    asked: dict[str, Any] = {"imageInputs": ["asset"] * images}
    assert estimate(spec, **asked) == {"input_image": (str(images), amount)}
    assert actual(spec, usage={}, **asked) == {"input_image": (str(images), amount)}
    assert actual(spec, usage={"input_image": images}) == {"input_image": (str(images), amount)}


@pytest.mark.parametrize(
    ("spec", "params", "quantity"),
    [
        (priced(IMAGE, call="0.5"), {"n": 3}, "1"),
        (priced(IMAGE, image="0.5"), {}, "1"),
        (priced(IMAGE, image="0.5"), {"n": 3}, "3"),
        (priced(IMAGE, input_image="0.5"), {}, "0"),
        (priced(IMAGE, input_image="0.5"), {"imageInputs": ["https://a.example/b.png"] * 2, "n": 3}, "2"),
        (priced(VIDEO, second="0.5"), {}, "5"),
        (priced(VIDEO, second="0.5"), {"duration": "10s", "n": 2}, "20"),
        (priced(SPEAKER, character="0.5"), {"prompt": "Hello"}, "5"),
        (priced(SPEAKER, character="0.5"), {"prompt": "你好"}, "6"),
        (priced(WRITER, input_token="0.5"), {"prompt": "Hello", "system": "Be brief."}, "302"),
        (priced(WRITER, input_token="0.5"), {"messages": [{"role": "user", "content": "Hi"}] * 3}, "310"),
        (priced(IMAGE, output_token="0.5"), {"prompt": "Hi", "n": 3}, "12288"),
        (priced(WRITER, output_token="0.5"), {"prompt": "Hi", "maxTokens": 20}, "20"),
        (priced(WRITER, output_token="0.5"), {"prompt": "Hi"}, "500"),
    ],
)
def test_an_estimate_counts_what_is_asked_for(spec: ModelSpec, params: dict[str, Any], quantity: str) -> None:
    """Each unit is counted as the request has it, and at its most where the request leaves it open."""
    (unit,) = [price.unit for price in spec.prices]
    assert estimate(spec, **params) == {unit: (quantity, f"{Decimal(quantity) / 2:f}")}


@pytest.mark.parametrize(
    ("spec", "usage", "made", "quantity"),
    [
        (priced(IMAGE, call="0.5"), {}, 1, "1"),
        (priced(IMAGE, image="0.5"), {}, 3, "3"),
        (priced(IMAGE, image="0.5"), {"image": 2}, 3, "2"),
        (priced(VIDEO, second="0.5"), {}, 1, "5"),
        (priced(VIDEO, second="0.5"), {}, 0, "0"),
        (priced(VIDEO, second="0.5"), {"second": 4}, 1, "4"),
        (priced(SPEAKER, character="0.5"), {}, 1, "5"),
        (priced(SPEAKER, character="0.5"), {"character": 9}, 1, "9"),
        (priced(WRITER, input_token="0.5"), {"input_token": 2, "tokens": 7}, 1, "2"),
        (priced(WRITER, output_token="0.5"), {"output_token": 0}, 1, "0"),
        (priced(WRITER, output_token="0.5"), {}, 1, "500"),
    ],
)
def test_a_bill_counts_what_was_measured_else_what_was_made(
    spec: ModelSpec, usage: dict[str, int], made: int, quantity: str
) -> None:
    """The provider's own measure has precedence over the number of outputs, and that over the request."""
    (unit,) = [price.unit for price in spec.prices]
    found = actual(spec, usage=usage, made=made, prompt="Hello", n=None if spec.type is Kind.AUDIO else max(made, 1))
    assert found == {unit: (quantity, f"{Decimal(quantity) / 2:f}")}


def test_an_unknown_length_is_not_free_by_the_second() -> None:
    """Speech, and a video that names no length: no estimate, so a budget refuses it; billed by what was measured."""
    for spec in (SPEAKER, replace(VIDEO, durations=None)):
        by_second = priced(spec, second="0.5")
        assert pricing.estimate(by_second, {"prompt": "Hello"}, revision=1) is None
        assert pricing.actual(by_second, {"prompt": "Hello"}, usage={}, outputs=1, revision=1) is None
        assert actual(by_second, usage={"second": 3}, prompt="Hello") == {"second": ("3", "1.5")}
        assert estimate(priced(spec, call="0.5"), prompt="Hello") == {"call": ("1", "0.5")}


def test_the_longest_audio_is_an_estimate_by_the_second() -> None:
    """With a longest output there is an upper bound; what was measured is billed, and without that the bound is."""
    by_second = priced(replace(SPEAKER, limits=replace(SPEAKER.limits, audio_seconds=120)), second="0.5")
    assert estimate(by_second, prompt="Hello") == {"second": ("120", "60")}
    assert actual(by_second, usage={"second": 3}, prompt="Hello") == {"second": ("3", "1.5")}
    assert actual(by_second, usage={}, prompt="Hello") == {"second": ("120", "60")}


def test_outputs_are_billed_and_not_the_request() -> None:
    """Two of four images count as two; characters without a measurement count as code points, not as bytes."""
    assert actual(priced(IMAGE, image="0.5"), usage={}, made=2, n=4) == {"image": ("2", "1")}
    assert actual(priced(SPEAKER, character="0.5"), usage={}, prompt="你好") == {"character": ("2", "1")}


def test_settings_of_a_request_count_as_tokens() -> None:
    """Settings count as the bytes of their JSON."""
    spec = priced(WRITER, input_token="1")
    plain, more = estimate(spec, prompt="Hi"), estimate(spec, prompt="Hi", extraParams={"seed": 7})
    assert int(more["input_token"][0]) - int(plain["input_token"][0]) == len('{"seed":7}')


def test_a_video_that_was_not_made_is_not_billed_by_the_second() -> None:
    """Two of three videos cost two thirds."""
    assert actual(priced(VIDEO, second="0.1"), usage={}, made=2, n=3, duration="10s") == {"second": ("20", "2")}


def test_a_bill_has_a_line_for_each_unit_and_their_sum() -> None:
    """The bill has the revision of its prices, the currency, and its source."""
    spec = priced(WRITER, input_token="0.01", output_token="0.02")
    assert pricing.estimate(spec, {"prompt": "Hello", "maxTokens": 10}, revision=3) == Cost(
        amount=Decimal("2.97"),
        currency="USD",
        price_revision=3,
        lines=(
            Line(unit="input_token", quantity=Decimal(277), amount=Decimal("2.77")),
            Line(unit="output_token", quantity=Decimal(10), amount=Decimal("0.2")),
        ),
        source="estimate",
    )
    bill = pricing.actual(spec, {"prompt": "Hello"}, usage={"input_token": 2, "output_token": 1}, outputs=1, revision=3)
    assert bill is not None
    assert (bill.amount, bill.source, bill.price_revision) == (Decimal("0.04"), "prices", 3)


def test_prices_are_for_so_many() -> None:
    """A price per million counts in millions, to a millionth of the currency."""
    price = Price(unit="input_token", amount=Decimal("0.8"), per=1_000_000)
    spec = replace(WRITER, prices=(price,))
    assert actual(spec, usage={"input_token": 1500})["input_token"] == ("1500", "0.0012")
    assert actual(spec, usage={"input_token": 1})["input_token"] == ("1", "0.000001")
    assert actual(spec, usage={"input_token": 25_000_000})["input_token"] == ("25000000", "20")


def test_an_estimate_is_rounded_up() -> None:
    """A thousand requests that cost less than a millionth each do cost something."""
    spec = replace(WRITER, prices=(Price(unit="output_token", amount=Decimal("0.1"), per=1_000_000),))
    assert estimate(spec, prompt="Hi", maxTokens=1)["output_token"] == ("1", "0.000001")
    assert actual(spec, usage={"output_token": 1})["output_token"] == ("1", "0")


# --- By resolution ---

BY_LEVEL = replace(
    IMAGE,
    prices=(
        Price(unit="image", amount=Decimal("0.02")),
        Price(unit="image", amount=Decimal("0.08"), resolution="2K"),
        Price(unit="call", amount=Decimal("0.01")),
    ),
)


@pytest.mark.parametrize(
    ("params", "amount"), [({}, "0.03"), ({"resolution": "1K"}, "0.03"), ({"resolution": "2K"}, "0.09")]
)
def test_a_level_has_its_own_price_else_the_general_one(params: dict[str, Any], amount: str) -> None:
    """One price a unit is in force: that of the level asked for, or of the level that is made when none is."""
    found = pricing.estimate(BY_LEVEL, params, revision=1)
    assert found is not None
    assert found.amount == Decimal(amount)


def test_the_order_of_the_prices_does_not_matter() -> None:
    """The general price never overrides that of the level."""
    turned = replace(BY_LEVEL, prices=BY_LEVEL.prices[::-1])
    assert estimate(turned, resolution="2K") == estimate(BY_LEVEL, resolution="2K")


def test_a_level_without_a_price_is_not_free() -> None:
    """If only other levels have a price, the cost of this one is unknown."""
    spec = replace(IMAGE, prices=(Price(unit="image", amount=Decimal("0.08"), resolution="2K"),))
    assert pricing.estimate(spec, {"resolution": "1K"}, revision=1) is None
    assert pricing.actual(spec, {}, usage={}, outputs=1, revision=1) is None
    assert estimate(spec, resolution="2K") == {"image": ("1", "0.08")}


def test_the_first_level_of_a_video_counts_when_none_is_asked_for() -> None:
    """A price for the level that is made by default."""
    prices = (
        Price(unit="second", amount=Decimal("0.1"), resolution="720p"),
        Price(unit="second", amount=Decimal("0.3"), resolution="1080p"),
    )
    assert estimate(replace(VIDEO, prices=prices)) == {"second": ("5", "0.5")}


# --- Without prices ---


@pytest.mark.parametrize("spec", [IMAGE, replace(priced(IMAGE, image="1"), currency=None)])
def test_no_prices_is_not_the_same_as_free(spec: ModelSpec) -> None:
    """Without a price table the cost is unknown; a free model has a price of 0."""
    assert pricing.estimate(spec, {}, revision=1) is None
    assert pricing.actual(spec, {}, usage={"image": 3}, outputs=1, revision=1) is None
    assert estimate(priced(IMAGE, image="0")) == {"image": ("1", "0")}


# --- Upper bounds ---

FLAG = "🏴󠁧󠁢󠁥󠁮󠁧󠁿"
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "system"]), "content": st.text(min_size=1)}),
    min_size=1,
    max_size=200,
)


def byte_by_byte(params: dict[str, Any]) -> int:
    """What a chat comes to at a vendor with the greediest tokenizer there is, six tokens around each message, and
    sixty of its own instructions in front."""
    messages = [message["content"] for message in params.get("messages") or ()]
    texts = [*messages, *(params[name] for name in ("prompt", "system") if params.get(name))]
    return 60 + sum(6 + len(text.encode()) for text in texts)


def quantity(spec: ModelSpec, unit: str, params: dict[str, Any]) -> Decimal:
    return Decimal(estimate(priced(spec, **{unit: "1"}), **params)[unit][0])


@given(st.one_of(MESSAGES.map(lambda said: {"messages": said}), st.builds(dict, prompt=st.text(min_size=1))), st.text())
@example({"messages": [{"role": "user", "content": "a"}] * 200}, "")
@example({"prompt": FLAG}, FLAG)
def test_no_chat_takes_more_tokens_than_were_estimated(params: dict[str, Any], system: str) -> None:
    """Whatever the language, however many messages: a token has a byte at least, and messages have their bounds."""
    params = params | ({"system": system} if system else {})
    assert byte_by_byte(params) <= quantity(WRITER, "input_token", params)


@given(st.text(min_size=1))
@example(FLAG)
@example("你好")
def test_no_vendor_counts_more_characters_than_were_estimated(text: str) -> None:
    """The estimate bounds every way to count characters: code points, UTF-16 units, two for non-ASCII, bytes."""
    counted = [len(text), len(text.encode("utf-16-le")) // 2, sum(1 + (ord(letter) > 127) for letter in text)]
    assert max(*counted, len(text.encode())) <= quantity(SPEAKER, "character", {"prompt": text})


@given(st.text(), st.integers(0, 16))
def test_every_input_counts(negative: str, images: int) -> None:
    """A negative prompt and reference images are tokens, too; so are settings, which may hold tools."""
    plain = quantity(IMAGE, "input_token", {"prompt": "a cat"})
    given = {"prompt": "a cat", "negativePrompt": negative, "imageInputs": ["https://a.example/b.png"] * images}
    assert quantity(IMAGE, "input_token", given) >= plain + len(negative.encode()) + images * 8192
    tools = {"parameters": {"tools": [{"type": "function", "function": {"name": negative}}]}}
    wired = quantity(replace(WRITER, wire=tools), "input_token", {"prompt": "a cat"})
    assert wired >= plain + len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode())


# --- The law of estimates ---

AMOUNTS = st.decimals(min_value=0, max_value=1000, places=4)


@st.composite
def jobs(draw: st.DrawFn) -> tuple[ModelSpec, dict[str, Any], dict[str, int], int]:
    """A model, a request for it, and what a provider measures and makes that does no more than it was asked for."""
    spec = SPECS[draw(st.sampled_from(Kind))]
    levels = list(spec.resolutions or spec.limits.resolutions)
    countable: Sequence[Unit] = UNITS if spec.type is Kind.VIDEO else [unit for unit in UNITS if unit != "second"]
    units = draw(st.lists(st.sampled_from(countable), unique=True, min_size=1))
    prices = [
        Price(unit=unit, amount=draw(AMOUNTS), per=draw(st.sampled_from([1, 7, 1000, 1_000_000])), resolution=level)
        for unit in units
        for level in [None, *draw(st.lists(st.sampled_from(levels), unique=True) if levels else st.just([]))]
    ]
    params: dict[str, Any] = {"prompt": draw(st.text(max_size=40))}
    if levels:
        params |= {"n": draw(st.integers(1, 4)), "resolution": draw(st.sampled_from([None, *levels]))}
    if spec.durations:
        params["duration"] = draw(st.sampled_from([None, *spec.durations]))
    if spec.type is Kind.LLM:
        params["maxTokens"] = draw(st.none() | st.integers(1, 500))
    spec = replace(spec, prices=tuple(prices))
    asked = {
        unit: quantity
        for unit, (quantity, _) in estimate(replace(spec, prices=_one_of_each(countable)), **params).items()
    }
    measured = draw(st.lists(st.sampled_from(countable[1:]), unique=True))
    usage: dict[str, int] = {unit: draw(st.integers(0, int(asked[unit]))) for unit in measured}
    return spec, params, usage, draw(st.integers(0, params.get("n") or 1))


def _one_of_each(units: Sequence[Unit]) -> tuple[Price, ...]:
    return tuple(Price(unit=unit, amount=Decimal(1)) for unit in units)


@given(jobs())
def test_nothing_costs_more_than_its_estimate(job: tuple[ModelSpec, dict[str, Any], dict[str, int], int]) -> None:
    """A provider that does no more than requested costs no more than the estimate: budgets rely on it."""
    spec, params, usage, made = job
    before = pricing.estimate(spec, params, revision=1)
    after = pricing.actual(spec, params, usage=usage, outputs=made, revision=1)
    assert before is not None
    assert after is not None
    assert 0 <= after.amount <= before.amount
    assert after.amount == sum(line.amount for line in after.lines)
