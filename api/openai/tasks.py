"""How does a call in OpenAI's form become a task, and its answer? It is accepted as any other, and waited for."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final, NamedTuple

import msgspec

from adapters.postgres.database import DRIVER_ERRORS
from api.http.request_reader import AnyRequest
from api.http.sunset import sunset_headers
from api.openai import chat
from api.openai.errors import CallFailed
from api.openai.fields import Translated, renamed, wrong
from api.routes.asset_upload import UploadDeps
from api.routes.assets import AssetDeps
from api.routes.generations import GenerationDeps, accept
from api.routes.task_list import TaskListDeps
from api.routes.tasks import TaskDeps
from application import clock
from application.generations import AcceptedRequest
from application.ports import LogUnavailable
from domain.base import Rejected
from domain.model import Kind, ModelSpec
from projections.task_view import TaskError, TaskView
from services.live_texts import LiveTexts
from services.model_registry import ModelRegistry
from services.settings import Settings

TASK_HEADER: Final = "X-Pixel-Task"
ROUTES: Final = {
    Kind.IMAGE: "/v1/images/generations",
    Kind.VIDEO: "/v1/videos",
    Kind.AUDIO: "/v1/audio/speech",
    Kind.LLM: "/v1/chat/completions",
}
BEAT_SECONDS: Final = 15.0  # proxies close what is silent for a minute
# What a task can fail with, as far as the caller can do something about it; anything else is 502.
_STATUSES: Final = {
    "provider_rejected": 400,
    "content_rejected_input": 400,
    "content_rejected_output": 400,
    "input_missing": 400,
    "input_blocked_url": 400,
    "input_unreachable": 400,
    "input_not_an_image": 400,
    "input_too_large": 400,
    "cancelled": 409,
    "rate_limited": 429,
    "budget_exceeded": 429,
    "provider_unavailable": 503,
    "provider_unreachable": 503,
    "not_started": 504,
    "deadline_exceeded": 504,
}
_CODES: Final = {
    "content_rejected_input": "content_policy_violation",
    "content_rejected_output": "content_policy_violation",
    "budget_exceeded": "insufficient_quota",
}


class OpenAIDeps(NamedTuple):
    """What the handlers in OpenAI's form use: what those use that they translate to."""

    settings: Settings
    models: ModelRegistry
    generations: GenerationDeps
    tasks: TaskDeps
    lists: TaskListDeps
    uploads: UploadDeps
    assets: AssetDeps
    texts: LiveTexts


# --- The model ---


def model_or_default(models: ModelRegistry, model: str | None, kind: Kind) -> str:
    """The model that is asked for, or the default of its kind. Raises Rejected without either."""
    if model is not None:
        return model
    possible = [view for view in models.views.values() if view.type is kind and view.enabled]
    if not possible:
        raise wrong("model", "is required, as there is no default")
    return possible[0].id  # the default comes first


def spec_of(models: ModelRegistry, model: str, kind: Kind) -> ModelSpec | None:
    """The spec of a model of this kind; None for any other, which is refused when the request is checked."""
    known = models.available.get(model)
    return known.spec if known and known.spec.type is kind else None


# --- From a request to a task ---


