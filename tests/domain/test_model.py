"""The catalogue's commands for a model: register, revise, enable, disable, retire, bring back, make the default."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from domain import model
from domain.base import Event, Rejected, replace
from domain.model import (
    DefaultModelChosen,
    Kind,
    Limits,
    Model,
    ModelDisabled,
    ModelEnabled,
    ModelRegistered,
    ModelRetired,
    ModelRevised,
    ModelSpec,
    as_of,
    ends_at,
    living_replacement,
    split_model_id,
)
from tests.domain.scenario import AT, SOON
from tests.spec import Answer, fold, given

PAINTER = ModelSpec(name="Painter", type=Kind.IMAGE)
BETTER = replace(PAINTER, limits=Limits(n=4))

REGISTERED = ModelRegistered(model="sandbox/painter", spec=PAINTER, at=AT)
REVISED = ModelRevised(revision=2, spec=BETTER, at=AT)
ENABLED = ModelEnabled(at=AT)
SWITCHED_OFF = ModelDisabled(reason="switched off in the catalogue", at=AT)
WITHDRAWN = ModelDisabled(reason="no longer in the catalogue", at=AT)
RETIRED = ModelRetired(replacement="sandbox/better", at=AT)
CHOSEN = DefaultModelChosen(kind=Kind.IMAGE, at=AT)


def described(
    *past: Event,
    spec: ModelSpec = PAINTER,
    enabled: bool = True,
    retired: bool = False,
    replacement: str | None = None,
) -> Answer:
    return given(*past).when(
        model.describe,
        id="sandbox/painter",
        spec=spec,
        enabled=enabled,
        retired=retired,
        replacement=replacement,
        at=AT,
    )


def test_a_new_entry_registers_a_model() -> None:
    """The first description is revision 1, and the model may be asked for at once."""
    described().then(REGISTERED)
    state = fold(Model, [REGISTERED])
    assert (state.revision, state.spec, state.enabled, state.retired) == (1, PAINTER, True, False)


def test_an_entry_that_is_off_from_the_start_is_registered_and_disabled() -> None:
    """A disabled model is registered, too."""
    described(enabled=False).then(REGISTERED, SWITCHED_OFF)


def test_an_entry_that_is_retired_from_the_start_is_registered_and_retired() -> None:
    """An old name that was never registered here still leads to its replacement."""
    described(retired=True, replacement="sandbox/better").then(REGISTERED, RETIRED)


def test_the_same_entry_again_changes_nothing() -> None:
    """Every start compares the catalogue; what is as it was adds nothing."""
    described(REGISTERED).then_nothing()
    described(REGISTERED, SWITCHED_OFF, enabled=False).then_nothing()
    described(REGISTERED, RETIRED, retired=True, replacement="sandbox/better").then_nothing()


def test_a_changed_entry_is_a_new_revision() -> None:
    """Revisions count up, and the ones before stay in the history for the tasks that were accepted under them."""
    described(REGISTERED, spec=BETTER).then(REVISED)
    described(REGISTERED, REVISED, spec=PAINTER).then(ModelRevised(revision=3, spec=PAINTER, at=AT))


def test_a_model_is_switched_off_and_on() -> None:
    """Off and on are facts of their own, without a new revision."""
    described(REGISTERED, enabled=False).then(SWITCHED_OFF)
    described(REGISTERED, SWITCHED_OFF).then(ENABLED)


def test_a_change_and_a_switch_come_together() -> None:
    """One comparison records every change."""
    described(REGISTERED, spec=BETTER, enabled=False).then(REVISED, SWITCHED_OFF)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_model_is_retired(enabled: bool) -> None:
    """Retiring is for good and points to what to use instead; whether it was switched on no longer matters."""
    described(REGISTERED, enabled=enabled, retired=True, replacement="sandbox/better").then(RETIRED)
    state = fold(Model, [REGISTERED, RETIRED])
    assert (state.enabled, state.retired, state.replacement) == (False, True, "sandbox/better")


def test_a_replacement_can_be_named_later() -> None:
    """A retired model may learn what replaces it."""
    described(REGISTERED, ModelRetired(at=AT), retired=True, replacement="sandbox/better").then(RETIRED)


def test_a_retired_model_can_come_back() -> None:
    """A vendor may bring a model back; then nothing of the retirement is left."""
    described(REGISTERED, RETIRED).then(ENABLED)
    state = fold(Model, [REGISTERED, RETIRED, ENABLED])
    assert (state.enabled, state.retired, state.replacement) == (True, False, None)


def test_a_retired_model_can_come_back_switched_off() -> None:
    """A model that is merely switched off is not called retired, and points nowhere else."""
    described(REGISTERED, RETIRED, enabled=False).then(SWITCHED_OFF)
    state = fold(Model, [REGISTERED, RETIRED, SWITCHED_OFF])
    assert (state.enabled, state.retired, state.replacement) == (False, False, None)
    described(REGISTERED, RETIRED, SWITCHED_OFF, enabled=False).then_nothing()


def test_a_model_that_left_the_catalogue_is_disabled() -> None:
    """A model that the catalogue no longer describes can't be requested; its history stays."""
    given(REGISTERED).when(model.withdraw, at=AT).then(WITHDRAWN)
    given(REGISTERED, WITHDRAWN).when(model.withdraw, at=AT).then_nothing()
    given(REGISTERED, RETIRED).when(model.withdraw, at=AT).then_nothing()
    given().when(model.withdraw, at=AT).then_nothing()


