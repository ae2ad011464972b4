"""May this be spent today? The read model's sums, and what this process has accepted since they were read.

A request reserves the most that each model of its chain may cost, so that a fallback finds its money later.

Several API processes see each other's tasks when the read model has them, some milliseconds later: together they can
exceed a budget by what they accept in that time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import structlog

from adapters.postgres.database import DRIVER_ERRORS, Pool
from application.generations import Reservation
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


class _Reservation:
    """What one accepted request may cost, by whose money it is. `position` is where the log has its task."""

    def __init__(self, amounts: Committed, holders: set["_Reservation"]) -> None:
        self.amounts = amounts
        self.position: int | None = None
        self._holders = holders

    def commit(self, position: int) -> None:
        self.position = position

    def release(self) -> None:
        if self.position is None:
            self._holders.discard(self)


class BudgetGuard:
    """The budgets in force. Without any, nothing is read and every request is accepted."""

    def __init__(self, pool: Pool, budgets: list[Budget], money: ExchangeRates) -> None:
        self._pool = pool
        self._budgets = budgets
        self._money = money
        self._day = ""
        self._committed: Committed = {}
        self._reservations: set[_Reservation] = set()
        self._position: int | None = None
        self._throttle = LogThrottle()

    def reserve(self, project: str | None, models: Sequence[Candidate]) -> Reservation:
        """Set aside what a request may cost at each model that may serve it.

        Raises Rejected `budget_exceeded` for what today's budgets do not allow, and LogUnavailable while the sums of
        today are unknown."""
        if not self._budgets:
            return _Reservation({}, set())
        if self._position is None:
            raise LogUnavailable("What was spent today can't be read at the moment.", retry_after=2)
        today = budget.day_of(datetime.now(UTC))
        if today != self._day:
            self._committed, self._day = {}, today
            self._reservations.clear()
        amounts = budget.admit_all(self._budgets, self._money, self._sums(), project=project, chain=models)
        reservation = _Reservation(amounts, self._reservations)
        self._reservations.add(reservation)
        return reservation

    async def over_budget(self, stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> dict[str, str]:
        """The models that the budgets of the task's day do not allow, each with the reason. Money that the task itself
        holds does not count against it. Raises LogUnavailable while the sums of that day are unknown."""
        if not self._budgets or not others:
            return {}
        try:
            day = await spending.day_of_task(self._pool, stream) or request.at.date()
            position, committed = await spending.read_commitments(self._pool, day, self._money, without=stream)
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
        """Refresh the sums again and again. While the database is away, the last ones stay."""
        while self._budgets:
            try:
                await self.refresh()
                self._throttle.reset()
            except DRIVER_ERRORS as error:
                if self._throttle.should_log():
                    logger.warning("budgets could not be refreshed", error=type(error).__name__)
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Read today's sums. What this process has accepted is added to them until they contain it.

        Raises what the database raises."""
        if not self._budgets:
            return
        day = datetime.now(UTC)
        position, committed = await spending.read_commitments(self._pool, day.date(), self._money)
        if position < (self._position or 0):
            return  # the read model is being built anew: the last sums stay until it has caught up
        self._day, self._position, self._committed = budget.day_of(day), position, committed
        counted = {one for one in self._reservations if one.position is not None and one.position <= position}
        self._reservations.difference_update(counted)

    def _sums(self) -> Committed:
        sums = dict(self._committed)
        for reservation in self._reservations:
            for spender, amount in reservation.amounts.items():
                sums[spender] = sums.get(spender, Decimal(0)) + amount
        return sums
