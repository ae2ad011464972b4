"""How is a file served that does not change while Pixel runs? From memory, packed once, with an ETag."""

import gzip
import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from litestar import Response

from api.http.request_reader import AnyRequest

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Cache-Control for an address that changes with its content."""
ASK_AGAIN: Final = "no-cache"
"""Cache-Control for an address whose content may change."""


class StaticFile(NamedTuple):
    """A file to serve, with its gzip; None where packing would gain nothing."""

    body: bytes
    gzipped: bytes | None
    media_type: str
    etag: str


def static_file(body: bytes, media_type: str) -> StaticFile:
    """A file with its gzip and its ETag. Takes some 10 ms for each MB."""
    gzipped = gzip.compress(body, mtime=0)
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return StaticFile(body, gzipped if len(gzipped) < len(body) else None, media_type, etag)


def send_file(
    request: AnyRequest,
    file: StaticFile,
    cache_control: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    status: int = 200,
) -> Response[bytes]:
    """The file as this caller wants it: packed, or not at all when it has it already."""
    sent = {"ETag": file.etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    sent |= {"X-Content-Type-Options": "nosniff", **headers}
    if status == 200 and file.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=sent)
    if file.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        sent["Content-Encoding"] = "gzip"
        return Response(file.gzipped, status_code=status, media_type=file.media_type, headers=sent)
    return Response(file.body, status_code=status, media_type=file.media_type, headers=sent)
