"""`pixel serve` that kills itself between a delivery and its record: the receiver has the message, the database does
not know."""

import os
import signal
import sys

from adapters.postgres.webhook_queue import Claim, DeliveryAttempt, WebhookQueue
from runtime.cli import main as cli


def main(arguments: list[str] | None = None) -> int:
    """Run `pixel` with these arguments until the second version of a task was delivered."""
    succeed = WebhookQueue.succeed

    async def killed(self: WebhookQueue, claim: Claim, attempt: DeliveryAttempt) -> None:
        if claim.version == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        await succeed(self, claim, attempt)

    WebhookQueue.succeed = killed  # type: ignore[method-assign]
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
