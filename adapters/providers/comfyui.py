"""ComfyUI on machines of one's own: a workflow for each model, the queue, the history, the files that come of it.

Each prompt carries our own id, twice: as `prompt_id`, which only newer servers keep, and as `client_id`, which all do.
So a call whose answer was lost is found in the queue or in the history; what is in neither was never there, or was
forgotten in a restart. It costs nothing but time, so a call that was forgotten may be made again."""

import hashlib
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID, uuid5

import httpx
import msgspec

from adapters.http import Reply, request
from adapters.keyring import Key
from adapters.providers import comfyui_workflow as workflow
from adapters.providers.base import (
    Access,
    Adapter,
    HttpProvider,
    decoded,
    extra,
    keys_in,
    missing_key,
    said,
    server_error,
    unreadable,
    wire_of,
)
from adapters.providers.comfyui_workflow import Wire
from domain.base import Value
from domain.model import Kind, ModelSpec
from domain.provider import (
    Accepted,
    CancelAnswer,
    CannotTell,
    Finding,
    Finished,
    Found,
    Gone,
    Input,
    Missing,
    NotFound,
    NotSent,
    Order,
    Output,
    Refused,
    Sighting,
    Unclear,
    Working,
)

T = TypeVar("T")

OUR_CALLS: Final = UUID("8d0f2a5e-6f0b-5d3c-9a53-0f1f6c1c7a11")
MOST_HISTORY: Final = 1000
_SEEDS: Final = 2**32
_SUBMIT_SECONDS = 60.0
_UPLOAD_SECONDS = 120.0
_FOLDER = "pixel"
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
# SaveVideo puts its film under "images", the nodes of VideoHelperSuite under "gifs".
_LISTS = {
    Kind.IMAGE: ("images",),
    Kind.VIDEO: ("videos", "video", "gifs", "images"),
    Kind.AUDIO: ("audio",),
}
_FILMS = (".mp4", ".webm", ".mov", ".mkv", ".gif")


class _NodeError(Value):
    type: str = ""
    message: str = ""
    details: str = ""


class _NodeErrors(Value):
    errors: tuple[_NodeError, ...] = ()
    class_type: str = ""


class _Error(Value):
    type: str = ""
    message: str = ""
    details: str = ""


class _Queued(Value):
    prompt_id: str | None = None
    error: _Error | str | None = None
    node_errors: dict[str, _NodeErrors] | list[str] = {}  # older servers write [] for none


class _Extra(Value):
    client_id: str | None = None


class _Prompt(Value, array_like=True):
    number: float
    id: str
    graph: msgspec.Raw = msgspec.Raw()
    extra: _Extra = _Extra()

    @property
    def names(self) -> set[str | None]:
        """What it goes by."""
        return {self.id, self.extra.client_id}


class _Queue(Value):
    queue_running: tuple[_Prompt, ...]
    queue_pending: tuple[_Prompt, ...]


class _Told(Value):
    node_id: str | int | None = None
    node_type: str | None = None
    exception_type: str | None = None
    exception_message: str | None = None


class _Message(Value, array_like=True):
    event: str
    told: _Told = _Told()


class _Status(Value):
    status_str: str | None = None
    messages: tuple[_Message, ...] = ()


class _File(Value):
    filename: str
    subfolder: str = ""
    type: str = ""


class _Done(Value):
    prompt: _Prompt
    outputs: dict[str, dict[str, Any]] = {}
    status: _Status | None = None


_History = dict[str, _Done]


class _Uploaded(Value):
    name: str
    subfolder: str = ""


def our_id(call: str) -> str:
    """The id that a call goes by at the server: the same for the same call, so that it can be looked for."""
    return str(uuid5(OUR_CALLS, call))


def to_wire(order: Order, images: list[str]) -> dict[str, Any]:
    """The body of a prompt."""
    identity = uuid5(OUR_CALLS, order.call_id)
    wanted = extra(order).get("seed")
    seed = int(wanted) if wanted is not None else identity.int % _SEEDS
    graph = workflow.filled(order, wire_of(order.spec, Wire), seed=seed, images=images)
    return {"prompt": graph, "client_id": str(identity), "prompt_id": str(identity)}


def accepted(reply: Reply) -> Sighting:
    """What the answer to a prompt says. The id in it counts, for older servers choose one of their own."""
    if not reply.ok:
        return refused(reply)
    queued = decoded(reply.body, _Queued)
    return Accepted(job=queued.prompt_id) if queued and queued.prompt_id else unreadable(reply)


