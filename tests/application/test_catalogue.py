"""Laws of the catalogue: its difference to the streams is appended, and appending it twice adds nothing."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalogue.file import load
from application.catalogue import Entry, Known, differences, fold, synchronise
from application.ports import Recorded, Unreadable
from domain.base import Rejected, replace
from domain.ids import model_stream
from domain.model import (
    DefaultModelChosen,
    Kind,
    Limits,
    ModelDisabled,
    ModelEnabled,
    ModelEvent,
    ModelRegistered,
    ModelRetired,
    ModelRevised,
    ModelSpec,
)
from services.settings import DEFAULT_CATALOG
from tests.adapters.postgres.event_log_rig import CAUSE, append_lock_held, connected, opened, waiting_for_append_lock

AT = datetime(2026, 2, 11, 10, 0, tzinfo=UTC)
PAINTER = Entry(id="sandbox/painter", spec=ModelSpec(name="Painter", type=Kind.IMAGE))
DRAWER = Entry(id="sandbox/drawer", spec=ModelSpec(name="Drawer", type=Kind.IMAGE))
SPEAKER = Entry(id="sandbox/speaker", spec=ModelSpec(name="Speaker", type=Kind.AUDIO))
BETTER = ModelSpec(name="Painter", type=Kind.IMAGE, limits=Limits(n=4))

REGISTERED = ModelRegistered(model="sandbox/painter", spec=PAINTER.spec, at=AT)
OFF = ModelDisabled(reason="switched off in the catalogue", at=AT)
GONE = ModelDisabled(reason="no longer in the catalogue", at=AT)
CHOSEN = DefaultModelChosen(kind=Kind.IMAGE, at=AT)


def synchronised(history: list[Recorded], *entries: Entry) -> list[Recorded]:
    """The history after one more start with this catalogue."""
    known = fold(history)
    history = list(history)
    for stream, facts in differences(list(entries), known).items():
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
    history = started(first)
    by_hand = DefaultModelChosen(kind=Kind.IMAGE, by="anna", at=AT)
    version = fold(history)[model_stream(DRAWER.id)].version + 1
    history.append(Recorded(len(history) + 1, model_stream(DRAWER.id), version, by_hand))
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
    """The next append is decided on the version; the position shows which default was chosen last."""
    known = fold(started([PAINTER, replace(DRAWER, default=True)]))
    assert known[model_stream(PAINTER.id)].version == 1
    drawer = known[model_stream(DRAWER.id)]
    assert (drawer.id, drawer.version, drawer.default_position) == (DRAWER.id, 2, 3)


def test_nothing_is_decided_on_a_stream_that_can_not_be_read() -> None:
    """An older Pixel does not overrule what a newer one wrote."""
    unreadable = Recorded(1, model_stream(PAINTER.id), 1, Unreadable(topic="ModelPraised", problem="unknown"))
    with pytest.raises(Rejected) as refusal:
        fold([unreadable])
    assert refusal.value.code == "stream_unreadable"


NODES = 6


async def started_at_once(dsn: str, *catalogues: list[Entry]) -> tuple[list[int], list[Recorded]]:
    """Six nodes, each with one of the catalogues in turn, that have all looked before any of them appends; how many
    events each of them appended, and the log after it."""
    async with AsyncExitStack() as stack:
        logs = [await stack.enter_async_context(opened(dsn)) for _ in range(NODES)]
        async with connected(dsn) as connection:
            async with append_lock_held(dsn):
                starts = [
                    asyncio.create_task(synchronise(log, catalogues[number % len(catalogues)], CAUSE))
                    for number, log in enumerate(logs)
                ]
                await waiting_for_append_lock(connection, NODES)
            counts = await asyncio.gather(*starts)
        return counts, await logs[0].model_events()


async def test_six_nodes_start_at_once(database_url: str) -> None:
    """On an empty database, with the catalogue that Pixel comes with: none gives up, every fact is there once, and the
    models are registered in their order in the file."""
    entries = load(DEFAULT_CATALOG).models
    counts, history = await started_at_once(database_url, entries)
    assert sum(counts) == len(history) == sum(map(len, differences(entries, {}).values()))
    assert differences(entries, fold(history)) == {}
    assert [known.id for known in fold(history).values()] == [entry.id for entry in entries]


async def test_nodes_of_two_catalogues_start_at_once(database_url: str) -> None:
    """The last node decides each model; none gives up, and each model is as one of the two catalogues has it."""
    entries = load(DEFAULT_CATALOG).models
    others = [replace(entry, enabled=not entry.enabled) for entry in entries]
    _, history = await started_at_once(database_url, entries, others)
    left = [set(differences(catalogue, fold(history))) for catalogue in (entries, others)]
    assert not left[0] & left[1]
