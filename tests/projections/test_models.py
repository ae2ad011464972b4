"""Laws of the models read model: one row for each model, the fold of its stream, in the order of registration."""

from typing import Any

import pytest

from domain.base import replace
from domain.ids import model_stream
from domain.model import (
    DefaultModelChosen,
    Kind,
    Limits,
    Model,
    ModelDisabled,
    ModelEnabled,
    ModelRegistered,
    ModelRetired,
    ModelRevised,
    ModelSpec,
    Voice,
)
from projections.models import MODELS, ModelRow, list_all, registration_times
from projections.parking import parked
from tests.projections.projection_rig import ProjectionRig, running
from tests.projections.scenario import AT, called

SPEC = ModelSpec(
    name="One",
    type=Kind.AUDIO,
    description="Speaks.",
    capabilities={"supportsLora": True},
    resolutions={"1K": {"1:1": "1024*1024"}},
    durations={"5s": "5 seconds"},
    voices=(Voice(id="v", name="Voice", language="en-GB"),),
    limits=Limits(speed=(0.8, 1.2), resolutions=("1K",), loras=("m",)),
)
ONE = "sandbox/one"


async def register(rig: ProjectionRig, *later: Any, model: str = ONE, spec: ModelSpec = SPEC) -> int:
    """A model, then what came later; returns where it was registered."""
    receipt = await rig.append(model_stream(model), ModelRegistered(model=model, spec=spec, at=AT), *later)
    return receipt.position - len(later)


async def see(rig: ProjectionRig, *later: Any) -> tuple[int, ModelRow]:
    """The position of a new model's registration, and its row after these events."""
    position = await register(rig, *later)
    await rig.follow(MODELS)
    (row,) = await list_all(rig.pool)
    return position, row


async def test_a_registered_model_is_on(rig: ProjectionRig) -> None:
    """A new model is at revision 1, enabled, the default of nothing; its spec comes back as it was."""
    position, row = await see(rig)
    assert row == ModelRow(id=ONE, position=position, model=Model(revision=1, spec=SPEC, enabled=True))
    assert (row.spec, row.kind) == (SPEC, Kind.AUDIO)


async def test_a_revised_model_has_its_new_spec(rig: ProjectionRig) -> None:
    """The row is of the latest revision."""
    revised = replace(SPEC, name="Two", limits=Limits(prompt=10))
    position, row = await see(rig, ModelRevised(revision=2, spec=revised, at=AT))
    assert row == ModelRow(id=ONE, position=position, model=Model(revision=2, spec=revised, enabled=True))


async def test_a_disabled_model_has_the_reason(rig: ProjectionRig) -> None:
    """A disabled model stays in the list, with the reason."""
    _, row = await see(rig, ModelDisabled(reason="too slow", at=AT))
    assert (row.model.enabled, row.model.disabled_reason) == (False, "too slow")


@pytest.mark.parametrize("off", [ModelDisabled(reason="too slow", at=AT), ModelRetired(replacement="a/b", at=AT)])
async def test_an_enabled_model_is_as_new(rig: ProjectionRig, off: Any) -> None:
    """An enabled model shows nothing of the time when it was disabled."""
    position, row = await see(rig, off, ModelEnabled(at=AT))
    assert row == ModelRow(id=ONE, position=position, model=Model(revision=1, spec=SPEC, enabled=True))


async def test_a_retired_model_names_its_replacement(rig: ProjectionRig) -> None:
    """A retired model stays in the list and names its replacement."""
    _, row = await see(rig, ModelRetired(replacement="sandbox/two", at=AT))
    assert (row.model.enabled, row.model.retired, row.model.replacement) == (False, True, "sandbox/two")


async def test_the_default_is_the_model_chosen_last(rig: ProjectionRig) -> None:
    """Of two models of a kind the one chosen last has the greater position; a model never chosen has 0."""
    two, three = "sandbox/two", "sandbox/three"
    chosen = DefaultModelChosen(kind=Kind.AUDIO, at=AT)
    first = await register(rig, chosen) + 1
    second = await register(rig, chosen, model=two) + 1
    await register(rig, model=three)
    async with running(rig.runner(MODELS)):
        await rig.caught_up("models")
        assert {row.id: row.default_position for row in await list_all(rig.pool)} == {
            ONE: first,
            two: second,
            three: 0,
        }
        again = (await rig.append(model_stream(ONE), chosen, ModelDisabled(at=AT))).position - 1
        await rig.caught_up("models")
        assert {row.id: row.default_position for row in await list_all(rig.pool)} == {
            ONE: again,
            two: second,
            three: 0,
        }


async def test_models_are_listed_as_they_were_registered(rig: ProjectionRig) -> None:
    """The order is that of the catalogue, after any later events."""
    names = ["sandbox/c", "sandbox/a", "sandbox/b"]
    for name in names:
        await register(rig, model=name)
    await rig.append(model_stream("sandbox/c"), ModelRevised(revision=2, spec=replace(SPEC, type=Kind.LLM), at=AT))
    await rig.follow(MODELS)
    assert [row.id for row in await list_all(rig.pool)] == names
    first = await rig.pool.fetch("SELECT recorded_at FROM stored_events ORDER BY notification_id LIMIT 3")
    times = {name: row["recorded_at"] for name, row in zip(names, first, strict=True)}
    assert await registration_times(rig.pool) == times
    columns = await rig.pool.fetch("SELECT kind, enabled FROM models ORDER BY position")
    assert [tuple(row) for row in columns] == [("llm", True), ("audio", True), ("audio", True)]


async def test_a_model_that_can_be_read_no_further_stays_as_it_was(rig: ProjectionRig) -> None:
    """An event of a newer version parks the model, which is offered as before, also after a restart."""
    position = await register(rig, ModelDisabled(reason="too slow", at=AT))
    await rig.append_raw(model_stream(ONE), "ModelMerged", b'{"event":"ModelMerged","at":"2026-03-01T12:00:00Z"}')
    await rig.append(model_stream(ONE), ModelEnabled(at=AT))
    for _ in ("at first", "and after a restart"):
        await rig.follow(MODELS)
        state = Model(revision=1, spec=SPEC, disabled_reason="too slow")
        assert await list_all(rig.pool) == [ModelRow(id=ONE, position=position, model=state)]
        assert [(each.name, each.stream) for each in await parked(rig.pool)] == [("models", model_stream(ONE))]


@pytest.mark.parametrize(
    "event",
    [
        ModelRevised(revision=2, spec=SPEC, at=AT),
        ModelEnabled(at=AT),
        ModelDisabled(at=AT),
        DefaultModelChosen(kind=Kind.AUDIO, at=AT),
        ModelRetired(at=AT),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_a_model_that_was_never_registered_has_no_row(rig: ProjectionRig, event: Any) -> None:
    """No event but the registration begins a row."""
    await rig.append(model_stream(ONE), event)
    await rig.follow(MODELS)
    assert await list_all(rig.pool) == []


async def test_tasks_are_no_models(rig: ProjectionRig) -> None:
    """Events of tasks make no row."""
    await rig.begin(called())
    assert (await see(rig))[1].id == ONE