def refused(reply: Reply) -> Sighting:
    """What an error says: ComfyUI's own, which names nodes, or that of a proxy before it."""
    body = decoded(reply.body, _Queued) or _Queued()
    error = body.error if isinstance(body.error, _Error) else _Error(message=body.error or "")
    nodes = body.node_errors if isinstance(body.node_errors, dict) else {}
    details = [
        f"node {name} ({node.class_type}): {problem.message}, {problem.details}"
        for name, node in nodes.items()
        for problem in node.errors
    ]
    code, message = "provider_rejected", "ComfyUI refused the workflow."
    if reply.status in {401, 403}:
        code, message = "provider_auth", "ComfyUI, or a proxy before it, let nobody in."
    elif any(_names_a_file(problem) for node in nodes.values() for problem in node.errors):
        code, message = "provider_model_missing", "ComfyUI lacks a model file that the workflow names."
    elif reply.status == 404:
        message = "There is no ComfyUI at this address."
    elif not 400 <= reply.status < 500:
        return server_error(reply) if reply.status >= 500 else unreadable(reply)
    return Refused(
        code=code,
        message=message,
        provider_code=error.type or str(reply.status),
        provider_message=said("; ".join([error.message or error.details, *details])),
    )


def _names_a_file(problem: _NodeError) -> bool:
    """A name of the server's list of files (`ckpt_name: 'x' not in [...]`), and not another choice."""
    return problem.type == "value_not_in_list" and problem.details.partition(":")[0].endswith(
        ("ckpt_name", "unet_name", "vae_name", "lora_name", "clip_name", "clip_name1", "clip_name2", "model_name")
    )


def waiting(queue: _Queue, call: str) -> tuple[str, Working] | None:
    """The prompt in the queue that has this id, as `prompt_id` or as `client_id`, and how it is doing."""
    for phase, prompts in (("running", queue.queue_running), ("queued", queue.queue_pending)):
        for prompt in prompts:
            if call in prompt.names:
                return prompt.id, Working(phase=phase)
    return None


def from_wire(order: Order, done: _Done, base_url: str) -> Sighting:
    """What the history says of a prompt."""
    status = done.status or _Status(status_str="success")  # older servers write none
    if status.status_str == "error":
        return _failed(status)
    if status.status_str != "success":
        return Unclear(reason=f"an unknown status: {said(status.status_str)[:40]}")
    outputs = tuple(
        Output(index=index, url=f"{base_url}/view?{urlencode(msgspec.structs.asdict(file))}")
        for index, file in enumerate(_files(order, done.outputs))
    )
    wanted = max(int(order.params.get("n") or 1), 1)
    missing = tuple(
        Missing(index=index, code="empty", message="The workflow ended without this output.")
        for index in range(len(outputs), wanted)
    )
    return Finished(outputs=outputs, missing=missing, usage={"image": len(outputs)} if order.kind is Kind.IMAGE else {})


def _files(order: Order, outputs: dict[str, dict[str, Any]]) -> list[_File]:
    """The files that the workflow saved, in the order of its nodes. Previews are not among them."""
    wanted = wire_of(order.spec, Wire).outputs or sorted(outputs, key=lambda name: (len(name), name))
    found = [
        file
        for node in wanted
        for name in _LISTS.get(order.kind, ())
        for file in _files_in(outputs.get(node, {}).get(name))
    ]
    if order.kind is Kind.VIDEO:
        found = [file for file in found if file.filename.lower().endswith(_FILMS)]
    return [file for file in found if file.type == "output"]


def _files_in(value: object) -> tuple[_File, ...]:
    """A list of files; nothing for whatever else a node has to show."""
    try:
        return msgspec.convert(value or (), tuple[_File, ...])
    except msgspec.ValidationError:
        return ()


def _failed(status: _Status) -> Refused:
    told = {message.event: message.told for message in status.messages}
    if "execution_interrupted" in told:
        return Refused(code="cancelled", message="The prompt was interrupted.", provider_code="execution_interrupted")
    error = told.get("execution_error", _Told())
    node = f"node {error.node_id} ({error.node_type}): " if error.node_id is not None else ""
    return Refused(
        code="generation_failed",
        message="The workflow failed.",
        provider_code=said(error.exception_type or "execution_error")[:100],
        provider_message=said(f"{node}{error.exception_message or ''}"),
    )