class Call(NamedTuple):
    """A call whose task is recorded. `keyed`: it has an Idempotency-Key, so sent again it means the same task."""

    deps: OpenAIDeps
    accepted: AcceptedRequest
    keyed: bool

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every answer to it."""
        headers = {TASK_HEADER: self.accepted.task_id, "Cache-Control": "no-store"}
        headers |= sunset_headers(self.deps.settings, self.deps.models.available, self.accepted.model)
        return headers | ({"Idempotent-Replayed": "true"} if self.accepted.replayed else {})

    def failure(self, status: int, message: str, *, code: str, sent_again: bool) -> CallFailed:
        """The error that it ends with. `sent_again`: whether a client does well to send it again by itself."""
        headers = self.headers | {"X-Should-Retry": "true" if sent_again else "false"}
        return CallFailed(status, message, code=code, headers=headers)


async def begin(request: AnyRequest, deps: OpenAIDeps, kind: Kind, asked: Translated) -> Call:
    """Record the task of a request. Raises what `accept` raises; refusals name the parameters of the request."""
    try:
        accepted = await accept(request, deps.generations, kind, msgspec.json.encode(asked.body))
    except Rejected as refusal:
        raise _reworded(refusal, deps.models, asked) from None
    return Call(deps, accepted, keyed="idempotency-key" in request.headers)


def _reworded(refusal: Rejected, models: ModelRegistry, asked: Translated) -> Rejected:
    if refusal.code == "wrong_kind":
        model: str = asked.body["model"]
        own = models.available[model].spec.type
        return Rejected(refusal.code, f"Model '{model}' makes {own}. Send it to {ROUTES[own]}")
    if refusal.code == "model_not_found":
        return Rejected(refusal.code, refusal.message.replace("/api/v1/models", "/v1/models"))
    return renamed(refusal, asked.names)


# --- From a task to an answer ---


async def completed(call: Call) -> TaskView:
    """The task once it is completed. Raises CallFailed when it fails, or does not end in time."""
    view = await _ended(call, call.deps.settings.openai_wait_seconds)
    if view is None:
        raise _unfinished(call)
    return view


async def streamed(call: Call, *, with_usage: bool) -> AsyncGenerator[bytes]:
    """The answer in a chat as a stream: it begins at once, goes on as the provider writes it, and ends with the task.

    Pieces may get lost on their way. The task has the whole text, so what is missing comes when it is completed."""
    head = chat.head(call.accepted.task_id, call.accepted.model, int(clock.now().timestamp()))
    yield chat.beginning(head, with_usage=with_usage)
    sent: list[str] = []
    with call.deps.texts.listen(call.accepted.task_id) as texts:
        ending, writing = asyncio.create_task(completed(call)), asyncio.create_task(texts.next())
        ending.add_done_callback(lambda task: task.cancelled() or task.exception())  # also when the caller has left
        try:
            while not ending.done():
                await asyncio.wait((ending, writing), timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if writing.done():
                    sent.append(writing.result().text)
                    yield chat.piece(head, sent[-1], with_usage=with_usage)
                    writing = asyncio.create_task(texts.next())
                elif not ending.done():
                    yield chat.STILL_WAITING
            view = ending.result()
            for piece in chat.rest(view, head, sent=_as_far_as_sent(call, view, sent), with_usage=with_usage):
                yield piece
        except CallFailed as error:
            yield chat.data(error.body)
            return
        finally:
            ending.cancel()
            writing.cancel()
    yield chat.DONE


def _as_far_as_sent(call: Call, view: TaskView, sent: list[str]) -> int:
    """How many characters of the text were sent. Raises CallFailed where it does not begin with them: another call
    wrote it, because the one that was watched failed."""
    text = "".join(sent)
    if chat.said(view).startswith(text):
        return len(text)
    why = f"The answer of task {view.id} was begun anew after a part of it was sent."
    whole = f"GET /api/v1/tasks/{view.id} has the whole."
    raise call.failure(502, f"{why} {whole}", code="answer_begun_anew", sent_again=False)


async def _ended(call: Call, seconds: float) -> TaskView | None:
    """The task if it is completed within these seconds; None: it goes on. Raises CallFailed when it failed, and when it
    can't be read."""
    stream, task_id = call.accepted.stream, call.accepted.task_id
    try:
        seen = await call.deps.tasks.tasks.wait_for_end(stream, task_id, seconds, sees_only=None)
    except (LogUnavailable, *DRIVER_ERRORS):
        why = f"Task {task_id} is recorded, and can't be read at the moment."
        raise _goes_on(call, 503, why, code="task_unreadable") from None
    if not seen.ended:
        return None
    view = msgspec.json.decode(seen.body, type=TaskView)
    if view.error:
        raise _failed(call, view.error)
    return view


def _unfinished(call: Call) -> CallFailed:
    seconds = call.deps.settings.openai_wait_seconds
    why = f"Task {call.accepted.task_id} goes on: it did not end in the {seconds:g} seconds that a call may wait."
    return _goes_on(call, 504, why, code="task_unfinished")


def _goes_on(call: Call, status: int, why: str, *, code: str) -> CallFailed:
    """The error for a task that is not lost. Sent again without a key, the call would order, and pay for, another."""
    again = "So does this call with its Idempotency-Key." if call.keyed else "This call, sent again, is a new task."
    how = f"GET /api/v1/tasks/{call.accepted.task_id} shows what becomes of it."
    return call.failure(status, f"{why} {how} {again}", code=code, sent_again=call.keyed)


def _failed(call: Call, error: TaskError) -> CallFailed:
    return call.failure(
        _STATUSES.get(error.code, 502),
        f"Task {call.accepted.task_id} failed: {error.message}",
        code=_CODES.get(error.code, error.code),
        sent_again=error.retryable and error.charged == "no" and not call.keyed,
    )
