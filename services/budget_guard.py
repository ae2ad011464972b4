"""May this be spent today? The read model's sums, and what this process has accepted since they were read.

A request holds the most that each model of its chain may cost, so that one which takes over later finds its money.

Several API processes see each other's tasks when the read model has them, some milliseconds later: by that much
together they can go beyond a budget."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import structlog

from adapters.postgres.database import DRIVER_ERRORS, Pool
from application.generations import Settled
from application.log_throttle import LogThrottle
from application.ports import LogUnavailable
from domain import budget
from domain.base import Rejected
from domain.budget import Budget, BudgetKey, Candidate, Committed, ExchangeRates
from domain.model import split_model_id
from domain.task.events import Fallback, TaskRequested
from projections import spending

REFRESH_SECONDS = 0.5

logger = structlog.get_logger("pixel.budgets")


class _Accepted:
    """One request that this process has let through. `position` in the log, once it is there."""

    def __init__(self, held: Committed) -> None:
        self.held = held
        self.position: int | None = None


class BudgetGuard:
    """The budgets in force. Without any, nothing is read and everything is admitted."""

    def __init__(self, pool: Pool, budgets: list[Budget], money: ExchangeRates) -> None:
        self._pool = pool
        self._budgets = budgets
        self._money = money
        self._day = ""
        self._committed: Committed = {}
        self._since: set[_Accepted] = set()
        self._position: int | None = None
        self._line = LogThrottle()

    def admit(self, project: str | None, chain: Sequence[Candidate]) -> Settled:
        """Raise Rejected `budget_exceeded` for what today's budgets do not bear; else count it. Raises LogUnavailable
        as long as nothing is known of today."""
        if not self._budgets:
            return _nothing
        if self._position is None:
            raise LogUnavailable("What was spent today can't be read at the moment.", retry_after=2)
        if budget.day_of(datetime.now(UTC)) != self._day:
            self._committed, self._since, self._day = {}, set(), budget.day_of(datetime.now(UTC))
        held = budget.admit_all(self._budgets, self._money, self._sums(), project=project, chain=chain)
        accepted = _Accepted(held)
        self._since.add(accepted)

        def settled(position: int | None) -> None:
            accepted.position = position
            if position is None:
                self._since.discard(accepted)

        return settled

    async def over(self, stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> dict[str, str]:
        """Which of these models the budgets of the task's day do not bear, and why; the task's own money does not count
        against it. Raises LogUnavailable when that can't be known."""
        if not self._budgets or not others:
            return {}
        try:
            day = await spending.day(self._pool, stream) or request.at.date()
            position, committed = await spending.standing(self._pool, day, self._money, without=stream)
        except DRIVER_ERRORS as error:
            raise LogUnavailable("The sums of the day can't be read at the moment.", retry_after=2) from error
        if self._position is None or position < self._position:
            raise LogUnavailable("The sums of the day are being built anew.", retry_after=2)
        found: dict[str, str] = {}
        for other in others:
            spender = BudgetKey(split_model_id(other.model)[0], request.project_id)
            try:
                budget.admit(
                    self._budgets,
                    self._money,
                    committed,
                    key=spender,
                    estimate=other.estimate,
                    model=other.model,
                )
            except Rejected as refusal:
                found[other.model] = refusal.message
        return found

    async def run(self) -> None:
        """Keep the sums fresh. While the database is away, what was known stays."""
        while self._budgets:
            try:
                await self.refresh()
                self._line.reset()
            except DRIVER_ERRORS as error:
                if self._line.should_log():
                    logger.warning("budgets could not be refreshed", error=type(error).__name__)
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Read today's sums. What this process has accepted is counted by itself until it is in them."""
        if not self._budgets:
            return
        day = datetime.now(UTC)
        position, committed = await spending.standing(self._pool, day.date(), self._money)
        if position < (self._position or 0):
            return  # it is being built anew: what was known stays, until there is more
        self._day, self._position, self._committed = budget.day_of(day), position, committed
        self._since = {item for item in self._since if item.position is None or item.position > position}

    def _sums(self) -> Committed:
        sums = dict(self._committed)
        for item in self._since:
            for spender, amount in item.held.items():
                sums[spender] = sums.get(spender, Decimal(0)) + amount
        return sums


def _nothing(_: int | None) -> None:
    """There is no budget to keep."""
