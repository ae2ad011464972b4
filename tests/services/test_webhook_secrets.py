"""Laws of the secrets of webhooks, and the code of the documentation, which has to verify what Pixel signs."""

import asyncio
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from domain.base import Rejected
from domain.webhook import SigningSecret, Webhook
from services.webhook_secrets import WebhookSecrets
from tests.documents import ROOT

MASTER, NEXT = "a-master-secret-of-this-test-of-some-length", "another-master-secret-of-this-test-which-is-long"
WEBHOOK = Webhook(id="webhook_01kh5rfm0se1jb4gcrc1rz1bq1", owner="acme", url="https://app.example/")
BODY = '{"type":"task","position":7,"data":{"id":"task_1","status":"completed","result":{"text":"a 猫"}}}'
DOCUMENT = (ROOT / "docs/webhooks.md").read_text()
NODE = shutil.which("node")


def signed(secrets: WebhookSecrets, webhook: Webhook = WEBHOOK, at: datetime | None = None) -> dict[str, str]:
    return secrets.headers(webhook, "task_1.5", BODY, at or datetime.now(UTC))


def verifies(secret: str, headers: dict[str, str]) -> bool:
    try:
        Verifier(secret).verify(BODY, headers)
    except WebhookVerificationError:
        return False
    return True


def test_each_webhook_and_each_generation_has_its_own_secret() -> None:
    """The same webhook has the same secret in every process; another one, or another generation, has another."""
    rotated = Webhook(id=WEBHOOK.id, secrets=(SigningSecret(generation=2),))
    other = Webhook(id=WEBHOOK.id[:-1] + "2")
    found = [WebhookSecrets([master]).newest(each) for master in (MASTER, NEXT) for each in (WEBHOOK, rotated, other)]
    assert len(set(found)) == 6
    assert WebhookSecrets([MASTER]).newest(WEBHOOK) == found[0]
    assert all(re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret) for secret in found)


def test_while_the_master_is_changed_both_sign() -> None:
    """The first value makes the secrets that are told; what was told before verifies as long as the old value is
    there."""
    before, both, after = WebhookSecrets([MASTER]), WebhookSecrets([NEXT, MASTER]), WebhookSecrets([NEXT])
    assert both.newest(WEBHOOK) == after.newest(WEBHOOK)
    assert verifies(before.newest(WEBHOOK), signed(both))
    assert verifies(after.newest(WEBHOOK), signed(both))
    assert not verifies(before.newest(WEBHOOK), signed(after))


def test_old_messages_are_refused_by_receivers() -> None:
    """The time of the attempt is signed, so that nobody can play a message again later."""
    secrets = WebhookSecrets([MASTER])
    assert verifies(secrets.newest(WEBHOOK), signed(secrets))
    assert not verifies(secrets.newest(WEBHOOK), signed(secrets, at=datetime.now(UTC) - timedelta(minutes=6)))


def test_without_a_master_there_are_no_secrets() -> None:
    """What can't be signed is not promised."""
    with pytest.raises(Rejected) as refused:
        WebhookSecrets([]).newest(WEBHOOK)
    assert refused.value.code == "webhooks_unavailable"


# --- The documentation ---


def code(language: str, marker: str) -> str:
    """The block of the documentation in this language that has the marker."""
    [block] = [text for text in re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL) if marker in text]
    return str(block)


def test_the_python_of_the_documentation_verifies() -> None:
    """It takes a message that Pixel signed, and no other."""
    secrets = WebhookSecrets([MASTER])
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(code("python", "def receive").replace("whsec_…", secrets.newest(WEBHOOK)), names)  # the code of the document
    headers = signed(secrets)
    assert names["receive"](BODY.encode(), headers) == 204
    assert names["receive"](BODY.replace("a ", "b ").encode(), headers) == 400
    assert names["receive"](BODY.encode(), signed(WebhookSecrets([NEXT]))) == 400


@pytest.mark.skipif(NODE is None, reason="node is not installed: the document's JavaScript can't run")
async def test_the_javascript_of_the_documentation_verifies() -> None:
    """It takes a message that Pixel signed, with any of several signatures, and no other."""
    secrets = WebhookSecrets([NEXT, MASTER])
    secret = WebhookSecrets([MASTER]).newest(WEBHOOK)
    headers = signed(secrets)
    old = signed(secrets, at=datetime.now(UTC) - timedelta(minutes=6))
    forged = headers | {"webhook-signature": "v1,Zm9yZ2Vk v2,whatever"}
    cases = [
        (headers, BODY),
        (headers, BODY + " "),
        (old, BODY),
        (forged, BODY),
        (signed(WebhookSecrets([NEXT])), BODY),
    ]
    program = code("js", "function isGenuine")
    program += (
        f"console.log(JSON.stringify({json.dumps(cases)}.map(([h, b]) => isGenuine({json.dumps(secret)}, h, b))));"
    )
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        *(NODE, "--input-type=module", "--eval", program),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert json.loads(output) == [True, False, False, False, False]
