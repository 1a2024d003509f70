"""A store at work: its tablet takes orders, its kitchen makes them, its people say the code over the counter."""

import asyncio
import random
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from mobile_contracts.phones.habits import MINUTE, StoreHabits
from mobile_contracts.phones.ids import uuid_in
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import Disappointed, Unreachable
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.tally import Tally

Json = dict[str, Any]
QUIET = 15 * MINUTE
LOOKS_AGAIN_AFTER = 20.0
SHORTEST_KITCHEN = 60.0
RESTOCKED_AFTER = 45 * MINUTE
LATE_BY = 5 * MINUTE


@dataclass(slots=True)
class Tablet:
    """One store's tablet and the people around it. It sleeps while there is nothing to do and wakes when it rings."""

    phone: Phone
    street: Street
    pace: Pace
    draw: random.Random
    habits: StoreHabits
    tally: Tally
    profile: Json = field(default_factory=dict)
    _serving: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _errands: set[asyncio.Task[None]] = field(default_factory=set)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def store(self) -> UUID:
        return uuid_in(self.profile["id"])

    async def come_in(self) -> None:
        """Sign in and look where one is. Raises Refused for whom no store has engaged."""
        await self.phone.sign_in()
        self.profile = await self.phone.ask("StoreProfile")

    async def open(self) -> None:
        """Come to work: be in, say where pushes go, switch the lights on. Raises Refused for whom no store has engaged."""
        if not self.profile:
            await self.come_in()
        await self.phone.register_push()
        self._bell = self.street.open_shop(self.store)

    async def live(self) -> None:
        """Serve whenever it rings, until cancelled. What was left over from before is looked at first."""
        self._bell.set()
        try:
            while True:
                await self._bell.wait()
                await self._be_awake()
        finally:
            self.street.close_shop(self.store)
            for task in [*self._serving.values(), *self._errands]:
                task.cancel()

    async def _be_awake(self) -> None:
        """Follow the queue until it has been empty for a quarter of an hour."""
        watching = asyncio.create_task(self._watch())
        try:
            while self._bell.is_set() or self._serving:
                self._bell.clear()
                await self.pace.sleep(QUIET)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            try:
                async with aclosing(self.phone.follow("StoreOrderQueueChanged", dict)) as queues:
                    async for queue in queues:
                        self._look_at(queue)
            except Disappointed as trouble:
                self.tally.trouble("store", trouble)
                await self.pace.sleep(LOOKS_AGAIN_AFTER)

    def _look_at(self, queue: list[Json]) -> None:
        """Somebody takes care of each order that is new; those that left the queue are forgotten."""
        here = {order["id"] for order in queue}
        for gone in self._serving.keys() - here:
            self._serving.pop(gone).cancel()
        for order in queue:
            if order["id"] not in self._serving:
                self._serving[order["id"]] = asyncio.create_task(self._serve(order))

    async def _serve(self, order: Json) -> None:
        try:
            while True:
                try:
                    return await self._carry_through(order)
                except Unreachable as trouble:
                    # Nobody knows whether it was heard: look how the order stands, and go on from there.
                    self.tally.trouble("store", trouble)
                    await self.pace.sleep(LOOKS_AGAIN_AFTER)
                    order = await self.phone.ask("StoreOrder", {"id": order["id"]})
        except Disappointed as trouble:
            self.tally.trouble("store", trouble)

    async def _carry_through(self, order: Json) -> None:
        """From wherever the order stands to ready on the counter."""
        stage = order["stage"]
        if stage == "PLACED":
            await self.pace.sleep(self.habits.answers_after.draw(self.draw))
            if not await self._accept(order):
                return
            stage = "ACCEPTED"
        if stage == "ACCEPTED":
            await self.pace.sleep(self.habits.starts_after.draw(self.draw))
            await self._tell("StartPreparingOrder", order)
            stage = "PREPARING"
        if stage == "PREPARING":
            await self._cook(order)
            stage = "READY"
        if stage == "READY":
            self.street.say_code(order["number"], order["pickupCode"])

    async def _accept(self, order: Json) -> bool:
        """Take the order, or do not."""
        mood, habits = self.draw.random(), self.habits
        if mood < habits.lets_expire:
            self.tally.note("orders left unanswered")
            return False
        if mood < habits.lets_expire + habits.rejects:
            await self._tell("RejectOrder", order, reason="TOO_BUSY")
            self.tally.note("orders rejected")
            return False
        if mood < habits.lets_expire + habits.rejects + habits.runs_out:
            await self._run_out(order)
            return False
        ready_at = self.pace.now() + timedelta(seconds=self._kitchen_time())
        await self._tell("AcceptOrder", order, readyAt=ready_at.isoformat())
        order["readyAt"] = ready_at.isoformat()
        self.tally.note("orders accepted")
        return True

    def _kitchen_time(self) -> float:
        minutes: int = self.profile["preparationMinutes"]
        return max(SHORTEST_KITCHEN, minutes * MINUTE * self.habits.kitchen.draw(self.draw))

    async def _run_out(self, order: Json) -> None:
        missing = self.draw.choice(order["lines"])["itemId"]
        await self._tell("RejectOrder", order, reason="ITEMS_UNAVAILABLE", itemIds=[missing])
        self.tally.note("items run out")
        errand = asyncio.create_task(self._restock(missing))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _restock(self, item: str) -> None:
        await self.pace.sleep(RESTOCKED_AFTER)
        try:
            await self.phone.ask("MarkItemBack", {"input": {"itemId": item}})
        except Disappointed as trouble:
            self.tally.trouble("store", trouble)

    async def _cook(self, order: Json) -> None:
        promised = self.pace.now().fromisoformat(order["readyAt"])
        if self.draw.random() < self.habits.moves_ready_time:
            promised = max(promised, self.pace.now()) + timedelta(seconds=LATE_BY)
            await self._tell("MoveOrderReadyTime", order, readyAt=promised.isoformat())
            self.tally.note("orders late")
        await self.pace.sleep_until(promised)
        await self._tell("MarkOrderReady", order)

    async def _tell(self, operation: str, order: Json, **more: Any) -> None:
        await self.phone.ask(operation, {"input": {"orderId": order["id"], **more}})
