"""The living city: its people, when they come, and how it ends."""

import asyncio
import random
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from mobile_contracts.phones.arrivals import arrival_offsets, load_profile
from mobile_contracts.phones.city_map import load_addresses, load_city_map
from mobile_contracts.phones.consumer import Consumer
from mobile_contracts.phones.courier import Courier
from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.habits import PEOPLE
from mobile_contracts.phones.once import order_once
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.people import Town
from mobile_contracts.phones.refusals import Disappointed, Refused
from mobile_contracts.phones.story import Story
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.support import Agent
from mobile_contracts.phones.tally import Tally

__all__ = ["Story", "live", "order_once"]

HELSINKI = ZoneInfo("Europe/Helsinki")
BUSINESS_BEGINS = time(10)
"""The profile's source does not say at what hour its day begins; from ten on, its peaks are lunch and dinner."""
AN_ORDER_TAKES_MINUTES = 30
TABLETS_AT_ONCE = 2
OWNERS_UNKNOWN_IN_ROW = 3
CALLERS = 20
PAUSE_AFTER_TROUBLE = 5.0
GOING_HOME = 2.0
TOLD_EVERY = 30.0
KEEPS_UP = 30.0
"""City seconds that an answer may take: a city that runs faster than its machine can follow eats less, until it keeps up."""


async def live(
    gateway_url: str,
    *,
    seed: int,
    consumers: int,
    couriers: int,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
    release: str | None = None,
) -> None:
    """Let people live until SIGINT, SIGTERM or a cancellation; whatever happens to one of them, the others go on."""
    pace = await Pace.taken(now)
    draw = random.Random(f"city:{seed}")
    async with reach(gateway_url, pace, draw, release) as gateway:
        town = Town(gateway, Street(pace), load_city_map(), PEOPLE, Tally(tell), seed)
        city = City(town, pace, draw, consumers, couriers)
        async with _until_told_to_end() as told:
            await city.live(told)
    tell(f"The city sleeps: {town.tally.summary()}.")


@asynccontextmanager
async def _until_told_to_end() -> AsyncIterator[asyncio.Event]:
    """An event that is set by SIGINT or SIGTERM."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    ends = (signal.SIGINT, signal.SIGTERM)
    with suppress(NotImplementedError, RuntimeError):  # not in the main thread, or on a system without them
        for end in ends:
            loop.add_signal_handler(end, told.set)
    try:
        yield told
    finally:
        with suppress(NotImplementedError, RuntimeError):
            for end in ends:
                loop.remove_signal_handler(end)


@dataclass(slots=True)
class City:
    """The people of one town, and the tasks they are."""

    town: Town
    pace: Pace
    draw: random.Random
    consumers: int
    couriers: int
    _idle: list[Consumer] = field(default_factory=list)
    _riding: list[Courier] = field(default_factory=list)
    _callers: deque[str] = field(default_factory=lambda: deque(maxlen=CALLERS))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def live(self, told_to_end: asyncio.Event) -> None:
        self._gather()
        owners = count()
        lives: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("arrivals", self._arrivals),
            ("board", self._tell_now_and_then),
        ]
        lives += [("courier", courier.live) for courier in self._riding]
        lives.append(("support", Agent(self.town.agent_phone(), self._callers, self.pace, self.draw, self.town.tally).live))
        for _ in range(TABLETS_AT_ONCE):
            self._start(self._open_stores(owners))
        for who, life in lives:
            self._start(self._again_and_again(who, life))
        try:
            await told_to_end.wait()
        finally:
            await self._go_home()

    def _gather(self) -> None:
        addresses, corners = load_addresses(), list(self.town.streets.corners.values())
        homes = [address for address in addresses if address.street and address.postcode]
        self._idle = [self.town.consumer(index, self.draw.choice(homes)) for index in range(self.consumers)]
        self._riding = [self.town.courier(index, self.draw.choice(corners)) for index in range(self.couriers)]

    def _start(self, life: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(life)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _again_and_again(self, who: str, life: Callable[[], Awaitable[None]]) -> None:
        """Whoever falls gets up again after a while."""
        while True:
            try:
                await life()
            except Exception as trouble:  # noqa: BLE001 - one person's trouble, whatever it is, must not end the city
                self.town.tally.trouble(who, _first_of(trouble))
            await asyncio.sleep(self.draw.uniform(0.5, 1.5) * PAUSE_AFTER_TROUBLE)

    async def _open_stores(self, owners: Iterator[int]) -> None:
        """Switch the lights on, store by store, for as many as the seed has."""
        unknown = 0
        while unknown < OWNERS_UNKNOWN_IN_ROW:
            tablet = self.town.tablet(next(owners))
            try:
                await tablet.open()
            except Refused:
                unknown += 1
            except Disappointed as trouble:
                self.town.tally.trouble("store", trouble)
            else:
                unknown = 0
                self.town.tally.note("stores open")
                self._start(self._again_and_again("store", tablet.live))

    async def _arrivals(self) -> None:
        """People get hungry in the shape of a real day, as many as keep this many busy at its peak."""
        day = self.pace.now().astimezone(HELSINKI).date()
        while True:
            await self._day(day)
            day += timedelta(days=1)

    async def _day(self, day: date) -> None:
        begins = datetime.combine(day, BUSINESS_BEGINS, HELSINKI)
        for offset in arrival_offsets(self.town.seed + day.toordinal(), self._orders_a_day()):
            moment = begins + timedelta(seconds=offset)
            if moment > self.pace.now():
                await self.pace.sleep_until(moment)
                self._somebody_is_hungry()
        await self.pace.sleep_until(datetime.combine(day + timedelta(days=1), time(), HELSINKI))

    def _orders_a_day(self) -> int:
        busiest = max(load_profile().shares) * AN_ORDER_TAKES_MINUTES / 5
        return round(self.consumers / busiest)

    def _somebody_is_hungry(self) -> None:
        somebody_eats = len(self._idle) < self.consumers
        if somebody_eats and self.town.gateway.answers_in * self.pace.speed > KEEPS_UP:
            self.town.tally.note("stayed hungry: the machine does not keep up")
            return
        if not self._idle:
            self.town.tally.note("hungry while everybody eats")
            return
        consumer = self._idle.pop(self.draw.randrange(len(self._idle)))
        self._start(self._eat(consumer))

    async def _eat(self, consumer: Consumer) -> None:
        try:
            purchase = await consumer.order()
            self._callers.append(purchase.now["number"])
            self.town.tally.note(f"purchases {purchase.now['stage'].lower()}")
        except Exception as trouble:  # noqa: BLE001 - as above
            self.town.tally.trouble("consumer", trouble)
        finally:
            self._idle.append(consumer)

    async def _tell_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(TOLD_EVERY)
            self.town.tally.say(self.town.tally.summary())

    async def _go_home(self) -> None:
        """Everybody lets go of what they do; couriers without work end their shift."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(GOING_HOME):
                await asyncio.gather(*(courier.go_home() for courier in self._riding))


def _first_of(trouble: BaseException) -> BaseException:
    """What happened first inside a group of troubles."""
    while isinstance(trouble, BaseExceptionGroup):
        trouble = trouble.exceptions[0]
    return trouble
