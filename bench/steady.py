"""Positions at a steady pace: what two thousand a second cost, the gateway and PostgreSQL together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.city import People
from bench.driver import drive
from bench.servers import Server
from bench.works import Work, walking

POSITIONS_A_SECOND = 2_000
SECONDS = 6.0
CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Steady:
    """What a pace cost: cores are CPU seconds a second of the wall; times count from when a call was due."""

    points_a_call: int
    positions_a_second: float
    server_cores: float
    postgres_cores: float
    p50_ms: float
    p99_ms: float


async def measure(server: Server, people: People, points_a_call: int) -> Steady | None:
    """Two thousand positions a second, so many in each call; None where the machine has no room for that pace.

    Raises RuntimeError where one was refused.
    """
    try:
        async with asyncio.timeout(5 * SECONDS):
            return await _measured(server, people, points_a_call)
    except TimeoutError:
        return None


async def _measured(server: Server, people: People, points_a_call: int) -> Steady:
    work, rate = _work(people, points_a_call), POSITIONS_A_SECOND / points_a_call
    await drive(server.port, work.request(), connections=CONNECTIONS, seconds=1, most=10_000, rate=rate / 4)
    before = server.cost()
    load = await drive(server.port, work.request(), connections=CONNECTIONS, seconds=SECONDS, most=100_000, rate=rate)
    cost = server.cost().since(before)
    if load.failed or not load.answered:
        raise RuntimeError(f"{load.failed} of {load.failed + load.answered} calls failed: {load.example[:800]!r}")
    return Steady(
        points_a_call=points_a_call,
        positions_a_second=load.answered * points_a_call / load.seconds,
        server_cores=cost.server / load.seconds,
        postgres_cores=cost.postgres / load.seconds,
        p50_ms=load.quantile(0.5),
        p99_ms=load.quantile(0.99),
    )


def _work(people: People, points_a_call: int) -> Work:
    couriers = people.couriers
    # A courier's calls are so far apart, and their points spread over that time.
    apart = timedelta(seconds=len(couriers) * points_a_call / POSITIONS_A_SECOND)

    def points(_number: int) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {"input": {"points": [walking(now - apart * place / points_a_call) for place in range(points_a_call)]}}

    title = f"positions, {points_a_call} a call"
    return Work("W6", title, "courier", "SendPositions", points, lambda number: couriers[number % len(couriers)])


def show(found: Sequence[Steady], console: Console) -> None:
    """Print a line for each pace."""
    table = Table(title=f"{POSITIONS_A_SECOND:,} courier positions a second, open loop", title_justify="left")
    for heading in ("points a call", "positions a second", "gateway, cores", "with PostgreSQL", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for one in found:
        cores = (f"{one.server_cores:.3f}", f"{one.server_cores + one.postgres_cores:.3f}")
        times = (f"{one.p50_ms:.1f}", f"{one.p99_ms:.1f}")
        table.add_row(str(one.points_a_call), f"{one.positions_a_second:,.0f}", *cores, *times)
    console.print(table)
