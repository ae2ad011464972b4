"""Laws of a result on its way into the store: its price, and what of it is recorded."""

from decimal import Decimal

import pytest

from application import outputs
from application.ports import Spooled
from domain.base import replace
from domain.model import Kind, ModelRegistered, ModelSpec
from domain.money import Cost, Line, Price
from domain.provider import Finished, Missing, Order, Output, OutputsReady, RawAnswer, RemoteOutput, Stored, output_note
from tests.application.harness import Harness, advance, finished, png

TASK = f"task_{'0' * 26}"
CALL = f"{TASK}.1"
URL = "https://files.example.com/0.png"
ORDER = Order(
    task_id=TASK,
    call_id=CALL,
    kind=Kind.IMAGE,
    model="acme/painter",
    spec=ModelSpec(
        name="Painter",
        type=Kind.IMAGE,
        currency="USD",
        prices=(Price(unit="image", amount=Decimal("0.04")),),
        resolutions={"1K": {"1:1": "8*6"}},
    ),
    params={"prompt": "a cat", "resolution": "1K", "aspectRatio": "1:1", "n": 3},
)
UNREADABLE = Missing(index=1, code="unreadable", message="no media")
WITHHELD = Missing(index=2, code="content_rejected", message="no")
TOLD = Finished(
    outputs=(),
    missing=(UNREADABLE, WITHHELD),
    usage={"image": 2},
    cost=Cost(amount=Decimal("0.5"), currency="USD", price_revision=3, lines=(), source="provider"),
    expires_seconds=60.0,
    answer=RawAnswer(status=200, body="{}", bytes=2, sha256="00"),
)
"""What a provider tells beside the outputs."""


def spooled(*made: Output) -> Spooled:
    return Spooled(task=TASK, call=CALL, finished=replace(TOLD, outputs=made))


# --- Its price ---


@pytest.mark.parametrize(
    ("missing", "images"),
    [((), 2), ((UNREADABLE,), 3), ((WITHHELD,), 2), ((UNREADABLE, WITHHELD), 3)],
    ids=["all that was asked for", "one unreadable", "one withheld", "both"],
)
def test_what_was_made_is_paid_for_whether_it_can_be_read_or_not(missing: tuple[Missing, ...], images: int) -> None:
    """And what the provider has not made is not. The price is that of the revision of the order."""
    made = Finished(outputs=(Output(index=0, data=png()), Output(index=3, url=URL)), missing=missing)
    amount = images * Decimal("0.04")
    line = Line(unit="image", quantity=Decimal(images), amount=amount)
    cost = Cost(amount=amount, currency="USD", price_revision=7, lines=(line,), source="prices")
    assert outputs.priced(ORDER, made, revision=7) == Spooled(
        task=TASK, call=CALL, finished=replace(made, cost=cost), wanted=(8, 6)
    )


def test_what_the_provider_says_of_money_counts() -> None:
    assert outputs.priced(ORDER, TOLD, revision=7) == Spooled(task=TASK, call=CALL, finished=TOLD, wanted=(8, 6))


async def test_a_task_is_billed_by_the_revision_that_it_was_accepted_with(harness: Harness) -> None:
    """A later revision of the model may have other prices."""
    stream = await harness.request_task()
    model = harness.log.events[0]
    assert isinstance(model.event, ModelRegistered)
    harness.log.events[0] = model._replace(event=replace(model.event, spec=ORDER.spec))
    harness.provider.submits = [finished(1)]
    await advance(harness.worker(), stream)
    amount = Decimal("0.04")
    line = Line(unit="image", quantity=Decimal(1), amount=amount)
    cost = Cost(amount=amount, currency="USD", price_revision=1, lines=(line,), source="prices")
    assert harness.last_event(stream).cost == cost


# --- What is recorded before it is stored ---


def ready(*made: tuple[int, str]) -> OutputsReady:
    return OutputsReady(
        outputs=tuple(RemoteOutput(index=index, url=url) for index, url in made),
        missing=TOLD.missing,
        usage=TOLD.usage,
        cost=TOLD.cost,
        expires_seconds=TOLD.expires_seconds,
        answer=TOLD.answer,
    )


def test_a_result_that_is_here_is_recorded_as_one_entry_of_the_spool(harness: Harness) -> None:
    """With all that the provider told; a text is no output that is still to be fetched."""
    storage = harness.worker().storage
    result = spooled(Output(index=0, data=png()), Output(index=1, text="a cat"), Output(index=2, data=png(1)))
    here = storage.url(CALL)
    assert outputs.outputs_ready(storage, result) == ready((0, here), (2, here))


def test_a_result_of_which_some_is_at_the_provider_is_recorded_piece_by_piece(harness: Harness) -> None:
    """What is here has an entry of its own in the spool, because the rest may take long."""
    storage = harness.worker().storage
    result = spooled(Output(index=0, data=png()), Output(index=1, url=URL), Output(index=2, data=png(1)))
    assert outputs.outputs_ready(storage, result) == ready(
        (0, storage.url(f"{CALL}.0")), (1, URL), (2, storage.url(f"{CALL}.2"))
    )


# --- What is recorded once it is stored ---


async def test_a_stored_result_has_all_that_the_provider_told(harness: Harness) -> None:
    """Its texts are one text, and what is not as it was asked for is noted."""
    storage = harness.worker().storage
    made = [Output(index=0, data=png()), Output(index=1, text="a cat"), Output(index=2, text="a dog")]
    result = spooled(*made, Output(index=3, data=b"no media"), Output(index=4, data=b""))
    result = replace(result, wanted=(8, 4), finished=replace(result.finished, notes=("seed ignored",)))
    stored = await outputs.store(storage, result)
    unreadable = stored.missing[-1]
    file = await storage.keep_file(b"no media")
    assert stored == Stored(
        assets=((0, await storage.keep(png())), (3, file)),
        text="a cat\na dog",
        missing=(*TOLD.missing, Missing(index=4, code="unreadable", message=unreadable.message)),
        usage=TOLD.usage,
        cost=TOLD.cost,
        notes=("seed ignored", output_note(3, file) or "", "output 0: asked for 8*4, got 8*6"),
        answer=TOLD.answer,
    )
    assert "bytes" in unreadable.message
