"""The keys of one provider: which is next, which are set aside and for what, and that no secret leaks."""

import pytest

from adapters.providers import keyring
from adapters.providers.keyring import Key, Keyring, KeyState, from_variable
from domain.model import Kind

FIRST, SECOND = "sk-first-secret", "sk-second-secret"


@pytest.fixture
def ring() -> Keyring:
    return Keyring([(FIRST,), (SECOND,)], place="https://acme.example")


def used(ring: Keyring, kind: Kind) -> set[str]:
    """The secrets that the next calls of a kind would use."""
    return {key.secret for key in (ring.next(kind) for _ in range(4)) if key}


def account_of(ring: Keyring, secret: str) -> str:
    """The account of a key while no key is set aside."""
    keys = [ring.next(Kind.IMAGE) for _ in range(2)]
    return next(key.account for key in keys if key and key.secret == secret)


def test_keys_are_used_in_turn(ring: Keyring) -> None:
    """One after the other, for all kinds of work."""
    kinds = (Kind.IMAGE, Kind.VIDEO, Kind.IMAGE, Kind.LLM)
    assert [key.secret for key in map(ring.next, kinds) if key] == [FIRST, SECOND, FIRST, SECOND]


def test_a_key_that_is_set_aside_is_not_used(ring: Keyring) -> None:
    """Until it is tried again; the other key does the work meanwhile, and calls of the first one are still polled."""
    account = account_of(ring, FIRST)
    ring.set_aside(account, "401")
    for kind in Kind:
        assert used(ring, kind) == {SECOND}
        assert ring.any_usable(kind)
    found = ring.find(account)
    assert found
    assert found.secret == FIRST


def test_a_key_set_aside_for_one_kind_is_used_for_the_others(ring: Keyring) -> None:
    """A used-up pack of videos does not stop images."""
    ring.set_aside(account_of(ring, FIRST), "1102", Kind.VIDEO)
    assert used(ring, Kind.VIDEO) == {SECOND}
    assert used(ring, Kind.IMAGE) == {FIRST, SECOND}
    ring.set_aside(account_of(ring, SECOND), "1102", Kind.VIDEO)
    assert used(ring, Kind.VIDEO) == set()
    assert not ring.any_usable(Kind.VIDEO)
    assert ring.any_usable(Kind.AUDIO)


def test_only_keys_that_fit_count(ring: Keyring) -> None:
    """A key for another service of the vendor is never used."""

    def fits(key: Key) -> bool:
        return key.secret == FIRST

    ring.set_aside(account_of(ring, FIRST), "1102", Kind.VIDEO)
    assert ring.next(Kind.VIDEO, fits) is None
    assert not ring.any_usable(Kind.VIDEO, fits)
    assert ring.next(Kind.IMAGE, fits)


