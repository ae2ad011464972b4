"""Laws of the clock and of chance: times are in UTC and pauses never negative, ids and secrets can't be guessed."""

import time
from datetime import UTC, datetime

from application.clock import monotonic, new_key_id, new_secret, now
from domain.api_key import KeyText, parse_key

DIGITS = set("0123456789abcdefghjkmnpqrstvwxyz")


def test_times_are_in_utc() -> None:
    """It is the time of now, which can be compared with any that was recorded."""
    before = datetime.now(UTC)
    at = now()
    assert before <= at <= datetime.now(UTC)
    assert at.tzinfo is UTC


def test_pauses_are_measured_by_a_clock_that_never_goes_back() -> None:
    """In seconds."""
    before = time.monotonic()
    assert before <= monotonic() <= time.monotonic()


def test_an_id_of_a_key_has_eighty_bits() -> None:
    """16 digits, of which none is taken for another, and each of which comes up anywhere."""
    ids = [new_key_id() for _ in range(1000)]
    assert len(set(ids)) == len(ids)
    for name in ids:
        word, _, digits = name.partition("_")
        assert (word, len(digits)) == ("key", 16)
    for place in range(16):
        assert {name[4 + place] for name in ids} == DIGITS


def test_a_secret_has_256_bits() -> None:
    """It stands in the text of a key, which is read back as it was."""
    secrets = [new_secret() for _ in range(1000)]
    assert len(set(secrets)) == len(secrets)
    assert {len(bytes.fromhex(secret)) for secret in secrets} == {32}
    name, secret = new_key_id(), secrets[0]
    assert parse_key(f"pxl_{name.removeprefix('key_')}_{secret}") == KeyText(name, secret)
