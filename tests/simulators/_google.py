"""What both of Google's dialects share: the names of members, the form of errors, the checks of the key."""

import base64
import re
from collections.abc import Iterable
from typing import Any

from tests.simulators.base import Answer, Request, Simulator, require, unknown

KEYS = {"gemini-key-0000000001", "gemini-key-0000000002"}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_TYPE = "type.googleapis.com/google.rpc."


def error(code: int, message: str, *details: dict[str, Any], status: str | None = None) -> Answer:
    """An error in the form of google.rpc.Status."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status or STATUSES[code]}
    return Answer(code, json={"error": body | ({"details": list(details)} if details else {})})


def answer_gone(model: str, method: str) -> Answer:
    """The error for a model that does not exist, or does not do this."""
    return error(404, f"models/{model} is not found for API version v1beta, or is not supported for {method}.")


def camel_case(message: Any) -> Any:
    """A message with lowerCamelCase names. Google takes snake_case as well, and its own client mixes the two."""
    if isinstance(message, dict):
        return {re.sub("_([a-z])", lambda found: found[1].upper(), str(n)): camel_case(v) for n, v in message.items()}
    return list(map(camel_case, message)) if isinstance(message, list) else message


def decoded(text: str) -> bytes:
    """Bytes from either alphabet of base64, with or without padding, as Google reads them and its client writes them.

    Raises binascii.Error for what is neither."""
    return base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4), validate=True)


def refuse_unknown(value: dict[str, Any], known: Iterable[str], where: str) -> None:
    """Refuse an unknown name; the error says where it is."""
    names = unknown(value, known)
    at = f" at '{where}'" if where else ""
    require(not names, error(400, f'Invalid JSON payload received. Unknown name "{(names or [""])[0]}"{at}'))


def authorised(request: Request) -> None:
    """Check the key, which must be in the header and nowhere else."""
    require("key" not in request.query, error(400, "the key must not be in the address"))
    require("authorization" not in request.headers, error(401, "Request had invalid authentication credentials."))
    key = request.headers.get("x-goog-api-key")
    unregistered = "Method doesn't allow unregistered callers (callers without established identity)."
    require(key is not None, error(403, unregistered))
    info = {"@type": _TYPE + "ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
    require(key in KEYS, error(400, "API key not valid. Please pass a valid API key.", info))


def let_in(simulator: Simulator, request: Request) -> None:
    """Raise every refusal that the vendor gives before it starts the work."""
    authorised(request)
    model = request.at["model"]
    faults = ("rate_limited", "no_balance", "invalid", "model_gone", "overloaded", "region", "no_billing", "denied")
    match simulator.fault(request, *faults):
        case "rate_limited":
            violation = {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel", "quotaValue": "10"}
            raise _exhausted([violation], "1s")
        case "no_balance":
            violation = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "0"}
            raise _exhausted([violation], "34s")
        case "invalid":
            raise error(400, "Request contains an invalid argument.")
        case "model_gone":
            raise answer_gone(model, "generateContent")
        case "overloaded":
            raise error(503, "The model is overloaded. Please try again later.")
        case "region":
            message = "User location is not supported for the API use."
            raise error(400, message, status="FAILED_PRECONDITION")
        case "no_billing":
            raise error(400, "Please enable billing on your project.", status="FAILED_PRECONDITION")
        case "denied":
            raise error(403, "Your project has been denied access.")
        case _:
            pass


def _exhausted(violations: list[dict[str, str]], delay: str) -> Answer:
    return error(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        {"@type": _TYPE + "QuotaFailure", "violations": violations},
        {"@type": _TYPE + "RetryInfo", "retryDelay": delay},
    )
