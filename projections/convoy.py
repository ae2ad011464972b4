"""Several builds that read the whole log go side by side: each page is read and decoded once for all of them."""

import asyncio
from collections.abc import Iterable

from application.log_tail import Page
from application.ports import Log
from application.shared_task import shared_task


class Convoy:
    """Gives each page to all members that are behind the same position, when every member has asked for one.

    While they fold a page the next one is read. At most two pages are in memory."""

    def __init__(self, log: Log, *, members: int) -> None:
        self._log = log
        self._members = members
        self._asked: dict[asyncio.Future[Page], tuple[int, int]] = {}
        self._ahead: tuple[tuple[int, int], asyncio.Task[Page]] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def read(self, after: int, limit: int) -> Page:
        """Up to `limit` events behind a position. Raises LogUnavailable."""
        answer: asyncio.Future[Page] = asyncio.get_running_loop().create_future()
        self._asked[answer] = (after, limit)
        self._go_on()
        try:
            return await answer
        finally:
            self._asked.pop(answer, None)

    def leave(self) -> None:
        """A member asks for no more pages: the others do not wait for it."""
        self._members -= 1
        self._go_on()

    def _go_on(self) -> None:
        if self._reading is None and self._asked and len(self._asked) >= self._members:
            self._reading = asyncio.create_task(self._read(min(self._asked.values())))
        if self._members == 0 and self._ahead is not None:
            self._ahead[1].cancel()
            self._ahead = None

    async def _read(self, wanted: tuple[int, int]) -> None:
        waiting = [answer for answer, asked in self._asked.items() if asked == wanted]
        try:
            page = await self._page(wanted)
        except Exception as error:  # noqa: BLE001 - handed on to those who wait
            _answer(waiting, error)
        else:
            _answer(waiting, page)
        finally:
            self._reading = None

    async def _page(self, wanted: tuple[int, int]) -> Page:
        after, limit = wanted
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == wanted:
            page = (await ahead[1])._replace(is_last=False)  # there may be more since it was read
        else:
            if ahead is not None:
                ahead[1].cancel()
            page = await self._fetch(after, limit)
        if len(page.events) == limit:
            following = (page.events[-1].position, limit)
            self._ahead = (following, shared_task(self._fetch(*following)))
        return page

    async def _fetch(self, after: int, limit: int) -> Page:
        events = await self._log.read(after, limit)
        return Page(events, is_last=len(events) < limit)


def _answer(waiting: Iterable["asyncio.Future[Page]"], result: Page | Exception) -> None:
    for answer in waiting:
        if answer.done():
            continue
        if isinstance(result, Exception):
            answer.set_exception(result)
        else:
            answer.set_result(result)
