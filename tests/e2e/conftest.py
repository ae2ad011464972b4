"""Fixtures of the end-to-end tests: a folder for what a service keeps, and databases that a service has begun."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.e2e.service import data_folder, pixel
from tests.postgres import fresh_database

Databases = Callable[[], AbstractAsyncContextManager[str]]


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder for the assets of a service, and for an embedded PostgreSQL."""
    with data_folder() as made:
        yield made


@pytest.fixture(scope="session")
async def begun(database_server: str, database_template: str) -> AsyncGenerator[str]:
    """The name of a database in which a service has run: it knows the models, so the next start is short."""
    with data_folder() as folder:
        async with fresh_database(database_server, database_template) as dsn:
            async with pixel(dsn, folder):
                pass
            yield dsn.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def databases(database_server: str, begun: str) -> Databases:
    """Makes databases in which a service has run already."""
    return lambda: fresh_database(database_server, begun)


@pytest.fixture
async def database(databases: Databases) -> AsyncGenerator[str]:
    """The DSN of one of them, for this test alone."""
    async with databases() as dsn:
        yield dsn
