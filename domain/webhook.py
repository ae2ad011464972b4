"""A webhook: an address at which an owner is told what becomes of their tasks.

Read top to bottom: the words, the events, the state, what each event changes, the decisions. No secret is in here: a
secret is made from the webhook's id and its generation, by who knows the service's own."""

import re
import zlib
from datetime import datetime, timedelta
from typing import Literal, assert_never
from urllib.parse import urlsplit

from domain.base import Event, Rejected, Value, replace

Changes = Literal["ends", "all"]
"""Which changes of tasks are sent: their ends, and what comes after; or each one."""

MAX_URL_CHARACTERS = 2048
MAX_SECRETS = 5
KEEP_OLD_SECRETS_SECONDS = 86400

RETRY_SECONDS = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""The pauses after failed attempts, the first one first. After one attempt more than these a delivery has failed."""
DISABLE_AFTER = timedelta(days=3)

_DOTS = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE)


class TaskWebhook(Value):
    """The URL that a request named for what becomes of its task, in place of the URL of this `webhook`."""

    webhook: str
    url: str


def extends(registered: str, url: str) -> bool:
    """Whether a URL leads to the same place as a registered one: the same scheme, host and port, and its path or one
    below it. The query may be any."""
    try:
        base, other = urlsplit(registered), urlsplit(url)
    except ValueError:
        return False
    return (
        (base.scheme.lower(), base.netloc.lower()) == (other.scheme.lower(), other.netloc.lower())
        and (other.path == base.path or other.path.startswith(base.path.rstrip("/") + "/"))
        and not _DOTS.search(other.path)
    )


# --- The events. The class name is the stored name: to rename a class, pin its old tag. ---


class WebhookRegistered(Event):
    """A new webhook, with its first secret. It gets what happens to the owner's tasks from here on."""

    webhook: str
    owner: str
    url: str
    changes: Changes = "ends"


class WebhookChanged(Event):
    """From now on it has this URL, and gets these changes."""

    url: str
    changes: Changes = "ends"


class WebhookSecretRotated(Event):
    """The secret of this generation signs from now on. Those before it sign as well until `others_until`."""

    generation: int
    others_until: datetime


class WebhookDisabled(Event):
    """Nothing is sent to it for now."""

    reason: str = ""


class WebhookEnabled(Event):
    """It gets what it missed, and what comes."""


class WebhookRemoved(Event):
    """Nothing is sent to it any more."""


WebhookEvent = (
    WebhookRegistered | WebhookChanged | WebhookSecretRotated | WebhookDisabled | WebhookEnabled | WebhookRemoved
)


# --- The state ---


class SigningSecret(Value, omit_defaults=True):
    """A generation of a webhook's secrets, and until when it signs; None: there is no end yet."""

    generation: int
    until: datetime | None = None


class Webhook(Value, omit_defaults=True):
    """A webhook, folded from its events. Without an `id` it was never registered. `secrets`: the newest comes last."""

    id: str = ""
    owner: str = ""
    url: str = ""
    changes: Changes = "ends"
    secrets: tuple[SigningSecret, ...] = (SigningSecret(generation=1),)
    created_at: datetime | None = None
    enabled_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str = ""
    removed: bool = False

    @property
    def enabled(self) -> bool:
        """Whether anything is sent to it."""
        return bool(self.id) and self.disabled_at is None and not self.removed

    def generations(self, at: datetime) -> list[int]:
        """The generations of secrets that sign at a time, the newest first."""
        return [each.generation for each in reversed(self.secrets) if each.until is None or at < each.until]


