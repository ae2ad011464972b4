"""Pictures as OpenAI's image models make them: orders with and without reference pictures, and what is answered.

GPT image models answer with the data itself; servers that speak like them may answer with addresses, their own too."""

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
    """An answer. Pictures have no name and no state of their own: one with either is a job."""

    data: Any = None
    images: Any = None
    usage: Any = None
    id: Any = None
    task_id: Any = None
    status: Any = None


def to_wire(order: Order, wire: Wire) -> dict[str, Any]:
    """The fields of an order. What OpenAI does not know (`seed`, `negative_prompt`) it refuses by name."""
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
    """The same with reference pictures: fields, and files."""
    name = "image" if len(order.inputs) == 1 else "image[]"
    files = [(name, form_file(f"image-{number}", medium)) for number, medium in enumerate(order.inputs, start=1)]
    return form_fields(to_wire(order, wire)), files


def submit_result(reply: Reply, order: Order, *, base_url: str, refused: Callable[[Reply], Sighting]) -> Sighting:
    """What the answer says. Fewer pictures than asked for are told as missing, each one.

    Some gateways answer with a job. Each has a route of its own to ask for it, and none is told by the wire, so that
    it can't be followed: the answer is a doubt, with the job's name in it for whoever settles it."""
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
    says = "The provider sent fewer pictures than were asked for."
    missing = [
        Missing(index=index, code="not_made", message=says)
        for index in range(max(int(order.params.get("n") or 1), len(found)))
        if index >= len(found) or found[index] is None
    ]
    usage = _usage(made.usage, len(outputs) + len(lost))
    return Finished(outputs=outputs, missing=(*lost, *missing), usage=usage)


def _listed(data: Any) -> list[Any] | None:
    """The pictures of an answer, also where one stands alone; None where none can be."""
    return [data] if isinstance(data, str) else elements(data)


def _image(index: int, given: Any, base_url: str) -> Output | Missing | None:
    """One picture; unreadable when something is there that can't be read, None when nothing is."""
    fields = {"url": given} if isinstance(given, str) else members(given)
    there = {name: fields[name] for name in (*_INLINE, *_ADDRESSES) if fields.get(name)}
    for name, value in there.items():
        text = members(value).get("url", value)
        found = output(index, text, inline=name in _INLINE) if isinstance(text, str) else None
        if found:
            return replace(found, url=reachable_url(found.url, base_url)) if found.url else found
    return unreadable_output(index) if there else None


def reachable_url(url: str, base_url: str) -> str:
    """An address as Pixel can use it: a server's name for itself, or none, means the place where Pixel reached it."""
    try:
        base, given = urlsplit(base_url), urlsplit(urljoin(base_url + "/", url))
    except ValueError:
        return url  # no address at all: fetching it says so
    if given.hostname in _OWN_HOSTS and base.hostname not in _OWN_HOSTS:
        given = given._replace(scheme=base.scheme, netloc=base.netloc)
    return urlunsplit(given)


def _usage(tokens: Any, made: int) -> dict[str, int]:
    """Tokens by the units of the price table and by the vendor's words; a compatible server may count none."""
    found = counts(tokens)
    for name, value in members(tokens).items():
        side = name.removesuffix("_tokens_details")
        found |= {f"{side}_{kind}": number for kind, number in counts(value).items()}
    units = {"input_token": "input_tokens", "output_token": "output_tokens"}
    return found | {unit: found[name] for unit, name in units.items() if name in found} | {"image": made}
