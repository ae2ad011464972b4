"""ModelScope API-Inference: asynchronous pictures with LoRAs, and chat. Free, without a promise, one picture a task.

It dedupes nothing and lists nothing: an order whose answer was lost can't be found out about."""

from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from adapters.outbound.client import Reply, build_request
from adapters.providers import openai_chat
from adapters.providers.base import Adapter, HttpProvider, extra_params, keys_in, missing_key, wire_config
from adapters.providers.keyring import Key
from adapters.providers.redaction import redacted
from adapters.providers.sightings import accepted_job as job_named
from adapters.providers.sightings import output, server_error, unreadable_answer, unreadable_output, with_raw_answer
from adapters.providers.tolerant_reader import as_text, count, decode, elements, members
from domain import capabilities
from domain.base import Value
from domain.model import Kind
from domain.provider import (
    Finished,
    Gone,
    Missing,
    NoVerdict,
    Order,
    Output,
    Refused,
    Sighting,
    Working,
)

_WORKING = {"PENDING": "queued", "QUEUED": "queued", "PROCESSING": "running", "RUNNING": "running"}
_DONE = {"SUCCEED", "SUCCEEDED", "SUCCESS", "COMPLETED", "DONE", "FINISHED"}
_FAILED = (
    dict.fromkeys(("FAILED", "FAIL", "FAILURE", "ERROR"), "generation_failed")
    | dict.fromkeys(("CANCELED", "CANCELLED"), "cancelled")
    | dict.fromkeys(("EXPIRED", "TIMEOUT"), "expired")
)
_SAYS = {
    "generation_failed": "ModelScope could not make it.",
    "cancelled": "The task was cancelled.",
    "expired": "ModelScope gave the task up before it was done.",
}
_SUBMIT_SECONDS = 60.0
_CHAT_SECONDS = 300.0


class Wire(Value):
    """A model's `wire`: its name at ModelScope (`Qwen/Qwen-Image`), and steps and guidance if they are to be set."""

    model: str
    steps: int | None = None
    guidance: float | None = None


class _Task(Value):
    task_id: str | None = None
    task_status: Any = None
    output_images: Any = None


def to_wire(order: Order) -> dict[str, Any]:
    """The body of a picture request."""
    wire, params = wire_config(order.spec, Wire), order.params
    size = capabilities.pixels(order.spec, params)
    loras: list[dict[str, Any]] = extra_params(order).get("loras") or []
    optional = {
        "negative_prompt": params.get("negativePrompt"),
        "size": f"{size[0]}x{size[1]}" if size else None,
        "seed": extra_params(order).get("seed"),
        "steps": wire.steps,
        "guidance": wire.guidance,
        "image_url": _images(order),
        "loras": _weights(loras),
    }
    return {"model": wire.model, "prompt": params["prompt"]} | {
        name: value for name, value in optional.items() if value is not None
    }


def _images(order: Order) -> str | list[str] | None:
    urls = [image.url for image in order.inputs if image.url]
    return None if not urls else urls[0] if len(urls) == 1 else urls


def _weights(loras: list[dict[str, Any]]) -> dict[str, float] | str | None:
    """LoRAs by their weights, which add up to 1 here: the catalogue sees to it. One alone goes by its name."""
    if len(loras) == 1:
        return str(loras[0]["model"])
    return {lora["model"]: float(lora.get("weight") or 1.0) for lora in loras} or None


def submit_result(reply: Reply) -> Sighting:
    """What the answer to a picture request says. Its task_status says nothing: `SUCCEED` there means accepted."""
    return with_raw_answer(_submit_result(reply), reply)


def _submit_result(reply: Reply) -> Sighting:
    if not reply.ok:
        return refused(reply)
    task = decode(reply.body, _Task) or _Task()
    if task.task_id:
        return job_named(task.task_id, reply)
    made = _made(task)
    return made if made.outputs else refused(reply)


def poll_result(reply: Reply) -> Sighting:
    """What the answer to a question after a task says. Pictures in it are its end, whatever word stands beside them."""
    return with_raw_answer(_seen(reply), reply)


