"""What does a request in OpenAI's form ask for? Every parameter is honoured, means nothing, or is refused by name.

A request becomes the body of one of Pixel's own, which is then checked as any other. `pixel` holds fields of Pixel's
that OpenAI has no word for."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple, TypeVar, dataclass_transform

import msgspec
from msgspec import Meta

from domain.base import Rejected
from domain.model import ModelSpec
from domain.request import Problem

USER_FIELDS: Final = ("user", "safety_identifier")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class OpenAIBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A request body in OpenAI's form: snake_case in JSON, unknown fields refused, `null` the same as absent."""


class OpenAIRequest(OpenAIBody):
    """The parameters that every request has."""

    user: (
        Annotated[str, Meta(max_length=200, description="Kept in the task's `metadata`", examples=["user_17"])] | None
    ) = None
    safety_identifier: (
        Annotated[str, Meta(max_length=200, description="Kept in the task's `metadata`", examples=["9f86d0"])] | None
    ) = None
    pixel: (
        Annotated[
            dict[str, Any],
            Meta(
                description="Fields of Pixel's own request that OpenAI has no word for; in a form, as JSON",
                examples=[{"projectId": "proj_123"}],
            ),
        ]
        | None
    ) = None


T = TypeVar("T", bound=OpenAIBody)


class Parameters(NamedTuple):
    """The parameters of OpenAI's that a route knows and can't honour: `meaningless` are the values that ask for what
    happens anyway; `refused` says why any other value is refused."""

    meaningless: Mapping[str, tuple[object, ...]]
    refused: Mapping[str, str]


class Translated(NamedTuple):
    """A request as Pixel's own body. `names` are the parameters behind the fields of that body."""

    body: dict[str, Any]
    names: Mapping[str, str]


def read(type_: type[T], sent: Mapping[str, Any], known: Parameters, *, of_text: bool = False) -> T:
    """The request of a body. `of_text`: of a form, where a number is text. Raises Rejected with what is wrong in it."""
    given = {
        name: value for name, value in sent.items() if value is not None and not _means_nothing(name, value, known)
    }
    fields = {field.encode_name for field in msgspec.structs.fields(type_)}
    reject_if_any([Problem(name[:64], known.refused.get(name, "is not known")) for name in given if name not in fields])
    try:
        return msgspec.convert(given, type_, strict=not of_text)
    except (msgspec.ValidationError, RecursionError) as error:
        raise wrong(*_problem(str(error))) from None


def _means_nothing(name: str, value: object, known: Parameters) -> bool:
    values = (None, *known.meaningless.get(name, ()))
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in values)


def reject_if_any(problems: Sequence[Problem]) -> None:
    """Raise Rejected with all of these problems, if there are any."""
    if problems:
        raise Rejected("invalid_request", "; ".join(map(str, problems)), problems)


def wrong(field: str, message: str) -> Rejected:
    """The refusal of a request with this one problem."""
    return Rejected("invalid_request", f"{field}: {message}", [(field, message)])


def _problem(message: str) -> Problem:
    """The problem that msgspec tells: the first."""
    what, _, where = message.partition(" - at `$")
    path = where.rstrip("`").lstrip(".")
    if missing := re.search("required field `(.+)`", what):
        return Problem(f"{path}.{missing[1]}".lstrip("."), "is required")
    if unknown := re.search("unknown field `(.+)`", what):
        return Problem(f"{path}.{unknown[1][:64]}".lstrip("."), "is not known")
    return Problem(path or "body", what[0].lower() + what[1:200])


def translated(asked: OpenAIRequest, fields: Mapping[str, Any], names: Mapping[str, str]) -> Translated:
    """Pixel's body of these fields, which are None where nothing is asked for, and of what the request has in `pixel`.

    Raises Rejected for a field that both have."""
    body = {name: value for name, value in fields.items() if value is not None}
    given: dict[str, Any] = body.get("metadata") or {}
    metadata = given | {name: value for name in USER_FIELDS if (value := getattr(asked, name))}
    if metadata:
        body["metadata"] = metadata
    own = {name: value for name, value in (asked.pixel or {}).items() if value is not None}
    reject_if_any([Problem(f"pixel.{name[:64]}", "is given outside of it already") for name in own if name in body])
    renamed = {name: f"pixel.{name}" for name in own}
    return Translated(body | own, {**names, **renamed})


def renamed(refusal: Rejected, names: Mapping[str, str]) -> Rejected:
    """A refusal of Pixel's body, which names the parameters of the request instead."""
    if not refusal.problems:
        return refusal
    problems = [Problem(_rename(field, names), message) for field, message in refusal.problems]
    more = "; and more" if refusal.message.endswith("; and more") else ""
    return Rejected(refusal.code, "; ".join(map(str, problems)) + more, problems)


def _rename(field: str, names: Mapping[str, str]) -> str:
    if field in names:
        return names[field]
    top = re.split(r"[.\[]", field)[0]
    return names.get(top, top) + field[len(top) :]


# --- Sizes ---


def size_fields(spec: ModelSpec | None, size: str | None) -> dict[str, str | None]:
    """Resolution and aspect ratio of a size such as "1024x1024"; nothing for "auto". Raises Rejected for a size that
    the model does not offer. Without a `spec` the model is unknown, which is refused later."""
    if size is None or size == "auto" or spec is None:
        return {}
    sizes = offered_sizes(spec)
    if size not in sizes:
        if sizes:
            why = f"'{size[:64]}' is not offered; choose one of {', '.join(sizes)}"
        else:
            why = f"'{spec.name}' has no sizes in pixels; leave it out, or give pixel.resolution or pixel.aspectRatio"
        raise wrong("size", why)
    resolution, ratio = sizes[size]
    return {"resolution": resolution, "aspectRatio": ratio}


def offered_sizes(spec: ModelSpec) -> dict[str, tuple[str, str]]:
    """The sizes of a model, such as "1024x1024", each with its resolution and aspect ratio."""
    sizes: dict[str, tuple[str, str]] = {}
    for resolution, ratios in (spec.resolutions or {}).items():
        for ratio, pixels in ratios.items():
            sizes.setdefault(pixels.replace("*", "x"), (resolution, ratio))
    return sizes