def test_a_model_that_returns_to_the_catalogue_is_enabled() -> None:
    """An entry that was left out and is back goes on where it was: the same revision, switched on."""
    described(REGISTERED, WITHDRAWN).then(ENABLED)
    assert fold(Model, [REGISTERED, WITHDRAWN, ENABLED]).disabled_reason is None


def test_a_default_is_chosen_once() -> None:
    """The default of a kind is the last one chosen; choosing it again adds nothing."""
    given(REGISTERED).when(model.choose_default, is_default=False, at=AT).then(CHOSEN)
    given(REGISTERED, CHOSEN).when(model.choose_default, is_default=True, at=AT).then_nothing()


def test_an_unknown_model_is_no_default() -> None:
    """A default has a kind, and only a registered model has one."""
    given().when(model.choose_default, is_default=False, at=SOON).then_nothing()


@pytest.mark.parametrize(
    ("past", "revision", "enabled"),
    [
        ((), 0, False),
        ((REGISTERED,), 1, True),
        ((REGISTERED, SWITCHED_OFF), 1, False),
        ((REGISTERED, REVISED), 2, True),
        ((REGISTERED, SWITCHED_OFF, REVISED), 2, False),
        ((REGISTERED, CHOSEN), 1, True),
        ((REGISTERED, RETIRED), 1, False),
        ((REGISTERED, SWITCHED_OFF, ENABLED), 1, True),
    ],
)
def test_every_fact_has_its_meaning(past: tuple[Event, ...], revision: int, enabled: bool) -> None:
    """A revision does not switch a model on, and a switch is no revision."""
    state = fold(Model, past)
    assert (state.revision, state.enabled) == (revision, enabled)


@pytest.mark.parametrize("good", ["dashscope/qwen-image", "a/b", "volcengine/豆包", "x/y z"])
def test_a_model_id_is_a_provider_and_a_key(good: str) -> None:
    """One slash, and something on either side of it."""
    assert "/".join(split_model_id(good)) == good


@pytest.mark.parametrize("bad", ["", "qwen-image", "/", "a/", "/b", "a/b/c", "a//b", "//"])
def test_any_other_model_id_is_refused_in_the_words_of_the_contract(bad: str) -> None:
    """The sentence is documented, and frontends show it."""
    with pytest.raises(Rejected) as refusal:
        split_model_id(bad)
    assert refusal.value.code == "malformed_model"
    assert refusal.value.message == (
        f"Model must be in format 'provider/model_key', got: '{bad}'. Example: 'dashscope/qwen-image'"
    )


# --- The last day ---

