"""Laws of the catalogue: its difference to the streams is appended, and appending it twice adds nothing."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application import clock
from application.catalogue import (
    MAX_TRIES,
    Change,
    Entry,
    Known,
    changes,
    defaults_of,
    differences,
    fold,
    synchronise,
)
from application.ports import Cause, Conflict, LogUnavailable, Recorded, Unreadable
from domain.base import Rejected, replace
from domain.ids import model_stream
from domain.model import (
    DefaultModelChosen,
    Kind,
    Limits,
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

AT = datetime(2026, 2, 11, 10, 0, tzinfo=UTC)
PAINTER = Entry(id="sandbox/painter", spec=ModelSpec(name="Painter", type=Kind.IMAGE))
DRAWER = Entry(id="sandbox/drawer", spec=ModelSpec(name="Drawer", type=Kind.IMAGE))
SPEAKER = Entry(id="sandbox/speaker", spec=ModelSpec(name="Speaker", type=Kind.AUDIO))
BETTER = ModelSpec(name="Painter", type=Kind.IMAGE, limits=Limits(n=4))

REGISTERED = ModelRegistered(model="sandbox/painter", spec=PAINTER.spec, at=AT)
OFF = ModelDisabled(reason="switched off in the catalogue", at=AT)
GONE = ModelDisabled(reason="no longer in the catalogue", at=AT)
CHOSEN = DefaultModelChosen(kind=Kind.IMAGE, at=AT)


def compared(entries: list[Entry], known: dict[UUID, Known]) -> dict[UUID, list[ModelEvent]]:
    """The difference; all of it is of the moment of the comparison."""
    begun = clock.now()
    found = differences(entries, known)
    moments = {fact.at for facts in found.values() for fact in facts}
    assert len(moments) == bool(found)
    assert all(begun <= moment <= clock.now() for moment in moments)
    return found


def synchronised(history: list[Recorded], *entries: Entry) -> list[Recorded]:
    """The history after one more start with this catalogue."""
    known = fold(history)
    history = list(history)
    for stream, facts in compared(list(entries), known).items():
        begin = known.get(stream, Known()).version + 1
        for version, fact in enumerate(facts, begin):
            history.append(Recorded(len(history) + 1, stream, version, replace(fact, at=AT)))
    return history


def started(*catalogues: list[Entry]) -> list[Recorded]:
    """The history after a start with each of the catalogues."""
    history: list[Recorded] = []
    for entries in catalogues:
        history = synchronised(history, *entries)
    return history


def chosen_by_hand(history: list[Recorded], model: str) -> list[Recorded]:
    """The history after an administrator has made a model the default."""
    known, stream = fold(history), model_stream(model)
    spec = known[stream].model.spec
    assert spec
    choice = DefaultModelChosen(kind=spec.type, by="anna", at=AT)
    return [*history, Recorded(len(history) + 1, stream, known[stream].version + 1, choice)]


def facts_of(history: list[Recorded], model: str = PAINTER.id) -> list[Any]:
    return [recorded.event for recorded in history if recorded.stream == model_stream(model)]


def defaults(history: list[Recorded]) -> dict[Kind, str]:
    """The default of each kind by the log: the last one that was chosen."""
    names = {model_stream(entry.id): entry.id for entry in (PAINTER, DRAWER, SPEAKER)}
    events = [(recorded.event, names[recorded.stream]) for recorded in history]
    return {event.kind: name for event, name in events if isinstance(event, DefaultModelChosen)}


def test_a_default_chosen_by_hand_stands_until_the_catalogue_names_another_one() -> None:
    """The same default in the catalogue is nothing new; another one replaces the administrator's choice."""
    first = [replace(PAINTER, default=True), DRAWER, SPEAKER]
    history = chosen_by_hand(started(first), DRAWER.id)
    assert defaults(synchronised(history, *first))[Kind.IMAGE] == DRAWER.id
    assert len(synchronised(history, *first)) == len(history)
    other = synchronised(history, PAINTER, replace(DRAWER, default=True), SPEAKER)
    assert len(other) == len(history) + 1, "the catalogue chose it for the first time"
    back = synchronised(other, *first)
    assert defaults(back)[Kind.IMAGE] == PAINTER.id


