"""A receiver of webhooks on a real socket: it verifies with the library for receivers, and misbehaves on demand."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook as Verifier

from tests.patience import patient

PATIENCE_SECONDS = 30.0
OK = "HTTP/1.1 204 No Content\r\n\r\n"


def status(code: int, *headers: str) -> str:
    """The head of an answer."""
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {code} Whatever", "Content-Length: 0", *headers, ""))


@dataclass
class Message:
    """What has arrived: the path, the headers, the body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The webhook-id."""
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        """The view of the task."""
        view: dict[str, Any] = json.loads(self.body)["data"]
        return view

    def verified(self, secret: str) -> dict[str, Any]:
        """The message, verified. Raises WebhookVerificationError."""
        message: dict[str, Any] = Verifier(secret).verify(self.body, self.headers)
        return message


@dataclass
class Receiver:
    """Answers with `answer`, and keeps what arrives. None as an answer: it hangs. With a `gate` it answers when that is
    open."""

    port: int = 0
    answer: Callable[[Message], str | None] = lambda _: OK
    gate: asyncio.Event | None = None
    messages: list[Message] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    open: set["asyncio.Task[Any]"] = field(default_factory=set)

    @property
    def place(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where webhooks lead."""
        return f"http://{self.place}/hooks"

    def of(self, task_id: str) -> list[Message]:
        """The messages about a task, in the order in which they came."""
        return [each for each in self.messages if each.id.startswith(f"{task_id}.")]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition of the messages holds."""
        async with asyncio.timeout(patient(PATIENCE_SECONDS)):
            while not condition():
                self.arrived.clear()
                await self.arrived.wait()

    async def ended(self, task_id: str) -> Message:
        """The first message about the end of a task."""
        await self.until(lambda: any(each.data["status"] in {"completed", "failed"} for each in self.of(task_id)))
        return next(each for each in self.of(task_id) if each.data["status"] in {"completed", "failed"})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                message = Message(first.split(" ")[1], headers, body)
                self.messages.append(message)
                answer = self.answer(message)
                self.arrived.set()
                if self.gate:
                    await self.gate.wait()
                if answer is None:
                    await asyncio.Event().wait()
                else:
                    writer.write(answer.encode())
                    await writer.drain()
        finally:
            writer.close()
            self.open.discard(task)


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    """A receiver that listens on a port of its own."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(receiver.open):
            task.cancel()
        await asyncio.gather(*receiver.open, return_exceptions=True)
        await server.wait_closed()
