"""Where does a caller want to be told of tasks, and how did that go?"""

from typing import Annotated, Literal, NamedTuple

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres import webhook_queue
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID
from api.http.request_reader import AnyRequest, decode_body, read_query
from api.http.responses import ok
from api.routes.task_list import DEFAULT_PAGE, MAX_PAGE, encode_cursor, parse_cursor
from application import webhooks
from application.ports import Cause
from domain.base import Rejected, Value
from domain.ids import webhook_stream
from domain.request import Body
from domain.webhook import KEEP_OLD_SECRETS_SECONDS, MAX_URL_CHARACTERS, Webhook
from services.webhook_changes import WebhookChanges
from services.webhook_secrets import WebhookSecrets
from services.webhook_table import WebhookTable
from services.webhook_views import ChangesField, DeliveryView, WebhookView, show, show_delivery

NO_STORE = {"Cache-Control": "no-store"}


class WebhookDeps(NamedTuple):
    """What these handlers use."""

    log: EventLog
    pool: Pool
    table: WebhookTable
    secrets: WebhookSecrets
    changes: WebhookChanges


Url = Annotated[
    str,
    Meta(
        max_length=MAX_URL_CHARACTERS,
        description="Where messages are posted: a public `https` address",
        examples=["https://app.example/hooks/pixel"],
    ),
]


class WebhookRegistration(Body):
    """A webhook to register."""

    url: Url
    changes: ChangesField | None = None


class WebhookChange(Body):
    """What to change of a webhook."""

    url: Url | None = None
    changes: ChangesField | None = None
    enabled: (
        Annotated[
            bool,
            Meta(description="`false`: nothing is sent for now; `true`: what was missed is sent, too", examples=[True]),
        ]
        | None
    ) = None


class SecretRotation(Body):
    """How a webhook gets a new secret."""

    keep_seconds: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=KEEP_OLD_SECRETS_SECONDS,
                description="For how long the secrets before it sign as well: a day when left out, 0 when one is in "
                "wrong hands",
                examples=[KEEP_OLD_SECRETS_SECONDS],
            ),
        ]
        | None
    ) = None


class Redelivery(Body):
    """What to deliver again: one of the two."""

    position: (
        Annotated[int, Meta(ge=1, description="The delivery of the event at this position", examples=[1042])] | None
    ) = None
    since: (
        Annotated[int, Meta(ge=0, description="All events behind this position of the log", examples=[1000])] | None
    ) = None


class WebhookWithSecret(Value):
    """A webhook with the secret that was made for it now. It is not told again."""

    webhook: Annotated[WebhookView, Meta(description="The webhook")]
    secret: Annotated[
        str,
        Meta(
            description="What its messages are signed with",
            examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="],
        ),
    ]


class WebhookList(Value):
    """The webhooks of a caller."""

    webhooks: Annotated[list[WebhookView], Meta(description="The webhooks, oldest first")]


class DeliveryPage(Value):
    """A page of deliveries, newest first."""

    deliveries: Annotated[list[DeliveryView], Meta(description="The deliveries, newest first")]
    next_cursor: Annotated[
        str | None, Meta(description="`cursor` for the next page; null on the last one", examples=["cDEwNDI"])
    ]


class _ListQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    state: Literal["waiting", "delivered", "failed"] | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    cursor: str = ""


@post("/api/v1/webhooks", status_code=200)
async def register_webhook(request: AnyRequest, deps: Injected[WebhookDeps]) -> ASGIApp:
    """Register a webhook."""
    wish = await decode_body(request, WebhookRegistration)
    made = await deps.changes.register(
        owner=caller_of(request).owner, url=wish.url, changes=wish.changes or "ends", cause=_cause(request)
    )
    return ok(WebhookWithSecret(webhook=show(made, None), secret=deps.secrets.newest(made)), NO_STORE)


@get("/api/v1/webhooks")
async def list_webhooks(request: AnyRequest, deps: Injected[WebhookDeps]) -> ASGIApp:
    """The webhooks of the caller, oldest first."""
    await deps.table.refresh()
    found = [each.webhook for each in deps.table.of(caller_of(request).sees_only)]
    states = await webhook_queue.states(deps.pool, [webhook_stream(each.id) for each in found])
    return ok(WebhookList(webhooks=[show(each, states.get(webhook_stream(each.id))) for each in found]), NO_STORE)


