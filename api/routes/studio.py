"""Where is the studio? Its pages are at `/studio/`, and a browser that comes to `/` is sent there."""

from typing import Final, NamedTuple

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from api.http.dependencies import Injected
from api.http.request_reader import AnyRequest
from api.http.static_files import ASK_AGAIN, FOR_EVER, send_file
from api.http.studio_files import Files, StudioFiles

NOT_BUILT: Final = 'The studio is not built: run "make studio" where Pixel is, then load this page again.\n'
BUILT_FOR_ELSEWHERE: Final = (
    "The studio was built for another path than that of PIXEL_PUBLIC_URL: run "
    '"make studio STUDIO_PATH={path}/studio" where Pixel is, then load this page again.\n'
)
_MISSING: Final = "404.html"


class StudioDeps(NamedTuple):
    """What these handlers use. `public_path` is the path below which callers reach Pixel, mostly empty."""

    files: StudioFiles
    public_path: str


@get("/")
async def get_root(request: AnyRequest, deps: Injected[StudioDeps]) -> Response[bytes]:
    """Send a browser to the studio. For a program there is nothing here, as ever."""
    if "text/html" not in request.headers.get("accept", ""):
        raise NotFoundException()
    return _redirect(deps, 307)


@get("/studio")
async def get_studio(request: AnyRequest, deps: Injected[StudioDeps]) -> Response[bytes]:
    """The first page: at the address with a slash at its end, since the addresses in it are relative to that."""
    if not request.scope["raw_path"].endswith(b"/"):
        return _redirect(deps, 308)
    return await _answer(request, deps, "")


@get("/studio/{path:path}")
async def get_studio_file(request: AnyRequest, deps: Injected[StudioDeps], path: FromPath[str]) -> Response[bytes]:
    """A page of the studio, or a part of it."""
    return await _answer(request, deps, path.strip("/"))


async def _answer(request: AnyRequest, deps: StudioDeps, path: str) -> Response[bytes]:
    files = await deps.files.newest()
    if files is None:
        return _plainly(NOT_BUILT)
    if f'"{deps.public_path}/studio/_next/'.encode() not in files["index.html"].file.body:
        return _plainly(BUILT_FOR_ELSEWHERE.format(path=deps.public_path))
    name = _name(files, path)
    found = files.get(name)
    if found is None:
        raise NotFoundException(f"There is nothing at {request.url.path}")
    headers = {"Content-Security-Policy": found.policy, "Referrer-Policy": "same-origin"} if found.policy else {}
    cache_control = FOR_EVER if found.unchanging else ASK_AGAIN
    return send_file(request, found.file, cache_control, headers, status=404 if name == _MISSING else 200)


def _name(files: Files, path: str) -> str:
    """The file for a path. What looks like a page and is none is the page that says so."""
    if "." in path.rpartition("/")[2]:
        return path
    name = f"{path}/index.html".lstrip("/")
    return name if name in files else _MISSING


def _plainly(line: str) -> Response[bytes]:
    return Response(line.encode(), status_code=503, media_type="text/plain", headers={"Cache-Control": "no-store"})


def _redirect(deps: StudioDeps, status: int) -> Response[bytes]:
    headers = {"Location": f"{deps.public_path}/studio/", "Vary": "Accept", "Cache-Control": "no-store"}
    return Response(b"", status_code=status, media_type="text/plain", headers=headers)


route_handlers = [get_root, get_studio, get_studio_file]
