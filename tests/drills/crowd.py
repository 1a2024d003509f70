"""People with phones for a drill: consumers who order from two stores, tablets, couriers; all of them patient, none forgetful."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from mobile_contracts.phones.city_map import load_addresses, load_city_map, metres_between
from mobile_contracts.phones.consumer import Consumer, Purchase
from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.habits import EXEMPLARY
from mobile_contracts.phones.once import place_of
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.people import Town
from mobile_contracts.phones.refusals import Disappointed
from mobile_contracts.phones.store import Tablet
from mobile_contracts.phones.story import AT_THE_END
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.tally import Tally
from tests.drills.founding import COURIERS, PLACES

STREETS_AWAY = 120.0


@dataclass
class Crowd:
    """Who is there, and what they said when something did not work."""

    town: Town
    tablets: list[Tablet]
    lines: list[str]
    _guests: int = 0
    _draw: random.Random = field(default_factory=lambda: random.Random(7))

    async def order(self) -> Purchase:
        """A new consumer orders from two stores, and waits until both orders are settled."""
        return await self.guest().order(until=AT_THE_END)

    def guest(self) -> Consumer:
        """A new consumer who will order from two stores near each other."""
        self._guests += 1
        tablets = self._draw.sample(self.tablets, 2)
        places = [place_of(tablet) for tablet in tablets]
        doors = [
            door
            for door in load_addresses()
            if door.street and door.postcode and all(metres_between(door.place, place) > STREETS_AWAY for place in places)
        ]
        nearest = sorted(doors, key=lambda door: sum(metres_between(door.place, place) for place in places))[:20]
        consumer = self.town.consumer(100 + self._guests, self._draw.choice(nearest))
        consumer.shopper.wanted_stores = frozenset(tablet.store for tablet in tablets)
        return consumer

    async def several(self, count: int, *, apart: float = 0.0) -> list[Purchase]:
        """So many consumers, so many seconds of the wall after each other."""
        running = []
        async with asyncio.TaskGroup() as ordering:
            for _ in range(count):
                running.append(ordering.create_task(self.order()))
                await asyncio.sleep(apart)
        return [task.result() for task in running]

    async def order_on(self, enough: asyncio.Event) -> list[Purchase]:
        """A consumer orders, and when all is settled another one, until it is enough."""
        purchases = []
        while not enough.is_set():
            purchases.append(await self.order())
        return purchases


@asynccontextmanager
async def crowd(url: str, now: Callable[[], datetime]) -> AsyncIterator[Crowd]:
    """Tablets and couriers at work for as long as the block lasts."""
    pace, lines = await Pace.taken(now), list[str]()
    async with reach(url, pace, random.Random(1)) as gateway:
        town = Town(gateway, Street(pace), load_city_map(), EXEMPLARY, Tally(lines.append), seed=1)
        tablets = [town.tablet(number) for number in range(len(PLACES))]
        await asyncio.gather(*(tablet.open() for tablet in tablets))
        couriers = [town.courier(number, place_of(tablets[number % len(tablets)])) for number in range(COURIERS)]
        doings = [tablet.live for tablet in tablets] + [courier.live for courier in couriers]
        lives = [asyncio.create_task(_again_and_again(life, lines)) for life in doings]
        try:
            yield Crowd(town, tablets, lines)
        finally:
            for life in lives:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)


async def _again_and_again(life: Callable[[], Awaitable[None]], lines: list[str]) -> None:
    while True:
        try:
            await life()
        except* Disappointed as troubles:
            lines += [str(trouble) for trouble in troubles.exceptions]
        await asyncio.sleep(0.5)
