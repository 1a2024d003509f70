"""Purchases: what a consumer can ask of them, and how to follow one."""

from collections.abc import AsyncIterator

import strawberry

from api.context import ConsumerInfo
from api.schema.consumer.order_results import (
    AbandonPurchaseInput,
    AbandonPurchaseResult,
    AbandonPurchaseSuccess,
    CancelPurchaseOrderInput,
    CancelPurchaseOrderResult,
    CancelPurchaseOrderSuccess,
    CheckOutInput,
    CheckOutResult,
    CheckOutSuccess,
    ConfirmPaymentInput,
    ConfirmPaymentResult,
    ConfirmPaymentSuccess,
)
from api.schema.consumer.orders import SHOWN_EVENTS, Order, Purchase, PurchaseEvent, PurchaseUpdate
from api.schema.shared.ids import read_opaque
from api.schema.shared.paging import Connection
from api.schema.shared.selecting import selected
from services.kernel import nudges
from services.kernel.paging import PageRequest
from services.orders import operations, queries
from services.orders.news import news_of_purchase
from services.orders.trees import Parts, purchase_tree
from services.payments.operations import confirm_payment


@strawberry.type
class PurchaseQueries:
    @strawberry.field(description="One of the consumer's purchases.")
    async def purchase(self, info: ConsumerInfo, id: strawberry.ID) -> Purchase:
        wanted = selected(info)
        parts = Parts("orders" in wanted, "orders.lines" in wanted, "payment" in wanted, "sequence" in wanted)
        tree = await purchase_tree(info.context.actor, read_opaque("Purchase", id), parts)
        return Purchase.of(tree.purchase, tree)

    @strawberry.field(description="The consumer's purchases, newest first.")
    async def purchases(self, info: ConsumerInfo, first: int = 20, after: str | None = None) -> Connection[Purchase]:
        page = await queries.purchases_of(info.context.actor, PageRequest(first, after))
        return Connection.of(page, Purchase.of, after=after)


@strawberry.type
class PurchaseMutations:
    @strawberry.mutation(description="Buy what was quoted: once, however often it is sent with the same key.")
    async def check_out(self, info: ConsumerInfo, input: CheckOutInput) -> CheckOutResult:
        actor, quote_id = info.context.actor, read_opaque("Quote", input.quote_id, "quoteId")
        cards = info.context.ports.cards
        purchase = await operations.checkout(actor, quote_id=quote_id, key=input.key, method=input.method, cards=cards)
        return CheckOutSuccess(purchase=Purchase.of(purchase))

    @strawberry.mutation(description="Pass the consumer's confirmation on to their bank.")
    async def confirm_payment(self, info: ConsumerInfo, input: ConfirmPaymentInput) -> ConfirmPaymentResult:
        actor, purchase_id = info.context.actor, read_opaque("Purchase", input.purchase_id, "purchaseId")
        await confirm_payment(actor, purchase_id, input.answer, info.context.ports.cards)
        return ConfirmPaymentSuccess(purchase=Purchase.of(await queries.purchase(actor, purchase_id)))

    @strawberry.mutation(description="Call one store's part off: free until the store takes it.")
    async def cancel_purchase_order(self, info: ConsumerInfo, input: CancelPurchaseOrderInput) -> CancelPurchaseOrderResult:
        actor, order_id = info.context.actor, read_opaque("Order", input.order_id, "orderId")
        order = await operations.cancel_order(actor, order_id, reason=input.reason)
        purchase = await queries.purchase(actor, order.purchase_id)
        return CancelPurchaseOrderSuccess(order=Order.of(order), purchase=Purchase.of(purchase))

    @strawberry.mutation(description="Give up a purchase that is not paid for yet.")
    async def abandon_purchase(self, info: ConsumerInfo, input: AbandonPurchaseInput) -> AbandonPurchaseResult:
        actor, purchase_id = info.context.actor, read_opaque("Purchase", input.purchase_id, "purchaseId")
        await operations.abandon_purchase(actor, purchase_id)
        return AbandonPurchaseSuccess(purchase=Purchase.of(await queries.purchase(actor, purchase_id)))


@strawberry.type
class PurchaseSubscriptions:
    @strawberry.subscription(description="A purchase at once and after every change, with what happened after a sequence.")
    async def purchase_updated(
        self, info: ConsumerInfo, purchase_id: strawberry.ID, after_sequence: int = 0
    ) -> AsyncIterator[PurchaseUpdate]:
        actor, followed = info.context.actor, read_opaque("Purchase", purchase_id, "purchaseId")
        seen, wanted = after_sequence, selected(info)
        # The lines of orders do not change; who wants them reads them by themselves.
        orders, payment, sequence = (f"purchase.{name}" in wanted for name in ("orders", "payment", "sequence"))
        parts = Parts(orders=orders, lines=False, payment=payment, sequence=sequence)
        async for _ in nudges.listen(f"purchase:{followed}"):
            fresh = await news_of_purchase(actor, followed, after=seen, parts=parts)
            seen = fresh.sequence
            shown = [PurchaseEvent.of(event) for event in fresh.events if event.kind in SHOWN_EVENTS]
            yield PurchaseUpdate(sequence=seen, events=shown, purchase=Purchase.of(fresh.tree.purchase, fresh.tree))
