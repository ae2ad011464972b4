"""The stored form is for ever: one example of every event that was ever written, in `golden/events.jsonl`.

To add an event, append a line. No line is ever changed: stored events can't be changed either."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from adapters.postgres.event_reader import decode
from application.ports import AnyEvent, Unreadable
from domain.api_key import ApiKeyEvent, KeyLimits
from domain.base import Event, replace
from domain.batch import BatchEvent
from domain.canvas.events import CanvasEvent
from domain.model import Limits, ModelEvent
from domain.money import Cost, Price
from domain.project import ProjectEvent
from domain.task.events import TaskEvent
from domain.upload import AssetUploaded
from domain.webhook import WebhookEvent

GOLDEN = Path(__file__).parent / "golden" / "events.jsonl"
LINES = GOLDEN.read_text().splitlines()
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in LINES]
IDS = [f"{number} {example['topic']}" for number, example in enumerate(EXAMPLES, 1)]

TASK_EVENTS: tuple[type[Event], ...] = get_args(TaskEvent)
MODEL_EVENTS: tuple[type[Event], ...] = get_args(ModelEvent)
KEY_EVENTS: tuple[type[Event], ...] = get_args(ApiKeyEvent)
WEBHOOK_EVENTS: tuple[type[Event], ...] = get_args(WebhookEvent)
PROJECT_EVENTS: tuple[type[Event], ...] = get_args(ProjectEvent)
CANVAS_EVENTS: tuple[type[Event], ...] = get_args(CanvasEvent)
ALL_EVENTS: tuple[type[Event], ...] = get_args(AnyEvent)


def canonical(state: Any) -> str:
    """JSON in one way only: sorted names, no spaces."""
    return json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_what_was_ever_written_can_be_read(example: dict[str, Any]) -> None:
    """Every stored example decodes to the event of its topic, whose tag is that topic."""
    event = decode(example["topic"], json.dumps(example["state"]).encode())
    assert not isinstance(event, Unreadable), event.problem
    assert type(event).__name__ == event.__struct_config__.tag == example["topic"] == example["state"]["event"]


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_what_is_read_would_be_written_the_same(example: dict[str, Any]) -> None:
    """Decoding and encoding lose nothing: an event means today what it meant when it was stored."""
    event = decode(example["topic"], json.dumps(example["state"]).encode())
    assert canonical(json.loads(msgspec.json.encode(event))) == canonical(example["state"])


def test_every_event_has_an_example() -> None:
    """The stored form of every event is pinned here."""
    assert {example["topic"] for example in EXAMPLES} == {event.__name__ for event in ALL_EVENTS}


def test_no_example_was_changed() -> None:
    """The file only grows: the lines that it had when this number was written are the lines that it has."""
    count, digest = 76, "d3b36b21487e08cfb0fb4b536ed81f873e3c14ccd01edfe9cc6f5bfb4b3e220f"
    assert len(LINES) >= count
    assert hashlib.sha256("\n".join(LINES[:count]).encode()).hexdigest() == digest


def test_a_default_is_for_ever() -> None:
    """A value that equals its default is not stored, so another default would change the past."""
    assert Limits() == Limits(
        prompt=4000,
        n=1,
        image_inputs=0,
        image_inputs_needed=0,
        refuses=(),
        resolutions=(),
        speed=(0.5, 2.0),
        max_tokens=4096,
        loras=(),
        lora_weights_add_up_to_one=False,
        start_seconds=None,
        finish_seconds=900,
    )
    fields = [field for event in ALL_EVENTS for field in msgspec.structs.fields(event)]
    defaults = {field.name: field.default for field in fields if field.default not in (msgspec.NODEFAULT, None, (), "")}
    assert defaults == {
        "caller": "anonymous",
        "owner": "anonymous",
        "changes": "ends",
        "again": False,
        "limits": KeyLimits(kinds=(), models=(), projects=()),
    }
    assert Price(unit="image", amount=Decimal(1)) == Price(unit="image", amount=Decimal(1), per=1, resolution=None)
    cost = Cost(amount=Decimal(1), currency="USD", price_revision=1)
    assert cost == replace(cost, lines=(), source="prices")


def test_the_names_are_those_of_the_design() -> None:
    """The names on the wire and in the table are fixed: those of the design, and what was added since."""
    assert {str(event.__struct_config__.tag) for event in TASK_EVENTS} == {
        "TaskRequested",
        "FallbackChosen",
        "ProviderCalled",
        "ProviderAccepted",
        "ProviderProgressed",
        "ProviderJobMissing",
        "ProviderAnswerUnclear",
        "ProviderRefused",
        "ProviderCallInDoubt",
        "ProviderCallReconciled",
        "CallResolved",
        "ProviderSucceeded",
        "OutputFetchFailed",
        "RefetchRequested",
        "OutputStored",
        "TaskCompleted",
        "TaskFailed",
        "CancellationRequested",
        "TaskCancelled",
        "LateResultSeen",
    }
    assert {str(event.__struct_config__.tag) for event in MODEL_EVENTS} == {
        "ModelRegistered",
        "ModelRevised",
        "ModelEnabled",
        "ModelDisabled",
        "DefaultModelChosen",
        "ModelRetired",
    }
    assert {str(event.__struct_config__.tag) for event in KEY_EVENTS} == {
        "ApiKeyIssued",
        "ApiKeyChanged",
        "ApiKeyRevoked",
    }
    assert {str(event.__struct_config__.tag) for event in get_args(BatchEvent)} == {"BatchRequested", "BatchEnded"}
    assert AssetUploaded.__struct_config__.tag == "AssetUploaded"
    assert {str(event.__struct_config__.tag) for event in WEBHOOK_EVENTS} == {
        "WebhookRegistered",
        "WebhookChanged",
        "WebhookSecretRotated",
        "WebhookDisabled",
        "WebhookEnabled",
        "WebhookRemoved",
    }
    assert {str(event.__struct_config__.tag) for event in PROJECT_EVENTS} == {
        "ProjectCreated",
        "ProjectRenamed",
        "ProjectArchived",
        "ProjectRestored",
    }
    assert {str(event.__struct_config__.tag) for event in CANVAS_EVENTS} == {
        "CanvasCreated",
        "CanvasEdited",
        "CanvasRenamed",
        "CanvasVersionNamed",
        "CanvasArchived",
        "CanvasRestored",
    }


@pytest.mark.parametrize(
    "state",
    [
        b'{"event":"TaskPraised","at":"2026-02-11T10:00:00Z"}',
        b'{"event":"ModelEnabled"}',
        b'{"event":"ModelEnabled","at":"yesterday"}',
        b'{"at":"2026-02-11T10:00:00Z"}',
        b'{"event":"ModelEnabled","at":',
        b"\xff",
        b"",
        b'{"event":"TaskRequested","metadata":{"deep":' + b"[" * 100_000,
    ],
    ids=lambda state: repr(state[:40]),
)
def test_what_can_not_be_read_is_no_error(state: bytes) -> None:
    """A newer or damaged event is decoded as Unreadable, and must not stop a reader of the log."""
    assert isinstance(decode("TaskPraised", state), Unreadable)