LAST_DAY = date(2027, 1, 5)
MIDNIGHT = datetime(2027, 1, 6, tzinfo=UTC)


def ending(last_day: date | None = LAST_DAY, replacement: str | None = None, *, enabled: bool = True) -> Model:
    spec = replace(PAINTER, ends=last_day, replacement=replacement)
    return Model(revision=1, spec=spec, enabled=enabled)


@pytest.mark.parametrize(("last_day", "end"), [(None, None), (LAST_DAY, MIDNIGHT), (date.max, None)])
def test_a_model_ends_with_its_last_day(last_day: date | None, end: datetime | None) -> None:
    """The end is 00:00 UTC of the day after; a day that has none after it is no end."""
    assert ends_at(replace(PAINTER, ends=last_day)) == end


@pytest.mark.parametrize("enabled", [True, False])
def test_after_its_last_day_a_model_is_retired(enabled: bool) -> None:
    """To the last moment of the day it is as its events say; from then on it is retired, with its replacement, also
    when it was switched off, and no event is needed for that."""
    model = ending(replacement="sandbox/better", enabled=enabled)
    assert as_of(model, MIDNIGHT - timedelta(microseconds=1)) == model
    ended = as_of(model, MIDNIGHT)
    assert (ended.enabled, ended.retired, ended.replacement) == (False, True, "sandbox/better")
    assert as_of(ended, MIDNIGHT + timedelta(days=9)) == ended
    eternal = ending(None, enabled=enabled)
    assert as_of(eternal, datetime.max.replace(tzinfo=UTC)) == eternal


def test_what_was_never_registered_has_no_end_and_no_replacement() -> None:
    """A name that the catalogue does not know stays unknown at every moment, and leads to no other."""
    assert as_of(Model(), MIDNIGHT) == Model()

    def find(name: str) -> Model | None:
        assert name, "only a replacement that has a name is looked for"
        return None

    assert living_replacement(Model(), find, MIDNIGHT) is None
    assert living_replacement(ending(), find, MIDNIGHT) is None


def test_a_replacement_that_has_ended_is_followed() -> None:
    """Who asks what to use instead gets a model that lives at that moment, through models that are retired by their
    date or for good; where all have ended, a model is missing or they go round in circles, there is none."""
    models = {
        "a/first": ending(replacement="a/second"),
        "a/second": ending(date(2027, 3, 1), replacement="a/third"),
        "a/third": Model(revision=1, spec=PAINTER, retired=True, replacement="a/last"),
        "a/last": ending(None),
        "a/round": ending(replacement="a/trip"),
        "a/trip": ending(replacement="a/round"),
        "a/alone": ending(),
        "a/lost": ending(replacement="a/nowhere"),
    }

    def instead(name: str, at: datetime) -> str | None:
        return living_replacement(models[name], models.get, at)

    assert instead("a/first", MIDNIGHT) == "a/second"
    assert instead("a/first", MIDNIGHT + timedelta(days=99)) == "a/last"
    assert instead("a/third", MIDNIGHT) == "a/last"
    assert [instead(name, MIDNIGHT) for name in ("a/round", "a/alone", "a/lost", "a/last")] == [None] * 4


def test_replacements_are_followed_so_far_and_no_further() -> None:
    """However long the chain is, ten are looked at."""
    chain = {f"a/{number}": ending(replacement=f"a/{number + 1}") for number in range(40)} | {"a/40": ending(None)}
    assert living_replacement(chain["a/30"], chain.get, MIDNIGHT) == "a/40"
    assert living_replacement(chain["a/29"], chain.get, MIDNIGHT) is None


# --- By hand ---

OFF_BY_ANNA = ModelDisabled(reason="outage", by="anna", at=AT)
ON_BY_ANNA = ModelEnabled(by="anna", at=AT)


