"""A worker without PostgreSQL: a log in memory, a scripted provider, real folders for the asset store and the spool."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from PIL import Image

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.result_spool import FolderSpool
from application import clock, commands, execution
from application.claimed_task import ClaimedTask, WorkerContext
from application.live_text import TextPiece
from application.model_specs import ModelSpecs
from application.ports import (
    AnyEvent,
    Append,
    AssetStore,
    Cause,
    Conflict,
    InputReader,
    LogUnavailable,
    OnText,
    OutputFile,
    Provider,
    Receipt,
    Recorded,
    Unreadable,
)
from application.rate_limits import LaneLimits, Lanes
from application.storage import Storage
from domain.base import Event
from domain.ids import model_stream, task_id
from domain.model import Kind, ModelEvent, ModelRegistered, ModelSpec
from domain.provider import (
    CancelResult,
    CannotTell,
    DownloadFailed,
    Finished,
    Input,
    LookupResult,
    NoVerdict,
    Order,
    Output,
    Sighting,
)
from domain.task.events import Fallback, TaskRequested
from domain.task.state import Task

MODEL = "acme/painter"
TEST_CAUSE = Cause(actor="test")
EMPTY = Finished(outputs=())
_EVENT: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def png(shade: int = 0) -> bytes:
    """A small image."""
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (shade, 0, 0)).save(file, "PNG")
    return file.getvalue()


def finished(*shades: int) -> Finished:
    """A result with its outputs in the answer: an image of each shade."""
    return Finished(outputs=tuple(Output(index=index, data=png(shade)) for index, shade in enumerate(shades)))


class ProcessKilled(BaseException):
    """The process is killed here: no code after it runs."""


class MemoryLog:
    """An event log in memory. `away` means that it can't be reached. `before` and `after` are called with the
    types of the events of every append.

    `reads` holds each stream as often as it was read, `causes` the cause of each append. Like the log in PostgreSQL, it
    refuses events that could not be read back."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.reads: list[UUID] = []
        self.causes: list[Cause] = []
        self.away = False
        self.before: Callable[[list[str]], None] = lambda _: None
        self.after: Callable[[list[str]], None] = lambda _: None

    async def append(self, stream: UUID, expected: int, events: list[Any], cause: Cause) -> Receipt:
        [receipt] = await self.append_all([Append(stream, expected, events)], cause)
        return receipt

    async def append_all(self, appends: Sequence[Append], cause: Cause) -> list[Receipt]:
        events = [event for each in appends for event in each.events]
        topics = [type(event).__name__ for event in events]
        assert [_EVENT.decode(msgspec.json.encode(event)) for event in events] == events
        self._reach()
        self.before(topics)
        for stream, expected, _ in appends:
            if (version := self._version(stream)) != expected:
                raise Conflict(f"the stream ends at version {version}, not {expected}")
        receipts: list[Receipt] = []
        for stream, expected, own in appends:
            for version, event in enumerate(own, expected + 1):
                self.events.append(Recorded(len(self.events) + 1, stream, version, event))
            receipts.append(Receipt(expected + len(own), len(self.events)))
        self.causes.append(cause)
        self.after(topics)
        return receipts

    async def stream(self, stream: UUID) -> list[Recorded]:
        self._reach()
        self.reads.append(stream)
        return [recorded for recorded in self.events if recorded.stream == stream]

    async def streams(self, streams: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        return {stream: await self.stream(stream) for stream in streams}

    async def read(self, after: int, limit: int) -> list[Recorded]:
        self._reach()
        return self.events[after : after + limit]

    async def head(self) -> int:
        self._reach()
        return len(self.events)

    async def model_events(self) -> list[Recorded]:
        return [recorded for recorded in self.events if isinstance(recorded.event, ModelEvent)]

    def appended(self) -> Any:
        raise NotImplementedError  # nobody follows it

    def add(self, stream: UUID, event: AnyEvent | Unreadable) -> None:
        """Append an event as another process."""
        self.events.append(Recorded(len(self.events) + 1, stream, self._version(stream) + 1, event))

    def _version(self, stream: UUID) -> int:
        return sum(recorded.stream == stream for recorded in self.events)

    def _reach(self) -> None:
        if self.away:
            raise LogUnavailable("away", retry_after=1)


@dataclass
class ScriptedProvider:
    """A provider that gives scripted answers and remembers its calls. Without a script it knows nothing.

    `orders` holds the order of every question that it was asked, orders that go out among them."""

    submits: list[Sighting | BaseException] = field(default_factory=list[Sighting | BaseException])
    polls: list[Sighting] = field(default_factory=list[Sighting])
    lookups: list[LookupResult | NoVerdict] = field(default_factory=list[LookupResult | NoVerdict])
    files: dict[str, bytes | OutputFile | DownloadFailed] = field(
        default_factory=dict[str, bytes | OutputFile | DownloadFailed]
    )
    calls: list[str] = field(default_factory=list[str])
    orders: list[Order] = field(default_factory=list[Order])
    expected: float | None = None
    lookup_after_seconds: float = 0.0
    takes_urls: bool = True
    on_submit: Callable[[], None] = lambda: None
    keys_taken: int = 0

    def account(self, kind: Kind) -> str | None:
        self.keys_taken += 1
        return "k1"

    def expected_seconds(self, order: Order) -> float | None:
        self.orders.append(order)
        return self.expected

    async def submit(self, order: Order, on_text: OnText | None = None) -> Sighting:
        self.orders.append(order)
        self.calls.append(f"submit {order.call_id.rpartition('.')[2]}")
        self.on_submit()
        answer = self.submits.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def poll(self, order: Order, job: str) -> Sighting:
        self.orders.append(order)
        self.calls.append(f"poll {job}")
        return self.polls.pop(0) if self.polls else NoVerdict(reason="no script")

    async def cancel(self, order: Order, job: str) -> CancelResult:
        self.orders.append(order)
        self.calls.append(f"cancel {job}")
        return CancelResult(outcome="unsupported", message="never")

    async def lookup(self, order: Order) -> LookupResult | NoVerdict:
        self.orders.append(order)
        self.calls.append("lookup")
        return self.lookups.pop(0) if self.lookups else CannotTell(reason="no script")

    async def fetch(self, order: Order, url: str) -> bytes | OutputFile | DownloadFailed:
        self.orders.append(order)
        self.calls.append(f"fetch {url}")
        return self.files.get(url, DownloadFailed(reason="HTTP 404"))

    @property
    def submitted(self) -> int:
        """The number of orders that went out: a real provider would charge each."""
        return sum(each.startswith("submit") for each in self.calls)


class DetachableFolder:
    """A folder that can be away, as on an unmounted disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def detach(self) -> None:
        """Take the folder away."""
        self.folder.rename(self.folder.with_name(f"{self.folder.name} away"))

    def attach(self) -> None:
        """Bring the folder back with its content."""
        self.folder.with_name(f"{self.folder.name} away").rename(self.folder)

    def files(self) -> list[Path]:
        """The files in it, without the id of a spool."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file() and path.name != "id")


async def no_budgets(stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> Mapping[str, str]:
    """No budget forbids any model."""
    return {}


async def no_inputs(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
    """Tasks of these tests have no inputs."""
    return ()


class Harness:
    """One log, one provider, one asset store, and workers on machines with a spool each."""

    def __init__(self, folder: Path, decoders: Decoders) -> None:
        self.log = MemoryLog()
        self.provider = ScriptedProvider()
        self.texts: list[TextPiece] = []
        self.logged: list[tuple[str, dict[str, Any]]] = []
        self.assets = DetachableFolder(folder / "assets")
        self.store: ObjectAssetStore = ObjectAssetStore.open(str(self.assets.folder), decoders)
        self.spool = DetachableFolder(folder / "spool")
        self._folder = folder
        self._workers = 0

    def worker(
        self,
        machine: str = "spool",
        *,
        limits: LaneLimits | None = None,
        store: AssetStore | None = None,
        max_bytes: int = 2**20,
        inputs: InputReader = no_inputs,
    ) -> WorkerContext:
        """A process that has just started on a machine."""
        self._workers += 1
        spool = FolderSpool.open(self._folder / machine, max_bytes)
        providers: dict[str, Provider] = {"acme": self.provider}
        return WorkerContext(
            log=self.log,
            specs=ModelSpecs(self.log),
            providers=providers,
            storage=Storage(store or self.store, spool, self.log_step),
            inputs=inputs,
            lanes=Lanes({"acme": {Kind.IMAGE: limits}} if limits else {}),
            worker=f"w{self._workers}",
            log_step=self.log_step,
            over_budget=no_budgets,
            send_text=self.texts.append,
        )

    def log_step(self, event: str, **facts: Any) -> None:
        """Keep the logged steps with their facts."""
        self.logged.append((event, facts))

    async def request_task(self, kind: Kind = Kind.IMAGE, *, model: str = MODEL, seconds: float = 900.0) -> UUID:
        """Record a request; returns the stream of its task."""
        now = clock.now()
        if not await self.log.stream(model_stream(model)):
            spec = ModelSpec(name="Painter", type=kind)
            await self.log.append(model_stream(model), 0, [ModelRegistered(model=model, spec=spec, at=now)], TEST_CAUSE)
        stream = clock.new_stream()
        wanted = TaskRequested(
            task=task_id(stream),
            kind=kind,
            model=model,
            model_revision=1,
            params={"prompt": "a boat"},
            request_hash="0a1b",
            finish_by=now + timedelta(seconds=seconds),
            at=now,
        )
        await self.log.append(stream, 0, [wanted], TEST_CAUSE)
        return stream

    async def append(self, stream: UUID, *events: Event) -> None:
        """Append events to a task."""
        version = (await commands.load(self.log, stream)).version
        await self.log.append(stream, version, list(events), TEST_CAUSE)

    async def load(self, stream: UUID) -> Task:
        """The task, folded from its stream."""
        return (await commands.load(self.log, stream)).task

    def event_types(self, stream: UUID) -> list[str]:
        """The types of the task's events, oldest first."""
        return [type(recorded.event).__name__ for recorded in self.log.events if recorded.stream == stream]

    def last_event(self, stream: UUID) -> Any:
        """The newest event of the task."""
        return [recorded.event for recorded in self.log.events if recorded.stream == stream][-1]


async def advance(
    worker: WorkerContext, stream: UUID, *, held: Callable[[], bool] = lambda: True, is_order: bool = True
) -> float | None:
    """Let a worker that has claimed the task do all that is due."""
    known = await commands.load(worker.log, stream)
    assert known.request
    return await execution.advance(ClaimedTask(worker, stream, known.request, known, 1, held, is_order=is_order))


async def unknown_call(harness: Harness) -> tuple[UUID, str]:
    """A call whose outcome is unknown."""
    stream = await harness.request_task()
    harness.provider.submits = [RuntimeError()]
    with pytest.raises(RuntimeError):
        await advance(harness.worker(), stream)
    await advance(harness.worker(), stream)
    return stream, f"{task_id(stream)}.1"
