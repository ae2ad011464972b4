"""How do vendors stream a chat in OpenAI's format? Their answer at once, cut into chunks, with the habits of each.

Marks in a request: `error_at_once` and `error_in_stream` send the vendor's error before the text or in its middle,
`no_end` ends in the middle without a word. An answer is sent in pieces that end anywhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.simulators.base import Answer, Request, Simulator

PIECES = 12


def stream_problem(body: dict[str, Any]) -> str | None:
    """What is wrong with the fields of a request that ask for a stream; None when they are right."""
    options = body.get("stream_options")
    if not isinstance(body.get("stream", False), bool):
        return "stream"
    right = options in ({"include_usage": True}, {"include_usage": False}) and body.get("stream")
    return "stream_options" if options is not None and not right else None


def as_stream(
    simulator: Simulator,
    request: Request,
    answer: Answer,
    *,
    error: object,
    nulls: bool = True,
    ends_whole: bool = False,
) -> Answer:
    """The answer as a stream, where the request asks for one.

    `error` is the vendor's error in a stream. `nulls`: members without a value are there. `ends_whole`: the last event
    is the whole answer with its tokens, and nothing says that it is the last."""
    asked = request.json()
    if not asked.get("stream"):
        return answer
    whole: dict[str, Any] = json.loads(answer.body)
    events: list[object] = [*_chunks(whole, nulls=nulls)]
    match simulator.lasting(request.text, "error_at_once", "error_in_stream", "no_end"):
        case "error_at_once":
            events = [events[0], error]
        case "error_in_stream":
            events = [*events[: len(events) // 2], error]
        case "no_end":
            return _sent(answer, events[: len(events) // 2])
        case _ if ends_whole:
            return _sent(answer, [*events, whole])
        case _:
            if (asked.get("stream_options") or {}).get("include_usage") and "usage" in whole:
                events.append(_head(whole) | {"choices": [], "usage": whole["usage"]})
    return _sent(answer, events, "[DONE]")


def _sent(answer: Answer, events: list[object], *last: str) -> Answer:
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    text = "".join(f"data: {line}\n\n" for line in [*lines, *last])
    sent = Answer(200, data=text.encode(), media_type="text/event-stream")
    sent.headers = answer.headers | sent.headers
    sent.pieces = PIECES
    return sent


def _head(whole: dict[str, Any]) -> dict[str, Any]:
    return {name: whole[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}


def _chunks(whole: dict[str, Any], *, nulls: bool) -> Iterator[dict[str, Any]]:
    [choice] = whole["choices"]
    message: dict[str, Any] = choice["message"]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    for name in ("reasoning_content", "content", "refusal"):
        deltas += [{name: word} for word in re.findall(r"\S+\s*", message.get(name) or "")]
    empty = {"finish_reason": None, "logprobs": None} if nulls else {}
    for delta in deltas:
        yield _head(whole) | {"choices": [{"index": 0, "delta": delta, **empty}]}
    end = {name: value for name, value in choice.items() if name != "message"}
    yield _head(whole) | {"choices": [empty | end | {"delta": {}}]}
