"""The whole play in its order; one evening in which every operation of every app is said."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import Random

from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.pace import Pace
from mobile_contracts.rehearsal import (
    accounts,
    browsing,
    editing,
    importing,
    kitchen,
    opening,
    riding,
    shopping,
    support,
    tablets,
)
from mobile_contracts.rehearsal.accounts import Cast
from mobile_contracts.rehearsal.device import Enough, Script, Stage, of_today
from mobile_contracts.rehearsal.notes import Json, Notes


async def rehearse(
    gateway_url: str,
    *,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
    texts: Callable[[str], list[str]],
    script: Script = of_today,
    wanted: frozenset[tuple[str, str]] = frozenset(),
    times_before: int = 0,
) -> Notes:
    """Play it at this gateway; answers all that was said. Raises PlayStopped where the gateway answers otherwise than written.

    Needs the seed's first two stores and last four couriers for itself, and a clock that runs fast. With `wanted` (audience and
    operation) it ends as soon as all of that was answered with success; `times_before`: how often it was played in this house.
    """
    draw = Random(1)
    pace = await Pace.taken(now)
    async with reach(gateway_url, pace, draw) as gateway:
        stage = Stage(gateway, Notes(), tell, texts, script, wanted, times_before)
        with suppress(Enough):
            await _play(accounts.cast_on(stage), tell)
        return stage.notes


async def _play(cast: Cast, tell: Callable[[str], None]) -> None:
    tell("Everybody signs in …")
    await accounts.arrive(cast)
    tell("Two stores open …")
    await tablets.open_stores(cast)
    await editing.edit_menu(cast)
    await importing.bring_menu_in(cast)
    await opening.open_a_store(cast)
    tell("A consumer looks around, fills a cart and pays …")
    stores = await shopping.look_around(cast)
    await browsing.look_for_something(cast, stores)
    await shopping.think_about_it(cast, stores)
    await shopping.pay(cast, stores)
    await kitchen.refuse_one(cast, stores)
    tell("A purchase over two stores is brought …")
    brought = await shopping.order(cast, *stores)
    await _bring(cast, brought)
    tell("A door stays shut …")
    in_vain = await shopping.order(cast, stores[0])
    await _bring_in_vain(cast, in_vain)
    tell("An agent steps in …")
    await support.step_in(cast, await shopping.order(cast, stores[0]))
    await shopping.look_back(cast)
    await browsing.order_the_same_again(cast, brought, in_vain)
    await accounts.leave(cast)


async def _bring(cast: Cast, purchase: Json) -> None:
    """Declined by one courier, returned by the next, taken off the third, brought by the last."""
    one, two, three, four = cast.couriers
    accepted = [await kitchen.accept_slowly(cast.tablets[0]), await kitchen.accept(cast.tablets[1])]
    near = cast.tablets[0].knows["place"]
    await riding.come_on_shift(one, near)
    await riding.hesitate(one)
    await riding.come_on_shift(two, near)
    await riding.return_it(two)
    await riding.come_on_shift(three, near)
    await riding.take_job(three)
    await support.release(cast.agent, purchase)
    await three.say("EndShift")
    await riding.come_on_shift(four, near)
    delivery = await riding.take_job(four)
    await riding.try_the_buttons(four, delivery)
    await _along_the_stops(cast, delivery, accepted)
    await _hand_over(cast, purchase)
    await support.ask_for_help(cast, purchase)


async def _along_the_stops(cast: Cast, delivery: Json, accepted: list[Json]) -> None:
    """Pick up at every store; the first is not ready when the courier comes."""
    courier, door = cast.couriers[-1], delivery["stops"][-1]
    by_number = {order["number"]: (tablet, order) for tablet, order in zip(cast.tablets, accepted, strict=True)}
    for place, stop in enumerate(delivery["stops"][:-1]):
        await riding.ride_to(courier, stop)
        tablet, order = by_number[stop["orders"][0]["number"]]
        if place == 0:
            await courier.refused("CollectOrders", "PickupCodeWrongProblem", stopId=stop["id"], codes=["00000"])
            await courier.refused("CollectOrders", "OrderNotReadyProblem", stopId=stop["id"], codes=[order["pickupCode"]])
        await kitchen.cook(tablet, order)
        await courier.say("CollectOrders", stopId=stop["id"], codes=[order["pickupCode"]])
    await riding.ride_to(courier, door)


async def _hand_over(cast: Cast, purchase: Json) -> None:
    """At the door, against the PIN, while the consumer watches."""
    courier = cast.couriers[-1]
    door = (await courier.ask("CourierWork"))["delivery"]["stops"][-1]["id"]
    await courier.refused("DeliverOrders", "DropOffPinWrongProblem", stopId=door, pin="00000")
    pin = (await cast.consumer.ask("Purchase", id=purchase["id"]))["tracking"][-1]["dropOffPin"]
    sequence = purchase["sequence"]
    async with cast.consumer.following("PurchaseUpdated", purchaseId=purchase["id"], afterSequence=sequence) as next_one:
        await next_one()
        await courier.say("DeliverOrders", stopId=door, pin=pin)
        await next_one()


async def _bring_in_vain(cast: Cast, purchase: Json) -> None:
    """A purchase from one store that nobody takes in."""
    courier = cast.couriers[-1]
    accepted = await kitchen.accept(cast.tablets[0])
    await kitchen.cook(cast.tablets[0], accepted)
    await cast.tablets[0].refused("RejectOrder", "StoreOrderCannotMoveProblem", orderId=accepted["id"], reason="CLOSING")
    await riding.be_at(courier, *_place(cast))
    delivery = await riding.take_job(courier)
    pickup, door = delivery["stops"]
    await riding.ride_to(courier, pickup)
    await courier.say("CollectOrders", stopId=pickup["id"], codes=[accepted["pickupCode"]])
    await riding.ride_to(courier, door)
    await riding.wait_at_the_door(courier, door)
    await support.look_up(cast.agent, purchase["number"])
    await courier.say("EndShift")


def _place(cast: Cast) -> tuple[float, float]:
    near = cast.tablets[0].knows["place"]
    return near["latitude"], near["longitude"]
