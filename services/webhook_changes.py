"""May a webhook be registered or changed so? Its URL is checked first, and how many there are."""

from adapters.outbound.ssrf_guard import Blocked, Guard, Unfetchable
from adapters.postgres import webhook_queue
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from application import webhooks
from application.ports import Cause
from domain.base import Rejected
from domain.ids import webhook_stream
from domain.webhook import Changes, Webhook
from services.webhook_secrets import WebhookSecrets
from services.webhook_table import WebhookTable

MAX_OF_AN_OWNER = 20


class WebhookChanges:
    """Registers, changes and removes webhooks, and has deliveries made again."""

    def __init__(self, log: EventLog, pool: Pool, table: WebhookTable, secrets: WebhookSecrets, guard: Guard) -> None:
        self._log = log
        self._pool = pool
        self._table = table
        self._secrets = secrets
        self._guard = guard

    async def register(self, *, owner: str, url: str, changes: Changes, cause: Cause) -> Webhook:
        """Register a webhook. Raises Rejected `webhooks_unavailable`, `input_blocked_url`, `input_unreachable` and
        `invalid_request`, and LogUnavailable."""
        self._secrets.require()
        await self._check(url)
        await self._table.refresh()
        if len(self._table.of(owner)) >= MAX_OF_AN_OWNER:
            raise Rejected(
                "invalid_request",
                f"There are {MAX_OF_AN_OWNER} webhooks already. Remove one that is not used any more.",
            )
        return await webhooks.register(self._log, owner=owner, url=url, changes=changes, cause=cause)

    async def change(
        self, webhook_id: str, *, url: str | None, changes: Changes | None, enabled: bool | None, cause: Cause
    ) -> Webhook:
        """Change, disable or enable a webhook; None leaves things as they are. Raises what `register` raises, and
        Rejected `webhook_unknown`."""
        if url is not None:
            await self._check(url)
        changed = await webhooks.change(self._log, webhook_id, url=url, changes=changes, enabled=enabled, cause=cause)
        if changed.enabled:
            await webhook_queue.hasten(self._pool, webhook_stream(webhook_id))
        return changed

    async def rotate(self, webhook_id: str, *, keep_seconds: int, cause: Cause) -> Webhook:
        """Begin to sign with a new secret. Raises Rejected `webhooks_unavailable` and `webhook_unknown`, and
        LogUnavailable."""
        self._secrets.require()
        return await webhooks.rotate(self._log, webhook_id, keep_seconds=keep_seconds, cause=cause)

    async def redeliver(self, webhook_id: str, *, position: int | None, since: int | None) -> None:
        """Make one delivery again, or all behind a position. Raises Rejected `invalid_request`, LogUnavailable, and
        the driver's errors."""
        if (position is None) == (since is None):
            raise Rejected("invalid_request", "position, since: give one of the two")
        stream = webhook_stream(webhook_id)
        if since is not None:
            if not 0 <= since <= (head := await self._log.head()):
                raise Rejected("invalid_request", f"since: must be a position from 0 to {head}")
            await webhook_queue.redeliver_since(self._pool, stream, since)
        elif position is not None and not await webhook_queue.redeliver_one(self._pool, stream, position):
            raise Rejected(
                "invalid_request",
                f"position: of the deliveries of this webhook that are kept none has {position}. Older ones are made "
                f"again with since",
            )

    async def _check(self, url: str) -> None:
        try:
            if url.lower().startswith("http://") and not self._guard.trusts(url):
                raise Rejected("input_blocked_url", "url: must begin with https://")
            await self._guard.check(url)
        except Blocked as error:
            raise Rejected("input_blocked_url", f"url: {error}") from None
        except Unfetchable as error:
            raise Rejected("input_unreachable", f"url: {error}") from None
