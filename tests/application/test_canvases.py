"""Canvases: whose they are, how they begin, what each edit and each change adds to the log."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from application import canvases
from application.canvases import MAX_BEHIND, Edit, Edited
from application.decided_streams import Loaded
from application.generations import keyed_stream
from application.ports import Recorded
from domain.api_key import Caller, Scope
from domain.base import replace
from domain.canvas.edit import Conflict, EditConflict
from domain.canvas.events import (
    CanvasArchived,
    CanvasCreated,
    CanvasEdited,
    CanvasEvent,
    CanvasRenamed,
    CanvasRestored,
    CanvasVersionNamed,
    Origin,
)
from domain.canvas.state import Canvas, NamedVersion
from domain.ids import canvas_id, canvas_stream
from domain.project import ProjectArchived
from tests.application.memory_canvases import (
    ADMIN,
    ANNA,
    AT,
    AUDITOR,
    BERT,
    CAUSE,
    NOBODYS,
    Added,
    Desk,
    caller,
    refused,
    turns_of_others,
)
from tests.canvas_samples import add, connect, put, read_ops, remove


def create(
    desk: Desk, project: str, by: Caller = ANNA, *, name: str = "Episode", origin: Origin | None = None, key: str = ""
) -> Awaitable[Loaded[Canvas]]:
    return canvases.create(
        desk.log,
        desk.canvases,
        project=project,
        name=name,
        origin=origin,
        caller=by,
        key=key or None,
        cause=CAUSE,
    )


async def edit(
    desk: Desk, canvas: str, base: int, *ops: dict[str, Any], name: str = "edit_1", by: Caller = ANNA
) -> Edited:
    wish = Edit(base=base, id=name, session="tab_1", label="type", ops=read_ops([*ops]))
    return await canvases.edit(desk.log, desk.canvases, canvas, wish, caller=by, cause=CAUSE)


Change = Callable[[Desk, str, Caller], Awaitable[object]]


def add_node(desk: Desk, canvas: str, by: Caller) -> Awaitable[Edited]:
    return edit(desk, canvas, 1, add("n"), by=by)


def rename(desk: Desk, canvas: str, by: Caller) -> Awaitable[Loaded[Canvas]]:
    return canvases.rename(desk.log, desk.canvases, canvas, name=" Pilot ", caller=by, version=None, cause=CAUSE)


def name_version(desk: Desk, canvas: str, by: Caller) -> Awaitable[Loaded[Canvas]]:
    return canvases.name_version(desk.log, desk.canvases, canvas, version=1, name=" good ", caller=by, cause=CAUSE)


def archive(desk: Desk, canvas: str, by: Caller) -> Awaitable[Loaded[Canvas]]:
    return canvases.archive(desk.log, desk.canvases, canvas, caller=by, cause=CAUSE)


def restore(desk: Desk, canvas: str, by: Caller) -> Awaitable[Loaded[Canvas]]:
    return canvases.restore(desk.log, desk.canvases, canvas, caller=by, cause=CAUSE)


CHANGES: list[Change] = [add_node, rename, name_version, archive, restore]


@pytest.fixture
def desk() -> Desk:
    """Its log begins with something else, so that no position is a version; histories come two events at a time."""
    found = Desk(page=2)
    found.project("other")
    return found


# --- They begin ---


async def test_an_empty_canvas_begins_in_a_project(desk: Desk) -> None:
    """What is answered is what the log has, at its version and position."""
    project = desk.project()
    added = Added(desk.log)
    made = await create(desk, project, name=" Episode ")
    [event] = added.events
    assert event == CanvasCreated(
        canvas=made.state.id, project=project, name="Episode", owner="studio", by="key_anna", at=event.at
    )
    assert added.causes == [CAUSE]
    assert desk.log.events[-1] == Recorded(3, canvas_stream(made.state.id), 1, event)
    canvas = Canvas(
        id=made.state.id, owner="studio", project=project, name="Episode", created_at=event.at, updated_at=event.at
    )
    assert made == Loaded(canvas, 1, 3) == await desk.now(made.state.id)
    assert (await create(desk, project)).state.id != made.state.id
    assert (await refused(desk.log, create(desk, project, name=" ")))[0] == "invalid_request"


async def test_a_key_makes_one_canvas(desk: Desk) -> None:
    """Sent again it answers the same one as it is by then, also when its project takes no more. The id follows from
    the caller and the key alone, also in the next Pixel."""
    project, other = desk.project(), desk.project()
    made = await create(desk, project, key="once")
    assert made.state.id == canvas_id(keyed_stream("key_anna", "canvas\nonce"))
    others = [await create(desk, project, key="twice"), await create(desk, project, ADMIN, key="once")]
    assert len({made.state.id, *(each.state.id for each in others)}) == 3
    await edit(desk, made.state.id, 1, add("n"))
    desk.add(project, ProjectArchived(by="key_anna", at=AT))
    added = Added(desk.log)
    again = await create(desk, project, key="once", name="Other")
    added.then_nothing()
    assert again == await desk.now(made.state.id)
    assert (again.version, set(again.state.nodes)) == (2, {"n"})
    for wish in (
        create(desk, other, key="once"),
        create(desk, project, key="once", origin=Origin(canvas=made.state.id, version=1)),
    ):
        assert (await refused(desk.log, wish))[0] == "idempotency_key_reused"


async def test_a_canvas_begins_in_a_project_of_its_owner(desk: Desk) -> None:
    """One that is there, in use, and among those of the key. An administrator's belongs to the owner of the project."""
    project, archived, foreign = desk.project(), desk.project(archived=True), desk.project("other")
    for missing, by in (
        (foreign, ANNA),
        (f"project_{NOBODYS}", ANNA),
        (f"project_{NOBODYS}", ADMIN),
        (project, AUDITOR),
    ):
        assert await refused(desk.log, create(desk, missing, by)) == (
            "project_unknown",
            f"Project '{missing}' not found",
        )
    assert (await refused(desk.log, create(desk, archived)))[0] == "archived"
    limited = caller("key_3", "studio", Scope.CLIENT, projects=(project,))
    code, message = await refused(desk.log, create(desk, archived, limited))
    assert (code, archived in message) == ("forbidden", True)
    assert (await create(desk, project, limited)).state.owner == "studio"
    added = Added(desk.log)
    made = await create(desk, project, ADMIN)
    [event] = added.events
    assert (made.state.owner, event.owner, event.by) == ("studio", "studio", "key_admin")


