"""The whole application over real wiring: PostgreSQL, read models, worker, sandbox; only the socket is left out."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, nullcontext
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import MappingProxyType

import httpx
import msgspec
import pytest

from adapters.media.decoder_pool import Decoders
from api.app import create_app
from api.http.studio_files import BUILT
from runtime.composition import open_pixel
from runtime.database import Role
from services.settings import Settings
from services.state import Pixel
from tests.made_once import read_catalogue, remember_signatures
from tests.patience import COMMIT_SECONDS, patient
from tests.postgres import database_name, fresh_database, prepared_template

remember_signatures()
read_catalogue()

STANDS_IN = "dashscope,modelscope,volcengine"


@asynccontextmanager
async def running(
    database_url: str,
    folder: Path,
    *,
    role: Role = "all",
    environment: Mapping[str, str] = MappingProxyType({}),
    built_studio: Path = BUILT,
    **changes: object,
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel and a client that speaks to it. `environment` has keys and addresses of providers.

    It waits longer for its database than a service would, because a busy machine is no outage."""
    # Not bound to this machine, so that the client may call it by a name; test_origin_policy tests the other case.
    settings = Settings(
        database_url=database_url,
        data_dir=str(folder),
        host="0.0.0.0",
        sandbox_stands_in_for=STANDS_IN,
        append_patience_seconds=COMMIT_SECONDS,
    )
    settings = msgspec.structs.replace(settings, **changes)
    async with open_pixel(settings, environment, role) as pixel:
        transport = httpx.ASGITransport(create_app(pixel, built_studio=built_studio), raise_app_exceptions=False)  # type: ignore[arg-type]
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # a test says which cookie it sends
        async with httpx.AsyncClient(transport=transport, base_url="http://pixel.test", cookies=no_cookies) as client:
            yield pixel, client


@pytest.fixture(scope="session", autouse=True)
def _decoders_of_all(decoders: Decoders) -> Generator[None]:
    """One process that waits for media, for all applications: half of them would start their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runtime.media.Decoders", lambda: nullcontext(decoders))
        yield


@pytest.fixture(scope="session")
async def database_template(database_server: str, database_template: str) -> AsyncGenerator[str]:
    """The same with empty read models: each of some hundred applications would make them."""
    async with prepared_template(database_server, database_template) as name:
        yield name


@pytest.fixture(scope="session")
async def begun_template(
    database_server: str, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    """One where a Pixel has run: it knows the models of the shipped catalogue, and so do all read models. Each of some
    hundred applications would write down and read two hundred events before anything else."""
    async with fresh_database(database_server, database_template) as dsn:
        async with running(dsn, tmp_path_factory.mktemp("begun")) as (_, client):
            await _all_is_read(client)
        yield database_name(dsn)


async def _all_is_read(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(patient(30)):
        while any(build["lag"] for build in (await client.get("/health/ready")).json()["read_models"]):
            await asyncio.sleep(0.02)


@pytest.fixture
async def database_url(database_server: str, begun_template: str) -> AsyncGenerator[str]:
    """The DSN of a database where a Pixel has run, for this test alone."""
    async with fresh_database(database_server, begun_template) as dsn:
        yield dsn


@pytest.fixture
async def new_database_url(database_server: str, database_template: str) -> AsyncGenerator[str]:
    """The same where none has run, for a Pixel with a catalogue of its own: the shipped models would be retired."""
    async with fresh_database(database_server, database_template) as dsn:
        yield dsn


@pytest.fixture(scope="module")
async def shared(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """One Pixel for all tests of a module that are independent of each other's tasks."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel")) as both,
    ):
        yield both


@pytest.fixture
def client(shared: tuple[Pixel, httpx.AsyncClient]) -> httpx.AsyncClient:
    """A client of the shared Pixel."""
    return shared[1]


@pytest.fixture
def pixel(shared: tuple[Pixel, httpx.AsyncClient]) -> Pixel:
    """The live objects of the shared Pixel."""
    return shared[0]
