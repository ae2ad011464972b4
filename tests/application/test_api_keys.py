"""Laws of the API keys' streams: what each command records, what is told of a secret, and what happens at once."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from application import api_keys, clock
from application.ports import Cause, Conflict, Unreadable
from domain.api_key import (
    ApiKey,
    ApiKeyChanged,
    ApiKeyIssued,
    ApiKeyRevoked,
    KeyLimits,
    KeyText,
    Scope,
    is_key_id,
    key_text,
    parse_key,
)
from domain.base import Rejected, replace
from domain.ids import key_stream
from tests.application.harness import MemoryLog

CAUSE = Cause(actor="key_boss", request_id="req_1")
LIMITS = KeyLimits(requests_per_minute=60, tasks_in_flight=3)
FIRST = KeyText("key_first", "5" * 64)


async def issued(log: MemoryLog) -> ApiKey:
    """A key of a client, without limits."""
    made = await api_keys.create(
        log, owner="studio", scopes=[Scope.CLIENT], limits=KeyLimits(), cause=Cause(actor="before")
    )
    return made.key


def events(log: MemoryLog, key: str) -> list[Any]:
    return [each.event for each in log.events if each.stream == key_stream(key)]


def recent(at: datetime) -> bool:
    return timedelta(0) <= clock.now() - at < timedelta(minutes=1)


# --- Issued ---


async def test_a_key_is_issued_and_its_text_is_told_once() -> None:
    """The text opens this key; the log has its hash and never the secret."""
    log = MemoryLog()
    made = await api_keys.create(
        log, owner=" studio ", scopes=iter([Scope.AUDITOR, Scope.CLIENT]), limits=LIMITS, cause=CAUSE
    )
    [event] = events(log, made.key.id)
    assert recent(event.at)
    text = parse_key(made.text)
    assert text
    assert text.id == made.key.id
    assert is_key_id(text.id)
    sha256 = hashlib.sha256(text.secret.encode()).hexdigest()
    scopes = (Scope.CLIENT, Scope.AUDITOR)
    assert event == ApiKeyIssued(key=text.id, owner="studio", scopes=scopes, sha256=sha256, limits=LIMITS, at=event.at)
    assert made.key == ApiKey(
        id=text.id, owner="studio", scopes=scopes, sha256=sha256, limits=LIMITS, issued_at=event.at
    )
    assert made.text == key_text(text.id, text.secret)
    assert text.secret not in repr(log.events)
    assert await api_keys.load(log, text.id) == made.key
    assert log.causes == [CAUSE]


async def test_no_two_keys_are_alike() -> None:
    """Neither their ids nor their secrets."""
    log = MemoryLog()
    made = [
        await api_keys.create(log, owner="studio", scopes=[Scope.CLIENT], limits=KeyLimits(), cause=CAUSE)
        for _ in range(20)
    ]
    assert len({each.key.id for each in made}) == 20
    assert len({each.key.sha256 for each in made}) == 20


async def test_a_wrong_key_is_not_issued() -> None:
    """A name, a scope and limits that limit somebody are needed."""
    log = MemoryLog()
    for wrong in (
        api_keys.create(log, owner="", scopes=[Scope.CLIENT], limits=KeyLimits(), cause=CAUSE),
        api_keys.create(log, owner="studio", scopes=[], limits=KeyLimits(), cause=CAUSE),
        api_keys.create(log, owner="studio", scopes=[Scope.ADMIN], limits=LIMITS, cause=CAUSE),
    ):
        with pytest.raises(Rejected) as refusal:
            await wrong
        assert refusal.value.code == "invalid_request"
        assert refusal.value.message
    assert log.events == []


async def test_a_key_that_was_chosen_beforehand_is_issued_once() -> None:
    """Every process that starts with it may do so: the first one records it, for the others it is there."""
    log = MemoryLog()
    made = await api_keys.ensure(log, FIRST, owner="admin", scope=Scope.ADMIN, cause=CAUSE)
    [event] = events(log, "key_first")
    assert recent(event.at)
    sha256 = hashlib.sha256(("5" * 64).encode()).hexdigest()
    assert event == ApiKeyIssued(key="key_first", owner="admin", scopes=(Scope.ADMIN,), sha256=sha256, at=event.at)
    assert made == ApiKey(id="key_first", owner="admin", scopes=(Scope.ADMIN,), sha256=sha256, issued_at=event.at)
    assert await api_keys.ensure(log, FIRST, owner="admin", scope=Scope.ADMIN, cause=CAUSE) == made
    assert len(log.events) == 1
    assert log.causes == [CAUSE]


async def test_a_revoked_key_is_not_revived_by_a_start() -> None:
    """It stays as it was ended."""
    log = MemoryLog()
    await api_keys.ensure(log, FIRST, owner="admin", scope=Scope.ADMIN, cause=CAUSE)
    revoked = await api_keys.revoke(log, "key_first", reason="leaked", cause=CAUSE)
    assert await api_keys.ensure(log, FIRST, owner="admin", scope=Scope.ADMIN, cause=CAUSE) == revoked
    assert revoked.revoked_at
    assert len(log.events) == 2


async def test_an_id_has_one_secret() -> None:
    """Another one under the same id is refused, and the first one goes on."""
    log = MemoryLog()
    made = await api_keys.ensure(log, FIRST, owner="admin", scope=Scope.ADMIN, cause=CAUSE)
    with pytest.raises(Rejected) as refusal:
        await api_keys.ensure(log, FIRST._replace(secret="6" * 64), owner="admin", scope=Scope.ADMIN, cause=CAUSE)
    assert refusal.value.code == "invalid_request"
    assert "key_first" in refusal.value.message
    assert await api_keys.load(log, "key_first") == made


# --- Changed, and revoked ---


async def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    """Scopes or limits, or both; what is so already adds nothing."""
    log = MemoryLog()
    key = await issued(log)
    limited = await api_keys.change(log, key.id, scopes=None, limits=LIMITS, cause=CAUSE)
    assert limited == replace(key, limits=LIMITS)
    both = (Scope.CLIENT, Scope.ANALYST)
    widened = await api_keys.change(log, key.id, scopes=iter(both), limits=None, cause=CAUSE)
    assert widened == replace(key, scopes=both, limits=LIMITS)
    assert await api_keys.change(log, key.id, scopes=both, limits=LIMITS, cause=CAUSE) == widened
    assert await api_keys.change(log, key.id, scopes=None, limits=None, cause=CAUSE) == widened
    times = [event.at for event in events(log, key.id)]
    assert all(map(recent, times))
    assert events(log, key.id)[1:] == [
        ApiKeyChanged(scopes=(Scope.CLIENT,), limits=LIMITS, at=times[1]),
        ApiKeyChanged(scopes=both, limits=LIMITS, at=times[2]),
    ]
    assert log.causes == [Cause(actor="before"), CAUSE, CAUSE]
    assert await api_keys.load(log, key.id) == widened


async def test_a_second_revocation_changes_nothing() -> None:
    """The first one has its reason and its time; a key that has ended can't be changed."""
    log = MemoryLog()
    key = await issued(log)
    revoked = await api_keys.revoke(log, key.id, reason="left", cause=CAUSE)
    event = events(log, key.id)[1]
    assert event == ApiKeyRevoked(reason="left", at=event.at)
    assert recent(event.at)
    assert revoked == replace(key, revoked_at=event.at)
    assert await api_keys.revoke(log, key.id, reason="again", cause=CAUSE) == revoked
    assert log.causes == [Cause(actor="before"), CAUSE]
    with pytest.raises(Rejected) as refusal:
        await api_keys.change(log, key.id, scopes=None, limits=LIMITS, cause=CAUSE)
    assert refusal.value.code == "key_revoked"
    assert key.id in refusal.value.message
    assert len(log.events) == 2


