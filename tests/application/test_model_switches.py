"""Laws of the switches of an administrator: what they record in whose name, and what they leave to the catalogue."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from application import clock, model_switches
from application.catalogue import defaults_of, fold
from application.ports import Cause, Conflict, Unreadable
from domain.base import Rejected
from domain.ids import model_stream
from domain.model import (
    DefaultModelChosen,
    Kind,
    Model,
    ModelDisabled,
    ModelEnabled,
    ModelEvent,
    ModelRegistered,
    ModelRetired,
    ModelRevised,
    ModelSpec,
)
from tests.application.harness import MemoryLog

CAUSE = Cause(actor="key_boss", request_id="req_1")
PAINTER, SECOND, WRITER = "acme/painter", "acme/second", "acme/writer"
SPEC = ModelSpec(name="Painter", type=Kind.IMAGE)


@pytest.fixture
def log() -> MemoryLog:
    """A log with two models for images, of which the catalogue has chosen the first, and one for texts."""
    made, at = MemoryLog(), clock.now()
    for model, spec in ((PAINTER, SPEC), (SECOND, SPEC), (WRITER, ModelSpec(name="Writer", type=Kind.LLM))):
        made.add(model_stream(model), ModelRegistered(model=model, spec=spec, at=at))
    made.add(model_stream(PAINTER), DefaultModelChosen(kind=Kind.IMAGE, at=at))
    return made


def added(log: MemoryLog) -> list[tuple[str, Any]]:
    """What was recorded since: the model of each event, and the event."""
    names = {model_stream(model): model for model in (PAINTER, SECOND, WRITER)}
    return [(names[each.stream], each.event) for each in log.events[4:]]


def recent(at: datetime) -> bool:
    return timedelta(0) <= clock.now() - at < timedelta(minutes=1)


async def test_a_model_is_switched_off_by_somebody(log: MemoryLog) -> None:
    """The event names who did, and why; the answer is the model after it. A second time changes nothing."""
    off = await model_switches.disable(log, PAINTER, by="anna", note="too dear", cause=CAUSE)
    assert off == Model(revision=1, spec=SPEC, enabled=False, disabled_reason="too dear", disabled_by="anna")
    [(model, event)] = added(log)
    assert (model, event) == (PAINTER, ModelDisabled(reason="too dear", by="anna", at=event.at))
    assert recent(event.at)
    assert log.causes == [CAUSE]
    assert await model_switches.disable(log, PAINTER, by="otto", note="again", cause=CAUSE) == off
    assert len(added(log)) == 1
    assert fold(log.events)[model_stream(PAINTER)].model == off
    assert fold(log.events)[model_stream(SECOND)].model.enabled


async def test_a_model_is_switched_on_again_by_somebody(log: MemoryLog) -> None:
    """By its own event. A model that is on stays as it is."""
    await model_switches.disable(log, PAINTER, by="anna", note="", cause=CAUSE)
    on = await model_switches.enable(log, PAINTER, by="otto", cause=CAUSE)
    assert on == Model(revision=1, spec=SPEC, enabled=True)
    (_, first), (model, second) = added(log)
    assert first == ModelDisabled(reason="switched off by an administrator", by="anna", at=first.at)
    assert (model, second) == (PAINTER, ModelEnabled(by="otto", at=second.at))
    assert recent(second.at)
    assert log.causes == [CAUSE, CAUSE]
    assert await model_switches.enable(log, PAINTER, by="otto", cause=CAUSE) == on
    assert len(added(log)) == 2


async def test_a_default_is_chosen_by_somebody(log: MemoryLog) -> None:
    """It replaces the one of its kind, and no other; what is the default already stays it without an event."""
    log.add(model_stream(WRITER), DefaultModelChosen(kind=Kind.LLM, at=clock.now()))
    chosen = await model_switches.choose_default(log, SECOND, by="anna", cause=CAUSE)
    assert chosen == Model(revision=1, spec=SPEC, enabled=True)
    [_, (model, event)] = added(log)
    assert (model, event) == (SECOND, DefaultModelChosen(kind=Kind.IMAGE, by="anna", at=event.at))
    assert recent(event.at)
    assert log.causes == [CAUSE]
    assert defaults_of(fold(log.events)) == {Kind.IMAGE: model_stream(SECOND), Kind.LLM: model_stream(WRITER)}
    for model in (SECOND, WRITER):
        await model_switches.choose_default(log, model, by="otto", cause=CAUSE)
    assert len(added(log)) == 2
    await model_switches.choose_default(log, PAINTER, by="otto", cause=CAUSE)
    assert defaults_of(fold(log.events))[Kind.IMAGE] == model_stream(PAINTER)


@pytest.mark.parametrize(
    "off",
    [
        ModelDisabled(reason="switched off in the catalogue", at=clock.now()),
        ModelRetired(at=clock.now()),
        ModelRevised(revision=2, spec=ModelSpec(name="P", type=Kind.IMAGE, ends=date(2020, 1, 1)), at=clock.now()),
    ],
    ids=["off", "retired", "ended"],
)
async def test_what_the_catalogue_has_off_stays_off(log: MemoryLog, off: ModelEvent) -> None:
    """No administrator brings it back, or makes it a default."""
    log.add(model_stream(SECOND), off)
    for command in (
        model_switches.enable(log, SECOND, by="anna", cause=CAUSE),
        model_switches.choose_default(log, SECOND, by="anna", cause=CAUSE),
    ):
        with pytest.raises(Rejected) as refusal:
            await command
        assert refusal.value.code == "model_off"
        assert refusal.value.message
    assert len(added(log)) == 1


async def test_an_unknown_model_is_refused_in_the_words_of_the_contract(log: MemoryLog) -> None:
    """By every switch."""
    for command in (
        model_switches.enable(log, "acme/nobody", by="anna", cause=CAUSE),
        model_switches.disable(log, "acme/nobody", by="anna", note="", cause=CAUSE),
        model_switches.choose_default(log, "acme/nobody", by="anna", cause=CAUSE),
    ):
        with pytest.raises(Rejected) as refusal:
            await command
        assert (refusal.value.code, refusal.value.message) == (
            "model_not_found",
            "Model 'acme/nobody' not found. Available models can be fetched from /api/v1/models",
        )
    assert added(log) == []


# --- Not alone ---


def meanwhile(log: MemoryLog, change: Callable[[], ModelEvent | None]) -> None:
    """Let another process record something of the painter before each append."""

    def before(_: list[str]) -> None:
        if event := change():
            log.add(model_stream(PAINTER), event)

    log.before = before


async def test_a_switch_decides_again_when_the_model_has_changed(log: MemoryLog) -> None:
    """As often as seven times: what the catalogue has recorded meanwhile stays, and counts."""
    revisions = iter(range(2, 9))

    def revised() -> ModelEvent | None:
        revision = next(revisions, None)
        return ModelRevised(revision=revision, spec=SPEC, at=clock.now()) if revision else None

    meanwhile(log, revised)
    off = await model_switches.disable(log, PAINTER, by="anna", note="too dear", cause=CAUSE)
    assert off == Model(revision=8, spec=SPEC, enabled=False, disabled_reason="too dear", disabled_by="anna")
    assert off == fold(log.events)[model_stream(PAINTER)].model
    assert [type(event) for _, event in added(log)] == [*[ModelRevised] * 7, ModelDisabled]


async def test_what_another_has_done_meanwhile_is_not_done_again(log: MemoryLog) -> None:
    """The switch finds it so, and leaves it in the other's name."""
    theirs = ModelDisabled(reason="theirs", by="otto", at=clock.now())
    meanwhile(log, lambda: theirs)
    off = await model_switches.disable(log, PAINTER, by="anna", note="ours", cause=CAUSE)
    assert off == Model(revision=1, spec=SPEC, enabled=False, disabled_reason="theirs", disabled_by="otto")
    assert added(log) == [(PAINTER, theirs)]


