"""Public ids: a word, an underscore and 26 characters that encode a UUID (the TypeID format).

The alphabet is Crockford's base 32 in lower case, without i, l, o and u. Ids sort as their UUIDs do."""

import re
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.base import RefusalCode, Rejected

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TO_PYTHON = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # the digits that int() reads in base 32
_SUFFIX = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]


def task_id(stream: UUID) -> str:
    """The public id of a task: `task_` and 26 characters."""
    return "task_" + _encode(stream)


def batch_id(stream: UUID) -> str:
    """The public id of a batch: `batch_` and 26 characters."""
    return "batch_" + _encode(stream)


def webhook_id(stream: UUID) -> str:
    """The public id of a webhook: `webhook_` and 26 characters."""
    return "webhook_" + _encode(stream)


def project_id(stream: UUID) -> str:
    """The public id of a project: `project_` and 26 characters."""
    return "project_" + _encode(stream)


def canvas_id(stream: UUID) -> str:
    """The public id of a canvas: `canvas_` and 26 characters."""
    return "canvas_" + _encode(stream)


def run_id(stream: UUID) -> str:
    """The public id of a run: `run_` and 26 characters."""
    return "run_" + _encode(stream)


def task_stream(task: str) -> UUID:
    """The stream of a task id. Raises Rejected `task_unknown` for a malformed id: it names no task."""
    return _stream("task", task, "task_unknown")


def batch_stream(batch: str) -> UUID:
    """The stream of a batch id. Raises Rejected `batch_unknown` for a malformed id: it names no batch."""
    return _stream("batch", batch, "batch_unknown")


def webhook_stream(webhook: str) -> UUID:
    """The stream of a webhook's id. Raises Rejected `webhook_unknown` for a malformed id: it names no webhook."""
    return _stream("webhook", webhook, "webhook_unknown")


def project_stream(project: str) -> UUID:
    """The stream of a project's id. Raises Rejected `project_unknown` for a malformed id: it names no project."""
    return _stream("project", project, "project_unknown")


def canvas_stream(canvas: str) -> UUID:
    """The stream of a canvas's id. Raises Rejected `canvas_unknown` for a malformed id: it names no canvas."""
    return _stream("canvas", canvas, "canvas_unknown")


def run_stream(run: str) -> UUID:
    """The stream of a run's id. Raises Rejected `run_unknown` for a malformed id: it names no run."""
    return _stream("run", run, "run_unknown")


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


def upload_stream(owner: str, asset: str) -> UUID:
    """The stream of an owner's upload, derived from both: the same upload again is the same stream."""
    return uuid5(NAMESPACE_URL, f"pixel:upload:{asset}:{owner}")


def model_stream(model: str) -> UUID:
    """The stream of a model, derived from its id: every node computes the same one, without a table."""
    return uuid5(NAMESPACE_URL, f"pixel:model:{model}")


def _encode(stream: UUID) -> str:
    number = stream.int
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def _stream(word: str, public_id: str, code: RefusalCode) -> UUID:
    given, _, suffix = public_id.partition("_")
    if given != word or not _SUFFIX.fullmatch(suffix):
        raise Rejected(code, f"{word.capitalize()} '{public_id[:64]}' not found")
    return UUID(int=int(suffix.translate(_TO_PYTHON), 32))
