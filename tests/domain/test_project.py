"""What may be done with a project: it begins, gets names, is put away and taken into use again."""

from datetime import timedelta

import pytest

from domain import project
from domain.project import (
    MAX_NAME,
    Project,
    ProjectArchived,
    ProjectCreated,
    ProjectRenamed,
    ProjectRestored,
    require_in_use,
    require_there,
)
from tests.domain.scenario import AT, SOON
from tests.spec import fold, given

WISH = {"id": "project_1", "name": "Films", "owner": "studio", "by": "key_1"}
CREATED = ProjectCreated(project="project_1", name="Films", owner="studio", by="key_1", at=AT)
RENAMED = ProjectRenamed(name="More films", by="key_2", at=SOON)
ARCHIVED = ProjectArchived(by="key_2", at=SOON)
RESTORED = ProjectRestored(by="key_2", at=SOON + timedelta(seconds=1))


def test_a_project_is_created_once() -> None:
    """It remembers whose it is, and since when; the spaces around its name are none of it."""
    given().when(project.create, **WISH | {"name": "  Films "}, at=AT).then(CREATED)
    given(CREATED).when(project.create, **WISH, at=SOON).then_nothing()
    assert fold(Project, [CREATED]) == Project(
        id="project_1", owner="studio", name="Films", created_at=AT, updated_at=AT
    )


@pytest.mark.parametrize("name", ["", "  ", "x" * (MAX_NAME + 1), "a\nb"])
def test_a_name_is_a_line_of_text(name: str) -> None:
    """Of 1 to 200 characters that can be seen."""
    given().when(project.create, **WISH | {"name": name}, at=AT).then_rejected("invalid_request")
    given(CREATED).when(project.rename, name=name, by="key_2", at=SOON).then_rejected("invalid_request")
    for shortest_or_longest in ("x", "x" * MAX_NAME):
        assert project.checked_name(shortest_or_longest) == shortest_or_longest


def test_a_project_gets_another_name() -> None:
    """And no second time the one that it has."""
    given(CREATED).when(project.rename, name=" More films", by="key_2", at=SOON).then(RENAMED)
    given(CREATED, RENAMED).when(project.rename, name="More films", by="key_2", at=SOON).then_nothing()
    renamed = fold(Project, [CREATED, RENAMED])
    assert (renamed.name, renamed.created_at, renamed.updated_at) == ("More films", AT, SOON)


def test_what_is_put_away_stays_as_it_is() -> None:
    """Until it is taken into use again; each once."""
    given(CREATED).when(project.archive, by="key_2", at=SOON).then(ARCHIVED)
    given(CREATED, ARCHIVED).when(project.archive, by="key_2", at=SOON).then_nothing()
    given(CREATED, ARCHIVED).when(project.rename, name="More films", by="key_2", at=SOON).then_rejected("archived")
    given(CREATED, ARCHIVED).when(project.restore, by="key_2", at=RESTORED.at).then(RESTORED)
    given(CREATED).when(project.restore, by="key_2", at=SOON).then_nothing()
    archived = fold(Project, [CREATED, ARCHIVED])
    assert (archived.archived_at, archived.updated_at) == (SOON, SOON)
    restored = fold(Project, [CREATED, ARCHIVED, RESTORED])
    assert (restored.archived_at, restored.updated_at) == (None, RESTORED.at)
    require_there(archived)
    require_in_use(restored)


def test_nothing_is_done_with_no_project() -> None:
    """One that was never created is unknown."""
    given().when(project.rename, name="Films", by="key_2", at=SOON).then_rejected("project_unknown")
    given().when(project.archive, by="key_2", at=SOON).then_rejected("project_unknown")
    given().when(project.restore, by="key_2", at=SOON).then_rejected("project_unknown")
