"""What does ComfyUI's wire look like? Prompts, the queue and the history, as structs and pure functions."""

from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID, uuid5

from adapters.outbound.client import Reply
from adapters.providers import sightings
from adapters.providers.base import extra_params, wire_config
from adapters.providers.comfyui import workflow
from adapters.providers.comfyui.errors import refused
from adapters.providers.comfyui.workflow import Wire
from adapters.providers.redaction import is_valid_name, redacted
from adapters.providers.sightings import job_status, unreadable_output
from adapters.providers.tolerant_reader import as_text, decode, decode_strictly, elements, members, parsed
from domain.base import Value
from domain.model import Kind
from domain.provider import Finished, Missing, NoVerdict, Order, Output, Refused, Sighting, Working

OUR_CALLS: Final = UUID("8d0f2a5e-6f0b-5d3c-9a53-0f1f6c1c7a11")
_SEEDS: Final = 2**32
# docs/providers/comfyui.md#limits-and-lifetimes
# SaveVideo puts its video under "images", the nodes of VideoHelperSuite under "gifs".
_LISTS = {
    Kind.IMAGE: ("images",),
    Kind.VIDEO: ("videos", "video", "gifs", "images"),
    Kind.AUDIO: ("audio",),
}
_VIDEOS = (".mp4", ".webm", ".mov", ".mkv", ".gif")


class Prompt(NamedTuple):
    """A prompt's own id, and the id of the client that sent it."""

    id: str
    client: str | None


class Queue(NamedTuple):
    """The running and waiting prompts. `complete`: every prompt could be read, so absence proves something."""

    running: tuple[Prompt, ...]
    pending: tuple[Prompt, ...]
    complete: bool


class _File(NamedTuple):
    filename: str
    subfolder: str


class Uploaded(Value):
    name: str = ""
    subfolder: str | None = None


def read_queue(reply: Reply) -> Queue | None:
    """The queue; None when the answer is no queue."""
    fields = members(parsed(reply.body)) if reply.ok else {}
    lists = [fields.get("queue_running"), fields.get("queue_pending")]
    if not all(isinstance(each, list) for each in lists):
        return None
    running, pending = ([_prompt(entry) for entry in each] for each in lists if each is not None)
    read = [tuple(prompt for prompt in each if prompt) for each in (running, pending)]
    return Queue(read[0], read[1], None not in (*running, *pending))


def read_history(reply: Reply) -> dict[str, Any] | None:
    """The finished prompts by id; None when the answer is no history."""
    value: Any = parsed(reply.body) if reply.ok else None
    return members(value) if value is not None and members(value) == value else None


def read_complete_history(reply: Reply) -> list[Prompt] | None:
    """The finished prompts; None unless all of them can be read, because absence proves something."""
    history = decode_strictly(reply.body, dict[str, Any]) if reply.ok else None
    found = [_prompt(members(done).get("prompt")) for done in (history or {}).values()]
    return None if history is None or None in found else [prompt for prompt in found if prompt]


def _prompt(entry: Any) -> Prompt | None:
    """A prompt from its list: number, id, workflow, extra data."""
    items = elements(entry) or []
    name = as_text(items[1]) if len(items) > 1 else None
    client = as_text(members(items[3]).get("client_id")) if len(items) > 3 else None
    return Prompt(name, client) if name else None


def prompt_id_of(call: str) -> str:
    """The prompt id of a call, derived from the call id, so that the call can be looked up."""
    return str(uuid5(OUR_CALLS, call))


def to_wire(order: Order, images: list[str]) -> dict[str, Any]:
    """The body of a prompt."""
    identity = uuid5(OUR_CALLS, order.call_id)
    wanted = extra_params(order).get("seed")
    seed = int(wanted) if wanted is not None else identity.int % _SEEDS
    graph = workflow.fill(order, wire_config(order.spec, Wire), seed=seed, images=images)
    return {"prompt": graph, "client_id": str(identity), "prompt_id": str(identity)}


class _Queued(Value):
    prompt_id: str | None = None


def submit_result(reply: Reply) -> Sighting:
    """The sighting for the answer to a prompt. Its id counts, because older servers choose their own."""
    if not reply.ok:
        return refused(reply)
    queued = decode(reply.body, _Queued)
    return sightings.accepted_job(queued.prompt_id if queued else None, reply)


def find_in_queue(queue: Queue, call: str) -> tuple[str, Working] | None:
    """The id and state of the queued prompt whose `prompt_id` or `client_id` is `call`; None when there is none."""
    for phase, prompts in (("running", queue.running), ("queued", queue.pending)):
        for prompt in prompts:
            if call in prompt:
                return prompt.id, Working(phase=phase)
    return None


def poll_result(order: Order, done: object, base_url: str) -> Sighting:
    """The sighting for a prompt in the history. A prompt that shows all of its files is done, whatever its status."""
    fields = members(done)
    status = members(fields.get("status"))
    how = job_status(
        status.get("status_str") if fields.get("status") is not None else "success"
    )  # older servers have no status
    found = _files(order, members(fields.get("outputs")))
    wanted = max(int(order.params.get("n") or 1), 1)
    if how != "done" and (not any(found) or len(found) < wanted):
        unknown = NoVerdict(reason=f"an unknown status: {redacted(status.get('status_str'))[:40]}")
        return _failed(status) if how == "failed" else unknown
    return Finished(
        outputs=tuple(Output(index=at, url=_address(base_url, file)) for at, file in enumerate(found) if file),
        missing=(
            *(unreadable_output(at) for at, file in enumerate(found) if not file),
            *(
                Missing(index=at, code="empty", message="The workflow ended without this output.")
                for at in range(len(found), wanted)
            ),
        ),
        usage={"image": len(found)} if order.kind is Kind.IMAGE else {},
    )


def _address(base_url: str, file: _File) -> str:
    return f"{base_url}/view?{urlencode({**file._asdict(), 'type': 'output'}, errors='replace')}"


def _files(order: Order, outputs: dict[str, Any]) -> list[_File | None]:
    """The saved files, in the order of the nodes, without previews; None for a file that can't be read."""
    wanted = wire_config(order.spec, Wire).outputs or sorted(outputs, key=lambda name: (len(name), name))
    found = [
        _file(given)
        for node in wanted
        for name in _LISTS.get(order.kind, ())
        for given in elements(members(outputs.get(node)).get(name)) or ()
        if as_text(members(given).get("type")) not in {"temp", "input"}
    ]
    if order.kind is Kind.VIDEO:
        found = [file for file in found if file is None or file.filename.lower().endswith(_VIDEOS)]
    return found


def _file(given: object) -> _File | None:
    fields = members(given)
    name = as_text(fields.get("filename"))
    return _File(name, as_text(fields.get("subfolder")) or "") if name and is_valid_name(name) else None


def _failed(status: dict[str, Any]) -> Refused:
    messages = map(elements, elements(status.get("messages")) or ())
    events = {as_text(each[0]): members(each[-1]) for each in messages if each}
    if "execution_interrupted" in events:
        return Refused(code="cancelled", message="The prompt was interrupted.", provider_code="execution_interrupted")
    error = events.get("execution_error", {})
    place = as_text(error.get("node_id"))
    node = f"node {place} ({as_text(error.get('node_type'))}): " if place is not None else ""
    return Refused(
        code="generation_failed",
        message="The workflow failed.",
        provider_code=redacted(error.get("exception_type") or "execution_error"),
        provider_message=redacted(f"{node}{as_text(error.get('exception_message')) or ''}"),
    )
