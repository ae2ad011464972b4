"""Laws of starting the steps of a run: a start and its task are one append, nobody pays for a step twice, and a wrong
request costs nothing."""

from decimal import Decimal
from functools import partial

import msgspec
import pytest

from application.ports import LogUnavailable, Unreadable
from application.run_steps import attempt_stream
from domain import request_parsing
from domain.base import Rejected, replace
from domain.canvas import canonical
from domain.ids import task_id
from domain.model import Kind
from domain.plan import Step, StepImage
from domain.request import digest
from domain.run import decisions
from domain.run.events import (
    RunCompleted,
    RunFailed,
    RunPaused,
    StepCompleted,
    StepFailed,
    StepStarted,
)
from domain.task.events import (
    TaskRequested,
)
from tests.application.harness import TEST_CAUSE
from tests.application.run_world import (
    ALONE,
    BY_KEY,
    BY_RUN,
    CALLER,
    CLIP,
    FRAME,
    HOOK,
    STREAM,
    World,
    appended,
    begins,
    begun,
    fails,
    held,
    history,
    offered,
    priced,
    stranger,
    stream_of,
    task_of,
    usd,
)
from tests.domain.run.film import BEGUN, DRAW, FILM, RUN, SPEAK, WRITE
from tests.domain.scenario import AT, DEADLINE

# --- A start and its task are one append ---


async def test_a_step_and_its_task_are_one_append() -> None:
    """All that is known of a start is in it: what is asked of whom, for whom and with whose key, and what it may
    cost. The money is kept for the task."""
    world = World()
    await world.begin(*history(ALONE, project="project_1"))
    commits = appended(world.log)
    after = await world.advance()
    assert commits == [["StepStarted", "TaskRequested"]]
    assert world.facts(3) == [begins("alone", "0.04", unit="image")]
    body = msgspec.json.encode(
        {
            "prompt": "a cat",
            "model": "sandbox/image",
            "source": "run",
            "sourceId": RUN,
            "projectId": "project_1",
            "metadata": {"step": "alone", "run": RUN},
        }
    )
    asked = request_parsing.parse(Kind.IMAGE, body).request
    assert world.task("alone") == [
        TaskRequested(
            task=task_of("alone"),
            kind=Kind.IMAGE,
            model="sandbox/image",
            model_revision=1,
            params={"prompt": "a cat"},
            request_hash=digest(Kind.IMAGE, asked),
            finish_by=DEADLINE,
            caller="key_1",
            owner="studio",
            project_id="project_1",
            source="run",
            source_id=RUN,
            metadata={"step": "alone", "run": RUN},
            estimate=priced("0.04", "image"),
            at=AT,
        )
    ]
    assert world.log.causes == [TEST_CAUSE, BY_KEY]
    [money] = world.reservations
    assert (money.kind, money.project, money.position) == (Kind.IMAGE, "project_1", 5)
    assert [(each.model, each.estimate) for each in money.models] == [("sandbox/image", priced("0.04", "image"))]
    assert world.logged == [("step of a run", {"run": RUN, "step": "alone", "done": ["StepStarted"]})]
    assert (after.version, after.position) == (4, 4)
    assert after.run.having(after.run.steps["alone"].status) == ["alone"]
    assert after.run.steps["alone"].task == task_of("alone")


async def test_a_step_of_a_canvas_says_of_which_node_it_is() -> None:
    """So that its result is found there, and is known to be of what the node asked for."""
    world = await begun(ALONE, canvas="canvas_1", project="project_1")
    [task] = world.task("alone")
    assert isinstance(task, TaskRequested)
    assert (task.source, task.source_id, task.project_id) == ("canvas", "canvas_1", "project_1")
    assert task.metadata == {
        "node": "alone",
        "run": RUN,
        "digest": canonical.digest({"prompt": "a cat", "model": "sandbox/image"}),
    }


async def test_a_plan_cannot_say_that_it_comes_from_elsewhere() -> None:
    """Neither from which project nor from whose canvas: the run says so."""
    lies = {"source": "canvas", "sourceId": "canvas_2", "projectId": "project_2", "metadata": {"step": "x"}, "n": 1}
    for canvas, said in ((None, ("run", RUN)), ("canvas_1", ("canvas", "canvas_1"))):
        world = await begun(replace(ALONE, params=lies), canvas=canvas, project="project_1")
        [task] = world.task("alone")
        assert isinstance(task, TaskRequested)
        assert (task.source, task.source_id, task.project_id) == (*said, "project_1")
        assert task.metadata is not None
        assert task.metadata["run"] == RUN
        assert {task.metadata.get("step"), task.metadata.get("node")} == {"alone", None}
        assert task.params == {"prompt": "a cat", "n": 1}


def test_the_task_of_an_attempt_is_the_same_for_ever() -> None:
    """Another worker, and the next version of Pixel, find the task that was paid for."""
    assert task_id(attempt_stream(RUN, "write", 1)) == "task_3f6qztsynfg14bv4cqvtq1123r"
    others = {attempt_stream(RUN, "write", 2), attempt_stream(RUN, "draw", 1), attempt_stream("run_2", "write", 1)}
    assert len(others | {attempt_stream(RUN, "write", 1)}) == 4


