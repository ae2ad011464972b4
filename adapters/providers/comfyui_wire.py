"""How does ComfyUI say things? Its queue and history as structs, prompts to it, and what its answers mean."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid5

import msgspec

from adapters.http import Reply
from adapters.providers import comfyui_workflow as workflow
from adapters.providers.base import extra, wire_of
from adapters.providers.comfyui_workflow import Wire
from adapters.providers.reading import decoded, said, server_error, unreadable
from domain.base import Value
from domain.model import Kind
from domain.provider import Accepted, Finished, Missing, Order, Output, Refused, Sighting, Unclear, Working

OUR_CALLS: Final = UUID("8d0f2a5e-6f0b-5d3c-9a53-0f1f6c1c7a11")
_SEEDS: Final = 2**32
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


class Queue(Value):
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


class Listed(Value):
    """A prompt of the history, whoever sent it: only what it goes by is looked at."""

    prompt: _Prompt


class Done(Value):
    """A prompt that is done."""

    outputs: dict[str, dict[str, Any]] = {}
    status: _Status | None = None


History = dict[str, Done]
Listing = dict[str, Listed]


class Uploaded(Value):
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


def waiting(queue: Queue, call: str) -> tuple[str, Working] | None:
    """The prompt in the queue that has this id, as `prompt_id` or as `client_id`, and how it is doing."""
    for phase, prompts in (("running", queue.queue_running), ("queued", queue.queue_pending)):
        for prompt in prompts:
            if call in prompt.names:
                return prompt.id, Working(phase=phase)
    return None


def from_wire(order: Order, done: Done, base_url: str) -> Sighting:
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
