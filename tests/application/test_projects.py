"""Projects: whose they are, which keys may change them, and what each change adds to the log."""

from collections.abc import Awaitable, Callable

import pytest

from application import projects
from application.decided_streams import Loaded
from application.generations import keyed_stream
from application.ports import Cause, Recorded, Unreadable
from domain.api_key import Caller, Scope
from domain.base import Rejected, replace
from domain.ids import project_id, project_stream
from domain.project import Project, ProjectArchived, ProjectCreated, ProjectEvent, ProjectRenamed, ProjectRestored
from domain.run.events import RunCompleted
from tests.application.memory_canvases import ADMIN, ANNA, AT, BERT, CAUSE, NOBODYS, Added, Desk, caller, refused

Change = Callable[[Desk, str, Caller], Awaitable[Loaded[Project]]]


def rename(desk: Desk, project: str, by: Caller) -> Awaitable[Loaded[Project]]:
    return projects.rename(desk.log, project, name=" Series ", caller=by, version=None, cause=CAUSE)


def archive(desk: Desk, project: str, by: Caller) -> Awaitable[Loaded[Project]]:
    return projects.archive(desk.log, project, caller=by, cause=CAUSE)


def restore(desk: Desk, project: str, by: Caller) -> Awaitable[Loaded[Project]]:
    return projects.restore(desk.log, project, caller=by, cause=CAUSE)


CHANGES: list[Change] = [rename, archive, restore]


def create(desk: Desk, name: str, by: Caller = ANNA, key: str | None = None) -> Awaitable[Loaded[Project]]:
    return projects.create(desk.log, name=name, caller=by, key=key, cause=CAUSE)


@pytest.fixture
def desk() -> Desk:
    """A log with a project of somebody else, so that no position is a version."""
    found = Desk()
    found.project("other")
    return found


# --- They begin ---


async def test_a_project_begins_with_its_name_and_its_owner(desk: Desk) -> None:
    """What is answered is what the log has, at its version and position."""
    added = Added(desk.log)
    made = await create(desk, " Films ")
    [event] = added.events
    assert event == ProjectCreated(project=made.state.id, name="Films", owner="studio", by="key_anna", at=event.at)
    assert added.causes == [CAUSE]
    assert desk.log.events[-1] == Recorded(2, project_stream(made.state.id), 1, event)
    project = Project(id=made.state.id, owner="studio", name="Films", created_at=event.at, updated_at=event.at)
    assert made == Loaded(project, 1, 2) == await projects.load(desk.log, made.state.id, owner="studio")
    assert await refused(desk.log, create(desk, "  ")) == (
        "invalid_request",
        "name: must be 1 to 200 printable characters",
    )


async def test_without_a_key_each_project_is_another(desk: Desk) -> None:
    """The same name names two."""
    assert (await create(desk, "Films")).state.id != (await create(desk, "Films")).state.id


async def test_a_key_makes_one_project(desk: Desk) -> None:
    """Sent again it answers the same one as it is by then. The id follows from the caller and the key alone, also
    in the next Pixel."""
    made = await create(desk, "Films", key="once")
    assert made.state.id == project_id(keyed_stream("key_anna", "project\nonce"))
    await rename(desk, made.state.id, ANNA)
    added = Added(desk.log)
    again = await create(desk, "Other films", key="once")
    added.then_nothing()
    assert again == await projects.load(desk.log, made.state.id, owner=None)
    assert (again.state.name, again.version, again.position) == ("Series", 2, 3)
    others = [await create(desk, "Films", key="twice"), await create(desk, "Films", BERT, key="once")]
    assert len({made.state.id, *(each.state.id for each in others)}) == 3


# --- They change ---


async def test_each_change_is_one_event(desk: Desk) -> None:
    """By whom, and why; what is answered is the project after it. A second time adds nothing."""
    project = desk.project()
    version, position = 1, 2
    expected: dict[Change, ProjectEvent] = {
        rename: ProjectRenamed(name="Series", by="key_anna", at=AT),
        archive: ProjectArchived(by="key_anna", at=AT),
        restore: ProjectRestored(by="key_anna", at=AT),
    }
    for change, expected_event in expected.items():
        added = Added(desk.log)
        changed = await change(desk, project, ANNA)
        [event] = added.events
        assert (replace(event, at=AT), added.causes) == (expected_event, [CAUSE])
        version, position = version + 1, position + 1
        known = await projects.load(desk.log, project, owner="studio")
        assert changed == known == Loaded(known.state, version, position)
        assert changed.state.updated_at == event.at
        added = Added(desk.log)
        assert await change(desk, project, ANNA) == known
        added.then_nothing()
    last = (await projects.load(desk.log, project, owner=None)).state
    assert (last.name, last.archived_at) == ("Series", None)


