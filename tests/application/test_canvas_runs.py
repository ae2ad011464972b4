"""Runs of a canvas: what would be made and cost, what is recorded of it, and whose result is chosen."""

import hashlib
from collections.abc import Awaitable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from application import canvas_runs, runs
from application.canvas_runs import AcceptedRun, PlannedRun, ResultPicks, Wish
from application.generations import AvailableModel, keyed_stream
from application.plans import PricedStep
from application.run_outcomes import Made
from domain.api_key import Caller, Scope
from domain.base import Rejected, replace
from domain.budget import ExchangeRates
from domain.canvas.events import CanvasArchived, CanvasEdited
from domain.canvas.planning import Mode, PlannedNode
from domain.ids import canvas_stream, run_id, run_stream
from domain.model import Kind, Limits, Model, ModelSpec
from domain.money import Amount
from domain.money import Price as UnitPrice
from domain.plan import MAX_BYTES, MAX_STEPS, Plan, Price, Step, StepText
from domain.request import Problem
from domain.run.events import PlanApproved, PlanProposed, RunRequested, StepStarted
from domain.run.state import Run
from domain.webhook import TaskWebhook
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
)
from tests.canvas_samples import add, connect, put, read_ops, remove
from tests.spec import fold

ASSET = "asset_" + "1" * 64 + ".png"
HOOK = "https://example.com/hook"


def model(name: str, kind: Kind, unit: Any = None, amount: str = "0", currency: str = "USD") -> AvailableModel:
    """A model that is offered, with one price, or none."""
    prices = (UnitPrice(unit=unit, amount=Decimal(amount)),) if unit else ()
    spec = ModelSpec(
        name=name,
        type=kind,
        capabilities={"supportsRefImage": True},
        limits=Limits(image_inputs=4, n=4),
        currency=currency if unit else None,
        prices=prices,
    )
    return AvailableModel(id=f"sandbox/{name}", model=Model(revision=3, spec=spec, enabled=True))


OFFERED: Mapping[str, AvailableModel] = {
    each.id: each
    for each in (
        model("text", Kind.LLM, "call", "0.01"),
        model("image", Kind.IMAGE, "image", "0.04"),
        model("yuan", Kind.IMAGE, "image", "1", "CNY"),
        model("secret", Kind.IMAGE),
    )
}
RATES = ExchangeRates(currency="USD", rates={"CNY": Decimal("0.1")})
WRITE = add("write", "text", model="sandbox/text", prompt="A hero.", title="Hero")
DRAW = add("draw", model="sandbox/image", prompt="in ink")
STORY = [WRITE, DRAW, connect("e", "write", "draw"), add("note", "note", note="hello")]
WRITE_STEP = Step(id="write", kind="text", model="sandbox/text", prompt=(("A hero.",),))
DRAW_STEP = Step(id="draw", kind="image", model="sandbox/image", prompt=((StepText(step="write"),), ("in ink",)))


def usd(amount: str) -> Amount:
    return Amount(amount=Decimal(amount), currency="USD")


