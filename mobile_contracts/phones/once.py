"""Exactly one purchase over two stores, from sign-in to settled, as the phones of five people live it."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations

from mobile_contracts.phones.city_map import (
    Address,
    CityMap,
    Place,
    Vehicle,
    load_addresses,
    load_city_map,
    metres_between,
    route_between,
)
from mobile_contracts.phones.consumer import Consumer, Purchase
from mobile_contracts.phones.courier import Courier
from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.habits import EXEMPLARY, MINUTE, Span
from mobile_contracts.phones.ids import uuid_in
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.people import Town
from mobile_contracts.phones.refusals import GaveUp
from mobile_contracts.phones.riding import METRES_PER_SECOND
from mobile_contracts.phones.store import Tablet
from mobile_contracts.phones.story import AT_THE_END, StopStory, Story
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.support import Agent
from mobile_contracts.phones.tally import Tally

STORES_ASKED = 12
A_FEW = 8
STORES_AT_ALL = 480
"""How far the seed's owners reach at least."""
A_FEW_STEPS = 120.0
FIRST_COURIER, LAST_COURIER = 199, 100
COURIERS, ASKED_TOGETHER = 3, 4
"""In a living city others offer their jobs first, and nobody else at the counter may be nearer; one of several is free."""
A_GUEST = 900_000
A_LITTLE_SLOWER = Span(0.3, 0.35)


async def _as_it_is(_answers_in: float) -> None:
    """Leave the clock alone."""


async def order_once(
    gateway_url: str,
    *,
    seed: int,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
    stores: int = STORES_AT_ALL,
    set_pace: Callable[[float], Awaitable[None]] = _as_it_is,
    release: str | None = None,
) -> Story:
    """Let one consumer order from two stores near each other, and tell how it went, to the end. Raises Disappointed.

    Before anybody orders, `set_pace` hears how many seconds of the wall the gateway took to answer, and may set the clock.
    """
    draw = random.Random(f"once:{seed}")
    pace = await Pace.taken(now)
    async with reach(gateway_url, pace, draw, release) as gateway:
        town = Town(gateway, Street(pace), load_city_map(), EXEMPLARY, Tally(tell), seed)
        tablets = await _two_stores(town, draw.sample(range(stores), min(stores, STORES_ASKED)))
        names = " and ".join(tablet.profile["name"] for tablet in tablets)
        tell(f"Ordering from {names} …")
        consumer = town.consumer(A_GUEST + seed % 10_000, _home_near(tablets, town.streets))
        consumer.shopper.wanted_stores = frozenset(tablet.store for tablet in tablets)
        couriers = await _free_couriers(town, tablets)
        await set_pace(gateway.answers_in)
        purchase = await _live_it(consumer, tablets, couriers)
        agent = Agent(town.agent_phone(), deque(), pace, draw, town.tally)
        seen = await agent.look_up(purchase.now["number"])
        missed = await consumer.missed(purchase)
        return _story(purchase, couriers, missed, [entry["kind"] for entry in seen])


async def _live_it(consumer: Consumer, tablets: Sequence[Tablet], couriers: Sequence[Courier]) -> Purchase:
    """The stores at work, couriers on shift, the consumer's whole purchase; then everybody goes home."""
    working = [asyncio.create_task(tablet.live()) for tablet in tablets]
    working += [asyncio.create_task(courier.live()) for courier in couriers]
    ordering = asyncio.create_task(consumer.order(until=AT_THE_END))
    try:
        await asyncio.wait([ordering, *working], return_when=asyncio.FIRST_COMPLETED)
        if not ordering.done():
            _raise_what_happened(working)
        return await ordering
    finally:
        for task in [ordering, *working]:
            task.cancel()
        await asyncio.gather(ordering, *working, return_exceptions=True)
        for courier in couriers:
            await courier.go_home()


def _raise_what_happened(working: Sequence[asyncio.Task[None]]) -> None:
    for task in working:
        if task.done():
            task.result()
            raise GaveUp("somebody went home too early")


