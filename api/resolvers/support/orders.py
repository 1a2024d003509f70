"""Orders: what agents can find, see, follow and do about them."""

from collections.abc import AsyncIterator

import strawberry

from api.context import SupportInfo
from api.schema.shared.ids import read_opaque, read_optional
from api.schema.support.deliveries import SupportDelivery
from api.schema.support.order_results import (
    CancelOrderForConsumerInput,
    CancelOrderForConsumerResult,
    CancelOrderForConsumerSuccess,
    ReleaseCourierInput,
    ReleaseCourierResult,
    ReleaseCourierSuccess,
    RevealContactInput,
    RevealContactResult,
    RevealContactSuccess,
)
from api.schema.support.orders import SupportOrder, SupportPurchase, SupportPurchaseUpdate
from api.schema.support.time_line import SupportTimeLineEntry
from services.cases import news, operations


@strawberry.type
class OrderQueries:
    @strawberry.field(
        description="Purchases by the number of a purchase, an order or a case, or the newest of a phone number, however typed."
    )
    async def find_orders(self, info: SupportInfo, text: str) -> list[SupportPurchase]:
        return [SupportPurchase.of(found) for found in await operations.find_orders(info.context.actor, text)]

    @strawberry.field(description="One purchase with all that happened to it.")
    async def support_purchase(self, info: SupportInfo, id: strawberry.ID) -> SupportPurchase:
        return SupportPurchase.of(await news.look_at(info.context.actor, read_opaque("SupportPurchase", id)))


@strawberry.type
class OrderMutations:
    @strawberry.mutation(description="See a consumer's phone number or address, for a reason that is written down for good.")
    async def reveal_contact(self, info: SupportInfo, input: RevealContactInput) -> RevealContactResult:
        actor, purchase_id = info.context.actor, read_opaque("SupportPurchase", input.purchase_id, "purchaseId")
        case_id = read_optional("SupportCase", input.case_id, "caseId")
        return RevealContactSuccess.of(await operations.reveal(actor, purchase_id, input.what, input.reason, case_id))

    @strawberry.mutation(description="Call an order off for its consumer, and say who bears the cost.")
    async def cancel_order_for_consumer(
        self, info: SupportInfo, input: CancelOrderForConsumerInput
    ) -> CancelOrderForConsumerResult:
        actor, order_id = info.context.actor, read_opaque("SupportOrder", input.order_id, "orderId")
        case_id = read_optional("SupportCase", input.case_id, "caseId")
        order = await operations.cancel_order_for(actor, order_id, input.reason, input.liable_party, case_id)
        purchase = await news.look_at(actor, order.purchase_id)
        return CancelOrderForConsumerSuccess(order=SupportOrder.of(order), purchase=SupportPurchase.of(purchase))

    @strawberry.mutation(description="Take a delivery from its courier before the first pick-up, and look for another.")
    async def release_courier(self, info: SupportInfo, input: ReleaseCourierInput) -> ReleaseCourierResult:
        actor, delivery_id = info.context.actor, read_opaque("SupportDelivery", input.delivery_id, "deliveryId")
        case_id = read_optional("SupportCase", input.case_id, "caseId")
        delivery = await operations.release_courier(actor, delivery_id, input.reason, key=input.key, case_id=case_id)
        return ReleaseCourierSuccess(delivery=SupportDelivery.of(delivery))


@strawberry.type
class OrderSubscriptions:
    @strawberry.subscription(description="A purchase at once and after every change, with what happened after a sequence.")
    async def support_purchase_updated(
        self, info: SupportInfo, purchase_id: strawberry.ID, after_sequence: int = 0
    ) -> AsyncIterator[SupportPurchaseUpdate]:
        actor, watched = info.context.actor, read_opaque("SupportPurchase", purchase_id, "purchaseId")
        async for fresh in news.watch(actor, watched, after=after_sequence):
            entries = [SupportTimeLineEntry.of(event) for event in fresh.events]
            yield SupportPurchaseUpdate(sequence=fresh.sequence, entries=entries, purchase=SupportPurchase.of(fresh.purchase))
