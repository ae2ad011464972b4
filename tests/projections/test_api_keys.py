"""Laws of the read model of API keys: one row for each key, the fold of its stream, newest first, without secrets."""

from domain.api_key import ApiKeyChanged, ApiKeyIssued, ApiKeyRevoked, KeyLimits, Scope
from domain.ids import key_stream
from projections.api_keys import API_KEYS, KeyView, last_used, page
from tests.projections.projection_rig import ProjectionRig
from tests.projections.scenario import AT

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LIMITS = KeyLimits(tasks_in_flight=2)


def issued(key: str) -> ApiKeyIssued:
    return ApiKeyIssued(key=key, owner="studio", scopes=(Scope.CLIENT,), sha256=SHA, at=AT)


async def test_a_key_is_as_its_events_made_it(rig: ProjectionRig) -> None:
    """The row has the latest scopes and limits, and whether it was revoked; without an issue there is none."""
    await rig.append(key_stream("key_a"), issued("key_a"))
    await rig.append(key_stream("key_a"), ApiKeyChanged(scopes=(Scope.CLIENT, Scope.ANALYST), limits=LIMITS, at=AT))
    await rig.append(key_stream("key_b"), issued("key_b"), ApiKeyRevoked(reason="lost", at=AT))
    await rig.append(key_stream("key_c"), ApiKeyRevoked(at=AT))
    await rig.begin()
    await rig.follow(API_KEYS)
    found = await page(rig.pool, before=None, limit=10)
    assert [item.view for item in found] == [
        KeyView(id="key_b", owner="studio", scopes=(Scope.CLIENT,), issued_at=AT, revoked_at=AT),
        KeyView(id="key_a", owner="studio", scopes=(Scope.CLIENT, Scope.ANALYST), limits=LIMITS, issued_at=AT),
    ]
    assert SHA not in str(found)
    (second,) = await page(rig.pool, before=found[0].position, limit=10)
    assert second == found[1]


async def test_a_key_that_was_used_says_when(rig: ProjectionRig) -> None:
    """The time of the last use comes from beside the log, and a rebuild keeps it."""
    await rig.append(key_stream("key_a"), issued("key_a"))
    await rig.follow(API_KEYS)
    assert await last_used(rig.pool, "key_a") is None
    await rig.pool.execute("INSERT INTO api_key_uses (key, used_at) VALUES ('key_a', $1)", AT)
    (found,) = await page(rig.pool, before=None, limit=10)
    assert found.view.last_used_at == await last_used(rig.pool, "key_a") == AT