@pytest.mark.parametrize("unknown", ["key_nobody", "", "x" * 10_000])
async def test_an_unknown_key_is_named_in_short(unknown: str) -> None:
    """By whichever command it is asked for."""
    log = MemoryLog()
    for command in (
        api_keys.load(log, unknown),
        api_keys.change(log, unknown, scopes=None, limits=LIMITS, cause=CAUSE),
        api_keys.revoke(log, unknown, reason="", cause=CAUSE),
    ):
        with pytest.raises(Rejected) as refusal:
            await command
        assert (refusal.value.code, refusal.value.message) == ("key_unknown", f"There is no key '{unknown[:64]}'.")
    assert log.events == []


# --- Not alone ---


def meanwhile(log: MemoryLog, key: str, change: Callable[[], ApiKeyChanged | ApiKeyRevoked | None]) -> None:
    """Let another process record something before each append."""

    def before(_: list[str]) -> None:
        if event := change():
            log.add(key_stream(key), event)

    log.before = before


async def test_a_command_decides_again_when_the_stream_has_moved() -> None:
    """As often as seven times: what others have recorded meanwhile stays, and counts."""
    log = MemoryLog()
    key = await issued(log)
    left = [KeyLimits(tasks_in_flight=number) for number in range(1, 8)]
    scopes = (Scope.CLIENT,)
    meanwhile(
        log,
        key.id,
        lambda: ApiKeyChanged(scopes=scopes, limits=left.pop(), at=clock.now()) if left else None,
    )
    both = (Scope.CLIENT, Scope.ANALYST)
    changed = await api_keys.change(log, key.id, scopes=iter(both), limits=None, cause=CAUSE)
    assert changed == replace(key, scopes=both, limits=KeyLimits(tasks_in_flight=1))
    assert changed == await api_keys.load(log, key.id)
    assert len(events(log, key.id)) == 9


