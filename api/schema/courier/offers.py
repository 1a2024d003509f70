"""Job offers as the courier who is asked sees them: bounded facts, no door before a yes."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.courier.deliveries import Delivery
from api.schema.shared.batches import batch
from api.schema.shared.deliveries import OfferState, StopKind
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.problems import Problem
from services.dispatch import errors
from services.dispatch.queries import Delivery as DeliveryFacts
from services.dispatch.queries import JobOffer as OfferFacts
from services.dispatch.queries import stops_of


@strawberry.type(description="A stop of an offered delivery, as coarse as it must be before a yes.")
class OfferedStop:
    kind: StopKind
    name: str | None = strawberry.field(description="The store's name; null for the consumer's door.")
    postcode: str


async def offered_stops_of(offers: list["JobOffer"]) -> list[list[OfferedStop]]:
    """The coarse stops of each offer."""
    found = await stops_of([offer.facts.delivery_id for offer in offers])
    return [
        [
            OfferedStop(kind=stop.kind, name=stop.name if stop.kind is StopKind.PICKUP else None, postcode=stop.address.postcode)
            for stop in found[offer.facts.delivery_id]
        ]
        for offer in offers
    ]


@strawberry.type(description="A delivery shown to this courier alone, until a time.")
class JobOffer:
    id: strawberry.ID
    expires_at: datetime
    distance_m: int = strawberry.field(description="Metres to the first stop, by straight line.")
    pay: Money
    facts: strawberry.Private[OfferFacts]
    stops: list[OfferedStop] = batch(offered_stops_of, description="Where it goes, coarsely.")

    @classmethod
    def of(cls, offer: OfferFacts, delivery: DeliveryFacts) -> Self:
        return cls(
            id=opaque("JobOffer", offer.id),
            expires_at=offer.expires_at,
            distance_m=offer.distance_m,
            pay=Money.minor(delivery.pay, delivery.currency),
            facts=offer,
        )


@strawberry.input(description="Which offer to take.")
class AcceptJobInput:
    offer_id: strawberry.ID


@strawberry.input(description="Which offer to leave to somebody else.")
class DeclineJobInput:
    offer_id: strawberry.ID
    reason: str = ""


@strawberry.type(description="The offer ended before the answer.")
class OfferOverProblem(Problem):
    state: OfferState

    @classmethod
    def of(cls, refusal: errors.OfferOver) -> Self:
        return cls(message=str(refusal), state=refusal.state)


@strawberry.type(description="The delivery is this courier's.")
class AcceptJobSuccess:
    delivery: Delivery


@strawberry.type(description="Somebody else is asked.")
class DeclineJobSuccess:
    declined_at: datetime


AcceptJobResult = Annotated[
    AcceptJobSuccess | OfferOverProblem, strawberry.union("AcceptJobResult", description="What came of taking the offer.")
]
DeclineJobResult = Annotated[
    DeclineJobSuccess | OfferOverProblem, strawberry.union("DeclineJobResult", description="What came of declining.")
]