class Studio(Desk):
    """A desk where runs are asked for. It knows one asset and one webhook, and remembers which were looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.project("other")  # so that no position is a version
        self.looked_up: list[str] = []

    async def check_inputs(self, references: Sequence[str]) -> list[Problem]:
        self.looked_up += references
        return [Problem("imageInputs[0]", "is not there") for each in references if each != ASSET]

    async def find_webhook(self, url: str) -> TaskWebhook | None:
        self.looked_up.append(url)
        return TaskWebhook(webhook="webhook_1", url=url) if url == HOOK else None

    async def plan(
        self, canvas: str, *nodes: str, mode: Mode = "missing", version: int | None = None, owner: str | None = "studio"
    ) -> PlannedRun:
        """How a run would be made, which records nothing."""
        added = Added(self.log)
        planned = await canvas_runs.plan_run(
            self.canvases,
            OFFERED,
            Wish(canvas, nodes, mode, version=version),
            owner=owner,
            check_inputs=self.check_inputs,
            find_webhook=self.find_webhook,
        )
        added.then_nothing()
        return planned

    def ask(
        self,
        canvas: str,
        *nodes: str,
        mode: Mode = "missing",
        most: Amount | None = None,
        version: int | None = None,
        by: Caller = ANNA,
        key: str | None = None,
        offered: Mapping[str, AvailableModel] = OFFERED,
    ) -> Awaitable[AcceptedRun]:
        """Ask for a run."""
        return canvas_runs.request_run(
            self.log,
            self.canvases,
            offered,
            Wish(canvas, nodes, mode, most, version),
            caller=by,
            key=key,
            cause=CAUSE,
            rates=RATES,
            check_inputs=self.check_inputs,
            find_webhook=self.find_webhook,
        )


@pytest.fixture
def studio() -> Studio:
    return Studio()


# --- What would be made ---


async def test_a_plan_says_what_is_made_and_what_it_costs(studio: Studio) -> None:
    """In the order of making; what generates nothing is no part of it."""
    canvas = studio.canvas(*STORY, add("secret", model="sandbox/secret", prompt="x"))
    planned = await studio.plan(canvas, "draw", "secret", "note", "write")
    secret = Step(id="secret", kind="image", model="sandbox/secret", prompt=(("x",),))
    cost = {
        name: found.cost and (found.cost.amount, found.cost.currency, found.cost.price_revision)
        for name, found in planned.priced.items()
    }
    assert cost == {"secret": None, "write": (Decimal("0.01"), "USD", 3), "draw": (Decimal("0.04"), "USD", 3)}
    nodes = {each.node: each for each in planned.nodes}
    assert list(nodes).index("write") < list(nodes).index("draw")
    assert nodes == {
        "write": PlannedNode("write", "text", "missing", WRITE_STEP),
        "draw": PlannedNode("draw", "image", "missing", DRAW_STEP),
        "secret": PlannedNode("secret", "image", "missing", secret),
    }
    steps = tuple(each.step for each in planned.nodes if each.step)
    assert planned == PlannedRun(
        await studio.now(canvas),
        planned.nodes,
        Plan(steps=steps),
        {step.id: PricedStep(step, planned.priced[step.id].cost, []) for step in steps},
        Price({"USD": Decimal("0.05")}, 1),
        [],
    )


async def test_what_is_wrong_with_a_node_is_told_at_the_node(studio: Studio) -> None:
    """It has no price, and the others keep theirs; it does not count as one whose price nobody knows."""
    canvas = studio.canvas(
        DRAW,
        add("wrong", model="sandbox/image", prompt="x", params={"n": 99}),
        add("lost", prompt="x"),
        add("secret", model="sandbox/secret", prompt="x"),
    )
    planned = await studio.plan(canvas, "draw", "wrong", "lost", "secret")
    assert (planned.price, planned.problems) == (Price({"USD": Decimal("0.04")}, 1), [])
    assert {each.node: each.problem for each in planned.nodes if each.problem} == {"lost": "model_missing"}
    assert {name: [problem.field for problem in each.problems] for name, each in planned.priced.items()} == {
        "draw": [],
        "wrong": ["n"],
        "secret": [],
    }
    assert planned.priced["wrong"].cost is None


async def test_inputs_and_webhooks_are_looked_up(studio: Studio) -> None:
    """As if each node were requested alone."""
    canvas = studio.canvas(
        add("there", "upload", pick={"asset": ASSET}),
        add("gone", "upload", pick={"asset": ASSET.replace("1", "2")}),
        add("good", model="sandbox/image", prompt="x", params={"webhook": HOOK}),
        add("bad", model="sandbox/image", prompt="x"),
        add("mute", model="sandbox/image", prompt="x", params={"webhook": HOOK + "2"}),
        connect("e1", "there", "good", "reference"),
        connect("e2", "gone", "bad", "reference"),
    )
    planned = await studio.plan(canvas, "good", "bad", "mute")
    assert {name: [each.field for each in found.problems] for name, found in planned.priced.items()} == {
        "good": [],
        "bad": ["imageInputs[0]"],
        "mute": ["webhook"],
    }
    assert sorted(studio.looked_up) == sorted([ASSET, ASSET.replace("1", "2"), HOOK, HOOK + "2"])


async def test_a_plan_of_nothing_costs_nothing(studio: Studio) -> None:
    """That is no problem of the plan: the caller sees that no node is made."""
    canvas = studio.canvas(add("note", "note"), add("lost", prompt="x"))
    planned = await studio.plan(canvas, "note", "lost")
    lost = PlannedNode("lost", "image", "missing", None, "model_missing")
    assert planned == PlannedRun(await studio.now(canvas), [lost], Plan(steps=()), {}, Price({}, 0), [])


async def test_a_plan_has_so_many_steps_at_most(studio: Studio) -> None:
    """More are one problem of the whole, and nothing is priced."""
    names = [f"n{number}" for number in range(MAX_STEPS + 1)]
    canvas = studio.canvas(*(add(name, model="sandbox/image", prompt="x") for name in names))
    whole = await studio.plan(canvas, *names[1:])
    assert (len(whole.priced), whole.problems) == (MAX_STEPS, [])
    more = await studio.plan(canvas, *names)
    [problem] = more.problems
    assert (problem.field, str(MAX_STEPS) in problem.message) == ("", True)
    assert (more.priced, more.price, len(more.plan.steps)) == ({}, Price({}, 0), MAX_STEPS + 1)


async def test_a_plan_is_so_large_at_most(studio: Studio) -> None:
    """All of its requests together, as JSON, to the byte."""
    names = [f"n{number}" for number in range(17)]
    canvas = studio.canvas(
        *(add(name, model="sandbox/image", prompt="x" * 61_000) for name in names), add("last", model="m", prompt="x")
    )
    size = len(msgspec.json.encode((await studio.plan(canvas, *names, "last")).plan))
    studio.edited(canvas, put("last", "prompt", "x", "x" * (1 + MAX_BYTES - size)), edit="fill")
    full = await studio.plan(canvas, *names, "last")
    assert (len(full.priced), full.problems) == (18, [])
    studio.edited(canvas, put("last", "model", "m", "mm"), edit="one more")
    more = await studio.plan(canvas, *names, "last")
    [problem] = more.problems
    assert (problem.field, str(MAX_BYTES) in problem.message) == ("", True)
    assert (more.priced, more.price) == ({}, Price({}, 0))


async def test_a_plan_is_of_the_canvas_as_it_was(studio: Studio) -> None:
    """At one of its versions; without one, as it is now."""
    canvas = studio.canvas(add("draw", model="sandbox/image", prompt="one"))
    studio.edited(canvas, put("draw", "prompt", "one", "two"), edit="second")
    studio.edited(canvas, put("draw", "prompt", "two", "three"), edit="third")
    for version, told, prompt in ((None, 4, "three"), (4, 4, "three"), (3, 3, "two"), (2, 2, "one")):
        planned = await studio.plan(canvas, "draw", version=version)
        assert planned.canvas == await studio.canvases.at_version(canvas_stream(canvas), told)
        assert (planned.canvas.version, planned.plan.steps[0].prompt) == (told, ((prompt,),))
    for version in (0, 5):
        refusal = await refused(studio.log, studio.plan(canvas, "draw", version=version))
        assert refusal == ("invalid_request", "version: must be from 1 to 4")
    unborn = await refused(studio.log, studio.plan(canvas, "draw", version=1))
    assert unborn == ("invalid_request", "nodes[0]: there is no node 'draw'")


async def test_a_plan_is_for_who_sees_the_canvas(studio: Studio) -> None:
    """For others it is not there. What is put away is not made."""
    canvas, nobodys = studio.canvas(*STORY), f"canvas_{NOBODYS}"
    for owner in ("studio", None):
        assert len((await studio.plan(canvas, "draw", "write", owner=owner)).priced) == 2
    for missing, owner in ((canvas, "other"), (nobodys, "studio"), (nobodys, None)):
        assert await refused(studio.log, studio.plan(missing, "draw", owner=owner)) == (
            "canvas_unknown",
            f"Canvas '{missing}' not found",
        )
    studio.add(canvas, CanvasArchived(by="key_anna", at=AT))
    assert (await refused(studio.log, studio.plan(canvas, "draw")))[0] == "archived"


async def test_which_nodes_are_made_is_asked_for(studio: Studio) -> None:
    """Those without a result, or all."""
    canvas = studio.canvas(add("draw", model="sandbox/image", prompt="x", pick={"asset": ASSET}))
    assert (await studio.plan(canvas, "draw")).plan.steps == ()
    assert len((await studio.plan(canvas, "draw", mode="all")).plan.steps) == 1


# --- What is recorded ---


async def test_a_run_is_recorded_with_its_approved_plan(studio: Studio) -> None:
    """In one append: who asked for what on which version, how it is made and what that may cost, and that it may. Its
    owner is the canvas's, and its id is in the metadata."""
    canvas = studio.canvas(*STORY, add("secret", model="sandbox/secret", prompt="x"))
    planned = await studio.plan(canvas, "write", "draw", "secret")
    added = Added(studio.log)
    accepted = await studio.ask(canvas, "write", "draw", "secret", most=usd("0.05"), by=ADMIN)
    requested, proposed, approved = added.events
    project = (await studio.now(canvas)).state.project
    digest = hashlib.sha256(msgspec.json.encode(planned.plan, order="deterministic")).hexdigest()
    run, at = requested.run, requested.at
    assert requested == RunRequested(
        run=run,
        request_hash=requested.request_hash,
        caller="key_admin",
        owner="studio",
        project=project,
        canvas=canvas,
        canvas_version=2,
        picks=requested.picks,
        at=at,
    )
    assert set(requested.picks) == {"write", "draw", "secret"}
    assert proposed == PlanProposed(
        revision=1,
        plan=planned.plan,
        digest=digest,
        by="key_admin",
        estimate={"USD": Decimal("0.05")},
        unpriced=("secret",),
        at=at,
    )
    assert approved == PlanApproved(revision=1, digest=digest, by="key_admin", most=usd("0.05"), at=at)
    assert added.causes == [replace(CAUSE, correlation_id=run)]
    assert accepted == AcceptedRun(await runs.load(studio.log, run_stream(run)), False)
    assert (accepted.loaded.version, accepted.loaded.position) == (3, len(studio.log.events))