async def test_what_another_has_done_meanwhile_is_not_done_again() -> None:
    """A key that two revoke at once is revoked once, and both are told when."""
    log = MemoryLog()
    key = await issued(log)
    theirs = ApiKeyRevoked(reason="theirs", at=clock.now())
    meanwhile(log, key.id, lambda: theirs)
    assert await api_keys.revoke(log, key.id, reason="ours", cause=CAUSE) == replace(key, revoked_at=theirs.at)
    assert events(log, key.id)[1:] == [theirs]


async def test_a_stream_that_never_rests_is_a_conflict() -> None:
    """After eight tries, with the reason of the last."""
    log = MemoryLog()
    key = await issued(log)
    numbers = iter(range(1, 100))
    meanwhile(
        log,
        key.id,
        lambda: ApiKeyChanged(scopes=(Scope.CLIENT,), limits=KeyLimits(tasks_in_flight=next(numbers)), at=clock.now()),
    )
    log.reads.clear()
    with pytest.raises(Conflict, match="the stream ends at version 9, not 8"):
        await api_keys.revoke(log, key.id, reason="", cause=CAUSE)
    assert len(log.reads) == 8
    assert ApiKeyRevoked not in {type(each) for each in events(log, key.id)}


async def test_an_event_of_a_newer_pixel_stops_every_command() -> None:
    """Nothing is decided on half a history; the refusal says where it is."""
    log = MemoryLog()
    key = await issued(log)
    log.add(key_stream(key.id), Unreadable(topic="ApiKeyPaused", problem="unknown"))
    for command in (
        api_keys.load(log, key.id),
        api_keys.revoke(log, key.id, reason="", cause=CAUSE),
        api_keys.change(log, key.id, scopes=None, limits=LIMITS, cause=CAUSE),
    ):
        with pytest.raises(Rejected) as refusal:
            await command
        assert refusal.value.code == "stream_unreadable"
        assert "position 2" in refusal.value.message
        assert "ApiKeyPaused" in refusal.value.message
    assert len(log.events) == 2