# --- They begin as another one was ---


async def test_a_fork_begins_as_the_other_one_was(desk: Desk) -> None:
    """At that version, with its nodes and edges, all in one append; it tells where it comes from."""
    project = desk.project()
    source = desk.canvas(add("t", "text", prompt="a sea"), add("i"), connect("e", "t", "i"))
    desk.edited(source, put("t", "prompt", "a sea", "a lake"), edit="second")
    origin = Origin(canvas=source, version=2)
    added = Added(desk.log)
    made = await create(desk, project, origin=origin, name="Fork")
    created, copied = added.events
    assert created == CanvasCreated(
        canvas=made.state.id,
        project=project,
        name="Fork",
        owner="studio",
        by="key_anna",
        origin=origin,
        at=created.at,
    )
    assert copied == CanvasEdited(
        edit="fork_0",
        session="fork",
        label="fork",
        ops=tuple(read_ops([add("t", "text", prompt="a sea"), add("i"), connect("e", "t", "i")])),
        by="key_anna",
        at=created.at,
    )
    assert added.causes == [CAUSE]
    there = await desk.now(made.state.id)
    assert (made.version, made.position) == (there.version, there.position) == (2, len(desk.log.events))
    assert replace(made.state, bytes=0) == replace(there.state, bytes=0)
    assert (there.state.nodes["t"].prompt, there.state.origin) == ("a sea", origin)


async def test_a_fork_begins_at_a_version_that_was(desk: Desk) -> None:
    """The newest, at the latest."""
    project, source = desk.project(), desk.canvas(add("n"))
    made = await create(desk, project, origin=Origin(canvas=source, version=2))
    assert set(made.state.nodes) == {"n"}
    late = create(desk, project, origin=Origin(canvas=source, version=3))
    assert await refused(desk.log, late) == ("invalid_request", "from.version: must be from 1 to 2")


async def test_whoever_may_see_a_canvas_may_fork_it(desk: Desk) -> None:
    """Into a project of their own; the other one stays as it is. For others it is not there."""
    source, nobodys = desk.canvas(add("n")), f"canvas_{NOBODYS}"
    own = {BERT: desk.project("other"), AUDITOR: desk.project("audit"), ADMIN: desk.project("operations")}
    for by, missing in ((BERT, source), (BERT, nobodys), (ADMIN, nobodys)):
        fork = create(desk, own[by], by, origin=Origin(canvas=missing, version=1))
        assert await refused(desk.log, fork) == ("canvas_unknown", f"Canvas '{missing}' not found")
    before = await desk.now(source)
    for by in (AUDITOR, ADMIN):
        made = await create(desk, own[by], by, origin=Origin(canvas=source, version=2))
        assert (made.state.owner, set(made.state.nodes)) == (by.owner, {"n"})
    assert await desk.now(source) == before


