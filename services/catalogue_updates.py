"""How does a running Pixel take over a changed catalogue? Its files are read again and compared with the model streams;
the difference is shown, or appended. What is broken changes nothing.

Models are all that events describe. Providers, budgets and exchange rates are of each process, from its start on: what
differs there is told, and needs a restart."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Annotated, Any

import msgspec
import structlog
from msgspec import Meta

from adapters.catalogue.file import Catalogue, CatalogueError
from adapters.postgres.database import DRIVER_ERRORS
from adapters.postgres.event_log import EventLog
from adapters.providers.registry import load_catalogue
from application.catalogue import Change, changes, synchronise
from application.ports import Cause, Conflict, LogUnavailable
from domain.base import Rejected, Value
from domain.model import ModelRevised, ModelSpec

READ_SECONDS = 60.0
BROKEN = "The catalogue has mistakes, and nothing was changed:"

logger = structlog.get_logger("pixel.catalogue")


class CatalogueChange(Value, omit_defaults=True):
    """One event of the difference."""

    model: Annotated[str, Meta(description="The model", examples=["dashscope/qwen-image"])]
    type: Annotated[str, Meta(description="The event", examples=["ModelRevised"])]
    data: Annotated[
        msgspec.Raw,
        Meta(
            description="The event itself, as it would be stored, or was",
            examples=[{"event": "ModelDisabled", "reason": "under repair", "at": "2026-02-11T10:00:00Z"}],
        ),
    ]
    changed: Annotated[
        tuple[str, ...],
        Meta(description="Of a revision: what is different in the description", examples=[["name", "prices"]]),
    ] = ()


class CatalogueDifference(Value):
    """How the files of the catalogue differ from what Pixel knows. `applied`: the events were appended."""

    applied: Annotated[bool, Meta(description="Whether the events were appended", examples=[False])]
    events: Annotated[list[CatalogueChange], Meta(description="The events to be; with `applied`: those that are")]
    needs_restart: Annotated[
        list[str],
        Meta(
            description="What differs from the start of this process and is read at a start only",
            examples=[["budgets", "providers.kling"]],
        ),
    ]


class CatalogueUpdates:
    """Reads the catalogue again, one at a time. `start` is the catalogue that this process started with."""

    def __init__(self, log: EventLog, path: Path, start: Catalogue) -> None:
        self._log = log
        self._path = path
        self._start = start
        self._one_at_a_time = asyncio.Lock()
        self._wanted = asyncio.Event()

    async def difference(self) -> CatalogueDifference:
        """What `apply` would append. Raises Rejected `catalogue_broken` with every problem, and LogUnavailable."""
        async with self._one_at_a_time:
            found = await self._read()
            return self._shown(found, changes(found.models, await self._log.model_events()), applied=False)

    async def apply(self, cause: Cause) -> CatalogueDifference:
        """Append the difference, as the administrator or the file's editor in `cause`.

        Raises Rejected `catalogue_broken` with every problem, LogUnavailable, and Conflict when others changed the
        models all the time."""
        async with self._one_at_a_time:
            found = await self._read()
            to_be = changes(found.models, await self._log.model_events())
            await synchronise(self._log, found.models, cause)
            return self._shown(found, to_be, applied=True)

    def apply_soon(self) -> None:
        """Let `run` apply the catalogue: somebody sent SIGHUP."""
        self._wanted.set()

    async def run(self) -> None:
        """For ever: apply the catalogue after each `apply_soon`, and log what came of it."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                found = await self.apply(Cause(actor="catalogue"))
            except (Rejected, LogUnavailable, Conflict, *DRIVER_ERRORS) as error:
                logger.warning("catalogue not applied", problems=str(error).splitlines() or [type(error).__name__])
            else:
                logger.info("catalogue applied", events=len(found.events), needs_restart=found.needs_restart)

    async def _read(self) -> Catalogue:
        try:
            return await read_apart(self._path)
        except CatalogueError as error:
            raise Rejected("catalogue_broken", f"{BROKEN}\n{error}") from None

    def _shown(self, found: Catalogue, to_be: list[Change], *, applied: bool) -> CatalogueDifference:
        return CatalogueDifference(
            applied=applied, events=[shown(change) for change in to_be], needs_restart=_restarts(self._start, found)
        )


async def read_apart(path: Path) -> Catalogue:
    """Read the catalogue in a process of its own: it takes a second, in which callers would wait again and again.

    Raises CatalogueError with every problem, also when the reading itself fails."""
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(pool, load_catalogue, path)
    except TimeoutError:
        raise CatalogueError(f"{path}: could not be read within {READ_SECONDS:g} seconds") from None
    except (BrokenProcessPool, OSError) as error:
        raise CatalogueError(f"{path}: the process that reads it failed: {error}") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def shown(change: Change) -> CatalogueChange:
    """A change in the form of answers."""
    event, before = change.event, change.before
    changed: tuple[str, ...] = ()
    if isinstance(event, ModelRevised) and before is not None:
        fields = ModelSpec.__struct_fields__
        changed = tuple(name for name in fields if getattr(before, name) != getattr(event.spec, name))
    data = msgspec.Raw(msgspec.json.encode(event))
    return CatalogueChange(model=change.model, type=type(event).__name__, data=data, changed=changed)


def _restarts(start: Catalogue, found: Catalogue) -> list[str]:
    """The parts of the catalogue that are read at a start only, and are different by now."""
    providers: dict[str, Any] = dict(start.providers)
    names = [name for name in {**providers, **found.providers} if providers.get(name) != found.providers.get(name)]
    parts = [name for name in ("money", "budgets") if getattr(start, name) != getattr(found, name)]
    return [*parts, *(f"providers.{name}" for name in sorted(names))]
