"""Laws of the webhooks' streams: what each command records, what it answers, and what it does when it is not alone."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from application import clock, webhooks
from application.ports import Cause, Conflict, Recorded, Unreadable
from application.webhooks import LoadedWebhook
from domain.base import Rejected, replace
from domain.ids import webhook_id, webhook_stream
from domain.webhook import (
    SigningSecret,
    Webhook,
    WebhookChanged,
    WebhookDisabled,
    WebhookEnabled,
    WebhookEvent,
    WebhookRegistered,
    WebhookRemoved,
    WebhookSecretRotated,
)
from tests.application.harness import MemoryLog

CAUSE = Cause(actor="key_studio", request_id="req_1")
URL, OTHER_URL = "https://app.example/hooks", "https://app.example/others"
Command = Callable[[MemoryLog, str], Awaitable[Webhook]]


async def registered(log: MemoryLog) -> Webhook:
    return await webhooks.register(log, owner="studio", url=URL, changes="ends", cause=Cause(actor="before"))


def disable_it(log: MemoryLog, webhook: str) -> Awaitable[Webhook]:
    return webhooks.change(log, webhook, url=None, changes=None, enabled=False, cause=CAUSE)


def events(log: MemoryLog, webhook: str) -> list[Any]:
    return [each.event for each in log.events if each.stream == webhook_stream(webhook)]


def recent(at: datetime) -> bool:
    return timedelta(0) <= clock.now() - at < timedelta(minutes=1)


async def test_a_webhook_is_registered_in_a_stream_of_its_own() -> None:
    """The answer is the webhook as its stream has it."""
    log = MemoryLog()
    made = await webhooks.register(log, owner="studio", url=URL, changes="all", cause=CAUSE)
    other = await registered(log)
    [event] = events(log, made.id)
    assert event == WebhookRegistered(webhook=made.id, owner="studio", url=URL, changes="all", at=event.at)
    assert recent(event.at)
    assert made == Webhook(
        id=webhook_id(log.events[0].stream),
        owner="studio",
        url=URL,
        changes="all",
        created_at=event.at,
        enabled_at=event.at,
    )
    assert made == await webhooks.load(log, made.id)
    assert other.id != made.id
    assert log.causes == [CAUSE, Cause(actor="before")]


async def test_a_change_records_what_is_different() -> None:
    """What is left out stays; what is the same already adds nothing."""
    log = MemoryLog()
    made = await registered(log)
    changed = await webhooks.change(log, made.id, url=OTHER_URL, changes=None, enabled=None, cause=CAUSE)
    assert changed == replace(made, url=OTHER_URL)
    changed = await webhooks.change(log, made.id, url=None, changes="all", enabled=False, cause=CAUSE)
    off = events(log, made.id)[-1].at
    assert changed == replace(made, url=OTHER_URL, changes="all", disabled_at=off, disabled_reason="by its owner")
    again = await webhooks.change(log, made.id, url=OTHER_URL, changes="all", enabled=False, cause=CAUSE)
    assert again == changed
    on = await webhooks.change(log, made.id, url=None, changes=None, enabled=True, cause=CAUSE)
    assert on == replace(made, url=OTHER_URL, changes="all", enabled_at=on.enabled_at)
    times = [event.at for event in events(log, made.id)]
    assert all(map(recent, times))
    assert events(log, made.id)[1:] == [
        WebhookChanged(url=OTHER_URL, changes="ends", at=times[1]),
        WebhookChanged(url=OTHER_URL, changes="all", at=times[2]),
        WebhookDisabled(reason="by its owner", at=times[3]),
        WebhookEnabled(at=times[4]),
    ]
    assert log.causes == [Cause(actor="before"), CAUSE, CAUSE, CAUSE]
    assert on == await webhooks.load(log, made.id)


async def test_a_rotation_keeps_the_secrets_before_it_for_so_long() -> None:
    """The newest signs without an end, the ones before it until the end that was wished."""
    log = MemoryLog()
    made = await registered(log)
    rotated = await webhooks.rotate(log, made.id, keep_seconds=60, cause=CAUSE)
    event = events(log, made.id)[1]
    assert recent(event.at)
    until = event.at + timedelta(seconds=60)
    assert event == WebhookSecretRotated(generation=2, others_until=until, at=event.at)
    assert rotated == replace(made, secrets=(SigningSecret(generation=1, until=until), SigningSecret(generation=2)))
    assert log.causes[1:] == [CAUSE]
    assert rotated == await webhooks.load(log, made.id)


async def test_a_webhook_is_disabled_with_its_reason() -> None:
    """Once: what has stopped is not stopped again."""
    log = MemoryLog()
    made = await registered(log)
    stopped = await webhooks.disable(log, made.id, reason="it answered 410 (Gone)", cause=CAUSE)
    event = events(log, made.id)[1]
    assert event == WebhookDisabled(reason="it answered 410 (Gone)", at=event.at)
    assert recent(event.at)
    assert stopped == replace(made, disabled_at=event.at, disabled_reason="it answered 410 (Gone)")
    assert await webhooks.disable(log, made.id, reason="again", cause=CAUSE) == stopped
    assert len(log.events) == 2
    assert log.causes[1:] == [CAUSE]


async def test_a_removed_webhook_is_as_unknown_as_one_that_never_was() -> None:
    """Whoever removes it gets it once more as it ended; no command reaches it afterwards."""
    log = MemoryLog()
    made = await registered(log)
    removed = await webhooks.remove(log, made.id, cause=CAUSE)
    event = events(log, made.id)[1]
    assert event == WebhookRemoved(at=event.at)
    assert recent(event.at)
    assert removed == replace(made, removed=True)
    assert log.causes[1:] == [CAUSE]
    for unknown in (made.id, webhook_id(clock.new_stream()), "webhook_x", ""):
        for command in (
            webhooks.load(log, unknown),
            webhooks.change(log, unknown, url=OTHER_URL, changes=None, enabled=None, cause=CAUSE),
            webhooks.rotate(log, unknown, keep_seconds=0, cause=CAUSE),
            webhooks.remove(log, unknown, cause=CAUSE),
        ):
            with pytest.raises(Rejected) as refusal:
                await command
            assert refusal.value.code == "webhook_unknown"
            assert refusal.value.message
    assert len(log.events) == 2


async def test_a_webhook_that_is_not_found_is_named() -> None:
    """Where it is asked for by its id."""
    unknown = webhook_id(clock.new_stream())
    with pytest.raises(Rejected) as refusal:
        await webhooks.load(MemoryLog(), unknown)
    assert refusal.value.message == f"Webhook '{unknown}' not found"


async def test_a_wrong_wish_is_refused_and_records_nothing() -> None:
    """By the rules of the domain."""
    log = MemoryLog()
    made = await registered(log)
    for command in (
        webhooks.register(log, owner="studio", url=URL + "#part", changes="ends", cause=CAUSE),
        webhooks.change(log, made.id, url=URL + "#part", changes=None, enabled=None, cause=CAUSE),
        webhooks.rotate(log, made.id, keep_seconds=86401, cause=CAUSE),
    ):
        with pytest.raises(Rejected) as refusal:
            await command
        assert refusal.value.code == "invalid_request"
        assert refusal.value.message
    assert len(log.events) == 1


# --- Not alone ---


async def test_a_command_decides_again_when_the_stream_has_moved() -> None:
    """As often as seven times: what others have recorded meanwhile stays, and counts."""
    log = MemoryLog()
    made = await registered(log)
    stream, left = webhook_stream(made.id), list(range(7))

    def meanwhile(_: list[str]) -> None:
        if left:
            log.add(stream, WebhookChanged(url=f"{OTHER_URL}/{left.pop()}", at=clock.now()))

    log.before = meanwhile
    stopped = await disable_it(log, made.id)
    assert stopped.url == f"{OTHER_URL}/0"
    assert stopped == await webhooks.load(log, made.id)
    assert [type(each) for each in events(log, made.id)] == [
        WebhookRegistered,
        *[WebhookChanged] * 7,
        WebhookDisabled,
    ]


async def test_what_another_has_done_meanwhile_is_not_done_again() -> None:
    """The command finds nothing left to do, and answers with what is there."""
    log = MemoryLog()
    made = await registered(log)
    theirs = WebhookDisabled(reason="theirs", at=clock.now())

    def meanwhile(_: list[str]) -> None:
        log.add(webhook_stream(made.id), theirs)

    log.before = meanwhile
    stopped = await disable_it(log, made.id)
    assert stopped == replace(made, disabled_at=theirs.at, disabled_reason="theirs")
    assert events(log, made.id)[1:] == [theirs]


async def test_a_stream_that_never_rests_is_a_conflict() -> None:
    """After eight tries, with the reason of the last."""
    log = MemoryLog()
    made = await registered(log)

    def meanwhile(_: list[str]) -> None:
        log.add(webhook_stream(made.id), WebhookChanged(url=OTHER_URL, at=clock.now()))

    log.before = meanwhile
    log.reads.clear()
    with pytest.raises(Conflict, match="the stream ends at version 9, not 8"):
        await disable_it(log, made.id)
    assert len(log.reads) == 8
    assert WebhookDisabled not in {type(each) for each in events(log, made.id)}


# --- From events ---


def recorded(stream: Any, *history: WebhookEvent | Unreadable, first: int = 1, position: int = 41) -> list[Recorded]:
    return [Recorded(position + 10 * number, stream, first + number, event) for number, event in enumerate(history)]


async def test_a_webhook_is_folded_in_parts_as_at_once() -> None:
    """It knows the version of its last event, and the position of its first."""
    stream, at = clock.new_stream(), clock.now()
    made = WebhookRegistered(webhook=webhook_id(stream), owner="studio", url=URL, at=at)
    history = recorded(stream, made, WebhookChanged(url=OTHER_URL, at=at), WebhookDisabled(reason="410", at=at))
    state = Webhook(
        id=made.webhook,
        owner="studio",
        url=OTHER_URL,
        created_at=at,
        enabled_at=at,
        disabled_at=at,
        disabled_reason="410",
    )
    assert webhooks.fold([]) == LoadedWebhook(Webhook(), 0, 0)
    assert webhooks.fold(history) == LoadedWebhook(state, 3, 41)
    first = webhooks.fold(history[:1])
    assert first == LoadedWebhook(
        Webhook(id=made.webhook, owner="studio", url=URL, created_at=at, enabled_at=at), 1, 41
    )
    assert webhooks.fold(history[1:], first) == LoadedWebhook(state, 3, 41)
    assert webhooks.fold([], first) == first


async def test_an_event_of_a_newer_pixel_stops_every_command() -> None:
    """Nothing is decided on half a history; the refusal says where it is."""
    log = MemoryLog()
    made = await registered(log)
    log.add(webhook_stream(made.id), Unreadable(topic="WebhookMuted", problem="unknown"))
    for command in (webhooks.load(log, made.id), disable_it(log, made.id), webhooks.remove(log, made.id, cause=CAUSE)):
        with pytest.raises(Rejected) as refusal:
            await command
        assert refusal.value.code == "stream_unreadable"
        assert "position 2" in refusal.value.message
        assert "WebhookMuted" in refusal.value.message
    assert len(log.events) == 2
