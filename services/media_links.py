"""Where are the media of a task? Rows hold paths, because hosts differ by caller; an answer has whole addresses."""

import msgspec

from domain.base import Value, replace
from domain.media_reference import ASSETS_PATH
from projections.task_view import Media, TaskView


class _CallerFields(Value):
    """The fields of a view that the caller wrote. A link in them is the caller's, and stays as it is."""

    params: msgspec.Raw
    metadata: msgspec.Raw = msgspec.Raw(b"null")


def with_absolute_urls(body: bytes, base: str) -> bytes:
    """The encoded view with `base` before the paths of its media. Rows hold paths: hosts differ by caller."""
    if _LINK not in body:
        return body
    callers = _CALLERS.decode(body)
    if _LINK not in bytes(callers.params) and _LINK not in bytes(callers.metadata):
        return body.replace(_LINK, _LINK[: -len(_PATH)] + msgspec.json.encode(base + ASSETS_PATH)[1:-1])
    view = msgspec.json.decode(body, type=TaskView)
    if view.result:
        result = view.result
        absolute = replace(
            result,
            images=_with_base(result.images, base),
            videos=_with_base(result.videos, base),
            audios=_with_base(result.audios, base),
        )
        view = replace(view, result=absolute)
    return msgspec.json.encode(replace(view, late_results=_with_base(view.late_results, base)))


_CALLERS = msgspec.json.Decoder(_CallerFields)
_PATH = ASSETS_PATH.encode()
_LINK = b'"url":"' + _PATH  # as a member of an object: within a string, the quotes would be escaped


def _with_base(media: tuple[Media, ...] | None, base: str) -> tuple[Media, ...] | None:
    return media and tuple(replace(item, url=base + item.url) for item in media)
