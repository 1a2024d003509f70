"""Answering an offer: one courier takes the delivery, once; a no sends it on."""

from uuid import UUID

from services.dispatch.errors import OfferOver
from services.dispatch.events import DeliveryAssigned, DeliveryUnassigned
from services.dispatch.operations.moves import facts, move, who
from services.dispatch.operations.planning import end_offer
from services.dispatch.operations.searching import search_on
from services.dispatch.queries import Delivery, JobOffer, delivery_of, lock_delivery, offer_of, stops_of
from services.dispatch.rules import DeliveryState, OfferState
from services.kernel.actors import Courier, SupportAgent
from services.kernel.clock import now
from services.kernel.database import run
from services.kernel.errors import BadInput, NotFound
from services.kernel.unit_of_work import unit_of_work


async def accept_job(courier: Courier, offer_id: UUID) -> Delivery:
    """Take the offered delivery before the offer ends; accepting it again changes nothing. Raises OfferOver, NotFound."""
    async with unit_of_work(courier) as work:
        delivery, offer = await _held_with_offer(courier, offer_id)
        if offer.state is OfferState.ACCEPTED and delivery.courier_id == courier.person_id:
            return delivery
        _check_live(offer)
        await end_offer(offer_id, OfferState.ACCEPTED)
        await run("UPDATE couriers SET misses_in_row = 0 WHERE person_id = $1", courier.person_id)
        told = facts(delivery, (await stops_of([delivery.id]))[delivery.id]) | {"courier_id": courier.person_id}
        event = DeliveryAssigned(**told, offer_id=offer_id)
        return await move(
            work, delivery, DeliveryState.ASSIGNED, event, who(courier), courier_id=courier.person_id, assigned_at=now()
        )


async def decline_job(courier: Courier, offer_id: UUID, reason: str) -> None:
    """Leave the delivery to the next courier; it does not come back. Declining again changes nothing.

    Raises OfferOver, NotFound.
    """
    async with unit_of_work(courier, reason=reason or None) as work:
        delivery, offer = await _held_with_offer(courier, offer_id)
        if offer.state is OfferState.DECLINED:
            return
        _check_live(offer)
        stops = (await stops_of([delivery.id]))[delivery.id]
        await run("UPDATE couriers SET misses_in_row = 0 WHERE person_id = $1", courier.person_id)
        await search_on(work, delivery, stops, offer, OfferState.DECLINED, reason=reason or None)


async def unassign(actor: Courier | SupportAgent, delivery_id: UUID, reason: str) -> Delivery:
    """Before the first pick-up the courier is released and another is sought. Raises DeliveryCannotMove, NotFound, BadInput."""
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    async with unit_of_work(actor, reason=reason) as work:
        delivery = await lock_delivery(delivery_id)
        if isinstance(actor, Courier) and delivery.courier_id != actor.person_id:
            raise NotFound("delivery")
        stops = (await stops_of([delivery.id]))[delivery.id]
        event = DeliveryUnassigned(**facts(delivery, stops), by=actor.kind)
        moved = await move(
            work, delivery, DeliveryState.SEARCHING, event, who(actor), courier_id=None, assigned_at=None, searching_since=now()
        )
        await run("UPDATE stops SET state = 'WAITING', arrived_at = NULL WHERE delivery_id = $1 AND state = 'AT'", delivery_id)
        return moved


async def _held_with_offer(courier: Courier, offer_id: UUID) -> tuple[Delivery, JobOffer]:
    """The delivery held first, then its offer read again: everybody who ends an offer holds the delivery."""
    delivery_id = (await offer_of(courier, offer_id)).delivery_id
    await lock_delivery(delivery_id)
    return await delivery_of(delivery_id), await offer_of(courier, offer_id)


def _check_live(offer: JobOffer) -> None:
    if offer.state is not OfferState.LIVE:
        raise OfferOver(offer.id, offer.state)
    if offer.expires_at <= now():
        raise OfferOver(offer.id, OfferState.TIMED_OUT)
