"""The studio's pages and their parts, in memory, as `make studio` has left them in `studio/out`.

A page of the export has scripts inside. Its policy allows these by their hashes, and no other; styles come from files
only."""

import asyncio
import hashlib
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from api.http.static_files import StaticFile, static_file

BUILT: Final = Path(__file__).parents[2] / "studio" / "out"
LOOK_SECONDS: Final = 1.0  # how soon a studio that was built anew is served

_TYPES: Final = {
    "css": "text/css",
    "html": "text/html",
    "ico": "image/x-icon",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "woff2": "font/woff2",
}
_INLINE_SCRIPT: Final = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.+?)</script>", re.DOTALL)
_POLICY: Final = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class StudioFile(NamedTuple):
    """A file of the studio. Pages have a `policy`; the address of an `unchanging` file changes with its content."""

    file: StaticFile
    policy: str | None
    unchanging: bool


Files = Mapping[str, StudioFile]
"""The files of the studio by their path, such as `canvas/index.html`."""


class StudioFiles:
    """The newest build of the studio. It is looked for again now and then, so that `make studio` needs no restart."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder
        self._files: Files | None = None
        self._built_at: int | None = None  # the time of its first page, in ns
        self._look_at = 0.0
        self._looking = asyncio.Lock()

    async def newest(self) -> Files | None:
        """The files; None while the studio is not built."""
        if time.monotonic() >= self._look_at:
            async with self._looking:
                if time.monotonic() >= self._look_at:
                    await asyncio.to_thread(self._look)
                    self._look_at = time.monotonic() + LOOK_SECONDS
        return self._files

    def _look(self) -> None:
        built_at = when_built(self._folder)
        if built_at != self._built_at:
            self._files = None if built_at is None else read(self._folder)
            self._built_at = built_at


def when_built(folder: Path = BUILT) -> int | None:
    """When the studio was built, in ns; None when it was not. Asks the disk."""
    try:
        return (folder / "index.html").stat().st_mtime_ns
    except OSError:
        return None


def read(folder: Path) -> Files:
    """All files below a folder. Reads and packs them, which takes a while."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {name: _read(path, name) for path in paths for name in [path.relative_to(folder).as_posix()]}


def _read(path: Path, name: str) -> StudioFile:
    body = path.read_bytes()
    media_type = _TYPES.get(path.suffix[1:], "application/octet-stream")
    page = media_type == "text/html"
    return StudioFile(
        static_file(body, media_type),
        policy=policy(body) if page else None,
        unchanging=name.startswith("_next/static/"),
    )


def policy(page: bytes) -> str:
    """The content security policy of a page: its own scripts by their hashes, all else from this server."""
    digests = [hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page)]
    hashes = dict.fromkeys(f" 'sha256-{b64encode(digest).decode()}'" for digest in digests)
    return _POLICY.format(hashes="".join(hashes))