def many(count: int, prefix: str = "n") -> list[dict[str, Any]]:
    """So many nodes."""
    return [add(f"{prefix}{number}") for number in range(count)]


async def test_others_have_their_turn_while_a_large_canvas_is_forked(desk: Desk) -> None:
    """It is forked whole, beside the event loop."""
    project, small, large = desk.project(), desk.canvas(*many(10)), desk.canvas(*many(1001))

    async def fork(source: str, key: str) -> None:
        made = await create(desk, project, origin=Origin(canvas=source, version=2), key=key)
        assert (await desk.now(made.state.id)).state.nodes == (await desk.now(source)).state.nodes

    assert await turns_of_others(fork(large, "one")) > await turns_of_others(fork(small, "two"))


# --- They are edited ---


async def test_an_edit_is_one_event(desk: Desk) -> None:
    """With who did it in which session, and its operations; its id is in the metadata, too. It is answered with its
    version and its position."""
    canvas = desk.canvas(add("n"))
    sent = [put("n", "title", None, "A"), add("m", "text")]
    added = Added(desk.log)
    done = await edit(desk, canvas, 2, *sent)
    [event] = added.events
    assert event == CanvasEdited(
        edit="edit_1", session="tab_1", label="type", ops=tuple(read_ops(sent)), by="key_anna", at=event.at
    )
    assert added.causes == [replace(CAUSE, correlation_id="edit_1")]
    assert desk.log.events[-1] == Recorded(5, canvas_stream(canvas), 3, event)
    assert done == Edited(3, 5, False)


async def test_an_edit_that_is_sent_again_is_done_once(desk: Desk) -> None:
    """However late: also when its node is gone since, and its canvas put away. It is answered with the version that it
    made, and with where the canvas is by now."""
    canvas = desk.canvas()
    first = await edit(desk, canvas, 1, add("n"))
    await edit(desk, canvas, 2, remove("n"), name="edit_2")
    await archive(desk, canvas, ANNA)
    added = Added(desk.log)
    again = await edit(desk, canvas, 1, add("n"))
    added.then_nothing()
    assert (first, again) == (Edited(2, 4, False), Edited(2, 6, True))
    assert (await refused(desk.log, edit(desk, canvas, 1, add("n"), by=BERT)))[0] == "canvas_unknown"
    assert (
        await refused(desk.log, edit(desk, desk.canvas(project=desk.project("other"), owner="other"), 9, add("n")))
    )[0] == "canvas_unknown"


async def test_edits_of_different_things_are_merged(desk: Desk) -> None:
    """However many others came between, an edit of what they left alone is done."""
    canvas = desk.canvas(add("a", title="one"), add("b"))
    for number in range(5):
        desk.edited(canvas, put("b", "title", (number and str(number)) or None, str(number + 1)), edit=f"b{number}")
    assert await edit(desk, canvas, 2, put("a", "title", "one", "two")) == Edited(8, 10, False)
    nodes = (await desk.now(canvas)).state.nodes
    assert (nodes["a"].title, nodes["b"].title) == ("two", "5")


async def test_what_others_changed_since_is_asked_about(desk: Desk) -> None:
    """It is told what each of them wants, about which version; nothing is written. Whoever has seen it may go on."""
    canvas = desk.canvas(add("a", title="one"), add("b"))
    desk.edited(canvas, add("x"), edit="theirs_1")
    desk.edited(canvas, add("y"), edit="theirs_2")
    desk.edited(canvas, put("a", "title", "one", "two"), edit="theirs_3")
    added = Added(desk.log)
    with pytest.raises(EditConflict) as conflict:
        await edit(desk, canvas, 2, put("a", "title", "one", "three"))
    assert conflict.value.conflicts == (Conflict(id="a", field="title", mine="three", theirs="two"),)
    assert (conflict.value.code, conflict.value.version) == ("edit_conflict", 5)
    with pytest.raises(EditConflict):
        await edit(desk, canvas, 4, remove("a"))
    added.then_nothing()
    assert (await edit(desk, canvas, 5, remove("a"))).version == 6


