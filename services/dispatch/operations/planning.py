"""Planning: which deliveries a purchase needs, made anew whenever a store answers or an order falls away."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from services.dispatch.events import DeliveryCancelled, DeliveryPlanned, DeliveryReplanned, JobOfferEnded
from services.dispatch.models import DeliveryRow
from services.dispatch.operations.laying import lay_stops, take_off_stops
from services.dispatch.operations.moves import check_move, facts, has_goods, move, next_stop
from services.dispatch.queries import (
    Delivery,
    Stop,
    delivery_of,
    live_offer_of_delivery,
    lock_bringing,
    lock_unassigned,
    stops_of,
)
from services.dispatch.rules import (
    BEFORE_PICKUP,
    UNASSIGNED,
    DeliveryState,
    OfferState,
    PickUp,
    Who,
    courier_pay,
    pickup_order,
    route_length,
    search_start,
)
from services.kernel.clock import now
from services.kernel.database import rows, run
from services.kernel.ids import new_id
from services.kernel.places import Address
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.orders.queries import Order, Purchase, any_purchase, lock_purchase
from services.orders.rules import Fulfilment, OrderStage
from services.settings import settings
from services.stores.queries import StoreCard, store_cards

_TO_BRING = {OrderStage.ACCEPTED, OrderStage.PREPARING, OrderStage.READY}
_UNANSWERED = {OrderStage.PENDING_PAYMENT, OrderStage.SCHEDULED, OrderStage.PLACED}


async def plan_purchase(purchase_id: UUID) -> None:
    """Let the purchase's unassigned delivery have exactly the stops its accepted orders need; doing it again changes nothing.

    The search is due once every store has answered; a delivery without orders is cancelled.
    """
    async with unit_of_work() as work:
        orders = await lock_purchase(purchase_id)
        if orders[0].fulfilment is not Fulfilment.DELIVERY:
            return
        delivery = await lock_unassigned(purchase_id)
        wanted = [order for order in orders if order.stage in _TO_BRING]
        carried = await _orders_in_hands(purchase_id)
        wanted = [order for order in wanted if order.id not in carried]
        if not wanted:
            if delivery is not None:
                await cancel_delivery(work, delivery)
            return
        answered = all(order.stage not in _UNANSWERED for order in orders)
        await _plan(work, delivery, wanted, answered=answered)


async def _orders_in_hands(purchase_id: UUID) -> set[UUID]:
    """Orders that a courier who accepted brings already."""
    found = await rows(
        "SELECT o.order_id FROM stop_orders o JOIN stops s ON s.id = o.stop_id JOIN deliveries d ON d.id = s.delivery_id"
        " WHERE d.purchase_id = $1 AND d.courier_id IS NOT NULL AND s.state <> 'CANCELLED'",
        purchase_id,
    )
    return {record["order_id"] for record in found}


async def _plan(work: UnitOfWork, delivery: Delivery | None, wanted: list[Order], *, answered: bool) -> None:
    cards = {card.id: card for card in await store_cards([order.store_id for order in wanted])}
    purchase = await any_purchase(wanted[0].purchase_id)
    pickups = _pickups(wanted, cards)
    delivery = delivery or await _open_delivery(purchase)
    stops = (await stops_of([delivery.id]))[delivery.id]
    planned = {order_id for stop in stops for order_id in stop.order_ids}
    changed = planned != {order.id for order in wanted}
    if changed and delivery.state is DeliveryState.OFFERED:
        # What was offered is no longer what there is to do: whoever looks at it is not surprised by a tap.
        delivery = await _take_back_offer(work, delivery, stops)
    await _note_plan(delivery, pickups, _pay(pickups, purchase.address), answered=answered)
    await lay_stops(delivery, stops, [_order_of(wanted, pickup) for pickup in pickups], cards, purchase)
    if changed:
        told = facts(delivery, stops) | {"store_ids": [order.store_id for order in wanted]}
        await work.record(DeliveryPlanned(**told, order_ids=[order.id for order in wanted]))


async def _note_plan(delivery: Delivery, pickups: list[PickUp], pay: int, *, answered: bool) -> None:
    search_from = search_start(pickups, timedelta(seconds=settings().limits.search_lead)) if answered else None
    # A search that runs keeps its beginning; only what it brings may change.
    begins = delivery.search_from if delivery.state is not DeliveryState.PLANNED else search_from
    if (begins, pay) != (delivery.search_from, delivery.pay):
        await run("UPDATE deliveries SET search_from = $2, pay = $3 WHERE id = $1", delivery.id, begins, pay)


async def _take_back_offer(work: UnitOfWork, delivery: Delivery, stops: list[Stop]) -> Delivery:
    offer = await live_offer_of_delivery(delivery.id)
    if offer is None:
        return delivery
    await end_offer(offer.id, OfferState.WITHDRAWN)
    told = facts(delivery, stops) | {"courier_id": offer.courier_id}
    event = JobOfferEnded(**told, offer_id=offer.id, outcome=OfferState.WITHDRAWN)
    return await move(work, delivery, DeliveryState.SEARCHING, event, Who.HOUSE)


def _pickups(wanted: list[Order], cards: dict[UUID, StoreCard]) -> list[PickUp]:
    made = (
        PickUp(order.id, order.ready_at or now(), cards[order.store_id].latitude, cards[order.store_id].longitude)
        for order in wanted
    )
    return pickup_order(made)


def _order_of(wanted: list[Order], pickup: PickUp) -> Order:
    return next(order for order in wanted if order.id == pickup.order_id)


def _pay(pickups: list[PickUp], address: Address) -> int:
    points = [(pickup.latitude, pickup.longitude) for pickup in pickups] + [(address.latitude, address.longitude)]
    return courier_pay(route_length(points), len(points), settings().limits)


async def _open_delivery(purchase: Purchase) -> Delivery:
    made = await DeliveryRow.create(
        id=new_id(),
        purchase_id=purchase.id,
        consumer_id=purchase.consumer_id,
        state=DeliveryState.PLANNED,
        drop_off_pin=f"{secrets.randbelow(10_000):04}",
        pay=0,
        currency=purchase.currency,
        created_at=now(),
    )
    return await delivery_of(made.id)


async def drop_order(purchase_id: UUID, order_id: UUID) -> None:
    """Take a fallen order off the delivery of a courier who accepted; the last one before the first pick-up ends the delivery.

    The courier's pay stays what they said yes to. Dropping it again changes nothing. A delivery that nobody accepted yet is left
    to the planning that follows in the same unit of work, and held until then.
    """
    async with unit_of_work() as work:
        await lock_purchase(purchase_id)
        delivery = await lock_bringing(purchase_id, order_id)
        if delivery is None or delivery.state in UNASSIGNED:
            return
        before = (await stops_of([delivery.id]))[delivery.id]
        await take_off_stops(delivery.id, order_id)
        stops = (await stops_of([delivery.id]))[delivery.id]
        if next_stop(stops) is None and delivery.state in BEFORE_PICKUP:
            await _cancel(work, delivery, before)
            return
        left = sorted({one for stop in stops for one in stop.order_ids})
        await work.record(DeliveryReplanned(**facts(delivery, before), order_id=order_id, order_ids=left))
        await _turn_round(delivery, before, stops)


async def _turn_round(delivery: Delivery, before: list[Stop], stops: list[Stop]) -> None:
    """Whoever was on the way to a stop that fell away, or stood there, sets out anew from where they are."""
    heading, following = next_stop(before), next_stop(stops)
    if (
        delivery.state in {DeliveryState.TO_PICKUP, DeliveryState.AT_PICKUP}
        and heading
        and following
        and heading.id != following.id
    ):
        to = DeliveryState.PICKED_UP if has_goods(stops) else DeliveryState.ASSIGNED
        check_move(delivery, to, Who.HOUSE)
        await DeliveryRow.filter(id=delivery.id, state=delivery.state).update(state=to)


async def cancel_delivery(work: UnitOfWork, delivery: Delivery) -> None:
    """There is nothing left to bring: the courier, or whoever is being asked, is told."""
    await _cancel(work, delivery, (await stops_of([delivery.id]))[delivery.id])


async def _cancel(work: UnitOfWork, delivery: Delivery, stops: list[Stop]) -> None:
    offer = await live_offer_of_delivery(delivery.id)
    if offer is not None:
        await end_offer(offer.id, OfferState.WITHDRAWN)
        told = facts(delivery, stops) | {"courier_id": offer.courier_id}
        await work.record(JobOfferEnded(**told, offer_id=offer.id, outcome=OfferState.WITHDRAWN))
    await run("UPDATE stops SET state = 'CANCELLED' WHERE delivery_id = $1 AND state IN ('WAITING', 'AT')", delivery.id)
    await move(work, delivery, DeliveryState.CANCELLED, DeliveryCancelled(**facts(delivery, stops)), Who.HOUSE, finished_at=now())


async def end_offer(offer_id: UUID, state: OfferState, *, reason: str | None = None, at: datetime | None = None) -> bool:
    """End a live offer, once; False if it had ended before."""
    ended = await run(
        "UPDATE job_offers SET state = $2, reason = $3, ended_at = $4 WHERE id = $1 AND state = 'LIVE'",
        offer_id,
        state,
        reason,
        at or now(),
    )
    return ended == 1