async def test_a_run_of_an_earlier_version_says_so(studio: Studio) -> None:
    """It chooses no result that is current and that nothing else of the run uses."""
    canvas = studio.canvas(add("draw", model="sandbox/image", prompt="x", pick={"asset": ASSET}))
    studio.edited(canvas, put("draw", "prompt", "x", "y"), edit="second")
    run = (await studio.ask(canvas, "draw", mode="all", version=2)).loaded.run
    assert (run.canvas_version, run.picks, run.most) == (2, (), None)


async def test_the_digest_of_a_plan_is_that_of_what_it_says(studio: Studio) -> None:
    """Not of the order in which somebody typed the parameters of a node."""
    digests: list[str] = []
    for params in ({"n": 1, "webhook": HOOK}, {"webhook": HOOK, "n": 1}, {"webhook": HOOK, "n": 2}):
        canvas = studio.canvas(add("draw", model="sandbox/image", prompt="x", params=params))
        digests.append((await studio.ask(canvas, "draw")).loaded.run.digest)
    assert digests[0] == digests[1] != digests[2]


async def test_without_a_key_each_run_is_another(studio: Studio) -> None:
    """The same wish is made, and paid for, twice."""
    canvas = studio.canvas(*STORY)
    first, second = await studio.ask(canvas, "write"), await studio.ask(canvas, "write")
    assert first.loaded.run.id != second.loaded.run.id
    assert (first.replayed, second.replayed) == (False, False)