async def _free_couriers(town: Town, tablets: Sequence[Tablet]) -> list[Courier]:
    """Couriers for this order alone: a house that was closed in mid-life has jobs open that no store will ever hand over."""
    names, free = frozenset(tablet.profile["name"] for tablet in tablets), list[Courier]()
    for first in range(FIRST_COURIER, LAST_COURIER, -ASKED_TOGETHER):
        asked = [town.courier(index, place_of(tablets[0])) for index in range(first, first - ASKED_TOGETHER, -1)]
        answers = await asyncio.gather(*(courier.is_free() for courier in asked))
        free += [courier for courier, is_free in zip(asked, answers, strict=True) if is_free]
        if free:
            break
    for courier in free:
        courier.wanted_stores = names
    if not free:
        raise GaveUp("every courier has a delivery in hand")
    return free[:COURIERS]


async def _two_stores(town: Town, owners: Sequence[int]) -> tuple[Tablet, Tablet]:
    """Two open stores near each other that are quick: some owners switch their lights on for it, the others go home again."""
    asked = [town.tablet(index) for index in owners]
    await asyncio.gather(*(tablet.come_in() for tablet in asked))
    selling = [tablet for tablet in asked if tablet.profile["takesOrders"]]
    pairs = [pair for pair in combinations(selling, 2) if metres_between(place_of(pair[0]), place_of(pair[1])) > 1]
    if not pairs:
        raise GaveUp("no two stores take orders at this hour")
    chosen = min(sorted(pairs, key=_metres_apart)[:A_FEW], key=lambda pair: _seconds_of(pair, town.streets))
    await asyncio.gather(
        *(tablet.open() for tablet in chosen), *(tablet.phone.sign_out() for tablet in asked if tablet not in chosen)
    )
    first, second = sorted(chosen, key=lambda tablet: tablet.profile["preparationMinutes"])
    # The courier waits at the first to be ready, so that nobody on the same streets is nearer.
    second.habits = replace(second.habits, kitchen=A_LITTLE_SLOWER)
    return first, second


def _metres_apart(pair: tuple[Tablet, Tablet]) -> float:
    return metres_between(place_of(pair[0]), place_of(pair[1]))


def _metres_to_ride(start: Place, end: Place, streets: CityMap) -> float:
    return route_between(streets, start, end, Vehicle.BICYCLE).points[-1].metres


def _seconds_of(pair: tuple[Tablet, Tablet], streets: CityMap) -> float:
    """About how long an order from both takes."""
    ride = _metres_to_ride(place_of(pair[0]), place_of(pair[1]), streets) / min(METRES_PER_SECOND.values())
    kitchen = max(tablet.profile["preparationMinutes"] for tablet in pair) * MINUTE * EXEMPLARY.store.kitchen.longest
    return float(ride + kitchen)


def place_of(tablet: Tablet) -> Place:
    position = tablet.profile["position"]
    return Place(position["latitude"], position["longitude"])


def _home_near(tablets: Sequence[Tablet], streets: CityMap) -> Address:
    """A door that is soon reached from the second store, a few steps away from either."""
    places = [place_of(tablet) for tablet in tablets]
    doors = [
        door
        for door in load_addresses()
        if door.street and door.postcode and all(metres_between(door.place, place) > A_FEW_STEPS for place in places)
    ]
    nearest = sorted(doors, key=lambda door: sum(metres_between(door.place, place) for place in places))[:A_FEW]
    return min(nearest, key=lambda door: _metres_to_ride(places[-1], door.place, streets))


def _story(purchase: Purchase, couriers: Sequence[Courier], missed: list[int], time_line: list[str]) -> Story:
    total = purchase.now["total"]
    return Story(
        purchase=purchase.now["number"],
        purchase_uuid=str(uuid_in(purchase.now["id"])),
        total=f"{total['amount']} {total['currency']}",
        orders=purchase.orders(),
        stops=[
            StopStory(stop["kind"], stop["name"], stop["state"], stop["doneAt"])
            for courier in couriers
            for delivery in courier.deliveries
            for stop in delivery["stops"]
        ],
        sequences=[event["sequence"] for event in purchase.events],
        missed=missed,
        time_line=time_line,
    )
