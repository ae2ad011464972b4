"""What do ComfyUI's errors mean? Its own errors name nodes; a proxy's error has a status only."""

from adapters.outbound.client import Reply
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import decode
from domain.base import Value
from domain.provider import Refused, Sighting


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


class _Refusal(Value):
    error: _Error | str | None = None
    node_errors: dict[str, _NodeErrors] | list[str] = {}  # older servers write [] for none


# docs/providers/comfyui.md#error-codes
def refused(reply: Reply) -> Sighting:
    """The sighting for an error of ComfyUI or of a proxy in front of it."""
    body = decode(reply.body, _Refusal) or _Refusal()
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
        return server_error(reply) if reply.status >= 500 else unreadable_answer(reply)
    return Refused(
        code=code,
        message=message,
        provider_code=error.type or str(reply.status),
        provider_message=redacted("; ".join([error.message or error.details, *details])),
    )


def _names_a_file(problem: _NodeError) -> bool:
    """Whether the problem is a model file that the server lacks (`ckpt_name: 'x' not in [...]`)."""
    return problem.type == "value_not_in_list" and problem.details.partition(":")[0].endswith(
        ("ckpt_name", "unet_name", "vae_name", "lora_name", "clip_name", "clip_name1", "clip_name2", "model_name")
    )
