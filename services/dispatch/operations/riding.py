"""Riding: set out, arrive, collect with the store's code, deliver with the consumer's PIN, or give up at a shut door."""

import hmac
import math
from datetime import datetime, timedelta
from uuid import UUID

from services.dispatch.errors import CannotGiveUpYet, DropOffPinWrong, NotAtStop, PickupCodeWrong, StopNotNext
from services.dispatch.events import (
    ContactAttempted,
    CourierArrivedAtDropoff,
    CourierArrivedAtPickup,
    CourierSetOut,
    DeliveryCompleted,
    DeliveryUndeliverable,
    OrdersPickedUp,
)
from services.dispatch.models import DeliveryRow, StopRow
from services.dispatch.operations.moves import check_move, facts, find_stop, move, next_stop, who
from services.dispatch.queries import Delivery, Stop, lock_delivery, own_delivery_of_stop, position_of, stops_of
from services.dispatch.rules import DeliveryState, StopKind, StopState, at_stop, checked_reason, may_give_up
from services.kernel.actors import Courier
from services.kernel.clock import now
from services.kernel.errors import NotFound
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.orders.operations import complete_order, hand_over, order_undeliverable
from services.orders.queries import lock_purchase, orders_by_ids
from services.payments.ledger import pay_courier
from services.settings import settings

_ON_THE_WAY = {StopKind.PICKUP: DeliveryState.TO_PICKUP, StopKind.DROPOFF: DeliveryState.TO_DROPOFF}
_THERE = {StopKind.PICKUP: DeliveryState.AT_PICKUP, StopKind.DROPOFF: DeliveryState.AT_DROPOFF}
_ARRIVED = {StopKind.PICKUP: CourierArrivedAtPickup, StopKind.DROPOFF: CourierArrivedAtDropoff}


async def set_out(courier: Courier, stop_id: UUID, *, device_at: datetime | None = None) -> Delivery:
    """The courier is on the way to the next stop; saying it again changes nothing.

    Raises StopNotNext, DeliveryCannotMove, NotFound.
    """
    async with unit_of_work(courier, device_at=device_at) as work:
        delivery, stops, stop = await _held(courier, stop_id)
        _check_next(stops, stop)
        to = _ON_THE_WAY[stop.kind]
        if delivery.state is to:
            return delivery
        return await move(
            work, delivery, to, CourierSetOut(**facts(delivery, stops), stop_id=stop_id, stop_kind=stop.kind), who(courier)
        )


async def arrive_at_stop(courier: Courier, stop_id: UUID, *, device_at: datetime | None = None) -> Delivery:
    """The courier stands at the next stop; saying it again changes nothing.

    Raises NotAtStop where the last position says otherwise, StopNotNext, DeliveryCannotMove, NotFound.
    """
    async with unit_of_work(courier, device_at=device_at) as work:
        delivery, stops, stop = await _held(courier, stop_id)
        if stop.state is StopState.AT:
            return delivery
        _check_next(stops, stop)
        check_move(delivery, _THERE[stop.kind], who(courier))
        position = await position_of(courier.person_id)
        away = at_stop(position, stop.latitude, stop.longitude, now(), settings().limits)
        if away is not None:
            raise NotAtStop(stop_id, None if math.isinf(away) else round(away))
        await StopRow.filter(id=stop_id).update(state=StopState.AT, arrived_at=now())
        return await move(
            work, delivery, _THERE[stop.kind], _ARRIVED[stop.kind](**facts(delivery, stops), stop_id=stop_id), who(courier)
        )


async def collect(courier: Courier, stop_id: UUID, codes: list[str], *, device_at: datetime | None = None) -> Delivery:
    """Take the orders of this stop against their codes, all or none; collecting again changes nothing.

    Raises PickupCodeWrong (five tries, then none for five minutes), OrderCannotMove where an order is not ready to go,
    StopNotNext, DeliveryCannotMove, NotFound.
    """
    async with unit_of_work(courier, device_at=device_at) as work:
        delivery, stops, stop = await _held(courier, stop_id)
        if stop.state is StopState.DONE and stop.kind is StopKind.PICKUP:
            return delivery
        _check_next(stops, stop)
        check_move(delivery, DeliveryState.PICKED_UP, who(courier))
        refused = await _check_codes(stop, codes)
        if refused is None:
            await hand_over(courier, stop.order_ids, device_at=device_at)
            await StopRow.filter(id=stop_id).update(state=StopState.DONE, done_at=now())
            event = OrdersPickedUp(**facts(delivery, stops), stop_id=stop_id, order_ids=list(stop.order_ids))
            return await move(work, delivery, DeliveryState.PICKED_UP, event, who(courier))
    # The counted try is kept; only then is it refused.
    raise refused


async def _check_codes(stop: Stop, codes: list[str]) -> PickupCodeWrong | None:
    limits = settings().limits
    if stop.codes_locked_until is not None and now() < stop.codes_locked_until:
        return PickupCodeWrong(stop.id, 0, stop.codes_locked_until)
    expected = sorted(order.collection_code for order in await orders_by_ids(stop.order_ids))
    said = sorted(code.strip() for code in codes)
    if hmac.compare_digest(" ".join(expected).encode(), " ".join(said).encode()):
        return None
    tries_left = limits.pickup_code_tries - stop.wrong_codes - 1
    until = None if tries_left > 0 else now() + timedelta(seconds=limits.pickup_code_lock)
    await StopRow.filter(id=stop.id).update(wrong_codes=stop.wrong_codes + 1 if tries_left > 0 else 0, codes_locked_until=until)
    return PickupCodeWrong(stop.id, max(0, tries_left), until)


