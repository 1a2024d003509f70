"""A courier: on shift, asked for jobs, riding them along the streets, or not."""

import asyncio
import random
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mobile_contracts.phones.beacon import Beacon
from mobile_contracts.phones.city_map import CityMap, Place, Vehicle, route_between
from mobile_contracts.phones.habits import CourierHabits
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone, moment
from mobile_contracts.phones.refusals import Disappointed, GaveUp, Refused
from mobile_contracts.phones.riding import METRES_PER_SECOND, Ride
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.tally import Tally

Json = dict[str, Any]
AT_THE_COUNTER = 90.0
AT_THE_DOOR = 8 * 60.0 + 5
CALLS = 2
LOOKS_AGAIN_AFTER = 20.0
REFUSALS_IN_ROW = 12
GIVES_BACK_AFTER = timedelta(minutes=5)
"""How long after the promised time a courier stands at a counter where nobody knows the order."""


@dataclass(slots=True)
class Courier:
    """One courier's day."""

    phone: Phone
    vehicle: Vehicle
    beacon: Beacon
    street: Street
    streets: CityMap
    pace: Pace
    draw: random.Random
    habits: CourierHabits
    tally: Tally
    deliveries: list[Json] = field(default_factory=list)
    wanted_stores: frozenset[str] | None = None
    """By name: a courier who came for one delivery declines every other."""
    _work: Json = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _answered: set[str] = field(default_factory=set)
    _finished: set[str] = field(default_factory=set)

    async def live(self) -> None:
        """Work until cancelled; whatever goes wrong on the way is counted, and the day goes on."""
        await self.phone.register_push()
        await self._start_shift()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._shine())
            group.create_task(self._listen())
            while True:
                try:
                    await self._look()
                except Disappointed as trouble:
                    self.tally.trouble("courier", trouble)
                    await self.pace.sleep(LOOKS_AGAIN_AFTER)

    async def go_home(self) -> None:
        """End the shift, unless there is work in hand or it never began."""
        if self.phone.tokens is not None:
            with suppress(Disappointed):
                await self.phone.ask("EndShift")

    async def _start_shift(self) -> None:
        await self.phone.ask("StartShift", {"input": {"vehicle": self.vehicle}})
        self.beacon.on_shift = True
        await self.beacon.send()

    async def _shine(self) -> None:
        while True:
            try:
                await self.beacon.shine()
            except Disappointed as trouble:
                self.tally.trouble("courier", trouble)
                await self.pace.sleep(LOOKS_AGAIN_AFTER)

    async def _listen(self) -> None:
        """Remember what the gateway last said there is to do."""
        while True:
            try:
                async with aclosing(self.phone.follow("CourierWorkChanged", dict)) as works:
                    async for work in works:
                        self._work = work
                        self._changed.set()
            except Disappointed as trouble:
                self.tally.trouble("courier", trouble)
                await self.pace.sleep(LOOKS_AGAIN_AFTER)

    async def _look(self) -> None:
        """Do what there is to do; where there is nothing, wait for it."""
        await self._changed.wait()
        self._changed.clear()
        work = self._work
        if work["delivery"]:
            # What the line said a moment ago may be done by now; and what nobody would take is support's to decide.
            if work["delivery"]["id"] not in self._finished and work["delivery"]["state"] != "UNDELIVERABLE":
                await self._carry(work["delivery"])
        elif work["offer"] and work["offer"]["id"] not in self._answered:
            await self._answer(work["offer"])
        elif not work["online"]:
            # The gateway ends a shift in which offers stay unanswered.
            self.beacon.on_shift = False
            self.tally.note("couriers resting")
            await self.pace.sleep(self.habits.rests.draw(self.draw))
            await self._start_shift()

    async def _answer(self, offer: Json) -> None:
        self._answered.add(offer["id"])
        await self.pace.sleep(self.habits.answers_after.draw(self.draw))
        mood = self.draw.random()
        if mood < self.habits.misses:
            self.tally.note("offers missed")
        elif mood < self.habits.misses + self.habits.declines or not self._wants(offer):
            await self.phone.ask("DeclineJob", {"input": {"offerId": offer["id"], "reason": "too far"}})
            self.tally.note("offers declined")
        else:
            answer = await self.phone.ask("AcceptJob", {"input": {"offerId": offer["id"]}})
            self.tally.note("jobs taken")
            await self._carry(answer["delivery"])

    def _wants(self, offer: Json) -> bool:
        stores = {stop["name"] for stop in offer["stops"] if stop["kind"] == "PICKUP"}
        return self.wanted_stores is None or stores == self.wanted_stores

    async def is_free(self) -> bool:
        """Whether no delivery of an earlier day is still in their hands."""
        return (await self.phone.ask("CourierWork"))["delivery"] is None

    async def _carry(self, delivery: Json | None) -> None:
        """Make the delivery, stop by stop, whatever the gateway says in between."""
        self.beacon.on_a_job = True
        refusals = 0
        try:
            while delivery is not None and (stop := next_stop(delivery)) is not None:
                try:
                    delivery = await self._step(stop)
                    refusals = 0
                except Refused as refused:
                    refusals += 1
                    if refusals > REFUSALS_IN_ROW:
                        raise GaveUp(f"{refused} again and again") from refused
                    self.tally.trouble("courier", refused)
                    await self.pace.sleep(LOOKS_AGAIN_AFTER)
                    delivery = (await self.phone.ask("CourierWork"))["delivery"]
        finally:
            self.beacon.on_a_job = False
        if delivery is not None:
            self._finished.add(delivery["id"])
            self.deliveries.append(delivery)
            self.tally.note("deliveries made" if delivery["state"] == "DELIVERED" else "deliveries ended otherwise")

    async def _step(self, stop: Json) -> Json | None:
        """The next thing to do at or towards a stop; answers the delivery as it is then."""
        if stop["state"] == "WAITING":
            return await self._go(stop)
        if stop["kind"] == "PICKUP":
            return await self._collect(stop)
        return await self._hand_over(stop)

    async def _go(self, stop: Json) -> Json:
        await self._tell("SetOut", stop)
        ride = self._ride_to(place_of(stop))
        await self.beacon.travel(ride)
        await self.pace.sleep(self.habits.parks_for.draw(self.draw))
        try:
            return await self._tell("ArriveAtStop", stop)
        except Refused as refused:
            if refused.problem != "NotAtStopProblem":
                raise
            await self.beacon.stand()
            return await self._tell("ArriveAtStop", stop)

    def _ride_to(self, place: Place) -> Ride:
        route = route_between(self.streets, self.beacon.place, place, self.vehicle)
        return Ride(route, self.pace.now(), METRES_PER_SECOND[self.vehicle])

    async def _collect(self, stop: Json) -> Json | None:
        """Ask at the counter for each order; where they are not ready, look again whether they are still wanted."""
        codes = [await self.street.ask_code(order["number"], AT_THE_COUNTER) for order in stop["orders"]]
        if None in codes:
            delivery: Json | None = (await self.phone.ask("CourierWork"))["delivery"]
            return delivery if delivery is None or self._may_still_come(stop) else await self._give_back(delivery)
        return await self._tell("CollectOrders", stop, codes=codes)

    def _may_still_come(self, stop: Json) -> bool:
        ready_at = [moment(order["readyAt"]) for order in stop["orders"] if order["readyAt"]]
        return not ready_at or self.pace.now() <= max(ready_at) + GIVES_BACK_AFTER

    async def _give_back(self, delivery: Json) -> Json | None:
        """Somebody else may be luckier. Not possible once another order is in the bag."""
        try:
            await self.phone.ask("ReturnJob", {"input": {"deliveryId": delivery["id"], "reason": "nobody knows the order"}})
        except Refused as refused:
            self.tally.trouble("courier", refused)
            return delivery
        self.tally.note("jobs given back")
        return None

    async def _hand_over(self, stop: Json) -> Json | None:
        # One door, one PIN: whichever of the orders it is about.
        pin = await self.street.ask_pin(stop["orders"][0]["number"], AT_THE_DOOR)
        if pin is not None:
            return await self._tell("DeliverOrders", stop, pin=pin)
        for _ in range(CALLS):
            await self.phone.ask("NoteContactAttempt", {"input": {"stopId": stop["id"]}})
        await self._tell("ReportUndeliverable", stop, reason="nobody opened")
        self.tally.note("doors that stayed shut")
        return None

    async def _tell(self, operation: str, stop: Json, **more: Any) -> Json:
        """Press a button of the delivery, with the phone's own time."""
        said = {"stopId": stop["id"], "deviceAt": self.pace.now().isoformat(), **more}
        answer = await self.phone.ask(operation, {"input": said})
        delivery: Json = answer["delivery"]
        return delivery


def next_stop(delivery: Json) -> Json | None:
    """Where to go or what to finish; None when everything is done or called off."""
    return next((stop for stop in delivery["stops"] if stop["state"] in {"WAITING", "AT"}), None)


def place_of(stop: Json) -> Place:
    position = stop["address"]["position"]
    return Place(position["latitude"], position["longitude"])
