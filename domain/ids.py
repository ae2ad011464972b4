"""Public ids: a word, an underscore and 26 characters that stand for a UUID (the TypeID format).

The alphabet is Crockford's, in lower case: no i, l, o, u; ids made later sort later when their UUIDs do."""

import re
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.base import Rejected

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TO_PYTHON = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # what int() reads in base 32
_SUFFIX = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]


def task_id(stream: UUID) -> str:
    """`task_` + 26 characters."""
    number = stream.int
    return "task_" + "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def task_stream(task: str) -> UUID:
    """The stream of a task id. A malformed id names no task, so it is refused as unknown."""
    word, _, suffix = task.partition("_")
    if word != "task" or not _SUFFIX.fullmatch(suffix):
        raise Rejected("task_unknown", f"Task '{task[:64]}' not found")
    return UUID(int=int(suffix.translate(_TO_PYTHON), 32))


def model_stream(model: str) -> UUID:
    """The stream of a model: the same on every node, with no table to look it up in."""
    return uuid5(NAMESPACE_URL, f"pixel:model:{model}")
