"""Keys on many nodes: one that is revoked stops everywhere within a second, and money is bounded over all of them."""

import asyncio
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from adapters.postgres.database import migrate
from domain.api_key import parse_key
from tests.e2e.database import Server
from tests.e2e.service import Service, eventually, pixel, run
from tests.patience import patient

REVOKED_SECONDS = 1.0
PRICED = """
providers:
  sandbox: {}
models:
  - {id: sandbox/text, name: Text, type: llm, currency: USD, prices: [{unit: call, amount: 0.01}]}
"""
WISH = {"model": "sandbox/text", "prompt": "Hello"}
TEXT = "/api/v1/generations/text"


async def issued(database: str, *options: str) -> str:
    """A new client key."""
    arguments = ("keys", "create", "--owner", "studio", "--scope", "client", *options)
    code, text, said = await run(*arguments, environment={"PIXEL_DATABASE_URL": database})
    assert code == 0, said
    return text.strip()


async def test_a_revoked_key_stops_on_every_node(database: str, folder: Path) -> None:
    """Under requests without a pause on two nodes, nothing is accepted with a key a second after its revocation was
    recorded, on neither; a key of the same owner goes on."""
    gone, stays = await issued(database), await issued(database)
    parts = parse_key(gone)
    assert parts is not None
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(pixel(database, folder, role="worker"))
        nodes = [await stack.enter_async_context(pixel(database, folder, role="api", wait="ready")) for _ in range(2)]
        answers: list[tuple[float, str, int]] = []  # when it was sent, with which key, and the status
        stop = asyncio.Event()

        async def load(node: Service, key: str) -> None:
            while not stop.is_set():
                sent = time.monotonic()
                answer = await node.client.post(TEXT, json=WISH, headers={"Authorization": f"Bearer {key}"})
                answers.append((sent, key, answer.status_code))

        callers = [asyncio.create_task(load(node, key)) for node in nodes for key in (gone, stays) for _ in range(2)]
        while len(answers) < 40:
            await asyncio.sleep(0.01)
        code, _, said = await run("keys", "revoke", parts.id, environment={"PIXEL_DATABASE_URL": database})
        revoked = time.monotonic()
        assert code == 0, said
        count = len(answers)
        while len(answers) < count + 40 or time.monotonic() < revoked + patient(REVOKED_SECONDS) + 0.5:
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.gather(*callers)
    statuses = {key: Counter(status for _, each, status in answers if each == key) for key in (gone, stays)}
    assert statuses[stays].keys() == {200}
    assert statuses[gone].keys() == {200, 401}
    late = [sent - revoked for sent, key, status in answers if key == gone and status == 200 and sent > revoked]
    assert max(late, default=0.0) < patient(REVOKED_SECONDS)


async def test_the_keys_hold_while_the_database_is_away(folder: Path) -> None:
    """Who had a key that works is told to come back, and not that the key is wrong; a wrong one is refused as ever, and
    nobody gets in because nothing can be read."""
    server = Server(folder / "server")
    async with server.running():
        await migrate(server.dsn)
        key = await issued(server.dsn)
        async with pixel(server.dsn, folder, settings={"append_patience_seconds": 1}) as service:

            async def status(path: str, text: str) -> int:
                headers = {"Authorization": f"Bearer {text}"} if text else {}
                return (await service.client.get(path, headers=headers)).status_code

            assert await status("/api/v1/models", key) == 200
            await server.end(signal.SIGKILL)

            async def away() -> bool:
                return await status("/api/v1/tasks", key) == 503

            await eventually("lists to fail", away)
            assert await status("/api/v1/models", key) == 200
            for wrong in ("", key[:-1] + ("0" if key[-1] != "0" else "1")):
                assert await status("/api/v1/models", wrong) == 401
            async with server.running():  # the outer one stops it
                pass


async def test_the_money_of_a_key_is_bounded_over_two_processes(database: str, folder: Path, tmp_path: Path) -> None:
    """32 posts at once at each of two processes: each accepts what the money is enough for and no more, so together
    they exceed it by what they accept in the same moment, once its amount at most; afterwards neither accepts more."""
    catalogue = tmp_path / "catalog.yaml"
    await asyncio.to_thread(catalogue.write_text, PRICED)
    key = await issued(database, "--money-per-day", "0.10")
    settings = {"catalog": str(catalogue)}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(pixel(database, folder, role="worker", settings=settings))
        nodes = [
            await stack.enter_async_context(pixel(database, folder, role="api", settings=settings)) for _ in range(2)
        ]

        async def ask(node: Service) -> Any:
            answer = await node.client.post(TEXT, json=WISH, headers={"Authorization": f"Bearer {key}"})
            return answer.status_code

        found = await asyncio.gather(*(asyncio.gather(*(ask(node) for _ in range(32))) for node in nodes))
        accepted = [statuses.count(200) for statuses in found]
        assert {status for statuses in found for status in statuses} <= {200, 402}
        assert max(accepted) <= 10
        assert 10 <= sum(accepted) <= 20
        async with asyncio.timeout(patient(30)):
            while await counted(nodes[0], key) < sum(accepted):
                await asyncio.sleep(0.02)
        assert [await ask(node) for node in nodes] == [402, 402]


async def counted(node: Service, key: str) -> int:
    """How many tasks the read model of tasks has for this key."""
    answer = await node.client.get("/api/v1/tasks?limit=200", headers={"Authorization": f"Bearer {key}"})
    return len(answer.json()["data"]["tasks"])
