"""May this key ask for that, and spend it? Its projects, models and kinds; its tasks in flight; its money.

What it has spent and what is unfinished is read from the read models for each request, and what this process has
accepted since is added. Several API processes see each other's tasks when the read models have them, some milliseconds
later: together they can exceed a limit by what they accept in that time. Keys without limits cost nothing."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import NamedTuple

from adapters.postgres.database import DRIVER_ERRORS, Pool
from application.generations import Reservation, Reserve
from application.ports import LogUnavailable
from domain import budget
from domain.api_key import NO_LIMITS, Caller, KeyLimits, require_within
from domain.base import Rejected
from domain.budget import BudgetUse, Candidate, Committed, ExchangeRates, KeyBudget, Totals
from domain.model import Kind
from projections import spending_days, tasks
from projections.spending_days import CallerSums
from projections.tasks import InFlight

ReserveMoney = Callable[[str | None, Sequence[Candidate]], Reservation]
MAX_HELD = 10_000
UNKNOWN = "What this API key has spent can't be read at the moment."


class _Held:
    """One request of a key that may not be in the read models yet. `position` is where the log has its task."""

    def __init__(self, record: "_Record", amounts: Committed, day: date) -> None:
        self.amounts = amounts
        self.day = day
        self.position: int | None = None
        self._record = record

    def is_behind(self, position: int) -> bool:
        return self.position is None or self.position > position

    def commit(self, position: int) -> None:
        self.position = position

    def release(self) -> None:
        if self.position is None:
            self._record.held.discard(self)


class _Record:
    """What is known of a key with limits: the read models' latest, and what this process has accepted since."""

    def __init__(self) -> None:
        self.spent = CallerSums(0, {})
        self.in_flight = InFlight(0, 0)
        self.held: set[_Held] = set()
        self.reading = asyncio.Lock()
        self.read_at = -1.0  # when the latest reading began, by the clock of the loop


class _Both(NamedTuple):
    """Two reservations as one."""

    first: Reservation
    second: Reservation

    def commit(self, position: int) -> None:
        self.first.commit(position)
        self.second.commit(position)

    def release(self) -> None:
        self.first.release()
        self.second.release()


class KeyLimiter:
    """The limits of all keys."""

    def __init__(self, pool: Pool, money: ExchangeRates) -> None:
        self.rates = money
        self._pool = pool
        self._records: dict[str, _Record] = {}

    async def reserver(self, caller: Caller, others: ReserveMoney) -> Reserve:
        """What reserves for the requests of a caller: within the limits of its key, and with `others`, which reserves
        within the budgets of everybody.

        Raises LogUnavailable while what the key has spent is unknown. The reservation raises Rejected `forbidden` for a
        project, model or kind that is not the key's, `key_busy` for one task too many, `budget_exceeded`."""
        limits = caller.limits
        if limits == NO_LIMITS:
            return lambda _, project, models: others(project, models)
        record = self._records.setdefault(caller.key, _Record())
        if _counts_money(limits) or limits.tasks_in_flight is not None:
            asked_at = asyncio.get_running_loop().time()
            async with record.reading:  # of many who ask at once, few read
                if record.read_at < asked_at:
                    await self._read(record, caller)
        return partial(self._reserve, record, limits, others)

    async def uses(self, caller: Caller) -> list[BudgetUse]:
        """How much of the money of the caller's key is committed, today and this month.

        Raises LogUnavailable while that is unknown."""
        if not _counts_money(caller.limits):
            return []
        record = self._records.setdefault(caller.key, _Record())
        async with record.reading:
            await self._read(record, caller)
        day = datetime.now(UTC).date()
        totals = [self._totals(record, limit, since=since) for limit, since in _money_limits(caller.limits, day)]
        return [use for each in totals for use in budget.uses(each)]

    async def _read(self, record: _Record, caller: Caller) -> None:
        began, month = asyncio.get_running_loop().time(), datetime.now(UTC).date().replace(day=1)
        spent, in_flight = record.spent, record.in_flight
        try:
            if _counts_money(caller.limits):
                spent = await spending_days.read_caller(self._pool, caller.key, since=month)
            if caller.limits.tasks_in_flight is not None:
                in_flight = await tasks.in_flight(self._pool, caller.key)
        except DRIVER_ERRORS as error:
            raise LogUnavailable(UNKNOWN, retry_after=2) from error
        if spent.position < record.spent.position or in_flight.position < record.in_flight.position:
            raise LogUnavailable(UNKNOWN, retry_after=2)  # a read model is being built anew
        record.spent, record.in_flight, record.read_at = spent, in_flight, began
        positions = [spent.position] if _counts_money(caller.limits) else []
        positions += [in_flight.position] if caller.limits.tasks_in_flight is not None else []
        record.held = {held for held in record.held if held.is_behind(min(positions))}

    def _reserve(  # noqa: PLR0917 - the first three are bound, the others are those of `Reserve`
        self,
        record: _Record,
        limits: KeyLimits,
        others: ReserveMoney,
        kind: Kind,
        project: str | None,
        models: Sequence[Candidate],
    ) -> Reservation:
        require_within(limits, kind=kind, project=project, models=[candidate.model for candidate in models])
        if len(record.held) >= MAX_HELD:
            raise LogUnavailable(UNKNOWN, retry_after=2)
        self._require_place(record, limits)
        day = datetime.now(UTC).date()
        amounts: Committed = {}
        for limit, since in _money_limits(limits, day):
            totals = self._totals(record, limit, since=since)
            amounts = budget.admit_all(totals, self.rates, project=project, chain=models)
        reservation = others(project, models)
        held = _Held(record, amounts, day)
        record.held.add(held)
        return _Both(reservation, held)

    def _require_place(self, record: _Record, limits: KeyLimits) -> None:
        most = limits.tasks_in_flight
        if most is None:
            return
        count = record.in_flight.tasks + sum(held.is_behind(record.in_flight.position) for held in record.held)
        if count >= most:
            raise Rejected("key_busy", f"This API key may have {most} unfinished tasks, and has {count}. Wait for one.")

    def _totals(self, record: _Record, limit: KeyBudget, *, since: date) -> Totals:
        totals = Totals([limit])
        for day, sums in record.spent.days.items():
            for day_sum in sums if day >= since else ():
                totals.add(day_sum.committed(self.rates))
        for held in record.held:
            if held.day >= since and held.is_behind(record.spent.position):
                totals.add(held.amounts)
        return totals


def _money_limits(limits: KeyLimits, day: date) -> list[tuple[KeyBudget, date]]:
    """The budgets of a key, each with the day from which on it counts."""
    found: list[tuple[KeyBudget, date]] = []
    if limits.money_per_day is not None:
        found.append((KeyBudget(most=limits.money_per_day), day))
    if limits.money_per_month is not None:
        found.append((KeyBudget(most=limits.money_per_month, monthly=True), day.replace(day=1)))
    return found


def _counts_money(limits: KeyLimits) -> bool:
    return limits.money_per_day is not None or limits.money_per_month is not None
