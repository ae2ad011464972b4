"""Open to whom? Without an API key to this machine only; the first key may come from a variable."""

from pathlib import Path

from tests.e2e.service import pixel, run

ADDRESS = {"PIXEL_HOST": "0.0.0.0", "PIXEL_PORT": "0"}
SECRET = "0123456789abcdef" * 4
FIRST = f"pxl_admin_{SECRET}"


async def test_without_a_key_it_listens_to_its_own_machine_only(database: str, folder: Path) -> None:
    """On another address it does not start, and says what to do; PIXEL_OPEN lets it, with a warning in log and health;
    on a loopback address there is none."""
    here = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder), "PIXEL_LOG_LEVEL": "error"}
    code, output, said = await run("serve", environment=here | ADDRESS)
    assert (code, output) == (2, "")
    for word in ("PIXEL_HOST", "0.0.0.0", "pixel keys create", "PIXEL_FIRST_ADMIN_KEY", "PIXEL_OPEN"):
        assert word in said
    assert "Traceback" not in said
    async with pixel(database, folder, settings={"host": "0.0.0.0", "open": "true"}) as service:
        assert "pixel is open" in service.log(last=5000)
        (warning,) = (await service.client.get("/health/ready")).json()["warnings"]
        assert warning.startswith("access:")
        assert (await service.client.get("/api/v1/tasks")).status_code == 200
    async with pixel(database, folder, settings={"open": "true"}) as service:
        assert (await service.client.get("/health/ready")).json()["warnings"] == []
        assert "pixel is open" not in service.log(last=5000)


async def test_a_first_key_may_come_from_a_variable(database: str, folder: Path) -> None:
    """It is issued once, closes Pixel, and makes others; the log has nothing of its secret, nor has any answer; another
    secret under its id stops the start, and one that was revoked stays so."""
    settings = {"host": "0.0.0.0", "first_admin_key": FIRST}
    mine = {"Authorization": f"Bearer {FIRST}"}
    for _ in range(2):
        async with pixel(database, folder, settings=settings) as service:
            assert (await service.client.get("/api/v1/tasks")).status_code == 401
            listed = await service.client.get("/api/v1/admin/keys", headers=mine)
            (key,) = listed.json()["data"]["keys"]
            assert (key["id"], key["scopes"]) == ("key_admin", ["admin"])
            assert SECRET not in listed.text + service.log(last=5000)
    async with pixel(database, folder, settings={"host": "0.0.0.0"}) as service:
        revoked = await service.client.post("/api/v1/admin/keys/key_admin/revoke", headers=mine)
        assert revoked.status_code == 200
    async with pixel(database, folder, settings=settings) as service:
        assert (await service.client.get("/api/v1/admin/keys", headers=mine)).status_code == 401
    here = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder), "PIXEL_LOG_LEVEL": "error"}
    other = here | {"PIXEL_PORT": "0", "PIXEL_FIRST_ADMIN_KEY": FIRST[:-1] + "x"}
    code, _, said = await run("serve", environment=other)
    assert (code, "PIXEL_FIRST_ADMIN_KEY" in said, SECRET[:-1] in said) == (2, True, False)
    code, _, said = await run("serve", environment=other | {"PIXEL_FIRST_ADMIN_KEY": "secret"})
    assert (code, "PIXEL_FIRST_ADMIN_KEY" in said) == (2, True)
