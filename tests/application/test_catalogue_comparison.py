"""Laws of the comparison: what is on sale and not served is urgent, and a list is believed in what it covers only."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from application.catalogue import Entry
from application.catalogue_comparison import Finding, ListedModel, ModelList, Offer, compare
from domain.model import Kind, Limits, ModelSpec

TODAY = date(2026, 11, 27)
EVERYTHING = frozenset(Kind)


def offer(
    *names: str, kind: Kind = Kind.IMAGE, max_tokens: int = 4096, ends: date | None = None, **entry: Any
) -> Offer:
    spec = ModelSpec(name="A model", type=kind, limits=Limits(max_tokens=max_tokens), ends=ends)
    return Offer(entry=Entry(id=f"vendor/{names[0] if names else 'own'}", spec=spec, **entry), names=names)


def listing(*models: ListedModel | str, covers: frozenset[Kind] = EVERYTHING) -> ModelList:
    found = tuple(ListedModel(name=model) if isinstance(model, str) else model for model in models)
    return ModelList(models=found, covers=covers, account="3f1a0c9be2d7")


def whats(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.what, finding.name) for finding in findings]


def test_what_is_on_sale_and_listed_is_no_news() -> None:
    """A model that the vendor still serves makes no finding, under its name or under another one of it."""
    other = ListedModel(name="film:latest", aliases=("film",))
    assert compare([offer("a"), offer("film")], listing("a", other), TODAY) == []


def test_what_is_not_listed_is_gone() -> None:
    """A model on sale that the list should have and has not is gone, and that is urgent."""
    [found] = compare([offer("a"), offer("b")], listing("a"), TODAY)
    assert found == Finding(what="gone", name="b", says="not listed", model="vendor/b", kinds=(Kind.IMAGE,))
    assert found.is_urgent


def test_each_name_of_a_model_counts() -> None:
    """A model that is ordered by two names is gone as soon as one of them is."""
    assert whats(compare([offer("text", "picture")], listing("text"), TODAY)) == [("gone", "picture")]


def test_a_list_is_silent_about_kinds_that_it_does_not_cover() -> None:
    """A list of chats proves nothing of an image that it lacks, and still tells of one that it has."""
    chats = frozenset({Kind.LLM})
    assert compare([offer("a")], listing("chat", covers=chats), TODAY)[0].what == "new"
    ended = ListedModel(name="a", state="ended", says="Shutdown")
    assert whats(compare([offer("a")], listing(ended, covers=chats), TODAY)) == [("gone", "a")]


def test_a_model_that_no_list_can_have_is_left_alone() -> None:
    """An endpoint of one's own has no name for the list, and so no finding."""
    assert compare([offer()], listing("a"), TODAY)[0].what == "new"


def test_the_last_day_decides() -> None:
    """On its last day a model ends, on the next it is gone; both are urgent, and both tell the day."""
    for days, what in ((0, "ends"), (30, "ends"), (-1, "gone")):
        day = TODAY + timedelta(days=days)
        [found] = compare([offer("a")], listing(ListedModel(name="a", ends=day, state="ending")), TODAY)
        assert (found.what, found.ends, found.is_urgent) == (what, day, True)
        assert found.says.startswith(f"last day {day}")


def test_an_end_that_the_catalogue_has_is_no_news() -> None:
    """The same day in the catalogue settles it, another one does not; any day settles an end without one."""
    day, other = TODAY + timedelta(days=30), TODAY + timedelta(days=60)
    ending = ListedModel(name="a", ends=day, state="ending")
    assert compare([offer("a", ends=day)], listing(ending), TODAY) == []
    for here, told in ((None, "not in the catalogue"), (other, f"{other} in the catalogue")):
        [found] = compare([offer("a", ends=here)], listing(ending), TODAY)
        assert found == Finding(
            what="ends",
            name="a",
            says=f"last day {day}, {told}",
            model="vendor/a",
            kinds=(Kind.IMAGE,),
            ends=day,
        )
    assert compare([offer("a", ends=day)], listing(ListedModel(name="a", state="ending")), TODAY) == []


