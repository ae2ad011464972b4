"""Where do derivatives of assets come from? They are made on first request, and stored in the asset store.

Making takes memory and time, so only few are made at the same time, in child processes, and all requests for the same
one share the work."""

import asyncio
from contextlib import suppress
from typing import Final

from adapters.media import derivatives
from adapters.media.asset_store import AssetStoreUnavailable, ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from application.ports import AssetInfo
from application.shared_task import shared_task

_AT_ONCE: Final = 2
_MAX_WAITING: Final = 200


class DerivativeCache:
    """The derivatives of the assets of one store. Safe to share between tasks; other processes may make the same."""

    def __init__(self, assets: ObjectAssetStore, decoders: Decoders) -> None:
        self._assets = assets
        self._decoders = decoders
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._making: dict[str, asyncio.Task[bytes]] = {}

    @staticmethod
    def tag(asset: AssetInfo, name: derivatives.Name, width: int) -> str:
        """The name of the derivative: always the same for the same asset, kind, width and recipe."""
        return f"{asset.sha256}/{name}-{width}-{derivatives.RECIPE}"

    async def get(self, asset: AssetInfo, name: derivatives.Name, width: int) -> bytes:
        """The derivative's bytes, of the type in `derivatives.TYPES`.

        Raises UnreadableMedia when none can be made, AssetStoreUnavailable, and LookupError for an asset that is
        gone."""
        key = f"variants/{self.tag(asset, name, width)}"
        stored = await self._assets.read_derived(key)
        if stored is not None:
            return stored
        making = self._making.get(key)
        if making is None:
            if len(self._making) >= _MAX_WAITING:
                raise AssetStoreUnavailable("Too many variants are being made")
            making = self._making[key] = shared_task(self._make(key, asset, name, width))
            making.add_done_callback(lambda _: self._making.pop(key))
        return await asyncio.shield(making)  # whoever goes away does not stop it for the others

    async def close(self) -> None:
        """Cancel the derivatives that are being made."""
        under_way = list(self._making.values())
        for making in under_way:
            making.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _make(self, key: str, asset: AssetInfo, name: derivatives.Name, width: int) -> bytes:
        async with self._turn:
            data = b"".join([piece async for piece in self._assets.read(asset.id, 0, asset.bytes)])
            made = await self._decoders.draw(data, asset.sha256, asset.media_type, name, width)
        with suppress(AssetStoreUnavailable):  # it is made: that it can't be kept is no reason to withhold it
            await self._assets.put_derived(key, made, derivatives.TYPES[name])
        return made
