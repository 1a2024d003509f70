"""Planning: which deliveries a purchase needs, made anew whenever a store answers or an order falls away."""

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from services.dispatch.events import DeliveryCancelled, DeliveryPlanned, JobOfferEnded
from services.dispatch.models import DeliveryRow, StopRow
from services.dispatch.operations.moves import facts, move
from services.dispatch.queries import Delivery, delivery_of, live_offer_of_delivery, lock_unassigned, lock_with_courier, stops_of
from services.dispatch.rules import (
    BEFORE_PICKUP,
    DeliveryState,
    OfferState,
    PickUp,
    StopKind,
    StopState,
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
    search_from = search_start(pickups, timedelta(seconds=settings().limits.search_lead)) if answered else None
    pay = _pay(pickups, purchase.address)
    if delivery is None:
        delivery = await _open_delivery(purchase, pay)
    planned = {order_id for stop in (await stops_of([delivery.id]))[delivery.id] for order_id in stop.order_ids}
    # A search that runs keeps its beginning; only what it brings may change.
    begins = delivery.search_from if delivery.state is not DeliveryState.PLANNED else search_from
    await run("UPDATE deliveries SET search_from = $2, pay = $3 WHERE id = $1", delivery.id, begins, pay)
    await _lay_stops(delivery, [_order_of(wanted, pickup) for pickup in pickups], cards, purchase)
    if planned != {order.id for order in wanted}:
        stops = (await stops_of([delivery.id]))[delivery.id]
        await work.record(DeliveryPlanned(**facts(delivery, stops), order_ids=[order.id for order in wanted]))


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


async def _open_delivery(purchase: Purchase, pay: int) -> Delivery:
    made = await DeliveryRow.create(
        id=new_id(),
        purchase_id=purchase.id,
        consumer_id=purchase.consumer_id,
        state=DeliveryState.PLANNED,
        drop_off_pin=f"{secrets.randbelow(10_000):04}",
        pay=pay,
        currency=purchase.currency,
        created_at=now(),
    )
    return await delivery_of(made.id)


async def _lay_stops(delivery: Delivery, orders: list[Order], cards: dict[UUID, StoreCard], purchase: Purchase) -> None:
    """Write the stops anew; nobody has seen them yet as more than an offer."""
    await run("DELETE FROM stop_orders WHERE stop_id IN (SELECT id FROM stops WHERE delivery_id = $1)", delivery.id)
    await run("DELETE FROM stops WHERE delivery_id = $1", delivery.id)
    stops = [_pickup_stop(delivery, place, cards[order.store_id]) for place, order in enumerate(orders)]
    stops.append(_drop_off_stop(delivery, len(orders), purchase.address))
    await StopRow.bulk_create(stops)
    pairs = [(stop.id, order.id) for stop, order in zip(stops, orders, strict=False)] + [
        (stops[-1].id, order.id) for order in orders
    ]
    await run(
        "INSERT INTO stop_orders (stop_id, order_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])",
        [stop_id for stop_id, _ in pairs],
        [order_id for _, order_id in pairs],
    )


def _pickup_stop(delivery: Delivery, place: int, card: StoreCard) -> StopRow:
    address = Address(card.latitude, card.longitude, f"{card.street} {card.housenumber}".strip(), card.city, card.postcode)
    return _stop(delivery, place, card.name, address, store_id=card.id)


def _drop_off_stop(delivery: Delivery, place: int, address: Address) -> StopRow:
    return _stop(delivery, place, address.street, address, store_id=None)


def _stop(delivery: Delivery, place: int, name: str, address: Address, *, store_id: UUID | None) -> StopRow:
    return StopRow(
        id=new_id(),
        delivery_id=delivery.id,
        kind=StopKind.PICKUP if store_id else StopKind.DROPOFF,
        position=place,
        store_id=store_id,
        name=name,
        latitude=address.latitude,
        longitude=address.longitude,
        address=asdict(address),
        state=StopState.WAITING,
    )


async def drop_order(purchase_id: UUID, order_id: UUID) -> None:
    """Take a fallen order off the delivery of a courier who accepted; the last one before the first pick-up ends the delivery."""
    async with unit_of_work() as work:
        await lock_purchase(purchase_id)
        delivery = await lock_with_courier(purchase_id, order_id)
        if delivery is None:
            return
        await run(
            "DELETE FROM stop_orders WHERE order_id = $2 AND stop_id IN (SELECT id FROM stops WHERE delivery_id = $1)",
            delivery.id,
            order_id,
        )
        await run(
            "UPDATE stops SET state = 'CANCELLED' WHERE delivery_id = $1 AND state IN ('WAITING', 'AT')"
            " AND NOT EXISTS (SELECT FROM stop_orders o WHERE o.stop_id = stops.id)",
            delivery.id,
        )
        left = [stop for stop in (await stops_of([delivery.id]))[delivery.id] if stop.state is not StopState.CANCELLED]
        if not left and delivery.state in BEFORE_PICKUP:
            await cancel_delivery(work, delivery)
        elif delivery.courier_id:
            work.nudge(f"courier:{delivery.courier_id}")


async def cancel_delivery(work: UnitOfWork, delivery: Delivery) -> None:
    """There is nothing left to bring: the courier, or whoever is being asked, is told."""
    stops = (await stops_of([delivery.id]))[delivery.id]
    offer = await live_offer_of_delivery(delivery.id)
    if offer is not None:
        await end_offer(offer.id, OfferState.WITHDRAWN)
        told = facts(delivery, stops) | {"courier_id": offer.courier_id}
        await work.record(JobOfferEnded(**told, offer_id=offer.id, outcome=OfferState.WITHDRAWN))
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
