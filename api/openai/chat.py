"""Chat in OpenAI's form: what is asked for, the answer, and the answer as a stream of pieces."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta

from api.openai.fields import OpenAIBody, OpenAIRequest, Parameters, Translated, read, translated, wrong
from domain.base import Value
from domain.provider import CUT_OFF
from projections.task_view import TaskView

# --- What is asked for ---


class OpenAIContentPart(OpenAIBody):
    """A part of what is said: text, as Pixel's models read nothing else."""

    type: Annotated[Literal["text"], Meta(description="Always this word", examples=["text"])]
    text: Annotated[str, Meta(description="The text", examples=["Write a haiku about the sea."])]


class OpenAIMessage(OpenAIBody):
    """One message of a conversation."""

    role: Annotated[
        Literal["system", "developer", "user", "assistant"],
        Meta(description="Who says it; `developer` is the same as `system`", examples=["user"]),
    ]
    content: Annotated[
        str | list[OpenAIContentPart], Meta(description="What is said", examples=["Write a haiku about the sea."])
    ]


class OpenAIStreamOptions(OpenAIBody):
    """How to stream."""

    include_usage: (
        Annotated[bool, Meta(description="Whether the tokens come as the last piece", examples=[True])] | None
    ) = None


class OpenAIChatRequest(OpenAIRequest, kw_only=True):
    """A conversation to go on with."""

    messages: Annotated[list[OpenAIMessage], Meta(min_length=1, max_length=200, description="What was said so far")]
    model: Annotated[str, Meta(description="Which model", examples=["sandbox/text"])]
    max_completion_tokens: (
        Annotated[int, Meta(ge=1, description="How long the answer may be", examples=[256])] | None
    ) = None
    max_tokens: (
        Annotated[int, Meta(ge=1, description="The older name of `max_completion_tokens`", examples=[256])] | None
    ) = None
    temperature: Annotated[float, Meta(ge=0, le=2, description="0 is sober, 2 is wild", examples=[0.7])] | None = None
    seed: (
        Annotated[int, Meta(description="The same seed gives the same answer, where the model can", examples=[7])]
        | None
    ) = None
    stream: Annotated[bool, Meta(description="Whether the answer comes in pieces", examples=[True])] | None = None
    stream_options: Annotated[
        OpenAIStreamOptions | None,
        Meta(description="How to stream; only with `stream`", examples=[{"include_usage": True}]),
    ] = None
    metadata: (
        Annotated[
            dict[str, str], Meta(max_length=16, description="Kept in the task's `metadata`", examples=[{"scene": "3"}])
        ]
        | None
    ) = None


_NO_TOOLS: Final = "Pixel calls no tools; leave it out"
_NO_CHOICE: Final = "Pixel has no such choice; leave it out"
PARAMETERS: Final = Parameters(
    meaningless={
        "frequency_penalty": (0,),
        "logit_bias": ({},),
        "logprobs": (False,),
        "modalities": (["text"],),
        "n": (1,),
        "presence_penalty": (0,),
        "response_format": ({"type": "text"},),
        "service_tier": ("auto", "default"),
        "stop": ([],),
        "tool_choice": ("none",),
        "tools": ([],),
        "top_p": (1,),
    },
    refused={
        "audio": "Pixel's chats are text; leave it out",
        "frequency_penalty": _NO_CHOICE,
        "function_call": _NO_TOOLS,
        "functions": _NO_TOOLS,
        "logit_bias": _NO_CHOICE,
        "logprobs": _NO_CHOICE,
        "modalities": "Pixel's chats are text; leave it out",
        "moderation": _NO_CHOICE,
        "n": "there is one answer; leave it out",
        "parallel_tool_calls": _NO_TOOLS,
        "prediction": _NO_CHOICE,
        "presence_penalty": _NO_CHOICE,
        "prompt_cache_key": _NO_CHOICE,
        "prompt_cache_options": _NO_CHOICE,
        "prompt_cache_retention": _NO_CHOICE,
        "reasoning_effort": _NO_CHOICE,
        "response_format": "Pixel's chats are plain text; leave it out",
        "service_tier": _NO_CHOICE,
        "stop": _NO_CHOICE,
        "store": "Pixel keeps every call as a task; leave it out",
        "tool_choice": _NO_TOOLS,
        "tools": _NO_TOOLS,
        "top_logprobs": _NO_CHOICE,
        "top_p": "use temperature; leave it out",
        "verbosity": _NO_CHOICE,
        "web_search_options": _NO_TOOLS,
    },
)
NAMES: Final = {"prompt": "messages"}


