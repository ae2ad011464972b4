"""What does a browser keep for a person who has signed in? Their API key, sealed: for Pixel's own eyes, and for a time.

Nothing is stored here. A session ends with its time, or with its key. Whoever reads the database can't make one: it has
hashes of keys only. Whoever gets hold of a cookie has a session until it ends, and no key."""

import base64
import hmac
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

LASTS_SECONDS = 12 * 3600
MAX_CHARACTERS = 2048


class Sessions:
    """Seals keys and opens what it has sealed, in every process that has the same secret."""

    def __init__(self, secret: bytes) -> None:
        own = hmac.digest(secret, b"pixel session", "sha256")
        self._fernet = Fernet(base64.urlsafe_b64encode(own))

    def seal(self, key: str) -> str:
        """A key as a browser may keep it: letters, digits, `-`, `_` and `=`."""
        return self._fernet.encrypt(key.encode()).decode()

    def open(self, sealed: str) -> str:
        """The key; empty when this is nothing that was sealed here, or when it is over."""
        if not 0 < len(sealed) <= MAX_CHARACTERS:
            return ""
        try:
            return self._fernet.decrypt(sealed.encode(), ttl=LASTS_SECONDS).decode()
        except InvalidToken:
            return ""

    def expires_at(self, sealed: str) -> datetime:
        """When a session that `open` takes is over."""
        begun = self._fernet.extract_timestamp(sealed.encode())
        return datetime.fromtimestamp(begun, UTC) + timedelta(seconds=LASTS_SECONDS)