def _seen(reply: Reply) -> Sighting:
    task = (decode(reply.body, _Task) if reply.ok else None) or _Task()
    status, made = (as_text(task.task_status) or "").upper(), _made(task)
    if status in _DONE or made.outputs:
        return made
    if status in _FAILED:
        code, message = _error(reply.body)
        if "task not found" in message.lower():
            return Gone(message="ModelScope does not find the task.", provider_code=code or status)
        why = _FAILED[status]
        return Refused(code=why, message=_SAYS[why], provider_code=code or status, provider_message=redacted(message))
    if status in _WORKING:
        return Working(phase=_WORKING[status])
    if status:
        return NoVerdict(reason=f"an unknown status: {redacted(status)[:40]}")
    return NoVerdict(reason=f"HTTP {reply.status} without a task")


def _made(task: _Task) -> Finished:
    """The pictures of a task; where nothing is that could hold one, one was made that can't be read."""
    given = elements(task.output_images)
    if given is None:
        given = [task.output_images]
    found = [_image(index, each) for index, each in enumerate(given)]
    outputs = tuple(each for each in found if isinstance(each, Output))
    missing = tuple(each for each in found if isinstance(each, Missing))
    none = () if found else (Missing(index=0, code="empty", message="The task succeeded without a picture."),)
    return Finished(outputs=outputs, missing=(*missing, *none), usage={"image": len(found)})


def _image(index: int, given: Any) -> Output | Missing:
    text: Any = members(given).get("url", given)
    return (output(index, text) if isinstance(text, str) else None) or unreadable_output(index)


def _error(body: bytes) -> tuple[str | None, str]:
    """Code and message of an error, which stands under `errors` or `error`, as an object or as text."""
    whole = decode(body, dict[str, Any]) or {}
    error: Any = whole.get("errors") or whole.get("error")
    return as_text(members(error).get("code")), as_text(members(error).get("message", error)) or ""


def refused(reply: Reply) -> Sighting:
    """What an error says. On some routes the HTTP status is 500 and the true one is in the body."""
    code, said_so = _error(reply.body)
    message, true = redacted(said_so), count(code) or 0
    status = true if reply.status >= 500 and 400 <= true < 500 else reply.status
    no = Refused(
        code="provider_rejected", message="", provider_code=code or str(reply.status), provider_message=message
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
    return server_error(reply) if status >= 500 else unreadable_answer(reply)


def _no(refusal: Refused, code: str, message: str) -> Refused:
    return msgspec.structs.replace(refusal, code=code, message=message)


class ModelScope(HttpProvider):
    """Sends the above."""

    async def _submit(self, order: Order, key: Key) -> Sighting:
        """A picture is accepted first; a chat answers at once."""
        if order.kind is Kind.LLM:
            body = openai_chat.to_wire(order, model=wire_config(order.spec, Wire).model)
            reply = await self.send_once(order, self._request("POST", "/chat/completions", key, body), _CHAT_SECONDS)
            return await self.read(openai_chat.from_wire, reply, refused=refused) if isinstance(reply, Reply) else reply
        request = self._request("POST", "/images/generations", key, to_wire(order))
        request.headers["X-ModelScope-Async-Mode"] = "true"
        reply = await self.send_once(order, request, _SUBMIT_SECONDS)
        return await self.read(submit_result, reply) if isinstance(reply, Reply) else reply

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """How is the picture doing?"""
        question = self._request("GET", f"/tasks/{quote(job, safe='')}", key)
        question.headers["X-ModelScope-Task-Type"] = "image_generation"
        reply = await self.client.query(question)
        return await self.read(poll_result, reply) if isinstance(reply, Reply) else reply

    def _request(self, method: str, path: str, key: Key, body: dict[str, Any] | None = None) -> httpx.Request:
        return build_request(
            method, self.base_url + path, headers={"Authorization": f"Bearer {key.secret}"}, json_body=body
        )


ADAPTER = Adapter(
    open=ModelScope,
    wire=Wire,
    base_url="https://api-inference.modelscope.cn/v1",
    keys=keys_in,
    missing=missing_key,
)
