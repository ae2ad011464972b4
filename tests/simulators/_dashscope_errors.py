"""DashScope's answers: errors in the native and in the compatible form, failed tasks, and the envelope."""

from typing import Any

from tests.simulators.base import Answer

FAILS = ("job_failed", "moderated_output", "cancelled_there", "job_invalid")
INSPECTED = "DataInspectionFailed"
MODERATED = "Output data may contain inappropriate content."
RATE = "Requests rate limit exceeded, please try again later."

# The vendor's own faults of an order: HTTP status, code, message.
REFUSALS: dict[str, tuple[int, str, str]] = {
    "rate_limited": (429, "Throttling.RateQuota", RATE),
    "burst": (429, "Throttling.BurstRate", "Request rate increased too quickly."),
    "no_balance": (400, "Arrearage", "Access denied, please make sure your account is in good standing."),
    "overdue": (429, "PrepaidBillOverdue", "The prepaid bill is overdue."),
    "free_tier": (403, "AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted."),
    "moderated_input": (400, INSPECTED, "Input data may contain inappropriate content."),
    "invalid": (400, "InvalidParameter", "num_images_per_prompt must be 1"),
    "bad_url": (400, "InvalidURL", "The provided URL is not accessible."),
    "model_gone": (404, "ModelNotFound", "Model can not be found."),
    "model_denied": (403, "Model.AccessDenied", "Model access denied."),
    "error_in_200": (200, "InvalidParameter", "size is not in the allowed list"),
    "unavailable": (503, "ModelUnavailable", "Model is unavailable, please try again later."),
    "internal": (500, "InternalError.Timeout", "An internal timeout error has occured during execution."),
}

# The same codes in the compatible mode.
OPENAI = {
    "Throttling.RateQuota": "limit_requests",
    INSPECTED: "data_inspection_failed",
    "ModelNotFound": "model_not_found",
    "InternalError.Timeout": "internal_error",
}


def no(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    """An error in the native form."""
    return Answer(status, json={"code": code, "message": message, "request_id": "req-0001"}, headers=headers)


def compat(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    """An error in the form of the compatible mode."""
    error = {"message": message, "type": code, "param": None, "code": code}
    return Answer(status, json={"error": error, "request_id": "req-0001"}, headers=headers)


def why(fault: str | None) -> dict[str, Any]:
    """The error of a FAILED task."""
    code, message = {
        "job_throttled": ("Throttling", RATE),
        "moderated_output": (INSPECTED, MODERATED),
        "job_invalid": ("InvalidParameter.DataInspection", "Unable to download the media resource."),
    }.get(fault or "", ("InternalError.Algo", "An internal error has occured during algorithm execution."))
    return {"code": code, "message": message, "task_metrics": {"TOTAL": 1, "SUCCEEDED": 0, "FAILED": 1}}


def choice(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One choice of a multimodal answer."""
    return {"finish_reason": "stop", "message": {"role": "assistant", "content": parts}}


def done(output: dict[str, Any], usage: dict[str, Any] | None = None) -> dict[str, Any]:
    """An answer with its request id."""
    return {"request_id": "req-0002", "output": output} | ({"usage": usage} if usage is not None else {})
