"""The sandbox: a free provider that really makes media, and fails on request, like the test mode of a payment service.

It keeps its own records (`sandbox.jobs`), as an outside company would: a job survives a restart of Pixel, and one row
is one effect, so a test can count what would have been paid."""

import asyncio
import hashlib
import re
import secrets
from typing import Any, LiteralString, TypeAlias

import asyncpg
import msgspec

from adapters.postgres.database import DRIVER_ERRORS, RAW_ERRORS, Pool
from adapters.providers.sandbox import media
from adapters.request_batching import DataLoader
from application.ports import OnText
from domain import capabilities
from domain.model import Kind
from domain.provider import (
    CUT_OFF,
    Accepted,
    CancelResult,
    DownloadFailed,
    Finished,
    Found,
    Gone,
    InDoubt,
    LookupResult,
    Missing,
    NotFound,
    NotSent,
    NoVerdict,
    Order,
    Output,
    Refused,
    Sighting,
    Working,
)
from domain.request import SandboxOptions

Params: TypeAlias = dict[str, Any]

DEFAULT_SIZE = (1024, 1024)
DEFAULT_VIDEO_SIZE = (1280, 720)
DEFAULT_SECONDS = 5.0
DEFAULT_MAX_TOKENS = 256
WORD_SECONDS = 0.02  # between two words of a text that is written as a stream, without a latency
_WORD = re.compile(r"\s*\S+\s*")
_TRANSIENT = {"rate_limited", "unreachable", "timeout_before", "timeout_after"}
_VOICES = {voice: language for voice, _, language in media.VOICES}


