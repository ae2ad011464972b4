"""Which operations sign a browser in and out?"""

from typing import Final

from api.http.responses import Envelope
from api.openapi.operation import Operation
from api.routes.session import SessionView, SignedOut

_CLIENT: Final = {"open": False, "owner": "studio", "scopes": ["client"], "key": "key_4t8kq2m0vz7c1xna"}

SESSION = (
    Operation(
        "get",
        "/api/v1/session",
        "getSession",
        "Sessions",
        "Who is signed in?",
        "The owner and the scopes of this request's key, from its header or its cookie. An open Pixel says so.",
        answer=Envelope[SessionView],
        examples={
            "with a key": _CLIENT,
            "an open Pixel, from its own machine": {
                "open": True,
                "owner": "anonymous",
                "scopes": ["client", "auditor", "analyst", "admin"],
            },
        },
        headers=("Cache-Control",),
        errors=("unforeseen",),
    ),
    Operation(
        "post",
        "/api/v1/session",
        "signIn",
        "Sessions",
        "Sign a browser in",
        "Sent with a key as a Bearer token. The answer sets the cookie `pixel_session`, which has the key, sealed: for "
        "twelve hours it stands for the header, from Pixel's own pages. A session can't prolong itself.",
        answer=Envelope[SessionView],
        examples={"signed in": _CLIENT | {"expires_at": "2026-02-11T22:00:00Z"}},
        headers=("Cache-Control", "Set-Cookie"),
        errors=("unforeseen",),
    ),
    Operation(
        "delete",
        "/api/v1/session",
        "signOut",
        "Sessions",
        "Sign a browser out",
        "The browser forgets its key. The key itself goes on working; revoke it to end it.",
        answer=Envelope[SignedOut],
        examples={"signed out": {"signed_out": True}},
        headers=("Cache-Control", "Set-Cookie"),
        errors=("unforeseen",),
    ),
)
