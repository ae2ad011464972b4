"""How does a result get safe? A task completes once its media are stored, measured and priced.

A result goes into the asset store; while that is away, into this machine's spool; while neither can take it, it stays
in memory. It is never dropped, because it was paid for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from typing import TypeVar

from application.ports import AssetsUnavailable, OutputFile, Provider, Spooled, SpoolUnavailable
from application.storage import SCHEME, Storage
from domain import capabilities, pricing
from domain.base import replace
from domain.money import Cost
from domain.provider import (
    Asset,
    DownloadFailed,
    DownloadResult,
    Finished,
    Missing,
    Order,
    Output,
    OutputsReady,
    RemoteOutput,
    Stored,
    UnreadableOutput,
    output_note,
)

T = TypeVar("T")

MIN_WAIT_SECONDS = 0.25
MAX_WAIT_SECONDS = 5.0
MAX_CONCURRENT_DOWNLOADS = 4
OTHER_SPOOL_SECONDS = 24 * 3600.0  # how long the spool of another machine is waited for


# --- A result that came in the provider's answer ---


def priced(order: Order, finished: Finished, *, revision: int) -> Spooled:
    """A result with its price and its requested size, which follow from the order."""
    with_cost = replace(finished, cost=finished.cost or _price(order, finished, revision))
    return Spooled(task=order.task_id, call=order.call_id, finished=with_cost, wanted=_requested_size(order))


async def secure(storage: Storage, result: Spooled) -> Stored | OutputsReady:
    """Store every output whose bytes are here, or spool it. Returns when all of them are safe, however long that takes.

    Stored when all outputs are in the store; else OutputsReady with the URL of each, in a spool or at the provider."""
    if not _has_remote(result):
        attempts: list[Callable[[], Awaitable[Stored | str]]]
        attempts = [partial(store, storage, result), partial(storage.spool_result, result.call, result)]
        stored = await _until_one_works(storage, result, *attempts)
        return stored if isinstance(stored, Stored) else outputs_ready(storage, result)
    for part in _parts(result):
        await _until_one_works(storage, part, partial(storage.spool_result, part_name(part), part))
    return outputs_ready(storage, result)


async def spool(storage: Storage, result: Spooled) -> None:
    """Put a result into the spool, without a try to store it. Raises SpoolUnavailable."""
    for part in _parts(result) if _has_remote(result) else []:
        await storage.spool_result(part_name(part), part)
    await storage.spool_result(result.call, result)


async def rescue(storage: Storage, result: Spooled) -> None:
    """Put a result into the spool, however long that takes: a bug of ours must not lose it."""
    await _until_one_works(storage, result, partial(spool, storage, result))


async def store(storage: Storage, result: Spooled) -> Stored:
    """Store every output; one that does not decode is stored as a file. Raises AssetsUnavailable."""
    assets: list[tuple[int, Asset]] = []
    missing = list(result.finished.missing)
    for output in media(result.finished):
        try:
            assets.append((output.index, await storage.keep(output.data)))
        except UnreadableOutput as error:
            if output.data:  # it was paid for: better a file than nothing
                assets.append((output.index, await storage.keep_file(output.data)))
            else:
                missing.append(Missing(index=output.index, code="unreadable", message=str(error)))
    texts = [output.text for output in result.finished.outputs if output.text is not None]
    return Stored(
        assets=tuple(assets),
        text="\n".join(texts) if texts else None,
        missing=tuple(missing),
        usage=result.finished.usage,
        cost=result.finished.cost,
        notes=(*result.finished.notes, *_differences(result.wanted, assets)),
        answer=result.finished.answer,
    )


def outputs_ready(storage: Storage, result: Spooled) -> OutputsReady:
    """A result by the URLs of its outputs: at the provider, or in this machine's spool."""
    finished, in_parts = result.finished, _has_remote(result)

    def url(output: Output) -> str:
        return output.url or storage.url(part_name(_part(result, output)) if in_parts else result.call)

    return OutputsReady(
        outputs=tuple(RemoteOutput(index=output.index, url=url(output)) for output in media(finished)),
        missing=finished.missing,
        usage=finished.usage,
        cost=finished.cost,
        expires_seconds=finished.expires_seconds,
        answer=finished.answer,
    )


def _has_remote(result: Spooled) -> bool:
    """Whether any output has yet to be downloaded. The others are then spooled one by one, and wait for it."""
    return any(output.url for output in result.finished.outputs)


def _parts(result: Spooled) -> list[Spooled]:
    return [_part(result, output) for output in result.finished.outputs if output.data]


# --- A result that is still at the provider ---


async def fetch(
    storage: Storage,
    provider: Provider,
    order: Order,
    outputs: tuple[RemoteOutput, ...],
    *,
    job: str | None,
    waited_seconds: float,
) -> DownloadResult:
    """Download outputs and store them. An output that goes into a spool is in neither `assets` nor `failed`.

    Some vendors' URLs expire before the job: for failed downloads, poll once for fresh URLs. `waited_seconds` is the
    time since the provider named the outputs."""
    download = partial(_download, storage, provider, order, waited_seconds)
    first = await _download_all(order, [Output(index=output.index, url=output.url) for output in outputs], download)
    failed = {missing.index for missing in first.failed}
    polled = await provider.poll(order, job) if failed and job else None
    if not isinstance(polled, Finished):
        return first
    tried = {output.url for output in outputs}
    fresh = [output for output in media(polled) if output.index in failed and output.url not in tried]
    second = await _download_all(order, fresh, download)
    retried = {output.index for output in fresh}
    return DownloadResult(
        assets=(*first.assets, *second.assets),
        failed=(*(missing for missing in first.failed if missing.index not in retried), *second.failed),
        permanent=first.permanent and not second.failed,
        notes=(*first.notes, *second.notes),
        files=(*(each for each in first.files if each[0] not in retried), *second.files),
    )


