"""ModelScope API-Inference: asynchronous pictures with LoRAs, and chat. Free, without a promise, one picture a task.

It dedupes nothing and lists nothing: an order whose answer was lost can't be found out about."""

from typing import Any

import httpx
import msgspec

from adapters.http import Reply, request
from adapters.keyring import Key
from adapters.providers import chat
from adapters.providers.base import Access, Adapter, HttpProvider, extra, keys_in, missing_key, wire_of
from adapters.providers.reading import decoded, said, server_error, unreadable
from domain import offer
from domain.base import Value
from domain.model import Kind
from domain.provider import (
    Accepted,
    Finished,
    InDoubt,
    Missing,
    NotSent,
    Order,
    Output,
    Refused,
    Sighting,
    Unclear,
    Working,
)

_WORKING = {"PENDING": "queued", "PROCESSING": "running", "RUNNING": "running"}
_DONE = {"SUCCEED", "SUCCEEDED", "SUCCESS"}
_SUBMIT_SECONDS = 60.0
_CHAT_SECONDS = 300.0


class Wire(Value):
    """A model's `wire`: its name at ModelScope (`Qwen/Qwen-Image`), and steps and guidance if they are to be set."""

    model: str
    steps: int | None = None
    guidance: float | None = None


class _Errors(Value):
    code: int | str | None = None
    message: str = ""


class _Task(Value):
    task_id: str | None = None
    task_status: str | None = None
    output_images: tuple[str, ...] = ()
    errors: _Errors | None = None


class _Refusal(Value):
    errors: _Errors | str | None = None
    error: _Errors | str | None = None


def to_wire(order: Order) -> dict[str, Any]:
    """The body of a picture request."""
    wire, params = wire_of(order.spec, Wire), order.params
    size = offer.pixels(order.spec, params)
    loras: list[dict[str, Any]] = extra(order).get("loras") or []
    optional = {
        "negative_prompt": params.get("negativePrompt"),
        "size": f"{size[0]}x{size[1]}" if size else None,
        "seed": extra(order).get("seed"),
        "steps": wire.steps,
        "guidance": wire.guidance,
        "image_url": _pictures(order),
        "loras": _weights(loras),
    }
    return {"model": wire.model, "prompt": params["prompt"]} | {
        name: value for name, value in optional.items() if value is not None
    }


def _pictures(order: Order) -> str | list[str] | None:
    urls = [picture.url for picture in order.inputs if picture.url]
    return None if not urls else urls[0] if len(urls) == 1 else urls


def _weights(loras: list[dict[str, Any]]) -> dict[str, float] | str | None:
    """LoRAs by their weights, which add up to 1 here: the catalogue sees to it. One alone goes by its name."""
    if len(loras) == 1:
        return str(loras[0]["model"])
    return {lora["model"]: float(lora.get("weight") or 1.0) for lora in loras} or None


def accepted(reply: Reply) -> Sighting:
    """What the answer to a picture request says. Its task_status says nothing: `SUCCEED` there means accepted."""
    if not reply.ok:
        return refused(reply)
    task = decoded(reply.body, _Task)
    if task is None or not task.task_id:
        return refused(reply) if task and task.errors else unreadable(reply)
    return Accepted(job=task.task_id)


def from_wire(reply: Reply) -> Sighting:
    """What the answer to a question after a task says."""
    task = decoded(reply.body, _Task)
    if not reply.ok or task is None or task.task_status is None:
        return Unclear(reason=f"HTTP {reply.status} without a task")
    if task.task_status in _DONE:
        outputs = tuple(Output(index=index, url=url) for index, url in enumerate(task.output_images))
        missing = () if outputs else (Missing(index=0, code="empty", message="The task succeeded without a picture."),)
        return Finished(outputs=outputs, missing=missing, usage={"image": len(outputs)})
    if task.task_status == "FAILED":
        said_so = said(task.errors.message if task.errors else "")
        if "task not found" in said_so.lower():  # so it answers a question without the task type: no verdict
            return Unclear(reason="ModelScope does not find the task")
        return Refused(
            code="generation_failed",
            message="ModelScope could not make it.",
            provider_code=str(task.errors.code) if task.errors and task.errors.code else "FAILED",
            provider_message=said_so,
        )
    if task.task_status in _WORKING:
        return Working(phase=_WORKING[task.task_status])
    return Unclear(reason=f"an unknown status: {said(task.task_status)[:40]}")


