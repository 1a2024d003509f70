"""Opening the house: schema, seed, the city's hour, gateway and worker, in the order in which each needs the other."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from api.processes import House, open_house, wait_until_ready
from services import reactions
from services.adapters.floors import check_servers
from services.bootstrap import running
from services.kernel import city_clock
from services.migrations.run import migrate
from services.production import refuse_unfit
from services.seeds.load import seed_city
from services.settings import Settings, settings, use

HELSINKI = ZoneInfo("Europe/Helsinki")
CITY_WAKES, CITY_SLEEPS = time(11, 0), time(20, 30)
_Result = TypeVar("_Result")


def prepare(chosen: Settings, seed: int, *, speed: float, tell: Callable[[str], None], stores: int | None = None) -> None:
    """Bring the database to today's schema, fill it where it is empty, and set the city's clock going."""
    for name in asyncio.run(migrate(chosen.database_url)):
        tell(f"Migrated {name}")
    in_the_house(chosen, seed_city(seed, stores=stores, tell=tell))
    in_the_house(chosen, city_clock.wake(speed, waking_hour))


def start(house: House) -> None:
    """Start gateway and worker, and wait until the gateway is ready."""
    house.start("gateway", "serve")
    house.start("worker", "worker")
    wait_until_ready(house)


def waking_hour(at: datetime) -> datetime:
    """When the city is awake next, seen from `at`: now by day, else eleven in the morning in Helsinki."""
    local = at.astimezone(HELSINKI)
    if CITY_WAKES <= local.time() < CITY_SLEEPS:
        return at
    day = local.date() if local.time() < CITY_WAKES else local.date() + timedelta(days=1)
    return datetime.combine(day, CITY_WAKES, HELSINKI)


def in_the_house(chosen: Settings, errand: Coroutine[Any, Any, _Result]) -> _Result:
    """Run one errand with the database and Redis open."""

    async def run() -> _Result:
        reactions.wire()
        async with running(chosen):
            return await errand

    return asyncio.run(run())


@contextmanager
def servers() -> Iterator[tuple[House, Settings]]:
    """The servers that the settings name, or the embedded pair: that of a running house, or one for this command alone."""
    chosen = settings()
    refuse_unfit(chosen)
    house, chosen = open_house(chosen)
    use(chosen)
    try:
        asyncio.run(check_servers(chosen.database_url, chosen.redis_url))
        yield house, chosen
    finally:
        house.stop()
