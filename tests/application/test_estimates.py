"""Laws of estimates: each request has its price, or its problems in the words of its refusal."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from application.estimates import RequestEstimate, estimate_each
from application.generations import AvailableModel
from application.ports import AssetsUnavailable
from application.turns import Turns
from domain.base import Rejected
from domain.batch import MAX_REQUESTS
from domain.model import Kind, Limits
from domain.request import Problem
from tests.application.priced_models import estimate, model
from tests.application.request_ports import Assets, Webhooks, by_id

ASSET, MISSING = f"asset_{'a' * 64}.png", f"asset_{'b' * 64}.png"
OFFERED = by_id(
    model("painter", price="0.04", revision=3, limits=Limits(image_inputs=2, n=4)),
    model("dear", price="9"),
    model("writer", Kind.LLM),
    model("away", price="0.2", unavailable="Model 'acme/away' has no API key.", limits=Limits(image_inputs=1)),
    model("away-unpriced", unavailable="Model 'acme/away-unpriced' has no API key."),
    model("gone", retired=True),
)
IMAGE = {"kind": "image", "model": "acme/painter", "prompt": "a cat"}
PRICE = estimate("0.04", revision=3)


async def estimates(
    *requests: Any, models: Mapping[str, AvailableModel] = OFFERED, inputs: Assets | None = None
) -> list[RequestEstimate]:
    """The estimates of these requests."""
    return await estimate_each(
        models,
        json.dumps({"requests": requests}).encode(),
        turns=Turns(),
        check_inputs=(inputs or Assets({ASSET})).check,
        find_webhook=Webhooks({"webhook_1": "https://app.example/hooks"}).find,
    )


async def problems(**fields: Any) -> list[Problem]:
    """The problems of a request that has no price."""
    [[cost, found]] = await estimates(IMAGE | fields)
    assert cost is None
    return found


async def test_each_request_has_its_price_in_the_order_of_the_requests() -> None:
    """That of its model at the revision of today; one without prices has none, which is no problem and not free."""
    assert await estimates(
        IMAGE,
        {"kind": "text", "model": "acme/writer", "prompt": "a haiku"},
        IMAGE | {"model": "acme/dear"},
        IMAGE | {"imageInputs": [ASSET], "webhook": "https://app.example/hooks/1"},
    ) == [
        RequestEstimate(PRICE, []),
        RequestEstimate(None, []),
        RequestEstimate(estimate("9"), []),
        RequestEstimate(PRICE, []),
    ]


async def test_the_price_is_that_of_the_model_and_not_of_what_may_take_over() -> None:
    """As the estimate of an accepted task is."""
    assert await estimates(IMAGE | {"fallbackModels": ["acme/dear"]}) == [RequestEstimate(PRICE, [])]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"model": "acme/nothing"},
            "Model 'acme/nothing' not found. Available models can be fetched from /api/v1/models",
        ),
        ({"model": "acme/gone"}, "Model 'acme/gone' is retired."),
        (
            {"model": "acme/writer"},
            "Model 'acme/writer' makes llm, not image. Send it to /api/v1/generations/text",
        ),
    ],
)
async def test_a_problem_of_the_model_is_one_of_its_field(fields: dict[str, Any], told: str) -> None:
    """In the words of the refusal."""
    assert await problems(**fields) == [Problem("model", told)]


async def test_every_problem_is_told_by_its_field() -> None:
    """Those of fields under them, and those of the whole request under none."""
    assert await problems(n=9, prompt=None) == [
        Problem("prompt", "is required"),
        Problem("n", "must be from 1 to 4"),
    ]
    assert await problems(imageInputs=[ASSET, MISSING]) == [Problem("imageInputs[1]", f"there is no asset '{MISSING}'")]
    [webhook] = await problems(webhook="https://other.example/hooks")
    assert webhook.field == "webhook"
    assert await problems(kind="song") == [Problem("kind", "choose one of image, video, audio, text")]
    malformed = "Model must be in format 'provider/model_key', got: 'x'. Example: 'dashscope/qwen-image'"
    assert await problems(model="x") == [Problem("", malformed)]


async def test_what_is_no_request_hurts_no_other() -> None:
    """It has a problem as a whole."""
    good, bad = await estimates(IMAGE, ["a cat"])
    assert good == RequestEstimate(PRICE, [])
    assert (bad.cost, [problem.field for problem in bad.problems]) == (None, [""])
    assert bad.problems[0].message


async def test_a_model_that_takes_no_requests_has_a_price() -> None:
    """Both are told: what it would cost, and why it would be refused now; other problems hide the price."""
    away = Problem("model", "Model 'acme/away' has no API key.")
    assert await estimates(
        IMAGE | {"model": "acme/away"},
        IMAGE | {"model": "acme/away-unpriced"},
        IMAGE | {"model": "acme/away", "n": 2},
        IMAGE | {"model": "acme/away", "imageInputs": [MISSING]},
        IMAGE | {"model": "acme/away", "imageInputs": [ASSET], "webhook": "https://app.example/hooks"},
    ) == [
        RequestEstimate(estimate("0.2"), [away]),
        RequestEstimate(None, [Problem("model", "Model 'acme/away-unpriced' has no API key.")]),
        RequestEstimate(None, [Problem("n", "must be from 1 to 1")]),
        RequestEstimate(None, [Problem("imageInputs[0]", f"there is no asset '{MISSING}'")]),
        RequestEstimate(estimate("0.2"), [away]),
    ]


async def test_a_model_that_could_not_take_over_leaves_no_price() -> None:
    """The request would be refused, whatever its own model costs."""
    assert await problems(fallbackModels=["acme/away"]) == [
        Problem("fallbackModels[0]", "Model 'acme/away' has no API key.")
    ]


@pytest.mark.parametrize("number", [0, MAX_REQUESTS + 1])
async def test_one_to_two_hundred_requests_are_taken(number: int) -> None:
    """Any other number is refused as a whole."""
    with pytest.raises(Rejected) as refused:
        await estimates(*[IMAGE] * number)
    assert refused.value.code == "invalid_request"
    assert refused.value.message == f"requests: must be 1 to {MAX_REQUESTS}, got {number}"


async def test_inputs_that_cannot_be_checked_leave_no_estimates() -> None:
    """The trouble of the store is the caller's, and not a problem of the request."""
    with pytest.raises(AssetsUnavailable):
        await estimates(IMAGE, IMAGE | {"imageInputs": [ASSET]}, inputs=Assets(away=True))


async def test_others_have_their_turn_for_each_request() -> None:
    """However many are estimated: each is parsed in a turn of its own, of all that are estimated at the time."""
    body, turns, parsed = json.dumps({"requests": [IMAGE] * 50}).encode(), Turns(), 0

    async def count() -> None:
        nonlocal parsed
        while True:
            parsed += 1
            await asyncio.sleep(0)

    async def ask() -> list[RequestEstimate]:
        inputs, webhooks = Assets(), Webhooks()
        return await estimate_each(OFFERED, body, turns=turns, check_inputs=inputs.check, find_webhook=webhooks.find)

    counting = asyncio.create_task(count())
    try:
        first, second = await asyncio.gather(ask(), ask())
    finally:
        counting.cancel()
    assert first == second == [RequestEstimate(PRICE, [])] * 50
    assert parsed >= 100
