"""Pushes for tests: facts told to devices, and a sender that answers as it was told to and keeps what it got."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.dispatch.events import DeliveryEvent
from services.identity.models import DeviceRow
from services.identity.rules import Platform
from services.kernel import events
from services.kernel.actors import Audience, Consumer
from services.kernel.database import rows
from services.kernel.events import Event
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.notifications import handlers
from services.notifications.ports import Outcome, PushMessage, Sent
from services.notifications.tellings import Told
from services.orders.events import OrderAccepted, OrderEvent, OrderPlaced, OrderPreparing
from services.orders.queries import Order
from tests.conftest import NOON
from tests.factories.identity import make_consumer, make_device
from tests.factories.orders import make_order
from tests.factories.stores import make_store

HANDLERS: dict[Audience, Callable[[Any, UUID], Awaitable[None]]] = {
    Audience.CONSUMER: handlers.tell_consumer,
    Audience.STORE: handlers.tell_store,
    Audience.COURIER: handlers.tell_courier,
}


@dataclass
class ScriptedPush:
    """Answers with each outcome in turn, then with Sent."""

    outcomes: list[Outcome] = field(default_factory=list)
    got: list[PushMessage] = field(default_factory=list)

    async def send(self, message: PushMessage) -> Outcome:
        self.got.append(message)
        return self.outcomes.pop(0) if self.outcomes else Sent(f"scripted/{len(self.got)}")

    async def close(self) -> None:
        pass


@dataclass(frozen=True)
class PushPorts:
    """The ports as notifications see them."""

    push: Any


def order_event(kind: type[OrderEvent], order: Order, **facts: Any) -> OrderEvent:
    """A fact about this order."""
    return kind(
        order_id=order.id,
        purchase_id=order.purchase_id,
        store_id=order.store_id,
        consumer_id=order.consumer_id,
        number=order.number,
        **facts,
    )


def delivery_event(
    kind: type[DeliveryEvent], orders: Sequence[Order], courier_id: UUID | None = None, **facts: Any
) -> DeliveryEvent:
    """A fact about a delivery of these orders."""
    return kind(
        delivery_id=facts.pop("delivery_id", None) or new_id(),
        purchase_id=orders[0].purchase_id,
        consumer_id=orders[0].consumer_id,
        courier_id=courier_id,
        store_ids=[order.store_id for order in orders],
        **facts,
    )


async def record(event: Event) -> UUID:
    """Write the fact as the house does; answers its id."""
    async with unit_of_work() as work:
        sequence = await work.record(event)
    told = await events.timeline(event.stream, after=sequence - 1)
    return told[0].id


async def tell(event: Told, audience: Audience = Audience.CONSUMER) -> UUID:
    """Record the fact and let the audience's handler run, as the relay does."""
    event_id = await record(event)
    async with unit_of_work():
        await HANDLERS[audience](event, event_id)
    return event_id


async def make_told_order(
    *, platform: Platform = Platform.ANDROID, locale: str = "en", store_name: str = "Kitchen"
) -> tuple[Order, DeviceRow]:
    """An order whose consumer has a phone."""
    consumer: Consumer = await make_consumer()
    device = await make_device(consumer, platform=platform, locale=locale)
    return await make_order(consumer=consumer, store=await make_store(name=store_name)), device


def accepted(order: Order) -> OrderEvent:
    return order_event(OrderAccepted, order, ready_at=NOON)


def preparing(order: Order) -> OrderEvent:
    return order_event(OrderPreparing, order)


def placed(order: Order) -> OrderEvent:
    assert order.accept_by
    return order_event(OrderPlaced, order, accept_by=order.accept_by)


async def messages() -> list[dict[str, Any]]:
    """Every push there is, in the order of the facts."""
    return [dict(record) for record in await rows("SELECT * FROM push_messages ORDER BY event_id, device_id")]


async def states() -> list[tuple[str, str, str | None]]:
    """Kind, state and error of every push, in the order of the facts."""
    return [(message["kind"], message["state"], message["error"]) for message in await messages()]
