"""Laws of what a model offered when a request was accepted: the answer is that of its revision, for ever."""

import pytest

from application import model_specs
from application.model_specs import ModelSpecs
from application.ports import AnyEvent, LogUnavailable, Unreadable
from domain.ids import model_stream
from domain.model import Kind, ModelDisabled, ModelRegistered, ModelRetired, ModelRevised, ModelSpec
from tests.application.harness import MemoryLog
from tests.domain.scenario import AT

NOVELTY = Unreadable(topic="Novelty", problem="?")
OFF = ModelDisabled(reason="switched off in the catalogue", at=AT)


def spec(name: str) -> ModelSpec:
    return ModelSpec(name=name, type=Kind.IMAGE)


def revised(revision: int) -> ModelRevised:
    return ModelRevised(revision=revision, spec=spec(f"a{revision}"), at=AT)


REGISTERED = ModelRegistered(model="sandbox/a", spec=spec("a1"), at=AT)


def recorded(*history: AnyEvent | Unreadable, model: str = "sandbox/a") -> MemoryLog:
    """A log with the history of a model."""
    log = MemoryLog()
    for event in history:
        log.add(model_stream(model), event)
    return log


async def test_each_revision_has_its_own_spec() -> None:
    """Whatever came after it, and in whichever order they are asked for. What is not there is None."""
    specs = ModelSpecs(recorded(REGISTERED, OFF, revised(2), OFF, revised(3), ModelRetired(at=AT)))
    for revision, found in ((2, spec("a2")), (3, spec("a3")), (1, spec("a1")), (0, None), (4, None)):
        assert await specs.get("sandbox/a", revision) == found
    assert await specs.get("sandbox/b", 1) is None


async def test_a_spec_is_of_one_model() -> None:
    """Another one has another, at the same revision."""
    log = recorded(REGISTERED)
    log.add(model_stream("sandbox/b"), ModelRegistered(model="sandbox/b", spec=spec("b1"), at=AT))
    specs = ModelSpecs(log)
    for _ in range(2):
        assert await specs.get("sandbox/a", 1) == spec("a1")
        assert await specs.get("sandbox/b", 1) == spec("b1")
    assert len(log.reads) == 2


async def test_what_is_not_there_is_looked_for_again() -> None:
    """It may be recorded meanwhile; what is known is not read again, and needs no log."""
    log = recorded()
    specs = ModelSpecs(log)
    assert await specs.get("sandbox/a", 1) is None
    log.add(model_stream("sandbox/a"), REGISTERED)
    assert await specs.get("sandbox/a", 1) == spec("a1")
    log.away = True
    assert await specs.get("sandbox/a", 1) == spec("a1")
    with pytest.raises(LogUnavailable):
        await specs.get("sandbox/a", 2)


async def test_what_a_newer_pixel_recorded_hides_only_what_comes_after() -> None:
    """A task that was accepted before goes on, and one that was accepted after it waits for a worker that reads it."""
    specs = ModelSpecs(recorded(REGISTERED, revised(2), NOVELTY, revised(3)))
    assert [await specs.get("sandbox/a", revision) for revision in (1, 2, 3)] == [spec("a1"), spec("a2"), None]
    assert await ModelSpecs(recorded(NOVELTY, REGISTERED)).get("sandbox/a", 1) is None


async def test_so_many_specs_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of a worker has a bound, however many revisions there are."""
    monkeypatch.setattr(model_specs, "MAX_SPECS", 2)
    log = recorded(REGISTERED, revised(2), revised(3))
    specs = ModelSpecs(log)
    for revision, reads in ((1, 1), (2, 2), (1, 2), (2, 2), (3, 3), (3, 3), (1, 4)):
        assert await specs.get("sandbox/a", revision) == spec(f"a{revision}")
        assert len(log.reads) == reads
