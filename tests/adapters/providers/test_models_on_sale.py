"""Does every model on sale go through its vendor's simulator? Each as a whole once; and each of its sizes, lengths and
voices, and as many reference images as it takes, as far as the vendor accepts them."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from itertools import cycle, islice
from typing import Any

import pytest

from domain.model import Kind
from domain.provider import Finished, Input
from tests.adapters.providers.conformance import Bench, Case, Subject, catalogue, spec_of
from tests.simulators import media
from tests.simulators.example_requests import PLACES
from tests.simulators.serve import make, served

ON_SALE = [
    entry.id
    for entry in catalogue().models
    if entry.enabled and not entry.retired and not entry.id.startswith("sandbox/")
]
IMAGE = Input(data=media.png("a fox", 512, 512), media_type="image/png")
PROMPT = "A small boat on a quiet sea at dawn."


@asynccontextmanager
async def opened(model: str) -> AsyncGenerator[Bench]:
    """The adapter of a model, in front of the simulator whose example requests name its provider."""
    provider = model.partition("/")[0]
    asked = {name: {str(body["model"]).partition("/")[0] for _, body in place.wishes} for name, place in PLACES.items()}
    names = [name for name, providers in asked.items() if provider in providers]
    assert names, f"tests/simulators/example_requests.py has no request for {provider}"
    simulator = make(names[0])
    subject = Subject(provider, names[0], PLACES[names[0]].environment, cases=(), refusals={})
    async with served(simulator) as address, Bench.opened(subject, simulator, address) as bench:
        yield bench


def a_case(model: str, images: int, **params: Any) -> Case:
    """A request with this many reference images; parameters that are None are left out."""
    asked = params | {"imageInputs": ["asset"] * images or None}
    given = {name: value for name, value in asked.items() if value is not None}
    return Case("on sale", model, {"prompt": PROMPT} | given, inputs=(IMAGE,) * images)


def variants(model: str) -> Iterator[Case]:
    """Requests that have every size, every length, every voice, and few and many reference images."""
    spec = spec_of(model)
    named = dict.fromkeys(spec.limits.resolutions or (None,), spec.limits.aspect_ratios)
    levels: dict[Any, Any] = {**(spec.resolutions or named)}
    sizes = [(level, ratio) for level, ratios in levels.items() for ratio in ratios or (None,)]
    lengths: list[Any] = list(spec.durations or (None,))
    voices: list[Any] = [voice.id for voice in spec.voices or ()] or [None]
    images: list[Any] = [spec.limits.image_inputs_needed, spec.limits.image_inputs]
    most = max(map(len, (sizes, lengths, voices, images)))
    for (level, ratio), length, voice, count in islice(
        zip(cycle(sizes), cycle(lengths), cycle(voices), cycle(images), strict=False), most
    ):
        yield a_case(model, count, resolution=level, aspectRatio=ratio, duration=length, voice=voice)


@pytest.mark.parametrize("model", ON_SALE)
async def test_a_model_on_sale_does_its_job(model: str) -> None:
    """Ordered with nothing but a prompt and what it needs, it makes one result of its kind, as its entry says, for no
    more than its estimate."""
    async with opened(model) as bench:
        order = bench.order(a_case(model, spec_of(model).limits.image_inputs_needed))
        finished = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(finished, Finished), finished
        await bench.check_result(order, finished, 1)
        assert bench.billed == 1


@pytest.mark.parametrize("model", ON_SALE)
async def test_what_a_model_offers_is_accepted(model: str) -> None:
    """A choice that the vendor refuses would be an order that fails, loudly at best."""
    async with opened(model) as bench:
        bench.simulator.checks_only = True
        for number, case in enumerate(variants(model), start=1):
            seen = await bench.provider.submit(bench.order(case, call=number))
            assert bench.billed == number, (case.params, seen)


def test_each_kind_has_a_default_that_lives() -> None:
    """A request that names no model gets one that its vendor still has, and whose end nobody has announced."""
    chosen = [entry for entry in catalogue().models if entry.default and entry.enabled and not entry.retired]
    defaults = {entry.spec.type for entry in chosen if entry.spec.ends is None}
    assert defaults == set(Kind)
