"""What phones ask for is known beyond the gateway that was asked, and costs no request a statement."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from api.operators import metrics
from api.operators.usage import KEPT_FOR, Usage, asked_since, keep_adding
from services.kernel.clock import wall
from services.kernel.database import row, run
from tests.conftest import Statements

LABEL = ("consumer", "ios", "1.0.0")


def ask(times: int, operation: str = "Cart", label: tuple[str, str, str] = LABEL) -> None:
    for _ in range(times):
        metrics.count_release("consumer", label, operation)


async def kept() -> Counter[tuple[str, str, str, str]]:
    return await asked_since(wall().date())


async def test_what_is_asked_outlives_the_gateway_that_was_asked(statements: Statements) -> None:
    ask(5)
    first = Usage()  # what was counted before it is another's
    ask(2)
    ask(1, "Store", ("unsaid", "", ""))
    await first.add()
    statements.clear()
    await first.add()
    assert await statements.count() == 0
    second = Usage()
    ask(3)
    await second.add()
    assert await kept() == {(*LABEL, "Cart"): 5, ("unsaid", "", "", "Store"): 1}


async def test_gateways_add_up_at_the_same_moment() -> None:
    gateways = [Usage() for _ in range(6)]
    for number in range(40):
        ask(1, f"Operation{number % 20}")
    await asyncio.gather(*(gateway.add() for gateway in gateways))
    assert set((await kept()).values()) == {12}


async def test_it_is_told_once_more_at_the_end() -> None:
    usage = Usage()
    adding = asyncio.create_task(keep_adding(usage, every=3_600))
    await asyncio.sleep(0)
    ask(4)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    assert await kept() == {(*LABEL, "Cart"): 4}


async def test_days_are_told_apart_and_old_ones_are_forgotten() -> None:
    today = wall().date()
    for ago in (0, 1, 29, KEPT_FOR.days + 1):
        day = today - timedelta(days=ago)
        await run("INSERT INTO release_usage VALUES ($1, 'consumer', 'ios', '1.0.0', 'Cart', 10)", day)
    usage = Usage()
    ask(1)
    await usage.add()
    assert await asked_since(today) == {(*LABEL, "Cart"): 11}
    assert await asked_since(today - timedelta(days=29)) == {(*LABEL, "Cart"): 31}
    left = await row("SELECT count(*) AS days FROM release_usage")
    assert left is not None
    assert left["days"] == 3