def test_what_has_ended_by_the_catalogue_is_retired() -> None:
    """After its last day a model is not on sale: it can't be gone, and is reported when the vendor still serves it."""
    yesterday = TODAY - timedelta(days=1)
    assert compare([offer("a", ends=yesterday), offer("b")], listing("b"), TODAY) == []
    assert whats(compare([offer("a", ends=yesterday)], listing("a"), TODAY)) == [("listed", "a")]
    assert whats(compare([offer("a", ends=TODAY), offer("b")], listing("b"), TODAY)) == [("gone", "a")]


def test_an_end_without_a_day_is_told_in_the_words_of_the_vendor() -> None:
    """A vendor that says only that a model is being retired is quoted."""
    [found] = compare([offer("a")], listing(ListedModel(name="a", state="ending", says="Retiring")), TODAY)
    assert found == Finding(
        what="ends",
        name="a",
        says="“Retiring”, not in the catalogue",
        model="vendor/a",
        kinds=(Kind.IMAGE,),
    )
    assert found.is_urgent


def test_limits_are_compared_for_chats_only() -> None:
    """A chat that is sold with more or fewer tokens than the vendor gives is reported; an image has no such limit."""
    for given_tokens, sold in ((2048, 8192), (65536, 8192)):
        models = [ListedModel(name=name, max_output_tokens=given_tokens) for name in ("chat", "image")]
        offers = [offer("chat", kind=Kind.LLM, max_tokens=sold), offer("image")]
        [found] = compare(offers, listing(*models), TODAY)
        assert found == Finding(
            what="limit",
            name="chat",
            says=f"answers of {sold} tokens are sold, {given_tokens} are given",
            model="vendor/chat",
            kinds=(Kind.LLM,),
            sold=sold,
            given=given_tokens,
        )
        assert not found.is_urgent
    same = ListedModel(name="chat", max_output_tokens=8192)
    assert compare([offer("chat", kind=Kind.LLM, max_tokens=8192)], listing(same), TODAY) == []


def test_a_chat_that_ends_may_have_another_limit_too() -> None:
    """Both are told, each with the day; a day that the catalogue has does not hide the limit."""
    day = TODAY + timedelta(days=30)
    listed = listing(ListedModel(name="chat", ends=day, state="ending", max_output_tokens=2048))
    found = compare([offer("chat", kind=Kind.LLM)], listed, TODAY)
    assert [(one.what, one.ends) for one in found] == [("ends", day), ("limit", day)]
    found = compare([offer("chat", kind=Kind.LLM, ends=day)], listed, TODAY)
    assert [(one.what, one.ends) for one in found] == [("limit", day)]


def test_what_is_not_on_sale_can_not_be_gone() -> None:
    """A model that is switched off, or retired, makes no alarm when the vendor drops it."""
    assert compare([offer("a", enabled=False), offer("b", retired=True)], listing("c"), TODAY)[0].what == "new"


def test_what_was_retired_too_early_is_told() -> None:
    """A retired model that the vendor still serves is reported, unless another entry sells it."""
    day = TODAY + timedelta(days=30)
    for served, told in (
        (ListedModel(name="a"), "still served"),
        (ListedModel(name="a", state="ending", says="Retiring"), "“Retiring”"),
        (ListedModel(name="a", state="ending", ends=day, says="Retiring"), f"last day {day}"),
    ):
        [found] = compare([offer("a", retired=True)], listing(served), TODAY)
        assert found == Finding(
            what="listed",
            name="a",
            says=f"retired here, {told} there",
            model="vendor/a",
            kinds=(Kind.IMAGE,),
            ends=served.ends,
        )
        assert not found.is_urgent
    assert compare([offer("a", retired=True), offer("a")], listing("a"), TODAY) == []
    ended = ListedModel(name="a", state="ended")
    assert compare([offer("a", retired=True)], listing(ended), TODAY) == []


