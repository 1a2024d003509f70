"""How a store takes orders on, and whom it brings them to."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kernel.actors import StoreStaff
from services.kernel.errors import BadInput
from services.kernel.unit_of_work import unit_of_work
from services.stores import rules
from services.stores.errors import DeliveryAreaNotAllowed, PreparationTableNotAllowed
from services.stores.events import StoreDeliveryChanged, StoreOrderTakingChanged
from services.stores.operations.changing import change, must_be_allowed
from services.stores.queries import StoreCard, lock_store, store
from services.stores.rules.preparing import LONGEST_PREPARATION, MOST_ROWS, rows_clash

HIGHEST_CAPACITY = 10_000
HIGHEST_AMOUNT = 100_000_000


@dataclass(frozen=True, kw_only=True)
class OrderTaking:
    """How orders are taken on; None: the house's rule for the last order, no end to what is taken on."""

    auto_accept: bool
    preparation_minutes: int
    preparation: Sequence[rules.PreparationRow] = ()
    last_order_minutes: int | None = None
    capacity_orders: int | None = None
    capacity_value: int | None = None


async def change_order_taking(staff: StoreStaff, taking: OrderTaking) -> StoreCard:
    """Orders are taken on like this from now on; the same again changes nothing.

    Raises PreparationTableNotAllowed, BadInput, Forbidden.
    """
    must_be_allowed(staff, "change_order_taking")
    columns = _columns(taking)
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        if all(getattr(card, name) == value for name, value in columns.items()):
            return card
        await change(card.id, **columns)
        await work.record(StoreOrderTakingChanged(store_id=card.id))
        return await store(card.id)


async def change_delivery(
    staff: StoreStaff, *, radius_m: int, area: Sequence[rules.Corner] | None, minimum_basket: int
) -> StoreCard:
    """Goods are brought so far, or within the area drawn, from so much on; the same again changes nothing.

    Raises DeliveryAreaNotAllowed, BadInput, Forbidden.
    """
    must_be_allowed(staff, "change_delivery")
    _check("minimumBasket", minimum_basket, 0, HIGHEST_AMOUNT)
    _check("radiusM", radius_m, rules.SMALLEST_RADIUS_M, rules.LARGEST_RADIUS_M)
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        columns = _reach(card, radius_m, area) | {"minimum_basket": minimum_basket}
        if all(getattr(card, name) == value for name, value in columns.items()):
            return card
        await change(card.id, **columns)
        await work.record(StoreDeliveryChanged(store_id=card.id))
        return await store(card.id)


def _reach(card: StoreCard, radius_m: int, area: Sequence[rules.Corner] | None) -> dict[str, object]:
    if area is None:
        return {"delivery_radius_m": radius_m, "delivery_area": None}
    ring = rules.flat(area)
    corners = rules.corners_of(ring)
    fault = rules.area_fault(card.latitude, card.longitude, corners)
    if fault:
        raise DeliveryAreaNotAllowed(fault)
    return {"delivery_radius_m": rules.radius_around(card.latitude, card.longitude, corners), "delivery_area": ring}


def _columns(taking: OrderTaking) -> dict[str, object]:
    _check("preparationMinutes", taking.preparation_minutes, 1, LONGEST_PREPARATION)
    for row in taking.preparation:
        _check("preparation", row.minutes, 1, LONGEST_PREPARATION)
    if len(taking.preparation) > MOST_ROWS or rows_clash(taking.preparation):
        raise PreparationTableNotAllowed(MOST_ROWS)
    _check("lastOrderMinutes", taking.last_order_minutes, 0, LONGEST_PREPARATION)
    _check("capacityOrders", taking.capacity_orders, 1, HIGHEST_CAPACITY)
    _check("capacityValue", taking.capacity_value, 1, HIGHEST_AMOUNT)
    return {
        "auto_accept": taking.auto_accept,
        "preparation_minutes": taking.preparation_minutes,
        "preparation_windows": rules.preparation_text(taking.preparation),
        "last_order_minutes": taking.last_order_minutes,
        "capacity_orders": taking.capacity_orders,
        "capacity_value": taking.capacity_value,
    }


def _check(field: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise BadInput(f"This is a number from {least} to {most}.", field=field)