def read_chat(sent: Mapping[str, Any]) -> OpenAIChatRequest:
    """The request. Clients send an earlier answer back with its nulls. Raises Rejected."""
    messages = sent.get("messages")
    if isinstance(messages, list):
        sent = {**sent, "messages": [_without_nulls(each) for each in cast(list[object], messages)]}
    return read(OpenAIChatRequest, sent, PARAMETERS)


def _without_nulls(message: object) -> object:
    if not isinstance(message, dict):
        return message
    return {name: value for name, value in cast(dict[str, object], message).items() if value is not None}


def to_body(asked: OpenAIChatRequest) -> Translated:
    """Pixel's request for the same answer. Raises Rejected."""
    if asked.max_tokens is not None and asked.max_completion_tokens is not None:
        raise wrong("max_tokens", "is the older name of max_completion_tokens; give one of the two")
    if asked.stream_options is not None and not asked.stream:
        raise wrong("stream_options", "is for a stream; set stream, or leave it out")
    fields = {
        "model": asked.model,
        "messages": [{"role": _role(each), "content": _text(each)} for each in asked.messages],
        "maxTokens": asked.max_completion_tokens or asked.max_tokens,
        "temperature": asked.temperature,
        "stream": asked.stream or None,
        "metadata": asked.metadata,
    }
    tokens = "max_tokens" if asked.max_tokens is not None else "max_completion_tokens"
    return _with_seed(translated(asked, fields, {**NAMES, "maxTokens": tokens}), asked.seed)


def _with_seed(made: Translated, seed: int | None) -> Translated:
    """The seed is one of Pixel's `extraParams`, of which `pixel` may hold others."""
    if seed is None:
        return made
    extra: Any = made.body.get("extraParams") or {}
    if not isinstance(extra, dict) or "seed" in extra:
        raise wrong("pixel.extraParams.seed", "is given outside of it already")
    with_seed = cast(dict[str, Any], extra) | {"seed": seed}
    return Translated(made.body | {"extraParams": with_seed}, {**made.names, "extraParams.seed": "seed"})


def _role(message: OpenAIMessage) -> str:
    return "system" if message.role == "developer" else message.role


def _text(message: OpenAIMessage) -> str:
    return message.content if isinstance(message.content, str) else "".join(part.text for part in message.content)


# --- The answer ---


class OpenAIAnswer(Value):
    """What the model says."""

    role: Annotated[Literal["assistant"], Meta(description="Always this word", examples=["assistant"])]
    content: Annotated[str, Meta(description="The text", examples=["Grey waves fold and rise"])]
    refusal: Annotated[None, Meta(description="Always null: a refusal is an error", examples=[None])] = None


class OpenAIChoice(Value):
    """The answer."""

    index: Annotated[int, Meta(description="Always 0: there is one answer", examples=[0])]
    message: Annotated[OpenAIAnswer, Meta(description="What the model says")]
    finish_reason: Annotated[str, Meta(description="`length` where it was cut off, else `stop`", examples=["stop"])]
    logprobs: Annotated[None, Meta(description="Always null", examples=[None])] = None