class ComfyUi(HttpProvider):
    """Sends the above."""

    takes_urls = False  # pictures are uploaded

    async def send(self, order: Order, key: Key) -> Sighting:
        """The reference pictures first: they go by what is in them, so that sending them twice changes nothing."""
        images: list[str] = []
        for given in order.inputs:
            name = await self._upload(given)
            if not isinstance(name, str):
                return name
            images.append(name)
        wanted = request("POST", f"{self.base_url}/prompt", headers={}, json_body=to_wire(order, images))
        reply = await self.outside.order(wanted, read_seconds=_SUBMIT_SECONDS)
        return accepted(reply) if isinstance(reply, Reply) else reply

    async def _upload(self, given: Input) -> str | Refused | NotSent:
        name = f"{hashlib.sha256(given.data).hexdigest()[:32]}.{_EXTENSIONS.get(given.media_type or '', 'png')}"
        wanted = request(
            "POST",
            f"{self.base_url}/upload/image",
            headers={},
            data={"type": "input", "subfolder": _FOLDER, "overwrite": "true"},
            files=[("image", (name, given.data, given.media_type or "image/png"))],
        )
        reply = await self.outside.ask(wanted, read_seconds=_UPLOAD_SECONDS)
        if isinstance(reply, Unclear):
            return NotSent(reason=f"a reference picture could not be uploaded: {reply.reason}")
        uploaded = decoded(reply.body, _Uploaded) if reply.ok else None
        if uploaded is not None:
            return f"{uploaded.subfolder}/{uploaded.name}" if uploaded.subfolder else uploaded.name
        no = refused(reply)
        return no if isinstance(no, Refused) else NotSent(reason=f"a reference picture: HTTP {reply.status}")

    async def look(self, order: Order, key: Key, job: str) -> Sighting:
        """The queue first: what leaves it is in the history at once, so that nothing is missed in between."""
        queue = await self._ask("/queue", _Queue)
        if isinstance(queue, Unclear):
            return queue
        if found := waiting(queue, job):
            return found[1]
        history = await self._ask(f"/history/{_safe(job)}", _History)
        if isinstance(history, Unclear):
            return history
        if job in history:
            return from_wire(order, history[job], self.base_url)
        return Gone(message="The prompt is neither in ComfyUI's queue nor in its history: it was restarted.")

    async def stop(self, order: Order, key: Key, job: str) -> CancelAnswer:
        """Taken off the queue; or, when it runs already, interrupted."""
        await self._tell("/queue", {"delete": [job]})
        queue = await self._ask("/queue", _Queue)
        if isinstance(queue, Unclear):
            return CancelAnswer(outcome="unknown", message=queue.reason)
        at = waiting(queue, job)
        if at and at[1].phase == "running":  # older servers interrupt whatever runs: so only while it is ours
            await self._tell("/interrupt", {"prompt_id": job})
        history = await self._ask(f"/history/{_safe(job)}", _History)
        if isinstance(history, Unclear) or (at and job not in history):
            return CancelAnswer(outcome="unknown", message="ComfyUI was told to stop, and has not yet.", charged="no")
        if job not in history:
            return CancelAnswer(outcome="confirmed", message="Taken off ComfyUI's queue.", charged="no")
        seen = from_wire(order, history[job], self.base_url)
        if isinstance(seen, Refused) and seen.code == "cancelled":
            return CancelAnswer(outcome="confirmed", message="Interrupted.", charged="no")
        return CancelAnswer(outcome="too_late", message="It was done already.", charged="no")

    async def find(self, order: Order, key: Key) -> Finding | Unclear:
        """By our id, in the queue and then in the history."""
        call = our_id(order.call_id)
        queue = await self._ask("/queue", _Queue)
        if isinstance(queue, Unclear):
            return queue
        if found := waiting(queue, call):
            return Found(job=found[0])
        own = await self._ask(f"/history/{call}", _History)
        if isinstance(own, Unclear):
            return own
        if call in own:
            return Found(job=call)
        history = await self._ask(f"/history?max_items={MOST_HISTORY}", _History)
        if isinstance(history, Unclear):
            return history
        if ours := next((job for job, done in history.items() if call in done.prompt.names), None):
            return Found(job=ours)
        keeps_ids = any(done.prompt.id == done.prompt.extra.client_id for done in history.values())
        if len(history) >= MOST_HISTORY and not keeps_ids:
            return CannotTell(reason=f"The last {MOST_HISTORY} prompts of ComfyUI's history do not hold it.")
        return NotFound(evidence="neither ComfyUI's queue nor its history holds our id")

    async def _ask(self, path: str, shape: type[T]) -> T | Unclear:
        """An answer in its shape."""
        reply = await self.outside.ask(httpx.Request("GET", self.base_url + path))
        if isinstance(reply, Unclear):
            return reply
        answer = decoded(reply.body, shape) if reply.ok else None
        return Unclear(reason=f"HTTP {reply.status} without {path.partition('?')[0]}") if answer is None else answer

    async def _tell(self, path: str, body: dict[str, Any]) -> None:
        """A wish; whether it came true is asked afterwards."""
        await self.outside.ask(request("POST", self.base_url + path, headers={}, json_body=body))


def _safe(job: str) -> str:
    return "".join(letter for letter in job if letter.isalnum() or letter in "-_")


def _check(spec: ModelSpec) -> list[str]:
    return list(workflow.check(spec, wire_of(spec, Wire)))


def _open(access: Access) -> HttpProvider:
    return ComfyUi(access)


ADAPTER = Adapter(open=_open, wire=Wire, base_url=None, keys=keys_in, missing=missing_key, check=_check)
