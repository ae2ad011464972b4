"""Laws of the read models of projects and canvases: rows are what their events make, and a long past costs little."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from adapters.postgres.event_reader import EventReader, StoredEvent
from application.clock import new_stream
from application.decided_streams import Loaded
from application.turns import Turns
from domain.canvas.events import CanvasArchived, CanvasCreated, CanvasEdited, CanvasEvent, CanvasVersionNamed
from domain.canvas.state import Canvas, fold
from domain.ids import canvas_id, project_id
from domain.project import ProjectArchived, ProjectCreated, ProjectRenamed
from projections import canvases, projects
from projections.canvases import CANVASES, SNAPSHOT_VERSIONS, ProjectFigures
from projections.projects import PROJECTS
from services.canvas_reader import PAGE, CanvasReader
from tests.canvas_samples import add, connect, put, read_ops, remove
from tests.projections.projection_rig import ProjectionRig

AT = datetime(2026, 2, 11, 10, tzinfo=UTC)
ASSET = f"asset_{'0' * 64}.png"


def created(stream: UUID, project: str = "project_1", owner: str = "anna") -> CanvasCreated:
    return CanvasCreated(canvas=canvas_id(stream), project=project, name="Episode", owner=owner, by="key_a", at=AT)


def edited(*ops: dict[str, Any]) -> CanvasEdited:
    return CanvasEdited(edit="e", session="s", label="", ops=tuple(read_ops(list(ops))), by="key_a", at=AT)


async def test_a_row_has_the_document_of_its_version(rig: ProjectionRig) -> None:
    """Many nodes, edges and names come back as they were folded, before and after another batch."""
    stream = new_stream()
    first: list[CanvasEvent] = [
        created(stream),
        edited(add("t", "text", prompt="a sea"), *[add(f"n{number}") for number in range(450)]),
        edited(*[connect(f"e{number}", "t", f"n{number}") for number in range(450)]),
        CanvasVersionNamed(version=2, name="good", by="key_a", at=AT),
    ]
    await rig.append(stream, *first)
    await rig.follow(CANVASES)
    found = await canvases.find(rig.pool, stream)
    assert found is not None
    assert (found.version, found.state) == (4, fold(Canvas(), first))
    more = edited(put("t", "prompt", "a sea", "a lake"), add("z"), remove("z"))
    await rig.append(stream, more)
    await rig.follow(CANVASES)
    found = await canvases.find(rig.pool, stream)
    assert found is not None
    assert (found.version, found.state) == (5, fold(Canvas(), [*first, more]))


async def test_the_lists_of_canvases(rig: ProjectionRig) -> None:
    """Newest first, by owner, project and whether they are put away, with how many nodes they have and what was picked
    last that can be shown; a text or a sound covers nothing."""
    one, two, three = new_stream(), new_stream(), new_stream()
    await rig.append(one, created(one), edited(add("i", pick={"asset": ASSET}), add("a", "audio")))
    await rig.append(one, edited(put("a", "pick", None, {"asset": "asset_1.mp3"}), add("t", "text")))
    await rig.append(two, created(two, project="project_2"), CanvasArchived(by="key_a", at=AT))
    await rig.append(three, created(three, owner="bert"))
    await rig.follow(CANVASES)

    async def page(owner: str | None = None, project: str | None = None, *, archived: bool = False) -> list[str]:
        found = await canvases.page(rig.pool, owner=owner, project=project, archived=archived, before=None, limit=10)
        return [each.found.state.id for each in found]

    assert await page() == [canvas_id(three), canvas_id(one)]
    assert await page("anna") == [canvas_id(one)]
    assert await page("anna", archived=True) == await page(project="project_2", archived=True) == [canvas_id(two)]
    (shown,) = await canvases.page(rig.pool, owner="anna", project="project_1", archived=False, before=None, limit=10)
    assert (shown.nodes, shown.cover, shown.found.version) == (3, ASSET, 3)
    assert await canvases.cover_of(rig.pool, one) == ASSET
    assert await canvases.of_projects(rig.pool, ["project_1", "project_2"]) == {"project_1": ProjectFigures(2, ASSET)}


async def test_a_project_is_as_its_events_made_it(rig: ProjectionRig) -> None:
    """The row has the newest name and whether it is put away; pages are newest first."""
    streams = [new_stream() for _ in range(3)]
    for number, stream in enumerate(streams):
        await rig.append(
            stream,
            ProjectCreated(project=project_id(stream), name=f"P{number}", owner="anna", by="key_a", at=AT),
            ProjectRenamed(name=f"Q{number}", by="key_a", at=AT),
        )
    await rig.append(streams[2], ProjectArchived(by="key_a", at=AT))
    await rig.follow(PROJECTS)
    found = await projects.page(rig.pool, owner="anna", archived=False, before=None, limit=10)
    assert [(each.found.state.name, each.found.version) for each in found] == [("Q1", 2), ("Q0", 2)]
    (second,) = await projects.page(rig.pool, owner="anna", archived=False, before=found[0].position, limit=1)
    assert second == found[1]
    assert await projects.page(rig.pool, owner="bert", archived=False, before=None, limit=10) == []


class Counting(EventReader):
    """Counts the events of streams that are read."""

    events = 0

    async def stream_until(self, *args: Any, **asked: Any) -> list[StoredEvent]:
        found = await super().stream_until(*args, **asked)
        self.events += len(found)
        return found


async def test_a_long_past_is_not_folded_again(rig: ProjectionRig) -> None:
    """A canvas of thousands of edits is loaded from its row and goes on with what is new; what it was long ago is
    folded from the snapshot before."""
    stream = new_stream()
    history: list[CanvasEvent] = [created(stream), edited(add("n"))]
    history += [edited(put("n", "title", None, f"v{number}")) for number in range(3, 2 * SNAPSHOT_VERSIONS + 51)]
    step = SNAPSHOT_VERSIONS // 2
    for begin in range(0, len(history), step):
        await rig.append(stream, *history[begin : begin + step])
        await rig.follow(CANVASES)
    log = Counting(rig.pool)
    reader = CanvasReader(log, rig.pool, Turns())
    newest = await reader.current(stream)
    assert (newest.version, newest.state) == (len(history), fold(Canvas(), history))
    assert log.events == 0
    await rig.append(stream, edited(put("n", "title", None, "new")))
    assert (await reader.current(stream)).state.nodes["n"].title == "new"
    assert log.events == 1
    for version in (SNAPSHOT_VERSIONS + 7, 2 * SNAPSHOT_VERSIONS, 2):
        log.events = 0
        past = await reader.at_version(stream, version)
        assert past == Loaded(fold(Canvas(), history[:version]), version, past.position)
        assert log.events <= max(version % SNAPSHOT_VERSIONS, PAGE)
