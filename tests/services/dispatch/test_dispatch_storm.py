"""A storm over several purchases: couriers, support, workers and phones at once, by chance; what must hold holds."""

import asyncio
import random
from collections.abc import Awaitable
from uuid import UUID

import pytest

from services.bootstrap import Ports
from services.dispatch import operations
from services.dispatch.queries import Stop, stops_of, work_of
from services.dispatch.rules import StopKind, Vehicle
from services.kernel import clock as house_clock
from services.kernel.actors import Courier, SupportAgent, SupportLevel
from services.kernel.database import rows
from services.kernel.errors import NotFound, Refusal
from services.kernel.ids import new_id
from services.orders.operations import cancel_order
from services.orders.queries import Purchase
from services.orders.rules import OrderStage
from services.payments import ledger
from services.worker.relay import relay_once
from tests.factories.dispatch import away, make_courier_on_shift, point, put
from tests.factories.orders import make_purchase, orders_of
from tests.factories.stores import RAILWAY_SQUARE
from tests.facts import run_errands

AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L2)
COURIERS, PURCHASES, TURNS = 5, 7, 70


class Storm:
    """Who acts, by chance; whatever is no refusal is remembered."""

    def __init__(self, seed: int, house: Ports, couriers: list[Courier], purchases: list[Purchase]) -> None:
        self.draw = random.Random(seed)
        self.house, self.couriers, self.purchases = house, couriers, purchases
        self.broken: list[BaseException] = []

    async def attempt(self, doing: Awaitable[object]) -> None:
        try:
            await doing
        except (Refusal, NotFound):
            pass
        except Exception as broken:  # noqa: BLE001 - the storm goes on; the test looks at all of them
            self.broken.append(broken)

    async def worker(self) -> None:
        for _ in range(TURNS):
            job = self.draw.choice([operations.start_searches, operations.offer_jobs, operations.expire_offers, self.errands])
            await self.attempt(job())

    async def errands(self) -> None:
        await relay_once(self.house)

    async def support(self) -> None:
        for _ in range(PURCHASES):
            await asyncio.sleep(self.draw.random() / 5)
            order = self.draw.choice(await orders_of(self.draw.choice(self.purchases)))
            await self.attempt(cancel_order(AGENT, order.id, reason="by chance"))

    async def ride(self, courier: Courier) -> None:
        for _ in range(TURNS):
            work = await work_of(courier)
            if work.offer:
                await self.attempt(self._answer(courier, work.offer.id))
            elif work.delivery:
                stops = (await stops_of([work.delivery.id]))[work.delivery.id]
                await self.attempt(self._step(courier, self.draw.choice(stops), work.delivery.drop_off_pin))
                if self.draw.random() < 0.03:
                    await self.attempt(operations.unassign(courier, work.delivery.id, "by chance"))
            elif self.draw.random() < 0.05:
                await self.attempt(operations.end_shift(courier))
                await self.attempt(operations.start_shift(courier, self.draw.choice(list(Vehicle))))

    def _answer(self, courier: Courier, offer_id: UUID) -> Awaitable[object]:
        if self.draw.random() < 0.15:
            return operations.decline_job(courier, offer_id, "by chance")
        return operations.accept_job(courier, offer_id)

    async def _step(self, courier: Courier, stop: Stop, pin: str) -> None:
        await put(courier, (stop.latitude, stop.longitude))
        await self.attempt(operations.set_out(courier, stop.id))
        await self.attempt(operations.arrive_at_stop(courier, stop.id))
        if stop.kind is StopKind.DROPOFF:
            await self.attempt(operations.deliver(courier, stop.id, pin))
        else:
            await self.attempt(operations.collect(courier, stop.id, ["4711"] * len(stop.order_ids)))

    async def phone(self, courier: Courier) -> None:
        for count in range(TURNS):
            await self.attempt(operations.record_positions(courier, [point(RAILWAY_SQUARE, after=count / 100)]))

    async def clock(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0.02)
            house_clock.stand_still_at(house_clock.now() + house_clock.seconds(self.draw.random() * 4))

    async def watch(self) -> None:
        for _ in range(TURNS // 4):
            await asyncio.sleep(0.05)
            await what_must_hold()

    async def blow(self) -> None:
        await asyncio.gather(
            *(self.ride(courier) for courier in self.couriers),
            *(self.phone(courier) for courier in self.couriers),
            *(self.worker() for _ in range(3)),
            self.support(),
            self.clock(),
            self.watch(),
        )


async def what_must_hold() -> None:
    """What no interleaving may break, each as a query that finds nothing."""
    for sql in BROKEN:
        assert [dict(record) for record in await rows(sql)] == [], sql


_HAND = "('ASSIGNED', 'TO_PICKUP', 'AT_PICKUP', 'PICKED_UP', 'TO_DROPOFF', 'AT_DROPOFF', 'RETURNING')"
BROKEN = [
    "SELECT courier_id FROM job_offers WHERE state = 'LIVE' GROUP BY 1 HAVING count(*) > 1",
    "SELECT delivery_id FROM job_offers WHERE state = 'LIVE' GROUP BY 1 HAVING count(*) > 1",
    f"SELECT courier_id FROM deliveries WHERE state IN {_HAND} GROUP BY 1 HAVING count(*) > 1",  # noqa: S608
    # A live offer is of a delivery that is offered, and the other way round.
    (
        "SELECT d.id, d.state FROM deliveries d LEFT JOIN job_offers o ON o.delivery_id = d.id AND o.state = 'LIVE'"
        " WHERE (d.state = 'OFFERED') <> (o.id IS NOT NULL)"
    ),
    # Nobody is asked with a delivery in hand.
    f"SELECT o.id FROM job_offers o JOIN deliveries d USING (courier_id) WHERE d.state IN {_HAND} AND o.state = 'LIVE'",  # noqa: S608
    # An order rides on one delivery at most.
    (
        "SELECT so.order_id FROM stop_orders so JOIN stops s ON s.id = so.stop_id AND s.kind = 'PICKUP'"
        " AND s.state <> 'CANCELLED' JOIN deliveries d ON d.id = s.delivery_id AND d.state <> 'CANCELLED'"
        " GROUP BY 1 HAVING count(*) > 1"
    ),
    # What was handed over was collected at a stop that is done, and the other way round.
    (
        "SELECT o.id, o.stage, s.state FROM orders o JOIN stop_orders so ON so.order_id = o.id"
        " JOIN stops s ON s.id = so.stop_id AND s.kind = 'PICKUP'"
        " WHERE (o.stage IN ('HANDED_OVER', 'DELIVERED')) <> (s.state = 'DONE')"
    ),
    # Whoever works is on shift.
    (
        f"SELECT c.person_id FROM couriers c JOIN deliveries d ON d.courier_id = c.person_id AND d.state IN {_HAND}"  # noqa: S608
        " WHERE c.state = 'OFFLINE'"
    ),
    # A delivery that is over is paid once if it was delivered, and never else.
    (
        "SELECT d.id FROM deliveries d LEFT JOIN ledger_transactions t ON t.reference = d.id AND t.kind = 'courier_pay'"
        " WHERE (d.state = 'DELIVERED') <> (t.id IS NOT NULL)"
    ),
    # The numbers of a purchase's events have no gap.
    "SELECT stream FROM events GROUP BY stream HAVING max(sequence) <> count(*)",
]


@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_over_several_purchases(seed: int, house: Ports) -> None:
    couriers = [await make_courier_on_shift(away(RAILWAY_SQUARE, north=50 * count)) for count in range(COURIERS)]
    purchases = [
        await make_purchase(*[OrderStage.READY] * (1 + count % 3), ready_at=house_clock.now()) for count in range(PURCHASES)
    ]
    for purchase in purchases:
        await operations.plan_purchase(purchase.id)
    storm = Storm(seed, house, couriers, purchases)
    await storm.blow()
    assert storm.broken == []

    await run_errands(house)
    await what_must_hold()
    # Once it is calm nobody rides for an order that fell.
    fallen = await rows(
        "SELECT d.id FROM deliveries d JOIN stops s ON s.delivery_id = d.id AND s.state <> 'CANCELLED'"
        " JOIN stop_orders so ON so.stop_id = s.id JOIN orders o ON o.id = so.order_id"
        " WHERE o.stage = 'CANCELLED' AND d.state <> 'CANCELLED'"
    )
    assert fallen == []
    assert await rows("SELECT id FROM outbox") == []
    assert set((await ledger.sum_of_everything()).values()) <= {0}
    # It was a storm: deliveries went all the way, offers ended, orders fell.
    told = {record["kind"] for record in await rows("SELECT DISTINCT kind FROM events")}
    assert {"DeliveryCompleted", "DeliveryAssigned", "JobOffered", "OrderCancelled"} <= told
