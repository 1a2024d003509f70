"""The gateway is killed in the middle of checkouts: the same key again gives one purchase and one hold of the money."""

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.drills.houses import DrillHouse, drill_house, until
from tests.drills.shopper import Shopper, people_with_quotes, shop

pytestmark = [pytest.mark.xdist_group("drill_gateway_killed"), pytest.mark.timeout(240)]
ROUNDS, AT_ONCE = 3, 4


@dataclass
class Try:
    """One consumer's checkout: what was answered to the first call, if anything was."""

    shopper: Shopper
    quote_id: str
    key: str
    first: dict[str, Any] | None = None


async def test_a_checkout_cut_off_by_a_killed_gateway_is_one_purchase_however_often_it_is_sent(tmp_path: Path) -> None:
    draw = random.Random(5)
    with drill_house(tmp_path) as drill:
        connection = await drill.connect()
        async with shop(drill.url) as phones:
            cut = 0
            for number in range(ROUNDS):
                tries = [
                    Try(shopper, quote, f"checkout-{shopper.number}")
                    for shopper, quote in await people_with_quotes(phones, range(number * AT_ONCE, (number + 1) * AT_ONCE))
                ]
                cut += await _cut_off(drill, tries, draw.uniform(0.0, 0.15))
                drill.start("gateway")
                await _replayed(tries)
            await _one_of_each(connection)
            assert cut > 0, "no checkout was cut off: the drill proved nothing"
        await connection.close()


async def _cut_off(drill: DrillHouse, tries: list[Try], after: float) -> int:
    """Kill the gateway while they all check out; answers how many got no answer."""
    calls = [asyncio.create_task(_first(one)) for one in tries]
    await asyncio.sleep(after)
    drill.kill("gateway")
    await asyncio.gather(*calls)
    return sum(one.first is None for one in tries)


async def _first(one: Try) -> None:
    one.first = await one.shopper.check_out_once(one.quote_id, one.key)


async def _replayed(tries: list[Try]) -> None:
    """Everybody sends the same again, twice at once: all hear of one purchase."""
    for one in tries:
        again = await asyncio.gather(*(one.shopper.check_out(one.quote_id, one.key) for _ in range(2)))
        heard = {answer["purchase"]["number"] for answer in [*again, *([one.first] if one.first else [])]}
        assert len(heard) == 1


async def _one_of_each(connection: asyncpg.Connection) -> None:
    await until(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM orders WHERE stage <> 'PLACED')"))
    people = ROUNDS * AT_ONCE
    assert await connection.fetchval("SELECT count(*) FROM purchases") == people
    assert await connection.fetchval("SELECT count(DISTINCT consumer_id) FROM purchases") == people
    assert await connection.fetchval("SELECT count(*) FROM payments WHERE state = 'AUTHORISED'") == people
    assert await connection.fetchval("SELECT count(*) FROM sandbox_cards_intents WHERE status = 'AUTHORISED'") == people
    assert await connection.fetchval("SELECT count(*) FROM sandbox_cards_movements") == 0
    events = await connection.fetch("SELECT kind, count(*) FROM events WHERE kind = ANY($1) GROUP BY 1 ORDER BY 1", KINDS)
    assert [tuple(row) for row in events] == [
        ("OrderPlaced", 2 * people),
        ("PaymentAuthorised", people),
        ("PurchaseCheckedOut", people),
    ]
    assert await connection.fetchval("SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL") == 0


KINDS = ["OrderPlaced", "PaymentAuthorised", "PurchaseCheckedOut"]
