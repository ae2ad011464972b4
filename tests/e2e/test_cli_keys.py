"""`pixel keys …`: a key is printed once, alone, and everything else is done by its id."""

import json

from domain.api_key import parse_key
from tests.e2e.service import run


async def test_a_key_on_the_command_line(database: str) -> None:
    """Create prints the key alone; list, show, change and revoke show everything but its secret; errors name the
    option."""
    here = {"PIXEL_DATABASE_URL": database}
    wish = ("--owner", "studio", "--scope", "client", "--project", "p", "--kind", "image", "--money-per-day", "5.00")
    code, text, said = await run("keys", "create", *wish, environment=here)
    parts = parse_key(text.removesuffix("\n"))
    assert (code, parts is not None) == (0, True), said
    assert parts is not None
    assert parts.id in said
    code, shown, _ = await run("keys", "show", parts.id, environment=here)
    key = json.loads(shown)
    assert (code, key["id"], key["owner"], key["scopes"]) == (0, parts.id, "studio", ["client"])
    assert key["limits"] == {"projects": ["p"], "kinds": ["image"], "money_per_day": "5.00"}
    code, changed, _ = await run("keys", "change", parts.id, "--tasks-in-flight", "3", environment=here)
    assert (code, json.loads(changed)["limits"]) == (0, key["limits"] | {"tasks_in_flight": 3})
    code, revoked, _ = await run("keys", "revoke", parts.id, "--reason", "lost", environment=here)
    assert (code, "revoked_at" in json.loads(revoked)) == (0, True)
    code, listed, _ = await run("keys", "list", environment=here)
    assert code == 0
    for output in (shown, changed, revoked, listed, said):
        assert parts.secret not in output
    for arguments in (
        ("create", "--owner", "a", "--scope", "client", "--tasks-in-flight", "0"),
        ("create", "--owner", "a", "--scope", "client", "--kind", "smell"),
        ("create", "--owner", "", "--scope", "client"),
        ("show", "key_nobodys"),
        ("change", parts.id, "--scope", "admin"),
    ):
        code, output, said = await run("keys", *arguments, environment=here)
        assert (code, output) == (1, ""), arguments
        assert said.count("\n") == 1
        assert "Traceback" not in said
