"""Which operations do webhooks have?"""

from api.http.responses import Envelope
from api.openapi import examples
from api.openapi.operation import Operation
from api.routes.webhooks import (
    DeliveryPage,
    Redelivery,
    SecretRotation,
    WebhookChange,
    WebhookList,
    WebhookRegistration,
    WebhookWithSecret,
)
from services.webhook_views import WebhookView

_TAG = "Webhooks"
_PATH = "/api/v1/webhooks/{webhook_id}"
_READ = ("unforeseen", "database away")
_WRITE = ("too large", "not JSON", "unforeseen", "too busy", "database away")
_URL = ("private address", "webhook without TLS")

WEBHOOKS = (
    Operation(
        "post",
        "/api/v1/webhooks",
        "registerWebhook",
        _TAG,
        "Be told of tasks",
        'Pixel posts `{"type": "task", "position": …, "data": …}` to the URL; `data` is what '
        "`GET /api/v1/tasks/{task_id}` answers. Signed by the rules of Standard Webhooks, with the secret that is "
        "answered here and never again.",
        answer=Envelope[WebhookWithSecret],
        examples={"registered": examples.WEBHOOK_WITH_SECRET},
        body=WebhookRegistration,
        bodies={"ends only": {"url": "https://app.example/hooks/pixel"}, "all changes": examples.WEBHOOK_WISH},
        headers=("Cache-Control",),
        errors=(*_URL, "no secret for webhooks", *_WRITE),
    ),
    Operation(
        "get",
        "/api/v1/webhooks",
        "listWebhooks",
        _TAG,
        "Which webhooks are there?",
        "All of yours, oldest first, and how they are doing.",
        answer=Envelope[WebhookList],
        examples={"one": {"webhooks": [examples.WEBHOOK]}},
        headers=("Cache-Control",),
        errors=_READ,
    ),
    Operation(
        "get",
        _PATH,
        "getWebhook",
        _TAG,
        "How is a webhook doing?",
        "One webhook: what it gets, whether it fails, what waits for it.",
        answer=Envelope[WebhookView],
        examples={"it failed for days": examples.DISABLED_WEBHOOK},
        parameters=("webhook_id",),
        headers=("Cache-Control",),
        errors=("unknown webhook", *_READ),
    ),
    Operation(
        "post",
        f"{_PATH}/change",
        "changeWebhook",
        _TAG,
        "Change, disable or enable a webhook",
        "What is left out stays as it is. An enabled webhook gets what it missed.",
        answer=Envelope[WebhookView],
        examples={"changed": examples.WEBHOOK},
        body=WebhookChange,
        bodies={"enable it again": {"enabled": True}},
        parameters=("webhook_id",),
        headers=("Cache-Control",),
        errors=(*_URL, "unknown webhook", *_WRITE),
    ),
    Operation(
        "post",
        f"{_PATH}/rotate",
        "rotateWebhookSecret",
        _TAG,
        "Give a webhook a new secret",
        "Each message has a signature of every secret that is in force, so the receiver has a day to change over.",
        answer=Envelope[WebhookWithSecret],
        examples={"rotated": examples.WEBHOOK_WITH_SECRET},
        body=SecretRotation,
        bodies={"the old one for a day": {}, "the old one is in wrong hands": {"keepSeconds": 0}},
        parameters=("webhook_id",),
        headers=("Cache-Control",),
        errors=("unknown webhook", "no secret for webhooks", *_WRITE),
    ),
    Operation(
        "post",
        f"{_PATH}/remove",
        "removeWebhook",
        _TAG,
        "Remove a webhook",
        "For good. What waits for it is not sent any more.",
        answer=Envelope[WebhookView],
        examples={"removed": examples.REMOVED_WEBHOOK},
        parameters=("webhook_id",),
        headers=("Cache-Control",),
        errors=("unknown webhook", "unforeseen", "too busy", "database away"),
    ),
    Operation(
        "get",
        f"{_PATH}/deliveries",
        "listDeliveries",
        _TAG,
        "What was sent, and what was answered?",
        "The last deliveries of a webhook, newest first. Of those that are settled a thousand are kept, for a week.",
        answer=Envelope[DeliveryPage],
        examples={"the second attempt succeeded": {"deliveries": [examples.DELIVERY], "next_cursor": None}},
        parameters=("webhook_id", "deliveryState", "limit", "cursor"),
        headers=("Cache-Control",),
        errors=("unknown webhook", *_READ),
    ),
    Operation(
        "post",
        f"{_PATH}/redeliver",
        "redeliver",
        _TAG,
        "Send again",
        "One delivery, by its position; or all events behind a position, however long ago, which lists and deliveries "
        "name. A message has the same `webhook-id` as at first.",
        answer=Envelope[WebhookView],
        examples={"it will be sent": examples.WEBHOOK},
        body=Redelivery,
        bodies={"one": {"position": 1042}, "all since": {"since": 1000}},
        parameters=("webhook_id",),
        headers=("Cache-Control",),
        errors=("nothing to redeliver", "unknown webhook", *_WRITE),
    ),
)
