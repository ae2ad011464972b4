"""What the acceptance of requests needs, in memory: a budget that sets money aside, the assets of the store, webhooks;
and the models that are offered to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from application.generations import AvailableModel
from application.ports import AssetsUnavailable
from domain.api_key import Caller, Scope
from domain.budget import Budget, Candidate, Committed, ExchangeRates, Totals, admit_all
from domain.model import Kind, Limits, Model, ModelSpec
from domain.money import Price
from domain.request import Problem
from domain.webhook import TaskWebhook, extends

STUDIO = Caller(key="key_studio", owner="studio", scopes=frozenset({Scope.CLIENT}), sees_only="studio")


def offered(
    name: str,
    kind: Kind = Kind.IMAGE,
    *,
    price: str | None = None,
    revision: int = 1,
    limits: Limits | None = None,
    unavailable: str | None = None,
    retired: bool = False,
    ends: date | None = None,
) -> AvailableModel:
    """The model `sandbox/<name>`. `price` is that of a call, in USD."""
    prices = (Price(unit="call", amount=Decimal(price)),) if price else ()
    spec = ModelSpec(
        name=name,
        type=kind,
        limits=limits or Limits(),
        currency="USD" if price else None,
        prices=prices,
        ends=ends,
    )
    model = Model(revision=revision, spec=spec, enabled=not retired, retired=retired)
    return AvailableModel(id=f"sandbox/{name}", model=model, unavailable=unavailable)


def by_id(*models: AvailableModel) -> dict[str, AvailableModel]:
    """The models as the registry offers them."""
    return {each.id: each for each in models}


@dataclass
class SetAside:
    """Money that is set aside for one request. `position` is that of its task; None: it is not recorded."""

    amounts: Committed
    totals: Totals
    position: int | None = None
    given_back: bool = False

    def commit(self, position: int) -> None:
        self.position = position

    def release(self) -> None:
        if self.position is None and not self.given_back:
            self.given_back = True
            self.totals.subtract(self.amounts)


class Wallet:
    """Budgets in memory, as `BudgetGuard` holds them. `asked` has what money was asked for, `reservations` what was
    set aside for it."""

    def __init__(self, *budgets: Budget) -> None:
        self.asked: list[tuple[Kind, str | None, tuple[Candidate, ...]]] = []
        self.reservations: list[SetAside] = []
        self._totals = Totals(budgets)

    def reserve(self, kind: Kind, project: str | None, chain: Sequence[Candidate]) -> SetAside:
        self.asked.append((kind, project, tuple(chain)))
        amounts = admit_all(self._totals, ExchangeRates(), project=project, chain=chain)
        self._totals.add(amounts)
        made = SetAside(amounts, self._totals)
        self.reservations.append(made)
        return made

    @property
    def committed(self) -> list[int]:
        """The positions of the tasks whose money is kept. No money is left that is neither kept nor given back."""
        assert all(each.given_back == (each.position is None) for each in self.reservations)
        return [each.position for each in self.reservations if each.position is not None]


@dataclass
class Assets:
    """The ids of the assets that the store has. `looked_for` has the references of each check."""

    ids: set[str] = field(default_factory=set[str])
    away: bool = False
    looked_for: list[list[str]] = field(default_factory=list[list[str]])

    async def check(self, references: Sequence[str]) -> list[Problem]:
        self.looked_for.append(list(references))
        if self.away:
            raise AssetsUnavailable("away")
        return [
            Problem(f"imageInputs[{place}]", f"there is no asset '{each}'")
            for place, each in enumerate(references)
            if each.startswith("asset_") and each not in self.ids
        ]


@dataclass
class Webhooks:
    """The enabled webhooks of the caller: the URL of each, by its id."""

    urls: dict[str, str] = field(default_factory=dict[str, str])

    async def find(self, url: str) -> TaskWebhook | None:
        found = [webhook for webhook, own in self.urls.items() if extends(own, url)]
        return TaskWebhook(webhook=found[0], url=url) if found else None
