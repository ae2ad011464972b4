"""What may become of an API key: given these facts, when this is wished, then these are the new facts."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from domain.api_key import (
    NO_LIMITS,
    ApiKey,
    ApiKeyChanged,
    ApiKeyEvent,
    ApiKeyIssued,
    ApiKeyRevoked,
    KeyLimits,
    Scope,
    caller_of_key,
    change,
    evolve,
    is_key_id,
    issue,
    key_text,
    parse_key,
    require_within,
    revoke,
)
from domain.base import Rejected
from domain.model import Kind
from tests.domain.strategies import KEY_EVENTS
from tests.spec import fold, given

AT = datetime(2026, 11, 28, 10, tzinfo=UTC)
ID, SHA = "key_4t8kq2m0vz7c1xna", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ISSUED = ApiKeyIssued(key=ID, owner="studio", scopes=(Scope.CLIENT,), sha256=SHA, at=AT)
WISH: dict[str, Any] = {"id": ID, "owner": "studio", "scopes": [Scope.CLIENT], "limits": NO_LIMITS, "sha256": SHA}


def test_a_key_is_issued_once() -> None:
    """Issuing records who owns it; the same again adds nothing, and another secret under the same id is refused."""
    given().when(issue, **WISH, at=AT).then(ISSUED)
    given(ISSUED).when(issue, **WISH, at=AT).then_nothing()
    given(ISSUED, ApiKeyRevoked(at=AT)).when(issue, **WISH, at=AT).then_nothing()
    given(ISSUED).when(issue, **WISH | {"sha256": "0" * 64}, at=AT).then_rejected("invalid_request")


@pytest.mark.parametrize(
    "wrong",
    [
        {"owner": ""},
        {"owner": "  "},
        {"owner": "a\nb"},
        {"owner": "x" * 101},
        {"scopes": []},
        {"limits": KeyLimits(tasks_in_flight=1), "scopes": [Scope.ANALYST]},
        {"limits": KeyLimits(tasks_in_flight=1), "scopes": [Scope.CLIENT, Scope.ADMIN]},
        {"limits": KeyLimits(tasks_in_flight=0)},
        {"limits": KeyLimits(requests_per_minute=-1)},
        {"limits": KeyLimits(money_per_day=Decimal(-1))},
        {"limits": KeyLimits(money_per_month=Decimal("NaN"))},
    ],
)
def test_a_wrong_key_is_not_issued(wrong: dict[str, Any]) -> None:
    """An owner without a name, a key without a scope and limits that limit nobody are refused."""
    given().when(issue, **WISH | wrong, at=AT).then_rejected("invalid_request")


def test_a_key_has_the_limits_that_it_was_issued_with() -> None:
    """They are in its event, and whoever asks with it is held to them; the smallest of them count."""
    limits = KeyLimits(
        projects=("films",),
        requests_per_minute=1,
        tasks_in_flight=1,
        money_per_day=Decimal(0),
        money_per_month=Decimal("0.5"),
    )
    wish = WISH | {"limits": limits, "owner": "x" * 100}
    issued = ApiKeyIssued(key=ID, owner="x" * 100, scopes=(Scope.CLIENT,), sha256=SHA, limits=limits, at=AT)
    given().when(issue, **wish, at=AT).then(issued)
    key = fold(ApiKey, [issued])
    assert (key.limits, key.issued_at) == (limits, AT)
    assert caller_of_key(key).limits == limits


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        (KeyLimits(requests_per_minute=0), "limits.requests_per_minute"),
        (KeyLimits(tasks_in_flight=0), "limits.tasks_in_flight"),
        (KeyLimits(money_per_day=Decimal(-1)), "limits.money_per_day"),
        (KeyLimits(money_per_month=Decimal(-1)), "limits.money_per_month"),
    ],
)
def test_a_limit_that_is_none_is_named(limits: KeyLimits, field: str) -> None:
    """By its field."""
    refusal = given().when(issue, **WISH | {"limits": limits}, at=AT).refusal
    assert str(refusal).startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("limits", "request_", "message"),
    [
        (KeyLimits(kinds=(Kind.IMAGE,)), {"kind": Kind.VIDEO}, "This API key is for image only, not for video."),
        (
            KeyLimits(kinds=(Kind.IMAGE, Kind.AUDIO, Kind.LLM)),
            {"kind": Kind.VIDEO},
            "This API key is for image or audio or llm only, not for video.",
        ),
        (KeyLimits(projects=("a", "b")), {"project": "c"}, "projectId: this API key is for a or b only, not 'c'."),
        (
            KeyLimits(projects=("a",)),
            {"project": None},
            "projectId: this API key is for a only, and this request has none.",
        ),
        (
            KeyLimits(projects=("a1", "a2", "a3", "a4", "a5")),
            {"project": "c"},
            "projectId: this API key is for a1 or a2 or a3 or a4 or a5 only, not 'c'.",
        ),
        (
            KeyLimits(projects=tuple(f"a{n}" for n in range(1, 8))),
            {"project": "c"},
            "projectId: this API key is for a1 or a2 or a3 or a4 or a5 or 2 others only, not 'c'.",
        ),
        (
            KeyLimits(models=("a/b",)),
            {"models": ["a/b", "a/c"]},
            "model: this API key is for a/b only, not for 'a/c'.",
        ),
    ],
)
def test_a_key_is_for_some_requests_only(limits: KeyLimits, request_: dict[str, Any], message: str) -> None:
    """For its kinds, projects and models, also those that may take over; without limits it is for all."""
    asked: dict[str, Any] = {"kind": Kind.IMAGE, "project": "a", "models": ["a/b"], **request_}
    with pytest.raises(Rejected) as refusal:
        require_within(limits, **asked)
    assert (refusal.value.code, refusal.value.message) == ("forbidden", message)
    require_within(NO_LIMITS, **asked)
    project = limits.projects[-1] if limits.projects else None
    require_within(limits, kind=Kind.IMAGE, project=project, models=["a/b"])


def test_a_change_replaces_scopes_or_limits() -> None:
    """What is left out stays; the same again changes nothing."""
    limits = KeyLimits(tasks_in_flight=2)
    given(ISSUED).when(change, scopes=None, limits=limits, at=AT).then(
        ApiKeyChanged(scopes=(Scope.CLIENT,), limits=limits, at=AT)
    )
    scopes = [Scope.ANALYST, Scope.CLIENT, Scope.ANALYST]
    given(ISSUED).when(change, scopes=scopes, limits=None, at=AT).then(
        ApiKeyChanged(scopes=(Scope.CLIENT, Scope.ANALYST), at=AT)
    )
    given(ISSUED).when(change, scopes=[Scope.CLIENT], limits=NO_LIMITS, at=AT).then_nothing()


def test_a_revoked_key_stays_so() -> None:
    """Revoking twice is revoking once; nothing else can be done with it, and nothing with a key that is not there."""
    revoked = ApiKeyRevoked(reason="lost", at=AT)
    given(ISSUED).when(revoke, reason="lost", at=AT).then(revoked)
    given(ISSUED, revoked).when(revoke, reason="", at=AT).then_nothing()
    given(ISSUED, revoked).when(change, scopes=[Scope.ADMIN], limits=None, at=AT).then_rejected("key_revoked")
    given().when(revoke, reason="", at=AT).then_rejected("key_unknown")
    given().when(change, scopes=None, limits=None, at=AT).then_rejected("key_unknown")


@pytest.mark.parametrize(
    ("scopes", "sees_only", "changes_only"),
    [
        ((Scope.CLIENT,), "studio", "studio"),
        ((Scope.ANALYST,), "studio", "studio"),
        ((Scope.AUDITOR,), None, "studio"),
        ((Scope.CLIENT, Scope.AUDITOR), None, "studio"),
        ((Scope.ADMIN,), None, None),
    ],
)
def test_scopes_say_whose_things_are_seen(
    scopes: tuple[Scope, ...], sees_only: str | None, changes_only: str | None
) -> None:
    """Auditors see everything and change nothing of others; administrators do both."""
    caller = caller_of_key(fold(ApiKey, [ISSUED, ApiKeyChanged(scopes=scopes, at=AT)]))
    assert (caller.key, caller.owner, caller.scopes) == (ID, "studio", frozenset(scopes))
    assert (caller.sees_only, caller.changes_only) == (sees_only, changes_only)


@given_any(st.lists(st.one_of(KEY_EVENTS), max_size=8), st.sampled_from([issue, change, revoke]))
def test_no_history_of_a_key_is_refused(events: list[ApiKeyEvent], decision: Any) -> None:
    """Any events in any order fold, and what was decided once is decided: again it adds nothing."""
    key = reduce(evolve, events, ApiKey())
    wish: dict[str, Any] = {
        issue: WISH,
        change: {"scopes": [Scope.CLIENT], "limits": NO_LIMITS},
        revoke: {"reason": ""},
    }[decision]
    try:
        added = decision(key, **wish, at=AT)
    except Rejected:
        return
    assert decision(reduce(evolve, added, key), **wish, at=AT) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pxl_",
        "pxl_a_b",
        f"pxl_a_{'0' * 31}",
        f"pxl_A_{'0' * 64}",
        f"pxl_a_{'0' * 63}-",
        f"pxl_a_{'0' * 64}\n",
        f"sk_a_{'0' * 64}",
        f"pxl_{'a' * 33}_{'0' * 64}",
        f"pxl__{'0' * 64}",
        f" pxl_a_{'0' * 64}",
        f"pxl_a_{'0' * 129}",
    ],
)
def test_what_is_no_key_is_not_taken_apart(text: str) -> None:
    """Only `pxl_`, an id and a long secret are a key."""
    assert parse_key(text) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [(ID, True), ("key_a", True), ("key_" + "0" * 33, False), ("key_", False), ("key_A", False), (f"{ID}\n", False)],
)
def test_the_id_of_a_key_is_told_from_other_texts(text: str, is_one: bool) -> None:
    """`key_` and up to 32 lower-case letters and digits."""
    assert is_key_id(text) is is_one


def test_a_key_is_put_together_and_taken_apart() -> None:
    """The text of a key has its id and its secret, and nothing else."""
    parts = parse_key(key_text(ID, "0f" * 32))
    assert parts == (ID, "0f" * 32)
