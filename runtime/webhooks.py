"""How are webhooks told of tasks? The table of them, what may be sent where, and, in a worker, what sends."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adapters.outbound.ssrf_guard import Guard
from adapters.outbound.webhook_post import WebhookClient
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from adapters.postgres.webhook_queue import WebhookQueue
from runtime.database import Role
from services.background import Background
from services.media_links import MediaLinks
from services.settings import Settings, WrongSetting
from services.state import WebhookTools
from services.task_reader import TaskReader
from services.webhook_secrets import WebhookSecrets
from services.webhook_sender import WebhookSender
from services.webhook_table import WebhookTable
from services.worker import new_worker_id


@asynccontextmanager
async def open_webhooks(
    settings: Settings,
    pool: Pool,
    log: EventLog,
    tasks: TaskReader,
    background: Background,
    *,
    links: MediaLinks,
    role: Role,
) -> AsyncGenerator[WebhookTools]:
    """Yields what knows the webhooks, and sends to them if it is a worker's. Raises WrongSetting."""
    table, guard = WebhookTable(log), webhook_guard(settings)
    secrets = WebhookSecrets(settings.as_list("webhook_secret"))
    if role == "api":
        yield WebhookTools(table, secrets, guard, None)
        return
    client = WebhookClient(guard)
    sender = WebhookSender(
        log,
        WebhookQueue(pool, new_worker_id(), lease_seconds=settings.lease_seconds),
        table,
        tasks,
        client,
        secrets=secrets,
        links=links,
        public_url=settings.public_url,
        lease_seconds=settings.lease_seconds,
    )
    background.start("webhooks", sender.run)
    try:
        yield WebhookTools(table, secrets, guard, sender)
    finally:
        await sender.drain(settings.drain_seconds)
        await client.close()


def webhook_guard(settings: Settings) -> Guard:
    """The guard of the URLs of webhooks. Raises WrongSetting."""
    try:
        return Guard(private_hosts=settings.as_list("webhook_private_hosts"))
    except ValueError as error:
        raise WrongSetting(f"PIXEL_WEBHOOK_PRIVATE_HOSTS: {error}") from None
