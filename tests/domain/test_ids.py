"""Public ids: a task id is its stream in 26 letters, and nothing else is a task id."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.base import Rejected
from domain.ids import (
    batch_id,
    batch_stream,
    call_stream,
    canvas_id,
    canvas_stream,
    key_stream,
    model_stream,
    project_id,
    project_stream,
    run_id,
    run_stream,
    task_id,
    task_stream,
    upload_stream,
    webhook_id,
    webhook_stream,
)


@given(st.uuids())
def test_a_task_id_is_its_stream(stream: UUID) -> None:
    """Any UUID there and back, in one form only."""
    public = task_id(stream)
    assert task_stream(public) == stream
    assert len(public) == len("task_") + 26
    assert public == public.lower()


@given(st.uuids(), st.integers(min_value=1))
def test_a_call_belongs_to_the_stream_of_its_task(stream: UUID, attempt: int) -> None:
    """A call's id is the task's, a dot and the number of the attempt."""
    assert call_stream(f"{task_id(stream)}.{attempt}") == stream


@given(st.uuids(), st.uuids())
def test_ids_sort_as_their_streams_do(one: UUID, other: UUID) -> None:
    """Later UUIDs are later ids, so that a list ordered by id is ordered by time."""
    assert (task_id(one) < task_id(other)) == (one < other)


@pytest.mark.parametrize(
    ("stream", "public"),
    [
        ("00000000-0000-0000-0000-000000000000", "task_00000000000000000000000000"),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", "task_7zzzzzzzzzzzzzzzzzzzzzzzzz"),
        ("0110c853-1d09-52d8-d73e-1194e95b5f19", "task_0123456789abcdefghjkmnpqrs"),
        ("01890a5d-ac96-774b-bcce-b302099a8057", "task_01h455vb4pex5vsknk084sn02q"),
    ],
)
def test_the_form_is_the_typeid_of_the_specification(stream: str, public: str) -> None:
    """The examples of the TypeID specification encode as specified."""
    assert task_id(UUID(stream)) == public
    assert task_stream(public) == UUID(stream)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "task",
        "task_",
        "abc123",
        "task_abc123",
        "task_0123456789abcdefghjkmnpqr",  # too short
        "task_0123456789abcdefghjkmnpqrst",  # too long
        "task_8zzzzzzzzzzzzzzzzzzzzzzzzz",  # more than 128 bits
        "task_0123456789ABCDEFGHJKMNPQRS",  # upper case
        "task_0123456789abcdefghijklmnou",  # letters that look like digits
        "task_0123456789abcdefghjkmnpqr\u0661",  # a digit, but not one of ours
        "task_0123456789abcdefghjkmnpqrs\n",
        " task_0123456789abcdefghjkmnpqrs",
        "task__0123456789abcdefghjkmnpqrs",
        "model_0123456789abcdefghjkmnpqrs",
        "0123456789abcdefghjkmnpqrs",
        "TASK_0123456789abcdefghjkmnpqrs",
        "0110c853-1d09-52d8-d73e-1194e95b5f19",
    ],
)
def test_what_is_no_task_id_names_no_task(bad: str) -> None:
    """A malformed id is refused like an unknown one, as not found."""
    with pytest.raises(Rejected) as refusal:
        task_stream(bad)
    assert refusal.value.code == "task_unknown"


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    """Any text is the id of a stream, or is refused in a sentence of bounded length."""
    refusal = None
    try:
        assert task_id(task_stream(text)) == text
    except Rejected as error:
        refusal = error
    assert refusal is None or (refusal.code == "task_unknown" and len(refusal.message) < 100)


def test_a_model_has_the_same_stream_on_every_node() -> None:
    """The stream follows from the id alone, for ever: another one would be another model."""
    assert model_stream("dashscope/qwen-image") == UUID("b02962f9-9717-5d23-b91a-feea9b6f5ff9")
    assert model_stream("dashscope/qwen-image") != model_stream("modelscope/qwen-image")


def test_keys_and_uploads_have_the_same_streams_on_every_node() -> None:
    """A key's follows from its id; an upload's from whose it is and from what it is."""
    assert key_stream("key_1") == UUID("b9069809-071d-595d-be05-270366a79217")
    uploads = {upload_stream(owner, asset) for owner in ("studio", "agency") for asset in ("a.png", "b.png")}
    assert len(uploads) == 4
    assert upload_stream("studio", "asset_1.png") == UUID("fe49dfea-d299-5065-8964-32da92d7643e")


@pytest.mark.parametrize(
    ("word", "id_of", "stream_of"),
    [
        ("task", task_id, task_stream),
        ("batch", batch_id, batch_stream),
        ("webhook", webhook_id, webhook_stream),
        ("project", project_id, project_stream),
        ("canvas", canvas_id, canvas_stream),
        ("run", run_id, run_stream),
    ],
)
def test_each_kind_of_id_names_its_kind(
    word: str, id_of: Callable[[UUID], str], stream_of: Callable[[str], UUID]
) -> None:
    """There and back; the id of another kind is not found, by the code of the kind that was asked for."""
    stream = UUID("019e2377-3e80-4e9e-8f3a-0e3a5a5f1c22")
    public = id_of(stream)
    assert public.partition("_")[0] == word
    assert stream_of(public) == stream
    with pytest.raises(Rejected, match=f"^{word.capitalize()} 'other_1' not found$") as refusal:
        stream_of("other_1")
    assert refusal.value.code == f"{word}_unknown"
