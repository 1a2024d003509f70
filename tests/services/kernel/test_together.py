"""Work that comes in together is done as one; everybody gets their own answer, and nobody another's failure."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from services.kernel import together
from services.kernel.database import rows
from services.kernel.together import Together
from services.kernel.unit_of_work import unit_of_work
from tests.conftest import Statements

HALVES = "SELECT 100 / n AS part, pg_sleep($2) FROM unnest($1::int[]) WITH ORDINALITY AS a (n, place) ORDER BY place"


class Halving:
    """Divides a hundred by each number in one statement, and remembers which went together."""

    def __init__(self, most: int = 100, sleep: float = 0.02) -> None:
        self.batches: list[list[int]] = []
        self._sleep = sleep
        self.work = Together(self._halve, most)

    async def _halve(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        found = await rows(HALVES, list(numbers), self._sleep / len(numbers))
        return [ValueError("seven") if number == 7 else row["part"] for number, row in zip(numbers, found, strict=True)]

    async def parts(self, *numbers: int) -> list[int | BaseException]:
        return await asyncio.gather(*(self.work.done(number) for number in numbers), return_exceptions=True)


@pytest.fixture(autouse=True)
def _house(statements: Statements) -> None:
    """Everything here talks to a database."""


async def test_what_comes_while_one_is_under_way_goes_together_in_its_order() -> None:
    halving = Halving()
    first = asyncio.create_task(halving.work.done(1))
    await asyncio.sleep(0.005)
    assert (await halving.parts(2, 4, 5, 2), await first) == ([50, 25, 20, 50], 100)
    assert halving.batches == [[1], [2, 4, 5, 2]]


async def test_no_more_go_together_than_may() -> None:
    halving = Halving(most=3)
    assert await halving.parts(1, 2, 3, 4, 5, 6, 8) == [100, 50, 33, 25, 20, 16, 12]
    assert halving.batches == [[1, 2, 3], [4, 5, 6], [8]]


async def test_a_no_to_one_is_nobody_else_s() -> None:
    halving = Halving()
    one, no, other = await halving.parts(1, 7, 2)
    assert (one, type(no), other) == (100, ValueError, 50)


async def test_a_statement_that_one_breaks_is_sent_for_each_alone() -> None:
    halving = Halving()
    one, broken, other = await halving.parts(1, 0, 2)
    assert (one, type(broken), other) == (100, asyncpg.DivisionByZeroError, 50)
    assert halving.batches == [[1, 0, 2], [1], [0], [2]]


async def test_what_takes_too_long_together_is_tried_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "WITHIN", 0.1)
    halving = Halving(sleep=0.3)
    assert [type(one) for one in await halving.parts(1, 2)] == [TimeoutError, TimeoutError]
    assert halving.batches == [[1, 2], [1], [2]]
    halving = Halving(sleep=0)
    assert await halving.parts(1, 2) == [100, 50]


async def test_who_goes_away_before_it_is_begun_has_nothing_done() -> None:
    halving = Halving()
    first = asyncio.create_task(halving.work.done(1))
    await asyncio.sleep(0.005)
    gone, stays = asyncio.create_task(halving.work.done(2)), asyncio.create_task(halving.work.done(4))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays, await first) == (25, 100)
    assert halving.batches == [[1], [4]]


async def test_who_goes_away_meanwhile_takes_nothing_from_the_others() -> None:
    halving = Halving()
    gone, stays = asyncio.create_task(halving.work.done(1)), asyncio.create_task(halving.work.done(2))
    await asyncio.sleep(0.005)
    gone.cancel()
    assert await stays == 50
    assert await halving.work.done(4) == 25


async def test_it_is_no_part_of_a_transaction() -> None:
    async with unit_of_work():
        with pytest.raises(RuntimeError):
            await Halving().work.done(1)
