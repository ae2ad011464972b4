"""May this be spent today? The read model's sums, and what this process has accepted since they were read.

Several API processes see each other's tasks when the read model has them, some milliseconds later: by that much
together they can go beyond a budget."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import structlog

from adapters.postgres import DRIVER_ERRORS, Pool
from application.generate import Offered, Settled
from application.pauses import Seldom
from application.ports import LogUnavailable
from domain import budget
from domain.budget import Budget, Money, Spender
from domain.model import split_model_id
from domain.money import Cost
from domain.request import Request
from projections import spending

REFRESH_SECONDS = 0.5

logger = structlog.get_logger("pixel.budgets")


class _Accepted:
    """One request that this process has let through. `position` in the log, once it is there."""

    def __init__(self, spender: Spender, amount: Decimal) -> None:
        self.spender = spender
        self.amount = amount
        self.position: int | None = None


class Budgets:
    """The budgets in force. Without any, nothing is read and everything is admitted."""

    def __init__(self, pool: Pool, budgets: list[Budget], money: Money) -> None:
        self._pool = pool
        self._budgets = budgets
        self._money = money
        self._day = ""
        self._committed: dict[Spender, Decimal] = {}
        self._since: set[_Accepted] = set()
        self._position: int | None = None
        self._line = Seldom()

    def admit(self, chosen: Offered, wanted: Request, estimate: Cost | None) -> Settled:
        """Raise Rejected `budget_exceeded` for what today's budgets do not bear; else count it. Raises LogUnavailable
        as long as nothing is known of today."""
        if not self._budgets:
            return _nothing
        if self._position is None:
            raise LogUnavailable("What was spent today can't be read at the moment.", retry_after=2)
        if budget.day_of(datetime.now(UTC)) != self._day:
            self._committed, self._since, self._day = {}, set(), budget.day_of(datetime.now(UTC))
        spender = Spender(split_model_id(chosen.id)[0], wanted.project_id)
        amount = budget.admit(
            self._budgets, self._money, self._sums(), spender=spender, estimate=estimate, model=chosen.id
        )
        accepted = _Accepted(spender, amount)
        self._since.add(accepted)

        def settled(position: int | None) -> None:
            accepted.position = position
            if position is None:
                self._since.discard(accepted)

        return settled

    async def run(self) -> None:
        """Keep the sums fresh. While the database is away, what was known stays."""
        while self._budgets:
            try:
                await self.refresh()
                self._line.over()
            except DRIVER_ERRORS as error:
                if self._line.due():
                    logger.warning("budgets could not be refreshed", error=type(error).__name__)
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Read today's sums. What this process has accepted is counted by itself until it is in them."""
        if not self._budgets:
            return
        day = datetime.now(UTC)
        # The position first: the sums may then hold more than it says, and count it twice for a moment, but never less.
        position = await spending.position(self._pool)
        if position < (self._position or 0):
            return  # it is being built anew: what was known stays, until there is more
        self._committed = dict(await spending.committed(self._pool, day.date(), self._money))
        self._day, self._position = budget.day_of(day), position
        self._since = {item for item in self._since if item.position is None or item.position > position}

    def _sums(self) -> dict[Spender, Decimal]:
        sums = dict(self._committed)
        for item in self._since:
            sums[item.spender] = sums.get(item.spender, Decimal(0)) + item.amount
        return sums


def _nothing(_: int | None) -> None:
    """There is no budget to keep."""