async def deliver(courier: Courier, stop_id: UUID, pin: str, *, device_at: datetime | None = None) -> Delivery:
    """Hand the orders over against the consumer's PIN and earn the pay; delivering again changes nothing.

    Raises DropOffPinWrong (five tries), StopNotNext, DeliveryCannotMove, NotFound.
    """
    async with unit_of_work(courier, device_at=device_at) as work:
        delivery, stops, stop = await _held(courier, stop_id)
        if delivery.state is DeliveryState.DELIVERED:
            return delivery
        _check_next(stops, stop)
        check_move(delivery, DeliveryState.DELIVERED, who(courier))
        refused = await _check_pin(delivery, stop, pin)
        if refused is None:
            return await _hand_to_consumer(work, courier, delivery, stops, stop)
    # The counted try is kept; only then is it refused.
    raise refused


async def _check_pin(delivery: Delivery, stop: Stop, pin: str) -> DropOffPinWrong | None:
    tries = settings().limits.pin_tries
    right = hmac.compare_digest(delivery.drop_off_pin.encode(), pin.strip().encode())
    if right and delivery.wrong_pins < tries:
        return None
    wrong = min(delivery.wrong_pins + 1, tries)
    await DeliveryRow.filter(id=delivery.id).update(wrong_pins=wrong)
    return DropOffPinWrong(stop.id, tries - wrong)


async def _hand_to_consumer(work: UnitOfWork, courier: Courier, delivery: Delivery, stops: list[Stop], stop: Stop) -> Delivery:
    for order_id in stop.order_ids:
        await complete_order(courier, order_id)
    await StopRow.filter(id=stop.id).update(state=StopState.DONE, done_at=now())
    await pay_courier(delivery.id, courier.person_id, delivery.pay, delivery.currency, delivery.purchase_id)
    event = DeliveryCompleted(**facts(delivery, stops), stop_id=stop.id, order_ids=list(stop.order_ids))
    return await move(work, delivery, DeliveryState.DELIVERED, event, who(courier), finished_at=now())


async def note_contact_attempt(courier: Courier, stop_id: UUID, *, device_at: datetime | None = None) -> Stop:
    """The courier tried to reach the consumer at the door. Raises StopNotNext unless they stand there, NotFound."""
    async with unit_of_work(courier, device_at=device_at) as work:
        delivery, stops, stop = await _held(courier, stop_id)
        if stop.state is not StopState.AT or stop.kind is not StopKind.DROPOFF:
            following = next_stop(stops)
            raise StopNotNext(stop_id, stop.state, following.id if following else None)
        attempt = stop.contact_attempts + 1
        await StopRow.filter(id=stop_id).update(contact_attempts=attempt)
        await work.record(ContactAttempted(**facts(delivery, stops), stop_id=stop_id, attempt=attempt))
        return find_stop((await stops_of([delivery.id]))[delivery.id], stop_id)


async def report_undeliverable(courier: Courier, stop_id: UUID, reason: str, *, device_at: datetime | None = None) -> Delivery:
    """Give up at a door that stayed shut through the wait and the calls; support takes over.

    Raises CannotGiveUpYet, StopNotNext, DeliveryCannotMove, NotFound, BadInput.
    """
    why = checked_reason(reason)
    async with unit_of_work(courier, reason=why, device_at=device_at) as work:
        delivery, stops, stop = await _held(courier, stop_id)
        if delivery.state is DeliveryState.UNDELIVERABLE:
            return delivery
        _check_next(stops, stop)
        check_move(delivery, DeliveryState.UNDELIVERABLE, who(courier))
        _check_patience(stop)
        for order_id in stop.order_ids:
            await order_undeliverable(courier, order_id, reason=why, device_at=device_at)
        await StopRow.filter(id=stop_id).update(state=StopState.FAILED, done_at=now())
        event = DeliveryUndeliverable(**facts(delivery, stops), stop_id=stop_id, reason_given=why)
        return await move(work, delivery, DeliveryState.UNDELIVERABLE, event, who(courier), finished_at=now())


def _check_patience(stop: Stop) -> None:
    limits = settings().limits
    if not may_give_up(stop.arrived_at, stop.contact_attempts, now(), limits):
        until = stop.arrived_at + timedelta(seconds=limits.wait_at_door) if stop.arrived_at else None
        raise CannotGiveUpYet(stop.id, until, max(0, limits.contact_attempts - stop.contact_attempts))


async def _held(courier: Courier, stop_id: UUID) -> tuple[Delivery, list[Stop], Stop]:
    """The courier's delivery with its stops, held after its purchase as everywhere: parent before child. Raises NotFound."""
    seen = await own_delivery_of_stop(courier, stop_id)
    await lock_purchase(seen.purchase_id)
    delivery = await lock_delivery(seen.id)
    if delivery.courier_id != courier.person_id:
        raise NotFound("stop")
    stops = (await stops_of([delivery.id]))[delivery.id]
    return delivery, stops, find_stop(stops, stop_id)


def _check_next(stops: list[Stop], stop: Stop) -> None:
    following = next_stop(stops)
    if following is None or following.id != stop.id:
        raise StopNotNext(stop.id, stop.state, following.id if following else None)
