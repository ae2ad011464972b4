"""How does a browser send its session? In a cookie that no script can read and no other site can have sent.

A page can't put a header on pictures and event streams, and what a page can read, a script that got into it can,
too."""

from http.cookies import CookieError, SimpleCookie

from litestar.types import HTTPScope

from services.sessions import LASTS_SECONDS
from services.settings import Settings

NAME = "pixel_session"
MARK = b"pixel_session="


def cookie_of(scope: HTTPScope) -> str:
    """What came in the cookie; empty when there is none."""
    for name, value in scope["headers"]:
        if name == b"cookie" and MARK in value:
            try:
                found = SimpleCookie(value.decode("latin-1")).get(NAME)
            except CookieError:
                return ""
            return found.value if found else ""
    return ""


def kept(sealed: str, scheme: str, settings: Settings) -> dict[str, str]:
    """The header that has a browser keep a session."""
    return {"Set-Cookie": _cookie(sealed, LASTS_SECONDS, scheme, settings)}


def forgotten(scheme: str, settings: Settings) -> dict[str, str]:
    """The header that has a browser forget the session that it has."""
    return {"Set-Cookie": _cookie("", 0, scheme, settings)}


def _cookie(value: str, seconds: int, scheme: str, settings: Settings) -> str:
    # Without TLS it could not be sent at all if it were marked for TLS only, and `make serve` has none.
    by_tls = scheme == "https" or (settings.public_url or "").startswith("https:")
    secure = "; Secure" if by_tls else ""
    return f"{NAME}={value}; Path={settings.public_path or '/'}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