@pytest.mark.parametrize(
    ("catalogues", "facts"),
    [
        ([[PAINTER]], [REGISTERED]),
        ([[replace(PAINTER, enabled=False)]], [REGISTERED, OFF]),
        ([[replace(PAINTER, default=True)]], [REGISTERED, CHOSEN]),
        ([[PAINTER], [replace(PAINTER, spec=BETTER)]], [REGISTERED, ModelRevised(revision=2, spec=BETTER, at=AT)]),
        ([[PAINTER], [replace(PAINTER, enabled=False)]], [REGISTERED, OFF]),
        ([[PAINTER], [replace(PAINTER, enabled=False)], [PAINTER]], [REGISTERED, OFF, ModelEnabled(at=AT)]),
        (
            [[PAINTER], [replace(PAINTER, retired=True, replacement="sandbox/drawer")]],
            [REGISTERED, ModelRetired(replacement="sandbox/drawer", at=AT)],
        ),
        (
            [[PAINTER], [replace(PAINTER, retired=True)], [PAINTER]],
            [REGISTERED, ModelRetired(at=AT), ModelEnabled(at=AT)],
        ),
        ([[PAINTER], [replace(PAINTER, default=True)]], [REGISTERED, CHOSEN]),
        ([[PAINTER], [DRAWER]], [REGISTERED, GONE]),
        ([[PAINTER], [], [PAINTER]], [REGISTERED, GONE, ModelEnabled(at=AT)]),
        ([[PAINTER], [PAINTER], [PAINTER]], [REGISTERED]),
    ],
)
def test_a_change_of_the_catalogue_is_a_fact(catalogues: list[list[Entry]], facts: list[ModelEvent]) -> None:
    """Each start appends what the file says and the streams do not, and nothing else."""
    assert facts_of(started(*catalogues)) == facts


def test_every_model_has_a_stream_of_its_own() -> None:
    """A change of one model does not touch another."""
    history = started([PAINTER, SPEAKER], [replace(PAINTER, spec=BETTER), SPEAKER])
    assert len(facts_of(history, PAINTER.id)) == 2
    assert facts_of(history, SPEAKER.id) == [ModelRegistered(model=SPEAKER.id, spec=SPEAKER.spec, at=AT)]


def test_the_default_moves() -> None:
    """The last one chosen is the default, and going back is choosing again."""
    painter, drawer = replace(PAINTER, default=True), replace(DRAWER, default=True)
    history = started([painter, DRAWER])
    assert defaults(history) == {Kind.IMAGE: PAINTER.id}
    history = synchronised(history, PAINTER, drawer)
    assert defaults(history) == {Kind.IMAGE: DRAWER.id}
    history = synchronised(history, painter, DRAWER)
    assert defaults(history) == {Kind.IMAGE: PAINTER.id}
    assert facts_of(history) == [REGISTERED, CHOSEN, CHOSEN]


def test_every_kind_has_its_own_default() -> None:
    """The choice of one kind does not touch the default of another."""
    history = started([replace(PAINTER, default=True), DRAWER], [PAINTER, DRAWER, replace(SPEAKER, default=True)])
    assert defaults(history) == {Kind.IMAGE: PAINTER.id, Kind.AUDIO: SPEAKER.id}


def test_a_new_revision_of_the_default_stays_the_default() -> None:
    """A new description of the default model is no new choice."""
    history = started([replace(PAINTER, default=True)], [replace(PAINTER, default=True, spec=BETTER)])
    assert facts_of(history) == [REGISTERED, CHOSEN, ModelRevised(revision=2, spec=BETTER, at=AT)]


ENTRIES = st.builds(
    Entry,
    id=st.just(""),
    spec=st.sampled_from([PAINTER.spec, BETTER]),
    enabled=st.booleans(),
    retired=st.booleans(),
    replacement=st.sampled_from([None, DRAWER.id]),
)


@st.composite
def catalogues(draw: st.DrawFn) -> list[Entry]:
    """A catalogue of up to three models, of which one may be the default."""
    ids = draw(st.lists(st.sampled_from([PAINTER.id, DRAWER.id, SPEAKER.id]), unique=True))
    default = draw(st.sampled_from([None, *ids]))
    return [replace(draw(ENTRIES), id=name, default=name == default) for name in ids]


