"""The pool of connections: what one borrower leaves behind is nothing to the next."""

import asyncio

from adapters.postgres import open_pool


async def test_a_transaction_that_nobody_ended_does_not_go_on_under_the_next_borrower(database_url: str) -> None:
    """Who is cancelled while a transaction begins leaves it open; what the next one does is committed all the same."""
    async with await open_pool(database_url, size=1) as pool:
        async with pool.acquire() as connection:
            await connection.execute("BEGIN")
        await pool.execute("CREATE TABLE kept (one int)")
        async with await open_pool(database_url, size=1) as others:
            assert await others.fetchval("SELECT to_regclass('kept') IS NOT NULL")


async def test_who_is_cancelled_anywhere_leaves_no_transaction_behind(database_url: str) -> None:
    """However far it has got."""

    async def work(begun: asyncio.Event) -> None:
        begun.set()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_sleep(60)")

    async with await open_pool(database_url, size=1) as pool:
        for turns in range(40):
            begun = asyncio.Event()
            task = asyncio.create_task(work(begun))
            await begun.wait()
            for _ in range(turns // 4):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with pool.acquire() as connection:
                assert not connection.is_in_transaction()
