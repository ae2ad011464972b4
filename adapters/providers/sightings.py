"""How does an answer become a sighting? Status words, outputs and unreadable answers, for all vendors alike."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final, Literal, cast
from urllib.parse import quote, unquote_to_bytes

from adapters.outbound.client import Reply
from adapters.providers.redaction import MAX_ANSWER_LETTERS, is_valid_name
from adapters.providers.tolerant_reader import parsed
from domain.base import replace
from domain.provider import Accepted, Finished, InDoubt, Missing, NoVerdict, Output, RawAnswer, Sighting

MAX_ADDRESS_LETTERS: Final = 16_384
_MAX_IDS: Final = 8

# --- Status words ---

JobStatus = Literal["queued", "running", "done", "failed", "expired", "cancelled"]
_SYNONYMS: Final[dict[JobStatus, str]] = {
    "queued": "submitted created pending preparing queued queueing in_queue waiting",
    "running": "processing running in_progress inprogress started generating working",
    "done": "succeed succeeded success successful done complete completed finished ready ok",
    "failed": "fail failed failure error errored",
    "expired": "expired timeout timed_out",
    "cancelled": "cancelled canceled aborted",
}
_WORDS: Final[dict[str, JobStatus]] = {word: means for means, words in _SYNONYMS.items() for word in words.split()}


def job_status(word: object, more: Mapping[str, JobStatus] | None = None) -> JobStatus | None:
    """The meaning of a vendor's status word, in any case and spelling; None for an unknown word. `more` adds the
    vendor's own words."""
    plain = "_".join(re.findall(r"[a-z]+", word[:100].lower())) if isinstance(word, str) else ""
    return (more or {}).get(plain) or _WORDS.get(plain)


# --- Outputs ---

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NOT_IN_AN_ADDRESS: Final = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*")
_MEDIA: Final = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|BM|RIFF|....ftyp|\x1a\x45\xdf\xa3|OggS|fLaC|ID3|\xff[\xe0-\xff]", re.DOTALL
)


def output(index: int, text: str | None, *, inline: bool = False) -> Output | None:
    """One output from a URL, a `data:` URL or base64; None when the text is none of these.

    The content decides, not the name of the member that holds it. A path may look like base64, so base64 of an unknown
    file type counts only with `inline`, for members that are meant for base64."""
    written = (text or "").strip()
    if _SCHEME.match(written):
        return Output(index=index, url=address(written)) if len(written) <= MAX_ADDRESS_LETTERS else None
    data, is_data_url = from_base64(written), written[:5].lower() == "data:"
    if data and (inline or is_data_url or is_media(data)):
        return Output(index=index, data=data)
    if is_data_url:
        return None
    is_path = "/" in written and not inline and len(written) <= MAX_ADDRESS_LETTERS
    return Output(index=index, url=address(written)) if is_path else None


def is_media(data: bytes) -> bool:
    """Whether the bytes begin like a media file."""
    return _MEDIA.match(data) is not None


def address(text: str) -> str:
    """A URL as it can be requested: line breaks removed, forbidden characters percent-encoded."""
    joined = re.sub(r"[\t\r\n]", "", text.strip())
    return _NOT_IN_AN_ADDRESS.sub(lambda found: quote(found[0], safe="", errors="replace"), joined)


def from_base64(text: str) -> bytes | None:
    """The bytes of base64 text in any form (line breaks, URL-safe, no padding, `data:` URL); None when it is none."""
    if text[:5].lower() == "data:":
        return _data_url(text)
    plain = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    if not plain or len(plain) % 4 == 1 or not _BASE64.fullmatch(plain):
        return None
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return None


def _data_url(text: str) -> bytes | None:
    head, comma, body = text.partition(",")
    if not comma:
        return None
    return from_base64(unquote_to_bytes(body).decode("latin-1")) if "base64" in head.lower() else unquote_to_bytes(body)


def unreadable_output(index: int) -> Missing:
    """The Missing for an output that the vendor made and Pixel can't read. It was paid for."""
    return Missing(index=index, code="unreadable", message="The provider sent an output that can't be read.")


# --- Answers that can't be read ---


def raw_answer(reply: Reply) -> RawAnswer:
    """The answer to store with a doubt. `cleaned` removes the keys from it later."""
    return RawAnswer(
        status=reply.status,
        body=reply.body[: MAX_ANSWER_LETTERS * 8].decode("utf-8", "replace"),
        bytes=len(reply.body),
        sha256=hashlib.sha256(reply.body).hexdigest(),
        media_type=reply.headers.get("content-type", ""),
        ids=_ids(reply.body),
    )


def _ids(body: bytes) -> dict[str, str]:
    """The identifiers in an answer: short texts and integers under `id` or `…_id`, at most _MAX_IDS."""
    found: dict[str, str] = {}
    level: list[Any] = [parsed(body)]
    for _ in range(4):
        deeper: list[Any] = []
        for each in level[:64]:
            if isinstance(each, list):
                items: list[Any] = each  # pyright: ignore[reportUnknownVariableType]
                deeper += items
            elif isinstance(each, dict):
                for name, inner in cast(dict[str, Any], each).items():
                    named = re.search(r"(?i)(^|_)id$|[a-z]Id$", name) and len(found) < _MAX_IDS and len(name) < 40
                    if named and isinstance(inner, str | int) and not isinstance(inner, bool):
                        if 0 < len(str(inner)) <= 200:
                            found.setdefault(name, str(inner))
                    elif isinstance(inner, dict | list):
                        deeper.append(inner)
        level = deeper
    return found


def with_raw_answer(seen: Sighting, reply: Reply) -> Sighting:
    """The sighting, with the raw answer attached when the deciding part could not be read."""
    match seen:
        case InDoubt(answer=None):
            return replace(seen, answer=raw_answer(reply))
        case NoVerdict(answer=None) if reply.ok:
            return replace(seen, answer=raw_answer(reply))
        case Finished(answer=None) if not seen.outputs or any(each.code == "unreadable" for each in seen.missing):
            return replace(seen, answer=raw_answer(reply))
        case _:
            return seen


def unreadable_answer(reply: Reply) -> InDoubt:
    """InDoubt: the answer is neither success nor refusal, so the work may have been done."""
    return InDoubt(reason=f"an answer that can't be read (HTTP {reply.status})", answer=raw_answer(reply))


def server_error(reply: Reply) -> InDoubt:
    """InDoubt for a 5xx to an order: it may have arrived, and the work may have been done."""
    return InDoubt(reason=f"the provider failed while it had the order (HTTP {reply.status})", answer=raw_answer(reply))


def accepted_job(job: str | None, reply: Reply) -> Accepted | InDoubt:
    """Accepted with the job's name; InDoubt when the answer has no name that can be stored and polled."""
    return Accepted(job=job) if job and is_valid_name(job) else unreadable_answer(reply)
