"""Prompts, keys and tokens stay secret: at every level of the log, and in every `repr`."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from adapters.providers.base import Access
from adapters.providers.registry import ProviderRegistry
from domain.base import Value
from services.callback_urls import callback_token
from services.settings import Settings
from tests.e2e.service import pixel
from tests.simulators.example_requests import PLACES
from tests.simulators.serve import make, served

PROMPT, TOKEN, SECRET = "the-secret-prompt-of-this-test", "the-secret-token-of-this-test", "the-secret-of-callbacks"
KEY = "ms-0000000000000002"
IMAGE = {"model": "modelscope/qwen-image", "resolution": "1K", "aspectRatio": "16:9"}


@pytest.mark.parametrize("level", ["debug", "info"])
async def test_no_secret_reaches_the_log(database: str, folder: Path, level: str) -> None:
    """After good and refused requests, calls in doubt, requests with and without admin access, valid and forged
    callbacks, the log contains no prompt, key, token or secret at any level."""
    async with served(make("modelscope")) as address:
        settings = {"log_level": level, "private_hosts": urlsplit(address).netloc, "admin_token": TOKEN}
        settings |= {"callback_secret": SECRET, "public_url": "https://pixel.example"}
        keys = PLACES["modelscope"].settings(address) | {"MODELSCOPE_API_KEY": f"{KEY},ms-refused-key-0001"}
        async with pixel(database, folder, settings=settings, environment=keys) as service:
            service.client.headers["Authorization"] = f"Bearer {TOKEN}"
            tasks = [await service.post("image", IMAGE | {"prompt": f"{PROMPT} {n}"}) for n in range(4)]
            marks = ("[[reset_after]]", "[[moderated_input]]", "[[job_failed]]")
            tasks += [await service.post("image", IMAGE | {"prompt": f"{PROMPT} {mark}"}) for mark in marks]
            for task in tasks:
                await service.ended(task)
            call = f"{tasks[4]}.1"
            given = callback_token(SECRET, "modelscope", call)
            strangers = "the-secret-of-a-stranger"
            answers = [
                await service.client.post("/api/v1/generations/image", json={"prompt": PROMPT, "model": "x"}),
                await service.client.post("/api/v1/generations/image", content=f'{{"prompt": "{PROMPT}"'),
                await service.client.get("/api/v1/admin/calls", headers={"Authorization": f"Bearer {TOKEN}"}),
                await service.client.get("/api/v1/admin/calls", headers={"Authorization": f"Bearer {strangers}"}),
                await service.client.post(f"/api/v1/callbacks/modelscope/{call}/{given}", json={"prompt": PROMPT}),
                await service.client.post(f"/api/v1/callbacks/modelscope/{call}/{strangers}"),
                await service.client.get("/health/ready"),
                await service.client.get("/metrics"),
            ]
            assert [answer.status_code for answer in answers] == [400, 400, 200, 401, 200, 404, 200, 200]
            # The answer for an unknown path contains the path, but the log does not.
            await service.client.get(f"/api/v1/callbacks/modelscope/{call}/{given}")
            await service.client.post(f"/api/v1/callbacks/modelscope/{call}/{given}/more")
        log = service.log(last=5000)
        assert '"call recorded"' in log  # it is not silent
        assert f"/api/v1/callbacks/modelscope/{call}/***" in log
        visible = log + "".join(answer.text for answer in answers)
        for secret in (PROMPT, TOKEN, SECRET, given, strangers, KEY, "ms-refused-key-0001"):
            assert secret not in visible, [line for line in visible.splitlines() if secret in line][:3]


def test_no_repr_contains_a_secret() -> None:
    """No `repr` of the settings, of an adapter or of its access contains a secret, in a trace or printed by hand."""
    settings = Settings(
        admin_token=TOKEN,
        callback_secret=SECRET,
        webhook_secret=f"{SECRET}-and-webhooks",
        database_url="postgresql://pixel:hunter2-of-this-test@db/pixel",
    )
    keys = {"MODELSCOPE_API_KEY": KEY}
    adapter = ProviderRegistry({}, keys)
    access = Access("modelscope", "https://example.com", None, None, Value, keys)  # type: ignore[arg-type]
    visible = f"{settings!r} {settings} {settings.redacted()} {adapter!r} {access!r}"
    for secret in (TOKEN, SECRET, "hunter2-of-this-test", KEY):
        assert secret not in visible
    assert "PIXEL_ADMIN_TOKEN" in visible