def refused(reply: Reply) -> Sighting:
    """What an error says. On some routes the HTTP status is 500 and the true one is in the body."""
    body = decoded(reply.body, _Refusal)
    errors = (body.errors or body.error) if body else None
    message = said(errors.message if isinstance(errors, _Errors) else errors)
    code = errors.code if isinstance(errors, _Errors) else None
    status = code if reply.status >= 500 and isinstance(code, int) and 400 <= code < 500 else reply.status
    no = Refused(
        code="provider_rejected", message="", provider_code=str(code or reply.status), provider_message=message
    )
    quota = "quota" in message.lower() or reply.headers.get("modelscope-ratelimit-requests-remaining") == "0"
    if status in {401, 403}:
        return _no(no, "provider_auth", "ModelScope refused the key: is the account bound and its name checked?")
    if status == 429 and quota:
        return _no(no, "provider_quota", "The day's calls of this ModelScope account are used up.")
    if status == 429:
        wait = reply.retry_after_seconds
        return msgspec.structs.replace(
            _no(no, "rate_limited", "ModelScope is busy."), retryable=True, retry_after_seconds=wait
        )
    if status == 404:
        return _no(no, "provider_model_missing", "ModelScope does not offer this model any more.")
    if 400 <= status < 500:
        return _no(no, "provider_rejected", "ModelScope refused the request.")
    return server_error(reply) if status >= 500 else unreadable(reply)


def _no(refusal: Refused, code: str, message: str) -> Refused:
    return msgspec.structs.replace(refusal, code=code, message=message)


class ModelScope(HttpProvider):
    """Sends the above."""

    async def send(self, order: Order, key: Key) -> Sighting:
        """A picture is accepted first; a chat answers at once."""
        if order.kind is Kind.LLM:
            body = chat.to_wire(order, model=wire_of(order.spec, Wire).model)
            reply = await self._order(self._request("POST", "/chat/completions", key, body), _CHAT_SECONDS)
            return chat.from_wire(reply, refused=refused) if isinstance(reply, Reply) else reply
        wanted = self._request("POST", "/images/generations", key, to_wire(order))
        wanted.headers["X-ModelScope-Async-Mode"] = "true"
        reply = await self._order(wanted, _SUBMIT_SECONDS)
        return accepted(reply) if isinstance(reply, Reply) else reply

    async def look(self, order: Order, key: Key, job: str) -> Sighting:
        """How is the picture doing?"""
        question = self._request("GET", f"/tasks/{job}", key)
        question.headers["X-ModelScope-Task-Type"] = "image_generation"
        reply = await self.outside.ask(question)
        return from_wire(reply) if isinstance(reply, Reply) else reply

    async def _order(self, wanted: httpx.Request, read_seconds: float) -> Reply | NotSent | InDoubt:
        return await self.outside.order(wanted, read_seconds=read_seconds)

    def _request(self, method: str, path: str, key: Key, body: dict[str, Any] | None = None) -> httpx.Request:
        return request(method, self.base_url + path, headers={"Authorization": f"Bearer {key.secret}"}, json_body=body)


def _open(access: Access) -> HttpProvider:
    return ModelScope(access)


ADAPTER = Adapter(
    open=_open,
    wire=Wire,
    base_url="https://api-inference.modelscope.cn/v1",
    keys=keys_in,
    missing=missing_key,
)
