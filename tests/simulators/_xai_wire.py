"""What all routes of the xAI simulator share: errors, facts about each model, strict checks, sizes."""

import base64
import re
from collections.abc import Mapping
from types import UnionType
from typing import Any, NamedTuple, cast

from tests.simulators import media
from tests.simulators.base import Answer, require

TICKS = 10_000_000_000
INVALID = "Client specified an invalid argument"
FORBIDDEN = "The caller does not have permission to execute the specified operation"
EXHAUSTED = "Some resource has been exhausted"
MISSING = "Some requested entity was not found"
RATIOS = {"1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "9:19.5", "19.5:9", "9:20", "20:9", "1:2", "2:1"}
WIDE = {"21:9", "5:2"}
VIDEO_RATIOS = {"1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"}
_DATA = re.compile(r"data:image/(?:jpeg|png|webp);base64,([A-Za-z0-9+/]+=*)")


class ImageModel(NamedTuple):
    """What an image model takes, and what it costs in dollars: by quality and resolution, and for an image given."""

    prices: Mapping[tuple[str, str], float]
    given: float
    references: int
    ratios: set[str]
    qualities: frozenset[str] = frozenset()


class VideoModel(NamedTuple):
    """What a second of a video costs in dollars, by resolution, and an image that is given."""

    seconds: Mapping[str, float]
    given: float


IMAGE_MODELS = {
    "grok-imagine-image-2.0": ImageModel(
        {("low", "1k"): 0.04, ("low", "2k"): 0.06, ("medium", "1k"): 0.06, ("medium", "2k"): 0.08},
        0.01,
        5,
        RATIOS | WIDE | {"auto"},
        frozenset({"low", "medium", "auto"}),
    ),
    "grok-imagine-image": ImageModel({("", "1k"): 0.02, ("", "2k"): 0.02}, 0.002, 3, RATIOS | {"auto"}),
}
VIDEO_MODELS = {
    "grok-imagine-video-1.5": VideoModel({"480p": 0.08, "720p": 0.14, "1080p": 0.25}, 0.01),
    "grok-imagine-video-1.5-lite": VideoModel({"480p": 0.02, "720p": 0.03, "1080p": 0.14}, 0.01),
    "grok-imagine-video": VideoModel({"480p": 0.05, "720p": 0.07}, 0.002),
}
CHAT_MODELS = {"grok-4.7": 20, "grok-4.20-0309-non-reasoning": 0}
"""How many tokens each spends on thinking."""


def error(
    status: int, code: str, text: str, *, cost: float | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """An error in xAI's form; `cost` in dollars, where the request was billed."""
    body: dict[str, Any] = {"code": code, "error": text}
    return Answer(status, json=body | ({} if cost is None else {"usage": usage(cost)}), headers=headers)


def invalid(text: str) -> Answer:
    """The error for a wrong argument."""
    return error(400, INVALID, text)


def no_model(name: object) -> Answer:
    """The error for a model that does not exist, or not for this team."""
    return error(404, MISSING, f"The model {name} does not exist or your team 21 does not have access to it.")


def usage(dollars: float) -> dict[str, Any]:
    """What an answer tells of the money."""
    return {"cost_in_usd_ticks": round(dollars * TICKS)}


def check(body: object, known: Mapping[str, Any], *, needed: tuple[str, ...]) -> dict[str, Any]:
    """The fields that are set, after a check for unknown ones, missing ones, wrong types and values. `null` is unset.

    `known` maps a field to its type, its values, or a range of integers."""
    require(isinstance(body, dict), invalid("The body is no object."))
    fields = {name: value for name, value in cast(dict[str, Any], body).items() if value is not None}
    for name, value in fields.items():
        require(name in known, invalid(f"Argument not supported: {name}"))
        choices = known[name]
        if isinstance(choices, type | UnionType):
            right = isinstance(value, choices) and not (isinstance(value, bool) and choices is not bool)
        else:
            right = not isinstance(value, bool) and type(value) in (int, str) and value in choices
        require(right, error(422, INVALID, f"Failed to deserialize the JSON body: {name}"))
    for name in needed:
        require(fields.get(name), invalid(f"{name} is missing."))
    return fields


def image_size(given: object) -> tuple[int, int] | None:
    """The size of a reference image, after a check of its form; None for an address, which is not fetched here."""
    require(isinstance(given, dict), invalid("image: an object with a url."))
    image = cast(dict[str, Any], given)
    require(set(image) <= {"url", "type"}, invalid("image: an object with a url."))
    require(image.get("type", "image_url") == "image_url", invalid("image: an unknown type."))
    url = str(image.get("url"))
    if url.startswith(("https://", "http://")):
        return None
    match = _DATA.fullmatch(url)
    require(match, invalid("image: neither an address nor a data URL with an image."))
    assert match
    found = media.measure(base64.b64decode(match[1]))
    require(found.width and found.height, invalid("image: it can't be decoded."))
    return found.width or 1, found.height or 1


def size_of(short: int, ratio: str | None, source: tuple[int, int] | None = None) -> tuple[int, int]:
    """A size with this shorter side and shape; even, as videos want it. No page tells xAI's own."""
    wide, _, high = (ratio or "").partition(":")
    width, height = (float(wide), float(high)) if high else source or (1, 1)
    scale = short / min(width, height)
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2
