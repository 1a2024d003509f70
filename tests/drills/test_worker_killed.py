"""The worker is killed again and again while people order: every purchase comes to its end, every effect happens once."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from services.kernel.clock import wall
from tests.drills.crowd import crowd
from tests.drills.facts import wrongs_at_rest
from tests.drills.houses import DrillHouse, drill_house, until

pytestmark = [pytest.mark.xdist_group("drill_worker_killed"), pytest.mark.timeout(240)]
AT_ONCE, KILLS, SPEED = 3, 5, 90.0
LEASE = timedelta(seconds=2)
IN_HAND = "SELECT count(*) FROM outbox WHERE leased_until > $1"


async def test_nothing_is_lost_or_done_twice_when_the_worker_is_killed_again_and_again(tmp_path: Path) -> None:
    draw = random.Random(20)
    with drill_house(tmp_path) as drill:
        connection = await drill.connect()
        async with crowd(drill.url, await drill.clock(SPEED)) as people:
            enough = asyncio.Event()
            ordering = asyncio.gather(*(people.order_on(enough) for _ in range(AT_ONCE)))
            cut = [await _kill_at_work(drill, connection, draw) for _ in range(KILLS)]
            enough.set()
            purchases = [purchase for several in await asyncio.wait_for(ordering, 120) for purchase in several]

        assert await wrongs_at_rest(connection) == {}
        # Errands were really cut short, and not only an idle worker killed.
        assert sum(cut) >= KILLS / 2
        assert len({purchase.now["number"] for purchase in purchases}) == len(purchases)
        assert {order["stage"] for purchase in purchases for order in purchase.now["orders"]} == {"SETTLED"}
        assert await connection.fetchval("SELECT count(*) FROM captures") == 2 * len(purchases)
        await connection.close()


async def _kill_at_work(drill: DrillHouse, connection: asyncpg.Connection, draw: random.Random) -> int:
    """Let the worker work for a moment, and kill it with something in its hands; answers how much was cut."""
    await _until_in_hand(connection)
    await asyncio.sleep(draw.uniform(0.2, 1.2))
    await _until_in_hand(connection)
    drill.kill("worker")
    cut = int(await connection.fetchval(IN_HAND, wall()))
    drill.start("worker")
    return cut


async def _until_in_hand(connection: asyncpg.Connection) -> None:
    """Wait for an errand that is taken from now on: what was leased before may belong to a worker that is dead."""
    began = wall()
    await until(lambda: connection.fetchval(IN_HAND, began + LEASE), every=0.002)
