"""Lone statements: each has a connection for itself, none is lost, and one that was cut short is never used again."""

import asyncio
from functools import partial
from typing import Any

import asyncpg
import pytest

from services.kernel.database import connection_arguments
from services.kernel.lone import LoneConnections
from services.settings import Settings


class Opened:
    """Opens real connections and remembers them."""

    def __init__(self, url: str) -> None:
        self._arguments = connection_arguments(url)
        self.connections: list[asyncpg.Connection] = []

    async def __call__(self) -> asyncpg.Connection:
        self.connections.append(await asyncpg.connect(**self._arguments))
        return self.connections[-1]


@pytest.fixture
def opened(house_settings: Settings) -> Opened:
    return Opened(house_settings.database_url)


async def ask(number: int, connection: asyncpg.Connection) -> Any:
    return await connection.fetchval("SELECT $1::int", number)


async def test_a_connection_is_kept_for_the_next_statement(opened: Opened) -> None:
    lone = LoneConnections(opened, 2)

    pids = [await lone.send(lambda one: one.fetchval("SELECT pg_backend_pid()")) for _ in range(3)]

    assert len(set(pids)) == len(opened.connections) == 1
    await lone.close()
    assert opened.connections[0].is_closed()


async def test_there_are_never_more_than_agreed_and_everybody_gets_a_turn(opened: Opened) -> None:
    lone = LoneConnections(opened, 2)

    answers = await asyncio.gather(*(lone.send(partial(ask, number)) for number in range(20)))

    assert answers == list(range(20))
    assert len(opened.connections) == 2
    await lone.close()


async def test_a_statement_cut_short_takes_its_connection_with_it_and_nobody_s_turn(opened: Opened) -> None:
    lone = LoneConnections(opened, 1)
    slow = asyncio.create_task(lone.send(lambda one: one.fetchval("SELECT pg_sleep(30)")))
    waiting = asyncio.create_task(lone.send(lambda one: one.fetchval("SELECT 1")))
    await asyncio.sleep(0.1)

    slow.cancel()

    assert await asyncio.wait_for(waiting, 10) == 1
    assert [one.is_closed() for one in opened.connections] == [True, False]
    await lone.close()


async def test_one_who_stops_waiting_leaves_the_turn_to_the_next(opened: Opened) -> None:
    lone = LoneConnections(opened, 1)
    first = asyncio.create_task(lone.send(lambda one: one.fetchval("SELECT pg_sleep(0.3)")))
    await asyncio.sleep(0.1)
    gone = asyncio.create_task(lone.send(lambda one: one.fetchval("SELECT 1")))
    last = asyncio.create_task(lone.send(lambda one: one.fetchval("SELECT 2")))
    await asyncio.sleep(0)

    gone.cancel()

    assert (await asyncio.wait_for(last, 10), await first) == (2, None)
    await lone.close()


async def test_a_refused_statement_harms_nobody(opened: Opened) -> None:
    lone = LoneConnections(opened, 1)

    with pytest.raises(asyncpg.UndefinedTableError):
        await lone.send(lambda one: one.fetch("SELECT * FROM nowhere"))

    assert await lone.send(lambda one: one.fetchval("SELECT 1")) == 1
    assert len(opened.connections) == 1
    await lone.close()


async def test_a_connection_lost_is_replaced(opened: Opened) -> None:
    lone = LoneConnections(opened, 1)
    await lone.send(lambda one: one.fetchval("SELECT 1"))
    opened.connections[0].terminate()

    assert await lone.send(lambda one: one.fetchval("SELECT 1")) == 1
    assert len(opened.connections) == 2
    await lone.close()
