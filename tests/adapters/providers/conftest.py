"""Fixtures of the provider conformance suite; a suite's `subject` says which cases its tests run on."""

from collections.abc import AsyncGenerator

import pytest

from tests.adapters.providers.conformance import Bench, Subject
from tests.simulators.serve import make, served


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a case, for those that take one."""
    subject: Subject | None = getattr(metafunc.cls, "subject", None)
    if subject is None:
        return
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", subject.cases, ids=[case.name for case in subject.cases])
    if "refusal" in metafunc.fixturenames:
        rows = [(case, fault, code) for case in subject.cases for fault, code in subject.refusals_of(case).items()]
        metafunc.parametrize("refusal", rows, ids=[f"{case.name}-{fault}" for case, fault, _ in rows])


@pytest.fixture
async def bench(request: pytest.FixtureRequest) -> AsyncGenerator[Bench]:
    """A simulator that is served, and the adapter in front of it."""
    subject: Subject = request.cls.subject
    simulator = make(subject.simulator)
    async with served(simulator) as address, Bench.opened(subject, simulator, address) as bench:
        yield bench