class Sandbox:
    """Submit and poll, like most video providers. Job ids are random."""

    lookup_after_seconds = 1.0
    takes_urls = True

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        # Like a company that is asked by many at once: what arrives together is written and looked up together.
        self._orders = DataLoader(self._take_many, max_batch=32)
        self._jobs = DataLoader(self._find_many)

    def account(self, kind: Kind) -> str | None:
        """The sandbox needs no key."""
        return "sandbox"

    def expected_seconds(self, order: Order) -> float | None:
        """The latency that the order asks for. Without one None: the sandbox is never as slow as the provider that it
        replaces."""
        return _latency(order) or None

    async def submit(self, order: Order, on_text: OnText | None = None) -> Sighting:
        """Accept the order, unless its `extraParams.sandbox` asks for a fault. A text that is to be handed on is
        written while we wait, and comes in the answer. Never raises."""
        fault = _fault(order)
        match fault:
            case "refused":
                return Refused(
                    code="provider_rejected", message="The sandbox refused, as asked.", provider_code="refused"
                )
            case "content_rejected":
                message = "The sandbox found the prompt indecent, as asked."
                return Refused(code="content_rejected_input", message=message, provider_code="content_policy")
            case "rate_limited":
                message = "The sandbox is busy, as asked."
                return Refused(
                    code="rate_limited", message=message, retryable=True, retry_after_seconds=0.5, provider_code="429"
                )
            case "unreachable":
                return NotSent(reason="The sandbox could not be reached, as asked.")
            case "timeout_before":
                return InDoubt(reason="No answer came (nothing had arrived, as asked).")
            case None if on_text is not None:
                taken = await self._take(order, answers=True)
                return await _write_slowly(order, on_text) if isinstance(taken, Accepted) else taken
            case _:
                return await self._take(order, answers=fault != "timeout_after")

    async def _take(self, order: Order, *, answers: bool) -> Sighting:
        taken = await self._orders.load(order)
        if isinstance(taken, Accepted) and not answers:
            return InDoubt(reason="No answer came (the job was taken, as asked).")
        return taken

    async def _take_many(self, orders: list[Order]) -> list[Sighting]:
        """Write orders into the books at once, all of them or none."""
        jobs = [f"sbx_{secrets.token_hex(12)}" for _ in orders]
        rows = [
            [order.call_id for order in orders],
            [order.task_id for order in orders],
            [msgspec.json.encode(order) for order in orders],
        ]
        try:
            connection = await self._pool.acquire(timeout=5)
        except RAW_ERRORS as error:
            reason = f"The sandbox's books can't be reached: {type(error).__name__}"
            return [NotSent(reason=reason) for _ in orders]
        try:
            await connection.execute(_TAKE, jobs, *rows)
        except RAW_ERRORS as error:
            lost = f"The sandbox's books were lost in the middle of the call: {type(error).__name__}"
            return [InDoubt(reason=lost) for _ in orders]
        finally:
            await self._pool.release(connection)
        return [Accepted(job=job) for job in jobs]

    async def poll(self, order: Order, job: str) -> Sighting:
        """The state of a job. The media are rendered when the latency is over, the same bytes every time. Never
        raises."""
        row = await self._row(job)
        if not isinstance(row, asyncpg.Record):
            return row
        fault, age, latency = _fault(order), float(row["age"]), _latency(order)
        if fault == "lost_result" and age >= latency / 2:
            return Gone(message="The sandbox has lost the job, as asked.", provider_code="job_not_found", certain=True)
        if row["cancelled_at"] is not None:
            return Refused(code="cancelled", message="The job was cancelled.", provider_code="cancelled")
        if age < latency:
            return Working(percent=min(int(100 * age / latency), 99), phase="rendering")
        if fault == "failed":
            message = "The sandbox failed to render, as asked."
            return Refused(code="generation_failed", message=message, provider_code="render_error")
        return await asyncio.to_thread(_make, order, partial=fault == "partial")

    async def cancel(self, order: Order, job: str) -> CancelResult:
        """Stop a job that is not done. Never raises."""
        row = await self._row(job)
        if isinstance(row, Gone):
            return CancelResult(outcome="unknown", message=row.message)
        if isinstance(row, NoVerdict):
            return CancelResult(outcome="unknown", message=row.reason)
        if row["cancelled_at"] is not None:  # asked twice: the first answer was lost
            return CancelResult(outcome="confirmed", message="The sandbox stopped the job.", charged="no")
        if float(row["age"]) >= _latency(order):
            return CancelResult(outcome="too_late", message="The job was done already.", charged="yes")
        try:
            await self._pool.execute(_CANCEL, job)
        except DRIVER_ERRORS as error:
            return CancelResult(outcome="unknown", message=type(error).__name__)
        return CancelResult(outcome="confirmed", message="The sandbox stopped the job.", charged="no")

    async def lookup(self, order: Order) -> LookupResult | NoVerdict:
        """Look for a job of this call. Never raises."""
        try:
            job = await self._pool.fetchval(_LOOKUP, order.call_id)
        except DRIVER_ERRORS as error:
            return NoVerdict(reason=f"The sandbox's books can't be reached: {type(error).__name__}")
        return Found(job=job) if job else NotFound(evidence=f"the sandbox has no job for call {order.call_id}")

    async def fetch(self, order: Order, url: str) -> bytes | DownloadFailed:
        """DownloadFailed: the sandbox returns its outputs as bytes, and has no URLs."""
        return DownloadFailed(reason="The sandbox keeps nothing at an address.", permanent=True)

    async def _row(self, job: str) -> "asyncpg.Record | Gone | NoVerdict":
        try:
            row = await self._jobs.load(job)
        except DRIVER_ERRORS as error:
            return NoVerdict(reason=f"The sandbox's books can't be reached: {type(error).__name__}")
        return row or Gone(message=f"The sandbox knows no job {job}.", provider_code="job_not_found")

    async def _find_many(self, jobs: list[str]) -> "list[asyncpg.Record | None]":
        rows = {row["job"]: row for row in await self._pool.fetch(_JOBS, jobs)}
        return [rows.get(job) for job in jobs]


def _options(order: Order) -> SandboxOptions:
    extra: Params = order.params.get("extraParams") or {}
    return msgspec.convert(extra.get("sandbox") or {}, SandboxOptions)


