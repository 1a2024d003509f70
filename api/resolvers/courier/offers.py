"""Offers: yes or no, before they end."""

import strawberry

from api.context import CourierInfo
from api.schema.courier.deliveries import Delivery
from api.schema.courier.offers import (
    AcceptJobInput,
    AcceptJobResult,
    AcceptJobSuccess,
    DeclineJobInput,
    DeclineJobResult,
    DeclineJobSuccess,
)
from api.schema.shared.ids import read_opaque
from services.dispatch import operations
from services.kernel.clock import now


@strawberry.type
class OfferMutations:
    @strawberry.mutation(description="Take the offered delivery.")
    async def accept_job(self, info: CourierInfo, input: AcceptJobInput) -> AcceptJobResult:
        delivery = await operations.accept_job(info.context.actor, read_opaque("JobOffer", input.offer_id, "offerId"))
        return AcceptJobSuccess(delivery=Delivery.of(delivery))

    @strawberry.mutation(description="Leave the offered delivery to somebody else; it does not come back.")
    async def decline_job(self, info: CourierInfo, input: DeclineJobInput) -> DeclineJobResult:
        offer_id = read_opaque("JobOffer", input.offer_id, "offerId")
        await operations.decline_job(info.context.actor, offer_id, input.reason)
        return DeclineJobSuccess(declined_at=now())
