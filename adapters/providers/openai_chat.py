"""Chat in OpenAI's format, which many vendors share; their differences are arguments."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.outbound.client import Reply
from adapters.providers.base import extra_params
from adapters.providers.openai_stream import folded, text_of
from adapters.providers.redaction import redacted
from adapters.providers.sightings import raw_answer, unreadable_answer, unreadable_output, with_raw_answer
from adapters.providers.tolerant_reader import as_text, counts, decode, members
from domain.base import Value, replace
from domain.provider import CUT_OFF, Finished, InDoubt, Order, Output, Refused, Sighting

STREAM: Final[Mapping[str, Any]] = {"stream": True, "stream_options": {"include_usage": True}}
"""The fields of a request whose answer comes as a stream, and counts its tokens."""
_FILTERED = "The provider's filter held the answer back."


class _Choice(Value):
    message: Any = None
    text: Any = None
    finish_reason: Any = None


class Completion(Value):
    """The answer of a chat, as far as Pixel reads it."""

    choices: tuple[_Choice, ...] = ()
    usage: Any = None


def to_wire(
    order: Order,
    *,
    model: str,
    max_tokens_field: str = "max_tokens",
    system_role: str = "system",
    more: Mapping[str, Any] | None = None,
    streams: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a chat request. It holds only what the caller asked for, and `more`. `streams` are the fields by
    which the vendor's answer comes as a stream, with the tokens; None: it does not."""
    params = order.params
    messages = [dict(message) for message in params.get("messages") or ()]
    if params.get("prompt") is not None:
        messages.append({"role": "user", "content": params["prompt"]})
    if params.get("system") is not None:
        messages.insert(0, {"role": system_role, "content": params["system"]})
    optional = {
        "temperature": params.get("temperature"),
        max_tokens_field: params.get("maxTokens") or order.spec.limits.max_tokens,
        "seed": extra_params(order).get("seed"),
    }
    given = {name: value for name, value in optional.items() if value is not None}
    form = streams if streams and params.get("stream") else {"stream": False}
    return {"model": model, "messages": messages, **form} | given | dict(more or {})


def from_wire(reply: Reply, *, refused: Callable[[Reply], Sighting]) -> Sighting:
    """What a chat answer means, whether it came at once or as a stream. `refused` reads the vendor's errors. An answer
    with text is a result, whatever else it holds."""
    whole = folded(reply)
    seen = with_raw_answer(_seen(whole, refused), whole)
    if whole is reply or not isinstance(seen, Finished | InDoubt) or seen.answer is None:
        return seen
    return replace(seen, answer=replace(raw_answer(reply), ids=seen.answer.ids))


def _seen(reply: Reply, refused: Callable[[Reply], Sighting]) -> Sighting:
    if not reply.ok:
        return refused(reply)
    answer = decode(reply.body, Completion)
    if answer is None or not answer.choices:
        return refused(reply) if decode(reply.body, dict[str, Any]) else unreadable_answer(reply)
    choice = next((each for each in answer.choices if text_of(_content(each))), answer.choices[0])
    content, usage = _content(choice), _usage(counts(answer.usage))
    text, ended = text_of(content), as_text(choice.finish_reason)
    refusal = as_text(members(choice.message).get("refusal"))
    if not text and (refusal or ended == "content_filter"):
        return Refused(
            code="content_rejected_output",
            message="The model refused to answer." if refusal else _FILTERED,
            charged="yes" if usage else "unknown",
            provider_code=ended,
            provider_message=redacted(refusal),
        )
    if text is None:
        return Finished(outputs=(), missing=() if content is None else (unreadable_output(0),), usage=usage)
    notes = (CUT_OFF,) if ended == "length" else ()
    return Finished(outputs=(Output(index=0, text=text),), usage=usage, notes=notes)


def _content(choice: _Choice) -> Any:
    """The content of a choice, in whatever form; None where the vendor says that there is none."""
    fields = members(choice.message)
    return fields.get("content", _NOWHERE) if fields else choice.message or choice.text or _NOWHERE


_NOWHERE = object()


def _usage(counted: Mapping[str, int]) -> dict[str, int]:
    """Tokens, by the units of the price table and by the vendor's names. A count that the vendor omits is not 0."""
    prompt = counted.get("prompt_tokens", counted.get("input_tokens"))
    completion = counted.get("completion_tokens", counted.get("output_tokens"))
    both = prompt + completion if prompt is not None and completion is not None else None
    found = {
        "input_token": prompt,
        "output_token": completion,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": counted.get("total_tokens") or both,
    }
    return {name: number for name, number in found.items() if number is not None}
