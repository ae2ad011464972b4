"""The suite that every adapter must pass on its simulator: the job done once, and each way in which it can fail.

A provider's test file makes a subclass of `Conformance` with its `subject`: the models of the shipped catalogue that it
is tested with, and the meaning of each fault. `PIXEL_TEST_WRITE_GOLDEN=1` writes new golden requests and replies."""

import asyncio
import json
import os
import threading
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import httpx
import msgspec

from adapters.catalogue.file import Catalogue, load
from adapters.media.output_file import TemporaryOutput
from adapters.outbound.client import CHUNK_BYTES, MAX_ANSWER_BYTES, ChunkedBody, OnBytes, ProviderClient, Reply
from adapters.outbound.ssrf_guard import Guard
from adapters.providers.base import HttpProvider
from adapters.providers.registry import ProviderRegistry, open_providers
from domain import capabilities, pricing
from domain.base import replace
from domain.model import Kind, ModelSpec
from domain.provider import (
    CUT_OFF,
    Accepted,
    CannotTell,
    DownloadFailed,
    Finished,
    Found,
    Gone,
    InDoubt,
    Input,
    NotSent,
    NoVerdict,
    Order,
    Refused,
    Sighting,
    Working,
)
from services.settings import DEFAULT_CATALOG
from tests.adapters.providers.tolerance import Tolerance
from tests.patience import patient
from tests.simulators.base import Request, Simulator
from tests.simulators.media import measure
from tests.web import PlainClient

GOLDEN = Path(__file__).parent / "golden"
TASK = "task_01kh5rfm0se1jb4gcrc1rz1bq0"
MAX_POLLS = 20
PATIENCE_SECONDS = 30.0
SHORT_PATIENCE_SECONDS = 0.3
LOST = ("500_after", "reset_after", "silent_after", "cut_body", "empty_body", "truncated_json")
NOT_DONE = ("reset_before", "500_before", "502_html")


class Case(NamedTuple):
    """One capability: a model of the catalogue, and a request for it.

    `made` is the number of outputs, `inputs` are the reference media. `job`: it is accepted first and done later."""

    name: str
    model: str
    params: dict[str, Any]
    made: int = 1
    job: bool = True
    inputs: tuple[Input, ...] = ()


class Subject(NamedTuple):
    """An adapter under test. `refusals` maps each fault of the simulator to the error code that it becomes, for an
    order or for a poll. `only` restricts a fault to some cases, by name."""

    provider: str
    simulator: str
    environment: Mapping[str, str]
    cases: tuple[Case, ...]
    refusals: Mapping[str, str]
    only: Mapping[str, tuple[str, ...]] = {}
    base_path: str = ""
    entry: Any = None
    lookup: str = "CannotTell"
    """The result of a lookup when the order arrived: Found or CannotTell."""
    lookup_not_done: str = "CannotTell"
    """The result of a lookup when the order did not arrive: NotFound or CannotTell."""
    cancels: str = "unsupported"
    bad_environment: Mapping[str, str] = {}
    """Keys of the right form that the vendor refuses; empty for providers without keys."""
    specs: Mapping[str, ModelSpec] = {}
    """Models that are not in the shipped catalogue, by id."""
    two_keys: Mapping[str, str] = {}
    """Two keys, of which the vendor refuses the first; empty for providers with at most one key."""
    deciding_members: frozenset[str] = frozenset()
    """Names of members that decide in this vendor's answers, in addition to `tolerance.DECIDES`."""
    optional_members: frozenset[str] = frozenset()
    """Names in `tolerance.DECIDES` that do not decide in this vendor's answers."""

    stranger: str = "job-nobody-knows"
    """A valid job name that the vendor does not know."""

    def refusals_of(self, case: Case) -> dict[str, str]:
        """The faults that apply to this case."""
        return {
            fault: code
            for fault, code in self.refusals.items()
            if fault not in self.only or case.name in self.only[fault]
        }


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load(DEFAULT_CATALOG)


def spec_of(model: str) -> ModelSpec:
    """A model of the shipped catalogue."""
    return next(entry.spec for entry in catalogue().models if entry.id == model)


class Watched(bytes):
    """Bytes that record the threads in which they are sliced."""

    threads: set[int]

    def __init__(self, _: bytes) -> None:
        self.threads = set()

    def __getitem__(self, key: Any) -> Any:
        self.threads.add(threading.get_ident())
        return super().__getitem__(key)