@get("/api/v1/webhooks/{webhook_id:str}")
async def get_webhook(request: AnyRequest, deps: Injected[WebhookDeps], webhook_id: FromPath[str]) -> ASGIApp:
    """One webhook, and how it is doing."""
    return await _answer(deps, await _find(deps, webhook_id, caller_of(request).sees_only))


@post("/api/v1/webhooks/{webhook_id:str}/change", status_code=200)
async def change_webhook(request: AnyRequest, deps: Injected[WebhookDeps], webhook_id: FromPath[str]) -> ASGIApp:
    """Change, disable or enable a webhook."""
    wish = await decode_body(request, WebhookChange)
    await _find(deps, webhook_id, caller_of(request).changes_only)
    changed = await deps.changes.change(
        webhook_id, url=wish.url, changes=wish.changes, enabled=wish.enabled, cause=_cause(request)
    )
    return await _answer(deps, changed)


@post("/api/v1/webhooks/{webhook_id:str}/rotate", status_code=200)
async def rotate_secret(request: AnyRequest, deps: Injected[WebhookDeps], webhook_id: FromPath[str]) -> ASGIApp:
    """Give a webhook a new secret."""
    wish = await decode_body(request, SecretRotation, empty=SecretRotation())
    await _find(deps, webhook_id, caller_of(request).changes_only)
    keep_seconds = KEEP_OLD_SECRETS_SECONDS if wish.keep_seconds is None else wish.keep_seconds
    rotated = await deps.changes.rotate(webhook_id, keep_seconds=keep_seconds, cause=_cause(request))
    return ok(WebhookWithSecret(webhook=show(rotated, None), secret=deps.secrets.newest(rotated)), NO_STORE)


@post("/api/v1/webhooks/{webhook_id:str}/remove", status_code=200)
async def remove_webhook(request: AnyRequest, deps: Injected[WebhookDeps], webhook_id: FromPath[str]) -> ASGIApp:
    """Remove a webhook for good."""
    await _find(deps, webhook_id, caller_of(request).changes_only)
    removed = await webhooks.remove(deps.log, webhook_id, cause=_cause(request))
    return ok(show(removed, None), NO_STORE)


@get("/api/v1/webhooks/{webhook_id:str}/deliveries")
async def list_deliveries(request: AnyRequest, deps: Injected[WebhookDeps], webhook_id: FromPath[str]) -> ASGIApp:
    """What was sent to a webhook, and what came of it."""
    wish = read_query(request, _ListQuery)
    before = parse_cursor("cursor", wish.cursor) if wish.cursor else None
    await _find(deps, webhook_id, caller_of(request).sees_only)
    found = await webhook_queue.list_deliveries(
        deps.pool, webhook_stream(webhook_id), state=wish.state, before=before, limit=wish.limit + 1
    )
    page = found[: wish.limit]
    cursor = encode_cursor(page[-1].position) if len(found) > wish.limit else None
    return ok(DeliveryPage(deliveries=[show_delivery(row) for row in page], next_cursor=cursor), NO_STORE)


@post("/api/v1/webhooks/{webhook_id:str}/redeliver", status_code=200)
async def redeliver(request: AnyRequest, deps: Injected[WebhookDeps], webhook_id: FromPath[str]) -> ASGIApp:
    """Deliver one event again, or all behind a position."""
    wish = await decode_body(request, Redelivery)
    webhook = await _find(deps, webhook_id, caller_of(request).changes_only)
    await deps.changes.redeliver(webhook_id, position=wish.position, since=wish.since)
    return await _answer(deps, webhook)


async def _find(deps: WebhookDeps, webhook_id: str, owner: str | None) -> Webhook:
    """The webhook, if it belongs to this owner; None: whoever it belongs to. Raises Rejected `webhook_unknown`, and
    LogUnavailable."""
    found = await webhooks.load(deps.log, webhook_id)
    if owner is not None and found.owner != owner:
        raise Rejected("webhook_unknown", f"Webhook '{webhook_id}' not found")
    return found


async def _answer(deps: WebhookDeps, webhook: Webhook) -> ASGIApp:
    states = await webhook_queue.states(deps.pool, [webhook_stream(webhook.id)])
    return ok(show(webhook, states.get(webhook_stream(webhook.id))), NO_STORE)


def _cause(request: AnyRequest) -> Cause:
    return Cause(actor=caller_of(request).key, request_id=REQUEST_ID.get())


route_handlers = [
    register_webhook,
    list_webhooks,
    get_webhook,
    change_webhook,
    rotate_secret,
    remove_webhook,
    list_deliveries,
    redeliver,
]
