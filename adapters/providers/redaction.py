"""Which of a vendor's words may be stored? Bounded texts, without keys, and only characters that a database takes."""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote

import msgspec

from adapters.providers.tolerant_reader import LARGEST_COUNT
from application.ports import OnText
from domain.base import replace
from domain.provider import Finished, Order

V = TypeVar("V", bound=msgspec.Struct)
MAX_ANSWER_LETTERS: Final = 8192
MAX_MESSAGE_LETTERS: Final = 500
MAX_CODE_LETTERS: Final = 100
MAX_JOB_LETTERS: Final = 512
LONGEST_SECONDS: Final = 1e9
MAX_TEXT_LETTERS: Final = 4_000_000
MAX_OUTPUTS: Final = 64
MAX_COUNTS: Final = 64
_QUOTE_LETTERS: Final = 16  # a repeated part of this length is a quotation


def redacted(text: object, *, secrets: Sequence[str] = ()) -> str:
    """A vendor's message, fit to be shown: one line, at most MAX_MESSAGE_LETTERS, without keys and URLs."""
    line = " ".join(_without(_printable(str(text or "")[: MAX_ANSWER_LETTERS * 4]), secrets).split())
    return _ADDRESS.sub("(address)", line)[:MAX_MESSAGE_LETTERS]


def cleaned(seen: V, secrets: Sequence[str], private: Sequence[str] = ()) -> V:
    """A sighting, fit to be stored for ever: bounded, without keys, and without characters that PostgreSQL refuses.

    Everything that a vendor says passes this function. `secrets` are the parts of the key. `private` texts, such as the
    prompt, are removed from codes only, because codes are counted, logged and compared."""
    changes: dict[str, Any] = {}
    for field in seen.__struct_fields__:
        value = getattr(seen, field)
        new = _cleaned(field, value, secrets, private)
        if new is not value:
            changes[field] = new
    if isinstance(seen, Finished) and len(seen.outputs) > MAX_OUTPUTS:
        too_many = f"the provider sent {len(seen.outputs)} outputs: the first {MAX_OUTPUTS} are kept"
        changes["notes"] = (*changes.get("notes", seen.notes), too_many)
    return replace(seen, **changes) if changes else seen


def _cleaned(field: str, value: Any, secrets: Sequence[str], private: Sequence[str]) -> Any:
    match value:
        case str():
            return _cleaned_text(field, value, secrets, private)
        case msgspec.Struct():
            return cleaned(value, secrets, private)
        case tuple():
            items: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
            return tuple(_cleaned(field, item, secrets, private) for item in items[:MAX_OUTPUTS])
        case dict():
            members = cast(dict[str, Any], value)
            return {
                _without(_printable(name), secrets)[:MAX_CODE_LETTERS]: _cleaned(field, each, secrets, private)
                for name, each in list(members.items())[:MAX_COUNTS]
                if not isinstance(each, int) or abs(each) <= LARGEST_COUNT
            }
        case float() if field.endswith("_seconds") and not 0 <= value <= LONGEST_SECONDS:
            return None  # no duration is that long
        case _:
            return value


def _cleaned_text(field: str, text: str, secrets: Sequence[str], private: Sequence[str]) -> str:
    if field in {"code", "provider_code"}:
        code = " ".join(_without(_printable(text[:MAX_ANSWER_LETTERS]), (*secrets, *private)).split())
        return "***" if _quotes(code[:MAX_CODE_LETTERS], private) else code[:MAX_CODE_LETTERS]
    if field == "url":  # the address of the result: parts of it may look like keys
        return text
    if field == "body":
        return _without(_storable(text), secrets, patterns=False)[:MAX_ANSWER_LETTERS]
    if field == "text":
        clean = _without(_storable(text), secrets, patterns=False)
        return clean if len(clean) <= MAX_TEXT_LETTERS else clean[:MAX_TEXT_LETTERS]
    if field == "job":
        return text  # never cut: see `is_valid_name`
    return _without(_printable(text[: MAX_ANSWER_LETTERS * 4]), secrets)[:MAX_MESSAGE_LETTERS]


class TextCleaner:
    """Hands text on, piece after piece, as `cleaned` cleans the whole of it. What may be the beginning of a key
    waits."""

    def __init__(self, on_text: OnText, secrets: Sequence[str]) -> None:
        self._on_text = on_text
        self._secrets = secrets
        self._written = tuple(form for secret in secrets for form in _forms(secret))
        self._held = ""

    def __call__(self, text: str) -> None:
        text = _without(self._held + _storable(text), self._secrets, patterns=False)
        longest = min(len(text), max(map(len, self._written), default=1) - 1)
        held = next((n for n in range(longest, 0, -1) if any(w.startswith(text[-n:]) for w in self._written)), 0)
        text, self._held = text[: len(text) - held], text[len(text) - held :]
        if text:
            self._on_text(text)


def is_valid_name(job: str) -> bool:
    """Whether a name of a job or a file is short and printable, so that it can be stored and sent back in a poll."""
    return 0 < len(job) <= MAX_JOB_LETTERS and _printable(job) == job


def private_texts(order: Order) -> tuple[str, ...]:
    """The caller's own texts in an order: prompts, system text and messages."""
    params = order.params
    messages: list[Any] = params.get("messages") or []
    contents = (cast(dict[str, Any], each).get("content") for each in messages if isinstance(each, dict))
    wanted: tuple[object, ...] = (params.get("prompt"), params.get("negativePrompt"), params.get("system"), *contents)
    return tuple(text for text in wanted if isinstance(text, str) and len(text) > 3)


def _quotes(code: str, private: Sequence[str]) -> bool:
    """Whether a code repeats a part of a private text, of at least _QUOTE_LETTERS letters."""
    pieces = [code[start : start + _QUOTE_LETTERS] for start in range(len(code) - _QUOTE_LETTERS + 1)]
    return any(piece in text for text in (" ".join(each.split()) for each in private) for piece in pieces)


def _without(text: str, secrets: Sequence[str], *, patterns: bool = True) -> str:
    for secret in secrets:
        for written in _forms(secret):
            text = text.replace(written, "***")
    return _SECRET.sub("***", text) if patterns else text


def _forms(secret: str) -> set[str]:
    """How a key may be written: plain, with a slash escaped as in JSON, and percent-encoded."""
    if len(secret) <= 3:
        return set()
    return {secret, secret.replace("/", "\\/"), quote(secret, safe="", errors="replace")}


def _storable(text: str) -> str:
    """Without U+0000, which PostgreSQL refuses, and without half surrogates, which UTF-8 can't encode."""
    return _UNSTORABLE.sub("\ufffd", text)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)


_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SECRET: Final = re.compile(
    r"(?i)\b(?:bearer\s+\S+|(?:sk|ms|r8|ak|key)-[A-Za-z0-9_*-]{6,}|AIza[\w-]{10,}|AQ\.[\w-]{10,}|eyJ[\w-]+\.[\w.-]+)"
)
_ADDRESS: Final = re.compile(r"https?://\S+")