async def test_a_key_makes_one_run(studio: Studio) -> None:
    """Sent again it answers the same one as it is by then, even if it would be refused by now. The id follows from the
    caller and the key alone, also in the next Pixel."""
    canvas = studio.canvas(*STORY)
    first = await studio.ask(canvas, "write", key="once")
    run = first.loaded.run
    assert run.id == run_id(keyed_stream("key_anna", "run\nonce"))
    others = [await studio.ask(canvas, "write", key="twice"), await studio.ask(canvas, "write", by=ADMIN, key="once")]
    assert [each.replayed for each in (first, *others)] == [False, False, False]
    assert len({run.id, *(each.loaded.run.id for each in others)}) == 3
    studio.log.add(run_stream(run.id), StepStarted(step="write", attempt=1, task="task_1", at=AT))
    studio.add(canvas, CanvasArchived(by="key_anna", at=AT))
    added = Added(studio.log)
    again = await studio.ask(canvas, "write", key="once", offered={})
    added.then_nothing()
    assert again == AcceptedRun(await runs.load(studio.log, run_stream(run.id)), True)
    assert (again.loaded.version, again.loaded.run.steps["write"].task) == (4, "task_1")


async def test_a_key_is_for_one_wish(studio: Studio) -> None:
    """Whatever is wished otherwise, another run is not the one of this key."""
    canvas, other = studio.canvas(*STORY), studio.canvas(*STORY)
    wish: dict[str, Any] = {"key": "once"}
    await studio.ask(canvas, "write", **wish)
    assert (await studio.ask(canvas, "write", **wish)).replayed
    for changed in (
        studio.ask(other, "write", **wish),
        studio.ask(canvas, "draw", **wish),
        studio.ask(canvas, "write", mode="all", **wish),
        studio.ask(canvas, "write", most=usd("9"), **wish),
        studio.ask(canvas, "write", version=2, **wish),
    ):
        assert (await refused(studio.log, changed))[0] == "idempotency_key_reused"


