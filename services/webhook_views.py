"""A webhook and a delivery as the API and the command line show them."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from adapters.postgres.webhook_queue import DeliveryAttempt, DeliveryRow, DeliveryState, WebhookState
from domain.base import Value
from domain.ids import batch_id, task_id
from domain.webhook import Changes, Webhook

ChangesField = Annotated[
    Changes, Meta(description="`ends` of tasks and what comes after, or `all` changes", examples=["ends"])
]


class WebhookView(Value, omit_defaults=True):
    """A webhook in the API."""

    id: Annotated[str, Meta(description="The webhook's id", examples=["webhook_abc123"])]
    url: Annotated[str, Meta(description="Where messages are posted", examples=["https://app.example/hooks/pixel"])]
    changes: ChangesField
    enabled: Annotated[bool, Meta(description="Whether anything is sent to it", examples=[True])]
    created_at: Annotated[
        datetime | None, Meta(description="When it was registered", examples=["2026-02-11T09:00:00Z"])
    ] = None
    disabled_at: Annotated[
        datetime | None, Meta(description="Since when nothing is sent", examples=["2026-02-14T09:00:00Z"])
    ] = None
    disabled_reason: Annotated[str, Meta(description="Why nothing is sent", examples=["it answered 410 (Gone)"])] = ""
    secrets_until: Annotated[
        tuple[datetime, ...],
        Meta(description="Until when each of the older secrets still signs", examples=[["2026-02-12T09:00:00Z"]]),
    ] = ()
    position: Annotated[int | None, Meta(description="How far the log was searched for it", examples=[1042])] = None
    failing_since: Annotated[
        datetime | None, Meta(description="Since when every attempt has failed", examples=["2026-02-11T10:00:00Z"])
    ] = None
    waiting: Annotated[int, Meta(description="How many deliveries wait", examples=[3])] = 0


class DeliveryView(Value, omit_defaults=True):
    """A delivery in the API: one event of a task or a batch, for one webhook."""

    position: Annotated[int, Meta(description="The event's place in the log", examples=[1042])]
    message: Annotated[str, Meta(description="The `webhook-id` that it is sent with", examples=["task_abc123.5"])]
    version: Annotated[int, Meta(description="The version of the task, or the batch, that it tells of", examples=[5])]
    state: Annotated[
        DeliveryState,
        Meta(description="`waiting`, `delivered`, or `failed`: it is not tried any more", examples=["delivered"]),
    ]
    attempts: Annotated[list[DeliveryAttempt], Meta(description="The last attempts, oldest first")]
    next_attempt_at: Annotated[
        datetime | None, Meta(description="When it is tried again", examples=["2026-02-11T10:05:00Z"])
    ] = None
    task_id: Annotated[str | None, Meta(description="The task", examples=["task_abc123"])] = None
    batch_id: Annotated[str | None, Meta(description="The batch whose end it tells of", examples=["batch_abc123"])] = (
        None
    )


def show(webhook: Webhook, state: WebhookState | None) -> WebhookView:
    """A webhook, and where it stands, if anybody knows."""
    return WebhookView(
        id=webhook.id,
        url=webhook.url,
        changes=webhook.changes,
        enabled=webhook.enabled,
        created_at=webhook.created_at,
        disabled_at=webhook.disabled_at,
        disabled_reason=webhook.disabled_reason,
        secrets_until=tuple(each.until for each in webhook.secrets if each.until),
        position=state.position if state else None,
        failing_since=state.failing_since if state else None,
        waiting=state.waiting if state else 0,
    )


def show_delivery(row: DeliveryRow) -> DeliveryView:
    """A delivery."""
    told = batch_id(row.task) if row.of_batch else task_id(row.task)
    return DeliveryView(
        position=row.position,
        message=f"{told}.{row.version}",
        task_id=None if row.of_batch else told,
        batch_id=told if row.of_batch else None,
        version=row.version,
        state=row.state,
        attempts=row.attempts,
        next_attempt_at=row.due_at,
    )