async def test_only_what_was_done_behind_the_base_is_held_against_an_edit(desk: Desk) -> None:
    """A node that was added before the base is known: to add it again is an error; one that was added behind it is a
    question."""
    canvas = desk.canvas(add("a"))
    desk.edited(canvas, add("b"), edit="theirs_1")
    desk.edited(canvas, add("c"), edit="theirs_2")
    code, message = await refused(desk.log, edit(desk, canvas, 3, add("b", "text")))
    assert (code, message.startswith("ops[0].id: ")) == ("invalid_request", True)
    for behind in ("b", "c"):
        with pytest.raises(EditConflict):
            await edit(desk, canvas, 2, add(behind, "text"))


async def test_the_base_of_an_edit_is_a_version_that_was(desk: Desk) -> None:
    """The newest, at the latest."""
    canvas = desk.canvas(add("a"))
    late = edit(desk, canvas, 3, add("b"))
    assert await refused(desk.log, late) == ("invalid_request", "base: must be a version from 0 to 2")
    assert (await edit(desk, canvas, 2, add("b"))).version == 3
    assert (await edit(desk, canvas, 0, add("c"), name="edit_2")).version == 4


async def test_a_base_that_is_too_far_behind_is_refused(desk: Desk) -> None:
    """Ten thousand versions are looked through, and no more."""
    desk = Desk(page=1000)
    canvas = desk.canvas(add("a"))
    stream, newest = canvas_stream(canvas), MAX_BEHIND + 1
    renamed = CanvasRenamed(name="Pilot", by="key_bert", at=AT)
    desk.log.events += [Recorded(number + 1, stream, number, renamed) for number in range(3, newest + 1)]
    assert (await edit(desk, canvas, 1, add("b"))).version == newest + 1
    code, message = await refused(desk.log, edit(desk, canvas, 1, add("c"), name="edit_2"))
    assert (code, message.startswith("base: version 1 is more than 10000 versions behind.")) == ("base_too_old", True)


async def test_edits_of_one_canvas_take_turns(desk: Desk) -> None:
    """While somebody has the turn the others wait; other canvases are edited meanwhile."""
    canvas, other = desk.canvas(), desk.canvas()
    async with desk.canvases.turn(canvas_stream(canvas)):
        waiting = [asyncio.ensure_future(edit(desk, canvas, 1, add(each), name=each)) for each in ("a", "b", "c")]
        for number in (1, 2, 3):
            assert (await edit(desk, other, number, add(f"n{number}"), name=f"n{number}")).version == number + 1
        assert (await desk.now(canvas)).version == 1
    assert sorted([(await each).version for each in waiting]) == [2, 3, 4]


async def test_an_edit_that_came_second_is_decided_anew(desk: Desk) -> None:
    """Another process may have edited meanwhile: the edit is held against that."""
    canvas = desk.canvas(add("a", title="one"))

    def first(_: list[str]) -> None:
        desk.log.before = lambda _: None
        desk.edited(canvas, put("a", "title", "one", "two"), edit="theirs")

    desk.log.before = first
    assert await edit(desk, canvas, 2, add("b")) == Edited(4, 6, False)
    desk.log.before = first
    desk.edited(canvas, put("a", "title", "two", "one"), edit="back")
    with pytest.raises(EditConflict):
        await edit(desk, canvas, 5, put("a", "title", "one", "three"), name="edit_2")


async def test_of_one_edit_that_two_processes_record_one_is_done(desk: Desk) -> None:
    """The second finds that it is there, and answers as if it were sent again."""
    canvas = desk.canvas()

    def first(_: list[str]) -> None:
        desk.log.before = lambda _: None
        desk.edited(canvas, add("n"), edit="edit_1")

    desk.log.before = first
    assert await edit(desk, canvas, 1, add("n")) == Edited(2, 4, True)


async def test_others_have_their_turn_while_a_large_canvas_is_edited(desk: Desk) -> None:
    """Its nodes, its edges and the operations count together: so many are looked at beside the event loop."""
    edges = [connect(f"e{number}", "t", f"n{number}") for number in range(350)]
    large = desk.canvas(add("t", "text"), *many(350), *edges)
    small = desk.canvas(*many(10))
    assert (await desk.now(large)).version == 2
    for_few = await turns_of_others(edit(desk, small, 2, add("more"), name="few"))
    assert await turns_of_others(edit(desk, large, 2, *many(350, "more"), name="many")) > for_few
    assert len((await desk.now(large)).state.nodes) == 701


# --- They are named, put away and taken out ---


