"""PostgreSQL dies again and again under load: what was acknowledged is there, and the house works on without a hand."""

import asyncio
import signal
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from tests.drills.facts import AT_ANY_TIME, wrongs_at_rest
from tests.drills.houses import DrillHouse, drill_house, send, until, wait_until
from tests.drills.shopper import Shop, Shopper, shop

pytestmark = [pytest.mark.xdist_group("drill_postgres_restarted"), pytest.mark.timeout(240)]
BUYERS = 3
# pg_ctl stop -m immediate sends SIGQUIT to the postmaster.
DEATHS = (signal.SIGQUIT, signal.SIGKILL, signal.SIGQUIT)


@dataclass
class Buyers:
    """People who buy one thing after the other; what they were told is theirs."""

    phones: Shop
    acknowledged: list[str] = field(default_factory=list)
    enough: bool = False

    async def buy_on(self, number: int) -> None:
        shopper = self.phones.shopper(number)
        await shopper.sign_in()
        while not self.enough:
            quote = await shopper.quote()
            answer = await shopper.check_out(quote, f"key-{quote}"[:128])
            self.acknowledged.append(answer["purchase"]["number"])


async def test_nothing_acknowledged_is_lost_when_postgresql_dies_again_and_again(tmp_path: Path) -> None:
    with drill_house(tmp_path) as drill:
        async with shop(drill.url) as phones:
            waiting = phones.shopper(BUYERS)
            await waiting.sign_in()
            buyers = Buyers(phones)
            async with asyncio.TaskGroup() as buying:
                for number in range(BUYERS):
                    buying.create_task(buyers.buy_on(number))
                await _placed(drill)
                for death in DEATHS:
                    await _bought_since(buyers)
                    await _die_and_rise(drill, death, waiting)
                await _bought_since(buyers)
                buyers.enough = True
            # Every call was answered, with data or with the word that it may be said again; none with our insides.
            assert (phones.heard.cuts, phones.heard.statuses, phones.heard.codes) == (0, {200}, {"UNAVAILABLE"})
            assert phones.heard.texts == {"The service is away for a moment."}

        assert drill.fallen() == {}
        connection = await drill.connect()
        await _all_is_there(connection, buyers)
        await connection.close()


async def _placed(drill: DrillHouse) -> None:
    """The worker is at work."""
    connection = await drill.connect()
    await until(lambda: connection.fetchval("SELECT count(*) FROM orders WHERE stage = 'PLACED'"))
    await connection.close()


async def _bought_since(buyers: Buyers) -> None:
    """Everybody, more or less, has bought once more."""
    enough = len(buyers.acknowledged) + BUYERS
    await asyncio.to_thread(wait_until, lambda: len(buyers.acknowledged) >= enough)


async def _die_and_rise(drill: DrillHouse, death: signal.Signals, waiting: Shopper) -> None:
    postgres = drill.pair.postgres
    send(postgres.pid, death)
    await asyncio.to_thread(wait_until, lambda: not postgres.running)
    told = await waiting.say("SetCartTip", input={"tip": {"amount": "1.00", "currency": "EUR"}})
    (error,) = told["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE", "retryAfter": 1.0}
    assert drill.readiness()["status"] == "away"
    await asyncio.to_thread(postgres.start)
    await asyncio.to_thread(wait_until, lambda: drill.readiness().get("status") == "ready")


async def _all_is_there(connection: asyncpg.Connection, buyers: Buyers) -> None:
    assert await wrongs_at_rest(connection, only=AT_ANY_TIME) == {}
    purchases = [row["number"] for row in await connection.fetch("SELECT number FROM purchases")]
    assert sorted(purchases) == sorted(set(buyers.acknowledged))
    assert len(buyers.acknowledged) == len(purchases) >= BUYERS * len(DEATHS)
    assert await connection.fetchval("SELECT count(*) FROM orders WHERE stage = 'PLACED'") == 2 * len(purchases)
    assert await connection.fetchval("SELECT count(*) FROM sandbox_cards_intents WHERE status = 'AUTHORISED'") == len(purchases)
    assert await connection.fetchval("SELECT count(*) FROM events WHERE kind = 'PaymentAuthorised'") == len(purchases)
