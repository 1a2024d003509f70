"""Valkey is killed, frozen and emptied while people order: orders go on all the same, and the house finds it again by itself."""

import asyncio
import signal
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.drills.crowd import crowd
from tests.drills.facts import wrongs_at_rest
from tests.drills.houses import DrillHouse, drill_house, send, until, wait_until

pytestmark = [pytest.mark.xdist_group("drill_valkey_killed"), pytest.mark.timeout(240)]
SPEED = 90.0
CHANNEL = "pannier:nudges"


async def test_orders_go_on_without_valkey_and_the_house_finds_it_again(tmp_path: Path) -> None:
    with drill_house(tmp_path) as drill:
        valkey = drill.pair.valkey
        async with crowd(drill.url, await drill.clock(SPEED)) as people:
            await _until_heard(drill)
            flying = asyncio.create_task(people.several(2, apart=0.5))
            await asyncio.sleep(1.0)
            send(valkey.pid, signal.SIGSTOP)
            await asyncio.wait_for(people.order(), 90)
            assert drill.readiness() == {"service": "pannier", "status": "ready", "postgresql": "ok", "redis": "away"}
            send(valkey.pid, signal.SIGCONT)
            await _until_heard(drill)

            send(valkey.pid, signal.SIGKILL)
            drill.kill("worker")
            drill.start("worker")
            await asyncio.wait_for(people.order(), 90)
            assert drill.readiness() == {"service": "pannier", "status": "ready", "postgresql": "ok", "redis": "away"}
            valkey.start()
            await _until_heard(drill)

            async with Redis.from_url(drill.pair.redis_url) as client:
                await client.flushall()
            await asyncio.wait_for(people.order(), 90)
            await asyncio.wait_for(flying, 90)

        assert drill.fallen() == {}
        connection = await drill.connect()
        assert await wrongs_at_rest(connection) == {}
        assert await connection.fetchval("SELECT count(*) FROM orders WHERE stage = 'SETTLED'") == 10
        await connection.close()


async def _until_heard(drill: DrillHouse) -> None:
    """Both processes listen to nudges again, and the gateway calls Valkey well."""
    await asyncio.to_thread(wait_until, lambda: drill.readiness().get("redis") == "ok")
    async with Redis.from_url(drill.pair.redis_url) as client:

        async def both_listen() -> bool:
            return bool(await client.pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 2)])

        await until(both_listen)
