"""Images in OpenAI's format: orders with and without reference images, and their answers.

GPT image models answer with the data; other servers may answer with URLs, even with URLs of their own host."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from adapters.outbound.client import Reply
from adapters.providers.base import extra_params
from adapters.providers.openai.errors import error_in
from adapters.providers.openai.requests import Wire, form_fields, form_file
from adapters.providers.sightings import output, unreadable_answer, unreadable_output, with_raw_answer
from adapters.providers.tolerant_reader import counts, decode, elements, members
from domain import capabilities
from domain.base import Value, replace
from domain.provider import Finished, Missing, Order, Output, Sighting

_OWN_HOSTS = {"localhost", "127.0.0.1", "0.0.0.0", "::1", "::"}  # noqa: S104 - compared with, not listened on


_INLINE = ("b64_json", "b64", "base64")
_ADDRESSES = ("url", "image_url", "image")


class _Made(Value):
    """An answer. An answer with an id or a status is a job, because images have neither."""

    data: Any = None
    images: Any = None
    usage: Any = None
    id: Any = None
    task_id: Any = None
    status: Any = None


def to_wire(order: Order, wire: Wire) -> dict[str, Any]:
    """The body of an order. OpenAI refuses fields that it does not know (`seed`, `negative_prompt`) by name."""
    params = order.params
    prompt, negative = str(params["prompt"]), params.get("negativePrompt")
    if negative and wire.negative_prompt == "in_prompt":
        prompt, negative = f"{prompt}|{negative}", None
    size = capabilities.pixels(order.spec, params)
    optional = {
        "size": f"{size[0]}x{size[1]}" if size else None,
        "negative_prompt": negative,
        "seed": extra_params(order).get("seed"),
        "response_format": wire.response_format,
    }
    own = {"model": wire.model, "prompt": prompt, "n": params.get("n") or 1}
    return wire.more | own | {name: value for name, value in optional.items() if value is not None}


def to_form(order: Order, wire: Wire) -> tuple[dict[str, str], list[tuple[str, tuple[str, bytes, str]]]]:
    """The fields and files of an order with reference images."""
    name = "image" if len(order.inputs) == 1 else "image[]"
    files = [(name, form_file(f"image-{number}", medium)) for number, medium in enumerate(order.inputs, start=1)]
    return form_fields(to_wire(order, wire)), files


def submit_result(reply: Reply, order: Order, *, base_url: str, refused: Callable[[Reply], Sighting]) -> Sighting:
    """The sighting for an answer. Each image that was ordered and not sent is missing.

    Some gateways answer with a job, which can't be polled, because each gateway has its own route for that. Such an
    answer is InDoubt and holds the job's id, for the person who settles it."""
    return with_raw_answer(_seen(reply, order, base_url, refused), reply)


def _seen(reply: Reply, order: Order, base_url: str, refused: Callable[[Reply], Sighting]) -> Sighting:
    if not reply.ok:
        return refused(reply)
    made = decode(reply.body, _Made) or _Made()
    given = _listed(made.images if made.data is None else made.data)
    found = [_image(index, each, base_url) for index, each in enumerate(given or ())]
    nothing = not any(found)
    if nothing and (given != [] or error_in(reply.body) or made.id or made.task_id or made.status):
        return refused(reply) if error_in(reply.body) else unreadable_answer(reply)
    outputs = tuple(each for each in found if isinstance(each, Output))
    lost = tuple(each for each in found if isinstance(each, Missing))
    message = "The provider sent fewer images than were asked for."
    missing = [
        Missing(index=index, code="not_made", message=message)
        for index in range(max(int(order.params.get("n") or 1), len(found)))
        if index >= len(found) or found[index] is None
    ]
    usage = _usage(made.usage, len(outputs) + len(lost))
    return Finished(outputs=outputs, missing=(*lost, *missing), usage=usage)


def _listed(data: Any) -> list[Any] | None:
    """The images of an answer, also a single one; None when the member can't hold images."""
    return [data] if isinstance(data, str) else elements(data)


def _image(index: int, given: Any, base_url: str) -> Output | Missing | None:
    """One image; Missing when it can't be read, None when there is none."""
    fields = {"url": given} if isinstance(given, str) else members(given)
    there = {name: fields[name] for name in (*_INLINE, *_ADDRESSES) if fields.get(name)}
    for name, value in there.items():
        text = members(value).get("url", value)
        found = output(index, text, inline=name in _INLINE) if isinstance(text, str) else None
        if found:
            return replace(found, url=reachable_url(found.url, base_url)) if found.url else found
    return unreadable_output(index) if there else None


def reachable_url(url: str, base_url: str) -> str:
    """A URL that Pixel can reach: a relative one, or a server's name for itself, is resolved against `base_url`."""
    try:
        base, given = urlsplit(base_url), urlsplit(urljoin(base_url + "/", url))
    except ValueError:
        return url  # not a URL: its download fails with a reason
    if given.hostname in _OWN_HOSTS and base.hostname not in _OWN_HOSTS:
        given = given._replace(scheme=base.scheme, netloc=base.netloc)
    return urlunsplit(given)


def _usage(tokens: Any, made: int) -> dict[str, int]:
    """Tokens by the units of the price table and by the vendor's names; empty where the server counts none."""
    found = counts(tokens)
    for name, value in members(tokens).items():
        side = name.removesuffix("_tokens_details")
        found |= {f"{side}_{kind}": number for kind, number in counts(value).items()}
    units = {"input_token": "input_tokens", "output_token": "output_tokens"}
    return found | {unit: found[name] for unit, name in units.items() if name in found} | {"image": made}