def test_a_key_is_tried_again_after_a_while(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account may have been repaired at the provider; this holds for both ways of setting aside."""
    monkeypatch.setattr(keyring, "SET_ASIDE_SECONDS", 0.0)
    account = account_of(ring, FIRST)
    ring.set_aside(account, "401")
    ring.set_aside(account, "1102", Kind.VIDEO)
    assert used(ring, Kind.VIDEO) == {FIRST, SECOND}
    assert [state.reason for state in ring.states()] == [None, None]


def test_states_name_what_a_key_is_set_aside_for(ring: Keyring) -> None:
    """One state for a key in use; for others, one state for each kind that the key is set aside for."""
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
    """Neither a key's repr nor its states contain the secret; fingerprints differ by key and by address."""
    key = ring.next(Kind.IMAGE)
    assert FIRST not in repr(key) + repr(ring.states())
    elsewhere = Keyring([(FIRST,)], place="https://acme.example/cn").next(Kind.IMAGE)
    assert key
    assert elsewhere
    assert len({key.account, elsewhere.account, account_of(ring, SECOND)}) == 3


def test_a_variable_holds_one_key_or_several() -> None:
    """Keys are separated by commas; blanks are no key."""
    assert from_variable({"KEY": " a , b,, "}, "KEY") == [("a",), ("b",)]
    assert from_variable({"KEY": " "}, "KEY") == from_variable({}, "KEY") == []


# --- Evidence that a key is bad ---


class Clock:
    """The time of the keyring."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that a test moves."""
    clock = Clock()
    monkeypatch.setattr(keyring, "time", clock)
    return clock


@pytest.fixture
def only() -> Keyring:
    return Keyring([(FIRST,)], place="https://acme.example")


def account(ring: Keyring) -> str:
    return account_of(ring, FIRST)


def test_refused_queries_of_one_moment_are_no_proof(only: Keyring, clock: Clock) -> None:
    """One, or a whole batch at once: the key stays in use."""
    name = account(only)
    for _ in range(50):
        only.query_refused(name, "401", Kind.IMAGE, used_up=False)
    assert only.states() == [KeyState(account=name, usable_in_seconds=0.0)]
    assert used(only, Kind.IMAGE) == {FIRST}


def test_queries_that_are_refused_for_a_while_are_proof(only: Keyring, clock: Clock) -> None:
    """Over some time, without a success in between; a success starts the count again."""
    name = account(only)
    for good in (True, False):
        for _ in range(keyring.REFUSED_QUESTIONS):
            only.query_refused(name, "401", Kind.IMAGE, used_up=False)
            clock.now += keyring.REFUSED_QUESTIONS_SECONDS / 2.5
        if good:
            only.succeeded(name, Kind.VIDEO, is_order=False)
            assert used(only, Kind.IMAGE) == {FIRST}
    only.query_refused(name, "401", Kind.IMAGE, used_up=False)
    assert used(only, Kind.IMAGE) == set()
    assert [state.reason for state in only.states()] == ["401"]


def test_a_refused_order_is_proof(only: Keyring, clock: Clock) -> None:
    """For all work; for one kind only if a quota is used up, or if the key works for another kind."""
    name = account(only)
    only.order_refused(name, "401", Kind.IMAGE, used_up=False)
    assert [only.next(kind) for kind in Kind] == [None] * len(Kind)
    other = Keyring([(FIRST,)], place="https://acme.example")
    other.succeeded(name, Kind.VIDEO, is_order=False)
    other.order_refused(name, "401", Kind.IMAGE, used_up=False)
    other.order_refused(name, "402", Kind.AUDIO, used_up=True)
    assert {kind for kind in Kind if other.next(kind)} == {Kind.VIDEO, Kind.LLM}


def test_an_old_success_proves_nothing_about_a_key(only: Keyring, clock: Clock) -> None:
    """A key that was withdrawn since then is bad for all kinds."""
    name = account(only)
    only.succeeded(name, Kind.VIDEO, is_order=True)
    clock.now += keyring.SET_ASIDE_SECONDS
    only.order_refused(name, "401", Kind.IMAGE, used_up=False)
    assert only.next(Kind.VIDEO) is None


def test_the_last_key_is_probed(only: Keyring, clock: Clock) -> None:
    """By one call at a time, after growing pauses; a successful order brings it back at once."""
    name = account(only)
    pauses: list[float] = []
    for _ in range(9):
        only.order_refused(name, "401", Kind.IMAGE, used_up=False)
        assert only.next(Kind.IMAGE) is None
        (state,) = only.states()
        pauses.append(state.usable_in_seconds)
        clock.now += state.usable_in_seconds
        assert only.next(Kind.IMAGE)
        assert only.next(Kind.IMAGE) is None or state.usable_in_seconds == keyring.SET_ASIDE_SECONDS
    assert pauses == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]
    only.succeeded(name, Kind.IMAGE, is_order=False)
    only.order_refused(name, "401", Kind.IMAGE, used_up=False)
    assert only.next(Kind.IMAGE) is None
    only.succeeded(name, Kind.IMAGE, is_order=True)
    assert used(only, Kind.IMAGE) == {FIRST}
    only.order_refused(name, "401", Kind.IMAGE, used_up=False)
    assert only.states()[0].usable_in_seconds == keyring.PROBE_SECONDS


def test_a_key_is_not_probed_while_another_works(ring: Keyring, clock: Clock) -> None:
    """No order is risked on it before its pause is over; once the other key fails, it may be tried."""
    first, second = account(ring), account_of(ring, SECOND)
    ring.order_refused(first, "401", Kind.IMAGE, used_up=False)
    clock.now += keyring.SET_ASIDE_SECONDS / 2
    assert used(ring, Kind.IMAGE) == {SECOND}
    ring.order_refused(second, "401", Kind.IMAGE, used_up=False)
    assert used(ring, Kind.IMAGE) == {FIRST}
