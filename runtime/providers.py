"""How are providers reached? Through one client, whose guard lets nothing into the own network but what is named."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adapters.outbound.client import ProviderClient
from adapters.outbound.output_download import OutputDownloads
from adapters.outbound.ssrf_guard import Guard
from runtime.data_folder import spool_folder
from services.settings import Settings, WrongSetting


@asynccontextmanager
async def open_client(settings: Settings) -> AsyncGenerator[ProviderClient]:
    """Yields the client of all providers: the only one that may reach the hosts of PIXEL_PRIVATE_HOSTS. Raises
    WrongSetting."""
    try:
        guard = Guard(private_hosts=settings.as_list("private_hosts"))
    except ValueError as error:
        raise WrongSetting(f"PIXEL_PRIVATE_HOSTS: {error}") from None
    client = ProviderClient(guard, OutputDownloads(spool_folder(settings), settings.download_bytes))
    try:
        yield client
    finally:
        await client.close()