def test_an_administrator_switches_a_model_off_and_on() -> None:
    """Off with a reason and an author, and on again; each of them once."""
    given(REGISTERED).when(model.switch_off, by="anna", note="outage", at=AT).then(OFF_BY_ANNA)
    given(REGISTERED, OFF_BY_ANNA).when(model.switch_off, by="ben", note="", at=AT).then_nothing()
    given(REGISTERED, SWITCHED_OFF).when(model.switch_off, by="anna", note="", at=AT).then_nothing()
    given(REGISTERED, OFF_BY_ANNA).when(model.switch_on, by="anna", at=AT).then(ON_BY_ANNA)
    given(REGISTERED, OFF_BY_ANNA, ON_BY_ANNA).when(model.switch_on, by="anna", at=AT).then_nothing()
    assert fold(Model, [REGISTERED, OFF_BY_ANNA, ON_BY_ANNA]) == fold(Model, [REGISTERED])


@pytest.mark.parametrize("past", [(SWITCHED_OFF,), (WITHDRAWN,), (RETIRED,), (OFF_BY_ANNA, SWITCHED_OFF)])
def test_what_the_catalogue_has_off_nobody_switches_on(past: tuple[Event, ...]) -> None:
    """The catalogue decides on what it switched off, left out or retired, also after an administrator."""
    given(REGISTERED, *past).when(model.switch_on, by="anna", at=AT).then_rejected("model_off")
    given(REGISTERED, *past).when(model.choose_default, is_default=False, by="anna", at=AT).then_rejected("model_off")


def test_a_refusal_to_switch_on_says_why_the_catalogue_has_it_off() -> None:
    """The reason that the catalogue gave is in the sentence; where it gave none, there is nothing in its place."""
    for off, why in ((WITHDRAWN, " (no longer in the catalogue)"), (ModelDisabled(at=AT), "")):
        refusal = given(REGISTERED, off).when(model.switch_on, by="anna", at=AT).refusal
        assert str(refusal).startswith(f"The catalogue has it off{why}. ")


def test_an_administrator_chooses_a_default_that_takes_requests() -> None:
    """The choice has its author; a model that is off or past its last day is none. The catalogue may name one that is
    off."""
    chosen = DefaultModelChosen(kind=Kind.IMAGE, by="anna", at=AT)
    given(REGISTERED).when(model.choose_default, is_default=False, by="anna", at=AT).then(chosen)
    given(REGISTERED, SWITCHED_OFF).when(model.choose_default, is_default=False, at=AT).then(CHOSEN)
    dated = ModelRegistered(model="a/b", spec=replace(PAINTER, ends=LAST_DAY), at=AT)
    for decide in (partial(model.choose_default, is_default=False), model.switch_on):
        given(dated).when(decide, by="anna", at=MIDNIGHT).then_rejected("model_off")


def test_switched_off_without_a_note_it_says_by_whom() -> None:
    """People who are refused read the reason."""
    off = ModelDisabled(reason="switched off by an administrator", by="anna", at=AT)
    given(REGISTERED).when(model.switch_off, by="anna", note="", at=AT).then(off)


def test_the_catalogue_does_not_switch_on_what_an_administrator_switched_off() -> None:
    """It stays off through every comparison; the description is followed all the same."""
    described(REGISTERED, OFF_BY_ANNA).then_nothing()
    described(REGISTERED, OFF_BY_ANNA, spec=BETTER).then(REVISED)


def test_once_the_catalogue_has_it_off_too_it_decides_again() -> None:
    """What an administrator and then the catalogue switched off, or left out, comes back with the catalogue."""
    described(REGISTERED, OFF_BY_ANNA, enabled=False).then(SWITCHED_OFF)
    described(REGISTERED, OFF_BY_ANNA, SWITCHED_OFF, enabled=False).then_nothing()
    described(REGISTERED, OFF_BY_ANNA, SWITCHED_OFF).then(ENABLED)
    given(REGISTERED, OFF_BY_ANNA).when(model.withdraw, at=AT).then(WITHDRAWN)
    given(REGISTERED, OFF_BY_ANNA, WITHDRAWN).when(model.withdraw, at=AT).then_nothing()
    described(REGISTERED, OFF_BY_ANNA, retired=True, replacement="sandbox/better").then(RETIRED)
    described(REGISTERED, OFF_BY_ANNA, RETIRED).then(ENABLED)
