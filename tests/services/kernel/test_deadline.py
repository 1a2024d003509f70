"""The deadline reaches PostgreSQL: statements end with it, nothing of them stays, and no connection remembers it."""

import asyncio
import time

import asyncpg
import pytest

from services.bootstrap import Ports
from services.kernel import deadline
from services.kernel.database import row, rows, run
from services.kernel.unit_of_work import unit_of_work

SESSION_DEFAULT = "10s"


async def time_out() -> str:
    found = await row("SELECT current_setting('statement_timeout') AS told")
    assert found is not None
    return str(found["told"])


async def test_a_transaction_is_told_what_is_left_and_no_connection_remembers(house: Ports) -> None:
    with deadline.ends_in(2):
        async with unit_of_work():
            assert 1_900 < int((await time_out()).removesuffix("ms")) <= 2_050
            async with unit_of_work():
                assert (await time_out()).endswith("ms")
    assert await asyncio.gather(*(time_out() for _ in range(20))) == [SESSION_DEFAULT] * 20


async def test_without_a_deadline_the_sessions_own_holds(house: Ports) -> None:
    async with unit_of_work():
        assert await time_out() == SESSION_DEFAULT


async def test_an_inner_deadline_never_lasts_longer_than_the_outer(house: Ports) -> None:
    with deadline.ends_in(1), deadline.ends_in(60):
        left = deadline.statement_time()
        assert left is not None
        assert left <= 1 + deadline.BREATH


async def test_a_lone_read_ends_with_it(house: Ports) -> None:
    began = time.monotonic()
    with deadline.ends_in(0.05), pytest.raises(TimeoutError):
        await rows("SELECT pg_sleep(8)")
    assert time.monotonic() - began < 6
    assert await row("SELECT 1 AS one") is not None


async def test_a_change_that_takes_too_long_is_undone(house: Ports) -> None:
    add = "INSERT INTO feature_probe VALUES (1)"
    async with unit_of_work():
        await run("CREATE TEMPORARY TABLE IF NOT EXISTS feature_probe (one int) ON COMMIT DROP")
        with deadline.ends_in(0.05), pytest.raises((asyncpg.QueryCanceledError, TimeoutError)):
            async with unit_of_work():
                await run(add)
                await rows("SELECT pg_sleep(8)")
        assert await rows("SELECT one FROM feature_probe") == []


async def test_after_the_deadline_nothing_is_sent(house: Ports) -> None:
    with deadline.ends_in(-1):
        with pytest.raises(TimeoutError):
            await row("SELECT 1 AS one")
        with pytest.raises(TimeoutError):
            async with unit_of_work():
                pass
