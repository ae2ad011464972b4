"""What all of Ark's services share: keys, errors in Ark's form, the checks of a reference image."""

import base64
import io
import re
from functools import lru_cache
from typing import Any

from PIL import Image

from tests.simulators.base import Answer, Request, Simulator, require

KEYS = {"00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"}
TYPES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    429: "TooManyRequests",
    500: "InternalServerError",
}
REFUSALS: dict[str, tuple[int, str, str]] = {
    "rate_limited": (
        429,
        "ModelAccountIpmRateLimitExceeded",
        "IPM (Images Per Minute) limit of the model is exceeded.",
    ),
    "overloaded": (429, "ServerOverloaded", "The service is currently unable to handle additional requests."),
    "queue_full": (429, "QuotaExceeded", "The request has exceeded the quota."),
    "trial_over": (429, "QuotaExceeded", "Your account [21] has exhausted its free trial quota for the [m] model."),
    "plan_over": (429, "QuotaExceeded", "You have exceeded the 5-hour usage quota. It will reset at 18:00."),
    "cap_reached": (
        429,
        "SetLimitExceeded",
        "Your account [21] has reached the set inference limit for the [m] model.",
    ),
    "no_balance": (403, "AccountOverdueError", "The request failed because your account has an overdue balance."),
    "moderated_input": (400, "InputTextSensitiveContentDetected", "The input text may contain sensitive information."),
    "moderated_output": (400, "OutputImageSensitiveContentDetected", "The output may contain sensitive information."),
    "detector_failed": (400, "ContentSecurityDetectionError", "The content detection failed."),
    "invalid": (400, "InvalidParameter", "The parameter `size` specified in the request is not valid."),
    "model_gone": (404, "InvalidEndpointOrModel.NotFound", "The model or endpoint m does not exist."),
    "not_open": (404, "ModelNotOpen", "Your account 21 has not activated the model m."),
    "denied": (403, "AccessDenied", "The request failed because you do not have access to the requested resource."),
}
_DATA = re.compile(r"data:image/(jpeg|png|webp|bmp|tiff|gif|heic|heif);base64,([A-Za-z0-9+/=]+)")


def error(status: int, code: str, message: str, param: str = "") -> Answer:
    """An error in Ark's form."""
    details = {"code": code, "message": f"{message} Request id: 0217", "param": param, "type": TYPES[status]}
    return Answer(status, json={"error": details})


def invalid(param: str) -> Answer:
    """The error for a wrong parameter."""
    return error(400, "InvalidParameter", f"The parameter `{param}` specified in the request is not valid.", param)


class Ark(Simulator):
    """The checks of the caller."""

    def __init__(self) -> None:
        super().__init__("volcengine")
        self.tasks: dict[str, dict[str, Any]] = {}
        """The video tasks by id; members under `_` are not shown to callers."""

    def authorised(self, request: Request) -> None:
        """Check the key: one blank after Bearer, and a known key."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        refusal = error(401, "AuthenticationError", "The API key in the request is missing or invalid.")
        require(scheme == "Bearer" and key in KEYS, refusal)

    def let_in(self, request: Request, *faults: str) -> None:
        """Refuse the requests that the vendor would refuse, and those that a fault is set for."""
        self.authorised(request)
        fault = self.fault(request, *faults)
        if fault:
            raise error(*REFUSALS[fault])


def check_image(url: object) -> None:
    """Check an image: a URL, or a data URI with its format in lower case and valid base64."""
    require(isinstance(url, str), invalid("image"))
    text = str(url)
    if text.startswith(("http://", "https://")):
        return
    match = _DATA.fullmatch(text)
    require(match, error(400, "InvalidImageURL.InvalidFormat", "Invalid base64 image url."))
    assert match
    require(_is_image(match[2]), error(400, "InvalidImageURL.InvalidFormat", "Invalid base64 image url."))


@lru_cache(maxsize=32)
def _is_image(text: str) -> bool:
    """Whether this is the base64 of an image. The same ones come again and again."""
    try:
        Image.open(io.BytesIO(base64.b64decode(text, validate=True))).load()
    except (ValueError, OSError):
        return False
    return True
