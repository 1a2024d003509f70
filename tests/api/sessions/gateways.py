"""Two gateways in processes of their own on one database: one hears the house's nudges, the other PostgreSQL alone."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.adapters.embedded import EmbeddedValkey
from services.settings import Settings
from tests.api.apps import Doors

ROOT = Path(__file__).parents[3]
STARTED_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway's address, and its doors."""

    address: str
    doors: Doors


@dataclass(frozen=True, slots=True)
class Gateways:
    """The one that is told of ended sessions at once, and the one that must look for itself."""

    hearing: Gateway
    deaf: Gateway

    @property
    def both(self) -> tuple[Gateway, Gateway]:
        return self.hearing, self.deaf


@asynccontextmanager
async def two_gateways(settings: Settings, folder: Path) -> AsyncIterator[Gateways]:
    """Both at work until the block ends; they keep the wall's time."""
    # A Redis in which nobody but the deaf one speaks, so that no nudge ever comes.
    silence = EmbeddedValkey(folder, durable=False)
    await asyncio.to_thread(silence.start)
    try:
        async with one_gateway(settings, settings.redis_url) as hearing, one_gateway(settings, silence.url()) as deaf:
            yield Gateways(hearing, deaf)
    finally:
        await asyncio.to_thread(silence.stop)


@asynccontextmanager
async def one_gateway(settings: Settings, redis_url: str) -> AsyncIterator[Gateway]:
    """A gateway in a process of its own, on this Redis, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": redis_url,
        "PANNIER_PROFILE": settings.profile,
        "PANNIER_PORT": str(port),
        "PANNIER_DATA_FOLDER": str(settings.data_folder),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", "serve", cwd=ROOT, env={**os.environ, **told}, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            async with asyncio.timeout(STARTED_WITHIN):
                while not await _ready(client):
                    assert process.returncode is None, "the gateway did not start"
                    await asyncio.sleep(0.1)
            yield Gateway(f"127.0.0.1:{port}", Doors(client))
    finally:
        if process.returncode is None:
            process.terminate()
        assert await asyncio.wait_for(process.wait(), 15) in {0, -15}


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
