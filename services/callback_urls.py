"""Where may a provider call back? The URL holds a token that only Pixel can make."""

import hashlib
import hmac

from services.settings import Settings


def callback_token(secret: str, provider: str, call_id: str) -> str:
    """The token of a callback URL: 32 hex digits that only the owner of the secret can make."""
    return hmac.new(secret.encode(), f"{provider}/{call_id}".encode(), hashlib.sha256).hexdigest()[:32]


def callback_url(settings: Settings, provider: str, call_id: str) -> str | None:
    """The URL at which a provider may call back for a call; None without a public URL or a callback secret."""
    if settings.public_url is None or settings.callback_secret is None:
        return None
    made = callback_token(settings.callback_secret, provider, call_id)
    return f"{settings.public_url.rstrip('/')}/api/v1/callbacks/{provider}/{call_id}/{made}"