async def test_of_one_wish_that_comes_twice_at_once_one_is_recorded(studio: Studio) -> None:
    """The second finds that it is there; another wish under that key is refused."""
    canvas = studio.canvas(*STORY)
    run = (await studio.ask(canvas, "write", key="once")).loaded.run
    twin = [replace(each.event, at=AT) for each in studio.log.events[-3:]]

    def meanwhile(_: list[str]) -> None:
        studio.log.before = lambda _: None
        for event in twin:
            studio.log.add(run_stream(run.id), event)

    del studio.log.events[-3:]
    studio.log.before = meanwhile
    again = await studio.ask(canvas, "write", key="once")
    assert again == AcceptedRun(await runs.load(studio.log, run_stream(run.id)), True)
    assert (again.loaded.version, again.loaded.run.requested_at) == (3, AT)
    del studio.log.events[-3:]
    studio.log.before = meanwhile
    with pytest.raises(Rejected) as refusal:
        await studio.ask(canvas, "write", key="once", mode="all")
    assert refusal.value.code == "idempotency_key_reused"


async def test_the_hash_of_a_wish_stays_the_same(studio: Studio) -> None:
    """A key that was used before Pixel was updated is the same run after it: it must not be refused, or paid twice."""
    wish = Wish(f"canvas_{NOBODYS}", ("write", "draw"), "stale", usd("2.50"), 7)
    requested = RunRequested(
        run=run_id(keyed_stream("key_anna", "run\nonce")),
        request_hash="3007b832b612787841c5759fd5b1c7f1ff3885c099c1a6978a3821c8b43ee9fa",
        caller="key_anna",
        owner="studio",
        at=AT,
    )
    studio.log.add(keyed_stream("key_anna", "run\nonce"), requested)
    asked = studio.ask(wish.canvas, *wish.nodes, mode=wish.mode, most=wish.most, version=wish.version, key="once")
    assert (await asked).replayed


