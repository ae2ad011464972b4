"""Fixtures for every test. A test that needs PostgreSQL takes `database_url`; no other fixture starts a server."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import uvloop
from hypothesis import HealthCheck, Phase, settings

from adapters import logging
from adapters.media.decoder_pool import Decoders
from runtime.garbage import collect_rarely
from tests.postgres import fresh_database, migrated_template, postgres_server

# Here and in no folder's conftest: a module that another folder imported first could not be rewritten any more.
pytest.register_assert_rewrite(
    "tests.spec", "tests.adapters.providers.tolerance", "tests.adapters.providers.model_lists"
)

# No deadline and no health check by the clock: a busy machine is no counterexample.
settings.register_profile("laws", deadline=None, max_examples=70, suppress_health_check=[HealthCheck.too_slow])
# For mutants: the same examples every time, and few, because each mutant runs all of them.
# A counterexample is counted and not looked at, so it need not be small.
settings.register_profile(
    "mutants",
    settings.get_profile("laws"),
    max_examples=20,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile(os.environ.get("PIXEL_TEST_LAWS", "laws"))


collect_rarely()
# The event loop that Pixel runs on: closer to what is tested, and faster.
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


# A CI that gives up sends SIGTERM: end like Ctrl-C, so that fixtures still stop their servers. Both by a handler of our
# own, because asyncio replaces Python's at the begin of each test and fixture, and writes down its result at the end.
signal.signal(signal.SIGTERM, _interrupt)
signal.signal(signal.SIGINT, _interrupt)


def pytest_collection_finish() -> None:
    """As Pixel does after its start: each full collection would look at all tests and modules again, which took a
    quarter of the time of tests that make whole applications."""
    collect_rarely()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files of end-to-end tests over the first two thirds of the run, and end with those of the core.

    The first wait a lot, and so keep no processor busy by themselves. The last are short: a file stays on one worker,
    so that a long one at the end delays the run."""
    files = dict.fromkeys(item.path for item in items)
    ends = [path for path in files if path.parent.name == "e2e"]
    others = sorted((path for path in files if path.parent.name != "e2e"), key=_is_of_the_core)
    place = {path: float(number) for number, path in enumerate(others)}
    place |= {path: len(others) * number / len(ends) / 1.5 - 1 for number, path in enumerate(ends)}
    items.sort(key=lambda item: place[item.path])


def _is_of_the_core(path: Path) -> bool:
    return not {"domain", "application"}.isdisjoint(path.parts)


@pytest.fixture(scope="session")
async def database_server(pytestconfig: pytest.Config) -> AsyncGenerator[str]:
    """The DSN of a server for the whole session, where databases may be made."""

    def report(line: str) -> None:
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            sys.stderr.write(f"\n{line}\n")

    async with postgres_server(report) as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def database_template(database_server: str) -> AsyncGenerator[str]:
    """The name of a migrated database on that server, to be copied."""
    async with migrated_template(database_server) as name:
        yield name


@pytest.fixture
async def database_url(database_server: str, database_template: str) -> AsyncGenerator[str]:
    """The DSN of a migrated, empty database for this test alone."""
    async with fresh_database(database_server, database_template) as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def decoders() -> AsyncGenerator[Decoders]:
    """The processes that open media, for all tests of a session."""
    async with Decoders() as decoders:
        yield decoders


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Logs as the service writes them, for a machine; only errors."""
    logging.configure("json", "error")
