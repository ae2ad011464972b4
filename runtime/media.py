"""Where are media kept, and how are they opened? The asset store, the decoders, and the spool for results."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.derivative_cache import DerivativeCache
from adapters.media.durable_files import FOLDER_MODE
from adapters.media.result_spool import FolderSpool
from adapters.outbound.media_download import image_fetcher, image_preparer
from adapters.outbound.ssrf_guard import Guard
from application.inputs import resolve
from application.ports import InputReader, SpoolUnavailable
from domain.provider import Input
from runtime.data_folder import data_dir, spool_folder
from services.media_links import MediaLinks
from services.settings import Settings, WrongSetting


class MediaTools(NamedTuple):
    """`guard` is for the URLs of users: it allows no private host."""

    assets: ObjectAssetStore
    decoders: Decoders
    derivatives: DerivativeCache
    guard: Guard


@asynccontextmanager
async def open_media(settings: Settings) -> AsyncGenerator[MediaTools]:
    """Open the asset store and what reads its files. Raises WrongSetting for an asset store that can't be."""
    async with Decoders() as decoders:
        assets = await asyncio.to_thread(open_assets, settings, decoders)
        derivatives = DerivativeCache(assets, decoders)
        try:
            yield MediaTools(assets, decoders, derivatives, Guard())
        finally:
            await derivatives.close()


def open_assets(settings: Settings, decoders: Decoders) -> ObjectAssetStore:
    """The asset store that is set, or a folder below the data folder, closed to other users. Raises WrongSetting."""
    own = data_dir(settings) / "assets"
    try:
        assets = ObjectAssetStore.open(settings.assets_url or str(own), decoders, keep_places=settings.keep_locations)
    except ValueError as error:
        raise WrongSetting(f"PIXEL_ASSETS_URL: {error}") from None
    if not settings.assets_url:
        with suppress(OSError):  # another user's folder: its mode is theirs to decide
            own.chmod(FOLDER_MODE)
    return assets


def open_spool(settings: Settings) -> FolderSpool:
    """The folder in which results wait while the asset store is away. Raises WrongSetting."""
    try:
        return FolderSpool.open(spool_folder(settings), settings.spool_bytes)
    except (OSError, SpoolUnavailable) as error:
        raise WrongSetting(f"PIXEL_SPOOL_PATH: {error}") from None


def input_reader(settings: Settings, media: MediaTools, links: MediaLinks) -> InputReader:
    """Reads the references of a request from the asset store, or from where users keep them."""
    base = (settings.public_url or "").rstrip("/")
    fetch, prepare = image_fetcher(media.guard, media.decoders), image_preparer(media.decoders)

    async def read(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        return await resolve(
            references,
            store=media.assets,
            fetch=fetch,
            prepare=prepare,
            public_url=settings.public_url,
            asset_url=lambda asset_id: links.url(asset_id, base),
            takes_urls=takes_urls,
        )

    return read