# --- What is refused ---


async def test_a_run_is_for_who_changes_the_canvas(studio: Studio) -> None:
    """To see it is not enough, and a key for other projects is not, either."""
    canvas = studio.canvas(*STORY)
    for by in (BERT, AUDITOR):
        assert (await refused(studio.log, studio.ask(canvas, "write", by=by)))[0] == "canvas_unknown"
    project = (await studio.now(canvas)).state.project
    limited = caller("key_3", "studio", Scope.CLIENT, projects=(studio.project(),))
    code, message = await refused(studio.log, studio.ask(canvas, "write", by=limited))
    assert (code, project in message) == ("forbidden", True)
    own = caller("key_4", "studio", Scope.CLIENT, projects=(project,))
    assert (await studio.ask(canvas, "write", by=own)).loaded.run.caller == "key_4"


async def test_a_run_with_problems_is_refused_as_a_whole(studio: Studio) -> None:
    """Every problem is told under its node, and nothing is recorded."""
    canvas = studio.canvas(
        WRITE,
        add("lost", prompt="x"),
        add("mute", model="sandbox/image"),
        add("wrong", model="sandbox/image", prompt="x", params={"n": 99}),
        add("BOX", model="sandbox/no", prompt="x"),
    )
    code, message = await refused(studio.log, studio.ask(canvas, "write", "lost", "mute", "wrong", "BOX"))
    planned = await studio.plan(canvas, "wrong", "BOX")
    (wrong,), (unknown,) = planned.priced["wrong"].problems, planned.priced["BOX"].problems
    assert (code, message.split("; ")) == (
        "invalid_request",
        [
            "lost: has no model",
            "mute: has nothing to say: its prompt is blank",
            f"wrong.n: {wrong.message}",
            f"BOX: {unknown.message}",
        ],
    )


async def test_a_run_needs_inputs_and_webhooks_that_are_there(studio: Studio) -> None:
    """They are looked up before anything is recorded."""
    canvas = studio.canvas(
        add("there", "upload", pick={"asset": ASSET}),
        add("gone", "upload", pick={"asset": ASSET.replace("1", "2")}),
        add("good", model="sandbox/image", prompt="x", params={"webhook": HOOK}),
        add("bad", model="sandbox/image", prompt="x", params={"webhook": HOOK}),
        connect("e1", "there", "good", "reference"),
        connect("e2", "gone", "bad", "reference"),
    )
    refusal = await refused(studio.log, studio.ask(canvas, "good", "bad"))
    assert refusal == ("invalid_request", "bad.imageInputs[0]: is not there")
    assert set((await studio.ask(canvas, "good")).loaded.run.steps) == {"good"}


async def test_a_run_of_nothing_is_refused(studio: Studio) -> None:
    """Whoever asks for one has overlooked something."""
    canvas = studio.canvas(add("note", "note"))
    refusal = await refused(studio.log, studio.ask(canvas, "note"))
    assert refusal == ("invalid_request", "nodes: none of them has anything to make")


async def test_a_run_of_too_much_is_refused(studio: Studio) -> None:
    """With what is wrong with the whole, and with the nodes, too."""
    names = [f"n{number}" for number in range(MAX_STEPS + 1)]
    canvas = studio.canvas(*(add(name, model="sandbox/image", prompt="x") for name in names), add("lost", prompt="x"))
    code, message = await refused(studio.log, studio.ask(canvas, *names, "lost"))
    assert (code, f"1 to {MAX_STEPS} steps" in message, message.endswith("; lost: has no model")) == (
        "invalid_request",
        True,
        True,
    )


@pytest.mark.parametrize("problems", [20, 21, 40])
async def test_twenty_problems_are_told_at_once(studio: Studio, problems: int) -> None:
    """And whether there are more."""
    names = [f"n{number}" for number in range(problems)]
    canvas = studio.canvas(*(add(name, prompt="x") for name in names))
    _, message = await refused(studio.log, studio.ask(canvas, *names))
    told = [f"{name}: has no model" for name in names[:20]]
    assert sorted(message.split("; ")) == sorted([*told, *(["and more"] if problems > 20 else [])])


