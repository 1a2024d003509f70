"""A transaction that is given up while it begins costs the pool nothing."""

import asyncio
from typing import Any

from tortoise.connection import get_connections

from services.kernel.database import run
from services.kernel.unit_of_work import unit_of_work

MOMENTS = 40


async def test_a_transaction_cancelled_at_any_moment_gives_its_connection_back() -> None:
    # The first finds its connection open: what is cancelled is BEGIN itself.
    await _work()
    for turns in range(MOMENTS):
        working = asyncio.create_task(_work())
        for _ in range(turns):
            await asyncio.sleep(0)
        working.cancel()
        await asyncio.wait({working})

    assert await _held() == 0


async def test_many_that_are_cancelled_while_they_begin_give_theirs_back() -> None:
    await _work()
    holders = [asyncio.create_task(_work()) for _ in range(MOMENTS)]
    await asyncio.sleep(0)
    for holder in holders:
        holder.cancel()
    await asyncio.wait(holders)

    assert await _held() == 0


async def _work() -> None:
    async with unit_of_work():
        await run("SELECT pg_sleep(0.01)")


async def _held() -> int:
    """How many connections of the pool are in somebody's hands, once what was cancelled has had time to let go."""
    pool: Any = get_connections().get("default")._pool
    for _ in range(100):
        held = pool.get_size() - pool.get_idle_size()
        if not held:
            break
        await asyncio.sleep(0.01)
    return int(held)
