"""A house of real processes for a drill: a pair and a port of its own, a small town, and hands to break it with."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from api.processes import House, open_house, wait_until_ready
from services.adapters.embedded import Pair
from services.kernel.clock import Anchor, wall
from services.kernel.database import connection_arguments
from services.settings import Settings

ROOT = Path(__file__).parents[2]
FOUNDED_WITHIN = 60.0
HELD_WITHIN = 30.0
# The drills' clocks: no deadline of the business runs out because a machine is busy, and what a dead worker held is soon free.
PATIENCE = {
    "PANNIER_LEASE": "2",
    "PANNIER_LIMITS__DISPUTE_WINDOW": "60",
    "PANNIER_LIMITS__ACCEPT_WITHIN": "10000",
    "PANNIER_LIMITS__PAY_WITHIN": "10000",
    "PANNIER_LIMITS__QUOTE_VALID_FOR": "10000",
    "PANNIER_LIMITS__STOCK_HELD_FOR": "20000",
    "PANNIER_LIMITS__READY_WITHIN": "20000",
    "PANNIER_LIMITS__OFFER_LASTS": "1200",
    "PANNIER_LIMITS__SEARCH_GIVES_UP_AFTER": "20000",
    "PANNIER_LIMITS__POSITION_IS_FRESH_FOR": "1200",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class DrillHouse:
    """The processes of one house, to be killed and started again by name: gateway, worker."""

    house: House
    settings: Settings

    @property
    def pair(self) -> Pair:
        assert self.house.pair is not None
        return self.house.pair

    @property
    def url(self) -> str:
        return self.settings.gateway_url

    def start(self, name: str) -> None:
        self.house.start(name, {"gateway": "serve"}.get(name, name))
        if name == "gateway":
            wait_until_ready(self.house)

    def kill(self, name: str) -> None:
        """End it by SIGKILL: no farewell."""
        self.end(name, signal.SIGKILL)

    def end(self, name: str, how: signal.Signals = signal.SIGTERM, *, within: float = 10.0) -> int:
        """Send the signal and wait for the end; answers the exit code."""
        child = self.house.children.pop(name)
        child.send_signal(how)
        return child.wait(within)

    def log(self, name: str) -> str:
        return (self.house.logs / f"{name}.log").read_text(errors="replace")

    def fallen(self) -> dict[str, str]:
        """The parts that ended by themselves, each with the end of its log."""
        return {name: self.log(name)[-3_000:] for name, child in self.house.children.items() if child.poll() is not None}

    async def connect(self) -> asyncpg.Connection:
        """A connection of the drill's own, as the owner of the tables."""
        return await asyncpg.connect(**connection_arguments(self.settings.database_url))

    async def clock(self, speed: float) -> Callable[[], datetime]:
        """Let the city run at this speed from now on; answers its clock."""
        connection = await self.connect()
        try:
            before = Anchor(*await connection.fetchrow("SELECT wall, city, speed FROM clock_anchor"))
            at = wall()
            anchor = Anchor(at, before.at(at), speed)
            await connection.execute(
                "UPDATE clock_anchor SET wall = $1, city = $2, speed = $3", anchor.wall, anchor.city, anchor.speed
            )
        finally:
            await connection.close()
        return lambda: anchor.at(datetime.now(UTC))

    def readiness(self) -> Mapping[str, Any]:
        """What /readyz says; an empty one where nobody answers."""
        try:
            told: Mapping[str, Any] = httpx.get(f"{self.url}/readyz", timeout=5.0).json()
        except httpx.HTTPError:
            return {}
        return told


@contextmanager
def drill_house(folder: Path, *, run: tuple[str, ...] = ("gateway", "worker"), **more: str) -> Iterator[DrillHouse]:
    """A founded town with these processes running; all of it ended afterwards."""
    named = Settings(DATABASE_URL="", REDIS_URL="", data_folder=folder, port=free_port())  # type: ignore[call-arg]  # aliases
    house, chosen = open_house(named)
    try:
        house.environment.update(PATIENCE | more)
        subprocess.run(
            [sys.executable, "-m", "tests.drills.founding"], check=True, env=house.environment, cwd=ROOT, timeout=FOUNDED_WITHIN
        )
        drill = DrillHouse(house, chosen)
        for name in run:
            drill.start(name)
        yield drill
    finally:
        house.stop()


def wait_until(holds: Callable[[], bool], within: float = HELD_WITHIN) -> None:
    """Wait for it, or fail."""
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)


async def until(ask: Callable[[], Awaitable[object]], *, within: float = 60.0, every: float = 0.05) -> None:
    """Ask again and again until the answer is true, or fail."""
    async with asyncio.timeout(within):
        while not await ask():  # noqa: ASYNC110 - what is asked stands in another process
            await asyncio.sleep(every)


def send(pid: int | None, what: signal.Signals) -> None:
    """A signal to a server: SIGKILL ends it without farewell, SIGSTOP freezes it, SIGCONT thaws it."""
    assert pid is not None
    os.kill(pid, what)
