"""Where are the media of a task? Rows hold paths, because hosts differ by caller; an answer has whole addresses.

Where Pixel is closed the addresses are signed, and expire: a page or a program without a key can load them for a
while, and whoever finds one in an old log can't."""

import re
import time
from collections.abc import Callable

import msgspec

from domain.base import Value, replace
from domain.media_reference import ASSETS_PATH
from projections.task_view import Media, TaskView
from services.signing import Signer

PURPOSE = "asset"


class _CallerFields(Value):
    """The fields of a view that the caller wrote. A link in them is the caller's, and stays as it is."""

    params: msgspec.Raw
    metadata: msgspec.Raw = msgspec.Raw(b"null")


class MediaLinks:
    """Makes the addresses of assets, and checks those that are signed. `seconds` is how long one holds at least, a
    quarter more at most: within a quarter the same asset has the same address, for the caches of browsers."""

    def __init__(self, signer: Signer, seconds: int, is_open: Callable[[], bool]) -> None:
        self._signer = signer
        self._seconds = seconds
        self._is_open = is_open

    def period(self) -> int | None:
        """When the addresses that are made now expire, in seconds of the Unix epoch; None: they are not signed."""
        if self._is_open():
            return None
        step = max(self._seconds // 4, 1)
        return (int(time.time()) // step + 1) * step + self._seconds

    def url(self, asset_id: str, base: str) -> str:
        """The address of an asset below `base`, signed where it needs to be."""
        return base + ASSETS_PATH + asset_id + self._query(asset_id, self.period())

    def with_absolute_urls(self, body: bytes, base: str) -> bytes:
        """The encoded view with `base` before the paths of its media, and signatures behind them where it needs any."""
        if _LINK not in body:
            return body
        expires = self.period()
        callers = _CALLERS.decode(body)
        if _LINK in bytes(callers.params) or _LINK in bytes(callers.metadata):
            return _rewritten(body, lambda url: base + url + self._query(url.removeprefix(ASSETS_PATH), expires))
        start = b'"url":' + msgspec.json.encode(base + ASSETS_PATH)[:-1]
        if expires is None:
            return body.replace(_LINK, start)
        return _SIGNABLE.sub(lambda link: start + link[1] + self._query(link[1].decode(), expires).encode(), body)

    def expire(self, body: bytes) -> bool:
        """Whether the encoded view has addresses that expire: who has kept it has to ask for them anew."""
        return _LINK in body and not self._is_open()

    def seconds_left(self, asset_id: str, expires: str | None, signature: str | None) -> int:
        """How long a signed address of the asset holds yet; 0: it does not, or is none of Pixel's."""
        if expires is None or signature is None or _NUMBER.fullmatch(expires) is None:
            return 0
        left = int(expires) - int(time.time())
        return max(left, 0) if self._signer.holds(PURPOSE, f"{asset_id}\n{expires}", signature) else 0

    def _query(self, asset_id: str, expires: int | None) -> str:
        if expires is None:
            return ""
        signature = self._signer.sign(PURPOSE, f"{asset_id}\n{expires}")
        return f"?expires={expires}&signature={signature}"


_CALLERS = msgspec.json.Decoder(_CallerFields)
_LINK = b'"url":"' + ASSETS_PATH.encode()  # as a member of an object: within a string, the quotes would be escaped
_SIGNABLE = re.compile(re.escape(_LINK) + rb"([A-Za-z0-9_.]+)")
_NUMBER = re.compile(r"[0-9]{1,12}")


def _rewritten(body: bytes, absolute: Callable[[str], str]) -> bytes:
    """The view with other addresses in its media, and in nothing that the caller wrote."""

    def media(items: tuple[Media, ...] | None) -> tuple[Media, ...] | None:
        return items and tuple(replace(item, url=absolute(item.url)) for item in items)

    view = msgspec.json.decode(body, type=TaskView)
    if view.result:
        result = view.result
        made = replace(result, images=media(result.images), videos=media(result.videos), audios=media(result.audios))
        view = replace(view, result=made)
    return msgspec.json.encode(replace(view, late_results=media(view.late_results)))
