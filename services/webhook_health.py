"""How are the webhooks doing? Counts for monitoring, and a line for each that somebody should look at."""

from typing import Annotated

from msgspec import Meta

from adapters.postgres import webhook_queue
from adapters.postgres.database import Pool
from domain.base import Value
from services.webhook_table import WebhookTable

MAX_LINES = 10


class WebhookHealth(Value):
    """How many webhooks there are and how they are doing."""

    registered: Annotated[int, Meta(description="How many webhooks there are", examples=[2])] = 0
    disabled: Annotated[int, Meta(description="How many get nothing for now", examples=[0])] = 0
    failing: Annotated[int, Meta(description="How many did not take the last message", examples=[0])] = 0
    waiting: Annotated[int, Meta(description="How many deliveries wait", examples=[0])] = 0


async def look(table: WebhookTable, pool: Pool) -> tuple[WebhookHealth, list[str]]:
    """The counts, and a line for each webhook that is disabled or fails, MAX_LINES at most.

    Raises LogUnavailable, and the driver's errors."""
    await table.refresh()
    every = table.all
    states = await webhook_queue.states(pool, list(every)) if every else {}
    disabled: list[str] = []
    failing: list[str] = []
    for stream, (webhook, *_) in every.items():
        state = states.get(stream)
        if webhook.disabled_at:
            disabled.append(
                f"webhook {webhook.id}: disabled since {webhook.disabled_at:%F %R}: {webhook.disabled_reason}"
            )
        elif state and state.failing_since:
            failing.append(f"webhook {webhook.id}: failing since {state.failing_since:%F %R}; {state.waiting} wait")
    lines = [*disabled, *failing]
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"and {len(lines) - MAX_LINES} webhooks more"]
    waiting = sum(state.waiting for state in states.values())
    return WebhookHealth(registered=len(every), disabled=len(disabled), failing=len(failing), waiting=waiting), lines
