"""Public ids: a word, an underscore and 26 characters that encode a UUID (the TypeID format).

The alphabet is Crockford's base 32 in lower case, without i, l, o and u. Ids sort as their UUIDs do."""

import re
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.base import Rejected

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TO_PYTHON = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # the digits that int() reads in base 32
_SUFFIX = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]


def task_id(stream: UUID) -> str:
    """The public id of a task: `task_` and 26 characters."""
    return "task_" + _encode(stream)


def webhook_id(stream: UUID) -> str:
    """The public id of a webhook: `webhook_` and 26 characters."""
    return "webhook_" + _encode(stream)


def webhook_stream(webhook: str) -> UUID:
    """The stream of a webhook's id. Raises Rejected `webhook_unknown` for a malformed id: it names no webhook."""
    word, _, suffix = webhook.partition("_")
    if word != "webhook" or not _SUFFIX.fullmatch(suffix):
        raise Rejected("webhook_unknown", f"Webhook '{webhook[:64]}' not found")
    return _decode(suffix)


def task_stream(task: str) -> UUID:
    """The stream of a task id. Raises Rejected `task_unknown` for a malformed id: it names no task."""
    word, _, suffix = task.partition("_")
    if word != "task" or not _SUFFIX.fullmatch(suffix):
        raise Rejected("task_unknown", f"Task '{task[:64]}' not found")
    return _decode(suffix)


def batch_id(stream: UUID) -> str:
    """The public id of a batch: `batch_` and 26 characters."""
    return "batch_" + task_id(stream).removeprefix("task_")


def batch_stream(batch: str) -> UUID:
    """The stream of a batch id. Raises Rejected `batch_unknown` for a malformed id: it names no batch."""
    word, _, suffix = batch.partition("_")
    if word != "batch" or not _SUFFIX.fullmatch(suffix):
        raise Rejected("batch_unknown", f"Batch '{batch[:64]}' not found")
    return UUID(int=int(suffix.translate(_TO_PYTHON), 32))


def call_stream(call_id: str) -> UUID:
    """The stream of the task that a call belongs to: a call's id is the task's, a dot and the number of the attempt.

    Raises Rejected `call_unknown` for a malformed id."""
    try:
        return task_stream(call_id.rpartition(".")[0])
    except Rejected:
        raise Rejected("call_unknown", f"There is no call '{call_id[:64]}'.") from None


def key_stream(key: str) -> UUID:
    """The stream of an API key, derived from its id."""
    return uuid5(NAMESPACE_URL, f"pixel:key:{key}")


def model_stream(model: str) -> UUID:
    """The stream of a model, derived from its id: every node computes the same one, without a table."""
    return uuid5(NAMESPACE_URL, f"pixel:model:{model}")


def _encode(stream: UUID) -> str:
    number = stream.int
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def _decode(suffix: str) -> UUID:
    return UUID(int=int(suffix.translate(_TO_PYTHON), 32))
