"""The laws of every task, checked after any crash, from the log and from the sandbox's record of its jobs.

A row of `sandbox.jobs` is one effect, which elsewhere would cost money. History and effects must agree:
no effect without an intent recorded before, none after a sure "no", and never two for one task."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from domain.ids import task_id as public_id
from tests.e2e.service import LOOK_SECONDS, SETTLING_SECONDS, patience, sql

ENDS = {"TaskCompleted", "TaskFailed", "TaskCancelled"}
AFTER_THE_END = {"LateResultSeen", "ProviderAccepted", "ProviderRefused", "ProviderCallReconciled"}
OF_OTHERS = ("Model", "Default", "Run", "Canvas", "Project")  # what the streams of others begin with
REFUSED = ("ProviderRefused", "no")


class Happened(NamedTuple):
    """One event of a task."""

    version: int
    type: str
    recorded_at: datetime
    data: dict[str, Any]


class Effect(NamedTuple):
    """One job that the sandbox took."""

    call: str
    accepted_at: datetime


class Books(NamedTuple):
    """Every task's history, and every effect, by task id."""

    histories: dict[str, list[Happened]]
    effects: dict[str, list[Effect]]

    def describe(self, task: str) -> str:
        """The events and effects of one task, for people."""
        events = " → ".join(event.type for event in self.histories.get(task, []))
        return f"{task}: {events or 'no history'}; effects: {[effect.call for effect in self.effects.get(task, [])]}"


async def read(dsn: str) -> Books:
    """Read the histories and the effects of all tasks."""
    histories: defaultdict[str, list[Happened]] = defaultdict(list)
    effects: defaultdict[str, list[Effect]] = defaultdict(list)
    async with sql(dsn) as connection:
        for stream, version, topic, recorded_at, state in await connection.fetch(_EVENTS):
            histories[public_id(stream)].append(Happened(version, topic, recorded_at, json.loads(state)))
        for task, *effect in await connection.fetch(_EFFECTS):
            effects[task].append(Effect(*effect))
    return Books(
        {task: events for task, events in histories.items() if not events[0].type.startswith(OF_OTHERS)},
        dict(effects),
    )


async def settled(dsn: str) -> None:
    """Wait until nothing is left to do: the work list is empty, and has seen every event."""
    async with patience("the work list to be empty", seconds=SETTLING_SECONDS), sql(dsn) as connection:
        while await connection.fetchval(_UNDONE):
            await asyncio.sleep(LOOK_SECONDS)


def broken(books: Books, expected: Mapping[str, str]) -> list[str]:
    """The laws that do not hold, a sentence each. `expected`: every task that a POST has answered, and how it must end
    ("completed", "failed", "cancelled", or "" for any end)."""
    problems = [f"{task} was answered and is lost" for task in expected if task not in books.histories]
    problems += [f"{task} has an effect and no history" for task in books.effects if task not in books.histories]
    for task, history in books.histories.items():
        found = [*_of_the_history(history), *_of_the_money(history, books.effects.get(task, []))]
        end = next((event.type for event in history if event.type in ENDS), "no end")
        wanted = expected.get(task, "")
        if wanted and end.lower() != f"task{wanted}":
            found.append(f"should have ended as {wanted}, not by {end}")
        problems += [f"{problem} ({books.describe(task)})" for problem in found]
    return problems


def _of_the_history(history: list[Happened]) -> list[str]:
    types = [event.type for event in history]
    problems: list[str] = []
    if [event.version for event in history] != list(range(1, len(history) + 1)):
        problems.append("versions have a gap")
    if types[0] != "TaskRequested" or types.count("TaskRequested") != 1:
        problems.append("does not begin with its one request")
    ends = [index for index, type_ in enumerate(types) if type_ in ENDS]
    if len(ends) != 1:
        problems.append(f"has {len(ends)} ends")
    elif surplus := set(types[ends[0] + 1 :]) - AFTER_THE_END:
        problems.append(f"goes on after its end with {', '.join(surplus)}")
    return problems


def _of_the_money(history: list[Happened], effects: list[Effect]) -> list[str]:
    """The money rule, from both sides."""
    problems: list[str] = []
    intents: dict[str, datetime] = {}
    did_not_happen: set[str] = set()
    for event in history:
        if event.type == "ProviderCalled":
            problems += [f"called again, though {call} may have happened" for call in set(intents) - did_not_happen]
            if event.data["call"] in intents:
                problems.append(f"{event.data['call']} was called twice")
            intents[event.data["call"]] = event.recorded_at
        elif (event.type, event.data.get("charged")) == REFUSED or event.data.get("outcome") == "did_not_happen":
            did_not_happen.add(event.data["call"])
    if len(effects) > 1:
        problems.append(f"has {len(effects)} effects")
    for effect in effects:
        intent = intents.get(effect.call)
        if intent is None or intent > effect.accepted_at:
            problems.append(f"the intent of {effect.call} was not recorded before its effect")
        if effect.call in did_not_happen and not _was_stopped(history, effect.call):
            problems.append(f"by the history {effect.call} did not happen, and it did")
    if any(event.type == "TaskCompleted" for event in history) and not effects:
        problems.append("is completed without an effect")
    return problems


def _was_stopped(history: list[Happened], call: str) -> bool:
    """A refusal of an accepted job is its end (cancelled, failed to render), not a call that did not happen."""
    return any(event.type == "ProviderAccepted" and event.data["call"] == call for event in history) or any(
        event.type == "ProviderCallReconciled" and event.data["call"] == call and event.data["outcome"] == "happened"
        for event in history
    )


_EVENTS = """
SELECT originator_id, originator_version, topic, recorded_at, convert_from(state, 'UTF8')
FROM stored_events ORDER BY notification_id
"""
_EFFECTS = "SELECT task_id, call_id, accepted_at FROM sandbox.jobs ORDER BY accepted_at"
_UNDONE = """
SELECT EXISTS (SELECT FROM calls) OR EXISTS (
    SELECT FROM read_models
    WHERE serving AND position < (SELECT coalesce(max(notification_id), 0) FROM stored_events)
)
"""
