"""How does an error become an answer? One table maps refusal codes to HTTP statuses."""

from collections.abc import Mapping
from typing import Annotated, Final

import asyncpg
import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from msgspec import Meta

from adapters.postgres.database import is_away
from api.http.request_log import GONE, REQUEST_ID, loggable_path
from api.http.request_reader import AnyRequest
from application.ports import AssetsUnavailable, Conflict, LogUnavailable
from domain.base import RefusalCode, Rejected
from domain.canvas.edit import Conflict as EditedBoth
from domain.canvas.edit import EditConflict
from services.event_stream import StreamsBusy
from services.list_reader import ListsBusy
from services.request_rates import RateExceeded

STATUS: Final[Mapping[RefusalCode, int]] = {
    "not_json": 400,
    "invalid_request": 400,
    "malformed_model": 400,
    "wrong_kind": 400,
    "model_retired": 400,
    "unreadable_media": 400,
    "input_blocked_url": 400,
    "input_unreachable": 400,
    "budget_exceeded": 402,
    "unauthorised": 401,
    "foreign_origin": 403,
    "foreign_host": 403,
    "forbidden": 403,
    "no_such_path": 404,
    "model_not_found": 404,
    "task_unknown": 404,
    "batch_unknown": 404,
    "call_unknown": 404,
    "key_unknown": 404,
    "webhook_unknown": 404,
    "project_unknown": 404,
    "canvas_unknown": 404,
    "run_unknown": 404,
    "step_unknown": 404,
    "nothing_to_fetch": 409,
    "call_not_in_doubt": 409,
    "model_off": 409,
    "catalogue_broken": 409,
    "key_revoked": 409,
    "archived": 409,
    "edit_conflict": 409,
    "base_too_old": 409,
    "run_ended": 409,
    "step_not_open": 409,
    "version_moved": 412,
    "too_large": 413,
    "unsupported_media_type": 415,
    "idempotency_key_reused": 422,
    "key_busy": 429,
    "model_unavailable": 503,
    "webhooks_unavailable": 503,
    "stream_unreadable": 500,
}
AWAY = "Pixel can't reach its database at the moment. Nothing was lost; try again shortly."
BUILT_ANEW = "What this is read from is being built anew. Nothing was lost; try again shortly."
UNFORESEEN = "Something went wrong inside Pixel. Quote the request_id when you report it."

logger = structlog.get_logger("pixel.api")


class Conflicts(msgspec.Struct, frozen=True):
    """What an edit of a canvas and others' changed differently. Nothing was written."""

    conflicts: Annotated[tuple[EditedBoth, ...], Meta(description="What has to be decided, each once")]
    version: Annotated[int, Meta(description="The newest version of the canvas", examples=[812])]


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """The error body."""

    code: Annotated[str, Meta(description="The HTTP status as a string", examples=["400"])]
    message: Annotated[
        str,
        Meta(
            description="What is wrong, for people: every problem of the request, separated by semicolons",
            examples=[
                "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'"
            ],
        ),
    ]
    request_id: Annotated[
        str, Meta(description="The id of this request, as in `X-Request-ID`", examples=["req_123456"])
    ]
    error: Annotated[
        str | None, Meta(description="What is wrong, for programs; of an edit only", examples=["edit_conflict"])
    ] = None
    data: Annotated[Conflicts | None, Meta(description="Both sides; of an edit that met others' only")] = None


def failure(status: int, message: str, **headers: str) -> Response[bytes]:
    """An error answer in the documented form."""
    body = msgspec.json.encode(Failure(str(status), message, REQUEST_ID.get()))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, status_code=status, media_type="application/json", headers=named)


def _rejected(_request: AnyRequest, error: Rejected) -> Response[bytes]:
    status = STATUS[error.code]
    # Only the code: the message may contain the caller's input.
    logger.log(_LEVELS[status >= 500 and status != 503], "refused", code=error.code, request_id=REQUEST_ID.get())
    asks = _ASKS.get(status, {})
    return failure(status, error.message, **asks)


