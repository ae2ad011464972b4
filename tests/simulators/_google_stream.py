"""How does Google stream a chat? Its answer at once, cut into events, each with the parts that are new.

Marks in a request: `error_at_once` and `error_in_stream` send an error before the text or in its middle, `no_end` ends
in the middle without a word. An answer is sent in pieces that end anywhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.simulators._google import error
from tests.simulators.base import Answer, Request, Simulator

PIECES = 12


def as_stream(simulator: Simulator, request: Request, answer: Answer) -> Answer:
    """The answer as events, or as one list without `alt=sse`."""
    events: list[Any] = list(_events(json.loads(answer.body)))
    at_once, later = (json.loads(error(code, "Something failed.").body) for code in (429, 503))
    match simulator.lasting(request.text, "error_at_once", "error_in_stream", "no_end"):
        case "error_at_once":
            events = [at_once]
        case "error_in_stream":
            events = [*events[: len(events) // 2], later]
        case "no_end":
            events = events[: len(events) // 2]
        case _:
            pass
    if request.query.get("alt") != ["sse"]:
        return Answer(200, json=events)
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    sent = Answer(200, data="".join(f"data: {line}\r\n\r\n" for line in lines).encode(), media_type="text/event-stream")
    sent.headers = answer.headers | sent.headers
    sent.pieces = PIECES
    return sent


def _events(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The tokens of the request come with each event, those of the answer with the last."""
    usage = dict.fromkeys(("promptTokenCount", "totalTokenCount"), whole["usageMetadata"]["promptTokenCount"])
    for candidate in whole.get("candidates", [])[:1]:
        for part in candidate.get("content", {}).get("parts", []):
            for word in re.findall(r"\S+\s*|\s+", part["text"]):
                content = {"parts": [part | {"text": word}], "role": "model"}
                yield whole | {"candidates": [{"content": content, "index": 0}], "usageMetadata": usage}
        end = {"parts": [{"text": ""}], "role": "model"}
        yield whole | {
            "candidates": [{name: at for name, at in candidate.items() if name != "content"} | {"content": end}]
        }
        return
    yield whole
