"""Orders: what a store can ask of them, and its queue to follow."""

from collections.abc import AsyncIterator

import strawberry

from api.context import StoreInfo
from api.schema.shared.ids import read_opaque
from api.schema.shared.sharing import same_whatever
from api.schema.store.orders import (
    AcceptOrderInput,
    AcceptOrderResult,
    AcceptOrderSuccess,
    HandOverOrderInput,
    HandOverOrderResult,
    HandOverOrderSuccess,
    MarkOrderReadyResult,
    MarkOrderReadySuccess,
    MoveOrderReadyTimeInput,
    MoveOrderReadyTimeResult,
    MoveOrderReadyTimeSuccess,
    RejectOrderInput,
    RejectOrderResult,
    RejectOrderSuccess,
    StartPreparingOrderResult,
    StartPreparingOrderSuccess,
    StoreOrder,
    StoreOrderInput,
)
from services.kernel import nudges
from services.orders import operations, queries


@strawberry.type
class OrderQueries:
    @strawberry.field(description="What the store has in its hands, oldest first: from scheduled and placed to ready.")
    async def store_order_queue(self, info: StoreInfo) -> list[StoreOrder]:
        return [StoreOrder.of(order) for order in await queries.store_queue(info.context.actor)]

    @strawberry.field(description="One of the store's orders, however far it is.")
    async def store_order(self, info: StoreInfo, id: strawberry.ID) -> StoreOrder:
        return StoreOrder.of(await queries.store_order(info.context.actor, read_opaque("StoreOrder", id)))


@strawberry.type
class OrderMutations:
    @strawberry.mutation(description="Take a placed order and promise when it is ready.")
    async def accept_order(self, info: StoreInfo, input: AcceptOrderInput) -> AcceptOrderResult:
        actor, order_id = info.context.actor, read_opaque("StoreOrder", input.order_id, "orderId")
        order = await operations.accept_order(actor, order_id, ready_at=input.ready_at, device_at=input.device_at)
        return AcceptOrderSuccess(order=StoreOrder.of(order))

    @strawberry.mutation(description="Refuse a placed order, with a reason.")
    async def reject_order(self, info: StoreInfo, input: RejectOrderInput) -> RejectOrderResult:
        actor, order_id = info.context.actor, read_opaque("StoreOrder", input.order_id, "orderId")
        item_ids = [read_opaque("StoreItem", item_id, "itemIds") for item_id in input.item_ids]
        order = await operations.reject_order(actor, order_id, reason=input.reason, item_ids=item_ids, device_at=input.device_at)
        return RejectOrderSuccess(order=StoreOrder.of(order))

    @strawberry.mutation(description="Begin an accepted order.")
    async def start_preparing_order(self, info: StoreInfo, input: StoreOrderInput) -> StartPreparingOrderResult:
        actor, order_id = info.context.actor, read_opaque("StoreOrder", input.order_id, "orderId")
        order = await operations.start_preparing(actor, order_id, device_at=input.device_at)
        return StartPreparingOrderSuccess(order=StoreOrder.of(order))

    @strawberry.mutation(description="Say that the order can be fetched.")
    async def mark_order_ready(self, info: StoreInfo, input: StoreOrderInput) -> MarkOrderReadyResult:
        actor, order_id = info.context.actor, read_opaque("StoreOrder", input.order_id, "orderId")
        order = await operations.mark_order_ready(actor, order_id, device_at=input.device_at)
        return MarkOrderReadySuccess(order=StoreOrder.of(order))

    @strawberry.mutation(description="Promise another time for an order in work.")
    async def move_order_ready_time(self, info: StoreInfo, input: MoveOrderReadyTimeInput) -> MoveOrderReadyTimeResult:
        actor, order_id = info.context.actor, read_opaque("StoreOrder", input.order_id, "orderId")
        order = await operations.move_ready_time(actor, order_id, ready_at=input.ready_at, device_at=input.device_at)
        return MoveOrderReadyTimeSuccess(order=StoreOrder.of(order))

    @strawberry.mutation(description="Give an order to the consumer who collects it and says its code.")
    async def hand_over_order(self, info: StoreInfo, input: HandOverOrderInput) -> HandOverOrderResult:
        actor, order_id = info.context.actor, read_opaque("StoreOrder", input.order_id, "orderId")
        order = await operations.hand_over_to_consumer(actor, order_id, input.code, device_at=input.device_at)
        return HandOverOrderSuccess(order=StoreOrder.of(order))


@strawberry.type
class OrderSubscriptions:
    @strawberry.subscription(description="The store's queue: at once, and after every change.")
    @same_whatever("person_id", "session_id")
    async def store_order_queue_changed(self, info: StoreInfo) -> AsyncIterator[list[StoreOrder]]:
        actor = info.context.actor
        async for _ in nudges.listen(f"store:{actor.store_id}"):
            yield [StoreOrder.of(order) for order in await queries.store_queue(actor)]