class ImpatientClient(ProviderClient):
    """The real client with short timeouts, so that a silent simulator is given up soon. It records the requests."""

    patience = PATIENCE_SECONDS

    def __init__(self, guard: Guard) -> None:
        super().__init__(guard)
        self.sent: list[httpx.Request] = []

    async def send_paid(
        self, request: httpx.Request, *, send_by: datetime | None, read_seconds: float, on_bytes: OnBytes | None = None
    ) -> Reply | NotSent | InDoubt:
        self.sent.append(request)
        seconds = min(read_seconds, self.patience)
        return await super().send_paid(request, send_by=send_by, read_seconds=seconds, on_bytes=on_bytes)

    async def query(
        self, request: httpx.Request, *, read_seconds: float = PATIENCE_SECONDS, max_bytes: int = MAX_ANSWER_BYTES
    ) -> Reply | NoVerdict:
        self.sent.append(request)
        patience = min(read_seconds, PATIENCE_SECONDS)
        return await super().query(request, read_seconds=patience, max_bytes=max_bytes)


class Bench(NamedTuple):
    """An adapter and its simulator."""

    subject: Subject
    simulator: Simulator
    address: str
    provider: HttpProvider
    client: ImpatientClient

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, subject: Subject, simulator: Simulator, address: str, environment: Mapping[str, str] | None = None
    ) -> AsyncGenerator["Bench"]:
        """The adapter as `pixel serve` opens it, with short timeouts and the simulator's address."""
        client = ImpatientClient(Guard(private_hosts=[httpx.URL(address).netloc.decode()]))
        entries = catalogue().providers if subject.entry is None else {subject.provider: subject.entry}
        variable = f"{subject.provider.upper().replace('-', '_')}_BASE_URL"
        given = dict(subject.environment if environment is None else environment)
        base = {variable: address + subject.base_path} | {
            name: value.replace("{address}", address) for name, value in given.items()
        }
        opened = open_providers(ProviderRegistry(entries, base), client, lambda _name, _call: None)
        try:
            yield cls(subject, simulator, address, opened[subject.provider], client)
        finally:
            await client.close()

    def spec_of(self, case: Case) -> ModelSpec:
        """The model of a case."""
        return self.subject.specs.get(case.model) or spec_of(case.model)

    def order(self, case: Case, *marks: str, call: int = 1, account: str | None = None) -> Order:
        """An order of a case. `marks` in the prompt set faults of the simulator."""
        params = marked(case.params, *marks) | ({"imageInputs": ["asset"] * len(case.inputs)} if case.inputs else {})
        spec = self.spec_of(case)
        return Order(
            task_id=TASK,
            call_id=f"{TASK}.{call}",
            kind=spec.type,
            model=case.model,
            spec=spec,
            params=params,
            account=account if account is not None else self.provider.account(spec.type) or "",
            inputs=case.inputs,
            called_at=datetime.now(UTC),
        )

    async def finish(self, order: Order, seen: Sighting) -> Sighting:
        """Poll until there is a result."""
        if not isinstance(seen, Accepted):
            return seen
        job = seen.job
        for _ in range(MAX_POLLS):
            news = await self.provider.poll(order, job)
            if not isinstance(news, Working | NoVerdict):
                return news
        raise AssertionError(f"no verdict after {MAX_POLLS} polls: {news}")

    async def finish_together(self, orders: Sequence[Order]) -> list[Sighting]:
        """Submit all orders, and poll the unfinished ones concurrently."""
        news: list[Sighting] = [await self.provider.submit(order) for order in orders]
        jobs = [seen.job for seen in news if isinstance(seen, Accepted)]
        assert len(jobs) == len(orders), news
        for _ in range(MAX_POLLS):
            left = [number for number, seen in enumerate(news) if isinstance(seen, Accepted | Working | NoVerdict)]
            if not left:
                return news
            polled = await asyncio.gather(*(self.provider.poll(orders[number], jobs[number]) for number in left))
            for number, seen in zip(left, polled, strict=True):
                news[number] = seen
        raise AssertionError(f"no verdict after {MAX_POLLS} polls: {news}")

    async def fault(self, fault: str, **wish: object) -> None:
        """Make the simulator fail the next requests."""
        async with PlainClient(base_url=self.address) as client:
            await client.post("/_simulator/faults", json={"fault": fault, **wish})

    async def check_result(self, order: Order, finished: Finished, made: int) -> None:
        """Check that the outputs are of the asked kind, number, size and length, and cost no more than estimated."""
        assert len(finished.outputs) == made
        assert [output.index for output in finished.outputs] == list(range(made))
        for output in finished.outputs:
            if order.kind is Kind.LLM:
                assert output.text
                continue
            data = await self.provider.fetch(order, output.url) if output.url else output.data
            if isinstance(data, TemporaryOutput):
                with closing(data) as large:
                    data = b"".join(large.pieces())
            assert isinstance(data, bytes), data
            media = measure(data)
            assert media.media_type.split("/")[0] == order.kind
            asked = capabilities.pixels(order.spec, order.params)
            assert asked is None or (media.width, media.height) == asked
            seconds = capabilities.seconds(order.spec, order.params) if order.kind is Kind.VIDEO else None
            assert seconds is None or abs((media.duration_seconds or 0) - seconds) < 0.6
        price = finished.cost or pricing.actual(
            order.spec, order.params, usage=finished.usage, outputs=made, revision=1
        )
        most = pricing.estimate(order.spec, order.params, revision=1)
        assert (price is None) == (most is None)
        assert price is None or most is None or price.amount <= most.amount

    @property
    def billed(self) -> int:
        """The number of orders that would have been paid for."""
        return sum(self.simulator.effects.values())