@settings(deadline=None, max_examples=60)
@given(st.lists(catalogues(), min_size=1, max_size=5))
def test_two_nodes_come_to_the_same(changes: list[list[Entry]]) -> None:
    """Whatever the streams have been through, a second node that compares the same catalogue has nothing to add."""
    history = started(*changes)
    assert differences(changes[-1], fold(history)) == {}
    known = fold(history)
    for entry in changes[-1]:
        model = known[model_stream(entry.id)].model
        assert (model.spec, model.retired) == (entry.spec, entry.retired)
        assert model.enabled == (entry.enabled and not entry.retired)
    described = {model_stream(entry.id) for entry in changes[-1]}
    assert not any(item.model.enabled for stream, item in known.items() if stream not in described)


def test_a_model_is_known_with_its_place() -> None:
    """The next append is decided on the version; the positions show which default was chosen last, and by whom."""
    history = started([PAINTER, replace(DRAWER, default=True)], [replace(PAINTER, spec=BETTER), DRAWER])
    assert fold(chosen_by_hand(history, PAINTER.id)) == {
        model_stream(PAINTER.id): Known(
            id=PAINTER.id,
            model=Model(revision=2, spec=BETTER, enabled=True),
            version=3,
            default_position=5,
            catalogue_default_position=0,
        ),
        model_stream(DRAWER.id): Known(
            id=DRAWER.id,
            model=Model(revision=1, spec=DRAWER.spec, enabled=True),
            version=2,
            default_position=3,
            catalogue_default_position=3,
        ),
    }


def test_a_choice_by_hand_does_not_hide_the_one_of_the_catalogue() -> None:
    """Of one model, both are remembered: the newest choice, and the newest of the catalogue."""
    history = started([replace(PAINTER, default=True)])
    known = fold(chosen_by_hand(history, PAINTER.id))[model_stream(PAINTER.id)]
    assert (known.default_position, known.catalogue_default_position) == (3, 2)


def test_the_default_of_a_kind_is_the_last_one_that_was_chosen() -> None:
    """Whoever chose it; a kind without a choice has none, and no more has a stream that describes no model."""
    history = started([replace(PAINTER, default=True), DRAWER, SPEAKER])
    assert defaults_of(fold(history)) == {Kind.IMAGE: model_stream(PAINTER.id)}
    history = chosen_by_hand(chosen_by_hand(history, DRAWER.id), SPEAKER.id)
    both = {Kind.IMAGE: model_stream(DRAWER.id), Kind.AUDIO: model_stream(SPEAKER.id)}
    assert defaults_of(fold(history)) == both
    stray = Recorded(len(history) + 1, model_stream("sandbox/stray"), 1, CHOSEN)
    assert defaults_of(fold([*history, stray])) == both


def test_a_change_tells_the_model_and_what_was_there_before() -> None:
    """What is shown before it is applied: each event with its model, and the description until then. A new model had
    none; one that is gone from the catalogue has the name of its stream."""
    history = started([PAINTER, SPEAKER])
    shown = changes([replace(PAINTER, spec=BETTER, default=True), DRAWER], history)
    assert [change._replace(event=replace(change.event, at=AT)) for change in shown] == [
        Change(PAINTER.id, ModelRevised(revision=2, spec=BETTER, at=AT), PAINTER.spec),
        Change(PAINTER.id, CHOSEN, PAINTER.spec),
        Change(DRAWER.id, ModelRegistered(model=DRAWER.id, spec=DRAWER.spec, at=AT), None),
        Change(SPEAKER.id, GONE, SPEAKER.spec),
    ]


UNREADABLE = Unreadable(topic="ModelPraised", problem="unknown")


def test_nothing_is_decided_on_a_stream_that_can_not_be_read() -> None:
    """An older Pixel does not overrule what a newer one wrote; the message says where it stands."""
    history = [*started([PAINTER]), Recorded(7, model_stream(PAINTER.id), 2, UNREADABLE)]
    with pytest.raises(Rejected, match=r"position 7\b.*ModelPraised") as refusal:
        changes([PAINTER], history)
    assert refusal.value.code == "stream_unreadable"