async def test_a_film_is_made_step_by_step() -> None:
    """What a step needs is written into its request when it is there; the end tells what all of it cost."""
    world = World()
    await world.begin(*BEGUN)
    await world.advance()
    await world.makes("write", text="Anna, a sailor.", cost="0.005")
    await world.makes("speak", f"asset_{'0c' * 32}.wav")
    await world.advance()
    await world.makes("draw", FRAME, cost="0.03")
    await world.advance()
    assert (await world.advance()).run.status == "running"
    await world.makes("film", CLIP)
    assert (await world.advance()).run.status == "completed"
    assert world.facts(3) == [
        begins("write", "0.01"),
        begins("speak", "0.02"),
        StepCompleted(step="write", attempt=1, cost=usd("0.005"), at=AT),
        StepCompleted(step="speak", attempt=1, outputs=(f"asset_{'0c' * 32}.wav",), at=AT),
        begins("draw", "0.04", unit="image"),
        StepCompleted(step="draw", attempt=1, outputs=(FRAME,), cost=usd("0.03"), at=AT),
        begins("film", "0.5"),
        StepCompleted(step="film", attempt=1, outputs=(CLIP,), at=AT),
        RunCompleted(spent={"USD": Decimal("0.555")}, at=AT),
    ]
    asked = {step: world.task(step)[0] for step in ("write", "draw", "film")}
    assert {step: getattr(task, "params", None) for step, task in asked.items()} == {
        "write": {"messages": [{"role": "user", "content": "A hero."}]},
        "draw": {"prompt": "Anna, a sailor.\n\nink"},
        "film": {"prompt": "it runs", "imageInputs": [FRAME]},
    }
    by_key = [cause for cause in world.log.causes if cause == BY_KEY]
    by_run = [cause for cause in world.log.causes if cause == BY_RUN]
    assert (len(by_key), len(by_run)) == (4, 5)
    assert len(held(world)) == 4


async def test_a_text_of_which_a_part_is_missing_is_not_used() -> None:
    """A text task that ended without its text leaves the place empty, and does not stop the others."""
    world = await begun(WRITE, DRAW)
    await world.makes("write")
    await world.advance()
    assert getattr(world.task("draw")[0], "params", None) == {"prompt": "ink"}


async def test_a_step_waits_while_a_text_that_it_uses_cannot_be_read() -> None:
    """A newer Pixel wrote it, and reads it: here nothing starts, nothing is paid for, and nothing fails."""
    world = await begun(WRITE, DRAW)
    await world.makes("write", text="Anna")
    await world.decide(partial(decisions.complete, step="write", attempt=1, outputs=(), cost=None, at=AT))
    world.log.add(stream_of("write"), Unreadable(topic="Novelty", problem="?"))
    seen = list(world.log.events)
    with pytest.raises(Rejected) as refused:
        await world.advance()
    assert refused.value.code == "stream_unreadable"
    assert world.log.events == seen


# --- Nobody pays for a step twice ---


async def test_of_two_workers_one_starts_a_step() -> None:
    """The other finds that it is done, gives its money back, and goes on with what is left."""
    world, other = World(), World()
    await world.begin(*history(ALONE, SPEAK))
    other.log.events = list(world.log.events)
    await other.advance()
    world.log.before = lambda _: world.log.events.extend(other.log.events[3:]) if len(world.log.events) == 3 else None
    after = await world.advance()
    assert [event for event in world.facts(3) if isinstance(event, StepStarted)] == other.facts(3)
    assert (len(world.task("alone")), len(world.task("speak"))) == (1, 1)
    assert after.version == 5
    assert held(world) == []
    assert world.logged == []


async def test_a_step_is_not_started_when_a_person_was_first() -> None:
    """A pause that comes between the decision and the append counts."""
    world = World()
    await world.begin(*history(ALONE))
    asked = RunPaused(reason="asked", message="anna wants it to wait.", at=AT)
    world.log.before = lambda _: world.log.add(STREAM, asked) if len(world.log.events) == 3 else None
    await world.advance()
    assert world.facts(3) == [asked]
    assert world.task("alone") == []
    assert held(world) == []


async def test_a_start_whose_answer_was_lost_is_not_repeated() -> None:
    """It is in the log, whoever has heard of it."""
    world = World()
    await world.begin(*history(ALONE))

    def lose(_: list[str]) -> None:
        world.log.after = lambda _: None
        raise LogUnavailable("the answer is lost", retry_after=1)

    world.log.after = lose
    with pytest.raises(LogUnavailable):
        await world.advance()
    await world.advance()
    assert world.facts(3) == [begins("alone", "0.04", unit="image")]
    assert len(world.task("alone")) == 1


async def test_without_the_log_nothing_is_started_and_no_money_is_kept() -> None:
    """It is tried again when the log is there."""
    world = World()
    await world.begin(*history(ALONE))

    def away(_: list[str]) -> None:
        raise LogUnavailable("away", retry_after=1)

    world.log.before = away
    with pytest.raises(LogUnavailable):
        await world.advance()
    assert world.facts(3) == []
    assert held(world) == []
    world.log.before = lambda _: None
    await world.advance()
    assert world.facts(3) == [begins("alone", "0.04", unit="image")]


