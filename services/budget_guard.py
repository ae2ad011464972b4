"""May this be spent today? The read model's sums, and what this process has accepted since they were read.

A request reserves the most that each model of its chain may cost, so that a fallback finds its money later. Whatever
is added or given back changes running totals, so that no request adds up what others spend.

Several API processes see each other's tasks when the read model has them, some milliseconds later: together they can
exceed a budget by what they accept in that time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import structlog

from adapters.postgres.database import DRIVER_ERRORS, Pool
from application.generations import Reservation
from application.log_throttle import LogThrottle
from application.ports import LogUnavailable
from domain import budget
from domain.base import Rejected
from domain.budget import Budget, BudgetKey, BudgetUse, Candidate, Committed, ExchangeRates, Totals
from domain.model import split_model_id
from domain.task.events import Fallback, TaskRequested
from projections import spending, spending_days
from projections.spending_days import DaySum, Mark, SumKey

REFRESH_SECONDS = 0.5
SUMS_AT_ONCE = 2000  # some milliseconds of work, between which requests get their turn

logger = structlog.get_logger("pixel.budgets")


class _Reservation:
    """The maximum cost of one accepted request, for each budget key that may pay. `position` is the log position of
    its task."""

    def __init__(self, amounts: Committed, release: Callable[["_Reservation"], None]) -> None:
        self.amounts = amounts
        self.position: int | None = None
        self._release = release

    def commit(self, position: int) -> None:
        self.position = position

    def release(self) -> None:
        if self.position is None:
            self._release(self)


class BudgetGuard:
    """The budgets in force. Without any, nothing is read and every request is accepted."""

    def __init__(self, pool: Pool, budgets: list[Budget], money: ExchangeRates) -> None:
        self._pool = pool
        self._budgets = budgets
        self._money = money
        self._day = date.min
        self._mark: Mark | None = None  # of the sums of the day below; None before the first
        self._position: int | None = None  # the sums' of any day
        self._sums: dict[SumKey, DaySum] = {}
        self._reservations: set[_Reservation] = set()
        self._totals = Totals(budgets)  # of the sums and the reservations
        self._refreshing = asyncio.Lock()
        self._throttle = LogThrottle()

    def reserve(self, project: str | None, models: Sequence[Candidate]) -> Reservation:
        """Set aside what a request may cost at each model that may serve it.

        Raises Rejected `budget_exceeded` for what today's budgets do not allow, and LogUnavailable while the sums of
        today are unknown."""
        if not self._budgets:
            return _Reservation({}, self._give_back)
        if self._position is None:
            raise LogUnavailable("What was spent today can't be read at the moment.", retry_after=2)
        self._begin_day(datetime.now(UTC).date())
        amounts = budget.admit_all(self._totals, self._money, project=project, chain=models)
        reservation = _Reservation(amounts, self._give_back)
        self._reservations.add(reservation)
        self._totals.add(amounts)
        return reservation

    async def over_budget(self, stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> dict[str, str]:
        """The models that the budgets of the task's day do not allow, each with the reason. Money that the task itself
        holds does not count against it. Raises LogUnavailable while the sums of that day are unknown."""
        if not self._budgets or not others:
            return {}
        try:
            day = await spending.day_of_task(self._pool, stream) or request.at.date()
            found = await spending_days.read_for(self._pool, day, request.project_id, without=stream)
        except DRIVER_ERRORS as error:
            raise LogUnavailable("The sums of the day can't be read at the moment.", retry_after=2) from error
        if self._position is None or found.mark.position < self._position:
            raise LogUnavailable("The sums of the day are being built anew.", retry_after=2)
        totals = Totals(self._budgets)
        for day_sum in found.sums:
            totals.add(day_sum.committed(self._money))
        over: dict[str, str] = {}
        for other in others:
            key = BudgetKey(split_model_id(other.model)[0], request.project_id)
            try:
                budget.admit(totals, self._money, key=key, estimate=other.estimate, model=other.model)
            except Rejected as refusal:
                over[other.model] = refusal.message
        return over

    def uses(self) -> list[BudgetUse]:
        """How much of each budget is committed today. Raises LogUnavailable while the sums of today are unknown."""
        if self._budgets and self._position is None:
            raise LogUnavailable("What was spent today can't be read at the moment.", retry_after=2)
        self._begin_day(datetime.now(UTC).date())
        return budget.uses(self._totals)

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
        """Read today's sums that have changed. What this process has accepted is added to them until they contain it.

        Raises what the database raises."""
        if not self._budgets:
            return
        async with self._refreshing:
            day = datetime.now(UTC).date()
            found = await spending_days.read(self._pool, day, self._mark if day == self._day else None)
            if found.mark.position < (self._position or 0):
                self._mark = None  # the read model is being built anew: the last sums stay until it has caught up
                return
            if day < self._day:
                return  # the day ended meanwhile, and a request has begun the next one
            self._begin_day(day)
            if found.whole:
                await self._replace(found.sums)
            else:
                self._update(found.sums)
            if self._day == day:
                self._mark, self._position = found.mark, found.mark.position
                self._settle(found.mark.position)

    def _begin_day(self, day: date) -> None:
        """Forget the commitments of the day before."""
        if day != self._day:
            self._day, self._mark = day, None
            self._sums, self._reservations, self._totals = {}, set(), Totals(self._budgets)

    async def _replace(self, sums: Sequence[DaySum]) -> None:
        """Count all sums of the day anew. Requests go on in between, and see the old ones until the end."""
        day, totals = self._day, Totals(self._budgets)
        for start in range(0, len(sums), SUMS_AT_ONCE):
            for day_sum in sums[start : start + SUMS_AT_ONCE]:
                totals.add(day_sum.committed(self._money))
            await asyncio.sleep(0)
        if self._day == day:
            self._sums, self._totals = {day_sum.key: day_sum for day_sum in sums}, totals
            for reservation in self._reservations:
                totals.add(reservation.amounts)

    def _update(self, sums: Sequence[DaySum]) -> None:
        for day_sum in sums:
            if before := self._sums.pop(day_sum.key, None):
                self._totals.subtract(before.committed(self._money))
            if day_sum.tasks:
                self._sums[day_sum.key] = day_sum
                self._totals.add(day_sum.committed(self._money))

    def _settle(self, position: int) -> None:
        """Give back the reservations whose tasks are in the sums."""
        for reservation in [each for each in self._reservations if (each.position or position + 1) <= position]:
            self._give_back(reservation)

    def _give_back(self, reservation: _Reservation) -> None:
        """Do nothing for a reservation of the day before."""
        if reservation in self._reservations:
            self._reservations.remove(reservation)
            self._totals.subtract(reservation.amounts)
