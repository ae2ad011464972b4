"""How does an error look on the routes in OpenAI's form? As OpenAI's clients expect it; elsewhere it stays as it is.

Their clients send a request again after 409, 429 and 5xx. `X-Should-Retry: false` stops them where that is useless, or
would order, and pay for, the same thing twice."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from msgspec import Meta

from api.http.errors import Failure
from api.http.request_reader import AnyRequest
from domain.base import Rejected

PREFIX: Final = "/v1/"
_TYPES: Final = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_STATUSES: Final = {402: 429}  # OpenAI's clients know no 402: a budget that is used up is a quota
_CODES: Final = {"budget_exceeded": "insufficient_quota", "unauthorised": "invalid_api_key"}
_OF_THE_MODEL: Final = {"malformed_model", "wrong_kind", "model_retired", "model_not_found", "model_unavailable"}
SENT_AGAIN: Final = {408, 409, 429}  # by the clients; every 5xx, too


class OpenAIErrorDetail(msgspec.Struct, frozen=True):
    """What is wrong, in OpenAI's form."""

    message: Annotated[
        str,
        Meta(
            description="What is wrong, for people: every problem of the request, separated by semicolons",
            examples=["size: '1x1' is not offered; choose one of 512x512, 1024x1024"],
        ),
    ]
    type: Annotated[str, Meta(description="The class of the error", examples=["invalid_request_error"])]
    param: Annotated[str | None, Meta(description="The first parameter with a problem", examples=["size"])]
    code: Annotated[str | None, Meta(description="Why, for programs", examples=["invalid_request"])]


class OpenAIError(msgspec.Struct, frozen=True):
    """The error body on the routes in OpenAI's form."""

    error: Annotated[OpenAIErrorDetail, Meta(description="What is wrong")]


class CallFailed(Exception):
    """A call is answered with this error; what it asked for is recorded as a task, or is refused for its state."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = error_body(status, message, param=param, code=code)
        self.headers = dict(headers or {})


def error_body(status: int, message: str, *, param: str | None, code: str | None) -> OpenAIError:
    """The error in OpenAI's form."""
    type_ = "server_error" if status >= 500 else _TYPES.get(status, "invalid_request_error")
    return OpenAIError(OpenAIErrorDetail(message, type_, param, code))


def is_openai(path: str) -> bool:
    """Whether errors at this path have OpenAI's form."""
    return path.startswith(PREFIX)


def around(handlers: Mapping[Any, Any]) -> dict[Any, Any]:
    """Pixel's exception handlers, whose answers get OpenAI's form on its routes, and one for `CallFailed`."""
    return {kind: _formed(handler) for kind, handler in handlers.items()} | {CallFailed: _call_failed}


def _formed(handler: Any) -> Any:
    def answer(request: AnyRequest, error: Exception) -> Response[bytes]:
        plain: Response[bytes] = handler(request, error)
        return in_form(plain, error) if is_openai(request.scope["path"]) else plain

    return answer


def in_form(plain: Response[bytes], error: Exception) -> Response[bytes]:
    """Pixel's answer to an error, in OpenAI's form."""
    message = msgspec.json.decode(plain.content, type=Failure).message
    status = plain.status_code or 500
    param = code = None
    if isinstance(error, Rejected):
        code = _CODES.get(error.code, error.code)
        named = [field for field, _ in error.problems if field]
        param = named[0] if named else "model" if error.code in _OF_THE_MODEL or error.problems else None
    status = _STATUSES.get(status, status)
    body = error_body(status, message, param=param, code=code)
    return _answer(status, body, {name: str(value) for name, value in plain.headers.items()})


def _call_failed(_request: AnyRequest, error: CallFailed) -> Response[bytes]:
    return _answer(error.status, error.body, error.headers)


def _answer(status: int, body: OpenAIError, headers: Mapping[str, str]) -> Response[bytes]:
    given = {name.lower(): value for name, value in headers.items() if name.lower() != "content-type"}
    if (status in SENT_AGAIN or status >= 500) and "retry-after" not in given:
        given.setdefault("x-should-retry", "false")
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json", headers=given)
