"""Images at Ark: the order, and the answer with an image or an error for each item."""

from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.base import reference, wire_config
from adapters.providers.sightings import output, unreadable_output
from adapters.providers.tolerant_reader import counts, decode, elements, members
from adapters.providers.volcengine.errors import Problem, problem_in, refusal, refused
from adapters.providers.volcengine.requests import Wire
from domain import capabilities
from domain.base import Value
from domain.provider import Finished, Missing, Order, Output, Sighting

# docs/providers/volcengine.md#limits-and-lifetimes
URL_SECONDS = 86400.0


class _Images(Value):
    data: Any
    usage: Any = None


def to_wire(order: Order) -> dict[str, Any]:
    """The body of an image order, for one image. In a set, the model would choose the number of images."""
    wire = wire_config(order.spec, Wire)
    size = capabilities.pixels(order.spec, order.params)
    images = [reference(given) for given in order.inputs]
    optional = {
        "image": images[0] if len(images) == 1 else images or None,
        "size": f"{size[0]}x{size[1]}" if size else capabilities.resolution(order.spec, order.params.get("resolution")),
    }
    return {
        "model": wire.model,
        "prompt": order.params["prompt"],
        "response_format": "url",
        "watermark": False,
        **{name: value for name, value in optional.items() if value is not None},
        **wire.more,
    }


def submit_result(reply: Reply) -> Sighting:
    """The sighting for an image answer. Each item is an image or an error of its own."""
    answer = decode(reply.body, _Images) if reply.ok else None
    items = [answer.data] if answer and isinstance(answer.data, str) else elements(answer.data) if answer else None
    if answer is None or items is None:
        return refused(reply)
    found = [_image(at, item) for at, item in enumerate(items)]
    outputs = tuple(each for each in found if isinstance(each, Output))
    used = counts(answer.usage)
    first = next((each for each in found if isinstance(each, Problem)), None)
    if first and all(isinstance(each, Problem) for each in found):
        return refusal(first, charged="no" if used.get("generated_images") == 0 else "unknown")
    missing = [
        each if isinstance(each, Missing) else _missing(at, each)
        for at, each in enumerate(found)
        if not isinstance(each, Output)
    ]
    if not found:
        missing = [Missing(index=0, code="empty", message="Ark's answer holds no image.")]
    made = used.get("generated_images", sum(not isinstance(each, Problem) for each in found))
    known = {
        "input_image": used.get("input_images"),
        "output_token": used.get("output_tokens"),
        "total_tokens": used.get("total_tokens"),
    }
    usage = {"image": made} | {unit: number for unit, number in known.items() if number is not None}
    return Finished(outputs=outputs, missing=tuple(missing), usage=usage, expires_seconds=URL_SECONDS)


def _image(index: int, item: object) -> Output | Problem | Missing:
    """One item of the answer. An item that is neither readable nor an error was made and paid for."""
    fields = {"url": item} if isinstance(item, str) else members(item)
    for name in ("url", "b64_json"):
        text = fields.get(name)
        if isinstance(text, str) and (found := output(index, text, inline=name == "b64_json")):
            return found
    problem = problem_in(fields.get("error"))
    return problem if problem.code or problem.message else unreadable_output(index)


def _missing(index: int, problem: Problem) -> Missing:
    meant = refusal(problem, charged="no")
    return Missing(index=index, code=meant.code, message=f"{meant.message} {meant.provider_message or ''}".strip())
