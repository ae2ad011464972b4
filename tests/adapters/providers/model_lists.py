"""What an adapter has to stand that reads its vendor's list of models: the list is whole and free, or it is no list.

A provider's suite takes `ListsModels` beside `Conformance` when its adapter has a `list_format`."""

from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from application.catalogue_comparison import ModelList
from domain.model import ModelSpec
from domain.provider import NoVerdict, Refused
from tests.simulators.base import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.adapters.providers.conformance import Bench, Subject

NOT_WHOLE = (
    "500_before",
    "502_html",
    "reset_before",
    "reset_after",
    "cut_body",
    "empty_body",
    "truncated_json",
    "gone",
)
NO_LISTS = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"object": "list"}',
    b'{"data": [7]}',
    b'{"data": [{}], "models": [{}]}',
    b"<",
)


class ListsModels:
    """The laws, on the adapter and its simulator."""

    subject: ClassVar["Subject"]

    async def test_the_list_of_models_is_whole_and_free(self, bench: "Bench") -> None:
        """Every model that the suite orders is in the list, with its kind, as far as the list covers it; only GET is
        sent."""
        listed = await bench.provider.list_models()
        assert isinstance(listed, ModelList), listed
        names = {name for model in listed.models for name in (model.name, *model.aliases)}
        ordered = self._ordered(bench)
        assert {name for name, spec in ordered.items() if spec.type in listed.covers} <= names
        assert any(spec.type in listed.covers for spec in ordered.values())
        for model in listed.models:
            if model.name in ordered and model.kinds is not None:
                assert ordered[model.name].type in model.kinds, model
        assert {method for method, _ in bench.simulator.requests} == {"GET"}
        assert bench.billed == 0

    async def test_a_refused_key_gets_no_list(self, bench: "Bench") -> None:
        """A key that the vendor does not know is reported as that, and the key is not repeated."""
        if not self.subject.bad_environment:  # a server without keys
            return
        async with self._opened(bench, self.subject.bad_environment) as other:
            seen = await other.provider.list_models()
            parts = [part for key in other.provider.keys.all() for part in key.parts]
        assert isinstance(seen, Refused), seen
        assert seen.code == "provider_auth"
        assert parts
        assert not [part for part in parts if part in repr(seen)]

    async def test_the_next_key_is_asked(self, bench: "Bench") -> None:
        """Of two keys the vendor refuses the first: the list is what the second one sees, and both are reported."""
        if not self.subject.two_keys:
            return
        async with self._opened(bench, self.subject.two_keys) as other:
            listed = await other.provider.list_models()
            assert isinstance(listed, ModelList), listed
            kind = min(listed.covers)
            keys = [key.account for key in other.provider.keys.all() if other.provider.key_serves(key, kind)]
        assert [*listed.refused, listed.account] == keys
        assert len(keys) == 2

    async def test_no_list_is_believed_that_does_not_arrive_whole(self, bench: "Bench") -> None:
        """A vendor that is away, an answer that is cut off or not its own: no model is gone because of that."""
        for fault in NOT_WHOLE:
            bench.simulator.meet(fault)
            seen = await bench.provider.list_models()
            assert isinstance(seen, NoVerdict | Refused), (fault, seen)
        assert isinstance(await bench.provider.list_models(), ModelList)

    async def test_what_holds_no_model_is_no_list(self, bench: "Bench") -> None:
        """Answers of success without models, or with models that have no name, are reported as unreadable or empty."""
        for body in NO_LISTS:
            bench.simulator.distort = partial(_answered, body)
            seen = await bench.provider.list_models()
            assert isinstance(seen, NoVerdict | Refused), (body, seen)

    def _opened(self, bench: "Bench", environment: "Mapping[str, str]") -> AbstractAsyncContextManager["Bench"]:
        return type(bench).opened(self.subject, bench.simulator, bench.address, environment)

    def _ordered(self, bench: "Bench") -> dict[str, ModelSpec]:
        """The models that the suite orders, by the names that the vendor's list would have."""
        specs = [bench.spec_of(case) for case in self.subject.cases]  # a module may have a bench of its own, without
        return {name: spec for spec in specs for name in bench.provider.listed_names(spec)}


def _answered(body: bytes, _: Request, __: Answer) -> Answer:
    return Answer(200, data=body, media_type="application/json")
