"""A rolling deploy under orders: gateways are stopped one after the other, their sockets move on, and nobody misses a stage."""

import asyncio
import signal
import time
from pathlib import Path

import httpx
import pytest

from mobile_contracts.phones.story import AT_THE_END
from tests.drills.balancer import balanced
from tests.drills.crowd import crowd
from tests.drills.facts import wrongs_at_rest
from tests.drills.houses import DrillHouse, drill_house, free_port, until

pytestmark = [pytest.mark.xdist_group("drill_rolling"), pytest.mark.timeout(240)]
PEOPLE, ROUNDS, SPEED = 3, 1, 60.0
GONE_WITHIN = 30.0


async def test_a_rolling_deploy_moves_every_socket_and_misses_no_stage(tmp_path: Path) -> None:
    with drill_house(tmp_path) as drill:
        ports = {"gateway": drill.settings.port, "second": free_port()}
        await _start(drill, "second", ports["second"])
        connection = await drill.connect()
        async with balanced(list(ports.values())) as front, crowd(front.url, await drill.clock(SPEED)) as people:
            guests = [people.guest() for _ in range(PEOPLE)]
            ordering = asyncio.gather(*(guest.order(until=AT_THE_END) for guest in guests))
            # Until every store and somebody's purchase is followed over a socket that will have to move.
            await until(lambda: connection.fetchval("SELECT count(*) >= $1 FROM purchases", PEOPLE))
            before = dict(front.given)
            took = [await _roll(drill, name, port) for _ in range(ROUNDS) for name, port in ports.items()]
            purchases = await asyncio.wait_for(ordering, 120)
            missed = [await guest.missed(purchase) for guest, purchase in zip(guests, purchases, strict=True)]

        assert max(took) < GONE_WITHIN
        assert all(front.given[port] > before.get(port, 0) for port in ports.values())
        assert missed == [[]] * PEOPLE
        for purchase in purchases:
            heard = [event["sequence"] for event in purchase.events]
            assert heard == sorted(set(heard))
        assert await wrongs_at_rest(connection) == {}, people.lines
        await connection.close()


async def _roll(drill: DrillHouse, name: str, port: int) -> float:
    """Stop one gateway and start it again; answers how long it took to go."""
    began = time.monotonic()
    await asyncio.to_thread(drill.end, name, signal.SIGTERM, within=GONE_WITHIN)
    took = time.monotonic() - began
    await _start(drill, name, port)
    return took


async def _start(drill: DrillHouse, name: str, port: int) -> None:
    drill.house.environment["PANNIER_PORT"] = str(port)
    drill.house.start(name, "serve")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5.0) as client:

        async def ready() -> bool:
            try:
                return (await client.get("/readyz")).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        await until(ready, within=60.0)