async def test_a_stranger_in_the_place_of_a_task_stops_the_start() -> None:
    """The task of an attempt was there before its start: the run is left as it is, and does not turn in a circle."""
    world = World()
    await world.begin(*history(ALONE))
    other = replace(stranger(), task=task_of("alone"))
    world.log.add(stream_of("alone"), other)
    after = await world.advance()
    assert (after.version, world.facts(3), world.task("alone")) == (3, [], [other])
    assert held(world) == []


async def test_what_cost_nothing_is_tried_again_as_another_task() -> None:
    """Three times in all. Each attempt has a task and money of its own."""
    world = await begun(ALONE)
    busy = fails(code="rate_limited", retryable=True)
    for attempt in (1, 2, 3):
        await world.happens(stream_of("alone", attempt), busy)
        await world.advance()
    failed = StepFailed(
        step="alone", attempt=1, code="rate_limited", message="Not this.", charged="no", again=True, at=AT
    )
    assert world.facts(3) == [
        begins("alone", "0.04", 1, "image"),
        failed,
        begins("alone", "0.04", 2, "image"),
        replace(failed, attempt=2),
        begins("alone", "0.04", 3, "image"),
        replace(failed, attempt=3, again=False),
        RunFailed(code="step_failed", message="1 of 1 steps could not be made.", at=AT),
    ]
    assert len(held(world)) == 3


# --- Requests that are refused ---


@pytest.mark.parametrize(
    ("step", "code", "told"),
    [
        (replace(ALONE, model="sandbox/gone"), "model_not_found", "Model 'sandbox/gone' not found. "),
        (replace(ALONE, model="sandbox/old"), "model_retired", "Model 'sandbox/old' is retired."),
        (replace(ALONE, model="sandbox/away"), "model_unavailable", "It has no API key."),
        (replace(ALONE, model="sandbox/text"), "wrong_kind", "Model 'sandbox/text' makes llm, not image. "),
        (replace(ALONE, params={"n": 0}), "invalid_request", "n: "),
        (replace(ALONE, prompt=()), "invalid_request", "prompt: "),
        (replace(ALONE, params={"webhook": "https://elsewhere.example.com/"}), "invalid_request", "webhook: extends "),
        (replace(ALONE, images=(FRAME,)), "invalid_request", "imageInputs[0]: there is no such asset"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_a_wrong_request_fails_its_step_and_costs_nothing(step: Step, code: str, told: str) -> None:
    """The other steps are made. A person reads what is wrong, and may try the step again."""
    world = World(keys={"key_1": CALLER._replace(sees_only="agency")})
    old, away = (offered(name, Kind.IMAGE, "image", "1") for name in ("old", "away"))
    world.models["sandbox/old"] = replace(old, model=replace(old.model, retired=True))
    world.models["sandbox/away"] = replace(away, unavailable="It has no API key.")
    await world.begin(*history(step, SPEAK))
    await world.advance()
    failed, speaks = world.facts(3)
    assert isinstance(failed, StepFailed)
    assert failed.message.startswith(told)
    assert failed == StepFailed(step="alone", attempt=1, code=code, message=failed.message, charged="no", at=AT)
    assert speaks == begins("speak", "0.02")
    assert world.task("alone") == []
    assert len(held(world)) == 1
    assert world.log.causes[-2:] == [BY_RUN, BY_KEY]


async def test_inputs_and_webhooks_are_those_of_who_has_the_run() -> None:
    """And not those of who has the key."""
    hook = HOOK.url
    for owner in ("studio", "agency"):
        world = World(keys={"key_1": CALLER._replace(sees_only="agency")})
        world.assets, world.hooks = {(owner, FRAME)}, {(owner, hook): HOOK}
        await world.begin(*history(replace(ALONE, images=(FRAME,)), replace(SPEAK, params={"webhook": hook})))
        await world.advance()
        found = world.task("alone"), world.task("speak")
        assert [len(each) for each in found] == ([1, 1] if owner == "studio" else [0, 0])
        assert [getattr(each[0], "webhook", None) for each in found if each] == ([None, HOOK] if found[1] else [])


async def test_a_step_that_uses_what_was_not_made_fails() -> None:
    """Its source has ended, with fewer outputs than it uses."""
    world = await begun(ALONE, replace(FILM, images=(StepImage(step="alone", output=1),)))
    await world.makes("alone", FRAME)
    await world.advance()
    assert world.facts(4) == [
        StepCompleted(step="alone", attempt=1, outputs=(FRAME,), at=AT),
        StepFailed(
            step="film",
            attempt=1,
            code="invalid_request",
            message="A step that it uses has made nothing.",
            charged="no",
            at=AT,
        ),
        RunFailed(code="step_failed", message="1 of 2 steps could not be made.", spent={"USD": Decimal("0.04")}, at=AT),
    ]