async def test_an_administrator_changes_everybodys_projects(desk: Desk) -> None:
    """They stay with their owner."""
    project = desk.project()
    for change in (rename, archive, restore):
        assert (await change(desk, project, ADMIN)).state.owner == "studio"
    assert desk.log.events[-1].event == ProjectRestored(by="key_admin", at=desk.log.events[-1].event.at)  # type: ignore[union-attr]


@pytest.mark.parametrize("change", CHANGES)
async def test_what_another_owner_has_is_not_there(desk: Desk, change: Change) -> None:
    """To the letter as what nobody has, also for a key that is for that project."""
    project, nobodys = desk.project(), f"project_{NOBODYS}"
    told = [
        (await refused(desk.log, change(desk, each, by)), each)
        for each in (project, nobodys)
        for by in (BERT, caller("key_3", "other", Scope.CLIENT, projects=(desk.project("other"),)))
    ]
    assert all(refusal == ("project_unknown", f"Project '{each}' not found") for refusal, each in told)
    assert await refused(desk.log, change(desk, nobodys, ADMIN)) == (
        "project_unknown",
        f"Project '{nobodys}' not found",
    )
    for owner in ("other", "studio", None):
        assert await refused(desk.log, projects.load(desk.log, nobodys, owner=owner)) == (
            "project_unknown",
            f"Project '{nobodys}' not found",
        )
    assert (await refused(desk.log, projects.load(desk.log, project, owner="other")))[0] == "project_unknown"
    assert (await projects.load(desk.log, project, owner=None)).state.owner == "studio"


@pytest.mark.parametrize("change", CHANGES)
async def test_a_key_for_certain_projects_changes_these_alone(desk: Desk, change: Change) -> None:
    """It makes none, either."""
    project, other = desk.project(), desk.project()
    limited = caller("key_3", "studio", Scope.CLIENT, projects=(desk.project(), project))
    assert (await change(desk, project, limited)).state.id == project
    code, message = await refused(desk.log, change(desk, other, limited))
    assert (code, other in message) == ("forbidden", True)
    assert (await refused(desk.log, create(desk, "Films", limited, key="once")))[0] == "forbidden"


async def test_a_name_replaces_the_one_that_the_caller_knows(desk: Desk) -> None:
    """Of two who read the same version, the second is told that the project has moved."""
    project = desk.project()
    add = Added(desk.log)
    renamed = await projects.rename(desk.log, project, name="One", caller=ANNA, version=1, cause=Cause(actor="a"))
    assert (renamed.state.name, renamed.version, add.causes) == ("One", 2, [Cause(actor="a")])
    for version in (1, 3):
        late = projects.rename(desk.log, project, name="Two", caller=ANNA, version=version, cause=CAUSE)
        code, message = await refused(desk.log, late)
        assert (code, "project is at version 2" in message) == ("version_moved", True)


async def test_what_is_put_away_keeps_its_name(desk: Desk) -> None:
    """Until it is taken into use again."""
    project = desk.project(archived=True)
    assert (await refused(desk.log, rename(desk, project, ANNA)))[0] == "archived"
    await restore(desk, project, ANNA)
    assert (await rename(desk, project, ANNA)).state.name == "Series"


async def test_a_change_that_came_second_is_decided_anew(desk: Desk) -> None:
    """On the project as the other one left it: put away twice is put away once."""
    project = desk.project()

    def first(_: list[str]) -> None:
        desk.log.before = lambda _: None
        desk.add(project, ProjectArchived(by="key_bert", at=AT))

    desk.log.before = first
    done = await archive(desk, project, ANNA)
    assert (done.version, done.state.archived_at, desk.log.causes) == (2, AT, [])


# --- They are read ---


def test_what_can_not_be_read_is_told_by_its_version() -> None:
    """Nothing is made of half a stream, whatever stands in it instead."""
    created = ProjectCreated(project="project_1", name="Films", owner="studio", by="key_anna", at=AT)
    stream = keyed_stream("a", "b")
    for other in (Unreadable(topic="ProjectSold", problem="unknown"), RunCompleted(at=AT)):
        history = [Recorded(7, stream, 1, created), Recorded(9, stream, 2, other)]
        with pytest.raises(Rejected) as refusal:
            projects.fold(history)
        assert (refusal.value.code, "Version 2 " in refusal.value.message) == ("stream_unreadable", True)
        assert projects.fold(history[:1]) == Loaded(
            Project(id="project_1", owner="studio", name="Films", created_at=AT, updated_at=AT), 1, 7
        )
    assert projects.fold([]) == Loaded(Project(), 0, 0)
