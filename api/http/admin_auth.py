"""Who may use the admin routes? Whoever has the admin token; while none is set, callers on this machine only."""

import hmac
import re
from ipaddress import ip_address

from api.http.request_reader import AnyRequest
from domain.base import Rejected

NO_TOKEN = "The admin routes need the token of PIXEL_ADMIN_TOKEN as a Bearer token."  # noqa: S105 - a sentence
NOT_FROM_HERE = "The admin routes answer callers on this machine only. Set PIXEL_ADMIN_TOKEN to open them."
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:@]+)(?::[0-9]+)?")


def require_admin(request: AnyRequest, token: str | None) -> None:
    """Require the admin token. Without one configured, allow direct loopback requests only: no proxy, no browser page.

    Raises Rejected `unauthorised` or `forbidden`."""
    if token is None:
        if not _is_direct_loopback(request):
            raise Rejected("forbidden", NOT_FROM_HERE)
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise Rejected("unauthorised", NO_TOKEN)


def _is_direct_loopback(request: AnyRequest) -> bool:
    # A proxy on this machine forwards requests of others, and a page from elsewhere may use a name of this machine.
    client = request.scope["client"]
    place = _PLACE.fullmatch(request.headers.get("host", ""))
    return (
        client is not None
        and _is_loopback(client[0])
        and not any(name in request.headers for name in (*_FORWARDED, "origin"))
        and place is not None
        and (place[1].lower() == "localhost" or _is_loopback(place[1].strip("[]")))
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
