"""A log as many callers make it: all kinds of tasks, several providers, thousands of projects, every ending."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from application.clock import new_stream
from bench.payload import PARAMS, PROMPT, Stored
from domain.base import Event
from domain.ids import task_id
from domain.model import Kind, split_model_id
from domain.money import Cost
from domain.provider import Asset
from domain.task.events import (
    CancellationRequested,
    OutputStored,
    ProviderAccepted,
    ProviderCalled,
    ProviderProgressed,
    ProviderRefused,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskRequested,
)

TASKS_A_PROJECT = 10
OPEN_OF_TEN = 1
AT_ONCE = 500  # tasks whose events alternate


class _Offer(NamedTuple):
    model: str
    kind: Kind
    weight: int
    price: str
    currency: str
    progress: int


_OFFERS = (
    _Offer("sandbox/image", Kind.IMAGE, 30, "0.04", "USD", 2),
    _Offer("dashscope/qwen-image", Kind.IMAGE, 20, "0.25", "CNY", 3),
    _Offer("openai/gpt-image", Kind.IMAGE, 10, "0.07", "USD", 1),
    _Offer("sandbox/text", Kind.LLM, 20, "0.002", "USD", 0),
    _Offer("kling/video", Kind.VIDEO, 8, "3.5", "CNY", 8),
    _Offer("sandbox/video", Kind.VIDEO, 4, "0.4", "USD", 6),
    _Offer("minimax/speech", Kind.AUDIO, 8, "0.02", "USD", 0),
)
_SOURCES = ("canvas", "canvas", "canvas", "storyboard", "api", None)


def log_of(tasks: int, *, begin: datetime, end: datetime) -> Iterator[Stored]:
    """The events of many tasks, in log order, requested between the two times; always the same but for the ids.

    One project has ten tasks. Every tenth task is open: half of them were requested only, half run at the provider."""
    chance = random.Random(7)
    step = (end - begin) / max(tasks, 1)
    for first in range(0, tasks, AT_ONCE):
        histories = [
            _history(chance, number, begin + step * number) for number in range(first, min(first + AT_ONCE, tasks))
        ]
        for place in range(max(len(events) for _, events in histories)):
            for stream, events in histories:
                if place < len(events):
                    event = events[place]
                    yield Stored(stream, place + 1, str(event.__struct_config__.tag), _ENCODER.encode(event))


def projects_of(tasks: int) -> int:
    """How many projects have tasks in such a log."""
    return -(-tasks // TASKS_A_PROJECT)


def _history(chance: random.Random, number: int, at: datetime) -> tuple[UUID, list[Event]]:
    stream = new_stream()
    offer = chance.choices(_OFFERS, [offer.weight for offer in _OFFERS])[0]
    request = _requested(chance, number, stream, offer, at)
    if number % 10 < OPEN_OF_TEN and number % 20 < 10:
        return stream, [request]
    call = f"{task_id(stream)}.1"
    events: list[Event] = [
        request,
        ProviderCalled(
            attempt=1,
            provider=split_model_id(offer.model)[0],
            call=call,
            digest=stream.hex * 2,
            worker="4711-5f3a9c01",
            epoch=1,
            at=at + timedelta(milliseconds=30),
        ),
    ]
    fate = chance.random()
    later = at + timedelta(seconds=8)
    if number % 10 >= OPEN_OF_TEN and fate < 0.04:
        refused = ProviderRefused(
            call=call, code="content_rejected", message="Not allowed.", retryable=False, charged="no", at=later
        )
        failed = TaskFailed(code="content_rejected", message="Not allowed.", retryable=False, charged="no", at=later)
        return stream, [*events, refused, failed]
    events.append(ProviderAccepted(call=call, job=f"sbx_{stream.hex[:24]}", at=at + timedelta(milliseconds=250)))
    events += [
        ProviderProgressed(
            percent=90 * (part + 1) // offer.progress, phase="rendering", at=at + timedelta(seconds=part)
        )
        for part in range(offer.progress)
    ]
    if number % 10 < OPEN_OF_TEN:
        return stream, events
    if fate < 0.06:
        stop = CancellationRequested(by="anonymous", at=later)
        return stream, [
            *events,
            stop,
            TaskCancelled(by="anonymous", outcome="confirmed", message="Stopped.", charged="no", at=later),
        ]
    if fate < 0.1:
        failed = TaskFailed(code="generation_failed", message="No.", retryable=True, charged="unknown", at=later)
        return stream, [*events, failed]
    return stream, [*events, *_ending(stream, offer, later)]


def _requested(chance: random.Random, number: int, stream: UUID, offer: _Offer, at: datetime) -> TaskRequested:
    source = chance.choice(_SOURCES)
    return TaskRequested(
        task=task_id(stream),
        kind=offer.kind,
        model=offer.model,
        model_revision=1,
        params=PARAMS if offer.kind is Kind.IMAGE else {"prompt": PROMPT[: chance.randint(20, len(PROMPT))]},
        request_hash=stream.hex * 2,
        finish_by=at + timedelta(days=2),
        project_id=f"proj_{number // TASKS_A_PROJECT:06}",
        source=source,
        source_id=f"{source}_{number // 100}" if source else None,
        estimate=_cost(offer),
        at=at,
    )


def _ending(stream: UUID, offer: _Offer, at: datetime) -> list[Event]:
    if offer.kind is Kind.LLM:
        return [TaskCompleted(text=PROMPT, usage={"total_tokens": 80}, cost=_cost(offer), at=at)]
    sha256 = stream.hex * 2
    asset = Asset(
        id=f"asset_{sha256}.png", sha256=sha256, bytes=1_482_113, media_type="image/png", width=1280, height=720
    )
    return [OutputStored(index=0, asset=asset, at=at), TaskCompleted(usage={"outputs": 1}, cost=_cost(offer), at=at)]


def _cost(offer: _Offer) -> Cost:
    return Cost(amount=Decimal(offer.price), currency=offer.currency, price_revision=1)


_ENCODER = msgspec.json.Encoder()
