"""A gateway whose PostgreSQL or Valkey goes away: typed answers at once, and work again by itself."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.adapters.embedded import Pair, start_pair
from services.migrations.run import migrate
from tests.api.apps import Doors, Told

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Standing:
    """A gateway in a process of its own, on a pair of its own."""

    pair: Pair
    doors: Doors
    token: str

    async def me(self) -> Told:
        return await self.doors.ask("consumer", "{ me { name } }", token=self.token)

    async def tip(self) -> Told:
        change = 'mutation { setCartTip(input: {tip: {amount: "1.00", currency: "EUR"}}) { __typename } }'
        return await self.doors.ask("consumer", change, token=self.token)

    async def ready(self) -> tuple[int, dict[str, str]]:
        response = await self.doors.client.get("/readyz")
        told = response.json()
        assert told.pop("service") == "pannier"
        return response.status_code, told


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[Standing]:
    pair = await asyncio.to_thread(start_pair, tmp_path, durable=False)
    try:
        await migrate(pair.database_url)
        async with gateway_on(pair, tmp_path) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
            doors = Doors(client)
            given = await client.post("/dev/sign-in", json={"audience": "consumer", "phone": "+358401234567", "name": "Aino"})
            device = {"idToken": given.json()["idToken"], "device": {"name": "phone", "platform": "IOS"}}
            signed_in = (await doors.run("consumer", "SignIn", {"input": device})).result()
            yield Standing(pair, doors, signed_in["tokens"]["accessToken"])
    finally:
        await asyncio.to_thread(pair.stop)


@asynccontextmanager
async def gateway_on(pair: Pair, folder: Path) -> AsyncIterator[str]:
    """`pannier serve` on a free port; its address once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {
        "DATABASE_URL": pair.database_url,
        "REDIS_URL": pair.redis_url,
        "PANNIER_PORT": str(port),
        "PANNIER_DATA_FOLDER": str(folder),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", "serve", cwd=ROOT, env={**os.environ, **told}, stdout=asyncio.subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while not await answers(client, url):  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.1)
        yield url
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 15) in {0, -15}


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_database_that_goes_away_and_comes_back(standing: Standing) -> None:
    assert (await standing.me()).result() == {"name": "Aino"}
    await asyncio.to_thread(standing.pair.postgres.stop)
    for _ in range(3):
        read, written = await asyncio.gather(standing.me(), standing.tip())
        for answer in (read, written):
            assert (answer.status, answer.data) == (200, None)
            assert answer.errors[0]["extensions"] == {"code": "UNAVAILABLE", "retryAfter": 1.0}
    assert await standing.ready() == (503, {"status": "away", "postgresql": "away", "redis": "ok"})
    assert (await standing.doors.client.get("/healthz")).status_code == 200

    await asyncio.to_thread(standing.pair.postgres.start)
    async with asyncio.timeout(5):
        while (await standing.me()).errors:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.1)
    assert (await standing.tip()).result() == {"__typename": "SetCartTipSuccess"}


async def test_a_valkey_that_goes_away_takes_nothing_with_it(standing: Standing) -> None:
    await asyncio.to_thread(standing.pair.valkey.stop)
    assert await standing.ready() == (200, {"status": "ready", "postgresql": "ok", "redis": "away"})
    assert (await standing.me()).result() == {"name": "Aino"}
    assert (await standing.tip()).result() == {"__typename": "SetCartTipSuccess"}
    await asyncio.to_thread(standing.pair.valkey.start)
    assert await standing.ready() == (200, {"status": "ready", "postgresql": "ok", "redis": "ok"})
