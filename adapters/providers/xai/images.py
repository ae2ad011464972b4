"""What does an answer with images mean? It is read as OpenAI's is; moderation and the cost are xAI's own."""

from collections.abc import Callable
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.openai import images
from adapters.providers.tolerant_reader import decode
from adapters.providers.xai.errors import charged, money, ticks
from domain.base import Value, replace
from domain.provider import Finished, InDoubt, Missing, Order, Refused, Sighting

_HELD_BACK = "xAI's moderation held this one back."


class _Item(Value):
    respect_moderation: bool | None = None


class _Answer(Value):
    data: tuple[_Item, ...] = ()
    usage: Any = None


def submit_result(reply: Reply, order: Order, *, base_url: str, refused: Callable[[Reply], Sighting]) -> Sighting:
    """The sighting for an answer. An image that is there is a result; one that is held back was made and billed."""
    seen = images.submit_result(reply, order, base_url=base_url, refused=refused)
    answer = (decode(reply.body, _Answer) if reply.ok else None) or _Answer()
    held = {index for index, item in enumerate(answer.data) if item.respect_moderation is False}
    cost = ticks(answer.usage)
    if isinstance(seen, InDoubt) and held and len(held) == len(answer.data):
        return Refused(
            code="content_rejected_output",
            message="xAI's moderation held back what was made.",
            charged=charged(cost),
            provider_code="respect_moderation",
        )
    if not isinstance(seen, Finished):
        return seen
    missing = tuple(
        Missing(index=lost.index, code="content_rejected_output", message=_HELD_BACK) if lost.index in held else lost
        for lost in seen.missing
    )
    return replace(seen, missing=missing, cost=money(cost))