@pytest.mark.parametrize(
    ("nodes", "most", "told"),
    [
        (("draw",), "0.03", "0.04 USD"),
        (("draw", "yuan"), "0.13", "0.14 USD"),
        (("yuan",), "0", "0.1 USD"),
        (("draw", "secret"), "0.039", "0.04 USD"),
    ],
)
async def test_what_may_cost_more_than_it_may_is_refused(
    studio: Studio, nodes: tuple[str, ...], most: str, told: str
) -> None:
    """In the currency of whoever set the limit; it is told what it may cost. As much is not more."""
    canvas = studio.canvas(*(add(name, model=f"sandbox/{name.replace('draw', 'image')}", prompt="x") for name in nodes))
    code, message = await refused(studio.log, studio.ask(canvas, *nodes, most=usd(most)))
    assert (code, told in message, f" {Decimal(most):f} USD" in message) == ("budget_exceeded", True, True)
    accepted = await studio.ask(canvas, *nodes, most=usd(told.partition(" ")[0]))
    assert accepted.loaded.run.most == usd(told.partition(" ")[0])


async def test_what_can_not_be_compared_is_left_to_the_run(studio: Studio) -> None:
    """Without a rate or a price nobody knows beforehand, and the run waits where it has to be known. Without a limit
    nothing is compared."""
    canvas = studio.canvas(DRAW, add("secret", model="sandbox/secret", prompt="x"))
    euro = Amount(amount=Decimal("0.01"), currency="EUR")
    assert (await studio.ask(canvas, "draw", most=euro)).loaded.run.most == euro
    assert (await studio.ask(canvas, "secret", most=usd("0"))).loaded.run.unpriced == ("secret",)
    assert (await studio.ask(canvas, "draw")).loaded.run.most is None


# --- Results ---

RUN = "run_01kh5rfm0se1jb4gcrc1rz1bq0"
PICKED = Made(outputs=("asset_a.png", "asset_b.png"), text=None, cost=None, digest="d1")


class Picker:
    """A run of all nodes of a canvas, whose steps have tasks, and what picks their results. `told` is what it logs."""

    def __init__(
        self,
        studio: Studio,
        canvas: str | None,
        *,
        picks: tuple[str, ...] = ("draw",),
        version: int | None = 2,
    ) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self._picks = ResultPicks(studio.log, studio.canvases, self._log_step)
        run = fold(
            Run,
            [
                RunRequested(
                    run=RUN,
                    request_hash="0a1b",
                    caller="key_anna",
                    owner="studio",
                    canvas=canvas,
                    canvas_version=version,
                    picks=picks,
                    at=AT,
                ),
                PlanProposed(
                    revision=1, plan=Plan(steps=(WRITE_STEP, DRAW_STEP)), digest="c0ffee", by="key_anna", at=AT
                ),
                StepStarted(step="draw", attempt=1, task="task_1", at=AT),
                StepStarted(step="write", attempt=1, task="task_2", at=AT),
            ],
        )
        assert isinstance(run, Run)
        self.run = run

    def _log_step(self, event: str, **facts: Any) -> None:
        self.told.append((event, facts))

    async def pick(self, made: Made, step: str = "draw", attempt: int = 1) -> None:
        """A step has made this."""
        await self._picks(self.run, step, attempt, made)


def picked(
    now: dict[str, Any], *, was: dict[str, Any] | None = None, step: str = "draw", attempt: int = 1
) -> dict[str, Any]:
    """The fields of the edit that chooses a result."""
    return {
        "edit": "pick_" + hashlib.sha256(f"{RUN}/{step}.{attempt}".encode()).hexdigest()[:32],
        "session": RUN,
        "label": "run.pick",
        "ops": tuple(read_ops([put(step, "pick", was, now)])),
        "by": RUN,
    }


