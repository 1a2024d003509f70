"""The stops of a delivery as rows: laid along the orders it brings, kept where nothing changed, taken off where an order fell."""

from dataclasses import asdict
from uuid import UUID

from services.dispatch.models import StopRow
from services.dispatch.queries import Delivery, Stop
from services.dispatch.rules import StopKind, StopState
from services.kernel.database import run
from services.kernel.ids import new_id
from services.kernel.places import Address
from services.orders.queries import Order, Purchase
from services.stores.queries import StoreCard


async def lay_stops(
    delivery: Delivery, stops: list[Stop], orders: list[Order], cards: dict[UUID, StoreCard], purchase: Purchase
) -> None:
    """Let an unassigned delivery have a pick-up for each order, in this order, then the door; what stays keeps its id."""
    present = {stop.order_ids[0]: stop for stop in stops if stop.kind is StopKind.PICKUP and len(stop.order_ids) == 1}
    door = next((stop for stop in stops if stop.kind is StopKind.DROPOFF), None)
    kept = {present[order.id].id for order in orders if order.id in present} | ({door.id} if door else set())
    await _remove([stop.id for stop in stops if stop.id not in kept])
    wanted = [order.id for order in orders]
    made = [_pickup_stop(delivery, wanted.index(order.id), cards[order.store_id]) for order in orders if order.id not in present]
    pairs = [(stop.id, order_id) for stop, order_id in zip(made, [one for one in wanted if one not in present], strict=True)]
    if door is None:
        made.append(_drop_off_stop(delivery, len(orders), purchase.address))
    door_id = door.id if door else made[-1].id
    if made:
        await StopRow.bulk_create(made)
    await _bring(pairs + [(door_id, one) for one in wanted if door is None or one not in door.order_ids])
    if door:
        await _take(door.id, [one for one in door.order_ids if one not in wanted])
    places = {present[one].id: place for place, one in enumerate(wanted) if one in present} | {door_id: len(wanted)}
    await _place({stop.id: places[stop.id] for stop in stops if stop.id in kept and stop.position != places[stop.id]})


async def take_off_stops(delivery_id: UUID, order_id: UUID) -> None:
    """An order leaves the delivery in a courier's hands; a stop where nothing else changes hands is called off."""
    await run(
        "DELETE FROM stop_orders WHERE order_id = $2 AND stop_id IN (SELECT id FROM stops WHERE delivery_id = $1)",
        delivery_id,
        order_id,
    )
    await run(
        "UPDATE stops SET state = 'CANCELLED' WHERE delivery_id = $1 AND state IN ('WAITING', 'AT')"
        " AND NOT EXISTS (SELECT FROM stop_orders o WHERE o.stop_id = stops.id)",
        delivery_id,
    )


async def _remove(stop_ids: list[UUID]) -> None:
    if stop_ids:
        await run("DELETE FROM stop_orders WHERE stop_id = ANY($1::uuid[])", stop_ids)
        await run("DELETE FROM stops WHERE id = ANY($1::uuid[])", stop_ids)


async def _bring(pairs: list[tuple[UUID, UUID]]) -> None:
    if pairs:
        await run(
            "INSERT INTO stop_orders (stop_id, order_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])",
            [stop_id for stop_id, _ in pairs],
            [order_id for _, order_id in pairs],
        )


async def _take(stop_id: UUID, order_ids: list[UUID]) -> None:
    if order_ids:
        await run("DELETE FROM stop_orders WHERE stop_id = $1 AND order_id = ANY($2::uuid[])", stop_id, order_ids)


async def _place(places: dict[UUID, int]) -> None:
    if places:
        await run(
            "UPDATE stops SET position = p.position FROM unnest($1::uuid[], $2::int[]) AS p (id, position) WHERE stops.id = p.id",
            list(places),
            list(places.values()),
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
