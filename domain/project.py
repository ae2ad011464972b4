"""A project: what an owner's canvases belong to.

Read top to bottom: the events, the state, what each event changes, the decisions."""

from datetime import datetime
from typing import assert_never

from domain.base import Event, Rejected, Value, replace

MAX_NAME = 200

# --- The events. The class name is the stored name: to rename a class, pin its old tag. ---


class ProjectCreated(Event):
    """A new project. `by` is the id of the API key, or `anonymous`."""

    project: str
    name: str
    owner: str
    by: str


class ProjectRenamed(Event):
    """It has another name."""

    name: str
    by: str


class ProjectArchived(Event):
    """It is put away, and gets no new canvases."""

    by: str


class ProjectRestored(Event):
    """It is in use again."""

    by: str


ProjectEvent = ProjectCreated | ProjectRenamed | ProjectArchived | ProjectRestored


# --- The state ---


class Project(Value, omit_defaults=True):
    """A project, folded from its events. Without an `id` it was never created."""

    id: str = ""
    owner: str = ""
    name: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    archived_at: datetime | None = None


def evolve(project: Project, event: ProjectEvent) -> Project:
    """The project after one more event. It accepts any event in any state: the past can't be refused."""
    match event:
        case ProjectCreated():
            return Project(
                id=event.project, owner=event.owner, name=event.name, created_at=event.at, updated_at=event.at
            )
        case ProjectRenamed(name=name, at=at):
            return replace(project, name=name, updated_at=at)
        case ProjectArchived(at=at):
            return replace(project, archived_at=at, updated_at=at)
        case ProjectRestored(at=at):
            return replace(project, archived_at=None, updated_at=at)
        case _:
            assert_never(event)


# --- Decisions: (project, arguments) -> new events; an empty list means that there is nothing to do ---


def create(
    project: Project,
    *,
    id: str,  # noqa: A002 - the project's own word
    name: str,
    owner: str,
    by: str,
    at: datetime,
) -> list[ProjectEvent]:
    """Begin a project. Creating it again adds nothing. Raises Rejected `invalid_request` for a name."""
    return [] if project.id else [ProjectCreated(project=id, name=checked_name(name), owner=owner, by=by, at=at)]


def rename(project: Project, *, name: str, by: str, at: datetime) -> list[ProjectEvent]:
    """Give it another name. Raises Rejected `project_unknown`, `archived` and `invalid_request`."""
    require_in_use(project)
    name = checked_name(name)
    return [] if name == project.name else [ProjectRenamed(name=name, by=by, at=at)]


def archive(project: Project, *, by: str, at: datetime) -> list[ProjectEvent]:
    """Put it away. Raises Rejected `project_unknown`."""
    require_there(project)
    return [] if project.archived_at else [ProjectArchived(by=by, at=at)]


def restore(project: Project, *, by: str, at: datetime) -> list[ProjectEvent]:
    """Take it into use again. Raises Rejected `project_unknown`."""
    require_there(project)
    return [ProjectRestored(by=by, at=at)] if project.archived_at else []


def require_there(project: Project) -> None:
    """Raise Rejected `project_unknown` for one that was never created."""
    if not project.id:
        raise Rejected("project_unknown", "There is no such project.")


def require_in_use(project: Project) -> None:
    """Raise Rejected `project_unknown`, and `archived` for one that is put away."""
    require_there(project)
    if project.archived_at:
        raise Rejected("archived", "The project is archived. Restore it to change it.")


def checked_name(name: str) -> str:
    """A name without spaces around it. Raises Rejected `invalid_request`."""
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise Rejected("invalid_request", f"name: must be 1 to {MAX_NAME} printable characters")
    return name