def test_what_the_catalogue_lacks_is_of_a_kind_that_pixel_makes() -> None:
    """A listed model is new unless it makes nothing that Pixel makes, is switched off here, or has ended."""
    models = (
        ListedModel(name="image", kinds=(Kind.IMAGE,)),
        ListedModel(name="anything"),
        ListedModel(name="embedding", kinds=()),
        ListedModel(name="old", state="ended"),
        ListedModel(name="off"),
    )
    found = compare([offer("off", enabled=False)], listing(*models), TODAY)
    assert whats(found) == [("new", "anything"), ("new", "image")]


def test_what_is_new_is_told_with_all_that_the_vendor_says_of_it() -> None:
    """Its kinds, its end, its limit: nobody has to sell what ends soon. It is no model of the catalogue."""
    day = TODAY + timedelta(days=30)
    for listed, told in (
        (ListedModel(name="a", kinds=(Kind.LLM,), max_output_tokens=2048), "not in the catalogue"),
        (ListedModel(name="a", kinds=(Kind.LLM, Kind.IMAGE), ends=day), f"last day {day}"),
        (ListedModel(name="a", state="ending", says="Retiring"), "“Retiring”"),
        (ListedModel(name="a", state="ending", ends=TODAY, says="Retiring"), f"last day {TODAY}"),
    ):
        [found] = compare([], listing(listed), TODAY)
        assert found == Finding(
            what="new",
            name="a",
            says=told,
            kinds=listed.kinds,
            ends=listed.ends,
            given=listed.max_output_tokens,
        )
        assert not found.is_urgent


def test_a_list_of_one_kind_tells_the_kind() -> None:
    """Where a list covers one kind only, what is new in it is of that kind."""
    chats = frozenset({Kind.LLM})
    assert [new.kinds for new in compare([], listing("a", covers=chats), TODAY)] == [(Kind.LLM,)]
    assert [new.kinds for new in compare([], listing("a"), TODAY)] == [None]


def test_dated_versions_are_told_apart() -> None:
    """A version with a date is marked when the list has the model without it; other numbers are names."""
    names = ("gpt", "gpt-2026-04-14", "qwen", "qwen-0428", "nano", "nano-001", "seed-1-6-250615", "tts-1")
    found = {new.name: new.dated_version_of for new in compare([], listing(*names), TODAY)}
    assert {name for name, base in found.items() if base} == {"gpt-2026-04-14", "qwen-0428", "nano-001"}
    assert found["gpt-2026-04-14"] == "gpt"


def any_offer(names: frozenset[str], kind: Kind, enabled: bool, retired: bool) -> Offer:
    return offer(*sorted(names), kind=kind, enabled=enabled, retired=retired)


NAMES = st.sampled_from("abcdef")
OFFERS = st.lists(
    st.builds(
        any_offer,
        st.frozensets(NAMES, max_size=2),
        st.sampled_from(Kind),
        st.booleans(),
        st.booleans(),
    )
)
MODELS = st.lists(
    st.builds(
        ListedModel,
        name=NAMES,
        ends=st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
        state=st.sampled_from(["offered", "ending", "ended"]),
        kinds=st.none() | st.frozensets(st.sampled_from(Kind)).map(lambda kinds: tuple(sorted(kinds))),
    ),
    unique_by=lambda model: model.name,
)


@given(OFFERS, MODELS, st.frozensets(st.sampled_from(Kind)))
def test_urgent_is_exactly_what_callers_will_notice(
    offers: list[Offer], models: list[ListedModel], covers: frozenset[Kind]
) -> None:
    """Whatever is listed: each urgent finding is about a model on sale, and none on sale is missed that is not
    served; nothing new is in the catalogue."""
    found = compare(offers, listing(*models, covers=covers), TODAY)
    on_sale = {(one.entry.id, name): one for one in offers if one.is_on_sale(TODAY) for name in one.names}
    served = {model.name for model in models if not model.has_ended(TODAY)}
    listed = {model.name for model in models}
    urgent = {(finding.model, finding.name) for finding in found if finding.is_urgent}
    missing = {
        key
        for key, one in on_sale.items()
        if key[1] not in served and (key[1] in listed or one.entry.spec.type in covers)
    }
    assert missing <= urgent <= on_sale.keys()
    assert not {name for one in offers for name in one.names} & {each.name for each in found if each.what == "new"}
