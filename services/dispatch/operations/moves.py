"""The one way a delivery changes its state: an edge of the table, compared and set, with its event."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.dispatch.errors import DeliveryCannotMove
from services.dispatch.events import DeliveryEvent
from services.dispatch.models import DeliveryRow
from services.dispatch.queries import Delivery, Stop, delivery_of
from services.dispatch.rules import DeliveryState, StopKind, StopState, Who, may_move
from services.kernel.actors import Courier, SupportAgent, System
from services.kernel.unit_of_work import UnitOfWork


def who(actor: object) -> Who:
    """The actor's part in the table of edges."""
    return {Courier: Who.COURIER, SupportAgent: Who.SUPPORT, System: Who.HOUSE}.get(type(actor), Who.HOUSE)


def facts(delivery: Delivery, stops: list[Stop]) -> dict[str, Any]:
    """What every event of the delivery says."""
    return {
        "delivery_id": delivery.id,
        "purchase_id": delivery.purchase_id,
        "consumer_id": delivery.consumer_id,
        "courier_id": delivery.courier_id,
        "store_ids": [stop.store_id for stop in stops if stop.store_id and stop.state is not StopState.CANCELLED],
    }


def check_move(delivery: Delivery, to: DeliveryState, by: Who) -> None:
    """Raises DeliveryCannotMove unless the table has this edge, open."""
    if not may_move(delivery.state, to, by):
        raise DeliveryCannotMove(delivery.id, delivery.state, to)


async def move(
    work: UnitOfWork, delivery: Delivery, to: DeliveryState, event: DeliveryEvent, by: Who, **changes: Any
) -> Delivery:
    """Take one edge and write its event. The row is held by the caller; the state is compared all the same."""
    check_move(delivery, to, by)
    changed = await DeliveryRow.filter(id=delivery.id, state=delivery.state).update(state=to, **changes)
    if changed != 1:
        raise DeliveryCannotMove(delivery.id, (await delivery_of(delivery.id)).state, to)
    await work.record(event)
    return replace(delivery, state=to, **changes)


def next_stop(stops: list[Stop]) -> Stop | None:
    """The stop the courier goes to or stands at."""
    return next((stop for stop in stops if stop.state in {StopState.WAITING, StopState.AT}), None)


def has_goods(stops: list[Stop]) -> bool:
    """Whether something was picked up already."""
    return any(stop.kind is StopKind.PICKUP and stop.state is StopState.DONE for stop in stops)


def find_stop(stops: list[Stop], stop_id: UUID) -> Stop:
    """One of the delivery's stops; it exists, for the delivery was found by it."""
    return next(stop for stop in stops if stop.id == stop_id)