def evolve(webhook: Webhook, event: WebhookEvent) -> Webhook:
    """The webhook after one more event. It accepts any event in any state: the past can't be refused."""
    match event:
        case WebhookRegistered():
            return Webhook(
                id=event.webhook,
                owner=event.owner,
                url=event.url,
                changes=event.changes,
                created_at=event.at,
                enabled_at=event.at,
            )
        case WebhookChanged(url=url, changes=changes):
            return replace(webhook, url=url, changes=changes)
        case WebhookSecretRotated(generation=generation, others_until=until):
            others = (replace(each, until=min(each.until or until, until)) for each in webhook.secrets)
            kept = [each for each in others if each.until and each.until > event.at]
            return replace(webhook, secrets=(*kept[1 - MAX_SECRETS :], SigningSecret(generation=generation)))
        case WebhookDisabled(reason=reason, at=at):
            return replace(webhook, disabled_at=at, disabled_reason=reason)
        case WebhookEnabled(at=at):
            return replace(webhook, disabled_at=None, disabled_reason="", enabled_at=at)
        case WebhookRemoved():
            return replace(webhook, removed=True)
        case _:
            assert_never(event)


# --- Decisions: (webhook, arguments) -> new events; an empty list means that there is nothing to do ---


def register(
    webhook: Webhook,
    *,
    id: str,  # noqa: A002 - the webhook's own word
    owner: str,
    url: str,
    changes: Changes,
    at: datetime,
) -> list[WebhookEvent]:
    """Register a webhook. Raises Rejected `invalid_request` for a URL that is too long or has a part behind `#`."""
    if webhook.id:
        return []
    _check(url)
    return [WebhookRegistered(webhook=id, owner=owner, url=url, changes=changes, at=at)]


def change(
    webhook: Webhook, *, url: str | None, changes: Changes | None, enabled: bool | None, at: datetime
) -> list[WebhookEvent]:
    """Give it another URL or other changes, disable or enable it; None leaves things as they are.

    Raises Rejected `webhook_unknown`, and `invalid_request` as `register` does."""
    _require(webhook)
    facts: list[WebhookEvent] = []
    after = (url or webhook.url, changes or webhook.changes)
    if after != (webhook.url, webhook.changes):
        _check(after[0])
        facts.append(WebhookChanged(url=after[0], changes=after[1], at=at))
    if enabled is True and webhook.disabled_at:
        facts.append(WebhookEnabled(at=at))
    if enabled is False and not webhook.disabled_at:
        facts.append(WebhookDisabled(reason="by its owner", at=at))
    return facts


def rotate(webhook: Webhook, *, keep_seconds: int, at: datetime) -> list[WebhookEvent]:
    """Begin to sign with a new secret. The others sign as well for so many seconds. Raises Rejected
    `webhook_unknown`, and `invalid_request` for more than KEEP_OLD_SECRETS_SECONDS."""
    _require(webhook)
    if not 0 <= keep_seconds <= KEEP_OLD_SECRETS_SECONDS:
        raise Rejected("invalid_request", f"keepSeconds: must be from 0 to {KEEP_OLD_SECRETS_SECONDS}")
    until = at + timedelta(seconds=keep_seconds)
    return [WebhookSecretRotated(generation=webhook.secrets[-1].generation + 1, others_until=until, at=at)]


def disable(webhook: Webhook, *, reason: str, at: datetime) -> list[WebhookEvent]:
    """Stop sending to a webhook, because of how it answers."""
    return [WebhookDisabled(reason=reason, at=at)] if webhook.enabled else []


def remove(webhook: Webhook, *, at: datetime) -> list[WebhookEvent]:
    """End a webhook for good. Raises Rejected `webhook_unknown`."""
    _require(webhook)
    return [WebhookRemoved(at=at)]


def retry_seconds(attempts: int, *, jitter_key: str) -> float | None:
    """The pause after so many failed attempts; None: the delivery has failed.

    The jitter, up to a tenth more, is a hash of `jitter_key` and no random number, as in `backoff`."""
    if attempts > len(RETRY_SECONDS):
        return None
    return RETRY_SECONDS[attempts - 1] * (1 + zlib.crc32(f"{jitter_key}/{attempts}".encode()) / 2**32 / 10)


def _require(webhook: Webhook) -> None:
    if not webhook.id or webhook.removed:
        raise Rejected("webhook_unknown", "There is no such webhook.")


def _check(url: str) -> None:
    if len(url) > MAX_URL_CHARACTERS or "#" in url:
        raise Rejected("invalid_request", f"url: may have {MAX_URL_CHARACTERS} characters at most, and no '#'")
