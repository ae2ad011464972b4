"""Fixtures of the end-to-end tests: a folder for what a service keeps, and databases that a service has begun."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.e2e.service import data_folder, eventually, pixel
from tests.postgres import database_name, fresh_database

Databases = Callable[[], AbstractAsyncContextManager[str]]


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder for the assets of a service, and for an embedded PostgreSQL."""
    with data_folder() as made:
        yield made


@pytest.fixture(scope="session")
async def begun(database_server: str, database_template: str) -> AsyncGenerator[str]:
    """The name of a database in which a service has run: it knows the models, and all read models have them, so the
    next start is short, and one without a worker has nothing that lags."""
    with data_folder() as folder:
        async with fresh_database(database_server, database_template) as dsn:
            async with pixel(dsn, folder) as service:

                async def all_is_read() -> bool:
                    read_models = (await service.client.get("/health/ready")).json()["read_models"]
                    return all(build["lag"] == 0 for build in read_models)

                await eventually("the read models to have read the log", all_is_read)
            yield database_name(dsn)


@pytest.fixture(scope="session")
def databases(database_server: str, begun: str) -> Databases:
    """Makes databases in which a service has run already."""
    return lambda: fresh_database(database_server, begun)


@pytest.fixture
async def database(databases: Databases) -> AsyncGenerator[str]:
    """The DSN of one of them, for this test alone."""
    async with databases() as dsn:
        yield dsn
