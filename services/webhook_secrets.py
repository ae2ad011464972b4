"""Which secret signs what a webhook gets? One that is made from the service's own, so that none is stored anywhere.

Signed by the rules of Standard Webhooks: HMAC-SHA256 over the id of the message, the time and the body."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook as Signer

from domain.base import Rejected
from domain.webhook import Webhook

NONE_SET = "Webhooks are signed with secrets that are made from PIXEL_WEBHOOK_SECRET, which is not set here."


class WebhookSecrets:
    """Makes secrets and signatures. `masters` are the values of PIXEL_WEBHOOK_SECRET: the first makes the secrets that
    are told; the others, which it had before, sign as well."""

    def __init__(self, masters: Sequence[str]) -> None:
        self._masters = tuple(masters)

    def __bool__(self) -> bool:
        return bool(self._masters)

    def require(self) -> None:
        """Raise Rejected `webhooks_unavailable` while PIXEL_WEBHOOK_SECRET is not set."""
        if not self._masters:
            raise Rejected("webhooks_unavailable", NONE_SET)

    def newest(self, webhook: Webhook) -> str:
        """The newest secret of a webhook, as its owner gets it: `whsec_` and 32 bytes in base64. Raises Rejected
        `webhooks_unavailable`."""
        self.require()
        return _secret(self._masters[0], webhook.id, webhook.secrets[-1].generation)

    def headers(self, webhook: Webhook, message: str, body: str, at: datetime) -> dict[str, str]:
        """The headers that let a webhook verify a message. `at` is the time of this attempt, in UTC."""
        generations = webhook.generations(at)
        signatures = [
            Signer(_secret(master, webhook.id, generation)).sign(message, at, body)
            for generation in generations
            for master in self._masters
        ]
        return {
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def _secret(master: str, webhook: str, generation: int) -> str:
    made = hmac.new(master.encode(), f"pixel webhook {webhook} {generation}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(made).decode()