def _edit_conflict(_request: AnyRequest, error: EditConflict) -> Response[bytes]:
    data = Conflicts(error.conflicts, error.version)
    body = Failure("409", error.message, REQUEST_ID.get(), error=error.code, data=data)
    return Response(msgspec.json.encode(body), status_code=409, media_type="application/json")


_ASKS = {401: {"WWW_Authenticate": "Bearer"}, 429: {"Retry_After": "2"}}


def _rate_exceeded(_request: AnyRequest, error: RateExceeded) -> Response[bytes]:
    seconds = str(error.retry_after)
    return failure(
        429,
        str(error),
        Retry_After=seconds,
        RateLimit_Limit=str(error.limit),
        RateLimit_Remaining="0",
        RateLimit_Reset=seconds,
    )


def _log_unavailable(_request: AnyRequest, error: LogUnavailable) -> Response[bytes]:
    return failure(503, f"{error} Try again shortly.", Retry_After=str(error.retry_after))


def _busy(_request: AnyRequest, error: ListsBusy | StreamsBusy) -> Response[bytes]:
    return failure(503, str(error), Retry_After=str(error.retry_after))


def _assets_unavailable(_request: AnyRequest, error: AssetsUnavailable) -> Response[bytes]:
    return failure(503, f"{str(error).rstrip('.')}. Try again shortly.", Retry_After="5")


def _conflict(_request: AnyRequest, _: Conflict) -> Response[bytes]:
    return failure(503, "This is being changed by others just now. Try again shortly.", Retry_After="1")


def _http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    if error.status_code >= 500 and GONE.get():  # no error of ours: the caller hung up
        return failure(400, "The body ended before it was complete.")
    if error.status_code >= 500 and error.status_code != 503:
        return _unforeseen(request, error)
    message = _MESSAGES.get(error.status_code, "{detail}").format(
        method=request.method, path=request.url.path, detail=error.detail
    )
    if error.status_code == 404 and not error.detail.startswith("Not Found"):
        message = error.detail
    headers = {name.replace("-", "_"): value for name, value in (error.headers or {}).items()}
    if "GET" in (allowed := headers.pop("allow", headers.pop("Allow", "")).split(", ")):
        allowed.append("HEAD")
    if any(allowed):
        headers["Allow"] = ", ".join(sorted(set(allowed)))
    return failure(error.status_code, message, **headers)


def _unforeseen(request: AnyRequest, error: Exception) -> Response[bytes]:
    if is_away(error):
        return failure(503, AWAY, Retry_After="2")
    if isinstance(error, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError):  # or of an older Pixel
        logger.warning("a table is missing", request_id=REQUEST_ID.get(), path=loggable_path(request.url.path))
        return failure(503, BUILT_ANEW, Retry_After="2")
    if isinstance(error, OSError):  # such as a full disk or a read-only folder: neither the database nor the caller
        logger.error("refused by this machine", request_id=REQUEST_ID.get(), exc_info=error)
        return failure(503, f"The machine that Pixel runs on refuses: {error.strerror or 'error'}.", Retry_After="5")
    logger.error("unforeseen error", request_id=REQUEST_ID.get(), path=loggable_path(request.url.path), exc_info=error)
    return failure(500, UNFORESEEN)


_LEVELS = {False: 20, True: 40}  # info, error
_MESSAGES = {
    404: "There is nothing at {path}. The API is described at /docs.",
    405: "{method} is not possible at {path}. The API is described at /docs.",
    413: "The body is too large.",
}

HANDLERS: ExceptionHandlersMap = {  # pyright: ignore[reportUnknownVariableType]  # Litestar's type is generic
    Rejected: _rejected,
    EditConflict: _edit_conflict,
    LogUnavailable: _log_unavailable,
    ListsBusy: _busy,
    StreamsBusy: _busy,
    RateExceeded: _rate_exceeded,
    AssetsUnavailable: _assets_unavailable,
    Conflict: _conflict,
    HTTPException: _http,
    Exception: _unforeseen,
}