async def _download_all(
    order: Order, outputs: list[Output], download: Callable[[Output], Awaitable[Asset | DownloadFailed | None]]
) -> DownloadResult:
    turn = asyncio.Semaphore(MAX_CONCURRENT_DOWNLOADS)

    async def one(output: Output) -> tuple[int, Asset | DownloadFailed | None]:
        async with turn:
            return output.index, await download(output)

    outcomes = await asyncio.gather(*map(one, outputs))
    assets = [(index, outcome) for index, outcome in outcomes if isinstance(outcome, Asset)]
    failed = [(index, outcome) for index, outcome in outcomes if isinstance(outcome, DownloadFailed)]
    return DownloadResult(
        assets=tuple(assets),
        failed=tuple(Missing(index=index, code="fetch_failed", message=outcome.reason) for index, outcome in failed),
        permanent=bool(failed) and all(outcome.permanent for _, outcome in failed),
        notes=tuple(_differences(_requested_size(order), assets)),
        files=tuple((index, outcome.file) for index, outcome in failed if outcome.file),
    )


async def _download(
    storage: Storage, provider: Provider, order: Order, waited_seconds: float, output: Output
) -> Asset | DownloadFailed | None:
    """Download one output and store it. None when it is in a spool, which is emptied once the store can take it."""
    if output.url and output.url.startswith(SCHEME):
        return await _spooled_output(storage, output.url, waited_seconds)
    part = Spooled(task=order.task_id, call=order.call_id, finished=Finished(outputs=(output,)), part=True)
    name = part_name(part)
    if await storage.has(name):
        return None
    data = output.data or await provider.fetch(order, output.url or "")
    if isinstance(data, DownloadFailed):
        return data
    if isinstance(data, bytes):
        return await _store_part(storage, _part(part, replace(output, data=data)), data)
    with closing(data):
        return await _store_part(storage, _part(part, output), data, data)


async def _store_part(
    storage: Storage, part: Spooled, data: bytes | OutputFile, file: OutputFile | None = None
) -> Asset | DownloadFailed | None:
    """Store a downloaded output, or spool it."""
    put: Callable[[], Awaitable[Asset | str]] = partial(storage.spool_result, part_name(part), part, file)
    try:
        asset = await _until_one_works(storage, part, partial(storage.keep, data), put)
    except UnreadableOutput as error:  # perhaps cut off: it is downloaded again before it is taken as it is
        kept = await _until_one_works(storage, part, partial(storage.keep_file, data), put) if data else None
        return DownloadFailed(reason=str(error), file=kept) if not isinstance(kept, str) else None
    return asset if isinstance(asset, Asset) else None


async def _spooled_output(storage: Storage, url: str, waited_seconds: float) -> DownloadFailed | None:
    name = url.rpartition("/")[2]
    if url == storage.url(name):
        return (
            None
            if await storage.has(name)
            else DownloadFailed(reason="it is not in the spool any more", permanent=True)
        )
    if waited_seconds < OTHER_SPOOL_SECONDS:
        return None  # that machine stores it
    return DownloadFailed(reason="it is in the spool of a machine that has not been there for long", permanent=True)


# --- Both ---


async def _until_one_works(storage: Storage, result: Spooled, *attempts: Callable[[], Awaitable[T]]) -> T:
    """Try to make a result safe, the best way first, until one works. Until then it stays in memory."""
    wait = MIN_WAIT_SECONDS
    with storage.hold(result.task):
        while True:
            for attempt in attempts:
                try:
                    return await attempt()
                except (AssetsUnavailable, SpoolUnavailable) as error:
                    storage.log_step(
                        "outputs could not be kept yet", task_id=result.task, call_id=result.call, error=str(error)
                    )
            await asyncio.sleep(wait)
            wait = min(2 * wait, MAX_WAIT_SECONDS)


def part_name(part: Spooled) -> str:
    """The name of one output in the spool. A whole result has the name of its call."""
    return f"{part.call}.{part.finished.outputs[0].index}"


def _part(result: Spooled, output: Output) -> Spooled:
    """One output of a result, as a result of its own."""
    return replace(result, finished=Finished(outputs=(replace(output, url=None),)), part=True)


def media(finished: Finished) -> list[Output]:
    """The outputs that are not text."""
    return [output for output in finished.outputs if output.text is None]


def _price(order: Order, finished: Finished, revision: int) -> Cost | None:
    # An unreadable output costs as much as a readable one.
    made = len(finished.outputs) + sum(missing.code == "unreadable" for missing in finished.missing)
    return pricing.actual(order.spec, order.params, usage=finished.usage, outputs=made, revision=revision)


def _requested_size(order: Order) -> tuple[int, int] | None:
    return capabilities.pixels(order.spec, order.params)


def _differences(wanted: tuple[int, int] | None, assets: list[tuple[int, Asset]]) -> list[str]:
    """Notes on assets that are no media, or not of the requested size in pixels."""
    odd = [note for index, asset in assets if (note := output_note(index, asset))]
    if wanted is None:
        return odd
    return [
        *odd,
        *(
            f"output {index}: asked for {wanted[0]}*{wanted[1]}, got {asset.width}*{asset.height}"
            for index, asset in assets
            if asset.width is not None and (asset.width, asset.height) != wanted
        ),
    ]