# --- What is appended to the log ---

CAUSE = Cause(actor="catalogue", request_id="req_1")


def told(log: MemoryLog) -> list[tuple[str, Any]]:
    """The events of the log with their models, as if all were of one moment."""
    names = {model_stream(entry.id): entry.id for entry in (PAINTER, DRAWER, SPEAKER)}
    return [(names[one.stream], replace(one.event, at=AT)) for one in log.events if isinstance(one.event, ModelEvent)]


async def test_a_start_appends_the_difference_once() -> None:
    """It answers with the number of events, and each append says who caused it; the next start appends nothing."""
    log = MemoryLog()
    assert await synchronise(log, [replace(PAINTER, default=True), SPEAKER], CAUSE) == 3
    first = [
        (PAINTER.id, REGISTERED),
        (PAINTER.id, CHOSEN),
        (SPEAKER.id, ModelRegistered(model=SPEAKER.id, spec=SPEAKER.spec, at=AT)),
    ]
    assert told(log) == first
    assert log.causes == [CAUSE, CAUSE]
    assert await synchronise(log, [replace(PAINTER, default=True), SPEAKER], CAUSE) == 0
    assert await synchronise(log, [replace(PAINTER, spec=BETTER)], CAUSE) == 2
    assert told(log) == [*first, (PAINTER.id, ModelRevised(revision=2, spec=BETTER, at=AT)), (SPEAKER.id, GONE)]


async def test_what_another_node_has_appended_meanwhile_is_compared_again() -> None:
    """A stream that moved is skipped, the others are appended; then this node agrees with the other one, or changes
    what that one has otherwise. It counts its own events only."""
    for theirs, mine in ((PAINTER.spec, 1), (BETTER, 2)):
        log, appends = MemoryLog(), count(1)

        def faster(
            _: list[str], log: MemoryLog = log, appends: "count[int]" = appends, theirs: ModelSpec = theirs
        ) -> None:
            if next(appends) == 1:
                log.add(model_stream(PAINTER.id), replace(REGISTERED, spec=theirs))

        log.before = faster
        assert await synchronise(log, [PAINTER, SPEAKER], CAUSE) == mine
        assert len(log.events) == 1 + mine
        assert differences([PAINTER, SPEAKER], fold(log.events)) == {}


@pytest.mark.parametrize("beaten", [MAX_TRIES - 1, MAX_TRIES])
async def test_a_node_compares_so_often_and_no_more(beaten: int) -> None:
    """Streams that change during every comparison end the start with a Conflict that says so."""
    log, tries = MemoryLog(), count(1)

    def faster(_: list[str]) -> None:
        if next(tries) <= beaten:
            raise Conflict("beaten")

    log.before = faster
    if beaten < MAX_TRIES:
        assert await synchronise(log, [PAINTER], CAUSE) == 1
    else:
        with pytest.raises(Conflict, match="catalogue"):
            await synchronise(log, [PAINTER], CAUSE)
    assert next(tries) == MAX_TRIES + 1
    assert len(log.events) == MAX_TRIES - beaten


async def test_a_start_without_the_log_appends_nothing() -> None:
    """The error is handed on: no other comparison is tried."""
    log = MemoryLog()
    log.away = True
    with pytest.raises(LogUnavailable):
        await synchronise(log, [PAINTER], CAUSE)
    assert log.events == []


class LogOfModels(MemoryLog):
    """A log in which every stream is of a model, also where it can't be read."""

    async def model_events(self) -> list[Recorded]:
        return await self.read(0, len(self.events))


async def test_a_start_appends_nothing_beside_what_it_can_not_read() -> None:
    """Not even for other models."""
    log = LogOfModels()
    log.add(model_stream(SPEAKER.id), replace(REGISTERED, model=SPEAKER.id))
    log.add(model_stream(SPEAKER.id), UNREADABLE)
    with pytest.raises(Rejected) as refusal:
        await synchronise(log, [PAINTER], CAUSE)
    assert refusal.value.code == "stream_unreadable"
    assert len(log.events) == 2
