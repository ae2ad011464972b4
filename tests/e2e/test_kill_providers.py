"""`kill -9` at every step of a call to a provider that is a process of its own: nothing is lost, or paid for twice."""

from pathlib import Path
from typing import Any

from tests.e2e import laws, providers
from tests.e2e.conftest import Databases
from tests.e2e.kill_matrix import UNSENT, KillRig, Scenario, run_all
from tests.e2e.providers import SETTINGS
from tests.simulators.example_requests import PLACES

NO_ANSWER = "[[reset_after]]"
# Between these steps the outcome of a call is unknown, if the provider has no lookup.
INTENT = ("append.ProviderCalled:1:after", "submit:1:before", "submit:1:after")
ANSWERS = {
    "minimax": "append.ProviderSucceeded:1:before",
    "gemini": "append.TaskCompleted:1:before",
    "modelscope": "append.ProviderAccepted:1:before",
}


def scenario(name: str, provider: str, model: str, mark: str = "") -> Scenario:
    """A scenario of a provider's first images."""
    [(kind, body)] = [wish for wish in PLACES[provider].wishes if wish[1]["model"] == model and wish[0] == "image"]
    return Scenario(name, kind, body | {"prompt": f"a small boat {mark}".strip()}, spared=UNSENT)


SCENARIOS = {
    "minimax": scenario("two pictures at addresses, with the answer", "minimax", "minimax/image-01"),
    "gemini": scenario("a picture inside the answer", "gemini", "gemini/gemini-3.1-flash-image"),
    "modelscope": scenario("a job", "modelscope", "modelscope/qwen-image"),
    "kling": scenario("a job whose answer is lost", "kling", "kling/kling-v3-image", NO_ANSWER),
}


async def test_every_step_of_a_call(databases: Databases, folder: Path) -> None:
    """Killed before or after any append, call and download: a task is completed and was paid for once; or, where the
    provider can't be asked what became of a call, it waits for a person, and was paid for at most once."""

    async def run(scenario: Scenario) -> list[str]:
        [name] = [name for name, each in SCENARIOS.items() if each is scenario]
        async with databases() as dsn, providers.world([name]) as world:
            rig = KillRig(dsn, folder, SETTINGS, world.environment)
            views = await scenario.run(rig, providers.settled)
            histories, waiting = (await laws.read(dsn)).histories, await providers.calls_in_doubt(dsn)
            laws_broken = providers.broken(histories, await world.ledger(), views, waiting)
        return scenario.described([*laws_broken, *_ends(scenario, views, ANSWERS.get(name))])

    await run_all(list(SCENARIOS.values()), run)


def _ends(scenario: Scenario, views: dict[str, dict[str, Any]], answer: str | None) -> list[str]:
    """The tasks that should have ended otherwise. `answer`: up to where a call is in doubt, None if it can be asked
    about."""
    problems: list[str] = []
    for wish in scenario.wishes:
        view = views[str(wish.task)]
        in_doubt = answer is not None and wish.at in {*INTENT, answer}
        expected = "outcome_unknown" if in_doubt else "completed"
        found = view.get("error", {}).get("code", view["status"])
        if found != expected:
            problems.append(f"{wish.task}: {found}, and should be {expected}")
    return problems
