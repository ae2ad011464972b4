"""Keeping what was made: a task is completed when its media are safe, measured and priced."""

import asyncio
from collections.abc import Awaitable, Callable

from application.ports import AssetStore, AssetsUnavailable, Provider, UnreadableOutput
from domain import cost, offer
from domain.money import Cost
from domain.provider import Asset, Delivered, Fetched, Finished, Kept, Missing, Order, Remote, Unfetched, oddity

KEEP_TRIES = 8
LONGEST_WAIT_SECONDS = 5.0
FETCHES_AT_ONCE = 4


async def keep(assets: AssetStore, order: Order, finished: Finished, *, revision: int) -> Kept | Delivered:
    """Store every output that came along; what lies at an address is told of, to be fetched once that is recorded.

    What can't be read is kept as a file. Raises AssetsUnavailable when nothing can be stored for a while."""
    remote = tuple(Remote(index=output.index, url=output.url) for output in finished.outputs if output.url)
    price = finished.cost or _price(order, finished, revision)
    if remote:
        return Delivered(
            outputs=remote,
            missing=finished.missing,
            usage=finished.usage,
            cost=price,
            expires_seconds=finished.expires_seconds,
            answer=finished.answer,
        )
    kept: list[tuple[int, Asset]] = []
    missing = list(finished.missing)
    for output in finished.outputs:
        if output.text is None:
            try:
                kept.append((output.index, await _store(assets.keep, output.data)))
            except UnreadableOutput as error:
                if output.data:  # it was paid for: better a file than nothing
                    kept.append((output.index, await _store(assets.keep_file, output.data)))
                else:
                    missing.append(Missing(index=output.index, code="unreadable", message=str(error)))
    texts = [output.text for output in finished.outputs if output.text is not None]
    return Kept(
        assets=tuple(kept),
        text="\n".join(texts) if texts else None,
        missing=tuple(missing),
        usage=finished.usage,
        cost=price,
        notes=(*finished.notes, *_differences(order, kept)),
        answer=finished.answer,
    )


async def fetch(
    assets: AssetStore, provider: Provider, order: Order, outputs: tuple[Remote, ...], *, job: str | None
) -> Fetched:
    """Fetch outputs and store them. What is not there any more is looked for once more where the job says it lies by
    now: some providers' addresses die long before their jobs. Raises AssetsUnavailable when they can't be stored."""
    first = await _fetch_all(assets, provider, order, outputs)
    lost = {missing.index for missing in first.failed}
    again = await provider.poll(order, job) if lost and job else None
    if not isinstance(again, Finished):
        return first
    known = {output.url for output in outputs}
    fresh = [
        Remote(index=output.index, url=output.url)
        for output in again.outputs
        if output.url and output.index in lost and output.url not in known
    ]
    more = await _fetch_all(assets, provider, order, tuple(fresh))
    asked = {output.index for output in fresh}
    return Fetched(
        assets=(*first.assets, *more.assets),
        failed=(*(missing for missing in first.failed if missing.index not in asked), *more.failed),
        hopeless=first.hopeless and not more.failed,
        notes=(*first.notes, *more.notes),
        files=(*(each for each in first.files if each[0] not in asked), *more.files),
    )


async def _fetch_all(assets: AssetStore, provider: Provider, order: Order, outputs: tuple[Remote, ...]) -> Fetched:
    turn = asyncio.Semaphore(FETCHES_AT_ONCE)

    async def one(output: Remote) -> tuple[int, Asset | Unfetched]:
        async with turn:
            return output.index, await _fetch_one(assets, provider, order, output.url)

    found = await asyncio.gather(*(one(output) for output in outputs))
    kept = [(index, outcome) for index, outcome in found if isinstance(outcome, Asset)]
    lost = [(index, outcome) for index, outcome in found if isinstance(outcome, Unfetched)]
    return Fetched(
        assets=tuple(kept),
        failed=tuple(Missing(index=index, code="fetch_failed", message=outcome.reason) for index, outcome in lost),
        hopeless=bool(lost) and all(outcome.hopeless for _, outcome in lost),
        notes=tuple(_differences(order, kept)),
        files=tuple((index, outcome.file) for index, outcome in lost if outcome.file),
    )


async def _fetch_one(assets: AssetStore, provider: Provider, order: Order, url: str) -> Asset | Unfetched:
    data = await provider.fetch(order, url)
    if isinstance(data, Unfetched):
        return data
    try:
        return await _store(assets.keep, data)
    except UnreadableOutput as error:  # cut off on its way, perhaps: it is fetched again, before it is taken as it is
        return Unfetched(reason=str(error), file=await _store(assets.keep_file, data) if data else None)


async def _store(keep: Callable[[bytes], Awaitable[Asset]], data: bytes) -> Asset:
    for attempt in range(KEEP_TRIES):
        try:
            return await keep(data)
        except AssetsUnavailable:
            if attempt == KEEP_TRIES - 1:
                raise
            await asyncio.sleep(min(2.0**attempt / 4, LONGEST_WAIT_SECONDS))
    raise AssetsUnavailable("never tried")


def _price(order: Order, finished: Finished, revision: int) -> Cost | None:
    # What was made and can't be read costs as much as what can.
    made = len(finished.outputs) + sum(missing.code == "unreadable" for missing in finished.missing)
    return cost.actual(order.spec, order.params, usage=finished.usage, made=made, revision=revision)


def _differences(order: Order, kept: list[tuple[int, Asset]]) -> list[str]:
    """Where it is not what it should be: not media, or not of the size that was asked for."""
    wanted = offer.pixels(order.spec, order.params)
    odd = [note for index, asset in kept if (note := oddity(index, asset))]
    if wanted is None:
        return odd
    return [
        *odd,
        *(
            f"output {index}: asked for {wanted[0]}*{wanted[1]}, got {asset.width}*{asset.height}"
            for index, asset in kept
            if asset.width is not None and (asset.width, asset.height) != wanted
        ),
    ]
