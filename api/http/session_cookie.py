"""How does a browser send its API key? In a cookie that no script can read and no other site can have sent.

A page can't put a header on pictures and event streams, and what a page can read, a script that got into it can, too.
The cookie has the key itself: it works exactly as long as the key does, on every node, and nothing else is stored."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote

from litestar.types import HTTPScope

from services.settings import Settings

NAME = "pixel_session"
LASTS_SECONDS = 7 * 24 * 3600


def key_in_cookie(scope: HTTPScope) -> str:
    """The API key that came in the cookie; empty when there is none."""
    for name, value in scope["headers"]:
        if name == b"cookie" and NAME.encode() in value:
            try:
                found = SimpleCookie(value.decode("latin-1")).get(NAME)
            except CookieError:
                return ""
            return unquote(found.value) if found else ""
    return ""


def kept(key: str, settings: Settings) -> dict[str, str]:
    """The header that has a browser keep a key."""
    return {"Set-Cookie": _cookie(quote(key, safe=""), LASTS_SECONDS, settings)}


def forgotten(settings: Settings) -> dict[str, str]:
    """The header that has a browser forget the key that it has."""
    return {"Set-Cookie": _cookie("", 0, settings)}


def _cookie(value: str, seconds: int, settings: Settings) -> str:
    # Without TLS it could not be sent at all if it were marked for TLS only, and `make serve` has none.
    secure = "; Secure" if (settings.public_url or "").startswith("https:") else ""
    return f"{NAME}={value}; Path={settings.public_path or '/'}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
