"""How does Pixel know a text again that it has given away? By a signature that only a holder of its secret can make."""

import base64
import hashlib
import hmac


class Signer:
    """Signs texts (HMAC-SHA256). `purpose` keeps a signature for one thing from counting for another."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, purpose: str, text: str) -> str:
        """The signature: 43 characters that may stand in URLs and cookies."""
        made = hmac.new(self._secret, f"pixel {purpose}\n{text}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    def holds(self, purpose: str, text: str, signature: str) -> bool:
        """Whether this is the signature of the text, compared in constant time."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())
