"""What may be done with a webhook, which secrets sign when, and when a delivery is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from domain import webhook
from domain.base import Event, replace
from domain.webhook import (
    DISABLE_AFTER,
    MAX_SECRETS,
    MAX_URL_CHARACTERS,
    Webhook,
    WebhookChanged,
    WebhookDisabled,
    WebhookEnabled,
    WebhookRegistered,
    WebhookRemoved,
    WebhookSecretRotated,
    evolve,
    extends,
    retry_seconds,
)
from tests.domain.scenario import AT, SOON
from tests.domain.strategies import WEBHOOK_EVENTS
from tests.spec import fold, given

ID = "webhook_01kh5rfm0se1jb4gcrc1rz1bq1"
URL = "https://app.example/hooks"
OTHER = "https://app.example/other"
DAY = timedelta(days=1)

REGISTERED = WebhookRegistered(webhook=ID, owner="acme", url=URL, changes="ends", at=AT)
CHANGED = WebhookChanged(url=OTHER, changes="all", at=SOON)
DISABLED = WebhookDisabled(reason="it answered 410 (Gone)", at=SOON)
ENABLED = WebhookEnabled(at=SOON)
REMOVED = WebhookRemoved(at=SOON)


def rotated(generation: int, seconds: float = 0, keep: timedelta = DAY) -> WebhookSecretRotated:
    at = AT + timedelta(seconds=seconds)
    return WebhookSecretRotated(generation=generation, others_until=at + keep, at=at)


def test_a_webhook_is_registered_once() -> None:
    """Registering adds its event, and nothing when it is there."""
    given().when(webhook.register, id=ID, owner="acme", url=URL, changes="ends", at=AT).then(REGISTERED)
    given(REGISTERED).when(webhook.register, id=ID, owner="acme", url=URL, changes="ends", at=AT).then_nothing()


@pytest.mark.parametrize("url", ["https://app.example/" + "a" * 2048, URL + "#part"])
def test_a_url_that_nobody_can_request_is_refused(url: str) -> None:
    """Neither a URL that is too long nor one with a part that never leaves a browser."""
    given().when(webhook.register, id=ID, owner="acme", url=url, changes="ends", at=AT).then_rejected("invalid_request")
    given(REGISTERED).when(webhook.change, url=url, changes=None, enabled=None, at=AT).then_rejected("invalid_request")


def test_a_webhook_remembers_whose_it_is_and_what_it_is_told() -> None:
    """Since when it is told, and while it is disabled why; enabled again, it is told from then on."""
    whole = WebhookRegistered(webhook=ID, owner="acme", url=URL, changes="all", at=AT)
    given().when(webhook.register, id=ID, owner="acme", url=URL, changes="all", at=AT).then(whole)
    made = Webhook(id=ID, owner="acme", url=URL, changes="all", created_at=AT, enabled_at=AT)
    assert fold(Webhook, [whole]) == made
    off = fold(Webhook, [whole, DISABLED])
    assert off == replace(made, disabled_at=SOON, disabled_reason=DISABLED.reason)
    assert fold(Webhook, [whole, DISABLED, ENABLED]) == replace(made, enabled_at=SOON)


def test_a_webhook_is_removed_for_good() -> None:
    """Then nothing is sent to it, and nothing can be done with it."""
    given(REGISTERED).when(webhook.remove, at=SOON).then(REMOVED)
    assert not fold(Webhook, [REGISTERED, REMOVED]).enabled


def test_a_url_may_be_as_long_as_that() -> None:
    """2,048 characters."""
    longest = URL + "/" + "a" * (MAX_URL_CHARACTERS - len(URL) - 1)
    given().when(webhook.register, id=ID, owner="acme", url=longest, changes="ends", at=AT).then(
        replace(REGISTERED, url=longest)
    )


def test_only_what_differs_is_changed() -> None:
    """A change names all that holds from then on; a wish that is fulfilled adds nothing."""
    given(REGISTERED).when(webhook.change, url=OTHER, changes="all", enabled=None, at=SOON).then(CHANGED)
    given(REGISTERED).when(webhook.change, url=None, changes="all", enabled=True, at=SOON).then(
        WebhookChanged(url=URL, changes="all", at=SOON)
    )
    given(REGISTERED, CHANGED).when(webhook.change, url=OTHER, changes="all", enabled=True, at=SOON).then_nothing()


def test_a_webhook_is_disabled_and_enabled() -> None:
    """By its owner and by what it answers, each once."""
    own = WebhookDisabled(reason="by its owner", at=SOON)
    given(REGISTERED).when(webhook.change, url=None, changes=None, enabled=False, at=SOON).then(own)
    given(REGISTERED, own).when(webhook.change, url=None, changes=None, enabled=False, at=SOON).then_nothing()
    given(REGISTERED).when(webhook.disable, reason=DISABLED.reason, at=SOON).then(DISABLED)
    given(REGISTERED, DISABLED).when(webhook.disable, reason="again", at=SOON).then_nothing()
    given(REGISTERED, REMOVED).when(webhook.disable, reason="again", at=SOON).then_nothing()
    given(REGISTERED, DISABLED).when(webhook.change, url=None, changes=None, enabled=True, at=SOON).then(ENABLED)
    assert not fold(Webhook, [REGISTERED, DISABLED]).enabled
    assert fold(Webhook, [REGISTERED, DISABLED, ENABLED]).enabled


@pytest.mark.parametrize("past", [[], [REGISTERED, REMOVED]], ids=["never", "removed"])
def test_there_is_nothing_to_do_with_no_webhook(past: list[Event]) -> None:
    """One that was never registered, or is removed, is unknown to every command of its owner."""
    given(*past).when(webhook.change, url=URL, changes=None, enabled=None, at=SOON).then_rejected("webhook_unknown")
    given(*past).when(webhook.rotate, keep_seconds=0, at=SOON).then_rejected("webhook_unknown")
    given(*past).when(webhook.remove, at=SOON).then_rejected("webhook_unknown")


def test_both_secrets_sign_for_a_day() -> None:
    """After a rotation the new secret signs, and for a day the old one too."""
    given(REGISTERED).when(webhook.rotate, keep_seconds=86400, at=AT).then(rotated(2))
    after = fold(Webhook, [REGISTERED, rotated(2)])
    assert after.generations(AT) == after.generations(AT + DAY - timedelta(seconds=1)) == [2, 1]
    assert after.generations(AT + DAY) == [2]


def test_no_old_secret_signs_for_longer_than_a_day() -> None:
    """Nor for less than no time."""
    for seconds in (-1, 86401):
        given(REGISTERED).when(webhook.rotate, keep_seconds=seconds, at=AT).then_rejected("invalid_request")


def test_a_secret_in_wrong_hands_ends_at_once() -> None:
    """With no time to keep them, all secrets before it end, whatever they were promised."""
    given(REGISTERED).when(webhook.rotate, keep_seconds=0, at=AT).then(rotated(2, keep=timedelta(0)))
    assert len(fold(Webhook, [REGISTERED, rotated(2, keep=timedelta(0))]).secrets) == 1
    after = fold(Webhook, [REGISTERED, rotated(2), rotated(3, 60, keep=timedelta(0))])
    assert after.generations(AT + timedelta(seconds=60)) == [3]


def test_a_later_rotation_prolongs_nothing() -> None:
    """Each secret ends when it was first told to."""
    after = fold(Webhook, [REGISTERED, rotated(2), rotated(3, 3600)])
    assert after.generations(AT + DAY - timedelta(seconds=1)) == [3, 2, 1]
    assert after.generations(AT + DAY) == [3, 2]


def test_secrets_are_few() -> None:
    """However often they are rotated, the newest few sign."""
    after = fold(Webhook, [REGISTERED, *(rotated(2 + number, number) for number in range(20))])
    assert after.generations(AT + timedelta(seconds=20)) == [21, 20, 19, 18, 17]
    assert MAX_SECRETS == 5


@examples(st.lists(st.one_of(WEBHOOK_EVENTS), max_size=12))
def test_any_history_folds(history: list[Event]) -> None:
    """No past is refused, and the newest secret is always there."""
    after = fold(Webhook, history)
    assert isinstance(after, Webhook)
    assert after.secrets[-1].until is None


@pytest.mark.parametrize(
    ("registered", "url", "does"),
    [
        (URL, URL, True),
        (URL, URL + "?canvas=7", True),
        (URL, URL + "/canvas/7?a=b", True),
        (URL, "https://APP.example/hooks", True),
        ("https://app.example/", "https://app.example/anything", True),
        (URL + "?key=1", URL + "?key=2", True),
        ("https://app.example/X/", "https://app.example/X/7", True),
        (URL, URL + "-of-somebody-else", False),
        (URL, "https://app.example/", False),
        ("https://app.example/X/", "https://app.example/Y", False),
        (URL, "http://app.example/hooks", False),
        (URL, "https://app.example:8443/hooks", False),
        (URL, "https://app.example.evil.example/hooks", False),
        (URL, "https://user@app.example/hooks", False),
        (URL, URL + "/../admin", False),
        (URL, URL + "/%2e%2E/admin", False),
        (URL, "https://[/hooks", False),
    ],
)
def test_what_extends_a_url(registered: str, url: str, does: bool) -> None:
    """A path at or below the registered one at the same place, with any query; nothing else."""
    assert extends(registered, url) is does


def test_deliveries_are_tried_for_three_days() -> None:
    """At once and after each pause of the schedule, up to a tenth later; the tenth failure is the last."""
    pauses = [retry_seconds(attempts, jitter_key="task_1.5") for attempts in range(1, 11)]
    assert pauses[-1] is None
    least = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(low <= (pause or 0) <= low * 1.1 for low, pause in zip(least, pauses, strict=False))
    assert timedelta(seconds=sum(least)) > DISABLE_AFTER
    assert retry_seconds(1, jitter_key="task_1.5") != retry_seconds(1, jitter_key="task_2.5")
    assert evolve(Webhook(), REGISTERED).enabled