def _fault(order: Order) -> str | None:
    """The fault for this call. A transient fault affects the first call only, unless `times` says otherwise."""
    options = _options(order)
    attempt = int(order.call_id.rpartition(".")[2])
    times = options.times or (1 if options.fault in _TRANSIENT else attempt)
    return options.fault if attempt <= times else None


def _latency(order: Order) -> float:
    return _options(order).latency or 0.0


def _make(order: Order, *, partial: bool) -> Finished:
    """The outputs; blocking. With `partial`, every second output is missing, and always the last one."""
    if order.kind is Kind.LLM:
        return _write(order)
    count = int(order.params.get("n") or 1)
    made = [index for index in range(count) if not partial or (index % 2 == 0 and index < count - 1)]
    outputs = tuple(Output(index=index, data=_render(order, index)) for index in made)
    missing = tuple(
        Missing(index=index, code="render_error", message="The sandbox left this one out, as asked.")
        for index in range(count)
        if index not in made
    )
    return Finished(outputs=outputs, missing=missing, usage={"outputs": len(outputs)})


def _render(order: Order, index: int) -> bytes:
    params, seed = order.params, _seed(order) + index
    prompt: str = params["prompt"]
    match order.kind:
        case Kind.IMAGE:
            width, height = capabilities.pixels(order.spec, params) or DEFAULT_SIZE
            return media.render_image(prompt=prompt, seed=seed, width=width, height=height)
        case Kind.VIDEO:
            width, height = capabilities.pixels(order.spec, params) or DEFAULT_VIDEO_SIZE
            seconds = capabilities.seconds(order.spec, params) or DEFAULT_SECONDS
            return media.render_video(prompt=prompt, seed=seed, width=width, height=height, seconds=seconds)
        case Kind.AUDIO | Kind.LLM:
            return media.speech(text=prompt, voice=_voice(order), speed=params.get("speed") or 1.0)


def _write(order: Order) -> Finished:
    params = order.params
    messages: list[dict[str, str]] = params.get("messages") or []
    prompt = params.get("prompt") or "\n".join(message["content"] for message in messages)
    text, read, written = media.words(
        prompt=prompt, seed=_seed(order), max_tokens=params.get("maxTokens") or DEFAULT_MAX_TOKENS
    )
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    notes = () if text.endswith(media.CLOSING) else (CUT_OFF,)
    return Finished(outputs=(Output(index=0, text=text),), usage=usage, notes=notes)


async def _write_slowly(order: Order, on_text: OnText) -> Finished:
    """Hand on one word after the other, within the latency that the order asks for."""
    finished = _write(order)
    words = _WORD.findall(finished.outputs[0].text or "")
    for word in words:
        on_text(word)
        await asyncio.sleep(_latency(order) / len(words) or WORD_SECONDS)
    return finished


def _seed(order: Order) -> int:
    extra: Params = order.params.get("extraParams") or {}
    given = extra.get("seed")
    return given if given is not None else int(hashlib.sha256(order.task_id.encode()).hexdigest()[:7], 16)


def _voice(order: Order) -> str:
    """One of our voices. Where the sandbox replaces another provider, a voice in the same language."""
    offered = order.spec.voices or ()
    wanted = order.params.get("voice") or (offered[0].id if offered else None)
    if wanted in _VOICES:
        return wanted
    language = next((voice.language for voice in offered if voice.id == wanted), "en")
    for voice, spoken in _VOICES.items():
        if spoken.partition("-")[0] == language.partition("-")[0]:
            return voice
    return next(iter(_VOICES))


_TAKE: LiteralString = """
INSERT INTO sandbox.jobs (job, call_id, task_id, "order")
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
"""
_JOBS: LiteralString = """
SELECT job, "order", cancelled_at, extract(epoch FROM now() - accepted_at)::float8 AS age
FROM sandbox.jobs WHERE job = ANY($1::text[])
"""
_CANCEL: LiteralString = "UPDATE sandbox.jobs SET cancelled_at = coalesce(cancelled_at, now()) WHERE job = $1"
_LOOKUP: LiteralString = "SELECT job FROM sandbox.jobs WHERE call_id = $1 ORDER BY accepted_at LIMIT 1"
