"""Deliveries as agents see them: stops without the consumer's door, who was asked, and who rides."""

from datetime import datetime
from typing import Self

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.deliveries import DeliveryState, OfferState, StopKind, StopState, Vehicle
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from services.cases.queries import CourierAtWork, MaskedPerson, couriers_at_work, masked_people, offers_of_deliveries
from services.cases.rules import mask_address
from services.dispatch.queries import Delivery as DeliveryFacts
from services.dispatch.queries import JobOffer as OfferFacts
from services.dispatch.queries import Stop as StopFacts
from services.dispatch.queries import stops_of
from services.dispatch.rules import CourierState, Who, may_move


@strawberry.type(description="A stop of a courier.")
class SupportStop:
    kind: StopKind
    state: StopState
    name: str = strawberry.field(description="The store, or the consumer's street without the door.")
    contact_attempts: int
    arrived_at: datetime | None
    done_at: datetime | None
    order_ids: list[strawberry.ID]

    @classmethod
    def of(cls, stop: StopFacts) -> Self:
        return cls(
            kind=stop.kind,
            state=stop.state,
            name=stop.name if stop.kind is StopKind.PICKUP else mask_address(stop.address).street,
            contact_attempts=stop.contact_attempts,
            arrived_at=stop.arrived_at,
            done_at=stop.done_at,
            order_ids=[opaque("SupportOrder", order_id) for order_id in stop.order_ids],
        )


@strawberry.type(description="One courier who was asked.")
class SupportJobOffer:
    courier: str = strawberry.field(description="First name and initial.")
    state: OfferState
    distance_m: int
    reason: str | None
    offered_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, offer: OfferFacts, courier: MaskedPerson | None) -> Self:
        return cls(
            courier=courier.name if courier else "",
            state=offer.state,
            distance_m=offer.distance_m,
            reason=offer.reason,
            offered_at=offer.offered_at,
            expires_at=offer.expires_at,
            ended_at=offer.ended_at,
        )


@strawberry.type(description="Who brings it.")
class SupportCourier:
    name: str = strawberry.field(description="First name and initial.")
    phone: str | None = strawberry.field(description="Masked.")
    vehicle: Vehicle
    on_shift: bool
    seen_at: datetime | None = strawberry.field(description="When the last position was taken.")

    @classmethod
    def of(cls, person: MaskedPerson, courier: CourierAtWork) -> Self:
        return cls(
            name=person.name,
            phone=person.phone,
            vehicle=courier.vehicle,
            on_shift=courier.state is CourierState.ONLINE,
            seen_at=courier.seen_at,
        )


async def support_stops_of(deliveries: "list[SupportDelivery]") -> list[list[SupportStop]]:
    """The stops of these deliveries, in one statement."""
    stops = await stops_of([delivery.facts.id for delivery in deliveries])
    return [[SupportStop.of(stop) for stop in stops[delivery.facts.id]] for delivery in deliveries]


async def offers_of(deliveries: "list[SupportDelivery]") -> list[list[SupportJobOffer]]:
    """Whom these deliveries were offered to, in two statements."""
    offers = await offers_of_deliveries([delivery.facts.id for delivery in deliveries])
    people = await masked_people({offer.courier_id for several in offers.values() for offer in several})
    return [
        [SupportJobOffer.of(offer, people.get(offer.courier_id)) for offer in offers[delivery.facts.id]]
        for delivery in deliveries
    ]


async def couriers_of(deliveries: "list[SupportDelivery]") -> list[SupportCourier | None]:
    """Who brings these deliveries, in two statements."""
    ids = {delivery.facts.courier_id for delivery in deliveries if delivery.facts.courier_id}
    people, couriers = await masked_people(ids), await couriers_at_work(ids)
    wanted = [delivery.facts.courier_id for delivery in deliveries]
    return [SupportCourier.of(people[one], couriers[one]) if one in people and one in couriers else None for one in wanted]


@strawberry.type(description="One courier's job for a purchase.")
class SupportDelivery:
    id: strawberry.ID
    state: DeliveryState
    releasable: bool = strawberry.field(description="Whether its courier may be released now.")
    pay: Money = strawberry.field(description="What the courier earns with it, without the tip.")
    wrong_pins: int
    created_at: datetime
    searching_since: datetime | None
    assigned_at: datetime | None
    finished_at: datetime | None
    facts: strawberry.Private[DeliveryFacts]
    stops: list[SupportStop] = batch(support_stops_of, description="Where it goes, in order.")
    offers: list[SupportJobOffer] = batch(offers_of, description="Who was asked, in order.")
    courier: SupportCourier | None = batch(couriers_of, description="Who brings it; null while nobody does.")

    @classmethod
    def of(cls, delivery: DeliveryFacts) -> Self:
        return cls(
            id=opaque("SupportDelivery", delivery.id),
            state=delivery.state,
            releasable=may_move(delivery.state, DeliveryState.SEARCHING, Who.SUPPORT),
            pay=Money.minor(delivery.pay, delivery.currency),
            wrong_pins=delivery.wrong_pins,
            created_at=delivery.created_at,
            searching_since=delivery.searching_since,
            assigned_at=delivery.assigned_at,
            finished_at=delivery.finished_at,
            facts=delivery,
        )
