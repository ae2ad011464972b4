"""Pictures as OpenAI's image models make them: orders with and without reference pictures, and what is answered.

GPT image models answer with the data itself; servers that speak like them may answer with addresses, their own too."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urljoin, urlsplit, urlunsplit

from adapters.http import Reply
from adapters.providers.base import extra
from adapters.providers.openai_wire import Wire, complaint, file, written
from adapters.providers.reading import decoded, unreadable
from domain import offer
from domain.base import Value
from domain.provider import Finished, Missing, Order, Output, Sighting

_OWN_HOSTS = {"localhost", "127.0.0.1", "0.0.0.0", "::1", "::"}  # noqa: S104 - compared with, not listened on


class _Picture(Value):
    b64_json: str | None = None
    url: str | None = None


class _Made(Value):
    data: tuple[_Picture, ...] | None = None
    usage: dict[str, Any] | None = None


def to_wire(order: Order, wire: Wire) -> dict[str, Any]:
    """The fields of an order. What OpenAI does not know (`seed`, `negative_prompt`) it refuses by name."""
    params = order.params
    prompt, negative = str(params["prompt"]), params.get("negativePrompt")
    if negative and wire.negative_prompt == "in_prompt":
        prompt, negative = f"{prompt}|{negative}", None
    size = offer.pixels(order.spec, params)
    optional = {
        "size": f"{size[0]}x{size[1]}" if size else None,
        "negative_prompt": negative,
        "seed": extra(order).get("seed"),
        "response_format": wire.response_format,
    }
    own = {"model": wire.model, "prompt": prompt, "n": params.get("n") or 1}
    return wire.more | own | {name: value for name, value in optional.items() if value is not None}


def to_form(order: Order, wire: Wire) -> tuple[dict[str, str], list[tuple[str, tuple[str, bytes, str]]]]:
    """The same with reference pictures: fields, and files."""
    name = "image" if len(order.inputs) == 1 else "image[]"
    files = [(name, file(f"image-{number}", medium)) for number, medium in enumerate(order.inputs, start=1)]
    return written(to_wire(order, wire)), files


def from_wire(reply: Reply, order: Order, *, base_url: str, refused: Callable[[Reply], Sighting]) -> Sighting:
    """What the answer says. Fewer pictures than asked for are told as missing, each one."""
    if not reply.ok:
        return refused(reply)
    made = decoded(reply.body, _Made)
    if made is None or made.data is None:
        return refused(reply) if complaint(reply.body) else unreadable(reply)
    outputs: list[Output] = []
    missing: list[Missing] = []
    for index in range(max(int(order.params.get("n") or 1), len(made.data))):
        one = _output(index, made.data[index], base_url) if index < len(made.data) else None
        if one is None:
            says = "The provider sent fewer pictures than were asked for."
            missing.append(Missing(index=index, code="not_made", message=says))
        else:
            outputs.append(one)
    return Finished(outputs=tuple(outputs), missing=tuple(missing), usage=_usage(made.usage, len(outputs)))


def _output(index: int, picture: _Picture, base_url: str) -> Output | None:
    if picture.b64_json:
        try:
            return Output(index=index, data=base64.b64decode(picture.b64_json.rpartition(",")[2], validate=True))
        except binascii.Error:
            return None
    return Output(index=index, url=reachable(picture.url, base_url)) if picture.url else None


def reachable(url: str, base_url: str) -> str:
    """An address as Pixel can use it: a server's name for itself, or none, means the place where Pixel reached it."""
    try:
        base, given = urlsplit(base_url), urlsplit(urljoin(base_url + "/", url))
    except ValueError:
        return url  # no address at all: fetching it says so
    if given.hostname in _OWN_HOSTS and base.hostname not in _OWN_HOSTS:
        given = given._replace(scheme=base.scheme, netloc=base.netloc)
    return urlunsplit(given)


def _usage(tokens: dict[str, Any] | None, made: int) -> dict[str, int]:
    """Tokens by the units of the price table and by the vendor's words; a compatible server may count none."""
    found = {"image": made}
    for name, value in (tokens or {}).items():
        if isinstance(value, int):
            found[name] = value
        elif isinstance(value, dict):
            side = name.removesuffix("_tokens_details")
            details = cast(dict[str, Any], value)
            found |= {f"{side}_{kind}": count for kind, count in details.items() if isinstance(count, int)}
    units = {"input_token": "input_tokens", "output_token": "output_tokens"}
    return found | {unit: found[name] for unit, name in units.items() if name in found}
