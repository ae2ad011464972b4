"""How is a message posted to a webhook? Through the guard, once; the answer is its status, and nothing of its body."""

import asyncio
from collections.abc import Mapping

import httpx

from adapters.outbound.client import Reply
from adapters.outbound.ssrf_guard import Blocked, Guard
from domain.base import Value

ATTEMPT_SECONDS = 20.0
CONNECT_SECONDS = 5.0
MAX_PAUSE_SECONDS = 86400.0

_WORDS = {
    "ConnectError": "no connection: the host can't be found or does not answer",
    "ConnectTimeout": "the connection was not taken in time",
    "ReadError": "the connection broke before the answer",
    "WriteError": "the connection broke before everything was sent",
    "RemoteProtocolError": "the answer was cut off or is no HTTP",
}


class WebhookAnswer(Value):
    """What came back: a status, or the reason why there is none. `retry_after_seconds` is what the webhook asks for,
    MAX_PAUSE_SECONDS at most."""

    status: int | None = None
    error: str | None = None
    retry_after_seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether the webhook has taken the message. A redirect is no yes: it is not followed."""
        return self.status is not None and 200 <= self.status < 300


class WebhookClient:
    """Posts messages. Each goes over a connection of its own, to addresses that were resolved and checked for it."""

    def __init__(self, guard: Guard) -> None:
        timeout = httpx.Timeout(ATTEMPT_SECONDS, connect=CONNECT_SECONDS)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._client = guard.client(timeout=timeout, limits=limits, headers={"User-Agent": "Pixel"})

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> WebhookAnswer:
        """Post JSON, and wait for the head of the answer, ATTEMPT_SECONDS in total."""
        sent = {"Content-Type": "application/json", **headers}
        try:
            async with (
                asyncio.timeout(ATTEMPT_SECONDS),
                self._client.stream("POST", url, content=body, headers=sent) as answer,
            ):
                asked = Reply(answer.status_code, answer.headers, b"").retry_after_seconds or 0.0
                return WebhookAnswer(status=answer.status_code, retry_after_seconds=min(asked, MAX_PAUSE_SECONDS))
        except Blocked as error:
            return WebhookAnswer(error=str(error))
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout):
            return WebhookAnswer(error=f"no answer within {ATTEMPT_SECONDS:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            name = type(error).__name__
            return WebhookAnswer(error=_WORDS.get(name, name))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