async def test_a_result_is_chosen_by_an_edit_of_the_run(studio: Studio) -> None:
    """The first output, with its task and what was asked for. It is done once, however often it is tried, and each
    attempt has an edit of its own."""
    canvas = studio.canvas(*STORY)
    picker = Picker(studio, canvas)
    added = Added(studio.log)
    await picker.pick(PICKED)
    [event] = added.events
    chosen = {"task": "task_1", "digest": "d1", "output": 0, "asset": "asset_a.png"}
    fields = picked(chosen)
    assert event == CanvasEdited(**fields, at=event.at)
    assert [(each.actor, each.correlation_id, each.request_id) for each in added.causes] == [
        (RUN, fields["edit"], None)
    ]
    assert msgspec.to_builtins((await studio.now(canvas)).state.nodes["draw"].pick) == chosen
    added = Added(studio.log)
    await picker.pick(PICKED)
    added.then_nothing()
    studio.edited(canvas, put("draw", "pick", chosen, None), edit="unpicked")
    added = Added(studio.log)
    await picker.pick(PICKED)
    added.then_nothing()
    await picker.pick(PICKED._replace(digest=None), attempt=2)
    [event] = added.events
    fields = picked({"task": "task_1", "output": 0, "asset": "asset_a.png"}, attempt=2)
    assert event == CanvasEdited(**fields, at=event.at)
    assert picker.told == []


async def test_a_text_is_chosen_as_it_is(studio: Studio) -> None:
    """It replaces the one that was there when the run was asked for."""
    before = {"text": "A villain.", "task": "task_0"}
    canvas = studio.canvas(add("write", "text", model="sandbox/text", prompt="A hero.", pick=before))
    studio.edited(canvas, put("write", "title", None, "Hero"), edit="titled")
    picker = Picker(studio, canvas, picks=("write",))
    added = Added(studio.log)
    await picker.pick(Made(outputs=(), text="Once.", cost=None, digest="d2"), "write")
    [event] = added.events
    fields = picked({"task": "task_2", "digest": "d2", "text": "Once."}, was=before, step="write")
    assert event == CanvasEdited(**fields, at=event.at)
    assert picker.told == []


async def test_what_is_not_to_be_chosen_is_left_alone(studio: Studio) -> None:
    """A node that the run does not choose for, a step that made nothing, a run without a canvas or without its
    version, a node that was not there."""
    canvas = studio.canvas(*STORY)
    added = Added(studio.log)
    chooser = Picker(studio, canvas)
    await chooser.pick(PICKED, "write")
    for nothing in (None, ""):
        await chooser.pick(Made(outputs=(), text=nothing, cost=None, digest="d"))
    elsewhere, nowhen = Picker(studio, None, version=None), Picker(studio, canvas, version=None)
    for each in (elsewhere, nowhen):
        await each.pick(PICKED)
    added.then_nothing()
    other = studio.canvas(add("write", "text"))
    studio.edited(other, DRAW, edit="later")
    added = Added(studio.log)
    late = Picker(studio, other)
    await late.pick(PICKED)
    added.then_nothing()
    assert chooser.told == elsewhere.told == nowhen.told == late.told == []


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [
        (put("draw", "pick", None, {"asset": ASSET}), "edit_conflict"),
        (remove("draw"), "invalid_request"),
        (None, "archived"),
    ],
)
async def test_what_a_person_did_meanwhile_stays(studio: Studio, meanwhile: dict[str, Any] | None, code: str) -> None:
    """The result is offered beside it, and it is logged that it was not chosen."""
    canvas = studio.canvas(DRAW)
    if meanwhile:
        studio.edited(canvas, meanwhile, edit="meanwhile")
    else:
        studio.add(canvas, CanvasArchived(by="key_anna", at=AT))
    added, picker = Added(studio.log), Picker(studio, canvas)
    await picker.pick(PICKED)
    added.then_nothing()
    assert picker.told == [("result not chosen", {"run": RUN, "code": code})]
