"""How is a vendor's list of models read to its end? Page by page, bounded; a page that can't be read is no list."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from adapters.outbound.client import Reply
from adapters.providers.redaction import is_valid_name, redacted
from adapters.providers.tolerant_reader import as_text
from application.catalogue_comparison import ListedModel
from domain.model import Kind
from domain.provider import InDoubt, NotSent, NoVerdict, Refused, Sighting

LIST_SECONDS: Final = 120.0
MAX_PAGES: Final = 50
MAX_PAGE_BYTES: Final = 16 * 1024 * 1024  # a hundred models with their prices take less than one
ALL_KINDS: Final = frozenset(Kind)
_MODALITIES: Final = {
    "text": Kind.LLM,
    "image": Kind.IMAGE,
    "audio": Kind.AUDIO,
    "speech": Kind.AUDIO,
    "video": Kind.VIDEO,
}


class Page(NamedTuple):
    """One page of a list. `next` is the query of the page behind it, None on the last one."""

    models: tuple[ListedModel, ...]
    next: Mapping[str, str] | None = None


class ListFormat(NamedTuple):
    """How a vendor lists its models.

    `kinds` are those of which the list has every model. `from_wire` gets an answer and the query of its page, and
    returns None for one that is no page. `refused` reads the vendor's errors. `first` is the query of the first
    page."""

    kinds: frozenset[Kind]
    from_wire: Callable[[Reply, Mapping[str, str]], Page | None]
    refused: Callable[[Reply], Sighting]
    first: Mapping[str, str] = {}


async def read_pages(
    how: ListFormat, ask: Callable[[Mapping[str, str]], Awaitable[Reply | NoVerdict]]
) -> tuple[ListedModel, ...] | Refused | NoVerdict:
    """The whole list, each name once. An empty list is no list: no vendor offers nothing."""
    query = how.first
    found: dict[str, ListedModel] = {}
    for _ in range(MAX_PAGES):
        reply = await ask(query)
        if not isinstance(reply, Reply):
            return reply
        page = how.from_wire(reply, query) if reply.ok else None
        if page is None:
            return _failure(how.refused(reply), reply)
        before = len(found)
        found |= {model.name: model for model in page.models if is_valid_name(model.name)}
        if page.next is None:
            return tuple(found.values()) or NoVerdict(reason="the list is empty")
        if len(found) == before:
            return NoVerdict(reason=f"the list repeats itself after {before} models")
        query = page.next
    return NoVerdict(reason=f"the list has more than {MAX_PAGES} pages")


def kinds_of(modalities: object) -> tuple[Kind, ...] | None:
    """The kinds of the media that a model produces, such as `["text", "image"]`; None when the list does not say."""
    if not isinstance(modalities, list):
        return None
    words: list[Any] = modalities  # pyright: ignore[reportUnknownVariableType]
    found = {_MODALITIES[word.lower()] for word in words if isinstance(word, str) and word.lower() in _MODALITIES}
    return tuple(sorted(found))


def last_day(written: object) -> tuple[date | None, str | None]:
    """A day as the vendor writes it, alone or with a time, and the vendor's words where they are no day."""
    text = as_text(written)
    if text is None:
        return None, None
    try:
        return date.fromisoformat(text[:10]), None
    except ValueError:
        return None, redacted(text)[:80]


def _failure(seen: Sighting, reply: Reply) -> Refused | NoVerdict:
    """A page that can't be read, as a refusal by the vendor, or as no verdict."""
    match seen:
        case Refused() if not reply.ok or seen.provider_code:
            return seen
        case NotSent() | InDoubt() | NoVerdict() if not reply.ok:
            return NoVerdict(reason=f"HTTP {reply.status} instead of a list")
        case _:
            return NoVerdict(reason="an answer that is no list of models")