def marked(params: dict[str, Any], *marks: str) -> dict[str, Any]:
    """The parameters with marks appended to their text."""
    tail = "".join(f" [[{mark}]]" for mark in marks)
    if "messages" in params:
        *before, last = params["messages"]
        return params | {"messages": [*before, last | {"content": last["content"] + tail}]}
    return params | {"prompt": params["prompt"] + tail}


class Conformance(Tolerance):
    """The suite."""

    subject: ClassVar[Subject]

    async def test_the_job_is_done_once_as_asked(self, bench: Bench, case: Case) -> None:
        """Submit, poll, fetch: media of the asked kind, number and size, paid for once, and priced."""
        order = bench.order(case)
        finished = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(finished, Finished), finished
        assert bench.billed == 1
        await bench.check_result(order, finished, case.made)

    async def test_requests_and_replies_are_golden(self, bench: Bench, case: Case) -> None:
        """The request and the reply equal the golden file, field by field."""
        order = bench.order(case)
        seen = await bench.provider.submit(order)
        final = await bench.finish(order, seen)
        (sent, answer), *_ = bench.simulator.orders
        found = {
            "request": {"method": sent.method, "path": sent.path, "body": _sent(sent, bench.address)},
            "reply": _readable(answer.body, bench.address),
            "seen": type(seen).__name__,
            "usage": final.usage if isinstance(final, Finished) else None,
        }
        file = GOLDEN / f"{self.subject.provider}.{case.name}.json"
        if os.environ.get("PIXEL_TEST_WRITE_GOLDEN"):
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
        assert msgspec.json.decode(file.read_bytes()) == msgspec.json.decode(msgspec.json.encode(found))

    async def test_large_media_are_written_in_a_thread_and_leave_in_pieces(self, bench: Bench, case: Case) -> None:
        """In every encoding: the event loop neither encodes large media nor sends them in one piece."""
        if not any(given.data for given in case.inputs):
            return
        large = [Watched(given.data + bytes(2_000_000)) for given in case.inputs if given.data]
        left = iter(large)
        inputs = tuple(replace(given, data=next(left)) if given.data else given for given in case.inputs)
        await bench.provider.submit(replace(bench.order(case), inputs=inputs))
        sizes: list[int] = []
        for request in bench.client.sent:
            assert isinstance(request.stream, ChunkedBody)
            pieces = [piece async for piece in request.stream]
            assert max(map(len, pieces), default=0) <= CHUNK_BYTES
            sizes.append(sum(map(len, pieces)))
        assert max(sizes) > len(large[0])
        assert not any(threading.get_ident() in data.threads for data in large)

    async def test_an_answer_that_is_lost_is_a_doubt(self, bench: Bench, case: Case) -> None:
        """Done and billed, and no usable answer: never a refusal, never "not sent", and no automatic retry."""
        for number, fault in enumerate(LOST, start=1):
            order = bench.order(case, fault, call=number)
            bench.client.patience = SHORT_PATIENCE_SECONDS if fault == "silent_after" else PATIENCE_SECONDS
            seen = await bench.provider.submit(order)
            bench.client.patience = PATIENCE_SECONDS
            assert isinstance(seen, InDoubt), (fault, seen)
            async with asyncio.timeout(patient(PATIENCE_SECONDS)):
                while bench.billed < number:  # the work is done by now, or still under way
                    await asyncio.sleep(0.01)
            assert bench.billed == number, fault
            finding = await bench.provider.lookup(order)
            assert type(finding).__name__ == self.subject.lookup, (fault, finding)
            if isinstance(finding, Found):
                done = await bench.finish(order, Accepted(job=finding.job))
                assert isinstance(done, Finished), (fault, done)

    async def test_a_failure_that_may_have_been_too_late_is_a_doubt(self, bench: Bench, case: Case) -> None:
        """A reset, a 500, a gateway's page: nothing was done, but the answer does not prove that."""
        for number, fault in enumerate(NOT_DONE, start=1):
            order = bench.order(case, fault, call=number)
            seen = await bench.provider.submit(order)
            assert isinstance(seen, InDoubt), (fault, seen)
            finding = await bench.provider.lookup(order)
            assert type(finding).__name__ == self.subject.lookup_not_done, (fault, finding)
        assert bench.billed == 0

    async def test_what_the_vendor_has_forgotten_may_have_happened(self, bench: Bench, case: Case) -> None:
        """If a call is older than the vendor's history, or of unknown time, its absence proves nothing."""
        history_seconds = bench.provider.history_seconds
        if history_seconds is None:
            return
        order = bench.order(case)
        for called_at in (datetime.now(UTC) - timedelta(seconds=history_seconds), None):
            finding = await bench.provider.lookup(replace(order, called_at=called_at))
            assert isinstance(finding, CannotTell), (called_at, finding)

    async def test_without_a_connection_nothing_was_sent(self, bench: Bench, case: Case) -> None:
        """No connection: it is certain that nothing happened."""
        nobody = "http://127.0.0.1:9"
        async with Bench.opened(self.subject, bench.simulator, nobody) as alone:
            assert isinstance(await alone.provider.submit(alone.order(case)), NotSent)
        assert bench.billed == 0

    async def test_an_order_leaves_in_time_or_never(self, bench: Bench, case: Case) -> None:
        """A worker may pause after it recorded the call; meanwhile another may find it absent and repeat it."""
        slept = timedelta(seconds=bench.provider.lookup_after_seconds * 0.6)
        order = bench.order(case)
        late = replace(order, called_at=datetime.now(UTC) - slept)
        assert isinstance(await bench.provider.submit(late), NotSent)
        assert bench.billed == 0
        assert isinstance(await bench.provider.submit(order), Accepted | Finished)
        assert bench.billed == 1

    async def test_a_slow_answer_is_an_answer(self, bench: Bench, case: Case) -> None:
        """A late answer is read like any other."""
        order = bench.order(case, "slow_headers")
        assert isinstance(await bench.finish(order, await bench.provider.submit(order)), Finished)
        assert bench.billed == 1

    async def test_each_refusal_has_its_code(self, bench: Bench, refusal: tuple[Case, str, str]) -> None:
        """Each refusal has its own code; a refusal that may be retried is marked so, and nothing was paid."""
        case, fault, code = refusal
        order = bench.order(case, fault)
        seen = await bench.finish(order, await bench.provider.submit(order))
        if code == "missing":
            assert isinstance(seen, Finished), seen
            assert len(seen.outputs) + len(seen.missing) == case.made
            assert seen.missing
            return
        if code == "Gone":
            assert isinstance(seen, Gone), seen
            return
        assert isinstance(seen, Refused), seen
        assert seen.code == code, seen
        assert seen.retryable == (code in {"rate_limited", "provider_unavailable"}), seen
        assert seen.provider_code, seen
        if seen.retryable:
            assert seen.charged == "no"
            order = bench.order(case, fault, call=2)  # as Pixel does: a call of its own
            again = await bench.finish(order, await bench.provider.submit(order))
            assert isinstance(again, Finished), again

    async def test_a_text_is_handed_on_as_it_comes(self, bench: Bench, case: Case) -> None:
        """Where the answer is a stream, its text is handed on while it comes, and is that of the result. An error or a
        stop in the middle leaves what there is, and says so; an answer that breaks off stays a doubt, kept as it
        came."""
        if not case.params.get("stream"):
            return

        async def submit(call: int, *marks: str) -> tuple[Sighting, str, str]:
            handed_on: list[str] = []
            seen = await bench.provider.submit(bench.order(case, *marks, call=call), handed_on.append)
            text = (seen.outputs[0].text or "") if isinstance(seen, Finished) and seen.outputs else ""
            return seen, text, "".join(handed_on)

        seen, whole, handed_on = await submit(1)
        assert isinstance(seen, Finished)
        assert (handed_on, seen.notes) == (whole, ())
        assert bench.client.sent[-1].headers["accept-encoding"] == "identity"
        for call, mark in enumerate(("error_in_stream", "no_end"), 2):
            seen, text, handed_on = await submit(call, mark)
            assert isinstance(seen, Finished), seen
            assert seen.notes == (CUT_OFF,)
            assert whole.startswith(text)
            assert handed_on == text != whole
        seen, _, handed_on = await submit(4, "error_at_once")
        assert isinstance(seen, Refused) or (isinstance(seen, InDoubt) and seen.answer)
        assert not handed_on
        seen, _, handed_on = await submit(5, "cut_body")
        assert isinstance(seen, InDoubt)
        assert seen.answer
        assert seen.answer.body.startswith("data: {")
        assert whole.startswith(handed_on)
        assert bench.billed == 5

    async def test_a_query_that_fails_is_no_verdict(self, bench: Bench, case: Case) -> None:
        """500, a broken connection, garbage: a poll that fails does not fail the job."""
        if not case.job:
            return
        order = bench.order(case, "unknown_status")
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        for fault in ("500_before", "502_html", "reset_before", "cut_body", "empty_body", "truncated_json"):
            await bench.fault(fault)
            news = await bench.provider.poll(order, seen.job)
            assert isinstance(news, NoVerdict), (fault, news)
        assert isinstance(await bench.finish(order, seen), Finished)
        assert bench.billed == 1

    async def test_a_refused_key_is_set_aside(self, bench: Bench) -> None:
        """A key that the provider refuses is not used again for a while, and is named by its fingerprint only."""
        case, bad = self.subject.cases[0], self.subject.bad_environment
        if not bad:
            return
        async with Bench.opened(self.subject, bench.simulator, bench.address, bad) as refused:
            order = refused.order(case)
            seen = await refused.provider.submit(order)
            assert isinstance(seen, Refused), seen
            assert (seen.code, seen.retryable, seen.charged) == ("provider_auth", False, "no")
            assert refused.provider.account(order.kind) is None
            assert refused.provider.keys.states()[0].reason
            for secret in ",".join(bad.values()).split(","):
                assert secret not in repr(seen) + repr(refused.provider.keys.states()) + order.account
        assert bench.billed == 0

    async def test_a_refused_query_sets_no_key_aside(self, bench: Bench) -> None:
        """A single 401 for a query is no verdict on the job, and no proof against the key."""
        bad = self.subject.bad_environment
        case = next((case for case in self.subject.cases if case.job), None)
        if not bad or case is None:
            return
        accepted = await bench.provider.submit(bench.order(case))
        assert isinstance(accepted, Accepted), accepted
        async with Bench.opened(self.subject, bench.simulator, bench.address, bad) as refused:
            order = refused.order(case)
            for _ in range(5):
                seen = await refused.provider.poll(order, accepted.job)
                assert isinstance(seen, NoVerdict), seen
            assert refused.provider.account(order.kind) == order.account
            assert all(state.reason is None for state in refused.provider.keys.states())

    async def test_the_next_key_takes_over(self, bench: Bench) -> None:
        """With a second, good key, the refusal may be retried, and the good key is used."""
        if not self.subject.two_keys:
            return
        case = self.subject.cases[0]
        async with Bench.opened(self.subject, bench.simulator, bench.address, self.subject.two_keys) as both:
            seen = await both.provider.submit(both.order(case))
            assert isinstance(seen, Refused), seen
            assert (seen.code, seen.retryable) == ("provider_auth", True)
            for _ in range(3):
                order = both.order(case)
                assert not isinstance(await both.provider.submit(order), Refused)

    async def test_a_used_up_quota_holds_for_one_kind_of_work(self, bench: Bench) -> None:
        """A key without quota for one kind is not used for that kind for a while, and is used for all others."""
        case = self.subject.cases[0]
        if "no_balance" not in self.subject.refusals_of(case):
            return
        others = [kind for kind in Kind if kind != bench.spec_of(case).type]
        before = {kind: bench.provider.account(kind) for kind in others}
        order = bench.order(case, "no_balance")
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Refused), seen
        assert (seen.code, seen.retryable) == ("provider_quota", False)
        assert bench.provider.account(order.kind) is None
        assert {kind: bench.provider.account(kind) for kind in others} == before
        (state,) = [state for state in bench.provider.keys.states() if state.reason]
        assert (state.account, state.kind) == (order.account, order.kind)

    async def test_a_job_of_a_removed_key_is_no_verdict(self, bench: Bench, case: Case) -> None:
        """The key was removed from the configuration: no other key is used for its job, and the job is not given up."""
        order = bench.order(case, account="0123456789ab")
        assert isinstance(await bench.provider.submit(order), NotSent)
        assert isinstance(await bench.provider.poll(order, "job"), NoVerdict)
        assert isinstance(await bench.provider.lookup(order), CannotTell)
        assert bench.simulator.requests == []

    async def test_cancelling_reports_what_the_provider_said(self, bench: Bench, case: Case) -> None:
        """The result of a cancellation is the provider's own answer."""
        if not case.job:
            return
        order = bench.order(case)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        answer = await bench.provider.cancel(order, seen.job)
        assert answer.outcome == self.subject.cancels, answer
        if answer.outcome == "confirmed":
            after = await bench.finish(order, seen)
            assert isinstance(after, Gone) or (isinstance(after, Refused) and after.code == "cancelled"), after

    async def test_an_unknown_job_is_gone_or_unclear(self, bench: Bench, case: Case) -> None:
        """A job that the vendor does not have is neither completed nor still running."""
        if not case.job:
            return
        order = bench.order(case)
        assert isinstance(await bench.provider.poll(order, self.subject.stranger), Gone | NoVerdict)

    async def test_a_missing_file_is_no_failed_call(self, bench: Bench, case: Case) -> None:
        """A URL without a file is reported as such, and may be fetched again: the file may appear a little later.
        The job stays what it was. When it is there it is fetched, and gone for good is it only by the word for that."""
        order = bench.order(case)
        finished = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(finished, Finished), finished
        files = dict(bench.simulator.files)
        for output in finished.outputs:
            if output.url:
                bench.simulator.files.clear()
                late = await bench.provider.fetch(order, output.url)
                assert isinstance(late, DownloadFailed), late
                assert not late.permanent
                bench.simulator.files.update(files)
                assert isinstance(await bench.provider.fetch(order, output.url), bytes)
                bench.simulator.meet("gone_for_good")
                gone = await bench.provider.fetch(order, output.url)
                assert isinstance(gone, DownloadFailed), gone
                assert gone.permanent


