"""How are projects made, renamed, put away and taken out again? Each is a stream."""

from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from application.clock import new_stream, now
from application.decided_streams import Loaded, decide, require_version
from application.generations import keyed_stream
from application.ports import Cause, Log, Recorded
from domain import project
from domain.api_key import Caller
from domain.base import Rejected
from domain.ids import project_id, project_stream
from domain.project import Project, ProjectEvent


async def create(log: Log, *, name: str, caller: Caller, key: str | None, cause: Cause) -> Loaded[Project]:
    """Begin a project; under an Idempotency-Key once only.

    Raises Rejected `invalid_request`, `forbidden` for a key that is for certain projects only, and LogUnavailable."""
    if caller.limits.projects:
        raise Rejected("forbidden", "This API key is for certain projects only, and can't make another one.")
    stream = new_stream() if key is None else keyed_stream(caller.key, f"project\n{key}")
    made = partial(project.create, id=project_id(stream), name=name, owner=caller.owner, by=caller.key, at=now())
    return await _decide(log, stream, lambda before: made(before.state), cause)


async def rename(
    log: Log, public_id: str, *, name: str, caller: Caller, version: int | None, cause: Cause
) -> Loaded[Project]:
    """Give a project another name, if it is at this version; None: whatever its version is.

    Raises Rejected `project_unknown`, `forbidden`, `archived`, `version_moved` and `invalid_request`, and
    LogUnavailable."""
    return await _change(
        log, public_id, partial(project.rename, name=name, by=caller.key, at=now()), caller, cause, version=version
    )


async def archive(log: Log, public_id: str, *, caller: Caller, cause: Cause) -> Loaded[Project]:
    """Put a project away. Raises Rejected `project_unknown` and `forbidden`, and LogUnavailable."""
    return await _change(log, public_id, partial(project.archive, by=caller.key, at=now()), caller, cause)


async def restore(log: Log, public_id: str, *, caller: Caller, cause: Cause) -> Loaded[Project]:
    """Take a project into use again. Raises Rejected `project_unknown` and `forbidden`, and LogUnavailable."""
    return await _change(log, public_id, partial(project.restore, by=caller.key, at=now()), caller, cause)


async def load(log: Log, public_id: str, *, owner: str | None) -> Loaded[Project]:
    """A project as its stream has it, if it is this owner's; None: whoever's it is.

    Raises Rejected `project_unknown` and `stream_unreadable`, and LogUnavailable."""
    found = fold(await log.stream(project_stream(public_id)))
    require_owner(found.state, public_id, owner)
    return found


def fold(history: Iterable[Recorded]) -> Loaded[Project]:
    """A project from its events. Raises Rejected `stream_unreadable`."""
    state, version, position = Project(), 0, 0
    for recorded in history:
        event = recorded.event
        if not isinstance(event, ProjectEvent):
            raise Rejected("stream_unreadable", f"Version {recorded.version} of the stream can't be read.")
        state, version, position = project.evolve(state, event), recorded.version, recorded.position
    return Loaded(state, version, position)


def require_owner(found: Project, public_id: str, owner: str | None) -> None:
    """Raise Rejected `project_unknown` for a project that is not there for this owner."""
    if not found.id or (owner is not None and found.owner != owner):
        raise Rejected("project_unknown", f"Project '{public_id}' not found")


def require_limits(caller: Caller, project: str) -> None:
    """Raise Rejected `forbidden` for a key that is for other projects only."""
    if caller.limits.projects and project not in caller.limits.projects:
        raise Rejected("forbidden", f"This API key is for certain projects only, and not for '{project}'.")


async def _change(
    log: Log,
    public_id: str,
    decision: Callable[[Project], list[ProjectEvent]],
    caller: Caller,
    cause: Cause,
    *,
    version: int | None = None,
) -> Loaded[Project]:
    def allowed(before: Loaded[Project]) -> list[ProjectEvent]:
        require_owner(before.state, public_id, caller.changes_only)
        require_limits(caller, public_id)
        require_version("project", before.version, version)
        return decision(before.state)

    return await _decide(log, project_stream(public_id), allowed, cause)


async def _decide(
    log: Log, stream: UUID, decision: Callable[[Loaded[Project]], list[ProjectEvent]], cause: Cause
) -> Loaded[Project]:
    async def found(each: UUID) -> Loaded[Project]:
        return fold(await log.stream(each))

    async def decided(before: Loaded[Project]) -> list[ProjectEvent]:
        return decision(before)

    done = await decide(log, stream, found, decided, cause)
    state = done.before.state
    for event in done.added:
        state = project.evolve(state, event)
    return Loaded(state, done.version, done.position)
