"""A consumer: hungry, buys, waits and watches, opens the door."""

import asyncio
import random
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from mobile_contracts.phones.habits import ConsumerHabits
from mobile_contracts.phones.ids import uuid_in
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import Disappointed, GaveUp, Refused
from mobile_contracts.phones.shopping import Shopper
from mobile_contracts.phones.story import OUT_OF_SIGHT, STAGE_OF_EVENT, OrderStory, StageAt
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.tally import Tally

Json = dict[str, Any]
RIGHT_CODE, WRONG_CODE = "1234", "4321"
"""What the sandbox's bank wants to hear, and what a hasty thumb types."""
QUOTES = 3


@dataclass(slots=True)
class Purchase:
    """What the phone knows of a purchase: how it stands, and all that happened to it, heard in order."""

    now: Json
    events: list[Json] = field(default_factory=list)
    # Of the last event told, shown or not: where to go on after a lost line.
    sequence: int = 0

    @property
    def numbers(self) -> list[str]:
        return [order["number"] for order in self.now["orders"]]

    def is_over(self, stages: frozenset[str]) -> bool:
        """Whether each order is at one of these stages and the phone was told so; what it shows may be ahead of that."""
        return all(
            order["stage"] in stages and story.stages[-1:] and story.stages[-1].stage == order["stage"]
            for order, story in zip(self.now["orders"], self.orders(), strict=True)
        )

    def hear(self, update: Json) -> list[Json]:
        """Take a message of the subscription in; answers the events in it."""
        self.now, self.sequence = update["purchase"], update["sequence"]
        events: list[Json] = update["events"]
        self.events += events
        return events

    def orders(self) -> list[OrderStory]:
        """Each order's stages with their times."""
        return [
            OrderStory(
                order["number"],
                order["store"]["name"],
                [
                    StageAt(STAGE_OF_EVENT[event["kind"]], event["recordedAt"])
                    for event in self.events
                    if event["orderId"] == order["id"] and event["kind"] in STAGE_OF_EVENT
                ],
            )
            for order in self.now["orders"]
        ]


@dataclass(slots=True)
class Consumer:
    """One person and their phone."""

    phone: Phone
    shopper: Shopper
    street: Street
    pace: Pace
    draw: random.Random
    habits: ConsumerHabits
    tally: Tally
    _errands: set[asyncio.Task[None]] = field(default_factory=set)

    async def order(self, until: frozenset[str] = OUT_OF_SIGHT) -> Purchase:
        """Order something and wait until every order of it is at one of these stages. Raises Disappointed."""
        if self.phone.tokens is None:
            await self.phone.register_push()
        stores = await self.shopper.fill_cart()
        purchase = Purchase(await self._buy())
        self.tally.note("purchases", f"{purchase.now['number']} at {' and '.join(store['name'] for store in stores)}")
        for store in stores:
            self.street.ring(uuid_in(store["id"]))
        try:
            await self._see_through(purchase, until)
        finally:
            for errand in self._errands:
                errand.cancel()
            for number in purchase.numbers:
                self.street.forget(number)
        return purchase

    async def _buy(self) -> Json:
        cards, shares = zip(*self.habits.cards, strict=True)
        method = self.draw.choices(cards, shares)[0]
        # Not drawn by the seed: a city that lives its day again means new purchases, not repeats of the old ones.
        key = uuid4().hex
        for attempt in range(QUOTES):
            quote = (await self.phone.ask("QuoteCart"))["quote"]
            await self.pace.sleep(self.habits.thinks.draw(self.draw))
            try:
                answer = await self.phone.ask(
                    "CheckOut", {"input": {"quoteId": quote["id"], "method": method, "key": f"{key}-{attempt}"}}
                )
            except Refused as refused:
                if refused.problem not in {"QuoteOutdatedProblem", "QuoteExpiredProblem"}:
                    raise
            else:
                purchase: Json = answer["purchase"]
                return await self._pay(purchase)
        raise GaveUp("prices change too fast")

    async def _pay(self, purchase: Json) -> Json:
        """Do what the bank wants, if anything. A thumb may slip once."""
        if not (purchase["payment"] or {}).get("nextAction"):
            return purchase
        said = {"purchaseId": purchase["id"]}
        if self.draw.random() < self.habits.mistypes_the_code:
            try:
                await self.phone.ask("ConfirmPayment", {"input": {**said, "answer": WRONG_CODE}})
            except Refused as refused:
                if refused.problem != "ConfirmationNotAcceptedProblem":
                    raise
                self.tally.note("codes mistyped")
        confirmed: Json = (await self.phone.ask("ConfirmPayment", {"input": {**said, "answer": RIGHT_CODE}}))["purchase"]
        return confirmed

    async def _see_through(self, purchase: Purchase, until: frozenset[str]) -> None:
        """Watch the purchase, and do what is to be done meanwhile."""

        def where_i_was() -> Json:
            return {"purchaseId": purchase.now["id"], "afterSequence": purchase.sequence}

        async with aclosing(self.phone.follow("PurchaseUpdated", where_i_was)) as updates:
            async for update in updates:
                for event in purchase.hear(update):
                    self._react(purchase, event)
                if purchase.is_over(until):
                    break

    async def missed(self, purchase: Purchase) -> list[int]:
        """Sequences that a line opened now tells of and that were not heard while watching."""
        heard = {event["sequence"] for event in purchase.events}
        whole = self.phone.follow("PurchaseUpdated", lambda: {"purchaseId": purchase.now["id"], "afterSequence": 0})
        async with aclosing(whole) as updates:
            async for update in updates:
                return [event["sequence"] for event in update["events"] if event["sequence"] not in heard]
        return []

    def _react(self, purchase: Purchase, event: Json) -> None:
        if event["kind"] == "CourierArrivedAtDropoff":
            self._do(self._open_door(purchase))
        elif event["kind"] == "OrderPlaced":
            # It may come long after the checkout, when the tablet has gone back to sleep: the push of it wakes it again.
            self.street.ring(next(uuid_in(one["store"]["id"]) for one in purchase.now["orders"] if one["id"] == event["orderId"]))
            if self.draw.random() < self.habits.cancels:
                self._do(self._call_off(event["orderId"]))

    def _do(self, errand: Any) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _open_door(self, purchase: Purchase) -> None:
        if self.draw.random() < self.habits.misses_the_door:
            return
        await self.pace.sleep(self.habits.opens_door_after.draw(self.draw))
        for number in purchase.numbers:
            self.street.say_pin(number, pin_of(purchase.now))

    async def _call_off(self, order_id: str) -> None:
        await self.pace.sleep(self.habits.thinks.draw(self.draw))
        try:
            await self.phone.ask("CancelPurchaseOrder", {"input": {"orderId": order_id, "reason": "I changed my mind."}})
            self.tally.note("orders called off")
        except Disappointed as trouble:
            self.tally.trouble("consumer", trouble)


def pin_of(purchase: Json) -> str:
    """What to say to the courier who stands at the door."""
    at_the_door = [delivery for delivery in purchase["tracking"] if delivery["state"] == "AT_DROPOFF"]
    pin: str = (at_the_door or purchase["tracking"])[-1]["dropOffPin"]
    return pin