async def test_each_change_is_one_event(desk: Desk) -> None:
    """By whom, and why; what is answered is the canvas after it. A second time adds nothing."""
    canvas = desk.canvas(add("n"))
    version, position = 2, 4
    expected: dict[Change, CanvasEvent] = {
        rename: CanvasRenamed(name="Pilot", by="key_anna", at=AT),
        name_version: CanvasVersionNamed(version=1, name="good", by="key_anna", at=AT),
        archive: CanvasArchived(by="key_anna", at=AT),
        restore: CanvasRestored(by="key_anna", at=AT),
    }
    for change, expected_event in expected.items():
        added = Added(desk.log)
        changed = await change(desk, canvas, ANNA)
        [event] = added.events
        assert (replace(event, at=AT), added.causes) == (expected_event, [CAUSE])
        version, position = version + 1, position + 1
        known = await desk.now(canvas)
        assert changed == known == Loaded(known.state, version, position)
        added = Added(desk.log)
        assert await change(desk, canvas, ANNA) == known
        added.then_nothing()
    last = (await desk.now(canvas)).state
    [named] = last.names
    assert (last.name, named) == ("Pilot", NamedVersion(version=1, name="good", at=named.at))


async def test_a_name_replaces_the_one_that_the_caller_knows(desk: Desk) -> None:
    """Of two who read the same version, the second is told that the canvas has moved."""
    canvas = desk.canvas()

    def renamed(version: int | None) -> Awaitable[Loaded[Canvas]]:
        return canvases.rename(
            desk.log, desk.canvases, canvas, name=f"Name {version}", caller=ANNA, version=version, cause=CAUSE
        )

    assert (await renamed(1)).version == 2
    for other in (1, 3):
        code, message = await refused(desk.log, renamed(other))
        assert (code, "canvas is at version 2" in message) == ("version_moved", True)
    assert (await renamed(None)).state.name == "Name None"


async def test_a_version_that_is_named_is_there(desk: Desk) -> None:
    """From the first to the newest."""
    canvas = desk.canvas(add("n"))
    for version in (0, 3):
        named = canvases.name_version(
            desk.log, desk.canvases, canvas, version=version, name="x", caller=ANNA, cause=CAUSE
        )
        assert (await refused(desk.log, named))[0] == "invalid_request"
    done = await canvases.name_version(desk.log, desk.canvases, canvas, version=2, name="x", caller=ANNA, cause=CAUSE)
    assert [(each.version, each.name) for each in done.state.names] == [(2, "x")]


async def test_what_is_put_away_stays_as_it_is(desk: Desk) -> None:
    """Until it is taken into use again."""
    canvas = desk.canvas()
    await archive(desk, canvas, ANNA)
    for change in (add_node, rename, name_version):
        assert (await refused(desk.log, change(desk, canvas, ANNA)))[0] == "archived"
    await restore(desk, canvas, ANNA)
    for change in (add_node, rename, name_version):
        await change(desk, canvas, ANNA)
    assert (await desk.now(canvas)).version == 6


# --- Whose they are ---


@pytest.mark.parametrize("change", CHANGES)
async def test_what_another_owner_has_is_not_there(desk: Desk, change: Change) -> None:
    """To the letter as what nobody has; whoever sees everything changes only what is theirs."""
    canvas, nobodys = desk.canvas(), f"canvas_{NOBODYS}"
    for missing, by in ((canvas, BERT), (canvas, AUDITOR), (nobodys, BERT), (nobodys, ANNA), (nobodys, ADMIN)):
        assert await refused(desk.log, change(desk, missing, by)) == (
            "canvas_unknown",
            f"Canvas '{missing}' not found",
        )
    await change(desk, canvas, ADMIN)
    assert (await desk.now(canvas)).state.owner == "studio"


@pytest.mark.parametrize("change", CHANGES)
async def test_a_key_for_certain_projects_changes_their_canvases_alone(desk: Desk, change: Change) -> None:
    """Those of its owner's other projects it only sees."""
    project = desk.project()
    limited = caller("key_3", "studio", Scope.CLIENT, projects=(project,))
    await change(desk, desk.canvas(project=project), limited)
    other = desk.project()
    code, message = await refused(desk.log, change(desk, desk.canvas(project=other), limited))
    assert (code, other in message) == ("forbidden", True)


def test_a_canvas_is_seen_by_its_owner() -> None:
    """And by whoever may see everybody's."""
    canvas = Canvas(id="canvas_1", owner="studio")
    for owner in ("studio", None):
        canvases.require_owner(canvas, "canvas_1", owner)
