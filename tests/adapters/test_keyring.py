"""The keys of one provider: whose turn it is, which are set aside and for what, and that none of them shows."""

import pytest

from adapters import keyring
from adapters.keyring import Key, Keyring, from_variable
from domain.model import Kind

FIRST, SECOND = "sk-first-secret", "sk-second-secret"


@pytest.fixture
def ring() -> Keyring:
    return Keyring([(FIRST,), (SECOND,)], place="https://acme.example")


def used(ring: Keyring, kind: Kind) -> set[str]:
    """The secrets that the next calls of a kind would go out with."""
    return {key.secret for key in (ring.next(kind) for _ in range(4)) if key}


def account_of(ring: Keyring, secret: str) -> str:
    """The account of a key, while nothing is set aside."""
    keys = [ring.next(Kind.IMAGE) for _ in range(2)]
    return next(key.account for key in keys if key and key.secret == secret)


def test_keys_are_used_in_turn(ring: Keyring) -> None:
    """One after the other, whatever the work."""
    kinds = (Kind.IMAGE, Kind.VIDEO, Kind.IMAGE, Kind.LLM)
    assert [key.secret for key in map(ring.next, kinds) if key] == [FIRST, SECOND, FIRST, SECOND]


def test_a_key_set_aside_is_used_for_nothing(ring: Keyring) -> None:
    """Until it is tried again; the other one does the work meanwhile, and a call that it made is still asked about."""
    account = account_of(ring, FIRST)
    ring.set_aside(account, "401")
    for kind in Kind:
        assert used(ring, kind) == {SECOND}
        assert ring.any_usable(kind)
    found = ring.find(account)
    assert found
    assert found.secret == FIRST


def test_a_key_set_aside_for_one_kind_is_used_for_the_others(ring: Keyring) -> None:
    """A pack of films that is used up stops no picture."""
    ring.set_aside(account_of(ring, FIRST), "1102", Kind.VIDEO)
    assert used(ring, Kind.VIDEO) == {SECOND}
    assert used(ring, Kind.IMAGE) == {FIRST, SECOND}
    ring.set_aside(account_of(ring, SECOND), "1102", Kind.VIDEO)
    assert used(ring, Kind.VIDEO) == set()
    assert not ring.any_usable(Kind.VIDEO)
    assert ring.any_usable(Kind.AUDIO)


def test_only_keys_that_fit_count(ring: Keyring) -> None:
    """A key for another service of the vendor never stands in."""

    def fits(key: Key) -> bool:
        return key.secret == FIRST

    ring.set_aside(account_of(ring, FIRST), "1102", Kind.VIDEO)
    assert ring.next(Kind.VIDEO, fits) is None
    assert not ring.any_usable(Kind.VIDEO, fits)
    assert ring.next(Kind.IMAGE, fits)


def test_a_key_is_tried_again_after_a_while(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been mended at the provider, in either way of being set aside."""
    monkeypatch.setattr(keyring, "SET_ASIDE_SECONDS", 0.0)
    account = account_of(ring, FIRST)
    ring.set_aside(account, "401")
    ring.set_aside(account, "1102", Kind.VIDEO)
    assert used(ring, Kind.VIDEO) == {FIRST, SECOND}
    assert [state.reason for state in ring.states()] == [None, None]


def test_states_tell_what_a_key_is_set_aside_for(ring: Keyring) -> None:
    """One state for a key in use; for another, one for each thing that it is set aside for."""
    account = account_of(ring, FIRST)
    ring.set_aside(account, "1102", Kind.VIDEO)
    ring.set_aside(account, "1101", Kind.IMAGE)
    *aside, good = ring.states()
    assert {(state.account, state.kind, state.reason) for state in aside} == {
        (account, Kind.VIDEO, "1102"),
        (account, Kind.IMAGE, "1101"),
    }
    assert all(0 < state.usable_in_seconds <= keyring.SET_ASIDE_SECONDS for state in aside)
    assert (good.usable_in_seconds, good.reason, good.kind) == (0.0, None, None)
    ring.set_aside(account, "401")
    assert (account, None, "401") in {(state.account, state.kind, state.reason) for state in ring.states()}


def test_no_secret_shows(ring: Keyring) -> None:
    """Neither in a key's repr nor in the states; a fingerprint differs by key and by address."""
    key = ring.next(Kind.IMAGE)
    assert FIRST not in repr(key) + repr(ring.states())
    elsewhere = Keyring([(FIRST,)], place="https://acme.example/cn").next(Kind.IMAGE)
    assert key
    assert elsewhere
    assert len({key.account, elsewhere.account, account_of(ring, SECOND)}) == 3


def test_a_variable_holds_one_key_or_several() -> None:
    """With commas between them; blanks are nobody's key."""
    assert from_variable({"KEY": " a , b,, "}, "KEY") == [("a",), ("b",)]
    assert from_variable({"KEY": " "}, "KEY") == from_variable({}, "KEY") == []
