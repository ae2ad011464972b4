"""Where may a provider call back? The URL holds a token that only Pixel can make."""

import hashlib
import hmac

from services.settings import Settings


def callback_token(secret: str, provider: str, call_id: str) -> str:
    """What only Pixel can put into the address that a provider calls back at."""
    return hmac.new(secret.encode(), f"{provider}/{call_id}".encode(), hashlib.sha256).hexdigest()[:32]


def callback_url(settings: Settings, provider: str, call_id: str) -> str | None:
    """Where a provider may call back for a call; None while Pixel has no public address, or no secret for tokens."""
    if settings.public_url is None or settings.callback_secret is None:
        return None
    made = callback_token(settings.callback_secret, provider, call_id)
    return f"{settings.public_url.rstrip('/')}/api/v1/callbacks/{provider}/{call_id}/{made}"