class OpenAIUsage(Value):
    """The tokens, as the provider counted them."""

    prompt_tokens: Annotated[int, Meta(description="Of the conversation", examples=[9])]
    completion_tokens: Annotated[int, Meta(description="Of the answer", examples=[7])]
    total_tokens: Annotated[int, Meta(description="Both", examples=[16])]


class OpenAIChat(Value):
    """An answer in a chat."""

    id: Annotated[str, Meta(description="The task's id", examples=["task_abc123"])]
    object: Annotated[Literal["chat.completion"], Meta(description="Always this word", examples=["chat.completion"])]
    created: Annotated[int, Meta(description="When, in seconds of the Unix epoch", examples=[1770804000])]
    model: Annotated[str, Meta(description="Which model answered", examples=["sandbox/text"])]
    choices: Annotated[list[OpenAIChoice], Meta(description="One answer")]
    usage: Annotated[OpenAIUsage | None, Meta(description="The tokens, where the provider counts them")]


def completion(view: TaskView) -> OpenAIChat:
    """A completed task as an answer."""
    answer = OpenAIAnswer(role="assistant", content=said(view))
    return OpenAIChat(
        id=view.id,
        object="chat.completion",
        created=int(view.created_at.timestamp()),
        model=view.served_by or view.model,
        choices=[OpenAIChoice(index=0, message=answer, finish_reason=_finish_reason(view))],
        usage=usage(view.usage or {}),
    )


def said(view: TaskView) -> str:
    """The text of a completed task."""
    return (view.result.text if view.result else None) or ""


def usage(counted: Mapping[str, int]) -> OpenAIUsage | None:
    """The tokens in OpenAI's words; None where the provider did not count both."""
    asked = counted.get("prompt_tokens", counted.get("input_tokens", counted.get("input_token")))
    written = counted.get("completion_tokens", counted.get("output_tokens", counted.get("output_token")))
    if asked is None or written is None:
        return None
    total = counted.get("total_tokens", asked + written)
    return OpenAIUsage(prompt_tokens=asked, completion_tokens=written, total_tokens=total)


def _finish_reason(view: TaskView) -> str:
    return "length" if view.result and CUT_OFF in (view.result.notes or ()) else "stop"


# --- The answer as a stream ---

_PIECE: Final = re.compile(r".{1,60}(?:\s|$)|.{1,60}", re.DOTALL)
DONE: Final = b"data: [DONE]\n\n"
STILL_WAITING: Final = b": the task goes on\n\n"  # a comment, which keeps a proxy from closing the connection


def head(task_id: str, model: str, created: int) -> dict[str, Any]:
    """What every piece has."""
    return {"id": task_id, "object": "chat.completion.chunk", "created": created, "model": model}


def beginning(head: dict[str, Any], *, with_usage: bool) -> bytes:
    """The first piece: who speaks."""
    return _chunk(head, {"role": "assistant", "content": ""}, None, with_usage=with_usage)


def piece(head: dict[str, Any], text: str, *, with_usage: bool) -> bytes:
    """A piece of the text."""
    return _chunk(head, {"content": text}, None, with_usage=with_usage)


def rest(view: TaskView, head: dict[str, Any], *, sent: int, with_usage: bool) -> Iterator[bytes]:
    """The answer of a completed task behind the characters that were sent, in pieces, and how it ended."""
    head = head | {"model": view.served_by or view.model}
    for text in _PIECE.findall(said(view)[sent:]):
        yield piece(head, text, with_usage=with_usage)
    yield _chunk(head, {}, _finish_reason(view), with_usage=with_usage)
    if with_usage:
        last: dict[str, Any] = {"choices": [], "usage": usage(view.usage or {})}
        yield data(head | last)


def _chunk(head: dict[str, Any], delta: dict[str, str], finish_reason: str | None, *, with_usage: bool) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return data(head | {"choices": [choice]} | ({"usage": None} if with_usage else {}))


def data(value: object) -> bytes:
    """One event of a stream."""
    return b"data: " + msgspec.json.encode(value) + b"\n\n"
