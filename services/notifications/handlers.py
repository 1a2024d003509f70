"""Reactions to facts: say them, once, on every device of whoever should know; the sending comes after."""

from dataclasses import dataclass
from uuid import UUID

from services.dispatch.events import DeliveryEvent, JobOfferEnded, StopEvent
from services.dispatch.queries import stops_of
from services.kernel.actors import Audience
from services.notifications.operations import NewPush, queue, withdraw
from services.notifications.payloads import payload_of
from services.notifications.queries import Recipient, devices_of_person, devices_of_store
from services.notifications.tellings import Telling, Told, telling, time_told
from services.notifications.words import Said, say
from services.orders.events import OrderEvent
from services.stores.queries import store_cards


async def tell_consumer(event: Told, event_id: UUID) -> None:
    """Tell the person whose purchase it is, on each of their devices."""
    how = telling(Audience.CONSUMER, event)
    if how:
        recipients = await devices_of_person(event.consumer_id, Audience.CONSUMER)
        await _tell(_Fact(event, event_id, Audience.CONSUMER, how), recipients, await _stores_in(event) if recipients else [])


async def tell_store(event: Told, event_id: UUID) -> None:
    """Tell everybody who is signed in at the store, on each of their devices."""
    how = telling(Audience.STORE, event)
    if how:
        for store_id in await _stores_in(event):
            recipients = await devices_of_store(store_id)
            await _tell(_Fact(event, event_id, Audience.STORE, how), recipients, [store_id])


async def tell_courier(event: DeliveryEvent, event_id: UUID) -> None:
    """Tell the courier of the job, on each of their devices."""
    how = telling(Audience.COURIER, event)
    if how and event.courier_id:
        recipients = await devices_of_person(event.courier_id, Audience.COURIER)
        await _tell(_Fact(event, event_id, Audience.COURIER, how), recipients, event.store_ids)


async def withdraw_offer(event: JobOfferEnded) -> None:
    """An offer is over: what was not sent about it stays unsent."""
    if event.courier_id:
        await withdraw(event.purchase_id, event.courier_id, "job_offered")


@dataclass(frozen=True, slots=True)
class _Fact:
    event: Told
    id: UUID
    audience: Audience
    how: Telling


async def _stores_in(event: Told) -> list[UUID]:
    """The stores that the fact is about: of an order one, of a pick-up the stop's, of a delivery all."""
    if isinstance(event, OrderEvent):
        return [event.store_id]
    if isinstance(event, StopEvent):
        stops = (await stops_of([event.delivery_id]))[event.delivery_id]
        here = [stop.store_id for stop in stops if stop.id == event.stop_id and stop.store_id]
        return here or event.store_ids
    return event.store_ids


async def _tell(fact: _Fact, recipients: list[Recipient], store_ids: list[UUID]) -> None:
    if recipients:
        cards = await store_cards(list(dict.fromkeys(store_ids)))
        said = Said(
            stores=[card.name for card in cards],
            number=fact.event.number if isinstance(fact.event, OrderEvent) else "",
            at=time_told(fact.event),
            time_zone=cards[0].time_zone if cards else "UTC",
        )
        sayings = [(recipient, *say(fact.audience, fact.how.kind, said, recipient.locale)) for recipient in recipients]
        await queue(_push(fact), sayings)


def _push(fact: _Fact) -> NewPush:
    return NewPush(
        event=fact.event,
        event_id=fact.id,
        audience=fact.audience,
        how=fact.how,
        data=payload_of(fact.audience, fact.how.kind, fact.event, fact.id),
    )
