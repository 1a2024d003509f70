"""Answering an offer: one courier takes the delivery, once; a no sends it on."""

from uuid import UUID

from services.dispatch.errors import DeliveryCannotMove, OfferOver
from services.dispatch.events import DeliveryAssigned, DeliverySearching, DeliveryUnassigned
from services.dispatch.operations.moves import facts, has_goods, move, who
from services.dispatch.operations.planning import end_offer
from services.dispatch.operations.searching import search_on
from services.dispatch.queries import Delivery, JobOffer, lock_courier, lock_delivery, offer_of, stops_of
from services.dispatch.rules import DeliveryState, OfferState, checked_reason
from services.kernel.actors import Courier, SupportAgent
from services.kernel.clock import now
from services.kernel.database import run
from services.kernel.errors import NotFound
from services.kernel.unit_of_work import unit_of_work


async def accept_job(courier: Courier, offer_id: UUID) -> Delivery:
    """Take the offered delivery before the offer ends; accepting it again changes nothing. Raises OfferOver, NotFound."""
    async with unit_of_work(courier) as work:
        delivery, offer = await _held_with_offer(courier, offer_id)
        if offer.state is OfferState.ACCEPTED and delivery.courier_id == courier.person_id:
            return delivery
        _check_live(offer)
        if not await lock_courier(courier.person_id):
            raise OfferOver(offer_id, OfferState.WITHDRAWN)
        await end_offer(offer_id, OfferState.ACCEPTED)
        await run("UPDATE couriers SET misses_in_row = 0 WHERE person_id = $1", courier.person_id)
        told = facts(delivery, (await stops_of([delivery.id]))[delivery.id]) | {"courier_id": courier.person_id}
        event = DeliveryAssigned(**told, offer_id=offer_id)
        return await move(
            work, delivery, DeliveryState.ASSIGNED, event, who(courier), courier_id=courier.person_id, assigned_at=now()
        )


async def decline_job(courier: Courier, offer_id: UUID, reason: str) -> None:
    """Leave the delivery to the next courier, saying why or not; it does not come back. Declining again changes nothing.

    Raises OfferOver, NotFound, BadInput.
    """
    why = checked_reason(reason) if reason.strip() else None
    async with unit_of_work(courier, reason=why) as work:
        delivery, offer = await _held_with_offer(courier, offer_id)
        if offer.state is OfferState.DECLINED:
            return
        _check_live(offer)
        stops = (await stops_of([delivery.id]))[delivery.id]
        await run("UPDATE couriers SET misses_in_row = 0 WHERE person_id = $1", courier.person_id)
        await search_on(work, delivery, stops, offer, OfferState.DECLINED, reason=why)


async def unassign(actor: Courier | SupportAgent, delivery_id: UUID, reason: str) -> Delivery:
    """Before the first pick-up the courier is released and another is sought. Raises DeliveryCannotMove, NotFound, BadInput."""
    async with unit_of_work(actor, reason=checked_reason(reason)) as work:
        delivery = await lock_delivery(delivery_id)
        if isinstance(actor, Courier) and delivery.courier_id != actor.person_id:
            raise NotFound("delivery")
        stops = (await stops_of([delivery.id]))[delivery.id]
        if has_goods(stops):
            # After a pick-up only support may hand over, which is a leg of its own.
            raise DeliveryCannotMove(delivery.id, delivery.state, DeliveryState.SEARCHING)
        event = DeliveryUnassigned(**facts(delivery, stops), by=actor.kind)
        moved = await move(
            work, delivery, DeliveryState.SEARCHING, event, who(actor), courier_id=None, assigned_at=None, searching_since=now()
        )
        await run("UPDATE stops SET state = 'WAITING', arrived_at = NULL WHERE delivery_id = $1 AND state = 'AT'", delivery_id)
        return moved


async def search_again(agent: SupportAgent, delivery_id: UUID, reason: str) -> Delivery:
    """A search that found nobody begins anew from the nearest ring; those who declined are not asked again.

    Searching already changes nothing. Raises DeliveryCannotMove, NotFound, BadInput.
    """
    async with unit_of_work(agent, reason=checked_reason(reason)) as work:
        delivery = await lock_delivery(delivery_id)
        if delivery.state is DeliveryState.SEARCHING:
            return delivery
        if delivery.state is not DeliveryState.FAILED:
            raise DeliveryCannotMove(delivery.id, delivery.state, DeliveryState.SEARCHING)
        event = DeliverySearching(**facts(delivery, (await stops_of([delivery.id]))[delivery.id]))
        return await move(work, delivery, DeliveryState.SEARCHING, event, who(agent), searching_since=now(), finished_at=None)


async def _held_with_offer(courier: Courier, offer_id: UUID) -> tuple[Delivery, JobOffer]:
    """The delivery held first, then its offer read again: everybody who ends an offer holds the delivery."""
    delivery = await lock_delivery((await offer_of(courier, offer_id)).delivery_id)
    return delivery, await offer_of(courier, offer_id)


def _check_live(offer: JobOffer) -> None:
    if offer.state is not OfferState.LIVE:
        raise OfferOver(offer.id, offer.state)
    if offer.expires_at <= now():
        raise OfferOver(offer.id, OfferState.TIMED_OUT)