async def test_a_model_that_never_rests_is_a_conflict(log: MemoryLog) -> None:
    """After eight tries, with the reason of the last."""
    tries: list[int] = []

    def revised() -> ModelEvent:
        tries.append(1)
        return ModelRevised(revision=len(tries) + 1, spec=SPEC, at=clock.now())

    meanwhile(log, revised)
    with pytest.raises(Conflict, match="the stream ends at version 10, not 9"):
        await model_switches.disable(log, PAINTER, by="anna", note="", cause=CAUSE)
    assert len(tries) == 8
    assert ModelDisabled not in {type(event) for _, event in added(log)}


async def test_an_event_of_a_newer_pixel_stops_every_switch() -> None:
    """The models can't be compared with each other while one of them can't be read."""

    class Damaged(MemoryLog):
        async def model_events(self) -> list[Any]:
            return list(self.events)

    log = Damaged()
    log.add(model_stream(PAINTER), ModelRegistered(model=PAINTER, spec=SPEC, at=clock.now()))
    log.add(model_stream(SECOND), Unreadable(topic="ModelPaused", problem="unknown"))
    for command in (
        model_switches.disable(log, PAINTER, by="anna", note="", cause=CAUSE),
        model_switches.enable(log, PAINTER, by="anna", cause=CAUSE),
        model_switches.choose_default(log, PAINTER, by="anna", cause=CAUSE),
    ):
        with pytest.raises(Rejected) as refusal:
            await command
        assert refusal.value.code == "stream_unreadable"
        assert "position 2" in refusal.value.message
    assert len(log.events) == 2
