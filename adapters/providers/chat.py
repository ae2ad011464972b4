"""Chat as OpenAI speaks it, and so many others: one wire for all, with each vendor's differences as arguments."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.http import Reply
from adapters.providers.base import extra
from adapters.providers.reading import decoded, said, unreadable
from domain.base import Value
from domain.provider import Finished, Order, Output, Refused, Sighting

_FILTERED = "The provider's filter held the answer back."


class _Message(Value):
    content: str | None = None
    refusal: str | None = None


class _Choice(Value):
    message: _Message
    finish_reason: str | None = None


class _Usage(Value):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Completion(Value):
    """The answer of a chat, as far as Pixel reads it."""

    choices: tuple[_Choice, ...]
    usage: _Usage | None = None


def to_wire(
    order: Order,
    *,
    model: str,
    max_tokens_field: str = "max_tokens",
    system_role: str = "system",
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a chat request. Nothing that was not asked for is sent, except for `more`."""
    params = order.params
    messages = [dict(message) for message in params.get("messages") or ()]
    if params.get("prompt") is not None:
        messages.append({"role": "user", "content": params["prompt"]})
    if params.get("system") is not None:
        messages.insert(0, {"role": system_role, "content": params["system"]})
    optional = {
        "temperature": params.get("temperature"),
        max_tokens_field: params.get("maxTokens") or order.spec.limits.max_tokens,
        "seed": extra(order).get("seed"),
    }
    given = {name: value for name, value in optional.items() if value is not None}
    return {"model": model, "messages": messages, "stream": False} | given | dict(more or {})


def from_wire(reply: Reply, *, refused: Callable[[Reply], Sighting]) -> Sighting:
    """What a chat answer says. `refused` reads the vendor's errors."""
    if not reply.ok:
        return refused(reply)
    answer = decoded(reply.body, Completion)
    if answer is None or not answer.choices:
        return refused(reply) if decoded(reply.body, dict[str, Any]) else unreadable(reply)
    choice = answer.choices[0]
    used = answer.usage or _Usage()
    usage = {
        "input_token": used.prompt_tokens,
        "output_token": used.completion_tokens,
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "total_tokens": used.total_tokens or used.prompt_tokens + used.completion_tokens,
    }
    if choice.message.refusal or (choice.finish_reason == "content_filter" and not choice.message.content):
        return Refused(
            code="content_rejected_output",
            message="The model refused to answer." if choice.message.refusal else _FILTERED,
            charged="yes" if answer.usage else "unknown",
            provider_code=choice.finish_reason,
            provider_message=said(choice.message.refusal),
        )
    outputs = (Output(index=0, text=choice.message.content),) if choice.message.content is not None else ()
    notes = ("the answer was cut off at the most tokens that it may have",) if choice.finish_reason == "length" else ()
    return Finished(outputs=outputs, usage=usage if answer.usage else {}, notes=notes)
