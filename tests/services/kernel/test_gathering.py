"""Reads that come in together are one statement; everybody gets their own rows, and none is answered with the past."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from services.kernel.database import run
from services.kernel.gathering import GatheredRead
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from tests.conftest import Statements
from tests.factories.stores import make_store

BY_ID = "SELECT id, name FROM stores WHERE id = ANY($1::uuid[])"


async def names(read: GatheredRead, *ids: UUID) -> list[list[str]]:
    return [[row["name"] for row in found] for found in (await read.rows_of(ids)).values()]


async def test_each_gets_their_own(statements: Statements) -> None:
    read = GatheredRead(BY_ID, "id")
    one, two = await make_store(name="One"), await make_store(name="Two")
    statements.clear()

    first, *others = await asyncio.gather(
        names(read, one.id), names(read, two.id), names(read, two.id, one.id), names(read, new_id()), names(read)
    )

    assert (first, others) == ([["One"]], [[["Two"]], [["Two"], ["One"]], [[]], []])
    await statements.count()
    assert statements.queries.count(BY_ID) == 1


async def test_who_comes_while_one_is_under_way_goes_with_the_next(statements: Statements) -> None:
    read = GatheredRead("SELECT id, name, pg_sleep(0.05) FROM stores WHERE id = ANY($1::uuid[])", "id")
    store = await make_store(name="Old")
    statements.clear()
    first = asyncio.create_task(names(read, store.id))
    await asyncio.sleep(0.02)
    await run("UPDATE stores SET name = 'New' WHERE id = $1", store.id)

    later = await asyncio.gather(*(names(read, store.id) for _ in range(10)))

    assert await first == [["Old"]]
    assert later == [[["New"]]] * 10
    assert len([query for query in statements.queries if "pg_sleep" in query]) == 2


async def test_within_a_transaction_one_sees_what_it_wrote() -> None:
    read = GatheredRead(BY_ID, "id")
    store = await make_store(name="Old")

    async with unit_of_work():
        await run("UPDATE stores SET name = 'New' WHERE id = $1", store.id)
        inside, outside = await names(read, store.id), await asyncio.create_task(names(read, store.id))

    assert inside == [["New"]]
    assert outside == [["New"]]


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    read = GatheredRead("SELECT id, name, pg_sleep(0.05) FROM stores WHERE id = ANY($1::uuid[])", "id")
    store = await make_store(name="One")
    gone, stays = asyncio.create_task(names(read, store.id)), asyncio.create_task(names(read, store.id))
    await asyncio.sleep(0.02)

    gone.cancel()

    assert await stays == [["One"]]
    assert gone.cancelled() or gone.cancelling()


async def test_a_failure_is_everybody_s_and_over() -> None:
    read = GatheredRead("SELECT id, 1 / (name = 'One')::int FROM stores WHERE id = ANY($1::uuid[])", "id")
    good, bad = await make_store(name="One"), await make_store(name="Two")

    failed = await asyncio.gather(read.rows_of([bad.id]), read.rows_of([good.id]), return_exceptions=True)

    assert [type(one) for one in failed] == [asyncpg.DivisionByZeroError] * 2
    assert len((await read.rows_of([good.id]))[good.id]) == 1
    with pytest.raises(asyncpg.DivisionByZeroError):
        await read.rows_of([bad.id])
