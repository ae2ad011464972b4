"""What does a provider's callback change? The task is polled at once, and nothing else.

The URL of each call contains a token that only Pixel can make, and only the provider receives it. A provider that signs
its callbacks has to have signed this one, too. The body is not trusted: at most it names the job, and the state of the
job is then polled with our own key."""

import hmac
from collections.abc import Mapping
from typing import Annotated, NamedTuple

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres import work_queue
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from adapters.providers.base import HttpProvider
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID, TASK_ID
from api.http.request_reader import AnyRequest
from api.http.responses import JsonResponse, ok
from application import callbacks
from application.ports import Cause
from domain.base import Rejected, Value
from services.callback_urls import callback_token
from services.settings import Settings


class CallbackDeps(NamedTuple):
    """What this handler uses. `providers` are those that are spoken to over HTTP."""

    settings: Settings
    pool: Pool
    log: EventLog
    providers: Mapping[str, HttpProvider]


class _Handshake(Value):
    challenge: Annotated[str, Meta(max_length=1000)] | None = None


class CallbackAck(Value):
    """The hint was taken."""

    taken: Annotated[bool, Meta(description="Always true", examples=[True])] = True


@post("/api/v1/callbacks/{provider:str}/{call_id:str}/{token:str}", status_code=200)
async def called_back(
    request: AnyRequest,
    deps: Injected[CallbackDeps],
    provider: FromPath[str],
    call_id: FromPath[str],
    token: FromPath[str],
) -> ASGIApp:
    """Poll the task at once. Duplicates, foreign bodies and calls that ended long ago change nothing."""
    secret = deps.settings.callback_secret
    if secret is None or not hmac.compare_digest(token.encode(), callback_token(secret, provider, call_id).encode()):
        raise Rejected("call_unknown", "There is no such callback.")
    task_id = call_id.rpartition(".")[0]
    TASK_ID.set(task_id)
    body = await request.body()
    speaker = deps.providers.get(provider)
    if speaker and not await speaker.is_genuine_callback(request.headers, body):
        raise Rejected("call_unknown", "There is no such callback.")
    try:
        shake = msgspec.json.decode(body, type=_Handshake)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        shake = _Handshake()
    if shake.challenge is not None:
        return JsonResponse(msgspec.json.encode({"challenge": shake.challenge}))
    job = speaker.job_from_callback(body) if speaker else None
    if job is not None:
        cause = Cause(actor=f"provider:{provider}", request_id=REQUEST_ID.get(), correlation_id=task_id)
        await callbacks.called_back(deps.log, call_id, job=job, cause=cause)
    await work_queue.expedite(deps.pool, task_id=task_id)
    return ok(CallbackAck())


route_handlers = [called_back]
