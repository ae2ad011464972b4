"""ComfyUI on your own machines: a workflow for each model, its queue, its history and the files that it saves.

Each prompt carries our id twice: as `prompt_id`, which only newer servers keep, and as `client_id`, which all servers
keep. So a call whose answer was lost is found in the queue or in the history. A call that is in neither never arrived,
or a restart lost it; it may be made again, because it costs only time."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import httpx

from adapters.outbound.client import Reply, build_request
from adapters.providers.base import Access, Adapter, HttpProvider, keys_in, missing_key, wire_config
from adapters.providers.batch_poll import BatchPoll
from adapters.providers.comfyui import workflow
from adapters.providers.comfyui.errors import refused
from adapters.providers.comfyui.prompts import (
    Queue,
    Uploaded,
    find_in_queue,
    poll_result,
    prompt_id_of,
    read_complete_history,
    read_history,
    read_queue,
    submit_result,
    to_wire,
)
from adapters.providers.comfyui.workflow import Wire
from adapters.providers.keyring import Key
from adapters.providers.redaction import is_valid_name
from adapters.providers.tolerant_reader import decode
from application.ports import OnText
from domain.model import ModelSpec
from domain.provider import (
    CancelResult,
    CannotTell,
    Found,
    Gone,
    Input,
    LookupResult,
    NotFound,
    NotSent,
    NoVerdict,
    Order,
    Refused,
    Sighting,
)

T = TypeVar("T")

# docs/providers/comfyui.md#limits-and-lifetimes
MAX_HISTORY: Final = 1000
_SUBMIT_SECONDS = 60.0
_UPLOAD_SECONDS = 120.0
_FOLDER = "pixel"
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


class ComfyUi(HttpProvider):
    """Sends prompts and queries to ComfyUI."""

    takes_urls = False  # images are uploaded
    lookup_after_seconds = 300.0  # half of it is for uploads

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._batch_poll = BatchPoll(self._poll_batch)

    async def _submit(self, order: Order, key: Key, on_text: OnText | None) -> Sighting:
        """Upload the reference images first. Their names are content hashes, so a repeated upload changes nothing."""
        images: list[str] = []
        for given in order.inputs:
            name = await self._upload(order, given)
            if not isinstance(name, str):
                return name
            images.append(name)
        request = build_request("POST", f"{self.base_url}/prompt", headers={}, json_body=to_wire(order, images))
        return await self.read_sighting(await self.send_once(order, request, _SUBMIT_SECONDS), submit_result)

    async def _upload(self, order: Order, given: Input) -> str | Refused | NotSent:
        request = await self.encode(order, lambda: self._upload_of(given))
        reply = await self.client.query(request, read_seconds=_UPLOAD_SECONDS)
        if isinstance(reply, NoVerdict):
            return NotSent(reason=f"a reference image could not be uploaded: {reply.reason}")
        uploaded = decode(reply.body, Uploaded) if reply.ok else None
        if uploaded is not None:
            # Names that can't be read are those of the request.
            name = uploaded.name if is_valid_name(uploaded.name) else _file_name(given)
            folder = uploaded.subfolder
            if folder is None or (folder and not is_valid_name(folder)):
                folder = _FOLDER
            return f"{folder}/{name}" if folder else name
        refusal = refused(reply)
        return refusal if isinstance(refusal, Refused) else NotSent(reason=f"a reference image: HTTP {reply.status}")

    def _upload_of(self, given: Input) -> httpx.Request:
        return build_request(
            "POST",
            f"{self.base_url}/upload/image",
            headers={},
            data={"type": "input", "subfolder": _FOLDER, "overwrite": "true"},
            files=[("image", (_file_name(given), given.data, given.media_type or "image/png"))],
        )

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """Look in the queue first: a prompt that leaves the queue is in the history at once."""
        queue = await self._batch_poll.poll(key, job)
        if queue is None:
            queue = await self._query("/queue", read_queue)
        if isinstance(queue, NoVerdict):
            return queue
        if found := find_in_queue(queue, job):
            return found[1]
        reply = await self.client.query(httpx.Request("GET", f"{self.base_url}/history/{_safe(job)}"))
        return await self.read_sighting(reply, partial(self._history_result, order, job, queue))

    def _history_result(self, order: Order, job: str, queue: Queue, reply: Reply) -> Sighting:
        history = read_history(reply)
        if history is None:
            return NoVerdict(reason=f"HTTP {reply.status} without a history")
        if job in history:
            return poll_result(order, history[job], self.base_url)
        if not queue.complete:
            return NoVerdict(reason="not all prompts in ComfyUI's queue can be read")
        return Gone(message="The prompt is neither in ComfyUI's queue nor in its history: it was restarted.")

    async def _poll_batch(self, key: Key, jobs: list[str]) -> dict[str, Queue] | NoVerdict:
        """The queue shows all waiting and running jobs."""
        queue = await self._query("/queue", read_queue)
        return queue if isinstance(queue, NoVerdict) else dict.fromkeys(jobs, queue)

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Take a prompt off the queue, or interrupt it while it runs."""
        await self._post("/queue", {"delete": [job]})
        queue = await self._query("/queue", read_queue)
        if isinstance(queue, NoVerdict):
            return CancelResult(outcome="unknown", message=queue.reason)
        at = find_in_queue(queue, job)
        if at and at[1].phase == "running":  # older servers interrupt whatever runs
            await self._post("/interrupt", {"prompt_id": job})
        history = await self._query(f"/history/{_safe(job)}", read_history)
        if isinstance(history, NoVerdict) or (at and job not in history):
            return CancelResult(outcome="unknown", message="ComfyUI was asked to stop, and has not yet.", charged="no")
        if job not in history:
            return CancelResult(outcome="confirmed", message="Taken off ComfyUI's queue.", charged="no")
        seen = poll_result(order, history[job], self.base_url)
        if isinstance(seen, Refused) and seen.code == "cancelled":
            return CancelResult(outcome="confirmed", message="Interrupted.", charged="no")
        return CancelResult(outcome="too_late", message="It was done already.", charged="no")

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look for our id in the queue, then in the history."""
        call = prompt_id_of(order.call_id)
        queue = await self._query("/queue", read_queue)
        if isinstance(queue, NoVerdict):
            return queue
        if found := find_in_queue(queue, call):
            return Found(job=found[0])
        own = await self._query(f"/history/{call}", read_history)
        if isinstance(own, NoVerdict):
            return own
        if call in own:
            return Found(job=call)
        history = await self._query(f"/history?max_items={MAX_HISTORY}", read_complete_history)
        if isinstance(history, NoVerdict):
            return history
        if ours := next((done.id for done in history if call in done), None):
            return Found(job=ours)
        if not queue.complete:
            return NoVerdict(reason="not all prompts in ComfyUI's queue can be read")
        keeps_ids = any(done.id == done.client for done in history)
        if len(history) >= MAX_HISTORY and not keeps_ids:
            return CannotTell(reason=f"The last {MAX_HISTORY} prompts of ComfyUI's history do not hold it.")
        return NotFound(evidence="neither ComfyUI's queue nor its history holds our id")

    async def _query(self, path: str, read: Callable[[Reply], T | None]) -> T | NoVerdict:
        """The answer to a GET, read by `read`; NoVerdict when it can't be read."""
        reply = await self.client.query(httpx.Request("GET", self.base_url + path))
        if isinstance(reply, NoVerdict):
            return reply
        answer = await self.read(read, reply)
        return NoVerdict(reason=f"HTTP {reply.status} without {path.partition('?')[0]}") if answer is None else answer

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        """Send a command; the caller queries its effect afterwards."""
        await self.client.query(build_request("POST", self.base_url + path, headers={}, json_body=body))


def _file_name(given: Input) -> str:
    return f"{hashlib.sha256(given.data).hexdigest()[:32]}.{_EXTENSIONS.get(given.media_type or '', 'png')}"


def _safe(job: str) -> str:
    return "".join(letter for letter in job if letter.isalnum() or letter in "-_")


def _check(spec: ModelSpec) -> list[str]:
    return list(workflow.check(spec, wire_config(spec, Wire)))


ADAPTER = Adapter(open=ComfyUi, wire=Wire, base_url=None, keys=keys_in, missing=missing_key, check=_check)