def _sent(request: Request, address: str) -> Any:
    """The body of a request; a form by its parts, files by their names and types."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return _readable(request.body, address)
    return [
        [part.name, _short(part.data.decode()) if part.file is None else [part.file, part.media_type]]
        for part in request.parts()
    ]


def _readable(body: bytes, address: str) -> Any:
    """A body for a golden file: JSON where it is JSON, long strings by their length, addresses without their port.

    Several JSON documents in a row, as some vendors stream them, become a list."""
    text = body.decode("utf-8", "replace").replace(address, "http://simulator").strip()
    if text.startswith("data: "):
        text = text.replace("data: [DONE]", "").replace("data: ", "")
    found: list[Any] = []
    while text:
        try:
            value, end = json.JSONDecoder().raw_decode(text)
        except ValueError:
            return {"not_json": len(body)}
        found.append(_short(value))
        text = text[end:].lstrip()
    return found[0] if len(found) == 1 else found


def _short(value: Any) -> Any:
    if isinstance(value, int) and abs(value - time.time()) < 3600:
        return "(now)"
    if isinstance(value, dict):
        return {name: _short(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    return f"({len(value)} letters)" if isinstance(value, str) and len(value) > 2000 else value


__all__ = ["Bench", "Case", "Conformance", "Subject", "spec_of"]
