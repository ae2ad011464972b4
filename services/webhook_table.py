"""Which webhooks are there? All of them in memory, as the log has them: they are few."""

import asyncio
from uuid import UUID

import structlog

from adapters.postgres.event_log import EventLog
from application.ports import Recorded
from application.webhooks import LoadedWebhook, fold
from domain.base import Rejected
from domain.webhook import TaskWebhook, Webhook, extends

PAGE = 500

logger = structlog.get_logger("pixel.webhooks")


class WebhookTable:
    """The webhooks of all owners that are not removed, by stream."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._position = 0
        self._refreshing = asyncio.Lock()
        self._webhooks: dict[UUID, LoadedWebhook] = {}

    @property
    def all(self) -> dict[UUID, LoadedWebhook]:
        """As of the last refresh."""
        return self._webhooks

    async def refresh(self) -> None:
        """Read what is new. Raises LogUnavailable."""
        async with self._refreshing:
            while True:
                events = await self._log.webhook_events(self._position, PAGE)
                for recorded in events:
                    self._fold(recorded)
                    self._position = recorded.position
                if len(events) < PAGE:
                    return

    def of(self, owner: str | None) -> list[LoadedWebhook]:
        """The webhooks of an owner, oldest first; of everybody for None."""
        found = [each for each in self._webhooks.values() if owner is None or each.webhook.owner == owner]
        return sorted(found, key=lambda each: each.position)

    async def find(self, owner: str, url: str) -> TaskWebhook | None:
        """The enabled webhook of an owner that a URL extends, the nearest one; None: there is none. Raises
        LogUnavailable."""
        await self.refresh()
        found = [each.webhook for each in self.of(owner) if each.webhook.enabled and extends(each.webhook.url, url)]
        return TaskWebhook(webhook=max(found, key=_length).id, url=url) if found else None

    def _fold(self, recorded: Recorded) -> None:
        try:
            folded = fold([recorded], self._webhooks.get(recorded.stream))
        except Rejected as error:  # a newer Pixel wrote it
            logger.warning("webhook can't be read", stream=str(recorded.stream), error=error.message)
            return
        if folded.webhook.removed:
            self._webhooks.pop(recorded.stream, None)
        else:
            self._webhooks[recorded.stream] = folded


def _length(webhook: Webhook) -> int:
    return len(webhook.url)
